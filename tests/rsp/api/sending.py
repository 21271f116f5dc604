"""Sends to a real server on loopback, as pipelines do, and looks at the record behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from rsp.api.app import PREFIX, create_app
from rsp.api.settings import Settings
from rsp.store.reading import position
from rsp.store.session import Store
from rsp.tokens import Role, issue
from tests.rsp.api.reads.asking import served
from tests.rsp.logs import record_lab

NDJSON = "application/x-ndjson"


@dataclass
class Sender:
    """Somebody with a token, and the server they send to."""

    store: Store
    client: httpx.Client = field(repr=False)
    token: str = field(repr=False)

    def post(self, address: str, value: Any = None, *, content: bytes | None = None, **headers: str) -> httpx.Response:
        """Send a value as JSON, or bytes as they are."""
        body = json.dumps(value).encode() if content is None else content
        told = {"Content-Type": "application/json", **self.shown, **{name.replace("_", "-"): text for name, text in headers.items()}}
        return self.client.post(PREFIX + address, content=body, headers=told)

    def get(self, address: str) -> httpx.Response:
        """Read something."""
        return self.client.get(address, headers=self.shown)

    @property
    def shown(self) -> dict[str, str]:
        """The header that says who sends."""
        return {"Authorization": f"Bearer {self.token}"}

    def sent(self, address: str, value: Any = None, **more: Any) -> dict[str, Any]:
        """Send something that must be recorded, and return its receipt."""
        answer = self.post(address, value, **more)
        assert answer.status_code in (200, 201), answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    def refused(self, address: str, value: Any = None, *, status: int = 422, **more: Any) -> dict[str, Any]:
        """Send something that must be refused, see that nothing of it is recorded, and return the problem."""
        before = self.size()
        answer = self.post(address, value, **more)
        assert answer.status_code == status, answer.text
        assert self.size() == before
        return problem_of(answer)

    def size(self) -> int:
        """How many entries the log has."""
        with self.store.read() as session:
            return position(session).size

    def as_somebody(self, owner: str, role: Role) -> Sender:
        """Return another sender at the same server."""
        return Sender(self.store, self.client, a_token(self.store, owner, role))


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the problem that an answer is."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"].startswith("urn:rsp:problem:")
    return problem


def fields_of(problem: Mapping[str, Any]) -> list[str]:
    """Return the fields a problem names."""
    return [each["field"] for each in problem["problems"]]


_TOKENS: list[str] = []


def a_token(store: Store, owner: str, role: Role) -> str:
    """Return a new token."""
    _TOKENS.append(owner)
    name = f"{owner}-{len(_TOKENS)}"
    return issue(store, name, owner, role, timedelta(days=1), actor="a tester", at=datetime.now(UTC))


@contextmanager
def sending(database: str) -> Iterator[Sender]:
    """Serve a database that knows a small lab, and send to it as a submitter."""
    with Store.open(database) as store:
        record_lab(store, aliases=False)
        token = a_token(store, "pipeline", Role.SUBMITTER)
        app = create_app(store, Settings())
        with served(app) as address, httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
            yield Sender(store, client, token)


def a_run(slug: str, **fields: Any) -> dict[str, Any]:
    """A run of the lab's model with one score."""
    score = {"slug": "mean", "statistic": "mean", "value": 0.5, "source": "lab"}
    run = {"slug": slug, "model": "larch", "snapshot": "final", "evaluation": "exam", "version": "v1", "scores": [score], "source": "lab"}
    return {**run, **fields}
