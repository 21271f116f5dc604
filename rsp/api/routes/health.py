"""Whether the server lives, and whether it can serve. Both ask nobody who they are, and tell nothing of what is recorded."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from pydantic import BaseModel

from rsp.api.problems import documented
from rsp.store.condition import condition

router = APIRouter(tags=["health"])


class Liveness(BaseModel):
    """The server answers."""

    status: str


class Readiness(BaseModel):
    """The server can record: what it rests on, as found now."""

    status: str
    found: Mapping[str, str]


@router.get("/healthz", operation_id="get_liveness", summary="Say that the server lives.", responses=documented())
async def get_liveness() -> Liveness:
    """Answer without asking the database."""
    return Liveness(status="alive")


@router.get("/readyz", operation_id="get_readiness", summary="Say whether the server can record.", responses=documented())
def get_readiness(request: Request) -> Readiness:
    """Ask the database, and say which engine, schema and journal were found."""
    return Readiness(status="ready", found=condition(request.app.state.store))
