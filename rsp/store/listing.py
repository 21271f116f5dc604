"""Fetches a few records at a time, in the order of their names, as they stood at a position of the log.

The rules kept here: order is by slug as its characters are numbered, whatever an engine thinks of a language, so that a list that is read
in pieces is the same on both engines and has no holes; corrections are overlaid before anything is filtered; a record that came after the
position is not there. A piece costs what it holds, and the names of what stands beside it.

Left out: who may see what (``reports.shown_records``), and what a piece looks like on the wire (``rsp.api.paging``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from evaluations.records import ItemResult
from rsp.errors import NothingRecordedError, UnknownNameError
from rsp.store.gathering import Gathering, Stored
from rsp.store.log_tables import CorrectionRow
from rsp.store.names import Names
from rsp.store.session import Session
from rsp.store.shapes import RUN, Shape
from rsp.store.tables import ItemResultRow, ModelRow
from rsp.store.wholes import WHOLES

TOGETHER = 300  # records fetched at once; our choice: with two levels of children their keys stay below AT_ONCE of rsp.store.prepared


@dataclass(frozen=True, order=True)
class Head:
    """A record before it is fetched: its name, its key, and its shape."""

    slug: str
    id: str
    word: str


def model_key(session: Session, slug: str, at: int) -> str:
    """Return the key of a model. Raises ``UnknownNameError`` for one that was not recorded by then."""
    table = ModelRow.__table__
    found: str | None = session.execute(select(table.c.id).where(table.c.slug == slug, table.c.entry_seq <= at)).scalar()
    if found is not None:
        return found
    if at < 0:
        raise NothingRecordedError("model", slug)
    known = session.execute(select(table.c.slug).where(table.c.entry_seq <= at)).scalars()
    raise UnknownNameError("model", slug, known, why=f" as of position {at}")


def heads(session: Session, shape: Shape, at: int, *, model: str | None = None, slug: str | None = None) -> list[Head]:
    """Return the names and keys of every record of a shape, in order: of one model, or of one name, where that is given."""
    table = shape.row.__table__
    query = select(table.c.slug, table.c.id).where(table.c.entry_seq <= at)
    if model is not None:
        query = query.where(table.c.model_id == model)
    if slug is not None:
        query = query.where(table.c.slug == slug)
    return sorted(Head(name, key, shape.word) for name, key in session.execute(query))


def unknown(kind: str, slug: str, held: Sequence[Head], at: int) -> UnknownNameError:
    """Return the error for a name that none of these carries."""
    return UnknownNameError(kind, slug, (each.slug for each in held), why=f" as of position {at}")


def fetched(session: Session, shape: Shape, at: int, wanted: Sequence[Head]) -> Iterator[Stored]:
    """Yield these records with their children and corrections, in the order asked; of a run without its items."""
    names = Names(session)
    without = None if shape.whole is None or shape is not RUN else frozenset[str]()
    for start in range(0, len(wanted), TOGETHER):
        some = [each.id for each in wanted[start : start + TOGETHER]]
        gathering = Gathering(session, at, names)
        found = gathering.fetch(shape, shape.row.__table__.c.id.in_(some), wholes=without)
        gathering.overlay()
        by_key = {each.id: each for each in found.values()}
        yield from (by_key[key] for key in some)


def items(session: Session, run: str, at: int, *, after: str | None, limit: int) -> tuple[ItemResult, ...]:
    """Return item results of a run, by the key of the run, in order of their names: at most so many, after that name."""
    correction = CorrectionRow.__table__
    of_items = (correction.c.target_id == run, correction.c.field == RUN.whole, correction.c.entry_seq <= at)
    if session.execute(select(correction.c.id).where(*of_items).limit(1)).first() is not None:
        return _corrected_items(session, run, at, after, limit)
    table = ItemResultRow.__table__
    name = table.c.item.collate("C" if session.dialect.name == "postgresql" else "BINARY")
    held = (table.c.run_id == run, table.c.entry_seq <= at)
    beyond: tuple[ColumnElement[bool], ...] = () if after is None else (name > after,)
    wanted = list(session.execute(select(name.label("item")).where(*held, *beyond).distinct().order_by(name).limit(limit)).scalars())
    if not wanted:
        return ()
    columns = [table.c[column] for column in WHOLES["items"].columns]
    rows: list[Any] = [tuple(row) for row in session.execute(select(*columns).where(*held, name >= wanted[0], name <= wanted[-1]))]
    return tuple(ItemResult.model_validate(each) for each in WHOLES["items"].told(_as_text(sorted(rows, key=lambda row: row[1:3]))))


def _as_text(rows: list[Any]) -> list[Any]:
    """Return rows whose numbers are text again, as ``WHOLES`` reads them."""
    return [tuple(None if value is None else value if isinstance(value, int) else str(value) for value in row) for row in rows]


def _corrected_items(session: Session, run: str, at: int, after: str | None, limit: int) -> tuple[ItemResult, ...]:
    """Return items of a run of which somebody corrected the set: rare, so all of it is fetched."""
    gathering = Gathering(session, at, Names(session))
    (stored,) = gathering.fetch(RUN, RUN.row.__table__.c.id == run).values()
    gathering.overlay()
    told = WHOLES["items"].told(stored.whole or [])
    return tuple(ItemResult.model_validate(each) for each in told if after is None or each["item"] > after)[:limit]
