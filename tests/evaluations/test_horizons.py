"""Time horizons: the curve against an independent fit, what has no horizon, and ends that are never surer than a t test (statistics a7)."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from evaluations.clusters import FEW_CLUSTERS_NOTE
from evaluations.estimate import Unestimable
from evaluations.horizons import UNSURE_FALL, HorizonEstimate, time_horizon
from evaluations.length_curves import LengthCurve, Task, length_curve
from evaluations.quantiles import t_quantile
from evaluations.records import ItemResult, RunStatus, Sampling, Statistic
from evaluations.resampling import chance
from evaluations.scores import ONE_TASK, run_estimate
from tests.evaluations.measured import ALPHA, ends, estimated, refused, run, score, version

LENGTHS = (1, 2, 4, 5, 8, 15, 20, 30, 45, 60, 120, 240, 300, 480, 960)
PASSED = (8, 8, 7, 8, 5, 8, 3, 6, 2, 5, 1, 4, 0, 1, 0)
FAMILIES = "aabbcccddeeffgg"
MINUTES = version(None, None, "minutes")


def tasks(passed: Sequence[int] = PASSED, families: Sequence[str | None] = FAMILIES, lengths: Sequence[Any] = LENGTHS) -> list[Task]:
    return [Task(minutes, won, 8, family) for minutes, won, family in zip(lengths, passed, families, strict=True)]


def drawn(seed: int, count: int, families: int) -> list[Task]:
    """Tasks of a model that solves half of what takes an hour."""
    draw = chance(seed)
    lengths, tried = draw.uniform(0, 12, count), draw.integers(1, 12, count)
    passed = draw.binomial(tried, 1 / (1 + np.exp(0.7 * (lengths - 6) + draw.normal(0, 1, count))))
    labels = draw.integers(0, families, count)
    weights = draw.uniform(0.2, 3, count)
    together = zip(lengths.tolist(), passed.tolist(), tried.tolist(), labels.tolist(), weights.tolist(), strict=True)
    return [Task(2**length, won, of, f"f{label}", weight) for length, won, of, label, weight in together]


def horizon(given_tasks: Sequence[Task], reliability: Fraction = Fraction(1, 2)) -> HorizonEstimate:
    found = time_horizon(given_tasks, reliability)
    assert isinstance(found, HorizonEstimate), found
    return found


def curve(given_tasks: Sequence[Task]) -> LengthCurve:
    found = length_curve(given_tasks)
    assert isinstance(found, LengthCurve), found
    return found


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("reliability", [Fraction(1, 2), Fraction(4, 5)])
def test_curve_and_errors_are_those_of_another_package(seed: int, reliability: Fraction) -> None:
    listed = drawn(seed, 40, 12)
    x = sm.add_constant(np.array([math.log2(each.human_minutes) for each in listed]))
    counts = np.array([(each.successes, each.attempts - each.successes) for each in listed])
    weights, labels = np.array([float(each.weight) for each in listed]), np.array([each.family for each in listed])
    model = sm.GLM(counts, x, family=sm.families.Binomial(), freq_weights=weights)
    fit = model.fit(tol=1e-14)
    (intercept, slope), covariance = fit.params, fit.cov_params()
    log2 = (math.log(reliability / (1 - reliability)) - intercept) / slope
    gradient = np.array([-1, -log2]) / slope
    # family-clustered sandwich by its definition, on the other package's fit
    residuals = (weights * (counts[:, 0] - counts.sum(axis=1) * fit.fittedvalues))[:, None] * x
    scores = np.array([residuals[labels == label].sum(axis=0) for label in sorted(set(labels))])
    sandwich = covariance @ (scores.T @ scores) @ covariance * len(scores) / (len(scores) - 1)

    found, estimate = curve(listed), horizon(listed, reliability)
    assert (found.intercept, found.slope) == pytest.approx((intercept, slope), rel=1e-8)
    assert estimate.log2_horizon == pytest.approx(log2, rel=1e-8)
    assert found.log2_error(found.modelled, reliability) == pytest.approx(math.sqrt(gradient @ covariance @ gradient), rel=1e-6)
    assert estimate.standard_error == pytest.approx(math.sqrt(gradient @ sandwich @ gradient), rel=1e-6)
    assert estimate.degrees_of_freedom == len(scores) - 1


def test_the_delta_ends_are_those_of_the_reference_case() -> None:
    estimate = horizon(tasks())  # case a45: R glm, vcovCL(type = "HC0"), deltaMethod, qt
    assert estimate.value == pytest.approx(44.8944672674902)
    assert (estimate.delta_lower(ALPHA), estimate.delta_upper(ALPHA)) == pytest.approx((28.2950501478002, 71.2320063298578))
    assert estimate.degrees_of_freedom == 6
    assert (estimate.method, estimate.observations) == ("logistic_horizon", 15)
    assert estimate.notes == ("The 7 families inform the curve so unequally that they count as 5.1: the interval is rough below six.",)


def informing(estimate: HorizonEstimate, listed: Sequence[Task]) -> float:
    """Kish's effective number of families by information, of tasks at least a tenth as doubtful as the most doubtful one."""
    logits = [estimate.curve.intercept + estimate.curve.slope * math.log2(each.human_minutes) for each in listed]
    doubts = [math.exp(logit) / (1 + math.exp(logit)) ** 2 for logit in logits]
    known = {each.family: 0.0 for each in listed}
    for each, doubt in zip(listed, doubts, strict=True):
        known[each.family] += float(each.weight) * each.attempts * doubt * (doubt >= max(doubts) / 10)
    return sum(known.values()) ** 2 / sum(each**2 for each in known.values())


@pytest.mark.parametrize("passed", [PASSED, (8, 8, 7, 7, 5, 5, 4, 8, 8, 5, 5, 0, 0, 0, 0)])
def test_the_deciding_ends_are_where_the_least_sure_t_test_of_the_chance_just_fails(passed: Sequence[int]) -> None:
    estimate = horizon(tasks(passed))
    count, clustered = informing(estimate, tasks(passed)), estimate.curve.clustered
    assert clustered is not None
    for end in ends(estimate):
        place = (math.log2(end) - estimate.curve.centre) / estimate.curve.reach
        logit = abs(estimate.curve.middle + estimate.curve.fall * place)
        tests = [logit / math.sqrt(errors.of_logit(place)) for errors in estimate.curve.deciding]
        assert min(tests) == pytest.approx(t_quantile(count - 1, ALPHA), rel=1e-9)
        independent, spread = logit**2 / estimate.curve.independent.of_logit(place), logit**2 / clustered.of_logit(place)
        assert [each**2 for each in tests[:2]] == pytest.approx([independent, spread * (count - 1) / count * 7 / 6], rel=1e-9)


FOUR = "abcdabcdabcdabc"
TRIVIAL = [(Fraction(1, 1000), 1), (10**7, 0)]


@pytest.mark.parametrize("count", [60, 1000])
@pytest.mark.parametrize(("minutes", "passes"), TRIVIAL)
def test_families_of_tasks_that_nobody_doubts_buy_no_certainty(count: int, minutes: Any, passes: int) -> None:
    honest, padded = tasks(families=FOUR), [*tasks(families=FOUR), *(Task(minutes, passes, 1, f"t{at}") for at in range(count))]
    one, other = horizon(honest), horizon(padded)
    assert other.value == pytest.approx(one.value, rel=0.01)
    assert other.curve.informing == pytest.approx(one.curve.informing, rel=0.001)
    assert other.lower(ALPHA) == pytest.approx(one.lower(ALPHA), rel=0.05)
    assert other.upper(ALPHA) == pytest.approx(one.upper(ALPHA), rel=0.05)  # it was 539 minutes without and 153 with sixty
    assert FEW_FOUR in " ".join(other.notes)


FEW_FOUR = "families inform the curve so unequally that they count as 4.0"


@pytest.mark.parametrize(("minutes", "passes"), TRIVIAL)
def test_an_interval_without_an_end_gets_none_from_tasks_that_nobody_doubts(minutes: Any, passes: int) -> None:
    families = "aaaabbbbccccddd"
    one = horizon(tasks(UNSURE, families))
    other = horizon([*tasks(UNSURE, families), *(Task(minutes, passes, 1, f"t{at}") for at in range(60))])
    assert (one.upper(ALPHA), other.upper(ALPHA)) == (math.inf, math.inf)
    assert other.p_below(10**6) > ALPHA


UNSURE = (8, 7, 8, 8, 3, 8, 6, 2, 7, 5, 1, 0, 4, 2, 0)


@pytest.mark.parametrize("count", [1, 60, 1000])
def test_one_family_that_informs_is_one_family_however_many_are_certain(count: int) -> None:
    certain = [Task(Fraction(1, 1000), 1, 1, f"t{at}") for at in range(count)]
    found = time_horizon([*tasks(families="a" * 15), *certain])
    assert isinstance(found, Unestimable)
    assert found.reason == "one_cluster"
    assert found.words == "one family alone informs the curve, which says nothing of the spread between families"
    assert found.point is not None
    assert float(found.point) == pytest.approx(horizon(tasks()).value, rel=0.01)


@pytest.mark.parametrize(("minutes", "passes"), TRIVIAL)
def test_a_fall_does_not_become_sure_by_tasks_that_nobody_doubts(minutes: Any, passes: int) -> None:
    listed = [*tasks(UNSURE, "aaaabbbbccccddd"), *(Task(minutes, passes, 1, f"t{at}") for at in range(60))]
    assert UNSURE_FALL in horizon(listed).notes


def test_families_of_equal_information_all_count() -> None:
    listed = [Task(minutes, won, 4, at) for at in range(9) for minutes, won in ((1, 4 - at % 2), (30, 1 + at % 3), (900, at % 2))]
    assert horizon(listed).curve.informing == pytest.approx(9, rel=1e-12)


@pytest.mark.parametrize("factor", [2, 20])
def test_retrying_the_items_that_fail_moves_no_horizon_and_no_spread(factor: int) -> None:
    once = [Task.of_item(*each) for each in fields(tasks())]
    retried = [Task.of_item(m, won, tried if won else factor * tried, family) for m, won, tried, family in fields(tasks())]
    one, other = horizon(once), horizon(retried)
    assert other.value == pytest.approx(one.value, rel=1e-9)
    assert (other.delta_lower(ALPHA), other.delta_upper(ALPHA)) == pytest.approx((one.delta_lower(ALPHA), one.delta_upper(ALPHA)), rel=1e-9)
    assert other.curve.informing == pytest.approx(one.curve.informing, rel=1e-9)
    assert horizon([Task(*each) for each in fields(retried)]).value < 0.95 * one.value  # as observations they do move it


def test_an_item_counts_once_however_often_it_was_tried() -> None:
    assert Task.of_item(30, 1, 3, "a") == Task(30, 1, 3, "a", Fraction(1, 3))
    often = [Task.of_item(m, 20 * won, 20 * tried, family) for m, won, tried, family in fields(tasks())]
    delta = [(each.delta_lower(ALPHA), each.delta_upper(ALPHA)) for each in (horizon(often), horizon(tasks()))]
    assert delta[0] == pytest.approx(delta[1], rel=1e-9)


@pytest.mark.parametrize("attempts", [0, -1, 1.5, math.nan, None])
def test_an_item_of_no_attempts_is_refused_as_a_task_is(attempts: Any) -> None:
    reason = refused(time_horizon([*tasks(), Task(5, 0, attempts)]))[0]
    assert refused(time_horizon([*tasks(), Task.of_item(5, 0, attempts)]))[0] == reason


def test_a_horizon_that_need_not_exist_has_no_upper_end() -> None:
    estimate = horizon(tasks([5, 6, 3, 6, 2, 5, 4, 3, 5, 1, 6, 2, 5, 4, 3]))
    assert ends(estimate) == (0, math.inf)
    assert UNSURE_FALL in estimate.notes
    assert estimate.p_below(10**9) > ALPHA


ALL, NONE = [8] * 15, [0] * 15


@pytest.mark.parametrize(
    ("passed", "reason", "point", "words"),
    [
        (ALL, "separated", 960, "every task up to 960 minutes solved: the horizon is beyond what was measured"),
        (NONE, "separated", None, "every task from 1 minutes on failed: the horizon is shorter than was measured"),
        ([8] * 5 + [0] * 10, "separated", 8, "up to 8 minutes solved and every one from 15 minutes on failed: the horizon lies between"),
        (
            [8] * 5 + [3] + [0] * 9,
            "separated",
            15,
            "shorter than 15 minutes solved and every longer one failed: the horizon lies about there",
        ),
        ([0] * 5 + [8] * 10, "does_not_fall_with_length", None, "shorter than 15 minutes failed"),
        ([0] * 5 + [3] + [8] * 9, "does_not_fall_with_length", None, "no horizon"),
        (PASSED[::-1], "does_not_fall_with_length", None, "longer tasks are solved as often as shorter ones or more often"),
        ([4] * 15, "does_not_fall_with_length", None, "no horizon"),
    ],
)
def test_without_a_curve_there_is_a_reason(passed: Sequence[int], reason: str, point: int | None, words: str) -> None:
    found = time_horizon(tasks(passed))
    assert refused(found) == (reason, point)
    assert isinstance(found, Unestimable)
    assert words in found.words


def test_two_lengths_make_no_curve() -> None:
    listed = [Task(minutes, passed, 4) for minutes, passed in ((1, 4), (1, 3), (60, 1), (60, 0))]
    assert refused(time_horizon(listed)) == ("no_spread_along_the_axis", None)
    assert isinstance(time_horizon([*listed, Task(8, 2, 4)]), HorizonEstimate)


def test_one_family_says_nothing_of_the_spread_between_families() -> None:
    assert refused(time_horizon(tasks(families="a" * 15))) == ("one_cluster", horizon(tasks()).point)


def test_families_that_all_did_the_same_say_nothing_of_the_error() -> None:
    lengths, passed = (1, 8, 60, 400), (4, 3, 2, 0)
    listed = [Task(minutes, won, 4, family) for family in "abcdefg" for minutes, won in zip(lengths, passed, strict=True)]
    assert refused(time_horizon(listed))[0] == "all_values_equal"


def test_success_that_hardly_falls_puts_the_horizon_beyond_any_number() -> None:
    passed = [9_000_040_000, 9_000_000_000, 8_999_960_000, 9_000_000_000]
    assert refused(time_horizon([Task(2**at, won, 10**10) for at, won in enumerate(passed)])) == ("overflow", None)


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (Task(0, 1, 2), "off_scale"),
        (Task(-3, 1, 2), "off_scale"),
        (Task(math.nan, 1, 2), "not_a_number"),
        (Task(Decimal("sNaN"), 1, 2), "not_a_number"),
        (Task(math.inf, 1, 2), "not_a_number"),
        (Task(Fraction(10**400), 1, 2), "overflow"),
        (Task(5, 3, 2), "impossible_count"),
        (Task(5, -1, 2), "impossible_count"),
        (Task(5, 0, 0), "impossible_count"),
        (Task(5, 1, 2, None, 0), "off_scale"),
        (Task(5, 1, 2, None, math.nan), "not_a_number"),
    ],
)
def test_a_task_that_cannot_be_is_refused(task: Task, reason: str) -> None:
    assert refused(time_horizon([*tasks(), task]))[0] == reason


def test_no_tasks_have_no_horizon() -> None:
    assert refused(time_horizon([])) == ("no_observations", None)


@pytest.mark.parametrize("reliability", [Fraction(0), Fraction(1), Fraction(3, 2), Fraction(-1, 2)])
def test_a_reliability_is_a_share_between_nothing_and_all(reliability: Fraction) -> None:
    with pytest.raises(ValueError, match="expected a share between 0 and 1"):
        time_horizon(tasks(), reliability)


def test_a_task_without_a_family_is_its_own() -> None:
    alone, named = horizon(tasks(families=[None] * 15)), horizon(tasks(families=[f"f{at}" for at in range(15)]))
    assert (alone, ends(alone)) == (named, ends(named))
    assert alone.degrees_of_freedom == 14


def test_fewer_than_six_families_are_said_to_be_few() -> None:
    assert FEW_CLUSTERS_NOTE in horizon(tasks(families="aaabbbcccdddeee")).notes
    assert FEW_CLUSTERS_NOTE not in horizon(tasks(families="aaabbbcccddeeff")).notes


def test_a_family_that_holds_most_tasks_makes_the_others_count_for_little() -> None:
    estimate = horizon(tasks(families="bcdefgaaaaaaaaa"))
    assert round(informing(estimate, tasks(families="bcdefgaaaaaaaaa")), 1) == 1.8
    assert estimate.notes == (
        "The 7 families inform the curve so unequally that they count as 1.8: the interval is rough below six.",
        UNSURE_FALL,
    )


def test_a_horizon_outside_the_tested_lengths_is_said_to_be_extrapolated() -> None:
    short = tasks([8, 8, 8, 7, 8, 8, 7, 8, 6, 7, 7, 6, 7, 6, 5])
    assert horizon(short).value > 960
    assert "Extrapolated: outside the tested lengths of 1 to 960 minutes." in horizon(short).notes
    assert horizon(short, Fraction(9, 10)).value < 960
    assert not any("Extrapolated" in note for note in horizon(short, Fraction(9, 10)).notes)


def test_a_weight_of_two_counts_a_task_twice() -> None:
    twice, weighted = [*tasks(), *tasks()[:4]], [Task(*each, 2) if at < 4 else Task(*each) for at, each in enumerate(fields(tasks()))]
    one, other = curve(twice), curve(weighted)
    assert (one.intercept, one.slope) == pytest.approx((other.intercept, other.slope), rel=1e-9)
    assert horizon(twice).standard_error == pytest.approx(horizon(weighted).standard_error, rel=1e-9)


def fields(listed: Sequence[Task]) -> list[tuple[Any, int, int, Any]]:
    return [(each.human_minutes, each.successes, each.attempts, each.family) for each in listed]


def test_weights_matter_only_against_each_other() -> None:
    even = [Task(*each, 7) for each in fields(tasks(families="aabbccddeeffggh"))]
    assert ends(horizon(even)) == pytest.approx(ends(horizon(tasks(families="aabbccddeeffggh"))), rel=1e-9)
    uneven = [Task(*each, 1 + at % 3) for at, each in enumerate(fields(tasks()))]
    assert horizon(uneven).value != pytest.approx(horizon(tasks()).value, rel=1e-4)


passes = st.lists(st.integers(0, 8), min_size=15, max_size=15)
labels = st.lists(st.sampled_from([*"abcdefgh", None]), min_size=15, max_size=15)
alphas = st.one_of(st.sampled_from([0.05, ALPHA, 0.0125, 0.5]), st.floats(1e-6, 0.5))


def estimable(passed: Sequence[int], families: Sequence[str | None]) -> HorizonEstimate:
    falling = [max(0, min(8, 8 - at // 2 + extra - 4)) for at, extra in enumerate(passed)]
    found = time_horizon(tasks(falling, families))
    assume(isinstance(found, HorizonEstimate))
    assert isinstance(found, HorizonEstimate)
    return found


@settings(max_examples=60, deadline=None)
@given(passes, labels, st.data())
def test_the_order_of_tasks_changes_no_digit(passed: list[int], families: list[str | None], data: st.DataObject) -> None:
    listed = tasks(passed, families)
    one, other = time_horizon(listed), time_horizon(data.draw(st.permutations(listed)))
    assert one == other
    if isinstance(one, HorizonEstimate) and isinstance(other, HorizonEstimate):
        assert ends(one) == ends(other)


@settings(max_examples=60, deadline=None)
@given(passes, labels, alphas, st.one_of(st.floats(-12, 40), st.just(-math.inf)))
def test_bounds_and_p_say_the_same_of_every_bar(passed: list[int], families: list[str | None], alpha: float, log2: float) -> None:
    estimate, bar = estimable(passed, families), Fraction(2.0**log2)
    assert (estimate.upper(alpha) < bar) == (estimate.p_below(bar) < alpha)
    assert (estimate.lower(alpha) >= bar) == (estimate.p_above(bar) <= alpha)


@settings(max_examples=60, deadline=None)
@given(passes, labels, alphas, alphas)
def test_ends_are_ordered_and_never_narrower_than_the_delta_method_says(
    passed: list[int], families: list[str | None], one: float, other: float
) -> None:
    estimate, (small, large) = estimable(passed, families), sorted((one, other))
    assert estimate.lower(small) <= estimate.delta_lower(small) <= estimate.value <= estimate.delta_upper(small) <= estimate.upper(small)
    assert estimate.upper(small) >= estimate.upper(large) * (1 - 1e-9)
    assert estimate.lower(small) <= estimate.lower(large) * (1 + 1e-9)


@settings(max_examples=40, deadline=None)
@given(passes, st.sampled_from([Fraction(1, 60), Fraction(7), Fraction(60)]))
def test_another_unit_of_time_only_relabels_the_horizon(passed: list[int], factor: Fraction) -> None:
    one = estimable(passed, FAMILIES)
    listed = [Task(each[0] * factor, *each[1:]) for each in fields(tasks())]
    falling = [max(0, min(8, 8 - at // 2 + extra - 4)) for at, extra in enumerate(passed)]
    other = horizon([Task(each.human_minutes, won, 8, each.family) for each, won in zip(listed, falling, strict=True)])
    assert ends(other) == pytest.approx([float(factor) * end for end in ends(one)], rel=1e-7)


anything: st.SearchStrategy[Any] = st.one_of(
    st.integers(-2, 9), st.floats(), st.sampled_from([None, True, "1", 1e308, 5e-324, Decimal("NaN"), Decimal("1e400"), 10**400, 2**53])
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(anything, anything, anything, st.sampled_from(["a", "b", "c", None]), st.one_of(st.just(1), anything)), max_size=9)
)
@example([(1e-90, 1, 1, None, 1), (1, 2**52, 2**53, None, 1), (1e90, 1, 2, None, 1), (1e95, 0, 1, None, 1)])
@example([(1, 2, 2, None, 1e-99), (2, 1, 2, None, 1e99), (4, 1, 2, None, 1), (8, 0, 2, None, 1), (2, 0, 1, "a", 1), (4, 2, 2, "a", 1)])
def test_whatever_is_handed_in_gives_ordered_ends_or_a_reason(listed: list[tuple[Any, ...]]) -> None:
    found = time_horizon([Task(*each) for each in listed])
    if isinstance(found, Unestimable):
        assert " " in found.words
        return
    for alpha in (1e-12, ALPHA, 0.5):
        assert 0 <= found.lower(alpha) <= found.upper(alpha)
    for bar in (0, -5, 1, 10**400):
        assert 0 <= found.p_below(bar) <= 1
        assert 0 <= found.p_above(bar) <= 1


def timed(passed: Sequence[Sequence[Any]], lengths: Sequence[Any] = LENGTHS) -> list[ItemResult]:
    listed = zip(passed, lengths, FAMILIES, strict=True)
    return [ItemResult(item=f"i{at}", cluster=c, human_minutes=m, attempts=tuple(p)) for at, (p, m, c) in enumerate(listed)]


ATTEMPTS = [[1] * won + [0] * (8 - won) for won in PASSED]


def test_items_that_say_how_long_they_take_give_a_run_its_horizon() -> None:
    estimate = estimated(run_estimate(run(items=timed(ATTEMPTS)), MINUTES, Statistic.TIME_HORIZON))
    assert (estimate.point, ends(estimate)) == (horizon(tasks()).point, ends(horizon(tasks())))


def test_items_of_which_one_does_not_say_give_a_run_no_horizon() -> None:
    listed = timed(ATTEMPTS, [*LENGTHS[:-1], None])
    assert refused(run_estimate(run(items=listed), MINUTES, Statistic.TIME_HORIZON)) == ("not_measured", None)


def test_a_printed_horizon_does_not_stand_in_for_items_of_which_one_length_was_taken_away() -> None:
    printed = score(Statistic.TIME_HORIZON, value=60, low=30, high=120, interval_level=Decimal("0.95"))
    listed = timed(ATTEMPTS, [*LENGTHS[:-1], None])
    assert refused(run_estimate(run(printed, items=listed), MINUTES, Statistic.TIME_HORIZON)) == ("not_measured", None)


def test_a_printed_horizon_stands_where_no_item_says_how_long_it_takes() -> None:
    printed = score(Statistic.TIME_HORIZON, value=60, low=30, high=120, interval_level=Decimal("0.95"))
    listed = timed(ATTEMPTS, [None] * len(LENGTHS))
    assert ends(estimated(run_estimate(run(printed, items=listed), MINUTES, Statistic.TIME_HORIZON))) == (30, 120)


def test_a_horizon_in_minutes_is_not_held_against_a_bar_in_another_unit() -> None:
    assert refused(run_estimate(run(items=timed(ATTEMPTS)), version(None, None, "hours"), Statistic.TIME_HORIZON)) == ("no_value", None)


def test_graded_attempts_give_no_horizon() -> None:
    graded = [[0.5, *ATTEMPTS[0]], *ATTEMPTS[1:]]
    assert refused(run_estimate(run(items=timed(graded)), MINUTES, Statistic.TIME_HORIZON)) == ("no_value", None)


def test_attempts_nobody_could_score_leave_the_horizon_of_the_rest_and_no_interval() -> None:
    missing = [[None, *each] for each in ATTEMPTS]
    found = run_estimate(run(items=timed(missing)), MINUTES, Statistic.TIME_HORIZON)
    assert refused(found) == ("unscored_attempts", horizon(tasks()).point)


def test_a_run_that_stopped_early_keeps_its_horizon_as_a_point() -> None:
    partial = run(items=timed(ATTEMPTS), status=RunStatus.PARTIAL, status_reason="stopped")
    assert refused(run_estimate(partial, MINUTES, Statistic.TIME_HORIZON)) == ("not_measured", horizon(tasks()).point)


def test_a_horizon_over_items_that_stand_for_nothing_stated_is_a_point() -> None:
    unknown = version(None, None, "minutes", sampling=Sampling.NOT_STATED)
    found = run_estimate(run(items=timed(ATTEMPTS)), unknown, Statistic.TIME_HORIZON)
    assert refused(found) == ("statistic_has_no_interval", horizon(tasks()).point)
    one_task = version(None, None, "minutes", sampling=Sampling.TRIALS_OF_ONE_TASK)
    assert ONE_TASK in estimated(run_estimate(run(items=timed(ATTEMPTS)), one_task, Statistic.TIME_HORIZON)).notes
