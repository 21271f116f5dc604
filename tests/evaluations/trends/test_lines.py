"""Lines through points: what they are, how wide their bands are, and what has none."""

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.estimate import Unestimable
from evaluations.records import RiskierWhen
from evaluations.trends.lines import LinePoint, LineScale, TrendLine, frontier, trend_line
from tests.evaluations.trends.points import along, lines, metr, points

SOME = along([1.0, 2.5, 2.0, 4.0, 4.5, 7.0])


def fitted(held: list[LinePoint], scale: LineScale = "linear") -> TrendLine:
    line = trend_line(held, scale)
    assert isinstance(line, TrendLine)
    return line


@pytest.mark.parametrize(
    ("column", "since", "count", "days"),
    [
        ("p50_minutes", "", 17, 187.778),
        ("p50_minutes", "2023", 14, 128.744),
        ("p50_minutes", "2024", 12, 104.7),
        ("p80_minutes", "", 17, 204.0),
        ("p80_minutes", "2023", 14, 133.4),
    ],
)
def test_plain_least_squares_gives_the_doubling_times_that_were_published(column: str, since: str, count: int, days: float) -> None:
    line = fitted(metr(column, since), "log")
    assert line.n == count
    assert line.doubling_time(0.025).time == pytest.approx(days, abs=0.05)


def test_leaving_a_point_out_moves_the_doubling_time_as_far_as_the_table_says() -> None:
    held = metr(since="2023")
    times = {out.name: fitted([each for each in held if each != out], "log").doubling_time(0.025).time for out in held}
    assert min(times.items(), key=lambda each: each[1]) == ("gpt_4", pytest.approx(109.6, abs=0.05))
    assert max(times.items(), key=lambda each: each[1]) == ("claude_opus_4_6_inspect", pytest.approx(134.0, abs=0.05))


def test_the_frontier_of_the_table_is_what_the_table_calls_best_at_release() -> None:
    assert [each.name for each in frontier(metr(best_at_release=False))] == [each.name for each in metr()]


def test_slope_and_its_error_are_those_of_an_independent_routine() -> None:
    line, other = fitted(SOME), stats.linregress([0, 1, 2, 3, 4, 5], [1.0, 2.5, 2.0, 4.0, 4.5, 7.0])
    assert (line.slope, line.intercept, line.slope_error) == pytest.approx((other.slope, other.intercept, other.stderr), rel=1e-12)
    assert line.slope_estimate().p_below(0) + line.slope_estimate().p_above(0) == pytest.approx(1)
    assert 2 * line.slope_estimate().p_above(0) == pytest.approx(other.pvalue)


@given(lines(), st.randoms(use_true_random=False), st.sampled_from(["linear", "log", "logit"]))
@settings(max_examples=60, deadline=None)
def test_the_order_of_points_changes_no_byte(held: list[LinePoint], chance: Any, scale: LineScale) -> None:
    scaled = [replace(each, y=math.exp(each.y / 500) if scale == "log" else 1 / (1 + math.exp(each.y / 500))) for each in held]
    shuffled = chance.sample(scaled, len(scaled))
    assert repr(trend_line(shuffled, scale)) == repr(trend_line(scaled, scale))


@given(lines(), st.integers(-200, 200), st.floats(0.001, 0.5))
@settings(max_examples=60, deadline=None)
def test_a_further_model_may_be_anywhere_the_line_may_be(held: list[LinePoint], x: int, alpha: float) -> None:
    line = trend_line(held, "linear")
    if isinstance(line, TrendLine):
        (lower, upper), (low, high) = line.mean_band(x, alpha), line.prediction_band(x, alpha)
        assert low <= lower <= line.fit(x) <= upper <= high
        assert low < high or alpha == 0.5


@given(lines(), st.integers(-200, 200))
@settings(max_examples=40, deadline=None)
def test_mirrored_points_give_the_mirrored_line(held: list[LinePoint], x: int) -> None:
    line, mirrored = trend_line(held, "linear"), trend_line([replace(each, y=-each.y) for each in held], "linear")
    if isinstance(line, TrendLine):
        assert isinstance(mirrored, TrendLine)
        low, high = line.prediction_band(x, 0.1)
        assert mirrored.prediction_band(x, 0.1) == (-high, -low)


def test_the_prediction_band_holds_for_the_error_it_states() -> None:
    """Statistics d1, by formula: f(x) plus and minus t s sqrt(1 + 1/n + (x - mean)^2/Sxx), worked out by another routine."""
    line, x = fitted(SOME), 9.0
    other = stats.linregress([0, 1, 2, 3, 4, 5], [1.0, 2.5, 2.0, 4.0, 4.5, 7.0])
    rest = [y - other.intercept - other.slope * at for at, y in enumerate([1.0, 2.5, 2.0, 4.0, 4.5, 7.0])]
    half = stats.t.ppf(0.975, 4) * math.sqrt(sum(each**2 for each in rest) / 4 * (1 + 1 / 6 + (9 - 2.5) ** 2 / 17.5))
    middle = other.intercept + other.slope * x
    assert line.prediction_band(x, 0.025) == pytest.approx((middle - half, middle + half), rel=1e-12)


@pytest.mark.parametrize(
    ("held", "scale", "reason"),
    [
        ([], "linear", "fewer_than_4_points"),
        (along([1, 2, 4]), "linear", "fewer_than_4_points"),
        (along([0, 0.5, 1.0]), "logit", "fewer_than_4_points"),
        (along([1, 2, 4, math.nan]), "linear", "not_a_number"),
        (along([1, 2, 4, math.inf]), "linear", "not_a_number"),
        (along([1, 2, 4, None]), "linear", "not_a_number"),
        (along([1, 2, 4, Decimal("NaN")]), "linear", "not_a_number"),
        (along([1, 2, 4, 3], [0, 1, 2, math.nan]), "linear", "not_a_number"),
        (along([1, 2, 4, 1e300]), "linear", "overflow"),
        (along([1, 2, 4, 3], [1, 1, 1, 1]), "linear", "no_spread_along_the_axis"),
        (along([1, 2, 4, 3], [1, 1, 2, 2]), "linear", "no_spread_along_the_axis"),
        (along([1, 2, 4, 0]), "log", "off_scale"),
        (along([1, 2, 4, -1]), "log", "off_scale"),
        (along([0.1, 0.2, 0.4, 0.0]), "logit", "off_scale"),
        (along([0.1, 0.2, 0.4, 1.0]), "logit", "off_scale"),
        (along([0.1, 0.2, 0.4, 1.2], n=9), "logit", "off_scale"),
        (along([0.1, 0.2, 0.4, 0.3], n=0), "logit", "impossible_count"),
        (along([0.1, 0.2, 0.4, 0.3], n=-3), "logit", "impossible_count"),
        (along([3, 3, 3, 3]), "linear", "all_values_equal"),
        (along([0.1, 0.2, 0.3, 0.4]), "linear", "all_values_equal"),
        (along([2.0, 4.0, 8.0, 16.0, 32.0]), "log", "all_values_equal"),
        (along([0.7, 0.7, 0.7, 0.7, 0.7]), "logit", "all_values_equal"),
        (along([1, 2, 2, 3], [0, 1e-160, 2e-160, 3e-160]), "linear", "overflow"),
        (along([1, 2, 2, 3], [0, 1e-80, 2e-80, 3e-80]), "linear", "overflow"),
    ],
)
def test_no_line_is_drawn_through(held: list[LinePoint], scale: LineScale, reason: str) -> None:
    line = trend_line(held, scale)
    assert isinstance(line, Unestimable)
    assert (line.reason, bool(line.words)) == (reason, True)


def test_a_known_count_gives_none_and_all_a_place_on_the_logit_scale() -> None:
    line = fitted(along([0.0, 0.2, 0.4, 1.0], n=10), "logit")
    by_hand = [math.log(passed / (11 - passed)) for passed in (0.5, 2.5, 4.5, 10.5)]  # (x + 1/2)/(n + 1), statistics d1
    assert line.slope == pytest.approx(stats.linregress([0, 1, 2, 3], by_hand).slope, rel=1e-12)


def test_four_or_five_points_are_called_rough() -> None:
    assert [fitted(SOME[:n]).wording for n in (4, 5, 6)] == ["rough", "rough", "usual"]
    assert [len(fitted(SOME[:n]).notes) for n in (4, 5, 6)] == [1, 1, 0]


def test_a_place_farther_outside_than_the_points_lie_apart_is_a_far_extrapolation() -> None:
    line = fitted(SOME)
    assert [line.reach(x) for x in (-5.1, -5, -0.1, 0, 5, 5.1, 10, 10.1)] == [
        "far_extrapolation", "extrapolation", "extrapolation", "inside", "inside", "extrapolation", "extrapolation", "far_extrapolation",
    ]  # fmt: skip


def test_a_falling_line_has_a_halving_time_that_mirrors_the_doubling_time() -> None:
    rising = along([1.0, 2.2, 3.9, 8.3, 15.0, 33.0])
    doubling = fitted(rising, "log").doubling_time(0.025)
    halving = fitted([replace(each, y=1 / each.y) for each in rising], "log").doubling_time(0.025)
    assert (doubling.direction, halving.direction) == ("doubling", "halving")
    assert (halving.time, halving.lower, halving.upper) == pytest.approx((doubling.time, doubling.lower, doubling.upper))
    assert 0 < doubling.lower < doubling.time < doubling.upper < math.inf


def test_a_slope_that_may_be_zero_leaves_the_doubling_time_without_an_upper_end() -> None:
    times = fitted(along([1.0, 3.0, 1.5, 2.5]), "log").doubling_time(0.025)
    assert (times.direction, times.upper) == ("doubling", math.inf)
    assert 0 < times.lower < times.time < math.inf


def test_only_a_line_on_the_log_scale_doubles() -> None:
    with pytest.raises(ValueError, match="expected the log scale"):
        fitted(SOME).doubling_time(0.025)


@pytest.mark.parametrize("x", [math.nan, math.inf, 1e200])
def test_a_band_is_asked_at_a_place(x: float) -> None:
    with pytest.raises(ValueError, match="expected a finite number"):
        fitted(SOME).prediction_band(x, 0.1)


@pytest.mark.parametrize("alpha", [0, 0.6, math.nan])
def test_a_band_has_an_error_level(alpha: float) -> None:
    with pytest.raises(ValueError, match="error level"):
        fitted(SOME).mean_band(1, alpha)


def test_a_band_that_leaves_the_floats_has_no_end_there() -> None:
    line = fitted(along([1e80, 1.0, 1e90, 1e10]), "log")
    assert line.prediction_band(40, 0.001) == (0.0, math.inf)


@given(lines(), st.randoms(use_true_random=False), st.sampled_from(RiskierWhen))
@settings(max_examples=60, deadline=None)
def test_every_point_of_a_frontier_beats_all_before_it(held: list[LinePoint], chance: Any, riskier_when: RiskierWhen) -> None:
    kept, sign = frontier(held, riskier_when), 1 if riskier_when is RiskierWhen.HIGHER else -1
    assert kept == frontier(chance.sample(held, len(held)), riskier_when)
    beats = [each for each in held if all(sign * each.y > sign * other.y for other in held if other.x < each.x)]
    assert set(kept) == set(beats)


def test_equalling_the_frontier_is_not_beating_it() -> None:
    held = points((1, 5), (2, 5), (2, 7), (2, 7), (3, 7), (4, 6), (5, 8))
    assert [each.name for each in frontier(held)] == ["0", "2", "6"]


def test_a_falling_metric_has_its_frontier_at_the_bottom() -> None:
    held = points((1, 5), (2, 6), (3, 4), (3, 3), (4, math.nan), (5, 2.5))
    assert [each.name for each in frontier(held, RiskierWhen.LOWER)] == ["0", "3", "5"]


def test_dates_of_the_table_are_reached_when_it_says() -> None:
    line = fitted(metr(since="2023"), "log")
    reached = line.x_mean + (math.log(2400) - line.centre) / line.slope
    assert abs(reached - date(2026, 12, 27).toordinal()) < 1
