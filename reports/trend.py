"""Scores of one evaluation over releases or over training compute: the facts of a trend figure, and the figure as bytes.

The rules kept here (statistics e): every snapshot is a mark, the riskiest of a model is filled and the others are small and
hollow; an interval is drawn where one exists, with an arrow where it has no limit; bars stand as lines with the undecided zone
between them; the axis says in words which way danger lies; a snapshot that has no place on the axis (no date, no compute, zero
compute on a logarithmic axis) is named in the footer instead of being dropped; the footer names n, method, position, source.

Left out: a fitted line and any forecast. A figure of fewer than four models must not suggest one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from evaluations.records import RiskierWhen
from reports import axes, numbers
from reports.figure_facts import BarLine, TrendFacts, TrendMark, TrendSeries, Zone
from reports.methods import method_name
from reports.trend_forecast import FEWEST_MODELS, Fit, Fitted, Riskiest, fitted_trend, none_fitted
from reports.trend_points import EPOCH, TrendAxis, TrendBars, TrendPoint

if TYPE_CHECKING:
    from reports.canvas import Format  # which brings matplotlib

MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)  # our choice: calendar steps a reader expects
MOST_DATES = 7  # our choice: as many dates as stand side by side without touching

Placed = tuple[TrendPoint, float]  # a point and where it stands on the horizontal axis


def compose_trend(
    points: Iterable[TrendPoint],
    axis: TrendAxis,
    *,
    as_of: int,
    as_of_recorded_at: datetime,
    sources: Sequence[str],
    bars: TrendBars | None = None,
    withheld: int = 0,
    fit: Fit = "line",
) -> TrendFacts:
    """Return the facts of a trend figure; ``withheld`` runs are not among them, which is said. The order of ``points`` never matters.

    With ``fit`` a figure of four models or more has a line through its frontier, or a sentence that says why it has none.
    """
    every = sorted(points, key=lambda each: (each.model, each.snapshot or "", each.value, each.snapshot_name))
    placed = [(each, x) for each in every if (x := _place(each, axis)) is not None]
    unplaced = [each for each in every if _place(each, axis) is None]
    x_is_log = axis.over == "training_compute"
    models = _models(placed, axis)
    y_is_log = _is_log(every, axis)
    seen = [end for each in every for end in (each.value, each.low, each.high) if end is not None]
    lines = () if bars is None else _lines(bars)
    seen.extend(line.position for line in lines)
    fitted = none_fitted() if fit == "none" or len(models) < FEWEST_MODELS else _fitted(models, axis, lines, seen, y_is_log=y_is_log)
    x_low, x_high = _x_bounds([*(x for _, x in placed), *fitted.places], is_log=x_is_log)
    y_low, y_high = axes.bounds([*seen, *fitted.values], (axis.scale_low, axis.scale_high), is_log=y_is_log)
    series = tuple(_series(own, riskiest) for own, riskiest in models)
    return TrendFacts(
        title=f"{axis.evaluation}, over {'release dates' if axis.over == 'release_date' else 'training compute'}",
        x_axis="release date of the model" if axis.over == "release_date" else "training compute, FLOP, logarithmic axis",
        y_axis=_y_words(axis, is_log=y_is_log),
        x_low=x_low,
        x_high=x_high,
        x_is_log=x_is_log,
        x_ticks=_compute_ticks(x_low, x_high) if x_is_log else _date_ticks(x_low, x_high),
        y_low=y_low,
        y_high=y_high,
        y_is_log=y_is_log,
        y_ticks=axes.ticks(y_low, y_high, axis.unit, is_log=y_is_log),
        bars=lines,
        zones=() if bars is None else _zones(bars, axis),
        series=series,
        footer=(*_withheld(withheld), *_footer(every, unplaced, axis, fitted.sentences, (as_of, as_of_recorded_at), sources)),
        alt=" ".join((_alt(series, lines, axis), *fitted.crossings)),
        forecast=fitted.drawn,
    )


def trend_bytes(facts: TrendFacts, form: Format) -> bytes:
    """Return the figure of ``facts`` as SVG, PNG or PDF: the same bytes for the same facts."""
    from reports.trend_figure import render  # noqa: PLC0415  (matplotlib takes 40 MB that a server without a figure to draw does not need)

    return render(facts, form)


def _place(point: TrendPoint, axis: TrendAxis) -> float | None:
    """Return where a point stands on the horizontal axis: days since 1970, or FLOP; ``None`` if it has no place there."""
    if isinstance(point.x, datetime):
        raise TypeError(f"found the instant {point.x}, expected a day")  # an instant would depend on somebody's time zone
    if isinstance(point.x, date):
        return float((point.x - EPOCH).days) if axis.over == "release_date" else None
    if point.x is None or axis.over == "release_date":
        return None
    return float(point.x) if point.x > 0 else None  # zero has no place on a logarithmic axis


def _x_bounds(seen: Sequence[float], *, is_log: bool) -> tuple[float, float]:
    if is_log:
        return axes.bounds(seen, (None, None), is_log=True) if seen else (1e20, 1e26)
    if not seen:
        return 0.0, 365.0
    margin = max(max(seen) - min(seen), 120.0) * axes.MARGIN  # one release alone still gets a month on either side
    return min(seen) - margin, max(seen) + margin


def _is_log(points: Sequence[TrendPoint], axis: TrendAxis) -> bool:
    """Say whether scores stand on a logarithmic axis: only open, positive scales whose values span an order of magnitude."""
    values = [each.value for each in points]
    is_open = axis.scale_high is None and (axis.scale_low is None or axis.scale_low >= 0)
    return (
        bool(values) and is_open and min(values) > 0 and max(values) / min(values) >= 10
    )  # our choice: a logarithmic axis where doubling is the message


def _y_words(axis: TrendAxis, *, is_log: bool) -> str:
    direction = "lower is more capable" if axis.riskier_when is RiskierWhen.LOWER else "higher is more capable"
    unit = numbers.unit_of(axis.unit)
    name = "score" if unit.suffix in ("", f"{numbers.NBSP}%") else f"score, {axis.unit}"
    return f"{name}{', logarithmic axis' if is_log else ''}; {direction}"


def _models(placed: Sequence[Placed], axis: TrendAxis) -> list[tuple[list[Placed], Placed]]:
    """Return the points of each model with its riskiest, in the order of their first place."""
    found = []
    for model in dict.fromkeys(point.model for point, _ in placed):
        own = [(point, x) for point, x in placed if point.model == model]
        sign = -1.0 if axis.riskier_when is RiskierWhen.LOWER else 1.0
        riskiest = max(own, key=lambda each: (sign * each[0].value, each[0].snapshot_name))
        found.append((min(x for _, x in own), own[0][0].model_name, own, riskiest))
    return [(own, riskiest) for _, _, own, riskiest in sorted(found, key=lambda each: each[:2])]


def _series(own: Sequence[Placed], riskiest: Placed) -> TrendSeries:
    ordered = sorted(own, key=lambda each: (each[1], each[0].snapshot_name))
    marks = tuple(_mark(point, x, decides=(point, x) == riskiest) for point, x in ordered)
    return TrendSeries(own[0][0].model_name, marks)


def _fitted(
    models: Sequence[tuple[list[Placed], Placed]], axis: TrendAxis, lines: Sequence[BarLine], seen: Sequence[float], *, y_is_log: bool
) -> Fitted:
    riskiest = [Riskiest(point.model_name, x, point.value, point.n, len(own), point.scaffold) for own, (point, x) in models]
    return fitted_trend(riskiest, axis, lines, seen, y_is_log=y_is_log)


def _mark(point: TrendPoint, x: float, *, decides: bool) -> TrendMark:
    return TrendMark(x, point.value, point.low, point.high, point.ends[0], point.ends[1], decides, point.snapshot_name)


def _lines(bars: TrendBars) -> tuple[BarLine, ...]:
    first = BarLine(bars.rule_out, bars.rule_out_words)
    return (first,) if bars.rule_in is None else (first, BarLine(bars.rule_in, bars.rule_in_words))


def _zones(bars: TrendBars, axis: TrendAxis) -> tuple[Zone, ...]:
    out, crossing = bars.rule_out, bars.rule_out if bars.rule_in is None else bars.rule_in
    if axis.riskier_when is RiskierWhen.LOWER:
        zones = (Zone(None, crossing, "reached"), Zone(crossing, out, "undecided"), Zone(out, None, "below"))
    else:
        zones = (Zone(None, out, "below"), Zone(out, crossing, "undecided"), Zone(crossing, None, "reached"))
    return tuple(each for each in zones if each.low != each.high)


def _date_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    first, last = EPOCH + timedelta(days=math.ceil(low)), EPOCH + timedelta(days=math.floor(high))
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next((each for each in MONTH_STEPS if months / each <= MOST_DATES), MONTH_STEPS[-1])
    found = []
    for month in range(first.year * 12, (last.year + 1) * 12, step):
        day = date(month // 12, month % 12 + 1, 1)
        if first <= day <= last:
            found.append((float((day - EPOCH).days), f"{day.year}" if step >= 12 else f"{day.year}-{day.month:02d}"))
    return tuple(found)


def _compute_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    powers = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
    if len(powers) < 2:
        return tuple((each, numbers.scientific(each)) for each in axes.log_positions(low, high))
    step = math.ceil(len(powers) / MOST_DATES)
    return tuple((10.0**power, numbers.scientific(10.0**power)) for power in powers[::step])


def _footer(
    points: Sequence[TrendPoint],
    unplaced: Sequence[TrendPoint],
    axis: TrendAxis,
    fitted: Sequence[str],
    as_of: tuple[int, datetime],
    sources: Sequence[str],
) -> tuple[str, ...]:
    lines = ["Filled: the riskiest snapshot of each model; hollow: its other snapshots. The riskiest of several is biased towards risk."]
    methods = ", ".join(sorted({method_name(each.method) for each in points if each.method}))
    if methods:
        intervals = f"{numbers.percentage(axis.level)} intervals ({methods}); {_counts(points)}"
        lines.append(f"{intervals}. A mark without a line has no interval.")
    else:
        lines.append("No interval can be made for any of these scores.")
    for is_zero, why in ((True, "zero compute, which a logarithmic axis cannot show"), (False, "no place on this axis is recorded")):
        told = [_told(each, axis) for each in unplaced if (each.x == 0) is is_zero]
        if told:
            lines.append(f"Not drawn ({why}): {'; '.join(told)}.")
    lines.extend(fitted)
    source = "; ".join(dict.fromkeys(sources)) or "not recorded"
    lines.append(f"As of log position {numbers.whole(as_of[0])}, recorded {numbers.instant(as_of[1])}. Source: {source}.")
    return tuple(lines)


def _withheld(runs: int) -> tuple[str, ...]:
    return () if runs == 0 else (f"Not drawn: {numbers.whole(runs)} {'run' if runs == 1 else 'runs'}, withheld (restricted).",)


def _told(point: TrendPoint, axis: TrendAxis) -> str:
    return f"{point.model_name}, {point.snapshot_name}: {numbers.quantity(point.value, axis.unit, count=point.n)}"


def _counts(points: Sequence[TrendPoint]) -> str:
    known = sorted({each.n for each in points if each.n is not None})
    if not known:
        return "n not published"
    ends = dict.fromkeys((numbers.whole(known[0]), numbers.whole(known[-1])))
    return f"n = {' to '.join(ends)}" + ("" if all(each.n is not None for each in points) else ", for some not published")


def _alt(series: Sequence[TrendSeries], lines: Sequence[BarLine], axis: TrendAxis) -> str:
    told = []
    for each in series:
        mark = next(mark for mark in each.marks if mark.decides)
        told.append(f"{each.model}: {numbers.quantity(mark.value, axis.unit)} ({mark.name})")
    bars = "; ".join(line.words for line in lines) or "no bar"
    return f"Trend of {axis.evaluation}. {'; '.join(told) or 'no point'}. {bars}."
