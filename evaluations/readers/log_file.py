"""The file a reader is handed, and how much it may cost to read.

The rule kept here: limits hold before anything is unpacked and while it is, so that a small file cannot become a large memory; a
name in an archive is a name and never becomes a path.

Left out: opening files and watching clocks, which belong to the shell. A reader takes what can be read and sought.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass(frozen=True)
class Budget:
    """What one file may cost. Our choices: real logs of 10,000 samples stay well below, archives made to exhaust do not."""

    file_bytes: int = 4 * 2**30
    members: int = 400_000  # a sample each, and the journal
    member_bytes: int = 2 * 2**30  # unpacked; a long agentic transcript
    unpacked_bytes: int = 64 * 2**30  # the whole archive
    ratio: int = 1_000  # unpacked to packed of a member above 1 MiB; transcripts repeat themselves, a bomb does nothing else
    whole_ratio: int = 200  # unpacked to packed of a whole archive beyond 256 MiB; those of Inspect have 4 to 7
    held_bytes: int = 64 * 2**20  # of one value that must be held whole, such as a header
    depth: int = 100  # nesting of JSON
    document_bytes: int = 16 * 2**20  # one JSON document held whole, or one line; results files of a hundred tasks are below 4 MiB
    values: int = 400_000  # in such a document or line: a list of nothing costs 30 times its text
    names_bytes: int = 32 * 2**20  # of the names of items and runs that are kept; a hundred characters each come to half of it
    measures: int = 10_000  # of one file; the largest results hold some hundred tasks of a few metrics
    attempts: int = 150_000  # of one file and those beside it, all measures; each is kept. 14,000 items x 5 epochs x 2 scores are 140,000
    text_characters: int = 20_000  # of one text that is kept


@dataclass
class BracketBudget:
    """How many brackets of one file may still be looked at one by one, which only those do that nest deeper than transcripts."""

    left: int = 8 * 2**20  # our choice: a second's work


@dataclass(frozen=True)
class LogFile:
    """A file and those that lie beside it (samples of lm-evaluation-harness, of Every Eval Ever), by their names without a folder."""

    name: str
    content: BinaryIO
    beside: Mapping[str, BinaryIO] = field(default_factory=dict)
    budget: Budget = Budget()
    brackets: BracketBudget = field(default_factory=BracketBudget, compare=False)

    def sha256(self) -> str:
        """Return the digest of the content in hexadecimal, and leave the content at its start."""
        self.content.seek(0)
        digest = hashlib.file_digest(self.content, "sha256").hexdigest()  # type: ignore[arg-type]  # the stub asks for readinto, which every binary file has
        self.content.seek(0)
        return digest
