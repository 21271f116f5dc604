"""Use case: the verdicts on one model under one policy, as of a position of the log. Writes nothing.

The rule kept here: policy and criteria are taken from the record, as of the same position as the evidence, so that an answer about
the past is given by what was known and adopted then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import rsp
from evaluations.evidence import ModelEvidence
from reports.withholding import Veil
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
        known = _with_related(session, slug, as_of, ())
    try:
        return _assessed(slug, known, rules, held)
    except DecisionError as refused:
        raise InputError(str(refused)) from refused


def _rules(session: Session, policy_slug: str, criteria_slug: str | None, as_of: int | None) -> tuple[Loaded[Policy], Loaded[CriteriaSet]]:
    adopted = policy(session, policy_slug, as_of)
    bars = _chosen(criteria_sets(session, policy_slug, as_of), criteria_slug, policy_slug)
    rules = Loaded(Policy.model_validate_json(adopted.body), adopted.body, adopted.body_sha256, adopted.source_sha256, adopted.file_name)
    held = Loaded(CriteriaSet.model_validate_json(bars.body), bars.body, bars.body_sha256, bars.source_sha256, bars.file_name)
    return rules, held


def _with_related(session: Session, slug: str, as_of: int | None, above: tuple[str, ...]) -> dict[str, ModelEvidence]:
    """Return the evidence on a model and on every model that its relations lead to."""
    if slug in above:
        raise InputError(str(CircularRelationError((*above, slug))))
    known = {slug: evidence(session, slug, as_of)}
    for relation in known[slug].relations:
        known |= _with_related(session, relation.other, as_of, (*above, slug))
    return known


def _assessed(slug: str, known: Mapping[str, ModelEvidence], rules: Loaded[Policy], held: Loaded[CriteriaSet]) -> Assessed:
    of_one = known[slug]
    related = {each.other: _assessed(each.other, known, rules, held).assessment for each in of_one.relations}
    assessment = assess(of_one, rules, held, code_version=rsp.__version__, related=related)
    return Assessed(assessment, rules.record, held.record, of_one)


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
