"""Chance from a recorded seed, and the cluster bootstrap of a mean (statistics a3, b3).

The rules kept here: every draw comes from one generator made of a seed that the caller hands in and the outcome carries, so the same
seed gives the same bytes; clusters are drawn whole, because items of one cluster rise and fall together (Davison and Hinkley 1997,
section 3.8); they are sorted first, and their sums are put on a grid of whole units, so that no order of addition changes a digit.

A bootstrap interval is drawn for the eye and decides nothing: with few clusters it is too short (measured for the time horizon: 89 to
93 % where 95 % is stated). Hence its outcome is no ``Estimate``.

Left out: draws inside a cluster, and bias correction of the ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64, Generator  # noqa: TID251 - the one door of chance: a generator is made here from a recorded seed
from numpy.typing import NDArray

from evaluations.estimate import Unestimable
from evaluations.exact_numbers import LARGEST_COUNT, Given, exact_number, whole_count
from evaluations.quantiles import checked

Chance = Generator
Floats = NDArray[np.float64]

REPLICATES = 10_000  # statistics a3: the end at 2.5 % then moves by 3 % of a standard error from seed to seed
FEWEST_REPLICATES = 1_000  # our choice: below it the end at 2.5 % rests on fewer than 25 replicates
MOST_REPLICATES = 1_000_000  # our choice: more only takes memory
SHOWN_ERROR = 0.025  # statistics, section 0: the drawn interval is the 95 % one
CELLS = 2**13  # our choice: counts held at once, 64 KiB, which stay in the processor's cache
RELABELLINGS = 16  # our choice: more save little time
FEWEST_RELABELLED = 50  # our choice: among fewer clusters two relabellings are too much alike
LARGEST_SUM = 1e100  # our choice: beyond it the reader of exact numbers refuses
SAME_MEAN = 1e-12  # relative; our choice: 0.3 of 3 items and 0.1 of one differ by less in floats
EXACT_BITS = 52  # one less than floats hold (IEEE 754, binary64): sums of whole numbers up to there are exact


def chance(seed: int) -> Chance:
    """The generator of a recorded seed. Raises ``ValueError`` for a negative one."""
    if isinstance(seed, bool) or seed < 0:
        raise ValueError(f"found the seed {seed!r}, expected a whole number, 0 or more")
    return Generator(PCG64(seed))


def enough(replicates: int) -> int:
    """Return ``replicates`` if that many can give an end of an interval and be held. Raises ``ValueError`` otherwise."""
    if not FEWEST_REPLICATES <= replicates <= MOST_REPLICATES:
        raise ValueError(f"found {replicates} replicates, expected {FEWEST_REPLICATES} to {MOST_REPLICATES}")
    return replicates


@dataclass(frozen=True)
class ClusterBootstrap:
    """Percentile ends of a mean over items when clusters are drawn anew, with what is needed to draw them again."""

    mean: float
    lower: float
    upper: float
    standard_error: float
    clusters: int
    replicates: int
    seed: int
    method: str = "cluster_bootstrap_percentile"


def cluster_bootstrap(
    sums: Sequence[Given], sizes: Sequence[int], seed: int, replicates: int = REPLICATES, alpha: float = SHOWN_ERROR
) -> ClusterBootstrap | Unestimable:
    """Percentile bootstrap of ``sum of sums / sum of sizes`` over clusters (Efron 1979, Ann. Stat. 7:1; clusters drawn whole).

    One sum of item scores and one number of items a cluster, in the scores' own unit; error ``alpha`` in each tail. Refuses fewer
    than two clusters, a size under 1, what is no finite number, and clusters whose means are all equal. Raises ``ValueError`` for
    columns of unequal length, an impossible error level, seed or number of replicates. It describes; it never decides.
    """
    if len(sums) != len(sizes):
        raise ValueError(f"found {len(sums)} sums of {len(sizes)} clusters, expected as many")
    checked(alpha), enough(replicates)
    values = _floats(sums)
    if isinstance(values, Unestimable):
        return values
    refused = _refused(values, sizes)
    if refused is not None:
        return refused
    replicated = _replicated_means(values, sizes, chance(seed), replicates)
    low, high = np.quantile(replicated, (alpha, 1 - alpha))
    mean, error = math.fsum(values) / sum(sizes), float(replicated.std(ddof=1))
    return ClusterBootstrap(mean, float(low), float(high), error, len(values), replicates, seed)


def _floats(sums: Sequence[Given]) -> list[float] | Unestimable:
    """Each sum as a float: the ends are for the eye, and their own chance is larger than any rounding."""
    values = []
    for each in sums:
        value = each if type(each) is float and abs(each) < LARGEST_SUM else exact_number(each, "sum of a cluster")
        if isinstance(value, Unestimable):
            return value
        values.append(float(value))
    return values


def _refused(values: Sequence[float], sizes: Sequence[int]) -> Unestimable | None:
    """Why these clusters bound nothing, or ``None``."""
    for size in sizes:
        counted = size if type(size) is int and 0 < size <= LARGEST_COUNT else whole_count(size, "size of a cluster")
        if isinstance(counted, Unestimable):
            return counted
        if counted == 0:
            return Unestimable("impossible_count", "found a cluster of 0 items, expected at least one item in each")
    if not values:
        return Unestimable("no_observations", "found no clusters at all")
    if len(values) < 2:
        return Unestimable("one_cluster", "one cluster says nothing of the spread between clusters")
    if sum(sizes) * len(sizes) > LARGEST_COUNT:
        return Unestimable("overflow", "found more items than the replicates could count")
    mean = values[0] / sizes[0]
    if all(math.isclose(value / size, mean, rel_tol=SAME_MEAN, abs_tol=0) for value, size in zip(values, sizes, strict=True)):
        return Unestimable("all_values_equal", "all clusters score the same, so drawing them anew says nothing of the error")
    return None


def _replicated_means(values: Sequence[float], sizes: Sequence[int], drawing: Chance, replicates: int) -> Floats:
    """The mean of each replicate.

    Cluster labels are exchangeable, so one row of counts is a bootstrap sample under any labelling that was fixed before it: each row
    serves ``RELABELLINGS`` of them, which correlate by about 1/sqrt(clusters) and need that many fewer draws.
    """
    n = len(values)
    labellings = RELABELLINGS if n >= FEWEST_RELABELLED else 1
    labels = np.argsort(drawing.random((labellings, n)), axis=1, kind="stable")
    each, counted = np.array(values), np.array([float(size) for size in sizes])
    ordered = np.lexsort((each, counted))
    whole, unit = _in_whole_units(each[ordered])
    columns = np.concatenate((whole[labels], counted[ordered][labels])).T
    rows_in_all, rows_at_once = -(-replicates // labellings), max(1, CELLS // n)
    means = []
    for start in range(0, rows_in_all, rows_at_once):
        counts = _counts(drawing, n, min(rows_at_once, rows_in_all - start))
        totals = counts @ columns  # whole numbers below 2^53: exact in whatever order they are added
        means.append((totals[:, :labellings] / totals[:, labellings:]).ravel())
    return np.concatenate(means)[:replicates] * unit


def _in_whole_units(values: Floats) -> tuple[Floats, float]:
    """Values as whole numbers of a power of two so small that a total of as many of them still is one; and that unit."""
    room = EXACT_BITS - math.ceil(math.log2(len(values)))
    exponent = int(np.frexp(np.abs(values).max())[1])
    return np.rint(np.ldexp(values, room - exponent)), math.ldexp(1.0, exponent - room)


def _counts(drawing: Chance, n: int, rows: int) -> Floats:
    """How often each of ``n`` clusters is drawn in ``n`` draws, one row a sample."""
    drawn = drawing.integers(0, n, size=(rows, n))
    drawn += np.arange(0, rows * n, n)[:, np.newaxis]
    return np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)
