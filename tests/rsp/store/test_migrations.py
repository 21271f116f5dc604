"""Migrations: from nothing, down and up, one head, and the tables they make are the tables the program declares."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from rsp.errors import StoreError
from rsp.store import upgrade as upgrading
from rsp.store.log_tables import Row
from rsp.store.session import Store
from rsp.store.upgrade import HEAD, downgrade, migrations_folder, upgrade
from tests.rsp.store.dba import Dba
from tests.rsp.store.sample import content, fill, load_content


def scripts() -> ScriptDirectory:
    """The migrations as alembic sees them."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    return ScriptDirectory.from_config(config)


def test_there_is_one_head_and_the_program_knows_it() -> None:
    """One line of revisions, ever; numbered by hand in four digits."""
    assert scripts().get_heads() == [HEAD]
    revisions = sorted(each.revision for each in scripts().walk_revisions())
    assert revisions == [f"{number:04d}" for number in range(1, len(revisions) + 1)]


def test_no_migration_recreates_or_cascades() -> None:
    """Batch recreation loses triggers and rows; a cascade loses rows."""
    for path in (migrations_folder() / "versions").glob("*.py"):
        content_of = path.read_text().lower()
        assert "batch_alter_table" not in content_of
        assert "cascade" not in content_of


def test_a_database_is_made_from_nothing(empty_database: str) -> None:
    """And opening it before that is refused, naming the command."""
    with pytest.raises(StoreError, match="rsp db upgrade"):
        Store.open(empty_database)
    assert upgrade(empty_database) == HEAD
    assert upgrade(empty_database) == HEAD
    with Store.open(empty_database) as store:
        assert load_content(store, content()).status == "stored"


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Mode 0600 from the first byte on, journal included."""
    upgrade(f"sqlite:///{tmp_path / 'rsp.db'}")
    assert (tmp_path / "rsp.db").stat().st_mode & 0o777 == 0o600


def test_down_and_up_again(empty_database: str) -> None:
    """An empty database goes down to nothing and comes up the same."""
    upgrade(empty_database)
    before = shape(empty_database)
    downgrade(empty_database)
    engine = create_engine(empty_database)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
    upgrade(empty_database)
    assert shape(empty_database) == before


def test_each_migration_leads_back_to_the_one_before(empty_database: str) -> None:
    """Step by step down an empty database is what it was on the way up."""
    made = []
    for number in range(1, int(HEAD) + 1):
        assert upgrade(empty_database, f"{number:04d}") == f"{number:04d}"
        made.append(shape(empty_database))
    for number in range(int(HEAD) - 1, 0, -1):
        downgrade(empty_database, f"{number:04d}")
        assert shape(empty_database) == made[number - 1]
    upgrade(empty_database)
    assert shape(empty_database) == made[-1]


@pytest.mark.parametrize("revision", [f"{number:04d}" for number in range(1, int(HEAD))])
def test_no_step_down_drops_what_is_recorded(store: Store, database: str, revision: str) -> None:
    """Each migration refuses by itself, and nothing of the step stands."""
    load_content(store, content())
    before = shape(database)
    with pytest.raises(RuntimeError, match="nothing could restore them"):
        downgrade(database, revision)
    assert shape(database) == before
    assert load_content(store, content()).status == "known"


def test_a_downgrade_drops_nothing_recorded(store: Store, database: str) -> None:
    """Only a person could restore it."""
    load_content(store, content())
    before = shape(database)
    with pytest.raises(RuntimeError, match="nothing could restore them"):
        downgrade(database)
    assert shape(database) == before
    assert load_content(store, content()).status == "known"


def shape(url: str) -> dict[str, Any]:
    """Every table with its columns, every named constraint, index and trigger."""
    engine = create_engine(url)
    seen = inspect(engine)
    found: dict[str, Any] = {}
    for table in seen.get_table_names():
        found[table] = (
            [(column["name"], str(column["type"]), column["nullable"]) for column in seen.get_columns(table)],
            sorted(str(each["name"]) for each in seen.get_check_constraints(table)),
            sorted(str(each["name"]) for each in seen.get_unique_constraints(table)),
            sorted(str(each["name"]) for each in seen.get_foreign_keys(table)),
            sorted(str(each["name"]) for each in seen.get_indexes(table)),
            seen.get_pk_constraint(table)["name"],
        )
    engine.dispose()
    with Dba(url, guarded="yes") as dba:
        catalogue = (
            "sqlite_master WHERE type = 'trigger'"
            if dba.engine == "sqlite"
            else "(SELECT tgname AS name FROM pg_trigger) t WHERE left(name, 3) = 'tr_'"
        )
        found["triggers"] = sorted(dba.run(f"SELECT name FROM {catalogue}"))
    return found


def test_the_migrations_make_the_declared_tables(database: str) -> None:
    """Alembic sees no difference, and neither does a look at what it cannot see: checks and their words."""
    engine = create_engine(database)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Row.metadata) == []
    engine.dispose()


def test_checks_and_options_are_those_declared(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """A database made from the declarations has the same constraints, word for word."""
    with ExitStack() as stack:
        if database.startswith("sqlite"):
            declared = f"sqlite:///{tmp_path / 'declared.db'}"
        else:
            declared = stack.enter_context(request.getfixturevalue("postgres").database())
        engine = create_engine(declared)
        Row.metadata.create_all(engine)
        engine.dispose()
        assert checks(declared) == checks(database)
        made, meant = shape(database), shape(declared)
    for table in Row.metadata.tables:
        (columns, *others), (meant_columns, *meant_others) = made[table], meant[table]
        assert sorted(columns) == sorted(meant_columns)
        assert others == meant_others


def checks(url: str) -> dict[str, str]:
    """Every CHECK by name, as the engine tells it; on SQLite STRICT and WITHOUT ROWID by table too."""
    engine = create_engine(url)
    seen = inspect(engine)
    found = {str(each["name"]): str(each["sqltext"]) for table in Row.metadata.tables for each in seen.get_check_constraints(table)}
    for table in Row.metadata.tables:
        found[table] = str({name: value for name, value in seen.get_table_options(table).items() if value})
    engine.dispose()
    return found


def test_a_migration_leaves_what_is_recorded(store: Store, database: str) -> None:
    """Upgrading an up-to-date database changes no byte of the log."""
    fill(store)
    with Dba(database, guarded="yes") as dba:
        before = dba.run("SELECT * FROM log_entry ORDER BY seq")
        upgrade(database)
        assert dba.run("SELECT * FROM log_entry ORDER BY seq") == before


@pytest.mark.parametrize(
    ("revision", "words"), [("0000", "older schema 0000.*rsp db upgrade"), ("9999", "newer schema 9999.*install the newer")]
)
def test_another_schema_is_refused_naming_what_helps(database: str, revision: str, words: str) -> None:
    """An older one is upgraded, a newer one needs a newer program."""
    with Dba(database) as dba:
        dba.run("UPDATE alembic_version SET version_num = ?", (revision,))
    with pytest.raises(StoreError, match=words):
        Store.open(database)


def test_a_row_without_its_parent_stops_a_migration(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Foreign keys are off while migrating SQLite, so they are all checked before it ends."""
    path = tmp_path / "rsp.db"
    path.write_bytes(sqlite_template.read_bytes())
    with Dba(f"sqlite:///{path}") as dba:
        dba.run("PRAGMA foreign_keys = OFF")
        dba.run("INSERT INTO threat_domain (id, slug, name, parent_id, entry_seq) VALUES ('a', 'a', 'A', 'nobody', 7)")
    with pytest.raises(StoreError, match="without their parents"):
        upgrade(f"sqlite:///{path}")


def test_migrating_leaves_logging_alone(empty_database: str) -> None:
    """Alembic's usual environment would set up handlers of its own."""
    before = list(logging.getLogger().handlers)
    upgrade(empty_database)
    assert logging.getLogger().handlers == before
    assert [each for each in logging.getLogger("alembic").handlers if not isinstance(each, logging.NullHandler)] == []


def test_absent_migrations_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A broken installation says so."""
    monkeypatch.setattr(upgrading, "__file__", str(tmp_path / "rsp" / "store" / "upgrade.py"))
    monkeypatch.setattr(upgrading, "find_spec", lambda _name: None)
    with pytest.raises(StoreError, match="install rsp-tracker again"):
        migrations_folder()
