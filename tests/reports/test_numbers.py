"""Numbers become text in one place, and rounding never crosses a bar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import numbers
from tests.reports.assessments import FINITE, NO_END, UNBOUNDED, bar, variant
from thresholds.finding_records import IntervalEnd


def plain(text: str) -> str:
    """Return ``text`` with ordinary spaces, as a reader of this table sees it."""
    return text.replace(numbers.NBSP, " ")


@pytest.mark.parametrize(
    ("value", "unit", "n", "bars", "text"),
    [
        (0.4996, "fraction", None, (0.5,), "49.96 %"),  # statistics e, the example of the rule
        (0.4996, "fraction", None, (), "50 %"),
        (49.96, "percent", None, (50,), "49.96 %"),
        (49.6, "percent", None, (50,), "49.6 %"),
        (50.0, "percent", None, (50,), "50 %"),
        (50.04, "percent", None, (50,), "50.04 %"),  # at a bar is a side of its own
        (49.4, "percent", None, (50,), "49 %"),
        (81.9, "percent", 33, (27 / 33 * 100,), "82 %"),
        (81.7, "percent", 33, (27 / 33 * 100,), "81.7 %"),  # 82 would stand above 81.82
        (23.04, "percent", 42, (), "23 %"),
        (23.04, "percent", 100, (), "23.0 %"),  # one decimal from 100 observations on
        (23.04, "percent", 99, (), "23 %"),
        (0.004, "percent", 42, (), "0.004 %"),  # a rare event never reads as none
        (99.97, "percent", 42, (), "99.97 %"),
        (0.0, "percent", 42, (), "0 %"),
        (2.0833, "x", None, (), "2.1x"),
        (2.0833, "x", None, (2.8, 5.0), "2.1x"),
        (2.79, "x", None, (2.8,), "2.79x"),
        (2.7999, "x", None, (2.8,), "2.7999x"),
        (12.34, "x", None, (), "12x"),
        (0.0345, "ratio", None, (), "0.034x"),  # half to even
        (54.23, "minutes", None, (), "54.2 minutes"),
        (0.23861, "normalised score", None, (), "0.239"),
        (0.59999, "score", None, (0.6,), "0.59999"),
        (-0.98, "percent", None, (), "−1 %"),
        (51.5151, "percent of trials", 33, (), "52 %"),
        (0.515151, "share of questions", 33, (), "52 %"),
        (Fraction(17, 33), "fraction", 33, (), "52 %"),
        (Decimal("3.20"), "nats", None, (), "3.20 nats"),
    ],
)
def test_a_number_stands_on_its_own_side_of_every_bar(value: Any, unit: str, n: int | None, bars: tuple[float, ...], text: str) -> None:
    assert plain(numbers.quantity(value, unit, count=n, bars=bars)) == text


@given(
    value=st.decimals("0", "100", allow_nan=False, places=6),
    edge=st.decimals("0", "100", allow_nan=False, places=6),
)
def test_rounding_never_crosses_a_bar(value: Decimal, edge: Decimal) -> None:
    printed = Decimal(numbers.rounded(value, 0, (edge,)).replace("−", "-"))
    assert (printed > edge, printed < edge) == (value > edge, value < edge)


@pytest.mark.parametrize(
    ("p", "alpha", "text"),
    [
        (0.0005, None, "<0.001"),
        (0.001, None, "0.0010"),
        (0.0312, None, "0.031"),
        (0.02496, 0.025, "0.02496"),  # 0.025 would read as at the level
        (0.02496, (1 - 0.95) / 2, "0.02496"),  # the level is 0.025 but for float noise
        (0.2552, 0.025, "0.26"),
        (0.9912, None, ">0.99"),
        (1.0, None, ">0.99"),
    ],
)
def test_p_has_two_digits_on_its_own_side_of_the_error_level(p: float, alpha: float | None, text: str) -> None:
    assert numbers.p_value(p, alpha) == text


@pytest.mark.parametrize(
    ("ends", "kinds", "unit", "text"),
    [
        ((33.5, 69.2), (FINITE, FINITE), "percent", "34 % to 69 %"),
        ((76.3, 94.0), (FINITE, FINITE), "points", "76.3 to 94.0 points"),
        ((1.39, None), (FINITE, UNBOUNDED), "x", "from 1.4x, no upper limit"),
        ((None, 3.3), (UNBOUNDED, FINITE), "x", "up to 3.3x, no lower limit"),
        ((None, None), (UNBOUNDED, UNBOUNDED), "x", "no limit on either side"),
        ((None, None), (NO_END, NO_END), "percent", "none"),
        ((-40.4, 143.1), (FINITE, FINITE), "percent", "0 % to 100 %"),  # shown on the scale, decided as computed
    ],
)
def test_an_end_that_does_not_exist_is_said_in_words(
    ends: tuple[float | None, float | None], kinds: tuple[IntervalEnd, IntervalEnd], unit: str, text: str
) -> None:
    assert plain(numbers.interval(*ends, kinds, unit, scale=(0, 100))) == text


def test_an_end_is_never_moved_onto_a_bar_at_the_end_of_the_scale() -> None:
    assert numbers.onto_scale(100.4, (0, 100), (100.0,)) == 100.4
    assert numbers.onto_scale(100.4, (0, 100), (80.0,)) == 100


@pytest.mark.parametrize(
    ("fields", "unit", "text"),
    [
        ({"value": 69.7, "as_printed": "69.7%"}, "percent", "69.7 %"),
        ({"value": 69.7, "as_printed": "69.7"}, "percent", "69.7 %"),
        ({"value": 69.7}, "percent", "69.7 %"),  # nothing was computed: as entered
        ({"value": 2.1, "as_printed": "about 2.1X"}, "x", "about 2.1X"),
        ({"value": 17 / 33, "passed": 17, "trials": 33, "method": "clopper_pearson"}, "share", "17 of 33 (52 %)"),
        ({"value": 9.65 / 42, "passed": 9.65, "trials": 42}, "share", "9.65 of 42 (23 %)"),
        ({"value": 13 / 23, "passed": 13, "trials": 23, "as_printed": "13/23 (56%)"}, "share", "13 of 23 (57 %); printed “13/23 (56%)”"),
        ({"value": 0, "passed": 0, "trials": 42, "high": 0.0841}, "share", "0 of 42 (at most 8 %)"),
        ({"value": 1, "passed": 42, "trials": 42, "low": 0.9159}, "share", "42 of 42 (at least 92 %)"),
        ({"value": 0.3333, "method": "effective_n", "observations": 250}, "share", "33.3 %"),
        ({"value": 100.0, "method": "effective_n", "observations": 120, "low": 96.4}, "percent", "100.0 % (at least 96.4 %)"),
        ({"value": 0.0, "method": "effective_n", "observations": 42, "high": 0.084}, "share", "0 % (at most 8 %)"),
        ({}, "share", "no number"),
    ],
)
def test_a_count_stands_beside_its_share(fields: dict[str, Any], unit: str, text: str) -> None:
    assert plain(numbers.observed(variant("any", **fields), unit)) == text


def test_a_bar_is_shown_as_its_source_prints_it() -> None:
    assert plain(numbers.bar(bar(27 / 33, "27 of 33"), "share of questions")) == "27 of 33 (82 %)"
    assert plain(numbers.bar(bar(50, "50"), "percent")) == "50 %"
    assert plain(numbers.bar(bar(0.6, "0.6"), "fraction")) == "60 %"
    assert plain(numbers.bar(bar(2.8, "2.8"), "x")) == "2.8x"


@pytest.mark.parametrize(
    ("level", "text"), [(0.95, "95 %"), (0.9875, "98.75 %"), (1 - 2 * 0.025 / 3, "98.33 %"), (Decimal("0.025"), "2.5 %")]
)
def test_a_level_keeps_its_digits(level: Any, text: str) -> None:
    assert plain(numbers.percentage(level)) == text


@pytest.mark.parametrize(("value", "text"), [(3.8e25, "3.8×10²⁵"), (1e25, "10²⁵"), (2e20, "2×10²⁰"), (9.99e24, "10²⁵"), (4e-3, "4×10⁻³")])
def test_compute_is_written_with_a_power_of_ten(value: float, text: str) -> None:
    assert numbers.scientific(value) == text


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_what_is_no_number_is_never_printed(value: float) -> None:
    with pytest.raises(ValueError, match="expected a finite number"):
        numbers.quantity(value, "percent")


def test_an_instant_is_printed_in_utc_whatever_its_zone() -> None:
    there = datetime(2025, 3, 2, 23, 5, tzinfo=timezone(timedelta(hours=9)))
    assert numbers.instant(there) == numbers.instant(there.astimezone(UTC)) == "2025-03-02 14:05 UTC"
