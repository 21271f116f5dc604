"""The store: one place to read a consistent snapshot from, and one place where everything written goes through.

What the store promises. ``write`` gives one transaction that either records its act whole (rows, entry, head) or leaves the
database as it was, whatever stops it: an error, Ctrl-C, kill -9, power loss. When ``write`` has ended without an error, the act
is on the disk. Writers wait for one another, at most 5 seconds; positions have no gaps. ``read`` gives a snapshot that no writer
changes. A store may be used from several threads; what it yields belongs to the thread that asked.

Left out: the clock. The door reads it and hands ``at`` in. Left out: retries; the same content sent again is a no-op (``rsp.ingest``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from rsp.errors import StoreError
from rsp.store import merkle
from rsp.store.engines import LOCK_WAIT_SECONDS, WRITES, opened
from rsp.store.log_tables import LogHeadRow
from rsp.store.types import instant_text
from rsp.store.upgrade import check_schema
from rsp.store.writing import Head, Writing

Session = Connection
"""What reading functions are given; callers pass it through and never look inside."""


class Store:
    """A database that is open for work. See the module's text for what it promises."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Store:
        """Open an existing database. Raises ``StoreError`` for an absent, unsafe, older or newer one, naming what helps."""
        engine = opened(url)
        try:
            check_schema(engine)
        except StoreError:
            engine.dispose()
            raise
        return cls(engine)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection."""
        self.close()

    @property
    def address(self) -> str:
        """Where the database is, without a password."""
        return self._engine.url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a read-only snapshot: what was committed when it began, unchanged until it ends."""
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self._engine.name == "postgresql" else {}
        with _named_faults(self), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, actor: str, at: datetime) -> Iterator[Writing]:
        """Give the one writing transaction there is at a time; what it describes is recorded as one entry when it ends.

        Raises ``StoreError`` if another writer holds the log for longer than 5 seconds or the database refuses.
        """
        instant_text(at)  # a naive clock is refused before anything is locked
        with _named_faults(self), self._engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            writing = Writing(connection, _locked_head(connection), actor, at)
            yield writing
            writing.record()


def _locked_head(connection: Connection) -> Head:
    """Read the head, holding it until the transaction ends. On SQLite BEGIN IMMEDIATE holds the whole file already."""
    row = connection.execute(select(LogHeadRow.size, LogHeadRow.frontier, LogHeadRow.last_recorded_at).with_for_update()).one()
    return Head(row.size, tuple(merkle.from_hex(row.frontier)), row.last_recorded_at)


_BUSY = ("database is locked", "lock timeout")  # sqlite3 and PostgreSQL 55P03


@contextmanager
def _named_faults(store: Store) -> Iterator[None]:
    """Turn a fault of the database into a ``StoreError`` that says what to do; every other error passes as it is."""
    try:
        yield
    except IntegrityError as error:
        raise StoreError(f"found rows that the database refuses ({error.orig}), expected none: report this as a bug of rsp") from error
    except DBAPIError as error:
        if any(words in str(error.orig) for words in _BUSY):
            raise StoreError(f"found the database busy for {LOCK_WAIT_SECONDS} seconds, expected it free; try again") from error
        raise StoreError(
            f"found a fault of the database {store.address} ({error.orig}), expected none. Whether a write that was under way is recorded "
            "is unknown; send it again once the database answers: the same content is not recorded twice"
        ) from error
