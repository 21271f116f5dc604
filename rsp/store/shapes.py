"""Which record is kept in which row: the one table that writing, reading and comparing share.

The rules kept here: a field is kept in the column of its name; a reference is a slug in the record and a key ``<name>_id`` in the
row; a child with a name of its own is a shape below its parent's; children without one (item results, participants, planned
variants) are compared and corrected as a whole (``rsp.store.wholes``).

Left out: how to fetch and how to insert, which are the same for every shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import get_type_hints

from evaluations import history, records, registrations, trials
from evaluations.values import Record, Text
from rsp.store import history_tables, pipeline_tables, tables
from rsp.store.tables import Kept


@dataclass(frozen=True)
class Link:
    """A reference: the record's fields that name the target, and the row's column that keeps its key."""

    fields: tuple[str, ...]
    column: str
    target: str  # one of source, domain, developer, model, snapshot, evaluation, version


@dataclass(frozen=True, eq=False)  # there is one of each: asking whether two are the same need not look at all they hold
class Shape:
    """How one kind of record is kept."""

    word: str  # what messages call it
    record: type[Record]
    row: type[Kept]
    key: str = "slug"  # the field that names it within its parent
    parent: str | None = None  # the column of its parent's key, for children
    links: tuple[Link, ...] = ()
    children: Mapping[str, Shape] = field(default_factory=dict)
    whole: str | None = None  # the field whose records are compared as a whole

    @property
    def of_a_model(self) -> bool:
        """Whether its slug is unique within a model, not over everything."""
        return any(link.column == "model_id" for link in self.links)

    @cached_property
    def plain_fields(self) -> tuple[str, ...]:
        """The fields kept in a column of the same name."""
        apart = {name for link in self.links for name in link.fields}
        kept = self.row.__table__.columns
        return tuple(name for name in self.record.model_fields if name not in apart and name in kept)

    @cached_property
    def own_fields(self) -> tuple[str, ...]:
        """Every field but children and wholes: what may differ between two tellings of one record."""
        return tuple(name for name in self.record.model_fields if name not in self.children and name != self.whole)


LAID_ASIDE = (records.Visibility.RESTRICTED, records.Visibility.HAZARDOUS)  # in the order of strictness
UNSEALED = frozenset({"name", "as_printed"})  # H0 of the information-hazard classes: names and printed numbers are never hazardous text


@cache
def text_fields(record: type[Record]) -> tuple[str, ...]:
    """Return the fields that hold free text."""
    hints = get_type_hints(record, include_extras=True)
    return tuple(name for name in record.model_fields if hints[name] == Text or hints[name] == Text | None)


@cache
def sealable_fields(record: type[Record]) -> tuple[str, ...]:
    """Return the fields whose text is laid aside when the record is restricted or hazardous."""
    return tuple(name for name in text_fields(record) if name not in UNSEALED)


_SOURCE = Link(("source",), "source_id", "source")
_MODEL = Link(("model",), "model_id", "model")
_SNAPSHOT = Link(("snapshot",), "snapshot_id", "snapshot")
_VERSION = Link(("evaluation", "version"), "evaluation_version_id", "version")
_DOMAIN = Link(("domain",), "domain_id", "domain")
_COMPARISON_MODEL = Link(("comparison_model",), "comparison_model_id", "model")
_OF_A_RUN = (_SOURCE, _MODEL, _SNAPSHOT, _VERSION)

SOURCE = Shape("source", records.Source, tables.SourceRow)
DOMAIN = Shape("domain", records.ThreatDomain, tables.ThreatDomainRow, links=(Link(("parent",), "parent_id", "domain"),))
DEVELOPER = Shape("developer", records.Developer, tables.DeveloperRow)
SNAPSHOT = Shape(
    *("snapshot", records.Snapshot, tables.SnapshotRow), parent="model_id", links=(_SOURCE, Link(("parent",), "parent_id", "snapshot"))
)
MODEL = Shape(
    *("model", records.Model, tables.ModelRow),
    links=(_SOURCE, Link(("developer",), "developer_id", "developer")),
    children={"snapshots": SNAPSHOT},
)
VERSION = Shape("version", records.EvaluationVersion, tables.EvaluationVersionRow, parent="evaluation_id", links=(_SOURCE,))
EVALUATION = Shape("evaluation", records.Evaluation, tables.EvaluationRow, links=(_SOURCE, _DOMAIN), children={"versions": VERSION})
SCORE = Shape("score", records.Score, tables.ScoreRow, parent="run_id", links=(_SOURCE,))
RUN = Shape("run", records.Run, tables.RunRow, links=_OF_A_RUN, children={"scores": SCORE}, whole="items")
ARM = Shape("arm", trials.Arm, tables.ArmRow, key="kind", parent="cohort_id", whole="participants")
COHORT = Shape("cohort", trials.Cohort, tables.CohortRow, parent="uplift_trial_id", children={"arms": ARM})
TRIAL = Shape("trial", trials.UpliftTrial, tables.UpliftTrialRow, links=_OF_A_RUN, children={"cohorts": COHORT})
FINDING = Shape("finding", trials.QualitativeFinding, tables.QualitativeFindingRow, links=_OF_A_RUN)
DROP_ANSWER = Shape(
    *("drop answer", trials.DropAnswer, tables.DropAnswerRow),
    links=(_SOURCE, _MODEL, _VERSION, Link(("before",), "before_id", "snapshot"), Link(("after",), "after_id", "snapshot")),
)
CLAIM = Shape(*("claim", trials.Claim, tables.ClaimRow), links=(_SOURCE, _MODEL, Link(("evaluation",), "evaluation_id", "evaluation")))
DETERMINATION = Shape("determination", trials.PublishedDetermination, tables.PublishedDeterminationRow, links=(_SOURCE, _MODEL, _DOMAIN))
PLAN = Shape(
    *("plan", trials.AssessmentPlan, tables.AssessmentPlanRow),
    links=(_SOURCE, _MODEL, _COMPARISON_MODEL),
    whole="planned",
)
EFFECTIVE_COMPUTE = Shape(*("effective compute", history.EffectiveCompute, history_tables.EffectiveComputeRow), links=(_SOURCE, _MODEL))
ASSESSMENT = Shape(*("assessment", history.HeldAssessment, history_tables.HeldAssessmentRow), links=(_SOURCE, _MODEL, _COMPARISON_MODEL))
CALL = Shape(*("call", history.AssessmentCall, history_tables.AssessmentCallRow), links=(_SOURCE, _MODEL, _COMPARISON_MODEL))
RELATION = Shape(
    *("relation", history.ModelRelation, history_tables.ModelRelationRow),
    links=(_SOURCE, _MODEL, Link(("other",), "other_id", "model"), _DOMAIN),
)
REGISTRATION = Shape(*("registration", registrations.RunRegistration, pipeline_tables.RunRegistrationRow), links=_OF_A_RUN)
MODEL_ALIAS = Shape(
    *("model alias", registrations.ModelAlias, pipeline_tables.ModelAliasRow),
    links=(_SOURCE, Link(("model", "snapshot"), "snapshot_id", "snapshot")),
)
TASK_ALIAS = Shape(*("task alias", registrations.TaskAlias, pipeline_tables.TaskAliasRow), links=(_SOURCE, _VERSION))

FILE_SHAPES: Mapping[str, Shape] = {  # the lists of an evidence file, parents first
    "sources": SOURCE,
    "domains": DOMAIN,
    "developers": DEVELOPER,
    "models": MODEL,
    "evaluations": EVALUATION,
    "runs": RUN,
    "trials": TRIAL,
    "findings": FINDING,
    "drop_answers": DROP_ANSWER,
    "claims": CLAIM,
    "determinations": DETERMINATION,
    "plans": PLAN,
    "effective_compute": EFFECTIVE_COMPUTE,
    "assessments": ASSESSMENT,
    "calls": CALL,
    "relations": RELATION,
    "registrations": REGISTRATION,
    "model_aliases": MODEL_ALIAS,
    "task_aliases": TASK_ALIAS,
}
OF_A_MODEL: Mapping[str, Shape] = {name: shape for name, shape in FILE_SHAPES.items() if shape.of_a_model}
"""The lists whose records belong to one model."""


def every_shape() -> tuple[Shape, ...]:
    """Return every shape, children after their parents."""
    found: list[Shape] = []
    waiting = list(FILE_SHAPES.values())
    while waiting:
        shape = waiting.pop(0)
        found.append(shape)
        waiting.extend(shape.children.values())
    return tuple(found)
