"""What a finding looks like once made: the variants that were compared, their intervals, and the finding over all of them.

The rules kept here: everything that was compared is kept and shown, the losers too; the number compared, the planned number
and the bound that decided are recorded; numbers are on the evaluation's own scale and never rounded (text is made of them in
``reports.numbers``); an end that does not exist is ``None`` with a word for why.

Left out: how they are reached (``thresholds.snapshots``, ``thresholds.findings``), and what follows from findings
(``thresholds.decision_records``).
"""

from __future__ import annotations

from enum import StrEnum

from evaluations.records import Confidence, RiskierWhen, RunStatus, SnapshotKind, Thinking
from evaluations.values import Record
from thresholds.citation import Basis
from thresholds.outcomes import Compared, Decides, FindingOutcome, Rule, SubLabel, UpliftMeasure, VerdictOutcome


class SourceNote(Record):
    """Where a figure comes from, for a reader to follow."""

    source: str  # slug of the source
    title: str
    at: str | None
    confidence: Confidence
    entry_file: str | None = None


class BarNote(Record):
    """A bar with its provenance, on the evaluation's scale; ``as_printed`` keeps ``27 of 33``."""

    value: float
    as_printed: str
    citation: str
    basis: Basis


class IntervalEnd(StrEnum):
    """Why an end of an interval is a number, or is none."""

    FINITE = "finite"
    UNBOUNDED = "unbounded"
    UNESTIMABLE = "unestimable"


class Reading(Record):
    """One meaning a plus-minus may have, and what would follow from it alone."""

    name: str  # sd | se | ci95
    admissible: str  # possible | impossible_on_scale
    low: float | None
    high: float | None
    low_end: IntervalEnd
    high_end: IntervalEnd
    outcome: FindingOutcome


class CohortNote(Record):
    """One cohort of an uplift trial with both arms, as printed or computed from participants."""

    cohort: str
    control_mean: float
    control_spread: float | None
    control_count: int | None
    model_mean: float
    model_spread: float | None
    model_count: int | None
    spread_kind: str | None  # sd | se | ci | unspecified; sd where computed from participants
    ratio: float | None
    low: float | None
    high: float | None
    high_end: IntervalEnd
    readings: tuple[Reading, ...] = ()


class HeterogeneityNote(Record):
    """How much the log ratios of a trial's cohorts differ (statistics b6); ``tau`` is their spread beyond chance, on the log scale."""

    cohorts: int
    q: float
    degrees_of_freedom: int
    p: float
    i_squared_percent: float
    tau: float
    reading: str | None  # the meaning of an undefined plus-minus under which they differ most


class UnadjustedNote(Record):
    """The ratio of a trial without the covariate that its plan named (statistics b5)."""

    adjusted_for: str
    value: float | None
    low: float | None
    high: float | None
    low_end: IntervalEnd
    high_end: IntervalEnd


class VariantFinding(Record):
    """One measured (or missing) variant: a snapshot under one way of eliciting, against the bars."""

    variant: str  # stable name: run or trial slug, or "snapshot/thinking" of a missing one
    snapshot: str | None  # None: the source does not say which
    snapshot_name: str
    snapshot_kind: SnapshotKind | None
    thinking: Thinking
    status: RunStatus
    comparable: str  # same_key | other_key (another statistic, k, version or scaffold) | remeasured (gave nothing; a whole run followed)
    outcome: FindingOutcome
    outcome_by_point: FindingOutcome
    outcome_by_bound: FindingOutcome
    verdict: VerdictOutcome
    sub_label: SubLabel | None
    value: float | None
    low: float | None  # at the finding's level
    high: float | None
    low_end: IntervalEnd
    high_end: IntervalEnd
    rule_in_low: float | None  # lower bound at the corrected level, the one a crossing needs
    method: str | None
    observations: int | None
    as_printed: str | None
    passed: float | None
    trials: int | None
    p_rule_out: float | None
    p_rule_in: float | None
    p_rule_in_holm: float | None = None  # after correction for picking the best of all variants
    readings: tuple[Reading, ...] = ()
    cohorts: tuple[CohortNote, ...] = ()
    heterogeneity: HeterogeneityNote | None = None
    unadjusted: UnadjustedNote | None = None
    reason: str
    notes: tuple[str, ...] = ()
    source: SourceNote | None


class AlarmKind(StrEnum):
    """Which way a score changed suddenly, in the direction of risk."""

    DROP = "drop"  # the later snapshot looks safer
    JUMP = "jump"  # the later snapshot looks riskier


class AlarmState(StrEnum):
    """Whether an alarm still asks for an explanation. Only an open one keeps a rule-out away."""

    OPEN = "open"
    ANSWERED = "answered"
    SHOWN = "shown"  # a jump asks nothing: the higher score counts anyway


class Alarm(Record):
    """A change between two consecutive snapshots that chance does not explain, or that nothing can judge: a question, never a verdict."""

    kind: AlarmKind
    state: AlarmState
    before: str  # slug of the earlier snapshot
    before_name: str
    after: str
    after_name: str
    thinking: Thinking
    change: float  # mean over the items, after minus before, on the evaluation's scale; of a time horizon as a share, never in minutes
    items: int  # that were paired; 0: too few are shared, and the change is that of the runs' own points
    pairs: int  # of consecutive snapshots that could be tested, for which p is corrected
    p_holm: float | None  # None: the change is large and no test can judge it, as where every item changed by the same
    answered_by: str | None = None
    answer: str | None = None
    source: SourceNote | None = None  # of the answer


class Finding(Record):
    """One evaluation against one criterion, over every variant that was planned or measured.

    ``outcome`` may never be ``below`` while a planned variant is missing; ``outcome_by_point`` and ``outcome_by_bound`` say what
    the measured variants alone would give by either reading, and ``disagreement`` says so in words where the two differ.
    ``value``, ``low`` and ``high`` belong to the deciding variant; ``level`` is the two-sided level of low and high.
    """

    criterion: str
    title: str
    shape: str
    evaluation: str | None  # None for a compound
    evaluation_name: str
    outcome: FindingOutcome
    outcome_by_point: FindingOutcome
    outcome_by_bound: FindingOutcome
    verdict: VerdictOutcome  # of this indicator
    sub_label: SubLabel | None
    statistic: str | None
    measure: UpliftMeasure | None = None
    k: int | None = None
    compared: Compared | None
    decides: Decides | None
    level: float
    rule_in_level: float | None  # two-sided level of rule_in_low, after correction for the variants
    method: str | None
    value: float | None
    low: float | None
    high: float | None
    low_end: IntervalEnd
    high_end: IntervalEnd
    rule_in_low: float | None
    unit: str | None
    riskier_when: RiskierWhen | None
    scale_low: float | None = None
    scale_high: float | None = None
    rule_out: float | None
    rule_in: float | None
    rule_out_bar: BarNote | None
    rule_in_bar: BarNote | None
    deciding_snapshot: str | None
    deciding_variant: str | None
    highest_observed: float | None
    highest_observed_snapshot: str | None
    snapshots_compared: int
    variants_compared: int
    variants_planned: int
    missing_snapshots: tuple[str, ...] = ()
    corrected_for: int = 1  # by how many variants ruling in is corrected: planned or supplied, whichever is more
    crossed_variants: tuple[str, ...] = ()
    p_rule_out: float | None = None  # over all variants, 1 with one missing; of the numbers alone, whatever else stands in the way
    p_rule_in: float | None = None
    expected_excess: float | None = None  # how far the highest of so many equal, unrelated variants stands too high; never decides
    alarms: tuple[Alarm, ...] = ()
    variants: tuple[VariantFinding, ...] = ()
    parts: tuple[Finding, ...] = ()
    rule: Rule | None = None  # of a compound
    crossings_needed: int | None = None
    success_at: float | None = None  # of a criterion with two levels: from which score on a trial counts as a success
    success_unit: str | None = None
    bar_dates: str | None = None  # from when and until when the bars compared stand, where the criterion says so
    readings: tuple[Reading, ...] = ()
    disagreement: str | None = None
    lifecycle: tuple[str, ...] = ()  # statuses in force, in words with their citation
    words: str  # what the criterion says
    reason: str
    citation: str
    basis: Basis
    source: SourceNote | None
