"""Which models must be assessed anew, or soon, under which policy, on a day: ``rsp due`` without its door.

The rules kept here: the day is handed in; the outcome of a model is that of its most pressing trigger, and nobody knowing is more pressing
than soon; a model that was never assessed, with nothing to compare it with, is due whatever the triggers; a policy whose file names no
trigger can tell nothing. Unasked, every adopted policy in force on the day judges the models of its own developer, and a model whose
developer has no such policy is told as ``cannot_tell``: it is never left out. A policy that was asked for by name judges every model.

In force on a day: the version of its framework that took effect last by then, unless that one has ended. A file that another on record
corrects does not count.

Left out: single triggers (``thresholds.due_triggers``), what is compared (``thresholds.comparisons``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from evaluations.history import AssessmentDepth
from thresholds.comparisons import History, compared_with
from thresholds.due_records import PRESSING, Compared, DueModel, DueOutcome, Force, JudgedUnder, TriggerStanding
from thresholds.due_triggers import Case, open_calls, standing
from thresholds.policy import Policy, Standing

SCHEMA_VERSION = 1
WITHIN_DAYS = 30  # our choice: the month that RSP 2.2, section 4, gives to testing and decision


def due_models(every: Sequence[History], policies: Sequence[Policy], day: date, within_days: int = WITHIN_DAYS) -> tuple[DueModel, ...]:
    """Judge every model under the adopted policies of its developer that are in force on ``day``, the most pressing first."""
    governing = [each for each in policies if each.standing is Standing.ADOPTED and force_of(each, policies, day) is Force.IN_FORCE]
    found: list[DueModel] = []
    for this in every:
        own = [each for each in governing if _same_name(each.developer, this.developer.name)]
        found += [due_under(this, every, each, policies, day, within_days) for each in own]
        if not own:
            found.append(_under_no_policy(this, every, day, within_days))
    return in_order(found)


def due_under_each(
    every: Sequence[History], asked: Sequence[Policy], policies: Sequence[Policy], day: date, within_days: int = WITHIN_DAYS
) -> tuple[DueModel, ...]:
    """Judge every model under the policies ``asked`` for, in force or not, the most pressing first."""
    return in_order(due_under(this, every, each, policies, day, within_days) for this in every for each in asked)


def due_under(
    this: History, every: Sequence[History], policy: Policy, policies: Sequence[Policy], day: date, within_days: int = WITHIN_DAYS
) -> DueModel:
    """Judge one model under one policy. ``every`` are the histories of all models on record, ``policies`` all policies."""
    compared = compared_with(this, every, day)
    case = Case(this, every, compared, policy, day, within_days)
    triggers = tuple(standing(each, case) for each in policy.triggers)
    spoken_of = {each.kind.value for each in triggers}
    outcome = _outcome(this, compared, triggers, day)
    return DueModel(
        **_of_the_model(this, day, within_days),
        under=_judged_under(policy, policies, day),
        outcome=outcome,
        compared=compared,
        due_on=_first_day(triggers, outcome),
        triggers=triggers,
        calls_beside=tuple(each for each in open_calls(this, day) if each.kind.value not in spoken_of),
    )


def force_of(policy: Policy, policies: Sequence[Policy], day: date) -> Force:
    """Say whether ``policy`` governs on ``day``, knowing all versions on record."""
    if day < policy.effective_on:
        return Force.NOT_YET
    for other in policies:
        later = other.framework == policy.framework and policy.effective_on < other.effective_on <= day
        if later or other.corrects == policy.slug:
            return Force.REPLACED
    return Force.ENDED if policy.effective_until is not None and day >= policy.effective_until else Force.IN_FORCE


def in_order(found: Sequence[DueModel] | Iterator[DueModel]) -> tuple[DueModel, ...]:
    """Return judgements the most pressing first, then by the day they fall due, then by name."""
    return tuple(sorted(found, key=_place))


def _place(each: DueModel) -> tuple[int, date, str, str]:
    return PRESSING.index(each.outcome), each.due_on or date.max, each.model, "" if each.under is None else each.under.policy


def _outcome(this: History, compared: tuple[Compared, ...], triggers: tuple[TriggerStanding, ...], day: date) -> DueOutcome:
    if not compared and this.last(AssessmentDepth.REPORT, day) is None:
        return DueOutcome.DUE
    return min((each.outcome for each in triggers), key=PRESSING.index, default=DueOutcome.CANNOT_TELL)


def _first_day(triggers: tuple[TriggerStanding, ...], outcome: DueOutcome) -> date | None:
    """Return the first day of any trigger; where something is due, of those that are."""
    meant = [each for each in triggers if outcome is not DueOutcome.DUE or each.outcome is DueOutcome.DUE]
    return min((each.due_on for each in meant if each.due_on is not None), default=None)


def _same_name(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _judged_under(policy: Policy, policies: Sequence[Policy], day: date) -> JudgedUnder:
    return JudgedUnder(
        policy=policy.slug,
        title=policy.title,
        version=policy.version,
        standing=policy.standing,
        force=force_of(policy, policies, day),
        effective_on=policy.effective_on,
    )


def _of_the_model(this: History, day: date, within_days: int) -> dict[str, object]:
    return {
        "schema_version": SCHEMA_VERSION,
        "model": this.model.slug,
        "model_name": this.model.name,
        "developer": this.developer.name,
        "day": day,
        "within_days": within_days,
    }


def _under_no_policy(this: History, every: Sequence[History], day: date, within_days: int) -> DueModel:
    return DueModel(
        **_of_the_model(this, day, within_days),
        under=None,
        outcome=DueOutcome.CANNOT_TELL,
        compared=compared_with(this, every, day),
        due_on=None,
        triggers=(),
        calls_beside=open_calls(this, day),
    )
