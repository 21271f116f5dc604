"""One writing transaction: rows are collected, then inserted together with the entry of the log that lists them.

The rules kept here: the body of an entry lists every inserted row (``entry_seq`` is the entry's own position, and a column that the body
does not name holds nothing), so that anybody can compare each row with it later; an act of one kind is one entry, however many rows; a
restricted or hazardous text enters row and body only as ``sealed:sha256:...`` and itself lies in ``sealed_text``.

Left out: building ORM objects and RETURNING, which cost more than the insert; keys are made here, so nothing need come back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from evaluations.records import Visibility
from rsp.store import merkle
from rsp.store.canonical import canonical_bytes, canonical_text, sha256_hex
from rsp.store.inserting import insert, mark
from rsp.store.log_tables import SealedTextRow
from rsp.store.names import NamesOnDisk
from rsp.store.prepared import driven
from rsp.store.tables import Kept, Logged, Row
from rsp.store.types import AsText, Raw, instant_text

SCHEMA = 1  # of bodies; kinds never change meaning, a new shape of body is a new number; which columns it names is no shape
SEAL = "sealed:sha256:"
SALT_BYTES = 32  # as long as the digest: the text cannot be guessed from it

Act = Mapping[str, str | int | None]


@dataclass(frozen=True)
class Head:
    """How far the log goes."""

    size: int
    frontier: tuple[bytes, ...]
    last_recorded_at: datetime | None

    @property
    def root(self) -> str:
        """The Merkle root in hexadecimal."""
        return merkle.root_of(self.frontier).hex()


def moment_after(head: Head, at: datetime) -> datetime:
    """Return when the next entry is recorded: now, or one microsecond after the last entry if the clock stepped back."""
    if head.last_recorded_at is None:
        return at
    return max(at, head.last_recorded_at + timedelta(microseconds=1))


@cache
def columns_of(row: type[Row]) -> tuple[str, ...]:
    """Return the columns a body may list: all but ``entry_seq``."""
    return tuple(column.name for column in row.__table__.columns if column.name != "entry_seq")


@dataclass(frozen=True)
class Form:
    """How the values of a table's columns become what it holds. Made once a table: asking for every value took longer than the insert."""

    names: tuple[str, ...]
    known: frozenset[str]
    empty: Mapping[str, None]
    in_order: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    texts: tuple[tuple[int, AsText], ...]  # the places of columns whose values become texts, and how


@cache
def form_of(row: type[Row]) -> Form:
    """Return the form of a table."""
    names = columns_of(row)
    kinds = [row.__table__.columns[name].type for name in names]
    texts = tuple((place, kind) for place, kind in enumerate(kinds) if isinstance(kind, AsText))
    return Form(names, frozenset(names), dict.fromkeys(names), itemgetter(*names), texts)


def raw(row: type[Row], column: str, value: object) -> Raw:
    """Return what the database holds for a value of that column."""
    if value is None:
        return None
    form = form_of(row)
    kind = dict(form.texts).get(form.names.index(column))
    if kind is not None:
        return kind.to_text(value)
    if not isinstance(value, str | int):
        raise TypeError(f"found {value!r} for {row.__tablename__}.{column}, expected text or a whole number")
    return value


RAW: frozenset[type] = frozenset({str, int, type(None)})
"""The types of what a row holds, exactly: a subclass may print as something else."""


def raw_row(row: type[Row], values: Mapping[str, object]) -> tuple[Raw, ...]:
    """Return what the database holds for a row, in the order of its columns; those that are not named hold nothing."""
    form = form_of(row)
    if not values.keys() <= form.known:
        strange = sorted(values.keys() - form.known)
        raise TypeError(f"found the columns {strange} for {row.__tablename__}, expected among {form.names}")
    held = list(form.in_order({**form.empty, **values}))
    for place, kind in form.texts:
        if held[place] is not None:
            held[place] = kind.to_text(held[place])
    if not RAW.issuperset(map(type, held)):
        return tuple([raw(row, name, values.get(name)) for name in form.names])  # names the column that holds something else
    return tuple(held)


Columns = tuple[tuple[str, ...], list[list[Raw]]]
"""Rows of a table by column: the names, and of each the values of all rows."""


def filled(names: tuple[str, ...], columns: list[list[Raw]]) -> Columns:
    """Return the columns that some row fills. Of a score's 24 mostly 9: the others took half of the insert and a third of the body."""
    places = [place for place, held in enumerate(columns) if held.count(None) < len(held)]
    return tuple(names[place] for place in places), [columns[place] for place in places]


class Writing:
    """What one act will write. Made by ``Store.write`` only.

    Entries before ``committed`` are on the disk; those from there to the act's own may still be taken back, and the act with them.
    """

    def __init__(self, connection: Connection, head: Head, actor: str, at: datetime, on_disk: NamesOnDisk, committed: int) -> None:
        self.session = connection
        self.head = head
        self.on_disk, self.committed = on_disk, committed
        self.actor = actor
        self.seq = head.size
        self.recorded_at = moment_after(head, at)
        self._kind: str | None = None
        self._act: Act = {}
        self._rows: dict[str, Columns] = {}
        self._sealed: list[tuple[str, bytes, str, str]] = []

    def describe(self, kind: str, act: Act) -> None:
        """Say what the act is. Only a described act is recorded; without a description nothing is written at all."""
        self._kind, self._act = kind, act

    def add(self, row: type[Kept], values: Mapping[str, object]) -> None:
        """Add one row by its columns' values; columns that are not named hold nothing."""
        self.add_many(row, columns_of(row), [raw_row(row, values)])

    def add_many(self, row: type[Logged], names: Sequence[str], rows: Sequence[tuple[Raw, ...]]) -> None:
        """Add rows whose values are already as the database holds them, in the order of ``names``."""
        if rows:
            self.add_columns(row, names, list(zip(*rows, strict=True)))

    def add_columns(self, row: type[Logged], names: Sequence[str], columns: Sequence[Sequence[Raw]]) -> None:
        """Add rows by column: of each column of ``names`` the values of all rows, as the database holds them."""
        known, held = self._rows.setdefault(row.__tablename__, (tuple(names), [[] for _ in names]))
        if known != tuple(names):
            raise TypeError(f"found the columns {names} for {row.__tablename__}, expected {known} as before")
        for column, more in zip(held, columns, strict=True):
            column.extend(more)

    def seal(self, content: str, visibility: Visibility) -> str:
        """Lay a text aside so that it can be erased, and return the mark that stands for it in row and body."""
        salt = os.urandom(SALT_BYTES)
        digest = sha256_hex(salt + content.encode("utf-8"))
        self._sealed.append((digest, salt, content, visibility.value))
        return SEAL + digest

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each table will be written."""
        return {table: len(columns[0]) for table, (_, columns) in sorted(self._rows.items())}

    def record(self) -> None:
        """Insert the entry, the rows and the new head; nothing at all if no act was described."""
        if self._kind is None:
            if self._rows or self._sealed:
                raise RuntimeError("found rows of an act nobody described, expected Writing.describe before the end of the transaction")
            return
        told = {table: filled(*columns) for table, columns in self._rows.items()}
        body = self._body(told)
        leaf = merkle.leaf_of(body)
        frontier = merkle.appended(self.head.frontier, self.head.size, leaf)
        moment = instant_text(self.recorded_at)
        insert(self.session, "log_entry", _ENTRY, [(self.seq, self._kind, SCHEMA, moment, self.actor, body, leaf)])
        for table in sorted(told, key=_places().__getitem__):  # parents before children
            names, columns = told[table]
            insert(self.session, table, (*names, "entry_seq"), list(zip(*columns, [self.seq] * len(columns[0]), strict=True)))
        insert(
            self.session,
            SealedTextRow.__tablename__,
            ("digest", "salt", "text", "visibility", "entry_seq"),
            [(*each, self.seq) for each in self._sealed],
        )
        move_head = _MOVE_HEAD.format(*[mark(self.session.dialect)] * 3)
        with driven(self.session, move_head) as cursor:
            cursor.execute(move_head, (self.seq + 1, canonical_text(merkle.as_hex(frontier)), moment))
        self.head = Head(self.seq + 1, tuple(frontier), self.recorded_at)

    def _body(self, told: Mapping[str, Columns]) -> bytes:
        return canonical_bytes(
            {
                **self._act,
                "kind": self._kind,
                "schema": SCHEMA,
                "seq": self.seq,
                "recorded_at": instant_text(self.recorded_at),
                "actor": self.actor,
                "sealed": [(digest, visibility) for digest, _, _, visibility in self._sealed],
                "rows": {table: {"columns": names, "rows": list(zip(*columns, strict=True))} for table, (names, columns) in told.items()},
            }
        )


_ENTRY = ("seq", "kind", "schema", "recorded_at", "actor", "body", "leaf")
_MOVE_HEAD = "UPDATE log_head SET size = {}, frontier = {}, last_recorded_at = {} WHERE id = 1"


@cache
def _places() -> Mapping[str, int]:
    """Return where each table stands when parents come before children."""
    return {table.name: place for place, table in enumerate(Row.metadata.sorted_tables)}
