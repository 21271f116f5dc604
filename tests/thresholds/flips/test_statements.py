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
from tests.world import CITED, SIGNED, Lab, bar
from thresholds.combining import combined
from thresholds.criterion import crossings_needed
from thresholds.flips.applying import applied
from thresholds.flips.combinations import Ground, verdict_flips
from thresholds.flips.records import Direction, FlipKind, Reach, VerdictFlips
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


def test_where_nothing_was_said_a_judgement_is_added() -> None:
    case, ways = asked(JUDGED)
    assert applied([one(ways, FlipKind.JUDGEMENT)], case).verdict() is RULED_OUT
    assert [way.by for way in ways] == [Direction.MORE_EVIDENCE]


@pytest.mark.parametrize("leaning", ["between", "above", "none_stated"])
def test_beside_a_judgement_that_leans_otherwise_no_further_one_rules_out(leaning: str) -> None:
    lab = JUDGED.judged(leaning)
    case, ways = asked(lab)
    flip = one(ways, FlipKind.JUDGEMENT)
    assert (flip.reach, flip.subject) == (Reach.NEVER, leaning)
    assert case.verdict() is applied([flip.model_copy(update={"reach": Reach.EXACT})], case).verdict() is not RULED_OUT
    (way,) = [each for each in ways if each.by is Direction.OTHER_RESULT and each.verdict_to is RULED_OUT]
    assert [(each.kind, each.variant, each.subject) for each in way.flips] == [(FlipKind.SUPERSEDED_JUDGEMENT, "finding-0", "below")]
    (found,) = [each for each in flipped(lab).sets if each.verdict_to is RULED_OUT]
    assert found.reach is Reach.NEVER


def test_a_judgement_above_is_no_crossing_once_corrected_to_lean_between() -> None:
    found = flipped(JUDGED.judged("above").judged("below", **SIGNED))
    (way,) = [each for each in found.findings[0].ways if each.verdict_to is VerdictOutcome.NOT_RULED_OUT and each.reach is Reach.EXACT]
    assert [(each.variant, each.subject) for each in way.flips] == [("finding-0", "between")]
    assert (found.sets[0].verdict_to, found.sets[0].reach) == (VerdictOutcome.NOT_RULED_OUT, Reach.EXACT)


SAID = st.tuples(st.sampled_from(("below", "between", "above", "none_stated")), st.booleans(), st.sampled_from(("v1", "v2")))


@cases(60)
@given(st.lists(SAID, max_size=4), st.booleans())
def test_what_is_to_be_added_is_added_and_what_is_to_be_corrected_is_named(said: list[tuple[str, bool, str]], saturated: bool) -> None:
    lab = Lab().trained("only").evaluation(versions=("v1", "v2")).criterion(**QUESTION, lifecycle=(SATURATED,) if saturated else ())
    for leaning, signed, version in said:
        lab = lab.judged(leaning, version=version, **(SIGNED if signed else {}))
    case, ways = asked(lab)
    before = case.evidence.findings
    for way in ways:
        then = applied(way.flips, case)
        assert then.verdict() is way.verdict_to
        if way.reach is Reach.EXACT:
            assert then.verdict() is not case.verdict()
        named = {each.variant for each in way.flips if each.kind in (FlipKind.SUPERSEDED_JUDGEMENT, FlipKind.SIGN_OFF)}
        added = [each for each in way.flips if each.kind is FlipKind.JUDGEMENT and each.reach is Reach.EXACT]
        kept = then.evidence.findings[: len(before)]
        assert [one for one, old in zip(kept, before, strict=True) if one != old and old.slug not in named] == []
        assert len(then.evidence.findings) == len(before) + len(added)
        if way.by is Direction.MORE_EVIDENCE:  # evidence is added or signed, never corrected
            assert [one.leaning for one in kept] == [old.leaning for old in before]
    if case.verdict() is not RULED_OUT:
        assert any(way.verdict_to is RULED_OUT for way in ways)


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


def whole(**fields: Any) -> Lab:
    """A threshold with one compound of one measured part."""
    return several([27]).criterion("both", shape="compound", rule="any", parts=("exam-0",), **fields)


@pytest.mark.parametrize(("from_on", "chosen"), [(date(2030, 1, 1), ("both", "exam-0")), (date(2031, 1, 1), ("exam-0",))])
def test_a_saturated_whole_is_among_what_has_to_change_whatever_its_label(from_on: date, chosen: tuple[str, ...]) -> None:
    lab = whole(lifecycle=({**SATURATED, "from_on": from_on},))
    assert lab.finding().sub_label != "saturated"
    (found,) = flipped(lab).sets
    assert found.criteria == chosen
    assert found.reach is (Reach.NEEDED if "both" in chosen else Reach.EXACT)


def beside(lab: Lab, theirs: Lab, *kinds: str) -> VerdictFlips:
    """What would change the verdict on a model related to others of one verdict each, by other digests than those of a supposed file."""
    for place, kind in enumerate(kinds):
        lab = lab.related(kind, f"other-{place}")
    related = {f"other-{place}": theirs.assessment() for place in range(len(kinds))}
    made = lab.assessment(related=related)
    digests = (made.policy_sha256, made.criteria_sha256)
    return verdict_flips(made.verdicts[0], Ground(lab.evidence(), lab.policy().record, lab.criteria_set().record, related, *digests))


def test_a_related_model_does_not_keep_a_change_from_being_tried() -> None:
    unmeasured = Lab().trained("only").evaluation("exam-0").criterion("exam-0", evaluation="exam-0", rule_in=bar(80))
    found = beside(several([27]), unmeasured, "inherited_from")
    assert [(each.criteria, each.reach) for each in found.sets] == [(("exam-0",), Reach.EXACT)]
    assert found.blocked_by == ()


@pytest.mark.parametrize("own", [27, 60])
@pytest.mark.parametrize(("theirs", "outcome"), [(27, VerdictOutcome.NOT_RULED_OUT), (60, VerdictOutcome.CROSSED)])
def test_every_base_model_that_stands_in_the_way_is_named(own: int, theirs: int, outcome: VerdictOutcome) -> None:
    found = beside(several([own]), several([theirs]), "inherited_from", "bounded_by", "inherited_from")
    assert [(each.model, each.outcome) for each in found.blocked_by] == [("other-0", outcome), ("other-2", outcome)]
    (found_set,) = [each for each in found.sets if each.verdict_to is RULED_OUT]
    assert found_set.reach in (Reach.NEEDED, Reach.NEVER)


def test_where_only_the_base_model_stands_in_the_way_no_criterion_is_named() -> None:
    both = {"thresholds": [{"threshold": "t", "rule": "all", "criteria": ["exam-0", "exam-1"], "words": "as said", **CITED}]}
    lab = several([5, 27]).related("inherited_from", "base")
    related = {"base": several([60, 60]).assessment(criteria=both)}
    made = lab.assessment(criteria=both, related=related)
    bars = lab.criteria_set(**both).record
    found = verdict_flips(
        made.verdicts[0], Ground(lab.evidence(), lab.policy().record, bars, related, made.policy_sha256, made.criteria_sha256)
    )
    assert made.verdicts[0].findings[1].verdict is VerdictOutcome.NOT_RULED_OUT  # of two that must both cross, one is ruled out
    assert [each for each in found.sets if each.verdict_to is RULED_OUT] == []
    assert [(each.model, each.outcome) for each in found.blocked_by] == [("base", VerdictOutcome.CROSSED)]


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
