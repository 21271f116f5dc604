"""What the tests that ask for a second opinion share: inputs drawn at random, how near is near, and a likelihood no package offers.

Every input comes from a recorded seed, so a disagreement is found again. Where statsmodels or scipy have no such method, one is put
together here from their parts, and from none of ours.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import linalg, optimize, stats

from evaluations.resampling import Chance, chance

Floats = NDArray[np.float64]

DRAWS = 48  # inputs of each method
ALPHAS = (0.2, 0.05, 0.025, 0.005, 0.0005)
CLOSE = 1e-9  # relative, and absolute about 0
SEARCHED = 1e-6  # what a package finds by a search of its own


def seeds(method: int, count: int = DRAWS) -> range:
    """The seeds of one method."""
    return range(1000 * method, 1000 * method + count)


def draws(method: int, count: int = DRAWS) -> Iterator[Chance]:
    """One generator for each input."""
    return map(chance, seeds(method, count))


def close(number: object, near: float = CLOSE) -> Any:
    return pytest.approx(number, rel=near, abs=near)


def close_tail(p: float) -> Any:
    """A tail keeps its digits however small it is, down to the smallest float."""
    return pytest.approx(p, rel=CLOSE, abs=1e-300)


def restricted_likelihood(effects: Floats, variances: Floats, design: Floats, tau_squared: float) -> float:
    """Likelihood of the contrasts that no line or mean explains (Patterson and Thompson 1971), by scipy's normal distribution."""
    contrasts = linalg.null_space(design.T)
    return float(stats.multivariate_normal.logpdf(effects @ contrasts, cov=contrasts.T @ np.diag(variances + tau_squared) @ contrasts))


def assert_highest(tau_squared: float, effects: Floats, variances: Floats, design: Floats) -> None:
    def lost(log_tau_squared: float) -> float:
        return -restricted_likelihood(effects, variances, design, math.exp(log_tau_squared))

    starts = np.linspace(math.log(1e-6), math.log(100.0), 24)
    nearest = min(starts, key=lost)
    top = optimize.minimize_scalar(lost, bounds=(nearest - 1, nearest + 1), method="bounded", options={"xatol": 1e-9})
    zero = restricted_likelihood(effects, variances, design, 0.0)
    assert restricted_likelihood(effects, variances, design, tau_squared) >= max(zero, -top.fun) - 1e-10
    assert tau_squared == close(math.exp(top.x) if -top.fun > zero else 0.0, 1e-5)
