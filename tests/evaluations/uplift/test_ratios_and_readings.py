"""Uplift trials from their records: ratios, readings of a plus-minus nobody defined, and when there is no ratio (statistics b)."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.quantiles import t_quantile
from evaluations.records import SpreadKind
from evaluations.summaries import COUNT_UNKNOWN, MEANING_UNKNOWN, EnvelopeEstimate, SpreadMeaning
from evaluations.trials import ArmKind, Cohort
from evaluations.uplift.arms import ArmSummary, MeasuredArm
from evaluations.uplift.ratios import (
    ON_AVERAGE,
    FiellerEstimate,
    fieller_covariance,
    fieller_welch,
    stratified,
    welch_difference,
)
from evaluations.uplift.trial import EVERY_COHORT, MADE_WITH_NORMAL, cohort_ratio, model_arm_mean, trial_ratio
from tests.evaluations.measured import ALPHA, cohort, ends, estimated, people, published, refused, trial, version

SD, SE, CI = SpreadKind.STANDARD_DEVIATION, SpreadKind.STANDARD_ERROR, SpreadKind.INTERVAL_HALF_WIDTH
PERCENT, UNBOUNDED = version(), version(low=0, high=None)
BAR, HIGH_BAR = Decimal("2.8"), Decimal(5)


def printed(group: Cohort, error_per_spread: Fraction | None = None) -> tuple[MeasuredArm, MeasuredArm]:
    """Both arms of a published group as the formulas take them; with a factor, its plus-minus times that is the standard error."""
    arms = []
    for kind in (ArmKind.MODEL, ArmKind.CONTROL):
        arm = group.arm(kind)
        assert arm.mean is not None
        assert arm.spread is not None
        assert arm.spread_kind is not None
        if error_per_spread is None:
            arms.append(ArmSummary.of_summary(arm.mean, arm.spread, SpreadMeaning(arm.spread_kind), arm.participants_count))
        else:
            error = Fraction(arm.spread) * error_per_spread
            arms.append(ArmSummary.of_summary(arm.mean, error, SpreadMeaning(SE), arm.participants_count))
    return arms[0], arms[1]


def test_the_published_trial_rules_out_neither_bar_while_nobody_says_what_plus_minus_means() -> None:
    estimate = estimated(trial_ratio(trial(*published()), PERCENT))
    assert isinstance(estimate, EnvelopeEstimate)
    assert estimate.value == pytest.approx(2.098039, abs=1e-6)
    assert [each.name for each in estimate.readings] == ["sd", "se", "ci95"]
    assert {MEANING_UNKNOWN, COUNT_UNKNOWN, ON_AVERAGE} <= set(estimate.notes)
    assert estimate.observations is None
    assert estimate.upper(ALPHA) > HIGH_BAR
    assert estimate.p_below(BAR) > ALPHA


@pytest.mark.parametrize(
    ("says", "n", "group", "high", "p"),
    [(SD, 10, 0, 3.04, 0.058), (CI, 10, 0, 3.59, 0.126), (SE, 5, 0, math.inf, 0.31), (SD, 10, 1, 2.93, 0.042)],
)
def test_each_published_group_comes_out_as_tabulated(says: SpreadKind, n: int, group: int, high: float, p: float) -> None:
    estimate = estimated(fieller_welch(*printed(published(says, n)[group])))  # upper ends and p of the table in statistics b4
    assert estimate.upper(ALPHA) == pytest.approx(high, abs=0.006)
    assert estimate.p_below(BAR) == pytest.approx(p, abs=0.004)


@pytest.mark.parametrize(("says", "low", "high", "p"), [(SD, 1.59, 2.74, 0.018), (CI, 1.50, 2.90, 0.038)])
def test_both_published_groups_together_come_out_as_tabulated(says: SpreadKind, low: float, high: float, p: float) -> None:
    estimate = stratified([printed(each) for each in published(says, 8)])  # table in statistics b4
    assert isinstance(estimate, FiellerEstimate)
    assert (estimate.fieller_lower(ALPHA), estimate.upper(ALPHA)) == pytest.approx((low, high), abs=0.006)
    assert estimate.p_below(BAR) == pytest.approx(p, abs=0.0006)


@pytest.mark.parametrize("n", [3, 4, 8, 10])
@pytest.mark.parametrize("k", [1, 2])
def test_a_half_width_is_read_as_made_with_the_normal_quantile(n: int, k: int) -> None:
    cohorts = published(CI, n)[:k]
    estimate = estimated(trial_ratio(trial(*cohorts), UNBOUNDED))
    by_hand = estimated(stratified([printed(each, 1 / Fraction("1.959963984540054")) for each in cohorts]))  # R qnorm(0.975)
    assert (estimate.lower(ALPHA), estimate.upper(ALPHA)) == pytest.approx(ends(by_hand), rel=1e-6)
    student = estimated(stratified([printed(each) for each in cohorts]))
    assert estimate.upper(ALPHA) >= student.upper(ALPHA)
    assert estimate.lower(ALPHA) <= student.lower(ALPHA)
    assert estimate.p_below(HIGH_BAR) >= student.p_below(HIGH_BAR)
    assert MADE_WITH_NORMAL in estimate.notes


def test_an_undefined_plus_minus_may_be_a_half_width_made_with_the_normal_quantile() -> None:
    undefined, known = (estimated(cohort_ratio(published(says, 10)[0], PERCENT)) for says in (SpreadKind.UNSPECIFIED, CI))
    assert undefined.upper(ALPHA) == known.upper(ALPHA)
    assert MADE_WITH_NORMAL in undefined.notes
    assert MADE_WITH_NORMAL not in estimated(cohort_ratio(published(SD, 10)[0], PERCENT)).notes


def test_a_half_width_too_wide_for_the_normal_quantile_is_read_with_students_and_never_dropped() -> None:
    wide = cohort("one", (50, 60), (25, 30), CI, 4)  # 60/1.96 is more than four scores from 0 to 100 allow, 60/3.18 is not
    estimate = estimated(cohort_ratio(wide, PERCENT))
    assert estimate.upper(ALPHA) >= estimated(fieller_welch(*printed(wide))).upper(ALPHA)
    assert refused(cohort_ratio(cohort("one", (50, 95), (25, 30), CI, 4), PERCENT))[0] == "spread_impossible_for_bounded_score"


def test_the_pair_rules_out_the_lower_bar_only_if_plus_minus_is_a_standard_deviation() -> None:
    verdicts = {says: estimated(trial_ratio(trial(*published(says, 8)), PERCENT)).p_below(BAR) < ALPHA for says in (SD, CI)}
    assert verdicts == {SD: True, CI: False}


def test_a_reading_impossible_in_one_arm_drops_out_everywhere() -> None:
    estimate = estimated(trial_ratio(trial(*published(n=10)), PERCENT))  # 50 +- 21 of ten people cannot be a standard error
    assert isinstance(estimate, EnvelopeEstimate)
    assert [each.admissible for each in estimate.readings] == ["possible", "impossible_on_scale", "possible"]
    assert estimate.upper(ALPHA) == estimated(trial_ratio(trial(*published(CI, 10)), PERCENT)).upper(ALPHA)


def test_a_known_spread_impossible_on_its_scale_is_refused() -> None:
    reason, point = refused(cohort_ratio(published(SE, 10)[0], PERCENT))
    assert (reason, point) == ("spread_impossible_for_bounded_score", Fraction(50, 24))


def test_the_worst_reading_decides_on_either_side() -> None:
    undefined = estimated(cohort_ratio(published()[0], PERCENT))
    for says in (SD, SE, CI):
        known = estimated(cohort_ratio(published(says)[0], PERCENT))
        assert undefined.upper(ALPHA) >= known.upper(ALPHA)
        assert undefined.lower(ALPHA) <= known.lower(ALPHA)


def test_a_control_near_zero_leaves_the_ratio_without_an_upper_end() -> None:
    estimate = cohort_ratio(people("one", [20, 50, 30, 10, 60, 40, 35, 25], [0, 0, 15, 0, 5, 0, 30, 0]), PERCENT)
    assert isinstance(estimate, FiellerEstimate)
    assert estimate.interval(ALPHA) == "upper_unbounded"
    assert estimate.upper(ALPHA) == math.inf
    assert estimate.p_below(10**6) >= ALPHA


def test_means_that_say_nothing_leave_the_whole_line() -> None:
    estimate = fieller_welch(ArmSummary(Fraction(1), 100.0, 5), ArmSummary(Fraction(1), 100.0, 5))
    assert isinstance(estimate, FiellerEstimate)
    assert estimate.interval(ALPHA) == "whole_line"
    assert ends(estimate) == (-math.inf, math.inf)


@pytest.mark.parametrize("control", [[0, 0, 0, 0, 0], [20, 20, 20, 20, 20]])
def test_a_control_whose_scores_are_all_equal_bounds_no_ratio(control: list[int]) -> None:
    assert refused(cohort_ratio(people("one", [10, 40, 30, 60, 20], control), PERCENT))[0] == "degenerate_control"


def test_a_difference_stands_where_the_ratio_does_not() -> None:
    arms = ArmSummary.of_scores([Decimal(each) for each in (1, 4, 3, 6, 2)]), ArmSummary.of_scores([Decimal(0)] * 5)
    assert estimated(welch_difference(*arms)).point == Fraction(16, 5)


def test_one_participant_gives_no_ratio() -> None:
    reason, point = refused(cohort_ratio(people("one", [50], [20, 30]), PERCENT))
    assert (reason, point) == ("one_observation", 2)


def test_arms_without_a_plus_minus_leave_a_point() -> None:
    reason, point = refused(cohort_ratio(cohort("one", (50, None), (25, None), None, 9), PERCENT))
    assert (reason, point) == ("no_spread_and_no_count", 2)


def test_a_plus_minus_of_zero_leaves_a_point() -> None:
    assert refused(cohort_ratio(cohort("one", (50, 0), (25, 0), SD, 9), PERCENT)) == ("no_spread_and_no_count", 2)


def test_a_rule_in_must_hold_on_the_log_scale_too() -> None:
    estimate = cohort_ratio(people("one", [45, 50, 55, 60], [1, 1, 2, 25]), PERCENT)
    assert isinstance(estimate, FiellerEstimate)
    for bar in (1, 2, 5):
        assert estimate.p_above(bar) >= estimate.fieller_p_above(bar)
    assert estimate.lower(ALPHA) <= estimate.fieller_lower(ALPHA)


def test_a_rule_in_on_the_fieller_scale_alone_does_not_cross() -> None:
    estimate = cohort_ratio(people("one", [40, 45, 50, 55, 60], [2, 6, 10, 14, 18]), PERCENT)
    assert isinstance(estimate, FiellerEstimate)
    alone = estimate.fieller_lower(ALPHA)
    on_log = estimate.lower(ALPHA)
    assert on_log < alone
    between = (on_log + alone) / 2
    assert estimate.fieller_p_above(between) < ALPHA < estimate.p_above(between)


def test_a_negative_lower_end_stays_raw() -> None:
    estimate = cohort_ratio(published(SE, 5)[0], PERCENT)
    assert isinstance(estimate, FiellerEstimate)
    assert estimate.fieller_lower(ALPHA) == pytest.approx(-0.333249045481186)  # case b06


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.05, 5), st.floats(0.05, 5), st.floats(0.001, 0.5), st.floats(0.001, 0.5), st.floats(-0.9, 0.9), st.floats(1, 60)
)  # fmt: skip
def test_the_ends_are_the_roots_of_fiellers_quadratic(
    treatment: float, control: float, spread_t: float, spread_c: float, correlation: float, df: float
) -> None:
    means, variances = (Fraction(treatment), Fraction(control)), (spread_t**2, spread_c**2)
    c, q = correlation * spread_t * spread_c, t_quantile(df, ALPHA)
    square = control**2 - q**2 * variances[1]  # general form of statistics b2
    assume(square > 1e-6)
    linear, constant = treatment * control - q**2 * c, treatment**2 - q**2 * variances[0]
    root = math.sqrt(linear**2 - square * constant)
    estimate = fieller_covariance(means, variances, c, df)
    assert estimate.interval(ALPHA) == "bounded"
    found = (estimate.fieller_lower(ALPHA), estimate.upper(ALPHA))
    assert found == pytest.approx(((linear - root) / square, (linear + root) / square), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("bar", [math.nan, math.inf, -math.inf])
def test_a_bar_that_is_no_number_is_the_callers_mistake(bar: float) -> None:
    arms = (ArmSummary.of_scores([40, 50, 60, 55]), ArmSummary.of_scores([20, 25, 30, 24]))
    for estimate in (estimated(fieller_welch(*arms)), estimated(welch_difference(*arms))):
        for ask in (estimate.p_below, estimate.p_above):
            with pytest.raises(ValueError, match="finite number"):
                ask(bar)


@pytest.mark.parametrize("bar", [1e80, 1e300, Fraction(10**400)])
def test_a_bar_beyond_every_float_is_as_far_as_infinity(bar: float | Fraction) -> None:
    estimate = fieller_welch(ArmSummary.of_scores([40, 50, 60, 55]), ArmSummary.of_scores([20, 25, 30, 24]))
    assert isinstance(estimate, FiellerEstimate)
    control = np.array([20, 25, 30, 24])  # only whether the control mean stands clear of 0 is left to ask
    t = control.mean() / (control.std(ddof=1) / 2)
    assert estimate.p_below(bar) == pytest.approx(stats.t.sf(t, 3))
    assert estimate.p_above(bar) == pytest.approx(1)
    assert estimate.p_above(Fraction(1, 10**400)) < ALPHA


def test_a_score_off_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="found 150"):
        cohort_ratio(people("one", [50, 150], [20, 30]), PERCENT)


def test_an_arm_that_states_its_meaning_keeps_it() -> None:
    stated, silent = published(SD, 9)[0], published(n=9)[0]
    mixed = Cohort(slug="mixed", name="mixed", arms=(stated.arms[0], silent.arms[1]))
    estimate = estimated(cohort_ratio(mixed, PERCENT))
    assert isinstance(estimate, EnvelopeEstimate)
    assert ends(estimated(cohort_ratio(published(SD, 9)[0], PERCENT))) == ends(estimated(estimate.readings[0].estimate))


def test_the_average_of_the_uplifted_group_is_read_every_way() -> None:
    estimate = estimated(model_arm_mean(published()[0], PERCENT))
    assert isinstance(estimate, EnvelopeEstimate)
    assert estimate.point == 50
    assert estimate.upper(ALPHA) == pytest.approx(50 + 4.302652729911275 * 21)  # R qt(0.975, 2); the standard-error reading


def test_the_average_of_a_trial_is_judged_by_its_least_favourable_cohort() -> None:
    both = trial(people("a", [30, 40, 50, 45] * 4, [20, 30]), people("b", [50, 60, 70, 65] * 4, [20, 30]))
    estimate = estimated(model_arm_mean(both, PERCENT))
    first, second = (estimated(model_arm_mean(each, PERCENT)) for each in both.cohorts)
    assert ends(estimate) == (first.lower(ALPHA), second.upper(ALPHA))
    assert EVERY_COHORT in estimate.notes


def test_a_mean_without_a_plus_minus_but_with_a_count_is_bounded_by_its_scale() -> None:
    estimate = estimated(model_arm_mean(cohort("one", (50, None), (25, None), None, 10), PERCENT))
    assert estimate.method == "item_beta"
