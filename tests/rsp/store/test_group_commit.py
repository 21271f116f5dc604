"""Threads that write at once share commits, and no one notices: not who fails, not who waits, not who reads what was acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text

from rsp.errors import StoreError
from rsp.store import group_commit
from rsp.store.names import Names
from rsp.store.reading import entries, position
from rsp.store.session import Store
from rsp.store.verify import verify
from rsp.store.writing import Writing
from tests.rsp.store.dba import Dba
from tests.rsp.store.sample import AT
from tests.rsp.store.test_session import add_developer

PATIENCE = 20  # seconds that a test waits for its own threads on a busy machine


class Commits:
    """Counts the commits of writing transactions."""

    def __init__(self, store: Store) -> None:
        self.count = 0
        event.listen(store._writing, "commit", self._met)

    def _met(self, _: object) -> None:
        self.count += 1


class Crowd:
    """Threads that each perform one act; the first holds its turn until all others wait for theirs."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.failures: dict[str, BaseException] = {}
        self.seen: dict[str, bool] = {}
        self._threads: list[threading.Thread] = []
        self._all_wait = threading.Event()

    def act(self, name: str, work: Callable[[Writing], None], after: Callable[[], bool] = lambda: True) -> None:
        """Start one; ``after`` is asked in its thread as soon as its act is acknowledged."""

        def run() -> None:
            try:
                with self.store.write(actor=name, at=AT) as writing:
                    work(writing)
                self.seen[name] = after()
            except (StoreError, ZeroDivisionError, MemoryError, KeyboardInterrupt) as error:
                self.failures[name] = error

        waiting = self.store._writers._turns._waiting
        before = len(waiting)
        thread = threading.Thread(target=run)
        thread.start()
        self._threads.append(thread)
        until = time.monotonic() + PATIENCE
        while len(self._threads) > 1 and len(waiting) == before and time.monotonic() < until:
            time.sleep(0.001)

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Within it, acts queue behind one that holds its turn; at its end they all go on."""
        began = threading.Event()

        def hold(writing: Writing) -> None:
            add_developer(writing, "first")
            began.set()
            self._all_wait.wait(PATIENCE)

        self.act("first", hold)
        assert began.wait(PATIENCE)
        try:
            yield
        finally:
            self._all_wait.set()
            for thread in self._threads:
                thread.join(PATIENCE)


@pytest.fixture(autouse=True)
def _batches_of_any_age(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes longer than a batch stays open; how long it does is told in a test of its own."""
    monkeypatch.setattr(group_commit, "LONGEST_OPEN", float(PATIENCE))


def developers(store: Store) -> list[str]:
    """Who is recorded."""
    with store.read() as session:
        return sorted(session.execute(text("SELECT slug FROM developer")).scalars())


def test_those_who_wait_share_one_commit(store: Store, database: str) -> None:
    """Six acts, one commit, six entries without a gap; each is on the disk for everybody when its own thread is told so."""
    commits, crowd = Commits(store), Crowd(store)

    def on_the_disk(name: str) -> bool:
        with Dba(database, guarded="yes") as dba:
            return bool(dba.run(f"SELECT slug FROM developer WHERE slug = '{name}'"))

    with crowd.gathered():
        for name in "bcdef":
            crowd.act(name, lambda writing, name=name: add_developer(writing, name), lambda name=name: on_the_disk(name))
    assert crowd.failures == {}
    assert crowd.seen == dict.fromkeys(["first", *"bcdef"], True)
    assert commits.count == 1
    with store.read() as session:
        assert [each.seq for each in entries(session)] == list(range(6))
        assert [each.actor for each in entries(session)] == ["first", *"bcdef"]  # in the order they came
        times = [each.recorded_at for each in entries(session)]
        assert times == sorted(set(times))
        assert verify(session).outcome == "intact"


def test_a_batch_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """By count, and by age: other processes wait too."""
    monkeypatch.setattr(group_commit, "MOST_ACTS", 3)
    commits, crowd = Commits(store), Crowd(store)
    with crowd.gathered():
        for name in "bcdef":
            crowd.act(name, lambda writing, name=name: add_developer(writing, name))
    assert crowd.failures == {}
    assert commits.count == 2
    monkeypatch.setattr(group_commit, "LONGEST_OPEN", 0.0)
    with store.write(actor="ada", at=AT) as writing:
        add_developer(writing, "g")
    assert commits.count == 3
    assert developers(store) == [*"bcdef", "first", "g"]


@pytest.mark.parametrize("failure", [ZeroDivisionError, KeyboardInterrupt])
def test_an_act_that_fails_harms_nobody(store: Store, failure: type[BaseException]) -> None:
    """What it had written already is taken back, its position goes to the next, and the others are recorded."""
    crowd = Crowd(store)

    def fail(writing: Writing) -> None:
        add_developer(writing, "c")
        writing.record()  # everything is written but the commit
        raise failure

    with crowd.gathered():
        crowd.act("b", lambda writing: add_developer(writing, "b"))
        crowd.act("c", fail)
        crowd.act("d", lambda writing: add_developer(writing, "d"))
    assert {name: type(error) for name, error in crowd.failures.items()} == {"c": failure}
    assert developers(store) == ["b", "d", "first"]
    with store.read() as session:
        assert position(session).size == 3
        assert verify(session).outcome == "intact"


def test_a_transaction_that_breaks_fails_everybody_in_it(store: Store, database: str) -> None:
    """PostgreSQL drops the connection under one act, or SQLite cannot commit: nobody is told their act is recorded, and none is."""
    crowd = Crowd(store)
    reader = None

    def break_it(writing: Writing) -> None:
        add_developer(writing, "c")
        if writing.session.dialect.name == "postgresql":
            writing.session.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        else:
            writing.session.exec_driver_sql("PRAGMA busy_timeout = 50")  # milliseconds; a reader will not let it commit

    if database.startswith("sqlite"):
        reader = store._engine.connect()
        reader.exec_driver_sql("SELECT * FROM developer")
    with crowd.gathered():
        crowd.act("b", lambda writing: add_developer(writing, "b"))
        crowd.act("c", break_it)
    assert crowd.failures.keys() == {"first", "b", "c"}
    assert all(isinstance(error, StoreError) for error in crowd.failures.values())
    if reader is not None:
        reader.close()
    assert developers(store) == []
    with store.write(actor="ada", at=AT) as writing:
        add_developer(writing, "after")
    assert developers(store) == ["after"]


def test_a_refusal_waits_for_what_it_rests_on(store: Store, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused because of an act that then cannot be committed, nobody is told so: the refusal names what was never recorded."""
    crowd = Crowd(store)
    seen: list[bool] = []

    def refuse(writing: Writing) -> None:
        seen.append(Names(writing.session).key("developer", ("first",)) is not None)
        raise ZeroDivisionError

    def fail_to_commit(batch: group_commit.Batch) -> None:
        batch._fault = OSError("no room")
        end(batch)

    end = group_commit.Batch.end
    monkeypatch.setattr(group_commit.Batch, "end", fail_to_commit)
    with crowd.gathered():
        crowd.act("b", refuse)
    assert seen == [True]
    assert {name: type(error) for name, error in crowd.failures.items()} == {"first": StoreError, "b": StoreError}
    assert developers(store) == []


def test_what_cannot_be_taken_back_is_not_committed_with_the_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted while it is taken back, an act stands half written; the whole batch fails, and says so."""
    crowd = Crowd(store)

    def fail(writing: Writing) -> None:
        add_developer(writing, "c")
        writing.record()

        def interrupted(batch: group_commit.Batch, statement: str) -> None:
            monkeypatch.undo()
            raise MemoryError(batch, statement)

        monkeypatch.setattr(group_commit.Batch, "_say", interrupted)
        raise ZeroDivisionError

    with crowd.gathered():
        crowd.act("c", fail)
    assert type(crowd.failures["first"]) is StoreError
    assert developers(store) == []


def test_who_waits_too_long_is_told_and_leaves_the_queue(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one behind is told to try again; whoever holds the turn ends as if nobody had waited."""
    monkeypatch.setattr(group_commit, "LOCK_WAIT_SECONDS", 0.05)
    crowd = Crowd(store)
    with crowd.gathered():
        crowd.act("b", lambda writing: add_developer(writing, "b"))
        until = time.monotonic() + PATIENCE
        while not crowd.failures and time.monotonic() < until:
            time.sleep(0.01)
    assert "busy" in str(crowd.failures.pop("b"))
    assert crowd.failures == {}
    assert developers(store) == ["first"]


def test_a_name_that_was_taken_back_is_not_remembered(store: Store) -> None:
    """Names are remembered from act to act once they are on the disk; one of a transaction that ended in nothing is looked up anew."""

    def key(slug: str, failure: type[BaseException] | None = None) -> str | None:
        with store.write(actor="ada", at=AT) as writing:
            found = Names(writing.session, writing.on_disk, writing.committed).key("developer", (slug,))
            if failure is not None:
                raise failure
            return found

    crowd = Crowd(store)

    def look_up_then_break(writing: Writing) -> None:
        assert Names(writing.session, writing.on_disk, writing.committed).key("developer", ("first",)) is not None
        writing.session.exec_driver_sql("RELEASE SAVEPOINT act")
        writing.session.exec_driver_sql("ROLLBACK")

    with crowd.gathered():
        crowd.act("b", look_up_then_break)
    assert crowd.failures.keys() == {"first", "b"}
    assert key("first") is None
    with store.write(actor="ada", at=AT) as writing:
        add_developer(writing, "kept")
    found = key("kept")
    assert found is not None
    assert store._writers._on_disk.keys == {("developer", ("kept",)): found}


def written(store: Store, slug: str, failure: Exception | None = None) -> Callable[[], str]:
    """Work that records a developer, and then fails if it is to."""

    def work() -> str:
        with store.write(actor="ada", at=AT) as writing:
            add_developer(writing, slug)
            if failure is not None:
                raise failure
        return slug

    return work


def test_what_one_thread_does_together_shares_one_commit(store: Store) -> None:
    """Of five pieces of work two are refused, the first among them; each is told its own outcome, and three are recorded in one commit."""
    commits = Commits(store)
    failures = {"b": ZeroDivisionError("b"), "d": ZeroDivisionError("d")}
    with store.together() as shared:
        outcomes = {slug: shared.done(written(store, slug, failures.get(slug))) for slug in "bcdef"}
        assert commits.count == 0
    for slug, outcome in outcomes.items():
        if slug in failures:
            with pytest.raises(ZeroDivisionError, match=slug):
                outcome()
        else:
            assert outcome() == slug
    assert commits.count == 1
    assert developers(store) == ["c", "e", "f"]
    with store.read() as session:
        assert verify(session).outcome == "intact"
    assert written(store, "after")() == "after"  # the turn was given back


def test_who_waits_behind_work_done_together_joins_its_commit(store: Store) -> None:
    """Another thread asks for its turn in between, and is in the same commit."""
    commits, others = Commits(store), []
    with store.together() as shared:
        outcome = shared.done(written(store, "b"))
        waiting = store._writers._turns._waiting
        others.append(threading.Thread(target=written(store, "c")))
        others[0].start()
        until = time.monotonic() + PATIENCE
        while not waiting and time.monotonic() < until:
            time.sleep(0.001)
    assert outcome() == "b"
    others[0].join(PATIENCE)
    assert developers(store) == ["b", "c"]
    assert commits.count == 1


def test_work_done_together_is_bounded_as_every_batch_is(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five acts in commits of at most two."""
    monkeypatch.setattr(group_commit, "MOST_ACTS", 2)
    commits = Commits(store)
    with store.together() as shared:
        outcomes = [shared.done(written(store, slug)) for slug in "bcdef"]
    assert [outcome() for outcome in outcomes] == list("bcdef")
    assert commits.count == 3
    assert developers(store) == list("bcdef")


def test_a_commit_that_fails_fails_all_work_done_in_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told that their work is recorded, nor why it was refused: the refusal may rest on what is not there."""

    def fail_to_commit(batch: group_commit.Batch) -> None:
        batch._fault = OSError("no room")
        end(batch)

    end = group_commit.Batch.end
    monkeypatch.setattr(group_commit.Batch, "end", fail_to_commit)
    with store.together() as shared:
        outcomes = [shared.done(written(store, "b")), shared.done(written(store, "c", ZeroDivisionError()))]
    for outcome in outcomes:
        with pytest.raises(StoreError, match="no room"):
            outcome()
    monkeypatch.undo()
    assert developers(store) == []


def test_a_busy_database_is_waited_for_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three pieces of work find another writer; the first waits for it, and all three are told."""
    monkeypatch.setattr(group_commit, "LOCK_WAIT_SECONDS", 0.05)
    waits = []
    asked = store._writers._turns.asked
    monkeypatch.setattr(store._writers._turns, "asked", lambda: waits.append("asked") or asked())
    crowd = Crowd(store)
    with crowd.gathered():
        with store.together() as shared:
            outcomes = [shared.done(written(store, slug)) for slug in "bcd"]
        for outcome in outcomes:
            with pytest.raises(StoreError, match="busy"):
                outcome()
    assert waits == ["asked", "asked"]  # the one that holds the turn, and the three together
    assert developers(store) == ["first"]


def test_work_of_several_acts_is_told_once_all_of_them_are_on_the_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first act is in a commit that fails, its second in one that holds: the work is not told as recorded."""
    monkeypatch.setattr(group_commit, "MOST_ACTS", 1)
    ends: list[group_commit.Batch] = []

    def fail_the_first(batch: group_commit.Batch) -> None:
        ends.append(batch)
        if len(ends) == 1:
            batch._fault = OSError("no room")
        end(batch)

    end = group_commit.Batch.end
    monkeypatch.setattr(group_commit.Batch, "end", fail_the_first)
    with store.together() as shared:
        outcome = shared.done(lambda: [written(store, slug)() for slug in "bc"])
    with pytest.raises(StoreError, match="no room"):
        outcome()
    assert (len(ends), developers(store)) == (2, ["c"])
