"""What a figure says, before anybody paints it: rows, points, ends, bars and zones, as plain values that a test can read.

The rules kept here: a row for every variant, measured or not; the point that decides is marked as such; an end that does not
exist is a word, never a large number; words of numbers come from ``reports.numbers``.

Left out: colours, sizes and glyphs, which belong to ``reports.figures`` and ``reports.trend_figure``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class End(StrEnum):
    """How an interval ends on one side."""

    CLOSED = "closed"
    OPEN = "open"  # there is no limit: drawn as an arrow
    NONE = "none"  # nobody can say: nothing is drawn


class RowKind(StrEnum):
    """What a row of a forest figure is."""

    VARIANT = "variant"
    COHORT = "cohort"
    READING = "reading"  # what would follow from one meaning of a plus-minus
    TOTAL = "total"  # over all variants, or all cohorts
    MISSING = "missing"  # hatched: not measured
    WITHHELD = "withheld"  # hatched: measured and not shown


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One row: a label, a point with its interval, and what stands in words at its end."""

    kind: RowKind
    label: str
    value: float | None
    low: float | None
    high: float | None
    low_end: End
    high_end: End
    text: str
    outcome: str | None  # a word of FindingOutcome, with its shape
    decides: bool = False


@dataclass(frozen=True, slots=True)
class BarLine:
    """A bar: where it stands, and its words."""

    position: float
    words: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of the axis; ``low`` or ``high`` is ``None`` where it runs to the edge. ``meaning``: below | undecided | reached."""

    low: float | None
    high: float | None
    meaning: str


@dataclass(frozen=True, slots=True)
class ForestPanel:
    """One evaluation on its own axis, from ``low`` to ``high``."""

    title: str
    axis: str
    low: float
    high: float
    is_log: bool
    ticks: tuple[tuple[float, str], ...]
    bars: tuple[BarLine, ...]
    zones: tuple[Zone, ...]
    rows: tuple[ForestRow, ...]


@dataclass(frozen=True, slots=True)
class ForestFacts:
    """A forest figure: panels one under the other."""

    panels: tuple[ForestPanel, ...]


@dataclass(frozen=True, slots=True)
class TrendMark:
    """One snapshot in a trend figure; ``decides`` marks the riskiest snapshot of its model."""

    x: float
    value: float
    low: float | None
    high: float | None
    low_end: End
    high_end: End
    decides: bool
    name: str


@dataclass(frozen=True, slots=True)
class TrendSeries:
    """The snapshots of one model, in the order of the axis."""

    model: str
    marks: tuple[TrendMark, ...]


@dataclass(frozen=True, slots=True)
class FanBand:
    """Where a further model may be with the probability ``words`` names: low and high ends at the places of the fan."""

    words: str
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CrossingBracket:
    """From where to where a bar may first be reached; ``high`` is ``None`` where that end lies beyond what may be drawn."""

    low: float
    high: float | None
    words: str


@dataclass(frozen=True, slots=True)
class TrendForecast:
    """A line through the frontier as places and heights, and the fan from the last point to the horizon, its widest band first."""

    line_x: tuple[float, ...]
    line_y: tuple[float, ...]
    fan_x: tuple[float, ...]
    bands: tuple[FanBand, ...]
    brackets: tuple[CrossingBracket, ...]


@dataclass(frozen=True, slots=True)
class TrendFacts:
    """A trend figure. Positions on a date axis are days since 1970-01-01; ticks carry their words."""

    title: str
    x_axis: str
    y_axis: str
    x_low: float
    x_high: float
    x_is_log: bool
    x_ticks: tuple[tuple[float, str], ...]
    y_low: float
    y_high: float
    y_is_log: bool
    y_ticks: tuple[tuple[float, str], ...]
    bars: tuple[BarLine, ...]
    zones: tuple[Zone, ...]
    series: tuple[TrendSeries, ...]
    footer: tuple[str, ...]
    alt: str
    forecast: TrendForecast | None = None


FigureFacts = ForestFacts | TrendFacts
