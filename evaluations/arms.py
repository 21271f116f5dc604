"""An arm of an uplift trial as a reader sees it: mean, spread, what the spread means, how many people.

The rule kept here: what the source printed is shown as printed; where people's own scores are recorded, the mean and the standard
deviation (n - 1 in the denominator) are computed from them and said to be that. Nothing here decides anything.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from evaluations.records import SpreadKind
from evaluations.trials import Arm


@dataclass(frozen=True)
class DescribedArm:
    """Mean and spread on the evaluation's scale; ``None`` where the source does not say."""

    mean: float
    spread: float | None
    spread_kind: SpreadKind | None
    count: int | None


def described(arm: Arm) -> DescribedArm:
    """Describe one arm."""
    if arm.mean is not None:
        spread = None if arm.spread is None else float(arm.spread)
        return DescribedArm(float(arm.mean), spread, arm.spread_kind, arm.participants_count)
    scores = [each.score for each in arm.participants]
    spread = float(statistics.stdev(scores)) if len(scores) > 1 else None
    return DescribedArm(float(statistics.mean(scores)), spread, SpreadKind.STANDARD_DEVIATION if spread is not None else None, len(scores))
