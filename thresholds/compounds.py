"""Criteria made of others: several combined as one, and a gate before a harder test.

The rules kept here: a compound combines its parts as a threshold combines its criteria (``thresholds.combining``), one level further down;
a gate that is ruled out lets the harder test be left undone, and says nothing once that test was run: what the harder one finds decides,
for better or worse, also where it was run only in part, failed, was thrown away or is withheld. Because either of the two tests
may be the one that rules out, each is held to half the error. A saturated or retired whole rules nothing out, whatever its parts say.

Left out: what a single criterion finds (``thresholds.findings``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluations.evidence import ModelEvidence
from thresholds.combining import combined, is_load_bearing, was_run
from thresholds.criteria_set import CriteriaSet
from thresholds.criterion import CompoundCriterion, GateCriterion, crossings_needed
from thresholds.finding_records import Finding, IntervalEnd
from thresholds.findings import ErrorLevels, simple_finding
from thresholds.lifecycles import in_words, weakened
from thresholds.outcomes import OUTCOME_ORDER, FindingOutcome, Rule, SubLabel, VerdictOutcome

AS_OUTCOME = {
    VerdictOutcome.RULED_OUT: FindingOutcome.BELOW,
    VerdictOutcome.INSUFFICIENT_EVIDENCE: FindingOutcome.UNESTIMABLE,
    VerdictOutcome.NOT_RULED_OUT: FindingOutcome.BETWEEN,
    VerdictOutcome.CROSSED: FindingOutcome.ABOVE,
}


NO_NUMBER: dict[str, Any] = {  # a whole has no number of its own: its parts have, each on its own scale
    **dict.fromkeys(("statistic", "compared", "decides", "unit", "riskier_when", "rule_out", "rule_in", "rule_out_bar", "rule_in_bar")),
    **dict.fromkeys(("method", "value", "low", "high", "rule_in_low", "rule_in_level", "highest_observed", "highest_observed_snapshot")),
    **dict.fromkeys(("low_end", "high_end"), IntervalEnd.UNESTIMABLE),
}


@dataclass(frozen=True)
class Whole:
    """What the parts come to. ``why`` opens the sentence that the deciding part's title ends."""

    parts: tuple[Finding, ...]
    verdict: VerdictOutcome
    deciding: Finding | None
    rule: Rule | None
    crossings_needed: int | None
    levels: ErrorLevels
    why: str


def finding(slug: str, criteria: CriteriaSet, evidence: ModelEvidence, levels: ErrorLevels) -> Finding:
    """Return the finding of the criterion named ``slug``, made of others or not, at the error levels it was handed."""
    criterion = criteria.criterion(slug)
    if isinstance(criterion, CompoundCriterion):
        return _compound(criterion, criteria, evidence, levels)
    if isinstance(criterion, GateCriterion):
        return _gate(criterion, criteria, evidence, levels)
    return simple_finding(criterion, criteria.coverage, evidence, levels)


def _compound(criterion: CompoundCriterion, criteria: CriteriaSet, evidence: ModelEvidence, levels: ErrorLevels) -> Finding:
    bearing = {part for part in criterion.parts if is_load_bearing(part, criteria, evidence)}
    k = crossings_needed(criterion.rule, criterion.k, len(bearing))
    split = levels.split(k, len(bearing))
    parts = tuple(finding(part, criteria, evidence, split) for part in criterion.parts)
    verdict = combined(parts, bearing, criterion.rule, k)
    deciding = next((part for part in parts if part.criterion in bearing and part.verdict is verdict), None)
    needed = f"{k} of {len(parts)} parts would have to reach their bars"
    whole = Whole(parts, verdict, deciding, criterion.rule, k, split, f"{needed}; the deciding one: ")
    held = [part for part in parts if part.criterion in bearing]
    readings = [_kth_outcome([getattr(part, name) for part in held], k) for name in ("outcome_by_point", "outcome_by_bound")]
    return _whole_finding(criterion, whole, readings[0], readings[1], evidence)


def _gate(criterion: GateCriterion, criteria: CriteriaSet, evidence: ModelEvidence, levels: ErrorLevels) -> Finding:
    halved = ErrorLevels(levels.rule_out / 2, levels.rule_in)
    gate, harder = (finding(slug, criteria, evidence, halved) for slug in (criterion.gate, criterion.harder))
    bears = {each.criterion for each in (gate, harder) if is_load_bearing(each.criterion, criteria, evidence)}
    undone = harder.criterion not in bears or not was_run(harder)
    if undone and gate.criterion in bears and gate.verdict is VerdictOutcome.RULED_OUT:
        whole = Whole((gate, harder), gate.verdict, gate, None, None, halved, "The harder test may stay undone while this is ruled out: ")
    elif harder.criterion in bears:
        why = "The harder test decides: " if was_run(harder) else "The gate is not ruled out, so the harder test is due and was not run: "
        whole = Whole((gate, harder), harder.verdict, harder, None, None, halved, why)
    else:
        whole = Whole((gate, harder), VerdictOutcome.INSUFFICIENT_EVIDENCE, None, None, None, halved, "The deciding one: ")
    spoke = whole.deciding or harder
    return _whole_finding(criterion, whole, spoke.outcome_by_point, spoke.outcome_by_bound, evidence)


def _whole_finding(
    criterion: CompoundCriterion | GateCriterion, whole: Whole, by_point: FindingOutcome, by_bound: FindingOutcome, evidence: ModelEvidence
) -> Finding:
    """Return the finding over the parts; a saturated or retired whole rules nothing out."""
    day, verdict, deciding, parts = evidence.recorded_at.date(), whole.verdict, whole.deciding, whole.parts
    saturated = verdict is VerdictOutcome.RULED_OUT and bool(weakened(criterion.lifecycle, day))
    if saturated:
        verdict, deciding = VerdictOutcome.INSUFFICIENT_EVIDENCE, None
    nobody = "none, as the criterion is saturated" if saturated else "none"
    return Finding(
        criterion=criterion.slug,
        title=criterion.title,
        shape=criterion.shape,
        evaluation=None,
        evaluation_name=criterion.title,
        outcome=AS_OUTCOME[verdict],
        outcome_by_point=by_point,
        outcome_by_bound=by_bound,
        verdict=verdict,
        sub_label=SubLabel.SATURATED if saturated else deciding.sub_label if deciding else None,
        level=whole.levels.shown,
        **NO_NUMBER,
        deciding_snapshot=deciding.deciding_snapshot if deciding else None,
        deciding_variant=deciding.deciding_variant if deciding else None,
        snapshots_compared=max(part.snapshots_compared for part in parts),
        variants_compared=sum(part.variants_compared for part in parts),
        variants_planned=sum(part.variants_planned for part in parts),
        missing_snapshots=tuple(sorted({slug for part in parts for slug in part.missing_snapshots})),
        parts=parts,
        rule=whole.rule,
        crossings_needed=whole.crossings_needed,
        lifecycle=in_words(criterion.lifecycle, day),
        words=criterion.words,
        reason=f"{whole.why}{deciding.title if deciding else nobody}.",
        citation=criterion.citation,
        basis=criterion.basis,
        source=deciding.source if deciding else None,
    )


def _kth_outcome(outcomes: Sequence[FindingOutcome], k: int) -> FindingOutcome:
    if not 1 <= k <= len(outcomes):
        return FindingOutcome.UNESTIMABLE
    return sorted(outcomes, key=OUTCOME_ORDER.index, reverse=True)[k - 1]
