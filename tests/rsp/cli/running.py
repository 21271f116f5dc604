"""Runs the command line in this process, as a shell would: arguments in, exit code and both outputs out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from rsp.cli.main import main

EXAMPLES = Path(__file__).parents[3] / "examples"
CLAUDE = [str(path) for path in sorted((EXAMPLES / "claude-3-7-sonnet").glob("*.yaml"))]
PYTHIA = [str(EXAMPLES / "pythia-1.4b/evidence.json")]
LARCH = [
    str(EXAMPLES / "synthetic-lab" / name) for name in ("evidence.yaml", "runs-larch-1.json", "runs-larch-2.json", "runs-larch-3.json")
]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


def runner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str) -> Run:
    """Return a function that runs ``rsp`` with these arguments against the database at ``url``."""
    monkeypatch.setenv("RSP_DATABASE", url)
    monkeypatch.setenv("RSP_ACTOR", "a tester")

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["rsp", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Ended(int(ended.value.code or 0), told.out, told.err)

    return run
