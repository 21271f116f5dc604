"""Reference cases of horizons and ratings: each method of the file by the public function that answers it."""

from collections.abc import Callable
from typing import Any

from evaluations.estimate import Unestimable
from evaluations.horizons import time_horizon
from evaluations.length_curves import Task, length_curve
from evaluations.ratings import Games, RatingEstimate, ratings
from tests.evaluations.reference.cases import Case, error, exact, refused


def tasks(given: Case) -> list[Task]:
    count = len(given["human_minutes"])
    counts = zip(given["human_minutes"], given["successes"], given["attempts"], strict=True)
    families, weights = given.get("families") or [None] * count, given.get("weights") or [1] * count
    return [
        Task(exact(minutes), passed, tried, family, exact(weight))
        for (minutes, passed, tried), family, weight in zip(counts, families, weights, strict=True)
    ]


def horizon(given: Case) -> Case:
    curve = length_curve(tasks(given))
    if isinstance(curve, Unestimable):
        return refused(curve)
    found: Case = {"intercept": curve.intercept, "slope": curve.slope}
    for share in given["p"] if isinstance(given["p"], list) else [given["p"]]:
        at = exact(share)
        log2 = curve.log2_horizon(at)
        found[f"p{float(100 * at):g}"] = {
            "log2_horizon": log2, "se_log2": curve.log2_error(curve.modelled, at), "horizon_minutes": 2**log2
        }  # fmt: skip
    return found


def clustered_horizon(given: Case) -> Case:
    estimate = time_horizon(tasks(given), exact(given["p"]))
    if isinstance(estimate, Unestimable):
        return refused(estimate)
    alpha = error(given)
    return {
        "log2_horizon": estimate.log2_horizon, "se_log2_clustered": estimate.standard_error, "df": estimate.degrees_of_freedom,
        "horizon_minutes": estimate.value, "lower_minutes": estimate.delta_lower(alpha), "upper_minutes": estimate.delta_upper(alpha),
    }  # fmt: skip


def elo(given: Case) -> Case:
    games = [Games(each["a"], each["b"], exact(each["wins_a"]), each["games"]) for each in given["games"]]
    outcome = ratings(games, given["anchor"], exact(given["anchor_rating"]))
    if isinstance(outcome, Unestimable):
        return refused(outcome)
    found = {player: outcome.of(player) for player in given["players"] if player != given["anchor"]}
    rated = {player: each for player, each in found.items() if isinstance(each, RatingEstimate)}
    without = {player: each for player, each in found.items() if isinstance(each, Unestimable)}
    unrated: dict[str, Any] = dict.fromkeys(without)
    return {
        **(refused(next(iter(without.values()))) if without else {}),
        "ratings": {player: each.value for player, each in rated.items()} | unrated,
        "se": {player: each.standard_error for player, each in rated.items()} | unrated,
    }  # fmt: skip


ADAPTERS: dict[str, Callable[[Case], Case]] = {
    "time_horizon": horizon,
    "time_horizon_clustered": clustered_horizon,
    "elo_bradley_terry": elo,
}
