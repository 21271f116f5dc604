"""A report as JSON: its blocks in order, each with the word for what it is, words and figures' facts as the printed page has them.

The rules kept here: nothing is composed here, so the JSON says what the PDF says; a block is told by all its fields; fields stand in
alphabetical order, so that equal reports give equal bytes.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict

from evaluations.values import Record
from reports.document import Block, Bullets, Document, FigureBlock, Heading, KeyValues, Note, Paragraph, Table, Withheld

WORDS: dict[type[Any], str] = {
    Table: "table",
    Heading: "heading",
    Paragraph: "paragraph",
    Bullets: "bullets",
    KeyValues: "pairs",
    Note: "note",
    Withheld: "withheld",
    FigureBlock: "figure",
}


class BlockForm(Record):
    """One block: which kind it is, and its fields as ``reports.document`` has them."""

    model_config = ConfigDict(extra="allow")
    block: Literal["table", "heading", "paragraph", "bullets", "pairs", "note", "withheld", "figure"]


class SignatureForm(Record):
    """An empty line for one role to sign on."""

    role: str
    duty: str


class DocumentForm(Record):
    """A whole report. ``as_of`` is the time of the log position it rests on, and the only time in it."""

    kind: str
    title: str
    subtitle: str
    banners: tuple[BlockForm, ...]
    front: BlockForm
    glance: BlockForm
    signatures: tuple[SignatureForm, ...]
    signature_note: str
    running_head: str
    running_foot: str
    as_of: datetime
    blocks: tuple[BlockForm, ...]


def document_json(document: Document) -> str:
    """Return a report as JSON text that ends in a line break."""
    return json.dumps(_plain(document), ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True) + "\n"


def figure_json(facts: object) -> str:
    """Return the facts of a figure as JSON text that ends in a line break."""
    return json.dumps(_plain(facts), ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True) + "\n"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        word = {"block": WORDS[type(value)]} if isinstance(value, Block) else {}
        return word | {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
