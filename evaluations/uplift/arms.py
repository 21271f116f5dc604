"""An arm of an uplift trial: as a reader sees it, and as a ratio or a difference needs it (statistics a6, b1, b5).

The rules kept here: what the source printed is shown as printed; where people's own scores are recorded, the mean and the standard
deviation (n - 1 in the denominator) are computed from them and said to be that. People who share a team count as one cluster of
their arm, with its own degrees of freedom. A score that is no finite number, an arm of one, a negative spread, and numbers beyond
what floats can square twice are refused in words.

``Contrast`` is what two arms, or several pairs, come to at every ratio.

Left out: what follows from a contrast (``evaluations.uplift.ratios``). Nothing here decides anything.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluations.clusters import FEW_CLUSTERS, clustered_mean
from evaluations.estimate import Unestimable
from evaluations.exact_numbers import Given, exact_scores
from evaluations.records import SpreadKind
from evaluations.summaries import COUNT_UNKNOWN, SMALLEST_TRIAL, SpreadMeaning
from evaluations.trials import Arm

RANGE = (1e-30, 1e30)  # our choice: means and standard errors whose fourth powers at any angle stay floats (IEEE 754, binary64)

OUT_OF_RANGE = f"a mean or its error lies outside {RANGE[0]:g} to {RANGE[1]:g}, where bounds keep their digits"
FEW_TEAMS = "Few teams: the interval is rough below six in an arm."
FEWEST_TEAMS = 4  # our choice: with fewer in an arm, of unequal size, no measured error level is kept
FEW_PEOPLE = 30  # our choice: with as many and a success in every twentieth, a fifth of trials see none and rule out
RARE_UNSEEN = "A rare large success among few people would not show in this interval."


@dataclass(frozen=True)
class DescribedArm:
    """Mean and spread on the evaluation's scale; ``None`` where the source does not say."""

    mean: float
    spread: float | None
    spread_kind: SpreadKind | None
    count: int | None


def described(arm: Arm) -> DescribedArm:
    """Describe one arm."""
    if arm.mean is not None:
        spread = None if arm.spread is None else float(arm.spread)
        return DescribedArm(float(arm.mean), spread, arm.spread_kind, arm.participants_count)
    scores = [each.score for each in arm.participants]
    spread = float(statistics.stdev(scores)) if len(scores) > 1 else None
    return DescribedArm(float(statistics.mean(scores)), spread, SpreadKind.STANDARD_DEVIATION if spread is not None else None, len(scores))


def scores_of_people(scores: Sequence[Given]) -> tuple[Fraction, ...] | Unestimable:
    """The scores of at least two people; refuses nobody, and one person alone."""
    if not scores:
        return Unestimable("no_observations", "an arm without participants")
    if len(scores) == 1:
        return Unestimable("one_observation", "one participant says nothing of the spread between participants")
    return exact_scores(scores, "score")


@dataclass(frozen=True)
class ArmSummary:
    """Mean of one arm, the variance *of that mean*, and how many people it is over (3 if nobody said).

    ``clusters`` and ``satterthwaite`` are those of people in teams; without teams the degrees of freedom are n - 1.
    """

    mean: Fraction
    variance: float
    n: int
    counted: bool = True  # false if n was assumed
    satterthwaite: float | None = None
    clusters: int | None = None

    @property
    def degrees_of_freedom(self) -> float:
        """Those of the variance of the mean."""
        return self.n - 1 if self.satterthwaite is None else self.satterthwaite

    @classmethod
    def of_scores(cls, scores: Sequence[Given]) -> ArmSummary | Unestimable:
        """From the people's own scores; refuses fewer than two. Sums are exact, so their order changes no digit."""
        exact = scores_of_people(scores)
        if isinstance(exact, Unestimable):
            return exact
        n = len(exact)
        mean = sum(exact, Fraction(0)) / n
        return cls(mean, float(sum(((score - mean) ** 2 for score in exact), Fraction(0)) / (n - 1) / n), n)

    @classmethod
    def of_clustered_scores(cls, scores: Sequence[Given], teams: Sequence[Hashable]) -> ArmSummary | Unestimable:
        """From people who share teams: CR2 variance and Satterthwaite's degrees of freedom over teams (statistics a3, b5).

        The variance is at least that of people without teams, so that pairing high with low scorers narrows nothing. With everybody in a
        team of their own it is ``of_scores``. Refuses one team: it says nothing of the spread between teams; and two or three, which
        say too little of it. Measured, truth at the bar, correlation in a team 0.6 to 0.9: false rule-out at 2.5 % up to 3.5 with very
        unequal teams (10, 1, 1, 1, 1: 3.5 in 1,500 trials, 3.1 in 4,000), false rule-in 2.6; equal teams 2.0.
        """
        exact = scores_of_people(scores)
        if isinstance(exact, Unestimable):
            return exact
        if len(set(teams)) < 2:
            return Unestimable("one_cluster", "all participants of an arm belong to one team, which says nothing of other teams")
        if len(set(teams)) < min(FEWEST_TEAMS, len(exact)):  # where everybody is alone there are no teams
            words = f"{len(set(teams))} teams in an arm say too little of other teams, expected at least {FEWEST_TEAMS}"
            return Unestimable("too_few_clusters", words)
        found = clustered_mean(exact, teams)
        df = float(found.degrees_of_freedom)
        variance = found.variance_cr2 and max(found.variance_cr2, clustered_mean(exact).variance_cr2)  # pairing must not narrow it
        return cls(found.mean, float(variance), found.items, satterthwaite=df, clusters=found.clusters)

    @classmethod
    def of_summary(
        cls, mean: Decimal | Fraction, spread: Decimal | Fraction, meaning: SpreadMeaning, n: int | None
    ) -> ArmSummary | Unestimable:
        """From a printed mean and plus-minus; an unknown count is 3 (statistics a6). Refuses an arm of one, and a negative spread."""
        exact = exact_scores((mean, spread), "mean or plus-minus")
        if isinstance(exact, Unestimable):
            return exact
        if n is not None and n < 2:
            return Unestimable("one_observation" if n == 1 else "no_observations", f"an arm of {n} has no spread between participants")
        if spread < 0:
            return Unestimable("negative_spread", f"a plus-minus of {float(spread):g}")
        return cls(exact[0], meaning.standard_error(exact[1], n) ** 2, n or SMALLEST_TRIAL, n is not None)


MeasuredArm = ArmSummary | Unestimable


def out_of_range(means: Sequence[Fraction], variances: Sequence[float]) -> bool:
    """Whether a mean or an error is so large or so small that floats would lose its digits; 0 is in range."""
    sizes: tuple[Fraction | float, ...] = (*map(abs, means), *map(math.sqrt, variances))
    return any(size and not RANGE[0] <= size <= RANGE[1] for size in sizes)


def refused_arm(arms: Sequence[MeasuredArm]) -> Unestimable | None:
    """The first refusal among arms, or what makes one of them unusable in floats."""
    for arm in arms:
        if isinstance(arm, Unestimable):
            return arm
        if arm.n < 2 or not arm.degrees_of_freedom > 0:
            return Unestimable("one_observation", "one participant says nothing of the spread between participants")
        if not math.isfinite(arm.variance):
            return Unestimable("not_a_number", "the variance of an arm is not a finite number")
        if arm.variance < 0:
            return Unestimable("negative_spread", "the variance of an arm is negative")
        if out_of_range((arm.mean,), (arm.variance,)):
            return Unestimable("overflow", OUT_OF_RANGE)
    return None


def unseen(people_with_model: Sequence[int]) -> tuple[str, ...]:
    """What a reader of a ratio must know where a model arm has at most ``FEW_PEOPLE`` people (figures: ``evaluations.uplift.ratios``)."""
    return (RARE_UNSEEN,) if min(people_with_model) <= FEW_PEOPLE else ()


def counted(arms: Sequence[ArmSummary]) -> tuple[int | None, tuple[str, ...]]:
    """How many people the arms have together, ``None`` if an arm does not say, and what a reader must know of that."""
    known = all(arm.counted for arm in arms)
    few = any(arm.clusters is not None and arm.clusters < FEW_CLUSTERS for arm in arms)
    notes = (() if known else (COUNT_UNKNOWN,)) + ((FEW_TEAMS,) if few else ())
    return (sum(arm.n for arm in arms) if known else None), notes


@dataclass(frozen=True)
class Contrast:
    """What the ratio of two means rests on: ``model - r * control`` has mean, variance and degrees of freedom at every r.

    ``fourth_treatment`` is the sum of w^4 v^2/df over cohorts (Satterthwaite), as is ``fourth_control``; with ``fixed_df``
    neither counts. ``covariance`` is that of the two means (clustered or adjusted arms). ``own_variances`` are the parts of the two
    variances that the arms do not share, treatment first: where they are given, they alone speak in the degrees of freedom.
    """

    treatment: Fraction
    control: Fraction
    variance_treatment: float
    variance_control: float
    fourth_treatment: float = 0.0
    fourth_control: float = 0.0
    covariance: float = 0.0
    fixed_df: float | None = None
    own_variances: tuple[float, float] | None = None

    @classmethod
    def of_arms(cls, pairs: Sequence[tuple[ArmSummary, ArmSummary]], weights: Sequence[Fraction]) -> Contrast:
        """Weighted over cohorts, each a pair of treatment and control (statistics b6); one cohort has the weight 1."""
        variances, fourths = [0.0, 0.0], [0.0, 0.0]
        means = [Fraction(0), Fraction(0)]
        for side in (0, 1):
            arms = [pair[side] for pair in pairs]
            weighted = list(zip(arms, weights, strict=True))
            means[side] = sum((weight * arm.mean for arm, weight in weighted), Fraction(0))
            variances[side] = math.fsum(float(weight) ** 2 * arm.variance for arm, weight in weighted)
            fourths[side] = math.fsum(float(weight) ** 4 * arm.variance**2 / arm.degrees_of_freedom for arm, weight in weighted)
        return cls(means[0], means[1], variances[0], variances[1], fourths[0], fourths[1])

    @property
    def ratio(self) -> Fraction:
        """Ratio of the means, exact."""
        return self.treatment / self.control

    def variances(self, r: NDArray[np.float64]) -> NDArray[np.float64]:
        """Variance of the contrast at each ratio."""
        return self.variance_treatment - 2 * r * self.covariance + r**2 * self.variance_control

    def degrees_of_freedom(self, r: NDArray[np.float64]) -> NDArray[np.float64]:
        """Satterthwaite's, taken anew at each ratio."""
        if self.fixed_df is not None:
            return np.full_like(r, self.fixed_df)
        fourth = self.fourth_treatment + r**4 * self.fourth_control
        squared = (self.own_variances[0] + r**2 * self.own_variances[1] if self.own_variances else self.variances(r)) ** 2
        return np.divide(squared, fourth, out=np.ones_like(r), where=fourth > 0)  # no variance at all: any df serves, t is infinite

    def t(self, r: NDArray[np.float64]) -> NDArray[np.float64]:
        """The Welch statistic of the contrast at each ratio; it falls as the ratio grows."""
        contrast = float(self.treatment) - r * float(self.control)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(contrast == 0, 0.0, contrast / np.sqrt(self.variances(r)))

    @cached_property
    def _means(self) -> tuple[float, float]:
        return float(self.treatment), float(self.control)

    def t_at(self, r: float) -> tuple[float, float]:
        """The statistic and its degrees of freedom at one ratio; in plain floats, because a bound asks fifty times."""
        variance = self.variance_treatment - 2 * r * self.covariance + r * r * self.variance_control
        treatment, control = self._means
        contrast = treatment - r * control
        without_variance = math.copysign(math.inf, contrast) if contrast else 0.0
        t = contrast / math.sqrt(variance) if variance > 0 else without_variance
        if self.fixed_df is not None:
            return t, self.fixed_df
        fourth = self.fourth_treatment + r * r * r * r * self.fourth_control
        own = self.own_variances[0] + r * r * self.own_variances[1] if self.own_variances else variance
        return t, own * own / fourth if fourth > 0 else 1.0

    @property
    def df_at_infinity(self) -> float:
        """Degrees of freedom as the ratio grows without end: those of the control means alone."""
        own = self.own_variances[1] if self.own_variances else self.variance_control
        return own**2 / self.fourth_control if self.fixed_df is None else self.fixed_df
