"""JSON as it streams by: what is built equals what Python's own parser builds, however the document is cut into pieces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations.readers.json_members import FAR_BUILD, JsonStream
from evaluations.readers.json_parts import MISFIT, PRESENT, WHOLE, Each, Fields
from evaluations.readers.log_file import BracketBudget
from evaluations.readers.log_reading import LogError

AWKWARD = ['"', "\\", '\\"', "\\\\", "[{", "]}", ",:", "\u2028"]
TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=12) | st.sampled_from(AWKWARD)
SCALARS = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.decimals(-1000, 1000, places=3).map(float) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12)
PIECES = st.integers(1, 40)


def stream(document: bytes, piece: int = 2**18, depth: int = 100) -> JsonStream:
    pieces = (document[at : at + piece] for at in range(0, len(document), piece))
    return JsonStream(pieces, file_name="x.eval", where="m.json", depth=depth)


def exact(document: bytes) -> Any:
    return json.loads(document, parse_float=Decimal)


@given(VALUES, PIECES, st.booleans())
def test_a_whole_value_is_what_any_parser_reads(value: Any, piece: int, ascii_only: bool) -> None:
    document = json.dumps(value, ensure_ascii=ascii_only).encode()
    read = stream(document, piece)
    assert read.value(WHOLE) == exact(document)
    read.finish()


@given(st.dictionaries(TEXTS, VALUES, max_size=5), PIECES, st.data())
def test_what_is_passed_over_changes_nothing_of_what_is_wanted(value: dict[str, Any], piece: int, data: st.DataObject) -> None:
    document = json.dumps(value, indent=data.draw(st.sampled_from([None, 1]))).encode()
    wanted = data.draw(st.sets(st.sampled_from(sorted(value)))) if value else set()
    read = stream(document, piece)
    assert read.value(Fields(dict.fromkeys(wanted, WHOLE))) == {name: found for name, found in exact(document).items() if name in wanted}
    read.finish()


@settings(max_examples=20)  # each document is a megabyte
@given(st.lists(VALUES, max_size=5), st.sampled_from([997, 2**14, 2**18]))
def test_large_values_are_passed_over_like_small_ones(values: list[Any], piece: int) -> None:
    values = [*values, *AWKWARD]
    many = json.dumps({"before": [values, "x" * FAR_BUILD], "id": 7, "behind": [values] * 3000}).encode()
    read = stream(many, piece)
    assert read.value(Fields({"id": WHOLE})) == {"id": 7}
    read.finish()


def test_numbers_are_exact_and_what_is_no_number_is_not_finite() -> None:
    found = stream(b"[0.10, NaN, Infinity, -Infinity, 1e400, " + b"9" * 41 + b"]").value(WHOLE)
    assert str(found[0]) == "0.10"
    assert [each.is_finite() for each in found[1:]] == [False, False, False, True, False]


def test_values_of_another_kind_are_told_from_nothing() -> None:
    wanted = Fields({"a": PRESENT, "b": PRESENT, "c": Each(WHOLE), "d": Fields({"*": WHOLE})})
    assert stream(b'{"a": null, "b": 1, "c": {}, "d": {"e": 2}}').value(wanted) == {"a": None, "b": MISFIT, "c": MISFIT, "d": {"e": 2}}


def to_the_end(read: JsonStream) -> None:
    read.value(Fields({"a": WHOLE}))
    read.finish()


BROKEN = {
    "twice": (b'{"a": 1, "a": 2}', "the key 'a' twice"),
    "twice further in": (b'{"a": {"b": 1, "b": 2}}', "the key 'b' twice"),
    "twice by an escape": (b'{"a": 1, "\\u0061": 2}', "the key 'a' twice"),
    "cut in a text": (b'{"a": "x', "the end of the file inside a text"),
    "cut in an object": (b'{"a": [1, ', "the end of the file inside"),
    "cut behind a key": (b'{"a"', "the end of the file"),
    "brackets that cross": (b'{"b": [1, 2}, "a": 1}', "brackets that do not match|a JSON value"),
    "no comma": (b'{"a": 1 "b": 2}', "a comma|a JSON value"),
    "no colon": (b'{"a" 1}', "a colon|a JSON value"),
    "no value": (b'{"a": }', "a JSON value"),
    "a word": (b'{"a": nothing}', "a JSON value"),
    "something behind": (b'{"a": 1} {}', "nothing after the end"),
    "no UTF-8": (b'{"a": "\xff"}', "no UTF-8"),
    "half a character": (b'{"a": "\xed\xa0\x80"}', "no UTF-8"),
}


@pytest.mark.parametrize("piece", [1, 2**18])
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_json_is_refused_at_its_byte(name: str, piece: int) -> None:
    document, words = BROKEN[name]
    with pytest.raises(LogError, match=words) as refused:
        to_the_end(stream(document, piece))
    assert "x.eval, m.json, byte " in str(refused.value)


def endless(unit: bytes) -> Iterator[bytes]:
    yield b'{"b":'
    while True:
        yield unit * (2**18 // len(unit))


@pytest.mark.parametrize(
    ("unit", "words"), [(b"[", "brackets inside each other"), (b'{"a":', "brackets inside each other"), (b"1", "at most")]
)
def test_what_never_ends_is_refused_at_once(unit: bytes, words: str) -> None:
    with pytest.raises(LogError, match=words):
        JsonStream(endless(unit), file_name="x", where="", depth=100).value(Fields({"a": WHOLE}))


@pytest.mark.parametrize("nested", [90, 120])
def test_deep_brackets_again_and_again_are_refused_before_they_cost_much(nested: int) -> None:
    """A pass over a block for each level would take a quarter of a minute for 40 MiB."""
    document = b'{"b":[' + (b"[" * nested + b"]" * nested + b",") * 200 + b'1],"a":1}'
    read = JsonStream([document], file_name="x", where="", depth=150, brackets=BracketBudget(left=len(document)))
    assert read.value(Fields({"a": WHOLE})) == {"a": 1}
    with pytest.raises(LogError, match="more and deeper brackets"):
        JsonStream([document], file_name="x", where="", depth=150, brackets=BracketBudget(left=99)).value(Fields({"a": WHOLE}))


@pytest.mark.parametrize("deep", [99, 101])
def test_depth_is_counted_where_nothing_is_built_too(deep: int) -> None:
    document = b'{"b":' + b"[" * deep + b"]" * deep + b"}"
    if deep < 100:
        assert stream(document).value(Fields({"a": WHOLE})) == {}
    else:
        with pytest.raises(LogError, match="more than 100 brackets inside each other"):
            stream(document).value(Fields({"a": WHOLE}))


def test_no_refusal_quotes_a_text() -> None:
    with pytest.raises(LogError) as refused:
        stream(b'{"a": "a private prompt" "b"}').value(Fields({"a": WHOLE}))
    assert "private" not in str(refused.value)
