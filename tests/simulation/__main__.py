"""``python -m tests.simulation``: measure every acceptance bar, print the table, end with 1 if any bar is broken.

    --replicates N   replicates a cell (10,000)
    --only B5 B6     some bars
    --processes N    cells at a time (2)
    --json FILE      the worst of each line, for other programs to read

Progress goes to standard error, the table to standard output. The numbers do not depend on the number of processes.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.simulation.cells import MASTER_SEED, Bar, Measured, Standing, measure_one, seed_of, standing
from tests.simulation.every_bar import BARS
from tests.simulation.suites import Suite


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for and print it; 1 if a bar is broken."""
    asked = _asked(arguments)
    chosen = [bar for bar in BARS if not asked.only or bar.key in asked.only]
    started = time.perf_counter()
    measured = _measured(chosen, asked.replicates, asked.processes)
    stood = [each for bar in chosen for each in standing(bar, measured[bar.key])]
    elapsed = time.perf_counter() - started
    sys.stdout.write(table(stood) + f"\n{asked.replicates} replicates a cell, master seed {MASTER_SEED}, {elapsed:.0f} s\n")
    for failure in dict.fromkeys(failure for each in stood for failure in each.failures):
        sys.stdout.write(f"\n{failure}\n")
    if asked.json is not None:
        asked.json.write_text(json.dumps(as_document(stood, measured, asked.replicates), indent=1) + "\n")
    return int(any(each.verdict == "broken" for each in stood))


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Measure every acceptance bar.")
    parser.add_argument("--replicates", type=int, default=10_000)
    parser.add_argument("--only", nargs="+", default=[], metavar="BAR", choices=[bar.key for bar in BARS])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args(arguments)


def _measured(chosen: Sequence[Bar], replicates: int, processes: int) -> dict[str, list[Measured]]:
    """Every cell of every bar, each bar told as it is done. The suites take longest at a time, so they begin."""
    begun = sorted(chosen, key=lambda bar: not isinstance(bar.cells()[0], Suite))
    tasks = [(bar, place, replicates) for bar in begun for place in range(len(bar.cells()))]
    places = {bar.key: [cell.name for cell in bar.cells()] for bar in chosen}
    measured: dict[str, list[Measured]] = {bar.key: [] for bar in chosen}
    for done, each in enumerate(_run(tasks, processes), start=1):
        measured[each.bar].append(each)
        if len(measured[each.bar]) == len(places[each.bar]):
            measured[each.bar].sort(key=lambda one: places[one.bar].index(one.cell))  # cells come as they end, and the first worst is told
            bar = next(bar for bar in chosen if bar.key == each.bar)
            verdicts = ", ".join(f"{stood.line.key} {stood.verdict}" for stood in standing(bar, measured[each.bar]))
            sys.stderr.write(f"{done} of {len(tasks)} cells: {verdicts}\n")
            sys.stderr.flush()
    return measured


def _run(tasks: Sequence[tuple[Bar, int, int]], processes: int) -> Iterator[Measured]:
    """Measure, each as it ends."""
    if processes == 1:
        yield from map(measure_one, tasks)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:  # spawned, because forking a process with threads may hang
        yield from pool.imap_unordered(measure_one, tasks)


def table(stood: Iterable[Standing]) -> str:
    """The table: a line for each bound, judged by its worst cell."""
    heads = ("bar", "what", "cells", "worst", "+-", "bound", "verdict", "seconds", "where")
    rows = [heads, *(_row(each) for each in stood)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(heads))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _row(each: Standing) -> tuple[str, ...]:
    rate, error, where = "-", "-", "nothing was measured"
    if each.worst is not None:
        rate, where = f"{100 * each.worst.rate:.2f} %", each.worst.where
        error = "exact" if each.worst.of is None else f"{100 * each.worst.error:.2f}"
    return (each.line.key, each.line.what, str(each.cells), rate, error, each.line.bound, each.verdict, f"{each.seconds:.0f}", where)


def as_document(stood: Sequence[Standing], measured: Mapping[str, Sequence[Measured]], replicates: int) -> dict[str, Any]:
    """The same for other programs: each line's worst cell and the seed that gives it again. No times: the same code, the same file."""
    lines = []
    for each in stood:
        named = {"line": each.line.key, "what": each.line.what, "at_most": each.line.at_most, "at_least": each.line.at_least}
        lines.append({**named, "verdict": each.verdict, "cells": each.cells, "worst": _worst_of(each, measured)})
    return {"master_seed": MASTER_SEED, "replicates": replicates, "lines": lines}


def _worst_of(each: Standing, measured: Mapping[str, Sequence[Measured]]) -> dict[str, Any] | None:
    if each.worst is None:
        return None
    bar, cell = next((key, one.cell) for key, cells in measured.items() for one in cells if each.worst in one.rates)
    found = {"rate": each.worst.rate, "standard_error": each.worst.error, "of": each.worst.of, "where": each.worst.where}
    return {**found, "cell": cell, "seed": seed_of(bar, cell).entropy}


if __name__ == "__main__":
    sys.exit(main())
