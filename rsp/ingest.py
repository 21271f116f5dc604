"""Use case: take a file in, whole or not at all, so that sending it twice counts once.

The rules kept here: the same content again writes nothing; new records are added; changed content is refused, naming each field
with the stored and the found value, unless a reason to supersede is given, and then the old value stays readable; one file is one entry
of the log. A released policy or criteria set is immutable: other content under its name is refused, reason or not.

Left out: reading files (``evaluations`` and ``rsp.policies`` turn bytes into records) and the clock, which the door hands in as ``at``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from evaluations.documents import Problem
from evaluations.evidence import Correction, EvidenceFile
from evaluations.values import Record
from rsp.errors import ConflictError, EvidenceError
from rsp.store.consistency import inconsistencies
from rsp.store.merging import Change, Merging
from rsp.store.policy_consistency import Origin, Versions, evidence_problems
from rsp.store.policy_writing import Released, add_criteria, add_policy
from rsp.store.reading import every_criteria_set
from rsp.store.session import Store
from rsp.store.writing import Writing
from thresholds.criteria_set import CriteriaSet
from thresholds.policy import Policy

Status = Literal["stored", "known", "superseded"]


class Receipt(Record):
    """What became of a file. ``entry_seq`` is the entry that recorded it, or, for a known file, the newest that had brought any of it."""

    status: Status
    entry_seq: int
    counts: Mapping[str, int]  # new rows by table
    corrections: tuple[Correction, ...]
    root: str  # of the log afterwards, in hexadecimal


def load(
    store: Store, file: EvidenceFile, *, file_name: str, file_sha256: str, actor: str, at: datetime, supersede: str | None = None
) -> Receipt:
    """Record an evidence file. Raises ``EvidenceError`` with every problem of it, ``ConflictError`` for changed content."""
    with store.write(actor=actor, at=at) as writing:
        merging = Merging(writing, file)
        merging.merge()
        against_sets = _against_sets(writing, file, merging, correcting=supersede is not None)
        if problems := [*inconsistencies(file, merging.known), *_nothing(file), *_no_reason(supersede), *merging.problems, *against_sets]:
            raise EvidenceError(problems)
        if merging.changes and supersede is None:
            raise ConflictError(
                f"{file_name} tells {len(merging.changes)} recorded field(s) differently; to correct them, give a reason to supersede",
                [change.problem() for change in merging.changes],
            )
        merging.correct(supersede or "")
        if writing.counts:
            reason = {} if supersede is None else {"reason": supersede}
            writing.describe("evidence", {"file_name": file_name, "file_sha256": file_sha256, **reason})
    return _receipt(writing, merging.newest_met, tuple(_told(change, writing, supersede or "") for change in merging.changes))


def load_policy(store: Store, policy: Policy, *, file_name: str, file_sha256: str, actor: str, at: datetime) -> Receipt:
    """Record a policy version.

    Raises ``ConflictError`` if other content is released under its name, ``EvidenceError`` if it does not fit those recorded.
    """
    with store.write(actor=actor, at=at) as writing:
        released = add_policy(writing, policy, file_name=file_name, file_sha256=file_sha256)
        _describe(writing, released, "policy", file_name, file_sha256)
    return _receipt(writing, released.entry_seq, ())


def load_criteria(
    store: Store, criteria: CriteriaSet, *, file_name: str, file_sha256: str, actor: str, at: datetime, origin: Origin = "own"
) -> Receipt:
    """Record a criteria set.

    Of a set that comes with rsp (``origin``) less is asked, as ``rsp.store.policy_consistency.criteria_problems`` says.

    Raises ``UnknownNameError`` for an unrecorded policy, ``ConflictError`` for other content of its name, ``EvidenceError`` if it
    does not fit the sets and evaluations recorded.
    """
    with store.write(actor=actor, at=at) as writing:
        released = add_criteria(writing, criteria, file_name=file_name, file_sha256=file_sha256, origin=origin)
        _describe(writing, released, "criteria", file_name, file_sha256)
    return _receipt(writing, released.entry_seq, ())


def _describe(writing: Writing, released: Released, kind: str, file_name: str, file_sha256: str) -> None:
    if writing.counts:
        act = {"slug": released.slug, "body_sha256": released.body_sha256}
        writing.describe(kind, {"file_name": file_name, "file_sha256": file_sha256, **act})


def _receipt(writing: Writing, newest_met: int, corrections: tuple[Correction, ...]) -> Receipt:
    status: Status = "superseded" if corrections else "stored" if writing.counts else "known"
    entry_seq = newest_met if status == "known" else writing.seq
    return Receipt(status=status, entry_seq=entry_seq, counts=writing.counts, corrections=corrections, root=writing.head.root)


def _against_sets(writing: Writing, file: EvidenceFile, merging: Merging, *, correcting: bool) -> tuple[Problem, ...]:
    """Return where the evaluations of the file contradict the criteria sets recorded."""
    if not file.evaluations:
        return ()
    before: Versions = {
        (slug, version): held
        for (slug,), each in merging.known["evaluations"].items()
        for version, held in each.children["versions"].items()
    }
    return tuple(evidence_problems(file.evaluations, every_criteria_set(writing.session), before, correcting=correcting))


def _nothing(file: EvidenceFile) -> list[Problem]:
    if any(getattr(file, name) for name in EvidenceFile.model_fields if name not in ("format", "description")):
        return []
    return [Problem((), "a file without records", "at least one record", "file")]


def _no_reason(supersede: str | None) -> list[Problem]:
    if supersede is None or supersede.strip():
        return []
    return [Problem((), "an empty reason to supersede", "words that say why", "supersede")]


def _told(change: Change, writing: Writing, reason: str) -> Correction:
    return Correction(
        record=change.where,
        field=change.field,
        was=change.shown_was,
        became=change.shown_became,
        reason=reason,
        actor=writing.actor,
        recorded_at=writing.recorded_at,
        entry_seq=writing.seq,
    )
