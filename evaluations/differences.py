"""Two snapshots against each other: differences item by item, exact counts of change, and two separate shares (statistics a8).

The rules kept here: on the same items the difference is taken item by item, and its variance is over clusters (CR2, Satterthwaite); one
binary attempt per item is answered by the exact McNemar test; different items are compared as two separate shares and never paired;
differences that are all equal say nothing of their own error; intervals are of the difference itself, never an overlap of two.

Left out: the alarm and its size, which compare several pairs (``evaluations.maxima``). Left out: what a drop means. It is a question
(sandbagging, a broken harness, contamination), never a verdict.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluations.clusters import FEW_CLUSTERS, FEW_CLUSTERS_NOTE, clustered_mean
from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.exact_numbers import Given, exact_bar, exact_scores, saturated, whole_count
from evaluations.proportions import passed_of, share_p_above, share_p_below, wilson
from evaluations.quantiles import checked, p_above_by_bound, p_below_by_bound, smallest_error
from evaluations.summaries import student_estimate

Scores = Sequence[Given | None] | Mapping[Hashable, Given | None]
Clusters = Sequence[Hashable] | Mapping[Hashable, Hashable]

HALF = Fraction(1, 2)  # an item that changed is as likely lost as gained where nothing changed (McNemar 1947, Psychometrika 12:153)


def paired_difference(before: Scores, after: Scores, clusters: Clusters | None = None) -> Estimate | Unestimable:
    """Mean of *after minus before* over the same items: t with CR2 variance and Satterthwaite's degrees of freedom (statistics a8).

    ``before`` and ``after`` are item scores in one unit: two sequences in the same order, or two mappings from item to score.
    ``clusters`` names what makes items rise and fall together, in the same form; ``None`` is an item on its own. ``p_below(0)`` is the
    one-sided p of a drop, ``p_above(0)`` that of a jump (Bell and McCaffrey 2002; Miller 2024). Refuses items that differ, missing
    scores, one item, one cluster, and differences that are all equal.
    """
    matched = _matched(before, after, clusters)
    if isinstance(matched, Unestimable):
        return matched
    firsts, seconds, labels = matched
    old, new = exact_scores(firsts, "score before"), exact_scores(seconds, "score after")
    if isinstance(old, Unestimable):
        return old
    if isinstance(new, Unestimable):
        return new
    own = None if labels is None else [("item", at) if label is None else ("cluster", label) for at, label in enumerate(labels)]
    return mean_difference([second - first for first, second in zip(old, new, strict=True)], own)


def mean_difference(differences: Sequence[Fraction], clusters: Sequence[Hashable] | None) -> Estimate | Unestimable:
    """The same from differences that are exact already."""
    if not differences:
        return Unestimable("no_observations", "found no items at all")
    point = sum(differences, Fraction(0)) / len(differences)
    if len(differences) == 1:
        return Unestimable("one_observation", "one item says nothing of its own error", point)
    if clusters is not None and len(set(clusters)) < 2:
        return Unestimable("one_cluster", "all items belong to one cluster, which says nothing of the spread between clusters", point)
    found = clustered_mean(differences, clusters)
    if found.no_spread:
        whose = "items" if clusters is None else "clusters"
        return Unestimable("all_values_equal", f"all {whose} changed by the same, so their spread says nothing of the error", point)
    notes = (FEW_CLUSTERS_NOTE,) if found.clusters < FEW_CLUSTERS else ()
    error = math.sqrt(saturated(found.variance_cr2))
    return student_estimate(point, "paired_t", found.items, notes, error, float(found.degrees_of_freedom))


def _matched(
    before: Scores, after: Scores, clusters: Clusters | None
) -> tuple[Sequence[Given | None], Sequence[Given | None], Sequence[Hashable] | None] | Unestimable:
    """Both scores of each item side by side, with its cluster. Sequences must be as long as each other, mappings of the same items."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        shared = [item for item in before if item in after]
        if len(shared) < max(len(before), len(after)):
            words = f"{len(shared)} items are shared, of {len(before)} before and {len(after)} after; only the same items can be paired"
            return Unestimable("different_items", words)
        if clusters is not None and not isinstance(clusters, Mapping):
            raise ValueError("found clusters in a sequence beside scores by item, expected a mapping from item to cluster")
        labels = None if clusters is None else [clusters.get(item) for item in shared]
        return [before[item] for item in shared], [after[item] for item in shared], labels
    if isinstance(before, Mapping) or isinstance(after, Mapping) or isinstance(clusters, Mapping):
        raise ValueError("found scores by item beside scores in a sequence, expected both in one form")
    if len(before) != len(after):
        words = f"{len(before)} items before and {len(after)} after, and nothing says which are shared; only the same items can be paired"
        return Unestimable("different_items", words)
    if clusters is not None and len(clusters) != len(before):
        raise ValueError(f"found {len(clusters)} cluster names for {len(before)} items, expected one for each")
    return before, after, clusters


@dataclass(frozen=True)
class ExactChange:
    """Exact McNemar test of one binary attempt per item: ``lost`` passed before and not after, ``gained`` the other way round.

    ``p_drop`` is P(Bin(lost + gained, 1/2) <= gained), ``p_jump`` the other tail, ``p_two_sided`` twice the smaller, at most 1.
    """

    items: int
    lost: int
    gained: int
    p_drop: float
    p_jump: float
    p_two_sided: float

    @property
    def difference(self) -> Fraction:
        """Change of the share that passes, after minus before."""
        return Fraction(self.gained - self.lost, self.items)


def mcnemar_exact(both: Given, lost: Given, gained: Given, neither: Given) -> ExactChange | Unestimable:
    """Exact test of change on the same items, one binary attempt each (McNemar 1947; statistics a8).

    The four numbers count items: passed both times, only before, only after, neither time. Items count as independent; in clusters,
    or with several attempts, ask ``paired_difference``. Where nothing changed every p is 1. Refuses counts that are negative,
    fractional or no numbers, and no items at all.
    """
    counts = []
    for given, what in ((both, "both"), (lost, "lost"), (gained, "gained"), (neither, "neither")):
        count = whole_count(given, f"the number of items {what}")
        if isinstance(count, Unestimable):
            return count
        counts.append(count)
    if not sum(counts):
        return Unestimable("no_observations", "found no items at all")
    _, down, up, _ = counts
    p_drop, p_jump = share_p_below(up, down, HALF), share_p_above(up, down, HALF)
    return ExactChange(sum(counts), down, up, p_drop, p_jump, min(1.0, 2 * min(p_drop, p_jump)))


@dataclass(frozen=True, kw_only=True)
class HybridDifference(Estimate):
    """Difference of two separate shares: each end from the Wilson bounds of both (Newcombe 1998, Stat. Med. 17:873, method 10)."""

    first: tuple[Fraction, int]
    second: tuple[Fraction, int]

    def _bound(self, alpha: float, side: int) -> float:
        shares, ends = [], []
        for (passed, trials), toward in ((self.first, side), (self.second, -side)):
            low, high = wilson(float(passed), trials, checked(alpha))
            shares.append(float(passed / trials))
            ends.append(high if toward > 0 else low)
        return self.value + side * math.hypot(ends[0] - shares[0], ends[1] - shares[1])

    def lower(self, alpha: float) -> float:
        return self._bound(alpha, -1)

    def upper(self, alpha: float) -> float:
        return self._bound(alpha, 1)

    def p_below(self, bar: Bar) -> float:
        at = exact_bar(bar)
        return p_below_by_bound(self.upper, at, 1 - _level(lambda alpha: self.lower(alpha) > at))

    def p_above(self, bar: Bar) -> float:
        at = exact_bar(bar)
        return p_above_by_bound(self.lower, at, 1 - _level(lambda alpha: self.upper(alpha) <= at))


def _level(decides: Callable[[float], bool]) -> float:
    """The smallest error level that decides on the other side, to describe a p above one half; one half if none does."""
    level = smallest_error(decides)
    return 0.5 if level is None else level


def proportion_difference(first_passed: Given, first_trials: Given, second_passed: Given, second_trials: Given) -> Estimate | Unestimable:
    """First share minus second, of two separate sets of items (Newcombe 1998, hybrid score interval without correction).

    A number of passes may be fractional, as a mean over repeated runs; trials then count items. Refuses no trials, more passes than
    trials, and what is no number. Approximate, so it warns and never rules out: its one-sided error at 2.5 %, summed exactly over equal
    shares, is 2.1 to 3.2 % for two groups of 10 to 100, but 5.6 % for 10 trials against 200.
    """
    first, second = passed_of(first_passed, first_trials), passed_of(second_passed, second_trials)
    if isinstance(first, Unestimable):
        return first
    if isinstance(second, Unestimable):
        return second
    point = first[0] / first[1] - second[0] / second[1]
    return HybridDifference(point, "newcombe_difference", first[1] + second[1], (), first=first, second=second)
