"""Rows of what pipelines bring: registrations, aliases, receipts of submissions, and the tokens they come with.

The rules kept here are those of ``rsp.store.tables``: a token or a receipt is never changed, so revoking a token is a row of its own, and
the receipt of a submission is kept for as long as what was submitted. A token stands here as its digest and its first characters only.

Left out: when a token was last used. It would be the one row that a reader changes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evaluations.records import MeasureUnit, Thinking
from rsp.store.tables import STRICT, Kept, SourcedRow
from rsp.store.types import Document, Word


class RunRegistrationRow(SourcedRow):
    """A ``RunRegistration``."""

    __tablename__ = "run_registration"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    snapshot_id: Mapped[str] = mapped_column(ForeignKey("snapshot.id"))
    evaluation_version_id: Mapped[str] = mapped_column(ForeignKey("evaluation_version.id"))
    thinking: Mapped[Thinking]
    scaffold: Mapped[str | None]
    token_budget: Mapped[int | None]
    tools: Mapped[str | None]
    planned_items: Mapped[int | None]


class ModelAliasRow(SourcedRow):
    """A ``ModelAlias``."""

    __tablename__ = "model_alias"
    __table_args__ = (UniqueConstraint("slug"), STRICT)

    slug: Mapped[str]
    spelled: Mapped[str]
    snapshot_hint: Mapped[str | None]
    snapshot_id: Mapped[str] = mapped_column(ForeignKey("snapshot.id"))


class TaskAliasRow(SourcedRow):
    """A ``TaskAlias``."""

    __tablename__ = "task_alias"
    __table_args__ = (UniqueConstraint("slug"), STRICT)

    slug: Mapped[str]
    task: Mapped[str]
    task_version: Mapped[str | None]
    measure: Mapped[str | None]
    unit: Mapped[MeasureUnit] = mapped_column(Word(MeasureUnit))
    evaluation_version_id: Mapped[str] = mapped_column(ForeignKey("evaluation_version.id"))


class SubmissionRow(Kept):
    """What one sender was told of one submission, word for word. ``request_sha256`` is the digest of the bytes that were sent."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("owner", "idempotency_key"),
        CheckConstraint("length(request_sha256) = 64", name="request_sha256"),
        STRICT,
    )

    owner: Mapped[str]
    idempotency_key: Mapped[str | None]
    request_sha256: Mapped[str] = mapped_column(index=True)  # not unique: the same bytes may come under several keys
    receipt: Mapped[dict[str, Any]] = mapped_column(Document())


class ApiTokenRow(Kept):
    """A token for the API: whose it is, what it may do, until when. The token itself is shown once and kept nowhere."""

    __tablename__ = "api_token"
    __table_args__ = (
        UniqueConstraint("digest"),
        UniqueConstraint("slug"),
        CheckConstraint("length(digest) = 64", name="digest"),
        STRICT,
    )

    slug: Mapped[str]
    owner: Mapped[str]
    role: Mapped[str]  # a word of the matrix of roles, which is data and may grow
    digest: Mapped[str]  # SHA-256 of the token in hexadecimal: 256 random bits need no slow hash
    beginning: Mapped[str]  # the first characters, by which a person recognises it
    expires_at: Mapped[datetime]


class ApiTokenRevocationRow(Kept):
    """That a token is valid no more, from this entry on."""

    __tablename__ = "api_token_revocation"
    __table_args__ = (UniqueConstraint("api_token_id"), STRICT)

    api_token_id: Mapped[str] = mapped_column(ForeignKey("api_token.id"))
    reason: Mapped[str]
