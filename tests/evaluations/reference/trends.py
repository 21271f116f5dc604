"""Reference cases of section d, trends, crossings and triggers: each method of the file by the public function that answers it."""

import math
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from evaluations.estimate import Unestimable
from evaluations.trends.bends import slope_ratio
from evaluations.trends.ceilings import censored_trend
from evaluations.trends.crossings import crossing_distribution
from evaluations.trends.lines import LinePoint, trend_line
from evaluations.trends.measured_lines import measured_line
from evaluations.trends.outliers import trend_outlier
from evaluations.trends.regressions import snapshot_drops
from tests.evaluations.reference.cases import Case, error, exact, refused
from thresholds.reassessment import Reassessment, reassessment_triggers


def number(given: Any) -> Any:
    """A number of the file; an infinity is a string there, and unknown is no number."""
    return math.nan if given is None else float(given) if isinstance(given, str) else given


def points(given: Case) -> list[LinePoint]:
    counts = given.get("n") or [None] * len(given["x"])
    counts = counts if isinstance(counts, list) else [counts] * len(given["x"])
    return [LinePoint(number(x), number(y), n) for x, y, n in zip(given["x"], given["y"], counts, strict=True)]


def bands(line: Any, places: list[float], alpha: float) -> Case:
    found: Case = {"fit": [line.fit(x) for x in places]}
    for name, band in (("mean", line.mean_band), ("prediction", line.prediction_band)):
        found[f"{name}_lower"], found[f"{name}_upper"] = ([band(x, alpha)[side] for x in places] for side in (0, 1))
    return found


def fit(given: Case) -> Case:
    line = trend_line(points(given), given["scale"])
    if isinstance(line, Unestimable):
        return refused(line)
    alpha, slope = error(given), line.slope_estimate()
    found = {
        "intercept": line.intercept, "slope": line.slope, "slope_lower": slope.lower(alpha), "slope_upper": slope.upper(alpha),
        "residual_sd": line.residual_sd, **bands(line, given["x_new"], alpha),
    }  # fmt: skip
    if given["scale"] == "log":
        times = line.doubling_time(alpha)
        doubles = times.direction == "doubling"  # a falling line never doubles
        found["doubling"] = times.time if doubles else math.inf
        found["doubling_lower"] = times.lower if doubles else math.inf
        found["doubling_upper"] = times.upper if doubles else math.inf
    return found


def crossing(given: Case) -> Case:
    found = crossing_distribution(points(given), given["scale"], exact(given["bar"]))
    if isinstance(found, Unestimable):
        return refused(found)
    quantiles = {f"q{float(100 * exact(q)):g}": q for q in given["quantiles"]}
    return {
        "point_crossing": found.point_crossing,
        "prob_line_at_or_above": [found.probability(x, "line") for x in given["x_grid"]],
        "prob_next_model_at_or_above": [found.probability(x, "next_model") for x in given["x_grid"]],
        "line_quantiles": {name: found.place(q, "line") for name, q in quantiles.items()},
        "next_model_quantiles": {name: found.place(q, "next_model") for name, q in quantiles.items()},
        "prob_never": found.p_never,
    }


def censored(given: Case) -> Case:
    line = censored_trend(points(given), given["scale"], given["ceiling"])
    if isinstance(line, Unestimable):
        return refused(line)
    return {
        "intercept": line.intercept, "slope": line.slope, "scale": line.residual_sd,
        "log_likelihood": line.log_likelihood, "n_censored": line.n_censored,
    }  # fmt: skip


def bend(given: Case) -> Case:
    found = slope_ratio(points(given), given["scale"], given["breakpoint"], "before_looking")
    if isinstance(found, Unestimable):
        return refused(found)
    lower, upper, _ = found.bounds(error(given))
    return {
        "slope_before": found.slope_before, "slope_after": found.slope_after, "slope_ratio": found.ratio,
        "ratio_lower": lower, "ratio_upper": upper, "hinge_p_two_sided": found.bend_p,
        "rss_line": found.rss_line, "rss_hinge": found.rss_bend,
    }  # fmt: skip


def outlier(given: Case) -> Case:
    found = trend_outlier(points(given), given["scale"], given["index"])
    if isinstance(found, Unestimable):
        return refused(found)
    numbers = {"externally_studentised_residual": found.residual, "df": found.degrees_of_freedom}
    return {**numbers, "p_low": found.p_low, "p_high": found.p_high}


def meta_regression(given: Case) -> Case:
    line = measured_line(points(given), [number(each) for each in given["variances"]])
    if isinstance(line, Unestimable):
        return refused(line)
    alpha = error(given) if "level" in given else 0.025
    numbers = {"intercept": line.intercept, "slope": line.slope, "se_slope": line.slope_error, "tau2": line.tau2}
    return {**numbers, **bands(line, given["x_new"], alpha)}


def drops(given: Case) -> Case:
    snapshots = [
        (each["name"], {f"{at}": None if mean is None else exact(mean) for at, mean in enumerate(each["item_means"])})
        for each in given["snapshots"]
    ]
    clusters = (
        None
        if given["clusters"] is None
        else {f"{at}": None if label is None else str(label) for at, label in enumerate(given["clusters"])}
    )
    found = snapshot_drops(snapshots, clusters, given["alpha"], exact(given["min_drop"]))  # type: ignore[arg-type]  # a missing mean is meant
    if isinstance(found, Unestimable):
        return refused(found)
    return {
        "change": [None if pair.change is None else float(pair.change) for pair in found.pairs],
        "p_drop": [pair.p_drop for pair in found.pairs],
        "p_holm": [pair.p_drop_holm for pair in found.pairs],
        "alarm": [pair.drop == "drop" for pair in found.pairs],
    }


def triggers(given: Case) -> Case:
    return {"scenarios": [scenario(each) for each in given["scenarios"]]}


def scenario(given: Case) -> Case:
    upper = given.get("ratio_upper")
    days = (date.fromisoformat(given[key]) for key in ("last_assessment", "today"))
    compute = (None if (each := given.get(key)) is None else exact(each) for key in ("effective_compute_last", "effective_compute_now"))
    ratio_upper: Fraction | float | None = None if upper is None else math.inf if upper == "inf" else exact(upper)
    found: Reassessment = reassessment_triggers(*days, *compute, compute_multiple=4, months=6, ratio_upper=ratio_upper)
    return {
        "name": given["name"],
        "compute_ratio": None if found.compute_ratio is None else float(found.compute_ratio),
        "compute_trigger": found.compute == "fires",
        "due_date": None if found.due_on is None else found.due_on.isoformat(),
        "time_trigger": found.calendar == "fires",
        "reassess": found.outcome == "due",
    }


ADAPTERS: dict[str, Callable[[Case], Case]] = {
    "trend_fit": fit,
    "crossing_distribution": crossing,
    "censored_trend": censored,
    "slope_ratio": bend,
    "trend_outlier": outlier,
    "meta_regression_trend": meta_regression,
    "snapshot_drops": drops,
    "reassessment_triggers": triggers,
}
