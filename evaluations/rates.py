"""Events over an exposure, such as critical failures per 1,000 hours: exact Poisson bounds.

The rules kept here: an event is whole and an exposure is above 0; the bounds are those of the Poisson tail test (Garwood 1936,
Biometrika 28:437), whose one-sided error never exceeds the level; no event at all is an honest observation with an upper bound, and
no exposure is none. Exact arithmetic: a rate at a bar has reached it.

Left out: events that come in bursts (one outage, five failures), which vary more than Poisson. Count the bursts as events.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from scipy import special

from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.exact_numbers import Given, exact_bar, exact_number, saturated, whole_count
from evaluations.quantiles import checked

EVENTS_ALONE = "Events count as independent of each other; events that come in bursts make the interval too short."


@dataclass(frozen=True, kw_only=True)
class PoissonRate(Estimate):
    """``events`` over an exposure; ``unit`` turns a number of events into a rate (``per / exposure``)."""

    events: int
    unit: Fraction

    def lower(self, alpha: float) -> float:
        """Half the alpha quantile of chi-square with 2x degrees of freedom, as a gamma quantile; 0 if nothing happened (Garwood 1936)."""
        return float(special.gammaincinv(self.events, checked(alpha))) * float(self.unit) if self.events else 0.0

    def upper(self, alpha: float) -> float:
        """Half the 1-alpha quantile of chi-square with 2x+2 degrees of freedom, taken from the upper tail for digits."""
        return float(special.gammainccinv(self.events + 1, checked(alpha))) * float(self.unit)

    def p_below(self, bar: Bar) -> float:
        """P(Poisson(bar) <= x); 1 for a bar of 0 or less, because no rate lies below it."""
        expected = saturated(exact_bar(bar) / self.unit)
        return float(special.gammaincc(self.events + 1, expected)) if expected > 0 else 1.0

    def p_above(self, bar: Bar) -> float:
        """P(Poisson(bar) >= x); 0 for a bar of 0 or less, which every rate reaches."""
        expected = saturated(exact_bar(bar) / self.unit)
        if expected <= 0:
            return 0.0
        return float(special.gammainc(self.events, expected)) if self.events else 1.0


def event_rate(events: Given | None, exposure: Given | None, per: Given = 1) -> PoissonRate | Unestimable:
    """Rate of ``events`` over ``exposure``, per ``per`` units of exposure: 3 failures in 4,000 hours, per 1,000 hours, is 0.75.

    Exact Poisson interval (Garwood 1936). Refuses fractional or negative events, an exposure that is 0, negative or no number.
    """
    count, over, each = whole_count(events, "the number of events"), exact_number(exposure, "the exposure"), exact_number(per, "per")
    if isinstance(count, Unestimable):
        return count
    if isinstance(over, Unestimable):
        return over
    if isinstance(each, Unestimable):
        return each
    if over == 0:
        return Unestimable("no_observations", "a rate over no exposure is no measurement")
    if over < 0 or each <= 0:
        return Unestimable("impossible_count", f"found an exposure of {float(over):g}, per {float(each):g}; expected both above 0")
    unit = each / over
    return PoissonRate(count * unit, "poisson_rate", count, (EVENTS_ALONE,), events=count, unit=unit)
