"""Lets the acts of many threads share one commit, because waiting for the disk is what a commit costs.

The rules kept here: writers take turns in the order they came, and each works alone, on what those before it left. Whoever finds somebody
waiting leaves the transaction open for the next; whoever finds nobody, or a full or old batch, commits. An act is over for its caller only
when the commit that holds it is. An act that fails is taken back alone, and nobody else in the batch notices; why it failed is told once
the acts before it are on the disk, because a refusal may rest on them. A commit that fails fails every act of its batch. Each act is an
entry of its own, whichever commit brought it.

A thread that has the work of many senders keeps its turn from one act to the next (``together``); whether each act is on the disk is then
told after the last. Left out: a thread that does all the writing. Each act runs in the thread that asked for it, so that use cases are the
same with it and without. Left out: other processes. They take turns by the lock of the database, as this one does as a whole.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import NoReturn, TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from rsp.store import merkle
from rsp.store.engines import LOCK_WAIT_SECONDS, WRITES
from rsp.store.faults import busy, named
from rsp.store.log_tables import LogHeadRow
from rsp.store.names import NamesOnDisk
from rsp.store.prepared import Prepared, driven
from rsp.store.writing import Head, Writing

_HEAD = Prepared(select(LogHeadRow.size, LogHeadRow.frontier, LogHeadRow.last_recorded_at).with_for_update())
MOST_ACTS = 32  # a commit; reliability target, measured with as many
Done = TypeVar("Done")
LONGEST_OPEN = 0.1  # seconds until a batch takes no more; our choice: other processes wait 5 s at most, and nobody likes to


class Turns:
    """Lets one thread at a time through, in the order they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def asked(self) -> threading.Event:
        """Ask for a turn, and return what is set once it has come: at once, if nobody else has it."""
        ticket = threading.Event()
        with self._lock:
            if self._taken:
                self._waiting.append(ticket)
            else:
                self._taken = True
                ticket.set()
        return ticket

    def withdrawn(self, ticket: threading.Event) -> bool:
        """Leave the queue; tell ``False`` if the turn has come in the meantime, because then somebody counts on it being used."""
        with self._lock:
            if ticket.is_set():
                return False
            self._waiting.remove(ticket)
            return True

    def called_next(self) -> bool:
        """Give the turn to the one who waits longest; tell whether anybody waited. If nobody did, the turn stays here."""
        with self._lock:
            if not self._waiting:
                return False
            self._waiting.popleft().set()
            return True

    def free(self) -> None:
        """Give the turn back."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


class Batch:
    """One transaction, and the acts that it holds so far."""

    def __init__(self, engine: Engine, on_disk: NamesOnDisk) -> None:
        self._on_disk = on_disk
        self._address = engine.url.render_as_string(hide_password=True)
        self.connection = engine.connect().execution_options(**{WRITES: True})
        try:
            self._transaction = self.connection.begin()
            self.head = self._locked_head()
        except BaseException:
            self.connection.close()
            raise
        self._committed = self.head.size
        self._acts = 0
        self._began = time.monotonic()
        self._fault: BaseException | None = None
        self._ended = threading.Event()

    def _locked_head(self) -> Head:
        """Read the head, holding it until the transaction ends. On SQLite BEGIN IMMEDIATE holds the whole file already."""
        ((size, frontier, last_recorded_at),) = _HEAD.rows(self.connection, {})
        return Head(size, tuple(merkle.from_hex(frontier)), last_recorded_at)

    def _say(self, statement: str) -> None:
        with driven(self.connection, statement) as cursor:
            cursor.execute(statement)

    @property
    def takes_more(self) -> bool:
        """Whether another act may join."""
        return self._fault is None and self._acts < MOST_ACTS and time.monotonic() - self._began < LONGEST_OPEN

    @property
    def holds_acts(self) -> bool:
        """Whether any act of it awaits the commit."""
        return self._acts > 0

    @contextmanager
    def act(self, actor: str, at: datetime) -> Iterator[Writing]:
        """Give one act its turn; take back what it wrote if it fails."""
        alone = self._acts == 0  # then there is nobody whom taking everything back could harm
        try:
            if not alone:
                self._say("SAVEPOINT act")
            writing = Writing(self.connection, self.head, actor, at, self._on_disk, self._committed)
            yield writing
            writing.record()
            if not alone:
                self._say("RELEASE SAVEPOINT act")
            self.head = writing.head
            self._acts += 1  # within the try: who is interrupted here, without a savepoint left, takes the whole batch back
        except BaseException as error:
            self._take_back(error, alone=alone)
            raise

    def _take_back(self, error: BaseException, *, alone: bool) -> None:
        if alone:
            self._fault = error
            return
        try:
            self._say("ROLLBACK TO SAVEPOINT act")
            self._say("RELEASE SAVEPOINT act")
        except SQLAlchemyError as gone:  # the fault took the whole transaction with it: a full disk, a server that went away
            self._fault = gone
        except BaseException as gone:  # what is half written is not committed with the others, whatever stopped us
            self._fault = gone
            raise

    def end(self) -> None:
        """Commit, or take everything back if the transaction is broken; those who wait for it go on either way."""
        try:
            if self._fault is None:
                self._transaction.commit()
            else:
                self._transaction.rollback()
        except SQLAlchemyError as error:
            self._fault = self._fault or error
            self.connection.invalidate()  # or it would go back to the pool with the transaction, and its lock, still open
        except BaseException as error:
            self._fault = error
            self.connection.invalidate()
            raise
        finally:
            try:
                self.connection.close()
            finally:
                self._ended.set()

    def wait(self) -> None:
        """Wait until the batch is committed. Raises ``StoreError`` if it was not."""
        self._ended.wait()
        if self._fault is None:
            return
        raise named(self._fault, self._address) from self._fault


class Shared:
    """The acts that one thread does in one turn."""

    def __init__(self) -> None:
        self.has_turn = False
        self.fault: Exception | None = None  # why there is nothing to write in: found once, not waited for again by every act
        self.batches: list[Batch] = []  # those that hold the acts of the newest work

    def done(self, work: Callable[[], Done]) -> Callable[[], Done]:
        """Do a piece of work, and return what gives or raises its outcome once the block is over and its acts are on the disk."""
        self.batches = []
        try:
            done = work()
        except Exception as refusal:
            return partial(self._refused, self.batches, refusal)
        return partial(self._recorded, self.batches, done)

    @staticmethod
    def _refused(batches: Sequence[Batch], refusal: Exception) -> NoReturn:
        for batch in batches:
            if batch.holds_acts:
                batch.wait()  # raises instead, if what the refusal may rest on was never recorded
        raise refusal

    @staticmethod
    def _recorded(batches: Sequence[Batch], done: Done) -> Done:
        for batch in batches:
            batch.wait()
        return done


class GroupCommit:
    """Every writing transaction of one process on one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._on_disk = NamesOnDisk()
        self._turns = Turns()
        self._open: Batch | None = None  # only who has the turn looks
        self._here = threading.local()  # its ``shared``: the acts of a thread that does many

    @contextmanager
    def act(self, actor: str, at: datetime) -> Iterator[Writing]:
        """Give one act its turn, and end when it is on the disk. Raises ``StoreError`` if no turn comes within 5 seconds."""
        shared: Shared | None = getattr(self._here, "shared", None)
        if shared is not None:
            with self._act_among(shared, actor, at) as writing:
                yield writing
            return
        self._take_turn()
        try:
            if self._open is None:
                self._open = Batch(self._engine, self._on_disk)
            batch = self._open
            with batch.act(actor, at) as writing:
                yield writing
        except Exception:
            refused_in = self._open
            self._leave()
            if refused_in is not None and refused_in.holds_acts:
                refused_in.wait()  # raises instead, if what the refusal may rest on was never recorded
            raise
        except BaseException:  # Ctrl-C waits for nobody
            self._leave()
            raise
        self._leave()
        batch.wait()

    @contextmanager
    def together(self) -> Iterator[Shared]:
        """Let all acts of this thread be done in one turn. What they came to is told by ``Shared.done``, after the block."""
        shared = self._here.shared = Shared()
        try:
            yield shared
        finally:
            del self._here.shared
            if shared.has_turn:
                self._leave()

    @contextmanager
    def _act_among(self, shared: Shared, actor: str, at: datetime) -> Iterator[Writing]:
        """Give one act its place in the turn that its thread has, without waiting for the disk."""
        batch = self._batch_for(shared)
        shared.batches.append(batch)
        try:
            with batch.act(actor, at) as writing:
                yield writing
        finally:
            if not batch.takes_more:
                self._open = None
                batch.end()

    def _batch_for(self, shared: Shared) -> Batch:
        """Return the open batch, for the first act once the turn has come. Raises the same for all acts where there is none to be had."""
        if shared.fault is not None:
            raise shared.fault
        try:
            if not shared.has_turn:
                self._take_turn()
                shared.has_turn = True
            if self._open is None:
                self._open = Batch(self._engine, self._on_disk)
        except Exception as fault:
            shared.fault = fault
            raise
        return self._open

    def _take_turn(self) -> None:
        ticket = self._turns.asked()
        try:
            came = ticket.wait(LOCK_WAIT_SECONDS)
        except BaseException:  # Ctrl-C while waiting
            if not self._turns.withdrawn(ticket):
                self._leave()
            raise
        if not came and self._turns.withdrawn(ticket):
            raise busy()

    def _leave(self) -> None:
        """Hand the open batch to the next writer, or end it."""
        batch = self._open
        if batch is not None and batch.takes_more and self._turns.called_next():
            return
        self._open = None
        try:
            if batch is not None:
                batch.end()
        finally:
            self._turns.free()
