"""Files made to exhaust are refused within 10 seconds of work and 200 MiB of growth, however they are made (issue, bad input)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.evaluations.readers.hostile_files import HARMLESS

SECONDS, MEBIBYTES = 10, 200
HOSTILE = Path(__file__).with_name("hostile_files.py")


def test_no_hostile_file_costs_more_than_the_budget() -> None:
    done = subprocess.run([sys.executable, str(HOSTILE)], capture_output=True, text=True, check=True, timeout=300)
    told = {case["name"]: case for case in map(json.loads, done.stdout.splitlines())}
    assert len(told) >= 18
    assert not {name: case for name, case in told.items() if case["seconds"] > SECONDS or case["mebibytes"] > MEBIBYTES}
    taken = {name: case["outcome"] for name, case in told.items() if not case["outcome"].startswith("LogError")}
    assert {name: outcome for name, outcome in taken.items() if name not in HARMLESS or outcome != "accepted"} == {}
