"""Running the server: on this machine only unless it is safe, one process a SQLite file, and a stop that finishes what was begun."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from rsp.api.settings import Settings, named_host, public_name
from rsp.config import from_environment, is_loopback
from rsp.errors import InputError, StoreError
from rsp.serving import Service, _listening, serve
from rsp.store.session import Store
from rsp.tokens import Role
from tests.rsp.api.sending import a_token
from tests.rsp.logs import record_lab


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@contextmanager
def serving(database: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run ``rsp serve`` on a free port; give the process and the address it printed."""
    command = [sys.executable, "-m", "rsp", "--db", database, "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            told = server.stdout.readline()
            assert told.startswith("serving on http://127.0.0.1:"), (told, server.stderr.read() if server.stderr else "")
            yield server, told.removeprefix("serving on ").strip()
        finally:
            server.terminate()
            server.wait(60)


@pytest.fixture
def on_sqlite(tmp_path: Path, sqlite_template: Path) -> str:
    """The address of a migrated SQLite file."""
    path = tmp_path / "rsp.db"
    path.write_bytes(sqlite_template.read_bytes())
    path.chmod(0o600)
    return f"sqlite:///{path}"


def test_a_sqlite_file_has_one_server(on_sqlite: str) -> None:
    with serving(on_sqlite) as (server, address):
        idle = psutil.Process(server.pid).memory_info().rss
        assert idle < 150 * 2**20  # the target of the pipelines: one process, under 150 MB idle
        assert httpx.get(address + "/readyz", trust_env=False).json()["found"]["synchronous"] == "extra"
        assert "server" not in httpx.get(address + "/healthz", trust_env=False).headers
        with pytest.raises(StoreError, match="another server of this database"):
            serve(Service(on_sqlite, Settings(), 0), print)
    with serving(on_sqlite) as (_, address):  # the lock went with the process
        assert httpx.get(address + "/healthz", trust_env=False).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=pytest.mark.skipif(not _has_ipv6(), reason="no IPv6 here"))])
def test_an_answer_in_two_parts_is_sent_at_once(host: str) -> None:
    """No connection holds the second part back until the first is acknowledged, which takes the other side 40 ms."""
    with _listening(host, 0) as bound, socket.create_connection(bound.getsockname()[:2]):
        accepted, _ = bound.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_another_address_asks_for_a_public_url_and_a_token(on_sqlite: str) -> None:
    public = "https://rsp.example"
    for settings, words in (
        (Settings("0.0.0.0"), "--public-url"),
        (Settings("0.0.0.0", "http://rsp.example"), "expected https://"),
        (Settings("0.0.0.0", public), "no valid token"),
        (Settings("203.0.113.7", public), "no valid token"),
    ):
        with pytest.raises(InputError, match=words):
            serve(Service(on_sqlite, settings, 0), print)


def test_sqlite_takes_one_process(on_sqlite: str) -> None:
    with pytest.raises(InputError, match="PostgreSQL takes several"):
        serve(Service(on_sqlite, Settings(), 0, workers=2), print)


def test_a_stop_finishes_what_was_begun(on_sqlite: str) -> None:
    with Store.open(on_sqlite) as store:
        record_lab(store)
        token = a_token(store, "pipeline", Role.SUBMITTER)
    with serving(on_sqlite) as (server, address):
        begun = threading.Event()

        def parts() -> Iterator[bytes]:
            yield b'{"slug": "slow", '
            begun.set()
            time.sleep(1)
            yield b'"title": "Slow"}'

        answers: list[httpx.Response] = []

        def send() -> None:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            with httpx.Client(trust_env=False, timeout=60) as client:
                answers.append(client.post(address + "/api/v1/sources", content=parts(), headers=headers))

        sender = threading.Thread(target=send)
        sender.start()
        assert begun.wait(30)
        time.sleep(0.3)  # the first part is on its way
        server.send_signal(signal.SIGTERM)
        sender.join(60)
        assert [each.status_code for each in answers] == [201]
        assert server.wait(60) == 0
        assert server.stderr is not None
        assert token not in server.stderr.read()


@pytest.mark.postgresql
def test_several_processes_share_a_postgresql(postgres: object, postgres_template: str) -> None:
    from tests.conftest import PostgresServer

    assert isinstance(postgres, PostgresServer)
    with postgres.database(postgres_template) as url, serving(url, "--workers", "2") as (server, address):
        answer = httpx.get(address + "/readyz", trust_env=False, timeout=120)  # waits until a process takes it
        assert answer.json()["found"]["engine"].startswith("postgresql ")
        server.terminate()
        assert server.wait(60) == 0


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost", "localhost"),
        ("A.b:80", "a.b"),
        ("[::1]:8", "[::1]"),
        ("[::1]", "[::1]"),
        ("a:b", ""),
        ("a:", ""),
        ("", ""),
        ("a:999999", ""),
    ],
)
def test_a_host_is_named_without_its_port(header: str, name: str) -> None:
    assert named_host(header) == name


@pytest.mark.parametrize("url", ["http://a", "https://", "https://a/b", "https://u@a", "https://a?b", "a", "https://a:x"])
def test_a_public_url_is_https_and_a_host(url: str) -> None:
    with pytest.raises(InputError, match="expected https://HOST"):
        public_name(url)


def test_the_public_name_is_one_of_the_servers_own() -> None:
    assert Settings("10.0.0.1", "https://rsp.example:8443").names >= {"10.0.0.1", "rsp.example", "localhost"}
    assert [is_loopback(host) for host in ("127.0.0.9", "::1", "localhost", "0.0.0.0", "rsp.example")] == [True, True, True, False, False]


def test_the_database_has_two_names_in_the_environment_and_one_value() -> None:
    assert from_environment({"RSP_DATABASE_URL": "sqlite:///a.db"}).database == "sqlite:///a.db"
    assert from_environment({"RSP_DATABASE": "sqlite:///a.db", "RSP_DATABASE_URL": "sqlite:///a.db"}).database == "sqlite:///a.db"
    with pytest.raises(InputError, match="found two databases"):
        from_environment({"RSP_DATABASE": "sqlite:///a.db", "RSP_DATABASE_URL": "sqlite:///b.db"})
