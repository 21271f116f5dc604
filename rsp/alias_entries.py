"""What to say of a name in a log that means nothing here yet: the name as it is spelled, what comes near, and the alias to record.

The rule kept here: the entry is an evidence file that ``rsp load`` takes, but for its meaning, which stands in capitals: whoever records
it decides it.

Left out: deciding that nothing fits (``rsp.submitting``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from evaluations.documents import Problem
from evaluations.evidence import FORMAT
from evaluations.readers.assignment import LogAnnouncement
from evaluations.readers.item_names import item_slug
from evaluations.readers.log_reading import LogReading
from evaluations.registrations import ModelAlias, TaskAlias
from rsp.errors import UnassignedError, near_names

Log = LogReading | LogAnnouncement
MOST_SHOWN = 5  # names in a line; our choice, a line stays a line


def unassigned_model(
    log: Log, model: str | None, recorded: Sequence[ModelAlias], models: Sequence[str], spelled: Sequence[str]
) -> UnassignedError:
    """Return the error for a model's name without a meaning; ``model`` is named already where only the snapshot is missing."""
    hint = "" if log.snapshot_hint is None else f" at {log.snapshot_hint}"
    told = [f"{each.spelled} at {each.snapshot_hint}" if each.snapshot_hint else each.spelled for each in recorded]
    near = [*told, *near_names(log.model, spelled), *near_names(log.model.rpartition("/")[2].lower(), models)]
    expected = "a name that an alias gives a snapshot to" if model is None else f"an alias, or a name of one snapshot of {model}"
    names = {"spelled": log.model, **({"snapshot_hint": log.snapshot_hint} if log.snapshot_hint else {})}
    entry = {
        "slug": _alias_slug(log.model, log.snapshot_hint),
        **names,
        "model": model or "MODEL",
        "snapshot": "SNAPSHOT",
        "source": "SOURCE",
    }
    return UnassignedError(
        Problem(("model",), f"the model {log.model}{hint}", f"{expected}{_perhaps(near)}", _where(log)), _entry("model_aliases", entry)
    )


def unassigned_task(
    log: Log, evaluation: str | None, recorded: Sequence[TaskAlias], evaluations: Sequence[str], spelled: Sequence[str]
) -> UnassignedError:
    """Return the error for a task's name without a meaning; ``evaluation`` is named already where only the version is missing."""
    version = "" if log.task_version is None else f" version {log.task_version}"
    told = [" ".join(part for part in (each.task, each.task_version, each.measure) if part) for each in recorded]
    near = [*told, *near_names(log.task, spelled), *near_names(log.task.rpartition("/")[2].lower(), evaluations)]
    expected = (
        "a name that an alias gives a version of an evaluation to" if evaluation is None else f"a version of {evaluation}, or an alias"
    )
    names = {"task": log.task, **({"task_version": log.task_version} if log.task_version else {})}
    measures = [each.name for each in log.measures] if isinstance(log, LogReading) and log.headline is None else []
    named = {"measure": "MEASURE"} if len(measures) > 1 else {}
    meant = {"evaluation": evaluation or "EVALUATION", "version": "VERSION", "source": "SOURCE"}
    entry = {"slug": _alias_slug(log.task, log.task_version), **names, **named, **meant}
    held = f"; it holds the measures {', '.join(measures)}" if len(measures) > 1 else ""
    return UnassignedError(
        Problem(("task",), f"the task {log.task}{version}{held}", f"{expected}{_perhaps(near)}", _where(log)), _entry("task_aliases", entry)
    )


def _where(log: Log) -> str:
    return log.file_name if isinstance(log, LogReading) else f"log {log.log_id}"


def _perhaps(near: Sequence[str]) -> str:
    shown = list(dict.fromkeys(near))[:MOST_SHOWN]
    return f"; near it are {', '.join(shown)}" if shown else ""


def _alias_slug(spelled: str, limit: str | None) -> str:
    return item_slug(f"{spelled.replace('/', '-').lower()[:60]}{'' if limit is None else f'-{limit.lower()[:30]}'}")


def _entry(kind: str, entry: dict[str, str]) -> str:
    return json.dumps({"format": FORMAT, kind: [entry]}, ensure_ascii=False)
