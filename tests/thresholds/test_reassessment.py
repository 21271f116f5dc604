"""When a model must be assessed anew."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thresholds.reassessment import Reassessment, months_later, reassessment_triggers

LAST = date(2025, 2, 24)


def judged(today: date = date(2025, 3, 1), then: Any = Decimal("1e26"), now: Any = Decimal("1.2e26"), **changed: Any) -> Reassessment:
    return reassessment_triggers(LAST, today, then, now, **{"compute_multiple": 4, "months": 6, **changed})


@pytest.mark.parametrize(("now", "word"), [("3.999999999e26", "not_yet"), ("4e26", "fires"), ("4.1e26", "fires")])
def test_exactly_the_multiple_fires(now: str, word: str) -> None:
    assert judged(now=Decimal(now)).compute == word
    assert judged(now=float(now)).compute == judged(now=Decimal(now)).compute


def test_a_number_is_read_as_it_is_written() -> None:
    """The float nearest to 1e23 is less than 1e23, and that nearest to 4e23 is not four times it."""
    for then, now in ((1e23, 4e23), (1e22, 4e22), (7e22, 2.8e23), (1.1e23, 4.4e23)):
        assert judged(then=then, now=now).compute_ratio == 4


def test_an_uncertain_ratio_is_judged_by_its_upper_end() -> None:
    assert [judged(now=Decimal("3e26"), ratio_upper=Decimal(upper)).compute for upper in ("3.9", "4", "4.2")] == [
        "not_yet",
        "fires",
        "fires",
    ]
    assert judged(ratio_upper=math.inf).compute == "fires"


def test_compute_that_nobody_entered_cannot_say_that_the_trigger_has_not_fired() -> None:
    found = judged(now=None)
    assert (found.compute, found.calendar, found.outcome, found.compute_ratio) == ("unknown", "not_yet", "cannot_tell", None)
    assert judged(now=None, ratio_upper=Decimal("4.5")).outcome == "due"
    assert judged(today=date(2025, 9, 1), now=None).outcome == "due"


@pytest.mark.parametrize(("today", "word"), [(date(2025, 8, 23), "not_yet"), (date(2025, 8, 24), "fires"), (date(2026, 1, 1), "fires")])
def test_exactly_the_months_fire(today: date, word: str) -> None:
    found = judged(today)
    assert (found.due_on, found.calendar, found.outcome) == (date(2025, 8, 24), word, "due" if word == "fires" else "not_due")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2025, 5, 31), 1, date(2025, 6, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 7, 1), 6, date(2026, 1, 1)),
        (date(2025, 7, 15), 0, date(2025, 7, 15)),
    ],
)
def test_a_day_that_the_month_does_not_have_is_its_last(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)), st.integers(0, 60))
def test_months_later_is_in_the_month_so_many_months_on(day: date, months: int) -> None:
    later = months_later(day, months)
    assert later.year * 12 + later.month == day.year * 12 + day.month + months
    assert later.day <= day.day


def test_a_trigger_the_policy_does_not_name_never_fires() -> None:
    found = judged(date(2030, 1, 1), now=Decimal("1e30"), compute_multiple=None, months=None)
    assert (found.compute, found.calendar, found.due_on, found.outcome) == ("not_in_the_policy", "not_in_the_policy", None, "not_due")


def test_every_standing_is_told_in_words() -> None:
    for found in (judged(), judged(now=None), judged(date(2026, 1, 1)), judged(compute_multiple=None, months=None)):
        assert len(found.words) == 2
        assert all(found.words)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"today": date(2025, 2, 23)}, "on or after the last assessment"),
        ({"today": datetime(2025, 3, 1, tzinfo=UTC)}, "expected a day"),
        ({"then": Decimal(0)}, "positive number"),
        ({"now": Decimal("NaN")}, "positive number"),
        ({"now": math.inf}, "positive number"),
        ({"compute_multiple": -4}, "positive number"),
        ({"ratio_upper": Decimal("1.1")}, "no less than the ratio"),
    ],
)
def test_what_is_no_assessment_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        judged(**changed)
