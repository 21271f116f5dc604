"""The ratio and the difference of two means, from summaries of two arms (statistics b1, b2, b3, b5, b6).

The rules kept here: the ratio of two means is bounded by inverting the Welch test of ``model - ratio * control`` (Fieller
1954, JRSS B 16:175), with the degrees of freedom taken anew at each ratio, and an upper end that cannot be bounded is
infinite; the bound for ruling in must hold on the log scale too; two to four cohorts are joined with fixed weights and the
estimate speaks of these cohorts on average; a control arm whose scores are all equal bounds no ratio; people who share a team
count as one cluster of their arm, with its own degrees of freedom. A score that is no finite number, an arm of one, a negative
variance, and numbers beyond what floats can square twice are refused in words, and the refusal of an arm is that of its ratio.

No interval of few people sees a rare success that none of them had, and their ratios say so. Controls N(10, 2), model N(20, 3) but for a
share q scoring 100, truth at the bar: false rule-out 32.9 % at 2.5 % (10 people, q = 0.1), 20.1 % (30 people, q = 0.05).

Left out: random effects for five cohorts or more, covariates, and repeated looks at one trial.
Left out: a covariance of arms that share a team. Shared teams score alike, so without it the contrast seems no more certain.
Left out: clipping a negative lower end. It means "no evidence of any uplift" and stays raw.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.exact_numbers import exact_bar, saturated
from evaluations.quantiles import LARGEST_ERROR, checked, t_below, t_below_each, t_quantile
from evaluations.speedups import logarithm
from evaluations.summaries import StudentEstimate
from evaluations.uplift.arms import OUT_OF_RANGE, ArmSummary, Contrast, MeasuredArm, counted, out_of_range, refused_arm, unseen

MOST_STRATA = 4  # statistics b6: five cohorts or more need random effects
LARGEST_LOG = 709.0  # the largest logarithm of a float (IEEE 754, binary64)
STEPS = 512  # our choice: steps on either side of the point; the curves are made of cosines and have no finer detail
NEARLY_ONE = 1 - 1e-9  # our choice: a squared correlation nearer to 1 leaves a variance that is all rounding
SUREST = 1e-9  # our choice: relative error of the ratio below which the angle of a bound loses its digits
LEAST_SURE = 1e15  # our choice: error of the control mean beside that mean; beyond it fourth powers leave the floats
FARTHEST = 1e20  # our choice, in units: beyond any bound (tan of the last angle is 1.6e16), and its fourth power is a float
WIDEST_UNIT = 1e6  # our choice: beyond it an angle near 90 degrees would lose the digits of its ratio

ON_AVERAGE = "Speaks of these cohorts on average, equally weighted."
ON_WEIGHTED_AVERAGE = "Speaks of these cohorts on average, with the weights stated beforehand."

Interval = Literal["bounded", "upper_unbounded", "whole_line"]


def welch_difference(treatment: MeasuredArm, control: MeasuredArm) -> Estimate | Unestimable:
    """Difference of two means, degrees of freedom after Welch and Satterthwaite (statistics b1)."""
    if (refused := refused_arm((treatment, control))) is not None:
        return refused
    arms = [arm for arm in (treatment, control) if isinstance(arm, ArmSummary)]
    point, variance = arms[0].mean - arms[1].mean, arms[0].variance + arms[1].variance
    if variance == 0:
        return Unestimable("statistic_has_no_interval", "nobody in either arm differs, so the spread says nothing of the error", point)
    df = variance**2 / sum(arm.variance**2 / arm.degrees_of_freedom for arm in arms)
    observations, notes = counted(arms)
    return StudentEstimate(point, "welch", observations, notes, standard_error=math.sqrt(variance), degrees_of_freedom=df)


@dataclass(frozen=True)
class LogRatio:
    """The ratio on the log scale: delta standard error and Satterthwaite df (Hedges, Gurevitch, Curtis 1999, Ecology 80:1150)."""

    log_ratio: float
    standard_error: float
    degrees_of_freedom: float

    def bounds(self, quantile: float) -> tuple[float, float]:
        """Ends on the scale of the ratio, that quantile away."""
        lower, upper = self.log_ratio - quantile * self.standard_error, self.log_ratio + quantile * self.standard_error
        return math.exp(lower), (math.exp(upper) if upper < LARGEST_LOG else math.inf)

    def lower(self, alpha: float) -> float:
        """Lower bound of the ratio with a t quantile."""
        return self.bounds(t_quantile(self.degrees_of_freedom, checked(alpha)))[0]

    def p_above(self, bar: Bar) -> float:
        """One-sided p of a ratio at or below the bar; a ratio is positive, so a bar at 0 or less is always exceeded."""
        at = exact_bar(bar)
        return 0.0 if at <= 0 else t_below(self.degrees_of_freedom, (logarithm(at) - self.log_ratio) / self.standard_error)


def log_delta(contrast: Contrast) -> LogRatio | None:
    """The ratio on the log scale (statistics b3), or ``None`` if the treatment mean is 0 and has no logarithm."""
    if contrast.treatment <= 0:
        return None
    mean_t, mean_c = float(contrast.treatment), float(contrast.control)
    squared = contrast.variance_treatment / mean_t**2 + contrast.variance_control / mean_c**2
    df = contrast.fixed_df
    if df is None:
        own = contrast.own_variances or (contrast.variance_treatment, contrast.variance_control)
        fourth = contrast.fourth_treatment / mean_t**4 + contrast.fourth_control / mean_c**4
        df = (own[0] / mean_t**2 + own[1] / mean_c**2) ** 2 / fourth
    squared -= 2 * contrast.covariance / (mean_t * mean_c)
    return LogRatio(math.log(contrast.ratio), math.sqrt(squared), df)


@dataclass(frozen=True, kw_only=True)
class FiellerEstimate(Estimate):
    """Ratio of two means. ``lower`` is the smaller of the Fieller bound and the log-scale bound, because ruling in needs both.

    Where the p-value is not monotone in the ratio (the degrees of freedom move with it) the largest root counts, so p at a bar
    is the largest p at any ratio beyond it (statistics b2).
    """

    contrast: Contrast

    @cached_property
    def _log(self) -> LogRatio | None:
        return log_delta(self.contrast)

    @cached_property
    def _unit(self) -> float:
        """The ratio whose angle is 45 degrees: that of the two standard errors, or near the point if one of them is tiny."""
        treatment, control = self.contrast.variance_treatment, self.contrast.variance_control
        natural = math.sqrt(treatment / control)
        return min(max(natural, self.value / WIDEST_UNIT), self.value * WIDEST_UNIT) or 1.0

    @cached_property
    def _angles(self) -> NDArray[np.float64]:
        """Ratios as angles: t is a cosine of the angle, so even steps miss nothing. The point stands at ``STEPS - 1``."""
        point = math.atan(self.value / self._unit)
        below, above = np.linspace(-math.pi / 2, point, STEPS + 1), np.linspace(point, math.pi / 2, STEPS + 1)
        return np.concatenate((below[1:], above[1:-1]))

    @cached_property
    def _ratios(self) -> NDArray[np.float64]:
        ratios = np.asarray(self._unit * np.tan(self._angles), dtype=np.float64)
        ratios[STEPS - 1] = self.value
        return ratios

    def _p(self, r: NDArray[np.float64], sign: int) -> NDArray[np.float64]:
        """Tail probability of the statistic at each ratio: below (sign +1, ruling out) or above (-1, ruling in)."""
        return t_below_each(self.contrast.degrees_of_freedom(r), sign * self.contrast.t(r))

    def _p_at(self, r: float, sign: int) -> float:
        t, degrees_of_freedom = self.contrast.t_at(r)
        return t_below(degrees_of_freedom, sign * t)

    @cached_property
    def _p_out(self) -> NDArray[np.float64]:
        return self._p(self._ratios, 1)

    @cached_property
    def _p_in(self) -> NDArray[np.float64]:
        return self._p(self._ratios, -1)

    @cached_property
    def _p_out_at_infinity(self) -> float:
        """The upper end is finite only below this error level: whether the control mean itself stands clear of 0."""
        return t_below(self.contrast.df_at_infinity, -float(self.contrast.control) / math.sqrt(self.contrast.variance_control))

    @cached_property
    def _valley(self) -> int:
        """Where below the point the evidence against a ratio is strongest; further down it weakens again and means nothing."""
        return int(np.argmin(self._p_in[:STEPS]))

    def _boundary(self, inside: float, outside: float, alpha: float, sign: int) -> float:
        """Angle between ``inside`` and ``outside`` at which p leaves the acceptance set, to the last digit."""
        while True:
            middle = (inside + outside) / 2
            if middle in (inside, outside):
                return inside if sign > 0 else outside
            p = self._p_at(self._unit * math.tan(middle), sign)
            accepted = p >= alpha if sign > 0 else p > alpha
            inside, outside = (middle, outside) if accepted else (inside, middle)

    def upper(self, alpha: float) -> float:
        return _upper(self, alpha)

    def fieller_lower(self, alpha: float) -> float:
        """The Fieller bound alone, which is what an interval of the ratio shows; it may be negative, or ``-inf``."""
        return _fieller_lower(self, alpha)

    def _find_upper(self, alpha: float) -> float:
        if self._p_out_at_infinity >= checked(alpha):
            return math.inf
        if alpha == LARGEST_ERROR:
            return self.value
        accepted = np.flatnonzero(self._p_out[STEPS:] >= alpha)
        last = STEPS - 1 if not accepted.size else STEPS + int(accepted[-1])  # the point itself is never ruled out
        outside = float(self._angles[last + 1]) if last + 1 < len(self._angles) else math.pi / 2
        return self._unit * math.tan(self._boundary(float(self._angles[last]), outside, alpha, 1))

    def _find_fieller_lower(self, alpha: float) -> float:
        if self._p_in[self._valley] > checked(alpha):
            return -math.inf
        if alpha == LARGEST_ERROR:
            return self.value
        accepted = np.flatnonzero(self._p_in[self._valley : STEPS - 1] > alpha)
        first = STEPS - 1 if not accepted.size else self._valley + int(accepted[0])  # the point itself is never exceeded
        return self._unit * math.tan(self._boundary(float(self._angles[first]), float(self._angles[first - 1]), alpha, -1))

    def lower(self, alpha: float) -> float:
        return min(self.fieller_lower(alpha), self._log.lower(alpha) if self._log else 0.0)

    def interval(self, alpha: float) -> Interval:
        """Shape of the Fieller set with error ``alpha`` on either side."""
        if self.upper(alpha) < math.inf:
            return "bounded"
        return "whole_line" if self.fieller_lower(alpha) == -math.inf else "upper_unbounded"

    def _at(self, bar: Bar) -> float:
        """The bar as a ratio; one beyond ``FARTHEST`` stands for infinity, which no float can tell from it."""
        farthest = FARTHEST * self._unit
        return max(-farthest, min(farthest, saturated(exact_bar(bar))))

    def p_below(self, bar: Bar) -> float:
        at = self._at(bar)
        beyond = self._p_out[self._ratios > at]
        return max(self._p_at(at, 1), self._p_out_at_infinity, float(beyond.max(initial=0.0)))

    def fieller_p_above(self, bar: Bar) -> float:
        """p of the Fieller test alone."""
        at, lowest = self._at(bar), float(self._ratios[self._valley])
        least = float(self._p_in[self._valley])
        if at <= lowest:
            return least
        between = self._p_in[(self._ratios > lowest) & (self._ratios < at)]
        return max(least, self._p_at(at, -1), float(between.max(initial=0.0)))

    def log_p_above(self, bar: Bar) -> float:
        """p of the test on the log scale alone; a treatment mean of 0 reaches no bar above 0."""
        return self._log.p_above(bar) if self._log else float(bar > 0)

    def p_above(self, bar: Bar) -> float:
        return max(self.fieller_p_above(bar), self.log_p_above(bar))


# One assessment asks for the same bound up to ten times: to judge, to label, to draw, and again for each reading.
BOUNDS_KEPT = 4096  # our choice: several large assessments


@lru_cache(maxsize=BOUNDS_KEPT)
def _upper(estimate: FiellerEstimate, alpha: float) -> float:
    return estimate._find_upper(alpha)


@lru_cache(maxsize=BOUNDS_KEPT)
def _fieller_lower(estimate: FiellerEstimate, alpha: float) -> float:
    return estimate._find_fieller_lower(alpha)


def _impossible(contrast: Contrast, point: Fraction | None) -> Unestimable | None:
    """Why no two means have these variances and this covariance, or floats cannot hold them."""
    variances, covariance = (contrast.variance_treatment, contrast.variance_control), contrast.covariance
    if not all(map(math.isfinite, (*variances, covariance))):
        return Unestimable("not_a_number", "a variance or the covariance of the means is not a finite number", point)
    if min(variances) < 0:
        return Unestimable("negative_spread", "a variance of a mean is negative", point)
    if covariance and covariance**2 > NEARLY_ONE * variances[0] * variances[1]:
        return Unestimable("negative_spread", "a covariance as large as that leaves the difference of the means no variance", point)
    if out_of_range((contrast.treatment, contrast.control), variances):
        return Unestimable("overflow", OUT_OF_RANGE, point)
    return None


def fieller(contrast: Contrast, method: str, observations: int | None, notes: tuple[str, ...]) -> FiellerEstimate | Unestimable:
    """Ratio of the two means of a contrast (statistics b2). Refuses means that have no ratio, and a mean without an error."""
    means, variances = (contrast.treatment, contrast.control), (contrast.variance_treatment, contrast.variance_control)
    point = contrast.ratio if contrast.control > 0 and contrast.treatment >= 0 else None
    if (impossible := _impossible(contrast, point)) is not None:
        return impossible
    if min(means) < 0:
        return Unestimable("nonpositive_mean", "a negative mean has no ratio")
    if contrast.control == 0 or variances[1] == 0:
        return Unestimable("degenerate_control", "a control arm whose scores are all equal, or all 0, bounds no ratio", point)
    if variances[0] == 0:  # two people who agree are no certainty
        return Unestimable("statistic_has_no_interval", "a model arm whose scores are all equal says nothing of its error", point)
    of_control = math.sqrt(variances[1]) / float(contrast.control)
    of_treatment = math.sqrt(variances[0]) / float(contrast.treatment) if contrast.treatment else math.inf
    if math.hypot(of_treatment, of_control) < SUREST or of_control > LEAST_SURE:
        return Unestimable("overflow", "the errors and the means are too far apart in size to be computed with", point)
    return FiellerEstimate(contrast.ratio, method, observations, notes, contrast=contrast)


def stratified(
    pairs: Sequence[tuple[MeasuredArm, MeasuredArm]], weights: Sequence[Fraction] | None = None
) -> FiellerEstimate | Unestimable:
    """Ratio over one to four cohorts with fixed weights (statistics b2, b6); each pair is treatment and control.

    Refuses what an arm refuses, a negative mean, and a control arm of any cohort whose scores are all equal or all 0.
    """
    if not pairs:
        return Unestimable("no_observations", "a ratio over no cohort")
    each = [Fraction(1, len(pairs))] * len(pairs) if weights is None else list(weights)
    if sum(each) != 1 or min(each) <= 0:
        raise ValueError(f"found weights that sum to {float(sum(each)):g}, expected positive ones that sum to 1")
    if (refused := refused_arm([arm for pair in pairs for arm in pair])) is not None:
        return refused
    known = [(model, control) for model, control in pairs if isinstance(model, ArmSummary) and isinstance(control, ArmSummary)]
    contrast = Contrast.of_arms(known, each)
    point = contrast.ratio if contrast.control else None
    if len(pairs) > MOST_STRATA:
        return Unestimable("statistic_has_no_interval", "fixed weights join four cohorts at most; five need random effects", point)
    if any(arm.mean < 0 for pair in known for arm in pair):
        return Unestimable("nonpositive_mean", "a negative mean has no ratio")
    if any(control.mean == 0 or control.variance == 0 for _, control in known):
        return Unestimable("degenerate_control", "a control arm whose scores are all equal, or all 0, bounds no ratio", point)
    if any(model.variance == 0 for model, _ in known):  # two people who agree are no certainty
        return Unestimable("statistic_has_no_interval", "a model arm whose scores are all equal says nothing of its error", point)
    observations, notes = counted([arm for pair in known for arm in pair])
    method = "fieller_welch" if len(pairs) == 1 else "stratified_fieller_welch"
    averaged = () if len(pairs) == 1 else (ON_AVERAGE if weights is None else ON_WEIGHTED_AVERAGE,)
    return fieller(contrast, method, observations, notes + averaged + unseen([model.n for model, _ in known]))


def fieller_welch(treatment: MeasuredArm, control: MeasuredArm) -> FiellerEstimate | Unestimable:
    """Ratio of two means in one cohort (statistics b2)."""
    return stratified([(treatment, control)])


def log_ratio(treatment: MeasuredArm, control: MeasuredArm) -> LogRatio | Unestimable:
    """Log ratio of two means with its delta error, as facts (statistics b3). Refuses as ``fieller_welch`` does, and a ratio of 0."""
    estimate = fieller_welch(treatment, control)
    if isinstance(estimate, Unestimable):
        return estimate
    found = log_delta(estimate.contrast)
    if found is None:
        return Unestimable("nonpositive_mean", "a model arm that scored 0 has a ratio of 0, which has no logarithm", estimate.point)
    return found


def fieller_covariance(
    means: tuple[Fraction, Fraction], variances: tuple[float, float], covariance: float, degrees_of_freedom: float
) -> FiellerEstimate | Unestimable:
    """Ratio of adjusted or correlated means, treatment first, with given degrees of freedom (statistics b2, general form)."""
    if not 0 < degrees_of_freedom < math.inf:
        return Unestimable("too_few_participants", f"{degrees_of_freedom:g} degrees of freedom leave no interval")
    contrast = Contrast(*means, *variances, covariance=covariance, fixed_df=degrees_of_freedom)
    return fieller(contrast, "fieller_covariance", None, ())
