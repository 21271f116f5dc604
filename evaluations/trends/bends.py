"""Whether a trend bends at a stated place: the slope after it over the slope before (statistics d4).

The rules kept here: the place is stated before anybody looks, else the bend is exploratory and has no p; a test takes six points, three
of them at or after the place; the ratio has a Fieller interval (Fieller 1954, JRSS B 16:175), which may have no upper end; a jump
(same slope before and after, one step) is fitted beside the bend, and which of the two describes the points better is described and never
decided.

Left out: why a trend bends. "No acceleration seen" may rule something out; seeing one opens a question that no plot answers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from evaluations.estimate import Unestimable
from evaluations.exact_numbers import Given, exact_number
from evaluations.quantiles import checked, t_below, t_quantile
from evaluations.trends.lines import LinePoint, LineScale, Placed, Sums, in_floats, no_residuals, placed

FEWEST_POINTS = 6  # statistics d4
FEWEST_AFTER = 3  # statistics d4: at or after the stated place

Stated = Literal["before_looking", "after_looking"]
Interval = Literal["bounded", "upper_unbounded", "whole_line"]

EXPLORATORY_NOTE = "Exploratory: the place of the bend was chosen by looking, so no p is given."


@dataclass(frozen=True)
class SlopeRatio:
    """A line with a bend at ``breakpoint``: slopes on the fitted scale, their variances, and the fits it is to be compared with.

    ``aic`` (Akaike 1974) is n ln(RSS/n) + 2 (numbers fitted + 1): smaller describes the points better, and decides nothing.
    """

    scale: LineScale
    n: int
    breakpoint: float
    stated: Stated
    slope_before: float
    slope_after: float
    variance_before: float
    variance_after: float
    covariance: float
    bend_p: float | None  # two-sided, of no bend at all; None if exploratory
    rss_line: float
    rss_bend: float
    rss_jump: float
    jump: float  # height of the step, on the fitted scale
    notes: tuple[str, ...]

    @property
    def degrees_of_freedom(self) -> int:
        """Points less the three numbers fitted."""
        return self.n - 3

    @property
    def ratio(self) -> float:
        """Slope after over slope before."""
        return self.slope_after / self.slope_before

    @property
    def aic(self) -> dict[Literal["line", "bend", "jump"], float]:
        """Akaike's criterion of the three fits."""
        return {"line": _aic(self.n, self.rss_line, 2), "bend": _aic(self.n, self.rss_bend, 3), "jump": _aic(self.n, self.rss_jump, 3)}

    def bounds(self, alpha: float) -> tuple[float, float, Interval]:
        """Fieller's limits with error ``alpha`` on either side (statistics b2, general form), and the shape of the set.

        Without a slope before that stands clear of zero there is no upper end, and perhaps no lower one.
        """
        squared = t_quantile(self.degrees_of_freedom, checked(alpha)) ** 2
        first = self.slope_before**2 - squared * self.variance_before
        half = self.slope_after * self.slope_before - squared * self.covariance
        last = self.slope_after**2 - squared * self.variance_after
        root = half**2 - first * last
        if first > 0:  # bounded: the set holds the ratio itself, so that the roots exist
            far = half + math.copysign(math.sqrt(max(root, 0.0)), half)  # no difference of near equals
            ends = (far / first, last / far) if far else (0.0, 0.0)
            return min(ends), max(ends), "bounded"
        if root <= 0 or first == 0:
            return -math.inf, math.inf, "whole_line"
        lower = max((half - math.sqrt(root)) / first, (half + math.sqrt(root)) / first)
        return (lower, math.inf, "upper_unbounded") if lower <= self.ratio else (-math.inf, math.inf, "whole_line")


def _aic(n: int, rss: float, fitted: int) -> float:
    return n * math.log(rss / n) + 2 * (fitted + 1) if rss > 0 else -math.inf


def slope_ratio(points: Iterable[LinePoint], scale: LineScale, breakpoint_at: Given, stated: Stated) -> SlopeRatio | Unestimable:
    """Least squares of ``y ~ x + max(x - x0, 0)`` at a stated x0, its slope ratio, and the jump beside it (statistics d4).

    Refuses what every line refuses, fewer than six points or fewer than three at or after the breakpoint (``fewer_than_6_points``),
    points on either side that lie at one place, points that lie exactly on the bent line, and a slope before it of exactly zero.
    """
    held, at = placed(points, scale), exact_number(breakpoint_at, "a breakpoint")
    if isinstance(at, Unestimable):
        raise ValueError(f"found the breakpoint {breakpoint_at}, expected a number")
    if isinstance(held, Unestimable):
        few = held.reason == "fewer_than_4_points"
        return Unestimable("fewer_than_6_points", f"{held.words}; a bend takes {FEWEST_POINTS}") if few else held
    after = sum(x >= at for x in held.x)
    if held.n < FEWEST_POINTS or after < FEWEST_AFTER:
        words = f"{held.n} points, {after} of them at or after the breakpoint; a bend takes {FEWEST_POINTS}, {FEWEST_AFTER} of them there"
        return Unestimable("fewer_than_6_points", words)
    if len({x for x in held.x if x <= at}) < 2 or not any(x > at for x in held.x):
        return Unestimable("no_spread_along_the_axis", "the points on one side of the breakpoint lie at one place, and give no slope")
    return _fit(held, scale, at, stated)


def _fit(held: Placed, scale: LineScale, at: Fraction, stated: Stated) -> SlopeRatio | Unestimable:
    line, bend = Sums.of(held.x, held.y), Column.beside(held.x, [max(x - at, Fraction(0)) for x in held.x])
    change = bend.coefficient(held.y)
    before, rss = line.slope - change * bend.sums.slope, line.rss - change**2 * bend.sums.rss
    if no_residuals(rss, abs(before) + abs(change), held.x, held.y):
        return Unestimable("all_values_equal", "the points lie exactly on the bent line, which says nothing of the error")
    if before == 0:
        return Unestimable("degenerate_control", "the slope before the breakpoint is zero, and nothing is a multiple of it")
    rss_jump, jump = line.rss, Fraction(0)
    if any(x < at for x in held.x):
        step = Column.beside(held.x, [Fraction(x >= at) for x in held.x])
        jump = step.coefficient(held.y)
        rss_jump = line.rss - jump**2 * step.sums.rss
    variance = rss / (held.n - 3)
    of_change = variance / bend.sums.rss
    of_before = variance / line.xx + bend.sums.slope**2 * of_change
    together = -bend.sums.slope * of_change  # of the slope before with the change
    if not in_floats(before, change, of_before, of_change, line.rss, rss):
        return Unestimable("overflow", "the points lie too far apart, or too near, for a computer's numbers")
    explored = stated == "after_looking"
    t = float(change) / math.sqrt(of_change)
    return SlopeRatio(
        scale=scale, n=held.n, breakpoint=float(at), stated=stated,
        slope_before=float(before), slope_after=float(before + change),
        variance_before=float(of_before), variance_after=float(of_before + of_change + 2 * together),
        covariance=float(of_before + together),
        bend_p=None if explored else 2 * t_below(held.n - 3, -abs(t)),
        rss_line=float(line.rss), rss_bend=float(rss), rss_jump=float(rss_jump), jump=float(jump),
        notes=(EXPLORATORY_NOTE,) if explored else (),
    )  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A further column beside x, less what x explains of it (Frisch and Waugh 1933): exact."""

    sums: Sums
    left: tuple[Fraction, ...]

    @classmethod
    def beside(cls, x: Sequence[Fraction], column: Sequence[Fraction]) -> Column:
        """``column`` is not a straight line in x."""
        sums = Sums.of(x, column)
        rest = (each - sums.y_mean - sums.slope * (at - sums.x_mean) for at, each in zip(x, column, strict=True))
        return cls(sums, tuple(rest))

    def coefficient(self, y: Sequence[Fraction]) -> Fraction:
        """Its coefficient in a fit of y on x and this column."""
        return sum((one * other for one, other in zip(self.left, y, strict=True)), Fraction(0)) / self.sums.rss
