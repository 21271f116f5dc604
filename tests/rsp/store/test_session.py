"""Transactions: one writer at a time, no gap, no half act, and no database that could lose an acknowledged write."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from rsp.errors import StoreError
from rsp.store import engines
from rsp.store.engines import wal_is_safe
from rsp.store.reading import entries, position, position_at
from rsp.store.session import Store
from rsp.store.tables import DeveloperRow, ItemResultRow, ThreatDomainRow
from rsp.store.types import new_id
from rsp.store.verify import verify
from rsp.store.writing import Writing, filled
from tests.rsp.store.dba import Dba
from tests.rsp.store.sample import AT, content, load_content


def add_developer(writing: Writing, slug: str) -> None:
    """The smallest act."""
    writing.add(DeveloperRow, {"id": new_id(), "slug": slug, "name": slug})
    writing.describe("test", {})


def write(store: Store, slug: str, at: datetime = AT) -> None:
    """Record the smallest act."""
    with store.write(actor="ada", at=at) as writing:
        add_developer(writing, slug)


def intact(store: Store) -> str:
    """What verify says."""
    with store.read() as session:
        return verify(session).outcome


def test_four_threads_lose_no_position(store: Store) -> None:
    """200 acts on 4 threads take the positions 0 to 199, each once, and the log proves it."""
    failures: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for number in range(50):
                write(store, f"d-{worker}-{number}")
        except BaseException as error:  # told to the test, which fails with it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.read() as session:
        assert [each.seq for each in entries(session, limit=1000)] == list(range(200))
        assert position(session).size == 200
    assert intact(store) == "intact"


def test_time_never_runs_backwards(store: Store) -> None:
    """A clock that steps back is overruled by one microsecond; zones do not matter."""
    write(store, "a", AT)
    write(store, "b", AT - timedelta(days=1))
    write(store, "c", (AT + timedelta(hours=1)).astimezone(timezone(timedelta(hours=9))))
    with store.read() as session:
        found = [each.recorded_at for each in entries(session)]
        assert found == [AT, AT + timedelta(microseconds=1), AT + timedelta(hours=1)]
        assert [position_at(session, each) for each in (AT - timedelta(seconds=1), AT, AT + timedelta(minutes=1))] == [-1, 0, 1]


def test_a_naive_clock_is_refused(store: Store) -> None:
    """Before anything is locked."""
    with pytest.raises(ValueError, match="naive"):
        write(store, "a", datetime(2025, 1, 1))  # noqa: DTZ001  # a naive instant is what the test is about


def interrupted_write(store: Store, failure: type[BaseException] | None) -> None:
    """Write, and fail before the end if told to."""
    with store.write(actor="ada", at=AT) as writing:
        add_developer(writing, "second")
        if failure is not None:
            raise failure


@pytest.mark.parametrize("failure", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
@pytest.mark.parametrize("moment", ["before", "amid"])
def test_an_interrupted_write_leaves_nothing(
    store: Store, database: str, failure: type[BaseException], moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the middle of writing rows leaves the database as it was, and usable."""
    write(store, "first")
    with Dba(database, guarded="yes") as dba:
        before = [dba.run(f"SELECT * FROM {table}") for table in ("log_entry", "log_head", "developer")]
    if moment == "amid":

        def interrupted(*_: Any) -> None:
            raise failure

        monkeypatch.setattr("rsp.store.writing.canonical_text", interrupted)  # the head is written last, after every row
    with pytest.raises(failure):
        interrupted_write(store, failure if moment == "before" else None)
    monkeypatch.undo()
    with Dba(database, guarded="yes") as dba:
        assert [dba.run(f"SELECT * FROM {table}") for table in ("log_entry", "log_head", "developer")] == before
    write(store, "second")
    assert intact(store) == "intact"


def test_an_act_without_words_is_a_mistake_of_ours(store: Store) -> None:
    """Rows that no description explains are not written."""
    with pytest.raises(RuntimeError, match="nobody described"), store.write(actor="ada", at=AT) as writing:
        writing.add(DeveloperRow, {"id": new_id(), "slug": "a", "name": "a"})
    with store.write(actor="ada", at=AT):
        pass
    with store.read() as session:
        assert position(session).size == 0


def test_an_unknown_column_is_a_mistake_of_ours(store: Store) -> None:
    """A misspelt column would otherwise lose its value in silence."""
    with pytest.raises(TypeError, match="nane"), store.write(actor="ada", at=AT) as writing:
        writing.add(DeveloperRow, {"id": new_id(), "slug": "a", "nane": "a"})


def orphan(store: Store) -> None:
    """Write an item result of a run that is not there."""
    with store.write(actor="ada", at=AT) as writing:
        writing.add_many(ItemResultRow, ("run_id", "item", "attempt", "cluster", "value"), [("nobody", "i", 0, None, "1")])
        writing.describe("test", {})


def test_a_child_without_its_parent_is_refused(store: Store) -> None:
    """Foreign keys are on in the program's own connections."""
    with pytest.raises(StoreError, match="refuses") as caught:
        orphan(store)
    assert isinstance(caught.value.__cause__, IntegrityError)


def test_a_reader_sees_one_moment(store: Store, database: str) -> None:
    """What is committed while a reader looks is not seen by it; on SQLite the writer waits for the reader instead."""
    write(store, "a")
    if database.startswith("postgresql"):
        with store.read() as session:
            assert position(session).size == 1
            write(store, "b")
            assert position(session).size == 1
    with store.read() as session:
        assert position(session).size == (2 if database.startswith("postgresql") else 1)


def test_a_reader_cannot_write(store: Store) -> None:
    """Not even by mistake."""
    with pytest.raises(StoreError, match=r"read-?only"), store.read() as session:
        session.execute(text("UPDATE log_head SET size = 7"))
    write(store, "a")


def test_a_busy_database_is_told_after_the_wait(store: Store, monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    """A second writer that waits too long is told to come back, and nothing of it stays."""
    with store.write(actor="ada", at=AT) as writing:
        add_developer(writing, "a")
        monkeypatch.setattr(engines, "LOCK_WAIT_SECONDS", 1)
        monkeypatch.setattr(engines, "_SQLITE_PRAGMAS", ("busy_timeout = 200",))
        with Store.open(database) as other, pytest.raises(StoreError, match=r"busy for \d seconds.*try again"):
            write(other, "b")
    write(store, "b")


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite, for what only SQLite has."""
    path = tmp_path / "rsp.db"
    path.write_bytes(sqlite_template.read_bytes())
    with Store.open(f"sqlite:///{path}") as opened:
        yield opened


def test_sqlite_is_set_up_to_lose_nothing(sqlite_store: Store) -> None:
    """synchronous=EXTRA is 3, the journal is a rollback journal, foreign keys are on, the schema is not trusted."""
    expected = {
        "synchronous": 3,
        "journal_mode": "delete",
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 5000,
        "recursive_triggers": 1,
    }
    with sqlite_store.write(actor="ada", at=AT) as writing:
        assert {name: writing.session.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected} == expected
        driver: Any = writing.session.connection.driver_connection
        assert driver.isolation_level is None
        assert driver.in_transaction


def test_a_replacing_insert_is_refused(sqlite_store: Store) -> None:
    """INSERT OR REPLACE deletes without a DELETE; the guard wakes all the same."""
    write(sqlite_store, "a")
    with pytest.raises(StoreError, match="append-only: DELETE refused"), sqlite_store.write(actor="ada", at=AT) as writing:
        writing.session.exec_driver_sql("INSERT OR REPLACE INTO developer SELECT id, slug, 'other', entry_seq FROM developer")


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        *[((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 9), False), ((3, 50, 6), False), ((3, 50, 7), True)],
        *[((3, 51, 2), False), ((3, 51, 3), True), ((3, 52, 0), True), ((4, 0, 0), True)],
    ],
)
def test_which_libraries_have_the_wal_fix(version: tuple[int, int, int], safe: bool) -> None:
    """3.51.3 on, and two branches that it was carried back to."""
    assert wal_is_safe(version) == safe


@pytest.mark.parametrize(("version", "opens"), [((3, 40, 1), False), ((3, 51, 3), True)])
def test_a_file_in_wal_mode_needs_the_wal_fix(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], opens: bool
) -> None:
    """Without it the file is refused, naming the version and the command that converts it."""
    path = sqlite_store.address.removeprefix("sqlite:///")
    sqlite_store.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    monkeypatch.setattr(sqlite3, "sqlite_version", ".".join(map(str, version)))
    if opens:
        Store.open(f"sqlite:///{path}").close()
    else:
        with pytest.raises(StoreError, match=r"WAL mode under SQLite 3\.40\.1.*PRAGMA journal_mode=DELETE"):
            Store.open(f"sqlite:///{path}")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("mysql://host/rsp", "kind mysql"),
        ("postgresql://host/rsp", r"expected sqlite:///FILE or postgresql\+psycopg"),
        ("nonsense", "database address"),
        ("sqlite:////nowhere/at/all.db", "rsp db upgrade"),
    ],
)
def test_other_addresses_are_refused(url: str, words: str) -> None:
    """Each with what is expected instead."""
    with pytest.raises(StoreError, match=words):
        Store.open(url)


@pytest.mark.postgresql
def test_postgresql_that_could_lose_a_write_is_refused(postgres: Any, postgres_template: str) -> None:
    """synchronous_commit=off acknowledges before the disk has it."""
    with postgres.database(postgres_template) as url:
        name = url.split("@/")[1].split("?")[0]
        postgres.run(f"ALTER DATABASE {name} SET synchronous_commit = off")
        with pytest.raises(StoreError, match="synchronous_commit=off"):
            Store.open(url)
        postgres.run(f"ALTER DATABASE {name} RESET synchronous_commit")
        with Store.open(url) as store, store.write(actor="ada", at=datetime.now(UTC)) as writing:
            shown = [writing.session.exec_driver_sql(f"SHOW {each}").scalar() for each in ("transaction_isolation", "lock_timeout")]
            assert shown == ["read committed", "5s"]


def test_a_database_that_is_gone_is_told(postgres: Any) -> None:
    """No answer is the operator's matter, with the password hidden."""
    url = postgres.url("nobody").replace("postgres:@", "postgres:secret@")
    with pytest.raises(StoreError, match="no answer") as caught:
        Store.open(url)
    assert "secret" not in str(caught.value)


def test_many_rows_take_the_fast_way(store: Store) -> None:
    """A run of 2,000 items, by COPY on PostgreSQL, comes back whole and verifies."""
    held = content()
    held["runs"][0]["items"] = [{"item": f"i{number:05d}", "attempts": [0, None, 1]} for number in range(2000)]
    assert load_content(store, held).counts["item_result"] == 6000
    assert load_content(store, held).status == "known"
    assert intact(store) == "intact"


def test_columns_that_any_row_fills_are_kept() -> None:
    """Also by the last row alone, and by what counts as false."""
    names = ("a", "b", "c", "d")
    assert filled(names, [[1, 2, 3], [None, None, None], [None, 0, None], [None, None, ""]]) == (
        ("a", "c", "d"),
        [[1, 2, 3], [None, 0, None], [None, None, ""]],
    )
    whole: list[list[Any]] = [[1, None], [2, None], [3, None], [4, None]]
    assert filled(names, whole) == (names, whole)


def test_a_body_names_no_column_that_none_of_its_rows_fills(store: Store, database: str) -> None:
    """What it does not name holds nothing; whoever slips something in there later is found."""
    with store.write(actor="ada", at=AT) as writing:
        for slug, parent in (("cbrn", None), ("cyber", None)):
            writing.add(ThreatDomainRow, {"id": new_id(), "slug": slug, "name": slug, "parent_id": parent})
        writing.describe("test", {})
    with store.read() as session:
        (body,) = session.execute(text("SELECT body FROM log_entry")).scalars()
    assert json.loads(bytes(body))["rows"]["threat_domain"]["columns"] == ["id", "slug", "name"]
    assert intact(store) == "intact"
    with Dba(database) as dba:
        dba.run("UPDATE threat_domain SET parent_id = (SELECT id FROM threat_domain WHERE slug = 'cyber') WHERE slug = 'cbrn'")
    assert intact(store) == "altered"
