"""A blank figure in the house style, and its bytes: everything matplotlib needs to be told so that the same facts give the same file.

The rules kept here: no ``pyplot`` and no global figure; text in an SVG stays text, in the font of the page, and a dollar sign is a
dollar sign; no date, no random name and no program version in a file; colours tell nothing that a shape or a word does not
tell too, and all of them differ in brightness, so that the page survives a grey printer.

Left out: what is drawn (``reports.figures``, ``reports.trend_figure``).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from threading import Lock
from typing import Any, Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from reports.typeface import for_figure, register_fonts

Format = Literal["svg", "png", "pdf"]

INK = "#1b2733"
QUIET = "#5b6773"
HAIR = "#c9d0d6"
RULE_OUT_INK = "#0b5a83"  # Okabe & Ito 2008, blue, darkened to 7:1 on white
RULE_IN_INK = "#8f2d00"  # Okabe & Ito 2008, vermillion, darkened likewise
OUTCOME_INK = {"below": RULE_OUT_INK, "between": "#6b5200", "above": RULE_IN_INK, "unestimable": QUIET}
OUTCOME_MARK = {"below": "v", "between": "D", "above": "^", "unestimable": "o"}  # the shape says it without the colour
ZONE_FILL = {"below": "#edf5f9", "undecided": "#e9e5d5", "reached": "#eccbbc"}  # each darker than the last, in grey too

POINTS_TO_THE_INCH = 72
DOTS_TO_THE_INCH = 200  # our choice: sharp on a doubled screen, small enough to send

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "rsp",  # names of clip paths come from it instead of from chance
    "pdf.fonttype": 42,  # TrueType outlines: text in the file stays text
    "font.family": ["Inter"],
    "text.parse_math": False,
    "hatch.linewidth": 0.6,
    "hatch.color": HAIR,
}
_NOT_OURS = {"backend", "backend_fallback", "interactive", "toolbar"}  # which window to open: no window is opened here
_PAINTING = Lock()  # matplotlib's settings are global: one figure is painted at a time


def blank(width: float, height: float) -> Figure:
    """Return an empty figure, its size in inches."""
    return Figure(figsize=(width, height), dpi=POINTS_TO_THE_INCH)


def write(place: Figure | Axes, x: float, y: float, words: str, **style: Any) -> Text:
    """Write ``words`` as they are: nothing in them is read as a formula."""
    style.setdefault("color", INK)
    return place.text(x, y, for_figure(words), parse_math=False, **style)


def painted(paint: Callable[[], Figure], form: Format) -> bytes:
    """Return the bytes of the figure that ``paint`` makes: the same for the same facts, in every process and time zone.

    A reader's own matplotlib settings are put aside while it is made, for they would change its lines.
    """
    register_fonts()
    plain: dict[Any, Any] = {name: value for name, value in matplotlib.rcParamsDefault.items() if name not in _NOT_OURS}
    with _PAINTING, matplotlib.rc_context({**plain, **_STYLE}):
        figure = paint()
        out = io.BytesIO()
        dots = DOTS_TO_THE_INCH if form == "png" else POINTS_TO_THE_INCH
        figure.savefig(out, format=form, dpi=dots, metadata=_METADATA[form])
    return out.getvalue()


_METADATA: dict[Format, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": "rsp", "Creator": "rsp"},
    "png": {"Software": "rsp"},
}
