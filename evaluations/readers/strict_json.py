"""JSON of other programs, read strictly and within a budget: a whole document, or one line after the other.

The rules kept here: UTF-8 only; a key twice is refused and named; numbers are exact; NaN and the infinities, which genuine files hold,
become no value and never a number; size, nesting and the count of values are bounded before anything is built of them.

Left out: refusing what is never kept. A number of a thousand digits or half a surrogate pair within a prompt or an answer is passed
over with it; in a score, a count or a name it is refused where it is asked for (``Part``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, BinaryIO

from evaluations.documents import escaped, shown
from evaluations.readers.log_file import Budget, LogFile
from evaluations.readers.log_reading import LogError
from evaluations.values import LONGEST_NUMBER, NO_TEXT

LONGEST_NAME = 500  # characters; as evaluations.readers.log_reading.Spelled
SHOWN_KEY = 80  # characters of a key in a message; our choice, a line stays a line
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)  # possessive: a text without an end costs no second look


class NoNumber(Enum):
    """What stands where a number should and is none that can be kept."""

    NOT_FINITE = "NaN or an infinity"
    TOO_LONG = "a number beyond 40 digits"


class Part:
    """A part of a document and where it stands. Asking it for what it is not raises ``LogError``; what is absent is ``None``.

    The place is put into words only when somebody asks for it: files have a million parts, and errors are one.
    """

    __slots__ = ("_above", "_key", "file_name", "value")

    def __init__(self, file_name: str, key: str, value: Any, above: Part | None = None) -> None:
        self.file_name, self._key, self.value, self._above = file_name, key, value, above

    @property
    def where(self) -> str:
        """The place in words: the line, then every key on the way."""
        above = self._above.where if self._above is not None else ""
        key = escaped(self._key[:SHOWN_KEY])
        return f"{above} / {key}" if above else key

    def __getitem__(self, key: str) -> Part:
        value = self.value
        return Part(self.file_name, key, value.get(key) if type(value) is dict else self._mapping().get(key), self)

    def named(self) -> Iterator[tuple[str, Part]]:
        """Yield every key, which must be a name, and its part."""
        for key, value in self._mapping().items():
            part = Part(self.file_name, key, value, self)
            yield part._cleaned(key, LONGEST_NAME), part

    def listed(self) -> Iterator[Part]:
        """Yield the parts of a list in order; none if there is no list."""
        if not isinstance(self.value, list | None):
            raise self.refusal("a list")
        for place, each in enumerate(self.value or (), 1):
            yield Part(self.file_name, f"number {place}", each, self)

    def has(self, key: str) -> bool:
        """Whether the key stands there with a value other than null."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def text(self, longest: int = LONGEST_NAME) -> str | None:
        """Return a text; ``None`` for one that is absent or empty."""
        if not isinstance(self.value, str | None):
            raise self.refusal("text")
        return self._cleaned(self.value, longest) if self.value else None

    def spelled(self, longest: int = LONGEST_NAME) -> str | None:
        """Return a text, or the text of a number: identifiers and versions come as either."""
        if isinstance(self.value, int | Decimal) and not isinstance(self.value, bool):
            return str(self.value)
        return self.text(longest)

    def required(self) -> str:
        """Return a text that must be there."""
        if (text := self.text()) is None:
            raise self.refusal("text that is not empty")
        return text

    def number(self) -> Decimal | None:
        """Return an exact number; ``None`` where it is absent, NaN or infinite."""
        if self.value is None or self.value is NoNumber.NOT_FINITE:
            return None
        if type(self.value) not in (int, Decimal):  # a boolean is an int, and no number here
            raise self.refusal("a number")
        value = Decimal(self.value)
        if abs(value.adjusted()) > LONGEST_NUMBER:  # its digits were counted when it was read
            raise LogError(self.file_name, self.where, NoNumber.TOO_LONG.value, "an ordinary number")
        return value

    def count(self) -> int | None:
        """Return a whole number that is not negative."""
        if (number := self.number()) is None:
            return None
        if number < 0 or number != number.to_integral_value() or number >= 2**53:  # as evaluations.values.Count
            raise self.refusal("a count")
        return int(number)

    def truth(self) -> bool | None:
        """Return true or false."""
        if not isinstance(self.value, bool | None):
            raise self.refusal("true or false")
        return self.value

    def seconds(self) -> datetime | None:
        """Return the instant so many seconds after 1970, also where they are written as text; ``None`` for none and for 0."""
        text = self.spelled() if self.value is not NoNumber.NOT_FINITE else None
        if text is None or not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,20})?", text) or not Decimal(text):
            return None
        return instant(Decimal(text), self)

    def refusal(self, expected: str) -> LogError:
        """Return the error that names this place, what stands there, and what should."""
        found = self.value.value if isinstance(self.value, NoNumber) else shown(self.value)
        return LogError(self.file_name, self.where, found, expected)

    def _mapping(self) -> dict[str, Any]:
        if not isinstance(self.value, dict | None):
            raise self.refusal("a mapping")
        return self.value or {}

    def _cleaned(self, text: str, longest: int) -> str:
        if len(text) > longest or not text:
            raise LogError(self.file_name, self.where, f"a text of {len(text)} characters", f"1 to {longest}")
        if found := NO_TEXT.search(text):
            raise LogError(self.file_name, self.where, f"the character U+{ord(found.group()):04X}", "text")
        return text


def instant(seconds: Decimal, part: Part) -> datetime:
    """Return the instant so many seconds after 1970, to the microsecond. Raises ``LogError`` beyond the calendar."""
    try:
        return EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
    except OverflowError:
        raise part.refusal("an instant before the year 10000") from None


class _KeyTwiceError(Exception):
    """A mapping has a key a second time."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        seen: set[str] = set()
        raise _KeyTwiceError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]  # add says None
    return mapping


def _number(text: str) -> int | Decimal | NoNumber:
    if len(text) > LONGEST_NUMBER:
        return NoNumber.TOO_LONG
    try:
        return int(text) if text.lstrip("-").isdigit() else Decimal(text)
    except ArithmeticError:  # an exponent that no decimal holds
        return NoNumber.TOO_LONG


DECODER = json.JSONDecoder(parse_float=_number, parse_int=_number, parse_constant=lambda _: NoNumber.NOT_FINITE, object_pairs_hook=_unique)


def whole_document(file: LogFile) -> Part:
    """Return the one JSON document of a file. Raises ``LogError``."""
    file.content.seek(0)
    content = file.content.read(file.budget.document_bytes + 1)
    file.content.seek(0)
    if len(content) > file.budget.document_bytes:
        raise LogError(file.name, "", f"more than {file.budget.document_bytes} bytes", "a smaller document; submit its tasks one by one")
    return _parsed(content.removeprefix(b"\xef\xbb\xbf"), file.name, "", file.budget)


def document_lines(content: BinaryIO, name: str, budget: Budget) -> Iterator[Part]:
    """Yield the JSON document of every line that is not blank; only one line is held at a time."""
    for number, line in bounded_lines(content, name, budget):
        if line.strip():
            yield _parsed(line, name, f"line {number}", budget)


def bounded_lines(content: BinaryIO, name: str, budget: Budget, longest: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield lines with their numbers, the first without a byte order mark. Raises ``LogError`` before a line grows too long."""
    longest = longest or budget.document_bytes
    content.seek(0)
    number, read = 0, 0
    while line := content.readline(longest + 1):
        number, read = number + 1, read + len(line)
        if len(line) > longest:
            raise LogError(name, f"line {number}", f"more than {longest} bytes", "shorter lines")
        if read > budget.file_bytes:
            raise LogError(name, f"line {number}", f"more than {budget.file_bytes} bytes before it", "a smaller file")
        yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line


def _parsed(content: bytes, name: str, where: str, budget: Budget) -> Part:
    _expect_few_values(content, name, where, budget)

    try:
        value = DECODER.decode(content.decode("utf-8"))
    except UnicodeDecodeError as refused:
        place = f"byte {refused.start}"
        raise LogError(name, f"{where}, {place}" if where else place, f"byte 0x{content[refused.start]:02x}", "UTF-8 text") from None
    except json.JSONDecodeError as refused:
        place = f"column {refused.colno}" if where else f"line {refused.lineno}, column {refused.colno}"
        found = f"no JSON ({refused.msg[0].lower()}{refused.msg[1:]})"
        raise LogError(name, f"{where}, {place}" if where else place, found, "one JSON document" + (" a line" if where else "")) from None
    except _KeyTwiceError as refused:
        raise LogError(name, where, f"the key {shown(str(refused))} twice", "each key once") from None
    except RecursionError:
        raise LogError(name, where, "nesting without end", f"at most {budget.depth} levels") from None
    if content.count(b"{") + content.count(b"[") > budget.depth:  # fewer brackets cannot nest as deep
        _expect_shallow(value, name, where, budget)
    return Part(name, where, value)


def _expect_few_values(content: bytes, name: str, where: str, budget: Budget) -> None:
    """Count what separates values, at first with what stands in texts, which is quick and only counts too many."""

    def most_values(text: bytes) -> int:
        return sum(map(text.count, (b",", b"[", b"{")))

    if most_values(content) > budget.values and most_values(STRINGS.sub(b"", content)) > budget.values:
        raise LogError(name, where, f"more than {budget.values} values", "fewer in one document")


def _expect_shallow(value: Any, name: str, where: str, budget: Budget) -> None:
    level = [value]
    for _ in range(budget.depth):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise LogError(name, where, f"more than {budget.depth} levels", f"at most {budget.depth} levels")
