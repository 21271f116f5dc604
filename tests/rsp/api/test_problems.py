"""Refusals: every one a problem, none tells what happens inside, and a body that stays away ends."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from rsp.api import bodies
from rsp.api.app import create_app
from rsp.api.bodies import json_value
from rsp.api.problems import RefusedError, pointer
from rsp.api.settings import Settings
from rsp.errors import BusyError, StoreError
from rsp.store.session import Store
from rsp.tokens import Role
from tests.rsp.api.reads.asking import served
from tests.rsp.api.sending import a_token, problem_of

SECRET = "postgresql+psycopg://rsp:hunter2@db.internal/rsp"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Store]:
    """An open store on a migrated SQLite file."""
    path = tmp_path_factory.mktemp("problems") / "rsp.db"
    path.write_bytes(sqlite_template.read_bytes())
    path.chmod(0o600)
    with Store.open(f"sqlite:///{path}") as opened:
        yield opened


def failing(error: Exception) -> Callable[[], None]:
    """An operation that goes wrong."""

    def fail() -> None:
        raise error

    return fail


@pytest.fixture(scope="module")
def app(store: Store) -> FastAPI:
    """The API, with three operations that go wrong."""
    made = create_app(store, Settings())
    for name, error in (("bug", RuntimeError(SECRET)), ("busy", BusyError(SECRET)), ("fault", StoreError(SECRET))):
        made.add_api_route(f"/{name}", failing(error), include_in_schema=False)
    return made


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of a real server of it."""
    with served(app) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as made:
        yield made


@pytest.mark.parametrize(("address", "status", "word"), [("/bug", 500, "internal"), ("/fault", 503, "store")])
def test_a_fault_is_told_by_an_id_that_the_log_has_too(
    client: httpx.Client, caplog: pytest.LogCaptureFixture, address: str, status: int, word: str
) -> None:
    with caplog.at_level(logging.ERROR, "rsp.api"):
        answer = client.get(address)
    problem = problem_of(answer)
    assert (answer.status_code, problem["type"]) == (status, f"urn:rsp:problem:{word}")
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert [problem["id"] in each.getMessage() for each in caplog.records if each.name == "rsp.api"] == [True]


def test_a_busy_database_says_when_to_come_back(client: httpx.Client) -> None:
    answer = client.get("/busy")
    assert (answer.status_code, problem_of(answer)["type"], answer.headers["retry-after"]) == (503, "urn:rsp:problem:busy", "1")
    assert "hunter2" not in answer.text


def test_a_body_that_stays_away_ends(client: httpx.Client, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LONGEST_SILENCE", 0.3)
    address = urlsplit(str(client.base_url))
    token = a_token(store, "slow", Role.SUBMITTER)
    head = f"POST /api/v1/sources HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=30) as line:
        line.sendall(head.encode() + b'Content-Length: 100\r\n\r\n{"slug"')
        assert line.recv(65536).startswith(b"HTTP/1.1 408 ")


def test_the_description_refers_to_nothing_that_it_lacks(app: FastAPI, client: httpx.Client, store: Store) -> None:
    token = a_token(store, "reader", Role.VIEWER)
    described = client.get("/api/v1/openapi.json", headers={"Authorization": f"Bearer {token}"}).json()
    assert described["openapi"].startswith("3.1.")
    text = json.dumps(described)
    told = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert told <= described["components"]["schemas"].keys()
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["operationId"], (method, path)
            assert operation["summary"], (method, path)
            refusals = [answer for status, answer in operation["responses"].items() if status[0] in "45"]
            assert all(list(each["content"]) == ["application/problem+json"] for each in refusals)
    value = described["components"]["schemas"]["Score-Input"]["properties"]["value"]["anyOf"]
    assert [each.get("type") or [inner["type"] for inner in each["anyOf"]] for each in value] == [["number", "string"], "null"]


def test_a_pointer_is_one_of_rfc_6901() -> None:
    assert pointer(("a/b", "c~d", 0, "\n")) == "/a~1b/c~0d/0/\\n"
    assert pointer(()) == ""


def test_a_number_is_read_as_it_is_written() -> None:
    assert [str(each) for each in json_value(b"[69.70, 1e2, -0, 7]")] == ["69.70", "1E+2", "0", "7"]


@pytest.mark.parametrize(("depth", "taken"), [(32, "taken"), (33, "refused")])
def test_thirty_two_levels_are_taken(depth: int, taken: str) -> None:
    text = b"[" * depth + b"1" + b"]" * depth
    if taken == "taken":
        assert json_value(text)
        return
    with pytest.raises(RefusedError, match="at most 32 levels"):
        json_value(text)
