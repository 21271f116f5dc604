"""The two bundles that evidence travels in: a file (what a person wrote) and the evidence on one model (what was known).

The rule kept here: an evidence file is a list of whole records with their sources; the evidence on a model is everything
recorded of it up to one position of the log, and carries that position, so that a verdict can name what it knew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Literal, NoReturn, Self

from pydantic import model_validator

from evaluations.history import AssessmentCall, EffectiveCompute, HeldAssessment, ModelRelation
from evaluations.records import Developer, Evaluation, EvaluationVersion, ItemResult, Model, Run, Score, Snapshot, Source, ThreatDomain
from evaluations.registrations import ModelAlias, RunRegistration, TaskAlias
from evaluations.trials import AssessmentPlan, Claim, DropAnswer, PublishedDetermination, QualitativeFinding, UpliftTrial
from evaluations.values import Record, Slug, Text

FORMAT = "rsp-evidence/1"


class RunAddition(Record):
    """Results for a run that is recorded already: further scores, or the items of a run recorded without any."""

    model: Slug
    run: Slug
    scores: tuple[Score, ...] = ()
    items: tuple[ItemResult, ...] = ()

    @model_validator(mode="after")
    def _adds_something(self) -> Self:
        if not self.scores and not self.items:
            raise ValueError("found an addition without scores or items, expected one of them")
        return self


class EvidenceFile(Record):
    """One evidence file, format ``rsp-evidence/1``; ``rsp schema evidence`` prints its JSON Schema."""

    format: Literal["rsp-evidence/1"]
    description: Text | None = None
    sources: tuple[Source, ...] = ()
    domains: tuple[ThreatDomain, ...] = ()
    developers: tuple[Developer, ...] = ()
    models: tuple[Model, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    runs: tuple[Run, ...] = ()
    trials: tuple[UpliftTrial, ...] = ()
    findings: tuple[QualitativeFinding, ...] = ()
    drop_answers: tuple[DropAnswer, ...] = ()
    claims: tuple[Claim, ...] = ()
    determinations: tuple[PublishedDetermination, ...] = ()
    plans: tuple[AssessmentPlan, ...] = ()
    effective_compute: tuple[EffectiveCompute, ...] = ()
    assessments: tuple[HeldAssessment, ...] = ()
    calls: tuple[AssessmentCall, ...] = ()
    relations: tuple[ModelRelation, ...] = ()
    registrations: tuple[RunRegistration, ...] = ()
    model_aliases: tuple[ModelAlias, ...] = ()
    task_aliases: tuple[TaskAlias, ...] = ()
    additions: tuple[RunAddition, ...] = ()


class Correction(Record):
    """One field that was superseded: who, when, why, what it was and what it became. The first value stays readable."""

    record: Text  # such as "run swe-hard-final / score score"
    field: Text
    was: Text | None
    became: Text | None
    reason: Text
    actor: Text
    recorded_at: datetime
    entry_seq: int


class ModelEvidence(Record):
    """Everything known of one model as of log position ``position`` (whose entry was recorded at ``recorded_at``).

    It is asked for the same things again and again while a model is judged, so what finds them is made once and kept.
    """

    model: Model
    developer: Developer
    evaluations: tuple[Evaluation, ...]  # every evaluation recorded, so that a policy may name one that was never run
    runs: tuple[Run, ...]
    trials: tuple[UpliftTrial, ...]
    findings: tuple[QualitativeFinding, ...]
    claims: tuple[Claim, ...]
    determinations: tuple[PublishedDetermination, ...]
    plans: tuple[AssessmentPlan, ...]
    sources: tuple[Source, ...]
    domains: tuple[ThreatDomain, ...]
    corrections: tuple[Correction, ...]
    position: int
    recorded_at: datetime
    drop_answers: tuple[DropAnswer, ...] = ()
    effective_compute: tuple[EffectiveCompute, ...] = ()
    assessments: tuple[HeldAssessment, ...] = ()
    calls: tuple[AssessmentCall, ...] = ()
    relations: tuple[ModelRelation, ...] = ()
    registrations: tuple[RunRegistration, ...] = ()
    root: str | None = None  # Merkle root of the log at the position; None for evidence that no log holds

    def model_copy(self, **_: object) -> NoReturn:
        """Refuse: a copy would keep what finds the runs of the first. Build another instead. Raises ``TypeError``."""
        raise TypeError("found model_copy of the evidence on a model, expected ModelEvidence built anew: what is kept belongs to the first")

    @cached_property
    def _runs(self) -> Mapping[Slug, tuple[Run, ...]]:
        found: dict[Slug, list[Run]] = {}
        for run in self.runs:
            found.setdefault(run.evaluation, []).append(run)
        return {evaluation: tuple(runs) for evaluation, runs in found.items()}

    @cached_property
    def _snapshots(self) -> Mapping[Slug, Snapshot]:
        return {each.slug: each for each in self.model.snapshots}

    @cached_property
    def _versions(self) -> Mapping[tuple[Slug, Slug], EvaluationVersion]:
        return {(each.slug, version.slug): version for each in self.evaluations for version in each.versions}

    @cached_property
    def _titles(self) -> Mapping[Slug, str]:
        return {each.slug: each.title for each in self.sources}

    def title(self, source: Slug) -> str:
        """Return the title of a source, or its name where nobody described it."""
        return self._titles.get(source, source)

    def runs_of(self, evaluation: Slug) -> tuple[Run, ...]:
        """Return the runs of an evaluation, whatever its version."""
        return self._runs.get(evaluation, ())

    def snapshot(self, slug: Slug | None) -> Snapshot | None:
        """Return the snapshot of that name, or ``None`` where a record names none."""
        return None if slug is None else self._snapshots.get(slug)

    def version(self, evaluation: Slug, version: Slug) -> EvaluationVersion:
        """Return that version of that evaluation. Raises ``KeyError`` if the store handed over a run without it."""
        return self._versions[evaluation, version]
