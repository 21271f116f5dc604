"""Genuine logs of Inspect: what the reader makes of each, held against what Inspect itself reads of them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from decimal import Decimal
from math import isclose
from pathlib import Path
from typing import Any

import pytest

from evaluations.readers.inspect_log import is_inspect, read_inspect, read_inspect_header
from evaluations.readers.item_names import item_slug
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogReading, MeasureUnit
from evaluations.records import RunStatus, SpreadKind, Statistic, Thinking
from tests.evaluations.readers.archives import LOGS, genuine, log

ORACLE = Path(__file__).with_name("inspect_oracle.py")


def reading(path: Path) -> LogReading:
    with path.open("rb") as content:
        (found,) = read_inspect(LogFile(path.name, content))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample logs, logs that Inspect made here, and what Inspect reads of them."""
    place = tmp_path_factory.mktemp("inspect")
    for path in genuine():
        shutil.copy(path, place)
    subprocess.run([sys.executable, str(ORACLE), str(place)], check=True, capture_output=True, timeout=300)
    return place


@pytest.fixture(scope="module")
def oracle(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "oracle.txt").read_text())


def test_status_names_and_counts_are_those_that_inspect_reads(folder: Path, oracle: dict[str, Any]) -> None:
    assert len(oracle) == 12 + 8
    for name, theirs in oracle.items():
        ours = reading(folder / name)
        assert (ours.task, ours.model) == (theirs["task"], theirs["model"]), name
        assert ours.log_id == theirs["log_id"] or name == "made_early_2024.json"  # Inspect makes another id of the same three fields
        assert theirs["total"] in (None, 0, ours.planned_samples)  # 0: early logs counted nothing
        assert theirs["status"] == "success" or ours.status in (RunStatus.PARTIAL, RunStatus.FAILED)
        assert len({measure.name for measure in ours.measures}) == len(ours.measures)


def test_the_score_of_every_sample_is_the_one_that_inspect_reads(folder: Path, oracle: dict[str, Any]) -> None:
    compared = 0
    for name, theirs in oracle.items():
        ours = {measure.name: {item.item: item for item in measure.items} for measure in reading(folder / name).measures}
        for sample in theirs["samples"]:
            for scorer, value in sample["scores"].items():
                for key, number in value.items() if isinstance(value, dict) else [(scorer, value)]:
                    if number is None and key not in ours:  # a scorer of many keys that scored none of them here
                        continue
                    item = ours[key][item_slug(str(sample["id"]))]
                    found = item.attempts[sample["epoch"] - 1]
                    assert (None if found is None else float(found)) == number, (name, sample["id"], key)
                    compared += 1
    assert compared > 400  # it compared something


def test_every_number_of_a_header_that_is_kept_is_the_one_that_inspect_reads(folder: Path, oracle: dict[str, Any]) -> None:
    compared = 0
    for name, theirs in oracle.items():
        ours = {measure.name: measure for measure in reading(folder / name).measures}
        for printed in theirs["scores"]:
            scores = {score.slug: score for score in ours[printed["name"]].scores}
            for key in {"accuracy", "mean"} & set(printed["metrics"]):
                score = scores[f"{key}.{printed['reducer']}" if printed["reducer"] else key]
                assert score.value == Decimal(repr(printed["metrics"][key]))
                error = printed["metrics"].get("stderr")
                assert score.spread == (Decimal(repr(error)) if error else None), name
                compared += 1
    assert compared >= 18


def test_clusters_are_those_of_the_metadata_that_the_header_names() -> None:
    items = reading(LOGS / "epochs4_clustered.eval").measures[0].items
    assert [item.cluster for item in items[:4]] == ["p0", "p0", "p0", "p0"]
    assert len({item.cluster for item in items}) == 6


def test_reducers_become_statistics_with_their_own_error_and_interval() -> None:
    found = reading(LOGS / "epochs4_clustered.eval")
    assert found.status is RunStatus.COMPLETED
    assert found.measures[0].unit is MeasureUnit.PROPORTION
    mean, pass_at_2 = found.measures[0].scores
    assert (mean.slug, mean.statistic, mean.items) == ("accuracy.mean", Statistic.MEAN, 24)
    assert (pass_at_2.slug, pass_at_2.statistic, pass_at_2.k) == ("accuracy.pass_at_2", Statistic.PASS_AT_K, 2)
    assert (mean.spread_kind, mean.interval_level) == (SpreadKind.STANDARD_ERROR, Decimal("0.95"))
    assert mean.low is not None
    assert isclose(mean.low, 0.3992702728865962)
    assert mean.low != pass_at_2.low


def test_numbers_of_groups_are_no_numbers_of_the_measure() -> None:
    found = {measure.name: measure for measure in reading(LOGS / "dict_scores_grouped_unscored.eval").measures}
    assert list(found) == ["by_topic", "match", "match1", "correct", "effort"]
    assert found["by_topic"].scores == ()


def test_samples_that_were_not_scored_leave_the_run_partial() -> None:
    found = reading(LOGS / "dict_scores_grouped_unscored.eval")
    assert found.status is RunStatus.PARTIAL
    assert "correct: 2 of 16 attempts are unscored" in str(found.status_reason)
    correct = next(measure for measure in found.measures if measure.name == "correct")
    assert (correct.unscored, correct.scores[0].passed, correct.scores[0].trials) == (2, 8, 14)


def test_success_with_a_failed_sample_is_partial_and_its_error_of_0_is_none() -> None:
    found = reading(LOGS / "success_with_sample_errors.eval")
    assert found.status is RunStatus.PARTIAL
    assert "1 of 6 attempts ended with an error" in str(found.status_reason)
    assert found.measures[0].unscored == 1
    assert found.measures[0].scores[0].spread is None


def test_an_error_after_some_samples_is_partial_with_all_that_was_planned() -> None:
    found = reading(LOGS / "status_error.eval")
    assert (found.status, found.planned_samples, found.measures[0].unscored) == (RunStatus.PARTIAL, 6, 4)
    assert [item.attempts for item in found.measures[0].items] == [(1,), (1,), (None,), (None,), (None,), (None,)]


@pytest.mark.parametrize("name", ["evalset_step-1000.eval", "mmlu-summary-choices.eval", "security-guide.json"])
def test_a_limited_run_is_not_the_evaluation(name: str) -> None:
    found = reading(LOGS / name)
    assert found.status is RunStatus.PARTIAL
    assert "a subset of the evaluation's samples" in str(found.status_reason)


def test_a_log_that_lost_its_samples_says_so_beside_its_header() -> None:
    found = reading(LOGS / "gdm_intercode_ctf.json")
    assert found.status is RunStatus.PARTIAL
    assert "78 of 79 planned attempts are not in the log" in str(found.status_reason)
    assert any("0.35443037974683544, the samples give 0" in warning for warning in found.warnings)
    assert found.measures[0].scores[0].items is None  # the header says no count, and one sample is not it
    empty = reading(LOGS / "cvebench_partial_no_stderr.json")
    assert (empty.status, empty.measures[0].items, empty.measures[0].scores[0].items) == (RunStatus.PARTIAL, (), 78)


def test_both_containers_of_one_log_tell_the_same() -> None:
    one, other = (reading(LOGS / f"edited_log_updates.{kind}") for kind in ("eval", "json"))
    changed = {"file_name": "x", "file_sha256": "0" * 64}
    assert one.but(changed) == other.but(changed)
    assert one.snapshot_hint == "demo-model@step-14000"  # as edited after the run, not as of its start
    assert any("edited after the run: 1 times" in warning for warning in one.warnings)


def test_documents_chunks_and_archives_of_one_run_tell_the_same(folder: Path) -> None:
    changed = {"file_name": "x", "file_sha256": "0" * 64}
    one, *others = (reading(folder / name).but(changed) for name in ("epochs4_clustered.eval", "made_chunked.eval", "made_document.json"))
    assert others == [one, one]


def test_a_log_of_early_2024_is_read_with_its_old_spellings(folder: Path) -> None:
    found, now = reading(folder / "made_early_2024.json"), reading(folder / "epochs4_clustered.eval")
    assert found.status is RunStatus.COMPLETED
    assert found.measures[0].items == now.measures[0].items
    assert (found.measures[0].scores[0].value, found.measures[0].scores[0].spread) == (
        now.measures[0].scores[0].value,
        now.measures[0].scores[0].spread,
    )
    assert found.log_id == reading(folder / "made_early_2024.json").log_id
    assert found.log_id.startswith("derived-")


def test_a_score_edited_after_the_run_leaves_it_partial(folder: Path) -> None:
    found = reading(folder / "made_score_edited.eval")
    assert (found.status, found.status_reason) == (RunStatus.PARTIAL, "1 of 4 attempts have scores that were edited after the run")


def test_a_sample_declared_invalid_makes_the_run_invalid(folder: Path) -> None:
    found = reading(folder / "made_invalidated.eval")
    assert (found.status, found.status_reason) == (RunStatus.INVALIDATED, "1 of 4 samples were declared invalid after the run")


def test_a_header_rewritten_in_place_is_read_and_told(folder: Path) -> None:
    found = reading(folder / "made_header_rewritten.eval")
    assert found.status is RunStatus.COMPLETED
    assert any("1 members were written again or dropped; the last of each counts: header.json" in each for each in found.warnings)


def test_a_run_that_keeps_no_samples_is_told_by_its_reduced_scores(folder: Path) -> None:
    found = reading(folder / "made_without_samples.eval")
    assert len(found.measures[0].items) == 4
    assert any("the log holds no samples" in warning for warning in found.warnings)


def test_settings_that_are_stated_are_told(folder: Path) -> None:
    found = reading(folder / "made_plain.eval")
    assert (found.thinking, found.token_budget, found.scaffold) == (Thinking.EXTENDED, 5000, "silent")
    assert reading(LOGS / "epochs4_clustered.eval").thinking is Thinking.NOT_STATED


@pytest.mark.parametrize("path", list(genuine()), ids=lambda path: path.name)
def test_a_header_alone_tells_the_same_run_and_completes_none(path: Path) -> None:
    whole = reading(path)
    with path.open("rb") as content:
        file = LogFile(path.name, content)
        assert is_inspect(file)
        alone = read_inspect_header(file)
    assert alone.status is not RunStatus.COMPLETED
    assert (alone.log_id, alone.model, alone.task, alone.planned_samples) == (whole.log_id, whole.model, whole.task, whole.planned_samples)
    assert not any(measure.items for measure in alone.measures)
    printed = [score.value for measure in alone.measures for score in measure.scores]
    assert sorted(map(str, printed)) == sorted(str(score.value) for measure in whole.measures for score in measure.scores)


def test_nothing_that_a_model_said_stands_in_a_reading() -> None:
    found = reading(LOGS / "security-guide.json").model_dump_json()
    for private in ("prepared statements", "parameterized", "example://", "computer security expert"):
        assert private not in found


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\x7fELF", b"PK\x05\x06" + bytes(18), b'{"version": 2, "status": "success"}'])
def test_what_is_no_log_is_refused_with_its_name(content: bytes) -> None:
    with pytest.raises(LogError, match=r"x\.eval"):
        read_inspect(log(content))
