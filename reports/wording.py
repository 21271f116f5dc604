"""The words of outcomes, and the sentences leaders read, made from facts. Terminal, page and PDF take them from here.

The rules kept here (statistics e): one sentence, then the number; a verdict never claims more than its interval; an interval never
stands without its level and n; *not ruled out* and *insufficient evidence* are never softened into *below*; no claim of
chance about a fixed truth, and no word that turns a rule-out into an examination a model did well in. Where the direction
of risk is downward, every comparing word turns with it.

Left out: deciding. A sentence repeats what the verdict holds; ``reports.numbers`` makes its numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from evaluations.records import RiskierWhen, Thinking
from reports import numbers
from reports.vocabulary import FIRMNESS_WORDS, GAP_WORDS, KIND_WORDS, MEASURE_WORDS, SUB_LABEL_WORDS, THINKING_WORDS, VERDICT_WORDS
from thresholds.decision_records import Assessment, Gap, SafeguardInForce, Verdict
from thresholds.finding_records import Finding, IntervalEnd
from thresholds.outcomes import Compared, FindingOutcome, Rule, SubLabel, VerdictOutcome

NOT_BELOW = "This does not count as below the bar."


@dataclass(frozen=True, slots=True)
class Direction:
    """The comparing words of one direction of risk."""

    clear_of: str  # on the harmless side of a bar
    reaching: str
    far_end: str  # the end of an interval on the side of risk
    far: str
    near: str
    unbounded: str


_UPWARD = Direction("under", "at or above", "upper end", "up to", "at least", "no upper limit")
_DOWNWARD = Direction("above", "at or under", "lower end", "down to", "at most", "no lower limit")


def comparing(riskier_when: RiskierWhen | None) -> Direction:
    """Return the comparing words for a direction of risk; upward where none is recorded."""
    return _DOWNWARD if riskier_when is RiskierWhen.LOWER else _UPWARD


def direction(finding: Finding) -> Direction:
    """Return the comparing words for the direction of risk of ``finding``."""
    return comparing(finding.riskier_when)


def underscored(word: str) -> str:
    """Return a stored word as a reader reads it: ``pass_at_k`` becomes ``pass at k``."""
    return word.replace("_", " ")


def policy_name(assessment: Assessment) -> str:
    """Return the policy with its version, which some titles already carry."""
    if assessment.policy_version in assessment.policy_title:
        return assessment.policy_title
    return f"{assessment.policy_title}, version {assessment.policy_version}"


def full_title(finding: Finding) -> str:
    """Return the criterion's title, with the evaluation's name where the two differ in more than spelling."""
    title, name = (re.sub(r"[\W_]+", " ", each).strip().casefold() for each in (finding.title, finding.evaluation_name))
    if name in title:
        return finding.title
    return finding.evaluation_name if name.startswith(title) else f"{finding.title} ({finding.evaluation_name})"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: ``1 variant``, ``6 variants``."""
    return f"{numbers.whole(count)} {one if count == 1 else many or one + 's'}"


def bars_of(finding: Finding) -> tuple[float, ...]:
    """Return every bar of ``finding`` on its own scale; numbers of this finding are rounded with these in view."""
    return tuple(each for each in (finding.rule_out, finding.rule_in) if each is not None)


def deciding_count(finding: Finding) -> int | None:
    """Return n of the variant that decides, or ``None`` if no source states it."""
    variant = next((each for each in finding.variants if each.variant == finding.deciding_variant), None)
    return None if variant is None else variant.observations


def value(finding: Finding, number: float | None) -> str:
    """Return a number of ``finding`` with its unit, on the right side of its bars."""
    if number is None:
        return "no number"
    return numbers.quantity(number, finding.unit, count=deciding_count(finding), bars=bars_of(finding))


def point(finding: Finding) -> str:
    """Return the deciding score as it should be read: count, printed figure or rounded value."""
    variant = next((each for each in finding.variants if each.variant == finding.deciding_variant), None)
    if variant is None or variant.value != finding.value:
        return value(finding, finding.value)
    return numbers.observed(variant, finding.unit, bars_of(finding))


def interval(finding: Finding) -> str:
    """Return the interval of the deciding variant, without its level."""
    return numbers.interval(
        finding.low,
        finding.high,
        (finding.low_end, finding.high_end),
        finding.unit,
        n=deciding_count(finding),
        bars=bars_of(finding),
        scale=(finding.scale_low, finding.scale_high),
    )


def interval_with_level(finding: Finding) -> str:
    """Return the interval with its level and n, as it must always be printed."""
    text = interval(finding)
    if text == "none":
        return "no interval"
    n = deciding_count(finding)
    return f"{numbers.percentage(finding.level)} interval {text}, {'n not published' if n is None else f'n = {numbers.whole(n)}'}"


def rule_out_bar(finding: Finding) -> str:
    """Return the rule-out bar in words: ``50 %`` or ``27 of 33 (82 %)``."""
    return "no bar" if finding.rule_out_bar is None else numbers.bar(finding.rule_out_bar, finding.unit)


def rule_in_bar(finding: Finding) -> str:
    """Return the rule-in bar in words; a single published bar is both."""
    return rule_out_bar(finding) if finding.rule_in_bar is None else numbers.bar(finding.rule_in_bar, finding.unit)


def compared_words(finding: Finding) -> str:
    """Return what of the score is held against the bar: ``upper end of the interval of the mean``."""
    if finding.compared is None:
        return "experts’ words" if finding.shape == "qualitative" else "nothing: the source prints no bar"
    statistic = statistic_name(finding.statistic, finding.k) if finding.measure is None else MEASURE_WORDS[finding.measure]
    if statistic == "statistic not stated":
        statistic = "score (its statistic is not stated)"
    if finding.success_at is not None:
        statistic = f"share of trials that succeed, each from {numbers.recorded(finding.success_at, finding.success_unit)} on"
    if finding.compared is Compared.POINT:
        return f"point estimate of the {statistic}"
    return f"{direction(finding).far_end} of the interval of the {statistic}"


def disagreement_sentence(finding: Finding) -> str | None:
    """Return the sentence for a finding on which point and interval differ; ``None`` where they agree."""
    by_point, by_bound = finding.outcome_by_point, finding.outcome_by_bound
    if by_point is by_bound or finding.compared is None:
        return None
    decides = "point estimate" if finding.compared is Compared.POINT else "interval"
    clauses = f"By the point estimate: {_outcome_clause(by_point)}; by the interval: {_outcome_clause(by_bound)}."
    return f"{clauses} This criterion compares the {decides}."


def _outcome_clause(outcome: FindingOutcome) -> str:
    return {
        FindingOutcome.BELOW: "below the bar",
        FindingOutcome.BETWEEN: "on neither side for sure",
        FindingOutcome.ABOVE: "the bar is reached",
        FindingOutcome.UNESTIMABLE: "nothing can be said, for want of a usable interval or score",
    }[outcome]


def finding_sentence(finding: Finding) -> str:
    """Return the one sentence for leaders on one indicator."""
    if finding.verdict is VerdictOutcome.RULED_OUT:
        return _ruled_out(finding)
    if finding.verdict is VerdictOutcome.CROSSED:
        return _crossed(finding)
    return _not_ruled_out(finding) if finding.verdict is VerdictOutcome.NOT_RULED_OUT else _insufficient(finding)


def _riskiest(finding: Finding) -> str:
    return "" if finding.variants_planned <= 1 else f" for the riskiest of {plural(finding.variants_planned, 'variant')}"


def _far(finding: Finding) -> tuple[float | None, IntervalEnd]:
    downward = finding.riskier_when is RiskierWhen.LOWER
    number, kind = (finding.low, finding.low_end) if downward else (finding.high, finding.high_end)
    return numbers.onto_scale(number, (finding.scale_low, finding.scale_high), bars_of(finding)), kind


def _ruled_out(finding: Finding) -> str:
    words, far, lead = direction(finding), _far(finding)[0], "Below the bar on this evidence"
    if finding.parts:
        return f"{lead}: {_parts_clause(finding)}."
    if finding.value is None:
        return f"{lead}, {_without_a_number(finding)}."
    if finding.compared is Compared.BOUND and far is not None:
        end = f"even the {words.far_end}{_riskiest(finding)}, {value(finding, far)},"
        return f"{lead}: {end} is {words.clear_of} {rule_out_bar(finding)} ({interval_with_level(finding)})."
    return (
        f"Below the bar by the point estimate, which is what this criterion compares: {point(finding)}{_riskiest(finding)} is "
        f"{words.clear_of} {rule_out_bar(finding)} ({interval_with_level(finding)})."
    )


def _without_a_number(finding: Finding) -> str:
    """Say why a settled finding shows no number: experts answered in words, or the number is withheld."""
    return "by the recorded judgement" if finding.shape == "qualitative" else "by figures that are withheld here"


def _crossed(finding: Finding) -> str:
    words, lead, many = direction(finding), "The bar is reached", finding.variants_planned
    if finding.parts:
        return f"{lead}: {_parts_clause(finding)}."
    if finding.value is None:
        return f"{lead}, {_without_a_number(finding)}."
    if finding.compared is Compared.BOUND and finding.rule_in_low is not None:
        allowed = f" even allowing for picking the riskiest of {plural(many, 'variant')}" if many > 1 else ""
        least = f"{words.near} {value(finding, finding.rule_in_low)}{allowed}"
        return f"{lead}: {least}; bar {rule_in_bar(finding)} ({interval_with_level(finding)})."
    return (
        f"{lead} by the point estimate, which is what this criterion compares: {point(finding)} is {words.reaching} "
        f"{rule_in_bar(finding)} ({interval_with_level(finding)})."
    )


def _bars_clause(finding: Finding) -> str:
    if finding.rule_out_bar is None:
        return "the source prints no bar"
    if finding.rule_in_bar is None or finding.rule_in == finding.rule_out:
        return f"bar {rule_out_bar(finding)}"
    return f"rule-out bar {rule_out_bar(finding)}, rule-in bar {rule_in_bar(finding)}"


def _inner_bar(finding: Finding) -> str:
    """Return the name of the bar that the interval holds, where the point stands on its far side."""
    if finding.rule_in_bar is None or finding.rule_in == finding.rule_out:
        return "the bar"
    return "the rule-in bar" if finding.sub_label is SubLabel.STRADDLES_RULE_IN else "the rule-out bar"


def _not_ruled_out(finding: Finding) -> str:
    words, lead, bars = direction(finding), "Cannot be shown to be below the bar", _bars_clause(finding)
    far, far_end = _far(finding)
    if finding.parts:
        return f"{lead}: {_parts_clause(finding)}."
    if finding.value is None:
        return f"{lead}: {_label_clause(finding)}."
    shown, interval = point(finding), interval_with_level(finding)
    if far_end is IntervalEnd.UNBOUNDED:
        return f"{lead}: best estimate {shown}, but the interval has {words.unbounded} ({interval}); {bars}."
    if far is None:
        return f"{lead}: {shown} is {words.reaching} the rule-out bar and has no usable interval; {bars}."
    if finding.sub_label is SubLabel.BETWEEN_BARS:
        return f"{lead}: {shown} stands between the bars, where the evaluation decides nothing ({interval}); {bars}."
    if finding.sub_label is SubLabel.STRADDLES_RULE_IN or (
        finding.sub_label is SubLabel.STRADDLES_RULE_OUT and finding.outcome_by_point is not FindingOutcome.BELOW
    ):
        return f"{lead}: best estimate {shown}, and {_inner_bar(finding)} lies within the interval ({interval}); {bars}."
    if finding.sub_label is SubLabel.STRADDLES_RULE_OUT:
        return f"{lead}: best estimate {shown}, but {words.far} {value(finding, far)} is compatible with the data ({interval}); {bars}."
    return f"{lead}: {_label_clause(finding)}; best estimate {shown} ({interval}); {bars}."


def _insufficient(finding: Finding) -> str:
    if finding.parts:
        return f"No conclusion: {_parts_clause(finding)}. {NOT_BELOW}"
    missing = len(finding.missing_snapshots)
    estimate = (
        "" if finding.value is None else f"; best estimate {point(finding)} ({interval_with_level(finding)}), {_bars_clause(finding)}"
    )
    if missing and finding.sub_label is not SubLabel.POINT_ONLY:
        have = "has" if missing == 1 else "have"
        gap = f"{numbers.whole(missing)} of {plural(finding.variants_planned, 'planned variant')} {have} no usable score"
        return f"No conclusion: {gap}{estimate}. {NOT_BELOW}"
    return f"No conclusion: {_label_clause(finding)}{estimate}. {NOT_BELOW}"


def _label_clause(finding: Finding) -> str:
    return "no usable evidence is recorded" if finding.sub_label is None else SUB_LABEL_WORDS[finding.sub_label]


def _parts_clause(finding: Finding) -> str:
    rule = rule_words(finding.rule, finding.crossings_needed, len(finding.parts))
    return f"{outcome_counts(tuple(part.verdict for part in finding.parts))} ({rule})"


def outcome_counts(outcomes: tuple[VerdictOutcome, ...]) -> str:
    """Return outcomes counted, riskiest first: ``1 crossed, 2 not ruled out``."""
    ordered = sorted(set(outcomes), key=lambda each: -each.risk)
    return ", ".join(f"{outcomes.count(each)} {VERDICT_WORDS[each]}" for each in ordered) or "no indicator"


def rule_words(rule: Rule | None, needed: int | None, parts: int) -> str:
    """Return how indicators combine: ``any one of 3 suffices``. Parts that no rule combines are a gate and the harder test."""
    count = numbers.whole(parts)
    if rule is None or parts == 0:
        return "a gate, and the harder test that it asks for" if parts else "no rule combines them"
    if rule is Rule.QUALITATIVE:
        return "people judge the whole; an indicator at its bar only keeps them from ruling out"
    if parts == 1:
        return "the only indicator"
    if rule is Rule.ANY:
        return f"any one of {count} indicators suffices to reach it"
    if rule is Rule.WORST_DOMAIN:
        return f"the riskiest domain decides; any one of {count} indicators suffices to reach it"
    if rule is Rule.MAJORITY:
        return f"a majority, {numbers.whole(needed or parts)} of {count} indicators, is needed to reach it"
    return f"{'all' if rule is Rule.ALL else numbers.whole(needed or parts)} of {count} indicators are needed to reach it"


def verdict_sentence(verdict: Verdict) -> str:
    """Return the one sentence for leaders on one threshold; the sentences of its indicators carry the numbers."""
    lead = {
        VerdictOutcome.RULED_OUT: "On this evidence the capability is below the threshold",
        VerdictOutcome.INSUFFICIENT_EVIDENCE: "No conclusion",
        VerdictOutcome.NOT_RULED_OUT: "We cannot show that the capability is below the threshold",
        VerdictOutcome.CROSSED: "The threshold is reached",
    }[verdict.outcome]
    if verdict.implied_by is not None:
        return f"Below the threshold by what the policy says of another, and not by indicators of its own: {verdict.reason}"
    if verdict.bounded_by is not None or verdict.inherited_from is not None:
        below = verdict.outcome is VerdictOutcome.RULED_OUT
        lead = "Below the threshold" if below else lead
        return f"{lead} by what was found of another model, and not by indicators of its own: {verdict.reason}"
    if not verdict.findings:
        reason = "no indicator of this threshold is recorded"
    else:
        rule = rule_words(verdict.rule, verdict.crossings_needed, len(verdict.findings))
        reason = f"{outcome_counts(tuple(each.verdict for each in verdict.findings))} ({rule})"
    tail = f". {NOT_BELOW.replace('bar', 'threshold')}" if verdict.outcome is VerdictOutcome.INSUFFICIENT_EVIDENCE else "."
    return f"{lead}: {reason}{tail}"


def deciding_findings(verdict: Verdict) -> tuple[Finding, ...]:
    """Return the indicators that carry the verdict: those with its own outcome, or the riskiest there are."""
    same = tuple(each for each in verdict.findings if each.verdict is verdict.outcome)
    if same or not verdict.findings:
        return same
    riskiest = max(each.verdict.risk for each in verdict.findings)
    return tuple(each for each in verdict.findings if each.verdict.risk == riskiest)


def gap_sentence(gap: Gap) -> str:
    """Return a gap as a sentence that begins with its kind."""
    return f"{GAP_WORDS[gap.kind]}: {gap.words}".replace("..", ".")


def safeguard_line(safeguard: SafeguardInForce) -> str:
    """Return a safeguard with how firmly it is asked for: ``ASL-3 (required): ...``."""
    name = safeguard.level_name or KIND_WORDS[safeguard.kind]
    return f"{name} ({FIRMNESS_WORDS[safeguard.firmness]}): {safeguard.words}"


def variant_name(snapshot: str | None, snapshot_name: str, thinking: Thinking) -> str:
    """Return a variant in words: the snapshot and how it was elicited."""
    name = "snapshot not stated" if snapshot is None else snapshot_name
    return name if thinking is Thinking.NOT_STATED else f"{name}, {THINKING_WORDS[thinking]}"


def statistic_words(finding: Finding) -> str:
    """Return the statistic of ``finding`` in words, with its unit."""
    if finding.measure is not None:
        return MEASURE_WORDS[finding.measure]
    words = statistic_name(finding.statistic, finding.k)
    unit = finding.unit or ""
    return unit if unit.startswith(f"{words} of ") else f"{words}, {unit}" if unit and unit != "not stated" else words


def statistic_name(statistic: str | None, k: int | None) -> str:
    """Return the name of a statistic: ``pass@30``, ``mean``, ``statistic not stated``."""
    if statistic is None or statistic == "not_stated":
        return "statistic not stated"
    return f"pass@{k}" if k is not None else underscored(statistic)
