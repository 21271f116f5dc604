"""Tokens: made so that a scanner finds a leak, kept so that nobody can use what is kept, and refused from the moment they are revoked."""

from __future__ import annotations

import hashlib
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsp.errors import ConflictError, InputError, UnknownNameError
from rsp.store.session import Store
from rsp.store.tokens import TokenState
from rsp.tokens import Caller, Refusal, Role, has_valid_token, is_well_formed, issue, listed, revoke, verified
from tests.rsp.store.dba import Dba

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LIFE = timedelta(days=90)
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

WELL_FORMED = "rsp_viewer_" + "0" * 43


def issued(store: Store, slug: str = "ci", role: Role = Role.SUBMITTER, *, owner: str = "pipeline", at: datetime = AT) -> str:
    return issue(store, slug, owner, role, LIFE, actor="ada", at=at)


def checked(body: str) -> str:
    """Return a body with its checksum, by another way to base 62 than the code's own."""
    number = zlib.crc32(body.encode())
    return body + "_" + "".join(DIGITS[number // 62**place % 62] for place in range(5, -1, -1))


def test_a_token_tells_its_role_and_its_checksum(store: Store) -> None:
    """``rsp_<role>_<43 digits>_<6 digits>``: the checksum is the CRC-32 of all before it, so a scanner needs nobody to ask."""
    for number, role in enumerate(Role):
        token = issued(store, f"t{number}", role)
        body, _, _ = token.rpartition("_")
        assert body.startswith(f"rsp_{role.value}_")
        assert len(body.rpartition("_")[2]) == 43
        assert token == checked(body)
        assert is_well_formed(token)


@given(st.integers(0, 60), st.sampled_from(DIGITS))
def test_one_changed_character_is_no_token(place: int, digit: str) -> None:
    """A CRC-32 notices every change of up to 32 bits in a row."""
    token = checked(WELL_FORMED)
    changed = token[:place] + digit + token[place + 1 :]
    assert is_well_formed(changed) == (changed == token)


@pytest.mark.parametrize(
    "garbage", ["", " ", "rsp_", "rsp_viewer_x_y", "ä" * 60, checked(WELL_FORMED) + "\n", checked(WELL_FORMED)[:-1], "\x00"]
)
def test_what_is_no_token_is_refused_without_the_database(garbage: str) -> None:
    """A store that cannot be asked shows that nobody asked it."""
    store = Store.__new__(Store)
    assert verified(store, garbage, AT) is (Refusal.GARBAGE if garbage else Refusal.ABSENT)


def test_the_database_never_holds_the_token(store: Store, database: str) -> None:
    """Neither table nor log has it; they have its digest and its first eight digits."""
    token = issued(store)
    secret = token.split("_")[2]
    with Dba(database, guarded="yes") as dba:
        held = str([dba.run(f'SELECT * FROM "{table}"') for table in ("api_token", "log_entry")])
    assert secret not in held
    assert secret[8:] not in held
    assert hashlib.sha256(token.encode()).hexdigest() in held
    (kept,) = listed(store)
    assert kept.beginning == f"rsp_submitter_{secret[:8]}"


def test_a_valid_token_says_who_calls(store: Store) -> None:
    """Owner, role and the token's name, all of which the log then names."""
    token = issued(store, owner="the pipeline team")
    caller = verified(store, token, AT + LIFE - timedelta(microseconds=1))
    assert caller == Caller("the pipeline team", Role.SUBMITTER, "ci")
    assert caller.actor == "the pipeline team (token ci)"


def test_two_tokens_are_never_alike(store: Store) -> None:
    """Chance makes them, not name or time."""
    made = {issued(store, f"t{number}") for number in range(20)}
    assert len({token.split("_")[2] for token in made}) == 20


def test_a_token_ends_with_its_life(store: Store) -> None:
    """The instant it expires at is the first at which it is refused."""
    token = issued(store)
    assert verified(store, token, AT + LIFE) is Refusal.EXPIRED


@pytest.mark.parametrize("life", [timedelta(0), timedelta(days=-1), timedelta(days=90, microseconds=1)])
def test_a_life_is_at_most_ninety_days(store: Store, life: timedelta) -> None:
    """What leaks unseen ends by itself."""
    with pytest.raises(InputError, match="expected more than nothing and at most 90 days"):
        issue(store, "ci", "pipeline", Role.SUBMITTER, life, actor="ada", at=AT)
    assert listed(store) == ()


@pytest.mark.parametrize(("slug", "owner"), [("Up", "o"), ("", "o"), ("a b", "o"), ("a", ""), ("a", " "), ("a", "x\ny"), ("a", "o" * 91)])
def test_names_are_plain(store: Store, slug: str, owner: str) -> None:
    """They stand in the log as actor, where a forged line would deceive."""
    with pytest.raises(InputError, match=r"found the (token name|owner)"):
        issue(store, slug, owner, Role.VIEWER, LIFE, actor="ada", at=AT)


def test_a_revoked_token_is_refused_at_once(store: Store) -> None:
    """Its name stays taken, so the log means one token by it; its state stays revoked after it would have expired."""
    token = issued(store)
    revoke(store, "ci", "it stood in a build log", actor="grace", at=AT)
    assert verified(store, token, AT) is Refusal.REVOKED
    with pytest.raises(ConflictError, match="found a token ci recorded by entry 0, expected a new name"):
        issued(store)
    (kept,) = listed(store)
    assert kept.state(AT + 2 * LIFE) is TokenState.REVOKED


def test_the_first_revocation_stays(store: Store, database: str) -> None:
    """Revoking again changes nothing and records nothing."""
    issued(store)
    assert revoke(store, "ci", "leaked", actor="grace", at=AT).revoked_by is None
    assert revoke(store, "ci", "another reason", actor="ada", at=AT).revoked_by == 1
    with Dba(database, guarded="yes") as dba:
        assert [tuple(row) for row in dba.run("SELECT reason, entry_seq FROM api_token_revocation")] == [("leaked", 1)]
        assert [tuple(row) for row in dba.run("SELECT size FROM log_head")] == [(2,)]


def test_revoking_needs_a_name_and_a_reason(store: Store) -> None:
    """A near name is told; an empty reason is none."""
    issued(store)
    with pytest.raises(UnknownNameError, match="found token 'cii', expected a recorded token, perhaps ci"):
        revoke(store, "cii", "leaked", actor="ada", at=AT)
    with pytest.raises(InputError, match="found no reason to revoke"):
        revoke(store, "ci", " ", actor="ada", at=AT)
    assert has_valid_token(store, AT)


def test_what_was_valid_can_be_asked_of_a_position(store: Store) -> None:
    """An auditor sees who could call then."""
    issued(store)
    issued(store, "second")
    revoke(store, "ci", "leaked", actor="ada", at=AT)
    assert [(each.slug, each.state(AT)) for each in listed(store, 0)] == [("ci", TokenState.VALID)]
    assert [(each.slug, each.state(AT)) for each in listed(store, 1)] == [("ci", TokenState.VALID), ("second", TokenState.VALID)]
    assert [(each.slug, each.state(AT)) for each in listed(store)] == [("ci", TokenState.REVOKED), ("second", TokenState.VALID)]


def test_nobody_can_call_before_a_token_is_valid(store: Store) -> None:
    """None issued, one valid, one expired, one revoked."""
    assert not has_valid_token(store, AT)
    issued(store)
    assert has_valid_token(store, AT)
    assert not has_valid_token(store, AT + LIFE)
    revoke(store, "ci", "leaked", actor="ada", at=AT)
    assert not has_valid_token(store, AT)


def test_a_role_that_is_no_more_opens_nothing(store: Store, database: str) -> None:
    """A word that a later release put there, or somebody behind the program's back."""
    token = issued(store)
    with Dba(database) as dba:
        dba.run("UPDATE api_token SET role = 'root'")
    assert verified(store, token, AT) is Refusal.UNKNOWN
