"""Compares what a file says with what is recorded: new records become rows, changed fields become conflicts or corrections.

The rules kept here: a record is found by its slug within its parent; absence deletes nothing (a child that a later file leaves out
stays, and a run sent without items keeps its items); a changed field is told with the stored and the found value; references are
resolved against what is recorded and what the same file brings; everything wrong is collected before anything is refused.
A child is at least as restricted as its parent: texts of a hazardous run's scores are laid aside, whatever the scores say.

Left out: laying aside texts that were recorded openly when a correction raises a record's visibility; bodies cannot be unwritten,
so only what is written from then on is laid aside. Left out: what no comparison with the record is needed for (``rsp.store.consistency``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, true

from evaluations.documents import Problem
from evaluations.evidence import EvidenceFile
from evaluations.records import Visibility
from evaluations.values import Record
from rsp.errors import expected_name
from rsp.store.canonical import canonical_text
from rsp.store.gathering import WITHHELD, Gathering, Stored, names_known
from rsp.store.log_tables import CorrectionRow
from rsp.store.shapes import FILE_SHAPES, OF_A_MODEL, RELATION, Link, Shape, sealable_fields, text_fields
from rsp.store.tables import ModelRow
from rsp.store.types import Raw, new_id
from rsp.store.wholes import WHOLES, first_difference, whole_text
from rsp.store.writing import SEAL, Writing, raw

Path = tuple[str | int, ...]
LAID_ASIDE = (Visibility.RESTRICTED, Visibility.HAZARDOUS)  # in the order of strictness
_GLOBAL = (("sources", "source"), ("domains", "domain"), ("developers", "developer"), ("models", "model"), ("evaluations", "evaluation"))


@dataclass(frozen=True)
class Change:
    """One field that the file tells differently. ``was`` and ``became`` are canonical JSON, or ``None`` for no value."""

    path: Path
    where: str
    stored: Stored
    field: str
    was: str | None
    became: str | None
    shown_was: str
    shown_became: str

    def problem(self) -> Problem:
        """Return the change as what stands against loading the file."""
        told_by = self.stored.corrected.get(self.field, self.stored.entry_seq)
        found = f"another text, {self.shown_became}" if self.shown_became == self.shown_was else self.shown_became
        return Problem(self.path, found, f"{self.shown_was} as recorded by entry {told_by}", f"{self.where}, {self.field}")


@dataclass(frozen=True)
class _Place:
    """Where in the file the merging is: the path, the words for it, the model it belongs to, and the visibility above it."""

    path: Path
    where: str
    model: str | None
    above: Visibility | None


class Merging:
    """One file against the record, within one writing transaction."""

    def __init__(self, writing: Writing, file: EvidenceFile) -> None:
        self._writing = writing
        self._file = file
        self.problems: list[Problem] = []
        self.changes: list[Change] = []
        self.newest_met = -1  # the newest entry that brought something the file tells again
        meant = ModelRow.__table__.c.slug.in_(
            {each.slug for each in file.models} | {each.model for name in OF_A_MODEL for each in getattr(file, name)}
        )
        names = names_known(writing.session, meant)
        self.known = self._gathered(meant, Gathering(writing.session, writing.seq - 1, names))
        self._keys = {target: names.keys(target) for target in names.slugs}
        self._new_keys()

    def _gathered(self, meant: Any, gathering: Gathering) -> Mapping[str, Mapping[tuple[str, ...], Stored]]:
        models = select(ModelRow.__table__.c.id).where(meant)
        with_items = frozenset(each.slug for each in self._file.runs if each.items)
        known = {}
        for name, shape in FILE_SHAPES.items():
            if shape is RELATION:  # also of models the file does not name: a circle may run through them
                known[name] = gathering.fetch(shape, true())
            elif shape.of_a_model:
                condition = shape.row.__table__.c.model_id.in_(models)
                known[name] = gathering.fetch(shape, condition, wholes=with_items if name == "runs" else None)
            else:
                known[name] = gathering.fetch(shape, meant if name == "models" else true())
        gathering.overlay()
        return known

    def _new_keys(self) -> None:
        """Make keys for everything the file brings that can be referred to, so that the order in the file does not matter."""
        for name, target in _GLOBAL:
            for each in getattr(self._file, name):
                self._keys[target].setdefault((each.slug,), new_id())
        for model in self._file.models:
            for snapshot in model.snapshots:
                self._keys["snapshot"].setdefault((model.slug, snapshot.slug), new_id())
        for evaluation in self._file.evaluations:
            for version in evaluation.versions:
                self._keys["version"].setdefault((evaluation.slug, version.slug), new_id())

    def merge(self) -> None:
        """Walk the file: collect rows in the transaction, and changes and problems here."""
        for name, shape in FILE_SHAPES.items():
            for place, each in parents_first(getattr(self._file, name)):
                model = each.slug if name == "models" else getattr(each, "model", None)
                key = (each.model, each.slug) if shape.of_a_model else (each.slug,)
                here = _Place((name, place), f"{shape.word} {each.slug}", model, None)
                self._record(shape, each, here, self.known[name].get(key), None)

    def _record(self, shape: Shape, record: Any, place: _Place, stored: Stored | None, parent: str | None) -> None:
        self._refuse_marks(record, place)
        visibility = strictest(getattr(record, "visibility", None), place.above)
        if stored is None:
            key = self._insert(shape, record, place, visibility, parent)
        else:
            self.newest_met = max(self.newest_met, stored.entry_seq)
            key = stored.id
            self._compare(shape, record, place, stored, visibility)
        for name, child in shape.children.items():
            for index, each in parents_first(getattr(record, name)):
                title = str(getattr(each, child.key))
                here = _Place((*place.path, name, index), f"{place.where} / {child.word} {title}", place.model, visibility)
                self._record(child, each, here, stored.children[name].get(title) if stored else None, key)
        if shape.whole is not None:
            self._whole(shape.whole, getattr(record, shape.whole), place, stored, key)

    def _insert(self, shape: Shape, record: Any, place: _Place, visibility: Visibility | None, parent: str | None) -> str:
        values: dict[str, object] = {name: self._kept(shape, record, name, visibility) for name in shape.plain_fields}
        for link in shape.links:
            values[link.column] = self._resolve(link, record, place)
        key = self._own_key(shape, record, place)
        values["id"] = key
        if shape.parent is not None:
            values[shape.parent] = parent
        self._writing.add(shape.row, values)
        return key

    def _own_key(self, shape: Shape, record: Any, place: _Place) -> str:
        if shape.word == "snapshot":
            return self._keys["snapshot"][place.model or "", record.slug]
        if shape.word == "version":
            return self._keys["version"][self._file.evaluations[int(place.path[1])].slug, record.slug]
        if shape.word in self._keys:
            return self._keys[shape.word][record.slug,]
        return new_id()

    def _kept(self, shape: Shape, record: Record, name: str, visibility: Visibility | None) -> object:
        """Return the value for the row: the field's own, or the mark of a text that is laid aside."""
        value: object = getattr(record, name)
        if visibility in LAID_ASIDE and name in sealable_fields(shape.record) and isinstance(value, str):
            return self._writing.seal(value, visibility)
        return value

    def _resolve(self, link: Link, record: Any, place: _Place) -> str | None:
        """Return the key that a reference means; an unknown one is a problem, with near names."""
        named = tuple(getattr(record, name) for name in link.fields)
        if named[-1] is None:
            return None
        if link.target == "snapshot":
            named = (place.model, *named)
        keys = self._keys[link.target]
        if named in keys:
            return keys[named]
        scope, slug = named[:-1], named[-1]
        if link.target == "version" and scope not in self._keys["evaluation"]:  # then the evaluation is what is unknown
            self._unknown("evaluation", scope[0], [key[0] for key in self._keys["evaluation"]], (*place.path, "evaluation"), place)
            return None
        kind = f"{link.target} of {' '.join(scope)}" if scope else link.target
        self._unknown(kind, slug, [key[-1] for key in keys if key[:-1] == scope], (*place.path, link.fields[-1]), place)
        return None

    def _unknown(self, kind: str, name: str, known: Sequence[str], path: Path, place: _Place) -> None:
        field = next(step for step in reversed(path) if isinstance(step, str))
        self.problems.append(Problem(path, f"{field} {name}", expected_name(kind, name, known), place.where))

    def _compare(self, shape: Shape, record: Any, place: _Place, stored: Stored, visibility: Visibility | None) -> None:
        linked = {name: link for link in shape.links for name in link.fields}
        for name in shape.own_fields:
            found, held = getattr(record, name), stored.fields[name]
            if name not in linked:
                found, held = raw(shape.row, name, found), raw(shape.row, name, held)
            if found == held:
                continue
            if name in linked:
                self._resolve(linked[name], record, place)
            became = self._kept(shape, record, name, visibility) if name in sealable_fields(shape.record) else found
            was = stored.sealed.get(name, held)
            self._change(place, stored, name, (_json(was), _json(became)), (_shown(was, held), _shown(became, found)))

    def _whole(self, name: str, found: Sequence[Record], place: _Place, stored: Stored | None, key: str) -> None:
        self._resolve_planned(name, found, place)
        whole = WHOLES[name]
        rows = whole.rows_of(key, found)
        if stored is None or (name == "items" and not stored.whole):
            self._writing.add_many(whole.row, whole.columns, rows)
        elif not (name == "items" and not found) and stored.whole != rows:
            was = stored.whole or []
            held = (whole_text(name, was), whole_text(name, rows))
            self._change(place, stored, name, held, first_difference(name, was, rows))

    def _resolve_planned(self, name: str, found: Sequence[Any], place: _Place) -> None:
        if name != "planned":
            return
        for index, each in enumerate(found):
            for field, target, scope in (("evaluations", "evaluation", ()), ("snapshots", "snapshot", (place.model,))):
                keys = self._keys[target]
                for spot, slug in enumerate(getattr(each, field)):
                    if (*scope, slug) not in keys:
                        known = [key[-1] for key in keys if key[:-1] == scope]
                        self._unknown(target, slug, known, (*place.path, name, index, field, spot), place)

    def _change(self, place: _Place, stored: Stored, name: str, held: tuple[str | None, str | None], shown: tuple[str, str]) -> None:
        path = (*place.path, name)
        self.changes.append(Change(path, place.where, stored, name, *held, *shown))

    def _refuse_marks(self, record: Record, place: _Place) -> None:
        for name in text_fields(type(record)):
            value = getattr(record, name)
            if isinstance(value, str) and value.startswith(SEAL):
                path = (*place.path, name)
                self.problems.append(
                    Problem(path, f"{name} beginning with {SEAL}", "other words: this mark stands for a text laid aside", place.where)
                )

    def correct(self, reason: str) -> None:
        """Add a correction for every change."""
        for change in self.changes:
            values = {"target_table": change.stored.shape.row.__tablename__, "target_id": change.stored.id, "field": change.field}
            self._writing.add(CorrectionRow, values | {"id": new_id(), "was": change.was, "became": change.became, "reason": reason})


def strictest(own: Visibility | None, above: Visibility | None) -> Visibility | None:
    """Return the stricter of a record's visibility and its parent's, as far as they lay texts aside."""
    return max((own, above), key=lambda each: LAID_ASIDE.index(each) if each in LAID_ASIDE else -1)


def parents_first(records: Sequence[Any]) -> list[tuple[int, Any]]:
    """Return the records with their places in the file, each after the one it names as ``parent``, if that is in the file.

    A circle is left as it stands: ``rsp.store.consistency`` has refused it, or will.
    """
    waiting = list(enumerate(records))
    if not any(getattr(each, "parent", None) for _, each in waiting):
        return waiting
    ordered: list[tuple[int, Any]] = []
    while waiting:
        held = {each.slug for _, each in waiting}
        ready = [pair for pair in waiting if pair[1].parent not in held]
        if not ready:
            return ordered + waiting
        ordered += ready
        waiting = [pair for pair in waiting if pair[1].parent in held]
    return ordered


def _json(value: object) -> str | None:
    return None if value is None else canonical_text(value)


def _shown(kept: object, value: Raw) -> str:
    """Return a value for a message. A text laid aside is never shown: messages go to logs and screens of people without a grant."""
    if isinstance(kept, str) and kept.startswith(SEAL):
        return WITHHELD
    return "nothing" if value is None else str(value)
