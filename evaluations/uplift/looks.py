"""Repeated looks at one trial: which error level a look may use so that all looks together keep theirs (statistics b8).

The rules kept here: planned looks spend the error as Lan and DeMets (1983, Biometrika 70:659) do in the O'Brien-Fleming manner, little
at early looks; the boundaries come from one-dimensional integration from look to look (Armitage, McPherson, Rowe 1969, JRSS A 132:235),
with no chance in it; looks that nobody planned spend a half of the error at the first, a quarter at the second, and so on; an estimate
taken at a look is asked at the level of that look, so it is never narrower than the same figures without looks; where a look may spend
next to nothing there is no bound. The level of a planned look holds if the looks were taken at the planned shares of the participants,
which nothing here can check.

Left out: looks at other shares of the participants than planned, boundaries for giving up early, and a correction of the point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from evaluations.estimate import Bar, Estimate, Reading, Unestimable
from evaluations.exact_numbers import Given, exact_number
from evaluations.quantiles import LARGEST_ERROR, SMALLEST_ERROR, checked, smallest_error, z_quantile
from evaluations.trials import Look

NEAREST_LOOKS = 1e-3  # our choice: two looks nearer than a thousandth of the information are one look
FARTHEST = 8.5  # standard deviations of a look's statistic; beyond it lies less than 1e-17
PANEL, NODES = 4.0, 24  # a panel of 4 standard deviations of the narrowest factor under 24 Gauss nodes is right to 1e-13 (our choice)
MOST_HALVINGS = 20  # our choice: a millionth is the smallest part that is written out
LEVELS_KEPT = 4096  # our choice: nominal levels of several large assessments

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SequentialBounds:
    """For each look: the boundary of its z, the one-sided error level that is, and the error spent up to and with it."""

    fractions: tuple[float, ...]
    alpha: float
    z: tuple[float, ...]
    nominal: tuple[float, ...]
    cumulative: tuple[float, ...]
    method: str = "lan_demets_obrien_fleming"


def spent(fraction: float, alpha: float) -> float:
    """Error spent up to a share of the information: 2 - 2 Phi(z_{alpha/2} / sqrt(share)) (Lan and DeMets 1983, O'Brien-Fleming type)."""
    return alpha if fraction == 1 else 2 * float(special.ndtr(-z_quantile(checked(alpha) / 2) / math.sqrt(fraction)))


def sequential_bounds(fractions: Sequence[Given], alpha: float) -> SequentialBounds | Unestimable:
    """Boundaries of planned looks at these shares of the participants, one-sided error ``alpha`` in all (statistics b8).

    A look so early that it may spend nothing at all has the boundary ``inf``. Refuses no looks, shares that are no finite numbers,
    outside 0 to 1 (``off_scale``), and shares that do not grow by a thousandth from look to look (``looks_out_of_order``).
    """
    shares = _shares(fractions)
    if isinstance(shares, Unestimable):
        return shares
    steps = _boundaries(shares, checked(alpha))
    levels, spending = tuple(each.nominal for each in steps), tuple(each.cumulative for each in steps)
    return SequentialBounds(shares, alpha, tuple(each.z for each in steps), levels, spending)


def _shares(fractions: Sequence[Given]) -> tuple[float, ...] | Unestimable:
    shares = []
    for given in fractions:
        share = exact_number(given, "share of the participants at a look")
        if isinstance(share, Unestimable):
            return share
        if not 0 < share <= 1:
            return Unestimable("off_scale", f"found {float(share):g} as share of the participants at a look, expected above 0, at most 1")
        shares.append(float(share))
    if not shares:
        return Unestimable("no_observations", "found no looks at all")
    if any(later - earlier < NEAREST_LOOKS for earlier, later in pairwise(shares)):
        return Unestimable("looks_out_of_order", "found a look that does not add a thousandth of the participants to the one before it")
    return tuple(shares)


class _Step(NamedTuple):
    z: float
    nominal: float
    cumulative: float


@cache
def _gauss() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes, weights


@dataclass(frozen=True)
class _Density:
    """The trials still running after a look, as masses at points of the score ``z * sqrt(share)``."""

    points: Floats
    masses: Floats

    def beyond(self, end: float, gained: float) -> float:
        """Chance to lie beyond ``end`` once so much information more is gained."""
        return float(self.masses @ special.ndtr((self.points - end) / math.sqrt(gained)))

    def at(self, points: Floats, gained: float) -> Floats:
        """Density there once so much information more is gained."""
        apart = (points[:, np.newaxis] - self.points) / math.sqrt(gained)
        return np.asarray(np.exp(-0.5 * apart * apart) @ self.masses / math.sqrt(2 * math.pi * gained), dtype=np.float64)


@lru_cache(maxsize=LEVELS_KEPT)
def _boundaries(shares: tuple[float, ...], alpha: float) -> tuple[_Step, ...]:
    """Boundary, nominal level and error spent at each look, by integration over the trials that are still running."""
    steps: list[_Step] = []
    running, before = _Density(np.zeros(1), np.ones(1)), 0.0
    for place, (earlier, share) in enumerate(pairwise((0.0, *shares))):
        all_spent = spent(share, alpha)
        z = _boundary(running, share, share - earlier, before, all_spent)
        steps.append(_Step(z, float(special.ndtr(-z)) if place else all_spent, all_spent))
        if place + 1 < len(shares):
            widths = [math.sqrt(share - earlier), math.sqrt(shares[place + 1] - share)]
            points, weights = _points(min(z, FARTHEST) * math.sqrt(share), share, min(widths))
            running = _Density(points, weights * running.at(points, share - earlier))
        before = all_spent
    return tuple(steps)


def _boundary(running: _Density, share: float, gained: float, before: float, after: float) -> float:
    """The z beyond which this look spends what it may. Stopping here only, or stopping whatever came before, brackets it."""
    to_spend = after - before
    if to_spend <= 0:  # less than the smallest float, or than the rounding of what was spent before
        return math.inf
    nearest, farthest = z_quantile(after), z_quantile(to_spend)

    def overspent(z: float) -> float:
        return running.beyond(z * math.sqrt(share), gained) - to_spend

    if overspent(nearest) <= 0:
        return nearest
    if overspent(farthest) >= 0:
        return farthest
    return float(optimize.brentq(overspent, nearest, farthest, xtol=1e-13, rtol=1e-14))


def _points(end: float, share: float, narrowest: float) -> tuple[Floats, Floats]:
    """Gauss points and weights from far below up to ``end``, in panels that resolve the narrowest normal factor."""
    start = -FARTHEST * math.sqrt(share)
    panels = max(1, math.ceil((end - start) / (PANEL * narrowest)))
    edges = np.linspace(start, end, panels + 1)
    half = (edges[1] - edges[0]) / 2
    nodes, weights = _gauss()
    points = ((edges[:-1] + half)[:, np.newaxis] + half * nodes).ravel()
    return points, np.tile(half * weights, panels)


def nominal_level(look: Look, alpha: float) -> float:
    """The one-sided error level at which the figures of this look are judged, so that all looks together err at most ``alpha``.

    Planned looks: the level of the boundary. Looks nobody planned: a half of ``alpha`` at the first, a quarter at the second. Past
    the last planned look, and where the plan's shares do not grow, nothing is left: 0.
    """
    if not look.planned_fractions:
        return math.ldexp(checked(alpha), -look.taken)
    shares = _shares(look.planned_fractions)
    if isinstance(shares, Unestimable) or not 1 <= look.taken <= len(shares):
        return 0.0
    return min(checked(alpha), _boundaries(shares[: look.taken], alpha)[-1].nominal)


@dataclass(frozen=True, kw_only=True)
class LookedAt(Estimate):
    """An estimate taken at one of several looks: bounds and p are those of ``inner`` at the nominal level of the look."""

    inner: Estimate
    look: Look

    def nominal(self, alpha: float) -> float:
        """The level at which ``inner`` is asked."""
        return nominal_level(self.look, alpha)

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The readings of an undefined plus-minus, each as seen at this look."""
        inner: tuple[Reading, ...] = getattr(self.inner, "readings", ())
        return tuple(Reading(each.name, each.admissible, looked_at(each.estimate, self.look)) for each in inner)

    def lower(self, alpha: float) -> float:
        level = self.nominal(alpha)
        return -math.inf if level < SMALLEST_ERROR else self.inner.lower(level)

    def upper(self, alpha: float) -> float:
        level = self.nominal(alpha)
        return math.inf if level < SMALLEST_ERROR else self.inner.upper(level)

    def _usable(self, alpha: float) -> float:
        """The level of the look, below every p where it is too small for a bound."""
        level = self.nominal(alpha)
        return -math.inf if level < SMALLEST_ERROR else level

    def p_below(self, bar: Bar) -> float:
        p = self.inner.p_below(bar)
        level = smallest_error(lambda alpha: p < self._usable(alpha))
        if level is None:
            return max(LARGEST_ERROR, p)
        return math.nextafter(level, 0.0) if level else 0.0  # strictly below: at ``level`` itself the bound decides

    def p_above(self, bar: Bar) -> float:
        p = self.inner.p_above(bar)
        level = smallest_error(lambda alpha: p <= self._usable(alpha))
        return max(math.nextafter(LARGEST_ERROR, 1.0), p) if level is None else level


def looked_at(outcome: Estimate | Unestimable, look: Look | None) -> Estimate | Unestimable:
    """The outcome as it may be read at this look; unchanged where the trial was looked at once only, or gives no estimate.

    Refuses planned shares that do not grow by a thousandth from look to look; the point stays.
    """
    if look is None or isinstance(outcome, Unestimable):
        return outcome
    shares = _shares(look.planned_fractions) if look.planned_fractions else ()
    if isinstance(shares, Unestimable):
        return Unestimable(shares.reason, shares.words, outcome.point)
    notes = (*outcome.notes, _said(look))
    return LookedAt(outcome.point, outcome.method, outcome.observations, notes, inner=outcome, look=look)


def _said(look: Look) -> str:
    if look.planned_fractions:
        shares = ", ".join(f"{float(each):g}" for each in look.planned_fractions)
        return (
            f"Look {look.taken} of {len(look.planned_fractions)} planned: each look spends its part of the error (Lan and DeMets 1983, "
            "O'Brien-Fleming type), so the bounds are wider than those of one look. This holds if the looks were taken at these shares of "
            f"the participants: {shares}."
        )
    part = f"1/{2**look.taken}" if look.taken <= MOST_HALVINGS else "next to nothing"
    return (
        f"Look {look.taken} of a trial whose looks were not planned: it spends {part} of the error, so the bounds are wider than those "
        "of one look."
    )
