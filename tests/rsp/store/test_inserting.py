"""Every row is inserted once and in order, whatever the number of rows."""

from __future__ import annotations

from itertools import chain

import pytest

from rsp.store.inserting import _portions


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
