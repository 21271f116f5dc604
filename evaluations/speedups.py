"""Speedups and other ratios of one run each: their geometric mean, and what the best of several runs supports (statistics a7).

The rules kept here: ratios are averaged and bounded as logarithms, so that twice as fast and half as fast cancel, and a bar is put on
the same logarithmic scale; a ratio of 0 or less has no logarithm and is refused; the best of several runs is a maximum and supports two
sentences only, both exact and without any distribution: how likely a further run beats it, and with what confidence a share of all
runs lies below it (Wilks 1941, Ann. Math. Stat. 12:91).

Left out: any other interval for a best-of value. None is honest.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluations.clusters import FEW_CLUSTERS, FEW_CLUSTERS_NOTE, clustered_mean
from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.exact_numbers import Given, exact_bar, exact_number, exact_scores, saturated, whole_count
from evaluations.item_scores import mean_of
from evaluations.quantiles import checked, t_below, t_quantile
from evaluations.summaries import VANISHING

LARGEST_LOG = 709.0  # the largest logarithm of a float (IEEE 754, binary64)
EXACT_ROOT = 1000  # our choice: most ratios whose product is worked out, to see whether its root is a short fraction
EXACT_POWER = 10_000  # our choice: largest power that is compared exactly; beyond it logarithms are near enough


@dataclass(frozen=True, kw_only=True)
class LogStudentEstimate(Estimate):
    """t interval on logarithms, told on the scale of the ratio; the degrees of freedom may be fractional."""

    log_mean: float
    standard_error: float
    degrees_of_freedom: float

    def _bound(self, alpha: float, side: int) -> float:
        end = self.log_mean + side * t_quantile(self.degrees_of_freedom, checked(alpha)) * self.standard_error
        return math.exp(end) if end < LARGEST_LOG else math.inf

    def lower(self, alpha: float) -> float:
        return self._bound(alpha, -1)

    def upper(self, alpha: float) -> float:
        return self._bound(alpha, 1)

    def _t(self, bar: Fraction) -> float:
        return (self.log_mean - logarithm(bar)) / self.standard_error

    def p_below(self, bar: Bar) -> float:
        """1 for a bar of 0 or less, because no ratio lies below it."""
        at = exact_bar(bar)
        return t_below(self.degrees_of_freedom, self._t(at)) if at > 0 else 1.0

    def p_above(self, bar: Bar) -> float:
        """0 for a bar of 0 or less, which every ratio reaches."""
        at = exact_bar(bar)
        return t_below(self.degrees_of_freedom, -self._t(at)) if at > 0 else 0.0


def logarithm(ratio: Fraction) -> float:
    """Natural logarithm of a positive fraction, also of one that is no float."""
    near = saturated(ratio)
    return math.log(near) if 0 < near < math.inf else math.log(ratio.numerator) - math.log(ratio.denominator)


def geometric_mean(ratios: Sequence[Given | None], clusters: Sequence[Hashable] | None = None) -> LogStudentEstimate | Unestimable:
    """Geometric mean of ratios, one an item, with a t interval on their logarithms (statistics a7).

    Bars and bounds are ratios. ``clusters`` names what makes ratios rise and fall together (CR2, Satterthwaite). Refuses no ratios, one,
    a missing one, one that is 0 or less, one cluster, and ratios that are all equal.
    """
    return geometric_mean_of_attempts([[ratio] for ratio in ratios], clusters)


def geometric_mean_of_attempts(
    attempts: Sequence[Sequence[Given | None]], clusters: Sequence[Hashable] | None = None
) -> LogStudentEstimate | Unestimable:
    """The same where items were attempted several times: items count equally, each with the geometric mean of its attempts."""
    ratios, logs = [], []
    for place, item in enumerate(attempts, 1):
        exact = exact_scores(item, f"item {place}, ratio")
        if isinstance(exact, Unestimable):
            return exact
        if min(exact) <= 0:
            words = f"item {place} has a ratio of {float(min(exact)):g}, and only ratios above 0 have a logarithm"
            return Unestimable("nonpositive_mean", words)
        ratios.append(exact)
        logs.append(mean_of([Fraction(logarithm(ratio)) for ratio in exact]))
    if not logs:
        return Unestimable("no_observations", "found no ratios at all")
    if clusters is not None and len(clusters) != len(logs):
        raise ValueError(f"found {len(clusters)} cluster names for {len(logs)} items, expected one for each")
    return _bounded(logs, _point(ratios, mean_of(logs)), clusters)


def _bounded(logs: Sequence[Fraction], point: Fraction, clusters: Sequence[Hashable] | None) -> LogStudentEstimate | Unestimable:
    own = None if clusters is None else [("item", at) if each is None else ("cluster", each) for at, each in enumerate(clusters)]
    if len(logs) == 1:
        return Unestimable("one_observation", "one ratio says nothing of its own error", point)
    if own is not None and len(set(own)) < 2:
        return Unestimable("one_cluster", "all ratios belong to one cluster, which says nothing of the spread between clusters", point)
    found = clustered_mean(logs, own)
    error, freedom = math.sqrt(found.variance_cr2), float(found.degrees_of_freedom)
    if error <= VANISHING:  # logarithms of equal ratios reached by different roots differ in their last digit
        return Unestimable("all_values_equal", "all ratios are equal, so their spread says nothing of the error", point)
    notes = (FEW_CLUSTERS_NOTE,) if own is not None and found.clusters < FEW_CLUSTERS else ()
    error = max(error, math.sqrt(clustered_mean(logs).variance_cr2))  # pairing high with low ratios in clusters must not narrow it
    return LogStudentEstimate(
        point, "geometric_mean_t", len(logs), notes, log_mean=float(found.mean), standard_error=error, degrees_of_freedom=freedom
    )  # fmt: skip


def _point(ratios: Sequence[Sequence[Fraction]], log_mean: Fraction) -> Fraction:
    """The geometric mean: the nearest float, or the exact root where that is a short fraction, as a bar is (2 and 8 have exactly 4)."""
    near = Fraction(math.exp(log_mean))
    short = near.limit_denominator(10_000)  # 10,000: as precise as bars are written
    flat = [ratio for item in ratios for ratio in item]
    if len(flat) == len(ratios) <= EXACT_ROOT and short > 0 and short ** len(flat) == math.prod(flat, start=Fraction(1)):
        return short
    return near


@dataclass(frozen=True)
class BestOf:
    """The best of several runs and what follows from it. ``beaten_at_most`` is the chance that one more run beats it."""

    best: Fraction
    runs: int

    @property
    def beaten_at_most(self) -> Fraction:
        """1/(r+1): each of r+1 alike runs is as likely the best, and ties only lower it."""
        return Fraction(1, self.runs + 1)

    def confidence_below(self, content: Given) -> float | Unestimable:
        """Confidence that at least a share ``content`` of all runs lies at or below the best seen."""
        return confidence_below_best(content, self.runs)


def best_of(runs: Sequence[Given | None]) -> BestOf | Unestimable:
    """The highest of several runs (negate where lower is riskier). Refuses no runs and missing ones; gives no interval, ever."""
    exact = exact_scores(runs, "run")
    return exact if isinstance(exact, Unestimable) else BestOf(max(exact), len(exact))


def _share(given: Given, what: str) -> Fraction | Unestimable:
    share = exact_number(given, what)
    if isinstance(share, Unestimable) or 0 < share < 1:
        return share
    return Unestimable("off_scale", f"found {what} {float(share):g}, expected it between 0 and 1, ends excluded")


def confidence_below_best(content: Given, runs: Given) -> float | Unestimable:
    """``1 - q^r``: confidence that at least a share q of all runs lies at or below the best of r runs (Wilks 1941)."""
    share, count = _share(content, "the content"), whole_count(runs, "the number of runs")
    if isinstance(share, Unestimable):
        return share
    if isinstance(count, Unestimable):
        return count
    if count == 0:
        return Unestimable("no_observations", "no runs have no best")
    return -math.expm1(count * _log_of_share(share))


def tolerance_runs(content: Given, confidence: Given) -> int | Unestimable:
    """Fewest runs whose best has, with ``confidence``, at least a share ``content`` of all runs at or below it (Wilks 1941).

    59 runs for 95 % with 95 % confidence. Refuses shares outside 0 to 1, and what is no number.
    """
    share, sure = _share(content, "the content"), _share(confidence, "the confidence")
    if isinstance(share, Unestimable):
        return share
    if isinstance(sure, Unestimable):
        return sure
    runs = max(1, math.ceil(logarithm(1 - sure) / _log_of_share(share)))
    if runs > EXACT_POWER:
        return runs
    while runs > 1 and share ** (runs - 1) <= 1 - sure:  # the logarithms round: stepped down and up until exact
        runs -= 1
    while share**runs > 1 - sure:
        runs += 1
    return runs


def _log_of_share(share: Fraction) -> float:
    """log(q), by way of 1 - q where q is near 1."""
    return math.log1p(-float(1 - share)) if share > Fraction(1, 2) else logarithm(share)
