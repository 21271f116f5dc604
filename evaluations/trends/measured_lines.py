"""A line through points whose own errors are known: meta-regression (statistics d1, last sentence).

The rules kept here: a point with a small error counts more; models differ beyond their errors by a variance ``tau2`` that is estimated
by restricted maximum likelihood and never below zero; the errors of the line are Knapp and Hartung's (2003, Stat. Med. 22:2693) with t
quantiles, and their factor is left as it comes out, also below 1 where tau2 is zero; the band for a further model is for its true
value, so it adds tau2 and not the error of measuring it.

Left out: floors under the factor. With few models that happen to agree the band is too narrow, and a note says so; a decision rests on
the indicator's own interval and never on a trend.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from evaluations.estimate import Unestimable
from evaluations.exact_numbers import Given, exact_number
from evaluations.quantiles import checked, t_quantile
from evaluations.trends.lines import LinePoint, located, placed

LARGEST = 1e50  # our choice: beyond it squares of squares leave the floats
STEPS = 256  # our choice: places at which the sign of the score is looked at; it rarely changes more than once
NARROW_NOTE = "The models agree better than their errors let expect, so the band may be too narrow."

Weighed = tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]  # x about its mean, y, variances


@dataclass(frozen=True)
class MeasuredLine:
    """Weighted line on the scale given: ``centre`` at ``x_mean``, ``slope``, variances of both, the variance between models."""

    n: int
    x_mean: float
    centre: float
    intercept: float
    slope: float
    centre_error: float
    slope_error: float
    tau2: float
    factor: float  # Knapp and Hartung's q
    notes: tuple[str, ...]

    @property
    def degrees_of_freedom(self) -> int:
        """Points less the two numbers fitted."""
        return self.n - 2

    def fit(self, x: float) -> float:
        """The line at ``x``."""
        return self.centre + self.slope * (x - self.x_mean)

    def line_error(self, x: float) -> float:
        """Standard error of the line at ``x``; ``x_mean`` is the weighted mean, where centre and slope do not move together."""
        return math.hypot(self.centre_error, self.slope_error * (x - self.x_mean))

    def mean_band(self, x: float, alpha: float) -> tuple[float, float]:
        """Where the line may be at ``x``, with error ``alpha`` on either side."""
        return self._band(x, self.line_error(x), alpha)

    def prediction_band(self, x: float, alpha: float) -> tuple[float, float]:
        """Where the true value of a further model may be at ``x``, with error ``alpha`` on either side."""
        return self._band(x, math.hypot(self.line_error(x), math.sqrt(self.tau2)), alpha)

    def _band(self, x: float, error: float, alpha: float) -> tuple[float, float]:
        half = t_quantile(self.degrees_of_freedom, checked(alpha)) * error
        return self.fit(x) - half, self.fit(x) + half


def measured_line(points: Sequence[LinePoint], variances: Sequence[Given]) -> MeasuredLine | Unestimable:
    """Meta-regression of y on x with known variances: REML and Knapp-Hartung. Points are on the scale to be fitted already.

    Refuses what every line refuses, variances that are not positive, and points that lie exactly on a line.
    """
    if len(points) != len(variances):
        raise ValueError(f"found {len(variances)} variances of {len(points)} points, expected one each")
    ready = placed(points, "linear")
    if isinstance(ready, Unestimable):
        return ready
    held = []
    for point, variance in zip(points, variances, strict=True):
        place, exact = located(point, "linear"), exact_number(variance, "a variance")
        if isinstance(place, Unestimable):
            return place
        if isinstance(exact, Unestimable):
            return exact
        if exact <= 0:
            return Unestimable("negative_spread", "a variance is not positive; a point without an error would decide alone")
        if max(*map(abs, place), exact, 1 / exact) > LARGEST:
            return Unestimable("overflow", "the points or their variances lie too far apart, or too near, for a computer's numbers")
        held.append((float(place[0]), float(place[1]), float(exact)))
    held.sort()
    middle = math.fsum(x for x, _, _ in held) / len(held)
    given: Weighed = tuple(x - middle for x, _, _ in held), tuple(y for _, y, _ in held), tuple(v for _, _, v in held)
    tau2 = _reml(given)
    fit = _Weighted.at(tau2, given)
    size = max(map(abs, given[1])) + abs(fit.slope) * max(abs(x) for x, _, _ in held)
    if math.fsum(each * each for each in fit.residuals) <= len(held) * (size * 2.0**-40) ** 2:  # as in ``lines.no_residuals``
        return Unestimable("all_values_equal", "the points are equal or lie exactly on a line, which says nothing of the error")
    factor, middle = fit.squares / (len(held) - 2), middle + fit.x_mean
    return MeasuredLine(
        n=len(held), x_mean=middle, centre=fit.centre, intercept=fit.centre - fit.slope * middle, slope=fit.slope,
        centre_error=math.sqrt(factor / fit.total), slope_error=math.sqrt(factor / fit.spread), tau2=tau2, factor=factor,
        notes=(NARROW_NOTE,) if factor < 1 and tau2 == 0 else (),
    )  # fmt: skip


@dataclass(frozen=True)
class _Weighted:
    """Weighted least squares at one tau2."""

    weights: tuple[float, ...]
    total: float
    x_mean: float
    spread: float
    centre: float
    slope: float
    residuals: tuple[float, ...]

    @classmethod
    def at(cls, tau2: float, given: Weighed) -> _Weighted:
        xs, ys, variances = given
        weights = tuple(1 / (variance + tau2) for variance in variances)
        total = math.fsum(weights)
        x_mean = math.fsum(w * x for w, x in zip(weights, xs, strict=True)) / total
        centre = math.fsum(w * y for w, y in zip(weights, ys, strict=True)) / total
        spread = math.fsum(w * (x - x_mean) ** 2 for w, x in zip(weights, xs, strict=True))
        slope = math.fsum(w * (x - x_mean) * (y - centre) for w, x, y in zip(weights, xs, ys, strict=True)) / spread
        residuals = tuple(y - centre - slope * (x - x_mean) for x, y in zip(xs, ys, strict=True))
        return cls(weights, total, x_mean, spread, centre, slope, residuals)

    @property
    def squares(self) -> float:
        """Weighted sum of squared residuals."""
        return math.fsum(w * r * r for w, r in zip(self.weights, self.residuals, strict=True))

    def score(self, xs: Sequence[float]) -> float:
        """Twice the derivative of the restricted log likelihood in tau2: y'PPy - trace(P) (Raudenbush 2009)."""
        leverage = math.fsum(w * w * (1 / self.total + (x - self.x_mean) ** 2 / self.spread) for w, x in zip(self.weights, xs, strict=True))
        squared = math.fsum((w * r) ** 2 for w, r in zip(self.weights, self.residuals, strict=True))
        return squared - (self.total - leverage)

    def restricted(self) -> float:
        """Twice the restricted log likelihood, without the constant."""
        return math.fsum(map(math.log, self.weights)) - math.log(self.total) - math.log(self.spread) - self.squares


def _reml(given: Weighed) -> float:
    """tau2 of the highest restricted likelihood at or above zero: zero, or a place where the score changes from plus to minus."""
    xs, _, variances = given
    plain = _Weighted.at(0.0, (xs, given[1], tuple(1.0 for _ in xs)))  # tau2 0, all weights 1: ordinary least squares
    scatter = plain.squares / (len(xs) - 2)
    end = scatter + math.sqrt(scatter * max(variances))  # beyond it the score is negative: y'PPy <= RSS / (tau2 + least variance)^2
    places = [end * (step / STEPS) ** 2 for step in range(STEPS + 1)]
    scores = [_Weighted.at(each, given).score(xs) for each in places]
    steps = list(zip(places, scores, strict=True))
    turns = [(before, after) for (before, rises), (after, falls) in pairwise(steps) if rises > 0 >= falls]
    tops = [0.0, *(_root(before, after, given) for before, after in turns)]
    return max(tops, key=lambda tau2: (_Weighted.at(tau2, given).restricted(), -tau2))


def _root(rising: float, falling: float, given: Weighed) -> float:
    """Bisection to the last digit between a place where the likelihood rises and one where it falls."""
    while True:
        middle = rising + (falling - rising) / 2
        if middle in (rising, falling):
            return middle
        rising, falling = (middle, falling) if _Weighted.at(middle, given).score(given[0]) > 0 else (rising, middle)
