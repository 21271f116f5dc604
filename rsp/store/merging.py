"""Compares what a file says with what is recorded: new records become rows, changed fields become conflicts or corrections.

The rules kept here: a record is found by its slug within its parent; absence deletes nothing (a child that a later file leaves out
stays, and a run sent without items keeps its items); a changed field is told with the stored and the found value; references are
resolved against what is recorded and what the same file brings; everything wrong is collected before anything is refused.
A child is at least as restricted as its parent: texts of a hazardous run's scores are laid aside, whatever the scores say.

Left out: laying aside texts that were recorded openly when a correction raises a record's visibility; bodies cannot be unwritten,
so only what is written from then on is laid aside. Left out: what no comparison with the record is needed for (``rsp.store.consistency``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import select

from evaluations.documents import Problem
from evaluations.evidence import EvidenceFile, RunAddition
from evaluations.records import Visibility
from evaluations.values import Record
from rsp.errors import expected_name
from rsp.store.canonical import canonical_text
from rsp.store.filling import Fresh, filling
from rsp.store.gathering import WITHHELD, Gathering, KeptSelection, Stored, Values
from rsp.store.log_tables import CorrectionRow
from rsp.store.names import Names
from rsp.store.ordinary import ordinary_links
from rsp.store.prepared import AT_ONCE
from rsp.store.selections import SCORES_OF_MODELS, Named, added_to, every, named_ones, of_the_models
from rsp.store.shapes import DOMAIN, EVALUATION, FILE_SHAPES, LAID_ASIDE, RELATION, RUN, SCORE, Link, Shape, sealable_fields, text_fields
from rsp.store.tables import ModelRow
from rsp.store.types import Raw, keys
from rsp.store.wholes import WHOLES, first_difference, whole_text
from rsp.store.writing import SEAL, Writing, columns_of, raw

Path = tuple[str | int, ...]
_GLOBAL = (("sources", "source"), ("domains", "domain"), ("developers", "developer"), ("models", "model"), ("evaluations", "evaluation"))
_REFERRED_TO = frozenset(target for _, target in _GLOBAL)
_NAMED_BELOW = frozenset({"snapshot", "version"})  # children that are referred to, so that their keys are made beforehand


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
        found = f"another text, {self.shown_became}" if self.shown_became == self.shown_was else self.shown_became
        return Problem(self.path, found, f"{self.shown_was} as recorded by entry {self.told_by}", f"{self.where}, {self.field}")

    def guarded_problem(self) -> Problem:
        """Return the change as who may not see the record is told it: which field, and which entry tells it differently."""
        return Problem(self.path, self.shown_became, f"what entry {self.told_by} recorded", f"{self.where}, {self.field}")

    @property
    def told_by(self) -> int:
        """The entry that the stored value is from."""
        return self.stored.corrected.get(self.field, self.stored.entry_seq)


Seen = Callable[[int], bool]
"""Says of an entry whether it is the sender's own: only of those a sender without the whole record in sight is told."""


class _Place(NamedTuple):
    """Where in the file the merging is: the path, the words for it, the model it belongs to, and the visibility above it."""

    path: Path
    where: str
    model: str | None
    above: Visibility | None


class Merging:
    """One file against the record, within one writing transaction."""

    def __init__(self, writing: Writing, file: EvidenceFile, seen: Seen | None = None) -> None:
        self._writing = writing
        self._file = file
        self._seen = seen
        self.problems: list[Problem] = []
        self.changes: list[Change] = []
        self.newest_met = -1  # the newest entry that brought something the file tells again
        self._names = Names(writing.session, writing.on_disk, writing.committed)
        self._keys = keys()
        self._fresh: defaultdict[Shape, Fresh] = defaultdict(Fresh)
        self.known = self._gathered(Gathering(writing.session, writing.seq - 1, self._names))
        self._new_keys()

    def _gathered(self, gathering: Gathering) -> Mapping[str, Mapping[tuple[str, ...], Stored]]:
        """Fetch the recorded counterparts of what the file tells, and what it must be held against; nothing else, however much there is."""
        with_items = frozenset(each.slug for each in self._file.runs if each.items)
        known: dict[str, Mapping[tuple[str, ...], Stored]] = {}
        self._gather_added_to(gathering, known)
        on_scales_of = {each.fields["evaluation"] for each in known["additions"].values()}
        for name, shape in FILE_SHAPES.items():
            meant = self._meant(name, shape, on_scales_of)
            if meant is None:
                known[name] = {}
            else:
                selection, values = meant
                known[name] = gathering.fetch(shape, selection, wholes=with_items if name == "runs" else None, values=values)
        gathering.overlay()
        return known

    def _gather_added_to(self, gathering: Gathering, known: dict[str, Mapping[tuple[str, ...], Stored]]) -> None:
        """Fetch the runs that additions name, and of their scores those the additions tell."""
        told = self._file.additions
        known["additions"] = {}
        if not told:
            return
        named = {each.run for each in told}
        models = list({each.model for each in told})
        scores = self._recorded_scores(models, list(dict.fromkeys(score.slug for each in told for score in each.scores)))
        values = {"slugs": list(named), "models": models, "scores": scores}
        selection = added_to("named" if len(named) <= AT_ONCE else "many", "named" if len(scores) <= AT_ONCE else "many")
        with_items = frozenset(each.run for each in told if each.items)
        known["additions"] = gathering.fetch(RUN, selection, wholes=with_items, values=values)

    def _recorded_scores(self, models: list[str], names: list[str]) -> list[str]:
        """Return which of many names some score of these models carries already: mostly none, and then there is nothing to fetch."""
        if len(names) <= AT_ONCE:
            return names
        found: set[str] = set()
        for start in range(0, len(names), AT_ONCE):
            values = {"models": models, "scores": names[start : start + AT_ONCE]}
            found.update(slug for (slug,) in SCORES_OF_MODELS.rows(self._writing.session, values))
        return list(found)

    def _meant(self, name: str, shape: Shape, on_scales_of: set[str]) -> tuple[KeptSelection, Values] | None:
        """Return what selects the recorded records of one list that matter to the file, ``None`` if none can."""
        told = getattr(self._file, name)
        if name in ("runs", "registrations"):  # a run is held against its registration, a late registration against the run
            told = (*self._file.runs, *self._file.registrations)
        slugs = {getattr(each, shape.key) for each in told}
        if shape is EVALUATION:  # results lie on the scale of the version they name
            slugs |= {each.evaluation for held in (self._file.runs, self._file.trials) for each in held} | on_scales_of
        if name == "models":  # a drop is answered forwards in training
            slugs |= {each.model for each in self._file.drop_answers}
        if not slugs:
            return None
        if shape in (DOMAIN, RELATION):  # a circle may run through any of them, also of models the file does not name
            return every(name), {}
        named: Named = "named" if len(slugs) <= AT_ONCE else "many"
        if not shape.of_a_model:
            return named_ones(name, named), {"slugs": list(slugs)}
        return of_the_models(name, named), {"slugs": list(slugs), "models": list({each.model for each in told})}

    def _new_keys(self) -> None:
        """Make keys for everything the file brings that can be referred to, so that the order in the file does not matter."""
        for name, target in _GLOBAL:
            for each in getattr(self._file, name):
                self._names.given(target, (each.slug,))
        for model in self._file.models:
            for snapshot in model.snapshots:
                self._names.given("snapshot", (model.slug, snapshot.slug))
        for evaluation in self._file.evaluations:
            for version in evaluation.versions:
                self._names.given("version", (evaluation.slug, version.slug))

    def merge(self) -> None:
        """Walk the file: collect rows in the transaction, and changes and problems here."""
        for name, shape in FILE_SHAPES.items():
            for place, each in parents_first(getattr(self._file, name)):
                model = each.slug if name == "models" else getattr(each, "model", None)
                key = (each.model, each.slug) if shape.of_a_model else (each.slug,)
                here = _Place((name, place), f"{shape.word} {each.slug}", model, None)
                self._record(shape, each, here, self.known[name].get(key), None)

        self._merge_additions()
        for shape, fresh in self._fresh.items():
            self._writing.add_columns(shape.row, columns_of(shape.row), filling(shape)(fresh))

    def _merge_additions(self) -> None:
        fresh = {(each.model, each.slug) for each in self._file.runs}
        for index, each in enumerate(self._file.additions):
            place = _Place(("additions", index), f"run {each.run}", each.model, None)
            stored = self.known["additions"].get((each.model, each.run))
            if (each.model, each.run) in fresh:
                self.problems.append(
                    Problem((*place.path, "run"), f"{each.run}, which this file tells itself", "its results in the run", place.where)
                )
            elif stored is None:
                self._unknown(f"run of {each.model}", each.run, self._runs_of(each.model), (*place.path, "run"), place)
            else:
                self._add_to(stored, each, place)

    def _add_to(self, stored: Stored, addition: RunAddition, place: _Place) -> None:
        self.newest_met = max(self.newest_met, stored.entry_seq)
        visibility = Visibility(stored.fields["visibility"])
        self._below("scores", SCORE, addition.scores, place._replace(above=visibility), stored.children["scores"], stored.id)
        if addition.items:
            self._whole("items", addition.items, place, stored, stored.id)

    def _runs_of(self, model: str) -> list[str]:
        run, above = RUN.row.__table__.c, ModelRow.__table__.c
        query = select(run.slug, run.entry_seq).join(ModelRow.__table__, above.id == run.model_id).where(above.slug == model)
        rows = self._writing.session.execute(query)
        return sorted(slug for slug, entry_seq in rows if self._seen is None or self._seen(entry_seq))

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
            held = stored.children[name] if stored else {}
            self._below(name, child, getattr(record, name), place._replace(above=visibility), held, key)
        if shape.whole is not None:
            self._whole(shape.whole, getattr(record, shape.whole), place, stored, key)

    def _below(self, name: str, shape: Shape, records: Sequence[Any], place: _Place, held: Mapping[str, Stored], parent: str) -> None:
        """Merge the records of one list below ``place``, held against those on record; long lists of ordinary new ones at once."""
        unknown = not held or held.keys().isdisjoint({getattr(each, shape.key) for each in records})
        if len(records) > 1 and unknown and place.above not in LAID_ASIDE:
            links = None if shape.word in _NAMED_BELOW else ordinary_links(shape, records, self._names.key)
            if links is not None:
                self._fresh[shape].add_children([each.__dict__ for each in records], links, list(islice(self._keys, len(links))), parent)
                return
        for index, each in parents_first(records):
            title = str(getattr(each, shape.key))
            here = _Place((*place.path, name, index), f"{place.where} / {shape.word} {title}", place.model, place.above)
            self._record(shape, each, here, held.get(title), parent)

    def _insert(self, shape: Shape, record: Any, place: _Place, visibility: Visibility | None, parent: str | None) -> str:
        told = record.__dict__
        if visibility in LAID_ASIDE:
            told = told | {name: self._kept(shape, record, name, visibility) for name in sealable_fields(shape.record)}
        links = [self._resolve(link, record, place) for link in shape.links]
        key = self._own_key(shape, record, place)
        self._fresh[shape].add(told, links, key, parent)
        return key

    def _own_key(self, shape: Shape, record: Any, place: _Place) -> str:
        if shape.word == "snapshot":
            return self._names.given("snapshot", (place.model or "", record.slug))
        if shape.word == "version":
            return self._names.given("version", (self._file.evaluations[int(place.path[1])].slug, record.slug))
        if shape.word in _REFERRED_TO:
            return self._names.given(shape.word, (record.slug,))
        return next(self._keys)

    def _kept(self, shape: Shape, record: Record, name: str, visibility: Visibility | None) -> object:
        """Return the value for the row: the field's own, or the mark of a text that is laid aside."""
        value: object = getattr(record, name)
        if visibility in LAID_ASIDE and name in sealable_fields(shape.record) and isinstance(value, str):
            return self._writing.seal(value, visibility)
        return value

    def _resolve(self, link: Link, record: Any, place: _Place) -> str | None:
        """Return the key that a reference means; an unknown one is a problem, with near names."""
        named = tuple([getattr(record, name) for name in link.fields])  # a list first: a generator takes twice as long
        if named[-1] is None:
            return None
        if link.target == "snapshot" and len(named) == 1:
            named = (place.model or "", *named)
        key = self._names.key(link.target, named)
        if key is not None:
            return key
        scope, slug = named[:-1], named[-1]
        above = {"version": "evaluation", "snapshot": "model"}.get(link.target)
        if above is not None and self._names.key(above, scope) is None:  # then the evaluation, or the model, is what is unknown
            if above in link.fields or link.target == "version":
                self._unknown(above, scope[0], self._names.within(above, (), self._seen), (*place.path, above), place)
            return None
        kind = f"{link.target} of {' '.join(scope)}" if scope else link.target
        self._unknown(kind, slug, self._names.within(link.target, scope, self._seen), (*place.path, link.fields[-1]), place)
        return None

    def _unknown(self, kind: str, name: str, known: Sequence[str], path: Path, place: _Place) -> None:
        field = next(step for step in reversed(path) if isinstance(step, str))
        shown = None if self._seen is not None and not known else known  # nobody is told that a record is empty because it is not theirs
        self.problems.append(Problem(path, f"{field} {name}", expected_name(kind, name, shown), place.where))

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
            self._expect_own(stored, found, place)
            self._writing.add_many(whole.row, whole.columns, rows)
        elif not (name == "items" and not found) and stored.whole != rows:
            was = stored.whole or []
            held = (whole_text(name, was), whole_text(name, rows))
            self._change(place, stored, name, held, first_difference(name, was, rows))

    def _expect_own(self, stored: Stored | None, items: Sequence[Record], place: _Place) -> None:
        """Refuse items for a run that somebody else reported by its scores: the items would decide, and its scores count for less."""
        if stored is None or not items or self._seen is None or self._seen(stored.entry_seq):
            return
        found, expected = f"items for a run that entry {stored.entry_seq} brought", "items of a run of your own; who reported it adds them"
        self.problems.append(Problem((*place.path, "items"), found, expected, place.where))

    def _resolve_planned(self, name: str, found: Sequence[Any], place: _Place) -> None:
        if name != "planned":
            return
        for index, each in enumerate(found):
            for field, target, scope in (("evaluations", "evaluation", ()), ("snapshots", "snapshot", (place.model or "",))):
                for spot, slug in enumerate(getattr(each, field)):
                    if self._names.key(target, (*scope, slug)) is None:
                        self._unknown(
                            target, slug, self._names.within(target, scope, self._seen), (*place.path, name, index, field, spot), place
                        )

    def _change(self, place: _Place, stored: Stored, name: str, held: tuple[str | None, str | None], shown: tuple[str, str]) -> None:
        path = (*place.path, name)
        self.changes.append(Change(path, place.where, stored, name, *held, *shown))

    def _refuse_marks(self, record: Record, place: _Place) -> None:
        told = record.__dict__
        for name in text_fields(type(record)):
            value: str | None = told[name]
            if value is not None and value.startswith(SEAL):
                path = (*place.path, name)
                self.problems.append(
                    Problem(path, f"{name} beginning with {SEAL}", "other words: this mark stands for a text laid aside", place.where)
                )

    def correct(self, reason: str) -> None:
        """Add a correction for every change."""
        for change in self.changes:
            values = {"target_table": change.stored.shape.row.__tablename__, "target_id": change.stored.id, "field": change.field}
            told = {"was": change.was, "became": change.became, "reason": reason}
            self._writing.add(CorrectionRow, values | told | {"id": next(self._keys)})


def strictest(own: Visibility | None, above: Visibility | None) -> Visibility | None:
    """Return the stricter of a record's visibility and its parent's, as far as they lay texts aside."""
    if above not in LAID_ASIDE:
        return own
    return above if own not in LAID_ASIDE else max((own, above), key=LAID_ASIDE.index)


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
