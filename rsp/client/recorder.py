"""What an evaluation hands its logs to: kept on the disk at once, delivered by a thread, and never in the evaluation's way.

The rules kept here: nothing here raises, and nothing waits longer than it was allowed to; what is handed over lies in the spool before the
call returns, so that a process that is killed loses none of it; delivery is in order; whatever is not delivered is told in a warning that
says how to deliver it.

Left out: delivering what the server refused before. ``rsp sync`` does that, when a person has put it right.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic

from evaluations.readers.assignment import SentAnnouncement, SentReading
from rsp.client.calls import of_announcement, of_reading
from rsp.client.sending import Sending
from rsp.client.settings import URL, Mode, Settings, from_environment
from rsp.client.spool import Spool
from rsp.errors import RspError

log = logging.getLogger("rsp.client")

LONGEST_FLUSH = 20.0  # seconds at the end of a run; our choice: long enough for hundreds of logs, short enough to wait for
PAUSE_WHILE_AWAY = 5.0  # seconds between two tries; our choice, beyond the pauses of one try


class Recorder:
    """Takes readings and announcements. With ``sending`` absent everything waits for ``rsp sync``."""

    def __init__(self, spool: Spool | None, sending: Sending | None) -> None:
        self._spool = spool
        self._sending = sending
        self._changed = Condition()
        self._asked, self._done = 0, 0  # how often delivery was asked for, and up to which of these it has been tried
        self._hurry = False  # somebody waits: no pause is kept
        self._thread: Thread | None = None
        self._warned: set[str] = set()

    @classmethod
    def from_environment(cls, settings: Settings | None = None) -> Recorder:
        """Return a recorder as ``RSP_URL``, ``RSP_MODE`` and the other names say. Raises ``InputError`` for one that means nothing."""
        told = settings or from_environment()
        if told.mode is Mode.DISABLED:
            return cls(None, None)
        online = told.mode is Mode.ONLINE and told.url is not None
        sending = Sending(told.url, told.token, told.timeout, told.max_retries) if online and told.url is not None else None
        return cls(Spool(told.spool), sending)

    def record(self, told: SentReading | SentAnnouncement) -> None:
        """Keep it, and have it delivered. It is back within the time that one small file takes to reach the disk."""
        if self._spool is None:
            return
        call = of_reading(told) if isinstance(told, SentReading) else of_announcement(told)
        if self._attempted(lambda spool: spool.put(call, "handed over"), f"{call.what} is not kept") and self._sending is not None:
            self._ask()

    def flush(self, longest_wait: float = LONGEST_FLUSH) -> None:
        """Wait until everything was tried, for a bounded time, and say what is left."""
        if self._spool is None:
            return
        if self._sending is not None and self._attempted(Spool.has_waiting, "what waits cannot be read"):
            until = monotonic() + longest_wait
            self._hurry = True
            asked = self._ask()
            with self._changed:
                self._changed.wait_for(lambda: self._done >= asked, timeout=max(0.0, until - monotonic()))
            self._hurry = False
        self._attempted(self._say_what_is_left, "what waits cannot be read")

    def _attempted(self, job: Callable[[Spool], object], failed: str) -> bool:
        """Do something with the spool; say what went wrong and go on. Returns whether it came out as something."""
        assert self._spool is not None
        try:
            return bool(job(self._spool))
        except Exception as fault:  # a full disk, a folder of somebody else: nothing of it may end an evaluation
            self._warn(f"{failed}: {fault}")
            return False

    def _ask(self) -> int:
        with self._changed:
            self._asked += 1
            if self._thread is None:
                self._thread = Thread(target=self._work, name="rsp-delivery", daemon=True)
                self._thread.start()
            self._changed.notify_all()
            return self._asked

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._asked > self._done)
                asked = self._asked
            reached = self._attempted(self._deliver, "not delivered")
            with self._changed:
                self._done = asked
                self._changed.notify_all()
                if not reached:  # away: whoever hands over more meanwhile is not tried for each
                    self._changed.wait_for(lambda: self._hurry, timeout=PAUSE_WHILE_AWAY)

    def _deliver(self, spool: Spool) -> bool:
        assert self._sending is not None
        try:
            for each in spool.deliver(self._sending, refused_too=False):
                if each.refusal is not None:
                    self._warn(f"the server refused {each.waiting.call.what}; it waits for `rsp sync`: {each.refusal}")
                elif each.receipt is not None:
                    for warning in each.receipt.warnings:
                        log.info("rsp: %s: %s", each.waiting.call.what, warning)
        except RspError as fault:  # away, or no valid token
            self._warn(str(fault))
            return False
        return True

    def _say_what_is_left(self, spool: Spool) -> None:
        left = sum(1 for _ in spool.waiting())
        if left:
            why = f"no {URL} or offline" if self._sending is None else "not delivered"
            log.warning("rsp: %d submission%s in %s (%s); `rsp sync` delivers", left, "" if left == 1 else "s", spool.folder, why)

    def _warn(self, words: str) -> None:
        """Say something once."""
        if words not in self._warned:
            self._warned.add(words)
            log.warning("rsp: %s", words)
