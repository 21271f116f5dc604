"""Reference cases of section a, one score: each method of the file by the public function that answers it."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from evaluations.clusters import ClusteredMean, clustered_mean, effective_n, items_estimate
from evaluations.differences import mcnemar_exact, paired_difference, proportion_difference
from evaluations.estimate import Estimate, Unestimable
from evaluations.fixed_items import fixed_items_mean
from evaluations.item_scores import ItemScores, cluster_labels, item_scores, pass_all_k, pass_at_k
from evaluations.proportions import fewest_zero_successes, jeffreys, proportion, wilson
from evaluations.quantiles import UNIT
from evaluations.records import ItemResult, SpreadKind, Statistic
from evaluations.speedups import BestOf, best_of, confidence_below_best, geometric_mean, tolerance_runs
from evaluations.summaries import EnvelopeEstimate, StudentEstimate, meanings, student_estimate, summary
from tests.evaluations.reference.cases import Case, error, exact, refused


def number(given: float | None) -> Fraction | None:
    """A number as written; null is unknown."""
    return None if given is None else exact(given)


def ends(estimate: Estimate, alpha: float) -> dict[str, float]:
    return {"lower": estimate.lower(alpha), "upper": estimate.upper(alpha)}


def proportion_ci(given: Case) -> Case:
    x, n, alpha = number(given["successes"]), number(given["n"]), error(given)
    outcome = proportion(x, n)
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    if given["method"] in ("wilson", "jeffreys"):
        describe = {"wilson": wilson, "jeffreys": jeffreys}[given["method"]]
        lower, upper = describe(float(outcome.passed), float(outcome.trials), alpha)
        return {"estimate": outcome.value, "lower": lower, "upper": upper}
    return {"estimate": outcome.value, **ends(outcome, alpha)}


def proportion_vs_bar(given: Case) -> Case:
    estimate, bar, alpha = proportion(number(given["successes"]), number(given["n"])), exact(given["bar"]), given["alpha"]
    if isinstance(estimate, Unestimable):
        return refused(estimate)
    upper, lower = estimate.upper(alpha), estimate.lower(alpha)
    return {
        "p_rule_out": estimate.p_below(bar), "upper": upper, "ruled_out": upper < bar,
        "p_rule_in": estimate.p_above(bar), "lower": lower, "ruled_in": lower >= bar,
    }  # fmt: skip


def zero_success_n(given: Case) -> Case:
    return {"n": fewest_zero_successes(exact(given["bar"]), given["alpha"])}


def measured(given: Case) -> list[ItemResult]:
    """The items of a case as they would be recorded; an attempt that is null was not scored."""
    clusters = given.get("clusters") or [None] * len(given["attempts"])
    names = {label: f"c{at}" for at, label in enumerate(dict.fromkeys(clusters)) if label is not None}
    attempts = [[None if each is None else Decimal(repr(each)) for each in item] for item in given["attempts"]]
    return [
        ItemResult(item=f"i{at}", cluster=names.get(label), attempts=tuple(each))
        for at, (label, each) in enumerate(zip(clusters, attempts, strict=True))
    ]


def scored(given: Case) -> ItemScores | Unestimable:
    """Item scores of a case in its own units, refused where an interval over items would be."""
    return item_scores(measured(given), None)


def over_clusters(given: Case) -> ClusteredMean | Unestimable:
    found = scored(given)
    if isinstance(found, Unestimable):
        return found
    enough = len(set(found.clusters or range(len(found.scores)))) > 1
    if enough and not clustered_mean(found.scores, found.clusters).no_spread:
        return clustered_mean(found.scores, found.clusters)
    outcome = items_estimate(measured(given), None)
    assert isinstance(outcome, Unestimable)
    return outcome


def t_ends(mean: Fraction, variance: Fraction, df: float, alpha: float) -> tuple[float, float]:
    estimate = student_estimate(mean, "student_t", None, (), math.sqrt(variance), df)
    assert isinstance(estimate, StudentEstimate)
    return estimate.lower(alpha), estimate.upper(alpha)


def clustered(given: Case) -> Case:
    found = over_clusters(given)
    if isinstance(found, Unestimable):
        return refused(found)
    df = float(found.degrees_of_freedom)
    lower, upper = t_ends(found.mean, found.variance_cr2, df, error(given))
    errors = {f"se_{name}": math.sqrt(getattr(found, f"variance_{name}")) for name in ("cr0", "cr1", "cr2")}
    counts = {"n_items": found.items, "n_clusters": found.clusters}
    return {"mean": float(found.mean), **errors, "df": df, "lower": lower, "upper": upper, **counts}


def item_beta_interval(given: Case) -> Case:
    found = scored(given)
    if isinstance(found, Unestimable):
        return refused(found)
    outcome = proportion(sum(found.scores, Fraction(0)), len(found.scores))
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    return {"mean": outcome.value, "n_effective": outcome.observations, **ends(outcome, given["alpha"])}


def effective_n_interval(given: Case) -> Case:
    found, alpha = scored(given), given["alpha"]
    if isinstance(found, Unestimable):
        return refused(found)
    options = {"df_adjust": given.get("df_adjust") or "z", "cap": given.get("cap"), "prior_df": given.get("prior_df") or 0}
    outcome = effective_n(found.scores, found.clusters, UNIT, **options)
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    described = {"n_effective": outcome.effective_n(alpha), "degenerate": outcome.degenerate}
    return {"mean": outcome.value, **described, **ends(outcome, alpha)}


def passes_at_k(given: Case) -> Case:
    counts, k = list(zip(given["n_attempts"], given["n_correct"], strict=True)), given["k"]
    items = measured({**given, "attempts": [[1] * c + [0] * (n - c) for n, c in counts]})
    outcome = items_estimate(items, UNIT, Statistic.PASS_AT_K, k)
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    each = [pass_at_k(n, c, k) for n, c in counts]
    found = clustered_mean(each, cluster_labels(items))
    assert outcome.point == found.mean
    df = float(found.degrees_of_freedom)
    lower, upper = t_ends(found.mean, found.variance_cr2, df, error(given))
    every = sum((pass_all_k(n, c, k) for n, c in counts), Fraction(0)) / len(counts)
    spread = {"se_cr2": math.sqrt(found.variance_cr2), "df": df, "t_lower": lower, "t_upper": upper}
    return {"per_item": list(map(float, each)), "mean": float(found.mean), "pass_all_k": float(every), **spread}


def fixed_items(given: Case) -> Case:
    outcome = fixed_items_mean([[number(each) for each in item] for item in given["attempts"]])
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    drawn = ends(outcome, error(given) if "level" in given else given.get("alpha") or 0.025)
    return {"mean": outcome.value, "se": outcome.standard_error, "df": outcome.degrees_of_freedom, **drawn}


def paired(given: Case) -> Case:
    before, after = ([number(each) for each in given[name]] for name in ("before", "after"))
    outcome = paired_difference(before, after, given.get("clusters"))
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    assert isinstance(outcome, StudentEstimate)
    spread = {"se": outcome.standard_error, "df": outcome.degrees_of_freedom}
    change = {"p_drop": outcome.p_below(0), "p_jump": outcome.p_above(0)}
    return {"mean_difference": outcome.value, **spread, **change, **ends(outcome, error(given))}


def mcnemar(given: Case) -> Case:
    outcome = mcnemar_exact(*(given[name] for name in ("both", "lost", "gained", "neither")))
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    return {"p_two_sided": outcome.p_two_sided, "p_drop": outcome.p_drop, "p_jump": outcome.p_jump}


def newcombe(given: Case) -> Case:
    outcome = proportion_difference(*(number(given[name]) for name in ("successes_1", "n_1", "successes_2", "n_2")))
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    return {"difference": outcome.value, **ends(outcome, error(given))}


def geometric(given: Case) -> Case:
    ratios = [number(each) for each in given["ratios"]]
    outcome, best = geometric_mean(ratios, given.get("clusters")), best_of(ratios)
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    assert isinstance(best, BestOf)
    found = {"geometric_mean": outcome.value, **ends(outcome, error(given)), "max": float(best.best)}
    if given.get("bar") is not None:
        found |= {"p_rule_out": outcome.p_below(exact(given["bar"])), "p_rule_in": outcome.p_above(exact(given["bar"]))}
    return {**found, "prob_new_run_exceeds_max_at_most": float(best.beaten_at_most)}


def tolerance(given: Case) -> Case:
    runs = tolerance_runs(exact(given["content"]), exact(given["confidence"]))
    if isinstance(runs, Unestimable):
        return refused(runs)
    if given.get("n_runs") is None:
        return {"n": runs}
    confidence = confidence_below_best(exact(given["content"]), given["n_runs"])
    return refused(confidence) if isinstance(confidence, Unestimable) else {"n": runs, "confidence_of_max": confidence}


def summary_mean_bound(given: Case) -> Case:
    kind, n, alpha = SpreadKind(given["kind"]), given["n"], given["alpha"]
    level = number(given.get("ci_level")) or Fraction(95, 100)
    low, high = map(number, given.get("bounds") or (None, None))
    mean, width = number(given["mean"]), number(given["spread"])
    outcome = summary(mean, width, kind, n, level if kind is SpreadKind.INTERVAL_HALF_WIDTH else None, low, high)
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    known = {"df": (n or 3) - 1, "n_assumed": n or 3, **ends(outcome, alpha)}
    if width is None:
        return known
    found = {each.name: each for each in outcome.readings} if isinstance(outcome, EnvelopeEstimate) else {}
    readings = {}
    for meaning in meanings(kind, level):
        alone = summary(mean, width, meaning.kind, n, meaning.level)  # without a scale nothing is impossible
        assert isinstance(alone, Estimate)
        readings[meaning.name.rstrip("0123456789.")] = {
            "se": meaning.standard_error(width, n), **ends(alone, alpha),
            "admissible": found[meaning.name].admissible == "possible" if found else True,
        }  # fmt: skip
    return {**known, "readings": readings}


ADAPTERS: dict[str, Callable[[Case], Case]] = {
    "proportion_ci": proportion_ci,
    "proportion_vs_bar": proportion_vs_bar,
    "zero_success_n": zero_success_n,
    "clustered_mean": clustered,
    "item_beta_interval": item_beta_interval,
    "effective_n_interval": effective_n_interval,
    "pass_at_k": passes_at_k,
    "summary_mean_bound": summary_mean_bound,
    "fixed_items_mean": fixed_items,
    "paired_difference": paired,
    "mcnemar_exact": mcnemar,
    "proportion_difference": newcombe,
    "geometric_mean_ratio": geometric,
    "tolerance_max": tolerance,
}
