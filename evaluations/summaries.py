"""Estimates where only a summary was published: a mean, perhaps a plus-minus, perhaps a count (statistics a6).

The rules kept here: a plus-minus that nobody defined is read every way it can be read, the impossible readings are dropped
where the count allows to tell, and the widest of the rest decides; an unpublished count is taken as 3, never as many; a
printed interval is answered as printed at exactly its own level; a mean alone, or a plus-minus of 0, gives no interval.

Left out: what is known item by item (``evaluations.clusters``), and two arms against each other (``evaluations.uplift``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from evaluations.estimate import Bar, Estimate, Reading, Unestimable
from evaluations.proportions import item_beta
from evaluations.quantiles import (
    SAME_ERROR,
    Scale,
    checked,
    outward,
    p_above_by_bound,
    p_below_by_bound,
    t_below,
    t_quantile,
    z_quantile,
)
from evaluations.records import SpreadKind

Exact = Decimal | Fraction

SMALLEST_TRIAL = 3  # statistics a6: the smallest trial anyone reports stands in for a count nobody published
USUAL_LEVEL = Fraction(95, 100)  # statistics a6: a half-width without a level is read as 95 %
ROUNDING = 1e-9  # relative; our choice, so that a spread exactly at its limit is not called impossible by a float

COUNT_UNKNOWN = "The number of observations is not published; 3 is assumed, the smallest trial anyone reports."
MEANING_UNKNOWN = "Nobody defined the plus-minus; the widest of its possible readings decides."
LEVEL_UNKNOWN = "The level of the interval is not stated; 95 % is assumed."
AS_REPORTED = "Interval as reported."
ONE_LEVEL = "No bound follows from it at a smaller error than its own."
CLUSTERING_UNKNOWN = "Clustering unknown: published without its items, which are taken as independent."


@dataclass(frozen=True, kw_only=True)
class StudentEstimate(Estimate):
    """Point plus and minus t times a standard error; the degrees of freedom may be fractional (Satterthwaite)."""

    standard_error: float
    degrees_of_freedom: float

    def lower(self, alpha: float) -> float:
        return self.value - t_quantile(self.degrees_of_freedom, checked(alpha)) * self.standard_error

    def upper(self, alpha: float) -> float:
        return self.value + t_quantile(self.degrees_of_freedom, checked(alpha)) * self.standard_error

    def _distance(self, bar: Bar) -> float:
        return float(self.point - Fraction(bar)) / self.standard_error

    def p_below(self, bar: Bar) -> float:
        return t_below(self.degrees_of_freedom, self._distance(bar))

    def p_above(self, bar: Bar) -> float:
        return t_below(self.degrees_of_freedom, -self._distance(bar))


@dataclass(frozen=True, kw_only=True)
class PrintedInterval(Estimate):
    """An interval somebody printed, at ``level``. At exactly that level its ends are the answer.

    At another level it is rebuilt with a t quantile, the larger half-width serving both sides; a rebuilt bound at a larger
    error may lie inside the printed one, never outside, and one at a smaller error never inside. Where ``rebuilt`` is false
    (a median, a ratio, a horizon: no t interval holds for them) there is no bound at a smaller error than the printed one, so
    it is infinite there, and at a larger error the printed ends stand.
    """

    low: Fraction
    high: Fraction
    level: Fraction
    standard_error: float
    degrees_of_freedom: int
    rebuilt: bool = True

    @property
    def error(self) -> float:
        """One-sided error of the printed ends."""
        return float((1 - self.level) / 2)

    def _bound(self, alpha: float, side: int) -> float:
        printed = outward(self.high if side > 0 else self.low, side)
        if abs(checked(alpha) - self.error) <= SAME_ERROR:
            return printed
        if not self.rebuilt:
            return side * math.inf if alpha < self.error else printed
        rebuilt = self.value + side * t_quantile(self.degrees_of_freedom, alpha) * self.standard_error
        wider = alpha < self.error
        return max(rebuilt, printed) if wider == (side > 0) else min(rebuilt, printed)

    def lower(self, alpha: float) -> float:
        return self._bound(alpha, -1)

    def upper(self, alpha: float) -> float:
        return self._bound(alpha, +1)

    def p_below(self, bar: Bar) -> float:
        if not self.rebuilt:
            return math.nextafter(self.error - SAME_ERROR, 0.0) if self.high < Fraction(bar) else 1.0
        return p_below_by_bound(self.upper, bar, t_below(self.degrees_of_freedom, self._distance(bar)))

    def p_above(self, bar: Bar) -> float:
        if not self.rebuilt:
            return self.error - SAME_ERROR if self.low >= Fraction(bar) else 1.0
        return p_above_by_bound(self.lower, bar, t_below(self.degrees_of_freedom, -self._distance(bar)))

    def _distance(self, bar: Bar) -> float:
        return float(self.point - Fraction(bar)) / self.standard_error


@dataclass(frozen=True, kw_only=True)
class EnvelopeEstimate(Estimate):
    """Several meanings of one number: every bound and every p is that of the least favourable reading that is possible."""

    readings: tuple[Reading, ...]

    def _possible(self) -> list[Estimate]:
        return [each.estimate for each in self.readings if isinstance(each.estimate, Estimate)]

    def lower(self, alpha: float) -> float:
        return min(each.lower(alpha) for each in self._possible())

    def upper(self, alpha: float) -> float:
        return max(each.upper(alpha) for each in self._possible())

    def p_below(self, bar: Bar) -> float:
        return max(each.p_below(bar) for each in self._possible())

    def p_above(self, bar: Bar) -> float:
        return max(each.p_above(bar) for each in self._possible())


@dataclass(frozen=True)
class SpreadMeaning:
    """What a plus-minus is taken to mean; ``level`` counts only for the half-width of an interval."""

    kind: SpreadKind
    level: Fraction = USUAL_LEVEL

    @property
    def name(self) -> str:
        """``sd``, ``se`` or ``ci95``."""
        return f"ci{float(self.level * 100):g}" if self.kind is SpreadKind.INTERVAL_HALF_WIDTH else self.kind.value

    def standard_error(self, spread: Exact, n: int | None) -> float:
        """Standard error of the mean under this meaning (statistics a6); an unknown count is ``SMALLEST_TRIAL``."""
        if self.kind is SpreadKind.STANDARD_DEVIATION:
            return float(spread) / math.sqrt(n or SMALLEST_TRIAL)
        if self.kind is SpreadKind.STANDARD_ERROR:
            return float(spread)
        error = float((1 - self.level) / 2)
        return float(spread) / (z_quantile(error) if n is None else t_quantile(n - 1, error))


def meanings(kind: SpreadKind, level: Fraction | None = None) -> tuple[SpreadMeaning, ...]:
    """Every meaning a plus-minus of that kind may have."""
    if kind is SpreadKind.UNSPECIFIED:
        each = (SpreadKind.STANDARD_DEVIATION, SpreadKind.STANDARD_ERROR, SpreadKind.INTERVAL_HALF_WIDTH)
        return tuple(SpreadMeaning(one) for one in each)
    return (SpreadMeaning(kind, USUAL_LEVEL if level is None else level),)


def possible_on_scale(mean: Exact, standard_error: float, n: int | None, scale: Scale | None) -> bool:
    """Whether ``n`` scores on that scale with that mean can have so large a standard error (Bhatia and Davis 2000).

    The largest is sqrt((m-lo)(hi-m)/(n-1)). An unknown count or scale excludes nothing.
    """
    if n is None or scale is None:
        return True
    centre = Fraction(mean)
    largest = math.sqrt((centre - scale.low) * (scale.high - centre) / (n - 1))
    return standard_error <= largest * (1 + ROUNDING)


def widest(outcomes: Sequence[tuple[str, Estimate | Unestimable]], notes: tuple[str, ...]) -> Estimate | Unestimable:
    """Join the readings of one number. Readings impossible on the scale drop out; any other refusal refuses the whole."""
    readings = []
    for name, outcome in outcomes:
        impossible = isinstance(outcome, Unestimable)
        if isinstance(outcome, Unestimable) and outcome.reason != "spread_impossible_for_bounded_score":
            return outcome
        readings.append(Reading(name, "impossible_on_scale" if impossible else "possible", outcome))
    remaining = [each.estimate for each in readings if isinstance(each.estimate, Estimate)]
    if not remaining:
        return outcomes[0][1]
    if len(outcomes) == 1:
        return remaining[0]
    first = remaining[0]
    shared = tuple(dict.fromkeys(note for each in remaining for note in each.notes))
    dropped = tuple(f"Read as {each.name} it is impossible on this scale." for each in readings if each.admissible != "possible")
    everything = notes + shared + dropped
    return EnvelopeEstimate(first.point, "widest_reading", first.observations, everything, readings=tuple(readings))


def each_meaning(
    kind: SpreadKind, level: Fraction | None, build: Callable[[SpreadMeaning], Estimate | Unestimable]
) -> Estimate | Unestimable:
    """Build under every meaning of ``kind`` and join them."""
    return widest([(meaning.name, build(meaning)) for meaning in meanings(kind, level)], (MEANING_UNKNOWN,))


def noted(estimate: Estimate | Unestimable, *notes: str) -> Estimate | Unestimable:
    """The same estimate with further sentences a reader must see; a refusal has its own words already."""
    return estimate if isinstance(estimate, Unestimable) else replace(estimate, notes=estimate.notes + notes)


def scale_of(low: Exact | None, high: Exact | None) -> Scale | None:
    """The bounded scale with those ends, or ``None`` if one of them is not stated."""
    return None if low is None or high is None else Scale(Fraction(low), Fraction(high))


def on_scale(value: Exact, low: Exact | None, high: Exact | None) -> Fraction:
    """Return ``value``, refusing one beyond an end of its scale."""
    if (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(f"found {value} on a scale from {low} to {high}, expected a value on it")
    return Fraction(value)


def impossible_spread(point: Fraction, spread: Exact, meaning: SpreadMeaning, n: int | None) -> Unestimable:
    """The refusal for a plus-minus that no scores on the scale can have."""
    words = f"a plus-minus of {float(spread):g} read as {meaning.name} is impossible for {n} scores on this scale"
    return Unestimable("spread_impossible_for_bounded_score", words, point)


def _read(point: Fraction, spread: Exact, meaning: SpreadMeaning, n: int | None, scale: Scale | None) -> Estimate | Unestimable:
    error = meaning.standard_error(spread, n)
    if not possible_on_scale(point, error, n, scale):
        return impossible_spread(point, spread, meaning, n)
    notes = () if n is not None else (COUNT_UNKNOWN,)
    freedom = (n or SMALLEST_TRIAL) - 1
    if meaning.kind is not SpreadKind.INTERVAL_HALF_WIDTH:
        return StudentEstimate(point, "student_t", n, notes, standard_error=error, degrees_of_freedom=freedom)
    half = Fraction(spread)
    return PrintedInterval(
        point, "printed_interval", n, notes,
        low=point - half, high=point + half, level=meaning.level, standard_error=error, degrees_of_freedom=freedom,
    )  # fmt: skip


def no_spread(point: Fraction | None, words: str) -> Unestimable:
    """The refusal for a number that came alone."""
    return Unestimable("no_spread_and_no_count", words, point)


def summary(  # one parameter for each thing a publication may state
    mean: Exact,
    spread: Exact | None,
    kind: SpreadKind,
    n: int | None,
    ci_level: Exact | None = None,
    scale_low: Exact | None = None,
    scale_high: Exact | None = None,
) -> Estimate | Unestimable:
    """Estimate from a printed mean, the number after its plus-minus, what that means, and how many it is over (statistics a6).

    Without a plus-minus, the count alone decides on a bounded scale: n scores there spread no wider than n passes and failures.
    """
    point, scale = on_scale(mean, scale_low, scale_high), scale_of(scale_low, scale_high)
    if n == 1:
        return Unestimable("one_observation", "one observation says nothing of its own error", point)
    if spread is None:
        if n is None or scale is None:
            return no_spread(point, "a mean without a plus-minus, a count or an interval says nothing of its error")
        return item_beta(scale.share(point) * n, n, scale, (CLUSTERING_UNKNOWN,))
    if spread == 0:  # a rounded or empty spread; taking it as certainty would be the least cautious of all readings
        return no_spread(point, "a plus-minus of 0 says nothing of the error")
    level = None if ci_level is None else Fraction(ci_level)
    estimate = each_meaning(kind, level, lambda meaning: _read(point, spread, meaning, n, scale))
    return noted(estimate, LEVEL_UNKNOWN) if kind is SpreadKind.INTERVAL_HALF_WIDTH and level is None else estimate


def printed_interval(value: Exact, low: Exact, high: Exact, level: Exact, n: int | None, rebuilt: bool = True) -> Estimate | Unestimable:
    """Estimate from a printed interval. ``rebuilt`` is false where no t interval holds for the statistic."""
    point, ends = Fraction(value), (Fraction(low), Fraction(high))
    half = max(ends[1] - point, point - ends[0])
    if n == 1:
        return Unestimable("one_observation", "one observation says nothing of its own error", point)
    if half == 0:
        return no_spread(point, "an interval without width says nothing of the error")
    error = SpreadMeaning(SpreadKind.INTERVAL_HALF_WIDTH, Fraction(level)).standard_error(half, n)
    further = (COUNT_UNKNOWN,) if n is None and rebuilt else () if rebuilt else (ONE_LEVEL,)
    return PrintedInterval(
        point, "printed_interval", n, (AS_REPORTED, *further), low=ends[0], high=ends[1], level=Fraction(level),
        standard_error=error, degrees_of_freedom=(n or SMALLEST_TRIAL) - 1, rebuilt=rebuilt,
    )  # fmt: skip
