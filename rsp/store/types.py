"""Column types that keep what a record says, the same on both engines, and the identifiers of rows.

The rules kept here: a number is kept as the plain decimal text it was written as; an instant is kept as UTC text with
microseconds, and a naive one is refused; a word is one of its enum's; a document, or a record within a row, is canonical JSON. Every
column is TEXT, a whole number or bytes, so a row reads back byte for byte as the log's body holds it, on SQLite and PostgreSQL alike.

Left out: native dates, numerics, JSON and UUID columns: SQLite drops the zone of an instant, takes NaN into JSON and rounds numerics,
and its STRICT tables refuse such types.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from threading import Lock
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from evaluations.values import Record, plain
from rsp.store.canonical import canonical_text

Raw = str | int | None
"""What a column of a row of evidence holds in the database and in the log's body."""

WHOLE_NUMBER = BigInteger().with_variant(Integer(), "sqlite")  # STRICT tables of SQLite know INTEGER (64 bit), not BIGINT


class AsText(TypeDecorator[Any]):
    """Base of the columns below: each says how a value becomes text and how the text becomes the value again."""

    impl = Text
    cache_ok = True

    def to_text(self, value: Any) -> str:
        """Return the one text of a value. Raises ``ValueError`` or ``TypeError`` for what the column must not hold."""
        raise NotImplementedError

    def from_text(self, held: str) -> Any:
        """Return the value that the text was made from."""
        raise NotImplementedError

    def to_texts(self, values: Iterable[Any]) -> list[str | None]:
        """Return the text of each value, nothing for nothing. Raises as ``to_text``."""
        return [None if value is None else self.to_text(value) for value in values]

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002  # the same text for every engine
        """Return the text for the database."""
        return None if value is None else self.to_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002  # as above
        """Return the value of the text in the database."""
        return None if value is None else self.from_text(value)


class ExactNumberColumn(AsText):
    """A decimal as written: ``0.620`` comes back as ``0.620``."""

    cache_ok = True

    def to_text(self, value: Any) -> str:
        """Return the plain digits. Raises ``ValueError`` for NaN and infinity, ``TypeError`` for a float."""
        if not isinstance(value, Decimal):
            raise TypeError(f"found {value!r}, expected a Decimal: a float has lost the digits as written")
        if not value.is_finite():
            raise ValueError(f"found {value}, expected a finite number")
        return plain(value)

    def to_texts(self, values: Iterable[Any]) -> list[str | None]:
        """Return the plain digits of each. Raises as ``to_text``."""
        told = list(values)
        known = [value for value in told if type(value) is Decimal and value.is_finite()]
        if len(known) + told.count(None) < len(told):  # which of them is none is told one by one
            return super().to_texts(told)
        return [None if value is None else plain(value) for value in told]

    def from_text(self, held: str) -> Decimal:
        """Return the number with the digits it was written with."""
        return Decimal(held)


def instant_text(value: datetime) -> str:
    """Return an aware instant as UTC text with microseconds. Raises ``ValueError`` for a naive one."""
    if value.tzinfo is None or value.utcoffset() is None:
        raise ValueError(f"found the naive instant {value.isoformat()}, expected one with a time zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class UtcDateTime(AsText):
    """An instant, kept as ``2025-02-24T09:00:00.000000Z``; the text sorts as the instants do."""

    cache_ok = True

    def to_text(self, value: Any) -> str:
        """Return the UTC text. Raises ``ValueError`` for a naive instant."""
        return instant_text(value)

    def from_text(self, held: str) -> datetime:
        """Return an aware instant in UTC."""
        return datetime.fromisoformat(held)


class DayColumn(AsText):
    """A calendar day, kept as ``2025-02-24``."""

    cache_ok = True

    def to_text(self, value: Any) -> str:
        """Return the ISO text. Raises ``TypeError`` for an instant, which is no day without a time zone."""
        if isinstance(value, datetime) or not isinstance(value, date):
            raise TypeError(f"found {value!r}, expected a day")
        return value.isoformat()

    def from_text(self, held: str) -> date:
        """Return the day."""
        return date.fromisoformat(held)


class Word(AsText):
    """A word of an enum. The table carries a named CHECK of the same words (see ``rsp.store.log_tables``)."""

    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        self.words = words
        self._texts: dict[object, str] = {word: word.value for word in words}
        self._known = frozenset({None, *self._texts.values()})
        super().__init__()

    def to_text(self, value: Any) -> str:
        """Return the word. Raises ``ValueError`` for one that the enum lacks."""
        return self._texts.get(value) or self.words(value).value

    def to_texts(self, values: Iterable[Any]) -> list[str | None]:
        """Return the word of each value. Raises ``ValueError`` for one that the enum lacks."""
        told = list(values)
        try:
            # Not its property ``value``, which is Python's own code and takes five times as long.
            texts = [None if value is None else value._value_ for value in told]
        except AttributeError:  # a word that is text
            return super().to_texts(told)
        return texts if self._known.issuperset(texts) else super().to_texts(told)

    def from_text(self, held: str) -> StrEnum:
        """Return the member of the enum."""
        return self.words(held)


class Document(AsText):
    """A JSON document, kept as its canonical text."""

    cache_ok = True

    def to_text(self, value: Any) -> str:
        """Return the canonical text. Raises ``TypeError`` for a float, NaN among them, and whatever else has none."""
        return canonical_text(value)

    def from_text(self, held: str) -> Any:
        """Return the document."""
        return json.loads(held)


class RecordColumn(AsText):
    """A record without a name of its own, kept whole within its parent's row as the canonical text of its JSON."""

    cache_ok = True

    def __init__(self, record: type[Record]) -> None:
        self.record = record
        super().__init__()

    def to_text(self, value: Any) -> str:
        """Return the canonical text. Raises ``TypeError`` for anything but a record of that class."""
        if not isinstance(value, self.record):
            raise TypeError(f"found {value!r}, expected a {self.record.__name__}")
        return canonical_text(value.model_dump(mode="json"))

    def from_text(self, held: str) -> Record:
        """Return the record, its numbers with the digits they were written with."""
        return self.record.model_validate_json(held)


class _Identifiers:
    """Makes UUIDv7 (RFC 9562 section 5.7), rising within this process even when the clock stands still or steps back."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def next(self) -> str:
        return self.some(1)[0]

    def some(self, count: int) -> list[str]:
        """Make so many, at least one."""
        with self._lock:
            first = max(time.time_ns() // 1_000_000 << 12, self._last + 1)  # 48 bits of milliseconds, 12 bits that count within one
            self._last = first + count - 1
        chances = os.urandom(8 * count).hex(":", 8).split(":")
        return [
            f"{_beginning(moment >> 12)}-{_COUNTED[moment & 0xFFF]}-{_VARIANTS[chance[0]]}{chance[1:4]}-{chance[4:]}"
            for moment, chance in enumerate(chances, first)
        ]


@lru_cache(maxsize=2)  # thousands of keys are made in a millisecond or two
def _beginning(millisecond: int) -> str:
    digits = f"{millisecond:012x}"
    return f"{digits[:8]}-{digits[8:]}"


_COUNTED = [f"7{number:03x}" for number in range(2**12)]  # the version, and what counts within a millisecond
_VARIANTS = {digit: "89ab"[int(digit, 16) & 0b11] for digit in "0123456789abcdef"}  # RFC 9562 section 4.1: the two highest bits are 10

_IDENTIFIERS = _Identifiers()
new_id = _IDENTIFIERS.next

MOST_KEYS = 256  # made at a time; our choice: more saves nothing, and what is left over is thrown away


def keys() -> Iterator[str]:
    """Yield keys of one act without end: the clock and the source of chance are asked for 1, 2, 4, ... at a time."""
    count = 1
    while True:
        yield from _IDENTIFIERS.some(count)
        count = min(2 * count, MOST_KEYS)
