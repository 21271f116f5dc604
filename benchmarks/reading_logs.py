"""Reading an Inspect log of 10,000 samples: all of it, counted again, against inspect_ai's own full read; and its header alone.

Each read happens in a process of its own, whose highest memory is what the operating system says; the time of starting Python and of
imports is not in it. The log is a genuine one whose samples are repeated under other names, packed by zstd as Inspect does.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import textwrap
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import zstandard

from evaluations.readers.inspect_archive import open_archive
from evaluations.readers.log_file import LogFile

SAMPLES, FEWER = 10_000, 100
GENUINE = Path(__file__).parents[1] / "tests" / "data" / "logs" / "inspect" / "epochs4_clustered.eval"

OURS = """
    from evaluations.readers.inspect_log import read_inspect
    from evaluations.readers.log_file import LogFile

    def work(path):
        with open(path, "rb") as content:
            return sum(len(measure.items) for measure in read_inspect(LogFile(path, content))[0].measures)
"""
HEADER = """
    from evaluations.readers.inspect_log import read_inspect_header
    from evaluations.readers.log_file import LogFile

    def work(path):
        with open(path, "rb") as content:
            return read_inspect_header(LogFile(path, content)).planned_samples
"""
THEIRS = """
    from inspect_ai.log import read_eval_log

    def work(path):
        return len(read_eval_log(path).samples)
"""
MEASURED = """
    import json, sys, time
    from pathlib import Path

    def highest():
        return int(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1]) / 1024

    before, start = highest(), time.perf_counter()
    counted = work(sys.argv[1])
    print(json.dumps([counted, time.perf_counter() - start, highest() - before, highest()]))
"""


@dataclass(frozen=True)
class Read:
    """Seconds of a read, the growth of memory and the highest memory of its process in MiB."""

    seconds: float
    grown: float
    highest: float

    def __str__(self) -> str:
        return f"{self.seconds:8.3f} s   {self.grown:7.0f} MiB more, {self.highest:5.0f} MiB at most"


@dataclass(frozen=True)
class Reads:
    """A full read by each, and one of the header of a large and of a small log."""

    ours: Read
    theirs: Read
    header: Read
    small_header: Read

    def __str__(self) -> str:
        return (
            f"read an Inspect log of {SAMPLES:,} samples\n"
            f"    {self.ours} all of it, counted again\n"
            f"    {self.theirs} inspect_ai's full read\n"
            f"    {self.ours.seconds / self.theirs.seconds:8.2f} x the time, {self.ours.highest / self.theirs.highest:.2f} x the memory\n"
            f"    {self.header.seconds * 1000:8.1f} ms its header alone; {self.small_header.seconds * 1000:.1f} ms that of {FEWER} samples"
        )


def read_log(folder: Path) -> Reads:
    """Time full reads of both programs, and our read of headers."""
    large, small = folder / "large.eval", folder / "small.eval"
    write_log(large, SAMPLES)
    write_log(small, FEWER)
    return Reads(*(_read(program, path) for program, path in ((OURS, large), (THEIRS, large), (HEADER, large), (HEADER, small))))


def _read(program: str, path: Path) -> Read:
    source = textwrap.dedent(program) + textwrap.dedent(MEASURED)
    done = subprocess.run([sys.executable, "-c", source, str(path)], check=True, capture_output=True, text=True, timeout=600)
    counted, *figures = json.loads(done.stdout)
    if not counted:
        raise RuntimeError(f"found nothing in {path.name}, expected its samples")
    return Read(*figures)


def write_log(path: Path, samples: int) -> None:
    """Write a log of so many samples, each attempted once."""
    with GENUINE.open("rb") as content:
        archive = open_archive(LogFile(GENUINE.name, content))
        read = {name: b"".join(archive.chunks(member)) for name, member in archive.members.items()}
    names = [f"q{number:06d}" for number in range(samples)]
    once = [content for name, content in read.items() if name.startswith("samples/") and name.endswith("_epoch_1.json")]
    summaries = {(each["id"], each["epoch"]): each for each in json.loads(read["summaries.json"])}
    made, listed = {"_journal/start.json": read["_journal/start.json"]}, []
    for number, name in enumerate(names):
        content = once[number % len(once)]
        told = json.loads(content)["id"]
        made[f"samples/{name}_epoch_1.json"] = content.replace(f'"{told}"'.encode(), f'"{name}"'.encode())
        listed.append({**summaries[told, 1], "id": name})
    made["summaries.json"] = json.dumps(listed).encode()
    made["header.json"] = json.dumps(_header(json.loads(read["header.json"]), names)).encode()
    path.write_bytes(_zipped(made))


def _header(header: dict[str, Any], names: list[str]) -> dict[str, Any]:
    header["eval"]["dataset"] |= {"samples": len(names), "sample_ids": names}
    header["eval"]["config"] |= {"epochs": 1, "epochs_reducer": ["mean"]}
    header["results"] |= {"total_samples": len(names), "completed_samples": len(names), "scores": []}
    return header


def _zipped(members: dict[str, bytes]) -> bytes:
    """Return an archive packed by zstd, which ``zipfile`` writes from Python 3.14 on. The layouts are those of ``inspect_archive``."""
    body, directory, squeeze = BytesIO(), BytesIO(), zstandard.ZstdCompressor()
    for name, content in members.items():
        packed, at, raw = squeeze.compress(content), body.tell(), name.encode()
        fields = (0, 93, 0, 33, zlib.crc32(content), len(packed), len(content), len(raw), 0)
        body.write(struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, *fields) + raw + packed)
        directory.write(struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, *fields, 0, 0, 0, 0o100600 << 16, at) + raw)
    listing = directory.getvalue()
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(members), len(members), len(listing), body.tell(), 0)
    return body.getvalue() + listing + end
