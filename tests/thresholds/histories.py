"""Histories of models in memory: releases, effective compute, assessments and calls, and a policy with the triggers under test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from evaluations.history import AssessmentCall, EffectiveCompute, HeldAssessment
from evaluations.records import Developer, Model
from evaluations.trials import AssessmentPlan
from tests.world import CITED, POLICY, SOURCED, Lab
from thresholds.comparisons import History
from thresholds.due import due_under
from thresholds.due_records import DueModel
from thresholds.policy import Policy

COMPUTE = {"slug": "compute", "words": "four times", "effective_compute_multiple": 4, **CITED}
MONTHS = {"slug": "months", "words": "six months", "months": 6, **CITED}
RISK_REPORT = {"slug": "report", "kind": "calendar", "words": "every 3 to 6 months", "months_earliest": 3, "months": 6, **CITED}


def on_call(kind: str, **fields: Any) -> dict[str, Any]:
    """A trigger that somebody's call fires."""
    return {"slug": kind.replace("_", "-"), "kind": kind, "words": "when somebody says so", **CITED, **fields}


def policy(*triggers: dict[str, Any], **fields: Any) -> Policy:
    """A policy with these triggers."""
    return Policy.model_validate({**POLICY, "thresholds": [Lab().threshold()], "triggers": list(triggers), **fields})


def model(
    slug: str = "m",
    *,
    developer: str = "Test lab",
    figures: Sequence[dict[str, Any]] = (),
    assessed: Sequence[dict[str, Any]] = (),
    calls: Sequence[dict[str, Any]] = (),
    planned_beside: str | None = None,
    **fields: Any,
) -> History:
    """A model with its history, each part made by ``figure``, ``assessed`` or ``called``."""
    planned = {"evaluations": ["exam"], "snapshots": ["final"], "thinking": ["not_stated"]}
    plan = AssessmentPlan(slug="plan", model=slug, comparison_model=planned_beside, planned=(planned,), **SOURCED)
    of = {"model": slug, **SOURCED}
    lab = Developer(slug=developer.lower().replace(" ", "-"), name=developer)
    return History(
        Model(slug=slug, name=f"Model {slug}", developer=lab.slug, **SOURCED, **fields),
        lab,
        (plan,),
        tuple(EffectiveCompute(**{"slug": f"figure-{place}", **of, **each}) for place, each in enumerate(figures)),
        tuple(HeldAssessment(**{"slug": f"assessment-{place}", **of, **each}) for place, each in enumerate(assessed)),
        tuple(AssessmentCall(**{"slug": f"call-{place}", **of, **each}) for place, each in enumerate(calls)),
    )


def figure(day: str, value: str, **fields: Any) -> dict[str, Any]:
    """An entry of effective compute."""
    return {"reached_on": day, "value": Decimal(value), "unit": "FLOP", "entered_by": "A", "basis": "b", **fields}


def assessed(day: str, **fields: Any) -> dict[str, Any]:
    """A comprehensive assessment."""
    return {"depth": "comprehensive", "completed_on": day, "held_by": "A", **fields}


def called(day: str, kind: str = "discretion", **fields: Any) -> dict[str, Any]:
    """Somebody's call."""
    return {"kind": kind, "called_on": day, "called_by": "The officer", "words": "assess it", **fields}


def judged(this: History, *others: History, on: str, triggers: Any = (COMPUTE, MONTHS), within: int = 30, **fields: Any) -> DueModel:
    """The judgement of one model under one policy."""
    rules = policy(*triggers, **fields)
    return due_under(this, (this, *others), rules, (rules,), date.fromisoformat(on), within)
