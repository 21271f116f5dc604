"""A file of cases as data, ``rsp-cases/1``: a sentence, the evidence it is about, and what must follow from it.

The rules kept here: a case says in a sentence what it holds; everything it does not mention is quiet (one snapshot, a completed run, the
statistic and version of its criterion); a case that expects nothing does not load; a plus-minus says what it means, as evidence does.

Left out: whether a case fits its criteria set (``thresholds.case_fit``), the evidence that it stands for (``thresholds.case_evidence``) and
judging it (``thresholds.casebook``). Left out on purpose: interim looks and covariates of a trial, which evidence files can say.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from evaluations.history import RelationKind
from evaluations.records import RiskierWhen, RunStatus, Sampling, SpreadKind, Statistic, Thinking
from evaluations.trials import Leaning
from evaluations.values import Count, Day, ExactNumber, Record, Slug, Text
from thresholds.outcomes import FindingOutcome, SubLabel, VerdictOutcome

ALL, NOT_STATED = "all", "not_stated"  # instead of a snapshot's name: every snapshot of the case; the source does not say which
MOST_ITEMS = 100_000  # our choice: more items than any set of cases needs, and few enough to be built


class CaseEvaluation(Record):
    """What an evaluation is, as far as judging needs it; only where the criteria set does not declare it, or says less."""

    slug: Slug
    version: Slug
    unit: Text
    riskier_when: RiskierWhen
    scale_low: ExactNumber | None = None
    scale_high: ExactNumber | None = None
    item_count: Count | None = None
    sampling: Sampling = Sampling.ITEMS


class _Spread(Record):
    """A plus-minus by what it means: standard deviation, standard error, half an interval, or nobody defined it."""

    sd: ExactNumber | None = None
    se: ExactNumber | None = None
    ci: ExactNumber | None = None
    plus_minus: ExactNumber | None = None

    @property
    def spread(self) -> tuple[Decimal, SpreadKind] | None:
        """The number after the plus-minus sign and what it is, if there is one."""
        return next(iter(self._spreads()), None)

    def _spreads(self) -> list[tuple[Decimal, SpreadKind]]:
        kinds = {
            "sd": SpreadKind.STANDARD_DEVIATION,
            "se": SpreadKind.STANDARD_ERROR,
            "ci": SpreadKind.INTERVAL_HALF_WIDTH,
            "plus_minus": SpreadKind.UNSPECIFIED,
        }
        return [(getattr(self, name), kind) for name, kind in kinds.items() if getattr(self, name) is not None]

    @model_validator(mode="after")
    def _means_one_thing(self) -> Self:
        if len(self._spreads()) > 1:
            raise ValueError("found several of sd, se, ci and plus_minus, expected one: what the number means")
        return self


class CaseItems(Record):
    """So many ``items`` with the same scores, one an attempt, on the evaluation's scale (of a share, 1 passed and 0 failed); ``null`` is an
    attempt nobody could score."""

    items: Annotated[Count, Field(ge=1, le=MOST_ITEMS)] = 1
    scores: tuple[ExactNumber | None, ...] = Field(min_length=1)
    cluster: Slug | None = None
    human_minutes: ExactNumber | None = None


class ScoreLine(_Spread):
    """What was measured: so many ``passed`` of ``of``, or a ``value``, or ``attempts`` item by item, or only that a run ended otherwise.

    It stands for one run on each snapshot and in each mode of ``thinking`` that it names.
    """

    criterion: Slug | None = None
    evaluation: Slug | None = None
    version: Slug | None = None
    snapshot: Slug = ALL
    thinking: tuple[Thinking, ...] = Field(default=(Thinking.NOT_STATED,), min_length=1)
    scaffold: Slug | None = None
    statistic: Statistic | None = None
    k: Count | None = None
    passed: ExactNumber | None = None
    of: Count | None = None
    value: ExactNumber | None = None
    items: Count | None = None
    runs: Count | None = None
    low: ExactNumber | None = None
    high: ExactNumber | None = None
    level: ExactNumber | None = None
    attempts: tuple[CaseItems, ...] = ()
    status: RunStatus = RunStatus.COMPLETED

    @model_validator(mode="after")
    def _measures_something_or_says_why_not(self) -> Self:
        if (self.passed is None) != (self.of is None):
            raise ValueError("found only one of passed and of, expected both or neither")
        numbers = [self.passed is not None or self.value is not None, bool(self.attempts)]
        if self.status is RunStatus.COMPLETED and not any(numbers):
            raise ValueError(
                "found a run without passed, value or attempts, expected one of them, or the status of a run that did not complete"
            )
        if sum(each.items for each in self.attempts) > MOST_ITEMS:
            raise ValueError(f"found more than {MOST_ITEMS} items, expected fewer")
        if self.evaluation is not None and self.criterion is not None:
            raise ValueError("found criterion and evaluation, expected one: the criterion names its evaluation")
        return self


class CaseArm(_Spread):
    """One group of a trial: a ``mean`` with what is known of its spread and its ``n``, or the scores of its ``people``."""

    mean: ExactNumber | None = None
    n: Count | None = None
    people: tuple[ExactNumber, ...] = ()

    @model_validator(mode="after")
    def _is_a_mean_or_people(self) -> Self:
        if bool(self.people) == (self.mean is not None):
            raise ValueError("found both or neither of mean and people, expected one of them")
        return self


class CaseCohort(Record):
    """People of the same background, with and without the model."""

    control: CaseArm
    model: CaseArm


class TrialLine(Record):
    """An uplift trial, cohort by cohort."""

    criterion: Slug | None = None
    evaluation: Slug | None = None
    version: Slug | None = None
    snapshot: Slug = NOT_STATED
    trial: tuple[CaseCohort, ...] = Field(min_length=1)


class SignOff(StrEnum):
    """Whether somebody answerable put their name to a judgement."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    SIGNED_LATER = "signed_later"  # after the day on which the case is judged


class JudgementLine(Record):
    """What people said: which way they lean, and whether it was signed off."""

    criterion: Slug | None = None
    evaluation: Slug | None = None
    version: Slug | None = None
    snapshot: Slug = NOT_STATED
    judged: Leaning
    sign_off: SignOff = SignOff.UNSIGNED
    by: Text = "Experts"


def _kind(line: Any) -> str:
    """Say which kind of evidence a line is, by the one key that only this kind has."""
    has = line.keys() if isinstance(line, dict) else type(line).model_fields if isinstance(line, Record) else ()
    return "trial" if "trial" in has else "judgement" if "judged" in has else "score"


EvidenceLine = Annotated[
    Annotated[ScoreLine, Tag("score")] | Annotated[TrialLine, Tag("trial")] | Annotated[JudgementLine, Tag("judgement")],
    Discriminator(_kind),
]


class PlanLine(Record):
    """What was to be measured: each criterion's evaluation on each snapshot in each mode. Quiet: the case's, on all."""

    criteria: tuple[Slug, ...] = ()
    snapshots: tuple[Slug, ...] = ()
    thinking: tuple[Thinking, ...] = Field(default=(Thinking.NOT_STATED,), min_length=1)


class DropLine(Record):
    """A named person's explanation of a sudden drop between two snapshots."""

    criterion: Slug | None = None
    before: Slug
    after: Slug
    by: Text = "R. Reviewer"
    words: Text


class RelatedLine(Record):
    """How the model stands to another one, and what was found of that one: on the thresholds named, else on every threshold."""

    kind: RelationKind
    verdict: VerdictOutcome
    thresholds: tuple[Slug, ...] = ()
    sign_off: SignOff = SignOff.UNSIGNED
    domain: Slug | None = None


class Expectation(Record):
    """What must follow. ``finding``, ``verdict``, ``sub_label`` and ``deciding_snapshot`` are of the case's criterion; ``threshold`` and
    ``safeguards`` of its threshold; ``thresholds`` of whichever are named. A ``sub_label`` of ``none`` says that there is none."""

    finding: FindingOutcome | None = None
    verdict: VerdictOutcome | None = None
    sub_label: SubLabel | Literal["none"] | None = None
    deciding_snapshot: Slug | None = None
    threshold: VerdictOutcome | None = None
    thresholds: dict[Slug, VerdictOutcome] = Field(default_factory=dict)
    safeguards: tuple[Slug, ...] | None = None  # exactly these are in force; an empty list: none

    @property
    def of_a_criterion(self) -> tuple[str, ...]:
        """The fields given that only a criterion can answer."""
        return tuple(name for name in ("finding", "verdict", "sub_label", "deciding_snapshot") if getattr(self, name) is not None)

    @property
    def of_the_threshold(self) -> tuple[str, ...]:
        """The fields given that only the case's threshold can answer."""
        return tuple(name for name in ("threshold", "safeguards") if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        if not (self.of_a_criterion or self.of_the_threshold or self.thresholds):
            raise ValueError("found nothing that must follow, expected a finding, a verdict, a threshold's verdict or safeguards")
        return self


class Case(Record):
    """One case: a sentence a colleague can check, the evidence, and what must follow from it."""

    case: Text
    criterion: Slug | None = None
    threshold: Slug | None = None
    judged_on: Day | None = None  # quiet: the day on which the criteria set was published
    snapshots: tuple[Slug, ...] = Field(default=("final",), min_length=1)  # in the order of training
    evidence: tuple[EvidenceLine, ...] = ()
    plan: tuple[PlanLine, ...] = ()
    drop_answers: tuple[DropLine, ...] = ()
    related: tuple[RelatedLine, ...] = ()
    expect: Expectation

    @model_validator(mode="after")
    def _snapshots_have_names_of_their_own(self) -> Self:
        for slug in self.snapshots:
            if slug in (ALL, NOT_STATED) or self.snapshots.count(slug) > 1:
                raise ValueError(f"found the snapshot {slug}, expected a name once, and neither {ALL} nor {NOT_STATED}")
        return self

    @model_validator(mode="after")
    def _says_what_it_is_about(self) -> Self:
        if self.expect.of_a_criterion and self.criterion is None:
            raise ValueError(f"found {', '.join(self.expect.of_a_criterion)} expected of no criterion, expected the case to name one")
        return self


class CaseFile(Record):
    """The cases of one criteria set, file format ``rsp-cases/1``."""

    format: Literal["rsp-cases/1"]
    criteria: Slug
    words: Text | None = None
    evaluations: tuple[CaseEvaluation, ...] = ()
    cases: tuple[Case, ...] = Field(min_length=1)
