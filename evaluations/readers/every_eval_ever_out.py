"""A run of the record as an Every Eval Ever 0.3.0 aggregate: one file a run, a result a score.

The rules kept here: what is withheld is never written; a number stands as JSON number and, exactly as recorded, as text beside it; what
the format has no place for (snapshot, version, status, statistic, passed of trials) stands in its ``additional_details`` under ``rsp_``, so
that ``evaluations.readers.every_eval_ever`` gives it back; an interval is written only where the source printed one with its level.

Left out: items, because a sample of the format needs its prompt, which is not kept here. A run whose only numbers are its items carries
their mean, said to be worked out, where every attempt was scored; another has no number to write, and is refused. Left out: the clock;
the moment of writing is handed in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from evaluations.readers.log_reading import unscored_of
from evaluations.readers.recounts import mean_of
from evaluations.records import (
    WITHHELD_FROM,
    Confidence,
    Developer,
    Evaluation,
    EvaluationVersion,
    Model,
    RiskierWhen,
    Run,
    Score,
    Snapshot,
    Source,
    SpreadKind,
    Statistic,
    Thinking,
)
from evaluations.values import plain

SCHEMA_VERSION = "0.3.0"
SHARES = frozenset({"proportion", "percent", "%", "share", "fraction"})
AVERAGES = frozenset({Statistic.MEAN, Statistic.SHARE})
WORKED_OUT = "mean over items of the mean of their attempts"
PUBLISHED = frozenset({Confidence.VERBATIM, Confidence.SECONDARY, Confidence.UNSURE})  # read in a document, and not run here


class Relationship(StrEnum):
    """Who evaluated, seen from who made the model (every_eval_ever 0.3.0, evaluator_relationship)."""

    FIRST_PARTY = "first_party"
    THIRD_PARTY = "third_party"
    COLLABORATIVE = "collaborative"
    OTHER = "other"


class NotWritableError(ValueError):
    """A run cannot be written in this format. The message says why, and what would help."""


@dataclass(frozen=True)
class Export:
    """A run with the records it refers to, who says so, and when it is written."""

    run: Run
    model: Model
    developer: Developer
    evaluation: Evaluation
    source: Source
    organization: str
    relationship: Relationship
    written_at: datetime

    @property
    def snapshot(self) -> Snapshot | None:
        return next((each for each in self.model.snapshots if each.slug == self.run.snapshot), None)

    @property
    def version(self) -> EvaluationVersion:
        found = next((each for each in self.evaluation.versions if each.slug == self.run.version), None)
        if found is None:
            raise NotWritableError(f"found run {self.run.slug} of version {self.run.version}, expected one of {self.evaluation.slug}")
        return found


def every_eval_ever(export: Export) -> bytes:
    """Return the aggregate as UTF-8 JSON, the same bytes for the same records. Raises ``NotWritableError``."""
    run, model = export.run, export.model
    parts = (run, model, export.evaluation, export.version, *([export.snapshot] if export.snapshot else []), *run.scores)
    if any(each.visibility in WITHHELD_FROM for each in parts):
        raise NotWritableError(f"found run {run.slug}, of which a part is withheld, expected records that may be shown")
    if (run.model, run.evaluation, run.source) != (model.slug, export.evaluation.slug, export.source.slug):
        raise NotWritableError(f"found run {run.slug} of {run.model} on {run.evaluation}, expected its own model, evaluation and source")
    results = [_result(export, score) for score in _numbered(run)]
    if not results:
        raise NotWritableError(f"found no number in run {run.slug}, expected a score with a value, or items that are all scored")
    document = {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": f"{run.evaluation}/{export.developer.slug}_{model.slug}/{run.slug}",  # no time: the same run, the same name
        **({"evaluation_timestamp": _seconds(run.measured_at)} if run.measured_at else {}),
        "retrieved_timestamp": _seconds(export.written_at),
        "source_metadata": _source(export),
        "eval_library": {"name": "unknown", "version": "unknown"},  # a record does not say which program ran it
        "model_info": _model(export),
        "evaluation_results": results,
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False).encode("utf-8") + b"\n"


def _numbered(run: Run) -> list[Score]:
    """Return the scores with a number; without any, the mean of the items, if all of them were scored."""
    found = [score for score in run.scores if score.value is not None or score.passed is not None]
    if found or not run.items or unscored_of(run.items):
        return found
    mean = mean_of(run.items)
    if mean is None:
        return []
    return [
        Score(
            slug="mean",
            source=run.source,
            confidence=Confidence.DERIVED,
            statistic=Statistic.MEAN,
            value=Decimal(repr(mean)),
            items=len(run.items),
            items_basis="items recorded",
            note=WORKED_OUT,
        )
    ]


def _seconds(at: datetime) -> str:
    return plain(Decimal(repr(at.astimezone(UTC).timestamp())))


def _texts(**given: Any) -> dict[str, str]:
    """Return what was given as texts under ``rsp_``, without what is absent: the format allows texts alone."""
    return {f"rsp_{name}": plain(value) if isinstance(value, Decimal) else str(value) for name, value in given.items() if value is not None}


def _source(export: Export) -> dict[str, Any]:
    run, source = export.run, export.source
    return {
        "source_name": source.title,
        "source_type": "documentation" if run.confidence in PUBLISHED else "evaluation_run",
        "source_organization_name": export.organization,
        "evaluator_relationship": export.relationship.value,
        "additional_details": _texts(
            run=run.slug,
            status=run.status.value,
            status_reason=run.status_reason,
            confidence=run.confidence.value,
            source=run.source,
            source_at=run.source_at,
            source_address=source.address,
            note=run.note,
        ),
    }


def _model(export: Export) -> dict[str, Any]:
    model, snapshot = export.model, export.snapshot
    details = _texts(model=model.slug, snapshot=export.run.snapshot)
    if snapshot is not None:
        details |= _texts(
            snapshot_name=snapshot.name,
            snapshot_kind=snapshot.kind.value,
            training_step=snapshot.training_step,
            created_on=snapshot.created_on,
        )
    return {
        "name": model.name,
        "id": f"{export.developer.slug}/{model.slug}",
        "developer": export.developer.name,
        "additional_details": {"deployment_type": "unknown", "model_availability": "unknown", **details},
    }


def _result(export: Export, score: Score) -> dict[str, Any]:
    run, version = export.run, export.version
    return {
        "evaluation_result_id": _result_id(score, version),
        "evaluation_name": run.evaluation,
        "source_data": {
            "dataset_name": export.evaluation.name,
            "source_type": "other",
            "additional_details": _texts(items=version.item_count),
        },
        **({"evaluation_timestamp": _seconds(run.measured_at)} if run.measured_at else {}),
        "metric_config": _metric(export, score),
        "score_details": _score_details(score),
        "generation_config": _generation(run),
    }


def _metric_id(score: Score, version: EvaluationVersion) -> str:
    shared = version.unit.strip().lower() in SHARES
    return "accuracy" if score.statistic in AVERAGES and shared else score.statistic.value


def _result_id(score: Score, version: EvaluationVersion) -> str:
    """Return score, metric and reducer: what makes one number of a run another than the next."""
    reducer = f"pass_at_{score.k}" if score.k is not None else "mean" if score.statistic in AVERAGES else score.statistic.value
    return f"{score.slug}:{_metric_id(score, version)}:{reducer}"


def _metric(export: Export, score: Score) -> dict[str, Any]:
    version = export.version
    return {
        "evaluation_description": export.evaluation.name,
        "metric_id": _metric_id(score, version),
        "metric_name": score.statistic.value if score.k is None else f"pass@{score.k}",
        "metric_kind": _metric_id(score, version),
        "metric_unit": version.unit,
        **({"metric_parameters": {"k": score.k}} if score.k is not None else {}),
        "lower_is_better": version.riskier_when is RiskierWhen.LOWER,
        "score_type": "continuous",
        "min_score": None if version.scale_low is None else float(version.scale_low),  # null: not given (every_eval_ever 0.3.0)
        "max_score": None if version.scale_high is None else float(version.scale_high),
        "additional_details": _texts(evaluation=export.evaluation.slug, version=version.slug, task_version=version.slug),
    }


def _score_details(score: Score) -> dict[str, Any]:
    value = score.value if score.value is not None else (score.passed or Decimal(0)) / Decimal(score.trials or 1)
    told = score.model_dump(mode="json", exclude_none=True, exclude={"source", "visibility"})
    return {
        "score": float(value),
        "details": {f"rsp_{name}": str(field) for name, field in told.items()},
        **({"uncertainty": uncertainty} if (uncertainty := _uncertainty(score)) else {}),
    }


def _uncertainty(score: Score) -> Mapping[str, Any]:
    told: dict[str, Any] = {}
    if score.spread is not None and score.spread_kind is SpreadKind.STANDARD_ERROR:
        told["standard_error"] = {"value": float(score.spread)}
    if score.spread is not None and score.spread_kind is SpreadKind.STANDARD_DEVIATION:
        told["standard_deviation"] = float(score.spread)
    if score.low is not None and score.high is not None and score.interval_level is not None:
        level = float(score.interval_level)
        told["confidence_interval"] = {"lower": float(score.low), "upper": float(score.high), "confidence_level": level}
    if (n := score.items or score.trials) is not None:
        told["num_samples"] = n
    return told


def _generation(run: Run) -> dict[str, Any]:
    arguments: dict[str, Any] = {} if run.thinking is Thinking.NOT_STATED else {"reasoning": run.thinking is Thinking.EXTENDED}
    if run.token_budget is not None:
        arguments["eval_limits"] = {"token_limit": run.token_budget}
    return {
        "generation_args": arguments,
        "additional_details": _texts(thinking=run.thinking.value, scaffold=run.scaffold, tools=run.tools),
    }
