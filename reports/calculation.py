"""One calculation of ``rsp calc``: rows of numbers, a sentence on what they allow, one on what they do not, and the same as JSON.

The rules kept here: an interval stands with its level, its n and its method; without a bar nothing is decided and that is said; a
rule-out is of the number at hand alone and is said to be; where no honest interval exists the reason stands in its place; a number
in words comes from ``reports.numbers``, one in JSON is unrounded, and an end that does not exist is ``null`` with a word beside it.

Left out: computing (``evaluations``) and the truth table of a single estimate (``thresholds.bars``).
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from evaluations.differences import ExactChange
from evaluations.estimate import Estimate, Unestimable
from evaluations.estimate import Reading as EstimatedReading
from evaluations.records import RiskierWhen
from evaluations.speedups import BestOf
from reports import numbers
from reports.methods import method_name
from reports.vocabulary import VERDICT_WORDS
from reports.wording import Direction, comparing
from thresholds.bars import Bars, Judged, judge
from thresholds.finding_records import IntervalEnd
from thresholds.interval_notes import end_of, finite
from thresholds.outcomes import FindingOutcome, SubLabel, VerdictOutcome
from thresholds.snapshots import Maximum

COLUMNS = 80  # our choice: the width every terminal has
SCHEMA_VERSION = 1  # of the JSON; a new number is added, old meanings never change
ALONE = "It speaks of this number alone: not of snapshots, tasks or ways of eliciting that were not measured."
TOGETHER = "They speak of these snapshots alone: not of others, nor of tasks or ways of eliciting that were not measured."
NO_BAR = "No bar was given, so nothing is decided."
DESCRIBES = (
    "It describes how far two shares of different items lie apart. No bar is decided by it: with few items its error may exceed the level."
)
POINT_ALONE = "A point alone may prevent a rule-out and never supports one."

READINGS = {"sd": "standard deviation", "se": "standard error", "counted": "counted items", "printed": "interval as printed"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the calculation: what it is, and its words."""

    label: str
    words: str


@dataclass(frozen=True)
class Calculation:
    """What was asked and what follows: ``figures`` are the unrounded numbers of the JSON, ``sentences`` what may be said of them."""

    name: str
    title: str
    rows: tuple[Row, ...]
    sentences: tuple[str, ...]
    notes: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)

    def with_more(self, rows: Iterable[Row] = (), sentences: Iterable[str] = (), figures: Mapping[str, Any] | None = None) -> Calculation:
        """Return the calculation with further rows, sentences and figures after its own."""
        return replace(
            self,
            rows=(*self.rows, *rows),
            sentences=(*self.sentences, *sentences),
            figures={**self.figures, **(figures or {})},
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a number is held against: the unit it is written in, its scale, the one-sided error level, and the bars if any were given."""

    unit: str | None
    error: float
    riskier_when: RiskierWhen = RiskierWhen.HIGHER
    bars: Bars | None = None
    scale: numbers.Scale = (None, None)

    @property
    def level(self) -> float:
        """Two-sided level of the interval whose ends decide."""
        return 1 - 2 * self.error

    @property
    def positions(self) -> tuple[float, ...]:
        """Where the bars stand; rounding keeps clear of them."""
        return () if self.bars is None else tuple(dict.fromkeys((float(self.bars.rule_out), float(self.bars.rule_in))))


def estimated(name: str, title: str, outcome: Estimate | Unestimable, asked: Asked) -> Calculation:
    """Return the calculation of one estimate, or of the reason why there is none, against the bars that were asked for."""
    judged = None if asked.bars is None else judge(outcome, asked.bars)
    if isinstance(outcome, Unestimable):
        return _refused(name, title, outcome, asked, judged)
    low, high = outcome.lower(asked.error), outcome.upper(asked.error)
    rows = [Row("value", _value(outcome, asked)), Row(f"{numbers.percentage(asked.level)} interval", _ends(outcome, asked))]
    rows.append(Row("method", f"{method_name(outcome.method)}; {_count(outcome.observations)}"))
    rows += [Row(f"  read as {_reading(each)}", _read(each, asked)) for each in _readings(outcome)]
    figures: dict[str, Any] = {
        "value": outcome.value,
        "low": finite(low),
        "high": finite(high),
        "low_end": end_of(low).value,
        "high_end": end_of(high).value,
        "level": asked.level,
        "method": outcome.method,
        "observations": outcome.observations,
        "readings": [_reading_figures(each, asked) for each in _readings(outcome)],
    }
    sentences: tuple[str, ...] = (NO_BAR,)
    if asked.bars is not None and judged is not None:
        turned = asked.bars.turned(outcome)
        p_out, p_in = turned.p_below(asked.bars.out), turned.p_above(asked.bars.crossing)
        rows += _bar_rows(asked, judged)
        rows.append(
            Row("one-sided p", f"{numbers.p_value(p_out, asked.error)} to rule out, {numbers.p_value(p_in, asked.error)} to rule in")
        )
        figures |= {**_judged_figures(asked, judged), "p_rule_out": p_out, "p_rule_in": p_in}
        sentences = _sentences(outcome, judged, asked)
    return Calculation(name, title, tuple(rows), sentences, outcome.notes, figures)


def _refused(name: str, title: str, outcome: Unestimable, asked: Asked, judged: Judged | None) -> Calculation:
    point = None if outcome.point is None else float(outcome.point)
    rows = [] if point is None else [Row("value", numbers.quantity(point, asked.unit, bars=asked.positions))]
    rows.append(Row("interval", f"none: {outcome.words}"))
    figures: dict[str, Any] = {"refused": True, "reason": outcome.reason, "words": outcome.words, "value": point}
    if judged is not None:
        rows += _bar_rows(asked, judged)
        figures |= _judged_figures(asked, judged)
    return Calculation(name, title, tuple(rows), (f"No interval can be made: {outcome.words}. {POINT_ALONE}",), (), figures)


def _bar_rows(asked: Asked, judged: Judged) -> list[Row]:
    names = ("bar",) if len(asked.positions) == 1 else ("rule-out bar", "rule-in bar")
    rows = [Row(label, numbers.quantity(at, asked.unit)) for label, at in zip(names, asked.positions, strict=True)]
    return [*rows, Row("this number alone", VERDICT_WORDS[judged.verdict])]


def _judged_figures(asked: Asked, judged: Judged) -> dict[str, Any]:
    assert asked.bars is not None
    return {
        "rule_out": float(asked.bars.rule_out),
        "rule_in": float(asked.bars.rule_in),
        "riskier_when": asked.riskier_when.value,
        "verdict": judged.verdict.value,
        "sub_label": None if judged.sub_label is None else judged.sub_label.value,
        "outcome_by_point": judged.by_point.value,
        "outcome_by_bound": judged.by_bound.value,
    }


def _value(outcome: Estimate, asked: Asked) -> str:
    return numbers.quantity(outcome.point, asked.unit, count=outcome.observations, bars=asked.positions)


def _count(observations: int | None) -> str:
    return "n not known" if observations is None else f"n = {numbers.whole(observations)}"


def _ends(outcome: Estimate | Unestimable, asked: Asked) -> str:
    if isinstance(outcome, Unestimable):
        return "impossible on this scale" if outcome.reason == "spread_impossible_for_bounded_score" else f"none: {outcome.words}"
    low, high = outcome.lower(asked.error), outcome.upper(asked.error)
    return numbers.interval(
        finite(low), finite(high), (end_of(low), end_of(high)), asked.unit, n=outcome.observations, bars=asked.positions, scale=asked.scale
    )


def _readings(outcome: Estimate) -> Sequence[EstimatedReading]:
    readings: Sequence[EstimatedReading] = getattr(outcome, "readings", ())
    return readings


def _reading(reading: EstimatedReading) -> str:
    if reading.name.startswith("ci"):
        return f"{reading.name.removeprefix('ci')}{numbers.NBSP}% half-width"
    return READINGS.get(reading.name, reading.name)


def _read(reading: EstimatedReading, asked: Asked) -> str:
    return _ends(reading.estimate, asked)


def _reading_figures(reading: EstimatedReading, asked: Asked) -> dict[str, Any]:
    figures: dict[str, Any] = {"name": reading.name, "admissible": reading.admissible}
    if isinstance(reading.estimate, Estimate):
        low, high = reading.estimate.lower(asked.error), reading.estimate.upper(asked.error)
        figures |= {"low": finite(low), "high": finite(high), "low_end": end_of(low).value, "high_end": end_of(high).value}
    return figures


@dataclass(frozen=True, slots=True)
class _Held:
    """The words of one estimate against its bars, turned to the direction of risk."""

    words: Direction
    point: str
    sure: str  # what the end of the interval away from risk shows for sure, if anything
    safe_end: str  # the end of the interval away from risk
    risky_end: str  # the end of the interval on the side of risk
    out: str
    crossing: str

    @classmethod
    def of(cls, outcome: Estimate, asked: Asked) -> _Held:
        assert asked.bars is not None
        low, high = outcome.lower(asked.error), outcome.upper(asked.error)
        if asked.riskier_when is RiskierWhen.LOWER:
            low, high = high, low
        low, high = (_onto(each, asked) for each in (low, high))

        def said(end: float) -> str:
            if end_of(end) is IntervalEnd.UNBOUNDED:
                return "no limit"
            return numbers.quantity(end, asked.unit, count=outcome.observations, bars=asked.positions)

        words = comparing(asked.riskier_when)
        harmless = asked.scale[0] if asked.riskier_when is RiskierWhen.HIGHER else asked.scale[1]
        nothing = low == harmless or end_of(low) is IntervalEnd.UNBOUNDED
        sure = "" if nothing else f": {words.near} {said(low)} is all that is sure"
        positions = [numbers.quantity(float(bar), asked.unit) for bar in (asked.bars.rule_out, asked.bars.rule_in)]
        return cls(words, _value(outcome, asked), sure, said(low), said(high), *positions)


def _onto(end: float, asked: Asked) -> float:
    shown = numbers.onto_scale(finite(end), asked.scale, asked.positions)
    return end if shown is None else shown


def _sentences(outcome: Estimate, judged: Judged, asked: Asked) -> tuple[str, ...]:
    """Return one sentence on what the number allows and one on what it does not."""
    held = _Held.of(outcome, asked)
    words = held.words
    if judged.verdict is VerdictOutcome.RULED_OUT:
        end = f"even the {words.far_end} of the interval, {held.risky_end}, is {words.clear_of} {held.out}"
        return (f"It allows the bar to be ruled out: {end}.", ALONE)
    if judged.verdict is VerdictOutcome.CROSSED:
        return (f"It shows that the bar is reached: {words.near} {held.safe_end}, and the bar is {held.crossing}.", ALONE)
    if judged.sub_label is SubLabel.BETWEEN_BARS:
        return (
            f"It stands between the bars: {words.near} {held.safe_end} and {words.far} {held.risky_end}.",
            "It allows neither to rule out the first bar nor to say that the second is reached.",
        )
    if judged.sub_label is SubLabel.UNBOUNDED:
        allows = f"It does not allow any bar to be ruled out: {words.unbounded} follows from these numbers."
    else:
        possible = f"{words.far} {held.risky_end} is compatible with these numbers"
        allows = f"It does not allow the bar to be ruled out: {possible}; the bar is {held.out}."
    denies = f"Nor does it show that the bar is reached{held.sure}."
    if judged.by_point is FindingOutcome.BELOW:
        denies += f" That the point, {held.point}, is {words.clear_of} the bar is no evidence by itself."
    return (allows, denies)


def no_better_than_its_cohorts(found: Calculation, alone: Sequence[tuple[str, Estimate | Unestimable]], asked: Asked) -> Calculation:
    """Return the calculation without its rule-out if one cohort alone reaches the bar, if only by its point (statistics b6)."""
    if asked.bars is None or len(alone) < 2 or found.figures.get("verdict") != VerdictOutcome.RULED_OUT.value:
        return found
    for name, outcome in alone:
        judged = judge(outcome, asked.bars)
        if judged.by_point is FindingOutcome.BELOW and judged.verdict is not VerdictOutcome.CROSSED:
            continue
        value = "no ratio" if outcome.point is None else numbers.quantity(outcome.point, asked.unit, bars=asked.positions)
        verdict = VERDICT_WORDS[VerdictOutcome.NOT_RULED_OUT]
        rows = tuple(replace_words(row, verdict) if row.label == "this number alone" else row for row in found.rows)
        sentence = f"It does not allow the bar to be ruled out: together the cohorts lie under it, but {name} alone ({value}) does not."
        figures = {"verdict": VerdictOutcome.NOT_RULED_OUT.value, "sub_label": SubLabel.ONE_COHORT_CROSSES.value}
        return replace(found, rows=rows, sentences=(sentence,), figures={**found.figures, **figures})
    return found


def replace_words(row: Row, words: str) -> Row:
    """Return the row with other words."""
    return Row(row.label, words)


def best_of_sentence(best: BestOf) -> str:
    """Return what the best of several runs supports, which is no interval (statistics a7)."""
    chance = numbers.percentage(best.beaten_at_most)
    return (
        f"Of the best of {numbers.whole(best.runs)} runs it can be said that one more run beats it with a chance of at most {chance}; "
        "nothing else."
    )


def paired_change(change: ExactChange) -> Calculation:
    """Return the calculation of an exact test of change on the same items (statistics a8)."""
    rows = (
        Row("items", numbers.whole(change.items)),
        Row("lost, gained", f"{numbers.whole(change.lost)} passed before only, {numbers.whole(change.gained)} after only"),
        Row("change", numbers.quantity(change.difference, "fraction", count=change.items)),
        Row("one-sided p", f"{numbers.p_value(change.p_drop)} of a drop, {numbers.p_value(change.p_jump)} of a jump"),
        Row("two-sided p", numbers.p_value(change.p_two_sided)),
    )
    sentence = (
        "It says whether the two snapshots differ on these items. A drop is a question (a broken harness, sandbagging), never a verdict."
    )
    figures = {"items": change.items, "lost": change.lost, "gained": change.gained, "value": float(change.difference)}
    ps = {"p_drop": change.p_drop, "p_jump": change.p_jump, "p_two_sided": change.p_two_sided, "method": "mcnemar_exact"}
    return Calculation("paired", "The same items before and after", rows, (sentence,), (), {**figures, **ps})


def over_snapshots(title: str, estimates: Sequence[Estimate], found: Maximum, asked: Asked, drift: float | None) -> Calculation:
    """Return the calculation of the max-over-snapshots rule over shares that stand in the order of ``estimates``."""
    assert asked.bars is not None
    bar, unit = numbers.quantity(float(asked.bars.rule_out), asked.unit), asked.unit
    rows = [Row(f"snapshot {place}", f"{_value(each, asked)}, {_ends(each, asked)}") for place, each in enumerate(estimates, 1)]
    highest = " and ".join(f"snapshot {int(name) + 1}" for name in found.highest)
    top = max(estimates, key=lambda each: each.point)
    rows.append(Row("highest observed", f"{_value(top, asked)} ({highest})"))
    if drift is not None:
        rows.append(Row("of which luck", f"up to {numbers.quantity(drift, unit)} on average, were all snapshots alike"))
    rows += [
        Row("compared, planned", f"{numbers.whole(found.compared)} compared, {numbers.whole(found.missing)} missing"),
        Row("bar", bar),
        Row("together", VERDICT_WORDS[found.verdict]),
        Row(
            "one-sided p",
            f"{numbers.p_value(found.p_rule_out, asked.error)} to rule out, {numbers.p_value(found.p_rule_in, asked.error)} to rule in",
        ),
    ]
    figures = {
        "verdict": found.verdict.value, "highest_observed": top.value, "low": finite(found.lower), "high": finite(found.upper),
        "low_end": end_of(found.lower).value, "high_end": end_of(found.upper).value, "level": asked.level, "p_rule_out": found.p_rule_out,
        "p_rule_in": found.p_rule_in, "corrected_for": found.corrected_for, "compared": found.compared, "missing": found.missing,
        "rule_out": float(asked.bars.rule_out), "rule_in": float(asked.bars.rule_in), "expected_excess": drift,
    }  # fmt: skip
    return Calculation("snapshots", title, tuple(rows), _together(found, bar, asked), (), figures)


def _together(found: Maximum, bar: str, asked: Asked) -> tuple[str, ...]:
    """Return what several snapshots allow together (statistics e, words for leaders)."""

    def said(end: float) -> str:
        return numbers.quantity(end, asked.unit, bars=asked.positions)

    if found.verdict is VerdictOutcome.RULED_OUT:
        return (f"They allow the bar to be ruled out: even the upper end for the riskiest, {said(found.upper)}, is under {bar}.", TOGETHER)
    if found.verdict is VerdictOutcome.CROSSED:
        picked = f"at least {said(found.lower)} even allowing for picking the best of {numbers.whole(found.corrected_for)}"
        return (f"They show that the bar is reached: {picked}.", TOGETHER)
    if found.missing:
        words = f"{numbers.whole(found.missing)} of the planned snapshots have no score. This does not count as below the bar."
        if found.verdict is VerdictOutcome.INSUFFICIENT_EVIDENCE:
            return (f"They allow no conclusion: {words}",)
        return (f"They do not allow the bar to be ruled out: one snapshot alone prevents it, and {words}",)
    return (
        f"They do not allow the bar to be ruled out: up to {said(found.upper)} is compatible with the riskiest of them; the bar is {bar}.",
        "Comparing the highest point with the bar would be wrong up to about half the time when one snapshot is truly at the bar.",
    )


def calculation_text(calculation: Calculation, columns: int = COLUMNS) -> str:
    """Return the calculation for a terminal: title, rows in two columns, sentences, notes."""
    width = max((len(row.label) for row in calculation.rows), default=0) + 2
    lines = [calculation.title]
    for row in calculation.rows:
        lines += _wrapped(row.words, columns, f"  {row.label:<{width}}", " " * (width + 2))
    for sentence in calculation.sentences:
        lines += ["", *_wrapped(sentence, columns)] if sentence == calculation.sentences[0] else _wrapped(sentence, columns)
    if calculation.notes:
        lines.append("")
    for note in calculation.notes:
        lines += _wrapped(note, columns, "note: ", "      ")
    return "\n".join(lines).replace(numbers.NBSP, " ") + "\n"


def _wrapped(words: str, columns: int, first: str = "", then: str = "") -> list[str]:
    return textwrap.wrap(words, columns, initial_indent=first, subsequent_indent=then, break_long_words=False, break_on_hyphens=False) or [
        first
    ]


def calculation_json(calculation: Calculation) -> str:
    """Return the calculation as JSON text that ends in a line break; numbers unrounded."""
    form = {
        "schema_version": SCHEMA_VERSION,
        "calculation": calculation.name,
        "title": calculation.title.replace(numbers.NBSP, " "),
        "sentences": [each.replace(numbers.NBSP, " ") for each in calculation.sentences],
        "notes": list(calculation.notes),
        **calculation.figures,
    }
    return json.dumps(form, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True) + "\n"
