"""What surrounds every request: the name it must be asked under, headers that keep browsers out, and the last net under a bug.

The rules kept here: a request under a name that is not the server's is answered 421 before anything else is looked at; every answer says
that it is no page, is not to be kept, and is not to be framed; what nothing else caught becomes a problem with an identifier.

Left out: access (``rsp.api.callers``), and a log of requests: an address may hold what nobody should read in a log.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rsp.api.problems import answered, unforeseen_answer
from rsp.api.settings import named_host

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # a route may say otherwise
}

log = logging.getLogger("rsp.api")


class Frame:
    """The outermost layer of the app that is ours."""

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._names = frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def framed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        hosts = Request(scope).headers.getlist("host")
        if len(hosts) != 1 or named_host(hosts[0]) not in self._names:
            found = ", ".join(hosts)[:100] or "no Host header"
            answer = answered(421, "misdirected", f"found the host {found}, expected the server's own name or its public one")
            await answer(scope, receive, framed)
            return
        try:
            await self._app(scope, receive, framed)
        except ClientDisconnect:
            log.info("a sender left before its body was whole; nothing of it was recorded")
        except Exception as unforeseen:  # everything that nothing else answers; without this its traceback would be the answer
            answer = unforeseen_answer(unforeseen)
            if begun:
                raise
            await answer(scope, receive, framed)
