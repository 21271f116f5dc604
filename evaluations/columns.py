"""The clustered mean of very many items, from columns of whole numbers: the same numbers as item by item, at the speed of numpy.

The rules kept here: every sum is a sum of whole numbers below 2^53, which floats add without error, so the outcome is exactly that of
``clusters.clustered_mean``, digit by digit, in any order of rows; a column whose sums may grow beyond that is refused and never rounded;
from the sums on, the arithmetic is the same exact one. Method and cap are chosen as ``clusters.items_estimate`` chooses them.

Left out: reading attempts and clusters from records (``evaluations.item_scores``), and scores without a bounded scale.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluations.clusters import ClusteredMean, assembled, over_clusters
from evaluations.estimate import Estimate, Unestimable
from evaluations.exact_numbers import LARGEST_COUNT
from evaluations.proportions import clopper_pearson, item_beta
from evaluations.quantiles import UNIT, Scale

Column = NDArray[np.int64]

EXACT_BITS = 53  # whole numbers up to 2^53 are floats, and so are their sums up to there (IEEE 754, binary64)
SPARSE = 4  # our choice: cluster codes beyond four times the rows are renumbered first, so that counting them needs no huge table


def clustered_columns(numerators: Column, denominator: int, codes: Column | None = None) -> ClusteredMean | Unestimable:
    """Mean of the item scores ``numerators / denominator`` with CR0 and CR2 variances and Satterthwaite's df (statistics a3).

    One row an item; ``codes`` are whole numbers from 0 that name the cluster of each row (``None``: every item is its own). Equal to
    ``clustered_mean`` of the same scores. Refuses no rows, one row, one cluster, and sums that may pass 2^53 (``overflow``). Raises
    ``ValueError`` for columns of other shapes or kinds, a denominator under 1, and negative codes.
    """
    checked_columns(numerators, denominator, codes)
    n = len(numerators)
    if n == 0:
        return Unestimable("no_observations", "found no items at all")
    if max(int(numerators.max()), -int(numerators.min())) * n >= LARGEST_COUNT:
        words = f"{n} item scores over the denominator {denominator} may sum to 2^53 or more, beyond which floats do not count by ones"
        return Unestimable("overflow", words)
    if n == 1:
        point = Fraction(int(numerators[0]), denominator)
        return Unestimable("one_observation", "one item says nothing of its own error", point)
    sizes, sums = _by_cluster(numerators, codes)
    total = int(sums.sum(dtype=np.float64))
    mean = Fraction(total, n * denominator)
    if len(sums) < 2:
        return Unestimable("one_cluster", "all items belong to one cluster, which says nothing of the spread between clusters", mean)
    often, squares = {}, {}
    for size, (count, summed, squared) in _by_size(sizes, sums).items():  # (n S_g)^2 = (n sum_g - n_g total)^2, summed in closed form
        often[size] = count
        squares[size] = n**2 * squared - 2 * n * size * total * summed + count * (size * total) ** 2
    return assembled(mean, n, denominator, often, squares)


def checked_columns(numerators: Column, denominator: int, codes: Column | None) -> None:
    """Raise ``ValueError`` unless the columns are whole numbers, side by side, with codes from 0 and a denominator from 1."""
    for name, column in (("numerators", numerators), ("codes", codes)):
        if column is not None and (column.ndim != 1 or column.dtype != np.int64):
            raise ValueError(f"found {name} of kind {column.dtype} in {column.ndim} dimensions, expected one column of int64")
    if denominator < 1:
        raise ValueError(f"found the denominator {denominator}, expected 1 or more")
    if codes is not None and len(codes) != len(numerators):
        raise ValueError(f"found {len(codes)} cluster codes for {len(numerators)} items, expected one for each")
    if codes is not None and len(codes) and codes.min() < 0:
        raise ValueError(f"found the cluster code {int(codes.min())}, expected 0 or more")


def _by_cluster(numerators: Column, codes: Column | None) -> tuple[Column | None, NDArray[np.float64]]:
    """Size (``None`` if all are 1) and sum of every cluster; the sums are whole numbers, held in floats."""
    if codes is None:
        return None, numerators.astype(np.float64)
    if int(codes.max()) > SPARSE * len(codes):
        codes = np.unique(codes, return_inverse=True)[1]
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=numerators).astype(np.float64, copy=False)
    used = sizes > 0
    return (sizes, sums) if used.all() else (sizes[used], sums[used])


def _by_size(sizes: Column | None, sums: NDArray[np.float64]) -> dict[int, tuple[int, int, int]]:
    """For each size of cluster: how many there are, the sum of their sums, and the sum of their squared sums, all exact."""
    same = np.zeros(len(sums), dtype=np.int64) if sizes is None else sizes
    counts, totals, squares = np.bincount(same), np.bincount(same, weights=sums), _squares(same, sums)
    present = np.flatnonzero(counts)
    return {int(size) or 1: (int(counts[size]), int(totals[size]), squares[size]) for size in present}


def _squares(sizes: Column, sums: NDArray[np.float64]) -> list[int]:
    """Sum of squares by size. Sums too large to be squared in floats are cut into digits of a base whose products stay exact."""
    bits = (EXACT_BITS - len(sums).bit_length()) // 2
    digits, rest = [], np.abs(sums)
    while rest.any():
        higher = np.floor(np.ldexp(rest, -bits))
        digits.append(rest - np.ldexp(higher, bits))
        rest = higher
    squares = [0] * (int(sizes.max()) + 1)
    for low, one in enumerate(digits):
        for high, other in enumerate(digits[low:], low):
            part = np.bincount(sizes, weights=one * other)
            for size in np.flatnonzero(part):
                squares[size] += int(part[size]) << (bits * (low + high) + (low != high))
    return squares


def columns_estimate(
    numerators: Column, denominator: int, codes: Column | None, scale: Scale = UNIT, scored: Literal["passes", "graded"] = "passes"
) -> Estimate | Unestimable:
    """Estimate of the mean item score on ``scale``, of which ``numerators / denominator`` are shares (statistics a1 to a4).

    The same as ``items_estimate`` gives item by item: ``scored`` says whether attempts were passes and failures or graded. Refuses
    what ``clustered_columns`` refuses, and shares outside 0 to 1.
    """
    checked_columns(numerators, denominator, codes)
    if len(numerators) and not (numerators.min() >= 0 and int(numerators.max()) <= denominator):
        return Unestimable("off_scale", "found an item score outside 0 to 1, expected shares of the scale")
    found = clustered_columns(numerators, denominator, codes)
    if isinstance(found, Unestimable):
        return found if found.point is None else Unestimable(found.reason, found.words, scale.native(found.point))
    if found.clusters < found.items:
        return over_clusters(found, scale, cap=found.items)
    total = found.mean * found.items
    single = scored == "passes" and bool(np.isin(numerators, (0, denominator)).all())
    return clopper_pearson(total, found.items, scale) if single else item_beta(total, found.items, scale)
