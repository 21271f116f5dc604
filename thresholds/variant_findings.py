"""One variant against the bars: its verdict with everything a reader needs to check it.

The rules kept here: a partial run, and a run under another comparability key, may prevent a rule-out and never support one; a
saturated or retired criterion turns a rule-out into insufficient evidence from the date it was so marked.

Left out: which variant decides (``thresholds.findings``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from evaluations.estimate import Estimate, Unestimable, remembered
from evaluations.evidence import ModelEvidence
from evaluations.records import Confidence, EvaluationVersion, Run, RunStatus, Sourced, Thinking
from evaluations.trials import UpliftTrial
from evaluations.uplift.trial import cohort_ratio, model_arm_mean
from thresholds.bars import Bars, Judged, judge
from thresholds.finding_records import SourceNote, VariantFinding
from thresholds.interval_notes import NO_INTERVAL, ends_of, finite, readings_of
from thresholds.outcomes import Decides, FindingOutcome, SubLabel, UpliftMeasure, VerdictOutcome
from thresholds.snapshots import NO_LIMIT, Contender, Maximum
from thresholds.trial_notes import trial_notes
from thresholds.variants import PlannedVariant, Variant

SAFE = VerdictOutcome.RULED_OUT

Row = dict[str, Any]
"""The fields of a ``VariantFinding`` but the p that is corrected for picking the best of all, which only all of them together give."""


def capped(judged: Judged, variant: Variant, *, lifecycle: Sequence[str]) -> Judged:
    """Return the judgement after what the variant is has been taken into account: never a better one."""
    verdict, label, outcome = judged.verdict, judged.sub_label, judged.outcome
    if variant.comparable == "other_key":
        reached = judged.by_point in (FindingOutcome.BETWEEN, FindingOutcome.ABOVE)
        verdict = VerdictOutcome.NOT_RULED_OUT if reached else VerdictOutcome.INSUFFICIENT_EVIDENCE
        label, outcome = SubLabel.INCOMPARABLE_VARIANT, FindingOutcome.UNESTIMABLE
    elif variant.status is RunStatus.PARTIAL:
        reached = judged.by_point in (FindingOutcome.BETWEEN, FindingOutcome.ABOVE) or verdict.risk > SAFE.risk + 1
        verdict = VerdictOutcome.NOT_RULED_OUT if reached else VerdictOutcome.INSUFFICIENT_EVIDENCE
        label = SubLabel.PARTIAL_RUN
        outcome = FindingOutcome.UNESTIMABLE if outcome is FindingOutcome.BELOW else outcome
    elif lifecycle and verdict is SAFE:
        verdict, label, outcome = VerdictOutcome.INSUFFICIENT_EVIDENCE, SubLabel.SATURATED, FindingOutcome.UNESTIMABLE
    return Judged(outcome, judged.by_point, judged.by_bound, verdict, label)


@dataclass(frozen=True)
class Judging:
    """What a variant is judged by. ``bars`` is ``None`` where no number can be compared, and ``unbarred`` says why."""

    bars: Bars | None
    evidence: ModelEvidence
    version: EvaluationVersion
    measure: UpliftMeasure | None
    lifecycle: Sequence[str]
    unbarred: SubLabel = SubLabel.NO_NUMERIC_BAR


def measured_row(variant: Variant, by: Judging) -> Row:
    """Return what one measured variant comes to; without bars nothing can be decided."""
    bars, unknown, estimate = by.bars, FindingOutcome.UNESTIMABLE, variant.estimate
    if isinstance(estimate, Estimate):
        estimate = remembered(estimate)
    judged = Judged(unknown, unknown, unknown, VerdictOutcome.INSUFFICIENT_EVIDENCE, by.unbarred)
    if bars:
        judged = capped(judge(estimate, bars), variant, lifecycle=by.lifecycle)
        judged = _no_better_than_its_cohorts(judged, variant.measured, bars, by.version, by.measure)
    score = variant.score
    return dict(
        variant=variant.name,
        snapshot=variant.snapshot.slug if variant.snapshot else None,
        snapshot_name=variant.snapshot.name if variant.snapshot else "snapshot not stated",
        snapshot_kind=variant.snapshot.kind if variant.snapshot else None,
        thinking=variant.thinking,
        status=variant.status,
        comparable=variant.comparable,
        outcome=judged.outcome,
        outcome_by_point=judged.by_point,
        outcome_by_bound=judged.by_bound,
        verdict=judged.verdict,
        sub_label=judged.sub_label,
        value=None if variant.estimate.point is None else float(variant.estimate.point),
        as_printed=score.as_printed if score else None,
        passed=float(score.passed) if score and score.passed is not None else None,
        trials=score.trials if score else None,
        readings=readings_of(variant.estimate, bars),
        reason=variant.estimate.words if isinstance(variant.estimate, Unestimable) else "",
        source=source_note(score or variant.measured, by.evidence),
        **trial_notes(variant.measured, bars, by.version, by.measure),
        **_interval(estimate, bars),
    )


def _no_better_than_its_cohorts(
    judged: Judged, measured: Run | UpliftTrial, bars: Bars, version: EvaluationVersion, measure: UpliftMeasure | None
) -> Judged:
    """Keep a pooled estimate from ruling out what one of its cohorts alone reaches, if only by its point (statistics b6, caution).

    The point is asked, and not only the bound, because splitting a cohort leaves its point where it was and widens its bounds.
    """
    if judged.verdict is not SAFE or not isinstance(measured, UpliftTrial):
        return judged
    plain = replace(bars, decides=Decides.BOTH)  # a rule-out evaluation never says crossed, and its cohorts must block all the same
    of_one = cohort_ratio if measure is UpliftMeasure.RATIO else model_arm_mean
    if len(measured.cohorts) == 1 or not any(_reaches(judge(of_one(cohort, version), plain)) for cohort in measured.cohorts):
        return judged
    return Judged(FindingOutcome.BETWEEN, judged.by_point, judged.by_bound, VerdictOutcome.NOT_RULED_OUT, SubLabel.ONE_COHORT_CROSSES)


def _reaches(alone: Judged) -> bool:
    """Say whether one cohort by itself reaches the rule-out bar, by its point or by its bound."""
    return alone.verdict is VerdictOutcome.CROSSED or alone.by_point in (FindingOutcome.BETWEEN, FindingOutcome.ABOVE)


def missing_row(planned: PlannedVariant) -> Row:
    """Return the row of a planned variant that nobody measured: shown at full width, never left out."""
    thinking = planned.thinking or Thinking.NOT_STATED
    return dict(
        variant=f"{planned.snapshot.slug}/{thinking.value}",
        snapshot=planned.snapshot.slug,
        snapshot_name=planned.snapshot.name,
        snapshot_kind=planned.snapshot.kind,
        thinking=thinking,
        status=RunStatus.NOT_RUN,
        comparable="same_key",
        outcome=FindingOutcome.UNESTIMABLE,
        outcome_by_point=FindingOutcome.UNESTIMABLE,
        outcome_by_bound=FindingOutcome.UNESTIMABLE,
        verdict=VerdictOutcome.INSUFFICIENT_EVIDENCE,
        sub_label=SubLabel.MISSING_VARIANTS,
        value=None,
        as_printed=None,
        passed=None,
        trials=None,
        reason="no usable score",
        source=None,
        **NO_INTERVAL,
    )


def takes_part(row: VariantFinding) -> bool:
    """Say whether a variant takes part in the maximum: one under another key, or measured again, only does where it blocks."""
    return _counts(row.comparable, row.verdict)


def _counts(comparable: str, verdict: VerdictOutcome) -> bool:
    return comparable == "same_key" or verdict is VerdictOutcome.NOT_RULED_OUT


def contenders_of(rows: Sequence[Row], sign: int) -> list[Contender]:
    """Return the rows that take part in the maximum, each as it does."""
    return [_contender(row, sign) for row in rows if _counts(row["comparable"], row["verdict"])]


def _contender(row: Row, sign: int) -> Contender:
    """Return a row as it takes part: one under another key without any number, one that is not whole without bounds."""
    name, verdict, value = row["variant"], row["verdict"], row["value"]
    if row["comparable"] != "same_key" or value is None:
        return Contender(name, verdict, None)
    if row["status"] is not RunStatus.COMPLETED or row["method"] is None:
        return Contender(name, verdict, sign * value)
    far, near = row["high"] if sign > 0 else row["low"], row["rule_in_low"]
    return Contender(
        name,
        verdict,
        sign * value,
        lower=-NO_LIMIT if near is None else sign * near,
        upper=NO_LIMIT if far is None else sign * far,
        p_rule_out=1.0 if row["p_rule_out"] is None else row["p_rule_out"],
        p_rule_in=1.0 if row["p_rule_in"] is None else row["p_rule_in"],
    )


def finished(rows: Sequence[Row], most: Maximum) -> tuple[VariantFinding, ...]:
    """Return the findings of all variants, each with its p of ruling in after Holm's correction (statistics c4)."""
    held = most.p_rule_in_holm
    return tuple(VariantFinding(**row, p_rule_in_holm=None if row["p_rule_in"] is None else held.get(row["variant"])) for row in rows)


def source_note(record: Sourced, evidence: ModelEvidence) -> SourceNote:
    """Return where a record comes from, with the title of its source."""
    return _note(record.source, evidence.title(record.source), record.source_at, record.confidence)


@lru_cache(maxsize=4096)  # our choice: a campaign has few sources, and every variant names one
def _note(source: str, title: str, at: str | None, confidence: Confidence) -> SourceNote:
    return SourceNote(source=source, title=title, at=at, confidence=confidence)


def _interval(estimate: Estimate | Unestimable, bars: Bars | None) -> dict[str, Any]:
    """Return the interval fields of a finding, on the evaluation's own scale."""
    if isinstance(estimate, Unestimable):
        return NO_INTERVAL
    if bars is None:
        return {**NO_INTERVAL, "method": estimate.method, "observations": estimate.observations, "notes": estimate.notes}
    turned = bars.turned(estimate)
    corrected = turned.lower(bars.alpha_in)
    return {
        **ends_of(estimate, bars),
        "rule_in_low": finite(corrected if turned is estimate else -corrected),
        "method": estimate.method,
        "observations": estimate.observations,
        "p_rule_out": turned.p_below(bars.out),
        "p_rule_in": turned.p_above(bars.crossing),
        "notes": estimate.notes,
    }
