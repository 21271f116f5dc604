"""Shares of passes: so many of so many, with Clopper-Pearson bounds (statistics a1, a2).

The rules kept here: the bounds are those of the binomial tail test (Clopper and Pearson 1934, Biometrika 26:404), whose false
rule-out never exceeds the error level; the number of passes may be fractional, as a mean over repeated runs, and then the
same beta formulas hold with the number of *items* as n (Hoeffding 1956, Ann. Math. Stat. 27:713); a bar at or beyond the end
of the scale is answered by logic.

Left out: Wilson and Jeffreys for deciding. They are here to describe, because one-sided they err up to three times too often
(Cai 2005, JSPI 131:63).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from scipy import special

from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.exact_numbers import Given, exact_number, whole_count
from evaluations.quantiles import UNIT, Scale, checked, p_below_by_bound, z_quantile


def share_lower(passed: float, failed: float, alpha: float) -> float:
    """Lower bound of a share: the alpha quantile of Beta(x, n-x+1); 0 if nothing passed (Clopper and Pearson 1934)."""
    return 0.0 if passed <= 0 else float(special.betaincinv(passed, failed + 1, checked(alpha)))


def share_upper(passed: float, failed: float, alpha: float) -> float:
    """Upper bound of a share: the 1-alpha quantile of Beta(x+1, n-x); 1 if nothing failed. Taken from the upper tail, for digits."""
    return 1.0 if failed <= 0 else float(special.betainccinv(passed + 1, failed, checked(alpha)))


def share_p_below(passed: float, failed: float, bar: Fraction) -> float:
    """P(Bin(n, bar) <= x), in its beta form, so that x may be fractional."""
    if bar <= 0 or failed <= 0:  # nothing lies below the scale; with no failure the upper bound is the end of the scale
        return 0.0 if bar > 1 else 1.0
    if bar >= 1:
        return 0.0
    if 2 * bar > 1:  # the complement is exact only while it is a fraction
        return float(special.betainc(failed, passed + 1, float(1 - bar)))
    return float(special.betaincc(passed + 1, failed, float(bar)))


def share_p_above(passed: float, failed: float, bar: Fraction) -> float:
    """P(Bin(n, bar) >= x), in its beta form. A bar at the low end is reached by any score, so p is 0 there."""
    if bar <= 0:
        return 0.0
    if bar >= 1 or passed <= 0:
        return 1.0
    if 2 * bar > 1:
        return float(special.betaincc(failed + 1, passed, float(1 - bar)))
    return float(special.betainc(passed, failed + 1, float(bar)))


@dataclass(frozen=True, kw_only=True)
class BetaEstimate(Estimate):
    """``passed`` of ``trials`` on ``scale``: bounds and bars are in the scale's own units, the arithmetic is in shares."""

    passed: Fraction
    trials: Fraction
    scale: Scale = UNIT

    def __post_init__(self) -> None:
        if not 0 <= self.passed <= self.trials or self.trials == 0:
            raise ValueError(f"found {float(self.passed)} passed of {float(self.trials)}, expected 0 to all of at least one")

    @property
    def failed(self) -> Fraction:
        """What did not pass."""
        return self.trials - self.passed

    @cached_property
    def _counts(self) -> tuple[float, float]:
        """Passed and failed as floats, which every bound asks for."""
        return float(self.passed), float(self.failed)

    def lower(self, alpha: float) -> float:
        return self.scale.bound(share_lower(*self._counts, alpha))

    def upper(self, alpha: float) -> float:
        return self.scale.bound(share_upper(*self._counts, alpha))

    def p_below(self, bar: Bar) -> float:
        share = self.scale.share(bar)
        p = share_p_below(*self._counts, share)
        return p_below_by_bound(self.upper, bar, p) if share == 1 else p  # a bound that floats round to the end has not passed it

    def p_above(self, bar: Bar) -> float:
        return share_p_above(*self._counts, self.scale.share(bar))


def _beta(method: str, passed: Fraction, trials: int, scale: Scale, notes: tuple[str, ...]) -> BetaEstimate:
    if trials < 1:
        raise ValueError(f"found {trials} trials, expected at least 1")
    point = scale.native(passed / trials)
    return BetaEstimate(point, method, trials, notes, passed=passed, trials=Fraction(trials), scale=scale)


def clopper_pearson(passed: int | Decimal | Fraction, trials: int, scale: Scale = UNIT, notes: tuple[str, ...] = ()) -> BetaEstimate:
    """Exact binomial bounds for a whole number of passes (statistics a1)."""
    if Fraction(passed).denominator != 1:
        raise ValueError(f"found {passed} passed, expected a whole number; item_beta takes fractions")
    return _beta("clopper_pearson", Fraction(passed), trials, scale, notes)


def item_beta(passed: int | Decimal | Fraction, items: int, scale: Scale = UNIT, notes: tuple[str, ...] = ()) -> BetaEstimate:
    """The same bounds for a sum of item means over ``items`` items (statistics a2): repeats never add to n."""
    return _beta("item_beta", Fraction(passed), items, scale, notes)


def passed_of(passed: Given | None, trials: Given | None) -> tuple[Fraction, int] | Unestimable:
    """Both counts exactly; refuses what is no number, no trials, fewer than none, more passes than trials, a fraction of a trial."""
    some, n = exact_number(passed, "the number passed"), whole_count(trials, "the number of trials")
    if isinstance(some, Unestimable):
        return some
    if isinstance(n, Unestimable):
        return n
    if n == 0:
        return Unestimable("no_observations", "a share of no trials is no measurement")
    if not 0 <= some <= n:
        return Unestimable("impossible_count", f"found {float(some):g} passed of {n}, expected 0 to {n}")
    return some, n


def proportion(passed: Given | None, trials: Given | None, scale: Scale = UNIT) -> BetaEstimate | Unestimable:
    """Share of passes with Clopper-Pearson bounds, in the units of ``scale`` (Clopper and Pearson 1934; statistics a1, a2).

    ``passed`` may be fractional, a mean over repeated runs; then ``trials`` are items, never items times runs. Refuses what is no
    number, no trials, negative counts, more passes than trials, and a fraction of a trial.
    """
    counts = passed_of(passed, trials)
    if isinstance(counts, Unestimable):
        return counts
    some, n = counts
    return clopper_pearson(some, n, scale) if some.denominator == 1 else item_beta(some, n, scale)


def wilson(passed: float, trials: float, alpha: float) -> tuple[float, float]:
    """Score interval (Wilson 1927, JASA 22:209) with error ``alpha`` in each tail. It describes and never decides."""
    z, share = z_quantile(checked(alpha)), passed / trials
    shrink = 1 + z * z / trials
    middle = (share + z * z / (2 * trials)) / shrink
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / shrink
    return (0.0 if passed == 0 else middle - half, 1.0 if passed == trials else middle + half)


def jeffreys(passed: float, trials: float, alpha: float) -> tuple[float, float]:
    """Equal-tailed interval under the Jeffreys prior Beta(1/2, 1/2) (Brown, Cai, DasGupta 2001, Stat. Sci. 16:101). It describes only.

    Their correction of the ends at no and at all passes is not made: nothing is decided with it.
    """
    shape = (passed + 0.5, trials - passed + 0.5)
    return (float(special.betaincinv(*shape, checked(alpha))), float(special.betainccinv(*shape, alpha)))


def fewest_zero_successes(bar: Bar, alpha: float) -> int:
    """Fewest trials for which no success at all rules out a share of ``bar``: 6 for one half at 2.5 % (statistics a1)."""
    share = Fraction(bar)
    if not 0 < share < 1:
        raise ValueError(f"found the bar {bar}, expected a share between 0 and 1")
    trials = max(1, math.ceil(math.log(checked(alpha)) / math.log1p(-float(share))) - 1)  # one less, then stepped: the logs round
    while not share_upper(0, trials, alpha) < share:
        trials += 1
    return trials
