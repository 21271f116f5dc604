"""Trials, by a second opinion: on inputs drawn at random, each public method against a package that shares no line with it.

The packages are statsmodels and scipy's own tests. Where a package has no such bound, the p-value that it gives at our end must be the
error level.

Left out: stratified ratios and Lin's ratio, which no package has. The reference cases hold them.
"""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate, special, stats
from statsmodels.regression.linear_model import OLS, WLS
from statsmodels.stats import proportion
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.power import TTestIndPower

from evaluations.resampling import Chance
from evaluations.uplift.arms import ArmSummary
from evaluations.uplift.covariates import Adjusted, adjusted_difference, adjusted_means
from evaluations.uplift.looks import SequentialBounds, sequential_bounds
from evaluations.uplift.permutations import PermutationTest, permutation_difference, permutation_ratio
from evaluations.uplift.pooling import MetaAnalysis, PooledMean, meta_analysis, pooled_log_ratio
from evaluations.uplift.power import PlannedPower, RatioPlan, people_needed, planned_power
from evaluations.uplift.ratios import FiellerEstimate, LogRatio, fieller_welch, log_ratio, welch_difference
from evaluations.uplift.risk_ratios import ScoreMethod, ScoreRatio, score_ratio
from tests.evaluations.measured import ends, estimated
from tests.evaluations.second_opinion import ALPHAS, CLOSE, SEARCHED, Floats, assert_highest, close, draws


def arms(draw: Chance, fewest: int = 3, most: int = 30) -> tuple[Floats, Floats]:
    """Scores of the model arm and of the control arm; in some draws the control mean hardly stands clear of 0."""
    sizes, shapes = draw.integers(fewest, most, 2), draw.choice([0.5, 2.0, 8.0], 2)
    model, control = (np.round(draw.gamma(shape, scale / shape, n), 3) for shape, scale, n in zip(shapes, (50, 24), sizes, strict=True))
    return model + 0.001, control + 0.001


def summaries(model: Floats, control: Floats) -> tuple[ArmSummary, ArmSummary]:
    found = [ArmSummary.of_scores(each.tolist()) for each in (model, control)]
    assert isinstance(found[0], ArmSummary)
    assert isinstance(found[1], ArmSummary)
    return found[0], found[1]


def test_the_score_ratio_is_koopmans_and_miettinen_and_nurminens() -> None:
    methods: list[tuple[ScoreMethod, bool]] = [("koopman", False), ("miettinen_nurminen", True)]
    for draw in draws(1):
        people = draw.integers(5, 80, 2)
        passed = np.clip(draw.binomial(people, draw.uniform(0.1, 0.9, 2)), 1, people - 1)
        counts = (int(passed[0]), int(people[0]), int(passed[1]), int(people[1]))
        for method, corrected in methods:
            score = score_ratio(*counts, method)
            assert isinstance(score, ScoreRatio)
            for alpha in ALPHAS:
                want = proportion.confint_proportions_2indep(*counts, "score", "ratio", 2 * alpha, corrected)
                assert (score.lower(alpha), score.upper(alpha)) == close(tuple(want))


def test_without_a_success_in_an_arm_the_other_end_still_has_its_p_value() -> None:
    for draw in draws(2):
        model, control = map(int, draw.integers(5, 60, 2))
        alpha, corrected = float(draw.choice(ALPHAS)), bool(draw.integers(2))
        method: ScoreMethod = "miettinen_nurminen" if corrected else "koopman"
        some = score_ratio(int(draw.integers(1, model)), model, 0, control, method)
        none = score_ratio(0, model, int(draw.integers(1, control)), control, method)
        assert isinstance(some, ScoreRatio)
        assert isinstance(none, ScoreRatio)
        assert (some.upper(alpha), none.lower(alpha)) == (math.inf, 0.0)
        for score, end, tail in ((some, some.lower(alpha), "larger"), (none, none.upper(alpha), "smaller")):
            found = score.counts
            counts = (found.model, found.model_people, found.control, found.control_people)
            with np.errstate(divide="ignore"):  # statsmodels also gives the ratio itself, which without a control success is none
                test = proportion.test_proportions_2indep(*counts, end, "score", "ratio", tail, corrected)
            assert test.pvalue == close(alpha)


def test_a_difference_of_means_is_welchs_test() -> None:
    for draw in draws(3):
        model, control = arms(draw)
        estimate, bar = estimated(welch_difference(*summaries(model, control))), round(float(draw.normal(20, 20)), 2)
        for alpha in ALPHAS:
            want = stats.ttest_ind(model, control, equal_var=False).confidence_interval(1 - 2 * alpha)
            assert ends(estimate, alpha) == close(tuple(want))
        assert estimate.p_below(bar) == close(stats.ttest_ind(model, control + bar, equal_var=False, alternative="less").pvalue)
        assert estimate.p_above(bar) == close(stats.ttest_ind(model, control + bar, equal_var=False, alternative="greater").pvalue)


def welch_p(ratios: Floats, model: Floats, control: Floats, tail: str) -> Floats:
    """Welch's test of the model arm against the control arm times each ratio."""
    (mean, sd), (mean_control, sd_control) = ((each.mean(), each.std(ddof=1)) for each in (model, control))
    scaled = (ratios * mean_control, np.abs(ratios) * sd_control, len(control))
    return np.asarray(stats.ttest_ind_from_stats(mean, sd, len(model), *scaled, equal_var=False, alternative=tail).pvalue)


def test_the_ends_of_a_ratio_are_where_welchs_test_of_the_scaled_controls_has_the_error_level() -> None:
    for draw in draws(4):
        model, control = arms(draw)
        estimate = fieller_welch(*summaries(model, control))
        assert isinstance(estimate, FiellerEstimate)
        for alpha in ALPHAS:
            upper, lower = estimate.upper(alpha), estimate.fieller_lower(alpha)
            bounded = stats.ttest_1samp(control, 0, alternative="greater").pvalue < alpha  # the control mean stands clear of 0
            assert (upper < math.inf) is bool(bounded)
            if bounded:
                at, *beyond = welch_p(upper * np.array([1, 1.001, 1.1, 2, 10, 1e4]), model, control, "less")
                assert at == close(alpha)
                assert max(beyond) < alpha
            if lower > -math.inf:
                assert welch_p(np.array([lower]), model, control, "greater")[0] == close(alpha)
            deciding = estimate.lower(alpha)  # ruling in also needs the log scale
            assert deciding == lower or (deciding < lower and estimate.log_p_above(deciding) == close(alpha))


def test_the_p_value_of_a_ratio_is_the_largest_of_welchs_test_at_any_ratio_beyond_the_bar() -> None:
    for draw in draws(21):  # the degrees of freedom move with the ratio, so that p may rise again beyond
        model, control = arms(draw)
        estimate = fieller_welch(*summaries(model, control))
        assert isinstance(estimate, FiellerEstimate)
        above, below = estimate.value * float(draw.uniform(1.01, 4)), estimate.value * float(draw.uniform(0.3, 0.99))
        assert estimate.p_below(above) == pytest.approx(
            welch_p(above * np.geomspace(1, 1e9, 2_000), model, control, "less").max(), rel=1e-4
        )
        every = welch_p(np.linspace(-5 * estimate.value, below, 2_000), model, control, "greater")
        assert estimate.fieller_p_above(below) == pytest.approx(every[np.argmin(every) :].max(), rel=1e-4)
        assert estimate.p_above(below) == max(estimate.fieller_p_above(below), estimate.log_p_above(below))


def test_on_the_log_scale_a_ratio_is_welchs_test_of_relative_spreads() -> None:
    for draw in draws(5):
        model, control = arms(draw)
        found, bar = log_ratio(*summaries(model, control)), float(draw.uniform(0.5, 4))
        assert isinstance(found, LogRatio)
        relative = [(math.log(each.mean()), each.std(ddof=1) / each.mean(), len(each)) for each in (model, control)]
        (log_model, *of_model), (log_control, *of_control) = relative
        test = stats.ttest_ind_from_stats(
            log_model, *of_model, log_control + math.log(bar), *of_control, equal_var=False, alternative="greater"
        )
        assert found.p_above(bar) == close(test.pvalue)


def test_adjusted_means_are_lins_regression_with_its_hc2_and_hc3_errors() -> None:
    for draw in draws(6):
        sizes = draw.integers(4, 25, 2)
        covariates = [np.round(draw.normal(50 + 5 * side, 10, n), 2) for side, n in enumerate(sizes)]
        scores = [np.round(20 * side + 0.5 * x + draw.normal(0, 8 + 4 * side, len(x)), 2) for side, x in enumerate(covariates)]
        control, model = (list(zip(y.tolist(), x.tolist(), strict=True)) for y, x in zip(scores, covariates, strict=True))
        treated, x = np.repeat([0.0, 1.0], sizes), np.concatenate(covariates)
        centred = x - x.mean()
        design = np.column_stack((np.ones(len(x)), treated, centred, treated * centred))
        regression, found = OLS(np.concatenate(scores), design), adjusted_means(model, control)
        assert isinstance(found, Adjusted)
        fits = {2: regression.fit(cov_type="HC2", use_t=True), 3: regression.fit(cov_type="HC3", use_t=True)}
        estimate, intercept = estimated(adjusted_difference(model, control)), fits[2].params[0]
        assert (float(found.control.mean), float(found.difference)) == close((intercept, fits[2].params[1]))
        assert [found.standard_error(hc) for hc in fits] == close([fit.bse[1] for fit in fits.values()])
        with_model = fits[2].t_test([1, 1, 0, 0])
        assert float(found.treatment.mean) == close(with_model.effect[0])
        assert [found.control.variance_hc2, found.treatment.variance_hc2] == close([fits[2].bse[0] ** 2, with_model.sd[0, 0] ** 2])
        assert [found.control.variance_hc3, found.treatment.variance_hc3] == close(
            [fits[3].bse[0] ** 2, fits[3].t_test([1, 1, 0, 0]).sd[0, 0] ** 2]
        )
        assert fits[2].cov_params()[0, :2].sum() == close(found.covariance)
        for alpha in ALPHAS:
            assert ends(estimate, alpha) == close(tuple(fits[2].conf_int(2 * alpha)[1]))


def cohorts(draw: Chance, fewest: int = 2) -> tuple[Floats, Floats]:
    """Log ratios and their variances; some draws differ by chance alone, some by much more."""
    count = int(draw.integers(fewest, 13))
    variances = np.round(draw.uniform(0.01, 0.3, count), 4)
    return np.round(draw.normal(0.7, np.sqrt(variances + draw.choice([0.0, 0.05, 1.0]))), 4), variances


def test_pooled_cohorts_are_paule_mandel_and_dersimonian_laird_as_in_statsmodels() -> None:
    for draw in draws(7):
        effects, variances = cohorts(draw)
        found = meta_analysis(effects.tolist(), variances.tolist())
        assert isinstance(found, MetaAnalysis)
        differ, tau_squared = found.heterogeneity, found.heterogeneity.tau_squared
        mandel = combine_effects(effects, variances, method_re="pm", use_t=True, atol=1e-6)  # finer, its rounding may end it at 0
        with np.errstate(invalid="ignore"):  # statsmodels takes the root of a variance that its own tau^2, below 0, made negative
            laird = combine_effects(effects, variances, method_re="dl")
        homogeneity = laird.test_homogeneity()
        assert (differ.q, differ.p, differ.degrees_of_freedom) == close((homogeneity.statistic, homogeneity.pvalue, homogeneity.df))
        assert differ.i_squared_percent == close(100 * max(0.0, laird.i2))
        assert tau_squared == close(mandel.tau2, 1e-5)
        plain = WLS(effects, np.ones(len(effects)), weights=1 / (variances + tau_squared)).fit()
        assert plain.scale == close(1) if tau_squared else plain.scale < 1 + CLOSE  # what Paule and Mandel ask for
        assert found.paule_mandel_plain.interval(0.025) == close(tuple(plain.conf_int()[0]))
        assert (found.paule_mandel_plain.standard_error, found.paule_mandel_plain.estimate) == close((plain.bse[0], plain.params[0]))
        _, fixed, _, scaled = mandel.conf_int(use_t=True)  # the factor held at 1, and estimated
        assert found.paule_mandel_plain.interval(0.025) == close(tuple(scaled), 1e-5)
        assert found.paule_mandel_modified.interval(0.025) == close(wider(fixed, scaled), 1e-5)
        assert found.dersimonian_laird.tau_squared == close(max(0.0, laird.tau2))  # statsmodels' own may be below 0
        moments = (laird.mean_effect_re, laird.sd_eff_w_re) if laird.tau2 > 0 else (laird.mean_effect_fe, laird.sd_eff_w_fe)
        assert pair(found.dersimonian_laird) == close(moments)
        assert pair(found.common_effect) == close((laird.mean_effect_fe, laird.sd_eff_w_fe))


def wider(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return min(one[0], other[0]), max(one[1], other[1])


def pair(mean: PooledMean) -> tuple[float, float]:
    return mean.estimate, mean.standard_error


def test_a_pooled_ratio_is_never_surer_than_its_cohorts_agreement_nor_than_their_own_errors() -> None:
    for draw in draws(8):
        effects, variances = cohorts(draw, fewest=5)
        estimate = estimated(pooled_log_ratio(effects.tolist(), variances.tolist()))
        _, fixed, _, scaled = combine_effects(effects, variances, method_re="pm", use_t=True, atol=1e-6).conf_int(use_t=True)
        widest, (low, high) = np.exp(wider(fixed, scaled)), ends(estimate)  # other forms may only add to it
        assert low <= widest[0] * (1 + 1e-5)
        assert high >= widest[1] * (1 - 1e-5)


def test_the_restricted_likelihood_of_a_pooling_is_highest_where_ours_is() -> None:
    for draw in draws(9, 24):
        effects, variances = cohorts(draw)
        found = meta_analysis(effects.tolist(), variances.tolist())
        assert isinstance(found, MetaAnalysis)
        assert_highest(found.reml_plain.tau_squared, effects, variances, np.ones((len(effects), 1)))


def test_power_is_that_of_the_t_test_where_both_scaled_arms_spread_alike() -> None:
    for draw in draws(10):
        mean, sd, bar = (round(float(draw.uniform(*between)), 2) for between in ((10, 40), (3, 20), (1.5, 5)))
        true, n, alpha = round(float(draw.uniform(0.5, 0.9)) * bar, 3), int(draw.integers(2, 60)), float(draw.choice(ALPHAS))
        plan = RatioPlan(mean, sd, Fraction(str(bar)) * Fraction(str(sd)), true, bar)
        planned, solver, distance = planned_power(plan, n, n, alpha), TTestIndPower(), (true - bar) * mean / (bar * sd)
        assert isinstance(planned, PlannedPower)
        assert planned.power == close(solver.power(distance, n, alpha, alternative="smaller"), 1e-8)
        needed = people_needed(plan, 0.8, alpha)
        assert isinstance(needed, PlannedPower)
        enough, one_less = (
            solver.power(distance, each, alpha, alternative="smaller") for each in (needed.n_treatment, needed.n_treatment - 1)
        )
        assert enough >= 0.8
        assert needed.n_treatment == 2 or one_less < 0.8


def test_power_is_the_noncentral_t_of_scipy_and_an_integral_over_the_spread() -> None:
    for draw in draws(11):
        mean, sd_control, sd_model, bar = map(float, np.round(draw.uniform([10, 3, 3, 1.5], [40, 20, 40, 5]), 2))
        true, counts = round(float(draw.uniform(0.5, 1.1)) * bar, 3), tuple(map(int, draw.integers(2, 60, 2)))
        planned = planned_power(RatioPlan(mean, sd_control, sd_model, true, bar), *counts)
        assert isinstance(planned, PlannedPower)
        of_model, of_control = sd_model**2 / counts[0], (bar * sd_control) ** 2 / counts[1]
        freedom = (of_model + of_control) ** 2 / (of_model**2 / (counts[0] - 1) + of_control**2 / (counts[1] - 1))
        shift, quantile = (true - bar) * mean / math.sqrt(of_model + of_control), stats.t.isf(0.025, freedom)

        logs = np.linspace(-40, math.log(stats.chi.isf(1e-15, freedom) / math.sqrt(freedom)), 4_001)
        spread = np.exp(logs)  # an estimated spread over the true one
        chances = stats.chi.pdf(spread * math.sqrt(freedom), freedom) * math.sqrt(freedom) * special.ndtr(-quantile * spread - shift)
        assert planned.power == close(stats.nct.cdf(-quantile, freedom, shift), 1e-8)
        assert planned.power == close(integrate.simpson(chances * spread, x=logs))


def test_the_permutation_test_of_means_is_scipys() -> None:
    def difference(first: Floats, second: Floats, axis: int) -> Floats:
        return np.asarray(first.mean(axis=axis) - second.mean(axis=axis))

    for draw in draws(12, 24):
        model, control = draw.integers(0, 9, int(draw.integers(2, 8))), draw.integers(0, 7, int(draw.integers(3, 7)))  # with ties
        found = permutation_difference(model.tolist(), control.tolist(), seed=0)
        assert isinstance(found, PermutationTest)
        for p, tail in ((found.p_greater, "greater"), (found.p_less, "less")):
            test = stats.permutation_test((model, control), difference, n_resamples=np.inf, alternative=tail, vectorized=True)
            assert p == close(test.pvalue)
        assert found.n_assignments == len(test.null_distribution)
        assert found.statistic == close(test.statistic)
        far = np.abs(test.null_distribution) >= abs(test.statistic) - CLOSE  # scipy doubles the smaller tail instead
        assert found.p_two_sided == close(far.mean())


def test_the_permutation_test_of_a_ratio_is_scipys_with_welchs_statistic() -> None:
    def welch(first: Floats, second: Floats, axis: int) -> Floats:
        return np.asarray(stats.ttest_ind(first, second, equal_var=False, axis=axis).statistic)

    for draw in draws(13, 24):
        model, control = arms(draw, 3, 7)
        bar = round(float(draw.uniform(1, 4)), 2)
        found = permutation_ratio(model.tolist(), control.tolist(), bar, seed=0)
        assert isinstance(found, PermutationTest)
        test = stats.permutation_test((model, bar * control), welch, n_resamples=np.inf, alternative="greater", vectorized=True)
        every, happened = test.null_distribution, test.statistic
        assert found.p_rule_in == close(test.pvalue)
        assert found.p_rule_out == close(np.mean(every <= happened + CLOSE))  # scipy's own tolerance is relative, and t may be nearly 0
        assert (found.statistic, found.n_assignments) == (close(happened), len(every))


def test_planned_looks_together_spend_what_a_multivariate_normal_says() -> None:
    for draw in draws(14, 8):
        shares = np.append(np.sort(np.round(draw.uniform(0.3, 0.95, int(draw.integers(1, 3))), 2)), 1.0)
        if np.diff(shares).min() < 0.02:
            continue
        alpha = float(draw.choice([0.025, 0.05]))
        bounds = sequential_bounds(shares.tolist(), alpha)
        assert isinstance(bounds, SequentialBounds)
        correlation = np.sqrt(np.minimum.outer(shares, shares) / np.maximum.outer(shares, shares))
        for looks in range(1, len(shares) + 1):
            want = 2 * stats.norm.sf(stats.norm.isf(alpha / 2) / math.sqrt(shares[looks - 1]))  # O'Brien-Fleming type (Lan and DeMets 1983)
            running = stats.multivariate_normal(cov=correlation[:looks, :looks], seed=1, maxpts=10**6, abseps=1e-7, releps=1e-7)
            assert bounds.cumulative[looks - 1] == close(want)
            assert 1 - running.cdf(np.array(bounds.z[:looks])) == close(want, SEARCHED)
