"""B8, B9 and the second half of B15: uplift trials of 5 to 30 people an arm, the true ratio being the bar.

Score models: nine from normal to skewed to two outcomes, and normal scores for the second published group, 27 +- 9 against 57
+- 20, as the tenth. *40 % zeros*: in both arms 40 percent score 0 and the rest follow a Beta distribution with the printed sd,
such that all together have the printed mean. *Binary*: everybody scores 0 or 100, which the product decides as two shares.
Normal scores are not cut off at 0. Scores are drawn as whole thousandths of a point, so that sums are exact.

Beyond the ten, and for information only, because there the bar for ruling out does *not* hold with 5 people an arm: controls of
whom 40 percent score 0 and nearly all others 25, which is as far from a normal distribution as 15 +- 12 can be.

B9 draws normal scores, 24 +- 9 in the control arm of every group and sd 21 in the model arm; the logarithms of the groups'
ratios spread by tau around that of 2.1. The stratified ratio is held against the ratio of the groups actually drawn, as it
speaks for these groups on average; random effects are held against 2.1, the middle of all conceivable groups.

Arms are summarised here by whole-number sums, many trials at once; a test holds them to ``ArmSummary.of_scores``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from evaluations.estimate import Estimate, Unestimable
from evaluations.uplift.arms import ArmSummary
from evaluations.uplift.pooling import pooled_log_ratio
from evaluations.uplift.ratios import MOST_STRATA, LogRatio, fieller_welch, log_ratio, stratified
from evaluations.uplift.risk_ratios import risk_ratio
from tests.simulation.cells import Bar, Cell, Generator, Line, Rate
from tests.simulation.deciding import Remembered, verdict
from thresholds.outcomes import VerdictOutcome

UNIT = 1000  # whole thousandths of a point
SIZES = (5, 8, 10, 20, 30)

OUT = Line("B8 out", "uplift, ten score models: false rule-out", at_most=0.030)
IN = Line("B8 in", "uplift, ten score models: false rule-in", at_most=0.047)
BEYOND_OUT = Line("B8 beyond out", "uplift, controls at two points: false rule-out")
BEYOND_IN = Line("B8 beyond in", "uplift, controls at two points: false rule-in")
FIVE_OUT = Line("B9 five", "five groups, random effects: false rule-out", at_most=0.029)
GROUPS_OUT = Line("B9", "two to four groups, stratified: false rule-out", at_most=0.029)
POWER = Line("B15 uplift", "power: 2.08x against 5x, 10 an arm", at_least=0.97)

Scores = NDArray[np.int64]
ZEROS = {"40 % zeros": 0.0, "40 % zeros, others nearly alike": 5.0}  # the sd of those who do not score 0; 0 for the printed one


@dataclass(frozen=True)
class Scored:
    """How one arm scores: mean and sd in points from 0 to 100, and the shape of the distribution."""

    shape: str
    mean: float
    sd: float

    def draw(self, chance: Generator, size: tuple[int, int]) -> Scores:
        """Scores in thousandths of a point."""
        if self.shape == "normal":
            drawn = self.mean + self.sd * chance.standard_normal(size)
        elif self.shape == "binary":
            drawn = 100.0 * (chance.random(size) < self.mean / 100)
        elif self.shape in ZEROS:
            drawn = np.where(chance.random(size) < 0.4, 0.0, _beta(chance, self.mean / 0.6, ZEROS[self.shape] or self.sd, size))
        else:
            drawn = _beta(chance, self.mean, self.sd, size)
        return np.rint(drawn * UNIT).astype(np.int64)


def _beta(chance: Generator, mean: float, sd: float, size: tuple[int, int]) -> NDArray[np.float64]:
    """Beta scores from 0 to 100 with that mean and sd."""
    share, variance = mean / 100, (sd / 100) ** 2
    weight = share * (1 - share) / variance - 1
    return 100 * chance.beta(share * weight, (1 - share) * weight, size)


def summaries(scores: Scores) -> list[ArmSummary]:
    """Each row as the product summarises an arm: exact mean, variance of the mean."""
    n = scores.shape[1]
    rows = zip(scores.sum(axis=1).tolist(), (scores**2).sum(axis=1).tolist(), strict=True)
    return [ArmSummary(Fraction(total, n), float(Fraction(n * squares - total**2, n**2 * (n - 1))), n) for total, squares in rows]


MODELS = (
    (Scored("normal", 24, 9), Scored("normal", 50, 21)),
    (Scored("normal", 27, 9), Scored("normal", 57, 20)),
    (Scored("beta", 24, 9), Scored("beta", 50, 21)),
    (Scored("beta", 27, 9), Scored("beta", 57, 20)),
    (Scored("beta", 24, 9), Scored("beta", 67, 21)),
    (Scored("beta", 15, 12), Scored("beta", 42, 21)),
    (Scored("40 % zeros", 15, 12), Scored("40 % zeros", 42, 21)),
    (Scored("beta", 15, 12), Scored("beta", 75, 20)),
    (Scored("beta", 10, 10), Scored("beta", 50, 25)),
    (Scored("binary", 20, 40), Scored("binary", 56, 50)),
)
BEYOND = (Scored("40 % zeros, others nearly alike", 15, 12), Scored("beta", 42, 21))


@cache
def _of_shares(having: int, without: int, n: int) -> Estimate | Unestimable:
    found = risk_ratio(having, n, without, n)
    return Remembered.of(found) if isinstance(found, Estimate) else found


@dataclass(frozen=True)
class Trials(Cell):
    """Trials of one score model with so many people an arm, against a bar."""

    control: Scored
    model: Scored
    n: int
    bar: Fraction
    out: str
    into: str | None

    @property
    def name(self) -> str:
        control, model = (f"{arm.shape} {arm.mean:g} +- {arm.sd:g}" for arm in (self.control, self.model))
        return f"{control} against {model}, {self.n} an arm, bar {float(self.bar):.3g}x"

    def estimates(self, model: Scores, control: Scores) -> list[Estimate | Unestimable]:
        """The product's estimate of every replicate; where everybody scores 0 or 100, that of two shares."""
        if self.control.shape != "binary":
            return [fieller_welch(*pair) for pair in zip(summaries(model), summaries(control), strict=True)]
        passed = zip((model > 0).sum(axis=1).tolist(), (control > 0).sum(axis=1).tolist(), strict=True)
        return [_of_shares(having, without, self.n) for having, without in passed]

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:
        control, model = (arm.draw(chance, (replicates, self.n)) for arm in (self.control, self.model))
        said = [verdict(estimate, self.bar) for estimate in self.estimates(model, control)]
        yield Rate(self.out, self.name, said.count(VerdictOutcome.RULED_OUT), replicates)
        if self.into is not None:
            yield Rate(self.into, self.name, said.count(VerdictOutcome.CROSSED), replicates)


@dataclass(frozen=True)
class Groups(Cell):
    """Trials in several groups, with so many people an arm in each; ``tau`` is the spread of the groups' log ratios."""

    sizes: tuple[int, ...]
    tau: float
    middle: float = 2.1  # the usual published ratio

    @property
    def name(self) -> str:
        return f"{len(self.sizes)} groups of {', '.join(map(str, self.sizes))} an arm, tau {self.tau:g}"

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:
        ratios = self.middle * np.exp(self.tau * chance.standard_normal((replicates, len(self.sizes))))
        pairs = []
        for group, n in enumerate(self.sizes):
            control = Scored("normal", 24, 9).draw(chance, (replicates, n))
            spread = np.rint(chance.normal(0, 21, (replicates, n)) * UNIT).astype(np.int64)
            model = spread + np.rint(24 * UNIT * ratios[:, group : group + 1]).astype(np.int64)
            pairs.append(list(zip(summaries(model), summaries(control), strict=True)))
        hits = 0
        for trial, drawn in zip(zip(*pairs, strict=True), ratios.tolist(), strict=True):
            truth = Fraction(self.middle) if len(self.sizes) > MOST_STRATA else Fraction(math.fsum(drawn) / len(drawn))
            hits += verdict(several(trial), truth) is VerdictOutcome.RULED_OUT
        line = FIVE_OUT if len(self.sizes) > MOST_STRATA else GROUPS_OUT
        yield Rate(line.key, self.name, hits, replicates)


def several(trial: Sequence[tuple[ArmSummary, ArmSummary]]) -> Estimate | Unestimable:
    """The product's estimate over several groups: stratified, or random effects on the log ratio of each of five or more."""
    if len(trial) <= MOST_STRATA:
        return stratified(trial)
    logs = [log_ratio(*pair) for pair in trial]
    refused = next((each for each in logs if isinstance(each, Unestimable)), None)
    if refused is not None:
        return refused
    known = [each for each in logs if isinstance(each, LogRatio)]
    return pooled_log_ratio([each.log_ratio for each in known], [each.standard_error**2 for each in known])


def every_model() -> Sequence[Cell]:
    """B8: each score model at each size, the bar being its own true ratio."""
    told = (*((models, OUT.key, IN.key) for models in MODELS), (BEYOND, BEYOND_OUT.key, BEYOND_IN.key))
    return [
        Trials(control, model, n, Fraction(int(model.mean), int(control.mean)), *lines) for (control, model), *lines in told for n in SIZES
    ]


def several_groups() -> Sequence[Cell]:
    """B9: the designs of cohorts that the bar names."""
    sizes = ((10, 10), (8, 20), (10, 10, 10), (8, 10, 12, 10), (8, 10, 12, 10, 20))
    return [Groups(each, tau) for each in sizes for tau in (0.0, 0.15, 0.3)]


def far_from_the_bar() -> Sequence[Cell]:
    """B15: the published score model against a bar far above it."""
    return [Trials(*MODELS[0], 10, Fraction(5), POWER.key, None)]


UPLIFT_BARS = (Bar("B8", (OUT, IN, BEYOND_OUT, BEYOND_IN), every_model), Bar("B9", (GROUPS_OUT, FIVE_OUT), several_groups))
