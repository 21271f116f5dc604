"""The evidence that a case stands for: whole records of one invented model, made of what its lines say.

The rules kept here: a line fills in nothing that a verdict could rest on (no count, no spread, no signature); what is quiet is taken from
the criterion that the line answers to; what evidence may not say is refused here as it is in an evidence file, with the line it stands in.

Left out: judging (``thresholds.casebook``), and whether the names are known (``thresholds.case_fit``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from pydantic import ValidationError

from evaluations.evidence import ModelEvidence
from evaluations.history import ModelRelation
from evaluations.records import (
    Developer,
    Evaluation,
    EvaluationKind,
    EvaluationVersion,
    Model,
    Run,
    RunStatus,
    Score,
    Snapshot,
    SnapshotKind,
    Source,
    Statistic,
    Thinking,
)
from evaluations.trials import Arm, AssessmentPlan, Cohort, DropAnswer, QualitativeFinding, UpliftTrial
from evaluations.values import Slug
from thresholds.case_records import (
    ALL,
    NOT_STATED,
    Case,
    CaseArm,
    CaseEvaluation,
    DropLine,
    JudgementLine,
    PlanLine,
    RelatedLine,
    ScoreLine,
    SignOff,
    TrialLine,
)
from thresholds.criteria_set import CriteriaSet
from thresholds.criterion import ScoreCriterion, SimpleCriterion

MODEL = "model"
AS_SAID = "as the case says"
SOURCED: dict[str, Any] = {"source": "case"}
SIGNATORY = "A. Signatory"


class UnfitLineError(ValueError):
    """A line of a case that no evidence file could say either."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path
        found, _, expected = message.removeprefix("Value error, ").removeprefix("found ").partition(", expected ")
        self.found, self.expected = found, expected or "what an evidence file may say"


class Measured(NamedTuple):
    """Which evaluation a line is a measurement of, and the criterion it answers to, if it names one."""

    evaluation: Slug
    version: Slug
    criterion: SimpleCriterion | None


def measured_by(line: ScoreLine | TrialLine | JudgementLine | DropLine, case: Case, criteria: CriteriaSet) -> Measured:
    """Return what a line measures: the evaluation it names, or that of its criterion, or that of the case's."""
    named, version = getattr(line, "evaluation", None), getattr(line, "version", None)
    if named is not None:
        return Measured(named, version or "", None)
    slug = line.criterion or case.criterion
    criterion = next((each for each in criteria.criteria if each.slug == slug), None)
    if not isinstance(criterion, SimpleCriterion):
        wanted = "the name of a criterion of the set that is no compound and no gate"
        raise UnfitLineError(("criterion",), f"found a line of {slug or 'no criterion'}, expected {wanted}")
    return Measured(criterion.evaluation, version or criterion.version, criterion)


def evidence_of(case: Case, criteria: CriteriaSet, evaluations: Iterable[Evaluation]) -> ModelEvidence:
    """Return everything the case says was known of its model on its day. Raises ``UnfitLineError``."""
    day = case.judged_on or criteria.published_on
    lines = [(place, line, _told(("evidence", place), measured_by, line, case, criteria)) for place, line in enumerate(case.evidence)]
    runs = tuple(
        run
        for place, line, of in lines
        if isinstance(line, ScoreLine)
        for run in _told(("evidence", place), _runs, f"line-{place + 1}", line, of, case)
    )
    trials = [(place, line, of) for place, line, of in lines if isinstance(line, TrialLine)]
    judged = [(place, line, of) for place, line, of in lines if isinstance(line, JudgementLine)]
    return ModelEvidence(
        model=Model(slug=MODEL, name="The model", developer="lab", snapshots=_snapshots(case), **SOURCED),
        developer=Developer(slug="lab", name="A lab"),
        evaluations=tuple(evaluations),
        runs=runs,
        trials=tuple(_told(("evidence", place), _trial, f"line-{place + 1}", line, of) for place, line, of in trials),
        findings=tuple(_told(("evidence", place), _finding, f"line-{place + 1}", line, of, day) for place, line, of in judged),
        claims=(),
        determinations=(),
        plans=tuple(_told(("plan", place), _plan, place, line, case, criteria) for place, line in enumerate(case.plan)),
        drop_answers=tuple(
            _told(("drop_answers", place), _answer, place, line, case, criteria) for place, line in enumerate(case.drop_answers)
        ),
        relations=tuple(_told(("related", place), _relation, place, line, day) for place, line in enumerate(case.related)),
        sources=(Source(slug="case", title="A case"),),
        domains=(),
        corrections=(),
        position=0,
        recorded_at=datetime.combine(day, time(12), UTC),
    )


def other_model(place: int) -> Slug:
    """Return the name of the model that the line of ``related`` at ``place`` is about."""
    return f"other-model-{place + 1}"


def known_evaluations(said: Iterable[CaseEvaluation], recorded: Iterable[Evaluation]) -> tuple[Evaluation, ...]:
    """Return what is known of evaluations beside what the criteria set declares: the file's own word first, then what is on record."""
    versions: dict[str, dict[str, EvaluationVersion]] = {}
    for each in said:
        fields = {name: getattr(each, name) for name in CaseEvaluation.model_fields if name not in ("slug", "version")}
        versions.setdefault(each.slug, {})[each.version] = EvaluationVersion(slug=each.version, **fields, **SOURCED)
    for evaluation in recorded:
        for version in evaluation.versions:
            versions.setdefault(evaluation.slug, {}).setdefault(version.slug, version)
    return tuple(
        Evaluation(slug=slug, name=slug, kind=EvaluationKind.BENCHMARK, versions=tuple(each.values()), **SOURCED)
        for slug, each in sorted(versions.items())
    )


def _told(path: tuple[str | int, ...], make: Any, *of: Any) -> Any:
    """Make something of a line; what a record refuses is told with the line's place in the case."""
    try:
        made = make(*of)
        return tuple(made) if isinstance(made, Iterator) else made
    except UnfitLineError as refused:
        raise UnfitLineError((*path, *refused.path), str(refused)) from None
    except ValidationError as refused:
        first = refused.errors(include_url=False)[0]
        raise UnfitLineError(path, first["msg"]) from None


def _snapshots(case: Case) -> tuple[Snapshot, ...]:
    last = len(case.snapshots) - 1
    return tuple(
        Snapshot(
            slug=slug,
            name=f"snapshot {slug}",
            kind=SnapshotKind.FINAL if place == last else SnapshotKind.RELEASE_CANDIDATE,
            ordinal=place,
            **SOURCED,
        )
        for place, slug in enumerate(case.snapshots)
    )


def _runs(name: str, line: ScoreLine, of: Measured, case: Case) -> Iterator[Run]:
    scores = (_score(line, of),) if line.passed is not None or line.value is not None else ()
    many = len(case.snapshots) > 1 or len(line.thinking) > 1
    for snapshot in case.snapshots if line.snapshot == ALL else (line.snapshot,):
        for thinking in line.thinking:
            yield Run(
                slug=f"{name}-{snapshot}-{thinking.value}" if many else name,
                model=MODEL,
                snapshot=None if snapshot == NOT_STATED else snapshot,
                evaluation=of.evaluation,
                version=of.version,
                thinking=Thinking(thinking),
                scaffold=line.scaffold or getattr(of.criterion, "scaffold", None),
                status=line.status,
                status_reason=None if line.status is RunStatus.COMPLETED else AS_SAID,
                scores=scores,
                items=_items(line),
                **SOURCED,
            )


def _score(line: ScoreLine, of: Measured) -> Score:
    own = of.criterion if isinstance(of.criterion, ScoreCriterion) else None
    statistic, k = (own.statistic, own.k) if own else (Statistic.NOT_STATED, None)
    if line.statistic is not None:
        statistic, k = line.statistic, None
    fields: dict[str, Any] = {name: getattr(line, name) for name in ("passed", "value", "items", "runs", "low", "high")}
    spread, kind = line.spread or (None, None)
    return Score(
        statistic=statistic,
        k=k if line.k is None else line.k,
        trials=line.of,
        interval_level=line.level,
        spread=spread,
        spread_kind=kind,
        **fields,
        **SOURCED,
    )


def _items(line: ScoreLine) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"item": f"item-{group}-{each}", "cluster": same.cluster, "human_minutes": same.human_minutes, "attempts": same.scores}
        for group, same in enumerate(line.attempts)
        for each in range(same.items)
    )


def _trial(name: str, line: TrialLine, of: Measured) -> UpliftTrial:
    return UpliftTrial(
        slug=name,
        model=MODEL,
        snapshot=None if line.snapshot in (ALL, NOT_STATED) else line.snapshot,
        evaluation=of.evaluation,
        version=of.version,
        task=AS_SAID,
        cohorts=tuple(
            Cohort(slug=f"cohort-{place}", name=f"Cohort {place}", arms=(_arm("control", each.control), _arm("model", each.model)))
            for place, each in enumerate(line.trial, 1)
        ),
        **SOURCED,
    )


def _arm(kind: str, arm: CaseArm) -> Arm:
    spread, spread_kind = arm.spread or (None, None)
    people = tuple({"code": f"{kind}-{place}", "score": score} for place, score in enumerate(arm.people, 1))
    return Arm.model_validate(
        {
            "kind": kind,
            "conditions": AS_SAID,
            "participants_count": arm.n,
            "mean": arm.mean,
            "spread": spread,
            "spread_kind": spread_kind,
            "participants": people,
        }
    )


def _finding(name: str, line: JudgementLine, of: Measured, day: date) -> QualitativeFinding:
    return QualitativeFinding(
        slug=name,
        model=MODEL,
        snapshot=None if line.snapshot in (ALL, NOT_STATED) else line.snapshot,
        evaluation=of.evaluation,
        version=of.version,
        by=line.by,
        leaning=line.judged,
        words=AS_SAID,
        **_signed(line.sign_off, day),
        **SOURCED,
    )


def _signed(sign_off: SignOff, day: date) -> dict[str, Any]:
    if sign_off is SignOff.UNSIGNED:
        return {}
    later = timedelta(days=1) if sign_off is SignOff.SIGNED_LATER else timedelta()
    return {"signed_off_by": SIGNATORY, "signed_off_on": day + later}


def _plan(place: int, line: PlanLine, case: Case, criteria: CriteriaSet) -> AssessmentPlan:
    asked = line.criteria or ((case.criterion,) if case.criterion else ())
    named = [each.evaluation for each in criteria.criteria if isinstance(each, SimpleCriterion) and each.slug in asked]
    planned = {"evaluations": tuple(named), "snapshots": line.snapshots or case.snapshots, "thinking": line.thinking}
    return AssessmentPlan.model_validate({"slug": f"plan-{place + 1}", "model": MODEL, "planned": (planned,), **SOURCED})


def _answer(place: int, line: DropLine, case: Case, criteria: CriteriaSet) -> DropAnswer:
    of = measured_by(line, case, criteria)
    return DropAnswer(
        slug=f"answer-{place + 1}",
        model=MODEL,
        evaluation=of.evaluation,
        version=of.version,
        before=line.before,
        after=line.after,
        by=line.by,
        words=line.words,
        **SOURCED,
    )


def _relation(place: int, line: RelatedLine, day: date) -> ModelRelation:
    return ModelRelation(
        slug=f"relation-{place + 1}",
        model=MODEL,
        kind=line.kind,
        other=other_model(place),
        domain=line.domain,
        judged_by="J. Judge",
        words=AS_SAID,
        **_signed(line.sign_off, day),
        **SOURCED,
    )
