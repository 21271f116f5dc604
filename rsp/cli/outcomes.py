"""What became of files that were handed over, in a line each and as JSON. The words of a receipt are those of ``rsp load``."""

from __future__ import annotations

import json
from typing import Any

from evaluations.documents import DocumentError
from rsp.cli.load import receipt_line
from rsp.client import Spooled
from rsp.delivering import Handed, Planned
from rsp.errors import ConflictError, EvidenceError
from rsp.receipts import Receipt


def line(handed: Handed, told_before: set[str] | None = None) -> str:
    """Return the outcome in a line, and below it what there is to warn of.

    A refusal whose reason is in ``told_before`` is told in short: a folder may hold hundreds of tasks of one model that nobody named.
    """
    reading = handed.reading
    which = str(handed.path) if reading is None else f"{handed.path}: {reading.task} on {reading.model}"
    match handed.outcome:
        case Receipt() as receipt:
            told = [f"{which}: {receipt_line(receipt)}", *(f"  {each.field}: {each.value} ({each.basis})" for each in receipt.derived)]
            return "\n".join([*told, *(f"  warning: {each}" for each in receipt.warnings)])
        case Planned() as planned:
            told = [f"{which}: would be run {planned.run}, {planned.status}"]
            told += [f"  {each.field}: {each.value} ({each.basis})" for each in planned.derived]
            return "\n".join([*told, *(f"  warning: {each}" for each in planned.warnings)])
        case Spooled() as spooled:
            return f"{which}: waits in {spooled.path} for `rsp sync`; {spooled.why}"
        case refused:
            return f"{which}: refused{_reason(refused, set() if told_before is None else told_before)}"


def _reason(refused: Exception, told_before: set[str]) -> str:
    """Return why, whole the first time, and remember it. The place is no part of the reason."""
    problems = _problems(refused)
    reason = repr([(each["found"], each["expected"]) for each in problems])
    if problems and reason in told_before:
        return f", for the reason told above: found {problems[0]['found']}"
    told_before.add(reason)
    return f": {refused}"


def outcome(handed: Handed) -> dict[str, Any]:
    """Return the outcome as JSON holds it."""
    told: dict[str, Any] = {"file": str(handed.path)}
    if handed.reading is not None:
        told |= handed.reading.model_dump(mode="json", include={"log_id", "task", "model", "format"})
    match handed.outcome:
        case Receipt() as receipt:
            return {**told, "outcome": receipt.status, "receipt": json.loads(receipt.model_dump_json())}
        case Planned() as planned:
            derived = [{"field": each.field, "value": each.value, "basis": each.basis} for each in planned.derived]
            plan = {"run": planned.run, "status": planned.status, "derived": derived, "warnings": list(planned.warnings)}
            return {**told, "outcome": "planned", "plan": plan}
        case Spooled() as spooled:
            return {**told, "outcome": "waiting", "spooled": str(spooled.path), "why": spooled.why}
        case refused:
            return {**told, "outcome": "refused", "error": str(refused), "problems": _problems(refused)}


def _problems(refused: Exception) -> list[dict[str, str]]:
    if isinstance(refused, EvidenceError | ConflictError | DocumentError):
        return [{"field": each.field, "found": each.found, "expected": each.expected, "where": each.where} for each in refused.problems]
    return []
