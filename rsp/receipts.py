"""What a sender is told of what was sent: the one answer of the record, the same at every door.

The rule kept here: a receipt says what became of it, where it stands, and everything that was worked out and not written by the sender.

Left out: how it is decided (``rsp.ingest``) and kept (``rsp.store.submissions``). A client needs these words and no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from evaluations.evidence import Correction
from evaluations.values import Instant, Record, Text

Status = Literal["stored", "known", "superseded"]


class Sight(StrEnum):
    """What of the record a sender may see."""

    RECORD = "record"
    OWN = "own"  # what the same owner submitted, and nothing else


class Bringing(StrEnum):
    """What a submission may bring."""

    ANYTHING = "anything"
    CORRECTIONS = "corrections"  # of what is recorded, and nothing new


class Derived(Record):
    """One thing that the sender did not write and that was worked out: what, for which record, its value, and from what."""

    record: Text
    field: Text
    value: Text
    basis: Text


class Receipt(Record):
    """What became of what was sent.

    ``identity`` is the digest of the bytes sent, and ``entry_seq`` the position of the entry that recorded them or, for content known
    already, of the newest that had brought any of it. Sending the same again gives the same receipt, as known.
    """

    status: Status
    identity: str
    entry_seq: int
    recorded_at: Instant
    counts: Mapping[str, int]  # rows by table, of that entry
    corrections: tuple[Correction, ...] = ()
    derived: tuple[Derived, ...] = ()
    warnings: tuple[Text, ...] = ()
