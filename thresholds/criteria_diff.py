"""Two criteria sets in, everything in which they differ out: every bar with its old and new number and the citation of both.

The rules kept here: criteria are matched by their slug; a bar is compared as the source prints it (27 of 33 is not 82 %), with the unit
the set declares for its evaluation; bars that stood earlier are matched by the day on which they ended; a rule-in bar that a set does
not name is told as none, although the rule-out bar then serves as both. What one side lacks is added or removed only if the other was
read whole.

Left out: which criteria of two cards ask for the same under other names; a person says that, and no link records it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evaluations.values import Record
from thresholds.change_records import Change, ChangedValue, Subject
from thresholds.criteria_set import CriteriaSet, ThresholdCriteria
from thresholds.criterion import Bar, Criterion, EarlierBars, ScoreCriterion, UpliftCriterion
from thresholds.line_changes import (
    Compared,
    Place,
    Reading,
    field_change,
    line_changes,
    matched,
    value_change,
    value_of,
)
from thresholds.outcomes import UpliftMeasure
from thresholds.policy_diff import in_order

SHARE = "fraction"  # an error level is a share, printed as a percentage
PERCENT, RATIO = "percent", "x"


def _printed(bar: Bar) -> ChangedValue:
    """Return a bar as its source prints it: a value, or a count in words."""
    return bar.value if bar.value is not None else f"{bar.passed} of {bar.of}"


SET = Compared(
    Subject.CRITERIA_SET,
    ("policy", "title", "published_on", "corrects", "format"),
    lambda each: each.title,
    apart=("slug", "error_level", "coverage", "evaluations", "thresholds", "criteria", "safeguard_evidence", "unread"),
)
ERROR_LEVEL = Compared(Subject.ERROR_LEVEL, ("one_sided", "words"), lambda each: each.one_sided, units={"one_sided": SHARE})
COVERAGE = Compared(Subject.COVERAGE, ("require", "words"), lambda each: each.require.value)
COMBINATION = Compared(
    Subject.COMBINATION, ("rule", "k", "words"), lambda each: (each.rule.value, *each.criteria), apart=("threshold", "criteria")
)
EVALUATION = Compared(
    Subject.EVALUATION,
    ("version", "name", "kind", "domain", "unit", "riskier_when", "scale_low", "scale_high"),
    lambda each: each.name,
    apart=("slug",),
)
EVIDENCE = Compared(Subject.SAFEGUARD_EVIDENCE, ("words",), lambda each: each.words, apart=("kind", "evaluation", "version"))
CRITERION = Compared(
    Subject.CRITERION,
    (
        "shape", "title", "evaluation", "version", "measure", "statistic", "k", "scaffold", "compared", "decides", "question",
        "rule", "gate", "harder", "from_on", "until_on", "words",
    ),
    lambda each: each.title,
    apart=("slug", "lifecycle", "rule_out", "rule_in", "earlier", "success_at", "coverage", "parts"),
)  # fmt: skip
SUCCESS_AT = Compared(Subject.CRITERION, ("value", "words"), lambda each: each.value)
BAR = Compared(Subject.BAR, ("words",), _printed, apart=("value", "passed", "of"))
EARLIER = Compared(Subject.EARLIER_BAR, ("from_on", "words"), lambda each: each.words, apart=("rule_out", "rule_in", "until_on"))
LIFECYCLE = Compared(Subject.LIFECYCLE, ("words",), lambda each: each.words, apart=("status", "from_on"))

Units = tuple[str | None, str | None]


def criteria_changes(before: CriteriaSet, after: CriteriaSet, later: Mapping[str, tuple[str, ...]] | None = None) -> tuple[Change, ...]:
    """Return every difference between two criteria sets, grouped by subject in a fixed order.

    ``later`` gives the later names of thresholds that were matched by a link (``thresholds.policy_diff.later_names``).
    """
    same = before.corrects == after.slug or before.slug in (after.corrects, after.slug)
    reading = Reading(not before.unread, not after.unread, same and before.policy == after.policy)
    return in_order(_changes(before, after, later or {}, reading))


def _changes(before: CriteriaSet, after: CriteriaSet, later: Mapping[str, tuple[str, ...]], reading: Reading) -> Iterator[Change]:
    here = Place(after.slug, was_named=before.slug)
    yield from line_changes(SET, before, after, here, reading)
    if reading.one_version:
        yield from field_change(Subject.CRITERIA_SET, "unread", before, after, here, reading)
    yield from line_changes(ERROR_LEVEL, before.error_level, after.error_level, Place("error level"), reading)
    yield from line_changes(COVERAGE, before.coverage, after.coverage, Place("whole set"), reading)
    yield from _combinations(before, after, later, reading)
    for line in matched(before.criteria, after.criteria, lambda each: each.slug):
        yield from _criterion(line.before, line.after, (_unit(line.before, before), _unit(line.after, after)), reading)
    several = _of_several_versions(before) | _of_several_versions(after)
    for evaluation in matched(
        before.evaluations, after.evaluations, lambda each: f"{each.slug} {each.version}" if each.slug in several else each.slug
    ):
        yield from line_changes(EVALUATION, evaluation.before, evaluation.after, Place(evaluation.name), reading)
    for shown in matched(
        before.safeguard_evidence, after.safeguard_evidence, lambda each: f"{each.kind.value}: {each.evaluation} {each.version}"
    ):
        yield from line_changes(EVIDENCE, shown.before, shown.after, Place(shown.name), reading)


def _of_several_versions(criteria: CriteriaSet) -> set[str]:
    """Return the evaluations of which a set declares more than one version; the others are matched whatever their version."""
    slugs = [each.slug for each in criteria.evaluations]
    return {slug for slug in slugs if slugs.count(slug) > 1}


def _combinations(before: CriteriaSet, after: CriteriaSet, later: Mapping[str, tuple[str, ...]], reading: Reading) -> Iterator[Change]:
    """Yield how the combination of criteria differs, threshold by threshold; a renamed threshold keeps its line."""
    left = [named for each in before.thresholds for named in _named(each, later)]
    earlier = {new: old for old, names in later.items() for new in names if new != old}
    for line in matched(left, after.thresholds, lambda each: each.threshold):
        place = Place(line.name, was_named=earlier.get(line.name) if line.before else None)
        yield from line_changes(COMBINATION, line.before, line.after, place, reading)
        if line.before and line.after and set(line.before.criteria) != set(line.after.criteria):
            values = value_of(line.before.criteria), value_of(line.after.criteria)
            yield from value_change(Subject.COMBINATION, "criteria", values, (line.before, line.after), place, reading)


def _named(line: ThresholdCriteria, later: Mapping[str, tuple[str, ...]]) -> list[ThresholdCriteria]:
    return [line.but({"threshold": slug}) for slug in later.get(line.threshold, (line.threshold,))]


def _unit(criterion: Criterion | None, criteria: CriteriaSet) -> str | None:
    """Return the unit of a criterion's bars, as far as the set says."""
    if isinstance(criterion, UpliftCriterion) and criterion.measure is UpliftMeasure.RATIO:
        return RATIO
    if isinstance(criterion, ScoreCriterion) and criterion.success_at is not None:
        return PERCENT
    return _own_unit(criterion, criteria)


def _own_unit(criterion: Criterion | None, criteria: CriteriaSet) -> str | None:
    if not isinstance(criterion, ScoreCriterion | UpliftCriterion):
        return None
    expected = criteria.expected(criterion.evaluation, criterion.version)
    return None if expected is None else expected.unit


def _criterion(before: Criterion | None, after: Criterion | None, units: Units, reading: Reading) -> Iterator[Change]:
    either = after or before
    assert either is not None
    place = Place(either.slug)
    yield from line_changes(CRITERION, before, after, place, reading)
    for name in ("rule_out", "rule_in"):
        yield from _bar(Subject.BAR, name, (getattr(before, name, None), getattr(after, name, None)), place, units, reading)
    left, right = _earlier(before), _earlier(after)
    for line in matched(left, right, lambda each: f"until {each.until_on.isoformat()}"):
        stood = Place(line.name, within=either.slug)
        yield from line_changes(EARLIER, line.before, line.after, stood, reading)
        for name in ("rule_out", "rule_in"):
            bars = getattr(line.before, name, None), getattr(line.after, name, None)
            yield from _bar(Subject.EARLIER_BAR, name, bars, stood, units, reading)
    declared, declares = before.lifecycle if before else (), after.lifecycle if after else ()
    for event in matched(declared, declares, lambda each: f"{each.status.value} from {each.from_on.isoformat()}"):
        yield from line_changes(LIFECYCLE, event.before, event.after, Place(event.name, within=either.slug), reading)
    if before and after:
        inside = getattr(before, "success_at", None), getattr(after, "success_at", None)
        yield from line_changes(SUCCESS_AT, *inside, Place(either.slug, prefix="success_at."), reading)
        covered = getattr(before, "coverage", None), getattr(after, "coverage", None)
        yield from line_changes(COVERAGE, *covered, Place(either.slug), reading)
        parts = getattr(before, "parts", ()), getattr(after, "parts", ())
        if set(parts[0]) != set(parts[1]):
            yield from value_change(Subject.CRITERION, "parts", (value_of(parts[0]), value_of(parts[1])), (before, after), place, reading)


def _earlier(criterion: Criterion | None) -> tuple[EarlierBars, ...]:
    return criterion.earlier if isinstance(criterion, ScoreCriterion | UpliftCriterion) else ()


def _bar(
    subject: Subject, name: str, bars: tuple[Bar | None, Bar | None], place: Place, units: Units, reading: Reading
) -> Iterator[Change]:
    """Yield the change of a bar's number, with the citation of the bar itself, then of its words and basis."""
    before, after = bars
    if before is None and after is None:
        return
    nothing = Record()
    lines = before or nothing, after or nothing
    values = None if before is None else _printed(before), None if after is None else _printed(after)
    yield from value_change(subject, name, values, lines, place, reading, units=units)
    if before and after:
        yield from line_changes(BAR, before, after, Place(place.name, within=place.within, prefix=f"{name}."), reading)
