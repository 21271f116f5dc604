"""Whether one point falls out of the trend of the others (statistics d5).

The rule kept here: a point is judged by the line through the *others*, which it cannot bend towards itself (externally studentised
residual; identical to its leave-one-out prediction error), with t quantiles of n - 3 degrees of freedom.

Left out: dropping the point. One that falls out is a question (sandbagging, a broken harness, another elicitation), never a verdict.
Left out: the choice of the point by its size. The p of a point picked as the farthest of n counts n times.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluations.estimate import Unestimable
from evaluations.quantiles import t_below
from evaluations.trends.lines import LinePoint, LineScale, Sums, in_floats, located, no_residuals, placed


@dataclass(frozen=True)
class TrendOutlier:
    """How far a point lies from the line through the others, in standard errors of a further point there.

    ``p_low`` is the probability of a residual at least as low if the point belongs to the trend, ``p_high`` of one as high.
    """

    point: LinePoint
    n: int
    residual: float
    degrees_of_freedom: int
    p_low: float
    p_high: float


def trend_outlier(points: Sequence[LinePoint], scale: LineScale, index: int) -> TrendOutlier | Unestimable:
    """Externally studentised residual of ``points[index]``, t with n - 3 degrees of freedom (statistics d5).

    Refuses what every line refuses, other points that all lie at one place, and other points that lie exactly on a line.
    """
    if not 0 <= index < len(points):
        raise ValueError(f"found the index {index} of {len(points)} points, expected one of them")
    whole = placed(points, scale)
    if isinstance(whole, Unestimable):
        return whole
    own, *others = [
        each
        for point in (points[index], *points[:index], *points[index + 1 :])
        if not isinstance(each := located(point, scale), Unestimable)
    ]
    others.sort()
    x, y = [one for one, _ in others], [other for _, other in others]
    if len(set(x)) < 2:
        return Unestimable("no_spread_along_the_axis", "the other points lie at one place")
    sums = Sums.of(x, y)
    if no_residuals(sums.rss, sums.slope, x, y):
        return Unestimable("all_values_equal", "the other points are equal or lie exactly on a line, which says nothing of the error")
    df = sums.n - 2
    squared = sums.rss / df * (1 + Fraction(1, sums.n) + (own[0] - sums.x_mean) ** 2 / sums.xx)
    error = own[1] - sums.y_mean - sums.slope * (own[0] - sums.x_mean)
    if not in_floats(squared, error):
        return Unestimable("overflow", "the points lie too far apart, or too near, for a computer's numbers")
    residual = float(error) / math.sqrt(squared)
    return TrendOutlier(points[index], len(points), residual, df, t_below(df, residual), t_below(df, -residual))
