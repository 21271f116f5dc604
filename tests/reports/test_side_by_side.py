"""Several policies side by side: versions of a framework in one table, frameworks apart, and no verdict that a policy does not give."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

import pytest

from reports.jsonform import assessment_json, assessments_json
from reports.side_by_side import RULE, Column, side_by_side_text
from reports.text import assessment_text
from tests.world import CITED, CRITERIA, POLICY, Lab, as_loaded, bar
from thresholds.policy import Policy
from thresholds.verdicts import assess

LAB = Lab().trained("final").evaluation().criterion(rule_in=bar(80)).measured("final", 1, 60)


def link(relation: str, threshold: str, to: str) -> dict[str, Any]:
    return {"relation": relation, "policy": to, "threshold": threshold, "words": "as it says", **CITED}


def column(slug: str, *thresholds: dict[str, Any], criteria: str = "test-criteria", passed: int = 1, **fields: Any) -> Column:
    """The lab's model under a policy; its first threshold is the one that the criteria speak to."""
    made = thresholds or (LAB.threshold("t"),)
    policy = Policy.model_validate({**POLICY, "slug": slug, "thresholds": list(made), **fields})
    line = {"threshold": made[0]["slug"], "rule": "any", "criteria": ["c"], "words": "any of them", **CITED}
    lab = Lab().trained("final").evaluation().criterion(rule_in=bar(80)).measured("final", passed, 60)
    bars = lab.criteria_set(**{**CRITERIA, "slug": criteria, "policy": slug, "thresholds": [line]})
    return Column(assess(lab.evidence(), as_loaded(policy), bars, code_version="test"), policy)


def told(*columns: Column, **fields: Any) -> str:
    """The part before the assessments' own texts, in one line."""
    text = side_by_side_text(columns, **fields)
    return " ".join(text.split(f"\n{RULE * 80}\n{columns[0].assessment.model_name}")[0].split())


def test_two_versions_of_a_framework_share_a_row_and_not_a_cell() -> None:
    text = side_by_side_text([column("v1"), column("v2", version="2.0", passed=60)])
    row = next(line for line in text.splitlines() if "Threshold t" in line)
    assert re.findall(r"ruled out|crossed", row) == ["ruled out", "crossed"]


def test_a_threshold_whose_text_differs_between_versions_says_so() -> None:
    same, other = column("v2", version="2.0"), column("v2", LAB.threshold("t", definition="other words"), version="2.0")
    assert "(the texts" not in told(column("v1"), same)
    assert "Threshold t (the texts" in told(column("v1"), other)


def test_a_threshold_that_a_policy_does_not_have_is_no_verdict_on_it() -> None:
    first, second = LAB.threshold("t"), LAB.threshold("u")
    assert "Threshold u no such threshold ○ insufficient evidence" in told(column("v1"), column("v2", first, second, version="2.0"))
    unread = column("v1", unread=["an appendix"])
    assert "Threshold u not in what was read ○ insufficient evidence" in told(unread, column("v2", first, second, version="2.0"))


def test_two_frameworks_never_share_a_row() -> None:
    other = column("p", framework="another", framework_name="Another framework")
    text = side_by_side_text([column("v1"), other])
    assert "Each framework asks its own questions" in text
    rows = [line for line in text.split(RULE * 80 + "\nModel M")[0].splitlines() if "Threshold t" in line]
    assert len(rows) == 2
    assert all(row.count("▼") == 1 for row in rows)


@pytest.mark.parametrize(
    ("relation", "words"), [("alias", "is the same text as"), ("successor", "took the place of"), ("resembles", "resembles")]
)
def test_links_are_told_in_words_and_move_no_verdict(relation: str, words: str) -> None:
    linked = LAB.threshold("u", links=[link(relation, "t", "v1")])
    other = column("p", linked, framework="another", framework_name="Another framework")
    bare = column("p", LAB.threshold("u"), framework="another", framework_name="Another framework")
    assert f"Threshold u (p) {words} Threshold t (v1)." in told(column("v1"), other)
    assert other.assessment.verdicts == bare.assessment.verdicts


def test_links_are_followed_by_way_of_policies_that_are_not_shown() -> None:
    between = column("between", LAB.threshold("m", links=[link("alias", "t", "v1")]), version="1.5").policy
    last = column("v2", LAB.threshold("u", links=[link("successor", "m", "between")]), version="2.0")
    assert "took the place of" not in told(column("v1"), last)
    assert "Threshold u (v2) took the place of Threshold t (v1), by way of between." in told(column("v1"), last, known={"between": between})


def test_the_overall_outcome_and_the_demanded_safeguards_stand_in_the_table() -> None:
    said = told(column("v1", passed=30), column("v2", version="2.0"))
    assert "Overall ◆ not ruled out ▼ ruled out" in said
    assert "Required safeguards Security: Level 3 none (required)" in said


def test_two_sets_of_one_policy_are_told_apart() -> None:
    said = told(column("v1", criteria="card-1"), column("v1", criteria="card-2", passed=60))
    assert "1.0, card-1" in said
    assert "1.0, card-2" in said


def test_each_assessments_own_text_follows_whole() -> None:
    columns = [column("v1"), column("v2", version="2.0", passed=60)]
    text = side_by_side_text(columns)
    assert all(assessment_text(each.assessment) in text for each in columns)


def test_a_fictional_policy_says_so_and_no_line_is_too_wide() -> None:
    text = side_by_side_text([column("v1"), column("v2", version="2.0"), column("v3", version="3.0")])
    assert text.count("FICTIONAL POLICY") == 6  # once in the head and once in its own text
    assert max(map(len, text.splitlines())) <= 80
    assert not [each for each in text if unicodedata.category(each) == "Cc" and each != "\n"]


def test_several_assessments_are_a_json_list_of_the_same_objects() -> None:
    made = [column("v1").assessment, column("v2", version="2.0").assessment]
    assert json.loads(assessments_json(made)) == [json.loads(assessment_json(each)) for each in made]
    assert [each["policy"] for each in json.loads(assessments_json(made))] == ["v1", "v2"]
