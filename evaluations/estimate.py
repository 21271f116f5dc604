"""Waist one: every statistic ends here, as an ``Estimate`` or as ``Unestimable`` with a reason.

The rules kept here: an estimate answers bounds and p-values at any one-sided error level it is entitled to; a bound is never
clipped, rounded or smoothed; where no honest answer exists there is a reason and no number (no interval from one
observation, none from a mean whose plus-minus nobody defined). Comparing a point with a bar is exact, in rational arithmetic.

Left out: bars and directions as policy, which belong to ``thresholds``. ``Negated`` only turns the axis around.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

Bar = Decimal | Fraction | float


@dataclass(frozen=True)
class Estimate(ABC):
    """A point with an honest answer about its error, on the evaluation's own scale.

    ``point`` is exact; ``method`` names the procedure (printed in the report); ``observations`` is the number the interval counts
    (items, trials, participants), ``None`` if unknown; ``notes`` are sentences a reader must see.
    """

    point: Fraction
    method: str
    observations: int | None
    notes: tuple[str, ...]

    @cached_property
    def value(self) -> float:
        """The point as a float, for display and plots; comparisons use ``point``."""
        return float(self.point)

    @abstractmethod
    def lower(self, alpha: float) -> float:
        """Lower bound with one-sided error ``alpha`` (0.025 gives the lower end of a 95 % interval); ``-inf`` if there is none."""

    @abstractmethod
    def upper(self, alpha: float) -> float:
        """Upper bound with one-sided error ``alpha``; ``inf`` if there is none."""

    @abstractmethod
    def p_below(self, bar: Bar) -> float:
        """One-sided p of *true value at or above the bar*; below ``alpha`` exactly when ``upper(alpha) < bar``."""

    @abstractmethod
    def p_above(self, bar: Bar) -> float:
        """One-sided p of *true value at or below the bar*; at most ``alpha`` exactly when ``lower(alpha) >= bar``."""


Reason = Literal[
    "no_observations",
    "not_a_number",
    "impossible_count",
    "negative_spread",
    "off_scale",
    "overflow",
    "not_measured",
    "no_value",
    "no_spread_and_no_count",
    "spread_impossible_for_bounded_score",
    "one_cluster",
    "one_observation",
    "counted_twice",
    "too_few_clusters",
    "too_few_participants",
    "all_values_equal",
    "different_items",
    "separated",
    "does_not_fall_with_length",
    "no_finite_rating",
    "fewer_than_4_points",
    "fewer_than_6_points",
    "no_spread_along_the_axis",
    "too_short_a_span",
    "saturated",
    "comparability_changes",
    "k_greater_than_attempts",
    "degenerate_control",
    "nonpositive_mean",
    "unscored_attempts",
    "extreme_of_several_tries",
    "statistic_has_no_interval",
    "power_out_of_reach",
    "looks_out_of_order",
    "no_numeric_bar",
    "judgement_without_leaning",
]


@dataclass(frozen=True)
class Unestimable:
    """No honest interval exists; ``point`` may still be known and then may prevent a rule-out but never support one."""

    reason: Reason
    words: str
    point: Fraction | None = None


@dataclass(frozen=True)
class Negated(Estimate):
    """The same estimate with the axis turned around, so that larger is riskier."""

    inner: Estimate

    def lower(self, alpha: float) -> float:
        return -self.inner.upper(alpha)

    def upper(self, alpha: float) -> float:
        return -self.inner.lower(alpha)

    def p_below(self, bar: Bar) -> float:
        return self.inner.p_above(-bar)

    def p_above(self, bar: Bar) -> float:
        return self.inner.p_below(-bar)


@dataclass(frozen=True)
class Remembered(Estimate):
    """The same estimate, each of its bounds worked out once: a decision asks for the same few again and again."""

    inner: Estimate
    _bounds: dict[tuple[str, float], float] = field(default_factory=dict, compare=False, repr=False)

    def lower(self, alpha: float) -> float:
        key = ("lower", alpha)
        if key not in self._bounds:
            self._bounds[key] = self.inner.lower(alpha)
        return self._bounds[key]

    def upper(self, alpha: float) -> float:
        key = ("upper", alpha)
        if key not in self._bounds:
            self._bounds[key] = self.inner.upper(alpha)
        return self._bounds[key]

    def p_below(self, bar: Bar) -> float:
        return self.inner.p_below(bar)

    def p_above(self, bar: Bar) -> float:
        return self.inner.p_above(bar)


def remembered(estimate: Estimate) -> Estimate:
    """Return ``estimate`` with a memory for its bounds."""
    return Remembered(estimate.point, estimate.method, estimate.observations, estimate.notes, estimate)


def negated(estimate: Estimate) -> Estimate:
    """Turn ``estimate`` around: larger becomes smaller."""
    return Negated(-estimate.point, estimate.method, estimate.observations, estimate.notes, estimate)


@dataclass(frozen=True)
class Reading:
    """One meaning a plus-minus might have had, and what would follow. ``name`` is ``sd``, ``se`` or ``ci95``.

    ``admissible`` is a word: ``possible``, or why the reading cannot be (``impossible_on_scale``)."""

    name: str
    admissible: Literal["possible", "impossible_on_scale"]
    estimate: Estimate | Unestimable
