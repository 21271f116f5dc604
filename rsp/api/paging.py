"""Lists in pages: how many records at most, and where the next page begins.

The rules kept here: a cursor holds the position of the log that the first page was given at, so that the pages fit together while others
write; it belongs to one list and its filters, and one that was changed, or comes with another list, is refused by name.

Left out: secrecy. A cursor holds a position and a name of a record that its holder has just read, and guards nothing.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from pydantic import Field

from evaluations.values import Record
from rsp.api.views import AsOf, View, refused_parameter, view_of
from rsp.listings import Part

MOST = 1000  # records of one page; our choice: a page of runs stays below a megabyte or two
UNASKED = 100  # our choice
CHECK_BYTES = 8  # of the digest that a cursor ends with; our choice: a slip of the hand is noticed, and there is nothing to forge
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")  # evaluations.values.Slug; positions of the log fit too

Limit = Annotated[int, Query(ge=1, le=MOST, description="Records of one page at most.")]
Cursor = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=400,
        pattern="^[A-Za-z0-9_-]+$",
        description="Where the page begins: the cursor in `next` of the page before. It holds the position of the first page.",
    ),
]
T = TypeVar("T")


class Page(Record, Generic[T]):
    """Part of a list as of a position. ``next`` is the address of the next part, ``null`` on the last."""

    position: int = Field(description="The position of the log that the list is of; -1 for an empty log")
    records: tuple[T, ...]
    next: str | None


@dataclass(frozen=True)
class PageView:
    """One page that is asked for."""

    view: View
    part: Part
    request: Request

    def page(self, form: type[Page[Any]], records: Sequence[Any], after: str | int | None) -> Page[Any]:
        """Return the page; ``after`` names its last record where more follow."""
        return form(position=self.view.at, records=tuple(records), next=None if after is None else self._next(str(after)))

    def _next(self, after: str) -> str:
        asked = [*_filters(self.request), ("limit", str(self.part.limit)), ("cursor", _cursor(self.request, self.view.at, after))]
        return f"{self.request.url.path}?{urlencode(asked)}"


def paged(request: Request, limit: Limit = UNASKED, cursor: Cursor = None, as_of: AsOf = None) -> PageView:
    """Settle which page of which position is asked for. Raises ``RequestValidationError`` for a cursor that is not of this list."""
    if cursor is None:
        return PageView(view_of(request, as_of), Part(limit), request)
    if as_of is not None:
        raise refused_parameter("as_of", "a position beside a cursor", "only the cursor, which holds its position")
    position, after = _read(request, cursor)
    return PageView(view_of(request, str(position)), Part(limit, after), request)


Paged = Annotated[PageView, Depends(paged)]


def _filters(request: Request) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in request.query_params.multi_items() if name not in ("as_of", "limit", "cursor"))


def _check(request: Request, payload: bytes) -> bytes:
    whose = json.dumps([request.url.path, _filters(request)]).encode()
    return hashlib.sha256(payload + b"\0" + whose).digest()[:CHECK_BYTES]


def _cursor(request: Request, position: int, after: str) -> str:
    payload = json.dumps([position, after], separators=(",", ":")).encode()
    return urlsafe_b64encode(payload + _check(request, payload)).decode().rstrip("=")


def _read(request: Request, cursor: str) -> tuple[int, str]:
    try:
        held = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        payload, check = held[:-CHECK_BYTES], held[-CHECK_BYTES:]
        position, after = json.loads(payload) if check == _check(request, payload) else (None, None)
    except (binascii.Error, ValueError, TypeError):
        position, after = None, None
    if type(position) is int and position >= 0 and isinstance(after, str) and NAME.fullmatch(after):
        return position, after
    raise refused_parameter("cursor", "a cursor that no page of this list gave", "the one in `next` of the page before", "cursor")
