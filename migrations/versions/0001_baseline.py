"""The first schema: evidence, policies, corrections, sealed texts and the log.

Written by hand and frozen once released: it names its words itself, because a later release may know more of them. Every
constraint is named. Triggers refuse UPDATE, DELETE and TRUNCATE as guards against accidents; who owns the database can drop
them, and the log shows what was then done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CONFIDENCE = ("measured", "verbatim", "secondary", "unsure", "derived", "synthetic")
VISIBILITY = ("public", "staff", "restricted", "hazardous")
STATISTIC = ("mean", "median", "share", "pass_at_k", "maximum", "ratio", "time_horizon", "count", "not_stated")
SPREAD_KIND = ("sd", "se", "ci", "unspecified")
THINKING = ("standard", "extended", "not_stated")
SAFEGUARD_KIND = ("deployment", "security", "affirmative_case", "notice", "testing")

CHANGEABLE = {"log_head": ("DELETE",), "sealed_text": ("UPDATE",)}  # what is refused where less than everything is

Part = sa.Column[Any] | sa.Constraint
Parts = list[Part]
Making = Callable[[str], Parts]


def _text(*names: str) -> Making:
    return lambda _table: [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _maybe(*names: str) -> Making:
    return lambda _table: [sa.Column(name, sa.Text(), nullable=True) for name in names]


def _bytes(*names: str) -> Making:
    return lambda _table: [sa.Column(name, sa.LargeBinary(), nullable=False) for name in names]


def _whole(name: str, *, nullable: bool = False, checked: bool = True) -> Making:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    column = sa.Column(name, number, nullable=nullable, autoincrement=False)
    return lambda table: [column, *([_ck(table, name, f"{name} BETWEEN 0 AND 9007199254740991")] if checked else [])]


def _counts(*names: str) -> Making:
    return lambda table: [part for name in names for part in _whole(name, nullable=True)(table)]


def _word(name: str, words: tuple[str, ...], *, nullable: bool = False) -> Making:
    listed = ", ".join(f"'{word}'" for word in words)
    return lambda table: [sa.Column(name, sa.Text(), nullable=nullable), _ck(table, name, f"{name} IN ({listed})")]


def _to(name: str, target: str, *, nullable: bool = False) -> Making:
    return lambda table: [
        sa.Column(name, sa.Text(), nullable=nullable),
        sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}")),
    ]


def _ck(table: str, name: str, sql: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(sql, name=op.f(f"ck_{table}_{name}"))


def _check(name: str, sql: str) -> Making:
    return lambda table: [_ck(table, name, sql)]


def _unique(*names: str) -> Making:
    return lambda table: [sa.UniqueConstraint(*names, name=op.f(f"uq_{table}_{'_'.join(names)}"))]


def _sourced(table: str) -> Parts:
    parts = [_to("source_id", "source"), _maybe("source_at"), _word("confidence", CONFIDENCE), _maybe("note")]
    return [part for making in (*parts, _word("visibility", VISIBILITY)) for part in making(table)]


def _make(table: str, *parts: Making, key: tuple[str, ...] = ("id",), rowid: bool = True) -> None:
    """Create a table of logged rows: the parts, the position that brought the row, and the key."""
    made = [*([sa.Column("id", sa.Text(), nullable=False)] if key == ("id",) else []), *(each for part in parts for each in part(table))]
    made += _whole("entry_seq", checked=False)(table)
    made.append(sa.ForeignKeyConstraint(["entry_seq"], ["log_entry.seq"], name=op.f(f"fk_{table}_entry_seq")))
    made.append(sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")))
    op.create_table(table, *made, sqlite_strict=True, sqlite_with_rowid=rowid)
    op.create_index(op.f(f"ix_{table}_entry_seq"), table, ["entry_seq"])


def _make_log() -> None:
    whole = [_whole("seq"), _text("kind"), _whole("schema"), _text("recorded_at", "actor"), _bytes("body", "leaf")]
    parts = [each for part in (*whole, _check("leaf", "length(leaf) = 32")) for each in part("log_entry")]
    op.create_table("log_entry", *parts, sa.PrimaryKeyConstraint("seq", name=op.f("pk_log_entry")), sqlite_strict=True)
    head = [_whole("id"), _check("one_row", "id = 1"), _whole("size"), _text("frontier"), _maybe("last_recorded_at")]
    parts = [each for part in head for each in part("log_head")]
    op.create_table("log_head", *parts, sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")), sqlite_strict=True)
    op.execute("INSERT INTO log_head (id, size, frontier, last_recorded_at) VALUES (1, 0, '[]', NULL)")
    _make("correction", _text("target_table", "target_id", "field"), _maybe("was", "became"), _text("reason"),
          _unique("target_id", "field", "entry_seq"))  # fmt: skip
    _make("sealed_text", _text("digest"), _check("digest", "length(digest) = 64"), _bytes("salt"), _check("salt", "length(salt) = 32"),
          _text("text"), _word("visibility", VISIBILITY), key=("digest",))  # fmt: skip


def _make_subjects() -> None:
    _make("source", _text("slug", "title"), _maybe("address", "how_read", "licence", "published_on"), _unique("slug"))
    _make("threat_domain", _text("slug", "name"), _to("parent_id", "threat_domain", nullable=True), _unique("slug"))
    _make("developer", _text("slug", "name"), _unique("slug"))
    _make("model", _sourced, _text("slug", "name"), _to("developer_id", "developer"), _maybe("family", "released_on", "parameters"),
          _unique("slug"))  # fmt: skip
    kinds = ("checkpoint", "early", "helpful_only", "release_candidate", "final")
    _make("snapshot", _sourced, _to("model_id", "model"), _text("slug", "name"), _word("kind", kinds), _whole("ordinal"),
          _to("parent_id", "snapshot", nullable=True), _maybe("created_on"), _counts("training_step"),
          _maybe("training_tokens", "training_compute_flop", "training_compute_basis"), _unique("model_id", "slug"))  # fmt: skip
    kinds = ("benchmark", "agentic_task", "capture_the_flag", "expert_graded", "expert_red_team", "uplift_trial", "safeguard")
    _make("evaluation", _sourced, _text("slug", "name"), _word("kind", kinds), _to("domain_id", "threat_domain", nullable=True),
          _unique("slug"))  # fmt: skip
    sampling = ("items", "trials_of_one_task", "participants", "not_stated")
    _make("evaluation_version", _sourced, _to("evaluation_id", "evaluation"), _text("slug", "unit"),
          _word("riskier_when", ("higher", "lower")), _maybe("scale_low", "scale_high"), _counts("item_count"),
          _word("sampling", sampling), _maybe("rubric"), _unique("evaluation_id", "slug"))  # fmt: skip


def _make_measurements() -> None:
    states = ("completed", "partial", "failed", "invalidated", "not_run", "withheld")
    about = (_sourced, _to("model_id", "model"), _text("slug"))
    measured = (*about, _to("snapshot_id", "snapshot", nullable=True), _to("evaluation_version_id", "evaluation_version"))
    named = _unique("model_id", "slug")
    _make("run", *measured, _word("thinking", THINKING), _maybe("scaffold"), _counts("token_budget"), _maybe("tools"),
          _word("status", states), _maybe("status_reason", "measured_at"), named)  # fmt: skip
    _make("score", _sourced, _to("run_id", "run"), _text("slug"), _word("statistic", STATISTIC), _counts("k"), _maybe("value", "passed"),
          _counts("trials", "items"), _maybe("items_basis"), _counts("runs"), _maybe("spread"),
          _word("spread_kind", SPREAD_KIND, nullable=True), _maybe("low", "high", "interval_level", "as_printed", "words"),
          _unique("run_id", "slug"))  # fmt: skip
    _make("item_result", _to("run_id", "run"), _text("item"), _whole("attempt"), _maybe("cluster", "value"),
          key=("run_id", "item", "attempt"), rowid=False)  # fmt: skip
    _make("uplift_trial", *measured, _text("task"), _maybe("hours_allowed", "grader"), named)
    _make("cohort", _to("uplift_trial_id", "uplift_trial"), _text("slug", "name"), _unique("uplift_trial_id", "slug"))
    _make("arm", _to("cohort_id", "cohort"), _word("kind", ("control", "model")), _text("conditions"), _counts("participants_count"),
          _maybe("mean", "spread"), _word("spread_kind", SPREAD_KIND, nullable=True), _maybe("highest", "source_at"),
          _unique("cohort_id", "kind"))  # fmt: skip
    _make("participant_result", _to("arm_id", "arm"), _text("code", "score"), key=("arm_id", "code"))
    leanings = ("below", "between", "above", "none_stated")
    _make("qualitative_finding", *measured, _text("by"), _word("leaning", leanings), _text("words"), named)
    _make("claim", *about, _to("evaluation_id", "evaluation", nullable=True), _word("statistic", STATISTIC, nullable=True),
          _maybe("value", "unit", "as_printed"), _text("words"), named)  # fmt: skip
    _make("published_determination", *about, _to("domain_id", "threat_domain", nullable=True), _text("outcome"),
          _maybe("caveat", "decided_by", "decided_on"), named)  # fmt: skip
    _make("assessment_plan", *about, _to("comparison_model_id", "model", nullable=True), _maybe("trigger"), named)
    _make("planned_variants", _to("assessment_plan_id", "assessment_plan"), _whole("ordinal"),
          _text("evaluations", "snapshots", "thinking"), key=("assessment_plan_id", "ordinal"))  # fmt: skip


def _make_policies() -> None:
    digests = _text("file_name", "source_sha256", "body_sha256", "body")
    within = (_to("policy_version_id", "policy_version"), _text("slug"))
    named = _unique("policy_version_id", "slug")
    _make("framework", _text("slug", "name"), _unique("slug"))
    _make("policy_version", _to("framework_id", "framework"), _text("slug", "effective_on"), digests, _unique("slug"))
    _make("safety_level", *within, _text("name"), _whole("rank"), named)
    _make("capability_threshold", *within, _text("name", "domain"),
          _word("kind", ("threshold", "checkpoint", "under_investigation")), named)  # fmt: skip
    _make("required_safeguard", _to("capability_threshold_id", "capability_threshold"), _text("slug"), _word("kind", SAFEGUARD_KIND),
          _to("level_id", "safety_level", nullable=True), _word("firmness", ("required", "at_least", "expected", "aim")),
          _unique("capability_threshold_id", "slug"))  # fmt: skip
    _make("alias", _to("capability_threshold_id", "capability_threshold"), _text("label"), _unique("capability_threshold_id", "label"))
    _make("criteria_set", *within, _text("published_on"), digests, _unique("slug"))
    _make("criterion", _to("criteria_set_id", "criteria_set"), _text("slug", "shape"), _maybe("evaluation", "version"),
          _unique("criteria_set_id", "slug"))  # fmt: skip


def _tables() -> list[str]:
    return sorted(name for name in sa.inspect(op.get_bind()).get_table_names() if name != "alembic_version")


def _guard_sqlite(table: str, refused: tuple[str, ...]) -> None:
    for act in refused:
        op.execute(
            f"CREATE TRIGGER tr_{table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {act} refused'); END"
        )


def _guard_postgresql(table: str, refused: tuple[str, ...]) -> None:
    acts = (*refused, "TRUNCATE")
    op.execute(
        f"CREATE TRIGGER tr_{table}_guard BEFORE {' OR '.join(acts)} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION rsp_refuse_change()"
    )


def upgrade() -> None:
    """Make every table, the empty head of the log, and the guards."""
    _make_log()
    _make_subjects()
    _make_measurements()
    _make_policies()
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(
            "CREATE FUNCTION rsp_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP; END $$"
        )
    for table in _tables():
        (_guard_postgresql if postgresql else _guard_sqlite)(table, CHANGEABLE.get(table, ("UPDATE", "DELETE")))


def downgrade() -> None:
    """Drop an empty database's tables. Raises ``RuntimeError`` once anything is recorded: only a person could restore it."""
    size = op.get_bind().execute(sa.text("SELECT size FROM log_head")).scalar_one()
    if size:
        raise RuntimeError(f"found {size} entries in the log, expected none: a downgrade would drop them and nothing could restore them")
    left = sa.MetaData()
    left.reflect(op.get_bind())
    for table in reversed(left.sorted_tables):
        if table.name != "alembic_version":
            op.drop_table(table.name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION rsp_refuse_change()")
