"""Sentences for leaders: built from facts, in the words of the rules, in either direction of risk."""

from __future__ import annotations

from typing import Any

import pytest

from evaluations.records import RiskierWhen, Thinking
from reports import numbers, vocabulary, wording
from tests.reports import assessments
from tests.reports import assessments as made
from tests.reports.assessments import (
    ABOVE,
    BELOW,
    BETWEEN,
    CROSSED,
    FINITE,
    INSUFFICIENT,
    NOT_RULED_OUT,
    RULED_OUT,
    UNBOUNDED,
    bar,
    finding,
    variant,
)
from thresholds.decision_records import GapKind
from thresholds.finding_records import AlarmKind, AlarmState, Finding
from thresholds.outcomes import Compared, FindingOutcome, Rule, SubLabel, VerdictOutcome
from thresholds.safeguards import Due, Firmness, SafeguardKind

FORBIDDEN = ("no significant difference", "so safe", "probability the score", "probability that the score", "passed", "is safe", "proves")


def measured(value: float, low: float | None, high: float | None, **changed: Any) -> Any:
    ends = {"low_end": UNBOUNDED if low is None else FINITE, "high_end": UNBOUNDED if high is None else FINITE}
    fields = {"value": value, "low": low, "high": high, "method": "item_beta", "observations": 42, **ends, **changed}
    return variant("any", **fields)


def scored(verdict: VerdictOutcome, value: float, low: float | None, high: float | None, **changed: Any) -> Finding:
    inner = changed.pop("inner", {})
    return finding("evaluation", verdict=verdict, variants=(measured(value, low, high, **inner),), **changed)


BOTH_BARS = {"rule_out_bar": bar(50, "50"), "rule_in_bar": bar(80, "80")}
SENTENCES = {
    "ruled out over six variants": (
        scored(RULED_OUT, 23, 12, 39, variants_planned=6),
        "Below the bar on this evidence: even the upper end for the riskiest of 6 variants, 39 %, is under 50 % (95 % "
        "interval 12 % to 39 %, n = 42).",
    ),
    "ruled out by the point": (
        scored(RULED_OUT, 38, 23, 54, compared=Compared.POINT),
        "Below the bar by the point estimate, which is what this criterion compares: 38 % is under 50 % (95 % "
        "interval 23 % to 54 %, n = 42).",
    ),
    "straddling": (
        scored(NOT_RULED_OUT, 38, 23, 54, sub_label=SubLabel.STRADDLES_RULE_OUT, outcome_by_point=BELOW),
        "Cannot be shown to be below the bar: best estimate 38 %, but up to 54 % is compatible with the data (95 % "
        "interval 23 % to 54 %, n = 42); "
        "bar 50 %.",
    ),
    "straddling with the point beyond": (
        scored(NOT_RULED_OUT, 85, 72, 94, sub_label=SubLabel.STRADDLES_RULE_OUT, outcome_by_point=ABOVE, rule_out_bar=bar(80, "80")),
        "Cannot be shown to be below the bar: best estimate 85 %, and the bar lies within the interval (95 % interval "
        "72 % to 94 %, n = 42); "
        "bar 80 %.",
    ),
    "between the bars": (
        scored(NOT_RULED_OUT, 65, 55, 75, sub_label=SubLabel.BETWEEN_BARS, **BOTH_BARS),
        "Cannot be shown to be below the bar: 65 % stands between the bars, where the evaluation decides nothing (95 "
        "% interval 55 % to 75 %, "
        "n = 42); rule-out bar 50 %, rule-in bar 80 %.",
    ),
    "no upper limit": (
        scored(NOT_RULED_OUT, 2.08, 1.39, None, unit="x", sub_label=SubLabel.UNBOUNDED, rule_out_bar=bar(2.8, "2.8"), scale_high=None),
        "Cannot be shown to be below the bar: best estimate 2.1x, but the interval has no upper limit (95 % interval "
        "from 1.4x, no upper limit, "
        "n = 42); bar 2.8x.",
    ),
    "crossed over six variants": (
        scored(CROSSED, 90, 85, 95, variants_planned=6, inner={"rule_in_low": 83.0}, **BOTH_BARS),
        "The bar is reached: at least 83 % even allowing for picking the riskiest of 6 variants; bar 80 % (95 % "
        "interval 85 % to 95 %, n = 42).",
    ),
    "missing variants": (
        scored(INSUFFICIENT, 23, 12, 39, variants_planned=6, missing_snapshots=("a", "b"), sub_label=SubLabel.MISSING_VARIANTS),
        "No conclusion: 2 of 6 planned variants have no usable score; best estimate 23 % (95 % interval 12 % to 39 %, "
        "n = 42), bar 50 %. This does "
        "not count as below the bar.",
    ),
    "one missing variant and no score": (
        finding("evaluation", variants_planned=1, missing_snapshots=("a",), sub_label=SubLabel.NOT_ASSESSED),
        "No conclusion: 1 of 1 variant has no usable score. This does not count as below the bar.".replace(
            "1 variant", "1 planned variant"
        ),
    ),
    "not assessed": (
        finding("evaluation", sub_label=SubLabel.NOT_ASSESSED),
        "No conclusion: not assessed. This does not count as below the bar.",
    ),
    "saturated": (
        scored(INSUFFICIENT, 23, 12, 39, sub_label=SubLabel.SATURATED),
        "No conclusion: evaluation saturated or retired; best estimate 23 % (95 % interval 12 % to 39 %, n = 42), bar "
        "50 %. This does not count as "
        "below the bar.",
    ),
    "lower is riskier, ruled out": (
        scored(RULED_OUT, 70, 61, 79, riskier_when=RiskierWhen.LOWER),
        "Below the bar on this evidence: even the lower end, 61 %, is above 50 % (95 % interval 61 % to 79 %, n = 42).",
    ),
    "lower is riskier, straddling": (
        scored(NOT_RULED_OUT, 55, 46, 64, riskier_when=RiskierWhen.LOWER, sub_label=SubLabel.STRADDLES_RULE_OUT, outcome_by_point=BELOW),
        "Cannot be shown to be below the bar: best estimate 55 %, but down to 46 % is compatible with the data (95 % "
        "interval 46 % to 64 %, "
        "n = 42); bar 50 %.",
    ),
    "experts": (made.red_team(), "Below the bar on this evidence, by the recorded judgement."),
}


@pytest.mark.parametrize("case", SENTENCES, ids=list(SENTENCES))
def test_a_finding_is_one_sentence_and_its_number(case: str) -> None:
    given, expected = SENTENCES[case]
    assert wording.finding_sentence(given).replace(numbers.NBSP, " ") == expected


@pytest.mark.parametrize("case", SENTENCES, ids=list(SENTENCES))
def test_no_sentence_uses_a_forbidden_phrase(case: str) -> None:
    sentence = wording.finding_sentence(SENTENCES[case][0])
    assert not [phrase for phrase in FORBIDDEN if phrase in sentence.lower()]


@pytest.mark.parametrize("case", SENTENCES, ids=list(SENTENCES))
def test_no_interval_stands_without_its_level_and_n(case: str) -> None:
    sentence = wording.finding_sentence(SENTENCES[case][0]).replace(numbers.NBSP, " ")
    if "interval " in sentence and "no usable interval" not in sentence:
        assert "95 % interval" in sentence
        assert "n = 42" in sentence


def test_a_near_miss_never_reads_as_a_hit() -> None:
    sentence = wording.finding_sentence(scored(RULED_OUT, 40.2, 31, 49.96)).replace(numbers.NBSP, " ")
    assert "49.96 %, is under 50 %" in sentence


def test_a_verdict_sentence_counts_its_indicators() -> None:
    verdict = made.assessment().verdicts[0]
    assert wording.verdict_sentence(verdict) == (
        "We cannot show that the capability is below the threshold: 2 not ruled out, 1 insufficient evidence, 1 ruled out (any one of 4 "
        "indicators suffices to reach it)."
    )


def test_a_verdict_without_indicators_is_no_conclusion() -> None:
    assert wording.verdict_sentence(made.assessment().verdicts[1]) == (
        "No conclusion: no indicator of this threshold is recorded. This does not count as below the threshold."
    )


@pytest.mark.parametrize(
    ("by_point", "by_bound", "compared", "sentence"),
    [
        (
            BELOW, BETWEEN, Compared.BOUND,
            "By the point estimate: below the bar; by the interval: on neither side for sure. This criterion compares the interval.",
        ),
        (
            ABOVE, BETWEEN, Compared.POINT,
            "By the point estimate: the bar is reached; by the interval: on neither side for sure. This criterion "
            "compares the point estimate.",
        ),
        (BELOW, BELOW, Compared.BOUND, None),
    ],
)  # fmt: skip
def test_point_and_interval_that_differ_are_said_to(
    by_point: FindingOutcome, by_bound: FindingOutcome, compared: Compared, sentence: str | None
) -> None:
    given = scored(NOT_RULED_OUT, 40, 30, 55, outcome_by_point=by_point, outcome_by_bound=by_bound, compared=compared)
    assert wording.disagreement_sentence(given) == sentence


@pytest.mark.parametrize(
    ("words", "members"),
    [
        (vocabulary.VERDICT_WORDS, VerdictOutcome),
        (vocabulary.VERDICT_MEANINGS, VerdictOutcome),
        (vocabulary.SUB_LABEL_WORDS, SubLabel),
        (vocabulary.GAP_WORDS, GapKind),
        (vocabulary.ALARM_WORDS, AlarmKind),
        (vocabulary.ALARM_STATE_WORDS, AlarmState),
        (vocabulary.KIND_WORDS, SafeguardKind),
        (vocabulary.FIRMNESS_WORDS, Firmness),
        (vocabulary.DUE_WORDS, Due),
        (vocabulary.THINKING_WORDS, Thinking),
    ],
)
def test_every_word_of_a_decision_has_words(words: dict[Any, str], members: Any) -> None:
    assert set(words) == set(members)


@pytest.mark.parametrize(
    ("rule", "needed", "parts", "words"),
    [
        (Rule.ANY, 1, 3, "any one of 3 indicators suffices to reach it"),
        (Rule.ALL, 4, 4, "all of 4 indicators are needed to reach it"),
        (Rule.K_OF_N, 2, 3, "2 of 3 indicators are needed to reach it"),
        (Rule.ANY, 1, 1, "the only indicator"),
        (None, None, 0, "no rule combines them"),
    ],
)
def test_a_rule_is_said_in_words(rule: Rule | None, needed: int | None, parts: int, words: str) -> None:
    assert wording.rule_words(rule, needed, parts) == words


def test_a_criterion_with_two_levels_says_from_where_a_trial_succeeds() -> None:
    two = Finding.model_validate({**dict(assessments.swe_bench()), "success_at": 0.8, "success_unit": "F1 score"})
    assert "share of trials that succeed, each from 0.8" in wording.compared_words(two)
