"""Who may call: every operation, every role and every way to show no valid token, against the rules told once more in this file."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from rsp.api.app import create_app
from rsp.api.described import describe
from rsp.api.settings import Settings
from rsp.store.session import Store
from rsp.tokens import Role, issue, revoke
from tests.rsp.api.reads.asking import served

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
READERS = {Role.AUTHOR, Role.REVIEWER, Role.STRESS_TESTER, Role.RSO, Role.CEO, Role.VIEWER, Role.AUDITOR}
SURPLUS = "a-parameter-nobody-declared=1"  # refused after the question of access, so that a permitted request costs nothing


@dataclass
class Door:
    """A server with a token of every role."""

    store: Store
    client: httpx.Client
    tokens: dict[Role, str]
    operations: list[tuple[str, str, str]]  # operation, method, address

    def ask(self, method: str, address: str, headers: Any, query: str = SURPLUS) -> httpx.Response:
        """Ask without a body."""
        return self.client.request(method, f"{address}?{query}", headers=headers)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def door(filled_database: str) -> Iterator[Door]:
    with Store.open(filled_database) as store, opened(store) as door:
        yield door


@contextmanager
def opened(store: Store) -> Iterator[Door]:
    """Serve a store, with a token of every role issued."""
    tokens = {role: issue(store, f"t-{role.value}", f"owner of {role.value}", role, DAY, actor="ada", at=NOW) for role in Role}
    app = create_app(store, Settings())
    described = describe(app)["paths"]
    operations = [
        (told["operationId"], method.upper(), address.replace("{", "").replace("}", ""))
        for address, methods in described.items()
        for method, told in methods.items()
    ]
    with served(app) as url, httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        yield Door(store, client, tokens, operations)


JUDGED = {f"/api/v1/{name}" for name in ("plans", "drop-answers", "model-aliases", "task-aliases")}


def may(role: Role, method: str, address: str, *, corrects: bool = False) -> bool:
    """Say what the rules give: submitters send and read receipts, readers read, the auditor reads the log too, admins do nothing."""
    if address in JUDGED:  # what a pipeline could make its own work easier by
        return role is Role.AUTHOR
    if method != "GET":
        return role is (Role.AUTHOR if corrects else Role.SUBMITTER)
    if corrects:
        return False
    if "/receipts/" in address:
        return role in {Role.SUBMITTER, Role.AUTHOR}
    if address.startswith("/api/v1/log"):
        return role is Role.AUDITOR
    return role is not Role.ADMIN if address.endswith("/openapi.json") else role in READERS


@pytest.mark.parametrize("corrects", [False, True], ids=["plain", "correction"])
def test_every_cell_of_the_matrix_is_as_the_rules_say(door: Door, corrects: bool) -> None:
    """0 wrong cells of all operations by all roles."""
    wrong = []
    query = SURPLUS + ("&supersede=it+was+wrong" if corrects else "")
    for operation, method, address in door.operations:
        for role, token in door.tokens.items():
            status = door.ask(method, address, bearer(token), query).status_code
            open_to_all = not address.startswith("/api/")
            expected = {404, 422} if open_to_all or may(role, method, address, corrects=corrects) else {403}
            if status not in expected:
                wrong.append(f"{operation} by {role.value}: found {status}, expected one of {sorted(expected)}")
    assert wrong == []
    assert len(door.operations) > 40


def test_nobody_gets_in_without_a_valid_token(door: Door) -> None:
    """Every operation by every way to show none: the same 401 with the same body, and a header that says what is accepted."""
    valid, expired = door.tokens[Role.AUDITOR], issue(door.store, "old", "o", Role.AUDITOR, DAY, actor="ada", at=NOW - 2 * DAY)
    revoked = issue(door.store, "back", "o", Role.AUDITOR, DAY, actor="ada", at=NOW)
    revoke(door.store, "back", "leaked", actor="ada", at=NOW)
    basic = base64.b64encode(f"{valid}:".encode()).decode()
    shown: dict[str, Any] = {
        "none": {},
        "empty": {"Authorization": ""},
        "scheme alone": {"Authorization": "Bearer"},
        "token alone": {"Authorization": valid},
        "two spaces": {"Authorization": f"Bearer  {valid}"},
        "garbage": bearer("garbage"),
        "long garbage": bearer("x" * 5000),
        "not ASCII": [(b"Authorization", b"Bearer \xff\xfe")],
        "never issued": bearer(valid[:20] + "0000" + valid[24:]),
        "of another letter case": bearer(valid.upper()),
        "Basic": {"Authorization": f"Basic {basic}"},
        "Basic with the token bare": {"Authorization": f"Basic {valid}"},
        "expired": bearer(expired),
        "revoked": bearer(revoked),
        "two headers": [("Authorization", f"Bearer {valid}"), ("Authorization", f"Bearer {valid}")],
        "cookie": {"Cookie": f"token={valid}; Authorization=Bearer {valid}"},
        "another header": {"X-Api-Key": valid, "Proxy-Authorization": f"Bearer {valid}"},
    }
    bodies, wrong = set(), []
    asked = [each for each in door.operations if each[2].startswith("/api/")]
    for operation, method, address in asked:
        for how, headers in shown.items():
            for query in (SURPLUS, f"token={valid}&access_token={valid}&{SURPLUS}") if how == "none" else (SURPLUS,):
                answer = door.ask(method, address, headers, query)
                bodies.add(answer.text)
                if (answer.status_code, answer.headers.get("WWW-Authenticate")) != (401, 'Bearer realm="rsp"'):
                    wrong.append(f"{operation} with {how}: found {answer.status_code} {answer.headers}")
    assert wrong == []
    assert len(bodies) == 1
    assert valid not in bodies.pop()


def test_only_health_asks_nobody(door: Door) -> None:
    """Whether the server lives, and whether it can record."""
    answers = {address: door.client.get(address).status_code for _, _, address in door.operations if not address.startswith("/api/")}
    assert answers == {"/healthz": 200, "/readyz": 200}


def test_the_scheme_is_written_in_any_case(door: Door) -> None:
    """RFC 9110 section 11.1: the name of a scheme has no case."""
    for scheme in ("Bearer", "bearer", "BEARER"):
        answer = door.client.get("/api/v1/models", headers={"Authorization": f"{scheme} {door.tokens[Role.VIEWER]}"})
        assert answer.status_code == 200


def test_a_revoked_token_is_refused_by_the_next_request(door: Door) -> None:
    """100 of 100, on a connection that stays open."""
    found = []
    for number in range(100):
        token = issue(door.store, f"r{number}", "o", Role.VIEWER, DAY, actor="ada", at=NOW)
        before = door.client.get("/api/v1/models", headers=bearer(token)).status_code
        revoke(door.store, f"r{number}", "tried", actor="ada", at=NOW)
        found.append((before, door.client.get("/api/v1/models", headers=bearer(token)).status_code))
    assert found == [(200, 401)] * 100


@pytest.mark.parametrize(("role", "status"), [(None, 401), (Role.VIEWER, 403)])
def test_who_may_not_send_is_told_before_the_body(door: Door, role: Role | None, status: int) -> None:
    """Only the head of the request is sent: an answer that waited for the body would never come."""
    parts = urlsplit(str(door.client.base_url))
    shown = "" if role is None else f"Authorization: Bearer {door.tokens[role]}\r\n"
    for _, method, address in (each for each in door.operations if each[1] == "POST"):
        with socket.create_connection((str(parts.hostname), parts.port or 80), timeout=20) as wire:
            body = "Content-Type: application/json\r\nContent-Length: 1000\r\n"
            wire.sendall(f"{method} {address} HTTP/1.1\r\nHost: {parts.netloc}\r\n{shown}{body}\r\n".encode())
            assert wire.recv(12) == f"HTTP/1.1 {status}".encode(), address


def test_who_may_not_send_learns_nothing_of_what_is_wrong(door: Door) -> None:
    """The same answer for a good body, a broken one and one of the wrong kind."""
    headers = bearer(door.tokens[Role.VIEWER])
    bodies: list[dict[str, Any]] = [{"json": []}, {"content": b"{", "headers": {"Content-Type": "text/html"}}, {"content": b"\xff" * 100}]
    answers = [door.client.post("/api/v1/runs", **{**each, "headers": headers | each.get("headers", {})}) for each in bodies]
    assert [(each.status_code, each.text) for each in answers] == [(403, answers[0].text)] * 3


def test_a_refusal_names_the_role_and_the_operation(door: Door) -> None:
    """So that who has the wrong token knows which to ask for."""
    answer = door.client.post("/api/v1/runs", headers=bearer(door.tokens[Role.VIEWER]))
    assert answer.json()["detail"] == "found the role viewer, which may not submit_runs; expected a token of another role (submitter)"
    answer = door.client.post("/api/v1/runs?supersede=wrong", headers=bearer(door.tokens[Role.SUBMITTER]))
    assert "found the role submitter, which may not submit_runs with a reason to supersede" in answer.json()["detail"]
    assert "another role (author)" in answer.json()["detail"]
    answer = door.client.post("/api/v1/runs", headers=bearer(door.tokens[Role.AUTHOR]))
    assert "may submit_runs only to correct; expected ?supersede=REASON, or a token of another role (submitter)" in answer.json()["detail"]


def test_anothers_receipt_is_as_absent_as_none(door: Door) -> None:
    """Same status, same body; two tokens of one owner see the same."""
    source = {"slug": "a-log", "title": "A log"}
    sent = door.client.post("/api/v1/sources", json=source, headers=bearer(door.tokens[Role.SUBMITTER]))
    assert sent.status_code == 201, sent.text
    stranger = issue(door.store, "stranger", "another", Role.SUBMITTER, DAY, actor="ada", at=NOW)
    exchanged = issue(door.store, "exchanged", "owner of submitter", Role.SUBMITTER, DAY, actor="ada", at=NOW)
    there, absent = sent.headers["Location"], "/api/v1/receipts/" + "0" * 64
    of_another, of_none = (door.client.get(address, headers=bearer(stranger)) for address in (there, absent))
    assert (of_another.status_code, of_another.text) == (of_none.status_code, of_none.text)
    assert of_another.status_code == 404
    assert door.client.get(there, headers=bearer(exchanged)).json()["identity"] == sent.json()["identity"]


def test_an_entry_names_owner_and_token(door: Door) -> None:
    """Who sent it, and with which token, in case that one leaked."""
    door.client.post("/api/v1/sources", json={"slug": "another-log", "title": "A log"}, headers=bearer(door.tokens[Role.SUBMITTER]))
    listed = door.client.get("/api/v1/log?limit=1000", headers=bearer(door.tokens[Role.AUDITOR])).text
    assert "owner of submitter (token t-submitter)" in listed
