"""What a field of a record may hold: exact numbers, counts, names, texts, days, instants; and the base of every record.

The rules kept here: a number is exact (a decimal, as written), finite and never a boolean; a text holds no character that a database
or a reader would lose; a day is no number and an instant has its zone; a record is immutable and closed to unknown fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

NUMBERS_AS_TEXT = "numbers as text"
"""Validation context of whoever reads what a program wrote: our own JSON carries numbers as text, so what was read can be sent back."""
_WRITTEN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)  # what JSON calls a number, leading zeros aside
LONGEST_NUMBER = 40  # digits; our choice: no score needs more, and a million-digit number is an attack


class Record(BaseModel):
    """Base of every record: immutable, closed to unknown fields, free of NaN and infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True, allow_inf_nan=False)

    def but(self, changes: Mapping[str, Any]) -> Self:
        """Return another record with some fields changed, validated anew; a copy would skip that, and keep what was worked out before."""
        known = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate({**known, **changes})


def added(default: Any) -> Any:
    """Return a field that a later release added: left out of what is written while it says nothing, so that older digests stand."""
    return Field(default=default, exclude_if=lambda value: value == default)


class MisfitError(ValueError):
    """Parts of a record contradict each other. ``misfits`` holds the place within the record, what was found, and what was expected."""

    def __init__(self, misfits: Iterable[tuple[tuple[str | int, ...], str, str]]) -> None:
        self.misfits = tuple(misfits)
        super().__init__("; ".join(f"found {found}, expected {expected}" for _, found, expected in self.misfits))


def _exact(value: Any, info: ValidationInfo) -> Any:
    """Turn what a file or a caller gave into an exact decimal, refusing what only looks like a number."""
    if isinstance(value, bool):
        raise ValueError(f"found {str(value).lower()}, expected a number")
    if isinstance(value, float):  # repr is the shortest text that gives the same float: 0.1 stays 0.1
        value = Decimal(repr(value))
    if isinstance(value, str):
        if info.mode != "json" and info.context != NUMBERS_AS_TEXT:  # canonical bodies hold decimals as text; a hand-written file must not
            raise ValueError(f"found the text {value[:40]!r}, expected a number: digits only, without quotes or a percent sign")
        if len(value) > 10 * LONGEST_NUMBER or not _WRITTEN_NUMBER.fullmatch(value):  # Decimal takes 1_000 and NaN too
            raise ValueError(f"found the text {value[:40]!r}, expected a number in digits, such as 69.70")
    return value


def _number(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Decimal:
    """Return the number given. What a reader made a decimal already goes round pydantic, which would look at it a second time."""
    return _bounded(value if type(value) is Decimal else handler(_exact(value, info)))


def _bounded(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError(f"found {value}, expected a finite number")
    # Its text is asked first: it is at least as long as its digits, and to take those apart takes six times as long.
    too_long = len(str(value)) > LONGEST_NUMBER and len(value.as_tuple().digits) > LONGEST_NUMBER
    if too_long or abs(value.adjusted()) > LONGEST_NUMBER:
        raise ValueError(f"found a number beyond {LONGEST_NUMBER} digits, expected fewer")
    return value


def plain(value: Decimal) -> str:
    """Return the one text of an exact number: plain digits, trailing zeros kept, no exponent (``0.620``, ``-3``)."""
    return format(value, "f")


ExactNumber = Annotated[
    Decimal,
    WrapValidator(_number),
    PlainSerializer(plain, return_type=str, when_used="json"),
    WithJsonSchema({"type": "number"}, mode="validation"),  # in a hand-written file; our own JSON carries it as text
]
"""A number as written: ``69.70`` stays ``69.70``. In JSON it travels as a decimal string."""


def _count(value: Any) -> Any:
    """Refuse a boolean, a text or a fraction where a whole count is meant; pydantic alone would take ``true`` and ``"3_0"``."""
    if type(value) is int:  # asked first: of thousands of counts hardly one is anything else
        return value
    if isinstance(value, bool | str):
        raise ValueError(f"found {str(value).lower()[:40]!r}, expected a whole number without quotes")
    if isinstance(value, Decimal) and value.is_finite():
        if abs(value.adjusted()) > LONGEST_NUMBER:  # before 1e10000000 is written out whole, or 1e-10000000 as a fraction of that
            raise ValueError(f"found a number beyond {LONGEST_NUMBER} digits, expected fewer")
        if value == value.to_integral_value():
            return int(value)
    return value


Count = Annotated[int, BeforeValidator(_count), Field(ge=0, le=2**53 - 1)]  # 2^53 - 1: the largest whole number JSON readers agree on


NO_TEXT = re.compile("[\x00\ud800-\udfff]")  # NUL, which databases refuse, and halves of surrogate pairs, which are no characters


def _clean(value: str) -> str:
    found = NO_TEXT.search(value)
    if found:
        raise ValueError(f"found the character U+{ord(found.group()):04X}, expected text")
    return value


Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=20_000), AfterValidator(_clean)]
Slug = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
"""The name of a record within its parent: lower-case letters, digits, dot, dash, underscore."""

Spelled = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500), AfterValidator(_clean)]
"""A name as another program spells it: ``openai/gpt-5``, ``inspect_evals/gpqa_diamond``. A name is no free text and is never laid aside."""


def _dated(value: Any, pattern: re.Pattern[str], example: str) -> Any:
    """Refuse what pydantic would count as seconds from 1970: a bare number, and digits in quotes."""
    if isinstance(value, bool | int | float | Decimal) or (isinstance(value, str) and not pattern.match(value)):
        raise ValueError(f"found {str(value)[:40]!r}, expected {example}")
    return value


def _as_day(value: Any) -> Any:
    return _dated(value, re.compile(r"\d{4}-\d\d-\d\d$"), "a date such as 2025-02-24")


def _as_instant(value: Any) -> Any:
    return _dated(value, re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d"), "an instant with its zone, such as 2025-02-24T12:00:00Z")


def _within_the_calendar(value: datetime) -> datetime:
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"found {value.isoformat()}, expected an instant within the years 1 to 9999 in UTC") from None
    return value


Day = Annotated[date, BeforeValidator(_as_day)]
"""A calendar day, ``2025-02-24``; names of such fields end in ``_on``."""

Instant = Annotated[AwareDatetime, BeforeValidator(_as_instant), AfterValidator(_within_the_calendar)]
"""A moment with its zone, ``2025-02-24T12:00:00Z``; names of such fields end in ``_at``."""
