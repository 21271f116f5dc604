"""The page on verdicts says what the code does: words, numbers of its example, and its tables."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest

from evaluations.proportions import clopper_pearson
from evaluations.quantiles import Scale
from evaluations.records import RiskierWhen
from reports.vocabulary import SUB_LABEL_WORDS, VERDICT_MEANINGS
from tests.docs.pages import FIRST_STEPS, ROOT, text_of
from thresholds.bars import Bars, judge
from thresholds.combining import kth_largest
from thresholds.criterion import crossings_needed
from thresholds.findings import ErrorLevels
from thresholds.load import load_criteria, load_policy
from thresholds.outcomes import RISK_ORDER, Compared, Decides, FindingOutcome, Rule, VerdictOutcome

PAGE = ROOT / "docs" / "verdicts.md"
PERCENT = Scale(Fraction(0), Fraction(100))


def rows() -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text_of(PAGE).splitlines() if line.startswith("|")]


def test_every_sub_label_stands_with_the_words_the_report_prints() -> None:
    told = {row[0].strip("`"): row[1] for row in rows() if len(row) == 3}
    assert {label.value: words for label, words in SUB_LABEL_WORDS.items()}.items() <= told.items()


def test_every_outcome_is_explained() -> None:
    told = [row[0].strip("`") for row in rows() if len(row) == 2]
    assert {each.value for each in FindingOutcome} <= set(told)
    assert [each for each in told if each in set(VerdictOutcome)] == [each.value for each in RISK_ORDER]
    assert set(VERDICT_MEANINGS) == set(VerdictOutcome)


def test_the_worked_example_has_the_computed_numbers() -> None:
    estimate = clopper_pearson(4, 30, PERCENT)
    bars = Bars(Fraction(20), Fraction(20), RiskierWhen.HIGHER, Compared.BOUND, Decides.RULE_OUT, 0.025, 0.025)
    judged = judge(estimate, bars)
    assert (judged.by_point, judged.by_bound) == (FindingOutcome.BELOW, FindingOutcome.BETWEEN)
    assert judged.verdict is VerdictOutcome.NOT_RULED_OUT
    page = text_of(PAGE)
    assert f"from {estimate.lower(0.025):.1f} to {estimate.upper(0.025):.1f} %" in page
    assert f"4/30 = {float(estimate.point):.1f} %" in page
    assert estimate.p_below(Decimal(20)) == pytest.approx(1 / 4, abs=0.01)  # "about once in four times"


def test_more_trials_at_the_same_rate_would_decide_as_the_example_says() -> None:
    assert "12 of 90" in text_of(PAGE)
    assert clopper_pearson(12, 90, PERCENT).upper(0.025) > 20
    assert f"24 of 180 ends at {clopper_pearson(24, 180, PERCENT).upper(0.025):.1f} %" in text_of(PAGE)
    assert re.search(rf"interval ends at {clopper_pearson(1, 30, PERCENT).upper(0.025):.1f} %", re.sub(r"\s+", " ", text_of(PAGE)))


@pytest.mark.parametrize(
    ("rule", "k", "place"),
    [(Rule.ANY, None, 0), (Rule.WORST_DOMAIN, None, 0), (Rule.MAJORITY, None, 2), (Rule.ALL, None, 3), (Rule.K_OF_N, 2, 1)],
)
def test_the_rules_take_the_place_in_the_order_that_the_table_says(rule: Rule, k: int | None, place: int) -> None:
    riskiest_first = list(reversed(RISK_ORDER))
    assert kth_largest(riskiest_first, crossings_needed(rule, k, 4)) is riskiest_first[place]


def test_all_of_three_parts_shows_the_level_that_the_page_says() -> None:
    level = ErrorLevels(Fraction("0.025"), Fraction("0.025")).split(3, 3)
    assert f"{level.shown * 100:.2f} % interval" in text_of(PAGE)


def test_under_the_policy_named_everything_but_a_rule_out_forces() -> None:
    path = ROOT / "thresholds" / "policies" / "anthropic-rsp-2.0.yaml"
    forcing = load_policy(path.read_bytes(), path.name).record.forcing
    assert set(forcing.outcomes) == set(VerdictOutcome) - {VerdictOutcome.RULED_OUT}


def test_the_first_steps_criteria_list_every_threshold_of_their_policy() -> None:
    path = FIRST_STEPS / "criteria.yaml"
    criteria = load_criteria(path.read_bytes(), path.name).record
    policy = ROOT / "thresholds" / "policies" / f"{criteria.policy}.yaml"
    known = {each.slug for each in load_policy(policy.read_bytes(), policy.name).record.thresholds}
    assert {line.threshold for line in criteria.thresholds} == known
