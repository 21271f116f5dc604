"""Canonical JSON (RFC 8785) of the few kinds of value that bodies hold, and its digests.

The rules kept here: one value has one text; keys are ASCII and sorted; a number is a whole number within +-(2^53 - 1); everything
exact travels as text. A float, a decimal or a date is refused and never converted, because RFC 8785 would lose ``0.620`` to ``0.62``.

Left out: Unicode normalisation, on purpose: text is kept exactly as sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from itertools import chain
from typing import Any

LARGEST_WHOLE = 2**53 - 1  # RFC 8785 section 3.2.2.3: beyond it readers disagree on a number
_PLAIN: frozenset[type] = frozenset({str, bool, type(None)})
_SCALARS: frozenset[type] = _PLAIN | {int}
_LISTS: frozenset[type] = frozenset({list, tuple})  # both are written as a JSON array


def canonical_text(value: object) -> str:
    """Return the one JSON text of ``value``. Raises ``TypeError`` or ``ValueError`` for what bodies must not hold."""
    _refuse_what_has_no_text(value)
    return _ENCODER.encode(value)


def canonical_bytes(value: object) -> bytes:
    """Return the UTF-8 bytes of the one JSON text. Half a surrogate pair raises ``UnicodeEncodeError``, a ``ValueError``."""
    return canonical_text(value).encode("utf-8")


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 of the bytes in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


# The escapes of json are those of RFC 8785 section 3.2.2.2: short forms for \b \t \n \f \r, lower-case \u00xx for other controls.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False)


def _refuse_what_has_no_text(value: object) -> None:
    kind = type(value)  # exact types: a subclass of str or int may print as something else
    if kind in _PLAIN:
        return
    if kind is int:
        _refuse_large([value])
    elif kind in _LISTS:
        _refuse_in_list(value)  # type: ignore[arg-type]  # mypy does not narrow by a set of types
    elif kind is dict:
        for name, held in value.items():  # type: ignore[attr-defined]  # nor by `kind is dict`
            if type(name) is not str or not name.isascii():
                raise TypeError(f"found the key {name!r}, expected ASCII text")
            _refuse_what_has_no_text(held)
    else:
        raise TypeError(f"found {value!r} of type {kind.__name__}, expected text, a whole number, true, false, null, a list or an object")


def _refuse_in_list(held: Sequence[Any]) -> None:
    kinds = set(map(type, held))
    if kinds and kinds <= _LISTS:  # rows of plain values are the long case: their types are looked at in C, by column, as few hold numbers
        if len(held) > len(held[0]) and len(set(map(len, held))) == 1:
            for column in zip(*held, strict=True):
                _refuse_in_list(column)
            return
        held = list(chain.from_iterable(held))
        kinds = set(map(type, held))
    if kinds <= _SCALARS:
        if int in kinds:
            _refuse_large([each for each in held if type(each) is int])
        return
    for each in held:
        _refuse_what_has_no_text(each)


def _refuse_large(numbers: Sequence[Any]) -> None:
    for number in (min(numbers), max(numbers)):
        if not -LARGEST_WHOLE <= number <= LARGEST_WHOLE:
            raise ValueError(f"found the whole number {number}, expected one within 2^53 - 1; larger ones travel as text")
