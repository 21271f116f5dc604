"""B3 and B4: items with repeated attempts, without clusters and with them. The truth is the bar itself, so any decision is an error.

Generator (the acceptance bars leave it open; our choice, with which t intervals err as they are known to): every
item has a chance of passing drawn from a Beta distribution whose mean is the bar and whose intra-item correlation r is 0.1, 0.5
or 0.9, that is Beta(b(1-r)/r, (1-b)(1-r)/r); its attempts are independent given that chance. In clusters, each cluster first
draws a mean of its own from such a distribution with correlation 0.2, which stands in for the bar. A single attempt knows no
correlation within items and is run once. Clusters of 5 are filled in order and the last takes what is left; sizes 1, 1, 2, 6
repeat in that order.

Estimates are made from columns of passes (``evaluations.columns``), which the product holds to the same numbers as records of items; a
test here holds them to it once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from evaluations.columns import columns_estimate
from evaluations.estimate import Estimate, Unestimable
from tests.simulation.cells import Bar, Cell, Generator, Line, Rate
from tests.simulation.deciding import verdict
from thresholds.outcomes import VerdictOutcome

SIZES = (10, 20, 42, 100, 200)
ATTEMPTS = (1, 5, 10)
CORRELATIONS = (0.1, 0.5, 0.9)
DESIGNS = [
    (attempts, correlation) for attempts in ATTEMPTS for correlation in CORRELATIONS if attempts > 1 or correlation == CORRELATIONS[0]
]
CLUSTER_CORRELATION = 0.2  # the acceptance bars are set at this one
SMALLEST = 1e-9  # our choice: a cluster whose mean is nearer to an end would leave its items no Beta distribution
EQUAL, UNEQUAL = (5,), (1, 1, 2, 6)  # cluster sizes, repeated

Passes = NDArray[np.int64]

OUT = Line("B3 out", "items without clusters: false rule-out", at_most=0.030)
IN = Line("B3 in", "items without clusters: false rule-in", at_most=0.030)
CLUSTERED_OUT = Line("B4 out", "clustered items, bars 0.2 to 0.8: false rule-out", at_most=0.035)
CLUSTERED_IN = Line("B4 in", "clustered items, bars 0.2 to 0.8: false rule-in", at_most=0.035)
LOW_OUT = Line("B4 low out", "clustered items, bar 0.1: false rule-out", at_most=0.045)
LOW_IN = Line("B4 low in", "clustered items, bar 0.1: false rule-in", at_most=0.045)


def labels_of(items: int, sizes: tuple[int, ...] | None) -> NDArray[np.int64]:
    """The cluster of each item; without sizes every item is its own."""
    if sizes is None:
        return np.arange(items)
    labels: list[int] = []
    for cluster, size in enumerate(cycle(sizes)):
        labels += [cluster] * size
        if len(labels) >= items:
            return np.array(labels[:items])
    raise AssertionError("a cycle has no end")


def _shares(chance: Generator, means: NDArray[np.float64], correlation: float) -> NDArray[np.float64]:
    """Beta draws around those means."""
    weight = (1 - correlation) / correlation
    inside = np.clip(means, SMALLEST, 1 - SMALLEST)
    return chance.beta(inside * weight, (1 - inside) * weight)


def estimates(passes: Passes, attempts: int, sizes: tuple[int, ...] | None) -> list[Estimate | Unestimable]:
    """The product's estimate of every replicate (a row of ``passes``); rows that must give the same share one.

    Without clusters those are rows of one sum; with them, rows that differ by the order of items and of clusters of one size.
    """
    if sizes is None:
        _, first, places = np.unique(passes.sum(axis=1), return_index=True, return_inverse=True)
        built = [columns_estimate(passes[at], attempts, None) for at in first]
    else:
        labels = labels_of(passes.shape[1], sizes)
        rows, places = np.unique(_in_order(passes, labels), axis=0, return_inverse=True)
        built = [columns_estimate(row, attempts, labels) for row in rows]
    return [built[place] for place in places.ravel()]


def _in_order(passes: Passes, labels: NDArray[np.int64]) -> Passes:
    """The same items, sorted within clusters, and clusters of one size sorted among themselves."""
    sizes = np.bincount(labels)
    ordered = np.empty_like(passes)
    for size in np.unique(sizes):
        columns = np.flatnonzero(sizes[labels] == size)
        blocks = np.sort(passes[:, columns].reshape(len(passes), -1, size), axis=2)
        keys = np.zeros(blocks.shape[:2], dtype=np.float64)
        for place in range(size):
            keys = keys * (int(passes.max()) + 1) + blocks[:, :, place]
        order = np.argsort(keys, axis=1, kind="stable")
        ordered[:, columns] = np.take_along_axis(blocks, order[:, :, None], axis=1).reshape(len(passes), -1)
    return ordered


@dataclass(frozen=True)
class Items(Cell):
    """One design at one bar."""

    items: int
    attempts: int
    correlation: float
    sizes: tuple[int, ...] | None
    bar: Fraction
    out: str
    into: str

    @property
    def name(self) -> str:
        clusters = "no clusters" if self.sizes is None else f"clusters of {','.join(map(str, self.sizes))}"
        tried = "1 attempt" if self.attempts == 1 else f"{self.attempts} attempts, correlation {self.correlation:g}"
        return f"{self.items} items, {clusters}, {tried}, bar {float(self.bar):g}"

    def draw(self, chance: Generator, replicates: int) -> Passes:
        """Passes of each item in each replicate, the truth being the bar."""
        labels = labels_of(self.items, self.sizes)
        means = np.full((replicates, self.items), float(self.bar))
        if self.sizes is not None:
            means = _shares(chance, means[:, : int(labels.max()) + 1], CLUSTER_CORRELATION)[:, labels]
        return chance.binomial(self.attempts, means if self.attempts == 1 else _shares(chance, means, self.correlation))

    def decided(self, passes: Passes) -> list[Estimate | Unestimable]:
        """The estimate that decides each replicate: the product's."""
        return estimates(passes, self.attempts, self.sizes)

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:
        known: dict[int, VerdictOutcome] = {}
        said = []
        for estimate in self.decided(self.draw(chance, replicates)):
            if id(estimate) not in known:
                known[id(estimate)] = verdict(estimate, self.bar)
            said.append(known[id(estimate)])
        yield Rate(self.out, self.name, said.count(VerdictOutcome.RULED_OUT), replicates)
        yield Rate(self.into, self.name, said.count(VerdictOutcome.CROSSED), replicates)


def unclustered_cells() -> Sequence[Cell]:
    """B3: every size, number of attempts and correlation, bars 0.1 to 0.9."""
    bars = [Fraction(tenths, 10) for tenths in (1, 2, 3, 5, 7, 8, 9)]
    return [Items(items, *design, None, bar, OUT.key, IN.key) for items in SIZES for design in DESIGNS for bar in bars]


def clustered_cells() -> Sequence[Cell]:
    """B4: the same designs in equal and unequal clusters, bars 0.1, 0.2, 0.5 and 0.8."""
    return [
        Items(items, *design, sizes, bar, *((LOW_OUT.key, LOW_IN.key) if bar < Fraction(1, 5) else (CLUSTERED_OUT.key, CLUSTERED_IN.key)))
        for sizes in (EQUAL, UNEQUAL)
        for items in SIZES
        for design in DESIGNS
        for bar in (Fraction(1, 10), Fraction(2, 10), Fraction(5, 10), Fraction(8, 10))
    ]


ITEMS = (
    Bar("B3", (OUT, IN), unclustered_cells),
    Bar("B4", (CLUSTERED_OUT, CLUSTERED_IN, LOW_OUT, LOW_IN), clustered_cells),
)
