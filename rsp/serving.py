"""Use case: run the server, and refuse to run it where it would be unsafe.

The rules kept here: it listens on this machine only, unless a public URL says that something in front of it speaks TLS and somebody holds
a token; a SQLite file has one server process, so that its writers share commits; a stop finishes the requests under way. It makes no
outgoing request, and keeps no log of requests: an address may hold what nobody should read in a log.

Left out: TLS and limits per sender, which belong to the proxy in front; restarting, which belongs to whoever supervises the process.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from rsp.api.app import create_app
from rsp.api.settings import Settings, public_name
from rsp.collecting import leave_out_what_is_loaded
from rsp.config import is_loopback
from rsp.errors import InputError, StoreError
from rsp.store.session import Store
from rsp.tokens import has_valid_token

GRACE_SECONDS = 30  # as long as a request may take to arrive (rsp.api.bodies): what was begun is finished
LOCK_SUFFIX = ".serving"


@dataclass(frozen=True)
class Service:
    """What to run: a database, how it is reached, and how many processes share the work."""

    database: str
    settings: Settings
    port: int
    workers: int = 1


def serve(service: Service, told: Callable[[str], None]) -> None:
    """Run until told to stop; ``told`` is given the address once the server can be asked.

    Raises ``InputError`` for a place it may not listen on, ``StoreError`` for a database it cannot serve.
    """
    with Store.open(service.database) as store:
        _expect_safe(service, store)
    with _only_server_of(service.database), _listening(service.settings.host, service.port) as bound:
        address = f"http://{_in_an_address(service.settings.host)}:{bound.getsockname()[1]}"
        _leave_stopping_to_the_server()
        if service.workers == 1:
            with Store.open(service.database) as store:
                _Server(_config(_app(service, store)), partial(told, address)).run(sockets=[bound])
            return
        config = _config(partial(_worker_app, service), workers=service.workers)
        told(address)
        Multiprocess(config, sockets=[bound]).run()


class _Server(uvicorn.Server):
    """Says when it can be asked."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._told()


def _worker_app(service: Service) -> FastAPI:
    """Return the app of one process of several; its store lives as long as the process."""
    return _app(service, Store.open(service.database))


def _app(service: Service, store: Store) -> FastAPI:
    app = create_app(store, service.settings)
    leave_out_what_is_loaded()
    return app


def _config(app: Callable[..., object], workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=workers > 1,
        workers=workers,
        lifespan="off",
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # nothing here depends on who is in front
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=60,  # our choice: a process that still imports on a busy machine is not dead
    )


def _expect_safe(service: Service, store: Store) -> None:
    host, public = service.settings.host, service.settings.public_url
    if public is not None:
        public_name(public)
    if not is_loopback(host):
        if public is None:
            raise InputError(f"found the address {host}, which others reach, without --public-url, expected --public-url https://...")
        if not has_valid_token(store, service.settings.clock()):
            raise InputError(f"found the address {host}, which others reach, and no valid token; `rsp token create` makes one")
    if service.workers > 1 and service.database.startswith("sqlite"):
        raise InputError(
            f"found {service.workers} workers on SQLite, expected 1: one process writes such a file; PostgreSQL takes several workers"
        )


@contextmanager
def _only_server_of(database: str) -> Iterator[None]:
    """Hold the lock beside a SQLite file for as long as it is served. Raises ``StoreError`` where another server holds it."""
    if not database.startswith("sqlite"):
        yield
        return
    path = Path(database.removeprefix("sqlite:///").partition("?")[0] + LOCK_SUFFIX)
    held = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(f"found another server of this database (it holds {path}), expected none; stop it first") from None
        yield
    finally:
        os.close(held)  # the file stays: removing it would let two servers hold two locks


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=2048)  # uvicorn's own backlog
    except OSError as refused:
        raise InputError(
            f"found no way to listen on {host} port {port} ({refused.strerror}), expected a free port of this machine"
        ) from None
    with bound:
        # Every connection takes it from here: asyncio sets it only on sockets that name their protocol, which ours does not. Without it
        # the second part of an answer waits until the other side says that it has the first, which takes 40 ms.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound.set_inheritable(True)
        yield bound


def _leave_stopping_to_the_server() -> None:
    """Let a stop end the process as done: the server takes the signal, finishes, and raises it once more."""
    for each in (signal.SIGTERM, signal.SIGINT):
        with suppress(ValueError):  # outside the main thread nobody sends signals
            signal.signal(each, lambda *_: None)


def _in_an_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
