"""Rows of evidence: one class a record, columns named as the record's fields, a reference to another record as ``<name>_id``.

The rules kept here: a row is never changed or deleted, so what is wrong is overlaid by a row of ``correction``; every row
carries the log position that brought it (``entry_seq``); a slug is unique within its parent; every constraint is named by one
convention, a word column has a CHECK of its words and a whole number one of its range; no ON DELETE CASCADE anywhere. Keys are
made by the client and no sequence exists, so that a database spread over machines stays possible.

Left out: relationships, because nothing may load behind our back (``rsp.store.gathering`` selects what it needs). Left out:
deployment, feedback, signature, report, person, safeguard evidence and the other tables that determinations need: nothing writes
them yet, and a table nobody writes is a stub. What happened to a model beside its measurements stands in ``rsp.store.history_tables``,
policies in ``rsp.store.policy_tables``, the log in ``rsp.store.log_tables``.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from evaluations.records import (
    Confidence,
    EvaluationKind,
    RiskierWhen,
    RunStatus,
    Sampling,
    SnapshotKind,
    SpreadKind,
    Statistic,
    Thinking,
    Visibility,
)
from evaluations.trials import ArmKind, Leaning, Look
from rsp.store.types import WHOLE_NUMBER, DayColumn, Document, ExactNumberColumn, RecordColumn, UtcDateTime, Word

WORDS: tuple[type[StrEnum], ...] = (
    *(ArmKind, Confidence, EvaluationKind, Leaning, RiskierWhen, RunStatus, Sampling),
    *(SnapshotKind, SpreadKind, Statistic, Thinking, Visibility),
)
NAMES = {  # within PostgreSQL's 63 characters; the parts after the table are the columns, or the words chosen here
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}
STRICT = {"sqlite_strict": True}  # SQLite then refuses text in a column of whole numbers


class Row(DeclarativeBase):
    """Base of all rows."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads it as a class attribute; annotating it ClassVar breaks its typing
        str: Text(),
        int: WHOLE_NUMBER,
        Decimal: ExactNumberColumn(),
        datetime: UtcDateTime(),
        date: DayColumn(),
        Look: RecordColumn(Look),
        **{words: Word(words) for words in WORDS},
    }


class Logged(Row):
    """A row brought by one entry of the log."""

    __abstract__ = True

    entry_seq: Mapped[int] = mapped_column(ForeignKey("log_entry.seq"), index=True, sort_order=99)


class Kept(Logged):
    """A row of a record that has a name of its own, and can therefore be corrected."""

    __abstract__ = True

    id: Mapped[str] = mapped_column(primary_key=True, sort_order=-9)


class SourcedRow(Kept):
    """The columns of ``Sourced``."""

    __abstract__ = True

    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), sort_order=-1)
    source_at: Mapped[str | None] = mapped_column(sort_order=-1)
    confidence: Mapped[Confidence] = mapped_column(sort_order=-1)
    note: Mapped[str | None] = mapped_column(sort_order=-1)
    visibility: Mapped[Visibility] = mapped_column(sort_order=-1)


class SourceRow(Kept):
    """A ``Source``."""

    __tablename__ = "source"
    __table_args__ = (UniqueConstraint("slug"), STRICT)

    slug: Mapped[str]
    title: Mapped[str]
    address: Mapped[str | None]
    how_read: Mapped[str | None]
    licence: Mapped[str | None]
    published_on: Mapped[date | None]


class ThreatDomainRow(Kept):
    """A ``ThreatDomain``."""

    __tablename__ = "threat_domain"
    __table_args__ = (UniqueConstraint("slug"), STRICT)

    slug: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("threat_domain.id"))


class DeveloperRow(Kept):
    """A ``Developer``."""

    __tablename__ = "developer"
    __table_args__ = (UniqueConstraint("slug"), STRICT)

    slug: Mapped[str]
    name: Mapped[str]


class ModelRow(SourcedRow):
    """A ``Model``."""

    __tablename__ = "model"
    __table_args__ = (UniqueConstraint("slug"), STRICT)

    slug: Mapped[str]
    name: Mapped[str]
    developer_id: Mapped[str] = mapped_column(ForeignKey("developer.id"))
    family: Mapped[str | None]
    released_on: Mapped[date | None]
    parameters: Mapped[Decimal | None]


class SnapshotRow(SourcedRow):
    """A ``Snapshot``. That two snapshots share no ordinal is checked by ingest: a correction may exchange two, rows may not."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    name: Mapped[str]
    kind: Mapped[SnapshotKind]
    ordinal: Mapped[int]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("snapshot.id"))
    created_on: Mapped[date | None]
    training_step: Mapped[int | None]
    training_tokens: Mapped[Decimal | None]
    training_compute_flop: Mapped[Decimal | None]
    training_compute_basis: Mapped[str | None]


class EvaluationRow(SourcedRow):
    """An ``Evaluation``."""

    __tablename__ = "evaluation"
    __table_args__ = (UniqueConstraint("slug"), STRICT)

    slug: Mapped[str]
    name: Mapped[str]
    kind: Mapped[EvaluationKind]
    domain_id: Mapped[str | None] = mapped_column(ForeignKey("threat_domain.id"))


class EvaluationVersionRow(SourcedRow):
    """An ``EvaluationVersion``."""

    __tablename__ = "evaluation_version"
    __table_args__ = (UniqueConstraint("evaluation_id", "slug"), STRICT)

    evaluation_id: Mapped[str] = mapped_column(ForeignKey("evaluation.id"))
    slug: Mapped[str]
    unit: Mapped[str]
    riskier_when: Mapped[RiskierWhen]
    scale_low: Mapped[Decimal | None]
    scale_high: Mapped[Decimal | None]
    item_count: Mapped[int | None]
    sampling: Mapped[Sampling]
    rubric: Mapped[str | None]


class RunRow(SourcedRow):
    """A ``Run``."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    snapshot_id: Mapped[str | None] = mapped_column(ForeignKey("snapshot.id"))
    evaluation_version_id: Mapped[str] = mapped_column(ForeignKey("evaluation_version.id"))
    thinking: Mapped[Thinking]
    scaffold: Mapped[str | None]
    token_budget: Mapped[int | None]
    tools: Mapped[str | None]
    status: Mapped[RunStatus]
    status_reason: Mapped[str | None]
    measured_at: Mapped[datetime | None]


class ScoreRow(SourcedRow):
    """A ``Score``."""

    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("run_id", "slug"), STRICT)

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    slug: Mapped[str]
    statistic: Mapped[Statistic]
    k: Mapped[int | None]
    value: Mapped[Decimal | None]
    passed: Mapped[Decimal | None]
    trials: Mapped[int | None]
    items: Mapped[int | None]
    items_basis: Mapped[str | None]
    runs: Mapped[int | None]
    spread: Mapped[Decimal | None]
    spread_kind: Mapped[SpreadKind | None]
    low: Mapped[Decimal | None]
    high: Mapped[Decimal | None]
    interval_level: Mapped[Decimal | None]
    as_printed: Mapped[str | None]
    words: Mapped[str | None]


class ItemResultRow(Logged):
    """One attempt on one item of a run: the large table. It leads with the run's key; a row has no identifier of its own."""

    __tablename__ = "item_result"
    __table_args__ = (STRICT | {"sqlite_with_rowid": False},)

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cluster: Mapped[str | None]
    human_minutes: Mapped[Decimal | None]
    value: Mapped[Decimal | None]


class UpliftTrialRow(SourcedRow):
    """An ``UpliftTrial``."""

    __tablename__ = "uplift_trial"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    snapshot_id: Mapped[str | None] = mapped_column(ForeignKey("snapshot.id"))
    evaluation_version_id: Mapped[str] = mapped_column(ForeignKey("evaluation_version.id"))
    task: Mapped[str]
    hours_allowed: Mapped[Decimal | None]
    grader: Mapped[str | None]
    look: Mapped[Look | None]
    adjusted_for: Mapped[str | None]


class CohortRow(Kept):
    """A ``Cohort``."""

    __tablename__ = "cohort"
    __table_args__ = (UniqueConstraint("uplift_trial_id", "slug"), STRICT)

    uplift_trial_id: Mapped[str] = mapped_column(ForeignKey("uplift_trial.id"))
    slug: Mapped[str]
    name: Mapped[str]


class ArmRow(Kept):
    """An ``Arm``."""

    __tablename__ = "arm"
    __table_args__ = (UniqueConstraint("cohort_id", "kind"), STRICT)

    cohort_id: Mapped[str] = mapped_column(ForeignKey("cohort.id"))
    kind: Mapped[ArmKind]
    conditions: Mapped[str]
    participants_count: Mapped[int | None]
    mean: Mapped[Decimal | None]
    spread: Mapped[Decimal | None]
    spread_kind: Mapped[SpreadKind | None]
    highest: Mapped[Decimal | None]
    source_at: Mapped[str | None]


class ParticipantResultRow(Logged):
    """A ``ParticipantResult``."""

    __tablename__ = "participant_result"
    __table_args__ = (STRICT,)

    arm_id: Mapped[str] = mapped_column(ForeignKey("arm.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    team: Mapped[str | None]
    pretest: Mapped[Decimal | None]
    score: Mapped[Decimal]


class QualitativeFindingRow(SourcedRow):
    """A ``QualitativeFinding``."""

    __tablename__ = "qualitative_finding"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    snapshot_id: Mapped[str | None] = mapped_column(ForeignKey("snapshot.id"))
    evaluation_version_id: Mapped[str] = mapped_column(ForeignKey("evaluation_version.id"))
    by: Mapped[str]
    leaning: Mapped[Leaning]
    words: Mapped[str]
    signed_off_by: Mapped[str | None]
    signed_off_on: Mapped[date | None]


class DropAnswerRow(SourcedRow):
    """A ``DropAnswer``."""

    __tablename__ = "drop_answer"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    evaluation_version_id: Mapped[str] = mapped_column(ForeignKey("evaluation_version.id"))
    before_id: Mapped[str] = mapped_column(ForeignKey("snapshot.id"))
    after_id: Mapped[str] = mapped_column(ForeignKey("snapshot.id"))
    by: Mapped[str]
    words: Mapped[str]


class ClaimRow(SourcedRow):
    """A ``Claim``."""

    __tablename__ = "claim"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    evaluation_id: Mapped[str | None] = mapped_column(ForeignKey("evaluation.id"))
    statistic: Mapped[Statistic | None]
    value: Mapped[Decimal | None]
    unit: Mapped[str | None]
    as_printed: Mapped[str | None]
    words: Mapped[str]


class PublishedDeterminationRow(SourcedRow):
    """A ``PublishedDetermination``."""

    __tablename__ = "published_determination"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    domain_id: Mapped[str | None] = mapped_column(ForeignKey("threat_domain.id"))
    outcome: Mapped[str]
    caveat: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_on: Mapped[date | None]


class AssessmentPlanRow(SourcedRow):
    """An ``AssessmentPlan``."""

    __tablename__ = "assessment_plan"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    comparison_model_id: Mapped[str | None] = mapped_column(ForeignKey("model.id"))
    trigger: Mapped[str | None]


class PlannedVariantsRow(Logged):
    """A ``PlannedVariants``; ``ordinal`` is its place in the plan."""

    __tablename__ = "planned_variants"
    __table_args__ = (STRICT,)

    assessment_plan_id: Mapped[str] = mapped_column(ForeignKey("assessment_plan.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    evaluations: Mapped[list[Any]] = mapped_column(Document())
    snapshots: Mapped[list[Any]] = mapped_column(Document())
    thinking: Mapped[list[Any]] = mapped_column(Document())
