"""Use case: the verdicts on one model under one policy, as of a position of the log. Writes nothing.

The rule kept here: policy and criteria are taken from the record, as of the same position as the evidence, so that an answer about
the past is given by what was known and adopted then.
"""

from __future__ import annotations

from dataclasses import dataclass

import rsp
from evaluations.evidence import ModelEvidence
from reports.withholding import Veil
from rsp.errors import InputError, UnknownNameError
from rsp.store.reading import PolicyText, criteria_sets, evidence, policy
from rsp.store.session import Store
from thresholds.criteria_set import CriteriaSet
from thresholds.decision_records import Assessment
from thresholds.errors import DecisionError
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
    """Assess one model.

    Raises ``UnknownNameError`` naming near ones for an unknown model, policy or criteria set, ``InputError`` if the criteria name
    an evaluation that no file declares.
    """
    with store.read() as session:
        known = evidence(session, slug, as_of)
        adopted = policy(session, policy_slug, as_of)
        sets = criteria_sets(session, policy_slug, as_of)
    bars = _chosen(sets, criteria_slug, policy_slug)
    rules = Loaded(Policy.model_validate_json(adopted.body), adopted.body, adopted.body_sha256, adopted.source_sha256, adopted.file_name)
    held = Loaded(CriteriaSet.model_validate_json(bars.body), bars.body, bars.body_sha256, bars.source_sha256, bars.file_name)
    try:
        assessment = assess(known, rules, held, code_version=rsp.__version__)
    except DecisionError as refused:
        raise InputError(str(refused)) from refused
    return Assessed(assessment, rules.record, held.record, known)


def _chosen(sets: tuple[PolicyText, ...], slug: str | None, policy_slug: str) -> PolicyText:
    """Return the criteria set meant: the one named, or the only one there is."""
    names = [each.slug for each in sets]
    if slug is not None:
        if slug not in names:
            raise UnknownNameError("criteria set", slug, names, why=f" for policy {policy_slug}")
        return next(each for each in sets if each.slug == slug)
    if len(sets) != 1:
        found = f"{len(sets)} criteria sets ({', '.join(names)})" if sets else "no criteria set"
        raise InputError(f"found {found} for policy {policy_slug}, expected exactly one; name it with --criteria, or load one")
    return sets[0]
