"""Every row is inserted once and in order, whatever the number of rows, and columns that nothing fills hold nothing."""

from __future__ import annotations

from itertools import chain

import pytest

from rsp.store.inserting import _filled, _portions


@pytest.mark.parametrize("most", [1, 2, 3, 37, 90, 900])
def test_portions_hold_every_row_once_in_its_order(most: int) -> None:
    """No portion is longer than may be, and few lengths occur."""
    for number in range(1, 1_001, 7):
        rows = [(place, -place) for place in range(number)]
        portions = list(_portions(rows, most))
        strung = list(chain.from_iterable(portions))
        assert [pair for each in strung for pair in zip(each[::2], each[1::2], strict=True)] == rows
        assert all(len(set(map(len, each))) == 1 and len(each[0]) <= 2 * most for each in portions)
        assert len(portions) <= most.bit_length()


def test_columns_that_any_row_fills_are_kept() -> None:
    """Also by the last row alone, and by what counts as false."""
    names = ("a", "b", "c", "d")
    assert _filled(names, [(1, None, None, None), (2, None, 0, None), (3, None, None, "")]) == (
        ["a", "c", "d"],
        [(1, None, None), (2, 0, None), (3, None, "")],
    )
    whole = [(1, 2, 3, 4), (None, None, None, None)]
    assert _filled(names, whole) == (names, whole)
