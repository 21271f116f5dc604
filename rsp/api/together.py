"""What many requests ask at the same moment, done in one thread and, where it writes, with one commit.

The rules kept here: whoever asks while others are served waits for the next round, which takes everybody who waits; each is answered for
itself, and one that is refused harms no other; nobody is answered before the round is over, so that what an answer rests on is on the disk.

A thread a request costs more than most requests: they take the interpreter from each other at every statement. Left out: large
requests, which would make small ones wait, and have threads of their own (``rsp.api.taking_in``).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

MOST_AT_ONCE = 32  # requests in a round, as acts in a commit (``rsp.store.group_commit``)


class Together(Generic[Asked, Answer]):
    """Serves requests in rounds. ``serve`` is given those of one round and returns, in their order, each answer, or why there is none."""

    def __init__(self, serve: Callable[[Sequence[Asked]], Sequence[Answer | Exception]]) -> None:
        self._serve = serve
        self._waiting: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self._rounds: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Answer:
        """Wait for the round that takes this in, and return or raise what it came to."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._rounds is None:
            self._rounds = asyncio.create_task(self._serve_all())
        return await answer

    async def _serve_all(self) -> None:
        try:
            while self._waiting:
                some = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
                await self._serve_round(some)
        finally:
            self._rounds = None

    async def _serve_round(self, some: Sequence[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = await run_in_threadpool(self._serve, [asked for asked, _ in some])
            if len(answers) != len(some):
                raise RuntimeError(f"found {len(answers)} answers, expected one for each of {len(some)} requests")
        except Exception as fault:  # of the round as a whole: everybody in it is told
            answers = [fault] * len(some)
        for (_, future), answer in zip(some, answers, strict=True):
            if future.done():  # its sender has left
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
