"""Lines through points whose own errors are known."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from evaluations.estimate import Unestimable
from evaluations.trends.lines import LinePoint, TrendLine, trend_line
from evaluations.trends.measured_lines import NARROW_NOTE, MeasuredLine, measured_line
from tests.evaluations.trends.points import along

Y = [-1.6, -0.7, -1.2, 0.4, 0.1, 1.9]
VARIANCES = [0.08, 0.05, 0.06, 0.04, 0.05, 0.09]


def fitted(y: list[float] = Y, variances: Any = VARIANCES) -> MeasuredLine:
    line = measured_line(along(y), variances)
    assert isinstance(line, MeasuredLine)
    return line


def restricted(tau2: float, y: list[float], variances: list[float]) -> float:
    """Minus the restricted log likelihood as matrices have it (Harville 1977)."""
    design, w = np.column_stack((np.ones(len(y)), np.arange(len(y)))), np.diag(1 / (np.array(variances) + tau2))
    inner = design.T @ w @ design
    rest = np.array(y) - design @ np.linalg.solve(inner, design.T @ w @ np.array(y))
    return float(-np.linalg.slogdet(w)[1] + np.linalg.slogdet(inner)[1] + rest @ w @ rest)


@given(st.lists(st.floats(-3, 3), min_size=5, max_size=8), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_no_other_variance_between_models_is_more_likely(y: list[float], seed: int) -> None:
    variances = [0.02 + (seed * (at + 3) % 17) / 20 for at in range(len(y))]
    line = measured_line(along(y), variances)
    if isinstance(line, Unestimable):
        return
    best = min(restricted(tau2, y, variances) for tau2 in (0, *np.geomspace(1e-6, 100, 300)))
    assert restricted(line.tau2, y, variances) <= best + 1e-9
    near = optimize.minimize_scalar(lambda at: restricted(at, y, variances), bounds=(0, line.tau2 + 0.5), method="bounded")
    assert restricted(line.tau2, y, variances) <= near.fun + 1e-9


def test_equal_errors_give_the_plain_line_with_its_plain_error() -> None:
    """Knapp and Hartung's factor then undoes the errors that were stated, whatever they were."""
    plain = trend_line(along(Y), "linear")
    assert isinstance(plain, TrendLine)
    for variance in (0.01, 4.0):
        line = fitted(variances=[variance] * 6)
        assert (line.slope, line.intercept) == pytest.approx((plain.slope, plain.intercept))
        assert line.slope_error == pytest.approx(plain.slope_error)
        assert line.mean_band(7, 0.025) == pytest.approx(plain.mean_band(7, 0.025))


def test_models_that_agree_too_well_are_told_of() -> None:
    agreeing = fitted(variances=[4.0] * 6)
    assert (agreeing.tau2, agreeing.notes) == (0, (NARROW_NOTE,))
    assert agreeing.mean_band(7, 0.025) == agreeing.prediction_band(7, 0.025)
    assert fitted().notes == ()


def test_a_further_model_differs_from_the_line_by_the_variance_between_models() -> None:
    line = fitted()
    (low, high), (lower, upper) = line.prediction_band(7, 0.025), line.mean_band(7, 0.025)
    assert low < lower < line.fit(7) < upper < high
    assert ((high - low) / (upper - lower)) ** 2 == pytest.approx(1 + line.tau2 / line.line_error(7) ** 2)


def test_the_order_of_points_changes_no_byte() -> None:
    held = list(zip(along(Y), VARIANCES, strict=True))
    assert measured_line([each for each, _ in held[::-1]], VARIANCES[::-1]) == fitted()


@pytest.mark.parametrize(
    ("y", "variances", "reason"),
    [
        (Y[:3], VARIANCES[:3], "fewer_than_4_points"),
        (Y, [0.1] * 5 + [0.0], "negative_spread"),
        (Y, [0.1] * 5 + [-0.1], "negative_spread"),
        (Y, [0.1] * 5 + [math.nan], "not_a_number"),
        (Y, [0.1] * 5 + [1e60], "overflow"),
        (Y, [0.1] * 5 + [1e-60], "overflow"),
        ([1, 2, 3, 4, 5, 6], VARIANCES, "all_values_equal"),
        ([2, 2, 2, 2, 2, 2], VARIANCES, "all_values_equal"),
        ([1, 2, 3, 4, 5, math.inf], VARIANCES, "not_a_number"),
    ],
)
def test_there_is_no_line(y: list[float], variances: list[float], reason: str) -> None:
    line = measured_line(along(y), variances)
    assert isinstance(line, Unestimable)
    assert line.reason == reason


def test_every_point_has_its_own_error() -> None:
    with pytest.raises(ValueError, match="expected one each"):
        measured_line([LinePoint(1, 2)] * 4, [0.1])
