"""Which ratio of a trial decides: by its cohorts, teams, covariate, and what people could score (statistics b3 to b6)."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.records import SpreadKind
from evaluations.summaries import EnvelopeEstimate
from evaluations.trials import Arm, ArmKind, Cohort, ParticipantResult, UpliftTrial
from evaluations.uplift.arms import FEW_TEAMS, RARE_UNSEEN, ArmSummary
from evaluations.uplift.covariates import ADJUSTED, adjusted_ratio
from evaluations.uplift.pooling import OF_ALL_GROUPS, Heterogeneity, PooledRatioEstimate, heterogeneity
from evaluations.uplift.ratios import ON_AVERAGE, FiellerEstimate, fieller_welch, log_ratio
from evaluations.uplift.risk_ratios import risk_ratio
from evaluations.uplift.trial import cohort_ratio, model_arm_mean, trial_heterogeneity, trial_ratio, unadjusted_ratio
from tests.evaluations.measured import ALPHA, cohort, ends, estimated, people, published, refused, trial, version

PERCENT, UNIT, UNBOUNDED = version(), version(low=0, high=1), version(low=0, high=None)
GROUPS = (
    ([40, 50, 60, 55], [20, 25, 30, 24]), ([45, 70, 62], [30, 25, 35]), ([38, 52, 49, 61], [26, 22, 29, 35]),
    ([66, 59, 71, 80], [31, 24, 28, 22]), ([35, 45, 40], [21, 20, 26]), ([58, 47, 65], [19, 31, 27]),
)  # fmt: skip


def several(k: int) -> UpliftTrial:
    return trial(*(people(f"c{at}", *GROUPS[at]) for at in range(k)))


def persons(scores: Sequence[Any], teams: Sequence[str | None] | None = None, pretests: Sequence[Any] | None = None) -> tuple[Any, ...]:
    return tuple(
        ParticipantResult(code=f"p{at}", score=each, team=teams[at] if teams else None, pretest=pretests[at] if pretests else None)
        for at, each in enumerate(scores)
    )


def told(slug: str, model: tuple[Any, ...], control: tuple[Any, ...]) -> Cohort:
    own = [tuple(each.model_copy(update={"code": f"{slug}-{each.code}"}) for each in people) for people in (control, model)]
    arms = zip((ArmKind.CONTROL, ArmKind.MODEL), own, strict=True)
    return Cohort(slug=slug, name=slug, arms=tuple(Arm(kind=kind, conditions="as stated", participants=each) for kind, each in arms))


def adjusting(*cohorts: Cohort) -> UpliftTrial:
    """A trial whose plan named a covariate, built past its own check of the participants, so that ours is asked."""
    return trial(*cohorts).model_copy(update={"adjusted_for": "a test before the trial"})


@pytest.mark.parametrize("k", [5, 6])
def test_five_cohorts_or_more_are_a_sample_of_groups(k: int) -> None:
    estimate = trial_ratio(several(k), PERCENT)
    assert isinstance(estimate, PooledRatioEstimate)
    assert (estimate.heterogeneity.cohorts, estimate.observations) == (k, sum(len(a) + len(b) for a, b in GROUPS[:k]))
    assert OF_ALL_GROUPS in estimate.notes


def test_two_people_who_agree_by_luck_do_not_decide_for_all_cohorts() -> None:
    groups = [people(f"c{at}", [30 + at, 45, 60, 75, 90], [10, 20, 25, 30, 40]) for at in range(4)]
    outcome = trial_ratio(trial(people("lucky", [Decimal("40.0"), Decimal("40.1")], [Decimal("25.0"), Decimal("25.1")]), *groups), PERCENT)
    logs = [math.log(40.05 / 25.05), *(math.log((300 + at) / 125) for at in range(4))]
    middle, error = np.mean(logs), np.std(logs, ddof=1) / math.sqrt(5)
    upper = math.exp(middle + stats.t.ppf(0.975, 4) * error)  # every cohort counts the same
    assert estimated(outcome).upper(ALPHA) >= upper * (1 - 1e-12)
    assert estimated(outcome).p_below(2) >= stats.t.cdf((middle - math.log(2)) / error, 4) * (1 - 1e-9)
    assert RARE_UNSEEN in estimated(outcome).notes


@pytest.mark.parametrize("k", [2, 3, 4])
def test_two_to_four_cohorts_speak_of_themselves(k: int) -> None:
    estimate = trial_ratio(several(k), PERCENT)
    assert isinstance(estimate, FiellerEstimate)
    assert (estimate.method, ON_AVERAGE in estimate.notes) == ("stratified_fieller_welch", True)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(6)), st.sampled_from([3, 6]))
def test_the_order_of_cohorts_changes_no_digit(order: list[int], k: int) -> None:
    listed = several(k)
    shuffled = trial(*(listed.cohorts[at] for at in order if at < k))
    one, other = estimated(trial_ratio(listed, PERCENT)), estimated(trial_ratio(shuffled, PERCENT))
    assert (one.point, ends(one), one.p_below(Fraction(5, 2))) == (other.point, ends(other), other.p_below(Fraction(5, 2)))
    assert trial_heterogeneity(listed, PERCENT) == trial_heterogeneity(shuffled, PERCENT)


def test_five_cohorts_with_an_undefined_plus_minus_are_read_every_way() -> None:
    groups = [cohort(f"c{at}", (50 + 3 * at, 20), (25, 9), SpreadKind.UNSPECIFIED, 9) for at in range(5)]
    undefined = trial_ratio(trial(*groups), PERCENT)
    assert isinstance(undefined, EnvelopeEstimate)
    for kind in (SpreadKind.STANDARD_DEVIATION, SpreadKind.INTERVAL_HALF_WIDTH):
        known = [cohort(f"c{at}", (50 + 3 * at, 20), (25, 9), kind, 9) for at in range(5)]
        estimate = estimated(trial_ratio(trial(*known), PERCENT))
        assert undefined.upper(ALPHA) >= estimate.upper(ALPHA)
        assert undefined.lower(ALPHA) <= estimate.lower(ALPHA)


@pytest.mark.parametrize(
    ("model", "control", "reason"),
    [([0, 0, 0], [20, 30, 25], "statistic_has_no_interval"), ([50, 60], [0, 0], "degenerate_control"), ([50], [20, 30], "one_observation")],
)
def test_one_cohort_without_a_log_ratio_refuses_all_of_five(model: list[int], control: list[int], reason: str) -> None:
    spoilt = trial(*several(5).cohorts[:4], people("last", model, control))
    outcome = trial_ratio(spoilt, PERCENT)
    assert refused(outcome)[0] == reason
    assert refused(outcome)[1] is not None  # the ratio of means is known all the same, and may prevent a rule-out
    assert "last" in outcome.words
    assert trial_heterogeneity(spoilt, PERCENT) is None


def test_heterogeneity_is_that_of_the_log_ratios() -> None:
    logs = [log_ratio(ArmSummary.of_scores(model), ArmSummary.of_scores(control)) for model, control in GROUPS[:3]]
    expected = heterogeneity([each.log_ratio for each in logs], [each.standard_error**2 for each in logs])
    assert trial_heterogeneity(several(3), PERCENT) == expected


def test_heterogeneity_of_an_undefined_plus_minus_names_its_reading() -> None:
    found = trial_heterogeneity(trial(*published(n=10)), PERCENT)
    assert isinstance(found, Heterogeneity)
    each = {
        kind: trial_heterogeneity(trial(*published(kind, 10)), PERCENT)
        for kind in (SpreadKind.STANDARD_DEVIATION, SpreadKind.INTERVAL_HALF_WIDTH)
    }
    assert found.reading == "sd"
    assert found.q == max(known.q for known in each.values() if known)


def test_one_cohort_has_no_heterogeneity() -> None:
    assert trial_heterogeneity(several(1), PERCENT) is None


def test_people_of_one_team_count_as_one_cluster() -> None:
    teams = ["a", "a", "b", "b", "c", "c", "d", "d"]
    model, control = [40, 44, 61, 66, 52, 49, 47, 70], [20, 22, 31, 36, 25, 24, 18, 29]
    estimate = cohort_ratio(told("one", persons(model, teams), persons(control, teams)), PERCENT)
    arms = (ArmSummary.of_clustered_scores(model, teams), ArmSummary.of_clustered_scores(control, teams))
    assert estimate == fieller_welch(*arms)
    assert FEW_TEAMS in estimated(estimate).notes


def test_people_in_teams_average_as_teams_too() -> None:
    teams = ["a"] * 6 + ["b"] * 6 + ["c"] * 6
    scores = [30, 35, 33, 31, 36, 34, 70, 72, 68, 75, 71, 69, 50, 52, 49, 51, 47, 53]
    apart, together = (told("one", persons(scores, each), persons([20, 30])) for each in (None, teams))
    one, other = (estimated(model_arm_mean(each, PERCENT)) for each in (apart, together))
    assert other.upper(ALPHA) > one.upper(ALPHA)
    assert other.lower(ALPHA) < one.lower(ALPHA)


def test_whoever_names_no_team_is_a_team_alone() -> None:
    model, control = [40, 44, 61, 66, 52], [20, 22, 31, 36, 25]
    estimate = cohort_ratio(told("one", persons(model, ["a", "a", None, None, None]), persons(control)), PERCENT)
    assert estimate == fieller_welch(ArmSummary.of_clustered_scores(model, ["a", "a", "b", "c", "d"]), ArmSummary.of_scores(control))


def test_three_teams_in_an_arm_are_refused_with_the_point() -> None:
    three = told("one", persons([40, 50, 60, 50], ["a", "a", "b", "c"]), persons([20, 30]))
    assert refused(cohort_ratio(three, PERCENT)) == ("too_few_clusters", 2)


def test_one_team_in_an_arm_is_refused() -> None:
    one_team = told("one", persons([40, 50, 60], ["a"] * 3), persons([20, 30]))
    assert refused(cohort_ratio(one_team, PERCENT)) == ("one_cluster", 2)


def test_where_everybody_succeeds_or_fails_the_wider_interval_decides() -> None:
    model, control = [1] * 9 + [0] * 11, [1] * 8 + [0] * 12
    for scored, of in ((UNIT, 1), (PERCENT, 100), (UNBOUNDED, 1)):
        estimate = estimated(cohort_ratio(people("one", [of * each for each in model], [of * each for each in control]), scored))
        expected = estimated(risk_ratio(9, 20, 8, 20))
        assert (estimate.method, ends(estimate)) == (expected.method, ends(expected))


def test_one_percent_is_no_success() -> None:
    estimate = estimated(cohort_ratio(people("one", [1, 0, 1, 1, 0], [1, 0, 0, 1, 0]), PERCENT))
    assert estimate.method == "fieller_welch"


def test_everybody_counting_one_of_something_without_an_end_bounds_nothing() -> None:
    all_ones = people("one", [1] * 20, [1] * 20)
    assert refused(cohort_ratio(all_ones, UNBOUNDED)) == ("degenerate_control", 1)
    assert estimated(cohort_ratio(all_ones, UNIT)).upper(ALPHA) < 2


def test_no_success_among_controls_leaves_no_ratio() -> None:
    assert refused(cohort_ratio(people("one", [1, 1, 0, 1], [0, 0, 0, 0]), UNIT)) == ("degenerate_control", None)


def test_successes_in_teams_are_counted_as_teams() -> None:
    teams = ["a", "a", "b", "b", "c", "c", "d", "d"]
    split = told("one", persons([1, 1, 0, 1, 1, 1, 1, 0], teams), persons([0, 1, 0, 0, 1, 1, 1, 0], teams))
    assert estimated(cohort_ratio(split, UNIT)).method == "fieller_welch"


MODEL, BEFORE_MODEL = [35, 38, 55, 42, 43, 54, 54], [55, 31, 55, 55, 31, 74, 63]
CONTROL, BEFORE_CONTROL = [20, 16, 38, 24, 24], [42, 62, 65, 66, 73]
TESTED = told("one", persons(MODEL, pretests=BEFORE_MODEL), persons(CONTROL, pretests=BEFORE_CONTROL))


def test_a_covariate_named_beforehand_decides_adjusted() -> None:
    estimate = trial_ratio(adjusting(TESTED), PERCENT)
    expected = adjusted_ratio(list(zip(MODEL, BEFORE_MODEL, strict=True)), list(zip(CONTROL, BEFORE_CONTROL, strict=True)))
    assert estimate == expected
    assert ADJUSTED in estimated(estimate).notes


def test_the_unadjusted_ratio_stands_beside_the_adjusted_one() -> None:
    beside = unadjusted_ratio(adjusting(TESTED), PERCENT)
    assert beside == trial_ratio(trial(TESTED), PERCENT) == cohort_ratio(TESTED, PERCENT)
    assert estimated(beside).point == Fraction(321, 7) / Fraction(122, 5)


def test_a_covariate_that_was_merely_recorded_adjusts_nothing() -> None:
    assert estimated(trial_ratio(trial(TESTED), PERCENT)).method == "fieller_welch"


def test_what_cannot_be_adjusted_is_refused_and_never_left_unadjusted() -> None:
    teams = ["a", "b", "c", "d", "e"]
    unknown = told("two", persons(MODEL, pretests=[None, *BEFORE_MODEL[1:]]), persons(CONTROL, pretests=BEFORE_CONTROL))
    in_teams = told("one", persons(MODEL, pretests=BEFORE_MODEL), persons(CONTROL, teams, BEFORE_CONTROL))
    constant = told("one", persons(MODEL, pretests=BEFORE_MODEL), persons(CONTROL, pretests=[5] * 5))
    cases = {
        "not_measured": [
            adjusting(unknown),
            adjusting(people("one", MODEL, CONTROL)),
            adjusting(published(SpreadKind.STANDARD_DEVIATION, 9)[0]),
        ],
        "statistic_has_no_interval": [adjusting(TESTED, unknown), adjusting(in_teams)],
        "all_values_equal": [adjusting(constant)],
    }
    for reason, trials in cases.items():
        for each in trials:
            found, point = refused(trial_ratio(each, PERCENT))
            assert (found, point) == (reason, estimated(unadjusted_ratio(each, PERCENT)).point)


def test_an_upper_end_is_never_below_a_lower_one() -> None:
    for k in range(1, 7):
        low, high = ends(estimated(trial_ratio(several(k), PERCENT)))
        assert low < high < math.inf
