"""Planning an uplift trial: the chance to rule out a bar, and the people it takes (statistics b7)."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.estimate import Unestimable
from evaluations.uplift.power import PlannedPower, RatioPlan, people_needed, planned_power
from tests.evaluations.measured import ALPHA

PUBLISHED = RatioPlan(mean_control=24, sd_control=9, sd_treatment=21, true_ratio=2.1, bar=2.8)  # statistics b7

plans = st.builds(
    RatioPlan, mean_control=st.integers(10, 40), sd_control=st.integers(3, 20), sd_treatment=st.integers(3, 40),
    true_ratio=st.floats(0.5, 2.4), bar=st.sampled_from([2.5, 3.0, 5.0]),
)  # fmt: skip


def power(plan: RatioPlan, n_treatment: int, n_control: int, alpha: float = ALPHA) -> float:
    outcome = planned_power(plan, n_treatment, n_control, alpha)
    assert isinstance(outcome, PlannedPower), outcome
    return outcome.power


def needed(plan: RatioPlan, target: float, **more: Any) -> PlannedPower:
    outcome = people_needed(plan, target, **more)
    assert isinstance(outcome, PlannedPower), outcome
    return outcome


def with_ratio(true_ratio: Any, bar: Any = 2.8) -> RatioPlan:
    return RatioPlan(24, 9, 21, true_ratio, bar)


def test_the_published_trial_was_not_designed_to_rule_out() -> None:
    planned = planned_power(PUBLISHED, 10, 10)
    assert isinstance(planned, PlannedPower)
    assert planned.power == pytest.approx(0.33, abs=0.005)  # statistics b7
    assert planned.called == "not_designed_to_rule_out"
    assert needed(PUBLISHED, 0.8).n_treatment == 31
    assert needed(PUBLISHED, 0.8).called == "designed_to_rule_out"


@pytest.mark.parametrize(("n_treatment", "n_control"), [(10, 10), (20, 8), (8, 20), (5, 5)])
def test_the_chance_is_how_often_welchs_test_rejects_simulated_trials(n_treatment: int, n_control: int) -> None:
    drawing = np.random.Generator(np.random.PCG64(3))  # noqa: TID251 - the oracle
    model = drawing.normal(2.1 * 24, 21, (20_000, n_treatment))
    control = 2.8 * drawing.normal(24, 9, (20_000, n_control))
    p = stats.ttest_ind(model, control, equal_var=False, alternative="less", axis=1).pvalue
    assert power(PUBLISHED, n_treatment, n_control) == pytest.approx(float((p < ALPHA).mean()), abs=0.012)


@settings(max_examples=60, deadline=None)
@given(plans, st.integers(2, 200), st.integers(2, 200))
def test_more_people_raise_the_chance(plan: RatioPlan, n_treatment: int, n_control: int) -> None:
    few = power(plan, n_treatment, n_control)
    assert 0 < few <= power(plan, n_treatment + 5, n_control + 5) + 1e-12


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 280), st.integers(0, 280), st.integers(2, 100))
def test_the_chance_falls_as_the_truth_nears_the_bar(one: int, other: int, n: int) -> None:
    low, high = sorted((one / 100, other / 100))
    assert power(with_ratio(low), n, n) >= power(with_ratio(high), n, n) - 1e-12


@pytest.mark.parametrize("n", [2, 5, 50])
def test_at_the_bar_the_chance_is_the_error_level(n: int) -> None:
    assert power(with_ratio(2.8), n, n) == pytest.approx(ALPHA)
    assert power(with_ratio(3.5), n, n) < ALPHA


@settings(max_examples=40, deadline=None)
@given(plans, st.sampled_from([0.3, 0.5, 0.8, 0.9, 0.99]), st.sampled_from([1, 2, 0.5, 0.3]))
def test_one_person_fewer_would_be_too_few(plan: RatioPlan, target: float, controls: float) -> None:
    found = needed(plan, target, control_per_treatment=controls)
    assert found.n_control == max(2, math.ceil(found.n_treatment * controls))
    assert found.power == power(plan, found.n_treatment, found.n_control) >= target
    if found.n_treatment > 2:
        fewer = found.n_treatment - 1
        assert power(plan, fewer, max(2, math.ceil(fewer * controls))) < target


@pytest.mark.parametrize("true_ratio", [2.8, 3, 2.79999999])
def test_a_truth_at_the_bar_needs_more_people_than_there_are(true_ratio: float) -> None:
    outcome = people_needed(with_ratio(true_ratio), 0.8)
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == "power_out_of_reach"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"mean_control": 0}, "nonpositive_mean"),
        ({"mean_control": -1}, "nonpositive_mean"),
        ({"true_ratio": -1}, "nonpositive_mean"),
        ({"sd_control": 0}, "degenerate_control"),
        ({"sd_control": -1}, "negative_spread"),
        ({"sd_treatment": 0}, "all_values_equal"),
        ({"sd_treatment": -1}, "negative_spread"),
        ({"sd_treatment": math.nan}, "not_a_number"),
        ({"mean_control": None}, "not_a_number"),
        ({"mean_control": math.inf}, "not_a_number"),
        ({"mean_control": 1e-60}, "overflow"),
        ({"sd_treatment": 1e150}, "overflow"),
    ],
)
def test_a_plan_that_plans_nothing_is_refused(changed: Any, reason: str) -> None:
    plan = RatioPlan(**{"mean_control": 24, "sd_control": 9, "sd_treatment": 21, "true_ratio": 2.1, "bar": 2.8} | changed)
    for outcome in (planned_power(plan, 10, 10), people_needed(plan, 0.8)):
        assert isinstance(outcome, Unestimable)
        assert outcome.reason == reason


@pytest.mark.parametrize(
    ("n", "reason"), [(0, "no_observations"), (1, "one_observation"), (-2, "impossible_count"), (2.5, "impossible_count")]
)
def test_arms_without_people_are_refused(n: Any, reason: str) -> None:
    for counts in ((n, 10), (10, n)):
        outcome = planned_power(PUBLISHED, *counts)
        assert isinstance(outcome, Unestimable)
        assert outcome.reason == reason


def test_no_controls_for_a_person_are_refused() -> None:
    outcome = people_needed(PUBLISHED, 0.8, control_per_treatment=0)
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == "impossible_count"


@pytest.mark.parametrize("bar", [0, -1, math.nan, math.inf])
def test_a_bar_that_is_no_positive_ratio_is_the_callers_mistake(bar: float) -> None:
    with pytest.raises(ValueError, match="found the bar"):
        planned_power(with_ratio(1, bar), 10, 10)


@pytest.mark.parametrize("target", [0, 1, 1.2, math.nan])
def test_a_target_that_is_no_probability_is_the_callers_mistake(target: float) -> None:
    with pytest.raises(ValueError, match="target power"):
        people_needed(PUBLISHED, target)


@pytest.mark.parametrize("n", [2, 10**6])
def test_a_truth_far_below_the_bar_is_ruled_out_for_sure(n: int) -> None:
    assert power(RatioPlan(1, 1e-7, 1e-7, 0.5, 2.8), n, n) == 1
    assert power(RatioPlan(1, 1e-7, 1e-7, 5, 2.8), n, n) == 0
