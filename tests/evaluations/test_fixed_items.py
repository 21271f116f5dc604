"""The mean over one fixed list of items, for display (statistics a4)."""

import math

import pytest
from scipy import stats

from evaluations.fixed_items import THIS_LIST_ONLY, fixed_items_mean
from evaluations.summaries import StudentEstimate
from tests.evaluations.measured import ALPHA, ends, estimated, refused


def test_one_item_is_the_t_interval_of_its_attempts() -> None:
    attempts = [0.2, 0.5, 0.9, 0.4]
    oracle = stats.ttest_1samp(attempts, 0).confidence_interval(0.95)
    assert ends(estimated(fixed_items_mean([attempts]))) == pytest.approx(tuple(oracle), rel=1e-9)


def test_two_items_have_the_degrees_of_freedom_of_a_welch_test() -> None:
    one, other = [0.2, 0.5, 0.9, 0.4], [0.1, 0.3, 0.2, 0.6, 0.6]
    oracle = stats.ttest_ind(one, [-each for each in other], equal_var=False)  # a sum of two means is a difference to the negative
    estimate = fixed_items_mean([one, other])
    assert isinstance(estimate, StudentEstimate)
    assert estimate.degrees_of_freedom == pytest.approx(oracle.df)
    assert ends(estimate) == pytest.approx([end / 2 for end in oracle.confidence_interval(0.95)], rel=1e-9)


def test_items_count_equally_however_many_attempts_they_got() -> None:
    assert estimated(fixed_items_mean([[1, 0], [0] * 9 + [1]])).value == pytest.approx(0.3)


def test_the_interval_says_that_it_speaks_of_this_list_only() -> None:
    assert THIS_LIST_ONLY in estimated(fixed_items_mean([[1, 0], [1, 1]])).notes


def test_more_attempts_narrow_it_although_no_item_is_added() -> None:
    few, many = (estimated(fixed_items_mean([[1, 0, 0] * times, [1, 1, 0] * times])) for times in (1, 10))
    assert many.upper(ALPHA) - many.lower(ALPHA) < few.upper(ALPHA) - few.lower(ALPHA)
    assert many.observations == few.observations == 2


@pytest.mark.parametrize(
    ("attempts", "reason"),
    [
        ([], "no_observations"),
        ([[1, 0], [1]], "one_observation"),
        ([[1, 1], [0, 0]], "all_values_equal"),
        ([[1, 0], []], "no_observations"),
        ([[1, None], [0, 1]], "unscored_attempts"),
        ([[1, math.nan], [0, 1]], "not_a_number"),
        ([[1, 10**150], [0, 1]], "overflow"),
    ],
)
def test_a_list_without_an_honest_error_is_refused(attempts: list[list[float]], reason: str) -> None:
    assert refused(fixed_items_mean(attempts))[0] == reason
