"""Submissions that wait: whole or not there, in order, delivered once, and never in anybody's way."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest

from evaluations.readers.assignment import SentReading
from rsp.client import Mode, Recorder, Settings, Spool
from rsp.client.calls import Call
from rsp.client.sending import Sending
from rsp.errors import AwayError, InputError, UnknownCallerError
from tests.rsp.client.servers import OK, RECEIPT, Answer, bad_day, nobody, problem
from tests.rsp.logs import a_reading


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pauses between attempts be short."""
    monkeypatch.setattr("rsp.client.sending._BACKOFF", lambda _: 0.01)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "state" / "spool")


def a_call(number: int) -> Call:
    return Call("/api/v1/runs", f'[{{"n": {number}}}]', f"run {number}")


def deliver(spool: Spool, url: str, *, refused_too: bool = True) -> list[str]:
    """Deliver what waits; a word for each."""
    sending = Sending(url, None, timeout=5, max_retries=0)
    try:
        told = spool.deliver(sending, refused_too=refused_too)
        return [f"{each.waiting.call.what}: {'delivered' if each.receipt else 'refused'}" for each in told]
    finally:
        sending.close()


def test_what_waits_is_delivered_in_order(spool: Spool) -> None:
    """And leaves once the server has acknowledged it."""
    for number in range(3):
        spool.put(a_call(number), "away")
    with bad_day(OK) as day:
        assert deliver(spool, day.url) == [f"run {number}: delivered" for number in range(3)]
    assert [body for *_, body in day.asked] == [a_call(number).body.encode() for number in range(3)]
    assert not list(spool.waiting())


def test_a_clock_that_was_set_back_changes_no_order(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came later stays later."""
    spool.put(a_call(0), "away")
    monkeypatch.setattr("time.time_ns", lambda: 0)
    spool.put(a_call(1), "away")
    assert [each.call.what for each in spool.waiting()] == ["run 0", "run 1"]


def test_the_same_submission_waits_once(spool: Spool) -> None:
    """A retry of the caller is no second submission."""
    assert spool.put(a_call(1), "away").path == spool.put(a_call(1), "away").path


def test_nobody_else_reads_what_waits(spool: Spool) -> None:
    """Scores are not public, whatever the mask of the process."""
    old = os.umask(0)
    try:
        path = spool.put(a_call(1), "away").path
    finally:
        os.umask(old)
    assert (stat.S_IMODE(spool.folder.stat().st_mode), stat.S_IMODE(path.stat().st_mode)) == (0o700, 0o600)


def test_nothing_leaves_while_the_server_is_away(spool: Spool) -> None:
    """The first failure ends the delivery."""
    spool.put(a_call(1), "away")
    with pytest.raises(AwayError):
        deliver(spool, nobody())
    assert len(list(spool.waiting())) == 1


@pytest.mark.parametrize("answer", [Answer(201, {"no": "receipt"}), Answer(200, "a login page")])
def test_an_answer_that_is_no_receipt_acknowledges_nothing(spool: Spool, answer: Answer) -> None:
    """A proxy that answers 200 to everything must not empty the spool."""
    spool.put(a_call(1), "away")
    with bad_day(answer) as day, pytest.raises(AwayError, match="no receipt"):
        deliver(spool, day.url)
    assert len(list(spool.waiting())) == 1


def test_what_is_refused_stays_with_the_refusal_and_holds_up_nothing(spool: Spool) -> None:
    """A person puts it right; then it is delivered."""
    for number in range(2):
        spool.put(a_call(number), "away")
    with bad_day(problem(422, "input", "nobody knows larch"), OK) as day:
        assert deliver(spool, day.url) == ["run 0: refused", "run 1: delivered"]
        [left] = spool.waiting()
        assert left.refusal == "nobody knows larch"
        assert deliver(spool, day.url, refused_too=False) == []
        assert deliver(spool, day.url) == ["run 0: delivered"]
    assert [each.name for each in spool.folder.iterdir()] == [".lock"]


def test_a_token_that_is_not_valid_refuses_nothing(spool: Spool) -> None:
    """Another token may deliver it."""
    spool.put(a_call(1), "away")
    with bad_day(problem(401, "unknown-caller", "no token")) as day, pytest.raises(UnknownCallerError):
        deliver(spool, day.url)
    [left] = spool.waiting()
    assert left.refusal is None


def test_a_file_that_is_none_of_ours_is_named_and_left(spool: Spool) -> None:
    """Half a file of another program, and one that would be sent to another host."""
    path = spool.put(a_call(1), "away").path
    (spool.folder / "half.json").write_text(path.read_text()[:40])
    (spool.folder / "other.json").write_text(path.read_text().replace("/api/v1/runs", "@elsewhere.test/runs"))
    assert [each.name for each in spool.strangers()] == ["half.json", "other.json"]
    with bad_day(OK) as day:
        assert deliver(spool, day.url) == ["run 1: delivered"]


def test_two_deliveries_at_once_deliver_each_submission_once(spool: Spool) -> None:
    """The lock is held by one; the other finds what is left."""
    for number in range(10):
        spool.put(a_call(number), "away")
    done: list[str] = []
    with bad_day(Answer(201, RECEIPT, hang=0.02)) as day:
        threads = [Thread(target=lambda: done.extend(deliver(spool, day.url))) for _ in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert sorted(done) == [f"run {number}: delivered" for number in range(10)]
    assert len(day.keys) == 10


KILLED = """
import sys
from pathlib import Path
from rsp.client import Spool
from rsp.client.calls import Call
spool = Spool(Path(sys.argv[1]))
number = 0
while True:
    spool.put(Call("/api/v1/runs", f"[{number}]" + " " * 50_000, f"run {number}"), "away")
    print(number, flush=True)
    number += 1
"""


def test_a_killed_process_leaves_no_half_file_and_loses_nothing_it_kept(spool: Spool) -> None:
    """Killed while it writes one after the other."""
    with subprocess.Popen([sys.executable, "-c", KILLED, str(spool.folder)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        kept = -1
        while kept < 20:
            kept = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        kept = max([kept, *map(int, process.stdout.read().split())])
    assert spool.strangers() == ()
    assert [each.call.what for each in spool.waiting()][: kept + 1] == [f"run {number}" for number in range(kept + 1)]


@pytest.fixture
def settings(spool: Spool) -> Settings:
    return Settings(None, None, Mode.ONLINE, timeout=5, max_retries=0, spool=spool.folder)


def told(number: int) -> SentReading:
    return SentReading(reading=a_reading(log_id=f"log-{number}"))


def recorder_to(settings: Settings, url: str | None, mode: Mode = Mode.ONLINE) -> Recorder:
    return Recorder.from_environment(Settings(url, None, mode, settings.timeout, settings.max_retries, settings.spool))


def test_a_recorder_delivers_in_order_and_leaves_nothing(spool: Spool, settings: Settings) -> None:
    """While its caller goes on."""
    with bad_day(Answer(201, RECEIPT, hang=0.05)) as day:
        recorder = recorder_to(settings, day.url)
        begun = time.monotonic()
        for number in range(5):
            recorder.record(told(number))
        handed_over = time.monotonic() - begun
        recorder.flush()
    assert [f"log-{number}".encode() in body for number, (*_, body) in enumerate(day.asked)] == [True] * 5
    assert not list(spool.waiting())
    assert handed_over < 2


def test_a_recorder_never_raises_and_waits_no_longer_than_it_may(
    spool: Spool, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that hangs: everything is kept, and the warning says how to deliver it."""
    with bad_day(Answer(201, RECEIPT, hang=3)) as day:
        recorder = recorder_to(settings, day.url)
        begun = time.monotonic()
        recorder.record(told(1))
        recorder.flush(longest_wait=0.2)
        assert time.monotonic() - begun < 2
        assert "1 submission in" in caplog.text
        assert "`rsp sync` delivers" in caplog.text
        assert len(list(spool.waiting())) == 1


def test_a_recorder_without_a_server_keeps_everything(spool: Spool, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """Away, offline, or nowhere: it waits."""
    for number, (url, mode) in enumerate([(nobody(), Mode.ONLINE), (nobody(), Mode.OFFLINE), (None, Mode.ONLINE)]):
        recorder = recorder_to(settings, url, mode)
        recorder.record(told(number))
        recorder.flush()
        assert len(list(spool.waiting())) == number + 1
    assert "away" in caplog.text


def test_a_recorder_that_is_disabled_keeps_nothing(spool: Spool, settings: Settings) -> None:
    """Nor does it make a folder."""
    recorder = recorder_to(settings, nobody(), Mode.DISABLED)
    recorder.record(told(1))
    recorder.flush()
    assert not spool.folder.exists()


def test_a_folder_that_cannot_be_written_ends_no_evaluation(tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """It is told, and that is all."""
    (tmp_path / "file").write_text("")
    recorder = Recorder(Spool(tmp_path / "file" / "spool"), None)
    recorder.record(told(1))
    recorder.flush()
    assert "is not kept" in caplog.text
    with pytest.raises(InputError, match="no way to keep"):
        Spool(tmp_path / "file" / "spool").put(a_call(1), "away")
