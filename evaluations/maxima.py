"""The largest of several variants: by how much the highest observed overstates, and what corrected p-values say (statistics c2, c4, c7).

The rules kept here: the highest observed of several noisy variants overstates the highest true one, by an amount that can be worked out
or halved away; a variant that was planned and has no p-value enters every correction as p = 1, and the number of variants is the
planned or the supplied, whichever is more; what rests on chance takes a seed and returns it.

Everything here describes. Ruling out needs no correction (every variant under the bar by its own bound, c3), and the word "crossed"
rests on the level divided by the number of variants (c4). Max-t never decides: with few items or clusters it says "crossed" in 3 to
23 % where 2.5 is meant (statistics c4). The overstatement and the split-half maximum would only ever lower a number that is
compared with a rule-out bar, so no rule-out rests on them.

Left out: a conditional estimate of the winner (Andrews, Kitagawa, McCloskey 2024, QJE 139:305).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count as naturals
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evaluations.estimate import Unestimable
from evaluations.exact_numbers import Given, exact_number, exact_scores
from evaluations.quantiles import checked, z_quantile
from evaluations.resampling import chance

Array = NDArray[np.float64]

FARTHEST = 9.0  # our choice: beyond nine standard errors lies less than 1e-18 of a normal distribution
BREAKS = np.array([-9.0, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 9.0])  # our choice, in standard errors about each mean
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)  # Gauss-Legendre; our choice: 16 nodes between neighbouring breaks
CLOSE = 1e-9  # our choice, relative: where halving a step no longer counts
MOST_HALVINGS = 30  # our choice: a kink is then placed within 1e-8 standard errors
SAME_CORRELATION = 1e-9  # our choice: what rounding makes of equal entries, and of an eigenvalue of 0
POINTS = 2**15  # our choice: points of the quasi-random integral; two seeds then differ by about 1e-5
SPLITS = 200  # statistics c2


@dataclass(frozen=True)
class Overstatement:
    """What the highest of several estimates is expected to be, beside the highest true value; ``excess`` is the difference."""

    expected_maximum: float
    true_maximum: float
    excess: float


def expected_maximum_excess(means: Sequence[Given], standard_errors: Sequence[Given], correlation: Given) -> Overstatement | Unestimable:
    """E[max of estimates] less the largest true mean, for equally correlated normal estimates (statistics c2).

    ``means`` and ``standard_errors`` are those of the variants, on one scale; for m equal ones the excess is
    ``e_m s sqrt(1-rho)`` with ``e_6`` = 1.2672 and ``e_12`` = 1.6292. Deterministic quadrature over the distribution of the maximum; a
    common factor carries the correlation. Refuses: no variants, numbers that are none, a standard error not above 0, a
    correlation that cannot be, or a negative one where the standard errors differ (no common factor makes it).
    """
    if len(means) != len(standard_errors):
        raise ValueError(f"found {len(means)} means and {len(standard_errors)} standard errors, expected as many")
    centres, errors = exact_scores(means, "mean"), exact_scores(standard_errors, "standard error")
    if isinstance(centres, Unestimable):
        return centres
    if isinstance(errors, Unestimable):
        return errors
    shared = _shared(correlation, errors)
    if isinstance(shared, Unestimable):
        return shared
    variants = sorted(zip(map(float, centres), map(float, errors), strict=True))
    centre, spread = np.array([mean for mean, _ in variants]), np.array([error for _, error in variants])
    top = float(centre.max())
    if shared == 0 or np.all(spread == spread[0]):  # what all have in common moves every estimate alike and leaves their order
        excess = _excess(centre, spread * math.sqrt(1 - shared))
    else:
        common, own = spread * math.sqrt(shared), spread * math.sqrt(1 - shared)

        def at(factor: float) -> float:
            moved = centre + common * factor
            return math.exp(-factor * factor / 2) / math.sqrt(2 * math.pi) * (float(moved.max()) - top + _excess(moved, own))

        excess = _integral(lambda factors: np.array([at(each) for each in factors.tolist()]), CLOSE * float(spread.max()))
    excess = max(0.0, excess)  # below 0 by rounding alone: the highest of several is never expected under one of them
    return Overstatement(top + excess, top, excess)


def _shared(correlation: Given, errors: Sequence[Fraction]) -> float | Unestimable:
    """The correlation, if so many variants with such errors can have it."""
    shared = exact_number(correlation, "the correlation")
    if isinstance(shared, Unestimable):
        return shared
    if min(errors) <= 0:
        return Unestimable("negative_spread", f"found the standard error {float(min(errors)):g}, expected above 0")
    lowest = Fraction(-1, max(1, len(errors) - 1))  # below it no such correlation matrix exists
    if not lowest <= shared <= 1:
        return Unestimable("off_scale", f"found the correlation {float(shared):g} among {len(errors)}, expected {float(lowest):.3g} to 1")
    if shared < 0 and len(set(errors)) > 1:
        return Unestimable("off_scale", "found a negative correlation among unequal standard errors, which no common factor makes")
    return float(shared)


def _excess(means: Array, errors: Array) -> float:
    """E[max] less the largest mean, for independent normals: the upper tails of the maximum above it less the lower ones below it."""
    top = float(means.max())
    if len(means) < 2 or not errors.any():  # nothing to choose from, or no chance left
        return 0.0
    low, high = float((means - FARTHEST * errors).max()), float((means + FARTHEST * errors).max())
    breaks = np.unique(np.clip(np.append((means[:, None] + errors[:, None] * BREAKS).ravel(), [low, top, high]), low, high))
    half = np.diff(breaks)[:, None] / 2
    at = (breaks[:-1, None] + half * (1 + NODES)).ravel()
    logs = special.log_ndtr((at[None, :] - means[:, None]) / errors[:, None]).sum(axis=0)
    heights = np.where(at > top, -np.expm1(logs), -np.exp(logs))
    return math.fsum((heights * (half * WEIGHTS).ravel()).tolist())


def _integral(function: Callable[[Array], Array], error: float, low: float = -FARTHEST, high: float = FARTHEST, depth: int = 0) -> float:
    """Gauss-Legendre over a factor, each stretch halved until that changes no more than ``error`` or a relative 1e-9."""
    middle = (low + high) / 2
    whole, halves = _stretch(function, low, high), _stretch(function, low, middle) + _stretch(function, middle, high)
    if depth >= MOST_HALVINGS or (depth > 1 and abs(whole - halves) <= max(error, CLOSE * abs(halves))):
        return halves
    return _integral(function, error, low, middle, depth + 1) + _integral(function, error, middle, high, depth + 1)


def _stretch(function: Callable[[Array], Array], low: float, high: float) -> float:
    half = (high - low) / 2
    return half * float(np.sum(WEIGHTS * function(low + half * (1 + NODES))))


@dataclass(frozen=True)
class MaxT:
    """One-sided max-t: the critical value of the largest of correlated standard normals, and each variant's adjusted p. It describes.

    ``integral`` says how it was computed; ``seed`` is the one handed in where that rested on chance, else ``None``.
    """

    critical_value: float
    adjusted_p: tuple[float, ...]
    alpha: float
    integral: Literal["one_dimensional", "quasi_random"]
    seed: int | None


def max_t(correlation: Sequence[Sequence[Given]], z: Sequence[Given], alpha: float, seed: int) -> MaxT | Unestimable:
    """Critical value and adjusted p-values from P(largest of correlated standard normals is above), one-sided (statistics c4, c7).

    ``correlation`` is the matrix between variants, ``z`` their standardised distances above the bar. Equal correlations of 0 or
    more take a one-dimensional integral; others a quasi-random one (Genz 1992, J. Comput. Graph. Stat. 1:141) seeded by
    ``seed``, good to about 1e-5 in a p-value. Refuses a matrix that is none of correlations, and numbers that are none.

    Never decides: it takes the correlation as known, and where that is estimated from few items or clusters it says
    "crossed" in 3 to 23 % of evaluations at the bar instead of 2.5 (statistics c4).
    """
    checked(alpha)
    heights = exact_scores(z, "distance")
    if isinstance(heights, Unestimable):
        return heights
    flat = exact_scores([each for row in correlation for each in row], "correlation")
    if isinstance(flat, Unestimable):
        return flat
    count = len(heights)
    matrix = np.array([float(each) for each in flat])
    if [len(row) for row in correlation] != [count] * count or not _of_correlations(matrix.reshape(count, count)):
        return Unestimable("off_scale", f"found no matrix of correlations between {count} variants")
    matrix = matrix.reshape(count, count)
    apart = matrix[~np.eye(count, dtype=bool)] if count > 1 else np.zeros(1)
    equal = bool(np.ptp(apart) <= SAME_CORRELATION and apart[0] >= 0)
    above = _above_equal(float(apart.mean()), count) if equal else _above_any(matrix, seed)
    ends = (z_quantile(alpha) - 0.1, z_quantile(alpha / count) + 0.1)  # one variant alone, and Bonferroni; 0.1 for rounding, our choice
    adjusted = tuple(above(float(each)) for each in heights)
    return MaxT(_crossing(above, alpha, *ends), adjusted, alpha, "one_dimensional" if equal else "quasi_random", None if equal else seed)


def _crossing(above: Callable[[float], float], alpha: float, low: float, high: float) -> float:
    """Where a falling probability passes ``alpha``, by bisection."""
    while high - low > CLOSE * max(1.0, abs(high)):
        middle = (low + high) / 2
        low, high = (middle, high) if above(middle) > alpha else (low, middle)
    return high


def _of_correlations(matrix: Array) -> bool:
    shaped = bool(np.allclose(matrix, matrix.T, rtol=0, atol=SAME_CORRELATION) and np.all(np.diag(matrix) == 1))
    return shaped and bool(np.all(np.linalg.eigvalsh(matrix) >= -SAME_CORRELATION))


def _above_equal(shared: float, count: int) -> Callable[[float], float]:
    """P(some of ``count`` equally correlated standard normals is above), by an integral over the factor they share."""
    if count == 1 or 1 - shared <= SAME_CORRELATION:
        return lambda at: float(special.ndtr(-at))

    def above(at: float) -> float:
        def given(factors: Array) -> Array:
            log_below: Any = special.log_ndtr((at - math.sqrt(shared) * factors) / math.sqrt(1 - shared))
            density = np.exp(-factors * factors / 2) / math.sqrt(2 * math.pi)
            return np.asarray(-np.expm1(count * log_below) * density, dtype=np.float64)

        return _integral(given, 0.0)

    return above


def _above_any(matrix: Array, seed: int) -> Callable[[float], float]:
    """The same for any correlations, one variable after the other given those before it (Genz 1992), over one set of points."""
    count = len(matrix)
    triangle = np.linalg.cholesky(matrix + 2 * SAME_CORRELATION * np.eye(count))  # the addition carries a matrix without full rank
    points = _points(count, seed)

    def above(at: float) -> float:
        drawn, log_below = np.zeros((POINTS, count)), np.zeros(POINTS)
        for place in range(count):
            logs = special.log_ndtr((at - drawn[:, :place] @ triangle[place, :place]) / triangle[place, place])
            log_below += logs
            drawn[:, place] = special.ndtri(np.maximum(points[:, place] * np.exp(logs), np.finfo(float).tiny))
        return math.fsum((-np.expm1(log_below)).tolist()) / POINTS

    return above


def _points(count: int, seed: int) -> Array:
    """Points spread evenly in ``count`` dimensions: Richtmyer's lattice on the roots of primes, shifted by chance, folded (Genz 1992)."""
    primes = islice((n for n in naturals(2) if all(n % divisor for divisor in range(2, math.isqrt(n) + 1))), count)
    steps = np.sqrt(np.array(list(primes), dtype=np.float64))
    return np.abs(2 * ((np.arange(1.0, POINTS + 1)[:, None] * steps + chance(seed).random(count)) % 1) - 1)


def bonferroni(p_values: Sequence[float | None], planned: int = 0) -> tuple[float, ...] | Unestimable:
    """Each p times the number of variants, planned or supplied, at most 1. ``None`` is a variant without a p: 1. Refuses what is no p."""
    return _adjusted(p_values, planned, lambda ordered, count: [min(1.0, count * p) for p in ordered])


def sidak(p_values: Sequence[float | None], planned: int = 0) -> tuple[float, ...] | Unestimable:
    """``1 - (1-p)^m``, which presumes independent or positively dependent variants and differs from Bonferroni in the fourth digit."""
    return _adjusted(
        p_values, planned, lambda ordered, count: [1.0 if p >= 1 else abs(math.expm1(count * math.log1p(-p))) for p in ordered]
    )


def holm(p_values: Sequence[float | None], planned: int = 0) -> tuple[float, ...] | Unestimable:
    """Step-down Bonferroni (Holm 1979, Scand. J. Stat. 6:65): which variants crossed, with the missing ones as p = 1 (statistics c4)."""

    def stepped(ordered: Sequence[float], count: int) -> list[float]:
        found, highest = [], 0.0
        for place, p in enumerate(ordered):
            highest = max(highest, min(1.0, (count - place) * p))
            found.append(highest)
        return found

    return _adjusted(p_values, planned, stepped)


def _adjusted(
    p_values: Sequence[float | None], planned: int, rule: Callable[[Sequence[float], int], list[float]]
) -> tuple[float, ...] | Unestimable:
    """The rule on p-values from the smallest up, back in the order they came in."""
    known = [1.0 if p is None else p for p in p_values]
    if not known:
        return Unestimable("no_observations", "no variant has a p-value")
    if not all(0 <= p <= 1 for p in known):
        return Unestimable("not_a_number", "found a p-value outside 0 to 1")
    order = sorted(range(len(known)), key=known.__getitem__)
    ruled = rule([known[at] for at in order], max(planned, len(known)))
    return tuple(each for _, each in sorted(zip(order, ruled, strict=True)))


@dataclass(frozen=True)
class SplitHalfMaximum:
    """The highest variant, chosen on one half of the items and estimated on the other. It describes; no rule-out rests on it."""

    point: Fraction
    observed_maximum: Fraction
    splits: int
    seed: int


def split_half_maximum(
    item_scores: Mapping[str, Mapping[str, Given]],
    seed: int,
    splits: int = SPLITS,
    clusters: Mapping[str, Hashable] | None = None,
) -> SplitHalfMaximum | Unestimable:
    """The highest mean without the winner's luck: choose a variant on half the items, take its mean on the others, swap, average.

    ``item_scores`` are scores by variant and item, larger riskier, the same items for every variant; ``clusters`` names which
    items stay together in one half. Random halves, ``splits`` of them from ``seed``; variants that tie are averaged. *Measured*
    bias within 0.2 points of the chosen variants' own truth (statistics c2); it sinks below the highest truth where the choice is hard.
    Refuses: no variants, different items, a score that is no number, fewer than two items or clusters.
    """
    if splits < 1:
        raise ValueError(f"found {splits} splits, expected at least 1")
    names = sorted(item_scores)
    items = sorted(item_scores[names[0]]) if names else []
    if not items:
        return Unestimable("no_observations", "no variant has item scores")
    if any(item_scores[name].keys() != item_scores[names[0]].keys() for name in names):
        return Unestimable("different_items", "the variants were not tried on the same items")
    exact = []
    for name in names:
        scores = exact_scores([item_scores[name][item] for item in items], "item score")
        if isinstance(scores, Unestimable):
            return scores
        exact.append(scores)
    groups = _groups(items, clusters)
    if len(groups) < 2:
        return Unestimable("one_cluster", "halves need two items, or two clusters of items")
    common = math.lcm(*(score.denominator for row in exact for score in row))
    whole = np.array([[int(score * common) for score in row] for row in exact], dtype=object)  # whole numbers of any size: exact sums
    draw, found = chance(seed), []
    for _ in range(splits):
        chosen = np.zeros(len(items), dtype=bool)
        chosen[[at for group in draw.permutation(len(groups))[: len(groups) // 2].tolist() for at in groups[group]]] = True
        one, other = _means(whole[:, chosen]), _means(whole[:, ~chosen])
        found += [_mean_at_highest(one, other), _mean_at_highest(other, one)]
    point = sum(found, Fraction(0)) / len(found) / common
    return SplitHalfMaximum(point, max(_means(whole)) / common, splits, seed)


def _groups(items: Sequence[str], clusters: Mapping[str, Hashable] | None) -> list[list[int]]:
    """Places of the items that stay together; an item without a cluster is its own."""
    groups: dict[tuple[str, Hashable], list[int]] = {}
    for at, item in enumerate(items):
        label = None if clusters is None else clusters.get(item)
        groups.setdefault(("item", item) if label is None else ("cluster", label), []).append(at)
    return list(groups.values())


def _means(rows: NDArray[np.object_]) -> list[Fraction]:
    return [Fraction(sum(row), len(row)) for row in rows.tolist()]


def _mean_at_highest(chosen_on: Sequence[Fraction], estimated_on: Sequence[Fraction]) -> Fraction:
    highest = max(chosen_on)
    tied = [estimate for choice, estimate in zip(chosen_on, estimated_on, strict=True) if choice == highest]
    return sum(tied, Fraction(0)) / len(tied)
