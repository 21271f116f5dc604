"""Lines through points of which some stand at a ceiling."""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from evaluations.estimate import Unestimable
from evaluations.trends.ceilings import CensoredLine, censored_trend
from evaluations.trends.lines import LinePoint, LineScale, TrendLine, trend_line
from tests.evaluations.trends.points import along

SHARES = [0.21, 0.38, 0.33, 0.71, 0.83, 0.96, 0.97]


def fitted(held: list[LinePoint], scale: LineScale = "logit", ceiling: Any = Fraction(95, 100)) -> CensoredLine:
    line = censored_trend(held, scale, ceiling)
    assert isinstance(line, CensoredLine)
    return line


def likelihood(numbers: Any, x: list[float], y: list[float], top: float) -> float:
    """The likelihood as Tobin wrote it down, in intercept, slope and standard deviation."""
    intercept, slope, sd = numbers
    if sd <= 0:
        return -math.inf
    return float(
        sum(
            stats.norm.logpdf(height, intercept + slope * at, sd) if height < top else stats.norm.logsf(top, intercept + slope * at, sd)
            for at, height in zip(x, y, strict=True)
        )
    )


@pytest.mark.parametrize("heights", [[1, 3, 2, 6, 8, 9, 9], [1, 3, 9, 2, 9, 8, 5], [5, 9, 4, 3, 9, 2, 9]])
def test_no_other_line_is_more_likely(heights: list[float]) -> None:
    x = [0.0, 1, 2, 3, 4, 5, 6]
    line = fitted(along(heights), "linear", 9)
    best = optimize.minimize(
        lambda at: -likelihood(at, x, heights, 9), (line.intercept + 0.3, line.slope - 0.2, line.residual_sd * 1.3), method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000},
    )  # fmt: skip
    assert (line.intercept, line.slope, line.residual_sd) == pytest.approx(best.x, abs=1e-5)
    assert line.log_likelihood == pytest.approx(-best.fun, abs=1e-9)
    assert line.n_censored == heights.count(9)


def test_without_a_point_at_the_ceiling_it_is_the_plain_line() -> None:
    line, plain = fitted(along(SHARES[:5])), trend_line(along(SHARES[:5]), "logit")
    assert isinstance(plain, TrendLine)
    assert (line.intercept, line.slope) == pytest.approx((plain.intercept, plain.slope), rel=1e-9)
    assert line.residual_sd == pytest.approx(plain.residual_sd * math.sqrt(3 / 5), rel=1e-9)  # divided by n, not by n - 2
    assert (line.n_censored, line.notes) == (0, ())


def test_how_far_a_point_stands_above_the_ceiling_changes_nothing() -> None:
    assert fitted(along([*SHARES[:5], 0.95, 1.0])) == fitted(along(SHARES))


def test_a_point_at_the_ceiling_never_pulls_the_line_down() -> None:
    """Read as it stands it would: the plain line through the same heights rises less."""
    censored, plain = (
        fitted(along([1, 3, 5, 7, 7, 7.0], [0, 1, 2.1, 3, 4, 5]), "linear", 7),
        trend_line(along([1, 3, 5, 7, 7, 7]), "linear"),
    )
    assert isinstance(plain, TrendLine)
    assert censored.slope > plain.slope


@given(st.permutations(along(SHARES)))
@settings(max_examples=25, deadline=None)
def test_the_order_of_points_changes_no_byte(held: list[LinePoint]) -> None:
    assert fitted(held) == fitted(along(SHARES))


@given(st.floats(1e-3, 1e3), st.integers(-1000, 1000))
@settings(max_examples=40, deadline=None)
def test_the_unit_of_the_axis_does_not_matter(unit: float, start: int) -> None:
    moved = fitted([replace(each, x=start + unit * float(each.x)) for each in along(SHARES)])
    assert moved.slope * unit == pytest.approx(fitted(along(SHARES)).slope, rel=1e-6)


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (along([0.5, 0.6, 0.9]), "fewer_than_4_points"),
        (along([0.5, 0.6, 0.9, math.nan]), "not_a_number"),
        (along([0.5, 0.6, 0.9, 1.1]), "off_scale"),
        (along([0.5, 0.0, 0.9, 0.99]), "off_scale"),
        (along([0.5, 0.96, 0.97, 0.98]), "saturated"),
        (along([0.4, 0.5, 0.96, 0.97]), "saturated"),
        (along([0.4, 0.5, 0.45, 0.97], [1, 1, 1, 1]), "no_spread_along_the_axis"),
        (along([0.4, 0.5, 0.45, 0.97, 0.98], [1, 1, 1, 2, 3]), "no_spread_along_the_axis"),
        (along([0.5, 0.5, 0.5, 0.97]), "all_values_equal"),
    ],
)
def test_there_is_no_line(held: list[LinePoint], reason: str) -> None:
    line = censored_trend(held)
    assert isinstance(line, Unestimable)
    assert line.reason == reason


@pytest.mark.parametrize("ceiling", [math.nan, 1, 0, 1.5])
def test_a_ceiling_lies_within_the_scale(ceiling: float) -> None:
    with pytest.raises(ValueError, match="expected one within the scale"):
        censored_trend(along(SHARES), "logit", ceiling)


def test_points_far_beyond_the_others_overflow_nothing() -> None:
    line = censored_trend(along([1, 3, 2, 4, 9, 9.0], [0, 1, 2, 3, 1e9, 1e12]), "linear", 9)
    assert isinstance(line, CensoredLine)
    assert math.isfinite(line.slope)
