"""Several indicators: the k-th largest verdict, with error levels split for the combination (statistics c5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evaluations.estimate import Unestimable
from tests.world import CITED, Lab, bar
from thresholds.combining import kth_largest, partial_conjunction
from thresholds.criterion import crossings_needed
from thresholds.outcomes import Rule, VerdictOutcome

CASES = json.loads((Path(__file__).parents[1] / "data/statistics/cases.json").read_text())["cases"]
CASE = next(case for case in CASES if case["method"] == "combine_indicators")
SCENARIOS = [{**given, **expected} for given, expected in zip(CASE["input"]["scenarios"], CASE["expected"]["scenarios"], strict=True)]
ONE = Lab().trained("only").evaluation("high").evaluation("low").evaluation("none")
MEASURED = ONE.measured("only", 99, 100, evaluation="high").measured("only", 1, 100, evaluation="low")
PARTS = MEASURED.criterion("a", evaluation="high").criterion("b", evaluation="low").criterion("c", evaluation="none")


def compound(lab: Lab, rule: str, k: int | None = None) -> Lab:
    return lab.criterion("whole", shape="compound", rule=rule, k=k, parts=("a", "b", "c"))


@pytest.mark.parametrize(
    ("rule", "k", "expected"),
    [("any", None, "crossed"), ("all", None, "ruled_out"), ("k_of_n", 2, "insufficient_evidence"), ("k_of_n", 1, "crossed")],
)
def test_the_kth_largest_verdict_is_the_whole(rule: str, k: int | None, expected: str) -> None:
    assert compound(PARTS, rule, k).finding().verdict == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each["name"])
def test_reference_cases_of_combined_indicators(scenario: dict[str, Any]) -> None:
    verdicts = [VerdictOutcome(each) for each in scenario["indicators"]]
    rule = Rule(scenario["rule"])
    assert kth_largest(verdicts, crossings_needed(rule, scenario.get("k"), len(verdicts))) == scenario["threshold"]


def test_nothing_left_to_combine_is_insufficient() -> None:
    assert kth_largest([], 1) is VerdictOutcome.INSUFFICIENT_EVIDENCE


@pytest.mark.parametrize(
    ("out", "into", "k", "reason"),
    [
        ([], [], 1, "no_observations"),
        ([0.1], [0.1, 0.2], 1, "impossible_count"),
        ([0.1], [0.1], 2, "impossible_count"),
        ([0.1], [0.1], 0, "impossible_count"),
        ([float("nan")], [0.1], 1, "not_a_number"),
        ([0.1], [1.1], 1, "not_a_number"),
    ],
)
def test_p_values_that_cannot_be_combined_are_refused(out: list[float], into: list[float], k: int, reason: str) -> None:
    found = partial_conjunction(out, into, k)
    assert isinstance(found, Unestimable)
    assert found.reason == reason


def test_an_indicator_nobody_measured_enters_with_a_p_of_one() -> None:
    assert partial_conjunction([0.001, None], [0.001, None], 1) == partial_conjunction([0.001, 1.0], [0.001, 1.0], 1)


def test_of_several_criteria_each_crosses_at_a_smaller_level() -> None:
    # 89 of 100: lower bound 81.2 % at 2.5 % one-sided, 79.8 % at 2.5 % / 3 (Clopper-Pearson; R 4.2.2 binom.test)
    lab = (
        ONE.measured("only", 89, 100, evaluation="high")
        .measured("only", 1, 100, evaluation="low")
        .measured("only", 1, 100, evaluation="none")
    )
    alone = lab.criterion("a", evaluation="high", rule_out=bar(50), rule_in=bar(80))
    assert alone.finding().verdict == "crossed"
    together = alone.criterion("b", evaluation="low").criterion("c", evaluation="none")
    assert together.finding().verdict == "not_ruled_out"


def test_a_compound_is_not_ruled_out_by_a_saturated_whole() -> None:
    event = {"status": "saturated", "from_on": "2030-01-01", "words": "too easy", **CITED}
    lab = MEASURED.criterion("b", evaluation="low").criterion("whole", shape="compound", rule="all", parts=("b",), lifecycle=(event,))
    assert lab.finding().verdict == "insufficient_evidence"
