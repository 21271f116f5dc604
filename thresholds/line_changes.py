"""Two lines of a policy or criteria file in, the fields in which they differ out.

The rules kept here: which fields of a record are compared stands in one table for that record (``Compared``), so that a test can hold it
against the record and no field is forgotten; a value that only one side gives is *added* or *removed* if the other side was read
whole, and otherwise only *found* there; citations are compared between two files of one version only, because every new
version of a text has other pages.

Left out: which line belongs to which (by slug here; by link in ``thresholds.policy_diff``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

from evaluations.values import Record
from thresholds.change_records import Change, ChangedValue, ChangeKind, Subject

Line = TypeVar("Line", bound=Record)
PROSE = frozenset({"words", "definition", "threat_model", "duty", "material", "when", "covers", "question", "reference_world", "read"})


@dataclass(frozen=True)
class Reading:
    """How much of each side was read, and whether the two are files of one version: then their citations are compared too, and what one
    lacks is a change of the file, however much of the text was read."""

    before_whole: bool
    after_whole: bool
    one_version: bool

    @property
    def appeared(self) -> ChangeKind:
        """What to call something that only the later side gives."""
        return ChangeKind.ADDED if self.before_whole or self.one_version else ChangeKind.FOUND_ONLY_AFTER

    @property
    def vanished(self) -> ChangeKind:
        """What to call something that only the earlier side gives."""
        return ChangeKind.REMOVED if self.after_whole or self.one_version else ChangeKind.FOUND_ONLY_BEFORE


@dataclass(frozen=True)
class Compared:
    """Which fields of a record are compared, in the order told; ``apart`` are those that other code compares, or that name the line.

    ``short`` gives what to say of a whole line that stands on one side only.
    """

    subject: Subject
    fields: tuple[str, ...]
    short: Callable[[Any], ChangedValue]
    apart: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Which line a change is in."""

    name: str
    within: str | None = None
    was_named: str | None = None
    prefix: str = ""  # of a record inside the line: ``buffer.``
    note: str | None = None


@dataclass(frozen=True)
class Matched(Generic[Line]):
    """Lines of both sides matched by name, in the order of the earlier side, what only the later one has last."""

    name: str
    before: Line | None
    after: Line | None


def matched(before: Sequence[Line], after: Sequence[Line], name: Callable[[Line], str]) -> Iterator[Matched[Line]]:
    """Yield every line of either side once. Of two lines of one name, the first belongs to the first."""
    left = _numbered(before, name)
    right = _numbered(after, name)
    for key, line in left.items():
        yield Matched(key[0], line, right.get(key))
    for key, line in right.items():
        if key not in left:
            yield Matched(key[0], None, line)


def _numbered(lines: Sequence[Line], name: Callable[[Line], str]) -> dict[tuple[str, int], Line]:
    met: dict[tuple[str, int], Line] = {}
    for line in lines:
        called, nth = name(line), 0
        while (called, nth) in met:
            nth += 1
        met[called, nth] = line
    return met


def line_changes(compared: Compared, before: Record | None, after: Record | None, place: Place, reading: Reading) -> Iterator[Change]:
    """Yield what differs between two lines, or that one side has none."""
    if before is None or after is None:
        yield from _whole_line(compared, before, after, place, reading)
        return
    names = [*compared.fields, *(["basis"] if _has(before, "basis") else []), *_citation(before, after, reading)]
    for name in names:
        unit = compared.units.get(name)
        yield from field_change(compared.subject, name, before, after, place, reading, units=(unit, unit))


def _citation(before: Record, after: Record, reading: Reading) -> list[str]:
    return ["citation"] if reading.one_version and _has(before, "citation") and _has(after, "citation") else []


def _has(line: Record, name: str) -> bool:
    return name in type(line).model_fields


def _whole_line(compared: Compared, before: Record | None, after: Record | None, place: Place, reading: Reading) -> Iterator[Change]:
    if before is None and after is None:
        return
    yield Change(
        subject=compared.subject,
        kind=reading.appeared if before is None else reading.vanished,
        within=place.within,
        name=place.name,
        was_named=place.was_named,
        field=place.prefix.removesuffix(".") or None,
        before=None if before is None else compared.short(before),
        after=None if after is None else compared.short(after),
        before_citation=getattr(before, "citation", None),
        after_citation=getattr(after, "citation", None),
        note=place.note,
    )


def field_change(
    subject: Subject,
    name: str,
    before: Record,
    after: Record,
    place: Place,
    reading: Reading,
    *,
    units: tuple[str | None, str | None] = (None, None),
) -> Iterator[Change]:
    """Yield the change of one field, if it differs. A field that a record of another shape does not have counts as saying nothing."""
    values = value_of(getattr(before, name, None)), value_of(getattr(after, name, None))
    yield from value_change(subject, name, values, (before, after), place, reading, units=units)


def value_change(
    subject: Subject,
    name: str,
    values: tuple[ChangedValue, ChangedValue],
    lines: tuple[Record, Record],
    place: Place,
    reading: Reading,
    *,
    units: tuple[str | None, str | None] = (None, None),
) -> Iterator[Change]:
    """Yield the change of one value, if it differs; ``lines`` are where it stands, for their citations."""
    before, after = values
    other_unit = isinstance(before, Decimal) and None not in units and units[0] != units[1]  # one not declared says nothing
    if before == after and not other_unit:
        return
    yield Change(
        subject=subject,
        kind=_kind(name, before, after, reading),
        within=place.within,
        name=place.name,
        was_named=place.was_named,
        field=place.prefix + name,
        before=before,
        after=after,
        before_unit=units[0],
        after_unit=units[1],
        before_citation=getattr(lines[0], "citation", None),
        after_citation=getattr(lines[1], "citation", None),
        note=place.note,
    )


def _kind(name: str, before: ChangedValue, after: ChangedValue, reading: Reading) -> ChangeKind:
    if before is None:
        return reading.appeared
    if after is None:
        return reading.vanished
    return ChangeKind.REWORDED if name in PROSE else ChangeKind.CHANGED


def value_of(held: object) -> ChangedValue:
    """Return a field as a plain value: words for enumerations, ``None`` for an empty list."""
    if isinstance(held, StrEnum):
        return held.value
    if isinstance(held, tuple):
        return tuple(str(each.value if isinstance(each, StrEnum) else each) for each in held) or None
    if held is None or isinstance(held, Decimal | date | int | str):
        return held
    raise TypeError(f"found a {type(held).__name__}, expected a value that can stand in a field")


def order_change(
    subject: Subject, name: str, before: Iterable[str], after: Iterable[str], lines: tuple[Record, Record], within: str | None = None
) -> Iterator[Change]:
    """Yield that lines which both sides have stand in another order."""
    left, right = tuple(before), tuple(after)
    common = set(left) & set(right)
    was, became = tuple(each for each in left if each in common), tuple(each for each in right if each in common)
    if was != became:
        yield Change(
            subject=subject,
            kind=ChangeKind.REORDERED,
            within=within,
            name=name,
            field="order",
            before=was,
            after=became,
            before_citation=getattr(lines[0], "citation", None),
            after_citation=getattr(lines[1], "citation", None),
        )
