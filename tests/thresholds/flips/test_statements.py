"""What people would have to say, sign or publish, and what the fewest criteria are that change a verdict."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.evidence import ModelEvidence
from tests.properties import cases
from tests.thresholds.flips.test_numbers import RULED_OUT, asked, one
from tests.world import CITED, Lab, bar
from thresholds.combining import combined
from thresholds.criterion import crossings_needed
from thresholds.flips.applying import applied
from thresholds.flips.combinations import Ground, verdict_flips
from thresholds.flips.records import FlipKind, Reach, VerdictFlips
from thresholds.outcomes import Rule, VerdictOutcome

QUESTION = {"shape": "qualitative", "question": "would it help?"}
JUDGED = Lab().trained("only").evaluation().criterion(**QUESTION)
SATURATED = {"status": "saturated", "from_on": date(2030, 1, 1), "words": "too easy", **CITED}


def flipped(lab: Lab, **criteria: Any) -> VerdictFlips:
    return verdict_flips(lab.verdict(**criteria), Ground(lab.evidence(), lab.policy().record, lab.criteria_set(**criteria).record))


def test_a_judgement_below_wants_a_signature() -> None:
    case, ways = asked(JUDGED.judged("below"))
    flip = one(ways, FlipKind.SIGN_OFF)
    assert flip.variant == "finding-0"
    assert applied([flip], case).verdict() is RULED_OUT


@pytest.mark.parametrize("leaning", ["between", "above", "none_stated", None])
def test_any_other_judgement_wants_another_one(leaning: str | None) -> None:
    case, ways = asked(JUDGED if leaning is None else JUDGED.judged(leaning))
    assert applied([one(ways, FlipKind.JUDGEMENT)], case).verdict() is RULED_OUT


def test_a_drop_wants_an_answer_for_just_its_two_snapshots() -> None:
    lab = Lab().trained("a", "b").evaluation().criterion().itemised("a", [1] * 20 + [0] * 60).itemised("b", [0] * 80)
    case, ways = asked(lab)
    flip = one(ways, FlipKind.DROP_ANSWER)
    assert flip.subject == "a/b"
    assert applied([flip], case).verdict() is RULED_OUT


def test_a_saturated_evaluation_wants_a_harder_one_and_whatever_else_stands_in_the_way() -> None:
    lab = Lab().trained("a", "b").evaluation().criterion(lifecycle=(SATURATED,)).measured("a", 5, 60)
    _, ways = asked(lab)
    assert {flip.kind for flip in ways[0].flips} == {FlipKind.HARDER_EVALUATION, FlipKind.MISSING_RUN}
    assert (ways[0].reach, ways[0].verdict_to) == (Reach.NEEDED, RULED_OUT)


def test_a_criterion_whose_bars_expired_wants_bars_that_stand() -> None:
    lab = Lab().trained("only").evaluation().criterion(until_on=date(2030, 1, 2)).measured("only", 5, 60)
    assert lab.finding().sub_label == "no_bar_in_force"
    _, ways = asked(lab)
    assert [flip.kind for flip in ways[0].flips] == [FlipKind.BAR_IN_FORCE]
    assert ways[0].verdict_to is RULED_OUT


def test_a_concern_without_a_number_wants_one_and_nothing_else_is_promised() -> None:
    lab = Lab().trained("only").evaluation().criterion(shape="unquantified").measured("only", 5, 60)
    _, ways = asked(lab)
    assert one(ways, FlipKind.NUMERIC_BAR).reach is Reach.NEEDED
    assert ways[0].verdict_to is not RULED_OUT


def two_levels(scores: list[int]) -> Lab:
    cutoff = {"value": 80, "words": "a success", **CITED}
    return Lab().trained("only").evaluation().criterion(success_at=cutoff, rule_out=bar(50)).itemised("only", scores)


def test_trials_above_a_score_come_in_multiples() -> None:
    lab = two_levels([90, 90, 90, 10, 10, 10, 10, 10])
    assert lab.finding().success_at == 80
    case, ways = asked(lab)
    flip = one(ways, FlipKind.MORE_ITEMS)
    assert flip.reach is Reach.ABOUT
    assert applied([flip], case).verdict() is RULED_OUT


PARTS = st.lists(st.integers(0, 60), min_size=3, max_size=4)


def several(counts: list[int]) -> Lab:
    lab = Lab().trained("only")
    for place, passed in enumerate(counts):
        name = f"exam-{place}"
        lab = lab.evaluation(name).criterion(name, evaluation=name, rule_in=bar(80)).measured("only", passed, 60, evaluation=name)
    return lab


@cases(15)
@given(PARTS, st.sampled_from(("any", "all", "majority", "k_of_n")))
def test_no_smaller_set_of_criteria_changes_the_verdict(counts: list[int], rule: str) -> None:
    lab, k = several(counts), 2 if rule == "k_of_n" else None
    names = [f"exam-{place}" for place in range(len(counts))]
    line = {"threshold": "t", "rule": rule, "k": k, "criteria": names, "words": "as said", **CITED}
    verdict, found = lab.verdict(thresholds=[line]), flipped(lab, thresholds=[line])
    needed = crossings_needed(Rule(rule), k, len(names))
    for each in found.sets:
        if each.verdict_to is RULED_OUT:
            fewest = next(
                count
                for count in range(1, len(names) + 1)
                for chosen in combinations(names, count)
                if combined(
                    [one.model_copy(update={"verdict": RULED_OUT}) if one.criterion in chosen else one for one in verdict.findings],
                    names, Rule(rule), needed,
                ) is RULED_OUT
            )  # fmt: skip
            assert len(each.criteria) == fewest
        assert each.verdict_from is verdict.outcome
        assert each.verdict_to is not verdict.outcome


def test_the_least_effort_comes_first() -> None:
    lab = several([10, 27]).evaluation("words").criterion("words", evaluation="words", **QUESTION).judged("below", evaluation="words")
    line = {"threshold": "t", "rule": "any", "criteria": ["exam-0", "exam-1", "words"], "words": "as said", **CITED}
    (found,) = flipped(lab, thresholds=[line]).sets
    assert found.among == ("words", "exam-1")
    assert found.reach is Reach.EXACT
    assert found.verdict_to is RULED_OUT


def test_where_one_of_several_would_do_the_one_that_can_is_chosen() -> None:
    lab = several([40, 27, 26])
    line = {"threshold": "t", "rule": "all", "criteria": ["exam-0", "exam-1", "exam-2"], "words": "as said", **CITED}
    (found,) = flipped(lab, thresholds=[line]).sets
    assert (found.criteria, found.reach) == (("exam-2",), Reach.EXACT)
    assert found.among == ("exam-2", "exam-1", "exam-0")


def test_a_set_that_cannot_be_reached_says_so() -> None:
    (found,) = flipped(several([40, 27])).sets
    assert found.reach is Reach.NEVER
    assert set(found.criteria) == {"exam-0", "exam-1"}


def test_a_ruled_out_verdict_is_told_what_would_take_it_away() -> None:
    (found,) = flipped(several([10, 12])).sets
    assert (found.verdict_from, len(found.criteria)) == (RULED_OUT, 1)
    assert found.verdict_to is not RULED_OUT


def test_a_crossed_verdict_is_told_both() -> None:
    found = flipped(several([60, 5]))
    assert [each.verdict_to for each in found.sets] == [VerdictOutcome.NOT_RULED_OUT, RULED_OUT]


def gate() -> dict[str, Any]:
    return {"shape": "gate", "slug": "gate", "title": "Gate", "words": "only then the harder", "gate": "easy", "harder": "hard", **CITED}


def gated(easy: int, hard: int | None) -> tuple[Lab, dict[str, Any]]:
    lab = Lab().trained("only").evaluation("easy").evaluation("hard")
    lab = lab.criterion("easy", evaluation="easy").criterion("hard", evaluation="hard").measured("only", easy, 60, evaluation="easy")
    lab = lab if hard is None else lab.measured("only", hard, 60, evaluation="hard")
    line = {"threshold": "t", "rule": "any", "criteria": ["gate"], "words": "the gate", **CITED}
    return lab, {"thresholds": [line], "criteria": [*lab.criteria, gate()]}


@pytest.mark.parametrize(("easy", "hard", "chosen"), [(27, None, {"easy", "hard"}), (10, 27, {"hard"}), (27, 27, {"hard"})])
def test_of_a_gate_the_harder_test_changes_the_verdict_once_it_speaks(easy: int, hard: int | None, chosen: set[str]) -> None:
    lab, criteria = gated(easy, hard)
    (found,) = flipped(lab, **criteria).sets
    assert set(found.criteria) <= chosen
    assert found.verdict_to is RULED_OUT
    assert found.reach is Reach.EXACT


def test_evidence_is_left_as_it_was() -> None:
    lab = several([27, 40])
    evidence: ModelEvidence = lab.evidence()
    before = evidence.model_dump_json()
    verdict_flips(lab.verdict(), Ground(evidence, lab.policy().record, lab.criteria_set().record))
    assert evidence.model_dump_json() == before
