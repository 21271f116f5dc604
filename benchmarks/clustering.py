"""The clustered mean of 1,000,000 item results in 100,000 clusters, against a bare numpy pass that gives no more than a float.

The floor counts sizes and sums of scores by cluster with ``numpy.bincount`` and puts them into the formula in floats. The subject checks
its columns, guards every sum, and gives the exact fractions of the record by record computation.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.measuring import Measured, paired
from evaluations.columns import clustered_columns

ITEMS, CLUSTERS, ATTEMPTS = 1_000_000, 100_000, 10


def cluster_items(_folder: Path) -> Measured:
    """Time one mean with its variances and degrees of freedom."""
    rows = np.arange(ITEMS, dtype=np.int64)
    codes = rows * 7919 % CLUSTERS  # a prime, so that neighbours in the file are not neighbours in memory
    codes[: CLUSTERS // 2] = rows[: CLUSTERS // 2] // 7  # sizes differ
    passed = rows * 104_729 % (ATTEMPTS + 1)

    def floor() -> float:
        sizes, sums = np.bincount(codes), np.bincount(codes, weights=passed)
        within = sums - sizes * (sums.sum() / ITEMS)
        return float((within**2 / (1 - sizes / ITEMS)).sum()) / ITEMS**2

    return paired(
        f"clustered mean of {ITEMS:,} item results", lambda: clustered_columns(passed, ATTEMPTS, codes), "bare numpy pass", floor, runs=9
    )
