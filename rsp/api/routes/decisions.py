"""Reads of what is computed: verdicts, explanations, the gate, what is due, trends, reports.

The rule kept here: each is made by the use case that the command of the same name calls, and as JSON it is that command's text byte for
byte. What computes is imported by the first question that needs it: scipy takes a third of the memory and of the start of a server, and
one that only takes scores in never asks. Left out: the gate's exit code; over HTTP a stop is an answer like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as Address

from evaluations.records import Statistic
from evaluations.values import Day
from reports.document_form import DocumentForm, document_json, figure_json
from reports.due import DueForm, due_json
from reports.explanation import Explanation, explanation_json
from reports.figure_facts import TrendFacts
from reports.jsonform import assessment_json, assessments_json, sorted_json
from rsp.api.problems import documented
from rsp.api.rendering import one_of_few
from rsp.api.routes.records import SLUG, Model
from rsp.api.views import AsOf, ReadRoute, View, Viewed, view_of
from rsp.due import Asked, due
from rsp.gate import GateForm, gate
from thresholds.decision_records import Assessment

if TYPE_CHECKING:
    from rsp import trends

Slug = Annotated[str, Query(pattern=SLUG)]
MOST_POLICIES = 20  # our choice: more than there are, and a bound on what one question may cost
Policies = Annotated[
    tuple[Slug, ...],
    Query(alias="policy", min_length=1, max_length=MOST_POLICIES, description="Policy version to judge by; several stand side by side."),
]
Sets = Annotated[
    tuple[Slug, ...],
    Query(alias="criteria", max_length=MOST_POLICIES, description="Criteria set; may be left out for a policy that has just one in force."),
]
Policy = Annotated[str, Query(pattern=SLUG, description="Policy version to judge by.")]
OneSet = Annotated[str | None, Query(pattern=SLUG, description="Criteria set; may be left out for a policy that has just one in force.")]
Threshold = Annotated[str, Address(pattern=SLUG, description="Slug of a threshold of the policy.")]
OnDay = Annotated[Day | None, Query(alias="on", description="The day to answer for; without it, today in UTC.", examples=["2025-02-24"])]
Within = Annotated[
    int, Query(ge=0, le=36_500, description="How many days ahead is soon.")
]  # a hundred years: days beyond it leave the calendar

DRAWN = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}

router = APIRouter(route_class=ReadRoute, tags=["decisions"])


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


@router.get(
    "/models/{model}/verdicts",
    operation_id="read_verdicts",
    summary="Verdicts on every threshold",
    response_model=Assessment | list[Assessment],
    responses=documented(404, 422),
)
def read_verdicts(model: Model, view: Viewed, policies: Policies, criteria: Sets = ()) -> Response:
    """What `rsp assess --format json` prints: one assessment, or a list where several policies or criteria sets are asked for."""
    from rsp.side_by_side import under_policies

    shown = [each.shown for each in under_policies(view.store, model, policy_slugs=policies, criteria_slugs=criteria, as_of=view.as_of)]
    return _json(assessment_json(shown[0]) if len(shown) == 1 else assessments_json(shown))


@router.get(
    "/models/{model}/thresholds/{threshold}/explanation",
    operation_id="read_explanation",
    summary="One verdict explained",
    response_model=Explanation,
    responses=documented(404, 422),
)
def read_explanation(model: Model, threshold: Threshold, view: Viewed, policy: Policy, criteria: OneSet = None) -> Response:
    """What `rsp explain --format json` prints: every step from the evidence to the safeguards, and what would change it."""
    from rsp import explain

    told = explain.threshold(view.store, model, threshold, policy_slug=policy, criteria_slug=criteria, as_of=view.as_of)
    return _json(explanation_json(told))


@router.get(
    "/models/{model}/gate",
    operation_id="read_gate",
    summary="May a pipeline go on?",
    response_model=GateForm,
    responses=documented(404, 422),
)
def read_gate(model: Model, view: Viewed, policies: Policies, criteria: Sets = ()) -> Response:
    """What `rsp gate --format json` prints: `clear` only if every threshold of every policy named is ruled out."""
    from rsp.side_by_side import under_policies

    assessed = under_policies(view.store, model, policy_slugs=policies, criteria_slugs=criteria, as_of=view.as_of)
    return _json(sorted_json(gate([each.shown for each in assessed]).form))


def _asked_day(request: Request, day: OnDay = None) -> date:
    today: date = request.app.state.settings.clock().date()
    return day or today


AskedDay = Annotated[date, Depends(_asked_day)]


def _viewed_on_a_day(request: Request, day: AskedDay, as_of: AsOf = None) -> View:
    return view_of(request, as_of, day.isoformat())


@router.get(
    "/due",
    operation_id="list_due",
    summary="Models to be assessed anew",
    response_model=list[DueForm],
    responses=documented(404, 422),
)
def list_due(
    view: Annotated[View, Depends(_viewed_on_a_day)],
    day: AskedDay,
    policies: Annotated[tuple[Slug, ...], Query(alias="policy", max_length=MOST_POLICIES, description="Judge every model by these.")] = (),
    models: Annotated[tuple[Slug, ...], Query(alias="model", max_length=MOST_POLICIES, description="Only these models.")] = (),
    within: Within = 30,
) -> Response:
    """What `rsp due --format json` prints: the most pressing model first."""
    asked = Asked(day, within, policies, models)
    return _json(due_json(due(view.store, asked, as_of=view.as_of)))


@dataclass(frozen=True)
class TrendQuestion:
    """The options of `rsp trend`."""

    evaluation: Annotated[str, Query(pattern=SLUG, description="Evaluation to draw.")]
    version: Annotated[str | None, Query(pattern=SLUG, description="Its version; may be left out where only one was run.")] = None
    statistic: Annotated[Statistic | None, Query(description="May be left out where the record has only one.")] = None
    k: Annotated[int | None, Query(ge=1, le=1_000_000, description="The k of pass_at_k.")] = None
    over: Annotated[Literal["release", "compute"] | None, Query(description="What runs along the bottom.")] = None
    models: Annotated[tuple[Slug, ...], Query(alias="model", max_length=100, description="Only these models.")] = ()
    policy: Annotated[str | None, Query(pattern=SLUG, description="Draw the bars of this policy's criteria.")] = None
    fit: Annotated[Literal["line", "none"], Query(description="The line through the frontier, where four models allow one.")] = "line"
    form: Annotated[Literal["json", "svg", "png", "pdf"], Query(alias="format", description="The figure, or its facts.")] = "json"

    @property
    def asked(self) -> trends.Asked:
        """The question as the use case takes it."""
        from rsp import trends

        over: trends.Over | None = None if self.over is None else "release_date" if self.over == "release" else "training_compute"
        return trends.Asked(
            self.evaluation, self.version, self.statistic, self.k, over, tuple(dict.fromkeys(self.models)), self.policy, self.fit
        )


@router.get(
    "/trends",
    operation_id="read_trend",
    summary="Scores of an evaluation over releases or compute",
    response_model=TrendFacts,
    responses=documented(404, 422) | {200: {"content": {media: {} for media in DRAWN.values()}, "description": "The figure, or its facts"}},
)
def read_trend(view: Viewed, asked: Annotated[TrendQuestion, Depends()]) -> Response:
    """What `rsp trend` draws, as a picture or as the facts it is drawn from."""
    from rsp import trends

    facts = trends.trend_facts(view.store, asked.asked, as_of=view.as_of)
    if asked.form == "json":
        return _json(figure_json(facts))
    with one_of_few():
        return Response(trends.drawn(facts, asked.form), media_type=DRAWN[asked.form])


@router.get(
    "/models/{model}/report",
    operation_id="read_report",
    summary="The capability report",
    response_model=DocumentForm,
    responses=documented(404, 422) | {200: {"content": {"application/pdf": {}}, "description": "The report, or its blocks"}},
)
def read_report(
    model: Model,
    view: Viewed,
    policy: Policy,
    criteria: OneSet = None,
    form: Annotated[Literal["pdf", "json"], Query(alias="format", description="The report, or its blocks.")] = "pdf",
) -> Response:
    """What `rsp report` writes: the same bytes for the same position. As JSON, the blocks that it is set from."""
    from rsp import assess, publish

    assessed = assess.model(view.store, model, policy_slug=policy, criteria_slug=criteria, as_of=view.as_of)
    if form == "json":
        return _json(document_json(publish.capability_document(assessed)))
    with one_of_few():
        content = publish.capability_report(assessed)
    name = f"capability-report-{model}-{policy}-{view.at}.pdf"  # slugs and a number: nothing to escape
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'})
