"""Every method that can stand behind an interval is explained in the report, by what a statistic really returns."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest

from evaluations.clusters import items_estimate
from evaluations.differences import paired_difference, proportion_difference
from evaluations.estimate import Estimate, Unestimable
from evaluations.fixed_items import fixed_items_mean
from evaluations.horizons import time_horizon
from evaluations.length_curves import Task
from evaluations.medians import median
from evaluations.proportions import item_beta, proportion
from evaluations.quantiles import UNIT
from evaluations.rates import event_rate
from evaluations.ratings import Games, ratings
from evaluations.records import ItemResult, SpreadKind
from evaluations.speedups import geometric_mean
from evaluations.summaries import printed_interval, summary
from evaluations.uplift.arms import ArmSummary
from evaluations.uplift.covariates import adjusted_difference, adjusted_ratio
from evaluations.uplift.pooling import pooled_log_ratio
from evaluations.uplift.ratios import fieller_covariance, fieller_welch, stratified, welch_difference
from evaluations.uplift.risk_ratios import risk_ratio
from reports.methods import METHODS, method_name

LOW, HIGH = ArmSummary.of_scores([1, 2, 3, 5]), ArmSummary.of_scores([4, 7, 6, 9])
PEOPLE = ([(1, 1), (2, 3), (3, 2), (5, 5)], [(4, 2), (7, 4), (6, 1), (9, 6)])
CLUSTERED = [ItemResult(item=f"i{at}", cluster=f"c{at // 3}", attempts=(at % 2,)) for at in range(18)]
MANY = [ItemResult(item=f"i{at}", cluster=f"c{at // 4}", attempts=(at % 2, 1, at % 3 % 2)) for at in range(48)]
GRADED = [ItemResult(item=f"i{at}", attempts=(Decimal(at) / 20,)) for at in range(20)]
LENGTHS = [
    Task(minutes, passed, 8, family) for minutes, passed, family in zip((1, 2, 4, 8, 16, 32), (8, 7, 8, 4, 5, 1), "aabbcc", strict=True)
]


def rating(player: str) -> Estimate | Unestimable:
    found = ratings([Games("a", "b", 7, 10)], "b")
    assert not isinstance(found, Unestimable)
    return found.of(player)


ESTIMATES: dict[str, Callable[[], Estimate | Unestimable]] = {
    "a count": lambda: proportion(4, 30),
    "a mean over items": lambda: item_beta(Fraction(965, 100), 42),
    "clustered items": lambda: items_estimate(CLUSTERED, UNIT),
    "clustered items, moderated": lambda: items_estimate(MANY, UNIT, moderated=True),
    "graded items": lambda: items_estimate(GRADED, UNIT),
    "a mean with its error": lambda: summary(Decimal("0.5"), Decimal("0.1"), SpreadKind.STANDARD_ERROR, 9),
    "an undefined plus-minus": lambda: summary(Decimal("0.5"), Decimal("0.1"), SpreadKind.UNSPECIFIED, 9),
    "a printed interval": lambda: printed_interval(Decimal(5), Decimal(4), Decimal(7), Decimal("0.9"), 9),
    "paired items": lambda: paired_difference([Fraction(1, 2), Fraction(1, 3), Fraction(0)], [Fraction(0), Fraction(1, 4), Fraction(1, 9)]),
    "two shares": lambda: proportion_difference(13, 23, 7, 23),
    "one fixed list": lambda: fixed_items_mean([[0, 1], [1, 1], [0, 1]]),
    "a median": lambda: median(list(range(20))),
    "speedups": lambda: geometric_mean([2, 3, 5]),
    "events": lambda: event_rate(3, 4000),
    "a horizon": lambda: time_horizon(LENGTHS),
    "two means": lambda: welch_difference(HIGH, LOW),
    "a ratio": lambda: fieller_welch(HIGH, LOW),
    "a ratio over cohorts": lambda: stratified([(HIGH, LOW), (HIGH, LOW)]),
    "a ratio of correlated means": lambda: fieller_covariance((Fraction(1, 2), Fraction(1, 4)), (0.003, 0.001), 0.0004, 17.5),
    "a ratio over many cohorts": lambda: pooled_log_ratio([0.7, 0.72, 0.6, 0.8, 0.5], [0.04, 0.05, 0.03, 0.06, 0.05]),
    "an adjusted ratio": lambda: adjusted_ratio(PEOPLE[1], PEOPLE[0]),
    "an adjusted difference": lambda: adjusted_difference(PEOPLE[1], PEOPLE[0]),
    "two shares of people": lambda: risk_ratio(6, 10, 3, 10),
    "a rating": lambda: rating("a"),
}


@pytest.mark.parametrize("made", ESTIMATES.values(), ids=ESTIMATES)
def test_a_method_behind_an_interval_is_explained(made: Callable[[], Estimate | Unestimable]) -> None:
    estimate = made()
    assert isinstance(estimate, Estimate), estimate
    assert estimate.method in METHODS


def test_a_method_nobody_explained_keeps_its_own_name() -> None:
    assert method_name("some_new_method") == "some new method"
