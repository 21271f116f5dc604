"""Log files of other programs: uploaded whole, or read by the client and sent as readings; and logs announced before they are written.

The rules kept here: an uploaded file is read in a process of its own, at most a few at a time; its name, and those of the files beside it,
are names and never become paths; where one reading of several is refused the answer is a refusal, and tells what was recorded besides, so
that no pipeline takes a lost score for a success.

Left out: what names mean and what is recorded (``rsp.submitting``).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response

from evaluations.documents import Document, DocumentError, Problem, validated
from evaluations.readers.assignment import ChosenNames, SentAnnouncement, SentReading
from evaluations.readers.csv_scores import CsvMapping
from evaluations.values import NO_TEXT, NUMBERS_AS_TEXT, Record
from rsp.api.bodies import JSON_LIMIT, STREAM_LIMIT, Media, arriving, json_value, media_of, received
from rsp.api.described import receipts, taken
from rsp.api.problems import FieldProblem, PlacedError, RefusedError, error_answer, pointer
from rsp.api.taking_in import REPLAYED_HEADER, Submission, Submitted, answer, names_kept_back, placed_by, receipt_address, without_names
from rsp.errors import UnknownNameError
from rsp.reading_apart import Upload, read_apart
from rsp.receipts import Receipt
from rsp.submitting import Outcome, register_log, take_in_reading, take_in_readings

router = APIRouter(tags=["logs"])

MOST_BESIDE = 100  # files beside a log; our choice: a results file has one file of samples a task
LONGEST_FIELD = 256 * 2**10  # bytes of a field that is no file; our choice: a mapping has a few lines
LONGEST_NAME = 255  # characters, as file systems have it

Shape = TypeVar("Shape", bound=Record)


class LogOutcome(BaseModel):
    """What became of one task of a log file."""

    log_id: str
    task: str
    model: str
    receipt: Receipt


class LogOutcomes(BaseModel):
    """What became of a log file, a task at a time."""

    outcomes: list[LogOutcome]


@dataclass(frozen=True)
class Uploaded:
    """The parts of an upload, by what they are for."""

    log: UploadFile
    beside: tuple[UploadFile, ...]
    chosen: ChosenNames
    mapping: CsvMapping | None


def _json_body(shape: type[BaseModel]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {Media.JSON: {"schema": taken(shape)}}}}


@router.post(
    "/readings",
    operation_id="submit_reading",
    summary="Submit what a client read of a log.",
    status_code=201,
    response_model=None,
    responses=receipts(),
    openapi_extra=_json_body(SentReading),
)
async def submit_reading(request: Request, told: Submitted) -> Response:
    """Record one task of one log. No transcript is in a reading, so none leaves the place where the log was made."""
    media_of(request, Media.JSON)
    content = await received(request, STREAM_LIMIT)  # items of a long evaluation are more than a record has
    return await run_in_threadpool(_reading, told, content)


def _reading(told: Submission, content: bytes) -> Response:
    reading = _told(SentReading, json_value(content))
    sent = told.sent(reading.reading.file_name, reading.identity())
    with placed_by(_of_the_log), names_kept_back(told):
        receipt = take_in_reading(told.store, reading, sent, actor=told.caller.actor, at=told.at, supersede=told.supersede)
    return answer(told, receipt)


@router.post(
    "/announcements",
    operation_id="register_log",
    summary="Register the run of a log that is about to be written.",
    status_code=201,
    response_model=None,
    responses=receipts(),
    openapi_extra=_json_body(SentAnnouncement),
)
async def announce(request: Request, told: Submitted) -> Response:
    """Register a run by the names of the program that will write its log; its report is then known as that of this run."""
    if told.supersede is not None:
        raise RefusedError(422, "input", "found a reason to supersede, expected none: what was announced is not announced otherwise")
    media_of(request, Media.JSON)
    content = await received(request, JSON_LIMIT)
    return await run_in_threadpool(_announced, told, content)


def _announced(told: Submission, content: bytes) -> Response:
    announced = _told(SentAnnouncement, json_value(content))
    sent = told.sent(f"announcement of {announced.announcement.log_id}", announced.identity())
    with placed_by(_of_the_log), names_kept_back(told):
        return answer(told, register_log(told.store, announced, sent, actor=told.caller.actor, at=told.at))


_UPLOAD = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "The log file."},
        "beside": {
            "type": "array",
            "maxItems": MOST_BESIDE,
            "items": {"type": "string", "format": "binary"},
            "description": "Files that lie beside it, such as samples of lm-evaluation-harness.",
        },
        "chosen": {"type": "string", "description": "JSON: the names that are meant (ChosenNames)."},
        "mapping": {"type": "string", "description": "JSON: which columns of a CSV file hold what (CsvMapping)."},
    },
}


@router.post(
    "/logs",
    operation_id="submit_log_file",
    summary="Submit a log file of another program.",
    status_code=201,
    response_model=None,
    responses={
        **receipts(),
        200: {"model": LogOutcomes, "description": "Known: nothing new was recorded."},
        201: {"model": LogOutcomes, "description": "Recorded, every task of it."},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {Media.FORM: {"schema": _UPLOAD, "encoding": {name: {"contentType": Media.JSON} for name in ("chosen", "mapping")}}},
        }
    },
)
async def submit_log_file(request: Request, told: Submitted) -> Response:
    """Read a log in a process of its own and record what it tells, each task whole or not at all."""
    media_of(request, Media.FORM)
    parser = MultiPartParser(
        request.headers, arriving(request, STREAM_LIMIT), max_files=MOST_BESIDE + 1, max_fields=2, max_part_size=LONGEST_FIELD
    )
    try:
        form = await parser.parse()
    except KeyError:
        raise _bad_form("", "no boundary in the Content-Type", "a form as clients write it") from None
    except MultiPartException as refused:
        raise _bad_form("", f"a form that cannot be read ({refused.message[:100]})", "a form as clients write it") from None
    try:
        uploaded = _uploaded(form)
        return await run_sync(_recorded, told, uploaded, limiter=request.app.state.readers)
    finally:
        await form.close()


def _uploaded(form: FormData) -> Uploaded:
    parts: dict[str, list[UploadFile | str]] = {}
    for name, part in form.multi_items():
        parts.setdefault(name, []).append(part)
    if stray := sorted(parts.keys() - {"file", "beside", "chosen", "mapping"}):
        raise _bad_form(stray[0], "an unknown part", "file, beside, chosen or mapping")
    log, beside = _files(parts, "file"), _files(parts, "beside")
    if len(log) != 1:
        raise _bad_form("file", f"{len(log)} files", "one")
    if len({each.filename for each in beside}) < len(beside):
        raise _bad_form("beside", "two files of one name", "each name once")
    mapping = _field(parts, "mapping")
    return Uploaded(
        log[0],
        beside,
        _told(ChosenNames, _field(parts, "chosen") or {}, "/chosen"),
        None if mapping is None else _told(CsvMapping, mapping, "/mapping"),
    )


def _files(parts: dict[str, list[UploadFile | str]], name: str) -> tuple[UploadFile, ...]:
    found = []
    for each in parts.get(name, []):
        if isinstance(each, str) or not each.filename or len(each.filename) > LONGEST_NAME or NO_TEXT.search(each.filename):
            raise _bad_form(name, "no file with a name", f"a file with a name of up to {LONGEST_NAME} characters")
        found.append(each)
    return tuple(found)


def _field(parts: dict[str, list[UploadFile | str]], name: str) -> Any:
    found = parts.get(name, [])
    if len(found) > 1:
        raise _bad_form(name, f"{len(found)} fields", "one")
    if not found:
        return None
    if not isinstance(found[0], str):
        raise _bad_form(name, "a file", "a field that holds JSON")
    try:
        return json_value(found[0].encode("utf-8", "surrogatepass"))
    except RefusedError as refused:
        problems = [FieldProblem(pointer((name,)) + each.field, each.found, each.expected) for each in refused.problems]
        raise RefusedError(422, "input", refused.detail, problems) from None


def _recorded(told: Submission, uploaded: Uploaded) -> Response:
    with TemporaryDirectory(prefix="rsp-upload-") as folder:
        upload = Upload(
            _kept(uploaded.log, Path(folder) / "log"),
            str(uploaded.log.filename),
            {str(each.filename): _kept(each, Path(folder) / f"beside-{place}") for place, each in enumerate(uploaded.beside)},
        )
        readings = read_apart(upload, uploaded.mapping)
    sent = [SentReading(reading=each, chosen=uploaded.chosen) for each in readings]
    own = told.sent(str(uploaded.log.filename), "")  # each reading has an identity of its own
    outcomes = take_in_readings(told.store, sent, own, actor=told.caller.actor, at=told.at, supersede=told.supersede)
    return _answer(told, tuple(_seen_by(told, each) for each in outcomes))


def _seen_by(told: Submission, outcome: Outcome) -> Outcome:
    refusal = outcome.refusal
    return replace(outcome, refusal=without_names(told, refusal)) if isinstance(refusal, UnknownNameError) else outcome


def _kept(part: UploadFile, path: Path) -> Path:
    part.file.seek(0)
    with path.open("wb") as file:
        shutil.copyfileobj(part.file, file)
    return path


def _answer(told: Submission, outcomes: tuple[Outcome, ...]) -> Response:
    recorded = [json.loads(_outcome(each)) for each in outcomes if each.receipt is not None]
    refused = [each for each in outcomes if each.refusal is not None]
    if not refused:
        new = any(each.receipt is not None and each.receipt.status != "known" for each in outcomes)
        headers = {REPLAYED_HEADER: "true"} if len(told.replays) == len(outcomes) else {}
        if len(recorded) == 1:
            headers["Location"] = receipt_address(recorded[0]["receipt"]["identity"])
        return Response(json.dumps({"outcomes": recorded}), 201 if new else 200, headers, Media.JSON)
    first = refused[0]
    assert first.refusal is not None
    answered = error_answer(first.refusal, _of_the_log)
    problem = json.loads(bytes(answered.body))
    problem["detail"] = f"{len(refused)} of {len(outcomes)} tasks refused, {len(recorded)} recorded. {problem['detail']}"
    problem["problems"] = [told for each in refused for told in _problems_of(each)]
    problem["recorded"] = recorded
    return Response(json.dumps(problem), answered.status_code, media_type=answered.media_type)


def _outcome(each: Outcome) -> str:
    assert each.receipt is not None
    names = {"log_id": each.reading.log_id, "task": each.reading.task, "model": each.reading.model}
    return LogOutcome(**names, receipt=each.receipt).model_dump_json()


def _problems_of(outcome: Outcome) -> Iterator[dict[str, str]]:
    assert outcome.refusal is not None
    problem = json.loads(bytes(error_answer(outcome.refusal, _of_the_log).body))
    told = problem["problems"] or [{"field": "", "found": problem["detail"], "expected": "what is on record", "where": ""}]
    for each in told:
        yield {**each, "where": f"task {outcome.reading.task}" + (f", {each['where']}" if each["where"] else "")}


def _told(shape: type[Shape], value: Any, below: str = "") -> Shape:
    """Return what a body or a field says, as a record; problems are named by their place below ``below``."""
    try:
        return validated(Document("body", value, dict), shape, NUMBERS_AS_TEXT)
    except DocumentError as refused:
        raise PlacedError(
            refused, lambda problem: FieldProblem(below + pointer(problem.path), problem.found, problem.expected, problem.where)
        ) from refused


def _of_the_log(problem: Problem) -> FieldProblem:
    """Return a problem of the records that a log became: they are no part of what was sent, so the place is told in words."""
    return FieldProblem("", problem.found, problem.expected, problem.where or problem.field)


def _bad_form(name: str, found: str, expected: str) -> RefusedError:
    problem = FieldProblem(pointer((name,)) if name else "", found, expected)
    return RefusedError(422, "input", f"{name or 'the form'}: found {found}, expected {expected}; nothing was recorded", [problem])
