"""B10 and B11: a line through 4 to 10 models, its prediction interval, and the date by which it says the bar is crossed.

Generator (the acceptance bars leave it open; our choice): models lie evenly over one unit of x, from 0 to 1; the truth is
a line on the logit scale from -1.5 to 0.5 with independent normal residuals of sd 0.2 or 0.5; scores go into the product as
shares.

B10 asks where a further model at x = 1.25 lies, B11 puts the bar where the true line stands at x = 1.25 and asks for the date
stated with 90 percent. It *holds* if the true crossing lies at or before it: a date that never comes (infinity) promises
nothing and so holds; *already* is a claim that the last model is beyond the bar, which is wrong here. How often there is no
finite date is shown beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evaluations.estimate import Unestimable
from evaluations.trends.crossings import crossing_distribution
from evaluations.trends.lines import LinePoint, native, trend_line
from tests.simulation.cells import Bar, Cell, Generator, Line, Rate
from tests.simulation.deciding import ALPHA

POINTS = (4, 5, 6, 8, 10)
SPREADS = (0.2, 0.5)
FROM, TO, BEYOND = -1.5, 0.5, 1.25  # our choice: shares from 18 to 62 percent, and a quarter of the range beyond

PREDICTED = Line("B10", "95 % prediction interval: coverage", at_most=0.96, at_least=0.94)
DATED = Line("B11", "90 % crossing date: holds", at_least=0.885)
DATELESS = Line("B11 none", "90 % crossing date: there is none")


@dataclass(frozen=True)
class Trend(Cell):
    """So many models about a line, with that residual sd."""

    models: int
    spread: float

    @property
    def name(self) -> str:
        return f"{self.models} models, residual sd {self.spread:g}"

    @staticmethod
    def truth(x: float) -> float:
        """The true line, in logits."""
        return FROM + (TO - FROM) * x

    def draw(self, chance: Generator, replicates: int) -> Iterable[tuple[list[LinePoint], float]]:
        """The points of each replicate as shares, and a further model's share at ``BEYOND``."""
        places = np.linspace(0.0, 1.0, self.models)
        noise = self.spread * chance.standard_normal((replicates, self.models + 1))
        shares = 1 / (1 + np.exp(-(np.array([self.truth(x) for x in (*places.tolist(), BEYOND)]) + noise)))
        for row in shares.tolist():
            yield [LinePoint(x, y) for x, y in zip(places.tolist(), row, strict=False)], row[-1]


@dataclass(frozen=True)
class Predictions(Trend):
    """Whether a further model lies inside the prediction band."""

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:
        hits = 0
        for points, further in self.draw(chance, replicates):
            line = trend_line(points, "logit")
            assert not isinstance(line, Unestimable), line
            low, high = line.prediction_band(BEYOND, ALPHA)
            hits += low <= further <= high
        yield Rate(PREDICTED.key, self.name, hits, replicates)


@dataclass(frozen=True)
class Dates(Trend):
    """Whether the bar is crossed by the date stated with 90 percent."""

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:
        bar = native(self.truth(BEYOND), "logit")
        hits = dateless = 0
        for points, _ in self.draw(chance, replicates):
            found = crossing_distribution(points, "logit", bar)
            assert not isinstance(found, Unestimable), found
            date = found.place(0.9, "line")
            hits += date != "already" and date >= BEYOND
            dateless += date == math.inf
        yield Rate(DATED.key, self.name, hits, replicates)
        yield Rate(DATELESS.key, self.name, dateless, replicates)


def predictions() -> Sequence[Cell]:
    """B10."""
    return [Predictions(models, spread) for models in POINTS for spread in SPREADS]


def dates() -> Sequence[Cell]:
    """B11."""
    return [Dates(models, spread) for models in POINTS for spread in SPREADS]


TREND_BARS = (Bar("B10", (PREDICTED,), predictions), Bar("B11", (DATED, DATELESS), dates))
