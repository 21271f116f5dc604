"""Reads of the log: its entries and where it stands.

The rule kept here: an entry is told by fields that are listed: names, digests, who and when. Left out: the body with its rows, and the
reason of a correction, which is somebody's words about a record that may be restricted; the report prints it where it may be read.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Path as Address

from evaluations.values import Instant, Record
from rsp.api.paging import Page, Paged
from rsp.api.problems import documented
from rsp.api.routes.records import told
from rsp.api.views import ReadRoute, Viewed
from rsp.listings import log_entries, log_position, one_entry
from rsp.store.reading import Entry


class EntryForm(Record):
    """One entry: an act of somebody at a moment. ``leaf`` is its leaf hash in hexadecimal (RFC 6962)."""

    seq: int
    kind: str
    actor: str
    recorded_at: Instant
    leaf: str
    slug: str | None
    file_name: str | None
    file_sha256: str | None
    body_sha256: str | None


class EntryAnswer(Record):
    """One entry as of a position that is not before it."""

    position: int
    record: EntryForm


class EntryPage(Page[EntryForm]):
    """Entries of the log, oldest first."""


class PositionAnswer(Record):
    """Where the log stands: its newest position (-1: empty), its size and its Merkle root in hexadecimal."""

    position: int
    size: int
    root: str
    recorded_at: Instant | None


TOLD = ("slug", "file_name", "file_sha256", "body_sha256")  # class H0; a new field of an act is private until it stands here
Position = Annotated[int, Address(ge=0, lt=10**15, description="Position of the entry.")]

router = APIRouter(route_class=ReadRoute, tags=["log"])


@router.get("/log", operation_id="list_entries", summary="Entries of the log", response_model=EntryPage, responses=documented(404, 422))
def list_entries(page: Paged) -> Response:
    """Every entry up to the position, oldest first."""
    found, after = log_entries(page.view.store, page.view.at, page.part)
    return told(page.page(EntryPage, [_form(each) for each in found], after))


@router.get(
    "/log/{position}", operation_id="read_entry", summary="One entry of the log", response_model=EntryAnswer, responses=documented(404, 422)
)
def read_entry(position: Position, view: Viewed) -> Response:
    """One entry."""
    return told(EntryAnswer(position=view.at, record=_form(one_entry(view.store, position, view.at))))


@router.get(
    "/position",
    operation_id="read_position",
    summary="Where the log stands",
    response_model=PositionAnswer,
    responses=documented(404, 422),
)
def read_position(view: Viewed) -> Response:
    """Position and root, to be kept elsewhere: `rsp verify --known SIZE:ROOT` holds a log against them later."""
    found = log_position(view.store, view.at)
    return told(PositionAnswer(position=found.position, size=found.size, root=found.root, recorded_at=found.recorded_at))


def _form(entry: Entry) -> EntryForm:
    act = {name: entry.act.get(name) for name in TOLD}
    return EntryForm.model_validate({**act, **{name: getattr(entry, name) for name in ("seq", "kind", "actor", "recorded_at", "leaf")}})
