"""The variants of one criterion, collected from the evidence: what was measured, what was planned, what of the plan is missing.

The rules kept here:
1. A variant is one snapshot under one way of eliciting, and every run of it counts on its own, so repeating a run until it passes
   never helps.
2. A planned variant without a usable score is a gap. So is a run that failed or was invalidated, until just its variant has been
   measured whole; a withheld one stays a gap. A partial run, or one over fewer items than the set has, fills no gap; neither does a
   record that contradicts itself.
3. Results are merged only under one comparability key: evaluation version, statistic, k, and scaffold. A result under another key
   stands as its own variant.
4. Where a plan is asked for and none names the evaluation, every snapshot is planned: no plan is never an easier plan.

Left out: what one variant says (``thresholds.variant_findings``), and what all of them say together (``thresholds.snapshots``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from evaluations.estimate import Estimate, Unestimable
from evaluations.evidence import ModelEvidence
from evaluations.records import (
    EvaluationVersion,
    Run,
    RunStatus,
    Sampling,
    Score,
    Snapshot,
    SnapshotKind,
    Statistic,
    Thinking,
    same_spelling,
)
from evaluations.scores import items_give, printed_of, run_estimate, score_estimate
from evaluations.trials import UpliftTrial
from evaluations.uplift.trial import model_arm_mean, trial_ratio
from evaluations.values import Slug
from thresholds.criterion import CoverageRule, ScoreCriterion, UnquantifiedCriterion, UpliftCriterion
from thresholds.outcomes import UpliftMeasure

AGAIN = frozenset({RunStatus.PARTIAL, RunStatus.FAILED, RunStatus.INVALIDATED, RunStatus.NOT_RUN})  # a withheld score stays a gap
USABLE = frozenset({RunStatus.COMPLETED, RunStatus.PARTIAL})
OTHER_UNIT = Unestimable("no_value", "a number in another unit, which cannot be held against this bar; it is shown and says nothing")
OWN_UNIT = frozenset({Statistic.RATIO, Statistic.TIME_HORIZON})  # what items give in a unit of its own, which no scale has to place

Estimated = Estimate | Unestimable


@dataclass(frozen=True)
class Variant:
    """One measured variant, or one that was registered and gave nothing. ``snapshot`` is ``None`` where the source does not say."""

    name: str
    snapshot: Snapshot | None
    thinking: Thinking
    status: RunStatus
    comparable: Literal["same_key", "other_key", "remeasured"]
    estimate: Estimated
    measured: Run | UpliftTrial
    score: Score | None = None

    @property
    def has_value(self) -> bool:
        """Say whether there is a point at all; words alone are no score."""
        return self.estimate.point is not None

    @property
    def is_whole(self) -> bool:
        """Say whether it is a complete measurement under the criterion's own key."""
        return self.comparable == "same_key" and self.status is RunStatus.COMPLETED and self.has_value

    @property
    def order(self) -> tuple[int, str, str]:
        """Place in every listing: training order, then mode, then name; unstated snapshots first. Never decides anything."""
        return (-1 if self.snapshot is None else self.snapshot.ordinal, self.thinking.value, self.name)


@dataclass(frozen=True)
class PlannedVariant:
    """A variant that must have a usable score; ``thinking`` is ``None`` where any mode will do."""

    snapshot: Snapshot
    thinking: Thinking | None

    def is_met_by(self, whole: Collection[tuple[Slug, Thinking | None]]) -> bool:
        """Say whether a whole measurement of this snapshot, in this mode or where any will do in some mode, is among those listed."""
        return (self.snapshot.slug, self.thinking) in whole


@dataclass(frozen=True)
class Variants:
    """Everything the rule looks at for one criterion: what was measured, what was planned, and what of the plan is missing."""

    measured: tuple[Variant, ...]
    planned: tuple[PlannedVariant, ...]
    plan_known: Literal["planned", "no_plan", "not_needed"]
    missing: tuple[PlannedVariant, ...] = field(init=False)

    def __post_init__(self) -> None:
        measured = {(each.snapshot.slug, each.thinking) for each in self.measured if each.snapshot is not None and each.is_whole}
        whole = {*measured, *((snapshot, None) for snapshot, _ in measured)}
        object.__setattr__(self, "missing", tuple(each for each in self.planned if not each.is_met_by(whole)))

    @property
    def counted(self) -> tuple[Variant, ...]:
        """The variants under the criterion's own comparability key that have some value."""
        return tuple(each for each in self.measured if each.comparable == "same_key" and each.has_value)


def score_variants(
    criterion: ScoreCriterion,
    version: EvaluationVersion,
    coverage: CoverageRule,
    evidence: ModelEvidence,
    refused: Mapping[Slug, Unestimable] | None = None,
) -> Variants:
    """Return the variants of a score criterion, measured and planned; ``refused`` names runs whose items say nothing, each with why."""
    measured: list[Variant] = []
    for run in evidence.runs_of(criterion.evaluation):
        found = _run_variants(run, criterion, version, evidence)
        why = refused.get(run.slug) if refused and run.items else None
        measured.extend(replace(each, estimate=why) for each in found) if why else measured.extend(found)
    planned, plan_known = planned_variants(criterion.evaluation, coverage, evidence)
    return Variants(_sorted(_remeasured([_placed(each, version, criterion.statistic) for each in measured])), planned, plan_known)


def _placed(variant: Variant, version: EvaluationVersion, compared: Statistic) -> Variant:
    """Return the variant, with no number if its share has no place on the scale that the bars stand on, and partial if it is short."""
    run = variant.measured
    if not isinstance(run, Run) or variant.comparable != "same_key" or not variant.has_value:
        return variant
    counted = variant.score.passed is not None if variant.score else bool(run.items)
    is_share = counted and (compared not in OWN_UNIT if variant.score is None else variant.score.statistic is not Statistic.COUNT)
    is_open = version.scale_low is None or version.scale_high is None
    if is_open and is_share and not (variant.score is None and _is_mean_of_open_scores(run, variant)):
        return replace(variant, estimate=Unestimable("no_value", "a share, and the evaluation version states no scale to place it on"))
    observed = _observed(variant, run)
    if version.item_count is not None and version.sampling is Sampling.ITEMS and len(run.items) > version.item_count:
        words = f"{len(run.items)} items, and the evaluation version has {version.item_count}"
        return replace(variant, estimate=Unestimable("no_value", words, variant.estimate.point))
    short = version.item_count is not None and observed is not None and observed < version.item_count
    if short and version.sampling is Sampling.ITEMS and variant.status is RunStatus.COMPLETED:
        return replace(variant, status=RunStatus.PARTIAL)
    return variant


def _observed(variant: Variant, run: Run) -> int | None:
    """Return how many items the result is over: of several counts that a source gives, the smallest."""
    if variant.score is None:
        return len(run.items)
    return min((count for count in (variant.score.items, variant.score.trials) if count), default=None)


def _is_mean_of_open_scores(run: Run, variant: Variant) -> bool:
    """Say whether items carry scores of their own unit (minutes, points): some lie off the scale from 0 to 1."""
    attempts = [each for item in run.items for each in item.attempts if each is not None]
    return variant.score is None and any(not 0 <= each <= 1 for each in attempts)


def _remeasured(variants: Sequence[Variant]) -> Iterable[Variant]:
    """Mark the runs that gave nothing where a complete run of the same variant stands: shown, and no gap any more."""
    complete = {
        _elicited(each) for each in variants if each.status is RunStatus.COMPLETED and each.comparable == "same_key" and each.has_value
    }
    for each in variants:
        lost = each.status in AGAIN and each.comparable == "same_key"
        again = each.snapshot is not None and lost and _elicited(each) in complete
        yield replace(each, comparable="remeasured") if again else each


def _elicited(variant: Variant) -> tuple[object, ...]:
    """What makes two runs one variant: the snapshot and the whole way of eliciting."""
    run = variant.measured
    return (variant.snapshot, variant.thinking, *((run.scaffold, run.token_budget, run.tools) if isinstance(run, Run) else ()))


def trial_variants(criterion: UpliftCriterion, coverage: CoverageRule, evidence: ModelEvidence) -> Variants:
    """Return the variants of an uplift criterion: one a trial."""
    measure = trial_ratio if criterion.measure is UpliftMeasure.RATIO else model_arm_mean
    measured = [
        Variant(
            name=trial.slug,
            snapshot=evidence.snapshot(trial.snapshot),
            thinking=Thinking.NOT_STATED,
            status=RunStatus.COMPLETED,
            comparable="same_key" if trial.version == criterion.version else "other_key",
            estimate=measure(trial, evidence.version(trial.evaluation, trial.version)),
            measured=trial,
        )
        for trial in evidence.trials
        if trial.evaluation == criterion.evaluation
    ]
    planned, plan_known = planned_variants(criterion.evaluation, coverage, evidence)
    return Variants(_sorted(measured), planned, plan_known)


def unquantified_variants(criterion: UnquantifiedCriterion, evidence: ModelEvidence) -> Variants:
    """Return everything measured of an evaluation whose source prints no bar: shown, and compared with nothing."""
    measured: list[Variant] = []
    for run in evidence.runs_of(criterion.evaluation):
        blank = Variant(run.slug, evidence.snapshot(run.snapshot), run.thinking, run.status, "same_key", _no_value(run), run)
        own = evidence.version(run.evaluation, run.version)
        scored = [
            replace(blank, name=f"{run.slug}/{each.slug}", estimate=score_estimate(each, run, own), score=each) for each in run.scores
        ]
        measured.extend(scored if run.status in USABLE and scored else [blank])
    return Variants(_sorted(measured), (), "not_needed")


def planned_variants(
    evaluation: Slug, coverage: CoverageRule, evidence: ModelEvidence
) -> tuple[tuple[PlannedVariant, ...], Literal["planned", "no_plan", "not_needed"]]:
    """Return which variants must be measured, and whether a plan said so.

    Where a plan is asked for and none names the evaluation, every snapshot is: no plan is never an easier plan.
    """
    if coverage is CoverageRule.SUPPLIED:
        return (), "not_needed"
    snapshots = sorted(evidence.model.snapshots, key=lambda each: each.ordinal)
    every = tuple(PlannedVariant(snapshot, None) for snapshot in snapshots) or (PlannedVariant(UNRECORDED, None),)
    if coverage is CoverageRule.EVERY_SNAPSHOT:
        return every, "not_needed"
    listed = {
        (snapshot, thinking)
        for plan in evidence.plans
        for line in plan.planned
        if evaluation in line.evaluations
        for snapshot in line.snapshots
        for thinking in line.thinking
    }
    if not listed:
        return every, "no_plan"
    named = ((evidence.snapshot(snapshot), thinking) for snapshot, thinking in sorted(listed))
    return tuple(PlannedVariant(snapshot or UNRECORDED, thinking) for snapshot, thinking in named), "planned"


UNRECORDED = Snapshot(slug="not-recorded", name="no snapshot recorded", kind=SnapshotKind.FINAL, ordinal=0, source="none")
"""Stands for the snapshot that must exist where none is recorded: a model without snapshots has measured none of them."""


def _run_variants(run: Run, criterion: ScoreCriterion, version: EvaluationVersion, evidence: ModelEvidence) -> Iterable[Variant]:
    """Yield the variants one run gives: its result under the criterion's key, and its results under other keys."""
    own = evidence.version(run.evaluation, run.version)
    blank = Variant(run.slug, evidence.snapshot(run.snapshot), run.thinking, run.status, "same_key", _no_value(run), run)
    same_setting = (run.version, run.scaffold) == (criterion.version, criterion.scaffold)
    if run.status not in USABLE:
        yield blank if same_setting else replace(blank, comparable="other_key")
        return
    from_items = items_give(run, criterion.statistic)
    if same_setting and from_items:
        yield replace(blank, estimate=run_estimate(run, version, criterion.statistic, criterion.k))
    matching = [each for each in run.scores if (each.statistic, each.k) == (criterion.statistic, criterion.k)]
    for score in run.scores:
        if same_setting and score in matching:
            told = replace(blank, name=_name(run, score, matching), estimate=score_estimate(score, run, version), score=score)
            if not from_items:
                yield told
            elif _contradicts(told, run_estimate(run, version, criterion.statistic, criterion.k)):
                words = "the run's printed score is not what its items give"
                yield replace(told, name=f"{run.slug}/{score.slug}", estimate=Unestimable("no_value", words, told.estimate.point))
        else:
            name, comparable = f"{run.slug}/{score.slug}", same_spelling(own.unit) == same_spelling(version.unit)
            estimate = score_estimate(score, run, own) if comparable else OTHER_UNIT
            yield replace(blank, name=name, comparable="other_key", estimate=estimate, score=score)
    if not same_setting and same_spelling(own.unit) == same_spelling(version.unit) and items_give(run, criterion.statistic):
        yield replace(blank, comparable="other_key", estimate=run_estimate(run, own, criterion.statistic, criterion.k))
    if same_setting and not run.scores and not from_items:  # the run exists, but nothing of it can be compared: a gap, not silence
        yield blank


def _contradicts(printed: Variant, items: Estimated) -> bool:
    """Say whether a printed score differs from what the items give by more than its last digit, or cannot be held against it."""
    score = printed.score
    if score is None or printed.estimate.point is None or items.point is None:
        return False
    if score.value is not None and printed_of(score.value, items.point):
        return False
    return printed.estimate.point != items.point


def _no_value(run: Run) -> Unestimable:
    if run.status in USABLE:
        return Unestimable("no_value", "the run has no score of the statistic that the criterion compares")
    return Unestimable("not_measured", f"the run is {run.status.value.replace('_', ' ')}: {run.status_reason}")


def _name(run: Run, score: Score, matching: Sequence[Score]) -> str:
    return run.slug if len(matching) == 1 else f"{run.slug}/{score.slug}"


def scale_of_version(version: EvaluationVersion) -> tuple[Fraction | None, Fraction | None]:
    """Return the ends of an evaluation's scale, exactly; ``None`` where it is open."""
    low, high = version.scale_low, version.scale_high
    return None if low is None else Fraction(low), None if high is None else Fraction(high)


def _sorted(variants: Iterable[Variant]) -> tuple[Variant, ...]:
    return tuple(sorted(variants, key=lambda each: each.order))
