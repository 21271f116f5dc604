"""What was declared of a criterion, as of a day: saturated, retired, not load-bearing.

The rule kept here: an event counts from its day on, so that what a later document declares leaves earlier verdicts as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from thresholds.criterion import LifecycleEvent, LifecycleStatus

WEAKENING = frozenset({LifecycleStatus.SATURATED, LifecycleStatus.RETIRED})


def in_force(events: Sequence[LifecycleEvent], on: date) -> tuple[LifecycleEvent, ...]:
    """Return the lifecycle events that had been declared on that day."""
    return tuple(event for event in events if event.from_on <= on)


def weakened(events: Sequence[LifecycleEvent], on: date) -> tuple[str, ...]:
    """Return the statuses in force that keep a criterion from ruling out."""
    return tuple(each.status.value for each in in_force(events, on) if each.status in WEAKENING)


def in_words(events: Sequence[LifecycleEvent], on: date) -> tuple[str, ...]:
    """Return the events in force in words, each with its citation."""
    return tuple(
        f"{each.status.value.replace('_', ' ')} from {each.from_on.isoformat()}: {each.words} ({each.citation})"
        for each in in_force(events, on)
    )
