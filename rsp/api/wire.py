"""How the values of one address become an evidence file, and how what is wrong in the file is told by what was sent.

The rule kept here: whatever is submitted becomes an evidence file and is judged as one, so that every door judges alike; a problem is
named by the place in the body, never by that of a file the sender has not seen.

Left out: judging. Left out: lists of an evidence file that no address is for; a whole file brings those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from evaluations.documents import Path
from evaluations.evidence import FORMAT
from evaluations.records import Score
from evaluations.values import Slug
from rsp.store.parents import recorded_evaluation, recorded_model
from rsp.store.session import Store


class RunScore(Score):
    """A score with the recorded run it belongs to."""

    model: Slug
    run: Slug


@dataclass(frozen=True)
class Laid:
    """The content of an evidence file, and what turns a path of that file into (number of the value, ...)."""

    content: dict[str, Any]
    back: Callable[[Path], Path]


Wire = Callable[[Store, Sequence[Any]], Laid]
"""Lays the values of a body out as an evidence file."""


def listed(name: str) -> Wire:
    """The values are a list of an evidence file."""
    return lambda _, values: Laid({"format": FORMAT, name: list(values)}, lambda path: path[1:])


class _OfARun(NamedTuple):
    """An addition to a run, its scores, and the numbers of the values it is made of."""

    addition: Any
    scores: list[Any]
    places: list[int]


def scores(_: Store, values: Sequence[Any]) -> Laid:
    """The values are scores of recorded runs. Those of one run become one addition to it, which is judged faster than one each."""
    laid: dict[object, _OfARun] = {}
    for number, value in enumerate(values):
        if not isinstance(value, dict):
            laid[number] = _OfARun(value, [], [number])  # the record says what it expects
            continue
        score = value.copy()
        model, run = score.pop("model", None), score.pop("run", None)
        key = (model, run) if type(model) is type(run) is str else number  # what is no name is refused by itself
        held = laid.get(key)
        if held is None:
            told: list[Any] = []
            named = {name: value[name] for name in ("model", "run") if name in value}
            held = laid[key] = _OfARun({**named, "scores": told}, told, [])
        held.scores.append(score)
        held.places.append(number)
    places = [each.places for each in laid.values()]
    return Laid({"format": FORMAT, "additions": [each.addition for each in laid.values()]}, lambda path: _of_a_score(path, places))


def _of_a_score(path: Path, places: Sequence[Sequence[int]]) -> Path:
    match path[1:]:
        case (int() as addition, "scores", int() as score, *within):
            return (places[addition][score], *within)
        case (int() as addition, *within):
            return (places[addition][0], *within)
        case within:
            return within


def items_of(model: str, run: str) -> Wire:
    """The values are the items of one recorded run."""

    def laid(_: Store, values: Sequence[Any]) -> Laid:
        return Laid({"format": FORMAT, "additions": [{"model": model, "run": run, "items": list(values)}]}, _beyond_the_parent)

    return laid


def snapshots_of(model: str) -> Wire:
    """The values are snapshots of one recorded model."""

    def laid(store: Store, values: Sequence[Any]) -> Laid:
        with store.read() as session:
            parent = recorded_model(session, model)
        return Laid({"format": FORMAT, "models": [{**parent, "snapshots": list(values)}]}, _beyond_the_parent)

    return laid


def versions_of(evaluation: str) -> Wire:
    """The values are versions of one recorded evaluation."""

    def laid(store: Store, values: Sequence[Any]) -> Laid:
        with store.read() as session:
            parent = recorded_evaluation(session, evaluation)
        return Laid({"format": FORMAT, "evaluations": [{**parent, "versions": list(values)}]}, _beyond_the_parent)

    return laid


def _beyond_the_parent(path: Path) -> Path:
    """Return the way from the child on: before it come the list, the parent's number, and the list of children."""
    return path[3:]
