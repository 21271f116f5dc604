"""Trend figures painted: marks of one evaluation over dates or compute, one shape a model, bars as lines across.

The rules kept here: models differ in shape as well as colour, and carry their name at their mark or, where names would touch, in a
list beside the plot; filled means *riskiest of its model*; a fitted line is dashed and its fan lighter than any mark; the footer is
part of the figure and is wrapped, never cut.

Left out: choosing what is shown (``reports.trend``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from reports import canvas
from reports.canvas import POINTS_TO_THE_INCH
from reports.figure_facts import CrossingBracket, End, TrendFacts, TrendForecast, TrendMark, TrendSeries
from reports.typeface import for_figure, wrapped

WIDTH = 6.69  # inches: the text width of A4 with margins of 20 mm
PLOT_HEIGHT = 3.3  # inches
EDGE = 0.1  # inches of white around everything: such a figure often stands alone
LEFT, NAMES_WIDTH = 0.72, 1.55  # inches: room for the axis, and for the names of models
AXES_WIDTH = WIDTH - LEFT - NAMES_WIDTH - 0.1  # inches
BRACKET_GAP, BRACKET_SPACE = 0.08, 0.05  # inches between a bracket and its words, and below both
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 10.0, 7.5, 6.8  # points
LINE = 1.32
FAN_SHADE = 0.12  # our choice: three bands on each other stay lighter than any mark
INKS = ("#0b5a83", "#8f2d00", "#2c6e49", "#6a3d7c", "#6b5200", "#1b2733")  # after Okabe & Ito 2008, all at least 5:1 on white
SHAPES = ("o", "s", "^", "D", "v", "P", "X", "h", "p", "*")  # six inks times ten shapes: the first sixty models all differ

Bracketed = tuple[CrossingBracket, tuple[str, ...]]  # a crossing with its words in lines


def render(facts: TrendFacts, form: canvas.Format) -> bytes:
    """Return the bytes of the figure of ``facts``."""
    return canvas.painted(lambda: trend(facts), form)


def _inches(size: float, lines: int) -> float:
    return size * LINE * lines / POINTS_TO_THE_INCH


def trend(facts: TrendFacts) -> Figure:
    """Return the figure of ``facts``, as tall as its title, plot, names and footer need."""
    room = (WIDTH - 2 * EDGE) * POINTS_TO_THE_INCH
    title = wrapped(for_figure(facts.title), TITLE_SIZE, room, True)
    footer = [line for text in facts.footer for line in wrapped(for_figure(text), SMALL_SIZE, room)]
    names = [wrapped(for_figure(each.model), TEXT_SIZE, (NAMES_WIDTH - 0.2 - EDGE) * POINTS_TO_THE_INCH) for each in facts.series]
    names_height = sum(_inches(TEXT_SIZE, len(each)) + 0.05 for each in names)
    head, plot = _inches(TITLE_SIZE, len(title)) + 0.24 + EDGE, max(PLOT_HEIGHT, names_height)
    brackets = _bracket_words(facts)
    strip = sum(_inches(SMALL_SIZE, len(lines)) + BRACKET_SPACE for _, lines in brackets)
    foot = 0.55 + strip + _inches(SMALL_SIZE, len(footer)) + EDGE
    height = head + plot + foot
    figure = canvas.blank(WIDTH, height)
    _write_lines(figure, title, EDGE / WIDTH, (height - EDGE - _inches(TITLE_SIZE, 1) * 0.8) / height, TITLE_SIZE, height, weight=600)
    axes = figure.add_axes((LEFT / WIDTH, foot / height, AXES_WIDTH / WIDTH, plot / height))
    _dress(axes, facts)
    if facts.forecast is not None:
        _paint_forecast(axes, facts.forecast)
    for place, series in enumerate(facts.series):
        _paint_series(axes, facts, series, _ink(place), _shape(place))
    _write_names(figure, names, (foot + plot) / height, height)
    _paint_brackets(figure, axes, facts, brackets, (foot - 0.5, height))
    _write_lines(figure, footer, EDGE / WIDTH, (foot - 0.5 - strip) / height, SMALL_SIZE, height, color=canvas.QUIET)
    return figure


def _ink(place: int) -> str:
    return INKS[place % len(INKS)]


def _shape(place: int) -> str:
    return SHAPES[place % len(SHAPES)]


def _dress(axes: Axes, facts: TrendFacts) -> None:
    if facts.x_is_log:
        axes.set_xscale("log")
    if facts.y_is_log:
        axes.set_yscale("log")
    axes.set_xlim(facts.x_low, facts.x_high)
    axes.set_ylim(facts.y_low, facts.y_high)
    axes.set_xticks([position for position, _ in facts.x_ticks], labels=[for_figure(words) for _, words in facts.x_ticks])
    axes.set_yticks([position for position, _ in facts.y_ticks], labels=[for_figure(words) for _, words in facts.y_ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([], minor=True)
    axes.tick_params(labelsize=SMALL_SIZE, colors=canvas.QUIET, length=2.5, width=0.6, pad=2)
    axes.grid(axis="y", color=canvas.HAIR, linewidth=0.4, zorder=0.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("bottom", "left"):
        axes.spines[side].set(color=canvas.QUIET, linewidth=0.6)
    axes.set_xlabel(for_figure(facts.x_axis), fontsize=TEXT_SIZE, color=canvas.QUIET, labelpad=3)
    canvas.write(axes, 0, 1.02, facts.y_axis, transform=axes.transAxes, fontsize=TEXT_SIZE, color=canvas.QUIET, va="bottom")
    for zone in facts.zones:
        low, high = facts.y_low if zone.low is None else zone.low, facts.y_high if zone.high is None else zone.high
        axes.axhspan(max(low, facts.y_low), min(high, facts.y_high), facecolor=canvas.ZONE_FILL[zone.meaning], edgecolor="none", zorder=0)
    for place, bar in enumerate(facts.bars):
        is_last = place == len(facts.bars) - 1
        ink = canvas.RULE_IN_INK if is_last else canvas.RULE_OUT_INK
        axes.axhline(bar.position, color=ink, linewidth=1.1, linestyle="-" if is_last else (0, (4, 2)), zorder=2)
        canvas.write(axes, 0.006, bar.position, bar.words, transform=axes.get_yaxis_transform(), fontsize=SMALL_SIZE, color=ink,
                     va="bottom", zorder=6)  # fmt: skip


def _paint_forecast(axes: Axes, forecast: TrendForecast) -> None:
    """Paint line and fan lighter than any mark."""
    for band in forecast.bands:
        axes.fill_between(forecast.fan_x, band.low, band.high, facecolor=canvas.QUIET, alpha=FAN_SHADE, edgecolor="none", zorder=1)
        for edge in (band.low, band.high):
            axes.plot(forecast.fan_x, edge, color=canvas.QUIET, alpha=0.55, linewidth=0.5, linestyle=(0, (2, 2)), zorder=1.5)
    axes.plot(forecast.line_x, forecast.line_y, color=canvas.QUIET, linewidth=0.9, linestyle=(0, (4, 2.5)), zorder=2.2)


def _fraction(facts: TrendFacts, x: float) -> float:
    """Return where a place lies between the ends of the horizontal axis, from 0 to 1."""
    if facts.x_is_log:
        return math.log(x / facts.x_low) / math.log(facts.x_high / facts.x_low)
    return (x - facts.x_low) / (facts.x_high - facts.x_low)


def _bracket_words(facts: TrendFacts) -> list[Bracketed]:
    """Return the crossings with their words in lines, as wide as the room to the left of each bracket."""
    found = [] if facts.forecast is None else facts.forecast.brackets
    rooms = (LEFT - EDGE - BRACKET_GAP + AXES_WIDTH * _fraction(facts, each.low) for each in found)
    return [(each, wrapped(for_figure(each.words), SMALL_SIZE, room * POINTS_TO_THE_INCH)) for each, room in zip(found, rooms, strict=True)]


def _paint_brackets(figure: Figure, axes: Axes, facts: TrendFacts, brackets: Sequence[Bracketed], at: tuple[float, float]) -> None:
    """Paint each crossing under the horizontal axis, its words to the left; ``at``: first baseline and height of the figure, in inches."""
    top, height = at
    across = blended_transform_factory(axes.transData, figure.transFigure)
    for bracket, lines in brackets:
        y = (top + _inches(SMALL_SIZE, 1) * 0.3) / height
        high, end = (facts.x_high, ">") if bracket.high is None else (bracket.high, "|")
        for places, marker in (((bracket.low, high), ""), ((bracket.low,), "|"), ((high,), end)):
            size = 4 if marker == ">" else 6
            line = Line2D(places, [y] * len(places), transform=across, color=canvas.INK, linewidth=1.1, marker=marker, markersize=size)
            figure.add_artist(line)
        right = (LEFT + AXES_WIDTH * _fraction(facts, bracket.low) - BRACKET_GAP) / WIDTH
        for words in lines:
            canvas.write(figure, right, top / height, words, fontsize=SMALL_SIZE, ha="right", va="baseline")
            top -= _inches(SMALL_SIZE, 1)
        top -= BRACKET_SPACE


def _paint_series(axes: Axes, facts: TrendFacts, series: TrendSeries, ink: str, shape: str) -> None:
    if facts.x_is_log:  # along compute the snapshots of a model are one training run; along dates they are not
        path = [(mark.x, mark.value) for mark in series.marks]
        axes.plot([x for x, _ in path], [y for _, y in path], color=ink, linewidth=0.7, zorder=2.5)
    for mark, x in _spread(series.marks, facts):
        _paint_interval(axes, facts, mark, x, ink)
        size, fill, above = (6.2, ink, 5) if mark.decides else (3.8, "white", 4)
        axes.plot([x], [mark.value], marker=shape, markersize=size, markerfacecolor=fill, markeredgecolor=ink, markeredgewidth=1.0,
                  linestyle="none", clip_on=False, zorder=above)  # fmt: skip


def _spread(marks: Sequence[TrendMark], facts: TrendFacts) -> list[tuple[TrendMark, float]]:
    """Return marks with where they are drawn: those of one day stand a little apart, so that none hides another."""
    placed = []
    for mark in marks:
        same = [each for each in marks if each.x == mark.x]
        offset = (same.index(mark) - (len(same) - 1) / 2) * 0.009
        if facts.x_is_log:
            placed.append((mark, mark.x * (facts.x_high / facts.x_low) ** offset))
        else:
            placed.append((mark, mark.x + (facts.x_high - facts.x_low) * offset))
    return placed


def _paint_interval(axes: Axes, facts: TrendFacts, mark: TrendMark, x: float, ink: str) -> None:
    if End.NONE in (mark.low_end, mark.high_end):
        return
    low = facts.y_low if mark.low is None else max(mark.low, facts.y_low)
    high = facts.y_high if mark.high is None else min(mark.high, facts.y_high)
    width = 1.4 if mark.decides else 0.7
    axes.plot([x, x], [low, high], color=ink, linewidth=width, solid_capstyle="butt", zorder=3)
    for end, is_open, arrow in (
        (low, mark.low is None or mark.low < facts.y_low, "v"),
        (high, mark.high is None or mark.high > facts.y_high, "^"),
    ):
        marker = arrow if is_open else "_"
        axes.plot([x], [end], marker=marker, markersize=4.5, color=ink, linestyle="none", clip_on=False, zorder=3)


def _write_names(figure: Figure, names: Sequence[tuple[str, ...]], top: float, height: float) -> None:
    left, y = (WIDTH - NAMES_WIDTH) / WIDTH, top - _inches(TEXT_SIZE, 1) / 2 / height
    for place, lines in enumerate(names):
        ink = _ink(place)
        figure.add_artist(Line2D([left + 0.06 / WIDTH], [y], marker=_shape(place), markersize=5.5, color=ink, linestyle="none"))
        for line in lines:
            canvas.write(figure, left + 0.18 / WIDTH, y, line, fontsize=TEXT_SIZE, va="center", color=ink)
            y -= _inches(TEXT_SIZE, 1) / height
        y -= 0.05 / height


def _write_lines(
    figure: Figure, lines: Sequence[str], x: float, y: float, size: float, height: float, *, weight: int = 400, color: str = canvas.INK
) -> None:
    for line in lines:
        canvas.write(figure, x, y, line, fontsize=size, fontweight=weight, color=color, va="baseline")
        y -= _inches(size, 1) / height
