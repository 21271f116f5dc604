"""Searching for the least number that does it, where every trial asks the real decision.

The rules kept here: what is found holds, and one less does not; where whole passes make the answer jump to and fro with the number of
items, the least is meant from which on it holds for good; a search ends, and what it ended at is told.

Left out: what is counted (``resolving``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction


def least(holds: Callable[[int], bool], known: int, most: int) -> int | None:
    """Return the least number above ``known`` and up to ``most`` for which ``holds``, as it does from there on; ``None`` if none does."""
    low, high = known, min(max(2 * known, known + 1), most)
    while high < most and not holds(high):
        low, high = high, min(2 * high, most)
    if high <= low or (high == most and not holds(high)):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def largest(holds: Callable[[int], bool], below: int) -> int | None:
    """Return the largest number from 0 and under ``below`` for which ``holds``; it holds up to there. ``None`` if not even 0 does."""
    low, high = -1, below
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return None if low < 0 else low


def least_lasting(holds: Callable[[int, Fraction], bool], risky: Fraction, known: int, most: int) -> int | None:
    """Return the least number of items from which on a share of ``risky`` outcomes, rounded up to whole ones, always holds.

    ``holds(n, of)`` decides for ``of`` risky outcomes of n. With the exact share it fails up to some n; with one outcome more it holds from
    some later n on; between the two it can only turn where one outcome more is reached, so only those n are asked.
    """
    first = least(lambda n: holds(n, risky * n), known, most)
    if first is None:
        return None
    if risky == 0:
        return first
    surely = least(lambda n: holds(n, min(risky * n + 1, Fraction(n))), first - 1, 4 * most)
    if surely is None:
        return None
    outcomes = math.ceil(risky * surely)
    while outcomes > 0:
        start = max(math.floor((outcomes - 1) / risky) + 1, known + 1)  # the fewest items at which so many outcomes are reached
        if start < first or not holds(start, Fraction(outcomes)):
            break
        if start == known + 1:
            return start
        outcomes -= 1
    last = math.floor(outcomes / risky)  # the most items with so many outcomes
    found = least(lambda n: holds(n, Fraction(outcomes)), max(start - 1, first - 1, known), last)
    return last + 1 if found is None else found
