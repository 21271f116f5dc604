"""Which bars the cases of a set try, on either side, and how near to the bar they come.

The rules kept here: a bar is tried from below by a case whose verdict it turns and from above by another; a case counts for the criterion
it is about and for no other; how near a case comes is read off the number that was compared, as a part of the scale (of the bar itself
where the scale is open). A question that people answer has two sides and no distance.

Left out: whether that is enough, which the reader of a policy decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from evaluations.records import RiskierWhen
from evaluations.values import Slug
from thresholds.casebook import JudgedCase
from thresholds.criteria_set import CriteriaSet
from thresholds.criterion import Bar, QualitativeCriterion, ScoreCriterion, UpliftCriterion
from thresholds.finding_records import Finding
from thresholds.outcomes import Compared, Decides, VerdictOutcome


class BarKind(StrEnum):
    """Which bar of a criterion, or the question it asks of people."""

    RULE_OUT = "rule_out"
    RULE_IN = "rule_in"
    QUESTION = "question"


class Side(StrEnum):
    """Where a case stands: short of the bar, or at it and beyond."""

    SHORT = "short"
    REACHED = "reached"


TURNED = {  # the verdicts that a bar makes on either side of it
    (BarKind.RULE_OUT, Side.SHORT): {VerdictOutcome.RULED_OUT},
    (BarKind.RULE_OUT, Side.REACHED): {VerdictOutcome.NOT_RULED_OUT, VerdictOutcome.CROSSED},
    (BarKind.RULE_IN, Side.SHORT): {VerdictOutcome.RULED_OUT, VerdictOutcome.NOT_RULED_OUT},
    (BarKind.RULE_IN, Side.REACHED): {VerdictOutcome.CROSSED},
    (BarKind.QUESTION, Side.SHORT): {VerdictOutcome.RULED_OUT},
    (BarKind.QUESTION, Side.REACHED): {VerdictOutcome.NOT_RULED_OUT, VerdictOutcome.CROSSED},
}


@dataclass(frozen=True)
class TriedBar:
    """A bar (or a question) of a criterion and how the cases try it.

    ``printed`` is the bar as its source prints it. ``tried`` holds for each side how near the nearest case comes, as a part of the scale;
    ``None`` for a case without a number; a side that no case tries is absent.
    """

    criterion: Slug
    kind: BarKind
    printed: str
    tried: dict[Side, float | None]

    @property
    def untried(self) -> tuple[Side, ...]:
        """The sides that no case tries."""
        return tuple(side for side in Side if side not in self.tried)


def tried_bars(criteria: CriteriaSet, judged: Iterable[JudgedCase]) -> tuple[TriedBar, ...]:
    """Return every bar and every question of a set, in its order, with the sides on which some case tries it."""
    cases = tuple(judged)
    made: list[TriedBar] = []
    for criterion in criteria.criteria:
        own = [each for each in cases if each.case.criterion == criterion.slug and each.finding is not None]
        if isinstance(criterion, QualitativeCriterion):
            made.append(TriedBar(criterion.slug, BarKind.QUESTION, criterion.question, _tried(BarKind.QUESTION, own)))
        elif isinstance(criterion, ScoreCriterion | UpliftCriterion):
            for kind, bar, standing in _bars(criterion):
                then = [each for each in own if criterion.bars_on(_day(each)) == standing]
                made.append(TriedBar(criterion.slug, kind, _printed(bar), _tried(kind, then)))
    return tuple(made)


def _bars(criterion: ScoreCriterion | UpliftCriterion) -> Iterator[tuple[BarKind, Bar, tuple[Bar, Bar | None]]]:
    """Yield each bar of a criterion with the pair it stands in: the present ones, then the earlier. One published bar is both."""
    pairs = [(criterion.rule_out, criterion.rule_in), *((each.rule_out, each.rule_in) for each in criterion.earlier)]
    for rule_out, rule_in in pairs:
        yield BarKind.RULE_OUT, rule_out, (rule_out, rule_in)
        if criterion.decides is Decides.BOTH:
            yield BarKind.RULE_IN, rule_in or rule_out, (rule_out, rule_in)


def _tried(kind: BarKind, cases: Iterable[JudgedCase]) -> dict[Side, float | None]:
    tried: dict[Side, float | None] = {}
    for each in cases:
        for side in Side:
            if each.finding is None or each.finding.verdict not in TURNED[kind, side]:
                continue
            near, held = _distance(each.finding, kind, side), tried.get(side)
            tried[side] = near if held is None else held if near is None else min(near, held)
    return tried


def _distance(finding: Finding, kind: BarKind, side: Side) -> float | None:
    """Return how far the number compared stands from the bar on that side, ``None`` if there is no such number."""
    bar, compared = (finding.rule_out, _for_ruling_out(finding)) if kind is BarKind.RULE_OUT else (finding.rule_in, _for_ruling_in(finding))
    if bar is None or compared is None:
        return None
    beyond = compared - bar if finding.riskier_when is RiskierWhen.HIGHER else bar - compared
    if (beyond >= 0) is not (side is Side.REACHED):
        return None
    low, high = finding.scale_low, finding.scale_high
    return abs(beyond) / (abs(bar) if low is None or high is None else high - low)


def _for_ruling_out(finding: Finding) -> float | None:
    if finding.compared is Compared.POINT:
        return finding.value
    return finding.high if finding.riskier_when is RiskierWhen.HIGHER else finding.low


def _for_ruling_in(finding: Finding) -> float | None:
    return finding.value if finding.compared is Compared.POINT else finding.rule_in_low


def _printed(bar: Bar) -> str:
    return f"{bar.passed} of {bar.of}" if bar.value is None else f"{bar.value:f}"


def _day(each: JudgedCase) -> date:
    return each.assessment.as_of_recorded_at.date()
