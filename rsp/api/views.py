"""What every answer to a question shares: the position of the log it is given at, and a tag that changes when the answer may.

The rules kept here: a question is answered at one position, which is settled before anything else and named in the answer's header; who
shows the tag of the answer there would be is told so (304) before anything is computed.

Left out: who may ask (``rsp.api.callers``), and whether an operation knows the parameters it is asked with (``rsp.api.app``); both are
settled before this.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from rsp.positions import WRITTEN, resolved_position
from rsp.store.reading import leaf_at
from rsp.store.session import Store

POSITION = "RSP-Position"
NOTHING_ABOVE_NAMES = (
    "private, no-cache"  # class H0: names, thresholds, policies (information classes H0 to H3); kept, and asked about again
)
NOT_KEPT = "no-store"  # class H1: scores and what is made of them
CODE = tuple(
    f"{each} {version(each)}" for each in ("rsp-tracker", "matplotlib", "typst")
)  # what the bytes of an answer depend on beside the record

AsOf = Annotated[
    str | None,
    Query(
        pattern=WRITTEN,
        description="Position of the log to answer for, or an instant with its zone (a plus sign written %2B), which means the newest "
        "entry recorded by then; without it, now.",
        examples=["12", "2025-02-24T12:00:00Z"],
    ),
]


@dataclass(frozen=True)
class View:
    """One question: at which position it is answered, and by which tag its answer is known. ``at`` is -1 in an empty log."""

    store: Store
    at: int
    now: datetime
    etag: str

    @property
    def as_of(self) -> int | None:
        """The position as use cases take it: ``None`` where the log is empty, so that they say so in their own words."""
        return None if self.at < 0 else self.at


class NotModifiedError(Exception):
    """The asker has the answer already."""


class ReadRoute(APIRoute):
    """A route that reads: its answers carry their position and their tag, and are kept by nobody unless they hold only names."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer: Callable[[Request], Awaitable[Response]] = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                response = await answer(request)
            except NotModifiedError:
                response = Response(status_code=304)
            view: View | None = getattr(request.state, "view", None)
            if view is not None and response.status_code < 400:
                kept = NOTHING_ABOVE_NAMES if ONLY_NAMES in self.tags else NOT_KEPT
                response.headers.update({POSITION: str(view.at), "ETag": view.etag, "Cache-Control": kept})
            return response

        return answered


ONLY_NAMES = "rules"  # the tag of operations whose answers hold nothing above class H0


def refused_parameter(name: str, found: str, expected: str, kind: str = "parameter") -> RequestValidationError:
    """Return the error that names a parameter of the address."""
    return RequestValidationError([{"type": kind, "loc": ("query", name), "msg": f"found {found}, expected {expected}", "input": found}])


def view_of(request: Request, as_of: str | None, *besides: str) -> View:
    """Return the view for a question; ``besides`` is what the answer depends on and the address does not say.

    Raises ``NotModifiedError`` and ``UnknownPositionError``.
    """
    store: Store = request.app.state.store
    now = request.app.state.settings.clock()
    at = resolved_position(store, as_of, now)
    asked = sorted((name, value) for name, value in request.query_params.multi_items() if name != "as_of")
    with store.read() as session:
        leaf = leaf_at(session, at)  # a position alone names two records where a backup was restored and more was recorded since
    told = json.dumps([CODE, at, leaf, request.url.path, _in_order_where_it_matters(request, asked), besides])
    view = View(store, at, now, f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"')  # 128 bits: no two answers share a tag
    request.state.view = view
    shown = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if view.etag in shown:
        raise NotModifiedError
    return view


def _in_order_where_it_matters(request: Request, asked: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the parameters sorted by name, several values of one name in the order given, which an answer may follow."""
    names = sorted({name for name, _ in asked})
    return [(name, value) for name in names for value in request.query_params.getlist(name)]


def viewed(request: Request, as_of: AsOf = None) -> View:
    """Settle the view of a question that is answered in one piece."""
    return view_of(request, as_of)


Viewed = Annotated[View, Depends(viewed)]
