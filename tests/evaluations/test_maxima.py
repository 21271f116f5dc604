"""The largest of several variants: what it overstates, corrected p-values, and the estimate on the other half (statistics c2, c4, c7)."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats
from statsmodels.stats.multitest import multipletests

from evaluations.estimate import Unestimable
from evaluations.maxima import (
    MaxT,
    Overstatement,
    SplitHalfMaximum,
    bonferroni,
    expected_maximum_excess,
    holm,
    max_t,
    sidak,
    split_half_maximum,
)
from evaluations.resampling import chance

SEED = 7


def reason(found: object) -> str:
    assert isinstance(found, Unestimable), found
    assert " " in found.words
    return found.reason


def excess(means: Sequence[Any], errors: Sequence[Any], correlation: Any) -> float:
    found = expected_maximum_excess(means, errors, correlation)
    assert isinstance(found, Overstatement), found
    assert found.expected_maximum == found.true_maximum + found.excess
    return found.excess


@pytest.mark.parametrize(("count", "constant"), [(2, 1 / math.sqrt(math.pi)), (3, 1.5 / math.sqrt(math.pi)), (6, 1.2672), (12, 1.6292)])
@pytest.mark.parametrize("correlation", [0, 0.3, Fraction(9, 10), 1])
def test_equal_variants_overstate_by_the_expected_largest_of_so_many_normals(count: int, constant: float, correlation: Any) -> None:
    assert excess([50] * count, [6] * count, correlation) == pytest.approx(constant * 6 * math.sqrt(1 - correlation), rel=5e-5, abs=1e-12)


@pytest.mark.parametrize("correlation", [-1, -0.4, 0, 0.5, 0.99, 1])
@pytest.mark.parametrize(("apart", "errors"), [(0, (1, 1)), (0.7, (2, 2)), (0.7, (1, 3)), (-5, (0.01, 1))])
def test_two_variants_overstate_as_clark_has_it(apart: float, errors: tuple[float, float], correlation: float) -> None:
    if correlation < 0 and errors[0] != errors[1]:
        assert reason(expected_maximum_excess((0, apart), errors, correlation)) == "off_scale"
        return
    theta = math.sqrt(errors[0] ** 2 + errors[1] ** 2 - 2 * correlation * errors[0] * errors[1])  # Clark 1961, Oper. Res. 9:145
    ahead = apart / theta if theta else math.copysign(math.inf, apart)
    expected = apart * stats.norm.cdf(ahead) + (theta * stats.norm.pdf(ahead) if theta else 0)
    assert excess((0, apart), errors, correlation) == pytest.approx(expected - max(0, apart), rel=1e-6, abs=1e-9)


def test_unequal_correlated_variants_overstate_as_a_plain_integral_has_it() -> None:
    means, errors, correlation = np.array([0.42, 0.5, 0.47, 0.3]), np.array([0.05, 0.04, 0.08, 0.2]), 0.6

    grid, factor = np.linspace(-0.4, 1.8, 551), np.linspace(-8, 8, 641)
    z = ((grid[:, None, None] - means) / errors - math.sqrt(correlation) * factor[None, :, None]) / math.sqrt(1 - correlation)
    below = integrate.simpson(stats.norm.pdf(factor) * np.prod(special.ndtr(z), axis=2), x=factor)
    expected = 1.8 - integrate.simpson(below, x=grid)
    assert excess(means.tolist(), errors.tolist(), correlation) == pytest.approx(expected - 0.5, abs=1e-6)


def test_one_variant_alone_overstates_nothing() -> None:
    assert excess([50], [6], 0.5) == 0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), min_size=2, max_size=4), st.sampled_from([0, 0.5]), st.data())
def test_the_order_of_variants_changes_no_digit_of_what_they_overstate(
    variants: list[tuple[int, int]], correlation: float, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(variants))
    assert excess(*zip(*variants, strict=True), correlation) == excess(*zip(*shuffled, strict=True), correlation)


@pytest.mark.parametrize(
    ("means", "errors", "correlation", "expected"),
    [
        ([], [], 0, "no_observations"),
        ([1, math.nan], [1, 1], 0, "not_a_number"),
        ([1, 2], [1, math.inf], 0, "not_a_number"),
        ([1, 2], [1, 1], math.nan, "not_a_number"),
        ([1, 2], [1, 0], 0, "negative_spread"),
        ([1, 2], [1, -1], 0, "negative_spread"),
        ([1, 2], [1, 1], 1.01, "off_scale"),
        ([1, 2, 3], [1, 1, 1], Fraction(-51, 100), "off_scale"),
        ([1, 10**300], [1, 1], 0, "overflow"),
    ],
)
def test_normals_that_cannot_be_are_refused(means: Sequence[Any], errors: Sequence[Any], correlation: Any, expected: str) -> None:
    assert reason(expected_maximum_excess(means, errors, correlation)) == expected


def equal(count: int, correlation: float) -> list[list[float]]:
    return [[1 if one == other else correlation for other in range(count)] for one in range(count)]


Z = (2.1, 1.4, 0.3, 2.6, -0.5, 1.0)


def largest(correlation: Sequence[Sequence[Any]], z: Sequence[Any], alpha: float = 0.025, seed: int = SEED) -> MaxT:
    found = max_t(correlation, z, alpha, seed)
    assert isinstance(found, MaxT), found
    return found


@pytest.mark.parametrize("correlation", [0.0, 0.2, 0.7, 0.95])
def test_the_adjusted_p_is_the_chance_that_the_largest_of_so_many_is_above(correlation: float) -> None:
    found = largest(equal(6, correlation), Z)
    matrix = np.array(equal(6, correlation))
    above = 1 - np.array([stats.multivariate_normal.cdf([at] * 6, cov=matrix, rng=chance(1), maxpts=60_000) for at in Z[:2]])
    assert found.adjusted_p[:2] == pytest.approx(above.tolist(), abs=3e-4)
    assert (found.integral, found.seed) == ("one_dimensional", None)
    assert largest(equal(6, correlation), [found.critical_value] * 6).adjusted_p == pytest.approx([0.025] * 6, rel=1e-6)


def test_without_correlation_max_t_is_sidak() -> None:
    found = largest(equal(6, 0), Z)
    assert found.critical_value == pytest.approx(stats.norm.isf(1 - 0.975 ** (1 / 6)))
    assert found.adjusted_p == pytest.approx(sidak(stats.norm.sf(Z).tolist()))


def test_variants_that_are_one_need_no_correction() -> None:
    found = largest(equal(3, 1), [1, 2, 3])
    assert found.critical_value == pytest.approx(stats.norm.isf(0.025))
    assert found.adjusted_p == pytest.approx(stats.norm.sf([1, 2, 3]).tolist())


def test_two_opposite_variants_add_their_chances() -> None:
    found = largest(equal(2, -1), [1, 2])
    assert found.adjusted_p == pytest.approx([2 * stats.norm.sf(1), 2 * stats.norm.sf(2)], abs=1e-4)
    assert found.critical_value == pytest.approx(stats.norm.isf(0.0125), abs=1e-3)


UNEQUAL = [[1, 0.9, 0.2, 0.1], [0.9, 1, 0.3, 0.2], [0.2, 0.3, 1, -0.4], [0.1, 0.2, -0.4, 1]]


def test_unequal_correlations_are_integrated_with_the_seed_that_is_returned() -> None:
    found = largest(UNEQUAL, [2.1, 1.5, 0.5, 2.6])
    chances = [1 - stats.multivariate_normal.cdf([at] * 4, cov=np.array(UNEQUAL), rng=chance(2)) for at in (2.1, 2.6)]
    assert [found.adjusted_p[at] for at in (0, 3)] == pytest.approx(chances, abs=1e-4)
    assert (found.integral, found.seed) == ("quasi_random", SEED)
    assert largest(UNEQUAL, [found.critical_value] * 4).adjusted_p == pytest.approx([0.025] * 4, rel=1e-6)
    assert largest(UNEQUAL, [2.1, 1.5, 0.5, 2.6]) == found
    assert largest(UNEQUAL, [2.1, 1.5, 0.5, 2.6], seed=8).critical_value == pytest.approx(found.critical_value, abs=1e-3)


@pytest.mark.parametrize(
    ("matrix", "z", "expected"),
    [
        ([], [], "no_observations"),
        (equal(2, 0.5), [1, math.nan], "not_a_number"),
        ([[1, math.nan], [math.nan, 1]], [1, 2], "not_a_number"),
        (equal(3, 0.5), [1, 2], "off_scale"),
        ([[1, 0.5], [0.4, 1]], [1, 2], "off_scale"),
        ([[2, 0.5], [0.5, 1]], [1, 2], "off_scale"),
        (equal(2, 1.5), [1, 2], "off_scale"),
        (equal(3, -0.6), [1, 2, 3], "off_scale"),
        ([[1, 0.5], [1]], [1, 2], "off_scale"),
    ],
)
def test_a_matrix_of_no_correlations_is_refused(matrix: Sequence[Sequence[Any]], z: Sequence[Any], expected: str) -> None:
    assert reason(max_t(matrix, z, 0.025, SEED)) == expected


ps = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@settings(max_examples=20, deadline=None)
@given(ps, st.integers(0, 20))
def test_corrected_p_are_those_of_another_package_with_the_planned_as_one(p_values: list[float], planned: int) -> None:
    one = math.nextafter(1, 0)  # at 1 itself the other package divides by zero
    padded = [min(p, one) for p in p_values] + [one] * max(0, planned - len(p_values))
    for ours, theirs in ((holm, "holm"), (bonferroni, "bonferroni"), (sidak, "sidak")):
        expected = multipletests(padded, method=theirs)[1][: len(p_values)]
        assert ours(p_values, planned) == pytest.approx(expected.tolist(), rel=1e-9, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(ps, st.integers(0, 20), st.data())
def test_the_order_of_variants_changes_no_corrected_p(p_values: list[float], planned: int, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(p_values))))
    for rule in (holm, bonferroni, sidak):
        one, other = rule(p_values, planned), rule([p_values[at] for at in order], planned)
        assert isinstance(one, tuple)
        assert other == tuple(one[at] for at in order)


def test_a_variant_without_a_p_enters_as_one() -> None:
    assert holm([0.01, None], 3) == (0.03, 1)
    assert bonferroni([None, 0.01]) == (1, 0.02)
    assert sidak([None, 0.0]) == (1, 0)


@pytest.mark.parametrize("rule", [holm, bonferroni, sidak])
def test_what_is_no_p_is_refused(rule: Any) -> None:
    assert reason(rule([])) == "no_observations"
    assert [reason(rule([0.1, each])) for each in (-0.1, 1.1, math.nan, math.inf)] == ["not_a_number"] * 4


def halves(scores: Any, seed: int = SEED, **more: Any) -> SplitHalfMaximum:
    found = split_half_maximum(scores, seed, **more)
    assert isinstance(found, SplitHalfMaximum), found
    return found


def table(seed: int, variants: int = 6, items: int = 42, share: float = 0.5) -> dict[str, dict[str, int]]:
    draw = chance(seed)
    return {f"v{at}": {f"i{item}": int(draw.random() < share) for item in range(items)} for at in range(variants)}


def test_the_other_half_does_not_know_which_variant_was_lucky() -> None:
    found = [halves(table(seed), splits=20) for seed in range(60)]
    observed, corrected = ([float(getattr(each, name)) for each in found] for name in ("observed_maximum", "point"))
    error = np.std(corrected) / math.sqrt(60)
    assert abs(np.mean(corrected) - 0.5) < 3 * error  # all six are truly at one half
    assert np.mean(observed) - 0.5 == pytest.approx(1.2672 * math.sqrt(0.25 / 42), abs=0.02)  # and the highest seen is not


def test_a_variant_that_is_clearly_ahead_keeps_its_mean() -> None:
    ahead = {"low": {"a": 0, "b": 0, "c": 0, "d": 0}, "high": {"a": 1, "b": Decimal("0.5"), "c": 1, "d": Fraction(1, 3)}}
    found = halves(ahead)
    assert found.point == found.observed_maximum == Fraction(17, 24)  # halves of equal size: each split averages to the whole
    assert (found.splits, found.seed) == (200, SEED)


def test_variants_that_tie_are_averaged() -> None:
    found = halves({"x": {"a": 1, "b": 0}, "y": {"a": 1, "b": 1}}, splits=3)
    assert found.point == Fraction(3, 4)  # chosen on a both tie at 1, so b gives one half; chosen on b y wins, and a gives 1


def test_clusters_stay_together_in_one_half() -> None:
    scores = {"x": dict.fromkeys("abcd", 1), "y": {"a": 0, "b": 2, "c": 0, "d": 2}}
    whole = halves(scores, clusters={"a": "p", "b": "p", "c": "q", "d": "q"})
    assert whole.point == 1  # either cluster has the mean 1 for both
    assert halves(scores).point != 1


def test_the_same_seed_gives_the_same_halves_in_any_order() -> None:
    scores = table(3)
    around = {name: dict(reversed(items.items())) for name, items in reversed(scores.items())}
    assert halves(scores) == halves(around)
    assert halves(scores).point != halves(scores, seed=8).point


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({}, "no_observations"),
        ({"x": {}}, "no_observations"),
        ({"x": {"a": 1}}, "one_cluster"),
        ({"x": {"a": 1, "b": 0}, "y": {"a": 1, "c": 0}}, "different_items"),
        ({"x": {"a": 1, "b": math.nan}}, "not_a_number"),
    ],
)
def test_halves_that_cannot_be_are_refused(scores: Any, expected: str) -> None:
    assert reason(split_half_maximum(scores, SEED)) == expected


def test_settings_that_make_no_sense_are_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="expected at least 1"):
        split_half_maximum(table(1), SEED, splits=0)
    with pytest.raises(ValueError, match="2 means and 1 standard errors"):
        expected_maximum_excess([1, 2], [1], 0)
    with pytest.raises(ValueError, match="error level"):
        max_t(equal(2, 0), [1, 2], 0.7, SEED)
