"""From a run and its scores to one estimate: the choice of method, which is made here and nowhere else (statistics a1 to a6).

The rules kept here, first that applies: only a completed run has an interval; the items decide where they were recorded;
then a count of passes, whose n is items, never items times runs; then a printed interval; then, on a bounded scale, the mean
with its number of items; then the mean with its plus-minus; and otherwise there is a reason and perhaps a point, which may
prevent a rule-out and never support one. A best of several tries has no interval at all, printed or not (a7).

On a bounded scale a mean over a known number of items uses item-beta even where a standard error was printed too: its upper
bound on the spread needs no spread, and it holds near the ends, where t does not. If the printed standard error is larger than
independent items allow, the items come in clusters, and the wider of the two decides. Without a bounded scale, t with that error.

Left out: which score a criterion asks for, and which of several runs counts (``thresholds``).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from evaluations.clusters import items_estimate
from evaluations.estimate import Estimate, Reading, Unestimable
from evaluations.proportions import clopper_pearson, item_beta
from evaluations.quantiles import UNIT, Scale
from evaluations.records import EvaluationVersion, RiskierWhen, Run, RunStatus, Sampling, Score, SpreadKind, Statistic
from evaluations.summaries import (
    CLUSTERING_UNKNOWN,
    EnvelopeEstimate,
    no_spread,
    noted,
    on_scale,
    possible_on_scale,
    printed_interval,
    scale_of,
    summary,
)

OF_ITEMS = frozenset({Statistic.MEAN, Statistic.SHARE, Statistic.PASS_AT_K})  # means over items, which items can give
AVERAGES = OF_ITEMS | {Statistic.COUNT}  # averages of passes or scores, for which a t or a beta bound holds
COUNTABLE = AVERAGES | {Statistic.NOT_STATED}  # so many of so many is a share whatever it was called
PERCENT = frozenset({"percent", "%", "per cent"})

ONE_TASK = "Binomial over trials of one fixed task; says nothing about other tasks."
POOLED = "The count pools repeated runs; the interval counts items."
SE_SHOWS_CLUSTERS = "The printed standard error is larger than independent items allow; the wider interval decides."


def score_scale(version: EvaluationVersion, statistic: Statistic, score: Score | None = None) -> Scale | None:
    """The scale a score is on, ``None`` if it is unbounded. A share is bounded even where the version states no scale.

    Then it runs from 0 to 1, or to 100 if the unit is percent or the printed value is above 1; a count runs to its trials.
    """
    stated = scale_of(version.scale_low, version.scale_high)
    counted = score is not None and score.passed is not None
    if stated is not None:
        return stated
    if statistic is Statistic.COUNT:
        total = None if score is None else score.trials or score.items
        return Scale(Fraction(0), Fraction(total)) if total else None
    if not counted and statistic not in (Statistic.SHARE, Statistic.PASS_AT_K):
        return None
    printed = None if score is None else score.value
    if printed is not None and not 0 <= printed <= 100:
        return UNIT if counted else None
    percent = version.unit.strip().lower() in PERCENT or (printed is not None and printed > 1)
    return Scale(Fraction(0), Fraction(100)) if percent else UNIT


def run_estimate(run: Run, version: EvaluationVersion, statistic: Statistic, k: int | None = None) -> Estimate | Unestimable:
    """Estimate of one statistic of a run: from its items, else from the one score of that statistic and k."""
    if run.items and statistic in OF_ITEMS:
        return _completed(run, _from_items(run, version, statistic, k))
    matching = [score for score in run.scores if score.statistic is statistic and score.k == k]
    if len(matching) == 1:
        return score_estimate(matching[0], run, version)
    if not matching:
        return Unestimable("not_measured", f"the run reports no {statistic.value}")
    points = [point for score in matching if (point := _point(score, version)) is not None]
    riskiest = max if version.riskier_when is RiskierWhen.HIGHER else min
    words = f"the run reports {len(matching)} scores that are a {statistic.value}, and none is named"
    return Unestimable("not_measured", words, riskiest(points) if points else None)


def score_estimate(score: Score, run: Run, version: EvaluationVersion) -> Estimate | Unestimable:
    """Estimate of one reported score of a run, in the version's own units."""
    if run.items and score.statistic in OF_ITEMS:
        return _completed(run, _from_items(run, version, score.statistic, score.k))
    return _completed(run, _from_score(score, version))


def _completed(run: Run, outcome: Estimate | Unestimable) -> Estimate | Unestimable:
    """A partial run keeps its point, which may prevent; every other unfinished run is as if it had not been."""
    if run.status is RunStatus.COMPLETED:
        return outcome
    words = f"the run is {run.status.value.replace('_', ' ')}: {run.status_reason}"
    return Unestimable("not_measured", words, outcome.point if run.status is RunStatus.PARTIAL else None)


def _from_items(run: Run, version: EvaluationVersion, statistic: Statistic, k: int | None) -> Estimate | Unestimable:
    estimate = items_estimate(run.items, score_scale(version, statistic), statistic, k)
    return noted(estimate, ONE_TASK) if version.sampling is Sampling.TRIALS_OF_ONE_TASK else estimate


def _from_score(score: Score, version: EvaluationVersion) -> Estimate | Unestimable:
    point = _point(score, version)
    if point is None:
        return Unestimable("no_value", score.words or "no number was reported")
    if score.statistic is Statistic.MAXIMUM:
        return Unestimable("extreme_of_several_tries", "the best of several tries says nothing of the usual one", point)
    if score.passed is not None and score.trials is not None and score.statistic in COUNTABLE:
        return _from_count(Fraction(score.passed), score.trials, score, version)
    if score.low is not None and score.high is not None and score.interval_level is not None and score.value is not None:
        rebuilt = score.statistic in AVERAGES
        return printed_interval(score.value, score.low, score.high, score.interval_level, score.items, rebuilt)
    if score.statistic is Statistic.NOT_STATED and score.spread is None:
        return no_spread(point, "a value alone says nothing of its error")
    if score.statistic not in AVERAGES:
        return Unestimable("statistic_has_no_interval", f"no interval follows for a {_spoken(score.statistic)}", point)
    return _from_mean(point, score, version)


def _spoken(statistic: Statistic) -> str:
    return "statistic that is not stated" if statistic is Statistic.NOT_STATED else statistic.value.replace("_", " ")


def _point(score: Score, version: EvaluationVersion) -> Fraction | None:
    """The point in native units; the count decides where both were reported. A value off the scale raises ``ValueError``."""
    scale = score_scale(version, score.statistic, score)
    if score.passed is not None and score.trials is not None and scale is not None:
        return scale.native(Fraction(score.passed) / score.trials)
    if score.value is None:
        return None
    return on_scale(score.value, version.scale_low, version.scale_high)


def _from_count(passed: Fraction, trials: int, score: Score, version: EvaluationVersion) -> Estimate | Unestimable:
    """Passes of trials. Where the trials pool repeated runs of known items, the items are n (statistics a2)."""
    scale = score_scale(version, score.statistic, score) or UNIT
    point = scale.native(passed / trials)
    if version.sampling is Sampling.NOT_STATED:
        return Unestimable("statistic_has_no_interval", "nobody stated what the trials are a sample of", point)
    one_task = version.sampling is Sampling.TRIALS_OF_ONE_TASK
    known = [count for count in (score.items, version.item_count) if count]
    n = trials if one_task else min([trials, *known])
    notes = (ONE_TASK,) if one_task else (POOLED,) if n < trials else ()
    if n == 1:
        return Unestimable("one_observation", "one trial says nothing of its own error", point)
    whole = n == trials and passed.denominator == 1
    return clopper_pearson(passed, n, scale, notes) if whole else item_beta(passed * n / trials, n, scale, notes)


def _from_mean(point: Fraction, score: Score, version: EvaluationVersion) -> Estimate | Unestimable:
    scale = score_scale(version, score.statistic, score)
    ends = (None, None) if scale is None else (scale.low, scale.high)
    if scale is None or not score.items or score.items == 1:
        if score.spread is None and score.items is None:
            return no_spread(point, "a value alone says nothing of its error")
        return summary(point, score.spread, score.spread_kind or SpreadKind.UNSPECIFIED, score.items, None, *ends)
    counted = item_beta(scale.share(on_scale(point, *ends)) * score.items, score.items, scale, (CLUSTERING_UNKNOWN,))
    if score.spread is None or score.spread_kind is not SpreadKind.STANDARD_ERROR:
        return counted
    if possible_on_scale(point, float(score.spread), score.items, scale):
        return counted
    return _wider([("item_beta", counted), ("se", summary(point, score.spread, SpreadKind.STANDARD_ERROR, score.items))])


def _wider(outcomes: Sequence[tuple[str, Estimate | Unestimable]]) -> Estimate:
    first = outcomes[0][1]
    assert isinstance(first, Estimate)
    readings = tuple(Reading(name, "possible", outcome) for name, outcome in outcomes)
    return EnvelopeEstimate(first.point, "widest_reading", first.observations, (*first.notes, SE_SHOWS_CLUSTERS), readings=readings)
