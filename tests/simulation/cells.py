"""What a simulation consists of: bars, the lines of the table they print, and the cells that measure them.

The rules kept here: a cell has a seed of its own, made from its name, so that it gives the same numbers alone, among others and
on any number of processes; a line is judged by its worst cell, and compared with its bound as measured, with no allowance for
chance unless one is asked for; a cell that crashes breaks its bar and never goes missing.

Left out: what is drawn and what is decided. The decision is always the product's; a module a section draws.
"""

from __future__ import annotations

import hashlib
import math
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from numpy.random import PCG64, Generator, SeedSequence  # noqa: TID251 - the simulation is where chance is made, from recorded seeds

MASTER_SEED = 20250224  # our choice: the date of the first system card that the project reads
ROOM = 1e-9  # absolute: sums of exact probabilities are floats; bar B2

__all__ = [
    "MASTER_SEED",
    "PCG64",
    "Bar",
    "Cell",
    "Generator",
    "Line",
    "Measured",
    "Rate",
    "SeedSequence",
    "Standing",
    "measure",
    "seed_of",
    "standing",
]


@dataclass(frozen=True)
class Rate:
    """How often something happened in one cell: ``hits`` of ``of``, or a probability summed without chance (``of`` is ``None``).

    ``line`` is the key of the line of the table it counts for.
    """

    line: str
    where: str
    hits: float
    of: int | None

    @property
    def rate(self) -> float:
        """The share, from 0 to 1."""
        return self.hits if self.of is None else self.hits / self.of

    @property
    def error(self) -> float:
        """One Monte-Carlo standard error; 0 where there was no chance."""
        return 0.0 if self.of is None else math.sqrt(self.rate * (1 - self.rate) / self.of)


@dataclass(frozen=True)
class Line:
    """One line of the table: what is measured and the bound it must keep. ``shown_only`` lines inform and never break."""

    key: str
    what: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def bound(self) -> str:
        """The bound in words."""
        ends = [("<=", self.at_most), (">=", self.at_least)]
        told = [f"{sign} {100 * end:.4g} %" for sign, end in ends if end is not None]
        return " and ".join(told) if told else "for information"

    def room(self, rate: float) -> float:
        """How far inside its bound a rate lies; negative if it is outside. Without a bound, the smaller rate has more room."""
        rooms = [self.at_most - rate] if self.at_most is not None else []
        rooms += [rate - self.at_least] if self.at_least is not None else []
        return min(rooms, default=-rate)


class Cell(ABC):
    """One setting: draws so many replicates, lets the product decide each, and counts. Cells are frozen dataclasses."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What sets it apart, in words; its seed follows from it."""

    @abstractmethod
    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:
        """Measure, with that source of chance."""


@dataclass(frozen=True)
class Bar:
    """One acceptance bar: its lines, and the cells it is measured on. ``most_replicates`` caps a cell that is slow by nature."""

    key: str
    lines: tuple[Line, ...]
    cells: Callable[[], Sequence[Cell]]
    most_replicates: int | None = None


@dataclass(frozen=True)
class Measured:
    """What one cell gave, in how many seconds; ``failure`` is the traceback of a cell that crashed."""

    bar: str
    cell: str
    rates: tuple[Rate, ...]
    seconds: float
    failure: str = ""


@dataclass(frozen=True)
class Standing:
    """A line of the table as it came out."""

    line: Line
    cells: int
    worst: Rate | None
    seconds: float
    verdict: Literal["holds", "broken", "shown"]
    failures: tuple[str, ...] = field(default=())


def seed_of(bar: str, cell: str) -> SeedSequence:
    """The seed of a cell of that name: the master seed and a digest of bar and name."""
    digest = hashlib.sha256(f"{bar} {cell}".encode()).digest()
    return SeedSequence([MASTER_SEED, int.from_bytes(digest[:8], "big")])


def measure(bar: Bar, cell: Cell, replicates: int) -> Measured:
    """Run one cell."""
    started = time.perf_counter()
    wanted = min(replicates, bar.most_replicates or replicates)
    try:
        rates = tuple(cell.rates(Generator(PCG64(seed_of(bar.key, cell.name))), wanted))
        failure = ""
    except Exception:  # whatever it was, the bar is broken and the table says so
        rates, failure = (), traceback.format_exc()
    return Measured(bar.key, cell.name, rates, time.perf_counter() - started, failure)


def measure_one(task: tuple[Bar, int, int]) -> Measured:
    """Run one cell of a bar, named by its place, with so many replicates: what is handed to another process."""
    bar, place, replicates = task
    return measure(bar, bar.cells()[place], replicates)


def standing(bar: Bar, measured: Sequence[Measured], allowed_errors: float = 0.0) -> tuple[Standing, ...]:
    """Hold each line's worst cell against its bound. ``allowed_errors`` Monte-Carlo standard errors are granted on top of it."""
    failures = tuple(f"{each.cell}: {each.failure}" for each in measured if each.failure)
    seconds = sum(each.seconds for each in measured)
    stood = []
    for line in bar.lines:
        rates = [rate for each in measured for rate in each.rates if rate.line == line.key]
        worst = min(rates, key=lambda rate: line.room(rate.rate) + allowed_errors * _error_at_bound(line, rate), default=None)
        bounded = line.at_most is not None or line.at_least is not None
        holds = worst is not None and not failures and line.room(worst.rate) + allowed_errors * _error_at_bound(line, worst) >= -ROOM
        verdict: Literal["holds", "broken", "shown"] = ("holds" if holds else "broken") if bounded else "shown"
        stood.append(Standing(line, len(rates), worst, seconds, verdict, failures))
    return tuple(stood)


def _error_at_bound(line: Line, rate: Rate) -> float:
    """Standard error of a rate whose truth is the bound itself, the nearer one if there are two; never that of a lucky 0 of n."""
    ends = [end for end in (line.at_most, line.at_least) if end is not None]
    if not ends or rate.of is None:
        return 0.0
    end = min(ends, key=lambda each: abs(each - rate.rate))
    return math.sqrt(end * (1 - end) / rate.of)
