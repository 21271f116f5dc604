"""The time horizon: how long a task may be for a skilled person before the model's chance of solving it falls to a given share.

The rules kept here (statistics a7): the horizon is where the curve of success over length meets the reliability asked for (Kwa et al.
2025, arXiv 2503.14499); its interval rests on the spread between families of tasks, with t on the families that inform, because one
that counts every attempt covers the truth two times in three; near the ends of the tested lengths that interval is still too sure,
so the deciding ends are the widest of three (``HorizonEstimate``).

Left out: the curve itself (``evaluations.length_curves``); the bootstrap over families, which covers 89 to 93 % where it says 95
(docs/statistics.md f); and a longest length up to which horizons can be trusted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluations.clusters import FEW_CLUSTERS, FEW_CLUSTERS_NOTE
from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.exact_numbers import exact_bar
from evaluations.length_curves import EVEN, Errors, LengthCurve, Task, length_curve, logit, spoken
from evaluations.quantiles import checked, p_above_by_bound, p_below_by_bound, t_below, t_quantile

SAME_SPREAD = 1e-9  # our choice, relative to the error of independent attempts: below it families differ by rounding alone
SURE = 0.025  # one-sided (statistics, section 0): a fall less sure than this is said

UNSURE_FALL = "That success falls with length is itself unsure here: the interval of the horizon is rough."


@dataclass(frozen=True, kw_only=True)
class HorizonEstimate(Estimate):
    """A horizon in minutes. The deciding ends are the widest of three: the delta method, which is symmetric on the log scale, and the
    lengths at which a t test does not find the chance of success beyond ``reliability`` (Fieller 1954, JRSS B 16:175), by the spread
    between families and by the independent errors. They and their t rest on the tasks and families that inform (``LengthCurve.deciding``),
    because those that nobody doubts agree with any curve. An end that does not exist, or lies beyond every float, is infinite.

    The delta method alone is too sure near the ends of the tested lengths: where success happens to fall steeply, the horizon
    comes out near the middle and its error small, at once. The independent errors stand in where few families agree by chance.
    """

    reliability: Fraction
    log2_horizon: float
    standard_error: float  # of the log2 horizon, from the spread between families
    degrees_of_freedom: int
    curve: LengthCurve

    def delta_lower(self, alpha: float) -> float:
        """Lower end by the delta method alone (statistics a7)."""
        return _minutes(self.log2_horizon - t_quantile(self.degrees_of_freedom, checked(alpha)) * self.standard_error)

    def delta_upper(self, alpha: float) -> float:
        """Upper end by the delta method alone (statistics a7)."""
        return _minutes(self.log2_horizon + t_quantile(self.degrees_of_freedom, checked(alpha)) * self.standard_error)

    def lower(self, alpha: float) -> float:
        return min(self.delta_lower(alpha), *(low for low, _ in self._ends(alpha)))

    def upper(self, alpha: float) -> float:
        return max(self.delta_upper(alpha), *(high for _, high in self._ends(alpha)))

    def _ends(self, alpha: float) -> list[tuple[float, float]]:
        t = t_quantile(self.curve.informing - 1, checked(alpha))
        away = t * max(self.curve.log2_error(self.curve.deciding[-1], self.reliability), self.standard_error)
        delta = _minutes(self.log2_horizon - away), _minutes(self.log2_horizon + away)
        return [delta, *(self._tested(errors, t * t) for errors in self.curve.deciding)]

    def _tested(self, errors: Errors, squared: float) -> tuple[float, float]:
        """Ends of the lengths at which the logit lies within t standard errors of the one asked for, in minutes.

        With d the distance from the horizon: (fall d)^2 = t^2 (v + 2 c d + w d^2), where v + 2 c d + w d^2 is the variance of the logit.
        """
        place = self.curve.place(self.reliability)
        left = self.curve.fall**2 - squared * errors.fall
        if not left > 0:  # not even the fall is sure at this level, so no length can be excluded
            return 0.0, math.inf
        slant = squared * (errors.both + place * errors.fall)
        root = math.sqrt(slant**2 + left * squared * errors.of_logit(place))
        ends = (place + (slant - root) / left, place + (slant + root) / left)
        return _minutes(self.curve.log2_minutes(ends[0])), _minutes(self.curve.log2_minutes(ends[1]))

    def p_below(self, bar: Bar) -> float:
        return p_below_by_bound(self.upper, bar, t_below(self.degrees_of_freedom, self._distance(bar)))

    def p_above(self, bar: Bar) -> float:
        return p_above_by_bound(self.lower, bar, t_below(self.degrees_of_freedom, -self._distance(bar)))

    def _distance(self, bar: Bar) -> float:
        exact = exact_bar(bar)
        if exact <= 0:
            return math.inf
        return (self.log2_horizon - (math.log2(exact.numerator) - math.log2(exact.denominator))) / self.standard_error


def _minutes(log2_minutes: float) -> float:
    return math.exp2(log2_minutes) if log2_minutes < 1024 else math.inf  # 2^1024 is beyond every float (IEEE 754, binary64)


def time_horizon(tasks: Sequence[Task], reliability: Fraction = EVEN) -> HorizonEstimate | Unestimable:
    """Horizon in human minutes at which the chance of success is ``reliability``, with family-clustered bounds (statistics a7).

    Logistic regression of passed attempts on log2 of human minutes (Kwa et al. 2025, arXiv 2503.14499), sandwich over families
    with t. Refuses what ``length_curve`` refuses, fewer than two families that inform the curve, families that all did the same,
    and a curve so flat that its horizon is no number. Few families (or few that count), a horizon outside the tested lengths, and
    a fall that is not sure carry a note. Raises ``ValueError`` for a reliability that is no share between 0 and 1.
    """
    logit(reliability)
    curve = length_curve(tasks)
    if isinstance(curve, Unestimable):
        return curve
    log2 = curve.log2_horizon(reliability)
    minutes = _minutes(log2)
    if not 0 < minutes < math.inf:
        return Unestimable("overflow", "success hardly falls with length: the horizon lies beyond any number of minutes")
    point = Fraction(minutes)
    if curve.clustered is None or not curve.deciding:
        words = "all tasks belong to one family" if curve.families < 2 else "one family alone informs the curve"
        return Unestimable("one_cluster", f"{words}, which says nothing of the spread between families", point)
    error = curve.log2_error(curve.clustered, reliability)
    if not SAME_SPREAD * curve.log2_error(curve.independent, reliability) < error < math.inf:
        return Unestimable("all_values_equal", "every family speaks for the same horizon, so they say nothing of its error", point)
    return HorizonEstimate(
        point, "logistic_horizon", curve.tasks, _notes(curve, minutes),
        reliability=reliability, log2_horizon=log2, standard_error=error, degrees_of_freedom=curve.families - 1, curve=curve,
    )  # fmt: skip


def _notes(curve: LengthCurve, minutes: float) -> tuple[str, ...]:
    notes = []
    if curve.families < FEW_CLUSTERS:
        notes.append(FEW_CLUSTERS_NOTE)
    elif curve.informing < FEW_CLUSTERS:
        count = f"The {curve.families} families inform the curve so unequally that they count as {curve.informing:.1f}"
        notes.append(f"{count}: the interval is rough below six.")
    if not curve.shortest <= minutes <= curve.longest:
        notes.append(f"Extrapolated: outside the tested lengths of {spoken(curve.shortest)} to {spoken(curve.longest)} minutes.")
    if -curve.fall <= t_quantile(curve.informing - 1, SURE) * math.sqrt(curve.deciding[-1].fall):
        notes.append(UNSURE_FALL)
    return tuple(notes)
