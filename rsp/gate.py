"""Use case: may a pipeline go on? Yes only if every threshold of the policy is ruled out.

The rule kept here: anything but ``ruled_out`` is a no with its reason, also for a checkpoint and for a capability under
investigation: a gate that overlooked one would be good news without evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from thresholds.decision_records import Assessment
from thresholds.outcomes import SubLabel, VerdictOutcome


class GateAnswer(StrEnum):
    """What the gate says."""

    CLEAR = "clear"
    STOP = "stop"


@dataclass(frozen=True)
class Gate:
    """The answer and, for a stop, one line a threshold."""

    answer: GateAnswer
    lines: tuple[str, ...]


def gate(assessment: Assessment) -> Gate:
    """Return whether every threshold is ruled out, and why not."""
    held = tuple(
        f"{verdict.threshold}: {verdict.outcome.value.replace('_', ' ')}{_in_brackets(verdict.sub_label)}: {verdict.reason}"
        for verdict in assessment.verdicts
        if verdict.outcome is not VerdictOutcome.RULED_OUT
    )
    return Gate(GateAnswer.STOP if held else GateAnswer.CLEAR, held)


def _in_brackets(label: SubLabel | None) -> str:
    return f" ({label.value.replace('_', ' ')})" if label else ""
