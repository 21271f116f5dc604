"""The sentence that says why an indicator has its verdict. No number is written here; ``reports`` writes those.

The rule kept here: a sentence names what decided, and where point and bound would decide differently it says so (design rule 5).
"""

from __future__ import annotations

from thresholds.finding_records import VariantFinding
from thresholds.outcomes import Compared, FindingOutcome, SubLabel, VerdictOutcome

STANDING = {
    FindingOutcome.BELOW: "below the rule-out bar",
    FindingOutcome.BETWEEN: "on neither side for sure",
    FindingOutcome.ABOVE: "at or above the rule-in bar",
    FindingOutcome.UNESTIMABLE: "unknown",
}
DROPPED = (
    "Every variant lies on the safe side of the bar, but one looks suddenly safer than the snapshot before it and nobody has said why."
)
NO_BAR = "No bar stands on this day, so nothing can be ruled out by it."
WHY: dict[SubLabel | None, str] = {
    SubLabel.BETWEEN_BARS: "The score stands between the bars.",
    SubLabel.STRADDLES_RULE_OUT: "The interval reaches over the rule-out bar.",
    SubLabel.STRADDLES_RULE_IN: "The score is above the rule-out bar and its interval reaches over the rule-in bar.",
    SubLabel.POINT_ONLY: "Only a point is known.",
    SubLabel.UNBOUNDED: "The interval has no upper end.",
    SubLabel.PARTIAL_RUN: "The deciding run is partial.",
    SubLabel.INCOMPARABLE_VARIANT: "A result under another statistic, version or scaffold reaches the bar.",
    SubLabel.RULE_OUT_ONLY: "The bar of a rule-out evaluation is reached; that alone shows nothing is present.",
    SubLabel.ONE_COHORT_CROSSES: "The cohorts together lie under the bar, and one of them alone reaches it.",
    SubLabel.SATURATED: "The criterion was declared saturated or retired and can no longer rule out.",
    SubLabel.NO_NUMERIC_BAR: "The source names a concern and prints no number to compare.",
    SubLabel.NO_BAR_IN_FORCE: NO_BAR,
}


def disagreement(by_point: FindingOutcome, by_bound: FindingOutcome, compared: Compared | None) -> str | None:
    """Say in words that the point and the bound would decide differently, if they would."""
    if compared is None or by_point is by_bound:
        return None
    second = "no interval can be made" if by_bound is FindingOutcome.UNESTIMABLE else f"by its interval {STANDING[by_bound]}"
    used = "the point" if compared is Compared.POINT else "the interval"
    return f"By its point the score is {STANDING[by_point]}; {second}. The criterion compares {used}."


def reason(verdict: VerdictOutcome, label: SubLabel | None, deciding: VariantFinding | None, missing: int) -> str:
    """Say in one sentence why the indicator has its verdict."""
    if label is SubLabel.SCORE_DROP:
        return DROPPED
    if deciding is None:
        return NO_BAR if label is SubLabel.NO_BAR_IN_FORCE else "Nothing was measured that the criterion can compare."
    if verdict is VerdictOutcome.CROSSED:
        return "The riskiest variant reaches the rule-in bar, even allowing for picking the best of them."
    if verdict is VerdictOutcome.RULED_OUT:
        return "Every variant that had to be measured lies on the safe side of the rule-out bar."
    if verdict is VerdictOutcome.INSUFFICIENT_EVIDENCE and missing:
        return "Planned variants have no usable score, so nothing can be ruled out."
    words = WHY.get(deciding.sub_label, "The evidence does not decide.")
    return f"{words} {deciding.reason[:1].upper()}{deciding.reason[1:]}.".strip() if deciding.reason else words
