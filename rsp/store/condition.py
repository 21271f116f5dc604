"""What a running server rests on, for whoever watches it: the engine, the schema, and how a write reaches the disk.

Left out: where the database is, and what it holds. Who asks whether a server is ready needs neither, and may be anybody.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from rsp.store.session import Store

_SYNCHRONOUS = {0: "off", 1: "normal", 2: "full", 3: "extra"}  # sqlite.org/pragma.html


def condition(store: Store) -> Mapping[str, str]:
    """Return what is found now. Raises ``StoreError`` if the database does not answer."""
    with store.read() as session:
        revision = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        if session.dialect.name == "sqlite":
            found = {
                "engine": "sqlite " + str(session.execute(text("SELECT sqlite_version()")).scalar_one()),
                "journal": str(session.exec_driver_sql("PRAGMA journal_mode").scalar_one()),
                "synchronous": _SYNCHRONOUS[int(session.exec_driver_sql("PRAGMA synchronous").scalar_one())],
            }
        else:
            found = {
                "engine": "postgresql " + str(session.execute(text("SHOW server_version")).scalar_one()).split(" ")[0],
                "journal": "wal, fsync " + str(session.execute(text("SHOW fsync")).scalar_one()),
                "synchronous": str(session.execute(text("SHOW synchronous_commit")).scalar_one()),
            }
    return {**found, "schema": str(revision)}
