"""What a reader makes of a file that another program wrote: one reading a task that was run, in that program's own names.

The rules kept here: scores of items are recounted from the samples, never taken from a header; where header and samples disagree,
both are told and the samples stand; a sample that nobody could score, that failed, was edited, cancelled or declared invalid leaves the
run short of complete, so that it can never count as *below*; a name of a model or task stays as it was spelled: which snapshot and
which evaluation are meant is decided by people (``evaluations.readers.assignment``), never guessed.

Left out, on purpose: prompts, answers and transcripts. A reading holds identifiers, numbers and counts, and nothing a model said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from evaluations.records import ItemResult, MeasureUnit, RiskierWhen, RunStatus, Score, Thinking
from evaluations.values import Count, Instant, Record, Slug, Spelled, Text


class LogFormat(StrEnum):
    """The formats there are readers for."""

    INSPECT = "inspect"  # .eval archives and .json files of Inspect AI
    LM_EVAL = "lm_eval"  # results of lm-evaluation-harness, with their samples where they were logged
    EVERY_EVAL_EVER = "every_eval_ever"
    METR_RUNS = "metr_runs"
    CSV = "csv"


class Measure(Record):
    """One thing that was measured of every sample: a scorer's score, or one metric under one filter.

    ``items`` holds every planned sample that the file tells of, with ``None`` for an attempt nobody could score; it is empty where the
    file holds no samples. ``scores`` are the numbers its header prints; their ``source`` is ``source_slug`` of the log. ``unscored``
    counts the attempts of ``items`` without a value.
    """

    name: Spelled
    unit: MeasureUnit = MeasureUnit.NOT_STATED
    riskier_when: RiskierWhen | None = None  # where the file states a direction
    items: tuple[ItemResult, ...] = ()
    scores: tuple[Score, ...] = ()
    unscored: Count = 0

    @model_validator(mode="after")
    def _counts_its_unscored(self) -> Self:
        if self.items and (found := sum(value is None for item in self.items for value in item.attempts)) != self.unscored:
            raise ValueError(f"found unscored {self.unscored}, expected {found}, as its items have")
        return self


class StatedNames(Record):
    """Names of the record that the producing pipeline wrote into the file itself, as ``rsp_model``, ``rsp_snapshot`` and so on."""

    model: Slug | None = None
    snapshot: Slug | None = None
    evaluation: Slug | None = None
    version: Slug | None = None


class LogReading(Record):
    """One task, run once on one model, as a file tells it.

    ``log_id`` identifies that execution wherever the file is copied to: two readings with one ``log_id`` tell of one run.
    ``planned_samples`` counts samples times attempts as planned, where the file says so.
    """

    format: LogFormat
    producer: Text | None = None  # the program and its version, such as inspect_ai 0.3.285
    log_id: Spelled
    file_name: Text
    file_sha256: Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{64}$")] | None  # None: only the header was read
    model: Spelled
    snapshot_hint: Spelled | None = None  # a revision or date that the file tells of, for people; nothing is decided by it
    task: Spelled
    task_version: Spelled | None = None
    stated: StatedNames = StatedNames()
    thinking: Thinking = Thinking.NOT_STATED
    token_budget: Count | None = None
    scaffold: Slug | None = None
    tools: Text | None = None
    status: RunStatus
    status_reason: Text | None = None
    measured_at: Instant | None = None
    planned_samples: Count | None = None
    headline: Spelled | None = None  # the measure that the file itself calls its headline
    measures: tuple[Measure, ...] = ()
    warnings: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        names = [each.name for each in self.measures]
        if len(set(names)) < len(names):
            raise ValueError(f"found the measures {', '.join(names)}, expected each name once")
        if self.headline is not None and self.headline not in names:
            raise ValueError(f"found headline {self.headline!r}, expected one of the measures {', '.join(names) or '(none)'}")
        if self.status is not RunStatus.COMPLETED and self.status_reason is None:
            raise ValueError(f"found status {self.status.value} without status_reason, expected why")
        short = [each.name for each in self.measures if each.unscored]
        if self.status is RunStatus.COMPLETED and short:
            raise ValueError(f"found status completed with unscored attempts of {', '.join(short)}, expected partial")
        return self


class LogError(ValueError):
    """A file cannot be read as what it claims to be. The message says what was found, what was expected, and where in the file."""

    def __init__(self, file_name: str, where: str, found: str, expected: str) -> None:
        self.file_name, self.where, self.found, self.expected = file_name, where, found, expected
        place = f"{file_name}, {where}" if where else file_name
        super().__init__(f"{place}: found {found}, expected {expected}")


__all__ = ["LogError", "LogFormat", "LogReading", "Measure", "MeasureUnit", "Spelled", "StatedNames", "source_slug", "unscored_of"]


def source_slug(log_format: LogFormat, log_id: str) -> Slug:
    """Return the name of the source that one log becomes: the same for the same execution, wherever its file lies."""
    digest = hashlib.sha256(log_id.encode()).hexdigest()[:16]  # 64 bits: no two logs of a lab share them
    return f"{log_format.value.replace('_', '-')}-{digest}"


def unscored_of(items: Sequence[ItemResult]) -> int:
    """Return how many attempts have no value."""
    return sum(value is None for item in items for value in item.attempts)
