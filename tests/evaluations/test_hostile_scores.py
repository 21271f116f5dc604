"""Whatever is handed to a public door of section a, it answers with ordered bounds or with a reason in words; never a warning, never NaN.

Warnings are errors in every test here, numpy's and scipy's too.
"""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from evaluations.clusters import effective_n, items_estimate
from evaluations.columns import columns_estimate
from evaluations.differences import ExactChange, mcnemar_exact, paired_difference, proportion_difference
from evaluations.estimate import Estimate, Unestimable
from evaluations.fixed_items import fixed_items_mean
from evaluations.medians import median
from evaluations.proportions import proportion
from evaluations.quantiles import UNIT, Scale
from evaluations.rates import event_rate
from evaluations.records import SpreadKind, Statistic
from evaluations.speedups import BestOf, best_of, confidence_below_best, geometric_mean, tolerance_runs
from evaluations.summaries import printed_interval, summary
from tests.evaluations.measured import estimated, items

PERCENT = Scale(Fraction(0), Fraction(100))
HOSTILE = [
    0, 1, -1, 2, 0.5, -0.0, 1e-9, 0.1, 100, 101, math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 1e-100, 1e100, 2**53, 2**53 + 1,
    10**400, True, None, Decimal("NaN"), Decimal("sNaN"), Decimal("1e400"), Decimal("-1e-400"), Decimal("1e999999999"), Decimal("0.30"),
    "1", Fraction(1, 3), Fraction(1, 10**400), Fraction(10**60 + 1, 10**60),
]  # fmt: skip
BARS: list[Any] = [0, 0.5, -1, 1, 100, Fraction(1, 3), Decimal("1e300"), Decimal("-1e300"), 10**400, -(10**400)]
ALPHAS = (1e-12, 0.001, 0.025, 0.05, 0.49999999, 0.5)

anything: st.SearchStrategy[Any] = st.one_of(st.sampled_from(HOSTILE), st.integers(-5, 120), st.floats(0, 100, allow_nan=False))
sensible: st.SearchStrategy[Any] = st.one_of(st.integers(0, 40), st.integers(0, 400).map(lambda each: Decimal(each) / 10))
mixed = st.one_of(sensible, anything)
lists = st.one_of(st.lists(sensible, max_size=12), st.lists(anything, max_size=12), st.just([1] * 9), st.just([0.5, math.nan]))
labels = st.one_of(st.none(), st.lists(st.sampled_from(["a", "b", "c", None]), min_size=12, max_size=12))


def honest(outcome: object) -> None:
    """Raise unless the outcome is a reason in words, or an estimate whose bounds are ordered and whose p are probabilities."""
    if isinstance(outcome, Unestimable):
        assert " " in outcome.words
        assert outcome.point is None or isinstance(outcome.point, Fraction)
        return
    assert isinstance(outcome, Estimate)
    for alpha in ALPHAS:
        lower, upper = outcome.lower(alpha), outcome.upper(alpha)
        assert lower <= upper  # false for NaN too
        assert lower < math.inf
        assert upper > -math.inf
    for bar in BARS:
        assert 0 <= outcome.p_below(bar) <= 1
        assert 0 <= outcome.p_above(bar) <= 1


def cut(names: list[str | None] | None, length: int) -> list[str | None] | None:
    return None if names is None else names[:length]


@settings(max_examples=150, deadline=None)
@given(mixed, mixed, st.sampled_from([UNIT, PERCENT]))
def test_a_share_is_ordered_or_refused(passed: Any, trials: Any, scale: Scale) -> None:
    honest(proportion(passed, trials, scale))


@settings(max_examples=300, deadline=None)
@given(mixed, mixed, st.sampled_from(SpreadKind), mixed, st.one_of(st.none(), st.just(0.95), mixed), *[st.one_of(st.none(), mixed)] * 2)
@example(50, 0.5, SpreadKind.INTERVAL_HALF_WIDTH, 10, 1 - 1e-16, None, None)
@example(50, 0.5, SpreadKind.INTERVAL_HALF_WIDTH, 10, Decimal("1e-60"), None, None)
@example(10**20, 1, SpreadKind.STANDARD_ERROR, 10, None, None, None)
@example(50, 5, SpreadKind.UNSPECIFIED, 10, None, 100, 0)
def test_a_summary_is_ordered_or_refused(mean: Any, spread: Any, kind: SpreadKind, n: Any, level: Any, low: Any, high: Any) -> None:
    honest(summary(mean, spread, kind, n, level, low, high))


@settings(max_examples=200, deadline=None)
@given(mixed, mixed, mixed, st.one_of(st.just(Decimal("0.9")), mixed), mixed, st.booleans())
@example(50, 40, 60, 0.9, 10, True)
@example(50, 60, 40, 0.9, 10, True)
@example(50, 51, 60, 0.9, 10, False)
@example(Fraction(1, 3), Fraction(1, 3), Fraction(10**60 + 1, 3 * 10**60), 0.9, 10, True)
def test_a_printed_interval_is_ordered_or_refused(value: Any, low: Any, high: Any, level: Any, n: Any, rebuilt: bool) -> None:
    honest(printed_interval(value, low, high, level, n, rebuilt))


@settings(max_examples=150, deadline=None)
@given(lists, lists, labels)
@example([1, 2, 3], [2, 3, Fraction(4 * 10**90 + 1, 10**90)], None)
def test_a_paired_difference_is_ordered_or_refused(before: list[Any], after: list[Any], names: list[str | None] | None) -> None:
    honest(paired_difference(before, after, cut(names, len(before)) if len(before) == len(after) else None))
    same = after[: len(before)]
    honest(paired_difference(before[: len(same)], same, cut(names, len(same))))
    honest(paired_difference(dict(enumerate(before)), dict(enumerate(after))))


@settings(max_examples=100, deadline=None)
@given(mixed, mixed, mixed, mixed)
def test_counts_of_change_and_separate_shares_are_probabilities_or_refused(one: Any, other: Any, third: Any, fourth: Any) -> None:
    honest(proportion_difference(one, other, third, fourth))
    found = mcnemar_exact(one, other, third, fourth)
    if isinstance(found, ExactChange):
        assert all(0 <= p <= 1 for p in (found.p_drop, found.p_jump, found.p_two_sided))
    else:
        honest(found)


@settings(max_examples=150, deadline=None)
@given(mixed, mixed, st.one_of(st.just(1), st.just(1000), mixed))
@example(2**53, 1, 1)
@example(3, 1e-100, 1e100)
def test_a_rate_is_ordered_or_refused(events: Any, exposure: Any, per: Any) -> None:
    honest(event_rate(events, exposure, per))


@settings(max_examples=150, deadline=None)
@given(lists, labels, st.sampled_from([None, UNIT, PERCENT]))
def test_a_median_and_a_geometric_mean_are_ordered_or_refused(
    scores: list[Any], names: list[str | None] | None, scale: Scale | None
) -> None:
    honest(median(scores, cut(names, len(scores)), scale))
    honest(geometric_mean(scores, cut(names, len(scores))))


@settings(max_examples=100, deadline=None)
@given(lists, mixed, mixed)
def test_a_best_of_value_has_facts_or_a_reason(runs: list[Any], content: Any, confidence: Any) -> None:
    best, needed, sure = best_of(runs), tolerance_runs(content, confidence), confidence_below_best(content, confidence)
    assert isinstance(best, BestOf | Unestimable)
    assert isinstance(needed, Unestimable) or needed >= 1
    assert isinstance(sure, Unestimable) or 0 <= sure <= 1


@settings(max_examples=100, deadline=None)
@given(st.lists(lists, max_size=5))
def test_a_fixed_list_is_ordered_or_refused(attempts: list[list[Any]]) -> None:
    honest(fixed_items_mean(attempts))


numbers = st.one_of(
    st.integers(-3, 130), st.sampled_from([None, 1, 0, Decimal("0.5"), Decimal("1e-39"), Decimal("1e39"), Decimal("-1e39")])
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.one_of(numbers, st.sampled_from([0, 1])), min_size=1, max_size=4), max_size=14),
    labels, st.sampled_from([None, UNIT, PERCENT]), st.sampled_from([Statistic.MEAN, Statistic.SHARE, Statistic.PASS_AT_K]),
    st.sampled_from([None, 0, 1, 2, 9]),
)  # fmt: skip
@example([[Decimal("0.5")], [Decimal("0.5000000000000000000000000000000000000001")]] * 7, None, UNIT, Statistic.MEAN, None)
@example([[5], [Decimal("5.000000000000000000000000000000000000001")]] * 7, None, None, Statistic.MEAN, None)
def test_items_are_ordered_or_refused(
    attempts: list[list[Any]], names: list[str | None] | None, scale: Scale | None, statistic: Statistic, k: int | None
) -> None:
    named = None if names is None else (names * 2)[: len(attempts)]
    honest(items_estimate(items(attempts, named), scale, statistic, k))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-2, 12), max_size=14), st.integers(1, 10), labels, st.sampled_from(["passes", "graded"]))
def test_columns_and_chosen_options_are_ordered_or_refused(tenths: list[int], denominator: int, names: Any, scored: Any) -> None:
    codes = None if names is None else np.array([ord((each or "z")[0]) for each in (names * 2)[: len(tenths)]], dtype=np.int64)
    honest(columns_estimate(np.array(tenths, dtype=np.int64), denominator, codes, UNIT, scored))
    shares = [Fraction(each, denominator) for each in tenths]
    honest(effective_n(shares, None if codes is None else codes.tolist(), cap=len(shares), prior_df=10))


pairs = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=3, max_size=15)


def differing(drawn: list[tuple[int, int]]) -> list[Estimate]:
    first, second = zip(*drawn, strict=True)
    outcomes = [
        paired_difference(first, second), geometric_mean(first), fixed_items_mean([first, second]), median(second),
        event_rate(first[0], second[0]), proportion_difference(first[0], 60, second[0], 60), proportion(first[0], 60),
    ]  # fmt: skip
    return [each for each in outcomes if isinstance(each, Estimate)]


@settings(max_examples=100, deadline=None)
@given(pairs, st.sampled_from([0.05, 0.025, 0.0125, 0.5]), st.floats(-1.5, 1.5))
def test_bounds_and_p_say_the_same_of_every_bar(drawn: list[tuple[int, int]], alpha: float, place: float) -> None:
    for estimate in differing(drawn):
        lower, upper = estimate.lower(alpha), estimate.upper(alpha)
        reach = max([abs(end - estimate.value) for end in (lower, upper) if math.isfinite(end)] + [abs(estimate.value), 1e-3])
        bar = Fraction(estimate.value) + Fraction(place) * Fraction(reach)
        assume(all(not math.isfinite(end) or abs(end - float(bar)) > 1e-9 * max(1.0, abs(end)) for end in (lower, upper)))
        assert (upper < bar) == (estimate.p_below(bar) < alpha)
        assert (lower >= bar) == (estimate.p_above(bar) <= alpha)


@settings(max_examples=60, deadline=None)
@given(pairs, st.data())
def test_a_smaller_error_never_narrows_an_interval(drawn: list[tuple[int, int]], data: st.DataObject) -> None:
    small, large = sorted(data.draw(st.tuples(st.floats(1e-6, 0.5), st.floats(1e-6, 0.5))))
    for estimate in differing(drawn):
        slack = 1e-9 * max(1.0, abs(estimate.value))
        assert estimate.upper(small) >= estimate.upper(large) - slack
        assert estimate.lower(small) <= estimate.lower(large) + slack


@settings(max_examples=60, deadline=None)
@given(pairs, st.floats(-100, 100), st.floats(-100, 100))
def test_a_higher_bar_is_ruled_out_with_no_more_doubt(drawn: list[tuple[int, int]], one: float, other: float) -> None:
    low, high = sorted((Fraction(one), Fraction(other)))
    for estimate in differing(drawn):
        assert estimate.p_below(high) <= estimate.p_below(low) * (1 + 1e-9) + 1e-15
        assert estimate.p_above(low) <= estimate.p_above(high) * (1 + 1e-9) + 1e-15


@settings(max_examples=60, deadline=None)
@given(pairs, st.randoms(use_true_random=False))
def test_the_order_of_items_changes_no_digit(drawn: list[tuple[int, int]], chance: Any) -> None:
    shuffled = list(drawn)
    chance.shuffle(shuffled)
    doors: list[Callable[[list[Any], list[Any]], Estimate | Unestimable]] = [
        paired_difference, lambda one, _: geometric_mean(one), lambda one, _: median(one),
        lambda one, other: fixed_items_mean([one, other]),
    ]  # fmt: skip
    for door in doors:
        ordered, other = (door(*map(list, zip(*each, strict=True))) for each in (drawn, shuffled))
        assert ordered == other


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (proportion(0, 0), "no_observations"),
        (proportion(4, 3), "impossible_count"),
        (proportion(-1, 3), "impossible_count"),
        (proportion(1, 2.5), "impossible_count"),
        (proportion(math.nan, 3), "not_a_number"),
        (summary(Decimal("NaN"), Decimal(1), SpreadKind.STANDARD_ERROR, 5), "not_a_number"),
        (summary(Decimal(5), Decimal(-1), SpreadKind.STANDARD_ERROR, 5), "negative_spread"),
        (summary(Decimal(5), Decimal(1), SpreadKind.STANDARD_ERROR, 0), "no_observations"),
        (summary(Decimal(5), Decimal(1), SpreadKind.STANDARD_ERROR, -2), "impossible_count"),
        (summary(Decimal("1e400"), Decimal(1), SpreadKind.STANDARD_ERROR, 5), "overflow"),
        (summary(Decimal(5), Decimal("1e400"), SpreadKind.STANDARD_ERROR, 5), "overflow"),
        (summary(Decimal(10**20), Decimal(1), SpreadKind.STANDARD_ERROR, 5), "overflow"),
        (summary(Decimal(500), Decimal(1), SpreadKind.STANDARD_ERROR, 5, None, Decimal(0), Decimal(100)), "off_scale"),
        (summary(Decimal(5), Decimal(1), SpreadKind.INTERVAL_HALF_WIDTH, 5, Decimal(1)), "off_scale"),
        (printed_interval(Decimal(5), Decimal(6), Decimal(4), Decimal("0.9"), 5), "negative_spread"),
        (printed_interval(Decimal(5), Decimal(4), Decimal(6), Decimal("1.9"), 5), "off_scale"),
        (items_estimate(items([[1], [2]]), UNIT), "off_scale"),
        (items_estimate(items([[1], [0]]), UNIT, Statistic.PASS_AT_K, 0), "impossible_count"),
        (effective_n([Fraction(1, 2), Fraction(1, 3)], ["a", "a"]), "one_cluster"),
    ],
)
def test_what_cannot_be_is_refused_by_its_reason(outcome: Estimate | Unestimable, reason: str) -> None:
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == reason


def test_a_share_from_the_door_is_that_of_the_method() -> None:
    assert estimated(proportion(13, 23)).method == "clopper_pearson"
    assert estimated(proportion(Decimal("9.65"), 42)).method == "item_beta"
