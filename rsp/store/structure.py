"""Holds the database's own structure against the one the migrations make: tables, indexes, constraints, guard triggers.

The rule kept here: rows can only be trusted if what answers for them is a plain table with its keys, its guards and indexes that tell
the truth; a view in a table's place, an index that leaves rows out, a dropped guard or a trigger of somebody's own is a difference.

Left out: PostgreSQL's catalog beyond the kind of each table and its triggers; who may change the catalog there owns the server.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from rsp.store.log_tables import LogHeadRow
from rsp.store.tables import Row
from rsp.store.upgrade import upgrade
from rsp.store.verify import Difference, Kind

RELATIONS = "SELECT relname, relkind::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
TRIGGERS = (
    "SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
)
LONGEST_SHOWN = 120  # characters of a definition that a difference repeats


def structure_differences(connection: Connection) -> list[Difference]:
    """Return every way in which the structure is not the one that the migrations make."""
    return _sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection)


def _sqlite(connection: Connection) -> list[Difference]:
    found = _objects(connection)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'fresh.db'}"
        upgrade(url)
        engine = create_engine(url)
        with engine.connect() as fresh:
            expected = _objects(fresh)
        engine.dispose()
    differences = [
        Difference(_kind(name, found, expected), "sqlite_schema", name, None, _shown(found.get(name)), _shown(expected.get(name)), None)
        for name in sorted(found.keys() | expected.keys())
        if found.get(name) != expected.get(name)
    ]
    complaints = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(20)") if row[0] != "ok"]
    return differences + [Difference("differs", "sqlite_schema", "integrity_check", None, each, "ok", None) for each in complaints]


def _objects(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema"))
    return {f"{kind} {name} on {table}": " ".join(definition.split()) for kind, name, table, definition in rows}


def _kind(name: str, found: dict[str, str], expected: dict[str, str]) -> Kind:
    return "missing" if name not in found else "extra" if name not in expected else "differs"


def _postgresql(connection: Connection) -> list[Difference]:
    tables = sorted({table.name for table in Row.metadata.sorted_tables} | {LogHeadRow.__tablename__})
    kinds: dict[str, str] = dict(
        connection.execute(text("SELECT relname, relkind::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace")).all()
    )
    rows = connection.execute(
        text(
            "SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
        )
    )
    triggers = {(table, name): enabled for table, name, enabled in rows}
    differences = [
        Difference("differs", "pg_class", table, "relkind", str(kinds.get(table)), "r", None) for table in tables if kinds.get(table) != "r"
    ]
    for table in tables:
        guard = (table, f"tr_{table}_guard")
        if triggers.pop(guard, None) != "O":  # O: fires in an ordinary session
            differences.append(Difference("missing", "pg_trigger", f"{guard[1]} on {table}", None, "no enabled guard", "the guard", None))
    return differences + [
        Difference("extra", "pg_trigger", f"{name} on {table}", None, "a trigger", "no such trigger", None)
        for table, name in sorted(triggers)
    ]


def _shown(definition: str | None) -> str:
    words = "nothing" if definition is None else definition or "made by the database itself"
    return words if len(words) <= LONGEST_SHOWN else f"{words[:LONGEST_SHOWN]}..."
