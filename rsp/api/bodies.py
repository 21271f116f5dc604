"""Bodies of requests: received within limits, and read strictly, before any record is made of them.

The rules kept here: a body has a known kind, no coding, a largest size and a latest end; JSON is UTF-8 with each key once, numbers of
ordinary size kept as written, no NaN or infinity, no NUL, no half of a surrogate pair, and at most 32 levels; what is wrong is named by
its JSON pointer, and in a stream by its line.

Left out: what the values mean (the records say) and who may send (settled before a body is touched).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any

import jiter
from fastapi import Request

from evaluations.documents import DEEPEST, Path, Problem, shown
from evaluations.values import LONGEST_NUMBER, NO_TEXT
from rsp.api.problems import FieldProblem, RefusedError, pointer


@dataclass(frozen=True)
class Limit:
    """How large a body may grow, and within how many seconds it must be here."""

    largest_bytes: int
    seconds: float


JSON_LIMIT = Limit(4 * 2**20, 30)  # reliability target, section 2: limits per body, and 30 s deadlines
STREAM_LIMIT = Limit(64 * 2**20, 120)  # the same section: 64 MiB; 120 s, our choice: half a megabyte a second is a slow line
LONGEST_SILENCE = 30  # seconds between two parts of a body; the same section
MOST_LINES = 200_000  # of one stream; our choice: twice the largest campaign tried, and a list of them fits in memory
LONGEST_WRITTEN = 10 * LONGEST_NUMBER  # characters of a number; a record refuses far shorter ones with its field's name


class Media(StrEnum):
    """Kinds of body, as ``Content-Type`` names them."""

    JSON = "application/json"
    LINES = "application/x-ndjson"
    YAML = "application/yaml"
    FORM = "multipart/form-data"


class Form(StrEnum):
    """What a body holds: one record, a list of them, or one a line."""

    ONE = "one"
    LIST = "list"
    LINES = "lines"


@dataclass(frozen=True)
class Body:
    """The values a body holds, and how it holds them, so that each can be named again."""

    content: bytes
    form: Form
    values: Sequence[Any]
    lines: Sequence[int] = ()

    def place(self, path: Path, problem: Problem) -> FieldProblem:
        """Return the problem with the place of ``path``: the number of a value, and the way within it."""
        where = problem.where
        if not path or not isinstance(path[0], int):
            return FieldProblem("", problem.found, problem.expected, where)
        index, within = path[0], path[1:]
        if self.form is Form.LIST:
            within = path
        if self.form is Form.LINES:
            where = f"line {self.lines[index]}" + (f", {where}" if where else "")
        return FieldProblem(pointer(within), problem.found, problem.expected, where)


def media_of(request: Request, *accepted: Media) -> Media:
    """Return the kind of the body. Raises ``RefusedError`` (415) for another kind, another charset, or a coding such as gzip."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":  # a small body must not become a large one
        raise _unsupported("the Content-Encoding", coding, "identity: send the body as it is", {"Accept-Encoding": "identity"})
    kind, *parameters = (part.strip() for part in request.headers.get("content-type", "").split(";"))
    taken = ", ".join(accepted)
    if kind.lower() not in accepted:
        raise _unsupported("the Content-Type", kind or "(none)", taken, {"Accept": taken})
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() not in ("utf-8", "utf8"):
            raise _unsupported("the charset", value, "utf-8", {})
    return Media(kind.lower())


def _unsupported(what: str, found: str, expected: str, headers: dict[str, str]) -> RefusedError:
    return RefusedError(415, "media-type", f"found {what} {shown(found)}, expected {expected}", (), headers)


def _too_large(limit: Limit) -> RefusedError:
    detail = f"found a body above {limit.largest_bytes} bytes, expected at most that; send it in parts"
    return RefusedError(413, "too-large", detail, (), {"Connection": "close"})  # what is left of the body is not read


def _too_slow(size: int, limit: Limit) -> RefusedError:
    detail = f"found {size} bytes of a body and then nothing in time, expected all of it within {limit.seconds:g} seconds"
    return RefusedError(408, "timeout", detail, (), {"Connection": "close"})


async def received(request: Request, limit: Limit) -> bytes:
    """Return the whole body. Raises ``RefusedError`` for one that is too large (413) or too slow (408)."""
    expect_within(request, limit)
    clock = asyncio.get_running_loop().time
    end, parts = clock() + limit.seconds, bytearray()
    try:
        async with asyncio.timeout(min(limit.seconds, LONGEST_SILENCE)) as silence:
            async for part in request.stream():
                parts += part
                if len(parts) > limit.largest_bytes:
                    raise _too_large(limit)
                silence.reschedule(min(end, clock() + LONGEST_SILENCE))
    except TimeoutError:
        raise _too_slow(len(parts), limit) from None
    return bytes(parts)


async def arriving(request: Request, limit: Limit) -> AsyncGenerator[bytes, None]:
    """Yield the parts of a body as they come, for who does not hold it whole. Raises as ``received``.

    Each part is waited for by itself: a deadline around a ``yield`` would end whoever takes the parts, and not the waiting.
    """
    expect_within(request, limit)
    clock = asyncio.get_running_loop().time
    stream, end, size = request.stream(), clock() + limit.seconds, 0
    while True:
        try:
            part = await asyncio.wait_for(anext(stream), min(end - clock(), LONGEST_SILENCE))
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise _too_slow(size, limit) from None
        size += len(part)
        if size > limit.largest_bytes:
            raise _too_large(limit)
        yield part


def expect_within(request: Request, limit: Limit) -> None:
    """Refuse a body that says itself that it is too large, before any of it is read."""
    declared = request.headers.get("content-length", "0")
    if not declared.isascii() or not declared.isdigit() or int(declared[:20]) > limit.largest_bytes:
        raise _too_large(limit)


def records_of(content: bytes, media: Media) -> Body:
    """Return the values of a submission: one record, a list, or one record a line. Raises ``RefusedError`` (422, 413)."""
    if media is Media.LINES:
        return _lines(content)
    value = json_value(content)
    if not isinstance(value, list):
        return Body(content, Form.ONE, [value])
    if not value:
        raise _refused([FieldProblem("", "an empty list", "at least one record")])
    return Body(content, Form.LIST, value)


def _lines(content: bytes) -> Body:
    lines = content.split(b"\n")
    numbers = [number for number, line in enumerate(lines, 1) if line and not line.isspace()]
    if len(numbers) > MOST_LINES:
        raise RefusedError(413, "too-large", f"found more than {MOST_LINES} lines, expected at most that; send them in parts")
    try:
        values = [_plain(lines[number - 1]) for number in numbers]
    except ValueError:  # which of them is wrong, and how, is told line by line
        values = _each_line([(number, lines[number - 1]) for number in numbers])
    if not values:
        raise _refused([FieldProblem("", "no line", "at least one record")])
    return Body(content, Form.LINES, values, numbers)


def _each_line(lines: Sequence[tuple[int, bytes]]) -> list[Any]:
    """Return the values of lines of which some are unusual. Raises ``RefusedError`` (422) naming what is wrong with which."""
    reader = _Reader()
    values, problems = [], []
    for number, line in lines:
        try:
            values.append(reader.value(line))
        except RefusedError as refused:
            problems += [FieldProblem(each.field, each.found, each.expected, f"line {number}") for each in refused.problems]
            if len(problems) > 100:  # our choice: who sent this many has sent another kind of file
                break
    if problems:
        raise _refused(problems)
    return values


def _refused(problems: list[FieldProblem]) -> RefusedError:
    first = problems[0]
    place = ", ".join(part for part in (first.where, first.field) if part) or "the body"
    detail = f"{place}: found {first.found}, expected {first.expected}; nothing was recorded"
    return RefusedError(422, "input", detail, problems)


@dataclass(frozen=True)
class _Unfit:
    """Stands in the value read where JSON's own reader would take what we do not."""

    found: str
    expected: str


ESCAPED = re.compile(r"\\u(0000|[dD][89a-fA-F])")


def json_value(content: bytes) -> Any:
    """Return the value of a JSON text. Raises ``RefusedError`` (422) naming every place that is not as it must be."""
    try:
        return _plain(content)
    except ValueError:
        return _Reader().value(content)


_WITHIN_A_NUMBER = bytes.maketrans(b"+-.0123456789eE", b"0" * 15)
_ENDLESS = b"0" * (LONGEST_WRITTEN + 1)
_from_json = partial(jiter.from_json, allow_inf_nan=False, catch_duplicate_keys=True, float_mode="decimal")


def _plain(content: bytes) -> Any:
    """Return the value of a JSON text in which nothing is unusual. Raises ``ValueError`` for any other, which may still be right."""
    if b"\\u" in content:  # perhaps half a pair, perhaps a NUL
        raise ValueError("an escaped character")
    if len(content) > LONGEST_WRITTEN and _ENDLESS in content.translate(_WITHIN_A_NUMBER):
        raise ValueError("perhaps a number without end")
    value = _from_json(content)
    if content.count(b"[") + content.count(b"{") > DEEPEST and _is_deep(value):
        raise ValueError("deeper than is taken")
    return value


class _Reader:
    """Reads JSON texts of which something may be wrong, one after another with one decoder, and says what."""

    def __init__(self) -> None:
        self._unfit: list[_Unfit] = []
        self._decoder = json.JSONDecoder(
            parse_float=self._number,
            parse_int=self._whole,
            parse_constant=lambda word: self._met(word, "a finite number"),
            object_pairs_hook=self._unique,
        )

    def value(self, content: bytes) -> Any:
        """Return the value of one text. Raises ``RefusedError`` as ``json_value``."""
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as refused:
            found = f"byte 0x{content[refused.start]:02x} at {refused.start}"
            raise _refused([FieldProblem("", found, "UTF-8 text")]) from None
        self._unfit.clear()
        try:
            value = self._decoder.decode(text)
        except json.JSONDecodeError as refused:
            line = f"line {refused.lineno}, " if "\n" in text.strip() else ""  # a line of a stream has its number already
            found = f"no JSON at {line}column {refused.colno} ({refused.msg[:1].lower()}{refused.msg[1:]})"
            raise _refused([FieldProblem("", found, "one JSON text")]) from None
        except RecursionError:
            raise _refused([FieldProblem("", "nesting without end", f"at most {DEEPEST} levels")]) from None
        if self._unfit or ESCAPED.search(text) or (text.count("[") + text.count("{") > DEEPEST and _is_deep(value)):
            problems = list(_unfit_parts(value))
            if problems:
                raise _refused(problems)
        return value

    def _met(self, found: str, expected: str) -> _Unfit:
        self._unfit.append(_Unfit(found, expected))
        return self._unfit[-1]

    def _whole(self, written: str) -> int | _Unfit:
        return self._too_long(written) if len(written) > LONGEST_WRITTEN else int(written)

    def _number(self, written: str) -> Decimal | _Unfit:
        if len(written) > LONGEST_WRITTEN:
            return self._too_long(written)
        try:
            return Decimal(written)
        except ArithmeticError:  # an exponent that no decimal holds
            return self._met(shown(written), "a number of ordinary size")

    def _too_long(self, written: str) -> _Unfit:
        return self._met(f"a number of {len(written)} characters", f"at most {LONGEST_NUMBER} digits")

    def _unique(self, pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Unfit:
        mapping = dict(pairs)
        if len(mapping) == len(pairs):
            return mapping
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add returns None, which is meant
        return self._met(f"the key {shown(twice)} twice", "each key once")


def _is_deep(value: Any) -> bool:
    """Say whether lists and mappings nest deeper than is taken, looking at nothing else: a batch holds thousands of values."""
    level = [value] if value.__class__ in (dict, list) else []
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if each.__class__ is dict else each)
            if inner.__class__ is dict or inner.__class__ is list
        ]
    return bool(level)


def _unfit_parts(value: Any) -> Iterator[FieldProblem]:
    """Yield what no record may hold, level by level, so that no depth can exhaust the reader."""
    level: list[tuple[Path, Any]] = [((), value)]
    for depth in range(DEEPEST + 1):
        if depth == DEEPEST and any(isinstance(each, dict | list) for _, each in level):
            yield FieldProblem(pointer(level[0][0][:3]), f"more than {DEEPEST} levels", f"at most {DEEPEST} levels")
            return
        below: list[tuple[Path, Any]] = []
        for path, each in level:
            if isinstance(each, _Unfit):
                yield FieldProblem(pointer(path), each.found, each.expected)
            elif isinstance(each, dict):
                for key in each:
                    yield from _bad_character(key, path, "in a key")
                below += [((*path, key), inner) for key, inner in each.items()]
            elif isinstance(each, list):
                below += [((*path, index), inner) for index, inner in enumerate(each)]
            elif isinstance(each, str):
                yield from _bad_character(each, path, "")
        if not below:
            return
        level = below


def _bad_character(text: str, path: Path, where: str) -> Iterator[FieldProblem]:
    if found := NO_TEXT.search(text):
        yield FieldProblem(pointer(path), f"the character U+{ord(found.group()):04X}", "text", where)
