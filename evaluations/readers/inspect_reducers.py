"""How Inspect makes one value of a sample's epochs: what each way means for a score, and the same count made again.

The rules kept here: an epoch without a value is left out, as Inspect does; the best of several epochs is a maximum, and *at least one of k*
is pass@k; whatever else is done to epochs before the mean over samples is no statistic that policies know, and is told in words.

Left out: ways of reducing that a pipeline made itself. Their numbers are kept and not counted again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from math import comb, fsum
from statistics import median

from evaluations.readers.recounts import mean_of
from evaluations.records import ItemResult, Statistic

OF_K = re.compile(r"(pass_at|pass_k|at_least)_(\d{1,6})")
PASSED = 1.0  # Inspect's default for what counts as passed in all three
NAMED: dict[str, Callable[[list[float]], float | None]] = {
    "max": max,
    "median": median,
    "mode": lambda values: Counter(values).most_common(1)[0][0],
}


def statistic_of(reducer: str | None) -> tuple[Statistic, int | None]:
    """Return what the mean over samples of values reduced like this is, and its k."""
    match = OF_K.fullmatch(reducer or "")
    if match and match.group(1) == "pass_at":
        return Statistic.PASS_AT_K, int(match.group(2))
    return {None: Statistic.MEAN, "mean": Statistic.MEAN, "max": Statistic.MAXIMUM}.get(reducer, Statistic.NOT_STATED), None


def in_words(reducer: str | None, epochs: int) -> list[str]:
    """Return what a reader of the number has to know, where its statistic alone does not say it."""
    match = OF_K.fullmatch(reducer or "")
    if reducer == "max":
        return [f"Mean over samples of the best of {epochs} attempts."]
    if match and match.group(1) != "pass_at":
        kind = "all" if match.group(1) == "pass_k" else "at least"
        return [f"Mean over samples of whether {kind} {match.group(2)} of {epochs} attempts pass."]
    return [] if reducer in (None, "mean") or match else [f"Mean over samples of their attempts reduced by {(reducer or '')[:60]}."]


def recounted(reducer: str | None, items: Sequence[ItemResult]) -> list[float] | None:
    """Return the mean over samples as the header may mean it; empty where nothing is scored, ``None`` for an unknown way of reducing."""
    if reducer in (None, "mean"):
        means = [mean_of(items)]
        if reducer is None:  # a metric that was asked for unreduced is over attempts
            every = [float(value) for item in items for value in item.attempts if value is not None]
            means.append(fsum(every) / len(every) if every else None)
        return [each for each in means if each is not None]
    reduce = _reduction(reducer)
    if reduce is None:
        return None
    scored = [[float(value) for value in item.attempts if value is not None] for item in items]
    values = [value for attempts in scored if attempts and (value := reduce(attempts)) is not None]
    return [fsum(values) / len(values)] if values else []


def _reduction(reducer: str) -> Callable[[list[float]], float | None] | None:
    match = OF_K.fullmatch(reducer)
    if not match:
        return NAMED.get(reducer)
    kind, k = match.group(1), int(match.group(2))

    def of_k(values: list[float]) -> float | None:
        n, passed = len(values), sum(value >= PASSED for value in values)
        if kind == "at_least":
            return float(passed >= k)
        if n < k or k < 1:
            return None
        return comb(passed, k) / comb(n, k) if kind == "pass_k" else 1 - comb(n - passed, k) / comb(n, k)

    return of_k
