"""A log is read in a process of its own: what it does to that process is one clear error here, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from evaluations.readers.formats import read
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError
from rsp import reading_apart
from rsp.reading_apart import Bounds, Upload, read_apart

RESULTS = Path(__file__).parents[1] / "data/logs/lm_eval/results_2026-11-21T22-58-23.322188.json"


def test_what_is_read_apart_is_what_is_read_here() -> None:
    """To the last digit, with the samples that lie beside."""
    beside = {path.name: path.open("rb") for path in RESULTS.parent.glob("*.jsonl")}
    try:
        with RESULTS.open("rb") as content:
            assert read_apart(RESULTS) == read(LogFile(RESULTS.name, content, beside))
    finally:
        for each in beside.values():
            each.close()


def test_a_file_that_cannot_be_read_is_the_readers_own_error(tmp_path: Path) -> None:
    """Under the name that its sender gave it."""
    path = tmp_path / "upload"
    path.write_text("hello")
    with pytest.raises(LogError, match=r"theirs\.eval: found text that begins with 'hello'"):
        read_apart(Upload(path, "theirs.eval"))


@pytest.mark.parametrize(
    ("worker", "found"),
    [
        ("bytearray(2**40)", "exit code 1"),  # its memory is bounded, and it never caught it
        ("while True: pass", "more than 2 seconds|signal"),
        ("import os; os.kill(os.getpid(), 11)", "signal 11"),
        ("print('hello')", "answered something else"),
        ("import os; print({k for k in os.environ if 'RSP' in k}); os._exit(3)", "exit code 3"),
    ],
)
def test_whatever_kills_the_process_is_one_error(worker: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for a reader that a hostile file has taken down; the caller goes on."""
    package = tmp_path / "rsp"
    package.mkdir()
    (package / "__init__.py").write_text("")
    bounds = "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**28, 2**28)); resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"
    (package / "reading_worker.py").write_text(f"{bounds}\n{worker}\n")
    monkeypatch.setattr(reading_apart, "_environment", lambda: {"PYTHONPATH": str(tmp_path)})
    begun = time.monotonic()
    with pytest.raises(LogError, match=found):
        read_apart(RESULTS, bounds=Bounds(seconds=2))
    assert time.monotonic() - begun < 10


def test_the_bound_on_memory_holds_within_the_real_reader() -> None:
    """The file of the first test, and a megabyte to read it in."""
    with pytest.raises(LogError, match=r"memory|exit code|signal"):
        read_apart(RESULTS, bounds=Bounds(memory_bytes=2**20))


def test_the_process_gets_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a token nor the address of a database."""
    for name in ("RSP_TOKEN", "RSP_DATABASE", "RSP_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "secret")
    assert "secret" not in reading_apart._environment().values()
    assert set(reading_apart._environment()) - {"PYTHONPATH", "PYTHONUTF8"} <= set(os.environ)


def test_the_processors_time_grows_with_the_file() -> None:
    """So that a small hostile file is ended soon, and a large genuine one is read."""
    assert [Bounds().of_the_processor(size) for size in (0, 2**20, 30 * 2**20, 2**40)] == [10, 11, 40, 120]
