"""Turns what a log tells into records, once somebody has said which snapshot and which version of an evaluation are meant.

The rules kept here: which measure counts is said, or is the file's own headline, or is the only one; of several the first is never taken in
silence. Numbers are brought to the version's scale exactly, by moving the decimal point and nothing else, and that is told; where neither
file nor scale settles the unit, nobody guesses it. A run never becomes more complete than its log, and one over fewer items than its
version has is partial. One log is one source, and one run for each version of an evaluation it is assigned to, always of the same name.

Left out: who is meant by which name, which needs the record (``rsp.submitting``). Left out: figures in squared units, such as variances,
where the scale changes: they would need another factor, and no bar is held against them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from evaluations.evidence import FORMAT, EvidenceFile
from evaluations.readers.log_reading import LogFormat, LogReading, Measure, MeasureUnit, StatedNames, source_slug
from evaluations.records import Confidence, EvaluationVersion, ItemResult, Run, RunStatus, Score, Source, Statistic, Thinking
from evaluations.values import Count, Record, Slug, Spelled, Text

OFF_SCALE = frozenset({Statistic.RATIO, Statistic.COUNT, Statistic.TIME_HORIZON})  # they carry a unit of their own
ON_SCALE = frozenset({Statistic.MEAN, Statistic.SHARE, Statistic.MEDIAN, Statistic.MAXIMUM, Statistic.PASS_AT_K})
SQUARED = ("var", "variance")
SCALED = ("value", "spread", "low", "high")
LONGEST_WARNING = 2_000  # characters, as readers bound theirs
PREFIX = 80  # characters of a run's name that tell the evaluation; with a dash and the digest it stays a name
DIGEST = 16  # hexadecimal digits, as source_slug has


class Assignment(Record):
    """What one log means here. ``measure`` is ``None`` where the file's own choice, or its only measure, is meant."""

    model: Slug
    snapshot: Slug
    evaluation: Slug
    version: Slug
    measure: Spelled | None = None
    unit: MeasureUnit = MeasureUnit.NOT_STATED
    confidence: Confidence = Confidence.MEASURED


class ChosenNames(Record):
    """What a sender says of a log beside the log; everything that is left out is looked up. It outranks what the file states."""

    model: Slug | None = None
    snapshot: Slug | None = None
    evaluation: Slug | None = None
    version: Slug | None = None
    measure: Spelled | None = None
    unit: MeasureUnit = MeasureUnit.NOT_STATED
    confidence: Confidence = Confidence.MEASURED


NOTHING_CHOSEN = ChosenNames()


class SentReading(Record):
    """A reading as a client sends it: what the log told, and what the sender says of it. No transcript is in it."""

    reading: LogReading
    chosen: ChosenNames = NOTHING_CHOSEN

    def identity(self) -> str:
        """Return the digest that the same reading has at every door, however its JSON was spaced."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class LogAnnouncement(Record):
    """A log that is about to be written: everything about its run but the outcome, in the names of the program that will write it."""

    format: LogFormat
    log_id: Spelled
    model: Spelled
    snapshot_hint: Spelled | None = None
    task: Spelled
    task_version: Spelled | None = None
    stated: StatedNames = StatedNames()
    thinking: Thinking = Thinking.NOT_STATED
    token_budget: Count | None = None
    scaffold: Slug | None = None
    tools: Text | None = None
    planned_items: Count | None = None


class SentAnnouncement(Record):
    """An announcement as a client sends it, before the run starts."""

    announcement: LogAnnouncement
    chosen: ChosenNames = NOTHING_CHOSEN

    def identity(self) -> str:
        """Return the digest that the same announcement has at every door."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


@dataclass(frozen=True)
class Derivation:
    """One thing of the run that was worked out: its field, the value, and from what."""

    field: str
    value: str
    basis: str


@dataclass(frozen=True)
class Assigned:
    """The records that a log became, and what is to be told of them."""

    file: EvidenceFile
    derived: tuple[Derivation, ...]
    warnings: tuple[str, ...]

    @property
    def run(self) -> Run:
        """The one run of the log."""
        return self.file.runs[0]


class AssignmentError(ValueError):
    """A log cannot be what somebody said it is: what was found, what was expected, and which field of the assignment decides it."""

    def __init__(self, field: str, found: str, expected: str) -> None:
        self.field, self.found, self.expected = field, found, expected
        super().__init__(f"{field}: found {found}, expected {expected}")


class Shift(IntEnum):
    """By how many places the decimal point moves to the right."""

    NONE = 0
    TO_PERCENT = 2
    TO_PROPORTION = -2


def run_slug(log_format: LogFormat, log_id: str, evaluation: Slug, version: Slug) -> Slug:
    """Return the name of the run that one log is under one version: known before the run starts, and the same however often it is read."""
    digest = hashlib.sha256("\n".join((log_format.value, log_id, evaluation, version)).encode()).hexdigest()[:DIGEST]
    return f"{evaluation[:PREFIX]}-{digest}"


def as_evidence(reading: LogReading, assignment: Assignment, version: EvaluationVersion) -> Assigned:
    """Return the source and the run that a log becomes. Raises ``AssignmentError``."""
    derived: list[Derivation] = []
    warnings = list(reading.warnings)
    measure = _chosen(reading, assignment, derived)
    status, reason = reading.status, reading.status_reason
    scores: tuple[Score, ...] = ()
    items: tuple[ItemResult, ...] = ()
    if measure is not None:
        _expect_direction(measure, version)
        shift = _shift(measure, assignment, version, derived)
        scores, items = _shifted(measure, shift, warnings)
        scores = tuple(_on_scale(scores, version, measure, warnings))
        status, reason = _completeness(reading, measure, version, warnings)
    if status is RunStatus.COMPLETED and not scores and not items:
        status, reason = RunStatus.PARTIAL, "the log tells of no result"
    if status is not RunStatus.COMPLETED:
        warnings.append(f"the run is {status.value} and rules nothing out: {reason}"[:LONGEST_WARNING])
    run = Run(
        slug=run_slug(reading.format, reading.log_id, assignment.evaluation, assignment.version),
        source=source_slug(reading.format, reading.log_id),
        source_at=None if measure is None else f"measure {measure.name}",
        confidence=assignment.confidence,
        scores=tuple(_trusted(scores, assignment.confidence)),
        items=items,
        status=status,
        status_reason=reason,
        measured_at=reading.measured_at,
        **assignment.model_dump(include={"model", "snapshot", "evaluation", "version"}),
        **reading.model_dump(include={"thinking", "scaffold", "token_budget", "tools"}),
    )
    file = EvidenceFile(format=FORMAT, sources=(source_of(reading),), runs=(run,))
    return Assigned(file, tuple(derived), tuple(dict.fromkeys(warnings)))


def source_of(reading: LogReading) -> Source:
    """Return the source that a log is: which execution it tells of, who wrote it, and the digest of the file that was read."""
    return Source(
        slug=source_slug(reading.format, reading.log_id),
        title=f"Log {reading.log_id}: {reading.task} on {reading.model}",
        how_read=f"a file of the format {reading.format.value}, written by {reading.producer or 'a program it does not name'}, "
        f"sha256 {reading.file_sha256}",
    )


def _chosen(reading: LogReading, assignment: Assignment, derived: list[Derivation]) -> Measure | None:
    """Return the measure that counts, ``None`` of a log that holds none."""
    named = {each.name: each for each in reading.measures}
    listed = ", ".join(named)
    if assignment.measure is not None and named:
        if assignment.measure not in named:
            raise AssignmentError("measure", f"the measure {assignment.measure}", f"one that {reading.file_name} holds: {listed}")
        return named[assignment.measure]
    if reading.headline is not None:
        derived.append(Derivation("measure", reading.headline, "the file names it as its headline"))
        return named[reading.headline]
    if len(named) > 1:
        raise AssignmentError("measure", f"{len(named)} measures in {reading.file_name} and none chosen", f"one of them by name: {listed}")
    for only in reading.measures:
        derived.append(Derivation("measure", only.name, "the only one in the file"))
        return only
    return None


def _expect_direction(measure: Measure, version: EvaluationVersion) -> None:
    if measure.riskier_when is not None and measure.riskier_when is not version.riskier_when:
        raise AssignmentError(
            "measure",
            f"the measure {measure.name} riskier when {measure.riskier_when.value}",
            f"one riskier when {version.riskier_when.value}, as version {version.slug} has it; choose another measure or another version",
        )


def _values(measure: Measure) -> set[Decimal]:
    """Return the numbers that are most surely on the scale of the measure: of its items, else of averages of them, else all."""
    attempts = {value for item in measure.items for value in item.attempts if value is not None}
    printed = [(each.statistic, each.value) for each in measure.scores if each.value is not None and each.statistic not in OFF_SCALE]
    return attempts or {value for statistic, value in printed if statistic in ON_SCALE} or {value for _, value in printed}


def version_unit(version: EvaluationVersion) -> MeasureUnit:
    """Return the unit that a version's words and scale tell; points where it is a scale of its own. Raises ``AssignmentError``."""
    by_word = _unit_in_words(version)
    by_scale = UNIT_OF_SCALE.get((version.scale_low, version.scale_high))
    if by_word is not None and by_scale is not None and by_word is not MeasureUnit.MINUTES and by_word is not by_scale:
        raise AssignmentError(
            "version",
            f"version {version.slug} in {version.unit} on a scale from {version.scale_low} to {version.scale_high}",
            "a scale that fits its unit; correct the version first",
        )
    return by_word or by_scale or MeasureUnit.POINTS


def _unit_in_words(version: EvaluationVersion) -> MeasureUnit | None:
    """Return the unit that the first word of the version's unit names, as in ``percent of answers``."""
    words = version.unit.lower().replace("%", "percent ").split()
    return UNIT_WORDS.get(words[0].strip(".,;:")) if words else None


UNIT_WORDS = {
    **dict.fromkeys(("share", "proportion", "fraction"), MeasureUnit.PROPORTION),
    **dict.fromkeys(("percent", "percentage"), MeasureUnit.PERCENT),
    **dict.fromkeys(("minutes", "minute"), MeasureUnit.MINUTES),
}
UNIT_OF_SCALE: dict[tuple[Decimal | None, Decimal | None], MeasureUnit] = {
    (Decimal(0), Decimal(1)): MeasureUnit.PROPORTION,
    (Decimal(0), Decimal(100)): MeasureUnit.PERCENT,
}


def _shift(measure: Measure, assignment: Assignment, version: EvaluationVersion, derived: list[Derivation]) -> Shift:
    """Return how far the decimal point moves from the measure's unit to the version's."""
    wanted = version_unit(version)
    unit = _unit_of(measure, assignment, version, wanted, derived)
    if unit is wanted:
        return Shift.NONE
    if (unit, wanted) == (MeasureUnit.PROPORTION, MeasureUnit.PERCENT):
        words, shift = "multiplied by 100", Shift.TO_PERCENT
    elif (unit, wanted) == (MeasureUnit.PERCENT, MeasureUnit.PROPORTION):
        words, shift = "divided by 100", Shift.TO_PROPORTION
    elif unit is MeasureUnit.POINTS and _unit_in_words(version) is None:
        return Shift.NONE  # points of 0 to 100, say: the scale alone says nothing against them
    else:
        raise AssignmentError(
            "unit",
            f"the measure {measure.name} in {unit.value}",
            f"{wanted.value}, as version {version.slug} has it ({version.unit}); a version of shares or of percent tells its scale",
        )
    derived.append(Derivation("scores", words, f"{measure.name} is in {unit.value}, version {version.slug} in {version.unit}"))
    return shift


def _unit_of(
    measure: Measure, assignment: Assignment, version: EvaluationVersion, wanted: MeasureUnit, derived: list[Derivation]
) -> MeasureUnit:
    """Return the unit of the measure: as the file tells it, as somebody said, or as the version's scale settles it."""
    said, told = assignment.unit, measure.unit
    if MeasureUnit.NOT_STATED not in (said, told) and said is not told:
        raise AssignmentError("unit", f"{said.value} for {measure.name}", f"{told.value}, as the file tells it")
    if told is not MeasureUnit.NOT_STATED:
        return told
    if said is not MeasureUnit.NOT_STATED:
        return said
    values = _values(measure)
    zero = values <= {Decimal(0)}  # 0 is 0 in any unit of a share
    within = all(0 <= value <= 1 for value in values)
    # Numbers beyond 1 settle nothing: 3 of a rubric from 0 to 5 is 60 percent, and not 3.
    if (wanted is MeasureUnit.PERCENT and zero) or (wanted is MeasureUnit.PROPORTION and within):
        derived.append(Derivation("unit", wanted.value, f"the scale of version {version.slug}, and every number of {measure.name} on it"))
        return wanted
    words = ", ".join(each.value for each in MeasureUnit if each is not MeasureUnit.NOT_STATED)
    raise AssignmentError(
        "unit",
        f"no unit of the measure {measure.name}, and numbers that the scale of version {version.slug} ({version.unit}) does not settle",
        f"one of {words}, said as unit",
    )


def shifted(value: Decimal, shift: Shift) -> Decimal:
    """Return the number with its decimal point moved: exact, with the digits as they were, whatever their number."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # records hold finite numbers only
    moved = exponent + shift
    if moved > 0:  # 0.6 times 100 is 60, and never 6E+1
        digits, moved = digits + (0,) * moved, 0
    return Decimal((sign, digits, moved))


def _shifted(measure: Measure, shift: Shift, warnings: list[str]) -> tuple[tuple[Score, ...], tuple[ItemResult, ...]]:
    if shift is Shift.NONE:
        return measure.scores, measure.items
    scores = []
    for score in measure.scores:
        if score.slug.partition(".")[0] in SQUARED:
            warnings.append(f"{measure.name}: {score.slug} is left out, a figure in squared units where the scale changes")
        elif score.statistic in OFF_SCALE:
            scores.append(score)
        else:
            told = {name: getattr(score, name) for name in SCALED}
            scores.append(score.but({name: shifted(value, shift) for name, value in told.items() if value is not None}))
    moved = {value: shifted(value, shift) for item in measure.items for value in item.attempts if value is not None}
    items = (each.but({"attempts": tuple(None if value is None else moved[value] for value in each.attempts)}) for each in measure.items)
    return tuple(scores), tuple(items)


def _on_scale(scores: Sequence[Score], version: EvaluationVersion, measure: Measure, warnings: list[str]) -> Iterator[Score]:
    """Yield scores but those of no stated statistic that lie off the version's scale, such as a number of turns beside a share."""
    low, high = version.scale_low, version.scale_high
    for score in scores:
        off = score.value is not None and ((low is not None and score.value < low) or (high is not None and score.value > high))
        if off and score.statistic is Statistic.NOT_STATED:
            warnings.append(f"{measure.name}: {score.slug} is left out, a number of another kind, off the scale of version {version.slug}")
        else:
            yield score


def _completeness(reading: LogReading, measure: Measure, version: EvaluationVersion, warnings: list[str]) -> tuple[RunStatus, str | None]:
    """Return the status of the run: the log's own, and partial where it is over fewer items than the version has."""
    held = len(measure.items) or max((each.items or 0 for each in measure.scores), default=0)
    planned = version.item_count
    if planned is None:
        return reading.status, reading.status_reason
    if not held:
        if measure.scores:
            warnings.append(f"the log does not tell over how many items; version {version.slug} has {planned}")
        return reading.status, reading.status_reason
    if held > planned:
        warnings.append(f"the log holds {held} items, version {version.slug} has {planned}: it may be another version")
    if held >= planned or reading.status not in (RunStatus.COMPLETED, RunStatus.PARTIAL):
        return reading.status, reading.status_reason
    short = f"a subset: the log holds {held} of the {planned} items that version {version.slug} has"
    return RunStatus.PARTIAL, "; ".join(each for each in (reading.status_reason, short) if each)


def _trusted(scores: Iterable[Score], confidence: Confidence) -> Iterator[Score]:
    for score in scores:
        yield score if score.confidence is confidence else score.but({"confidence": confidence})
