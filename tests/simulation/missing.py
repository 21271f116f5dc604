"""B7: one planned snapshot of six gave nothing, and the other five lie far below the bar. Nothing may be ruled out, ever.

Every replicate is a whole assessment, from records to verdict: five runs of 42 items with a true share of 5 percent against a
bar of one half, and a sixth in one of the ways a run can give nothing (drawn anew each time). So that zero of ten thousand is
no empty promise, the same with a sixth run like the others must be ruled out. A second cell asks the pure rule with estimates
that could not be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from evaluations.estimate import Unestimable
from evaluations.proportions import proportion
from evaluations.records import ItemResult, Run
from tests.simulation.cells import Bar, Cell, Generator, Line, Rate
from tests.simulation.deciding import bars_at
from tests.world import Lab, bar
from thresholds.outcomes import VerdictOutcome
from thresholds.snapshots import max_over_snapshots
from thresholds.verdicts import assess

ITEMS = 42
SHARE = 0.05
NAMES = ("a", "b", "c", "d", "e", "f")
LAB = Lab().trained(*NAMES).evaluation(versions=("v1", "v2")).criterion(rule_in=bar(80))

NONE_RULED_OUT = Line("B7", "a snapshot missing or errored, all else far below: ruled out", at_most=0.0)
WHOLE = Line("B7 whole", "the same with nothing missing: ruled out", at_least=0.99)


def _with_items(lab: Lab, name: str, attempts: Sequence[int | None], cluster: str | None = None) -> Lab:
    """Record a run with one attempt on each item."""
    items = tuple(ItemResult(item=f"item-{place}", cluster=cluster, attempts=(each,)) for place, each in enumerate(attempts))
    run = Run(source="pipeline", slug=f"run-{len(lab.runs)}", model="m", snapshot=name, evaluation="exam", version="v1", items=items)
    return replace(lab, runs=(*lab.runs, run))


Recorded = Callable[[Lab, str, int], Lab]

WAYS: dict[str, Recorded] = {
    "never run": lambda lab, name, passed: lab,  # noqa: ARG005 - nothing is recorded
    "registered as not run": lambda lab, name, passed: lab.measured(name, status="not_run", status_reason="no time"),  # noqa: ARG005
    "failed": lambda lab, name, passed: lab.measured(name, status="failed", status_reason="crashed"),  # noqa: ARG005
    "failed with a score": lambda lab, name, passed: lab.measured(name, passed, ITEMS, status="failed", status_reason="crashed"),
    "invalidated": lambda lab, name, passed: lab.measured(name, passed, ITEMS, status="invalidated", status_reason="broken harness"),
    "withheld": lambda lab, name, passed: lab.measured(name, status="withheld", status_reason="not ours to show"),  # noqa: ARG005
    "partial": lambda lab, name, passed: lab.measured(name, passed, ITEMS, status="partial", status_reason="stopped early"),
    "words for a score": lambda lab, name, passed: lab.measured(name, statistic="share", words="refused"),  # noqa: ARG005
    "a mean alone": lambda lab, name, passed: lab.measured(name, statistic="mean", value=passed),
    "another version": lambda lab, name, passed: lab.measured(name, passed, ITEMS, version="v2"),
    "another scaffold": lambda lab, name, passed: lab.measured(name, passed, ITEMS, scaffold="another"),
    "an attempt nobody could score": lambda lab, name, passed: _with_items(lab, name, [None] + [0] * (ITEMS - 1)),  # noqa: ARG005
    "items of one cluster": lambda lab, name, passed: _with_items(lab, name, [0] * ITEMS, "family"),  # noqa: ARG005
    "one item": lambda lab, name, passed: _with_items(lab, name, [0]),  # noqa: ARG005
    "snapshot not stated": lambda lab, name, passed: lab.measured(None, passed, ITEMS),  # noqa: ARG005
}


@dataclass(frozen=True)
class Assessed(Cell):
    """Whole assessments with one gap, or with none."""

    gap: str  # "drawn" or "none"

    @property
    def name(self) -> str:
        return "whole assessments, one gap drawn anew" if self.gap == "drawn" else "whole assessments, nothing missing"

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:
        policy, criteria = LAB.policy(), LAB.criteria_set()
        ways = list(WAYS.items())
        hits, at = 0, ""
        for _ in range(replicates):
            passed = chance.binomial(ITEMS, SHARE, len(NAMES)).tolist()
            missing = int(chance.integers(len(NAMES))) if self.gap == "drawn" else -1
            how, record = ways[int(chance.integers(len(ways)))]
            made = LAB
            for place, name in enumerate(NAMES):
                made = record(made, name, passed[place]) if place == missing else made.measured(name, passed[place], ITEMS)
            said = assess(made.evidence(), policy, criteria, code_version="simulation").verdicts[0].outcome
            if said is VerdictOutcome.RULED_OUT:
                hits, at = hits + 1, f": {how}"
        if self.gap == "drawn":
            yield Rate(NONE_RULED_OUT.key, self.name + at, hits, replicates)
        else:
            yield Rate(WHOLE.key, self.name, hits, replicates)


@dataclass(frozen=True)
class Ruled(Cell):
    """The pure rule: five estimates far below, a sixth that is absent or could not be made."""

    @property
    def name(self) -> str:
        return "the rule alone, one estimate missing"

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:
        gaps = (
            Unestimable("not_measured", "never run"),
            Unestimable("not_a_number", "NaN"),
            Unestimable("no_spread_and_no_count", "a mean alone", Fraction(1, 20)),
            Unestimable("one_cluster", "one cluster", Fraction(0)),
            None,
        )
        hits = 0
        for _ in range(replicates):
            estimates = [proportion(passed, ITEMS) for passed in chance.binomial(ITEMS, SHARE, len(NAMES) - 1).tolist()]
            gap = gaps[int(chance.integers(len(gaps)))]
            if gap is not None:
                estimates.insert(int(chance.integers(len(NAMES))), gap)
            hits += max_over_snapshots(estimates, len(NAMES), bars_at(Fraction(1, 2))).verdict is VerdictOutcome.RULED_OUT
        yield Rate(NONE_RULED_OUT.key, self.name, hits, replicates)


def gaps() -> Sequence[Cell]:
    """B7."""
    return [Assessed("drawn"), Assessed("none"), Ruled()]


MISSING_BARS = (Bar("B7", (NONE_RULED_OUT, WHOLE), gaps),)
