"""Text for a terminal: folded to its width, free of what would steer it, and the same without colour.

The rules kept here: a character that would steer the terminal is shown as its code point; nothing is cut, long words are folded onto the
next line; a number stays with its unit; the reader's environment changes nothing.

Left out: what is said (``reports.text``, ``reports.side_by_side``, ``reports.policy_changes``).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports import numbers, vocabulary
from reports.literal import literal
from thresholds.outcomes import VerdictOutcome

COLUMNS = 80  # our choice: the width every terminal has
STYLES = {
    VerdictOutcome.RULED_OUT: "blue",
    VerdictOutcome.INSUFFICIENT_EVIDENCE: "bright_black",
    VerdictOutcome.NOT_RULED_OUT: "yellow",
    VerdictOutcome.CROSSED: "red",
}
GLYPHS = {  # a shape beside the word, as in the printed report
    VerdictOutcome.RULED_OUT: "▼",
    VerdictOutcome.INSUFFICIENT_EVIDENCE: "○",
    VerdictOutcome.NOT_RULED_OUT: "◆",
    VerdictOutcome.CROSSED: "▲",
}
_GLUE = "\ue000"  # a private-use character: the wrapping breaks at every space, a no-break space too, and not at this
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)


def rendered(parts: Iterable[RenderableType], *, columns: int = COLUMNS, colour: bool = False) -> str:
    """Return ``parts`` as text for a terminal ``columns`` wide; without ``colour`` it holds no control character."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=columns,
        color_system="standard" if colour else None,
        force_terminal=colour,
        no_color=not colour,
        legacy_windows=False,
        _environ={},  # the reader's environment must not change what is printed
    )
    for part in parts:
        console.print(part, highlight=False)
    text = out.getvalue().replace(_GLUE, " ")  # its work, keeping a number with its unit, is done
    return text if colour else _TRAILING.sub("", text)


def plain(words: str, style: str = "") -> Text:
    """Return words as they are: no markup, nothing that steers."""
    return Text(literal(words).replace(numbers.NBSP, _GLUE), style=style, overflow="fold")


def table() -> Table:
    """Return an empty table with a line under its heads."""
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1), header_style="")


def outcome(found: VerdictOutcome) -> Text:
    """Return an outcome with its shape: ``◆ not ruled out``."""
    return Text(f"{GLYPHS[found]} {vocabulary.VERDICT_WORDS[found]}", style=STYLES[found])


def glyph(found: VerdictOutcome) -> Text:
    """Return the shape of an outcome."""
    return Text(GLYPHS[found], style=STYLES[found])


def hanging(mark: Text, words: str, depth: int) -> Padding:
    """Return ``words`` with their second line under their first, and ``mark`` before it."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=max(1, mark.cell_len))
    grid.add_column(overflow="fold")
    grid.add_row(mark, plain(words))
    return Padding(grid, (0, 0, 0, depth))


def indented(words: str, depth: int) -> Padding:
    """Return words moved to the right."""
    return Padding(plain(words), (0, 0, 0, depth))
