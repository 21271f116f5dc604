"""Five cohorts or more are a sample of groups: tau counts as error, and the modified factor never narrows (statistics b6)."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.estimate import Unestimable
from evaluations.uplift.pooling import (
    FEWEST_COHORTS,
    OF_ALL_GROUPS,
    MetaAnalysis,
    PooledRatioEstimate,
    heterogeneity,
    meta_analysis,
    pooled_log_ratio,
)
from tests.evaluations.measured import ALPHA, ends, estimated, refused

# BCG vaccine against tuberculosis: cases and others, vaccinated and not (Colditz et al. 1994, JAMA 271:698)
BCG = (
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761), (180, 1361, 372, 1079),
    (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197),
    (5, 2493, 3, 2338), (27, 16886, 29, 17825),
)  # fmt: skip
LOG_RATIOS = [math.log((a / (a + b)) / (c / (c + d))) for a, b, c, d in BCG]
VARIANCES = [1 / a - 1 / (a + b) + 1 / c - 1 / (c + d) for a, b, c, d in BCG]

effect = st.integers(-200, 200).map(lambda each: each / 100)
variance_of_one = st.integers(1, 1000).map(lambda each: each / 1000)
cohorts = st.lists(st.tuples(effect, variance_of_one), min_size=2, max_size=9)
many_cohorts = st.lists(st.tuples(effect, variance_of_one), min_size=5, max_size=9)
errors = st.sampled_from([0.05, 0.025, 0.0125, 0.5])


def analysed(effects: list[float], variances: list[float]) -> MetaAnalysis:
    found = meta_analysis(effects, variances)
    assert isinstance(found, MetaAnalysis), found
    return found


def pooled(effects: list[float], variances: list[float]) -> PooledRatioEstimate:
    found = pooled_log_ratio(effects, variances)
    assert isinstance(found, PooledRatioEstimate), found
    return found


def test_a_published_analysis_comes_out_as_printed() -> None:
    found = analysed(LOG_RATIOS, VARIANCES)  # Viechtbauer 2010, J. Stat. Softw. 36(3), and metafor's pages on the same data
    assert found.heterogeneity.q == pytest.approx(152.2330, abs=5e-5)
    assert (found.common_effect.estimate, found.common_effect.standard_error) == pytest.approx((-0.4303, 0.0405), abs=5e-5)
    assert (found.reml_plain.tau_squared, found.reml_plain.estimate) == pytest.approx((0.3132, -0.7145), abs=5e-5)
    assert found.reml_plain.standard_error == pytest.approx(0.1808, abs=5e-5)
    assert found.reml_plain.interval(ALPHA) == pytest.approx((-1.1084, -0.3206), abs=5e-5)
    assert (found.dersimonian_laird.tau_squared, found.dersimonian_laird.standard_error) == pytest.approx((0.3088, 0.1787), abs=5e-5)


def test_the_spread_between_groups_solves_the_equation_of_paule_and_mandel() -> None:
    tau_squared = analysed(LOG_RATIOS, VARIANCES).heterogeneity.tau_squared
    weights = [1 / (variance + tau_squared) for variance in VARIANCES]
    middle = sum(w * y for w, y in zip(weights, LOG_RATIOS, strict=True)) / sum(weights)
    assert sum(w * (y - middle) ** 2 for w, y in zip(weights, LOG_RATIOS, strict=True)) == pytest.approx(12)


@settings(max_examples=20, deadline=None)
@given(cohorts)
def test_no_other_spread_has_a_higher_restricted_likelihood(observed: list[tuple[float, float]]) -> None:
    effects, variances = [list(each) for each in zip(*observed, strict=True)]

    def likelihood(tau_squared: float) -> float:
        weights = [1 / (variance + tau_squared) for variance in variances]
        middle = sum(w * y for w, y in zip(weights, effects, strict=True)) / sum(weights)
        squares = sum(w * (y - middle) ** 2 for w, y in zip(weights, effects, strict=True))
        return 0.5 * (sum(map(math.log, weights)) - math.log(sum(weights)) - squares)

    best = likelihood(analysed(effects, variances).reml_plain.tau_squared)
    assert all(likelihood(each / 20) <= best + 1e-9 for each in range(101))


def test_cohorts_that_happen_to_agree_seem_no_surer_than_their_participants() -> None:
    found = analysed([0.7, 0.72, 0.69, 0.71, 0.73], [0.04, 0.05, 0.03, 0.06, 0.05])  # case b18
    assert found.paule_mandel_plain.standard_error < 0.1 * found.common_effect.standard_error
    assert found.paule_mandel_modified.standard_error == pytest.approx(found.common_effect.standard_error)


@settings(max_examples=30, deadline=None)
@given(cohorts, errors)
def test_the_modified_interval_is_never_inside_the_plain_one(observed: list[tuple[float, float]], alpha: float) -> None:
    effects, variances = [list(each) for each in zip(*observed, strict=True)]
    found = analysed(effects, variances)
    assert found.paule_mandel_modified.standard_error >= found.paule_mandel_plain.standard_error
    low, high = found.paule_mandel_modified.interval(alpha)
    assert found.paule_mandel_modified.prediction(alpha)[0] <= low <= high <= found.paule_mandel_modified.prediction(alpha)[1]


@settings(max_examples=30, deadline=None)
@given(st.data(), many_cohorts)
def test_the_order_of_cohorts_changes_no_digit(data: st.DataObject, observed: list[tuple[float, float]]) -> None:
    one, other = ([list(each) for each in zip(*order, strict=True)] for order in (observed, data.draw(st.permutations(observed))))
    assert pooled(*one) == pooled(*other)


@settings(max_examples=30, deadline=None)
@given(st.lists(effect, min_size=5, max_size=8), variance_of_one, st.floats(1, 5), errors)
def test_cohorts_as_precise_as_each_other_that_differ_more_never_say_more(
    effects: list[float], variance: float, factor: float, alpha: float
) -> None:  # with unequal variances the weights move too, and the interval of the mean may shrink: not asserted
    narrow, wide = (analysed([scale * each for each in effects], [variance] * len(effects)) for scale in (1.0, factor))
    widths = [high - low for low, high in (each.paule_mandel_modified.interval(alpha) for each in (narrow, wide))]
    assert widths[1] >= widths[0] * (1 - 1e-9)
    assert wide.heterogeneity.q >= narrow.heterogeneity.q * (1 - 1e-9)


@settings(max_examples=30, deadline=None)
@given(many_cohorts, errors)
def test_swapping_the_arms_of_every_cohort_inverts_the_ratio(observed: list[tuple[float, float]], alpha: float) -> None:
    effects, variances = [list(each) for each in zip(*observed, strict=True)]
    one, other = pooled(effects, variances), pooled([-each for each in effects], variances)
    assert ends(other, alpha) == pytest.approx([1 / end for end in reversed(ends(one, alpha))])
    assert other.value == pytest.approx(1 / one.value)


@settings(max_examples=30, deadline=None)
@given(many_cohorts, errors, st.fractions(Fraction(1, 20), 20))
def test_bounds_decide_as_p_values_do(observed: list[tuple[float, float]], alpha: float, bar: Fraction) -> None:
    estimate = pooled(*[list(each) for each in zip(*observed, strict=True)])
    low, high = ends(estimate, alpha)
    assert low <= estimate.value * (1 + 1e-12)
    assert high >= estimate.value * (1 - 1e-12)
    if abs(high - bar) > 1e-9 * high:
        assert (high < bar) == (estimate.p_below(bar) < alpha)
    if abs(low - bar) > 1e-9 * low:
        assert (low >= bar) == (estimate.p_above(bar) <= alpha)


def test_a_ratio_is_above_every_bar_that_is_not_positive() -> None:
    estimate = pooled(LOG_RATIOS, VARIANCES)
    assert (estimate.p_below(0), estimate.p_above(-1)) == (1.0, 0.0)


@settings(max_examples=30, deadline=None)
@given(many_cohorts, errors)
def test_an_interval_is_never_inside_that_of_cohorts_that_count_the_same(observed: list[tuple[float, float]], alpha: float) -> None:
    effects = np.array([effect for effect, _ in observed])
    half = stats.t.ppf(1 - alpha, len(effects) - 1) * effects.std(ddof=1) / math.sqrt(len(effects))
    low, high = ends(pooled(*[list(each) for each in zip(*observed, strict=True)]), alpha)
    assert low <= math.exp(effects.mean() - half) * (1 + 1e-9)
    assert high >= math.exp(effects.mean() + half) * (1 - 1e-9)


def test_a_bar_smaller_than_any_float_is_compared_all_the_same() -> None:
    estimate, smallest, largest = pooled(LOG_RATIOS, VARIANCES), Fraction(1, 10**400), Fraction(10**400)
    assert estimate.p_below(smallest) > 1 - 1e-9
    assert estimate.p_above(smallest) < 1e-9
    assert estimate.p_below(largest) < 1e-9


@pytest.mark.parametrize("bar", [math.nan, math.inf, -math.inf])
def test_a_bar_that_is_no_number_is_the_callers_mistake(bar: float) -> None:
    for ask in (pooled(LOG_RATIOS, VARIANCES).p_below, pooled(LOG_RATIOS, VARIANCES).p_above):
        with pytest.raises(ValueError, match="finite number"):
            ask(bar)


def test_a_pooled_ratio_says_that_it_speaks_of_all_groups() -> None:
    estimate = pooled(LOG_RATIOS, VARIANCES)
    assert estimate.method == "random_effects_modified_hk"
    assert OF_ALL_GROUPS in estimate.notes
    low, high = estimate.prediction(ALPHA)
    assert low < estimate.lower(ALPHA) < estimate.upper(ALPHA) < high


def test_effects_without_any_difference_have_no_heterogeneity() -> None:
    found = analysed([0.5] * 5, [0.04] * 5)
    assert (found.heterogeneity.q, found.heterogeneity.p, found.heterogeneity.i_squared_percent, found.heterogeneity.tau) == (0, 1, 0, 0)
    assert found.paule_mandel_modified.standard_error == pytest.approx(math.sqrt(0.04 / 5))


@pytest.mark.parametrize("k", range(2, FEWEST_COHORTS))
def test_too_few_cohorts_say_how_they_differ_while_no_random_effects_decide(k: int) -> None:
    effects, variances = [0.2 * at for at in range(k)], [0.05] * k
    assert not isinstance(heterogeneity(effects, variances), Unestimable)
    assert refused(pooled_log_ratio(effects, variances))[0] == "too_few_clusters"


def test_a_ratio_beyond_floats_is_refused() -> None:
    assert refused(pooled_log_ratio([2000.0] * 5, [0.1] * 5)) == ("overflow", None)


def test_an_upper_end_beyond_floats_is_infinite() -> None:
    assert estimated(pooled_log_ratio([700.0, 690, 705, 650, 660], [400.0] * 5)).upper(ALPHA) == math.inf
