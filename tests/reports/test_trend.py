"""Trend figures: facts first, then the same bytes every time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from evaluations.records import RiskierWhen
from reports.figure_facts import End, TrendFacts
from reports.trend import TrendAxis, TrendBars, TrendPoint, compose_trend, trend_bytes

FEBRUARY, OCTOBER = date(2025, 2, 24), date(2025, 10, 1)
AXIS = TrendAxis("SWE-bench hard", "percent", RiskierWhen.HIGHER, "release_date", 0, 100)


def point(model: str, snapshot: str, x: Any, value: float, **changed: Any) -> TrendPoint:
    fields = {"low": value - 5, "high": value + 5, "n": 42, "method": "item_beta", **changed}
    return TrendPoint(model, model.upper(), snapshot, f"{model} {snapshot}", x, value, **fields)


POINTS = (
    point("b", "final", OCTOBER, 61.0),
    point("a", "early", FEBRUARY, 30.0, low=None, high=None, ends=(End.NONE, End.NONE), n=None, method=None),
    point("a", "final", FEBRUARY, 23.0),
)


def composed(points: tuple[TrendPoint, ...] = POINTS, axis: TrendAxis = AXIS, **changed: Any) -> TrendFacts:
    fields = {"as_of": 7, "as_of_recorded_at": datetime(2025, 10, 2, 9, tzinfo=UTC), "sources": ["The card"], **changed}
    return compose_trend(points, axis, **fields)


def test_models_are_series_in_the_order_of_their_release() -> None:
    assert [each.model for each in composed().series] == ["A", "B"]


def test_the_riskiest_snapshot_of_a_model_decides() -> None:
    assert [(mark.name, mark.decides) for mark in composed().series[0].marks] == [("a early", True), ("a final", False)]


def test_where_lower_is_riskier_the_lowest_decides() -> None:
    axis = TrendAxis("loss", "nats", RiskierWhen.LOWER, "release_date", 0, None)
    facts = composed(axis=axis)
    assert [mark.decides for mark in facts.series[0].marks] == [False, True]
    assert "lower is more capable" in facts.y_axis


def test_the_order_of_points_never_matters() -> None:
    assert composed() == composed(POINTS[::-1])


def test_a_snapshot_without_a_place_is_named_in_the_footer() -> None:
    facts = composed((*POINTS, point("c", "final", None, 44.0)))
    assert any(line.startswith("Not drawn (no place on this axis is recorded): C, c final: 44") for line in facts.footer)


def test_zero_compute_is_named_in_the_footer() -> None:
    axis = TrendAxis("loss", "nats", RiskierWhen.LOWER, "training_compute")
    facts = composed((point("a", "step0", 0.0, 5.0), point("a", "step9", 3e20, 3.0), point("a", "step99", 4e22, 2.5)), axis)
    assert any("zero compute, which a logarithmic axis cannot show): A, a step0" in line for line in facts.footer)
    assert facts.x_is_log
    assert [words for _, words in facts.x_ticks] == ["10²¹", "10²²"]


def test_the_footer_names_n_method_position_and_source() -> None:
    words = " ".join(composed().footer).replace("\u00a0", " ")
    for expected in (
        "n = 42, for some not published",
        "95 % intervals (Beta interval on items)",
        "log position 7",
        "2025-10-02 09:00 UTC",
        "The card",
    ):
        assert expected in words


def test_an_instant_is_refused_where_a_day_is_meant() -> None:
    with pytest.raises(TypeError, match="expected a day"):
        composed((point("a", "s", datetime(2025, 1, 1, tzinfo=UTC), 3.0),))


def test_an_order_of_magnitude_on_an_open_scale_gets_a_log_axis() -> None:
    axis = TrendAxis("horizon", "minutes", RiskierWhen.HIGHER, "release_date", 0, None)
    assert composed((point("a", "s", FEBRUARY, 6.0), point("b", "s", OCTOBER, 200.0)), axis).y_is_log
    assert not composed().y_is_log


def test_bars_bound_the_undecided_zone() -> None:
    facts = composed(bars=TrendBars(50, "rule-out bar 50 %", 80, "rule-in bar 80 %"))
    assert [zone.meaning for zone in facts.zones] == ["below", "undecided", "reached"]
    assert [line.position for line in facts.bars] == [50, 80]


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_the_same_facts_give_the_same_bytes(form: Any) -> None:
    facts = composed(bars=TrendBars(50, "bar 50 %"))
    first = trend_bytes(facts, form)
    assert first == trend_bytes(facts, form)
    assert first[:4] in (b"<?xm", b"\x89PNG", b"%PDF")


def test_no_point_at_all_gives_an_empty_figure() -> None:
    assert trend_bytes(composed(()), "svg").startswith(b"<?xml")


def test_one_point_alone_gives_a_figure() -> None:
    assert trend_bytes(composed(POINTS[:1]), "svg").startswith(b"<?xml")
