"""Reads of the rules that evidence is judged by: policy versions and criteria sets. They hold nothing above class H0."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from evaluations.values import Record
from rsp.api.paging import Page, Paged
from rsp.api.problems import documented
from rsp.api.routes.records import SLUG, Name, told
from rsp.api.views import ONLY_NAMES, ReadRoute, Viewed
from rsp.listings import criteria_sets, one_criteria_set, one_policy, policies
from rsp.store.reading import PolicyText
from thresholds.criteria_set import CriteriaSet
from thresholds.policy import Policy


class RuleForm(Record):
    """A released document: its name, the entry that brought it, and the digests of what it says and of the file it came in."""

    slug: str
    title: str
    corrects: str | None
    file_name: str
    body_sha256: str
    source_sha256: str
    entry_seq: int


class CriteriaForm(RuleForm):
    """A criteria set and the policy it is for."""

    policy: str


class PolicyAnswer(Record):
    """One policy version, whole."""

    position: int
    released: RuleForm
    record: Policy


class CriteriaAnswer(Record):
    """One criteria set, whole."""

    position: int
    released: CriteriaForm
    record: CriteriaSet


class PolicyPage(Page[RuleForm]):
    """Policy versions by slug."""


class CriteriaPage(Page[CriteriaForm]):
    """Criteria sets by slug."""


router = APIRouter(route_class=ReadRoute, tags=[ONLY_NAMES])
OfPolicy = Annotated[str | None, Query(pattern=SLUG, description="Only the sets of this policy.")]


@router.get("/policies", operation_id="list_policies", summary="Policy versions", response_model=PolicyPage, responses=documented(404, 422))
def list_policies(page: Paged) -> Response:
    """Every policy version on record, by slug."""
    found = policies(page.view.store, page.view.at, page.part)
    return told(page.page(PolicyPage, [RuleForm(**_released(each)) for each in found.records], found.after))


@router.get(
    "/policies/{policy}",
    operation_id="read_policy",
    summary="One policy version",
    response_model=PolicyAnswer,
    responses=documented(404, 422),
)
def read_policy(policy: Name, view: Viewed) -> Response:
    """What the text of a policy says: levels, domains, thresholds, required safeguards, with citations."""
    text = one_policy(view.store, policy, view.at)
    record = Policy.model_validate_json(text.body)
    return told(PolicyAnswer(position=view.at, released=RuleForm(**_released(text)), record=record))


@router.get(
    "/criteria", operation_id="list_criteria_sets", summary="Criteria sets", response_model=CriteriaPage, responses=documented(404, 422)
)
def list_criteria_sets(page: Paged, policy: OfPolicy = None) -> Response:
    """Every criteria set on record, by slug; one that another corrects is still there."""
    found = criteria_sets(page.view.store, page.view.at, page.part, policy)
    return told(page.page(CriteriaPage, [_criteria_form(each) for each in found.records], found.after))


@router.get(
    "/criteria/{criteria}",
    operation_id="read_criteria_set",
    summary="One criteria set",
    response_model=CriteriaAnswer,
    responses=documented(404, 422),
)
def read_criteria_set(criteria: Name, view: Viewed) -> Response:
    """The bars of one document, each with the statistic that is compared and its citation."""
    text = one_criteria_set(view.store, criteria, view.at)
    return told(CriteriaAnswer(position=view.at, released=_criteria_form(text), record=CriteriaSet.model_validate_json(text.body)))


def _released(text: PolicyText) -> dict[str, object]:
    own = {name: getattr(text, name) for name in ("slug", "corrects", "file_name", "body_sha256", "source_sha256", "entry_seq")}
    return {**own, "title": text.told["title"]}


def _criteria_form(text: PolicyText) -> CriteriaForm:
    return CriteriaForm.model_validate({**_released(text), "policy": text.told["policy"]})
