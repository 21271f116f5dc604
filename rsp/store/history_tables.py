"""Rows of what happened to a model beside its measurements (``evaluations.history``).

The rules kept here are those of ``rsp.store.tables``. A relation points at a model that is recorded too; that relations do not run in a
circle is checked when a file is taken in, because a row cannot see the others.

Left out: the policy an assessment was held under, and what follows from any of it: evidence never names a threshold.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evaluations.history import AssessmentDepth, CallKind, RelationKind
from rsp.store.tables import STRICT, SourcedRow
from rsp.store.types import Word


class EffectiveComputeRow(SourcedRow):
    """An ``EffectiveCompute``."""

    __tablename__ = "effective_compute"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    reached_on: Mapped[date]
    value: Mapped[Decimal]
    low: Mapped[Decimal | None]
    high: Mapped[Decimal | None]
    unit: Mapped[str]
    entered_by: Mapped[str]
    basis: Mapped[str]


class HeldAssessmentRow(SourcedRow):
    """A ``HeldAssessment``."""

    __tablename__ = "held_assessment"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    depth: Mapped[AssessmentDepth] = mapped_column(Word(AssessmentDepth))
    completed_on: Mapped[date]
    comparison_model_id: Mapped[str | None] = mapped_column(ForeignKey("model.id"))
    trigger: Mapped[str | None]
    held_by: Mapped[str]


class AssessmentCallRow(SourcedRow):
    """An ``AssessmentCall``."""

    __tablename__ = "assessment_call"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    kind: Mapped[CallKind] = mapped_column(Word(CallKind))
    called_on: Mapped[date]
    comparison_model_id: Mapped[str | None] = mapped_column(ForeignKey("model.id"))
    called_by: Mapped[str]
    words: Mapped[str]


class ModelRelationRow(SourcedRow):
    """A ``ModelRelation``."""

    __tablename__ = "model_relation"
    __table_args__ = (UniqueConstraint("model_id", "slug"), STRICT)

    model_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    slug: Mapped[str]
    kind: Mapped[RelationKind] = mapped_column(Word(RelationKind))
    other_id: Mapped[str] = mapped_column(ForeignKey("model.id"))
    domain_id: Mapped[str | None] = mapped_column(ForeignKey("threat_domain.id"))
    judged_by: Mapped[str]
    words: Mapped[str]
    signed_off_by: Mapped[str | None]
    signed_off_on: Mapped[date | None]
