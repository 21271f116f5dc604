"""Who does what and when under a policy: triggers of a new assessment, roles in their order, what is made public, what a report holds.

The rules kept here: a trigger's quantity is the policy's own and no constant of ours; roles stand in the order in which they act; what
is not computed (a provision) is kept in words, so that a reader finds it and nobody mistakes it for a rule that is enforced.

Left out: people. A role is held by somebody, which is no part of a policy's text.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from evaluations.values import Count, ExactNumber, Record, Slug, Text, added
from thresholds.citation import Cited


class TriggerKind(StrEnum):
    """What makes a new assessment, or a new report, due."""

    EFFECTIVE_COMPUTE = "effective_compute"  # so many times that of the model assessed last
    ELAPSED_MONTHS = "elapsed_months"  # so many months since the last comprehensive assessment
    CALENDAR = "calendar"  # a report every so many months, whatever is released
    MORE_CAPABLE = "more_capable"  # somebody found the model significantly more capable than all analysed before
    DISCRETION = "discretion"  # a named role says so
    DEPLOYMENT = "deployment"  # before a model is deployed, or its deployment changes
    CAPABILITY_JUMP = "capability_jump"  # scores rose unexpectedly
    POLICY_CHANGE = "policy_change"


class Trigger(Cited):
    """What calls for a new assessment. ``months`` is when it is due at the latest and ``months_earliest`` at the earliest; ``days`` is
    how long after the trigger fired the work may take. Without ``kind`` the quantity says which it is, and without any it is discretion."""

    slug: Slug
    words: Text
    effective_compute_multiple: ExactNumber | None = None
    months: Count | None = None
    kind: TriggerKind | None = added(None)
    months_earliest: Count | None = added(None)
    days: Count | None = added(None)

    @property
    def sort(self) -> TriggerKind:
        """The kind, also of a trigger written before there were kinds."""
        if self.kind is not None:
            return self.kind
        if self.effective_compute_multiple is not None:
            return TriggerKind.EFFECTIVE_COMPUTE
        return TriggerKind.ELAPSED_MONTHS if self.months is not None else TriggerKind.DISCRETION

    @model_validator(mode="after")
    def _has_the_quantity_of_its_kind(self) -> Self:
        needed = {TriggerKind.EFFECTIVE_COMPUTE: "effective_compute_multiple", TriggerKind.ELAPSED_MONTHS: "months"}
        name = needed.get(self.sort)
        if name is not None and getattr(self, name) is None:
            raise ValueError(f"found a trigger {self.sort.value} without {name}, expected it")
        if self.effective_compute_multiple is not None and not self.effective_compute_multiple > 1:
            raise ValueError(f"found effective_compute_multiple {self.effective_compute_multiple}, expected more than 1")
        if self.months == 0 or (self.months_earliest is not None and (self.months is None or self.months_earliest > self.months)):
            raise ValueError(f"found months {self.months} and months_earliest {self.months_earliest}, expected the earliest first, above 0")
        return self


class RoleFunction(StrEnum):
    """What a role does in a decision."""

    AUTHOR = "author"
    REVIEWER = "reviewer"
    RECOMMENDER = "recommender"
    DECIDER = "decider"
    APPROVER = "approver"  # without whom it does not take effect
    OVERSEER = "overseer"
    RECIPIENT = "recipient"


class Role(Cited):
    """Who does what in the decision. ``step`` is its place in the order, shared by those who act together; ``None`` if none is stated."""

    slug: Slug
    name: Text
    duty: Text
    function: RoleFunction | None = added(None)
    step: Count | None = added(None)


class Audience(StrEnum):
    """Who is shown a material, the widest first."""

    PUBLIC = "public"
    ALL_STAFF = "all_staff"
    SOME_STAFF = "some_staff"
    BOARD = "board"
    REVIEWERS = "reviewers"
    GOVERNMENT = "government"
    PARTNERS = "partners"


class Publication(Cited):
    """What must be shown to whom. ``within_days`` counts from what ``when`` names; both are ``None`` where the text does not say."""

    slug: Slug
    material: Text
    audience: Audience
    when: Text | None = None
    within_days: Count | None = None


class ReportSection(Record):
    """One section that a report of this kind has to hold."""

    slug: Slug
    title: Text
    words: Text


class ReportKind(Cited):
    """A document that the policy asks for, with its sections in their order."""

    slug: Slug
    name: Text
    covers: Text  # one model, one required safeguard, or all models in scope at a date
    sections: tuple[ReportSection, ...] = Field(min_length=1)


class Provision(Cited):
    """Something the text says that no rule here computes, such as when a requirement may be lowered; kept in words."""

    slug: Slug
    name: Text
    words: Text
