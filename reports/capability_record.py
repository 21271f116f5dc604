"""The chapters of the capability report that speak of the record as a whole: gaps, corrections, other figures, claims, methods, sources.

The rules kept here: every gap of every verdict is printed; a correction shows who, when, why, the old value and the new one, and those
that lowered a risk come first; figures that bear on no threshold are still listed; what is withheld is named, never shown; what
nobody has read in the original is said.

Left out: verdicts, which stand in the chapters before.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from evaluations.evidence import Correction, ModelEvidence
from evaluations.records import Evaluation, RiskierWhen, Run, RunStatus, Score
from evaluations.registrations import attempt_numbers
from reports import numbers, vocabulary, wording
from reports.capability_domain import claims_table, flattened
from reports.document import Block, Bullets, Cell, Column, Entry, Heading, KeyValues, Paragraph, Table, Tone, Withheld
from reports.methods import standing_remarks, used_methods
from reports.withholding import WITHHELD, Veil
from thresholds.criteria_set import CriteriaSet
from thresholds.decision_records import Assessment
from thresholds.finding_records import Finding
from thresholds.policy import Policy


def record_chapters(shown: Assessment, policy: Policy, criteria: CriteriaSet, evidence: ModelEvidence, veil: Veil) -> Iterator[Block]:
    """Yield the chapters after the domains, in the order a reviewer asks for them."""
    findings = tuple(finding for verdict in shown.verdicts for _, finding in flattened(verdict.findings))
    yield from _gaps(shown, policy, criteria)
    yield from _corrections(evidence, veil)
    yield from _registrations(evidence, veil)
    yield from _withheld(veil)
    yield from _other_figures(findings, evidence, veil)
    yield from _claims(evidence, {finding.evaluation for finding in findings}, veil)
    yield from _methods(shown, policy, criteria, findings)
    yield from _sources(shown, policy, evidence)


def _gaps(shown: Assessment, policy: Policy, criteria: CriteriaSet) -> Iterator[Block]:
    yield Heading(1, "Gaps and limitations")
    yield Paragraph("Everything below is missing from the evidence. None of it counts as good news.", Tone.LEAD)
    for verdict in shown.verdicts:
        yield Heading(2, verdict.name)
        if verdict.gaps:
            yield Bullets(tuple(Entry(each.words.replace("..", "."), f"{vocabulary.GAP_WORDS[each.kind]}.") for each in verdict.gaps))
        else:
            yield Paragraph("No gap is recorded.")
    unread = (*policy.unread, *criteria.unread)
    if unread:
        yield Heading(2, "Not read in the original")
        yield Bullets(tuple(Entry(each) for each in dict.fromkeys(unread)))


def _corrections(evidence: ModelEvidence, veil: Veil) -> Iterator[Block]:
    yield Heading(1, "Corrections")
    if not evidence.corrections:
        yield Paragraph("No figure of this model was corrected up to the log position of this report.")
        return
    yield Paragraph("A correction supersedes a value and keeps the first one readable. Corrections that lowered a risk stand first.")
    lowering = {id(each): _lowers(each, evidence) for each in evidence.corrections}
    ordered = sorted(evidence.corrections, key=lambda each: (not lowering[id(each)], each.entry_seq, each.record, each.field))
    rows = []
    for each in ordered:
        shown = veil.correction(each)
        change = f"{shown.was if shown.was is not None else 'nothing'} → {shown.became if shown.became is not None else 'withdrawn'}"
        rows.append(
            (
                Cell(shown.record, f"field {shown.field}", strong=True),
                Cell(WITHHELD if veil.hides(each.record) else change, "lowered the risk" if lowering[id(each)] else ""),
                Cell(shown.actor, numbers.instant(shown.recorded_at)),
                Cell(shown.reason, f"log entry {numbers.whole(shown.entry_seq)}"),
            )
        )
    columns = (Column("Record", 2.4), Column("Change", 1.8), Column("By, at", 1.7), Column("Reason", 3.0))
    yield Table("Corrections up to the log position of this report.", columns, tuple(rows))


def _lowers(correction: Correction, evidence: ModelEvidence) -> bool:
    """Say whether a correction moved a number towards less risk; a value taken away counts as such, because a high one may be gone."""
    if correction.became is None:
        return True
    try:
        was, became = Decimal(correction.was or ""), Decimal(correction.became)
    except InvalidOperation:
        return False  # words have no direction
    return became > was if _downward(correction.record, evidence) else became < was


def _downward(record: str, evidence: ModelEvidence) -> bool:
    """Say whether lower is riskier for the evaluation that the corrected record belongs to."""
    slug = record.removeprefix("run ").split(" / ", maxsplit=1)[0]
    run = next((each for each in evidence.runs if each.slug == slug), None)
    return run is not None and evidence.version(run.evaluation, run.version).riskier_when is RiskierWhen.LOWER


def _registrations(evidence: ModelEvidence, veil: Veil) -> Iterator[Block]:
    """Yield what was announced and what became of it: every attempt stands here, also one whose result nobody liked."""
    if not evidence.registrations:
        return
    yield Heading(1, "Runs registered before they started")
    runs = {run.slug: run for run in evidence.runs}
    open_runs = [each for each in evidence.registrations if runs[each.slug].status is RunStatus.WITHHELD]
    state = (
        f"{wording.plural(len(open_runs), 'registered run')} without a reported result"
        if open_runs
        else "Every registered run was reported"
    )
    yield Paragraph(f"{state}. A registered run without a result rules nothing out, and stays on this list.")
    evaluations = {each.slug: each.name for each in evidence.evaluations}
    names = {each.slug: each.name for each in evidence.model.snapshots}
    rows = []
    for each, attempt in zip(evidence.registrations, attempt_numbers(evidence.registrations), strict=True):
        run = runs[each.slug]
        reason = WITHHELD if veil.hides(f"run {each.slug}") else run.status_reason or ""
        became = "no result reported" if run.status is RunStatus.WITHHELD else wording.underscored(run.status.value)
        rows.append(
            (
                Cell(evaluations[each.evaluation], each.version, strong=True),
                Cell(wording.variant_name(each.snapshot, names[each.snapshot], each.thinking), each.slug),
                Cell(numbers.whole(attempt)),
                Cell(became, reason),
            )
        )
    columns = (Column("Evaluation", 2.2), Column("Variant", 2.6), Column("Attempt", 0.8), Column("What became of it", 2.6))
    yield Table("Every registered run, in the order of registration.", columns, tuple(rows))


def _withheld(veil: Veil) -> Iterator[Block]:
    yield Heading(1, "Withheld material")
    if not veil.records:
        yield Paragraph("Nothing in the record of this model is withheld from this report.")
        return
    yield Paragraph(
        f"{wording.plural(len(veil.records), 'record')} of this model may not be printed here. Each is named so that a reader can ask for "
        "it; outcomes that rest on it are shown, its numbers and texts are not."
    )
    for each in veil.records:
        yield Withheld(each.name, each.visibility.value)


def _other_figures(findings: tuple[Finding, ...], evidence: ModelEvidence, veil: Veil) -> Iterator[Block]:
    judged = {each.evaluation for each in findings}
    others = [(run, score) for run in evidence.runs if run.evaluation not in judged for score in run.scores or (None,)]
    yield Heading(1, "Other recorded figures")
    if not others:
        yield Paragraph("Every recorded figure bears on a threshold of this policy.")
        return
    yield Paragraph(
        "These figures bear on no threshold of the policy under these criteria, such as measurements of safeguards. They are listed as "
        "recorded and compared with nothing."
    )
    evaluations = {each.slug: each for each in evidence.evaluations}
    names = {each.slug: each.name for each in evidence.model.snapshots}
    rows = tuple(_other_row(run, score, evaluations[run.evaluation], names, evidence, veil) for run, score in others)
    columns = (Column("Evaluation", 2.6), Column("Figure", 1.6), Column("What it is", 2.6), Column("Where", 1.8))
    yield Table("Recorded figures without a criterion.", columns, rows)


def _other_row(
    run: Run, score: Score | None, evaluation: Evaluation, names: dict[str, str], evidence: ModelEvidence, veil: Veil
) -> tuple[Cell, ...]:
    variant = wording.variant_name(run.snapshot, names.get(run.snapshot or "", ""), run.thinking)
    if score is None:
        status = wording.underscored(run.status.value)
        return (
            Cell(evaluation.name, variant, strong=True),
            Cell("no score", status),
            Cell(run.status_reason or ""),
            Cell(run.source_at or run.source),
        )
    if veil.hides(f"run {run.slug} / score {score.slug}"):
        return (Cell(evaluation.name, variant, strong=True), Cell(WITHHELD), Cell(WITHHELD), Cell(score.source))
    unit = evidence.version(run.evaluation, run.version).unit
    has_figure = score.as_printed is not None or score.value is not None or score.passed is not None
    return (
        Cell(evaluation.name, variant, strong=True),
        Cell(numbers.entered(score, unit) if has_figure else "in words", _around(score)),
        Cell(_meaning(run, score, evaluation, unit), ". ".join(each.rstrip(".") for each in (run.note, score.note) if each)),
        Cell(score.source_at or score.source, f"{score.source}, {score.confidence.value}" if score.source_at else score.confidence.value),
    )


def _around(score: Score) -> str:
    """Return what a figure needs beside it: how many observations, and what its plus-minus means."""
    n = score.trials or score.items
    counted = "" if n is None else f"n = {numbers.whole(n)}"
    meaning = "" if score.spread_kind is None else f"±: {vocabulary.SPREAD_WORDS[score.spread_kind.value]}"
    return "; ".join(each for each in (counted, meaning) if each)


def _meaning(run: Run, score: Score, evaluation: Evaluation, unit: str) -> str:
    """Return what a figure is of: the part of the evaluation, the score's own name and words, its statistic and unit."""
    part = run.version.replace("-", " ") if len(evaluation.versions) > 1 else ""
    name = "" if score.slug == "score" else score.slug.replace("-", " ")
    statistic = wording.statistic_name(score.statistic.value, score.k)
    return "; ".join(each for each in (part, name, score.words, f"{statistic}, {unit}") if each)


def _claims(evidence: ModelEvidence, told: set[str | None], veil: Veil) -> Iterator[Block]:
    yield Heading(1, "Restated figures and other claims")
    claims = [each for each in evidence.claims if each.evaluation is None or each.evaluation not in told]
    if not evidence.claims:
        yield Paragraph("No other document’s statement on this model is recorded.")
        return
    yield Paragraph(
        "The same figures as other documents, or other places, give them. A later figure never replaces an earlier one. Those on an "
        "evaluation that a criterion compares stand beside its finding."
    )
    if claims:
        names = {each.slug: each.name for each in evidence.evaluations}
        yield claims_table(claims, "Claims about this model.", veil, names)


def _methods(shown: Assessment, policy: Policy, criteria: CriteriaSet, findings: tuple[Finding, ...]) -> Iterator[Block]:
    yield Heading(1, "Methods")
    for name, words in used_methods(findings):
        yield Paragraph(words, label=f"{name}.")
    for name, words in standing_remarks(shown, policy, criteria, findings):
        yield Paragraph(words, label=f"{name}.")


def _sources(shown: Assessment, policy: Policy, evidence: ModelEvidence) -> Iterator[Block]:
    yield Heading(1, "Sources")
    rows = [
        (
            Cell(each.title, each.slug, strong=True),
            Cell(each.address or "no address"),
            Cell(each.how_read or "not recorded", _published(each.published_on)),
        )
        for each in evidence.sources
    ]
    rows += [(Cell(each.title, each.slug, strong=True), Cell(each.address or "no address"), Cell(each.read)) for each in policy.documents]
    yield Table("Documents cited.", (Column("Document", 2.6), Column("Address", 2.6), Column("How it was read", 3.0)), tuple(rows))
    yield Heading(2, "SHA-256 digests of the inputs")
    yield KeyValues((("Policy", shown.policy_sha256), ("Criteria set", shown.criteria_sha256)))


def _published(on: object) -> str:
    return "" if on is None else f"published {on}"
