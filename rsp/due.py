"""Use case: which models must be assessed anew, or soon, as of a position of the log. Writes nothing.

The rules kept here: the day is handed in by the door; policies and histories are taken from the record as of the same position; policies
that were not named are all that are adopted and in force on the day (``thresholds.due``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.due import shown
from rsp.errors import InputError, UnknownNameError
from rsp.store.histories import histories
from rsp.store.reading import policies, policy
from rsp.store.session import Store
from thresholds.due import due_models, due_under_each
from thresholds.due_records import DueModel
from thresholds.policy import Policy


@dataclass(frozen=True)
class Asked:
    """What the person named; nothing named means everything on record."""

    day: date
    within_days: int
    policies: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


def due(store: Store, asked: Asked, *, as_of: int | None = None) -> tuple[DueModel, ...]:
    """Judge the models asked for, the most pressing first, as any reader may see it.

    Raises ``UnknownNameError`` for an unknown model or policy, ``InputError`` for days ahead below none.
    """
    if asked.within_days < 0:
        raise InputError(f"found {asked.within_days} days ahead, expected 0 or more")
    with store.read() as session:
        known = histories(session, as_of)
        adopted = [Policy.model_validate_json(policy(session, slug, as_of).body) for slug in policies(session, as_of)]
    _expect_known("model", asked.models, [each.model.slug for each in known])
    _expect_known("policy", asked.policies, [each.slug for each in adopted])
    if asked.policies:
        named = [each for each in adopted if each.slug in asked.policies]
        found = due_under_each(known, named, adopted, asked.day, asked.within_days)
    else:
        found = due_models(known, adopted, asked.day, asked.within_days)
    return tuple(shown(each) for each in found if not asked.models or each.model in asked.models)


def _expect_known(kind: str, named: Sequence[str], known: Sequence[str]) -> None:
    for name in named:
        if name not in known:
            raise UnknownNameError(kind, name, known)
