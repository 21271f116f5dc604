"""The line through a frontier and what may be said of the time ahead: the facts of a fan, and the sentences under the figure.

The rules kept here (statistics d1 to d3): one point a model, its riskiest score, and how many scores it is the
riskiest of; only models that beat every earlier one; no line without four of them and, along dates, twelve months between the first and
the last, and then one sentence says why; nothing is drawn or said farther ahead than a third of that span; the window, the fit,
the points used and those left out are named, and what leaving out one more would change; a bar that lies inside the band already is
told as that, not as a forecast; no line goes through scores under two scaffolds; a day is written on the cautious side: the earliest
rounded down, the latest up.

Left out: errors that models share because they share tasks. The fan does not hold them, and says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from evaluations.estimate import Reason, Unestimable
from evaluations.trends.crossings import EARLIEST, LATEST, CrossingWindow, Forecast, LeftOut, WindowEnd, crossing_window, forecast
from evaluations.trends.lines import LinePoint, LineScale
from reports import numbers
from reports.figure_facts import BarLine, CrossingBracket, FanBand, TrendForecast
from reports.trend_points import EPOCH, TrendAxis

Fit = Literal["line", "none"]

FEWEST_MODELS = 4  # statistics d3: below it there is no line to speak of
FAN_LEVELS = (0.95, 0.8, 0.5)  # statistics e: the widest first, so that the narrower lie on it
STEPS = 40  # our choice: places of a curve that is straight on the fitted scale
LARGEST_POWER, LAST_DAY = 308.0, (date.max - EPOCH).days  # the ends of floats and of the calendar
FARTHEST = 0.5  # our choice: the fan may lengthen an open axis by half of what was measured, on either side

FIRST, LAST = numbers.percentage(EARLIEST), numbers.percentage(LATEST)

FIT_WORDS: dict[LineScale, str] = {"logit": "the logit of the score", "log": "the logarithm of the score", "linear": "the score"}
REFUSALS: dict[Reason, str] = {
    "fewer_than_4_points": "fewer than four models beat every earlier one",
    "too_short_a_span": "the models that beat every earlier one span less than twelve months",
    "saturated": "a model on the frontier stands at the end of the scale, where the score no longer says how far it got",
    "no_spread_along_the_axis": "the models on the frontier stand at fewer than three places",
    "all_values_equal": "the models on the frontier lie exactly on a line, which says nothing of the error",
    "off_scale": "a score on the frontier lies at or beyond the end of its scale, and has no place on the fitted one",
}


@dataclass(frozen=True, slots=True)
class Riskiest:
    """The riskiest score of one model: its place on the axis (days since 1970, or FLOP), and the number of scores it was taken from."""

    model: str
    place: float
    value: float
    n: int | None
    of: int
    scaffold: str | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a figure shows of a fit. ``places`` and ``values`` are what the axes must show besides the points."""

    drawn: TrendForecast | None
    sentences: tuple[str, ...]
    crossings: tuple[str, ...]
    places: tuple[float, ...]
    values: tuple[float, ...]


def none_fitted(*sentences: str) -> Fitted:
    """Nothing drawn, and perhaps why."""
    return Fitted(None, sentences, (), (), ())


def fitted_trend(models: Sequence[Riskiest], axis: TrendAxis, bars: Sequence[BarLine], seen: Iterable[float], *, y_is_log: bool) -> Fitted:
    """Return the line through the frontier of ``models`` with its fan and the crossings of ``bars``, or the reason why there is none."""
    view = _View(axis)
    scaffolds = sorted({each.scaffold or "not stated" for each in models})
    if len(scaffolds) > 1:
        return none_fitted(f"No line and no forecast: the riskiest scores come from different scaffolds ({', '.join(scaffolds)}).")
    found = forecast([view.point(each) for each in models], view.scale, view.along, axis.riskier_when)
    if isinstance(found, Unestimable):
        return none_fitted(f"No line and no forecast: {REFUSALS.get(found.reason, found.words)}.")
    crossings = [(bar, crossing_window(found, view.share(bar.position))) for bar in bars]
    brackets = tuple(each for bar, window in crossings if (each := _bracket(bar, window, view)) is not None)
    told = tuple(_crossing(bar, window, found, view) for bar, window in crossings)
    drawn = _drawn(found, brackets, view)
    sentences = (_line_words(found, models, view), *_left_out(found.left_out), _fan_words(found, view), *_doubling(found, view), *told)
    return Fitted(drawn, sentences, told, (view.native_x(found.horizon),), _heights(drawn, seen, y_is_log=y_is_log))


class _View:
    """How a figure's axes and the fit translate into each other."""

    def __init__(self, axis: TrendAxis) -> None:
        self.axis = axis
        self.along: Literal["days", "log10_compute"] = "days" if axis.over == "release_date" else "log10_compute"
        low, high = axis.scale_low, axis.scale_high
        self._ends = (low, high) if low is not None and high is not None else None
        # our choice: a scale with a floor at or above 0 and no ceiling grows by factors; one without ends is an index
        self.scale: LineScale = "logit" if self._ends else "log" if low is not None and low >= 0 and high is None else "linear"

    def point(self, model: Riskiest) -> LinePoint:
        x = model.place if self.along == "days" else math.log10(model.place)
        return LinePoint(x, self.share(model.value), model.n, model.model)

    def share(self, value: float) -> float:
        return value if self._ends is None else (value - self._ends[0]) / (self._ends[1] - self._ends[0])

    def native_y(self, share: float) -> float:
        return share if self._ends is None else self._ends[0] + share * (self._ends[1] - self._ends[0])

    def native_x(self, x: float) -> float:
        return x if self.along == "days" else 10.0 ** min(x, LARGEST_POWER)

    def place(self, x: float, *, up: bool = False) -> str:
        """A place in words, rounded down, or up."""
        if self.along == "log10_compute":
            return f"{numbers.scientific(self.native_x(x))} FLOP"
        return numbers.day(EPOCH + timedelta(days=min(math.ceil(x) if up else math.floor(x), LAST_DAY)))

    def end(self, end: WindowEnd, *, up: bool = False) -> str:
        if isinstance(end, str):
            return "already" if end == "already" else "beyond the horizon"
        return self.place(end, up=up)


def _drawn(found: Forecast, brackets: tuple[CrossingBracket, ...], view: _View) -> TrendForecast:
    line, (first, last) = found.line, found.window
    whole, ahead = _steps(first, found.horizon), _steps(last, found.horizon)
    bands = []
    for level in FAN_LEVELS:
        ends = [line.prediction_band(x, (1 - level) / 2) for x in ahead]
        low, high = (tuple(view.native_y(each[side]) for each in ends) for side in (0, 1))
        bands.append(FanBand(numbers.percentage(level), low, high))
    return TrendForecast(
        line_x=tuple(map(view.native_x, whole)),
        line_y=tuple(view.native_y(line.fit(x)) for x in whole),
        fan_x=tuple(map(view.native_x, ahead)),
        bands=tuple(bands),
        brackets=brackets,
    )


def _steps(first: float, last: float) -> list[float]:
    return [first + (last - first) * step / STEPS for step in range(STEPS)] + [last]


def _heights(drawn: TrendForecast, seen: Iterable[float], *, y_is_log: bool) -> tuple[float, ...]:
    """Heights that an open axis shows of the fan: all of it, but not so far that nothing else can be read."""
    measured = [each for each in seen if not y_is_log or each > 0]
    low, high = min(measured), max(measured)
    if y_is_log:
        factor = (high / low) ** FARTHEST
        ends = low / factor, high * factor
    else:
        ends = low - (high - low) * FARTHEST, high + (high - low) * FARTHEST
    shown = [*drawn.line_y, *(each for band in drawn.bands for each in (*band.low, *band.high))]
    return min(max(min(shown), ends[0]), low), max(min(max(shown), ends[1]), high)


def _line_words(found: Forecast, models: Sequence[Riskiest], view: _View) -> str:
    of = {each.model: each.of for each in models}
    names = [each.name + (f" (riskiest of {numbers.whole(of[each.name])} scores)" if of[each.name] > 1 else "") for each in found.used]
    first, last = found.window
    over = "release date" if view.along == "days" else "the logarithm of training compute"
    rough = "rough line" if found.line.wording == "rough" else "line"
    return (
        f"Dashed: a {rough}, least squares of {FIT_WORDS[found.line.scale]} on {over}, through the {numbers.whole(found.line.n)} models "
        f"that beat every earlier one, from {view.place(first)} to {view.place(last)}: {', '.join(names)}."
    )


def _left_out(left_out: Sequence[LeftOut]) -> Iterable[str]:
    reasons = {"not_on_the_frontier": "no riskier than an earlier model", "not_a_number": "no number"}
    for why, each in groupby(sorted(left_out, key=lambda one: (one.why, one.point.x, one.point.name)), key=lambda one: one.why):
        yield f"Left out of the line ({reasons[why]}): {', '.join(one.point.name for one in each)}."


def _fan_words(found: Forecast, view: _View) -> str:
    levels = ", ".join(numbers.percentage(level) for level in reversed(FAN_LEVELS[1:])) + f" and {numbers.percentage(FAN_LEVELS[0])}"
    return (
        f"Fan, from dark to light: {levels} prediction intervals for a further model (Student’s t with {numbers.whole(found.line.n - 2)} "
        f"degrees of freedom), to {view.place(found.horizon)}, a third of that span ahead (our convention). Errors that models share, "
        "because they share tasks or better elicitation, are not in it."
    )


def _doubling(found: Forecast, view: _View) -> Iterable[str]:
    if found.line.scale != "log" or view.along != "days":
        return
    times = found.line.doubling_time((1 - view.axis.level) / 2)
    word = "Doubling" if times.direction == "doubling" else "Halving"
    upper = numbers.quantity(times.upper, "days") if math.isfinite(times.upper) else "no upper limit"
    yield (
        f"{word} time {numbers.quantity(times.time, 'days')} ({numbers.percentage(view.axis.level)} interval "
        f"{numbers.quantity(times.lower, 'days')} to {upper})."
    )


def _bracket(bar: BarLine, window: CrossingWindow | Unestimable, view: _View) -> CrossingBracket | None:
    if isinstance(window, Unestimable) or isinstance(window.earliest, str):
        return None
    high = None if isinstance(window.latest, str) else view.native_x(window.latest)
    words = f"{bar.words}: {view.end(window.earliest)} ({FIRST}) to {view.end(window.latest, up=True)} ({LAST})"
    return CrossingBracket(view.native_x(window.earliest), high, words)


def _crossing(bar: BarLine, window: CrossingWindow | Unestimable, found: Forecast, view: _View) -> str:
    """One sentence a bar: reached, inside the band, a window, or beyond what may be said."""
    name = bar.words[:1].upper() + bar.words[1:]
    if isinstance(window, Unestimable):
        return f"{name}: no forecast, because a bar at the end of the scale has no place on the fitted one."
    if window.reached == "reached":
        return f"{name}: reached already, by {found.used[-1].name}."
    if window.state == "already":
        return f"{name}: inside the band already; a further model at the last place may reach it with a probability of {FIRST} or more."
    if window.state == "beyond_the_horizon":
        return f"{name}: no forecast, because its earliest plausible place ({FIRST}) lies beyond the horizon. Nothing follows for later."
    return (
        f"{name}: a further model may first reach it from {view.end(window.earliest)} ({FIRST}, earliest plausible), middle "
        f"{view.end(window.middle)}, to {view.end(window.latest, up=True)} ({LAST}){_without_one(window, view)}. "
        f"Probability that the line does not run towards it at all: {numbers.p_value(window.p_never)}."
    )


def _without_one(window: CrossingWindow, view: _View) -> str:
    if window.leave_one_out is None:
        return "; too few models to leave one out"
    early, late = view.end(window.leave_one_out[0]), view.end(window.leave_one_out[1], up=True)
    moved = f"stays {early}" if early == late else f"lies anywhere from {early} to {late}"
    return f"; with any one model left out the middle {moved}"
