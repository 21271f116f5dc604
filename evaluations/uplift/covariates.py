"""Two arms adjusted for what people could do before the trial (statistics b5).

The rules kept here: the covariate was named beforehand and is known of everybody; each arm has its own line of score on covariate, both
read at the covariate's mean over all people (Lin 2013, Ann. Appl. Stat. 7:295: ``y ~ z + xc + z:xc``), so that adjusting cannot do
harm in large trials; the errors are HC2 (MacKinnon and White 1985, J. Econometrics 29:305), because the arms need not spread alike.
Because every coefficient is doubled, the two adjusted means share nothing and their covariance is exactly 0.

The difference has n - 4 degrees of freedom. The ratio takes those of each arm's own line (n - 2) into Satterthwaite's formula at every
ratio, as Fieller-Welch does: with n - 4 an arm of five beside one of twenty borrows its certainty. Measured, 40,000 trials with beta
scores and truth at the bar, false rule-out / rule-in with n - 4 up to 4.7 / 8.3, with the arms' own 3.1 / 4.7 (20 and 5 people);
equal arms of 5 to 30 people 2.7 / 3.8 and 2.4 / 3.4.

Refused: a covariate that is the same for everybody in an arm, fewer than three people in an arm, one person who alone fixes a line
(leverage of 1), scores that lie on the lines exactly. Left out: several covariates, cohorts, and people in teams, which need a model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluations.estimate import Estimate, Unestimable
from evaluations.exact_numbers import Given, exact_scores, saturated
from evaluations.summaries import StudentEstimate
from evaluations.uplift.arms import OUT_OF_RANGE, out_of_range
from evaluations.uplift.ratios import Contrast, fieller

FEWEST_IN_AN_ARM = 3  # statistics b5: a line through two people leaves nothing to measure an error with
COEFFICIENTS = 4  # of y ~ z + xc + z:xc, which the difference pays for (statistics b5)

ADJUSTED = "Adjusted for a covariate named beforehand (Lin 2013); the unadjusted ratio stands beside it."

Person = tuple[Given, Given]
"""Score and covariate of one person."""


@dataclass(frozen=True)
class AdjustedArm:
    """An arm's mean where its line meets the covariate's overall mean, with the HC2 and HC3 variance of that."""

    mean: Fraction
    people: int
    variance_hc2: float
    variance_hc3: float

    @property
    def degrees_of_freedom(self) -> int:
        """Of the arm's own line."""
        return self.people - 2


@dataclass(frozen=True)
class Adjusted:
    """Both adjusted arms. Their covariance is 0, because each has its own line."""

    treatment: AdjustedArm
    control: AdjustedArm

    @property
    def difference(self) -> Fraction:
        """Treatment minus control."""
        return self.treatment.mean - self.control.mean

    @property
    def degrees_of_freedom(self) -> int:
        """Of the difference: people minus coefficients."""
        return self.treatment.people + self.control.people - COEFFICIENTS

    @property
    def covariance(self) -> float:
        """Of the two adjusted means."""
        return 0.0

    def standard_error(self, hc: int = 2) -> float:
        """Of the difference, by HC2 or HC3."""
        arms = (self.treatment, self.control)
        return math.sqrt(math.fsum(arm.variance_hc2 if hc == 2 else arm.variance_hc3 for arm in arms))


def adjusted_means(treatment: Sequence[Person], control: Sequence[Person]) -> Adjusted | Unestimable:
    """Adjusted means of two arms whose people are (score, covariate), with their HC2 and HC3 variances, as facts (statistics b5).

    Sums are exact, so the order of people changes no digit. Refuses what the module refuses.
    """
    arms = []
    for people in (treatment, control):
        scores, covariates = exact_scores([score for score, _ in people], "score"), exact_scores([each for _, each in people], "covariate")
        for read in (scores, covariates):
            if isinstance(read, Unestimable):
                return read
        assert isinstance(scores, tuple)
        assert isinstance(covariates, tuple)
        arms.append((scores, covariates))
    everybody = [each for _, covariates in arms for each in covariates]
    middle = sum(everybody, Fraction(0)) / len(everybody)
    fitted = [_arm(scores, covariates, middle) for scores, covariates in arms]
    for arm in fitted:
        if isinstance(arm, Unestimable):
            return arm
    first, second = (arm for arm in fitted if isinstance(arm, AdjustedArm))
    if out_of_range((first.mean, second.mean), (first.variance_hc3, second.variance_hc3)):
        return Unestimable("overflow", OUT_OF_RANGE)
    return Adjusted(first, second)


def _arm(scores: Sequence[Fraction], covariates: Sequence[Fraction], middle: Fraction) -> AdjustedArm | Unestimable:
    """One arm's line, read at ``middle``: mean + slope (middle - own middle), a weighted sum of the scores."""
    n = len(scores)
    if n < FEWEST_IN_AN_ARM:
        return Unestimable("too_few_participants", f"found {n} people in an arm, expected at least {FEWEST_IN_AN_ARM} for a line")
    own, mean = sum(covariates, Fraction(0)) / n, sum(scores, Fraction(0)) / n
    away = [each - own for each in covariates]
    squares = sum((each * each for each in away), Fraction(0))
    if squares == 0:
        return Unestimable("all_values_equal", "everybody in an arm has the same covariate, so there is no line to adjust by")
    slope = sum((each * score for each, score in zip(away, scores, strict=True)), Fraction(0)) / squares
    hc2, hc3 = [], []
    for each, score in zip(away, scores, strict=True):
        leverage = Fraction(1, n) + each * each / squares
        if leverage == 1:
            return Unestimable("no_spread_along_the_axis", "one person alone fixes the line of an arm, so nothing measures its error")
        weight = Fraction(1, n) + (middle - own) * each / squares
        squared = (weight * (score - mean - slope * each)) ** 2
        hc2.append(saturated(squared / (1 - leverage)))
        hc3.append(saturated(squared / (1 - leverage) ** 2))
    return AdjustedArm(mean + slope * (middle - own), n, math.fsum(hc2), math.fsum(hc3))


def adjusted_difference(treatment: Sequence[Person], control: Sequence[Person]) -> Estimate | Unestimable:
    """Difference of adjusted means: HC2 and t with n - 4 degrees of freedom (Lin 2013; statistics b5). Refuses what the module refuses."""
    found = adjusted_means(treatment, control)
    if isinstance(found, Unestimable):
        return found
    error = found.standard_error()
    if error == 0:
        return Unestimable("all_values_equal", "all scores lie on the lines exactly, which says nothing of their error", found.difference)
    people = found.treatment.people + found.control.people
    return StudentEstimate(
        found.difference, "lin_adjusted", people, (ADJUSTED,), standard_error=error, degrees_of_freedom=found.degrees_of_freedom
    )  # fmt: skip


def adjusted_ratio(treatment: Sequence[Person], control: Sequence[Person]) -> Estimate | Unestimable:
    """Ratio of adjusted means: Fieller with HC2 variances and each arm's own degrees of freedom (statistics b2, b5).

    Refuses what the module refuses, an adjusted mean below 0, and a control arm whose adjusted mean is 0.
    """
    found = adjusted_means(treatment, control)
    if isinstance(found, Unestimable):
        return found
    model, without = found.treatment, found.control
    contrast = Contrast(
        model.mean, without.mean, model.variance_hc2, without.variance_hc2,
        model.variance_hc2**2 / model.degrees_of_freedom, without.variance_hc2**2 / without.degrees_of_freedom,
    )  # fmt: skip
    return fieller(contrast, "fieller_lin_adjusted", model.people + without.people, (ADJUSTED,))
