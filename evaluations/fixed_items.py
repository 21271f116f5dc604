"""The mean over one fixed list of items: only the attempts vary, the items do not (statistics a4, fixed_items).

The rules kept here: the interval speaks of this list and of no other task, says so, and is for display unless the policy's own text
fixes the list before the results; every item needs two attempts or more, or its share of the error is unknown; attempts that agree
with each other on every item say nothing of the error.

Left out: items as a sample of the tasks we worry about, which is the default (``evaluations.clusters``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

from evaluations.estimate import Unestimable
from evaluations.exact_numbers import Given, exact_scores, saturated
from evaluations.item_scores import mean_of
from evaluations.summaries import StudentEstimate, student_estimate

FEWEST_ATTEMPTS = 2  # statistics a4: one attempt shows no spread

THIS_LIST_ONLY = "Speaks of this list of items only, and is shown, not decided with, unless the policy's text fixes the list."


def fixed_items_mean(attempts: Iterable[Sequence[Given | None]]) -> StudentEstimate | Unestimable:
    """Mean of item means with the error of the attempts alone: stratified by item (Cochran 1977, Sampling Techniques, 5.3).

    One sequence of attempts an item, in one unit; items count equally. ``se^2 = sum(v_i) / n^2`` with ``v_i = s_i^2 / k_i``, and
    Satterthwaite's ``df = sum(v_i)^2 / sum(v_i^2 / (k_i - 1))``. Refuses no items, an attempt nobody could score, an item with fewer
    than two attempts, and attempts that agree on every item.
    """
    means, variances, kept = [], [], []
    for place, item in enumerate(attempts, 1):
        scores = exact_scores(item, f"item {place}, attempt")
        if isinstance(scores, Unestimable):
            return scores
        if len(scores) < FEWEST_ATTEMPTS:
            words = f"item {place} was attempted once; a fixed list needs {FEWEST_ATTEMPTS} attempts on every item"
            return Unestimable("one_observation", words)
        mean = mean_of(scores)
        means.append(mean)
        variances.append(sum(((score - mean) ** 2 for score in scores), Fraction(0)) / (len(scores) - 1) / len(scores))
        kept.append(len(scores))
    if not means:
        return Unestimable("no_observations", "found no items at all")
    point, n, total = mean_of(means), len(means), sum(variances, Fraction(0))
    if total == 0:
        return Unestimable("all_values_equal", "on every item all attempts agree, so their spread says nothing of the error", point)
    freedom = total**2 / sum((variance**2 / (k - 1) for variance, k in zip(variances, kept, strict=True)), Fraction(0))
    error = math.sqrt(saturated(total / n**2))
    return student_estimate(point, "fixed_items", n, (THIS_LIST_ONLY,), error, float(freedom))
