"""Which run an Inspect log tells of: its identity, its model and task, how the model was elicited, and when.

The rules kept here: names stay as spelled; an identity is the same wherever the file is copied to; a way of eliciting is stated or it is
not; a hint at a snapshot is for people, and nothing is decided by it.

Left out: paths, arguments and prompts. A hint that looks like a path on somebody's machine is no hint.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from evaluations.readers.inspect_header import HINTS, Header, part, spelled, whole
from evaluations.readers.item_names import NAME, scaffold_slug
from evaluations.readers.log_reading import LogError, LogFormat, StatedNames
from evaluations.records import Thinking

PATH = re.compile(r"^[/~.]|\\|^[A-Za-z]:")
NO_REASONING, REASONING = frozenset({"none"}), frozenset({"low", "medium", "high", "xhigh", "max"})
"""Efforts as Inspect names them in its generation settings; "minimal" says neither."""


def described(header: Header, file_name: str, where: str) -> tuple[dict[str, Any], list[str]]:
    """Return the fields of a reading that describe its run, and what to warn of."""
    told, warnings = header.told, list[str]()
    run = told["eval"]
    version = run.get("task_version")
    package = spelled(part(run, "packages").get("inspect_ai"))
    return {
        "format": LogFormat.INSPECT,
        "producer": f"inspect_ai {package}" if package else None,
        "log_id": _log_id(run, file_name, where),
        "model": spelled(run["model"]),
        "snapshot_hint": _hint(told),
        "task": spelled(run["task"]),
        "task_version": None if version in (0, None) else spelled(str(version)),  # 0: nobody set it (formats.md 1.2)
        "stated": _stated(told, warnings),
        "thinking": _thinking(told),
        "token_budget": whole(part(run, "config").get("token_limit")),
        "scaffold": _scaffold(told),
        "tools": _tools(told),
        "measured_at": _measured_at(told, warnings),
        "planned_samples": header.planned,
    }, warnings


def metadata(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The metadata as edited after the run where the log tells it, else as of its start."""
    return part(told, "metadata") if told.get("metadata") is not None else part(told, "eval", "metadata")


def _log_id(run: Mapping[str, Any], file_name: str, where: str) -> str:
    if named := spelled(run.get("eval_id")):
        return named
    parts = [spelled(run.get(name)) for name in ("run_id", "task_id", "created")]
    if not all(parts):
        place = f"{where}, eval.eval_id" if where else "eval.eval_id"
        raise LogError(file_name, place, "nothing", "an identity, or run_id, task_id and created to make one of")
    return "derived-" + hashlib.sha256("\n".join(filter(None, parts)).encode()).hexdigest()[:32]


def _hint(told: Mapping[str, Any]) -> str | None:
    stated = metadata(told)
    given = part(told, "eval", "model_args")
    found = [spelled(each.get(name)) for each in (stated, given) for name in HINTS]
    return next((each for each in found if each and not PATH.search(each)), None)


def _stated(told: Mapping[str, Any], warnings: list[str]) -> StatedNames:
    found = {}
    for name in StatedNames.model_fields:
        value = metadata(told).get(f"rsp_{name}")
        if value is None:
            continue
        if isinstance(value, str) and NAME.fullmatch(value):
            found[name] = value
        else:
            warnings.append(
                f"metadata.rsp_{name} is no name of a record, and was left out: lower-case letters, digits, dot, dash, underscore"
            )
    return StatedNames(**found)


def _thinking(told: Mapping[str, Any]) -> Thinking:
    """The evaluation's own settings win over those of the model, as in Inspect."""
    for settings in (part(told, "plan", "config"), part(told, "eval", "model_generate_config")):
        effort, tokens = settings.get("reasoning_effort"), whole(settings.get("reasoning_tokens"))
        if effort in NO_REASONING or (tokens == 0 and effort is None):
            return Thinking.STANDARD
        if effort in REASONING or tokens:
            return Thinking.EXTENDED
    return Thinking.NOT_STATED


def _steps(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    steps = part(told, "plan").get("steps")
    return [each for each in steps if isinstance(each, dict)] if isinstance(steps, list) else []


def _scaffold(told: Mapping[str, Any]) -> str | None:
    """The solver that was named, else the chain of solvers in order."""
    named = spelled(told["eval"].get("solver"))
    chain = ".".join(name.rsplit("/", 1)[-1] for step in _steps(told) if (name := spelled(step.get("solver"))))
    return scaffold_slug(named or chain) if named or chain else None


def _tools(told: Mapping[str, Any]) -> str | None:
    """The tools that a solver was given by name; a solver that brings its own says nothing of them."""
    lists = [part(step, "params").get("tools") for step in _steps(told)]
    named = [spelled(tool.get("name")) for tools in lists if isinstance(tools, list) for tool in tools if isinstance(tool, dict)]
    return ", ".join(dict.fromkeys(name for name in named if name))[:2_000] or None


def _measured_at(told: Mapping[str, Any], warnings: list[str]) -> datetime | None:
    """When the run ended, else when it began, else when its log was made."""
    stats, run = part(told, "stats"), told["eval"]
    written = {
        "stats.completed_at": stats.get("completed_at"),
        "stats.started_at": stats.get("started_at"),
        "eval.created": run.get("created"),
    }
    found = {name: instant(value) for name, value in written.items() if value}
    warnings += [f"{name} is no instant, and was left out" for name, at in found.items() if at is None]
    told_at = {name: at for name, at in found.items() if at}
    ends, starts = told_at.get("stats.completed_at"), told_at.get("stats.started_at")
    if ends and starts and ends < starts:
        warnings.append(f"stats.completed_at {ends.isoformat()} lies before stats.started_at {starts.isoformat()}")
    return next(iter(told_at.values()), None)


def instant(value: object) -> datetime | None:
    """Return an instant; one without a zone, as old logs wrote, is in UTC."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found
