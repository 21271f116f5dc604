"""A line through points of which some stand at a ceiling, where the score no longer says how far the model got (statistics d4).

The rules kept here: a point at or above the ceiling counts as *at least the ceiling* (right-censored), so it pulls the line up and
never down; the line is that of maximum likelihood (Tobin 1958, Econometrica 26:24); where more than half of the points are at
the ceiling, or too few lie below it to show any spread, the evaluation is saturated and there is no line.

Left out: bands and crossing dates. Their error is known for many points only; a saturated evaluation calls for a harder one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evaluations.estimate import Unestimable
from evaluations.exact_numbers import Given, exact_number
from evaluations.trends.lines import LinePoint, LineScale, Placed, Sums, in_floats, located, no_residuals, on_scale, placed

CEILING = Fraction(95, 100)  # statistics d4: the default
FEWEST_BELOW = 3  # two points lie exactly on a line, which leaves no spread to estimate
MOST_STEPS = 200  # our choice: the likelihood has one top, and Newton's steps reach it in about ten
NEAR = 1e-16  # our choice: the squared distance to the top, in units of its width, from which one more step is exact
UNSEEN = 1e-12  # our choice, relative: a loss of likelihood that is only its rounding
SHORTEST_STEP = 1e-12  # our choice: below it no digit is left to climb by


@dataclass(frozen=True)
class CensoredLine:
    """Maximum likelihood line on the fitted scale; ``residual_sd`` is that of the likelihood, not divided by n - 2."""

    scale: LineScale
    n: int
    n_censored: int
    intercept: float
    slope: float
    residual_sd: float
    log_likelihood: float
    notes: tuple[str, ...]


def censored_trend(points: Iterable[LinePoint], scale: LineScale = "logit", ceiling: Given = CEILING) -> CensoredLine | Unestimable:
    """Gaussian regression with right-censoring at ``ceiling`` (in native units), on the fitted scale (statistics d4).

    Refuses what every line refuses, more than half of the points at the ceiling, and fewer than three points below it
    (``saturated``), and points below it that lie at one place or exactly on a line.
    """
    limit = exact_number(ceiling, "a ceiling")
    height = limit if isinstance(limit, Unestimable) else on_scale(limit, None, scale)
    if isinstance(limit, Unestimable) or isinstance(height, Unestimable):
        raise ValueError(f"found the ceiling {ceiling}, expected one within the scale")
    held = list(points)
    reached = [each for each in held if _is_at_least(each.y, limit, scale)]
    free = [each for each in held if each not in reached]
    ready = placed([*free, *(replace(each, y=limit, n=None) for each in reached)], scale)
    if isinstance(ready, Unestimable):
        return ready
    if 2 * len(reached) > len(held) or len(free) < FEWEST_BELOW:
        return Unestimable("saturated", f"{len(reached)} of {len(held)} points stand at the ceiling, so the evaluation is saturated")
    below = sorted(each for point in free if not isinstance(each := located(point, scale), Unestimable))
    x, y = tuple(each for each, _ in below), tuple(each for _, each in below)
    if len(set(x)) < 2:
        return Unestimable("no_spread_along_the_axis", "all points below the ceiling lie at one place")
    sums = Sums.of(x, y)
    if no_residuals(sums.rss, sums.slope, x, y):
        return Unestimable("all_values_equal", "the points below the ceiling are equal or lie exactly on a line")
    if not in_floats(sums.xx, sums.rss, sums.slope):
        return Unestimable("overflow", "the points lie too far apart, or too near, for a computer's numbers")
    note = f"{len(reached)} of {len(held)} points stand at the ceiling and count as at least that high."
    places = sorted(Fraction(each.x) for each in reached)
    return _fit(sums, Placed(x, y), places, height, scale, (note,) if reached else ())


def _is_at_least(y: Given, limit: Fraction, scale: LineScale) -> bool:
    """Whether a score stands at the ceiling; one off the scale does not, and is refused with the others."""
    exact = exact_number(y, "a score")
    return not isinstance(exact, Unestimable) and exact >= limit and (scale != "logit" or exact <= 1)


def _fit(
    sums: Sums,
    below: Placed,
    reached: Sequence[Fraction],
    height: float,
    scale: LineScale,
    notes: tuple[str, ...],
) -> CensoredLine | Unestimable:
    """Newton's steps in the parameters of Olsen (1978, Econometrica 46:1211), in which the log likelihood is concave.

    x and y are taken about their means and in units of their spread, so that no unit of measurement matters.
    """
    unit_x, unit_y = math.sqrt(sums.xx / sums.n), math.sqrt(sums.rss / sums.n)
    x = np.array([float(each - sums.x_mean) / unit_x for each in below.x])
    y = np.array([float(each - sums.y_mean) / unit_y for each in below.y])
    x_reached = np.array([float(each - sums.x_mean) / unit_x for each in reached])
    top = (height - float(sums.y_mean)) / unit_y
    free = np.column_stack((-np.ones_like(x), -x, y))
    bound = np.column_stack((np.ones_like(x_reached), x_reached, np.full_like(x_reached, -top)))
    found = _newton(np.array([0.0, float(sums.slope) * unit_x / unit_y, 1.0]), free, bound)
    if found is None:
        return Unestimable("overflow", "the likelihood of the line has no top that a computer's numbers reach")
    precision = float(found[2]) / unit_y
    slope = float(found[1] / found[2]) * unit_y / unit_x
    middle = float(sums.y_mean) + float(found[0] / found[2]) * unit_y
    likelihood = _log_likelihood(found, free, bound) - len(x) * (math.log(unit_y) + math.log(2 * math.pi) / 2)
    n = len(x) + len(x_reached)
    return CensoredLine(scale, n, len(x_reached), middle - slope * float(sums.x_mean), slope, 1 / precision, likelihood, notes)


def _log_likelihood(at: NDArray[np.float64], free: NDArray[np.float64], bound: NDArray[np.float64]) -> float:
    """Without the constant: log h - (h y - g x)^2 / 2 for a point below, log Phi(g x - h c) for one at the ceiling."""
    squares = (free @ at) ** 2
    return len(free) * math.log(at[2]) - math.fsum(squares) / 2 + math.fsum(special.log_ndtr(bound @ at))


def _newton(start: NDArray[np.float64], free: NDArray[np.float64], bound: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The top of the likelihood, with steps halved until they climb; ``None`` if it is not reached."""
    at, climbed = start, _log_likelihood(start, free, bound)
    for _ in range(MOST_STEPS):
        z = bound @ at
        mills = math.sqrt(2 / math.pi) / special.erfcx(-z / math.sqrt(2))  # phi / Phi, which neither tail overflows
        gradient = bound.T @ mills - free.T @ (free @ at)
        gradient[2] += len(free) / at[2]
        curvature = free.T @ free + bound.T @ (bound * (mills * (z + mills))[:, None])
        curvature[2, 2] += len(free) / at[2] ** 2
        step = np.linalg.solve(curvature, gradient)
        if float(gradient @ step) < NEAR:
            return at + step
        share = 1.0
        least = climbed - UNSEEN * (1 + abs(climbed))
        while at[2] + share * step[2] <= 0 or _log_likelihood(at + share * step, free, bound) < least:
            share /= 2
            if share < SHORTEST_STEP:
                return None
        at = at + share * step
        climbed = _log_likelihood(at, free, bound)
    return None
