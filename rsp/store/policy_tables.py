"""Rows of policies and criteria sets: the projection of immutable files, for finding and for foreign keys.

The rules kept here: ``body`` is the whole document as canonical JSON and ``body_sha256`` its digest; ``source_sha256`` is the digest
of the file's bytes; the small tables below hold only what is looked up by. The file is the truth; a verdict is computed from
``body``, never from the small tables.

Left out: citations, definitions and bars as columns, which stand in ``body``. So does whatever is not looked up by: tiers, links and
buffers of thresholds, dues of safeguards, the last day of a version, triggers, roles, reports, and what a document corrects.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rsp.store.tables import STRICT, Kept
from rsp.store.types import Word
from thresholds.policy import ThresholdKind
from thresholds.safeguards import Firmness, SafeguardKind


class FrameworkRow(Kept):
    """A family of policy versions, such as one developer's responsible scaling policy."""

    __tablename__ = "framework"
    __table_args__ = (UniqueConstraint("slug"), STRICT)

    slug: Mapped[str]
    name: Mapped[str]


class PolicyVersionRow(Kept):
    """A ``Policy``."""

    __tablename__ = "policy_version"
    __table_args__ = (UniqueConstraint("slug"), STRICT)

    framework_id: Mapped[str] = mapped_column(ForeignKey("framework.id"))
    slug: Mapped[str]
    effective_on: Mapped[date]
    file_name: Mapped[str]
    source_sha256: Mapped[str]
    body_sha256: Mapped[str]
    body: Mapped[str]


class SafetyLevelRow(Kept):
    """A ``SafetyLevel``, ordered by ``rank``."""

    __tablename__ = "safety_level"
    __table_args__ = (UniqueConstraint("policy_version_id", "slug"), STRICT)

    policy_version_id: Mapped[str] = mapped_column(ForeignKey("policy_version.id"))
    slug: Mapped[str]
    name: Mapped[str]
    rank: Mapped[int]


class CapabilityThresholdRow(Kept):
    """A ``CapabilityThreshold``; ``domain`` names a domain of the policy, which is not the tree of ``threat_domain``."""

    __tablename__ = "capability_threshold"
    __table_args__ = (UniqueConstraint("policy_version_id", "slug"), STRICT)

    policy_version_id: Mapped[str] = mapped_column(ForeignKey("policy_version.id"))
    slug: Mapped[str]
    name: Mapped[str]
    domain: Mapped[str]
    kind: Mapped[ThresholdKind] = mapped_column(Word(ThresholdKind))


class RequiredSafeguardRow(Kept):
    """A ``RequiredSafeguard``: the join of threshold, kind, level and firmness."""

    __tablename__ = "required_safeguard"
    __table_args__ = (UniqueConstraint("capability_threshold_id", "slug"), STRICT)

    capability_threshold_id: Mapped[str] = mapped_column(ForeignKey("capability_threshold.id"))
    slug: Mapped[str]
    kind: Mapped[SafeguardKind] = mapped_column(Word(SafeguardKind))
    level_id: Mapped[str | None] = mapped_column(ForeignKey("safety_level.id"))
    firmness: Mapped[Firmness] = mapped_column(Word(Firmness))


class AliasRow(Kept):
    """An ``Alias``: what another document calls a threshold."""

    __tablename__ = "alias"
    __table_args__ = (UniqueConstraint("capability_threshold_id", "label"), STRICT)

    capability_threshold_id: Mapped[str] = mapped_column(ForeignKey("capability_threshold.id"))
    label: Mapped[str]


class CriteriaSetRow(Kept):
    """A ``CriteriaSet``."""

    __tablename__ = "criteria_set"
    __table_args__ = (UniqueConstraint("slug"), STRICT)

    policy_version_id: Mapped[str] = mapped_column(ForeignKey("policy_version.id"))
    slug: Mapped[str]
    published_on: Mapped[date]
    file_name: Mapped[str]
    source_sha256: Mapped[str]
    body_sha256: Mapped[str]
    body: Mapped[str]


class CriterionRow(Kept):
    """A ``Criterion``. ``evaluation`` and ``version`` are slugs, no keys: a bar may stand before its evaluation was ever recorded."""

    __tablename__ = "criterion"
    __table_args__ = (UniqueConstraint("criteria_set_id", "slug"), STRICT)

    criteria_set_id: Mapped[str] = mapped_column(ForeignKey("criteria_set.id"))
    slug: Mapped[str]
    shape: Mapped[str]
    evaluation: Mapped[str | None]
    version: Mapped[str | None]
