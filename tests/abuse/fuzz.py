"""Schemathesis against the whole API by its own description: a real server, one database an engine, all checks, all phases.

Bounded: it talks to loopback only, for so many examples an operation and so many seconds. What must come out is nothing: no server
error, no answer that the description does not know, no valid question refused and no invalid one taken.

``python -m tests.abuse fuzz`` runs 1,000 examples an operation on both engines, for at most an hour in each role; ``RSP_FUZZ_EXAMPLES``,
``RSP_FUZZ_SECONDS`` (of one engine and role) and ``RSP_FUZZ_ENGINES`` say otherwise.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rsp.store.session import Store
from rsp.tokens import Role
from tests.abuse.engines import database
from tests.rsp.api.reads.asking import asking
from tests.rsp.store.sample import fill

CHECKOUT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
EXAMPLES = 1_000  # an operation; reliability target row 11
SECONDS = 3_600  # our choice: an hour for an engine and a role
ROLES = (Role.SUBMITTER, Role.AUTHOR, Role.AUDITOR)  # between them they may ask for every operation; who reads finds what was submitted
KNOWN = {  # names of tests.rsp.store.sample
    "model": ("m", "before"),
    "run": ("final-1", "q-final-2"),
    "evaluation": ("plasmids",),
    "snapshot": ("final", "early"),
    "version": ("v1",),
    "source": ("card",),
    "policy": ("test-1",),
    "criteria": ("test-1-card",),
    "threshold": ("cbrn-3",),
    "position": ("0", "1"),
    "as_of": ("0", "3", "2025-02-24T09:00:00Z"),
    "statistic": ("pass_at_k",),
}


@dataclass(frozen=True)
class Ended:
    """How a run ended: with code 0, or with what it printed."""

    code: int
    printed: str


def fuzzed(url: str, role: Role, *, examples: int, seconds: int, seed: int = 7) -> Ended:
    """Attack a filled database in one role. Raises ``TimeoutExpired`` if it does not end a minute after its time."""
    with asking(url, role) as asker, tempfile.TemporaryDirectory() as folder:
        asker.read("/openapi.json")  # made once, which takes a loaded machine longer than Schemathesis waits
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run"),
            *(f"{asker.url}/api/v1/openapi.json", "--url", asker.url, "--header", f"Authorization: Bearer {asker.token}"),
            *("--checks", "all", "--max-examples", str(examples), "--max-time", str(seconds), "--seed", str(seed), "--continue-on-failure"),
        ]
        environment = {
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.abuse.fuzz_hooks",
            "PYTHONPATH": str(CHECKOUT),
            "NO_COLOR": "1",
            "RSP_FUZZ_ROLE": role.value,
        }
        ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds + 600, check=False)
    return Ended(ended.returncode, ended.stdout + ended.stderr)


def main() -> int:
    """Run the long attack on each engine in each role, and return the worst exit code."""
    asked = (("RSP_FUZZ_EXAMPLES", EXAMPLES), ("RSP_FUZZ_SECONDS", SECONDS))
    examples, seconds = (int(os.environ.get(name, unasked)) for name, unasked in asked)
    worst = 0
    for engine in os.environ.get("RSP_FUZZ_ENGINES", "sqlite,postgresql").split(","):
        with database(engine) as url:
            with Store.open(url) as store:
                fill(store)
            for role in ROLES:
                ended = fuzzed(url, role, examples=examples, seconds=seconds)
                sys.stdout.write(f"== {engine}, {role.value}\n{ended.printed}\n")
                worst = max(worst, ended.code)
    return worst
