"""Permutation tests of two arms: every assignment or seeded draws, ties, and the studentised test of a ratio (statistics b3)."""

import math
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.estimate import Unestimable
from evaluations.uplift.permutations import PermutationTest, permutation_difference, permutation_ratio

MODEL, CONTROL = [42, 61, 55, 38, 73, 50, 66], [21, 33, 38, 18]  # unequal arms, and 38 in both
MANY = [each % 17 + 3 for each in range(0, 60, 4)], [each % 13 for each in range(0, 60, 4)]  # 155 million assignments

arms = st.tuples(st.lists(st.integers(0, 9), min_size=2, max_size=5), st.lists(st.integers(0, 9), min_size=2, max_size=5))


def facts(outcome: PermutationTest | Unestimable) -> PermutationTest:
    assert isinstance(outcome, PermutationTest), outcome
    return outcome


def difference(model: Any = MODEL, control: Any = CONTROL, seed: int = 1) -> PermutationTest:
    return facts(permutation_difference(model, control, seed=seed))


def ratio(bar: Any, model: Any = MODEL, control: Any = CONTROL, seed: int = 1) -> PermutationTest:
    return facts(permutation_ratio(model, control, bar, seed=seed))


def welch(model: Any, control: Any, axis: int = -1) -> Any:
    return stats.ttest_ind(model, control, equal_var=False, axis=axis).statistic


def by_hand(model: list[int], control: list[int]) -> tuple[float, float, float]:
    """Every assignment in exact arithmetic: shares with a difference as large, as small, as far from 0."""
    everybody, size = model + control, len(model)

    def apart(places: tuple[int, ...]) -> Fraction:
        chosen = [everybody[place] for place in places]
        return Fraction(sum(chosen), size) - Fraction(sum(everybody) - sum(chosen), len(control))

    happened, found = apart(tuple(range(size))), [apart(each) for each in combinations(range(len(everybody)), size)]
    shares = (
        sum(each >= happened for each in found), sum(each <= happened for each in found), sum(abs(each) >= abs(happened) for each in found),
    )  # fmt: skip
    return shares[0] / len(found), shares[1] / len(found), shares[2] / len(found)


@settings(max_examples=60, deadline=None)
@given(arms)
def test_every_assignment_is_counted_as_by_hand(both: tuple[list[int], list[int]]) -> None:
    assume(len({*both[0], *both[1]}) > 1)
    found = difference(*both)
    assert (found.p_greater, found.p_less, found.p_two_sided) == by_hand(*both)
    assert found.n_assignments == math.comb(len(both[0]) + len(both[1]), len(both[0]))
    assert (found.assignments, found.seed) == ("every", None)


def test_the_difference_is_tested_as_scipy_does() -> None:
    for side, p in (("greater", difference().p_greater), ("less", difference().p_less)):
        oracle = stats.permutation_test((MODEL, CONTROL), lambda a, b: a.mean() - b.mean(), n_resamples=np.inf, alternative=side)
        assert p == pytest.approx(oracle.pvalue)
    assert difference().statistic == pytest.approx(oracle.statistic)


@pytest.mark.parametrize("bar", [1.2, 2.0, 3.3])
def test_the_ratio_at_a_bar_is_tested_as_scipy_tests_welchs_t(bar: float) -> None:
    scaled = np.array(CONTROL) * bar
    oracle = stats.permutation_test((np.array(MODEL), scaled), welch, n_resamples=np.inf, alternative="less", vectorized=True)
    found = ratio(bar)
    assert found.statistic == pytest.approx(oracle.statistic)
    assert found.p_rule_out == pytest.approx(oracle.pvalue)
    other = stats.permutation_test((np.array(MODEL), scaled), welch, n_resamples=np.inf, alternative="greater", vectorized=True)
    assert found.p_rule_in == pytest.approx(other.pvalue)


def test_too_many_assignments_are_drawn_with_the_seed_that_is_recorded() -> None:
    found = difference(*MANY, seed=11)
    assert (found.assignments, found.n_assignments, found.seed) == ("drawn", 9_999, 11)
    assert repr(found) == repr(difference(*MANY, seed=11))
    assert difference(*MANY, seed=12).p_two_sided != found.p_two_sided


def test_drawn_assignments_come_near_what_welchs_test_says() -> None:
    oracle = stats.ttest_ind(*MANY, equal_var=False, alternative="greater").pvalue
    assert difference(*MANY).p_greater == pytest.approx(oracle, abs=0.01)
    assert ratio(1, *MANY).p_rule_in == pytest.approx(oracle, abs=0.01)


def test_drawn_assignments_never_give_a_p_of_zero() -> None:
    apart = difference(list(range(100, 112)), list(range(12)))
    assert apart.p_greater == apart.p_two_sided == 1 / 10_000
    assert apart.p_less == 1


@settings(max_examples=40, deadline=None)
@given(arms, st.fractions(Fraction(1, 2), 4, max_denominator=10))
def test_the_assignment_that_happened_always_counts(both: tuple[list[int], list[int]], bar: Fraction) -> None:
    assume(len(set(both[0])) > 1 and len(set(both[1])) > 1)
    for found in (difference(*both), ratio(bar, *both)):
        assert min(found.p_greater, found.p_less, found.p_two_sided) >= 1 / found.n_assignments
        assert found.p_greater + found.p_less >= 1  # both hold the ties


@settings(max_examples=25, deadline=None)
@given(st.permutations(MODEL), st.permutations(CONTROL))
def test_the_order_of_people_changes_no_digit(model: list[int], control: list[int]) -> None:
    assert repr(difference(model, control)) == repr(difference())
    assert repr(ratio(2.2, model, control)) == repr(ratio(2.2))


@settings(max_examples=5, deadline=None)
@given(st.permutations(MANY[0]))
def test_the_order_of_people_changes_no_draw(model: list[int]) -> None:
    assert repr(ratio(2.2, model, MANY[1])) == repr(ratio(2.2, *MANY))


@pytest.mark.parametrize("unit", [Fraction(1, 10), Fraction(1, 3), Fraction(10**60), Fraction(1, 10**60)])
def test_the_unit_of_the_scores_changes_no_p(unit: Fraction) -> None:
    in_unit = [each * unit for each in MODEL], [each * unit for each in CONTROL]
    assert difference(*in_unit).p_two_sided == difference().p_two_sided
    assert ratio(2.2, *in_unit).p_rule_out == ratio(2.2).p_rule_out


def test_a_score_written_in_tenths_ties_as_it_is_written() -> None:
    assert difference([0.1, 0.2, 0.3], [0.6, 0.3, 0.1]).p_less == by_hand([1, 2, 3], [6, 3, 1])[1]


def test_a_larger_bar_is_ruled_out_with_less_doubt() -> None:
    doubts = [ratio(bar).p_rule_out for bar in (1.5, 2.0, 2.5, 3.0, 4.0)]
    assert doubts == sorted(doubts, reverse=True)


@pytest.mark.parametrize(
    ("model", "control", "reason"),
    [
        ([], [1, 2], "no_observations"),
        ([1, 2], [], "no_observations"),
        ([1], [1, 2], "one_observation"),
        ([1, 2], [3], "one_observation"),
        ([1, math.nan], [1, 2], "not_a_number"),
        ([1, math.inf], [1, 2], "not_a_number"),
        ([1, None], [1, 2], "unscored_attempts"),
        ([1, 10**200], [1, 2], "overflow"),
        ([2, 2], [2, 2, 2], "all_values_equal"),
    ],
)
def test_arms_that_no_test_compares_are_refused(model: Any, control: Any, reason: str) -> None:
    for outcome in (permutation_difference(model, control, seed=1), permutation_ratio(model, control, 2, seed=1)):
        assert isinstance(outcome, Unestimable)
        assert outcome.reason == reason


@pytest.mark.parametrize(
    ("model", "control", "reason"),
    [
        ([1, 2, 3], [0, 0, 0], "degenerate_control"),
        ([1, 2, 3], [2, 2, 2], "degenerate_control"),
        ([3, 3, 3], [1, 2, 2], "all_values_equal"),
        ([1, 2, -3], [1, 2, 2], "nonpositive_mean"),
    ],
)
def test_a_ratio_needs_two_arms_that_vary_at_or_above_zero(model: Any, control: Any, reason: str) -> None:
    outcome = permutation_ratio(model, control, 2, seed=1)
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == reason


def test_arms_that_never_overlap_have_the_smallest_p_there_is() -> None:
    assert difference([1, 1, 1], [0, 0, 0, 0]).p_greater == 1 / 35


@pytest.mark.parametrize("bar", [0, -1, math.nan, math.inf])
def test_a_bar_that_is_no_positive_ratio_is_the_callers_mistake(bar: float) -> None:
    with pytest.raises(ValueError, match="found the bar"):
        ratio(bar)
