"""Use case: what is on record, a piece at a time, as any reader may see it. Writes nothing.

The rules kept here: a piece is of one position of the log, which the door hands in, so that a list read in pieces while others write has
neither holes nor repeats; a run that was registered and not reported stands among the runs as the verdict sees it, as withheld; nothing
is filtered by a field that is not shown.

Left out: which position is meant (``rsp.positions``) and what is withheld of a record (``reports.shown_records``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from evaluations.records import Evaluation, ItemResult, Model, RunStatus, Score, Snapshot, Source
from evaluations.registrations import RunRegistration, attempt_numbers
from evaluations.values import Record
from reports.shown_records import (
    Screen,
    ShownEvaluation,
    ShownModel,
    ShownRegistration,
    ShownRun,
    WithheldForm,
    shown_evaluation,
    shown_model,
    shown_snapshots,
)
from rsp.errors import NothingRecordedError, UnknownNameError, UnknownPositionError
from rsp.store.gathering import Stored
from rsp.store.listing import Head, fetched, heads, items, model_key, unknown
from rsp.store.reading import (
    Entry,
    PolicyText,
    Position,
    entries,
    evaluations,
    every_criteria_set,
    policy,
    policy_texts,
    position_as_of,
    unreported_run,
)
from rsp.store.session import Session, Store
from rsp.store.shapes import EVALUATION, FINDING, MODEL, REGISTRATION, RUN, SOURCE, TRIAL, Shape


@dataclass(frozen=True)
class Piece:
    """Part of a list. ``after`` names the last record of it where more follow."""

    records: tuple[Any, ...]
    after: str | None = None


@dataclass(frozen=True)
class Part:
    """Which part of a list is meant: at most so many, after that name."""

    limit: int
    after: str | None = None


@dataclass(frozen=True)
class Wanted:
    """Which runs are meant; ``None`` is any."""

    evaluation: str | None = None
    snapshot: str | None = None
    status: RunStatus | None = None

    def fits(self, told: dict[str, Any]) -> bool:
        """Say whether a run, as it is told with its corrections, is one of them."""
        asked = {"evaluation": self.evaluation, "snapshot": self.snapshot, "status": self.status}
        return all(value is None or told[name] == value for name, value in asked.items())


class ItemsForm(Record):
    """Item results of one run, or that they are withheld."""

    items: tuple[ItemResult, ...]
    withheld: WithheldForm | None = None


def models(store: Store, at: int, part: Part) -> Piece:
    """Return models with their snapshots, by slug."""
    return _listed(store, MODEL, at, part, lambda each: shown_model(each.record()))


def model(store: Store, slug: str, at: int) -> ShownModel | WithheldForm:
    """Return one model. Raises ``UnknownNameError``."""
    with store.read() as session:
        return shown_model(_model(session, slug, at))


def snapshots(store: Store, slug: str, at: int) -> tuple[Snapshot | WithheldForm, ...]:
    """Return the snapshots of a model in training order. Raises ``UnknownNameError``."""
    with store.read() as session:
        return shown_snapshots(_model(session, slug, at))


def all_evaluations(store: Store, at: int, part: Part) -> Piece:
    """Return evaluations with their versions, by slug."""
    return _listed(store, EVALUATION, at, part, lambda each: shown_evaluation(each.record()))


def evaluation(store: Store, slug: str, at: int) -> ShownEvaluation | WithheldForm:
    """Return one evaluation. Raises ``UnknownNameError``."""
    with store.read() as session:
        return shown_evaluation(_one(session, EVALUATION, slug, at).record())


def sources(store: Store, at: int, part: Part) -> Piece:
    """Return sources by slug."""
    return _listed(store, SOURCE, at, part, lambda each: each.record())


def source(store: Store, slug: str, at: int) -> Source:
    """Return one source. Raises ``UnknownNameError``."""
    with store.read() as session:
        found: Source = _one(session, SOURCE, slug, at).record()
        return found


def runs(store: Store, slug: str, at: int, part: Part, wanted: Wanted) -> Piece:
    """Return runs of a model with their scores, by slug; those registered and not reported among them."""
    with store.read() as session:
        key = model_key(session, slug, at)
        screen = _screen(session, slug, at)
        reported = heads(session, RUN, at, model=key)
        known = {each.slug for each in reported}
        waiting = [each for each in heads(session, REGISTRATION, at, model=key) if each.slug not in known]
        held = [each for each in sorted([*reported, *waiting]) if part.after is None or each.slug > part.after]
        found = (told for told in _told_runs(session, at, held, part.limit) if wanted.fits(told))
        return _piece([screen.run(told) for told in islice(found, part.limit + 1)], part)


def run(store: Store, slug: str, name: str, at: int) -> ShownRun | WithheldForm:
    """Return one run of a model with its scores. Raises ``UnknownNameError`` for an unknown model or run."""
    with store.read() as session:
        held = _run_heads(session, slug, name, at)
        return _screen(session, slug, at).run(next(_told_runs(session, at, held, 1)))


def run_items(store: Store, slug: str, name: str, at: int, part: Part) -> tuple[ItemsForm, str | None]:
    """Return item results of one run by the names of the items, and the last name if more follow; none where they are withheld."""
    with store.read() as session:
        (head,) = _run_heads(session, slug, name, at)
        told = next(_told_runs(session, at, [head], 1))
        secret = _screen(session, slug, at).items_closed(told)
        if secret is not None:
            return ItemsForm(items=(), withheld=WithheldForm(kind="items of run", slug=name, visibility=secret)), None
        if head.word != RUN.word:
            return ItemsForm(items=()), None
        found = items(session, head.id, at, after=part.after, limit=part.limit + 1)
    more = len(found) > part.limit
    return ItemsForm(items=found[: part.limit]), found[part.limit - 1].item if more else None


def trials(store: Store, slug: str, at: int, part: Part) -> Piece:
    """Return the uplift trials of a model, by slug."""
    return _of_a_model(store, TRIAL, slug, at, part)


def findings(store: Store, slug: str, at: int, part: Part) -> Piece:
    """Return the qualitative findings on a model, by slug."""
    return _of_a_model(store, FINDING, slug, at, part)


def registrations(store: Store, slug: str, at: int, part: Part) -> Piece:
    """Return the registered runs of a model, by slug, each with its attempt number and whether it was reported."""
    with store.read() as session:
        key = model_key(session, slug, at)
        screen = _screen(session, slug, at)
        stored = list(fetched(session, REGISTRATION, at, heads(session, REGISTRATION, at, model=key)))
        reported = {each.slug for each in heads(session, RUN, at, model=key)}
    recorded = sorted(stored, key=lambda each: (each.entry_seq, each.fields["slug"]))
    records: list[RunRegistration] = [each.record() for each in recorded]
    told = [
        ShownRegistration(
            registration=screen.shown("registration", record),
            attempt=attempt,
            entry_seq=each.entry_seq,
            reported=ShownRegistration.words(is_reported=record.slug in reported),
        )
        for each, record, attempt in zip(recorded, records, attempt_numbers(records), strict=True)
    ]
    ordered = sorted(told, key=lambda each: each.registration.slug)
    held = [each for each in ordered if part.after is None or each.registration.slug > part.after]
    return _piece(held[: part.limit + 1], part, lambda each: each.registration.slug)


def log_entries(store: Store, at: int, part: Part) -> tuple[tuple[Entry, ...], int | None]:
    """Return entries of the log up to a position, oldest first, and the last position told if more follow."""
    first = 0 if part.after is None else int(part.after) + 1
    if first > at:
        return (), None
    with store.read() as session:
        found = entries(session, since=first, limit=min(part.limit, at - first + 1))
    return found, found[-1].seq if found[-1].seq < at else None


def one_entry(store: Store, seq: int, at: int) -> Entry:
    """Return one entry of the log. Raises ``UnknownPositionError`` for one that the position does not know."""
    if seq > at:
        raise UnknownPositionError(str(seq), f"0 to {at}" if at >= 0 else "none yet: nothing is recorded")
    with store.read() as session:
        return entries(session, since=seq, limit=1)[0]


def log_position(store: Store, at: int) -> Position:
    """Return where the log stood at a position."""
    with store.read() as session:
        return position_as_of(session, at)


def policies(store: Store, at: int, part: Part) -> Piece:
    """Return policy versions by slug."""
    if at < 0:
        return Piece(())
    with store.read() as session:
        return _rules(policy_texts(session, at), part)


def one_policy(store: Store, slug: str, at: int) -> PolicyText:
    """Return one policy version. Raises ``UnknownNameError``."""
    with store.read() as session:
        return policy(session, slug, None if at < 0 else at)


def criteria_sets(store: Store, at: int, part: Part, of: str | None) -> Piece:
    """Return criteria sets by slug, of one policy where one is named. Raises ``UnknownNameError`` for an unknown policy."""
    if of is not None:
        one_policy(store, of, at)
    if at < 0:
        return Piece(())
    with store.read() as session:
        return _rules([each for each in every_criteria_set(session, at) if of in (None, each.told["policy"])], part)


def one_criteria_set(store: Store, slug: str, at: int) -> PolicyText:
    """Return one criteria set. Raises ``UnknownNameError``."""
    if at < 0:
        raise NothingRecordedError("criteria set", slug)
    with store.read() as session:
        held = {each.slug: each for each in every_criteria_set(session, at)}
    if slug not in held:
        raise UnknownNameError("criteria set", slug, held, why=f" as of position {at}")
    return held[slug]


def _rules(texts: Sequence[PolicyText], part: Part) -> Piece:
    return _piece([each for each in texts if part.after is None or each.slug > part.after][: part.limit + 1], part)


def _listed(store: Store, shape: Shape, at: int, part: Part, told: Callable[[Stored], Any]) -> Piece:
    with store.read() as session:
        held = [each for each in heads(session, shape, at) if part.after is None or each.slug > part.after]
        return _piece([told(each) for each in fetched(session, shape, at, held[: part.limit + 1])], part)


def _of_a_model(store: Store, shape: Shape, slug: str, at: int, part: Part) -> Piece:
    with store.read() as session:
        key = model_key(session, slug, at)
        screen = _screen(session, slug, at)
        held = [each for each in heads(session, shape, at, model=key) if part.after is None or each.slug > part.after]
        found = fetched(session, shape, at, held[: part.limit + 1])
        return _piece([screen.shown(shape.word, each.record()) for each in found], part)


def _piece(found: Sequence[Any], part: Part, named: Callable[[Any], str] = lambda each: each.slug) -> Piece:
    shown = tuple(found[: part.limit])
    return Piece(shown, named(shown[-1]) if len(found) > part.limit else None)


def _model(session: Session, slug: str, at: int) -> Model:
    model_key(session, slug, at)
    found: Model = _one(session, MODEL, slug, at).record()
    return found


def _one(session: Session, shape: Shape, slug: str, at: int) -> Stored:
    held = heads(session, shape, at, slug=slug)
    if not held:
        raise unknown(shape.word, slug, heads(session, shape, at), at)
    return next(fetched(session, shape, at, held))


def _run_heads(session: Session, slug: str, name: str, at: int) -> list[Head]:
    """Return the head of one run, or of its registration where nothing was reported yet."""
    key = model_key(session, slug, at)
    held = heads(session, RUN, at, model=key, slug=name) or heads(session, REGISTRATION, at, model=key, slug=name)
    if not held:
        raise unknown("run", name, [*heads(session, RUN, at, model=key), *heads(session, REGISTRATION, at, model=key)], at)
    return held


def _told_runs(session: Session, at: int, held: Sequence[Head], together: int) -> Iterator[dict[str, Any]]:
    """Yield runs as they are told, scores as records, without items; ``together`` is how many are fetched at once."""
    for start in range(0, len(held), together + 1):
        some = held[start : start + together + 1]
        kinds = {shape.word: [each for each in some if each.word == shape.word] for shape in (RUN, REGISTRATION)}
        found = {each.id: _told_run(each) for each in fetched(session, RUN, at, kinds[RUN.word])}
        for each in fetched(session, REGISTRATION, at, kinds[REGISTRATION.word]):
            found[each.id] = dict(unreported_run(each.record(), each.entry_seq))
        yield from (found[each.id] for each in some)


def _told_run(stored: Stored) -> dict[str, Any]:
    told = stored.told()
    return {**told, "scores": tuple(Score.model_validate(each) for each in told["scores"])}


def _screen(session: Session, slug: str, at: int) -> Screen:
    declared: tuple[Evaluation, ...] = evaluations(session, at)
    return Screen(_model(session, slug, at), declared)
