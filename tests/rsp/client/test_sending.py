"""What a client does on a bad day: tries again under one key, as long as it makes sense, and tells the server's own words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from evaluations.records import Run, Score
from evaluations.registrations import RunRegistration
from rsp.client import Client, Spool, Spooled
from rsp.errors import (
    AwayError,
    ConflictError,
    EvidenceError,
    InputError,
    NotPermittedError,
    StoreError,
    UnknownCallerError,
    UnknownNameError,
)
from rsp.receipts import Receipt
from tests.rsp.client.servers import OK, RECEIPT, Answer, bad_day, nobody, problem

RUN = Run.model_validate(
    {
        "slug": "run-1",
        "model": "larch",
        "snapshot": "final",
        "evaluation": "exam",
        "version": "v1",
        "source": "lab",
        "status": "failed",
        "status_reason": "x",
    }
)
REGISTRATION = RunRegistration.model_validate(
    {"slug": "run-1", "model": "larch", "snapshot": "final", "evaluation": "exam", "version": "v1", "source": "lab", "planned_items": 2}
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pauses between attempts be short; what the server asks for stays."""
    monkeypatch.setattr("rsp.client.sending._BACKOFF", lambda _: 0.01)


@pytest.mark.parametrize("bad", [Answer(503), Answer(502), Answer(504), Answer(429), Answer(201, RECEIPT, reset=True)])
def test_what_may_be_answered_later_is_tried_again_under_one_key(bad: Answer) -> None:
    """Also where it was recorded and the answer got lost."""
    with bad_day(bad, bad, OK) as day, Client(day.url) as client:
        receipt = client.submit_run(RUN)
    assert isinstance(receipt, Receipt)
    assert receipt.entry_seq == 7
    assert len(day.keys) == 3
    assert len(set(day.keys)) == 1
    assert len(day.recorded) == 1


def test_no_attempt_comes_sooner_than_the_server_asks() -> None:
    """Retry-After is honoured."""
    with bad_day(Answer(503, headers={"Retry-After": "1"}), OK) as day, Client(day.url) as client:
        begun = time.monotonic()
        client.submit_run(RUN)
    assert time.monotonic() - begun >= 1


def test_a_server_that_hangs_is_left_after_the_timeout() -> None:
    """The attempts are bounded in number and time."""
    with bad_day(Answer(201, RECEIPT, hang=1.0)) as day, Client(day.url, timeout=0.1, max_retries=1) as client:
        begun = time.monotonic()
        with pytest.raises(AwayError, match="ReadTimeout"):
            client.submit_run(RUN)
        assert time.monotonic() - begun < 1
        assert len(day.asked) == 2


def test_a_server_that_is_not_there_is_away() -> None:
    """It is told in one sentence."""
    with Client(nobody(), max_retries=1) as client, pytest.raises(AwayError, match="away"):
        client.submit_run(RUN)


FIELD = {"field": "/0/scores/1/value", "found": "1.4", "expected": "a value on the scale 0 to 1", "where": "run run-1"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (problem(401, "unknown-caller", "no token"), UnknownCallerError),
        (problem(403, "not-permitted", "not you"), NotPermittedError),
        (problem(404, "unknown-name", "found model larhc"), UnknownNameError),
        (problem(409, "conflict", "told otherwise", FIELD), ConflictError),
        (problem(422, "input", "wrong", FIELD), EvidenceError),
        (problem(422, "log", "cannot be read"), InputError),
        (problem(413, "too-large", "too large"), InputError),
        (problem(500, "internal", "id 1"), StoreError),
        (Answer(400, "what?"), InputError),
        (Answer(413, "a page of a proxy"), InputError),
        (Answer(404, "a page of another server"), AwayError),
        (Answer(302, headers={"Location": "http://127.0.0.1:9/"}), AwayError),
    ],
)
def test_every_other_answer_is_final_and_is_the_servers_own_error(answer: Answer, kind: type[Exception]) -> None:
    """One attempt, one class of error, and no redirect is followed."""
    with bad_day(answer) as day, Client(day.url) as client, pytest.raises(kind) as caught:
        client.submit_run(RUN)
    assert type(caught.value) is kind
    assert len(day.asked) == 1


def test_the_fields_of_a_refusal_come_back_as_problems() -> None:
    """A sender corrects the field that the server named."""
    with bad_day(problem(422, "input", "wrong", FIELD)) as day, Client(day.url) as client, pytest.raises(EvidenceError) as caught:
        client.submit_run(RUN)
    [told] = caught.value.problems
    assert (told.field, told.found, told.expected) == ("[0].scores[1].value", FIELD["found"], FIELD["expected"])


def test_the_token_goes_in_one_header() -> None:
    """And in no address and no body."""
    with bad_day(OK) as day, Client(day.url, "rsp_submitter_secret") as client:
        client.submit_run(RUN)
    [(_, path, headers, body)] = day.asked
    assert headers["authorization"] == "Bearer rsp_submitter_secret"
    assert "secret" not in path + body.decode()


def scores(count: int) -> list[Score]:
    """So many scores."""
    return [Score.model_validate({"slug": f"s{place}", "source": "lab", "statistic": "mean", "value": 1}) for place in range(count)]


def test_many_scores_go_in_batches_of_500() -> None:
    """Each with its own receipt."""
    with bad_day(OK) as day, Client(day.url) as client:
        answers = client.submit_scores("larch", "run-1", scores(1001))
    assert (len(answers), len(set(day.keys))) == (3, 3)


def test_a_run_is_registered_before_it_is_measured_and_reported_after() -> None:
    """Two items planned, two measured."""
    with bad_day(OK) as day, Client(day.url) as client, client.run(REGISTRATION) as run:
        assert [path for _, path, _, _ in day.asked] == ["/api/v1/registrations"]
        run.item("i1", 1)
        run.item("i2", 0)
    reported = Run.model_validate_json(day.asked[-1][3][1:-1])
    assert (reported.slug, reported.status.value, len(reported.items)) == ("run-1", "completed", 2)


@pytest.mark.parametrize(("attempts", "status"), [((1,), "partial"), ((1, None), "partial"), ((), "failed")])
def test_a_run_short_of_its_plan_is_not_completed(attempts: tuple[int | None, ...], status: str) -> None:
    """Fewer items than planned, an attempt without a score, nothing at all."""
    with bad_day(OK) as day, Client(day.url) as client, client.run(REGISTRATION) as run:
        for place, value in enumerate(attempts):
            run.item(f"i{place}", value)
    assert Run.model_validate_json(day.asked[-1][3][1:-1]).status.value == status


@pytest.mark.parametrize("last", [OK, Answer(500, "broken")])
def test_an_exception_is_reported_as_a_failed_run_and_goes_on(last: Answer, recwarn: pytest.WarningsRecorder) -> None:
    """Whatever the tracker answers, the exception of the evaluation is what its caller sees."""
    with bad_day(OK, last) as day, Client(day.url) as client, pytest.raises(ZeroDivisionError), client.run(REGISTRATION):
        1 / 0  # noqa: B018  (it raises)
    reported = Run.model_validate_json(day.asked[-1][3][1:-1])
    assert (reported.status.value, reported.status_reason) == ("failed", "ZeroDivisionError: division by zero")
    assert not recwarn.list


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def test_with_a_spool_nothing_is_lost_while_the_server_is_away(spool: Spool) -> None:
    """The submission waits under its key."""
    with Client(nobody(), max_retries=0, spool=spool) as client:
        answer = client.submit_run(RUN)
    assert isinstance(answer, Spooled)
    [waiting] = spool.waiting()
    assert (waiting.call.key, waiting.path) == (answer.key, answer.path)


def test_what_waits_is_delivered_before_what_comes_later(spool: Spool) -> None:
    """A registration that waits must not come after its run."""
    with Client(nobody(), max_retries=0, spool=spool) as client:
        client.register_run(REGISTRATION)
    with bad_day(OK) as day, Client(day.url, spool=spool) as client:
        client.submit_run(RUN)
    assert [path for _, path, _, _ in day.asked] == ["/api/v1/registrations", "/api/v1/runs"]
    assert not list(spool.waiting())
