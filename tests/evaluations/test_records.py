"""Records are refused when they are built, in words of what was found and what was expected."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from evaluations.records import ItemResult


@pytest.mark.parametrize("minutes", ["0", "-3", "-0.0"])
def test_an_item_takes_a_person_more_than_no_time(minutes: str) -> None:
    with pytest.raises(ValidationError, match=f"found human_minutes {minutes}, expected more than 0"):
        ItemResult(item="a", human_minutes=Decimal(minutes), attempts=(Decimal(1),))


def test_how_long_a_person_needs_may_be_unknown() -> None:
    assert ItemResult(item="a", attempts=(Decimal(1),)).human_minutes is None
    assert str(ItemResult(item="a", human_minutes=Decimal("0.50"), attempts=(Decimal(1),)).human_minutes) == "0.50"
