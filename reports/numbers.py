"""The only place where a number becomes text.

The rules kept here (statistics e): percentages have no decimals under 100 observations and one from there on; ratios have two
significant digits below 10; p has two significant digits and ``<0.001`` below; a share never stands without its count where the
count is known, and 0 % or 100 % never stands alone; digits are added until the printed number stands on the same side of every
bar as the exact one; what a source printed is shown as printed; an end that does not exist is said in words.

Left out: deciding. Nothing here is compared again; a text is for eyes only. Rounding is half-even and happens here alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from fractions import Fraction

from evaluations.records import Score
from thresholds.finding_records import BarNote, IntervalEnd, VariantFinding

Number = float | int | Decimal | Fraction
Scale = tuple[float | None, float | None]

NBSP = "\u00a0"  # a number and its unit stay on one line
FEW_OBSERVATIONS = 100  # statistics e: 0 decimals if n < 100, else 1
RATIO_DIGITS = 2  # statistics e: significant digits of a ratio below 10
P_DIGITS = 2  # statistics e
P_SMALLEST = Decimal("0.001")  # statistics e
P_LARGEST = Decimal("0.99")  # our choice: how near to 1 a p is tells nobody anything
POINT_DECIMALS = 1  # our choice: a difference of two shares is small, and a tenth of a point is the most anybody reads
OTHER_DIGITS = 3  # our choice for units the rules do not name: nobody measures a score to a part in a thousand
LONGEST_RECORDED = 6  # our choice: significant digits up to which an entered number is shown as entered
MOST_DIGITS = 60  # a ratio of whole numbers may never end; no float needs more


class UnitKind(StrEnum):
    """Which rounding rule a unit falls under."""

    PERCENT = "percent"
    FRACTION = "fraction"  # 0 to 1, shown as a percentage
    RATIO = "ratio"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Unit:
    """How a unit is written: the rule for its digits, the factor from the stored scale, and what follows the digits."""

    kind: UnitKind
    factor: int
    suffix: str


_PERCENT = Unit(UnitKind.PERCENT, 1, f"{NBSP}%")
_FRACTION = Unit(UnitKind.FRACTION, 100, f"{NBSP}%")
_RATIO = Unit(UnitKind.RATIO, 1, "x")
_UNITS = {
    "percent": _PERCENT,
    "%": _PERCENT,
    "fraction": _FRACTION,
    "share": _FRACTION,
    "proportion": _FRACTION,
    "x": _RATIO,
    "ratio": _RATIO,
}
_BARE = ("score", "normalised score", "dimensionless", "none", "not stated", "1")  # words that say there is no unit


def unit_of(unit: str | None) -> Unit:
    """Return how ``unit`` is written: by its first word (``percent of trials`` is a percentage); an unknown one follows as a word."""
    if unit is None or unit in _BARE:
        return Unit(UnitKind.OTHER, 1, "")
    return _UNITS.get(unit.split(" of ", maxsplit=1)[0], Unit(UnitKind.OTHER, 1, f"{NBSP}{unit}"))


def exact(value: Number) -> Decimal:
    """Return the number as a decimal: a float by its shortest text, so that 0.1 stays 0.1."""
    if isinstance(value, Fraction):
        return _divided(value)
    decimal = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not decimal.is_finite():
        raise ValueError(f"found {value}, expected a finite number")  # an end that does not exist is an IntervalEnd, never infinity
    return decimal


def _divided(value: Fraction) -> Decimal:
    scaled = value * 10**MOST_DIGITS
    return Decimal(round(scaled)).scaleb(-MOST_DIGITS)


def _side(value: Decimal, bar: Decimal) -> int:
    return (value > bar) - (value < bar)


def rounded(value: Decimal, decimals: int, bars: Iterable[Decimal] = ()) -> str:
    """Return ``value`` with at least ``decimals`` decimals and as many more as keep it on its side of every bar.

    At a bar is a side of its own: 50.04 against 50 is not printed as 50, because at the bar counts as reached.
    """
    kept = tuple(bars)
    while True:
        printed = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
        if all(_side(printed, bar) == _side(value, bar) for bar in kept) or printed == value:
            return _signed(printed)
        decimals += 1


def _signed(value: Decimal) -> str:
    text = format(abs(value), "f")
    return f"−{text}" if value < 0 else text


def _decimals_for(value: Decimal, digits: int) -> int:
    """Return the decimals that show ``digits`` significant digits; never fewer than none."""
    return max(0, digits - 1 - value.adjusted()) if value else 0


def quantity(value: Number, unit: str | None, *, count: int | None = None, bars: Iterable[Number] = ()) -> str:
    """Return a number with its unit, rounded by the rules above; ``count`` is n, ``bars`` are on the scale of ``value``."""
    style = unit_of(unit)
    scaled, against = exact(value) * style.factor, [exact(bar) * style.factor for bar in bars]
    if style.kind in (UnitKind.PERCENT, UnitKind.FRACTION):
        decimals = 1 if count is not None and count >= FEW_OBSERVATIONS else 0
        against += [Decimal(0), Decimal(100)]  # a rare event never reads as none, a near-certain one never as certain
    elif style.kind is UnitKind.RATIO:
        decimals = _decimals_for(scaled, RATIO_DIGITS)
    else:
        decimals = _decimals_for(scaled, OTHER_DIGITS)
        against.append(Decimal(0))
    return rounded(scaled, decimals, against) + style.suffix


def difference(value: Number, unit: str | None) -> str:
    """Return how far two numbers of a unit lie apart; of shares in points (``−20.5 points``), never in percent."""
    style = unit_of(unit)
    if style.kind not in (UnitKind.PERCENT, UnitKind.FRACTION):
        return quantity(value, unit)
    return f"{rounded(exact(value) * style.factor, POINT_DECIMALS, [Decimal(0)])}{NBSP}points"


def beyond(value: Number, unit: str | None, *, up: bool) -> str:
    """Return a limit that something must lie beyond, rounded away from it: what lies beyond the text lies beyond the number."""
    style = unit_of(unit)
    scaled = exact(value) * style.factor
    share = style.kind in (UnitKind.PERCENT, UnitKind.FRACTION)
    decimals = POINT_DECIMALS if share else _decimals_for(scaled, OTHER_DIGITS)
    printed = scaled.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_CEILING if up else ROUND_FLOOR)
    return _signed(printed) + style.suffix


def recorded(value: Number, unit: str | None) -> str:
    """Return a number that somebody entered, with the digits they entered (69.7 stays 69.7)."""
    style = unit_of(unit)
    number = exact(value) * style.factor
    number = number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
    if len(number.as_tuple().digits) > LONGEST_RECORDED and number != number.to_integral_value():
        return quantity(value, unit)
    return _signed(number) + style.suffix


def whole(value: int) -> str:
    """Return a count of things, grouped from five digits on (``9833``, ``12,500``)."""
    return f"{value:,}" if abs(value) >= 10_000 else str(value)  # our choice: four digits read better ungrouped


_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def scientific(value: Number) -> str:
    """Return a very large number such as compute, with two digits and a power of ten: ``3.8×10²⁵``; a bare power as ``10²⁵``."""
    number = exact(value)
    power = number.adjusted()
    front = rounded(number.scaleb(-power), 1)
    if front == "10.0":  # 9.99 rounds up into the next power
        front, power = "1.0", power + 1
    raised = f"10{str(power).translate(_RAISED)}"
    return raised if front == "1.0" else f"{front.removesuffix('.0')}×{raised}"


def error_level(level: float) -> str:
    """Return a small error level with two significant digits: ``0.60 %``, ``5.4×10⁻⁵ %``; it never reads as none."""
    percent = exact(level) * 100
    if percent == 0:
        return f"0{NBSP}%"
    if percent < P_SMALLEST:
        return f"{scientific(percent)}{NBSP}%"
    return f"{rounded(percent, _decimals_for(percent, P_DIGITS), [Decimal(0)])}{NBSP}%"


def count(passed: Number, trials: int) -> str:
    """Return a count of a total, such as ``17 of 33`` or ``9.65 of 42``."""
    return f"{recorded(passed, None)}{NBSP}of{NBSP}{whole(trials)}"


def percentage(level: Number) -> str:
    """Return a level between 0 and 1, such as ``95 %`` or ``98.33 %``: a level split in three has no last digit."""
    return recorded(exact(level).quantize(Decimal("1e-4")), "fraction")


def p_value(p: Number, error_level: Number | None = None) -> str:
    """Return p with two significant digits, or ``<0.001``; never on the other side of the error level."""
    value = exact(p)
    if value < P_SMALLEST:
        return "<0.001"
    if value > P_LARGEST:
        return ">0.99"
    bars = [] if error_level is None else [exact(error_level).quantize(Decimal("1e-9"))]  # 1 - 0.95 is 0.05 but for float noise
    return rounded(value, _decimals_for(value, P_DIGITS), bars)


def end(value: float | None, kind: IntervalEnd, unit: str | None, *, side: str, n: int | None = None, bars: Iterable[Number] = ()) -> str:
    """Return one end of an interval, or the words for why there is none. ``side`` is ``lower`` or ``upper``."""
    if value is not None and kind is IntervalEnd.FINITE:
        return quantity(value, unit, count=n, bars=bars)
    return f"no {side} limit" if kind is IntervalEnd.UNBOUNDED else "not estimable"


def interval(
    low: float | None,
    high: float | None,
    ends: tuple[IntervalEnd, IntervalEnd],
    unit: str | None,
    *,
    n: int | None = None,
    bars: Iterable[Number] = (),
    scale: Scale = (None, None),
) -> str:
    """Return an interval in words, such as ``35 % to 68 %`` or ``from 1.4x, no upper limit``; ``none`` if neither end exists.

    An end beyond the scale is shown at the end of the scale: scores of minus 40 % exist in formulas only (statistics b2). What
    decided is the end as computed, and showing it so never moves it past a bar, because bars stand on the scale.
    """
    kept = tuple(bars)
    low, high = onto_scale(low, scale, kept), onto_scale(high, scale, kept)
    if IntervalEnd.UNESTIMABLE in ends or (low is None and high is None and ends != (IntervalEnd.UNBOUNDED, IntervalEnd.UNBOUNDED)):
        return "none"
    lower = end(low, ends[0], unit, side="lower", n=n, bars=kept)
    upper = end(high, ends[1], unit, side="upper", n=n, bars=kept)
    if ends[0] is IntervalEnd.FINITE and ends[1] is IntervalEnd.FINITE:
        style = unit_of(unit)
        return (
            f"{lower.removesuffix(style.suffix) if style.kind is UnitKind.OTHER else lower} to {upper}"  # a word of a unit once is enough
        )
    if ends[0] is IntervalEnd.FINITE:
        return f"from {lower}, {upper}"
    return f"up to {upper}, {lower}" if ends[1] is IntervalEnd.FINITE else "no limit on either side"


def onto_scale(value: float | None, scale: Scale, bars: Iterable[Number]) -> float | None:
    """Return ``value``, or the end of its scale where a formula gave an end beyond it; never moved onto a bar."""
    (least, most), kept = scale, tuple(bars)
    if value is not None and least is not None and value < least and least not in kept:
        return least
    if value is not None and most is not None and value > most and most not in kept:
        return most
    return value


_BARE_NUMBER = re.compile(r"[-−]?\d+(\.\d+)?")
_PERCENT_SIGN = re.compile(r"(?<=\d)[ \u00a0]?%")  # one spacing in a report, whatever the source's


def as_printed(text: str, unit: str | None) -> str:
    """Return what a source printed; bare digits get the unit they were printed with (``69.7`` percent is ``69.7 %``)."""
    if _BARE_NUMBER.fullmatch(text.strip()):
        number = Decimal(text.strip().replace("−", "-"))
        shift = 2 if unit_of(unit).factor == 100 else 0  # 0.6 becomes 60, not 60.0: as many digits as were printed
        return _signed(number.scaleb(shift)) + unit_of(unit).suffix
    return _PERCENT_SIGN.sub(f"{NBSP}%", text)


def bar(note: BarNote, unit: str | None) -> str:
    """Return a bar as its source prints it; a count also gets its place on the scale: ``27 of 33 (82 %)``."""
    printed = as_printed(note.as_printed, unit)
    if " of " in note.as_printed and unit_of(unit).kind in (UnitKind.PERCENT, UnitKind.FRACTION):
        return f"{printed.replace(' ', NBSP)} ({quantity(note.value, unit)})"
    return printed


def observed(variant: VariantFinding, unit: str | None, bars: Iterable[Number] = ()) -> str:
    """Return what a variant scored: its count beside its share, what its source printed, or the rounded value."""
    kept = tuple(bars)
    if variant.passed is not None and variant.trials is not None:
        text = _counted(variant, unit, kept)
        return _beside_printed(text, variant.as_printed)
    if variant.as_printed is not None:
        return as_printed(variant.as_printed, unit)
    if variant.value is None:
        return "no number"
    if variant.method is None:  # nothing was computed: the number stands as somebody entered it
        return recorded(variant.value, unit)
    return _beside_extreme(variant, unit, kept)


def _beside_extreme(variant: VariantFinding, unit: str | None, bars: tuple[Number, ...]) -> str:
    """Return the rounded value; none or all of a share is never printed alone, but with the end its interval reaches (statistics e)."""
    assert variant.value is not None
    n = variant.observations
    text = quantity(variant.value, unit, count=n, bars=bars)
    is_share = unit_of(unit).kind in (UnitKind.PERCENT, UnitKind.FRACTION)
    if is_share and variant.value == 0 and variant.high is not None:
        return f"{text} (at most {quantity(variant.high, unit, count=n, bars=bars)})"
    if is_share and exact(variant.value) * unit_of(unit).factor == 100 and variant.low is not None:
        return f"{text} (at least {quantity(variant.low, unit, count=n, bars=bars)})"
    return text


def _counted(variant: VariantFinding, unit: str | None, bars: tuple[Number, ...]) -> str:
    assert variant.passed is not None
    assert variant.trials is not None
    counted = count(variant.passed, variant.trials)
    if unit_of(unit).kind not in (UnitKind.PERCENT, UnitKind.FRACTION) or variant.value is None:
        return counted
    if variant.passed == 0 and variant.high is not None:  # statistics e: "0 of 42 (at most 8%)"
        return f"{counted} (at most {quantity(variant.high, unit, count=variant.trials, bars=bars)})"
    if variant.passed == variant.trials and variant.low is not None:
        return f"{counted} (at least {quantity(variant.low, unit, count=variant.trials, bars=bars)})"
    return f"{counted} ({quantity(variant.value, unit, count=variant.trials, bars=bars)})"


def entered(score: Score, unit: str | None) -> str:
    """Return a score as it was entered: as printed, or its count, or its value with what stands after the plus-minus."""
    if score.passed is not None and score.trials is not None:
        return _beside_printed(count(score.passed, score.trials), score.as_printed)
    if score.as_printed is not None:
        return as_printed(score.as_printed, unit)
    if score.value is None:
        return score.words or "no number"
    return recorded(score.value, unit) if score.spread is None else spread(score.value, score.spread, unit)


def spread(mean: Number, around: Number, unit: str | None) -> str:
    """Return a mean with its plus-minus, such as ``24 ± 9 %``; what the sign means is said beside it."""
    suffix = unit_of(unit).suffix
    return f"{recorded(mean, unit).removesuffix(suffix)}{NBSP}±{NBSP}{recorded(around, unit)}"


def _beside_printed(text: str, printed: str | None) -> str:
    """Add what the source printed where its digits are not among ours (13 of 23 is 57 %, one card printed 56 %)."""
    if printed is None:
        return text
    ours, theirs = set(re.findall(r"\d+(?:\.\d+)?", text)), set(re.findall(r"\d+(?:\.\d+)?", printed))
    return text if theirs <= ours else f"{text}; printed “{printed}”"


def day(value: date | None) -> str:
    """Return a calendar day, or that none is recorded."""
    return "not recorded" if value is None else value.isoformat()


def instant(value: datetime) -> str:
    """Return an instant to the minute in UTC, whatever zone it came in; a time without a zone is read as UTC, as the log writes it."""
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware.strftime("%Y-%m-%d %H:%M UTC")


def digest(value: str, length: int = 12) -> str:
    """Return the first characters of a digest; 12 hexadecimal digits tell every file of a record apart (our choice)."""
    return value[:length]
