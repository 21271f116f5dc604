"""Waist two: a report as frozen blocks, before anybody decides how it looks. All composing ends here, all rendering starts here.

The rules kept here: a block holds words, never markup, so that hostile text has nothing to escape from; numbers are already text
(``reports.numbers``); a figure is its facts plus the words that replace it for a reader who cannot see it; what is
withheld is a block of its own, because its existence is disclosed.

Left out: fonts, colours, page breaks inside tables. Those belong to the renderers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reports.figure_facts import FigureFacts


class Align(StrEnum):
    """How the cells of a column stand."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its heading; ``share`` is its part of the width, relative to the other columns."""

    title: str
    share: float = 1.0
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, smaller words below it, and the outcome word it shows, if any (drawn with its shape)."""

    text: str
    detail: str = ""
    strong: bool = False
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings. Every row has one cell a column."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"found {len(row)} cells under {len(self.columns)} headings, expected as many")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``depth`` 1 is a chapter. ``outcome`` shows a verdict beside it."""

    depth: int
    text: str
    outcome: str | None = None


class Tone(StrEnum):
    """How a paragraph is read: as the point, as text, or as small print."""

    LEAD = "lead"
    PLAIN = "plain"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; ``label`` runs in before it in bold."""

    text: str
    tone: Tone = Tone.PLAIN
    label: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list; ``label`` runs in before it in bold."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short texts."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class KeyValues:
    """Names with their values, such as the front matter."""

    pairs: tuple[tuple[str, str], ...]


class NoteKind(StrEnum):
    """What a boxed note is about."""

    CAUTION = "caution"
    FICTIONAL = "fictional"
    SYNTHETIC = "synthetic"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class Note:
    """A boxed remark that no reader may miss."""

    kind: NoteKind
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something that exists and is not shown: what it is, and its visibility class."""

    what: str
    visibility: str


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """A figure: its facts, the words that stand in for it, and its caption."""

    facts: FigureFacts
    alt: str
    caption: str


Block = Table | Heading | Paragraph | Bullets | KeyValues | Note | Withheld | FigureBlock


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """An empty line for one role to sign on."""

    role: str
    duty: str


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report. ``as_of`` is the time of the log position it rests on, and the only time in it."""

    kind: str
    title: str
    subtitle: str
    banners: tuple[Note, ...]
    front: KeyValues
    glance: Table
    signatures: tuple[SignatureLine, ...]
    signature_note: str
    running_head: str
    running_foot: str
    as_of: datetime
    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        depth = 0
        for block in self.blocks:
            if isinstance(block, Heading):
                if block.depth > depth + 1:  # PDF/UA-1: a reader who jumps by headings must not miss one
                    raise ValueError(f"found heading {block.text!r} of depth {block.depth} under depth {depth}, expected no step skipped")
                depth = block.depth
