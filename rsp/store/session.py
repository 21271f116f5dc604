"""The store: one place to read a consistent snapshot from, and one place where everything written goes through.

What the store promises. ``write`` gives one transaction that either records its act whole (rows, entry, head) or leaves the
database as it was, whatever stops it: an error, Ctrl-C, kill -9, power loss. When ``write`` has ended without an error, the act
is on the disk. Writers wait for one another, at most 5 seconds; positions have no gaps; threads of one store share commits
(``rsp.store.group_commit``). ``read`` gives a snapshot that no writer changes. A store may be used from several threads; what it yields
belongs to the thread that asked.

Left out: the clock. The door reads it and hands ``at`` in. Left out: retries; the same content sent again is a no-op (``rsp.ingest``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine

from rsp.errors import StoreError
from rsp.store.engines import WRITERS, opened
from rsp.store.faults import named_faults
from rsp.store.group_commit import GroupCommit, Shared
from rsp.store.types import instant_text
from rsp.store.upgrade import check_schema
from rsp.store.writing import Writing

Session = Connection
"""What reading functions are given; callers pass it through and never look inside."""


class Store:
    """A database that is open for work. See the module's text for what it promises."""

    def __init__(self, reading: Engine, writing: Engine) -> None:
        self._engine, self._writing = reading, writing
        self._address = reading.url.render_as_string(hide_password=True)
        self._writers = GroupCommit(writing)

    @classmethod
    def open(cls, url: str) -> Store:
        """Open an existing database. Raises ``StoreError`` for an absent, unsafe, older or newer one, naming what helps."""
        engine = opened(url)
        try:
            check_schema(engine)
        except StoreError:
            engine.dispose()
            raise
        return cls(engine, opened(url, WRITERS))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
        self._writing.dispose()

    def __enter__(self) -> Store:
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection."""
        self.close()

    @property
    def address(self) -> str:
        """Where the database is, without a password."""
        return self._address

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a read-only snapshot: what was committed when it began, unchanged until it ends."""
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self._engine.name == "postgresql" else {}
        with named_faults(self.address), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, actor: str, at: datetime) -> Iterator[Writing]:
        """Give the one turn to write there is at a time; what it describes is recorded as one entry when it ends.

        Raises ``StoreError`` if another writer holds the log for longer than 5 seconds or the database refuses.
        """
        instant_text(at)  # a naive clock is refused before anything is locked
        with named_faults(self.address), self._writers.act(actor, at) as writing:
            yield writing

    @contextmanager
    def together(self) -> Iterator[Shared]:
        """Let what this thread writes share commits: ``Shared.done`` does each piece of work, and tells what it came to after the block."""
        with named_faults(self.address), self._writers.together() as shared:
            yield shared
