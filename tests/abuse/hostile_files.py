"""Files made to exhaust, those among them that the suite leaves out for the time they take: each refused within 10 s and 200 MiB."""

from __future__ import annotations

import sys

from tests.evaluations.readers.hostile_files import CASES, amiss


def main() -> int:
    """Read every case, say which cost more than it may or was taken, and return 1 if any was."""
    found = amiss("--at-length")
    for name, outcome in found.items():
        sys.stdout.write(f"{name}: {outcome}\n")
    sys.stdout.write(f"{len(CASES)} hostile files, {len(found)} amiss\n")
    return 1 if found else 0
