"""Logs of Inspect where they lie: found, told apart from those still being written, and described before they are.

The rules kept here: which logs there are is asked of Inspect, which knows its directories, also remote ones; what a log tells is read by
``evaluations.readers``, as at every other door, so that a run is announced in just the words it will be reported in; a log without an end
is not reported, since nobody can see whether it goes on.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from inspect_ai.log import list_eval_logs, read_eval_log

from evaluations.readers.assignment import LogAnnouncement
from evaluations.readers.inspect_log import read_inspect_header
from evaluations.readers.log_file import LogFile


@dataclass(frozen=True)
class EndedLog:
    """A log that ended, however, by its identity."""

    eval_id: str
    location: str


def ended_log(location: str) -> EndedLog | None:
    """Return the log if it has an end. Raises whatever Inspect raises for a file that is no whole log, or is gone."""
    header = read_eval_log(location, header_only=True)
    return None if header.status == "started" else EndedLog(header.eval.eval_id, location)


def ended_logs(directory: str) -> Iterator[EndedLog]:
    """Yield the logs of a directory that have an end, the newest first; what is no whole log is passed over."""
    for each in list_eval_logs(directory, recursive=False):
        try:
            found = ended_log(each.name)
        except Exception:  # noqa: S112  # Inspect names no errors of its own for such files
            continue
        if found is not None:
            yield found


@contextmanager
def local_copy(location: str) -> Iterator[Path]:
    """Give the path of a log; of one that lies elsewhere, of a copy that is removed afterwards."""
    parts = urlsplit(location)
    if "://" not in location:
        yield Path(location)
    elif parts.scheme == "file":
        yield Path(unquote(parts.path))
    else:
        import fsspec  # type: ignore[import-untyped]  # ships no types; Inspect requires it

        with tempfile.TemporaryDirectory(prefix="rsp-") as directory:
            copy = Path(directory) / (Path(parts.path).name or "log")
            with fsspec.open(location, "rb") as source, copy.open("wb") as target:
                shutil.copyfileobj(source, target)
            yield copy


def announcement(header: bytes, eval_id: str) -> LogAnnouncement:
    """Return what can be told of a run before it starts, from the beginning of its log. Raises ``LogError``."""
    told = read_inspect_header(LogFile(f"{eval_id}.json", io.BytesIO(header)))
    planned = json.loads(header)["eval"]["dataset"].get("sample_ids")
    same = set(LogAnnouncement.model_fields) & set(type(told).model_fields)
    return LogAnnouncement.model_validate({**told.model_dump(include=same), "planned_items": None if planned is None else len(planned)})
