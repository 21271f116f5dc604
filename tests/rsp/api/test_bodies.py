"""JSON is read fast where it is plain, and closely where it is not; both ways give the same."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.documents import DEEPEST
from rsp.api.bodies import LONGEST_WRITTEN, Media, _plain, _Reader, json_value, records_of
from rsp.api.problems import RefusedError

PLAIN = st.recursive(
    st.none() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False, places=3).map(float),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NOT_PLAIN = [
    '{"a": 1, "a": 2}',
    "NaN",
    '"\\u0000"',
    '"\\ud800"',
    '"\\u00e9"',
    '{"a": [1',
    "1 2",
    "{} {}",
    "",
    " ",
    "-",
    "1e99999999999999999999",
]
ODDLY_PLAIN = ["\t[1]\r", "1e999999999"]
DEEP = ["[" * DEEPEST + "]" * DEEPEST, "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), '{"a":[' * 40 + "]}" * 40]
UNUSUAL = st.sampled_from([*NOT_PLAIN, *ODDLY_PLAIN, *DEEP, "tru", "9" * 401, "\ufeff1"])
LINE = PLAIN.map(lambda value: json.dumps(value, ensure_ascii=False)) | UNUSUAL


def each_alone(lines: list[str]) -> tuple[list[Any], set[int]]:
    """The values of the lines that can be read, one at a time, and the numbers of those that cannot."""
    values, wrong = [], set()
    for number, line in enumerate(lines, 1):
        try:
            if line.strip():
                values.append(json_value(line.encode("utf-8", "surrogatepass")))
        except RefusedError:
            wrong.add(number)
    return values, wrong


@given(st.lists(LINE, min_size=1, max_size=8))
def test_lines_hold_what_each_holds_alone(lines: list[str]) -> None:
    """Or are refused together, naming every line that would be refused alone."""
    values, wrong = each_alone(lines)
    content = "\n".join(line.replace("\n", " ") for line in lines).encode("utf-8", "surrogatepass")
    if wrong or not values:
        with pytest.raises(RefusedError) as refused:
            records_of(content, Media.LINES)
        named = {int(each.where.removeprefix("line ")) for each in refused.value.problems if each.where}
        assert named == wrong
    else:
        body = records_of(content, Media.LINES)
        assert list(body.values) == values
        assert list(body.lines) == [number for number, line in enumerate(lines, 1) if line.strip()]


WRITTEN = st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)
TEXTS = LINE | WRITTEN | st.text(max_size=12) | st.lists(WRITTEN, max_size=4).map(lambda told: '{"a": [' + ", ".join(told) + "]}")


@given(TEXTS | st.binary(max_size=12))
def test_what_is_read_fast_is_what_a_close_look_finds(told: str | bytes) -> None:
    """The same values of the same kinds, numbers with the same digits; what the close look refuses is not read fast."""
    content = told.encode("utf-8", "surrogatepass") if isinstance(told, str) else told
    try:
        found = _plain(content)
    except ValueError:
        return
    assert _kinds(found) == _kinds(_Reader().value(content))


def _kinds(value: Any) -> Any:
    """The value with the type of each part, and a number by its text: 0.50 equals 0.5 and is another."""
    if isinstance(value, dict):
        return {key: _kinds(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_kinds(inner) for inner in value]
    return type(value), str(value)


PLAINLY = ["1", "0.620", "[1, 2.50]", '{"a": "é", "b": null, "c": true}', '{"a": "' + "z" * 500 + '"}', DEEP[0], *ODDLY_PLAIN]
LONG = ["9" * (LONGEST_WRITTEN + 1), "0." + "1" * LONGEST_WRITTEN, '["' + "1" * (LONGEST_WRITTEN + 1) + '"]']


@pytest.mark.parametrize("told", PLAINLY)
def test_what_is_plain_is_read_fast(told: str) -> None:
    """Else the test above would hold of nothing."""
    _plain(told.encode())


@pytest.mark.parametrize("told", [*NOT_PLAIN, *DEEP[1:], *LONG])
def test_what_is_not_plain_is_looked_at_closely(told: str) -> None:
    """Whether it is wrong or not: a number without end may take without end to read."""
    with pytest.raises(ValueError, match=r"."):
        _plain(told.encode("utf-8", "surrogatepass"))


def test_a_number_of_a_line_stays_as_it_was_written() -> None:
    """Digit for digit: 0.620 is not 0.62."""
    body = records_of(b'{"value": 0.620}\n\n{"value": 1}\n', Media.LINES)
    assert [str(each["value"]) for each in body.values] == ["0.620", "1"]
    assert [type(each["value"]) for each in body.values] == [Decimal, int]
    assert list(body.lines) == [1, 3]


def test_a_line_that_is_no_json_is_named_once() -> None:
    """By its number in the body; the column is that of the line."""
    with pytest.raises(RefusedError) as refused:
        records_of(b'{"a": 1}\n{"a": x}\n', Media.LINES)
    (problem,) = refused.value.problems
    assert (problem.where, problem.found) == ("line 2", "no JSON at column 7 (expecting value)")


def test_a_text_of_several_lines_names_the_line_and_the_column() -> None:
    """Where nothing else has numbered them."""
    with pytest.raises(RefusedError) as refused:
        json_value(b'{"a": 1,\n "b": x}\n')
    assert refused.value.problems[0].found == "no JSON at line 2, column 7 (expecting value)"
