"""An arm of an uplift trial: as a reader sees it, and as a ratio or a difference needs it (statistics a6, b1, b5).

The rules kept here: what the source printed is shown as printed; where people's own scores are recorded, the mean and the standard
deviation (n - 1 in the denominator) are computed from them and said to be that. People who share a team count as one cluster of
their arm, with its own degrees of freedom. A score that is no finite number, an arm of one, a negative spread, and numbers beyond
what floats can square twice are refused in words.

Left out: comparing two arms (``evaluations.uplift.ratios``). Nothing here decides anything.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from evaluations.clusters import FEW_CLUSTERS, clustered_mean
from evaluations.estimate import Unestimable
from evaluations.exact_numbers import Given, exact_scores
from evaluations.records import SpreadKind
from evaluations.summaries import COUNT_UNKNOWN, SMALLEST_TRIAL, SpreadMeaning
from evaluations.trials import Arm

RANGE = (1e-30, 1e30)  # our choice: means and standard errors whose fourth powers at any angle stay floats (IEEE 754, binary64)

OUT_OF_RANGE = f"a mean or its error lies outside {RANGE[0]:g} to {RANGE[1]:g}, where bounds keep their digits"
FEW_TEAMS = "Few teams: the interval is rough below six in an arm."


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

        With everybody in a team of their own it is ``of_scores``. Refuses one team: it says nothing of the spread between teams.
        Measured, 40,000 trials, 4 to 10 teams an arm, equal and unequal, correlation in a team 0 to 0.6, truth at the bar: false
        rule-out at 2.5 % 1.2 to 2.5, false rule-in up to 2.7; without regard to teams up to 15.
        """
        exact = scores_of_people(scores)
        if isinstance(exact, Unestimable):
            return exact
        if len(set(teams)) < 2:
            return Unestimable("one_cluster", "all participants of an arm belong to one team, which says nothing of other teams")
        found = clustered_mean(exact, teams)
        df = float(found.degrees_of_freedom)
        return cls(found.mean, float(found.variance_cr2), found.items, satterthwaite=df, clusters=found.clusters)

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


def counted(arms: Sequence[ArmSummary]) -> tuple[int | None, tuple[str, ...]]:
    """How many people the arms have together, ``None`` if an arm does not say, and what a reader must know of that."""
    known = all(arm.counted for arm in arms)
    few = any(arm.clusters is not None and arm.clusters < FEW_CLUSTERS for arm in arms)
    notes = (() if known else (COUNT_UNKNOWN,)) + ((FEW_TEAMS,) if few else ())
    return (sum(arm.n for arm in arms) if known else None), notes
