"""Fetches records as they stood at a position of the log: rows, their corrections, and texts that were laid aside.

The rules kept here: as of position n means rows with ``entry_seq`` up to n, overlaid by corrections with ``entry_seq`` up to n, the
newest last; order is by slug or ordinal and is made here, because engines sort texts differently; a reference comes back as the slug
it was written as; an erased text comes back as ``withheld: erased``.

Left out: lazy loading of any kind. A whole model takes one select a table, however many runs it has.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Text, bindparam, select, type_coerce, union_all
from sqlalchemy.sql.selectable import Select

from rsp.store.log_tables import CorrectionRow, LogEntryRow, SealedTextRow
from rsp.store.names import Names
from rsp.store.prepared import AT_ONCE, Prepared
from rsp.store.shapes import Shape, sealable_fields
from rsp.store.tables import Logged
from rsp.store.types import AsText, Word
from rsp.store.wholes import WHOLES, Rows
from rsp.store.writing import SEAL

ERASED = "withheld: erased"
WITHHELD = "withheld: a restricted text"  # where a text would stand without its record's visibility beside it

Condition = ColumnElement[bool]
Values = Mapping[str, Any]


class Selection:
    """Which records of a shape are meant, and the statements that fetch them.

    ``only`` says which of the children of a name are meant, where not all are: a run may have many scores.
    """

    def __init__(self, shape: Shape, condition: Condition, only: Mapping[str, Condition] | None = None) -> None:
        self._shape, self._only = shape, only or {}
        self._meant = (_known(shape.row), condition)

    @cached_property
    def rows(self) -> Select[Any]:
        """The rows of the shape itself."""
        return _all_columns(self._shape.row).where(*self._meant)

    @cached_property
    def identifiers(self) -> Select[Any]:
        """The keys of those rows."""
        return select(self._shape.row.__table__.c.id).where(*self._meant)

    @cached_property
    def below(self) -> Mapping[str, Self]:
        """The children by their field."""
        return {name: type(self)(child, self._children(name, child)) for name, child in self._shape.children.items()}

    def found(self, connection: Connection, values: Values) -> Sequence[Sequence[Any]]:
        """Return the rows with all their columns, in the order of the table."""
        return connection.execute(self.rows, values).all()

    def _children(self, name: str, child: Shape) -> Condition:
        assert child.parent is not None
        of_these: Condition = child.row.__table__.c[child.parent].in_(self.identifiers)
        return of_these & self._only[name] if name in self._only else of_these


class KeptSelection(Selection):
    """A selection that is asked again and again with other ``values`` of its parameters, by whoever keeps it."""

    @cached_property
    def _prepared(self) -> Prepared:
        return Prepared(self.rows)

    def found(self, connection: Connection, values: Values) -> Sequence[Sequence[Any]]:
        """Return the rows as any selection does."""
        return self._prepared.rows(connection, values)


@dataclass
class Stored:
    """One record as it stood: its fields in the record's own terms, and its children by their names."""

    shape: Shape
    id: str
    entry_seq: int
    fields: dict[str, Any]
    children: dict[str, dict[str, Stored]] = field(default_factory=dict)
    whole: Rows | None = None  # None: not fetched
    corrected: dict[str, int] = field(default_factory=dict)  # field -> the entry that last corrected it
    sealed: dict[str, str] = field(default_factory=dict)  # field -> the mark that the row or its correction holds

    def told(self) -> dict[str, Any]:
        """Return the nested values that the record is built from."""
        nested: dict[str, Any] = dict(self.fields)
        for name, held in self.children.items():
            nested[name] = [child.told() for child in in_order(held.values())]
        if self.shape.whole is not None:
            nested[self.shape.whole] = WHOLES[self.shape.whole].told(self.whole or [])
        return nested

    def record(self) -> Any:
        """Return the record itself."""
        return self.shape.record.model_validate(self.told())

    def every(self) -> Iterator[Stored]:
        """Yield this record and all below it."""
        yield self
        for held in self.children.values():
            for child in held.values():
                yield from child.every()


def in_order(held: Any) -> list[Stored]:
    """Return stored records in the order they are told in: snapshots in the order of training, everything else by name."""
    return sorted(held, key=lambda each: (each.fields.get("ordinal", 0), str(each.fields[each.shape.key])))


class Gathering:
    """Fetches shapes from one snapshot of the database as of one position, and overlays what was corrected."""

    def __init__(self, connection: Connection, as_of: int, names: Names) -> None:
        self._connection = connection
        self._as_of = as_of
        self._names = names
        self._every: dict[str, Stored] = {}
        self._fetched: list[tuple[Selection, Values]] = []

    def fetch(
        self, shape: Shape, meant: Condition | Selection, *, wholes: frozenset[str] | None = None, values: Values | None = None
    ) -> dict[tuple[str, ...], Stored]:
        """Return the records of a shape by their names, a model's own by (model, slug).

        ``wholes`` names the records whose items are fetched too; ``None`` means all.
        """
        selection = meant if isinstance(meant, Selection) else Selection(shape, meant)
        rows = self._level(shape, selection, {"as_of": self._as_of, **(values or {})}, wholes)
        if shape.of_a_model:
            return {(each.fields["model"], each.fields[shape.key]): each for each in rows.values()}
        return {(each.fields[shape.key],): each for each in rows.values()}

    def _level(self, shape: Shape, selection: Selection, values: Values, wholes: frozenset[str] | None) -> dict[str, Stored]:
        found = {each.id: each for each in self._rows(shape, selection, values)}
        if not found:
            return {}
        self._every |= found
        self._fetched.append((selection, values))
        for name, child in shape.children.items():
            for parent in found.values():
                parent.children[name] = {}
            for each in self._level(child, selection.below[name], values, None).values():
                found[each.fields.pop(_PARENT)].children[name][str(each.fields[child.key])] = each
        if shape.whole is not None and wholes is None:
            self._wholes(shape, found, selection.identifiers.params(values))
        elif shape.whole is not None and wholes:
            self._some_wholes(shape, {key: each for key, each in found.items() if each.fields[shape.key] in wholes})
        return found

    def _rows(self, shape: Shape, selection: Selection, values: Values) -> Iterator[Stored]:
        rows = selection.found(self._connection, values)
        if not rows:
            return
        place = {column.name: index for index, column in enumerate(shape.row.__table__.columns)}
        plain = [(name, place[name]) for name in shape.plain_fields]
        links = [(link.fields, place[link.column], self._names.slugs[link.target]) for link in shape.links]
        parent = None if shape.parent is None else place[shape.parent]
        for row in rows:
            fields: dict[str, Any] = {name: row[index] for name, index in plain}  # by place: by name takes three times as long
            for names, index, slugs in links:
                told = (None,) * len(names) if row[index] is None else slugs[row[index]]
                fields.update(zip(names, told[-len(names) :], strict=True))
            if parent is not None:
                fields[_PARENT] = row[parent]
            yield Stored(shape, row[place["id"]], row[place["entry_seq"]], fields)

    def _some_wholes(self, shape: Shape, found: Mapping[str, Stored]) -> None:
        keys = list(found)
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            self._wholes(shape, {key: found[key] for key in some}, some)

    def _wholes(self, shape: Shape, found: Mapping[str, Stored], parents: Select[Any] | list[str]) -> None:
        assert shape.whole is not None
        whole = WHOLES[shape.whole]
        table = whole.row.__table__
        rows: dict[str, Rows] = defaultdict(list)
        held = [_as_held(table.c[name]) for name in whole.columns]
        query = select(*held).where(_known(whole.row), table.c[whole.parent].in_(parents))
        for row in self._connection.execute(query, {"as_of": self._as_of}):
            rows[row[0]].append(tuple(row))
        for key, each in found.items():
            each.whole = sorted(rows.get(key, ()))  # by item and attempt, code or ordinal: the first columns after the parent's key

    def overlay(self) -> list[tuple[Stored, Mapping[str, Any]]]:
        """Overlay every correction known at the position, open laid-aside texts, and return the corrections in the order made."""
        made = []
        for row in self._corrections():
            stored = self._every[row["target_id"]]
            _correct(stored, row["field"], row["became"])
            stored.corrected[row["field"]] = row["entry_seq"]
            made.append((stored, row))
        self._open_texts()
        return made

    def _corrections(self) -> Sequence[Mapping[str, Any]]:
        if not self._every:
            return ()
        if len(self._every) <= AT_ONCE:
            found = _CORRECTIONS_OF_FEW.rows(self._connection, {"as_of": self._as_of, "keys": list(self._every)})
            return sorted((dict(zip(_CORRECTION_NAMES, row, strict=True)) for row in found), key=_when_corrected)
        if self._connection.execute(_ANY_CORRECTION, {"as_of": self._as_of}).first() is None:
            return ()  # the common case, and the next statement holds every other one within it
        keys = union_all(*(selection.identifiers.params(values) for selection, values in self._fetched))
        among = _CORRECTIONS.where(_CORRECTION.target_id.in_(keys))
        rows = self._connection.execute(among, {"as_of": self._as_of})
        return sorted((dict(row) for row in rows.mappings()), key=_when_corrected)

    def _open_texts(self) -> None:
        sealable = {
            shape.word: sealable_fields(shape.record) for shape in {each.shape.word: each.shape for each in self._every.values()}.values()
        }
        for stored in self._every.values():
            for name in sealable[stored.shape.word]:
                held = stored.fields[name]
                if isinstance(held, str) and held.startswith(SEAL):
                    stored.sealed[name] = held
        texts = opened_texts(self._connection, {mark for stored in self._every.values() for mark in stored.sealed.values()})
        for stored in self._every.values():
            stored.fields.update({name: texts(mark) for name, mark in stored.sealed.items()})


def _known(row: type[Logged]) -> Condition:
    known: Condition = row.__table__.c.entry_seq <= bindparam("as_of")
    return known


_ENTRY, _CORRECTION = LogEntryRow.__table__.c, CorrectionRow.__table__.c
_CORRECTIONS = (
    select(CorrectionRow.__table__, _ENTRY.actor, _ENTRY.recorded_at)
    .join(LogEntryRow.__table__, _ENTRY.seq == _CORRECTION.entry_seq)
    .where(_known(CorrectionRow))
)
_CORRECTIONS_OF_FEW = Prepared(_CORRECTIONS.where(_CORRECTION.target_id.in_(bindparam("keys", expanding=True))))
_CORRECTION_NAMES = tuple(str(column.key) for column in _CORRECTIONS.selected_columns)
_ANY_CORRECTION = select(_CORRECTION.id).where(_known(CorrectionRow)).limit(1)

_PARENT = "(parent)"  # no field's name: it leaves again when the child is put below its parent


def _when_corrected(row: Mapping[str, Any]) -> tuple[int, str]:
    return row["entry_seq"], row["id"]


def _as_held(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the column read as the database holds it, without turning 100,000 texts into numbers."""
    return type_coerce(column, Text()) if isinstance(column.type, AsText) else column


@cache
def _all_columns(row: type[Logged]) -> Select[Any]:
    """Return the select of a whole table, built once: building it takes longer than the database takes to answer."""
    return select(*[_word_as_held(column) for column in row.__table__.columns])


def _word_as_held(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column of words read as plain text: the record that is built of it looks each word up anyway."""
    return type_coerce(column, Text()) if isinstance(column.type, Word) else column


def opened_texts(connection: Connection, marks: set[str]) -> Callable[[str], str]:
    """Return what gives the text behind a mark, or that it was erased."""
    held: dict[str, str] = {}
    digests = sorted(mark.removeprefix(SEAL) for mark in marks)
    table = SealedTextRow.__table__
    for start in range(0, len(digests), AT_ONCE):
        query = select(table.c.digest, table.c.text).where(table.c.digest.in_(digests[start : start + AT_ONCE]))
        held.update((row.digest, row.text) for row in connection.execute(query))
    return lambda mark: held.get(mark.removeprefix(SEAL), ERASED)


def _correct(stored: Stored, name: str, became: str | None) -> None:
    value = None if became is None else json.loads(became)
    if name == stored.shape.whole:
        if stored.whole is not None:
            stored.whole = WHOLES[name].rows_told(stored.id, value or [])
        return
    kept = stored.shape.row.__table__.columns.get(name)
    if kept is not None and value is not None and isinstance(kept.type, AsText):
        value = kept.type.from_text(value)
    stored.fields[name] = value
