"""Use case: what a log tells, taken into the record once it is settled which snapshot and which version of an evaluation it means.

The rules kept here: what a sender says of a log comes first, then the names that its pipeline wrote into it, then the aliases on record;
of several aliases that fit, the one that asks for most wins, and two that fit alike are an error that names both. Where nothing fits,
nothing is stored and nothing is guessed: the error names the strings as they are spelled and the alias to record. A snapshot is never made
of a name in a log. A log is one run: what was recorded of it under one model is not recorded again under another.

A model that aliases tell apart by revisions is not assigned by its bare name once a file tells of a revision that no alias names: it may
be a new checkpoint. Left out: reading files (``rsp.reading_apart``) and deciding what is new (``rsp.ingest``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from evaluations.documents import Problem
from evaluations.evidence import FORMAT, EvidenceFile
from evaluations.readers import formats
from evaluations.readers.assignment import (
    NOTHING_CHOSEN,
    Assigned,
    Assignment,
    AssignmentError,
    ChosenNames,
    Derivation,
    LogAnnouncement,
    SentAnnouncement,
    SentReading,
    as_evidence,
    run_slug,
)
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogReading, MeasureUnit, source_slug
from evaluations.records import RunStatus, Source
from evaluations.registrations import ModelAlias, RunRegistration, TaskAlias
from rsp.alias_entries import unassigned_model, unassigned_task
from rsp.errors import ConflictError, EvidenceError, RspError
from rsp.ingest import Sent, Sight, Told, submit
from rsp.receipts import Derived, Receipt
from rsp.store.aliases import expect_snapshot, has_source, model_aliases, names_below, runs_named, spellings, task_aliases, version_named
from rsp.store.session import Session, Store
from rsp.store.submissions import keyed_submission

LONGEST_KEY_OF_SEVERAL = 200  # characters; what is added to tell the readings of one file apart leaves it below 255

Log = LogReading | LogAnnouncement
Alias = TypeVar("Alias", ModelAlias, TaskAlias)


@dataclass(frozen=True)
class Settled:
    """What the names of a log mean here, and what is to be told of how that was found."""

    assignment: Assignment
    derived: tuple[Derivation, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one reading: a receipt, or why it was refused."""

    reading: LogReading
    receipt: Receipt | None
    refusal: RspError | None


def sent_as(told: SentReading | SentAnnouncement, name: str, owner: str, key: str | None = None) -> Sent:
    """Return what the record keeps of a sender whose door says nothing more."""
    return Sent(name, told.identity(), owner, key)


def take_in_reading(store: Store, told: SentReading, sent: Sent, *, actor: str, at: datetime, supersede: str | None = None) -> Receipt:
    """Record what one log tells.

    Raises ``UnassignedError`` for names that mean nothing here, ``EvidenceError`` and ``UnknownNameError`` for what does not fit the
    record, ``ConflictError`` for a log that was recorded otherwise.
    """
    if (first := _answered_before(store, sent)) is not None:
        return first
    assigned = assigned_reading(store, told.reading, told.chosen, supersede=supersede, sight=sent.sight)
    run = f"run {assigned.run.slug}"
    derived = tuple(Derived(record=run, field=each.field, value=each.value, basis=each.basis) for each in assigned.derived)
    return submit(store, assigned.file, sent, actor=actor, at=at, supersede=supersede, told=Told(derived, assigned.warnings))


def take_in_readings(
    store: Store, told: Sequence[SentReading], sent: Sent, *, actor: str, at: datetime, supersede: str | None = None
) -> tuple[Outcome, ...]:
    """Record every reading of a file, each whole or not at all; one that is refused keeps none of the others out.

    A key for all of them names each by its log, so that the file sent again is known, whatever order it is read in.
    """
    outcomes = []
    for each in told:
        own = replace(sent, file_sha256=each.identity())
        if sent.idempotency_key is not None and len(told) > 1:
            name = source_slug(each.reading.format, each.reading.log_id)
            own = replace(own, idempotency_key=f"{sent.idempotency_key[:LONGEST_KEY_OF_SEVERAL]}:{name}")
        try:
            receipt = take_in_reading(store, each, own, actor=actor, at=at, supersede=supersede)
            outcomes.append(Outcome(each.reading, receipt, None))
        except RspError as refused:
            outcomes.append(Outcome(each.reading, None, refused))
    return tuple(outcomes)


def take_in_log(
    store: Store, file: LogFile, *, actor: str, at: datetime, chosen: ChosenNames = NOTHING_CHOSEN, supersede: str | None = None
) -> tuple[Outcome, ...]:
    """Read a trusted file in this process and record what it tells; ``rsp.reading_apart`` reads any other. Raises ``LogError``."""
    told = [SentReading(reading=each, chosen=chosen) for each in formats.read(file)]
    return take_in_readings(store, told, Sent(file.name, file.sha256(), actor), actor=actor, at=at, supersede=supersede)


def register_log(store: Store, told: SentAnnouncement, sent: Sent, *, actor: str, at: datetime) -> Receipt:
    """Register the run of a log that is about to be written, under the name that its report will carry. Raises as ``take_in_reading``."""
    announcement = told.announcement
    if (first := _answered_before(store, sent)) is not None:
        return first
    with store.read() as session:
        settled = _settled(session, announcement, told.chosen)
        meant = settled.assignment
        version_named(session, meant.evaluation, meant.version)
    slug = run_slug(announcement.format, announcement.log_id, meant.evaluation, meant.version)
    source = Source(
        slug=f"announced-{source_slug(announcement.format, announcement.log_id)}",  # another than the log's, which tells the file's digest
        title=f"Announcement of log {announcement.log_id}: {announcement.task} on {announcement.model}",
        how_read="sent by the program that starts the run",
    )
    registration = RunRegistration(
        slug=slug,
        source=source.slug,
        confidence=meant.confidence,
        **meant.model_dump(include={"model", "snapshot", "evaluation", "version"}),
        **announcement.model_dump(include={"thinking", "scaffold", "token_budget", "tools", "planned_items"}),
    )
    file = EvidenceFile(format=FORMAT, sources=(source,), registrations=(registration,))
    derived = tuple(
        Derived(record=f"registration {slug}", field=each.field, value=each.value, basis=each.basis) for each in settled.derived
    )
    return submit(store, file, sent, actor=actor, at=at, told=Told(derived, settled.warnings))


def _answered_before(store: Store, sent: Sent) -> Receipt | None:
    """Return what the same bytes were answered under the same key, also where aliases have changed since; ``None`` for anything new."""
    if sent.idempotency_key is None:
        return None
    with store.read() as session:
        keyed = keyed_submission(session, sent.owner, sent.idempotency_key)
    if keyed is None or keyed.request_sha256 != sent.file_sha256:
        return None
    sent.replayed()
    return Receipt.model_validate(keyed.receipt)


def assigned_reading(
    store: Store, reading: LogReading, chosen: ChosenNames, *, supersede: str | None = None, sight: Sight = Sight.RECORD
) -> Assigned:
    """Return the records that a reading becomes, without recording them. Raises as ``take_in_reading``."""
    with store.read() as session:
        settled = _settled(session, reading, chosen)
        version = version_named(session, settled.assignment.evaluation, settled.assignment.version)
        try:
            assigned = as_evidence(reading, settled.assignment, version)
        except AssignmentError as refused:
            raise EvidenceError(
                (Problem((refused.field,), refused.found, refused.expected, f"{reading.task} of {reading.file_name}"),)
            ) from refused
        _expect_one_model(session, assigned, sight)
        # A copy of a log in another container has other bytes and tells the same: the source stands as it was first recorded.
        sources = () if supersede is None and has_source(session, assigned.run.source) else assigned.file.sources
    file = assigned.file.but({"sources": sources})
    return replace(assigned, file=file, derived=(*settled.derived, *assigned.derived), warnings=(*settled.warnings, *assigned.warnings))


def _expect_one_model(session: Session, assigned: Assigned, sight: Sight) -> None:
    run = assigned.run
    for other in runs_named(session, run.slug):
        if other.model != run.model and other.status is not RunStatus.INVALIDATED:
            held = other.model if sight is Sight.RECORD else "another model"
            raise ConflictError(
                f"found the log assigned to {run.model}, expected {held}, under which run {run.slug} is recorded: "
                "a log is one run; to move it, declare that run invalidated with a reason first"
            )


def _settled(session: Session, log: Log, chosen: ChosenNames) -> Settled:
    derived: list[Derivation] = []
    warnings: list[str] = []
    for name in type(log.stated).model_fields:
        said, stated = getattr(chosen, name), getattr(log.stated, name)
        if said is not None and stated is not None and said != stated:
            warnings.append(f"the file states {name} {stated}; {said}, which was said beside it, was taken")
    model, snapshot = _snapshot_of(session, log, chosen, derived, warnings)
    expect_snapshot(session, model, snapshot)
    meant = _version_of(session, log, chosen, derived)
    assignment = Assignment(model=model, snapshot=snapshot, confidence=chosen.confidence, **meant)
    return Settled(assignment, tuple(derived), tuple(warnings))


def _snapshot_of(session: Session, log: Log, chosen: ChosenNames, derived: list[Derivation], warnings: list[str]) -> tuple[str, str]:
    stated = log.stated
    model = chosen.model or stated.model
    snapshot = chosen.snapshot or (stated.snapshot if stated.model in (None, model) else None)
    if model is not None and snapshot is not None:
        return model, snapshot
    recorded = model_aliases(session, log.model)
    fitting = [each for each in recorded if each.snapshot_hint in (None, log.snapshot_hint)]
    if log.snapshot_hint is not None and not any(each.snapshot_hint for each in fitting) and any(each.snapshot_hint for each in recorded):
        fitting = []  # told apart by revisions, and nobody has named this one
    fitting = [each for each in fitting if model in (None, each.model)]
    alias = _best(fitting, lambda each: each.snapshot_hint is not None, lambda each: (each.model, each.snapshot), log.model)
    if alias is None:
        raise unassigned_model(log, model, recorded, names_below(session, "model"), spellings(session)[0])
    if alias.snapshot_hint is None and log.snapshot_hint is not None:
        warnings.append(f"the file tells of {log.model} at {log.snapshot_hint}; the alias {alias.slug} says nothing of revisions")
    found = snapshot or alias.snapshot
    derived.append(Derivation("snapshot", f"{alias.model} / {found}", f"alias {alias.slug} for {_spelled(log.model, alias.snapshot_hint)}"))
    return alias.model, found


def _version_of(session: Session, log: Log, chosen: ChosenNames, derived: list[Derivation]) -> dict[str, object]:
    """Return evaluation, version, measure and unit."""
    stated = log.stated
    evaluation = chosen.evaluation or stated.evaluation
    version = chosen.version or (stated.version if stated.evaluation in (None, evaluation) else None)
    recorded = task_aliases(session, log.task)
    fitting = [
        each
        for each in recorded
        if each.task_version in (None, log.task_version)
        and (each.measure is None or _has_measure(log, each.measure))
        and chosen.measure in (None, each.measure or chosen.measure)
        and evaluation in (None, each.evaluation)
        and version in (None, each.version)
    ]
    alias = _best(fitting, _demands, lambda each: (each.evaluation, each.version, each.measure, each.unit), log.task)
    if alias is None:
        if evaluation is None or version is None:
            raise unassigned_task(log, evaluation, recorded, names_below(session, "evaluation"), spellings(session)[1])
        return {"evaluation": evaluation, "version": version, "measure": chosen.measure, "unit": chosen.unit}
    basis = f"alias {alias.slug} for {_spelled(alias.task, alias.task_version, alias.measure)}"
    if evaluation is None or version is None:
        derived.append(Derivation("version", f"{alias.evaluation} / {alias.version}", basis))
    if chosen.measure is None and alias.measure is not None:
        derived.append(Derivation("measure", alias.measure, basis))
    unit = alias.unit if chosen.unit is MeasureUnit.NOT_STATED else chosen.unit
    return {"evaluation": alias.evaluation, "version": alias.version, "measure": chosen.measure or alias.measure, "unit": unit}


def _has_measure(log: Log, measure: str) -> bool:
    """Say whether the log tells of a measure. One that holds none, such as of a run that failed, or is yet to be written, may mean any."""
    measures = log.measures if isinstance(log, LogReading) else ()
    return not measures or any(each.name == measure for each in measures)


def _demands(alias: TaskAlias) -> int:
    return (alias.task_version is not None) + (alias.measure is not None)


def _best(fitting: Iterable[Alias], demands: Callable[[Alias], int], meaning: Callable[[Alias], object], spelled: str) -> Alias | None:
    """Return the alias that asks for most; ``None`` where none fits. Raises ``EvidenceError`` where two that ask alike mean two things."""
    fitting = sorted(fitting, key=lambda each: (-demands(each), each.slug))
    if not fitting:
        return None
    first = fitting[0]
    for other in fitting[1:]:
        if demands(other) == demands(first) and meaning(other) != meaning(first):
            found = f"{spelled}, which the aliases {first.slug} and {other.slug} give two meanings"
            raise EvidenceError((Problem(("alias",), found, "one; say beside the log which is meant, or correct an alias"),))
    return first


def _spelled(*names: str | None) -> str:
    return ", ".join(each for each in names if each is not None)
