"""Bootstrap of the ratio of two means, for the eye only (statistics b3).

It never decides. At the bar its BCa form says *ruled out* in 5.9 / 4.1 / 3.4 % of trials with 5 / 10 / 20 people an arm where 2.5 %
are stated, and the percentile form in 6.2 / 3.9 / 3.4 % (measured, statistics b3): resampled people never differ more than the people
who came. So it is shown for arms of 20 or more, beside the interval that decides, and its outcome is no ``Estimate``.

The rules kept here: the people of each arm are drawn anew on their own; scores are sorted first, so their order changes no digit; every
draw comes from a recorded seed; where the control people drawn may all have scored 0 there is no ratio, and no interval.

Left out: trials of several cohorts, people who share a team, and arms known by their summary only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evaluations.estimate import Unestimable
from evaluations.exact_numbers import Given, exact_scores
from evaluations.quantiles import checked
from evaluations.resampling import REPLICATES, SHOWN_ERROR, Chance, chance, enough

FEWEST_SHOWN = 20  # statistics b3: people an arm below which the interval is not shown
LARGEST_ZERO_CHANCE = 1e-3  # our choice: a run in which all-zero controls are likelier than this is refused, drawn or not
SMALLEST_CONTROL = 1e-9  # of the control mean; our choice: a smaller one is 0 for any purpose of a ratio
TIE = 1e-12  # relative; our choice: sums of floats differ by less
CELLS = 2**18  # our choice: people held at once, 2 MiB

Floats = NDArray[np.float64]
DEGENERATE = "control people drawn anew may all score 0, and then there is no ratio"


@dataclass(frozen=True)
class RatioBootstrap:
    """Ends of the ratio with error ``alpha`` on either side: bias-corrected and accelerated (BCa), and plain percentiles."""

    ratio: float
    bca_lower: float
    bca_upper: float
    percentile_lower: float
    percentile_upper: float
    standard_error: float
    acceleration: float
    alpha: float
    replicates: int
    seed: int
    method: str = "ratio_bca"


def shown_ratio_bootstrap(
    treatment: Sequence[Given | None], control: Sequence[Given | None], seed: int, replicates: int = REPLICATES, alpha: float = SHOWN_ERROR
) -> RatioBootstrap | Unestimable:
    """``ratio_bootstrap`` where it may be shown: refuses arms of fewer than 20 people, and all that is refused there."""
    smallest = min(len(treatment), len(control))
    if smallest < FEWEST_SHOWN:
        words = f"{smallest} people in an arm; a bootstrap interval is too short below {FEWEST_SHOWN} and is not shown"
        return Unestimable("too_few_participants", words)
    return ratio_bootstrap(treatment, control, seed, replicates, alpha)


def ratio_bootstrap(
    treatment: Sequence[Given | None], control: Sequence[Given | None], seed: int, replicates: int = REPLICATES, alpha: float = SHOWN_ERROR
) -> RatioBootstrap | Unestimable:
    """BCa (Efron 1987, JASA 82:171) and percentile bootstrap of *mean of treatment / mean of control*, one score a person.

    The acceleration is that of the jackknife over both arms (Davison and Hinkley 1997, section 5.4). Refuses arms of fewer than two,
    what is no finite number, negative scores, an arm whose scores are all equal, and controls that when drawn anew may all score 0
    (``degenerate_control``). Raises ``ValueError`` for an impossible error level, seed or number of replicates. It never decides.
    """
    checked(alpha), enough(replicates)
    arms = []
    for given, name in ((treatment, "model"), (control, "control")):
        scores = exact_scores(given, f"score of the {name} arm")
        if isinstance(scores, Unestimable):
            return scores
        arms.append(sorted(scores))
    refused = _refused(arms[0], arms[1], replicates)
    if refused is not None:
        return refused
    means = [sum(arm, Fraction(0)) / len(arm) for arm in arms]
    relative = [np.array([float(each / mean) for each in arm]) for arm, mean in zip(arms, means, strict=True)]  # about 1 in any unit
    drawing = chance(seed)
    resampled = [_resampled_means(arm, drawing, replicates) for arm in relative]
    if resampled[1].min() <= SMALLEST_CONTROL:
        return Unestimable("degenerate_control", DEGENERATE)
    replicated = np.sort(resampled[0] / resampled[1])
    acceleration = _acceleration(*relative)
    levels = _bca_levels(replicated, acceleration, alpha)
    if levels is None:
        return Unestimable("statistic_has_no_interval", "the replicates lie all on one side of the ratio")
    ratio = float(means[0] / means[1])
    low, high, percentile_low, percentile_high = (ratio * float(end) for end in np.quantile(replicated, [*levels, alpha, 1 - alpha]))
    error = ratio * float(replicated.std(ddof=1))
    return RatioBootstrap(ratio, low, high, percentile_low, percentile_high, error, acceleration, alpha, replicates, seed)


def _refused(treatment: Sequence[Fraction], control: Sequence[Fraction], replicates: int) -> Unestimable | None:
    """Why no ratio of these arms can be drawn anew, or ``None``. The scores are sorted."""
    for arm, name in ((treatment, "model"), (control, "control")):
        if len(arm) < 2:
            return Unestimable("one_observation", f"one participant in the {name} arm")
        if arm[0] < 0:
            return Unestimable("nonpositive_mean", "found a negative score, and a ratio needs scores of 0 or more")
    if control[0] == control[-1]:
        return Unestimable("degenerate_control", "a control arm whose scores are all equal, or all 0, bounds no ratio")
    if treatment[0] == treatment[-1]:
        return Unestimable("all_values_equal", "a model arm whose scores are all equal says nothing of its error")
    zeros, n = sum(score == 0 for score in control), len(control)
    if zeros == n - 1 or replicates * (zeros / n) ** n > LARGEST_ZERO_CHANCE:  # all but one: without that one there is no ratio either
        return Unestimable("degenerate_control", DEGENERATE)
    return None


def _resampled_means(scores: Floats, drawing: Chance, replicates: int) -> Floats:
    """Mean of each replicate of an arm: as many people as it has, drawn with replacement."""
    n = len(scores)
    rows = max(1, CELLS // n)
    blocks = range(0, replicates, rows)
    return np.concatenate([scores[drawing.integers(0, n, size=(min(rows, replicates - at), n))].mean(axis=1) for at in blocks])


def _acceleration(treatment: Floats, control: Floats) -> float:
    """Skewness of what each person contributes, over six (Efron 1987), each arm weighted by its own number."""
    ratios = (_left_out(treatment) / control.mean(), treatment.mean() / _left_out(control))
    pulls = np.concatenate([(each.mean() - each) * (len(each) - 1) / len(each) for each in ratios])
    squares = float(np.square(pulls).sum())
    return float(np.power(pulls, 3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0


def _left_out(scores: Floats) -> Floats:
    """Mean of an arm without each of its people."""
    means: Floats = (scores.sum() - scores) / (len(scores) - 1)
    return means


def _bca_levels(replicated: Floats, acceleration: float, alpha: float) -> tuple[float, float] | None:
    """At which levels of the replicates, relative to the ratio, the ends stand; ``None`` if the correction is not finite.

    A replicate that ties with the ratio counts half on either side.
    """
    below, upto = np.searchsorted(replicated, 1 - TIE, "left"), np.searchsorted(replicated, 1 + TIE, "right")
    share = float(below + upto) / (2 * len(replicated))
    if not 0 < share < 1:
        return None
    bias, levels = float(special.ndtri(share)), []
    for error in (alpha, 1 - alpha):
        moved = bias + float(special.ndtri(error))
        if acceleration * moved >= 1:
            return None
        levels.append(float(special.ndtr(bias + moved / (1 - acceleration * moved))))
    return levels[0], levels[1]
