"""What pipelines announce before they run, and whose names in other programs' files mean which records.

The rules kept here: a run is registered before it starts, under the name its results will carry, so that one that went badly cannot be
dropped unseen: until it is reported, also as failed, it stands as withheld and rules nothing out. A name that another program spells
freely means a snapshot, or a version of an evaluation, only because somebody said so here; the same spelling never means two.

Left out: an attempt number that somebody could choose. It is counted from the order in which registrations were recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from pydantic import StringConstraints

from evaluations.records import MeasureUnit, Sourced, Thinking
from evaluations.values import Count, Slug, Spelled, Text


class RunRegistration(Sourced):
    """A run that is about to start: everything about it but its outcome. ``slug`` is the name the run will be reported under."""

    slug: Slug
    model: Slug
    snapshot: Slug
    evaluation: Slug
    version: Slug
    thinking: Thinking = Thinking.NOT_STATED
    scaffold: Slug | None = None
    token_budget: Count | None = None
    tools: Text | None = None
    planned_items: Count | None = None


def attempt_numbers(registrations: Sequence[RunRegistration]) -> tuple[int, ...]:
    """Return of each registration the how many-th it is of its evaluation version on its snapshot, however the model is elicited.

    ``registrations`` stand in the order in which they were recorded. The way of eliciting does not start the count anew: a sender could
    hide that it tried again by rewording it.
    """
    met: Counter[tuple[Slug, ...]] = Counter()
    numbers = []
    for each in registrations:
        tried = (each.model, each.snapshot, each.evaluation, each.version)
        met[tried] += 1
        numbers.append(met[tried])
    return tuple(numbers)


class ModelAlias(Sourced):
    """What a model's name in the files of other programs means here: one snapshot. A new checkpoint under the same name needs its own."""

    slug: Slug
    spelled: Spelled
    snapshot_hint: Spelled | None = None  # only where the file tells of this revision too
    model: Slug
    snapshot: Slug


class TaskAlias(Sourced):
    """What a task's name in the files of other programs means here: one version of an evaluation, and which measure of the task.

    ``task_version`` and ``measure`` limit the alias to files that tell them so; ``unit`` states the unit of the measure where the file
    does not.
    """

    slug: Slug
    task: Spelled
    task_version: Spelled | None = None
    measure: Spelled | None = None
    unit: MeasureUnit = MeasureUnit.NOT_STATED
    evaluation: Slug
    version: Slug


IdempotencyKey = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
"""What a sender names one submission by, so that sending it again is known: visible ASCII, as in an HTTP header."""
