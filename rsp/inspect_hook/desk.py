"""What the hook does with what it is told: announce a run, report its log once, and at the end look for those nobody reported.

The rules kept here: a log is reported once a process, and the server knows it if it is sent again; a run that was announced and whose log
was not found, or has no end, is named in a warning and stays announced, so that nothing is ruled out without it; at the end of a run
everything is delivered or lies in the spool.

Left out: delivery, retries and the spool (``rsp.client``). Left out: samples; a reading holds numbers and names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Self

from evaluations.readers.assignment import SentAnnouncement, SentReading
from evaluations.readers.inspect_log import read_inspect
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogReading
from rsp.client.recorder import Recorder
from rsp.inspect_hook.logs import announcement, ended_log, ended_logs, local_copy
from rsp.inspect_hook.telling import warn
from rsp.reading_apart import Upload, read_apart

AT_ONCE_BYTES = 2**20  # our choice: read in some tenths of a second, which is what starting a process takes
MOST_SEARCHED = 1_000  # newest first; our choice: a header takes milliseconds, and a run's own logs are the newest
DEFAULT_DIRECTORY = "./logs"  # Inspect's own, where INSPECT_LOG_DIR names none


class Desk:
    """The runs of one process. Used by one thread only."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._announced: dict[str, list[str]] = {}  # logs by the run that will write them
        self._locations: dict[str, str] = {}
        self._reported: set[str] = set()

    @classmethod
    def from_environment(cls) -> Self:
        """Open the spool and the way to the server. Raises ``InputError`` for settings that mean nothing."""
        return cls(Recorder.from_environment())

    def announce(self, run_id: str, eval_id: str, header: bytes | None) -> None:
        """Register a run that starts."""
        self._announced.setdefault(run_id, []).append(eval_id)
        if header is not None:
            self._recorder.record(SentAnnouncement(announcement=announcement(header, eval_id)))

    def locate(self, eval_id: str, location: str) -> None:
        """Note where a log is being written."""
        self._locations[eval_id] = location

    def report(self, eval_id: str, location: str) -> None:
        """Read a log that has an end, and report it."""
        if not location or eval_id in self._reported:
            return
        try:
            with local_copy(location) as path:
                reading = _read(path)
        except Exception as error:  # gone, cut off, refused, or a store that cannot be reached: the log is named, whatever it is
            warn(f"the log {location} is not reported: {error}")
            return
        self._recorder.record(SentReading(reading=reading))
        self._reported.add(eval_id)

    def end_run(self, run_id: str, locations: Mapping[str, str], directory: str | None) -> None:
        """Report every log of a run that ended without the event of its task, then deliver."""
        for eval_id, location in locations.items():
            self.report(eval_id, location)
        missing = {each for each in self._announced.pop(run_id, ()) if each not in self._reported}
        for eval_id in missing & self._locations.keys():
            self._report_if_ended(eval_id, self._locations[eval_id])
        self._search(missing, directory or _parent(locations) or os.environ.get("INSPECT_LOG_DIR") or DEFAULT_DIRECTORY)
        for eval_id in sorted(missing - self._reported):
            place = self._locations.get(eval_id, "it was not found")
            warn(f"the log {eval_id} has no end ({place}); its run stays registered until `rsp submit` takes the log in")
        self._recorder.flush()

    def end_set(self, directory: str) -> None:
        """Report every log of a directory that ended, then deliver."""
        for found in ended_logs(directory):
            self.report(found.eval_id, found.location)
        self._recorder.flush()

    def _report_if_ended(self, eval_id: str, location: str) -> None:
        try:
            found = ended_log(location)
        except Exception:  # Inspect names no errors of its own for a file that is not whole; the caller names the log
            return
        if found is not None and found.eval_id == eval_id:
            self.report(eval_id, location)

    def _search(self, missing: set[str], directory: str) -> None:
        """Report those of the missing logs that lie in a directory, such as attempts that a set repeated."""
        if missing <= self._reported:
            return
        for found in islice(ended_logs(directory), MOST_SEARCHED):
            if found.eval_id in missing:
                self.report(found.eval_id, found.location)
            if missing <= self._reported:
                return


def _read(path: Path) -> LogReading:
    """Return what a log tells. A large one is read in another process, since in this one the evaluation would wait for each step."""
    if path.stat().st_size <= AT_ONCE_BYTES:
        with path.open("rb") as content:
            (reading,) = read_inspect(LogFile(path.name, content))
    else:
        (reading,) = read_apart(Upload(path, path.name))
    return reading


def _parent(locations: Mapping[str, str]) -> str | None:
    """Return the directory of a run's logs: Inspect writes all of a run into one."""
    return next((location.rpartition("/")[0] for location in locations.values() if "/" in location), None)
