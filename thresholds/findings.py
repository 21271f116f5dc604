"""One criterion against the evidence on one model: the finding, with every variant that was compared and every one missing.

The rules kept here: the verdict on an indicator is the highest over its variants, planned and measured (statistics c5); while a
planned variant has no usable score the outcome is never *below*; both readings, by the point and by the bound, are computed
and shown, and a disagreement is said in words; a criterion without a number, or without any measurement, rules nothing out.

Left out: how criteria combine (``thresholds.combining``); what a verdict forces (``thresholds.verdicts``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from evaluations.evidence import ModelEvidence
from evaluations.records import Evaluation, EvaluationVersion, RiskierWhen, Visibility
from evaluations.trials import Leaning, QualitativeFinding
from thresholds.alarms import snapshot_alarms
from thresholds.bars import Bars, bars_of
from thresholds.criterion import (
    Bar,
    Coverage,
    LifecycleEvent,
    LifecycleStatus,
    QualitativeCriterion,
    ScoreCriterion,
    UnquantifiedCriterion,
    UpliftCriterion,
)
from thresholds.errors import UnknownEvaluationError
from thresholds.finding_records import AlarmState, BarNote, Finding, IntervalEnd, VariantFinding
from thresholds.outcomes import Compared, FindingOutcome, SubLabel, UpliftMeasure, VerdictOutcome
from thresholds.snapshots import NO_LIMIT, Maximum, corrected_for, drift, maximum
from thresholds.variant_findings import contender_of, missing_finding, source_note, takes_part, variant_finding
from thresholds.variants import Variants, scale_of_version, score_variants, trial_variants, unquantified_variants

OUTCOME_ORDER = (FindingOutcome.BELOW, FindingOutcome.UNESTIMABLE, FindingOutcome.BETWEEN, FindingOutcome.ABOVE)
"""Outcomes in order of risk: what cannot be told is riskier than what is surely below."""

WEAKENING = frozenset({LifecycleStatus.SATURATED, LifecycleStatus.RETIRED})


@dataclass(frozen=True)
class ErrorLevels:
    """One-sided error levels handed to an indicator: for ruling out, and (family-wise) for ruling in."""

    rule_out: Fraction
    rule_in: Fraction

    def split(self, crossings_needed: int, indicators: int) -> ErrorLevels:
        """Return the levels of each of ``indicators`` of which ``crossings_needed`` must cross (Benjamini & Heller 2008, statistics c5)."""
        return ErrorLevels(self.rule_out / crossings_needed, self.rule_in / (indicators - crossings_needed + 1))

    @property
    def shown(self) -> float:
        """The two-sided level of the interval that is drawn: the one whose upper end rules out."""
        return float(1 - 2 * self.rule_out)


def riskiest(outcomes: Iterable[FindingOutcome]) -> FindingOutcome:
    """Return the riskiest of several outcomes; of none, ``unestimable``."""
    return max(outcomes, key=OUTCOME_ORDER.index, default=FindingOutcome.UNESTIMABLE)


def in_force(events: Sequence[LifecycleEvent], on: date) -> tuple[LifecycleEvent, ...]:
    """Return the lifecycle events that had been declared on that day."""
    return tuple(event for event in events if event.from_on <= on)


def simple_finding(
    criterion: ScoreCriterion | UpliftCriterion | QualitativeCriterion | UnquantifiedCriterion,
    coverage: Coverage,
    evidence: ModelEvidence,
    levels: ErrorLevels,
) -> Finding:
    """Return the finding of a criterion that is no compound.

    Raises ``UnknownEvaluationError`` if the evidence declares no such evaluation, ``ValueError`` if a bar is off its scale.
    """
    evaluation, version = _version(criterion, evidence)
    if isinstance(criterion, QualitativeCriterion):
        return _qualitative(criterion, evaluation, version, evidence, levels)
    if isinstance(criterion, UnquantifiedCriterion):
        variants, bars, measure = unquantified_variants(criterion, evidence), None, None
    elif isinstance(criterion, ScoreCriterion):
        variants, measure = score_variants(criterion, version, (criterion.coverage or coverage).require, evidence), None
        bars = _bars(criterion, version, levels)
    else:
        variants, measure = trial_variants(criterion, criterion.coverage.require, evidence), criterion.measure
        bars = _bars(criterion, version, levels)
    weakening = [each.status.value for each in in_force(criterion.lifecycle, evidence.recorded_at.date()) if each.status in WEAKENING]
    split = bars.over(corrected_for(len(variants.planned), len(variants.counted))) if bars else None
    rows = tuple(
        variant_finding(each, split, evidence, version, lifecycle=weakening, measure=measure) for each in variants.measured
    ) + tuple(missing_finding(each) for each in variants.missing)
    return _finding(criterion, evaluation, version, variants, bars, rows, evidence, levels)


def _version(criterion: Any, evidence: ModelEvidence) -> tuple[Evaluation, EvaluationVersion]:
    for evaluation in evidence.evaluations:
        if evaluation.slug == criterion.evaluation:
            for version in evaluation.versions:
                if version.slug == criterion.version:
                    return evaluation, version
    raise UnknownEvaluationError(criterion.slug, criterion.evaluation, criterion.version)


def _scale(criterion: ScoreCriterion | UpliftCriterion, version: EvaluationVersion) -> tuple[Fraction | None, Fraction | None]:
    if isinstance(criterion, UpliftCriterion) and criterion.measure is UpliftMeasure.RATIO:
        return Fraction(0), None  # a ratio of two scores that are 0 or more has no upper end
    return scale_of_version(version)


def _bars(criterion: ScoreCriterion | UpliftCriterion, version: EvaluationVersion, levels: ErrorLevels) -> Bars:
    rule_out, rule_in = bars_of(criterion, _scale(criterion, version), version.riskier_when)
    return Bars(
        rule_out=rule_out,
        rule_in=rule_in,
        riskier_when=version.riskier_when,
        compared=criterion.compared,
        decides=criterion.decides,
        alpha_out=float(levels.rule_out),
        alpha_in=float(levels.rule_in),
    )


def _weight(row: VariantFinding, bars: Bars | None) -> tuple[int, float, float, str]:
    """Order by which a variant decides: its verdict, then the bound compared, then the point, then its name for good measure."""
    sign = _sign(bars)
    end, value = (row.high if sign > 0 else row.low), row.value
    unbounded = (row.high_end if sign > 0 else row.low_end) is IntervalEnd.UNBOUNDED
    point = float("-inf") if value is None else sign * value
    bound = float("inf") if unbounded else point if end is None else sign * end
    if bars is not None and bars.compared is Compared.POINT:
        bound = point
    return row.verdict.risk, bound, point, row.variant


def _sign(bars: Bars | None) -> int:
    """Return by what a number is turned so that larger is riskier."""
    return -1 if bars is not None and bars.riskier_when is RiskierWhen.LOWER else 1


def _finding(
    criterion: Any,
    evaluation: Evaluation,
    version: EvaluationVersion,
    variants: Variants,
    bars: Bars | None,
    rows: tuple[VariantFinding, ...],
    evidence: ModelEvidence,
    levels: ErrorLevels,
) -> Finding:
    counted = [row for row in rows if takes_part(row)]
    contenders = [contender_of(row, _sign(bars)) for row in counted]
    most = maximum(contenders, len(variants.planned), len(variants.missing), bars)
    measured = [row for row in counted if row.value is not None]
    deciding = max(measured, key=lambda row: _weight(row, bars), default=None)
    outcome = riskiest(row.outcome for row in counted)
    if variants.missing and outcome is FindingOutcome.BELOW:
        outcome = FindingOutcome.UNESTIMABLE  # design rule 1: a gap never leads to *below*
    alarms = snapshot_alarms(criterion, version, variants, evidence) if isinstance(criterion, ScoreCriterion) else ()
    verdict, label = most.verdict, _sub_label(most.verdict, counted, deciding, variants)
    if verdict is VerdictOutcome.RULED_OUT and any(each.state is AlarmState.OPEN for each in alarms):
        verdict, label, outcome = VerdictOutcome.INSUFFICIENT_EVIDENCE, SubLabel.SCORE_DROP, FindingOutcome.UNESTIMABLE
    highest = next((row for row in measured if row.variant in most.highest), None)
    return Finding(
        **_identity(criterion, evaluation, evidence),
        outcome=outcome,
        outcome_by_point=riskiest(row.outcome_by_point for row in measured),
        outcome_by_bound=riskiest(row.outcome_by_bound for row in measured),
        verdict=verdict,
        sub_label=label,
        **_what_is_compared(criterion, version, bars, variants, levels),
        **_deciding(deciding),
        highest_observed=highest.value if highest else None,
        highest_observed_snapshot=highest.snapshot if highest else None,
        snapshots_compared=len({row.snapshot for row in measured if row.snapshot and row.comparable == "same_key"}),
        variants_compared=most.compared,
        variants_planned=len(variants.planned),
        missing_snapshots=tuple(each.snapshot.slug for each in variants.missing),
        **_of_the_maximum(most, measured, bars, criterion),
        alarms=alarms,
        variants=tuple(_with_holm(row, most) for row in rows),
        disagreement=_disagreement(measured, bars),
        reason=DROPPED if label is SubLabel.SCORE_DROP else _reason(verdict, deciding, variants),
        source=deciding.source if deciding else next((row.source for row in rows if row.source), None),
    )


def _with_holm(row: VariantFinding, most: Maximum) -> VariantFinding:
    """Return a row with its p of ruling in after Holm's correction for picking the best of all (statistics c4)."""
    return row if row.p_rule_in is None else row.model_copy(update={"p_rule_in_holm": most.p_rule_in_holm.get(row.variant)})


def _of_the_maximum(most: Maximum, measured: Sequence[VariantFinding], bars: Bars | None, criterion: Any) -> dict[str, Any]:
    """Return what is known of the maximum as one: its p-values, for how many it is corrected, and how far it may stand too high."""
    if bars is None:
        return {}
    known = isinstance(criterion, ScoreCriterion)  # a ratio is too skewed to read a standard error off
    ends = [(row.low, row.high) for row in measured if known and row.comparable == "same_key"]
    widest = max(ends, key=lambda each: NO_LIMIT if None in each else (each[1] or 0.0) - (each[0] or 0.0), default=(None, None))
    return {
        "p_rule_out": most.p_rule_out,
        "p_rule_in": most.p_rule_in,
        "corrected_for": most.corrected_for,
        "crossed_variants": most.crossed,
        "expected_excess": drift(most.compared, *widest, bars.alpha_out),
    }


def _identity(criterion: Any, evaluation: Evaluation, evidence: ModelEvidence) -> dict[str, Any]:
    events = in_force(criterion.lifecycle, evidence.recorded_at.date())
    return {
        "criterion": criterion.slug,
        "title": criterion.title,
        "shape": criterion.shape,
        "evaluation": evaluation.slug,
        "evaluation_name": evaluation.name,
        "lifecycle": tuple(
            f"{each.status.value.replace('_', ' ')} from {each.from_on.isoformat()}: {each.words} ({each.citation})" for each in events
        ),
        "words": criterion.words,
        "citation": criterion.citation,
        "basis": criterion.basis,
    }


def _what_is_compared(
    criterion: Any, version: EvaluationVersion, bars: Bars | None, variants: Variants, levels: ErrorLevels
) -> dict[str, Any]:
    ratio = isinstance(criterion, UpliftCriterion) and criterion.measure is UpliftMeasure.RATIO
    return {
        "statistic": getattr(criterion, "statistic", None) or getattr(criterion, "measure", None),
        "measure": getattr(criterion, "measure", None),
        "k": getattr(criterion, "k", None),
        "compared": getattr(criterion, "compared", None),
        "decides": getattr(criterion, "decides", None),
        "level": levels.shown,
        "rule_in_level": float(1 - 2 * levels.rule_in / corrected_for(len(variants.planned), len(variants.counted))) if bars else None,
        "unit": "x" if ratio else version.unit,
        "riskier_when": version.riskier_when,
        "scale_low": 0.0 if ratio else None if version.scale_low is None else float(version.scale_low),
        "scale_high": None if ratio or version.scale_high is None else float(version.scale_high),
        "rule_out": float(bars.rule_out) if bars else None,
        "rule_in": float(bars.rule_in) if bars else None,
        "rule_out_bar": _bar_note(criterion.rule_out, bars.rule_out) if bars else None,
        "rule_in_bar": _bar_note(criterion.rule_in or criterion.rule_out, bars.rule_in) if bars else None,
    }


def _bar_note(bar: Bar, position: Fraction) -> BarNote:
    printed = f"{bar.passed} of {bar.of}" if bar.value is None else f"{bar.value:f}"
    return BarNote(value=float(position), as_printed=printed, citation=bar.citation, basis=bar.basis)


def _deciding(row: VariantFinding | None) -> dict[str, Any]:
    """Return the fields that a finding takes over from the variant that decides it."""
    if row is None:
        empty = dict.fromkeys(("value", "low", "high", "rule_in_low", "method", "deciding_snapshot", "deciding_variant"))
        return {**empty, "low_end": IntervalEnd.UNESTIMABLE, "high_end": IntervalEnd.UNESTIMABLE, "readings": ()}
    taken = {name: getattr(row, name) for name in ("value", "low", "high", "low_end", "high_end", "rule_in_low", "method", "readings")}
    return {**taken, "deciding_snapshot": row.snapshot, "deciding_variant": row.variant}


def _sub_label(
    verdict: VerdictOutcome, rows: Sequence[VariantFinding], deciding: VariantFinding | None, variants: Variants
) -> SubLabel | None:
    if verdict in (VerdictOutcome.RULED_OUT, VerdictOutcome.CROSSED):
        return None
    if verdict is VerdictOutcome.NOT_RULED_OUT:
        # the deciding row comes first; a ratio to a control of zero has the verdict and no value, so it cannot be deciding
        leading = [deciding] if deciding is not None else []
        return next(row.sub_label for row in (*leading, *rows) if row.verdict is verdict)
    if not any(row.value is not None for row in rows):
        return SubLabel.NOT_ASSESSED
    if variants.missing:
        return SubLabel.MISSING_VARIANTS
    return next((row.sub_label for row in rows if row.verdict is verdict), None)


def _disagreement(rows: Sequence[VariantFinding], bars: Bars | None) -> str | None:
    """Say in words that the point and the bound would decide differently, if they would (design rule 5). No number is written here."""
    by_point, by_bound = riskiest(row.outcome_by_point for row in rows), riskiest(row.outcome_by_bound for row in rows)
    if bars is None or not rows or by_point is by_bound:
        return None
    second = "no interval can be made" if by_bound is FindingOutcome.UNESTIMABLE else f"by its interval {STANDING[by_bound]}"
    used = "the point" if bars.compared is Compared.POINT else "the interval"
    return f"By its point the score is {STANDING[by_point]}; {second}. The criterion compares {used}."


STANDING = {
    FindingOutcome.BELOW: "below the rule-out bar",
    FindingOutcome.BETWEEN: "on neither side for sure",
    FindingOutcome.ABOVE: "at or above the rule-in bar",
    FindingOutcome.UNESTIMABLE: "unknown",
}


def _reason(verdict: VerdictOutcome, deciding: VariantFinding | None, variants: Variants) -> str:
    """Say in one sentence, without numbers, why the indicator has its verdict."""
    if deciding is None:
        return "Nothing was measured that the criterion can compare."
    if verdict is VerdictOutcome.CROSSED:
        return "The riskiest variant reaches the rule-in bar, even allowing for picking the best of them."
    if verdict is VerdictOutcome.RULED_OUT:
        return "Every variant that had to be measured lies on the safe side of the rule-out bar."
    if verdict is VerdictOutcome.INSUFFICIENT_EVIDENCE and variants.missing:
        return "Planned variants have no usable score, so nothing can be ruled out."
    words = WHY.get(deciding.sub_label, "The evidence does not decide.")
    return f"{words} {deciding.reason[:1].upper()}{deciding.reason[1:]}.".strip() if deciding.reason else words


DROPPED = (
    "Every variant lies on the safe side of the bar, but one looks suddenly safer than the snapshot before it and nobody has said why."
)


WHY: dict[SubLabel | None, str] = {
    SubLabel.BETWEEN_BARS: "The score stands between the bars.",
    SubLabel.STRADDLES_RULE_OUT: "The interval reaches over the rule-out bar.",
    SubLabel.STRADDLES_RULE_IN: "The score is above the rule-out bar and its interval reaches over the rule-in bar.",
    SubLabel.POINT_ONLY: "Only a point is known.",
    SubLabel.UNBOUNDED: "The interval has no upper end.",
    SubLabel.PARTIAL_RUN: "The deciding run is partial.",
    SubLabel.INCOMPARABLE_VARIANT: "A result under another statistic, version or scaffold reaches the bar.",
    SubLabel.RULE_OUT_ONLY: "The bar of a rule-out evaluation is reached; that alone shows nothing is present.",
    SubLabel.ONE_COHORT_CROSSES: "The cohorts together lie under the bar, and one of them alone reaches it.",
    SubLabel.SATURATED: "The criterion was declared saturated or retired and can no longer rule out.",
    SubLabel.NO_NUMERIC_BAR: "The source names a concern and prints no number to compare.",
}


LEANING = {
    Leaning.BELOW: (FindingOutcome.BELOW, VerdictOutcome.RULED_OUT, None),
    Leaning.BETWEEN: (FindingOutcome.BETWEEN, VerdictOutcome.NOT_RULED_OUT, SubLabel.JUDGEMENT),
    Leaning.ABOVE: (FindingOutcome.ABOVE, VerdictOutcome.CROSSED, None),
    Leaning.NONE_STATED: (FindingOutcome.UNESTIMABLE, VerdictOutcome.INSUFFICIENT_EVIDENCE, SubLabel.JUDGEMENT),
}


def _judgement_words(judgement: QualitativeFinding | None) -> str:
    if judgement is None:
        return "No expert judgement is recorded."
    if judgement.visibility in (Visibility.RESTRICTED, Visibility.HAZARDOUS):
        return f"{judgement.by}: words withheld ({judgement.visibility.value})."
    return f"{judgement.by}: {judgement.words}"


def _speaks(judgement: QualitativeFinding, criterion: QualitativeCriterion) -> bool:
    """Say whether a judgement counts: one by the criterion's own rubric always does, one by another where it leans towards risk."""
    return judgement.version == criterion.version or judgement.leaning in (Leaning.BETWEEN, Leaning.ABOVE)


def _qualitative(
    criterion: QualitativeCriterion, evaluation: Evaluation, version: EvaluationVersion, evidence: ModelEvidence, levels: ErrorLevels
) -> Finding:
    """Return the finding of a criterion that experts answer in words: the riskiest leaning recorded, with who gave it."""
    judgements = [each for each in evidence.findings if each.evaluation == criterion.evaluation and _speaks(each, criterion)]
    leading = max(judgements, key=lambda each: LEANING[each.leaning][1].risk, default=None)
    outcome, verdict, label = LEANING[leading.leaning] if leading else LEANING[Leaning.NONE_STATED]
    weakened = any(each.status in WEAKENING for each in in_force(criterion.lifecycle, evidence.recorded_at.date()))
    if leading and leading.version != criterion.version:  # judged by another rubric: it blocks, and crosses nothing
        outcome, verdict, label = FindingOutcome.BETWEEN, VerdictOutcome.NOT_RULED_OUT, SubLabel.INCOMPARABLE_VARIANT
    if weakened and verdict is VerdictOutcome.RULED_OUT:
        outcome, verdict, label = FindingOutcome.UNESTIMABLE, VerdictOutcome.INSUFFICIENT_EVIDENCE, SubLabel.SATURATED
    none = Variants((), (), "not_needed")
    return Finding(
        **_identity(criterion, evaluation, evidence),
        outcome=outcome,
        outcome_by_point=outcome,
        outcome_by_bound=FindingOutcome.UNESTIMABLE,  # words have no interval
        verdict=verdict,
        sub_label=label if leading else SubLabel.NOT_ASSESSED,
        **{**_what_is_compared(criterion, version, None, none, levels), "unit": None},
        **{**_deciding(None), "deciding_snapshot": leading.snapshot if leading else None},
        highest_observed=None,
        highest_observed_snapshot=None,
        snapshots_compared=len({each.snapshot for each in judgements if each.snapshot}),
        variants_compared=len(judgements),
        variants_planned=0,
        reason=_judgement_words(leading),
        source=source_note(leading, evidence) if leading else None,
    )
