"""A straight line through points over time or compute, with bands for the line and for a further model (statistics d1, d3).

The rules kept here: a line takes four points at three places or more, and four or five give a rough one; proportions are
fitted as logits, positive open scores as logarithms, indices as they are; the band for a further model is a *prediction* band
with t quantiles, never the narrower band of the line; points that lie exactly on a line say nothing of the error, so they
give no band at all; a place farther outside than the observed range is wide is called a far extrapolation; sums are exact, so
the order of points changes no digit.

Left out: curves. A bounded score is a line on the logit scale or none; which of several curves is right, few points cannot say.
Left out: resampling. Errors that models share because they share tasks are not in the residuals; whoever draws a band says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from scipy import special

from evaluations.estimate import Unestimable
from evaluations.exact_numbers import Given, exact_number, whole_count
from evaluations.quantiles import checked, t_quantile
from evaluations.records import RiskierWhen
from evaluations.summaries import StudentEstimate

LineScale = Literal["logit", "log", "linear"]
Reach = Literal["inside", "extrapolation", "far_extrapolation"]

FEWEST_POINTS = 4  # statistics d3: two or three points are drawn without a line
FEWEST_PLACES = 3  # statistics d3: distinct x
ROUGH_POINTS = 5  # statistics d3: up to here the wording is "rough"
LARGEST, SMALLEST = 1e100, 1e-100  # our choice: beyond it squares leave the floats
ROUNDING = 2.0**-40  # our choice: residuals below it are the rounding of a float, four thousand times over, and no spread
LARGEST_LOG = 709.0  # the largest logarithm of a float (IEEE 754, binary64)

ROUGH_NOTE = "Rough: a line through four or five points."
FAR_NOTE = "Far extrapolation: farther outside the observed points than they lie apart."


@dataclass(frozen=True)
class LinePoint:
    """One model on a trend: ``x`` in days, years or log10 of compute, ``y`` in native units (a proportion as a share from 0 to 1).

    ``n`` is the number of items or trials a proportion is over, ``None`` if unknown; ``name`` is for telling which points were used.
    """

    x: Given
    y: Given
    n: int | None = None
    name: str = ""


@dataclass(frozen=True)
class DoublingTime:
    """Time in which a fitted score doubles, or halves if the line falls; an end that does not exist is infinite."""

    direction: Literal["doubling", "halving"]
    time: float
    lower: float
    upper: float


@dataclass(frozen=True)
class TrendLine:
    """Ordinary least squares on the fitted scale: value ``centre`` at the mean x, ``slope`` a unit of x, ``residual_sd`` about it.

    ``spread`` is the sum of squared distances of x from its mean. Places are floats; bands come back in native units.
    """

    scale: LineScale
    n: int
    x_low: float
    x_high: float
    x_mean: float
    spread: float
    centre: float
    intercept: float
    slope: float
    residual_sd: float
    notes: tuple[str, ...] = ()

    @property
    def degrees_of_freedom(self) -> int:
        """Points less the two numbers fitted."""
        return self.n - 2

    @property
    def wording(self) -> Literal["rough", "usual"]:
        """How a reader is told of the line (statistics d3)."""
        return "rough" if self.n <= ROUGH_POINTS else "usual"

    @property
    def slope_error(self) -> float:
        """Standard error of the slope."""
        return self.residual_sd / math.sqrt(self.spread)

    def slope_estimate(self) -> StudentEstimate:
        """The slope on the fitted scale, with t bounds."""
        return StudentEstimate(
            Fraction(self.slope), "trend_line", self.n, self.notes,
            standard_error=self.slope_error, degrees_of_freedom=self.degrees_of_freedom,
        )  # fmt: skip

    def fitted(self, x: float) -> float:
        """The line at ``x``, on the fitted scale."""
        return self.centre + self.slope * (_placed(x) - self.x_mean)

    def line_error(self, x: float) -> float:
        """Standard error of the line at ``x``, on the fitted scale."""
        return self.residual_sd * math.sqrt(1 / self.n + self._leverage(x))

    def model_error(self, x: float) -> float:
        """Standard error of a further model at ``x``: that of the line and that of the model about it (statistics d1)."""
        return self.residual_sd * math.sqrt(1 + 1 / self.n + self._leverage(x))

    def _leverage(self, x: float) -> float:
        return ((_placed(x) - self.x_mean) / math.sqrt(self.spread)) ** 2

    def fit(self, x: float) -> float:
        """The line at ``x`` in native units."""
        return native(self.fitted(x), self.scale)

    def mean_band(self, x: float, alpha: float) -> tuple[float, float]:
        """Where the line itself may be at ``x``, with error ``alpha`` on either side. Not where a further model may be."""
        return self._band(x, t_quantile(self.degrees_of_freedom, checked(alpha)) * self.line_error(x))

    def prediction_band(self, x: float, alpha: float) -> tuple[float, float]:
        """Where a further model may be at ``x``, with error ``alpha`` on either side."""
        return self._band(x, t_quantile(self.degrees_of_freedom, checked(alpha)) * self.model_error(x))

    def _band(self, x: float, half: float) -> tuple[float, float]:
        middle = self.fitted(x)
        return native(middle - half, self.scale), native(middle + half, self.scale)

    def reach(self, x: float) -> Reach:
        """Whether ``x`` lies among the points, beyond them, or beyond them by more than their own range (statistics d3)."""
        outside = max(self.x_low - _placed(x), x - self.x_high)
        return "inside" if outside <= 0 else "extrapolation" if outside <= self.x_high - self.x_low else "far_extrapolation"

    def doubling_time(self, alpha: float) -> DoublingTime:
        """ln 2 over the slope, with the bounds of the slope; a line that falls has a halving time (statistics d1).

        The upper end is infinite where the slope may be zero. Only a line on the log scale doubles in a constant time.
        """
        if self.scale != "log":
            raise ValueError(f"found a line on the {self.scale} scale, expected the log scale: no other doubles in a constant time")
        estimate, rises = self.slope_estimate(), self.slope >= 0
        slow, fast = (estimate.lower(alpha), estimate.upper(alpha)) if rises else (-estimate.upper(alpha), -estimate.lower(alpha))
        times = [math.log(2) / rate if rate > 0 else math.inf for rate in (abs(self.slope), fast, slow)]
        return DoublingTime("doubling" if rises else "halving", *times)


def _placed(x: float) -> float:
    """``x`` if a line can be asked about it."""
    if not (math.isfinite(x) and abs(x) <= LARGEST):
        raise ValueError(f"found the place {x}, expected a finite number of at most {LARGEST:g}")
    return float(x)


def native(value: float, scale: LineScale) -> float:
    """A value on the fitted scale in native units: never clipped, so a share may come out as exactly 0 or 1, and a score as inf."""
    if scale == "logit":
        return float(special.expit(value))
    return value if scale == "linear" else math.exp(value) if value < LARGEST_LOG else math.inf


def on_scale(exact: Fraction, n: int | None, scale: LineScale) -> float | Unestimable:
    """A native score on the fitted scale: log odds of (x + 1/2)/(n + 1) where the count is known (statistics d1), logarithm, or itself.

    Refuses a proportion of 0 or 1 whose count is unknown, for its logit is infinite, a proportion off the scale from 0 to 1, a
    count below 1, and a logarithm of what is not positive.
    """
    if scale == "linear":
        return float(exact)
    if scale == "log":
        return _log(exact) if exact > 0 else Unestimable("off_scale", f"the score {float(exact):g} has no logarithm")
    if n is not None and 0 <= exact <= 1:
        count = whole_count(n, "the count of a proportion")
        if isinstance(count, Unestimable) or count == 0:
            return count if isinstance(count, Unestimable) else Unestimable("impossible_count", "found a proportion of nothing")
        exact = (exact * count + Fraction(1, 2)) / (count + 1)
    if not 0 < exact < 1:
        off = "lies off the scale" if not 0 <= exact <= 1 else "has no finite logit, and its count is not known"
        return Unestimable("off_scale", f"the proportion {float(exact):g} {off}")
    return _log(exact / (1 - exact))


def _log(exact: Fraction) -> float:
    """Logarithm of a positive number, also of one that is no float."""
    if SMALLEST < exact < LARGEST:
        return math.log(float(exact))
    return math.log(exact.numerator) - math.log(exact.denominator)


def located(point: LinePoint, scale: LineScale) -> tuple[Fraction, Fraction] | Unestimable:
    """One point: exact x, and y on the fitted scale. Refuses what is no number, or too large to be squared."""
    x, y = exact_number(point.x, "a place on the axis"), exact_number(point.y, "a score")
    if isinstance(x, Unestimable):
        return x
    if isinstance(y, Unestimable):
        return y
    height = on_scale(y, point.n, scale)
    return height if isinstance(height, Unestimable) else (x, Fraction(height))


@dataclass(frozen=True)
class Placed:
    """Points ready for a line: exact x, y on the fitted scale, sorted by both."""

    x: tuple[Fraction, ...]
    y: tuple[Fraction, ...]

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.x)


def placed(points: Iterable[LinePoint], scale: LineScale) -> Placed | Unestimable:
    """Points on the fitted scale, or why no line goes through them: what every fit of this package refuses alike.

    Refuses what is not a number or too large to be squared, fewer than four points, a score with no place on the scale, and
    fewer than three distinct x.
    """
    held = list(points)
    found = []
    for each in (located(point, scale) for point in held):
        if isinstance(each, Unestimable):
            few = each.reason == "off_scale" and len(held) < FEWEST_POINTS  # one more proportion would not help
            return _too_few(held) if few else each
        found.append(each)
    if len(found) < FEWEST_POINTS:
        return _too_few(held)
    places = {x for x, _ in found}
    if len(places) < FEWEST_PLACES:
        return Unestimable("no_spread_along_the_axis", f"{len(places)} distinct places; a line takes {FEWEST_PLACES}")
    found.sort()
    return Placed(tuple(x for x, _ in found), tuple(y for _, y in found))


def _too_few(held: Sequence[LinePoint]) -> Unestimable:
    return Unestimable("fewer_than_4_points", f"{len(held)} points; a line takes {FEWEST_POINTS}")


@dataclass(frozen=True)
class Sums:
    """Exact sums of least squares over points: means, squares and the residual sum of squares."""

    n: int
    x_mean: Fraction
    y_mean: Fraction
    xx: Fraction
    slope: Fraction
    rss: Fraction

    @classmethod
    def of(cls, x: Sequence[Fraction], y: Sequence[Fraction]) -> Sums:
        """Over at least two distinct x."""
        n = len(x)
        x_mean, y_mean = sum(x, Fraction(0)) / n, sum(y, Fraction(0)) / n
        xx = sum(((each - x_mean) ** 2 for each in x), Fraction(0))
        xy = sum(((one - x_mean) * (other - y_mean) for one, other in zip(x, y, strict=True)), Fraction(0))
        yy = sum(((each - y_mean) ** 2 for each in y), Fraction(0))
        return cls(n, x_mean, y_mean, xx, xy / xx, yy - xy * xy / xx)


def in_floats(*numbers: Fraction) -> bool:
    """Whether all of these, if not zero, can be multiplied with each other as floats."""
    return all(each == 0 or SMALLEST < abs(each) < LARGEST for each in numbers)


def no_residuals(rss: Fraction, slope: Fraction, x: Sequence[Fraction], y: Sequence[Fraction]) -> bool:
    """Whether what is left of a fit is no more than rounding: the points are equal, or lie exactly on what was fitted."""
    size = max(abs(each) for each in y) + abs(slope) * max(abs(each) for each in x)
    return rss <= len(x) * (size * Fraction(ROUNDING)) ** 2


def trend_line(points: Iterable[LinePoint], scale: LineScale) -> TrendLine | Unestimable:
    """Least squares of the score on x (statistics d1).

    Refuses fewer than four points, fewer than three distinct x, scores without a place on the scale, numbers that are none, and
    points that lie exactly on a line (``all_values_equal``): they say nothing of the error, and a band of width zero would lie.
    """
    held = placed(points, scale)
    if isinstance(held, Unestimable):
        return held
    sums = Sums.of(held.x, held.y)
    if no_residuals(sums.rss, sums.slope, held.x, held.y):
        return Unestimable("all_values_equal", "the points are equal or lie exactly on a line, which says nothing of the error")
    if not in_floats(sums.xx, sums.rss, sums.slope):
        return Unestimable("overflow", "the points lie too far apart, or too near, for a computer's numbers")
    return TrendLine(
        scale=scale,
        n=held.n,
        x_low=float(held.x[0]),
        x_high=float(held.x[-1]),
        x_mean=float(sums.x_mean),
        spread=float(sums.xx),
        centre=float(sums.y_mean),
        intercept=float(sums.y_mean - sums.slope * sums.x_mean),
        slope=float(sums.slope),
        residual_sd=math.sqrt(sums.rss / (held.n - 2)),
        notes=(ROUGH_NOTE,) if held.n <= ROUGH_POINTS else (),
    )


def frontier(points: Iterable[LinePoint], riskier_when: RiskierWhen = RiskierWhen.HIGHER) -> tuple[LinePoint, ...]:
    """The points that beat every earlier one, in order of x: a line through all models bends down whenever a small one ships.

    At one place only the riskiest can be on the frontier, and of equals the first by name; equalling an earlier one does not beat
    it. A point that is not a number is none.
    """
    sign = 1 if riskier_when is RiskierWhen.HIGHER else -1
    numbers = ((exact_number(each.x, "x"), exact_number(each.y, "y"), each) for each in points)
    held = [(x, sign * y, each) for x, y, each in numbers if isinstance(x, Fraction) and isinstance(y, Fraction)]
    kept: list[LinePoint] = []
    riskiest: Fraction | None = None
    for _, risk, point in sorted(held, key=lambda each: (each[0], -each[1], each[2].name, each[2].n or 0)):
        if riskiest is None or risk > riskiest:
            riskiest = risk
            kept.append(point)
    return tuple(kept)
