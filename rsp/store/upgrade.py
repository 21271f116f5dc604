"""Brings a database to the schema of this program, and refuses to work on any other.

The rules kept here: a missing, older or newer schema is refused and the command that helps is named; migrations run on a connection
of their own, on SQLite with foreign keys off (which only works outside a transaction), and every foreign key is checked before
the transaction ends. Either all of a migration stands afterwards or nothing of it.

Left out: downgrading as a command. The migrations can, for tests, and refuse once anything is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from rsp.errors import StoreError
from rsp.store.engines import WRITES, create_file, opened

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0005"  # the newest of migrations/versions; a test holds the two together, so that opening a store need not load alembic


def migrations_folder() -> Path:
    """Return where the migrations lie: ``rsp/_migrations`` once installed, ``migrations`` beside ``rsp`` in a checkout."""
    spec = find_spec("rsp._migrations")
    packaged = list(spec.submodule_search_locations or ()) if spec is not None else []
    beside = Path(__file__).resolve().parents[2] / "migrations"
    for folder in (*map(Path, packaged), beside):
        if (folder / "env.py").is_file():
            return folder
    raise StoreError(f"found no migrations beside {Path(__file__).parent}, expected rsp/_migrations: install rsp-tracker again")


def upgrade(url: str, revision: str = "head") -> str:
    """Make or upgrade the database at ``url`` and return its revision. What was recorded stays."""
    from alembic import command  # noqa: PLC0415  # half a second to load, and only this function needs it

    create_file(url)
    engine = opened(url)
    try:
        _refuse_a_strangers(engine)
        _run(engine, lambda config: command.upgrade(config, revision))
        return found_revision(engine) or "nothing"
    except RuntimeError as refused:  # a migration found other than it was made for
        raise StoreError(f"{refused}; nothing was changed in {_shown(engine)}") from refused
    finally:
        engine.dispose()


def _refuse_a_strangers(engine: Engine) -> None:
    """Raise ``StoreError`` for a database of another program, or of a newer rsp: neither is to be mixed with our tables."""
    try:
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
        found = found_revision(engine)
    except DBAPIError as error:
        raise StoreError(f"found no database in {_shown(engine)} ({error.orig}), expected one, or no file yet") from error
    if found is None and tables and "alembic_version" not in tables:
        raise StoreError(
            f"found tables of another program in {_shown(engine)} ({', '.join(sorted(tables)[:3])}), expected an empty database"
        )
    if found is not None and found > HEAD:
        raise StoreError(f"found the schema {found} in {_shown(engine)}, expected {HEAD} or older; install the rsp-tracker that made it")


def downgrade(url: str, revision: str = "base") -> None:
    """Take an empty database back. Raises ``RuntimeError`` from the migration once anything is recorded."""
    from alembic import command  # noqa: PLC0415  # as above

    engine = opened(url)
    try:
        _run(engine, lambda config: command.downgrade(config, revision))
    finally:
        engine.dispose()


def found_revision(engine: Engine) -> str | None:
    """Return the revision of the database, or ``None`` if it has no schema."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def check_schema(engine: Engine) -> None:
    """Raise ``StoreError`` naming the command, unless the database has exactly the schema of this program."""
    try:
        found = found_revision(engine)
    except DBAPIError as error:
        raise StoreError(f"found no answer from the database {_shown(engine)}, expected one: {error.orig}") from error
    if found == HEAD:
        return
    if found is None:
        raise StoreError(f"found no schema in {_shown(engine)}, expected {HEAD}; run `rsp db upgrade`")
    if found < HEAD:  # revisions are four digits, numbered by hand
        raise StoreError(f"found the older schema {found} in {_shown(engine)}, expected {HEAD}; run `rsp db upgrade`")
    raise StoreError(f"found the newer schema {found} in {_shown(engine)}, expected {HEAD}; install the newer rsp-tracker that made it")


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _run(engine: Engine, act: Callable[[Config], None]) -> None:
    from alembic.config import Config  # noqa: PLC0415  # as above

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))  # alembic reads % as a variable
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        if connection.dialect.name == "sqlite":
            _foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                config.attributes["connection"] = connection
                act(config)
                _check_foreign_keys(connection)
        except DBAPIError as error:
            raise StoreError(f"found {error.orig} while upgrading {_shown(engine)}, expected no error; nothing was changed") from error
        finally:
            if connection.dialect.name == "sqlite":
                _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, state: str) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA foreign_keys = {state}")  # on the driver's own connection: within a transaction it does nothing


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise StoreError(f"found {len(broken)} rows without their parents after the migration, such as {broken[0]}; nothing was changed")
