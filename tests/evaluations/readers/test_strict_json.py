"""JSON of other programs: what is kept is exact or refused at its place, and what is not kept does no harm."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from evaluations.readers.log_file import Budget, LogFile
from evaluations.readers.log_reading import LogError
from evaluations.readers.strict_json import Part, document_lines, whole_document


def document(text: str | bytes, **budget: int) -> Part:
    content = text if isinstance(text, bytes) else text.encode()
    return whole_document(LogFile("f.json", io.BytesIO(content), budget=Budget(**budget)))


REFUSED_AT_ONCE: dict[str, tuple[str | bytes, str]] = {
    "a key twice": ('{"a": {"acc": 1, "acc": 0}}', "the key “acc” twice"),
    "a byte that is no UTF-8": (b'{"a": "\xff"}', "byte 0xff"),
    "a raw NUL": ('{"a": "\x00"}', "invalid control character"),
    "a second document": ('{"a": 1}\n{"b": 2}', "extra data"),
    "a cut file": ('{"a": {"b": [1, 2', "no JSON"),
    "deep nesting": ("[" * 101 + "]" * 101, "more than 100 levels"),
    "endless nesting": ("[" * 100_000, "nesting without end"),
    "an empty file": ("", "no JSON"),
}


@pytest.mark.parametrize("case", REFUSED_AT_ONCE)
def test_a_document_that_is_not_strict_is_refused_with_what_was_found(case: str) -> None:
    text, found = REFUSED_AT_ONCE[case]
    with pytest.raises(LogError, match=found):
        document(text)


REFUSED_WHERE_KEPT: dict[str, tuple[str, Callable[[Part], Any], str]] = {
    "a number of 41 digits": ('{"a": {"n": ' + "9" * 41 + "}}", lambda part: part["a"]["n"].number(), "a / n: found a number beyond 40"),
    "an exponent beyond reason": ('{"a": {"n": 1e999999999}}', lambda part: part["a"]["n"].number(), "beyond 40 digits"),
    "an exponent no decimal holds": ('{"a": {"n": 1e99999999999999999999}}', lambda part: part["a"]["n"].number(), "beyond 40 digits"),
    "a boolean": ('{"a": {"n": true}}', lambda part: part["a"]["n"].number(), "a / n: found true, expected a number"),
    "a text": ('{"a": {"n": "0.9"}}', lambda part: part["a"]["n"].number(), "expected a number"),
    "a fraction of a count": ('{"a": {"n": 1.5}}', lambda part: part["a"]["n"].count(), "found 1.5, expected a count"),
    "half a surrogate pair": ('{"a": {"n": "\\ud800"}}', lambda part: part["a"]["n"].text(), "U\\+D800"),
    "an escaped NUL": ('{"a": {"n": "\\u0000"}}', lambda part: part["a"]["n"].text(), "U\\+0000"),
    "a long name": ('{"a": {"n": "' + "x" * 501 + '"}}', lambda part: part["a"]["n"].text(), "501 characters"),
    "a list for a mapping": ('{"a": [1]}', lambda part: part["a"]["n"], "found a list, expected a mapping"),
}


@pytest.mark.parametrize("case", REFUSED_WHERE_KEPT)
def test_what_cannot_be_kept_is_refused_where_it_is_asked_for(case: str) -> None:
    text, ask, found = REFUSED_WHERE_KEPT[case]
    whole = document(text)  # a prompt may hold such a thing, and is passed over
    with pytest.raises(LogError, match=found):
        ask(whole)


def test_numbers_are_exact_to_the_last_digit() -> None:
    assert str(document('{"n": 0.10000000000000000000000000000000000001}')["n"].number()) == "0.10000000000000000000000000000000000001"
    assert str(document('{"n": 69.70}')["n"].number()) == "69.70"


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "null"])
def test_what_is_not_finite_is_no_value(text: str) -> None:
    assert document(f'{{"n": {text}}}')["n"].number() is None


def test_many_values_in_texts_are_no_many_values() -> None:
    assert document('{"t": "' + "," * 1_000 + '"}', values=500)["t"].text(2_000) == "," * 1_000
    with pytest.raises(LogError, match="more than 500 values"):
        document('{"t": [' + "1," * 1_000 + "1]}", values=500)


def test_an_error_names_the_line_of_its_file() -> None:
    lines = document_lines(io.BytesIO(b'{"a": 1}\n\n{"a": 2, "a": 3}\n'), "f.jsonl", Budget())
    assert next(lines)["a"].number() == Decimal(1)
    with pytest.raises(LogError, match=r"f\.jsonl, line 3: found the key “a” twice"):
        next(lines)


def test_a_line_or_a_document_beyond_the_budget_is_refused() -> None:
    with pytest.raises(LogError, match="line 2: found more than 50 bytes"):
        list(document_lines(io.BytesIO(b"{}\n" + b"[" * 60), "f.jsonl", Budget(document_bytes=50)))
    with pytest.raises(LogError, match="found more than 50 bytes"):
        document('{"t": "' + "x" * 60 + '"}', document_bytes=50)
