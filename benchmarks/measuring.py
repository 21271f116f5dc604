"""Timing in alternation: floor and subject in turn, so that a machine whose speed drifts slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """Seconds of each run of the subject and of its floor."""

    name: str
    floor_name: str
    subject: tuple[float, ...]
    floor: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median over pairs of subject to floor."""
        return statistics.median(s / f for s, f in zip(self.subject, self.floor, strict=True))

    def __str__(self) -> str:
        subject, floor = statistics.median(self.subject), statistics.median(self.floor)
        spread = f"{min(self.subject) * 1000:.0f} to {max(self.subject) * 1000:.0f}"
        return (
            f"{self.name}\n    {subject * 1000:8.1f} ms median of {len(self.subject)} ({spread} ms)\n"
            f"    {floor * 1000:8.1f} ms {self.floor_name}\n    {self.ratio:8.2f} x, median of the pairs"
        )


def paired(name: str, subject: Callable[[], object], floor_name: str, floor: Callable[[], object], *, runs: int) -> Measured:
    """Run floor and subject in turn, once unmeasured and then ``runs`` times."""
    floor(), subject()
    floors, subjects = [], []
    for _ in range(runs):
        floors.append(_seconds(floor))
        subjects.append(_seconds(subject))
    return Measured(name, floor_name, tuple(subjects), tuple(floors))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
