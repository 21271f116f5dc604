"""Criteria made of others: gates, majorities, and wholes that no longer rule out."""

from __future__ import annotations

import itertools

import pytest

from tests.world import CITED, Lab
from thresholds.combining import kth_largest
from thresholds.criterion import crossings_needed
from thresholds.outcomes import RISK_ORDER, Rule, VerdictOutcome

LEVELS = {"low": 1, "middle": 55, "high": 99}
BASE = Lab().trained("only").evaluation("easy").evaluation("hard")
GATED = (
    BASE.criterion("gate", evaluation="easy")
    .criterion("harder", evaluation="hard")
    .criterion("whole", shape="gate", gate="gate", harder="harder")
)


def gated(gate: str | None, harder: str | None) -> Lab:
    lab = GATED
    for evaluation, level in (("easy", gate), ("hard", harder)):
        if level is not None:
            lab = lab.measured("only", LEVELS[level], 100, evaluation=evaluation)
    return lab


@pytest.mark.parametrize(
    ("gate", "harder", "verdict"),
    [
        ("low", None, "ruled_out"),  # the harder test was not asked for
        ("middle", None, "insufficient_evidence"),
        ("high", None, "insufficient_evidence"),  # reaching a gate crosses nothing
        (None, None, "insufficient_evidence"),
        ("high", "low", "ruled_out"),
        ("high", "middle", "not_ruled_out"),
        ("high", "high", "crossed"),
        ("low", "high", "crossed"),  # what the harder test finds decides, for better or worse
        ("low", "middle", "not_ruled_out"),
        (None, "low", "ruled_out"),
        (None, "high", "crossed"),
    ],
)
def test_a_gate_only_decides_whether_the_harder_test_is_needed(gate: str | None, harder: str | None, verdict: str) -> None:
    assert gated(gate, harder).finding().verdict == verdict


def test_a_gate_does_not_stand_in_for_a_harder_test_with_an_unexplained_drop() -> None:
    lab = Lab().trained("first", "second").evaluation("easy").evaluation("hard")
    lab = lab.criterion("gate", evaluation="easy").criterion("harder", evaluation="hard")
    lab = lab.criterion("whole", shape="gate", gate="gate", harder="harder")
    for snapshot in ("first", "second"):
        lab = lab.measured(snapshot, 1, 100, evaluation="easy")
    lab = lab.itemised("first", [1] * 30 + [0] * 170, evaluation="hard").itemised("second", [0] * 200, evaluation="hard")
    assert lab.finding().parts[1].sub_label == "score_drop"
    assert lab.finding().verdict == "insufficient_evidence"


def test_both_tests_of_a_gate_are_held_to_half_the_error() -> None:
    assert [part.level for part in gated("low", "low").finding().parts] == [0.975, 0.975]


def test_a_gate_is_no_gate_of_itself() -> None:
    with pytest.raises(ValueError, match="expected two criteria"):
        BASE.criterion("x", evaluation="easy").criterion("w", shape="gate", gate="x", harder="x").criteria_set()


def test_gates_do_not_go_in_a_circle() -> None:
    lab = BASE.criterion("x", evaluation="easy").criterion("v", shape="gate", gate="x", harder="w")
    with pytest.raises(ValueError, match="inside itself"):
        lab.criterion("w", shape="gate", gate="x", harder="v").criteria_set(
            thresholds=[{"threshold": "t", "rule": "any", "criteria": ["w"], "words": "w", **CITED}]
        )


def majority(*levels: str | None) -> Lab:
    lab = Lab().trained("only")
    for place, level in enumerate(levels):
        lab = lab.evaluation(f"e{place}").criterion(f"c{place}", evaluation=f"e{place}")
        if level is not None:
            lab = lab.measured("only", LEVELS[level], 100, evaluation=f"e{place}")
    return lab


@pytest.mark.parametrize(
    ("levels", "verdict"),
    [
        (("high", "high", "low"), "crossed"),
        (("high", "low", "low"), "ruled_out"),
        (("high", "low", None), "insufficient_evidence"),
        (("high", "high", None), "crossed"),  # settled whichever way the unknown one falls
        (("low", "low", None), "ruled_out"),
        (("high", "high", "low", "low"), "ruled_out"),  # half is no majority
    ],
)
def test_a_majority_is_more_than_half(levels: tuple[str | None, ...], verdict: str) -> None:
    lab = majority(*levels)
    line = {"threshold": "t", "rule": "majority", "criteria": [f"c{n}" for n in range(len(levels))], "words": "w", **CITED}
    assert lab.verdict(thresholds=[line]).outcome == verdict


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_whole_is_settled_exactly_where_every_unknown_may_fall_either_way(count: int) -> None:
    """Checked against trying every unknown both ways, for every list of verdicts and every k."""
    unknown = VerdictOutcome.INSUFFICIENT_EVIDENCE
    for verdicts in itertools.product(RISK_ORDER, repeat=count):
        for k in range(1, count + 1):
            fills = [[VerdictOutcome.RULED_OUT, VerdictOutcome.CROSSED] if each is unknown else [each] for each in verdicts]
            reached = {kth_largest(each, k) for each in itertools.product(*fills)}
            found = kth_largest(verdicts, k)
            if len(reached) == 1:
                assert found in reached
            else:
                assert found not in (VerdictOutcome.RULED_OUT, VerdictOutcome.CROSSED)


@pytest.mark.parametrize(
    ("rule", "k", "parts", "needed"),
    [
        ("any", None, 3, 1),
        ("all", None, 3, 3),
        ("k_of_n", 2, 3, 2),
        ("majority", None, 3, 2),
        ("majority", None, 4, 3),
        ("worst_domain", None, 4, 1),
    ],
)
def test_how_many_have_to_cross(rule: str, k: int | None, parts: int, needed: int) -> None:
    assert crossings_needed(Rule(rule), k, parts) == needed


def test_people_do_not_judge_inside_a_set_of_indicators() -> None:
    with pytest.raises(ValueError, match="people judge the whole"):
        BASE.criterion("x", evaluation="easy").criterion("w", shape="compound", rule="qualitative", parts=("x",)).criteria_set()


@pytest.mark.parametrize(
    ("fields", "passed"),
    [
        ({"status": "withheld", "status_reason": "a test"}, 99),
        ({"status": "invalidated", "status_reason": "a test"}, 99),
        ({"status": "failed", "status_reason": "a test"}, 99),
        ({"status": "partial", "status_reason": "a test"}, 1),
    ],
    ids=lambda each: each["status"] if isinstance(each, dict) else "",
)
def test_a_gate_does_not_stand_in_for_a_harder_test_that_was_run(fields: dict[str, str], passed: int) -> None:
    lab = gated("low", None).measured("only", passed, 100, evaluation="hard", **fields)
    assert lab.finding().verdict == "insufficient_evidence"


def test_a_gate_stands_in_for_a_harder_test_that_was_only_registered() -> None:
    lab = gated("low", None).measured("only", 1, 100, evaluation="hard", status="not_run", status_reason="the gate did not open")
    assert lab.finding().verdict == "ruled_out"


def test_a_gate_does_not_stand_in_for_an_inner_gate_that_was_reached() -> None:
    lab = Lab().trained("only")
    for name in ("first", "second", "last"):
        lab = lab.evaluation(name).criterion(name, evaluation=name)
    lab = lab.criterion("inner", shape="gate", gate="second", harder="last").criterion("outer", shape="gate", gate="first", harder="inner")
    lab = lab.measured("only", 1, 100, evaluation="first").measured("only", 99, 100, evaluation="second")
    assert lab.finding().verdict == "insufficient_evidence"


def test_a_gate_that_asks_for_a_test_nobody_ran_says_so() -> None:
    assert "the harder test is due and was not run" in gated("high", None).finding().reason


def test_where_fewer_indicators_are_left_than_must_cross_they_share_the_error() -> None:
    dropped = {"status": "not_load_bearing", "from_on": "2030-01-01", "words": "dropped", **CITED}
    lab = majority("middle", "high").evaluation("e2").criterion("c2", evaluation="e2", lifecycle=(dropped,))
    line = {"threshold": "t", "rule": "k_of_n", "k": 3, "criteria": ["c0", "c1", "c2"], "words": "w", **CITED}
    assert [each.level for each in lab.verdict(thresholds=[line]).findings[:2]] == [0.975, 0.975]


def test_dropping_an_unmeasured_indicator_of_a_majority_rules_nothing_out() -> None:
    lab = majority("high", "low")
    dropped = {"status": "not_load_bearing", "from_on": "2030-01-01", "words": "dropped", **CITED}
    line = {"threshold": "t", "rule": "majority", "criteria": ["c0", "c1", "c2"], "words": "w", **CITED}
    for lifecycle in ((), (dropped,)):
        whole = lab.evaluation("e2").criterion("c2", evaluation="e2", lifecycle=lifecycle)
        assert whole.verdict(thresholds=[line]).outcome == "insufficient_evidence"


def test_a_criterion_counts_once_in_a_list() -> None:
    with pytest.raises(ValueError, match="found criterion x twice, expected each criterion once"):
        BASE.criterion("x", evaluation="easy").criterion("w", shape="compound", rule="all", parts=("x", "x")).criteria_set()
    line = {"threshold": "t", "rule": "majority", "criteria": ["x", "x"], "words": "w", **CITED}
    with pytest.raises(ValueError, match="found criterion x twice, expected each criterion once"):
        BASE.criterion("x", evaluation="easy").criteria_set(thresholds=[line])
