"""Keeps what a sender was told of a submission, and finds it again: by the sender's key, by the bytes sent, or by the entry.

The rules kept here: a receipt is stored in the transaction that stores what it speaks of, and stays as long; a key belongs to its owner, so
that two senders may use the same one; of several submissions of the same bytes the first counts.

Left out: what a receipt says (``rsp.ingest``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from rsp.store.log_tables import LogEntryRow
from rsp.store.pipeline_tables import SubmissionRow
from rsp.store.prepared import Prepared
from rsp.store.types import new_id
from rsp.store.writing import Writing

_KEPT = SubmissionRow.__table__


@dataclass(frozen=True)
class Submission:
    """One submission as it was answered."""

    owner: str
    idempotency_key: str | None
    request_sha256: str
    receipt: Mapping[str, Any]
    entry_seq: int


def keep_submission(writing: Writing, owner: str, key: str | None, request_sha256: str, receipt: Mapping[str, Any]) -> None:
    """Add the receipt to what the transaction writes."""
    values = {"owner": owner, "idempotency_key": key, "request_sha256": request_sha256, "receipt": receipt}
    writing.add(SubmissionRow, values | {"id": new_id()})


def keyed_submission(session: Connection, owner: str, key: str | None) -> Submission | None:
    """Return what an owner sent under a key, or ``None``."""
    if key is None:
        return None
    return _first(session, _BY_KEY, {"owner": owner, "key": key})


def submission_of(session: Connection, request_sha256: str) -> Submission | None:
    """Return the first submission of these bytes, or ``None``."""
    return _first(session, _BY_DIGEST, {"digest": request_sha256})


def submission_owned(session: Connection, owner: str, request_sha256: str) -> Submission | None:
    """Return the first submission of these bytes by that owner, or ``None``, also where only others sent them."""
    return _first(session, _BY_OWNER, {"owner": owner, "digest": request_sha256})


def submission_at(session: Connection, entry_seq: int) -> Submission | None:
    """Return the submission that made an entry, or ``None`` for an entry that was made otherwise."""
    return _first(session, _BY_ENTRY, {"entry_seq": entry_seq})


def entry_counts(session: Connection, entry_seq: int) -> tuple[datetime, dict[str, int]]:
    """Return when an entry was recorded and how many rows of each table it brought."""
    entry = LogEntryRow.__table__
    row = session.execute(select(entry.c.recorded_at, entry.c.body).where(entry.c.seq == entry_seq)).one()
    tables = json.loads(bytes(row.body))["rows"]
    return row.recorded_at, {table: len(held["rows"]) for table, held in sorted(tables.items())}


_FIRST = (
    select(_KEPT.c.owner, _KEPT.c.idempotency_key, _KEPT.c.request_sha256, _KEPT.c.receipt, _KEPT.c.entry_seq)
    .order_by(_KEPT.c.entry_seq)
    .limit(1)
)
_OF_OWNER = _FIRST.where(_KEPT.c.owner == bindparam("owner"))
_BY_KEY = Prepared(_OF_OWNER.where(_KEPT.c.idempotency_key == bindparam("key")))
_BY_DIGEST = Prepared(_FIRST.where(_KEPT.c.request_sha256 == bindparam("digest")))
_BY_OWNER = Prepared(_OF_OWNER.where(_KEPT.c.request_sha256 == bindparam("digest")))
_BY_ENTRY = Prepared(_FIRST.where(_KEPT.c.entry_seq == bindparam("entry_seq")))


def _first(session: Connection, query: Prepared, values: Mapping[str, object]) -> Submission | None:
    found = query.rows(session, values)
    return Submission(*found[0]) if found else None
