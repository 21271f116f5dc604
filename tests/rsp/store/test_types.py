"""Column types: digits, instants, days and words come back as they went in, and doubtful ones do not go in."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from evaluations.records import Thinking
from evaluations.trials import Look
from rsp.store.types import AsText, DayColumn, Document, ExactNumberColumn, RecordColumn, UtcDateTime, Word, keys, new_id

TOKYO = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        (ExactNumberColumn(), Decimal("0.620"), "0.620"),
        (ExactNumberColumn(), Decimal("-3"), "-3"),
        (ExactNumberColumn(), Decimal("3.0E+25"), "30000000000000000000000000"),
        (UtcDateTime(), datetime(2025, 2, 24, 9, tzinfo=TOKYO), "2025-02-24T00:00:00.000000Z"),
        (UtcDateTime(), datetime(999, 2, 24, 9, 1, 2, 3, tzinfo=UTC), "0999-02-24T09:01:02.000003Z"),
        (DayColumn(), date(2025, 2, 24), "2025-02-24"),
        (Word(Thinking), Thinking.EXTENDED, "extended"),
        (Document(), {"b": [1, None], "a": "ü"}, '{"a":"ü","b":[1,null]}'),
        (
            RecordColumn(Look),
            Look(taken=2, planned_fractions=(Decimal("0.50"), Decimal("1"))),
            '{"planned_fractions":["0.50","1"],"taken":2}',
        ),
    ],
)
def test_a_value_has_one_text_and_comes_back_equal(kind: AsText, value: Any, held: str) -> None:
    """The same text on both engines."""
    assert kind.to_text(value) == held
    assert kind.from_text(held) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ExactNumberColumn(), Decimal("NaN")),
        (ExactNumberColumn(), Decimal("Infinity")),
        (ExactNumberColumn(), 0.62),
        (ExactNumberColumn(), True),
        (UtcDateTime(), datetime(2025, 2, 24)),  # noqa: DTZ001  # a naive instant is what the test is about
        (DayColumn(), datetime(2025, 2, 24, tzinfo=UTC)),
        (Word(Thinking), "pondering"),
        (Document(), {"a": float("nan")}),
        (Document(), [0.5]),
        (RecordColumn(Look), {"taken": 1}),
    ],
)
def test_a_doubtful_value_is_refused(kind: AsText, value: Any) -> None:
    """NaN, floats, naive instants, instants for days, words of no enum."""
    with pytest.raises((TypeError, ValueError)):
        kind.to_text(value)
    with pytest.raises((TypeError, ValueError)):
        kind.to_texts([None, value])


class Mood(StrEnum):
    """Words of another enum."""

    PONDERING = "pondering"
    STANDARD = "standard"


@pytest.mark.parametrize("told", [list(Thinking), ["extended", Thinking.STANDARD], [None, "standard"], [Mood.STANDARD], [None], []])
def test_many_words_have_the_texts_they_have_one_by_one(told: list[Any]) -> None:
    """Members of the enum, texts, and words of another enum that this one knows too."""
    kind = Word(Thinking)
    assert kind.to_texts(told) == [None if each is None else kind.to_text(each) for each in told]
    assert all(type(each) is str for each in kind.to_texts(told) if each is not None)
    with pytest.raises(ValueError, match="pondering"):
        kind.to_texts([*told, Mood.PONDERING])


def test_keys_made_many_at_a_time_rise_with_those_made_one_at_a_time() -> None:
    """Several acts make theirs at the same time: none is made twice."""
    one, other = keys(), keys()
    made = [each for _ in range(2_000) for each in (next(one), new_id(), next(other))]
    assert len(set(made)) == len(made)
    assert made[0::3] == sorted(made[0::3])
    assert made[1::3] == sorted(made[1::3])
    some = [next(one) for _ in range(3_000)]
    assert new_id() > max(some)


def test_identifiers_rise_and_say_their_version() -> None:
    """Ten thousand in a row are UUIDs of version 7, sorted, each once."""
    made = [new_id() for _ in range(10_000)]
    assert sorted(set(made)) == made
    assert {uuid.UUID(each).version for each in made} == {7}
    assert {uuid.UUID(each).variant for each in made} == {uuid.RFC_4122}
