"""The page on pipelines: its files, its commands and its Python do what it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rsp.client import settings
from rsp.store.reading import evidence
from tests.docs.pages import FIRST_STEPS, ROOT, blocks, text_of, transcript
from tests.docs.test_commands import replay
from tests.rsp.api.sending import sending
from tests.rsp.cli.running import runner

PAGE = ROOT / "docs" / "pipelines.md"


def test_a_table_becomes_a_verdict_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The files of the page, the commands in their order, and what they print."""
    shutil.copytree(FIRST_STEPS, tmp_path / "examples" / "first-steps")
    monkeypatch.chdir(tmp_path)
    for name in ("RSP_URL", "RSP_TOKEN", "RSP_MODE"):
        monkeypatch.delenv(name, raising=False)
    for block in [*blocks(PAGE, "csv"), *blocks(PAGE, "yaml")]:
        Path(block.kind).write_text(block.text, encoding="utf-8")
    rsp = runner(monkeypatch, capsys, f"sqlite:///{tmp_path / 'first-steps.db'}")
    for line in (
        ("db", "upgrade"),
        ("policy", "load"),
        ("load", "examples/first-steps/evidence.yaml", "examples/first-steps/criteria.yaml"),
    ):
        assert rsp(*line).code == 0
    for block in blocks(PAGE, "console"):
        replay(rsp, transcript(block), exact=False)


def test_the_python_of_the_page_records_a_run(sqlite_template: Path, tmp_path: Path) -> None:
    """At a real server."""
    path = tmp_path / "rsp.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    [block] = blocks(PAGE, "python")
    with sending(f"sqlite:///{path}") as sender:
        exec(compile(block.text, str(PAGE), "exec"), {"url": str(sender.client.base_url), "token": sender.token})
        with sender.store.read() as session:
            [run] = evidence(session, "larch").runs
    assert (run.slug, run.status.value, len(run.items), len(run.scores)) == ("exam-final-1", "completed", 2, 1)


def test_the_names_of_the_environment_are_those_that_are_read() -> None:
    """Each once, and none besides."""
    rows = [line for line in text_of(PAGE).splitlines() if line.startswith("| `RSP_")]
    assert sorted(line.split("`")[1] for line in rows) == sorted(settings.NAMES)
    assert f"{settings.TIMEOUT_SECONDS:g}" in next(line for line in rows if settings.TIMEOUT in line)
    assert f"first, {settings.RETRIES} " in next(line for line in rows if settings.MAX_RETRIES in line)
