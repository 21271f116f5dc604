"""The API as one app: every route behind one question of access, every error one kind of answer.

The rules kept here: who may call is settled before a body is read, for every route alike; an address, a parameter or a header that nobody
declared is refused; there are no pages, no redirects and nothing that is fetched from elsewhere.

Left out: listening (``rsp.serving``) and everything a route decides.
"""

from __future__ import annotations

from typing import Any, get_origin

from anyio import CapacityLimiter
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse

import rsp
from rsp.api import problems
from rsp.api.callers import askers, permitted
from rsp.api.described import describe
from rsp.api.frame import Frame
from rsp.api.problems import FieldProblem, RefusedError, documented
from rsp.api.routes import health, logs, reading, submissions
from rsp.api.settings import Settings
from rsp.api.taking_in import senders
from rsp.store.session import Store

PREFIX = "/api/v1"
ROUTERS = (submissions.router, logs.router, reading.router)
"""What stands below the prefix, in the order of the description."""

READERS_AT_ONCE = 2  # processes that read uploads; our choice: each may take a gigabyte


async def expect_declared(request: Request) -> None:  # async, since a function that is not gets a thread of its own for nothing
    """Refuse parameters that the operation does not know, and one given twice: a typing mistake must not change what is asked."""
    if not request.query_params:
        return
    route = request.scope.get("route")
    assert isinstance(route, APIRoute)
    declared = {each.alias: each.field_info for each in get_flat_params(route.dependant) if isinstance(each.field_info, Query)}
    met: set[str] = set()
    wrong = []
    for name, _ in request.query_params.multi_items():
        if name not in declared:
            expected = f"one of {', '.join(sorted(declared))}" if declared else "no parameter"
            wrong.append(FieldProblem(problems.pointer((name,)), f"the parameter “{name}”", expected, "query"))
        elif name in met and get_origin(declared[name].annotation) not in (list, tuple):
            wrong.append(FieldProblem(problems.pointer((name,)), f"the parameter “{name}” twice", "each once", "query"))
        met.add(name)
    if wrong:
        raise RefusedError(422, "input", f"{wrong[0].where}: found {wrong[0].found}, expected {wrong[0].expected}", wrong)


description = APIRouter()


@description.get(
    "/openapi.json",
    operation_id="get_description",
    summary="Read this description.",
    response_class=JSONResponse,
    responses={200: {"description": "The description, OpenAPI 3.1."}, **documented()},
    tags=["description"],
)
def get_description(request: Request) -> dict[str, Any]:
    """Return the description of every operation."""
    return describe(request.app)


def create_app(store: Store, settings: Settings) -> FastAPI:
    """Return the API on an open store."""
    app = FastAPI(
        title="rsp",
        version=rsp.__version__,
        summary="Evidence on models in; verdicts on capability thresholds out.",
        description="Numbers travel as text, as exact as they were written. Every refusal is problem details (RFC 9457).",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url=None,  # it is an operation like others, behind the same question of access
        docs_url=None,  # its page would be fetched from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # one address an operation
    )
    app.state.store, app.state.settings = store, settings
    app.state.askers_to_read, app.state.askers_to_send = askers(store, settings.clock), askers(store, settings.clock)
    app.state.senders = senders(store, app.state.askers_to_send)
    app.state.readers = CapacityLimiter(READERS_AT_ONCE)
    problems.install(app)
    asked = [Depends(permitted), Depends(expect_declared)]  # in this order: who may not call learns nothing of what else is wrong
    app.include_router(health.router, dependencies=asked)
    for router in (*ROUTERS, description):
        app.include_router(router, prefix=PREFIX, dependencies=asked)
    app.add_middleware(Frame, names=settings.names)
    return app
