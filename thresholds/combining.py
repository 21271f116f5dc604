"""Several indicators combined: any of them, all of them, or k of n.

The rule kept here: the combined verdict is the k-th largest of the indicators' verdicts (any = 1, all = n), each indicator having been
held to an error level split for the combination: alpha/k to rule out, alpha/(n-k+1) to rule in (Benjamini & Heller 2008; statistics c5). An
indicator that was planned and not run is insufficient evidence, and takes its place in the order like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from evaluations.estimate import Unestimable
from evaluations.evidence import ModelEvidence
from thresholds.criteria_set import CriteriaSet
from thresholds.criterion import CompoundCriterion, LifecycleStatus, crossings_needed
from thresholds.finding_records import Finding, IntervalEnd
from thresholds.findings import OUTCOME_ORDER, WEAKENING, ErrorLevels, in_force, simple_finding
from thresholds.outcomes import FindingOutcome, Rule, SubLabel, VerdictOutcome

AS_OUTCOME = {
    VerdictOutcome.RULED_OUT: FindingOutcome.BELOW,
    VerdictOutcome.INSUFFICIENT_EVIDENCE: FindingOutcome.UNESTIMABLE,
    VerdictOutcome.NOT_RULED_OUT: FindingOutcome.BETWEEN,
    VerdictOutcome.CROSSED: FindingOutcome.ABOVE,
}


def kth_largest(verdicts: Sequence[VerdictOutcome], k: int) -> VerdictOutcome:
    """Return the k-th largest verdict in the order of risk; of no verdicts at all, insufficient evidence."""
    if len(verdicts) < k:
        return VerdictOutcome.INSUFFICIENT_EVIDENCE
    return sorted(verdicts, key=lambda each: each.risk, reverse=True)[k - 1]


@dataclass(frozen=True)
class PartialConjunction:
    """The p-values of a whole that k of its n indicators must cross: of ruling it out, and of crossing it."""

    p_rule_out: float
    p_rule_in: float
    k: int
    indicators: int


def partial_conjunction(p_rule_out: Sequence[float | None], p_rule_in: Sequence[float | None], k: int) -> PartialConjunction | Unestimable:
    """Return the p-values of *fewer than k of n cross* and of *at least k of n cross*, whatever the indicators share.

    ``p_out = min(1, k p_out(n-k+1))`` and ``p_in = min(1, (n-k+1) p_in(k))``, p(j) the j-th smallest (Benjamini & Heller 2008,
    Biometrics 64:1215; statistics c5): below the level exactly when the k-th largest verdict says so at the split level. One p an
    indicator in either list; ``None`` is an indicator nobody measured, and enters as 1. Refuses no indicators, lists of different
    lengths, a k outside 1 to n, and what is no probability.
    """
    if len(p_rule_out) != len(p_rule_in) or not p_rule_out:
        found = f"found {len(p_rule_out)} and {len(p_rule_in)} p-values, expected one of each for every indicator"
        return Unestimable("no_observations" if not p_rule_out and not p_rule_in else "impossible_count", found)
    n = len(p_rule_out)
    if not 1 <= k <= n:
        return Unestimable("impossible_count", f"found k {k} of {n} indicators, expected 1 to {n}")
    if any(p is not None and not 0 <= p <= 1 for p in (*p_rule_out, *p_rule_in)):
        return Unestimable("not_a_number", "found a p-value that is no number from 0 to 1")
    out, into = (sorted(1.0 if p is None else float(p) for p in each) for each in (p_rule_out, p_rule_in))
    return PartialConjunction(min(1.0, k * out[n - k]), min(1.0, (n - k + 1) * into[k - 1]), k, n)


def finding(slug: str, criteria: CriteriaSet, evidence: ModelEvidence, levels: ErrorLevels) -> Finding:
    """Return the finding of the criterion named ``slug``, compound or not, at the error levels it was handed."""
    criterion = criteria.criterion(slug)
    if isinstance(criterion, CompoundCriterion):
        return _compound(criterion, criteria, evidence, levels)
    return simple_finding(criterion, criteria.coverage, evidence, levels)


def is_load_bearing(slug: str, criteria: CriteriaSet, evidence: ModelEvidence) -> bool:
    """Say whether the criterion takes part in a verdict as of the evidence's date; one that does not is still shown."""
    events = in_force(criteria.criterion(slug).lifecycle, evidence.recorded_at.date())
    return not any(event.status is LifecycleStatus.NOT_LOAD_BEARING for event in events)


def taking_part(verdicts: Sequence[tuple[str, VerdictOutcome]], bearing: Collection[str], rule: Rule) -> list[VerdictOutcome]:
    """Return the verdicts that are counted. Of a fixed k of n, one that no longer bears counts as unknown: dropping it must not
    make k harder to reach."""
    counted = [verdict for slug, verdict in verdicts if slug in bearing]
    dropped = len(verdicts) - len(counted) if rule is Rule.K_OF_N else 0
    return counted + [VerdictOutcome.INSUFFICIENT_EVIDENCE] * dropped


def _compound(criterion: CompoundCriterion, criteria: CriteriaSet, evidence: ModelEvidence, levels: ErrorLevels) -> Finding:
    bearing = {part for part in criterion.parts if is_load_bearing(part, criteria, evidence)}
    k = crossings_needed(criterion.rule, criterion.k, len(bearing))
    split = levels.split(k, len(bearing)) if len(bearing) >= k > 0 else levels
    parts = tuple(finding(part, criteria, evidence, split) for part in criterion.parts)
    verdict = kth_largest(taking_part([(part.criterion, part.verdict) for part in parts], bearing, criterion.rule), max(k, 1))
    events = in_force(criterion.lifecycle, evidence.recorded_at.date())
    saturated = verdict is VerdictOutcome.RULED_OUT and any(event.status in WEAKENING for event in events)
    if saturated:
        verdict = VerdictOutcome.INSUFFICIENT_EVIDENCE
    deciding = next((part for part in parts if part.criterion in bearing and part.verdict is verdict), None)
    return Finding(
        criterion=criterion.slug,
        title=criterion.title,
        shape=criterion.shape,
        evaluation=None,
        evaluation_name=criterion.title,
        outcome=AS_OUTCOME[verdict],
        outcome_by_point=_kth_outcome([part.outcome_by_point for part in parts if part.criterion in bearing], k),
        outcome_by_bound=_kth_outcome([part.outcome_by_bound for part in parts if part.criterion in bearing], k),
        verdict=verdict,
        sub_label=SubLabel.SATURATED if saturated else deciding.sub_label if deciding else None,
        statistic=None,
        compared=None,
        decides=None,
        level=split.shown,
        rule_in_level=None,
        method=None,
        value=None,
        low=None,
        high=None,
        low_end=IntervalEnd.UNESTIMABLE,
        high_end=IntervalEnd.UNESTIMABLE,
        rule_in_low=None,
        unit=None,
        riskier_when=None,
        rule_out=None,
        rule_in=None,
        rule_out_bar=None,
        rule_in_bar=None,
        deciding_snapshot=deciding.deciding_snapshot if deciding else None,
        deciding_variant=deciding.deciding_variant if deciding else None,
        highest_observed=None,
        highest_observed_snapshot=None,
        snapshots_compared=max(part.snapshots_compared for part in parts),
        variants_compared=sum(part.variants_compared for part in parts),
        variants_planned=sum(part.variants_planned for part in parts),
        missing_snapshots=tuple(sorted({slug for part in parts for slug in part.missing_snapshots})),
        parts=parts,
        rule=criterion.rule,
        crossings_needed=k,
        lifecycle=tuple(f"{each.status.value.replace('_', ' ')} from {each.from_on.isoformat()}: {each.words}" for each in events),
        words=criterion.words,
        reason=f"{k} of {len(parts)} parts would have to reach their bars; the deciding one: "
        f"{deciding.title if deciding else 'none, as the criterion is saturated'}.",
        citation=criterion.citation,
        basis=criterion.basis,
        source=deciding.source if deciding else None,
    )


def _kth_outcome(outcomes: Sequence[FindingOutcome], k: int) -> FindingOutcome:
    if not 1 <= k <= len(outcomes):
        return FindingOutcome.UNESTIMABLE
    return sorted(outcomes, key=OUTCOME_ORDER.index, reverse=True)[k - 1]
