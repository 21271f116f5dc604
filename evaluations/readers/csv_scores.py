"""Scores in a table with separated values: one row an attempt, read by a mapping that says what each column is.

The rules kept here: nothing is guessed, neither the separator nor the decimal mark nor a column; a blank score is an attempt nobody could
score; a number is digits and at most one mark, so that ``12,5`` and ``40%`` are refused until the mapping or the table says what
they mean; an item and attempt stand once, else both lines are named; a cell that begins like a formula is text, and is never worked out.
A run is completed only if the mapping says how many attempts were planned, and every one of them has a score.

Left out: other columns, which are not read at all; spreadsheets, whose cells are not what is shown.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from evaluations.documents import shown
from evaluations.readers.item_names import item_slug
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogFormat, LogReading, Measure, StatedNames, unscored_of
from evaluations.readers.recounts import AttemptBudget, ItemTally, status_of, unscored_words
from evaluations.readers.stated import digest_of
from evaluations.readers.strict_json import bounded_lines
from evaluations.records import MeasureUnit, RiskierWhen, Thinking
from evaluations.values import LONGEST_NUMBER, NO_TEXT, Count, Instant, Record, Slug, Spelled, Text

LONGEST_ROW = 2**20  # bytes of a line; our choice: a row of nothing but commas costs eight times as much
MOST_READINGS = 10_000  # models times tasks of one table; our choice
NOT_FINITE = frozenset({"nan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity"})
NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")

Column = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500)]
"""The heading of a column, as it stands in the first row."""


class DecimalMark(StrEnum):
    """What separates the whole from the fraction."""

    POINT = "."
    COMMA = ","


class CsvColumns(Record):
    """Which column holds what. ``attempt`` is left out where every item was tried once."""

    item: Column
    score: Column
    attempt: Column | None = None
    cluster: Column | None = None
    human_minutes: Column | None = None
    model: Column | None = None
    task: Column | None = None


class CsvMapping(Record):
    """How to read a table: its separators, its columns, and what holds for all of its rows."""

    format: Literal["rsp-csv-mapping/1"]
    columns: CsvColumns
    delimiter: Literal[",", ";", "\t", "|"]
    decimal_mark: DecimalMark = DecimalMark.POINT
    model: Spelled | None = None
    task: Spelled | None = None
    measure: Spelled = "score"
    unit: MeasureUnit = MeasureUnit.NOT_STATED
    riskier_when: RiskierWhen | None = None
    planned_samples: Count | Mapping[Spelled, Count] | None = Field(default=None)
    task_version: Spelled | None = None
    snapshot_hint: Spelled | None = None
    stated: StatedNames = StatedNames()
    thinking: Thinking = Thinking.NOT_STATED
    token_budget: Count | None = None
    scaffold: Slug | None = None
    tools: Text | None = None
    measured_at: Instant | None = None

    @model_validator(mode="after")
    def _names_model_and_task(self) -> Self:
        for name in ("model", "task"):
            if (getattr(self, name) is None) == (getattr(self.columns, name) is None):
                raise ValueError(
                    f"found {name} {'twice' if getattr(self, name) else 'nowhere'}, expected it once: as a column or for all rows"
                )
        if self.delimiter == self.decimal_mark.value:
            raise ValueError("found one mark as delimiter and as decimal_mark, expected two")
        return self

    def planned_for(self, task: str) -> int | None:
        """Return how many attempts were planned for one model and task."""
        return self.planned_samples.get(task) if isinstance(self.planned_samples, Mapping) else self.planned_samples


@dataclass
class _Rows:
    """Rows of one model and task, on the way to a reading."""

    tally: ItemTally
    lines: dict[tuple[str, str], int] = field(default_factory=dict)
    content: list[tuple[str, str, str]] = field(default_factory=list)
    not_finite: int = 0


def read_csv(file: LogFile, mapping: CsvMapping) -> tuple[LogReading, ...]:
    """Return a reading for every model and task of a table. Raises ``LogError``."""
    rows: dict[tuple[str, str], _Rows] = {}
    left = AttemptBudget.of(file.name, file.budget)
    for line, cells in _table(file, mapping):
        model, task = (mapping.model or _name(file, line, cells, mapping.columns.model)), ""
        task = mapping.task or _name(file, line, cells, mapping.columns.task)
        if (model, task) not in rows and len(rows) == MOST_READINGS:
            raise LogError(file.name, f"line {line}", f"more than {MOST_READINGS} models and tasks", "fewer in one table")
        _add_row(file, mapping, rows.setdefault((model, task), _Rows(ItemTally(left))), line, cells, left)
    if not rows:
        raise LogError(file.name, "", "no rows below the headings", "at least one")
    sha256 = file.sha256()
    return tuple(_reading(file, sha256, mapping, model, task, found) for (model, task), found in rows.items())


def _table(file: LogFile, mapping: CsvMapping) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the mapped cells of every row that is not blank, with the line it begins on."""
    reader = csv.reader(_text_lines(file), delimiter=mapping.delimiter, strict=True)
    wanted = [each for each in mapping.columns.model_dump().values() if each is not None]
    headings: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as refused:
            raise LogError(file.name, f"line {line}", str(refused), "a table with separated values, its quotes in pairs") from None
        if cells is None:
            break
        if not cells or not any(each.strip() for each in cells):
            continue
        if headings is None:
            headings = _headings(file, line, cells, wanted, mapping)
            continue
        if len(cells) != len(headings):
            raise LogError(file.name, f"line {line}", f"{len(cells)} cells", f"{len(headings)}, as the first row has")
        yield line, {name: cell for name, cell in zip(headings, cells, strict=True) if name in wanted}
    if headings is None:
        raise LogError(file.name, "", "no first row", "the headings of the columns")


def _text_lines(file: LogFile) -> Iterator[str]:
    for number, line in bounded_lines(file.content, file.name, file.budget, LONGEST_ROW):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as refused:
            found = f"byte 0x{line[refused.start]:02x}"
            raise LogError(file.name, f"line {number}, byte {refused.start}", found, "UTF-8 text; save the table as UTF-8") from None
        if found_character := NO_TEXT.search(text):
            raise LogError(file.name, f"line {number}", f"the character U+{ord(found_character.group()):04X}", "text")
        yield text


def _headings(file: LogFile, line: int, cells: list[str], wanted: list[str], mapping: CsvMapping) -> list[str]:
    headings = [each.strip() for each in cells]
    for name in wanted:
        if headings.count(name) == 1:
            continue
        found = f"the column {shown(name)} {headings.count(name)} times" if name in headings else f"no column {shown(name)}"
        told = ", ".join(shown(each) for each in headings[:20])  # 20: our choice, a line stays a line
        raise LogError(
            file.name, f"line {line}", found, f"each mapped column once, separated by {mapping.delimiter!r}; the row reads {told}"
        )
    return headings


def _name(file: LogFile, line: int, cells: dict[str, str], column: str | None) -> str:
    name = cells[column].strip() if column else ""
    if not name or len(name) > 500:  # as evaluations.values.Spelled
        raise LogError(file.name, f"line {line}, column {column}", f"a name of {len(name)} characters", "1 to 500")
    return name


def _add_row(file: LogFile, mapping: CsvMapping, rows: _Rows, line: int, cells: dict[str, str], left: AttemptBudget) -> None:
    columns = mapping.columns
    item = _name(file, line, cells, columns.item)
    attempt = _name(file, line, cells, columns.attempt) if columns.attempt else ""
    left.take_name(line, attempt)
    first = rows.lines.setdefault((item, attempt), line)
    if first != line:
        found = f"item {shown(item)}{f', attempt {shown(attempt)}' if attempt else ''} on lines {first} and {line}"
        hint = "" if columns.attempt else "; name the column of attempts in the mapping if there are several"
        raise LogError(file.name, f"line {line}", found, f"each item and attempt once{hint}")
    score = cells[columns.score].strip()
    value = _number(file, f"line {line}, column {columns.score}", score, mapping)
    rows.not_finite += score.lower() in NOT_FINITE
    minutes = _minutes(file, line, cells, mapping)
    cluster = cells[columns.cluster].strip() if columns.cluster else ""
    order = int(attempt) if attempt.isascii() and attempt.isdecimal() and len(attempt) < 10 else None  # 10 digits: no run has as many
    rows.tally.add(item, value, line, order=order, cluster=item_slug(cluster) if cluster else None, human_minutes=minutes)
    rows.content.append((item, attempt, score))


def _minutes(file: LogFile, line: int, cells: dict[str, str], mapping: CsvMapping) -> Decimal | None:
    column = mapping.columns.human_minutes
    if column is None:
        return None
    value = _number(file, f"line {line}, column {column}", cells[column].strip(), mapping)
    if value is not None and value <= 0:
        raise LogError(file.name, f"line {line}, column {column}", str(value), "more than 0 minutes, or nothing where it is not known")
    return value


def _number(file: LogFile, where: str, text: str, mapping: CsvMapping) -> Decimal | None:
    """Return an exact number, ``None`` for a blank and for NaN and infinities."""
    if not text or text.lower() in NOT_FINITE:
        return None
    comma = mapping.decimal_mark is DecimalMark.COMMA
    pointed = text.replace(",", ".") if comma and text.count(",") == 1 and "." not in text else text
    wrong_mark = ("." in text) if comma else ("," in text)
    if wrong_mark or not NUMBER.fullmatch(pointed):
        raise LogError(file.name, where, shown(text), _expected(text, comma=comma))
    value = Decimal(pointed)
    if len(value.as_tuple().digits) > LONGEST_NUMBER or abs(value.adjusted()) > LONGEST_NUMBER:
        raise LogError(file.name, where, f"a number of {len(text)} characters", f"at most {LONGEST_NUMBER} digits")
    return value


def _expected(text: str, *, comma: bool) -> str:
    if text.endswith("%"):
        return "a number without a percent sign; state unit: percent in the mapping"
    if comma:
        return "a number with a decimal comma, as the mapping says"
    if "," in text:
        return "a number with a decimal point; if the comma is the decimal mark, state decimal_mark in the mapping"
    return "a number, which a formula or a word is not, or nothing where nobody could score it"


def _log_id(mapping: CsvMapping, model: str, task: str, rows: _Rows) -> str:
    """Return the name of an execution: what was measured, of what, how and when. Two tries at a short task often score the same."""
    run = mapping.model_dump_json(include={"stated", "snapshot_hint", "thinking", "token_budget", "scaffold", "tools", "measured_at"})
    rows.content.sort()
    scores = hashlib.sha256()
    for each in rows.content:  # one text of all of them would be as large as the table
        scores.update(f"{digest_of(each)}\n".encode())
    return f"csv-{digest_of([model, task, mapping.measure, run, scores.hexdigest()])}"


def _reading(file: LogFile, sha256: str, mapping: CsvMapping, model: str, task: str, rows: _Rows) -> LogReading:
    attempts = rows.tally.attempts
    log_id = _log_id(mapping, model, task, rows)
    rows.lines.clear()  # before the items are made, which take as much again
    rows.content.clear()
    items = rows.tally.items()
    planned = mapping.planned_for(task)
    shortfalls = [words] if (words := unscored_words(mapping.measure, items)) else []
    if planned is None:
        shortfalls.append("the mapping does not say how many attempts were planned (planned_samples)")
    elif planned != attempts:
        shortfalls.append(f"{attempts} of {planned} planned attempts stand in the table")
    status, reason = status_of(shortfalls, scored=unscored_of(items) < attempts)
    measure = Measure(name=mapping.measure, unit=mapping.unit, riskier_when=mapping.riskier_when, items=items, unscored=unscored_of(items))
    return LogReading(
        format=LogFormat.CSV,
        log_id=log_id,
        file_name=file.name,
        file_sha256=sha256,
        model=model,
        snapshot_hint=mapping.snapshot_hint,
        task=task,
        task_version=mapping.task_version,
        stated=mapping.stated,
        thinking=mapping.thinking,
        token_budget=mapping.token_budget,
        scaffold=mapping.scaffold,
        tools=mapping.tools,
        status=status,
        status_reason=reason,
        measured_at=mapping.measured_at,
        planned_samples=planned,
        headline=mapping.measure,
        measures=(measure,),
        warnings=(f"{rows.not_finite} scores are NaN or infinite and count as unscored",) if rows.not_finite else (),
    )
