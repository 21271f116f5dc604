"""Archives made to exhaust, to hide or to escape: refused within seconds, in little memory, and never a file outside."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import textwrap
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from evaluations.readers.inspect_log import read_inspect
from evaluations.readers.log_reading import LogError
from tests.evaluations.readers.archives import DEFLATED, LOGS, STORED, ZSTD, Entry, archive, entry, log, members

HONEST = members(LOGS / "success_with_sample_errors.eval")
LAST = "header.json"


def with_last(**told: object) -> list[Entry]:
    """Return honest members, the last of them with a lie."""
    return [entry(name, content, **(told if name == LAST else {})) for name, content in HONEST.items()]


def wide_window(content: bytes) -> bytes:
    """Return a frame that asks for 128 MiB to look back in."""
    stream = zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters(window_log=27)).compressobj()
    return stream.compress(content) + stream.flush()


def overlapping() -> bytes:
    made = with_last()
    return archive([*made[:-1], entry("header.json", HONEST[LAST], local_at=0)])


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "wrong checksum": (lambda: archive(with_last(crc=1)), "header.json: found the checksum"),
    "wrong checksum in the directory": (
        lambda: archive(with_last(listed={"crc": 1})),
        "another name, size, method or checksum",
    ),
    "another name in the directory": (lambda: archive(with_last(listed={"name": "headex.json"})), "found another name"),
    "another method in the directory": (lambda: archive(with_last(listed={"method": DEFLATED})), "found another name, size, method"),
    "a size that is too small": (lambda: archive(with_last(unpacked=10)), "header.json: found more bytes of content, expected 10"),
    "a size that is too large": (lambda: archive(with_last(unpacked=10_000)), "header.json: found [0-9]+ bytes of content, expected 10000"),
    "stored with two sizes": (lambda: archive(with_last(method=STORED, unpacked=3)), "header.json: found [0-9]+ bytes stored as 3"),
    "something in front": (lambda: archive(with_last(), before=b"MZ"), "an archive"),
    "gaps": (lambda: archive(with_last(), gap=b"hidden"), "bytes that belong to no member"),
    "something behind": (lambda: archive(with_last(), behind=b"x"), "no end of a zip directory"),
    "a comment": (lambda: archive(with_last(), comment=b"x"), "no end of a zip directory"),
    "members over each other": (overlapping, "inside another"),
    "encrypted": (lambda: archive(with_last(flags=1)), "header.json: found the flags 0x0001"),
    "sizes behind the content": (lambda: archive(with_last(flags=8)), "header.json: found the flags 0x0008"),
    "a symbolic link": (lambda: archive(with_last(attributes=0o120777 << 16)), "header.json: found a link"),
    "a folder": (lambda: archive(with_last(attributes=0o040755 << 16)), "header.json: found a link, a folder"),
    "an unknown method": (lambda: archive(with_last(method=14)), "method 14"),
    "a name that climbs": (lambda: archive([*with_last(), entry("samples/../../x", b"{}")]), "samples/../../x"),
    "an absolute name": (lambda: archive([*with_last(), entry("/etc/x", b"{}")]), "/etc/x"),
    "a name for another system": (lambda: archive([*with_last(), entry("C:x", b"{}")]), "C:x"),
    "a name with a backslash": (lambda: archive([*with_last(), entry("samples\\x", b"{}")]), "leads nowhere"),
    "a folder's name": (lambda: archive([*with_last(), entry("samples/", b"")]), "leads nowhere"),
    "the summaries twice": (lambda: archive([*with_last(), entry("summaries.json", b"[]")]), "summaries.json: found this member twice"),
    "a hidden member that does not fit": (
        lambda: archive(with_last(unlisted="x", unpacked=10_000_000, packed=b"x")),
        "10000000 bytes packed into 1",
    ),
    "broken zstd": (lambda: archive(with_last(packed=b"no zstd")), "content that cannot be unpacked"),
    "broken deflate": (
        lambda: archive(with_last(method=DEFLATED, packed=b"\xff\xff")),
        "content that cannot be unpacked",
    ),
    "more behind deflate": (
        lambda: archive(with_last(method=DEFLATED, packed=zlib.compress(HONEST[LAST], wbits=-15) + b"x")),
        "its packed content ends elsewhere",
    ),
    "a zstd window of 128 MiB": (
        lambda: archive(with_last(packed=wide_window(HONEST[LAST]))),
        "header.json: found content that cannot be unpacked",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_archive_that_is_not_what_it_says_is_refused_at_its_place(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made, place = HOSTILE[name]
    with pytest.raises(LogError, match=place):
        read_inspect(log(made()))
    assert not list(tmp_path.rglob("*"))


def test_content_in_several_frames_is_read_as_one() -> None:
    halves = [HONEST[LAST][:500], HONEST[LAST][500:]]
    frames = b"".join(zstandard.ZstdCompressor().compress(half) for half in halves)
    assert read_inspect(log(archive(with_last(packed=frames))))[0].log_id == read_inspect(log(archive(with_last())))[0].log_id


@pytest.mark.parametrize(
    ("limit", "value", "place"),
    [
        ("file_bytes", 100, "at most 100"),
        ("members", 3, "13 members"),
        ("member_bytes", 1000, "bytes unpacked"),
        ("unpacked_bytes", 5000, "in the whole archive"),
        ("held_bytes", 100, "directory: found"),
        ("attempts", 3, "directory: found 6 samples, expected at most 3"),
        ("depth", 3, "brackets inside each other"),
    ],
)
def test_every_budget_is_kept(limit: str, value: int, place: str) -> None:
    content = archive(with_last())
    if limit == "depth":
        content = archive([*with_last()[:-1], entry(LAST, b'{"x":' + b"[" * 2000 + b"]" * 2000 + b"}")])
    with pytest.raises(LogError, match=place):
        read_inspect(log(content, **{limit: value}))


def test_samples_that_were_written_again_take_from_the_budget_too() -> None:
    name = next(each for each in HONEST if each.startswith("samples/"))
    again = [entry(name, HONEST[name])] * 5
    with pytest.raises(LogError, match="directory: found 11 samples, expected at most 10"):
        read_inspect(log(archive([*again, *with_last()]), attempts=10))


def test_a_whole_archive_is_no_bomb_of_many_small_ones() -> None:
    """Each member keeps its ratio, and all of them together would take a minute to unpack."""
    member = entry("samples/x_epoch_1.json", bytes(range(256)) * 12 + b" " * (2**20 - 3072))
    many = archive(Entry(f"samples/x{n}_epoch_1.json", member.packed, member.unpacked, member.crc) for n in range(300))
    with pytest.raises(LogError, match="at most 200 to 1 in the whole archive"):
        read_inspect(log(many))


def test_every_score_of_a_sample_takes_from_the_budget_of_attempts() -> None:
    with pytest.raises(LogError, match=r"samples/q0003_epoch_1.json: found more than 17 scored attempts"):
        read_inspect(log((LOGS / "dict_scores_grouped_unscored.eval").read_bytes(), attempts=17))


def test_a_zip64_archive_is_read() -> None:
    plain = archive(with_last(extra=struct.pack("<2HQQ", 1, 16, len(HONEST[LAST]), 0)))
    body, (*_, count, length, start, _) = plain[:-22], struct.unpack("<4s4H2LH", plain[-22:])
    end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 20, 20, 0, 0, count, count, length, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(body), 1)
    last = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    told, wanted = read_inspect(log(body + end + locator + last))[0], read_inspect(log(plain))[0]
    assert told.measures == wanted.measures
    with pytest.raises(LogError, match="zip64"):
        read_inspect(log(body + end + b"x" + locator + last))


BOMBS: dict[str, tuple[int, Callable[[], bytes]]] = {
    "zeros in zstd": (ZSTD, lambda: b" " * 2**28),
    "zeros in deflate": (DEFLATED, lambda: b" " * 2**27),
    "empty lists": (STORED, lambda: b'{"id":[' + b"[]," * (20 * 2**20) + b"1]}"),
    "many scorers": (STORED, lambda: b'{"scores":{' + b",".join(b'"%d":{"value":1}' % n for n in range(400_000)) + b"}}"),
    "many keys": (STORED, lambda: b"{" + b",".join(b'"%d":0' % n for n in range(400_000)) + b"}"),
    "a text of 60 MB as a name": (STORED, lambda: b'{"id":"' + b"x" * (60 * 2**20) + b'"}'),
    "a number of 60 MB": (STORED, lambda: b'{"id":' + b"1" * (60 * 2**20) + b"}"),
}
READING = """
    import json, sys, time
    from pathlib import Path
    from evaluations.readers.inspect_log import read_inspect
    from evaluations.readers.log_file import LogFile
    from evaluations.readers.log_reading import LogError

    def highest():
        return int(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1])

    before, start = highest(), time.process_time()
    try:
        with open(sys.argv[1], "rb") as content:
            told = read_inspect(LogFile("x.eval", content))[0].status.value
    except LogError as refused:
        told = str(refused)
    print(json.dumps([told, (highest() - before) / 1024, time.process_time() - start]))
"""


def told_elsewhere(path: Path) -> tuple[str, float, float]:
    """Read a log in a process of its own; return what came of it, the growth of memory in MiB, and the processor's seconds."""
    run = [sys.executable, "-c", textwrap.dedent(READING), str(path)]
    done = subprocess.run(run, check=True, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[3])
    told, mebibytes, seconds = json.loads(done.stdout)
    return told, mebibytes, seconds


@pytest.mark.parametrize("name", BOMBS)
def test_an_archive_made_to_exhaust_is_refused_in_little_memory_and_time(name: str, tmp_path: Path) -> None:
    method, content = BOMBS[name]
    sample = "samples/q0000_epoch_1.json"
    made = [entry(each, content) for each, content in HONEST.items() if each != sample]
    (tmp_path / "bomb.eval").write_bytes(archive([*made, entry(sample, content(), method)]))
    told, mebibytes, seconds = told_elsewhere(tmp_path / "bomb.eval")
    (tmp_path / "bomb.eval").unlink()  # pytest keeps folders of several runs
    assert "q0000_epoch_1.json" in told
    assert mebibytes <= 200  # reliability row 12
    assert seconds <= 10


def test_a_transcript_of_100_megabytes_is_read_in_little_memory(tmp_path: Path) -> None:
    sample = "samples/q0000_epoch_1.json"
    event = b'{"uuid": "Rn6NqbGghJnBy5KPtiNFMF", "time": "2026-11-21T23:28:57+00:00", "state": {"a": [1, 2, {"b": "\\"%d\\""}]}},'
    events = b"".join(event % (n * 7919) for n in range(3_000)) * 334
    long = HONEST[sample].replace(b'"events":[', b'"events":[' + events, 1)
    assert len(long) > 100 * 10**6
    (tmp_path / "long.eval").write_bytes(
        archive(entry(name, long if name == sample else content, STORED) for name, content in HONEST.items())
    )
    told, mebibytes, _ = told_elsewhere(tmp_path / "long.eval")
    (tmp_path / "long.eval").unlink()
    assert told == "partial"  # as without the transcript
    assert mebibytes <= 50  # our choice: it does not grow with the transcript
