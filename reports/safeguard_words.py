"""The required safeguards of a whole assessment in words: what is asked for, what it rests on, and how well such safeguards work.

The rules kept here: a safeguard is named with its level, how firmly it is asked for and by when; figures of how well safeguards
work carry their direction and n, stand beside what is asked for, and are never called enough.

Left out: whether a safeguard is in place, which no record says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evaluations.records import RiskierWhen
from reports import numbers
from reports.vocabulary import DUE_WORDS, FIRMNESS_WORDS, KIND_WORDS, VERDICT_WORDS
from thresholds.decision_records import Ground, SafeguardDemand, SafeguardScore
from thresholds.safeguards import SafeguardKind

NOT_WEIGHED = "These figures are shown and not weighed: whether the safeguards suffice, people decide."


def short_demand(demand: SafeguardDemand) -> str:
    """Return what is asked for in a few words, for a table: ``Security: ASL-3 Standard (at least)``."""
    level = "" if demand.level_name is None else f": {demand.level_name}"
    return f"{KIND_WORDS[demand.kind]}{level} ({FIRMNESS_WORDS[demand.firmness]})"


def demand_sentence(demand: SafeguardDemand) -> str:
    """Return what is asked for, by when; without a level, also what the policy file says it is."""
    due = "" if demand.due is None else f", {DUE_WORDS[demand.due]}"
    words = f": {' '.join(demand.words)}" if demand.level_name is None else "."
    return f"{short_demand(demand)}{due}{words}"


def grounds_sentence(demand: SafeguardDemand) -> str:
    """Return what a demand rests on: each threshold with its verdict, and the line of the policy that asks for it."""
    return f"Rests on {'; '.join(_ground(each, demand) for each in demand.rests_on)}."


def _ground(ground: Ground, demand: SafeguardDemand) -> str:
    firmness = "" if ground.firmness is demand.firmness else f", {FIRMNESS_WORDS[ground.firmness]}"
    return f"{ground.name}, {VERDICT_WORDS[ground.outcome]}{firmness} ({ground.citation})"


def score_sentences(scores: Sequence[SafeguardScore], kind: SafeguardKind) -> Iterator[str]:
    """Yield one sentence for each evaluation that measures safeguards of ``kind``: its figures under each condition, and the direction."""
    of_kind = [each for each in scores if each.kind is kind]
    for evaluation, version in dict.fromkeys((each.evaluation, each.version) for each in of_kind):
        same = [each for each in of_kind if (each.evaluation, each.version) == (evaluation, version)]
        first = same[0]
        better = "higher" if first.better_when is RiskierWhen.HIGHER else "lower"
        figures = ", ".join(_figure(each, alone=len(same) == 1) for each in same)
        sources = dict.fromkeys(f"{each.source.title}{f', {each.source.at}' if each.source.at else ''}" for each in same)
        yield f"{first.evaluation_name} ({first.unit}): {figures}; {better} is better. {first.words} ({'; '.join(sources)})"


def _figure(score: SafeguardScore, *, alone: bool) -> str:
    """Return a figure with its condition and n; of several without a condition, each has the name of its run."""
    unit = None if numbers.unit_of(score.unit).kind is numbers.UnitKind.OTHER else score.unit  # said once, before the figures
    printed = numbers.as_printed(score.as_printed, unit) if score.as_printed is not None else None
    value = printed or ("no number" if score.value is None else numbers.recorded(score.value, unit))
    count = "n not published" if score.observations is None else f"n = {numbers.whole(score.observations)}"
    condition = score.condition or (None if alone else score.run)
    return f"{value} ({count})" if condition is None else f"{value} ({condition.replace('-', ' ')}, {count})"
