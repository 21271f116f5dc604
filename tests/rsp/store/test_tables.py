"""The tables: they say what the records say, and every guard in them has been run into once."""

from __future__ import annotations

import sqlite3
import types
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import count
from typing import Any, Union, get_args, get_origin, get_type_hints

import psycopg
import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint

from evaluations import evidence, history, records, registrations, trials
from rsp.store.log_tables import Row
from rsp.store.session import Store
from rsp.store.shapes import Shape, every_shape
from rsp.store.types import DayColumn, ExactNumberColumn, RecordColumn, UtcDateTime, Word, new_id
from rsp.store.wholes import WHOLES
from tests.rsp.store.dba import Dba
from tests.rsp.store.sample import fill

SHAPES = every_shape()
_SUFFIX = count(0xE000)  # four digits of sixteen, so that a digest keeps its length
TABLES = Row.metadata.sorted_tables
REFUSED = (sqlite3.Error, psycopg.Error)


def test_every_record_has_a_shape_or_is_part_of_a_whole() -> None:
    """No record of evidence is without a row."""
    bases = {records.Record, records.Sourced, evidence.EvidenceFile, evidence.ModelEvidence, evidence.Correction, evidence.RunAddition}
    declared = {
        each
        for module in (records, trials, history, registrations, evidence)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, records.Record)
    }
    in_wholes = {records.ItemResult, trials.ParticipantResult, trials.PlannedVariants}
    in_columns = {trials.Look}
    assert declared - bases - in_wholes - in_columns == {shape.record for shape in SHAPES}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.word)
def test_a_row_has_the_columns_of_its_record(shape: Shape) -> None:
    """A column a field, named alike; a reference as <name>_id; nothing else but keys and position."""
    table: Any = shape.row.__table__
    expected = set(shape.plain_fields) | {link.column for link in shape.links} | {"id", "entry_seq"} | ({shape.parent} - {None})
    assert set(table.columns.keys()) == expected


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.word)
def test_a_column_takes_nothing_where_its_field_does(shape: Shape) -> None:
    """Nullable if and only if the field may be None; of the kind of the field; with the words of its enum."""
    hints = get_type_hints(shape.record)
    columns: dict[str, Any] = {name: (name,) for name in shape.plain_fields} | {link.column: link.fields for link in shape.links}
    kinds = {Decimal: ExactNumberColumn, datetime: UtcDateTime, date: DayColumn}
    for name, fields in columns.items():
        column: Any = shape.row.__table__.columns[name]
        parts = [hints[each] for each in fields]
        union = get_origin(parts[-1]) in (Union, types.UnionType)
        bare = next(each for each in get_args(parts[-1]) if each is not type(None)) if union else parts[-1]
        assert column.nullable == (union and type(None) in get_args(parts[-1])), name
        if isinstance(bare, type) and issubclass(bare, StrEnum):
            assert isinstance(column.type, Word)
            assert column.type.words is bare
        elif isinstance(bare, type) and issubclass(bare, records.Record):
            assert isinstance(column.type, RecordColumn)
            assert column.type.record is bare
        elif bare in kinds and name in shape.plain_fields:
            assert isinstance(column.type, kinds[bare]), name


def test_wholes_have_the_fields_of_their_records() -> None:
    """Item results are one row an attempt; the others a row a record."""
    assert set(WHOLES["participants"].columns) == {"arm_id", *trials.ParticipantResult.model_fields}
    assert set(WHOLES["planned"].columns) == {"assessment_plan_id", "ordinal", *trials.PlannedVariants.model_fields}
    assert set(WHOLES["items"].columns) == {"run_id", "attempt", "value", *records.ItemResult.model_fields} - {"attempts"}
    for whole in WHOLES.values():
        assert set(whole.row.__table__.columns.keys()) == {*whole.columns, "entry_seq"}


def test_every_constraint_is_named_and_none_cascades() -> None:
    """By the convention, within PostgreSQL's 63 characters."""
    for table in TABLES:
        for constraint in table.constraints:
            assert isinstance(constraint.name, str)
            assert constraint.name[:3] in ("pk_", "fk_", "uq_", "ck_")
            assert len(constraint.name) <= 63
            if isinstance(constraint, ForeignKeyConstraint):
                assert (constraint.ondelete, constraint.onupdate) == (None, None)


def test_every_table_has_a_row_in_the_sample(store: Store, database: str) -> None:
    """Else a guard below would have nothing to run into."""
    fill(store)
    with Dba(database, guarded="yes") as dba:
        assert [table.name for table in TABLES if not dba.run(f'SELECT 1 FROM "{table.name}" LIMIT 1')] == []


def _row(dba: Dba, table: Table, guard: str | None = None) -> dict[str, Any]:
    where = f' WHERE "{guard}" IS NOT NULL' if guard else ""
    found = dba.run(f'SELECT {", ".join(f"{chr(34)}{c.name}{chr(34)}" for c in table.columns)} FROM "{table.name}"{where} LIMIT 1')
    assert found, f"the sample has no {table.name} with {guard}"
    return dict(zip([column.name for column in table.columns], found[0], strict=True))


def _insert(dba: Dba, table: Table, row: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    dba.run(f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(row))})', list(row.values()))


Parents = dict[str, tuple[str, str]]
"""By table, the column that names its parent, and a parent that has no such row yet."""


def _childless(dba: Dba) -> Parents:
    """Add a cohort without arms and a token that is not revoked: an arm and a revocation have no name of their own that could be new."""
    parents: Parents = {}
    for child, column, parent in (("arm", "cohort_id", "cohort"), ("api_token_revocation", "api_token_id", "api_token")):
        table = Row.metadata.tables[parent]
        row = _fresh(table, _row(dba, table), set(), {})
        _insert(dba, table, row)
        parents[child] = (column, str(row["id"]))
    return parents


def _fresh(table: Table, row: dict[str, Any], but: set[str], parents: Parents) -> dict[str, Any]:
    """Make a row that breaks nothing: every key and unique column gets a new value, but those that the test sets itself."""
    fresh = dict(row)
    column, parent = parents.get(table.name, ("", ""))
    if column and column not in but:
        fresh[column] = parent
    for constraint in table.constraints:
        if not isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            continue
        own = [column.name for column in constraint.columns if not column.foreign_keys and not isinstance(column.type, Word)]
        for name in set(own) - but:
            held = fresh[name]
            fresh[name] = held + 1000 if isinstance(held, int) else new_id() if len(held) == 36 else f"{held[:-4]}{next(_SUFFIX):04x}"
    return fresh


def _violations(table: Table) -> list[tuple[str, dict[str, Any], set[str]]]:
    """For every constraint: its name, the columns to set to what it refuses, and the columns to leave as a copy of a row."""
    found: list[tuple[str, dict[str, Any], set[str]]] = []
    for constraint in table.constraints:
        name = str(constraint.name)
        columns = [column.name for column in getattr(constraint, "columns", [])]
        if isinstance(constraint, ForeignKeyConstraint):
            bad = 999_999 if columns[0] == "entry_seq" else "nobody"
            found.append((name, {columns[0]: bad}, {columns[0]}))
        elif isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            found.append((name, {}, set(columns)))
        elif isinstance(constraint, CheckConstraint):
            found.append((name, *_refused_by_check(table, name)))
    return found


def _refused_by_check(table: Table, name: str) -> tuple[dict[str, Any], set[str]]:
    column = name.removeprefix(f"ck_{table.name}_")
    special: dict[str, dict[str, Any]] = {
        "ck_log_entry_leaf": {"leaf": b"short"},
        "ck_log_head_one_row": {"id": 2},
        "ck_sealed_text_digest": {"digest": "short"},
        "ck_sealed_text_salt": {"salt": b"short"},
        "ck_submission_request_sha256": {"request_sha256": "short"},
        "ck_api_token_digest": {"digest": "short"},
    }
    bad = special.get(name) or {column: "nonsense" if isinstance(table.columns[column].type, Word) else -1}
    return bad, set(bad)


GUARDS = [(table, *violation) for table in TABLES for violation in _violations(table)]


def test_every_constraint_refuses_what_it_is_there_for(store: Store, database: str) -> None:
    """Each named CHECK, key, unique and foreign key is run into once, and it is that one that refuses."""
    fill(store)
    silent = []
    with Dba(database, guarded="yes") as dba:
        parents = _childless(dba)
        for table, name, bad, kept in GUARDS:
            row = _fresh(table, _row(dba, table), kept, parents) | bad
            try:
                if table.name == "log_head" and bad:  # its one row is changed, never added to
                    dba.run("UPDATE log_head SET " + ", ".join(f"{column} = ?" for column in bad), list(bad.values()))
                else:
                    _insert(dba, table, row)
                silent.append(f"{name}: took {row}")
            except REFUSED as error:
                if not _names(dba, str(error), table, name, kept):
                    silent.append(f"{name}: {error} {row}")
    assert "\n".join(silent) == ""


def _names(dba: Dba, message: str, table: Table, name: str, columns: set[str]) -> bool:
    """Whether the refusal is that constraint's. SQLite names a key by its columns and a foreign key not at all."""
    if dba.engine == "postgresql":
        return name in message
    if name.startswith("fk_"):
        return "FOREIGN KEY constraint failed" in message
    if name.startswith("ck_"):
        return name in message
    return all(f"{table.name}.{column}" in message for column in columns)


def test_a_row_that_breaks_nothing_is_taken(store: Store, database: str) -> None:
    """Else the test above would prove nothing: what refuses there is the one thing changed."""
    fill(store)
    with Dba(database, guarded="yes") as dba:
        parents = _childless(dba)
        for table in TABLES:
            if table.name not in (
                "log_head",
                "cohort",
                "api_token",
            ):  # the head has one row by its check; fresh ones of the others were just taken
                _insert(dba, table, _fresh(table, _row(dba, table), set(), parents))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_rows_are_neither_changed_nor_deleted(table: Table, request: pytest.FixtureRequest, filled_database: str) -> None:
    """Triggers refuse UPDATE and DELETE; the head may be updated, and a laid-aside text deleted."""
    column = table.columns.keys()[-1]
    with Dba(filled_database, guarded="yes") as dba:
        row = dba.run(f'SELECT count(*) FROM "{table.name}"')
        acts = {"UPDATE": f'UPDATE "{table.name}" SET "{column}" = "{column}"', "DELETE": f'DELETE FROM "{table.name}"'}
        acts.pop({"log_head": "UPDATE", "sealed_text": "DELETE"}.get(table.name, ""), None)
        if dba.engine == "postgresql":
            acts["TRUNCATE"] = f'TRUNCATE "{table.name}" CASCADE'
        for act, sql in acts.items():
            with pytest.raises(REFUSED, match=f"append-only: {act} refused"):
                dba.run(sql)
        assert dba.run(f'SELECT count(*) FROM "{table.name}"') == row
