"""Human uplift trials, and what people said of a model: qualitative findings, answers to drops, claims, determinations, plans.

The rules kept here: an arm states its size or ``None`` (never a guess), its mean and spread as printed with what the
plus-minus means (``unspecified`` is a value), or its participants' own scores; a trial has both arms in every cohort; a
claim in another document stands beside the first figure and never replaces it.

Left out: the ratio, which is computed (``evaluations.uplift.trial``); only a *printed* ratio is stored, as a claim.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from evaluations.records import Sourced, SpreadKind, Statistic, Thinking
from evaluations.values import Count, Day, ExactNumber, Record, Slug, Text, plain


class ArmKind(StrEnum):
    """Condition of an uplift trial."""

    CONTROL = "control"
    MODEL = "model"


class ParticipantResult(Record):
    """One person's score, under a code; the key to the code is kept elsewhere. ``team`` names who shares a team or a site, and
    ``pretest`` is the score before the trial."""

    code: Slug
    team: Slug | None = None
    pretest: ExactNumber | None = None
    score: ExactNumber


class Arm(Record):
    """One condition of a cohort: participants, or a summary as printed. ``participants_count`` is ``None`` if not published."""

    kind: ArmKind
    conditions: Text
    participants_count: Count | None = None
    mean: ExactNumber | None = None
    spread: ExactNumber | None = None
    spread_kind: SpreadKind | None = None
    highest: ExactNumber | None = None
    source_at: Text | None = None
    participants: tuple[ParticipantResult, ...] = ()

    @model_validator(mode="after")
    def _participants_or_a_summary(self) -> Self:
        if bool(self.participants) == (self.mean is not None):
            raise ValueError("found both or neither of participants and mean, expected exactly one of them")
        if (self.spread is None) != (self.spread_kind is None):
            raise ValueError("found only one of spread and spread_kind, expected both (spread_kind may be unspecified)")
        if self.spread is not None and self.spread < 0:
            raise ValueError(f"found spread {self.spread}, expected 0 or more")
        if self.participants_count == 0:
            raise ValueError("found an arm of 0 participants, expected at least one, or nothing where it is not published")
        if self.participants and self.participants_count not in (None, len(self.participants)):
            raise ValueError(
                f"found participants_count {self.participants_count} beside {len(self.participants)} participants, expected them equal"
            )
        return self


class Cohort(Record):
    """A group of people with the same background, divided into a control and a model arm."""

    slug: Slug
    name: Text
    arms: tuple[Arm, ...]

    @model_validator(mode="after")
    def _has_both_arms(self) -> Self:
        if sorted(arm.kind.value for arm in self.arms) != ["control", "model"]:
            raise ValueError("found other arms, expected exactly one control arm and one model arm")
        return self

    def arm(self, kind: ArmKind) -> Arm:
        """Return the arm of that kind."""
        return next(arm for arm in self.arms if arm.kind is kind)


class Look(Record):
    """Which look at a trial its figures are from, the first is 1, and the share of participants at each look that was planned
    before the first. No ``planned_fractions``: the looks were not planned."""

    taken: Count
    planned_fractions: tuple[ExactNumber, ...] = ()

    @model_validator(mode="after")
    def _was_among_the_planned(self) -> Self:
        planned = self.planned_fractions
        if self.taken < 1:
            raise ValueError(f"found taken {self.taken}, expected 1 for the first look, or more")
        if any(not 0 < fraction <= 1 for fraction in planned):
            raise ValueError(f"found planned_fractions {_listed(planned)}, expected each above 0 and at most 1")
        if any(not earlier < later for earlier, later in pairwise(planned)):
            raise ValueError(f"found planned_fractions {_listed(planned)}, expected each above the one before it")
        if planned and planned[-1] != 1:
            raise ValueError(f"found planned_fractions that end at {plain(planned[-1])}, expected 1: all participants, at the last look")
        if planned and self.taken > len(planned):
            raise ValueError(f"found taken {self.taken} of {len(planned)} planned looks, expected 1 to {len(planned)}")
        return self


def _listed(fractions: tuple[Decimal, ...]) -> str:
    return ", ".join(map(plain, fractions))


class UpliftTrial(Sourced):
    """An experiment that compares people with the model and people without. ``snapshot`` is ``None`` if not stated, ``look`` if the
    trial was looked at once, when it was complete. ``adjusted_for`` is the covariate named before the results were known, whose
    values the participants carry as ``pretest``."""

    slug: Slug
    model: Slug
    snapshot: Slug | None
    evaluation: Slug
    version: Slug
    task: Text
    hours_allowed: ExactNumber | None = None
    grader: Text | None = None
    look: Look | None = None
    adjusted_for: Text | None = None
    cohorts: tuple[Cohort, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _covariate_is_known_of_everybody(self) -> Self:
        if self.adjusted_for is None:
            return self
        for cohort in self.cohorts:
            for arm in cohort.arms:
                place = f"in cohort {cohort.slug}, arm {arm.kind.value}"
                if not arm.participants:
                    raise ValueError(f"found adjusted_for without participants {place}, expected each person's score and pretest")
                lacking = [person.code for person in arm.participants if person.pretest is None]
                if lacking:
                    named = ", ".join(lacking[:3])
                    raise ValueError(f"found adjusted_for but no pretest of {named} {place}, expected one of every participant")
        return self


class Leaning(StrEnum):
    """Which way experts lean, in the words of a finding."""

    BELOW = "below"
    BETWEEN = "between"
    ABOVE = "above"
    NONE_STATED = "none_stated"


class QualitativeFinding(Sourced):
    """A judgement by named experts that carries no number, such as a red team's report.

    Until somebody answerable signs it off it can only make a verdict more cautious.
    """

    slug: Slug
    model: Slug
    snapshot: Slug | None
    evaluation: Slug
    version: Slug
    by: Text
    leaning: Leaning
    words: Text
    signed_off_by: Text | None = None
    signed_off_on: Day | None = None

    @model_validator(mode="after")
    def _says_who_signed_and_when(self) -> Self:
        if (self.signed_off_by is None) != (self.signed_off_on is None):
            raise ValueError("found only one of signed_off_by and signed_off_on, expected both or neither")
        return self


FEWEST_LETTERS = 2  # our choice: a dash or a full stop explains nothing


class DropAnswer(Sourced):
    """A named person's explanation of a sudden drop between two snapshots of a model. It closes a question; it is no measurement."""

    slug: Slug
    model: Slug
    evaluation: Slug
    version: Slug
    before: Slug
    after: Slug
    by: Text
    words: Text

    @model_validator(mode="after")
    def _is_said_in_words(self) -> Self:
        for name, text in (("by", self.by), ("words", self.words)):
            if sum(letter.isalpha() for letter in text) < FEWEST_LETTERS:
                raise ValueError(f"found {name} {text!r}, expected who explains the drop, and an explanation in words")
        return self

    @model_validator(mode="after")
    def _lies_between_two_snapshots(self) -> Self:
        if self.before == self.after:
            raise ValueError(f"found {self.before} as before and as after, expected two snapshots")
        return self


class Claim(Sourced):
    """A figure or statement about a model as some document gives it; several claims of one figure may differ, and all are kept."""

    slug: Slug
    model: Slug
    evaluation: Slug | None = None
    statistic: Statistic | None = None
    value: ExactNumber | None = None
    unit: Text | None = None
    as_printed: Text | None = None
    words: Text

    @model_validator(mode="after")
    def _value_has_a_unit(self) -> Self:
        if (self.value is None) != (self.unit is None):
            raise ValueError("found only one of value and unit, expected both or neither")
        return self


class PublishedDetermination(Sourced):
    """What responsible people published as their decision. It stands beside a verdict and never becomes one."""

    slug: Slug
    model: Slug
    domain: Slug | None
    outcome: Text
    caveat: Text | None = None
    decided_by: Text | None = None
    decided_on: Day | None = None


class PlannedVariants(Record):
    """Each evaluation named was planned on each snapshot named, in each thinking mode named: the full cross of the three."""

    evaluations: tuple[Slug, ...] = Field(min_length=1)
    snapshots: tuple[Slug, ...] = Field(min_length=1)
    thinking: tuple[Thinking, ...] = Field(min_length=1)


class AssessmentPlan(Sourced):
    """Which variants were to be measured, written down before the results: what makes a gap visible."""

    slug: Slug
    model: Slug
    comparison_model: Slug | None = None
    trigger: Text | None = None
    planned: tuple[PlannedVariants, ...] = Field(min_length=1)
