"""The ratio of two shares: score intervals, and what decides where everybody succeeds or fails (statistics b3)."""

import math
from fractions import Fraction
from math import comb

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from evaluations.estimate import Estimate, Unestimable
from evaluations.summaries import EnvelopeEstimate
from evaluations.uplift.risk_ratios import WIDER_OF_TWO, ScoreRatio, risk_ratio, score_ratio
from tests.evaluations.measured import ALPHA, ends, estimated, refused

METHODS = ("koopman", "miettinen_nurminen")
LARGEST_FALSE_RULE_OUT, LARGEST_FALSE_RULE_IN = 0.030, 0.047  # simulation, bar B8


@st.composite
def tables(draw: st.DrawFn) -> tuple[int, int, int, int]:
    people = draw(st.integers(2, 40)), draw(st.integers(2, 40))
    return draw(st.integers(0, people[0])), people[0], draw(st.integers(1, people[1])), people[1]


def score(table: tuple[int, int, int, int], method: str) -> ScoreRatio:
    found = score_ratio(*table, method)
    assert isinstance(found, ScoreRatio), found
    return found


def test_a_published_interval_comes_out_as_printed() -> None:
    found = score((36, 40, 16, 80), "koopman")  # Koopman 1984, Biometrics 40:513, his example: 2.94 to 7.15
    assert (found.lower(ALPHA), found.upper(ALPHA)) == pytest.approx((2.94, 7.15), abs=0.005)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("table", [(9, 20, 3, 20), (7, 8, 2, 15), (0, 10, 4, 10), (10, 10, 10, 10), (5, 5, 1, 30)])
@pytest.mark.parametrize("ratio", [0.6, 1.7, 4.0])
def test_the_statistic_is_the_score_at_the_likeliest_shares(method: str, table: tuple[int, int, int, int], ratio: float) -> None:
    x, n, y, m = table

    def surprise(control: float) -> float:  # the likelihood maximised by search, without the closed form
        return -float(stats.binom.logpmf(x, n, min(1.0, ratio * control)) + stats.binom.logpmf(y, m, control))

    end = min(1.0, 1 / ratio)
    inside = optimize.minimize_scalar(surprise, bounds=(1e-9, end - 1e-9), method="bounded", options={"xatol": 1e-12}).x
    control = min((inside, 1e-9, end - 1e-9), key=surprise)
    model = ratio * control
    variance = model * (1 - model) / n + ratio**2 * control * (1 - control) / m
    variance *= (n + m) / (n + m - 1) if method == "miettinen_nurminen" else 1
    assert score(table, method).z(ratio) == pytest.approx((x / n - ratio * y / m) / math.sqrt(variance), abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from(METHODS), st.floats(0.05, 20), st.floats(1.001, 5))
def test_the_statistic_falls_as_the_ratio_grows(table: tuple[int, int, int, int], method: str, ratio: float, factor: float) -> None:
    found = score(table, method)
    assert found.z(ratio * factor) <= found.z(ratio) + 1e-9


def test_no_success_among_controls_leaves_no_upper_end() -> None:
    found = score((6, 10, 0, 10), "koopman")
    assert (found.upper(ALPHA), found.counts.ratio) == (math.inf, None)
    assert refused(risk_ratio(6, 10, 0, 10)) == ("degenerate_control", None)


def test_no_success_with_the_model_leaves_a_lower_end_of_zero() -> None:
    estimate = estimated(risk_ratio(0, 10, 4, 10))
    assert (estimate.point, estimate.lower(ALPHA)) == (0, 0)


def test_nobody_succeeding_at_all_allows_every_ratio() -> None:
    found = score((0, 10, 0, 10), "koopman")
    assert (found.lower(ALPHA), found.upper(ALPHA)) == (0, math.inf)


def test_a_ratio_of_shares_says_what_decides() -> None:
    estimate = estimated(risk_ratio(9, 20, 8, 20))
    assert isinstance(estimate, EnvelopeEstimate)
    assert [each.name for each in estimate.readings] == ["miettinen_nurminen", "fieller_welch"]
    assert WIDER_OF_TWO in estimate.notes


def test_an_arm_in_which_everybody_succeeds_is_bounded_by_exact_shares() -> None:
    estimate = estimated(risk_ratio(20, 20, 20, 20))
    least = 0.0125 ** (1 / 20)  # Clopper and Pearson 1934 at all successes, with half the error
    assert ends(estimate) == pytest.approx((least, 1 / least))


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from([0.025, 0.0125, 0.05]), st.fractions(Fraction(1, 10), 12))
def test_bounds_decide_as_p_values_do(table: tuple[int, int, int, int], alpha: float, bar: Fraction) -> None:
    estimate = estimated(risk_ratio(*table))
    low, high = ends(estimate, alpha)
    assert low <= estimate.value * (1 + 1e-9)
    assert estimate.value <= high * (1 + 1e-9)
    assume(abs(high - bar) > 1e-7 * high or high == math.inf)
    assume(abs(low - bar) > 1e-7 * max(low, 1e-9))
    assert (high < bar) == (estimate.p_below(bar) < alpha)
    assert (low >= bar) == (estimate.p_above(bar) <= alpha)


@settings(max_examples=40, deadline=None)
@given(tables())
def test_swapping_the_arms_inverts_the_interval(table: tuple[int, int, int, int]) -> None:
    x, n, y, m = table
    assume(x > 0)
    for method in METHODS:
        one, other = score(table, method), score((y, m, x, n), method)
        assert other.lower(ALPHA) == pytest.approx(1 / one.upper(ALPHA), rel=1e-9)
        assert other.upper(ALPHA) == pytest.approx(1 / one.lower(ALPHA), rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(tables())
def test_what_decides_is_never_inside_the_score_interval(table: tuple[int, int, int, int]) -> None:
    estimate, shown = estimated(risk_ratio(*table)), score(table, "miettinen_nurminen")
    assert estimate.lower(ALPHA) <= shown.lower(ALPHA)
    assert estimate.upper(ALPHA) >= shown.upper(ALPHA)


def chance(n: int, control: float, ratio: float, decided: set[tuple[int, int]]) -> float:
    """Chance of the tables in which something was decided, n in each arm, by exact enumeration."""

    def of(passed: int, share: float) -> float:
        return comb(n, passed) * share**passed * (1 - share) ** (n - passed)

    return math.fsum(of(x, control * ratio) * of(y, control) for x, y in decided)


@pytest.mark.parametrize(("control", "bar"), [(0.2, 2.8), (0.3, 2.0)])
@pytest.mark.parametrize("n", [5, 8, 10])
def test_at_the_bar_it_errs_no_more_than_it_may(n: int, control: float, bar: float) -> None:
    every = {(x, y): risk_ratio(x, n, y, n) for x in range(n + 1) for y in range(n + 1)}
    known = {table: outcome for table, outcome in every.items() if isinstance(outcome, Estimate)}
    out = {table for table, outcome in known.items() if outcome.p_below(bar) < ALPHA}
    reached = {table for table, outcome in known.items() if outcome.p_above(bar) <= ALPHA}
    assert chance(n, control, bar, out) <= LARGEST_FALSE_RULE_OUT
    assert chance(n, control, bar, reached) <= LARGEST_FALSE_RULE_IN


def test_the_score_interval_alone_would_err_too_often() -> None:
    n, bar = 8, 2.8
    out = {(x, y) for x in range(n + 1) for y in range(1, n + 1) if score((x, n, y, n), "koopman").p_below(bar) < ALPHA}
    assert chance(n, 0.2, bar, out) == pytest.approx(0.0448, abs=5e-5)  # the figure of the module
    assert chance(n, 0.2, bar, out) > LARGEST_FALSE_RULE_OUT


@pytest.mark.parametrize(
    "counts", [(6, 5, 1, 5), (-1, 5, 1, 5), (2.5, 5, 1, 5), (0, 0, 1, 5), (1, 1, 1, 5), (None, 5, 1, 5), (math.nan, 5, 1, 5)]
)
def test_counts_that_cannot_be_are_refused(counts: tuple[int, int, int, int]) -> None:
    assert isinstance(risk_ratio(*counts), Unestimable)
    assert isinstance(score_ratio(*counts, "koopman"), Unestimable)


def test_huge_counts_stay_numbers() -> None:
    low, high = ends(estimated(risk_ratio(2 * 10**9, 10**10, 10**9, 10**10)))
    half = 1.959964 * math.sqrt(0.8 / 0.2 / 1e10 + 0.9 / 0.1 / 1e10)  # delta method on the log scale, exact enough for so many
    assert (low, high) == pytest.approx((2 * math.exp(-half), 2 * math.exp(half)), abs=1e-7)
