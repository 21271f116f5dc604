"""Events over an exposure: exact Poisson bounds."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluations.estimate import Unestimable
from evaluations.rates import PoissonRate, event_rate
from tests.evaluations.measured import ALPHA, ends, refused


def rate(events: int, exposure: float, per: float = 1) -> PoissonRate:
    found = event_rate(events, exposure, per)
    assert isinstance(found, PoissonRate)
    return found


@pytest.mark.parametrize(  # Garwood 1936, as tabulated for 95 % in Ulm 1990, Am. J. Epidemiol. 131:373
    ("events", "low", "high"), [(0, 0, 3.6889), (1, 0.0253, 5.5716), (2, 0.2422, 7.2247), (5, 1.6235, 11.6683), (10, 4.7954, 18.3904)]
)
def test_the_bounds_of_a_count_are_the_published_ones(events: int, low: float, high: float) -> None:
    assert ends(rate(events, 1)) == pytest.approx((low, high), abs=5e-5)


def test_a_rate_is_told_per_the_exposure_asked_for() -> None:
    found = rate(3, 4000, 1000)
    assert found.point == Fraction(3, 4)
    assert ends(found) == pytest.approx((stats.chi2.ppf(ALPHA, 6) / 8, stats.chi2.ppf(1 - ALPHA, 8) / 8), rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 500), st.integers(1, 1000), st.integers(1, 1000))
def test_the_p_of_a_bar_is_the_tail_of_the_poisson_distribution(events: int, exposure: int, bar: int) -> None:
    found, expected = rate(events, exposure), bar / 10 * exposure
    assert found.p_below(Fraction(bar, 10)) == pytest.approx(stats.poisson.cdf(events, expected), rel=1e-8, abs=1e-300)
    assert found.p_above(Fraction(bar, 10)) == pytest.approx(stats.poisson.sf(events - 1, expected), rel=1e-8, abs=1e-300)


@pytest.mark.parametrize("expected", [0.05, 0.7, 3.3, 12.0, 40.0])
def test_the_error_of_either_bound_never_exceeds_its_level(expected: float) -> None:
    counts = range(200)
    missed_above = math.fsum(stats.poisson.pmf(x, expected) for x in counts if rate(x, 1).upper(ALPHA) < expected)
    missed_below = math.fsum(stats.poisson.pmf(x, expected) for x in counts if rate(x, 1).lower(ALPHA) > expected)
    assert max(missed_above, missed_below) <= ALPHA


def test_no_event_has_an_upper_bound_and_reaches_no_bar_above_zero() -> None:
    none = rate(0, 10)
    assert ends(none) == pytest.approx((0, -math.log(ALPHA) / 10))
    assert (none.p_above(Fraction(1, 1000)), none.p_above(0), none.p_below(0)) == (1, 0, 1)


@pytest.mark.parametrize(
    ("events", "exposure", "per", "reason"),
    [
        (2.5, 10, 1, "impossible_count"),
        (-1, 10, 1, "impossible_count"),
        (1, 0, 1, "no_observations"),
        (1, -3, 1, "impossible_count"),
        (1, 10, 0, "impossible_count"),
        (1, math.inf, 1, "not_a_number"),
        (math.nan, 10, 1, "not_a_number"),
        (1, None, 1, "not_a_number"),
    ],
)
def test_events_or_exposures_that_cannot_be_are_refused(events: float, exposure: float, per: float, reason: str) -> None:
    outcome = event_rate(events, exposure, per)
    assert isinstance(outcome, Unestimable)
    assert refused(outcome)[0] == reason


def test_a_bar_that_is_no_number_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="found the bar nan"):
        rate(1, 1).p_below(math.nan)
