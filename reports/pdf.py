"""A ``Document`` as PDF: the only file that knows the PDF engine (typst, from its wheel).

The rules kept here: the page style is a fixed file and every word of a report reaches it as JSON, never as markup, so that hostile
text prints as itself; the date of the file is the time of the log position, never now; fonts come with the package; no network,
no system font, no file is read but the style. The same document gives the same bytes within one typst version.

The file claims PDF/UA-1 and PDF/A-2a (tagged, with an outline, words for every figure); no outside validator has confirmed the claim.
Left out: signing, which is done to finished bytes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import typst

from reports import figures, numbers, trend_figure
from reports.document import (
    Block,
    Bullets,
    Cell,
    Document,
    FigureBlock,
    Heading,
    KeyValues,
    Note,
    Paragraph,
    Table,
    Withheld,
)
from reports.figure_facts import FigureFacts, ForestFacts
from reports.typeface import FALLBACK_FOLDER, FAMILIES, FONT_FOLDER, for_page, pieces, shortened

STYLE_FOLDER = Path(__file__).parent / "style"
STANDARDS: list[typst.PDFStandard] = ["ua-1", "a-2a"]
TEXT_WIDTH = 478.0  # points: 210 mm less two margins of 20 mm, and a little air
TITLE_SIZE, LARGEST_BODY, CELL_SIZE = 25.0, 11.6, 8.0  # points: as in the style, or a little more
CELL_PADDING = 12.0  # points: both insets of a cell, and a little air
HEAD_WIDTH = 340.0  # points: what the page number and the time leave of a running line
LONGEST_KEPT = 700  # characters of a cell that is kept on one page; a longer one may break
SHORT_CELL = 40  # characters: a shorter text is a name or a number and is not hyphenated (our choice, by looking)
BREAK = "\u200b"  # a place where a line may break, drawn as nothing


def render(document: Document) -> bytes:
    """Return ``document`` as PDF bytes."""
    return typst.compile(
        STYLE_FOLDER / "report.typ",
        root=STYLE_FOLDER,
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"document": json.dumps(_document(document), ensure_ascii=False, allow_nan=False)},
        pdf_standards=STANDARDS,
        timestamp=_moment(document.as_of),
    )


@cache
def _fonts() -> typst.Fonts:
    """Return the fonts of every report; those of the system and of the engine are left out."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONT_FOLDER, FALLBACK_FOLDER])


def _moment(as_of: datetime) -> datetime:
    aware = as_of.replace(tzinfo=UTC) if as_of.tzinfo is None else as_of.astimezone(UTC)
    return aware.replace(microsecond=0)


def _words(text: str, room: float = TEXT_WIDTH, points: float = LARGEST_BODY, strong: bool = False) -> str:
    """Return ``text`` as it is printed: every character visible, and a word wider than ``room`` breakable instead of running out."""
    return " ".join(BREAK.join(pieces(word, points, room, strong)) for word in for_page(text).split(" "))


def _document(document: Document) -> dict[str, Any]:
    return {
        "families": list(FAMILIES),
        "kind": _words(document.kind),
        "title": _words(document.title, TEXT_WIDTH, TITLE_SIZE, True),
        "plain_title": for_page(f"{document.title}: {document.kind.lower()}"),
        "subtitle": _words(document.subtitle),
        "banners": [_block(each) for each in document.banners],
        "front": _block(document.front),
        "glance": _block(document.glance),
        "signatures": [{"role": _words(each.role), "duty": _words(each.duty)} for each in document.signatures],
        "signature_note": _words(document.signature_note),
        "head": _running(document.running_head),
        "foot": _running(document.running_foot),
        "as_of": numbers.instant(document.as_of),
        "blocks": [_block(each) for each in document.blocks],
    }


def _running(text: str) -> str:
    return shortened(for_page(text), CELL_SIZE, HEAD_WIDTH)


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"type": "heading", "depth": block.depth, "text": _words(block.text), "outcome": block.outcome}
        case Paragraph():
            return {"type": "paragraph", "tone": block.tone.value, "label": _words(block.label), "text": _words(block.text)}
        case Bullets():
            return {"type": "bullets", "entries": [{"label": _words(each.label), "text": _words(each.text)} for each in block.entries]}
        case KeyValues():
            return {"type": "pairs", "pairs": [[_words(name), _words(value)] for name, value in block.pairs]}
        case Note():
            return {"type": "note", "kind": block.kind.value, "title": _words(block.title), "text": _words(block.text)}
        case Withheld():
            return {"type": "withheld", "what": _words(block.what), "visibility": _words(block.visibility)}
        case Table():
            return _table(block)
        case FigureBlock():
            return _figure(block)


def _table(table: Table) -> dict[str, Any]:
    shares = sum(each.share for each in table.columns)
    rooms = [TEXT_WIDTH * each.share / shares - CELL_PADDING for each in table.columns]
    return {
        "type": "table",
        "caption": _words(table.caption),
        "columns": [{"title": each.title, "share": each.share, "align": each.align.value} for each in table.columns],
        "rows": [[_cell(cell, room) for cell, room in zip(row, rooms, strict=True)] for row in table.rows],
    }


def _cell(cell: Cell, room: float) -> dict[str, Any]:
    return {
        "text": _words(cell.text, room, CELL_SIZE, cell.strong),
        "detail": _words(cell.detail, room, CELL_SIZE),
        "strong": cell.strong,
        "outcome": cell.outcome,
        "long": len(cell.text + cell.detail) > LONGEST_KEPT,
        "hyphenate": len(cell.text) > SHORT_CELL,
    }


def _figure(block: FigureBlock) -> dict[str, Any]:
    return {"type": "figure", "svg": svg(block.facts), "alt": for_page(block.alt), "caption": _words(block.caption)}


@lru_cache(maxsize=64)  # a figure is most of the time of a report, and facts never change
def svg(facts: FigureFacts) -> str:
    """Return a figure as SVG text, for a page."""
    painted = figures.render(facts, "svg") if isinstance(facts, ForestFacts) else trend_figure.render(facts, "svg")
    return painted.decode("utf-8")
