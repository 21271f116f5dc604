"""10,000 replicates of a mean over 200 clusters, against ``scipy.stats.bootstrap`` of the same statistic with as many replicates.

The floor is scipy's fastest way: both columns at once, the statistic over whole arrays, percentile ends.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.measuring import Measured, paired
from evaluations.resampling import cluster_bootstrap

CLUSTERS, REPLICATES = 200, 10_000


def resample_clusters(folder: Path) -> Measured:  # noqa: ARG001 - every benchmark is given a folder
    """Time one cluster bootstrap."""
    sizes = [1 + place * 7 % 6 for place in range(CLUSTERS)]
    sums = [size * (0.2 + 0.6 * (place * 37 % CLUSTERS) / CLUSTERS) for place, size in enumerate(sizes)]
    columns = np.array(sums), np.array(sizes, dtype=np.float64)

    def mean(of_sums: Any, of_sizes: Any, axis: int = -1) -> Any:
        return of_sums.sum(axis=axis) / of_sizes.sum(axis=axis)

    def floor() -> None:
        stats.bootstrap(columns, mean, paired=True, n_resamples=REPLICATES, method="percentile", vectorized=True, rng=1)

    def subject() -> None:
        cluster_bootstrap(sums, sizes, seed=1, replicates=REPLICATES)

    return paired(f"{REPLICATES:,} replicates of {CLUSTERS} clusters", subject, "scipy.stats.bootstrap of the same", floor, runs=25)
