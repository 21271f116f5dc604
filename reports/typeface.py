"""The fonts of pages and figures, and what they can draw.

The rules kept here: one family (Inter) in text and figures, from files that travel with the package, so that a report looks the
same and measures the same everywhere; DejaVu Sans, which travels with matplotlib, draws what Inter lacks (Hebrew, Arabic,
symbols); a character neither has is shown as its code point. System fonts are never asked.

Left out: Chinese, Japanese and Korean fonts. Ten megabytes each, so such characters are shown as code points.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

import matplotlib
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font, LoadFlags

from reports.literal import literal

FONT_FOLDER = Path(__file__).parent / "fonts"
FALLBACK_FOLDER = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FAMILIES = ("Inter", "DejaVu Sans")  # in the order they are asked for a character

_MEASURING = Lock()  # a font holds the glyph it loaded last

_REGULAR, _STRONG = "Inter-Regular.otf", "Inter-SemiBold.otf"  # reports use no italics


@cache
def register_fonts() -> None:
    """Make the family known to matplotlib, once in a process. Its font list is global; adding to it changes nobody else's choice."""
    for name in (_REGULAR, _STRONG):
        fontManager.addfont(str(FONT_FOLDER / name))


@cache
def _font(strong: bool) -> FT2Font:
    return FT2Font(str(FONT_FOLDER / (_STRONG if strong else _REGULAR)))


@cache
def _fallback(strong: bool) -> FT2Font:
    return FT2Font(str(FALLBACK_FOLDER / ("DejaVuSans-Bold.ttf" if strong else "DejaVuSans.ttf")))


@cache
def _own() -> frozenset[int]:
    """Return the code points that Inter draws in every weight the reports use."""
    charmaps = [set(FT2Font(str(FONT_FOLDER / name)).get_charmap()) for name in (_REGULAR, _STRONG)]
    return frozenset(set.intersection(*charmaps))


@cache
def _borrowed() -> frozenset[int]:
    """Return the code points that DejaVu Sans draws in both weights a page may ask of it."""
    charmaps = [set(FT2Font(str(FALLBACK_FOLDER / name)).get_charmap()) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
    return frozenset(set.intersection(*charmaps))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")  # Mn, Mc, Me: accents, vowel signs, variation selectors


def _is_drawn(character: str) -> bool:
    if _is_mark(character):
        return False  # a mark drawn on a letter of the other font leaves a hole; as a code point it cannot hide anything either
    return ord(character) in _own() or ord(character) in _borrowed()


def for_page(text: str) -> str:
    """Return ``text`` as the fonts of the reports can draw it; a character they lack becomes its code point.

    Letters that exist with their accent as one character are put together first, as canonical equivalence allows.
    """
    return literal(unicodedata.normalize("NFC", text), _is_drawn)


def for_figure(text: str) -> str:
    """Return ``text`` for a figure, where only Inter draws: a figure is measured before it is placed."""
    return literal(unicodedata.normalize("NFC", text), lambda each: ord(each) in _own() and not _is_mark(each))


@lru_cache(maxsize=4096)
def _advance(character: str, strong: bool) -> float:
    """Return how far a character moves the pen, in parts of the font's size; what no font has counts nothing."""
    code = ord(character)
    if code not in _own() and code not in _borrowed():
        return 0.0
    with _MEASURING:
        font = _font(strong) if code in _own() else _fallback(strong)
        return float(font.load_char(code, flags=LoadFlags.NO_SCALE).horiAdvance) / float(font.units_per_EM)


def width(text: str, points: float, strong: bool = False) -> float:
    """Return how wide ``text`` is at that size, in points, letter by letter: kerning only ever narrows it a little."""
    return points * sum(_advance(each, strong) for each in text)


def wrapped(text: str, points: float, room: float, strong: bool = False) -> tuple[str, ...]:
    """Return ``text`` in lines no wider than ``room`` points; a word longer than a line is broken, never cut."""
    lines: list[str] = []
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width(joined, points, strong) <= room:
            lines[-1] = joined
            continue
        lines.extend(pieces(word, points, room, strong))
    return tuple(lines) or ("",)


def pieces(word: str, points: float, room: float, strong: bool = False) -> tuple[str, ...]:
    """Return ``word`` in pieces no wider than ``room`` points; whole if it fits."""
    return (word,) if width(word, points, strong) <= room else _broken(word, points, room, strong)


def _broken(word: str, points: float, room: float, strong: bool) -> tuple[str, ...]:
    found, wide = [""], 0.0
    for character in word:
        step = points * _advance(character, strong)
        if found[-1] and wide + step > room:
            found.append("")
            wide = 0.0
        found[-1] += character
        wide += step
    return tuple(found)


def shortened(text: str, points: float, room: float) -> str:
    """Return ``text`` if it fits, else its beginning with an ellipsis: only for what stands in full elsewhere."""
    first = pieces(text, points, room)[0]
    return text if first == text else f"{pieces(text, points, room - points)[0]}…"
