"""Inspect AI's logs, ``.eval`` archives and ``.json`` documents of all ages: a log in, one reading out.

The rules kept here: the kind of container is told by its bytes; scores of items come from the samples, and what summaries, header and
samples tell differently is said and leaves the run partial; a sample that was rewritten with another score counts as edited; a reading of
the header alone recounts nothing and is never complete.

Left out: prompts, answers, events, paths and tracebacks, which are passed over. Left out: whether a time lies in the future, since a
reader knows no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from evaluations.readers.inspect_archive import CHUNK, Archive, Member, find_members, open_archive
from evaluations.readers.inspect_header import Header, header_of, objects, part, read_fields, spelled
from evaluations.readers.inspect_run import described
from evaluations.readers.inspect_samples import SCORE, Samples, Told
from evaluations.readers.inspect_scores import Measures
from evaluations.readers.inspect_status import counts_against, status_of
from evaluations.readers.item_names import item_slug
from evaluations.readers.json_members import JsonStream
from evaluations.readers.json_parts import PRESENT, WHOLE, Each, Fields
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogReading
from evaluations.readers.recounts import bounded_warnings
from evaluations.records import RunStatus

ZIP, OBJECT = b"PK\x03\x04", b"{"
BEGINNINGS = ("header.json", "_journal/start.json")
"""Members that tell what was run: the header, else how the journal begins."""
SAMPLE = re.compile(r"samples/(?P<name>.+)_epoch_(?P<epoch>[1-9]\d{0,6})(?P<shell>/sample)?\.json", re.DOTALL)
"""A sample in one member, or the first of the many that a large one is written in (inspect_ai 0.3.285, chunked samples)."""
SUMMARY = Fields({"id": WHOLE, "epoch": WHOLE, "scores": Fields({"*": SCORE}), "error": PRESENT})
REDUCED = Fields({"sample_id": WHOLE, "value": WHOLE, "history": Each(PRESENT)})
REDUCTION = Fields({"scorer": WHOLE, "reducer": WHOLE, "samples": Each(REDUCED)})


def is_inspect(file: LogFile) -> bool:
    """Return whether the file looks like a log of Inspect: an archive with its members, or a document with its first fields."""
    file.content.seek(0)
    start = file.content.read(4096).lstrip()  # our choice: version, status and eval come first
    if start[:4] == ZIP:
        return start[30:45].startswith((b"_journal/", b"samples/", b"header.json"))
    return start[:1] == OBJECT and all(field in start for field in (b'"version"', b'"status"', b'"eval"'))


def read_inspect(file: LogFile) -> tuple[LogReading, ...]:
    """Return the one reading of a log, counted again from its samples. Raises ``LogError`` that names the place."""
    return (_archived(file) if _is_archive(file) else _document(file),)


def read_inspect_header(file: LogFile) -> LogReading:
    """Return what the header alone tells, without items, in a time that does not grow with the samples. Never completed."""
    if _is_archive(file):
        archive = find_members(file, BEGINNINGS)
        header, where = _header(archive)
    else:
        where = ""
        header = header_of(read_fields(_stream_of(file), until="samples"), file.name, where)
    return _reading(_NothingCounted(header, file, where), None)


class _Counted:
    """A header with the samples that were found, and what came up while they were read."""

    def __init__(self, header: Header, file: LogFile, where: str) -> None:
        keys = header.cluster_keys
        only = header.scores[0].name if header.scores else "score"
        self.header, self.where, self.file = header, where, file
        self.samples = Samples(file, keys[0] if keys else None, only)
        self.doubts: list[str] = []
        self.warnings = [f"errors were clustered by {', '.join(keys)}: items carry the first"] if len(keys) > 1 else []

    def status(self, made: Measures, measures: Any) -> tuple[RunStatus, str | None]:
        """Return how the run ended, and why it falls short."""
        return status_of(
            self.header, self.samples, measures, [*made.contradictions, *counts_against(self.header, self.samples), *self.doubts]
        )


class _NothingCounted(_Counted):
    """A header alone."""

    def status(self, made: Measures, measures: Any) -> tuple[RunStatus, str | None]:
        status, reason = super().status(made, measures)
        alone = "only the header was read, and nothing was counted again"
        return (status, reason) if status in (RunStatus.FAILED, RunStatus.INVALIDATED) else (RunStatus.PARTIAL, alone)


def _reading(counted: _Counted, sha256: str | None) -> LogReading:
    header, file = counted.header, counted.file
    fields, warnings = described(header, file.name, counted.where)
    made = Measures(header, counted.samples, fields["log_id"])
    try:
        measures = made.made()
        status, reason = counted.status(made, measures)
        headline = part(header.told, "results", "headline")
        return LogReading(
            file_name=file.name,
            file_sha256=sha256,
            status=status,
            status_reason=reason,
            headline=made.headline(spelled(headline.get("scorer")), spelled(headline.get("score"))),
            measures=measures,
            warnings=bounded_warnings([*counted.warnings, *made.contradictions, *made.warnings, *warnings, *_edits(counted)]),
            **fields,
        )
    except ValidationError as misfit:
        first = misfit.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise LogError(file.name, counted.where, f"{place}: {first['msg'][:300]}", "what a reading can hold") from None


def _edits(counted: _Counted) -> Iterator[str]:
    told, samples = counted.header.told, counted.samples
    if updates := told.get("log_updates"):
        yield f"tags or metadata were edited after the run: {len(updates) if isinstance(updates, list) else 'some'} times"
    if changes := told.get("config_updates"):
        yield f"limits were changed during the run: {len(changes) if isinstance(changes, list) else 'some'} times"
    if limited := sum(each.limit is not None for each in samples.told.values()):
        yield f"{limited} of {len(samples.told)} attempts ended at a limit"
    if samples.unclustered:
        yield f"{samples.unclustered} of {len(samples.told)} attempts do not say which {samples.cluster_key} they belong to"


def _is_archive(file: LogFile) -> bool:
    size = file.content.seek(0, 2)
    if size > file.budget.file_bytes:
        raise LogError(file.name, "", f"{size} bytes", f"at most {file.budget.file_bytes}")
    file.content.seek(0)
    start = file.content.read(4)
    if start == ZIP:
        return True
    if start.lstrip()[:1] != OBJECT:
        raise LogError(file.name, "byte 0", f"{start!r}", "a log of Inspect: an archive (`PK`) or a JSON document (`{`)")
    return False


def _stream_of(file: LogFile) -> JsonStream:
    def chunks() -> Iterator[bytes]:
        file.content.seek(0)
        yield from iter(lambda: file.content.read(CHUNK), b"")

    return JsonStream(chunks(), file_name=file.name, where="", depth=file.budget.depth, brackets=file.brackets)


def _member(archive: Archive, member: Member) -> JsonStream:
    file = archive.file
    return JsonStream(archive.chunks(member), file_name=file.name, where=member.name, depth=file.budget.depth, brackets=file.brackets)


def _header(archive: Archive) -> tuple[Header, str]:
    """Return the header and where it stands; without one, the journal tells how the run began."""
    for where in BEGINNINGS:
        if member := archive.members.get(where):
            told = read_fields(_member(archive, member))
            if where != "header.json":
                told = {name: told[name] for name in ("version", "eval", "plan") if name in told} | {"status": "started"}
            return header_of(told, archive.file.name, where), where
    raise LogError(archive.file.name, "directory", "neither header.json nor _journal/start.json", "one of them, as in every log of Inspect")


def _archived(file: LogFile) -> LogReading:
    archive = open_archive(file)
    names = (*archive.members, *(member.name for member in archive.superseded))  # those that were written again are read too
    told, most = sum(SAMPLE.fullmatch(name) is not None for name in names), file.budget.attempts
    if told > most:  # before any is unpacked
        raise LogError(file.name, "directory", f"{told} samples", f"at most {most} attempts in one file; split it")
    counted = _Counted(*_placed(archive))
    for member in archive.members.values():
        if match := SAMPLE.fullmatch(member.name):
            found = _sample(archive, member, counted.samples)
            if match["shell"] and counted.samples.cluster_key and not found.get("metadata"):
                found = {**found, "metadata": _metadata_beside(archive, member, counted.samples)}
            counted.samples.add(found, member.name, (match["name"], int(match["epoch"])))
    _tell_superseded(archive, counted)
    if summaries := archive.members.get("summaries.json"):
        _compare_summaries(_member(archive, summaries), counted)
    if not counted.samples.told and (reductions := archive.members.get("reductions.json")):
        stream = _member(archive, reductions)
        _take_reductions(stream.value(Each(REDUCTION)), counted, "reductions.json")
        stream.finish()
    return _reading(counted, file.sha256())


def _placed(archive: Archive) -> tuple[Header, LogFile, str]:
    header, where = _header(archive)
    return header, archive.file, where


def _sample(archive: Archive, member: Member, samples: Samples) -> Mapping[str, Any]:
    stream = _member(archive, member)
    found = stream.value(samples.wanted)
    stream.finish()
    if not isinstance(found, dict):
        raise LogError(archive.file.name, member.name, "something else", "an object that tells of one sample")
    return found


def _metadata_beside(archive: Archive, shell: Member, samples: Samples) -> Any:
    """A sample written in many members keeps its metadata in one of its own."""
    member = archive.members.get(shell.name.removesuffix("sample.json") + "metadata.json")
    if not member:
        return None
    stream = _member(archive, member)
    found = stream.value(samples.wanted.named["metadata"])
    stream.finish()
    return found


def _tell_superseded(archive: Archive, counted: _Counted) -> None:
    """Say which members were left behind, and hold earlier scores of a sample against those that count."""
    rewritten = 0
    for member in archive.superseded:
        if member.name == "header.json":
            counted.doubts += _changed_header(read_fields(_member(archive, member)), counted.header.told)
        if SAMPLE.fullmatch(member.name):
            found = _sample(archive, member, counted.samples)
            earlier = counted.samples.read(found, member.name)
            now = counted.samples.told.get(counted.samples.identity(found, member.name))
            rewritten += _scored_otherwise(earlier, now) or bool(earlier.invalidated and now and not now.invalidated)
    if archive.superseded:
        names = sorted({_readable(member.name) for member in archive.superseded})
        counted.warnings.append(f"{len(archive.superseded)} members were written again or dropped; the last of each counts: {_few(names)}")
    if rewritten:
        counted.doubts.append(f"{rewritten} attempts had other scores before they were written again or dropped")


def _changed_header(earlier: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a header that was dropped told otherwise of the run; tags and metadata may change."""
    fields = (
        ("status",),
        ("invalidated",),
        ("results",),
        *(("eval", name) for name in ("model", "task", "task_version", "dataset", "config")),
    )
    for path in fields:
        places = [part(told, *path[:-1]).get(path[-1]) for told in (earlier, now)]
        if (places[0] or None) != (places[1] or None):
            yield f"{'.'.join(path)} of the header was another before the header was written again"


def _scored_otherwise(earlier: Told, now: Told | None) -> bool:
    """Whether an attempt that had a value has another one now, or none."""
    return any(value is not None and (now is None or now.values.get(axis) != value) for axis, value in earlier.values.items())


def _compare_summaries(stream: JsonStream, counted: _Counted) -> None:
    """Hold the summaries against the samples: both are written when a sample ends."""
    samples, other, alone = counted.samples, 0, set()
    for _ in stream.elements():
        found = stream.value(SUMMARY)
        stream.forget()
        if not isinstance(found, dict):
            continue
        identity = samples.identity(found, "summaries.json")
        told = samples.told.get(identity)
        if told is None:
            alone.add(identity)
            if len(alone) > samples.file.budget.attempts:
                raise LogError(samples.file.name, "summaries.json", f"more than {len(alone) - 1} attempts that have no sample", "fewer")
        else:
            other += _scored_otherwise(samples.read(found, "summaries.json"), told)
    stream.finish()
    if alone and samples.told:
        counted.doubts.append(
            f"{len(alone)} attempts stand in summaries.json and have no member: {_few(sorted(name for name, _ in alone))}"
        )
    if other:
        counted.doubts.append(f"summaries.json tells other scores than the samples of {other} attempts")


def _take_reductions(reductions: Any, counted: _Counted, where: str) -> None:
    """Take the score of each sample from what is left where samples were not logged. Of several epochs it tells one number, so not then."""
    if counted.header.epochs != 1 or not isinstance(reductions, list):
        counted.warnings.append("the log holds no samples, and its reduced scores are not the attempts: no items were made of them")
        return
    scores: dict[str | int, dict[str, Mapping[str, Any]]] = {}
    for each in objects(reductions):
        if isinstance(each.get("scorer"), str) and each.get("reducer") in (None, "mean"):
            for sample in objects(each.get("samples")):
                if isinstance(sample.get("sample_id"), str | int):
                    scores.setdefault(sample["sample_id"], {})[each["scorer"]] = sample
    for name, found in scores.items():
        counted.samples.add({"id": name, "epoch": 1, "scores": found}, where)
    if scores:
        counted.warnings.append(f"the log holds no samples: items were made of {where}, which tells no errors of samples")


def _document(file: LogFile) -> LogReading:
    counted = _Counted(header_of(read_fields(_stream_of(file)), file.name, ""), file, "")
    stream = _stream_of(file)
    reductions: list[Any] = []
    for key in stream.fields():
        if key == "samples":
            _take_samples(stream, counted)
        elif key == "reductions":
            reductions.append(stream.value(Each(REDUCTION)))
        elif key == "results":
            found = stream.value(Fields({"sample_reductions": Each(REDUCTION)}))
            reductions += [found["sample_reductions"]] if isinstance(found, dict) and "sample_reductions" in found else []
        else:
            stream.skip()
    if not counted.samples.told and reductions:
        _take_reductions(reductions[-1], counted, "reductions")
    return _reading(counted, file.sha256())


def _take_samples(stream: JsonStream, counted: _Counted) -> None:
    if stream.takes_null():
        return
    for place in stream.elements():
        counted.samples.add(stream.value(counted.samples.wanted), f"samples[{place}]")
        stream.forget()


def _readable(member: str) -> str:
    """Return a member's name; a sample's as that of its item, since the name of a sample may be a text."""
    match = SAMPLE.fullmatch(member)
    return f"{item_slug(match['name'])} epoch {match['epoch']}" if match else member


def _few(names: list[str]) -> str:
    shown = [name[:60] for name in names[:5]]  # 5: our choice, enough to look one up
    return ", ".join(shown) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
