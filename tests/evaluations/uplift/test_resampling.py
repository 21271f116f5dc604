"""The bootstrap of a ratio, which is shown and never decides (statistics b3)."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.estimate import Estimate, Unestimable
from evaluations.uplift.resampling import RatioBootstrap, ratio_bootstrap, shown_ratio_bootstrap

MODEL = [61, 76, 34, 87, 35, 79, 89, 63, 18, 43, 31, 69]  # case b13
CONTROL = [31, 25, 31, 27, 22, 27, 13, 31, 16]


def drawn(model: Any = MODEL, control: Any = CONTROL, seed: int = 1, replicates: int = 2_000, **more: Any) -> RatioBootstrap:
    outcome = ratio_bootstrap(model, control, seed, replicates, **more)
    assert isinstance(outcome, RatioBootstrap), outcome
    return outcome


def ratio_of_means(model: Any, control: Any, axis: int = -1) -> Any:
    return model.mean(axis=axis) / control.mean(axis=axis)


@pytest.mark.parametrize(("model", "control"), [(MODEL, CONTROL), (MODEL, [1, 2, 2, 3, 9, 4, 3, 2, 8, 1]), ([2, 3, 90, 4], MODEL)])
@pytest.mark.parametrize("method", ["BCa", "percentile"])
def test_the_ends_are_those_of_scipy(model: list[int], control: list[int], method: str) -> None:
    arms = (np.array(model, dtype=float), np.array(control, dtype=float))
    oracle = stats.bootstrap(arms, ratio_of_means, n_resamples=100_000, method=method, vectorized=True, rng=1)
    found = drawn(model, control, replicates=100_000)
    ends = (found.bca_lower, found.bca_upper) if method == "BCa" else (found.percentile_lower, found.percentile_upper)
    assert ends == pytest.approx(tuple(oracle.confidence_interval), abs=0.06 * oracle.standard_error)
    assert found.standard_error == pytest.approx(oracle.standard_error, rel=0.02)


def test_the_acceleration_is_the_skewness_of_what_each_person_contributes() -> None:
    model, control = [2, 3, 90, 4], [5, 6, 1]
    pulls = []  # Davison and Hinkley 1997, section 5.4: jackknife values of each arm over its own number
    for arm, ratio in ((model, lambda left: sum(left) / len(left) / 4), (control, lambda left: 24.75 * len(left) / sum(left))):
        without = [float(ratio(arm[:place] + arm[place + 1 :])) for place in range(len(arm))]
        pulls += [(len(arm) - 1) / len(arm) * (np.mean(without) - each) for each in without]
    expected = sum(each**3 for each in pulls) / (6 * sum(each**2 for each in pulls) ** 1.5)
    assert drawn(model, control).acceleration == pytest.approx(expected)


def test_a_bootstrap_is_no_estimate_that_could_decide() -> None:
    assert not isinstance(drawn(), Estimate)


def test_arms_under_twenty_people_are_not_shown() -> None:
    outcome = shown_ratio_bootstrap(MODEL * 2, CONTROL * 2, 1, 2_000)
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == "too_few_participants"
    assert shown_ratio_bootstrap(MODEL * 2, CONTROL * 3, 1, 2_000) == ratio_bootstrap(MODEL * 2, CONTROL * 3, 1, 2_000)


@settings(max_examples=20, deadline=None)
@given(st.permutations(MODEL), st.permutations(CONTROL))
def test_the_order_of_people_changes_no_digit(model: list[int], control: list[int]) -> None:
    assert repr(drawn(model, control)) == repr(drawn())


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert repr(drawn(seed=5)) == repr(drawn(seed=5))
    assert drawn(seed=5).bca_upper != drawn(seed=6).bca_upper


def test_a_smaller_error_is_never_narrower() -> None:
    wide, narrow = drawn(alpha=0.005), drawn(alpha=0.1)
    assert wide.bca_lower < narrow.bca_lower < narrow.ratio < narrow.bca_upper < wide.bca_upper


@pytest.mark.parametrize("unit", [Fraction(1, 100), Fraction(10**80), Fraction(1, 10**80)])
def test_the_unit_of_the_scores_changes_no_ratio(unit: Fraction) -> None:
    found = drawn([each * unit for each in MODEL], [each * unit for each in CONTROL])
    assert found.bca_upper == pytest.approx(drawn().bca_upper, rel=1e-12)


@pytest.mark.parametrize(
    ("model", "control", "reason"),
    [
        ([], CONTROL, "no_observations"),
        ([5], CONTROL, "one_observation"),
        (MODEL, [5], "one_observation"),
        ([1, math.nan], CONTROL, "not_a_number"),
        ([1, None], CONTROL, "unscored_attempts"),
        ([1, -1], CONTROL, "nonpositive_mean"),
        ([7, 7], CONTROL, "all_values_equal"),
        (MODEL, [7, 7], "degenerate_control"),
        (MODEL, [0, 0], "degenerate_control"),
        (MODEL, [0, 0, 0, 5, 1], "degenerate_control"),
        (MODEL, [0] * 9 + [5], "degenerate_control"),
        (MODEL, [Fraction(1, 10**60)] * 6 + [1, 2], "degenerate_control"),
    ],
)
def test_arms_without_a_ratio_to_draw_are_refused(model: Any, control: Any, reason: str) -> None:
    outcome = ratio_bootstrap(model, control, 1)
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == reason


def test_a_control_that_almost_never_scores_nothing_is_drawn() -> None:
    assert drawn(control=[0, *CONTROL, 40]).bca_upper > 1


@pytest.mark.parametrize("more", [{"alpha": 0}, {"alpha": 0.7}, {"replicates": 10}, {"seed": -1}])
def test_an_impossible_setting_is_the_callers_mistake(more: Any) -> None:
    with pytest.raises(ValueError, match="found"):
        drawn(**more)
