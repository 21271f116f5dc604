"""What the hook does to a process that starts Inspect: run by ``test_switch`` in one of its own, it prints what it found as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr
from importlib.metadata import entry_points
from io import StringIO
from time import perf_counter, process_time, sleep

import inspect_ai.hooks  # noqa: F401  # what Inspect itself has loaded by then
from inspect_ai.util._display import init_display_type

CASES = {
    "nothing set": {},
    "empty url": {"RSP_URL": " "},
    "url": {"RSP_URL": "https://rsp.example.org"},
    "online without url": {"RSP_MODE": "online"},
    "offline without url": {"RSP_MODE": "offline"},
    "disabled with url": {"RSP_URL": "https://rsp.example.org", "RSP_MODE": "disabled"},
    "Disabled with url": {"RSP_URL": "https://rsp.example.org", "RSP_MODE": " Disabled"},
    "mode that means nothing": {"RSP_URL": "https://rsp.example.org", "RSP_MODE": "sideways"},
}
CALLS = 20_000

before = set(sys.modules)
found = [each.load() for each in entry_points(group="inspect_ai") if each.name == "rsp"]
loaded = set(sys.modules) - before
hook = found[0].Submit()


def enabled(environment: dict[str, str]) -> bool:
    for name in ("RSP_URL", "RSP_MODE"):
        os.environ.pop(name, None)
    os.environ.update(environment)
    sleep(2 * found[0].LOOKED_UP_FOR)
    return bool(hook.enabled())


switched = {case: enabled(environment) for case, environment in CASES.items()}
enabled({})
start = process_time()
for _ in range(CALLS):
    hook.enabled()
seconds = (process_time() - start) / CALLS

before = set(sys.modules)
done: list[str] = []


def failing(_: object) -> None:
    raise RuntimeError("a job that fails")


def waited(mode: str, job: Callable[[object], None]) -> float:
    """Return how long the end of a run takes in this mode."""
    os.environ["RSP_MODE"] = mode
    background = found[0].Background()
    background.soon(failing)
    begun = perf_counter()
    background.settle(job)
    return perf_counter() - begun


init_display_type("none")
with redirect_stderr(StringIO()) as said:
    waits = {mode: waited(mode, lambda _, mode=mode: done.append(mode)) for mode in ("sideways", "offline")}

import rsp.inspect_hook.desk  # noqa: E402  # what the hook's thread loads once it is on
from rsp.client import settings  # noqa: E402

json.dump(
    {
        "loaded": sorted(loaded),
        "loaded_when_on": sorted(set(sys.modules) - before),
        "switched": switched,
        "seconds_asked": seconds,
        "done": done,
        "waits": waits,
        "said": said.getvalue(),
        "watched": [rsp.inspect_hook.WATCHED, [settings.MODE, settings.URL, settings.TOKEN, settings.SPOOL]],
    },
    sys.stdout,
)
