"""What a reassessment turns on of every model: days, plans, effective compute, assessments and calls, without any measurement.

The rules kept here are those of ``rsp.store.reading``: as of a position, corrections overlaid, in the same order on both engines. One
select a table, however many models there are.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import true

from rsp.store.gathering import Gathering, in_order
from rsp.store.names import all_names
from rsp.store.reading import resolved
from rsp.store.session import Session
from rsp.store.shapes import ASSESSMENT, CALL, DEVELOPER, EFFECTIVE_COMPUTE, MODEL, PLAN
from thresholds.comparisons import History

_LISTS = {"plans": PLAN, "effective_compute": EFFECTIVE_COMPUTE, "assessments": ASSESSMENT, "calls": CALL}


def histories(session: Session, as_of: int | None = None) -> tuple[History, ...]:
    """Return the history of every model, by slug. Raises ``InputError`` for a position the log has not reached."""
    at = resolved(session, as_of)
    if at < 0:
        return ()
    gathering = Gathering(session, at, all_names(session, true()))
    models, developers = gathering.fetch(MODEL, true()), gathering.fetch(DEVELOPER, true())
    held = {name: gathering.fetch(shape, true()) for name, shape in _LISTS.items()}
    gathering.overlay()
    of_models: dict[str, dict[str, list[Any]]] = defaultdict(lambda: {name: [] for name in _LISTS})
    for name, stored in held.items():
        for each in in_order(stored.values()):
            of_models[each.fields["model"]][name].append(each.record())
    return tuple(
        History(
            each.record(),
            developers[each.fields["developer"],].record(),
            **{name: tuple(told) for name, told in of_models[each.fields["slug"]].items()},
        )
        for each in in_order(models.values())
    )
