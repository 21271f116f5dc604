"""Permutation tests of two arms: what if the same scores had fallen to the people otherwise (statistics b3).

The rules kept here: every assignment of the scores to the arms is gone through where there are at most 200,000, and otherwise 9,999
are drawn from a recorded seed; the assignment that happened counts among them, so p is never 0 (Phipson and Smyth 2010, Stat. Appl.
Genet. Mol. Biol. 9:39); what differs by less than the rounding of floats is a tie, and a tie counts; scores are sorted and put on a
scale from 0 to 1 in exact arithmetic first, so neither their order nor their unit changes a digit.

The ratio is tested at a bar on the model arm against bar times the control arm, studentised, because the two then differ in spread
(Janssen 1997, Stat. Prob. Lett. 36:9; Chung and Romano 2013, Ann. Stat. 41:484). It checks the sensitivity of the ratio's interval
and never decides: a test gives no interval, so its outcome is no ``Estimate``.

Left out: strata (several cohorts), and people who share a team.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations, islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluations.estimate import Bar, Unestimable
from evaluations.exact_numbers import Given, exact_bar, exact_scores
from evaluations.resampling import chance

MOST_ASSIGNMENTS = 200_000  # statistics b3: up to here every assignment is gone through
DRAWN = 9_999  # statistics b3: with the one that happened, 10,000
TIE = 1e-10  # statistics b3: of the whole range of the scores, or of t where that is larger
NO_SPREAD = 1e-14  # sum of squares, of the whole range squared; our choice: below it an arm's scores are equal up to rounding
CELLS = 2**18  # our choice: numbers held at once, 2 MiB

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Exact = tuple[Fraction, ...]


@dataclass(frozen=True)
class PermutationTest:
    """How often an assignment gives a statistic as large (``p_greater``), as small (``p_less``), or as far from 0 (``p_two_sided``).

    ``statistic`` is the difference of means in the scores' unit, or t at the bar. ``assignments`` were gone through: ``every`` one
    there is, or so many ``drawn`` with ``seed`` (``None`` where nothing was drawn).
    """

    method: Literal["permutation", "studentised_permutation"]
    statistic: float
    p_greater: float
    p_less: float
    p_two_sided: float
    n_assignments: int
    assignments: Literal["every", "drawn"]
    seed: int | None

    @property
    def p_rule_out(self) -> float:
        """One-sided p of a ratio at or above the bar, where the statistic is t at that bar."""
        return self.p_less

    @property
    def p_rule_in(self) -> float:
        """One-sided p of a ratio at or below the bar, where the statistic is t at that bar."""
        return self.p_greater


def permutation_difference(
    treatment: Sequence[Given | None], control: Sequence[Given | None], *, seed: int
) -> PermutationTest | Unestimable:
    """Permutation test of the difference of means, treatment minus control (Fisher 1935; statistics b3), one score a person.

    Exact if the arms differ in nothing under the null hypothesis. Refuses arms of fewer than two, what is no finite number, and
    scores that are all equal. ``seed`` serves where there are more than 200,000 assignments.
    """
    arms = _arms(treatment, control)
    if isinstance(arms, Unestimable):
        return arms
    difference = _mean(arms[0]) - _mean(arms[1])
    return _compared("permutation", arms, float(difference), seed)


def permutation_ratio(
    treatment: Sequence[Given | None], control: Sequence[Given | None], bar: Bar, *, seed: int
) -> PermutationTest | Unestimable:
    """Studentised permutation test of *mean of treatment = bar x mean of control* on treatment and bar x control (statistics b3).

    ``p_rule_out`` is the p against a ratio at or above the bar, ``p_rule_in`` against one at or below it. Exact if the model does
    nothing but multiply scores by the bar, and right in large samples otherwise. Refuses arms of fewer than two, what is no finite
    number, negative scores (``nonpositive_mean``), and an arm whose scores are all equal (``degenerate_control``,
    ``all_values_equal``). Raises ``ValueError`` for a bar that is no positive number.
    """
    factor = exact_bar(bar)
    if factor <= 0:
        raise ValueError(f"found the bar {bar}, expected a ratio above 0")
    arms = _arms(treatment, control)
    if isinstance(arms, Unestimable):
        return arms
    if min(map(min, arms)) < 0:
        return Unestimable("nonpositive_mean", "found a negative score, and a ratio needs scores of 0 or more")
    if len(set(arms[1])) == 1:
        return Unestimable("degenerate_control", "a control arm whose scores are all equal, or all 0, bounds no ratio")
    if len(set(arms[0])) == 1:
        return Unestimable("all_values_equal", "a model arm whose scores are all equal says nothing of its error")
    return _compared("studentised_permutation", (arms[0], tuple(factor * each for each in arms[1])), None, seed)


def _arms(treatment: Sequence[Given | None], control: Sequence[Given | None]) -> tuple[Exact, Exact] | Unestimable:
    arms = []
    for given, name in ((treatment, "model"), (control, "control")):
        scores = exact_scores(given, f"score of the {name} arm")
        if isinstance(scores, Unestimable):
            return scores
        if len(scores) < 2:
            return Unestimable("one_observation", f"one participant in the {name} arm")
        arms.append(tuple(sorted(scores)))
    if len({*arms[0], *arms[1]}) == 1:
        return Unestimable("all_values_equal", "nobody in either arm differs, so no assignment differs from another")
    return arms[0], arms[1]


def _mean(scores: Exact) -> Fraction:
    return sum(scores, Fraction(0)) / len(scores)


def _compared(
    method: Literal["permutation", "studentised_permutation"], arms: tuple[Exact, Exact], shown: float | None, seed: int
) -> PermutationTest:
    """Go through the assignments. ``shown`` is the statistic in the scores' unit; without it t is shown, which has none."""
    flipped = len(arms[0]) > len(arms[1])  # the smaller arm is chosen, because fewer places name it
    chosen, size, n = arms[1 if flipped else 0], min(map(len, arms)), sum(map(len, arms))
    sign = -1.0 if flipped else 1.0
    everybody = sorted(arms[0] + arms[1])
    lowest, width = everybody[0], everybody[-1] - everybody[0]
    centre = sum((each - lowest for each in everybody), Fraction(0)) / n
    scaled = np.array([float((each - lowest - centre) / width) for each in everybody])
    happened = np.array([[float((each - lowest - centre) / width) for each in chosen]])
    statistic = _welch if shown is None else _difference
    observed = sign * float(statistic(happened, scaled)[0])
    tie = TIE * max(1.0, abs(observed))
    total = math.comb(n, size)
    every = total <= MOST_ASSIGNMENTS
    hits = np.zeros(3, dtype=np.int64)
    for places in _every(n, size) if every else _drawn(n, size, seed):
        found = sign * statistic(scaled[places], scaled)
        hits += [
            np.count_nonzero(found >= observed - tie),
            np.count_nonzero(found <= observed + tie),
            np.count_nonzero(np.abs(found) >= abs(observed) - tie),
        ]
    greater, less, far = (hit / total if every else (1 + hit) / (1 + DRAWN) for hit in map(int, hits))
    counted: tuple[int, Literal["every", "drawn"], int | None] = (total, "every", None) if every else (DRAWN, "drawn", seed)
    return PermutationTest(method, observed if shown is None else shown, greater, less, far, *counted)


def _every(n: int, size: int) -> Iterator[Places]:
    """Every choice of ``size`` places of ``n``, a row each, in blocks."""
    choices, rows = combinations(range(n), size), max(1, CELLS // size)
    while block := tuple(islice(choices, rows)):
        yield np.fromiter(chain.from_iterable(block), dtype=np.intp, count=len(block) * size).reshape(len(block), size)


def _drawn(n: int, size: int, seed: int) -> Iterator[Places]:
    """So many random choices of ``size`` places of ``n``: those with the smallest of n random keys."""
    drawing, rows = chance(seed), max(1, CELLS // n)
    for start in range(0, DRAWN, rows):
        keys = drawing.random((min(rows, DRAWN - start), n))
        yield np.sort(np.argsort(keys, axis=1, kind="stable")[:, :size], axis=1)


def _difference(chosen: Floats, everybody: Floats) -> Floats:
    """Difference of means of each row against those not in it. The scores add up to 0, so the other arm's sum is minus this one's."""
    size, others = chosen.shape[1], len(everybody) - chosen.shape[1]
    difference: Floats = chosen.sum(axis=1) * (1 / size + 1 / others)
    return difference


def _welch(chosen: Floats, everybody: Floats) -> Floats:
    """Welch's t of each row against those not in it; infinite where nobody in either arm differs."""
    size, others = chosen.shape[1], len(everybody) - chosen.shape[1]
    sums, squares = chosen.sum(axis=1), np.square(chosen).sum(axis=1)
    rest = np.square(everybody).sum() - squares
    variance = _variance_of_mean(squares, sums, size) + _variance_of_mean(rest, sums, others)
    difference = _difference(chosen, everybody)
    return np.divide(difference, np.sqrt(variance), out=np.copysign(math.inf, difference), where=variance > 0)


def _variance_of_mean(squares: Floats, sums: Floats, size: int) -> Floats:
    about_the_mean = squares - np.square(sums) / size
    return np.where(about_the_mean < NO_SPREAD, 0.0, about_the_mean) / ((size - 1) * size)
