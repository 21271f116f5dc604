"""The client at a real server: what it submits is on record, what it reads is what is there, and its errors are the server's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from evaluations.readers.assignment import ChosenNames, LogAnnouncement
from evaluations.records import ItemResult, Run, RunStatus, Score
from evaluations.registrations import ModelAlias, RunRegistration, TaskAlias
from rsp.client import Client, Spool, Spooled
from rsp.errors import ConflictError, EvidenceError, InputError, NotPermittedError, UnknownCallerError
from rsp.receipts import Receipt
from rsp.store.reading import evidence
from rsp.tokens import Role
from tests.rsp.api.sending import Sender, a_token, sending
from tests.rsp.client.servers import nobody
from tests.rsp.logs import a_model_alias, a_reading, a_task_alias


@pytest.fixture(scope="module")
def sender(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    """A server with the lab of ``tests.rsp.logs`` on record."""
    path = tmp_path_factory.mktemp("served") / "rsp.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    with sending(f"sqlite:///{path}") as made:
        yield made


@pytest.fixture
def client(sender: Sender) -> Iterator[Client]:
    with Client(str(sender.client.base_url), sender.token) as opened:
        yield opened


def runs(sender: Sender) -> dict[str, Run]:
    with sender.store.read() as session:
        return {each.slug: each for each in evidence(session, "larch").runs}


def a_registration(slug: str) -> RunRegistration:
    return RunRegistration.model_validate(
        {"slug": slug, "model": "larch", "snapshot": "final", "evaluation": "exam", "version": "v1", "source": "lab"}
    )


def a_score(slug: str) -> Score:
    return Score.model_validate({"slug": slug, "source": "lab", "statistic": "mean", "value": 1})


def received(answer: Receipt | Spooled) -> Receipt:
    assert isinstance(answer, Receipt)
    return answer


def test_a_run_that_fails_half_way_is_on_record_as_failed(client: Client, sender: Sender) -> None:
    """What was measured until then stands with it, and it is no result."""
    seen = []

    def measure() -> None:
        with client.run(a_registration("half")) as run:
            seen.append(runs(sender)["half"].status)
            run.item("i1", 1)
            raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        measure()
    assert seen == [RunStatus.WITHHELD]
    found = runs(sender)["half"]
    assert (found.status, found.status_reason, len(found.items)) == (RunStatus.FAILED, "RuntimeError: out of memory", 1)


def test_scores_and_items_are_added_to_a_recorded_run(client: Client, sender: Sender) -> None:
    """Numbers arrive as they were."""
    with client.run(a_registration("added")) as run:
        run.mean("0.50", items=2)
    client.submit_scores("larch", "added", [a_score("second"), a_score("third")])
    client.submit_items("larch", "added", [ItemResult.model_validate({"item": "i1", "attempts": [1, None]})])
    found = runs(sender)["added"]
    assert {each.slug for each in found.scores} == {"score", "second", "third"}
    assert str(next(each.value for each in found.scores if each.slug == "score")) == "0.50"
    assert found.items[0].attempts == (Decimal(1), None)


def test_the_same_submission_is_answered_with_the_same_receipt(client: Client) -> None:
    """Also by another client, later."""
    run = Run.model_validate({**a_registration("twice").model_dump(exclude={"planned_items"}), "status": "failed", "status_reason": "x"})
    assert received(client.submit_run(run)) == received(client.submit_run(run))


def test_a_log_is_announced_and_then_reported_as_one_run(client: Client, sender: Sender) -> None:
    """Under the names of the program that wrote it."""
    with Client(str(sender.client.base_url), sender.as_somebody("author", Role.AUTHOR).token) as author:
        author.submit_aliases(
            ModelAlias.model_validate(a_model_alias("mine", spelled="mine/larch")),
            TaskAlias.model_validate(a_task_alias("mine", task="mine")),
        )
    announced = LogAnnouncement.model_validate({"format": "inspect", "log_id": "log-9", "model": "mine/larch", "task": "mine"})
    before = set(runs(sender))
    client.register_log(announced)
    [slug] = set(runs(sender)) - before
    receipt = received(client.submit_reading(a_reading(log_id="log-9", model="mine/larch", task="mine")))
    assert {each.field for each in receipt.derived} == {"snapshot", "version", "measure"}
    assert runs(sender)[slug].status is RunStatus.COMPLETED


def test_a_name_without_a_meaning_is_told_with_the_alias_to_record(client: Client) -> None:
    """The sender sees it, not only the operator."""
    with pytest.raises(EvidenceError, match=r'the model nobody/larch.*"model_aliases".*"spelled": "nobody/larch"'):
        client.submit_reading(a_reading(model="nobody/larch"))


def test_a_log_that_tells_otherwise_is_the_servers_conflict(client: Client) -> None:
    """The second telling is refused."""
    chosen = ChosenNames(model="larch", snapshot="early", evaluation="quiz", version="v1")
    client.submit_reading(a_reading(log_id="conflict"), chosen)
    with pytest.raises(ConflictError):
        client.submit_reading(a_reading((0, 0), log_id="conflict"), chosen)


def test_who_may_not_is_told_so(sender: Sender) -> None:
    """By the class of the error."""
    with Client(str(sender.client.base_url), a_token(sender.store, "a-viewer", Role.VIEWER)) as viewer, pytest.raises(NotPermittedError):
        viewer.register_run(a_registration("not-permitted"))
    with Client(str(sender.client.base_url), "nonsense") as stranger, pytest.raises(UnknownCallerError):
        stranger.register_run(a_registration("not-permitted"))


def test_reads_go_through_every_page(client: Client, sender: Sender) -> None:
    """Whatever the size of a page."""
    with Client(str(sender.client.base_url), a_token(sender.store, "a-reader", Role.VIEWER)) as reader:
        assert [each["slug"] for each in reader.models(limit=1)] == ["larch", "rowan"]
        assert {each["slug"] for each in reader.runs("larch", limit=2)} == set(runs(sender))
        with pytest.raises(InputError):
            reader.verdicts("larch", "no-such-policy")


def test_what_waited_while_the_server_was_away_is_recorded_once(client: Client, sender: Sender, tmp_path: Path) -> None:
    """Delivered twice, as where the first acknowledgement was lost."""
    spool = Spool(tmp_path / "spool")
    reading = a_reading(log_id="late")
    chosen = ChosenNames(model="larch", snapshot="early", evaluation="exam", version="v1")
    with Client(nobody(), max_retries=0, spool=spool) as away:
        waiting = away.submit_reading(reading, chosen)
    assert isinstance(waiting, Spooled)
    kept = waiting.path.read_text()
    with Client(str(sender.client.base_url), sender.token, spool=spool) as back:
        back.register_run(a_registration("after"))
        size = sender.size()
        waiting.path.write_text(kept)
        back.register_run(a_registration("after"))
    assert sender.size() == size
    assert not list(spool.waiting())
