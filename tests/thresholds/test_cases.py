"""Cases: each of every file holds, every bar is tried close by on either side, and a case that should fail does."""

from __future__ import annotations

import re
from typing import Any

import pytest

from evaluations.documents import DocumentError
from tests.thresholds.casebooks import LAB, OTHERS, book, bundled_set, bundled_sets, judge, judged_cases, of_c
from tests.world import CITED, bar
from thresholds.case_coverage import BarKind, Side, TriedBar, tried_bars
from thresholds.casebook import CaseOutcome, judged

HAIR = 0.01  # of the scale, of an open one of the bar: our choice, narrow enough that a bar misread by one percent fails
SETS = bundled_sets()
CASES = [
    pytest.param(slug, place, id=f"{slug}: {case.case}") for slug in SETS for place, case in enumerate(bundled_set(slug).book.file.cases)
]
BARS = [
    pytest.param(slug, tried, id=f"{slug}: {tried.criterion} {tried.kind.value} {tried.printed}")
    for slug in SETS
    for tried in tried_bars(bundled_set(slug).criteria.record, ())
]

LOW, HIGH = {"passed": 10, "of": 100}, {"passed": 95, "of": 100}
MIDDLE = {"passed": 65, "of": 100}


@pytest.mark.parametrize(("slug", "place"), CASES)
def test_every_case_that_comes_along_holds(slug: str, place: int) -> None:
    assert judged_cases(slug)[place].mismatches == ()


@pytest.mark.parametrize(("slug", "bar_of_set"), BARS)
def test_every_bar_and_question_is_tried_on_either_side(slug: str, bar_of_set: TriedBar) -> None:
    tried = tried_bars(bundled_set(slug).criteria.record, judged_cases(slug))
    found = tried[tried_bars(bundled_set(slug).criteria.record, ()).index(bar_of_set)]
    assert found.untried == ()
    if found.kind is not BarKind.QUESTION:  # people's words stand at no distance
        assert {side: near for side, near in found.tried.items() if near is None or near > HAIR} == {}


@pytest.mark.parametrize(("slug", "bar_of_set"), [each for each in BARS if "repairs" in str(each.id)])
def test_a_point_is_tried_at_the_bar_itself(slug: str, bar_of_set: TriedBar) -> None:
    points = {
        each.finding.value: each.finding.verdict.value for each in judged_cases(slug) if each.finding and each.case.criterion == "repairs"
    }
    assert points == {0.499: "ruled_out", 0.5: "not_ruled_out", 0.501: "not_ruled_out"}


# ------------------------------------------------------------------------------------------------ what a case may expect


@pytest.mark.parametrize(
    ("case", "told"),
    [
        (of_c({"finding": "above"}, LOW), "finding of c: above, not below"),
        (of_c({"verdict": "crossed"}, LOW), "verdict of c: crossed, not ruled_out"),
        (of_c({"sub_label": "none"}, MIDDLE), "sub_label of c: none, not between_bars"),
        (of_c({"sub_label": "between_bars"}, LOW), "sub_label of c: between_bars, not none"),
        (of_c({"deciding_snapshot": "early"}, LOW, HIGH | {"snapshot": "final"}, snapshots=["early", "final"]), "early, not final"),
        (of_c({"threshold": "ruled_out"}, LOW), "verdict on t: ruled_out, not insufficient_evidence"),
        (of_c({"thresholds": {"t": "crossed"}}, LOW), "verdict on t: crossed, not insufficient_evidence"),
        (of_c({"safeguards": []}, HIGH), "safeguards of t: none, not security"),
        (of_c({"safeguards": ["security"]}, LOW, criteria="c"), "safeguards of t: security, not none"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_whatever_is_not_as_expected_is_told_with_what_was_found(case: dict[str, Any], told: str) -> None:
    only = LAB if case.pop("criteria", None) else OTHERS  # with one criterion only, ruling it out rules the threshold out
    (found,) = judge(case, lab=only)
    assert found.outcome is CaseOutcome.FAILS
    assert next(f"{each.what}: {each.expected}, not {each.found}" for each in found.mismatches).endswith(told)
    assert all(each.why for each in found.mismatches)


def test_a_case_knows_the_line_it_stands_in() -> None:
    first, second = judge(of_c({"finding": "below"}, LOW), of_c({"finding": "above"}, HIGH))
    assert (first.line or 0) < (second.line or 0)
    assert {first.outcome, second.outcome} == {CaseOutcome.HOLDS}


# ------------------------------------------------------------------------------------------------------- kinds of evidence


@pytest.mark.parametrize(
    ("line", "expect"),
    [
        ({"value": 20, "sd": 30, "items": 100}, {"finding": "below"}),
        ({"value": 20, "se": 20, "items": 100}, {"finding": "between"}),  # an error no count of items explains decides
        ({"value": 20, "ci": 40, "items": 100}, {"finding": "between"}),
        ({"value": 20, "plus_minus": 20, "items": 100}, {"finding": "between"}),  # read the widest way
        ({"value": 20, "low": 0, "high": 60, "level": 0.95, "items": 100}, {"finding": "between"}),
        ({"value": 20}, {"finding": "unestimable", "sub_label": "point_only"}),
        ({"attempts": [{"items": 10, "scores": [1, 0]}, {"items": 90, "scores": [0, 0]}]}, {"finding": "below"}),
        ({"attempts": [{"items": 100, "scores": [None]}]}, {"verdict": "insufficient_evidence"}),
        ({"status": "withheld"}, {"finding": "unestimable"}),
        ({"status": "partial", **HIGH}, {"verdict": "not_ruled_out", "sub_label": "partial_run"}),
        ({"snapshot": "not_stated", **LOW}, {"verdict": "insufficient_evidence", "sub_label": "missing_variants"}),
        ({"scaffold": "agent", **LOW}, {"verdict": "insufficient_evidence"}),
        ({"statistic": "mean", **LOW}, {"verdict": "insufficient_evidence"}),
    ],
    ids=str,
)
def test_a_line_says_what_an_evidence_file_would(line: dict[str, Any], expect: dict[str, str]) -> None:
    (found,) = judge(of_c(expect, line), lab=OTHERS.evaluation())
    assert found.mismatches == ()


def test_a_line_stands_for_a_run_on_every_snapshot_in_every_mode() -> None:
    case = of_c({"verdict": "ruled_out"}, {"thinking": ["standard", "extended"], **LOW}, snapshots=["early", "middle", "final"])
    (found,) = judge(case)
    assert found.finding is not None
    assert (found.finding.variants_compared, found.finding.snapshots_compared) == (6, 3)


def test_the_day_is_that_of_the_set_unless_the_case_says_another() -> None:
    dated = {"status": "saturated", "from_on": "2030-01-02", "words": "too easy", **CITED}
    lab = LAB.criterion("d", rule_out=bar(50), lifecycle=(dated,))
    before, after = judge(
        {"criterion": "d", "evidence": [LOW], "expect": {"verdict": "ruled_out"}},
        {"criterion": "d", "evidence": [LOW], "judged_on": "2030-01-02", "expect": {"sub_label": "saturated"}},
        lab=lab,
    )
    assert (before.mismatches, after.mismatches) == ((), ())


@pytest.mark.parametrize(
    ("sign_off", "verdict"), [("signed", "ruled_out"), ("unsigned", "insufficient_evidence"), ("signed_later", "insufficient_evidence")]
)
def test_only_a_judgement_signed_by_that_day_rules_out(sign_off: str, verdict: str) -> None:
    case = {"criterion": "q", "evidence": [{"judged": "below", "sign_off": sign_off}], "expect": {"verdict": verdict}}
    assert judge(case)[0].mismatches == ()


@pytest.mark.parametrize(
    ("related", "verdict"),
    [
        ({"kind": "bounded_by", "verdict": "ruled_out", "sign_off": "signed"}, "ruled_out"),
        ({"kind": "bounded_by", "verdict": "ruled_out"}, "insufficient_evidence"),
        ({"kind": "bounded_by", "verdict": "ruled_out", "sign_off": "signed", "thresholds": ["t"]}, "ruled_out"),
        ({"kind": "bounded_by", "verdict": "crossed", "sign_off": "signed"}, "insufficient_evidence"),
        ({"kind": "inherited_from", "verdict": "crossed"}, "crossed"),
    ],
    ids=str,
)
def test_a_related_model_has_the_verdict_that_the_case_gives_it(related: dict[str, Any], verdict: str) -> None:
    assert judge({"threshold": "t", "related": [related], "expect": {"threshold": verdict}})[0].mismatches == ()


# --------------------------------------------------------------------------------------------------- what a case may not be

GOOD = {"finding": "below"}
UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "expects nothing": (of_c({}, LOW), "expect: found nothing that must follow"),
    "expects a finding of no criterion": ({"threshold": "t", "expect": GOOD}, "expected the case to name one"),
    "names an unknown criterion": (of_c(GOOD, LOW, criterion="x"), "criterion: found criterion x, expected one of c, q, u"),
    "names an unknown threshold": ({"threshold": "x", "expect": {"threshold": "crossed"}}, "found threshold x, expected one of t"),
    "expects something of an unknown threshold": (of_c({"thresholds": {"x": "crossed"}}, LOW), "found threshold x, expected one of t"),
    "expects an unknown safeguard": (of_c({"safeguards": ["x"]}, LOW), "found safeguard of t x, expected one of security"),
    "is about nothing": ({"expect": {"threshold": "crossed"}}, "threshold expected of no threshold, expected the case to name one"),
    "measures on an unknown snapshot": (of_c(GOOD, LOW | {"snapshot": "x"}), "snapshot: found snapshot x, expected one of final"),
    "measures in an unknown version": (of_c(GOOD, LOW | {"version": "v9"}), "found evaluation exam version v9"),
    "misspells a key": (of_c(GOOD, {"pased": 3, "of": 10}), "pased: found an unknown field"),
    "passes more than it tried": (of_c(GOOD, {"passed": 11, "of": 10}), "evidence[0]: found passed 11 of trials 10"),
    "scores off the scale": (of_c(GOOD, {"value": 101, "sd": 1, "items": 5}), "cases[0]: found"),
    "gives two meanings to one plus-minus": (of_c(GOOD, {"value": 1, "sd": 1, "se": 1}), "found several of sd, se, ci and plus_minus"),
    "measures nothing": (of_c(GOOD, {"snapshot": "final"}), "found a run without passed, value or attempts"),
    "judges by words what has a score": (of_c(GOOD, {"judged": "below"}), "found evidence of another kind than criterion c"),
    "counts what people answer": (of_c(GOOD, {"criterion": "q", **LOW}), "found evidence of another kind than criterion q"),
    "plans on an unknown snapshot": (of_c(GOOD, LOW, plan=[{"snapshots": ["x"]}]), "found snapshot x, expected one of final"),
    "explains a drop from nowhere": (
        of_c(GOOD, LOW, drop_answers=[{"before": "x", "after": "final", "words": "it broke"}]),
        "before: found snapshot x",
    ),
    "is related in an unknown domain": (
        {"threshold": "t", "related": [{"kind": "bounded_by", "verdict": "crossed", "domain": "x"}], "expect": {"threshold": "crossed"}},
        "domain: found domain x, expected one of cbrn",
    ),
    "names a snapshot all": (of_c(GOOD, LOW, snapshots=["all"]), "found the snapshot all"),
}


@pytest.mark.parametrize("mistake", UNFIT)
def test_a_case_that_fits_nothing_is_refused_with_line_and_reason(mistake: str) -> None:
    case, words = UNFIT[mistake]
    with pytest.raises(DocumentError) as refused:
        judge(case)
    assert words in str(refused.value)
    assert re.match(r"cases\.json:\d+: ", str(refused.value))


def test_two_cases_of_one_sentence_are_refused() -> None:
    with pytest.raises(DocumentError, match="a sentence a second time"):
        judge(of_c(GOOD, LOW, case="Same."), of_c(GOOD, LOW, case="Same."))


def test_cases_of_another_set_are_refused_and_those_of_what_it_corrects_are_not() -> None:
    with pytest.raises(DocumentError, match="found older-set, expected test-criteria"):
        judge_of("older-set", None)
    assert judge_of("older-set", "older-set")[0].mismatches == ()


def judge_of(named: str, corrects: str | None) -> Any:
    return judged(book(of_c(GOOD, LOW), criteria=named), OTHERS.policy(), OTHERS.criteria_set(corrects=corrects), code_version="test")


# ----------------------------------------------------------------------------------------------------- which bars are tried


def tried(*cases: dict[str, Any]) -> dict[tuple[str, BarKind], TriedBar]:
    return {(each.criterion, each.kind): each for each in tried_bars(OTHERS.criteria_set().record, judge(*cases))}


def test_a_bar_is_tried_on_the_side_whose_verdict_it_makes() -> None:
    found = tried(of_c(GOOD, LOW), {"criterion": "q", "evidence": [{"judged": "above"}], "expect": {"verdict": "crossed"}})
    assert found["c", BarKind.RULE_OUT].untried == (Side.REACHED,)
    assert found["c", BarKind.RULE_IN].untried == (Side.REACHED,)
    assert found["q", BarKind.QUESTION].untried == (Side.SHORT,)
    assert found["u", BarKind.RULE_OUT].untried == (Side.SHORT, Side.REACHED)


def test_how_near_a_case_comes_is_read_off_the_number_compared() -> None:
    near = tried(of_c(GOOD, {"passed": 468, "of": 1000}))["c", BarKind.RULE_OUT].tried[Side.SHORT]
    far = tried(of_c(GOOD, LOW))["c", BarKind.RULE_OUT].tried[Side.SHORT]
    assert near is not None
    assert far is not None
    assert near < HAIR < far  # by the point, 46.8, it would be further from the bar at 50


def test_a_case_without_a_comparable_number_is_near_nothing() -> None:
    found = tried(of_c({"verdict": "not_ruled_out"}, {"value": 60}))["c", BarKind.RULE_OUT]
    assert found.tried == {Side.REACHED: None}


def test_a_gap_tries_no_bar() -> None:
    gap = of_c({"verdict": "insufficient_evidence"}, LOW | {"snapshot": "final"}, snapshots=["early", "final"])
    assert tried(gap)["c", BarKind.RULE_OUT].tried == {}
