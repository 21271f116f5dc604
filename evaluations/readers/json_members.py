"""JSON read as it streams by: what is wanted is built, the rest is passed over without being built.

The rules kept here: memory does not grow with the document; how deep, how long and how many what is kept may be is limited before it
is built; a key that stands twice where anything is wanted is refused, since two programs would read two things; NaN and infinities,
which genuine logs hold and JSON does not know, come back as decimals that are not finite.

Left out: judging what is passed over beyond its strings, brackets and depth. Nothing of it is used, and an archive's checksum
speaks for its bytes. Left out: every meaning; a stream knows no format.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NoReturn

from evaluations.readers.json_parts import DECODER, MISFIT, Each, Fields, Part, TwiceError, Whole
from evaluations.readers.log_file import BracketBudget
from evaluations.readers.log_reading import LogError

KEPT_BYTES = 16 * 2**20  # of one document; our choice: 150,000 names of samples fit
KEPT_VALUES = 150_000  # of one document; our choice: as many as the attempts that one file may bring (log_file.Budget)
FIRST_BLOCK, LARGEST_BLOCK = 2**11, 2**18  # bytes passed over in one step; small values end in the first, large ones cost few steps
REST_OF_STRING = rb'[^"\\]*+(?:\\.[^"\\]*+)*+'
STRING = re.compile(rb'"' + REST_OF_STRING + rb'"', re.DOTALL)
TO_QUOTE = re.compile(REST_OF_STRING, re.DOTALL)
STRING_OR_BRACKET = re.compile(STRING.pattern + rb"|[\]\[{}]", re.DOTALL)
FAR_SKIP, FAR_BUILD = 2**12, 2**17  # bytes within which a value is looked for as a whole; our choice: most end there


def _nested(levels: int) -> bytes:
    """A pattern of an object or array with so many levels of brackets in it. What kind they are is left to the decoder."""
    inside = rb'(?:[^\]\[{}"]++|' + STRING.pattern + rb")*+"
    for _ in range(levels):
        inside = rb'(?:[^\]\[{}"]++|' + STRING.pattern + rb"|[\[{]" + inside + rb"[\]}])*+"
    return rb"[\[{]" + inside + rb"[\]}]"


NEAR = re.compile(_nested(12), re.DOTALL)  # levels; our choice: events of transcripts have fewer
SCALAR = re.compile(rb"[^\]\[{}\",:\s]+")
SPACE = re.compile(rb"[ \t\r\n]*+")
NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
CLOSE_THEN_OPEN = re.compile(rb"([\]}]*)([\[{]*)")
CLOSES = bytes.maketrans(b"[{", b"]}")
BACKSLASH = 0x5C
QUICK_LEVELS = 16  # of brackets cut out pair by pair in a whole block; our choice: transcripts nest no deeper within one
LONGEST_SCALAR = 2**16  # bytes of a number; our choice: far more than is kept of one


class JsonStream:
    """One JSON document, read once from its start to its end."""

    def __init__(self, chunks: Iterable[bytes], *, file_name: str, where: str, depth: int, brackets: BracketBudget | None = None) -> None:
        self._chunks, self._file_name, self._where, self._depth = iter(chunks), file_name, where, depth
        self._brackets = brackets or BracketBudget()
        self._buffer, self._at, self._dropped = b"", 0, 0
        self._bytes_left, self._values_left = KEPT_BYTES, KEPT_VALUES

    def fields(self) -> Iterator[str]:
        """Yield each key of the object that comes next; after each the caller takes its value with ``value`` or ``skip``."""
        self._expect(b"{", "an object")
        seen: set[str] = set()
        if self._peek() == b"}":
            self._at += 1
            return
        while True:
            if self._peek() != b'"':
                self._refuse(self._shown(), "a key in quotes")
            key = self._whole(b'"')
            if key in seen:
                self._refuse(f"the key {key[:40]!r} twice in one object", "each key once")
            seen.add(key)
            self._expect(b":", "a colon after a key")
            yield key
            if self._next_or_end(b"}"):
                return

    def elements(self) -> Iterator[int]:
        """Yield the place of each element of the array that comes next; the caller takes its value with ``value`` or ``skip``."""
        self._expect(b"[", "an array")
        if self._peek() == b"]":
            self._at += 1
            return
        place = 0
        while True:
            yield place
            place += 1
            if self._next_or_end(b"]"):
                return

    def value(self, wanted: Part) -> Any:
        """Return what is wanted of the value that comes next."""
        first = self._peek()
        if isinstance(wanted, Whole):
            return self._whole(first)
        if first in b"[{" and (near := NEAR.match(self._buffer, self._at, self._at + FAR_BUILD)):
            self._at = near.end()
            return self._picked(self._decoded(near.group()), wanted)
        if isinstance(wanted, Fields) and first == b"{":
            return self._fields(wanted.named)
        if isinstance(wanted, Each) and first == b"[":
            return [self.value(wanted.element) for _ in self.elements()]
        if first in b'[{"':
            self.skip()
            return MISFIT
        return None if self._whole(first) is None else MISFIT

    def _picked(self, built: Any, wanted: Part) -> Any:
        """Return what is wanted of a value that was small enough to be built as a whole."""
        if isinstance(wanted, Fields) and isinstance(built, dict):
            rest = wanted.named.get("*")
            parts = ((key, value, wanted.named.get(key, rest)) for key, value in built.items())
            return {key: self._picked(value, part) for key, value, part in parts if part is not None}
        if isinstance(wanted, Each) and isinstance(built, list) and not isinstance(wanted.element, Whole):
            return [self._picked(value, wanted.element) for value in built]
        if isinstance(wanted, Whole) or (isinstance(wanted, Each) and isinstance(built, list)):
            self._charge([built])
            self._within_budget()
            return built
        return None if built is None else MISFIT

    def _charge(self, kept: Collection[Any]) -> None:
        """Take what is kept from the budget, with everything in it."""
        self._values_left -= len(kept)
        for value in kept:
            if isinstance(value, str):
                self._bytes_left -= len(value)
            elif isinstance(value, list | dict):
                self._charge(value if isinstance(value, list) else value.values())

    def _fields(self, named: Mapping[str, Part]) -> dict[str, Any]:
        found = {}
        rest = named.get("*")
        for key in self.fields():
            wanted = named.get(key, rest)
            if wanted is None:
                self.skip()
            else:
                found[key] = self.value(wanted)
        return found

    def forget(self) -> None:
        """Allow as much again to be kept: what was kept so far has been used."""
        self._bytes_left, self._values_left = KEPT_BYTES, KEPT_VALUES

    def takes_null(self) -> bool:
        """Return whether null comes next, and pass over it if so."""
        if self._peek() != b"n":
            return False
        self._scalar()
        return True

    def skip(self) -> None:
        """Pass over the value that comes next."""
        first = self._peek()
        if first in b"[{":
            near = NEAR.match(self._buffer, self._at, self._at + FAR_SKIP)
            if near:
                self._at = near.end()
            else:
                self._pass_container(None)
        elif first == b'"':
            self._at += 1
            self._pass_string(None)
        else:
            self._scalar()

    def finish(self) -> None:
        """Read to the end, where nothing but white space may follow."""
        while True:
            self._at = _end(SPACE, self._buffer, self._at)
            if self._at < len(self._buffer):
                self._refuse(self._shown(), "nothing after the end of the document")
            if not self._fill():
                return

    def _whole(self, first: bytes) -> Any:
        kept: list[bytes] = []
        if first in b"[{":
            self._pass_container(kept)
        elif first == b'"':
            self._at += 1
            self._keep(kept, first)
            self._pass_string(kept)
        else:
            self._keep(kept, self._scalar())
        text = b"".join(kept)
        self._values_left -= 1 + text.count(b",") + text.count(b"[") + text.count(b"{")
        self._within_budget()
        return self._decoded(text)

    def _decoded(self, text: bytes) -> Any:
        try:
            if text[0] == 34 and b"\\" not in text:  # a text without escapes needs no parser
                return text[1:-1].decode()
            return DECODER.decode(text.decode())
        except TwiceError as twice:
            self._refuse(f"the key {str(twice)[:40]!r} twice in one object", "each key once")
        except UnicodeDecodeError:
            self._refuse("bytes that are no UTF-8", "a text")
        except (ValueError, ArithmeticError, RecursionError):
            self._refuse("what no parser reads", "a JSON value")

    def _keep(self, kept: list[bytes], piece: bytes) -> None:
        self._bytes_left -= len(piece)
        self._within_budget()
        kept.append(piece)

    def _within_budget(self) -> None:
        if self._bytes_left < 0 or self._values_left < 0:
            self._refuse("more than a log has to tell", f"at most {KEPT_BYTES} bytes and {KEPT_VALUES} values in the fields that are read")

    def _scalar(self) -> bytes:
        """Return the number or word that starts here, filling up until it is certain where it ends."""
        while True:
            match = SCALAR.match(self._buffer, self._at)
            if not match:
                self._refuse(self._shown(), "a JSON value")
            if match.end() < len(self._buffer):
                break
            if len(self._buffer) - self._at > LONGEST_SCALAR:
                self._refuse(self._shown(), f"a number or word of at most {LONGEST_SCALAR} characters")
            if not self._fill():
                break
        self._at = match.end()
        return match.group()

    def _pass_string(self, kept: list[bytes] | None) -> None:
        """Pass over the rest of a text, from behind its opening quote to behind its closing one."""
        while True:
            end = self._text_end()
            closed = self._buffer[end : end + 1] == b'"'
            if kept is not None:
                self._keep(kept, self._buffer[self._at : end + closed])
            self._at = end + closed
            if closed:
                return
            if not self._fill():
                self._refuse("the end of the file inside a text", "its closing quote")

    def _text_end(self) -> int:
        """Where the text that goes on here has its closing quote, or where what is known of it ends."""
        quote = self._buffer.find(b'"', self._at)
        end = quote if quote >= 0 else len(self._buffer)
        return end if self._buffer.find(b"\\", self._at, end) < 0 else _end(TO_QUOTE, self._buffer, self._at)

    def _pass_container(self, kept: list[bytes] | None) -> None:
        """Pass over an object or array in blocks: texts are cut out of each, and of the rest only brackets are looked at."""
        open_brackets, size = self._buffer[self._at : self._at + 1], FIRST_BLOCK
        start = self._at
        self._at += 1
        while True:
            stop = self._block_end(size)
            between_quotes = _without_escapes(self._buffer[self._at : stop]).split(b'"')
            goes_on = len(between_quotes) % 2 == 0  # a text goes on behind the block
            closing, opening = self._unpaired(b"".join(between_quotes[::2]).translate(None, NO_BRACKETS))
            if len(closing) >= len(open_brackets):
                self._at = self._closing_place(open_brackets)
                if kept is not None:
                    self._keep(kept, self._buffer[start : self._at])
                return
            still_open = len(open_brackets) - len(closing)
            if open_brackets[still_open:][::-1].translate(CLOSES) != closing:
                self._refuse_brackets()
            open_brackets = open_brackets[:still_open] + opening
            if len(open_brackets) > self._depth:
                self._refuse_depth()
            if kept is not None:
                self._keep(kept, self._buffer[start:stop])
            self._at, size = stop, min(size * 2, LARGEST_BLOCK)
            if goes_on:
                self._pass_string(kept)
            if self._at >= len(self._buffer) and not self._fill():
                self._refuse("the end of the file inside an object or array", "its closing bracket")
            start = self._at

    def _block_end(self, size: int) -> int:
        """Where a block may end: not behind a backslash, which belongs to what follows it."""
        stop = min(self._at + size, len(self._buffer))
        while stop > self._at and self._buffer[stop - 1] == BACKSLASH:
            stop -= 1
        return stop if stop > self._at else min(self._at + size, len(self._buffer))

    def _closing_place(self, open_brackets: bytes) -> int:
        """Return the place behind the bracket that closes the first of those that are open."""
        for match in STRING_OR_BRACKET.finditer(self._buffer, self._at):
            found = match.group()
            if found in b"[{":
                open_brackets += found
                if len(open_brackets) > self._depth:
                    self._refuse_depth()
            elif found in b"]}":
                if open_brackets[-1:].translate(CLOSES) != found:
                    self._refuse_brackets()
                open_brackets = open_brackets[:-1]
                if not open_brackets:
                    return match.end()
        raise AssertionError("the block was counted to close its first bracket")

    def _unpaired(self, brackets: bytes) -> tuple[bytes, bytes]:
        """Cut out brackets that open and close within the block; return those that only close, and those that only open."""
        for _ in range(min(QUICK_LEVELS, self._depth)):
            shorter = brackets.replace(b"{}", b"").replace(b"[]", b"")
            if len(shorter) == len(brackets):
                break
            brackets = shorter
        else:
            brackets = self._unpaired_one_by_one(brackets)
        match = CLOSE_THEN_OPEN.fullmatch(brackets)
        if not match:
            self._refuse_brackets()
        return match.group(1), match.group(2)

    def _unpaired_one_by_one(self, brackets: bytes) -> bytes:
        """Cut out what is left behind ``QUICK_LEVELS``: a block of nothing but deep nesting would take a pass for every level."""
        self._brackets.left -= len(brackets)
        if self._brackets.left < 0:
            self._refuse("more and deeper brackets than transcripts have", "fewer of them")
        closing, opening = bytearray(), bytearray()
        within = min(QUICK_LEVELS, self._depth)  # levels that were cut out of every pair that is left
        for each in brackets:
            if each in b"[{":
                opening.append(each)
            elif not opening:
                closing.append(each)
            elif len(opening) + within > self._depth:
                self._refuse_depth()
            elif CLOSES[opening.pop()] != each:
                self._refuse_brackets()
        return bytes(closing + opening)

    def _peek(self) -> bytes:
        """Return the byte that comes next behind white space."""
        while True:
            self._at = _end(SPACE, self._buffer, self._at)
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._fill():
                self._refuse("the end of the file", "a JSON value")

    def _expect(self, wanted: bytes, words: str) -> None:
        if self._peek() != wanted:
            self._refuse(self._shown(), words)
        self._at += 1

    def _next_or_end(self, end: bytes) -> bool:
        """Pass over a comma, or over the closing bracket; return whether it was the bracket."""
        found = self._peek()
        if found not in (b",", end):
            self._refuse(self._shown(), f"a comma or {end.decode()}")
        self._at += 1
        return found == end

    def _fill(self) -> bool:
        """Append the next bytes, and drop those that were used; return whether there were any."""
        more = next(self._chunks, b"")
        self._dropped += self._at
        self._buffer, self._at = self._buffer[self._at :] + more, 0
        return bool(more)

    def _shown(self) -> str:
        """What stands here, short: kinds of brackets and numbers only, since a text may be a prompt."""
        found = self._buffer[self._at : self._at + 1]
        return "a text" if found == b'"' else repr(found.decode("latin-1")) if found else "the end of the file"

    def _refuse_depth(self) -> NoReturn:
        self._refuse(f"more than {self._depth} brackets inside each other", f"at most {self._depth}")

    def _refuse_brackets(self) -> NoReturn:
        self._refuse("brackets that do not match", "each closed by its own kind")

    def _refuse(self, found: str, expected: str) -> NoReturn:
        place = f"byte {self._dropped + self._at}"
        raise LogError(self._file_name, f"{self._where}, {place}" if self._where else place, found, expected)


def _without_escapes(block: bytes) -> bytes:
    return block.replace(rb"\\", b"").replace(rb"\"", b"") if BACKSLASH in block else block


def _end(pattern: re.Pattern[bytes], buffer: bytes, at: int) -> int:
    match = pattern.match(buffer, at)
    return match.end() if match else at
