"""Loading 100,000 item results on SQLite, after parsing and validation, against bare ``sqlite3.executemany`` of the same rows.

The floor commits once too, with the same journal and the same durability (``synchronous=EXTRA``). The subject writes the rows, the
canonical body that makes them verifiable, its hash and the head of the log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import Measured, paired
from evaluations.evidence import EvidenceFile
from rsp.ingest import load
from rsp.store.session import Store
from rsp.store.upgrade import upgrade

ITEMS, ATTEMPTS = 10_000, 10
AT = datetime(2026, 1, 1, tzinfo=UTC)


def load_items(folder: Path) -> Measured:
    """Time one load of one run with 100,000 item results."""
    url = f"sqlite:///{folder / 'loading.db'}"
    upgrade(url)
    store = Store.open(url)
    store_head(store)
    files: Iterator[EvidenceFile] = (run_file(f"run-{number}") for number in range(99))
    ready = [next(files) for _ in range(6)]
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.execute("PRAGMA synchronous=EXTRA")
    bare.execute(
        "CREATE TABLE item_result (run_id TEXT NOT NULL, item TEXT NOT NULL, cluster TEXT, attempt INTEGER NOT NULL, value TEXT, "
        "entry_seq INTEGER NOT NULL, PRIMARY KEY (run_id, item, attempt))"
    )
    turns = iter(range(99))

    def floor() -> None:
        turn = next(turns)
        rows = [(f"{turn:036d}", f"item-{n}", f"cluster-{n // 10}", k, str(n % 2), turn) for n in range(ITEMS) for k in range(ATTEMPTS)]
        bare.execute("BEGIN IMMEDIATE")
        bare.executemany("INSERT INTO item_result VALUES (?, ?, ?, ?, ?, ?)", rows)
        bare.execute("COMMIT")

    def subject() -> None:
        load(store, ready.pop(), file_name="run.json", file_sha256="0" * 64, actor="bench", at=AT)

    measured = paired("load 100,000 item results", subject, "sqlite3.executemany of the same rows", floor, runs=5)
    store.close()
    bare.close()
    return measured


SOURCED = {"source": "s"}


def store_head(store: Store) -> None:
    """Record the model and the evaluation that the runs belong to."""
    head = {
        "format": "rsp-evidence/1",
        "sources": [{"slug": "s", "title": "Benchmark"}],
        "developers": [{"slug": "d", "name": "Benchmark"}],
        "models": [
            {
                "slug": "m",
                "name": "M",
                "developer": "d",
                "snapshots": [{"slug": "final", "name": "Final", "kind": "final", "ordinal": 1, **SOURCED}],
                **SOURCED,
            }
        ],
        "evaluations": [
            {
                "slug": "e",
                "name": "E",
                "kind": "benchmark",
                "versions": [{"slug": "v1", "unit": "share", "riskier_when": "higher", "scale_low": 0, "scale_high": 1, **SOURCED}],
                **SOURCED,
            }
        ],
    }
    load(store, EvidenceFile.model_validate(head), file_name="head.json", file_sha256="0" * 64, actor="bench", at=AT)


def run_file(slug: str) -> EvidenceFile:
    """Return a file with one run of 10,000 items with ten attempts each, parsed and validated."""
    items = [{"item": f"item-{n}", "cluster": f"cluster-{n // 10}", "attempts": [n % 2] * ATTEMPTS} for n in range(ITEMS)]
    run = {"slug": slug, "model": "m", "snapshot": "final", "evaluation": "e", "version": "v1", "items": items, **SOURCED}
    return EvidenceFile.model_validate({"format": "rsp-evidence/1", "runs": [run]})
