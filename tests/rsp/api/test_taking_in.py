"""A round of small submissions: read and laid out before anything is written, and each answered for itself."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from evaluations.evidence import FORMAT
from rsp.api.bodies import Media
from rsp.api.callers import askers
from rsp.api.taking_in import Sending, Submission, senders
from rsp.api.wire import Laid
from rsp.errors import NotPermittedError
from rsp.store.session import Store
from rsp.tokens import Caller, Role
from tests.rsp.store.sample import fill

AT = datetime(2026, 11, 22, tzinfo=UTC)


def _sending(store: Store, role: Role, wire: Any, slug: str) -> Sending:
    told = Submission(store, Caller("lab", role, "token"), lambda: AT, "POST /api/v1/sources", None, None)
    return Sending(told, json.dumps({"slug": slug, "title": slug}).encode(), Media.JSON, wire)


def _served(store: Store, round_of: Sequence[Sending]) -> list[Any]:
    async def all_at_once() -> list[Any]:
        together = senders(store, askers(store, lambda: AT))
        return await asyncio.gather(*map(together.ask, round_of), return_exceptions=True)

    return asyncio.run(all_at_once())


def test_nothing_is_written_before_the_last_of_a_round_is_laid_out(store: Store) -> None:
    """While any is laid out, which may read the record, another thread can still write: nobody holds the turn."""
    fill(store)
    free = []

    def laid(asked: Store, values: Sequence[Any]) -> Laid:
        def write() -> None:
            with asked.write(actor="another", at=AT):
                pass

        another = threading.Thread(target=write)
        another.start()
        another.join(2)  # seconds; who has to wait gets no turn within this
        free.append(not another.is_alive())
        return Laid({"format": FORMAT, "sources": list(values)}, lambda path: path[1:])

    answers = _served(store, [_sending(store, Role.AUTHOR, laid, slug) for slug in ("one", "two", "three")])
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert free == [True] * 3


def test_one_that_is_refused_harms_no_other_of_its_round(store: Store) -> None:
    """Neither where its laying out fails, nor where recording it is refused after another was written."""
    fill(store)

    def sources(_: Store, values: Sequence[Any]) -> Laid:
        return Laid({"format": FORMAT, "sources": list(values)}, lambda path: path[1:])

    def broken(_: Store, values: Sequence[Any]) -> Laid:
        raise MemoryError("no room")

    def judgement(_: Store, values: Sequence[Any]) -> Laid:
        alias = {"slug": "alias", "spelled": "lab/m", "model": "m", "snapshot": "final", "source": "card"}
        return Laid({"format": FORMAT, "model_aliases": [alias]}, lambda path: path[1:])

    wires = (sources, broken, judgement, sources)
    answers = _served(store, [_sending(store, Role.SUBMITTER, wire, f"s{place}") for place, wire in enumerate(wires)])
    assert [getattr(answer, "status_code", type(answer)) for answer in answers] == [201, MemoryError, NotPermittedError, 201]
