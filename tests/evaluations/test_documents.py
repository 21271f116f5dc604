"""Strict reading: what is refused, with which line, and what numbers become."""

from __future__ import annotations

from decimal import Decimal

import pytest

from evaluations.documents import DocumentError, read_document

HOSTILE = {
    "a key twice in YAML": ("a: 1\nb: 2\na: 3\n", 3, "a second time"),
    "a key twice in JSON": ('{\n"a": 1,\n"a": 2}', 3, "a second time"),
    "NaN in YAML": ("a:\n  - .nan\n", 2, "a finite number"),
    "infinity in YAML": ("a: -.inf\n", 1, "a finite number"),
    "NaN in JSON": ('{"b": 1,\n"a": NaN}', 2, "a finite number"),
    "infinity in JSON": ('{"a": -Infinity}', 1, "a finite number"),
    "an alias": ("a: &x [1]\nb: *x\n", 1, "anchor or alias"),
    "a merge key": ("a: 1\n<<: {b: 2}\n", 2, "a key that is no word"),
    "a tag": ("a: !!python/object:os.system x\n", 1, "the tag"),
    "an octal number": ("a: 0o17\n", 1, "decimal number"),
    "a second document": ("a: 1\n---\nb: 2\n", 2, "YAML 1.2"),
    "a tab for indentation": ("a:\n\t- 1\n", 2, "YAML 1.2"),
    "an open bracket": ("a: [1, 2\n", 2, "YAML 1.2"),
    "broken JSON": ('{"a": 1,\n"b" 2}', 2, "JSON"),
    "a list at the top": ("- a\n", 1, "a mapping"),
    "an empty file": ("", 1, "a mapping"),
    "a NUL": ("a: 1\nb: \x00\n", 2, "NUL"),
    "depth in YAML": ("a: " + "[" * 40 + "]" * 40, 1, "32 levels"),
    "depth in JSON": ('{"a": ' + "[" * 40 + "]" * 40 + "}", 1, "32 levels"),
    "bottomless JSON": ('{"a": ' + "[" * 100_000, None, ""),
    "a huge whole number in JSON": ('{"a": ' + "9" * 5000 + "}", 1, "ordinary size"),
}


@pytest.mark.parametrize(("text", "line", "words"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused_with_its_line(text: str, line: int | None, words: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read_document(text.encode(), "file.yaml")
    assert words in str(refused.value)
    assert str(refused.value).startswith("file.yaml:")
    if line is not None:
        assert refused.value.problems[0].line == line


def test_bytes_that_are_not_utf8_are_refused_with_their_line() -> None:
    with pytest.raises(DocumentError, match=r"file.yaml:2: .*byte 0xff.*UTF-8"):
        read_document(b"a: 1\nb: \xff\n", "file.yaml")


def test_a_byte_order_mark_is_no_part_of_the_file() -> None:
    assert read_document(b"\xef\xbb\xbfa: 1\n", "f").value == {"a": 1}


@pytest.mark.parametrize("text", ["a: 69.70\n", '{"a": 69.70}'])
def test_digits_stay_as_written(text: str) -> None:
    assert str(read_document(text.encode(), "f").value["a"]) == "69.70"


def test_words_of_yaml_1_1_are_words() -> None:
    value = read_document(b"a: on\nb: no\nc: 2024-01-01\nd: 1_000\ne: 12:30:45\n", "f").value
    assert value == {"a": "on", "b": "no", "c": "2024-01-01", "d": "1_000", "e": "12:30:45"}


def test_a_quoted_number_is_text() -> None:
    assert read_document(b"a: '2.10'\nb: \"7\"\n", "f").value == {"a": "2.10", "b": "7"}


def test_plain_numbers_are_exact() -> None:
    assert read_document(b"a: 1e-3\nb: +4\nc: .5\n", "f").value == {"a": Decimal("0.001"), "b": 4, "c": Decimal("0.5")}


@pytest.mark.parametrize("text", ["a:\n  - b: 1\n  - b: 2\n", '{"a": [\n{"b": 1},\n{"b": 2}]}'])
def test_every_part_knows_its_line(text: str) -> None:
    assert read_document(text.encode(), "f").line(("a", 1, "b")) == 3
