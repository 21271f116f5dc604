"""One threat domain of the capability report: its thresholds, the findings that speak to them, their figures and their details.

The rules kept here: what is compared with what is named beside every number; by the point and by the interval stand side by side,
and a sentence says when they differ; the snapshot that decides is named, the others stay in view; what a plus-minus means, or
that nobody says, is printed with both arms of a trial; a ratio that a document prints stands beside the computed one.

Left out: the summary and the record-wide chapters (``reports.capability``, ``reports.capability_record``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from evaluations.evidence import ModelEvidence
from evaluations.trials import Claim
from reports import numbers, vocabulary, wording
from reports.capability_trials import trial_blocks
from reports.compared_variants import compared_variants
from reports.document import Block, Cell, Column, FigureBlock, Heading, Paragraph, Table, Tone
from reports.figure_facts import ForestFacts
from reports.forest import forest_figures, leaves
from reports.methods import method_name
from reports.withholding import WITHHELD, Veil, is_withheld
from thresholds.citation import Basis
from thresholds.decision_records import Verdict
from thresholds.finding_records import Finding, SourceNote, VariantFinding
from thresholds.policy import PolicyDomain

BASIS_WORDS = {Basis.POLICY_TEXT: "policy text", Basis.CARD_PRACTICE: "practice of system cards", Basis.OUR_ASSUMPTION: "our assumption"}
HOW_TO_READ = (  # printed once, under the first figure of a report
    "How to read this and the following figures: a score with its interval stands against its bars. Filled: the variant that "
    "decides; hollow: the others; a diamond: the riskiest of several, or all cohorts together. A point without a line has no interval; "
    "an arrow marks an end that does not exist or lies beyond the axis. Hatched: not measured, or not shown. Dashed line: rule-out bar; "
    "solid line: rule-in bar, or the only bar. Background from the side of low risk: below, undecided, reached. The word on the right "
    "is what the row alone says."
)
INDENT = "– "  # of a part of a compound criterion


def domain_chapter(domain: PolicyDomain, verdicts: Sequence[Verdict], evidence: ModelEvidence, detailed: list[Finding]) -> Iterator[Block]:
    """Yield the blocks of one domain. ``detailed`` holds the findings already explained, and grows."""
    yield Heading(1, domain.name)
    yield Paragraph(domain.threat_model, label="Threat model.")
    yield Paragraph(cited(domain.citation, domain.basis), Tone.QUIET)
    for verdict in verdicts:
        yield from _threshold(verdict, evidence, detailed)


def cited(citation: str, basis: Basis) -> str:
    """Return where a line comes from, and what kind of source that is."""
    return f"{citation} ({BASIS_WORDS[basis]})"


def _threshold(verdict: Verdict, evidence: ModelEvidence, detailed: list[Finding]) -> Iterator[Block]:
    yield Heading(2, verdict.name, verdict.outcome.value)
    yield Paragraph(verdict.definition, label="Definition.")
    yield Paragraph(cited(verdict.citation, verdict.basis), Tone.QUIET)
    yield Paragraph(wording.verdict_sentence(verdict), Tone.LEAD)
    yield Paragraph(verdict.reason)
    if not verdict.findings:
        return
    yield _findings_table(verdict)
    fresh = [each for each in verdict.findings if each not in detailed]
    figures = forest_figures(fresh)
    for place, facts in enumerate(figures, start=1):
        part = "" if len(figures) == 1 else f", part {place} of {len(figures)}"
        key = f" {HOW_TO_READ}" if place == 1 and not detailed else ""
        yield FigureBlock(facts, alt_text(facts), f"Findings on {verdict.name}{part}.{key}")
    if len(fresh) < len(verdict.findings):
        shared = ", ".join(each.title for each in verdict.findings if each in detailed)
        yield Paragraph(f"Shown in full under an earlier threshold: {shared}.", Tone.QUIET)
    for each in fresh:
        yield from _details(each, evidence, {leaf.evaluation for leaf in leaves(detailed)})
        detailed.append(each)


def flattened(findings: Iterable[Finding], depth: int = 0) -> Iterator[tuple[int, Finding]]:
    """Yield findings with the parts of compounds below them, each with its depth."""
    for finding in findings:
        yield depth, finding
        yield from flattened(finding.parts, depth + 1)


def _findings_table(verdict: Verdict) -> Table:
    columns = (
        Column("Evaluation, and what is compared", 2.7),
        Column("Observed", 1.4),
        Column("Interval", 1.5),
        Column("Bars", 1.5),
        Column("By point, by interval", 1.8),
        Column("Verdict", 1.65),
    )
    rule = wording.rule_words(verdict.rule, verdict.crossings_needed, len(verdict.findings))
    rows = tuple(_finding_row(depth, finding) for depth, finding in flattened(verdict.findings))
    return Table(f"Findings on {verdict.name}; {rule}.", columns, rows)


def _finding_row(depth: int, finding: Finding) -> tuple[Cell, ...]:
    label = "" if finding.sub_label is None else vocabulary.SUB_LABEL_WORDS[finding.sub_label]
    verdict = Cell(vocabulary.VERDICT_WORDS[finding.verdict], label, outcome=finding.verdict.value)
    title = INDENT * depth + finding.title
    if finding.parts:
        rule = wording.rule_words(finding.rule, finding.crossings_needed, len(finding.parts))
        return (Cell(title, rule, strong=True), Cell(""), Cell(""), Cell(""), _readings_cell(finding), verdict)
    same = f"{finding.evaluation_name}; " if wording.full_title(finding) != finding.title else ""
    compared = f"{same}{wording.compared_words(finding)}{_decided_by(finding)}"
    return (
        Cell(title, compared, strong=True),
        _observed_cell(finding),
        _interval_cell(finding),
        _bars_cell(finding),
        _readings_cell(finding),
        verdict,
    )


def _decided_by(finding: Finding) -> str:
    variant = deciding_variant(finding)
    if variant is None:
        return ""
    return f"; decided by {wording.variant_name(variant.snapshot, variant.snapshot_name, variant.thinking)}"


def deciding_variant(finding: Finding) -> VariantFinding | None:
    """Return the variant that decides ``finding``, if any has a number."""
    return next((each for each in finding.variants if each.variant == finding.deciding_variant), None)


def _observed_cell(finding: Finding) -> Cell:
    variant = deciding_variant(finding)
    if any(is_withheld(each) for each in finding.variants) and finding.value is None:
        return Cell(WITHHELD)
    if finding.shape == "qualitative":
        return Cell("experts’ words", "see below")
    if variant is None or finding.value is None:
        return Cell("no number")
    n = variant.observations
    counted = "n not published" if n is None else f"n = {numbers.whole(n)}"
    if finding.variants_planned > 1:
        met = finding.variants_planned - len(finding.missing_snapshots)
        counted += f"; {met} of {wording.plural(finding.variants_planned, 'planned variant')} measured"
    return Cell(wording.point(finding), counted)


def _interval_cell(finding: Finding) -> Cell:
    text = wording.interval(finding)
    if text == "none":
        return Cell("none")
    return Cell(text, f"{numbers.percentage(finding.level)}; {method_name(finding.method)}")


def _bars_cell(finding: Finding) -> Cell:
    if finding.rule_out_bar is None:
        return Cell("none printed" if finding.bar_dates is None else "none in force")
    words = wording.direction(finding)
    if finding.rule_in_bar is None or finding.rule_in == finding.rule_out:
        return Cell(f"{wording.rule_out_bar(finding)}", f"rules out {words.clear_of} it")
    return Cell(f"rule out {words.clear_of} {wording.rule_out_bar(finding)}", f"rule in {words.reaching} {wording.rule_in_bar(finding)}")


def _readings_cell(finding: Finding) -> Cell:
    return Cell(f"point: {finding.outcome_by_point.value}", f"interval: {finding.outcome_by_bound.value}")


def alt_text(facts: ForestFacts) -> str:
    """Return the words that stand in for a forest figure: every panel with its bars and rows."""
    panels = []
    for panel in facts.panels:
        bars = "; ".join(bar.words for bar in panel.bars) or "no bar"
        rows = "; ".join(
            f"{row.label}: {row.text}{f', {row.outcome}' if row.outcome else ''}{' (decides)' if row.decides else ''}" for row in panel.rows
        )
        panels.append(f"{panel.title} ({panel.axis}): {bars}. {rows}.")
    return "Forest figure. " + " ".join(panels)


def _details(finding: Finding, evidence: ModelEvidence, told: set[str | None]) -> Iterator[Block]:
    """Yield what one finding rests on. ``told`` names the evaluations whose trials and claims already stand above."""
    yield Heading(3, finding.title, finding.verdict.value)
    yield Paragraph(wording.finding_sentence(finding))
    disagreement = wording.disagreement_sentence(finding)
    if disagreement is not None:
        yield Paragraph(disagreement, label="Point and interval differ.")
    reason = "" if finding.shape == "qualitative" else f"{WITHHELD}." if finding.reason == WITHHELD else finding.reason
    yield Paragraph(f"{reason} {finding.words}".strip())  # of a judgement the experts' own words follow
    for status in finding.lifecycle:
        yield Paragraph(status, label="Lifecycle.")
    if finding.bar_dates is not None:
        yield Paragraph(f"{finding.bar_dates[:1].upper()}{finding.bar_dates[1:]}.", label="Dates of the bar.")
    if finding.measure is not None:
        yield from trial_blocks(finding, evidence, is_told=finding.evaluation in told)
    if finding.shape == "qualitative":
        yield from _expert_words(finding, evidence)
    if len([each for each in finding.variants if each.source is not None]) > 1 or any(each.notes for each in finding.variants):
        yield from _variants(finding)
    yield from compared_variants(finding)
    claims = [each for each in evidence.claims if each.evaluation is not None and each.evaluation == finding.evaluation]
    if claims and finding.evaluation not in told:
        yield claims_table(
            claims, f"What documents state of {finding.evaluation_name}; none of it replaces a figure above.", Veil(evidence)
        )
    yield Paragraph(f"{cited(finding.citation, finding.basis)}.{_bar_sources(finding)} {_source_words(finding.source)}".strip(), Tone.QUIET)
    for part in finding.parts:
        yield from _details(part, evidence, told)


def _bar_sources(finding: Finding) -> str:
    bars = [each for each in (finding.rule_out_bar, finding.rule_in_bar) if each is not None]
    words = dict.fromkeys(f"bar {numbers.bar(each, finding.unit)}: {cited(each.citation, each.basis)}" for each in bars)
    return f" {'; '.join(words)[0].upper()}{'; '.join(words)[1:]}." if words else ""


def _source_words(source: SourceNote | None) -> str:
    if source is None:
        return ""
    at = "" if source.at is None else f", {source.at}"
    entry = "" if source.entry_file is None else f"; entered from {source.entry_file}"
    return f"Figure from {source.title}{at} ({source.confidence.value}{entry})."


def _variants(finding: Finding) -> Iterator[Block]:
    columns = (Column("Variant", 2.4), Column("Observed", 1.4), Column("Interval", 1.6), Column("Outcome", 1.3), Column("Remarks", 2.6))
    rows = tuple(_variant_row(finding, each) for each in finding.variants if each.source is not None)
    yield Table(f"Every measured variant of {finding.evaluation_name}.", columns, rows)


def _variant_row(finding: Finding, variant: VariantFinding) -> tuple[Cell, ...]:
    name = wording.variant_name(variant.snapshot, variant.snapshot_name, variant.thinking)
    kind = "" if variant.snapshot_kind is None else vocabulary.SNAPSHOT_WORDS[variant.snapshot_kind]
    decides = "decides" if variant.variant == finding.deciding_variant else ""
    cell = Cell(name, "; ".join(each for each in (kind, decides) if each), strong=bool(decides))
    if is_withheld(variant):
        return (cell, Cell(WITHHELD), Cell(WITHHELD), Cell(variant.outcome.value, outcome=variant.outcome.value), Cell(WITHHELD))
    interval = numbers.interval(
        variant.low,
        variant.high,
        (variant.low_end, variant.high_end),
        finding.unit,
        n=variant.observations,
        bars=wording.bars_of(finding),
        scale=(finding.scale_low, finding.scale_high),
    )
    status = "" if variant.status.value == "completed" else wording.underscored(variant.status.value)
    other = "" if variant.comparable == "same_key" else "another statistic, rubric or scaffold"
    p = "" if variant.p_rule_out is None else numbers.p_value(variant.p_rule_out, (1 - finding.level) / 2)
    p_values = f"p of ruling out {p}" if p[:1] in ("<", ">") else f"p of ruling out = {p}" if p else ""
    remarks = ". ".join(each[0].upper() + each[1:].rstrip(".") for each in (status, other, variant.reason, *variant.notes) if each)
    place = "" if variant.source is None or variant.source.at is None else variant.source.at
    return (
        cell,
        Cell(numbers.observed(variant, finding.unit, wording.bars_of(finding)) if variant.value is not None else "no number"),
        Cell(interval, "" if interval == "none" else f"{numbers.percentage(finding.level)}; {method_name(variant.method)}"),
        Cell(variant.outcome.value, outcome=variant.outcome.value),
        Cell(remarks, "; ".join(each for each in (p_values, place) if each)),
    )


def _expert_words(finding: Finding, evidence: ModelEvidence) -> Iterator[Block]:
    names = {each.slug: each.name for each in evidence.model.snapshots}
    veil = Veil(evidence)  # a restricted evaluation hides what was said of it too
    for each in evidence.findings:
        if each.evaluation != finding.evaluation:
            continue
        if veil.hides(f"finding {each.slug}"):
            yield Paragraph(WITHHELD, label="Experts’ words.")
            continue
        on = "snapshot not stated" if each.snapshot is None else names.get(each.snapshot, each.snapshot)
        leaning = wording.underscored(each.leaning.value)
        signed = (
            "nobody signed it off"
            if each.signed_off_by is None
            else f"signed off by {each.signed_off_by}, {numbers.day(each.signed_off_on)}"
        )
        yield Paragraph(f"{each.words} ({each.by}; {on}; experts lean: {leaning}; {signed})", label="Experts’ words.")


def claims_table(claims: Sequence[Claim], caption: str, veil: Veil, names: Mapping[str, str] | None = None) -> Table:
    """Return figures as documents state them, each with its place; a withheld one is named and not shown.

    ``names`` are those of the evaluations; without them the table is of one evaluation, which its caption names.
    """
    rows = []
    for each in claims:
        about = () if names is None else (Cell(names.get(each.evaluation or "", "The model as a whole"), strong=True),)
        if veil.hides(f"claim {each.slug}"):
            rows.append((*about, Cell(WITHHELD), Cell(f"claim {each.slug}: {WITHHELD}"), Cell(each.source)))
            continue
        figure = "no figure"
        if each.as_printed is not None:
            figure = numbers.as_printed(each.as_printed, each.unit)
        elif each.value is not None:
            figure = numbers.recorded(each.value, each.unit)
        rows.append((*about, Cell(figure), Cell(each.words), Cell(each.source_at or each.source, each.source if each.source_at else "")))
    columns = (Column("Figure", 1.2), Column("What the document states", 4.2), Column("Where", 1.7))
    return Table(caption, columns if names is None else (Column("Evaluation", 2.0), *columns), tuple(rows))
