"""Use case: one model judged under several policies, or by several criteria sets of one. Writes nothing.

The rules kept here: a criteria set goes to the policy it names itself; every policy that is named is judged by, or the whole is refused;
all assessments answer for one and the same position of the log.

Left out: a common verdict. What two frameworks say of a model is shown beside each other and never joined.
"""

from __future__ import annotations

from collections.abc import Sequence

from rsp import assess
from rsp.assess import Assessed
from rsp.errors import UnknownNameError
from rsp.store.reading import criteria_sets, policies, policy, resolved
from rsp.store.session import Store
from thresholds.policy import Policy


def under_policies(
    store: Store, model: str, *, policy_slugs: Sequence[str], criteria_slugs: Sequence[str] = (), as_of: int | None = None
) -> tuple[Assessed, ...]:
    """Assess one model under each policy, in the order named; a policy of which several sets are named is judged by each of them.

    Raises as ``rsp.assess.model`` does, and ``UnknownNameError`` for a criteria set of none of the policies.
    """
    asked = tuple(dict.fromkeys(policy_slugs))
    with store.read() as session:
        at = resolved(session, as_of)
        known = {slug: [each.slug for each in criteria_sets(session, slug, as_of)] for slug in asked}
    wanted = _matched(known, tuple(dict.fromkeys(criteria_slugs)))
    return tuple(assess.model(store, model, policy_slug=slug, criteria_slug=criteria, as_of=at) for slug, criteria in wanted)


def recorded_policies(store: Store, as_of: int | None = None) -> dict[str, Policy]:
    """Return every policy on record by slug, whose links may lead from one that is shown to another."""
    with store.read() as session:
        return {slug: Policy.model_validate_json(policy(session, slug, as_of).body) for slug in policies(session, as_of)}


def _matched(known: dict[str, list[str]], criteria_slugs: Sequence[str]) -> list[tuple[str, str | None]]:
    """Return the pairs to judge by: each set beside the policy it names, ``None`` for a policy of which none is named."""
    every = [slug for sets in known.values() for slug in sets]
    for slug in criteria_slugs:
        if slug not in every:
            raise UnknownNameError("criteria set", slug, every, why=f" for policy {' or '.join(known)}")
    pairs: list[tuple[str, str | None]] = []
    for slug, sets in known.items():
        own = [each for each in criteria_slugs if each in sets]
        pairs += [(slug, each) for each in own] or [(slug, None)]
    return pairs
