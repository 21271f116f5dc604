"""Trends, by a second opinion: on points drawn at random, each public method against a package that shares no line with it.

The package is statsmodels: least squares, weighted or not, its tests of linear restrictions, and its search for a likelihood's top.
Where it has no such bound, the p-value that it gives at our end must be the error level.

Left out: the place of a crossing, which no package has. The reference cases hold it.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import special, stats
from statsmodels.base.model import GenericLikelihoodModel
from statsmodels.regression.linear_model import OLS, WLS
from statsmodels.stats.outliers_influence import OLSInfluence
from statsmodels.tools.tools import add_constant

from evaluations.resampling import Chance, chance
from evaluations.trends.bends import SlopeRatio, slope_ratio
from evaluations.trends.ceilings import CensoredLine, censored_trend
from evaluations.trends.crossings import CrossingDistribution, crossing_distribution
from evaluations.trends.lines import LinePoint, LineScale, TrendLine, trend_line
from evaluations.trends.measured_lines import MeasuredLine, measured_line
from evaluations.trends.outliers import TrendOutlier, trend_outlier
from tests.evaluations.measured import ends
from tests.evaluations.second_opinion import ALPHAS, SEARCHED, Floats, assert_highest, close, draws, seeds

LOST_IN_ROUNDING = (906, 1081, 1884, 2098, 2273, 2986)  # seeds at which the last step climbs less than the likelihood's own rounding


def line_of(draw: Chance, scale: LineScale, fewest: int = 4) -> tuple[list[LinePoint], Floats, Floats]:
    """Points of a line: as they are handed in, and their places and heights on the fitted scale."""
    count = int(draw.integers(fewest, 15))
    x = np.round(2023 + np.sort(draw.choice(300, count, replace=False)) / 100, 2)
    height = draw.normal(0, 1) + draw.normal(0.8, 0.6) * (x - 2024.5) + draw.normal(0, 0.4, count)
    if scale == "logit":
        items = draw.integers(20, 200, count)
        shares = [Fraction(int(passed), int(n)) for passed, n in zip(draw.binomial(items, special.expit(height)), items, strict=True)]
        points = [LinePoint(*each) for each in zip(x.tolist(), shares, items.tolist(), strict=True)]
        return points, x, special.logit([float((s * n + Fraction(1, 2)) / (n + 1)) for s, n in zip(shares, items.tolist(), strict=True)])
    y = np.round(np.exp(height) if scale == "log" else height, 6)
    return [LinePoint(*each) for each in zip(x.tolist(), y.tolist(), strict=True)], x, np.log(y) if scale == "log" else y


NATIVE: dict[LineScale, Any] = {"linear": lambda y: y, "log": np.exp, "logit": special.expit}
SCALES: list[LineScale] = ["linear", "log", "logit"]


@pytest.mark.parametrize("scale", SCALES)
def test_a_line_and_its_bands_are_ordinary_least_squares(scale: LineScale) -> None:
    for draw in draws(15, 24):
        points, x, y = line_of(draw, scale)
        line, fit = trend_line(points, scale), OLS(y, add_constant(x - 2024)).fit()
        assert isinstance(line, TrendLine)
        assert (line.fitted(2024), line.slope) == close(tuple(fit.params))
        assert (line.residual_sd, line.slope_error) == close((math.sqrt(fit.scale), fit.bse[1]))
        places = np.array([2022.5, 2024.3, 2027.0])
        for alpha in ALPHAS:
            frame = fit.get_prediction(add_constant(places - 2024)).summary_frame(2 * alpha).apply(NATIVE[scale])
            assert ends(line.slope_estimate(), alpha) == close(tuple(fit.conf_int(2 * alpha)[1]))
            for at, row in zip(places.tolist(), frame.itertuples(), strict=True):
                assert line.fit(at) == close(row.mean)
                assert line.mean_band(at, alpha) == close((row.mean_ci_lower, row.mean_ci_upper))
                assert line.prediction_band(at, alpha) == close((row.obs_ci_lower, row.obs_ci_upper))


@pytest.mark.parametrize("scale", SCALES)
def test_the_chance_to_have_crossed_a_bar_is_a_t_test_on_the_line(scale: LineScale) -> None:
    for draw in draws(16, 24):
        points, x, y = line_of(draw, scale)
        at, height = float(draw.uniform(2022, 2028)), float(draw.normal(0, 1))
        found = crossing_distribution(points, scale, float(NATIVE[scale](height)))
        fit = OLS(y, add_constant(x - 2024)).fit()
        assert isinstance(found, CrossingDistribution)
        test = fit.t_test(([1, at - 2024], height))
        ahead = (test.effect[0] - height) / fit.get_prediction([[1, at - 2024]]).se_obs[0]
        assert found.probability(at, "line") == close(stats.t.cdf(test.tvalue[0, 0], fit.df_resid), 1e-8)
        assert found.probability(at, "next_model") == close(stats.t.cdf(ahead, fit.df_resid), 1e-8)
        assert found.p_never == close(stats.t.sf(fit.tvalues[1], fit.df_resid))


def test_a_point_out_of_line_is_the_externally_studentised_residual() -> None:
    for draw in draws(17):
        scale = SCALES[int(draw.integers(3))]
        points, x, y = line_of(draw, scale)
        index = int(draw.integers(len(points)))
        found, influence = trend_outlier(points, scale, index), OLSInfluence(OLS(y, add_constant(x - 2024)).fit())
        assert isinstance(found, TrendOutlier)
        residual = influence.resid_studentized_external[index]
        assert (found.residual, found.degrees_of_freedom) == close((residual, len(points) - 3))
        assert (found.p_low, found.p_high) == close((stats.t.cdf(residual, len(points) - 3), stats.t.sf(residual, len(points) - 3)))


def test_a_bend_is_a_regression_with_a_hinge_and_its_ratio_ends_where_the_t_test_has_the_error_level() -> None:
    for draw in draws(18):
        scale = SCALES[int(draw.integers(3))]
        points, x, y = line_of(draw, scale, fewest=7)
        at = float(x[len(x) // 2 - 1]) + 0.001
        found = slope_ratio(points, scale, at, "before_looking")
        assert isinstance(found, SlopeRatio)
        fits = {
            name: OLS(y, np.column_stack((np.ones(len(x)), x - 2024, *further))).fit()
            for name, further in (("line", ()), ("bend", (np.maximum(x - at, 0),)), ("jump", ((x >= at).astype(float),)))
        }
        hinge, plain = fits["bend"], fits["line"].aic
        after = hinge.t_test([0, 1, 1])
        assert (found.slope_before, found.slope_after) == close((hinge.params[1], after.effect[0]))
        assert (found.variance_before, found.variance_after) == close((hinge.bse[1] ** 2, after.sd[0, 0] ** 2))
        assert (found.rss_line, found.rss_bend, found.rss_jump) == close(tuple(fit.ssr for fit in fits.values()))
        assert (found.bend_p, found.jump) == close((hinge.pvalues[2], fits["jump"].params[2]))
        assert [found.aic[name] - found.aic["line"] for name in found.aic] == close([fits[name].aic - plain for name in found.aic])
        for alpha in ALPHAS:
            lower, upper, interval = found.bounds(alpha)
            assert (interval == "bounded") is bool(hinge.pvalues[1] < 2 * alpha)
            for end in (lower, upper):
                assert math.isinf(end) or hinge.t_test([0, 1 - end, 1]).pvalue == close(2 * alpha, SEARCHED)


def test_a_line_of_points_with_known_errors_is_weighted_least_squares_at_its_variance_between_models() -> None:
    for draw in draws(19, 24):
        _, x, y = line_of(draw, "linear")
        variances = np.round(draw.uniform(0.01, 0.4, len(x)), 4)
        y = np.round(y + draw.normal(0, 1, len(x)) * np.sqrt(variances), 6)
        line = measured_line([LinePoint(*each) for each in zip(x.tolist(), y.tolist(), strict=True)], variances.tolist())
        assert isinstance(line, MeasuredLine)
        design = add_constant(x - 2024)
        assert_highest(line.tau2, y, variances, design)
        fit = WLS(y, design, weights=1 / (variances + line.tau2)).fit()  # its scale is Knapp and Hartung's factor
        assert (line.fit(2024), line.slope, line.slope_error, line.factor) == close((*fit.params, fit.bse[1], fit.scale))
        row = fit.get_prediction([[1, 2.5]]).summary_frame(0.05).iloc[0]
        assert line.mean_band(2026.5, 0.025) == close((row.mean_ci_lower, row.mean_ci_upper))
        half = stats.t.isf(0.025, fit.df_resid) * math.hypot(row["mean_se"], math.sqrt(line.tau2))
        assert line.prediction_band(2026.5, 0.025) == close((row["mean"] - half, row["mean"] + half))


class Censored(GenericLikelihoodModel):  # type: ignore[misc]  # statsmodels ships no types
    """Normal regression where whatever stands at the ceiling is at least that high, its likelihood in scipy's own words."""

    def __init__(self, endog: Floats, exog: Floats, ceiling: float) -> None:
        super().__init__(endog, exog, extra_params_names=["log_sd"])
        self.ceiling = ceiling

    def loglikeobs(self, params: Floats) -> Floats:
        middle, spread = self.exog @ params[:-1], math.exp(params[-1])
        reached = self.endog >= self.ceiling
        return np.where(reached, stats.norm.logsf(self.ceiling, middle, spread), stats.norm.logpdf(self.endog, middle, spread))


def under_a_ceiling(draw: Chance) -> tuple[list[LinePoint], Floats, Floats, float]:
    """Points of a line, and a ceiling under which two of them or more do not stand."""
    points, x, y = line_of(draw, "linear", fewest=8)
    return points, x, y, round(float(np.sort(y)[-int(draw.integers(2, len(y) // 2))]) - 0.001, 6)


@pytest.mark.parametrize("drawn", [seeds(20), LOST_IN_ROUNDING], ids=["usual", "lost_in_rounding"])
def test_a_line_under_a_ceiling_is_the_maximum_of_a_likelihood_that_statsmodels_climbs(drawn: Sequence[int]) -> None:
    for draw in map(chance, drawn):
        points, x, y, ceiling = under_a_ceiling(draw)
        found = censored_trend(points, "linear", ceiling)
        assert isinstance(found, CensoredLine)
        model, plain = Censored(np.minimum(y, ceiling), add_constant(x - 2024), ceiling), OLS(y, add_constant(x - 2024)).fit()
        start = [*plain.params, math.log(plain.scale) / 2]
        fit = model.fit(start, method="bfgs", gtol=1e-7, maxiter=500, disp=0, skip_hessian=True)
        want = (*fit.params[:2], math.exp(fit.params[2]))
        assert (found.intercept + 2024 * found.slope, found.slope, found.residual_sd) == close(want, 1e-5)
        assert found.log_likelihood == close(fit.llf, 1e-8)
        assert found.n_censored == np.count_nonzero(y >= ceiling)
