"""Looks, covariates and answers are refused when they are built, in words of what was found and what was expected."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from evaluations.trials import DropAnswer, Look, UpliftTrial


def look(taken: int, *fractions: str) -> Look:
    """A look, its planned fractions as written."""
    return Look(taken=taken, planned_fractions=tuple(map(Decimal, fractions)))


@pytest.mark.parametrize(
    ("taken", "fractions", "words"),
    [
        (0, (), "found taken 0, expected 1 for the first look, or more"),
        (0, ("1",), "found taken 0, expected 1 for the first look, or more"),
        (3, ("0.5", "1"), "found taken 3 of 2 planned looks, expected 1 to 2"),
        (1, ("0.5",), "end at 0.5, expected 1: all participants, at the last look"),
        (1, ("0.5", "0.50", "1"), "found planned_fractions 0.5, 0.50, 1, expected each above the one before it"),
        (1, ("0.7", "0.5", "1"), "expected each above the one before it"),
        (1, ("0", "1"), "found planned_fractions 0, 1, expected each above 0 and at most 1"),
        (1, ("-0.5", "1"), "expected each above 0 and at most 1"),
        (1, ("0.5", "1.1"), "expected each above 0 and at most 1"),
        (1, ("50", "100"), "expected each above 0 and at most 1"),
    ],
)
def test_a_look_that_no_plan_could_hold_is_refused(taken: int, fractions: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        look(taken, *fractions)


def test_an_unplanned_look_may_be_any() -> None:
    assert look(7).planned_fractions == ()


@given(st.sets(st.integers(1, 99), max_size=6), st.data())
def test_every_planned_look_can_be_taken(shares: set[int], data: Any) -> None:
    """Increasing shares that end at all participants are a plan, and each of its looks is one that can be recorded."""
    fractions = (*(Decimal(share) / 100 for share in sorted(shares)), Decimal(1))
    taken = data.draw(st.integers(1, len(fractions)))
    made = Look(taken=taken, planned_fractions=fractions)
    assert Look.model_validate_json(made.model_dump_json()) == made


def person(code: str, **fields: Any) -> dict[str, Any]:
    """A participant with a score."""
    return {"code": code, "score": 40, **fields}


def trial(control: dict[str, Any], **fields: Any) -> UpliftTrial:
    """A trial whose model arm has a pretest of everybody."""
    arms = [
        {"kind": "control", "conditions": "alone", **control},
        {"kind": "model", "conditions": "with it", "participants": [person("m1", pretest=1), person("m2", pretest=2)]},
    ]
    named = {"slug": "t", "model": "m", "snapshot": None, "evaluation": "e", "version": "v", "task": "plan", "source": "s"}
    return UpliftTrial.model_validate({**named, "cohorts": [{"slug": "c", "name": "C", "arms": arms}], **fields})


def test_a_covariate_needs_a_pretest_of_everybody() -> None:
    with pytest.raises(
        ValidationError, match="found adjusted_for but no pretest of c2, c3 in cohort c, arm control, expected one of every"
    ):
        trial({"participants": [person("c1", pretest=3), person("c2"), person("c3")]}, adjusted_for="an exam")


def test_a_covariate_needs_participants_in_every_arm() -> None:
    with pytest.raises(ValidationError, match="found adjusted_for without participants in cohort c, arm control"):
        trial({"mean": 30}, adjusted_for="an exam")


def test_a_pretest_of_everybody_may_be_adjusted_for_or_not() -> None:
    arm = {"participants": [person("c1", pretest=0), person("c2", pretest=-1, team="site-1")]}
    assert trial(arm, adjusted_for="an exam").adjusted_for == "an exam"
    assert trial(arm).adjusted_for is None
    assert trial({"participants": [person("c1")]}).look is None


def test_an_answer_lies_between_two_snapshots() -> None:
    named = {"slug": "a", "model": "m", "evaluation": "e", "version": "v", "by": "Grace", "words": "a broken harness", "source": "s"}
    with pytest.raises(ValidationError, match="found final as before and as after, expected two snapshots"):
        DropAnswer.model_validate({**named, "before": "final", "after": "final"})
    assert DropAnswer.model_validate({**named, "before": "early", "after": "final"}).visibility.value == "staff"


@pytest.mark.parametrize("field", ["by", "words"])
@pytest.mark.parametrize("said", ["-", ".", "1", "?!"])
def test_a_drop_is_explained_by_somebody_in_words(field: str, said: str) -> None:
    answer = {"slug": "a", "model": "m", "evaluation": "e", "version": "v", "by": "Grace", "words": "a broken harness", "source": "s"}
    with pytest.raises(ValidationError, match="an explanation in words"):
        DropAnswer.model_validate({**answer, "before": "early", "after": "final", field: said})
