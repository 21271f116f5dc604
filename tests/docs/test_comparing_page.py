"""The page on comparing answers as it says, on the drafts it speaks of."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.pages import FIRST_STEPS, ROOT, blocks, text_of, transcript
from tests.docs.test_commands import replay
from tests.rsp.cli.running import Run, runner
from thresholds.change_records import Change, ChangeKind

PAGE = ROOT / "docs" / "comparing.md"
DRAFTED = (
    ('version: "1.0"', 'version: "1.1"'),
    ("slug: fictional-lab-1.0", "slug: fictional-lab-1.1"),
    ("considerably.", "at all."),
    ("firmness: at_least", "firmness: required"),
    ("effective_compute_multiple: 4", "effective_compute_multiple: 3"),
)


def drafted(path: Path, *changes: tuple[str, str]) -> str:
    text = text_of(path)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@pytest.fixture
def rsp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in a folder with the page's drafts and without a database."""
    monkeypatch.chdir(tmp_path)
    bundled = ROOT / "thresholds"
    Path("draft.yaml").write_text(drafted(bundled / "policies" / "fictional-lab-1.0.yaml", *DRAFTED), encoding="utf-8")
    bars = drafted(bundled / "criteria" / "fictional-lab-1.0-criteria.yaml", ("slug: fictional-lab-1.0-criteria", "slug: my-bars"))
    Path("bars.yaml").write_text(bars.replace("value: 0.50", "value: 0.40", 1), encoding="utf-8")
    return runner(monkeypatch, capsys, f"sqlite:///{tmp_path / 'page.db'}")


def test_the_page_answers_as_it_says(rsp: Run, tmp_path: Path) -> None:
    for block in blocks(PAGE, "console"):
        if "rsp policy diff" not in block.text and not Path("page.db").exists():
            shutil.copytree(FIRST_STEPS, tmp_path / "first-steps")
            for line in (("db", "upgrade"), ("policy", "load"), ("load", "first-steps/evidence.yaml", "first-steps/criteria.yaml")):
                assert rsp(*line).code == 0
        replay(rsp, transcript(block), exact=block.kind != "excerpt")


def test_the_page_names_every_field_and_every_kind_of_a_change() -> None:
    table = text_of(PAGE).split("| field of a change |")[1].split("\n\n")[0]
    fields = {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert fields == set(Change.model_fields)
    kinds = next(row for row in table.splitlines() if row.startswith("| `kind`"))
    assert set(re.findall(r"`(\w+)`", kinds.split("|")[2])) == {each.value for each in ChangeKind}
