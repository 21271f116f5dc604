"""Use case: the whole chain behind the verdict on one threshold, and what would change it. Writes nothing.

The rule kept here: the verdict explained is the one that ``rsp assess`` gives, as of the same position, under the same bars.

Left out: words and JSON (``reports.explanation``).
"""

from __future__ import annotations

from reports.explaining import explanation
from reports.explanation import Explanation
from rsp import assess
from rsp.errors import InputError, UnknownNameError
from rsp.store.session import Store
from thresholds.errors import DecisionError


def threshold(
    store: Store, model: str, slug: str, *, policy_slug: str, criteria_slug: str | None = None, as_of: int | None = None
) -> Explanation:
    """Explain one verdict, as any reader may see it.

    Raises what ``rsp.assess.model`` raises, and ``UnknownNameError`` for a threshold that the policy does not have.
    """
    assessed = assess.model(store, model, policy_slug=policy_slug, criteria_slug=criteria_slug, as_of=as_of)
    known = [each.threshold for each in assessed.assessment.verdicts]
    if slug not in known:
        raise UnknownNameError("threshold", slug, known, why=f" of policy {policy_slug}")
    related = {
        each.other: assess.model(
            store, each.other, policy_slug=policy_slug, criteria_slug=assessed.criteria.slug, as_of=assessed.assessment.as_of
        ).assessment
        for each in assessed.evidence.relations
    }
    try:
        return explanation(assessed.assessment, slug, assessed.policy, assessed.criteria, assessed.evidence, related)
    except DecisionError as refused:
        raise InputError(str(refused)) from refused
