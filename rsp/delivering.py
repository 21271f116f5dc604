"""Use case: what became of files that were handed over, one outcome a log, whether they went into a database here or to a server.

The rules kept here: a file is told apart by its bytes and read in another process; one that is refused keeps no other out; against a server
only what was read is sent, and no transcript; rsp's own evidence files are taken as they are.

Left out: words and exit codes (``rsp.cli.submit``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from evaluations.documents import DocumentError
from evaluations.readers.assignment import ChosenNames, Derivation, SentReading
from evaluations.readers.csv_scores import CsvMapping
from evaluations.readers.formats import OwnFormat, told_format
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogFormat, LogReading
from rsp.client import Client, Spool, Spooled
from rsp.client.calls import of_evidence_text, of_reading
from rsp.errors import InputError, RspError
from rsp.filing import take_in
from rsp.reading_apart import read_apart
from rsp.receipts import Receipt
from rsp.store.session import Store
from rsp.submitting import assigned_reading, sent_as, take_in_reading

Refusal = RspError | LogError | DocumentError


@dataclass(frozen=True)
class Planned:
    """What a log would become: the run's name, what was worked out, and what there is to warn of."""

    run: str
    status: str
    derived: tuple[Derivation, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Handed:
    """What became of one file, or of one log in it. ``reading`` is ``None`` for an evidence file and for one that could not be read."""

    path: Path
    reading: LogReading | None
    outcome: Receipt | Spooled | Planned | Refusal


class Taker(Protocol):
    """Where logs go."""

    def take_log(self, told: SentReading) -> Receipt | Spooled | Planned:
        """Take what one log tells. Raises ``RspError``."""

    def take_evidence(self, content: bytes, name: str) -> Receipt | Spooled:
        """Take an evidence file. Raises ``RspError`` or ``DocumentError``."""


@dataclass(frozen=True)
class Here:
    """The database of this machine."""

    store: Store
    actor: str
    at: datetime
    supersede: str | None = None

    def take_log(self, told: SentReading) -> Receipt:
        """Record what one log tells."""
        sent = sent_as(told, told.reading.file_name, self.actor)
        return take_in_reading(self.store, told, sent, actor=self.actor, at=self.at, supersede=self.supersede)

    def take_evidence(self, content: bytes, name: str) -> Receipt:
        """Record an evidence file, as ``rsp load`` does."""
        return take_in(self.store, content, name, actor=self.actor, at=self.at, supersede=self.supersede)


@dataclass(frozen=True)
class Rehearsal:
    """The database of this machine, looked at and left as it is."""

    store: Store
    supersede: str | None = None

    def take_log(self, told: SentReading) -> Planned:
        """Say what one log would become."""
        made = assigned_reading(self.store, told.reading, told.chosen, supersede=self.supersede)
        return Planned(made.run.slug, made.run.status.value, made.derived, made.warnings)

    def take_evidence(self, content: bytes, name: str) -> Receipt:
        """Refuse: whether an evidence file fits is found out by recording it. Raises ``InputError``."""
        raise InputError(
            f"found the evidence file {name} ({len(content)} bytes) in a dry run, expected logs: a file is taken whole or not at all"
        )


@dataclass(frozen=True)
class Away:
    """A server."""

    client: Client
    supersede: str | None = None

    def take_log(self, told: SentReading) -> Receipt | Spooled:
        """Send what one log tells."""
        return self.client.submit(of_reading(told, self.supersede))

    def take_evidence(self, content: bytes, name: str) -> Receipt | Spooled:
        """Send an evidence file as it is."""
        return self.client.submit(of_evidence_text(_text(content, name), name, self.supersede))


@dataclass(frozen=True)
class Spooling:
    """The folder of what waits for a server, where nothing may be sent now."""

    spool: Spool
    supersede: str | None = None

    def take_log(self, told: SentReading) -> Spooled:
        """Keep what one log tells."""
        return self.spool.put(of_reading(told, self.supersede), "offline")

    def take_evidence(self, content: bytes, name: str) -> Spooled:
        """Keep an evidence file as it is."""
        return self.spool.put(of_evidence_text(_text(content, name), name, self.supersede), "offline")


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"found {name} with bytes that are no UTF-8, expected text") from None


def hand_over(path: Path, taker: Taker, chosen: ChosenNames, mapping: CsvMapping | None) -> Iterator[Handed]:
    """Yield what becomes of one file: of each log in it, or of all of it."""
    try:
        told = _format(path)
        if told is OwnFormat.EVIDENCE:
            yield Handed(path, None, taker.take_evidence(path.read_bytes(), str(path)))
            return
        readings = read_apart(path, mapping)
    except (RspError, LogError, DocumentError) as refused:
        yield Handed(path, None, refused)
        return
    except OSError as fault:
        yield Handed(path, None, InputError(f"found no readable file at {path} ({fault.strerror}), expected one"))
        return
    for reading in readings:
        try:
            yield Handed(path, reading, taker.take_log(SentReading(reading=reading, chosen=chosen)))
        except RspError as refused:
            yield Handed(path, reading, refused)


def _format(path: Path) -> LogFormat | OwnFormat:
    if not path.is_file():  # a pipe or a device may never end
        raise InputError(f"found no ordinary file at {path}, expected one")
    with path.open("rb") as content:
        return told_format(LogFile(path.name, content))


@dataclass(frozen=True)
class Found:
    """Files to hand over, and those of a folder that are passed over with the reason."""

    paths: tuple[Path, ...]
    passed_over: tuple[tuple[Path, str], ...]


def files_of(given: Path, *, tables: bool) -> Found:
    """Return the files meant: one that is named as it is, of a folder every log below it. ``tables`` says whether a mapping is at hand."""
    if not given.is_dir():
        return Found((given,), ())
    paths, passed = [], []
    for path in sorted(each for each in given.rglob("*") if each.is_file() and not _hidden(each, given)):
        try:
            told = _format(path)
        except (RspError, LogError, OSError) as refused:
            passed.append((path, refused.found if isinstance(refused, LogError) else str(refused)))
            continue
        if told is OwnFormat.OTHER:
            passed.append((path, "a file of rsp that holds no results"))
        elif told is LogFormat.CSV and not tables:
            passed.append((path, "a table, and no mapping that says what its columns are"))
        elif path.suffix == ".jsonl" and told is not LogFormat.METR_RUNS:
            passed.append((path, "samples; they are read with the results they lie beside"))
        else:
            paths.append(path)
    return Found(tuple(paths), tuple(passed))


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
