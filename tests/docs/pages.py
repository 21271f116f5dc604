"""The pages of the documentation, cut into what tests look at: fenced blocks, tables of fields, and command lines."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIRST_STEPS = ROOT / "examples" / "first-steps"
EVIDENCE, POLICY = ROOT / "docs" / "evidence-format.md", ROOT / "docs" / "policy-format.md"
PAGES = tuple(path for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), FIRST_STEPS / "README.md") if path.is_file())

FENCE = re.compile(r"^```(\w*)[ ]?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^(?:    |        )(rsp .+)$", re.MULTILINE)
QUOTED = re.compile(r"`(rsp [^`]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what stands behind the language, and its text."""

    language: str
    kind: str
    text: str


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[Block]:
    return [Block(*found) for found in FENCE.findall(text_of(page)) if found[0] == language]


def documented(page: Path) -> dict[str, dict[str, str]]:
    """Return, for each record a page describes, its fields with what the column *required* says."""
    records: dict[str, dict[str, str]] = {}
    for name, table in re.findall(r"<!-- record: (\w+) -->\n((?:\|[^\n]*\n)+)", text_of(page)):
        assert name not in records, f"{name} is described twice"
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
        records[name] = {row[0].strip("`"): row[1] for row in rows}
    return records


@dataclass(frozen=True)
class Told:
    """One command of a transcript and what it is said to print."""

    command: str
    printed: str


def transcript(block: Block) -> list[Told]:
    """Return the commands of a console block, each with the lines below it."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    return [Told(*part.partition("\n")[::2]) for part in parts]


def arguments(command: str) -> list[str]:
    """Return the arguments of a command line, without ``rsp``."""
    words = shlex.split(command, comments=True)
    assert words[0] == "rsp", command
    return words[1:]


def whole_commands(page: Path) -> list[str]:
    """Return the command lines a reader is meant to type: of transcripts, and indented."""
    prompted = [told.command for block in blocks(page, "console") for told in transcript(block)]
    return [*prompted, *INDENTED.findall(FENCE.sub("", text_of(page)))]


def mentioned_commands(page: Path) -> list[str]:
    """Return the commands that sentences mention; their arguments may be left out."""
    return QUOTED.findall(FENCE.sub("", text_of(page)))
