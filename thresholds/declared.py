"""What a criteria set takes an evaluation to be, beside what the evidence says it is.

The rules kept here: where the two differ in unit, scale or direction of risk nothing may be concluded; an evaluation that only the
set declares is known and unmeasured, so its criteria are insufficient evidence and no error.

Left out: sets that declare nothing. They rest on the evidence alone, and an evaluation that it does not declare is refused
(``thresholds.findings``).
"""

from __future__ import annotations

from evaluations.evidence import ModelEvidence
from evaluations.records import Evaluation, EvaluationVersion, same_spelling
from thresholds.criteria_set import CriteriaSet, ExpectedEvaluation
from thresholds.errors import EvaluationMismatchError


def with_declared(evidence: ModelEvidence, criteria: CriteriaSet) -> ModelEvidence:
    """Return the evidence with the evaluations that only ``criteria`` declares. Raises ``EvaluationMismatchError``."""
    versions = {(each.slug, version.slug): version for each in evidence.evaluations for version in each.versions}
    lacking: list[ExpectedEvaluation] = []
    compared = {(getattr(each, "evaluation", None), getattr(each, "version", None)) for each in criteria.criteria}
    for expected in criteria.evaluations:
        found = versions.get((expected.slug, expected.version))
        if found is None:
            lacking.append(expected)
        elif (expected.slug, expected.version) in compared:  # figures on safeguards are compared with nothing, and must hide nothing
            expect_same(expected, found, criteria.slug)
    if not lacking:
        return evidence
    fields = {name: getattr(evidence, name) for name in ModelEvidence.model_fields}
    return ModelEvidence(**{**fields, "evaluations": _joined(evidence.evaluations, lacking, criteria.slug)})


def expect_same(expected: ExpectedEvaluation, found: EvaluationVersion, criteria: str) -> None:
    """Raise ``EvaluationMismatchError`` if an evaluation is not what the set takes it to be."""
    for name in differing(expected, found):
        wanted, got = str(getattr(expected, name)), str(getattr(found, name))
        raise EvaluationMismatchError(criteria, f"{expected.slug} version {expected.version}", name, wanted, got)


def differing(expected: ExpectedEvaluation, found: EvaluationVersion) -> tuple[str, ...]:
    """Return the fields in which an evaluation version is other than a set takes it to be; two spellings of percent are one unit."""
    unlike = tuple(name for name in ("riskier_when", "scale_low", "scale_high") if getattr(expected, name) != getattr(found, name))
    return unlike if same_spelling(expected.unit) == same_spelling(found.unit) else ("unit", *unlike)


def _joined(known: tuple[Evaluation, ...], lacking: list[ExpectedEvaluation], source: str) -> tuple[Evaluation, ...]:
    told: dict[str, Evaluation] = {each.slug: each for each in known}
    for each in lacking:
        version = EvaluationVersion(
            slug=each.version,
            unit=each.unit,
            riskier_when=each.riskier_when,
            scale_low=each.scale_low,
            scale_high=each.scale_high,
            source=source,
            source_at=each.citation,
        )
        before = told.get(each.slug)
        fields = {name: getattr(before, name) for name in Evaluation.model_fields} if before else _named(each, source)
        told[each.slug] = Evaluation.model_validate({**fields, "versions": (*(before.versions if before else ()), version)})
    return tuple(told[slug] for slug in sorted(told))


def _named(each: ExpectedEvaluation, source: str) -> dict[str, object]:
    return {"slug": each.slug, "name": each.name, "kind": each.kind, "domain": each.domain, "source": source, "source_at": each.citation}
