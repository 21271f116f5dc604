"""Every reference case whose method exists is computed and compared with the value an independent package gave.

Left out: the methods in ``NOT_COVERED``, and nothing else; a test holds the list to what remains.
"""

import json
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from evaluations.clusters import EffectiveCountEstimate, clustered_mean, items_estimate, pass_all_k, pass_at_k
from evaluations.estimate import Estimate, Unestimable
from evaluations.proportions import clopper_pearson, fewest_zero_successes, item_beta, jeffreys, wilson
from evaluations.quantiles import UNIT, t_quantile, z_quantile
from evaluations.ratios import (
    ArmSummary,
    Contrast,
    FiellerEstimate,
    fieller_covariance,
    fieller_welch,
    log_delta,
    stratified,
    welch_difference,
)
from evaluations.records import ItemResult, SpreadKind, Statistic
from evaluations.summaries import EnvelopeEstimate, SpreadMeaning, StudentEstimate, meanings, summary

CASES = json.loads((Path(__file__).parents[1] / "data" / "statistics" / "cases.json").read_text())["cases"]

NOT_COVERED = {
    "fixed_items_mean", "paired_difference", "mcnemar_exact", "proportion_difference", "geometric_mean_ratio", "tolerance_max",
    "time_horizon", "time_horizon_clustered", "elo_bradley_terry", "permutation_exact", "permutation_ratio_studentised", "ratio_bca",
    "risk_ratio", "meta_analysis", "ancova_lin", "power_rule_out_ratio", "group_sequential_bounds", "max_over_snapshots", "max_t",
    "partial_conjunction", "expected_max_bias", "indicator_verdict", "combine_indicators", "snapshot_drops", "trend_fit",
    "crossing_distribution", "censored_trend", "slope_ratio", "trend_outlier", "meta_regression_trend", "reassessment_triggers",
}  # fmt: skip

Case = dict[str, Any]


def exact(number: float) -> Fraction:
    """The number as written, not as the float nearest to it."""
    return Fraction(repr(number))


def error(given: Case) -> float:
    """One-sided error of a two-sided level."""
    return float((1 - exact(given["level"])) / 2)


def refused(outcome: Unestimable) -> Case:
    return {"refused": True, "reason": outcome.reason}


def proportion_ci(given: Case) -> Case:
    x, n, alpha = exact(given["successes"]), given["n"], error(given)
    if given["method"] in ("wilson", "jeffreys"):
        lower, upper = {"wilson": wilson, "jeffreys": jeffreys}[given["method"]](float(x), n, alpha)
        return {"estimate": float(x / n), "lower": lower, "upper": upper}
    estimate = clopper_pearson(x, n) if x.denominator == 1 else item_beta(x, n)
    return {"estimate": estimate.value, "lower": estimate.lower(alpha), "upper": estimate.upper(alpha)}


def proportion_vs_bar(given: Case) -> Case:
    estimate, bar, alpha = clopper_pearson(given["successes"], given["n"]), exact(given["bar"]), given["alpha"]
    upper, lower = estimate.upper(alpha), estimate.lower(alpha)
    return {
        "p_rule_out": estimate.p_below(bar), "upper": upper, "ruled_out": upper < bar,
        "p_rule_in": estimate.p_above(bar), "lower": lower, "ruled_in": lower >= bar,
    }  # fmt: skip


def zero_success_n(given: Case) -> Case:
    return {"n": fewest_zero_successes(exact(given["bar"]), given["alpha"])}


def item_means(given: Case) -> list[Fraction]:
    return [sum(map(exact, attempts), Fraction(0)) / len(attempts) for attempts in given["attempts"]]


def t_ends(mean: Fraction, variance: Fraction, df: float, alpha: float) -> tuple[float, float]:
    estimate = StudentEstimate(mean, "student_t", None, (), standard_error=math.sqrt(variance), degrees_of_freedom=df)
    return estimate.lower(alpha), estimate.upper(alpha)


def clustered(given: Case) -> Case:
    found = clustered_mean(item_means(given), given["clusters"])
    df = float(found.degrees_of_freedom)
    lower, upper = t_ends(found.mean, found.variance_cr2, df, error(given))
    errors = {f"se_{name}": math.sqrt(getattr(found, f"variance_{name}")) for name in ("cr0", "cr1", "cr2")}
    counts = {"n_items": found.items, "n_clusters": found.clusters}
    return {"mean": float(found.mean), **errors, "df": df, "lower": lower, "upper": upper, **counts}


def item_beta_interval(given: Case) -> Case:
    means = item_means(given)
    estimate = item_beta(sum(means, Fraction(0)), len(means))
    ends = {"lower": estimate.lower(given["alpha"]), "upper": estimate.upper(given["alpha"])}
    return {"mean": estimate.value, "n_effective": estimate.observations, **ends}


def effective_n_interval(given: Case) -> Case:
    found, alpha = clustered_mean(item_means(given), given["clusters"]), given["alpha"]
    estimate = EffectiveCountEstimate(
        found.mean, "effective_n", found.items, (),
        clustered=found, df_adjust=given["df_adjust"], cap=given["cap"], prior_df=given.get("prior_df") or 0,
    )  # fmt: skip
    ends = {"lower": estimate.lower(alpha), "upper": estimate.upper(alpha)}
    return {"mean": estimate.value, "n_effective": estimate.effective_n(alpha), "degenerate": estimate.degenerate, **ends}


def passes_at_k(given: Case) -> Case:
    counts, k = list(zip(given["n_attempts"], given["n_correct"], strict=True)), given["k"]
    items = [ItemResult(item=f"i{at}", attempts=(1,) * c + (0,) * (n - c)) for at, (n, c) in enumerate(counts)]
    outcome = items_estimate(items, UNIT, Statistic.PASS_AT_K, k)
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    each = [pass_at_k(n, c, k) for n, c in counts]
    found = clustered_mean(each, given["clusters"])
    assert outcome.point == found.mean
    df = float(found.degrees_of_freedom)
    lower, upper = t_ends(found.mean, found.variance_cr2, df, error(given))
    every = sum((pass_all_k(n, c, k) for n, c in counts), Fraction(0)) / len(counts)
    spread = {"se_cr2": math.sqrt(found.variance_cr2), "df": df, "t_lower": lower, "t_upper": upper}
    return {"per_item": list(map(float, each)), "mean": float(found.mean), "pass_all_k": float(every), **spread}


def summary_mean_bound(given: Case) -> Case:
    kind, n, alpha, spread = SpreadKind(given["kind"]), given["n"], given["alpha"], given["spread"]
    level = exact(given["ci_level"]) if "ci_level" in given else Fraction(95, 100)
    ends = map(exact, given["bounds"]) if given["bounds"] else (None, None)
    width = None if spread is None else exact(spread)
    outcome = summary(exact(given["mean"]), width, kind, n, level if kind is SpreadKind.INTERVAL_HALF_WIDTH else None, *ends)
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    assert width is not None
    found = {each.name: each for each in outcome.readings} if isinstance(outcome, EnvelopeEstimate) else {}
    readings = {}
    for meaning in meanings(kind, level):
        alone = summary(exact(given["mean"]), width, meaning.kind, n, meaning.level)  # without a scale nothing is impossible
        assert isinstance(alone, Estimate)
        readings[meaning.name.rstrip("0123456789")] = {
            "se": meaning.standard_error(width, n), "lower": alone.lower(alpha), "upper": alone.upper(alpha),
            "admissible": found[meaning.name].admissible == "possible" if found else True,
        }  # fmt: skip
    known = {"df": (n or 3) - 1, "n_assumed": n or 3}
    return {**known, "readings": readings, "lower": outcome.lower(alpha), "upper": outcome.upper(alpha)}


def arm(given: Case | list[float]) -> ArmSummary:
    if isinstance(given, list) or "scores" in given:
        return ArmSummary.of_scores([exact(score) for score in (given if isinstance(given, list) else given["scores"])])
    kind = {"sd": "sd", "se": "se", "ci95": "ci"}[given["kind"]]
    return ArmSummary.of_summary(exact(given["mean"]), exact(given["spread"]), SpreadMeaning(SpreadKind(kind)), given["n"])


def difference(given: Case) -> Case:
    estimate, alpha, bar = welch_difference(arm(given["treatment"]), arm(given["control"])), error(given), exact(given["bar"])
    assert isinstance(estimate, StudentEstimate)
    return {
        "difference": estimate.value, "se": estimate.standard_error, "df": estimate.degrees_of_freedom,
        "lower": estimate.lower(alpha), "upper": estimate.upper(alpha), "p_two_sided": 2 * min(estimate.p_below(0), estimate.p_above(0)),
        "p_less_than_bar": estimate.p_below(bar), "p_greater_than_bar": estimate.p_above(bar),
    }  # fmt: skip


def ratio(given: Case) -> Case:
    estimate = fieller_welch(arm(given["treatment"]), arm(given["control"]))
    if isinstance(estimate, Unestimable):
        return {"estimate": None, "interval": "not_computable", "reason": estimate.reason}
    alpha, on_log = given["alpha"], log_delta(estimate.contrast)
    ends = {"lower": estimate.fieller_lower(alpha), "upper": estimate.upper(alpha)}
    found: Case = {"estimate": estimate.value, "interval": estimate.interval(alpha), **ends}
    for number in given["bars"]:
        bar = exact(number)
        t, df = estimate.contrast.t_at(number)
        found[f"bar_{number}"] = {
            "t": t, "df": df, "p_rule_out": estimate.p_below(bar), "p_rule_in": estimate.fieller_p_above(bar),
            "p_rule_in_log": on_log.p_above(bar) if on_log else 1.0,
            "ruled_out": estimate.upper(alpha) < bar, "ruled_in": estimate.lower(alpha) >= bar,
        }  # fmt: skip
    return found


def on_log_scale(given: Case) -> Case:
    found, alpha = log_delta(Contrast.of_arms([(arm(given["treatment"]), arm(given["control"]))], [Fraction(1)])), error(given)
    assert found is not None
    z, t = found.bounds(z_quantile(alpha)), found.bounds(t_quantile(found.degrees_of_freedom, alpha))
    ends = {"z_lower": z[0], "z_upper": z[1], "t_lower": t[0], "t_upper": t[1]}
    spread = {"se": found.standard_error, "df": found.degrees_of_freedom}
    return {"log_ratio": found.log_ratio, "ratio": math.exp(found.log_ratio), **spread, **ends}


def covariance(given: Case) -> Case:
    means = (exact(given["mean_treatment"]), exact(given["mean_control"]))
    estimate = fieller_covariance(means, (given["var_treatment"], given["var_control"]), given["cov"], given["df"])
    alpha, t = error(given), estimate.contrast.t_at(given["bar"])[0]
    ends = {"lower": estimate.fieller_lower(alpha), "upper": estimate.upper(alpha)}
    return {"estimate": estimate.value, "interval": estimate.interval(alpha), **ends, "t_at_bar": t}


def strata(given: Case) -> Case:
    pairs = [(arm(group["treatment"]), arm(group["control"])) for group in given["groups"]]
    estimate = stratified(pairs, [exact(weight) for weight in given["weights"]])
    assert isinstance(estimate, FiellerEstimate)
    alpha, (t, df) = error(given), estimate.contrast.t_at(given["bar"])
    ends = {"lower": estimate.fieller_lower(alpha), "upper": estimate.upper(alpha)}
    return {"estimate": estimate.value, **ends, "t_at_bar": t, "df_at_bar": df, "p_rule_out": estimate.p_below(exact(given["bar"]))}


ADAPTERS: dict[str, Callable[[Case], Case]] = {
    "proportion_ci": proportion_ci,
    "proportion_vs_bar": proportion_vs_bar,
    "zero_success_n": zero_success_n,
    "clustered_mean": clustered,
    "item_beta_interval": item_beta_interval,
    "effective_n_interval": effective_n_interval,
    "pass_at_k": passes_at_k,
    "summary_mean_bound": summary_mean_bound,
    "welch_difference": difference,
    "ratio_fieller_welch": ratio,
    "ratio_log_delta": on_log_scale,
    "ratio_fieller_covariance": covariance,
    "stratified_ratio": strata,
    "stratified_ratio_summary": strata,
}


def agree(got: Any, want: Any, tolerance: Case, at: str) -> None:
    """Compare as the file of cases says; what the case does not state is not compared."""
    if isinstance(want, dict):
        for name, each in want.items():
            agree(got[name], each, tolerance, f"{at}.{name}")
    elif isinstance(want, list):
        assert len(got) == len(want), at
        for place, (one, other) in enumerate(zip(got, want, strict=True)):
            agree(one, other, tolerance, f"{at}[{place}]")
    elif isinstance(want, bool) or want is None or (isinstance(want, str) and want not in ("inf", "-inf")):
        assert got == want, at
    elif isinstance(want, str):
        assert got == float(want), at
    else:
        assert abs(got - want) <= tolerance["abs"] + tolerance["rel"] * abs(want), f"{at}: {got} instead of {want}"


@pytest.mark.parametrize("case", [each for each in CASES if each["method"] in ADAPTERS], ids=lambda case: f"{case['id']}-{case['method']}")
def test_a_reference_case_comes_out_as_the_independent_package_has_it(case: Case) -> None:
    agree(ADAPTERS[case["method"]](case["input"]), case["expected"], case["tolerance"], case["id"])


def test_the_methods_not_covered_are_exactly_those_listed() -> None:
    assert {case["method"] for case in CASES} - set(ADAPTERS) == NOT_COVERED
