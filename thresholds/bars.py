"""One estimate against the bars of one criterion: the truth table of statistics c5, and nothing else.

The rules kept here: everything is first turned so that larger is riskier; to rule out, the upper bound must lie strictly under
the rule-out bar; to cross, the lower bound must reach the rule-in bar (being at a bar is having reached it); a point without
a usable interval may prevent a rule-out and never support one; one published bar sets both; comparing is exact.

Left out: several variants (``thresholds.snapshots``) and what is missing among them (``thresholds.variants``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from evaluations.estimate import Estimate, Unestimable, negated
from evaluations.records import RiskierWhen
from thresholds.outcomes import Compared, Decides, FindingOutcome, SubLabel, VerdictOutcome


@dataclass(frozen=True)
class Bars:
    """Rule-out and rule-in bar on the evaluation's scale, the direction of risk, and the error levels in force.

    ``alpha_out`` and ``alpha_in`` are one-sided and already split over criteria; ``over`` splits the second over variants.
    """

    rule_out: Fraction
    rule_in: Fraction
    riskier_when: RiskierWhen
    compared: Compared
    decides: Decides
    alpha_out: float
    alpha_in: float

    def over(self, variants: int) -> Bars:
        """Return the bars each of ``variants`` is held to: only ruling in is corrected for picking the best of them (statistics c4)."""
        return replace(self, alpha_in=self.alpha_in / variants)

    @cached_property
    def out(self) -> Fraction:
        """The rule-out bar with the axis turned so that larger is riskier."""
        return self.rule_out if self.riskier_when is RiskierWhen.HIGHER else -self.rule_out

    @cached_property
    def crossing(self) -> Fraction:
        """The rule-in bar with the axis turned so that larger is riskier."""
        return self.rule_in if self.riskier_when is RiskierWhen.HIGHER else -self.rule_in

    @cached_property
    def _nearest(self) -> tuple[float, float]:
        return float(self.out), float(self.crossing)

    def is_under_out(self, bound: float | Fraction) -> bool:
        """Say whether a bound lies strictly under the rule-out bar, exactly."""
        return _is_under(bound, self.out, self._nearest[0])

    def is_under_crossing(self, bound: float | Fraction) -> bool:
        """Say whether a bound lies strictly under the rule-in bar, exactly."""
        return _is_under(bound, self.crossing, self._nearest[1])

    def turned(self, estimate: Estimate) -> Estimate:
        """Return the estimate with the axis turned so that larger is riskier."""
        return estimate if self.riskier_when is RiskierWhen.HIGHER else negated(estimate)

    def turned_point(self, point: Fraction) -> Fraction:
        """Return a point with the axis turned so that larger is riskier."""
        return point if self.riskier_when is RiskierWhen.HIGHER else -point


def _is_under(bound: float | Fraction, bar: Fraction, near: float) -> bool:
    """Compare exactly, and mostly without a fraction: any float but the bar's nearest lies on the same side of the bar as of that one."""
    if isinstance(bound, float) and bound != near:
        return bound < near
    return Fraction(bound) < bar


@dataclass(frozen=True)
class Judged:
    """Where an estimate stands: by its point, by its bounds, by what the criterion compares, and the verdict on it alone."""

    outcome: FindingOutcome
    by_point: FindingOutcome
    by_bound: FindingOutcome
    verdict: VerdictOutcome
    sub_label: SubLabel | None


def judge(estimate: Estimate | Unestimable, bars: Bars) -> Judged:
    """Return where ``estimate`` (on the evaluation's own scale) stands against ``bars``."""
    by_point = _by_point(estimate.point, bars)
    if isinstance(estimate, Unestimable):
        return _without_interval(estimate, by_point)
    turned = bars.turned(estimate)
    low, high = turned.lower(bars.alpha_in), turned.upper(bars.alpha_out)
    if math.isnan(low) or math.isnan(high):  # global rule 4: what is no number rules nothing out, whatever the other end says
        return _without_interval(Unestimable("not_a_number", "an end of the interval is no number", estimate.point), by_point)
    # asked in this order because a crossing outranks a rule-out; with bars in order and honest bounds both cannot hold
    below = FindingOutcome.BELOW if bars.is_under_out(high) else FindingOutcome.BETWEEN
    by_bound = below if bars.is_under_crossing(low) else FindingOutcome.ABOVE
    if bars.compared is Compared.POINT:
        verdict, outcome = _plain_verdict(by_point), by_point
        label: SubLabel | None = SubLabel.BETWEEN_BARS
        if by_point is FindingOutcome.BELOW and high == float("inf"):  # c5: no bound at all rules nothing out
            verdict, label, outcome = VerdictOutcome.NOT_RULED_OUT, SubLabel.UNBOUNDED, FindingOutcome.BETWEEN
    else:
        verdict, outcome = _plain_verdict(by_bound), by_bound
        label = _label(turned.lower(bars.alpha_out), high, bars) if verdict is VerdictOutcome.NOT_RULED_OUT else None
    if verdict is VerdictOutcome.CROSSED and bars.decides is Decides.RULE_OUT:
        return Judged(outcome, by_point, by_bound, VerdictOutcome.NOT_RULED_OUT, SubLabel.RULE_OUT_ONLY)
    return Judged(outcome, by_point, by_bound, verdict, label if verdict is VerdictOutcome.NOT_RULED_OUT else None)


def _by_point(point: Fraction | None, bars: Bars) -> FindingOutcome:
    if point is None:
        return FindingOutcome.UNESTIMABLE
    turned = bars.turned_point(point)
    if turned < bars.out:
        return FindingOutcome.BELOW
    return FindingOutcome.ABOVE if turned >= bars.crossing else FindingOutcome.BETWEEN


def _plain_verdict(outcome: FindingOutcome) -> VerdictOutcome:
    return {
        FindingOutcome.BELOW: VerdictOutcome.RULED_OUT,
        FindingOutcome.BETWEEN: VerdictOutcome.NOT_RULED_OUT,
        FindingOutcome.ABOVE: VerdictOutcome.CROSSED,
        FindingOutcome.UNESTIMABLE: VerdictOutcome.INSUFFICIENT_EVIDENCE,
    }[outcome]


def _without_interval(missing: Unestimable, by_point: FindingOutcome) -> Judged:
    """Rows four to six of the table: a point alone may prevent a rule-out; the comparison with ``below`` is never allowed."""
    if missing.reason == "degenerate_control":  # statistics b2: a ratio to a control of zero is never ruled out, never crossed
        return Judged(FindingOutcome.UNESTIMABLE, by_point, FindingOutcome.UNESTIMABLE, VerdictOutcome.NOT_RULED_OUT, SubLabel.UNBOUNDED)
    if by_point in (FindingOutcome.BETWEEN, FindingOutcome.ABOVE):
        verdict, label = VerdictOutcome.NOT_RULED_OUT, SubLabel.POINT_ONLY
    else:
        verdict = VerdictOutcome.INSUFFICIENT_EVIDENCE
        label = SubLabel.NOT_ASSESSED if by_point is FindingOutcome.UNESTIMABLE else SubLabel.POINT_ONLY
    return Judged(FindingOutcome.UNESTIMABLE, by_point, FindingOutcome.UNESTIMABLE, verdict, label)


def _label(low: float, high: float, bars: Bars) -> SubLabel:
    if high == float("inf"):
        return SubLabel.UNBOUNDED
    if bars.is_under_out(low):
        return SubLabel.STRADDLES_RULE_OUT
    return SubLabel.BETWEEN_BARS if bars.is_under_crossing(high) else SubLabel.STRADDLES_RULE_IN
