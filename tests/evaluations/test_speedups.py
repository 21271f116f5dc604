"""Speedups: geometric means on the logarithmic scale, and what the best of several runs supports (statistics a7)."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.estimate import Unestimable
from evaluations.speedups import (
    BestOf,
    LogStudentEstimate,
    best_of,
    confidence_below_best,
    geometric_mean,
    geometric_mean_of_attempts,
    tolerance_runs,
)
from tests.evaluations.measured import ALPHA, ends, refused

KERNELS = [2.1, 3.3, 1.4, 2.9, 5.8, 2.2, 1.9, 3.1, 2.6, 12.5]


def found(ratios: list[float]) -> LogStudentEstimate:
    estimate = geometric_mean(ratios)
    assert isinstance(estimate, LogStudentEstimate)
    return estimate


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=30, unique=True), st.integers(1, 20_000))
def test_the_geometric_mean_is_the_t_test_of_logarithms(hundredths: list[int], bar: int) -> None:
    logs = np.log(np.array(hundredths) / 100)
    oracle, estimate = stats.ttest_1samp(logs, math.log(bar / 100), alternative="less"), found([each / 100 for each in hundredths])
    assert estimate.value == pytest.approx(stats.gmean(np.array(hundredths) / 100), rel=1e-9)
    assert ends(estimate) == pytest.approx(tuple(np.exp(stats.ttest_1samp(logs, 0).confidence_interval(0.95))), rel=1e-7)
    assert estimate.p_below(Fraction(bar, 100)) == pytest.approx(oracle.pvalue, rel=1e-6, abs=1e-12)


def test_twice_as_fast_and_half_as_fast_cancel() -> None:
    assert found([2, 0.5, 4, 0.25]).point == 1


def test_a_geometric_mean_at_a_bar_is_exactly_at_it() -> None:
    assert found([2, 8]).point == 4
    assert found([4.9, 2.45, 9.8]).point == Fraction("4.9")


def test_turning_every_ratio_over_turns_the_interval_over() -> None:
    one, other = found(KERNELS), found([1 / each for each in KERNELS])
    assert ends(one) == pytest.approx([1 / end for end in reversed(ends(other))], rel=1e-9)


def test_the_order_of_ratios_changes_no_digit() -> None:
    assert found(KERNELS) == found(KERNELS[::-1])


def test_attempts_on_an_item_never_add_to_the_items() -> None:
    often = geometric_mean_of_attempts([[each] * 5 for each in KERNELS])
    assert isinstance(often, LogStudentEstimate)
    assert often.observations == 10
    assert ends(often) == pytest.approx(ends(found(KERNELS)), rel=1e-12)


def test_ratios_in_clusters_leave_a_wider_interval() -> None:
    ratios = [1.1, 1.2, 1.15, 3.0, 3.2, 3.1, 1.9, 2.0, 2.1]
    clustered = geometric_mean(ratios, [at // 3 for at in range(9)])
    assert isinstance(clustered, LogStudentEstimate)
    assert clustered.upper(ALPHA) > found(ratios).upper(ALPHA)
    assert any("Few clusters" in note for note in clustered.notes)


def test_every_ratio_is_above_a_bar_of_zero() -> None:
    estimate = found(KERNELS)
    assert (estimate.p_below(0), estimate.p_above(0), estimate.p_below(-1), estimate.p_above(-1)) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("ratios", "reason"),
    [
        ([], "no_observations"),
        ([2], "one_observation"),
        ([2, 0], "nonpositive_mean"),
        ([2, -1], "nonpositive_mean"),
        ([2, math.nan], "not_a_number"),
        ([2, None], "unscored_attempts"),
        ([1.5] * 7, "all_values_equal"),
        ([2, 10**101], "overflow"),
    ],
)
def test_ratios_without_an_honest_mean_are_refused(ratios: list[float], reason: str) -> None:
    assert refused(geometric_mean(ratios))[0] == reason


def test_ratios_of_one_cluster_are_refused() -> None:
    assert refused(geometric_mean([2, 3, 4], ["a", "a", "a"]))[0] == "one_cluster"


@pytest.mark.parametrize(
    ("content", "confidence", "runs"),  # Wilks 1941; the 95/95 and 95/99 rows as used in reactor licensing (one-sided, first order)
    [
        (0.95, 0.95, 59),
        (0.95, 0.99, 90),
        (0.9, 0.95, 29),
        (0.9, 0.9, 22),
        (0.99, 0.95, 299),
        (0.99, 0.99, 459),
        (0.5, 0.75, 2),
        (0.1, 0.99999, 5),
    ],
)
def test_the_fewest_runs_for_a_tolerance_bound_are_the_published_ones(content: float, confidence: float, runs: int) -> None:
    assert tolerance_runs(content, confidence) == runs


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 999), st.integers(1, 999))
def test_one_run_fewer_would_not_give_the_confidence(content: int, confidence: int) -> None:
    share, sure = Fraction(content, 1000), Fraction(confidence, 1000)
    runs = tolerance_runs(share, sure)
    assert isinstance(runs, int)
    assert 1 - share**runs >= sure
    assert runs == 1 or 1 - share ** (runs - 1) < sure


def test_the_best_of_several_runs_supports_two_sentences() -> None:
    best = best_of(KERNELS)
    assert isinstance(best, BestOf)
    assert (best.best, best.runs, best.beaten_at_most) == (Fraction("12.5"), 10, Fraction(1, 11))
    assert best.confidence_below(0.95) == pytest.approx(1 - 0.95**10, rel=1e-12)


@pytest.mark.parametrize("share", [0, 1, -0.5, 2, math.nan, math.inf])
def test_a_share_that_is_none_has_no_runs_and_no_confidence(share: float) -> None:
    assert isinstance(tolerance_runs(share, 0.95), Unestimable)
    assert isinstance(tolerance_runs(0.95, share), Unestimable)
    assert isinstance(confidence_below_best(share, 10), Unestimable)


def test_no_runs_have_no_best() -> None:
    assert isinstance(best_of([]), Unestimable)
    assert isinstance(confidence_below_best(0.9, 0), Unestimable)
