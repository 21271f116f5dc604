"""The capability report composed: an assessment, its policy, its criteria and its evidence become a ``Document``.

The rules kept here: the verdicts come first, each with its sentence; what people published stands beside them and is never
shown as one; every gap is printed; downward corrections come before others; signature lines are empty, because a report is
signed by people and this program signs nothing; a fictional policy and synthetic evidence say so on the first page.

Left out: choosing an audience (``reports.withholding`` takes out what no report prints) and how a page looks (``reports.pdf``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evaluations.evidence import ModelEvidence
from evaluations.records import Confidence, Sourced
from evaluations.trials import PublishedDetermination
from reports import numbers, vocabulary, wording
from reports.capability_domain import domain_chapter
from reports.capability_record import record_chapters
from reports.capability_safeguards import safeguard_chapter
from reports.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Document,
    Entry,
    Heading,
    KeyValues,
    Note,
    NoteKind,
    Paragraph,
    SignatureLine,
    Table,
    Tone,
)
from reports.withholding import Veil
from thresholds.criteria_set import CriteriaSet
from thresholds.decision_records import Assessment, Verdict
from thresholds.finding_records import Finding
from thresholds.governance import RoleFunction
from thresholds.policy import Policy, Standing, ThresholdKind

UNSIGNED = (
    "This report is unsigned until the people whom the policy names have signed below. The verdicts in it are computed from the record; "
    "what follows from them is decided by people."
)
NAMED_ROLES_MISSING = (SignatureLine("Author of the report", ""), SignatureLine("Approved by", ""))
KIND_WORDS = {
    ThresholdKind.THRESHOLD: "threshold",
    ThresholdKind.CHECKPOINT: "checkpoint",
    ThresholdKind.ALERT: "alert threshold",
    ThresholdKind.TRACKED: "tracked, no safeguards",
    ThresholdKind.UNDER_INVESTIGATION: "under investigation",
}


def compose(assessment: Assessment, policy: Policy, criteria: CriteriaSet, evidence: ModelEvidence) -> Document:
    """Return the capability report on one model. The same inputs give an equal document."""
    veil = Veil(evidence)
    shown = veil.assessment(assessment)
    names = {**{each.slug: each.name for each in evidence.domains}, **{each.slug: each.name for each in policy.domains}}
    blocks: list[Block] = [*_summary(shown, names), *safeguard_chapter(shown)]
    detailed: list[Finding] = []  # a finding that several thresholds share is explained once
    for domain in policy.domains:
        verdicts = tuple(each for each in shown.verdicts if each.domain == domain.slug)
        if verdicts:
            blocks.extend(domain_chapter(domain, verdicts, evidence, detailed))
    blocks.extend(record_chapters(shown, policy, criteria, evidence, veil))
    return Document(
        kind="Capability report",
        title=shown.model_name,
        subtitle=f"{shown.developer}, assessed under {wording.policy_name(shown)}",
        banners=_banners(shown, policy, evidence),
        front=_front(shown),
        glance=_glance(shown),
        signatures=_signatures(policy) or NAMED_ROLES_MISSING,
        signature_note=UNSIGNED,
        running_head=f"{shown.model_name}: capability report",
        running_foot=f"{wording.policy_name(shown)} · as of log position {numbers.whole(shown.as_of)}",
        as_of=shown.as_of_recorded_at,
        blocks=tuple(blocks),
    )


def _signatures(policy: Policy) -> tuple[SignatureLine, ...]:
    """Return a line for every role that acts on the report, in the order of acting; who only receives or oversees does not sign.

    Where the policy states an order, who has no place in it (experts asked now and then) does not sign either.
    """
    acting = [role for role in policy.roles if role.function not in (RoleFunction.RECIPIENT, RoleFunction.OVERSEER)]
    placed = [role for role in acting if role.step is not None] or acting
    return tuple(SignatureLine(role.name, role.duty) for role in sorted(placed, key=lambda each: each.step or 0))


def _front(shown: Assessment) -> KeyValues:
    return KeyValues(
        (
            ("Model", f"{shown.model_name} ({shown.developer})"),
            ("Policy", f"{wording.policy_name(shown)} ({shown.policy_standing.value})"),
            ("Criteria set", shown.criteria_title),
            ("Evidence as of", f"log position {numbers.whole(shown.as_of)}, recorded {numbers.instant(shown.as_of_recorded_at)}"),
            *_kept_elsewhere(shown),
            ("Code version", f"rsp {shown.code_version}"),
            ("SHA-256 digests", f"policy {numbers.digest(shown.policy_sha256)}, criteria set {numbers.digest(shown.criteria_sha256)}"),
        )
    )


def _kept_elsewhere(shown: Assessment) -> tuple[tuple[str, str], ...]:
    """Return what proves, once the report is signed and kept, that the log up to here was not rewritten: its size and root."""
    return () if shown.as_of_root is None else (("Log size:root", f"{shown.as_of + 1}:{shown.as_of_root}"),)


def _banners(shown: Assessment, policy: Policy, evidence: ModelEvidence) -> tuple[Note, ...]:
    banners = []
    if Standing.FICTIONAL in (shown.policy_standing, policy.standing):
        text = "The policy of this report was written as an example. Nobody has adopted it and nobody is bound by it."
        banners.append(Note(NoteKind.FICTIONAL, "Fictional policy", text))
    if any(each.confidence is Confidence.SYNTHETIC for each in sourced_records(evidence)):
        text = "Some or all figures of this report were made by a generator. They describe no real system."
        banners.append(Note(NoteKind.SYNTHETIC, "Synthetic evidence", text))
    return tuple(banners)


def sourced_records(evidence: ModelEvidence) -> Iterable[Sourced]:
    """Yield every record of ``evidence`` that says how surely it stands in its source."""
    yield evidence.model
    yield from evidence.model.snapshots
    for run in evidence.runs:
        yield run
        yield from run.scores
    said = (evidence.findings, evidence.claims, evidence.determinations, evidence.drop_answers, evidence.relations)
    for records in (evidence.trials, evidence.plans, *said):
        yield from records


def _glance(shown: Assessment) -> Table:
    rows = tuple((Cell(each.name, strong=True), Cell(each.domain_name), _verdict_cell(each)) for each in shown.verdicts)
    return Table("Verdicts", (Column("Threshold", 2.2), Column("Domain", 3.0), Column("Verdict", 1.9)), rows)


def _verdict_cell(verdict: Verdict, *, with_label: bool = False) -> Cell:
    label = vocabulary.SUB_LABEL_WORDS[verdict.sub_label] if with_label and verdict.sub_label is not None else ""
    return Cell(vocabulary.VERDICT_WORDS[verdict.outcome], label, outcome=verdict.outcome.value)


def _summary(shown: Assessment, names: Mapping[str, str]) -> Iterable[Block]:
    yield Heading(1, "Summary of verdicts")
    counted = wording.outcome_counts(tuple(each.outcome for each in shown.verdicts))
    whole = f"Overall: {vocabulary.VERDICT_WORDS[shown.overall]}. Of {wording.plural(len(shown.verdicts), 'threshold')}: {counted}."
    yield Paragraph(whole, Tone.LEAD)
    yield Paragraph(shown.overall_rule, Tone.QUIET, "Why one outcome stands for all.")
    rows = tuple(
        (
            Cell(each.name, KIND_WORDS[each.kind], strong=True),
            _verdict_cell(each, with_label=True),
            Cell(_in_force(each)),
            Cell(wording.plural(len(each.gaps), "gap")),
        )
        for each in shown.verdicts
    )
    columns = (Column("Threshold", 2.3), Column("Verdict", 1.9), Column("Safeguards put in force", 2.4), Column("Evidence missing", 1.1))
    yield Table("Verdict on every threshold of the policy.", columns, rows)
    for verdict in shown.verdicts:
        yield Heading(2, verdict.name, verdict.outcome.value)
        yield Paragraph(wording.verdict_sentence(verdict))
        yield Bullets(tuple(Entry(wording.finding_sentence(each), f"{each.title}.") for each in wording.deciding_findings(verdict)))
    words = "; ".join(f"{vocabulary.VERDICT_WORDS[each]}: {meaning}" for each, meaning in vocabulary.VERDICT_MEANINGS.items())
    yield Paragraph(f"In order of risk. {words[0].upper()}{words[1:]}.", Tone.QUIET, "What the words mean.")
    yield from _determinations(shown.determinations, names)


def _in_force(verdict: Verdict) -> str:
    if not verdict.required_safeguards:
        return "none"
    names = (each.level_name or vocabulary.KIND_WORDS[each.kind] for each in verdict.required_safeguards)
    return ", ".join(dict.fromkeys(names))


def _determinations(determinations: tuple[PublishedDetermination, ...], names: Mapping[str, str]) -> Iterable[Block]:
    yield Heading(2, "What people published")
    if not determinations:
        yield Paragraph("No published determination on this model is recorded.")
        return
    yield Note(
        NoteKind.BESIDE,
        "Beside the verdicts, not among them",
        "These are determinations that responsible people published. They rest on evidence and judgement that this record may not "
        "hold. They are no part of the computed verdicts and change none of them; where the two differ, this report shows both and "
        "settles nothing.",
    )
    rows = tuple(
        (
            Cell(names.get(each.domain, each.domain) if each.domain else "Overall", strong=True),
            Cell(each.outcome, "" if each.caveat is None else f"Caveat: {each.caveat}"),
            Cell(each.decided_by or "not stated", numbers.day(each.decided_on)),
            Cell(each.source_at or each.source, each.source if each.source_at else ""),
        )
        for each in determinations
    )
    columns = (Column("Domain", 1.2), Column("Published determination", 3.6), Column("By, on", 1.8), Column("Source", 1.6))
    yield Table("Published determinations, in the words of this record.", columns, rows)
