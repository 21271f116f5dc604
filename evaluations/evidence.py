"""The two bundles that evidence travels in: a file (what a person wrote) and the evidence on one model (what was known).

The rule kept here: an evidence file is a list of whole records with their sources; the evidence on a model is everything
recorded of it up to one position of the log, and carries that position, so that a verdict can name what it knew.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from evaluations.history import AssessmentCall, EffectiveCompute, HeldAssessment, ModelRelation
from evaluations.records import Developer, Evaluation, EvaluationVersion, Model, Run, Source, ThreatDomain
from evaluations.trials import AssessmentPlan, Claim, DropAnswer, PublishedDetermination, QualitativeFinding, UpliftTrial
from evaluations.values import Record, Slug, Text

FORMAT = "rsp-evidence/1"


class EvidenceFile(Record):
    """One evidence file, format ``rsp-evidence/1``; ``rsp schema evidence`` prints its JSON Schema."""

    format: Literal["rsp-evidence/1"]
    description: Text | None = None
    sources: tuple[Source, ...] = ()
    domains: tuple[ThreatDomain, ...] = ()
    developers: tuple[Developer, ...] = ()
    models: tuple[Model, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    runs: tuple[Run, ...] = ()
    trials: tuple[UpliftTrial, ...] = ()
    findings: tuple[QualitativeFinding, ...] = ()
    drop_answers: tuple[DropAnswer, ...] = ()
    claims: tuple[Claim, ...] = ()
    determinations: tuple[PublishedDetermination, ...] = ()
    plans: tuple[AssessmentPlan, ...] = ()
    effective_compute: tuple[EffectiveCompute, ...] = ()
    assessments: tuple[HeldAssessment, ...] = ()
    calls: tuple[AssessmentCall, ...] = ()
    relations: tuple[ModelRelation, ...] = ()


class Correction(Record):
    """One field that was superseded: who, when, why, what it was and what it became. The first value stays readable."""

    record: Text  # such as "run swe-hard-final / score score"
    field: Text
    was: Text | None
    became: Text | None
    reason: Text
    actor: Text
    recorded_at: datetime
    entry_seq: int


class ModelEvidence(Record):
    """Everything known of one model as of log position ``position`` (whose entry was recorded at ``recorded_at``)."""

    model: Model
    developer: Developer
    evaluations: tuple[Evaluation, ...]  # every evaluation recorded, so that a policy may name one that was never run
    runs: tuple[Run, ...]
    trials: tuple[UpliftTrial, ...]
    findings: tuple[QualitativeFinding, ...]
    claims: tuple[Claim, ...]
    determinations: tuple[PublishedDetermination, ...]
    plans: tuple[AssessmentPlan, ...]
    sources: tuple[Source, ...]
    domains: tuple[ThreatDomain, ...]
    corrections: tuple[Correction, ...]
    position: int
    recorded_at: datetime
    drop_answers: tuple[DropAnswer, ...] = ()
    effective_compute: tuple[EffectiveCompute, ...] = ()
    assessments: tuple[HeldAssessment, ...] = ()
    calls: tuple[AssessmentCall, ...] = ()
    relations: tuple[ModelRelation, ...] = ()
    root: str | None = None  # Merkle root of the log at the position; None for evidence that no log holds

    def version(self, evaluation: Slug, version: Slug) -> EvaluationVersion:
        """Return that version of that evaluation. Raises ``KeyError`` if the store handed over a run without it."""
        for candidate in self.evaluations:
            if candidate.slug == evaluation:
                for each in candidate.versions:
                    if each.slug == version:
                        return each
        raise KeyError(f"evaluation {evaluation} version {version}")
