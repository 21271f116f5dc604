"""kill -9 while many clients submit: what was acknowledged is there once, and what was sent again under its key is there once.

One round: start ``rsp serve``, let clients submit single scores over HTTP, each under a key, kill the server at a moment of chance,
start it again, and send again what was not answered. Whoever was told 201 or 200 must find their score in the record, once; at the end
``verify`` must find nothing wrong. Clients talk to this machine only, and each round ends within a minute or so.

``python -m tests.abuse crash`` runs 200 rounds on each engine; ``RSP_CRASH_ROUNDS`` and ``RSP_CRASH_ENGINES`` say otherwise.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from rsp.store.reading import evidence
from rsp.store.session import Store
from rsp.store.verify import verify
from rsp.tokens import Role, issue
from tests.abuse.engines import database
from tests.rsp.store.sample import content, load_content

CLIENTS = 8  # reliability target
ROUNDS = 200  # reliability target of the long run
BACK_WITHIN = 5.0  # seconds; reliability target
CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """One life of ``rsp serve``."""

    process: subprocess.Popen[str]
    address: str
    started_in: float

    @classmethod
    def of(cls, database: str, *options: str) -> Server:
        """Start it on a free port and wait until it can be asked."""
        began = time.monotonic()
        command = [sys.executable, "-m", "rsp", "serve", "--port", "0", *options]
        environment = {**os.environ, "RSP_DATABASE": database}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, env=environment)
        assert process.stdout is not None
        told = re.search(r"http://\S+", process.stdout.readline())
        assert told is not None, "the server said no address"
        return cls(process, told.group(), time.monotonic() - began)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self._over()

    def stop(self) -> None:
        """Ask it to end."""
        self.process.terminate()
        self._over()

    def _over(self) -> None:
        self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()


@dataclass
class Load:
    """What the clients of one round sent, and what they were told."""

    token: str
    acknowledged: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def submit(self, client: httpx.Client, name: str) -> bool:
        """Send one score; tell whether an answer came."""
        score = {"model": "m", "run": "final-1", "slug": name, "statistic": "mean", "value": 0.5, "source": "card"}
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": name}
        try:
            answer = client.post("/api/v1/scores", json=score, headers=headers)
        except httpx.TransportError:
            self.unanswered.add(name)
            return False
        if answer.status_code in (200, 201):
            self.acknowledged.add(name)
        else:
            self.refused.append(f"{answer.status_code} {answer.text[:300]}")
        return True

    def run(self, address: str, names: str) -> list[threading.Thread]:
        """Start the clients; each submits until the server is gone."""

        def work(worker: int) -> None:
            with httpx.Client(base_url=address, timeout=20) as client:
                number = 0
                while not self._stopped.is_set() and self.submit(client, f"{names}-{worker}-{number}"):
                    number += 1

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(CLIENTS)]
        for thread in threads:
            thread.start()
        return threads

    def again(self, address: str) -> None:
        """Send again what no answer came to, under the same keys."""
        with httpx.Client(base_url=address, timeout=20) as client:
            for name in sorted(self.unanswered):
                assert self.submit(client, name), "the server that came back does not answer"


@dataclass(frozen=True)
class Outcome:
    """What was found after all rounds."""

    acknowledged: int
    sent_again: int
    lost: int
    doubled: int
    refused: tuple[str, ...]
    verified: str
    slowest_start: float

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not self.lost and not self.doubled and not self.refused and self.verified == "intact"


def crash(database: str, rounds: int, *options: str, seed: int = 20250224) -> Outcome:
    """Kill the server so many times, then count. The database is migrated and empty. The seed makes the moments much the same again."""
    with Store.open(database) as store:
        load_content(store, content())
        token = issue(store, "crash", "crash", Role.SUBMITTER, timedelta(days=1), actor="crash", at=datetime.now(UTC))
    chance = random.Random(seed)
    loads, slowest = [], 0.0
    for number in range(rounds):
        server, load = Server.of(database, *options), Load(token)
        threads = load.run(server.address, f"s-{number}")
        _wait_for_first(load)
        time.sleep(chance.uniform(0, 0.5))
        server.kill()
        for thread in threads:
            thread.join()
        server = Server.of(database, *options)
        slowest = max(slowest, server.started_in)
        load.again(server.address)
        server.stop()
        loads.append(load)
    return _counted(database, loads, slowest)


def _wait_for_first(load: Load) -> None:
    until = time.monotonic() + 30
    while not load.acknowledged and not load.refused and time.monotonic() < until:
        time.sleep(0.005)


def _counted(database: str, loads: list[Load], slowest: float) -> Outcome:
    with Store.open(database) as store, store.read() as session:
        (run,) = (run for run in evidence(session, "m").runs if run.slug == "final-1")
        verified = verify(session).outcome
    met = Counter(score.slug for score in run.scores)
    acknowledged = {name for load in loads for name in load.acknowledged}
    return Outcome(
        acknowledged=len(acknowledged),
        sent_again=sum(len(load.unanswered) for load in loads),
        lost=len(acknowledged - met.keys()),
        doubled=sum(count - 1 for count in met.values()),
        refused=tuple(words for load in loads for words in load.refused),
        verified=verified,
        slowest_start=slowest,
    )


def main() -> int:
    """Run the long attack on each engine, say what was found, and return 1 if a promise was broken."""
    rounds, clean = int(os.environ.get("RSP_CRASH_ROUNDS", ROUNDS)), True
    for engine in os.environ.get("RSP_CRASH_ENGINES", "sqlite,postgresql").split(","):
        with database(engine) as url:
            found = crash(url, rounds)
        sys.stdout.write(f"{engine}, {rounds} kills: {found}\n")
        clean = clean and found.is_clean
    return 0 if clean else 1
