"""Tables: nothing is guessed; a blank is unscored; what is no number is refused with its line and its column."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from evaluations.readers.csv_scores import CsvMapping, read_csv
from evaluations.readers.item_names import item_slug
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogReading
from evaluations.records import MeasureUnit, RunStatus
from tests.evaluations.readers.logs import real

PLAIN: dict[str, Any] = {
    "format": "rsp-csv-mapping/1",
    "delimiter": ",",
    "columns": {"item": "item", "score": "score"},
    "model": "vendor/a",
    "task": "reading",
}
SPREADSHEET: dict[str, Any] = {
    "format": "rsp-csv-mapping/1",
    "delimiter": ",",
    "columns": {"item": "Question", "attempt": "Try", "score": "Points", "cluster": "Passage", "model": "Model", "task": "Task"},
    "unit": "proportion",
    "riskier_when": "higher",
}


def read(text: str | bytes, **changes: Any) -> LogReading:
    content = text if isinstance(text, bytes) else text.encode()
    [reading] = read_csv(LogFile("s.csv", io.BytesIO(content)), CsvMapping.model_validate({**PLAIN, **changes}))
    return reading


def values(reading: LogReading) -> dict[str, tuple[Decimal | None, ...]]:
    return {item.item: item.attempts for item in reading.measures[0].items}


def test_a_table_of_a_spreadsheet_gives_a_reading_for_every_model() -> None:
    first, second = read_csv(real("csv/scores.csv"), CsvMapping.model_validate(SPREADSHEET))
    assert (first.model, second.model) == ("vendor/a", "vendor/b")
    assert [item.attempts for item in first.measures[0].items] == [(Decimal("0.5"), Decimal(1)), (None,)]
    assert [item.attempts for item in second.measures[0].items] == [(Decimal("0.25"),)]
    assert first.measures[0].unit is MeasureUnit.PROPORTION
    assert first.measures[0].unscored == 1
    assert "HYPERLINK" not in first.model_dump_json()


def test_a_table_is_completed_only_where_everything_planned_has_a_score() -> None:
    assert read("item,score\na,1\nb,0\n", planned_samples=2).status is RunStatus.COMPLETED
    assert read("item,score\na,1\nb,0\n", planned_samples={"reading": 2}).status is RunStatus.COMPLETED
    for text, planned, words in [
        ("item,score\na,1\nb,0\n", None, "does not say how many"),
        ("item,score\na,1\nb,0\n", {"other": 2}, "does not say how many"),
        ("item,score\na,1\nb,0\n", 3, "2 of 3 planned"),
        ("item,score\na,1\nb,\n", 2, "1 of 2 attempts are unscored"),
        ("item,score\na,1\nb,NaN\n", 2, "1 of 2 attempts are unscored"),
    ]:
        reading = read(text, planned_samples=planned)
        assert reading.status is RunStatus.PARTIAL
        assert words in (reading.status_reason or "")
    assert read("item,score\na,\nb, \n", planned_samples=2).status is RunStatus.FAILED


@pytest.mark.parametrize(
    "text",
    ["item,score\na,0.5\n", "\ufeffitem,score\na,0.5\n", "item,score\r\na,0.5\r\n", 'item,score\n"a","0.5"', "\nitem,score\n\na,0.5\n,\n"],
)
def test_how_a_program_saves_a_table_changes_nothing(text: str) -> None:
    assert values(read(text)) == {"a": (Decimal("0.5"),)}


def test_a_decimal_comma_is_read_where_the_mapping_says_so() -> None:
    assert values(read("item;score\na;12,50\n", delimiter=";", decimal_mark=",")) == {"a": (Decimal("12.50"),)}


NO_NUMBERS = {
    "a decimal comma": ('"12,5"', "if the comma is the decimal mark, state decimal_mark"),
    "a percent sign": ("40%", "without a percent sign; state unit: percent"),
    "a formula": ("=1+1", "which a formula or a word is not"),
    "a word": ("correct", "which a formula or a word is not"),
    "a truth": ("TRUE", "which a formula or a word is not"),
    "a second mark": ("1.000.000", "expected a number"),
    "an underscore": ("1_0", "expected a number"),
    "digits of another script": ("\u0663", "expected a number"),
    "41 digits": ("1" * 41, "at most 40 digits"),
    "an exponent beyond reason": ("1e999", "at most 40 digits"),
}


@pytest.mark.parametrize("case", NO_NUMBERS)
def test_what_is_no_number_is_refused_with_its_line_and_column(case: str) -> None:
    text, words = NO_NUMBERS[case]
    with pytest.raises(LogError, match=r"s\.csv, line 3, column score") as refused:
        read(f"item,score\na,1\nb,{text}\n")
    assert words in str(refused.value)


def test_an_item_that_stands_twice_is_refused_with_both_lines() -> None:
    with pytest.raises(LogError, match=r"item “a” on lines 2 and 4.*name the column of attempts"):
        read("item,score\na,1\nb,1\na,0\n")
    columns = {"item": "item", "score": "score", "attempt": "try"}
    with pytest.raises(LogError, match="item “a”, attempt “1” on lines 2 and 3"):
        read("item,try,score\na,1,1\na,1,0\n", columns=columns)


def test_attempts_stand_in_their_own_order() -> None:
    columns = {"item": "item", "score": "score", "attempt": "try"}
    assert values(read("item,try,score\na,10,0.1\na,9,0.9\n", columns=columns)) == {"a": (Decimal("0.9"), Decimal("0.1"))}


def test_a_formula_as_a_name_is_text() -> None:
    [item] = read("item,score\n=A1,1\n").measures[0].items
    assert item.item.startswith("a1-")


NO_TABLES: dict[str, tuple[str | bytes, str]] = {
    "a missing column": ("item,points\na,1\n", "no column “score”.*the row reads “item”, “points”"),
    "a column twice": ("item,score,score\na,1,1\n", "column “score” 2 times"),
    "another separator": ("item;score\na;1\n", "separated by ','"),
    "a short row": ("item,score\na\n", "line 2: found 1 cells, expected 2"),
    "a long row": ("item,score\na,1,1\n", "line 2: found 3 cells"),
    "an open quote": ('item,score\n"a,1\n', "quotes in pairs"),
    "a huge cell": ("item,score\n" + "a" * 200_000 + ",1\n", "field larger than field limit"),
    "no row": ("item,score\n", "no rows"),
    "nothing": ("", "no first row"),
    "a blank item": ("item,score\n ,1\n", "line 2, column item: found a name of 0"),
    "a NUL": ("item,score\na\x00,1\n", "U\\+0000"),
    "another encoding": ("item,score\nä,1\n".encode("latin-1"), "line 2, byte 0: found byte 0xe4, expected UTF-8"),
    "minutes below 0": ("item,score,m\na,1,0\n", "more than 0 minutes"),
}


@pytest.mark.parametrize("case", NO_TABLES)
def test_what_is_no_table_is_refused_with_what_was_found(case: str) -> None:
    text, words = NO_TABLES[case]
    columns = {"item": "item", "score": "score", **({"human_minutes": "m"} if ",m" in str(text) else {})}
    with pytest.raises(LogError, match=words):
        read(text, columns=columns)


def test_a_log_is_known_by_its_rows_and_not_by_their_order_or_by_other_models() -> None:
    assert read("item,score\na,1\nb,0\n").log_id == read("item,score\nb,0\na,1\n").log_id
    assert read("item,score\na,1\nb,0\n").log_id != read("item,score\na,1\nb,1\n").log_id


WRONG_MAPPINGS: dict[str, tuple[dict[str, Any], str]] = {
    "no model": ({"model": None}, "found model nowhere"),
    "two models": ({"columns": {"item": "item", "score": "score", "model": "m"}}, "found model twice"),
    "one mark for two": ({"delimiter": ",", "decimal_mark": ","}, "one mark as delimiter"),
    "an unknown separator": ({"delimiter": "x"}, "delimiter"),
    "an unknown column": ({"columns": {"item": "item", "score": "score", "colour": "c"}}, "colour"),
}


@pytest.mark.parametrize("case", WRONG_MAPPINGS)
def test_a_mapping_that_leaves_something_to_guess_is_refused(case: str) -> None:
    changes, words = WRONG_MAPPINGS[case]
    with pytest.raises(ValidationError, match=words):
        CsvMapping.model_validate({**PLAIN, **changes})


def test_a_decimal_point_is_refused_where_the_mapping_says_comma() -> None:
    with pytest.raises(LogError, match="a number with a decimal comma, as the mapping says"):
        read("item;score\na;12.5\n", delimiter=";", decimal_mark=",")


def test_two_items_that_would_get_one_name_are_refused() -> None:
    with pytest.raises(LogError, match=f"line 3: found two items that are both named {item_slug('Q1')}"):
        read(f"item,score\nQ1,0\n{item_slug('Q1')},1\n")


def test_two_tries_that_score_the_same_are_two_logs_where_the_mapping_tells_them_apart() -> None:
    table = "item,score\na,0\nb,0\n"
    first, again = (read(table, measured_at=f"2026-0{month}-01T00:00:00Z") for month in (1, 2))
    assert first.log_id != again.log_id
    assert first.log_id == read(table, measured_at="2026-01-01T00:00:00Z").log_id
    assert first.log_id != read(table, measured_at="2026-01-01T00:00:00Z", snapshot_hint="step-2").log_id
