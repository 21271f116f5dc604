"""What would change a verdict: the fewest criteria that would have to change, the cheapest first, and decided again with all of it true.

The rules kept here: how many are needed is asked of ``thresholds.combining`` with their verdicts changed; which are cheapest is an order
of effort (a word or a signature, then a judgement, then runs, then more of what was measured) and no price; the set found is then made
true and the threshold assessed again, and what does not come out is called needed and no more.

Left out: what would change a related model or a threshold that implies this one; a base model that stands in the way is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from evaluations.evidence import ModelEvidence
from thresholds.combining import combined, is_load_bearing, was_run
from thresholds.criteria_set import CriteriaSet
from thresholds.criterion import CompoundCriterion, GateCriterion, crossings_needed
from thresholds.decision_records import Assessment, Verdict
from thresholds.declared import with_declared
from thresholds.finding_records import Finding
from thresholds.flips.applying import applied
from thresholds.flips.deciding import Case, changed, levels_of
from thresholds.flips.records import (
    DOES_IT,
    REACH_ORDER,
    BlockingBase,
    Direction,
    FindingFlips,
    FlipKind,
    Reach,
    VerdictFlip,
    VerdictFlips,
    Way,
)
from thresholds.flips.resolving import finding_flips
from thresholds.lifecycles import weakened
from thresholds.load import Loaded
from thresholds.outcomes import Rule, VerdictOutcome
from thresholds.policy import Policy
from thresholds.relations import no_better_than_its_base
from thresholds.verdicts import assess

RULED_OUT, NOT_RULED_OUT, CROSSED = VerdictOutcome.RULED_OUT, VerdictOutcome.NOT_RULED_OUT, VerdictOutcome.CROSSED
SAID = (FlipKind.SIGN_OFF, FlipKind.DROP_ANSWER, FlipKind.STATED_COUNT, FlipKind.STATED_SPREAD, FlipKind.STATED_INTERVAL)
DONE = (FlipKind.WHOLE_RUN, FlipKind.MISSING_RUN, FlipKind.PASSES, FlipKind.POINT, FlipKind.SUPERSEDED_JUDGEMENT)
EFFORT = {**dict.fromkeys(SAID, 0), FlipKind.JUDGEMENT: 1, **dict.fromkeys(DONE, 2)}
MEASURED = 3  # the effort of everything else: more of what was measured, another evaluation, another bar

SUPPOSED = "supposed"

Cost = tuple[int, int, int, float]
Rules = TypeVar("Rules", Policy, CriteriaSet)


@dataclass(frozen=True)
class Goal:
    """A change of a verdict: which findings can bring it about, what they become, and when it is reached."""

    changes: Callable[[VerdictOutcome], bool]
    become: VerdictOutcome
    reached: Callable[[VerdictOutcome], bool]
    by: tuple[Direction, ...]


TO_RULE_OUT = Goal(lambda each: each is not RULED_OUT, RULED_OUT, lambda each: each is RULED_OUT, (Direction.MORE_EVIDENCE,))
TO_LOSE = Goal(
    lambda each: each is RULED_OUT, NOT_RULED_OUT, lambda each: each is not RULED_OUT, (Direction.OTHER_RESULT, Direction.OTHER_BAR)
)
TO_UNCROSS = Goal(
    lambda each: each is CROSSED, NOT_RULED_OUT, lambda each: each is not CROSSED, (Direction.OTHER_RESULT, Direction.OTHER_BAR)
)


@dataclass(frozen=True)
class Ground:
    """What a verdict was made from; ``related`` holds the assessments of the models that the evidence names.

    The digests are those that the related assessments carry, because only an assessment by the same rules may speak here.
    """

    evidence: ModelEvidence
    policy: Policy
    criteria: CriteriaSet
    related: Mapping[str, Assessment] | None = None
    policy_sha256: str = SUPPOSED
    criteria_sha256: str = SUPPOSED


def verdict_flips(verdict: Verdict, ground: Ground) -> VerdictFlips:
    """Return what would change a verdict, and each finding it rests on."""
    known = with_declared(ground.evidence, ground.criteria)
    flips: dict[tuple[str, float], FindingFlips] = {}
    for finding in _leaves(verdict.findings):
        if (finding.criterion, finding.level) not in flips:
            flips[finding.criterion, finding.level] = finding_flips(finding, ground.criteria, known)
    goals = [TO_LOSE] if verdict.outcome is RULED_OUT else [TO_RULE_OUT]
    if verdict.outcome is CROSSED:
        goals = [TO_UNCROSS, TO_RULE_OUT]
    chooser = _Chooser(ground.criteria, known, {each.criterion: each for each in reversed(flips.values())})
    sets = [found for goal in goals if (found := _set(verdict, goal, chooser, ground)) is not None]
    return VerdictFlips(
        threshold=verdict.threshold,
        verdict=verdict.outcome,
        sets=tuple(sets),
        blocked_by=() if verdict.outcome is RULED_OUT else tuple(_blocking_bases(verdict, ground)),
        findings=tuple(flips.values()),
    )


def _blocking_bases(verdict: Verdict, ground: Ground) -> Iterator[BlockingBase]:
    """Yield every model that would take a rule-out away again: each is asked alone, by the rule that decides."""
    fields = {"outcome": RULED_OUT, "inherited_from": None}
    supposed, related = changed(verdict, fields), ground.related or {}
    for relation in ground.evidence.relations:
        alone = changed(ground.evidence, {"relations": (relation,)})
        found = no_better_than_its_base(supposed, ground.policy, alone, related)
        if found.inherited_from is not None:
            yield BlockingBase(model=relation.other, name=related[relation.other].model_name, outcome=found.outcome)


def _leaves(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with all parts of each below it."""
    return [each for finding in findings for each in (finding, *_leaves(finding.parts))]


def _set(verdict: Verdict, goal: Goal, chooser: _Chooser, ground: Ground) -> VerdictFlip | None:
    line = next((each for each in ground.criteria.thresholds if each.threshold == verdict.threshold), None)
    if line is None or not verdict.findings:
        return None
    bearing = [slug for slug in line.criteria if is_load_bearing(slug, ground.criteria, chooser.evidence)]
    k = crossings_needed(line.rule, line.k, len(bearing))
    chosen = chooser.choose(verdict.findings, bearing, line.rule, k, goal)
    if not chosen:
        return None
    able = [each for each in verdict.findings if each.criterion in bearing and goal.changes(each.verdict)]
    ways = [way for slug in chosen if (way := chooser.best(slug, goal)) is not None]
    reach = max((each.reach for each in ways), key=REACH_ORDER.index, default=Reach.NEEDED)
    if len(ways) < len(chosen):
        reach = max(reach, Reach.NEEDED, key=REACH_ORDER.index)
    then = _with(ways, verdict, chooser, ground).outcome if reach in DOES_IT else goal.become
    if not goal.reached(then) and reach in DOES_IT:
        reach = Reach.NEEDED
    return VerdictFlip(
        verdict_from=verdict.outcome,
        verdict_to=then if goal.reached(then) else goal.become,
        criteria=chosen,
        among=tuple(each.criterion for each in sorted(able, key=lambda one: chooser.cost(one, goal))),
        reach=reach,
    )


def _with(ways: Sequence[Way], verdict: Verdict, chooser: _Chooser, ground: Ground) -> Verdict:
    """Return the verdict assessed again with every way made true."""
    evidence, criteria = chooser.evidence, ground.criteria
    levels = {each.criterion: levels_of(each) for each in _leaves(verdict.findings) if not each.parts}
    for way in ways:
        if way.criterion in levels:
            case = applied(way.flips, Case(criteria, way.criterion, evidence, levels[way.criterion]))
            evidence, criteria = case.evidence, case.criteria
    threshold = changed(ground.policy.threshold(verdict.threshold), {"rules_out": ()})
    alone = changed(ground.policy, {"thresholds": (threshold,)})
    rules, bars = _loaded(alone, ground.policy_sha256), _loaded(criteria, ground.criteria_sha256)
    return assess(evidence, rules, bars, code_version=SUPPOSED, related=ground.related).verdicts[0]


def _loaded(record: Rules, digest: str) -> Loaded[Rules]:
    """Return a record as if it had been read from the file with this digest; no file holds what is only supposed."""
    return Loaded(record, "", digest, SUPPOSED, SUPPOSED)


@dataclass(frozen=True)
class _Chooser:
    """Chooses the fewest and cheapest criteria whose change brings a whole to its goal."""

    criteria: CriteriaSet
    evidence: ModelEvidence
    flips: Mapping[str, FindingFlips]

    def choose(self, findings: Sequence[Finding], bearing: Sequence[str], rule: Rule, k: int, goal: Goal) -> tuple[str, ...]:
        """Return the criteria, made of no others, to change; none if no number of them reaches the goal."""
        able = [each for each in findings if each.criterion in bearing and goal.changes(each.verdict)]
        able.sort(key=lambda each: self.cost(each, goal))
        for count in range(len(able) + 1):  # none at all, where only something beside these criteria stands in the way
            taken = {each.criterion for each in able[:count]}
            supposed = [changed(each, {"verdict": goal.become}) if each.criterion in taken else each for each in findings]
            if goal.reached(combined(supposed, bearing, rule, k)):
                return tuple(dict.fromkeys(slug for each in able[:count] for slug in self.within(each, goal)))
        return ()

    def within(self, finding: Finding, goal: Goal) -> tuple[str, ...]:
        """Return the criteria to change for one finding: itself, or the parts it is made of."""
        criterion = self.criteria.criterion(finding.criterion)
        day = self.evidence.recorded_at.date()
        whole = (finding.criterion,) if goal.become is RULED_OUT and weakened(criterion.lifecycle, day) else ()
        if isinstance(criterion, CompoundCriterion):
            bearing = [part for part in criterion.parts if is_load_bearing(part, self.criteria, self.evidence)]
            k = crossings_needed(criterion.rule, criterion.k, len(bearing))
            return (*whole, *self.choose(finding.parts, bearing, criterion.rule, k, goal))
        if isinstance(criterion, GateCriterion):
            return (*whole, *self._of_a_gate(finding, goal))
        return (finding.criterion,)

    def _of_a_gate(self, finding: Finding, goal: Goal) -> tuple[str, ...]:
        """Return what to change of a gate and its harder test: the harder one once it was run, else the cheaper of the two."""
        gate, harder = finding.parts
        able = [each for each in ((harder,) if was_run(harder) else (gate, harder)) if goal.changes(each.verdict)]
        if not able:
            return ()
        return self.within(min(able, key=lambda each: self.cost(each, goal)), goal)

    def best(self, slug: str, goal: Goal) -> Way | None:
        """Return the cheapest way of one criterion towards the goal, or the one that comes nearest."""
        ways = [each for each in self.flips[slug].ways if each.by in goal.by]
        return min(ways, key=lambda each: _effort(each, goal), default=None)

    def cost(self, finding: Finding, goal: Goal) -> Cost:
        """Return the effort of changing one finding, to be compared and not added up."""
        if not finding.parts:
            way = self.best(finding.criterion, goal)
            return (1, len(REACH_ORDER), 0, 0.0) if way is None else _effort(way, goal)
        chosen = self.within(finding, goal)
        costs = [_effort(way, goal) for slug in chosen if (way := self.best(slug, goal)) is not None]
        if len(costs) < len(chosen) or not costs:
            return (1, len(REACH_ORDER), 0, 0.0)
        worst = max(costs)
        return (worst[0], worst[1], sum(each[2] for each in costs), worst[3])


def _effort(way: Way, goal: Goal) -> Cost:
    """Order ways: those that reach the goal first, then by kind of effort, by how many changes, and by how many times as much."""
    most = max((EFFORT.get(each.kind, MEASURED) for each in way.flips), default=0)
    times = max((each.then / each.now for each in way.flips if each.then and each.now and each.kind not in DONE), default=1.0)
    apart = sum(abs((each.then or 0) - (each.now or 0)) for each in way.flips if each.kind is FlipKind.PASSES)
    return 0 if goal.reached(way.verdict_to) and way.reach in DOES_IT else 1, most, len(way.flips), apart if apart else times
