"""Two arms adjusted for what people could do before the trial (statistics b5).

The rules kept here: the covariate was named beforehand and is known of everybody; each arm has its own line of score on covariate, both
read at the covariate's mean over all people (Lin 2013, Ann. Appl. Stat. 7:295: ``y ~ z + xc + z:xc``), so that adjusting cannot do
harm in large trials; the errors are HC2 (MacKinnon and White 1985, J. Econometrics 29:305), because the arms need not spread alike.
Because every coefficient is doubled, the two adjusted means share no residual. They do share the covariate mean at which both are read:
over people drawn anew it has the variance V = s_x^2 / N, which adds (b_T - r b_C)^2 V to ``model - r control`` for slopes b (``Shared``).
Without it slopes 0 and 8 (residual sd 2, 20 people an arm, bar 2.8) ruled out falsely in a quarter of trials.

The difference has n - 4 degrees of freedom. The ratio takes those of each arm's own line (n - 2) into Satterthwaite's formula at every
ratio, as Fieller-Welch does, and V lends it none: with n - 4 an arm of five beside one of twenty borrows its certainty. Measured, 3,000
trials, normal covariate and residuals, 10 to 20 people an arm, truth at the bar, false rule-out / rule-in at 2.5 %: slopes 0 and 8 in
residual sd 2 2.3 / 1.3, 20 and 0 in 4 2.3 / 2.4, 0 and 7 in 5 2.1 / 1.4, slopes as the means 2.7 / 1.4, equal slopes 2.5 / 1.9.

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
from evaluations.uplift.arms import OUT_OF_RANGE, Contrast, out_of_range, unseen
from evaluations.uplift.ratios import fieller

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
class Shared:
    """What the error of the one covariate mean adds: to the two variances, and as covariance of the two adjusted means.

    With slopes b and that mean's variance V = s_x^2 / N: b_T^2 V, b_C^2 V and b_T b_C V. No unit of the covariate is left in them.
    """

    treatment: Fraction
    control: Fraction
    covariance: Fraction

    @property
    def of_difference(self) -> Fraction:
        """(b_T - b_C)^2 V."""
        return self.treatment - 2 * self.covariance + self.control


@dataclass(frozen=True)
class Adjusted:
    """Both adjusted arms as the regression gives them: at these people's covariate mean, where their covariance is 0."""

    treatment: AdjustedArm
    control: AdjustedArm
    shared: Shared

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
        """Of the two adjusted means, at the covariate mean as it came out; over other people it is ``shared.covariance``."""
        return 0.0

    def standard_error(self, hc: int = 2) -> float:
        """Of the difference on these people, by HC2 or HC3."""
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
    slopes = [_slope(scores, covariates) for scores, covariates in arms]
    of_middle = sum(((each - middle) ** 2 for each in everybody), Fraction(0)) / (len(everybody) - 1) / len(everybody)
    shared = Shared(slopes[0] ** 2 * of_middle, slopes[1] ** 2 * of_middle, slopes[0] * slopes[1] * of_middle)
    errors = (first.variance_hc3, second.variance_hc3, saturated(shared.treatment), saturated(shared.control))
    if out_of_range((first.mean, second.mean), errors):
        return Unestimable("overflow", OUT_OF_RANGE)
    return Adjusted(first, second, shared)


def _slope(scores: Sequence[Fraction], covariates: Sequence[Fraction]) -> Fraction:
    """Of an arm's line; the covariates are not all the same."""
    own = sum(covariates, Fraction(0)) / len(covariates)
    away = [each - own for each in covariates]
    squares = sum((each * each for each in away), Fraction(0))
    return sum((each * score for each, score in zip(away, scores, strict=True)), Fraction(0)) / squares


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
    slope = _slope(scores, covariates)
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
    """Difference of adjusted means: HC2 and t with n - 4 degrees of freedom (Lin 2013; statistics b5). Refuses what the module refuses.

    It speaks of the effect on these people, whose covariate mean is known, and decides nothing; over all people like these its
    variance is larger by ``Shared.of_difference``.
    """
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
    """Ratio of adjusted means: Fieller with HC2 variances, what the arms share, and each arm's own degrees of freedom (statistics b2, b5).

    Refuses what the module refuses, an adjusted mean below 0, and a control arm whose adjusted mean is 0.
    """
    found = adjusted_means(treatment, control)
    if isinstance(found, Unestimable):
        return found
    model, without, shared = found.treatment, found.control, found.shared
    own = (model.variance_hc2, without.variance_hc2)
    if min(own) == 0:  # what is shared is no error of an arm: without one of its own it is refused as any arm is
        shared = Shared(Fraction(0), Fraction(0), Fraction(0))
    contrast = Contrast(
        model.mean, without.mean, own[0] + float(shared.treatment), own[1] + float(shared.control),
        own[0] ** 2 / model.degrees_of_freedom, own[1] ** 2 / without.degrees_of_freedom, float(shared.covariance), own_variances=own,
    )  # fmt: skip
    return fieller(contrast, "fieller_lin_adjusted", model.people + without.people, (ADJUSTED, *unseen((model.people,))))
