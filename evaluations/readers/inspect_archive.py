"""The zip archive of an Inspect log, walked by our own hand: every byte belongs to a member, and every member is what both its headers say.

The rules kept here: nothing lies before, between, over or behind the members; sizes are limited before anything is unpacked and held to
while it is; a checksum is compared for whatever is read; a name is a name and never becomes a path. Two leftovers are genuine, and are
told instead of refused: a member that was written again under its name, and one that the directory dropped when its file was edited
in place. Neither may hold a second header that the directory lists.

Left out: writing, passwords, links, folders, archives in several parts, and methods Inspect never used.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO, NamedTuple, NoReturn, cast

import zstandard

from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError

CHUNK = 2**18  # bytes unpacked at a time; our choice
LARGEST_WINDOW = 2**23  # bytes a zstd frame may look back; what every decoder has to support (RFC 8878, section 3.1.1.1.2)
FREE_OF_RATIO = 2**20  # bytes; smaller members cannot exhaust anything (log_file.Budget.ratio)
FREE_OF_WHOLE_RATIO = 2**28  # bytes; some seconds of reading
REPEATABLE = re.compile(r"(samples|_journal)/.+")  # a sample that was run again, a journal that went on (formats.md: last entry wins)

# The layouts of PKWARE's APPNOTE 6.3.10: sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 to 4.3.16 (ends of the directory)
LOCAL = struct.Struct("<4s5H3L2H")
ENTRY = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
END_64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR_64 = struct.Struct("<4sLQL")
ENTRY_SIGNATURE = b"PK\x01\x02"
IN_EXTRA_16, IN_EXTRA_32 = 0xFFFF, 0xFFFFFFFF  # stands for a number that is kept in the extra field (4.4.8)
ZIP64_EXTRA = 1
UTF8_NAME, DEFLATE_LEVEL = 0x800, 0x6  # the only flags taken: others mean encryption, or sizes behind the content (4.4.4)


class Method(IntEnum):
    """How a member is packed (APPNOTE 4.4.5)."""

    STORED = 0
    DEFLATED = 8
    ZSTD = 93


METHODS = frozenset(map(int, Method))


class Member(NamedTuple):
    """One member: its name, how it is packed, and where."""

    name: str
    method: int
    flags: int
    crc: int
    packed: int
    unpacked: int
    at: int  # of its own header


@dataclass(frozen=True)
class Archive:
    """The members by name, the last of each, and those that a later one or an edit left behind."""

    file: LogFile
    members: dict[str, Member]
    superseded: tuple[Member, ...]

    def chunks(self, member: Member) -> Iterator[bytes]:
        """Yield the content of a member piece by piece. At its end, its size and checksum have been compared."""
        size = crc = 0
        for chunk in _unpacked(self.file, member):
            size += len(chunk)
            if size > member.unpacked:
                break
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if size != member.unpacked:
            _refuse(
                self.file,
                member.name,
                f"{'more' if size > member.unpacked else size} bytes of content",
                f"{member.unpacked}, as its header says",
            )
        if crc != member.crc:
            _refuse(
                self.file,
                member.name,
                f"the checksum {crc:08x}",
                f"{member.crc:08x}, as its header says: the content was damaged or changed",
            )


def open_archive(file: LogFile) -> Archive:
    """Return the archive with every member looked over, in its directory and in its own header, and nothing unpacked."""
    directory, count, start = _directory(file)
    entries: list[Member] = []
    at = 0
    while at < len(directory):
        entry, at = _entry(file, directory, at)
        entries.append(entry)
    if len(entries) != count:
        _refuse(file, "directory", f"{len(entries)} members", f"{count}, as its end says")
    _check_sizes(file, entries)
    superseded = (*_repeated(file, entries), *_walk(file, entries, start))
    return Archive(file, {each.name: each for each in entries}, superseded)


def find_members(file: LogFile, names: Sequence[str]) -> Archive:
    """Return the archive with only the named members looked over, in a time that hardly grows with the others."""
    directory, _, _ = _directory(file)
    found = []
    for name in names:
        at = directory.find(name.encode())
        while at >= 0:
            start = at - ENTRY.size
            if start >= 0 and directory[start : start + 4] == ENTRY_SIGNATURE:
                entry, _ = _entry(file, directory, start)
                found += [entry] if entry.name == name else []
            at = directory.find(name.encode(), at + 1)
    _check_sizes(file, found)
    if len({each.name for each in found}) < len(found):
        _refuse(file, found[0].name, "this member twice", "it once: which of the two counts is not for a reader to choose")
    for each in found:
        _local(file, each.at, each)
    return Archive(file, {each.name: each for each in found}, ())


def _directory(file: LogFile) -> tuple[bytes, int, int]:
    """Return the directory, how many members it lists, and where it starts."""
    size = file.content.seek(0, io.SEEK_END)
    if size > file.budget.file_bytes:
        _refuse(file, "", f"{size} bytes", f"at most {file.budget.file_bytes}")
    count, start, end = _directory_place(file, size)
    if count > file.budget.members:
        _refuse(file, "directory", f"{count} members", f"at most {file.budget.members}")
    if end - start > file.budget.held_bytes:
        _refuse(file, "directory", f"{end - start} bytes", f"at most {file.budget.held_bytes}")
    return _bytes_at(file, start, end - start), count, start


def _directory_place(file: LogFile, size: int) -> tuple[int, int, int]:
    """Return how many members the directory lists, and where it starts and ends."""
    at = size - END.size
    end = _bytes_at(file, max(at, 0), END.size)
    if len(end) < END.size or end[:4] != b"PK\x05\x06" or end[-2:] != b"\0\0":
        _refuse(
            file, "end", "no end of a zip directory", "one in the last 22 bytes: the file is cut short, or something was added behind it"
        )
    _, disk, first_disk, here, count, length, start, _ = END.unpack(end)
    if IN_EXTRA_16 in (here, count) or IN_EXTRA_32 in (length, start):
        return _directory_place_64(file, at)
    if disk or first_disk or here != count or start + length != at:
        _refuse(
            file, "end", f"a directory of {length} bytes at {start}", f"one that ends at byte {at}, where its own end begins, in one part"
        )
    return count, start, at


def _directory_place_64(file: LogFile, end_at: int) -> tuple[int, int, int]:
    locator_at = end_at - LOCATOR_64.size
    at = locator_at - END_64.size
    if at < 0:
        _refuse(file, "end", "numbers that stand elsewhere", "the end of a zip64 directory before it")
    signature, disk, stated_at, disks = LOCATOR_64.unpack(_bytes_at(file, locator_at, LOCATOR_64.size))
    if signature != b"PK\x06\x07" or disk or disks != 1 or stated_at != at:
        _refuse(file, "end", "no place of a zip64 directory", "one, directly behind that directory")
    signature, length_64, _, _, disk, first_disk, here, count, length, start = END_64.unpack(_bytes_at(file, at, END_64.size))
    if signature != b"PK\x06\x06" or length_64 != END_64.size - 12 or disk or first_disk or here != count or start + length != at:
        _refuse(file, "end", "a zip64 end that does not fit", "one that ends where the directory ends, in one part")
    return count, start, at


def _entry(file: LogFile, directory: bytes, at: int) -> tuple[Member, int]:
    """Return the member whose entry stands here, and where the next entry starts."""
    if len(directory) - at < ENTRY.size or directory[at : at + 4] != ENTRY_SIGNATURE:
        _refuse(file, f"directory, byte {at}", "no entry", "entries that fill the directory")
    _, _, _, flags, method, _, _, crc, packed, unpacked, *lengths, disk, _, attributes, start = ENTRY.unpack_from(directory, at)
    name_length, extra_length, comment = lengths
    at += ENTRY.size
    extra_at = at + name_length
    name = _name(file, directory[at:extra_at], flags)
    at = extra_at + extra_length
    if comment or disk or at > len(directory):
        _refuse(file, f"directory, {name[:100]}", "a comment, another part, or an entry cut short", "none")
    if stat.S_IFMT(attributes >> 16) not in (0, stat.S_IFREG) or method not in METHODS:
        _refuse(file, name, f"a link, a folder, or method {method}", "a file that is stored, deflated or packed by zstd")
    if extra_length:
        unpacked, packed, start = _from_extra(directory[extra_at:at], unpacked, packed, start)
    return Member(name, method, flags, crc, packed, unpacked, start), at


def _name(file: LogFile, raw: bytes, flags: int) -> str:
    """Return the name of a member. It only ever names: what could be a path elsewhere is refused all the same."""
    try:
        name = raw.decode("utf-8" if flags & UTF8_NAME else "ascii")
    except UnicodeDecodeError:
        _refuse(file, "directory", f"the name {raw[:40]!r}", "one in ASCII, or marked as UTF-8")
    if flags & ~(UTF8_NAME | DEFLATE_LEVEL):
        _refuse(file, name[:100], f"the flags {flags:#06x}", "a member that is not encrypted and whose size stands in its header")
    steps = name.split("/")
    if not name or name.startswith("/") or name.endswith("/") or "\\" in name or "\0" in name or ".." in steps or name[1:2] == ":":
        _refuse(file, "directory", f"the name {name[:100]!r}", "one that leads nowhere: no folder, no `..`, not absolute")
    return name


def _from_extra(extra: bytes, *numbers: int) -> list[int]:
    """Return sizes and place, those that did not fit into their fields from the zip64 extra field."""
    kept: list[int] = []
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == ZIP64_EXTRA:
            kept = [value for (value,) in struct.iter_unpack("<Q", extra[at + 4 : at + 4 + length // 8 * 8])]
        at += 4 + length
    return [kept.pop(0) if number == IN_EXTRA_32 and kept else number for number in numbers]


def _check_sizes(file: LogFile, entries: Sequence[Member]) -> None:
    budget, total = file.budget, 0
    for each in entries:
        total += each.unpacked
        if each.unpacked > budget.member_bytes:
            _refuse(file, each.name, f"{each.unpacked} bytes unpacked", f"at most {budget.member_bytes} in one member")
        if each.unpacked > FREE_OF_RATIO and each.unpacked > budget.ratio * each.packed:
            _refuse(
                file, each.name, f"{each.unpacked} bytes packed into {each.packed}", f"at most {budget.ratio} to 1: this exhausts memory"
            )
        if each.method == Method.STORED and each.packed != each.unpacked:
            _refuse(file, each.name, f"{each.packed} bytes stored as {each.unpacked}", "one size, as it is not packed")
    packed = sum(each.packed for each in entries)
    if total > FREE_OF_WHOLE_RATIO and total > budget.whole_ratio * packed:
        _refuse(file, "directory", f"{total} bytes packed into {packed}", f"at most {budget.whole_ratio} to 1 in the whole archive")
    if total > budget.unpacked_bytes:
        _refuse(file, "directory", f"{total} bytes unpacked", f"at most {budget.unpacked_bytes} in the whole archive")


def _repeated(file: LogFile, entries: list[Member]) -> Iterator[Member]:
    last = {each.name: each for each in entries}
    for each in entries:
        if each is not last[each.name]:
            if not REPEATABLE.fullmatch(each.name):
                _refuse(file, each.name, "this member twice", "it once: which of the two counts is not for a reader to choose")
            yield each


def _walk(file: LogFile, entries: Sequence[Member], directory_at: int) -> list[Member]:
    """Compare every member's own header with the directory, in order of place; return what lies between them and is listed nowhere."""
    at, unlisted = 0, []
    for each in sorted(entries, key=lambda member: member.at):
        while at < each.at:
            found, at = _local(file, at, None)
            unlisted.append(found)
        if at != each.at:
            _refuse(file, each.name, f"a member at byte {each.at} inside another", f"one at byte {at} or behind")
        _, at = _local(file, at, each)
    while at < directory_at:
        found, at = _local(file, at, None)
        unlisted.append(found)
    if at != directory_at:
        _refuse(file, "directory", f"members that reach to byte {at}", f"the directory's start {directory_at} as their end")
    return unlisted


def _local(file: LogFile, at: int, listed: Member | None) -> tuple[Member, int]:
    """Return the member whose own header stands here, and where it ends."""
    where = listed.name if listed else f"byte {at}"
    header = _bytes_at(file, at, LOCAL.size)
    if len(header) < LOCAL.size or header[:4] != b"PK\x03\x04":
        _refuse(file, where, "bytes that belong to no member", "a member's header: gaps in an archive hide something")
    _, _, flags, method, _, _, crc, packed, unpacked, name_length, extra_length = LOCAL.unpack(header)
    raw = file.content.read(name_length + extra_length)
    name = _name(file, raw[:name_length], flags)
    unpacked, packed = _from_extra(raw[name_length:], unpacked, packed)
    found = Member(name, method, flags, crc, packed, unpacked, at)
    if listed and found != listed:
        _refuse(file, where, "another name, size, method or checksum in its own header", "what the directory says of it")
    if not listed:
        if method not in METHODS:
            _refuse(file, where, f"method {method}", "a member that is stored, deflated or packed by zstd")
        _check_sizes(file, [found])
    return found, at + LOCAL.size + name_length + extra_length + packed


def _bytes_at(file: LogFile, at: int, length: int) -> bytes:
    file.content.seek(at)
    return file.content.read(length)


class _Window(io.RawIOBase):
    """The packed bytes of one member, as something that can be read; others may read the file in between."""

    def __init__(self, content: BinaryIO, at: int, length: int) -> None:
        self._content, self._at, self.left = content, at, length

    def read(self, size: int = -1, /) -> bytes:
        self._content.seek(self._at)
        found = self._content.read(self.left if size < 0 else min(size, self.left))
        self._at += len(found)
        self.left -= len(found)
        return found


def _unpacked(file: LogFile, member: Member) -> Iterator[bytes]:
    header = LOCAL.unpack(_bytes_at(file, member.at, LOCAL.size))
    content_at = member.at + LOCAL.size + header[-2] + header[-1]
    packed = _Window(file.content, content_at, member.packed)
    try:
        if member.method == Method.STORED:
            yield from iter(lambda: packed.read(CHUNK), b"")
        elif member.method == Method.DEFLATED:
            yield from _inflated(packed)
        else:
            reader = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW).stream_reader(
                cast(BinaryIO, packed), read_across_frames=True
            )
            yield from iter(lambda: reader.read(CHUNK), b"")
    except (zlib.error, zstandard.ZstdError) as broken:
        _refuse(file, member.name, f"content that cannot be unpacked ({str(broken)[:100]})", "what its header says")


def _inflated(packed: _Window) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    while not inflater.eof:
        found = inflater.decompress(inflater.unconsumed_tail or packed.read(CHUNK), CHUNK)
        if not found and not inflater.unconsumed_tail and not packed.left:
            break
        if found:
            yield found
    if not inflater.eof or inflater.unused_data or packed.left:
        raise zlib.error("its packed content ends elsewhere")


def _refuse(file: LogFile, where: str, found: str, expected: str) -> NoReturn:
    raise LogError(file.name, where, found, expected)
