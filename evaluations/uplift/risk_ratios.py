"""Trials in which everybody either succeeds or fails: the ratio of two shares (statistics b3).

The rules kept here: the score test of ``model share = ratio * control share``, both shares taken as likely as that allows, gives the
intervals of Koopman (1984, Biometrics 40:513) and, with the variance times N/(N-1), of Miettinen and Nurminen (1985, Stat. Med.
4:213); no success among the controls leaves no upper end, none with the model leaves a lower end of 0.

What decides is the wider of Miettinen-Nurminen and Fieller-Welch, and where an arm all passed or all failed, so that Fieller-Welch
has no variance, the exact binomial ends of each arm at half the error (Clopper and Pearson 1934; Bonferroni) stand in for it. No
score interval may decide alone. Exact enumeration at 2.5 %, truth at the bar, arms of 5 / 8 / 10 / 15 / 20 / 30, false rule-out:
    control 20 %, model 56 %, bar 2.8: Koopman 3.0 / 4.5 / 3.2 / 3.6 / 2.9 / 3.0, Miettinen-Nurminen 3.0 / 3.3 / 2.8 / 3.6 / 2.9 / 3.0
    control 30 %, model 60 %, bar 2.0: Koopman 3.6 / 3.8 / 3.1 / 3.4 / 3.0 / 2.7, Miettinen-Nurminen 3.6 / 2.5 / 3.1 / 2.7 / 2.6 / 2.7
and over every control share at bars 1.5 to 10 up to 9.9 and 8.2, Fieller-Welch 3.3. The wider errs at most 2.6 (false rule-in 0.9);
with arms of three, or unequal as 10 and 30, at most 3.2 (2.1).

Left out: the difference of two shares (``evaluations.differences``, Newcombe). Left out: the point of a ratio to no success at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from scipy import special

from evaluations.estimate import Bar, Estimate, Reading, Unestimable
from evaluations.exact_numbers import whole_count
from evaluations.proportions import share_lower, share_upper
from evaluations.quantiles import LARGEST_ERROR, checked, p_above_by_bound, p_below_by_bound, z_quantile
from evaluations.summaries import EnvelopeEstimate
from evaluations.uplift.arms import ArmSummary
from evaluations.uplift.ratios import fieller_welch

FARTHEST = 300.0  # our choice: logarithm of the farthest ratio looked at; counts up to 2^53 give none beyond, and its squares are floats

ScoreMethod = Literal["koopman", "miettinen_nurminen"]

WIDER_OF_TWO = "Everybody succeeded or failed; the wider of the score interval and one for small numbers decides."


@dataclass(frozen=True)
class Successes:
    """So many successes of so many people, in each arm."""

    model: int
    model_people: int
    control: int
    control_people: int

    @property
    def ratio(self) -> Fraction | None:
        """Ratio of the shares; ``None`` if no control succeeded."""
        return Fraction(self.model * self.control_people, self.model_people * self.control) if self.control else None


@dataclass(frozen=True)
class ScoreRatio:
    """Score interval of a ratio of two shares, and the p-values it comes from. A fact: alone it decides nothing."""

    counts: Successes
    method: ScoreMethod

    def z(self, ratio: float) -> float:
        """The score statistic at a ratio above 0; it falls as the ratio grows."""
        found = self.counts
        model, control = found.model / found.model_people, found.control / found.control_people
        contrast = model - ratio * control
        if contrast == 0:
            return 0.0
        likely_model, likely_control = self._likely(ratio)
        variance = likely_model * (1 - likely_model) / found.model_people
        variance += ratio * ratio * likely_control * (1 - likely_control) / found.control_people
        people = found.model_people + found.control_people
        if self.method == "miettinen_nurminen":
            variance *= people / (people - 1)
        return contrast / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, contrast)

    def _likely(self, ratio: float) -> tuple[float, float]:
        """The likeliest shares that have this ratio: the smaller root of a quadratic (Miettinen and Nurminen 1985, formula 10).

        The root is taken as 2c / (b + root), which keeps its digits where both terms of the usual form nearly cancel.
        """
        found = self.counts
        people, total = found.model_people + found.control_people, found.model + found.control
        linear = found.model_people * ratio + found.model + found.control_people + found.control * ratio
        root = math.sqrt(max(0.0, linear * linear - 4 * people * ratio * total))
        control = min(1.0, 2 * total / (linear + root))
        return min(1.0, ratio * control), control

    def p_below(self, bar: Bar) -> float:
        """One-sided p of a ratio at or above the bar, from the score statistic."""
        return 1.0 if bar <= 0 else float(special.ndtr(self.z(float(bar))))

    def p_above(self, bar: Bar) -> float:
        """One-sided p of a ratio at or below the bar."""
        return 0.0 if bar <= 0 else float(special.ndtr(-self.z(float(bar))))

    def upper(self, alpha: float) -> float:
        """Upper end with one-sided error ``alpha``; ``inf`` without a control success."""
        return self._end(-z_quantile(checked(alpha))) if self.counts.control else math.inf

    def lower(self, alpha: float) -> float:
        """Lower end with one-sided error ``alpha``; 0 without a success in the model arm."""
        return self._end(z_quantile(checked(alpha))) if self.counts.model else 0.0

    def _end(self, z: float) -> float:
        """Where the statistic is ``z``, by bisection on the log scale."""
        low, high = -FARTHEST, FARTHEST
        while low < (middle := (low + high) / 2) < high:
            low, high = (middle, high) if self.z(math.exp(middle)) > z else (low, middle)
        return math.exp(low if z > 0 else high)  # outward


@dataclass(frozen=True, kw_only=True)
class ScoreRatioEstimate(Estimate):
    """The score interval as an estimate. The statistic falls as the ratio grows, so its p-values and its ends say the same."""

    score: ScoreRatio

    def lower(self, alpha: float) -> float:
        return self.score.lower(alpha)

    def upper(self, alpha: float) -> float:
        return self.score.upper(alpha)

    def p_below(self, bar: Bar) -> float:
        return self.score.p_below(bar)

    def p_above(self, bar: Bar) -> float:
        return self.score.p_above(bar)


@dataclass(frozen=True, kw_only=True)
class TwoSharesEstimate(Estimate):
    """Ends of the ratio from the exact ends of either share, each at half the error (Clopper and Pearson 1934; Bonferroni)."""

    counts: Successes

    def _share(self, of_model: int, alpha: float) -> tuple[float, float]:
        found = self.counts
        passed, people = (found.model, found.model_people) if of_model else (found.control, found.control_people)
        return share_lower(passed, people - passed, alpha / 2), share_upper(passed, people - passed, alpha / 2)

    def lower(self, alpha: float) -> float:
        return self._share(1, checked(alpha))[0] / self._share(0, alpha)[1]

    def upper(self, alpha: float) -> float:
        control = self._share(0, checked(alpha))[0]
        return self._share(1, alpha)[1] / control if control else math.inf

    def p_below(self, bar: Bar) -> float:
        return p_below_by_bound(self.upper, bar, LARGEST_ERROR)

    def p_above(self, bar: Bar) -> float:
        return p_above_by_bound(self.lower, bar, LARGEST_ERROR)


def _counted(given: tuple[int, int, int, int]) -> Successes | Unestimable:
    counts = []
    for each, what in zip(given, ("successes with the model", "people with the model", "control successes", "control people"), strict=True):
        count = whole_count(each, what)
        if isinstance(count, Unestimable):
            return count
        counts.append(count)
    found = Successes(*counts)
    for passed, people in ((found.model, found.model_people), (found.control, found.control_people)):
        if people == 0:
            return Unestimable("no_observations", "an arm without participants")
        if passed > people:
            return Unestimable("impossible_count", f"{passed} successes of {people} people")
        if people == 1:
            return Unestimable("one_observation", "one participant says nothing of the spread between participants")
    return found


def score_ratio(successes_t: int, n_t: int, successes_c: int, n_c: int, method: ScoreMethod) -> ScoreRatio | Unestimable:
    """Score interval of the ratio of two shares, model first, as facts. Refuses counts that cannot be, and an arm of one."""
    counts = _counted((successes_t, n_t, successes_c, n_c))
    return counts if isinstance(counts, Unestimable) else ScoreRatio(counts, method)


def risk_ratio(successes_t: int, n_t: int, successes_c: int, n_c: int) -> Estimate | Unestimable:
    """Ratio of two shares, model first, in a trial where everybody succeeds or fails: the wider interval decides (module's rules).

    Refuses what ``score_ratio`` refuses, and a control arm without a success: no ratio has that point, and no upper end.
    """
    score = score_ratio(successes_t, n_t, successes_c, n_c, "miettinen_nurminen")
    if isinstance(score, Unestimable):
        return score
    point, counts = score.counts.ratio, score.counts
    if point is None:
        least = score.lower(0.025)
        words = f"no control participant succeeded, so the ratio has no upper end; its score interval at 95 % begins at {least:.2g}"
        return Unestimable("degenerate_control", words)
    people = counts.model_people + counts.control_people
    decided = fieller_welch(_marked(counts.model, counts.model_people), _marked(counts.control, counts.control_people))
    witness = decided if isinstance(decided, Estimate) else TwoSharesEstimate(point, "two_binomials", people, (), counts=counts)
    shown = ScoreRatioEstimate(point, "miettinen_nurminen", people, (), score=score)
    readings = tuple(Reading(each.method, "possible", each) for each in (shown, witness))
    return EnvelopeEstimate(point, "risk_ratio_wider", people, (WIDER_OF_TWO,), readings=readings)


def _marked(passed: int, people: int) -> ArmSummary:
    """The arm as scores of 0 and 1, in closed form."""
    share = Fraction(passed, people)
    return ArmSummary(share, float(share * (1 - share) / (people - 1)), people)
