"""The words a decision is made of. A decision is a word, never a bool, and *could not tell* is one of the words.

A finding is ``below | between | above | unestimable`` (between: on neither side for sure). A verdict is, in order of risk,
``ruled_out < insufficient_evidence < not_ruled_out < crossed`` (statistics c5). Sub-labels change the wording, never the
consequence.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class FindingOutcome(StrEnum):
    """Where one evaluation stands against the bars of one criterion."""

    BELOW = "below"
    BETWEEN = "between"
    ABOVE = "above"
    UNESTIMABLE = "unestimable"


OUTCOME_ORDER = (FindingOutcome.BELOW, FindingOutcome.UNESTIMABLE, FindingOutcome.BETWEEN, FindingOutcome.ABOVE)
"""Outcomes in order of risk: what cannot be told is riskier than what is surely below."""


def riskiest(outcomes: Iterable[FindingOutcome]) -> FindingOutcome:
    """Return the riskiest of several outcomes; of none, ``unestimable``."""
    return max(outcomes, key=OUTCOME_ORDER.index, default=FindingOutcome.UNESTIMABLE)


class VerdictOutcome(StrEnum):
    """What the evidence says of a threshold, or of one criterion or variant on the way there."""

    RULED_OUT = "ruled_out"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    NOT_RULED_OUT = "not_ruled_out"
    CROSSED = "crossed"

    @property
    def risk(self) -> int:
        """Place in the order of risk, 0 (ruled out) to 3 (crossed)."""
        return RISK_ORDER.index(self)


RISK_ORDER = (
    VerdictOutcome.RULED_OUT,
    VerdictOutcome.INSUFFICIENT_EVIDENCE,
    VerdictOutcome.NOT_RULED_OUT,
    VerdictOutcome.CROSSED,
)  # statistics c5


class SubLabel(StrEnum):
    """Why a verdict is neither ruled out nor crossed (wording only)."""

    BETWEEN_BARS = "between_bars"  # surely above the rule-out bar and surely under the rule-in bar
    STRADDLES_RULE_OUT = "straddles_rule_out"
    STRADDLES_RULE_IN = "straddles_rule_in"
    POINT_ONLY = "point_only"  # a point without a usable interval
    UNBOUNDED = "unbounded"  # the interval has no upper end
    PARTIAL_RUN = "partial_run"
    INCOMPARABLE_VARIANT = "incomparable_variant"  # another statistic, rubric or scaffold reaches the bar
    RULE_OUT_ONLY = "rule_out_only"  # the bar of a rule-out evaluation is reached, which is no positive evidence
    ONE_COHORT_CROSSES = "one_cohort_crosses"  # the cohorts together lie under the bar, and one of them alone reaches it
    JUDGEMENT = "judgement"  # experts' words, no number
    MISSING_VARIANTS = "missing_variants"
    NOT_ASSESSED = "not_assessed"
    SATURATED = "saturated"
    SCORE_DROP = "score_drop"  # a sudden drop between two snapshots that nobody has explained
    NO_NUMERIC_BAR = "no_numeric_bar"
    NO_BAR_IN_FORCE = "no_bar_in_force"  # its bars had expired, or did not stand yet
    NOT_SIGNED_OFF = "not_signed_off"  # people judged it below, and nobody has put their name to it
    BASE_MODEL = "base_model"  # the model it was made from is no better


class Compared(StrEnum):
    """What of a score is held against a bar."""

    POINT = "point"  # as the cards do in practice
    BOUND = "bound"  # our default: upper bound to rule out, lower bound to rule in


class Rule(StrEnum):
    """How several indicators combine: how many of them must cross before the whole does."""

    ANY = "any"
    ALL = "all"
    K_OF_N = "k_of_n"
    MAJORITY = "majority"  # more than half
    WORST_DOMAIN = "worst_domain"  # the riskiest domain decides for all; within one, one indicator is enough
    QUALITATIVE = "qualitative"  # people judge the whole; an indicator at its bar only makes their verdict more cautious


class Decides(StrEnum):
    """Whether reaching the bar is itself evidence of the capability, or only the failure to show its absence."""

    BOTH = "both"
    RULE_OUT = "rule_out"  # a rule-out evaluation: passing it is no positive evidence, so it never says crossed


class UpliftMeasure(StrEnum):
    """What of an uplift trial is compared."""

    RATIO = "ratio"
    MODEL_ARM_MEAN = "model_arm_mean"
