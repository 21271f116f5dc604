"""An arm as a ratio needs it: people in teams count as teams, with their own degrees of freedom (statistics b5)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations.estimate import Estimate
from evaluations.records import SpreadKind
from evaluations.summaries import SpreadMeaning, StudentEstimate
from evaluations.uplift.arms import FEW_TEAMS, RARE_UNSEEN, ArmSummary
from evaluations.uplift.ratios import FiellerEstimate, fieller_welch, welch_difference
from tests.evaluations.measured import ALPHA, ends, estimated, refused

MODEL, CONTROL = [40, 44, 61, 66, 52, 49, 70, 72], [20, 22, 31, 36, 25, 24, 30, 29]
PAIRS = ["a", "a", "b", "b", "c", "c", "d", "d"]
SD = SpreadMeaning(SpreadKind.STANDARD_DEVIATION)


def clustered(scores: list[int], teams: list[str]) -> ArmSummary:
    arm = ArmSummary.of_clustered_scores(scores, teams)
    assert isinstance(arm, ArmSummary), arm
    return arm


def test_teams_of_one_size_count_as_their_means() -> None:
    arm, means = clustered(MODEL, PAIRS), [42, Fraction(127, 2), Fraction(101, 2), 71]
    of_means = ArmSummary.of_scores(means)  # CR2 of equal clusters is the variance of their means, with clusters - 1 (Bell, McCaffrey 2002)
    assert isinstance(of_means, ArmSummary)
    assert (arm.mean, arm.n, arm.clusters) == (of_means.mean, 8, 4)
    assert (arm.variance, arm.degrees_of_freedom) == pytest.approx((of_means.variance, 3))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=2, max_size=12))
def test_a_team_each_is_no_team_at_all(scores: list[int]) -> None:
    alone, plain = clustered(scores, [str(at) for at in range(len(scores))]), ArmSummary.of_scores(scores)
    assert isinstance(plain, ArmSummary)
    assert (alone.mean, alone.variance, alone.degrees_of_freedom) == (plain.mean, plain.variance, plain.degrees_of_freedom)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.lists(st.tuples(st.integers(0, 100), st.sampled_from("abc")), min_size=4, max_size=12))
def test_the_order_of_people_in_teams_changes_no_digit(data: st.DataObject, people: list[tuple[int, str]]) -> None:
    one, other = (
        ArmSummary.of_clustered_scores(*map(list, zip(*each, strict=True))) for each in (people, data.draw(st.permutations(people)))
    )
    assert one == other


def test_teams_widen_the_ratio_where_members_score_alike() -> None:
    alone = fieller_welch(ArmSummary.of_scores(MODEL), ArmSummary.of_scores(CONTROL))
    teams = fieller_welch(clustered(MODEL, PAIRS), clustered(CONTROL, PAIRS))
    assert isinstance(alone, FiellerEstimate)
    assert isinstance(teams, FiellerEstimate)
    assert teams.point == alone.point
    assert teams.upper(ALPHA) > alone.upper(ALPHA)
    assert teams.fieller_lower(ALPHA) < alone.fieller_lower(ALPHA)
    assert FEW_TEAMS in teams.notes
    assert teams.contrast.df_at_infinity == pytest.approx(3)


def test_a_difference_takes_the_degrees_of_freedom_of_teams() -> None:
    estimate = welch_difference(clustered(MODEL, PAIRS), clustered(CONTROL, PAIRS))
    assert isinstance(estimate, StudentEstimate)
    model, control = clustered(MODEL, PAIRS).variance, clustered(CONTROL, PAIRS).variance
    assert estimate.degrees_of_freedom == pytest.approx((model + control) ** 2 / (model**2 / 3 + control**2 / 3))  # Welch 1947


def test_one_team_says_nothing_of_other_teams() -> None:
    arm = ArmSummary.of_clustered_scores(MODEL, ["a"] * 8)
    assert refused(fieller_welch(arm, clustered(CONTROL, PAIRS)))[0] == "one_cluster"
    assert refused(welch_difference(clustered(MODEL, PAIRS), arm))[0] == "one_cluster"


@pytest.mark.parametrize("teams", [[0] * 10 + [1], [0] * 10 + [1, 2], [0, 0, 1, 1, 2, 2]])
def test_fewer_than_four_teams_say_too_little_of_other_teams(teams: list[int]) -> None:
    arm = ArmSummary.of_clustered_scores([40 + 3 * at for at in range(len(teams))], teams)
    assert refused(fieller_welch(arm, clustered(CONTROL, PAIRS)))[0] == "too_few_clusters"
    assert refused(fieller_welch(clustered(MODEL, PAIRS), arm))[0] == "too_few_clusters"


def test_two_people_in_a_team_each_are_no_teams() -> None:
    assert clustered([40, 50], ["a", "b"]).degrees_of_freedom == 1


@pytest.mark.parametrize(("people", "said"), [(10, True), (30, True), (31, False)])
def test_a_ratio_of_few_people_says_what_it_cannot_see(people: int, said: bool) -> None:
    few, many = ([10 + at % 7 for at in range(n)] for n in (people, 100))
    arms = [ArmSummary.of_scores(each) for each in (few, many)]
    assert (RARE_UNSEEN in estimated(fieller_welch(*arms)).notes) is said
    assert RARE_UNSEEN not in estimated(fieller_welch(*reversed(arms))).notes  # it is the model arm that decides what may be missed


def test_an_uncounted_arm_is_one_of_few_people() -> None:
    uncounted = ArmSummary.of_summary(Decimal(50), Decimal(5), SD, None)
    assert RARE_UNSEEN in estimated(fieller_welch(uncounted, ArmSummary.of_scores(CONTROL))).notes


def test_teams_that_all_score_the_same_bound_no_ratio() -> None:
    control = clustered([20, 30] * 4, PAIRS)
    assert refused(fieller_welch(clustered(MODEL, PAIRS), control))[0] == "degenerate_control"


@pytest.mark.parametrize(("n", "reason"), [(0, "no_observations"), (1, "one_observation")])
def test_a_summary_of_too_few_people_is_refused(n: int, reason: str) -> None:
    arm = ArmSummary.of_summary(Decimal(50), Decimal(9), SD, n)
    assert refused(fieller_welch(arm, ArmSummary.of_scores(CONTROL)))[0] == reason


def test_a_refusal_of_an_arm_is_that_of_its_ratio() -> None:
    negative = ArmSummary.of_summary(Decimal(50), Decimal(-9), SD, 9)
    assert refused(fieller_welch(ArmSummary.of_scores(MODEL), negative))[0] == "negative_spread"
    assert not isinstance(welch_difference(negative, negative), Estimate)


def test_bounds_of_people_in_teams_are_ordered() -> None:
    low, high = ends(estimated(fieller_welch(clustered(MODEL, PAIRS), clustered(CONTROL, PAIRS))))
    assert low <= 454 / 217 <= high
