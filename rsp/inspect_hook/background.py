"""One thread that does the hook's work in the order of its events, while the evaluation goes on.

The rules kept here: handing over a job takes no time and never raises; nothing that goes wrong in the thread reaches the evaluation, and
nothing goes wrong in silence; who waits, waits for a bounded time. The thread imports what it needs, the caller does not.

Left out: what the jobs are (``rsp.inspect_hook.desk``).
"""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from rsp.inspect_hook.telling import have_warnings_seen, warn

if TYPE_CHECKING:
    from rsp.inspect_hook.desk import Desk

LONGEST_WAIT = 120  # seconds at the end of a run: our choice; logs of 10,000 samples are read in a few, and delivery has its own deadline


class Background:
    """A queue of jobs and, from the first job on, a thread. The thread does not keep the process alive: unread logs stay where they are."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[tuple[Callable[[Desk], None], Event]] = SimpleQueue()
        self._starting = Lock()
        self._thread: Thread | None = None

    def soon(self, job: Callable[[Desk], None]) -> Event:
        """Have a job done after those handed over before; the event tells when it is over."""
        over = Event()
        self._jobs.put((job, over))
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._work, name="rsp", daemon=True)
                self._thread.start()
        return over

    def settle(self, job: Callable[[Desk], None], longest_wait: float = LONGEST_WAIT) -> None:
        """Have a job done and wait for it, and so for all before it."""
        if not self.soon(job).wait(longest_wait):
            warn(f"still reading logs after {longest_wait:g} s, and the run ends; `rsp submit DIRECTORY` reports what is missing")

    def _work(self) -> None:
        desk = _opened()
        while True:
            job, over = self._jobs.get()
            try:
                if desk is not None:
                    job(desk)
            except Exception as error:  # whatever it is: it must not end the thread, and never the evaluation
                warn(f"{type(error).__name__}: {error}")
            finally:
                over.set()


def _opened() -> Desk | None:
    """Return what does the jobs, or say why nothing will be reported."""
    have_warnings_seen()
    try:
        from rsp.inspect_hook.desk import Desk

        return Desk.from_environment()
    except Exception as error:  # wrong settings, or an installation that lacks something
        warn(f"nothing of this process is reported: {error}")
        return None
