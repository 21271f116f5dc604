"""Reads a log in a process of its own, so that a hostile file can cost that process its life and nobody else anything.

The rules kept here: the process has a bound on memory and a deadline, and gets neither our environment (tokens, addresses of databases) nor
our folder to import from; what it answers is validated as if a stranger had sent it; whatever happens to it becomes one ``LogError``.

Left out: locking it out of the file system and the network. It runs our own readers, which open what they are given.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import rsp
from evaluations.readers.csv_scores import CsvMapping
from evaluations.readers.log_reading import LogError, LogReading

SAMPLES = "*.jsonl"  # what lm-evaluation-harness and Every Eval Ever write beside their results
MOST_BESIDE = 10_000  # names; our choice, a folder of a thousand results has no more


@dataclass(frozen=True)
class Bounds:
    """What reading one file may cost. Our choices: a genuine log of 10,000 samples takes half of it.

    The processor's time grows with the file, so that a small hostile one is ended soon; it does not depend on how busy the machine is, and
    ``seconds`` by the clock is only the end of all patience.
    """

    seconds: int = 120
    processor_seconds: int = 10
    processor_seconds_a_mebibyte: int = 1
    memory_bytes: int = 2**30

    def of_the_processor(self, size: int) -> int:
        """Return how many seconds of the processor a file of so many bytes may take."""
        return min(self.seconds, self.processor_seconds + self.processor_seconds_a_mebibyte * (size // 2**20))


@dataclass(frozen=True)
class Upload:
    """A file to read: where it lies, what its sender calls it, and the files that lie beside it by their names."""

    path: Path
    name: str
    beside: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def lying(cls, path: Path) -> Upload:
        """Return a file of a folder, with the samples that lie beside it."""
        others = sorted(each for each in path.parent.glob(SAMPLES) if each.name != path.name and each.is_file())
        return cls(path, path.name, {each.name: each for each in others[:MOST_BESIDE]})


def read_apart(file: Upload | Path, mapping: CsvMapping | None = None, bounds: Bounds = Bounds()) -> tuple[LogReading, ...]:
    """Return what a file tells, read in another process. Raises ``LogError``, whatever becomes of that process."""
    upload = Upload.lying(file) if isinstance(file, Path) else file
    order = {
        "path": str(upload.path.resolve()),
        "name": upload.name,
        "beside": {name: str(path.resolve()) for name, path in upload.beside.items()},
        "mapping": None if mapping is None else mapping.model_dump_json(),
        "seconds": bounds.of_the_processor(sum(_size(each) for each in (upload.path, *upload.beside.values()))),
        "memory_bytes": bounds.memory_bytes,
    }
    command = [sys.executable, "-P", "-m", "rsp.reading_worker"]  # -P: the folder we stand in is not searched for modules
    with subprocess.Popen(  # noqa: S603  (our own interpreter and module; the file comes on its input)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(), cwd="/"
    ) as worker:
        try:
            told, _ = worker.communicate(json.dumps(order).encode(), timeout=bounds.seconds)
        except subprocess.TimeoutExpired:
            worker.kill()
            raise LogError(upload.name, "", f"more than {bounds.seconds} seconds of reading", "a file that is read within them") from None
        except BaseException:  # Ctrl-C, say: nothing is left running
            worker.kill()
            raise
    if worker.returncode != 0 or not told:
        found = f"a file that ended its reader ({_ending(worker.returncode)})"
        raise LogError(upload.name, "", found, "a file as its program writes it; the limits are memory and time")
    return _readings(upload, told)


def _size(path: Path) -> int:
    """Return how large a file is; of one that cannot be looked at nothing, and the reader will say so."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _environment() -> dict[str, str]:
    """Return what the process needs to find Python's modules and ours, and nothing else."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG", "LC_ALL", "VIRTUAL_ENV") if name in os.environ
    }
    return {**kept, "PYTHONPATH": str(Path(rsp.__file__).parent.parent), "PYTHONUTF8": "1"}


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _readings(upload: Upload, told: bytes) -> tuple[LogReading, ...]:
    first, *lines = told.splitlines()
    try:
        answer: dict[str, Any] = json.loads(first)
    except ValueError:
        raise LogError(upload.name, "", "a reader that answered something else", "readings of the file") from None
    if "refused" in answer:
        raise LogError(upload.name, **answer["refused"])
    if len(lines) != answer["readings"]:  # the reader was ended between two lines
        raise LogError(upload.name, "", f"{len(lines)} of {answer['readings']} readings", "all of them; the limits are memory and time")
    try:
        return tuple(LogReading.model_validate_json(line) for line in lines)
    except ValidationError as misfit:
        first_of = misfit.errors()[0]
        raise LogError(upload.name, ".".join(map(str, first_of["loc"])), "a reading that is none", first_of["msg"][:200]) from misfit
