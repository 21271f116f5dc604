"""What a difference between two policies, or between two criteria sets, looks like once found.

The rules kept here: a change names its subject, the line and the field, the value before and after, and the citation of both; numbers
are never rounded (text is made of them in ``reports.numbers``); what stands on one side only, while nobody has read the whole of the
other, is *found* only there and never called added or removed.

Left out: how changes are found (``thresholds.policy_diff``, ``thresholds.criteria_diff``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from evaluations.values import Record

SCHEMA_VERSION = 1  # of a comparison's JSON; a new number is added, old meanings never change

ChangedValue = Decimal | date | int | str | tuple[str, ...] | None
"""What stands in a field: ``None`` where the text says nothing. A bar given as a count is its text, ``27 of 33``."""


class Subject(StrEnum):
    """What of a policy or criteria set a change is about, in the order in which a reader is told."""

    POLICY = "policy"
    THRESHOLD = "threshold"
    SAFEGUARD = "safeguard"
    FORCING = "forcing"
    OVERALL = "overall"
    AGGREGATE = "aggregate"
    LEVEL = "level"
    DOMAIN = "domain"
    TRIGGER = "trigger"
    ROLE = "role"
    PUBLICATION = "publication"
    REPORT = "report"
    REPORT_SECTION = "report_section"
    PROVISION = "provision"
    ALIAS = "alias"
    DOCUMENT = "document"
    CRITERIA_SET = "criteria_set"
    ERROR_LEVEL = "error_level"
    COVERAGE = "coverage"
    COMBINATION = "combination"  # which criteria speak to a threshold, and how they combine
    CRITERION = "criterion"
    BAR = "bar"
    EARLIER_BAR = "earlier_bar"
    LIFECYCLE = "lifecycle"
    EVALUATION = "evaluation"
    SAFEGUARD_EVIDENCE = "safeguard_evidence"


class ChangeKind(StrEnum):
    """What happened to a line or to a field of it."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REWORDED = "reworded"  # prose in other words; whether it means something else, a person says
    REORDERED = "reordered"
    FOUND_ONLY_BEFORE = "found_only_before"  # absent from what was read of the later side: no removal
    FOUND_ONLY_AFTER = "found_only_after"  # absent from what was read of the earlier side: no addition


class Change(Record):
    """One difference. Without ``field`` the whole line stands on one side only, and its value says in short what it is.

    ``within`` is the line it belongs to (the threshold of a safeguard, the criterion of a bar). ``was_named`` is the line's name before,
    where the two were matched by a link; ``note`` is what links say.
    """

    subject: Subject
    kind: ChangeKind
    within: str | None = None
    name: str
    was_named: str | None = None
    field: str | None = None
    before: ChangedValue = None
    after: ChangedValue = None
    before_unit: str | None = None
    after_unit: str | None = None
    before_citation: str | None = None
    after_citation: str | None = None
    note: str | None = None


class ComparedForm(StrEnum):
    """What kind of file is compared."""

    POLICY = "policy"
    CRITERIA = "criteria"


class Side(Record):
    """One of the two that are compared. ``found`` says where it was taken from; ``unread`` what nobody has read of it."""

    form: ComparedForm
    slug: str
    title: str
    found: str
    sha256: str
    unread: tuple[str, ...]


class Pair(Record):
    """Two policies, or two criteria sets, that were compared."""

    before: Side
    after: Side


class Comparison(Record):
    """Everything in which two policies (with their criteria sets, where each has one in force) or two criteria sets differ."""

    schema_version: int = SCHEMA_VERSION
    pairs: tuple[Pair, ...]
    not_compared: str | None = None  # why the criteria sets of two policies are not compared
    changes: tuple[Change, ...]
