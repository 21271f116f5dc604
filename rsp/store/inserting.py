"""Puts rows into a table by the shortest way each engine has: many a statement on SQLite, COPY on PostgreSQL.

The rules kept here: values are bound, never written into the SQL; columns that are not named hold nothing, since no column of ours has a
default; few lengths of statement occur, so that the driver has them ready.

Left out: what the values mean, and the entry of the log that lists them (``rsp.store.writing``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import Dialect

from rsp.store.prepared import AT_ONCE, driven
from rsp.store.tables import Row

COPY_FROM = 500  # rows; our choice: below it a COPY saves less than a second statement costs

Rows = Sequence[tuple[object, ...]]


def insert(connection: Connection, table: str, names: Sequence[str], rows: Rows) -> None:
    """Insert rows of plain values. Raises ``DBAPIError`` for what the database refuses."""
    if not rows:
        return
    on_postgresql = connection.dialect.name == "postgresql"
    if on_postgresql and len(rows) >= COPY_FROM:
        _copy(connection, table, names, rows)
        return
    # What SQLite does once a statement it does for one row as for many: many at a time took a third less.
    for some in _portions(rows, 1 if on_postgresql else max(1, AT_ONCE // len(names))):
        one = f"({', '.join([mark(connection.dialect)] * len(names))})"
        marks = ", ".join([one] * (len(some[0]) // len(names)))
        sql = f'INSERT INTO "{table}" ({_listed(names)}) VALUES {marks}'  # noqa: S608  # names come from the row classes, values are bound
        with driven(connection, sql) as cursor:
            cursor.executemany(sql, some)


def mark(dialect: Dialect) -> str:
    """Return what stands for a bound value."""
    return "%s" if dialect.name == "postgresql" else "?"


def _portions(rows: Rows, most: int) -> Iterator[list[tuple[object, ...]]]:
    """Yield the values of so many rows at a time, strung together: as many as can be, then half as many, down to one."""
    start, size = 0, most
    while start < len(rows):
        end = len(rows) - (len(rows) - start) % size
        if end > start:
            yield [tuple(chain.from_iterable(rows[at : at + size])) for at in range(start, end, size)]
        start, size = end, max(1, size // 2)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _copy(connection: Connection, table: str, names: Sequence[str], rows: Rows) -> None:
    """Send rows as PostgreSQL's binary COPY, which takes no type for granted: each column is sent as what it is."""
    columns = Row.metadata.tables[table].columns
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({_listed(names)}) FROM STDIN (FORMAT BINARY)') as copy:
        copy.set_types([columns[name].type.compile(connection.dialect).lower() for name in names])
        for row in rows:
            copy.write_row(row)
