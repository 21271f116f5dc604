"""The clustered mean from columns: the numbers of the item-by-item computation, digit by digit, at the speed of numpy."""

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations.clusters import clustered_mean, items_estimate
from evaluations.columns import clustered_columns, columns_estimate
from evaluations.estimate import Unestimable
from evaluations.quantiles import UNIT, Scale
from tests.evaluations.measured import ends, estimated, items, refused

PERCENT = Scale(Fraction(0), Fraction(100))
names = st.one_of(st.none(), st.lists(st.sampled_from([0, 1, 2, 3, 7, 8, 9, 10**9]), min_size=40, max_size=40))


def column(numbers: list[int]) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(-(10**13), 10**13), min_size=2, max_size=40), st.integers(1, 10**13), names)
def test_columns_give_exactly_what_the_items_give(numerators: list[int], denominator: int, labels: list[int] | None) -> None:
    clusters = None if labels is None else labels[: len(numerators)]
    found = clustered_columns(column(numerators), denominator, None if clusters is None else column(clusters))
    if clusters is not None and len(set(clusters)) == 1:
        assert isinstance(found, Unestimable)
        assert found.reason == "one_cluster"
    else:
        assert found == clustered_mean([Fraction(each, denominator) for each in numerators], clusters)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([0, 1]), min_size=3, max_size=3), min_size=2, max_size=40), names, st.sampled_from([UNIT, PERCENT])
)
def test_an_estimate_from_columns_is_that_of_its_items(attempts: list[list[int]], labels: list[int] | None, scale: Scale) -> None:
    clusters = None if labels is None else labels[: len(attempts)]
    codes = None if clusters is None else column(clusters)
    found = columns_estimate(column([sum(each) for each in attempts]), 3, codes, scale)
    native = [[each * int(scale.high) for each in item] for item in attempts]
    named = items(native, None if clusters is None else [f"c{each}" for each in clusters])
    want = items_estimate(named, scale)
    if isinstance(want, Unestimable):
        assert (found.reason, found.point) == (want.reason, want.point)
    else:
        assert ends(estimated(found)) == ends(want)
        assert found.point == want.point


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 99), min_size=2, max_size=40), names)
def test_graded_columns_are_bounded_as_graded_items_are(hundredths: list[int], labels: list[int] | None) -> None:
    clusters = None if labels is None else labels[: len(hundredths)]
    found = columns_estimate(column(hundredths), 100, None if clusters is None else column(clusters), UNIT, "graded")
    named = items([[each / 100] for each in hundredths], None if clusters is None else [f"c{each}" for each in clusters])
    want = items_estimate(named, UNIT)
    if isinstance(want, Unestimable):
        assert (found.reason, found.point) == (want.reason, want.point)
    else:
        assert estimated(found) == want


def test_the_order_of_rows_changes_no_digit() -> None:
    numerators, codes = column([3, 1, 4, 1, 5, 9, 2, 6]), column([0, 0, 1, 1, 1, 2, 2, 2])
    assert clustered_columns(numerators[::-1], 9, codes[::-1]) == clustered_columns(numerators, 9, codes)


@pytest.mark.parametrize(
    ("numerators", "codes", "reason"),
    [
        ([], None, "no_observations"),
        ([1], None, "one_observation"),
        ([1, 0, 1], [4, 4, 4], "one_cluster"),
        ([2**52, 2**52], None, "overflow"),
        ([-(2**63), 0], None, "overflow"),
        ([2**63 - 1, 0], [0, 1], "overflow"),
    ],
)
def test_columns_without_an_honest_mean_are_refused(numerators: list[int], codes: list[int] | None, reason: str) -> None:
    outcome = clustered_columns(column(numerators), 10, None if codes is None else column(codes))
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == reason


def test_shares_outside_their_scale_are_refused() -> None:
    assert refused(columns_estimate(column([1, 3]), 2, None))[0] == "off_scale"
    assert refused(columns_estimate(column([1, -1]), 2, None))[0] == "off_scale"


@pytest.mark.parametrize(
    ("numerators", "denominator", "codes", "found"),
    [
        (np.array([0.5, 1.0]), 1, None, "kind float64"),
        (column([1, 2]), 0, None, "denominator 0"),
        (column([1, 2]), 2, column([0]), "1 cluster"),
        (column([1, 2]), 2, column([0, -1]), "code -1"),
        (np.ones((2, 2), dtype=np.int64), 2, None, "2 dimensions"),
    ],
)
def test_columns_of_another_shape_are_the_callers_mistake(numerators: np.ndarray, denominator: int, codes: np.ndarray, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        clustered_columns(numerators, denominator, codes)


def test_a_million_items_take_less_than_a_second() -> None:  # the promise, 3 times a bare pass, is measured by benchmarks.clustering
    rows = np.arange(1_000_000, dtype=np.int64)
    start = time.perf_counter()
    found = clustered_columns(rows * 104_729 % 11, 10, rows * 7919 % 100_003)
    assert time.perf_counter() - start < 1
    assert not isinstance(found, Unestimable)
    assert found.clusters == 100_003
