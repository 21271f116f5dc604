"""Items, their attempts and their clusters: the estimate of a mean over items (statistics a2 to a5).

The rules kept here: items count equally however many attempts each got, and attempts are never pooled into more items; items
that rise and fall together are one cluster, and the variance is over clusters (CR2) with Satterthwaite's degrees of freedom;
an attempt nobody could score leaves no interval, only a point; sums are exact, so the order of items changes no digit.

Graded scores far from the middle are skewed, so near a bar below 0.2 or above 0.8 of the scale the item-beta bound decides. A
bound does not know its bar, so the two are spliced: a bound inside the middle zone is the effective-n bound, a bound beyond it
is the item-beta bound, held outside the zone. Judging any bar by the spliced bound gives the verdict of the method due at
that bar, except that a bar in an outer zone is never ruled out (or reached) by item-beta against the effective-n bound.
With clusters the wider of the two stands in for item-beta, which knows no clusters.

Left out: the interval for one fixed list of items, which may be shown and never decides unless a policy fixes the list (a4).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.proportions import BetaEstimate, clopper_pearson, item_beta, share_lower, share_p_above, share_p_below, share_upper
from evaluations.quantiles import LARGEST_ERROR, UNIT, Scale, checked, p_above_by_bound, p_below_by_bound, t_quantile, z_quantile
from evaluations.records import ItemResult, Statistic
from evaluations.summaries import StudentEstimate

FEW_CLUSTERS = 6  # statistics a3: fewer are computed with a note
FEWEST_UNBOUNDED = 5  # statistics a4: clusters needed for a t interval on an unbounded scale
FEWEST_GRADED = 12  # statistics a4: below it graded scores use item-beta
ZONE = (Fraction(1, 5), Fraction(4, 5))  # statistics a4: bars between which graded scores use the effective n
PRIOR_DF = 10  # statistics a4: weight of the worst case in the moderated variance (Smyth 2004, SAGMB 3:3)
MODERATED_ITEMS, MODERATED_ATTEMPTS = 40, 3  # statistics a4: fewest items and attempts for the moderated variance

FEW_CLUSTERS_NOTE = "Few clusters: the interval is rough below six."


@dataclass(frozen=True)
class ClusteredMean:
    """A mean over items in clusters: variances and degrees of freedom (statistics a3), all exact."""

    mean: Fraction
    items: int
    clusters: int
    variance_cr0: Fraction  # Miller's clustered standard error, squared (Miller 2024, arXiv 2411.00640)
    variance_cr2: Fraction  # Bell and McCaffrey 2002, Survey Methodology 28:169
    degrees_of_freedom: Fraction  # Satterthwaite; clusters - 1 where they are equal

    @property
    def variance_cr1(self) -> Fraction:
        """CR0 times G/(G-1)."""
        return self.variance_cr0 * Fraction(self.clusters, self.clusters - 1)

    @property
    def no_spread(self) -> bool:
        """Whether every cluster has the same mean, so that the variance says nothing."""
        return self.variance_cr2 == 0


def clustered_mean(scores: Sequence[Fraction], clusters: Sequence[Hashable] | None = None) -> ClusteredMean:
    """Mean of item scores with CR0 and CR2 variances; without ``clusters`` each item is its own. Needs two clusters or more."""
    labels: Sequence[Hashable] = range(len(scores)) if clusters is None else clusters
    n, sizes, sums = len(scores), Counter(labels), dict.fromkeys(labels, 0)
    if len(sizes) < 2:
        raise ValueError(f"found {len(sizes)} cluster, expected at least 2")
    whole, denominator = _whole(scores)
    total = sum(whole)
    for label, score in zip(labels, whole, strict=True):
        sums[label] += score
    squares = dict.fromkeys(sizes.values(), 0)  # (n S_g)^2 by size of cluster: few sizes, short fractions
    for label, size in sizes.items():
        squares[size] += (n * sums[label] - size * total) ** 2
    unit = n**4 * denominator**2
    variance_cr0 = Fraction(sum(squares.values()), unit)
    variance_cr2 = sum((square / (1 - Fraction(size, n)) for size, square in squares.items()), Fraction(0)) / unit
    mean = Fraction(total, n * denominator)
    return ClusteredMean(mean, n, len(sizes), variance_cr0, variance_cr2, _satterthwaite(sizes.values(), n))


def _whole(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """The values as whole numbers over one denominator: sums stay exact, and cost no reduction at every step."""
    denominator = math.lcm(*{value.denominator for value in values})
    return [value.numerator * (denominator // value.denominator) for value in values], denominator


def _satterthwaite(sizes: Iterable[int], n: int) -> Fraction:
    """Degrees of freedom trace(P)^2 / sum P_gh^2 for a mean, with P as in statistics a3, summed in closed form.

    With b_g = n_g^2 / (1 - n_g/n): trace(P) = 1/n, P_gg = n_g/n^2, and off the diagonal P_gh^2 = b_g b_h / n^6.
    """
    total = squared = diagonal = Fraction(0)
    for size, often in Counter(sizes).items():
        weight = size**2 / (1 - Fraction(size, n))
        total, squared, diagonal = total + often * weight, squared + often * weight**2, diagonal + often * size**2
    return Fraction(1, n**2) / (diagonal / n**4 + (total**2 - squared) / n**6)


def _squared_quantile_ratio(reference: float | None, df: float, alpha: float) -> float:
    """(z / t_df)^2, or (t_reference / t_df)^2. At one half both quantiles are 0 and the ratio is that of the densities there."""
    if LARGEST_ERROR - alpha > 1e-6:  # our choice: nearer to one half the quotient of two tiny quantiles loses its digits
        above = z_quantile(alpha) if reference is None else t_quantile(reference, alpha)
        return (above / t_quantile(df, alpha)) ** 2
    return (_middle_density(df) / (1 / math.sqrt(2 * math.pi) if reference is None else _middle_density(reference))) ** 2


def _middle_density(df: float) -> float:
    return math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(df * math.pi)


@dataclass(frozen=True, kw_only=True)
class EffectiveCountEstimate(Estimate):
    """Beta bounds on an effective number of items (Korn and Graubard 1998; degrees of freedom after statistics a3).

    ``clustered`` is in shares of ``scale``. ``cap`` is the largest effective n (Parker et al. 2017), ``prior_df`` the weight of
    the worst case in a moderated variance. ``df_adjust`` ``kg`` is for comparison with survey packages only.
    """

    clustered: ClusteredMean
    scale: Scale = UNIT
    df_adjust: Literal["z", "kg"] = "z"
    cap: int | None = None
    prior_df: int = 0

    @property
    def degenerate(self) -> bool:
        """No spread, or all passed, or none: then the number of clusters is the effective n."""
        return self.clustered.no_spread or self.clustered.mean in (0, 1)

    def effective_n(self, alpha: float) -> float:
        """Effective number of items at this error level."""
        found = self.clustered
        if self.degenerate:
            return float(found.clusters)
        worst = found.mean * (1 - found.mean)
        df, variance = found.degrees_of_freedom, found.variance_cr2
        if self.prior_df:
            moderated = (df * variance + self.prior_df * worst / found.items) / (df + self.prior_df)
            df, variance = df + self.prior_df, max(variance, moderated)
        reference = float(found.items - 1) if self.df_adjust == "kg" else None
        effective = float(worst / variance) * _squared_quantile_ratio(reference, float(df), alpha)
        return effective if self.cap is None else min(effective, float(self.cap))

    def _counts(self, alpha: float) -> tuple[float, float]:
        n = self.effective_n(alpha)
        return float(self.clustered.mean) * n, float(1 - self.clustered.mean) * n

    def lower(self, alpha: float) -> float:
        return self.scale.bound(share_lower(*self._counts(checked(alpha)), alpha))

    def upper(self, alpha: float) -> float:
        return self.scale.bound(share_upper(*self._counts(checked(alpha)), alpha))

    def p_below(self, bar: Bar) -> float:
        return p_below_by_bound(self.upper, bar, share_p_below(*self._counts(LARGEST_ERROR), self.scale.share(bar)))

    def p_above(self, bar: Bar) -> float:
        return p_above_by_bound(self.lower, bar, share_p_above(*self._counts(LARGEST_ERROR), self.scale.share(bar)))


@dataclass(frozen=True, kw_only=True)
class GradedEstimate(Estimate):
    """Graded scores: the effective-n bound in the middle of the scale, spliced with item-beta outside (see the module's rules)."""

    middle: EffectiveCountEstimate
    outer: BetaEstimate
    clustered: bool  # item-beta knows no clusters; with them the wider of the two stands outside
    outer_everywhere: bool = False  # with few items the middle has no zone

    def _edges(self) -> tuple[float, float]:
        """The largest float below the zone, and the end of the zone."""
        low, high = (float(self.middle.scale.native(share)) for share in ZONE)
        return math.nextafter(low, -math.inf), high

    def upper(self, alpha: float) -> float:
        middle, outer = self.middle.upper(alpha), self.outer.upper(alpha)
        if self.clustered:
            outer = max(outer, middle)
        if self.outer_everywhere:
            return outer
        below, end = self._edges()
        if middle >= end:
            return max(outer, end)
        return middle if middle > below else min(outer, below)

    def lower(self, alpha: float) -> float:
        middle, outer = self.middle.lower(alpha), self.outer.lower(alpha)
        if self.clustered:
            outer = min(outer, middle)
        if self.outer_everywhere:
            return outer
        below, end = self._edges()
        if middle > end:
            return max(outer, end)
        return middle if middle > below else min(outer, below)

    def p_below(self, bar: Bar) -> float:
        return p_below_by_bound(self.upper, bar, self.middle.p_below(bar))

    def p_above(self, bar: Bar) -> float:
        return p_above_by_bound(self.lower, bar, self.middle.p_above(bar))


@dataclass(frozen=True)
class _Scored:
    """Item scores ready for an interval, as shares of ``scale`` (or native values where there is none)."""

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


def _mean(values: Sequence[Fraction]) -> Fraction:
    whole, denominator = _whole(values)
    return Fraction(sum(whole), denominator * len(whole))


def _as_clusters(items: Sequence[ItemResult]) -> tuple[Hashable, ...] | None:
    labels = tuple(("item", item.item) if item.cluster is None else ("cluster", item.cluster) for item in items)
    return None if len(set(labels)) == len(labels) else labels


def _passes(items: Sequence[ItemResult]) -> bool:
    """Whether every attempt is written as 0 or 1, which a share reads as failed and passed on any scale."""
    return all(each in (0, 1, None) for item in items for each in item.attempts)


def _unit_unclear(items: Sequence[ItemResult], scale: Scale | None) -> bool:
    """Whether attempts seem to be shares on a percent scale, where a pass written as 1 would count as one hundredth of a pass."""
    if scale is None or scale.high < 100:  # 100: a percent scale, or one as wide
        return False
    attempts = [each for item in items for each in item.attempts if each is not None]
    return all(0 <= each <= 1 for each in attempts) and any(attempts)


class _Reader(dict[Decimal, Fraction]):
    """Attempts as shares of a scale, or as they are where there is none; each different value is worked out once."""

    def __init__(self, scale: Scale | None) -> None:
        super().__init__()
        self.scale = scale

    def __missing__(self, attempt: Decimal) -> Fraction:
        share = Fraction(attempt) if self.scale is None else self.scale.share(attempt)
        if self.scale is not None and not 0 <= share <= 1:
            ends = f"{float(self.scale.low):g} to {float(self.scale.high):g}"
            raise ValueError(f"found the attempt {attempt} on a scale from {ends}, expected it on the scale")
        self[attempt] = share
        return share

    @property
    def graded(self) -> bool:
        """Whether any attempt so far was neither a pass nor a failure."""
        return any(share not in (0, 1) for share in self.values())


def _per_item(statistic: Statistic, k: int | None, shares: Sequence[Fraction]) -> Fraction:
    if statistic is not Statistic.PASS_AT_K:
        return _mean(shares)
    if any(share not in (0, 1) for share in shares):
        raise ValueError("found a graded attempt under pass_at_k, expected passes and failures")
    return pass_at_k(len(shares), int(sum(shares)), k or 0)


def _unscored(items: Sequence[ItemResult], reader: _Reader, scale: Scale | None, statistic: Statistic) -> Unestimable:
    """What is known of a run with attempts nobody could score: a point over the rest, which may prevent and never support."""
    known = [[reader[each] for each in item.attempts if each is not None] for item in items]
    means = [_mean(attempts) for attempts in known if attempts]
    missing = sum(each is None for item in items for each in item.attempts)
    point = _mean(means) if means and statistic is not Statistic.PASS_AT_K else None
    if point is not None and scale is not None:
        point = scale.native(point)
    return Unestimable("unscored_attempts", f"{missing} attempts nobody could score", point)


def items_estimate(
    items: Sequence[ItemResult],
    scale: Scale | None,
    statistic: Statistic = Statistic.MEAN,
    k: int | None = None,
    moderated: bool = False,
) -> Estimate | Unestimable:
    """Estimate of a mean, a share or pass@k over items. ``scale`` is ``None`` where the score is unbounded.

    ``moderated`` asks for the moderated variance, which must be chosen before the results (statistics a4).
    """
    if not items:
        return Unestimable("not_measured", "no items")
    if statistic is not Statistic.MEAN and scale is None:
        scale = UNIT
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
    if statistic is Statistic.PASS_AT_K and (k or 0) > fewest:
        return Unestimable("k_greater_than_attempts", f"pass@{k} needs {k} attempts on every item; one has {fewest}")
    scores = tuple(_per_item(statistic, k, attempts) for attempts in shares)
    whole = all(score in (0, 1) for score in scores)
    single = whole and (fewest == 1 == max(map(len, shares)) or statistic is Statistic.PASS_AT_K)
    scored = _Scored(scores, _as_clusters(items), reader.graded, single, sum(map(len, shares)), fewest)
    return _unbounded(scored) if scale is None else _bounded(scored, scale, moderated)


def _too_few(scored: _Scored, point: Fraction) -> Unestimable | None:
    if len(scored.scores) == 1:
        return Unestimable("one_observation", "one item says nothing of its own error", point)
    if scored.clusters is not None and len(set(scored.clusters)) < 2:
        return Unestimable("one_cluster", "all items belong to one cluster, which says nothing of the spread between clusters", point)
    return None


def _bounded(scored: _Scored, scale: Scale, moderated: bool) -> Estimate | Unestimable:
    n, total = len(scored.scores), sum(scored.scores, Fraction(0))
    refused = _too_few(scored, scale.native(total / n))
    if refused is not None:
        return refused
    if moderated and (n < MODERATED_ITEMS or scored.fewest_attempts < MODERATED_ATTEMPTS):
        words = f"found {n} items with {scored.fewest_attempts} attempts or more, expected {MODERATED_ITEMS} with {MODERATED_ATTEMPTS}"
        raise ValueError(f"{words} for the moderated variance")
    if scored.clusters is None and not moderated and (not scored.graded or n < FEWEST_GRADED):
        return clopper_pearson(total, n, scale) if scored.single_attempts else item_beta(total, n, scale)
    cap = scored.attempts if moderated else n
    middle = _effective(scored, scale, cap=None if scored.graded else cap, prior_df=PRIOR_DF if moderated else 0)
    return _spliced(middle, scored, scale) if scored.graded else middle


def _effective(scored: _Scored, scale: Scale, cap: int | None, prior_df: int) -> EffectiveCountEstimate:
    found = clustered_mean(scored.scores, scored.clusters)
    notes = (FEW_CLUSTERS_NOTE,) if found.clusters < FEW_CLUSTERS else ()
    method = "effective_n_moderated" if prior_df else "effective_n"
    point = scale.native(found.mean)
    return EffectiveCountEstimate(point, method, found.items, notes, clustered=found, scale=scale, cap=cap, prior_df=prior_df)


def _spliced(middle: EffectiveCountEstimate, scored: _Scored, scale: Scale) -> Estimate:
    n = len(scored.scores)
    outer = item_beta(sum(scored.scores, Fraction(0)), n, scale)
    return GradedEstimate(
        middle.point, f"{middle.method}_graded", n, middle.notes,
        middle=middle, outer=outer, clustered=scored.clusters is not None, outer_everywhere=n < FEWEST_GRADED,
    )  # fmt: skip


def _unbounded(scored: _Scored) -> Estimate | Unestimable:
    """t interval on cluster means (statistics a4)."""
    point = _mean(scored.scores)
    refused = _too_few(scored, point)
    if refused is not None:
        return refused
    found = clustered_mean(scored.scores, scored.clusters)
    if found.clusters < FEWEST_UNBOUNDED:
        words = f"{found.clusters} clusters; a score without bounds needs {FEWEST_UNBOUNDED}"
        return Unestimable("too_few_clusters", words, point)
    if found.no_spread:
        return Unestimable("statistic_has_no_interval", "all clusters score the same, so their spread says nothing of the error", point)
    notes = (FEW_CLUSTERS_NOTE,) if found.clusters < FEW_CLUSTERS else ()
    return StudentEstimate(
        point, "student_t", found.items, notes,
        standard_error=math.sqrt(found.variance_cr2), degrees_of_freedom=float(found.degrees_of_freedom),
    )  # fmt: skip
