"""A small lab on record, and readings of logs as its pipelines would send them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from evaluations.evidence import EvidenceFile
from evaluations.readers.assignment import ChosenNames, SentReading
from evaluations.readers.log_reading import LogReading
from rsp.ingest import load
from rsp.store.session import Store

AT = datetime(2030, 6, 1, 9, 0, tzinfo=UTC)
_FROM = {"source": "lab"}
_SNAPSHOT = {"kind": "release_candidate", **_FROM}
_VERSION = {"unit": "share of items", "scale_low": 0, "scale_high": 1, "riskier_when": "higher", **_FROM}
LAB: dict[str, Any] = {
    "format": "rsp-evidence/1",
    "sources": [{"slug": "lab", "title": "The lab"}],
    "developers": [{"slug": "lab", "name": "Lab"}],
    "models": [
        {
            "slug": slug,
            "name": slug,
            "developer": "lab",
            "snapshots": [
                {"slug": "early", "name": "Early", "ordinal": 0, **_SNAPSHOT},
                {"slug": "final", "name": "Final", "ordinal": 1, **_SNAPSHOT},
            ],
            **_FROM,
        }
        for slug in ("larch", "rowan")
    ],
    "evaluations": [
        {
            "slug": slug,
            "name": slug,
            "kind": "benchmark",
            "versions": [{"slug": "v1", **_VERSION}, {"slug": "v2", "item_count": 50, **_VERSION}],
            **_FROM,
        }
        for slug in ("exam", "quiz")
    ],
}


def a_model_alias(slug: str = "larch-final", **fields: Any) -> dict[str, Any]:
    """What ``lab/larch`` means."""
    return {"slug": slug, "spelled": "lab/larch", "model": "larch", "snapshot": "final", **_FROM, **fields}


def a_task_alias(slug: str = "exam", **fields: Any) -> dict[str, Any]:
    """What ``evals/exam`` means."""
    return {"slug": slug, "task": "evals/exam", "evaluation": "exam", "version": "v1", **_FROM, **fields}


def record(store: Store, supersede: str | None = None, **lists: Any) -> None:
    """Record lists of an evidence file."""
    file = EvidenceFile.model_validate({"format": "rsp-evidence/1", **lists})
    load(store, file, file_name="lab.yaml", file_sha256="00" * 32, actor="a tester", at=AT, supersede=supersede)


def record_lab(store: Store, *, aliases: bool = True) -> None:
    """Record the lab, and an alias of its model and of its task."""
    told = {"model_aliases": [a_model_alias()], "task_aliases": [a_task_alias()]} if aliases else {}
    record(store, **{**LAB, **told})


def a_reading(solved: tuple[int | None, ...] = (1, 0), **fields: Any) -> LogReading:
    """One log of ``evals/exam`` on ``lab/larch``."""
    items = tuple({"item": f"i{place}", "attempts": (None if each is None else Decimal(each),)} for place, each in enumerate(solved))
    told = {
        "format": "inspect",
        "log_id": "log-1",
        "file_name": "a.eval",
        "file_sha256": "ab" * 32,
        "model": "lab/larch",
        "task": "evals/exam",
        "status": "completed",
        "measures": ({"name": "accuracy", "unit": "proportion", "items": items, "unscored": sum(each is None for each in solved)},),
    }
    return LogReading.model_validate({**told, **fields})


def sent(reading: LogReading | None = None, **chosen: Any) -> SentReading:
    """The reading with what the sender says of it."""
    return SentReading(reading=reading or a_reading(), chosen=ChosenNames.model_validate(chosen))
