"""Which format a file has, told by its bytes, and the reader that goes with it.

The rules kept here: a name of a file decides nothing, since genuine files of one format carry the ending of another; only the beginning is
looked at, and of JSON only the keys at the top, so that telling costs the same whatever the size; what is not known is refused in words
that say what it looked like.

Left out: opening files, and finding those that lie beside; the shell does both. Left out: evidence files of rsp itself, which are told
apart here and are read elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice

from evaluations.documents import escaped
from evaluations.readers.csv_scores import CsvMapping, read_csv
from evaluations.readers.every_eval_ever import read_every_eval_ever
from evaluations.readers.lm_eval import read_lm_eval
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogFormat, LogReading
from evaluations.readers.metr_runs import read_metr_runs

LOOKED_AT = 2**20  # bytes; our choice: what tells a format stands before its long parts, also where keys are sorted
FIRST_LINE = 64 * 2**10  # bytes; a longer first row is no table

MOST_KEYS = 1_000  # at the top; our choice, the formats have two dozen

KNOWN = "a log of Inspect AI, results of lm-evaluation-harness, Every Eval Ever, METR runs, or a CSV table"


class OwnFormat(StrEnum):
    """Files of rsp itself."""

    EVIDENCE = "rsp-evidence"
    OTHER = "rsp"  # a policy, criteria, a mapping: known, and no results


MAGIC = {
    b"\x1f\x8b": "a gzip file; unpack it first",
    b"\x28\xb5\x2f\xfd": "a Zstandard file; unpack it first",
    b"BZh": "a bzip2 file; unpack it first",
    b"\xfd7zXZ": "an xz file; unpack it first",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
    b"PAR1": "a Parquet file",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
}
INSPECT_MEMBERS = (b"header.json", b"_journal/", b"samples/", b"summaries.json", b"reductions.json")

# The keys at the top that tell a format: all of the first set and any of the second. No genuine file has those of two.
TOLD_BY: tuple[tuple[LogFormat, frozenset[str], frozenset[str]], ...] = (
    (LogFormat.INSPECT, frozenset({"eval"}), frozenset({"version", "status", "plan", "results", "stats", "samples"})),
    (
        LogFormat.EVERY_EVAL_EVER,
        frozenset({"evaluation_id"}),
        frozenset({"schema_version", "evaluation_results", "model_info", "sample_id"}),
    ),
    (LogFormat.EVERY_EVAL_EVER, frozenset({"evaluation_results"}), frozenset({"schema_version", "model_info"})),
    (
        LogFormat.LM_EVAL,
        frozenset({"results"}),
        frozenset({"versions", "config", "configs", "n-shot", "higher_is_better", "group_subtasks"}),
    ),
    (LogFormat.LM_EVAL, frozenset({"config", "configs"}), frozenset({"config"})),  # sorted by keys, results come last
    (LogFormat.LM_EVAL, frozenset({"doc_id"}), frozenset({"filter", "metrics", "resps"})),
    (LogFormat.METR_RUNS, frozenset({"alias", "task_id"}), frozenset({"score_binarized", "human_minutes", "task_family", "run_id"})),
)
SAMPLES_ALONE = frozenset({"sample_id", "doc_id"})

TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*+)"|[{}\[\]:,]', re.DOTALL)
OWN = re.compile(rb"^\s*[\"']?format[\"']?\s*:\s*[\"']?(rsp-[a-z-]+/\d+)", re.MULTILINE)


def told_format(file: LogFile) -> LogFormat | OwnFormat:
    """Return the format of a file by its beginning. Raises ``LogError`` for one that is not known."""
    file.content.seek(0)
    beginning = file.content.read(LOOKED_AT).removeprefix(b"\xef\xbb\xbf")
    file.content.seek(0)
    if beginning.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _told_archive(file, beginning)
    if found := next((words for magic, words in MAGIC.items() if beginning.startswith(magic)), None):
        raise LogError(file.name, "", found, KNOWN)
    if not beginning.strip():
        raise LogError(file.name, "", "an empty file", KNOWN)
    if b"\x00" in beginning:
        raise LogError(file.name, "", "bytes that are no text", KNOWN)
    if beginning.lstrip()[:1] in (b"{", b"["):
        return _told_json(file, beginning)
    if own := OWN.search(beginning[:FIRST_LINE]):
        return OwnFormat.EVIDENCE if own.group(1).startswith(b"rsp-evidence/") else OwnFormat.OTHER
    return _told_table(file, beginning)


def _told_archive(file: LogFile, beginning: bytes) -> LogFormat:
    """Return Inspect for an archive whose first member has a name of its own; the reader checks all of them."""
    length = int.from_bytes(beginning[26:28], "little")  # APPNOTE 4.3.7: length of the name, which stands at 30
    name = beginning[30 : 30 + length]
    if name.startswith(INSPECT_MEMBERS) or (len(beginning) < LOOKED_AT and any(each in beginning for each in INSPECT_MEMBERS)):
        return LogFormat.INSPECT
    shown = escaped(name[:80].decode("utf-8", "replace")) or "none"
    raise LogError(file.name, "", f"a zip archive whose first member is {shown} (spreadsheets are archives too)", KNOWN)


def _told_json(file: LogFile, beginning: bytes) -> LogFormat | OwnFormat:
    seen: set[str] = set()
    for key, value in _top_keys(beginning):
        seen.add(key)
        if len(seen) > MOST_KEYS:
            break
        if key == "format" and value.startswith("rsp-"):
            return OwnFormat.EVIDENCE if value.startswith("rsp-evidence/") else OwnFormat.OTHER
        for told, every, some in TOLD_BY:
            if every <= seen and some & seen:
                return told
    keys = ", ".join(escaped(each[:40]) for each in sorted(seen)[:10])  # 10 keys, 40 characters: our choice, a line stays a line
    raise LogError(file.name, "", f"JSON with {f'the keys {keys}' if keys else 'no keys'} at the top", KNOWN)


def _top_keys(beginning: bytes) -> Iterator[tuple[str, str]]:
    """Yield the keys of the first object and the beginning of each value that is text. Nothing is built of what lies deeper."""
    depth, key, after_colon = 0, "", False
    start = beginning.find(b"{")
    for token in TOKEN.finditer(beginning, max(start, 0)):
        mark = token.group()[:1]
        if mark in b"{[":
            depth, after_colon = depth + 1, False
        elif mark in b"}]":
            depth -= 1
            if depth <= 0:
                return
        elif mark == b":" and depth == 1:
            after_colon = True
        elif mark == b"," and depth == 1:
            key, after_colon = "", False
        elif mark == b'"' and depth == 1:
            text = token.group(1)[:80].decode("utf-8", "replace")  # 80: no key that tells a format is longer
            if after_colon:
                yield key, text
            else:
                key = text
                yield key, ""


def _told_table(file: LogFile, beginning: bytes) -> LogFormat:
    first = beginning.lstrip()[:FIRST_LINE].partition(b"\n")[0]
    try:
        line = first.decode("utf-8")
    except UnicodeDecodeError:
        raise LogError(file.name, "", "a first line that is no UTF-8 text", KNOWN) from None
    if any(mark in line for mark in ",;\t|") and not line.startswith("<"):
        return LogFormat.CSV
    raise LogError(file.name, "", f"text that begins with {escaped(line[:40])!r}", KNOWN)


def read(file: LogFile, mapping: CsvMapping | None = None) -> tuple[LogReading, ...]:
    """Return what a file tells of runs, by the reader of its format. A table needs a mapping. Raises ``LogError``."""
    told = told_format(file)
    match told:
        case LogFormat.INSPECT:
            from evaluations.readers.inspect_log import read_inspect  # noqa: PLC0415  (unpacking, which no other format needs)

            return read_inspect(file)
        case LogFormat.LM_EVAL | LogFormat.EVERY_EVAL_EVER:
            _expect_results(file)
            return read_lm_eval(file) if told is LogFormat.LM_EVAL else read_every_eval_ever(file)
        case LogFormat.METR_RUNS:
            return read_metr_runs(file)
        case LogFormat.CSV:
            if mapping is None:
                raise LogError(file.name, "", "a table", "a mapping beside it, which says what each column is (format rsp-csv-mapping/1)")
            return read_csv(file, mapping)
        case OwnFormat.EVIDENCE | OwnFormat.OTHER:
            raise LogError(file.name, "", "a file of rsp itself", f"results of another program: {KNOWN}")


def _expect_results(file: LogFile) -> None:
    """Refuse samples without the results they belong to: what was planned, and of which model, stands there."""
    beginning = file.content.read(LOOKED_AT)
    file.content.seek(0)
    keys: set[str] = set()
    for key, _ in islice(_top_keys(beginning), MOST_KEYS):
        keys.add(key)
        if key in ("results", "evaluation_results"):
            return
    if keys & SAMPLES_ALONE:
        raise LogError(
            file.name, "", "samples alone", "the file of results they were written with; samples are read where they lie beside it"
        )
