"""Checks of words as comparisons: ``kind = 'a' OR kind = 'b'`` where it was ``kind IN ('a', 'b')``.

Written by hand and frozen once released, like those before. The same words are taken as before. SQLite lays the words of an ``IN`` out as a
table of their own whenever a statement starts, which took half of the time of adding a score. PostgreSQL exchanges the checks. SQLite
cannot, so there each table with such a check is made anew under a passing name, its rows are copied in their order, and it takes the old
name with its indexes and its guards, as in 0003. The catalogue says which checks these are and what stands beside them.

Left out: checks of ranges and lengths, which cost nothing. Left out: editing SQLite's catalogue in place, which some builds refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PASSING = "made_anew"
LISTED = re.compile(r"CHECK \((\w+) IN \(([^()]*)\)\)")
COMPARED = re.compile(r"CHECK \((\w+) = '\w+'(?: OR \1 = '\w+')+\)")
WORD = re.compile(r"'(\w+)'")
WORD_ON_POSTGRESQL = re.compile(r"'(\w+)'::text")  # so it tells words; large whole numbers stand in quotes too

Say = Callable[[str, list[str]], str]
"""Says the check that a column holds one of some words."""


def _compared(column: str, words: list[str]) -> str:
    return " OR ".join(f"{column} = '{word}'" for word in words)


def _listed(column: str, words: list[str]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def _exchange(found: re.Pattern[str], say: Say) -> None:
    if op.get_bind().dialect.name == "postgresql":
        _exchange_on_postgresql(say)
    else:
        _exchange_on_sqlite(found, say)


def _exchange_on_postgresql(say: Say) -> None:
    query = (
        "SELECT c.conrelid::regclass::text, c.conname, a.attname, pg_get_constraintdef(c.oid) FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
        "WHERE c.contype = 'c' AND c.connamespace = current_schema()::regnamespace ORDER BY 1, 2"
    )
    for table, name, column, definition in op.get_bind().execute(sa.text(query)).all():
        words = WORD_ON_POSTGRESQL.findall(definition)
        if words:
            op.drop_constraint(op.f(name), table, type_="check")
            op.create_check_constraint(op.f(name), table, say(column, words))


def _exchange_on_sqlite(found: re.Pattern[str], say: Say) -> None:
    tables = op.get_bind().execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")).all()
    for table, definition in tables:
        meant = found.sub(lambda check: f"CHECK ({say(check[1], WORD.findall(check[0]))})", definition)
        if meant != definition:
            _make_anew(table, meant)


def _make_anew(table: str, definition: str) -> None:
    """Give a SQLite table another definition. Dropping it fires no guard, and takes its indexes and guards along: they are made again."""
    connection = op.get_bind()
    beside = "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid"
    made_again = connection.execute(sa.text(beside), {"table": table}).scalars().all()
    passing = f"{table}_{PASSING}"
    connection.exec_driver_sql(re.sub(rf'^CREATE TABLE "?{table}"?', f"CREATE TABLE {passing}", definition))
    connection.exec_driver_sql(f"INSERT INTO {passing} SELECT * FROM {table} ORDER BY rowid")  # noqa: S608  # our own tables
    op.drop_table(table)
    op.rename_table(passing, table)
    for each in made_again:
        connection.exec_driver_sql(each)


def upgrade() -> None:
    """Say every check of words as comparisons."""
    _exchange(LISTED, _compared)


def downgrade() -> None:
    """Take an empty database back. Raises ``RuntimeError`` once anything is recorded, as every step down does."""
    size = op.get_bind().execute(sa.text("SELECT size FROM log_head")).scalar_one()
    if size:
        raise RuntimeError(f"found {size} entries in the log, expected none: a downgrade would drop them and nothing could restore them")
    _exchange(COMPARED, _listed)
