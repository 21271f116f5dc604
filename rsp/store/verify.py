"""Recomputes the log and compares every row with it, so that no change behind the program's back stays unnoticed or unnamed.

The rules kept here, in order: positions run from 0 without a gap; each leaf is the hash of its body; each column of an entry is what
its body says; time never runs backwards; size, frontier and time of the head follow from the entries; every row that a body
lists is there, column for column, under that entry's position; no table holds a row that no body lists; a laid-aside text that
is present hashes to its digest, and one that is gone counts as erased, which is no difference.

Left out: an owner of the database who rewrites bodies, leaves, head and rows to agree with one another. Only a position and root
kept elsewhere shows that; hand it in as ``known``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, Table, text

from rsp.store import merkle
from rsp.store.canonical import canonical_text, sha256_hex
from rsp.store.log_tables import LogEntryRow, LogHeadRow, SealedTextRow
from rsp.store.session import Session
from rsp.store.tables import Logged, Row

AT_ONCE = 16 * 1024 * 1024  # bytes of bodies compared together; our choice: what a small machine holds several times over

STREAMED = {"stream_results": True, "max_row_buffer": 100}  # else PostgreSQL would send every body before the first is looked at

Kind = Literal["differs", "missing", "extra"]
Key = tuple[object, ...]
Met = dict[str, set[Key]]
"""The keys that bodies list, by table, so that rows nobody lists can be told at the end."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was recorded: where it stands, what was found, what the log says, and which entry says so."""

    kind: Kind
    table: str
    key: str
    column: str | None
    found: str
    expected: str
    entry: int | None

    def __str__(self) -> str:
        """Return the difference as one sentence."""
        place = f"{self.table} {self.key}" + (f" column {self.column}" if self.column else "")
        says = "the log" if self.entry is None else f"entry {self.entry}"
        return f"{place}: found {self.found}, expected {self.expected} as {says} says"


@dataclass
class Verification:
    """What was looked at, and every difference found. ``root`` is recomputed from the bodies, whatever the head claims."""

    size: int = 0
    root: str = merkle.EMPTY_ROOT.hex()
    rows: int = 0
    sealed: int = 0
    erased: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def outcome(self) -> Literal["intact", "altered"]:
        """The one word for it."""
        return "altered" if self.differences else "intact"


@dataclass(frozen=True)
class _Listed:
    """What one body says of itself and of the rows it brought."""

    seq: int
    document: Mapping[str, Any]


def verify(session: Session, known: tuple[int, str] | None = None) -> Verification:
    """Compare everything recorded with the log. ``known`` is a (size, root) kept elsewhere that the log must still contain."""
    seen = Verification()
    frontier: list[bytes] = []
    moment: str | None = None
    upcoming = 0
    met: Met = {table.name: set() for table in _compared()}
    for chunk in _chunks(session):
        listed = []
        for row in chunk:
            entry = _entry(row, seen, upcoming, moment)
            frontier = merkle.appended(frontier, seen.size, merkle.leaf_of(bytes(row["body"])))
            seen.size += 1
            moment, upcoming = row["recorded_at"], row["seq"] + 1
            if known is not None and known[0] == seen.size:
                _compare_known(known, merkle.root_of(frontier).hex(), seen)
            if entry is not None:
                listed.append(entry)
        _rows(session, listed, seen, met)
        _sealed(session, listed, seen, met)
    seen.root = merkle.root_of(frontier).hex()
    _head(session, seen, frontier, moment)
    if known is not None and known[0] == 0:
        _compare_known(known, merkle.EMPTY_ROOT.hex(), seen)
    if known is not None and known[0] > seen.size:
        seen.differences.append(Difference("missing", "log_entry", f"seq {seen.size}", None, f"{seen.size} entries", f"{known[0]}", None))
    _extra(session, seen, met)
    return seen


def _compared() -> list[Table]:
    """Return the tables whose rows bodies list."""
    return [mapper.local_table for mapper in Row.registry.mappers if issubclass(mapper.class_, Logged)]  # type: ignore[misc]  # a Table each


def _chunks(session: Connection) -> Iterator[list[Mapping[str, Any]]]:
    query = text(f"SELECT {_columns(LogEntryRow.__table__)} FROM log_entry ORDER BY seq")  # noqa: S608  # names of our own columns
    chunk: list[Mapping[str, Any]] = []
    held = 0
    for row in session.execute(query, execution_options=STREAMED).mappings():
        chunk.append(dict(row))
        held += len(row["body"])
        if held > AT_ONCE:
            yield chunk
            chunk, held = [], 0
    yield chunk


def _columns(table: Any) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _entry(row: Mapping[str, Any], seen: Verification, upcoming: int, before: str | None) -> _Listed | None:
    """Check one entry against its own body; return what the body lists, or ``None`` if it cannot be read."""
    seq, body = row["seq"], bytes(row["body"])
    key = f"seq {seq}"

    def differs(column: str, found: object, told: object) -> None:
        seen.differences.append(Difference("differs", "log_entry", key, column, _shown(found), _shown(told), seq))

    if seq != upcoming:
        seen.differences.append(Difference("missing", "log_entry", f"seq {upcoming}", None, f"seq {seq} next", "no gap", None))
    if bytes(row["leaf"]) != merkle.leaf_of(body):
        differs("leaf", bytes(row["leaf"]).hex(), merkle.leaf_of(body).hex())
    if before is not None and row["recorded_at"] <= before:
        differs("recorded_at", row["recorded_at"], f"later than {before}")
    try:
        document = _document(body)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        differs("body", f"bytes of another form ({error})", "the canonical JSON of an entry")
        return None
    for column in ("seq", "kind", "schema", "recorded_at", "actor"):
        if document.get(column) != row[column]:
            differs(column, row[column], document.get(column))
    return _Listed(seq, document)


def _document(body: bytes) -> Mapping[str, Any]:
    """Return what the body says. Raises for one that this program cannot have written, so that nothing below need doubt it."""
    document: dict[str, Any] = json.loads(body)
    if canonical_text(document).encode("utf-8") != body:
        raise ValueError("the text is not canonical")
    known = {table.name for table in _compared()}
    for table, block in document["rows"].items():
        if table not in known:
            raise ValueError(f"rows of an unknown table {table}")
        widths = {len(block["columns"]), *map(len, block["rows"])}
        if len(widths) != 1 or any(isinstance(value, list | dict) for values in block["rows"] for value in values):
            raise ValueError(f"rows of {table} that do not fit their columns")
    for digest, visibility in document["sealed"]:
        if not isinstance(digest, str) or not isinstance(visibility, str):
            raise ValueError("laid-aside texts that are not told by digest and visibility")
    return document


def _rows(session: Connection, listed: list[_Listed], seen: Verification, met: Met) -> None:
    """Compare every row that these entries list with the table."""
    if not listed:
        return
    first, last = listed[0].seq, listed[-1].seq
    for table in _compared():
        told = [(each.seq, each.document["rows"][table.name]) for each in listed if table.name in each.document["rows"]]
        if not told or table.name == SealedTextRow.__tablename__:
            continue
        names = [column.name for column in table.columns]
        keyed = [column.name for column in table.primary_key]
        found = {tuple(row[name] for name in keyed): row for row in _between(session, table, first, last)}  # twins: see _extra
        for seq, block in told:
            columns = block["columns"]
            for values in block["rows"]:
                expected = dict.fromkeys(names) | dict(zip(columns, values, strict=True)) | {"entry_seq": seq}
                key = tuple(expected[name] for name in keyed)
                met[table.name].add(key)
                seen.rows += 1
                row = found.get(key)
                _compare(seen, table.name, dict(zip(keyed, key, strict=True)), expected, row or _one(session, table, keyed, key))


def _between(session: Connection, table: Table, first: int, last: int) -> list[Mapping[str, Any]]:
    query = text(f'SELECT {_columns(table)} FROM "{table.name}" WHERE entry_seq BETWEEN :first AND :last')  # noqa: S608  # names of our own columns
    return [dict(row) for row in session.execute(query, {"first": first, "last": last}).mappings()]


def _one(session: Connection, table: Table, keyed: list[str], key: Key) -> Mapping[str, Any] | None:
    """Look for a row under its key alone: its position may be what was changed."""
    meant = " AND ".join(f'"{name}" = :k{place}' for place, name in enumerate(keyed))
    query = text(f'SELECT {_columns(table)} FROM "{table.name}" WHERE {meant}')  # noqa: S608  # names of our own columns
    row = session.execute(query, {f"k{place}": value for place, value in enumerate(key)}).mappings().first()
    return None if row is None else dict(row)


def _compare(
    seen: Verification, table: str, keyed: Mapping[str, object], expected: Mapping[str, Any], found: Mapping[str, Any] | None
) -> None:
    key = ", ".join(f"{name} {value}" for name, value in keyed.items())
    entry = expected["entry_seq"]
    if found is None:
        seen.differences.append(Difference("missing", table, key, None, "no row", "a row", entry))
        return
    if found == expected:
        return
    for name, value in expected.items():
        held = found.get(name)
        if held != value or type(held) is not type(value):
            seen.differences.append(Difference("differs", table, key, name, _shown(held), _shown(value), entry))


def _sealed(session: Connection, listed: list[_Listed], seen: Verification, met: Met) -> None:
    """Compare laid-aside texts with their digests; a text that is gone was erased."""
    told = {digest: (visibility, each.seq) for each in listed for digest, visibility in each.document["sealed"]}
    if not told:
        return
    table = SealedTextRow.__tablename__
    found = {row["digest"]: row for row in _between(session, SealedTextRow.__table__, listed[0].seq, listed[-1].seq)}  # type: ignore[arg-type]  # a Table
    for digest, (visibility, seq) in told.items():
        met[table].add((digest,))
        row = found.get(digest) or _one(session, SealedTextRow.__table__, ["digest"], (digest,))  # type: ignore[arg-type]  # a Table
        if row is None:
            seen.erased += 1
            continue
        seen.sealed += 1
        expected = {"digest": digest, "visibility": visibility, "entry_seq": seq}
        _compare(seen, table, {"digest": digest}, expected, {name: row[name] for name in expected})
        made = sha256_hex(bytes(row["salt"]) + row["text"].encode("utf-8"))
        if made != digest:  # the text itself is not shown: whoever verifies may not be allowed to read it
            found_words = f"salt and text that hash to {made}"
            seen.differences.append(Difference("differs", table, f"digest {digest}", "text or salt", found_words, digest, seq))


def _head(session: Connection, seen: Verification, frontier: list[bytes], moment: str | None) -> None:
    rows = session.execute(text(f"SELECT {_columns(LogHeadRow.__table__)} FROM log_head")).mappings().all()  # noqa: S608  # our own columns
    expected = {"id": 1, "size": seen.size, "frontier": canonical_text(merkle.as_hex(frontier)), "last_recorded_at": moment}
    if len(rows) != 1:
        seen.differences.append(Difference("differs", "log_head", "id 1", None, f"{len(rows)} rows", "one row", None))
    for row in rows:
        for name, value in expected.items():
            if row[name] != value:
                seen.differences.append(Difference("differs", "log_head", "id 1", name, _shown(row[name]), _shown(value), None))


def _compare_known(known: tuple[int, str], root: str, seen: Verification) -> None:
    if root != known[1]:
        found = Difference(
            "differs", "log_entry", f"seq 0 to {known[0] - 1}", "body", f"root {root}", f"root {known[1]} kept elsewhere", None
        )
        seen.differences.append(found)


def _extra(session: Connection, seen: Verification, met: Met) -> None:
    """Name every row that no body lists. Counting first spares the walk through a table where nothing is wrong."""
    for table in _compared():
        count = session.execute(text(f'SELECT count(*) FROM "{table.name}"')).scalar_one()  # noqa: S608  # our own tables
        gone = seen.erased if table.name == SealedTextRow.__tablename__ else 0
        missing = sum(1 for each in seen.differences if each.kind == "missing" and each.table == table.name)
        if count == len(met[table.name]) - gone and not missing:
            continue
        keyed = [column.name for column in table.primary_key]
        names = ", ".join(f'"{name}"' for name in keyed)
        rows = session.execute(text(f'SELECT {names}, entry_seq FROM "{table.name}"'))  # noqa: S608  # our own columns
        told: set[Key] = set()
        for row in rows:
            key = tuple(row[:-1])
            twin = key in told  # a table rebuilt without its key can hold a second row under it, which readers would meet too
            told.add(key)
            if twin or key not in met[table.name]:
                shown = ", ".join(f"{name} {value}" for name, value in zip(keyed, key, strict=True))
                found = f"a {'second ' if twin else ''}row under entry {row[-1]}"
                seen.differences.append(Difference("extra", table.name, shown, None, found, "no such row", None))


def _shown(value: object) -> str:
    words = "nothing" if value is None else str(value)
    return words if len(words) <= 200 else f"{words[:200]}..."  # 200: our choice, enough to recognise a value by
