"""Requests that come at the same moment are served in rounds, each is answered for itself, and nobody is forgotten."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from rsp.api.together import MOST_AT_ONCE, Together


class Served:
    """Serves numbers: an even one is answered by its half, an odd one refused. The first round waits until it is let go."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, asked: Sequence[int]) -> list[int | Exception]:
        self.rounds.append(list(asked))
        self.begun.set()
        assert self.go.wait(20)
        return [ValueError(f"{each} is odd") if each % 2 else each // 2 for each in asked]


def test_who_waits_while_others_are_served_is_in_the_next_round() -> None:
    """One begins alone; 40 that come meanwhile are two rounds more, in the order they came; the refused ones harm nobody."""
    served = Served()

    async def all_at_once() -> list[object]:
        together = Together(served)
        first = asyncio.create_task(together.ask(0))
        await asyncio.to_thread(served.begun.wait, 20)
        others = [asyncio.create_task(together.ask(number)) for number in range(1, 41)]
        await asyncio.sleep(0)
        served.go.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    answers = asyncio.run(all_at_once())
    assert served.rounds == [[0], list(range(1, 1 + MOST_AT_ONCE)), list(range(1 + MOST_AT_ONCE, 41))]
    assert [str(each) for each in answers] == [f"{number} is odd" if number % 2 else str(number // 2) for number in range(41)]


def test_who_left_is_served_and_not_told_and_the_others_go_on() -> None:
    """A sender that goes away in the middle of a round stops nothing, and the next who comes begins a round again."""
    served = Served()

    async def one_leaves() -> tuple[object, int]:
        together = Together(served)
        leaving = asyncio.create_task(together.ask(2))
        await asyncio.to_thread(served.begun.wait, 20)
        staying = asyncio.create_task(together.ask(4))
        leaving.cancel()
        served.go.set()
        stayed = await staying
        return stayed, await together.ask(6)

    assert asyncio.run(one_leaves()) == (2, 3)
    assert served.rounds == [[2], [4], [6]]


def test_a_fault_of_a_round_is_told_to_all_of_it() -> None:
    """And the round after it is served."""

    def broken(asked: Sequence[int]) -> list[int | Exception]:
        if len(asked) > 1:
            raise MemoryError("no room")
        return list(asked)

    async def three() -> tuple[list[object], int]:
        together = Together(broken)
        failed = await asyncio.gather(together.ask(1), together.ask(2), return_exceptions=True)
        return list(failed), await together.ask(3)

    failed, answer = asyncio.run(three())
    assert [str(each) for each in failed] == ["no room", "no room"]
    assert answer == 3


def test_who_is_on_the_way_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three are looked up while a fourth, who was looked up before, waits to be served: all four are one round."""
    monkeypatch.setattr("rsp.api.together.LONGEST_GATHERING", 20)  # seconds: a busy machine takes longer than a round would wait
    looked_up, served = Served(), Served()
    served.go.set()

    async def four() -> list[int]:
        before: Together[int, int] = Together(looked_up)
        together: Together[int, int] = Together(served, before)

        async def both(number: int) -> int:
            return await together.ask(2 * await before.ask(number))

        others = [asyncio.create_task(both(number)) for number in (4, 8, 12)]
        await asyncio.to_thread(looked_up.begun.wait, 20)
        first = asyncio.create_task(together.ask(2))
        await asyncio.sleep(0)
        looked_up.go.set()
        return await asyncio.gather(first, *others)

    assert asyncio.run(four()) == [1, 2, 4, 6]
    assert [sorted(each) for each in served.rounds] == [[2, 4, 8, 12]]


def test_a_full_round_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody more would be in it."""
    monkeypatch.setattr("rsp.api.together.LONGEST_GATHERING", 20)
    looked_up, served = Served(), Served()
    served.go.set()

    async def many() -> None:
        before: Together[int, int] = Together(looked_up)
        together = Together(served, before)
        slow = asyncio.create_task(before.ask(2))
        await asyncio.to_thread(looked_up.begun.wait, 20)
        await asyncio.wait_for(asyncio.gather(*(together.ask(2 * number) for number in range(MOST_AT_ONCE))), 10)
        looked_up.go.set()
        await slow

    asyncio.run(many())
    assert [len(each) for each in served.rounds] == [MOST_AT_ONCE]


def test_who_is_on_the_way_for_ever_holds_nobody_up() -> None:
    """While the others are still looked up, the one who is there is served."""
    looked_up, served = Served(), Served()
    served.go.set()

    async def one() -> int:
        before: Together[int, int] = Together(looked_up)
        slow = asyncio.create_task(before.ask(2))
        await asyncio.to_thread(looked_up.begun.wait, 20)
        answer = await Together(served, before).ask(6)
        assert not slow.done()
        looked_up.go.set()
        await slow
        return answer

    assert asyncio.run(one()) == 3


def test_nobody_is_asked_for_when_nobody_asks() -> None:
    """No thread, no task, once the last is answered."""

    async def ask() -> object:
        together = Together(list)
        await together.ask(1)
        await asyncio.sleep(0)
        return together._rounds

    assert asyncio.run(ask()) is None


def test_the_answers_must_be_as_many_as_were_asked() -> None:
    """Or somebody would wait for ever: the mistake is told instead."""

    async def ask() -> int:
        return await asyncio.wait_for(Together(lambda _: []).ask(1), 5)

    with pytest.raises(RuntimeError, match="found 0 answers"):
        asyncio.run(ask())
