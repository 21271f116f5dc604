"""Strict reading of hand-written YAML and machine-written JSON, with the line of everything that was read.

The rules kept here: UTF-8 only; YAML 1.2 core words, so ``on`` is a word and ``2.10`` stays 2.10; every number becomes exact
(a whole ``int`` or a ``Decimal`` with the digits as written); a key twice, NaN, infinity, an anchor, a tag or a second document
is refused; nesting and size are bounded, so that a small file cannot become a large one.

Left out: what the keys mean, which the records say (``evaluations.evidence``, ``thresholds.policy``). JSON is read by the
standard library for speed; only when something is wrong is it read again as YAML, of which it is a subset, to find the line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from evaluations.values import MisfitError

Path = tuple[str | int, ...]
"""Where a value stands: keys and positions from the top, such as ``("runs", 3, "scores", 0, "value")``."""

LARGEST_BYTES = 64 * 2**20  # our choice: item results of a large campaign fit ten times over
DEEPEST = 32  # our choice, as the strict-JSON rule of the API; a record nests six deep
LARGEST_NUMBER = 400  # characters of a number in JSON; a record refuses far shorter ones with its field's name
MOST_SHOWN = 100  # problems of one file that a message lists
LONGEST_SHOWN = 80  # characters of a wrong value that an error repeats

NULLS = {"", "~", "null", "Null", "NULL"}  # YAML 1.2.2, section 10.3.2, core schema
TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
WHOLE = re.compile(r"[-+]?[0-9]+")
FRACTIONAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
NOT_A_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True)
class Problem:
    """One thing wrong in what was sent: where, what was found, what was expected.

    ``where`` says the place in words where a path means little to a reader; ``line`` counts from 1, ``None`` if unknown.
    """

    path: Path
    found: str
    expected: str
    where: str = ""
    line: int | None = None

    @property
    def field(self) -> str:
        """The path as people write it: ``runs[3].scores[0].value``."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text or "(whole file)"

    @property
    def in_the_file(self) -> str:
        """The problem as one sentence that names the field, and in brackets the record it belongs to if its names are known."""
        where = f" ({self.where})" if self.where else ""
        return f"{self.field}{where}: found {self.found}, expected {self.expected}"

    def __str__(self) -> str:
        return f"{self.where or self.field}: found {self.found}, expected {self.expected}"


class DocumentError(ValueError):
    """A file is not what its format says. ``problems`` holds every one found; nothing of the file may be used."""

    def __init__(self, name: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(name, problems)
        self.name = name
        self.problems = problems

    def __str__(self) -> str:
        lines = [f"{self.name}:{each.line or '?'}: {each.in_the_file}" for each in self.problems[:MOST_SHOWN]]
        more = len(self.problems) - MOST_SHOWN
        return "\n".join([*map(escaped, lines), *([f"and {more} more"] if more > 0 else [])])


@dataclass(frozen=True)
class Document:
    """A file as read: its ``value`` (dicts, lists, text, exact numbers, booleans, ``None``) and the line of every part of it."""

    name: str
    value: Any
    _lines: Callable[[], Mapping[Path, int]]

    def line(self, path: Path) -> int | None:
        """Return the line of ``path``, or of the nearest part of the file that holds it."""
        lines = self._lines()
        known: Path = ()
        for part in path:  # a name that only a record's shape adds (the tag of a union) is no part of the file: skip it
            if (*known, part) in lines:
                known = (*known, part)
        return lines.get(known)

    def _in_the_file(self, path: Path) -> Path:
        """Return the path without names that only a record's shape adds (the tag of a union); a missing last part stays."""
        lines = self._lines()
        known: Path = ()
        if not lines:
            return path
        for place, part in enumerate(path):
            if (*known, part) in lines or place == len(path) - 1:
                known = (*known, part)
        return known

    def error(self, problems: tuple[Problem, ...]) -> DocumentError:
        """Return an error that names the line of each problem."""
        return DocumentError(
            self.name,
            tuple(replace(each, path=self._in_the_file(each.path), line=each.line or self.line(each.path)) for each in problems),
        )


def escaped(line: str) -> str:
    """Return a line with every character that could steer a terminal, or forge another line, written as its code."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in line)


def shown(value: Any) -> str:
    """Return how an error repeats a wrong value: short, on one line, with its kind where the text alone would mislead."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value) if isinstance(value, int | Decimal | float) else ascii(str(value)) if not str(value).isprintable() else f"“{value}”"
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def read_document(content: bytes, name: str) -> Document:
    """Read ``content``, JSON if its first character is ``{``, else YAML 1.2; ``name`` is only for messages.

    Raises ``DocumentError``.
    """
    text = _decode(content, name)
    document = _read_json(text, name) if text.lstrip()[:1] == "{" else _read_yaml(text, name)
    if not isinstance(document.value, dict):
        raise DocumentError(name, (Problem((), shown(document.value), "a mapping of keys to values", line=1),))
    return document


Shape = TypeVar("Shape", bound=BaseModel)


def validated(document: Document, shape: type[Shape], context: str | None = None) -> Shape:
    """Return the document as a record of ``shape``; ``context`` as ``evaluations.values`` knows them.

    Raises ``DocumentError`` naming every field that is wrong, with its line.
    """
    try:
        return shape.model_validate(document.value, context=context)
    except ValidationError as refused:
        errors = refused.errors(include_url=False)
        inner = [error["loc"] for error in errors]
        told = [  # a list whose members are wrong is also said to be too short; that is the same mistake told twice
            error
            for error in errors
            if error["type"] != "too_short" or not any(loc[: len(error["loc"])] == error["loc"] != loc for loc in inner)
        ]
        raise document.error(tuple(problem for error in told for problem in _problems(error))) from None


def _decode(content: bytes, name: str) -> str:
    if len(content) > LARGEST_BYTES:
        raise DocumentError(name, (Problem((), f"{len(content)} bytes", f"at most {LARGEST_BYTES}; split the file", line=1),))
    try:
        text = content.decode("utf-8-sig")  # a byte order mark is how some editors save UTF-8
    except UnicodeDecodeError as refused:
        line = content[: refused.start].count(b"\n") + 1
        raise DocumentError(name, (Problem((), f"byte 0x{content[refused.start]:02x}", "UTF-8 text", line=line),)) from None
    if "\x00" in text:
        raise DocumentError(name, (Problem((), "a NUL character", "text", line=text[: text.index("\x00")].count("\n") + 1),))
    return text


class _RefusedJsonError(ValueError):
    """The standard reader met something it would accept and we do not."""


def _read_json(text: str, name: str) -> Document:
    def refuse_constant(constant: str) -> NoReturn:
        raise _RefusedJsonError(constant)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(pairs)
        if len(mapping) != len(pairs):
            raise _RefusedJsonError("a key twice")
        return mapping

    try:
        value = json.loads(text, parse_float=_json_number, parse_int=_json_number, parse_constant=refuse_constant, object_pairs_hook=unique)
    except json.JSONDecodeError as refused:
        raise DocumentError(name, (Problem((), refused.msg[0].lower() + refused.msg[1:], "JSON", line=refused.lineno),)) from None
    except RecursionError:
        raise DocumentError(name, (Problem((), "nesting without end", f"at most {DEEPEST} levels"),)) from None
    except _RefusedJsonError as refused:
        if str(refused) == "a key twice":
            _read_yaml(text, name)  # raises with the line
        line = next((n for n, each in enumerate(text.splitlines(), 1) if re.search(rf"[:\[,]\s*{re.escape(str(refused))}", each)), None)
        raise DocumentError(name, (Problem((), shown(str(refused)), "a finite number of ordinary size", line=line),)) from None
    _expect_shallow(value, name)
    return Document(name, value, cache(lambda: _lines_of_json(text, name)))


def _json_number(text: str) -> int | Decimal:
    """Return a number of JSON, exactly. Raises ``_RefusedJsonError`` for one that no decimal or no record holds."""
    if len(text) > LARGEST_NUMBER:
        raise _RefusedJsonError(text[:LONGEST_SHOWN])
    try:
        return int(text) if WHOLE.fullmatch(text) else Decimal(text)
    except ArithmeticError:
        raise _RefusedJsonError(text) from None


def _lines_of_json(text: str, name: str) -> Mapping[Path, int]:
    """Return the line of every part, or of none where JSON is no YAML (escaped surrogate pairs): then messages do without."""
    try:
        return _read_yaml(text, name)._lines()
    except DocumentError:
        return {}


def _expect_shallow(value: Any, name: str) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())]
        level = [each for each in level if isinstance(each, dict | list)]
        if not level:
            return
    raise DocumentError(name, (Problem((), f"more than {DEEPEST} levels", f"at most {DEEPEST} levels", line=1),))


def _read_yaml(text: str, name: str) -> Document:
    from ruamel.yaml import YAML  # noqa: PLC0415  (a tenth of a second that reading JSON does not need)
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415

    try:
        _expect_plain_events(text, name)
        root = YAML(typ="safe").compose(text)
    except MarkedYAMLError as refused:
        line = refused.problem_mark.line + 1 if refused.problem_mark else None
        raise DocumentError(name, (Problem((), str(refused.problem or refused.context or "a mistake"), "YAML 1.2", line=line),)) from None
    except YAMLError as refused:
        raise DocumentError(name, (Problem((), str(refused).splitlines()[0], "YAML 1.2"),)) from None
    lines: dict[Path, int] = {}
    problems: list[Problem] = []
    value = _construct(root, (), lines, problems)
    if problems:
        raise DocumentError(name, tuple(problems))
    return Document(name, value, lambda: lines)


def _expect_plain_events(text: str, name: str) -> None:
    """Refuse anchors, aliases, tags and depth before anything is built of them: an alias makes a small file a large value."""
    from ruamel.yaml import YAML  # noqa: PLC0415  (as above)
    from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent  # noqa: PLC0415

    depth = 0
    for event in YAML(typ="safe").parse(text):
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            raise DocumentError(name, (Problem((), "an anchor or alias", "every value written out", line=line),))
        if getattr(event, "tag", None) not in (None, "!"):
            raise DocumentError(name, (Problem((), f"the tag {event.tag}", "plain values", line=line),))
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            raise DocumentError(name, (Problem((), f"more than {DEEPEST} levels", f"at most {DEEPEST} levels", line=line),))


def _construct(node: Any, path: Path, lines: dict[Path, int], problems: list[Problem]) -> Any:
    """Build the value of a node of the composed tree, noting lines and problems on the way."""
    if node is None:
        return None
    lines[path] = node.start_mark.line + 1
    if node.id == "scalar":
        return _scalar(node, path, problems)
    if node.id == "sequence":
        return [_construct(inner, (*path, place), lines, problems) for place, inner in enumerate(node.value)]
    mapping: dict[str, Any] = {}
    for key, inner in node.value:
        line = key.start_mark.line + 1
        if key.id != "scalar" or key.value == "<<":
            problems.append(Problem(path, "a key that is no word", "a word", line=line))
        elif key.value in mapping:
            problems.append(Problem((*path, key.value), "the key a second time", "each key once", line=line))
        else:
            mapping[key.value] = _construct(inner, (*path, key.value), lines, problems)
            lines[(*path, key.value)] = line
    return mapping


def _scalar(node: Any, path: Path, problems: list[Problem]) -> Any:
    text: str = node.value
    if node.style:  # quoted or a block: text, whatever it looks like; plain is None, or "" from the reader in C
        return text
    if text in NULLS:
        return None
    if text in TRUTHS:
        return TRUTHS[text]
    if NOT_A_NUMBER.fullmatch(text):
        problems.append(Problem(path, text, "a finite number", line=node.start_mark.line + 1))
        return None
    if OTHER_BASE.fullmatch(text):
        problems.append(Problem(path, text, "a decimal number, or text in quotes", line=node.start_mark.line + 1))
        return None
    if WHOLE.fullmatch(text) and len(text) <= DEEPEST:
        return int(text)
    return _fraction(text, path, node.start_mark.line + 1, problems) if FRACTIONAL.fullmatch(text) else text


def _fraction(text: str, path: Path, line: int, problems: list[Problem]) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:  # an exponent beyond what any decimal holds
        problems.append(Problem(path, shown(text), "a number of ordinary size", line=line))
        return None


EXPECTED = {
    "extra_forbidden": "no such field here",
    "missing": "this field, which is required",
    "string_type": "text (put it in quotes)",
    "string_pattern_mismatch": "a name of lower-case letters, digits, dot, dash or underscore",
    "string_too_short": "text that is not empty",
    "timezone_aware": "an instant with its zone, such as 2025-02-24T12:00:00Z",
    "tuple_type": "a list",
    "too_short": "at least one",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "union_tag_not_found": "a shape: score, uplift, qualitative, unquantified, gate or compound",
    "union_tag_invalid": "a shape: score, uplift, qualitative, unquantified, gate or compound",
}


def _problems(error: ErrorDetails) -> Iterator[Problem]:
    """Yield what one refusal tells: parts that contradict each other are named one by one, each at its own place."""
    refused = error.get("ctx", {}).get("error")
    if not isinstance(refused, MisfitError):
        yield _problem(error)
        return
    for path, found, expected in refused.misfits:
        yield Problem((*error["loc"], *path), found, expected)


def _problem(error: ErrorDetails) -> Problem:
    """Say in our words what pydantic found; our own messages already read ``found …, expected …``."""
    message = error["msg"].removeprefix("Value error, ")
    if message.startswith("found ") and ", expected " in message:
        found, _, expected = message.removeprefix("found ").partition(", expected ")
        return Problem(error["loc"], found, expected)
    kind = error["type"]
    if kind == "union_tag_invalid":
        return Problem((*error["loc"], "shape"), shown(error["input"].get("shape")), EXPECTED[kind])
    found = "no value" if kind == "missing" else "an unknown field" if kind == "extra_forbidden" else shown(error["input"])
    expected = EXPECTED.get(kind, message.removeprefix("Input should be ")[:200])
    return Problem(error["loc"], found, expected)
