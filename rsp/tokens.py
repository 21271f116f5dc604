"""Use case: give out tokens for the API, take them back, and say whose a token is.

The rules kept here: a token is ``rsp_<role>_<32 random bytes in base 62>_<CRC-32 of all before it>``, so that a scanner finds a leaked one
without asking anybody; it is returned once, when it is made, and kept as its digest; it lives at most 90 days; whether it is valid is
looked up anew each time it is shown, so that revoking it works from the next request on. Why a token was refused is for our own eyes:
who shows one is told the same whatever the reason.

Left out: what a role may do (``rsp.api.matrix``). Left out: limits to some evaluations or to some addresses; a token has its whole role.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from evaluations.documents import shown
from rsp.errors import InputError
from rsp.store.session import Store
from rsp.store.tokens import KeptToken, TokenState, add_token, revoke_token, token_of_digest, tokens

LONGEST_LIFE = timedelta(days=90)  # reliability target, section 2: what leaked unseen ends by itself within a quarter
RANDOM_BYTES = 32  # 256 random bits: nothing to guess, so one SHA-256 is a digest good enough
LONGEST_OWNER = 90  # our choice: owner and token together fit the 200 characters of an actor
BEGINNING = 8  # characters of the random part that are kept so that a person recognises a token: 47 of its 256 bits

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_DIGITS, _CHECK_DIGITS = 43, 6  # 62^43 > 2^256 and 62^6 > 2^32
_SHAPE = re.compile(rf"rsp_[a-z_]{{1,20}}_[0-9A-Za-z]{{{_RANDOM_DIGITS}}}_[0-9A-Za-z]{{{_CHECK_DIGITS}}}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")  # as every record's name


class Role(StrEnum):
    """What a token is for. What each may do stands in ``rsp/api/matrix.yaml``."""

    SUBMITTER = "submitter"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    STRESS_TESTER = "stress_tester"
    RSO = "rso"
    CEO = "ceo"
    VIEWER = "viewer"
    AUDITOR = "auditor"
    ADMIN = "admin"


_ROLES = {role.value for role in Role}


class Refusal(StrEnum):
    """Why what was shown is no valid token."""

    ABSENT = "absent"
    GARBAGE = "garbage"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Caller:
    """Who calls: the owner of a valid token, the role it gives, and the token's name."""

    owner: str
    role: Role
    token: str

    @property
    def actor(self) -> str:
        """The caller as an entry of the log names it."""
        return f"{self.owner} (token {self.token})"


def issue(store: Store, slug: str, owner: str, role: Role, expires_in: timedelta, *, actor: str, at: datetime) -> str:
    """Make a token, record it, and return it: the only time it is told.

    Raises ``InputError`` for a name, an owner or a life that is none, ``ConflictError`` for a name given before.
    """
    if not _SLUG.fullmatch(slug):
        raise InputError(f"found the token name {shown(slug)}, expected lower-case letters, digits, dot, dash or underscore, at most 100")
    if not owner.strip() or not owner.isprintable() or len(owner) > LONGEST_OWNER:
        raise InputError(f"found the owner {shown(owner)}, expected a name of 1 to {LONGEST_OWNER} printable characters")
    if not timedelta(0) < expires_in <= LONGEST_LIFE:
        raise InputError(f"found a life of {_in_days(expires_in)}, expected more than nothing and at most {LONGEST_LIFE.days} days")
    token, beginning = _made(role)
    named = {"slug": slug, "owner": owner, "role": role.value, "digest": _digest(token), "beginning": beginning}
    add_token(store, {**named, "expires_at": at + expires_in}, actor=actor, at=at)
    return token


def revoke(store: Store, slug: str, reason: str, *, actor: str, at: datetime) -> KeptToken:
    """Take a token back and return it as it was; one that was revoked before stays as it is.

    Raises ``InputError`` without a reason, ``UnknownNameError`` for a name no token has.
    """
    if not reason.strip():
        raise InputError("found no reason to revoke, expected words that say why")
    return revoke_token(store, slug, reason, actor=actor, at=at)


def listed(store: Store, as_of: int | None = None) -> tuple[KeptToken, ...]:
    """Return every token that was issued, as of a position."""
    with store.read() as session:
        return tokens(session, as_of)


def has_valid_token(store: Store, at: datetime) -> bool:
    """Say whether anybody could call at all."""
    return any(each.state(at) is TokenState.VALID for each in listed(store))


def verified(store: Store, token: str, at: datetime) -> Caller | Refusal:
    """Return who shows this token, or why it is none."""
    (found,) = verified_each(store, [token], at)
    return found


def verified_each(store: Store, shown: Sequence[str], at: datetime) -> list[Caller | Refusal]:
    """Return who shows each token, looked up at one moment. What has a wrong checksum is refused without asking the database."""
    digests = [_digest(token) if is_well_formed(token) else None for token in shown]
    if not any(digests):
        return [Refusal.GARBAGE if token else Refusal.ABSENT for token in shown]
    with store.read() as session:
        kept = {digest: token_of_digest(session, digest) for digest in set(digests) if digest is not None}
    return [
        (Refusal.GARBAGE if token else Refusal.ABSENT) if digest is None else _caller(kept[digest], digest, at)
        for token, digest in zip(shown, digests, strict=True)
    ]


def _caller(kept: KeptToken | None, digest: str, at: datetime) -> Caller | Refusal:
    if kept is None or not hmac.compare_digest(kept.digest, digest) or kept.role not in _ROLES:
        return Refusal.UNKNOWN
    state = kept.state(at)
    if state is not TokenState.VALID:
        return Refusal(state.value)
    return Caller(owner=kept.owner, role=Role(kept.role), token=kept.slug)


def is_well_formed(token: str) -> bool:
    """Say whether a text is built as our tokens are, checksum included. Asks nobody."""
    if not _SHAPE.fullmatch(token):
        return False
    body, _, check = token.rpartition("_")
    return hmac.compare_digest(check, _checksum(body))


def _made(role: Role) -> tuple[str, str]:
    """Return a new token and the characters by which a person recognises it."""
    chance = _base62(int.from_bytes(secrets.token_bytes(RANDOM_BYTES), "big"), _RANDOM_DIGITS)
    body = f"rsp_{role.value}_{chance}"
    return f"{body}_{_checksum(body)}", f"rsp_{role.value}_{chance[:BEGINNING]}"


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode("ascii")), _CHECK_DIGITS)


def _base62(number: int, width: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return digits.rjust(width, _DIGITS[0])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def _in_days(life: timedelta) -> str:
    return f"{life / timedelta(days=1):g} days"
