"""Where an axis begins and ends, and where its ticks stand: chosen by rule, so that the same facts give the same axis.

The rules kept here: a bounded scale is shown whole, the same in every version of a report; an unbounded one is shown as far as
its bars and measured values go, with a margin; ticks are round numbers (1, 2, 5 times a power of ten).

Left out: dates, whose ticks are calendar days (``reports.trend``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

from reports import numbers

MARGIN = 0.08  # our choice: of the span on either side, so that no mark sits on the frame
MOST_TICKS = 6  # our choice: more would touch at the width of a panel
LOG_TICKS = (1.0, 2.0, 5.0)


def bounds(seen: Iterable[float], scale: tuple[float | None, float | None], *, is_log: bool) -> tuple[float, float]:
    """Return the ends of an axis: the scale's own where it has both, else what must be seen with a margin."""
    low, high = scale
    if low is not None and high is not None and not is_log:
        return low, high
    values = [each for each in seen if math.isfinite(each) and (not is_log or each > 0)]
    if not values:
        return (0.1, 10.0) if is_log else (0.0, 1.0)
    if is_log:
        least, most = math.log(min(values)), math.log(max(values))
        margin = max(most - least, math.log(2)) * MARGIN
        return math.exp(least - margin), math.exp(most + margin)
    least, most = min(values), max(values)
    margin = ((most - least) or abs(most) or 1.0) * MARGIN
    floor = 0.0 if low is None and least >= 0 else low
    near = floor is not None and (least - floor <= most - least or most == least)
    bottom = floor if floor is not None and near else least - margin  # an axis is not mostly empty
    return bottom, high if high is not None else most + margin


def ticks(low: float, high: float, unit: str | None, *, is_log: bool) -> tuple[tuple[float, str], ...]:
    """Return round positions between ``low`` and ``high``, each with its words."""
    positions = log_positions(low, high) if is_log else _positions(low, high)
    if len(positions) < 3:  # less than an octave or so: round steps serve better
        positions = _positions(low, high)
    shown = None if numbers.unit_of(unit).kind is numbers.UnitKind.OTHER else unit  # the axis names such a unit once
    return tuple((each, numbers.recorded(Decimal(f"{each:.10g}"), shown)) for each in positions)


def _positions(low: float, high: float) -> Sequence[float]:
    step = _step((high - low) / (MOST_TICKS - 1))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [step * each for each in range(first, last + 1)]


def _step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(each * power for each in (1.0, 2.0, 5.0, 10.0) if each * power >= least * (1 - 1e-9))


def log_positions(low: float, high: float) -> Sequence[float]:
    """Return round positions on a logarithmic axis: 1, 2, 5 times powers of ten, or the powers alone."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in (LOG_TICKS, (1.0,)):
        found = [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]
        if len(found) <= MOST_TICKS + 2:
            return found
    return found[:: math.ceil(len(found) / MOST_TICKS)]
