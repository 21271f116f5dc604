"""Use case: may a pipeline go on? Yes only if every threshold of every policy that was named is ruled out.

The rule kept here: anything but ``ruled_out`` is a no with its reason, also for a checkpoint, an alert and a capability under
investigation: a gate that overlooked one would be good news without evidence. What one policy rules out says nothing under another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from evaluations.values import Record
from thresholds.decision_records import Assessment
from thresholds.outcomes import SubLabel, VerdictOutcome


class GateAnswer(StrEnum):
    """What the gate says."""

    CLEAR = "clear"
    STOP = "stop"


class Held(Record):
    """A threshold that is not ruled out."""

    policy: str
    criteria: str
    threshold: str
    outcome: VerdictOutcome
    sub_label: SubLabel | None
    reason: str


class Judged(Record):
    """Under which policy, and by which criteria, the gate was asked."""

    policy: str
    criteria: str
    answer: GateAnswer


class GateForm(Record):
    """The gate's answer as JSON carries it."""

    model: str
    as_of: int
    answer: GateAnswer
    policies: tuple[Judged, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True)
class Gate:
    """The answer and, for a stop, one line a threshold; where several assessments were asked, each line names its policy first."""

    answer: GateAnswer
    lines: tuple[str, ...]
    form: GateForm


def gate(assessments: Sequence[Assessment]) -> Gate:
    """Return whether every threshold is ruled out under every policy, and why not. Raises ``ValueError`` for none: that clears nothing."""
    if not assessments:
        raise ValueError("found no assessment, expected at least one")
    held = tuple(each for assessment in assessments for each in _held(assessment))
    answer = GateAnswer.STOP if held else GateAnswer.CLEAR
    judged = tuple(Judged(policy=each.policy, criteria=each.criteria, answer=_answer(each)) for each in assessments)
    form = GateForm(model=assessments[0].model, as_of=assessments[0].as_of, answer=answer, policies=judged, held=held)
    several = [each.policy for each in assessments]
    return Gate(answer, tuple(_line(each, several) for each in held), form)


def _answer(assessment: Assessment) -> GateAnswer:
    return GateAnswer.STOP if _held(assessment) else GateAnswer.CLEAR


def _held(assessment: Assessment) -> tuple[Held, ...]:
    return tuple(
        Held(
            policy=assessment.policy,
            criteria=assessment.criteria,
            threshold=each.threshold,
            outcome=each.outcome,
            sub_label=each.sub_label,
            reason=each.reason,
        )
        for each in assessment.verdicts
        if each.outcome is not VerdictOutcome.RULED_OUT
    )


def _line(held: Held, several: list[str]) -> str:
    """Return a line that names the policy where there is more than one, and the criteria set where a policy has more than one."""
    where = "" if len(several) == 1 else f"{held.policy}: "
    if several.count(held.policy) > 1:
        where = f"{held.policy} by {held.criteria}: "
    return f"{where}{held.threshold}: {held.outcome.value.replace('_', ' ')}{_in_brackets(held.sub_label)}: {held.reason}"


def _in_brackets(label: SubLabel | None) -> str:
    return f" ({label.value.replace('_', ' ')})" if label else ""
