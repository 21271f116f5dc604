"""A database with the policies and the examples, made once by real commands; each test works on a copy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.rsp.cli.running import CLAUDE, LARCH, PYTHIA, Run, runner


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "rsp.db"
    for arguments in (["db", "upgrade"], ["policy", "load"], ["load", *CLAUDE], ["load", *PYTHIA, *LARCH]):
        subprocess.run([sys.executable, "-m", "rsp", "--db", f"sqlite:///{path}", *arguments], check=True, capture_output=True)
    return path


@pytest.fixture
def copied(filled: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "rsp.db"
    copy.write_bytes(filled.read_bytes())
    copy.chmod(0o600)
    return copy


@pytest.fixture
def rsp(copied: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(monkeypatch, capsys, f"sqlite:///{copied}")


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(monkeypatch, capsys, f"sqlite:///{tmp_path / 'none.db'}")
