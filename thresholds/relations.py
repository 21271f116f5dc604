"""What was found of one model and speaks of another: inherited from the model it was made from, or bounded by a stronger one.

The rules kept here:
1. A model made from another is no better than that one: where the base is not ruled out, or crossed, neither is the model, signed or not.
2. A signed relation rules out what nobody could tell, and nothing else: the other model must be ruled out, by whatever ruled it out, on
   the same threshold under the same bars, and the model's own evidence must say nothing against it, no unexplained drop either.
3. Unsigned, a relation never makes a verdict less cautious; signed later than the day that is judged, it is unsigned.
4. A relation of one domain speaks of that domain of the policy and of those below it, and warns of those above it too; names are compared
   as they are written. One of a domain that the policy does not know warns in every domain and speaks in favour of none: a framework
   may name its domains otherwise.

Left out: fetching the other model's assessment, and refusing circles among models, which the shell does (``rsp.assess``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from evaluations.evidence import ModelEvidence
from evaluations.history import ModelRelation, RelationKind
from evaluations.records import WITHHELD_FROM
from thresholds.combining import AGAINST, speaks_against
from thresholds.decision_records import Assessment, Verdict
from thresholds.demands import put_in_force
from thresholds.outcomes import SubLabel, VerdictOutcome
from thresholds.policy import Policy


def nothing_against(verdict: Verdict) -> bool:
    """Say whether a threshold is merely unknown: nothing in its findings speaks against a rule-out."""
    return verdict.outcome is VerdictOutcome.INSUFFICIENT_EVIDENCE and not any(speaks_against(each) for each in verdict.findings)


def with_outcome(
    verdict: Verdict, outcome: VerdictOutcome, label: SubLabel | None, policy: Policy, reason: str, **by: str | None
) -> Verdict:
    """Return the verdict with another outcome, the safeguards that this one forces, and what it rests on."""
    fields: dict[str, Any] = {name: getattr(verdict, name) for name in Verdict.model_fields}
    safeguards = put_in_force(policy.threshold(verdict.threshold), policy, outcome)
    return Verdict(**{**fields, "outcome": outcome, "sub_label": label, "required_safeguards": safeguards, "reason": reason, **by})


def no_better_than_its_base(verdict: Verdict, policy: Policy, evidence: ModelEvidence, related: Mapping[str, Assessment]) -> Verdict:
    """Return the verdict, raised to that of a model this one was made from where that one is riskier and not merely unknown."""
    for relation, other, theirs in _speaking(verdict, policy, evidence, related, warning=True):
        if relation.kind is RelationKind.INHERITED_FROM and theirs.outcome in AGAINST and theirs.outcome.risk > verdict.outcome.risk:
            outcome = theirs.outcome.value.replace("_", " ")
            reason = f"Made from {other.model_name}, of which this threshold is {outcome}: {_words(relation)}"
            label = SubLabel.BASE_MODEL if theirs.outcome is VerdictOutcome.NOT_RULED_OUT else None
            verdict = with_outcome(verdict, theirs.outcome, label, policy, reason, inherited_from=other.model)
    return verdict


def ruled_out_by_relation(verdict: Verdict, policy: Policy, evidence: ModelEvidence, related: Mapping[str, Assessment]) -> Verdict:
    """Return the verdict, ruled out if nothing speaks against it and a signed relation leads to a model that is."""
    if not nothing_against(verdict):
        return verdict
    day = evidence.recorded_at.date()
    for relation, other, theirs in _speaking(verdict, policy, evidence, related):
        signed = relation.signed_off_on is not None and relation.signed_off_on <= day
        if theirs.outcome is VerdictOutcome.RULED_OUT and signed:
            bounded = relation.kind is RelationKind.BOUNDED_BY
            how = f"At most as capable as {other.model_name}" if bounded else f"Made from {other.model_name}"
            reason = f"{how}, of which this threshold is ruled out: {_words(relation)} (signed off by {relation.signed_off_by})"
            by = {"bounded_by" if bounded else "inherited_from": other.model}
            return with_outcome(verdict, VerdictOutcome.RULED_OUT, None, policy, reason, **by)
    return verdict


def _speaking(
    verdict: Verdict, policy: Policy, evidence: ModelEvidence, related: Mapping[str, Assessment], *, warning: bool = False
) -> Iterator[tuple[ModelRelation, Assessment, Verdict]]:
    """Yield the relations that speak of the verdict's domain, each with the other model's assessment and verdict."""
    domains = {None, *_above(verdict.domain, policy)}
    if warning:  # also one of a part of the domain
        domains |= {each.slug for each in policy.domains if verdict.domain in _above(each.slug, policy)}
        domains |= {each.domain for each in evidence.relations} - {each.slug for each in policy.domains}
    for relation in evidence.relations:
        other = related.get(relation.other)
        if other is not None and relation.domain in domains:
            yield relation, other, next(each for each in other.verdicts if each.threshold == verdict.threshold)


def _words(relation: ModelRelation) -> str:
    """Return why the models are said to be related; a restricted text is told to exist and not shown."""
    if relation.visibility in WITHHELD_FROM:
        return f"words withheld ({relation.visibility.value})"
    return relation.words


def _above(domain: str, policy: Policy) -> tuple[str, ...]:
    """Return a domain and every domain above it."""
    parent = policy.domain(domain).parent
    return (domain,) if parent is None else (domain, *_above(parent, policy))
