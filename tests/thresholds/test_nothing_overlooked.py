"""Change any one thing in a policy or criteria file, and the comparison tells it: every bundled file, every field in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from evaluations import records
from rsp.policies import bundled
from thresholds import citation, criterion, governance, outcomes, safeguards
from thresholds import policy as policies
from thresholds.criteria_diff import criteria_changes
from thresholds.criteria_set import CriteriaSet
from thresholds.load import load_criteria, load_policy
from thresholds.policy import Policy
from thresholds.policy_diff import policy_changes

VOCABULARIES = [
    [word.value for word in each]
    for module in (records, citation, criterion, governance, outcomes, safeguards, policies)
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, StrEnum)
]
Place = tuple[str | int, ...]
NAME_OF_THE_FILE = ("slug",)  # two files may say the same under two names


def held(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every leaf and every list."""
    if isinstance(value, list):
        yield place, value
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from held(inner, (*place, key))
    elif value is not None:
        yield place, value


def kind(place: Place) -> str:
    return ".".join("" if isinstance(each, int) else each for each in place)


def one_of_each(value: Any) -> Iterator[tuple[Place, Any]]:
    """Yield the first of every kind of place: of ``thresholds[0].name`` and ``thresholds[1].name`` one, of lists the first that is not
    empty.
    """
    met: set[str] = set()
    for place, found in held(value):
        if found != [] and kind(place) not in met:
            met.add(kind(place))
            yield place, found


def replaced(value: Any, place: Place, leaf: Any) -> Any:
    if not place:
        return leaf
    copy = value.copy()
    copy[place[0]] = replaced(value[place[0]], place[1:], leaf)
    return copy


def others(leaf: Any) -> list[Any]:
    """Return what might stand there instead; the record says which may."""
    if isinstance(leaf, list):
        return [leaf[:-1], leaf[1:]]
    if isinstance(leaf, int):
        return [leaf + 1, leaf - 1]
    return [*(word for words in VOCABULARIES if leaf in words for word in words), f"{leaf}x", f"{leaf}1", "2031-01-01", "2001-01-01"]


def valid(form: type[BaseModel], content: Any) -> Any:
    try:
        return form.model_validate_json(json.dumps(content))
    except ValidationError:
        return None


def changed(form: type[BaseModel], record: BaseModel) -> Iterator[tuple[Place, Any]]:
    """Yield copies of a record in each of which one leaf is another, or one list is shorter."""
    content = record.model_dump(mode="json")
    for place, leaf in one_of_each(content):
        for other in others(leaf):
            copy = None if other == leaf else valid(form, replaced(content, place, other))
            if copy is not None and copy != record:
                yield place, copy
                break


POLICIES = [load_policy(each.content, each.name).record for each in bundled() if b"\nformat: rsp-policy/1" in each.content]
SETS = [load_criteria(each.content, each.name).record for each in bundled() if b"\nformat: rsp-criteria/1" in each.content]


@pytest.mark.parametrize("record", POLICIES, ids=lambda each: each.slug)
def test_a_change_anywhere_in_a_policy_is_told(record: Policy) -> None:
    tried = [(place, policy_changes(record, copy), policy_changes(copy, record)) for place, copy in changed(Policy, record)]
    assert len(tried) > 40
    assert [place for place, there, back in tried if not (there and back) and place != NAME_OF_THE_FILE] == []


@pytest.mark.parametrize("record", SETS, ids=lambda each: each.slug)
def test_a_change_anywhere_in_a_criteria_set_is_told(record: CriteriaSet) -> None:
    tried = [(place, criteria_changes(record, copy), criteria_changes(copy, record)) for place, copy in changed(CriteriaSet, record)]
    assert len(tried) > 20
    assert [place for place, there, back in tried if not (there and back) and place != NAME_OF_THE_FILE] == []
