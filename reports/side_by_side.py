"""One model under several policies on a terminal: a table for every framework, threshold by threshold, then each assessment's own text.

The rules kept here: thresholds of two frameworks never share a row; versions of one framework are columns of one table, and a row whose
definition differs between them says so; what resembles what, or took whose place, is told in words below the table and moves no verdict;
a threshold that a policy does not have is no verdict on it.

Left out: a common verdict over frameworks. No document says how two of them combine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from reports import numbers, safeguard_words
from reports.terminal import COLUMNS, hanging, indented, outcome, plain, rendered, table
from reports.text import assessment_text
from reports.wording import policy_name
from thresholds.decision_records import Assessment, Verdict
from thresholds.policy import LinkRelation, Policy, Standing
from thresholds.policy_diff import Tie, ties

RELATION_WORDS = {
    LinkRelation.ALIAS: "is the same text as",
    LinkRelation.SUCCESSOR: "took the place of",
    LinkRelation.RESEMBLES: "resembles",
}
RULE = "─"


@dataclass(frozen=True)
class Column:
    """One assessment with the policy it was made under."""

    assessment: Assessment
    policy: Policy


def side_by_side_text(
    columns: Sequence[Column], known: Mapping[str, Policy] | None = None, *, width: int = COLUMNS, colour: bool = False
) -> str:
    """Return several assessments of one model as text for a terminal; ``known`` holds policies by whose way links may lead."""
    head = rendered(_parts(columns, known or {}), columns=width, colour=colour)
    own = [assessment_text(each.assessment, columns=width, colour=colour) for each in columns]
    return f"\n{RULE * width}\n".join([head, *own])


def _parts(columns: Sequence[Column], known: Mapping[str, Policy]) -> Iterator[RenderableType]:
    first = columns[0].assessment
    yield plain(f"{first.model_name} ({first.developer}) under {numbers.whole(len(columns))} policies or criteria sets", "bold")
    recorded = numbers.instant(first.as_of_recorded_at)
    yield plain(f"evidence as of log position {numbers.whole(first.as_of)}, recorded {recorded}; rsp {first.code_version}")
    frameworks = dict.fromkeys(each.policy.framework for each in columns)
    if len(frameworks) > 1:
        yield plain("Each framework asks its own questions: a verdict under one says nothing under another.")
    for framework in frameworks:
        yield from _framework([each for each in columns if each.policy.framework == framework])
    notes = list(_notes(columns, known))
    if notes:
        yield Text("")
        yield plain("How these thresholds stand to each other; none of it moves a verdict", "bold")
        for note in notes:
            yield hanging(Text("·"), note, 2)


def _framework(columns: Sequence[Column]) -> Iterator[RenderableType]:
    yield Text("")
    yield plain(columns[0].policy.framework_name, "bold")
    for each in columns:
        yield indented(f"{_heading(each, columns)}: {policy_name(each.assessment)}; criteria: {each.assessment.criteria_title}", 2)
        if each.policy.standing is Standing.FICTIONAL:
            yield indented("FICTIONAL POLICY: nobody has adopted it and nobody is bound by it.", 4)
    yield Text("")
    rows = table()
    rows.expand = True
    for title in ("Threshold", *(_heading(each, columns) for each in columns)):
        rows.add_column(title, ratio=1, overflow="fold")
    for domain, name in _domains(columns).items():
        rows.add_row(plain(name, "bold"), *([Text("")] * len(columns)))
        _add_thresholds(rows, domain, columns)
    rows.add_row(plain("Overall", "bold"), *(outcome(each.assessment.overall) for each in columns))
    rows.add_row(plain("Required safeguards", "bold"), *(_demands(each.assessment) for each in columns))
    yield rows


def _heading(column: Column, columns: Sequence[Column]) -> str:
    """Return what tells a column from the others: the version, and the criteria set where one version has several."""
    version = column.policy.version
    same = [each for each in columns if each.policy.version == version]
    return version if len(same) == 1 else f"{version}, {column.assessment.criteria}"


def _domains(columns: Sequence[Column]) -> dict[str, str]:
    names: dict[str, str] = {}
    for each in columns:
        for verdict in each.assessment.verdicts:
            names.setdefault(verdict.domain, verdict.domain_name)
    return names


def _add_thresholds(rows: Table, domain: str, columns: Sequence[Column]) -> None:
    """Add a row for every threshold of a domain. A threshold stands in the domain where the first version that has it puts it."""
    named: dict[str, Verdict] = {}
    for each in columns:
        for verdict in each.assessment.verdicts:
            named.setdefault(verdict.threshold, verdict)
    for slug, first in named.items():
        if first.domain == domain:
            rows.add_row(indented(_name(slug, first, columns), 2), *(_cell(slug, each) for each in columns))


def _name(slug: str, first: Verdict, columns: Sequence[Column]) -> str:
    texts = {each.definition for column in columns for each in column.policy.thresholds if each.slug == slug}
    return first.name if len(texts) == 1 else f"{first.name} (the texts differ)"


def _cell(slug: str, column: Column) -> Text:
    verdict = next((each for each in column.assessment.verdicts if each.threshold == slug), None)
    if verdict is not None:
        return outcome(verdict.outcome)
    return plain("not in what was read" if column.policy.unread else "no such threshold")


def _demands(assessment: Assessment) -> Text:
    return plain("; ".join(dict.fromkeys(safeguard_words.short_demand(each) for each in assessment.safeguards)) or "none")


def _notes(columns: Sequence[Column], known: Mapping[str, Policy]) -> Iterator[str]:
    """Yield what links say of thresholds that stand in different rows or tables, each tie once."""
    policies = list({each.policy.slug: each.policy for each in columns}.values())
    for one in policies:
        for other in policies:
            if one is not other:
                for tie in ties(one, other, known):
                    if one.framework != other.framework or tie.here != tie.there:
                        yield _note(tie, one, other)


def _note(tie: Tie, one: Policy, other: Policy) -> str:
    way = f", by way of {', '.join(tie.way)}" if tie.way else ""
    here, there = (f"{policy.threshold(slug).name} ({policy.slug})" for policy, slug in ((one, tie.here), (other, tie.there)))
    return f"{here} {RELATION_WORDS[tie.relation]} {there}{way}."
