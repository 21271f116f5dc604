"""Items, their attempts and their clusters: the estimate of a mean over items (statistics a2 to a5).

The rules kept here: attempts are never pooled into more items; items that rise and fall together are one cluster, and the variance
is over clusters (CR2) with Satterthwaite's degrees of freedom; sums are exact, so the order of items changes no digit.

A graded attempt buys no narrower bound than a pass or a failure does: without clusters the items are counted (item-beta), with them
the effective n is capped at the number of items. So no attempt that went better ever takes an interval away.

Few clusters that all scored near one end show no spread between clusters, and how many agreed says all there is to know. So an upper
bound over clusters is never below what no pass in any cluster would leave, and a lower bound never above its mirror image: a
bar that low (or that high) needs more clusters, not more items in them.

Left out: how attempts become item scores (``evaluations.item_scores``). Left out: the interval for one fixed list of items, which may
be shown and never decides unless a policy fixes the list (``evaluations.fixed_items``, a4).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.item_scores import ItemScores, item_scores, mean_of, whole_over_one
from evaluations.proportions import clopper_pearson, item_beta, share_lower, share_p_above, share_p_below, share_upper
from evaluations.quantiles import LARGEST_ERROR, UNIT, Scale, checked, p_above_by_bound, p_below_by_bound, t_quantile, z_quantile
from evaluations.records import ItemResult, Statistic
from evaluations.summaries import student_estimate

FEW_CLUSTERS = 6  # statistics a3: fewer are computed with a note
FEWEST_UNBOUNDED = 5  # statistics a4: clusters needed for a t interval on an unbounded scale
PRIOR_DF = 10  # statistics a4: weight of the worst case in the moderated variance (Smyth 2004, SAGMB 3:3)
EMPTY_CLUSTERS = 1.5  # our choice, measured: at one half more than its error, no pass in any cluster still says nothing of a lower bar
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
    whole, denominator = whole_over_one(scores)
    total = sum(whole)
    for label, score in zip(labels, whole, strict=True):
        sums[label] += score
    squares = dict.fromkeys(sizes.values(), 0)  # (n S_g)^2 by size of cluster: few sizes, short fractions
    for label, size in sizes.items():
        squares[size] += (n * sums[label] - size * total) ** 2
    return assembled(Fraction(total, n * denominator), n, denominator, Counter(sizes.values()), squares)


def assembled(mean: Fraction, n: int, denominator: int, sizes: Mapping[int, int], squares: Mapping[int, int]) -> ClusteredMean:
    """The variances from whole sums: how many clusters have each size, and the sum of their (n S_g)^2 over ``denominator`` squared."""
    unit = n**4 * denominator**2
    variance_cr0 = Fraction(sum(squares.values()), unit)
    variance_cr2 = sum((square / (1 - Fraction(size, n)) for size, square in squares.items()), Fraction(0)) / unit
    return ClusteredMean(mean, n, sum(sizes.values()), variance_cr0, variance_cr2, _satterthwaite(sizes, n))


def _satterthwaite(sizes: Mapping[int, int], n: int) -> Fraction:
    """Degrees of freedom trace(P)^2 / sum P_gh^2 for a mean, with P as in statistics a3, summed in closed form.

    With b_g = n_g^2 / (1 - n_g/n): trace(P) = 1/n, P_gg = n_g/n^2, and off the diagonal P_gh^2 = b_g b_h / n^6.
    """
    total = squared = diagonal = Fraction(0)
    for size, often in sizes.items():
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
class ClusteredEstimate(Estimate):
    """A share over clusters: the effective-n bounds, held apart by as much as clusters that all fail, or all pass, leave unknown.

    ``inner`` is capped at the number of items. ``clusters`` is Satterthwaite's df plus 1, the number of equal clusters that would say
    as much. Where every cluster had a rate of 0 or 1, as many of them all fail with chance ``(1 - bar)^clusters``; a bar at which that
    is above 1.5 alpha is not ruled out. *Measured* with 2 to 80 clusters of up to 25 items, correlated by 0.2 to 0.6: false rule-out at
    bars from 0.05 up to 14 % without it, at most 4.5 % with it, 5 to 6 % where sizes differ sixfold and the correlation is 0.6.
    """

    inner: Estimate
    clusters: float
    scale: Scale

    def _unknown(self, alpha: float) -> float:
        """The share that no pass in any cluster would leave open at this error level."""
        return -math.expm1(math.log(min(EMPTY_CLUSTERS * checked(alpha), 1.0)) / self.clusters)

    def lower(self, alpha: float) -> float:
        return min(self.inner.lower(alpha), self.scale.bound(1 - self._unknown(alpha)))

    def upper(self, alpha: float) -> float:
        return max(self.inner.upper(alpha), self.scale.bound(self._unknown(alpha)))

    def p_below(self, bar: Bar) -> float:
        return p_below_by_bound(self.upper, bar, self.inner.p_below(bar))

    def p_above(self, bar: Bar) -> float:
        return p_above_by_bound(self.lower, bar, self.inner.p_above(bar))


def items_estimate(
    items: Sequence[ItemResult],
    scale: Scale | None,
    statistic: Statistic = Statistic.MEAN,
    k: int | None = None,
    moderated: bool = False,
) -> Estimate | Unestimable:
    """Estimate of a mean, a share or pass@k over items. ``scale`` is ``None`` where the score is unbounded.

    ``moderated`` asks for the moderated variance, which must be chosen before the results (statistics a4). Refuses what
    ``item_scores`` refuses, one item, one cluster, and on an unbounded scale fewer than five clusters or clusters that all agree.
    """
    if statistic is not Statistic.MEAN and scale is None:
        scale = UNIT
    scored = item_scores(items, scale, statistic, k)
    if isinstance(scored, Unestimable):
        return scored
    return _unbounded(scored) if scale is None else _bounded(scored, scale, moderated)


def _too_few(items: int, clusters: Sequence[Hashable] | None, point: Fraction) -> Unestimable | None:
    if items == 1:
        return Unestimable("one_observation", "one item says nothing of its own error", point)
    if clusters is not None and len(set(clusters)) < 2:
        return Unestimable("one_cluster", "all items belong to one cluster, which says nothing of the spread between clusters", point)
    return None


def _bounded(scored: ItemScores, scale: Scale, moderated: bool) -> Estimate | Unestimable:
    n, total = len(scored.scores), sum(scored.scores, Fraction(0))
    refused = _too_few(n, scored.clusters, scale.native(total / n))
    if refused is not None:
        return refused
    if moderated and (n < MODERATED_ITEMS or scored.fewest_attempts < MODERATED_ATTEMPTS):
        words = f"found {n} items with {scored.fewest_attempts} attempts or more, expected {MODERATED_ITEMS} with {MODERATED_ATTEMPTS}"
        raise ValueError(f"{words} for the moderated variance")
    if scored.clusters is None and not moderated:
        return clopper_pearson(total, n, scale) if scored.single_attempts else item_beta(total, n, scale)
    counts_attempts = moderated and not scored.graded
    found = clustered_mean(scored.scores, scored.clusters)
    return over_clusters(found, scale, cap=scored.attempts if counts_attempts else n, prior_df=PRIOR_DF if moderated else 0)


def over_clusters(found: ClusteredMean, scale: Scale, cap: int, prior_df: int = 0) -> ClusteredEstimate:
    """Estimate of a share over clusters. At no pass or nothing but passes the cap is the count: at the ends there is no spread to see."""
    middle = effective_count(found, scale, cap=cap, prior_df=prior_df)
    at_end = found.mean in (0, 1)
    return ClusteredEstimate(
        middle.point, middle.method, found.items, middle.notes,
        inner=item_beta(found.mean * cap, cap, scale) if at_end else middle,
        clusters=float(found.degrees_of_freedom) + 1, scale=scale,
    )  # fmt: skip


def effective_n(  # one parameter for each option of the design
    scores: Sequence[Fraction],
    clusters: Sequence[Hashable] | None = None,
    scale: Scale = UNIT,
    df_adjust: Literal["z", "kg"] = "z",
    cap: int | None = None,
    prior_df: int = 0,
) -> EffectiveCountEstimate | Unestimable:
    """Beta bounds on the effective number of items with the options chosen by hand (statistics a3, a4); ``scores`` are shares of ``scale``.

    ``items_estimate`` chooses the options and the method itself. Refuses no items, one item, and one cluster.
    """
    if not scores:
        return Unestimable("no_observations", "found no items at all")
    if not all(0 <= score <= 1 for score in scores):
        return Unestimable("off_scale", "found an item score outside 0 to 1, expected shares of the scale")
    refused = _too_few(len(scores), clusters, scale.native(mean_of(scores)))
    return refused or effective_count(clustered_mean(scores, clusters), scale, df_adjust, cap, prior_df)


def effective_count(
    found: ClusteredMean, scale: Scale, df_adjust: Literal["z", "kg"] = "z", cap: int | None = None, prior_df: int = 0
) -> EffectiveCountEstimate:
    """The same from a mean and its variance."""
    notes = (FEW_CLUSTERS_NOTE,) if found.clusters < FEW_CLUSTERS else ()
    method = "effective_n_moderated" if prior_df else "effective_n"
    return EffectiveCountEstimate(
        scale.native(found.mean), method, found.items, notes,
        clustered=found, scale=scale, df_adjust=df_adjust, cap=cap, prior_df=prior_df,
    )  # fmt: skip


def _unbounded(scored: ItemScores) -> Estimate | Unestimable:
    """t interval on cluster means (statistics a4)."""
    point = mean_of(scored.scores)
    refused = _too_few(len(scored.scores), scored.clusters, point)
    if refused is not None:
        return refused
    found = clustered_mean(scored.scores, scored.clusters)
    if found.clusters < FEWEST_UNBOUNDED:
        words = f"{found.clusters} clusters; a score without bounds needs {FEWEST_UNBOUNDED}"
        return Unestimable("too_few_clusters", words, point)
    if found.no_spread:
        return Unestimable("statistic_has_no_interval", "all clusters score the same, so their spread says nothing of the error", point)
    notes = (FEW_CLUSTERS_NOTE,) if found.clusters < FEW_CLUSTERS else ()
    error = math.sqrt(found.variance_cr2)
    return student_estimate(point, "student_t", found.items, notes, error, float(found.degrees_of_freedom))
