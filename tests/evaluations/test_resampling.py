"""The cluster bootstrap of a mean: whole clusters, one seed, and what it refuses (statistics a3)."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.estimate import Unestimable
from evaluations.resampling import ClusterBootstrap, chance, cluster_bootstrap

SUMS = [Fraction(each, 10) for each in (3, 21, 8, 14, 30, 2, 17, 9, 25, 11, 6, 19)]
SIZES = [2, 4, 1, 3, 5, 1, 2, 3, 4, 2, 1, 3]


def drawn(sums: Any = SUMS, sizes: Any = SIZES, seed: int = 1, **more: Any) -> ClusterBootstrap:
    outcome = cluster_bootstrap(sums, sizes, seed, **more)
    assert isinstance(outcome, ClusterBootstrap), outcome
    return outcome


def ratio_of_sums(sums: Any, sizes: Any, axis: int = -1) -> Any:
    return sums.sum(axis=axis) / sizes.sum(axis=axis)


@pytest.mark.parametrize("clusters", [12, 200])  # below and above the number from which rows of counts are relabelled
def test_the_ends_are_those_of_scipys_percentile_bootstrap(clusters: int) -> None:
    sums = [float(value) for value in (SUMS * 17)[:clusters]]
    sums = [value + 0.01 * place for place, value in enumerate(sums)]
    sizes = (SIZES * 17)[:clusters]
    columns = (np.array(sums), np.array(sizes, dtype=float))
    oracle = stats.bootstrap(columns, ratio_of_sums, paired=True, n_resamples=60_000, method="percentile", vectorized=True, rng=1)
    found = [drawn(sums, sizes, seed) for seed in range(12)]
    noise = 4 * 0.027 * oracle.standard_error / math.sqrt(12)  # of a 2.5 % end over 12 runs of 10,000
    assert np.mean([each.lower for each in found]) == pytest.approx(oracle.confidence_interval.low, abs=noise)
    assert np.mean([each.upper for each in found]) == pytest.approx(oracle.confidence_interval.high, abs=noise)
    assert np.mean([each.standard_error for each in found]) == pytest.approx(oracle.standard_error, rel=0.02)


def test_ten_thousand_replicates_are_as_steady_as_ten_thousand_independent_ones() -> None:
    sums, sizes = [0.31 + 0.017 * (place * 37 % 200) for place in range(200)], SIZES * 16 + SIZES[:8]
    found = [drawn(sums, sizes, seed) for seed in range(40)]
    # a 2.5 % end of 10,000 independent normal replicates moves by sqrt(0.025 * 0.975 / 10,000) / 0.0584 = 0.0267 standard errors
    moved = np.std([each.upper for each in found], ddof=1) / found[0].standard_error
    assert moved < 0.0267 * 1.4  # a standard deviation over 40 seeds is known to 11 %


def test_the_mean_counts_items_and_not_clusters() -> None:
    assert drawn([Fraction(1), Fraction(0)], [1, 3], replicates=1_000).mean == 0.25


@settings(max_examples=25, deadline=None)
@given(st.permutations(list(zip(SUMS, SIZES, strict=True))))
def test_the_order_of_clusters_changes_no_digit(shuffled: list[tuple[Fraction, int]]) -> None:
    sums, sizes = zip(*shuffled, strict=True)
    assert drawn(sums, sizes, replicates=1_000) == drawn(replicates=1_000)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert repr(drawn(seed=7)) == repr(drawn(seed=7))
    assert drawn(seed=7).upper != drawn(seed=8).upper
    assert drawn(seed=7).seed == 7


@pytest.mark.parametrize(
    ("sums", "sizes", "reason"),
    [
        ([], [], "no_observations"),
        ([1], [2], "one_cluster"),
        ([1, 2], [1, 0], "impossible_count"),
        ([1, 2], [1, -1], "impossible_count"),
        ([1, 2], [1, 1.5], "impossible_count"),
        ([1, 2], [1, 2**53], "overflow"),
        ([1, 10**200], [1, 1], "overflow"),
        ([1, math.nan], [1, 1], "not_a_number"),
        ([1, math.inf], [1, 1], "not_a_number"),
        ([1, None], [1, 1], "not_a_number"),
        ([0.1, 0.3], [1, 3], "all_values_equal"),
        ([0, 0], [1, 3], "all_values_equal"),
    ],
)
def test_what_bounds_nothing_is_refused(sums: Any, sizes: Any, reason: str) -> None:
    outcome = cluster_bootstrap(sums, sizes, 1)
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == reason


@pytest.mark.parametrize("more", [{"alpha": 0.0}, {"alpha": 0.6}, {"replicates": 999}, {"seed": -1}])
def test_an_impossible_setting_is_the_callers_mistake(more: Any) -> None:
    with pytest.raises(ValueError, match="found"):
        drawn(**more)


def test_columns_of_unequal_length_are_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="found 2 sums of 1 clusters"):
        cluster_bootstrap([1, 2], [1], 1)


def test_a_seed_gives_the_generator_that_numpy_documents() -> None:
    assert chance(12345).random() == np.random.Generator(np.random.PCG64(12345)).random()  # noqa: TID251 - the oracle


def test_clusters_on_any_scale_give_ends_on_that_scale() -> None:
    small = drawn([float(each) * 1e-90 for each in SUMS])
    assert small.upper == pytest.approx(drawn().upper * 1e-90, rel=1e-9)
    assert drawn([-each for each in SUMS], replicates=1_000).upper < 0
