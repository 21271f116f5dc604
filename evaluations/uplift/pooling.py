"""Many cohorts of one trial: how much they differ, and the mean of all groups like these (statistics b6).

The rules kept here: five cohorts or more are taken as a sample of groups, so the spread between groups (tau) counts as error; it
is estimated after Paule and Mandel (1982, J. Res. NBS 87:377), and the interval is Hartung and Knapp's (2001, Stat. Med. 20:3875)
with t on one degree of freedom fewer than cohorts, *modified*: its factor never falls below 1, or cohorts that happen to agree
would seem to know more than their participants (Roever, Knapp, Friede 2015, BMC MRM 15:99). Where the t interval of the unweighted mean
is wider, it decides: weights from cohorts of two or three people are luck, and one tiny spread takes them all. Measured, 2,000 trials,
twelve cohorts of 2, 3 and 5 people an arm, tau 0 and 0.3, truth at the bar: false rule-out at 2.5 % of the first alone 4.8 and 3.9, 4.0
and 3.0, 3.0 and 2.6, of the wider at most 2.1 (false rule-in 2.8); thirty cohorts of 2 and 3 people 6.6 and 5.3 alone, 2.7 the wider.
All other forms are shown beside it and decide nothing: common effect, REML with Hartung and Knapp,
DerSimonian and Laird (1986, Control. Clin. Trials 7:177).
Everything is sorted before it is summed, so the order of cohorts changes no digit; a spread that no search finds is refused.

Left out: two to four cohorts, whose spread nobody can estimate; they are joined with fixed weights (``evaluations.uplift.ratios``).
Left out: weighting cohorts by hand, and explaining why they differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from scipy import special

from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.exact_numbers import Given, exact_bar, exact_scores
from evaluations.quantiles import checked, t_below, t_quantile, z_quantile
from evaluations.speedups import logarithm
from evaluations.uplift.ratios import LARGEST_LOG, MOST_STRATA

FEWEST_COHORTS = MOST_STRATA + 1  # statistics b6
SMALLEST_VARIANCE, LARGEST_VARIANCE = 1e-60, 1e60  # our choice: their weights can be squared and summed in floats
LARGEST_EFFECT = 1e30  # our choice, for the same reason; a log ratio of two floats is below 1500
MOST_DOUBLINGS = 1200  # no float is doubled more often before it is infinite (IEEE 754, binary64)
STARTS_PER_DOUBLING = 2  # our choice: how closely the restricted likelihood is searched for a second maximum

OF_ALL_GROUPS = "Speaks of the mean of all groups like these; for one further group see the prediction interval, which is wider."

NO_END = Unestimable("statistic_has_no_interval", "the search for the spread between groups found no end")

Observed = tuple[tuple[float, float], ...]  # effect and variance of each cohort, sorted


@dataclass(frozen=True)
class Heterogeneity:
    """How much cohorts differ: Cochran's Q with its p, I^2 in percent, and the spread between groups tau (Paule and Mandel).

    ``reading`` names the meaning of an undefined plus-minus under which it was computed; empty if all is defined.
    """

    cohorts: int
    q: float
    degrees_of_freedom: int
    p: float
    i_squared_percent: float
    tau_squared: float
    reading: str = ""

    @property
    def tau(self) -> float:
        """Standard deviation between groups, on the scale of the effects (a log ratio)."""
        return math.sqrt(self.tau_squared)

    def read_as(self, reading: str) -> Heterogeneity:
        """The same facts, saying under which meaning of a plus-minus they hold."""
        return replace(self, reading=reading)


@dataclass(frozen=True)
class PooledMean:
    """A mean over cohorts on the scale of the effects; ``degrees_of_freedom`` is ``None`` where the normal distribution is used."""

    estimate: float
    standard_error: float
    tau_squared: float
    degrees_of_freedom: int | None

    def quantile(self, alpha: float) -> float:
        """How many standard errors an end with one-sided error ``alpha`` lies away."""
        return z_quantile(checked(alpha)) if self.degrees_of_freedom is None else t_quantile(self.degrees_of_freedom, checked(alpha))

    def interval(self, alpha: float) -> tuple[float, float]:
        """Ends with error ``alpha`` on either side."""
        half = self.quantile(alpha) * self.standard_error
        return self.estimate - half, self.estimate + half

    def prediction(self, alpha: float) -> tuple[float, float]:
        """Where the true effect of one further group lies (Higgins, Thompson, Spiegelhalter 2009, JRSS A 172:137)."""
        half = self.quantile(alpha) * math.sqrt(self.standard_error**2 + self.tau_squared)
        return self.estimate - half, self.estimate + half


@dataclass(frozen=True)
class MetaAnalysis:
    """All forms of one pooling. ``paule_mandel_modified`` decides; the others describe how much depends on the form."""

    heterogeneity: Heterogeneity
    common_effect: PooledMean
    paule_mandel_modified: PooledMean
    paule_mandel_plain: PooledMean
    reml_modified: PooledMean
    reml_plain: PooledMean
    dersimonian_laird: PooledMean


@dataclass(frozen=True, kw_only=True)
class PooledRatioEstimate(Estimate):
    """Ratio over all groups like these: bounds are exponentials of those of the mean log ratio, and always positive.

    On either side the less favourable of ``mean`` and ``unweighted`` decides; the point is that of ``mean``.
    """

    mean: PooledMean
    unweighted: PooledMean
    heterogeneity: Heterogeneity

    @property
    def _means(self) -> tuple[PooledMean, ...]:
        """Both; cohorts that are all equal have no spread of their own, and ``mean`` decides alone."""
        return (self.mean, self.unweighted) if self.unweighted.standard_error > 0 else (self.mean,)

    def lower(self, alpha: float) -> float:
        return min(_exponential(each.interval(alpha)[0]) for each in self._means)

    def upper(self, alpha: float) -> float:
        return max(_exponential(each.interval(alpha)[1]) for each in self._means)

    def prediction(self, alpha: float) -> tuple[float, float]:
        """Where the true ratio of one further group lies, with error ``alpha`` on either side."""
        lows, highs = zip(*(each.prediction(alpha) for each in self._means), strict=True)
        return _exponential(min(lows)), _exponential(max(highs))

    def _tail(self, bar: Fraction, sign: int) -> float:
        at, freedom = logarithm(bar), self.heterogeneity.degrees_of_freedom
        return max(t_below(freedom, sign * (each.estimate - at) / each.standard_error) for each in self._means)

    def p_below(self, bar: Bar) -> float:
        at = exact_bar(bar)
        return 1.0 if at <= 0 else self._tail(at, 1)  # a ratio is positive: it is never below a bar at 0 or less

    def p_above(self, bar: Bar) -> float:
        at = exact_bar(bar)
        return 0.0 if at <= 0 else self._tail(at, -1)


def _exponential(log_ratio: float) -> float:
    return math.exp(log_ratio) if log_ratio < LARGEST_LOG else math.inf


def _observed(effects: Sequence[Given], variances: Sequence[Given]) -> Observed | Unestimable:
    if len(effects) != len(variances):
        raise ValueError(f"found {len(effects)} effects and {len(variances)} variances, expected as many of both")
    read, spreads = exact_scores(effects, "effect"), exact_scores(variances, "variance")
    if isinstance(read, Unestimable):
        return read
    if isinstance(spreads, Unestimable):
        return spreads
    if len(read) == 1:
        return Unestimable("one_observation", "one cohort says nothing of how cohorts differ")
    observed = tuple(sorted((float(effect), float(variance)) for effect, variance in zip(read, spreads, strict=True)))
    if any(variance < 0 for _, variance in observed):
        return Unestimable("negative_spread", "the variance of a cohort is negative")
    if any(variance == 0 for _, variance in observed):
        return Unestimable("statistic_has_no_interval", "the variance of a cohort is 0, which would give it all the weight")
    if any(abs(effect) > LARGEST_EFFECT or not SMALLEST_VARIANCE <= variance <= LARGEST_VARIANCE for effect, variance in observed):
        return Unestimable("overflow", "effects or variances of cohorts are too large or too small for floats")
    return observed


def _weighted(observed: Observed, tau_squared: float) -> tuple[float, float, float]:
    """Sum of weights, weighted mean, and weighted sum of squares about it, with weights 1/(variance + tau^2)."""
    weights = [1 / (variance + tau_squared) for _, variance in observed]
    total = math.fsum(weights)
    mean = math.fsum(weight * effect for weight, (effect, _) in zip(weights, observed, strict=True)) / total
    squares = math.fsum(weight * (effect - mean) ** 2 for weight, (effect, _) in zip(weights, observed, strict=True))
    return total, mean, squares


def _root(falls: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that is positive at ``low`` and not at ``high`` changes its sign: the last float before it does."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if falls(middle) > 0 else (low, middle)
    return low


def _paule_mandel(observed: Observed) -> float | None:
    """tau^2 at which the weighted sum of squares is what it should be, k - 1 (Paule and Mandel 1982); 0 if it is less already."""

    def excess(tau_squared: float) -> float:
        return _weighted(observed, tau_squared)[2] - (len(observed) - 1)

    if excess(0.0) <= 0:
        return 0.0
    high = max(variance for _, variance in observed)
    for _ in range(MOST_DOUBLINGS):
        if excess(high) <= 0:
            return _root(excess, 0.0, high)
        high *= 2
    return None


def _restricted(observed: Observed, tau_squared: float) -> tuple[float, float]:
    """Restricted log likelihood and its slope in tau^2 (Harville 1977, JASA 72:320; Viechtbauer 2005, J. Educ. Behav. Stat. 30:261)."""
    weights = [1 / (variance + tau_squared) for _, variance in observed]
    total, mean, squares = _weighted(observed, tau_squared)
    likelihood = 0.5 * (math.fsum(map(math.log, weights)) - math.log(total) - squares)
    trace = total - math.fsum(weight**2 for weight in weights) / total
    steep = math.fsum(weight**2 * (effect - mean) ** 2 for weight, (effect, _) in zip(weights, observed, strict=True))
    return likelihood, 0.5 * (steep - trace)


def _reml(observed: Observed) -> float | None:
    """tau^2 of the highest restricted likelihood: every hill is climbed, because there may be more than one."""

    def slope(tau_squared: float) -> float:
        return _restricted(observed, tau_squared)[1]

    highest = (observed[-1][0] - observed[0][0]) ** 2  # beyond the largest squared difference plus variance the slope is negative
    end = 2 * (highest + max(variance for _, variance in observed))
    first = min(variance for _, variance in observed) / 1024  # our choice: far below the error of the best cohort
    steps = math.ceil(STARTS_PER_DOUBLING * math.log2(end / first))
    marks = [0.0] + [first * 2 ** (at / STARTS_PER_DOUBLING) for at in range(steps + 1)]
    slopes = [slope(mark) for mark in marks]
    if slopes[-1] > 0:
        return None
    hills = [0.0] + [_root(slope, marks[at], marks[at + 1]) for at in range(steps + 1) if slopes[at] > 0 >= slopes[at + 1]]
    return max(hills, key=lambda tau_squared: (_restricted(observed, tau_squared)[0], -tau_squared))


def _dersimonian_laird(observed: Observed) -> float:
    """tau^2 by moments, never below 0 (DerSimonian and Laird 1986)."""
    total, _, squares = _weighted(observed, 0.0)
    scale = total - math.fsum(1 / variance**2 for _, variance in observed) / total
    return max(0.0, (squares - (len(observed) - 1)) / scale)


def _normal(observed: Observed, tau_squared: float) -> PooledMean:
    total, mean, _ = _weighted(observed, tau_squared)
    return PooledMean(mean, 1 / math.sqrt(total), tau_squared, None)


def _hartung_knapp(observed: Observed, tau_squared: float, least_factor: float) -> PooledMean:
    """se^2 = max(least, q) / sum of weights, with q the mean weighted square (statistics b6)."""
    total, mean, squares = _weighted(observed, tau_squared)
    freedom = len(observed) - 1
    return PooledMean(mean, math.sqrt(max(least_factor, squares / freedom) / total), tau_squared, freedom)


def _unweighted(observed: Observed, tau_squared: float) -> PooledMean:
    """Every cohort counts the same and the error is that of their own spread: no variance by luck can give one of them the weight."""
    cohorts = len(observed)
    mean = math.fsum(effect for effect, _ in observed) / cohorts
    squares = math.fsum((effect - mean) ** 2 for effect, _ in observed)
    return PooledMean(mean, math.sqrt(squares / (cohorts - 1) / cohorts), tau_squared, cohorts - 1)


def meta_analysis(effects: Sequence[Given], variances: Sequence[Given]) -> MetaAnalysis | Unestimable:
    """Every form of pooling two or more effects with known variances, such as log ratios (statistics b6), as facts.

    Refuses fewer than two, what is not a finite number, a variance that is negative or 0, and a tau^2 that no search finds.
    """
    observed = _observed(effects, variances)
    if isinstance(observed, Unestimable):
        return observed
    differ = _heterogeneity(observed)
    if isinstance(differ, Unestimable):
        return differ
    mandel, restricted = differ.tau_squared, _reml(observed)
    if restricted is None:
        return NO_END
    return MetaAnalysis(
        differ, _normal(observed, 0.0),
        _hartung_knapp(observed, mandel, 1.0), _hartung_knapp(observed, mandel, 0.0),
        _hartung_knapp(observed, restricted, 1.0), _hartung_knapp(observed, restricted, 0.0),
        _normal(observed, _dersimonian_laird(observed)),
    )  # fmt: skip


def heterogeneity(effects: Sequence[Given], variances: Sequence[Given]) -> Heterogeneity | Unestimable:
    """How much two or more effects differ beyond their own errors: Q, p, I^2, tau. Refuses as ``meta_analysis`` does."""
    observed = _observed(effects, variances)
    return observed if isinstance(observed, Unestimable) else _heterogeneity(observed)


def _heterogeneity(observed: Observed) -> Heterogeneity | Unestimable:
    tau_squared = _paule_mandel(observed)
    if tau_squared is None:
        return NO_END
    freedom, q = len(observed) - 1, _weighted(observed, 0.0)[2]
    share = max(0.0, 1 - freedom / q) if q else 0.0
    return Heterogeneity(len(observed), q, freedom, float(special.chdtrc(freedom, q)), 100 * share, tau_squared)


def pooled_log_ratio(
    effects: Sequence[Given], variances: Sequence[Given], observations: int | None = None, notes: tuple[str, ...] = ()
) -> Estimate | Unestimable:
    """Ratio over all groups like these, from the log ratio of each cohort and its variance (statistics b6).

    Random effects after Paule and Mandel with the modified interval of Hartung and Knapp, on the scale of the ratio, or the t interval
    of the unweighted mean where that is wider.
    Refuses fewer than five cohorts, a ratio beyond what a float holds, and what ``meta_analysis`` refuses.
    """
    observed = _observed(effects, variances)
    if isinstance(observed, Unestimable):
        return observed
    differ = _heterogeneity(observed)
    if isinstance(differ, Unestimable):
        return differ
    mean = _hartung_knapp(observed, differ.tau_squared, 1.0)
    if abs(mean.estimate) >= LARGEST_LOG:
        return Unestimable("overflow", "the pooled ratio is beyond what a float holds")
    point = Fraction(math.exp(mean.estimate))
    if len(effects) < FEWEST_COHORTS:
        words = f"{len(effects)} cohorts say too little of the spread between groups; random effects need {FEWEST_COHORTS}"
        return Unestimable("too_few_clusters", words, point)
    unweighted = _unweighted(observed, differ.tau_squared)
    return PooledRatioEstimate(
        point, "random_effects_modified_hk", observations, (*notes, OF_ALL_GROUPS), mean=mean, unweighted=unweighted, heterogeneity=differ
    )
