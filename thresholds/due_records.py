"""What the judgement of a reassessment looks like once made: one model under one policy on a day, trigger by trigger.

The rules kept here: an outcome is a word, and ``cannot_tell`` stands above ``soon``, because what nobody can tell may be due already; every
trigger says what it was held against and which records it rests on, each with its visibility, so that a door can withhold it; numbers
are never rounded (text is made of them in ``reports.due``).

Left out: how they are reached (``thresholds.due``).
"""

from __future__ import annotations

from enum import StrEnum

from evaluations.history import AssessmentDepth, CallKind
from evaluations.records import Visibility
from evaluations.values import Count, Day, ExactNumber, Record, Slug, Text
from thresholds.governance import TriggerKind
from thresholds.policy import Standing


class DueOutcome(StrEnum):
    """Whether a new assessment is due, the most pressing first."""

    DUE = "due"
    CANNOT_TELL = "cannot_tell"  # it may be due already
    SOON = "soon"
    NOT_DUE = "not_due"


PRESSING = tuple(DueOutcome)
"""Outcomes in order, the most pressing first."""


class Because(StrEnum):
    """Why a trigger has the outcome it has."""

    MULTIPLE_REACHED = "multiple_reached"
    MULTIPLE_NOT_REACHED = "multiple_not_reached"
    COMPUTE_NOT_ENTERED = "compute_not_entered"  # of the model, since its own last assessment or at all
    COMPARED_COMPUTE_NOT_ENTERED = "compared_compute_not_entered"
    UNITS_DIFFER = "units_differ"
    MONTHS_PASSED = "months_passed"
    MONTHS_NOT_PASSED = "months_not_passed"
    WINDOW_OPEN = "window_open"  # a report may be made now, and must be by a later day
    NEVER_ASSESSED = "never_assessed"  # and there is nothing to compare it with
    COMPARED_NEVER_ASSESSED = "compared_never_assessed"
    NEVER_REPORTED = "never_reported"
    LEFT_OUT_OF_REPORT = "left_out_of_report"
    RELEASE_NOT_RECORDED = "release_not_recorded"
    CALLED = "called"
    NOBODY_CALLED = "nobody_called"
    NOBODY_LOOKED = "nobody_looked"  # no assessment of any depth, so that no call says nothing
    DEPLOYED_UNASSESSED = "deployed_unassessed"
    DEPLOYMENT_AHEAD = "deployment_ahead"
    ASSESSED = "assessed"
    POLICY_CHANGED_SINCE = "policy_changed_since"
    QUANTITY_NOT_GIVEN = "quantity_not_given"  # the policy's file does not say how many months


class ComparedBy(StrEnum):
    """How it was found what a model is compared with."""

    OWN_ASSESSMENT = "own_assessment"
    NAMED = "named"  # by an assessment of the model, or by a plan
    LATEST_OF_DEVELOPER = "latest_of_developer"


class Force(StrEnum):
    """Whether a policy governs on a day."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    REPLACED = "replaced"
    ENDED = "ended"


class Compared(Record):
    """The assessment that a model is held against. ``assessment`` is ``None`` where the model named has none on record."""

    model: Slug
    model_name: Text
    chosen: ComparedBy
    assessment: Slug | None = None
    depth: AssessmentDepth
    completed_on: Day | None = None


class ComputeNote(Record):
    """An entry of effective compute that a ratio was made of."""

    model: Slug
    slug: Slug
    reached_on: Day
    value: ExactNumber
    low: ExactNumber | None
    high: ExactNumber | None
    unit: Text
    entered_by: Text
    visibility: Visibility


class CallNote(Record):
    """A call that nobody has answered with a comprehensive assessment."""

    slug: Slug
    kind: CallKind
    called_on: Day
    called_by: Text
    comparison_model: Slug | None
    words: Text
    visibility: Visibility


class TriggerStanding(Record):
    """One trigger on a day. ``due_on`` is when it fired or will; ``earliest_on`` opens a window that ``due_on`` closes; ``deadline_on``
    is how long the work may take once it fired. ``ratio_upper`` is what was held against ``multiple``."""

    trigger: Slug
    kind: TriggerKind
    words: Text
    citation: Text
    outcome: DueOutcome
    because: Because
    compared: Compared | None = None
    earliest_on: Day | None = None
    due_on: Day | None = None
    deadline_on: Day | None = None
    months: Count | None = None
    multiple: ExactNumber | None = None
    ratio: float | None = None
    ratio_upper: float | None = None
    compute_then: ComputeNote | None = None
    compute_now: ComputeNote | None = None
    calls: tuple[CallNote, ...] = ()
    withheld: tuple[Text, ...] = ()  # records whose numbers or texts were taken out for the reader


class JudgedUnder(Record):
    """The policy of a judgement, and whether it governs on the day."""

    policy: Slug
    title: Text
    version: Text
    standing: Standing
    force: Force
    effective_on: Day


class DueModel(Record):
    """One model under one policy on a day: a pure function of (histories of all models, policy, day, days ahead).

    ``under`` is ``None`` where no adopted policy of its developer is in force; then nobody can tell. ``due_on`` is the first day on which
    a trigger fired or will, ``None`` where none has a day. ``calls_beside`` are calls that no trigger of this policy speaks of.
    """

    schema_version: int
    model: Slug
    model_name: Text
    developer: Text
    under: JudgedUnder | None
    day: Day
    within_days: Count
    outcome: DueOutcome
    compared: tuple[Compared, ...]
    due_on: Day | None
    triggers: tuple[TriggerStanding, ...]
    calls_beside: tuple[CallNote, ...] = ()
