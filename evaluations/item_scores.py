"""Items and their attempts read into one score an item, before any interval (statistics a2, a5).

The rules kept here: items count equally however many attempts each got; an attempt nobody could score leaves no interval, only a
point; an attempt off its scale, or one whose unit is not clear, is refused; an item without a cluster is its own.

Left out: the interval over items (``evaluations.clusters``), and of other statistics of item scores (``evaluations.medians``).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from evaluations.estimate import Unestimable
from evaluations.quantiles import UNIT, Scale
from evaluations.records import ItemResult, Statistic


@dataclass(frozen=True)
class ItemScores:
    """Item scores ready for an interval, as shares of the scale (or native values where there is none)."""

    scores: tuple[Fraction, ...]
    clusters: tuple[Hashable, ...] | None  # None if every item is its own
    graded: bool
    single_attempts: bool
    attempts: int
    fewest_attempts: int


def pass_at_k(attempts: int, passed: int, k: int) -> Fraction:
    """1 - C(n-c,k)/C(n,k), unbiased (Chen et al. 2021, arXiv 2107.03374). ``1-(1-p)^k`` is biased and stands nowhere."""
    if not 1 <= k <= attempts:
        raise ValueError(f"found k {k} with {attempts} attempts, expected 1 to {attempts}")
    return 1 - Fraction(math.comb(attempts - passed, k), math.comb(attempts, k))


def pass_all_k(attempts: int, passed: int, k: int) -> Fraction:
    """C(c,k)/C(n,k): the chance that all of k attempts pass (statistics a5)."""
    if not 1 <= k <= attempts:
        raise ValueError(f"found k {k} with {attempts} attempts, expected 1 to {attempts}")
    return Fraction(math.comb(passed, k), math.comb(attempts, k))


def whole_over_one(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """The values as whole numbers over one denominator: sums stay exact, and cost no reduction at every step."""
    denominator = math.lcm(*{value.denominator for value in values})
    return [value.numerator * (denominator // value.denominator) for value in values], denominator


def mean_of(values: Sequence[Fraction]) -> Fraction:
    """Exact mean."""
    whole, denominator = whole_over_one(values)
    return Fraction(sum(whole), denominator * len(whole))


def cluster_labels(items: Sequence[ItemResult]) -> tuple[Hashable, ...] | None:
    """What makes each item rise and fall with others; ``None`` if every item is its own."""
    labels = tuple(("item", item.item) if item.cluster is None else ("cluster", item.cluster) for item in items)
    return None if len(set(labels)) == len(labels) else labels


def _passes(items: Sequence[ItemResult]) -> bool:
    """Whether every attempt is written as 0 or 1, which a share reads as failed and passed on any scale."""
    return all(each in (0, 1, None) for item in items for each in item.attempts)


def _unit_unclear(items: Sequence[ItemResult], scale: Scale | None) -> bool:
    """Whether most attempts seem to be shares on a percent scale, where a pass written as 1 would count as one hundredth of a pass."""
    if scale is None or scale.high < 100:  # 100: a percent scale, or one as wide
        return False
    scored = [each for item in items for each in item.attempts if each]
    return 2 * sum(0 < each <= 1 for each in scored) > len(scored)


class _Reader(dict[Decimal, Fraction]):
    """Attempts as shares of a scale, or as they are where there is none; each different value is worked out once."""

    def __init__(self, scale: Scale | None) -> None:
        super().__init__()
        self.scale = scale

    def __missing__(self, attempt: Decimal) -> Fraction:
        self[attempt] = Fraction(attempt) if self.scale is None else self.scale.share(attempt)
        return self[attempt]

    @property
    def graded(self) -> bool:
        """Whether any attempt so far was neither a pass nor a failure."""
        return any(share not in (0, 1) for share in self.values())

    def off_scale(self) -> Unestimable | None:
        """The refusal, if any attempt so far is not on the scale."""
        if self.scale is None:
            return None
        off = sorted(attempt for attempt, share in self.items() if not 0 <= share <= 1)
        if not off:
            return None
        ends = f"{float(self.scale.low):g} to {float(self.scale.high):g}"
        return Unestimable("off_scale", f"found the attempt {off[0]} on a scale from {ends}, expected it on the scale")


def _unscored(items: Sequence[ItemResult], reader: _Reader, scale: Scale | None, statistic: Statistic) -> Unestimable:
    """What is known of a run with attempts nobody could score: a point over the rest, which may prevent and never support."""
    known = [[reader[each] for each in item.attempts if each is not None] for item in items]
    means = [mean_of(attempts) for attempts in known if attempts]
    missing = sum(each is None for item in items for each in item.attempts)
    point = mean_of(means) if means and statistic is not Statistic.PASS_AT_K else None
    if point is not None and scale is not None:
        point = scale.native(point)
    return reader.off_scale() or Unestimable("unscored_attempts", f"{missing} attempts nobody could score", point)


def _impossible_k(k: int | None, fewest: int) -> Unestimable | None:
    if k is None or k < 1:
        return Unestimable("impossible_count", f"found k {k} for pass@k, expected 1 or more")
    if k > fewest:
        return Unestimable("k_greater_than_attempts", f"pass@{k} needs {k} attempts on every item; one has {fewest}")
    return None


def item_scores(
    items: Sequence[ItemResult], scale: Scale | None, statistic: Statistic = Statistic.MEAN, k: int | None = None
) -> ItemScores | Unestimable:
    """One score an item: the mean of its attempts, or pass@k of them. ``scale`` is ``None`` where the score is unbounded.

    Refuses no items, attempts off the scale, attempts whose unit is not clear, attempts nobody could score (a point remains), graded
    attempts under pass@k, and a k that some item has too few attempts for.
    """
    if not items:
        return Unestimable("not_measured", "no items")
    read_on = UNIT if statistic is not Statistic.MEAN and _passes(items) else scale
    if read_on is not UNIT and _unit_unclear(items, read_on):
        return Unestimable("no_value", "attempts between 0 and 1 on a percent scale: whether 1 is a pass or one percent is not stated")
    if statistic is Statistic.PASS_AT_K and not _passes(items):
        return Unestimable("no_value", "pass@k needs attempts that are passes or failures; some are graded")
    reader = _Reader(read_on)
    if any(each is None for item in items for each in item.attempts):
        return _unscored(items, reader, scale, statistic)
    shares = [[reader[each] for each in item.attempts if each is not None] for item in items]
    fewest = min(len(attempts) for attempts in shares)
    refused = reader.off_scale() or (_impossible_k(k, fewest) if statistic is Statistic.PASS_AT_K else None)
    if refused is not None:
        return refused
    by_mean = statistic is not Statistic.PASS_AT_K
    scores = tuple(mean_of(each) if by_mean else pass_at_k(len(each), int(sum(each)), k or 0) for each in shares)
    whole = all(score in (0, 1) for score in scores)
    single = whole and (fewest == 1 == max(map(len, shares)) or not by_mean)
    return ItemScores(scores, cluster_labels(items), reader.graded, single, sum(map(len, shares)), fewest)
