"""What must be in place: the safeguards a verdict puts in force, and their join over all thresholds.

The rules kept here: the policy says which verdicts force what; over all thresholds each kind of safeguard is asked for at the highest
level that any of them asks for, and a lower one is named too where it is asked for more firmly; every demand says what it rests on.
What measures how well safeguards work is shown beside them, never weighed: whether a safeguard suffices is for people to decide.

Left out: whether a safeguard is in place, which no record says yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from evaluations.evidence import ModelEvidence
from evaluations.records import EvaluationVersion, RiskierWhen, Run, Score, Thinking
from evaluations.scores import score_scale
from thresholds.criteria_set import CriteriaSet, SafeguardEvidence
from thresholds.decision_records import Ground, SafeguardDemand, SafeguardInForce, SafeguardScore, Verdict
from thresholds.outcomes import VerdictOutcome
from thresholds.policy import CapabilityThreshold, Policy
from thresholds.safeguards import Due, Firmness
from thresholds.variant_findings import source_note
from thresholds.variants import USABLE

FIRMEST = tuple(Firmness)  # in the order of its words, the firmest first
BINDING = frozenset({Firmness.REQUIRED, Firmness.AT_LEAST})  # "at least" asks for no less than "required" does
EARLIEST = tuple(Due)
NO_RANK = -1  # of a safeguard for which the text names no level


def put_in_force(threshold: CapabilityThreshold, policy: Policy, outcome: VerdictOutcome) -> tuple[SafeguardInForce, ...]:
    """Return the safeguards that a verdict on a threshold puts in force under its policy."""
    if outcome not in policy.forcing.outcomes:
        return ()
    names = {level.slug: level.name for level in policy.levels}
    return tuple(
        SafeguardInForce(
            slug=each.slug,
            kind=each.kind,
            level=each.level,
            level_name=names.get(each.level) if each.level else None,
            firmness=each.firmness,
            due=each.due,
            words=each.words,
            citation=each.citation,
        )
        for each in threshold.requires
    )


def overall_rule(policy: Policy) -> str:
    """Return why one outcome may stand for all thresholds, in words with a citation."""
    if policy.overall is not None:
        return f"{policy.overall.words} ({policy.overall.citation})"
    return "The riskiest verdict stands for all; the policy names no rule of its own, and no other would be careful (our choice)."


def demanded(verdicts: Sequence[Verdict], policy: Policy) -> tuple[SafeguardDemand, ...]:
    """Return what all verdicts together put in force: by kind, the highest level first, each with what it rests on."""
    rank = {level.slug: level.rank for level in policy.levels}
    grouped: dict[tuple[str, str | None, str | None], list[tuple[Verdict, SafeguardInForce]]] = {}
    for verdict in verdicts:
        for each in verdict.required_safeguards:
            words = each.words if each.level is None else None  # without a level only the same words are the same demand
            grouped.setdefault((each.kind.value, each.level, words), []).append((verdict, each))
    joined = [_joined(pairs) for pairs in grouped.values()]
    kept = [each for each in joined if not any(_covers(other, each, rank) for other in joined if other is not each)]
    kinds = list(dict.fromkeys(each.kind for each in joined))
    return tuple(sorted(kept, key=lambda each: (kinds.index(each.kind), -_rank(each, rank), FIRMEST.index(each.firmness))))


def _joined(pairs: Sequence[tuple[Verdict, SafeguardInForce]]) -> SafeguardDemand:
    first = pairs[0][1]
    dues = [each.due for _, each in pairs if each.due is not None]
    return SafeguardDemand(
        kind=first.kind,
        level=first.level,
        level_name=first.level_name,
        firmness=min((each.firmness for _, each in pairs), key=FIRMEST.index),
        due=min(dues, key=EARLIEST.index, default=None),
        words=tuple(dict.fromkeys(each.words for _, each in pairs)),
        rests_on=tuple(
            Ground(
                threshold=verdict.threshold,
                name=verdict.name,
                outcome=verdict.outcome,
                sub_label=verdict.sub_label,
                firmness=each.firmness,
                citation=each.citation,
            )
            for verdict, each in pairs
        ),
    )


def _rank(demand: SafeguardDemand, rank: dict[str, int]) -> int:
    return NO_RANK if demand.level is None else rank[demand.level]


def _covers(other: SafeguardDemand, each: SafeguardDemand, rank: dict[str, int]) -> bool:
    """Say whether another demand of the kind asks for a higher level at least as firmly, and no later."""
    if other.kind is not each.kind or other.level is None or each.level is None or _rank(other, rank) <= _rank(each, rank):
        return False
    later = each.due is not None and (other.due is None or EARLIEST.index(other.due) > EARLIEST.index(each.due))
    as_firm = other.firmness in BINDING or FIRMEST.index(other.firmness) <= FIRMEST.index(each.firmness)
    return as_firm and not later


def safeguard_scores(criteria: CriteriaSet, evidence: ModelEvidence) -> tuple[SafeguardScore, ...]:
    """Return every figure on record of the evaluations that the set names as evidence on safeguards."""
    return tuple(score for line in criteria.safeguard_evidence for score in _scores(line, evidence))


def _scores(line: SafeguardEvidence, evidence: ModelEvidence) -> Iterator[SafeguardScore]:
    name = next((each.name for each in evidence.evaluations if each.slug == line.evaluation), line.evaluation)
    for run in evidence.runs_of(line.evaluation):
        if run.version == line.version and run.status in USABLE:
            version = evidence.version(run.evaluation, run.version)
            for score in run.scores:
                yield _score(line, name, run, score, version, evidence)


def _score(
    line: SafeguardEvidence, name: str, run: Run, score: Score, version: EvaluationVersion, evidence: ModelEvidence
) -> SafeguardScore:
    point = score.value
    scale = score_scale(version, score.statistic, score)
    if point is None and score.passed is not None and score.trials and scale is not None:
        point = Decimal(str(float(scale.native(Fraction(score.passed) / score.trials))))
    snapshot = evidence.snapshot(run.snapshot)
    return SafeguardScore(
        kind=line.kind,
        evaluation=line.evaluation,
        evaluation_name=name,
        version=line.version,
        run=run.slug,
        snapshot_name=snapshot.name if snapshot else "snapshot not stated",
        value=None if point is None else float(point),
        unit=version.unit,
        as_printed=score.as_printed,
        better_when=RiskierWhen.LOWER if version.riskier_when is RiskierWhen.HIGHER else RiskierWhen.HIGHER,
        observations=score.trials or score.items,
        words=line.words,
        condition=", ".join(each for each in (run.tools or run.scaffold or run.note, _thinking(run)) if each) or None,
        source=source_note(score, evidence),
    )


def _thinking(run: Run) -> str | None:
    return None if run.thinking is Thinking.NOT_STATED else f"{run.thinking.value} thinking"
