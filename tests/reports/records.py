"""The records under the hand-made assessments: a policy, a criteria set and the evidence on one model."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from evaluations.evidence import Correction, ModelEvidence
from evaluations.records import (
    Confidence,
    Developer,
    Evaluation,
    EvaluationKind,
    EvaluationVersion,
    Model,
    RiskierWhen,
    Run,
    Score,
    Snapshot,
    SnapshotKind,
    Source,
    SpreadKind,
    Statistic,
)
from evaluations.trials import Arm, ArmKind, Claim, Cohort, Leaning, QualitativeFinding, UpliftTrial
from thresholds.citation import Basis, PolicyDocument
from thresholds.criteria_set import CriteriaSet, ErrorLevel, ThresholdCriteria
from thresholds.criterion import Bar, Coverage, CoverageRule, ScoreCriterion
from thresholds.governance import Role
from thresholds.outcomes import Compared, Rule, VerdictOutcome
from thresholds.policy import Aggregate, CapabilityThreshold, Forcing, Policy, PolicyDomain, Standing, ThresholdKind
from thresholds.safeguards import SafetyLevel

NOT_RULED_OUT, CROSSED, INSUFFICIENT = VerdictOutcome.NOT_RULED_OUT, VerdictOutcome.CROSSED, VerdictOutcome.INSUFFICIENT_EVIDENCE
AS_OF = datetime(2025, 3, 2, 14, 5, 30, tzinfo=UTC)
CITED: dict[str, Any] = {"citation": "System card, section 7", "basis": Basis.CARD_PRACTICE}
OF_THE_CARD: dict[str, Any] = {"source": "card", "source_at": "p. 25", "confidence": Confidence.VERBATIM}


SNAPSHOTS = (
    ("early", "Claude 3.7 Sonnet Early", SnapshotKind.EARLY),
    ("h-only-v1", "Claude 3.7 Sonnet H-only V1", SnapshotKind.HELPFUL_ONLY),
    ("h-only-v2", "Claude 3.7 Sonnet H-only V2", SnapshotKind.HELPFUL_ONLY),
    ("preview-v3.1", "Claude 3.7 Sonnet Preview V3.1", SnapshotKind.RELEASE_CANDIDATE),
    ("preview-v3.3", "Claude 3.7 Sonnet Preview V3.3", SnapshotKind.RELEASE_CANDIDATE),
    ("final", "Claude 3.7 Sonnet", SnapshotKind.FINAL),
)


def policy(**changed: Any) -> Policy:
    """Return a policy that fits ``assessment``."""
    thresholds = tuple(
        CapabilityThreshold(
            slug=slug, name=slug, domain=domain, kind=ThresholdKind.THRESHOLD, definition="Able to do what the threshold names.", **CITED
        )
        for slug, domain in (("cbrn-weapons", "cbrn"), ("ai-research", "autonomy"), ("checkpoint", "autonomy"))
    )
    fields: dict[str, Any] = {
        "format": "rsp-policy/1",
        "slug": "rsp-2.0",
        "framework": "rsp",
        "framework_name": "Responsible Scaling Policy",
        "version": "2.0",
        "title": "Responsible Scaling Policy",
        "developer": "Anthropic",
        "standing": Standing.ADOPTED,
        "effective_on": date(2024, 10, 15),
        "documents": (PolicyDocument(slug="rsp", title="Responsible Scaling Policy 2.0", address="https://example.org/rsp", read="whole"),),
        "aggregate": Aggregate(rule="riskiest_snapshot", words="The highest score of any tested variant counts.", **CITED),
        "forcing": Forcing(outcomes=(CROSSED, NOT_RULED_OUT, INSUFFICIENT), words="Every verdict but ruled out forces.", **CITED),
        "levels": (SafetyLevel(slug="asl-3", name="ASL-3 Standard", rank=3, words="Stronger safeguards.", **CITED),),
        "domains": (
            PolicyDomain(slug="cbrn", name="Chemical and biological weapons", threat_model="People get help with weapons.", **CITED),
            PolicyDomain(slug="autonomy", name="Autonomy", threat_model="Research runs by itself.", **CITED),
        ),
        "thresholds": thresholds,
        "roles": (Role(slug="rso", name="Responsible Scaling Officer", duty="Decides, together with the chief executive.", **CITED),),
        "unread": ("Appendix A",),
        **CITED,
    }
    return Policy(**{**fields, **changed})


def criteria() -> CriteriaSet:
    """Return a criteria set that fits ``policy``; reports read its error level, coverage and unread list only."""
    only = ScoreCriterion(
        slug="swe-bench-hard", title="SWE-bench hard", evaluation="swe-bench-hard", version="v1", words="As printed.", shape="score",
        statistic=Statistic.MEAN, compared=Compared.BOUND, rule_out=Bar(value=Decimal(50), words="half", **CITED), **CITED,
    )  # fmt: skip
    line = ThresholdCriteria(threshold="checkpoint", rule=Rule.ANY, criteria=("swe-bench-hard",), words="one", **CITED)
    return CriteriaSet(
        format="rsp-criteria/1", slug="card", policy="rsp-2.0", title="Bars of the system card", published_on=date(2025, 2, 24),
        error_level=ErrorLevel(one_sided=Decimal("0.025"), words="One-sided, our choice.", **CITED),
        coverage=Coverage(require=CoverageRule.EVERY_SNAPSHOT, words="Every snapshot must be measured.", **CITED),
        thresholds=(line,), criteria=(only,), unread=("Figures 15 to 26",), **CITED,
    )  # fmt: skip


def _evaluation(slug: str, unit: str = "percent", **changed: Any) -> Evaluation:
    version = EvaluationVersion(slug="v1", unit=unit, riskier_when=changed.pop("riskier_when", RiskierWhen.HIGHER), **OF_THE_CARD)
    kind = changed.pop("kind", EvaluationKind.BENCHMARK)
    return Evaluation(slug=slug, name=slug.replace("-", " ").capitalize(), kind=kind, versions=(version,), **{**OF_THE_CARD, **changed})


def run(slug: str, evaluation: str, *scores: Score, **changed: Any) -> Run:
    """Return a run of version v1 on the final snapshot."""
    fields = {"model": "claude-3-7", "snapshot": "final", "version": "v1", **OF_THE_CARD, **changed}
    return Run(slug=slug, evaluation=evaluation, scores=scores, **fields)


def score(**fields: Any) -> Score:
    """Return a score of the card."""
    return Score(**{"statistic": Statistic.SHARE, **OF_THE_CARD, **fields})


def evidence(**changed: Any) -> ModelEvidence:
    """Return evidence that fits ``assessment``; ``changed`` replaces any field."""
    snapshots = tuple(
        Snapshot(slug=slug, name=name, kind=kind, ordinal=place, **OF_THE_CARD) for place, (slug, name, kind) in enumerate(SNAPSHOTS)
    )

    def arm(kind: ArmKind, mean: int, spread: int) -> Arm:
        return Arm(kind=kind, conditions="alone", mean=Decimal(mean), spread=Decimal(spread), spread_kind=SpreadKind.UNSPECIFIED)

    cohorts = tuple(
        Cohort(slug=slug, name=name, arms=(arm(ArmKind.CONTROL, *control), arm(ArmKind.MODEL, *model)))
        for slug, name, control, model in (("ext", "External contractors", (24, 9), (50, 21)), ("emp", "Employees", (27, 9), (57, 20)))
    )
    fields: dict[str, Any] = {
        "model": Model(slug="claude-3-7", name="Claude 3.7 Sonnet", developer="anthropic", snapshots=snapshots, **OF_THE_CARD),
        "developer": Developer(slug="anthropic", name="Anthropic"),
        "evaluations": (
            _evaluation("acquisition", kind=EvaluationKind.UPLIFT_TRIAL),
            _evaluation("long-form-virology"),
            _evaluation("knowledge-questions", "share of questions"),
            _evaluation("expert-red-team"),
            _evaluation("swe-bench-hard"),
            _evaluation("data-deduplication"),
            _evaluation("prompt-injection", kind=EvaluationKind.SAFEGUARD, riskier_when=RiskierWhen.LOWER),
        ),
        "runs": (
            run("virology", "long-form-virology", score(value=Decimal("69.7"), as_printed="69.7%")),
            run("knowledge", "knowledge-questions", score(passed=Decimal(17), trials=33)),
            run("deduplication", "data-deduplication", score(passed=Decimal(4), trials=30)),
            run("swe-bench", "swe-bench-hard", score(statistic=Statistic.MEAN, passed=Decimal("9.65"), trials=42)),
            run("injection", "prompt-injection", score(value=Decimal(88), as_printed="88")),
        ),
        "trials": (
            UpliftTrial(
                slug="acquisition", model="claude-3-7", snapshot=None, evaluation="acquisition", version="v1", task="Draft a plan",
                hours_allowed=Decimal(12), grader="outside experts", cohorts=cohorts, **OF_THE_CARD,
            ),
        ),
        "findings": (
            QualitativeFinding(
                slug="red-team", model="claude-3-7", snapshot=None, evaluation="expert-red-team", version="v1", by="domain experts",
                leaning=Leaning.BELOW, words="Critical errors would prevent success.", **OF_THE_CARD,
            ),
        ),
        "claims": (
            Claim(
                slug="ratio", model="claude-3-7", evaluation="acquisition", statistic=Statistic.RATIO, value=Decimal("2.1"), unit="x",
                as_printed="about 2.1X", words="uplift within each group", **OF_THE_CARD,
            ),
            Claim(
                slug="later", model="claude-3-7", evaluation="acquisition", statistic=Statistic.RATIO, value=Decimal("1.53"), unit="x",
                words="the same trial under an updated rubric", **{**OF_THE_CARD, "source": "later-card"},
            ),
        ),
        "determinations": (),
        "plans": (),
        "sources": (
            Source(slug="card", title="System card of the model", address="https://example.org/card.pdf", how_read="whole text layer"),
            Source(slug="later-card", title="System card of a later model"),
        ),
        "domains": (),
        "corrections": (
            correction("run deduplication / score score", "passed", "3", "4", entry_seq=3),
            correction("run knowledge / score score", "passed", "18", "17", entry_seq=5),
        ),
        "position": 7,
        "recorded_at": AS_OF,
    }  # fmt: skip
    return ModelEvidence(**{**fields, **changed})


def correction(record: str, field: str, was: str, became: str, *, entry_seq: int) -> Correction:
    """Return a correction by a named person."""
    return Correction(
        record=record, field=field, was=was, became=became, reason="read again", actor="R. Reviewer",
        recorded_at=datetime(2025, 3, 1, 9, 30, tzinfo=UTC), entry_seq=entry_seq,
    )  # fmt: skip
