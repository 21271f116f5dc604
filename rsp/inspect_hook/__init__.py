"""The Inspect hook: every task that Inspect runs is registered when it starts and reported when it ends, without a line of user code.

The rules kept here: an evaluation never fails, and does not wait, because of its tracker; a run is announced when its task starts, so that
one that is killed or dropped stays visible; a run that failed or was cancelled fires no end of its task, so the end of the run, and of the
set, looks for every log that was announced and not reported. Retries fire the same events again: what is reported is known by its log.

Off until ``RSP_URL`` is set (or ``RSP_MODE=offline``, which keeps everything for ``rsp sync``); ``RSP_MODE=disabled`` keeps it off. Inspect
imports this module whenever it starts, so it imports Inspect and nothing else: a thread imports the rest once the hook is on.

Left out: samples, which Inspect hands to every hook and which hold what a model said. Left out: making delivery a condition; whoever wants
Inspect to refuse to start without this hook names it in ``INSPECT_REQUIRED_HOOKS``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from inspect_ai.hooks import EvalSetEnd, EvalSetStart, Hooks, RunEnd, RunStart, SampleStart, TaskEnd, TaskStart, hooks

from rsp.inspect_hook.background import Background

if TYPE_CHECKING:
    from rsp.inspect_hook.desk import Desk

MODE, URL = "RSP_MODE", "RSP_URL"  # as rsp.client.settings names them, which is too heavy to import here; a test compares them
WATCHED = (MODE, URL, "RSP_TOKEN", "RSP_SPOOL")  # a notebook may set them after Inspect was imported

LOOKED_UP_FOR = 0.01  # seconds; our choice: looking up four names takes ten times as long as all else, and runs lie further apart


@hooks(name="submit", description="registers runs and reports their scores to rsp")
class Submit(Hooks):
    """One instance a process. An event hands a job to a thread and returns; the ends of a run and of a set wait, for a bounded time."""

    def __init__(self) -> None:
        self._environment: tuple[str | None, ...] = ()
        self._on = False
        self._look_again_at = 0.0
        self._background = Background()
        self._begun_in = ""  # the working directory of the run; Inspect tells places within it relative to it
        self._set_directory: str | None = None
        self._located: set[str] = set()

    def enabled(self) -> bool:
        """Say whether to be called. Asked fifty times a sample, outside of what Inspect guards: it looks at a clock, and never raises."""
        if (now := monotonic()) >= self._look_again_at:
            self._look_again_at = now + LOOKED_UP_FOR
            self._look_up()
        return self._on

    def _look_up(self) -> None:
        environment = tuple(map(os.environ.get, WATCHED))
        if environment != self._environment:
            self._environment = environment
            mode, url = ((each or "").strip() for each in environment[:2])
            self._on = mode.lower() != "disabled" and (bool(url) or mode.lower() == "offline")
            self._background = Background()

    async def on_eval_set_start(self, data: EvalSetStart) -> None:
        """Remember where the logs of the set will lie: at the end of a run, only those of last attempts are named."""
        self._begun_in = os.getcwd()
        self._set_directory = self._placed(data.log_dir)

    async def on_run_start(self, data: RunStart) -> None:  # noqa: ARG002  # the shape of the event
        """Remember where the run began."""
        self._begun_in = os.getcwd()

    async def on_task_start(self, data: TaskStart) -> None:
        """Announce the run with what the header of its log will tell."""
        run_id, eval_id, header = data.run_id, data.eval_id, _header(data)
        self._background.soon(lambda desk: desk.announce(run_id, eval_id, header))

    async def on_sample_start(self, data: SampleStart) -> None:
        """Note where the log lies, once a task: of a run that is cancelled no event tells it."""
        if data.eval_id in self._located:
            return
        self._located.add(data.eval_id)
        eval_id, location = data.eval_id, self._placed(_location_of_active_sample())
        self._background.soon(lambda desk: desk.locate(eval_id, location))

    async def on_task_end(self, data: TaskEnd) -> None:
        """Report the log, which is complete. Its samples are not touched: that would load them all."""
        eval_id, location = data.eval_id, self._placed(data.log.location)
        self._background.soon(lambda desk: desk.report(eval_id, location))

    async def on_run_end(self, data: RunEnd) -> None:
        """Report what fired no end of its task, and deliver, before a set removes the logs of attempts that were repeated."""
        run_id, directory = data.run_id, self._set_directory
        locations = {log.eval.eval_id: self._placed(log.location) for log in data.logs}
        await self._settled(lambda desk: desk.end_run(run_id, locations, directory))

    async def on_eval_set_end(self, data: EvalSetEnd) -> None:
        """Report every finished log of the set's directory that was not yet, such as those of an earlier start of the set."""
        directory, self._set_directory = self._placed(data.log_dir), None
        await self._settled(lambda desk: desk.end_set(directory))

    async def _settled(self, job: Callable[[Desk], None]) -> None:
        """Wait for the thread without holding up the event loop; also where the run is being cancelled, which is when it matters most."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._background.settle, job)

    def _placed(self, location: str) -> str:
        """Return a place as it stands wherever the process goes, and an address as it is."""
        return location if not location or "://" in location else os.path.join(self._begun_in or os.getcwd(), location)


def _header(data: TaskStart) -> bytes | None:
    """Return the beginning of the log as Inspect would write it, ``None`` from an Inspect that does not tell how the model is elicited."""
    plan = getattr(data, "plan", None)  # absent in 0.3.232
    if plan is None:
        return None
    described, steps = (each.model_dump_json(fallback=lambda _: None, warnings=False) for each in (data.spec, plan))
    return f'{{"version":2,"status":"started","eval":{described},"plan":{steps}}}'.encode()


def _location_of_active_sample() -> str:
    """Return where the log of the running sample is written, nothing if this Inspect does not say."""
    try:
        from inspect_ai.log._samples import sample_active  # no public name tells it (0.3.285)

        return str(getattr(sample_active(), "log_location", ""))
    except ImportError:
        return ""
