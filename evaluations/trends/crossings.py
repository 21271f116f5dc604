"""When a trend reaches a bar: the probability at a place, and the place at a probability (statistics d2).

The rules kept here: a crossing is a range and never a date; a place is the first one at or after the last point where the
probability is reached (so that of a running maximum), the word ``already`` where it is reached by then, and infinite where it
never is; the probability that the line never gets there is said; metrics that fall are turned first. The ends are those of
Fieller's limits (Fieller 1954, JRSS B 16:175): no chance is involved.

What a report may show is narrower (``crossing_window``): four points on the frontier, twelve months along a time axis, nothing
farther ahead than a third of the observed span, and never without the window, the points left out and what leaving out one
more would change.

Left out: resampled dates. Stated to hold nine times in ten, they held 77 to 94 times in a hundred (statistics d2).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from evaluations.estimate import Bar, Unestimable
from evaluations.exact_numbers import exact_bar
from evaluations.quantiles import t_below, t_quantile
from evaluations.records import RiskierWhen
from evaluations.trends.lines import FEWEST_POINTS, LARGEST, LinePoint, LineScale, TrendLine, frontier, located, on_scale, trend_line

Of = Literal["line", "next_model"]
Place = float | Literal["already"]
WindowEnd = float | Literal["already", "beyond_the_horizon"]

EARLIEST, MIDDLE, LATEST = 0.1, 0.5, 0.9  # statistics d2: the early tail first, for safety planning
HORIZON_SHARE = 3  # our convention (statistics d3): no forecast farther ahead than a third of the observed span
SHORTEST_SPAN_DAYS = 365.0  # twelve months (statistics d3), of a year without a 29th of February
CEILING = 0.95  # statistics d4: at or above it a proportion no longer says how far the model got


@dataclass(frozen=True)
class CrossingDistribution:
    """How probable it is, place by place, that a line or a further model is at or above a bar."""

    line: TrendLine
    bar: float  # on the fitted scale
    riskier_when: RiskierWhen

    @property
    def _sign(self) -> int:
        return 1 if self.riskier_when is RiskierWhen.HIGHER else -1

    @property
    def point_crossing(self) -> float:
        """Where the fitted line meets the bar, also before the first point; infinite for a flat line."""
        return self.line.x_mean + (self.bar - self.line.centre) / self.line.slope if self.line.slope else math.inf

    @property
    def p_never(self) -> float:
        """1 - T(b/se_b): the probability that the line does not run towards the bar at all (statistics d2)."""
        return t_below(self.line.degrees_of_freedom, -self._sign * self.line.slope / self.line.slope_error)

    def _t(self, x: float, of: Of) -> float:
        error = self.line.line_error(x) if of == "line" else self.line.model_error(x)
        return self._sign * (self.line.fitted(x) - self.bar) / error

    def probability(self, x: float, of: Of) -> float:
        """Probability that the line, or a further model, is at or above the bar at ``x`` (at or below, where lower is riskier)."""
        return t_below(self.line.degrees_of_freedom, self._t(x, of))

    def probability_by(self, x: float, of: Of) -> float:
        """Largest probability between the last point and ``x``: what has been reached is not lost again."""
        if x < self.line.x_high:
            raise ValueError(f"found the place {x}, expected one at or after the last point, {self.line.x_high}")
        places = [self.line.x_high, x]
        turn = self._turn(of)
        return max(self.probability(each, of) for each in (*places, *((turn,) if self.line.x_high < turn < x else ())))

    def _turn(self, of: Of) -> float:
        """The only place where t rises no more, or falls no more: b c Sxx / (f - bar) from the mean x, c the constant in se^2."""
        above = self.line.centre - self.bar
        constant = 1 / self.line.n + (of == "next_model")
        return self.line.x_mean + self.line.slope * constant * self.line.spread / above if above else math.inf

    def place(self, probability: float, of: Of, since: float | None = None) -> Place:
        """First place at or after ``since`` (the last point) where ``probability`` is reached; infinite if it never is."""
        if not 0 < probability < 1:
            raise ValueError(f"found the probability {probability}, expected one between 0 and 1")
        start = self.line.x_high if since is None else since
        wanted = -t_quantile(self.line.degrees_of_freedom, probability)
        if self._t(start, of) >= wanted:
            return "already"
        turn = self._turn(of)
        if start < turn < LARGEST and self._t(turn, of) >= wanted:
            return self._first(start, turn, wanted, of)
        rises = self._sign * self.line.slope / self.line.slope_error  # what t tends to, and never attains
        if rises <= wanted:
            return math.inf
        inside, step = max(start, turn) if start < turn < LARGEST else start, self.line.x_high - self.line.x_low
        while self._t(inside + step, of) < wanted:
            step *= 2
            if inside + step > LARGEST:  # so near to the limit that no number holds the place
                return math.inf
        return self._first(inside, inside + step, wanted, of)

    def _first(self, before: float, after: float, wanted: float, of: Of) -> float:
        """Bisection to the last digit where t rises from ``before`` to ``after``."""
        while True:
            middle = before + (after - before) / 2
            if middle in (before, after):
                return after
            before, after = (before, middle) if self._t(middle, of) >= wanted else (middle, after)


def bar_on_scale(bar: Bar, scale: LineScale) -> float | Unestimable:
    """The bar on the fitted scale. Refuses one with no place there: 0 or 1 among logits, 0 among logarithms."""
    found = on_scale(exact_bar(bar), None, scale)
    if isinstance(found, Unestimable):
        return Unestimable("off_scale", f"a bar at {float(bar):g} lies at or beyond the end of the scale, where no line arrives")
    return found


def crossing_distribution(
    points: Iterable[LinePoint], scale: LineScale, bar: Bar, riskier_when: RiskierWhen = RiskierWhen.HIGHER
) -> CrossingDistribution | Unestimable:
    """Line and bar together (statistics d2). Refuses what ``trend_line`` refuses, and a bar without a place on the scale."""
    line = trend_line(points, scale)
    if isinstance(line, Unestimable):
        return line
    height = bar_on_scale(bar, scale)
    return height if isinstance(height, Unestimable) else CrossingDistribution(line, height, riskier_when)


@dataclass(frozen=True)
class LeftOut:
    """A point that the line does not rest on, and why."""

    point: LinePoint
    why: Literal["not_on_the_frontier", "not_a_number"]


@dataclass(frozen=True)
class Forecast:
    """The line through a frontier, with everything a reader must be told: window, points used and left out, and how far it may go."""

    line: TrendLine
    riskier_when: RiskierWhen
    used: tuple[LinePoint, ...]
    left_out: tuple[LeftOut, ...]
    horizon: float

    @property
    def window(self) -> tuple[float, float]:
        """First and last place the line rests on."""
        return self.line.x_low, self.line.x_high


@dataclass(frozen=True)
class CrossingWindow:
    """From where to where a further model may first reach a bar: 10, 50 and 90 percent, each at most at the horizon.

    ``already`` is its own state and no forecast: the bar lies inside the band at the last point, or a model has reached it.
    ``leave_one_out`` are the extremes of the middle when one point is left out, ``None`` where too few points remain for a line.
    """

    state: Literal["forecast", "already", "beyond_the_horizon"]
    reached: Literal["reached", "not_reached"]  # by the riskiest model itself
    distribution: CrossingDistribution
    earliest: WindowEnd
    middle: WindowEnd
    latest: WindowEnd
    leave_one_out: tuple[WindowEnd, WindowEnd] | None
    p_never: float


def forecast(
    points: Iterable[LinePoint],
    scale: LineScale,
    axis: Literal["days", "log10_compute"],
    riskier_when: RiskierWhen = RiskierWhen.HIGHER,
) -> Forecast | Unestimable:
    """The line through the frontier, if one may be shown (statistics d3).

    Refuses fewer than four points on the frontier, whatever ``trend_line`` refuses, less than twelve months along a time axis
    (``too_short_a_span``), and a frontier that stands at the ceiling of its scale (``saturated``).
    """
    held = sorted(points, key=_order)
    used = frontier(held, riskier_when)
    if len(used) < FEWEST_POINTS:
        return Unestimable("fewer_than_4_points", f"{len(used)} points on the frontier; a line takes {FEWEST_POINTS}")
    span = float(used[-1].x) - float(used[0].x)
    if axis == "days" and span < SHORTEST_SPAN_DAYS:
        return Unestimable("too_short_a_span", f"the frontier spans {span:.0f} days; a forecast takes twelve months")
    saturated = sum(_at_the_end(each, riskier_when) for each in used) if scale == "logit" else 0
    if saturated:
        return Unestimable("saturated", f"{saturated} of {len(used)} points on the frontier stand at the end of the scale")
    line = trend_line(used, scale)
    if isinstance(line, Unestimable):
        return line
    left_out = tuple(LeftOut(each, _why(each)) for each in held if each not in used)
    return Forecast(line, riskier_when, used, left_out, line.x_high + (line.x_high - line.x_low) / HORIZON_SHARE)


def _order(point: LinePoint) -> tuple[str, str, str, int]:
    return point.name, str(point.x), str(point.y), point.n or 0


def _at_the_end(point: LinePoint, riskier_when: RiskierWhen) -> bool:
    return point.y >= CEILING if riskier_when is RiskierWhen.HIGHER else point.y <= 1 - CEILING


def _why(point: LinePoint) -> Literal["not_on_the_frontier", "not_a_number"]:
    return "not_a_number" if isinstance(located(point, "linear"), Unestimable) else "not_on_the_frontier"


def crossing_window(found: Forecast, bar: Bar) -> CrossingWindow | Unestimable:
    """When a further model may first be at or above ``bar``. Refuses a bar without a place on the scale."""
    height = bar_on_scale(bar, found.line.scale)
    if isinstance(height, Unestimable):
        return height
    distribution = CrossingDistribution(found.line, height, found.riskier_when)
    riskiest = found.used[-1].y
    has_reached = riskiest >= bar if found.riskier_when is RiskierWhen.HIGHER else riskiest <= bar
    earliest, middle, latest = (_end(distribution, each, found) for each in (EARLIEST, MIDDLE, LATEST))
    if has_reached:  # whatever the line says of the last place, where a model has already been
        earliest = "already"
    state: Literal["forecast", "already", "beyond_the_horizon"] = "forecast" if isinstance(earliest, float) else earliest
    reached: Literal["reached", "not_reached"] = "reached" if has_reached else "not_reached"
    return CrossingWindow(state, reached, distribution, earliest, middle, latest, _leave_one_out(found, height), distribution.p_never)


def _end(distribution: CrossingDistribution, probability: float, found: Forecast) -> WindowEnd:
    place = distribution.place(probability, "next_model", since=found.line.x_high)
    return place if place == "already" or place <= found.horizon else "beyond_the_horizon"


def _leave_one_out(found: Forecast, height: float) -> tuple[WindowEnd, WindowEnd] | None:
    """The earliest and latest middle over all lines that leave out one point; the horizon and the last point stay those of all."""
    ends: list[WindowEnd] = []
    for left_out in found.used:
        line = trend_line([each for each in found.used if each != left_out], found.line.scale)
        if isinstance(line, Unestimable):
            return None
        ends.append(_end(CrossingDistribution(line, height, found.riskier_when), MIDDLE, found))
    return extremes(ends)


def extremes(ends: Sequence[WindowEnd]) -> tuple[WindowEnd, WindowEnd]:
    """The first and the last of several ends: what is reached already comes first, what lies beyond the horizon last."""
    ranks = {"already": -math.inf, "beyond_the_horizon": math.inf}
    ordered = sorted(ends, key=lambda each: ranks[each] if isinstance(each, str) else each)
    return ordered[0], ordered[-1]
