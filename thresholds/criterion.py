"""A criteria set as data: the bars by which evaluations speak to the thresholds of one policy version.

The rules kept here: every bar carries its own citation and basis, and without one the file does not load; a criterion names
what is compared (the point, or the bound), the statistic, and which snapshots must have been measured; a criterion's
lifecycle (saturated, retired, not load-bearing) is a dated event, so that what a later card declares does not change an
earlier verdict. There is no rule language: a shape is a Python class, and a new shape is a reviewed change.

Left out: deciding (``thresholds.findings``, ``thresholds.verdicts``).
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evaluations.records import Statistic
from evaluations.values import Count, Day, ExactNumber, Slug, Text
from thresholds.outcomes import Compared, Decides, Rule, UpliftMeasure
from thresholds.policy import Cited


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


class ScoreCriterion(_Criterion):
    """A score against bars. One published bar sets both; two leave a zone that decides nothing between them.

    ``version``, ``statistic``, ``k`` and ``scaffold`` are the comparability key: a run under another scaffold (or under one where
    the criterion names none) stands as a variant of its own.
    """

    shape: Literal["score"]
    statistic: Statistic
    k: Count | None = None
    scaffold: Slug | None = None
    compared: Compared
    decides: Decides = Decides.BOTH
    rule_out: Bar
    rule_in: Bar | None = None
    coverage: Coverage | None = None


class UpliftCriterion(_Criterion):
    """An uplift trial against bars. Trials are not repeated on every snapshot, so coverage is a line of its own."""

    shape: Literal["uplift"]
    measure: UpliftMeasure
    compared: Compared
    decides: Decides = Decides.BOTH
    rule_out: Bar
    rule_in: Bar | None = None
    coverage: Coverage


class QualitativeCriterion(_Criterion):
    """Experts answer a question in words; no bar exists, and only recorded human judgement can answer."""

    shape: Literal["qualitative"]
    question: Text


class UnquantifiedCriterion(_Criterion):
    """The source names a concern but prints no number to compare: nothing can be ruled out by it."""

    shape: Literal["unquantified"]


class CompoundCriterion(Cited):
    """Several criteria of the set combined: any of them, all of them, or k of n."""

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
        _expect_k(self.rule, self.k, len(self.parts))
        return self


Criterion = Annotated[
    ScoreCriterion | UpliftCriterion | QualitativeCriterion | UnquantifiedCriterion | CompoundCriterion, Field(discriminator="shape")
]
MeasuredCriterion = ScoreCriterion | UpliftCriterion


class ErrorLevel(Cited):
    """The one-sided error level of a rule-out, and family-wise of a rule-in (0.025 shows as a 95 % interval)."""

    one_sided: ExactNumber
    words: Text

    @model_validator(mode="after")
    def _is_an_error_level(self) -> Self:
        if not 0 < self.one_sided * 2 < 1:
            raise ValueError(f"found one_sided {self.one_sided}, expected above 0 and under 0.5")
        return self


class ThresholdCriteria(Cited):
    """Which criteria speak to one threshold, and how they combine."""

    threshold: Slug
    rule: Rule
    k: Count | None = None
    criteria: tuple[Slug, ...]
    words: Text

    @model_validator(mode="after")
    def _k_fits(self) -> Self:
        _expect_k(self.rule, self.k, len(self.criteria))
        return self


class CriteriaSet(Cited):
    """The bars of one card or document for one policy version, file format ``rsp-criteria/1``."""

    format: Literal["rsp-criteria/1"]
    slug: Slug
    policy: Slug
    title: Text
    published_on: Day
    error_level: ErrorLevel
    coverage: Coverage
    thresholds: tuple[ThresholdCriteria, ...] = Field(min_length=1)
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    unread: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique_and_known(self) -> Self:
        known = [each.slug for each in self.criteria]
        for slug in known:
            if known.count(slug) > 1:
                raise ValueError(f"found criterion {slug} twice, expected each once")
        named = [line.threshold for line in self.thresholds]
        for line in self.thresholds:
            self._expect_known(line.criteria)
            if named.count(line.threshold) > 1:
                raise ValueError(f"found threshold {line.threshold} twice, expected each once")
        for criterion in self.criteria:
            if isinstance(criterion, CompoundCriterion):
                self._expect_known(criterion.parts)
                self._expect_no_circle(criterion, ())
        return self

    def _expect_known(self, slugs: tuple[Slug, ...]) -> None:
        known = {each.slug for each in self.criteria}
        for slug in slugs:
            if slug not in known:
                raise ValueError(f"found criterion {slug}, expected one of {', '.join(sorted(known))}")

    def _expect_no_circle(self, criterion: CompoundCriterion, seen: tuple[Slug, ...]) -> None:
        if criterion.slug in seen:
            raise ValueError(f"found criterion {criterion.slug} inside itself, expected parts that end")
        for part in criterion.parts:
            inner = self.criterion(part)
            if isinstance(inner, CompoundCriterion):
                self._expect_no_circle(inner, (*seen, criterion.slug))

    def criterion(self, slug: Slug) -> Criterion:
        """Return the criterion of that name; unknown names were refused when the set was built."""
        return next(each for each in self.criteria if each.slug == slug)


def crossings_needed(rule: Rule, k: int | None, parts: int) -> int:
    """Return how many of ``parts`` indicators must cross: any is 1, all is ``parts`` (statistics c5)."""
    if rule is Rule.K_OF_N and k is not None:
        return k
    return 1 if rule is Rule.ANY else parts


def _expect_k(rule: Rule, k: int | None, parts: int) -> None:
    if (rule is Rule.K_OF_N) != (k is not None):
        raise ValueError("found k without k_of_n or k_of_n without k, expected both or neither")
    if k is not None and not 1 <= k <= parts:
        raise ValueError(f"found k {k} of {parts}, expected 1 to {parts}")
