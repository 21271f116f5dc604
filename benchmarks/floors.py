"""Bare servers to measure against: what the same rows cost with nothing checked, no log, no receipt.

``python -m benchmarks.floors starlette DB PORT`` takes JSON or NDJSON and inserts it, one commit a request. ``fastapi`` is an endpoint that
takes any body, looks at nothing and makes one commit. Both keep rsp's durability: a rollback journal, ``synchronous=EXTRA``.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

COLUMNS = ("model", "run", "slug", "statistic", "value", "items", "source")
TABLE = f"CREATE TABLE score ({', '.join(f'{name} TEXT' for name in COLUMNS)}, PRIMARY KEY (model, run, slug))"
INSERT = f"INSERT INTO score VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608  # nothing but question marks


class Rows:
    """A SQLite file with one table, used by one thread at a time."""

    def __init__(self, path: str) -> None:
        self._turn = threading.Lock()
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA synchronous=EXTRA")
        self._file.execute(TABLE)

    def insert(self, rows: list[tuple[Any, ...]]) -> None:
        """Insert rows with one commit."""
        with self._turn:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany(INSERT, rows)
            self._file.execute("COMMIT")


def told(content: bytes, lines: bool) -> list[tuple[Any, ...]]:
    """Return the rows of a body."""
    held = [json.loads(line) for line in content.splitlines()] if lines else json.loads(content)
    each = held if isinstance(held, list) else [held]
    return [tuple(str(one.get(name)) for name in COLUMNS) for one in each]


def starlette(path: str) -> Starlette:
    """Return a minimal endpoint that stores what it is sent."""
    rows = Rows(path)

    async def take(request: Any) -> JSONResponse:
        content = await request.body()
        lines = "ndjson" in request.headers.get("content-type", "")
        await run_in_threadpool(lambda: rows.insert(told(content, lines)))
        return JSONResponse({"status": "stored"}, 201)

    return Starlette(routes=[Route("/api/v1/scores", take, methods=["POST"])])


def fastapi(path: str) -> FastAPI:
    """Return an empty endpoint with one commit."""
    rows, app, numbers = Rows(path), FastAPI(), iter(range(10**9))

    @app.post("/api/v1/scores", status_code=201)
    def take(request: Request) -> dict[str, str]:  # noqa: ARG001  # its body is not looked at
        rows.insert([("", "", str(next(numbers)), "", "", "", "")])
        return {"status": "stored"}

    return app


def main() -> None:
    """Serve until killed."""
    kind, path, port = sys.argv[1:]
    app = {"starlette": starlette, "fastapi": fastapi}[kind](path)
    uvicorn.run(app, port=int(port), access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
