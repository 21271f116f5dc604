"""The page on reassessment answers as it says, on the file it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks, text_of, transcript
from tests.docs.test_commands import replay
from tests.rsp.cli.running import Run, runner
from thresholds.due_records import DueOutcome
from thresholds.governance import TriggerKind

PAGE = ROOT / "docs" / "reassessment.md"


@pytest.fixture
def rsp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in a folder that holds the page's file, with the policies that come with rsp."""
    monkeypatch.chdir(tmp_path)
    shown = next(block for block in blocks(PAGE, "yaml") if block.kind == "hazel.yaml")
    Path("hazel.yaml").write_text(shown.text, encoding="utf-8")
    run = runner(monkeypatch, capsys, f"sqlite:///{tmp_path / 'page.db'}")
    for line in (("db", "upgrade"), ("policy", "load"), ("load", "hazel.yaml")):
        assert run(*line).code == 0
    return run


def test_the_page_answers_as_it_says(rsp: Run) -> None:
    for block in blocks(PAGE, "console"):
        replay(rsp, transcript(block), exact=True)


def test_the_page_names_every_outcome_in_order_and_every_kind_of_trigger() -> None:
    assert re.findall(r"^\| `(\w+)` \|", text_of(PAGE).split("## What is recorded")[0], re.MULTILINE) == [each.value for each in DueOutcome]
    table = text_of(PAGE).split("## How each trigger is judged")[1].split("\n\n- ")[0]
    assert set(re.findall(r"`(\w+)`", table)) == {each.value for each in TriggerKind}
