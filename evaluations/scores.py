"""From a run and its scores to one estimate: the choice of method, which is made here and nowhere else (statistics a1 to a7).

The rules kept here, first that applies: only a completed run has an interval; the items decide where they were recorded, for a
mean, a share, pass@k, a median (order statistics), a ratio (geometric mean, on the logarithmic scale) and, where every item says how
long a person needs for it, a time horizon;
then a count of passes, whose n is items, never items times runs; then, for an average, the printed interval or plus-minus and the
number of items; for another statistic a printed interval as printed; and otherwise there is a reason and perhaps a point, which may
prevent a rule-out and never support one. A best of several tries has no interval at all, printed or not (a7).

On a bounded scale an average uses item-beta even where an error was printed too: its upper bound on the spread needs no spread, and it
holds near the ends, where t does not. A printed interval or error that is wider (the items come in clusters) decides instead.
So what a source leaves out never narrows an interval: without a number of items the version's counts them, and without that, 3.
Without a bounded scale, t with that error.

Left out: which score a criterion asks for, and which of several runs counts (``thresholds``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from evaluations.clusters import FEWEST_UNBOUNDED, items_estimate
from evaluations.estimate import Estimate, Reading, Unestimable
from evaluations.horizons import time_horizon
from evaluations.item_scores import cluster_labels, item_scores
from evaluations.length_curves import Task
from evaluations.medians import median
from evaluations.proportions import clopper_pearson, item_beta
from evaluations.quantiles import UNIT, Scale
from evaluations.records import PERCENT, EvaluationVersion, ItemResult, RiskierWhen, Run, RunStatus, Sampling, Score, SpreadKind, Statistic
from evaluations.speedups import geometric_mean_of_attempts
from evaluations.summaries import (
    CLUSTERING_UNKNOWN,
    COUNT_UNKNOWN,
    SMALLEST_TRIAL,
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
FROM_ITEMS = OF_ITEMS | {Statistic.MEDIAN, Statistic.RATIO}  # what a run with items is asked for item by item (statistics a2 to a7)
AVERAGES = OF_ITEMS | {Statistic.COUNT}  # averages of passes or scores, for which a t or a beta bound holds
COUNTABLE = AVERAGES | {Statistic.NOT_STATED}  # so many of so many is a share whatever it was called
MINUTES = frozenset({"minutes", "minute", "min"})

ONE_TASK = "Binomial over trials of one fixed task; says nothing about other tasks."
POOLED = "The count pools repeated runs; the interval counts items."
PRINTED_WIDER = "The source prints a wider interval than its count of independent items gives; the wider decides."
PASSES_HAVE_NO_MEDIAN = "all attempts are passes or failures, whose median is one or the other and says nothing of their share"
NOISY_MEDIAN = "items were tried more than once, and the median of their observed means is not the median of their scores"
UNSAMPLED = "nobody stated what the observations are a sample of"
MISSING_AT_MOST = Fraction(1, 10)  # our choice: runs with a larger share of attempts missing would not be pooled without a word
SHOWN_ERROR = 0.025  # one-sided; the level at which two intervals are compared (statistics, section 0)


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
    if items_give(run, statistic):
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
    """Estimate of one reported score of a run as it was reported, in the version's own units; its items are asked for by name."""
    return _completed(run, _from_score(score, version))


def _completed(run: Run, outcome: Estimate | Unestimable) -> Estimate | Unestimable:
    """A partial run keeps its point, which may prevent; every other unfinished run is as if it had not been."""
    if run.status is RunStatus.COMPLETED:
        return outcome
    words = f"the run is {run.status.value.replace('_', ' ')}: {run.status_reason}"
    return Unestimable("not_measured", words, outcome.point if run.status is RunStatus.PARTIAL else None)


def items_give(run: Run, statistic: Statistic) -> bool:
    """Whether the items of the run determine the statistic; a time horizon once any says how long people take for it."""
    if statistic is Statistic.TIME_HORIZON:
        return any(item.human_minutes is not None for item in run.items)
    return bool(run.items) and statistic in FROM_ITEMS


def _from_items(run: Run, version: EvaluationVersion, statistic: Statistic, k: int | None) -> Estimate | Unestimable:
    if statistic is Statistic.TIME_HORIZON and version.unit.strip().lower() not in MINUTES:  # a bar is in the version's own unit
        return Unestimable("no_value", f"a time horizon over items is in minutes, and the unit of this version is {version.unit}")
    scale = score_scale(version, statistic)
    averaged = statistic in OF_ITEMS
    estimate = items_estimate(run.items, scale, statistic, k) if averaged else _of_scored_attempts(run.items, scale, statistic)
    if version.sampling is Sampling.NOT_STATED:
        return Unestimable("statistic_has_no_interval", UNSAMPLED, estimate.point)
    return noted(estimate, ONE_TASK) if version.sampling is Sampling.TRIALS_OF_ONE_TASK else estimate


def _of_scored_attempts(items: Sequence[ItemResult], scale: Scale | None, statistic: Statistic) -> Estimate | Unestimable:
    """Median, geometric mean, or time horizon, over items. Attempts nobody could score leave the point of the rest, and no interval."""
    kept = [(item, tuple(each for each in item.attempts if each is not None)) for item in items]
    scored = [item.model_copy(update={"attempts": attempts}) for item, attempts in kept if attempts]
    if statistic is Statistic.TIME_HORIZON:
        outcome = _horizon(scored)
    else:
        outcome = _median(scored, scale) if statistic is Statistic.MEDIAN else _geometric(scored)
    missing = sum(each is None for item in items for each in item.attempts)
    return Unestimable("unscored_attempts", f"{missing} attempts nobody could score", outcome.point) if missing else outcome


def _median(items: Sequence[ItemResult], scale: Scale | None) -> Estimate | Unestimable:
    """Median of item scores, in the version's own units (statistics a7), where every item was tried once and its score is graded.

    The median of passes and failures is one or the other, and no share that a bar could be on. The median of observed item means is
    not that of the items' own scores: chance within an item draws the means to the middle.
    """
    scored = item_scores(items, scale)
    if isinstance(scored, Unestimable):
        return scored
    native = scored.scores if scale is None else [scale.native(share) for share in scored.scores]
    outcome = median(native, scored.clusters, scale)
    words = PASSES_HAVE_NO_MEDIAN if not scored.graded else NOISY_MEDIAN if scored.attempts > len(native) else None
    return outcome if words is None or isinstance(outcome, Unestimable) else Unestimable("statistic_has_no_interval", words, outcome.point)


def _horizon(items: Sequence[ItemResult]) -> Estimate | Unestimable:
    """Horizon at even chances: each item is a task, its cluster the family, its attempts passes or failures (statistics a7)."""
    if any(each not in (0, 1) for item in items for each in item.attempts):
        return Unestimable("no_value", "a time horizon needs attempts that are passes or failures; some are graded")
    timed = [(item, item.human_minutes) for item in items if item.human_minutes is not None]
    if len(timed) < len(items):
        return Unestimable("not_measured", f"{len(items) - len(timed)} items do not say how long a skilled person needs for them")
    return time_horizon(
        [Task.of_item(minutes, item.attempts.count(Decimal(1)), len(item.attempts), item.cluster) for item, minutes in timed]
    )


def _geometric(items: Sequence[ItemResult]) -> Estimate | Unestimable:
    """Geometric mean of ratios, item by item; a ratio has no ends, so fewer than five clusters are refused (statistics a4, a7)."""
    labels = cluster_labels(items)
    outcome = geometric_mean_of_attempts([item.attempts for item in items], labels)
    count = len(items if labels is None else set(labels))
    if isinstance(outcome, Unestimable) or count >= FEWEST_UNBOUNDED:
        return outcome
    return Unestimable("too_few_clusters", f"{count} clusters; a ratio needs {FEWEST_UNBOUNDED}", outcome.point)


def _from_score(score: Score, version: EvaluationVersion) -> Estimate | Unestimable:
    point = _point(score, version)
    if point is None:
        return Unestimable("no_value", score.words or "no number was reported")
    printed = _contradicting(score, point)
    if printed is not None:
        riskier = max if version.riskier_when is RiskierWhen.HIGHER else min
        return Unestimable("no_value", "the printed value is not what its count gives", riskier(printed, point))
    if score.statistic is Statistic.MAXIMUM:
        return Unestimable("extreme_of_several_tries", "the best of several tries says nothing of the usual one", point)
    if score.passed is not None and score.trials is not None and score.statistic in COUNTABLE:
        return _from_count(Fraction(score.passed), score.trials, score, version)
    if score.statistic in AVERAGES:
        return _from_mean(point, score, version)
    if score.low is not None and score.high is not None and score.interval_level is not None and score.value is not None:
        return printed_interval(score.value, score.low, score.high, score.interval_level, score.items, rebuilt=False)
    if score.statistic is Statistic.NOT_STATED and score.spread is None:
        return no_spread(point, "a value alone says nothing of its error")
    return Unestimable("statistic_has_no_interval", f"no interval follows for a {_spoken(score.statistic)}", point)


def printed_of(value: Decimal, exact: Fraction) -> bool:
    """Whether a source may have printed ``value`` for the exact number: rounded, or cut off (statistics a6, 13 of 23 as 56 percent)."""
    digit = Fraction(10) ** int(value.as_tuple().exponent)
    beyond = (exact - Fraction(value)) * (1 if exact >= 0 else -1)
    return -digit / 2 <= beyond < digit


def _contradicting(score: Score, point: Fraction) -> Fraction | None:
    """The printed value, if a count stands beside it and gives another number than rounding explains."""
    if score.value is None or score.passed is None or score.statistic not in COUNTABLE:
        return None
    return None if printed_of(score.value, point) else Fraction(score.value)


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
        return Unestimable("statistic_has_no_interval", UNSAMPLED, point)
    one_task = version.sampling is Sampling.TRIALS_OF_ONE_TASK
    known = [count for count in (score.items, version.item_count) if count]
    if not known and not one_task and _may_be_pooled(passed, trials, score.runs or 1):
        return no_spread(point, "repeated runs of a set whose number of items is not stated")
    n = trials if one_task else min([trials, *known])
    notes = (ONE_TASK,) if one_task else (POOLED,) if n < trials else ()
    if n == 1:
        return Unestimable("one_observation", "one trial says nothing of its own error", point)
    whole = n == trials and passed.denominator == 1
    counted = clopper_pearson(passed, n, scale, notes) if whole else item_beta(passed * n / trials, n, scale, notes)
    return _no_narrower_than_printed(counted, point, score, n, scale)


def _may_be_pooled(passed: Fraction, trials: int, runs: int) -> bool:
    """Say whether so many trials may be fewer items tried several times: re-running 42 questions ten times does not make 420 (a2).

    Whole counts over several runs always may: 84 of 419 too, where an attempt is missing. A fractional count is a mean over runs, and its
    trials are items (9.65 of 42), unless the trials look like so many runs of fewer items (84.5 of 420, with half a point somewhere).
    """
    missing = -trials % runs
    return runs > 1 and (passed.denominator == 1 or missing <= MISSING_AT_MOST * (trials + missing))


def mean_estimate(  # one parameter for each thing that may be known of a mean
    value: Decimal | Fraction,
    spread: Decimal | Fraction | None,
    kind: SpreadKind,
    n: int | None,
    level: Decimal | Fraction | None = None,
    scale: Scale | None = None,
    items_of_set: int | None = None,
) -> Estimate | Unestimable:
    """Estimate of a mean from what was printed of it, with item-beta bounds on a bounded scale (statistics a2, a6).

    ``n`` is how many scores the mean is over; where that is not stated, ``items_of_set`` counts them instead, and without either 3 do.
    All but ``n`` and ``level`` are in the units of ``scale``. The wider of the count and of the plus-minus decides, so what a source
    leaves out never narrows the interval. Without a bounded scale it is ``summary``. Refuses what ``summary`` refuses; a plus-minus
    of 0, or one that only clusters can explain, is refused only where the count is unknown or it is a standard deviation.
    """
    ends = (None, None) if scale is None else (scale.low, scale.high)
    read = summary(value, spread, kind, n, level, *ends)
    if scale is None or spread is None:
        return read
    if isinstance(read, Unestimable):
        clustered = read.reason == "spread_impossible_for_bounded_score" and kind is not SpreadKind.STANDARD_DEVIATION
        if n is None or not (clustered or read.reason == "no_spread_and_no_count"):
            return read
    point = Fraction(value)
    return _wider(_counted(point, n or items_of_set, scale), _beyond_items(point, spread, kind, n, level, scale))


def _counted(point: Fraction, n: int | None, scale: Scale) -> Estimate:
    """What counting says of a mean on a bounded scale; an unknown count is the smallest trial anyone reports (statistics a6)."""
    share, size = scale.share(on_scale(point, scale.low, scale.high)), n or SMALLEST_TRIAL
    counted = item_beta(share * size, size, scale, (CLUSTERING_UNKNOWN,))
    return counted if n else replace(counted, observations=None, notes=(*counted.notes, COUNT_UNKNOWN))


def _from_mean(point: Fraction, score: Score, version: EvaluationVersion) -> Estimate | Unestimable:
    """An average with what was printed of its error. A value alone has none, even if the version states a number of items."""
    scale = score_scale(version, score.statistic, score)
    of_set = None if version.sampling is Sampling.TRIALS_OF_ONE_TASK else version.item_count
    counts = [count for count in (score.items, of_set) if count]
    n = min(counts) if score.items or 1 in counts else None
    if score.spread is None and score.low is None and score.items is None:
        return no_spread(point, "a value alone says nothing of its error")
    if scale is not None and version.sampling is Sampling.NOT_STATED:
        return Unestimable("statistic_has_no_interval", UNSAMPLED, point)
    if score.low is None or score.high is None or score.interval_level is None:
        return mean_estimate(point, score.spread, score.spread_kind or SpreadKind.UNSPECIFIED, n, None, scale, of_set)
    printed = printed_interval(point, score.low, score.high, score.interval_level, n)
    useless = isinstance(printed, Unestimable) and (n is None or printed.reason != "no_spread_and_no_count")
    return printed if scale is None or useless else _wider(_counted(point, n or of_set, scale), printed)


def _no_narrower_than_printed(counted: Estimate, point: Fraction, score: Score, n: int, scale: Scale) -> Estimate:
    """The interval that counts passes, unless the source prints a wider one."""
    if score.low is not None and score.high is not None and score.interval_level is not None and score.low <= point <= score.high:
        return _wider(counted, printed_interval(point, score.low, score.high, score.interval_level, n))
    kind = score.spread_kind or SpreadKind.UNSPECIFIED
    return counted if score.spread is None else _wider(counted, _beyond_items(point, score.spread, kind, n, None, scale))


def _beyond_items(  # what a plus-minus is, and the count and scale it is held against
    point: Fraction, spread: Decimal | Fraction, kind: SpreadKind, n: int | None, level: Decimal | Fraction | None, scale: Scale
) -> Estimate | Unestimable | None:
    """What a plus-minus says beyond the count: nothing, if it is of single scores or an error that as many independent items have."""
    if n is not None and kind is SpreadKind.STANDARD_DEVIATION:
        return None
    if n is not None and kind is SpreadKind.STANDARD_ERROR and possible_on_scale(point, float(spread), n, scale):
        return None
    return summary(point, spread, kind, n, level)


def _wider(counted: Estimate, printed: Estimate | Unestimable | None) -> Estimate:
    """The interval that counts items, unless the source prints a wider one: then the wider decides on either side (a6)."""
    if not isinstance(printed, Estimate):
        return counted
    if printed.lower(SHOWN_ERROR) >= counted.lower(SHOWN_ERROR) and printed.upper(SHOWN_ERROR) <= counted.upper(SHOWN_ERROR):
        return counted
    readings = (Reading("counted", "possible", counted), Reading("printed", "possible", printed))
    return EnvelopeEstimate(counted.point, "widest_reading", counted.observations, (*counted.notes, PRINTED_WIDER), readings=readings)
