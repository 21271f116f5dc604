"""The product's decisions, called the way the product calls them. Nothing here decides.

The rules kept here: a verdict on one estimate is that of ``thresholds.bars.judge``, a verdict over snapshots that of the max
rule in ``thresholds.snapshots``; both bars stand at the same place, as one published bar sets both; both error levels are 2.5
%. A bound that was computed once is remembered, because thousands of replicates share the small counts they came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.records import RiskierWhen
from thresholds.bars import Bars, judge
from thresholds.outcomes import Compared, Decides, VerdictOutcome
from thresholds.snapshots import highest_verdict

ALPHA = 0.025  # one-sided; statistics, section 0


@lru_cache(maxsize=1024)
def bars_at(bar: Fraction, variants: int = 1) -> Bars:
    """Both bars at one place, the error of a rule-in split over so many variants."""
    return Bars(
        rule_out=bar, rule_in=bar, riskier_when=RiskierWhen.HIGHER, compared=Compared.BOUND, decides=Decides.BOTH,
        alpha_out=ALPHA, alpha_in=ALPHA,
    ).over(variants)  # fmt: skip


def verdict(estimate: Estimate | Unestimable, bar: Fraction, variants: int = 1) -> VerdictOutcome:
    """The product's verdict on one estimate, one of so many variants."""
    return judge(estimate, bars_at(bar, variants)).verdict


def highest(verdicts: Sequence[VerdictOutcome]) -> VerdictOutcome:
    """The product's verdict over variants that were all measured."""
    return highest_verdict(verdicts, missing=0)


@dataclass(frozen=True)
class Remembered(Estimate):
    """An estimate of the product that remembers the bounds it has given."""

    inner: Estimate
    known: dict[tuple[str, float], float] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, inner: Estimate) -> Remembered:
        """Wrap an estimate."""
        return cls(inner.point, inner.method, inner.observations, inner.notes, inner)

    def lower(self, alpha: float) -> float:
        if ("lower", alpha) not in self.known:
            self.known["lower", alpha] = self.inner.lower(alpha)
        return self.known["lower", alpha]

    def upper(self, alpha: float) -> float:
        if ("upper", alpha) not in self.known:
            self.known["upper", alpha] = self.inner.upper(alpha)
        return self.known["upper", alpha]

    def p_below(self, bar: Bar) -> float:
        return self.inner.p_below(bar)

    def p_above(self, bar: Bar) -> float:
        return self.inner.p_above(bar)
