"""Uplift trials: people with the model against people without it, from the records of a trial (statistics b4, b6).

The rules kept here: people's own scores are used where they were recorded, and the printed summary otherwise; an undefined
plus-minus is read the same way in every arm of every cohort, a reading impossible for any of them is dropped, and the widest
of the rest decides; an arm that does not say how many people it had is taken as three; an arm without a plus-minus leaves a
point and no interval.

Left out: the arithmetic of a ratio (``evaluations.ratios``) and ratios somebody printed, which are claims.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from evaluations.clusters import items_estimate
from evaluations.estimate import Estimate, Reading, Unestimable
from evaluations.ratios import ArmSummary, stratified
from evaluations.records import EvaluationVersion, ItemResult, SpreadKind
from evaluations.summaries import (
    LEVEL_UNKNOWN,
    EnvelopeEstimate,
    SpreadMeaning,
    each_meaning,
    impossible_spread,
    no_spread,
    noted,
    on_scale,
    possible_on_scale,
    scale_of,
    summary,
)
from evaluations.trials import Arm, ArmKind, Cohort, UpliftTrial

EVERY_COHORT = "The least favourable cohort decides on either side."


def _arm_mean(arm: Arm, version: EvaluationVersion) -> Fraction:
    scores = [on_scale(each.score, version.scale_low, version.scale_high) for each in arm.participants]
    if scores:
        return sum(scores, Fraction(0)) / len(scores)
    if arm.mean is None:
        raise ValueError("found an arm with neither participants nor a mean, expected one of them")
    return on_scale(arm.mean, version.scale_low, version.scale_high)


def _summarised(arm: Arm, version: EvaluationVersion, meaning: SpreadMeaning) -> ArmSummary | Unestimable:
    """The arm under one meaning of an unspecified plus-minus; an arm that says its own meaning keeps it."""
    point = _arm_mean(arm, version)
    if arm.participants_count == 1 or len(arm.participants) == 1:
        return Unestimable("one_observation", f"one participant in the {arm.kind.value} arm")
    if arm.participants:
        return ArmSummary.of_scores([each.score for each in arm.participants])
    if arm.spread is None or arm.spread_kind is None or arm.spread == 0:
        return no_spread(None, f"no usable plus-minus in the {arm.kind.value} arm")
    own = meaning if arm.spread_kind is SpreadKind.UNSPECIFIED else SpreadMeaning(arm.spread_kind)
    summarised = ArmSummary.of_summary(point, arm.spread, own, arm.participants_count)
    scale = scale_of(version.scale_low, version.scale_high)
    if not possible_on_scale(point, math.sqrt(summarised.variance), arm.participants_count, scale):
        return impossible_spread(point, arm.spread, own, arm.participants_count)
    return summarised


def _joint_kind(arms: Sequence[Arm]) -> SpreadKind:
    """Unspecified if any arm leaves its plus-minus open: then every reading is tried. Otherwise any one meaning serves."""
    open_ones = any(arm.spread_kind is SpreadKind.UNSPECIFIED for arm in arms)
    return SpreadKind.UNSPECIFIED if open_ones else SpreadKind.STANDARD_DEVIATION


def _mean_ratio(cohorts: Sequence[Cohort], version: EvaluationVersion) -> Fraction | None:
    def total(kind: ArmKind) -> Fraction:
        return sum((_arm_mean(cohort.arm(kind), version) for cohort in cohorts), Fraction(0))

    model, control = total(ArmKind.MODEL), total(ArmKind.CONTROL)
    return model / control if control > 0 else None


def _ratio(cohorts: Sequence[Cohort], version: EvaluationVersion) -> Estimate | Unestimable:
    point = _mean_ratio(cohorts, version)

    def build(meaning: SpreadMeaning) -> Estimate | Unestimable:
        pairs = []
        for cohort in cohorts:
            model = _summarised(cohort.arm(ArmKind.MODEL), version, meaning)
            control = _summarised(cohort.arm(ArmKind.CONTROL), version, meaning)
            for arm in (model, control):
                if isinstance(arm, Unestimable):
                    return Unestimable(arm.reason, f"{cohort.slug}: {arm.words}", point)
            assert isinstance(model, ArmSummary)
            assert isinstance(control, ArmSummary)
            pairs.append((model, control))
        return stratified(pairs)

    arms = [arm for cohort in cohorts for arm in cohort.arms]
    estimate = each_meaning(_joint_kind(arms), None, build)
    stated_without_level = any(arm.spread_kind is SpreadKind.INTERVAL_HALF_WIDTH for arm in arms)
    return noted(estimate, LEVEL_UNKNOWN) if stated_without_level else estimate


def cohort_ratio(cohort: Cohort, version: EvaluationVersion) -> Estimate | Unestimable:
    """Uplift ratio in one cohort."""
    return _ratio([cohort], version)


def trial_ratio(trial: UpliftTrial, version: EvaluationVersion) -> Estimate | Unestimable:
    """Uplift ratio of a trial: one cohort alone, two to four stratified with equal weights, more refused."""
    return _ratio(trial.cohorts, version)


def _model_mean(cohort: Cohort, version: EvaluationVersion, meaning: SpreadMeaning) -> Estimate | Unestimable:
    arm = cohort.arm(ArmKind.MODEL)
    if arm.participants:
        people = [ItemResult(item=each.code, attempts=(each.score,)) for each in arm.participants]
        return items_estimate(people, scale_of(version.scale_low, version.scale_high))
    assert arm.mean is not None
    kind, level = arm.spread_kind, None
    if kind is None or kind is SpreadKind.UNSPECIFIED:
        kind, level = meaning.kind, meaning.level
    return summary(arm.mean, arm.spread, kind, arm.participants_count, level, version.scale_low, version.scale_high)


def model_arm_mean(measured: UpliftTrial | Cohort, version: EvaluationVersion) -> Estimate | Unestimable:
    """Average score of the people who had the model. Over several cohorts the least favourable decides on either side.

    That is stricter than an interval of the average: it needs no assumption on how skewed each cohort is.
    """
    cohorts = measured.cohorts if isinstance(measured, UpliftTrial) else (measured,)
    arms = [cohort.arm(ArmKind.MODEL) for cohort in cohorts]
    point = sum((_arm_mean(arm, version) for arm in arms), Fraction(0)) / len(arms)

    def build(meaning: SpreadMeaning) -> Estimate | Unestimable:
        outcomes = [(cohort.slug, _model_mean(cohort, version, meaning)) for cohort in cohorts]
        for slug, outcome in outcomes:
            if isinstance(outcome, Unestimable):
                return Unestimable(outcome.reason, f"{slug}: {outcome.words}", point)
        return outcomes[0][1] if len(outcomes) == 1 else _every_cohort(point, outcomes)

    return each_meaning(_joint_kind(arms), None, build)


def _every_cohort(point: Fraction, outcomes: Sequence[tuple[str, Estimate | Unestimable]]) -> EnvelopeEstimate:
    estimates = [outcome for _, outcome in outcomes if isinstance(outcome, Estimate)]
    counts = [each.observations for each in estimates]
    observations = None if None in counts else sum(count for count in counts if count is not None)
    notes = tuple(dict.fromkeys(note for each in estimates for note in each.notes))
    readings = tuple(Reading(slug, "possible", outcome) for slug, outcome in outcomes)
    return EnvelopeEstimate(point, "every_cohort", observations, (*notes, EVERY_COHORT), readings=readings)
