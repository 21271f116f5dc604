"""Reference cases of section c, the max over snapshots and combined indicators: each method by the public function that answers it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.maxima import bonferroni, expected_maximum_excess, max_t, sidak
from evaluations.proportions import proportion
from evaluations.records import RiskierWhen
from tests.evaluations.reference.cases import Case, exact, refused
from thresholds.bars import Bars, judge
from thresholds.combining import kth_largest, partial_conjunction
from thresholds.criterion import crossings_needed
from thresholds.outcomes import Compared, Decides, Rule, VerdictOutcome
from thresholds.snapshots import contender, max_over_snapshots

ALPHA = 0.025  # of cases that give bounds at the decision level and no level
SEED = 1  # of a quasi-random integral
BARS = Bars(Fraction(0), Fraction(0), RiskierWhen.HIGHER, Compared.BOUND, Decides.BOTH, ALPHA, ALPHA)


def over_snapshots(given: Case) -> Case:
    alpha, bar = given["alpha"], exact(given["bar"])
    bars = replace(BARS, rule_out=bar, rule_in=bar, alpha_out=alpha, alpha_in=alpha)
    estimates = [proportion(each["successes"], each["n"]) for each in given["snapshots"]]
    whole = max_over_snapshots(estimates, given["planned_variants"], bars)
    each = [contender(str(place), estimate, bars.over(whole.corrected_for)) for place, estimate in enumerate(estimates)]
    p_in = [one.p_rule_in for one in each]
    return {
        "max_estimate": whole.highest_observed, "upper": [one.upper for one in each], "upper_of_max": max(one.upper for one in each),
        "p_rule_out": [one.p_rule_out for one in each], "p_rule_out_max": max(one.p_rule_out for one in each),
        "ruled_out": whole.verdict is VerdictOutcome.RULED_OUT,
        "p_rule_in": p_in, "p_rule_in_holm": [whole.p_rule_in_holm[one.name] for one in each],
        "p_rule_in_bonferroni": bonferroni(p_in, whole.corrected_for), "p_rule_in_sidak": sidak(p_in, whole.corrected_for),
        "lower_bonferroni": [one.lower for one in each], "lower_of_max": whole.lower,
        "ruled_in": whole.verdict is VerdictOutcome.CROSSED,
    }  # fmt: skip


def conjunction(given: Case) -> Case:
    found = partial_conjunction(given["p_rule_out"], given["p_rule_in"], given["k"])
    if isinstance(found, Unestimable):
        return refused(found)
    decided = {"ruled_out": found.p_rule_out < given["alpha"], "crossed": found.p_rule_in <= given["alpha"]}
    return {"p_rule_out": found.p_rule_out, "p_rule_in": found.p_rule_in, **decided}


@dataclass(frozen=True)
class AtDecisionLevel(Estimate):
    """An estimate known by its bounds at the level that decides."""

    low: Fraction | float
    high: Fraction | float

    def lower(self, alpha: float) -> float:  # noqa: ARG002 - the one level there is
        return self.low  # type: ignore[return-value] # exact, so that a bound at its bar is at it

    def upper(self, alpha: float) -> float:  # noqa: ARG002 - the one level there is
        return self.high  # type: ignore[return-value]

    def p_below(self, bar: Bar) -> float:
        return 0.0 if self.high < bar else 1.0

    def p_above(self, bar: Bar) -> float:
        return 0.0 if self.low >= bar else 1.0


def of_variant(given: Case) -> Estimate | Unestimable:
    point = given["estimate"]
    if given["status"] != "scored" or point is None:
        return Unestimable("not_measured", given["status"])
    low, high = given["lower"], given["upper"]
    if low is None and high is None:
        return Unestimable("no_spread_and_no_count", "a point alone", exact(point))
    ends = (float("-inf") if low is None else exact(low), float("inf") if high is None else exact(high))
    return AtDecisionLevel(exact(point), "as given", None, (), *ends)


def truth_table(given: Case) -> Case:
    found = []
    for scenario in given["scenarios"]:
        bars = replace(BARS, rule_out=exact(scenario["bars"]["rule_out"]), rule_in=exact(scenario["bars"]["rule_in"]))
        estimates = [of_variant(each) for each in scenario["variants"]]
        whole = max_over_snapshots(estimates, len(estimates), bars)
        found.append({"name": scenario["name"], "variants": [judge(each, bars).verdict for each in estimates], "indicator": whole.verdict})
    return {"scenarios": found}


def combined(given: Case) -> Case:
    found = []
    for scenario in given["scenarios"]:
        verdicts = [VerdictOutcome(each) for each in scenario["indicators"]]
        k = crossings_needed(Rule(scenario["rule"]), scenario.get("k"), len(verdicts))
        found.append({"name": scenario["name"], "threshold": kth_largest(verdicts, k)})
    return {"scenarios": found}


def largest_of_correlated(given: Case) -> Case:
    matrix = [[exact(each) for each in row] for row in given["correlation"]]
    found = max_t(matrix, [exact(each) for each in given["z"]], given["alpha"], SEED)
    return refused(found) if isinstance(found, Unestimable) else {"critical_value": found.critical_value, "adjusted_p": found.adjusted_p}


def overstatement(given: Case) -> Case:
    means, errors = ([exact(each) for each in given[name]] for name in ("means", "sds"))
    found = expected_maximum_excess(means, errors, exact(given["rho"]))
    return refused(found) if isinstance(found, Unestimable) else {"expected_max_minus_true_max": found.excess}


ADAPTERS: dict[str, Callable[[Case], Case]] = {
    "max_over_snapshots": over_snapshots,
    "partial_conjunction": conjunction,
    "indicator_verdict": truth_table,
    "combine_indicators": combined,
    "max_t": largest_of_correlated,
    "expected_max_bias": overstatement,
}
