"""Scores over HTTP into SQLite: single ones, batches of 500, and 100,000 in one body, each beside what it is promised against.

Every side commits as often and as durably (``synchronous=EXTRA``); rsp's side checks every record, writes the log entry that makes the rows
verifiable, and keeps a receipt. Servers run in turn, each alone. The peer is an MLflow tracking server on SQLite with its own batch
call, in an environment of its own that is made for this once (``RSP_BENCH_MLFLOW`` names a folder to keep it in).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine, insert

from benchmarks.serving import (
    CLIENTS,
    JSON,
    LINES,
    Rates,
    Running,
    bodies,
    filled,
    floor_server,
    listens_after,
    median_rate,
    process_of,
    rsp_server,
    score,
)
from rsp.store.engines import WRITES, opened
from rsp.store.tables import ScoreRow
from rsp.store.types import new_id

RUNS = 3
SINGLES, BATCHES, BATCH, BULK = 400, 10, 500, 100_000


def submit_singles(folder: Path) -> Rates:
    """Time single scores of 8 clients at once."""

    def rate(server: Running) -> float:
        return median_rate(lambda run: server.post(bodies(run * SINGLES, SINGLES, 1, JSON), JSON, CLIENTS), SINGLES, RUNS)

    with rsp_server(folder) as server:
        subject = rate(server)
    floors = {}
    for kind, name in (("fastapi", "an empty FastAPI endpoint with one commit"), ("starlette", "bare Starlette + SQLite")):
        with floor_server(folder, kind) as floor:
            floors[name] = rate(floor)
    return Rates(f"single scores, {CLIENTS} clients", "requests", subject, floors)


def submit_batches(folder: Path) -> Rates:
    """Time batches of 500 of one client."""
    count = BATCHES * BATCH
    with rsp_server(folder) as server:
        subject = median_rate(lambda run: server.post(bodies(run * count, BATCHES, BATCH, JSON), JSON), count, RUNS)
    with floor_server(folder, "starlette") as floor:
        bare = median_rate(lambda run: floor.post(bodies(run * count, BATCHES, BATCH, JSON), JSON), count, RUNS)
    core = median_rate(_core(folder), count, RUNS)
    return Rates(
        "batches of 500 scores",
        "rows",
        subject,
        {"SQLAlchemy core insert of the same rows, no HTTP": core, "bare Starlette + SQLite": bare},
    )


def _core(folder: Path) -> Callable[[int], float]:
    """Return what inserts the same rows into the same table by SQLAlchemy core, from the run to its seconds."""
    engine, run_key, source_key = _database_with_a_run(folder / "core.db")
    table = ScoreRow.__table__

    def work(run: int) -> float:
        batches = [
            [
                {"id": new_id(), "run_id": run_key, "source_id": source_key, "confidence": "verbatim", "visibility": "public",
                 "entry_seq": 0, "slug": each["slug"], "statistic": each["statistic"], "value": Decimal(str(each["value"])),
                 "items": each["items"]}
                for each in json.loads(body)
            ]
            for body in bodies(run * BATCHES * BATCH, BATCHES, BATCH, JSON)
        ]  # fmt: skip
        start = time.perf_counter()
        for batch in batches:
            with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
                connection.execute(insert(table), batch)
        return time.perf_counter() - start

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
    with rsp_server(folder) as server:
        subject = BULK / server.post(bodies(0, 1, BULK, LINES), LINES)
    with floor_server(folder, "starlette") as floor:
        bare = BULK / floor.post(bodies(0, 1, BULK, LINES), LINES)
    engine, run, source = _database_with_a_run(folder / "bulk.db")
    names = ("id", "run_id", "source_id", "confidence", "visibility", "entry_seq", "slug", "statistic", "value", "items")
    rows = [
        (new_id(), run, source, "verbatim", "public", 0, each["slug"], each["statistic"], str(each["value"]), each["items"])
        for each in map(score, range(BULK))
    ]
    sql = f"INSERT INTO score ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608  # our own names
    start = time.perf_counter()
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        connection.exec_driver_sql(sql, rows)
    raw = BULK / (time.perf_counter() - start)
    engine.dispose()
    return Rates(
        "100,000 scores as NDJSON", "rows", subject, {"sqlite3.executemany of the same rows, no HTTP": raw, "bare Starlette + SQLite": bare}
    )


PEER_BATCH = 1_000  # the most that MLflow takes in a call
_PEER = """
import sys, time
from mlflow import MlflowClient
from mlflow.entities import Metric
client = MlflowClient(tracking_uri=sys.argv[1])
run = client.create_run(client.create_experiment("bench")).info.run_id
batches = [[Metric(f"s{n}", (n % 10000) / 10000, 0, 0) for n in range(at, at + 1000)] for at in range(0, int(sys.argv[2]), 1000)]
start = time.perf_counter()
for batch in batches:
    client.log_batch(run, metrics=batch)
print(time.perf_counter() - start)
"""


def submit_as_peer(folder: Path) -> Rates | str:
    """Time 100,000 scores in batches of 1,000 into rsp and into an MLflow tracking server."""
    python = _mlflow(folder)
    if python is None:
        return "100,000 scores against MLflow: skipped, since MLflow could not be installed here"
    with rsp_server(folder) as server:
        subject = BULK / server.post(bodies(0, BULK // PEER_BATCH, PEER_BATCH, JSON), JSON)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [python, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}", "--port", str(port)]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}
    with process_of([*command, "--workers", "1", "--artifacts-destination", str(folder / "artifacts")], **quiet):
        listens_after(port)
        time.sleep(5)  # it listens before it can answer
        client = [python, "-c", _PEER, f"http://127.0.0.1:{port}", str(BULK)]
        seconds = float(subprocess.run(client, check=True, stdout=subprocess.PIPE, env={**os.environ, **quiet}).stdout)
    return Rates("100,000 scores in batches of 1,000", "rows", subject, {"MLflow tracking server on SQLite, log_batch": BULK / seconds})


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
