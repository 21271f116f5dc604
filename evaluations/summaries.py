"""Estimates where only a summary was published: a mean, perhaps a plus-minus, perhaps a count (statistics a6).

The rules kept here: a plus-minus that nobody defined is read every way it can be read, the impossible readings are dropped
where the count allows to tell, and the widest of the rest decides; an unpublished count is taken as 3, never as many; a
printed interval is answered as printed at exactly its own level; a mean alone, or a plus-minus of 0, gives no interval.

Left out: what is known item by item (``evaluations.clusters``), and two arms against each other (``evaluations.uplift.trial``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from evaluations.estimate import Bar, Estimate, Reading, Unestimable
from evaluations.exact_numbers import exact_bar, exact_number, saturated, whole_count
from evaluations.proportions import item_beta
from evaluations.quantiles import (
    LARGEST_ERROR,
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
VANISHING = 1e-12  # relative; our choice: beside its mean a smaller error loses its digits in floats (2^-53 is 1.1e-16)

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
        return saturated(self.point - exact_bar(bar)) / self.standard_error

    def p_below(self, bar: Bar) -> float:
        return t_below(self.degrees_of_freedom, self._distance(bar))

    def p_above(self, bar: Bar) -> float:
        return t_below(self.degrees_of_freedom, -self._distance(bar))


def student_estimate(  # one parameter for each thing the bounds or a reader need
    point: Fraction, method: str, n: int | None, notes: tuple[str, ...], standard_error: float, degrees_of_freedom: float
) -> StudentEstimate | Unestimable:
    """t around ``point``. Refuses a standard error of 0, and one that floats cannot hold beside the mean."""
    if standard_error <= 0:
        return Unestimable("all_values_equal", "all values are equal, so their spread says nothing of the error", point)
    if not VANISHING * abs(saturated(point)) < standard_error < math.inf:
        return Unestimable("overflow", "the spread and the mean are too far apart in size to be computed with", point)
    return StudentEstimate(point, method, n, notes, standard_error=standard_error, degrees_of_freedom=degrees_of_freedom)


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
        return saturated(self.point - Fraction(bar)) / self.standard_error


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
    """What a plus-minus is taken to mean; ``level`` and ``made_with`` count only for the half-width of an interval.

    ``made_with`` is the quantile its author is taken to have used, where the count is known; the normal one gives the wider error.
    """

    kind: SpreadKind
    level: Fraction = USUAL_LEVEL
    made_with: Literal["student", "normal"] = "student"

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
        normal = n is None or self.made_with == "normal"
        return float(spread) / (z_quantile(error) if normal else t_quantile((n or SMALLEST_TRIAL) - 1, error))


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


@lru_cache(maxsize=4096)  # our choice: a campaign has a few hundred scales, and every score asks for its own several times
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
        return student_estimate(point, "student_t", n, notes, error, freedom)
    half = Fraction(spread)
    return PrintedInterval(
        point, "printed_interval", n, notes,
        low=point - half, high=point + half, level=meaning.level, standard_error=error, degrees_of_freedom=freedom,
    )  # fmt: skip


def no_spread(point: Fraction | None, words: str) -> Unestimable:
    """The refusal for a number that came alone."""
    return Unestimable("no_spread_and_no_count", words, point)


def _each_exact(given: Mapping[str, Exact | None]) -> dict[str, Fraction | None] | Unestimable:
    """Every stated number exactly, or the first refusal."""
    exact: dict[str, Fraction | None] = {}
    for what, each in given.items():
        value = None if each is None else exact_number(each, what)
        if isinstance(value, Unestimable):
            return value
        exact[what] = value
    return exact


def _observed(n: int | None, point: Fraction) -> int | Unestimable | None:
    """The count, ``None`` if it is not published; refuses what cannot be one, no observations, and a single one."""
    count = None if n is None else whole_count(n, "the number of observations")
    if count == 0:
        return Unestimable("no_observations", "a mean over no observations is no measurement", point)
    if count == 1:
        return Unestimable("one_observation", "one observation says nothing of its own error", point)
    return count


def _impossible_level(level: Fraction | None, point: Fraction) -> Unestimable | None:
    """The refusal for a level that no interval has: 0, 1, or so near to them that floats cannot tell."""
    if level is None or 0 < float((1 - level) / 2) < LARGEST_ERROR:
        return None
    return Unestimable("off_scale", f"found an interval level of {float(level):g}, expected between 0 and 1, such as 0.95", point)


def _impossible_place(point: Fraction, low: Fraction | None, high: Fraction | None) -> Unestimable | None:
    """The refusal for a scale that does not run upward, and for a mean that is not on it."""
    if low is not None and high is not None and low >= high:
        return Unestimable("off_scale", f"found a scale from {float(low):g} to {float(high):g}, expected low below high", point)
    if (low is not None and point < low) or (high is not None and point > high):
        ends = " to ".join("no end" if end is None else f"{float(end):g}" for end in (low, high))
        return Unestimable("off_scale", f"found {float(point):g} on a scale from {ends}, expected a value on it", point)
    return None


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

    Mean, spread and scale are in one unit. Without a plus-minus, the count alone decides on a bounded scale: n scores there spread no
    wider than n passes and failures. Refuses what is no number, a mean off its scale, a negative spread or one no scores can have,
    no observations or a single one, a plus-minus of 0, and a mean alone.
    """
    given = {"the mean": mean, "the plus-minus": spread, "the level": ci_level, "the low end": scale_low, "the high end": scale_high}
    exact = _each_exact(given)
    if isinstance(exact, Unestimable):
        return exact
    point, width, level, low, high = exact.values()
    if point is None:
        return Unestimable("no_value", "found no mean")
    count = _observed(n, point)
    if isinstance(count, Unestimable):
        return count
    impossible = _impossible_place(point, low, high) or _impossible_level(level, point)
    if impossible is not None:
        return impossible
    if width is not None and width < 0:
        return Unestimable("negative_spread", f"found a plus-minus of {float(width):g}, expected 0 or more", point)
    return _summarised(point, width, kind, count, level, scale_of(low, high))


def _summarised(
    point: Fraction, spread: Fraction | None, kind: SpreadKind, n: int | None, level: Fraction | None, scale: Scale | None
) -> Estimate | Unestimable:
    if spread is None:
        if n is None or scale is None:
            return no_spread(point, "a mean without a plus-minus, a count or an interval says nothing of its error")
        return item_beta(scale.share(point) * n, n, scale, (CLUSTERING_UNKNOWN,))
    if spread == 0:  # a rounded or empty spread; taking it as certainty would be the least cautious of all readings
        return no_spread(point, "a plus-minus of 0 says nothing of the error")
    estimate = each_meaning(kind, level, lambda meaning: _read(point, spread, meaning, n, scale))
    return noted(estimate, LEVEL_UNKNOWN) if kind is SpreadKind.INTERVAL_HALF_WIDTH and level is None else estimate


def printed_interval(value: Exact, low: Exact, high: Exact, level: Exact, n: int | None, rebuilt: bool = True) -> Estimate | Unestimable:
    """Estimate from a printed interval (statistics a6). ``rebuilt`` is false where no t interval holds for the statistic.

    Refuses what is no number, ends that do not enclose the value, a level outside 0 to 1, no observations or a single one, and an
    interval without width.
    """
    exact = _each_exact({"the value": value, "the lower end": low, "the upper end": high, "the level": level})
    if isinstance(exact, Unestimable):
        return exact
    point, lower, upper, stated = exact.values()
    if point is None or lower is None or upper is None or stated is None:
        return Unestimable("no_value", "found part of a value, its two ends and their level, expected all four")
    count = _observed(n, point)
    if isinstance(count, Unestimable):
        return count
    if not lower <= point <= upper:
        words = f"found {float(point):g} outside its own interval {float(lower):g} to {float(upper):g}, expected it inside"
        return Unestimable("negative_spread", words, point)
    impossible = _impossible_level(stated, point)
    if impossible is not None:
        return impossible
    half = max(upper - point, point - lower)
    if half == 0:
        return no_spread(point, "an interval without width says nothing of the error")
    error = SpreadMeaning(SpreadKind.INTERVAL_HALF_WIDTH, stated).standard_error(half, count)
    further = (COUNT_UNKNOWN,) if count is None and rebuilt else () if rebuilt else (ONE_LEVEL,)
    return PrintedInterval(
        point, "printed_interval", count, (AS_REPORTED, *further), low=lower, high=upper, level=stated,
        standard_error=error, degrees_of_freedom=(count or SMALLEST_TRIAL) - 1, rebuilt=rebuilt,
    )  # fmt: skip
