"""The words a report uses for the words of a decision: one table each, complete, the same on terminal and page.

The rule kept here: every outcome, label, kind and mode has its words in these tables and nowhere else; a test holds each table to its
enumeration, so that a new member cannot reach a page unnamed.

Left out: sentences (``reports.wording``).
"""

from __future__ import annotations

from evaluations.records import SnapshotKind, Thinking
from thresholds.decision_records import GapKind
from thresholds.finding_records import AlarmKind, AlarmState
from thresholds.outcomes import SubLabel, UpliftMeasure, VerdictOutcome
from thresholds.safeguards import Due, Firmness, SafeguardKind

VERDICT_WORDS = {
    VerdictOutcome.RULED_OUT: "ruled out",
    VerdictOutcome.INSUFFICIENT_EVIDENCE: "insufficient evidence",
    VerdictOutcome.NOT_RULED_OUT: "not ruled out",
    VerdictOutcome.CROSSED: "crossed",
}
VERDICT_MEANINGS = {
    VerdictOutcome.RULED_OUT: "the evidence shows the capability to be below the threshold",
    VerdictOutcome.INSUFFICIENT_EVIDENCE: "the evidence does not allow a conclusion; this does not count as below",
    VerdictOutcome.NOT_RULED_OUT: "the evidence cannot show the capability to be below the threshold",
    VerdictOutcome.CROSSED: "the evidence shows the threshold to be reached",
}
SUB_LABEL_WORDS = {
    SubLabel.BETWEEN_BARS: "between the bars",
    SubLabel.STRADDLES_RULE_OUT: "straddles the rule-out bar",
    SubLabel.STRADDLES_RULE_IN: "straddles the rule-in bar",
    SubLabel.POINT_ONLY: "point only, no interval",
    SubLabel.UNBOUNDED: "interval without a limit on the side of risk",
    SubLabel.PARTIAL_RUN: "partial run",
    SubLabel.INCOMPARABLE_VARIANT: "another statistic, rubric or scaffold reaches the bar",
    SubLabel.ONE_COHORT_CROSSES: "together the cohorts stay under the bar, but one of them alone reaches it",
    SubLabel.RULE_OUT_ONLY: "the bar of a rule-out evaluation is reached, which alone is no positive evidence",
    SubLabel.JUDGEMENT: "experts’ judgement, no number",
    SubLabel.MISSING_VARIANTS: "missing variants",
    SubLabel.NOT_ASSESSED: "not assessed",
    SubLabel.SATURATED: "evaluation saturated or retired",
    SubLabel.SCORE_DROP: "a sudden drop is unexplained",
    SubLabel.NO_NUMERIC_BAR: "no numeric bar",
    SubLabel.NO_BAR_IN_FORCE: "no bar in force on the day",
    SubLabel.NOT_SIGNED_OFF: "judged below, and nobody has signed it",
    SubLabel.BASE_MODEL: "the model it was made from is no better",
}
GAP_WORDS = {
    GapKind.MISSING_VARIANTS: "Variants not measured",
    GapKind.SNAPSHOT_NOT_STATED: "Snapshot not stated",
    GapKind.NO_INTERVAL: "No interval",
    GapKind.SPREAD_UNDEFINED: "Meaning of ± not stated",
    GapKind.COUNT_UNKNOWN: "Number of observations unknown",
    GapKind.NOT_MEASURED: "Not measured",
    GapKind.PARTIAL_RUN: "Partial run",
    GapKind.NO_NUMERIC_BAR: "No numeric bar",
    GapKind.SATURATED: "Saturated or retired",
    GapKind.NO_CRITERIA: "No criteria",
    GapKind.NO_PLAN: "No assessment plan",
    GapKind.SCORE_DROP: "Sudden drop unexplained",
    GapKind.NO_BAR_IN_FORCE: "No bar in force",
    GapKind.NOT_SIGNED_OFF: "Not signed off",
    GapKind.NOT_REPORTED: "Registered, not reported",
}
ALARM_WORDS = {
    AlarmKind.DROP: "sudden drop",
    AlarmKind.JUMP: "sudden jump",
}
ALARM_STATE_WORDS = {
    AlarmState.OPEN: "open",
    AlarmState.ANSWERED: "answered",
    AlarmState.SHOWN: "shown only",
}
READING_WORDS = {"sd": "standard deviation", "se": "standard error", "ci95": "half-width of a 95 % interval"}
SPREAD_WORDS = {"sd": "standard deviation", "se": "standard error", "ci": "half-width of an interval", "unspecified": "not stated"}
ADMISSIBLE_WORDS = {"possible": "possible", "impossible_on_scale": "impossible on this scale"}
MEASURE_WORDS = {UpliftMeasure.RATIO: "uplift ratio", UpliftMeasure.MODEL_ARM_MEAN: "mean of the model arm"}
KIND_WORDS = {
    SafeguardKind.DEPLOYMENT: "Deployment",
    SafeguardKind.SECURITY: "Security",
    SafeguardKind.AFFIRMATIVE_CASE: "Affirmative case",
    SafeguardKind.SAFETY_CASE: "Safety case",
    SafeguardKind.ARGUMENT: "Argument",
    SafeguardKind.REPORT: "Report",
    SafeguardKind.NOTICE: "Notice",
    SafeguardKind.TESTING: "Testing",
    SafeguardKind.TRACKING: "Tracking",
}
FIRMNESS_WORDS = {
    Firmness.REQUIRED: "required",
    Firmness.AT_LEAST: "at least",
    Firmness.PLANNED: "planned by the developer",
    Firmness.EXPECTED: "expected",
    Firmness.AIM: "aimed at",
    Firmness.RECOMMENDED: "recommended to the industry",
}
DUE_WORDS = {
    Due.DURING_DEVELOPMENT: "during development",
    Due.BEFORE_INTERNAL_USE: "before internal use",
    Due.BEFORE_EXTERNAL_DEPLOYMENT: "before external deployment",
}
THINKING_WORDS = {
    Thinking.STANDARD: "standard thinking",
    Thinking.EXTENDED: "extended thinking",
    Thinking.NOT_STATED: "thinking mode not stated",
}
SNAPSHOT_WORDS = {
    SnapshotKind.CHECKPOINT: "checkpoint",
    SnapshotKind.EARLY: "early snapshot",
    SnapshotKind.HELPFUL_ONLY: "helpful-only",
    SnapshotKind.RELEASE_CANDIDATE: "release candidate",
    SnapshotKind.FINAL: "final",
}
