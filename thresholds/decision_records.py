"""What a decision looks like once made: gaps, verdicts, the safeguards in force, and the assessment that holds them.

The rules kept here: a verdict carries its findings whole; what is in force says what it rests on; numbers are never rounded (text is
made of them in ``reports.numbers``).

Left out: how they are reached (``thresholds.verdicts``, ``thresholds.demands``).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from evaluations.records import RiskierWhen
from evaluations.trials import PublishedDetermination
from evaluations.values import Record
from thresholds.citation import Basis
from thresholds.finding_records import Finding, SourceNote
from thresholds.outcomes import Rule, SubLabel, VerdictOutcome
from thresholds.policy import Standing, ThresholdKind
from thresholds.safeguards import Due, Firmness, SafeguardKind


class GapKind(StrEnum):
    """What is missing."""

    MISSING_VARIANTS = "missing_variants"
    SNAPSHOT_NOT_STATED = "snapshot_not_stated"
    NO_INTERVAL = "no_interval"
    SPREAD_UNDEFINED = "spread_undefined"
    COUNT_UNKNOWN = "count_unknown"
    NOT_MEASURED = "not_measured"
    PARTIAL_RUN = "partial_run"
    NO_NUMERIC_BAR = "no_numeric_bar"
    SATURATED = "saturated"
    NO_CRITERIA = "no_criteria"
    NO_PLAN = "no_plan"
    SCORE_DROP = "score_drop"
    NO_BAR_IN_FORCE = "no_bar_in_force"
    NOT_SIGNED_OFF = "not_signed_off"
    NOT_REPORTED = "not_reported"


class Gap(Record):
    """Something a rule-out would need and the evidence does not hold."""

    kind: GapKind
    criterion: str | None
    words: str


class SafeguardInForce(Record):
    """A required safeguard that the verdict puts in force, and why."""

    slug: str
    kind: SafeguardKind
    level: str | None
    level_name: str | None
    firmness: Firmness
    due: Due | None = None
    words: str
    citation: str


class Verdict(Record):
    """What the evidence says of one threshold under one policy: computed, never edited."""

    threshold: str
    name: str
    kind: ThresholdKind
    domain: str
    domain_name: str
    definition: str
    outcome: VerdictOutcome
    sub_label: SubLabel | None
    rule: Rule | None
    crossings_needed: int | None
    required_safeguards: tuple[SafeguardInForce, ...]
    gaps: tuple[Gap, ...]
    findings: tuple[Finding, ...]
    implied_by: str | None = None  # the threshold that, ruled out, takes this one with it; its own findings did not rule it out
    bounded_by: str | None = None  # the model, at least as capable and ruled out by its own evidence, that rules this one out
    inherited_from: str | None = None  # the model it was made from, whose verdict this one has
    reason: str
    citation: str
    basis: Basis


class Ground(Record):
    """A threshold whose verdict puts a safeguard in force."""

    threshold: str
    name: str
    outcome: VerdictOutcome
    sub_label: SubLabel | None
    firmness: Firmness
    citation: str


class SafeguardScore(Record):
    """A figure of how well safeguards of one kind work. ``better_when`` is the direction of less risk."""

    kind: SafeguardKind
    evaluation: str
    evaluation_name: str
    version: str
    run: str
    snapshot_name: str
    value: float | None
    unit: str
    as_printed: str | None
    better_when: RiskierWhen
    observations: int | None
    words: str  # what the criteria set says it measures
    condition: str | None  # of the run, such as with or without the mitigation
    source: SourceNote


class SafeguardDemand(Record):
    """What must be in place for the model as a whole: of one kind, at the highest level that any threshold asks for.

    ``level`` is ``None`` where the text names none; ``firmness`` is the firmest with which that level is asked for.
    """

    kind: SafeguardKind
    level: str | None
    level_name: str | None
    firmness: Firmness
    due: Due | None
    words: tuple[str, ...]
    rests_on: tuple[Ground, ...]


class Assessment(Record):
    """Every verdict of one model under one policy: a pure function of (evidence as of a position, policy, criteria, code)."""

    schema_version: int
    model: str
    model_name: str
    developer: str
    policy: str
    policy_title: str
    policy_version: str
    policy_standing: Standing
    policy_sha256: str
    criteria: str
    criteria_title: str
    criteria_sha256: str
    code_version: str
    as_of: int
    as_of_recorded_at: datetime
    as_of_root: str | None = None  # Merkle root of the log at that position, to be kept elsewhere and checked later
    overall: VerdictOutcome  # the riskiest of the verdicts
    overall_rule: str  # why one outcome may stand for all, with its citation
    safeguards: tuple[SafeguardDemand, ...]
    safeguard_evidence: tuple[SafeguardScore, ...]
    verdicts: tuple[Verdict, ...]
    determinations: tuple[PublishedDetermination, ...]  # what people published; beside the verdicts, never as one
