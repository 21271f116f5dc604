"""Whether one trigger of a policy has fired for a model on a day, by its kind (statistics d6; rsp-policy, sections 4 and 8).

1. Effective compute: the highest upper end entered of the model, over the lower end of what it is compared with as it stood when that
   assessment was completed; exactly the multiple fires. A figure from before the model's *own* assessment says nothing of what came
   after it. Without a figure on either side, or with one in a unit that the other side lacks, nobody can tell. Nothing is forecast. One
   figure that is both then and now is once itself, however uncertain.
2. Months are calendar months from the day the assessment was completed. Soon: so many days ahead, or the window of a report is open.
3. A call fires on its day and counts until the model itself has a comprehensive assessment that was completed on that day or later.
   Without a call discretion has not fired, because it is the call. That nobody called a model more capable, or its scores a jump, says
   something only once an assessment of some depth looked.
4. Deployment fires on the release day of a model that has no comprehensive assessment of its own, and by a call.
5. A calendar counts from the last report that covered the model, else from the developer's last. Whether a model that was out before
   that report, or whose release day nobody recorded, should have been in it, nobody can tell.
6. A change of policy fires for a model not assessed comprehensively since the version took effect.
7. A model that was never assessed, with nothing to compare it with, is due.

Left out: the outcome over all triggers (``thresholds.due``), and words (``reports.due``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from evaluations.history import AssessmentCall, AssessmentDepth, EffectiveCompute
from thresholds.comparisons import History, reported_last
from thresholds.due_records import (
    PRESSING,
    Because,
    CallNote,
    Compared,
    ComparedBy,
    ComputeNote,
    DueOutcome,
    TriggerStanding,
)
from thresholds.governance import Trigger, TriggerKind
from thresholds.policy import Policy
from thresholds.reassessment import months_later, reassessment_triggers


@dataclass(frozen=True)
class Case:
    """What is judged: a model among all on record, held against ``compared``, under a policy on a day, so many days ahead."""

    this: History
    every: Sequence[History]
    compared: tuple[Compared, ...]
    policy: Policy
    day: date
    within_days: int

    @property
    def assessed_on(self) -> date | None:
        """When the model's own last comprehensive assessment was completed."""
        last = self.this.last(AssessmentDepth.COMPREHENSIVE, self.day)
        return None if last is None else last.completed_on

    def by(self, due_on: date) -> DueOutcome:
        """Return how pressing something is that falls due on ``due_on``."""
        if self.day >= due_on:
            return DueOutcome.DUE
        return DueOutcome.SOON if (due_on - self.day).days <= self.within_days else DueOutcome.NOT_DUE


def standing(trigger: Trigger, case: Case) -> TriggerStanding:
    """Return whether ``trigger`` has fired; held against several assessments, the most pressing answer."""
    if trigger.sort in (TriggerKind.EFFECTIVE_COMPUTE, TriggerKind.ELAPSED_MONTHS):
        return most_pressing(_against_each(trigger, case))
    if trigger.sort is TriggerKind.CALENDAR:
        return most_pressing(_of_a_calendar(trigger, case))
    if trigger.sort is TriggerKind.POLICY_CHANGE:
        return _of_a_policy_change(trigger, case)
    return _of_calls(trigger, case)


def most_pressing(standings: Iterator[TriggerStanding]) -> TriggerStanding:
    """Return the most pressing of several standings of one trigger, the one that fell due first among equals."""
    return min(standings, key=lambda each: (PRESSING.index(each.outcome), each.due_on or date.max))


def open_calls(this: History, day: date) -> tuple[CallNote, ...]:
    """Return the calls that no comprehensive assessment has answered by ``day``, the oldest first."""
    held = [each for each in this.assessments if each.depth is AssessmentDepth.COMPREHENSIVE and each.completed_on <= day]
    waiting = [call for call in this.calls if call.called_on <= day and not any(each.completed_on >= call.called_on for each in held)]
    return tuple(_call_note(each) for each in sorted(waiting, key=lambda each: (each.called_on, each.slug)))


def _told(trigger: Trigger, outcome: DueOutcome, because: Because, **known: Any) -> TriggerStanding:
    due_on: date | None = known.get("due_on")
    return TriggerStanding(
        trigger=trigger.slug,
        kind=trigger.sort,
        words=trigger.words,
        citation=trigger.citation,
        outcome=outcome,
        because=because,
        deadline_on=_days_later(due_on, trigger.days),
        **known,
    )


def _days_later(day: date | None, days: int | None) -> date | None:
    if day is None or days is None:
        return None
    return day + timedelta(days) if days <= (date.max - day).days else date.max


def _against_each(trigger: Trigger, case: Case) -> Iterator[TriggerStanding]:
    if not case.compared:
        yield _told(trigger, DueOutcome.DUE, Because.NEVER_ASSESSED)
    for compared in case.compared:
        if compared.completed_on is None:
            yield _told(trigger, DueOutcome.DUE, Because.COMPARED_NEVER_ASSESSED, compared=compared)
        elif trigger.sort is TriggerKind.ELAPSED_MONTHS:
            yield _of_months(trigger, case, compared, compared.completed_on)
        else:
            yield _of_compute(trigger, case, compared, compared.completed_on)


def _of_months(trigger: Trigger, case: Case, compared: Compared, last_on: date) -> TriggerStanding:
    judged = reassessment_triggers(last_on, case.day, None, None, compute_multiple=None, months=trigger.months)
    assert judged.due_on is not None  # a trigger of this kind has its months, or its file was refused
    because = Because.MONTHS_PASSED if judged.calendar == "fires" else Because.MONTHS_NOT_PASSED
    return _told(trigger, case.by(judged.due_on), because, compared=compared, due_on=judged.due_on, months=trigger.months)


def _of_compute(trigger: Trigger, case: Case, compared: Compared, last_on: date) -> TriggerStanding:
    other = next(each for each in case.every if each.model.slug == compared.model)
    since = last_on if compared.chosen is ComparedBy.OWN_ASSESSMENT else date.min
    now = [each for each in case.this.effective_compute if since <= each.reached_on <= case.day]
    then = _as_assessed(other, last_on)
    grown = [_grown(trigger, then[each.unit], each, last_on, case.day) for each in now if each.unit in then]
    reached = [each for each in grown if each.fires]
    known: dict[str, Any] = {"compared": compared, "multiple": trigger.effective_compute_multiple}
    if grown:
        highest = max(grown, key=lambda each: (each.upper, each.now.reached_on, each.now.slug))
        known |= {"ratio": highest.told(highest.ratio), "ratio_upper": highest.told(highest.upper)}
        known |= {"compute_then": _compute_note(highest.then), "compute_now": _compute_note(highest.now)}
    if reached:
        first = min(each.now.reached_on for each in reached)
        return _told(trigger, DueOutcome.DUE, Because.MULTIPLE_REACHED, due_on=first, **known)
    if not now:
        return _told(trigger, DueOutcome.CANNOT_TELL, Because.COMPUTE_NOT_ENTERED, **known)
    if not then:
        return _told(trigger, DueOutcome.CANNOT_TELL, Because.COMPARED_COMPUTE_NOT_ENTERED, **known)
    if len(grown) < len(now):
        return _told(trigger, DueOutcome.CANNOT_TELL, Because.UNITS_DIFFER, **known)
    return _told(trigger, DueOutcome.NOT_DUE, Because.MULTIPLE_NOT_REACHED, **known)


@dataclass(frozen=True)
class _Growth:
    """Two figures in one unit and their ratio, exactly."""

    then: EffectiveCompute
    now: EffectiveCompute
    ratio: Fraction
    upper: Fraction
    multiple: Fraction
    fires: bool

    def told(self, ratio: Fraction) -> float:
        """Return a ratio as a float on its own side of the multiple."""
        number = float(ratio)
        if ratio < self.multiple and number >= self.multiple:
            return math.nextafter(float(self.multiple), 0)
        return number


def _as_assessed(other: History, on: date) -> dict[str, EffectiveCompute]:
    """Return, by unit, what was entered last of a model by the day it was assessed; of several that day the one with the lowest end."""
    figures = [each for each in other.effective_compute if each.reached_on <= on]
    return {each.unit: each for each in sorted(figures, key=lambda each: (each.reached_on, -_low(each), each.slug))}


def _grown(trigger: Trigger, then: EffectiveCompute, now: EffectiveCompute, last_on: date, day: date) -> _Growth:
    assert trigger.effective_compute_multiple is not None  # or its file was refused
    same = (then.model, then.slug) == (now.model, now.slug)
    upper = Fraction(1) if same else Fraction(now.high or now.value) / Fraction(_low(then))
    judged = reassessment_triggers(
        *(last_on, day, then.value, now.value),
        compute_multiple=trigger.effective_compute_multiple,
        months=None,
        ratio_upper=upper,
    )
    assert judged.compute_ratio is not None
    return _Growth(then, now, judged.compute_ratio, upper, Fraction(trigger.effective_compute_multiple), judged.compute == "fires")


def _low(entered: EffectiveCompute) -> Any:
    return entered.low or entered.value


def _of_a_calendar(trigger: Trigger, case: Case) -> Iterator[TriggerStanding]:
    reports = reported_last(case.this, case.every, case.day)
    if not reports:
        yield _told(trigger, DueOutcome.DUE, Because.NEVER_REPORTED)
    for report in reports:
        assert report.completed_on is not None
        if trigger.months is None:
            yield _told(trigger, DueOutcome.CANNOT_TELL, Because.QUANTITY_NOT_GIVEN, compared=report)
            continue
        due_on = months_later(report.completed_on, trigger.months)
        opens_on = None if trigger.months_earliest is None else months_later(report.completed_on, trigger.months_earliest)
        outcome, because = _of_a_report(case, report, due_on, opens_on)
        yield _told(
            *(trigger, outcome, because), compared=report, earliest_on=opens_on, due_on=due_on, months=trigger.months
        )  # fmt: skip


def _of_a_report(case: Case, report: Compared, due_on: date, opens_on: date | None) -> tuple[DueOutcome, Because]:
    assert report.completed_on is not None
    outcome, released_on = case.by(due_on), case.this.model.released_on
    if outcome is DueOutcome.DUE:
        return outcome, Because.MONTHS_PASSED
    if report.chosen is not ComparedBy.OWN_ASSESSMENT and released_on is None:
        return DueOutcome.CANNOT_TELL, Because.RELEASE_NOT_RECORDED
    if report.chosen is not ComparedBy.OWN_ASSESSMENT and released_on is not None and released_on <= report.completed_on:
        return DueOutcome.CANNOT_TELL, Because.LEFT_OUT_OF_REPORT
    if opens_on is not None and case.day >= opens_on:
        return DueOutcome.SOON, Because.WINDOW_OPEN
    return outcome, Because.MONTHS_NOT_PASSED


def _of_a_policy_change(trigger: Trigger, case: Case) -> TriggerStanding:
    changed_on = case.policy.effective_on
    if case.assessed_on is not None and case.assessed_on >= changed_on:
        return _told(trigger, DueOutcome.NOT_DUE, Because.ASSESSED)
    return _told(trigger, case.by(changed_on), Because.POLICY_CHANGED_SINCE, due_on=changed_on)


def _of_calls(trigger: Trigger, case: Case) -> TriggerStanding:
    calls = tuple(each for each in open_calls(case.this, case.day) if each.kind.value == trigger.sort.value)
    if calls:
        return _told(trigger, DueOutcome.DUE, Because.CALLED, due_on=calls[0].called_on, calls=calls)
    if trigger.sort is TriggerKind.DEPLOYMENT:
        return _of_a_release(trigger, case)
    looked = any(each.completed_on <= case.day for each in case.this.assessments)
    if trigger.sort is TriggerKind.DISCRETION or looked:
        return _told(trigger, DueOutcome.NOT_DUE, Because.NOBODY_CALLED)
    return _told(trigger, DueOutcome.CANNOT_TELL, Because.NOBODY_LOOKED)


def _of_a_release(trigger: Trigger, case: Case) -> TriggerStanding:
    released_on = case.this.model.released_on
    if case.assessed_on is not None:
        return _told(trigger, DueOutcome.NOT_DUE, Because.ASSESSED)
    if released_on is None:
        return _told(trigger, DueOutcome.CANNOT_TELL, Because.RELEASE_NOT_RECORDED)
    because = Because.DEPLOYED_UNASSESSED if case.day >= released_on else Because.DEPLOYMENT_AHEAD
    return _told(trigger, case.by(released_on), because, due_on=released_on)


def _compute_note(entered: EffectiveCompute) -> ComputeNote:
    names = ("model", "slug", "reached_on", "value", "low", "high", "unit", "entered_by", "visibility")
    return ComputeNote(**{name: getattr(entered, name) for name in names})


def _call_note(call: AssessmentCall) -> CallNote:
    names = ("slug", "kind", "called_on", "called_by", "comparison_model", "words", "visibility")
    return CallNote(**{name: getattr(call, name) for name in names})
