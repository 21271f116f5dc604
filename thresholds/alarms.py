"""Sudden changes between consecutive snapshots: a drop is a question, never a verdict (statistics d5).

The rules kept here: two snapshots are compared on the same items only, item by item, elicited in one way and under one comparability
key; several runs of one snapshot are pooled, so that running again dilutes nothing; an alarm needs a one-sided p under 1 % after Holm
over the pairs and, where the scale is bounded, a change of at least five of its hundred points; a change as large that no test can
judge (every item by the same) asks too. A drop is a change towards safety in the direction of risk. While one is open nothing is
ruled out; once a named person has answered it, the answer is shown and the verdict stays what the numbers say. A jump is shown and
changes nothing. No alarm ever gives a better verdict.

Left out: pairs on different items, which cannot tell a drop from easier items; what a drop means (sandbagging, a broken harness,
over-refusal, an earlier score that was contaminated) is for people to find out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from evaluations.estimate import Estimate, Unestimable
from evaluations.evidence import ModelEvidence
from evaluations.item_scores import item_scores
from evaluations.quantiles import Scale
from evaluations.records import EvaluationVersion, ItemResult, RiskierWhen, Run, RunStatus, Snapshot, Statistic, Thinking, Visibility
from evaluations.scores import OF_ITEMS, score_scale
from evaluations.trends.regressions import LEAST_CHANGE, PairChange, SnapshotDrops, snapshot_drops
from evaluations.trials import DropAnswer
from thresholds.criterion import ScoreCriterion
from thresholds.decision_records import Alarm, AlarmKind, AlarmState
from thresholds.variant_findings import source_note
from thresholds.variants import Variant, Variants

Way = tuple[str, str, int, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Measured:
    """One snapshot elicited in one way: a score for each item, larger = riskier, as a share of the scale where there is one."""

    snapshot: Snapshot
    thinking: Thinking
    scores: dict[str, Fraction]
    clusters: dict[str, str | None]


def snapshot_alarms(
    criterion: ScoreCriterion, version: EvaluationVersion, variants: Variants, evidence: ModelEvidence
) -> tuple[Alarm, ...]:
    """Return every sudden change between consecutive snapshots under one criterion, each way of eliciting in the order of training."""
    statistic = criterion.statistic if criterion.statistic in OF_ITEMS else Statistic.SHARE
    scale = score_scale(version, statistic)
    sign = -1 if version.riskier_when is RiskierWhen.LOWER else 1
    alarms: list[Alarm] = []
    for chain in _chains(variants, scale, statistic, criterion.k, sign):
        least = LEAST_CHANGE if scale else Fraction(0)  # an open scale has no points: there p alone decides
        found = snapshot_drops([(each.snapshot.slug, each.scores) for each in chain], chain[0].clusters, least_change=least)
        if isinstance(found, SnapshotDrops):
            for (before, after), pair in zip(pairwise(chain), found.pairs, strict=True):
                alarms += _alarms(before, after, pair, len(found.pairs), (scale.width if scale else 1) * sign, criterion, evidence)
    return tuple(alarms)


def _chains(variants: Variants, scale: Scale | None, statistic: Statistic, k: int | None, sign: int) -> Iterator[list[Measured]]:
    """Yield the snapshots measured in one way on the same items, in training order, one list a way."""
    ways: dict[Way, list[Variant]] = {}
    for each in variants.measured:
        if isinstance(each.measured, Run) and each.snapshot is not None and _is_whole(each) and each.measured.items:
            ways.setdefault(_way(each.measured), []).append(each)
    for way in sorted(ways):
        if _is_steady(ways[way], scale):
            continue
        runs: dict[Snapshot, dict[str, Run]] = {}
        for each in ways[way]:
            if each.snapshot is not None and isinstance(each.measured, Run):
                runs.setdefault(each.snapshot, {})[each.measured.slug] = each.measured
        pooled = (_pooled(snapshot, list(same.values()), scale, statistic, k, sign) for snapshot, same in runs.items())
        chain = sorted((each for each in pooled if each is not None), key=lambda each: each.snapshot.ordinal)
        if len(chain) > 1:
            yield chain


def _is_steady(variants: Sequence[Variant], scale: Scale | None) -> bool:
    """Say whether the points alone show that no change is large enough: one run a snapshot, all whole. It saves reading every item."""
    points = [each.estimate.point for each in variants if isinstance(each.estimate, Estimate) and each.score is None]
    if scale is None or len(points) < len(variants) or len({each.snapshot for each in variants}) < len(variants):
        return False
    return all(abs(later - earlier) < LEAST_CHANGE * scale.width for earlier, later in pairwise(points))  # variants come in training order


def _is_whole(variant: Variant) -> bool:
    return variant.comparable == "same_key" and variant.status is RunStatus.COMPLETED


def _way(run: Run) -> Way:
    """What two runs must share to be compared: the whole way of eliciting, and the items with their clusters."""
    items = tuple(sorted((each.item, each.cluster or "") for each in run.items))
    return run.thinking.value, run.scaffold or "", run.token_budget or 0, run.tools or "", items


def _pooled(
    snapshot: Snapshot, runs: Sequence[Run], scale: Scale | None, statistic: Statistic, k: int | None, sign: int
) -> Measured | None:
    """Return all runs of one snapshot as one; ``None`` if its items have no scores to compare."""
    items = sorted(runs[0].items, key=lambda each: each.item)
    if len(runs) > 1:
        attempts: dict[str, list[ItemResult]] = {}
        for item in (each for run in runs for each in run.items):
            attempts.setdefault(item.item, []).append(item)
        items = [
            ItemResult(item=name, cluster=same[0].cluster, attempts=tuple(one for each in same for one in each.attempts))
            for name, same in sorted(attempts.items())
        ]
    scored = item_scores(items, scale, statistic, k)
    if isinstance(scored, Unestimable):
        return None
    scores = {each.item: sign * score for each, score in zip(items, scored.scores, strict=True)}
    return Measured(snapshot, runs[0].thinking, scores, {each.item: each.cluster for each in items})


def _alarms(
    before: Measured,
    after: Measured,
    pair: PairChange,
    pairs: int,
    native: Fraction | int,
    criterion: ScoreCriterion,
    evidence: ModelEvidence,
) -> Iterator[Alarm]:
    """Yield what one pair asks. A change too large to overlook that no test can judge asks as well: a doubt is no good news."""
    told = _answer(before.snapshot, after.snapshot, criterion, evidence)
    told_of_drop = {
        "state": AlarmState.OPEN if told is None else AlarmState.ANSWERED,
        "answered_by": None if told is None else told.by,
        "answer": None if told is None else _words(told),
        "source": None if told is None else source_note(told, evidence),
    }
    for kind, found, p, state in (
        (AlarmKind.DROP, pair.drop, pair.p_drop_holm, told_of_drop),
        (AlarmKind.JUMP, pair.jump, pair.p_jump_holm, {"state": AlarmState.SHOWN}),
    ):
        if found != "none" and pair.change:
            yield Alarm(
                kind=kind,
                before=before.snapshot.slug,
                before_name=before.snapshot.name,
                after=after.snapshot.slug,
                after_name=after.snapshot.name,
                thinking=after.thinking,
                change=float(pair.change * native),
                items=len(after.scores),
                pairs=pairs,
                p_holm=None if found == "untested" else p,
                **state,
            )


def _answer(before: Snapshot, after: Snapshot, criterion: ScoreCriterion, evidence: ModelEvidence) -> DropAnswer | None:
    """Return the answer to just this drop, the first by name if several were given."""
    asked = (criterion.evaluation, criterion.version, before.slug, after.slug)
    answers = [each for each in evidence.drop_answers if (each.evaluation, each.version, each.before, each.after) == asked]
    return min(answers, key=lambda each: each.slug, default=None)


def _words(answer: DropAnswer) -> str:
    if answer.visibility in (Visibility.RESTRICTED, Visibility.HAZARDOUS):
        return f"words withheld ({answer.visibility.value})"
    return answer.words
