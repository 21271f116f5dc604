"""Numbers as a caller hands them in: read exactly, or refused in words.

The rules kept here: a float is read as it is written (0.1 is one tenth), so that sums are exact and their order changes no digit; what
is missing, no number, infinite, or beyond what can be squared in floats is refused and never skipped, rounded or set to 0; a count is
whole and not negative.

Left out: what a number means, and whether it lies on a scale. Left out: error levels and bars, which are the caller's own settings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from numbers import Rational, Real

from evaluations.estimate import Bar, Unestimable

Given = int | float | Decimal | Fraction

MOST_DIGITS = 100  # our choice: a square of it is still a float (largest 1.8e308), and records hold 40 digits at most
LARGEST, SMALLEST = Fraction(10**MOST_DIGITS), Fraction(1, 10**MOST_DIGITS)
LARGEST_COUNT = 2**53  # beyond it a float cannot count by ones (IEEE 754, binary64)


def exact_number(given: object, what: str) -> Fraction | Unestimable:
    """The number as written; refuses nothing at all, a text, a boolean, NaN, an infinity, and what lies beyond 100 digits."""
    if isinstance(given, Decimal):
        if not given.is_finite():
            return Unestimable("not_a_number", f"found {given} as {what}, expected a finite number")
        if given and abs(given.adjusted()) > MOST_DIGITS:  # before 1e1000000000 is written out
            return _beyond(what)
        value = Fraction(given)
    elif given is None or isinstance(given, bool) or not isinstance(given, Real):  # bool is an int, and no number here
        return Unestimable("not_a_number", f"found {'nothing' if given is None else repr(given)[:40]} as {what}, expected a number")
    elif isinstance(given, Rational):  # also the integers of numpy
        value = Fraction(int(given.numerator), int(given.denominator))
    elif not math.isfinite(given):
        return Unestimable("not_a_number", f"found {float(given)} as {what}, expected a finite number")
    else:
        value = Fraction(repr(float(given)))
    return _beyond(what) if value and not SMALLEST <= abs(value) <= LARGEST else value


def _beyond(what: str) -> Unestimable:
    return Unestimable("overflow", f"found {what} beyond {MOST_DIGITS} digits, expected a number that can be computed with")


def exact_scores(given: Iterable[Given | None], what: str) -> tuple[Fraction, ...] | Unestimable:
    """Every number as written, or the first refusal, which names its place. One that is missing is an attempt nobody could score."""
    scores = []
    for place, each in enumerate(given, 1):
        if each is None:
            return Unestimable("unscored_attempts", f"{what} {place} is missing, and what is missing is never skipped")
        value = exact_number(each, f"{what} {place}")
        if isinstance(value, Unestimable):
            return value
        scores.append(value)
    return tuple(scores) if scores else Unestimable("no_observations", f"found no {what} at all")


def whole_count(given: Given | None, what: str) -> int | Unestimable:
    """The count as an integer; refuses fractions, anything negative, and more than a float can count."""
    value = exact_number(given, what)
    if isinstance(value, Unestimable):
        return value
    if value.denominator != 1 or value < 0:
        return Unestimable("impossible_count", f"found {float(value):g} as {what}, expected a whole number, 0 or more")
    if value > LARGEST_COUNT:
        return Unestimable("overflow", f"found {float(value):g} as {what}, expected at most 2^53")
    return int(value)


def exact_bar(bar: Bar) -> Fraction:
    """The bar exactly, a float as the number it is. Raises ``ValueError`` for NaN and infinities: no policy has such a bar."""
    try:
        return Fraction(bar)
    except (ValueError, OverflowError):  # NaN raises the one, an infinity the other
        raise ValueError(f"found the bar {bar}, expected a finite number") from None


def saturated(value: Fraction) -> float:
    """The nearest float, infinite beyond the largest; for distances, where more than the largest float decides like infinity."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
