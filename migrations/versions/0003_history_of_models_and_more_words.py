"""What reassessment needs: effective compute, assessments held, calls, relations of models, signatures under findings, and new words.

Written by hand and frozen once released, like those before. Every new column may hold nothing, so what was recorded before stays what
it was. Three tables check words of which there are now more. PostgreSQL exchanges the check. SQLite cannot, so there the table is made
anew under a passing name, its rows are copied in their order, and it takes the old name with its index and its guards; foreign keys are
off meanwhile, other tables go on naming it, and ``rsp.store.upgrade`` checks every reference before anything stands.

Left out: columns for what policies newly say (tiers, links, buffers, days until which a version stands): it stands in the body, and the
small tables are only what is looked up by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CONFIDENCE = ("measured", "verbatim", "secondary", "unsure", "derived", "synthetic")
VISIBILITY = ("public", "staff", "restricted", "hazardous")
DEPTH = ("preliminary", "comprehensive", "report")
CALL = ("discretion", "more_capable", "capability_jump", "deployment")
RELATION = ("bounded_by", "inherited_from")

ADDED = (("qualitative_finding", "signed_off_by"), ("qualitative_finding", "signed_off_on"))

Words = Mapping[tuple[str, str], tuple[str, ...]]
BEFORE: Words = {  # as 0001 made them
    ("evaluation", "kind"): (
        *("benchmark", "agentic_task", "capture_the_flag", "expert_graded", "expert_red_team", "uplift_trial", "safeguard"),
    ),
    ("capability_threshold", "kind"): ("threshold", "checkpoint", "under_investigation"),
    ("required_safeguard", "kind"): ("deployment", "security", "affirmative_case", "notice", "testing"),
    ("required_safeguard", "firmness"): ("required", "at_least", "expected", "aim"),
}
AFTER: Words = {
    ("evaluation", "kind"): (
        *("benchmark", "agentic_task", "capture_the_flag", "expert_graded", "expert_red_team", "uplift_trial", "judgement", "safeguard"),
    ),
    ("capability_threshold", "kind"): ("threshold", "checkpoint", "alert", "tracked", "under_investigation"),
    ("required_safeguard", "kind"): (
        *("deployment", "security", "affirmative_case", "safety_case", "argument", "report", "notice", "testing", "tracking"),
    ),
    ("required_safeguard", "firmness"): ("required", "at_least", "planned", "expected", "aim", "recommended"),
}
PASSING = "made_anew"

Part = sa.Column[Any] | sa.Constraint


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _word(table: str, name: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    return sa.CheckConstraint(_listed(name, words), name=op.f(f"ck_{table}_{name}"))


def _listed(name: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{name} IN ({listed})"


def _to(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{table}_{name}"))


def _logged(table: str, *unique: str) -> list[Part]:
    """Return what ends every table: the position that brought the row, the key, and what makes a name unique."""
    return [
        sa.Column("entry_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        _to(table, "entry_seq", "log_entry.seq"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(*unique, name=op.f(f"uq_{table}_{'_'.join(unique)}")),
    ]


def _sourced(table: str) -> list[Part]:
    return [
        *(_text("id"), _text("source_id"), _text("source_at", nullable=True), _text("confidence"), _text("note", nullable=True)),
        *(_text("visibility"), _to(table, "source_id", "source.id")),
        *(_word(table, "confidence", CONFIDENCE), _word(table, "visibility", VISIBILITY)),
    ]


def _of_a_model(table: str, *parts: Part) -> None:
    """Create a table of records that belong to a model, with its index and its guards."""
    own = [_text("model_id"), _text("slug"), _to(table, "model_id", "model.id")]
    op.create_table(table, *_sourced(table), *own, *parts, *_logged(table, "model_id", "slug"), sqlite_strict=True)
    _index(table)
    _guard(table)


def _index(table: str) -> None:
    op.create_index(op.f(f"ix_{table}_entry_seq"), table, ["entry_seq"])


def _guard(table: str) -> None:
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


def _make_effective_compute() -> None:
    numbers = [_text("value"), _text("low", nullable=True), _text("high", nullable=True)]
    _of_a_model("effective_compute", _text("reached_on"), *numbers, _text("unit"), _text("entered_by"), _text("basis"))


def _make_held_assessment() -> None:
    table = "held_assessment"
    parts = [_text("depth"), _text("completed_on"), _text("comparison_model_id", nullable=True), _text("trigger", nullable=True)]
    rules = [_word(table, "depth", DEPTH), _to(table, "comparison_model_id", "model.id")]
    _of_a_model(table, *parts, _text("held_by"), *rules)


def _make_assessment_call() -> None:
    table = "assessment_call"
    parts = [_text("kind"), _text("called_on"), _text("comparison_model_id", nullable=True), _text("called_by"), _text("words")]
    _of_a_model(table, *parts, _word(table, "kind", CALL), _to(table, "comparison_model_id", "model.id"))


def _make_model_relation() -> None:
    table = "model_relation"
    parts = [_text("kind"), _text("other_id"), _text("domain_id", nullable=True), _text("judged_by"), _text("words")]
    signed = [_text("signed_off_by", nullable=True), _text("signed_off_on", nullable=True)]
    rules = [_word(table, "kind", RELATION), _to(table, "other_id", "model.id"), _to(table, "domain_id", "threat_domain.id")]
    _of_a_model(table, *parts, *signed, *rules)


def _parts_as_they_stand(table: str, words: Words) -> list[Part]:
    """Return the parts of a table whose checks change, everything else as 0001 made it."""
    checks = [_word(table, name, words[table, name]) for of, name in words if of == table]
    if table == "evaluation":
        own = [_text("slug"), _text("name"), _text("kind"), _text("domain_id", nullable=True), _to(table, "domain_id", "threat_domain.id")]
        return [*_sourced(table), *own, *checks, *_logged(table, "slug")]
    if table == "capability_threshold":
        own = [_text("policy_version_id"), _text("slug"), _text("name"), _text("domain"), _text("kind")]
        above = _to(table, "policy_version_id", "policy_version.id")
        return [_text("id"), *own, above, *checks, *_logged(table, "policy_version_id", "slug")]
    own = [_text("capability_threshold_id"), _text("slug"), _text("kind"), _text("level_id", nullable=True), _text("firmness")]
    above = _to(table, "capability_threshold_id", "capability_threshold.id")
    return [
        _text("id"),
        *own,
        above,
        _to(table, "level_id", "safety_level.id"),
        *checks,
        *_logged(table, "capability_threshold_id", "slug"),
    ]


def _exchange_words(words: Words) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for (table, name), known in words.items():
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, _listed(name, known))
        return
    for table in dict.fromkeys(table for table, _ in words):
        _make_anew(table, _parts_as_they_stand(table, words))


def _make_anew(table: str, parts: list[Part]) -> None:
    """Give a SQLite table other checks. Its rows keep their order; dropping it fires no guard, so its guards are made again."""
    passing = f"{table}_{PASSING}"
    op.create_table(passing, *parts, sqlite_strict=True)
    columns = ", ".join(part.name for part in parts if isinstance(part, sa.Column))
    op.execute(f"INSERT INTO {passing} ({columns}) SELECT {columns} FROM {table} ORDER BY rowid")  # noqa: S608  # names written above
    op.drop_table(table)
    op.rename_table(passing, table)
    _index(table)
    _guard(table)


def upgrade() -> None:
    """Add the columns, the tables with their guards, and the words."""
    for table, column in ADDED:
        op.add_column(table, sa.Column(column, sa.Text(), nullable=True))
    _make_effective_compute()
    _make_held_assessment()
    _make_assessment_call()
    _make_model_relation()
    _exchange_words(AFTER)


def downgrade() -> None:
    """Take an empty database back. Raises ``RuntimeError`` once anything is recorded: only a person could restore it."""
    size = op.get_bind().execute(sa.text("SELECT size FROM log_head")).scalar_one()
    if size:
        raise RuntimeError(f"found {size} entries in the log, expected none: a downgrade would drop them and nothing could restore them")
    _exchange_words(BEFORE)
    for table in ("model_relation", "assessment_call", "held_assessment", "effective_compute"):
        op.drop_table(table)
    for table, column in reversed(ADDED):
        op.drop_column(table, column)
