"""B14: the interval of a 50 % time horizon over tasks in families.

Generator (the acceptance bars leave it open; our choice): each family has a middle length drawn evenly from 1 to 1024
minutes on the log2 scale and an easiness of its own, normal with sd 1 on the logit scale; its tasks lie within a factor of two
of the middle, and each is tried five times. Success falls by 0.6 logits with each doubling; the true horizon is 32 minutes,
where half of all attempts pass.

The interval is at 95 percent, and *covers* if the true horizon lies in it, its ends included. A set of tasks that the product
refuses has no interval and is left out of the coverage; how often that happens is shown beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evaluations.estimate import Unestimable
from evaluations.horizons import time_horizon
from evaluations.length_curves import Task
from tests.simulation.cells import Bar, Cell, Generator, Line, Rate
from tests.simulation.deciding import ALPHA

ATTEMPTS = 5
LONGEST = 10.0  # log2 minutes
HORIZON = 5.0  # log2 minutes: half an hour
FALL = 0.6  # logits a doubling
EASINESS = 1.0  # sd of families, in logits; our choice: intervals that count every attempt then cover 53 to 74 %

COVERED = Line("B14", "95 % interval of a time horizon, 8 or more families: coverage", at_least=0.92)
REFUSED = Line("B14 none", "time horizon refused")


@dataclass(frozen=True)
class Tasks(Cell):
    """So many families of so many tasks."""

    families: int
    size: int

    @property
    def name(self) -> str:
        return f"{self.families * self.size} tasks in {self.families} families"

    def draw(self, chance: Generator, replicates: int) -> Iterable[list[Task]]:
        """Tasks of each replicate."""
        shape = (replicates, self.families, self.size)
        lengths = LONGEST * chance.random((*shape[:2], 1)) + 2 * chance.random(shape) - 1
        logits = FALL * (HORIZON - lengths) + EASINESS * chance.standard_normal((*shape[:2], 1))
        passed = chance.binomial(ATTEMPTS, 1 / (1 + np.exp(-logits)))
        for minutes, successes in zip(np.exp2(lengths).tolist(), passed.tolist(), strict=True):
            yield [
                Task(each, solved, ATTEMPTS, family)
                for family in range(self.families)
                for each, solved in zip(minutes[family], successes[family], strict=True)
            ]

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:
        covered = refused = 0
        for tasks in self.draw(chance, replicates):
            found = time_horizon(tasks)
            if isinstance(found, Unestimable):
                refused += 1
            else:
                covered += found.lower(ALPHA) <= 2**HORIZON <= found.upper(ALPHA)
        yield Rate(COVERED.key, self.name, covered, replicates - refused)
        yield Rate(REFUSED.key, self.name, refused, replicates)


def tasks_in_families() -> Sequence[Cell]:
    """B14: 24, 45, 80 and 160 tasks."""
    return [Tasks(8, 3), Tasks(9, 5), Tasks(10, 8), Tasks(16, 10)]


HORIZON_BARS = (Bar("B14", (COVERED, REFUSED), tasks_in_families),)
