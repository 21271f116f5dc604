"""One criterion against the evidence on one model: the finding, with every variant that was compared and every one missing.

The rules kept here: the verdict on an indicator is the highest over its variants, planned and measured (statistics c5); while a
planned variant has no usable score the outcome is never *below*; both readings, by the point and by the bound, are computed
and shown, and a disagreement is said in words; a criterion without a number, or without any measurement, rules nothing out.

Left out: how criteria combine (``thresholds.combining``); what a verdict forces (``thresholds.verdicts``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from evaluations.evidence import ModelEvidence
from evaluations.records import Evaluation, EvaluationVersion, RiskierWhen
from thresholds.alarms import snapshot_alarms
from thresholds.bars import Bars
from thresholds.criteria_set import bar_scale
from thresholds.criterion import (
    Bar,
    Coverage,
    QualitativeCriterion,
    ScoreCriterion,
    SimpleCriterion,
    UnquantifiedCriterion,
    UpliftCriterion,
    bar_positions,
)
from thresholds.errors import MisplacedBarError, UnknownEvaluationError
from thresholds.finding_records import AlarmState, BarNote, Finding, IntervalEnd, VariantFinding
from thresholds.finding_words import disagreement, reason
from thresholds.judgements import judged, judgement_words
from thresholds.lifecycles import in_words, weakened
from thresholds.outcomes import Compared, FindingOutcome, SubLabel, UpliftMeasure, VerdictOutcome, riskiest
from thresholds.snapshots import NO_LIMIT, Maximum, corrected_for, drift, maximum
from thresholds.two_levels import by_successes
from thresholds.variant_findings import Judging, Row, contenders_of, finished, measured_row, missing_row, source_note, takes_part
from thresholds.variants import Variants, scale_of_version, score_variants, trial_variants, unquantified_variants


@dataclass(frozen=True)
class ErrorLevels:
    """One-sided error levels handed to an indicator: for ruling out, and (family-wise) for ruling in."""

    rule_out: Fraction
    rule_in: Fraction

    def split(self, crossings_needed: int, indicators: int) -> ErrorLevels:
        """Return the levels of each of ``indicators`` of which ``crossings_needed`` must cross (Benjamini & Heller 2008, statistics c5).

        Where fewer indicators are left than must cross, any one of them may be the one that rules out, so they share the error.
        """
        sharing = max(1, min(crossings_needed, indicators))
        return ErrorLevels(self.rule_out / sharing, self.rule_in / max(1, indicators - crossings_needed + 1))

    @property
    def shown(self) -> float:
        """The two-sided level of the interval that is drawn: the one whose upper end rules out."""
        return float(1 - 2 * self.rule_out)


def simple_finding(criterion: SimpleCriterion, coverage: Coverage, evidence: ModelEvidence, levels: ErrorLevels) -> Finding:
    """Return the finding of a criterion that is made of no other.

    Raises ``UnknownEvaluationError`` if the evidence declares no such evaluation, ``MisplacedBarError`` if a bar is off its scale.
    """
    evaluation, version = _version(criterion, evidence)
    if isinstance(criterion, QualitativeCriterion):
        return _qualitative(criterion, evaluation, version, evidence, levels)
    day = evidence.recorded_at.date()
    if isinstance(criterion, UnquantifiedCriterion):
        variants, bars, measure = unquantified_variants(criterion, evidence), None, None
    elif isinstance(criterion, ScoreCriterion):
        counted = by_successes(evidence, criterion, version)
        bars, measure = _bars(criterion, version, levels, day), None
        evidence, version = counted.evidence, counted.version
        variants = score_variants(criterion, version, (criterion.coverage or coverage).require, evidence, counted.refused)
    else:
        variants, measure = trial_variants(criterion, criterion.coverage.require, evidence), criterion.measure
        bars = _bars(criterion, version, levels, day)
    unbarred = SubLabel.NO_NUMERIC_BAR if isinstance(criterion, UnquantifiedCriterion) else SubLabel.NO_BAR_IN_FORCE
    split = bars.over(corrected_for(len(variants.planned), len(variants.counted))) if bars else None
    judging = Judging(split, evidence, version, measure, weakened(criterion.lifecycle, day), unbarred)
    rows = [*(measured_row(each, judging) for each in variants.measured), *(missing_row(each) for each in variants.missing)]
    return _finding(criterion, evaluation, version, variants, bars, rows, evidence, levels)


def _version(criterion: Any, evidence: ModelEvidence) -> tuple[Evaluation, EvaluationVersion]:
    for evaluation in evidence.evaluations:
        if evaluation.slug == criterion.evaluation:
            for version in evaluation.versions:
                if version.slug == criterion.version:
                    return evaluation, version
    raise UnknownEvaluationError(criterion.slug, criterion.evaluation, criterion.version)


def _bars(criterion: ScoreCriterion | UpliftCriterion, version: EvaluationVersion, levels: ErrorLevels, day: date) -> Bars | None:
    """Return the bars that stand on that day with all that judging needs of them, or ``None`` if none do."""
    standing = criterion.bars_on(day)
    if standing is None:
        return None
    scale, riskier_when = bar_scale(criterion, scale_of_version(version), version.riskier_when)
    try:
        rule_out, rule_in = bar_positions(*standing, scale, riskier_when)
    except ValueError as refused:
        found, _, expected = str(refused).removeprefix("found ").partition(", expected ")
        raise MisplacedBarError(criterion.slug, found, expected) from None
    return Bars(
        rule_out=rule_out,
        rule_in=rule_in,
        riskier_when=riskier_when,
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
    drafts: Sequence[Row],
    evidence: ModelEvidence,
    levels: ErrorLevels,
) -> Finding:
    most = maximum(contenders_of(drafts, _sign(bars)), len(variants.planned), len(variants.missing), bars)
    rows = finished(drafts, most)
    counted = [row for row in rows if takes_part(row)]
    measured = [row for row in counted if row.value is not None]
    deciding = max(measured, key=lambda row: _weight(row, bars), default=None)
    outcome = riskiest(row.outcome for row in counted)
    if variants.missing and outcome is FindingOutcome.BELOW:
        outcome = FindingOutcome.UNESTIMABLE  # design rule 1: a gap never leads to *below*
    alarms = snapshot_alarms(criterion, version, variants, evidence) if isinstance(criterion, ScoreCriterion) else ()
    verdict, label = most.verdict, _sub_label(most.verdict, counted, deciding, variants)
    if bars is None and isinstance(criterion, ScoreCriterion | UpliftCriterion):  # also where nothing was measured
        label = SubLabel.NO_BAR_IN_FORCE
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
        **_what_is_compared(criterion, version, bars, variants, levels, evidence.recorded_at.date()),
        **_deciding(deciding),
        highest_observed=highest.value if highest else None,
        highest_observed_snapshot=highest.snapshot if highest else None,
        snapshots_compared=len({row.snapshot for row in measured if row.snapshot and row.comparable == "same_key"}),
        variants_compared=most.compared,
        variants_planned=len(variants.planned),
        missing_snapshots=tuple(each.snapshot.slug for each in variants.missing),
        **_of_the_maximum(most, measured, bars, criterion),
        alarms=alarms,
        variants=rows,
        disagreement=_disagreement(measured, bars),
        reason=reason(verdict, label, deciding, len(variants.missing)),
        source=deciding.source if deciding else next((row.source for row in rows if row.source), None),
    )


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
    return {
        "criterion": criterion.slug,
        "title": criterion.title,
        "shape": criterion.shape,
        "evaluation": evaluation.slug,
        "evaluation_name": evaluation.name,
        "lifecycle": in_words(criterion.lifecycle, evidence.recorded_at.date()),
        "words": criterion.words,
        "citation": criterion.citation,
        "basis": criterion.basis,
    }


def _what_is_compared(
    criterion: Any, version: EvaluationVersion, bars: Bars | None, variants: Variants, levels: ErrorLevels, day: date
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
        **_bar_notes(criterion, version, bars, day),
    }


def _bar_notes(criterion: Any, version: EvaluationVersion, bars: Bars | None, day: date) -> dict[str, Any]:
    """Return the bars as printed, with their dates where the criterion gives any, and of a criterion with two levels the lower one."""
    if not isinstance(criterion, ScoreCriterion | UpliftCriterion):
        return {"rule_out_bar": None, "rule_in_bar": None}
    standing, cutoff = criterion.bars_on(day), getattr(criterion, "success_at", None)
    return {
        "rule_out_bar": _bar_note(standing[0], bars.rule_out) if bars and standing else None,
        "rule_in_bar": _bar_note(standing[1] or standing[0], bars.rule_in) if bars and standing else None,
        "bar_dates": criterion.dates_on(day),
        "success_at": None if cutoff is None else float(cutoff.value),
        "success_unit": None if cutoff is None else version.unit,
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
    """Say in words that the point and the bound would decide differently, if they would (design rule 5)."""
    by_point, by_bound = riskiest(row.outcome_by_point for row in rows), riskiest(row.outcome_by_bound for row in rows)
    return disagreement(by_point, by_bound, bars.compared) if bars and rows else None


def _qualitative(
    criterion: QualitativeCriterion, evaluation: Evaluation, version: EvaluationVersion, evidence: ModelEvidence, levels: ErrorLevels
) -> Finding:
    """Return the finding of a criterion that people answer in words, with who said so."""
    found, day = judged(criterion, evidence), evidence.recorded_at.date()
    none = Variants((), (), "not_needed")
    return Finding(
        **_identity(criterion, evaluation, evidence),
        outcome=found.outcome,
        outcome_by_point=found.outcome,
        outcome_by_bound=FindingOutcome.UNESTIMABLE,  # words have no interval
        verdict=found.verdict,
        sub_label=found.sub_label,
        **{**_what_is_compared(criterion, version, None, none, levels, day), "unit": None},
        **{**_deciding(None), "deciding_snapshot": found.leading.snapshot if found.leading else None},
        highest_observed=None,
        highest_observed_snapshot=None,
        snapshots_compared=len({each.snapshot for each in found.heard if each.snapshot}),
        variants_compared=len(found.heard),
        variants_planned=0,
        reason=judgement_words(found.leading, day),
        source=source_note(found.leading, evidence) if found.leading else None,
    )
