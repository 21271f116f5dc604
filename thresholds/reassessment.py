"""When a model must be assessed anew: its effective compute has grown so many times, or so many months have passed (statistics d6).

The rules kept here: multiple and months come from the policy's own trigger and are no constants; exactly the multiple fires; a ratio that
is uncertain is judged by its *upper* end; months are calendar months, and a day that the month does not have is its last (31 August and
six months is the last of February); either trigger alone is enough. Compute that nobody entered cannot say that the trigger has not fired.

Left out: which assessment and which figures are held against each other (``thresholds.comparisons``, ``thresholds.due_triggers``).
Left out: measuring effective compute; it is an entered number.
"""

from __future__ import annotations

import calendar
import math
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Entered = Decimal | Fraction | int | float
Standing = Literal["fires", "not_yet", "unknown", "not_in_the_policy"]

COMPUTE_WORDS = {
    "fires": "Effective compute has reached the multiple that calls for a new assessment.",
    "not_yet": "Effective compute has not reached the multiple that calls for a new assessment.",
    "unknown": "Effective compute is not recorded, so nobody can say that it has not reached the multiple.",
    "not_in_the_policy": "The policy names no multiple of effective compute.",
}
CALENDAR_WORDS = {
    "fires": "The months after which a new assessment is due have passed.",
    "not_yet": "The months after which a new assessment is due have not passed.",
    "not_in_the_policy": "The policy names no number of months.",
}


@dataclass(frozen=True)
class Reassessment:
    """Which triggers fire on a day. ``compute_ratio`` is now over then; ``judged_ratio`` what was compared, infinite if unbounded."""

    today: date
    compute_ratio: Fraction | None
    judged_ratio: Fraction | float | None
    compute: Standing
    due_on: date | None
    calendar: Standing
    outcome: Literal["due", "not_due", "cannot_tell"]
    words: tuple[str, ...]


def months_later(day: date, months: int) -> date:
    """The same day of the month so many calendar months later, or the last day of a month that has no such day.

    Beyond the last year that a day can have it is the last day there is."""
    month = day.year * 12 + day.month - 1 + months
    year, index = divmod(month, 12)
    if year > MAXYEAR:
        return date.max
    return date(year, index + 1, min(day.day, calendar.monthrange(year, index + 1)[1]))


def reassessment_triggers(
    last_on: date,
    today: date,
    compute_then: Entered | None,
    compute_now: Entered | None,
    *,
    compute_multiple: Entered | None,
    months: int | None,
    ratio_upper: Entered | None = None,
) -> Reassessment:
    """Judge both triggers of a policy on ``today`` (statistics d6).

    ``compute_then`` and ``compute_now`` are effective compute in one unit, ``None`` if not recorded; ``ratio_upper`` is the upper end
    of their ratio where it is uncertain (infinite if it has none). ``compute_multiple`` and ``months`` are those of the policy's
    trigger, ``None`` if it names none. Raises ``ValueError`` for a day before the last assessment, compute that is not positive, and an
    upper end below the ratio.
    """
    if isinstance(last_on, datetime) or isinstance(today, datetime):
        raise ValueError("found an instant, expected a day")  # an instant would depend on somebody's time zone
    if today < last_on:
        raise ValueError(f"found {today} as today, expected a day on or after the last assessment, {last_on}")
    ratio = None if compute_then is None or compute_now is None else _positive(compute_now) / _positive(compute_then)
    judged = _judged(ratio, ratio_upper)
    compute: Standing = "not_in_the_policy"
    if compute_multiple is not None:
        compute = "unknown" if judged is None else "fires" if judged >= _positive(compute_multiple) else "not_yet"
    due_on = None if months is None else months_later(last_on, months)
    passed: Standing = "not_in_the_policy" if due_on is None else "fires" if today >= due_on else "not_yet"
    outcome: Literal["due", "not_due", "cannot_tell"] = "cannot_tell" if compute == "unknown" else "not_due"
    if "fires" in (compute, passed):
        outcome = "due"
    return Reassessment(today, ratio, judged, compute, due_on, passed, outcome, (COMPUTE_WORDS[compute], CALENDAR_WORDS[passed]))


def _positive(entered: Entered) -> Fraction:
    if not math.isfinite(entered) or entered <= 0:
        raise ValueError(f"found {entered} as compute or its multiple, expected a positive number")
    return Fraction(repr(entered)) if isinstance(entered, float) else Fraction(entered)  # as written: 4e26 is four times 1e26


def _judged(ratio: Fraction | None, upper: Entered | None) -> Fraction | float | None:
    """What is compared: the upper end, exactly, or the ratio where nobody gave one."""
    if upper is None:
        return ratio
    if upper == math.inf:
        return math.inf
    end = _positive(upper)
    if ratio is not None and end < ratio:
        raise ValueError(f"found {float(end):g} as the upper end of a ratio of {float(ratio):g}, expected no less than the ratio")
    return end
