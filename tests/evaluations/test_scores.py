"""From records to one estimate: which method, which n, and when there is no interval (statistics a1 to a6, global rules)."""

import math
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from evaluations.clusters import ClusteredEstimate, effective_n, items_estimate
from evaluations.estimate import Unestimable
from evaluations.proportions import clopper_pearson, fewest_zero_successes, item_beta
from evaluations.quantiles import UNIT, Scale
from evaluations.records import RunStatus, Sampling, SpreadKind, Statistic
from evaluations.scores import NOISY_MEDIAN, ONE_TASK, PASSES_HAVE_NO_MEDIAN, POOLED, mean_estimate, run_estimate, score_estimate
from evaluations.summaries import COUNT_UNKNOWN, MEANING_UNKNOWN, EnvelopeEstimate, printed_interval, summary
from tests.evaluations.measured import ALPHA, ends, estimated, items, refused, run, score, version

UNIT_VERSION = version(0, 1, "share")
UNBOUNDED = version(None, None, "perplexity")
PERCENT = Scale(Fraction(0), Fraction(100))


def test_four_of_thirty_straddles_a_bar_of_20_percent() -> None:
    reported = score(Statistic.SHARE, passed=4, trials=30)
    estimate = estimated(score_estimate(reported, run(reported), version(sampling=Sampling.TRIALS_OF_ONE_TASK)))
    assert estimate.method == "clopper_pearson"
    assert estimate.point == Fraction(40, 3)
    assert ends(estimate) == pytest.approx((3.75534963, 30.72183503), abs=1e-7)  # R binom.test, case a12, times 100
    assert estimate.p_below(Decimal(20)) == pytest.approx(0.255233254740319)
    assert ONE_TASK in estimate.notes


def test_a_mean_over_twenty_runs_of_42_problems_counts_42() -> None:
    reported = score(Statistic.COUNT, passed=Decimal("9.65"), trials=42, runs=20)
    estimate = estimated(score_estimate(reported, run(reported), UNIT_VERSION))
    assert (estimate.method, estimate.observations) == ("item_beta", 42)
    assert ends(estimate) == pytest.approx((0.11430730685511464, 0.3853254539243939), abs=1e-9)  # statsmodels, case a10


def test_trials_that_pool_repeated_runs_count_items() -> None:
    reported = score(Statistic.SHARE, passed=193, trials=840, runs=20)
    estimate = estimated(score_estimate(reported, run(reported), version(0, 1, "share", item_count=42)))
    assert (estimate.observations, estimate.point) == (42, Fraction(193, 840))
    assert POOLED in estimate.notes
    assert ends(estimate) == ends(item_beta(Fraction(193, 20), 42))


def test_seventeen_of_33_does_not_rule_out_half() -> None:
    reported = score(Statistic.SHARE, passed=17, trials=33)
    estimate = estimated(score_estimate(reported, run(reported), version()))
    assert ends(estimate) == pytest.approx((33.5444478388556, 69.2036556395268), abs=1e-7)  # R binom.test, case a08, times 100


def test_a_mean_alone_gives_no_interval() -> None:
    reported = score(value=Decimal("69.7"))
    assert refused(score_estimate(reported, run(reported), version())) == ("no_spread_and_no_count", Fraction(697, 10))


def test_the_number_of_items_never_comes_from_the_evaluation() -> None:
    reported = score(value=Decimal("69.7"))  # a score may be over fewer items than its evaluation has
    assert refused(score_estimate(reported, run(reported), version(item_count=100)))[0] == "no_spread_and_no_count"


def test_words_alone_have_no_value() -> None:
    reported = score(words="performed comparably")
    assert refused(score_estimate(reported, run(reported), version())) == ("no_value", None)


def test_a_plus_minus_of_zero_gives_no_interval() -> None:
    reported = score(value=50, spread=0, spread_kind=SpreadKind.STANDARD_ERROR)
    assert refused(score_estimate(reported, run(reported), version())) == ("no_spread_and_no_count", 50)


def test_a_best_of_several_tries_has_no_interval_even_if_printed() -> None:
    reported = score(Statistic.MAXIMUM, value=60, low=50, high=70, interval_level=Decimal("0.95"))
    assert refused(score_estimate(reported, run(reported), version())) == ("extreme_of_several_tries", 60)


def test_a_best_of_several_tries_reported_as_a_count_has_no_interval() -> None:
    reported = score(Statistic.MAXIMUM, passed=6, trials=10)
    assert refused(score_estimate(reported, run(reported), version())) == ("extreme_of_several_tries", 60)


@pytest.mark.parametrize("statistic", [Statistic.MEDIAN, Statistic.RATIO, Statistic.TIME_HORIZON])
def test_other_statistics_have_an_interval_only_if_printed(statistic: Statistic) -> None:
    reported = score(statistic, value=55, items=40, spread=3, spread_kind=SpreadKind.STANDARD_ERROR)
    assert refused(score_estimate(reported, run(reported), UNBOUNDED)) == ("statistic_has_no_interval", 55)


def test_a_printed_interval_is_answered_as_printed_at_its_own_level() -> None:
    reported = score(value=41, low=30, high=55, interval_level=Decimal("0.95"))
    estimate = estimated(score_estimate(reported, run(reported), UNBOUNDED))
    assert ends(estimate) == (30.0, 55.0)
    assert ends(estimate, (1 - 0.95) / 2) == (30.0, 55.0)  # the float differs from 0.025 in its last digit


def test_a_printed_interval_of_a_mean_is_rebuilt_wider_at_a_smaller_error() -> None:
    reported = score(value=41, items=15, low=33, high=49, interval_level=Decimal("0.9"))
    estimate = estimated(score_estimate(reported, run(reported), UNBOUNDED))
    assert ends(estimate) == pytest.approx((31.2582213348851, 50.7417786651149))  # case a36, times 100


def test_a_printed_interval_of_a_horizon_is_not_stretched_to_a_smaller_error() -> None:
    reported = score(Statistic.TIME_HORIZON, value=60, low=30, high=120, interval_level=Decimal("0.95"))
    estimate = estimated(score_estimate(reported, run(reported), version(None, None, "minutes")))
    assert ends(estimate, 0.05) == (30.0, 120.0)
    assert estimate.p_below(121) == pytest.approx(ALPHA)
    assert estimate.p_below(121) < ALPHA
    assert estimate.p_below(120) == 1
    assert ends(estimate, 0.0125) == (-math.inf, math.inf)


def test_a_mean_over_known_items_uses_item_beta_although_a_standard_error_is_printed() -> None:
    reported = score(value=Decimal("0.30"), items=40, spread=Decimal("0.07"), spread_kind=SpreadKind.STANDARD_ERROR)
    estimate = estimated(score_estimate(reported, run(reported), UNIT_VERSION))
    assert estimate.method == "item_beta"
    assert ends(estimate) == ends(item_beta(12, 40))


def test_a_standard_error_of_zero_at_no_success_still_leaves_an_interval_over_items() -> None:
    reported = score(value=0, items=20, spread=0, spread_kind=SpreadKind.STANDARD_ERROR)
    estimate = estimated(score_estimate(reported, run(reported), UNIT_VERSION))
    assert estimate.upper(ALPHA) == pytest.approx(1 - ALPHA ** (1 / 20))


def test_a_standard_error_beyond_independent_items_decides_if_wider() -> None:
    reported = score(value=Decimal("0.5"), items=100, spread=Decimal("0.1"), spread_kind=SpreadKind.STANDARD_ERROR)
    estimate = estimated(score_estimate(reported, run(reported), UNIT_VERSION))
    assert isinstance(estimate, EnvelopeEstimate)
    assert estimate.upper(ALPHA) == pytest.approx(0.5 + 1.9842169515 * 0.1)  # R qt(0.975, 99)


def test_a_printed_interval_of_an_average_is_no_narrower_than_its_items_allow() -> None:
    reported = score(value=Decimal("0.10"), items=10, low=Decimal("0.071"), high=Decimal("0.129"), interval_level=Decimal("0.95"), runs=10)
    estimate = estimated(score_estimate(reported, run(reported), UNIT_VERSION))
    assert ends(estimate) == ends(item_beta(1, 10))


def test_a_printed_interval_wider_than_its_items_allow_decides() -> None:
    reported = score(value=Decimal("0.5"), items=100, low=Decimal("0.3"), high=Decimal("0.7"), interval_level=Decimal("0.95"))
    assert ends(estimated(score_estimate(reported, run(reported), UNIT_VERSION))) == pytest.approx((0.3, 0.7))


def test_items_that_a_score_leaves_out_are_those_of_its_version() -> None:
    near = score(value=Decimal("0.05"), spread=Decimal("0.01"), spread_kind=SpreadKind.STANDARD_ERROR)
    estimate = estimated(score_estimate(near, run(near), version(0, 1, "share", item_count=30)))
    assert ends(estimate) == ends(item_beta(Fraction("1.5"), 30))


@pytest.mark.parametrize("printed", ["spread", "interval"])
def test_an_average_over_nobody_knows_how_many_is_no_narrower_than_over_three(printed: str) -> None:
    said: dict[str, Any] = {"spread": Decimal("0.01"), "spread_kind": SpreadKind.STANDARD_ERROR}
    if printed == "interval":
        said = {"low": Decimal("0.03"), "high": Decimal("0.07"), "interval_level": Decimal("0.95")}
    reported = score(value=Decimal("0.05"), **said)
    estimate = estimated(score_estimate(reported, run(reported), UNIT_VERSION))
    assert ends(estimate) == ends(item_beta(Fraction("0.15"), 3))
    assert COUNT_UNKNOWN in estimate.notes
    assert estimate.observations is None


def test_a_mean_by_itself_is_bounded_as_a_recorded_one() -> None:
    reported = score(value=30, items=40, spread=9, spread_kind=SpreadKind.UNSPECIFIED)
    recorded = estimated(score_estimate(reported, run(reported), version()))
    assert ends(estimated(mean_estimate(Decimal(30), Decimal(9), SpreadKind.UNSPECIFIED, 40, None, PERCENT))) == ends(recorded)
    typed = estimated(mean_estimate(Fraction(12), Decimal(3), SpreadKind.STANDARD_ERROR, 40))
    assert ends(typed) == ends(estimated(summary(Fraction(12), Decimal(3), SpreadKind.STANDARD_ERROR, 40)))


@pytest.mark.parametrize(
    ("spread", "kind", "n", "reason"),
    [
        (Decimal(60), SpreadKind.STANDARD_DEVIATION, 12, "spread_impossible_for_bounded_score"),
        (Decimal(0), SpreadKind.STANDARD_ERROR, None, "no_spread_and_no_count"),
        (Decimal(-1), SpreadKind.STANDARD_ERROR, 12, "negative_spread"),
        (Decimal(5), SpreadKind.STANDARD_ERROR, 1, "one_observation"),
        (None, SpreadKind.UNSPECIFIED, None, "no_spread_and_no_count"),
    ],
)
def test_a_mean_that_says_nothing_honest_is_refused(spread: Decimal | None, kind: SpreadKind, n: int | None, reason: str) -> None:
    assert refused(mean_estimate(Decimal(50), spread, kind, n, None, PERCENT)) == (reason, 50)


@pytest.mark.parametrize(("passed", "trials"), [("84", 420), ("84", 419), ("84.5", 420), ("84.5", 419), ("10", 42)])
def test_a_count_over_several_runs_without_its_items_leaves_a_point(passed: str, trials: int) -> None:
    reported = score(Statistic.SHARE, passed=Decimal(passed), trials=trials, runs=10)
    assert refused(score_estimate(reported, run(reported), UNIT_VERSION))[0] == "no_spread_and_no_count"


@pytest.mark.parametrize("runs", [10, 20])
def test_a_fractional_count_whose_trials_cannot_be_all_the_attempts_is_a_mean_over_runs(runs: int) -> None:
    reported = score(Statistic.COUNT, passed=Decimal("9.65"), trials=42, runs=runs)
    assert estimated(score_estimate(reported, run(reported), UNIT_VERSION)).observations == 42


def test_an_unbounded_score_uses_its_standard_error() -> None:
    reported = score(value=Decimal("12.4"), items=40, spread=Decimal("0.3"), spread_kind=SpreadKind.STANDARD_ERROR)
    estimate = estimated(score_estimate(reported, run(reported), UNBOUNDED))
    assert estimate.upper(ALPHA) == pytest.approx(12.4 + 2.0226909117 * 0.3)  # R qt(0.975, 39)


def test_a_value_off_its_scale_is_refused() -> None:
    reported = score(value=101)
    with pytest.raises(ValueError, match="found 101"):
        score_estimate(reported, run(reported), version())


def test_the_count_decides_where_a_value_is_printed_too() -> None:
    reported = score(Statistic.SHARE, value=57, passed=13, trials=23)
    assert estimated(score_estimate(reported, run(reported), version())).point == Fraction(1300, 23)


def test_a_share_without_a_scale_is_in_percent_if_printed_above_1() -> None:
    reported = score(Statistic.SHARE, value=43, passed=43, trials=100)
    assert estimated(score_estimate(reported, run(reported), version(None, None, "points"))).point == 43


def test_a_count_of_who_knows_what_has_no_interval() -> None:
    reported = score(Statistic.SHARE, passed=4, trials=30)
    outcome = score_estimate(reported, run(reported), version(sampling=Sampling.NOT_STATED))
    assert refused(outcome) == ("statistic_has_no_interval", Fraction(40, 3))


def test_one_trial_gives_no_interval() -> None:
    reported = score(Statistic.SHARE, passed=1, trials=1)
    assert refused(score_estimate(reported, run(reported), version())) == ("one_observation", 100)


def test_one_item_gives_no_interval() -> None:
    assert refused(run_estimate(run(items=items([[1, 1, 0]])), UNIT_VERSION, Statistic.MEAN)) == ("one_observation", Fraction(2, 3))


def test_one_observation_gives_no_interval() -> None:
    assert refused(summary(Decimal(50), Decimal(5), SpreadKind.STANDARD_ERROR, 1)) == ("one_observation", 50)


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.INVALIDATED, RunStatus.NOT_RUN, RunStatus.WITHHELD])
def test_a_run_that_did_not_complete_was_not_measured(status: RunStatus) -> None:
    reported = score(Statistic.SHARE, passed=4, trials=30)
    outcome = score_estimate(reported, run(reported, status=status, status_reason="out of memory"), version())
    assert refused(outcome) == ("not_measured", None)


def test_a_partial_run_keeps_its_point_alone() -> None:
    partial = run(items=items([[1], [0], [1], [1]]), status=RunStatus.PARTIAL, status_reason="stopped")
    assert refused(run_estimate(partial, UNIT_VERSION, Statistic.SHARE)) == ("not_measured", Fraction(3, 4))


def test_a_run_answers_only_for_the_statistic_it_reports() -> None:
    reported = score(Statistic.MEDIAN, value=50)
    assert refused(run_estimate(run(reported), version(), Statistic.MEAN)) == ("not_measured", None)


def test_two_scores_of_one_statistic_leave_the_riskier_point() -> None:
    both = run(score(Statistic.SHARE, slug="a", passed=4, trials=10), score(Statistic.SHARE, slug="b", passed=6, trials=10))
    assert refused(run_estimate(both, version(), Statistic.SHARE)) == ("not_measured", 60)


def test_single_attempts_on_separate_items_are_binomial() -> None:
    estimate = estimated(run_estimate(run(items=items([[1]] * 13 + [[0]] * 10)), UNIT_VERSION, Statistic.SHARE))
    assert estimate.method == "clopper_pearson"
    assert ends(estimate) == ends(clopper_pearson(13, 23)) == ends(item_beta(13, 23))


def test_attempts_on_an_item_never_add_to_the_items() -> None:
    estimate = estimated(run_estimate(run(items=items([[1, 0, 0, 1, 0]] * 20)), UNIT_VERSION, Statistic.MEAN))
    assert (estimate.method, estimate.observations) == ("item_beta", 20)
    assert ends(estimate) == ends(item_beta(8, 20))


def test_a_share_may_be_written_as_0_or_1_on_a_percent_scale() -> None:
    written = run(items=items([[1], [0], [1], [0]]))
    assert estimated(run_estimate(written, version(), Statistic.SHARE)).point == 50


def test_a_mean_of_0_or_1_on_a_percent_scale_has_no_clear_unit() -> None:
    written = run(items=items([[1], [0], [1], [0]]))
    assert refused(run_estimate(written, version(), Statistic.MEAN)) == ("no_value", None)


def test_an_attempt_nobody_could_score_leaves_a_point_and_no_interval() -> None:
    unscored = run(items=items([[1, None], [0, 0], [None]]))
    assert refused(run_estimate(unscored, UNIT_VERSION, Statistic.MEAN)) == ("unscored_attempts", Fraction(1, 2))


def test_items_of_one_cluster_give_no_interval() -> None:
    listed = items([[1], [0], [1]], ["a", "a", "a"])
    assert refused(items_estimate(listed, UNIT)) == ("one_cluster", Fraction(2, 3))


def test_clusters_make_the_interval_wider_than_their_items_would() -> None:
    attempts = [[1]] * 5 + [[0]] * 5 + [[1]] * 5 + [[0]] * 15
    names = [f"c{at // 5}" for at in range(30)]
    clustered, alone = (estimated(items_estimate(items(attempts, labels), UNIT)) for labels in (names, None))
    assert isinstance(clustered, ClusteredEstimate)
    assert clustered.upper(ALPHA) > alone.upper(ALPHA)


def test_fewer_than_six_clusters_are_noted() -> None:
    estimate = estimated(items_estimate(items([[1], [0], [1], [0]], ["a", "a", "b", "b"]), UNIT))
    assert any("Few clusters" in note for note in estimate.notes)


def test_clusters_never_count_for_more_than_their_items() -> None:
    listed = items([[1], [0]] * 9 + [[0], [0]], [f"c{at // 2}" for at in range(20)])  # balanced within all clusters but one
    assert ends(estimated(items_estimate(listed, UNIT))) == ends(item_beta(9, 20))


def test_clusters_that_all_agree_count_once_each() -> None:
    estimate = estimated(items_estimate(items([[1], [0]] * 10, [f"c{at // 2}" for at in range(20)]), UNIT))
    assert estimate.method == "effective_n"
    assert ends(estimate) == ends(item_beta(5, 10))


def test_graded_scores_of_few_participants_use_item_beta() -> None:
    graded: list[list[Any]] = [[0.5], [0.6], [0.4], [0.7], [0.55]]
    estimate = estimated(items_estimate(items(graded), UNIT))
    assert estimate.method == "item_beta"
    assert ends(estimate) == ends(item_beta(Fraction("2.75"), 5))


def test_graded_scores_of_items_in_clusters_are_bounded_no_closer_than_their_items() -> None:
    scores = [0.5, 0.5, 0.55, 0.6, 0.6, 0.55, 0.4, 0.4, 0.45]
    estimate = estimated(items_estimate(items([[each] for each in scores], ["a", "a", "a", "b", "b", "b", "c", "c", "c"]), UNIT))
    assert estimate.method == "effective_n"
    assert ends(estimate) == ends(item_beta(sum(map(Fraction, map(repr, scores))), 9))


def test_one_graded_attempt_takes_no_cap_away() -> None:
    attempts: list[list[Any]] = [[1, 0, 0, 0, 0]] * 42
    before = estimated(items_estimate(items(attempts), UNIT))
    after = estimated(items_estimate(items([[1, 0.01, 0, 0, 0], *attempts[1:]]), UNIT))
    assert (after.method, after.observations) == ("item_beta", 42)
    assert before.upper(ALPHA) < after.upper(ALPHA) == item_beta(Fraction("8.402"), 42).upper(ALPHA)
    assert not after.upper(ALPHA) < 0.3


def test_graded_scores_are_bounded_as_passes_and_failures_are() -> None:
    scores = [0.9, 0.92, 0.88, 0.91, 0.9, 0.93, 0.89, 0.9, 0.91, 0.92, 0.88, 0.9]
    estimate = estimated(items_estimate(items([[each] for each in scores]), UNIT))
    assert ends(estimate) == ends(item_beta(sum(map(Fraction, map(repr, scores))), 12))


def in_clusters(passed: int, clusters: int = 10, size: int = 10) -> tuple[float, float]:
    """Bounds of so many passes, dealt one to each cluster in turn."""
    marks = [[1 if at // clusters * clusters + at % clusters < passed else 0] for at in range(clusters * size)]
    return ends(estimated(items_estimate(items(marks, [f"c{at % clusters}" for at in range(clusters * size)]), UNIT)))


def test_over_clusters_a_pass_more_at_the_end_never_lowers_a_bound() -> None:
    bounds = [in_clusters(passed) for passed in range(4)]
    assert bounds == sorted(bounds)
    assert [upper for _, upper in bounds] == sorted(upper for _, upper in bounds)
    mirrored = [in_clusters(100 - passed) for passed in range(4)]
    assert [lower for lower, _ in mirrored] == sorted((lower for lower, _ in mirrored), reverse=True)


@pytest.mark.parametrize(("clusters", "bar"), [(5, 0.45), (10, 0.2), (20, 0.1), (40, 0.05)])
def test_a_bar_that_all_clusters_may_miss_by_chance_is_never_ruled_out(clusters: int, bar: float) -> None:
    assert (1 - bar) ** clusters > ALPHA  # how often clusters that pass or fail as one would all fail at the bar
    for passed in (0, 1, 3):
        assert in_clusters(passed, clusters, 25)[1] > bar
        assert in_clusters(clusters * 25 - passed, clusters, 25)[0] < 1 - bar


def test_in_the_middle_of_the_scale_clusters_use_the_effective_n() -> None:
    marks = [1 if at % 10 < 3 + at // 10 % 4 else 0 for at in range(100)]
    names = [f"c{at // 10}" for at in range(100)]
    estimate = estimated(items_estimate(items([[each] for each in marks], names), UNIT))
    assert ends(estimate) == ends(estimated(effective_n(list(map(Fraction, marks)), names, cap=100)))


def test_an_unbounded_score_needs_five_clusters() -> None:
    assert refused(items_estimate(items([[1.5], [2.5], [3.1], [0.4]]), None))[0] == "too_few_clusters"


def test_unbounded_scores_that_all_agree_give_no_interval() -> None:
    assert refused(items_estimate(items([[2.5]] * 6), None)) == ("statistic_has_no_interval", Fraction(5, 2))


def test_pass_at_k_needs_k_attempts_on_every_item() -> None:
    assert refused(items_estimate(items([[1, 0, 0], [1, 0]]), UNIT, Statistic.PASS_AT_K, 3)) == ("k_greater_than_attempts", None)


def test_pass_at_k_of_k_attempts_is_binary() -> None:
    estimate = estimated(items_estimate(items([[1, 0], [0, 0], [0, 1]]), UNIT, Statistic.PASS_AT_K, 2))
    assert (estimate.method, estimate.point) == ("clopper_pearson", Fraction(2, 3))


def test_a_median_of_a_run_with_items_is_bounded_by_their_order() -> None:
    estimate = estimated(run_estimate(run(items=items([[each] for each in range(10, 19)])), version(), Statistic.MEDIAN))
    assert (estimate.method, estimate.point, estimate.observations) == ("median_order_statistics", 14, 9)
    assert ends(estimate) == (11, 17)  # the second from either end: the sign test with nine items


@pytest.mark.parametrize(
    ("attempts", "words", "point"),
    [
        ([[1], [0], [1]] * 9, PASSES_HAVE_NO_MEDIAN, 1),
        ([[1, 0], [0, 0]] * 9, PASSES_HAVE_NO_MEDIAN, Fraction(1, 4)),
        ([[0.5, 0.7], [0.2], [0.4]] * 9, NOISY_MEDIAN, Fraction(2, 5)),
    ],
)
def test_a_median_of_passes_or_of_several_attempts_leaves_a_point_alone(attempts: Any, words: str, point: Any) -> None:
    outcome = run_estimate(run(items=items(attempts)), UNIT_VERSION, Statistic.MEDIAN)
    assert refused(outcome) == ("statistic_has_no_interval", point)
    assert isinstance(outcome, Unestimable)
    assert outcome.words == words


def test_a_median_over_few_items_on_a_scale_leaves_its_ends() -> None:
    assert ends(estimated(run_estimate(run(items=items([[0.2], [0.4], [0.3]])), UNIT_VERSION, Statistic.MEDIAN))) == (0, 1)


def test_a_median_over_clusters_leaves_a_point_alone() -> None:
    listed = items([[1], [3], [5], [9]], ["a", "a", "b", "b"])
    assert refused(run_estimate(run(items=listed), UNBOUNDED, Statistic.MEDIAN)) == ("statistic_has_no_interval", 4)


def test_a_median_of_an_item_off_its_scale_is_refused() -> None:
    assert refused(run_estimate(run(items=items([[0.5], [1.5]])), UNIT_VERSION, Statistic.MEDIAN))[0] == "off_scale"


def test_speedups_of_a_run_with_items_are_averaged_as_logarithms() -> None:
    kernels = [2.1, 3.3, 1.4, 2.9, 5.8, 2.2, 1.9, 3.1, 2.6, 12.5]
    estimate = estimated(run_estimate(run(items=items([[each] for each in kernels])), UNBOUNDED, Statistic.RATIO))
    assert ends(estimate) == pytest.approx((1.94801913248332, 4.76242886363064))  # R t.test(log(x)), case a42
    assert estimate.p_below(4) == pytest.approx(0.100570303290828)


def test_speedups_of_fewer_than_five_items_leave_a_point_alone() -> None:
    assert refused(run_estimate(run(items=items([[2], [8]])), UNBOUNDED, Statistic.RATIO)) == ("too_few_clusters", 4)


def test_a_ratio_of_zero_has_no_geometric_mean() -> None:
    assert refused(run_estimate(run(items=items([[2], [0], [3]])), UNBOUNDED, Statistic.RATIO)) == ("nonpositive_mean", None)


@pytest.mark.parametrize(("statistic", "point"), [(Statistic.MEDIAN, 5), (Statistic.RATIO, 4)])
def test_an_attempt_nobody_could_score_leaves_the_statistic_of_the_rest(statistic: Statistic, point: int) -> None:
    unscored = run(items=items([[2, None], [8], [None]]))
    assert refused(run_estimate(unscored, UNBOUNDED, statistic)) == ("unscored_attempts", point)


@pytest.mark.parametrize("statistic", [Statistic.MEDIAN, Statistic.RATIO])
def test_items_of_who_knows_what_leave_a_point_alone(statistic: Statistic) -> None:
    listed = run(items=items([[4]] * 5 + [[5], [3.2]]))
    outcome = run_estimate(listed, version(None, None, "x", sampling=Sampling.NOT_STATED), statistic)
    assert refused(outcome) == ("statistic_has_no_interval", 4)


def test_an_attempt_off_its_scale_is_refused_with_its_place() -> None:
    assert refused(items_estimate(items([[1], [0], [7]]), UNIT)) == ("off_scale", None)


def test_the_moderated_variance_must_have_40_items_of_3_attempts() -> None:
    with pytest.raises(ValueError, match="found 39 items"):
        items_estimate(items([[1, 0, 0]] * 39), UNIT, moderated=True)


def test_the_moderated_variance_lets_repeats_count() -> None:
    listed = items([[1, 0, 0], [0, 1, 0]] * 21)
    moderated, default = (estimated(items_estimate(listed, UNIT, moderated=chosen)) for chosen in (True, False))
    assert moderated.observations == default.observations == 42
    marked = items([[1, 0, 0], [0, 0, 0], [1, 1, 0]] * 14)
    assert estimated(items_estimate(marked, UNIT, moderated=True)).upper(ALPHA) < estimated(items_estimate(marked, UNIT)).upper(ALPHA)


def test_an_undefined_plus_minus_says_how_it_could_be_read() -> None:
    estimate = summary(Decimal(50), Decimal(21), SpreadKind.UNSPECIFIED, 10, None, Decimal(0), Decimal(100))
    assert isinstance(estimate, EnvelopeEstimate)
    assert [(each.name, each.admissible) for each in estimate.readings] == [
        ("sd", "possible"),
        ("se", "impossible_on_scale"),
        ("ci95", "possible"),
    ]
    assert MEANING_UNKNOWN in estimate.notes
    assert ends(estimate) == (29.0, 71.0)


def test_an_unknown_count_is_said_in_words() -> None:
    assert COUNT_UNKNOWN in estimated(summary(Decimal(24), Decimal(9), SpreadKind.STANDARD_DEVIATION, None)).notes


def test_a_spread_no_scores_can_have_is_refused() -> None:
    outcome = summary(Decimal(50), Decimal(60), SpreadKind.UNSPECIFIED, 12, None, Decimal(0), Decimal(100))
    assert refused(outcome) == ("spread_impossible_for_bounded_score", 50)


def test_a_bound_at_another_level_of_a_printed_interval_never_crosses_the_printed_one() -> None:
    estimate = estimated(printed_interval(Decimal(50), Decimal(40), Decimal(60), Decimal("0.95"), None))
    assert estimate.upper(0.0249) > 60
    assert estimate.upper(0.03) == 60  # three observations would make it wider than printed; the printed end holds there too
    assert estimate.p_below(61) == pytest.approx(ALPHA)


def test_a_p_found_by_bisection_is_strictly_under_every_error_level_that_decides() -> None:
    estimate = estimated(printed_interval(Decimal(50), Decimal(40), Decimal(60), Decimal("0.95"), None))
    p = estimate.p_below(61)
    assert estimate.upper(math.nextafter(p, 1)) < 61 <= estimate.upper(p)


def test_the_larger_half_of_a_lopsided_interval_serves_both_sides() -> None:
    estimate = estimated(printed_interval(Decimal(41), Decimal(30), Decimal(55), Decimal("0.9"), 15))
    half = 14 * 2.144786687917804 / 1.761310135774891  # R qt(0.975, 14) and qt(0.95, 14)
    assert ends(estimate) == pytest.approx((41 - half, 41 + half))


def test_no_bound_is_clipped_to_its_scale() -> None:
    outcome = summary(Decimal(24), Decimal(9), SpreadKind.STANDARD_ERROR, None, None, Decimal(0), Decimal(100))
    assert estimated(outcome).lower(ALPHA) < 0


@pytest.mark.parametrize(("bar", "fewest"), [("0.5", 6), ("0.2", 17), ("0.1", 36), ("0.05", 72), ("0.01", 368)])
def test_the_fewest_trials_without_success_are_those_of_the_design(bar: str, fewest: int) -> None:
    assert fewest_zero_successes(Decimal(bar), ALPHA) == fewest  # statistics a1


def test_a_tail_far_out_keeps_its_digits() -> None:
    estimate = clopper_pearson(0, 1000)
    assert estimate.p_below(Decimal("0.5")) == pytest.approx(0.5**1000, rel=1e-9)
    assert clopper_pearson(1000, 1000).p_above(Decimal("0.5")) == pytest.approx(0.5**1000, rel=1e-9)


def test_a_bar_at_the_bound_is_not_ruled_out() -> None:
    estimate = clopper_pearson(10, 10)
    assert estimate.upper(ALPHA) == 1
    assert estimate.p_below(1) == 1
    assert clopper_pearson(0, 10).p_above(0) == 0  # being at the bar is having reached it


def test_a_bound_that_floats_round_to_the_end_of_the_scale_does_not_rule_the_end_out() -> None:
    estimate = item_beta(42 - Fraction(1, 10**20), 42)
    assert estimate.upper(ALPHA) == 1
    assert estimate.p_below(1) > ALPHA
    assert estimate.p_below(Fraction(11, 10)) == 0


@pytest.mark.parametrize("alpha", [0, -0.1, 0.6, math.nan])
def test_no_bound_is_given_at_an_error_level_that_is_none(alpha: float) -> None:
    with pytest.raises(ValueError, match="error level"):
        clopper_pearson(4, 30).upper(alpha)


def test_the_records_load_without_the_numeric_libraries() -> None:
    script = (
        "import sys, evaluations.estimate, evaluations.records, evaluations.trials, evaluations.evidence;"
        "sys.exit(bool({'numpy', 'scipy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
