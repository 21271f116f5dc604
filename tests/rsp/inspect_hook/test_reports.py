"""What Inspect runs is on record once, whatever becomes of the run, the server or the process; and the evaluation notices nothing."""

from __future__ import annotations

import signal

import pytest

from tests.rsp.inspect_hook.conftest import Lab, until


@pytest.fixture(scope="module")
def past(lab: Lab) -> str:
    """Let a process run through a success, a failure that fires no end of its task, a set that repeats an attempt and removes its log, that
    set once more, and a run that is cancelled; return what it said."""
    process = lab.start("history")
    until(lab.waits, process)
    process.send_signal(signal.SIGINT)
    return lab.ended(process)


def test_every_attempt_is_reported_once(lab: Lab, past: str) -> None:
    """Also the attempt whose log the set has removed, and the run that was cancelled, of which no event names the log."""
    told = lab.runs()
    assert told == [("candidate-1", "completed"), *[("candidate-1", "partial")] * 3, ("final", "completed")]
    lab.rsp("submit", "logs", "set", "elsewhere", expected=2)  # the same logs by another door; 2: one has a name that means nothing
    assert lab.runs() == told


def test_what_is_complete_decides(lab: Lab, past: str) -> None:
    assert lab.outcome() == "ruled_out"


def test_a_name_that_means_nothing_is_told_with_the_alias_to_record(lab: Lab, past: str) -> None:
    assert "found the task questions_nobody_named" in past
    assert '"task_aliases": [{"slug": "questions_nobody_named"' in past


def test_a_killed_run_stands_against_a_rule_out_until_its_log_is_handed_in(lab: Lab, past: str) -> None:
    """Nothing fires when a process is killed: what was announced stays."""
    assert lab.outcome() == "ruled_out"
    process = lab.start("long")
    until(lambda: lab.waits() and ("final", "withheld") in lab.runs(), process)
    process.kill()
    process.communicate()
    assert lab.outcome() == "insufficient_evidence"
    lab.rsp("submit", "later")
    assert ("final", "withheld") not in lab.runs()
    assert len(lab.runs()) == 6
    assert lab.outcome() == "ruled_out"  # what is left of the log is a failed attempt, and the variant was measured whole


def test_what_could_not_be_delivered_is_delivered_once_later(another_lab: Lab) -> None:
    """The server is killed during a run, the next run is offline: both come with ``rsp sync``. A third was disabled and never left."""
    lab = another_lab
    process = lab.start("switched")
    until(lambda: lab.waits() and ("final", "withheld") in lab.runs(), process)
    lab.stop(signal.SIGKILL)
    (lab.directory / "go").touch()
    assert "`rsp sync` delivers" in lab.ended(process)
    assert lab.runs() == [("final", "withheld")]
    lab.serve()
    lab.rsp("sync")
    assert lab.runs() == [("candidate-1", "completed"), ("final", "completed")]
    assert lab.rsp("sync").stdout == ""
    assert lab.outcome() == "ruled_out"
