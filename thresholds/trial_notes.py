"""What a reader must see of an uplift trial beside its ratio: every cohort, how much cohorts differ, and the ratio unadjusted.

The rules kept here: each cohort has its own interval, at the level of the trial's look; where several are joined it is shown how much they
differ (statistics b6); where a covariate was named beforehand the unadjusted ratio stands beside the adjusted one (b5).

Left out: deciding. That one cohort blocks a pooled rule-out is decided in ``thresholds.variant_findings``.
"""

from __future__ import annotations

from typing import Any

from evaluations.records import EvaluationVersion, Run
from evaluations.trials import ArmKind, Cohort, UpliftTrial
from evaluations.uplift.arms import described
from evaluations.uplift.looks import looked_at
from evaluations.uplift.trial import cohort_ratio, model_arm_mean, trial_heterogeneity, unadjusted_ratio
from thresholds.bars import Bars
from thresholds.finding_records import CohortNote, HeterogeneityNote, UnadjustedNote
from thresholds.interval_notes import ends_of, readings_of
from thresholds.outcomes import UpliftMeasure


def trial_notes(
    measured: Run | UpliftTrial, bars: Bars | None, version: EvaluationVersion, measure: UpliftMeasure | None
) -> dict[str, Any]:
    """Return the fields of a finding that only a trial has; none of them decides anything."""
    if not isinstance(measured, UpliftTrial) or bars is None:
        return {}
    cohorts = tuple(_cohort(cohort, measured, bars, version, measure) for cohort in measured.cohorts)
    if measure is not UpliftMeasure.RATIO:
        return {"cohorts": cohorts}
    return {"cohorts": cohorts, "heterogeneity": _heterogeneity(measured, version), "unadjusted": _unadjusted(measured, bars, version)}


def _heterogeneity(trial: UpliftTrial, version: EvaluationVersion) -> HeterogeneityNote | None:
    found = trial_heterogeneity(trial, version) if len(trial.cohorts) > 1 else None
    if found is None:
        return None
    return HeterogeneityNote(
        cohorts=found.cohorts,
        q=found.q,
        degrees_of_freedom=found.degrees_of_freedom,
        p=found.p,
        i_squared_percent=found.i_squared_percent,
        tau=found.tau,
        reading=found.reading or None,
    )


def _unadjusted(trial: UpliftTrial, bars: Bars, version: EvaluationVersion) -> UnadjustedNote | None:
    """Return the ratio without the covariate, which a reader must see beside the adjusted one (statistics b5)."""
    if trial.adjusted_for is None:
        return None
    estimate = looked_at(unadjusted_ratio(trial, version), trial.look)
    value = None if estimate.point is None else float(estimate.point)
    return UnadjustedNote(adjusted_for=trial.adjusted_for, value=value, **ends_of(estimate, bars))


def _cohort(cohort: Cohort, trial: UpliftTrial, bars: Bars, version: EvaluationVersion, measure: UpliftMeasure | None) -> CohortNote:
    control, model = described(cohort.arm(ArmKind.CONTROL)), described(cohort.arm(ArmKind.MODEL))
    complete = cohort_ratio(cohort, version) if measure is UpliftMeasure.RATIO else model_arm_mean(cohort, version)
    estimate = looked_at(complete, trial.look)  # a cohort is seen at the look of its trial
    ends = ends_of(estimate, bars)
    return CohortNote(
        cohort=cohort.name,
        control_mean=control.mean,
        control_spread=control.spread,
        control_count=control.count,
        model_mean=model.mean,
        model_spread=model.spread,
        model_count=model.count,
        spread_kind=model.spread_kind.value if model.spread_kind else None,
        ratio=None if measure is not UpliftMeasure.RATIO or estimate.point is None else float(estimate.point),
        low=ends["low"],
        high=ends["high"],
        high_end=ends["high_end"],
        readings=readings_of(estimate, bars),
    )
