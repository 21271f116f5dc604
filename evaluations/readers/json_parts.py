"""What is wanted of a JSON document, and how the text of a part becomes values.

The rules kept here: a number is exact and of a length that a record can hold, else it is NaN; NaN and infinities, which genuine logs hold
and JSON does not know, come back as decimals that are not finite; a key that stands twice in one object is refused.

Left out: finding the parts in a document (``json_members``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from evaluations.values import LONGEST_NUMBER

NOT_A_NUMBER = Decimal("NaN")


class Part:
    """What is wanted of a value."""


@dataclass(frozen=True)
class Whole(Part):
    """The value with everything in it."""


@dataclass(frozen=True)
class Fields(Part):
    """An object with the named fields; the name ``*`` stands for every other. Any other kind of value comes as ``MISFIT``, null as None."""

    named: Mapping[str, Part]


@dataclass(frozen=True)
class Each(Part):
    """An array with this of each element. Any other kind of value comes as ``MISFIT``, null as None."""

    element: Part


WHOLE = Whole()
PRESENT = Fields({})
"""Whether something is there at all: an object comes as an empty one."""
MISFIT = object()
"""Stands for a value that is of another kind than was wanted."""


def _number(text: str) -> Decimal:
    return Decimal(text) if len(text) <= LONGEST_NUMBER + 10 else NOT_A_NUMBER  # 10 more: sign, point and exponent


def _whole_number(text: str) -> int | Decimal:
    return int(text) if len(text) <= LONGEST_NUMBER else NOT_A_NUMBER


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) < len(pairs):
        names = [name for name, _ in pairs]
        raise TwiceError(next(name for name in names if names.count(name) > 1))
    return built


class TwiceError(ValueError):
    """A key stands twice in one object."""


DECODER = json.JSONDecoder(parse_float=_number, parse_int=_whole_number, parse_constant=Decimal, object_pairs_hook=_unique)
