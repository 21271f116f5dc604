"""Reports and trend plots as files: what is in them, that the bytes are the same, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.rsp.cli.running import Run


def report(rsp: Run, out: Path, model: str = "claude-3-7-sonnet", policy: str = "anthropic-rsp-2.0") -> str:
    assert rsp("report", model, "--policy", policy, "--out", str(out)).code == 0
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(out.read_bytes())).pages)


def test_a_report_says_what_the_terminal_says(rsp: Run, tmp_path: Path) -> None:
    text = report(rsp, tmp_path / "report.pdf")
    for expected in ("Claude 3.7 Sonnet", "not ruled out", "69.7 %", "4 of 30", "9.65 of 42", "17 of 33", "24 ± 9", "not published"):
        assert expected in text.replace("\u00a0", " ").replace("\u202f", " "), expected


def test_a_report_on_a_synthetic_model_says_so_on_its_first_page(rsp: Run, tmp_path: Path) -> None:
    out = tmp_path / "larch.pdf"
    report(rsp, out, "larch-2", "fictional-lab-1.0")
    first = PdfReader(io.BytesIO(out.read_bytes())).pages[0].extract_text().lower()
    assert "fictional" in first
    assert "synthetic" in first


def test_the_same_position_gives_the_same_bytes_in_another_process_and_zone(copied: Path, tmp_path: Path) -> None:
    outs = [tmp_path / "one.pdf", tmp_path / "two.pdf"]
    for out, zone in zip(outs, ("UTC", "Pacific/Kiritimati"), strict=True):
        command = ["--db", f"sqlite:///{copied}", "report", "larch-1", "--policy", "fictional-lab-1.0", "--out", str(out)]
        subprocess.run(
            [sys.executable, "-m", "rsp", *command], check=True, capture_output=True, env={**os.environ, "TZ": zone, "LC_ALL": "C"}
        )
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_an_earlier_position_gives_the_report_of_that_time(rsp: Run, tmp_path: Path) -> None:
    before = rsp("assess", "claude-3-7-sonnet", "--policy", "anthropic-rsp-2.0", "--format", "json").out
    evidence = tmp_path / "more.yaml"
    evidence.write_text(
        "format: rsp-evidence/1\nruns:\n  - {slug: extra, model: claude-3-7-sonnet, snapshot: final, evaluation: long-form-virology, "
        "version: card-3-7, source: claude-3-7-card, scores: [{statistic: not_stated, value: 99, source: claude-3-7-card}]}\n"
    )
    position = str(json.loads(before)["as_of"])
    assert rsp("load", str(evidence)).code == 0
    arguments = ("assess", "claude-3-7-sonnet", "--policy", "anthropic-rsp-2.0", "--format", "json")
    assert rsp(*arguments).out != before
    assert rsp(*arguments, "--as-of", position).out == before


def svg(rsp: Run, out: Path, *arguments: str) -> str:
    ended = rsp("trend", *arguments, "--out", str(out))
    assert ended.code == 0, ended.err
    return out.read_text()


def test_a_training_run_is_drawn_over_compute_and_says_that_step_zero_has_no_place(rsp: Run, tmp_path: Path) -> None:
    text = svg(rsp, tmp_path / "trend.svg", "--evaluation", "sciq-acc")
    assert "training compute" in text
    assert "step 0" in text


def test_releases_are_drawn_over_dates_with_the_bars_of_a_policy(rsp: Run, tmp_path: Path) -> None:
    text = svg(rsp, tmp_path / "trend.svg", "--evaluation", "cedar-protocols", "--policy", "fictional-lab-1.0")
    assert "release date" in text
    assert "rule-in bar 80" in text.replace("\u00a0", " ")


def test_a_metric_that_falls_says_that_lower_is_more_capable(rsp: Run, tmp_path: Path) -> None:
    assert "lower is more capable" in svg(rsp, tmp_path / "trend.svg", "--evaluation", "lambada-openai-ppl")


def horizons(out: Path) -> Path:
    """Write METR's published table as a file of evidence: each model a snapshot, each horizon a score with its printed interval."""
    table = Path(__file__).parents[2] / "data" / "trends" / "metr_time_horizon_1_1.csv"
    rows = list(csv.DictReader(table.read_text().splitlines()))
    slugs = {row["agent"]: row["agent"].replace("_", "-") for row in rows}
    version = {"slug": "suite-1-1", "unit": "minutes", "riskier_when": "higher", "scale_low": 0, "source": "metr"}
    evaluation = {"slug": "time-horizon", "name": "Time horizon", "kind": "benchmark", "source": "metr", "versions": [version]}
    models = [
        {
            "slug": slugs[row["agent"]], "name": row["agent"], "developer": "several", "released_on": row["release_date"], "source": "metr",
            "snapshots": [{"slug": "final", "name": "final", "kind": "final", "ordinal": 1, "source": "metr"}],
        }
        for row in rows
    ]  # fmt: skip
    runs = [
        {
            "slug": f"horizon-{slugs[row['agent']]}", "model": slugs[row["agent"]], "snapshot": "final", "evaluation": "time-horizon",
            "version": "suite-1-1", "source": "metr",
            "scores": [{"statistic": "time_horizon", "interval_level": 0.95, "source": "metr", **{
                key: float(row[column]) for key, column in (("value", "p50_minutes"), ("low", "p50_lo"), ("high", "p50_hi"))
            }}],
        }
        for row in rows
    ]  # fmt: skip
    names = {"sources": [{"slug": "metr", "title": "METR, Time Horizon 1.1"}], "developers": [{"slug": "several", "name": "Several"}]}
    out.write_text(json.dumps({"format": "rsp-evidence/1", **names, "models": models, "evaluations": [evaluation], "runs": runs}))
    return out


def test_a_published_frontier_is_drawn_with_its_line_and_doubling_time(rsp: Run, tmp_path: Path) -> None:
    assert rsp("load", str(horizons(tmp_path / "metr.json"))).code == 0
    text = svg(rsp, tmp_path / "trend.svg", "--evaluation", "time-horizon").replace("\u00a0", " ")
    assert "least squares of the logarithm of the score on release date, through the 17 models" in text
    assert "Doubling time 188 days (95 % interval 164 days to 220 days)." in text
    assert "least squares" not in svg(rsp, tmp_path / "plain.svg", "--evaluation", "time-horizon", "--no-fit")


def test_three_models_are_drawn_as_if_nobody_had_asked_for_a_line(rsp: Run, tmp_path: Path) -> None:
    arguments = ("--evaluation", "cedar-protocols", "--policy", "fictional-lab-1.0")
    assert svg(rsp, tmp_path / "fit.svg", *arguments, "--fit") == svg(rsp, tmp_path / "plain.svg", *arguments, "--no-fit")


@pytest.mark.parametrize(("suffix", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_every_form_of_a_trend_is_the_same_twice(rsp: Run, tmp_path: Path, suffix: str, magic: bytes) -> None:
    outs = [tmp_path / f"one.{suffix}", tmp_path / f"two.{suffix}"]
    for out in outs:
        assert rsp("trend", "--evaluation", "piqa-acc", "--out", str(out)).code == 0
    assert outs[0].read_bytes().startswith(magic)
    assert outs[0].read_bytes() == outs[1].read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--evaluation", "sciq", "--out", "x.png"), "sciq-acc"),
        (("--evaluation", "sciq-acc", "--out", "x.gif"), ".png, .svg or .pdf"),
        (("--evaluation", "sciq-acc", "--statistic", "avarage", "--out", "x.png"), "expected one of mean"),
        (("--evaluation", "sciq-acc", "--statistic", "median", "--out", "x.png"), "found the statistics mean"),
        (("--evaluation", "data-deduplication", "--out", "x.png"), "name it with --version"),
        (("--evaluation", "ctf-hard", "--out", "x.png"), "expected"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(rsp: Run, arguments: tuple[str, ...], words: str) -> None:
    ended = rsp("trend", *arguments)
    assert ended.code == 2
    assert words in ended.err


def test_a_report_that_cannot_be_written_leaves_nothing_half_done(rsp: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    ended = rsp("report", "larch-1", "--policy", "fictional-lab-1.0", "--out", str(tmp_path / "file/report.pdf"))
    assert ended.code == 2
    assert "expected a writable place" in ended.err


def test_the_runs_of_a_restricted_snapshot_are_not_drawn(rsp: Run, tmp_path: Path) -> None:
    evidence = json.loads(horizons(tmp_path / "metr.json").read_text())
    shown, *_ = evidence["models"]
    shown["snapshots"][0]["visibility"] = "restricted"
    (tmp_path / "restricted.json").write_text(json.dumps(evidence))
    assert rsp("load", str(tmp_path / "restricted.json")).code == 0
    text = svg(rsp, tmp_path / "trend.svg", "--evaluation", "time-horizon")
    assert "withheld (restricted)" in text.replace("\u00a0", " ")
    assert f">{shown['name']}<" not in text
