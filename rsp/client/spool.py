"""Submissions that wait on the disk until the server answers: one file each, whole or not there, delivered once and in order.

The rules kept here: a file is written beside its place, forced to the disk, and then renamed, so that a process that is killed leaves no
half of one; it leaves only after the server has acknowledged it; its key goes with it, so that a delivery that was cut off is known the
next time; who delivers holds the lock, so that two deliveries at once do each submission once; what the server refuses stays, with the
refusal beside it, and holds up nothing that comes after. Nobody else may read the folder: scores are not public.

Left out: the token, which is never written down. Left out: throwing away what was refused; a person decides that.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import StringConstraints, ValidationError

from evaluations.values import Record
from rsp.client.calls import Call
from rsp.client.sending import Sending
from rsp.errors import AwayError, InputError, NotPermittedError, RspError, UnknownCallerError
from rsp.receipts import Receipt

ENDING, REFUSAL, UNFINISHED = ".json", ".refused.txt", ".unfinished"
OURS_ONLY, FILE_OURS_ONLY = 0o700, 0o600


class WaitingForm(Record):
    """A submission as its file holds it."""

    format: Literal["rsp-spool/1"]
    address: Annotated[str, StringConstraints(strict=True, pattern=r"^/api/v1/[^\s]*$")]  # never an address of another server
    media: str
    key: str
    what: str
    body: str


@dataclass(frozen=True)
class Spooled:
    """What a submission is told where the server is away: nothing is recorded yet, and it waits under its key."""

    key: str
    path: Path
    why: str


@dataclass(frozen=True)
class Waiting:
    """One submission that waits, and why the server refused it the last time, if it did."""

    path: Path
    call: Call
    refusal: str | None


@dataclass(frozen=True)
class Delivered:
    """One submission that the server answered: with a receipt, or with a refusal."""

    waiting: Waiting
    receipt: Receipt | None
    refusal: RspError | None


class Spool:
    """The folder of waiting submissions. Several processes may use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, call: Call, why: str) -> Spooled:
        """Keep a submission until it is delivered; one that waits already under its key is kept once. Raises ``InputError``."""
        try:
            self._make_folder()
            for path in self._paths():
                if path.name.endswith(f"-{_mark(call.key)}{ENDING}"):
                    return Spooled(call.key, path, why)
            form = WaitingForm(format="rsp-spool/1", address=call.address, media=call.media, key=call.key, what=call.what, body=call.body)
            path = self.folder / f"{self._next_number():020d}-{_mark(call.key)}{ENDING}"
            self._write(path, form.model_dump_json())
        except OSError as fault:
            raise InputError(
                f"found no way to keep a submission in {self.folder} ({fault.strerror}), expected a writable folder"
            ) from fault
        return Spooled(call.key, path, why)

    def waiting(self) -> Iterator[Waiting]:
        """Yield what waits, the oldest first. A file that is none of ours is left alone, and named by ``strangers``."""
        for path in self._paths():
            form = _read(path)
            if form is not None:
                refusal = path.with_suffix(REFUSAL)
                told = refusal.read_text(encoding="utf-8", errors="replace") if refusal.is_file() else None
                yield Waiting(path, Call(form.address, form.body, form.what, form.media, form.key), told)

    def strangers(self) -> tuple[Path, ...]:
        """Return files that end like a submission and hold none."""
        return tuple(path for path in self._paths() if path.is_file() and _read(path) is None)

    def has_waiting(self) -> bool:
        """Say whether anything waits that was not refused."""
        return any(each.refusal is None for each in self.waiting())

    def deliver(self, sending: Sending, *, refused_too: bool) -> Iterator[Delivered]:
        """Deliver what waits, in order, and yield what became of each.

        Raises ``AwayError``, ``UnknownCallerError`` or ``NotPermittedError`` at the first that shows there is no sense in going on; it and
        what follows stays. A submission that makes the server fail counts as refused, so that it holds up no other.
        """
        if not self.folder.is_dir():
            return
        with self._locked():
            for each in self.waiting():
                if each.refusal is not None and not refused_too:
                    continue
                try:
                    receipt = Receipt.model_validate_json(sending.submit(each.call).text)
                except ValidationError as misfit:
                    raise AwayError(f"found an answer of {sending.url} that is no receipt, expected one: is it an rsp server?") from misfit
                except (AwayError, UnknownCallerError, NotPermittedError):
                    raise
                except RspError as refused:
                    self._write(each.path.with_suffix(REFUSAL), str(refused))
                    yield Delivered(each, None, refused)
                else:
                    self._remove(each.path)
                    yield Delivered(each, receipt, None)

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=OURS_ONLY)
        if self.folder.stat().st_mode & 0o077:
            self.folder.chmod(OURS_ONLY)

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{ENDING}")) if self.folder.is_dir() else []

    def _next_number(self) -> int:
        """Return a number above all that wait: the time, and one more than the last where a clock was set back."""
        last = max((int(path.name.partition("-")[0]) for path in self._paths() if path.name[:20].isdigit()), default=0)
        return max(time.time_ns(), last + 1)

    def _write(self, path: Path, text: str) -> None:
        unfinished = self.folder / f".{uuid4().hex}{UNFINISHED}"
        try:
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_OURS_ONLY), "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        self._force()

    def _remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        path.with_suffix(REFUSAL).unlink(missing_ok=True)
        self._force()

    def _force(self) -> None:
        """Force the folder's names to the disk."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the one lock of the folder; the system lets it go with the process, however that ends."""
        lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, FILE_OURS_ONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _mark(key: str) -> str:
    """Return what a file's name tells of a key; a key may hold characters that no name may."""
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def _read(path: Path) -> WaitingForm | None:
    """Return what a file holds, ``None`` for one that is gone meanwhile or is none of ours."""
    try:
        return WaitingForm.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
