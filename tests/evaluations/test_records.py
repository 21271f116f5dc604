"""Records are refused when they are built, in words of what was found and what was expected."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from evaluations.records import ItemResult, Score, Statistic
from evaluations.values import NUMBERS_AS_TEXT

SCORE = {"source": "card", "statistic": "mean", "value": 0.5, "items": 10}


@pytest.mark.parametrize("minutes", ["0", "-3", "-0.0"])
def test_an_item_takes_a_person_more_than_no_time(minutes: str) -> None:
    with pytest.raises(ValidationError, match=f"found human_minutes {minutes}, expected more than 0"):
        ItemResult(item="a", human_minutes=Decimal(minutes), attempts=(Decimal(1),))


def test_how_long_a_person_needs_may_be_unknown() -> None:
    assert ItemResult(item="a", attempts=(Decimal(1),)).human_minutes is None
    assert str(ItemResult(item="a", human_minutes=Decimal("0.50"), attempts=(Decimal(1),)).human_minutes) == "0.50"


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"value": None}, "neither value nor passed nor words"),
        ({"items": 0}, "a score over zero observations"),
        ({"passed": 3}, "only one of passed and trials"),
        ({"trials": 3}, "only one of passed and trials"),
        ({"passed": 4, "trials": 3}, "passed 4 of trials 3"),
        ({"passed": -1, "trials": 3}, "passed -1 of trials 3"),
        ({"passed": 0, "trials": 0}, "a score over zero observations"),
        ({"spread": 0.1}, "only one of spread and spread_kind"),
        ({"spread_kind": "se"}, "only one of spread and spread_kind"),
        ({"spread": -0.1, "spread_kind": "se"}, "spread -0.1"),
        ({"low": 0.4}, "part of low, high, interval_level"),
        ({"high": 0.6}, "part of low, high, interval_level"),
        ({"interval_level": 0.95}, "part of low, high, interval_level"),
        ({"low": 0.6, "high": 0.4, "interval_level": 0.95}, "low 0.6 above high 0.4"),
        ({"low": 0.6, "high": 0.7, "interval_level": 0.95}, "value 0.5 outside its own interval 0.6 to 0.7"),
        ({"low": 0.4, "high": 0.6, "interval_level": 95}, "interval_level 95"),
        ({"k": 3}, "k without pass_at_k"),
        ({"statistic": "pass_at_k"}, "k without pass_at_k"),
    ],
)
def test_a_score_whose_parts_do_not_fit_is_refused(told: dict[str, Any], found: str) -> None:
    """Also beside a value over some items, of which nothing else needs asking."""
    with pytest.raises(ValidationError, match=f"found {found}"):
        Score.model_validate(SCORE | told)


NUMBERS = st.sampled_from([None, "-1", "0", "0.4", "0.5", "0.6", "3", "95"])
COUNTS = st.sampled_from([None, 0, 1, 3])
PARTS = {
    **dict.fromkeys(("value", "passed", "spread", "low", "high", "interval_level"), NUMBERS),
    **dict.fromkeys(("k", "trials", "items", "runs"), COUNTS),
    "spread_kind": st.sampled_from([None, "se"]),
    "words": st.sampled_from([None, "not given"]),
}


@given(st.fixed_dictionaries({"statistic": st.sampled_from(list(Statistic))}, optional=PARTS))
@example({"statistic": "pass_at_k", "k": 3, "value": "0.5"})
def test_a_score_that_is_taken_at_a_glance_would_be_taken_after_every_question(told: dict[str, Any]) -> None:
    """Most scores are asked only whether anything stands beside the value; nothing wrong may pass by that."""
    try:
        score = Score.model_validate({"source": "card"} | told, context=NUMBERS_AS_TEXT)
    except ValidationError:
        return
    score._expect_consistent()
