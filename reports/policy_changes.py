"""What differs between two policies or criteria sets, for a reader who is no programmer.

The rules kept here: one line a change, grouped by subject, in an order that does not depend on chance; a bar or another number stands with
its old and its new value, a bar with the citations of both; a text in other words is said to be reworded, and is printed whole where it
is asked for; what nobody has read is said before anything else, and what is absent there is never called an addition or a removal.

Left out: what a change means for anybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from rich.console import RenderableType
from rich.text import Text

from evaluations.values import plain as exactly
from reports import numbers
from reports.jsonform import sorted_json
from reports.terminal import COLUMNS, hanging, indented, plain, rendered
from reports.wording import plural, underscored
from thresholds.change_records import Change, ChangedValue, ChangeKind, ComparedForm, Comparison, Side, Subject

SUBJECT_WORDS = {
    Subject.POLICY: "The policy",
    Subject.THRESHOLD: "Capability thresholds",
    Subject.SAFEGUARD: "Required safeguards",
    Subject.FORCING: "What puts safeguards in force",
    Subject.OVERALL: "How thresholds become one outcome",
    Subject.AGGREGATE: "How snapshots become one answer",
    Subject.LEVEL: "Safety levels",
    Subject.DOMAIN: "Domains",
    Subject.TRIGGER: "What calls for a new assessment",
    Subject.ROLE: "Roles and their order",
    Subject.PUBLICATION: "What is shown to whom",
    Subject.REPORT: "Reports",
    Subject.REPORT_SECTION: "Sections of reports",
    Subject.PROVISION: "Other provisions",
    Subject.ALIAS: "Labels of other documents",
    Subject.DOCUMENT: "Documents cited",
    Subject.CRITERIA_SET: "The criteria set",
    Subject.ERROR_LEVEL: "Error level",
    Subject.COVERAGE: "Which variants must be measured",
    Subject.COMBINATION: "How criteria combine",
    Subject.CRITERION: "Criteria",
    Subject.BAR: "Bars",
    Subject.EARLIER_BAR: "Bars that stood earlier",
    Subject.LIFECYCLE: "Saturated and retired criteria",
    Subject.EVALUATION: "What evaluations are taken to be",
    Subject.SAFEGUARD_EVIDENCE: "Evidence on safeguards",
}
KIND_WORDS = {
    ChangeKind.ADDED: "added",
    ChangeKind.REMOVED: "removed",
    ChangeKind.CHANGED: "changed",
    ChangeKind.REWORDED: "reworded",
    ChangeKind.REORDERED: "in another order",
    ChangeKind.FOUND_ONLY_BEFORE: "found only in A",
    ChangeKind.FOUND_ONLY_AFTER: "found only in B",
}
MARK_WORDS = {**KIND_WORDS, ChangeKind.REWORDED: "changed", ChangeKind.REORDERED: "changed"}
MARKS = {
    ChangeKind.ADDED: "+",
    ChangeKind.REMOVED: "-",
    ChangeKind.CHANGED: "~",
    ChangeKind.REWORDED: "~",
    ChangeKind.REORDERED: "~",
    ChangeKind.FOUND_ONLY_BEFORE: "<",
    ChangeKind.FOUND_ONLY_AFTER: ">",
}
FIELD_WORDS = {
    "sort": "kind",
    "slug": "name in the file",
    "rules_out": "rules out with it",
    "turns_on": "turns on",
    "one_sided": "one-sided",
    "effective_compute_multiple": "effective compute",
    "buffer.effective_compute_multiple": "buffer in effective compute",
    "rule_out": "rule-out bar",
    "rule_in": "rule-in bar",
    "until_on": "first day without these bars",
    "from_on": "stands from",
    "success_at.value": "a trial succeeds from",
}
CITED = frozenset({Subject.BAR, Subject.EARLIER_BAR})  # their lines carry both citations; the others do where everything is asked for
THE_WHOLE = frozenset({Subject.POLICY, Subject.CRITERIA_SET})  # named at the top, so not again in every line
ONE_SIDED = {
    ChangeKind.ADDED: False,
    ChangeKind.FOUND_ONLY_AFTER: False,
    ChangeKind.REMOVED: True,
    ChangeKind.FOUND_ONLY_BEFORE: True,
}  # whether the value stands before
ONE_FOUND = (ChangeKind.FOUND_ONLY_BEFORE, ChangeKind.FOUND_ONLY_AFTER)
NOTHING_SAID = "not stated"


def comparison_json(comparison: Comparison) -> str:
    """Return the comparison as JSON text that ends in a line break; numbers are decimal texts, as in the files."""
    return sorted_json(comparison)


def comparison_text(comparison: Comparison, *, columns: int = COLUMNS, full: bool = False, colour: bool = False) -> str:
    """Return the comparison as text for a terminal; ``full`` prints reworded texts and all citations."""
    return rendered(_parts(comparison, full), columns=columns, colour=colour)


def _parts(comparison: Comparison, full: bool) -> Iterator[RenderableType]:
    for pair in comparison.pairs:
        kind = "" if pair.before.form is ComparedForm.POLICY else "criteria "
        for letter, side in (("A", pair.before), ("B", pair.after)):
            yield plain(f"{letter}: {kind}{side.slug}, {side.title} ({side.found})", "bold")
    unread = [(letter, side) for pair in comparison.pairs for letter, side in (("A", pair.before), ("B", pair.after)) if side.unread]
    if unread:
        whole = " and ".join(dict.fromkeys(letter for letter, _ in sorted(unread, key=lambda each: each[0])))
        said = f"{whole} {'were' if ' ' in whole else 'was'} not read whole"
        if any(each.kind in ONE_FOUND for each in comparison.changes):
            said += ", so what only the other one gives is found there, and neither added nor removed"
        yield plain(f"{said}; what nobody has read is listed at the end.")
    kinds = [kind for kind in ChangeKind if any(each.kind is kind for each in comparison.changes)]
    if kinds:
        yield Text("")
        yield plain(", ".join(f"{mark} {words}" for mark, words in dict.fromkeys((MARKS[kind], MARK_WORDS[kind]) for kind in kinds)))
    for subject in Subject:
        of_subject = [each for each in comparison.changes if each.subject is subject]
        if of_subject:
            yield Text("")
            yield plain(SUBJECT_WORDS[subject], "bold")
            for change in of_subject:
                yield from _change(change, full)
    if unread:
        yield Text("")
        yield plain("What nobody has read", "bold")
        yield from _unread(unread)
    yield Text("")
    if comparison.not_compared is not None:
        yield plain(f"Bars are not compared: {comparison.not_compared}.")
    yield plain(summary(comparison))


def _unread(sides: Sequence[tuple[str, Side]]) -> Iterator[RenderableType]:
    """Yield each line once, with the sides it belongs to."""
    lines: dict[str, list[str]] = {}
    for letter, side in sides:
        for line in side.unread:
            lines.setdefault(line, []).append(letter)
    for line, letters in lines.items():
        yield hanging(Text("·"), f"{' and '.join(letters)}: {line}", 2)


def summary(comparison: Comparison) -> str:
    """Return how many changes of which kind there are, in one line."""
    counts = Counter(each.kind for each in comparison.changes)
    if not counts:
        partly = any(side.unread for pair in comparison.pairs for side in (pair.before, pair.after))
        return "No difference in what was read." if partly else "No difference."
    told = ", ".join(f"{numbers.whole(counts[kind])} {KIND_WORDS[kind]}" for kind in ChangeKind if counts[kind])
    return f"{plural(len(comparison.changes), 'difference')}: {told}."


def _change(change: Change, full: bool) -> Iterator[RenderableType]:
    yield hanging(Text(MARKS[change.kind]), change_line(change), 2)
    if full and change.kind is ChangeKind.REWORDED:
        yield indented(f"A: {_value(change.before, None)}", 6)
        yield indented(f"B: {_value(change.after, None)}", 6)
    if full and change.subject not in CITED:
        yield indented(f"[{_citations(change)}]", 6)


def change_line(change: Change) -> str:
    """Return one change in one line: where, which field, and both values, or the one there is."""
    where = " / ".join(each for each in (change.within, change.name) if each is not None)
    if change.was_named is not None and change.within is None:
        where = f"{where} (A: {change.was_named})"
    field = None if change.field is None else field_words(change.field)
    head = where if field is None else field if change.subject in THE_WHOLE else f"{where}, {field}"
    tail = f" [{_citations(change)}]" if change.subject in CITED else ""
    note = f" ({change.note})" if change.note is not None and change.field in (None, "slug") else ""
    return f"{head}: {_what(change)}{note}{tail}"


def field_words(field: str) -> str:
    """Return the name of a field as a reader knows it: ``rule_out.words`` is ``words of the rule-out bar``."""
    if field in FIELD_WORDS:
        return FIELD_WORDS[field]
    outer, _, inner = field.partition(".")
    if inner:
        return f"{FIELD_WORDS.get(inner, underscored(inner))} of the {FIELD_WORDS.get(outer, underscored(outer))}"
    return underscored(field)


def _what(change: Change) -> str:
    if change.kind is ChangeKind.REWORDED:
        return "reworded"
    if change.kind in ONE_SIDED:
        value, unit = (change.before, change.before_unit) if ONE_SIDED[change.kind] else (change.after, change.after_unit)
        return _value(value, unit)
    before, after = _value(change.before, change.before_unit), _value(change.after, change.after_unit)
    if before == after:  # rounded alike, and not equal: then every digit
        before, after = _every_digit(change.before, change.before_unit), _every_digit(change.after, change.after_unit)
    return f"{before} → {after}"


def _value(value: ChangedValue, unit: str | None) -> str:
    if value is None:
        return NOTHING_SAID
    if isinstance(value, tuple):
        return ", ".join(underscored(each) for each in value)
    if isinstance(value, date):
        return numbers.day(value)
    if isinstance(value, str):
        return underscored(value) if value.islower() and " " not in value else value
    return numbers.whole(value) if isinstance(value, int) and unit is None else numbers.recorded(value, unit)


def _every_digit(value: ChangedValue, unit: str | None) -> str:
    if isinstance(value, Decimal):
        return exactly(value) if unit is None else f"{exactly(value)} ({unit})"
    return _value(value, unit)


def _citations(change: Change) -> str:
    before, after = change.before_citation, change.after_citation
    if before == after or None in (before, after):
        return before or after or "no citation"
    return f"{before} → {after}"
