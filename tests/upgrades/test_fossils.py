"""Databases of every released schema: upgraded, read and written to, with every byte of their log kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rsp.errors import ConflictError, StoreError
from rsp.ingest import Sent, load_criteria, load_policy, submit
from rsp.store.log_tables import CorrectionRow
from rsp.store.reading import entries, evidence, policy
from rsp.store.session import Store
from rsp.store.structure import structure_differences
from rsp.store.types import new_id
from rsp.store.upgrade import HEAD, upgrade
from rsp.store.verify import Difference, verify
from rsp.store.writing import columns_of
from rsp.tokens import Caller, Refusal, Role, has_valid_token, issue, listed, revoke, verified
from tests.rsp.store.dba import Dba
from tests.rsp.store.sample import (
    AT,
    SHA,
    a_criteria_set,
    a_policy,
    as_file,
    content,
    content_of_0001,
    content_of_0002,
    content_of_0003,
    load_content,
)
from thresholds.policy import ThresholdKind
from thresholds.safeguards import Firmness, SafeguardKind

FOSSILS = sorted(Path(__file__).parent.glob("*.sql"))
CONTENTS = {"0001": content_of_0001, "0002": content_of_0002, "0003": content_of_0003, "0004": content, "0005": content}
"""What each fossil was filled with."""

ADDED_IN_0002 = [
    *(("item_result", "human_minutes"), ("participant_result", "team"), ("participant_result", "pretest")),
    *(("uplift_trial", "look"), ("uplift_trial", "adjusted_for")),
]
ADDED_IN_0003 = [("qualitative_finding", "signed_off_by"), ("qualitative_finding", "signed_off_on")]
TABLES_ADDED = {
    *("drop_answer", "effective_compute", "held_assessment", "assessment_call", "model_relation"),
    *("run_registration", "model_alias", "task_alias"),
}
KEPT_BESIDE = {"submission", "api_token", "api_token_revocation"}
"""Tables added since that no list of an evidence file fills."""
REFUSED = (sqlite3.Error, psycopg.Error)
MADE_ANEW_IN_0003 = ("evaluation", "capability_threshold", "required_safeguard")


@pytest.fixture(params=FOSSILS, ids=lambda each: each.stem)
def fossil(request: pytest.FixtureRequest, empty_database: str) -> tuple[str, str]:
    """A database as that release made it, on each engine: its revision and its address."""
    revive(request.param, empty_database)
    return request.param.stem, empty_database


@pytest.fixture
def upgraded(empty_database: str) -> Iterator[Store]:
    """A store on the first release's database, brought to the present schema."""
    revive(FOSSILS[0], empty_database)
    upgrade(empty_database)
    with Store.open(empty_database) as opened:
        yield opened


def revive(dump: Path, url: str) -> None:
    """Make a database of the dump: as it stands on SQLite; on PostgreSQL its rows in the tables of that revision's migrations."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.executescript(dump.read_text(encoding="utf-8"))
        connection.close()
        return
    held = sqlite3.connect(":memory:")
    held.executescript(dump.read_text(encoding="utf-8"))
    upgrade(url, dump.stem)
    tables = [name for (name,) in held.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'")]
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # rows come before their parents, and the head is exchanged
        cursor.execute("DELETE FROM log_head")
        for table in tables:
            rows = held.execute(f'SELECT * FROM "{table}"')
            names = ", ".join(f'"{each[0]}"' for each in rows.description)
            marks = ", ".join(["%s"] * len(rows.description))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows.fetchall())
    held.close()


def log(url: str) -> list[tuple[int, bytes]]:
    """The bodies of the log, byte for byte."""
    with Dba(url, guarded="yes") as dba:
        return [(seq, bytes(body)) for seq, body in dba.run("SELECT seq, body FROM log_entry ORDER BY seq")]


def differences(store: Store) -> list[Difference]:
    """What verify finds in rows, and what differs from the structure that migrations make."""
    with store.read() as session:
        return [*verify(session).differences, *structure_differences(session)]


def test_every_released_schema_has_a_fossil() -> None:
    """The newest one included: make it with ``python -m tests.upgrades.make_fossil``."""
    assert [each.stem for each in FOSSILS] == [f"{number:04d}" for number in range(1, int(HEAD) + 1)]
    assert list(CONTENTS) == [each.stem for each in FOSSILS]


def test_a_fossil_is_upgraded_and_used(fossil: tuple[str, str]) -> None:
    """Nothing recorded is lost, the log is the same bytes, and the same file is still known."""
    revision, url = fossil
    before = log(url)
    assert len(before) > 0
    upgrade(url)
    with Store.open(url) as store:
        assert differences(store) == []
        with store.read() as session:
            then, now = evidence(session, "m", 0), evidence(session, "m")
            assert [str(each.runs[0].scores[0].value) for each in (then, now)] == ["0.620", "0.61"]
            assert len(now.runs[0].items) == 2
            assert policy(session, "test-1").file_name == "p.yaml"
        receipt = load_content(store, CONTENTS[revision](), supersede="back")
        assert [(each.record, each.field) for each in receipt.corrections] == [("run final-1 / score headline", "value")]
        assert receipt.counts == {"correction": 1}
        assert differences(store) == []
    assert log(url)[: len(before)] == before


@pytest.mark.parametrize("dump", FOSSILS[:-1], ids=lambda each: each.stem)
def test_an_older_fossil_is_refused_until_it_is_upgraded(dump: Path, empty_database: str) -> None:
    """The command that helps is named, and nothing is changed by trying."""
    revive(dump, empty_database)
    before = log(empty_database)
    with pytest.raises(StoreError, match=f"older schema {dump.stem}.*expected {HEAD}; run `rsp db upgrade`"):
        Store.open(empty_database)
    assert log(empty_database) == before


def test_rows_older_than_a_field_say_nothing_there(upgraded: Store) -> None:
    """Nothing is made up for what the first release did not ask."""
    with upgraded.read() as session:
        held = evidence(session, "m")
    assert {each.human_minutes for each in held.runs[0].items} == {None}
    assert (held.trials[0].look, held.trials[0].adjusted_for, held.drop_answers) == (None, None, ())
    assert {(each.team, each.pretest) for each in held.trials[0].cohorts[0].arms[1].participants} == {(None, None)}


def test_an_upgraded_fossil_takes_what_the_new_schema_holds(upgraded: Store) -> None:
    """What was silent is a change and needs a reason; new records join; the past answers as it did."""
    with pytest.raises(ConflictError, match="trial uplift, look"):
        load_content(upgraded, content())
    with upgraded.read() as session:
        past = evidence(session, "m", 3)
    receipt = load_content(upgraded, content(), supersede="the protocol says more")
    assert {each.field for each in receipt.corrections} == {"value", "items", "look", "participants", "signed_off_by", "signed_off_on"}
    assert {table: receipt.counts[table] for table in TABLES_ADDED} == dict.fromkeys(TABLES_ADDED, 1)
    with upgraded.read() as session:
        now = evidence(session, "m")
        assert evidence(session, "m", 3) == past
    assert [each.human_minutes for each in now.runs[0].items] == [None, Decimal("90.0")]
    assert now.trials[0].look is not None
    assert [str(each) for each in now.trials[0].look.planned_fractions] == ["0.50", "1"]
    assert [each.team for each in now.trials[0].cohorts[0].arms[1].participants] == ["site-1", None]
    assert [each.slug for each in now.drop_answers] == ["fell"]
    assert [(each.slug, each.signed_off_by) for each in now.findings] == [("red-team", "the officer"), ("secret", None)]
    assert [each.slug for each in (*now.effective_compute, *now.assessments, *now.calls)] == ["at-release", "full", "look-again"]
    assert [(each.other, each.domain) for each in now.relations] == [("before", "biological")]
    assert load_content(upgraded, content()).status == "known"
    assert differences(upgraded) == []


@pytest.mark.parametrize(("table", "column"), ADDED_IN_0002 + ADDED_IN_0003)
def test_what_is_slipped_into_a_newer_column_of_an_old_row_is_named(upgraded: Store, empty_database: str, table: str, column: str) -> None:
    """A body that does not list the column says that its row holds nothing there."""
    with Dba(empty_database) as dba:
        dba.run(f'UPDATE "{table}" SET "{column}" = ? WHERE entry_seq = 0', ("1",))
    with upgraded.read() as session:
        found = verify(session).differences
    assert {(each.kind, each.table, each.column, each.found, each.expected, each.entry) for each in found} == {
        ("differs", table, column, "1", "nothing", 0)
    }


def test_a_released_policy_is_known_again_after_an_upgrade(fossil: tuple[str, str]) -> None:
    """Fields added since are left out while they say nothing, so the digest of an old file stands."""
    _, url = fossil
    upgrade(url)
    with Store.open(url) as store:
        policies = load_policy(store, a_policy(), file_name="p.yaml", file_sha256=SHA, actor="ada", at=AT)
        criteria = load_criteria(store, a_criteria_set(), file_name="c.yaml", file_sha256=SHA, actor="ada", at=AT)
        assert (policies.status, criteria.status) == ("known", "known")


def test_tables_made_anew_keep_their_rows_guards_and_references(fossil: tuple[str, str]) -> None:
    """A check that knows more words is all that changes: each row stands, none can be changed, and children still name it."""
    _, url = fossil
    with Dba(url, guarded="yes") as dba:
        before = {table: sorted(dba.run(f'SELECT * FROM "{table}"'), key=str) for table in MADE_ANEW_IN_0003}
    upgrade(url)
    with Dba(url, guarded="yes") as dba:
        for table, rows in before.items():
            assert sorted(dba.run(f'SELECT * FROM "{table}"'), key=str) == rows
            for act in (f'UPDATE "{table}" SET kind = kind', f'DELETE FROM "{table}"'):
                with pytest.raises(REFUSED, match="append-only"):
                    dba.run(act)
        for child, column in (("evaluation_version", "evaluation_id"), ("required_safeguard", "capability_threshold_id")):
            with pytest.raises(REFUSED, match=r"(?i)foreign key"):
                dba.run(_copy_under_nobody(dba, child, column))


def test_what_somebody_made_beside_our_tables_stays_as_it_is(fossil: tuple[str, str]) -> None:
    """A table with a check of its own, also one that looks like ours, and a view over a table that is made anew."""
    _, url = fossil
    with Dba(url, guarded="yes") as dba:
        dba.run("CREATE TABLE other (kind TEXT CHECK (kind IN ('a-b', 'c')), mood TEXT CHECK (mood <> 'void'))")
        dba.run("CREATE VIEW mine AS SELECT slug, statistic FROM score")
        before = sorted(dba.run("SELECT * FROM mine"))
    upgrade(url)
    with Dba(url, guarded="yes") as dba:
        assert sorted(dba.run("SELECT * FROM mine")) == before != []
        dba.run("INSERT INTO other VALUES ('a-b', 'calm')")
        for values in ("'a', 'calm'", "'c', 'void'"):
            with pytest.raises(REFUSED, match=r"(?i)check"):
                dba.run(f"INSERT INTO other VALUES ({values})")


def test_a_check_that_is_not_as_it_was_made_stops_the_upgrade(empty_database: str, tmp_path: Path) -> None:
    """Nothing is guessed of what somebody changed, and nothing stands of the upgrade."""
    held, changed = (Path(__file__).parent / "0004.sql").read_text(encoding="utf-8"), tmp_path / "0004.sql"
    words = "IN ('sd', 'se', 'ci', 'unspecified'))"
    as_made, other = (f"CONSTRAINT ck_score_spread_kind CHECK ({of} {words}" for of in ("spread_kind", "lower(spread_kind)"))
    assert as_made in held
    changed.write_text(held.replace(as_made, other), encoding="utf-8")
    revive(changed, empty_database)
    if not empty_database.startswith("sqlite"):  # there only the rows come from the dump
        with Dba(empty_database, guarded="yes") as dba:
            dba.run("ALTER TABLE score DROP CONSTRAINT ck_score_spread_kind")
            dba.run(f"ALTER TABLE score ADD {other}")
    before = log(empty_database), _checks(empty_database)
    with pytest.raises(StoreError, match=r"found no check of words ck_score_spread_kind.*nothing was changed"):
        upgrade(empty_database)
    assert (log(empty_database), _checks(empty_database)) == before


def _checks(url: str) -> list[tuple[Any, ...]]:
    """Every table with its checks, as the engine tells it."""
    with Dba(url, guarded="yes") as dba:
        told = (
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            if dba.engine == "postgresql"
            else "SELECT name, sql FROM sqlite_master"
        )
        return sorted(dba.run(told), key=str)


def _copy_under_nobody(dba: Dba, table: str, parent: str) -> str:
    """Return the statement that adds a row like a recorded one under a parent that is not there."""
    from rsp.store.log_tables import Row

    names = list(Row.metadata.tables[table].columns.keys())
    told = {"id": "'another'", parent: "'nobody'"}
    return f'INSERT INTO "{table}" ({", ".join(names)}) SELECT {", ".join(told.get(each, each) for each in names)} FROM "{table}" LIMIT 1'


def test_an_upgraded_fossil_takes_the_words_added(upgraded: Store) -> None:
    """An evaluation that is a judgement, a threshold that is an alert, safeguards that are planned or recommended."""
    held = {name: content()[name] for name in ("format", "sources", "domains")}
    judged = content()["evaluations"][0] | {"slug": "judged", "kind": "judgement"}
    assert load_content(upgraded, held | {"evaluations": [judged]}).status == "stored"
    asked = {"citation": "section 1", "basis": "policy_text", "words": "w"}
    pairs = [(kind, firmness) for kind in SafeguardKind for firmness in Firmness]
    safeguards = [{**asked, "slug": f"s{place}", "kind": kind, "firmness": firmness} for place, (kind, firmness) in enumerate(pairs)]
    threshold = a_policy().model_dump()["thresholds"][0]
    thresholds = [threshold | {"slug": kind.value, "kind": kind, "requires": safeguards} for kind in ThresholdKind]
    policy = a_policy(slug="test-2", version="2", effective_on="2026-01-01", thresholds=thresholds, aliases=[])
    receipt = load_policy(upgraded, policy, file_name="q.yaml", file_sha256=SHA, actor="ada", at=AT)
    assert receipt.counts["required_safeguard"] == len(pairs) * len(ThresholdKind)
    assert differences(upgraded) == []


def test_a_correction_older_than_a_field_is_laid_over_as_it_was(upgraded: Store) -> None:
    """The first release kept items and participants in corrections without the fields it did not know."""
    became: dict[str, tuple[str, str]] = {
        "items": ("run", '[{"attempts":["1","0"],"cluster":"c2","item":"i1"}]'),
        "participants": ("arm", '[{"code":"p8","score":"0.25"},{"code":"p9","score":"0.50"}]'),
    }
    with upgraded.write(actor="ada", at=AT) as writing:
        for field, (table, text) in became.items():
            (key,) = writing.session.exec_driver_sql(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 1").scalars()
            values: dict[str, Any] = {"id": new_id(), "target_table": table, "target_id": key, "field": field, "reason": "typing error"}
            writing.add(CorrectionRow, values | {"was": "[]", "became": text})
        writing.describe("evidence", {"file_name": "old.yaml", "file_sha256": "ab" * 32})
    with upgraded.read() as session:
        held = evidence(session, "m")
        assert verify(session).outcome == "intact"
    (item,) = held.runs[0].items
    assert (item.item, item.cluster, item.human_minutes, item.attempts) == ("i1", "c2", None, (Decimal("1"), Decimal("0")))
    (person, _) = held.trials[0].cohorts[0].arms[1].participants
    assert (person.code, person.team, person.pretest, person.score) == ("p8", None, None, Decimal("0.25"))
    same = content_of_0001()
    same["runs"][0]["items"] = [{"item": "i1", "cluster": "c2", "attempts": [Decimal("1"), Decimal("0")]}]
    same["runs"][0]["scores"][0]["value"] = Decimal("0.61")
    people = [{"code": "p9", "score": Decimal("0.50")}, {"code": "p8", "score": Decimal("0.25")}]
    same["trials"][0]["cohorts"][0]["arms"][1]["participants"] = people
    assert load_content(upgraded, same).status == "known"


def test_the_columns_added_are_all_that_the_first_release_lacks(upgraded: Store, empty_database: str) -> None:
    """Else the tests above would leave a newer column untried."""
    from rsp.store.log_tables import Row

    rows: dict[str, Any] = {mapper.local_table.name: mapper.class_ for mapper in Row.registry.mappers}  # type: ignore[attr-defined]  # a Table
    first = FOSSILS[0].read_text(encoding="utf-8")
    made = {
        name: first.split(f"CREATE TABLE {name} (")[1].split("CONSTRAINT")[0].replace('"', "").split()
        for name in rows
        if f"TABLE {name} (" in first
    }
    lacking = {(name, column) for name, words in made.items() for column in columns_of(rows[name]) if column not in words}
    assert lacking == {*ADDED_IN_0002, *ADDED_IN_0003}
    assert set(rows) - set(made) == TABLES_ADDED | KEPT_BESIDE


def test_what_was_recorded_before_receipts_were_kept_is_known_by_its_entry(upgraded: Store) -> None:
    """Nothing is made up: the receipt is that of the entry, with the moment and the rows it has, and it may then be named by a key."""
    held = as_file(content_of_0001())
    with upgraded.read() as session:
        moment = entries(session)[0].recorded_at
    corrected = {**content_of_0001(), "runs": [], "findings": []}  # what entry 1 corrected is told as it was first
    first = submit(upgraded, as_file(corrected), Sent("old.yaml", "cd" * 32, owner="ada"), actor="ada", at=AT)
    assert (first.status, first.entry_seq, first.recorded_at) == ("known", 0, moment)
    assert first.counts["model"] == len(held.models)
    keyed = submit(upgraded, as_file(corrected), Sent("old.yaml", "cd" * 32, owner="ada", idempotency_key="k"), actor="ada", at=AT)
    assert keyed == first
    assert differences(upgraded) == []


def test_an_upgraded_fossil_gives_out_tokens(fossil: tuple[str, str]) -> None:
    """An older database is opened to nobody by the upgrade; a token works and is revoked, and one that was revoked stays so."""
    revision, url = fossil
    upgrade(url)
    with Store.open(url) as store:
        assert [(each.slug, each.state(AT).value) for each in listed(store)] == ([("pipeline", "revoked")] if revision >= "0004" else [])
        assert not has_valid_token(store, AT)
        token = issue(store, "new", "ada", Role.SUBMITTER, timedelta(days=1), actor="ada", at=AT)
        assert verified(store, token, AT) == Caller("ada", Role.SUBMITTER, "new")
        revoke(store, "new", "tried", actor="ada", at=AT)
        assert verified(store, token, AT) is Refusal.REVOKED
        assert differences(store) == []
