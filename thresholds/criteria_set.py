"""A criteria set as data: the bars of one card or document for one policy version, and how they combine.

The rules kept here: a set names its policy; every criterion it uses stands in it, once, and none contains itself; where the set says
what it takes an evaluation to be (unit, scale, direction of risk), every evaluation it names is among them, and a bar off its scale
or on the wrong side of its partner is refused when the file is read. A released file never changes: a fix is a new file that names
the one it ``corrects`` and takes its place.

Left out: what one criterion is (``thresholds.criterion``), and deciding (``thresholds.verdicts``).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from evaluations.records import EvaluationKind, RiskierWhen
from evaluations.values import Count, Day, ExactNumber, MisfitError, Slug, Text, added
from thresholds.citation import Cited
from thresholds.criterion import (
    PERCENT_SCALE,
    RATIO_SCALE,
    Bar,
    CompoundCriterion,
    Coverage,
    Criterion,
    GateCriterion,
    QualitativeCriterion,
    Scale,
    ScoreCriterion,
    UpliftCriterion,
    bar_positions,
    expect_k,
)
from thresholds.outcomes import Rule, UpliftMeasure
from thresholds.policy import Misfit, reached, twice
from thresholds.safeguards import SafeguardKind


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
        expect_k(self.rule, self.k, len(self.criteria))
        return self


class ExpectedEvaluation(Cited):
    """What the set takes an evaluation to be. Evidence that declares it otherwise is refused; evidence that never mentions it leaves
    its criteria without a measurement."""

    slug: Slug
    version: Slug
    name: Text
    kind: EvaluationKind
    domain: Slug | None = None
    unit: Text
    riskier_when: RiskierWhen
    scale_low: ExactNumber | None = None
    scale_high: ExactNumber | None = None

    @property
    def scale(self) -> Scale:
        """The two ends of the scale, exactly; ``None`` where it is open."""
        low, high = self.scale_low, self.scale_high
        return None if low is None else Fraction(low), None if high is None else Fraction(high)


class SafeguardEvidence(Cited):
    """An evaluation that measures how well safeguards of one kind work. It is shown beside them and decides nothing."""

    kind: SafeguardKind
    evaluation: Slug
    version: Slug
    words: Text


class CriteriaSet(Cited):
    """The bars of one card or document for one policy version, file format ``rsp-criteria/1``."""

    format: Literal["rsp-criteria/1"]
    slug: Slug
    policy: Slug
    corrects: Slug | None = added(None)
    title: Text
    published_on: Day
    error_level: ErrorLevel
    coverage: Coverage
    evaluations: tuple[ExpectedEvaluation, ...] = added(())
    thresholds: tuple[ThresholdCriteria, ...] = Field(min_length=1)
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    safeguard_evidence: tuple[SafeguardEvidence, ...] = added(())
    unread: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        misfits = [*self._twice(), *self._unknown()]
        if not misfits:  # a circle, or a missing judgement, can only be told of names that are known
            misfits = [*self._circles(), *self._without_judgement(), *self._undeclared()]
        if misfits:
            raise MisfitError(misfits)
        return self

    def criterion(self, slug: Slug) -> Criterion:
        """Return the criterion of that name; unknown names were refused when the set was built."""
        return next(each for each in self.criteria if each.slug == slug)

    def expected(self, evaluation: Slug, version: Slug) -> ExpectedEvaluation | None:
        """Return what the set takes that evaluation to be, if it says so."""
        return next((each for each in self.evaluations if (each.slug, each.version) == (evaluation, version)), None)

    def _twice(self) -> Iterator[Misfit]:
        yield from twice(("criteria",), "criterion", [each.slug for each in self.criteria])
        named = [each.threshold for each in self.thresholds]
        for place, slug in enumerate(named):
            if slug in named[:place]:
                yield ("thresholds", place, "threshold"), f"threshold {slug} twice", "each threshold once"
        for place, line in enumerate(self.thresholds):
            yield from _again(("thresholds", place, "criteria"), line.criteria)
        for place, criterion in enumerate(self.criteria):
            if isinstance(criterion, CompoundCriterion):
                yield from _again(("criteria", place, criterion.shape, "parts"), criterion.parts)
        declared = [(each.slug, each.version) for each in self.evaluations]
        for place, each in enumerate(declared):
            if each in declared[:place]:
                yield ("evaluations", place, "slug"), f"evaluation {each[0]} version {each[1]} twice", "each version once"

    def _unknown(self) -> Iterator[Misfit]:
        known = sorted({each.slug for each in self.criteria})
        for place, line in enumerate(self.thresholds):
            for index, slug in enumerate(line.criteria):
                if slug not in known:
                    yield ("thresholds", place, "criteria", index), f"criterion {slug}", f"one of {', '.join(known)}"
        for place, criterion in enumerate(self.criteria):
            for name, slug in named_parts(criterion):
                if slug not in known:
                    yield ("criteria", place, criterion.shape, *name), f"criterion {slug}", f"one of {', '.join(known)}"

    def _circles(self) -> Iterator[Misfit]:
        ways = {each.slug: tuple(slug for _, slug in named_parts(each)) for each in self.criteria}
        for place, criterion in enumerate(self.criteria):
            if criterion.slug in reached(criterion.slug, ways):
                yield ("criteria", place), f"criterion {criterion.slug} inside itself", "parts that end"

    def _without_judgement(self) -> Iterator[Misfit]:
        ways = {each.slug: tuple(slug for _, slug in named_parts(each)) for each in self.criteria}
        for place, line in enumerate(self.thresholds):
            if line.rule is not Rule.QUALITATIVE:
                continue
            if not any(isinstance(self.criterion(slug), QualitativeCriterion) for slug in line.criteria):
                yield ("thresholds", place, "criteria"), "the rule qualitative without a qualitative criterion", "one that people answer"
            for index, slug in enumerate(line.criteria):
                for inner in sorted(reached(slug, ways)):
                    if isinstance(self.criterion(inner), QualitativeCriterion):
                        found = f"criterion {slug}, with the judgement {inner} inside"
                        yield ("thresholds", place, "criteria", index), found, "people's judgement beside the indicators, not inside one"

    def _undeclared(self) -> Iterator[Misfit]:
        """Yield what does not fit the evaluations that the set declares; a set that declares none is checked when evidence meets it."""
        if not self.evaluations:
            return
        known = ", ".join(sorted({each.slug for each in self.evaluations}))
        for place, criterion in enumerate(self.criteria):
            if isinstance(criterion, CompoundCriterion | GateCriterion):
                continue
            expected = self.expected(criterion.evaluation, criterion.version)
            here = ("criteria", place, criterion.shape)
            if expected is None:
                found = f"evaluation {criterion.evaluation} version {criterion.version}"
                yield (*here, "evaluation"), found, f"one that the set declares under evaluations: {known}"
            elif isinstance(criterion, ScoreCriterion | UpliftCriterion):
                yield from _off_bars(criterion, expected, here)
        for place, each in enumerate(self.safeguard_evidence):
            if self.expected(each.evaluation, each.version) is None:
                found = f"evaluation {each.evaluation} version {each.version}"
                yield ("safeguard_evidence", place, "evaluation"), found, f"one that the set declares under evaluations: {known}"


def _again(path: tuple[str | int, ...], slugs: tuple[Slug, ...]) -> Iterator[Misfit]:
    """Yield a misfit for a criterion that is named again in one list: it would be counted twice."""
    for place, slug in enumerate(slugs):
        if slug in slugs[:place]:
            yield (*path, place), f"criterion {slug} twice", "each criterion once"


def named_parts(criterion: Criterion) -> list[tuple[tuple[str | int, ...], Slug]]:
    """Return the criteria that one is made of, each with the place where it is named; of a simple one, none."""
    if isinstance(criterion, GateCriterion):
        return [(("gate",), criterion.gate), (("harder",), criterion.harder)]
    if isinstance(criterion, CompoundCriterion):
        return [(("parts", place), slug) for place, slug in enumerate(criterion.parts)]
    return []


def bar_scale(criterion: ScoreCriterion | UpliftCriterion, scale: Scale, riskier_when: RiskierWhen) -> tuple[Scale, RiskierWhen]:
    """Return the scale that a criterion's bars stand on, and which way risk rises on it."""
    if isinstance(criterion, UpliftCriterion) and criterion.measure is UpliftMeasure.RATIO:
        return RATIO_SCALE, riskier_when
    if isinstance(criterion, ScoreCriterion) and criterion.success_at is not None:
        return PERCENT_SCALE, RiskierWhen.HIGHER  # the more trials succeed the riskier, whichever way a single score runs
    return scale, riskier_when


def _off_bars(criterion: ScoreCriterion | UpliftCriterion, expected: ExpectedEvaluation, here: tuple[str | int, ...]) -> Iterator[Misfit]:
    scale, riskier_when = bar_scale(criterion, expected.scale, expected.riskier_when)
    cutoff = criterion.success_at if isinstance(criterion, ScoreCriterion) else None
    if cutoff is not None and not _is_on(cutoff.value, expected.scale):
        yield (*here, "success_at", "value"), f"success_at {cutoff.value:f}", f"a score on the scale of a trial, {_ends(expected.scale)}"
    pairs: list[tuple[tuple[str | int, ...], Bar, Bar | None]] = [(here, criterion.rule_out, criterion.rule_in)]
    pairs += [((*here, "earlier", place), each.rule_out, each.rule_in) for place, each in enumerate(criterion.earlier)]
    for path, rule_out, rule_in in pairs:
        try:
            bar_positions(rule_out, rule_in, scale, riskier_when)
        except ValueError as refused:
            found, _, wanted = str(refused).removeprefix("found ").partition(", expected ")
            yield (*path, "rule_out"), found, wanted


def _is_on(value: Decimal, scale: Scale) -> bool:
    low, high = scale
    return (low is None or value >= low) and (high is None or value <= high)


def _ends(scale: Scale) -> str:
    return " to ".join("no end" if end is None else f"{float(end):g}" for end in scale)
