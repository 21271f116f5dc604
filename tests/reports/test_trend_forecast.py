"""The line through a frontier in a trend figure: when it is drawn, how far, and what is said of it."""

from __future__ import annotations

import csv
import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from evaluations.records import RiskierWhen
from reports.figure_facts import TrendFacts, TrendForecast
from reports.trend import compose_trend, trend_bytes
from reports.trend_points import EPOCH, TrendAxis, TrendBars, TrendPoint

METR = Path(__file__).parents[1] / "data" / "trends" / "metr_time_horizon_1_1.csv"
SHARE = TrendAxis("Cyber range", "percent", RiskierWhen.HIGHER, "release_date", 0, 100)
HORIZON = TrendAxis("Time horizon", "minutes", RiskierWhen.HIGHER, "release_date", 0, None)
RISING = {"2023-03-01": 12.0, "2023-11-01": 19.0, "2024-06-01": 22.0, "2025-02-01": 41.0, "2025-07-01": 30.0, "2025-10-01": 52.0}
BAR = TrendBars(62, "bar 62 %")


def points(values: dict[str, float], **changed: Any) -> list[TrendPoint]:
    fields = {"low": None, "high": None, "n": 42, **changed}
    return [
        TrendPoint(f"m{at}", f"Model {at}", "final", "final", date.fromisoformat(day), value, **fields)
        for at, (day, value) in enumerate(values.items())
    ]


def metr(since: str = "") -> list[TrendPoint]:
    rows = [row for row in csv.DictReader(METR.read_text().splitlines()) if row["release_date"] >= since]
    return [
        TrendPoint(row["agent"], row["agent"], "s", "s", date.fromisoformat(row["release_date"]), float(row["p50_minutes"]), None, None)
        for row in rows
    ]


def composed(held: list[TrendPoint], axis: TrendAxis = SHARE, bars: TrendBars | None = BAR, **changed: Any) -> TrendFacts:
    return compose_trend(held, axis, as_of=7, as_of_recorded_at=datetime(2026, 5, 11, tzinfo=UTC), sources=["S"], bars=bars, **changed)


def drawn(held: list[TrendPoint], axis: TrendAxis = SHARE, bars: TrendBars | None = BAR) -> TrendForecast:
    forecast = composed(held, axis, bars).forecast
    assert forecast is not None
    return forecast


def said(facts: TrendFacts) -> str:
    return " ".join(facts.footer).replace("\u00a0", " ")


def day(position: float) -> str:
    return date.fromordinal(EPOCH.toordinal() + int(position)).isoformat()


def test_fewer_than_four_models_have_no_line_and_no_word_of_one() -> None:
    held = points(dict(list(RISING.items())[:3]))
    facts = composed(held)
    assert facts.forecast is None
    assert "line" not in said(facts).replace("A mark without a line has no interval", "")
    assert facts == composed(held, fit="none")


def test_four_models_on_the_frontier_have_a_line_a_fan_and_a_bracket() -> None:
    forecast = drawn(points(RISING))
    assert [band.words.replace("\u00a0", " ") for band in forecast.bands] == ["95 %", "80 %", "50 %"]
    assert len(forecast.brackets) == 1
    wide, middle, narrow = forecast.bands
    for at in range(len(forecast.fan_x)):
        assert wide.low[at] < middle.low[at] < narrow.low[at] < narrow.high[at] < middle.high[at] < wide.high[at]


def test_nothing_is_drawn_farther_ahead_than_a_third_of_the_span() -> None:
    forecast = drawn(points(RISING))
    assert (day(forecast.line_x[0]), day(forecast.fan_x[0])) == ("2023-03-01", "2025-10-01")
    span = forecast.fan_x[0] - forecast.line_x[0]
    assert forecast.fan_x[-1] == forecast.line_x[-1] == pytest.approx(forecast.fan_x[0] + span / 3)
    assert composed(points(RISING)).x_high > forecast.fan_x[-1]


def test_the_bracket_spans_where_the_80_percent_fan_crosses_the_bar() -> None:
    forecast = drawn(points(RISING), bars=TrendBars(64, "bar 64 %"))
    low, fan = forecast.brackets[0].low, forecast.bands[1]
    before = max(at for at, x in enumerate(forecast.fan_x) if x <= low)
    assert fan.high[before] <= 64 <= fan.high[before + 1]


def test_the_footer_names_fit_window_points_used_left_out_and_method() -> None:
    words = said(composed(points(RISING)))
    for expected in (
        "rough line, least squares of the logit of the score on release date, through the 5 models that beat every earlier one",
        "from 2023-03-01 to 2025-10-01: Model 0, Model 1, Model 2, Model 3, Model 5.",
        "Left out of the line (no riskier than an earlier model): Model 4.",
        "50 %, 80 % and 95 % prediction intervals for a further model (Student’s t with 3 degrees of freedom), to 2026-08-12",
        "a third of that span ahead (our convention)",
        "Errors that models share",
        "Bar 62 %: a further model may first reach it from 202",
        "with any one model left out the middle",
        "Probability that the line does not run towards it at all:",
    ):
        assert expected in words, expected


def test_the_number_of_scores_a_model_is_the_riskiest_of_stands_beside_it() -> None:
    more = [TrendPoint("m3", "Model 3", f"s{at}", f"s{at}", date(2025, 2, 1), 30.0 + at, None, None) for at in range(5)]
    assert "Model 2, Model 3 (riskiest of 6 scores), Model 5" in said(composed([*points(RISING), *more]))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"2023-03-01": 12, "2023-11-01": 10, "2024-06-01": 22, "2025-02-01": 20, "2025-07-01": 30}, "fewer than four models beat"),
        ({"2025-03-01": 12, "2025-04-01": 19, "2025-05-01": 22, "2025-06-01": 41}, "less than twelve months"),
        ({"2023-03-01": 12, "2023-11-01": 19, "2024-06-01": 22, "2025-02-01": 97}, "at the end of the scale"),
    ],
)
def test_where_there_is_no_forecast_one_sentence_says_why(values: dict[str, float], why: str) -> None:
    facts = composed(points(values))
    assert facts.forecast is None
    told = [line for line in facts.footer if line.startswith("No line and no forecast:")]
    assert len(told) == 1
    assert why in told[0]


def test_a_score_without_a_place_on_the_fitted_scale_leaves_no_line() -> None:
    facts = composed(points({**RISING, "2022-01-01": 0.0}, n=None))
    assert facts.forecast is None
    assert "at or beyond the end of its scale" in said(facts)
    assert composed(points({**RISING, "2022-01-01": 0.0})).forecast is not None  # with its count it has a place


def test_scores_under_two_scaffolds_have_no_line() -> None:
    held = [*points(RISING, scaffold="agent-1"), *points({"2026-01-01": 60.0}, scaffold="agent-2")]
    held[-1] = TrendPoint("m9", "Model 9", "s", "s", date(2026, 1, 1), 60.0, None, None, scaffold="agent-2")
    facts = composed(held)
    assert facts.forecast is None
    assert "different scaffolds (agent-1, agent-2)" in said(facts)


def test_a_reached_bar_is_told_as_reached_and_has_no_bracket() -> None:
    facts = composed(points(RISING), bars=TrendBars(52, "rule-out bar 52 %", 99, "rule-in bar 99 %"))
    assert facts.forecast is not None
    assert facts.forecast.brackets == ()
    assert "Rule-out bar 52 %: reached already, by Model 5." in said(facts)
    assert "Rule-in bar 99 %: no forecast, because its earliest plausible place (10 %) lies beyond the horizon." in said(facts)


def test_a_bar_inside_the_band_is_told_as_that() -> None:
    assert "Bar 53 %: inside the band already" in said(composed(points(RISING), bars=TrendBars(53, "bar 53 %")))


def test_a_bar_at_the_end_of_the_scale_has_no_forecast() -> None:
    assert "Bar 100 %: no forecast, because a bar at the end" in said(composed(points(RISING), bars=TrendBars(100, "bar 100 %")))


def test_an_end_beyond_the_horizon_is_a_word_and_never_a_day() -> None:
    facts = composed(points(RISING), bars=TrendBars(66, "bar 66 %"))
    assert facts.forecast is not None
    bracket = facts.forecast.brackets[0]
    assert bracket.high is None
    assert bracket.words.replace("\u00a0", " ").endswith("to beyond the horizon (90 %)")


def test_the_earliest_day_is_rounded_down_and_the_latest_up() -> None:
    bracket = drawn(metr("2023"), HORIZON, TrendBars(1000, "bar 1000 minutes")).brackets[0]
    assert bracket.high is not None
    assert bracket.words.replace("\u00a0", " ") == f"bar 1000 minutes: {day(bracket.low)} (10 %) to {day(bracket.high + 1)} (90 %)"


def test_where_lower_is_riskier_the_line_falls_towards_the_bar() -> None:
    axis = TrendAxis("loss", "nats", RiskierWhen.LOWER, "release_date")
    mirrored = composed(points({day: 100 - value for day, value in RISING.items()}), axis, TrendBars(30, "bar 30"))
    upright = composed(points(RISING), TrendAxis("gain", "nats", RiskierWhen.HIGHER, "release_date"), TrendBars(70, "bar 70"))
    assert mirrored.forecast is not None
    assert upright.forecast is not None
    assert [each.low for each in mirrored.forecast.brackets] == [each.low for each in upright.forecast.brackets]
    assert mirrored.forecast.line_y == pytest.approx([100 - each for each in upright.forecast.line_y])


def test_a_published_table_comes_out_with_its_doubling_time_and_its_days() -> None:
    facts = composed(metr("2023"), HORIZON, TrendBars(2400, "bar 2400 minutes"))
    words = said(facts)
    assert "through the 14 models" in words
    assert "Doubling time 129 days (95 % interval 110 days to 155 days)." in words
    assert "middle 2026-12-27" in words
    assert "Left out of the line (no riskier than an earlier model): claude_3_opus_inspect" in words
    assert facts.y_is_log


def test_compute_is_drawn_in_powers_of_ten() -> None:
    axis = TrendAxis("Index", "points", RiskierWhen.HIGHER, "training_compute")
    held = [
        TrendPoint(f"m{at}", f"Model {at}", "s", "s", 10.0**power, value, None, None)
        for at, (power, value) in enumerate([(22, 10.0), (23, 19.5), (24, 28.0), (25, 41.0), (26, 48.0)])
    ]
    forecast = drawn(held, axis, TrendBars(60, "bar 60"))
    assert forecast.fan_x[0] == pytest.approx(1e26)
    assert forecast.fan_x[-1] == pytest.approx(10 ** (26 + 4 / 3))
    assert 1e26 < forecast.brackets[0].low < forecast.fan_x[-1]
    assert "FLOP (10" in forecast.brackets[0].words


def test_the_fan_does_not_push_the_points_off_an_open_axis() -> None:
    values = {"2023-03-01": 1.0, "2024-06-01": 900.0, "2024-09-01": 901.0, "2025-10-01": 1e7}
    facts = composed(points(values), HORIZON, None)
    assert facts.forecast is not None
    assert max(facts.forecast.bands[0].high) > 1e12
    assert facts.y_high < 1e12


def test_without_the_fit_the_figure_is_as_it_was() -> None:
    facts = composed(points(RISING), fit="none")
    assert facts.forecast is None
    assert "least squares" not in said(facts)


def test_the_order_of_points_changes_no_byte() -> None:
    held = metr()
    random.Random(3).shuffle(held)
    assert repr(composed(held, HORIZON)) == repr(composed(metr(), HORIZON))


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_a_figure_with_a_fan_is_the_same_bytes_twice(form: Any) -> None:
    facts = composed(points(RISING), bars=TrendBars(61, "rule-out bar 61 %", 64, "rule-in bar 64 %"))
    assert trend_bytes(facts, form) == trend_bytes(facts, form)


def test_the_words_of_a_bracket_stand_in_the_figure() -> None:
    text = trend_bytes(composed(points(RISING)), "svg").decode().replace("\u00a0", " ")
    assert "bar 62 %: 202" in text


def test_the_text_for_those_who_cannot_see_tells_the_crossing() -> None:
    assert "a further model may first reach it" in composed(points(RISING)).alt
