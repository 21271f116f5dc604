"""Snapshots that suddenly score lower or higher than the one before."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import stats

from evaluations.estimate import Unestimable
from evaluations.trends.regressions import Pairing, PercentileFlags, SnapshotDrops, pair_changes, percentile_flags, snapshot_drops

ITEMS = [f"item-{at:02}" for at in range(24)]
FIRST = {item: Fraction(at % 7, 10) + Fraction(2, 10) for at, item in enumerate(ITEMS)}
NOISE = {item: Fraction((5 * at) % 11 - 5, 100) for at, item in enumerate(ITEMS)}


def moved(by: Fraction, sign: int = 1) -> dict[str, Fraction]:
    return {item: FIRST[item] + by + sign * NOISE[item] for item in ITEMS}


def compared(*snapshots: dict[str, Any], **settings: Any) -> SnapshotDrops:
    found = snapshot_drops([(f"s{at}", each) for at, each in enumerate(snapshots)], **settings)
    assert isinstance(found, SnapshotDrops)
    return found


def test_a_sharp_drop_is_an_alarm_and_its_return_a_jump() -> None:
    pairs = compared(FIRST, moved(Fraction(-2, 10)), FIRST).pairs
    assert [(each.drop, each.jump) for each in pairs] == [("drop", "none"), ("none", "jump")]
    assert [(each.earlier, each.later) for each in pairs] == [("s0", "s1"), ("s1", "s2")]


def test_the_p_is_that_of_a_paired_t_test_where_nothing_is_clustered() -> None:
    after = moved(Fraction(-3, 100))
    pair = compared(FIRST, after).pairs[0]
    other = stats.ttest_rel([float(after[each]) for each in ITEMS], [float(FIRST[each]) for each in ITEMS])
    assert 2 * pair.p_drop == pytest.approx(other.pvalue)  # type: ignore[operator]  # this pair has a p
    assert pair.p_drop + pair.p_jump == pytest.approx(1)  # type: ignore[operator]  # this pair has a p


def test_a_significant_change_of_less_than_five_points_is_no_alarm() -> None:
    by = Fraction(-49, 1000)
    pair = compared(
        FIRST, {item: score + by + NOISE[item] / 100 - Fraction(sum(NOISE.values()), 2400) for item, score in FIRST.items()}
    ).pairs[0]
    assert pair.p_drop_holm < 1e-6
    assert (pair.change, pair.drop) == (by, "none")


def test_exactly_five_points_are_enough() -> None:
    shift = -Fraction(1, 20) - sum(NOISE.values(), Fraction(0)) / len(ITEMS)
    pair = compared(FIRST, moved(shift)).pairs[0]
    assert (pair.change, pair.drop) == (-Fraction(1, 20), "drop")


def test_a_p_is_corrected_over_all_pairs_that_can_be_tested() -> None:
    after = [moved(Fraction(-1, 50), sign) for sign in (1, -1, 1, -1)]
    few, many = compared(FIRST, after[0]), compared(FIRST, *after)
    assert few.pairs[0].p_drop == many.pairs[0].p_drop
    assert many.pairs[0].p_drop_holm == pytest.approx(4 * few.pairs[0].p_drop_holm)


def test_the_corrected_p_decides_and_not_the_one_of_the_pair() -> None:
    wide = {item: score - Fraction(7, 100) + 4 * NOISE[item] for item, score in FIRST.items()}
    alone, among = compared(FIRST, wide), compared(FIRST, wide, *[moved(Fraction(0), sign) for sign in (1, -1) * 3])
    assert alone.pairs[0].p_drop == among.pairs[0].p_drop
    assert (alone.pairs[0].drop, among.pairs[0].drop) == ("drop", "none")


def test_clusters_make_a_drop_less_sure() -> None:
    after = {item: score - Fraction(3, 10) * (at // 8 == 1) for at, (item, score) in enumerate(FIRST.items())}
    alone, together = compared(FIRST, after), compared(FIRST, after, clusters={item: f"c{at // 8}" for at, item in enumerate(ITEMS)})
    assert (alone.pairs[0].drop, together.pairs[0].drop) == ("drop", "none")
    assert alone.pairs[0].change == together.pairs[0].change


@pytest.mark.parametrize(("by", "word"), [("-3/10", "untested"), ("-1/20", "untested"), ("-1/25", "none"), ("0", "none"), ("3/10", "none")])
def test_a_change_that_is_the_same_on_every_item_has_no_p_and_is_told_of_if_large(by: str, word: str) -> None:
    pair = compared(FIRST, {item: score + Fraction(by) for item, score in FIRST.items()}).pairs[0]
    assert (pair.p_drop, pair.p_drop_holm, pair.drop) == (None, 1.0, word)
    assert isinstance(pair.refusal, Unestimable)
    assert (pair.refusal.reason, pair.refusal.point, pair.change) == ("all_values_equal", Fraction(by), Fraction(by))


def test_other_items_cannot_be_compared_and_are_not_called_unchanged() -> None:
    pairs = compared(FIRST, {**FIRST, "one more": Fraction(1, 2)}, FIRST).pairs
    assert [(each.drop, each.jump, each.change) for each in pairs] == [("untested", "untested", None)] * 2
    assert pairs[0].refusal is not None
    assert pairs[0].refusal.reason == "different_items"


@pytest.mark.parametrize("score", [None, float("nan"), float("inf")])
def test_a_missing_score_is_not_called_unchanged(score: Any) -> None:
    pair = compared(FIRST, {**FIRST, ITEMS[3]: score}).pairs[0]
    assert (pair.drop, pair.jump, pair.p_drop) == ("untested", "untested", None)


def test_a_pair_that_cannot_be_tested_makes_no_other_less_sure() -> None:
    drop = moved(Fraction(-2, 10))
    alone, beside = compared(FIRST, drop), compared(FIRST, drop, *[{**drop, "one more": Fraction(1, 2)}] * 7)
    assert beside.pairs[0] == alone.pairs[0]
    assert [each.p_drop_holm for each in beside.pairs[1:]] == [1.0] * 7


def test_each_pair_may_have_items_and_clusters_of_its_own() -> None:
    half = {item: score for item, score in FIRST.items() if item < "item-12"}
    shifted = {item: score - Fraction(2, 10) + NOISE[item] for item, score in half.items()}
    clusters = {item: f"c{at // 8}" for at, item in enumerate(ITEMS)}
    whole = Pairing("s0", "s1", FIRST, moved(Fraction(-2, 10)), clusters)
    found = pair_changes([whole, Pairing("s1", "s2", half, shifted)])
    assert isinstance(found, SnapshotDrops)
    alone = compared(FIRST, moved(Fraction(-2, 10)), clusters=clusters).pairs[0], compared(half, shifted).pairs[0]
    assert [each.p_drop for each in found.pairs] == [each.p_drop for each in alone]


def test_one_cluster_gives_no_p() -> None:
    pair = compared(FIRST, moved(Fraction(-2, 10)), clusters=dict.fromkeys(ITEMS, "all")).pairs[0]
    assert pair.refusal is not None
    assert (pair.refusal.reason, pair.drop) == ("one_cluster", "untested")


def test_the_order_of_items_changes_no_byte() -> None:
    after = moved(Fraction(-1, 10))
    reverse = [{item: each[item] for item in reversed(ITEMS)} for each in (FIRST, after)]
    assert repr(compared(FIRST, after)) == repr(compared(*reverse))


def test_a_single_snapshot_has_nothing_to_be_compared_with() -> None:
    assert isinstance(snapshot_drops([("s", FIRST)]), Unestimable)
    assert isinstance(percentile_flags([("s", FIRST)], seed=1), Unestimable)


@pytest.mark.parametrize("settings", [{"alpha": 0}, {"alpha": 0.7}, {"least_change": -1}, {"least_change": float("nan")}])
def test_settings_that_decide_nothing_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="found"):
        compared(FIRST, moved(Fraction(1)), **settings)


# The regression check of the system cards.


def flagged(*snapshots: dict[str, Any], seed: int = 20300101, **settings: Any) -> PercentileFlags:
    found = percentile_flags([(f"s{at}", each) for at, each in enumerate(snapshots)], seed=seed, **settings)
    assert isinstance(found, PercentileFlags)
    return found


def test_an_earlier_snapshot_that_stays_above_any_later_one_is_flagged() -> None:
    found = flagged(FIRST, moved(Fraction(-3, 10)), moved(Fraction(1, 10)), moved(Fraction(-3, 10), -1))
    assert [(each.earlier, each.later) for each in found.flags] == [("s0", "s1"), ("s0", "s3"), ("s2", "s3")]
    assert all(each.earlier_low > each.later_high for each in found.flags)


def test_snapshots_that_rise_are_not_flagged() -> None:
    assert flagged(FIRST, moved(Fraction(2, 10)), moved(Fraction(4, 10))).flags == ()


def test_the_seed_is_recorded_and_repeats_the_flags() -> None:
    found = flagged(FIRST, moved(Fraction(-3, 10)), seed=7)
    assert (found.seed, found.trials) == (7, 30)
    assert found == flagged({item: FIRST[item] for item in reversed(ITEMS)}, moved(Fraction(-3, 10)), seed=7)
    assert found.flags != flagged(FIRST, moved(Fraction(-3, 10)), seed=8).flags


def test_percentiles_are_those_of_resampled_means() -> None:
    """Many trials come near the normal approximation: mean minus 0.524 standard errors is the 30th percentile."""
    found = flagged(FIRST, moved(Fraction(-3, 10)), trials=4000).flags[0]
    scores = np.array([float(each) for each in FIRST.values()])
    assert found.earlier_low == pytest.approx(scores.mean() + stats.norm.ppf(0.3) * scores.std() / np.sqrt(24), abs=0.003)


def test_clusters_are_drawn_whole() -> None:
    clusters = {item: f"c{at // 12}" for at, item in enumerate(ITEMS)}
    halves = {item: Fraction(at // 12) for at, item in enumerate(ITEMS)}
    found = flagged(halves, dict.fromkeys(ITEMS, Fraction(0)), clusters=clusters, trials=400)
    assert found.flags[0].earlier_low == 0.5  # a mean of two clusters is 0, 1/2 or 1; of 24 items it would be anything


@pytest.mark.parametrize(
    ("scores", "clusters", "reason"),
    [
        ({}, None, "no_observations"),
        ({"a": Fraction(1, 2)}, None, "one_cluster"),
        ({"a": Fraction(1, 2), "b": None}, None, "unscored_attempts"),
        ({"a": Fraction(1, 2), "b": Fraction(1, 3)}, {"a": "c", "b": "c"}, "one_cluster"),
    ],
)
def test_what_cannot_be_resampled_is_refused(scores: dict[str, Any], clusters: dict[str, str] | None, reason: str) -> None:
    found = percentile_flags([("s0", scores), ("s1", scores)], clusters, seed=1)
    assert isinstance(found, Unestimable)
    assert found.reason == reason
