"""The median of item scores, bounded by their order alone."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.medians import OrderEstimate, median
from evaluations.quantiles import UNIT, Scale
from tests.evaluations.measured import ALPHA, ends, refused

different = st.lists(st.integers(-1000, 1000), min_size=2, max_size=60, unique=True)
tied = st.lists(st.integers(0, 5), min_size=2, max_size=40)


def found(scores: list[int], scale: Scale | None = None) -> OrderEstimate:
    estimate = median(scores, None, scale)
    assert isinstance(estimate, OrderEstimate)
    return estimate


@settings(max_examples=60, deadline=None)
@given(different)
def test_the_interval_is_that_of_an_independent_routine(scores: list[int]) -> None:
    oracle = stats.quantile_test(scores).confidence_interval(0.95)
    want = (-math.inf if math.isnan(oracle.low) else oracle.low, math.inf if math.isnan(oracle.high) else oracle.high)
    assert ends(found(scores)) == want


@pytest.mark.parametrize(("n", "rank"), [(6, 1), (8, 1), (9, 2), (20, 6), (42, 15), (100, 40)])
def test_the_ranks_are_the_published_ones(n: int, rank: int) -> None:
    # two-sided 95 %, as tables of the sign test have it (Conover 1999, Practical Nonparametric Statistics)
    assert ends(found(list(range(1, n + 1)))) == (rank, n + 1 - rank)


@pytest.mark.parametrize("chance", [0.3, 0.5, 0.62])
@pytest.mark.parametrize("n", [7, 20, 41])
def test_ties_never_raise_the_error_of_a_bound(chance: float, n: int) -> None:
    truth = 0 if chance < 0.5 else 1  # the largest and smallest medians of passes and failures, both 0 and 1 at one half
    missed_above = missed_below = 0.0
    for passed in range(n + 1):
        estimate, weight = found([1] * passed + [0] * (n - passed)), stats.binom.pmf(passed, n, chance)
        missed_above += weight * (estimate.upper(ALPHA) < truth)
        missed_below += weight * (estimate.lower(ALPHA) > truth)
    assert max(missed_above, missed_below) <= ALPHA


@settings(max_examples=80, deadline=None)
@given(st.one_of(different, tied), st.sampled_from([0.5, 0.05, 0.025, 0.0125, 1 / 64, 0.001]), st.integers(-30, 30))
def test_bounds_and_p_say_the_same_of_every_bar(scores: list[int], alpha: float, doubled: int) -> None:
    estimate, bar = found(scores), Fraction(doubled, 2)
    assert (estimate.upper(alpha) < bar) == (estimate.p_below(bar) < alpha)
    assert (estimate.lower(alpha) >= bar) == (estimate.p_above(bar) <= alpha)
    assert estimate.lower(alpha) <= estimate.value <= estimate.upper(alpha)


def test_an_error_level_equal_to_the_p_of_a_bar_reaches_it_and_does_not_rule_it_out() -> None:
    estimate = found([1, 2, 3, 4, 5, 6])
    assert (estimate.p_above(1), estimate.p_below(7)) == (1 / 64, 1 / 64)
    assert ends(estimate, 1 / 64) == (1, math.inf)


def test_a_bar_equal_to_a_score_no_float_hits_is_reached() -> None:
    third = median([Fraction(1, 3)] * 8)
    assert isinstance(third, OrderEstimate)
    assert not third.upper(ALPHA) < Fraction(1, 3)
    assert third.p_below(Fraction(1, 3)) == 1


def test_too_few_items_leave_the_ends_open() -> None:
    assert ends(found([3, 1, 2, 5, 4])) == (-math.inf, math.inf)


def test_too_few_items_on_a_scale_leave_its_ends() -> None:
    estimate = found([0, 1, 1, 0, 1], UNIT)
    assert ends(estimate) == (0, 1)
    assert (estimate.p_below(Fraction(3, 2)), estimate.p_above(0)) == (0, 0)
    assert estimate.p_below(1) > ALPHA


def test_the_median_of_an_even_number_is_between_the_two_middle_scores() -> None:
    assert found([1, 2, 4, 10]).point == 3


@pytest.mark.parametrize(
    ("scores", "clusters", "scale", "reason"),
    [
        ([], None, None, "no_observations"),
        ([1], None, None, "one_observation"),
        ([1, 2, None], None, None, "unscored_attempts"),
        ([1, 2, math.nan], None, None, "not_a_number"),
        ([0, 2], None, UNIT, "off_scale"),
        ([1, 2, 3], ["a", "a", "b"], None, "statistic_has_no_interval"),
    ],
)
def test_scores_without_an_honest_median_are_refused(scores: list[float], clusters: list[str], scale: Scale, reason: str) -> None:
    assert refused(median(scores, clusters, scale))[0] == reason


def test_clusters_of_one_item_each_are_none() -> None:
    alone = median([1, 2, 3, 4, 5, 6], ["a", "b", "c", "d", None, None])
    assert isinstance(alone, OrderEstimate)
    assert ends(alone) == (1, 6)
