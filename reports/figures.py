"""Forest figures painted: labels on the left, points with intervals against their bars, words on the right.

The rules kept here: a figure is as tall as its rows need, and a label is wrapped, never cut; filled means *decides*, hollow means
*compared and lost*; every outcome has a shape and a word beside its colour; an interval without a limit ends in an arrow; what
was not measured is hatched over the whole width, so that it cannot be overlooked.

Left out: choosing what is shown (``reports.forest``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reports import canvas
from reports.canvas import POINTS_TO_THE_INCH
from reports.figure_facts import BarLine, End, ForestFacts, ForestPanel, ForestRow, RowKind
from reports.typeface import for_figure, wrapped

PAGE_WIDTH = 6.69  # inches: the text width of A4 with margins of 20 mm
LABEL_WIDTH, WORDS_WIDTH, OUTCOME_WIDTH = 1.85, 1.12, 0.82  # inches: left of the axis, and the two columns right of it
GAP = 0.12  # inches between the columns
LABEL_SIZE, TITLE_SIZE, SMALL_SIZE = 7.5, 8.5, 6.8  # points
LINE = 1.28  # line spacing over font size
ROW_PADDING = 0.09  # inches of air in a row
AXIS_ROOM, PANEL_GAP = 0.44, 0.16  # inches under an axis, and between panels
ARROW = 0.035  # of the axis: how far before the edge an arrow begins


@dataclass(frozen=True, slots=True)
class _Line:
    """A row with its texts already broken into lines, and its height in inches."""

    row: ForestRow
    label: tuple[str, ...]
    words: tuple[str, ...]
    height: float


@dataclass(frozen=True, slots=True)
class _Laid:
    """A panel measured: its lines and the heights of its parts, in inches."""

    panel: ForestPanel
    title: tuple[str, ...]
    lines: tuple[_Line, ...]
    head: float

    @property
    def rows_height(self) -> float:
        return sum(each.height for each in self.lines)

    @property
    def height(self) -> float:
        return self.head + self.rows_height + AXIS_ROOM


def _inches(size: float, lines: int) -> float:
    return size * LINE * lines / POINTS_TO_THE_INCH


def _line(row: ForestRow) -> _Line:
    indent = 8.0 if row.kind is RowKind.READING else 0.0
    label = wrapped(for_figure(row.label), LABEL_SIZE, LABEL_WIDTH * POINTS_TO_THE_INCH - indent, row.kind is RowKind.TOTAL)
    is_hatched = row.kind in (RowKind.MISSING, RowKind.WITHHELD)
    words = () if is_hatched else wrapped(for_figure(row.text), LABEL_SIZE, WORDS_WIDTH * POINTS_TO_THE_INCH, row.decides)
    return _Line(row, label, words, max(_inches(LABEL_SIZE, max(len(label), len(words), 1)) + ROW_PADDING, 0.24))


def _axis_room() -> float:
    return (PAGE_WIDTH - LABEL_WIDTH - WORDS_WIDTH - OUTCOME_WIDTH - 3 * GAP) * POINTS_TO_THE_INCH


def _place(panel: ForestPanel, position: float) -> float:
    """Return where a position stands on the axis, 0 to 1; what lies beyond is held at the edge."""
    if panel.is_log:
        part = math.log(max(position, 1e-12) / panel.low) / math.log(panel.high / panel.low)
    else:
        part = (position - panel.low) / (panel.high - panel.low)
    return min(1.0, max(0.0, part))


def _laid(panel: ForestPanel) -> _Laid:
    title = wrapped(for_figure(panel.title), TITLE_SIZE, PAGE_WIDTH * POINTS_TO_THE_INCH, True)
    head = _inches(TITLE_SIZE, len(title)) + 0.05 + (_inches(SMALL_SIZE, 1) if panel.bars else 0.0) + 0.06
    return _Laid(panel, title, tuple(_line(row) for row in panel.rows), head)


def forest(facts: ForestFacts) -> Figure:
    """Return the figure of ``facts``, as tall as it needs to be."""
    panels = [_laid(panel) for panel in facts.panels]
    height = sum(each.height for each in panels) + PANEL_GAP * (len(panels) - 1) + 0.02
    figure = canvas.blank(PAGE_WIDTH, height)
    top = height
    for laid in panels:
        _paint_panel(figure, laid, top, height)
        top -= laid.height + PANEL_GAP
    return figure


def render(facts: ForestFacts, form: canvas.Format) -> bytes:
    """Return the bytes of the figure of ``facts``."""
    return canvas.painted(lambda: forest(facts), form)


def _paint_panel(figure: Figure, laid: _Laid, top: float, height: float) -> None:
    left, across = (LABEL_WIDTH + GAP) / PAGE_WIDTH, _axis_room() / POINTS_TO_THE_INCH / PAGE_WIDTH
    y = top - _inches(TITLE_SIZE, 1) * 0.8
    for text in laid.title:
        canvas.write(figure, 0, y / height, text, fontsize=TITLE_SIZE, fontweight=600, va="baseline")
        y -= _inches(TITLE_SIZE, 1)
    bottom = top - laid.head - laid.rows_height
    axes = figure.add_axes((left, bottom / height, across, laid.rows_height / height))
    _dress(axes, laid)
    base = 0.0
    for line in laid.lines:
        middle = base + line.height / 2
        _paint_row(axes, laid.panel, line, middle)
        _paint_words(figure, line, (top - laid.head - middle) / height, height)
        base += line.height


def _dress(axes: Axes, laid: _Laid) -> None:
    panel = laid.panel
    axes.set_ylim(laid.rows_height, 0)
    if panel.is_log:
        axes.set_xscale("log")
    axes.set_xlim(panel.low, panel.high)
    axes.set_yticks([])
    axes.set_xticks([position for position, _ in panel.ticks], labels=[for_figure(words) for _, words in panel.ticks], parse_math=False)
    axes.set_xticks([], minor=True)
    axes.tick_params(axis="x", labelsize=SMALL_SIZE, colors=canvas.QUIET, length=2.5, width=0.6, pad=2, labelfontfamily="Inter")
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set(color=canvas.QUIET, linewidth=0.6)
    axes.set_xlabel(for_figure(panel.axis), fontsize=SMALL_SIZE, color=canvas.QUIET, fontfamily="Inter", labelpad=2, parse_math=False)
    for zone in panel.zones:
        low, high = panel.low if zone.low is None else zone.low, panel.high if zone.high is None else zone.high
        axes.axvspan(max(low, panel.low), min(high, panel.high), facecolor=canvas.ZONE_FILL[zone.meaning], edgecolor="none", zorder=0)
    for bar in panel.bars:
        _paint_bar(axes, laid, bar)


def _paint_bar(axes: Axes, laid: _Laid, bar: BarLine) -> None:
    """Draw a bar with its words above it: of two bars, each has its words on its outer side, so that no line crosses them."""
    bars = laid.panel.bars
    is_last = bar is bars[-1]
    ink = canvas.RULE_IN_INK if is_last else canvas.RULE_OUT_INK
    style = "-" if is_last else (0, (4, 2))
    lift = 0.05
    axes.plot(
        [bar.position] * 2,
        [laid.rows_height, -lift],
        color=ink,
        linewidth=1.1,
        linestyle=style,
        solid_capstyle="butt",
        clip_on=False,
        zorder=2,
    )
    side = "center" if len(bars) == 1 else "left" if bar.position == max(each.position for each in bars) else "right"
    x, y = _place(laid.panel, bar.position), 1 + (lift + 0.02) / laid.rows_height
    canvas.write(axes, x, y, bar.words, transform=axes.transAxes, fontsize=SMALL_SIZE, color=ink, ha=side, va="bottom")


def _paint_row(axes: Axes, panel: ForestPanel, line: _Line, middle: float) -> None:
    row = line.row
    if row.kind in (RowKind.MISSING, RowKind.WITHHELD):
        _paint_hatched(axes, row, line.height, middle)
        return
    ink = canvas.QUIET if row.kind is RowKind.READING else canvas.INK
    thick = 2.0 if row.decides or row.kind is RowKind.TOTAL else 1.1
    _paint_interval(axes, panel, row, middle, ink, thick)
    if row.value is not None and panel.low <= row.value <= panel.high:
        filled = row.decides or row.kind is RowKind.TOTAL
        size = 6.5 if filled else 4.6
        marker = "D" if row.kind is RowKind.TOTAL else "o"
        axes.plot([row.value], [middle], marker=marker, markersize=size, markerfacecolor=ink if filled else "white",
                  markeredgecolor=ink, markeredgewidth=1.1, linestyle="none", clip_on=False, zorder=5)  # fmt: skip


def _paint_interval(axes: Axes, panel: ForestPanel, row: ForestRow, middle: float, ink: str, thick: float) -> None:
    if row.low_end is End.NONE or row.high_end is End.NONE:
        return
    low = panel.low if row.low is None else max(row.low, panel.low)
    high = panel.high if row.high is None else min(row.high, panel.high)
    axes.plot([low, high], [middle] * 2, color=ink, linewidth=thick, solid_capstyle="butt", zorder=4)
    cut_low, cut_high = row.low is None or row.low < panel.low, row.high is None or row.high > panel.high
    for end, is_cut, marker in ((low, cut_low, "<"), (high, cut_high, ">")):
        if is_cut:
            axes.plot([end], [middle], marker=marker, markersize=5.5, color=ink, linestyle="none", clip_on=False, zorder=4)
        else:
            axes.plot([end] * 2, [middle - 0.035, middle + 0.035], color=ink, linewidth=thick, zorder=4)


def _paint_hatched(axes: Axes, row: ForestRow, tall: float, middle: float) -> None:
    bottom, up = middle - tall / 2 + 0.03, tall - 0.06
    box = Rectangle((0, bottom), 1, up, transform=axes.get_yaxis_transform(), facecolor="white", edgecolor=canvas.QUIET,
                    hatch="////", linewidth=0.6, zorder=3)  # fmt: skip
    axes.add_patch(box)
    axes.text(0.5, middle, for_figure(row.text), transform=axes.get_yaxis_transform(), fontsize=SMALL_SIZE, color=canvas.INK, ha="center",
              va="center", fontfamily="Inter", fontweight=600, zorder=6, parse_math=False,
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip


def _paint_words(figure: Figure, line: _Line, y: float, height: float) -> None:
    row = line.row
    indent = 8.0 / POINTS_TO_THE_INCH / PAGE_WIDTH if row.kind is RowKind.READING else 0.0
    weight = 600 if row.kind is RowKind.TOTAL else 400
    color = canvas.QUIET if row.kind is RowKind.READING else canvas.INK
    for text, place in _stacked(line.label, y, height):
        canvas.write(figure, indent, place, text, fontsize=LABEL_SIZE, va="center", color=color, fontweight=weight)
    weight = 600 if row.decides else 400
    words_left, outcome_left = (PAGE_WIDTH - OUTCOME_WIDTH - GAP - WORDS_WIDTH) / PAGE_WIDTH, (PAGE_WIDTH - OUTCOME_WIDTH) / PAGE_WIDTH
    for text, place in _stacked(line.words, y, height):
        canvas.write(figure, words_left, place, text, fontsize=LABEL_SIZE, va="center", color=color, fontweight=weight)
    if row.outcome is not None:
        ink, inset = canvas.OUTCOME_INK[row.outcome], 0.15 / PAGE_WIDTH
        _paint_glyph(figure, outcome_left + inset / 2.4, y, row.outcome)
        canvas.write(figure, outcome_left + inset, y, row.outcome, fontsize=LABEL_SIZE, va="center", color=ink, fontweight=weight)


def _stacked(lines: tuple[str, ...], y: float, height: float) -> list[tuple[str, float]]:
    step = _inches(LABEL_SIZE, 1) / height
    first = y + step * (len(lines) - 1) / 2
    return [(text, first - step * place) for place, text in enumerate(lines)]


def _paint_glyph(figure: Figure, x: float, y: float, outcome: str) -> None:
    ink = canvas.OUTCOME_INK[outcome]
    hollow = outcome == "unestimable"
    figure.add_artist(
        Line2D(
            [x], [y], marker=canvas.OUTCOME_MARK[outcome], markersize=4.6, markerfacecolor="white" if hollow else ink, markeredgecolor=ink
        )
    )
