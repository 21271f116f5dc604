"""How the values of one address become an evidence file, and how what is wrong in the file is told by what was sent.

The rule kept here: whatever is submitted becomes an evidence file and is judged as one, so that every door judges alike; a problem is
named by the place in the body, never by that of a file the sender has not seen.

Left out: judging. Left out: lists of an evidence file that no address is for; a whole file brings those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

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
class Wire:
    """``into`` makes the content of an evidence file of values; ``back`` turns a path of that file into (number of the value, ...)."""

    into: Callable[[Store, Sequence[Any]], dict[str, Any]]
    back: Callable[[Path], Path]


def listed(name: str) -> Wire:
    """The values are a list of an evidence file."""
    return Wire(lambda _, values: {"format": FORMAT, name: list(values)}, lambda path: path[1:])


def _added(_: Store, values: Sequence[Any]) -> dict[str, Any]:
    return {"format": FORMAT, "additions": [_addition(each) for each in values]}


def _addition(value: Any) -> Any:
    if not isinstance(value, dict):
        return value  # the record says what it expects
    score = {name: inner for name, inner in value.items() if name not in ("model", "run")}
    return {**{name: value[name] for name in ("model", "run") if name in value}, "scores": [score]}


def _of_a_score(path: Path) -> Path:
    index, *within = path[1:]
    return (index, *(within[2:] if within[:1] == ["scores"] else within))


SCORES = Wire(_added, _of_a_score)
"""The values are scores of recorded runs."""


def items_of(model: str, run: str) -> Wire:
    """The values are the items of one recorded run."""

    def into(_: Store, values: Sequence[Any]) -> dict[str, Any]:
        return {"format": FORMAT, "additions": [{"model": model, "run": run, "items": list(values)}]}

    return Wire(into, lambda path: path[3:])


def snapshots_of(model: str) -> Wire:
    """The values are snapshots of one recorded model."""

    def into(store: Store, values: Sequence[Any]) -> dict[str, Any]:
        with store.read() as session:
            return {"format": FORMAT, "models": [{**recorded_model(session, model), "snapshots": list(values)}]}

    return Wire(into, lambda path: path[3:])


def versions_of(evaluation: str) -> Wire:
    """The values are versions of one recorded evaluation."""

    def into(store: Store, values: Sequence[Any]) -> dict[str, Any]:
        with store.read() as session:
            return {"format": FORMAT, "evaluations": [{**recorded_evaluation(session, evaluation), "versions": list(values)}]}

    return Wire(into, lambda path: path[3:])
