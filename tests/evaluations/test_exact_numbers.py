"""Numbers as a caller hands them in: read as written, or refused."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from evaluations.estimate import Unestimable
from evaluations.exact_numbers import LARGEST_COUNT, exact_bar, exact_number, exact_scores, saturated, whole_count


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (0.1, Fraction(1, 10)),
        (Decimal("0.10"), Fraction(1, 10)),
        (3, 3),
        (Fraction(1, 3), Fraction(1, 3)),
        (-0.0, 0),
        (np.int64(3), 3),
        (np.float64(0.1), Fraction(1, 10)),
        (1e-100, Fraction(1, 10**100)),
        (Decimal(0), 0),
    ],
)
def test_a_number_is_read_as_it_is_written(given: object, read: Fraction) -> None:
    assert exact_number(given, "it") == read


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (None, "not_a_number"),
        (True, "not_a_number"),
        ("0.5", "not_a_number"),
        (math.nan, "not_a_number"),
        (-math.inf, "not_a_number"),
        (Decimal("NaN"), "not_a_number"),
        (Decimal("sNaN"), "not_a_number"),
        (Decimal("Infinity"), "not_a_number"),
        (1j, "not_a_number"),
        (Decimal("1e1000000000"), "overflow"),
        (Decimal("1e-1000000000"), "overflow"),
        (5e-324, "overflow"),
        (10**500, "overflow"),
        (np.float64(math.nan), "not_a_number"),
        (Fraction(1, 10**500), "overflow"),
    ],
)
def test_what_is_no_number_to_compute_with_is_refused(given: object, reason: str) -> None:
    outcome = exact_number(given, "the mean")
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == reason
    assert "the mean" in outcome.words


def test_a_missing_score_is_named_by_its_place() -> None:
    outcome = exact_scores([1, None, 3], "score")
    assert isinstance(outcome, Unestimable)
    assert (outcome.reason, "score 2" in outcome.words) == ("unscored_attempts", True)


@pytest.mark.parametrize(("given", "reason"), [(2.5, "impossible_count"), (-1, "impossible_count"), (LARGEST_COUNT + 1, "overflow")])
def test_a_count_is_whole_and_not_negative(given: float, reason: str) -> None:
    outcome = whole_count(given, "n")
    assert isinstance(outcome, Unestimable)
    assert outcome.reason == reason


def test_a_whole_number_in_any_form_is_a_count() -> None:
    assert [whole_count(each, "n") for each in (3, 3.0, Decimal("3.0"), Fraction(3), np.int32(3))] == [3] * 5


@pytest.mark.parametrize("bar", [math.nan, math.inf, Decimal("NaN"), Decimal("-Infinity")])
def test_a_bar_that_is_no_number_is_the_callers_mistake(bar: float) -> None:
    with pytest.raises(ValueError, match="found the bar"):
        exact_bar(bar)


def test_a_distance_beyond_the_largest_float_is_infinite() -> None:
    assert (saturated(Fraction(10**400)), saturated(Fraction(-(10**400))), saturated(Fraction(1, 4))) == (math.inf, -math.inf, 0.25)
