"""The process that a log is read in: it takes one order on its input, bounds itself, and answers in lines of JSON.

The rules kept here: memory and time of the processor are bounded by the system before anything of the file is looked at; the process writes
no file and asks no network; whatever goes wrong is told as an answer, or by ending.

Left out: everything that is not reading. ``rsp.reading_apart`` starts it, watches the clock, and judges what comes back.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from evaluations.readers import formats
from evaluations.readers.csv_scores import CsvMapping
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError


class _Beside(Mapping[str, BinaryIO]):
    """Files that lie beside, opened when they are asked for: a folder may hold more than a process may open."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        self._paths = paths

    def __getitem__(self, name: str) -> BinaryIO:
        return Path(self._paths[name]).open("rb")

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def bound(memory_bytes: int, seconds: int) -> None:
    """Let the system end this process where it takes more; no dump of its memory is written."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def answer(order: Mapping[str, Any]) -> Iterator[str]:
    """Yield the readings of the file, a line each after a line that counts them, or one line that says why there are none."""
    mapping = None if order["mapping"] is None else CsvMapping.model_validate_json(order["mapping"])
    try:
        with Path(order["path"]).open("rb") as content:
            readings = formats.read(LogFile(order["name"], content, _Beside(order["beside"])), mapping)
        yield json.dumps({"readings": len(readings)})
        for each in readings:
            yield each.model_dump_json()
    except LogError as refused:
        yield _refusal(refused.found, refused.expected, refused.where)
    except MemoryError:
        yield _refusal(f"more than {order['memory_bytes']} bytes of memory needed", "a smaller file")
    except OSError as fault:
        yield _refusal(f"a file that cannot be read ({fault.strerror})", "a readable one")


def _refusal(found: str, expected: str, where: str = "") -> str:
    return json.dumps({"refused": {"where": where, "found": found, "expected": expected}})


def main() -> None:
    """Take the order, answer it, and end."""
    order = json.loads(sys.stdin.read())
    bound(order["memory_bytes"], order["seconds"])
    for line in answer(order):
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
