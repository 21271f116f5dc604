"""Canonical JSON: held to a second implementation, and closed to whatever has no exact text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from rsp.store.canonical import canonical_bytes, canonical_text
from tests.rsp.store.sample import a_criteria_set, a_policy
from thresholds.load import canonical

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS
KEYS = st.text(alphabet=st.characters(max_codepoint=127))
VALUES = st.recursive(SCALARS, lambda each: st.lists(each) | st.dictionaries(KEYS, each), max_leaves=30)


@given(VALUES)
def test_a_second_implementation_writes_the_same_bytes(value: Any) -> None:
    """The rfc8785 package agrees, byte for byte."""
    assert canonical_bytes(value) == rfc8785.dumps(value)


def test_rows_may_be_tuples() -> None:
    """A tuple is written as the list it stands for."""
    assert canonical_text([("a", 1, None), ("b", 2, "c")]) == '[["a",1,null],["b",2,"c"]]'
    assert canonical_text([("a", True), ("b", 2), (None, False)]) == '[["a",true],["b",2],[null,false]]'
    assert canonical_text([(), (), ()]) == "[[],[],[]]"


@pytest.mark.parametrize(
    "value",
    [
        0.62,
        float("nan"),
        float("inf"),
        Decimal("0.62"),
        b"bytes",
        {1: "a"},
        {"é": 1},
        [["a", 0.5]],
        [[["a", 0.5]]],
        [["a", 1], ["b", 0.5]],
        [[1, 2], [1, 2], [1, 0.5]],
        [[1], [0.5], [1]],
        [[["a"], 1], [["b"], 1], [[b"c"], 1]],
        [["a", 1], ["b"], ["c", 0.5]],
        {"a": [("b", object())]},
    ],
)
def test_what_has_no_exact_text_is_refused(value: Any) -> None:
    """Floats, NaN among them, decimals, bytes and keys beyond ASCII."""
    with pytest.raises(TypeError):
        canonical_text(value)


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), [1, 2**53], [[1, 2**53]], [["a", 1], ["b", -(2**53)], ["c", 2]], [["a"], ["b", 2**53]], "\ud800"]
)
def test_what_readers_disagree_on_is_refused(value: Any) -> None:
    """Whole numbers beyond 2^53 - 1 and half a surrogate pair."""
    with pytest.raises(ValueError, match=r"2\^53|surrogates"):
        canonical_bytes(value)


def test_policies_have_one_canonical_text() -> None:
    """The digest a verdict records is the digest the database holds."""
    for record in (a_policy(), a_criteria_set()):
        assert canonical(record) == canonical_text(record.model_dump(mode="json"))
