"""The trial behind an uplift finding: both arms of every cohort, how much cohorts differ, and what an undefined plus-minus may mean.

The rules kept here: every cohort is shown, not only their total; each reading of an undefined plus-minus is shown with what would follow
from it alone; the unadjusted ratio stands beside an adjusted one.

Left out: the finding itself and its figure (``reports.capability_domain``, ``reports.forest``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evaluations.evidence import ModelEvidence
from evaluations.trials import UpliftTrial
from reports import numbers, vocabulary, wording
from reports.document import Block, Cell, Column, Paragraph, Table
from reports.withholding import is_withheld
from thresholds.finding_records import CohortNote, Finding, HeterogeneityNote, IntervalEnd, Reading, UnadjustedNote, VariantFinding
from thresholds.outcomes import UpliftMeasure


def trial_blocks(finding: Finding, evidence: ModelEvidence, *, is_told: bool) -> Iterator[Block]:
    for variant in finding.variants:
        trial = next((each for each in evidence.trials if each.slug == variant.variant), None)
        if trial is None or is_withheld(variant) or not variant.cohorts:
            continue
        if not is_told:
            yield from _arms(finding, variant, trial, evidence)
        readings = [(each.cohort, reading) for each in variant.cohorts for reading in each.readings]
        readings += [("all cohorts", reading) for reading in variant.readings]
        if readings:
            yield _readings_table(finding, readings)


def _arms(finding: Finding, variant: VariantFinding, trial: UpliftTrial, evidence: ModelEvidence) -> Iterator[Block]:
    unit = evidence.version(trial.evaluation, trial.version).unit
    hours = "" if trial.hours_allowed is None else f" {numbers.recorded(trial.hours_allowed, 'hours')} allowed."
    grader = "" if trial.grader is None else f" Graded by {trial.grader}."
    yield Paragraph(f"{trial.task}.{hours}{grader}".replace("..", "."), label="Trial.")
    columns = (
        Column("Cohort", 2.2),
        Column("Control arm", 1.5),
        Column("Model arm", 1.5),
        Column("± means", 1.3),
        *_ratio_columns(finding),
    )
    rows = tuple(_cohort_row(finding, each, unit) for each in variant.cohorts)
    yield Table("Both arms of every cohort, mean ± spread.", columns, rows)
    if variant.heterogeneity is not None:
        yield Paragraph(heterogeneity_sentence(variant.heterogeneity), label="How much cohorts differ.")
    if variant.unadjusted is not None:
        yield Paragraph(unadjusted_sentence(finding, variant.unadjusted), label="Without adjusting.")


def heterogeneity_sentence(note: HeterogeneityNote) -> str:
    """Return how much the cohorts of a trial differ, in the usual figures (statistics b6)."""
    figures = (
        (
            f"Q {numbers.quantity(note.q, None)} on {wording.plural(note.degrees_of_freedom, 'degree')} of freedom, "
            f"p = {numbers.p_value(note.p)}; I² {numbers.quantity(note.i_squared_percent, 'percent')}; "
            f"spread between cohorts (tau, on the logarithm of the ratio) {numbers.quantity(note.tau, None)}"
        )
        .replace("= <", "< ")
        .replace("= >", "> ")
    )
    read = (
        ""
        if note.reading is None
        else f" Read where they differ most, with ± as {vocabulary.READING_WORDS.get(note.reading, note.reading)}."
    )
    return f"{figures}. With few cohorts a large p shows little.{read}"


def unadjusted_sentence(finding: Finding, note: UnadjustedNote) -> str:
    """Return the ratio without the covariate, which is no finding of its own (statistics b5)."""
    bars, scale = wording.bars_of(finding), (finding.scale_low, finding.scale_high)
    value = "no ratio" if note.value is None else numbers.quantity(note.value, finding.unit, bars=bars)
    ends = numbers.interval(note.low, note.high, (note.low_end, note.high_end), finding.unit, bars=bars, scale=scale)
    shown = f"{numbers.percentage(finding.level)} interval {ends}"
    return f"The ratio decides adjusted for {note.adjusted_for}, named before the results. Unadjusted it is {value}, {shown}."


def _ratio_columns(finding: Finding) -> tuple[Column, ...]:
    title = "Ratio" if finding.measure is UpliftMeasure.RATIO else "Model arm mean"
    return (Column(title, 1.1), Column(f"{numbers.percentage(finding.level)} interval", 1.6))


def _cohort_row(finding: Finding, cohort: CohortNote, unit: str) -> tuple[Cell, ...]:
    meaning = "no spread" if cohort.spread_kind is None else vocabulary.SPREAD_WORDS.get(cohort.spread_kind, cohort.spread_kind)
    compared = cohort.ratio if finding.measure is UpliftMeasure.RATIO else cohort.model_mean
    n = None if cohort.control_count is None or cohort.model_count is None else min(cohort.control_count, cohort.model_count)
    text = "no ratio" if compared is None else numbers.quantity(compared, finding.unit, count=n, bars=wording.bars_of(finding))
    ends = (_low_end(cohort), cohort.high_end)
    scale = (finding.scale_low, finding.scale_high)
    interval = numbers.interval(cohort.low, cohort.high, ends, finding.unit, n=n, bars=wording.bars_of(finding), scale=scale)
    return (
        Cell(cohort.cohort, strong=True),
        _arm_cell(cohort.control_mean, cohort.control_spread, cohort.control_count, unit),
        _arm_cell(cohort.model_mean, cohort.model_spread, cohort.model_count, unit),
        Cell(meaning),
        Cell(text),
        Cell(interval),
    )


def _low_end(cohort: CohortNote) -> IntervalEnd:
    if cohort.high_end is IntervalEnd.UNESTIMABLE:
        return cohort.high_end
    return IntervalEnd.UNBOUNDED if cohort.low is None else IntervalEnd.FINITE


def _arm_cell(mean: float, around: float | None, count: int | None, unit: str) -> Cell:
    text = numbers.recorded(mean, unit) if around is None else numbers.spread(mean, around, unit)
    return Cell(text, "n not published" if count is None else f"n = {numbers.whole(count)}")


def _readings_table(finding: Finding, readings: Sequence[tuple[str, Reading]]) -> Table:
    rows = []
    for cohort, reading in readings:
        ends = (reading.low_end, reading.high_end)
        scale = (finding.scale_low, finding.scale_high)
        text = numbers.interval(reading.low, reading.high, ends, finding.unit, bars=wording.bars_of(finding), scale=scale)
        rows.append(
            (
                Cell(cohort),
                Cell(vocabulary.READING_WORDS.get(reading.name, reading.name)),
                Cell(vocabulary.ADMISSIBLE_WORDS.get(reading.admissible, wording.underscored(reading.admissible))),
                Cell(text),
                Cell(reading.outcome.value, outcome=reading.outcome.value),
            )
        )
    level = f"{numbers.percentage(finding.level)} interval"
    columns = (
        Column("Cohort", 2.0),
        Column("If ± is a", 2.2),
        Column("On this scale", 1.6),
        Column(level, 2.0),
        Column("It alone says", 1.4),
    )
    return Table("The source does not say what ± means: each reading, and what would follow from it alone.", columns, tuple(rows))
