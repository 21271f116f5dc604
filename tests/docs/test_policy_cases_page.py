"""The page on cases: its commands answer as it says, its cases hold, and it describes every field of the format and no other."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from evaluations.values import Record
from tests.docs.pages import EVIDENCE, ROOT, blocks, documented, text_of, transcript
from tests.docs.test_commands import replay
from tests.docs.test_formats import parts, tree
from tests.rsp.cli.running import Run, runner
from tests.thresholds.casebooks import bundled_set
from thresholds.case_records import CaseFile
from thresholds.casebook import judged, load_cases

PAGE = ROOT / "docs" / "policy-cases.md"
RECORDS = tree(CaseFile)
SNIPPETS = [block for block in blocks(PAGE, "yaml") if block.kind == "cases"]


@pytest.fixture
def rsp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in a folder with the page's files and without a database."""
    monkeypatch.chdir(tmp_path)
    for block in blocks(PAGE, "yaml"):
        if block.kind.endswith(".yaml"):
            Path(block.kind).write_text(block.text, encoding="utf-8")
    bars = text_of(ROOT / "thresholds" / "criteria" / "claude-3-7-card-2.yaml")
    for before, after in (
        ("\nslug: claude-3-7-card-2\n", "\nslug: my-bars\n"),
        ("\ncorrects: claude-3-7-card\n", "\ncorrects: claude-3-7-card-2\n"),
        ('value: 50\n      words: "50 % of the 42', 'value: 45\n      words: "50 % of the 42'),
    ):
        assert before in bars, before
        bars = bars.replace(before, after, 1)
    Path("my-bars.yaml").write_text(bars, encoding="utf-8")
    return runner(monkeypatch, capsys, f"sqlite:///{tmp_path / 'page.db'}")


def test_the_page_answers_as_it_says(rsp: Run) -> None:
    for block in blocks(PAGE, "console"):
        replay(rsp, transcript(block), exact=block.kind != "excerpt")


def test_the_exit_codes_are_those_of_the_page(rsp: Run) -> None:
    Path("broken.yaml").write_text("format: rsp-cases/1\n", encoding="utf-8")
    holding = next(block.text for block in SNIPPETS)
    Path("holding.yaml").write_text(holding, encoding="utf-8")
    assert [rsp("policy", "check", name).code for name in ("holding.yaml", "my-cases.yaml", "broken.yaml")] == [0, 1, 2]


@pytest.mark.parametrize("place", range(len(SNIPPETS)))
def test_the_cases_of_the_page_hold(place: int) -> None:
    held = bundled_set("claude-3-7-card-2")
    book = load_cases(SNIPPETS[place].text.encode(), PAGE.name)
    assert [each.mismatches for each in judged(book, held.policy, held.criteria, code_version="test") if each.mismatches] == []


def told(name: str) -> dict[str, str]:
    """Return the fields a table describes; a row may describe several."""
    return {field: required for row, required in documented(PAGE)[name].items() for field in re.findall(r"\w+", row)}


def test_the_page_describes_every_record_of_the_format() -> None:
    assert set(documented(PAGE)) == set(RECORDS)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_described_with_every_field_it_has(name: str) -> None:
    record: type[Record] = RECORDS[name]
    assert told(name) == {field: "yes" if each.is_required() else "no" for field, each in record.model_fields.items()}


def test_every_word_a_field_may_hold_is_on_the_page_or_one_it_links_to() -> None:
    fields = (field for record in RECORDS.values() for field in record.model_fields.values())
    words = {word.value for field in fields for inner in parts(field.annotation) if issubclass(inner, StrEnum) for word in inner}
    quoted = {word for page in (PAGE, EVIDENCE, ROOT / "docs" / "verdicts.md") for word in re.findall(r"`([\w.-]+)`", text_of(page))}
    assert words - quoted == set()


def test_no_yaml_of_the_page_goes_untested() -> None:
    assert {block.kind for block in blocks(PAGE, "yaml")} == {"cases", "my-cases.yaml"}
