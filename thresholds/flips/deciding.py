"""One criterion held against changed evidence: the finding is made again by ``thresholds.findings``, as often as a search asks.

The rules kept here: the error levels are those the finding was made at, read back from it exactly; a case whose finding does not come out
as it stood is not searched; one variant alone is judged with the correction for all of them.

Left out: which changes are tried (``changes``, ``resolving``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeVar, cast

from evaluations.evidence import ModelEvidence
from evaluations.records import EvaluationVersion, RiskierWhen, Run, Score
from evaluations.scores import items_give
from evaluations.trials import UpliftTrial
from evaluations.values import Record
from thresholds.criteria_set import CriteriaSet
from thresholds.criterion import Coverage, CoverageRule, QualitativeCriterion, ScoreCriterion, SimpleCriterion, UpliftCriterion
from thresholds.finding_records import Finding, VariantFinding
from thresholds.findings import ErrorLevels, simple_finding
from thresholds.outcomes import VerdictOutcome

LARGEST_SPLIT = 10**7  # our choice: an error level split over criteria and variants is a fraction of whole numbers below this


RecordType = TypeVar("RecordType", bound=Record)


def changed(record: RecordType, fields: Mapping[str, Any]) -> RecordType:
    """Return a record with some fields changed and nothing else carried over: a copy would keep what was worked out from the old ones.

    It is not validated anew, on purpose: what is supposed may be no record (a bar at the exact fraction of a bound, a policy without its
    other thresholds). It is only judged, and never stored or shown.
    """
    known = {name: getattr(record, name) for name in type(record).model_fields}
    return cast(RecordType, type(record).model_construct(**{**known, **fields}))


@dataclass(frozen=True)
class Case:
    """A criterion with the evidence and the error levels it is judged at."""

    criteria: CriteriaSet
    slug: str
    evidence: ModelEvidence
    levels: ErrorLevels

    @property
    def criterion(self) -> SimpleCriterion:
        """The criterion, which is made of no other."""
        found = self.criteria.criterion(self.slug)
        assert isinstance(found, SimpleCriterion)
        return found

    @property
    def version(self) -> EvaluationVersion:
        """The evaluation version that the criterion names."""
        return self.evidence.version(self.criterion.evaluation, self.criterion.version)

    @property
    def rises(self) -> bool:
        """Whether more of the score is riskier."""
        two_levels = isinstance(self.criterion, ScoreCriterion) and self.criterion.success_at is not None
        return two_levels or self.version.riskier_when is RiskierWhen.HIGHER

    def finding(self) -> Finding:
        """Return the finding of this case."""
        return simple_finding(self.criterion, self.criteria.coverage, self.evidence, self.levels)

    def verdict(self) -> VerdictOutcome:
        """Return the verdict of this case."""
        return self.finding().verdict

    def with_criterion(self, **fields: Any) -> Case:
        """Return the case with fields of its criterion changed."""
        made = changed(self.criterion, fields)
        others = tuple(made if each.slug == self.slug else each for each in self.criteria.criteria)
        return replace(self, criteria=changed(self.criteria, {"criteria": others}))

    def with_evidence(self, **fields: Any) -> Case:
        """Return the case with lists of its evidence changed."""
        return replace(self, evidence=changed(self.evidence, fields))

    def with_version(self, **fields: Any) -> Case:
        """Return the case with fields of its evaluation version changed."""
        criterion = self.criterion
        evaluations = []
        for each in self.evidence.evaluations:
            if each.slug == criterion.evaluation:
                versions = tuple(changed(one, fields) if one.slug == criterion.version else one for one in each.versions)
                each = changed(each, {"versions": versions})  # noqa: PLW2901  # the changed one takes its place in the list
            evaluations.append(each)
        return self.with_evidence(evaluations=tuple(evaluations))

    def run_of(self, variant: str) -> Run | None:
        """Return the run that a variant is of."""
        return next((each for each in self.evidence.runs if each.slug == variant.partition("/")[0]), None)

    def trial_of(self, variant: str) -> UpliftTrial | None:
        """Return the trial that a variant is."""
        return next((each for each in self.evidence.trials if each.slug == variant), None)

    def score_of(self, variant: str) -> Score | None:
        """Return the printed score that a variant is, ``None`` where its items decide."""
        run, criterion = self.run_of(variant), self.criterion
        if run is None or not isinstance(criterion, ScoreCriterion):
            return None
        name = variant.partition("/")[2]
        if name:
            return next((each for each in run.scores if each.slug == name), None)
        if items_give(run, criterion.statistic):
            return None
        return next((each for each in run.scores if (each.statistic, each.k) == (criterion.statistic, criterion.k)), None)

    def with_run(self, run: Run) -> Case:
        """Return the case with one run in the place of the one of its name, or after all others."""
        known = any(each.slug == run.slug for each in self.evidence.runs)
        runs = tuple(run if each.slug == run.slug else each for each in self.evidence.runs)
        return self.with_evidence(runs=runs if known else (*runs, run))

    def with_trial(self, trial: UpliftTrial) -> Case:
        """Return the case with one trial in the place of the one of its name."""
        return self.with_evidence(trials=tuple(trial if each.slug == trial.slug else each for each in self.evidence.trials))

    def alone(self, variant: str, variants: int) -> Case:
        """Return the case with this variant only, where nothing else is asked for, corrected for as many variants as there are.

        What was declared of the criterion (saturated, retired) is left out: that is asked for by itself.
        """
        run, trial, score = self.run_of(variant), self.trial_of(variant), self.score_of(variant)
        if run is not None and score is not None:
            run = changed(run, {"scores": (score,)})
        levels = replace(self.levels, rule_in=self.levels.rule_in / variants)
        bare = self.with_evidence(runs=(run,) if run else (), trials=(trial,) if trial and not run else (), plans=())
        return replace(bare.supplied(), levels=levels)

    def supplied(self) -> Case:
        """Return the case with whatever was measured being enough, and nothing declared of the criterion."""
        if not isinstance(self.criterion, ScoreCriterion | UpliftCriterion):
            return self
        own: Coverage = self.criterion.coverage or self.criteria.coverage
        return self.with_criterion(lifecycle=(), coverage=changed(own, {"require": CoverageRule.SUPPLIED}))


def case_of(finding: Finding, criteria: CriteriaSet, evidence: ModelEvidence) -> Case | None:
    """Return the case that ``finding`` answers, or ``None`` where deciding again does not give just that finding."""
    criterion = criteria.criterion(finding.criterion)
    if not isinstance(criterion, SimpleCriterion):
        return None
    case = Case(criteria, finding.criterion, _of_this(criterion, evidence), levels_of(finding))
    return case if case.finding() == finding else None


def _of_this(criterion: SimpleCriterion, evidence: ModelEvidence) -> ModelEvidence:
    """Return the evidence without what other evaluations measured, which is judged elsewhere and only takes time."""
    own = {name: tuple(each for each in getattr(evidence, name) if each.evaluation == criterion.evaluation) for name in ("runs", "trials")}
    if not isinstance(criterion, QualitativeCriterion):
        own["findings"] = ()
    return changed(evidence, own)


def levels_of(finding: Finding) -> ErrorLevels:
    """Return the error levels that a finding was made at: fractions of whole numbers, which a float holds well enough to be read back."""
    rule_out = _read_back((1 - finding.level) / 2)
    if finding.rule_in_level is None:
        return ErrorLevels(rule_out, rule_out)
    return ErrorLevels(rule_out, _read_back((1 - finding.rule_in_level) / 2) * finding.corrected_for)


def _read_back(level: float) -> Fraction:
    return Fraction(level).limit_denominator(LARGEST_SPLIT)


def row_of(finding: Finding, variant: str) -> VariantFinding | None:
    """Return the row of a variant."""
    return next((each for each in finding.variants if each.variant == variant), None)
