"""Planning a score before anything is measured: the chance to rule out a bar, and how many items that takes (statistics a1, b7, c8).

The rules kept here: the chance is that of the product's own bound, never of a textbook formula for another one; a definition whose
chance to rule out is under one half is not called designed to rule out; the chance of a count rises and falls in teeth as items are
added, so the number of items is the one from which on every larger number keeps it; a simulated chance carries its seed and its error.

Left out: scores in clusters, graded scores and the moderated variance (a3, a4), whose chance depends on more than can be known before.
Left out: trials with people (``evaluations.uplift.power``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evaluations.estimate import Bar, Unestimable
from evaluations.exact_numbers import Given, exact_bar, exact_number, whole_count
from evaluations.proportions import share_p_below, share_upper
from evaluations.quantiles import checked
from evaluations.resampling import SHOWN_ERROR, Chance, chance

LEAST_POWER = 0.5  # statistics b7: under it a trial may not be called designed to rule out
MOST_ITEMS = 5_000  # our choice: how far a number of items is sought, and held against
REPLICATES = 2_000  # our choice: a chance near one half is then known to 1.1 points (one standard error)
LEAST_REPLICATES, MOST_REPLICATES = 100, 1_000_000  # our choice: fewer say nothing, more only take time
MOST_ATTEMPTS = 1_000_000  # our choice: attempts of one snapshot in all
ITEM_CORRELATION = 0.4  # between two attempts on an item; with it and the next the table of statistics c8 comes out
SHARED = 0.7  # part of an item's difficulty that all snapshots share (statistics c8, measured with weight 0.7)
CELLS = 2**18  # our choice: items held at once, 2 MiB
LATENT_END, LATENT_STEPS = 6.0, 2_001  # our choice: beyond 6 lies one item in 10^9; between steps a straight line is right to 1e-5

Floats = NDArray[np.float64]
Designed = Literal["designed_to_rule_out", "not_designed_to_rule_out"]


def designed_to_rule_out(power: float) -> Designed:
    """What a definition with that chance to rule out may be called. Raises ``ValueError`` for what is no probability."""
    if not 0 <= power <= 1:
        raise ValueError(f"found the power {power}, expected a probability")
    return "designed_to_rule_out" if power >= LEAST_POWER else "not_designed_to_rule_out"


def wanted(power: float) -> float:
    """Return ``power`` if it can be aimed at: above 0 and below 1. Raises ``ValueError`` otherwise."""
    if not 0 < power < 1:
        raise ValueError(f"found the target power {power}, expected above 0 and below 1")
    return power


@dataclass(frozen=True)
class SharePower:
    """Chance that so many items rule out the bar; ``most_passed`` is the largest count that does, ``None`` if not even 0 does."""

    items: int
    power: float
    most_passed: int | None

    @property
    def called(self) -> Designed:
        """What a definition with this chance may be called."""
        return designed_to_rule_out(self.power)


@dataclass(frozen=True)
class ItemsNeeded:
    """From ``items`` on, every number of items up to ``held_to`` has the target power; ``first`` is the smallest that reaches it at
    all, from which more items may still fall below it (the teeth of a count)."""

    items: int
    first: int
    held_to: int


def _share(truth: Given, what: str) -> Fraction | Unestimable:
    share = exact_number(truth, what)
    if isinstance(share, Fraction) and not 0 <= share <= 1:
        return Unestimable("off_scale", f"found {float(share):g} as {what}, expected a share from 0 to 1")
    return share


def _bar_of_a_share(bar: Bar) -> Fraction:
    share = exact_bar(bar)
    if not 0 < share < 1:
        raise ValueError(f"found the bar {bar}, expected a share between 0 and 1")
    return share


def _several(count: int, what: str) -> int | Unestimable:
    """The count, refusing none and one: the product itself gives no interval for one observation."""
    n = whole_count(count, what)
    if isinstance(n, int) and n < 2:
        return Unestimable("no_observations" if n == 0 else "one_observation", f"found {n} as {what}, expected at least 2")
    return n


def share_power(items: int, truth: Given, bar: Bar, alpha: float = SHOWN_ERROR) -> SharePower | Unestimable:
    """Chance that Clopper-Pearson rules out ``bar`` with ``items`` items, one attempt each, when the share is ``truth`` (exact sum, a1).

    Shares from 0 to 1. With the truth at the bar or above it is the chance of a false rule-out, at most ``alpha``. Refuses fewer than
    two items and a truth off the scale. Raises ``ValueError`` for a bar that is no share between 0 and 1.
    """
    n, share, limit = _several(items, "number of items"), _share(truth, "true share"), _bar_of_a_share(bar)
    for each in (n, share):
        if isinstance(each, Unestimable):
            return each
    assert isinstance(n, int)
    assert isinstance(share, Fraction)
    most = _most_passed(n, 1, limit, alpha)
    return SharePower(n, 0.0 if most is None else _at_most(most, n, share), most)


def _at_most(passed: int, items: int, share: Fraction) -> float:
    """P(Bin(items, share) <= passed); the ends, where every item passes or none, are sure."""
    if share in (0, 1):
        return float(share == 0 or passed == items)
    return share_p_below(passed, items - passed, share)


def _most_passed(items: int, attempts: int, bar: Fraction, alpha: float) -> int | None:
    """The most passes of all attempts whose item-beta bound lies under the bar (statistics a2), ``None`` if not even none does."""

    def under(passed: int) -> bool:
        sum_of_means = passed / attempts
        return share_upper(sum_of_means, items - sum_of_means, alpha) < bar

    checked(alpha)
    if not under(0):
        return None
    holds, fails = 0, items * attempts  # with all passed the bound is 1, and the bar is below it
    while fails - holds > 1:
        middle = (holds + fails) // 2
        holds, fails = (middle, fails) if under(middle) else (holds, middle)
    return holds


def items_needed(truth: Given, bar: Bar, target: float, alpha: float = SHOWN_ERROR, held_to: int = MOST_ITEMS) -> ItemsNeeded | Unestimable:
    """Fewest items with which ``bar`` is ruled out with chance ``target``, and with every larger number up to ``held_to`` too.

    Refuses a truth at the bar or above it, or too near below it for ``held_to`` items (``power_out_of_reach``), and a truth off the
    scale. Raises ``ValueError`` for a target that is no probability between 0 and 1.
    """
    share, limit, goal = _share(truth, "true share"), _bar_of_a_share(bar), wanted(target)
    if isinstance(share, Unestimable):
        return share
    if share >= limit:
        return Unestimable("power_out_of_reach", "the true share is not below the bar, and no number of items may show that it is")
    first: int | None = None
    last_failure, most = 1, _next_most(None, 1, limit, checked(alpha))
    for n in range(2, held_to + 1):
        most = _next_most(most, n, limit, alpha)
        if most is None or _at_most(most, n, share) < goal:
            last_failure = n
        elif first is None:
            first = n
    if first is None or last_failure == held_to:
        words = f"{held_to} items do not yet rule out the bar with a chance of {goal:g} for good"
        return Unestimable("power_out_of_reach", words)
    return ItemsNeeded(last_failure + 1, first, held_to)


def _next_most(before: int | None, items: int, bar: Fraction, alpha: float) -> int | None:
    """The most passes that rule out with one item more: as many as before, or one more (the tail falls with every item added)."""
    candidate = 0 if before is None else before + 1
    return candidate if share_upper(candidate, items - candidate, alpha) < bar else before


@dataclass(frozen=True)
class SnapshotPlan:
    """What is to be measured: every item tried ``attempts`` times on every snapshot, all truly at ``truth``, against ``bar``.

    ``item_correlation`` is that between two attempts on an item (items differ in difficulty), ``shared`` the part of an item's
    difficulty that all snapshots share.
    """

    items: int
    snapshots: int
    attempts: int
    truth: Given
    bar: Bar
    alpha: float = SHOWN_ERROR
    item_correlation: float = ITEM_CORRELATION
    shared: float = SHARED


@dataclass(frozen=True)
class SnapshotPower:
    """Chance that every snapshot's bound lies under the bar (statistics c3), simulated; ``standard_error`` is that of the simulation."""

    plan: SnapshotPlan
    power: float
    standard_error: float
    most_passed: int | None
    replicates: int
    seed: int

    @property
    def called(self) -> Designed:
        """What a definition with this chance may be called."""
        return designed_to_rule_out(self.power)


def snapshots_power(plan: SnapshotPlan, seed: int, replicates: int = REPLICATES) -> SnapshotPower | Unestimable:
    """Chance to rule out a bar with several snapshots, simulated through the item-beta bound that will decide (statistics c8).

    An item's chance to pass is Beta with mean ``truth``, as a quantile of a normal difficulty of which ``shared`` is common to the
    snapshots. Refuses fewer than two items, no snapshot or attempt, and a truth off the scale. Raises ``ValueError`` for a bar or a
    correlation outside 0 to 1, and for an impossible seed or number of replicates.
    """
    bar = _bar_of_a_share(plan.bar)
    if not 0 < plan.item_correlation < 1 or not 0 <= plan.shared <= 1:
        raise ValueError(f"found correlations {plan.item_correlation} and {plan.shared}, expected shares")
    if not LEAST_REPLICATES <= replicates <= MOST_REPLICATES:
        raise ValueError(f"found {replicates} replicates, expected {LEAST_REPLICATES} to {MOST_REPLICATES}")
    share, refused = _share(plan.truth, "true share"), _unplannable(plan)
    if isinstance(share, Unestimable):
        return share
    if refused is not None:
        return refused
    most = _most_passed(plan.items, plan.attempts, bar, plan.alpha)
    drawing = chance(seed)
    ruled_out = 0 if most is None else _times_ruled_out(plan, float(share), most, drawing, replicates)
    power = ruled_out / replicates
    return SnapshotPower(plan, power, math.sqrt(power * (1 - power) / replicates), most, replicates, seed)


def _unplannable(plan: SnapshotPlan) -> Unestimable | None:
    for count, what in ((plan.snapshots, "number of snapshots"), (plan.attempts, "number of attempts on an item")):
        n = whole_count(count, what)
        if isinstance(n, Unestimable):
            return n
        if n == 0:
            return Unestimable("no_observations", f"found no {what.removeprefix('number of ')} planned")
    items = _several(plan.items, "number of items")
    if isinstance(items, Unestimable):
        return items
    if items * plan.attempts > MOST_ATTEMPTS:
        return Unestimable("overflow", f"found more than {MOST_ATTEMPTS} attempts on a snapshot, expected fewer to simulate")
    return None


def _times_ruled_out(plan: SnapshotPlan, truth: float, most: int, drawing: Chance, replicates: int) -> int:
    """How many simulated assessments have every snapshot at or under ``most`` passes."""
    latents = np.linspace(-LATENT_END, LATENT_END, LATENT_STEPS)
    shares = _shares_at(latents, truth, plan.item_correlation)
    own, common = math.sqrt(1 - plan.shared), math.sqrt(plan.shared)
    rows, times = max(1, CELLS // plan.items), 0
    for start in range(0, replicates, rows):
        size = (min(rows, replicates - start), plan.items)
        difficulty, every = common * drawing.standard_normal(size), np.ones(size[0], dtype=bool)
        for _ in range(plan.snapshots):
            latent = difficulty + own * drawing.standard_normal(size)
            passed = drawing.binomial(plan.attempts, np.interp(latent, latents, shares)).sum(axis=1)
            every &= passed <= most
        times += int(np.count_nonzero(every))
    return times


def _shares_at(latents: Floats, truth: float, correlation: float) -> Floats:
    """An item's chance to pass at each difficulty: the Beta quantile there, of mean ``truth`` and that correlation within items."""
    if truth in (0.0, 1.0):
        return np.full_like(latents, truth)
    weight = (1 - correlation) / correlation
    return np.asarray(special.betaincinv(truth * weight, (1 - truth) * weight, special.ndtr(latents)), dtype=np.float64)
