"""Use case: take a file in, whole or not at all, so that sending it twice counts once.

The rules kept here: the same content again writes nothing; new records are added; changed content is refused, naming each field
with the stored and the found value, unless a reason to supersede is given, and then the old value stays readable; one file is one entry
of the log. A released policy or criteria set is immutable: other content under its name is refused, reason or not.

Left out: reading files (``evaluations`` and ``rsp.policies`` turn bytes into records) and the clock, which the door hands in as ``at``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

from evaluations.documents import Problem
from evaluations.evidence import Correction, EvidenceFile
from rsp.errors import ConflictError, EvidenceError
from rsp.receipts import Bringing, Derived, Receipt, Sight, Status
from rsp.store.consistency import inconsistencies
from rsp.store.merging import Change, Merging, Seen
from rsp.store.policy_consistency import Origin, Versions, evidence_problems
from rsp.store.policy_writing import Released, add_criteria, add_policy
from rsp.store.reading import every_criteria_set
from rsp.store.registrations import attempts
from rsp.store.session import Store
from rsp.store.submissions import Submission, entry_counts, keep_submission, keyed_submission, submission_at, submission_of
from rsp.store.writing import Writing
from thresholds.criteria_set import CriteriaSet
from thresholds.policy import Policy

__all__ = ["Bringing", "Derived", "Receipt", "Sent", "Sight", "Status", "Told", "load", "load_criteria", "load_policy", "submit"]


@dataclass(frozen=True)
class Sent:
    """What a sender handed over: its name and digest, who owns it, and the key the sender names it by, if any.

    ``sight`` is what of the record a refusal may repeat to the sender, and ``bringing`` what the sender may bring; ``replayed`` is called
    where the answer is the one given before under the key.
    """

    file_name: str
    file_sha256: str
    owner: str
    idempotency_key: str | None = None
    sight: Sight = Sight.RECORD
    bringing: Bringing = Bringing.ANYTHING
    replayed: Callable[[], None] = field(default=lambda: None, compare=False)


@dataclass(frozen=True)
class Told:
    """What a reader of the file has to say beside the records it made of it."""

    derived: tuple[Derived, ...] = ()
    warnings: tuple[str, ...] = ()


NOTHING_TOLD = Told()


def load(
    store: Store, file: EvidenceFile, *, file_name: str, file_sha256: str, actor: str, at: datetime, supersede: str | None = None
) -> Receipt:
    """Record an evidence file. Raises ``EvidenceError`` with every problem of it, ``ConflictError`` for changed content."""
    return submit(store, file, Sent(file_name, file_sha256, owner=actor), actor=actor, at=at, supersede=supersede)


def submit(
    store: Store,
    file: EvidenceFile,
    sent: Sent,
    *,
    actor: str,
    at: datetime,
    supersede: str | None = None,
    told: Told = NOTHING_TOLD,
) -> Receipt:
    """Record what a pipeline or a person sent, and the receipt with it, in one transaction.

    Raises ``EvidenceError`` with every problem of it, ``ConflictError`` for changed content, and for a key that came with other content.
    """
    with store.write(actor=actor, at=at) as writing:
        keyed = keyed_submission(writing.session, sent.owner, sent.idempotency_key)
        if keyed is not None and keyed.request_sha256 == sent.file_sha256:
            sent.replayed()
            return Receipt.model_validate(keyed.receipt)
        merging = _merged(writing, file, supersede, _seen_by(sent, writing))
        if keyed is not None:
            return _same_under_its_key(keyed, writing, merging, sent)
        if merging.changes and supersede is None:
            raise ConflictError(
                f"{sent.file_name} tells {len(merging.changes)} recorded field(s) differently; to correct them, give a reason to supersede",
                [_told_to(_seen_by(sent, writing), change) for change in merging.changes],
            )
        if writing.counts and sent.bringing is Bringing.CORRECTIONS:
            raise ConflictError(_more_than_corrections(writing, sent))
        merging.correct(supersede or "")
        told = replace(told, derived=(*told.derived, *_attempts(writing, file, merging)))
        receipt = _known(writing, merging, sent) if not writing.counts else _stored(writing, merging, sent, supersede, told)
        if writing.counts or sent.idempotency_key is not None:
            keep_submission(writing, sent.owner, sent.idempotency_key, sent.file_sha256, receipt.model_dump(mode="json"))
            reason = {} if supersede is None else {"reason": supersede}
            writing.describe("evidence", {"file_name": sent.file_name, "file_sha256": sent.file_sha256, **reason})
    return receipt


def load_policy(store: Store, policy: Policy, *, file_name: str, file_sha256: str, actor: str, at: datetime) -> Receipt:
    """Record a policy version.

    Raises ``ConflictError`` if other content is released under its name, ``EvidenceError`` if it does not fit those recorded.
    """
    with store.write(actor=actor, at=at) as writing:
        released = add_policy(writing, policy, file_name=file_name, file_sha256=file_sha256)
        _describe(writing, released, "policy", file_name, file_sha256)
        return _released(writing, released, file_sha256)


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
        return _released(writing, released, file_sha256)


def _describe(writing: Writing, released: Released, kind: str, file_name: str, file_sha256: str) -> None:
    if writing.counts:
        act = {"slug": released.slug, "body_sha256": released.body_sha256}
        writing.describe(kind, {"file_name": file_name, "file_sha256": file_sha256, **act})


def _seen_by(sent: Sent, writing: Writing) -> Seen | None:
    """Return what says of an entry whether it is the sender's own, ``None`` for who may see the whole record."""
    if sent.sight is Sight.RECORD:
        return None

    @cache
    def own(entry_seq: int) -> bool:
        by = submission_at(writing.session, entry_seq)
        return by is not None and by.owner == sent.owner

    return own


def _more_than_corrections(writing: Writing, sent: Sent) -> str:
    """Return why a correction that also delivers is refused: a low run that fills a gap would pass for one."""
    brought = ", ".join(f"{number} of {table}" for table, number in writing.counts.items())
    return (
        f"found new records beside corrections in {sent.file_name} ({brought}), expected corrections alone: "
        "what is new is submitted without a reason to supersede; nothing was recorded"
    )


def _merged(writing: Writing, file: EvidenceFile, supersede: str | None, seen: Seen | None) -> Merging:
    """Hold a file against the record. Raises ``EvidenceError`` with everything that is wrong with it."""
    merging = Merging(writing, file, seen)
    merging.merge()
    against_sets = _against_sets(writing, file, merging, correcting=supersede is not None)
    if problems := [*inconsistencies(file, merging.known, seen), *_nothing(file), *_no_reason(supersede), *merging.problems, *against_sets]:
        raise EvidenceError(problems)
    return merging


def _same_under_its_key(keyed: Submission, writing: Writing, merging: Merging, sent: Sent) -> Receipt:
    """Return the first receipt for the same content in other bytes. Raises ``ConflictError`` for other content under the key."""
    if not merging.changes and not writing.counts and merging.newest_met == keyed.entry_seq:
        sent.replayed()
        return Receipt.model_validate(keyed.receipt)
    raise ConflictError(
        f"found the idempotency key {sent.idempotency_key} with other content, expected what it named first: "
        f"sha256 {keyed.request_sha256}, recorded by entry {keyed.entry_seq}; another submission needs another key"
    )


def _told_to(seen: Seen | None, change: Change) -> Problem:
    """Return what a changed field is told as: with the stored value only to who may see it."""
    return change.problem() if seen is None or seen(change.told_by) else change.guarded_problem()


def _attempts(writing: Writing, file: EvidenceFile, merging: Merging) -> Iterator[Derived]:
    """Yield which attempt each new registration of the file is, counted where nobody can register another in between."""
    fresh = [each for each in file.registrations if (each.model, each.slug) not in merging.known["registrations"]]
    if fresh:
        for each, number in attempts(writing, fresh):
            basis = "registrations of the same evaluation version on the same snapshot, this one included"
            yield Derived(record=f"registration {each.slug}", field="attempt", value=str(number), basis=basis)


def _stored(writing: Writing, merging: Merging, sent: Sent, supersede: str | None, told: Told) -> Receipt:
    corrections = tuple(_corrected(change, writing, supersede or "") for change in merging.changes)
    return Receipt(
        status="superseded" if corrections else "stored",
        identity=sent.file_sha256,
        entry_seq=writing.seq,
        recorded_at=writing.recorded_at,
        counts=writing.counts,
        corrections=corrections,
        derived=told.derived,
        warnings=told.warnings,
    )


def _known(writing: Writing, merging: Merging, sent: Sent) -> Receipt:
    """Return the receipt that the same content was given before, as known."""
    session = writing.session
    first = submission_of(session, sent.file_sha256) or submission_at(session, merging.newest_met)
    if first is not None:
        others = sent.sight is Sight.OWN and first.owner != sent.owner  # what another sender was told besides is not for this one
        besides: dict[str, object] = {"corrections": (), "derived": (), "warnings": ()} if others else {}
        return Receipt.model_validate({**first.receipt, **besides, "status": "known"})
    recorded_at, counts = entry_counts(session, merging.newest_met)
    return Receipt(status="known", identity=sent.file_sha256, entry_seq=merging.newest_met, recorded_at=recorded_at, counts=counts)


def _released(writing: Writing, released: Released, file_sha256: str) -> Receipt:
    """Return the receipt of a policy or a criteria set."""
    if writing.counts:
        recorded_at, counts, entry_seq = writing.recorded_at, writing.counts, writing.seq
    else:
        recorded_at, counts = entry_counts(writing.session, released.entry_seq)
        entry_seq = released.entry_seq
    status: Status = "stored" if writing.counts else "known"
    return Receipt(status=status, identity=file_sha256, entry_seq=entry_seq, recorded_at=recorded_at, counts=counts)


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


def _corrected(change: Change, writing: Writing, reason: str) -> Correction:
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
