"""Reads of what is recorded: models, evaluations, sources, runs, items, trials, findings, registrations.

The rule kept here: a record is given as it is written in files, so that what is read can be sent back; one that is restricted or hazardous
is given by its names. Left out: verdicts and what else is computed (``rsp.api.routes.decisions``).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi import Path as Address

from evaluations.records import ItemResult, RunStatus, Snapshot, Source
from evaluations.trials import QualitativeFinding, UpliftTrial
from evaluations.values import Record
from reports.shown_records import ShownEvaluation, ShownModel, ShownRegistration, ShownRun, WithheldForm
from rsp import listings
from rsp.api.paging import Page, Paged
from rsp.api.problems import documented
from rsp.api.views import ReadRoute, Viewed
from rsp.listings import Wanted

SLUG = r"^[a-z0-9][a-z0-9._-]{0,99}$"  # evaluations.values.Slug
Model = Annotated[str, Address(pattern=SLUG, description="Slug of a model.")]
Name = Annotated[str, Address(pattern=SLUG, description="Slug of the record.")]
Filter = Annotated[str | None, Query(pattern=SLUG, description="Only records of this one.")]


class ModelAnswer(Record):
    """One model as of a position."""

    position: int
    record: ShownModel | WithheldForm


class SnapshotsAnswer(Record):
    """The snapshots of a model, in the order of training."""

    position: int
    records: tuple[Snapshot | WithheldForm, ...]


class EvaluationAnswer(Record):
    """One evaluation with its versions."""

    position: int
    record: ShownEvaluation | WithheldForm


class SourceAnswer(Record):
    """One source."""

    position: int
    record: Source


class RunAnswer(Record):
    """One run with its scores."""

    position: int
    record: ShownRun | WithheldForm


class ModelPage(Page[ShownModel | WithheldForm]):
    """Models by slug."""


class EvaluationPage(Page[ShownEvaluation | WithheldForm]):
    """Evaluations by slug."""


class SourcePage(Page[Source]):
    """Sources by slug."""


class RunPage(Page[ShownRun | WithheldForm]):
    """Runs by slug."""


class TrialPage(Page[UpliftTrial | WithheldForm]):
    """Uplift trials by slug."""


class FindingPage(Page[QualitativeFinding | WithheldForm]):
    """Qualitative findings by slug."""


class RegistrationPage(Page[ShownRegistration]):
    """Registered runs by slug."""


class ItemPage(Page[ItemResult]):
    """Item results by the item's name. ``withheld`` says so where a reader may not see them; then there are none."""

    withheld: WithheldForm | None = None


router = APIRouter(route_class=ReadRoute, tags=["records"])


def told(record: Record) -> Response:
    """Return a record as JSON, numbers as they were written."""
    return Response(record.model_dump_json(), media_type="application/json")


@router.get(
    "/models", operation_id="list_models", summary="Models with their snapshots", response_model=ModelPage, responses=documented(404, 422)
)
def list_models(page: Paged) -> Response:
    """Every model on record, by slug."""
    found = listings.models(page.view.store, page.view.at, page.part)
    return told(page.page(ModelPage, found.records, found.after))


@router.get(
    "/models/{model}",
    operation_id="read_model",
    summary="One model with its snapshots",
    response_model=ModelAnswer,
    responses=documented(404, 422),
)
def read_model(model: Model, view: Viewed) -> Response:
    """One model; its snapshots stand in the order of training."""
    return told(ModelAnswer(position=view.at, record=listings.model(view.store, model, view.at)))


@router.get(
    "/models/{model}/snapshots",
    operation_id="list_snapshots",
    summary="Snapshots of a model",
    response_model=SnapshotsAnswer,
    responses=documented(404, 422),
)
def list_snapshots(model: Model, view: Viewed) -> Response:
    """The snapshots of one model in the order of training, all at once."""
    return told(SnapshotsAnswer(position=view.at, records=listings.snapshots(view.store, model, view.at)))


@router.get(
    "/evaluations",
    operation_id="list_evaluations",
    summary="Evaluations with their versions",
    response_model=EvaluationPage,
    responses=documented(404, 422),
)
def list_evaluations(page: Paged) -> Response:
    """Every evaluation on record, by slug."""
    found = listings.all_evaluations(page.view.store, page.view.at, page.part)
    return told(page.page(EvaluationPage, found.records, found.after))


@router.get(
    "/evaluations/{evaluation}",
    operation_id="read_evaluation",
    summary="One evaluation with its versions",
    response_model=EvaluationAnswer,
    responses=documented(404, 422),
)
def read_evaluation(evaluation: Name, view: Viewed) -> Response:
    """One evaluation: unit, scale and direction of risk of each version."""
    return told(EvaluationAnswer(position=view.at, record=listings.evaluation(view.store, evaluation, view.at)))


@router.get(
    "/sources", operation_id="list_sources", summary="Sources of evidence", response_model=SourcePage, responses=documented(404, 422)
)
def list_sources(page: Paged) -> Response:
    """Every document and pipeline that evidence was taken from, by slug."""
    found = listings.sources(page.view.store, page.view.at, page.part)
    return told(page.page(SourcePage, found.records, found.after))


@router.get(
    "/sources/{source}", operation_id="read_source", summary="One source", response_model=SourceAnswer, responses=documented(404, 422)
)
def read_source(source: Name, view: Viewed) -> Response:
    """One source."""
    return told(SourceAnswer(position=view.at, record=listings.source(view.store, source, view.at)))


@router.get(
    "/models/{model}/runs",
    operation_id="list_runs",
    summary="Runs of a model with their scores",
    response_model=RunPage,
    responses=documented(404, 422),
)
def list_runs(
    model: Model,
    page: Paged,
    evaluation: Filter = None,
    snapshot: Filter = None,
    status: Annotated[RunStatus | None, Query(description="Only runs that ended so.")] = None,
) -> Response:
    """Runs by slug. A run that was registered and not reported stands among them as withheld, as it does in a verdict."""
    found = listings.runs(page.view.store, model, page.view.at, page.part, Wanted(evaluation, snapshot, status))
    return told(page.page(RunPage, found.records, found.after))


@router.get(
    "/models/{model}/runs/{run}",
    operation_id="read_run",
    summary="One run with its scores",
    response_model=RunAnswer,
    responses=documented(404, 422),
)
def read_run(model: Model, run: Name, view: Viewed) -> Response:
    """One run. Its item results are read at `/items` below it."""
    return told(RunAnswer(position=view.at, record=listings.run(view.store, model, run, view.at)))


@router.get(
    "/models/{model}/runs/{run}/items",
    operation_id="list_items",
    summary="Item results of a run",
    response_model=ItemPage,
    responses=documented(404, 422),
)
def list_items(model: Model, run: Name, page: Paged) -> Response:
    """Item results by the item's name; none for a run that has only scores."""
    found, after = listings.run_items(page.view.store, model, run, page.view.at, page.part)
    whole = page.page(ItemPage, found.items, after)
    return told(whole.but({"withheld": found.withheld}))


@router.get(
    "/models/{model}/trials",
    operation_id="list_trials",
    summary="Uplift trials of a model",
    response_model=TrialPage,
    responses=documented(404, 422),
)
def list_trials(model: Model, page: Paged) -> Response:
    """Trials with cohorts, arms and participants under their codes."""
    found = listings.trials(page.view.store, model, page.view.at, page.part)
    return told(page.page(TrialPage, found.records, found.after))


@router.get(
    "/models/{model}/findings",
    operation_id="list_findings",
    summary="Qualitative findings on a model",
    response_model=FindingPage,
    responses=documented(404, 422),
)
def list_findings(model: Model, page: Paged) -> Response:
    """What experts said, with who signed it off."""
    found = listings.findings(page.view.store, model, page.view.at, page.part)
    return told(page.page(FindingPage, found.records, found.after))


@router.get(
    "/models/{model}/registrations",
    operation_id="list_registrations",
    summary="Registered runs of a model",
    response_model=RegistrationPage,
    responses=documented(404, 422),
)
def list_registrations(model: Model, page: Paged) -> Response:
    """Runs that were registered before they started: which attempt each is, and whether it was reported."""
    found = listings.registrations(page.view.store, model, page.view.at, page.part)
    return told(page.page(RegistrationPage, found.records, found.after))
