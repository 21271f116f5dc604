"""The errors of the server, made again on this side of the wire from its problem details (RFC 9457).

The rule kept here: an error has the class that ``rsp.errors.ANSWERS`` gives to the server's word for it, and tells the same problems at the
same fields; an answer that is none of ours is named as such, with its status.

Left out: deciding what is tried again (``rsp.client.sending``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from evaluations.documents import Path, Problem, escaped
from rsp.errors import (
    ANSWERS,
    AwayError,
    ConflictError,
    EvidenceError,
    InputError,
    NotPermittedError,
    RspError,
    StoreError,
    UnknownCallerError,
    UnknownNameError,
)

WORD = "urn:rsp:problem:"
SHOWN = 500  # characters of an answer that is none of ours
BY_WORD: Mapping[str, type[RspError]] = {answer.word: kind for kind, answer in ANSWERS.items()}
BY_STATUS: Mapping[int, type[RspError]] = {401: UnknownCallerError, 403: NotPermittedError, 404: UnknownNameError, 409: ConflictError}


OF_THE_BODY = frozenset({400, 411, 413, 414, 415, 422})  # what a proxy in front may refuse; sent again it is refused again


def error_of(response: httpx.Response) -> RspError:
    """Return the error that an answer tells of."""
    status = response.status_code
    if 300 <= status < 400:
        return AwayError(
            f"found an answer that points elsewhere ({status}), expected one of an rsp server: a token goes to one address only"
        )
    told = _problem_details(response)
    if told is None:
        text = escaped(response.text[:SHOWN]) or "nothing"
        return (InputError if status in OF_THE_BODY else AwayError)(f"found the answer {status} {text}, expected one of an rsp server")
    detail = str(told.get("detail") or told.get("title") or status)
    problems = tuple(map(_problem, told.get("problems", ())))
    kind = BY_WORD.get(str(told["type"]).removeprefix(WORD)) or BY_STATUS.get(status) or (StoreError if status >= 500 else InputError)
    return _made(kind, detail, problems)


def _problem_details(response: httpx.Response) -> dict[str, Any] | None:
    try:
        told = json.loads(response.text)
    except ValueError:
        return None
    return told if isinstance(told, dict) and str(told.get("type", "")).startswith(WORD) else None


def _made(kind: type[RspError], detail: str, problems: tuple[Problem, ...]) -> RspError:
    if kind is RspError:  # a bug of the server
        return StoreError(detail)
    if kind is ConflictError:
        return ConflictError(detail, problems)
    if kind is UnknownNameError:
        return _unknown_name(detail)
    if problems and issubclass(kind, InputError):
        return EvidenceError(problems)
    return kind(detail)


def _unknown_name(detail: str) -> UnknownNameError:
    error = UnknownNameError("name", "", ())
    error.args = (detail,)
    return error


def _problem(told: Mapping[str, Any]) -> Problem:
    return Problem(_path(str(told.get("field", ""))), str(told.get("found", "")), str(told.get("expected", "")), str(told.get("where", "")))


def _path(pointer: str) -> Path:
    """Return the path that a JSON pointer (RFC 6901) names."""
    parts = [each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:]]
    return tuple(int(each) if each.isdigit() else each for each in parts)
