"""B2: Clopper-Pearson, one attempt an item. No chance: the binomial probabilities of every count that would be decided wrongly are summed.

The truth is the bar itself, so *ruled out* and *crossed* are both errors; n runs from 10 to 200 and the bar from 5 to 95
percent in steps of 5, which leaves none out. The probabilities are those of scipy, the verdicts those of the product.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import stats

from evaluations.proportions import clopper_pearson
from tests.simulation.cells import Bar, Cell, Generator, Line, Rate
from tests.simulation.deciding import Remembered, verdict
from thresholds.outcomes import VerdictOutcome

BARS = tuple(Fraction(5 * step, 100) for step in range(1, 20))
OUT = Line("B2 out", "Clopper-Pearson, exact sum: false rule-out", at_most=0.025)
IN = Line("B2 in", "Clopper-Pearson, exact sum: false rule-in", at_most=0.025)


@dataclass(frozen=True)
class Counts(Cell):
    """Every count of one n against every bar."""

    n: int
    bars: tuple[Fraction, ...] = BARS

    @property
    def name(self) -> str:
        return f"n {self.n}"

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:  # noqa: ARG002 - an exact sum needs neither
        estimates = [Remembered.of(clopper_pearson(passed, self.n)) for passed in range(self.n + 1)]
        for bar in self.bars:
            probabilities = stats.binom.pmf(np.arange(self.n + 1), self.n, float(bar))
            verdicts = [verdict(estimate, bar) for estimate in estimates]
            for line, wrong in ((OUT, VerdictOutcome.RULED_OUT), (IN, VerdictOutcome.CROSSED)):
                erring = [float(p) for p, said in zip(probabilities, verdicts, strict=True) if said is wrong]
                yield Rate(line.key, f"n {self.n}, bar {float(bar):g}", sum(erring), None)


def every_count() -> Sequence[Cell]:
    """All of n = 10 to 200."""
    return [Counts(n) for n in range(10, 201)]


PROPORTIONS = (Bar("B2", (OUT, IN), every_count),)
