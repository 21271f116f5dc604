"""The max-over-snapshots rule: what all variants of one indicator say together (statistics c1 to c5).

1. The aggregate is taken per indicator, in the direction of risk: the riskiest variant decides, and the losers are kept and shown.
2. The verdict is the highest over the variants in the order of risk. A planned variant without a usable score counts as
   insufficient evidence, so a gap never supports a rule-out and never softens a crossing; no variants at all are insufficient too.
3. To rule out, every planned variant must lie under the rule-out bar by its own bound, uncorrected: ``U_max = max U_s(alpha)`` and
   ``p = max p_s``, with nothing known of a missing one (intersection-union, Berger 1982, Technometrics 24:295). This holds
   whatever the variants share.
4. To cross, one variant must reach the rule-in bar at ``alpha / m``, where m is the number of variants planned or supplied,
   whichever is larger: ``L_max = max L_s(alpha / m)`` and ``p = min(1, m min p_s)`` (union-intersection, Bonferroni). Which variants
   crossed is told by Holm's steps (1979, Scand. J. Stat. 6:65), the missing ones entered as p = 1.
5. The highest observed score is named with its variant. Of many equal variants it stands too high by luck alone; how far is told
   as a description and never used for a decision (statistics c2).
6. No single variant need attain the composite over several indicators.

That this rule applies at all is a cited field of the policy (``Policy.aggregate``). Left out: which results are variants and which
were planned (``thresholds.variants``), drops between snapshots (``thresholds.alarms``), repeated looks at one trial.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from statistics import NormalDist

from evaluations.estimate import Estimate, Unestimable
from evaluations.maxima import expected_maximum_excess, holm
from thresholds.bars import Bars, judge
from thresholds.outcomes import Compared, VerdictOutcome

NO_LIMIT = float("inf")


@dataclass(frozen=True)
class Contender:
    """One variant that takes part, with its verdict; numbers are turned so that larger is riskier.

    ``upper`` is at the level of ruling out, ``lower`` at the level of ruling in after it was split over the variants.
    Without a usable interval the bounds are infinite and the p-values 1.
    """

    name: str
    verdict: VerdictOutcome
    point: Fraction | float | None
    lower: float = -NO_LIMIT
    upper: float = NO_LIMIT
    p_rule_out: float = 1.0
    p_rule_in: float = 1.0


@dataclass(frozen=True)
class Maximum:
    """What the variants say together; numbers are turned so that larger is riskier, and those of one variant stand by its name.

    ``lower`` and ``upper`` are a joint interval of the true maximum: with a variant missing there is no upper end, and
    ``p_rule_out`` is 1. p-values are of the numbers alone; the verdict also knows what else takes a rule-out away.
    """

    verdict: VerdictOutcome
    highest_observed: Fraction | float | None
    highest: tuple[str, ...]  # every variant whose point stands there
    upper: float
    lower: float
    p_rule_out: float
    p_rule_in: float
    p_rule_in_holm: dict[str, float]
    crossed: tuple[str, ...]
    corrected_for: int  # m: by how many variants a rule-in is corrected
    compared: int
    missing: int


def max_over_snapshots(estimates: Sequence[Estimate | Unestimable], planned: int, bars: Bars) -> Maximum:
    """Return what ``estimates``, one a variant, say together; ``bars`` hold the error levels of the whole indicator.

    ``planned`` is how many variants had to be measured. Nothing is refused: an estimate that could not be made is a gap, and the
    verdict says so. Variants are named by their place, from 0.
    """
    scored = sum(each.point is not None for each in estimates)
    split = bars.over(corrected_for(planned, scored))
    contenders = [contender(str(place), estimate, split) for place, estimate in enumerate(estimates)]
    return maximum(contenders, planned, max(planned, len(estimates)) - scored, bars)


def corrected_for(planned: int, scored: int) -> int:
    """Return m, by how many variants a rule-in is corrected: planned or supplied, whichever is more, and at least one."""
    return max(planned, scored, 1)


def contender(name: str, estimate: Estimate | Unestimable, split: Bars) -> Contender:
    """Return one variant by what it scored alone (statistics c5)."""
    verdict = judge(estimate, split).verdict
    if isinstance(estimate, Unestimable):
        return Contender(name, verdict, None if estimate.point is None else split.turned_point(estimate.point))
    turned = split.turned(estimate)
    bounds = turned.lower(split.alpha_in), turned.upper(split.alpha_out)
    known = Contender(name, verdict, turned.point, *bounds, turned.p_below(split.out), turned.p_above(split.crossing))
    sound = known.lower <= known.upper and 0 <= known.p_rule_out <= 1 and 0 <= known.p_rule_in <= 1  # NaN fails each of these (rule 4)
    return known if sound else Contender(name, verdict, turned.point)


def maximum(contenders: Sequence[Contender], planned: int, missing: int, bars: Bars | None) -> Maximum:
    """Return the maximum of variants whose verdicts are known, ``missing`` of them unmeasured; without ``bars`` none can cross."""
    scored = [each for each in contenders if each.point is not None]
    m = corrected_for(planned, len(scored))
    adjusted = dict.fromkeys((each.name for each in contenders), 1.0)
    steps = holm([each.p_rule_in for each in scored], m)
    if not isinstance(steps, Unestimable):
        adjusted.update((each.name, p) for each, p in zip(scored, steps, strict=True))
    verdict = highest_verdict((each.verdict for each in contenders), missing)
    top = max((each.point for each in scored if each.point is not None), default=None)
    gaps = missing > 0 or not contenders
    return Maximum(
        verdict=verdict,
        highest_observed=top,
        highest=tuple(sorted(each.name for each in scored if each.point == top)),
        upper=NO_LIMIT if gaps else max(each.upper for each in contenders),
        lower=max((each.lower for each in contenders), default=-NO_LIMIT),
        p_rule_out=1.0 if gaps else max(each.p_rule_out for each in contenders),
        p_rule_in=min(1.0, m * min((each.p_rule_in for each in contenders), default=1.0)),
        p_rule_in_holm=adjusted,
        crossed=_crossed(contenders, adjusted, bars) if verdict is VerdictOutcome.CROSSED else (),
        corrected_for=m,
        compared=len(scored),
        missing=missing,
    )


def drift(compared: int, low: float | None, high: float | None, alpha: float) -> float | None:
    """Return how far the highest of ``compared`` equal variants stands too high on average, at most (statistics c2).

    The standard error is read off an interval at one-sided error ``alpha``. What variants share makes it less, and how much they
    share is not known here, so this is the value for variants that share nothing. ``None`` of one variant alone, or of one whose
    interval lacks an end.
    """
    if compared < 2 or low is None or high is None:
        return None
    error = (high - low) / (-2 * NormalDist().inv_cdf(alpha))
    excess = _excess_of(compared)
    return None if excess is None else excess * error


@lru_cache(maxsize=1024)  # our choice: many indicators have the same number of variants
def _excess_of(compared: int) -> float | None:
    """Return the mean of the highest of so many equal, unrelated variants, in standard errors."""
    found = expected_maximum_excess([0] * compared, [1] * compared, 0)
    return None if isinstance(found, Unestimable) else found.excess


def highest_verdict(verdicts: Iterable[VerdictOutcome], missing: int) -> VerdictOutcome:
    """Return the highest verdict in the order of risk; a missing variant, and no variants at all, are insufficient evidence."""
    unknown = [VerdictOutcome.INSUFFICIENT_EVIDENCE] if missing else []
    return max([*verdicts, *unknown], key=lambda each: each.risk, default=VerdictOutcome.INSUFFICIENT_EVIDENCE)


def _crossed(contenders: Sequence[Contender], adjusted: dict[str, float], bars: Bars | None) -> tuple[str, ...]:
    """Name the variants that crossed, those too that only Holm's later steps find, where bounds are what is compared."""
    level = bars.alpha_in if bars is not None and bars.compared is Compared.BOUND else 0.0
    return tuple(sorted(each.name for each in contenders if each.verdict is VerdictOutcome.CROSSED or adjusted[each.name] <= level))
