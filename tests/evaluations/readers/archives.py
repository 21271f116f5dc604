"""Zip archives made by hand: honest ones, and ones that lie in a single place."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import zstandard

from evaluations.readers.inspect_archive import open_archive
from evaluations.readers.log_file import LogFile

LOGS = Path(__file__).parents[2] / "data" / "logs" / "inspect"
STORED, DEFLATED, ZSTD = 0, 8, 93


@dataclass(frozen=True)
class Entry:
    """One member as both its headers tell of it; ``listed`` is what the directory says otherwise."""

    name: str
    packed: bytes
    unpacked: int
    crc: int
    method: int = ZSTD
    flags: int = 0
    attributes: int = 0o100600 << 16
    extra: bytes = b""
    listed: Mapping[str, Any] | None = None
    unlisted: str = ""  # why the directory leaves it out
    local_at: int | None = None  # where the directory says it starts, if elsewhere


def entry(name: str, content: bytes, method: int = ZSTD, **told: Any) -> Entry:
    """Return an honest member, with what is told otherwise."""
    return replace(Entry(name, _packed(content, method), len(content), zlib.crc32(content), method), **told)


def _packed(content: bytes, method: int) -> bytes:
    if method == DEFLATED:
        return zlib.compress(content, wbits=-15)
    return zstandard.ZstdCompressor().compress(content) if method == ZSTD else content


def archive(entries: Iterable[Entry], *, before: bytes = b"", gap: bytes = b"", behind: bytes = b"", comment: bytes = b"") -> bytes:
    """Return an archive of the members in order, with bytes where none belong if so told."""
    body, directory, count = io.BytesIO(), io.BytesIO(), 0
    body.write(before)
    for each in entries:
        at, raw = body.tell(), each.name.encode()
        flags = each.flags | (0 if raw.isascii() else 0x800)
        fields = (flags, each.method, 0, 33, each.crc, len(each.packed), each.unpacked, len(raw), len(each.extra))
        body.write(struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, *fields) + raw + each.extra + each.packed + gap)
        if each.unlisted:
            continue
        told = replace(each, **(each.listed or {}))
        raw = told.name.encode()
        fields = (flags, told.method, 0, 33, told.crc, len(told.packed), told.unpacked, len(raw), 0, 0, 0, 0, told.attributes)
        directory.write(
            struct.pack("<4s6H3L5HL", b"PK\x01\x02", 20, 20, *fields)
            + struct.pack("<L", at if told.local_at is None else told.local_at)
            + raw
        )
        count += 1
    listing = directory.getvalue()
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(listing), body.tell(), len(comment))
    return body.getvalue() + listing + end + comment + behind


def members(path: Path) -> dict[str, bytes]:
    """Return the content of every member of a genuine archive."""
    with path.open("rb") as content:
        found = open_archive(LogFile(path.name, content))
        return {name: b"".join(found.chunks(member)) for name, member in found.members.items()}


def edited(source: Mapping[str, bytes], **edits: Callable[[Any], object]) -> dict[str, bytes]:
    """Return members with JSON edited in place; ``header`` and ``summaries`` name members, ``sample`` every sample."""
    made = dict(source)
    for name, content in source.items():
        kind = "sample" if name.startswith("samples/") else name.removesuffix(".json")
        if edit := edits.get(kind):
            told = json.loads(content)
            edit(told)
            made[name] = json.dumps(told).encode()
    return made


def packed(source: Mapping[str, bytes], method: int = ZSTD) -> bytes:
    """Return an honest archive of these members."""
    return archive(entry(name, content, method) for name, content in source.items())


def log(content: bytes, name: str = "x.eval", **budget: Any) -> LogFile:
    """Return a file to hand to a reader."""
    file = LogFile(name, io.BytesIO(content))
    return replace(file, budget=replace(file.budget, **budget))


def genuine(folder: Path = LOGS) -> Iterator[Path]:
    """Yield the logs of a folder."""
    yield from sorted([*folder.glob("*.eval"), *folder.glob("*.json")])
