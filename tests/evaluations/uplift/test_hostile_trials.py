"""What no honest interval follows from is refused in words, by every ratio of a trial, and never with a warning or a number."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evaluations.estimate import Estimate, Unestimable
from evaluations.records import SpreadKind
from evaluations.summaries import SpreadMeaning
from evaluations.uplift.arms import ArmSummary
from evaluations.uplift.covariates import adjusted_difference, adjusted_means, adjusted_ratio
from evaluations.uplift.pooling import heterogeneity, meta_analysis, pooled_log_ratio
from evaluations.uplift.ratios import FiellerEstimate, fieller_covariance, fieller_welch, log_ratio, stratified, welch_difference
from evaluations.uplift.risk_ratios import risk_ratio, score_ratio
from tests.evaluations.measured import ALPHA, refused

GOOD = [3, 5, 4, 7]
SD = SpreadMeaning(SpreadKind.STANDARD_DEVIATION)
Ratio = Callable[[Any, Any], Any]
OF_ARMS: tuple[Ratio, ...] = (fieller_welch, welch_difference, log_ratio, lambda a, b: stratified([(a, b), (a, b)]))
SCORES = [
    ([], "no_observations"), ([1], "one_observation"), ([1, math.nan], "not_a_number"), ([1, math.inf], "not_a_number"),
    ([1, -math.inf], "not_a_number"), ([1, None], "unscored_attempts"), ([Decimal("NaN"), 1], "not_a_number"),
    ([Decimal("sNaN"), 1], "not_a_number"), ([1e308, 1], "overflow"), ([1e308, -1e308], "overflow"), ([Decimal("1e999999"), 1], "overflow"),
    ([1e-308, 1], "overflow"), ([1e40, 2e40], "overflow"), ([1e-40, 2e-40], "overflow"),
    (["7", 1], "not_a_number"), ([True, 1], "not_a_number"),
]  # fmt: skip


@pytest.mark.parametrize(("scores", "reason"), SCORES, ids=lambda each: str(each)[:30])
@pytest.mark.parametrize("ratio", OF_ARMS)
def test_hostile_scores_are_refused_in_either_arm(ratio: Ratio, scores: list[Any], reason: str) -> None:
    bad, good = ArmSummary.of_scores(scores), ArmSummary.of_scores(GOOD)
    assert refused(ratio(bad, good))[0] == reason
    assert refused(ratio(good, bad))[0] == reason


@pytest.mark.parametrize(
    ("arm", "reason"),
    [
        (ArmSummary(Fraction(1), math.nan, 5), "not_a_number"),
        (ArmSummary(Fraction(1), math.inf, 5), "not_a_number"),
        (ArmSummary(Fraction(1), -1.0, 5), "negative_spread"),
        (ArmSummary(Fraction(1), 1.0, 1), "one_observation"),
        (ArmSummary(Fraction(1), 1.0, 5, satterthwaite=0.0), "one_observation"),
        (ArmSummary(Fraction(1), 1e300, 5), "overflow"),
        (ArmSummary(Fraction(10) ** 400, 1.0, 5), "overflow"),
    ],
)
@pytest.mark.parametrize("ratio", OF_ARMS)
def test_hostile_arms_are_refused(ratio: Ratio, arm: ArmSummary, reason: str) -> None:
    assert refused(ratio(arm, ArmSummary.of_scores(GOOD)))[0] == reason
    assert refused(ratio(ArmSummary.of_scores(GOOD), arm))[0] == reason


@pytest.mark.parametrize(("mean", "spread"), [(math.nan, 1), (1, math.nan), (None, 1), (1, None), (1e308, 1), (1, 1e308), (1, -1), (1, 0)])
def test_hostile_summaries_are_refused(mean: Any, spread: Any) -> None:
    arm = ArmSummary.of_summary(mean, spread, SD, 9)
    assert isinstance(fieller_welch(ArmSummary.of_scores(GOOD), arm), Unestimable)


@pytest.mark.parametrize(("model", "control"), [([-3, -5, -4], GOOD), (GOOD, [-3, -5, -4])])
def test_a_negative_mean_has_no_ratio(model: list[int], control: list[int]) -> None:
    arms = ArmSummary.of_scores(model), ArmSummary.of_scores(control)
    assert refused(fieller_welch(*arms)) == ("nonpositive_mean", None)
    assert refused(log_ratio(*arms)) == ("nonpositive_mean", None)


def test_no_cohort_has_no_ratio() -> None:
    assert refused(stratified([]))[0] == "no_observations"


@pytest.mark.parametrize(
    ("means", "variances", "covariance", "df", "reason"),
    [
        ((2, 1), (math.nan, 1), 0.0, 9, "not_a_number"),
        ((2, 1), (1, math.inf), 0.0, 9, "not_a_number"),
        ((2, 1), (1, 1), math.nan, 9, "not_a_number"),
        ((2, 1), (-1, 1), 0.0, 9, "negative_spread"),
        ((2, 1), (1, 1), 1.0, 9, "negative_spread"),
        ((2, 1), (1, 1), 0.0, 0, "too_few_participants"),
        ((2, 1), (1, 1), 0.0, math.nan, "too_few_participants"),
        ((2, 0), (1, 1), 0.0, 9, "degenerate_control"),
        ((2, 1), (1, 0), 0.0, 9, "degenerate_control"),
        ((2, 1), (0, 1), 0.0, 9, "statistic_has_no_interval"),
        ((2, -1), (1, 1), 0.0, 9, "nonpositive_mean"),
        ((10**50, 1), (1, 1), 0.0, 9, "overflow"),
        ((2, 1), (1e-200, 1), 0.0, 9, "overflow"),
    ],
)
def test_hostile_adjusted_means_are_refused(
    means: tuple[int, int], variances: tuple[float, float], covariance: float, df: float, reason: str
) -> None:
    outcome = fieller_covariance((Fraction(means[0]), Fraction(means[1])), variances, covariance, df)
    assert refused(outcome)[0] == reason


@pytest.mark.parametrize("pooling", [heterogeneity, meta_analysis, pooled_log_ratio])
@pytest.mark.parametrize(
    ("effects", "variances", "reason"),
    [
        ([], [], "no_observations"),
        ([0.5], [0.1], "one_observation"),
        ([0.5] * 4 + [math.nan], [0.1] * 5, "not_a_number"),
        ([0.5] * 4 + [math.inf], [0.1] * 5, "not_a_number"),
        ([0.5] * 4 + [None], [0.1] * 5, "unscored_attempts"),
        ([0.5] * 5, [0.1] * 4 + [math.nan], "not_a_number"),
        ([0.5] * 5, [0.1] * 4 + [-0.1], "negative_spread"),
        ([0.5] * 5, [0.1] * 4 + [0], "statistic_has_no_interval"),
        ([0.5] * 5, [0.1] * 4 + [1e308], "overflow"),
        ([0.5] * 5, [0.1] * 4 + [1e-90], "overflow"),
        ([0.5] * 4 + [1e308], [0.1] * 5, "overflow"),
        ([0.5] * 4 + [1e50], [0.1] * 5, "overflow"),
    ],
)
def test_hostile_cohorts_are_refused(pooling: Ratio, effects: list[Any], variances: list[Any], reason: str) -> None:
    assert refused(pooling(effects, variances))[0] == reason


def test_as_many_variances_as_effects_are_expected() -> None:
    with pytest.raises(ValueError, match="found 2 effects and 1 variances"):
        meta_analysis([1, 2], [1])


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e308, None, -1, Decimal("NaN"), "3", 0.5])
@pytest.mark.parametrize("place", range(4))
def test_hostile_counts_are_refused(bad: Any, place: int) -> None:
    counts: list[Any] = [3, 8, 2, 9]
    counts[place] = bad
    assert isinstance(risk_ratio(*counts), Unestimable)
    assert isinstance(score_ratio(*counts, "koopman"), Unestimable)


@pytest.mark.parametrize("alpha", [0, -0.1, 0.6, math.nan])
def test_an_error_level_that_is_none_is_the_callers_mistake(alpha: float) -> None:
    arms = ArmSummary.of_scores([30, 50, 40]), ArmSummary.of_scores([3, 5, 4])
    for estimate in (fieller_welch(*arms), risk_ratio(3, 8, 2, 9), pooled_log_ratio([0.5] * 5, [0.1] * 5), risk_ratio(8, 8, 8, 8)):
        assert isinstance(estimate, Estimate)
        for bound in (estimate.lower, estimate.upper):
            with pytest.raises(ValueError, match="error level"):
                bound(alpha)


sizes = st.floats(-28.9, 28.9).map(lambda power: 10**power)
numbers = st.one_of(st.integers(-3, 120), st.sampled_from([math.nan, math.inf, -math.inf, 1e308, -1e308, 1e-308, 1e29, 1e-29, 0.0, None]))
hostile_arms = st.lists(numbers, max_size=5)


def ordered(outcome: object) -> None:
    if isinstance(outcome, Estimate):
        low, high = outcome.lower(ALPHA), outcome.upper(ALPHA)
        assert low <= high
        for p in (outcome.p_below(Decimal("2.8")), outcome.p_above(Decimal("2.8"))):
            assert 0 <= p <= 1


@settings(max_examples=150, deadline=None)
@given(hostile_arms, hostile_arms)
def test_whatever_people_scored_there_is_an_ordered_interval_or_a_refusal(model: list[Any], control: list[Any]) -> None:
    arms = ArmSummary.of_scores(model), ArmSummary.of_scores(control)
    for ratio in (fieller_welch, welch_difference):
        ordered(ratio(*arms))
    log_ratio(*arms)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(numbers, numbers), max_size=5), st.lists(st.tuples(numbers, numbers), max_size=5))
def test_whatever_people_could_do_before_there_is_an_ordered_interval_or_a_refusal(
    model: list[tuple[Any, Any]], control: list[tuple[Any, Any]]
) -> None:
    adjusted_means(model, control)
    ordered(adjusted_ratio(model, control))
    ordered(adjusted_difference(model, control))


@settings(max_examples=60, deadline=None)
@given(st.lists(numbers, min_size=5, max_size=6), st.lists(numbers, min_size=6, max_size=6))
def test_whatever_cohorts_found_there_is_an_ordered_interval_or_a_refusal(effects: list[Any], variances: list[Any]) -> None:
    ordered(pooled_log_ratio(effects, variances[: len(effects)]))


@settings(max_examples=60, deadline=None)
@given(sizes, sizes, sizes, sizes)
@example(1e20, 1e10, 1e2, 1e-3)
@example(1.0, 1e-29, 1.0, 1e29)
@example(1e29, 1e-29, 1e-29, 1e-15)
def test_means_and_errors_of_any_size_give_ordered_bounds(treatment: float, control: float, error_t: float, error_c: float) -> None:
    arms = (ArmSummary(Fraction(treatment), error_t**2, 5), ArmSummary(Fraction(control), error_c**2, 5))
    outcome = fieller_welch(*arms)
    if error_c > 1e16 * control or math.hypot(error_t / treatment, error_c / control) < 1e-10:
        assert refused(outcome)[0] == "overflow"
    if isinstance(outcome, FiellerEstimate):
        assert outcome.fieller_lower(ALPHA) <= outcome.value <= outcome.upper(ALPHA)
    ordered(outcome)
