"""Use case: which position of the log is meant by a number, an instant, or nothing. Writes nothing.

The rules kept here: an instant means the newest entry recorded at or before it; what the log has not reached yet, and what lies before its
first entry, is refused and never taken for the nearest; an instant ahead of the clock is refused too, since more may be recorded by then.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from rsp.errors import UnknownPositionError
from rsp.store.reading import position, position_at
from rsp.store.session import Store

NUMBER = re.compile(r"[0-9]{1,15}")  # 15 digits: below 2^53, the largest position that JSON readers agree on
WRITTEN = r"^([0-9]{1,15}|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))$"


def resolved_position(store: Store, asked: str | None, now: datetime) -> int:
    """Return the position meant, the newest if nothing was asked, -1 in an empty log. Raises ``UnknownPositionError``."""
    with store.read() as session:
        newest = position(session).position
        if asked is None:
            return newest
        if NUMBER.fullmatch(asked):
            at = int(asked)
            if at > newest:
                raise UnknownPositionError(asked, f"0 to {newest}" if newest >= 0 else "none yet: nothing is recorded")
            return at
        instant = _instant(asked)
        if instant > now:
            raise UnknownPositionError(asked, "an instant that has passed")
        at = position_at(session, instant)
        if at < 0:
            raise UnknownPositionError(asked, "an instant at or after the first entry" if newest >= 0 else "none yet: nothing is recorded")
        return at


def _instant(asked: str) -> datetime:
    if not re.fullmatch(WRITTEN, asked):
        raise UnknownPositionError(asked, "a position or an instant with its zone, such as 2025-02-24T12:00:00Z")
    try:
        return datetime.fromisoformat(asked).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnknownPositionError(asked, "an instant of the calendar, such as 2025-02-24T12:00:00Z") from None
