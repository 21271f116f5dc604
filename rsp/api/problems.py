"""Every refusal of the API as problem details (RFC 9457): what was found, what was expected, in which field, in the record's own words.

The rules kept here: an error of the tree of ``rsp.errors`` is answered by its one table; a field is named by its JSON pointer in the body
that was sent, or by the line of a stream; what went wrong inside the server is told by an identifier that its log has too, and by
nothing else: no traceback, no address of a database, no words of a library.

Left out: deciding what is wrong. Left out: a link to a page about each kind of problem; ``type`` is a name that programs compare.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from evaluations.documents import MOST_SHOWN, DocumentError, Path, Problem, escaped
from evaluations.readers.log_reading import LogError
from rsp.api.callers import CHALLENGE
from rsp.errors import (
    BusyError,
    ConflictError,
    EvidenceError,
    InputError,
    RspError,
    StoreError,
    UnassignedError,
    UnknownCallerError,
    answer_to,
)

MEDIA_TYPE = "application/problem+json"
LONGEST_DETAIL = 4_000  # characters; our choice: the problems say the rest
NOTHING_RECORDED = "; nothing was recorded"
HOW_TO_CORRECT = " (the same request with ?supersede=REASON, with the token of an author)"
RETRY_AFTER_SECONDS = 1  # our choice: a writer holds the log for milliseconds

log = logging.getLogger("rsp.api")


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong: its JSON pointer in the body (empty: all of it), what was found and expected, and the place in words."""

    field: str
    found: str
    expected: str
    where: str = ""


class RefusedError(Exception):
    """What HTTP itself makes the door refuse: a header, a method, a size, a body that is no JSON."""

    def __init__(
        self, status: int, word: str, detail: str, problems: Iterable[FieldProblem] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        self.status, self.word, self.detail = status, word, detail
        self.problems, self.headers = tuple(problems), dict(headers or {})
        super().__init__(detail)


class PlacedError(Exception):
    """An error whose problems are told by paths of an evidence file, and what turns such a path into a place of the body sent."""

    def __init__(self, refused: DocumentError | EvidenceError | ConflictError, placed: Callable[[Problem], FieldProblem]) -> None:
        self.refused, self.placed = refused, placed
        super().__init__(str(refused))


def pointer(path: Path) -> str:
    """Return the JSON pointer (RFC 6901) of a path."""
    return "".join("/" + escaped(str(part)).replace("~", "~0").replace("/", "~1") for part in path)


def as_sent(problem: Problem) -> FieldProblem:
    """Return the problem of a body that is an evidence file itself."""
    line = "" if problem.line is None else f"line {problem.line}"
    return FieldProblem(pointer(problem.path), problem.found, problem.expected, ", ".join(part for part in (line, problem.where) if part))


def answered(
    status: int, word: str, detail: str, problems: Iterable[FieldProblem] = (), headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """Return the answer: one line a sentence, every text printable, at most a hundred problems."""
    told = tuple(problems)
    cut = tuple(FieldProblem(**{name: escaped(text) for name, text in asdict(each).items()}) for each in told[:MOST_SHOWN])
    body: dict[str, Any] = {
        "type": f"urn:rsp:problem:{word}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": "\n".join(map(escaped, detail.split("\n")))[:LONGEST_DETAIL],
        **more,
        "problems": [asdict(each) for each in cut],
    }
    if len(told) > len(cut):
        body["more_problems"] = len(told) - len(cut)
    return Response(json.dumps(body, ensure_ascii=False), status, dict(headers or {}), MEDIA_TYPE)


def refused_answer(refused: RefusedError) -> Response:
    """Return the answer to what HTTP itself makes us refuse."""
    return answered(refused.status, refused.word, refused.detail, refused.problems, refused.headers)


def error_answer(error: RspError | DocumentError | LogError, placed: Callable[[Problem], FieldProblem] = as_sent) -> Response:
    """Return the answer to an error of the shell, or of a file."""
    if isinstance(error, StoreError):
        return _store_answer(error)
    if isinstance(error, LogError):
        found = FieldProblem("", error.found, error.expected, error.where)
        return _by_table(InputError(), f"the log cannot be read: {error}{NOTHING_RECORDED}", (found,))
    if isinstance(error, DocumentError | EvidenceError):
        problems = tuple(map(placed, error.problems))
        entry = {"entry": error.entry} if isinstance(error, UnassignedError) else {}
        return _by_table(EvidenceError(()), _refusal(problems), problems, **entry)
    if isinstance(error, ConflictError):
        return _by_table(error, error.summary + (HOW_TO_CORRECT if error.problems else ""), map(placed, error.problems))
    return _by_table(error, str(error), ())


def _by_table(error: RspError, detail: str, problems: Iterable[FieldProblem], **more: Any) -> Response:
    answer = answer_to(error)
    headers = CHALLENGE if isinstance(error, UnknownCallerError) else None
    return answered(answer.http_status, answer.word, detail, problems, headers, **more)


def _refusal(problems: Sequence[FieldProblem]) -> str:
    first = problems[0]
    place = ", ".join(part for part in (first.where, first.field) if part) or "the body"
    more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
    return f"{place}: found {first.found}, expected {first.expected}{more}{NOTHING_RECORDED}"


def _store_answer(error: StoreError) -> Response:
    answer = answer_to(error)
    if isinstance(error, BusyError):
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return answered(answer.http_status, answer.word, "found another writer at work, expected none; send it again", (), headers)
    number = _logged("the database cannot serve", error)
    detail = "the database cannot serve; whether this was recorded is unknown, and sending it again records nothing twice"
    return answered(answer.http_status, answer.word, detail, id=number)


def unforeseen_answer(error: BaseException) -> Response:
    """Return the answer to a bug of ours. The log tells what happened; the sender gets the identifier to ask with."""
    return answered(500, "internal", "rsp met something it does not know; its operator finds it by the id", id=_logged("unforeseen", error))


def _logged(what: str, error: BaseException) -> str:
    number = uuid4().hex
    log.error("%s, id %s", what, number, exc_info=error)
    return number


# What HTTP's own refusals are called; others are called by their status.
_WORDS = {401: "unauthenticated", 403: "not-permitted", 404: "unknown-name", 405: "method", 413: "too-large", 415: "media-type"}


async def _http_answer(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, HTTPException)
    status, detail = refused.status_code, str(refused.detail)
    if detail == HTTPStatus(status).phrase:  # the framework's own words: say more
        detail = {
            404: "found nothing at this address, expected one that begins with /api/v1 and that /api/v1/openapi.json names",
            405: "found a method that this address does not take; the header Allow names those it takes",
        }.get(status, detail)
    headers = {"Allow": ", ".join(_methods_of(request))} if status == 405 else refused.headers
    return answered(status, _WORDS.get(status, f"http-{status}"), detail, (), headers)


def _methods_of(request: Request) -> list[str]:
    """Return what the address takes: the framework names only the methods of the first route that has it."""
    asked = [(method, {**request.scope, "method": method}) for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")]
    return [method for method, scope in asked if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)]


# What a pattern asks for, in words; all others of ours are names.
_FORMS = {
    "as_of": "a position of the log, or an instant with its zone such as 2025-02-24T12:00:00Z",
    "cursor": "what `next` of the page before holds",
}
_NAME = "a name of lower-case letters, digits, dot, dash or underscore"


def _expectation(kind: str, parameter: str, message: str) -> str:
    """Return what a parameter should have been; the library's own sentence only where it says it well."""
    if kind == "missing":
        return "this parameter, which is required"
    if kind == "string_pattern_mismatch":
        return _FORMS.get(parameter, _NAME)
    return (message[:1].lower() + message[1:]).removeprefix("input should be ")


def _query_answer(refused: RequestValidationError) -> Response:
    """Return the answer to a parameter of the address or a header; bodies are read by ``rsp.api.bodies``."""
    problems = []
    for each in refused.errors():
        place, *rest = each["loc"]
        message = str(each["msg"]).removeprefix("Value error, ")
        found, _, expected = message.removeprefix("found ").partition(", expected ")
        if not expected:
            found = "no value" if each["type"] == "missing" else f"“{str(each['input'])[:80]}”"
            expected = _expectation(each["type"], str(rest[-1]) if rest else "", message)
        problems.append(
            FieldProblem(pointer(tuple(rest)), found, expected, {"query": "query", "path": "address"}.get(str(place), str(place)))
        )
    problems = list(dict.fromkeys(problems))  # a parameter that two parts of the answer need is found wrong twice
    return answered(422, "input", _refusal(problems).removesuffix(NOTHING_RECORDED), problems)  # a read would record nothing anyway


def install(app: FastAPI) -> None:
    """Make the app answer every error by this module."""

    def on(kind: type[Exception], answer: Callable[[Any], Response]) -> None:
        async def handle(_: Request, error: Exception) -> Response:
            return answer(error)

        app.add_exception_handler(kind, handle)

    on(RspError, error_answer)
    on(DocumentError, error_answer)
    on(LogError, error_answer)
    on(RefusedError, refused_answer)
    on(PlacedError, lambda error: error_answer(error.refused, error.placed))
    on(RequestValidationError, _query_answer)
    app.add_exception_handler(HTTPException, _http_answer)


class ProblemField(BaseModel):
    """One thing wrong with what was sent."""

    model_config = ConfigDict(title="ProblemField")
    field: str = Field(description="JSON pointer (RFC 6901) in the body sent; empty for the whole of it")
    found: str
    expected: str
    where: str = Field(description="The place in words, such as a line of a stream or the record it belongs to")


class ProblemDetails(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(title="ProblemDetails")
    type: str = Field(pattern="^urn:rsp:problem:[a-z0-9-]+$", description="A name that programs compare")
    title: str
    status: int
    detail: str
    id: str | None = Field(default=None, description="What the operator finds this in the server's log by")
    entry: str | None = Field(default=None, description="For a name in a log that means nothing here: the alias to record")
    problems: list[ProblemField]
    more_problems: int | None = None


DOCUMENTED = {
    400: "The request is no HTTP that the server understands.",
    401: "No token, or none that is valid.",
    403: "The token's role may not do this.",
    404: "Nothing of that name.",
    405: "The address takes other methods.",
    408: "The body took too long.",
    409: "Something else stands there already.",
    413: "The body is too large.",
    415: "The body is of a kind, or a coding, that is not taken here.",
    421: "The server is not asked under one of its own names.",
    422: "What was sent is wrong; each problem names its field.",
    503: "The database is busy or cannot serve.",
}
ALWAYS = (401, 403, 421, 503)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of these refusals and of those that every operation may answer with."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {status: {"description": DOCUMENTED[status], "content": content} for status in sorted({*statuses, *ALWAYS})}
