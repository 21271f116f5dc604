"""Asks a real server on loopback, in this process, as somebody with a token of some role."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from rsp.api.app import create_app
from rsp.api.settings import Settings
from rsp.store.session import Store
from rsp.tokens import Role, issue

PREFIX = "/api/v1"


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an app on a free port of loopback; give its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive(), "the server ended before it began"
            assert time.monotonic() < until, "the server did not begin"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


@dataclass
class Asker:
    """Asks one server."""

    store: Store
    app: FastAPI
    url: str
    token: str = field(repr=False)
    client: httpx.Client = field(repr=False)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for an address below the prefix."""
        return self.client.get(PREFIX + path if not path.startswith(PREFIX) else path, headers=headers)

    def read(self, path: str) -> Any:
        """Return the JSON of an answer that must be one."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()


@contextmanager
def asking(url: str, role: Role = Role.AUDITOR) -> Iterator[Asker]:
    """Serve a database, which gets one more entry for the token, and ask it in that role."""
    with Store.open(url) as store:
        now = datetime.now(UTC)
        token = issue(store, f"asker-{role.value.replace('_', '-')}", "a tester", role, timedelta(days=1), actor="a tester", at=now)
        app = create_app(store, Settings())
        headers = {"Authorization": f"Bearer {token}"}
        with served(app) as address, httpx.Client(base_url=address, headers=headers, timeout=120, trust_env=False) as client:
            yield Asker(store, app, address, token, client)
