"""``python -m tests.abuse NAME [NAME ...]`` runs attacks by name, all of them without one. Each is a module here with a ``main``."""

from __future__ import annotations

import importlib
import sys

ATTACKS = ("hostile_files", "crash", "fuzz")


def run(names: list[str]) -> int:
    """Run the attacks named, one after the other, and return the worst exit code."""
    if unknown := [each for each in names if each not in ATTACKS]:
        sys.stderr.write(f"found the attack {unknown[0]!r}, expected among {', '.join(ATTACKS)}\n")
        return 2
    worst = 0
    for name in names or ATTACKS:
        code = importlib.import_module(f"tests.abuse.{name}").main()
        sys.stdout.write(f"{name}: {'held' if code == 0 else 'broke'}\n")
        worst = max(worst, int(code or 0))
    return worst


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
