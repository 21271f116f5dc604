"""Scores over HTTP into SQLite: single ones, batches of 500, and 100,000 in one body, each beside what it is promised against.

Every side commits as often and as durably (``synchronous=EXTRA``); rsp's side checks every record, writes the log entry that makes the rows
verifiable, and keeps a receipt. The peer is an MLflow tracking server on SQLite with its own batch
call, in an environment of its own that is made for this once (``RSP_BENCH_MLFLOW`` names a folder to keep it in).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine, insert

from benchmarks.serving import (
    CLIENTS,
    JSON,
    LINES,
    Rates,
    Running,
    Work,
    bodies,
    filled,
    floor_server,
    in_turn,
    listens_after,
    process_of,
    rsp_server,
    score,
    settled,
)
from rsp.store.engines import WRITES, opened
from rsp.store.tables import ScoreRow
from rsp.store.types import new_id

ROUNDS, BULK_ROUNDS = 7, 3
SINGLES, BATCHES, BATCH, BULK = 200, 5, 500, 100_000


def submit_singles(folder: Path) -> Rates:
    """Time single scores of 8 clients at once."""

    def through(server: Running) -> Work:
        return lambda turn: SINGLES / server.post(bodies(turn * SINGLES, SINGLES, 1, JSON), JSON, CLIENTS)

    with rsp_server(folder) as server, floor_server(folder, "fastapi") as empty, floor_server(folder, "starlette") as bare:
        floors = {"an empty FastAPI endpoint with one commit": through(empty), "bare Starlette + SQLite": through(bare)}
        return in_turn(f"single scores, {CLIENTS} clients", "requests", through(server), floors, ROUNDS)


def submit_batches(folder: Path) -> Rates:
    """Time batches of 500 of one client."""
    count = BATCHES * BATCH

    def through(server: Running) -> Work:
        return lambda turn: count / server.post(bodies(turn * count, BATCHES, BATCH, JSON), JSON)

    with rsp_server(folder) as server, floor_server(folder, "starlette") as bare:
        floors = {"SQLAlchemy core insert of the same rows, no HTTP": _core(folder), "bare Starlette + SQLite": through(bare)}
        return in_turn("batches of 500 scores", "rows", through(server), floors, ROUNDS)


def _core(folder: Path) -> Work:
    """Return what inserts the same rows into the same table by SQLAlchemy core."""
    engine, run_key, source_key = _database_with_a_run(folder / "core.db")
    table = ScoreRow.__table__

    def work(turn: int) -> float:
        batches = [
            [
                {"id": new_id(), "run_id": run_key, "source_id": source_key, "confidence": "verbatim", "visibility": "public",
                 "entry_seq": 0, "slug": each["slug"], "statistic": each["statistic"], "value": Decimal(str(each["value"])),
                 "items": each["items"]}
                for each in json.loads(body)
            ]
            for body in bodies(turn * BATCHES * BATCH, BATCHES, BATCH, JSON)
        ]  # fmt: skip
        start = time.perf_counter()
        for batch in batches:
            with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
                connection.execute(insert(table), batch)
        return BATCHES * BATCH / (time.perf_counter() - start)

    return work


def _database_with_a_run(path: Path) -> tuple[Engine, str, str]:
    """Return an engine on a database of rsp with a run to add scores to, and the keys of the run and its source."""
    url = f"sqlite:///{path}"
    filled(url)
    engine = opened(url)
    with engine.connect() as connection:
        run, source = (connection.exec_driver_sql(f"SELECT id FROM {name}").scalar_one() for name in ("run", "source"))  # noqa: S608  # our own names
    return engine, run, source


def submit_bulk(folder: Path) -> Rates:
    """Time 100,000 scores as NDJSON in one request and one commit."""
    with rsp_server(folder) as server, floor_server(folder, "starlette") as bare:
        floors = {"sqlite3.executemany of the same rows, no HTTP": _executemany(folder), "bare Starlette + SQLite": streamed(bare)}
        return in_turn("100,000 scores as NDJSON", "rows", streamed(server), floors, BULK_ROUNDS)


def streamed(server: Running) -> Work:
    """Return what sends 100,000 scores in one request."""
    return lambda turn: BULK / server.post(bodies(turn * BULK, 1, BULK, LINES), LINES)


def _executemany(folder: Path) -> Work:
    """Return what inserts the same rows into the same table, ready as they are."""
    engine, run, source = _database_with_a_run(folder / "bulk.db")
    names = ("id", "run_id", "source_id", "confidence", "visibility", "entry_seq", "slug", "statistic", "value", "items")
    sql = f"INSERT INTO score ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608  # our own names

    def work(turn: int) -> float:
        told = map(score, range(turn * BULK, (turn + 1) * BULK))
        rows = [
            (new_id(), run, source, "verbatim", "public", 0, each["slug"], each["statistic"], str(each["value"]), each["items"])
            for each in told
        ]
        start = time.perf_counter()
        with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            connection.exec_driver_sql(sql, rows)
        return BULK / (time.perf_counter() - start)

    return work


_PEER = """
import sys, time
from mlflow import MlflowClient
from mlflow.entities import Metric
client = MlflowClient(tracking_uri=sys.argv[1])
run = client.create_run(client.create_experiment(sys.argv[3])).info.run_id
batches = [[Metric(f"s{n}", (n % 10000) / 10000, 0, 0) for n in range(at, at + 1000)] for at in range(0, int(sys.argv[2]), 1000)]
start = time.perf_counter()
for batch in batches:
    client.log_batch(run, metrics=batch)
print(time.perf_counter() - start)
"""


def submit_as_peer(folder: Path) -> Rates | str:
    """Time 100,000 scores into rsp as NDJSON, and into an MLflow tracking server by its own call, which takes 1,000 at most."""
    python = _mlflow(folder)
    if python is None:
        return "100,000 scores against MLflow: skipped, since MLflow could not be installed here"
    with _mlflow_server(folder, python) as port, rsp_server(folder) as server:

        def peer(turn: int) -> float:
            client = [python, "-c", _PEER, f"http://127.0.0.1:{port}", str(BULK), f"round {turn}"]
            return BULK / float(subprocess.run(client, check=True, stdout=subprocess.PIPE, env={**os.environ, **QUIET}).stdout)

        return in_turn("100,000 scores", "rows", streamed(server), {"MLflow tracking server on SQLite, log_batch": peer}, BULK_ROUNDS)


QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}


@contextmanager
def _mlflow_server(folder: Path, python: str) -> Iterator[int]:
    """Run an MLflow tracking server, and give its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [python, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}", "--port", str(port)]
    with process_of([*command, "--workers", "1", "--artifacts-destination", str(folder / "artifacts")], **QUIET) as process:
        listens_after(port)
        settled(process.pid)
        yield port


def _mlflow(folder: Path) -> str | None:
    """Return a Python that has MLflow, or ``None`` where it cannot be had."""
    place = Path(os.environ.get("RSP_BENCH_MLFLOW", folder / "mlflow"))
    python = place / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        installed = subprocess.run([str(python), "-m", "pip", "install", "--quiet", "mlflow"], check=False, capture_output=True)
        if installed.returncode:
            return None
    return str(python)
