"""Rows of the log itself: its entries, its head, what was corrected, and texts that may be erased.

The rules kept here: an entry's ``body`` is stored as it was hashed; ``log_head`` has one row and is the only row ever updated, and
holding it is the lock of every writer; a sealed text is in no body, so that erasing it breaks no proof.

Left out: checkpoints signed for others and their witnesses, which nothing makes yet.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, LargeBinary, MetaData, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evaluations.records import Visibility
from rsp.store import history_tables, pipeline_tables, policy_tables  # noqa: F401  # their rows must be declared before the checks are named below
from rsp.store.canonical import LARGEST_WHOLE
from rsp.store.tables import STRICT, Kept, Logged, Row
from rsp.store.types import WHOLE_NUMBER, Document, Word


class LogEntryRow(Row):
    """One act: who, when, which rows. ``leaf`` is SHA-256(0x00 || body), RFC 6962 section 2.1."""

    __tablename__ = "log_entry"
    __table_args__ = (CheckConstraint("length(leaf) = 32", name="leaf"), STRICT)  # 32 bytes: SHA-256

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    schema: Mapped[int]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)


class LogHeadRow(Row):
    """The one row that says how far the log goes: ``frontier`` holds the roots of its perfect subtrees, largest first."""

    __tablename__ = "log_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    frontier: Mapped[list[Any]] = mapped_column(Document())
    last_recorded_at: Mapped[datetime | None]


class CorrectionRow(Kept):
    """One field of one row that was superseded. ``was`` and ``became`` are the canonical JSON of the values, or null for none."""

    __tablename__ = "correction"
    __table_args__ = (UniqueConstraint("target_id", "field", "entry_seq"), STRICT)

    target_table: Mapped[str]
    target_id: Mapped[str]  # no foreign key: it points into whichever table target_table names
    field: Mapped[str]
    was: Mapped[str | None]
    became: Mapped[str | None]
    reason: Mapped[str]


class SealedTextRow(Logged):
    """A restricted or hazardous text. ``digest`` is SHA-256(salt || text); deleting the row erases the text and its salt for good."""

    __tablename__ = "sealed_text"
    __table_args__ = (CheckConstraint("length(digest) = 64", name="digest"), CheckConstraint("length(salt) = 32", name="salt"), STRICT)

    digest: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[str]
    visibility: Mapped[Visibility]


def _name_the_checks(metadata: MetaData) -> None:
    """Give every word column a CHECK of its words and every whole number one of its range. Called once, when all rows are declared."""
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, Word):
                # No IN: SQLite lays its words out as a table of their own whenever a statement starts, which was half of adding a score.
                _check(table, column.name, " OR ".join(f"{column.name} = '{word.value}'" for word in column.type.words))
            elif column.type is WHOLE_NUMBER and not column.foreign_keys:  # entry_seq is in range because the entry it points to is
                _check(table, column.name, f"{column.name} BETWEEN 0 AND {LARGEST_WHOLE}")


def _check(table: Table, name: str, sql: str) -> None:
    table.append_constraint(CheckConstraint(sql, name=name))


_name_the_checks(Row.metadata)

__all__ = ["CorrectionRow", "LogEntryRow", "LogHeadRow", "Row", "SealedTextRow"]
