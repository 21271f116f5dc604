"""An explanation holds every step, says what would change it in words that never round past a bar, and gives nothing withheld away."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evaluations.records import Visibility
from reports import numbers
from reports.explaining import explanation
from reports.explanation import Explanation, Standing, explanation_json
from reports.explanation_text import explanation_text
from reports.flip_words import flip_sentences
from tests.properties import cases
from tests.world import CITED, Lab, bar, coverage
from thresholds.flips.records import FlipKind, Reach
from thresholds.outcomes import VerdictOutcome

LAB = Lab().trained("a", "b").evaluation().criterion(rule_out=bar(20, citation="Card, page 7"))
SECRET = {"visibility": Visibility.RESTRICTED}


def told(lab: Lab, **criteria: Any) -> Explanation:
    return explanation(lab.assessment(criteria=criteria), "t", lab.policy().record, lab.criteria_set(**criteria).record, lab.evidence())


def flat(found: Explanation) -> str:
    return " ".join(explanation_text(found).split())


def test_every_step_of_the_chain_is_printed() -> None:
    text = flat(told(LAB.measured("a", 4, 30, source_at="p. 12").measured("b", 1, 30)))
    for words in (
        "Verdict: not ruled out (straddles the rule-out bar)",
        "puts the required safeguards in force",
        "Level 3 (required): protect the weights",
        "the only indicator",
        "Bar: 20 % (Card, page 7 (our assumption)).",
        "Decided by Snapshot a (run-0): 4 of 30 (13 %), 95 % interval 4 % to 31 %, n = 30",
        "[Test pipeline, p. 12; measured]",
        "lies 10.7 points beyond the bar; 13.5 points riskier than the next, Snapshot b.",
        "Snapshot b (run-1): 1 of 30 (3 %)",
        "Point and interval differ.",
        "Snapshot a: 167 items or more instead of 30, at the share it has.",
        "at most 1 passed of 30 instead of 4.",
        "A rule-out bar above 30.8 %, instead of 20 %.",
        "the least that has to be ruled out is this one: Criterion c. Assessed again with these changes it comes out so.",
    ):
        assert words in text, words


def test_what_is_missing_is_said_with_what_it_may_give() -> None:
    text = flat(told(LAB.measured("a", 1, 30)))
    assert "Missing: Snapshot b (1 of 2 planned variants)." in text
    assert "Variants not measured: Evaluation exam: 1 of 2 planned variants have no usable score (Snapshot b)." in text
    assert "a whole run with at most 1 of 30 items passed" in text


def test_a_point_on_the_side_of_risk_is_said_to_be_out_of_reach() -> None:
    text = flat(told(LAB.measured("a", 9, 30).measured("b", 1, 30)))
    assert "no number of further items rules it out, because the point itself is at or above the rule-out bar, 20 %" in text
    assert "Not ruled out by more evidence, as long as points and judgements stay as they are: Criterion c." in text


def test_a_ruled_out_finding_is_told_how_little_would_take_it_away() -> None:
    text = flat(told(LAB.measured("a", 1, 30).measured("b", 0, 30)))
    assert "By another result it would become not ruled out: Snapshot a: 2 passed of 30 instead of 1 (1 more)." in text
    assert "A rule-out bar at 17.2 % or below, instead of 20 %." in text


def test_words_turn_with_the_direction_of_risk() -> None:
    lab = Lab().trained("a").evaluation(riskier_when="lower").criterion(rule_out=bar(80), rule_in=bar(40)).measured("a", 26, 30)
    text = flat(told(lab))
    assert "at least 29 passed of 30 instead of 26" in text
    assert "A rule-out bar under 69.2 %, instead of 80 %" in text


@pytest.mark.parametrize(
    ("rule", "counts", "standing"), [("any", (29, None), "same"), ("any", (0, None), "depends"), ("all", (0, None), "same")]
)
def test_what_is_unknown_is_tried_both_ways(rule: str, counts: tuple[int | None, ...], standing: str) -> None:
    lab = Lab().trained("only")
    for name, passed in zip(("x", "y"), counts, strict=True):
        lab = lab.evaluation(name).criterion(name, evaluation=name)
        lab = lab if passed is None else lab.measured("only", passed, 30, evaluation=name)
    line = {"threshold": "t", "rule": rule, "criteria": ["x", "y"], "words": "as said", **CITED}
    found = told(lab, thresholds=[line]).combination
    assert found is not None
    assert found.unknown == 1
    assert found.whichever_way is Standing(standing)


def test_the_margin_is_exact_and_signed_towards_risk() -> None:
    found = told(LAB.measured("a", 4, 30).measured("b", 1, 30)).steps[0]
    assert found.margin is not None
    assert found.finding.high is not None
    assert found.margin.distance == found.finding.high - 20
    assert found.margin.next_variant == "run-1"
    clear = told(LAB.measured("a", 1, 30).measured("b", 0, 30)).steps[0].margin
    assert clear is not None
    assert clear.distance < 0


def test_the_record_is_the_json_and_equal_input_gives_equal_bytes() -> None:
    lab = LAB.measured("a", 4, 30).measured("b", 1, 30)
    first = explanation_json(told(lab))
    assert first == explanation_json(told(lab))
    read = json.loads(first)
    assert read["verdict"]["outcome"] == "not_ruled_out"
    (flip,) = [flip for way in read["steps"][0]["flips"]["ways"] for flip in way["flips"] if flip["kind"] == "more_items"]
    assert (flip["now"], flip["then"], flip["reach"]) == (30.0, 167.0, "exact")
    assert Explanation.model_validate_json(first) == told(lab)


def restricted(lab: Lab, run: str) -> Lab:
    return replace(lab, runs=tuple(each.model_copy(update=SECRET) if each.slug == run else each for each in lab.runs))


def test_what_rests_on_a_withheld_run_gives_no_number_away() -> None:
    lab = restricted(LAB.measured("a", 17, 113, note="the secret one").measured("b", 1, 30), "run-0")
    found = told(lab)
    open_form = explanation_json(told(LAB.measured("a", 17, 113).measured("b", 1, 30)))
    for text in (explanation_text(found), explanation_json(found)):
        assert "withheld (restricted)" in text
        for secret in ("the secret one", "17 of", "113", "15.04", "22.9"):
            assert secret not in text
    assert "113" in open_form
    assert found.steps[0].flips is None
    assert found.verdict.outcome is VerdictOutcome.NOT_RULED_OUT
    assert [each.reach for each in found.would_change] == [Reach.NEEDED]
    assert "What would change it: withheld (restricted)." in flat(found)


OUTCOMES = ("outcome", "outcome_by_point", "outcome_by_bound", "verdict", "sub_label", "deciding_variant", "highest_observed_snapshot")


@cases(20)
@given(st.integers(0, 59))
def test_no_number_of_passes_shows_through_a_withheld_run(passed: int) -> None:
    """Two records that differ in a withheld number, and in no outcome that a reader may see, get the same margins and the same changes."""
    lab = LAB.measured("b", 1, 30)
    one, other = (told(restricted(lab.measured("a", each, 60), "run-1")) for each in (passed, passed + 1))
    seen = [[getattr(each.steps[0].finding, name) for name in OUTCOMES] for each in (one, other)]
    assume(seen[0] == seen[1])
    added = {"verdict": True, "steps": {"__all__": {"finding"}}}  # what explaining does not add is the business of reports.withholding
    assert one.model_dump(exclude=added) == other.model_dump(exclude=added)


def test_which_of_several_would_do_is_not_told_where_one_is_withheld() -> None:
    lab = Lab().trained("only")
    for name, passed in (("x", 1), ("y", 2)):
        lab = lab.evaluation(name).criterion(name, evaluation=name).measured("only", passed, 60, evaluation=name)
    found = told(restricted(lab, "run-1"))
    assert [(each.criteria, each.among) for each in found.would_change] == [((), ("x", "y"))]
    assert "which are the least is withheld (restricted): Criterion x; Criterion y." in flat(found)


def test_a_withheld_judgement_keeps_its_words() -> None:
    lab = Lab().trained("only").evaluation().criterion(shape="qualitative", question="would it help?")
    lab = lab.judged("below", words="the recipe is at step nine", **SECRET)
    found = told(lab)
    assert "step nine" not in explanation_json(found)
    assert "What would change it: withheld (restricted)." in flat(found)


def test_parts_of_a_compound_stand_below_it_with_what_changes_them() -> None:
    lab = Lab().trained("only").evaluation("x").evaluation("y")
    lab = lab.criterion("x", evaluation="x").criterion("y", evaluation="y").measured("only", 27, 60, evaluation="x")
    lab = lab.measured("only", 10, 60, evaluation="y").criterion("both", shape="compound", rule="any", parts=("x", "y"))
    found = told(lab, coverage=coverage("supplied"))
    assert [(step.criterion, step.depth) for step in found.steps] == [("both", 0), ("x", 1), ("y", 1)]
    assert found.would_change[0].criteria == ("x",)


def test_every_kind_of_flip_has_words() -> None:
    found = told(LAB.measured("a", 4, 30).measured("b", 1, 30)).steps[0]
    assert found.flips is not None
    way, flip = found.flips.ways[0], found.flips.ways[0].flips[0]
    for kind in FlipKind:
        for reach in Reach:
            one = flip.model_copy(update={"kind": kind, "reach": reach, "subject": "a/b" if kind is FlipKind.DROP_ANSWER else None})
            (words,) = flip_sentences(way.model_copy(update={"flips": (one,)}), found.finding)
            assert words.endswith(".")
            assert "None" not in words


@cases(50)
@given(st.floats(0.001, 99.999), st.booleans())
def test_a_limit_is_rounded_away_from_itself(value: float, up: bool) -> None:
    shown = float(numbers.beyond(value, "percent", up=up).removesuffix("\u00a0%"))
    assert shown >= value if up else shown <= value
    assert abs(shown - value) <= 0.1


def test_one_sentence_that_holds_for_every_variant_is_said_once() -> None:
    text = flat(told(LAB.measured("a", 4, 30).measured("b", 4, 30)))
    assert "Every variant (2): 167 items or more instead of 30, at the share it has." in text
    assert "Snapshot a: 167" not in text


def test_two_runs_of_one_snapshot_keep_the_names_of_the_runs() -> None:
    lab = Lab().trained("a").evaluation().criterion(rule_out=bar(20)).measured("a", 4, 30).measured("a", 5, 31)
    text = flat(told(lab))
    assert "Snapshot a (run-0): " in text
    assert "Snapshot a (run-1): " in text


def test_no_result_is_wished_for_where_more_evidence_does_not_help() -> None:
    found = told(LAB.measured("a", 9, 30))
    assert found.steps[0].flips is not None
    assert FlipKind.MISSING_RUN in {flip.kind for flip in found.steps[0].flips.ways[0].flips}
    text = flat(found)
    by_evidence, _, by_result = text.partition("More evidence does not rule it out:")[2].partition("To be ruled out by another result")
    assert "no number of further items" in by_evidence
    assert "a whole run" not in by_evidence
    assert "a whole run with at most 1 of 30" in by_result
    assert "Variants not measured" in text


def test_the_margin_ends_where_the_scale_ends() -> None:
    lab = Lab().trained("a").evaluation().criterion(rule_out=bar(20)).measured("a", value=90, spread=30, spread_kind="se")
    step = told(lab).steps[0]
    assert step.margin is not None
    assert step.finding.high is not None
    assert step.finding.high > 100
    assert (step.margin.at, step.margin.distance, step.margin.at_computed) == (100, 80, step.finding.high)
    assert "the upper end of its interval, taken where the scale ends, lies 80.0 points beyond the bar." in flat(told(lab))


def test_beside_a_judgement_above_a_correction_is_said_to_be_needed() -> None:
    lab = Lab().trained("only").evaluation().criterion(shape="qualitative", question="would it help?").judged("above")
    text = flat(told(lab))
    assert (
        "More evidence does not rule it out: No further judgement rules it out while one that leans otherwise (above) is on record" in text
    )
    assert "the judgement on record (finding-0) is corrected, with the reason, to one that leans below, signed off" in text.replace(
        "The", "the"
    )


def ruling(lab: Lab, *, checkpoint_rules: str) -> Explanation:
    """Explain ``t``, which the policy rules out with a checkpoint."""
    thresholds = [lab.threshold("checkpoint", rules_out=["t"]), lab.threshold("t")]
    lines = [
        {"threshold": name, "rule": "any", "criteria": [one], "words": "w", **CITED}
        for name, one in (("checkpoint", checkpoint_rules), ("t", "c"))
    ]
    policy, criteria = {"thresholds": thresholds}, {"thresholds": lines}
    made = lab.assessment(policy, criteria)
    return explanation(made, "t", lab.policy(**policy).record, lab.criteria_set(**criteria).record, lab.evidence())


@pytest.mark.parametrize(("passed", "said"), [(None, "nothing here speaks against it"), (15, "here something does speak against it")])
def test_a_threshold_with_which_it_would_be_ruled_out_is_named(passed: int | None, said: str) -> None:
    lab = Lab().trained("only").evaluation().evaluation("other").criterion("o", evaluation="other").criterion()
    text = flat(ruling(lab if passed is None else lab.measured("only", passed, 30), checkpoint_rules="o"))
    assert f"ruling out Threshold checkpoint by its own evidence would, where nothing speaks against it, rule this out too; {said}." in text


def test_a_verdict_taken_from_another_threshold_names_it() -> None:
    lab = Lab().trained("only").evaluation().evaluation("other").criterion("o", evaluation="other").criterion()
    text = flat(ruling(lab.measured("only", 1, 30, evaluation="other"), checkpoint_rules="o"))
    assert "Implied by: Threshold checkpoint." in text
    assert "ruling out Threshold checkpoint" not in text


@pytest.mark.parametrize("visibility", [Visibility.STAFF, Visibility.RESTRICTED])
def test_a_base_model_is_named_and_only_the_words_of_the_relation_are_withheld(visibility: Visibility) -> None:
    base = LAB.measured("a", 29, 30).measured("b", 1, 30)
    lab = LAB.measured("a", 1, 30).measured("b", 1, 30)
    lab = lab.related("inherited_from", "base", words="from its weights", visibility=visibility)
    theirs = base.assessment()
    related = {"base": theirs.model_copy(update={"model": "base", "model_name": "Base model"})}
    found = explanation(lab.assessment(related=related), "t", lab.policy().record, lab.criteria_set().record, lab.evidence(), related)
    text = flat(found)
    assert "Inherited from: Base model." in text
    assert "Inherited from Base model (every domain; not signed off): " in text
    assert "Not ruled out by any evidence of its own as long as Base model, from which it was made, is" in text
    assert ("from its weights" in explanation_json(found)) is (visibility is Visibility.STAFF)
    assert [each.slug for each in found.rests_on] == [each.other for each in found.relations] == ["base"]
