"""Reference cases of section b, uplift trials: each method of the file by the public function that answers it.

An arm without a stated kind of plus-minus is read every way, all arms alike, and the least favourable end decides; an arm without a
count is three people. What is refused answers in both forms the file knows: refused, and an interval that is not computable.
"""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from evaluations.estimate import Unestimable
from evaluations.quantiles import t_quantile, z_quantile
from evaluations.records import SpreadKind
from evaluations.summaries import SpreadMeaning, StudentEstimate, meanings
from evaluations.uplift.arms import ArmSummary, MeasuredArm
from evaluations.uplift.ratios import FiellerEstimate, fieller_covariance, fieller_welch, log_ratio, stratified, welch_difference
from tests.evaluations.reference.cases import Case, error, exact, refused

Given = Case | list[float]
KINDS = {"sd": SpreadKind.STANDARD_DEVIATION, "se": SpreadKind.STANDARD_ERROR, "ci95": SpreadKind.INTERVAL_HALF_WIDTH}


def one_sided(given: Case) -> float:
    """One-sided error of the stated level, else as stated, else that of 95 %."""
    return float(given.get("alpha") or 0.025) if given.get("level") is None else error(given)


def read(score: float | None) -> Fraction | float | None:
    """A score as written; what is missing or no finite number goes in as it is, to be refused."""
    return exact(score) if isinstance(score, int | float) and math.isfinite(score) else score


def arm(given: Given, meaning: SpreadMeaning) -> MeasuredArm:
    scores = given if isinstance(given, list) else given.get("scores")
    if scores is not None:
        return ArmSummary.of_scores([read(score) for score in scores])
    assert isinstance(given, dict)
    if given.get("mean") is None or given.get("spread") is None:
        return Unestimable("no_spread_and_no_count", "a mean and a plus-minus are needed")
    own = KINDS.get(given.get("kind"))
    said = meaning if own is None else SpreadMeaning(own, exact(given["ci_level"]) if given.get("ci_level") else Fraction(95, 100))
    return ArmSummary.of_summary(read(given["mean"]), read(given["spread"]), said, given.get("n"))


def readings(arms: Sequence[Given]) -> tuple[SpreadMeaning, ...]:
    """Every meaning to try: three if an arm leaves its plus-minus open, any one if none does."""
    open_ones = any(isinstance(each, dict) and each.get("scores") is None and each.get("kind") not in KINDS for each in arms)
    return meanings(SpreadKind.UNSPECIFIED if open_ones else SpreadKind.STANDARD_DEVIATION)


def not_computable(outcome: Unestimable) -> Case:
    return {**refused(outcome), "estimate": None, "interval": "not_computable"}


def difference(given: Case) -> Case:
    arms = (given["treatment"], given["control"])
    outcomes = [welch_difference(*(arm(each, meaning) for each in arms)) for meaning in readings(arms)]
    for outcome in outcomes:
        if isinstance(outcome, Unestimable):
            return not_computable(outcome)
    every = [each for each in outcomes if isinstance(each, StudentEstimate)]
    widest, alpha = max(every, key=lambda each: each.standard_error), one_sided(given)
    found: Case = {
        "difference": widest.value, "se": widest.standard_error, "df": widest.degrees_of_freedom,
        "lower": min(each.lower(alpha) for each in every), "upper": max(each.upper(alpha) for each in every),
        "p_two_sided": max(2 * min(each.p_below(0), each.p_above(0)) for each in every),
    }  # fmt: skip
    if given.get("bar") is not None:
        bar = exact(given["bar"])
        found["p_less_than_bar"] = max(each.p_below(bar) for each in every)
        found["p_greater_than_bar"] = max(each.p_above(bar) for each in every)
    return found


def interval(every: Sequence[FiellerEstimate], alpha: float) -> Case:
    """Estimate, ends and shape over every reading: the least favourable on either side."""
    low, high = min(each.fieller_lower(alpha) for each in every), max(each.upper(alpha) for each in every)
    shape = "bounded" if high < math.inf else "whole_line" if low == -math.inf else "upper_unbounded"
    return {"estimate": every[0].value, "interval": shape, "lower": low, "upper": high}


def ratio(given: Case) -> Case:
    arms, alpha = (given["treatment"], given["control"]), one_sided(given)
    outcomes = [fieller_welch(*(arm(each, meaning) for each in arms)) for meaning in readings(arms)]
    for outcome in outcomes:
        if isinstance(outcome, Unestimable):
            return not_computable(outcome)
    every = [each for each in outcomes if isinstance(each, FiellerEstimate)]
    found = interval(every, alpha)
    for number in given.get("bars") or ():
        bar = exact(number)
        deciding = max(every, key=lambda each: each.p_below(bar))
        t, df = deciding.contrast.t_at(number)
        found[f"bar_{number}"] = {
            "t": t, "df": df, "p_rule_out": deciding.p_below(bar), "p_rule_in": max(each.fieller_p_above(bar) for each in every),
            "p_rule_in_log": max(each.log_p_above(bar) for each in every),
            "ruled_out": found["upper"] < bar, "ruled_in": all(each.lower(alpha) >= bar for each in every),
        }  # fmt: skip
    return found


def on_log_scale(given: Case) -> Case:
    arms, alpha = (given["treatment"], given["control"]), one_sided(given)
    every = []
    for meaning in readings(arms):
        outcome = log_ratio(*(arm(each, meaning) for each in arms))
        if isinstance(outcome, Unestimable):
            return not_computable(outcome)
        every.append(outcome)
    widest = max(every, key=lambda each: each.standard_error)
    ends = [(each.bounds(z_quantile(alpha)), each.bounds(t_quantile(each.degrees_of_freedom, alpha))) for each in every]
    return {
        "log_ratio": widest.log_ratio, "ratio": math.exp(widest.log_ratio), "se": widest.standard_error, "df": widest.degrees_of_freedom,
        "z_lower": min(z[0] for z, _ in ends), "z_upper": max(z[1] for z, _ in ends),
        "t_lower": min(t[0] for _, t in ends), "t_upper": max(t[1] for _, t in ends),
    }  # fmt: skip


def covariance(given: Case) -> Case:
    needed = [given.get(each) for each in ("mean_treatment", "mean_control", "var_treatment", "var_control", "df")]
    if any(each is None for each in needed):
        return not_computable(Unestimable("no_spread_and_no_count", "both means, their variances and the degrees of freedom are needed"))
    means, variances = (exact(needed[0]), exact(needed[1])), (needed[2], needed[3])
    estimate = fieller_covariance(means, variances, given.get("cov") or 0.0, needed[4])
    if isinstance(estimate, Unestimable):
        return not_computable(estimate)
    found = interval([estimate], one_sided(given))
    return found if given.get("bar") is None else {**found, "t_at_bar": estimate.contrast.t_at(given["bar"])[0]}


def strata(given: Case) -> Case:
    groups, alpha = [(group["treatment"], group["control"]) for group in given["groups"]], one_sided(given)
    weights = None if given.get("weights") is None else [exact(weight) for weight in given["weights"]]
    every = []
    for meaning in readings([each for group in groups for each in group]):
        outcome = stratified([(arm(model, meaning), arm(control, meaning)) for model, control in groups], summing_to_one(weights))
        if isinstance(outcome, Unestimable):
            return not_computable(outcome)
        every.append(outcome)
    found = interval(every, alpha)
    if given.get("bar") is not None:
        bar = exact(given["bar"])
        deciding = max(every, key=lambda each: each.p_below(bar))
        t, df = deciding.contrast.t_at(given["bar"])
        found |= {"t_at_bar": t, "df_at_bar": df, "p_rule_out": deciding.p_below(bar), "ruled_out": found["upper"] < bar}
    return found


def summing_to_one(weights: Sequence[Fraction] | None) -> list[Fraction] | None:
    """Weights as the file prints them, where a third is cut off: divided by their sum, which must be 1 as printed."""
    if weights is None:
        return None
    total = sum(weights, Fraction(0))
    assert abs(total - 1) < Decimal("1e-6"), "found weights that do not sum to 1"
    return [weight / total for weight in weights]


ADAPTERS: dict[str, Callable[[Case], Case]] = {
    "welch_difference": difference,
    "ratio_fieller_welch": ratio,
    "ratio_log_delta": on_log_scale,
    "ratio_fieller_covariance": covariance,
    "stratified_ratio": strata,
    "stratified_ratio_summary": strata,
}
