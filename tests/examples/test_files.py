"""Every example is read whole, refers only to what exists, shares records with the others unchanged, and names no threshold."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from evaluations.records import Confidence, Run
from evaluations.trials import QualitativeFinding, UpliftTrial
from tests.examples.reading import CRITERIA, EXAMPLES, POLICIES, SETS, files_of, policy
from thresholds.load import load_criteria, load_policy

THRESHOLDS = [threshold.slug for path in POLICIES for threshold in load_policy(path.read_bytes(), path.name).record.thresholds]


@pytest.mark.parametrize("example", SETS)
def test_every_evidence_file_is_read(example: str) -> None:
    assert len(files_of(example)) == len(SETS[example])


def test_no_evidence_file_is_left_out_of_the_tests() -> None:
    known = {EXAMPLES / example / name for example, names in SETS.items() for name in names}
    found = {path for path in EXAMPLES.glob("*/*") if path.suffix in (".yaml", ".json") and path.name != "criteria.yaml"}
    assert found == known


@pytest.mark.parametrize("example", SETS)
def test_alphabetical_order_is_reading_order(example: str) -> None:
    assert list(SETS[example]) == sorted(SETS[example])


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_a_policy_file_is_named_by_its_slug(path: Any) -> None:
    assert load_policy(path.read_bytes(), path.name).record.slug == path.stem


@pytest.mark.parametrize("path", CRITERIA, ids=lambda path: path.stem)
def test_a_criteria_file_is_named_by_its_slug(path: Any) -> None:
    assert load_criteria(path.read_bytes(), path.name).record.slug == path.stem


@pytest.mark.parametrize("path", CRITERIA, ids=lambda path: path.stem)
def test_a_criteria_set_speaks_to_every_threshold_of_its_policy(path: Any) -> None:
    criteria = load_criteria(path.read_bytes(), path.name).record
    assert {line.threshold for line in criteria.thresholds} == {each.slug for each in policy(criteria.policy).record.thresholds}


@pytest.mark.parametrize(
    ("example", "criteria_slug"), [("claude-3-7-sonnet", "claude-3-7-card-2"), ("synthetic-lab", "fictional-lab-1.0-criteria")]
)
def test_every_evaluation_that_criteria_name_is_in_the_example(example: str, criteria_slug: str) -> None:
    path = next(each for each in CRITERIA if each.stem == criteria_slug)
    named = {
        (each.evaluation, each.version) for each in load_criteria(path.read_bytes(), path.name).record.criteria if each.shape != "compound"
    }
    there = {(each.slug, version.slug) for file in files_of(example) for each in file.evaluations for version in each.versions}
    assert named <= there


@pytest.mark.parametrize("example", SETS)
def test_no_evidence_names_a_threshold(example: str) -> None:
    for name in SETS[example]:
        text = (EXAMPLES / example / name).read_text(encoding="utf-8")
        assert [slug for slug in THRESHOLDS if re.search(rf"(?<![\w-]){re.escape(slug)}(?![\w-])", text)] == []


@pytest.mark.parametrize("example", SETS)
def test_every_name_refers_to_an_earlier_or_the_same_file(example: str) -> None:
    sources: set[str] = set()
    domains: set[str] = set()
    models: dict[str, set[str]] = {}
    versions: set[tuple[str, str]] = set()
    evaluations: set[str] = set()
    for file in files_of(example):
        sources |= {each.slug for each in file.sources}
        domains |= {each.slug for each in file.domains}
        for model in file.models:
            models[model.slug] = {each.slug for each in model.snapshots}
        for evaluation in file.evaluations:
            evaluations.add(evaluation.slug)
            versions |= {(evaluation.slug, each.slug) for each in evaluation.versions}
            assert evaluation.domain is None or evaluation.domain in domains
        placed: tuple[Run | UpliftTrial | QualitativeFinding, ...] = (*file.runs, *file.trials, *file.findings)
        for record in placed:
            assert (record.evaluation, record.version) in versions
            assert record.snapshot is None or record.snapshot in models[record.model]
        for claim in file.claims:
            assert claim.model in models
            assert claim.evaluation is None or claim.evaluation in evaluations
        for plan in file.plans:
            for line in plan.planned:
                assert set(line.evaluations) <= evaluations
                assert set(line.snapshots) <= models[plan.model]
        assert sources_named(file.model_dump(mode="json")) <= sources


def sources_named(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["source"]} if "source" in value else set()
        return own.union(*(sources_named(inner) for inner in value.values()), set())
    return set().union(*(sources_named(inner) for inner in value)) if isinstance(value, list) else set()


def test_examples_that_share_a_record_agree_on_it() -> None:
    met: dict[tuple[str, str], Any] = {}
    for example in SETS:
        for file in files_of(example):
            for kind in ("sources", "domains", "developers", "models", "evaluations"):
                for record in getattr(file, kind):
                    assert met.setdefault((kind, record.slug), record) == record


def test_every_record_of_the_synthetic_lab_says_so() -> None:
    for file in files_of("synthetic-lab"):
        text = json.dumps(file.model_dump(mode="json"))
        assert set(re.findall(r'"confidence": "(\w+)"', text)) <= {Confidence.SYNTHETIC.value}
        assert "SYNTHETIC" in (file.description or "")
