"""Verify notices every change behind the program's back, and names where: table, key, column, what was found, what was recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import LargeBinary

from rsp.store import merkle
from rsp.store.canonical import canonical_bytes, canonical_text
from rsp.store.log_tables import Row
from rsp.store.reading import position
from rsp.store.session import Store
from rsp.store.types import WHOLE_NUMBER
from rsp.store.verify import Verification, verify
from tests.rsp.store.dba import Dba
from tests.rsp.store.sample import AT, fill

TABLES = Row.metadata.sorted_tables
COLUMNS = [(table.name, column.name) for table in TABLES for column in table.columns]


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with rows in every table."""
    fill(store)
    return store


def verified(store: Store, known: tuple[int, str] | None = None) -> Verification:
    """What verify finds."""
    with store.read() as session:
        return verify(session, known)


def test_an_untouched_database_is_intact(filled: Store) -> None:
    """Every row was looked at, and the root is the head's."""
    found = verified(filled)
    assert (found.outcome, found.differences, found.size) == ("intact", [], 6)
    with filled.read() as session:
        assert found.root == position(session).root
        counts = [session.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one() for name in {name for name, _ in COLUMNS}]
    assert found.rows + found.sealed + found.size + 1 == sum(counts)


def test_an_empty_log_is_intact(store: Store) -> None:
    """Nothing recorded, nothing wrong."""
    assert verified(store).outcome == "intact"


def test_every_changed_column_of_every_table_is_named(filled: Store, database: str) -> None:
    """Each column is changed in turn, as the database's owner would, and put back."""
    silent = []
    with Dba(database) as dba:
        for table in TABLES:
            for column in table.columns:
                if not _change_is_named(filled, dba, table.name, column):
                    silent.append((table.name, column.name))
    assert silent == []
    assert verified(filled).outcome == "intact"


def _change_is_named(store: Store, dba: Dba, table: str, column: Any) -> bool:
    name, key = column.name, [each.name for each in column.table.primary_key]
    row = dict(zip([each.name for each in column.table.columns], dba.run(_select(column.table))[0], strict=True))
    held = row[name]
    changed = _other(column, held)
    where = " AND ".join(f'"{each}" = ?' for each in key)
    keys = [row[each] for each in key]
    dba.run(f'UPDATE "{table}" SET "{name}" = ? WHERE {where}', [changed, *keys])
    found = verified(store).differences
    back = [changed if each == name else row[each] for each in key]
    dba.run(f'UPDATE "{table}" SET "{name}" = ? WHERE {where}', [held, *back])
    return any(_points_at(each, table, name, name in key) for each in found)


def _select(table: Any) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'SELECT {names} FROM "{table.name}" ORDER BY {names} LIMIT 1'


def _other(column: Any, held: Any) -> Any:
    if isinstance(column.type, LargeBinary):
        return bytes([held[0] ^ 1, *held[1:]])
    if column.type is WHOLE_NUMBER:
        return 3 if held is None else held + 100
    return "x" if held is None else f"{held}x"


def _points_at(difference: Any, table: str, column: str, is_key: bool) -> bool:
    """A changed key is told as a missing and an extra row; any other column by its name."""
    if difference.table != table:
        return False
    if table == "sealed_text" and column in ("text", "salt"):
        return difference.column == "text or salt"
    return difference.column == column or (is_key and difference.kind in ("missing", "extra"))


@pytest.mark.parametrize("table", [table.name for table in TABLES if table.name not in ("log_entry", "log_head", "sealed_text")])
def test_a_deleted_row_is_missed(table: str, filled_database: str) -> None:
    """Each table's first row goes, and comes back."""
    mapped = Row.metadata.tables[table]
    key = [each.name for each in mapped.primary_key]
    where = " AND ".join(f'"{each}" = ?' for each in key)
    names = [column.name for column in mapped.columns]
    with Dba(filled_database) as dba, Store.open(filled_database) as store:
        row = dict(zip(names, dba.run(_select(mapped))[0], strict=True))
        dba.run(f'DELETE FROM "{table}" WHERE {where}', [row[each] for each in key])
        found = verified(store).differences
        listed = ", ".join(f'"{name}"' for name in names)
        dba.run(f'INSERT INTO "{table}" ({listed}) VALUES ({", ".join("?" * len(names))})', list(row.values()))
        assert [(each.kind, each.table, each.entry) for each in found] == [("missing", table, row["entry_seq"])]
        assert str(row[key[0]]) in found[0].key
        assert verified(store).outcome == "intact"


@pytest.mark.parametrize("seq", [0, 3, 77])
def test_an_added_row_is_noticed(filled: Store, database: str, seq: int) -> None:
    """Under an entry that lists others, under one that lists none of its table, and under none at all."""
    with Dba(database) as dba:
        dba.run("INSERT INTO developer (id, slug, name, entry_seq) VALUES ('x', 'x', 'X', ?)", (seq,))
    (found,) = verified(filled).differences
    assert (found.kind, found.table, found.key) == ("extra", "developer", "id x")


def test_an_added_laid_aside_text_is_noticed(filled: Store, database: str) -> None:
    """A text that no body lists was not laid aside by the program."""
    with Dba(database) as dba:
        dba.run(
            "INSERT INTO sealed_text (digest, salt, text, visibility, entry_seq) VALUES (?, ?, 'x', 'hazardous', 0)", ("0" * 64, b"0" * 32)
        )
    (found,) = verified(filled).differences
    assert (found.kind, found.table) == ("extra", "sealed_text")


def test_two_exchanged_rows_are_noticed(filled: Store, database: str) -> None:
    """Values that stand elsewhere in the record are still wrong where they are."""
    with Dba(database) as dba:
        dba.run("UPDATE snapshot SET ordinal = 3 - ordinal")
    assert {(each.table, each.column) for each in verified(filled).differences} == {("snapshot", "ordinal")}


def test_a_cut_tail_is_noticed(filled: Store, database: str) -> None:
    """The last entry and its rows are gone, so that a revoked token would be valid again; the head remembers."""
    with Dba(database) as dba:
        for table in ("api_token_revocation", "log_entry"):
            dba.run(f"DELETE FROM {table} WHERE {'seq' if table == 'log_entry' else 'entry_seq'} = 5")
    assert {(each.table, each.column) for each in verified(filled).differences} == {
        ("log_head", "size"),
        ("log_head", "frontier"),
        ("log_head", "last_recorded_at"),
    }


def test_an_entry_taken_out_is_noticed(filled: Store, database: str) -> None:
    """A gap is named, and so are the rows it leaves behind."""
    with Dba(database) as dba:
        dba.run("DELETE FROM log_entry WHERE seq = 1")
    found = {(each.kind, each.table, each.key) for each in verified(filled).differences}
    assert ("missing", "log_entry", "seq 1") in found
    assert any(kind == "extra" and table == "correction" for kind, table, _ in found)


def _relink(dba: Dba) -> str:
    """Make leaves and head agree with the bodies, as somebody who knows the program would; return the new root."""
    frontier: list[bytes] = []
    entries = dba.run("SELECT seq, body FROM log_entry ORDER BY seq")
    for size, (seq, body) in enumerate(entries):
        leaf = merkle.leaf_of(bytes(body))
        dba.run("UPDATE log_entry SET leaf = ? WHERE seq = ?", (leaf, seq))
        frontier = merkle.appended(frontier, size, leaf)
    dba.run("UPDATE log_head SET size = ?, frontier = ?", (len(entries), canonical_text(merkle.as_hex(frontier))))
    return merkle.root_of(frontier).hex()


def _rewrite(dba: Dba, seq: int, old: bytes, new: bytes) -> None:
    body = bytes(dba.run("SELECT body FROM log_entry WHERE seq = ?", (seq,))[0][0])
    assert old in body
    dba.run("UPDATE log_entry SET body = ? WHERE seq = ?", (body.replace(old, new), seq))


def test_a_changed_body_is_noticed(filled: Store, database: str) -> None:
    """Its leaf, the head and the row all disagree with it."""
    with Dba(database) as dba:
        _rewrite(dba, 0, b'"0.620"', b'"0.120"')
    found = {(each.table, each.column) for each in verified(filled).differences}
    assert found == {("log_entry", "leaf"), ("log_head", "frontier"), ("score", "value")}


def test_a_rewritten_and_relinked_body_is_noticed_by_its_rows(filled: Store, database: str) -> None:
    """Hashes that were made to fit do not help: the row says otherwise, naming both values."""
    with Dba(database) as dba:
        _rewrite(dba, 0, b'"0.620"', b'"0.120"')
        _relink(dba)
    (found,) = verified(filled).differences
    assert (found.table, found.column, found.found, found.expected, found.entry) == ("score", "value", "0.620", "0.120", 0)
    assert "column value: found 0.620, expected 0.120 as entry 0 says" in str(found)


def test_a_wholly_rewritten_history_is_noticed_by_a_root_kept_elsewhere(filled: Store, database: str) -> None:
    """Body, leaf, head and row all agree; only what somebody else kept can tell."""
    with filled.read() as session:
        kept = position(session)
    with Dba(database) as dba:
        _rewrite(dba, 0, b'"0.620"', b'"0.120"')
        dba.run("UPDATE score SET value = '0.120'")
        root = _relink(dba)
    assert verified(filled).outcome == "intact"
    assert verified(filled, (kept.size, root)).outcome == "intact"
    (found,) = verified(filled, (kept.size, kept.root)).differences
    assert found.expected == f"root {kept.root} kept elsewhere"
    assert verified(filled, (kept.size + 1, kept.root)).outcome == "altered"


def test_an_older_root_kept_elsewhere_still_holds(filled: Store) -> None:
    """The log grows; what it was is still in it."""
    kept = []
    for number in range(3):
        with filled.read() as session:
            kept.append(position(session))
        from rsp.ingest import load_policy
        from tests.rsp.store.sample import SHA, a_policy

        load_policy(filled, a_policy(slug=f"more-{number}", framework=f"more-{number}"), file_name="p", file_sha256=SHA, actor="ada", at=AT)
    assert [verified(filled, (each.size, each.root)).outcome for each in kept] == ["intact"] * 3


NONSENSE: dict[str, Any] = {
    "no json": b"\xff\xfe",
    "not canonical": b'{"rows": {}, "sealed": []}',
    "a list": b"[]",
    "without rows": canonical_bytes({"sealed": []}),
    "without sealed": canonical_bytes({"rows": {}}),
    "rows of an unknown table": canonical_bytes({"rows": {"nowhere": {"columns": [], "rows": []}}, "sealed": []}),
    "rows that do not fit": canonical_bytes({"rows": {"developer": {"columns": ["id"], "rows": [["a", "b"]]}}, "sealed": []}),
    "rows that hold lists": canonical_bytes({"rows": {"developer": {"columns": ["id"], "rows": [[["a"]]]}}, "sealed": []}),
    "rows that are words": canonical_bytes({"rows": "rows", "sealed": []}),
    "sealed that is a number": canonical_bytes({"rows": {}, "sealed": [1]}),
    "a word": b'"rows"',
    "null": b"null",
    "nested deeply": b"[" * 100_000,
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE.keys())
def test_no_body_makes_verify_fail(filled: Store, database: str, body: bytes) -> None:
    """Whatever stands there is told as a difference of that entry's body."""
    with Dba(database) as dba:
        dba.run("UPDATE log_entry SET body = ? WHERE seq = 2", (body,))
        _relink(dba)
    found = verified(filled).differences
    assert any(each.table == "log_entry" and each.column == "body" and each.entry == 2 for each in found)


def test_a_second_head_is_noticed(filled: Store, database: str) -> None:
    """There is one head."""
    with Dba(database) as dba:
        dba.run("INSERT INTO log_head SELECT 2, size, frontier, last_recorded_at FROM log_head")
    assert any(each.table == "log_head" and each.found == "2 rows" for each in verified(filled).differences)


def test_a_body_is_what_was_hashed(filled: Store, database: str) -> None:
    """Stored, not re-created: one entry a file, with actor, file and digest, and scores as decimal text."""
    with Dba(database) as dba:
        bodies = [json.loads(bytes(body)) for (body,) in dba.run("SELECT body FROM log_entry ORDER BY seq")]
    assert [each["kind"] for each in bodies] == ["evidence", "evidence", "policy", "criteria", "token", "token"]
    first = bodies[0]
    assert (first["seq"], first["schema"], first["actor"], first["file_name"]) == (0, 1, "ada", "sample.yaml")
    block = first["rows"]["score"]
    assert block["rows"][0][block["columns"].index("value")] == "0.620"
    assert all("entry_seq" not in block["columns"] for block in first["rows"].values())
