"""Error levels, quantiles and scales, which every interval here is made of.

The rules kept here: an error level is one-sided, above 0 and at most one half; a bar is put on the scale from 0 to 1 in
rational arithmetic before it becomes a float, so that 20 percent of 100 is exactly one fifth; where a p-value has no closed
form it is found by bisection on the bound itself, so that the two can never disagree.

Left out: clipping and rounding. A bound leaves here as it was computed.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evaluations.estimate import Bar

SMALLEST_ERROR = 1e-15  # our choice: below it a bound is numerical noise; 2.5 % over a million variants is still 2.5e-8
LARGEST_ERROR = 0.5  # at one half a one-sided bound is the middle itself; beyond it there is no bound to speak of
SAME_ERROR = 1e-12  # our choice: (1 - 0.95) / 2 in floats differs from 0.025 by 2e-17, a meant difference by far more


def checked(alpha: float) -> float:
    """Return ``alpha`` if it is a one-sided error level; refuse 0, anything above one half, and NaN."""
    if not 0 < alpha <= LARGEST_ERROR:
        raise ValueError(f"found the error level {alpha}, expected above 0 and at most {LARGEST_ERROR}")
    return alpha


def z_quantile(alpha: float) -> float:
    """Upper quantile of the normal distribution: 1.96 for 0.025."""
    return float(-special.ndtri(alpha))


def t_quantile(degrees_of_freedom: float, alpha: float) -> float:
    """Upper quantile of Student's t; the degrees of freedom may be fractional."""
    return float(-special.stdtrit(degrees_of_freedom, alpha))


def t_below(degrees_of_freedom: float, t: float) -> float:
    """Probability that Student's t is at most ``t``; ask with ``-t`` for the other tail, which keeps every digit of it."""
    return float(special.stdtr(degrees_of_freedom, t))


def t_below_each(degrees_of_freedom: NDArray[np.float64], t: NDArray[np.float64]) -> NDArray[np.float64]:
    """``t_below`` of many at once."""
    probabilities: Any = special.stdtr(degrees_of_freedom, t)
    return np.asarray(probabilities, dtype=np.float64)


def _rank(number: float) -> int:
    """Place of a positive float among all floats: neighbours differ by 1 (IEEE 754, binary64)."""
    return int(struct.unpack("<q", struct.pack("<d", number))[0])


def _float_at(rank: int) -> float:
    return float(struct.unpack("<d", struct.pack("<q", rank))[0])


def smallest_error(decides: Callable[[float], bool]) -> float | None:
    """Smallest error level at which ``decides`` holds, given that it holds at every larger one; ``None`` if at none.

    Bisection over neighbouring floats, so ``decides`` fails at the float just below what is returned. Returns 0 if it holds
    at ``SMALLEST_ERROR`` already.
    """
    if not decides(LARGEST_ERROR):
        return None
    if decides(SMALLEST_ERROR):
        return 0.0
    fails, holds = _rank(SMALLEST_ERROR), _rank(LARGEST_ERROR)
    while holds - fails > 1:
        middle = (fails + holds) // 2
        if decides(_float_at(middle)):
            holds = middle
        else:
            fails = middle
    return _float_at(holds)


def p_below_by_bound(upper: Callable[[float], float], bar: Bar, otherwise: float) -> float:
    """p below alpha exactly when ``upper(alpha) < bar``; ``otherwise`` describes it where no level decides (at least 0.5)."""
    level = smallest_error(lambda alpha: upper(alpha) < bar)
    if level is None:
        return max(LARGEST_ERROR, otherwise)
    return math.nextafter(level, 0.0) if level else 0.0  # strictly below: at ``level`` itself the bound decides


def p_above_by_bound(lower: Callable[[float], float], bar: Bar, otherwise: float) -> float:
    """p at most alpha exactly when ``lower(alpha) >= bar``; ``otherwise`` describes it where no level decides (above 0.5)."""
    level = smallest_error(lambda alpha: lower(alpha) >= bar)
    return max(math.nextafter(LARGEST_ERROR, 1.0), otherwise) if level is None else level


def outward(end: Fraction, side: int) -> float:
    """The nearest float that is not inside: an exact end must not pass a bar it touches by being a float."""
    near = float(end)
    inside = Fraction(near) < end if side > 0 else Fraction(near) > end
    return math.nextafter(near, side * math.inf) if inside else near


@dataclass(frozen=True)
class Scale:
    """A bounded scale in native units, such as 0 to 100 percent; a share is the place on it from 0 to 1."""

    low: Fraction = Fraction(0)
    high: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"found a scale from {self.low} to {self.high}, expected low below high")

    @cached_property
    def width(self) -> Fraction:
        """High minus low."""
        return self.high - self.low

    @cached_property
    def _floats(self) -> tuple[float, float]:
        return float(self.low), float(self.width)

    def share(self, native: Bar) -> Fraction:
        """Exact place of a native value on the scale; below 0 or above 1 if it lies beyond the ends."""
        return (Fraction(native) - self.low) / self.width

    def native(self, share: Fraction) -> Fraction:
        """Exact native value at a share."""
        return self.low + share * self.width

    def bound(self, share: float) -> float:
        """Native float of a bound; the two ends come out exactly."""
        if share in (0, 1):  # an end that no float hits is rounded outward, so that it cannot slip past a bar it touches
            return outward(self.high, 1) if share else outward(self.low, -1)
        low, width = self._floats
        return low + share * width


UNIT = Scale()
