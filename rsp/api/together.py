"""What many requests ask at the same moment, done in one thread and, where it writes, with one commit.

The rules kept here: whoever asks while others are served waits for the next round, which takes everybody who waits; each is answered for
itself, and one that is refused harms no other; nobody is answered before the round is over, so that what an answer rests on is on the disk.
A round begins at once, unless others are on their way to it: then it waits for them, for a moment.

A thread a request costs more than most requests: they take the interpreter from each other at every statement. Left out: large
requests, which would make small ones wait, and have threads of their own (``rsp.api.taking_in``).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from starlette.concurrency import run_in_threadpool

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

MOST_AT_ONCE = 32  # requests in a round, as acts in a commit (``rsp.store.group_commit``)
LONGEST_GATHERING = 0.01  # seconds that a round waits for others; our choice: about what it takes itself


class Together(Generic[Asked, Answer]):
    """Serves requests in rounds. ``serve`` is given those of one round and returns, in their order, each answer, or why there is none.

    Whoever is served by ``before`` may be on the way here next, and is waited for.
    """

    def __init__(self, serve: Callable[[Sequence[Asked]], Sequence[Answer | Exception]], before: Together[Any, Any] | None = None) -> None:
        self._serve, self._before = serve, before
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
                if self._before is not None and len(self._waiting) < MOST_AT_ONCE:
                    await self._before.rest(LONGEST_GATHERING)
                some = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
                await self._serve_round(some)
        finally:
            self._rounds = None

    async def rest(self, longest: float) -> None:
        """Wait until nobody is served here and those who were have gone on, but no longer than so many seconds."""
        latest = asyncio.get_running_loop().time() + longest
        while True:
            while self._rounds is not None and (left := latest - asyncio.get_running_loop().time()) > 0:
                await asyncio.wait([self._rounds], timeout=left)
            await asyncio.sleep(0)  # those answered go on, and those whose requests have come by now ask
            if self._rounds is None or asyncio.get_running_loop().time() >= latest:
                return

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
