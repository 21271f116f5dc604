"""The bundled sets with their cases, and small files of cases about a set of three criteria, to which a test adds its own fact."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from tests.world import Lab, bar
from thresholds.casebook import Casebook, JudgedCase, judged, load_cases
from thresholds.criteria_set import CriteriaSet
from thresholds.load import Loaded, load_criteria, load_policy
from thresholds.policy import Policy

EXAM = {"slug": "exam", "version": "v1", "unit": "percent", "scale_low": 0, "scale_high": 100, "riskier_when": "higher"}
LAB = Lab().criterion(rule_in=bar(80))
OTHERS = LAB.criterion("q", shape="qualitative", evaluation="talk", question="is it?").criterion("u", shape="uplift", evaluation="trial")
OTHER_EVALUATIONS = ({**EXAM, "slug": "talk"}, {**EXAM, "slug": "trial", "sampling": "participants"})


@dataclass(frozen=True)
class BundledSet:
    """A criteria set that comes along with its policy and its cases; a correction without its own has those of what it corrects."""

    criteria: Loaded[CriteriaSet]
    policy: Loaded[Policy]
    book: Casebook


def bundled_sets() -> tuple[str, ...]:
    names = sorted(each.name for each in files("thresholds.criteria").iterdir())
    return tuple(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


@cache
def bundled_set(slug: str) -> BundledSet:
    criteria = load_criteria(files("thresholds.criteria").joinpath(f"{slug}.yaml").read_bytes(), slug)
    policy = load_policy(files("thresholds.policies").joinpath(f"{criteria.record.policy}.yaml").read_bytes(), criteria.record.policy)
    own = files("thresholds.cases").joinpath(f"{slug}.yaml")
    path = own if own.is_file() else files("thresholds.cases").joinpath(f"{criteria.record.corrects}.yaml")
    return BundledSet(criteria, policy, load_cases(path.read_bytes(), path.name))


@cache
def judged_cases(slug: str) -> tuple[JudgedCase, ...]:
    held = bundled_set(slug)
    return judged(held.book, held.policy, held.criteria, code_version="test")


def book(*cases: dict[str, Any], **fields: Any) -> Casebook:
    """A file of cases about the criterion ``c``: a share against a rule-out bar of 50 and a rule-in bar of 80."""
    made = tuple({"case": f"Case {place}.", **each} for place, each in enumerate(cases))
    whole = {"format": "rsp-cases/1", "criteria": "test-criteria", "evaluations": (EXAM, *OTHER_EVALUATIONS), "cases": made, **fields}
    return load_cases(json.dumps(whole, indent=1).encode(), "cases.json")


def judge(*cases: dict[str, Any], lab: Lab = OTHERS, criteria: dict[str, Any] | None = None, **fields: Any) -> tuple[JudgedCase, ...]:
    return judged(book(*cases, **fields), lab.policy(), lab.criteria_set(**(criteria or {})), code_version="test")


def of_c(expect: dict[str, Any], *evidence: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A case about the criterion ``c``."""
    return {"criterion": "c", "evidence": evidence, "expect": expect, **fields}
