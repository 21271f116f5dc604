"""B12: three planned looks at one uplift trial, after a third, two thirds and all of the participants; the true ratio is the bar.

Generator: normal scores, 24 +- 9 without the model and 50 +- 21 with it, 15, 30 or 60 people an arm
in the end. The people of a look are among those of the next. The first look that decides ends the trial, so a false decision at
any look is one. What would come of asking every look at the full level is shown beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from evaluations.trials import Look
from evaluations.uplift.arms import ArmSummary
from evaluations.uplift.looks import looked_at
from evaluations.uplift.ratios import fieller_welch
from tests.simulation.cells import Bar, Cell, Generator, Line, Rate
from tests.simulation.deciding import verdict
from tests.simulation.uplift import MODELS, summaries
from thresholds.outcomes import VerdictOutcome

PLANNED = (Decimal("0.33333333"), Decimal("0.66666667"), Decimal(1))
SHOWN = 30  # people an arm in the cell that also asks every look at the full level
LOOKS = tuple(Look(taken=taken, planned_fractions=PLANNED) for taken in (1, 2, 3))

OUT = Line("B12 out", "three planned looks: false rule-out", at_most=0.028)
IN = Line("B12 in", "three planned looks: false rule-in", at_most=0.028)
UNADJUSTED = Line("B12 full", "each look at the full level: false rule-out")


@dataclass(frozen=True)
class Looked(Cell):
    """A trial of so many people an arm in the end."""

    n: int

    @property
    def name(self) -> str:
        return f"{self.n} an arm, looks after {', '.join(str(self.n * taken // 3) for taken in (1, 2, 3))}"

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:
        control, model = MODELS[0]
        bar = Fraction(int(model.mean), int(control.mean))
        without, having = (arm.draw(chance, (replicates, self.n)) for arm in (control, model))
        shown = [
            list(zip(summaries(having[:, :seen]), summaries(without[:, :seen]), strict=True))
            for seen in (self.n * taken // 3 for taken in (1, 2, 3))
        ]
        planned = [self._decided(pairs, bar, LOOKS) for pairs in zip(*shown, strict=True)]
        yield Rate(OUT.key, self.name, planned.count(VerdictOutcome.RULED_OUT), replicates)
        yield Rate(IN.key, self.name, planned.count(VerdictOutcome.CROSSED), replicates)
        if self.n != SHOWN:
            return
        full = [self._decided(pairs, bar, (None,) * len(LOOKS)) for pairs in zip(*shown, strict=True)]
        yield Rate(UNADJUSTED.key, self.name, full.count(VerdictOutcome.RULED_OUT), replicates)

    @staticmethod
    def _decided(pairs: Sequence[tuple[ArmSummary, ArmSummary]], bar: Fraction, looks: Sequence[Look | None]) -> VerdictOutcome:
        """The verdict at the first look that decides, or none."""
        for pair, look in zip(pairs, looks, strict=True):
            said = verdict(looked_at(fieller_welch(*pair), look), bar)
            if said in (VerdictOutcome.RULED_OUT, VerdictOutcome.CROSSED):
                return said
        return VerdictOutcome.NOT_RULED_OUT


def three_looks() -> Sequence[Cell]:
    """B12."""
    return [Looked(n) for n in (15, 30, 60)]


LOOK_BARS = (Bar("B12", (OUT, IN, UNADJUSTED), three_looks),)
