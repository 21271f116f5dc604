"""From evidence to verdicts: one pure function of (evidence as of a position, policy, criteria, code).

The rules kept here:
1. Every threshold of the policy gets a verdict; one that no criterion speaks to is insufficient evidence, never ruled out.
2. A threshold's verdict is the k-th largest of its criteria's (``thresholds.combining``); a criterion declared not load-bearing is shown
   and does not take part.
3. A threshold that is ruled out takes with it those the policy says it does, but only where they have no evidence of their own
   against it: an implication never overrules a finding, nor a sudden drop that nobody has explained.
4. The policy says which verdicts put the required safeguards in force. The number in a threshold's name plays no part.

Left out: the decision. A determination is made and signed by people, may differ with a reason, and stands beside the verdict.
"""

from __future__ import annotations

from fractions import Fraction

from evaluations.evidence import ModelEvidence
from thresholds.combining import finding, is_load_bearing, kth_largest, taking_part
from thresholds.criteria_set import CriteriaSet, ThresholdCriteria
from thresholds.criterion import crossings_needed
from thresholds.decision_records import Assessment, Gap, GapKind, SafeguardInForce, Verdict
from thresholds.errors import UnmatchedPolicyError
from thresholds.finding_records import AlarmState, Finding
from thresholds.findings import OUTCOME_ORDER, ErrorLevels
from thresholds.gaps import finding_gaps, plan_gaps
from thresholds.load import Loaded
from thresholds.outcomes import FindingOutcome, SubLabel, VerdictOutcome
from thresholds.policy import CapabilityThreshold, Policy

SCHEMA_VERSION = 1  # of the assessment's JSON; a new number is added, old meanings never change


def assess(evidence: ModelEvidence, policy: Loaded[Policy], criteria: Loaded[CriteriaSet], *, code_version: str) -> Assessment:
    """Return the verdict on every threshold of ``policy`` for one model.

    Raises ``thresholds.errors.DecisionError`` if the criteria belong to another policy or name an undeclared evaluation.
    """
    if criteria.record.policy != policy.record.slug:
        raise UnmatchedPolicyError(criteria.record.slug, criteria.record.policy, policy.record.slug)
    verdicts = {each.slug: _verdict(each, policy.record, criteria.record, evidence) for each in policy.record.thresholds}
    own = {slug: verdict.outcome for slug, verdict in verdicts.items()}  # only what a threshold's own evidence rules out implies more
    for threshold in policy.record.thresholds:
        if own[threshold.slug] is VerdictOutcome.RULED_OUT:
            for implied in threshold.rules_out:
                verdicts[implied] = _implied(verdicts[implied], threshold, policy.record)
    return Assessment(
        schema_version=SCHEMA_VERSION,
        model=evidence.model.slug,
        model_name=evidence.model.name,
        developer=evidence.developer.name,
        policy=policy.record.slug,
        policy_title=policy.record.title,
        policy_version=policy.record.version,
        policy_standing=policy.record.standing,
        policy_sha256=policy.body_sha256,
        criteria=criteria.record.slug,
        criteria_title=criteria.record.title,
        criteria_sha256=criteria.body_sha256,
        code_version=code_version,
        as_of=evidence.position,
        as_of_recorded_at=evidence.recorded_at,
        as_of_root=evidence.root,
        verdicts=tuple(verdicts[each.slug] for each in policy.record.thresholds),
        determinations=evidence.determinations,
    )


def _verdict(threshold: CapabilityThreshold, policy: Policy, criteria: CriteriaSet, evidence: ModelEvidence) -> Verdict:
    line = next((each for each in criteria.thresholds if each.threshold == threshold.slug), None)
    if line is None or not line.criteria:
        gap = Gap(
            kind=GapKind.NO_CRITERIA, criterion=None, words=f"{threshold.name}: the criteria set {criteria.slug} has no criterion for it."
        )
        why = "No criterion speaks to this threshold."
        return _recorded(threshold, policy, VerdictOutcome.INSUFFICIENT_EVIDENCE, SubLabel.NOT_ASSESSED, line, (), (gap,), why)
    bearing = [slug for slug in line.criteria if is_load_bearing(slug, criteria, evidence)]
    k = crossings_needed(line.rule, line.k, len(bearing))
    levels = ErrorLevels(Fraction(criteria.error_level.one_sided), Fraction(criteria.error_level.one_sided))
    split = levels.split(k, len(bearing)) if len(bearing) >= k > 0 else levels
    findings = tuple(finding(slug, criteria, evidence, split) for slug in line.criteria)
    held = [each for each in findings if each.criterion in bearing]
    outcome = kth_largest(taking_part([(each.criterion, each.verdict) for each in findings], bearing, line.rule), max(k, 1))
    deciding = max((each for each in held if each.verdict is outcome), key=_weight, default=None)
    label = deciding.sub_label if deciding else SubLabel.NOT_ASSESSED
    gaps = [gap for each in findings for gap in (*plan_gaps(each.criterion, criteria, evidence), *finding_gaps(each, evidence))]
    reason = _reason(outcome, deciding, held)
    told: dict[tuple[GapKind, str], Gap] = {}
    for gap in gaps:  # two criteria of one evaluation share a gap; the first tells it
        told.setdefault((gap.kind, gap.words), gap)
    return _recorded(threshold, policy, outcome, label, line, findings, tuple(told.values()), reason)


def _weight(each: Finding) -> tuple[int, bool]:
    """Order among findings of one verdict: the one whose point stands highest names it, then the one that knows least."""
    knows_only_a_point = each.value is not None and each.outcome_by_bound is FindingOutcome.UNESTIMABLE
    return OUTCOME_ORDER.index(each.outcome_by_point), knows_only_a_point


def _reason(outcome: VerdictOutcome, deciding: Finding | None, held: list[Finding]) -> str:
    """Say in one sentence which criterion decides and how many share its verdict."""
    if deciding is None:
        return "No load-bearing criterion is left to decide."
    sharing = sum(each.verdict is outcome for each in held)
    if len(held) == 1:
        return f"{deciding.title}: {deciding.reason}"
    return f"{deciding.title}: {deciding.reason} ({sharing} of {len(held)} criteria are {outcome.value.replace('_', ' ')}.)"


def _recorded(
    threshold: CapabilityThreshold,
    policy: Policy,
    outcome: VerdictOutcome,
    label: SubLabel | None,
    line: ThresholdCriteria | None,
    findings: tuple[Finding, ...],
    gaps: tuple[Gap, ...],
    reason: str,
) -> Verdict:
    settled = outcome in (VerdictOutcome.RULED_OUT, VerdictOutcome.CROSSED)
    return Verdict(
        threshold=threshold.slug,
        name=threshold.name,
        kind=threshold.kind,
        domain=threshold.domain,
        domain_name=policy.domain(threshold.domain).name,
        definition=threshold.definition,
        outcome=outcome,
        sub_label=None if settled else label,
        rule=line.rule if line else None,
        crossings_needed=crossings_needed(line.rule, line.k, len(line.criteria)) if line else None,
        required_safeguards=_in_force(threshold, policy, outcome),
        gaps=gaps,
        findings=findings,
        reason=reason,
        citation=threshold.citation,
        basis=threshold.basis,
    )


def _in_force(threshold: CapabilityThreshold, policy: Policy, outcome: VerdictOutcome) -> tuple[SafeguardInForce, ...]:
    if outcome not in policy.forcing.outcomes:
        return ()
    names = {level.slug: level.name for level in policy.levels}
    return tuple(
        SafeguardInForce(
            slug=each.slug,
            kind=each.kind,
            level=each.level,
            level_name=names.get(each.level) if each.level else None,
            firmness=each.firmness,
            words=each.words,
            citation=each.citation,
        )
        for each in threshold.requires
    )


def _has_open_drop(each: Finding) -> bool:
    """Say whether nobody has explained a sudden drop of this finding or of a part of it, whatever else is missing beside."""
    is_open = each.sub_label is SubLabel.SCORE_DROP or any(alarm.state is AlarmState.OPEN for alarm in each.alarms)
    return is_open or any(_has_open_drop(part) for part in each.parts)


def _implied(verdict: Verdict, by: CapabilityThreshold, policy: Policy) -> Verdict:
    """Return the verdict on a threshold that another, ruled out, takes with it; its own evidence against it stays."""
    against = (VerdictOutcome.NOT_RULED_OUT, VerdictOutcome.CROSSED)
    if verdict.outcome is not VerdictOutcome.INSUFFICIENT_EVIDENCE or any(each.verdict in against for each in verdict.findings):
        return verdict
    if any(_has_open_drop(each) for each in verdict.findings):
        return verdict
    implied = next(each for each in policy.thresholds if each.slug == verdict.threshold)
    fields = {name: getattr(verdict, name) for name in Verdict.model_fields}
    return Verdict(
        **{
            **fields,
            "outcome": VerdictOutcome.RULED_OUT,
            "sub_label": None,
            "implied_by": by.slug,
            "required_safeguards": _in_force(implied, policy, VerdictOutcome.RULED_OUT),
            "reason": f"Ruled out because {by.name} is ({by.citation}).",
        }
    )
