"""What a criteria set takes an evaluation to be: checked when it is read, and again when evidence meets it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.world import CITED, Lab, bar
from thresholds.errors import EvaluationMismatchError

EXPECTED: dict[str, Any] = {
    "slug": "exam",
    "version": "v1",
    "name": "Evaluation exam",
    "kind": "benchmark",
    "unit": "percent",
    "riskier_when": "higher",
    "scale_low": 0,
    "scale_high": 100,
    **CITED,
}
LAB = Lab().trained("only").criterion(rule_out=bar(50), rule_in=bar(80))


def declaring(**fields: Any) -> dict[str, Any]:
    return {"evaluations": [{**EXPECTED, **fields}]}


def test_an_evaluation_that_only_the_set_declares_is_unmeasured_and_no_error() -> None:
    verdict = LAB.verdict(**declaring())
    assert (verdict.outcome, verdict.sub_label) == ("insufficient_evidence", "not_assessed")


def test_evidence_that_agrees_is_judged() -> None:
    assert LAB.evaluation().measured("only", 1, 100).verdict(**declaring()).outcome == "ruled_out"


@pytest.mark.parametrize(
    ("field", "value"), [("unit", "points"), ("riskier_when", "lower"), ("scale_high", Decimal(1000)), ("scale_low", None)]
)
def test_evidence_that_means_something_else_is_refused(field: str, value: object) -> None:
    lab = LAB.evaluation(**{field: value}).measured("only", 1, 100)
    with pytest.raises(EvaluationMismatchError, match=f"with {field} .* in the evidence, expected"):
        lab.assessment(criteria=declaring())


def test_two_spellings_of_percent_are_one_unit() -> None:
    assert LAB.evaluation(unit="%").measured("only", 1, 100).verdict(**declaring()).outcome == "ruled_out"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"slug": "quiz"}, "found evaluation exam version v1, expected one that the set declares under evaluations: quiz"),
        ({"riskier_when": "lower"}, "found rule_out 50 riskier than rule_in 80, expected it safer"),
        ({"scale_high": 60}, "found a bar at 80, expected it on the scale 0 to 60"),
    ],
)
def test_a_set_that_does_not_fit_what_it_declares_is_refused_when_it_is_read(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        LAB.criteria_set(**declaring(**fields))


def test_a_bar_that_was_replaced_is_checked_too() -> None:
    old = {"rule_out": bar(90), "rule_in": bar(70), "until_on": "2030-01-01", "words": "replaced", **CITED}
    lab = Lab().criterion(from_on="2030-01-01", earlier=[old])
    with pytest.raises(ValueError, match="found rule_out 90 riskier than rule_in 70"):
        lab.criteria_set(**declaring())
