"""Arms adjusted for what people could do before: Lin's estimator, its errors, and what it refuses (statistics b5)."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evaluations.resampling import chance
from evaluations.uplift.arms import RARE_UNSEEN
from evaluations.uplift.covariates import ADJUSTED, Adjusted, Person, adjusted_difference, adjusted_means, adjusted_ratio
from evaluations.uplift.ratios import FiellerEstimate
from tests.evaluations.measured import ALPHA, ends, estimated, refused

MODEL = [(35, 55), (38, 31), (55, 55), (42, 55), (43, 31), (54, 74), (54, 63)]
CONTROL = [(20, 42), (16, 62), (38, 65), (24, 66), (24, 73)]

person = st.tuples(st.integers(1, 100), st.integers(0, 30))
arm_of_people = st.lists(person, min_size=3, max_size=10)


def adjusted(treatment: list[Person], control: list[Person]) -> Adjusted:
    found = adjusted_means(treatment, control)
    assert isinstance(found, Adjusted), found
    return found


def least_squares(treatment: list[Person], control: list[Person]) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of y ~ z + xc + z:xc and their HC2 covariance, in matrices, as Lin (2013) writes them."""
    y = np.array([score for score, _ in [*treatment, *control]], dtype=float)
    x = np.array([each for _, each in [*treatment, *control]], dtype=float)
    z = np.repeat([1.0, 0.0], [len(treatment), len(control)])
    design = np.column_stack([np.ones_like(y), z, x - x.mean(), z * (x - x.mean())])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    meat = design.T @ (design * ((y - design @ coefficients) ** 2 / (1 - leverage))[:, None])
    return coefficients, inverse @ meat @ inverse


def test_it_is_the_interacted_regression_with_hc2() -> None:
    found, (coefficients, covariance) = adjusted(MODEL, CONTROL), least_squares(MODEL, CONTROL)
    means = np.array([[1, 1, 0, 0], [1, 0, 0, 0]], dtype=float)  # treatment and control at the covariate's mean
    assert [float(found.treatment.mean), float(found.control.mean)] == pytest.approx(list(means @ coefficients))
    of_means = means @ covariance @ means.T
    assert [found.treatment.variance_hc2, found.control.variance_hc2] == pytest.approx(list(np.diag(of_means)))
    assert of_means[0, 1] == pytest.approx(found.covariance, abs=1e-9)
    assert found.degrees_of_freedom == len(MODEL) + len(CONTROL) - 4


def test_the_ratio_carries_the_error_of_the_one_covariate_mean_both_arms_are_read_at() -> None:
    (treatment, control), coefficients = (np.array(MODEL, float), np.array(CONTROL, float)), least_squares(MODEL, CONTROL)[0]
    covariates = np.concatenate([treatment[:, 1], control[:, 1]])
    of_middle = covariates.var(ddof=1) / len(covariates)
    slopes = (coefficients[2] + coefficients[3], coefficients[2])
    estimate, facts = adjusted_ratio(MODEL, CONTROL), adjusted(MODEL, CONTROL)
    assert isinstance(estimate, FiellerEstimate)
    for r in (0.0, 0.5, 1.0, 2.8):  # Var(model - r control) over people drawn anew, covariates too
        t, df = estimate.contrast.t_at(r)
        own = facts.treatment.variance_hc2 + r**2 * facts.control.variance_hc2
        variance = own + (slopes[0] - r * slopes[1]) ** 2 * of_middle
        assert t == pytest.approx((float(facts.treatment.mean) - r * float(facts.control.mean)) / math.sqrt(variance))
        fourth = facts.treatment.variance_hc2**2 / (len(MODEL) - 2) + r**4 * facts.control.variance_hc2**2 / (len(CONTROL) - 2)
        assert df == pytest.approx(own**2 / fourth)  # what is shared lends no degrees of freedom
    assert float(facts.shared.of_difference) == pytest.approx((slopes[0] - slopes[1]) ** 2 * of_middle)


def test_a_ratio_at_which_the_slopes_cancel_is_as_sure_as_its_residuals() -> None:
    control = [(10 + 2 * at + (at % 3), at) for at in range(9)]
    estimate = adjusted_ratio([(3 * score, at) for score, at in control], control)
    assert isinstance(estimate, FiellerEstimate)
    facts = adjusted([(3 * score, at) for score, at in control], control)
    assert float(estimate.contrast.variances(np.array([3.0]))[0]) == pytest.approx(18 * facts.control.variance_hc2)


def test_unlike_slopes_rule_out_no_more_often_than_stated() -> None:
    draw, ruled_out = chance(5), 0
    for _ in range(400):  # the model takes away what the covariate did; truth at the bar
        before = draw.normal(size=(2, 20))
        model = 67.2 + draw.normal(0, 2, 20)
        control = 24 + 8 * before[1] + draw.normal(0, 2, 20)
        arms = [[(float(y), float(x)) for y, x in zip(*each, strict=True)] for each in ((model, before[0]), (control, before[1]))]
        ruled_out += estimated(adjusted_ratio(*arms)).p_below(2.8) < ALPHA
    assert ruled_out <= 20  # 5 %; without the shared error a quarter


@settings(max_examples=40, deadline=None)
@given(st.data(), arm_of_people, arm_of_people)
def test_the_order_of_people_changes_no_digit(data: st.DataObject, treatment: list[Person], control: list[Person]) -> None:
    shuffled = [data.draw(st.permutations(each)) for each in (treatment, control)]
    assert adjusted_means(treatment, control) == adjusted_means(*shuffled)


@settings(max_examples=40, deadline=None)
@given(arm_of_people, arm_of_people, st.integers(-5, 5), st.integers(1, 7))
def test_the_unit_of_the_covariate_does_not_matter(treatment: list[Person], control: list[Person], shift: int, factor: int) -> None:
    moved = [[(score, shift + factor * each) for score, each in arm] for arm in (treatment, control)]
    one, other = adjusted_means(treatment, control), adjusted_means(*moved)
    assert one == other


@settings(max_examples=40, deadline=None)
@given(arm_of_people, arm_of_people, st.sampled_from([2, 3, 10]))
def test_scaling_all_scores_leaves_the_ratio_unchanged(treatment: list[Person], control: list[Person], factor: int) -> None:
    one = adjusted_ratio(treatment, control)
    other = adjusted_ratio(*[[(factor * score, each) for score, each in arm] for arm in (treatment, control)])
    assume(isinstance(one, FiellerEstimate))
    assert estimated(other).point == estimated(one).point
    assert ends(estimated(other)) == pytest.approx(ends(estimated(one)), rel=1e-9)


def test_swapping_the_arms_turns_the_difference_around() -> None:
    one, other = estimated(adjusted_difference(MODEL, CONTROL)), estimated(adjusted_difference(CONTROL, MODEL))
    assert other.point == -one.point
    assert ends(other) == pytest.approx([-end for end in reversed(ends(one))])


def test_swapping_the_arms_inverts_the_ratio() -> None:
    one, other = adjusted_ratio(MODEL, CONTROL), adjusted_ratio(CONTROL, MODEL)
    assert isinstance(one, FiellerEstimate)
    assert isinstance(other, FiellerEstimate)
    assert (other.fieller_lower(ALPHA), other.upper(ALPHA)) == pytest.approx((1 / one.upper(ALPHA), 1 / one.fieller_lower(ALPHA)))


def test_a_covariate_that_explains_the_scores_narrows_the_difference() -> None:
    scores = [(10 + 3 * at + (at % 2), at) for at in range(10)]
    model = [(score + 20, at) for score, at in scores]
    adjusted_width = np.ptp(ends(estimated(adjusted_difference(model, scores))))
    blind = [[(score, (7 * at) % 11) for score, at in arm] for arm in (model, scores)]
    assert adjusted_width < 0.5 * np.ptp(ends(estimated(adjusted_difference(*blind))))


def test_an_arm_of_few_people_borrows_no_certainty_from_the_other() -> None:
    estimate = adjusted_ratio(MODEL * 3, CONTROL)
    assert isinstance(estimate, FiellerEstimate)
    assert estimate.contrast.df_at_infinity == pytest.approx(len(CONTROL) - 2)  # n - 4 would be 22
    assert {ADJUSTED, RARE_UNSEEN} <= set(estimate.notes)


@pytest.mark.parametrize(
    ("treatment", "reason"),
    [
        ([(1, 5), (2, 5), (3, 5), (4, 5)], "all_values_equal"),
        ([(1, 5), (2, 6)], "too_few_participants"),
        ([(1, 5), (2, 5), (3, 5), (4, 9)], "no_spread_along_the_axis"),
        ([], "no_observations"),
        ([(1, 5), (2, None), (3, 7)], "unscored_attempts"),
        ([(1, 5), (math.nan, 6), (3, 7)], "not_a_number"),
        ([(1, 5), (2, math.inf), (3, 7)], "not_a_number"),
        ([(1e308, 5), (1, 6), (3, 7)], "overflow"),
        ([(1e90, 5), (1, 6), (3, 7)], "overflow"),
    ],
)
def test_what_fixes_no_line_is_refused(treatment: list[Person], reason: str) -> None:
    assert refused(adjusted_ratio(treatment, CONTROL))[0] == reason
    assert refused(adjusted_difference(treatment, CONTROL))[0] == reason
    assert refused(adjusted_difference(CONTROL, treatment))[0] == reason


def test_scores_on_the_lines_exactly_say_nothing_of_their_error() -> None:
    lines = [[(10 + 2 * at, at) for at in range(6)], [(1 + at, at) for at in range(5)]]
    assert refused(adjusted_difference(*lines))[0] == "all_values_equal"
    assert refused(adjusted_ratio(*lines))[0] == "degenerate_control"


def test_an_adjusted_mean_below_zero_has_no_ratio() -> None:
    control = [(1, 10), (2, 11), (4, 12), (5, 13)]
    model = [(30, 1), (20, 2), (45, 3), (31, 0)]
    assert refused(adjusted_ratio(model, control))[0] == "nonpositive_mean"
