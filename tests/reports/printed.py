"""Reading a report back: the text of its pages, as a PDF reader extracts it."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader

from reports import capability, pdf
from reports.document import Block, Bullets, Cell, Document, FigureBlock, Heading, KeyValues, Note, Paragraph, Table, Withheld
from tests.reports import assessments as made
from tests.reports import records

BREAK = "\u200b"


def document(**changed: Any) -> Document:
    """Return the composed report of the hand-made assessment; ``changed`` names ``assessment``, ``policy`` or ``evidence``."""
    return capability.compose(
        changed.get("assessment") or made.assessment(),
        changed.get("policy") or records.policy(),
        records.criteria(),
        changed.get("evidence") or records.evidence(),
    )


def printed(**changed: Any) -> bytes:
    """Return the report as PDF bytes."""
    return pdf.render(document(**changed))


def pages(content: bytes) -> list[str]:
    """Return the text of every page, without the places where a word may break."""
    return [page.extract_text().replace(BREAK, "") for page in PdfReader(io.BytesIO(content)).pages]


def solid(text: str) -> str:
    """Return ``text`` without white space: lines break where the page wants."""
    return "".join(text.split()).replace("\u00ad", "").replace(BREAK, "")


def words_of(block: Block) -> list[str]:
    """Return every text of a block, in reading order."""
    match block:
        case Heading() | Paragraph():
            return [getattr(block, "label", ""), block.text]
        case Bullets():
            return [text for each in block.entries for text in (each.label, each.text)]
        case KeyValues():
            return [text for pair in block.pairs for text in pair]
        case Note():
            return [block.title, block.text]
        case Withheld():
            return [block.what, block.visibility]
        case Table():
            cells = [text for row in block.rows for cell in row for text in _cell(cell)]
            return [block.caption, *(column.title for column in block.columns), *cells]
        case FigureBlock():
            return [block.alt, block.caption]


def _cell(cell: Cell) -> list[str]:
    return [cell.text, cell.detail]


def every_word(report: Document) -> list[str]:
    """Return every text of a document."""
    front = [report.title, report.subtitle, *words_of(report.front), *words_of(report.glance), report.running_head, report.running_foot]
    return [*front, *(text for block in (*report.banners, *report.blocks) for text in words_of(block))]
