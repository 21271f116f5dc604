"""What a client asks of the server: the address, the bytes, and the key that sending it again is known by.

The rules kept here: the same content asked in the same way has the same key, so that a retry, a second process and the spool deliver it
once; numbers travel as text, as exact as they are.

Left out: sending (``rsp.client.sending``) and keeping (``rsp.client.spool``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from pydantic import BaseModel

from evaluations.evidence import EvidenceFile
from evaluations.readers.assignment import SentAnnouncement, SentReading

PREFIX = "/api/v1"
JSON, YAML = "application/json", "application/yaml"


@dataclass(frozen=True)
class Call:
    """One submission. ``what`` says for people what it is of; the key is made of the rest where the caller gives none."""

    address: str
    body: str
    what: str
    media: str = JSON
    key: str = ""

    def __post_init__(self) -> None:
        """Give it the key of its content."""
        if not self.key:
            told = f"POST {self.address}\n{self.media}\n{self.body}"
            object.__setattr__(self, "key", f"rsp-{hashlib.sha256(told.encode()).hexdigest()}")


def address(*parts: str, **parameters: str | int | Sequence[str] | None) -> str:
    """Return the address of an operation with its parameters; those that are ``None`` are left out."""
    asked = [(name, value) for name, value in parameters.items() if value is not None]
    flat = [(name, each) for name, value in asked for each in ([str(value)] if isinstance(value, str | int) else value)]
    return "/".join((PREFIX, *(quote(each, safe="") for each in parts))) + (f"?{urlencode(flat)}" if flat else "")


def of_records(kind: str, records: Sequence[BaseModel], supersede: str | None = None, key: str = "") -> Call:
    """Return the submission of records of one kind, such as ``runs``."""
    body = "[" + ",".join(each.model_dump_json() for each in records) + "]"
    named = [str(getattr(each, "slug", "")) for each in records[:3]]
    more = f" and {len(records) - 3} more" if len(records) > 3 else ""
    return Call(address(kind.replace("_", "-"), supersede=supersede), body, f"{kind.replace('_', ' ')} {', '.join(named)}{more}", key=key)


def of_reading(told: SentReading, supersede: str | None = None, key: str = "") -> Call:
    """Return the submission of what a log tells."""
    what = f"log {told.reading.log_id} ({told.reading.task} on {told.reading.model})"
    return Call(address("readings", supersede=supersede), told.model_dump_json(), what, key=key)


def of_announcement(told: SentAnnouncement, key: str = "") -> Call:
    """Return the registration of a log that is about to be written."""
    said = told.announcement
    return Call(
        address("announcements"), told.model_dump_json(), f"announcement of log {said.log_id} ({said.task} on {said.model})", key=key
    )


def of_evidence(file: EvidenceFile, supersede: str | None = None, key: str = "") -> Call:
    """Return the submission of an evidence file that was made in memory."""
    return Call(address("evidence", supersede=supersede), file.model_dump_json(), "an evidence file", key=key)


def of_evidence_text(text: str, name: str, supersede: str | None = None) -> Call:
    """Return the submission of an evidence file as a person wrote it."""
    media = JSON if text.lstrip()[:1] == "{" else YAML
    return Call(address("evidence", supersede=supersede), text, name, media)


def scores_body(model: str, run: str, scores: Sequence[BaseModel]) -> str:
    """Return scores of a recorded run, each with the run's name."""
    named = {"model": model, "run": run}
    return json.dumps([{**named, **each.model_dump(mode="json")} for each in scores])
