"""Databases of every released schema: upgraded, read and written to, with every byte of their log kept."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from rsp.store.reading import evidence, policy
from rsp.store.session import Store
from rsp.store.upgrade import HEAD, upgrade
from rsp.store.verify import verify
from tests.rsp.store.sample import content, load_content

FOSSILS = sorted(Path(__file__).parent.glob("*.sql"))


def revived(fossil: Path, path: Path) -> list[tuple[int, bytes]]:
    """Make a database of the dump and return its log."""
    connection = sqlite3.connect(path)
    connection.executescript(fossil.read_text(encoding="utf-8"))
    log = connection.execute("SELECT seq, body FROM log_entry ORDER BY seq").fetchall()
    connection.close()
    return log


def test_every_released_schema_has_a_fossil() -> None:
    """The newest one included: make it with ``python -m tests.upgrades.make_fossil``."""
    assert [each.stem for each in FOSSILS] == [f"{number:04d}" for number in range(1, int(HEAD) + 1)]


@pytest.mark.parametrize("fossil", FOSSILS, ids=lambda each: each.stem)
def test_a_fossil_is_upgraded_and_used(fossil: Path, tmp_path: Path) -> None:
    """Nothing recorded is lost, the log is the same bytes, and the same file is still known."""
    path = tmp_path / "rsp.db"
    log = revived(fossil, path)
    assert len(log) > 0
    upgrade(f"sqlite:///{path}")
    with Store.open(f"sqlite:///{path}") as store:
        with store.read() as session:
            assert verify(session).outcome == "intact"
            then, now = evidence(session, "m", 0), evidence(session, "m")
            assert [str(each.runs[0].scores[0].value) for each in (then, now)] == ["0.620", "0.61"]
            assert len(now.runs[0].items) == 2
            assert policy(session, "test-1").file_name == "p.yaml"
        assert load_content(store, content(), supersede="back").status == "superseded"
        with store.read() as session:
            assert verify(session).outcome == "intact"
            found = session.exec_driver_sql("SELECT seq, body FROM log_entry ORDER BY seq").all()
    assert [tuple(each) for each in found[: len(log)]] == log
