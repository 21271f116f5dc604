"""Intervals as a decision records them: an end is a number, or is none with a word for why; a reading says what would follow from it alone.

The rule kept here: ends are on the evaluation's own scale, at the level that is drawn, and never infinite in a record.
"""

from __future__ import annotations

import math
from typing import Any

from evaluations.estimate import Estimate, Unestimable
from evaluations.estimate import Reading as EstimatedReading
from thresholds.bars import Bars, judge
from thresholds.finding_records import IntervalEnd, Reading

NO_INTERVAL: dict[str, Any] = {
    "low": None,
    "high": None,
    "low_end": IntervalEnd.UNESTIMABLE,
    "high_end": IntervalEnd.UNESTIMABLE,
    "rule_in_low": None,
    "method": None,
    "observations": None,
    "p_rule_out": None,
    "p_rule_in": None,
    "notes": (),
}


def finite(end: float) -> float | None:
    """Return an end of an interval, or ``None`` where there is none."""
    return end if math.isfinite(end) else None


def end_of(end: float) -> IntervalEnd:
    """Return whether an end exists."""
    return IntervalEnd.FINITE if math.isfinite(end) else IntervalEnd.UNBOUNDED


def ends_of(estimate: Estimate | Unestimable, bars: Bars) -> dict[str, Any]:
    """Return the two ends at the level that is drawn; p-values are left out, as a reading or a cohort alone decides nothing."""
    if isinstance(estimate, Unestimable):
        return {name: NO_INTERVAL[name] for name in ("low", "high", "low_end", "high_end")}
    low, high = estimate.lower(bars.alpha_out), estimate.upper(bars.alpha_out)
    return {"low": finite(low), "high": finite(high), "low_end": end_of(low), "high_end": end_of(high)}


def readings_of(estimate: Estimate | Unestimable, bars: Bars | None) -> tuple[Reading, ...]:
    """Return what would follow from each meaning of an undefined plus-minus, each taken alone."""
    readings: tuple[EstimatedReading, ...] = getattr(estimate, "readings", ())
    if bars is None:
        return ()
    return tuple(_reading(each, bars) for each in readings)


def _reading(reading: EstimatedReading, bars: Bars) -> Reading:
    ends = ends_of(reading.estimate, bars)
    return Reading(
        name=reading.name,
        admissible=reading.admissible,
        low=ends["low"],
        high=ends["high"],
        low_end=ends["low_end"],
        high_end=ends["high_end"],
        outcome=judge(reading.estimate, bars).by_bound,
    )
