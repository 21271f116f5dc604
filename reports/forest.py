"""Findings as the facts of forest figures: every score with its interval against its bars, and the snapshot that decides.

The rules kept here (statistics e): one row a variant, missing ones as hatched rows, last a row for the riskiest of them; both
bars, with the zones between them; an uplift ratio on a log axis with its cohorts first, and, where nobody defined the plus-minus,
a row for each meaning it may have. Findings without a number have no panel: an empty axis would look like a measurement.

Left out: compounds, whose parts have panels of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from evaluations.records import RiskierWhen, RunStatus
from reports import axes, numbers, vocabulary, wording
from reports.figure_facts import BarLine, End, ForestFacts, ForestPanel, ForestRow, RowKind, Zone
from reports.withholding import WITHHELD, is_withheld
from thresholds.finding_records import CohortNote, Finding, IntervalEnd, Reading, VariantFinding
from thresholds.outcomes import UpliftMeasure

MOST_ROWS = 12  # our choice: well under half a page, so that a figure seldom leaves one half empty
SHOWN_MISSING = 3  # our choice: up to so many missing variants get a hatched row each, more share one row

_ENDS = {IntervalEnd.FINITE: End.CLOSED, IntervalEnd.UNBOUNDED: End.OPEN, IntervalEnd.UNESTIMABLE: End.NONE}


def leaves(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with compounds replaced by their parts, each once, in order."""
    found: list[Finding] = []
    for finding in findings:
        for each in leaves(finding.parts) if finding.parts else (finding,):
            if each not in found:
                found.append(each)
    return tuple(found)


def forest_figures(findings: Sequence[Finding]) -> tuple[ForestFacts, ...]:
    """Return the figures of ``findings``: as few as hold all panels without running off a page."""
    figures: list[list[ForestPanel]] = [[]]
    room = MOST_ROWS + 3
    for finding in leaves(findings):
        for panel in _panels(finding):
            needed = len(panel.rows) + 3  # title, bars and axis take the height of three rows
            if figures[-1] and needed > room:
                figures.append([])
                room = MOST_ROWS + 3
            figures[-1].append(panel)
            room -= needed
    return tuple(ForestFacts(tuple(panels)) for panels in figures if panels)


def _panels(finding: Finding) -> tuple[ForestPanel, ...]:
    rows = _rows(finding)
    if finding.rule_out is None and all(row.value is None for row in rows):
        return ()
    if not rows:
        return ()
    shares = [rows[start : start + MOST_ROWS] for start in range(0, len(rows), MOST_ROWS)]
    return tuple(_panel(finding, share, rows, is_continued=place > 0) for place, share in enumerate(shares))


def _panel(finding: Finding, rows: Sequence[ForestRow], every: Sequence[ForestRow], *, is_continued: bool) -> ForestPanel:
    is_log = finding.measure is UpliftMeasure.RATIO
    seen = [each for row in every for each in (row.value, row.low, row.high) if each is not None]
    low, high = axes.bounds([*seen, *wording.bars_of(finding)], (finding.scale_low, finding.scale_high), is_log=is_log)
    downward = finding.riskier_when is RiskierWhen.LOWER
    direction = "lower is riskier" if downward else "higher is riskier"
    level = numbers.percentage(finding.level)
    return ForestPanel(
        title=wording.full_title(finding) + (" (continued)" if is_continued else ""),
        axis=f"{wording.statistic_words(finding)}{', logarithmic axis' if is_log else ''}; {level} interval; {direction}",
        low=low,
        high=high,
        is_log=is_log,
        ticks=axes.ticks(low, high, finding.unit, is_log=is_log),
        bars=_bars(finding),
        zones=_zones(finding, downward=downward),
        rows=tuple(rows),
    )


def _bars(finding: Finding) -> tuple[BarLine, ...]:
    if finding.rule_out is None:
        return ()
    if finding.rule_in is None or finding.rule_in == finding.rule_out:
        return (BarLine(finding.rule_out, f"bar {wording.rule_out_bar(finding)}"),)
    return (
        BarLine(finding.rule_out, f"rule-out bar {wording.rule_out_bar(finding)}"),
        BarLine(finding.rule_in, f"rule-in bar {wording.rule_in_bar(finding)}"),
    )


def _zones(finding: Finding, *, downward: bool) -> tuple[Zone, ...]:
    if finding.rule_out is None:
        return ()
    out, crossing = finding.rule_out, finding.rule_out if finding.rule_in is None else finding.rule_in
    if downward:
        zones = (Zone(None, crossing, "reached"), Zone(crossing, out, "undecided"), Zone(out, None, "below"))
    else:
        zones = (Zone(None, out, "below"), Zone(out, crossing, "undecided"), Zone(crossing, None, "reached"))
    return tuple(each for each in zones if each.low != each.high)


def _rows(finding: Finding) -> tuple[ForestRow, ...]:
    rows: list[ForestRow] = []
    for variant in finding.variants:
        if is_withheld(variant):
            rows.append(_hatched(RowKind.WITHHELD, _name(variant), WITHHELD))
        elif variant.value is not None or variant.cohorts:
            rows.extend(_measured(finding, variant))
    rows.extend(_missing_rows([each for each in finding.variants if _is_missing(each)]))
    if len([each for each in rows if each.kind is RowKind.VARIANT]) > 1 and finding.value is not None:
        rows.append(_total(finding))
    return tuple(rows)


def _is_missing(variant: VariantFinding) -> bool:
    return variant.value is None and not variant.cohorts and not is_withheld(variant)


def _name(variant: VariantFinding) -> str:
    name = wording.variant_name(variant.snapshot, variant.snapshot_name, variant.thinking)
    return name if variant.comparable == "same_key" else f"{name} (another statistic, rubric or scaffold)"


def _measured(finding: Finding, variant: VariantFinding) -> Iterable[ForestRow]:
    bars = wording.bars_of(finding)
    if finding.measure is UpliftMeasure.RATIO:
        for cohort in variant.cohorts:
            yield _cohort(finding, cohort)
    decides = variant.variant == finding.deciding_variant
    shown = numbers.observed(variant, finding.unit, bars)
    yield ForestRow(
        kind=RowKind.TOTAL if variant.cohorts else RowKind.VARIANT,
        label=("All cohorts: " if len(variant.cohorts) > 1 else "")
        + _name(variant)
        + ("" if variant.status is RunStatus.COMPLETED else " (partial run)"),
        value=variant.value,
        low=variant.low,
        high=variant.high,
        low_end=_ENDS[variant.low_end],
        high_end=_ENDS[variant.high_end],
        text=shown,
        outcome=variant.outcome.value,
        decides=decides,
    )
    for reading in variant.readings:
        yield _reading(finding, reading, variant.value)


def _cohort(finding: Finding, cohort: CohortNote) -> ForestRow:
    text = "no ratio" if cohort.ratio is None else numbers.quantity(cohort.ratio, finding.unit, bars=wording.bars_of(finding))
    return ForestRow(
        kind=RowKind.COHORT,
        label=cohort.cohort,
        value=cohort.ratio,
        low=cohort.low,
        high=cohort.high,
        low_end=_low_end(cohort),
        high_end=_ENDS[cohort.high_end],
        text=text,
        outcome=None,
    )


def _low_end(cohort: CohortNote) -> End:
    if cohort.high_end is IntervalEnd.UNESTIMABLE:
        return End.NONE
    return End.OPEN if cohort.low is None else End.CLOSED


def _reading(finding: Finding, reading: Reading, value: float | None) -> ForestRow:
    impossible = reading.admissible != "possible"
    shown = numbers.interval(
        reading.low,
        reading.high,
        (reading.low_end, reading.high_end),
        finding.unit,
        bars=wording.bars_of(finding),
        scale=(finding.scale_low, finding.scale_high),
    )
    return ForestRow(
        kind=RowKind.READING,
        label=f"if ± is a {vocabulary.READING_WORDS.get(reading.name, reading.name)}",
        value=None if impossible else value,
        low=None if impossible else reading.low,
        high=None if impossible else reading.high,
        low_end=End.NONE if impossible else _ENDS[reading.low_end],
        high_end=End.NONE if impossible else _ENDS[reading.high_end],
        text="impossible on this scale" if impossible else ("no interval" if shown == "none" else shown),
        outcome=None if impossible else reading.outcome.value,
    )


def _missing_rows(missing: Sequence[VariantFinding]) -> Iterable[ForestRow]:
    for status, alike in groupby(sorted(missing, key=lambda each: each.status.value), key=lambda each: each.status):
        group = list(alike)
        words = "not measured" if status in (RunStatus.NOT_RUN, RunStatus.COMPLETED) else wording.underscored(status.value)
        if len(group) <= SHOWN_MISSING:
            for each in group:
                yield _hatched(RowKind.MISSING, _name(each), words)
        else:
            yield _hatched(RowKind.MISSING, wording.plural(len(group), "planned variant"), words)


def _hatched(kind: RowKind, label: str, text: str) -> ForestRow:
    return ForestRow(kind, label, None, None, None, End.NONE, End.NONE, text, None)


def _total(finding: Finding) -> ForestRow:
    most = "lowest" if finding.riskier_when is RiskierWhen.LOWER else "highest"
    return ForestRow(
        kind=RowKind.TOTAL,
        label=f"Riskiest of {wording.plural(finding.variants_compared, 'variant')} ({most} end decides)",
        value=finding.value,
        low=finding.low,
        high=finding.high,
        low_end=_ENDS[finding.low_end],
        high_end=_ENDS[finding.high_end],
        text=wording.point(finding),
        outcome=finding.outcome.value,
    )
