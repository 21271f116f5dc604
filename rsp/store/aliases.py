"""Finds what names of other programs mean here, as it stands now: aliases, versions, snapshots, and runs by their names alone.

The rules kept here: an alias counts as it was last corrected; only what a spelling can mean is read, so that looking up costs the same
however much is recorded.

Left out: which of several aliases wins, and what to say when none does (``rsp.submitting``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, select

from evaluations.records import EvaluationVersion, Run
from evaluations.registrations import ModelAlias, TaskAlias
from rsp.errors import UnknownNameError
from rsp.store.gathering import Gathering
from rsp.store.log_tables import CorrectionRow
from rsp.store.names import Names
from rsp.store.pipeline_tables import ModelAliasRow, TaskAliasRow
from rsp.store.reading import position
from rsp.store.session import Session
from rsp.store.shapes import EVALUATION, MODEL_ALIAS, RUN, TASK_ALIAS, Shape
from rsp.store.tables import EvaluationRow, ModelRow, RunRow

MOST_SPELLINGS = 2_000  # looked through for near ones; our choice, a message needs no more


def model_aliases(session: Session, spelled: str) -> tuple[ModelAlias, ...]:
    """Return every alias of a model's name, by slug."""
    return tuple(_meaning(session, MODEL_ALIAS, "spelled", spelled))


def task_aliases(session: Session, task: str) -> tuple[TaskAlias, ...]:
    """Return every alias of a task's name, by slug."""
    return tuple(_meaning(session, TASK_ALIAS, "task", task))


def spellings(session: Session) -> tuple[list[str], list[str]]:
    """Return names of models and of tasks that aliases are recorded for, so that a message can tell near ones."""
    model, task = ModelAliasRow.__table__.c.spelled, TaskAliasRow.__table__.c.task
    return tuple(sorted(session.execute(select(each).distinct().limit(MOST_SPELLINGS)).scalars()) for each in (model, task))  # type: ignore[return-value]  # two lists, as there are two columns


def names_below(session: Session, target: str, *scope: str) -> list[str]:
    """Return the names of everything of that kind: models, evaluations, or what lies below one of them."""
    return Names(session).within(target, scope)


def expect_snapshot(session: Session, model: str, snapshot: str) -> None:
    """Check that the model has a snapshot of that name. Raises ``UnknownNameError``."""
    names = Names(session)
    if names.key("model", (model,)) is None:
        raise UnknownNameError("model", model, names.within("model", ()))
    if names.key("snapshot", (model, snapshot)) is None:
        raise UnknownNameError(f"snapshot of {model}", snapshot, names.within("snapshot", (model,)))


def version_named(session: Session, evaluation: str, version: str) -> EvaluationVersion:
    """Return one version of an evaluation. Raises ``UnknownNameError``."""
    gathering = _now(session)
    found = gathering.fetch(EVALUATION, EvaluationRow.__table__.c.slug == evaluation)
    gathering.overlay()
    if (evaluation,) not in found:
        raise UnknownNameError("evaluation", evaluation, Names(session).within("evaluation", ()))
    versions = found[evaluation,].children["versions"]
    if version not in versions:
        raise UnknownNameError(f"version of {evaluation}", version, versions)
    held: EvaluationVersion = versions[version].record()
    return held


def runs_named(session: Session, slug: str) -> Iterator[Run]:
    """Yield the runs of that name, whosever they are, without their results."""
    run = RunRow.__table__.c
    gathering = _now(session)
    # by model, since that is what the index begins with
    found = gathering.fetch(
        replace(RUN, children={}), run.model_id.in_(select(ModelRow.__table__.c.id)) & (run.slug == slug), wholes=frozenset()
    )
    gathering.overlay()
    for stored in found.values():
        yield Run.model_construct(**stored.fields)


def has_source(session: Session, slug: str) -> bool:
    """Say whether a source of that name is recorded."""
    return Names(session).key("source", (slug,)) is not None


def _now(session: Session) -> Gathering:
    return Gathering(session, position(session).position, Names(session))


def _meaning(session: Session, shape: Shape, field: str, spelled: str) -> Iterator[Any]:
    columns, correction = shape.row.__table__.c, CorrectionRow.__table__.c
    respelled = select(correction.target_id).where(correction.target_table == shape.row.__tablename__, correction.field == field)
    condition: ColumnElement[bool] = (columns[field] == spelled) | columns.id.in_(respelled)
    gathering = _now(session)
    found = gathering.fetch(shape, condition)
    gathering.overlay()
    for _, stored in sorted(found.items()):
        if stored.fields[field] == spelled:
            yield stored.record()
