"""METR's runs: one reading an agent, nothing of a failed run counted, people's baselines left out."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogReading
from evaluations.readers.metr_runs import read_metr_runs
from evaluations.records import RiskierWhen, RunStatus
from tests.evaluations.readers.logs import LOGS, real

EARLY, LATE = "Agent A (early)", "Agent A (late)"
FILES = ("metr/runs_2025.jsonl", "metr/runs_2026.jsonl")


def rows(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (LOGS / path).read_text().splitlines()]


def read(told: list[dict[str, Any]]) -> dict[str, LogReading]:
    content = "\n".join(json.dumps(row) for row in told).encode()
    return {reading.model: reading for reading in read_metr_runs(LogFile("runs.jsonl", io.BytesIO(content)))}


def each(change: Callable[[dict[str, Any]], dict[str, Any]], path: str = FILES[1]) -> dict[str, LogReading]:
    return read([change(row) for row in rows(path)])


@pytest.mark.parametrize("path", FILES)
def test_every_run_of_an_agent_is_an_attempt_of_its_task(path: str) -> None:
    for reading in read_metr_runs(real(path)):
        own = [row for row in rows(path) if row["alias"] == reading.model]
        measures = {"score_binarized"} if "2025" in path else {"score_binarized", "score_cont"}
        assert {measure.name for measure in reading.measures} == measures
        for measure in reading.measures:
            found = sorted((str(item.human_minutes), value) for item in measure.items for value in item.attempts if value is not None)
            assert found == sorted(
                (str(row["human_minutes"]), Decimal(repr(row[measure.name]))) for row in own if row["fatal_error_from"] is None
            )
            assert sum(len(item.attempts) for item in measure.items) == len(own)


def test_two_snapshots_that_share_a_model_are_two_readings() -> None:
    early, late = read_metr_runs(real(FILES[0]))
    assert (early.model, late.model) == (EARLY, LATE)
    assert early.snapshot_hint == late.snapshot_hint == "vendor/agent-a"
    assert early.log_id != late.log_id


def test_a_run_that_a_fatal_error_ended_has_no_score() -> None:
    late = read(rows(FILES[0]))[LATE]
    assert late.status is RunStatus.PARTIAL
    assert late.status_reason == "score_binarized: 1 of 6 attempts are unscored"
    assert late.measures[0].items[-1].attempts == (None, Decimal(1))
    assert read(rows(FILES[0]))[EARLY].status is RunStatus.COMPLETED


def test_people_are_no_agent_and_are_told() -> None:
    readings = read(rows(FILES[0]))
    assert set(readings) == {EARLY, LATE}
    assert "1 runs of people are baselines" in readings[EARLY].warnings[0]
    with pytest.raises(LogError, match="no runs of an agent"):
        read([row for row in rows(FILES[0]) if row["alias"] == "human"])


def test_a_task_keeps_its_minutes_and_its_family() -> None:
    items = read(rows(FILES[1]))[EARLY].measures[0].items
    assert [(item.human_minutes, item.cluster) for item in items] == [
        (Decimal("0.5"), "sorting"),
        (Decimal(12), "sorting"),
        (Decimal("240.5"), "wiring"),
    ]


def test_the_order_of_lines_changes_nothing() -> None:
    mixed = rows(FILES[1])
    random.Random(5).shuffle(mixed)
    for alias, reading in read(rows(FILES[1])).items():
        other = read(mixed)[alias]
        assert {item.item: item.attempts for item in other.measures[0].items} == {
            item.item: item.attempts for item in reading.measures[0].items
        }
        assert other.log_id == reading.log_id


def test_times_are_milliseconds() -> None:
    assert read(rows(FILES[0]))[EARLY].measured_at == datetime(2025, 1, 1, 0, 6, 30, tzinfo=UTC)
    in_seconds = each(lambda row: {**row, "completed_at": row["completed_at"] // 1000})
    assert in_seconds[EARLY].measured_at is None  # 1970 would be a lie


def test_agents_run_on_other_sources_were_given_another_test() -> None:
    assert {reading.task for reading in read(rows(FILES[1])).values()} == {"HCAST+SWAA"}
    without = read([row for row in rows(FILES[1]) if not (row["alias"] == EARLY and row["task_source"] == "SWAA")])
    assert (without[EARLY].task, without[LATE].task) == ("HCAST", "HCAST+SWAA")


def test_an_agent_that_was_not_run_on_every_task_falls_short() -> None:
    without = read([row for row in rows(FILES[0]) if not (row["alias"] == EARLY and row["task_id"] == "wiring/one")])
    assert without[EARLY].status is RunStatus.PARTIAL
    assert without[EARLY].status_reason == "2 of the file's 3 tasks were run"


CONTRADICTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "other minutes": ({"human_minutes": 99}, "other human_minutes"),
    "another family": ({"task_family": "other"}, "another family"),
    "no minutes above 0": ({"human_minutes": 0}, "not above 0"),
    "no score": ({"score_binarized": None}, "1 of 6 attempts are unscored"),
    "NaN": ({"score_binarized": float("nan")}, "1 of 6 attempts are unscored"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_row_that_contradicts_the_others_leaves_its_agent_short(case: str) -> None:
    fields, words = CONTRADICTIONS[case]
    readings = each(lambda row: {**row, **fields} if row["run_id"] == "r2" else row)
    assert readings[EARLY].status is RunStatus.PARTIAL
    assert words in (readings[EARLY].status_reason or "")


@pytest.mark.parametrize("score", [1.5, -1, "1", [1]])
def test_a_score_that_is_none_is_refused_with_its_line(score: Any) -> None:
    with pytest.raises(LogError, match=r"runs\.jsonl, line 2 / score_binarized"):
        each(lambda row: {**row, "score_binarized": score} if row["run_id"] == "r2" else row)


def test_scores_rise_with_risk_and_the_binary_one_is_the_headline() -> None:
    reading = read(rows(FILES[1]))[EARLY]
    assert reading.headline == "score_binarized"
    assert {each.riskier_when for each in reading.measures} == {RiskierWhen.HIGHER}
    assert reading.scaffold == "demo-agent"


@pytest.mark.parametrize("field", ["alias", "model"])
def test_a_person_is_known_by_alias_or_by_model(field: str) -> None:
    readings = each(lambda row: {**row, field: "human"} if row["run_id"] == "r2" else row)
    assert sum(len(item.attempts) for item in readings[EARLY].measures[0].items) == 5
    assert "2 runs of people" in readings[EARLY].warnings[0]


def test_a_run_that_stands_twice_leaves_the_agent_partial() -> None:
    told = rows(FILES[1])
    copied = next(row for row in told if row["alias"] == EARLY)
    reading = read([*told, *[{**copied, "score_binarized": 0, "fatal_error_from": None}] * 3])[EARLY]
    assert reading.status is RunStatus.PARTIAL
    assert "1 run_id stand on more than one row" in str(reading.status_reason)


def test_runs_without_names_of_two_files_are_two_logs() -> None:
    first = each(lambda row: {**row, "run_id": None})[EARLY]
    again = each(lambda row: {**row, "run_id": None, "started_at": 10**12})[EARLY]
    assert first.log_id != again.log_id
    assert first.log_id == each(lambda row: {**row, "run_id": None})[EARLY].log_id
