"""Bends at a stated place: the ratio of slopes, its interval, and what is no test."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations.estimate import Unestimable
from evaluations.trends.bends import SlopeRatio, slope_ratio
from evaluations.trends.lines import LinePoint
from evaluations.uplift.ratios import FiellerEstimate, fieller_covariance
from tests.evaluations.trends.points import along, lines

BENT = along([1.0, 2.2, 2.9, 4.1, 5.0, 7.2, 8.7, 11.1])


def bent(held: list[LinePoint] = BENT, at: float = 4) -> SlopeRatio:
    found = slope_ratio(held, "linear", at, "before_looking")
    assert isinstance(found, SlopeRatio)
    return found


def by_least_squares(held: list[LinePoint], *columns: list[float]) -> tuple[list[float], float]:
    design, y = np.column_stack(([1.0] * len(held), *columns)), np.array([float(each.y) for each in held])
    found, rss, *_ = np.linalg.lstsq(design, y, rcond=None)
    return found.tolist(), float(rss[0])


def test_the_bent_line_and_the_jump_are_least_squares() -> None:
    found, x = bent(), [float(each.x) for each in BENT]
    (_, before, change), rss = by_least_squares(BENT, x, [max(each - 4, 0) for each in x])
    (_, _, jump), rss_jump = by_least_squares(BENT, x, [float(each >= 4) for each in x])
    assert (found.slope_before, found.slope_after, found.rss_bend) == pytest.approx((before, before + change, rss))
    assert (found.jump, found.rss_jump, found.rss_line) == pytest.approx((jump, rss_jump, by_least_squares(BENT, x)[1]))


@pytest.mark.parametrize("alpha", [0.005, 0.025, 0.1, 0.4])
def test_the_interval_is_that_of_the_general_form_of_fieller(alpha: float) -> None:
    found = bent()
    means = Fraction(found.slope_after), Fraction(found.slope_before)
    variances = found.variance_after, found.variance_before
    other = fieller_covariance(means, variances, found.covariance, found.degrees_of_freedom)
    assert isinstance(other, FiellerEstimate)
    lower, upper, shape = found.bounds(alpha)
    assert (lower, upper, shape) == (pytest.approx(other.fieller_lower(alpha)), pytest.approx(other.upper(alpha)), "bounded")


@given(lines(least=7), st.floats(0.005, 0.45))
@settings(max_examples=80, deadline=None)
def test_the_ratio_lies_in_its_interval(held: list[LinePoint], alpha: float) -> None:
    found = slope_ratio(held, "linear", sorted(each.x for each in held)[-3], "before_looking")
    if isinstance(found, SlopeRatio):
        lower, upper, shape = found.bounds(alpha)
        slack = 1e-9 * (1 + abs(found.ratio))
        assert lower - slack <= found.ratio <= upper + slack
        assert (shape == "bounded") == (upper < math.inf)
        wider_lower, wider_upper, _ = found.bounds(alpha / 2)
        assert wider_lower <= lower + slack
        assert wider_upper >= upper - slack


def test_a_falling_trend_bends_like_its_mirror_image() -> None:
    mirrored = bent([replace(each, y=-each.y) for each in BENT])
    assert mirrored.ratio == bent().ratio
    assert mirrored.bounds(0.025) == pytest.approx((*bent().bounds(0.025)[:2], "bounded"))
    assert mirrored.bend_p == bent().bend_p


def test_a_flat_beginning_leaves_the_ratio_without_an_upper_end() -> None:
    _, upper, shape = bent(along([1.0, 1.3, 0.9, 1.2, 1.25, 3.2, 5.3, 7.1])).bounds(0.025)
    assert (upper, shape) == (math.inf, "upper_unbounded")


def test_a_beginning_and_an_end_that_show_nothing_have_no_ratio_at_all() -> None:
    assert bent(along([1.0, 1.9, 0.4, 1.7, 0.8, 1.3, 0.6, 1.5])).bounds(0.025) == (-math.inf, math.inf, "whole_line")


def test_a_bend_found_by_looking_has_no_p() -> None:
    found = slope_ratio(BENT, "linear", 4, "after_looking")
    assert isinstance(found, SlopeRatio)
    assert (found.bend_p, len(found.notes)) == (None, 1)
    assert found.bounds(0.025) == bent().bounds(0.025)
    assert bent().bend_p is not None


def test_a_jump_is_described_better_as_a_jump() -> None:
    found = bent(along([1.0, 2.1, 2.9, 4.1, 8.0, 9.1, 9.9, 11.0]))
    assert found.jump == pytest.approx(3, abs=0.3)
    assert found.aic["jump"] < found.aic["bend"]
    assert bent().aic["bend"] < bent().aic["jump"]


@given(st.permutations(BENT))
@settings(max_examples=25, deadline=None)
def test_the_order_of_points_changes_no_byte(held: list[LinePoint]) -> None:
    assert bent(held) == bent()


@pytest.mark.parametrize(
    ("held", "at", "reason"),
    [
        (BENT[:3], 1, "fewer_than_6_points"),
        (BENT[:5], 2, "fewer_than_6_points"),
        (BENT, 5.5, "fewer_than_6_points"),
        (BENT, 0, "no_spread_along_the_axis"),
        (along([1, 2, 3, 5, 4, 6], [0, 1, 2, 3, 3, 3]), 3, "no_spread_along_the_axis"),
        (along([0, 1, 2, 3, 4, 6, 8, 10]), 4, "all_values_equal"),
        (along([1, 2, 4, 4, 5, math.nan]), 3, "not_a_number"),
        (along([3, 3, 3, 3, 3, 3, 3]), 3, "all_values_equal"),
    ],
)
def test_there_is_no_bend_to_speak_of(held: list[LinePoint], at: float, reason: str) -> None:
    found = slope_ratio(held, "linear", at, "before_looking")
    assert isinstance(found, Unestimable)
    assert found.reason == reason


def test_a_breakpoint_is_a_number() -> None:
    with pytest.raises(ValueError, match="expected a number"):
        slope_ratio(BENT, "linear", math.nan, "before_looking")
