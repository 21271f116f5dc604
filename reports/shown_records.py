"""Single records as any reader may see them: whole, or by name where they are restricted or hazardous.

The rules kept here: what is shown of a withheld record is made of fields that are listed, never by taking fields out, so that a new field
is private until somebody lists it; a record is withheld with whatever it belongs to (a score with its run, a run with its snapshot, its
model, its evaluation and that evaluation's version); names, states and outcomes are public (class H0), and that something is withheld
is always said.

Left out: assessments, explanations and what is due, which have their own (``reports.withholding``, ``reports.due``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from evaluations.records import (
    WITHHELD_FROM,
    Evaluation,
    EvaluationKind,
    EvaluationVersion,
    Model,
    RunStatus,
    Score,
    Snapshot,
    Sourced,
    Thinking,
    Visibility,
)
from evaluations.registrations import RunRegistration
from evaluations.values import Count, Day, ExactNumber, Instant, Record, Slug, Text
from reports.withholding import WITHHELD


class WithheldForm(Record):
    """A record that exists and is not shown: its names and its state, which are public. What does not apply is ``null``."""

    withheld: Text = WITHHELD
    kind: Text
    slug: Slug
    visibility: Visibility
    name: Text | None = None
    model: Slug | None = None
    snapshot: Slug | None = None
    evaluation: Slug | None = None
    version: Slug | None = None
    status: RunStatus | None = None


PUBLIC = ("name", "model", "snapshot", "evaluation", "version", "status")  # class H0: names and states


class ShownModel(Sourced):
    """A ``Model`` with its snapshots in the order of training."""

    slug: Slug
    name: Text
    developer: Slug
    family: Slug | None
    released_on: Day | None
    parameters: ExactNumber | None
    snapshots: tuple[Snapshot | WithheldForm, ...]


class ShownEvaluation(Sourced):
    """An ``Evaluation`` with its versions."""

    slug: Slug
    name: Text
    kind: EvaluationKind
    domain: Slug | None
    versions: tuple[EvaluationVersion | WithheldForm, ...]


class ShownRun(Sourced):
    """A ``Run`` with its scores. Its item results are asked for by themselves, since there may be many."""

    slug: Slug
    model: Slug
    snapshot: Slug | None
    evaluation: Slug
    version: Slug
    thinking: Thinking
    scaffold: Slug | None
    token_budget: Count | None
    tools: Text | None
    status: RunStatus
    status_reason: Text | None
    measured_at: Instant | None
    scores: tuple[Score | WithheldForm, ...]


class ShownRegistration(Record):
    """A registered run: which attempt at its variant it is, the entry that registered it, and whether it was reported."""

    registration: RunRegistration | WithheldForm
    attempt: Count
    entry_seq: int
    reported: Text  # reported | not_reported

    @classmethod
    def words(cls, *, is_reported: bool) -> str:
        """Return the word for a run that was, or was not, reported."""
        return "reported" if is_reported else "not_reported"


class Screen:
    """Shows records of one model, or of none. It knows what they belong to."""

    def __init__(self, model: Model | None, evaluations: Iterable[Evaluation]) -> None:
        """Note what is withheld of the things that records belong to."""
        self._model = None if model is None else _closed(model)
        snapshots = () if model is None else model.snapshots
        self._snapshots = {each.slug: found for each in snapshots if (found := _closed(each)) is not None}
        self._evaluations: dict[tuple[str, str | None], Visibility] = {}
        for evaluation in evaluations:
            if (found := _closed(evaluation)) is not None:
                self._evaluations[evaluation.slug, None] = found
            for version in evaluation.versions:
                if (found := _closed(version)) is not None:
                    self._evaluations[evaluation.slug, version.slug] = found

    def closed(self, record: Sourced) -> Visibility | None:
        """Return the class for which a record is withheld, its own or that of what it belongs to; ``None`` for one that is shown."""
        return self._closed_of({"visibility": record.visibility, **{name: getattr(record, name, None) for name in PUBLIC}})

    def _closed_of(self, told: Mapping[str, Any]) -> Visibility | None:
        if told["visibility"] in WITHHELD_FROM:
            return Visibility(told["visibility"])
        evaluation, version = told.get("evaluation"), told.get("version")
        found = self._evaluations.get((evaluation, None)) or self._evaluations.get((evaluation, version)) if evaluation else None
        return found or self._snapshots.get(told.get("snapshot") or "") or self._model

    def shown(self, kind: str, record: Sourced) -> Any:
        """Return a record, or its names where it is withheld."""
        found = self.closed(record)
        return record if found is None else _names(kind, {name: getattr(record, name, None) for name in ("slug", *PUBLIC)}, found)

    def run(self, told: Mapping[str, Any]) -> ShownRun | WithheldForm:
        """Return a run of which the fields are told, its scores as records; its items are left out."""
        found = self._closed_of(told)
        if found is not None:
            return _names("run", told, found)
        fields = {name: told[name] for name in ShownRun.model_fields if name != "scores"}
        return ShownRun.model_validate({**fields, "scores": tuple(_own("score", score) for score in told["scores"])})

    def items_closed(self, told: Mapping[str, Any]) -> Visibility | None:
        """Return the class for which the items of a run are withheld: any withheld score of it could be computed from them."""
        scores = (score.visibility for score in told["scores"] if score.visibility in WITHHELD_FROM)
        return self._closed_of(told) or next(scores, None)


def shown_model(model: Model) -> ShownModel | WithheldForm:
    """Return a model with its snapshots in training order, or its names."""
    if (found := _closed(model)) is not None:
        return _names("model", dict(model), found)
    ordered = sorted(model.snapshots, key=lambda each: each.ordinal)
    return ShownModel.model_validate({**dict(model), "snapshots": tuple(_own("snapshot", each) for each in ordered)})


def shown_snapshots(model: Model) -> tuple[Snapshot | WithheldForm, ...]:
    """Return the snapshots of a model in training order; none of a withheld model is shown whole."""
    found = _closed(model)
    ordered = sorted(model.snapshots, key=lambda each: each.ordinal)
    return tuple(_own("snapshot", each) if found is None else _names("snapshot", dict(each), found) for each in ordered)


def shown_evaluation(evaluation: Evaluation) -> ShownEvaluation | WithheldForm:
    """Return an evaluation with its versions, or its names."""
    if (found := _closed(evaluation)) is not None:
        return _names("evaluation", dict(evaluation), found)
    return ShownEvaluation.model_validate({**dict(evaluation), "versions": tuple(_own("version", each) for each in evaluation.versions)})


def _closed(record: Sourced) -> Visibility | None:
    return record.visibility if record.visibility in WITHHELD_FROM else None


def _own(kind: str, record: Any) -> Any:
    found = _closed(record)
    return record if found is None else _names(kind, dict(record), found)


def _names(kind: str, told: Mapping[str, Any], visibility: Visibility) -> WithheldForm:
    listed = {name: told[name] for name in PUBLIC if told.get(name) is not None}
    return WithheldForm(kind=kind, slug=told["slug"], visibility=visibility, **listed)
