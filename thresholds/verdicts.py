"""From evidence to verdicts: one pure function of (evidence as of a position, policy, criteria, what was found of related models, code).

The rules kept here:
1. Every threshold of the policy gets a verdict; one that no criterion speaks to is insufficient evidence, never ruled out.
2. A threshold's verdict is the k-th largest of its criteria's (``thresholds.combining``); a criterion declared not load-bearing is shown
   and does not take part.
3. A model made from another is no better than that one (``thresholds.relations``).
4. A threshold that is ruled out takes with it those the policy says it does, but only where they have no evidence of their own
   against it: an implication never overrules a finding, nor a sudden drop that nobody has explained. Then, under the same condition, what
   was found of a stronger model, or of the model it was made from, rules out what nobody could tell.
5. The policy says which verdicts put the required safeguards in force. The number in a threshold's name plays no part.

Left out: the decision. A determination is made and signed by people, may differ with a reason, and stands beside the verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from evaluations.evidence import ModelEvidence
from thresholds.combining import combined, counted_verdict, is_load_bearing
from thresholds.compounds import finding
from thresholds.criteria_set import CriteriaSet
from thresholds.criterion import crossings_needed
from thresholds.decision_records import Assessment, Gap, GapKind, SafeguardScore, Verdict
from thresholds.declared import with_declared
from thresholds.demands import demanded, overall_rule, put_in_force, safeguard_scores
from thresholds.errors import UnassessedRelationError, UnlikeRelationError, UnmatchedPolicyError
from thresholds.finding_records import Finding
from thresholds.findings import ErrorLevels
from thresholds.gaps import finding_gaps, plan_gaps
from thresholds.load import Loaded
from thresholds.outcomes import OUTCOME_ORDER, FindingOutcome, Rule, SubLabel, VerdictOutcome
from thresholds.policy import CapabilityThreshold, Policy
from thresholds.relations import no_better_than_its_base, nothing_against, ruled_out_by_relation, with_outcome

SCHEMA_VERSION = 2  # of the assessment's JSON; a new number is added, old meanings never change. 2: overall, safeguards, relations


def assess(
    evidence: ModelEvidence,
    policy: Loaded[Policy],
    criteria: Loaded[CriteriaSet],
    *,
    code_version: str,
    related: Mapping[str, Assessment] | None = None,
) -> Assessment:
    """Return the verdict on every threshold of ``policy`` for one model.

    ``related`` holds the assessments, under the same policy and criteria, of the models that ``evidence.relations`` names. Raises
    ``thresholds.errors.DecisionError`` if the criteria belong to another policy, name an undeclared evaluation, or take one to be
    what the evidence says it is not.
    """
    rules, bars = policy.record, criteria.record
    if bars.policy != rules.slug:
        raise UnmatchedPolicyError(bars.slug, bars.policy, rules.slug)
    others = _others(evidence, policy, criteria, related or {})
    known = with_declared(evidence, bars)
    own = {each.slug: _verdict(each, rules, bars, known) for each in rules.thresholds}
    own = {slug: no_better_than_its_base(each, rules, evidence, others) for slug, each in own.items()}
    verdicts = dict(own)
    for threshold in rules.thresholds:  # only what a threshold's own evidence rules out implies more
        if own[threshold.slug].outcome is VerdictOutcome.RULED_OUT:
            for implied in threshold.rules_out:
                verdicts[implied] = _implied(verdicts[implied], threshold, rules)
    verdicts = {slug: ruled_out_by_relation(each, rules, evidence, others) for slug, each in verdicts.items()}
    told = tuple(verdicts[each.slug] for each in rules.thresholds)
    return _assessment(evidence, policy, criteria, told, safeguard_scores(bars, known), code_version)


def _assessment(
    evidence: ModelEvidence,
    policy: Loaded[Policy],
    criteria: Loaded[CriteriaSet],
    told: tuple[Verdict, ...],
    scores: tuple[SafeguardScore, ...],
    code_version: str,
) -> Assessment:
    """Return the verdicts with what they were made from and what they ask for together."""
    rules, bars = policy.record, criteria.record
    return Assessment(
        schema_version=SCHEMA_VERSION,
        model=evidence.model.slug,
        model_name=evidence.model.name,
        developer=evidence.developer.name,
        policy=rules.slug,
        policy_title=rules.title,
        policy_version=rules.version,
        policy_standing=rules.standing,
        policy_sha256=policy.body_sha256,
        criteria=bars.slug,
        criteria_title=bars.title,
        criteria_sha256=criteria.body_sha256,
        code_version=code_version,
        as_of=evidence.position,
        as_of_recorded_at=evidence.recorded_at,
        as_of_root=evidence.root,
        overall=max((each.outcome for each in told), key=lambda each: each.risk),
        overall_rule=overall_rule(rules),
        safeguards=demanded(told, rules),
        safeguard_evidence=scores,
        verdicts=told,
        determinations=evidence.determinations,
    )


def _others(
    evidence: ModelEvidence, policy: Loaded[Policy], criteria: Loaded[CriteriaSet], related: Mapping[str, Assessment]
) -> Mapping[str, Assessment]:
    """Return the related assessments, or refuse: what was found of another model must not be lost unseen, nor by other rules."""
    same = (policy.body_sha256, criteria.body_sha256, evidence.position)
    for relation in evidence.relations:
        other = related.get(relation.other)
        if other is None:
            raise UnassessedRelationError(evidence.model.slug, relation.other)
        if (other.policy_sha256, other.criteria_sha256, other.as_of) != same:
            raise UnlikeRelationError(evidence.model.slug, relation.other)
    return related


def _verdict(threshold: CapabilityThreshold, policy: Policy, criteria: CriteriaSet, evidence: ModelEvidence) -> Verdict:
    line = next((each for each in criteria.thresholds if each.threshold == threshold.slug), None)
    if line is None or not line.criteria:
        gap = Gap(
            kind=GapKind.NO_CRITERIA, criterion=None, words=f"{threshold.name}: the criteria set {criteria.slug} has no criterion for it."
        )
        why = "No criterion speaks to this threshold."
        return _recorded(
            threshold,
            policy,
            VerdictOutcome.INSUFFICIENT_EVIDENCE,
            SubLabel.NOT_ASSESSED,
            (line.rule if line else None, None),
            (),
            (gap,),
            why,
        )
    bearing = [slug for slug in line.criteria if is_load_bearing(slug, criteria, evidence)]
    k = crossings_needed(line.rule, line.k, len(bearing))
    levels = ErrorLevels(Fraction(criteria.error_level.one_sided), Fraction(criteria.error_level.one_sided))
    split = levels.split(k, len(bearing))
    findings = tuple(finding(slug, criteria, evidence, split) for slug in line.criteria)
    held = [each for each in findings if each.criterion in bearing]
    outcome = combined(findings, bearing, line.rule, k)
    deciding = max((each for each in held if counted_verdict(each, line.rule) is outcome), key=_weight, default=None)
    label = deciding.sub_label if deciding else SubLabel.NOT_ASSESSED
    if deciding is not None and deciding.verdict is not outcome:  # its own crossing only blocks
        label = SubLabel.RULE_OUT_ONLY
    gaps = [gap for each in findings for gap in (*plan_gaps(each.criterion, criteria, evidence), *finding_gaps(each, evidence))]
    reason = _reason(outcome, deciding, held)
    told: dict[tuple[GapKind, str], Gap] = {}
    for gap in gaps:  # two criteria of one evaluation share a gap; the first tells it
        told.setdefault((gap.kind, gap.words), gap)
    return _recorded(threshold, policy, outcome, label, (line.rule, k), findings, tuple(told.values()), reason)


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
    combination: tuple[Rule | None, int | None],
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
        rule=combination[0],
        crossings_needed=combination[1],
        required_safeguards=put_in_force(threshold, policy, outcome),
        gaps=gaps,
        findings=findings,
        reason=reason,
        citation=threshold.citation,
        basis=threshold.basis,
    )


def _implied(verdict: Verdict, by: CapabilityThreshold, policy: Policy) -> Verdict:
    """Return the verdict on a threshold that another, ruled out, takes with it; its own evidence against it stays."""
    if not nothing_against(verdict):
        return verdict
    return with_outcome(
        verdict, VerdictOutcome.RULED_OUT, None, policy, f"Ruled out because {by.name} is ({by.citation}).", implied_by=by.slug
    )
