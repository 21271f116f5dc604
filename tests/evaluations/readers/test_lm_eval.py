"""lm-evaluation-harness: every number of the samples is in the reading, and the reading falls short wherever the file does."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from evaluations.readers.lm_eval import read_lm_eval
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogReading
from evaluations.records import MeasureUnit, RiskierWhen, RunStatus, Statistic
from tests.evaluations.readers.logs import LOGS, changed, made, real

DEMO = "lm_eval/results_2026-11-21T22-58-23.322188.json"
STRING_ARGUMENTS = "lm_eval/results_2026-01-21T03-44-18.458309.json"
LEGACY = sorted(path.relative_to(LOGS).as_posix() for path in (LOGS / "lm_eval" / "pythia").iterdir())


def by_task(file: LogFile) -> dict[str, LogReading]:
    return {reading.task: reading for reading in read_lm_eval(file)}


def demo(
    change: Callable[[Any], None] = lambda _: None, samples: Callable[[str, list[Any]], list[Any]] | None = None
) -> dict[str, LogReading]:
    return by_task(changed(DEMO, change, samples))


def test_every_value_of_every_sample_is_recounted() -> None:
    file = real(DEMO)
    rows = {name: [json.loads(line) for line in content.read().splitlines()] for name, content in file.beside.items() if "samples" in name}
    readings = by_task(file)
    assert set(readings) == {"demo_colours", "demo_capitals", "demo_sums"}
    for task, reading in readings.items():
        [name] = [each for each in rows if each.startswith(f"samples_{task}_")]
        expected = {
            (f"{metric},{row['filter']}", str(row["doc_id"])): (Decimal(repr(row[metric])),)
            for row in rows[name]
            for metric in row["metrics"]
        }
        found = {(measure.name, item.item): item.attempts for measure in reading.measures for item in measure.items}
        assert found == expected


def test_the_header_agrees_with_the_recount_in_every_real_file() -> None:
    for reading in by_task(real(DEMO)).values():
        header = json.loads((LOGS / DEMO).read_text())["results"][reading.task]
        assert reading.status is RunStatus.COMPLETED
        for measure in reading.measures:
            [score] = measure.scores
            assert score.value == Decimal(repr(header[measure.name]))
            assert float(score.value) == pytest.approx(sum(float(item.attempts[0] or 0) for item in measure.items) / len(measure.items))
            assert score.items == len(measure.items)


def test_the_loader_is_not_the_model() -> None:
    assert {each.model for each in read_lm_eval(real(DEMO))} == {"example-org/demo-model"}
    assert {each.snapshot_hint for each in read_lm_eval(real(DEMO))} == {"step-12000"}


def test_main_says_nothing_where_the_digest_of_the_weights_is_known() -> None:
    assert {each.snapshot_hint for each in read_lm_eval(real(STRING_ARGUMENTS))} == {"82047f5e5d5245c1b3a4cd75ad98aa441d6487cd"}


def test_a_group_is_not_counted_a_second_time() -> None:
    readings = demo()
    assert "demo_group" not in readings
    assert any("demo_group" in each and "0.24" in each for each in readings["demo_colours"].warnings)


def test_a_group_whose_tasks_have_no_rows_is_read_so_that_its_number_is_not_lost() -> None:
    assert "demo_group" in demo(lambda header: header["results"].pop("demo_colours"))


def test_a_task_with_samples_of_its_own_cannot_be_hidden_as_a_group() -> None:
    assert "demo_sums" in demo(lambda header: header["group_subtasks"].update({"demo_sums": ["demo_colours"]}))


def test_a_group_within_itself_ends() -> None:
    assert "demo_group" in demo(lambda header: header["group_subtasks"].update({"demo_group": ["demo_group"]}))


@pytest.mark.parametrize("error", ["N/A", [], None, 0.0])
def test_no_error_known_is_never_an_error_of_zero(error: Any) -> None:
    reading = demo(lambda header: header["results"]["demo_colours"].update({"acc_stderr,none": error}))["demo_colours"]
    assert reading.measures[0].scores[0].spread is None
    assert reading.status is RunStatus.COMPLETED


def test_an_error_goes_with_its_own_metric_and_filter() -> None:
    reading = demo(lambda header: header["results"]["demo_sums"].update({"exact_match_stderr,strict-match": 0.125}))["demo_sums"]
    spreads = {measure.name: measure.scores[0].spread for measure in reading.measures}
    assert spreads == {"exact_match,strict-match": Decimal("0.125"), "exact_match,flexible-extract": None}


def lower(header: Any) -> None:
    header["results"]["demo_colours"]["acc,none"] = 0.04


def not_finite(header: Any) -> None:
    header["results"]["demo_colours"]["acc,none"] = float("nan")


def not_a_number(header: Any) -> None:
    header["results"]["demo_colours"]["acc,none"] = "N/A"


def limited(header: Any) -> None:
    header["config"]["limit"] = 25.0
    header["n-samples"]["demo_colours"]["original"] = 100


def limited_without_counts(header: Any) -> None:
    header["config"]["limit"] = 0.5
    del header["n-samples"]


def silent(header: Any) -> None:
    del header["n-samples"], header["config"]["limit"]


def more_in_the_header(header: Any) -> None:
    header["n-samples"]["demo_colours"] = {"original": 10**6, "effective": 10**6}


def other_documents(header: Any) -> None:
    header["task_hashes"]["demo_colours"] = "0" * 64


LYING_HEADERS: dict[str, tuple[Callable[[Any], None], str]] = {
    "another mean than the samples": (lower, "the header prints 0.04, the samples give 0.2"),
    "a mean that is no number": (not_finite, "no finite number"),
    "a mean that is a word": (not_a_number, "no finite number"),
    "a limit": (limited, "25 of 100 samples were run"),
    "a limit where counts are missing": (limited_without_counts, "a limit of 0.5 was set"),
    "more samples than lie beside it": (more_in_the_header, "1000000 samples, 25 lie beside it"),
    "other documents than those beside it": (other_documents, "not those of the header"),
    "nothing said of a limit": (silent, "whether a limit was set"),
}


@pytest.mark.parametrize("case", LYING_HEADERS)
def test_a_header_that_its_samples_do_not_bear_out_is_never_completed(case: str) -> None:
    change, words = LYING_HEADERS[case]
    reading = demo(change)["demo_colours"]
    assert reading.status is RunStatus.PARTIAL
    assert words in (reading.status_reason or "")
    assert len(reading.measures[0].items) == 25


def without(number: int) -> Callable[[str, list[Any]], list[Any]]:
    return lambda name, lines: lines[:number] + lines[number + 1 :] if "colours" in name else lines


def twice(name: str, lines: list[Any]) -> list[Any]:
    return [*lines, lines[3]] if "colours" in name else lines


def unscored(name: str, lines: list[Any]) -> list[Any]:
    return [{**line, "acc": float("nan")} if line["doc_id"] == 4 else line for line in lines] if "colours" in name else lines


def flipped(name: str, lines: list[Any]) -> list[Any]:
    return [{**line, "acc": 1.0} for line in lines] if "colours" in name else lines


LYING_SAMPLES = {
    "one is missing": (without(7), "25 samples, 24 lie beside it"),
    "one stands twice": (twice, "26 lines tell of 25 samples"),
    "one is NaN": (unscored, "1 of 25 attempts are unscored"),
    "all were flipped": (flipped, "the header prints 0.2, the samples give 1"),
}


@pytest.mark.parametrize("case", LYING_SAMPLES)
def test_samples_that_contradict_their_header_are_never_completed(case: str) -> None:
    change, words = LYING_SAMPLES[case]
    reading = demo(samples=change)["demo_colours"]
    assert reading.status is RunStatus.PARTIAL
    assert words in (reading.status_reason or "")


def test_a_sample_nobody_could_score_is_an_attempt_without_a_value() -> None:
    [measure] = [each for each in demo(samples=unscored)["demo_colours"].measures if each.name == "acc,none"]
    assert {item.item for item in measure.items if item.attempts == (None,)} == {"4"}
    assert measure.unscored == 1


def test_a_metric_that_is_no_mean_of_its_samples_keeps_the_headers_number() -> None:
    def perplexity(header: Any) -> None:
        header["configs"]["demo_colours"]["metric_list"][0]["aggregation"] = "perplexity"

    reading = demo(perplexity)["demo_colours"]
    assert reading.measures[0].items == ()
    assert reading.measures[0].scores[0].value == Decimal("0.2")
    assert any("aggregated by perplexity" in each for each in reading.warnings)


def test_values_that_are_lists_are_left_out_and_told() -> None:
    def pairs(name: str, lines: list[Any]) -> list[Any]:
        return [{**line, "acc_norm": [1, 0]} for line in lines]

    reading = demo(samples=pairs)["demo_colours"]
    assert [len(each.items) for each in reading.measures] == [25, 0]
    assert any(each.startswith("acc_norm,none: its samples are no single numbers") for each in reading.warnings)


def test_direction_and_unit_are_as_stated() -> None:
    reading = demo(lambda header: header["higher_is_better"]["demo_colours"].update({"acc_norm": False}))["demo_colours"]
    assert [each.riskier_when for each in reading.measures] == [RiskierWhen.HIGHER, RiskierWhen.LOWER]
    assert {each.unit for each in reading.measures} == {MeasureUnit.PROPORTION}


def test_a_value_above_one_is_no_proportion_whatever_the_metric_is_called() -> None:
    reading = demo(lambda header: header["results"]["demo_sums"].update({"exact_match,strict-match": 12.5}))["demo_sums"]
    assert reading.measures[0].unit is MeasureUnit.NOT_STATED


def test_pass_at_k_keeps_its_k() -> None:
    file = made("results.json", {"results": {"humaneval": {"pass@10,create_test": 0.5}}, "config": {"model_args": "pretrained=m"}})
    [score] = read_lm_eval(file)[0].measures[0].scores
    assert (score.statistic, score.k) == (Statistic.PASS_AT_K, 10)


@pytest.mark.parametrize("path", LEGACY)
def test_every_number_of_a_legacy_file_is_read(path: str) -> None:
    header = json.loads((LOGS / path).read_text())
    readings = by_task(real(path))
    assert set(readings) == set(header["results"])
    for task, row in header["results"].items():
        metrics = {key: value for key, value in row.items() if not key.endswith("_stderr")}
        found = {each.name: each.scores[0] for each in readings[task].measures}
        assert {name: score.value for name, score in found.items()} == {key: Decimal(repr(value)) for key, value in metrics.items()}
        for name, score in found.items():
            assert score.spread == (Decimal(repr(row[f"{name}_stderr"])) or None)


def test_a_legacy_file_names_its_checkpoint_and_no_date() -> None:
    found = {(each.model, each.snapshot_hint, each.measured_at, each.task_version) for each in read_lm_eval(real(LEGACY[-1]))}
    assert found == {("EleutherAI/pythia-v1.1-1.4b", "step143000", None, "0")}


def test_how_many_items_a_legacy_proportion_was_over_is_told_and_not_counted_on() -> None:
    [reading] = [each for each in read_lm_eval(real(LEGACY[-1])) if each.task == "hendrycksTest-professional_law"]
    score = reading.measures[0].scores[0]
    assert "tells of 1534" in (score.note or "")  # the size of that test of MMLU
    assert score.items is None


def test_two_executions_differ_and_a_copy_does_not() -> None:
    again = [each.log_id for each in read_lm_eval(changed(DEMO, lambda header: header.update({"note": "copied"})))]
    first = [each.log_id for each in read_lm_eval(real(DEMO))]
    later = [each.log_id for each in read_lm_eval(changed(DEMO, lambda header: header.update({"date": header["date"] + 1})))]
    assert first == again
    assert not set(first) & set(later)
    assert len(set(first)) == 3


def test_a_time_that_is_none_is_left_out_and_one_beyond_the_calendar_is_refused() -> None:
    assert demo(lambda header: header.update({"date": 0}))["demo_sums"].measured_at is None
    with pytest.raises(LogError, match="date: found"):
        demo(lambda header: header.update({"date": 999_999_999_999}))


def test_names_of_the_record_come_from_the_tasks_metadata() -> None:
    def named(header: Any) -> None:
        header["configs"]["demo_sums"]["metadata"].update({"rsp_model": "demo", "rsp_snapshot": "final"})

    stated = demo(named)["demo_sums"].stated
    assert (stated.model, stated.snapshot, stated.evaluation) == ("demo", "final", None)
    with pytest.raises(LogError, match="rsp_model: found “Not A Name”"):
        demo(lambda header: header["configs"]["demo_sums"]["metadata"].update({"rsp_model": "Not A Name"}))


def test_samples_of_another_time_are_left_alone() -> None:
    file = real(DEMO)
    renamed = LogFile("results_2026-11-22T00-00-00.000000.json", file.content, file.beside)
    [reading] = [each for each in read_lm_eval(renamed) if each.task == "demo_sums"]
    assert reading.measures[0].items == ()
    assert any("another time" in each for each in reading.warnings)


def test_nothing_a_model_was_asked_or_said_is_kept() -> None:
    told = "".join(reading.model_dump_json() for reading in read_lm_eval(real(DEMO)))
    assert "question" not in told
    assert "lol" not in told
    assert "14" in json.dumps(
        [json.loads(line)["target"] for line in real(DEMO).beside["samples_demo_sums_2026-11-21T22-58-23.322188.jsonl"]]
    )


def test_one_bad_line_refuses_the_file_and_is_named() -> None:
    name = "samples_demo_sums_2026-11-21T22-58-23.322188.jsonl"
    file = real(DEMO)
    raw = file.beside[name].read().splitlines()
    cut = b"\n".join([*raw[:4], raw[4][:50]])
    with pytest.raises(LogError, match=f"{name}, line 5"):
        read_lm_eval(LogFile(file.name, file.content, {**file.beside, name: io.BytesIO(cut)}))


def test_the_stated_name_of_a_model_goes_before_its_arguments() -> None:
    adapted = demo(lambda header: header.update(model_name="example-org/demo-adapter"))["demo_sums"]
    assert adapted.model == "example-org/demo-adapter"


def test_a_model_named_by_nothing_but_the_program_is_told_as_doubtful() -> None:
    made_up = demo(lambda header: header["config"].update(model_args={}))["demo_sums"]
    assert "the program makes up a name then" in made_up.warnings[0]
    loader = made("results.json", {"results": {"t": {"acc": 0.5}}, "config": {"model": "gpt2", "limit": None}})
    [reading] = read_lm_eval(loader)
    assert (reading.model, "may be the program that loaded it" in reading.warnings[0]) == ("gpt2", True)
    with pytest.raises(LogError, match="config: found no model"):
        read_lm_eval(made("results.json", {"results": {"t": {"acc": 0.5}}, "config": {}}))


def worse(task: str = "demo_sums") -> Callable[[Any], None]:
    """Return a lie of the header about the numbers of a task."""

    def change(document: Any) -> None:
        row = document["results"][task]
        row.update({key: 0.9 for key in row if key.startswith("exact_match,")})

    return change


def words_for_one(_: str, lines: list[Any]) -> list[Any]:
    lines[0][lines[0]["metrics"][0]] = "1"
    return lines


def words_for_all(_: str, lines: list[Any]) -> list[Any]:
    return [{**line, **{name: str(line[name]) for name in line["metrics"]}} for line in lines]


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (words_for_one, "1 samples are no single numbers, 11 are"),
        (words_for_all, "12 samples are no single numbers, 0 are"),
        (lambda _, lines: [{**line, "metrics": []} for line in lines], "no sample beside tells of it"),
        (lambda _, lines: [{key: line[key] for key in line if key != "metrics"} for line in lines], "the samples give 0"),
    ],
)
def test_samples_that_tell_nothing_of_a_number_leave_the_run_partial(samples: Any, words: str) -> None:
    reading = demo(worse(), samples)["demo_sums"]
    assert reading.status is RunStatus.PARTIAL
    assert words in str(reading.status_reason)


def test_lines_that_list_no_metrics_are_counted_by_those_of_the_header() -> None:
    old = demo(samples=lambda _, lines: [{key: line[key] for key in line if key != "metrics"} for line in lines])
    now = demo()
    assert [[each.items for each in old[task].measures] for task in now] == [[each.items for each in now[task].measures] for task in now]


def test_a_share_under_another_aggregation_is_held_against_its_samples() -> None:
    def change(document: Any) -> None:
        worse()(document)
        for metric in document["configs"]["demo_sums"]["metric_list"]:
            metric["aggregation"] = "f1"

    assert "the header prints 0.9, the samples give 0" in str(demo(change)["demo_sums"].status_reason)


def test_a_row_over_fewer_samples_than_the_header_counts_is_a_subset() -> None:
    """The program counts the whole set as effective where samples were chosen one by one."""
    reading = demo(lambda document: document["results"]["demo_sums"].update(sample_len=3))["demo_sums"]
    assert "is over 3 samples, the header tells of 12" in str(reading.status_reason)
    chosen = demo(lambda document: document["config"].update(samples={"demo_sums": [0, 1]}))["demo_sums"]
    assert "chosen one by one" in str(chosen.status_reason)


def test_a_number_of_a_group_that_no_record_holds_is_refused_before_it_is_written_out() -> None:
    told = '{"config":{"model":"m"},"group_subtasks":{"g":["t"]},"results":{"t":{"acc":1},"g":{"acc":1.5e999999999}}}'
    with pytest.raises(LogError, match="results / g / acc: found a number beyond 40 digits"):
        read_lm_eval(made("r.json", told))
