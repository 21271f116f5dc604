"""Changes of evidence and of bars: what a ``Flip`` asks for, made on copies of the records.

The rules kept here: more items come at the share that was measured, rounded to whole passes towards risk; items in clusters, or tried
several times, come in multiples of what was measured, clusters and all; a printed standard error shrinks with the root of the number,
a standard deviation does not; an invented run is under the criterion's own key and has just the passes that the flip allows.

Left out: people's part of it (``judgement_changes``; answers: ``applying``), and which changes are worth trying (``resolving``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from evaluations.records import ItemResult, Run, RunStatus, Sampling, Score, SpreadKind, Statistic, Thinking
from evaluations.trials import Arm, Cohort, ParticipantResult, UpliftTrial
from thresholds.criterion import ScoreCriterion
from thresholds.flips.deciding import Case, changed

DIGITS = Decimal("1e-12")  # our choice: a fractional count is a mean over repeated runs, and none is known to more
SHRINKING = frozenset({SpreadKind.STANDARD_ERROR, SpreadKind.INTERVAL_HALF_WIDTH})


def over(case: Case, variant: str, items: int) -> Case:
    """Return the case with one variant measured over so many items, at the share it has."""
    run, score = case.run_of(variant), case.score_of(variant)
    assert run is not None
    return case.with_run(_more_items(run, items, case) if score is None else _replaced(run, score, _longer(score, items, case)))


def over_a_larger_set(case: Case, items: int) -> Case:
    """Return the case with so many items in the evaluation version, and every variant measured over all of them at its own share."""
    grown = case.with_version(item_count=items)
    for row in case.finding().variants:
        run = case.run_of(row.variant)
        if run is not None and row.value is not None and row.comparable == "same_key" and run.status is RunStatus.COMPLETED:
            grown = over(grown, row.variant, items)
    return grown


def count_of(case: Case, variant: str) -> int | None:
    """Return over how many items or trials a variant is: the smallest of the counts that are known of it."""
    run, score = case.run_of(variant), case.score_of(variant)
    if run is None:
        return None
    if score is None:
        return len(run.items) or None
    one_task = case.version.sampling is Sampling.TRIALS_OF_ONE_TASK
    known = (score.trials,) if one_task and score.trials else (score.trials, score.items, case.version.item_count)
    return min((each for each in known if each), default=None)


def is_counted_singly(run: Run) -> bool:
    """Say whether every item of a run was tried once, in no cluster, and passed or failed."""
    return bool(run.items) and all(each.cluster is None and len(each.attempts) == 1 and each.attempts[0] in (0, 1) for each in run.items)


def as_count(case: Case, variant: str) -> Case | None:
    """Return the case with a run's single passes told as a count, which is quicker to judge; ``None`` where that is another statement."""
    run, criterion = case.run_of(variant), case.criterion
    if run is None or not isinstance(criterion, ScoreCriterion) or criterion.success_at is not None or not is_counted_singly(run):
        return None
    passed = sum(each.attempts[0] == 1 for each in run.items)
    counted = Score(statistic=criterion.statistic, k=criterion.k, passed=Decimal(passed), trials=len(run.items), source=run.source)
    return case.with_run(changed(run, {"items": (), "scores": (counted,)}))


def with_passes(case: Case, variant: str, passed: Decimal | int) -> Case:
    """Return the case with another number of passes of the same number; of items tried several times, of attempts."""
    run, score = case.run_of(variant), case.score_of(variant)
    assert run is not None
    if score is not None:
        printed = {"passed": Decimal(passed), "value": None, "as_printed": None, "low": None, "high": None, "interval_level": None}
        return case.with_run(_replaced(run, score, changed(score, printed)))
    return case.with_run(changed(run, {"items": tuple(_switched(run.items, int(passed)))}))


def passes_of(case: Case, variant: str) -> tuple[Decimal, int] | None:
    """Return how many passed of how many, for a count or for items that pass or fail; ``None`` of anything graded."""
    run, score, criterion = case.run_of(variant), case.score_of(variant), case.criterion
    if run is None or (isinstance(criterion, ScoreCriterion) and criterion.success_at is not None):
        return None
    if score is not None:
        return None if score.passed is None or score.trials is None else (score.passed, score.trials)
    attempts = [each for item in run.items for each in item.attempts]
    if not attempts or any(each not in (0, 1) for each in attempts):
        return None
    return Decimal(attempts.count(Decimal(1))), len(attempts)


def with_point(case: Case, variant: str, value: Decimal) -> Case:
    """Return the case with another printed value, its error as it was."""
    trial = case.trial_of(variant)
    if trial is not None:
        return case.with_trial(changed(trial, {"cohorts": tuple(_with_model_mean(each, value) for each in trial.cohorts)}))
    run, score = case.run_of(variant), case.score_of(variant)
    assert run is not None
    assert score is not None
    shift = value - (score.value or Decimal(0))
    ends = {name: None if (end := getattr(score, name)) is None else end + shift for name in ("low", "high")}
    return case.with_run(_replaced(run, score, changed(score, {"value": value, "as_printed": None, **ends})))


def with_interval(case: Case, variant: str, end: float, level: Fraction) -> Case:
    """Return the case with a printed interval from the value to ``end`` on the side of risk and as far on the other."""
    run, score = case.run_of(variant), case.score_of(variant)
    assert run is not None
    assert score is not None
    assert score.value is not None
    far = Decimal(repr(end))
    low, high = sorted((2 * score.value - far, far))
    printed = {"low": low, "high": high, "interval_level": Decimal(level.numerator) / level.denominator}
    return case.with_run(_replaced(run, score, changed(score, printed)))


def with_count(case: Case, variant: str, count: int) -> Case:
    """Return the case with the number of items, or of participants in each arm that does not say, stated."""
    trial = case.trial_of(variant)
    if trial is not None:
        return _with_arms(case, trial, lambda arm: {"participants_count": count} if _says_no_count(arm) else {})
    run, score = case.run_of(variant), case.score_of(variant)
    assert run is not None
    assert score is not None
    return case.with_run(_replaced(run, score, changed(score, {"items": count})))


def with_spread_meaning(case: Case, variant: str, meaning: SpreadKind) -> Case:
    """Return the case with every undefined plus-minus of a trial or score said to mean this."""
    trial = case.trial_of(variant)
    if trial is not None:
        return _with_arms(case, trial, lambda arm: {"spread_kind": meaning} if arm.spread_kind is SpreadKind.UNSPECIFIED else {})
    run, score = case.run_of(variant), case.score_of(variant)
    assert run is not None
    assert score is not None
    return case.with_run(_replaced(run, score, changed(score, {"spread_kind": meaning})))


def with_people(case: Case, variant: str, smallest: int) -> Case:
    """Return the case with so many participants in the smallest arm of a trial, and the other arms in proportion."""
    trial = case.trial_of(variant)
    assert trial is not None
    factor = Fraction(smallest, people_of(trial) or 1)
    return _with_arms(case, trial, lambda arm: _grown_arm(arm, factor))


def people_of(trial: UpliftTrial) -> int | None:
    """Return how many participants the smallest arm has, or ``None`` if some arm does not say."""
    counts = [len(arm.participants) or arm.participants_count for cohort in trial.cohorts for arm in cohort.arms]
    known = [each for each in counts if each]
    return min(known) if len(known) == len(counts) else None


def with_whole_run(case: Case, variant: str) -> Case:
    """Return the case with a partial run finished at the share it has; one shorter than its set, over the whole set."""
    run = case.run_of(variant)
    assert run is not None
    whole = case.with_run(changed(run, {"status": RunStatus.COMPLETED, "status_reason": None}))
    size, count = case.version.item_count, count_of(case, variant)
    return over(whole, variant, size) if size and count and count < size else whole


def with_missing_run(case: Case, variant: str, passed: int, items: int) -> Case:
    """Return the case with a run that is missing, or gave nothing: a whole one with so many passes, under the criterion's key."""
    criterion = case.criterion
    assert isinstance(criterion, ScoreCriterion)
    score = Score(statistic=criterion.statistic, k=criterion.k, passed=Decimal(passed), trials=items, source="supposed")
    whole = {"status": RunStatus.COMPLETED, "status_reason": None, "scores": (score,), "items": ()}
    lost = case.run_of(variant)
    if lost is not None:
        return case.with_run(changed(lost, whole))
    like = _alike(case, variant)
    snapshot, thinking = variant.rsplit("/", maxsplit=1)
    made = Run(
        slug=f"supposed-{len(case.evidence.runs)}",
        model=case.evidence.model.slug,
        snapshot=snapshot,
        evaluation=criterion.evaluation,
        version=criterion.version,
        thinking=Thinking(thinking),
        scaffold=criterion.scaffold,
        scores=(score,),
        source="supposed",
    )
    return case.with_run(made if like is None else changed(made, {"scores": (), "items": like.items}))


def _alike(case: Case, variant: str) -> Run | None:
    """Return a run with items that rules out by itself: of items, a count beside it could not be paired and would look like a drop."""
    thinking = variant.rsplit("/", maxsplit=1)[-1]
    found = case.finding()
    rows = [each for each in found.variants if each.comparable == "same_key" and each.verdict.risk == 0]
    runs = [run for each in sorted(rows, key=lambda row: row.thinking.value != thinking) if (run := case.run_of(each.variant)) is not None]
    return next((each for each in runs if each.items), None)


# ---------------------------------------------------------------------------------------------------------------------- pieces


def _replaced(run: Run, old: Score, new: Score) -> Run:
    return changed(run, {"scores": tuple(new if each is old else each for each in run.scores)})


def _towards_risk(share: Fraction, items: int, case: Case) -> int:
    """Return whole passes of so many at that share, never safer than it."""
    exact = share * items
    return math.ceil(exact) if case.rises else math.floor(exact)


def _longer(score: Score, items: int, case: Case) -> Score:
    """Return a printed score as it would be over so many items."""
    update: dict[str, Any] = {"as_printed": None}
    if score.passed is not None and score.trials is not None:
        counted = [each for each in (score.trials, score.items, case.version.item_count) if each]
        one_task = case.version.sampling is Sampling.TRIALS_OF_ONE_TASK
        often = 1 if one_task else Fraction(score.trials, min(counted))  # trials that pool repeated runs of the items
        trials, share = math.ceil(items * often), Fraction(score.passed) / score.trials
        whole = often == 1 and score.passed == score.passed.to_integral_value()
        passed = Decimal(_towards_risk(share, trials, case)) if whole else _decimal(share * trials, rising=case.rises)
        update |= {"passed": passed, "trials": trials, "items": None if one_task else items, "value": None}
        before = score.trials if one_task else min(counted)
    else:
        before = score.items or case.version.item_count or items
        update["items"] = items
    shrunk = Fraction(before, items)
    if score.spread is not None and score.spread_kind in SHRINKING:
        update["spread"] = _shrunk(score.spread, shrunk)
    if score.low is not None and score.high is not None and score.value is not None:
        update |= {
            "low": score.value - _shrunk(score.value - score.low, shrunk),
            "high": score.value + _shrunk(score.high - score.value, shrunk),
        }
        update["value"] = score.value
    return changed(score, update)


def _shrunk(error: Decimal, part: Fraction) -> Decimal:
    return error * (Decimal(part.numerator) / Decimal(part.denominator)).sqrt()


def _decimal(value: Fraction, *, rising: bool) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(DIGITS, rounding=ROUND_CEILING if rising else ROUND_FLOOR)


def _more_items(run: Run, items: int, case: Case) -> Run:
    """Return a run with further items: passes and failures at its share where each was tried once, else the whole set again."""
    known, criterion = len(run.items), case.criterion
    plain = isinstance(criterion, ScoreCriterion) and criterion.success_at is None and criterion.statistic is not Statistic.TIME_HORIZON
    if plain and is_counted_singly(run):
        passed = sum(each.attempts[0] == 1 for each in run.items)
        more = _towards_risk(Fraction(passed, known), items, case) - passed
        further = tuple(ItemResult(item=f"further-{place}", attempts=(Decimal(place < more),)) for place in range(items - known))
        return changed(run, {"items": run.items + further})
    copies = tuple(_copy(each, again) for again in range(1, items // known) for each in run.items)
    return changed(run, {"items": run.items + copies})


def _copy(item: ItemResult, again: int) -> ItemResult:
    cluster = None if item.cluster is None else f"{item.cluster}.{again}"
    return changed(item, {"item": f"{item.item}.{again}", "cluster": cluster})


def _switched(items: tuple[ItemResult, ...], passed: int) -> Iterator[ItemResult]:
    """Yield the items with attempts switched one after the other until so many pass; the first attempts that can be are."""
    more = passed - sum(each == 1 for item in items for each in item.attempts)
    to = Decimal(more > 0)
    left = abs(more)
    for item in items:
        attempts = []
        for each in item.attempts:
            switch = left > 0 and each != to
            left -= switch
            attempts.append(to if switch else each)
        yield changed(item, {"attempts": tuple(attempts)})


def _with_arms(case: Case, trial: UpliftTrial, change: Any) -> Case:
    cohorts = tuple(changed(cohort, {"arms": tuple(changed(arm, change(arm)) for arm in cohort.arms)}) for cohort in trial.cohorts)
    return case.with_trial(changed(trial, {"cohorts": cohorts}))


def _says_no_count(arm: Arm) -> bool:
    return arm.participants_count is None and not arm.participants


def _grown_arm(arm: Arm, factor: Fraction) -> dict[str, Any]:
    if arm.participants:
        times = int(factor)
        copies = tuple(_person(each, again) for again in range(1, times) for each in arm.participants)
        return {"participants": arm.participants + copies, "participants_count": len(arm.participants) * times}
    count = math.ceil((arm.participants_count or 1) * factor)
    if arm.spread is None or arm.spread_kind not in SHRINKING:
        return {"participants_count": count}
    return {"participants_count": count, "spread": _shrunk(arm.spread, Fraction(arm.participants_count or 1, count))}


def _person(person: ParticipantResult, again: int) -> ParticipantResult:
    team = None if person.team is None else f"{person.team}.{again}"
    return changed(person, {"code": f"{person.code}.{again}", "team": team})


def _with_model_mean(cohort: Cohort, mean: Decimal) -> Cohort:
    arms = tuple(changed(arm, {"mean": mean}) if arm.kind.value == "model" else arm for arm in cohort.arms)
    return changed(cohort, {"arms": arms})
