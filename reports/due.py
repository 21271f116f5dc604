"""Which models must be assessed anew, on a terminal and as JSON.

The rules kept here: the most pressing stands first, and what nobody can tell is spelled out like what is due; a model that is not due keeps
a line, with the next day known; each trigger has one sentence that says what was compared with what; numbers and texts of restricted and
hazardous records go, that they are withheld is said, and the outcome stays; a character that would steer the terminal is shown as its
code point.

Left out: deciding. Nothing is compared here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from evaluations.records import WITHHELD_FROM
from reports import numbers, terminal
from reports.terminal import COLUMNS, hanging, indented, plain, rendered
from reports.withholding import WITHHELD
from thresholds.due_records import (
    Because,
    CallNote,
    Compared,
    ComparedBy,
    DueModel,
    DueOutcome,
    Force,
    JudgedUnder,
    TriggerStanding,
)
from thresholds.outcomes import VerdictOutcome
from thresholds.policy import Standing

OUTCOME_WORDS = {
    DueOutcome.DUE: "due",
    DueOutcome.CANNOT_TELL: "cannot tell",
    DueOutcome.SOON: "soon",
    DueOutcome.NOT_DUE: "not due",
}
GLYPHS = {  # a shape beside the word: those of verdicts, the most pressing with the worst
    DueOutcome.DUE: terminal.GLYPHS[VerdictOutcome.CROSSED],
    DueOutcome.CANNOT_TELL: terminal.GLYPHS[VerdictOutcome.INSUFFICIENT_EVIDENCE],
    DueOutcome.SOON: terminal.GLYPHS[VerdictOutcome.NOT_RULED_OUT],
    DueOutcome.NOT_DUE: terminal.GLYPHS[VerdictOutcome.RULED_OUT],
}
FORCE_WORDS = {
    Force.IN_FORCE: "in force",
    Force.NOT_YET: "not yet in force",
    Force.REPLACED: "replaced by a later version",
    Force.ENDED: "no longer in force",
}
CHOSEN_WORDS = {
    ComparedBy.NAMED: "the comparison model named",
    ComparedBy.LATEST_OF_DEVELOPER: "the developer’s model assessed last, as none is named",
}
NO_POLICY = (
    "No adopted policy of its developer is in force on that day, so nobody can tell what is due; load one, or name any with --policy."
)


def shown(due: DueModel) -> DueModel:
    """Return a judgement as any reader may see it: without numbers and texts that are restricted or hazardous."""
    triggers = tuple(_shown_trigger(each) for each in due.triggers)
    return due.but({"triggers": triggers, "calls_beside": tuple(_shown_call(each) for each in due.calls_beside)})


def _shown_trigger(trigger: TriggerStanding) -> TriggerStanding:
    figures = [each for each in (trigger.compute_then, trigger.compute_now) if each is not None and each.visibility in WITHHELD_FROM]
    calls = [each for each in trigger.calls if each.visibility in WITHHELD_FROM]
    names = [*(f"effective compute {each.slug} of {each.model}" for each in figures), *(f"call {each.slug}" for each in calls)]
    without: dict[str, Any] = {"withheld": tuple(dict.fromkeys(names)), "calls": tuple(_shown_call(each) for each in trigger.calls)}
    if figures:  # either figure and the ratio would give the other away
        without |= dict.fromkeys(("ratio", "ratio_upper", "compute_then", "compute_now"))
    return trigger.but(without)


def _shown_call(call: CallNote) -> CallNote:
    if call.visibility not in WITHHELD_FROM:
        return call
    return call.but({"called_by": WITHHELD, "words": WITHHELD})


class TriggerForm(TriggerStanding):
    """A trigger as JSON has it, with its sentence."""

    sentence: str


class DueForm(DueModel):
    """A judgement as JSON has it."""

    triggers: tuple[TriggerForm, ...]


def due_json(judged: Sequence[DueModel]) -> str:
    """Return the judgements as a JSON list that ends in a line break; every trigger with its sentence, numbers unrounded."""
    return json.dumps([_form(each) for each in judged], ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True) + "\n"


def _form(due: DueModel) -> dict[str, Any]:
    form = due.model_dump(mode="json")
    for trigger, told in zip(due.triggers, form["triggers"], strict=True):
        told["sentence"] = trigger_sentence(trigger).replace(numbers.NBSP, " ")
    return form


def due_text(judged: Sequence[DueModel], columns: int = COLUMNS) -> str:
    """Return the judgements for a terminal: a count, what is pressing in full, what is not due in a line each."""
    if not judged:
        return "no model is on record; load an evidence file with `rsp load FILE`\n"
    return rendered(_parts(judged), columns=columns)


def _parts(judged: Sequence[DueModel]) -> Iterator[RenderableType]:
    day, within = judged[0].day, judged[0].within_days
    counts = ", ".join(f"{sum(each.outcome is outcome for each in judged)} {words}" for outcome, words in OUTCOME_WORDS.items())
    yield plain(f"New assessments on {numbers.day(day)}, looking {_days(within)} ahead: {counts}")
    for each in judged:
        if each.outcome is not DueOutcome.NOT_DUE:
            yield plain("")
            yield from _in_full(each)
    quiet = [each for each in judged if each.outcome is DueOutcome.NOT_DUE]
    if quiet:
        yield plain("")
    for each in quiet:
        yield from _in_a_line(each)


def _days(count: int) -> str:
    return f"{numbers.whole(count)} day{'' if count == 1 else 's'}"


def _headed(due: DueModel) -> str:
    return f"{OUTCOME_WORDS[due.outcome]}: {due.model_name} ({due.developer}) under {_policy(due.under)}"


def _policy(under: JudgedUnder | None) -> str:
    if under is None:
        return "no policy"
    remarks = ["fictional"] if under.standing is Standing.FICTIONAL else []
    if under.force is not Force.IN_FORCE:
        remarks.append(FORCE_WORDS[under.force])
    return f"{under.title} ({', '.join(remarks)})" if remarks else under.title


def _marked(outcome: DueOutcome, words: str, depth: int) -> RenderableType:
    return hanging(Text(GLYPHS[outcome]), words, depth)


def _in_full(due: DueModel) -> Iterator[RenderableType]:
    since = "" if due.due_on is None else f", {'since' if due.due_on <= due.day else 'on'} {numbers.day(due.due_on)}"
    yield _marked(due.outcome, _headed(due) + (since if due.outcome in (DueOutcome.DUE, DueOutcome.SOON) else ""), 0)
    yield indented(compared_sentence(due), 2)
    if due.under is None:
        yield indented(NO_POLICY, 2)
    elif not due.triggers:
        yield indented("The policy’s file names no trigger, so nobody can tell when a new assessment is due.", 2)
    for trigger in due.triggers:
        yield _marked(trigger.outcome, f"{OUTCOME_WORDS[trigger.outcome]}: {trigger_sentence(trigger)}", 4)
        yield indented(f"{trigger.trigger}: {trigger.words} [{trigger.citation}]", 6)
    yield from _beside(due)


def _in_a_line(due: DueModel) -> Iterator[RenderableType]:
    following = "no day known" if due.due_on is None else f"next on {numbers.day(due.due_on)}"
    used = [
        f"; {_times(each, each.ratio_upper)} of {_multiple(each)} effective compute used"
        for each in due.triggers
        if each.ratio_upper is not None
    ]
    yield _marked(due.outcome, f"{_headed(due)}; {following}{''.join(used)}", 0)
    yield indented(compared_sentence(due), 2)
    yield from _beside(due)


def _beside(due: DueModel) -> Iterator[RenderableType]:
    for call in due.calls_beside:
        kind = call.kind.value.replace("_", " ")
        yield indented(f"beside it, a call that no trigger here speaks of ({kind}): {_called(call)}", 2)


def compared_sentence(due: DueModel) -> str:
    """Return which comprehensive assessments the model was held against."""
    if not due.compared:
        return "Never assessed comprehensively, and no assessed model to compare it with."
    return f"Held against {'; '.join(_held_against(each) for each in due.compared)}."


def _held_against(compared: Compared) -> str:
    if compared.chosen is ComparedBy.OWN_ASSESSMENT:
        return f"its own last comprehensive assessment, {numbers.day(compared.completed_on)}"
    who = f"{compared.model_name} ({CHOSEN_WORDS[compared.chosen]})"
    if compared.completed_on is None:
        return f"{who}, of which no comprehensive assessment is on record"
    return f"the last comprehensive assessment of {who}, {numbers.day(compared.completed_on)}"


def trigger_sentence(trigger: TriggerStanding) -> str:
    """Return why a trigger has its outcome, and until when the work may take."""
    deadline = "" if trigger.deadline_on is None else f" The work may take until {numbers.day(trigger.deadline_on)}."
    return _SENTENCES[trigger.because](trigger) + deadline


def _multiple(trigger: TriggerStanding) -> str:
    assert trigger.multiple is not None
    return numbers.recorded(trigger.multiple, "x")


def _assessment(trigger: TriggerStanding) -> str:
    """Return the assessment or report held against, by its day and, where it is another's, by its model."""
    compared = trigger.compared
    assert compared is not None
    of = "" if compared.chosen is ComparedBy.OWN_ASSESSMENT else f" of {compared.model_name}"
    word = "report" if compared.depth.value == "report" else "assessment"
    return f"the {word}{of} of {numbers.day(compared.completed_on)}"


def _growth(trigger: TriggerStanding) -> str:
    if trigger.ratio is None or trigger.ratio_upper is None:
        return f"Effective compute beside that at {_assessment(trigger)}: {WITHHELD}"
    most = "" if trigger.ratio_upper == trigger.ratio else f" (up to {_times(trigger, trigger.ratio_upper)})"
    return f"Effective compute is {_times(trigger, trigger.ratio)} that at {_assessment(trigger)}{most}"


def _times(trigger: TriggerStanding, ratio: float) -> str:
    assert trigger.multiple is not None
    return numbers.quantity(ratio, "x", bars=[trigger.multiple])


def _no_compute(trigger: TriggerStanding) -> str:
    assert trigger.compared is not None
    since = f" for any day since {_assessment(trigger)}" if trigger.compared.chosen is ComparedBy.OWN_ASSESSMENT else ""
    return f"No effective compute of the model is entered{since}, so nobody can say that it has not grown {_multiple(trigger)}."


def _no_compared_compute(trigger: TriggerStanding) -> str:
    return (
        f"No effective compute is entered for {_assessment(trigger)} or before, so nobody can say that {_multiple(trigger)} is not reached."
    )


def _units(trigger: TriggerStanding) -> str:
    unknown = f"so nobody can say that {_multiple(trigger)} is not reached"
    return f"Effective compute is entered in a unit in which none is entered for {_assessment(trigger)} or before, {unknown}."


def _months(trigger: TriggerStanding) -> str:
    assert trigger.months is not None
    count = f"{numbers.whole(trigger.months)} calendar month{'' if trigger.months == 1 else 's'}"
    verb = "were" if trigger.because is Because.MONTHS_PASSED else "will be"
    return f"{count} after {_assessment(trigger)} {verb} over on {numbers.day(trigger.due_on)}."


def _window(trigger: TriggerStanding) -> str:
    return f"{_months(trigger)} It may be made from {numbers.day(trigger.earliest_on)} on."


def _unclear_report(why: str) -> Callable[[TriggerStanding], str]:
    def told(trigger: TriggerStanding) -> str:
        return f"T{_assessment(trigger)[1:]} did not cover the model, and {why}; the next is due by {numbers.day(trigger.due_on)}."

    return told


def _calls(trigger: TriggerStanding) -> str:
    return " ".join(_called(each) for each in trigger.calls)


def _called(call: CallNote) -> str:
    beside = "" if call.comparison_model is None else f", beside {call.comparison_model}"
    if call.words == WITHHELD:
        return f"Called for on {numbers.day(call.called_on)}{beside}: {WITHHELD}."
    return f"Called for on {numbers.day(call.called_on)} by {call.called_by}{beside}: “{call.words}”"


def _release(trigger: TriggerStanding) -> str:
    if trigger.compared is None and trigger.due_on is None:
        return "Neither a release day nor a comprehensive assessment of the model is on record."
    return _unclear_report("whether it was out by then is not recorded")(trigger)


_SENTENCES: dict[Because, Callable[[TriggerStanding], str]] = {
    Because.MULTIPLE_REACHED: lambda each: f"{_growth(each)}: the {_multiple(each)} that calls for a new assessment is reached.",
    Because.MULTIPLE_NOT_REACHED: lambda each: f"{_growth(each)}; {_multiple(each)} calls for a new assessment.",
    Because.COMPUTE_NOT_ENTERED: _no_compute,
    Because.COMPARED_COMPUTE_NOT_ENTERED: _no_compared_compute,
    Because.UNITS_DIFFER: _units,
    Because.MONTHS_PASSED: _months,
    Because.MONTHS_NOT_PASSED: _months,
    Because.WINDOW_OPEN: _window,
    Because.NEVER_ASSESSED: lambda _: "The model was never assessed comprehensively, and there is none to compare it with.",
    Because.COMPARED_NEVER_ASSESSED: lambda each: (
        f"No comprehensive assessment of {each.compared.model_name if each.compared else 'the model named'} is on record."
    ),
    Because.NEVER_REPORTED: lambda _: "No report of the developer is on record.",
    Because.LEFT_OUT_OF_REPORT: _unclear_report("it was out by then, and why is not recorded"),
    Because.RELEASE_NOT_RECORDED: _release,
    Because.CALLED: _calls,
    Because.NOBODY_CALLED: lambda _: "No call for it is open.",
    Because.NOBODY_LOOKED: lambda _: "No call for it is open, but no assessment of any depth is on record that would have looked.",
    Because.DEPLOYED_UNASSESSED: lambda each: f"Released on {numbers.day(each.due_on)} without a comprehensive assessment of its own.",
    Because.DEPLOYMENT_AHEAD: lambda each: f"To be released on {numbers.day(each.due_on)}, without a comprehensive assessment so far.",
    Because.ASSESSED: lambda _: "The model has had a comprehensive assessment of its own.",
    Because.POLICY_CHANGED_SINCE: lambda each: f"Not assessed since the policy took effect on {numbers.day(each.due_on)}.",
    Because.QUANTITY_NOT_GIVEN: lambda _: "The policy’s file does not say after how many months.",
}
