"""Every Eval Ever: published numbers stand as published; converted runs are completed only where nothing is left open."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from evaluations.readers.every_eval_ever import read_every_eval_ever
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogReading
from evaluations.records import MeasureUnit, RiskierWhen, RunStatus, Score, SpreadKind, Statistic, Thinking
from tests.evaluations.readers.logs import LOGS, changed, real

FILES = sorted(path.relative_to(LOGS).as_posix() for path in (LOGS / "eee").glob("v*.json"))
SUMS = "eee/v0.3.0_lm_eval_demo_sums.json"
PUBMED = "eee/v0.3.0_inspect_pubmedqa.json"
JUDGED = "eee/v0.3.0_inspect_simpleqa_llm_judge.json"
PUBLISHED = "eee/v0.2.0_hfopenllm_aggregate.json"


def only(file: LogFile) -> LogReading:
    [reading] = read_every_eval_ever(file)
    return reading


def result(change: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a change of the first result."""
    return lambda document: change(document["evaluation_results"][0])


def score_of(reading: LogReading) -> Score:
    return reading.measures[0].scores[0]


@pytest.mark.parametrize("path", FILES)
def test_every_number_of_a_real_file_is_read(path: str) -> None:
    document = json.loads((LOGS / path).read_text())
    found = {(reading.task, each.scores[0].value) for reading in read_every_eval_ever(real(path)) for each in reading.measures}
    assert found == {(each["evaluation_name"], Decimal(repr(each["score_details"]["score"]))) for each in document["evaluation_results"]}
    assert {each.model for each in read_every_eval_ever(real(path))} == {document["model_info"]["id"]}


@pytest.mark.parametrize("path", [each for each in FILES if (LOGS / each.replace(".json", "_samples.jsonl")).exists()])
def test_every_value_of_every_sample_is_recounted(path: str) -> None:
    rows = [json.loads(line) for line in (LOGS / path.replace(".json", "_samples.jsonl")).read_text().splitlines()]
    expected = {
        (row["evaluation_name"], row["evaluation_result_id"], row["sample_id"]): (Decimal(repr(row["evaluation"]["score"])),)
        for row in rows
    }
    readings = read_every_eval_ever(real(path))
    assert {(r.task, each.name, item.item): item.attempts for r in readings for each in r.measures for item in each.items} == expected


def test_a_published_number_stands_as_published() -> None:
    readings = read_every_eval_ever(real(PUBLISHED))
    assert [each.task for each in readings] == ["IFEval", "BBH", "MATH Level 5", "GPQA", "MUSR", "MMLU-PRO"]
    assert {each.status for each in readings} == {RunStatus.COMPLETED}
    assert all("a published number" in each.warnings[0] for each in readings)
    assert score_of(readings[0]).statistic is Statistic.NOT_STATED  # "Accuracy on IFEval" is prose


def test_the_real_files_tell_what_they_leave_open() -> None:
    assert only(real(JUDGED)).status is RunStatus.COMPLETED  # 1,000 of 1,000
    assert "2 of the set's 500 samples" in (only(real(PUBMED)).status_reason or "")
    intercode = only(real("eee/v0.3.0_inspect_intercode.json"))
    assert intercode.status is RunStatus.PARTIAL
    assert "79 samples, 1 lie beside it" in (intercode.status_reason or "")
    assert {each.status for each in read_every_eval_ever(real(SUMS))} == {RunStatus.PARTIAL}  # nobody says how many were planned


def whole(document: Any) -> None:
    """Say that the two samples beside are the whole set."""
    document["evaluation_results"][0]["source_data"]["samples_number"] = 2


def test_a_run_whose_samples_account_for_the_whole_set_is_completed() -> None:
    reading = only(changed_with_checksum(whole))
    assert reading.status is RunStatus.COMPLETED
    assert reading.planned_samples == 2
    assert reading.status_reason is None


def changed_with_checksum(
    change: Callable[[Any], None], samples: Callable[[str, list[Any]], list[Any]] | None = None, path: str = PUBMED
) -> LogFile:
    """Return a changed file whose checksum and rows are those of its samples, as a converter would write them."""
    file = changed(path, change, samples or (lambda _, lines: lines))
    document = json.load(file.content)
    raw = file.beside[path.removeprefix("eee/").replace(".json", "_samples.jsonl")].read()
    document["detailed_evaluation_results"]["checksum"] = hashlib.sha256(raw).hexdigest()
    document["detailed_evaluation_results"]["total_rows"] = len(raw.splitlines())
    return LogFile(file.name, io.BytesIO(json.dumps(document).encode()), file.beside)


def each_line(**fields: Any) -> Callable[[str, list[Any]], list[Any]]:
    def change(name: str, lines: list[Any]) -> list[Any]:
        return [{**lines[0], **fields}, *lines[1:]] if "pubmed" in name else lines

    return change


LYING_SAMPLES: dict[str, tuple[Callable[[str, list[Any]], list[Any]], str]] = {
    "a score that is NaN": (each_line(evaluation={"score": float("nan"), "is_correct": False}), "1 of 2 attempts are unscored"),
    "an error": (each_line(error="timeout"), "1 samples ended in an error"),
    "a score against its is_correct": (each_line(evaluation={"score": 1.0, "is_correct": False}), "contradicts their is_correct"),
    "another model": (each_line(model_id="openai/other"), "1 samples are of another evaluation or model"),
    "another evaluation": (each_line(evaluation_id="other"), "1 samples are of another evaluation or model"),
    "an unknown result": (each_line(evaluation_result_id="other:accuracy"), "1 samples belong to no result"),
    "an unknown name": (each_line(evaluation_name="other"), "1 samples belong to no result"),
    "a lower score": (each_line(evaluation={"score": 0.0, "is_correct": False}), "the header prints 1.0, the samples give 0.5"),
    "a missing line": (lambda _, lines: lines[1:], "tells of 2 samples, 1 lie beside it"),
}


@pytest.mark.parametrize("case", LYING_SAMPLES)
def test_samples_that_contradict_their_header_are_never_completed(case: str) -> None:
    change, words = LYING_SAMPLES[case]
    reading = only(changed_with_checksum(whole, change))
    assert reading.status is RunStatus.PARTIAL
    assert words in (reading.status_reason or "")


def test_samples_that_were_changed_after_the_checksum_are_told() -> None:
    swapped = changed(PUBMED, whole, lambda _, lines: lines[::-1])
    assert "another checksum" in (only(swapped).status_reason or "")


def test_a_score_that_is_missing_is_taken_from_is_correct() -> None:
    reading = only(changed_with_checksum(whole, each_line(evaluation={"is_correct": True})))
    assert [item.attempts for item in reading.measures[0].items] == [(Decimal(1),), (Decimal(1),)]


def test_attempts_stand_in_the_order_of_their_epochs() -> None:
    def epochs(name: str, lines: list[Any]) -> list[Any]:
        later = {**lines[0], "metadata": {"epoch": "10"}, "evaluation": {"score": 0.0, "is_correct": False}}
        middle = {**lines[0], "metadata": {"epoch": "2"}, "evaluation": {"score": 0.5, "is_correct": False}}
        return [later, middle, *lines]

    [first, _] = only(changed_with_checksum(whole, epochs)).measures[0].items
    assert first.attempts == (Decimal("1.0"), Decimal("0.5"), Decimal("0.0"))


def test_samples_that_are_referred_to_and_do_not_lie_beside_are_told() -> None:
    file = real(SUMS)
    readings = read_every_eval_ever(LogFile(file.name, file.content))
    assert all("do not lie beside it" in each.warnings[0] for each in readings)


def test_samples_are_found_by_the_name_the_file_refers_to() -> None:
    file = real(PUBMED)
    name = "e4b98c87-455f-488b-9133-561c0afca99a_samples.jsonl"
    beside = {name: file.beside["v0.3.0_inspect_pubmedqa_samples.jsonl"]}
    assert len(only(LogFile("renamed.json", file.content, beside)).measures[0].items) == 2


def test_an_execution_is_known_by_its_content_and_not_by_the_time_of_conversion() -> None:
    def again(document: Any) -> None:
        document["evaluation_id"] = "demo_sums/example-org/demo-model/1999999999.5"
        document["retrieved_timestamp"] = "1999999999.5"

    def another(document: Any) -> None:
        document["evaluation_results"][0]["evaluation_timestamp"] = "1795301903"

    first = [each.log_id for each in read_every_eval_ever(real(SUMS))]
    assert [each.log_id for each in read_every_eval_ever(changed(SUMS, again))] == first
    assert next(each.log_id for each in read_every_eval_ever(changed(SUMS, another))) != first[0]
    assert len(set(first)) == 2


def metric(**fields: Any) -> Callable[[Any], None]:
    return result(lambda each: each["metric_config"].update(fields))


@pytest.mark.parametrize(
    ("fields", "statistic", "k"),
    [
        ({"metric_id": "pass_at_k", "metric_parameters": {"k": 3}}, Statistic.PASS_AT_K, 3),
        ({"metric_id": "pass@5"}, Statistic.PASS_AT_K, 5),
        ({"metric_id": "pass_at_k", "metric_parameters": {}}, Statistic.NOT_STATED, None),
        ({"metric_id": "median", "metric_kind": "median"}, Statistic.MEDIAN, None),
        ({"metric_id": "elo", "metric_name": "Elo", "metric_kind": "elo"}, Statistic.NOT_STATED, None),
    ],
)
def test_a_statistic_is_what_the_metric_says_or_not_stated(fields: dict[str, Any], statistic: Statistic, k: int | None) -> None:
    score = score_of(only(changed(JUDGED, metric(**fields))))
    assert (score.statistic, score.k) == (statistic, k)


@pytest.mark.parametrize(
    ("fields", "unit"),
    [
        ({"metric_unit": None}, MeasureUnit.PROPORTION),
        ({"metric_unit": None, "max_score": "Infinity"}, MeasureUnit.NOT_STATED),
        ({"metric_unit": "tokens"}, MeasureUnit.NOT_STATED),
        ({"metric_unit": "points", "min_score": "-Infinity", "max_score": "Infinity"}, MeasureUnit.POINTS),
    ],
)
def test_a_unit_is_what_the_file_says_or_its_scale_shows(fields: dict[str, Any], unit: MeasureUnit) -> None:
    assert only(changed(JUDGED, metric(**fields))).measures[0].unit is unit


@pytest.mark.parametrize(
    ("score", "top", "unit"),
    [
        (43.1, 100.0, MeasureUnit.PERCENT),
        (0, 100.0, MeasureUnit.PERCENT),
        (0.45, 100.0, MeasureUnit.NOT_STATED),
        (43.1, 1.0, MeasureUnit.NOT_STATED),
    ],
)
def test_what_is_called_percent_and_lies_between_0_and_1_has_no_unit(score: float, top: float, unit: MeasureUnit) -> None:
    def change(document: Any) -> None:
        metric(metric_unit="percent", max_score=top)(document)
        result(lambda each: each["score_details"].update(score=score, uncertainty=None))(document)

    assert only(changed(JUDGED, change)).measures[0].unit is unit


def test_a_sample_that_stands_twice_leaves_the_run_partial() -> None:
    file = changed(
        PUBMED,
        lambda document: document["detailed_evaluation_results"].update(checksum=None, total_rows=None),
        lambda _, rows: [*rows, rows[0]],
    )
    assert any("1 samples stand a second time" in str(each.status_reason) for each in read_every_eval_ever(file))


def test_samples_beside_a_published_number_make_it_a_run() -> None:
    def publish(document: Any) -> None:
        document["source_metadata"]["source_type"] = "documentation"
        for each in document["evaluation_results"]:
            each["source_data"].pop("samples_number", None)
            each["source_data"].pop("additional_details", None)

    assert "does not say whether all planned" in str(only(changed(PUBMED, publish, lambda _, rows: rows)).status_reason)


def test_a_proportion_above_one_is_no_proportion_and_never_completed() -> None:
    reading = only(changed(JUDGED, result(lambda each: each["score_details"].update(score=43.1))))
    assert reading.measures[0].unit is MeasureUnit.NOT_STATED
    assert reading.status is RunStatus.PARTIAL
    assert "beyond its own scale" in (reading.status_reason or "")


def test_lower_is_better_is_riskier_when_lower() -> None:
    assert only(changed(JUDGED, metric(lower_is_better=True))).measures[0].riskier_when is RiskierWhen.LOWER


def test_an_unknown_level_is_no_score() -> None:
    def unknown(each: Any) -> None:
        each["metric_config"].update(score_type="levels", level_names=["low", "high"], has_unknown_level=True)
        each["score_details"]["score"] = -1

    reading = only(changed(JUDGED, result(unknown)))
    assert reading.status is RunStatus.FAILED
    assert reading.measures[0].scores == ()
    assert "its level is unknown" in reading.warnings[0]


def test_errors_and_intervals_are_kept_where_they_are_whole() -> None:
    def interval(**fields: Any) -> Callable[[Any], None]:
        return result(lambda each: each["score_details"].update(uncertainty=fields))

    ends = {"lower": 0.40, "upper": 0.46}
    kept = score_of(only(changed(JUDGED, interval(confidence_interval={**ends, "confidence_level": 0.95}))))
    assert (kept.low, kept.high, kept.interval_level) == (Decimal("0.4"), Decimal("0.46"), Decimal("0.95"))
    without_level = only(changed(JUDGED, interval(confidence_interval=ends)))
    assert score_of(without_level).low is None
    assert any("has no level" in each for each in without_level.warnings)
    beside = only(changed(JUDGED, interval(confidence_interval={"lower": 0.1, "upper": 0.2, "confidence_level": 0.95})))
    assert any("does not hold its own value" in each for each in beside.warnings)
    deviation = score_of(only(changed(JUDGED, interval(standard_deviation=0.5))))
    assert (deviation.spread, deviation.spread_kind) == (Decimal("0.5"), SpreadKind.STANDARD_DEVIATION)


def test_an_error_of_zero_is_no_error_known() -> None:
    score = score_of(only(real(PUBMED)))
    assert score.spread is None
    assert "standard error of 0" in (score.note or "")


def test_results_of_one_name_are_measures_of_one_reading() -> None:
    def two_more(document: Any) -> None:
        first = document["evaluation_results"][0]
        document["evaluation_results"] += [{**first, "evaluation_result_id": "other"}, dict(first)]

    names = [each.name for each in only(changed(JUDGED, two_more)).measures]
    assert names == ["simpleqa_scorer:accuracy", "other", "simpleqa_scorer:accuracy (2)"]


def test_reasoning_false_is_what_converters_write_and_says_nothing() -> None:
    assert only(real(JUDGED)).thinking is Thinking.NOT_STATED
    thought = only(changed(JUDGED, result(lambda each: each["generation_config"]["generation_args"].update(reasoning=True))))
    assert thought.thinking is Thinking.EXTENDED


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(LogError, match=r"schema_version: found '1\.0\.0', expected 0\.2\.0"):
        read_every_eval_ever(changed(JUDGED, lambda document: document.update(schema_version="1.0.0")))


def test_nothing_a_model_was_asked_or_said_is_kept() -> None:
    told = "".join(reading.model_dump_json() for path in FILES for reading in read_every_eval_ever(real(path)))
    assert not [each for each in ("picoCTF", "anorectal", "Dyschesia", "unpackme", "lol", "flag") if each in told]
