"""What the statistics of trials and of drops need: human minutes, teams, pretests, looks, covariates, and answers to drops.

Written by hand and frozen once released, like the first. Every new column may hold nothing, so what was recorded before stays what
it was: a body of the log that does not list a column says that its row holds nothing there, and verify compares it so. Columns are
added to the tables as they stand, because recreating a table would drop its guards.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CONFIDENCE = ("measured", "verbatim", "secondary", "unsure", "derived", "synthetic")
VISIBILITY = ("public", "staff", "restricted", "hazardous")

ADDED = (  # all of them texts: exact numbers are kept as written, a look is one canonical JSON document
    ("item_result", "human_minutes"),
    ("participant_result", "team"),
    ("participant_result", "pretest"),
    ("uplift_trial", "look"),
    ("uplift_trial", "adjusted_for"),
)
TABLE = "drop_answer"


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _word(name: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{name} IN ({listed})", name=op.f(f"ck_{TABLE}_{name}"))


def _to(name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{TABLE}_{name}"))


def _make_drop_answer() -> None:
    op.create_table(
        TABLE,
        *(_text("id"), _text("source_id"), _text("source_at", nullable=True), _text("confidence"), _text("note", nullable=True)),
        *(_text("visibility"), _text("model_id"), _text("slug"), _text("evaluation_version_id"), _text("before_id"), _text("after_id")),
        *(_text("by"), _text("words")),
        sa.Column("entry_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("model_id", "slug", name=op.f(f"uq_{TABLE}_model_id_slug")),
        *(_word("confidence", CONFIDENCE), _word("visibility", VISIBILITY)),
        *(_to("source_id", "source.id"), _to("model_id", "model.id"), _to("evaluation_version_id", "evaluation_version.id")),
        *(_to("before_id", "snapshot.id"), _to("after_id", "snapshot.id"), _to("entry_seq", "log_entry.seq")),
        sqlite_strict=True,
    )
    op.create_index(op.f(f"ix_{TABLE}_entry_seq"), TABLE, ["entry_seq"])


def _guard_drop_answer() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER tr_{TABLE}_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
            "FOR EACH STATEMENT EXECUTE FUNCTION rsp_refuse_change()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER tr_{TABLE}_no_{act.lower()} BEFORE {act} ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only: {act} refused'); END"
        )


def upgrade() -> None:
    """Add the columns, and the table of answers with its guards."""
    for table, column in ADDED:
        op.add_column(table, sa.Column(column, sa.Text(), nullable=True))
    _make_drop_answer()
    _guard_drop_answer()


def downgrade() -> None:
    """Take an empty database back. Raises ``RuntimeError`` once anything is recorded: only a person could restore it."""
    size = op.get_bind().execute(sa.text("SELECT size FROM log_head")).scalar_one()
    if size:
        raise RuntimeError(f"found {size} entries in the log, expected none: a downgrade would drop them and nothing could restore them")
    op.drop_table(TABLE)
    for table, column in reversed(ADDED):
        op.drop_column(table, column)
