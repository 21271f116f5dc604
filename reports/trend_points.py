"""What a trend figure is made from: points, the axes they stand on, and the bars across.

The rule kept here: a point that has no place on the axis is still a point, and an end of an interval that does not exist is a word.

Left out: what is riskiest, and any line through them (``reports.trend``, ``reports.trend_forecast``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from evaluations.records import RiskierWhen
from reports.figure_facts import End

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One snapshot of one model, measured. ``x`` is a day, or compute in FLOP, or ``None`` where nobody recorded it.

    ``n`` is the number of observations, ``None`` if unknown; ``low`` or ``high`` is ``None`` where that end does not exist, and
    ``ends`` says why. Scores under two scaffolds are not compared by a line.
    """

    model: str
    model_name: str
    snapshot: str | None
    snapshot_name: str
    x: date | float | None
    value: float
    low: float | None
    high: float | None
    ends: tuple[End, End] = (End.CLOSED, End.CLOSED)
    n: int | None = None
    method: str | None = None
    scaffold: str | None = None


@dataclass(frozen=True, slots=True)
class TrendAxis:
    """What the figure is of: the evaluation, its unit and scale, its direction of risk, and what runs along the bottom."""

    evaluation: str
    unit: str | None
    riskier_when: RiskierWhen
    over: Literal["release_date", "training_compute"]
    scale_low: float | None = None
    scale_high: float | None = None
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class TrendBars:
    """Bars to draw, each with its words (``rule-out bar 50 %``). ``rule_in`` is ``None`` if one bar is both."""

    rule_out: float
    rule_out_words: str
    rule_in: float | None = None
    rule_in_words: str = ""
