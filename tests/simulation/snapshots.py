"""B5, B6, the first half of B15, and B16: six snapshots on the same items, five attempts each, bar one half.

Generator (the acceptance bars leave it open; our choice): an item's chance of passing in one snapshot is a Beta quantile of a
normal latent, of mean the snapshot's truth and intra-item correlation 0.4, which was set so that 42 items have the power that the
method was designed for (84 % for six snapshots at 0.25, 9 % at 0.35). Of the latent's variance the *weight* (0.7 where rule-outs
are measured, 0.3 and 0.9 where rule-ins are) is the item's own, shared by all snapshots, and the rest is the snapshot's. In
clusters both parts correlate by 0.2. Rule-outs are measured with one snapshot at the bar and five below it, because that is the
worst place there is; rule-ins with all six at the bar.

B16 sends two bad practices through the same cells: attempts counted as items, and the highest point estimate compared with the
bar. Both are written here and nowhere in the product. Their lines hold if they fail.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evaluations.estimate import Estimate, Unestimable
from evaluations.proportions import clopper_pearson
from tests.simulation.cells import Bar, Cell, Generator, Line, Rate
from tests.simulation.deciding import highest, verdict
from tests.simulation.items import UNEQUAL, Items, Passes, estimates, labels_of
from thresholds.outcomes import VerdictOutcome

BAR = Fraction(1, 2)
SNAPSHOTS = 6
ATTEMPTS = 5
CORRELATION = 0.4
WEIGHT = 0.7
CLUSTER_CORRELATION = 0.2  # the acceptance bars are set at this one
STEPS = 1 << 16  # our choice: places at which a Beta quantile is tabled; its mean is then right to a millionth
DESIGNS = (*((items, None) for items in (10, 20, 42, 100, 200)), *((items, UNEQUAL) for items in (20, 42, 100, 200)))

ONE_AT_BAR = Line("B5", "six snapshots, one at the bar: false rule-out", at_most=0.030)
ALL_AT_BAR = Line("B6", "six snapshots, all at the bar: false crossed", at_most=0.030)
ALL_LOW = Line("B15 snapshots", "power: six snapshots at 0.25, 42 items", at_least=0.80)
POOLED = Line("B16 pooled", "control, attempts counted as items: false rule-out", at_least=0.10)
POINTS = Line("B16 points", "control, highest point under the bar: false rule-out", at_least=0.10)


@lru_cache(maxsize=8)
def _chances(mean: float) -> NDArray[np.float64]:
    """Beta quantiles at the middle of ``STEPS`` equal steps."""
    weight = (1 - CORRELATION) / CORRELATION
    quantiles = special.betaincinv(mean * weight, (1 - mean) * weight, (np.arange(STEPS) + 0.5) / STEPS)
    return np.asarray(quantiles, dtype=np.float64)


def _latents(chance: Generator, replicates: int, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standard normal latents, one an item; those of one cluster correlate."""
    own = chance.standard_normal((replicates, len(labels)))
    clusters = int(labels.max()) + 1
    if clusters == len(labels):
        return own
    shared = chance.standard_normal((replicates, clusters))[:, labels]
    return math.sqrt(CLUSTER_CORRELATION) * shared + math.sqrt(1 - CLUSTER_CORRELATION) * own


@dataclass(frozen=True)
class Snapshots(Cell):
    """Six snapshots with these truths; ``wrong`` is the verdict that is counted."""

    items: int
    sizes: tuple[int, ...] | None
    truths: tuple[float, ...]
    weight: float
    line: str
    wrong: VerdictOutcome

    @property
    def name(self) -> str:
        clusters = "no clusters" if self.sizes is None else f"clusters of {','.join(map(str, self.sizes))}"
        truths = " and ".join(f"{often} at {truth:g}" for truth, often in Counter(self.truths).items())
        return f"{self.items} items, {clusters}, {truths}, weight {self.weight:g}"

    def draw(self, chance: Generator, replicates: int) -> list[Passes]:
        """Passes of each item in each replicate, one table a snapshot."""
        labels = labels_of(self.items, self.sizes)
        shared = _latents(chance, replicates, labels)
        passes = []
        for truth in self.truths:
            latent = math.sqrt(self.weight) * shared + math.sqrt(1 - self.weight) * _latents(chance, replicates, labels)
            places = np.minimum((special.ndtr(latent) * STEPS).astype(np.int64), STEPS - 1)
            passes.append(chance.binomial(ATTEMPTS, _chances(truth)[places]))
        return passes

    def said(self, passes: list[Passes]) -> list[VerdictOutcome]:
        """The verdict on each replicate: the product's."""
        known: dict[int, VerdictOutcome] = {}
        columns = []
        for table in passes:
            column = estimates(table, ATTEMPTS, self.sizes)
            known |= {
                id(each): verdict(each, BAR, SNAPSHOTS) for each in {id(one): one for one in column}.values() if id(each) not in known
            }
            columns.append(column)  # kept, so that no two estimates share an id
        return [highest([known[id(each)] for each in row]) for row in zip(*columns, strict=True)]

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:
        yield Rate(self.line, self.name, self.said(self.draw(chance, replicates)).count(self.wrong), replicates)


@dataclass(frozen=True)
class HighestPoint(Snapshots):
    """A bad practice: ruled out if the highest point estimate lies under the bar."""

    def said(self, passes: list[Passes]) -> list[VerdictOutcome]:
        under = np.stack([table.mean(axis=1) / ATTEMPTS for table in passes]).max(axis=0) < float(BAR)
        return [VerdictOutcome.RULED_OUT if each else VerdictOutcome.NOT_RULED_OUT for each in under.tolist()]


@dataclass(frozen=True)
class PooledAttempts(Items):
    """A bad practice: every attempt counts as an item."""

    def decided(self, passes: Passes) -> list[Estimate | Unestimable]:
        n = self.items * self.attempts
        built = {int(total): clopper_pearson(int(total), n) for total in np.unique(passes.sum(axis=1))}
        return [built[int(total)] for total in passes.sum(axis=1)]


def one_at_bar() -> Sequence[Cell]:
    """B5: one snapshot at the bar, five clearly or barely under it."""
    return [
        Snapshots(items, sizes, (0.5, *(others,) * (SNAPSHOTS - 1)), WEIGHT, ONE_AT_BAR.key, VerdictOutcome.RULED_OUT)
        for items, sizes in DESIGNS
        for others in (0.25, 0.45)
    ]


def all_at_bar() -> Sequence[Cell]:
    """B6."""
    return [
        Snapshots(items, sizes, (0.5,) * SNAPSHOTS, weight, ALL_AT_BAR.key, VerdictOutcome.CROSSED)
        for items, sizes in DESIGNS
        for weight in (0.3, 0.9)
    ]


def all_low() -> Sequence[Cell]:
    """B15: an honest harness can also say ruled out."""
    return [Snapshots(42, None, (0.25,) * SNAPSHOTS, WEIGHT, ALL_LOW.key, VerdictOutcome.RULED_OUT)]


def bad_practices() -> Sequence[Cell]:
    """B16: the two practices where they are known to fail, on the cells that the default must keep."""
    points = [
        HighestPoint(items, sizes, (0.5, *(0.25,) * (SNAPSHOTS - 1)), WEIGHT, POINTS.key, VerdictOutcome.RULED_OUT)
        for items, sizes in DESIGNS
    ]
    pooled = [
        PooledAttempts(items, 10, correlation, None, BAR, POOLED.key, "not counted")
        for items in (20, 42, 100)
        for correlation in (0.5, 0.9)
    ]
    return [*points, *pooled]


SNAPSHOT_BARS = (Bar("B5", (ONE_AT_BAR,), one_at_bar), Bar("B6", (ALL_AT_BAR,), all_at_bar))
CONTROLS = (Bar("B16", (POOLED, POINTS), bad_practices),)
