"""Keeps tokens of the API: whose each is, what it may do, until when, and whether it was revoked.

The rules kept here: a token is recorded as its digest and its first characters, never whole; issuing and revoking are entries of the log,
and neither changes a row; a name is given once, also after its token was revoked, so that the log means one token by it; what was valid
can be asked as of an earlier position.

Left out: making and checking tokens (``rsp.tokens``), and what a role may do (``rsp.api.matrix``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, select, true

from rsp.errors import ConflictError, UnknownNameError
from rsp.store.pipeline_tables import ApiTokenRevocationRow, ApiTokenRow
from rsp.store.prepared import Prepared
from rsp.store.reading import resolved
from rsp.store.session import Session, Store
from rsp.store.types import new_id

_TOKEN, _REVOCATION = ApiTokenRow.__table__, ApiTokenRevocationRow.__table__


class TokenState(StrEnum):
    """What a token is good for at an instant."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class KeptToken:
    """A token as it is on record. ``revoked_by`` is the entry that revoked it, ``None`` if none has."""

    slug: str
    owner: str
    role: str
    digest: str
    beginning: str
    expires_at: datetime
    entry_seq: int
    revoked_by: int | None

    def state(self, at: datetime) -> TokenState:
        """Return what the token is good for at an instant. A revoked one stays revoked, also once it would have expired."""
        if self.revoked_by is not None:
            return TokenState.REVOKED
        return TokenState.VALID if at < self.expires_at else TokenState.EXPIRED


def add_token(store: Store, values: Mapping[str, Any], *, actor: str, at: datetime) -> KeptToken:
    """Record a token by its digest. Raises ``ConflictError`` for a name that a token had before."""
    with store.write(actor=actor, at=at) as writing:
        slug = values["slug"]
        taken = _of_slug(writing.session, slug)
        if taken is not None:
            raise ConflictError(f"found a token {slug} recorded by entry {taken.entry_seq}, expected a new name: a name is given once")
        writing.add(ApiTokenRow, {**values, "id": new_id()})
        told = {name: values[name] for name in ("slug", "owner", "role", "beginning")}
        writing.describe("token", {"act": "issued", **told, "expires_at": values["expires_at"].isoformat(timespec="seconds")})
        return KeptToken(**values, entry_seq=writing.seq, revoked_by=None)


def revoke_token(store: Store, slug: str, reason: str, *, actor: str, at: datetime) -> KeptToken:
    """Record that a token is valid no more; the reason given first stays. Raises ``UnknownNameError`` for a name no token has."""
    with store.write(actor=actor, at=at) as writing:
        session = writing.session
        token = _of_slug(session, slug)
        if token is None:
            raise UnknownNameError("token", slug, session.execute(select(_TOKEN.c.slug)).scalars())
        if token.revoked_by is None:
            key = session.execute(select(_TOKEN.c.id).where(_TOKEN.c.slug == slug)).scalar_one()
            writing.add(ApiTokenRevocationRow, {"id": new_id(), "api_token_id": key, "reason": reason})
            writing.describe("token", {"act": "revoked", "slug": slug, "reason": reason})
    return token


def tokens(session: Session, as_of: int | None = None) -> tuple[KeptToken, ...]:
    """Return every token issued by a position with its revocation by then, by name; none of an empty log."""
    at = resolved(session, as_of)
    query = _tokens(_REVOCATION.c.entry_seq <= at).where(_TOKEN.c.entry_seq <= at)
    return tuple(sorted(map(_kept, session.execute(query)), key=lambda each: each.slug))


def token_of_digest(session: Session, digest: str) -> KeptToken | None:
    """Return the token of that digest, or ``None``."""
    found = _OF_DIGEST.rows(session, {"digest": digest})
    return KeptToken(*found[0]) if found else None


def _of_slug(session: Session, slug: str) -> KeptToken | None:
    row = session.execute(_tokens(true()).where(_TOKEN.c.slug == slug)).one_or_none()
    return None if row is None else _kept(row)


def _tokens(counted: ColumnElement[bool]) -> Select[Any]:
    """Select tokens, each with the entry that revoked it if that revocation counts."""
    told = [_TOKEN.c[name] for name in ("slug", "owner", "role", "digest", "beginning", "expires_at", "entry_seq")]
    revoked = _TOKEN.outerjoin(_REVOCATION, and_(_REVOCATION.c.api_token_id == _TOKEN.c.id, counted))
    return select(*told, _REVOCATION.c.entry_seq.label("revoked_by")).select_from(revoked)


def _kept(row: Row[Any]) -> KeptToken:
    return KeptToken(**row._mapping)


_OF_DIGEST = Prepared(_tokens(true()).where(_TOKEN.c.digest == bindparam("digest")))  # every request asks it
