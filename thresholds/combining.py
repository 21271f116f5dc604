"""Several indicators combined: any of them, all of them, a majority, or k of n.

The rules kept here:
1. The combined verdict is the k-th largest of the indicators' verdicts (any = 1, all = n, majority = more than half), each indicator having
   been held to an error level split for the combination: alpha/k to rule out, alpha/(n-k+1) to rule in (Benjamini & Heller 2008;
   statistics c5). An indicator that was planned and not run is insufficient evidence, and takes its place in the order like any other: so
   the whole is settled exactly where it comes out the same whichever way every unknown falls.
2. Of the worst domain one indicator is enough, in whichever domain.
3. Where people judge the whole, an indicator at its bar keeps them from ruling out and crosses nothing by itself.

Left out: criteria made of others (``thresholds.compounds``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from evaluations.estimate import Unestimable
from evaluations.evidence import ModelEvidence
from evaluations.records import RunStatus
from thresholds.criteria_set import CriteriaSet
from thresholds.criterion import LifecycleStatus, crossings_needed
from thresholds.finding_records import AlarmState, Finding
from thresholds.lifecycles import in_force
from thresholds.outcomes import Rule, SubLabel, VerdictOutcome


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


def is_load_bearing(slug: str, criteria: CriteriaSet, evidence: ModelEvidence) -> bool:
    """Say whether the criterion takes part in a verdict as of the evidence's date; one that does not is still shown."""
    events = in_force(criteria.criterion(slug).lifecycle, evidence.recorded_at.date())
    return not any(event.status is LifecycleStatus.NOT_LOAD_BEARING for event in events)


def counted_verdict(finding: Finding, rule: Rule) -> VerdictOutcome:
    """Return the verdict with which an indicator is counted: where people judge the whole, its crossing only blocks."""
    crossing = finding.verdict is VerdictOutcome.CROSSED and finding.shape != "qualitative"
    return VerdictOutcome.NOT_RULED_OUT if rule is Rule.QUALITATIVE and crossing else finding.verdict


def combined(findings: Sequence[Finding], bearing: Collection[str], rule: Rule, k: int) -> VerdictOutcome:
    """Return the k-th largest verdict of the indicators that take part.

    Of a fixed k of n, one that no longer bears counts as unknown: dropping it must not make k harder to reach. A majority is counted both
    ways, over those left and over all, and the riskier holds: dropping one must not turn an open question into an answer either.
    """
    counted = [counted_verdict(each, rule) for each in findings if each.criterion in bearing]
    unknown = [VerdictOutcome.INSUFFICIENT_EVIDENCE] * (len(findings) - len(counted))
    if rule is Rule.K_OF_N:
        return kth_largest(counted + unknown, max(k, 1))
    verdict = kth_largest(counted, max(k, 1))
    if rule is Rule.MAJORITY and unknown:
        whole = kth_largest(counted + unknown, crossings_needed(rule, None, len(findings)))
        return max(verdict, whole, key=lambda each: each.risk)
    if rule is Rule.QUALITATIVE and not any(each.shape == "qualitative" for each in findings if each.criterion in bearing):
        return max(verdict, VerdictOutcome.INSUFFICIENT_EVIDENCE, key=lambda each: each.risk)  # nobody who judges the whole is left
    return verdict


def settled(findings: Sequence[Finding], bearing: Collection[str], rule: Rule, k: int) -> bool:
    """Say whether the whole is the same whichever way every unknown indicator falls, tried both ways (frameworks, rule 4)."""
    known = [counted_verdict(each, rule) for each in findings if each.criterion in bearing]
    dropped = len(findings) - len(known) if rule in (Rule.K_OF_N, Rule.MAJORITY) else 0
    unknown = known.count(VerdictOutcome.INSUFFICIENT_EVIDENCE) + dropped
    told = [each for each in known if each is not VerdictOutcome.INSUFFICIENT_EVIDENCE]
    best, worst = (kth_largest(told + [end] * unknown, max(k, 1)) for end in (VerdictOutcome.RULED_OUT, VerdictOutcome.CROSSED))
    return best is worst


def has_open_drop(finding: Finding) -> bool:
    """Say whether nobody has explained a sudden drop of this finding or of a part of it, whatever else is missing beside."""
    is_open = finding.sub_label is SubLabel.SCORE_DROP or any(alarm.state is AlarmState.OPEN for alarm in finding.alarms)
    return is_open or any(has_open_drop(part) for part in finding.parts)


AGAINST = (VerdictOutcome.NOT_RULED_OUT, VerdictOutcome.CROSSED)


def speaks_against(finding: Finding) -> bool:
    """Say whether anything in a finding, however deep, speaks against a rule-out: a verdict, an open drop, a score whose bar lapsed."""
    lapsed = finding.sub_label is SubLabel.NO_BAR_IN_FORCE and finding.value is not None
    return finding.verdict in AGAINST or lapsed or has_open_drop(finding) or any(speaks_against(part) for part in finding.parts)


def was_run(finding: Finding) -> bool:
    """Say whether anything of a finding was run or judged, with whatever result: also what failed, was thrown away or is withheld."""
    heard = finding.shape == "qualitative" and finding.variants_compared > 0
    tried = any(row.status is not RunStatus.NOT_RUN for row in finding.variants)
    return heard or tried or any(was_run(part) for part in finding.parts)
