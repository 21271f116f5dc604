"""Criteria with two levels: each trial succeeds or fails by its own score, and the bars are held against the share that succeeds.

The rules kept here: a trial succeeds at or beyond the cutoff in the direction of risk (being at a bar is having reached it); a trial
nobody could score stays unscored; a run whose attempts are off their scale, or whose unit is unclear, gives nothing; a score that the
source printed for the whole run is no share of successes and is shown in its own unit, without being compared.

Left out: what the share then says, which is judged like any other (``thresholds.findings``).
"""

from __future__ import annotations

from decimal import Decimal

from evaluations.estimate import Unestimable
from evaluations.evidence import ModelEvidence
from evaluations.item_scores import item_scores
from evaluations.records import Evaluation, EvaluationVersion, ItemResult, RiskierWhen, Run, RunStatus
from evaluations.summaries import scale_of
from thresholds.criterion import ScoreCriterion

UNIT = "percent of trials"  # a unit of its own, so that a mean in percent is never read as a share of successes
PRINTED = "printed"  # ends the name that the untouched version goes by, under which printed scores stand as results of another key


def by_successes(evidence: ModelEvidence, criterion: ScoreCriterion, version: EvaluationVersion) -> tuple[ModelEvidence, EvaluationVersion]:
    """Return the evidence with the attempts of the criterion's evaluation read as successes, and the version they are now of.

    Without ``success_at`` both come back as they are.
    """
    if criterion.success_at is None:
        return evidence, version
    counted = _version(version, version.slug, unit=UNIT, riskier_when=RiskierWhen.HIGHER, scale_low=Decimal(0), scale_high=Decimal(100))
    printed = _version(version, f"{version.slug[:90]}.{PRINTED}")  # 90: leaves room within the 100 characters of a name
    runs = tuple(_run(each, criterion, version, printed.slug) for each in evidence.runs)
    evaluations = tuple(_with(each, counted, printed) if each.slug == criterion.evaluation else each for each in evidence.evaluations)
    fields = {name: getattr(evidence, name) for name in ModelEvidence.model_fields}
    return ModelEvidence(**{**fields, "runs": runs, "evaluations": evaluations}), counted


def _version(version: EvaluationVersion, slug: str, **changed: object) -> EvaluationVersion:
    fields = {name: getattr(version, name) for name in EvaluationVersion.model_fields}
    return EvaluationVersion.model_validate({**fields, "slug": slug, **changed})


def _with(evaluation: Evaluation, counted: EvaluationVersion, printed: EvaluationVersion) -> Evaluation:
    others = tuple(each for each in evaluation.versions if each.slug != counted.slug)
    fields = {name: getattr(evaluation, name) for name in Evaluation.model_fields}
    return Evaluation(**{**fields, "versions": (*others, counted, printed)})


def _run(run: Run, criterion: ScoreCriterion, version: EvaluationVersion, printed: str) -> Run:
    """Return a run of the criterion's version with its attempts as successes; any other run as it is."""
    if (run.evaluation, run.version) != (criterion.evaluation, version.slug) or criterion.success_at is None:
        return run
    fields = {name: getattr(run, name) for name in Run.model_fields}
    if not run.items:
        return Run(**{**fields, "version": printed}) if run.scores else run
    read = item_scores(run.items, scale_of(version.scale_low, version.scale_high))
    if isinstance(read, Unestimable) and read.reason != "unscored_attempts":
        return Run(**{**fields, "scores": (), "status": RunStatus.INVALIDATED, "status_reason": read.words})
    cutoff, higher = criterion.success_at.value, version.riskier_when is RiskierWhen.HIGHER
    items = tuple(_item(item, cutoff, higher=higher) for item in run.items)
    return Run(**{**fields, "scores": (), "items": items})


def _item(item: ItemResult, cutoff: Decimal, *, higher: bool) -> ItemResult:
    succeeded = (None if each is None else Decimal((each >= cutoff) if higher else (each <= cutoff)) for each in item.attempts)
    return ItemResult(item=item.item, cluster=item.cluster, human_minutes=item.human_minutes, attempts=tuple(succeeded))
