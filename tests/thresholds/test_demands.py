"""Required safeguards over all thresholds, and the evidence shown beside them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.world import CITED, Lab

LEVELS = [{"slug": f"level-{n}", "name": f"Level {n}", "rank": n, "words": "strong", **CITED} for n in (2, 3, 4)]
LAB = Lab().trained("only").evaluation().criterion().measured("only", 50, 100)


def safeguard(kind: str, level: str | None, firmness: str, **fields: Any) -> dict[str, Any]:
    return {
        "slug": f"{kind}-{level or 'none'}-{firmness}",
        "kind": kind,
        "level": level,
        "firmness": firmness,
        "words": f"{kind} {level}",
        **CITED,
        **fields,
    }


def demands(*each: list[dict[str, Any]]) -> list[tuple[str, str | None, str, tuple[str, ...]]]:
    """What is demanded where every threshold has the same unfavourable verdict, and each its own safeguards."""
    thresholds = [LAB.threshold(f"t{place}", requires=requires) for place, requires in enumerate(each)]
    lines = [{"threshold": one["slug"], "rule": "any", "criteria": ["c"], "words": "w", **CITED} for one in thresholds]
    assessment = LAB.assessment(policy={"thresholds": thresholds, "levels": LEVELS}, criteria={"thresholds": lines})
    return [(one.kind, one.level, one.firmness, tuple(ground.threshold for ground in one.rests_on)) for one in assessment.safeguards]


def test_the_highest_level_of_a_kind_is_demanded() -> None:
    assert demands([safeguard("security", "level-3", "required")], [safeguard("security", "level-4", "required")]) == [
        ("security", "level-4", "required", ("t1",))
    ]


def test_a_lower_level_asked_for_more_firmly_is_not_hidden_by_a_higher_one() -> None:
    found = demands([safeguard("security", "level-3", "required")], [safeguard("security", "level-4", "expected")])
    assert found == [("security", "level-4", "expected", ("t1",)), ("security", "level-3", "required", ("t0",))]


def test_a_higher_level_at_the_least_takes_in_a_lower_one_that_is_required() -> None:
    found = demands([safeguard("security", "level-3", "required")], [safeguard("security", "level-4", "at_least")])
    assert found == [("security", "level-4", "at_least", ("t1",))]


def test_a_demand_rests_on_every_threshold_that_asks_for_it() -> None:
    found = demands([safeguard("security", "level-3", "aim")], [safeguard("security", "level-3", "required")])
    assert found == [("security", "level-3", "required", ("t0", "t1"))]


def test_kinds_stand_apart() -> None:
    found = demands([safeguard("deployment", "level-3", "required"), safeguard("security", "level-4", "required")])
    assert [(kind, level) for kind, level, _, _ in found] == [("deployment", "level-3"), ("security", "level-4")]


def test_demands_without_a_level_are_joined_by_their_words_alone() -> None:
    first, second = (safeguard("notice", None, "required", words=words) for words in ("tell the board", "tell the public"))
    assert len(demands([first], [second])) == 2
    assert len(demands([first], [first])) == 1


def test_the_earliest_day_by_which_it_is_due_counts() -> None:
    one = safeguard("security", "level-3", "required", due="before_external_deployment")
    other = safeguard("security", "level-3", "required", due="during_development")
    thresholds = [LAB.threshold("t", requires=[one]), LAB.threshold("u", requires=[other])]
    lines = [{"threshold": each, "rule": "any", "criteria": ["c"], "words": "w", **CITED} for each in ("t", "u")]
    found = LAB.assessment(policy={"thresholds": thresholds, "levels": LEVELS}, criteria={"thresholds": lines}).safeguards
    assert [each.due for each in found] == ["during_development"]


def test_a_higher_level_that_is_due_later_does_not_hide_a_lower_one() -> None:
    lower = safeguard("security", "level-3", "required", due="during_development")
    higher = safeguard("security", "level-4", "required", due="before_external_deployment")
    assert [level for _, level, _, _ in demands([lower], [higher])] == ["level-4", "level-3"]


def test_nothing_is_demanded_where_everything_is_ruled_out() -> None:
    lab = Lab().trained("only").evaluation().criterion().measured("only", 1, 100)
    assert lab.assessment().safeguards == ()
    assert lab.assessment().overall == "ruled_out"


def test_the_riskiest_verdict_stands_for_all() -> None:
    lab = Lab().trained("only").evaluation("lo").evaluation("hi")
    lab = lab.criterion("a", evaluation="lo").criterion("b", evaluation="hi")
    lab = lab.measured("only", 1, 100, evaluation="lo").measured("only", 99, 100, evaluation="hi")
    lines = [{"threshold": slug, "rule": "any", "criteria": [one], "words": "w", **CITED} for slug, one in (("t", "a"), ("u", "b"))]
    thresholds = [lab.threshold("t"), lab.threshold("u")]
    assessment = lab.assessment(policy={"thresholds": thresholds}, criteria={"thresholds": lines})
    assert (assessment.overall, "our choice" in assessment.overall_rule) == ("crossed", True)


def test_a_policy_that_says_how_domains_combine_is_cited() -> None:
    overall = {"rule": "worst_domain", "words": "the worst category counts", **CITED}
    assert LAB.assessment(policy={"overall": overall}).overall_rule.startswith("the worst category")


EVIDENCE_LINE = {"kind": "deployment", "evaluation": "shield", "version": "v1", "words": "attacks prevented", **CITED}


def test_evidence_on_safeguards_is_shown_with_the_direction_of_less_risk() -> None:
    lab = LAB.evaluation("shield", riskier_when="lower").measured(
        None, evaluation="shield", value=Decimal(88), statistic="share", tools="with mitigations"
    )
    (score,) = lab.assessment(criteria={"safeguard_evidence": [EVIDENCE_LINE]}).safeguard_evidence
    assert (score.kind, score.value, score.better_when, score.condition) == ("deployment", 88.0, "higher", "with mitigations")


def test_evidence_on_safeguards_decides_nothing() -> None:
    lab = LAB.evaluation("shield", riskier_when="lower").measured(None, evaluation="shield", value=Decimal(1), statistic="share")
    with_it = lab.assessment(criteria={"safeguard_evidence": [EVIDENCE_LINE]})
    assert with_it.verdicts == lab.assessment().verdicts
    assert with_it.safeguards == lab.assessment().safeguards


def test_a_run_that_gave_nothing_is_no_evidence_on_safeguards() -> None:
    lab = LAB.evaluation("shield").measured(
        None, evaluation="shield", value=Decimal(88), statistic="share", status="invalidated", status_reason="wrong items"
    )
    assert lab.assessment(criteria={"safeguard_evidence": [EVIDENCE_LINE]}).safeguard_evidence == ()


def test_evidence_on_safeguards_in_another_unit_hides_no_verdict() -> None:
    expected = {
        "slug": "shield",
        "version": "v1",
        "name": "Shield",
        "kind": "safeguard",
        "unit": "points",
        "riskier_when": "lower",
        **CITED,
    }
    exam = {"slug": "exam", "version": "v1", "name": "Exam", "kind": "benchmark", "unit": "percent", "riskier_when": "higher", **CITED}
    declared = [expected, {**exam, "scale_low": 0, "scale_high": 100}]
    lab = LAB.evaluation("shield", riskier_when="lower").measured(None, evaluation="shield", value=Decimal(188), statistic="mean")
    assessment = lab.assessment(criteria={"safeguard_evidence": [EVIDENCE_LINE], "evaluations": declared})
    assert (assessment.verdicts[0].outcome, assessment.safeguard_evidence[0].value) == ("not_ruled_out", 188.0)


def test_a_level_that_is_spelled_like_anothers_words_is_another_demand() -> None:
    found = demands([safeguard("security", "level-3", "required")], [safeguard("security", None, "required", words="level-3")])
    assert len(found) == 2
