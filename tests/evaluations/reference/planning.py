"""Reference cases of section b, power, looks, permutations and resampling: each method by the public function that answers it."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from evaluations.estimate import Unestimable
from evaluations.uplift.looks import sequential_bounds
from evaluations.uplift.permutations import permutation_difference, permutation_ratio
from evaluations.uplift.power import RatioPlan, people_needed, planned_power
from evaluations.uplift.resampling import ratio_bootstrap
from tests.evaluations.reference.cases import Case, error, exact, refused

SEED = 20260101  # any: a case that depends on it is wider than its tolerance


def scores(given: Case | list[float]) -> list[Fraction | None]:
    return [each if each is None else exact(each) for each in (given if isinstance(given, list) else given["scores"])]


def arms(given: Case) -> tuple[list[Fraction | None], list[Fraction | None]]:
    return scores(given["treatment"]), scores(given["control"])


def difference(given: Case) -> Case:
    test = permutation_difference(*arms(given), seed=SEED)
    if isinstance(test, Unestimable):
        return refused(test)
    p = {"p_greater": test.p_greater, "p_less": test.p_less, "p_two_sided": test.p_two_sided}
    return {"difference": test.statistic, "n_assignments": test.n_assignments, **p}


def studentised(given: Case) -> Case:
    test = permutation_ratio(*arms(given), exact(given["bar"]), seed=SEED)
    if isinstance(test, Unestimable):
        return refused(test)
    return {"t": test.statistic, "n_assignments": test.n_assignments, "p_rule_out": test.p_rule_out, "p_rule_in": test.p_rule_in}


def bootstrapped(given: Case) -> Case:
    alpha = error(given) if given.get("level") is not None else 0.025
    found = ratio_bootstrap(*arms(given), SEED, given.get("resamples") or 100_000, alpha)
    if isinstance(found, Unestimable):
        return refused(found)
    ends = {
        "bca_lower": found.bca_lower, "bca_upper": found.bca_upper,
        "percentile_lower": found.percentile_lower, "percentile_upper": found.percentile_upper,
    }  # fmt: skip
    return {"estimate": found.ratio, **ends, "bootstrap_se": found.standard_error}


def power(given: Case) -> Case:
    named: list[Any] = [given[each] for each in ("mean_control", "sd_control", "sd_treatment", "true_ratio", "bar")]
    numbers: list[Any] = [each if each is None else exact(each) for each in named]
    plan = RatioPlan(*numbers)
    n = given.get("n_per_arm")
    counts: tuple[Any, Any] = (given.get("n_treatment", n), given.get("n_control", n))
    planned = planned_power(plan, *counts, given["alpha"])
    if isinstance(planned, Unestimable):
        return refused(planned)
    target = given.get("target_power")
    needed = None if target is None else people_needed(plan, target, given["alpha"])
    reachable = None if needed is None or isinstance(needed, Unestimable) else needed.n_treatment
    return {"power": planned.power, "n_per_arm_for_target": reachable}


def looks(given: Case) -> Case:
    bounds = sequential_bounds([exact(each) for each in given["information_fractions"]], given["alpha"])
    if isinstance(bounds, Unestimable):
        return refused(bounds)
    return {"z": bounds.z, "nominal_p": bounds.nominal, "cumulative_alpha": bounds.cumulative}


ADAPTERS: dict[str, Callable[[Case], Case]] = {
    "permutation_exact": difference,
    "permutation_ratio_studentised": studentised,
    "ratio_bca": bootstrapped,
    "power_rule_out_ratio": power,
    "group_sequential_bounds": looks,
}
