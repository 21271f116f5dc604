"""A list of new records is taken at once only where each of them alone would come to the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from evaluations.records import Score
from evaluations.values import Record
from rsp.errors import EvidenceError
from rsp.store.ordinary import ordinary_links
from rsp.store.reading import evidence
from rsp.store.session import Store
from rsp.store.shapes import COHORT, FINDING, MODEL, SCORE, Shape
from rsp.store.writing import SEAL
from tests.rsp.store.sample import content, load_content

_TOLD: dict[str, Any] = {"statistic": "mean", "value": Decimal("0.50"), "source": "card"}
_ODD: dict[str, dict[str, Any]] = {
    "nothing odd": {},
    "a text that looks laid aside": {"note": SEAL + "0"},
    "a text to be laid aside": {"visibility": "hazardous", "note": "the recipe"},
    "a source that nobody knows": {"source": "cart"},
}


def _scores(odd: dict[str, Any]) -> list[Score]:
    return [Score.model_validate({"slug": f"s{place}", **_TOLD, **(odd if place == 1 else {})}) for place in range(3)]


def _key(target: str, name: tuple[str, ...]) -> str | None:
    return f"the key of {target} {name[0]}" if name[0] == "card" else None


def test_of_ordinary_records_it_says_what_they_refer_to() -> None:
    """In their order, whatever else they tell."""
    assert ordinary_links(SCORE, _scores({"k": 3, "statistic": "pass_at_k", "note": "odd"}), _key) == [("the key of source card",)] * 3


@pytest.mark.parametrize("odd", [name for name in _ODD if _ODD[name]])
def test_one_that_needs_a_look_of_its_own_makes_the_list_no_ordinary_one(odd: str) -> None:
    """A mark, a visibility under which texts are laid aside, a reference to nothing."""
    assert ordinary_links(SCORE, _scores(_ODD[odd]), _key) is None


@pytest.mark.parametrize("shape", [MODEL, COHORT, FINDING])
def test_records_with_others_below_or_named_by_two_are_never_ordinary(shape: Shape) -> None:
    """Nothing of them is looked at."""
    assert ordinary_links(shape, [], _key) is None


def test_no_record_is_dropped_for_referring_to_nothing() -> None:
    """A shape without links still has a place for each of its records."""
    bare = Shape("score", Record, SCORE.row)
    assert ordinary_links(bare, _scores({}), _key) == [(), (), ()]


@pytest.mark.parametrize(("odd", "answers"), list(zip(_ODD.values(), (3, 1, 3, 1), strict=True)), ids=_ODD)
def test_scores_together_are_recorded_or_refused_as_each_alone(store: Store, odd: dict[str, Any], answers: int) -> None:
    """Three in one addition to a run, and the same three in three additions to another: three scores, or the one problem."""
    held = content()
    held["runs"].append({**held["runs"][0], "slug": "final-2"})
    load_content(store, held)
    told = [score.model_dump(exclude_unset=True) for score in _scores(odd)]
    together, alone = _added(store, "final-1", [told]), _added(store, "final-2", [[each] for each in told])
    assert together == alone
    assert len(together) == answers


def _added(store: Store, run: str, lists: list[list[dict[str, Any]]]) -> list[object]:
    """Return the scores of additions as they are recorded then, or why they are not."""
    added = {"format": "rsp-evidence/1", "additions": [{"model": "m", "run": run, "scores": some} for some in lists]}
    try:
        load_content(store, added)
    except EvidenceError as refused:
        return [(each.path[-1], each.found, each.expected, each.where.replace(run, "the run")) for each in refused.problems]
    with store.read() as session:
        (held,) = [each for each in evidence(session, "m").runs if each.slug == run]
    return [each for each in held.scores if each.slug in ("s0", "s1", "s2")]
