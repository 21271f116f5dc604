"""``rsp serve`` as a process, and clients that send it scores: how fast it takes them, how soon it is ready, what it holds while idle.

Clients are threads of this process over ``http.client``, the lightest there is, and the same for every server that is measured; they share
the machine's processors with it. Servers that are held against each other run at the same time and are asked in turn, one round each: a
machine that others slow down slows all of them, and a share is taken within a round.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import psutil

from benchmarks.loading import SOURCED, store_head
from evaluations.evidence import EvidenceFile
from rsp.ingest import load
from rsp.store.session import Store
from rsp.store.upgrade import upgrade
from rsp.tokens import Role, issue

CLIENTS = 8  # of single scores; as many as the reliability target is stated for
JSON, LINES = "application/json", "application/x-ndjson"
ADDRESS = "/api/v1/scores"


@dataclass(frozen=True)
class Running:
    """A server that can be asked."""

    port: int
    process: int
    ready_in: float
    token: str = ""

    def post(self, bodies: Sequence[bytes], media: str, clients: int = 1) -> float:
        """Send every body, shared out among the clients; return the seconds. Raises ``RuntimeError`` for an answer that is no 201."""
        shares = [bodies[place::clients] for place in range(clients)]
        failures: list[str] = []
        threads = [threading.Thread(target=self._send, args=(share, media, failures)) for share in shares]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - start
        if failures:
            raise RuntimeError(f"found the answer {failures[0]}, expected 201")
        return seconds

    def _send(self, bodies: Sequence[bytes], media: str, failures: list[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Content-Type": media, "Authorization": f"Bearer {self.token}"}
        for body in bodies:
            connection.request("POST", ADDRESS, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 201:
                failures.append(f"{answer.status} {text[:300]!r}")
                break
        connection.close()


@contextmanager
def floor_server(folder: Path, kind: str) -> Iterator[Running]:
    """Run one of ``benchmarks.floors`` on a database of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    path = folder / f"{kind}-{port}.db"
    with process_of([sys.executable, "-m", "benchmarks.floors", kind, str(path), str(port)]) as process:
        yield Running(port, process.pid, listens_after(port))


@contextmanager
def rsp_server(folder: Path, database: str | None = None) -> Iterator[Running]:
    """Run ``rsp serve`` on a database with one run to add scores to."""
    url = database or f"sqlite:///{folder / f'rsp-{time.monotonic_ns()}.db'}"
    filled(url)
    with Store.open(url) as store:
        token = issue(store, "bench", "bench", Role.SUBMITTER, timedelta(days=1), actor="bench", at=datetime.now(UTC))
    began = time.perf_counter()
    with process_of([sys.executable, "-m", "rsp", "serve", "--port", "0"], RSP_DATABASE=url) as process:
        assert process.stdout is not None
        found = re.search(rb":(\d+)", process.stdout.readline())
        assert found is not None
        yield Running(int(found.group(1)), process.pid, time.perf_counter() - began, token)


@contextmanager
def process_of(command: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, and stop it afterwards."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()


def listens_after(port: int) -> float:
    """Wait until somebody listens; return the seconds."""
    began = time.perf_counter()
    while time.perf_counter() - began < 180:  # seconds; a peer may take long to import
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return time.perf_counter() - began
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"found no server on port {port} within 180 s, expected one")


def settled(process: int, longest: float = 120) -> None:
    """Wait until a process and those it started are idle: a peer that listens may still be starting, and take processors from others."""

    def spent() -> float:
        with suppress(psutil.NoSuchProcess):
            held = psutil.Process(process)
            return sum(each.cpu_times().user + each.cpu_times().system for each in (held, *held.children(recursive=True)))
        return 0.0

    began, before = time.perf_counter(), spent()
    while time.perf_counter() - began < longest:
        time.sleep(5)
        now = spent()
        if abs(now - before) < 0.25:  # a twentieth of one processor
            return
        before = now


def filled(url: str) -> None:
    """Make a database with one run to add scores to."""
    upgrade(url)
    with Store.open(url) as store:
        store_head(store)
        load(store, _a_run(), file_name="run.json", file_sha256="1" * 64, actor="bench", at=datetime.now(UTC))


def _a_run() -> EvidenceFile:
    run = {"slug": "r", "model": "m", "snapshot": "final", "evaluation": "e", "version": "v1", "scores": [score(10**9)], **SOURCED}
    return EvidenceFile.model_validate({"format": "rsp-evidence/1", "runs": [run]})


def score(number: int) -> dict[str, object]:
    """Return one of many scores of a run."""
    return {"slug": f"s{number}", "statistic": "mean", "value": (number % 10_000) / 10_000, "items": 100, **SOURCED}


def bodies(first: int, count: int, each: int, media: str) -> list[bytes]:
    """Return so many bodies of so many scores each."""
    made = []
    for start in range(first, first + count * each, each):
        held = [{"model": "m", "run": "r", **score(number)} for number in range(start, start + each)]
        lines = media == LINES
        made.append("\n".join(map(json.dumps, held)).encode() if lines else json.dumps(held if each > 1 else held[0]).encode())
    return made


@dataclass(frozen=True)
class Idle:
    """What a server that nobody asks costs."""

    ready_in: float
    memory: float

    def __str__(self) -> str:
        return f"rsp serve\n    {self.ready_in:8.2f} s until it says its address\n    {self.memory:8.0f} MiB idle (resident)"


def serve_idle(folder: Path) -> Idle:
    """Start the server, ask it once, and look at it."""
    with rsp_server(folder) as server:
        server.post(bodies(0, 1, 1, JSON), JSON)
        memory = psutil.Process(server.process).memory_info().rss / 2**20
        return Idle(server.ready_in, memory)


@dataclass(frozen=True)
class Rates:
    """How many a second: the subject, and each of what it is held against with the subject's share of it, medians over rounds."""

    name: str
    unit: str
    subject: float
    floors: Mapping[str, tuple[float, float]]

    def __str__(self) -> str:
        lines = [f"{self.name}\n    {self.subject:10,.0f} {self.unit}/s"]
        lines += [f"    {rate:10,.0f} {self.unit}/s {name}: {share:.2f} of it" for name, (rate, share) in self.floors.items()]
        return "\n".join(lines)


Work = Callable[[int], float]
"""Does the work of a round, whose number it is given, and returns how many a second."""


def in_turn(name: str, unit: str, subject: Work, floors: Mapping[str, Work], rounds: int) -> Rates:
    """Let the subject and its floors work in turn, round after round."""
    rates: dict[str, list[float]] = {floor: [] for floor in floors}
    own = []
    for number in range(rounds):
        own.append(subject(number))
        for floor, work in floors.items():
            rates[floor].append(work(number))
    shares = {floor: median(mine / its for mine, its in zip(own, found, strict=True)) for floor, found in rates.items()}
    return Rates(name, unit, median(own), {floor: (median(found), shares[floor]) for floor, found in rates.items()})
