"""One criterion as data: how an evaluation, or several, speak to a threshold.

The rules kept here: every bar carries its own citation and basis, and without one the file does not load; a criterion names
what is compared (the point, or the bound), the statistic, and which snapshots must have been measured; a criterion's
lifecycle (saturated, retired, not load-bearing) and the days on which its bars stand are dated, so that what a later card declares
does not change an earlier verdict. There is no rule language: a shape is a Python class, and a new shape is a reviewed change.

Left out: which criteria a threshold has (``thresholds.criteria_set``), and deciding (``thresholds.findings``, ``thresholds.verdicts``).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evaluations.records import RiskierWhen, Statistic
from evaluations.values import Count, Day, ExactNumber, Slug, Text, added
from thresholds.citation import Cited
from thresholds.outcomes import Compared, Decides, Rule, UpliftMeasure

Scale = tuple[Fraction | None, Fraction | None]
PERCENT_SCALE: Scale = (Fraction(0), Fraction(100))
RATIO_SCALE: Scale = (Fraction(0), None)  # a ratio of two scores that are 0 or more has no upper end


class Bar(Cited):
    """A published bar: a ``value`` in the evaluation's unit, or a count ``passed`` of ``of`` (27 of 33), kept as printed."""

    value: ExactNumber | None = None
    passed: Count | None = None
    of: Count | None = None
    words: Text

    @model_validator(mode="after")
    def _is_a_value_or_a_count(self) -> Self:
        if (self.value is None) == (self.passed is None) or (self.passed is None) != (self.of is None):
            raise ValueError("found neither or both of value and passed/of, expected a value, or passed and of together")
        if self.passed is not None and self.of is not None and not 0 < self.passed <= self.of:
            raise ValueError(f"found {self.passed} of {self.of}, expected a count above 0 and at most {self.of}")
        return self

    def position(self, scale_low: Fraction | None, scale_high: Fraction | None) -> Fraction:
        """Return where the bar stands on the evaluation's scale, exactly. A count needs a bounded scale.

        Raises ``ValueError`` if a count meets an unbounded scale.
        """
        if self.value is not None:
            return Fraction(self.value)
        if scale_low is None or scale_high is None or self.passed is None or self.of is None:
            raise ValueError(f"found a bar given as {self.passed} of {self.of} on an unbounded scale, expected a value")
        return scale_low + (scale_high - scale_low) * Fraction(self.passed, self.of)


def bar_positions(rule_out: Bar, rule_in: Bar | None, scale: Scale, riskier_when: RiskierWhen) -> tuple[Fraction, Fraction]:
    """Return where the rule-out and the rule-in bar stand; one published bar is both (statistics, global rule 2).

    Raises ``ValueError`` if a bar lies outside the scale, or on the wrong side of its partner for the direction of risk.
    """
    low, high = scale
    out = rule_out.position(low, high)
    into = rule_in.position(low, high) if rule_in else out
    for bar in (out, into):
        if (low is not None and bar < low) or (high is not None and bar > high):
            ends = " to ".join("no end" if end is None else f"{float(end):g}" for end in scale)
            raise ValueError(f"found a bar at {float(bar):g}, expected it on the scale {ends}")
    if (out > into) if riskier_when is RiskierWhen.HIGHER else (out < into):
        raise ValueError(f"found rule_out {float(out):g} riskier than rule_in {float(into):g}, expected it safer")
    return out, into


class EarlierBars(Cited):
    """Bars that stood here before, and why they no longer do. ``until_on`` is the first day without them."""

    rule_out: Bar
    rule_in: Bar | None = None
    from_on: Day | None = None
    until_on: Day
    words: Text


class SuccessAt(Cited):
    """From which score on a single trial counts as a success; at or beyond it, in the direction of risk, it does."""

    value: ExactNumber
    words: Text


class CoverageRule(StrEnum):
    """Which variants must have a usable score before a rule-out is possible."""

    EVERY_SNAPSHOT = "every_snapshot"
    PLANNED = "planned"  # what the assessment plan lists; without a plan, every snapshot
    SUPPLIED = "supplied"  # whatever was run: only where a citation says so


class Coverage(Cited):
    """The coverage rule with the reason for it."""

    require: CoverageRule
    words: Text


class LifecycleStatus(StrEnum):
    """What was declared of a criterion."""

    SATURATED = "saturated"
    RETIRED = "retired"
    NOT_LOAD_BEARING = "not_load_bearing"


class LifecycleEvent(Cited):
    """From ``from_on`` on, the criterion has this status."""

    status: LifecycleStatus
    from_on: Day
    words: Text


class _Criterion(Cited):
    slug: Slug
    title: Text
    evaluation: Slug
    version: Slug
    words: Text  # what the source says, in our words
    lifecycle: tuple[LifecycleEvent, ...] = ()


class _DatedBars(_Criterion):
    """Bars with the days on which they stand; ``until_on`` is the first day without them. On a day that no bars cover nothing is
    ruled out and nothing crosses."""

    compared: Compared
    decides: Decides = Decides.BOTH
    rule_out: Bar
    rule_in: Bar | None = None
    from_on: Day | None = added(None)
    until_on: Day | None = added(None)
    earlier: tuple[EarlierBars, ...] = added(())

    @model_validator(mode="after")
    def _one_pair_of_bars_a_day(self) -> Self:
        spans = [(each.from_on or date.min, each.until_on) for each in self.earlier]
        spans.append((self.from_on or date.min, self.until_on or date.max))
        for start, end in spans:
            if start >= end:
                raise ValueError(f"found bars from {start} until {end}, expected the first day before the last")
        if self.earlier and self.from_on is None:
            raise ValueError("found earlier bars and no from_on, expected the day from which the present ones stand")
        for (_, end), (start, _) in pairwise(sorted(spans)):
            if start < end:
                raise ValueError(f"found bars that stand until {end} and others from {start}, expected dates that do not overlap")
        return self

    def bars_on(self, day: date) -> tuple[Bar, Bar | None] | None:
        """Return the bars that stand on that day, or ``None``."""
        if (self.from_on or date.min) <= day < (self.until_on or date.max):
            return self.rule_out, self.rule_in
        for each in self.earlier:
            if (each.from_on or date.min) <= day < each.until_on:
                return each.rule_out, each.rule_in
        return None

    def dates_on(self, day: date) -> str | None:
        """Return in words from when and until when the bars of that day stand, or why none do; ``None`` where no dates are given."""
        if self.from_on is None and self.until_on is None and not self.earlier:
            return None
        spans = [(self.from_on, self.until_on), *((each.from_on, each.until_on) for each in self.earlier)]
        standing = [each for each in spans if (each[0] or date.min) <= day < (each[1] or date.max)]
        told = [_span(*each) for each in standing or spans]
        return f"stands {told[0]}" if standing else f"no bar stands on {day.isoformat()}; bars stood or will stand {', '.join(told)}"


def _span(start: date | None, end: date | None) -> str:
    began = f"from {start.isoformat()}" if start else "from the start"
    return f"{began} until {end.isoformat()}" if end else began


class ScoreCriterion(_DatedBars):
    """A score against bars. One published bar sets both; two leave a zone that decides nothing between them.

    ``version``, ``statistic``, ``k`` and ``scaffold`` are the comparability key: a run under another scaffold (or under one where
    the criterion names none) stands as a variant of its own. With ``success_at`` the criterion has two levels: each trial is a success
    from that score on, and the bars are percentages of trials.
    """

    shape: Literal["score"]
    statistic: Statistic
    k: Count | None = None
    scaffold: Slug | None = None
    success_at: SuccessAt | None = added(None)
    coverage: Coverage | None = None

    @model_validator(mode="after")
    def _two_levels_make_a_share(self) -> Self:
        if self.success_at is not None and self.statistic is not Statistic.SHARE:
            raise ValueError(f"found success_at with the statistic {self.statistic.value}, expected share: the part of trials that succeed")
        return self


class UpliftCriterion(_DatedBars):
    """An uplift trial against bars. Trials are not repeated on every snapshot, so coverage is a line of its own."""

    shape: Literal["uplift"]
    measure: UpliftMeasure
    coverage: Coverage


class QualitativeCriterion(_Criterion):
    """Experts answer a question in words; no bar exists, and only recorded human judgement can answer."""

    shape: Literal["qualitative"]
    question: Text


class UnquantifiedCriterion(_Criterion):
    """The source names a concern but prints no number to compare: nothing can be ruled out by it."""

    shape: Literal["unquantified"]


class GateCriterion(Cited):
    """A test that only decides whether a harder one is run. Reaching it says nothing by itself; while it is ruled out, the harder one
    may be left undone. Once the harder one is measured, that one decides."""

    shape: Literal["gate"]
    slug: Slug
    title: Text
    words: Text
    gate: Slug
    harder: Slug
    lifecycle: tuple[LifecycleEvent, ...] = ()

    @model_validator(mode="after")
    def _are_two(self) -> Self:
        if self.gate == self.harder:
            raise ValueError(f"found {self.gate} as gate and as harder, expected two criteria")
        return self


class CompoundCriterion(Cited):
    """Several criteria of the set combined: any of them, all of them, a majority, or k of n."""

    shape: Literal["compound"]
    slug: Slug
    title: Text
    words: Text
    rule: Rule
    k: Count | None = None
    parts: tuple[Slug, ...] = Field(min_length=1)
    lifecycle: tuple[LifecycleEvent, ...] = ()

    @model_validator(mode="after")
    def _k_fits(self) -> Self:
        expect_k(self.rule, self.k, len(self.parts))
        if self.rule is Rule.QUALITATIVE:
            raise ValueError("found the rule qualitative inside a set of indicators, expected it of a threshold: people judge the whole")
        return self


Criterion = Annotated[
    ScoreCriterion | UpliftCriterion | QualitativeCriterion | UnquantifiedCriterion | GateCriterion | CompoundCriterion,
    Field(discriminator="shape"),
]
SimpleCriterion = ScoreCriterion | UpliftCriterion | QualitativeCriterion | UnquantifiedCriterion


def crossings_needed(rule: Rule, k: int | None, parts: int) -> int:
    """Return how many of ``parts`` indicators must cross: any is 1, all is ``parts`` (statistics c5), a majority more than half.

    Of the worst domain one indicator is enough, and so it is of indicators beside people's judgement, which they only make more cautious.
    """
    if rule is Rule.K_OF_N and k is not None:
        return k
    if rule is Rule.MAJORITY:
        return parts // 2 + 1
    return parts if rule is Rule.ALL else 1


def expect_k(rule: Rule, k: int | None, parts: int) -> None:
    """Refuse a k that does not fit. Raises ``ValueError``."""
    if (rule is Rule.K_OF_N) != (k is not None):
        raise ValueError("found k without k_of_n or k_of_n without k, expected both or neither")
    if k is not None and not 1 <= k <= parts:
        raise ValueError(f"found k {k} of {parts}, expected 1 to {parts}")
