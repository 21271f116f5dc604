"""When a trend reaches a bar: probabilities, places, and what may be said of them."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations.estimate import Unestimable
from evaluations.records import RiskierWhen
from evaluations.trends.crossings import (
    CrossingDistribution,
    CrossingWindow,
    Forecast,
    Of,
    crossing_distribution,
    crossing_window,
    extremes,
    forecast,
)
from evaluations.trends.lines import LinePoint
from tests.evaluations.trends.points import along, lines, metr

RISING = along([10, 13, 19, 20, 26, 31])
RANK = {"already": -math.inf}


def crossing(held: list[LinePoint], bar: float, riskier_when: RiskierWhen = RiskierWhen.HIGHER) -> CrossingDistribution:
    found = crossing_distribution(held, "linear", bar, riskier_when)
    assert isinstance(found, CrossingDistribution)
    return found


@pytest.mark.parametrize(
    ("since", "bar", "day"),
    [
        ("", 2400, date(2027, 11, 9)),
        ("2023", 2400, date(2026, 12, 27)),
        ("2024", 10020, date(2027, 4, 15)),
        ("", 10020, date(2028, 11, 30)),
    ],
)
def test_the_line_meets_a_bar_on_the_day_the_table_says(since: str, bar: float, day: date) -> None:
    found = crossing_distribution(metr(since=since), "log", bar)
    assert isinstance(found, CrossingDistribution)
    assert abs(found.point_crossing - day.toordinal()) < 1
    assert found.place(0.5, "line") == pytest.approx(found.point_crossing, abs=1e-6)


@pytest.mark.parametrize("of", ["line", "next_model"])
def test_the_probability_at_a_place_is_the_probability_asked_for(of: Of) -> None:
    found = crossing(RISING, 45)
    for probability in (0.1, 0.5, 0.9):
        place = found.place(probability, of)
        assert isinstance(place, float)
        assert found.probability(place, of) == pytest.approx(probability, abs=1e-12)
        assert found.probability(math.nextafter(place, -math.inf), of) < probability


@given(lines(), st.integers(-300, 300), st.sampled_from(RiskierWhen), st.sampled_from(["line", "next_model"]))
@settings(max_examples=120, deadline=None)
def test_places_are_ordered_and_are_the_first_where_the_probability_is_reached(
    held: list[LinePoint], bar: int, riskier_when: RiskierWhen, of: Of
) -> None:
    found = crossing_distribution(held, "linear", bar, riskier_when)
    if isinstance(found, Unestimable):
        return
    levels = (0.05, 0.1, 0.5, 0.9, 0.95)
    places = [found.place(each, of) for each in levels]
    assert places == sorted(places, key=lambda each: RANK[each] if isinstance(each, str) else each)
    grid = found.line.x_high + np.concatenate((np.linspace(0, 500, 251), np.geomspace(501, 1e7, 60)))
    for level, place in zip(levels, places, strict=True):
        reached = [x for x in grid if found.probability(float(x), of) >= level]
        if place == "already":
            assert reached[:1] == [found.line.x_high]
        elif math.isinf(place):
            assert not reached
        else:
            assert all(x >= place - 1e-6 * abs(place) for x in reached)
            assert found.probability(place, of) >= level - 1e-12


@given(lines(), st.integers(-300, 300), st.sampled_from(["line", "next_model"]))
@settings(max_examples=60, deadline=None)
def test_what_has_been_reached_is_not_lost_again(held: list[LinePoint], bar: int, of: Of) -> None:
    found = crossing_distribution(held, "linear", bar)
    if isinstance(found, Unestimable):
        return
    places = [found.line.x_high + step for step in range(0, 400, 7)]
    so_far = [found.probability_by(x, of) for x in places]
    assert so_far == sorted(so_far)
    assert so_far[-1] >= max(found.probability(x, of) for x in places)


@given(lines(), st.integers(-300, 300))
@settings(max_examples=60, deadline=None)
def test_a_falling_metric_is_the_rising_one_mirrored(held: list[LinePoint], bar: int) -> None:
    found = crossing_distribution(held, "linear", bar)
    mirrored = crossing_distribution([replace(each, y=-each.y) for each in held], "linear", -bar, RiskierWhen.LOWER)
    if isinstance(found, Unestimable):
        assert found == mirrored
        return
    assert isinstance(mirrored, CrossingDistribution)
    assert mirrored.p_never == found.p_never
    assert [mirrored.place(each, "next_model") for each in (0.1, 0.5, 0.9)] == [found.place(each, "next_model") for each in (0.1, 0.5, 0.9)]


def test_a_further_model_may_be_early_and_late() -> None:
    found = crossing(RISING, 45)
    early, late = found.place(0.1, "next_model"), found.place(0.9, "next_model")
    assert isinstance(early, float)
    assert isinstance(late, float)
    assert early < found.place(0.1, "line") < found.place(0.9, "line") < late


def test_a_bar_that_is_reached_by_the_last_point_is_already_crossed() -> None:
    assert crossing(RISING, 12).place(0.9, "next_model") == "already"


def test_a_line_that_may_fall_has_no_late_place() -> None:
    found = crossing(along([20, 27, 18, 24]), 60)
    assert found.place(0.9, "line") == math.inf
    assert found.p_never > 0.1


def test_never_is_the_probability_that_the_slope_runs_the_other_way() -> None:
    up, down = crossing(RISING, 45), crossing(RISING, 5, RiskierWhen.LOWER)
    assert up.p_never == pytest.approx(up.line.slope_estimate().p_above(0), rel=1e-12)
    assert down.p_never == pytest.approx(1 - up.p_never)


def test_a_falling_line_above_the_bar_is_told_from_the_last_point_on() -> None:
    found = crossing(along([40, 33, 29, 26, 20]), 24)
    assert found.place(0.1, "line") == "already" or found.place(0.1, "line") == math.inf
    assert found.probability_by(50, "line") == found.probability(4, "line")


@pytest.mark.parametrize(("scale", "bar"), [("logit", 0), ("logit", 1), ("logit", 1.2), ("log", 0), ("log", -3)])
def test_a_bar_without_a_place_on_the_scale_has_no_crossing(scale: str, bar: float) -> None:
    found = crossing_distribution(along([0.1, 0.2, 0.25, 0.4]), scale, bar)  # type: ignore[arg-type]  # one word at a time
    assert isinstance(found, Unestimable)
    assert found.reason == "off_scale"


def test_a_bar_is_a_number() -> None:
    with pytest.raises(ValueError, match="expected a finite number"):
        crossing_distribution(RISING, "linear", math.nan)


@pytest.mark.parametrize("probability", [0, 1, math.nan, -0.1])
def test_a_probability_lies_between_none_and_all(probability: float) -> None:
    with pytest.raises(ValueError, match="probability"):
        crossing(RISING, 45).place(probability, "line")


def test_a_place_before_the_last_point_is_not_ahead() -> None:
    with pytest.raises(ValueError, match="at or after the last point"):
        crossing(RISING, 45).probability_by(3, "line")


# What a report may show.

DAYS = [0, 120, 260, 380, 500, 640]


def shown(y: list[float], x: list[float] | None = None, riskier_when: RiskierWhen = RiskierWhen.HIGHER) -> Forecast:
    found = forecast(along(y, x or DAYS[: len(y)]), "linear", "days", riskier_when)
    assert isinstance(found, Forecast)
    return found


def window(found: Forecast, bar: float) -> CrossingWindow:
    crossed = crossing_window(found, bar)
    assert isinstance(crossed, CrossingWindow)
    return crossed


@pytest.mark.parametrize(
    ("y", "x", "reason"),
    [
        ([10, 13, 19], [0, 300, 600], "fewer_than_4_points"),
        ([10, 13, 19, 18, 17, 16], DAYS, "fewer_than_4_points"),
        ([10, 13, 19, 24], [0, 100, 200, 364], "too_short_a_span"),
        ([10, 13, 16, 19], [0, 130, 260, 390], "all_values_equal"),
    ],
)
def test_there_is_no_forecast(y: list[float], x: list[float], reason: str) -> None:
    found = forecast(along(y, x), "linear", "days")
    assert isinstance(found, Unestimable)
    assert found.reason == reason


def test_twelve_months_are_enough() -> None:
    assert isinstance(forecast(along([10, 13, 19, 24], [0, 100, 200, 365]), "linear", "days"), Forecast)


def test_compute_has_no_months() -> None:
    assert isinstance(forecast(along([10, 13, 19, 24], [23, 24, 25, 26]), "linear", "log10_compute"), Forecast)


def test_a_frontier_at_the_end_of_its_scale_is_saturated() -> None:
    found = forecast(along([0.3, 0.5, 0.8, 0.95], [0, 200, 400, 600], n=100), "logit", "days")
    assert isinstance(found, Unestimable)
    assert found.reason == "saturated"


def test_no_forecast_reaches_farther_than_a_third_of_the_span() -> None:
    found = shown([10, 13, 19, 20, 26, 31])
    assert found.horizon == pytest.approx(640 + 640 / 3)
    near, far = window(found, 38), window(found, 400)
    assert near.state == "forecast"
    assert isinstance(near.earliest, float)
    assert found.line.x_high < near.earliest <= found.horizon
    assert (far.state, far.earliest, far.middle, far.latest) == ("beyond_the_horizon",) * 4


def test_a_bar_inside_the_band_already_is_its_own_state() -> None:
    crossed = window(shown([10, 13, 19, 20, 26, 31]), 32)
    assert (crossed.state, crossed.earliest, crossed.reached) == ("already", "already", "not_reached")
    assert isinstance(crossed.latest, float)


def test_a_bar_that_a_model_has_reached_is_crossed_already_whatever_the_line_says() -> None:
    y = [10, 10.2, 10.3, 10.5, 10.6, 10.8, 10.9, 11, 11.2, 11.3, 11.5, 16]
    crossed = window(shown(y, [100 * at for at in range(12)]), 16)
    assert crossed.distribution.probability(1100, "next_model") < 0.1
    assert (crossed.state, crossed.reached, crossed.earliest) == ("already", "reached", "already")


def test_the_points_left_out_are_named_with_why() -> None:
    found = forecast(along([10, 9, 13, 19, math.nan, 20, 26], [0, 60, 120, 260, 300, 380, 500]), "linear", "days")
    assert isinstance(found, Forecast)
    assert [(each.point.x, each.why) for each in found.left_out] == [(300, "not_a_number"), (60, "not_on_the_frontier")]
    assert [each.x for each in found.used] == [0, 120, 260, 380, 500]
    assert found.window == (0, 500)


def test_leaving_one_point_out_is_worked_out_from_the_others() -> None:
    held = metr(since="2023")
    found = forecast(held, "log", "days")
    assert isinstance(found, Forecast)
    crossed = crossing_window(found, 1500)
    assert isinstance(crossed, CrossingWindow)
    places = []
    for out in held:
        line = crossing_distribution([each for each in held if each != out], "log", 1500)
        assert isinstance(line, CrossingDistribution)
        places.append(line.point_crossing)
    assert crossed.leave_one_out == pytest.approx((min(places), max(places)), abs=1e-6)


def test_four_points_leave_too_few_to_leave_one_out() -> None:
    assert window(shown([10, 13, 19, 24]), 27).leave_one_out is None


def test_a_falling_metric_is_turned_before_anything_else() -> None:
    y = [10.0, 13, 19, 20, 26, 31]
    up, down = shown(y), shown([-each for each in y], riskier_when=RiskierWhen.LOWER)
    crossed, mirrored = window(up, 38), window(down, -38)
    assert (crossed.earliest, crossed.middle, crossed.latest) == (mirrored.earliest, mirrored.middle, mirrored.latest)
    assert crossed.leave_one_out == mirrored.leave_one_out


@given(st.permutations([(0, 10), (120, 13), (260, 19), (380, 20), (400, 12), (500, 26), (640, 31)]))
@settings(max_examples=30, deadline=None)
def test_the_order_of_models_changes_no_byte_of_a_forecast(pairs: list[tuple[int, int]]) -> None:
    found = forecast([LinePoint(x, y, name=str(x)) for x, y in pairs], "linear", "days")
    ordered = forecast([LinePoint(x, y, name=str(x)) for x, y in sorted(pairs)], "linear", "days")
    assert isinstance(found, Forecast)
    assert repr(found) == repr(ordered)
    assert repr(crossing_window(found, 38)) == repr(crossing_window(ordered, 38))  # type: ignore[arg-type]  # as the one before


def test_what_is_reached_already_comes_first() -> None:
    assert extremes([7.0, "beyond_the_horizon", "already", 3.0]) == ("already", "beyond_the_horizon")
    assert extremes([7.0, 3.0]) == (3.0, 7.0)
