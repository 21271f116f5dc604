"""What the API reads out is what the command of the same name prints, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rsp.api.reads.asking import Asker
from tests.rsp.cli.running import Run, runner

MODEL, POLICY = "claude-3-7-sonnet", "anthropic-rsp-2.0"
SAME = {
    "verdicts": (("assess", MODEL, "--policy", POLICY), f"/models/{MODEL}/verdicts?policy={POLICY}"),
    "verdicts under two": (
        ("assess", MODEL, "--policy", POLICY, "--policy", "anthropic-rsp-2.1"),
        f"/models/{MODEL}/verdicts?policy={POLICY}&policy=anthropic-rsp-2.1",
    ),
    "explanation": (
        ("explain", MODEL, "cbrn-weapons", "--policy", POLICY),
        f"/models/{MODEL}/thresholds/cbrn-weapons/explanation?policy={POLICY}",
    ),
    "gate": (("gate", MODEL, "--policy", POLICY), f"/models/{MODEL}/gate?policy={POLICY}"),
    "due": (("due", "--on", "2025-06-01", "--within", "90"), "/due?on=2025-06-01&within=90"),
    "due of one": (
        ("due", "--on", "2025-06-01", "--model", MODEL, "--policy", POLICY),
        f"/due?on=2025-06-01&model={MODEL}&policy={POLICY}",
    ),
}


@pytest.fixture
def rsp(examples_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(monkeypatch, capsys, examples_url)


@pytest.mark.parametrize("case", SAME, ids=list(SAME))
def test_the_answer_is_what_the_command_prints(case: str, examples: Asker, rsp: Run) -> None:
    arguments, path = SAME[case]
    printed = rsp(*arguments, "--format", "json", "--as-of", "25").out
    answer = examples.get(f"{path}&as_of=25")
    assert len(printed) > 500
    assert answer.text == printed
    assert answer.headers["RSP-Position"] == "25"


def test_the_report_is_the_file_the_command_writes(examples: Asker, rsp: Run, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    assert rsp("report", MODEL, "--policy", POLICY, "--as-of", "25", "--out", str(out)).code == 0
    answer = examples.get(f"/models/{MODEL}/report?policy={POLICY}&as_of=25")
    assert answer.content == out.read_bytes()
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="capability-report-{MODEL}-{POLICY}-25.pdf"'


def test_a_report_as_json_says_what_the_page_says(examples: Asker) -> None:
    told = examples.read(f"/models/{MODEL}/report?policy={POLICY}&format=json")
    said = json.dumps(told, ensure_ascii=False).replace("\u00a0", " ").replace("\u202f", " ")
    for expected in ("not ruled out", "69.7 %", "4 of 30", "24 ± 9"):
        assert expected in said, expected
    assert {each["block"] for each in told["blocks"]} >= {"heading", "paragraph", "table", "figure"}


@pytest.mark.parametrize("form", ["svg", "png"])
def test_the_figure_is_the_file_the_command_writes(form: str, examples: Asker, rsp: Run, tmp_path: Path) -> None:
    out = tmp_path / f"trend.{form}"
    assert rsp("trend", "--evaluation", "sciq-acc", "--out", str(out)).code == 0
    assert examples.get(f"/trends?evaluation=sciq-acc&format={form}").content == out.read_bytes()


def test_the_models_are_those_the_command_lists(examples: Asker, rsp: Run) -> None:
    printed = [line.split(":")[0] for line in rsp("models").out.splitlines() if not line.startswith(" ")]
    assert [each["slug"] for each in examples.read("/models")["records"]] == printed
