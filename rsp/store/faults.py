"""What a fault of the database means for whoever met it: one table of words, so that every way to the database tells it alike.

The rules kept here: a database that is busy is told as such, because trying again helps; of every other fault it is said that a write
under way may or may not be recorded, and that sending it again is safe; an address is shown without its password.

Left out: deciding to try again. The sender does, by content or by key (``rsp.ingest``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, TimeoutError  # noqa: A004  # SQLAlchemy's, for a pool without a free connection

from rsp.errors import BusyError, StoreError
from rsp.store.engines import LOCK_WAIT_SECONDS

_BUSY = ("database is locked", "lock timeout")  # sqlite3 and PostgreSQL 55P03
_FULL = ("database or disk is full", "No space left on device")  # sqlite3 and PostgreSQL 53100


def busy() -> StoreError:
    """Return what a writer or reader is told that waited too long."""
    return BusyError(f"found the database busy for {LOCK_WAIT_SECONDS} seconds, expected it free; try again")


def named(error: BaseException, address: str) -> StoreError:
    """Return what to tell of a fault."""
    told = str(getattr(error, "orig", error))
    if isinstance(error, IntegrityError):
        return StoreError(f"found rows that the database refuses ({told}), expected none: report this as a bug of rsp")
    if isinstance(error, TimeoutError) or any(words in told for words in _BUSY):
        return busy()
    if any(words in told for words in _FULL):
        return StoreError(
            f"found no room left for the database {address}, expected some; nothing of this is recorded: make room, try again"
        )
    return StoreError(
        f"found a fault of the database {address} ({told}), expected none. Whether a write that was under way is recorded "
        "is unknown; send it again once the database answers: the same content is not recorded twice"
    )


@contextmanager
def named_faults(address: str) -> Iterator[None]:
    """Turn a fault of the database into a ``StoreError`` that says what to do; every other error passes as it is."""
    try:
        yield
    except (DBAPIError, TimeoutError) as error:
        raise named(error, address) from error
