"""Criteria with two levels: each trial succeeds or fails by its own score, and the bars are held against the share that succeeds.

The rules kept here: a trial succeeds at or beyond the cutoff in the direction of risk (being at a bar is having reached it); the cutoff
lies on the scale of a trial; a trial nobody could score stays unscored. A run of another version of the same unit, scale and direction is
counted too, and stands as a result of another key. What cannot be counted is a gap that running again does not close: attempts off
their scale or of unclear unit, items that contradict what was printed of them, and a run of which only a score of the whole was printed.
Such a score is shown in its own unit and compared with nothing.

Left out: what the share then says, which is judged like any other (``thresholds.findings``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from evaluations.estimate import Unestimable
from evaluations.evidence import ModelEvidence
from evaluations.item_scores import item_scores
from evaluations.quantiles import UNIT as UNIT_SCALE
from evaluations.records import Evaluation, EvaluationVersion, ItemResult, RiskierWhen, Run
from evaluations.scores import OF_ITEMS, printed_of, run_estimate
from evaluations.summaries import scale_of
from evaluations.values import Slug
from thresholds.criterion import ScoreCriterion, SuccessAt
from thresholds.errors import MisplacedBarError
from thresholds.variants import USABLE

UNIT = "percent of trials"  # a unit of its own, so that a mean in percent is never read as a share of successes
PRINTED = "printed"  # ends the name that an untouched version goes by, under which printed scores stand as results of another key
ONLY_PRINTED = Unestimable("no_value", "only a score of the whole was printed, which says nothing of single trials")
CONTRADICTED = Unestimable("no_value", "the run's printed score is not what its items give")
PASSES_ON_A_SCALE = Unestimable("no_value", "attempts written 0 or 1 on a wider scale: whether 1 is a pass or one point is not stated")


@dataclass(frozen=True)
class Counted:
    """Evidence with attempts read as successes, the version they are now of, and the runs that could not be counted, each with why."""

    evidence: ModelEvidence
    version: EvaluationVersion
    refused: Mapping[Slug, Unestimable] = field(default_factory=dict)


def by_successes(evidence: ModelEvidence, criterion: ScoreCriterion, version: EvaluationVersion) -> Counted:
    """Return the evidence with the attempts of the criterion's evaluation read as successes; as it is without ``success_at``.

    Raises ``MisplacedBarError`` for a cutoff off the scale of a trial.
    """
    if criterion.success_at is None:
        return Counted(evidence, version)
    expect_on_scale(criterion.success_at, version, criterion.slug)
    evaluation = next(each for each in evidence.evaluations if each.slug == criterion.evaluation)
    like = {each.slug for each in evaluation.versions if _meaning(each) == _meaning(version)}
    counted = {each.slug: _counted(each) for each in evaluation.versions if each.slug in like}
    printed = {slug: _unused(f"{slug[:90]}.{PRINTED}", evaluation) for slug in like}  # 90: leaves room within the 100 characters of a name
    refused: dict[Slug, Unestimable] = {}
    runs: list[Run] = []
    for run in evidence.runs:
        if run.evaluation == criterion.evaluation and run.version in like and run.status in USABLE:
            runs += _counted_runs(run, evidence.version(run.evaluation, run.version), criterion.success_at, printed, refused)
        else:
            runs.append(run)
    told = _with(evaluation, counted, printed)
    evaluations = tuple(told if each.slug == told.slug else each for each in evidence.evaluations)
    fields = {name: getattr(evidence, name) for name in ModelEvidence.model_fields}
    return Counted(ModelEvidence(**{**fields, "runs": tuple(runs), "evaluations": evaluations}), counted[version.slug], refused)


def expect_on_scale(cutoff: SuccessAt, version: EvaluationVersion, criterion: str) -> None:
    """Raise ``MisplacedBarError`` for a cutoff off the scale of a trial: every trial would fail it, or none."""
    low, high = version.scale_low, version.scale_high
    if (low is not None and cutoff.value < low) or (high is not None and cutoff.value > high):
        ends = " to ".join("no end" if end is None else f"{end:f}" for end in (low, high))
        raise MisplacedBarError(criterion, f"success_at {cutoff.value:f}", f"a score on the scale of a trial, {ends}")


def _meaning(version: EvaluationVersion) -> tuple[object, ...]:
    return version.unit, version.scale_low, version.scale_high, version.riskier_when


def _unused(slug: Slug, evaluation: Evaluation) -> Slug:
    while any(each.slug == slug for each in evaluation.versions):
        slug += "x"
    return slug


def _counted(version: EvaluationVersion) -> EvaluationVersion:
    fields = {name: getattr(version, name) for name in EvaluationVersion.model_fields}
    scale = {"unit": UNIT, "riskier_when": RiskierWhen.HIGHER, "scale_low": Decimal(0), "scale_high": Decimal(100)}
    return EvaluationVersion.model_validate({**fields, **scale})


def _with(evaluation: Evaluation, counted: Mapping[Slug, EvaluationVersion], printed: Mapping[Slug, Slug]) -> Evaluation:
    """Return the evaluation with its like versions counted, and each once more as it was, for what was printed."""
    versions: list[EvaluationVersion] = []
    for each in evaluation.versions:
        versions.append(counted.get(each.slug, each))
        if each.slug in printed:
            fields = {name: getattr(each, name) for name in EvaluationVersion.model_fields}
            versions.append(EvaluationVersion.model_validate({**fields, "slug": printed[each.slug]}))
    fields = {name: getattr(evaluation, name) for name in Evaluation.model_fields}
    return Evaluation(**{**fields, "versions": tuple(versions)})


def _counted_runs(
    run: Run, version: EvaluationVersion, cutoff: SuccessAt, printed: Mapping[Slug, Slug], refused: dict[Slug, Unestimable]
) -> Iterator[Run]:
    """Yield a run with its attempts as successes, and beside it what was printed of it; note in ``refused`` why it cannot be counted."""
    fields = {name: getattr(run, name) for name in Run.model_fields}
    why = _uncountable(run, version)
    if why is not None:
        refused[run.slug] = why
    higher = version.riskier_when is RiskierWhen.HIGHER
    items = run.items or (ItemResult(item="not-recorded", attempts=(None,)),)  # a run has items or scores; nothing is read off this one
    yield Run(**{**fields, "scores": (), "items": tuple(_item(item, cutoff.value, higher=higher) for item in items)})
    if run.scores:
        yield Run(**{**fields, "version": printed[run.version], "items": ()})


def _uncountable(run: Run, version: EvaluationVersion) -> Unestimable | None:
    """Return why the trials of a run cannot be counted, or ``None`` if they can."""
    if not run.items:
        return ONLY_PRINTED
    scale = scale_of(version.scale_low, version.scale_high)
    attempts = [each for item in run.items for each in item.attempts if each is not None]
    wider = scale != UNIT_SCALE
    if wider and any(attempts) and all(each in (0, 1) for each in attempts):
        return PASSES_ON_A_SCALE
    read = item_scores(run.items, scale)
    if isinstance(read, Unestimable) and read.reason != "unscored_attempts":
        return Unestimable(read.reason, read.words)  # without a point: it would be one of raw scores, not of successes
    return CONTRADICTED if _contradicted(run, version) else None


def _contradicted(run: Run, version: EvaluationVersion) -> bool:
    """Say whether a printed average of the raw scores is not what the items give."""
    for score in run.scores:
        if score.statistic not in OF_ITEMS or score.k is not None:
            continue
        given = run_estimate(run, version, score.statistic).point
        if given is None:
            continue
        if score.value is not None and not printed_of(score.value, given):
            return True
        scale = scale_of(version.scale_low, version.scale_high)
        if score.passed is not None and score.trials and scale is not None and scale.native(Fraction(score.passed) / score.trials) != given:
            return True
    return False


def _item(item: ItemResult, cutoff: Decimal, *, higher: bool) -> ItemResult:
    succeeded = (None if each is None else Decimal((each >= cutoff) if higher else (each <= cutoff)) for each in item.attempts)
    return ItemResult(item=item.item, cluster=item.cluster, human_minutes=item.human_minutes, attempts=tuple(succeeded))
