"""Counts, within the transaction that records a registration, which attempt at its evaluation on its snapshot it is.

The rule kept here: the count is of everything registered before it, by anybody, so that a run tried until it goes well is seen. What
is counted together is said by ``evaluations.registrations.attempt_numbers``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import and_, or_, select

from evaluations.registrations import RunRegistration, attempt_numbers
from rsp.store.gathering import Gathering
from rsp.store.names import Names
from rsp.store.shapes import REGISTRATION
from rsp.store.tables import EvaluationRow, EvaluationVersionRow, ModelRow, SnapshotRow
from rsp.store.writing import Writing


def attempts(writing: Writing, fresh: Sequence[RunRegistration]) -> Iterator[tuple[RunRegistration, int]]:
    """Yield each of the registrations that are about to be recorded with its attempt number."""
    earlier = _earlier(writing, fresh)
    numbers = attempt_numbers([*earlier, *fresh])
    yield from zip(fresh, numbers[len(earlier) :], strict=True)


def _earlier(writing: Writing, fresh: Sequence[RunRegistration]) -> list[RunRegistration]:
    model, snapshot = ModelRow.__table__.c, SnapshotRow.__table__.c
    evaluation, version = EvaluationRow.__table__.c, EvaluationVersionRow.__table__.c
    snapshots = select(snapshot.id).join(ModelRow.__table__, model.id == snapshot.model_id)
    snapshots = snapshots.where(or_(*(and_(model.slug == each.model, snapshot.slug == each.snapshot) for each in _distinct(fresh))))
    versions = select(version.id).join(EvaluationRow.__table__, evaluation.id == version.evaluation_id)
    versions = versions.where(evaluation.slug.in_({each.evaluation for each in fresh}))
    columns = REGISTRATION.row.__table__.c
    gathering = Gathering(writing.session, writing.seq - 1, Names(writing.session))
    found = gathering.fetch(REGISTRATION, columns.snapshot_id.in_(snapshots) & columns.evaluation_version_id.in_(versions))
    gathering.overlay()
    return [each.record() for each in sorted(found.values(), key=lambda each: each.entry_seq)]


def _distinct(fresh: Sequence[RunRegistration]) -> list[RunRegistration]:
    return list({(each.model, each.snapshot): each for each in fresh}.values())
