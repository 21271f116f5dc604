"""Uplift trials: people with the model against people without it, from the records of a trial (statistics b3 to b6).

The rules kept here: people's own scores are used where they were recorded, and the printed summary otherwise; an undefined
plus-minus is read the same way in every arm of every cohort, a reading impossible for any of them is dropped, and the widest
of the rest decides; the half-width of an interval is read as made with the normal quantile unless the scale forbids it, because an author
who used it with few people printed too short an interval (read with Student's t, false rule-out 12 % with 3 people an arm, 4.7 with 10);
an arm that does not say how many people it had is taken as three; an arm without a plus-minus leaves a
point and no interval.

Which ratio decides: of one cohort Fieller-Welch, or, where everybody succeeds or fails, the wider of it and the score interval; of two
to four, fixed equal weights; of five or more, random effects. People of one team count as one cluster of their arm. A covariate
named before the results decides adjusted, in a trial of one cohort without teams; one that was merely recorded adjusts nothing.

Left out: the arithmetic of a ratio (``evaluations.uplift.ratios``) and ratios somebody printed, which are claims.
Left out: adjusting over several cohorts or with teams. Such a trial is refused, because its plan named an analysis we cannot do.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from evaluations.clusters import items_estimate
from evaluations.estimate import Estimate, Reading, Unestimable
from evaluations.records import EvaluationVersion, ItemResult, SpreadKind
from evaluations.scores import mean_estimate
from evaluations.summaries import (
    LEVEL_UNKNOWN,
    EnvelopeEstimate,
    SpreadMeaning,
    each_meaning,
    impossible_spread,
    meanings,
    no_spread,
    noted,
    on_scale,
    possible_on_scale,
    scale_of,
)
from evaluations.trials import Arm, ArmKind, Cohort, UpliftTrial
from evaluations.uplift.arms import ArmSummary, counted, unseen
from evaluations.uplift.covariates import Person, adjusted_ratio
from evaluations.uplift.looks import looked_at
from evaluations.uplift.people import counted_twice
from evaluations.uplift.pooling import FEWEST_COHORTS, Heterogeneity, heterogeneity, pooled_log_ratio
from evaluations.uplift.ratios import fieller_welch, log_ratio, stratified, welch_difference
from evaluations.uplift.risk_ratios import risk_ratio

Pairs = list[tuple[ArmSummary, ArmSummary]]
"""The model arm and the control arm of each cohort."""

MADE_WITH_NORMAL = "A half-width is read as made with the normal quantile where the scale allows it: the wider reading."
IMBALANCE = 0.01  # our choice: one honest randomised trial in a hundred is refused its adjustment, and can be read unadjusted
EVERY_COHORT = "The least favourable cohort decides on either side."


def _arm_mean(arm: Arm, version: EvaluationVersion) -> Fraction:
    scores = [on_scale(each.score, version.scale_low, version.scale_high) for each in arm.participants]
    if scores:
        return sum(scores, Fraction(0)) / len(scores)
    if arm.mean is None:
        raise ValueError("found an arm with neither participants nor a mean, expected one of them")
    return on_scale(arm.mean, version.scale_low, version.scale_high)


def _of_people(arm: Arm) -> ArmSummary | Unestimable:
    """The arm from everybody's own score; whoever names no team is a team alone."""
    scores = [each.score for each in arm.participants]
    teams: list[Hashable] = [("person", each.code) if each.team is None else ("team", each.team) for each in arm.participants]
    if len(set(teams)) == len(teams):
        return ArmSummary.of_scores(scores)
    return ArmSummary.of_clustered_scores(scores, teams)


def _summarised(arm: Arm, version: EvaluationVersion, meaning: SpreadMeaning) -> ArmSummary | Unestimable:
    """The arm under one meaning of an unspecified plus-minus; an arm that says its own meaning keeps it."""
    point = _arm_mean(arm, version)
    if arm.participants_count == 1 or len(arm.participants) == 1:
        return Unestimable("one_observation", f"one participant in the {arm.kind.value} arm")
    if arm.participants:
        return _of_people(arm)
    if arm.spread is None or arm.spread_kind is None or arm.spread == 0:
        return no_spread(None, f"no usable plus-minus in the {arm.kind.value} arm")
    own = meaning if arm.spread_kind is SpreadKind.UNSPECIFIED else SpreadMeaning(arm.spread_kind, made_with=meaning.made_with)
    scale = scale_of(version.scale_low, version.scale_high)
    for made in dict.fromkeys((own, replace(own, made_with="student"))):  # too wide for the scale: then its author used t
        summarised = ArmSummary.of_summary(point, arm.spread, made, arm.participants_count)
        if isinstance(summarised, Unestimable) or possible_on_scale(point, math.sqrt(summarised.variance), arm.participants_count, scale):
            return summarised
    return impossible_spread(point, arm.spread, own, arm.participants_count)


def _read_as_half_width(arm: Arm, meaning: SpreadMeaning) -> bool:
    own = meaning.kind if arm.spread_kind is SpreadKind.UNSPECIFIED else arm.spread_kind
    return not arm.participants and own is SpreadKind.INTERVAL_HALF_WIDTH


def _joint_kind(arms: Sequence[Arm]) -> SpreadKind:
    """Unspecified if any arm leaves its plus-minus open: then every reading is tried. Otherwise any one meaning serves."""
    open_ones = any(arm.spread_kind is SpreadKind.UNSPECIFIED for arm in arms)
    return SpreadKind.UNSPECIFIED if open_ones else SpreadKind.STANDARD_DEVIATION


def _mean_ratio(cohorts: Sequence[Cohort], version: EvaluationVersion) -> Fraction | None:
    def total(kind: ArmKind) -> Fraction:
        return sum((_arm_mean(cohort.arm(kind), version) for cohort in cohorts), Fraction(0))

    model, control = total(ArmKind.MODEL), total(ArmKind.CONTROL)
    return model / control if control > 0 else None


def _pairs(cohorts: Sequence[Cohort], version: EvaluationVersion, meaning: SpreadMeaning) -> Pairs | Unestimable:
    pairs = []
    for cohort in cohorts:
        model = _summarised(cohort.arm(ArmKind.MODEL), version, meaning)
        control = _summarised(cohort.arm(ArmKind.CONTROL), version, meaning)
        for arm in (model, control):
            if isinstance(arm, Unestimable):
                return Unestimable(arm.reason, f"{cohort.slug}: {arm.words}")
        assert isinstance(model, ArmSummary)
        assert isinstance(control, ArmSummary)
        pairs.append((model, control))
    return pairs


def _ratio(cohorts: Sequence[Cohort], version: EvaluationVersion) -> Estimate | Unestimable:
    point = _mean_ratio(cohorts, version)

    def build(meaning: SpreadMeaning) -> Estimate | Unestimable:
        pairs = _pairs(cohorts, version, replace(meaning, made_with="normal"))
        if isinstance(pairs, Unestimable):
            return replace(pairs, point=point)
        if len(cohorts) >= FEWEST_COHORTS:
            outcome = _pooled(cohorts, pairs, point)
        else:
            outcome = stratified(pairs) if len(cohorts) > 1 else _of_one(cohorts[0], version, *pairs[0])
        half_width = any(_read_as_half_width(arm, meaning) for arm in arms)
        return noted(outcome, MADE_WITH_NORMAL) if half_width else outcome

    arms = [arm for cohort in cohorts for arm in cohort.arms]
    estimate = each_meaning(_joint_kind(arms), None, build)
    stated_without_level = any(arm.spread_kind is SpreadKind.INTERVAL_HALF_WIDTH for arm in arms)
    return noted(estimate, LEVEL_UNKNOWN) if stated_without_level else estimate


def _of_one(cohort: Cohort, version: EvaluationVersion, model: ArmSummary, control: ArmSummary) -> Estimate | Unestimable:
    """Fieller-Welch, or the ratio of two shares where everybody succeeded or failed.

    Without an end of the scale everybody scoring 1 is no success of everybody, so there Fieller-Welch must have an interval first.
    """
    outcome = fieller_welch(model, control)
    passed = _passed(cohort, version)
    in_teams = model.clusters is not None or control.clusters is not None
    if passed is None or in_teams or (version.scale_high is None and isinstance(outcome, Unestimable)):
        return outcome
    return risk_ratio(passed[ArmKind.MODEL], model.n, passed[ArmKind.CONTROL], control.n)


def _passed(cohort: Cohort, version: EvaluationVersion) -> dict[ArmKind, int] | None:
    """How many succeeded in each arm, if everybody scored 0 or the success there is: the upper end of the scale, 1 without one."""
    success = Decimal(1) if version.scale_high is None else version.scale_high
    scores = {arm.kind: [each.score for each in arm.participants] for arm in cohort.arms}
    marked = all(each and all(score in (0, success) for score in each) for each in scores.values())
    if not marked or version.scale_low not in (0, None):
        return None
    return {kind: each.count(success) for kind, each in scores.items()}


@dataclass(frozen=True)
class _LogRatios:
    """The log ratio of each cohort and its delta variance (statistics b3)."""

    effects: list[float]
    variances: list[float]


def _log_ratios(cohorts: Sequence[Cohort], pairs: Pairs) -> _LogRatios | Unestimable:
    found = _LogRatios([], [])
    for cohort, (model, control) in zip(cohorts, pairs, strict=True):
        on_log = log_ratio(model, control)
        if isinstance(on_log, Unestimable):
            return Unestimable(on_log.reason, f"{cohort.slug}: {on_log.words}")
        found.effects.append(on_log.log_ratio)
        found.variances.append(on_log.standard_error**2)
    return found


def _pooled(cohorts: Sequence[Cohort], pairs: Pairs, point: Fraction | None) -> Estimate | Unestimable:
    """Random effects over five cohorts or more (statistics b6)."""
    logs = _log_ratios(cohorts, pairs)
    if isinstance(logs, Unestimable):
        return replace(logs, point=point)
    observations, notes = counted([arm for pair in pairs for arm in pair])
    return pooled_log_ratio(logs.effects, logs.variances, observations, notes + unseen([model.n for model, _ in pairs]))


def cohort_ratio(cohort: Cohort, version: EvaluationVersion) -> Estimate | Unestimable:
    """Uplift ratio in one cohort."""
    return _ratio([cohort], version)


def unadjusted_ratio(trial: UpliftTrial, version: EvaluationVersion) -> Estimate | Unestimable:
    """Uplift ratio of a trial as if no covariate had been named; stands beside an adjusted one (statistics b5)."""
    return _ratio(trial.cohorts, version)


def complete_ratio(trial: UpliftTrial, version: EvaluationVersion) -> Estimate | Unestimable:
    """Uplift ratio of a trial that is looked at once, when it is complete: adjusted if a covariate was named beforehand."""
    return unadjusted_ratio(trial, version) if trial.adjusted_for is None else _adjusted(trial, version)


def trial_ratio(trial: UpliftTrial, version: EvaluationVersion) -> Estimate | Unestimable:
    """Uplift ratio of a trial: one cohort alone, two to four stratified with equal weights, five or more by random effects.

    A trial looked at more than once is judged at the level of its look (statistics b8). Refuses a trial that counts somebody twice.
    """
    twice = counted_twice(trial, _mean_ratio(trial.cohorts, version))
    return looked_at(complete_ratio(trial, version) if twice is None else twice, trial.look)


def _adjusted(trial: UpliftTrial, version: EvaluationVersion) -> Estimate | Unestimable:
    """The ratio adjusted for the covariate that was named beforehand; what cannot be adjusted is refused, never left unadjusted."""
    point = _mean_ratio(trial.cohorts, version)
    everybody = [each for cohort in trial.cohorts for arm in cohort.arms for each in arm.participants]
    if len(trial.cohorts) > 1:
        words = f"the ratio was to be adjusted for {trial.adjusted_for}, which is done for one cohort alone and not over several"
        return Unestimable("statistic_has_no_interval", words, point)
    if any(each.team is not None for each in everybody):
        words = f"the ratio was to be adjusted for {trial.adjusted_for}, which is not done for people in teams"
        return Unestimable("statistic_has_no_interval", words, point)
    arms: dict[ArmKind, list[Person]] = {
        arm.kind: [(each.score, each.pretest) for each in arm.participants if each.pretest is not None] for arm in trial.cohorts[0].arms
    }
    if not everybody or sum(map(len, arms.values())) < len(everybody) or not all(arms.values()):
        words = f"the ratio was to be adjusted for {trial.adjusted_for}, which is not known of every participant"
        return Unestimable("not_measured", words, point)
    outcome = adjusted_ratio(arms[ArmKind.MODEL], arms[ArmKind.CONTROL])
    if isinstance(outcome, Estimate) and (p := _p_of_imbalance(arms)) < IMBALANCE:
        words = (
            f"the arms differ in {trial.adjusted_for} by more than random assignment gives (p = {p:.2g}); what the model can have "
            "changed adjusts nothing"
        )
        return Unestimable("statistic_has_no_interval", words, point)
    return replace(outcome, point=point) if isinstance(outcome, Unestimable) and outcome.point is None else outcome


def _p_of_imbalance(arms: dict[ArmKind, list[Person]]) -> float:
    """Two-sided p of equal pretests in both arms (Welch); 1 where nothing can be said. A covariate from before the trial is balanced."""
    model, control = (ArmSummary.of_scores([pretest for _, pretest in arms[kind]]) for kind in (ArmKind.MODEL, ArmKind.CONTROL))
    apart = welch_difference(model, control)
    return 1.0 if isinstance(apart, Unestimable) else 2 * min(apart.p_below(0), apart.p_above(0))


def trial_heterogeneity(trial: UpliftTrial, version: EvaluationVersion) -> Heterogeneity | None:
    """How much the log ratios of two or more cohorts differ: Q, p, tau, I^2. ``None`` if they cannot be compared.

    Where nobody defined the plus-minus it is read the way in which the cohorts differ most, and ``reading`` names that way.
    """
    kind = _joint_kind([arm for cohort in trial.cohorts for arm in cohort.arms])
    found = []
    for meaning in meanings(kind):
        pairs = _pairs(trial.cohorts, version, meaning)
        logs = pairs if isinstance(pairs, Unestimable) else _log_ratios(trial.cohorts, pairs)
        differ = logs if isinstance(logs, Unestimable) else heterogeneity(logs.effects, logs.variances)
        if isinstance(differ, Heterogeneity):
            found.append(differ.read_as(meaning.name if kind is SpreadKind.UNSPECIFIED else ""))
        elif differ.reason != "spread_impossible_for_bounded_score":
            return None
    return max(found, key=lambda each: each.q, default=None)


def _model_mean(cohort: Cohort, version: EvaluationVersion, meaning: SpreadMeaning) -> Estimate | Unestimable:
    arm = cohort.arm(ArmKind.MODEL)
    if arm.participants:
        people = [ItemResult(item=each.code, cluster=each.team, attempts=(each.score,)) for each in arm.participants]
        return items_estimate(people, scale_of(version.scale_low, version.scale_high))
    assert arm.mean is not None
    kind, level = arm.spread_kind, None
    if kind is None or kind is SpreadKind.UNSPECIFIED:
        kind, level = meaning.kind, meaning.level
    scale = scale_of(version.scale_low, version.scale_high)
    return mean_estimate(arm.mean, arm.spread, kind, arm.participants_count, level, scale)


def model_arm_mean(measured: UpliftTrial | Cohort, version: EvaluationVersion) -> Estimate | Unestimable:
    """Average score of the people who had the model. Over several cohorts the least favourable decides on either side.

    That is stricter than an interval of the average: it needs no assumption on how skewed each cohort is. A trial looked at more
    than once is judged at the level of its look (statistics b8); a cohort by itself knows no looks.
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

    complete = each_meaning(_joint_kind(arms), None, build)
    if isinstance(measured, Cohort):
        return complete
    return looked_at(counted_twice(measured, point) or complete, measured.look)


def _every_cohort(point: Fraction, outcomes: Sequence[tuple[str, Estimate | Unestimable]]) -> EnvelopeEstimate:
    estimates = [outcome for _, outcome in outcomes if isinstance(outcome, Estimate)]
    counts = [each.observations for each in estimates]
    observations = None if None in counts else sum(count for count in counts if count is not None)
    notes = tuple(dict.fromkeys(note for each in estimates for note in each.notes))
    readings = tuple(Reading(slug, "possible", outcome) for slug, outcome in outcomes)
    return EnvelopeEstimate(point, "every_cohort", observations, (*notes, EVERY_COHORT), readings=readings)
