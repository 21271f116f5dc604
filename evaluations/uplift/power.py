"""Planning an uplift trial: the chance to rule out a bar with so many people, and how many people that takes (statistics b7).

The rules kept here: the chance is that of the Welch test at the bar which the ratio's interval inverts, by the noncentral t with
Satterthwaite's degrees of freedom at the planning values; a trial whose chance is under one half is not called designed to rule out;
where the truth is not below the bar no number of people is named.

Left out: skewed scores (the figure is that of normal ones), several cohorts, teams and planned looks, each of which lowers the chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from scipy import special

from evaluations.estimate import Bar, Unestimable
from evaluations.exact_numbers import Given, exact_bar, exact_number, whole_count
from evaluations.planning import Designed, designed_to_rule_out, wanted
from evaluations.quantiles import checked, t_quantile
from evaluations.resampling import SHOWN_ERROR

MOST_PEOPLE = 1_000_000  # our choice: people an arm beyond which none are sought
LARGEST_SPREAD = Fraction(10**30)  # of the mean; our choice: its fourth power is still a float
STEP = 1e4  # standard errors below the bar; our choice: the normal part moves the chance by less than 1e-4 of itself there


@dataclass(frozen=True)
class RatioPlan:
    """What a trial is planned with: control mean and the two standard deviations in one unit, the ratio that may be true, the bar."""

    mean_control: Given
    sd_control: Given
    sd_treatment: Given
    true_ratio: Given
    bar: Bar


@dataclass(frozen=True)
class PlannedPower:
    """Chance to rule out the bar with so many people."""

    n_treatment: int
    n_control: int
    power: float
    method: str = "noncentral_t"

    @property
    def called(self) -> Designed:
        """What a trial with this chance may be called."""
        return designed_to_rule_out(self.power)


@dataclass(frozen=True)
class _Planned:
    """The planning values as floats, in units of bar times control mean: how far the truth lies below the bar, and the two spreads."""

    distance: float
    treatment: float
    control: float

    def power(self, n_treatment: int, n_control: int, alpha: float) -> float:
        """P(noncentral t < -t_{df, 1-alpha}) (statistics b7)."""
        of_treatment, of_control = self.treatment**2 / n_treatment, self.control**2 / n_control
        variance = of_treatment + of_control
        freedom = variance**2 / (of_treatment**2 / (n_treatment - 1) + of_control**2 / (n_control - 1))
        quantile, shift = t_quantile(freedom, alpha), self.distance / math.sqrt(variance)
        if quantile == 0:  # an error of one half asks only whether the difference is below 0
            return float(special.ndtr(shift))
        if shift > STEP:  # the normal part is sure to a hair, and only the spread is left to chance
            return float(special.gammainc(freedom / 2, freedom / 2 * (shift / quantile) ** 2))
        power = float(special.nctdtr(freedom, -shift, -quantile))
        return power if 0 <= power <= 1 else float(shift > quantile)  # no number comes back where it is 0 or 1 to fourteen digits


def planned_power(plan: RatioPlan, n_treatment: int, n_control: int, alpha: float = SHOWN_ERROR) -> PlannedPower | Unestimable:
    """Chance that the upper end of the ratio comes out under ``bar`` when the ratio is ``true_ratio`` (statistics b7).

    With the truth at the bar or above it is the chance of a false rule-out. Refuses arms of fewer than two, a control mean of 0 or
    less or a negative ratio (``nonpositive_mean``), standard deviations of 0 or less, and what is no finite number. Raises
    ``ValueError`` for a bar that is no positive number.
    """
    checked(alpha)
    counts = []
    for given, name in ((n_treatment, "model"), (n_control, "control")):
        n = whole_count(given, f"people in the {name} arm")
        if isinstance(n, Unestimable):
            return n
        if n < 2:
            return Unestimable("one_observation" if n else "no_observations", f"found {n} people in the {name} arm, expected at least 2")
        counts.append(n)
    planned = _planned(plan)
    if isinstance(planned, Unestimable):
        return planned
    return PlannedPower(counts[0], counts[1], planned.power(counts[0], counts[1], alpha))


def people_needed(
    plan: RatioPlan, target: float, alpha: float = SHOWN_ERROR, control_per_treatment: Given = 1
) -> PlannedPower | Unestimable:
    """Fewest people in the model arm, with ``control_per_treatment`` times as many controls (rounded up), for a chance of ``target``.

    The chance rises with every person, so the number is found by halving. Refuses what ``planned_power`` refuses, and a truth at the
    bar or above it, or so near below it that a million people an arm are too few (``power_out_of_reach``). Raises ``ValueError`` for
    a target that is no probability between 0 and 1.
    """
    goal, planned, share = wanted(target), _planned(plan), exact_number(control_per_treatment, "controls for each person with the model")
    if isinstance(planned, Unestimable):
        return planned
    if isinstance(share, Unestimable):
        return share
    if share <= 0:
        return Unestimable("impossible_count", f"found {float(share):g} controls for each person with the model, expected above 0")
    if planned.distance <= 0:
        return Unestimable("power_out_of_reach", "the planned ratio is not below the bar, and no trial may show that it is")

    def reached(n: int) -> PlannedPower:
        controls = max(2, math.ceil(n * share))
        return PlannedPower(n, controls, planned.power(n, controls, checked(alpha)))

    fails, holds = 1, 2
    while reached(holds).power < goal:
        fails, holds = holds, 2 * holds
        if holds > MOST_PEOPLE:
            return Unestimable("power_out_of_reach", f"more than {MOST_PEOPLE} people an arm would be needed")
    while holds - fails > 1:
        middle = (fails + holds) // 2
        fails, holds = (fails, middle) if reached(middle).power >= goal else (middle, holds)
    return reached(holds)


def _planned(plan: RatioPlan) -> _Planned | Unestimable:
    bar = exact_bar(plan.bar)
    if bar <= 0:
        raise ValueError(f"found the bar {plan.bar}, expected a ratio above 0")
    named = (
        (plan.mean_control, "control mean"), (plan.sd_control, "standard deviation of the control arm"),
        (plan.sd_treatment, "standard deviation of the model arm"), (plan.true_ratio, "true ratio"),
    )  # fmt: skip
    values: list[Fraction] = []
    for given, name in named:
        value = exact_number(given, name)
        if isinstance(value, Unestimable):
            return value
        values.append(value)
    mean, control, treatment, ratio = values
    if mean <= 0 or ratio < 0:
        return Unestimable("nonpositive_mean", "a ratio is planned with a control mean above 0 and a ratio of 0 or more")
    if min(control, treatment) < 0:
        return Unestimable("negative_spread", "found a negative standard deviation")
    if control == 0:
        return Unestimable("degenerate_control", "a control arm whose scores are all equal bounds no ratio")
    if treatment == 0:
        return Unestimable("all_values_equal", "a model arm whose scores are all equal says nothing of its error")
    unit = bar * mean
    relative = (1 - ratio / bar, treatment / unit, control / mean)
    if max(relative[1:]) > LARGEST_SPREAD or min(relative[1:]) < 1 / LARGEST_SPREAD:
        return Unestimable("overflow", "found a spread beyond any proportion to the control mean")
    return _Planned(*map(float, relative))
