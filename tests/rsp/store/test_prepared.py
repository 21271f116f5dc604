"""A prepared select finds what SQLAlchemy finds, whatever the number of names, and tells faults in the same tongue."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from rsp.store.log_tables import LogEntryRow
from rsp.store.prepared import AT_ONCE, Prepared, driven
from rsp.store.session import Store
from rsp.store.tables import DeveloperRow
from tests.rsp.store.sample import AT
from tests.rsp.store.test_session import add_developer

DEVELOPER, ENTRY = DeveloperRow.__table__, LogEntryRow.__table__
NAMED = select(DEVELOPER.c.slug, ENTRY.c.recorded_at).join(ENTRY, ENTRY.c.seq == DEVELOPER.c.entry_seq)
NAMED = NAMED.where(DEVELOPER.c.slug.in_(bindparam("slugs", expanding=True)), DEVELOPER.c.entry_seq <= bindparam("as_of"))
NAMED = NAMED.order_by(DEVELOPER.c.slug)


@pytest.fixture
def peopled(store: Store) -> Store:
    """A store with five developers, one an entry."""
    for slug in "abcde":
        with store.write(actor="ada", at=AT) as writing:
            add_developer(writing, slug)
    return store


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 64, AT_ONCE])
@pytest.mark.parametrize("as_of", [2, 4])
def test_it_finds_what_sqlalchemy_finds(peopled: Store, count: int, as_of: int) -> None:
    """Rows, their order, and the instant as an instant; with no name, with some, and with many that nobody carries."""
    slugs = ["a", "c", "e", *(f"x{number}" for number in range(AT_ONCE))][:count]
    prepared = Prepared(NAMED)
    with peopled.read() as session:
        expected = [tuple(row) for row in session.execute(NAMED, {"slugs": slugs, "as_of": as_of})]
        for _ in range(2):  # the second time it is not made anew
            assert prepared.rows(session, {"slugs": slugs, "as_of": as_of, "unused": 1}) == expected
    assert len(expected) == len([slug for slug in slugs if slug in "ace"[: as_of // 2 + 1]])


def test_a_limit_stays_what_it_is(peopled: Store) -> None:
    """Which is a parameter to one engine, and part of the statement to the other."""
    first = Prepared(select(DEVELOPER.c.slug).where(DEVELOPER.c.slug >= bindparam("from")).order_by(DEVELOPER.c.slug).limit(1))
    with peopled.read() as session:
        assert first.rows(session, {"from": "b"}) == [("b",)]
        assert first.rows(session, {"from": "d"}) == [("d",)]


def test_a_value_is_never_part_of_the_statement(peopled: Store) -> None:
    """A name that is SQL finds nobody and changes nothing."""
    with peopled.read() as session:
        assert Prepared(NAMED).rows(session, {"slugs": ["a') OR ('1'='1", "%s", "?"], "as_of": 9}) == []


def test_faults_are_those_of_sqlalchemy(peopled: Store) -> None:
    """So that a breach of a constraint is told from a fault of the server."""
    with peopled.read() as session, pytest.raises(DBAPIError), driven(session, "SELECT nothing FROM nowhere") as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    twice = "INSERT INTO developer (id, slug, name, entry_seq) SELECT id, slug, name, entry_seq FROM developer"
    with peopled._writing.connect() as connection, pytest.raises(IntegrityError), driven(connection, twice) as cursor:
        cursor.execute(twice)
