"""Which assessment a model is held against when it is asked whether a new one is due (rsp-policy, section 4).

1. A fact counts from its own day on: an assessment once it is completed, a figure once it was reached, a call once it was made.
2. The model's own last comprehensive assessment counts, however late another model was assessed.
3. A model that never had one is held against the comparison model's last: of the model that its newest assessment of another depth names,
   else of those that its plans name. A named model without a comprehensive assessment is no ground to stand on, and that is said;
   nothing else is put in its place.
4. Where nobody names one, the developer's model that was assessed comprehensively last stands in, and is named as such.
5. Where several are named, or several were assessed on the same day, the model is held against each, and the most pressing answer counts.
6. A report is counted like an assessment, apart: the last report that covered the model, else the developer's last.

Left out: what follows (``thresholds.due``), and whether a comparison is apt, which people judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from evaluations.evidence import ModelEvidence
from evaluations.history import AssessmentCall, AssessmentDepth, EffectiveCompute, HeldAssessment
from evaluations.records import Developer, Model
from evaluations.trials import AssessmentPlan
from thresholds.due_records import Compared, ComparedBy


@dataclass(frozen=True)
class History:
    """What a reassessment turns on of one model, without its measurements."""

    model: Model
    developer: Developer
    plans: tuple[AssessmentPlan, ...] = ()
    effective_compute: tuple[EffectiveCompute, ...] = ()
    assessments: tuple[HeldAssessment, ...] = ()
    calls: tuple[AssessmentCall, ...] = ()

    def last(self, depth: AssessmentDepth, day: date) -> HeldAssessment | None:
        """Return the last assessment of that depth that was completed on ``day`` or before."""
        held = [each for each in self.assessments if each.depth is depth and each.completed_on <= day]
        return max(held, key=lambda each: (each.completed_on, each.slug), default=None)


def history_of(evidence: ModelEvidence) -> History:
    """Return what of the evidence on a model a reassessment turns on."""
    histories = evidence.effective_compute, evidence.assessments, evidence.calls
    return History(evidence.model, evidence.developer, evidence.plans, *histories)


def compared_with(this: History, every: Sequence[History], day: date) -> tuple[Compared, ...]:
    """Return the comprehensive assessments that ``this`` is held against, of ``every`` model on record; none if there is none."""
    depth = AssessmentDepth.COMPREHENSIVE
    if (own := this.last(depth, day)) is not None:
        return (_compared(this, own, ComparedBy.OWN_ASSESSMENT),)
    named = _named(this, day)
    if not named:
        return tuple(_latest_of_developer(this, every, depth, day))
    known = {each.model.slug: each for each in every}
    return tuple(_as_named(slug, known.get(slug), day) for slug in named)


def reported_last(this: History, every: Sequence[History], day: date) -> tuple[Compared, ...]:
    """Return the last report that covered ``this``, else the developer's last; none if there is none."""
    if (own := this.last(AssessmentDepth.REPORT, day)) is not None:
        return (_compared(this, own, ComparedBy.OWN_ASSESSMENT),)
    return tuple(_latest_of_developer(this, every, AssessmentDepth.REPORT, day))


def _named(this: History, day: date) -> list[str]:
    naming = [each for each in this.assessments if each.comparison_model is not None and each.completed_on <= day]
    if naming:
        newest = max(each.completed_on for each in naming)
        return sorted({each.comparison_model for each in naming if each.completed_on == newest and each.comparison_model is not None})
    return sorted({each.comparison_model for each in this.plans if each.comparison_model is not None})


def _as_named(slug: str, other: History | None, day: date) -> Compared:
    depth = AssessmentDepth.COMPREHENSIVE
    last = None if other is None else other.last(depth, day)
    if other is None or last is None:
        return Compared(model=slug, model_name=slug if other is None else other.model.name, chosen=ComparedBy.NAMED, depth=depth)
    return _compared(other, last, ComparedBy.NAMED)


def _latest_of_developer(this: History, every: Sequence[History], depth: AssessmentDepth, day: date) -> Iterator[Compared]:
    others = [each for each in every if each.developer.slug == this.developer.slug]
    lasts = [(each, last) for each in others if (last := each.last(depth, day)) is not None]
    newest = max((last.completed_on for _, last in lasts), default=None)
    for each, last in sorted(lasts, key=lambda pair: pair[0].model.slug):
        if last.completed_on == newest:
            yield _compared(each, last, ComparedBy.LATEST_OF_DEVELOPER)


def _compared(history: History, held: HeldAssessment, chosen: ComparedBy) -> Compared:
    return Compared(
        model=history.model.slug,
        model_name=history.model.name,
        chosen=chosen,
        assessment=held.slug,
        depth=held.depth,
        completed_on=held.completed_on,
    )
