"""Drawing and typesetting on behalf of many: a few at a time, the others wait.

The rule kept here: a report takes seconds of a processor and a hundred megabytes, so only a few are made at once, and who would wait too
long is told to come back. Left out: keeping what was made; the tag of an answer spares making it again for who has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from rsp.errors import BusyError

AT_ONCE = 2  # our choice: as many as the smallest machine rsp is run on has processors
LONGEST_WAIT_SECONDS = 20  # our choice: below the half minute after which proxies give up

_PLACES = BoundedSemaphore(AT_ONCE)


@contextmanager
def one_of_few(places: BoundedSemaphore = _PLACES, wait_seconds: float = LONGEST_WAIT_SECONDS) -> Iterator[None]:
    """Hold a place while something is drawn. Raises ``BusyError`` if none came free in time."""
    if not places.acquire(timeout=wait_seconds):
        raise BusyError(f"found every place for drawing taken for {wait_seconds:g} seconds, expected one; try again")
    try:
        yield
    finally:
        places.release()
