"""Statements that are asked again and again: made into SQL once, and handed to the database's driver as they are.

The rules kept here: what comes back is what SQLAlchemy would have given, in the order of the columns; what the driver refuses is raised as
SQLAlchemy raises it, so that faults have one tongue (``rsp.store.faults``); values are bound, never written into the SQL.

Left out: statements that are made for one question, which SQLAlchemy runs. Of a short select nine parts in ten are its preparation there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

from rsp.store.types import AsText

AT_ONCE = 900  # values bound in one statement; below the 999 variables that the oldest SQLite takes


@contextmanager
def driven(connection: Connection, statement: str) -> Iterator[Any]:
    """Give a cursor of the driver's own, in the transaction of the connection. Raises ``DBAPIError`` for what the driver refuses."""
    driver, module = connection.connection.driver_connection, connection.dialect.loaded_dbapi
    assert driver is not None
    assert module is not None
    cursor = driver.cursor()
    try:
        yield cursor
    except module.Error as fault:
        raise DBAPIError.instance(statement, None, fault, module.Error, dialect=connection.dialect) from fault
    finally:
        cursor.close()


class Prepared:
    """A select, ready to be asked on either engine. Parameters are plain texts, whole numbers and lists of them."""

    def __init__(self, query: Select[Any]) -> None:
        self._query = query
        self._names = tuple(name for name, each in query.compile().binds.items() if each.required)
        self._ready: dict[tuple[str, ...], _Ready] = {}
        self._from_text = [
            (place, column.type.from_text) for place, column in enumerate(query.selected_columns) if isinstance(column.type, AsText)
        ]

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows that the select finds; of ``values`` it takes those of its own parameters."""
        found = self._found(connection, {name: _padded(values[name]) for name in self._names})
        return [self._typed(row) for row in found] if self._from_text else found

    def _typed(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        held = list(row)
        for place, from_text in self._from_text:
            if held[place] is not None:
                held[place] = from_text(held[place])
        return tuple(held)

    def _found(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        bound = _apart(values)
        ready = self._ready_for(connection, values, bound)
        bound |= ready.fixed
        with driven(connection, ready.statement) as cursor:
            cursor.execute(ready.statement, bound if ready.order is None else [bound[name] for name in ready.order])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def _ready_for(self, connection: Connection, values: Mapping[str, Any], bound: Mapping[str, Any]) -> _Ready:
        """Return the SQL for lists of these lengths: a list is as many parameters as it has members."""
        key = (connection.dialect.name, *bound)
        ready = self._ready.get(key)
        if ready is None:
            compiled = self._query.compile(dialect=connection.dialect)
            assert isinstance(compiled, SQLCompiler)
            told = compiled.construct_expanded_state(values)
            fixed = {name: value for name, value in told.parameters.items() if name not in bound}
            ready = self._ready[key] = _Ready(told.statement, told.positiontup if compiled.positional else None, fixed)
        return ready


@dataclass(frozen=True)
class _Ready:
    """SQL as the driver takes it, the names of its parameters in their order where it takes them by place, and values that never change.

    Of the last kind is the number of a LIMIT.
    """

    statement: str
    order: Sequence[str] | None
    fixed: Mapping[str, Any]


def _padded(value: Any) -> Any:
    """Return a list with its last member so often that few lengths occur: 1, 2, 4, ... and AT_ONCE. A member twice finds nothing more."""
    if not isinstance(value, list) or not value:
        return value
    size = min(1 << (len(value) - 1).bit_length(), AT_ONCE)
    return value + value[-1:] * (size - len(value))


def _apart(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return each member of a list under a name of its own, as SQLAlchemy names them."""
    bound = {}
    for name, value in values.items():
        if isinstance(value, list):
            bound.update({f"{name}_{place}": member for place, member in enumerate(value, 1)})
        else:
            bound[name] = value
    return bound
