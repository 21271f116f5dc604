"""Submissions: named by a key or by their bytes, they are recorded once; and results may be added to a run that is recorded."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest

from evaluations.documents import Problem
from evaluations.records import Run
from rsp.errors import ConflictError, EvidenceError
from rsp.ingest import Derived, Sent, Told, submit
from rsp.receipts import Receipt
from rsp.store.reading import evidence, position
from rsp.store.session import Store
from rsp.store.verify import verify
from tests.rsp.store.sample import AT, as_file, content, load_content

Content = dict[str, Any]
OTHER_SHA = "cd" * 32
SHARE = {"statistic": "share", "passed": Decimal("5"), "trials": 40, "source": "card"}


def card(title: str = "Card") -> Content:
    """A small file: one source."""
    return {"format": "rsp-evidence/1", "sources": [{"slug": "card", "title": title}]}


def send(
    store: Store, held: Content, *, key: str | None = "k1", sha: str | None = None, owner: str = "ada", days: int = 0, **more: Any
) -> Receipt:
    """Submit content; its digest is that of the content unless one is given."""
    digest = sha or hashlib.sha256(repr(held).encode()).hexdigest()
    sent = Sent("body", digest, owner=owner, idempotency_key=key)
    return submit(store, as_file(held), sent, actor=owner, at=AT + timedelta(days=days), **more)


def size(store: Store) -> int:
    with store.read() as session:
        return position(session).size


def additions(*each: Content) -> Content:
    return {"format": "rsp-evidence/1", "additions": [{"model": "m", "run": "final-1", **one} for one in each]}


def refused(store: Store, held: Content) -> list[Problem]:
    """What is wrong with a file; nothing of it is recorded."""
    before = size(store)
    with pytest.raises(EvidenceError) as caught:
        load_content(store, held)
    assert size(store) == before
    return list(caught.value.problems)


def run_of(store: Store, slug: str = "final-1") -> Run:
    with store.read() as session:
        return next(run for run in evidence(session, "m").runs if run.slug == slug)


def test_the_same_key_gives_the_same_receipt_however_much_later(store: Store) -> None:
    """A key is kept as long as the record: 400 days later it is the same, to the letter, with what was derived and warned."""
    told = Told((Derived(record="run a", field="status", value="partial", basis="two of three samples"),), ("one sample was edited",))
    first = send(store, card(), told=told)
    again = send(store, card(), days=400)
    assert again == first
    assert (first.status, first.derived, first.warnings) == ("stored", told.derived, told.warnings)
    assert size(store) == 1


def test_the_same_key_with_the_same_content_in_other_bytes_is_the_same(store: Store) -> None:
    """Layout and the order of fields mean nothing."""
    first = send(store, card())
    assert send(store, card(), sha=OTHER_SHA) == first
    assert size(store) == 1


def test_the_same_key_with_other_content_names_the_first(store: Store) -> None:
    """Neither replaced nor ignored: the sender has confused two submissions."""
    first = send(store, card())
    more = card() | {"domains": [{"slug": "cbrn", "name": "CBRN"}]}
    for other in (more, card("Another card"), {"format": "rsp-evidence/1", "domains": [{"slug": "cbrn", "name": "CBRN"}]}):
        with pytest.raises(ConflictError) as caught:
            send(store, other)
        assert f"sha256 {first.identity}, recorded by entry 0" in str(caught.value)
        assert "k1" in str(caught.value)
    assert size(store) == 1


def test_a_key_belongs_to_its_owner(store: Store) -> None:
    """Two pipelines that count from 1 do not meet."""
    send(store, card())
    other = {"format": "rsp-evidence/1", "domains": [{"slug": "cbrn", "name": "CBRN"}]}
    assert send(store, other, owner="grace").status == "stored"


def test_known_content_under_a_new_key_is_remembered_by_it(store: Store) -> None:
    """The key names that content from then on, though nothing new was recorded of it."""
    first = send(store, card())
    known = send(store, card(), key="k2")
    assert (known.status, known.entry_seq, known.counts) == ("known", first.entry_seq, first.counts)
    assert send(store, card(), key="k2") == known
    with pytest.raises(ConflictError, match="the idempotency key k2 with other content"):
        send(store, card() | {"domains": [{"slug": "cbrn", "name": "CBRN"}]}, key="k2")


def test_content_without_a_key_is_known_again(store: Store) -> None:
    """The first receipt, marked as known."""
    first = send(store, card(), key=None)
    again = send(store, card(), key=None, days=3)
    assert again == first.model_copy(update={"status": "known"})
    assert size(store) == 1


def test_a_refused_submission_leaves_its_key_free(store: Store) -> None:
    """What was wrong is corrected and sent under the same key."""
    wrong = card() | {"domains": [{"slug": "biological", "name": "Biological", "parent": "cbrn"}]}
    with pytest.raises(EvidenceError):
        send(store, wrong)
    assert send(store, card()).status == "stored"


@pytest.mark.parametrize("key", ["k1", None])
def test_many_at_once_record_once(store: Store, key: str | None) -> None:
    """16 callers with the same content: one entry, one receipt to the letter but for the word that it is known."""
    start = Barrier(16)

    def one(_: int) -> Receipt:
        start.wait()
        return send(store, card(), key=key)

    with ThreadPoolExecutor(16) as threads:
        receipts = list(threads.map(one, range(16)))
    assert size(store) == 1
    assert sorted(each.status for each in receipts) == (["stored"] * 16 if key else ["known"] * 15 + ["stored"])
    assert {each.model_copy(update={"status": "known"}) == receipts[0].model_copy(update={"status": "known"}) for each in receipts} == {
        True
    }
    with store.read() as session:
        assert verify(session).outcome == "intact"


def test_many_at_once_with_one_key_and_other_content_have_one_winner(store: Store) -> None:
    """The others are told what it stood for first."""
    start = Barrier(8)

    def one(number: int) -> str:
        held = {"format": "rsp-evidence/1", "sources": [{"slug": f"card-{number}", "title": "Card"}]}
        start.wait()
        try:
            return send(store, held).status
        except ConflictError as refused:
            return "conflict" if "recorded by entry 0" in str(refused) else str(refused)

    with ThreadPoolExecutor(8) as threads:
        found = sorted(threads.map(one, range(8)))
    assert (found, size(store)) == (["conflict"] * 7 + ["stored"], 1)


def test_a_correction_is_replayed_under_its_key(store: Store) -> None:
    """Sent again it corrects nothing twice and tells the same."""
    send(store, card(), key=None)
    first = send(store, card("The Card"), key="fix", supersede="a typing error")
    assert (first.status, [each.field for each in first.corrections]) == ("superseded", ["title"])
    assert send(store, card("The Card"), key="fix", supersede="a typing error") == first
    assert size(store) == 2


def test_a_score_is_added_to_a_recorded_run(store: Store) -> None:
    """The run keeps what it had; the new score is a row of the new entry."""
    load_content(store, content())
    receipt = load_content(store, additions({"scores": [{**SHARE, "slug": "second"}]}))
    assert (receipt.status, receipt.counts) == ("stored", {"score": 1})
    assert [each.slug for each in run_of(store).scores] == ["headline", "second"]
    assert len(run_of(store).items) == 2


def test_an_addition_sent_again_is_known(store: Store) -> None:
    """Also one that tells what the run was recorded with."""
    load_content(store, content())
    held = additions({"scores": [{**SHARE, "slug": "second"}]})
    first = send(store, held, key=None)
    again = send(store, held, key=None)
    assert (again.status, again.entry_seq) == ("known", first.entry_seq)
    told = content()["runs"][0]
    assert load_content(store, additions({"scores": told["scores"], "items": told["items"]})).status == "known"


def test_an_added_score_told_differently_is_a_conflict(store: Store) -> None:
    """A second value under one name is a correction, and needs a reason."""
    load_content(store, content())
    load_content(store, additions({"scores": [{**SHARE, "slug": "second"}]}))
    changed = additions({"scores": [{**SHARE, "slug": "second", "passed": Decimal("4")}]})
    with pytest.raises(ConflictError, match="run final-1 / score second, passed: found 4, expected 5 as recorded by entry 1"):
        load_content(store, changed)
    assert load_content(store, changed, supersede="recounted").status == "superseded"
    assert str(run_of(store).scores[1].passed) == "4"


def test_items_are_added_to_a_run_without_any(store: Store) -> None:
    """And from then on they are what the run says."""
    held = content()
    items = held["runs"][0].pop("items")
    load_content(store, held)
    assert run_of(store).items == ()
    assert load_content(store, additions({"items": items})).counts == {"item_result": 4}
    assert [each.item for each in run_of(store).items] == ["i1", "i2"]


@pytest.mark.parametrize("change", [lambda items: items[:1], lambda items: [*items, {"item": "i3", "attempts": [Decimal("1")]}]])
def test_items_told_differently_are_a_conflict(store: Store, change: Any) -> None:
    """Fewer, or more: a list that grew would change what the same run says."""
    load_content(store, content())
    with pytest.raises(ConflictError, match="run final-1, items"):
        load_content(store, additions({"items": change(content()["runs"][0]["items"])}))


def test_one_file_adds_each_thing_once(store: Store) -> None:
    """A score or the items twice, within one addition or over two, are refused."""
    held = content()
    items = held["runs"][0].pop("items")
    load_content(store, held)
    score = {**SHARE, "slug": "second"}
    problems = refused(store, additions({"scores": [score, score]}, {"scores": [score], "items": items}, {"items": [*items, items[0]]}))
    assert [(each.path, each.found) for each in problems] == [
        (("additions", 0, "scores", 1), "second again"),
        (("additions", 1, "scores", 0), "second again"),
        (("additions", 2, "items"), "items of the run again"),
        (("additions", 2, "items", 2), "i2 again"),
    ]


def test_a_run_that_a_file_brings_carries_its_results_itself(store: Store) -> None:
    """An addition to it would say in two places what the run says."""
    held = content() | {"additions": additions({"scores": [{**SHARE, "slug": "second"}]})["additions"]}
    (problem,) = refused(store, held)
    assert (problem.path, problem.expected) == (("additions", 0, "run"), "its results in the run")


def test_an_addition_to_an_unknown_run_names_near_ones(store: Store) -> None:
    """A misspelt run would take nothing; a model's runs are its own."""
    load_content(store, content())
    (misspelt,) = refused(store, additions({"run": "final1", "scores": [SHARE]}))
    assert (misspelt.path, misspelt.expected) == (("additions", 0, "run"), "a recorded run of m, perhaps final-1")
    (elsewhere,) = refused(store, additions({"model": "before", "scores": [SHARE]}))
    assert elsewhere.expected == "a recorded run of before; none is recorded yet"


def test_an_addition_to_a_registered_run_waits_for_the_run(store: Store) -> None:
    """What is only registered has no status yet; its results come with it."""
    load_content(store, content())
    (problem,) = refused(store, additions({"run": "q-final-2", "scores": [SHARE]}))
    assert problem.path == ("additions", 0, "run")


def test_an_addition_lies_on_the_scale(store: Store) -> None:
    """Of the version that the recorded run names: 0 to 1."""
    load_content(store, content())
    score = {"slug": "second", "statistic": "mean", "value": Decimal("62"), "source": "card"}
    (problem,) = refused(store, additions({"scores": [score]}))
    assert (problem.path, problem.expected) == (("additions", 0, "scores", 0, "value"), "a value on the scale 0 to 1")


@pytest.mark.parametrize(
    ("open_end", "value", "expected"),
    [("scale_high", "-1", "a value on the scale from 0"), ("scale_low", "62", "a value on the scale up to 1")],
)
def test_a_scale_with_one_end_holds_there(store: Store, open_end: str, value: str, expected: str) -> None:
    """And beyond the end that it does not have everything lies on it."""
    held = content()
    held["evaluations"][0]["versions"][0][open_end] = None
    load_content(store, held)
    on, off = (
        {"slug": slug, "statistic": "mean", "value": Decimal(told), "source": "card"} for slug, told in (("on", "0.5"), ("off", value))
    )
    (problem,) = refused(store, additions({"scores": [on, off]}))
    assert (problem.path, problem.expected) == (("additions", 0, "scores", 1, "value"), expected)
    far = {**on, "slug": "far", "value": Decimal("62") if open_end == "scale_high" else Decimal("-1")}
    assert load_content(store, additions({"scores": [on, far]})).counts == {"score": 2}


def test_an_added_texts_class_is_at_least_its_runs(store: Store) -> None:
    """A score of a hazardous run is laid aside, whatever the score says."""
    held = content()
    held["runs"][0]["visibility"] = "hazardous"
    load_content(store, held)
    load_content(store, additions({"scores": [{**SHARE, "slug": "second", "visibility": "public", "note": "the recipe"}]}))
    with store.read() as session:
        bodies = str([bytes(body) for (body,) in session.exec_driver_sql("SELECT body FROM log_entry")])
    assert "the recipe" not in bodies
