"""The median of item scores: an interval from their order alone, whatever their distribution.

The rules kept here: the bounds are item scores themselves, chosen by the binomial distribution with one half (the sign test; Scheffe and
Tukey 1945, Ann. Math. Stat. 16:187), and ties only make them wider than the level asks; where too few items were scored for the level
the end is that of the scale, or infinite; items in clusters are refused, because their order is not that of independent items.

Left out: a median read off a publication, which has no interval unless one is printed (``evaluations.summaries``).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.exact_numbers import Given, exact_bar, exact_scores
from evaluations.proportions import share_p_below
from evaluations.quantiles import Scale, checked, outward

HALF = Fraction(1, 2)  # an item is as likely above the median as below it


def _at_most(count: int, n: int) -> float:
    """P(Bin(n, 1/2) <= count)."""
    return share_p_below(count, n - count, HALF) if count < n else 1.0


@dataclass(frozen=True, kw_only=True)
class OrderEstimate(Estimate):
    """Median with order statistics as bounds. ``ranked`` are the scores in order; ``scale`` ends what no score bounds."""

    ranked: tuple[Fraction, ...]
    scale: Scale | None

    @cached_property
    def _below(self) -> list[float]:
        """The scores as floats that are not above them, so that no bound passes a bar it touches."""
        return [outward(score, -1) for score in self.ranked]

    @cached_property
    def _above(self) -> list[float]:
        return [outward(score, 1) for score in self.ranked]

    def lower(self, alpha: float) -> float:
        """The r-th smallest score, for the largest r with P(Bin(n, 1/2) <= r - 1) at most alpha."""
        level, n = checked(alpha), len(self.ranked)
        rank = bisect_left(range(n), True, key=lambda count: _at_most(count, n) > level)
        if rank:
            return self._below[rank - 1]
        return -math.inf if self.scale is None else outward(self.scale.low, -1)

    def upper(self, alpha: float) -> float:
        """The r-th largest score, for the largest r with P(Bin(n, 1/2) <= r - 1) under alpha."""
        level, n = checked(alpha), len(self.ranked)
        rank = bisect_left(range(n), True, key=lambda count: _at_most(count, n) >= level)
        if rank:
            return self._above[n - rank]
        return math.inf if self.scale is None else outward(self.scale.high, 1)

    def p_below(self, bar: Bar) -> float:
        """Sign test: P(Bin(n, 1/2) <= how many scores reach the bar); 0 for a bar beyond the scale."""
        at = exact_bar(bar)
        if self.scale is not None and outward(self.scale.high, 1) < at:
            return 0.0
        return _at_most(len(self.ranked) - bisect_left(self._above, at), len(self.ranked))

    def p_above(self, bar: Bar) -> float:
        """Sign test: P(Bin(n, 1/2) <= how many scores lie under the bar); 0 for a bar that the whole scale reaches."""
        at = exact_bar(bar)
        if self.scale is not None and outward(self.scale.low, -1) >= at:
            return 0.0
        return _at_most(bisect_left(self._below, at), len(self.ranked))


def median(
    scores: Sequence[Given | None], clusters: Sequence[Hashable] | None = None, scale: Scale | None = None
) -> OrderEstimate | Unestimable:
    """Median of ``scores``, one an item, in the units of ``scale`` (``None`` if it has no ends).

    Six items are the fewest with both ends at 95 %. Refuses no scores, one, a missing one, one off the scale, and clusters of more
    than one item. Scores that are all equal are no reason to refuse: the bound counts items and estimates no spread.
    """
    exact = exact_scores(scores, "score")
    if isinstance(exact, Unestimable):
        return exact
    if scale is not None and not all(scale.low <= score <= scale.high for score in exact):
        ends = f"{float(scale.low):g} to {float(scale.high):g}"
        return Unestimable("off_scale", f"found a score outside the scale from {ends}, expected it on the scale")
    ranked, n = tuple(sorted(exact)), len(exact)
    point = (ranked[(n - 1) // 2] + ranked[n // 2]) / 2
    if n == 1:
        return Unestimable("one_observation", "one item says nothing of its own error", point)
    named = [each for each in clusters or () if each is not None]
    if clusters is not None and len(clusters) != n:
        raise ValueError(f"found {len(clusters)} cluster names for {n} items, expected one for each")
    if len(set(named)) < len(named):
        words = "items come in clusters, and the order of scores bounds a median only where items are independent"
        return Unestimable("statistic_has_no_interval", words, point)
    return OrderEstimate(point, "median_order_statistics", n, (), ranked=ranked, scale=scale)
