"""What pipelines need: registrations of runs, aliases of models and tasks, receipts of submissions, and tokens for the API.

Written by hand and frozen once released, like those before. Only tables are added, so nothing recorded before changes.

Left out: rows for receipts of what was loaded before. Its receipt is made from its entry when it is asked for.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CONFIDENCE = ("measured", "verbatim", "secondary", "unsure", "derived", "synthetic")
VISIBILITY = ("public", "staff", "restricted", "hazardous")
THINKING = ("standard", "extended", "not_stated")
UNIT = ("proportion", "percent", "minutes", "points", "not_stated")
LARGEST_WHOLE = 9007199254740991  # 2^53 - 1

Part = sa.Column[Any] | sa.Constraint


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)


def _check(table: str, name: str, sql: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(sql, name=op.f(f"ck_{table}_{name}"))


def _word(table: str, name: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return _check(table, name, f"{name} IN ({listed})")


def _in_range(table: str, name: str) -> sa.CheckConstraint:
    return _check(table, name, f"{name} BETWEEN 0 AND {LARGEST_WHOLE}")


def _to(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{table}_{name}"))


def _unique(table: str, *names: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*names, name=op.f(f"uq_{table}_{'_'.join(names)}"))


def _sourced(table: str) -> list[Part]:
    return [
        *(_text("source_id"), _text("source_at", nullable=True), _text("confidence"), _text("note", nullable=True)),
        *(_text("visibility"), _to(table, "source_id", "source.id")),
        *(_word(table, "confidence", CONFIDENCE), _word(table, "visibility", VISIBILITY)),
    ]


def _make(table: str, *parts: Part) -> None:
    """Create a table with the key, the position that brought each row, its index and its guards."""
    op.create_table(
        table,
        _text("id"),
        *parts,
        sa.Column("entry_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        _to(table, "entry_seq", "log_entry.seq"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_strict=True,
    )
    op.create_index(op.f(f"ix_{table}_entry_seq"), table, ["entry_seq"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER tr_{table}_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION rsp_refuse_change()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER tr_{table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {act} refused'); END"
        )


def _make_run_registration() -> None:
    table = "run_registration"
    _make(
        table,
        *_sourced(table),
        *(_text("model_id"), _text("slug"), _text("snapshot_id"), _text("evaluation_version_id"), _text("thinking")),
        *(_text("scaffold", nullable=True), _whole("token_budget"), _text("tools", nullable=True), _whole("planned_items")),
        _to(table, "model_id", "model.id"),
        _to(table, "snapshot_id", "snapshot.id"),
        _to(table, "evaluation_version_id", "evaluation_version.id"),
        _word(table, "thinking", THINKING),
        _in_range(table, "token_budget"),
        _in_range(table, "planned_items"),
        _unique(table, "model_id", "slug"),
    )


def _make_aliases() -> None:
    table = "model_alias"
    _make(
        table,
        *_sourced(table),
        *(_text("slug"), _text("spelled"), _text("snapshot_hint", nullable=True), _text("snapshot_id")),
        _to(table, "snapshot_id", "snapshot.id"),
        _unique(table, "slug"),
    )
    table = "task_alias"
    _make(
        table,
        *_sourced(table),
        *(_text("slug"), _text("task"), _text("task_version", nullable=True), _text("measure", nullable=True), _text("unit")),
        _text("evaluation_version_id"),
        _to(table, "evaluation_version_id", "evaluation_version.id"),
        _word(table, "unit", UNIT),
        _unique(table, "slug"),
    )


def _make_submission() -> None:
    table = "submission"
    _make(
        table,
        *(_text("owner"), _text("idempotency_key", nullable=True), _text("request_sha256"), _text("receipt")),
        _unique(table, "owner", "idempotency_key"),
        _check(table, "request_sha256", "length(request_sha256) = 64"),
    )
    op.create_index(op.f(f"ix_{table}_request_sha256"), table, ["request_sha256"])


def _make_tokens() -> None:
    table = "api_token"
    _make(
        table,
        *(_text("slug"), _text("owner"), _text("role"), _text("digest"), _text("beginning"), _text("expires_at")),
        _unique(table, "digest"),
        _unique(table, "slug"),
        _check(table, "digest", "length(digest) = 64"),
    )
    table = "api_token_revocation"
    _make(table, *(_text("api_token_id"), _text("reason")), _to(table, "api_token_id", "api_token.id"), _unique(table, "api_token_id"))


def upgrade() -> None:
    """Add the tables with their guards."""
    _make_run_registration()
    _make_aliases()
    _make_submission()
    _make_tokens()


def downgrade() -> None:
    """Take an empty database back. Raises ``RuntimeError`` once anything is recorded: only a person could restore it."""
    size = op.get_bind().execute(sa.text("SELECT size FROM log_head")).scalar_one()
    if size:
        raise RuntimeError(f"found {size} entries in the log, expected none: a downgrade would drop them and nothing could restore them")
    for table in ("api_token_revocation", "api_token", "submission", "task_alias", "model_alias", "run_registration"):
        op.drop_table(table)
