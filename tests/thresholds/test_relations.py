"""What was found of one model and speaks of another."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import CITED, SIGNED, Lab
from thresholds.decision_records import Assessment, Verdict
from thresholds.errors import UnassessedRelationError, UnlikeRelationError

LAB = Lab().trained("only").evaluation().criterion()
OUTCOMES = {"ruled_out": 1, "not_ruled_out": 50, "crossed": 99}


def found(outcome: str) -> Lab:
    """A lab whose one threshold has this verdict by its own evidence."""
    return LAB if outcome == "insufficient_evidence" else LAB.measured("only", OUTCOMES[outcome], 100)


def other(outcome: str) -> dict[str, Assessment]:
    return {"stronger": found(outcome).assessment()}


def judged(lab: Lab, theirs: str) -> Verdict:
    return lab.assessment(related=other(theirs)).verdicts[0]


def test_a_signed_bound_by_a_stronger_model_rules_out_what_nobody_measured() -> None:
    verdict = judged(LAB.related("bounded_by", "stronger", **SIGNED), "ruled_out")
    assert (verdict.outcome, verdict.bounded_by, verdict.required_safeguards) == ("ruled_out", "m", ())
    assert "signed off by O. Officer" in verdict.reason


@pytest.mark.parametrize("kind", ["bounded_by", "inherited_from"])
def test_unsigned_a_relation_rules_nothing_out(kind: str) -> None:
    assert judged(LAB.related(kind, "stronger"), "ruled_out").outcome == "insufficient_evidence"


@pytest.mark.parametrize("theirs", ["insufficient_evidence", "not_ruled_out", "crossed"])
def test_a_stronger_model_that_is_not_ruled_out_says_nothing_of_a_weaker_one(theirs: str) -> None:
    assert judged(LAB.related("bounded_by", "stronger", **SIGNED), theirs).outcome == "insufficient_evidence"
    assert judged(found("ruled_out").related("bounded_by", "stronger", **SIGNED), theirs).outcome == "ruled_out"


@pytest.mark.parametrize("kind", ["bounded_by", "inherited_from"])
@pytest.mark.parametrize("own", ["not_ruled_out", "crossed"])
def test_a_relation_never_overrules_what_the_models_own_evidence_says(kind: str, own: str) -> None:
    assert judged(found(own).related(kind, "stronger", **SIGNED), "ruled_out").outcome == own


@pytest.mark.parametrize("signed", [SIGNED, {}], ids=["signed", "unsigned"])
@pytest.mark.parametrize("theirs", ["not_ruled_out", "crossed"])
@pytest.mark.parametrize("own", ["ruled_out", "insufficient_evidence"])
def test_a_model_made_from_another_is_no_better_than_that_one(own: str, theirs: str, signed: dict[str, Any]) -> None:
    verdict = judged(found(own).related("inherited_from", "stronger", **signed), theirs)
    assert (verdict.outcome, verdict.inherited_from) == (theirs, "m")
    assert [each.slug for each in verdict.required_safeguards] == ["security"]


def test_a_base_of_which_nothing_is_known_takes_no_rule_out_away() -> None:
    assert judged(found("ruled_out").related("inherited_from", "stronger"), "insufficient_evidence").outcome == "ruled_out"


def test_an_unexplained_drop_is_not_overruled_by_a_relation() -> None:
    lab = Lab().trained("first", "second").evaluation().criterion()
    lab = lab.itemised("first", [1] * 30 + [0] * 170).itemised("second", [0] * 200)
    assert lab.verdict().sub_label == "score_drop"
    assert judged(lab.related("bounded_by", "stronger", **SIGNED), "ruled_out").outcome == "insufficient_evidence"


def test_a_relation_of_another_domain_says_nothing() -> None:
    lab = LAB.related("bounded_by", "stronger", domain="cyber", **SIGNED)
    assert judged(lab, "ruled_out").outcome == "insufficient_evidence"


def test_a_warning_of_a_domain_that_the_policy_does_not_know_is_not_lost() -> None:
    lab = found("ruled_out").related("inherited_from", "stronger", domain="chem-bio")
    assert judged(lab, "not_ruled_out").outcome == "not_ruled_out"


def test_a_warning_of_another_domain_of_the_policy_stays_there() -> None:
    domains = [{"slug": slug, "name": slug, "threat_model": "somebody", **CITED} for slug in ("cbrn", "cyber")]
    lab = found("ruled_out").related("inherited_from", "stronger", domain="cyber")
    theirs = found("crossed").assessment(policy={"domains": domains})
    assert lab.assessment(policy={"domains": domains}, related={"stronger": theirs}).verdicts[0].outcome == "ruled_out"


def test_a_relation_of_a_domain_speaks_of_those_below_it() -> None:
    domains = [
        {"slug": "weapons", "name": "Weapons", "threat_model": "somebody", **CITED},
        {"slug": "cbrn", "name": "CBRN", "parent": "weapons", "threat_model": "somebody", **CITED},
    ]
    lab = LAB.related("bounded_by", "stronger", domain="weapons", **SIGNED)
    theirs = found("ruled_out").assessment(policy={"domains": domains})
    assert lab.assessment(policy={"domains": domains}, related={"stronger": theirs}).verdicts[0].outcome == "ruled_out"


def test_a_checkpoint_no_better_than_its_base_rules_out_nothing_else() -> None:
    thresholds = [LAB.threshold("checkpoint", rules_out=["t"]), LAB.threshold("t")]
    lines = [
        {"threshold": "checkpoint", "rule": "any", "criteria": ["c"], "words": "w", **CITED},
        {"threshold": "t", "rule": "any", "criteria": [], "words": "w", **CITED},
    ]
    policy, criteria = {"thresholds": thresholds}, {"thresholds": lines}
    base = {"stronger": found("not_ruled_out").assessment(policy=policy, criteria=criteria)}
    lab = found("ruled_out").related("inherited_from", "stronger", **SIGNED)
    assert [each.outcome for each in lab.assessment(policy=policy, criteria=criteria, related=base).verdicts] == [
        "not_ruled_out",
        "insufficient_evidence",
    ]


def test_a_related_model_that_was_not_assessed_is_refused() -> None:
    with pytest.raises(UnassessedRelationError, match="found a relation to stronger and no assessment of it"):
        LAB.related("inherited_from", "stronger").assessment()


def test_the_words_of_a_restricted_relation_are_not_repeated() -> None:
    lab = LAB.related("bounded_by", "stronger", words="the recipe", visibility="restricted", **SIGNED)
    assert "recipe" not in judged(lab, "ruled_out").reason


def nested(**fields: Any) -> Lab:
    """A threshold of which one part is crossed and the other was never measured, so that the whole is merely unknown."""
    lab = Lab().trained("only").evaluation("hi").evaluation("none").criterion("a", evaluation="hi").criterion("b", evaluation="none")
    return lab.measured("only", 99, 100, evaluation="hi").criterion("w", shape="compound", rule="all", parts=("a", "b"), **fields)


def test_evidence_against_is_not_overruled_one_level_down() -> None:
    lab = nested().related("bounded_by", "stronger", **SIGNED)
    theirs = {"stronger": found("ruled_out").assessment()}
    assert nested().verdict().outcome == "insufficient_evidence"
    assert lab.assessment(related=theirs).verdicts[0].outcome == "insufficient_evidence"


def test_an_implication_does_not_overrule_evidence_one_level_down_either() -> None:
    lab = nested().evaluation("lo").criterion("c", evaluation="lo").measured("only", 1, 100, evaluation="lo")
    thresholds = [lab.threshold("checkpoint", rules_out=["t"]), lab.threshold("t")]
    lines = [
        {"threshold": name, "rule": "any", "criteria": [one], "words": "w", **CITED} for name, one in (("checkpoint", "c"), ("t", "w"))
    ]
    outcomes = [each.outcome for each in lab.assessment({"thresholds": thresholds}, {"thresholds": lines}).verdicts]
    assert outcomes == ["ruled_out", "insufficient_evidence"]


def test_a_score_whose_bar_lapsed_is_not_overruled() -> None:
    lab = Lab().trained("only").evaluation().criterion(until_on="2030-01-01").measured("only", 99, 100)
    assert lab.verdict().sub_label == "no_bar_in_force"
    assert judged(lab.related("bounded_by", "stronger", **SIGNED), "ruled_out").outcome == "insufficient_evidence"


def test_a_warning_of_a_part_of_the_domain_is_not_lost() -> None:
    domains = [
        {"slug": "cbrn", "name": "CBRN", "threat_model": "somebody", **CITED},
        {"slug": "bio", "name": "Biology", "parent": "cbrn", "threat_model": "somebody", **CITED},
    ]
    lab = found("ruled_out").related("inherited_from", "stronger", domain="bio")
    theirs = found("crossed").assessment(policy={"domains": domains})
    assert lab.assessment(policy={"domains": domains}, related={"stronger": theirs}).verdicts[0].outcome == "crossed"


@pytest.mark.parametrize("changed", [{"policy_sha256": "1" * 64}, {"criteria_sha256": "1" * 64}, {"as_of": 7}])
def test_an_assessment_by_other_rules_or_of_another_position_is_refused(changed: dict[str, Any]) -> None:
    theirs = found("ruled_out").assessment()
    unlike = Assessment.model_validate({**dict(theirs), **changed})
    with pytest.raises(UnlikeRelationError, match="by another policy, set or position"):
        LAB.related("bounded_by", "stronger", **SIGNED).assessment(related={"stronger": unlike})
