"""From findings to verdicts, required safeguards and the assessment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.world import CITED, SIGNED, Lab
from thresholds.errors import UnknownEvaluationError, UnmatchedPolicyError

LAB = Lab().trained("only").evaluation().criterion()
SAFE, STRADDLING, SURE = LAB.measured("only", 1, 100), LAB.measured("only", 50, 100), LAB.measured("only", 99, 100)


def test_ruled_out_forces_nothing() -> None:
    assert SAFE.verdict().outcome == "ruled_out"
    assert SAFE.verdict().required_safeguards == ()


@pytest.mark.parametrize("lab", [STRADDLING, SURE, LAB], ids=["not ruled out", "crossed", "nothing measured"])
def test_every_other_verdict_forces_the_required_safeguards(lab: Lab) -> None:
    assert [each.slug for each in lab.verdict().required_safeguards] == ["security"]


def test_the_policy_says_which_verdicts_force_what() -> None:
    forcing = {"outcomes": ["crossed"], "words": "only crossing", **CITED}
    assert STRADDLING.assessment(policy={"forcing": forcing}).verdicts[0].required_safeguards == ()


def test_a_threshold_without_criteria_is_never_ruled_out() -> None:
    assessment = SAFE.assessment(policy={"thresholds": [SAFE.threshold(), SAFE.threshold("forgotten")]})
    verdict = assessment.verdicts[1]
    assert (verdict.outcome, verdict.sub_label) == ("insufficient_evidence", "not_assessed")
    assert [gap.kind for gap in verdict.gaps] == ["no_criteria"]


def test_a_checkpoint_ruled_out_takes_the_threshold_behind_it_along() -> None:
    thresholds = [SAFE.threshold(rules_out=("behind",)), SAFE.threshold("behind")]
    assert [each.outcome for each in SAFE.assessment(policy={"thresholds": thresholds}).verdicts] == ["ruled_out", "ruled_out"]


def test_an_implication_never_overrules_a_finding() -> None:
    lab = SAFE.evaluation("worse").criterion("w", evaluation="worse").measured("only", 99, 100, evaluation="worse")
    lines = [{"threshold": name, "rule": "any", "criteria": [each], "words": "w", **CITED} for name, each in (("t", "c"), ("behind", "w"))]
    thresholds = [lab.threshold(rules_out=("behind",)), lab.threshold("behind")]
    assessment = lab.assessment(policy={"thresholds": thresholds}, criteria={"thresholds": lines})
    assert [each.outcome for each in assessment.verdicts] == ["ruled_out", "crossed"]


def test_a_saturated_criterion_rules_nothing_out_from_that_day() -> None:
    event = {"status": "saturated", "from_on": "2030-03-01", "words": "too easy", **CITED}
    lab = Lab().trained("only").evaluation().criterion(lifecycle=(event,)).measured("only", 1, 100)
    assert (lab.verdict().outcome, lab.verdict().sub_label) == ("insufficient_evidence", "saturated")


def test_what_is_declared_later_does_not_change_an_earlier_verdict() -> None:
    event = {"status": "saturated", "from_on": "2030-03-01", "words": "too easy", **CITED}
    lab = Lab().trained("only").evaluation().criterion(lifecycle=(event,)).measured("only", 1, 100)
    assert replace(lab, at=datetime(2030, 2, 28, tzinfo=UTC)).verdict().outcome == "ruled_out"


def test_a_criterion_that_is_not_load_bearing_is_shown_and_does_not_decide() -> None:
    event = {"status": "not_load_bearing", "from_on": "2030-01-01", "words": "a benchmark", **CITED}
    lab = SAFE.evaluation("extra").criterion("extra", evaluation="extra", lifecycle=(event,)).measured("only", 99, 100, evaluation="extra")
    assert lab.verdict().outcome == "ruled_out"
    assert len(lab.verdict().findings) == 2


@pytest.mark.parametrize(
    ("leaning", "expected"),
    [("below", "ruled_out"), ("between", "not_ruled_out"), ("above", "crossed"), ("none_stated", "insufficient_evidence")],
)
def test_experts_answer_in_words(leaning: str, expected: str) -> None:
    lab = Lab().evaluation().criterion(shape="qualitative", question="would it help?").judged(leaning, **SIGNED)
    assert lab.verdict().outcome == expected


def test_of_several_judgements_the_riskiest_counts() -> None:
    lab = Lab().evaluation().criterion(shape="qualitative", question="would it help?").judged("below").judged("between").judged("below")
    assert lab.verdict().outcome == "not_ruled_out"


def test_no_judgement_is_no_good_news() -> None:
    assert Lab().evaluation().criterion(shape="qualitative", question="would it help?").verdict().outcome == "insufficient_evidence"


def test_restricted_words_are_not_repeated() -> None:
    lab = Lab().evaluation().criterion(shape="qualitative", question="q").judged("below", words="the recipe", visibility="hazardous")
    assert "recipe" not in lab.assessment().model_dump_json()


def test_a_concern_without_a_number_rules_nothing_out() -> None:
    lab = Lab().trained("only").evaluation().criterion(shape="unquantified").measured("only", 1, 100)
    assert (lab.verdict().outcome, lab.verdict().sub_label) == ("insufficient_evidence", "no_numeric_bar")


def test_criteria_of_another_policy_are_refused() -> None:
    with pytest.raises(UnmatchedPolicyError, match="found policy test-policy, expected other"):
        SAFE.assessment(criteria={"policy": "other"})


def test_an_evaluation_nobody_declared_is_refused() -> None:
    with pytest.raises(UnknownEvaluationError, match="which no evidence file declares"):
        Lab().trained("only").criterion().verdict()


def test_the_number_in_a_name_is_not_the_level_it_requires() -> None:
    lab = replace(STRADDLING, safeguards=({**STRADDLING.safeguards[0], "level": "level-3"},))
    assessment = lab.assessment(
        policy={"thresholds": [lab.threshold("ai-rd-4")]},
        criteria={"thresholds": [{"threshold": "ai-rd-4", "rule": "any", "criteria": ["c"], "words": "w", **CITED}]},
    )
    assert assessment.verdicts[0].required_safeguards[0].level_name == "Level 3"


def test_the_same_inputs_give_the_same_bytes() -> None:
    assert STRADDLING.assessment().model_dump_json() == STRADDLING.assessment().model_dump_json()
