"""Opens databases so that an acknowledged write survives, and refuses those that cannot promise it.

The rules kept here, for SQLite: rollback journal, ``synchronous=EXTRA``, foreign keys on, ``BEGIN IMMEDIATE`` for every writer, file mode
0600; a file in WAL mode is refused if the linked library has the WAL-reset bug. For PostgreSQL: READ COMMITTED under the lock of the
log's head, and a server with ``fsync=off`` or ``synchronous_commit=off`` is refused. On both, waiting for a lock ends after 5 seconds.

Left out: network file systems under SQLite, which cannot be told apart here. In-memory databases are refused: they promise nothing.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from rsp.errors import StoreError

LOCK_WAIT_SECONDS = 5  # reliability target: a writer that waits longer is told to come back (503)
WRITES = "rsp_writes"  # execution option of a connection that will write

# Kept open rather than made anew: opening one costs as much as a small write. 14 and 1: our choice, which lets six processes share a
# PostgreSQL that takes 100 connections, its default. Who waits longer than a writer would is told so too.
READERS, WRITERS = 14, 1
_POOL: dict[str, Any] = {"max_overflow": 0, "pool_timeout": LOCK_WAIT_SECONDS, "pool_use_lifo": True}

# sqlite.org/wal.html, "WAL-reset bug": fixed in 3.51.3 and carried back to 3.50.7 and 3.44.6. A distribution may have patched an
# older one; its number cannot tell, so it counts as unfixed.
_WAL_FIXED_FROM, _WAL_FIXED_BRANCHES = (3, 51, 3), {50: 7, 44: 6}

_SQLITE_PRAGMAS = (
    f"busy_timeout = {LOCK_WAIT_SECONDS * 1000}",
    "foreign_keys = ON",
    "synchronous = EXTRA",  # also syncs the folder after the journal is deleted: a commit survives power loss
    "trusted_schema = OFF",
    "recursive_triggers = ON",  # else INSERT OR REPLACE deletes a row without waking the guard against it
)


def parsed(url: str) -> URL:
    """Return the address of the database. Raises ``StoreError`` for any engine but a SQLite file and PostgreSQL by psycopg."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # the address is not repeated, and not kept as a cause: it may hold a password
        raise StoreError("found a database address that cannot be read, expected such as sqlite:///rsp.db") from None
    if address.drivername not in ("sqlite", "postgresql+psycopg"):
        raise StoreError(f"found a database of kind {address.drivername}, expected sqlite:///FILE or postgresql+psycopg://HOST/NAME")
    if address.drivername == "sqlite" and (address.database in (None, "", ":memory:") or "mode=memory" in str(address)):
        raise StoreError("found a SQLite database in memory, expected a file: memory survives nothing")
    return address


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Tell whether this SQLite library has the fix of the WAL-reset bug."""
    patched_from = _WAL_FIXED_BRANCHES.get(version[1]) if version[0] == 3 else None  # branches of SQLite 3
    return version >= _WAL_FIXED_FROM or (patched_from is not None and version[2] >= patched_from)


def opened(url: str, connections: int = READERS) -> Engine:
    """Return an engine on an existing database. Raises ``StoreError`` if it is absent, or set up so that it could lose a write.

    Whoever reads and writes much has an engine for each: SQLite forgets every statement of a connection that changes its purpose.
    """
    address = parsed(url)
    return _opened_sqlite(address, connections) if address.drivername == "sqlite" else _opened_postgresql(address, connections)


def create_file(url: str) -> None:
    """Make an empty SQLite file only its owner may read, if there is none; other engines have their databases made by an operator."""
    address = parsed(url)
    if address.drivername != "sqlite":
        return
    try:
        os.close(os.open(str(address.database), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(f"found no way to make the file {address.database} ({error.strerror}), expected a folder to write to") from error


def _opened_sqlite(address: URL, connections: int) -> Engine:
    path = Path(str(address.database))
    if not path.is_file():
        raise StoreError(f"found no database at {path}, expected one; `rsp db upgrade` makes it")
    _refuse_unsafe_wal(path)
    engine = create_engine(address, pool_size=connections, **_POOL)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _refuse_unsafe_wal(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(20)
    in_wal_mode = len(header) == 20 and header[18] == 2  # sqlite.org/fileformat.html 1.3.3: byte 18 is 2 for WAL
    if in_wal_mode and not wal_is_safe(sqlite3.sqlite_version_info):
        raise StoreError(
            f"found {path} in WAL mode under SQLite {sqlite3.sqlite_version}, expected a library with the fix of the WAL-reset bug "
            f"(3.51.3, 3.50.7 or 3.44.6 on) or a rollback journal; convert it with: sqlite3 {path} 'PRAGMA journal_mode=DELETE'"
        )


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is deferred and lost 149 of 200 updates when it was tried
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    # A reader opens the file for writing too (to roll back a journal that a crash left) but may change nothing.
    query_only = "OFF" if writes else "ON"
    if connection.info.get("query_only") != query_only:
        connection.exec_driver_sql(f"PRAGMA query_only = {query_only}")
        connection.info["query_only"] = query_only  # it holds as long as the driver's connection does
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _opened_postgresql(address: URL, connections: int) -> Engine:
    engine = create_engine(address, isolation_level="READ COMMITTED", pool_pre_ping=True, pool_size=connections, **_POOL)
    event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _set_up_postgresql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        for setting in ("fsync", "synchronous_commit"):
            found = cursor.execute(f"SHOW {setting}").fetchone()[0]
            if found == "off":
                raise StoreError(f"found PostgreSQL with {setting}=off, expected on: an acknowledged write could be lost")
        cursor.execute(f"SET lock_timeout = '{LOCK_WAIT_SECONDS}s'")
        cursor.execute("SET timezone = 'UTC'")
    connection.commit()
