"""A run as a ``with`` block: registered when it opens, reported when it closes, also where it ends in an exception.

The rules kept here: nothing is measured before the run is registered; an exception becomes a failed run with what was measured until then,
and goes on; a fault of the tracker never takes its place, and is told as a warning.

Left out: sending scores one by one. A run is one submission, whole, so that half of it never counts as all of it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from typing import Protocol, Self

from evaluations.records import ItemResult, Run, RunStatus, Score, Statistic
from evaluations.registrations import RunRegistration
from evaluations.values import Slug
from rsp.client.spool import Spooled
from rsp.errors import RspError
from rsp.receipts import Receipt

log = logging.getLogger("rsp.client")

LONGEST_REASON = 2_000  # characters of an exception that are kept; our choice: its message, and no transcript


class Reporting(Protocol):
    """What a run is announced to and reported to: a ``Client``."""

    def register_run(self, registration: RunRegistration, /) -> Receipt | Spooled:
        """Register a run before it starts."""

    def submit_run(self, run: Run, /) -> Receipt | Spooled:
        """Submit one run, whole."""


class Measuring:
    """A run that is being measured. ``answer`` is what the report of it was answered, once it was."""

    def __init__(self, client: Reporting, registration: RunRegistration) -> None:
        self._client = client
        self._registration = registration
        self._scores: list[Score] = []
        self._items: list[ItemResult] = []
        self.answer: Receipt | Spooled | None = None

    def __enter__(self) -> Self:
        """Register the run. Raises the server's error: a run that may not be registered does not start."""
        self._client.register_run(self._registration)
        return self

    def score(self, score: Score) -> None:
        """Keep a number of the whole run."""
        self._scores.append(score)

    def mean(self, value: Decimal | int | str, *, items: int, slug: Slug = "score") -> None:
        """Keep a mean over so many items, exactly as written."""
        told = {"slug": slug, "statistic": Statistic.MEAN, "value": Decimal(value), "items": items, "source": self._registration.source}
        self._scores.append(Score.model_validate(told))

    def item(self, item: Slug, *attempts: Decimal | int | None) -> None:
        """Keep the attempts on one item; ``None`` is one that nobody could score."""
        made = tuple(None if each is None else Decimal(each) for each in attempts)
        self._items.append(ItemResult(item=item, attempts=made))

    def __exit__(self, kind: type[BaseException] | None, raised: BaseException | None, _: TracebackType | None) -> None:
        """Report the run: completed, short of its plan, or failed; what was raised goes on."""
        status, reason = _ended(raised, self._registration, self._items, self._scores)
        run = Run(
            **self._registration.model_dump(exclude={"planned_items"}),
            status=status,
            status_reason=reason,
            measured_at=datetime.now(UTC),
            scores=tuple(self._scores),
            items=tuple(self._items),
        )
        try:
            self.answer = self._client.submit_run(run)
        except RspError as refused:
            if raised is None:
                raise
            log.warning("rsp: the failed run %s is not reported (%s); it stays registered, and nothing is ruled out", run.slug, refused)


def _ended(
    raised: BaseException | None, registration: RunRegistration, items: Sequence[ItemResult], scores: Sequence[Score]
) -> tuple[RunStatus, str | None]:
    if raised is not None:
        return RunStatus.FAILED, f"{type(raised).__name__}: {raised}"[:LONGEST_REASON]
    if not items and not scores:
        return RunStatus.FAILED, "nothing was measured"
    unscored = sum(value is None for item in items for value in item.attempts)
    planned = registration.planned_items
    if unscored:
        return RunStatus.PARTIAL, f"{unscored} attempts are unscored"
    if items and planned is not None and len(items) < planned:
        return RunStatus.PARTIAL, f"{len(items)} of {planned} planned items were measured"
    return RunStatus.COMPLETED, None
