"""Repeated looks at one trial: what each look may spend, and estimates that are asked at that level (statistics b8)."""

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.estimate import Estimate, Unestimable, negated
from evaluations.proportions import clopper_pearson
from evaluations.records import SpreadKind
from evaluations.summaries import EnvelopeEstimate
from evaluations.trials import Look, UpliftTrial
from evaluations.uplift.arms import ArmSummary
from evaluations.uplift.looks import LookedAt, SequentialBounds, looked_at, nominal_level, sequential_bounds, spent
from evaluations.uplift.ratios import fieller_welch
from evaluations.uplift.trial import model_arm_mean, trial_ratio
from tests.evaluations.measured import ALPHA, ends, estimated, people, published, trial, version

PERCENT = version()
FIVE = [0.2, 0.4, 0.6, 0.8, 1]

alphas = st.one_of(st.sampled_from([0.05, 0.025, 0.0125, 0.025 / 6, 0.5]), st.floats(1e-6, 0.5))


def bounds(fractions: Any, alpha: float = ALPHA) -> SequentialBounds:
    outcome = sequential_bounds(fractions, alpha)
    assert isinstance(outcome, SequentialBounds), outcome
    return outcome


def look(taken: int, *planned: float) -> Look:
    return Look(taken=taken, planned_fractions=tuple(Decimal(repr(each)) for each in planned))


def ratio() -> Estimate:
    arms = [50, 60, 45, 70, 66, 52, 30, 80], [20, 25, 30, 24, 19, 33, 21, 28]
    return estimated(fieller_welch(ArmSummary.of_scores(arms[0]), ArmSummary.of_scores(arms[1])))


looks = st.one_of(
    st.integers(1, 4).map(look),
    st.lists(st.integers(1, 99), min_size=0, max_size=3, unique=True).flatmap(
        lambda each: st.integers(1, len(each) + 1).map(lambda taken: look(taken, *(one / 100 for one in sorted(each)), 1))
    ),
)
inners = st.sampled_from([ratio(), clopper_pearson(9, 60), clopper_pearson(0, 12), negated(ratio())])


def test_five_equal_looks_have_the_published_boundaries() -> None:
    assert bounds(FIVE).z == pytest.approx((4.877, 3.357, 2.680, 2.290, 2.031), abs=0.0006)  # statistics b8


def chance_to_stop(fractions: list[float], z: tuple[float, ...]) -> float:
    """1 - P(no boundary crossed), from the multivariate normal of all looks at once."""
    covariance = [[math.sqrt(min(one, other) / max(one, other)) for other in fractions] for one in fractions]
    reachable = [min(each, 9.0) for each in z]
    return 1 - float(stats.multivariate_normal(cov=covariance, seed=1).cdf(np.array(reachable)))


@pytest.mark.parametrize("fractions", [[0.5, 1.0], [0.3, 0.7, 1.0], [0.1, 0.2, 0.9, 1.0], [0.45, 0.5, 0.55]])
@pytest.mark.parametrize("alpha", [0.025, 0.1])
def test_the_looks_together_spend_what_they_may_in_the_multivariate_normal(fractions: list[float], alpha: float) -> None:
    found = bounds(fractions, alpha)
    for taken in range(1, len(fractions) + 1):
        together = chance_to_stop(fractions[:taken], found.z[:taken])
        assert together == pytest.approx(found.cumulative[taken - 1], abs=3e-5)  # that routine is good to 1e-5


def test_all_looks_together_spend_the_whole_error() -> None:
    assert bounds(FIVE).cumulative[-1] == ALPHA
    assert bounds([0.4, 0.8]).cumulative[-1] == spent(0.8, ALPHA) < ALPHA


def test_one_planned_look_is_no_correction() -> None:
    assert bounds([1]).nominal == (ALPHA,)
    assert ends(estimated(looked_at(ratio(), look(1, 1)))) == ends(ratio())


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 8), alphas)
def test_equal_looks_may_spend_more_the_later_they_are(count: int, alpha: float) -> None:
    found = bounds([(place + 1) / count for place in range(count)], alpha)
    assert list(found.nominal) == sorted(found.nominal)
    assert list(found.cumulative) == sorted(found.cumulative)
    assert found.nominal[-1] < alpha


@settings(max_examples=60, deadline=None)
@given(looks, alphas, alphas)
def test_a_look_never_has_more_than_the_whole_error_and_less_of_a_smaller_one(at: Look, one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert nominal_level(at, large) <= large
    assert nominal_level(at, small) <= nominal_level(at, large) * (1 + 1e-9)


def test_unplanned_looks_spend_a_half_and_then_a_quarter() -> None:
    assert [nominal_level(look(taken), ALPHA) for taken in (1, 2, 3)] == [ALPHA / 2, ALPHA / 4, ALPHA / 8]
    assert sum(nominal_level(look(taken), ALPHA) for taken in range(1, 60)) <= ALPHA


@pytest.mark.parametrize(
    ("fractions", "reason"),
    [
        ([], "no_observations"),
        ([0, 1], "off_scale"),
        ([0.5, 1.1], "off_scale"),
        ([-0.5, 1], "off_scale"),
        ([0.5, 0.5, 1], "looks_out_of_order"),
        ([0.6, 0.4, 1], "looks_out_of_order"),
        ([0.5, 0.5001, 1], "looks_out_of_order"),
        ([0.5, math.nan], "not_a_number"),
        ([0.5, None], "not_a_number"),
    ],
)
def test_looks_that_do_not_follow_each_other_are_refused(fractions: Any, reason: str) -> None:
    outcome = sequential_bounds(fractions, ALPHA)
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == reason


@pytest.mark.parametrize("alpha", [0, 0.6, math.nan])
def test_an_impossible_error_level_is_the_callers_mistake(alpha: float) -> None:
    with pytest.raises(ValueError, match="error level"):
        sequential_bounds(FIVE, alpha)


def test_a_look_too_early_to_spend_anything_has_no_boundary() -> None:
    found = bounds([0.0001, 0.5, 1])
    assert (found.z[0], found.nominal[0]) == (math.inf, 0)
    assert found.z[1:] == pytest.approx(bounds([0.5, 1]).z)


@pytest.mark.parametrize("at", [look(1, 0.02, 1), look(1, 0.0001, 0.5, 1), look(60), look(10**12)])
def test_a_look_that_may_spend_next_to_nothing_has_no_bound(at: Look) -> None:
    estimate = estimated(looked_at(ratio(), at))
    assert ends(estimate) == (-math.inf, math.inf)
    assert estimate.p_below(10**6) > 10 * ALPHA
    assert estimate.p_above(-1) > 10 * ALPHA


@settings(max_examples=60, deadline=None)
@given(inners, looks, alphas)
def test_a_look_is_never_narrower_than_the_same_figures_without_looks(inner: Estimate, at: Look, alpha: float) -> None:
    estimate = estimated(looked_at(inner, at))
    assert estimate.lower(alpha) <= inner.lower(alpha)
    assert estimate.upper(alpha) >= inner.upper(alpha)
    assert estimate.point == inner.point


@settings(max_examples=40, deadline=None)
@given(inners, looks, alphas, st.floats(0.01, 0.99))
def test_bounds_at_a_look_agree_with_its_p(inner: Estimate, at: Look, alpha: float, place: float) -> None:
    estimate = estimated(looked_at(inner, at))
    lower, upper = estimate.lower(alpha), estimate.upper(alpha)
    low, high = (end if math.isfinite(end) else inner.value + side for end, side in ((lower, -5), (upper, 5)))
    bar = low + place * 1.5 * (high - low)
    assume(all(abs(bar - end) > 1e-9 for end in (lower, upper)))
    assert (estimate.p_below(bar) < alpha) == (upper < bar)
    assert (estimate.p_above(bar) <= alpha) == (lower >= bar)


@settings(max_examples=30, deadline=None)
@given(inners, looks, st.floats(-3, 5), st.floats(-3, 5))
def test_a_higher_bar_is_ruled_out_with_no_more_doubt(inner: Estimate, at: Look, one: float, other: float) -> None:
    estimate, (low, high) = estimated(looked_at(inner, at)), sorted((one, other))
    assert estimate.p_below(high) <= estimate.p_below(low) * (1 + 1e-9)
    assert estimate.p_above(low) <= estimate.p_above(high) * (1 + 1e-9)


def test_a_look_says_which_it_is() -> None:
    planned, unplanned = estimated(looked_at(ratio(), look(2, 0.3, 0.6, 1))), estimated(looked_at(ratio(), look(2)))
    assert planned.notes[-1].startswith("Look 2 of 3 planned: ")
    assert planned.notes[-1].endswith("if the looks were taken at these shares of the participants: 0.3, 0.6, 1.")
    assert "not planned: it spends 1/4 of the error" in unplanned.notes[-1]
    assert planned.method == ratio().method


def test_a_refusal_stays_what_it_is() -> None:
    refusal = Unestimable("one_observation", "one participant in the control arm")
    assert looked_at(refusal, look(1)) is refusal


def test_planned_looks_that_are_one_look_leave_the_point_alone() -> None:
    outcome = looked_at(ratio(), look(1, 0.5, 0.5001, 1))
    assert isinstance(outcome, Unestimable)
    assert (outcome.reason, outcome.point) == ("looks_out_of_order", ratio().point)


def watched(*cohorts: Any, at: Look) -> UpliftTrial:
    return trial(*cohorts).model_copy(update={"look": at})


GROUP = people("one", [50, 60, 45, 70, 66, 52, 30, 80], [20, 25, 30, 24, 19, 33, 21, 28])


@pytest.mark.parametrize("measure", [trial_ratio, model_arm_mean])
def test_a_trial_looked_at_is_judged_at_the_level_of_its_look(measure: Any) -> None:
    complete, early = estimated(measure(trial(GROUP), PERCENT)), estimated(measure(watched(GROUP, at=look(1, 0.5, 1)), PERCENT))
    level = bounds([0.5, 1]).nominal[0]
    assert ends(early) == ends(complete, level)
    assert early.upper(ALPHA) > complete.upper(ALPHA)


@pytest.mark.parametrize("measure", [trial_ratio, model_arm_mean])
def test_every_reading_of_an_undefined_plus_minus_is_seen_at_the_look(measure: Any) -> None:
    complete = estimated(measure(trial(*published(n=10)), PERCENT))
    early = estimated(measure(watched(*published(n=10), at=look(2)), PERCENT))
    assert isinstance(complete, EnvelopeEstimate)
    assert isinstance(early, LookedAt)
    assert ends(early) == ends(complete, ALPHA / 4)
    assert [each.name for each in early.readings] == [each.name for each in complete.readings]
    for seen, plain in zip(early.readings, complete.readings, strict=True):
        if isinstance(plain.estimate, Estimate):
            assert ends(estimated(seen.estimate)) == ends(plain.estimate, ALPHA / 4)
    stated = estimated(measure(watched(*published(SpreadKind.STANDARD_DEVIATION, 10), at=look(2)), PERCENT))
    assert early.upper(ALPHA) >= stated.upper(ALPHA)
