"""What is missing: everything a rule-out would need and the evidence does not hold, said in words.

The rule kept here: absence is shown. A gap is listed whether or not it decided the verdict, because a reader must be able to ask
for it. Numbers are written by ``reports``; only counts and names stand here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evaluations.evidence import ModelEvidence
from evaluations.records import RunStatus
from thresholds.criteria_set import CriteriaSet, named_parts
from thresholds.criterion import CompoundCriterion, CoverageRule, GateCriterion, ScoreCriterion, UpliftCriterion
from thresholds.decision_records import Gap, GapKind
from thresholds.finding_records import AlarmState, Finding, VariantFinding
from thresholds.outcomes import SubLabel

NO_BAR_SHAPES = frozenset({"unquantified"})


def finding_gaps(finding: Finding, evidence: ModelEvidence) -> tuple[Gap, ...]:
    """Return the gaps of one finding and of its parts, each once."""
    gaps = [Gap(kind=kind, criterion=finding.criterion, words=words) for kind, words in _gaps(finding, evidence)]
    for part in finding.parts:
        gaps.extend(finding_gaps(part, evidence))
    return tuple(dict.fromkeys(gaps))


def plan_gaps(slug: str, criteria: CriteriaSet, evidence: ModelEvidence) -> tuple[Gap, ...]:
    """Return a gap for each criterion that asks for what was planned where no plan names its evaluation; parts of a compound too."""
    criterion = criteria.criterion(slug)
    if isinstance(criterion, CompoundCriterion | GateCriterion):
        return tuple(gap for _, part in named_parts(criterion) for gap in plan_gaps(part, criteria, evidence))
    if not isinstance(criterion, ScoreCriterion | UpliftCriterion):
        return ()
    planned = (criterion.coverage or criteria.coverage).require is CoverageRule.PLANNED
    if not planned or any(criterion.evaluation in line.evaluations for plan in evidence.plans for line in plan.planned):
        return ()
    words = f"{criterion.title}: no assessment plan names its evaluation, so every snapshot is asked for."
    return (Gap(kind=GapKind.NO_PLAN, criterion=slug, words=words),)


def _gaps(finding: Finding, evidence: ModelEvidence) -> Iterable[tuple[GapKind, str]]:
    names = {snapshot.slug: snapshot.name for snapshot in evidence.model.snapshots}
    measured = [row for row in finding.variants if row.value is not None]
    if finding.shape in NO_BAR_SHAPES:
        yield GapKind.NO_NUMERIC_BAR, f"{finding.evaluation_name}: the source prints no number to compare."
    if not finding.parts and not measured and finding.sub_label is SubLabel.NOT_ASSESSED:
        yield GapKind.NOT_MEASURED, f"{finding.evaluation_name}: no result is recorded that the criterion can compare."
    elif finding.missing_snapshots and not finding.parts:
        missing = ", ".join(names.get(slug, "no snapshot of the model is recorded") for slug in dict.fromkeys(finding.missing_snapshots))
        count = len(finding.missing_snapshots)
        yield (
            GapKind.MISSING_VARIANTS,
            f"{finding.evaluation_name}: {count} of {finding.variants_planned} planned variants have no usable score ({missing}).",
        )
    if any(row.snapshot is None for row in measured):
        yield GapKind.SNAPSHOT_NOT_STATED, f"{finding.evaluation_name}: the source does not say which snapshot gave the score."
    for row in finding.variants:
        yield from _row_gaps(finding, row)
    yield from _unreported_gaps(finding, evidence, names)
    for alarm in finding.alarms:
        if alarm.state is AlarmState.OPEN:
            pair = f"from {alarm.before_name} to {alarm.after_name}{' on the same items' if alarm.items else ''}"
            yield GapKind.SCORE_DROP, f"{finding.evaluation_name}: the score fell suddenly {pair}, and nobody has said why."
    if finding.sub_label is SubLabel.NO_BAR_IN_FORCE and not finding.parts:
        yield GapKind.NO_BAR_IN_FORCE, f"{finding.evaluation_name}: {finding.bar_dates}."
    if finding.sub_label is SubLabel.NOT_SIGNED_OFF and not finding.parts:
        yield GapKind.NOT_SIGNED_OFF, f"{finding.evaluation_name}: it was judged below, and nobody has signed that off."
    if finding.sub_label is SubLabel.SATURATED or finding.lifecycle:
        yield GapKind.SATURATED, f"{finding.evaluation_name}: {'; '.join(finding.lifecycle)}."


def _unreported_gaps(finding: Finding, evidence: ModelEvidence, names: Mapping[str, str]) -> Iterable[tuple[GapKind, str]]:
    """Yield the runs that were registered and never reported: any of them may hold the highest score."""
    if finding.evaluation is None:  # a compound: its parts tell theirs
        return
    withheld = {run.slug for run in evidence.runs_of(finding.evaluation) if run.status is RunStatus.WITHHELD}
    for each in evidence.registrations:
        if each.evaluation == finding.evaluation and each.slug in withheld:
            words = f"{finding.evaluation_name}, {names[each.snapshot]}: run {each.slug} was registered, and no result of it was reported."
            yield GapKind.NOT_REPORTED, words


def _row_gaps(finding: Finding, row: VariantFinding) -> Iterable[tuple[GapKind, str]]:
    if row.status is RunStatus.PARTIAL:
        yield GapKind.PARTIAL_RUN, f"{finding.evaluation_name}, {row.snapshot_name}: the run is partial and cannot support a rule-out."
    if row.value is not None and row.method is None and finding.rule_out is not None:
        yield GapKind.NO_INTERVAL, f"{finding.evaluation_name}, {row.snapshot_name}: {row.reason}."
    if row.cohorts and any(cohort.spread_kind == "unspecified" for cohort in row.cohorts):
        yield GapKind.SPREAD_UNDEFINED, f"{finding.evaluation_name}: the source does not say what its plus-minus means."
    if row.cohorts and any(cohort.control_count is None or cohort.model_count is None for cohort in row.cohorts):
        yield GapKind.COUNT_UNKNOWN, f"{finding.evaluation_name}: the source does not print how many participants each arm had."
