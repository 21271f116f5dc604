"""Cases judged: each sentence of a file of cases held against what the policy and its criteria set really say.

The rules kept here: a case is judged by ``thresholds.verdicts.assess`` and by nothing else; everything that was expected and is not so is
told, with the reason that the finding or verdict itself gives; a case never passes by being about nothing.

Left out: which bars no case tries (``thresholds.case_coverage``), and finding the files (``rsp.checking``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from evaluations.documents import Document, Problem, read_document, validated
from evaluations.evidence import ModelEvidence
from evaluations.records import Evaluation
from thresholds.case_evidence import UnfitLineError, evidence_of, known_evaluations, other_model
from thresholds.case_fit import misfits, threshold_of
from thresholds.case_records import Case, CaseFile, RelatedLine
from thresholds.criteria_set import CriteriaSet
from thresholds.decision_records import Assessment, Verdict
from thresholds.errors import DecisionError
from thresholds.finding_records import Finding
from thresholds.load import Loaded
from thresholds.policy import Policy
from thresholds.relations import with_outcome
from thresholds.verdicts import assess


@dataclass(frozen=True)
class Casebook:
    """A file of cases as read, with the lines of everything in it."""

    file: CaseFile
    document: Document


class CaseOutcome(StrEnum):
    """Whether what a case expects is so."""

    HOLDS = "holds"
    FAILS = "fails"


class Subject(StrEnum):
    """What an expectation is about."""

    CRITERION = "criterion"
    THRESHOLD = "threshold"


@dataclass(frozen=True)
class Mismatch:
    """One thing that a case expects and that is otherwise, and why it is."""

    about: Subject
    what: str
    expected: str
    found: str
    why: str


@dataclass(frozen=True)
class JudgedCase:
    """A case with the line it stands in, what was decided of it, and everything that is not as it expects."""

    case: Case
    line: int | None
    assessment: Assessment
    verdict: Verdict | None  # on the threshold that the case is about
    finding: Finding | None  # of the criterion that the case is about
    mismatches: tuple[Mismatch, ...]

    @property
    def outcome(self) -> CaseOutcome:
        """Whether everything is as the case expects."""
        return CaseOutcome.FAILS if self.mismatches else CaseOutcome.HOLDS


def load_cases(content: bytes, name: str) -> Casebook:
    """Read a file of cases on its own; ``judged`` then holds it against its set. Raises ``DocumentError``."""
    document = read_document(content, name)
    return Casebook(validated(document, CaseFile), document)


def judged(
    book: Casebook, policy: Loaded[Policy], criteria: Loaded[CriteriaSet], *, recorded: Iterable[Evaluation] = (), code_version: str
) -> tuple[JudgedCase, ...]:
    """Judge every case of a book. ``recorded`` are evaluations known beside those that the set and the book declare.

    Raises ``DocumentError`` naming every line that does not fit the set or the policy.
    """
    if book.file.criteria not in (criteria.record.slug, criteria.record.corrects):  # what a correction corrects, it is held to as well
        wanted = f"{criteria.record.slug}, the set that is checked"
        raise book.document.error((Problem(("criteria",), book.file.criteria, wanted),))
    evaluations = known_evaluations(book.file.evaluations, _undeclared(recorded, criteria.record))
    problems = tuple(misfits(book.file, criteria.record, policy.record, evaluations))
    if problems:
        raise book.document.error(problems)
    made = []
    for place, case in enumerate(book.file.cases):
        try:
            made.append(_judged(case, book.document.line(("cases", place)), policy, criteria, evaluations, code_version))
        except UnfitLineError as refused:
            raise book.document.error((Problem(("cases", place, *refused.path), refused.found, refused.expected),)) from refused
        except DecisionError:
            raise
        except ValueError as refused:  # a value off its scale: found when it meets the evaluation
            found, _, wanted = str(refused).removeprefix("found ").partition(", expected ")
            raise book.document.error((Problem(("cases", place), found, wanted or "what the evaluation can give"),)) from refused
    return tuple(made)


def _undeclared(recorded: Iterable[Evaluation], criteria: CriteriaSet) -> Iterator[Evaluation]:
    """Yield what is on record of evaluations that the set does not declare: where it does, a case means the same with any record."""
    for evaluation in recorded:
        versions = tuple(each for each in evaluation.versions if criteria.expected(evaluation.slug, each.slug) is None)
        if versions:
            yield evaluation.but({"versions": versions})


def _judged(
    case: Case,
    line: int | None,
    policy: Loaded[Policy],
    criteria: Loaded[CriteriaSet],
    evaluations: tuple[Evaluation, ...],
    code_version: str,
) -> JudgedCase:
    evidence = evidence_of(case, criteria.record, evaluations)
    others = {
        other_model(place): _other(each, other_model(place), evidence, policy, criteria, code_version)
        for place, each in enumerate(case.related)
    }
    assessment = assess(evidence, policy, criteria, code_version=code_version, related=others)
    about = threshold_of(case, criteria.record)
    verdict = next((each for each in assessment.verdicts if each.threshold == about), None)
    finding = _of_criterion(case.criterion, verdict.findings) if verdict else None
    mismatches = (*_of_the_finding(case, finding), *_of_the_verdicts(case, verdict, assessment))
    return JudgedCase(case, line, assessment, verdict, finding, mismatches)


def _other(
    related: RelatedLine, name: str, evidence: ModelEvidence, policy: Loaded[Policy], criteria: Loaded[CriteriaSet], code_version: str
) -> Assessment:
    """Return the assessment of a related model: measured in nothing, with the verdict that the case gives it."""
    fields = {key: getattr(evidence, key) for key in ModelEvidence.model_fields}
    model = evidence.model.but({"slug": name, "name": "The other model"})
    nothing = {"runs": (), "trials": (), "findings": (), "plans": (), "drop_answers": (), "relations": ()}
    unknown = assess(ModelEvidence(**{**fields, **nothing, "model": model}), policy, criteria, code_version=code_version)
    verdicts = tuple(
        with_outcome(each, related.verdict, None, policy.record, "as the case says")
        if not related.thresholds or each.threshold in related.thresholds
        else each
        for each in unknown.verdicts
    )
    return unknown.but({"verdicts": verdicts})


def _of_criterion(slug: str | None, findings: Iterable[Finding]) -> Finding | None:
    """Return the finding of a criterion, wherever among the parts of others it stands."""
    for each in findings:
        inner = each if each.criterion == slug else _of_criterion(slug, each.parts)
        if inner is not None:
            return inner
    return None


def _of_the_finding(case: Case, finding: Finding | None) -> Iterator[Mismatch]:
    if finding is None:
        return
    found = {
        "finding": finding.outcome.value,
        "verdict": finding.verdict.value,
        "sub_label": finding.sub_label.value if finding.sub_label else "none",
        "deciding_snapshot": finding.deciding_snapshot or "none",
    }
    for name in case.expect.of_a_criterion:
        wanted = str(getattr(case.expect, name))
        if wanted != found[name]:
            yield Mismatch(Subject.CRITERION, f"{name} of {finding.criterion}", wanted, found[name], f"{finding.title}: {finding.reason}")


def _of_the_verdicts(case: Case, verdict: Verdict | None, assessment: Assessment) -> Iterator[Mismatch]:
    wanted = dict(case.expect.thresholds)
    if verdict is not None and case.expect.threshold is not None:
        wanted = {verdict.threshold: case.expect.threshold, **wanted}
    for each in assessment.verdicts:
        if each.threshold in wanted and wanted[each.threshold] is not each.outcome:
            yield Mismatch(Subject.THRESHOLD, f"verdict on {each.threshold}", wanted[each.threshold].value, each.outcome.value, each.reason)
    if verdict is not None and case.expect.safeguards is not None:
        held = sorted(each.slug for each in verdict.required_safeguards)
        if held != sorted(case.expect.safeguards):
            expected = ", ".join(sorted(case.expect.safeguards)) or "none"
            yield Mismatch(Subject.THRESHOLD, f"safeguards of {verdict.threshold}", expected, ", ".join(held) or "none", verdict.reason)
