"""Who calls, and whether they may: the one place that lets a request through, and what it does not let through is denied.

The rules kept here: a token comes in one ``Authorization: Bearer`` header and nowhere else, not in an address, a cookie or Basic
credentials; no token, a forged, an expired and a revoked one get the same answer; the token is looked up in the database for every
request, so that a revocation holds from the next one on; what the matrix does not name is denied; all this is settled before anything
of a body is read, so that who may not send learns nothing of what would have been wrong with it.

A request that carries a reason to supersede is a correction, which the matrix gives to other roles than the same request without.

Left out: whose object is asked for. The answering code asks only for objects of ``Caller.owner``, and then another's is as absent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import Request

from rsp.api.matrix import Access, Purpose, matrix
from rsp.api.together import Together
from rsp.errors import NotPermittedError, UnknownCallerError
from rsp.store.session import Store
from rsp.tokens import Caller, Refusal, Role, verified_each

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="rsp"'}  # RFC 9110 section 11.6.1: a 401 says what would be accepted
SUPERSEDE = "supersede"  # the query parameter that holds the reason of a correction

UNKNOWN_CALLER = (
    "found no valid token, expected the header `Authorization: Bearer rsp_...` with one that is on record, not expired and not revoked; "
    "`rsp token create` makes one"
)


Askers = Together[str, Caller | Refusal]
"""Those who show a token at the same moment: each round of them is looked up in one snapshot, which begins after the last has asked."""


def askers(store: Store, clock: Callable[[], datetime]) -> Askers:
    """Return what looks up who shows a token."""
    return Together(lambda shown: verified_each(store, shown, clock()))


async def permitted(request: Request) -> Caller | None:
    """Return who calls if they may, ``None`` for an operation that asks nobody.

    Raises ``UnknownCallerError`` (401) or ``NotPermittedError`` (403). The operation is named by the ``operation_id`` of the route that
    was found.
    """
    operation = getattr(request.scope.get("route"), "operation_id", None)
    if operation in matrix().without_a_token:
        return None
    # Apart, because a round of senders waits for those who are on the way to it, and not for who came to read.
    askers: Askers = request.app.state.askers_to_send if request.method == "POST" else request.app.state.askers_to_read
    caller = await askers.ask(_shown(request))
    if isinstance(caller, Refusal):
        raise UnknownCallerError(UNKNOWN_CALLER)
    purpose = Purpose.CORRECTION if SUPERSEDE in request.query_params else Purpose.PLAIN
    if matrix().access(caller.role, operation, purpose) is Access.DENIED:
        raise NotPermittedError(_denial(caller.role, operation, purpose))
    return caller


def _denial(role: Role, operation: str | None, purpose: Purpose) -> str:
    """Return what is denied, and to whom it is not: the matrix is no secret, and who has the wrong token needs to know which to ask for."""
    holders = ", ".join(matrix().holders(operation, purpose))
    expected = f"a token of another role ({holders})" if holders else "nothing: no role may"
    if purpose is Purpose.CORRECTION:
        return f"found the role {role.value}, which may not {operation} with a reason to supersede; expected {expected}"
    if matrix().access(role, operation, Purpose.CORRECTION) is Access.PERMITTED:
        return f"found the role {role.value}, which may {operation} only to correct; expected ?supersede=REASON, or {expected}"
    return f"found the role {role.value}, which may not {operation}; expected {expected}"


def _shown(request: Request) -> str:
    """Return the token that a request shows, or nothing: two headers show none, since nobody could say which is meant."""
    headers = request.headers.getlist("authorization")
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    return token if scheme.lower() == "bearer" else ""
