"""An assessment on a terminal: a table of verdicts for every domain, each verdict with its sentence, findings and kinds of gaps.

The rules kept here: the words and numbers are those of the printed report; it reads the same without colour and at 80 columns; a
character that would steer the terminal is shown as its code point; nothing is cut: long words are folded onto the next line.

Left out: figures. ``colour`` only repeats what the words say.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports import numbers, vocabulary, wording
from reports.literal import literal
from thresholds.decision_records import Assessment, Verdict
from thresholds.finding_records import Finding
from thresholds.outcomes import VerdictOutcome
from thresholds.policy import Standing

COLUMNS = 80  # our choice: the width every terminal has
STYLES = {
    VerdictOutcome.RULED_OUT: "blue",
    VerdictOutcome.INSUFFICIENT_EVIDENCE: "bright_black",
    VerdictOutcome.NOT_RULED_OUT: "yellow",
    VerdictOutcome.CROSSED: "red",
}
GLYPHS = {  # a shape beside the word, as in the printed report
    VerdictOutcome.RULED_OUT: "▼",
    VerdictOutcome.INSUFFICIENT_EVIDENCE: "○",
    VerdictOutcome.NOT_RULED_OUT: "◆",
    VerdictOutcome.CROSSED: "▲",
}
_GLUE = "\ue000"  # a private-use character: the wrapping breaks at every space, a no-break space too, and not at this
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)


def assessment_text(assessment: Assessment, *, columns: int = COLUMNS, colour: bool = False) -> str:
    """Return ``assessment`` as text for a terminal ``columns`` wide; without ``colour`` it holds no control character."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=columns,
        color_system="standard" if colour else None,
        force_terminal=colour,
        no_color=not colour,
        legacy_windows=False,
        _environ={},  # the reader's environment must not change what is printed
    )
    for part in _parts(assessment):
        console.print(part, highlight=False)
    text = out.getvalue().replace(_GLUE, " ")  # its work, keeping a number with its unit, is done
    return text if colour else _TRAILING.sub("", text)


def _plain(words: str, style: str = "") -> Text:
    return Text(literal(words).replace(numbers.NBSP, _GLUE), style=style, overflow="fold")


def _parts(assessment: Assessment) -> Iterator[RenderableType]:
    yield _plain(f"{assessment.model_name} ({assessment.developer})", "bold")
    yield _plain(f"under {wording.policy_name(assessment)}; criteria: {assessment.criteria_title}")
    recorded = numbers.instant(assessment.as_of_recorded_at)
    yield _plain(f"evidence as of log position {numbers.whole(assessment.as_of)}, recorded {recorded}; rsp {assessment.code_version}")
    if assessment.policy_standing is Standing.FICTIONAL:
        yield _plain("FICTIONAL POLICY: nobody has adopted it and nobody is bound by it.", "bold")
    for domain in dict.fromkeys((each.domain, each.domain_name) for each in assessment.verdicts):
        verdicts = [each for each in assessment.verdicts if each.domain == domain[0]]
        yield Text("")
        yield _plain(domain[1], "bold")
        yield _verdict_table(verdicts)
        for verdict in verdicts:
            yield from _verdict(verdict)
    if assessment.determinations:
        yield Text("")
        yield _plain("Published by people, beside these verdicts and not among them", "bold")
        names = {each.domain: each.domain_name for each in assessment.verdicts}
        for each in assessment.determinations:
            yield _indented(
                f"{names.get(each.domain or '', each.domain) or 'Overall'}: {each.outcome} ({each.source_at or each.source})", 2
            )


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1), header_style="")


def _verdict_table(verdicts: list[Verdict]) -> Table:
    table = _table()
    for title, ratio in (("Threshold", 4), ("Verdict", 4), ("In force", 4), ("Gaps", 1)):
        table.add_column(title, ratio=ratio, overflow="fold", justify="right" if title == "Gaps" else "left")
    table.expand = True
    for each in verdicts:
        safeguards = ", ".join(dict.fromkeys(item.level_name or vocabulary.KIND_WORDS[item.kind] for item in each.required_safeguards))
        table.add_row(_plain(each.name), _outcome(each.outcome), _plain(safeguards or "none"), _plain(numbers.whole(len(each.gaps))))
    return table


def _outcome(outcome: VerdictOutcome) -> Text:
    return Text(f"{GLYPHS[outcome]} {vocabulary.VERDICT_WORDS[outcome]}", style=STYLES[outcome])


def _verdict(verdict: Verdict) -> Iterator[RenderableType]:
    yield Text("")
    yield _plain(f"{verdict.name}: {wording.verdict_sentence(verdict)}")
    for finding in verdict.findings:
        yield from _finding(finding, 2)
    if verdict.gaps:
        yield _indented(f"Missing: {_gap_counts(verdict)}.", 2)


def _gap_counts(verdict: Verdict) -> str:
    """Return the gaps counted by kind, in the order they come; each is printed in full in the report and in JSON."""
    kinds = [each.kind for each in verdict.gaps]
    return ", ".join(f"{vocabulary.GAP_WORDS[kind].lower()} ({kinds.count(kind)})" for kind in dict.fromkeys(kinds))


def _finding(finding: Finding, depth: int) -> Iterator[RenderableType]:
    disagreement = wording.disagreement_sentence(finding)
    tail = "" if disagreement is None else f" {disagreement}"
    yield _hanging(_outcome_glyph(finding.verdict), f"{finding.title}: {wording.finding_sentence(finding)}{tail}", depth)
    for part in finding.parts:
        yield from _finding(part, depth + 2)


def _outcome_glyph(outcome: VerdictOutcome) -> Text:
    return Text(GLYPHS[outcome], style=STYLES[outcome])


def _hanging(mark: Text, words: str, depth: int) -> Padding:
    """Return ``words`` with their second line under their first, and ``mark`` before it."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=1)
    grid.add_column(overflow="fold")
    grid.add_row(mark, _plain(words))
    return Padding(grid, (0, 0, 0, depth))


def _indented(words: str, depth: int) -> Padding:
    return Padding(_plain(words), (0, 0, 0, depth))
