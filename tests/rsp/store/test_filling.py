"""A row is filled in the order of its table's columns, with texts as the columns make them, and refuses what is neither text nor number."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from evaluations.records import Score
from rsp.store.filling import Fresh, filling
from rsp.store.shapes import SCORE
from rsp.store.writing import columns_of

Record = tuple[dict[str, Any], list[str | None], str, str | None]


def fresh(*records: Record) -> Fresh:
    """New records with their links, keys and parents."""
    held = Fresh()
    for each in records:
        held.add(*each)
    return held


TOLD = Score.model_validate({"slug": "s", "source": "card", "statistic": "mean", "value": Decimal("0.620"), "items": 100}).__dict__


def test_every_value_stands_in_its_column() -> None:
    """And the columns that nothing fills hold nothing."""
    ((*filled,),) = zip(*filling(SCORE)(fresh((TOLD, ["the-source"], "the-key", "the-run"))), strict=True)
    row = dict(zip(columns_of(SCORE.row), filled, strict=True))
    assert {name: held for name, held in row.items() if held is not None} == {
        "id": "the-key",
        "run_id": "the-run",
        "source_id": "the-source",
        "slug": "s",
        "statistic": "mean",
        "value": "0.620",
        "items": 100,
        "confidence": "measured",
        "visibility": "staff",
    }


def test_records_filled_together_are_filled_as_each_alone() -> None:
    """Also where one fills a column that others leave empty."""
    odd = ({}, {"k": 3, "low": Decimal("0.50")}, {"low": Decimal("0.5"), "statistic": "median"}, {})
    records: list[Record] = [({**TOLD, **more}, [None], str(place), None) for place, more in enumerate(odd)]
    alone = [zip(*filling(SCORE)(fresh(each)), strict=True) for each in records]
    assert list(zip(*filling(SCORE)(fresh(*records)), strict=True)) == [row for rows in alone for row in rows]


@pytest.mark.parametrize("strange", [True, 0.5, b"text"])
def test_what_is_neither_text_nor_a_whole_number_is_refused(strange: object) -> None:
    """Naming the column: another type would print as something else in the log's body than it holds in the row."""
    with pytest.raises(TypeError, match="in items of score"):
        filling(SCORE)(fresh(*[(told, ["the-source"], "the-key", "the-run") for told in (TOLD, {**TOLD, "items": strange})]))
