"""B13: the drop alarm over a run of six snapshots in which nothing changes. Every alarm is false.

Generator: that of ``snapshots`` (the acceptance bars leave it open; our choice), all six truths at one half, five
attempts, with and without clusters of 1, 1, 2, 6. A run counts once, however many of its five pairs alarm. Jumps have an alarm
of their own; how often it is false is shown beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluations.estimate import Unestimable
from evaluations.trends.regressions import snapshot_drops
from tests.simulation.cells import Bar, Cell, Generator, Line, Rate
from tests.simulation.items import UNEQUAL, labels_of
from tests.simulation.snapshots import ATTEMPTS, SNAPSHOTS, WEIGHT, Snapshots
from thresholds.outcomes import VerdictOutcome

DROPS = Line("B13", "drop alarm, no change: false alarm a run of six", at_most=0.015)
JUMPS = Line("B13 jumps", "jump alarm, no change: false alarm a run of six")
SHARES = tuple(Fraction(passed, ATTEMPTS) for passed in range(ATTEMPTS + 1))


@dataclass(frozen=True)
class Unchanged(Cell):
    """Six snapshots of one truth."""

    items: int
    sizes: tuple[int, ...] | None

    @property
    def name(self) -> str:
        clusters = "no clusters" if self.sizes is None else f"clusters of {','.join(map(str, self.sizes))}"
        return f"{self.items} items, {clusters}, six snapshots at 0.5"

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:
        drawing = Snapshots(self.items, self.sizes, (0.5,) * SNAPSHOTS, WEIGHT, "not counted", VerdictOutcome.RULED_OUT)
        names = [f"item-{place:03d}" for place in range(self.items)]
        clusters = None
        if self.sizes is not None:
            clusters = {name: f"cluster-{label}" for name, label in zip(names, labels_of(self.items, self.sizes).tolist(), strict=True)}
        drops = jumps = 0
        for tables in zip(*(each.tolist() for each in drawing.draw(chance, replicates)), strict=True):
            run = [
                (f"snapshot-{place}", {name: SHARES[passed] for name, passed in zip(names, row, strict=True)})
                for place, row in enumerate(tables)
            ]
            found = snapshot_drops(run, clusters)
            assert not isinstance(found, Unestimable), found
            drops += any(pair.drop == "drop" for pair in found.pairs)
            jumps += any(pair.jump == "jump" for pair in found.pairs)
        yield Rate(DROPS.key, self.name, drops, replicates)
        yield Rate(JUMPS.key, self.name, jumps, replicates)


def unchanged() -> Sequence[Cell]:
    """B13."""
    return [Unchanged(items, sizes) for sizes in (None, UNEQUAL) for items in (20, 42, 100, 200)]


DROP_BARS = (Bar("B13", (DROPS, JUMPS), unchanged),)
