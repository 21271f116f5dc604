"""kill -9: what was acknowledged is there, whole, and nothing is there by half."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from rsp.store.reading import evidence, position
from rsp.store.session import Store
from rsp.store.verify import verify
from tests.rsp.store.killed import ITEMS, a_run
from tests.rsp.store.sample import content, load_content

KILLS = 5  # on each engine; our choice for the suite of every day, a night may take 200
CHECKOUT = Path(__file__).resolve().parents[3]


def acknowledged_until_killed(url: str, number: int, share: float) -> list[str]:
    """Start the loading process, kill it within its third load, and return what it had acknowledged.

    ``share`` says how far into that load, measured by how long the second one took: a fixed delay would, on a busy machine, kill
    before anything was written.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.rsp.store.killed", url, str(number)], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    )
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "ready\n"
        lines = [process.stdout.readline()]
        started = time.monotonic()
        lines.append(process.stdout.readline())
        time.sleep((time.monotonic() - started) * share)
        process.kill()
        lines += process.stdout.read().splitlines(keepends=True)
    assert process.returncode == -9
    return [line.strip() for line in lines if line.endswith("\n")]


def test_acknowledged_loads_survive_being_killed(store: Store, database: str) -> None:
    """Every run acknowledged before a kill is there with all its items; one that was not is there whole or not at all."""
    load_content(store, content())
    chance = random.Random(20250224)  # a fixed seed, so that a failure can be met again as nearly as the clock allows
    acknowledged: set[str] = set()
    for number in range(KILLS):
        acknowledged |= set(acknowledged_until_killed(database, number, chance.uniform(0, 1)))
        started = time.monotonic()
        with Store.open(database) as again:
            load_content(again, a_run(f"after-{number}"))
        assert time.monotonic() - started < 5  # reliability target: back within 5 s
    assert len(acknowledged) >= 2 * KILLS
    with store.read() as session:
        runs = {run.slug: len(run.items) for run in evidence(session, "m").runs if run.slug.startswith(("r-", "after-"))}
        assert verify(session).outcome == "intact"
    assert acknowledged <= set(runs)
    assert set(runs.values()) == {ITEMS}
    assert len(runs) - KILLS - len(acknowledged) <= KILLS  # at most the one under way at each kill came besides


def test_several_processes_on_one_database_lose_and_double_nothing(store: Store, database: str) -> None:
    """Three loading processes at once, each killed once it has acknowledged three runs: all of these are there, whole, without a gap."""
    load_content(store, content())
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.rsp.store.killed", database, f"{number}", "700"], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
        )
        for number in range(3)
    ]
    acknowledged: set[str] = set()
    for process in processes:
        assert process.stdout is not None
        with process:
            assert process.stdout.readline() == "ready\n"
            lines = [process.stdout.readline() for _ in range(3)]
            process.kill()
            lines += process.stdout.read().splitlines(keepends=True)
        acknowledged |= {line.strip() for line in lines if line.endswith("\n")}
    assert len(acknowledged) >= 9
    with store.read() as session:
        runs = {run.slug: len(run.items) for run in evidence(session, "m").runs if run.slug.startswith("r-")}
        assert verify(session).outcome == "intact"
        assert position(session).size == 1 + len(runs)
    assert acknowledged <= set(runs)
    assert set(runs.values()) == {700}  # more than go in by single statements on PostgreSQL: these went by COPY
