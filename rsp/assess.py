"""Use case: the verdicts on one model under one policy, as of a position of the log. Writes nothing.

The rule kept here: policy and criteria are taken from the record, as of the same position as the evidence, so that an answer about
the past is given by what was known and adopted then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import rsp
from evaluations.evidence import ModelEvidence
from reports.withholding import Veil
from rsp.collecting import paused_collector
from rsp.errors import InputError, UnknownNameError
from rsp.store.reading import PolicyText, criteria_sets, evidence, in_force, policy
from rsp.store.session import Session, Store
from thresholds.criteria_set import CriteriaSet
from thresholds.decision_records import Assessment
from thresholds.errors import CircularRelationError, DecisionError
from thresholds.load import Loaded
from thresholds.policy import Policy
from thresholds.verdicts import assess


@dataclass(frozen=True)
class Assessed:
    """An assessment with everything it was made from, for reports to show."""

    assessment: Assessment
    policy: Policy
    criteria: CriteriaSet
    evidence: ModelEvidence

    @property
    def shown(self) -> Assessment:
        """The assessment as any reader may see it: words of restricted and hazardous records withheld, their existence told."""
        return Veil(self.evidence).assessment(self.assessment)


def model(store: Store, slug: str, *, policy_slug: str, criteria_slug: str | None = None, as_of: int | None = None) -> Assessed:
    """Assess one model, and on the way the models that it is related to.

    Raises ``UnknownNameError`` naming near ones for an unknown model, policy or criteria set, ``InputError`` if the criteria name
    an evaluation that no file declares, or if relations run in a circle.
    """
    with store.read() as session:
        rules, held = _rules(session, policy_slug, criteria_slug, as_of)
        known = _with_related(session, slug, as_of)
    try:
        with paused_collector():
            return _assessed(slug, known, rules, held)
    except DecisionError as refused:
        raise InputError(str(refused)) from refused


def _rules(session: Session, policy_slug: str, criteria_slug: str | None, as_of: int | None) -> tuple[Loaded[Policy], Loaded[CriteriaSet]]:
    adopted = policy(session, policy_slug, as_of)
    bars = _chosen(criteria_sets(session, policy_slug, as_of), criteria_slug, policy_slug)
    rules = Loaded(Policy.model_validate_json(adopted.body), adopted.body, adopted.body_sha256, adopted.source_sha256, adopted.file_name)
    held = Loaded(CriteriaSet.model_validate_json(bars.body), bars.body, bars.body_sha256, bars.source_sha256, bars.file_name)
    return rules, held


def _with_related(session: Session, slug: str, as_of: int | None) -> dict[str, ModelEvidence]:
    """Return the evidence on a model and on every model that its relations lead to, each read once."""
    known: dict[str, ModelEvidence] = {}
    waiting = [slug]
    while waiting:
        name = waiting.pop()
        if name not in known:
            known[name] = evidence(session, name, as_of)
            waiting += [each.other for each in known[name].relations]
    return known


def _assessed(slug: str, known: Mapping[str, ModelEvidence], rules: Loaded[Policy], held: Loaded[CriteriaSet]) -> Assessed:
    """Assess related models first, each once. Raises ``CircularRelationError`` if relations lead back."""
    ways = {name: [relation.other for relation in each.relations] for name, each in known.items()}
    try:
        order = list(TopologicalSorter(ways).static_order())
    except CycleError as circle:
        raise CircularRelationError(tuple(reversed(circle.args[1]))) from None
    found: dict[str, Assessment] = {}
    for name in order:
        found[name] = assess(known[name], rules, held, code_version=rsp.__version__, related=found)
    return Assessed(found[slug], rules.record, held.record, known[slug])


def _chosen(sets: tuple[PolicyText, ...], slug: str | None, policy_slug: str) -> PolicyText:
    """Return the criteria set meant: the one named, or the only one that no other corrects."""
    names = [each.slug for each in sets]
    if slug is not None:
        if slug not in names:
            raise UnknownNameError("criteria set", slug, names, why=f" for policy {policy_slug}")
        return next(each for each in sets if each.slug == slug)
    standing = in_force(sets)
    if len(standing) != 1:
        found = f"{len(standing)} criteria sets ({', '.join(each.slug for each in standing)})" if standing else "no criteria set"
        raise InputError(f"found {found} for policy {policy_slug}, expected exactly one; name it with --criteria, or load one")
    return standing[0]
