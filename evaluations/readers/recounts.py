"""Counting again from the samples, and holding the count against what a header says.

The rules kept here: every attempt the file tells of is kept, in order, with ``None`` where nobody could score it; a mean is taken over
items, each by the mean of its scored attempts; where header and samples disagree both numbers are told, and the run falls short; whatever
falls short is told in counts, and a run that falls short of its plan in any way is never completed.

Left out: statistics. A recount only asks whether a header tells of the samples that lie beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from math import fsum, isclose
from typing import NoReturn

from evaluations.readers.item_names import item_slug
from evaluations.readers.log_file import Budget
from evaluations.readers.log_reading import LogError, unscored_of
from evaluations.readers.strict_json import Part
from evaluations.records import ItemResult, RunStatus, Score, SpreadKind, Statistic
from evaluations.values import Slug, plain

SAME = 1e-6  # relative or absolute; our choice: converters round to six places, and one item of a million moves a mean by as much

ZERO_ERROR = "The file prints a standard error of 0, which is what it writes for one sample, equal scores or none: kept as no error known."


def place_of(at: Part | int) -> str:
    """Return a place in words; they are made only for messages."""
    return f"line {at}" if isinstance(at, int) else at.where


@dataclass
class AttemptBudget:
    """How many attempts, names and measures one file may still bring. Each ``take`` raises ``LogError`` once there are too many."""

    file_name: str
    left: int
    names_left: int
    measures_left: int

    @classmethod
    def of(cls, file_name: str, budget: Budget) -> AttemptBudget:
        return cls(file_name, budget.attempts, budget.names_bytes, budget.measures)

    def take(self, at: Part | int) -> None:
        """Count one attempt, from a part of a document or a line."""
        self.left -= 1
        if self.left < 0:
            self._refuse(at, "more attempts than can be kept")

    def take_name(self, at: Part | int, name: str) -> None:
        """Count the memory of a name that is kept."""
        self.names_left -= len(name) * (1 if name.isascii() else 4)  # one wide character widens all of them
        if self.names_left < 0:
            self._refuse(at, "more and longer names than can be kept")

    def take_measure(self, at: Part) -> None:
        """Count one measure."""
        self.measures_left -= 1
        if self.measures_left < 0:
            self._refuse(at, "more measures than can be kept")

    def _refuse(self, at: Part | int, found: str) -> NoReturn:
        raise LogError(self.file_name, place_of(at), found, "fewer in one file; split it by task or model")


@dataclass(slots=True)
class _Item:
    spelled: str
    cluster: Slug | None
    human_minutes: Decimal | None
    attempts: list[tuple[Decimal | int, Decimal | None]] = field(default_factory=list)


class ItemTally:
    """The items of one measure, gathered one attempt at a time."""

    def __init__(self, left: AttemptBudget) -> None:
        self._left = left
        self._items: dict[Slug, _Item] = {}
        self._values: dict[str, Decimal] = {}  # one object for each value: most are 0 and 1

    def add(
        self,
        spelled: str,
        value: Decimal | None,
        at: Part | int,
        *,
        order: Decimal | int | None = None,
        cluster: Slug | None = None,
        human_minutes: Decimal | None = None,
    ) -> None:
        """Note one attempt; ``order`` places it among those of its item, which otherwise stand as they come."""
        self._left.take(at)
        slug = item_slug(spelled)
        item = self._items.get(slug)
        if item is None:
            self._left.take_name(at, spelled)
            item = self._items[slug] = _Item(spelled, cluster, human_minutes)
        elif item.spelled != spelled:
            raise LogError(self._left.file_name, place_of(at), f"two items that are both named {slug}", "items that can be told apart")
        if value is not None:
            value = self._values.setdefault(str(value), value)
        item.attempts.append((len(item.attempts) if order is None else order, value))

    def __len__(self) -> int:
        return len(self._items)

    @property
    def attempts(self) -> int:
        """How many attempts were noted."""
        return sum(len(item.attempts) for item in self._items.values())

    def items(self) -> tuple[ItemResult, ...]:
        """Return the items as they first came, each with its attempts in order. It empties the tally: both would be twice the memory."""
        found, self._items = self._items, {}
        made = []
        for slug in list(found):
            item = found.pop(slug)
            values = tuple(value for _, value in sorted(item.attempts, key=lambda each: each[0]))
            made.append(ItemResult(item=slug, cluster=item.cluster, human_minutes=item.human_minutes, attempts=values))
        return tuple(made)


def mean_of(items: Iterable[ItemResult]) -> float | None:
    """Return the mean over items of the mean of their scored attempts; ``None`` where nothing was scored."""
    scored = [[float(value) for value in item.attempts if value is not None] for item in items]
    means = [fsum(values) / len(values) for values in scored if values]
    return fsum(means) / len(means) if means else None


def disagreement(measure: str, printed: Decimal, items: tuple[ItemResult, ...]) -> str | None:
    """Return what to say where a header's mean is not that of the samples; ``None`` where it is."""
    recounted = mean_of(items)
    if recounted is None:
        return f"{measure}: the header prints {plain(printed)}, and no sample beside it is scored"
    if isclose(float(printed), recounted, rel_tol=SAME, abs_tol=SAME):
        return None
    return f"{measure}: the header prints {plain(printed)}, the samples give {recounted:.6g}"


def unscored_words(measure: str, items: tuple[ItemResult, ...]) -> str | None:
    """Return how many attempts have no value, in words; ``None`` where all have."""
    if not (missing := unscored_of(items)):
        return None
    return f"{measure}: {missing} of {sum(len(item.attempts) for item in items)} attempts are unscored"


def status_of(shortfalls: Iterable[str], *, scored: bool) -> tuple[RunStatus, str | None]:
    """Return the status and its reason: completed without any shortfall, failed where nothing was scored, partial otherwise."""
    reason = bounded_words(shortfalls)
    if not scored:
        return RunStatus.FAILED, reason or "nothing was scored"
    return (RunStatus.PARTIAL, reason) if reason else (RunStatus.COMPLETED, None)


def bounded_words(words: Iterable[str], most: int = 20) -> str | None:  # 20: our choice, more than a reason of a run ever needs
    """Return the words as one text, the first of them, and how many more there were."""
    words = list(dict.fromkeys(words))
    more = [f"and {len(words) - most} more"] if len(words) > most else []
    return "; ".join([*(each[:500] for each in words[:most]), *more]) or None


def bounded_warnings(warnings: Iterable[str], most: int = 50) -> tuple[str, ...]:  # 50: our choice; a person reads them
    """Return each warning once, the first of them, and how many more there were."""
    warnings = list(dict.fromkeys(warnings))
    more = [f"and {len(warnings) - most} more warnings"] if len(warnings) > most else []
    return (*(each[:2_000] for each in warnings[:most]), *more)


def printed_score(
    slug: Slug,
    source: Slug,
    value: Decimal,
    *,
    error: Decimal | None = None,
    counted: tuple[int, str] | None = None,
    statistic: Statistic = Statistic.MEAN,
    k: int | None = None,
    note: str | None = None,
) -> Score:
    """Return a number of a header as a score; ``counted`` is over how many items, and how that is known.

    A printed standard error of 0 is told and not kept as one: it would narrow an interval to nothing.
    """
    notes = [each for each in (note, ZERO_ERROR if error == 0 else None) if each]
    kept = error if error else None
    return Score(
        slug=slug,
        source=source,
        statistic=statistic,
        k=k,
        value=value,
        items=counted[0] if counted and counted[0] else None,
        items_basis=counted[1] if counted and counted[0] else None,
        spread=kept,
        spread_kind=SpreadKind.STANDARD_ERROR if kept else None,
        note=" ".join(notes) or None,
    )
