"""Assessing the Claude 3.7 Sonnet example once the process is up, against reading every row of its database with bare sqlite3."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from benchmarks.examples import loaded
from benchmarks.measuring import Measured, paired
from rsp import assess


def assess_example(folder: Path) -> Measured:
    """Time one assessment, from the open store to the verdicts."""
    here = folder / "assessing"
    here.mkdir()
    store = loaded(here)
    bare = sqlite3.connect(here / "example.db")
    tables = [name for (name,) in bare.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def read_all() -> None:
        for name in tables:
            bare.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608  (names from the database itself)

    def assess_once() -> None:
        assess.model(store, "claude-3-7-sonnet", policy_slug="anthropic-rsp-2.0")

    measured = paired("assess claude-3-7-sonnet", assess_once, "reading every row with sqlite3", read_all, runs=15)
    store.close()
    bare.close()
    return measured
