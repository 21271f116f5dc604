"""What pipelines send: every kind of record at an address of its own, and whole evidence files.

The rule kept here: an address only says which records a body holds; what becomes of them is decided in one place (``rsp.ingest``).

Left out: log files and what was read of them (``rsp.api.routes.logs``), and reading anything back but receipts.
"""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from evaluations.documents import read_document
from evaluations.evidence import EvidenceFile
from evaluations.records import Developer, Evaluation, EvaluationVersion, ItemResult, Model, Run, Snapshot, Source, ThreatDomain
from evaluations.registrations import ModelAlias, RunRegistration, TaskAlias
from evaluations.trials import AssessmentPlan, Claim, DropAnswer, QualitativeFinding, UpliftTrial
from evaluations.values import Slug
from rsp.api.bodies import JSON_LIMIT, STREAM_LIMIT, Media, json_value, media_of, received
from rsp.api.callers import permitted
from rsp.api.described import receipts, record_body, taken
from rsp.api.problems import RefusedError, as_sent, documented
from rsp.api.taking_in import Submission, Submitted, answer, placed_by, record, take_in
from rsp.api.wire import RunScore, Wire, items_of, listed, scores, snapshots_of, versions_of
from rsp.receipts import Receipt
from rsp.store.session import Store
from rsp.store.submissions import submission_owned
from rsp.tokens import Caller

router = APIRouter()

Named = Annotated[Slug, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]

LISTS: tuple[tuple[str, str, str, type[BaseModel], str], ...] = (
    ("/sources", "sources", "submit_sources", Source, "Submit documents or pipelines that evidence is taken from."),
    ("/domains", "domains", "submit_domains", ThreatDomain, "Submit threat domains."),
    ("/developers", "developers", "submit_developers", Developer, "Submit developers of models."),
    ("/models", "models", "submit_models", Model, "Submit models, with or without their snapshots."),
    ("/evaluations", "evaluations", "submit_evaluations", Evaluation, "Submit evaluations with their versions."),
    ("/registrations", "registrations", "register_runs", RunRegistration, "Register runs before they start."),
    ("/runs", "runs", "submit_runs", Run, "Submit runs whole, with their scores and items."),
    ("/trials", "trials", "submit_trials", UpliftTrial, "Submit uplift trials with cohorts, arms and participants."),
    ("/findings", "findings", "submit_findings", QualitativeFinding, "Submit qualitative findings."),
    ("/drop-answers", "drop_answers", "submit_drop_answers", DropAnswer, "Submit explanations of sudden drops."),
    ("/claims", "claims", "submit_claims", Claim, "Submit figures as other documents give them."),
    ("/plans", "plans", "submit_plans", AssessmentPlan, "Submit which variants are to be measured."),
    ("/model-aliases", "model_aliases", "submit_model_aliases", ModelAlias, "Say which snapshot a name in log files means."),
    ("/task-aliases", "task_aliases", "submit_task_aliases", TaskAlias, "Say which evaluation a task in log files means."),
)
"""Address, list of an evidence file, operation, record, and what it is for."""

_LINES = (Media.JSON, Media.LINES)


def _add(address: str, wire: Wire, operation: str, shape: type[BaseModel], summary: str) -> None:
    async def submit(request: Request, told: Submitted) -> Response:
        return await take_in(request, told, wire, *_LINES)

    router.add_api_route(
        address,
        submit,
        methods=["POST"],
        operation_id=operation,
        summary=summary,
        status_code=201,
        response_model=None,
        responses=receipts(),
        openapi_extra=record_body(shape, *_LINES),
        tags=["submissions"],
    )


# The most asked stands first: routes are tried in their order.
_add("/scores", scores, "submit_scores", RunScore, "Submit scores of recorded runs: one, a list, or one a line.")
for _address, _name, _operation, _shape, _summary in LISTS:
    _add(_address, listed(_name), _operation, _shape, _summary)


@router.post(
    "/models/{model}/snapshots",
    operation_id="submit_snapshots",
    summary="Submit snapshots of a recorded model.",
    status_code=201,
    response_model=None,
    responses=receipts(),
    openapi_extra=record_body(Snapshot, *_LINES),
    tags=["submissions"],
)
async def submit_snapshots(request: Request, told: Submitted, model: Named) -> Response:
    """Add snapshots to a model that is on record; the model itself need not be repeated."""
    return await take_in(request, told, snapshots_of(model), *_LINES)


@router.post(
    "/evaluations/{evaluation}/versions",
    operation_id="submit_versions",
    summary="Submit versions of a recorded evaluation.",
    status_code=201,
    response_model=None,
    responses=receipts(),
    openapi_extra=record_body(EvaluationVersion, *_LINES),
    tags=["submissions"],
)
async def submit_versions(request: Request, told: Submitted, evaluation: Named) -> Response:
    """Add versions to an evaluation that is on record; the evaluation itself need not be repeated."""
    return await take_in(request, told, versions_of(evaluation), *_LINES)


@router.post(
    "/models/{model}/runs/{run}/items",
    operation_id="submit_items",
    summary="Submit the item results of a recorded run.",
    status_code=201,
    response_model=None,
    responses=receipts(),
    openapi_extra=record_body(ItemResult, *_LINES),
    tags=["submissions"],
)
async def submit_items(request: Request, told: Submitted, model: Named, run: Named) -> Response:
    """Add all items to a run that is on record without any. They come in one request, since a run has its items or has not."""
    return await take_in(request, told, items_of(model, run), *_LINES)


@router.post(
    "/evidence",
    operation_id="submit_evidence_file",
    summary="Submit an evidence file, as `rsp load` takes it.",
    status_code=201,
    response_model=None,
    responses=receipts(),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                Media.JSON: {"schema": taken(EvidenceFile)},
                Media.YAML: {"schema": {"type": "string", "description": "The same in YAML 1.2."}},
            },
        }
    },
    tags=["submissions"],
)
async def submit_evidence_file(request: Request, told: Submitted) -> Response:
    """Record a whole file or nothing of it. Its identity is the digest of the file, as it is where `rsp load` records it."""
    media = media_of(request, Media.JSON, Media.YAML)
    content = await received(request, JSON_LIMIT if media is Media.YAML else STREAM_LIMIT)
    return await run_in_threadpool(_evidence, told, content, media)


def _evidence(told: Submission, content: bytes, media: Media) -> Response:
    identity = hashlib.sha256(content).hexdigest() if told.supersede is None else told.identity(content)
    with placed_by(as_sent):
        values = read_document(content, "body").value if media is Media.YAML else json_value(content)
        return answer(told, record(told, values, "evidence file", identity))


@router.get(
    "/receipts/{identity}",
    operation_id="get_receipt",
    summary="Read the receipt of something you submitted.",
    response_model=None,
    responses={200: {"model": Receipt, "description": "What became of it."}, **documented(404)},
    tags=["submissions"],
)
def get_receipt(request: Request, caller: Annotated[Caller, Depends(permitted)], identity: str) -> Response:
    """Return the receipt as it was given first. One of another owner is as absent as one that is not there."""
    store: Store = request.app.state.store
    with store.read() as session:
        found = submission_owned(session, caller.owner, identity)
    if found is None:
        raise RefusedError(404, "unknown-name", "found no receipt of yours under this identity, expected that of something you submitted")
    return Response(Receipt.model_validate(found.receipt).model_dump_json(), media_type=Media.JSON)
