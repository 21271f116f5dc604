"""Any text, made printable as itself: what a reader would see is what was written.

The rule kept here: a character that would steer the page or the terminal (a control character, a change of writing direction,
a zero-width joint), or that the medium cannot draw, is shown as its code point, ``[U+202E]``, so that nothing is hidden and
nothing is dropped. Line breaks and tabs become spaces; every other character stays.

Left out: markup. Text never meets a markup parser here, so asterisks and angle brackets need no care.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_STEERING = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}  # Unicode categories: control, format, private, surrogate, unassigned, separators
_SPACES = re.compile(r"[\t\n\r\v\f\u2028\u2029]+")


def literal(text: str, drawable: Callable[[str], bool] = lambda _: True) -> str:
    """Return ``text`` with every character that steers, or that ``drawable`` denies, written as its code point."""
    spaced = _SPACES.sub(" ", text)
    if spaced.isascii() and spaced.isprintable():
        return spaced
    return "".join(each if unicodedata.category(each) not in _STEERING and drawable(each) else f"[U+{ord(each):04X}]" for each in spaced)
