"""Two snapshots against each other: paired by item, by exact counts of change, or as two separate shares (statistics a8)."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.differences import ExactChange, mcnemar_exact, paired_difference, proportion_difference
from evaluations.estimate import Unestimable
from evaluations.summaries import StudentEstimate
from tests.evaluations.measured import ALPHA, ends, estimated, refused

hundredths = st.lists(st.integers(0, 100), min_size=3, max_size=25)
changed = st.integers(0, 60)


@settings(max_examples=60, deadline=None)
@given(hundredths)
def test_without_clusters_the_paired_difference_is_the_t_test_of_matched_pairs(before: list[int]) -> None:
    after = [each + (at * 7) % 5 for at, each in enumerate(before)]
    oracle = stats.ttest_rel(after, before)  # scipy, its own arithmetic
    estimate = estimated(paired_difference(before, after))
    assert ends(estimate) == pytest.approx(tuple(oracle.confidence_interval(0.95)), rel=1e-9)
    assert estimate.p_below(0) == pytest.approx(stats.ttest_rel(after, before, alternative="less").pvalue, rel=1e-9)
    assert estimate.p_above(0) == pytest.approx(stats.ttest_rel(after, before, alternative="greater").pvalue, rel=1e-9)


def test_the_order_of_items_changes_no_digit() -> None:
    before, after, names = [0.4, 0.28, 0.77, 0.68, 0.61], [0.32, 0.37, 0.4, 0.77, 0.74], ["a", "a", "b", "c", "c"]
    one = estimated(paired_difference(before, after, names))
    other = estimated(paired_difference(before[::-1], after[::-1], names[::-1]))
    assert ends(one) == ends(other)
    assert one == other


def test_items_in_clusters_leave_a_wider_difference() -> None:
    before, after = [0.1] * 12, [0.1, 0.1, 0.1, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.5, 0.5, 0.5]
    clustered = estimated(paired_difference(before, after, [at // 3 for at in range(12)]))
    alone = estimated(paired_difference(before, after))
    assert clustered.upper(ALPHA) - clustered.lower(ALPHA) > alone.upper(ALPHA) - alone.lower(ALPHA)
    assert any("Few clusters" in note for note in clustered.notes)


def test_an_item_without_a_cluster_is_its_own() -> None:
    before, after = [0.1, 0.5, 0.3, 0.9], [0.2, 0.3, 0.9, 0.1]
    assert ends(estimated(paired_difference(before, after, [None] * 4))) == ends(estimated(paired_difference(before, after)))


def test_scores_by_item_are_matched_whatever_their_order() -> None:
    by_item = estimated(paired_difference({"x": 0.1, "y": 0.5, "z": 0.4}, {"z": 0.1, "x": 0.9, "y": 0.2}))
    assert by_item == estimated(paired_difference([0.1, 0.5, 0.4], [0.9, 0.2, 0.1]))


def test_different_items_are_refused_with_how_many_are_shared() -> None:
    outcome = paired_difference({"x": 1, "y": 0, "z": 1}, {"y": 1, "z": 0, "w": 0, "v": 1})
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == "different_items"
    assert "2 items are shared, of 3 before and 4 after" in outcome.words


def test_as_many_items_that_are_others_are_refused() -> None:
    assert refused(paired_difference({"x": 1, "y": 0}, {"x": 1, "z": 0})) == ("different_items", None)


@pytest.mark.parametrize("swapped", [False, True])
def test_items_that_only_one_snapshot_has_are_not_dropped(swapped: bool) -> None:
    sides = ({"x": 1, "y": 0}, {"x": 1, "y": 1, "z": 0})
    assert refused(paired_difference(*(sides[::-1] if swapped else sides))) == ("different_items", None)


def test_items_that_all_changed_by_the_same_say_nothing_of_the_error() -> None:
    assert refused(paired_difference([0.1, 0.5, 0.3], [0.2, 0.6, 0.4])) == ("all_values_equal", Fraction(1, 10))


@pytest.mark.parametrize(
    ("before", "after", "clusters", "reason"),
    [
        ([], [], None, "no_observations"),
        ([1], [0], None, "one_observation"),
        ([1, 0, 1], [0, 0, 1], ["a", "a", "a"], "one_cluster"),
        ([1, 0, 1], [0, 1], None, "different_items"),
        ([1, None, 1], [0, 0, 1], None, "unscored_attempts"),
        ([1, math.nan, 1], [0, 0, 1], None, "not_a_number"),
        ([1, 0, 1], [0, 0, math.inf], None, "not_a_number"),
        ([1, 0, 1], [0, 0, 10**200], None, "overflow"),
    ],
)
def test_what_cannot_be_paired_is_refused(before: list[float], after: list[float], clusters: list[str] | None, reason: str) -> None:
    assert refused(paired_difference(before, after, clusters))[0] == reason


@settings(max_examples=60, deadline=None)
@given(changed, changed)
def test_the_exact_test_of_change_is_the_sign_test_of_the_items_that_changed(lost: int, gained: int) -> None:
    found = mcnemar_exact(5, lost, gained, 7)
    assert isinstance(found, ExactChange)
    if lost + gained == 0:
        assert (found.p_drop, found.p_jump, found.p_two_sided) == (1, 1, 1)
        return
    oracle = [stats.binomtest(gained, lost + gained, alternative=side).pvalue for side in ("less", "greater", "two-sided")]
    assert [found.p_drop, found.p_jump, found.p_two_sided] == pytest.approx(oracle, rel=1e-9)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ((0, 0, 0, 0), "no_observations"),
        ((1, -1, 0, 0), "impossible_count"),
        ((1, 1.5, 0, 0), "impossible_count"),
        ((1, math.nan, 0, 0), "not_a_number"),
        ((1, 2**60, 0, 0), "overflow"),
        ((True, 1, 1, 1), "not_a_number"),
    ],
)
def test_counts_of_items_that_cannot_be_are_refused(counts: tuple[float, ...], reason: str) -> None:
    outcome = mcnemar_exact(*counts)
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == reason


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [  # Newcombe 1998, Stat. Med. 17:873, table II, method 10, the published contrasts to four decimals
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0000),
        ((10, 10, 0, 10), 0.6075, 1.0000),
    ],
)
def test_two_separate_shares_differ_as_published(counts: tuple[int, ...], low: float, high: float) -> None:
    assert ends(estimated(proportion_difference(*counts))) == pytest.approx((low, high), abs=5e-5)


def test_swapping_the_two_shares_mirrors_their_difference() -> None:
    one, other = estimated(proportion_difference(13, 23, 7, 31)), estimated(proportion_difference(7, 31, 13, 23))
    assert ends(one) == pytest.approx([-end for end in reversed(ends(other))], rel=1e-12)
    assert one.p_below(0) == pytest.approx(other.p_above(0), rel=1e-9)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ((1, 0, 1, 2), "no_observations"),
        ((3, 2, 1, 2), "impossible_count"),
        ((1, 2, -1, 2), "impossible_count"),
        ((1, 2, 1, 2.5), "impossible_count"),
        ((1, 2, math.nan, 2), "not_a_number"),
    ],
)
def test_shares_that_cannot_be_are_refused(counts: tuple[float, ...], reason: str) -> None:
    assert refused(proportion_difference(*counts))[0] == reason


def test_the_paired_estimate_counts_items() -> None:
    estimate = estimated(paired_difference([1, 0, 1, 0], [0, 0, 1, 1]))
    assert isinstance(estimate, StudentEstimate)
    assert (estimate.observations, estimate.method, estimate.degrees_of_freedom) == (4, "paired_t", 3)
