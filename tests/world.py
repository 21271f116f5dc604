"""A simulated lab in memory: train a model, take snapshots, measure them, run a trial, publish a policy, ask for verdicts.

Everything has a quiet default, so that a test states only the fact its rule is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from evaluations.evidence import ModelEvidence
from evaluations.history import ModelRelation
from evaluations.records import Developer, Evaluation, EvaluationVersion, Model, Run, Score, Snapshot, Source
from evaluations.trials import AssessmentPlan, DropAnswer, QualitativeFinding, UpliftTrial
from thresholds.criteria_set import CriteriaSet
from thresholds.decision_records import Assessment, Verdict
from thresholds.finding_records import Finding
from thresholds.load import Loaded, canonical
from thresholds.policy import Policy
from thresholds.verdicts import assess

AT = datetime(2030, 6, 1, tzinfo=UTC)
CITED = {"citation": "invented for a test", "basis": "our_assumption"}
SOURCED = {"source": "pipeline"}
SIGNED = {"signed_off_by": "O. Officer", "signed_off_on": AT.date()}


@dataclass(frozen=True)
class Lab:
    """One model with its evidence. Every method returns another lab; nothing changes in place."""

    snapshots: tuple[Snapshot, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    runs: tuple[Run, ...] = ()
    trials: tuple[UpliftTrial, ...] = ()
    findings: tuple[QualitativeFinding, ...] = ()
    plans: tuple[AssessmentPlan, ...] = ()
    answers: tuple[DropAnswer, ...] = ()
    relations: tuple[ModelRelation, ...] = ()
    at: datetime = AT
    criteria: tuple[dict[str, Any], ...] = ()
    safeguards: tuple[dict[str, Any], ...] = field(
        default=(
            {"slug": "security", "kind": "security", "level": "level-3", "firmness": "required", "words": "protect the weights", **CITED},
        )
    )

    def trained(self, *slugs: str) -> Lab:
        """Take snapshots of these names, in this order."""
        made = tuple(
            Snapshot(slug=slug, name=f"Snapshot {slug}", kind="release_candidate", ordinal=place, **SOURCED)
            for place, slug in enumerate(slugs)
        )
        return replace(self, snapshots=self.snapshots + made)

    def evaluation(self, slug: str = "exam", *, versions: Sequence[str] = ("v1",), **fields: Any) -> Lab:
        """Declare an evaluation scored in percent, riskier when higher, over a sample of items."""
        shape = {"unit": "percent", "scale_low": 0, "scale_high": 100, "riskier_when": "higher", **fields}
        made = tuple(EvaluationVersion(slug=each, **shape, **SOURCED) for each in versions)
        return replace(
            self,
            evaluations=(*self.evaluations, Evaluation(slug=slug, name=f"Evaluation {slug}", kind="benchmark", versions=made, **SOURCED)),
        )

    def measured(self, snapshot: str | None, passed: int | str | None = None, trials: int | None = None, **fields: Any) -> Lab:
        """Record a run with one score: so many passed of so many."""
        run = {"slug": f"run-{len(self.runs)}", "model": "m", "snapshot": snapshot, "evaluation": "exam", "version": "v1", **SOURCED}
        score = {key: fields.pop(key) for key in tuple(fields) if key in Score.model_fields and key not in ("slug", "note")}
        if passed is not None:
            score |= {"passed": Decimal(passed), "trials": trials}
        if score:
            run["scores"] = ({"statistic": "share", **score, **SOURCED},)
        return replace(self, runs=(*self.runs, Run(**{**run, **fields})))

    def itemised(
        self, snapshot: str, scores: Sequence[object], clusters: Sequence[str] = (), printed: Sequence[dict[str, Any]] = (), **fields: Any
    ) -> Lab:
        """Record a run by its items, one score an item or the scores of its attempts, and what was ``printed`` of the whole."""
        items = tuple(
            {
                "item": f"item-{place}",
                "cluster": clusters[place] if clusters else None,
                "attempts": each if isinstance(each, tuple) else (each,),
            }
            for place, each in enumerate(scores)
        )
        run = {"slug": f"run-{len(self.runs)}", "model": "m", "snapshot": snapshot, "evaluation": "exam", "version": "v1", **SOURCED}
        told = tuple({**each, **SOURCED} for each in printed)
        return replace(self, runs=(*self.runs, Run(**{**run, "items": items, "scores": told, **fields})))

    def answered(self, before: str, after: str, **fields: Any) -> Lab:
        """Record a named person's answer to a drop between two snapshots."""
        asked = {"model": "m", "evaluation": "exam", "version": "v1", "before": before, "after": after}
        told = {"slug": f"answer-{len(self.answers)}", "by": "R. Reviewer", "words": "the harness broke"}
        return replace(self, answers=(*self.answers, DropAnswer(**{**asked, **told, **SOURCED, **fields})))

    def trial(self, *cohorts: dict[str, Any], **fields: Any) -> Lab:
        """Record an uplift trial; a cohort is ``{"control": arm, "model": arm}``."""
        made = tuple(
            {
                "slug": f"cohort-{place}",
                "name": f"Cohort {place}",
                "arms": tuple({"kind": kind, "conditions": "at a desk", **arm} for kind, arm in cohort.items()),
            }
            for place, cohort in enumerate(cohorts)
        )
        whole = {
            "slug": f"trial-{len(self.trials)}",
            "model": "m",
            "snapshot": None,
            "evaluation": "exam",
            "version": "v1",
            "task": "a plan",
            **SOURCED,
        }
        return replace(self, trials=(*self.trials, UpliftTrial(**{**whole, "cohorts": made, **fields})))

    def judged(self, leaning: str, **fields: Any) -> Lab:
        """Record what experts said."""
        made = {
            "slug": f"finding-{len(self.findings)}",
            "model": "m",
            "snapshot": None,
            "evaluation": "exam",
            "version": "v1",
            "by": "Experts",
        }
        return replace(
            self,
            findings=(*self.findings, QualitativeFinding(**{**made, "leaning": leaning, "words": "as they saw it", **SOURCED, **fields})),
        )

    def related(self, kind: str, other: str, **fields: Any) -> Lab:
        """Record how the model stands to another."""
        told = {"slug": f"relation-{len(self.relations)}", "model": "m", "judged_by": "R. Reviewer", "words": "as they compared them"}
        return replace(self, relations=(*self.relations, ModelRelation(**{**told, "kind": kind, "other": other, **SOURCED, **fields})))

    def planned(self, *snapshots: str, thinking: Sequence[str] = ("not_stated",), evaluations: Sequence[str] = ("exam",)) -> Lab:
        """Write down which variants are to be measured."""
        line = {"evaluations": tuple(evaluations), "snapshots": snapshots, "thinking": tuple(thinking)}
        return replace(self, plans=(*self.plans, AssessmentPlan(slug=f"plan-{len(self.plans)}", model="m", planned=(line,), **SOURCED)))

    def criterion(self, slug: str = "c", **fields: Any) -> Lab:
        """Publish a criterion: by default a share held by its bound against a rule-out bar of 50 and a rule-in bar of 80."""
        shape: dict[str, Any] = {
            "shape": "score",
            "slug": slug,
            "title": f"Criterion {slug}",
            "words": "as the card says",
            **CITED,
            **fields,
        }
        if shape["shape"] not in ("compound", "gate"):
            shape = {"evaluation": "exam", "version": "v1", **shape}
        if shape["shape"] == "score":
            shape = {"statistic": "share", "compared": "bound", "rule_out": bar(50), **shape}
        if shape["shape"] == "uplift":
            shape = {"measure": "ratio", "compared": "bound", "rule_out": bar("2.8"), "coverage": coverage("supplied"), **shape}
        return replace(self, criteria=(*self.criteria, shape))

    def evidence(self) -> ModelEvidence:
        """Everything recorded of the model."""
        return ModelEvidence(
            model=Model(slug="m", name="Model M", developer="lab", snapshots=self.snapshots, **SOURCED),
            developer=Developer(slug="lab", name="Test lab"),
            evaluations=self.evaluations,
            runs=self.runs,
            trials=self.trials,
            findings=self.findings,
            claims=(),
            determinations=(),
            plans=self.plans,
            drop_answers=self.answers,
            relations=self.relations,
            sources=(Source(slug="pipeline", title="Test pipeline"),),
            domains=(),
            corrections=(),
            position=0,
            recorded_at=self.at,
        )

    def policy(self, **fields: Any) -> Loaded[Policy]:
        """A policy with one threshold."""
        return as_loaded(Policy.model_validate({**POLICY, "thresholds": [self.threshold()], **fields}))

    def threshold(self, slug: str = "t", **fields: Any) -> dict[str, Any]:
        """A threshold with the lab's safeguards."""
        shape = {"slug": slug, "name": f"Threshold {slug}", "domain": "cbrn", "kind": "threshold", "definition": "too capable"}
        return {**shape, "requires": list(self.safeguards), **CITED, **fields}

    def criteria_set(self, **fields: Any) -> Loaded[CriteriaSet]:
        """A criteria set in which any of the top criteria crosses the threshold."""
        inner = {part for each in self.criteria for part in (*each.get("parts", ()), each.get("gate"), each.get("harder"))}
        top = [each["slug"] for each in self.criteria if each["slug"] not in inner]
        line = {"threshold": "t", "rule": "any", "criteria": top, "words": "any of them", **CITED}
        return as_loaded(CriteriaSet.model_validate({**CRITERIA, "thresholds": [line], "criteria": list(self.criteria), **fields}))

    def assessment(
        self, policy: dict[str, Any] | None = None, criteria: dict[str, Any] | None = None, related: dict[str, Assessment] | None = None
    ) -> Assessment:
        """The verdicts; ``related`` holds those on the models that relations name."""
        rules, bars = self.policy(**(policy or {})), self.criteria_set(**(criteria or {}))
        return assess(self.evidence(), rules, bars, code_version="test", related=related)

    def verdict(self, **criteria: Any) -> Verdict:
        """The verdict on the one threshold."""
        return self.assessment(criteria=criteria).verdicts[0]

    def finding(self, **criteria: Any) -> Finding:
        """The first finding of the one threshold."""
        return self.verdict(**criteria).findings[0]


def bar(value: int | str, **fields: Any) -> dict[str, Any]:
    """A bar at a value."""
    return {"value": Decimal(value), "words": "the bar", **CITED, **fields}


def coverage(require: str) -> dict[str, Any]:
    """A coverage rule."""
    return {"require": require, "words": "who must be measured", **CITED}


def as_loaded(record: Any) -> Loaded[Any]:
    """A record as if it had been read from a file."""
    return Loaded(record, canonical(record), "0" * 64, "0" * 64, "test.yaml")


POLICY: dict[str, Any] = {
    "format": "rsp-policy/1",
    "slug": "test-policy",
    "framework": "test",
    "framework_name": "Test framework",
    "version": "1.0",
    "title": "Test policy 1.0",
    "developer": "Test lab",
    "standing": "fictional",
    "effective_on": date(2030, 1, 1),
    "documents": [{"slug": "doc", "title": "Invented", "read": "whole"}],
    "aggregate": {"rule": "riskiest_snapshot", "words": "the riskiest decides", **CITED},
    "forcing": {"outcomes": ["crossed", "not_ruled_out", "insufficient_evidence"], "words": "as if crossed", **CITED},
    "levels": [{"slug": "level-3", "name": "Level 3", "rank": 3, "words": "strong", **CITED}],
    "domains": [{"slug": "cbrn", "name": "CBRN", "threat_model": "somebody", **CITED}],
    **CITED,
}
CRITERIA: dict[str, Any] = {
    "format": "rsp-criteria/1",
    "slug": "test-criteria",
    "policy": "test-policy",
    "title": "Test criteria",
    "published_on": date(2030, 1, 1),
    "error_level": {"one_sided": Decimal("0.025"), "words": "one-sided", **CITED},
    "coverage": coverage("every_snapshot"),
    **CITED,
}
