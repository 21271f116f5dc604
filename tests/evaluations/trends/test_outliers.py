"""One point against the trend of the others."""

import math

import pytest
from hypothesis import given, settings

from evaluations.estimate import Unestimable
from evaluations.trends.lines import LinePoint, TrendLine, trend_line
from evaluations.trends.outliers import TrendOutlier, trend_outlier
from tests.evaluations.trends.points import along, lines

HELD = along([10.0, 13.0, 19.0, 20.0, 26.0, 15.0])


def judged(held: list[LinePoint], index: int) -> TrendOutlier:
    found = trend_outlier(held, "linear", index)
    assert isinstance(found, TrendOutlier)
    return found


@given(lines(least=5))
@settings(max_examples=60, deadline=None)
def test_it_is_the_error_of_predicting_the_point_from_the_others(held: list[LinePoint]) -> None:
    found, line = trend_outlier(held, "linear", 0), trend_line(held[1:], "linear")
    if isinstance(found, Unestimable) or isinstance(line, Unestimable):
        return
    assert found.residual == pytest.approx((held[0].y - line.fit(held[0].x)) / line.model_error(held[0].x), rel=1e-9, abs=1e-12)
    assert found.degrees_of_freedom == line.degrees_of_freedom == len(held) - 3


@pytest.mark.parametrize("side", [0, 1])
def test_a_point_at_the_end_of_the_prediction_band_has_just_that_probability(side: int) -> None:
    line = trend_line(HELD[:5], "linear")
    assert isinstance(line, TrendLine)
    end = line.prediction_band(5, 0.025)[side]
    found = judged([*HELD[:5], LinePoint(5, end)], 5)
    assert (found.p_low, found.p_high)[side] == pytest.approx(0.025, abs=1e-12)


def test_both_sides_together_are_certain() -> None:
    found = judged(HELD, 5)
    assert found.p_low < 0.05
    assert found.p_low + found.p_high == pytest.approx(1)


def test_the_order_of_the_others_changes_no_byte() -> None:
    assert judged([HELD[5], *HELD[4::-1]], 0) == judged(HELD, 5)


@pytest.mark.parametrize(
    ("held", "index", "reason"),
    [
        (HELD[:3], 0, "fewer_than_4_points"),
        (along([1, 2, 3, 9.0]), 3, "all_values_equal"),
        (along([1, 2, 3, 9.0, 5], [1, 1, 1, 1, 2]), 4, "no_spread_along_the_axis"),
        (along([1, 2, 4, math.nan]), 0, "not_a_number"),
        (along([5, 5, 5, 5, 5]), 2, "all_values_equal"),
    ],
)
def test_there_is_no_trend_to_fall_out_of(held: list[LinePoint], index: int, reason: str) -> None:
    found = trend_outlier(held, "linear", index)
    assert isinstance(found, Unestimable)
    assert found.reason == reason


@pytest.mark.parametrize("index", [-1, 6])
def test_the_point_is_one_of_them(index: int) -> None:
    with pytest.raises(ValueError, match="expected one of them"):
        trend_outlier(HELD, "linear", index)
