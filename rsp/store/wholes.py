"""Children without a name of their own, kept as rows and told as a whole: item results, participants, planned variants.

The rules kept here: the rows of one parent are all there is of the field; a correction replaces the field, not one row of it,
because what changed is the set (dropping a planned variant hides a gap, adding a participant moves a mean). Item results are ordered
by item and participants by code, so that the order in a file does not matter where it means nothing.

Left out: fetching and inserting, which ``gathering`` and ``writing`` do for every row alike. Rows are plain tuples here, as the
database holds them: a run of 100,000 items is compared in the time it takes to read it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from evaluations.records import ItemResult
from evaluations.trials import ParticipantResult, PlannedVariants
from evaluations.values import plain
from rsp.store.canonical import canonical_text
from rsp.store.tables import ItemResultRow, Logged, ParticipantResultRow, PlannedVariantsRow
from rsp.store.types import Raw

Rows = list[tuple[Raw, ...]]
"""Rows of one parent in canonical order; the first column is the parent's key."""
Told = list[dict[str, Any]]
"""The records of a whole as plain values that a record is built from."""


@dataclass(frozen=True)
class Whole:
    """How one such field is kept: the columns of its rows, and the ways between records, rows and what is told of them."""

    row: type[Logged]
    columns: tuple[str, ...]  # the first is the parent's key
    rows_of: Callable[[str, Sequence[Any]], Rows]
    told: Callable[[Iterable[tuple[Raw, ...]]], Told]
    rows_told: Callable[[str, Told], Rows]  # from the JSON of a correction; one made before a field was known lacks it

    @property
    def parent(self) -> str:
        """The column of the parent's key."""
        return self.columns[0]


def _digits(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _number(held: str | None) -> Decimal | None:
    return None if held is None else Decimal(held)


def _item_rows(run_id: str, items: Sequence[ItemResult]) -> Rows:
    return [
        (run_id, each.item, number, each.cluster, _digits(each.human_minutes), _digits(value))
        for each in sorted(items, key=lambda each: each.item)
        for number, value in enumerate(each.attempts)
    ]


def _told_items(rows: Iterable[tuple[Any, ...]]) -> Told:
    told = []
    for item, group in groupby(rows, key=itemgetter(1)):
        attempts = list(group)
        (_, _, _, cluster, minutes, _), values = attempts[0], [_number(row[5]) for row in attempts]
        told.append({"item": item, "cluster": cluster, "human_minutes": _number(minutes), "attempts": values})
    return told


def _item_rows_told(run_id: str, told: Told) -> Rows:
    return [
        (run_id, each["item"], number, each["cluster"], each.get("human_minutes"), value)
        for each in told
        for number, value in enumerate(each["attempts"])
    ]


def _participant_rows(arm_id: str, participants: Sequence[ParticipantResult]) -> Rows:
    return [
        (arm_id, each.code, each.team, _digits(each.pretest), _digits(each.score))
        for each in sorted(participants, key=lambda each: each.code)
    ]


def _told_participants(rows: Iterable[tuple[Any, ...]]) -> Told:
    return [{"code": code, "team": team, "pretest": _number(pretest), "score": _number(score)} for _, code, team, pretest, score in rows]


def _participant_rows_told(arm_id: str, told: Told) -> Rows:
    return [(arm_id, each["code"], each.get("team"), each.get("pretest"), each["score"]) for each in told]


_PLANNED = ("evaluations", "snapshots", "thinking")


def _planned_rows(plan_id: str, planned: Sequence[PlannedVariants]) -> Rows:
    return _planned_rows_told(plan_id, [each.model_dump(mode="json") for each in planned])


def _told_planned(rows: Iterable[tuple[Any, ...]]) -> Told:
    return [{name: json.loads(held) for name, held in zip(_PLANNED, row[2:], strict=True)} for row in rows]


def _planned_rows_told(plan_id: str, told: Told) -> Rows:
    return [(plan_id, place, *(canonical_text(each[name]) for name in _PLANNED)) for place, each in enumerate(told)]


WHOLES: Mapping[str, Whole] = {
    "items": Whole(
        row=ItemResultRow,
        columns=("run_id", "item", "attempt", "cluster", "human_minutes", "value"),
        rows_of=_item_rows,
        told=_told_items,
        rows_told=_item_rows_told,
    ),
    "participants": Whole(
        row=ParticipantResultRow,
        columns=("arm_id", "code", "team", "pretest", "score"),
        rows_of=_participant_rows,
        told=_told_participants,
        rows_told=_participant_rows_told,
    ),
    "planned": Whole(
        row=PlannedVariantsRow,
        columns=("assessment_plan_id", "ordinal", *_PLANNED),
        rows_of=_planned_rows,
        told=_told_planned,
        rows_told=_planned_rows_told,
    ),
}
NAMED_BY = {"items": "item", "participants": "code"}  # the field that must not stand twice; planned variants have none


def whole_text(field: str, rows: Rows) -> str:
    """Return the canonical JSON that a correction keeps."""
    return canonical_text([{name: _in_text(value) for name, value in each.items()} for each in WHOLES[field].told(rows)])


def _in_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_text(each) for each in value]
    return plain(value) if isinstance(value, Decimal) else value


def first_difference(field: str, stored: Rows, found: Rows) -> tuple[str, str]:
    """Return words for the first row that differs, stored and found, without what neither states."""
    for place in range(max(len(stored), len(found))):
        was, became = (rows[place] if place < len(rows) else () for rows in (stored, found))
        if was != became:
            stated = {at for row in (was, became) for at, value in enumerate(row) if value is not None}
            return _in_words(field, was, len(stored), stated), _in_words(field, became, len(found), stated)
    return "the same", "the same"


def _in_words(field: str, row: tuple[Raw, ...], count: int, stated: set[int]) -> str:
    if not row:
        return f"no more than {count} rows"
    named = [(name, row[at]) for at, name in enumerate(WHOLES[field].columns) if at > 0 and at in stated]
    return " ".join(f"{name} {'nothing' if value is None else value}" for name, value in named)
