"""What was measured, as frozen records: one class is domain value, file format and API body at once.

The rules kept here: a record is refused when it is built, never repaired; a number is exact (a decimal, as written), finite
and never a boolean; what a source does not state is ``None``, never a default that looks like a measurement; a child (a
snapshot of a model, a score of a run) is written inside its parent and is named by a slug unique within it.

Left out: thresholds and bars. Evidence never names them; a policy names evaluations (see ``thresholds.policy``).
Left out: rows and identifiers, which belong to ``rsp.store``; its rows carry the same field names.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from evaluations.values import Count, Day, ExactNumber, Instant, Record, Slug, Text


class Visibility(StrEnum):
    """Who may read a text (docs/statistics.md, information classes H0 to H3)."""

    PUBLIC = "public"
    STAFF = "staff"
    RESTRICTED = "restricted"
    HAZARDOUS = "hazardous"


WITHHELD_FROM = frozenset({Visibility.RESTRICTED, Visibility.HAZARDOUS})
"""Classes H2 and H3: texts and numbers of such records stand in no answer and in no report; that they exist does."""


class Confidence(StrEnum):
    """How surely a figure stands in its source."""

    MEASURED = "measured"  # our own pipeline reported it
    VERBATIM = "verbatim"  # stands in the text of the cited document
    SECONDARY = "secondary"  # reported by another party about that document
    UNSURE = "unsure"  # read off a plot, or the document contradicts itself
    DERIVED = "derived"  # follows by a stated formula from other figures
    SYNTHETIC = "synthetic"  # made by a generator; describes no real system


class Sourced(Record):
    """What every record of evidence says of where it comes from. ``source`` is the slug of a ``Source``."""

    source: Slug
    source_at: Text | None = None
    confidence: Confidence = Confidence.MEASURED
    note: Text | None = None
    visibility: Visibility = Visibility.STAFF


class Source(Record):
    """A document or pipeline that evidence is taken from."""

    slug: Slug
    title: Text
    address: Text | None = None
    how_read: Text | None = None
    licence: Text | None = None
    published_on: Day | None = None


class ThreatDomain(Record):
    """A node of the tree of threat domains, such as CBRN > biological. A table, no enum."""

    slug: Slug
    name: Text
    parent: Slug | None = None


class Developer(Record):
    """Who trains models."""

    slug: Slug
    name: Text


class SnapshotKind(StrEnum):
    """What a snapshot was taken for (glossary, Models and variants)."""

    CHECKPOINT = "checkpoint"  # a point of one training run
    EARLY = "early"
    HELPFUL_ONLY = "helpful_only"
    RELEASE_CANDIDATE = "release_candidate"
    FINAL = "final"


class Snapshot(Sourced):
    """The weights of a model at one point of training: the thing an evaluation runs on.

    ``ordinal`` is its place in the order of training (unique within the model, gaps allowed); ``training_compute_flop`` is
    entered, with its basis, never guessed.
    """

    slug: Slug
    name: Text
    kind: SnapshotKind
    ordinal: Count
    parent: Slug | None = None
    created_on: Day | None = None
    training_step: Count | None = None
    training_tokens: ExactNumber | None = None
    training_compute_flop: ExactNumber | None = None
    training_compute_basis: Text | None = None

    @model_validator(mode="after")
    def _compute_has_a_basis(self) -> Self:
        if self.training_compute_flop is not None and self.training_compute_basis is None:
            raise ValueError("found training_compute_flop without training_compute_basis, expected how the number was made")
        return self


class Model(Sourced):
    """A named release family; snapshots of another model are never its evidence."""

    slug: Slug
    name: Text
    developer: Slug
    family: Slug | None = None
    released_on: Day | None = None
    parameters: ExactNumber | None = None
    snapshots: tuple[Snapshot, ...] = ()


class EvaluationKind(StrEnum):
    """What sort of test it is (glossary, Evaluations and thresholds on evaluations)."""

    BENCHMARK = "benchmark"
    AGENTIC_TASK = "agentic_task"
    CAPTURE_THE_FLAG = "capture_the_flag"
    EXPERT_GRADED = "expert_graded"
    EXPERT_RED_TEAM = "expert_red_team"
    UPLIFT_TRIAL = "uplift_trial"
    JUDGEMENT = "judgement"  # people answer a question of a policy in words
    SAFEGUARD = "safeguard"


class RiskierWhen(StrEnum):
    """Direction of risk of a metric."""

    HIGHER = "higher"
    LOWER = "lower"


class Sampling(StrEnum):
    """What the observations are a sample of; it decides what an interval may speak about (statistics, global rule 6)."""

    ITEMS = "items"  # items stand for the tasks we worry about
    TRIALS_OF_ONE_TASK = "trials_of_one_task"  # binomial over trials; says nothing about other tasks
    PARTICIPANTS = "participants"
    NOT_STATED = "not_stated"


class EvaluationVersion(Sourced):
    """One rubric, item set and scale. Two versions are never merged; a new rubric is a new version."""

    slug: Slug
    unit: Text
    riskier_when: RiskierWhen
    scale_low: ExactNumber | None = None
    scale_high: ExactNumber | None = None
    item_count: Count | None = None
    sampling: Sampling = Sampling.ITEMS
    rubric: Text | None = None

    @model_validator(mode="after")
    def _scale_runs_upward(self) -> Self:
        if self.scale_low is not None and self.scale_high is not None and not self.scale_low < self.scale_high:
            raise ValueError(f"found scale_low {self.scale_low} and scale_high {self.scale_high}, expected low below high")
        return self


PERCENT = frozenset({"percent", "%", "per cent"})


def same_spelling(unit: str) -> str:
    """Return a unit with the spellings of percent made one, so that two tellings of one unit compare equal."""
    unit = unit.strip().lower()
    return "percent" if unit in PERCENT else unit


class Evaluation(Sourced):
    """An empirical test meant to warn early that a capability is near."""

    slug: Slug
    name: Text
    kind: EvaluationKind
    domain: Slug | None = None
    versions: tuple[EvaluationVersion, ...] = Field(min_length=1)


class Thinking(StrEnum):
    """Whether the model could spend reasoning tokens first: part of a run, not of the snapshot."""

    STANDARD = "standard"
    EXTENDED = "extended"
    NOT_STATED = "not_stated"


class RunStatus(StrEnum):
    """How a run ended. Everything but ``completed`` leaves its variant a gap."""

    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    INVALIDATED = "invalidated"
    NOT_RUN = "not_run"
    WITHHELD = "withheld"


class Statistic(StrEnum):
    """What a score is. Two statistics are never compared without an explicit bridge."""

    MEAN = "mean"
    MEDIAN = "median"
    SHARE = "share"  # passed of trials
    PASS_AT_K = "pass_at_k"
    MAXIMUM = "maximum"
    RATIO = "ratio"
    TIME_HORIZON = "time_horizon"
    COUNT = "count"
    NOT_STATED = "not_stated"


class SpreadKind(StrEnum):
    """What the number behind a plus-minus sign means."""

    STANDARD_DEVIATION = "sd"
    STANDARD_ERROR = "se"
    INTERVAL_HALF_WIDTH = "ci"
    UNSPECIFIED = "unspecified"


class MeasureUnit(StrEnum):
    """What one unit of a measure's numbers is in a file of another program; ``not_stated`` where neither file nor values show it."""

    PROPORTION = "proportion"  # 0 to 1
    PERCENT = "percent"  # 0 to 100
    MINUTES = "minutes"
    POINTS = "points"  # on a scale of its own
    NOT_STATED = "not_stated"


_PASS_AT_K = Statistic.PASS_AT_K  # asked of every score, and to find it in its enum takes thrice as long
_HELD_TOGETHER = frozenset({"k", "passed", "trials", "spread", "spread_kind", "low", "high", "interval_level"})
"""Fields of a score that must fit each other or its statistic."""


class Score(Sourced):
    """One number reported for a run, as printed.

    ``passed`` of ``trials`` is a count (``passed`` may be fractional: a mean over repeated runs); ``items`` is how many items
    a mean is over and ``items_basis`` how that is known; ``runs`` how often the whole set was repeated. ``spread`` is the
    number after a plus-minus sign; ``low`` and ``high`` are a printed interval at ``interval_level``. A score with no value
    carries ``words``.
    """

    slug: Slug = "score"
    statistic: Statistic
    k: Count | None = None
    value: ExactNumber | None = None
    passed: ExactNumber | None = None
    trials: Count | None = None
    items: Count | None = None
    items_basis: Text | None = None
    runs: Count | None = None
    spread: ExactNumber | None = None
    spread_kind: SpreadKind | None = None
    low: ExactNumber | None = None
    high: ExactNumber | None = None
    interval_level: ExactNumber | None = None
    as_printed: Text | None = None
    words: Text | None = None

    @model_validator(mode="after")
    def _says_something_consistent(self) -> Self:
        # Most scores are a value with nothing beside it that it must fit, and to see that takes half of looking at everything.
        told = self.value is not None and self.items != 0 and self.statistic is not _PASS_AT_K
        if not (told and self.model_fields_set.isdisjoint(_HELD_TOGETHER)):
            self._expect_consistent()
        return self

    def _expect_consistent(self) -> None:
        if self.value is None and self.passed is None and self.words is None:
            raise ValueError("found neither value nor passed nor words, expected one of them")
        if (self.passed is None) != (self.trials is None):
            raise ValueError("found only one of passed and trials, expected both or neither")
        if self.passed is not None and self.trials is not None and not 0 <= self.passed <= self.trials:
            raise ValueError(f"found passed {self.passed} of trials {self.trials}, expected 0 to {self.trials}")
        if self.trials == 0 or self.items == 0:
            raise ValueError("found a score over zero observations, expected at least one")
        if (self.spread is None) != (self.spread_kind is None):
            raise ValueError("found only one of spread and spread_kind, expected both (spread_kind may be unspecified)")
        if self.spread is not None and self.spread < 0:
            raise ValueError(f"found spread {self.spread}, expected 0 or more")
        if len({self.low is None, self.high is None, self.interval_level is None}) != 1:
            raise ValueError("found part of low, high, interval_level, expected all three or none")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"found low {self.low} above high {self.high}, expected low first")
        if self.low is not None and self.high is not None and self.value is not None and not self.low <= self.value <= self.high:
            raise ValueError(f"found value {self.value} outside its own interval {self.low} to {self.high}, expected it inside")
        if self.interval_level is not None and not 0 < self.interval_level < 1:
            raise ValueError(f"found interval_level {self.interval_level}, expected between 0 and 1, such as 0.95")
        if (self.statistic is _PASS_AT_K) != (self.k is not None):
            raise ValueError("found k without pass_at_k or pass_at_k without k, expected both or neither")


class ItemResult(Record):
    """The attempts on one item of a run, in order; ``None`` is an attempt nobody could score. ``cluster`` names what makes
    items rise and fall together (a passage, a target, a family); the highest such level (Miller 2024). ``human_minutes`` is how
    long a skilled person needs for the item, as measured or estimated by the source."""

    item: Slug
    cluster: Slug | None = None
    human_minutes: ExactNumber | None = None
    attempts: tuple[ExactNumber | None, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _takes_some_time(self) -> Self:
        if self.human_minutes is not None and not self.human_minutes > 0:
            raise ValueError(f"found human_minutes {self.human_minutes}, expected more than 0, or nothing where it is not known")
        return self


class Run(Sourced):
    """One evaluation version on one snapshot under one way of eliciting. ``snapshot`` is ``None`` where the source does not say."""

    slug: Slug
    model: Slug
    snapshot: Slug | None
    evaluation: Slug
    version: Slug
    thinking: Thinking = Thinking.NOT_STATED
    scaffold: Slug | None = None
    token_budget: Count | None = None
    tools: Text | None = None
    status: RunStatus = RunStatus.COMPLETED
    status_reason: Text | None = None
    measured_at: Instant | None = None
    scores: tuple[Score, ...] = ()
    items: tuple[ItemResult, ...] = ()

    @model_validator(mode="after")
    def _status_is_explained(self) -> Self:
        if self.status is not RunStatus.COMPLETED and self.status_reason is None:
            raise ValueError(f"found status {self.status.value} without status_reason, expected why")
        if self.status is RunStatus.COMPLETED and not self.scores and not self.items:
            raise ValueError("found a completed run without scores or items, expected one of them, or another status")
        return self
