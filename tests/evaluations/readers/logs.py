"""Files of other programs as the readers get them: real ones from tests/data/logs, changed ones, and ones made up."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evaluations.readers.log_file import LogFile

LOGS = Path(__file__).parents[2] / "data" / "logs"


def made(name: str, content: bytes | str | Any, **beside: bytes) -> LogFile:
    """Return a file of bytes, of text, or of a value as JSON."""
    if not isinstance(content, bytes):
        content = (content if isinstance(content, str) else json.dumps(content)).encode()
    return LogFile(name, io.BytesIO(content), {key: io.BytesIO(value) for key, value in beside.items()})


def real(path: str) -> LogFile:
    """Return a file of tests/data/logs with everything in its folder beside it."""
    file = LOGS / path
    beside = {each.name: io.BytesIO(each.read_bytes()) for each in file.parent.iterdir() if each.is_file() and each != file}
    return LogFile(file.name, io.BytesIO(file.read_bytes()), beside)


def changed(path: str, change: Callable[[Any], None], samples: Callable[[str, list[Any]], list[Any]] | None = None) -> LogFile:
    """Return a real file with its JSON changed, and the lines of every file of samples beside it."""
    file = real(path)
    document = json.load(file.content)
    change(document)
    beside = {}
    for name, content in file.beside.items():
        raw = content.read()
        if samples is not None and name.endswith(".jsonl"):
            lines = samples(name, [json.loads(line) for line in raw.splitlines()])
            raw = "\n".join(json.dumps(line) for line in lines).encode()
        beside[name] = io.BytesIO(raw)
    return LogFile(file.name, io.BytesIO(json.dumps(document).encode()), beside)
