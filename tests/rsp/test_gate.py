"""The gate opens only if every threshold of every policy is ruled out, and says of each that is not under which policy."""

from __future__ import annotations

import pytest

from rsp.gate import GateAnswer, gate
from tests.reports import assessments as made
from thresholds.decision_records import Assessment
from thresholds.outcomes import VerdictOutcome


def assessed(policy: str, *outcomes: VerdictOutcome, criteria: str = "card") -> Assessment:
    verdicts = tuple(made.verdict(f"t-{place}", "cbrn", outcome, ()) for place, outcome in enumerate(outcomes))
    return made.assessment(policy=policy, criteria=criteria, verdicts=verdicts)


CLEAR = VerdictOutcome.RULED_OUT


def test_it_is_clear_only_if_everything_is_ruled_out_under_every_policy() -> None:
    assert gate([assessed("a", CLEAR), assessed("b", CLEAR, CLEAR)]).answer is GateAnswer.CLEAR


@pytest.mark.parametrize("outcome", [each for each in VerdictOutcome if each is not CLEAR])
@pytest.mark.parametrize("place", [0, 1])
def test_one_threshold_of_one_policy_is_enough_to_stop(outcome: VerdictOutcome, place: int) -> None:
    outcomes = [(CLEAR, CLEAR), (CLEAR, CLEAR)]
    outcomes[place] = (CLEAR, outcome)
    answer = gate([assessed("a", *outcomes[0]), assessed("b", *outcomes[1])])
    assert answer.answer is GateAnswer.STOP
    assert [line.split(": ")[:3] for line in answer.lines] == [["ab"[place], "t-1", outcome.value.replace("_", " ")]]
    assert [(each.policy, each.answer.value) for each in answer.form.policies] == [
        ("a", "stop" if place == 0 else "clear"), ("b", "stop" if place == 1 else "clear"),
    ]  # fmt: skip


def test_under_one_policy_a_line_begins_with_the_threshold() -> None:
    assert gate([assessed("a", VerdictOutcome.CROSSED)]).lines[0].startswith("t-0: crossed")


def test_two_sets_of_one_policy_are_told_apart() -> None:
    lines = gate([assessed("a", VerdictOutcome.CROSSED), assessed("a", VerdictOutcome.CROSSED, criteria="other")]).lines
    assert [line.split(":")[0] for line in lines] == ["a by card", "a by other"]


def test_nothing_judged_clears_nothing() -> None:
    with pytest.raises(ValueError, match="no assessment"):
        gate([])
