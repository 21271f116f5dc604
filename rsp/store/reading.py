"""What others ask of the record: the evidence on a model, policies and criteria sets, and where the log stands.

The rules kept here: every answer can be given as of an earlier position and then tells what was known there, no more; a name that
nothing carries is an ``UnknownNameError`` naming near ones; the same position gives the same answer, in the same order, on both engines.

Left out: who may read what. Texts come back with their record's visibility, and the door redacts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Select, select, text, true

from evaluations.evidence import Correction, ModelEvidence
from evaluations.records import Evaluation, Model, Run, RunStatus
from evaluations.registrations import RunRegistration
from rsp.errors import FIRST_STEPS, InputError, NothingRecordedError, UnknownNameError
from rsp.store import merkle
from rsp.store.canonical import sha256_hex
from rsp.store.gathering import WITHHELD, Gathering, Stored, in_order
from rsp.store.log_tables import LogEntryRow
from rsp.store.names import all_names
from rsp.store.policy_tables import CriteriaSetRow, PolicyVersionRow
from rsp.store.session import Session
from rsp.store.shapes import DEVELOPER, DOMAIN, EVALUATION, MODEL, OF_A_MODEL, SOURCE
from rsp.store.tables import ModelRow
from rsp.store.writing import SEAL

LONGEST_SHOWN = 2000  # characters; our choice: a longer corrected value (all items of a run) is shown by its digest


@dataclass(frozen=True)
class Position:
    """Where the log stands. ``position`` is the newest entry's, -1 before the first."""

    position: int
    size: int
    root: str
    recorded_at: datetime | None


@dataclass(frozen=True)
class PolicyText:
    """A released policy or criteria set: its canonical JSON with the digests of that and of the file it came in.

    ``entry_seq`` is -1 for one that is compared with the record and does not stand there.
    """

    slug: str
    body: str
    body_sha256: str
    source_sha256: str
    file_name: str
    entry_seq: int

    @cached_property
    def told(self) -> Mapping[str, Any]:
        """What the document says, as plain values. A field that says nothing may be absent."""
        held: Mapping[str, Any] = json.loads(self.body)
        return held

    @property
    def corrects(self) -> str | None:
        """The slug of the document that this one takes the place of, if any."""
        return self.told.get("corrects")


@dataclass(frozen=True)
class Entry:
    """One entry of the log, without the rows it brought."""

    seq: int
    kind: str
    actor: str
    recorded_at: datetime
    leaf: str
    act: Mapping[str, Any]


def position(session: Session) -> Position:
    """Return where the log stands in this snapshot."""
    row = session.execute(text("SELECT size, frontier, last_recorded_at FROM log_head WHERE id = 1")).one()
    root = merkle.root_of(merkle.from_hex(json.loads(row.frontier))).hex()
    moment = None if row.last_recorded_at is None else datetime.fromisoformat(row.last_recorded_at)
    return Position(row.size - 1, row.size, root, moment)


def leaf_at(session: Session, at: int) -> str:
    """Return the leaf hash of an entry in hexadecimal, which no other entry at that position of another log has; empty before the first."""
    found = session.execute(select(LogEntryRow.leaf).where(LogEntryRow.seq == at)).scalar()
    return "" if found is None else bytes(found).hex()


def position_at(session: Session, instant: datetime) -> int:
    """Return the largest position recorded at or before an instant, -1 if there is none."""
    table = LogEntryRow.__table__
    query = select(table.c.seq).where(table.c.recorded_at <= instant).order_by(table.c.seq.desc()).limit(1)
    found: int | None = session.execute(query).scalar()
    return -1 if found is None else found


def entries(session: Session, *, since: int = 0, limit: int = 100) -> tuple[Entry, ...]:
    """Return entries of the log from a position on, with what the act said of itself."""
    table = LogEntryRow.__table__
    rows = session.execute(select(table).where(table.c.seq >= since).order_by(table.c.seq).limit(limit)).mappings()
    apart = {"rows", "sealed", "kind", "schema", "seq", "recorded_at", "actor"}
    return tuple(
        Entry(
            *(row["seq"], row["kind"], row["actor"], row["recorded_at"], bytes(row["leaf"]).hex()),
            act={name: value for name, value in json.loads(bytes(row["body"])).items() if name not in apart},
        )
        for row in rows
    )


def resolved(session: Session, as_of: int | None) -> int:
    """Return the position meant, -1 in an empty log. Raises ``InputError`` for one the log has not reached."""
    newest = position(session).position
    if as_of is None or as_of == newest:
        return newest
    if newest < 0:
        raise InputError(f"found position {as_of} of an empty log, and nothing is recorded yet: {FIRST_STEPS}")
    if not 0 <= as_of <= newest:
        raise InputError(f"found position {as_of}, expected 0 to {newest}")
    return as_of


def models(session: Session, as_of: int | None = None) -> tuple[Model, ...]:
    """Return every model with its snapshots, by slug."""
    at = resolved(session, as_of)
    gathering = Gathering(session, at, all_names(session, true()))
    found = gathering.fetch(MODEL, true())
    gathering.overlay()
    return tuple(each.record() for each in in_order(found.values()))


def evaluations(session: Session, as_of: int | None = None) -> tuple[Evaluation, ...]:
    """Return every evaluation with its versions, by slug; none of an empty log."""
    at = position(session).position if as_of is None else resolved(session, as_of)
    gathering = Gathering(session, at, all_names(session, ~true()))
    found = gathering.fetch(EVALUATION, true())
    gathering.overlay()
    return tuple(each.record() for each in in_order(found.values()))


def evidence(session: Session, model_slug: str, as_of: int | None = None) -> ModelEvidence:
    """Return everything recorded of one model as of a position. Raises ``UnknownNameError`` for a model not recorded by then."""
    at = resolved(session, as_of)
    this = ModelRow.__table__.c.slug == model_slug
    gathering = Gathering(session, at, all_names(session, this))
    shared = {shape.word: gathering.fetch(shape, true()) for shape in (SOURCE, DOMAIN, DEVELOPER, EVALUATION)}
    found = gathering.fetch(MODEL, this)
    if not found:
        raise _unknown("model", model_slug, _slugs(session, ModelRow, at), at)
    key = next(iter(found.values())).id
    held = {name: gathering.fetch(shape, shape.row.__table__.c.model_id == key) for name, shape in OF_A_MODEL.items()}
    made = gathering.overlay()
    model = next(iter(found.values()))
    told = {name: in_order(stored.values()) for name, stored in held.items()}
    told["registrations"].sort(key=lambda each: each.entry_seq)  # first come, first: which attempt each is depends on it
    bundled = [model, *in_order(shared["evaluation"].values()), *(each for stored in told.values() for each in stored)]
    cited_slugs = {each.fields["source"] for stored in bundled for each in stored.every() if "source" in each.fields}
    cited = [each for each in in_order(shared["source"].values()) if each.fields["slug"] in cited_slugs]
    bundled += [*cited, *in_order(shared["domain"].values()), shared["developer"][model.fields["developer"],]]
    meant = {each.id for stored in bundled for each in stored.every()}
    records = {name: tuple(each.record() for each in stored) for name, stored in told.items()}
    records["runs"] += tuple(_unreported(held["registrations"], {run.slug for run in records["runs"]}))
    return ModelEvidence(
        model=model.record(),
        developer=shared["developer"][model.fields["developer"],].record(),
        evaluations=tuple(each.record() for each in in_order(shared["evaluation"].values())),
        **records,
        sources=tuple(each.record() for each in cited),
        domains=tuple(each.record() for each in in_order(shared["domain"].values())),
        corrections=_corrections([(stored, row) for stored, row in made if stored.id in meant], bundled),
        position=at,
        root=_root_at(session, at),
        recorded_at=_recorded_at(session, at),
    )


def _unreported(registrations: Mapping[tuple[str, ...], Stored], reported: set[str]) -> Iterator[Run]:
    """Yield the runs that were registered and of which nothing was reported: withheld until they are, so that nothing is ruled out."""
    for stored in in_order(registrations.values()):
        if stored.fields["slug"] not in reported:
            yield unreported_run(stored.record(), stored.entry_seq)


def unreported_run(registered: RunRegistration, entry_seq: int) -> Run:
    """Return how a registered run stands in the evidence as long as nothing is reported of it."""
    fields = registered.model_dump(exclude={"planned_items"})
    reason = f"registered before it started (entry {entry_seq}), and no result of it was reported"
    return Run.model_validate({**fields, "status": RunStatus.WITHHELD, "status_reason": reason})


def _recorded_at(session: Session, at: int) -> datetime:
    table = LogEntryRow.__table__
    found: datetime = session.execute(select(table.c.recorded_at).where(table.c.seq == at)).scalar_one()
    return found


def position_as_of(session: Session, at: int) -> Position:
    """Return where the log stood at a position that it has reached, with the root it had then."""
    return position(session) if at < 0 else Position(at, at + 1, _root_at(session, at), _recorded_at(session, at))


def _root_at(session: Session, at: int) -> str:
    """Return the Merkle root of the log up to a position: the head's, or recomputed from the leaves for an earlier one."""
    newest = position(session)
    if at == newest.position:
        return newest.root
    frontier: list[bytes] = []
    query = select(LogEntryRow.leaf).where(LogEntryRow.seq <= at).order_by(LogEntryRow.seq)
    for size, (leaf,) in enumerate(session.execute(query)):
        frontier = merkle.appended(frontier, size, bytes(leaf))
    return merkle.root_of(frontier).hex()


def _corrections(made: list[tuple[Stored, Mapping[str, Any]]], bundled: list[Stored]) -> tuple[Correction, ...]:
    titles = {each.id: title for stored in bundled for each, title in titled(stored)}
    return tuple(
        Correction(
            record=titles[stored.id],
            field=row["field"],
            was=_shown(row["was"]),
            became=_shown(row["became"]),
            **{name: row[name] for name in ("reason", "actor", "recorded_at", "entry_seq")},
        )
        for stored, row in made
    )


def _shown(held: str | None) -> str | None:
    """Return a corrected value in words. A correction has no visibility of its own, so a text laid aside is not told here."""
    if held is None:
        return None
    value = json.loads(held)
    if isinstance(value, str):
        return WITHHELD if value.startswith(SEAL) else value
    if len(held) > LONGEST_SHOWN:
        return f"{len(value)} records, sha256 {sha256_hex(held.encode('utf-8'))}"
    return held


def titled(stored: Stored, above: str = "") -> list[tuple[Stored, str]]:
    """Return a record and all below it, each with its name in words, such as ``run swe-hard-final / score score``."""
    title = above + f"{stored.shape.word} {stored.fields[stored.shape.key]}"
    below = [child for held in stored.children.values() for child in held.values()]
    return [(stored, title), *(pair for child in below for pair in titled(child, f"{title} / "))]


def _unknown(kind: str, slug: str, known: Iterable[str], at: int) -> UnknownNameError:
    return NothingRecordedError(kind, slug) if at < 0 else UnknownNameError(kind, slug, known, why=f" as of position {at}")


def _slugs(session: Session, row: type[Any], at: int) -> list[str]:
    return list(session.execute(select(row.slug).where(row.entry_seq <= at)).scalars())


def policies(session: Session, as_of: int | None = None) -> tuple[str, ...]:
    """Return the slugs of all policy versions."""
    return tuple(sorted(_slugs(session, PolicyVersionRow, resolved(session, as_of))))


def policy_texts(session: Session, as_of: int | None = None) -> tuple[PolicyText, ...]:
    """Return all policy versions whole, by slug."""
    at = resolved(session, as_of)
    return _texts(session, select(PolicyVersionRow.__table__).where(PolicyVersionRow.__table__.c.entry_seq <= at))


def in_force(texts: Iterable[PolicyText]) -> tuple[PolicyText, ...]:
    """Return the documents that no other of them corrects: what is meant where nobody names one.

    Give it the documents as of a position, and a correction made later leaves the answer about then alone.
    """
    held = tuple(texts)
    corrected = {each.corrects for each in held}
    return tuple(each for each in held if each.slug not in corrected)


def policy(session: Session, slug: str, as_of: int | None = None) -> PolicyText:
    """Return one policy version. Raises ``UnknownNameError``."""
    at = resolved(session, as_of)
    table = PolicyVersionRow.__table__
    row = session.execute(select(table).where(table.c.slug == slug, table.c.entry_seq <= at)).mappings().one_or_none()
    if row is None:
        raise _unknown("policy", slug, _slugs(session, PolicyVersionRow, at), at)
    return _text(row)


def criteria_sets(session: Session, policy_slug: str, as_of: int | None = None) -> tuple[PolicyText, ...]:
    """Return the criteria sets of one policy version, by slug, those that another corrects too (``in_force`` leaves them out).

    Raises ``UnknownNameError`` for an unknown policy.
    """
    at = resolved(session, as_of)
    policy(session, policy_slug, at)
    table, versions = CriteriaSetRow.__table__, PolicyVersionRow.__table__
    query = (
        select(table)
        .join(versions, versions.c.id == table.c.policy_version_id)
        .where(versions.c.slug == policy_slug, table.c.entry_seq <= at)
    )
    return _texts(session, query)


def every_criteria_set(session: Session, as_of: int | None = None) -> tuple[PolicyText, ...]:
    """Return the criteria sets of all policy versions, by slug."""
    at = resolved(session, as_of)
    return _texts(session, select(CriteriaSetRow.__table__).where(CriteriaSetRow.__table__.c.entry_seq <= at))


def _texts(session: Session, query: Select[Any]) -> tuple[PolicyText, ...]:
    return tuple(sorted((_text(row) for row in session.execute(query).mappings()), key=lambda each: each.slug))


def _text(row: Any) -> PolicyText:
    return PolicyText(**{name: row[name] for name in ("slug", "body", "body_sha256", "source_sha256", "file_name", "entry_seq")})
