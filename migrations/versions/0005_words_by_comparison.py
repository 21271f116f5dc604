"""Checks of words as comparisons: ``kind = 'a' OR kind = 'b'`` where it was ``kind IN ('a', 'b')``.

Written by hand and frozen once released, like those before. The same words are taken as before. SQLite lays the words of an ``IN`` out as a
table of their own whenever a statement starts, which took half of the time of adding a score. PostgreSQL exchanges the checks. SQLite
cannot, so there each table with such a check is made anew under a passing name, its rows are copied in their order, and it takes the old
name with its indexes and its guards, as in 0003. The catalogue says how the checks stand; which they are is said here.

Left out: checks of ranges and lengths, which cost nothing, and tables of anybody else. Left out: editing SQLite's catalogue in place, which
some builds refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PASSING = "made_anew"
OF_SOURCED = ("confidence", "visibility")
CHECKED: Mapping[str, tuple[str, ...]] = {  # the columns of words, as 0001 to 0004 made them
    **dict.fromkeys(
        ("assessment_plan", "drop_answer", "effective_compute", "model", "model_alias", "published_determination", "uplift_trial"),
        OF_SOURCED,
    ),
    "arm": ("kind", "spread_kind"),
    "assessment_call": (*OF_SOURCED, "kind"),
    "capability_threshold": ("kind",),
    "claim": (*OF_SOURCED, "statistic"),
    "evaluation": (*OF_SOURCED, "kind"),
    "evaluation_version": (*OF_SOURCED, "riskier_when", "sampling"),
    "held_assessment": (*OF_SOURCED, "depth"),
    "model_relation": (*OF_SOURCED, "kind"),
    "qualitative_finding": (*OF_SOURCED, "leaning"),
    "required_safeguard": ("kind", "firmness"),
    "run": (*OF_SOURCED, "thinking", "status"),
    "run_registration": (*OF_SOURCED, "thinking"),
    "score": (*OF_SOURCED, "statistic", "spread_kind"),
    "sealed_text": ("visibility",),
    "snapshot": (*OF_SOURCED, "kind"),
    "task_alias": (*OF_SOURCED, "unit"),
}
WORD = re.compile(r"'(\w+)'")
_NOT_AS_MADE = "found no check of words {}, expected the one that 0001 to 0004 made"

Say = Callable[[str, list[str]], str]
"""Says the check that a column holds one of some words."""


def _compared(column: str, words: list[str]) -> str:
    return " OR ".join(f"{column} = '{word}'" for word in words)


def _listed(column: str, words: list[str]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def _exchange(before: Say, after: Say) -> None:
    exchange = _exchange_on_postgresql if op.get_bind().dialect.name == "postgresql" else _exchange_on_sqlite
    for table, columns in CHECKED.items():
        exchange(table, columns, before, after)


def _exchange_on_postgresql(table: str, columns: tuple[str, ...], _before: Say, after: Say) -> None:
    told = sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass(:table) AND conname = :name")
    for column in columns:
        name = f"ck_{table}_{column}"
        definition = op.get_bind().execute(told, {"table": table, "name": name}).scalar_one_or_none() or ""
        words = WORD.findall(definition)
        if not words or re.match(rf"CHECK \(+{column} = ", definition) is None:  # in PostgreSQL's own words: = ANY (ARRAY['a'::text, ...])
            raise RuntimeError(_NOT_AS_MADE.format(name))
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, after(column, words))


def _exchange_on_sqlite(table: str, columns: tuple[str, ...], before: Say, after: Say) -> None:
    told = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    definition: str = op.get_bind().execute(told, {"table": table}).scalar_one_or_none() or ""
    for column in columns:
        found = re.search(rf"CONSTRAINT ck_{table}_{column} CHECK \(([^()]*(?:\([^()]*\))?)\)", definition)
        words = WORD.findall(found[1]) if found else []
        if found is None or found[1] != before(column, words):
            raise RuntimeError(_NOT_AS_MADE.format(f"ck_{table}_{column}"))
        definition = definition[: found.start(1)] + after(column, words) + definition[found.end(1) :]
    _make_anew(table, definition)


def _make_anew(table: str, definition: str) -> None:
    """Give a SQLite table another definition. Dropping it fires no guard, and takes its indexes and guards along: they are made again."""
    connection = op.get_bind()
    beside = "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid"
    made_again = connection.execute(sa.text(beside), {"table": table}).scalars().all()
    passing = f"{table}_{PASSING}"
    connection.exec_driver_sql(re.sub(rf'^CREATE TABLE "?{table}"?', f"CREATE TABLE {passing}", definition))
    connection.exec_driver_sql(f"INSERT INTO {passing} SELECT * FROM {table} ORDER BY rowid")  # noqa: S608  # our own tables
    op.drop_table(table)
    connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")  # else views of somebody's own, which miss the table just now, refuse it
    op.rename_table(passing, table)
    connection.exec_driver_sql("PRAGMA legacy_alter_table = OFF")
    for each in made_again:
        connection.exec_driver_sql(each)


def upgrade() -> None:
    """Say every check of words as comparisons."""
    _exchange(_listed, _compared)


def downgrade() -> None:
    """Take an empty database back. Raises ``RuntimeError`` once anything is recorded, as every step down does."""
    size = op.get_bind().execute(sa.text("SELECT size FROM log_head")).scalar_one()
    if size:
        raise RuntimeError(f"found {size} entries in the log, expected none: a downgrade would drop them and nothing could restore them")
    _exchange(_compared, _listed)
