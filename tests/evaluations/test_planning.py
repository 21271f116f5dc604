"""Planning a score: the chance that the bound which will decide rules out a bar, and how many items that takes (statistics a1, b7, c8)."""

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.estimate import Unestimable
from evaluations.planning import (
    ItemsNeeded,
    SharePower,
    SnapshotPlan,
    SnapshotPower,
    designed_to_rule_out,
    items_needed,
    share_power,
    snapshots_power,
)
from evaluations.proportions import item_beta
from tests.evaluations.measured import ALPHA


def chance_of(items: int, truth: Any, bar: Any, alpha: float = ALPHA) -> SharePower:
    outcome = share_power(items, truth, bar, alpha)
    assert isinstance(outcome, SharePower), outcome
    return outcome


def simulated(seed: int = 1, replicates: int = 400, **more: Any) -> SnapshotPower:
    plan = SnapshotPlan(**{"items": 42, "snapshots": 6, "attempts": 5, "truth": 0.35, "bar": 0.5} | more)
    outcome = snapshots_power(plan, seed, replicates)
    assert isinstance(outcome, SnapshotPower), outcome
    return outcome


@pytest.mark.parametrize(("items", "truth", "bar"), [(42, 0.35, 0.5), (100, 0.1, 0.2), (17, 0.02, 0.2), (60, 0.8, 0.9), (30, 0.5, 0.4)])
def test_the_chance_is_the_sum_over_counts_that_the_exact_binomial_test_rejects(items: int, truth: float, bar: float) -> None:
    rejected = [x for x in range(items + 1) if stats.binomtest(x, items, bar, alternative="less").pvalue < ALPHA]
    expected = math.fsum(stats.binom.pmf(x, items, truth) for x in rejected)
    found = chance_of(items, truth, bar)
    assert found.power == pytest.approx(expected, rel=1e-9)
    assert found.most_passed == max(rejected, default=None)


@pytest.mark.parametrize(("bar", "fewest"), [(0.5, 6), (0.2, 17), (0.1, 36), (0.05, 72), (0.01, 368)])  # statistics a1
def test_no_successes_rule_out_from_the_number_of_items_on_that_the_design_states(bar: float, fewest: int) -> None:
    assert chance_of(fewest, 0, bar).power == 1
    assert chance_of(fewest - 1, 0, bar) == SharePower(fewest - 1, 0.0, None)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 150), st.integers(1, 99), st.integers(1, 99), st.integers(5, 95))
def test_the_chance_falls_as_the_truth_nears_the_bar(items: int, one: int, other: int, bar: int) -> None:
    low, high = sorted((one, other))
    assert chance_of(items, Fraction(low, 100), Fraction(bar, 100)).power >= chance_of(items, Fraction(high, 100), Fraction(bar, 100)).power


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 300), st.integers(5, 95))
def test_at_the_bar_the_chance_is_that_of_a_false_rule_out(items: int, bar: int) -> None:
    assert chance_of(items, Fraction(bar, 100), Fraction(bar, 100)).power <= ALPHA + 1e-12


def test_every_larger_number_of_items_keeps_the_chance() -> None:
    found = items_needed(Fraction(35, 100), Fraction(1, 2), 0.8, held_to=200)
    assert isinstance(found, ItemsNeeded)
    reached = {n: chance_of(n, Fraction(35, 100), Fraction(1, 2)).power >= 0.8 for n in range(2, 201)}
    assert found.first == min(n for n, enough in reached.items() if enough)
    assert not reached[found.items - 1]
    assert all(reached[n] for n in range(found.items, 201))
    assert found.first < found.items  # the teeth: between the two the chance falls below the target again


@pytest.mark.parametrize(("truth", "held_to"), [(0.5, 100), (0.6, 100), (0.45, 100)])
def test_a_chance_that_no_number_of_items_gives_is_refused(truth: float, held_to: int) -> None:
    outcome = items_needed(truth, 0.5, 0.8, held_to=held_to)
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == "power_out_of_reach"


@pytest.mark.parametrize(
    ("items", "truth", "reason"),
    [
        (0, 0.3, "no_observations"),
        (1, 0.3, "one_observation"),
        (-3, 0.3, "impossible_count"),
        (9, 1.2, "off_scale"),
        (9, -0.1, "off_scale"),
        (9, math.nan, "not_a_number"),
        (9, None, "not_a_number"),
    ],
)
def test_a_plan_without_items_or_without_a_share_is_refused(items: int, truth: Any, reason: str) -> None:
    for outcome in (share_power(items, truth, 0.5), snapshots_power(SnapshotPlan(items, 6, 5, truth, 0.5), 1)):
        assert isinstance(outcome, Unestimable)
        assert outcome.reason == reason


@pytest.mark.parametrize(
    ("snapshots", "attempts", "reason"), [(0, 5, "no_observations"), (6, 0, "no_observations"), (6, 10**6, "overflow")]
)
def test_a_plan_without_snapshots_or_attempts_is_refused(snapshots: int, attempts: int, reason: str) -> None:
    outcome = snapshots_power(SnapshotPlan(42, snapshots, attempts, 0.3, 0.5), 1)
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == reason


@pytest.mark.parametrize("bar", [0, 1, 1.5, math.nan])
def test_a_bar_that_is_no_share_is_the_callers_mistake(bar: float) -> None:
    for ask in (lambda: share_power(9, 0.3, bar), lambda: items_needed(0.3, bar, 0.8), lambda: simulated(bar=bar)):
        with pytest.raises(ValueError, match="found the bar"):
            ask()


@pytest.mark.parametrize("target", [0, 1, math.nan])
def test_a_target_that_is_no_probability_is_the_callers_mistake(target: float) -> None:
    with pytest.raises(ValueError, match="target power"):
        items_needed(0.3, 0.5, target)


@pytest.mark.parametrize(
    ("power", "word"), [(0.5, "designed_to_rule_out"), (0.49999, "not_designed_to_rule_out"), (1, "designed_to_rule_out")]
)
def test_under_one_half_nothing_is_designed_to_rule_out(power: float, word: str) -> None:
    assert designed_to_rule_out(power) == word


@pytest.mark.parametrize("power", [-0.1, 1.1, math.nan])
def test_what_is_no_probability_designs_nothing(power: float) -> None:
    with pytest.raises(ValueError, match="found the power"):
        designed_to_rule_out(power)


@pytest.mark.parametrize(("items", "truth", "percent"), [(42, 0.35, 9), (100, 0.35, 72), (200, 0.35, 100), (42, 0.25, 85)])  # statistics c8
def test_six_snapshots_come_out_as_measured(items: int, truth: float, percent: int) -> None:
    found = simulated(replicates=1_000, items=items, truth=truth)
    assert found.power == pytest.approx(percent / 100, abs=4 * found.standard_error + 0.01)


def test_one_attempt_on_one_snapshot_is_the_exact_chance() -> None:
    found = simulated(replicates=4_000, snapshots=1, attempts=1)
    assert found.power == pytest.approx(chance_of(42, 0.35, 0.5).power, abs=4 * found.standard_error)


def test_a_simulated_assessment_is_decided_by_the_bound_that_decides() -> None:
    most = simulated().most_passed
    assert most is not None
    assert item_beta(Fraction(most, 5), 42).upper(ALPHA) < 0.5 <= item_beta(Fraction(most + 1, 5), 42).upper(ALPHA)


def test_more_snapshots_never_raise_the_chance() -> None:
    powers = [simulated(replicates=1_000, items=100, snapshots=count).power for count in (1, 3, 9)]
    assert powers == sorted(powers, reverse=True)


def test_the_same_seed_gives_the_same_chance() -> None:
    assert simulated(seed=3) == simulated(seed=3)
    assert simulated(seed=3, items=100).power != simulated(seed=4, items=100).power


@pytest.mark.parametrize(("truth", "power"), [(0, 1.0), (1, 0.0)])
def test_sure_items_are_sure(truth: int, power: float) -> None:
    assert simulated(truth=truth).power == power


def test_items_too_few_for_any_rule_out_have_no_chance() -> None:
    assert simulated(items=5, truth=0).power == 0


@pytest.mark.parametrize("more", [{"item_correlation": 0.0}, {"item_correlation": 1.0}, {"shared": 1.1}, {"alpha": 0.7}])
def test_an_impossible_setting_is_the_callers_mistake(more: Any) -> None:
    with pytest.raises(ValueError, match="found"):
        simulated(**more)


def test_too_few_replicates_are_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="found 10 replicates"):
        simulated(replicates=10)
