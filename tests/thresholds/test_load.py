"""Policy and criteria files: no citation, no load; a set fits its policy; the digest follows what the file says."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from evaluations.documents import DocumentError, read_document
from tests.world import CRITERIA, POLICY, Lab, bar
from thresholds.load import expect_fit, load_criteria, load_policy

LAB = Lab().trained("only").evaluation().criterion(rule_in=bar(80))


def as_file(record: dict[str, Any]) -> bytes:
    return json.dumps(record, default=lambda each: float(each) if hasattr(each, "as_tuple") else each.isoformat()).encode()


POLICY_FILE = {**POLICY, "thresholds": [LAB.threshold()]}
LINE = {"threshold": "t", "rule": "any", "criteria": ["c"], "words": "any", "citation": "c", "basis": "card_practice"}
CRITERIA_FILE = {**CRITERIA, "thresholds": [LINE], "criteria": list(LAB.criteria)}


def paths_to_citations(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        own = [path] if "citation" in value else []
        return own + [found for key, inner in value.items() for found in paths_to_citations(inner, (*path, key))]
    if isinstance(value, list | tuple):
        return [found for place, inner in enumerate(value) for found in paths_to_citations(inner, (*path, place))]
    return []


def without_citation(record: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(as_file(record))
    place: Any = copy
    for part in path:
        place = place[part]
    del place["citation"]
    return copy


@pytest.mark.parametrize("path", paths_to_citations(POLICY_FILE), ids=str)
def test_no_line_of_a_policy_loads_without_its_citation(path: tuple[str | int, ...]) -> None:
    with pytest.raises(DocumentError, match=r"citation: found no value"):
        load_policy(as_file(without_citation(POLICY_FILE, path)), "policy.json")


@pytest.mark.parametrize("path", paths_to_citations(CRITERIA_FILE), ids=str)
def test_no_bar_loads_without_its_citation(path: tuple[str | int, ...]) -> None:
    with pytest.raises(DocumentError, match=r"citation: found no value"):
        load_criteria(as_file(without_citation(CRITERIA_FILE, path)), "criteria.json")


def test_a_set_that_names_an_unknown_threshold_does_not_fit() -> None:
    record = {**CRITERIA_FILE, "thresholds": [{**LINE, "threshold": "t9"}]}
    content = as_file(record)
    with pytest.raises(DocumentError, match="found “t9”, expected a threshold of test-policy: t"):
        expect_fit(load_criteria(content, "c.json").record, LAB.policy().record, read_document(content, "c.json"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"thresholds": [{**LINE, "criteria": ["c9"]}]}, "criterion c9"),
        ({"criteria": [*LAB.criteria, *LAB.criteria]}, "criterion c twice"),
        (
            {
                "criteria": [
                    *LAB.criteria,
                    {
                        "shape": "compound",
                        "slug": "x",
                        "title": "X",
                        "words": "w",
                        "rule": "any",
                        "parts": ["x"],
                        "citation": "c",
                        "basis": "card_practice",
                    },
                ]
            },
            "inside itself",
        ),
        ({"error_level": {"one_sided": 0.5, "words": "w", "citation": "c", "basis": "card_practice"}}, "under 0.5"),
    ],
)
def test_a_set_that_contradicts_itself_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        load_criteria(as_file({**CRITERIA_FILE, **change}), "criteria.json")


def test_a_policy_under_which_crossing_forces_nothing_is_refused() -> None:
    forcing = {**POLICY["forcing"], "outcomes": ["not_ruled_out"]}
    with pytest.raises(DocumentError, match="crossed among the outcomes"):
        load_policy(as_file({**POLICY_FILE, "forcing": forcing}), "policy.json")


def test_the_digest_follows_what_is_said_and_not_the_layout() -> None:
    dense, loose = as_file(POLICY_FILE), json.dumps(json.loads(as_file(POLICY_FILE)), indent=3).encode()
    assert load_policy(dense, "a").body_sha256 == load_policy(loose, "b").body_sha256
    assert load_policy(dense, "a").source_sha256 != load_policy(loose, "b").source_sha256


@pytest.mark.parametrize("name", [each.name for each in files("thresholds.criteria").iterdir() if each.name.endswith(".yaml")])
def test_every_criteria_set_that_comes_along_fits_its_policy(name: str) -> None:
    content = files("thresholds.criteria").joinpath(name).read_bytes()
    criteria = load_criteria(content, name).record
    policy = load_policy(files("thresholds.policies").joinpath(f"{criteria.policy}.yaml").read_bytes(), criteria.policy).record
    expect_fit(criteria, policy, read_document(content, name))
    assert {each.threshold for each in criteria.thresholds} == {each.slug for each in policy.thresholds}
