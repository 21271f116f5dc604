"""Criteria that people answer in words: unsigned words can only make a verdict more cautious."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties import cases
from tests.world import AT, CITED, SIGNED, Lab

ASKED = Lab().evaluation().criterion(shape="qualitative", question="would it help?")
LEANINGS = ("below", "between", "above", "none_stated")


def test_a_signed_judgement_of_below_rules_out() -> None:
    assert ASKED.judged("below", **SIGNED).finding().verdict == "ruled_out"


def test_an_unsigned_judgement_of_below_rules_nothing_out() -> None:
    finding = ASKED.judged("below").finding()
    assert (finding.outcome, finding.verdict, finding.sub_label) == ("unestimable", "insufficient_evidence", "not_signed_off")
    assert "nobody has signed it off" in finding.reason


@pytest.mark.parametrize(("leaning", "verdict"), [("between", "not_ruled_out"), ("above", "crossed")])
def test_a_warning_counts_unsigned(leaning: str, verdict: str) -> None:
    assert ASKED.judged(leaning).finding().verdict == verdict


def test_a_signature_of_a_later_day_does_not_count_yet() -> None:
    late = {**SIGNED, "signed_off_on": AT.date() + timedelta(days=1)}
    assert ASKED.judged("below", **late).finding().sub_label == "not_signed_off"


def test_an_unsigned_below_takes_nothing_from_a_signed_one() -> None:
    assert ASKED.judged("below", **SIGNED).judged("below").finding().verdict == "ruled_out"


def test_a_signature_does_not_outvote_a_warning() -> None:
    assert ASKED.judged("below", **SIGNED).judged("between").finding().verdict == "not_ruled_out"


def test_who_signed_is_told() -> None:
    assert "signed off by O. Officer" in ASKED.judged("below", **SIGNED).finding().reason


def test_the_signer_of_restricted_words_is_not_told_with_them() -> None:
    reason = ASKED.judged("below", words="the recipe", visibility="hazardous", **SIGNED).finding().reason
    assert reason == "Experts: words withheld (hazardous)."


@cases(60)
@given(st.lists(st.tuples(st.sampled_from(LEANINGS), st.booleans()), max_size=4), st.sampled_from(LEANINGS))
def test_an_unsigned_judgement_never_makes_a_verdict_less_cautious(heard: list[tuple[str, bool]], added: str) -> None:
    lab = ASKED
    for leaning, signed in heard:
        lab = lab.judged(leaning, **(SIGNED if signed else {}))
    more = lab.judged(added)
    before, after = lab.finding().verdict, more.finding().verdict
    assert after.risk >= before.risk


@pytest.mark.parametrize(("rule", "verdict"), [("qualitative", "not_ruled_out"), ("any", "crossed")])
def test_where_people_judge_the_whole_an_indicator_only_blocks(rule: str, verdict: str) -> None:
    lab = Lab().trained("only").evaluation().criterion("indicator").measured("only", 99, 100)
    lab = lab.criterion("people", shape="qualitative", question="would it help?", evaluation="exam").judged("below", **SIGNED)
    line = {"threshold": "t", "rule": rule, "criteria": ["indicator", "people"], "words": "w", **CITED}
    assert lab.verdict(thresholds=[line]).outcome == verdict


def test_people_alone_cross_where_people_judge_the_whole() -> None:
    lab = Lab().trained("only").evaluation().criterion("indicator").measured("only", 1, 100)
    lab = lab.criterion("people", shape="qualitative", question="would it help?", evaluation="exam").judged("above")
    line = {"threshold": "t", "rule": "qualitative", "criteria": ["indicator", "people"], "words": "w", **CITED}
    assert lab.verdict(thresholds=[line]).outcome == "crossed"


def test_an_indicator_nobody_measured_keeps_people_from_ruling_out() -> None:
    lab = Lab().trained("only").evaluation().criterion("indicator")
    lab = lab.criterion("people", shape="qualitative", question="would it help?", evaluation="exam").judged("below", **SIGNED)
    line = {"threshold": "t", "rule": "qualitative", "criteria": ["indicator", "people"], "words": "w", **CITED}
    assert lab.verdict(thresholds=[line]).outcome == "insufficient_evidence"


def test_indicators_rule_nothing_out_where_nobody_who_judges_the_whole_is_left() -> None:
    dropped = {"status": "not_load_bearing", "from_on": "2030-01-01", "words": "dropped", **CITED}
    lab = Lab().trained("only").evaluation().criterion("indicator").measured("only", 1, 100)
    lab = lab.criterion("people", shape="qualitative", question="q", evaluation="exam", lifecycle=(dropped,)).judged("above")
    line = {"threshold": "t", "rule": "qualitative", "criteria": ["indicator", "people"], "words": "w", **CITED}
    assert lab.verdict(thresholds=[line]).outcome == "insufficient_evidence"


def test_a_judgement_of_the_whole_stands_beside_the_indicators_and_not_inside_one() -> None:
    lab = Lab().evaluation().criterion("people", shape="qualitative", question="q")
    lab = lab.criterion("more", shape="qualitative", question="q").criterion("whole", shape="compound", rule="any", parts=("people",))
    line = {"threshold": "t", "rule": "qualitative", "criteria": ["more", "whole"], "words": "w", **CITED}
    with pytest.raises(ValueError, match="people's judgement beside the indicators, not inside one"):
        lab.criteria_set(thresholds=[line])
