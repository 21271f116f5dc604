"""One score, by a second opinion: on inputs drawn at random, each public method against a package that shares no line with it.

The packages are statsmodels and scipy's own tests; the p-value of a bound is also summed exactly. Where a package has no such bound, the
p-value it gives at our end must be the error level.

Left out: methods no package has (CR2 with unequal clusters, effective numbers of items). The reference cases hold them.
"""

import gc
import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM, GLMResults
from statsmodels.regression.linear_model import OLS
from statsmodels.stats import contingency_tables, multitest, proportion, rates

from evaluations.clusters import clustered_mean
from evaluations.differences import ExactChange, mcnemar_exact, paired_difference, proportion_difference
from evaluations.horizons import HorizonEstimate, time_horizon
from evaluations.item_scores import pass_all_k, pass_at_k
from evaluations.length_curves import LengthCurve, Task, length_curve
from evaluations.maxima import bonferroni, holm, sidak
from evaluations.medians import median
from evaluations.planning import SharePower, share_power
from evaluations.proportions import clopper_pearson, fewest_zero_successes, item_beta, jeffreys, wilson
from evaluations.rates import PoissonRate, event_rate
from evaluations.ratings import POINTS, Games, RatingEstimate, Ratings, ratings
from evaluations.resampling import Chance, chance
from evaluations.speedups import geometric_mean
from evaluations.summaries import StudentEstimate
from tests.evaluations.measured import ends, estimated
from tests.evaluations.second_opinion import ALPHAS, CLOSE, SEARCHED, Floats, close, close_tail, draws, seeds

TINY = (1e-4, 1e-6, 1e-9, 1e-12)  # 2.5 % over very many variants
TIGHT = {"tol": 1e-12, "tol_criterion": "params"}  # until statsmodels' own search moves no coefficient any more
# Seeds at which the last step towards the likelihood's top climbs less than the likelihood's own rounding.
LENGTHS_LOST_IN_ROUNDING = (15, 37, 39, 40, 85, 101, 115, 126)
GAMES_LOST_IN_ROUNDING = (761, 974, 3701, 3917, 4587, 4765)


def counts(draw: Chance, most: int = 200) -> tuple[int, int]:
    """So many passed of so many; none and all of them come up often."""
    trials = int(draw.integers(2, most))
    share = draw.choice([0.0, 1.0, draw.random()], p=[0.1, 0.1, 0.8])
    return int(draw.binomial(trials, share)), trials


def test_clopper_pearson_is_the_exact_interval_of_scipy_and_of_statsmodels() -> None:
    for draw in draws(1):
        passed, trials = counts(draw)
        estimate, test = clopper_pearson(passed, trials), stats.binomtest(passed, trials)
        for alpha in ALPHAS:
            assert ends(estimate, alpha) == close(tuple(proportion.proportion_confint(passed, trials, 2 * alpha, "beta")))
            assert ends(estimate, alpha) == close(tuple(test.proportion_ci(1 - 2 * alpha, "exact")), SEARCHED)


def test_the_two_p_values_of_a_share_are_those_of_the_binomial_test() -> None:
    for draw in draws(2):
        passed, trials = counts(draw)
        estimate, bar = clopper_pearson(passed, trials), float(draw.random())
        assert estimate.p_below(bar) == close_tail(stats.binomtest(passed, trials, bar, "less").pvalue)
        assert estimate.p_above(bar) == close_tail(stats.binomtest(passed, trials, bar, "greater").pvalue)


def test_tiny_error_levels_keep_their_digits() -> None:
    for draw in draws(3):
        passed, trials = counts(draw)
        for alpha in TINY:
            want = tuple(proportion.proportion_confint(passed, trials, 2 * alpha, "beta"))
            assert ends(clopper_pearson(passed, trials), alpha) == pytest.approx(want, rel=CLOSE, abs=0)


def test_the_ends_of_a_share_solve_the_binomial_sum_in_whole_numbers() -> None:
    def at_most(count: int, trials: int, share: Fraction) -> Fraction:
        return sum((math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(count + 1)), Fraction(0))

    for draw in draws(4, 16):
        passed, trials = counts(draw, 40)
        for alpha in (*ALPHAS, *TINY):
            lower, upper = map(Fraction, ends(clopper_pearson(passed, trials), alpha))
            assert passed == trials or float(at_most(passed, trials, upper)) == pytest.approx(alpha, rel=CLOSE)
            assert not passed or float(at_most(trials - passed, trials, 1 - lower)) == pytest.approx(alpha, rel=CLOSE)


def test_shares_of_repeated_runs_are_the_same_interval_at_a_fractional_count() -> None:
    for draw in draws(5):
        items, runs = int(draw.integers(2, 80)), int(draw.integers(2, 11))
        passed = Fraction(int(draw.integers(1, items * runs)), runs)
        for alpha in ALPHAS:
            want = tuple(proportion.proportion_confint(float(passed), items, 2 * alpha, "beta"))
            assert ends(item_beta(passed, items), alpha) == close(want)


def test_the_two_intervals_that_only_describe_are_those_of_statsmodels() -> None:
    for draw in draws(6):
        passed, trials = counts(draw)
        for alpha in ALPHAS:
            for ours, method in ((wilson, "wilson"), (jeffreys, "jeffreys")):
                assert ours(passed, trials, alpha) == close(tuple(proportion.proportion_confint(passed, trials, 2 * alpha, method)))


def test_the_fewest_zero_successes_are_the_first_count_whose_upper_end_is_under_the_bar() -> None:
    for draw in draws(7):
        bar, alpha = float(draw.uniform(0.02, 0.9)), float(draw.choice(ALPHAS))
        trials = np.arange(1, 400)
        upper = proportion.proportion_confint(np.zeros(len(trials)), trials, 2 * alpha, "beta")[1]
        assert fewest_zero_successes(bar, alpha) == trials[upper < bar][0]


def test_the_chance_to_rule_out_is_the_binomial_chance_of_the_counts_that_do() -> None:
    for draw in draws(8):
        items, truth, bar = int(draw.integers(2, 150)), float(draw.random()), float(draw.uniform(0.1, 0.9))
        planned = share_power(items, truth, bar)
        passed = np.arange(items + 1)
        upper = proportion.proportion_confint(passed, np.full(items + 1, items), 0.05, "beta")[1]
        assert isinstance(planned, SharePower)
        assert planned.power == close(stats.binom.pmf(passed[upper < bar], items, truth).sum())


def test_newcombes_difference_is_that_of_statsmodels() -> None:
    for draw in draws(9):
        (first, of_first), (second, of_second) = counts(draw), counts(draw)
        estimate = estimated(proportion_difference(first, of_first, second, of_second))
        for alpha in ALPHAS:
            want = proportion.confint_proportions_2indep(first, of_first, second, of_second, method="newcomb", alpha=2 * alpha)
            assert ends(estimate, alpha) == close(tuple(want))


def test_the_exact_mcnemar_test_is_that_of_both_packages() -> None:
    for draw in draws(10):
        both, lost, gained, neither = map(int, draw.integers(0, 30, 4))
        found = mcnemar_exact(both, lost, gained, neither)
        assert isinstance(found, ExactChange)
        assert found.p_two_sided == close(contingency_tables.mcnemar([[both, lost], [gained, neither]], exact=True).pvalue)
        for p, tail in ((found.p_drop, "less"), (found.p_jump, "greater")):
            assert lost + gained == 0 or p == close(stats.binomtest(gained, lost + gained, 0.5, tail).pvalue)


def test_a_paired_difference_is_the_paired_t_test() -> None:
    for draw in draws(11):
        n = int(draw.integers(2, 60))
        before, after = np.round(draw.random((2, n)), 3)
        estimate, test = estimated(paired_difference(before.tolist(), after.tolist())), stats.ttest_rel(after, before)
        for alpha in ALPHAS:
            assert ends(estimate, alpha) == close(tuple(test.confidence_interval(1 - 2 * alpha)))
        assert estimate.p_below(0) == close(stats.ttest_rel(after, before, alternative="less").pvalue)
        assert estimate.p_above(0) == close(stats.ttest_rel(after, before, alternative="greater").pvalue)


def test_the_clustered_error_of_a_mean_is_that_of_a_regression_on_a_constant() -> None:
    for draw in draws(12):
        labels = np.concatenate([np.full(size, at) for at, size in enumerate(draw.integers(1, 9, int(draw.integers(2, 15))))])
        scores = np.round(draw.random(len(labels)), 2)
        found = clustered_mean([Fraction(repr(each)) for each in scores.tolist()], labels.tolist())
        fits = [
            OLS(scores, np.ones(len(scores))).fit(cov_type="cluster", cov_kwds={"groups": labels, "use_correction": corrected})
            for corrected in (False, True)
        ]  # CR1 of a regression on one constant: (n-1)/(n-1) times G/(G-1)
        assert float(found.mean) == close(fits[0].params[0])
        assert [math.sqrt(found.variance_cr0), math.sqrt(found.variance_cr1)] == close([fit.bse[0] for fit in fits])


def test_with_clusters_of_equal_size_a_paired_difference_is_the_clustered_regression() -> None:
    for draw in draws(13):
        clusters, size = int(draw.integers(2, 15)), int(draw.integers(1, 7))
        before, after = np.round(draw.random((2, clusters * size)), 2)
        labels = np.repeat(np.arange(clusters), size)
        estimate = estimated(paired_difference(before.tolist(), after.tolist(), labels.tolist()))
        fit = OLS(after - before, np.ones(len(labels))).fit(cov_type="cluster", cov_kwds={"groups": labels}, use_t=True)
        for alpha in ALPHAS:
            assert ends(estimate, alpha) == close(tuple(fit.conf_int(2 * alpha)[0]))
        assert 2 * min(estimate.p_below(0), estimate.p_above(0)) == close(fit.pvalues[0])


def test_a_rate_has_the_exact_poisson_interval_of_statsmodels() -> None:
    for draw in draws(14):
        events, exposure = int(draw.choice([0, 1, int(draw.integers(2, 200))])), round(float(draw.uniform(0.1, 5000)), 2)
        rate = event_rate(events, exposure)
        assert isinstance(rate, PoissonRate)
        for alpha in (*ALPHAS, *TINY):
            want = rates.confint_poisson(events, exposure, "exact-c", 2 * alpha)
            assert ends(rate, alpha) == pytest.approx(tuple(np.nan_to_num(want)), rel=CLOSE, abs=0)
        bar = float(draw.uniform(0.2, 2.5)) * (events + 1) / exposure
        for p, tail in ((rate.p_below(bar), "smaller"), (rate.p_above(bar), "larger")):
            assert p == close_tail(rates.test_poisson(events, exposure, bar, method="exact-c", alternative=tail).pvalue)


def test_a_median_has_the_order_statistics_and_the_sign_test_of_scipy() -> None:
    for draw in draws(15):
        scores = draw.integers(0, int(draw.choice([6, 1000])), int(draw.integers(2, 60)))  # with many ties, and with few
        estimate, test = estimated(median(scores.tolist())), stats.quantile_test(scores)
        for alpha in ALPHAS:
            low, high = test.confidence_interval(1 - 2 * alpha)
            assert ends(estimate, alpha) == (-math.inf if math.isnan(low) else low, math.inf if math.isnan(high) else high)
        bar = int(draw.integers(scores.min(), scores.max() + 1))
        assert estimate.p_below(bar) == close(stats.quantile_test(scores, q=bar, alternative="less").pvalue)
        under = bar - 0.5  # a score at the bar has reached it, while scipy counts it as at most the bar
        assert estimate.p_above(bar) == close(stats.quantile_test(scores, q=under, alternative="greater").pvalue)


def test_a_geometric_mean_is_the_t_test_of_the_logarithms() -> None:
    for draw in draws(16):
        ratios = np.round(np.exp(draw.normal(0.5, 1, int(draw.integers(3, 40)))) + 0.01, 3)
        estimate, logs, bar = estimated(geometric_mean(ratios.tolist())), np.log(ratios), round(float(draw.uniform(0.5, 4)), 2)
        assert estimate.value == close(stats.gmean(ratios))
        for alpha in ALPHAS:
            assert ends(estimate, alpha) == close(tuple(np.exp(stats.ttest_1samp(logs, 0).confidence_interval(1 - 2 * alpha))))
        assert estimate.p_below(bar) == close(stats.ttest_1samp(logs, math.log(bar), alternative="less").pvalue)
        assert estimate.p_above(bar) == close(stats.ttest_1samp(logs, math.log(bar), alternative="greater").pvalue)


def test_pass_at_k_is_the_hypergeometric_chance_of_a_success_among_k() -> None:
    for draw in draws(17):
        attempts = int(draw.integers(1, 60))
        passed, k = int(draw.integers(0, attempts + 1)), int(draw.integers(1, attempts + 1))
        drawn = stats.hypergeom(attempts, passed, k)
        assert (float(pass_at_k(attempts, passed, k)), float(pass_all_k(attempts, passed, k))) == close((drawn.sf(0), drawn.pmf(k)))


def test_corrected_p_values_are_those_of_statsmodels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "collect", int)  # statsmodels collects all garbage after each correction, which here takes 10 seconds
    for draw in draws(18):
        p = np.round(draw.random(int(draw.integers(1, 15))) ** 3, 3)  # rounded: ties come up
        planned = len(p) + int(draw.integers(0, 4))
        missing = np.concatenate((p, np.ones(planned - len(p))))
        for ours, method in ((holm, "holm"), (bonferroni, "bonferroni"), (sidak, "sidak")):
            with np.errstate(divide="ignore"):  # statsmodels takes the logarithm of 1 - p where p is 1
                want = multitest.multipletests(missing, method=method)[1]
            assert ours(p.tolist(), planned) == close(tuple(want[: len(p)]))


def tasks_of(draw: Chance) -> list[Task]:
    """Tasks of unequal families whose chance of success falls with their length."""
    families, tasks = int(draw.integers(3, 10)), int(draw.integers(12, 40))
    minutes = np.round(2 ** draw.uniform(-2, 9, tasks), 2)
    chances = 1 / (1 + np.exp(-(3 - 0.7 * np.log2(minutes)) + draw.normal(0, 0.5, tasks)))
    attempts = draw.integers(3, 9, tasks)
    names = [*range(families), *draw.integers(0, families, tasks - families).tolist()]
    passed = draw.binomial(attempts, chances)
    return [Task(*each) for each in zip(minutes.tolist(), passed.tolist(), attempts.tolist(), names, strict=True)]


def lengths_not_excluded(fit: GLMResults, covariance: Floats, height: float, quantile: float) -> tuple[float, float]:
    """Ends of the log2 lengths at which the logit lies within so many standard errors of a height (Fieller 1954)."""
    intercept, slope = fit.params[0] - height, fit.params[1]
    (of_intercept, both), (_, of_slope) = quantile**2 * covariance
    if slope**2 <= of_slope:
        return -math.inf, math.inf
    low, high = sorted(np.roots([slope**2 - of_slope, 2 * (intercept * slope - both), intercept**2 - of_intercept]))
    return low, high


@pytest.mark.parametrize("drawn", [seeds(19), LENGTHS_LOST_IN_ROUNDING], ids=["usual", "lost_in_rounding"])
def test_a_time_horizon_is_the_logistic_regression_of_statsmodels_with_its_clustered_covariance(drawn: Sequence[int]) -> None:
    for draw in map(chance, drawn):
        tasks, reliability = tasks_of(draw), Fraction(str(draw.choice([0.5, 0.8])))
        curve, horizon = length_curve(tasks), time_horizon(tasks, reliability)
        assert isinstance(curve, LengthCurve)
        assert isinstance(horizon, HorizonEstimate)
        outcomes = [[each.successes, each.attempts - each.successes] for each in tasks]
        lengths = np.array([[1, math.log2(each.human_minutes)] for each in tasks])
        model, families = GLM(outcomes, lengths, family=Binomial()), np.array([each.family for each in tasks])
        plain = model.fit(**TIGHT)
        clustered = model.fit(**TIGHT, cov_type="cluster", cov_kwds={"groups": families, "use_correction": False})
        freedom, logit = len(set(families.tolist())) - 1, math.log(reliability / (1 - reliability))
        sandwich = clustered.cov_params() * (freedom + 1) / freedom  # HC0 times G/(G-1) (statistics a7)
        log2, quantile = (logit - plain.params[0]) / plain.params[1], stats.t.isf(0.025, freedom)
        gradient = np.array([1, log2]) / plain.params[1]  # of the horizon, up to its sign (delta method)
        modelled, error = (math.sqrt(gradient @ each @ gradient) for each in (plain.cov_params(), sandwich))
        assert (curve.intercept, curve.slope, horizon.log2_horizon) == close((*plain.params, log2))
        assert (curve.log2_error(curve.modelled, reliability), horizon.standard_error) == close((modelled, error))
        delta = (log2 - quantile * error, log2 + quantile * error)
        assert (horizon.delta_lower(0.025), horizon.delta_upper(0.025)) == close(tuple(np.exp2(delta)))
        others = [lengths_not_excluded(plain, each, logit, quantile) for each in (plain.cov_params(), sandwich)]
        low, high = ends(horizon)  # as wide as any of the three, and wider where few families inform
        assert low <= np.exp2(min(low for low, _ in (delta, *others))) * (1 + CLOSE)
        assert high >= np.exp2(max(high for _, high in (delta, *others))) * (1 - CLOSE)


def games_of(draw: Chance) -> tuple[list[str], list[Games]]:
    """Everybody against everybody, by strengths that differ."""
    players = [f"m{at}" for at in range(int(draw.integers(3, 8)))]
    strength = draw.normal(0, 0.8, len(players))
    games = []
    for one, other in combinations(range(len(players)), 2):
        played = int(draw.integers(8, 40))
        won = int(draw.binomial(played, 1 / (1 + math.exp(strength[other] - strength[one]))))
        games.append(Games(players[one], players[other], won, played))
    return players, games


@pytest.mark.parametrize("drawn", [seeds(20), GAMES_LOST_IN_ROUNDING], ids=["usual", "lost_in_rounding"])
def test_elo_ratings_are_the_logistic_regression_of_statsmodels_on_who_played_whom(drawn: Sequence[int]) -> None:
    for draw in map(chance, drawn):
        players, games = games_of(draw)
        found = ratings(games, "m0", 1000)
        assert isinstance(found, Ratings)
        design = np.zeros((len(games), len(players)))
        for row, each in zip(design, games, strict=True):
            row[players.index(each.a)], row[players.index(each.b)] = 1, -1
        outcomes = [[each.wins_a, each.games - each.wins_a] for each in games]
        fit = GLM(outcomes, design[:, 1:], family=Binomial()).fit(**TIGHT)  # the anchor is held at 0
        rated = [found.of(player) for player in players[1:]]
        assert [each.point for each in rated] == close([1000 + POINTS * each for each in fit.params])
        assert [each.standard_error for each in rated if isinstance(each, RatingEstimate)] == close(list(POINTS * fit.bse))
        for rating, want in zip(rated, fit.conf_int(), strict=True):
            assert ends(estimated(rating)) == close(tuple(1000 + POINTS * want))
        versus, contrast = found.difference("m1", "m2"), np.eye(len(players) - 1)[0] - np.eye(len(players) - 1)[1]
        assert isinstance(versus, RatingEstimate)
        assert versus.standard_error == close(POINTS * float(fit.t_test(contrast).sd[0, 0]))


def test_a_t_interval_keeps_the_tails_of_scipys_distribution() -> None:
    for draw in draws(21):
        freedom, error = float(draw.uniform(1, 80)), float(draw.uniform(0.1, 9))
        point, bar = round(float(draw.normal()), 3), round(float(draw.normal(0, 10)), 3)
        estimate = StudentEstimate(Fraction(str(point)), "t", None, (), standard_error=error, degrees_of_freedom=freedom)
        for alpha in (*ALPHAS, *TINY):
            half = error * stats.t.isf(alpha, freedom)
            assert ends(estimate, alpha) == close((point - half, point + half))
        assert estimate.p_below(bar) == close_tail(stats.t.sf(bar, freedom, point, error))
        assert estimate.p_above(bar) == close_tail(stats.t.cdf(bar, freedom, point, error))
