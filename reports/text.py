"""An assessment on a terminal: a table of verdicts for every domain, each verdict with its sentence, findings and kinds of gaps, and the
safeguards that all verdicts together ask for.

The rules kept here: the words and numbers are those of the printed report; it reads the same without colour and at 80 columns; a
character that would steer the terminal is shown as its code point; nothing is cut: long words are folded onto the next line.

Left out: figures. ``colour`` only repeats what the words say.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from reports import numbers, safeguard_words, vocabulary, wording
from reports.terminal import COLUMNS, glyph, hanging, indented, outcome, plain, rendered, table
from thresholds.decision_records import Assessment, Verdict
from thresholds.finding_records import Finding
from thresholds.policy import Standing


def assessment_text(assessment: Assessment, *, columns: int = COLUMNS, colour: bool = False) -> str:
    """Return ``assessment`` as text for a terminal ``columns`` wide; without ``colour`` it holds no control character."""
    return rendered(_parts(assessment), columns=columns, colour=colour)


def _parts(assessment: Assessment) -> Iterator[RenderableType]:
    yield plain(f"{assessment.model_name} ({assessment.developer})", "bold")
    yield plain(f"under {wording.policy_name(assessment)}; criteria: {assessment.criteria_title}")
    recorded = numbers.instant(assessment.as_of_recorded_at)
    yield plain(f"evidence as of log position {numbers.whole(assessment.as_of)}, recorded {recorded}; rsp {assessment.code_version}")
    if assessment.policy_standing is Standing.FICTIONAL:
        yield plain("FICTIONAL POLICY: nobody has adopted it and nobody is bound by it.", "bold")
    for domain in dict.fromkeys((each.domain, each.domain_name) for each in assessment.verdicts):
        verdicts = [each for each in assessment.verdicts if each.domain == domain[0]]
        yield Text("")
        yield plain(domain[1], "bold")
        yield _verdict_table(verdicts)
        for verdict in verdicts:
            yield from _verdict(verdict)
    yield from _required_safeguards(assessment)
    if assessment.determinations:
        yield Text("")
        yield plain("Published by people, beside these verdicts and not among them", "bold")
        names = {each.domain: each.domain_name for each in assessment.verdicts}
        for each in assessment.determinations:
            yield indented(f"{names.get(each.domain or '', each.domain) or 'Overall'}: {each.outcome} ({each.source_at or each.source})", 2)


def _verdict_table(verdicts: list[Verdict]) -> RenderableType:
    verdict_rows = table()
    for title, ratio in (("Threshold", 4), ("Verdict", 4), ("In force", 4), ("Gaps", 1)):
        verdict_rows.add_column(title, ratio=ratio, overflow="fold", justify="right" if title == "Gaps" else "left")
    verdict_rows.expand = True
    for each in verdicts:
        safeguards = ", ".join(dict.fromkeys(item.level_name or vocabulary.KIND_WORDS[item.kind] for item in each.required_safeguards))
        verdict_rows.add_row(plain(each.name), outcome(each.outcome), plain(safeguards or "none"), plain(numbers.whole(len(each.gaps))))
    return verdict_rows


def _verdict(verdict: Verdict) -> Iterator[RenderableType]:
    yield Text("")
    yield plain(f"{verdict.name}: {wording.verdict_sentence(verdict)}")
    for finding in verdict.findings:
        yield from _finding(finding, 2)
    if verdict.gaps:
        yield indented(f"Missing: {_gap_counts(verdict)}.", 2)


def _required_safeguards(assessment: Assessment) -> Iterator[RenderableType]:
    yield Text("")
    yield plain("Required safeguards", "bold")
    words = vocabulary.VERDICT_WORDS[assessment.overall]
    yield hanging(glyph(assessment.overall), f"Overall {words}. {assessment.overall_rule}", 2)
    if not assessment.safeguards:
        yield indented("No verdict puts a safeguard in force.", 2)
    shown = [each.kind for each in assessment.safeguard_evidence]
    for kind in dict.fromkeys([*(each.kind for each in assessment.safeguards), *shown]):
        for demand in assessment.safeguards:
            if demand.kind is kind:
                yield hanging(Text("-"), safeguard_words.demand_sentence(demand), 2)
                yield indented(safeguard_words.grounds_sentence(demand), 4)
        for sentence in safeguard_words.score_sentences(assessment.safeguard_evidence, kind):
            yield hanging(Text("·"), f"{vocabulary.KIND_WORDS[kind]} evidence: {sentence}", 4)
    if shown:
        yield indented(safeguard_words.NOT_WEIGHED, 2)


def _gap_counts(verdict: Verdict) -> str:
    """Return the gaps counted by kind, in the order they come; each is printed in full in the report and in JSON."""
    kinds = [each.kind for each in verdict.gaps]
    return ", ".join(f"{vocabulary.GAP_WORDS[kind].lower()} ({kinds.count(kind)})" for kind in dict.fromkeys(kinds))


def _finding(finding: Finding, depth: int) -> Iterator[RenderableType]:
    disagreement = wording.disagreement_sentence(finding)
    tail = "" if disagreement is None else f" {disagreement}"
    yield hanging(glyph(finding.verdict), f"{finding.title}: {wording.finding_sentence(finding)}{tail}", depth)
    for part in finding.parts:
        yield from _finding(part, depth + 2)
