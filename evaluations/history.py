"""What happened to a model beside its measurements: assessments held, effective compute entered, calls for a new assessment, and how it
stands to another model.

The rules kept here: effective compute is an entered number with its author and basis, never derived here from training compute; a
model's relation to another is somebody's judgement, and counts in its favour only once somebody signed it off; what policy an
assessment was held under is not said here, since evidence never names a threshold.

Left out: what follows from any of it (``thresholds.due``, ``thresholds.relations``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from evaluations.records import Sourced
from evaluations.values import Day, ExactNumber, Slug, Text


class EffectiveCompute(Sourced):
    """Effective compute of a model on a day, in a unit that the compared models share; ``low`` and ``high`` where it is uncertain."""

    slug: Slug
    model: Slug
    reached_on: Day
    value: ExactNumber
    low: ExactNumber | None = None
    high: ExactNumber | None = None
    unit: Text
    entered_by: Text
    basis: Text  # how the number was made

    @model_validator(mode="after")
    def _is_positive_and_inside(self) -> Self:
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if number is not None and not number > 0:
                raise ValueError(f"found {name} {number}, expected more than 0")
        if not (self.low or self.value) <= self.value <= (self.high or self.value):
            raise ValueError(f"found value {self.value} outside {self.low} to {self.high}, expected it inside")
        return self


class AssessmentDepth(StrEnum):
    """How far an assessment went."""

    PRELIMINARY = "preliminary"  # only whether a comprehensive one is due
    COMPREHENSIVE = "comprehensive"
    REPORT = "report"  # the model was covered by a report on all models in scope


class HeldAssessment(Sourced):
    """An assessment that was completed. ``comparison_model`` is the model it was compared with to say whether it was due."""

    slug: Slug
    model: Slug
    depth: AssessmentDepth
    completed_on: Day
    comparison_model: Slug | None = None
    trigger: Text | None = None
    held_by: Text


class CallKind(StrEnum):
    """What somebody said that makes a new assessment due."""

    DISCRETION = "discretion"
    MORE_CAPABLE = "more_capable"
    CAPABILITY_JUMP = "capability_jump"
    DEPLOYMENT = "deployment"  # the model is deployed, or is about to be in a new way


class AssessmentCall(Sourced):
    """A named person's call for a new assessment of a model."""

    slug: Slug
    model: Slug
    kind: CallKind
    called_on: Day
    comparison_model: Slug | None = None
    called_by: Text
    words: Text


class RelationKind(StrEnum):
    """How a model stands to another."""

    BOUNDED_BY = "bounded_by"  # the other one is at least as capable
    INHERITED_FROM = "inherited_from"  # it was made from the other one


class ModelRelation(Sourced):
    """Somebody's judgement that what was found of another model speaks of this one. ``domain`` is ``None`` for every domain.

    Not signed off it can only make a verdict more cautious.
    """

    slug: Slug
    model: Slug
    kind: RelationKind
    other: Slug
    domain: Slug | None = None
    judged_by: Text
    words: Text
    signed_off_by: Text | None = None
    signed_off_on: Day | None = None

    @model_validator(mode="after")
    def _names_another_and_who_signed(self) -> Self:
        if self.other == self.model:
            raise ValueError(f"found {self.other} as the other model, expected another than {self.model}")
        if (self.signed_off_by is None) != (self.signed_off_on is None):
            raise ValueError("found only one of signed_off_by and signed_off_on, expected both or neither")
        return self
