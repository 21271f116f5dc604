"""Use case: the points of a trend figure, from everything recorded of one evaluation.

The rules kept here: one figure is of one evaluation version, one statistic and one k, because scores under two comparability keys
never share a line; where the record leaves a choice, the person makes it; only whole runs are drawn, and how many were left out is said.

Left out: what is riskiest and how it looks (``reports.trend``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from evaluations.estimate import Estimate
from evaluations.evidence import ModelEvidence
from evaluations.records import Evaluation, EvaluationVersion, Model, Run, RunStatus, Snapshot, Statistic, Thinking
from evaluations.scores import OF_ITEMS, run_estimate
from reports import numbers
from reports.figure_facts import End, TrendFacts
from reports.trend import compose_trend, trend_bytes
from reports.trend_forecast import Fit
from reports.trend_points import TrendAxis, TrendBars, TrendPoint
from reports.withholding import hidden
from rsp.errors import InputError, UnknownNameError
from rsp.store.reading import criteria_sets, evidence, in_force, models, position
from rsp.store.session import Session, Store
from thresholds.criteria_set import CriteriaSet
from thresholds.criterion import ScoreCriterion, bar_positions
from thresholds.variants import scale_of_version

if TYPE_CHECKING:
    from reports.canvas import Format  # which brings matplotlib

Over = Literal["release_date", "training_compute"]
ALPHA = 0.025  # one-sided; shown as a 95 % interval (statistics, section 0)


@dataclass(frozen=True)
class Asked:
    """What the person named; ``None`` where the record is to decide, if it can."""

    evaluation: str
    version: str | None = None
    statistic: Statistic | None = None
    k: int | None = None
    over: Over | None = None
    models: tuple[str, ...] = ()
    policy: str | None = None
    fit: Fit = "line"


def trend(store: Store, asked: Asked, form: Format, *, as_of: int | None = None) -> bytes:
    """Return the trend figure as bytes. Raises what ``trend_facts`` raises."""
    return drawn(trend_facts(store, asked, as_of=as_of), form)


def drawn(facts: TrendFacts, form: Format) -> bytes:
    """Return the figure of these facts as bytes."""
    return trend_bytes(facts, form)


def trend_facts(store: Store, asked: Asked, *, as_of: int | None = None) -> TrendFacts:
    """Return what the trend figure says.

    Raises ``UnknownNameError`` for an unknown evaluation, model or policy, ``InputError`` where a version or statistic must be named.
    """
    with store.read() as session:
        known = [evidence(session, slug, as_of) for slug in _model_slugs(session, asked, as_of)]
        sets = in_force(criteria_sets(session, asked.policy, as_of)) if asked.policy else ()
        at = position(session).position if as_of is None else as_of
    held = [each for each in known if any(run.evaluation == asked.evaluation for run in each.runs)]
    evaluation = _evaluation(known, asked)
    if not held:
        raise InputError(f"found no run of evaluation {asked.evaluation} for the models asked, expected at least one")
    version = _version(evaluation, held, asked)
    statistic, k = _key(held, version, asked)
    every = [(each, run) for each in held for run in each.runs if (run.evaluation, run.version) == (asked.evaluation, version.slug)]
    runs = [] if hidden(evaluation) or hidden(version) else [(each, run) for each, run in every if _may_be_shown(each.model, run)]
    if not runs:
        raise InputError(f"found only restricted scores of {evaluation.name}, expected some that a figure may show")
    points = [
        point for each, run in runs if (point := _point(each.model, run, version, statistic, k, asked.over or _over(held))) is not None
    ]
    if not points:
        raise InputError(f"found no value of {evaluation.name} as {statistic.value}, expected at least one")
    axis = TrendAxis(
        evaluation=f"{evaluation.name} ({_spoken(statistic, k)})",
        unit=version.unit,
        riskier_when=version.riskier_when,
        over=asked.over or _over(held),
        scale_low=None if version.scale_low is None else float(version.scale_low),
        scale_high=None if version.scale_high is None else float(version.scale_high),
    )
    criteria = [CriteriaSet.model_validate_json(each.body) for each in sets]
    return compose_trend(
        points,
        axis,
        as_of=at,
        as_of_recorded_at=max(each.recorded_at for each in held),
        sources=_sources(runs),
        withheld=len(every) - len(runs),
        bars=_bars(criteria, (asked.evaluation, version.slug, statistic, k), version, max(each.recorded_at for each in held).date()),
        fit=asked.fit,
    )


def _model_slugs(session: Session, asked: Asked, as_of: int | None) -> Sequence[str]:
    return asked.models or [each.slug for each in models(session, as_of)]


def _evaluation(known: Sequence[ModelEvidence], asked: Asked) -> Evaluation:
    declared = {each.slug: each for evidence in known for each in evidence.evaluations}
    if asked.evaluation not in declared:
        raise UnknownNameError("evaluation", asked.evaluation, declared)
    return declared[asked.evaluation]


def _version(evaluation: Evaluation, held: Sequence[ModelEvidence], asked: Asked) -> EvaluationVersion:
    """Return the version meant: the one named, or the only one that was run."""
    run = {run.version for each in held for run in each.runs if run.evaluation == asked.evaluation}
    names = [each.slug for each in evaluation.versions if each.slug in run]
    if asked.version is None and len(names) == 1:
        return next(each for each in evaluation.versions if each.slug == names[0])
    if asked.version is None:
        raise InputError(
            f"found runs of {len(names)} versions of {evaluation.slug} ({', '.join(names)}), expected one; name it with --version"
        )
    if asked.version not in names:
        raise UnknownNameError("version", asked.version, names, why=f" of evaluation {evaluation.slug}")
    return next(each for each in evaluation.versions if each.slug == asked.version)


def _key(held: Sequence[ModelEvidence], version: EvaluationVersion, asked: Asked) -> tuple[Statistic, int | None]:
    """Return the statistic meant: the one named, or the only one there is. Item results give a mean."""
    runs = [run for each in held for run in each.runs if (run.evaluation, run.version) == (asked.evaluation, version.slug)]
    found = {(score.statistic, score.k) for run in runs for score in run.scores} | {(Statistic.MEAN, None) for run in runs if run.items}
    if asked.statistic is not None:
        derivable = asked.statistic in OF_ITEMS and any(run.items for run in runs)
        if (asked.statistic, asked.k) in found or derivable:
            return asked.statistic, asked.k
    elif len(found) == 1:
        return next(iter(found))
    names = ", ".join(sorted(_spoken(statistic, k) for statistic, k in found))
    raise InputError(f"found the statistics {names or 'none'} of {asked.evaluation}, expected one of them named with --statistic (and --k)")


def _over(held: Sequence[ModelEvidence]) -> Over:
    """Return the axis that has places: releases where two models have a date, else compute where a snapshot has it."""
    dated = sum(each.model.released_on is not None for each in held)
    computed = any(snapshot.training_compute_flop for each in held for snapshot in each.model.snapshots)
    return "training_compute" if computed and dated < 2 else "release_date"


def _point(model: Model, run: Run, version: EvaluationVersion, statistic: Statistic, k: int | None, over: Over) -> TrendPoint | None:
    if run.status is not RunStatus.COMPLETED:
        return None
    estimate = run_estimate(run, version, statistic, k)
    if estimate.point is None:
        return None
    snapshot = next((each for each in model.snapshots if each.slug == run.snapshot), None)
    low, high = (estimate.lower(ALPHA), estimate.upper(ALPHA)) if isinstance(estimate, Estimate) else (None, None)
    return TrendPoint(
        model=model.slug,
        model_name=model.name,
        snapshot=run.snapshot,
        snapshot_name=_named(snapshot, run),
        x=model.released_on if over == "release_date" else _compute(snapshot),
        value=float(estimate.point),
        low=_finite(low),
        high=_finite(high),
        ends=(_end(low), _end(high)),
        n=estimate.observations if isinstance(estimate, Estimate) else None,
        method=estimate.method if isinstance(estimate, Estimate) else None,
        scaffold=run.scaffold,
    )


def _named(snapshot: Snapshot | None, run: Run) -> str:
    name = snapshot.name if snapshot else "snapshot not stated"
    return name if run.thinking is Thinking.NOT_STATED else f"{name}, {run.thinking.value} thinking"


def _compute(snapshot: Snapshot | None) -> float | None:
    return None if snapshot is None or snapshot.training_compute_flop is None else float(snapshot.training_compute_flop)


def _finite(end: float | None) -> float | None:
    return end if end is not None and math.isfinite(end) else None


def _end(end: float | None) -> End:
    return End.NONE if end is None else End.CLOSED if math.isfinite(end) else End.OPEN


def _may_be_shown(model: Model, run: Run) -> bool:
    """Say whether a run, its snapshot, its model and all its scores are open; a figure cannot show that a mark is withheld."""
    snapshots = [each for each in model.snapshots if each.slug == run.snapshot]
    return not any(hidden(each) for each in (model, run, *snapshots, *run.scores))


def _sources(runs: Iterable[tuple[ModelEvidence, Run]]) -> list[str]:
    titles = {source.slug: source.title for each, _ in runs for source in each.sources}
    return sorted({titles[run.source] for _, run in runs})


def _spoken(statistic: Statistic, k: int | None) -> str:
    return f"pass@{k}" if statistic is Statistic.PASS_AT_K else statistic.value.replace("_", " ")


def _bars(
    criteria: Sequence[CriteriaSet], key: tuple[str, str, Statistic, int | None], version: EvaluationVersion, day: date
) -> TrendBars | None:
    """Return the bars that stand on that day of the first criterion that compares just this, if a policy was named and one does."""
    for criterion in (each for held in criteria for each in held.criteria if isinstance(each, ScoreCriterion)):
        same = (criterion.evaluation, criterion.version, criterion.statistic, criterion.k) == key
        standing = criterion.bars_on(day)
        if not same or standing is None or criterion.success_at is not None:  # a share of successes stands on an axis of its own
            continue
        out, crossing = bar_positions(*standing, scale_of_version(version), version.riskier_when)
        words = numbers.quantity(float(out), version.unit)
        if out == crossing:
            return TrendBars(float(out), f"bar {words}")
        second = numbers.quantity(float(crossing), version.unit)
        return TrendBars(float(out), f"rule-out bar {words}", float(crossing), f"rule-in bar {second}")
    return None
