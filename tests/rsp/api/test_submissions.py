"""Submitting over HTTP: whatever is sent becomes an evidence file, is recorded once, and is answered with its receipt."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from evaluations.evidence import ModelEvidence
from rsp.store.reading import evidence
from rsp.tokens import Role
from tests.rsp.api.sending import NDJSON, Sender, a_run, fields_of, problem_of

_FROM = {"source": "lab"}
_MEASURED = {"model": "larch", "snapshot": "final", "evaluation": "exam", "version": "v1", **_FROM}
_ARM = {"conditions": "two days", "participants": [{"code": "p1", "score": "0.50"}]}
EACH: dict[str, dict[str, Any]] = {
    "/sources": {"slug": "card", "title": "Card"},
    "/domains": {"slug": "cbrn", "name": "CBRN"},
    "/developers": {"slug": "other-lab", "name": "Other"},
    "/models": {"slug": "alder", "name": "Alder", "developer": "lab", **_FROM},
    "/models/larch/snapshots": {"slug": "middle", "name": "Middle", "kind": "checkpoint", "ordinal": 7, **_FROM},
    "/evaluations": {
        "slug": "puzzle",
        "name": "Puzzle",
        "kind": "benchmark",
        "versions": [{"slug": "v1", "unit": "share", "riskier_when": "higher", **_FROM}],
        **_FROM,
    },
    "/evaluations/exam/versions": {"slug": "v3", "unit": "share", "riskier_when": "higher", "scale_low": "0", "scale_high": 1, **_FROM},
    "/registrations": {"slug": "planned", **_MEASURED},
    "/runs": a_run("whole", items=[{"item": "i1", "attempts": [1, None]}]),
    "/trials": {
        "slug": "uplift",
        "task": "a plan",
        "cohorts": [{"slug": "novices", "name": "Novices", "arms": [{"kind": kind, **_ARM} for kind in ("control", "model")]}],
        **_MEASURED,
    },
    "/findings": {"slug": "red-team", "by": "a team", "leaning": "below", "words": "not yet", **_MEASURED},
    "/drop-answers": {
        "slug": "fell",
        "before": "early",
        "after": "final",
        "by": "Grace of the pipeline team",
        "words": "the tools were down",
        **{name: _MEASURED[name] for name in ("model", "evaluation", "version", "source")},
    },
    "/claims": {"slug": "restated", "model": "larch", "words": "restated later", **_FROM},
    "/plans": {
        "slug": "plan",
        "model": "larch",
        "planned": [{"evaluations": ["exam"], "snapshots": ["final"], "thinking": ["not_stated"]}],
        **_FROM,
    },
    "/model-aliases": {"slug": "larch-final", "spelled": "lab/larch", "model": "larch", "snapshot": "final", **_FROM},
    "/task-aliases": {"slug": "exam", "task": "evals/exam", "evaluation": "exam", "version": "v1", **_FROM},
}


JUDGED = ("/plans", "/drop-answers", "/model-aliases", "/task-aliases")


def known(sender: Sender) -> ModelEvidence:
    """What is recorded of the lab's model."""
    with sender.store.read() as session:
        return evidence(session, "larch")


def scores(sender: Sender, run: str) -> dict[str, str]:
    """The scores of a run, as they are recorded."""
    return {score.slug: str(score.value) for each in known(sender).runs if each.slug == run for score in each.scores}


@pytest.mark.parametrize("address", EACH)
def test_a_record_of_each_kind_is_recorded_once(sender: Sender, address: str) -> None:
    sender = sender.as_somebody("author", Role.AUTHOR) if address in JUDGED else sender
    first = sender.post(address, EACH[address])
    assert first.status_code == 201, first.text
    again = sender.post(address, EACH[address])
    assert again.status_code == 200
    assert again.json() == {**first.json(), "status": "known"}
    assert first.headers["location"] == again.headers["location"] == f"/api/v1/receipts/{first.json()['identity']}"
    assert sender.get(first.headers["location"]).json() == first.json()
    assert sender.refused(address, {**EACH[address], "colour": "red"})["problems"][0]["field"] == "/colour"


def test_a_number_is_recorded_with_the_digits_sent(sender: Sender) -> None:
    sender.sent("/runs", a_run("digits"))
    line = {"model": "larch", "run": "digits", "statistic": "mean", "source": "lab"}
    body = b",".join(
        json.dumps({**line, "slug": slug}).encode()[:-1] + b', "value": %s}' % value
        for slug, value in (("number", b"0.690"), ("text", b'"0.700"'), ("power", b"7e-1"))
    )
    sender.sent("/scores", content=b"[" + body + b"]")
    assert scores(sender, "digits") == {"mean": "0.5", "number": "0.690", "text": "0.700", "power": "0.7"}


@pytest.mark.parametrize("value", ["1_0", "0.5 ", "NaN", "٠.٥", "50%", "", "1e999", "0x1", True, None, [], "1" * 41])
def test_what_only_looks_like_a_number_is_refused(sender: Sender, value: object) -> None:
    run = a_run("no-number")
    run["scores"][0]["value"] = value
    assert fields_of(sender.refused("/runs", run)) == ["/scores/0/value"] if value is not None else ["/scores/0"]


def test_scores_come_one_or_many_or_a_line_each(sender: Sender) -> None:
    sender.sent("/runs", [a_run("many"), a_run("more")])

    def score(slug: str, run: str = "many") -> dict[str, Any]:
        return {"model": "larch", "run": run, "slug": slug, "statistic": "mean", "value": "0.25", "source": "lab"}

    assert sender.sent("/scores", score("one"))["counts"] == {"score": 1}
    assert sender.sent("/scores", [score("two"), score("two", "more")])["counts"]["score"] == 2
    lines = b"\n".join(json.dumps(score(f"line-{place}")).encode() for place in range(600)) + b"\n\n"
    assert sender.sent("/scores", content=lines, Content_Type=NDJSON)["counts"]["score"] == 600
    assert len(scores(sender, "many")) == 603


def test_a_bad_line_is_named_by_its_number_and_no_line_is_recorded(sender: Sender) -> None:
    sender.sent("/runs", a_run("lines"))
    good = {"model": "larch", "run": "lines", "statistic": "mean", "value": 0.5, "source": "lab"}
    lines = [{**good, "slug": "a"}, {**good, "slug": "b", "value": 1.5}, {**good, "slug": "c", "run": "nowhere"}]
    content = b"\n\n".join(json.dumps(each).encode() for each in lines)
    problem = sender.refused("/scores", content=content, Content_Type=NDJSON)
    told = [(each["field"], each["where"].partition(",")[0]) for each in problem["problems"]]
    assert ("/value", "line 3") in told
    broken = sender.refused("/scores", content=content + b"\n{", Content_Type=NDJSON)
    assert [each["where"] for each in broken["problems"]] == ["line 6"]
    unknown = sender.refused("/scores", {**good, "slug": "c", "run": "line"})
    assert fields_of(unknown) == ["/run"]
    assert "lines" in unknown["problems"][0]["expected"]


def test_items_follow_their_run_once(sender: Sender) -> None:
    sender.sent("/runs", a_run("itemless"))
    items = [{"item": f"i{place}", "attempts": [place % 2]} for place in range(3)]
    content = "\n".join(map(json.dumps, items)).encode()
    assert sender.sent("/models/larch/runs/itemless/items", content=content, Content_Type=NDJSON)["counts"]["item_result"] == 3
    assert sender.post("/models/larch/runs/itemless/items", items).status_code == 200
    assert sender.refused("/models/larch/runs/itemless/items", items[:2], status=409)["problems"]
    wrong = sender.refused("/models/larch/runs/itemless/items", [{"item": "i1", "attempts": []}])
    assert fields_of(wrong) == ["/0/attempts"]


def test_a_registration_is_told_which_attempt_it_is(sender: Sender) -> None:
    tried = {**_MEASURED, "snapshot": "early"}  # which no other test registers
    told = [sender.sent("/registrations", {**tried, "slug": f"try-{place}", "scaffold": "loop"})["derived"] for place in range(3)]
    assert [(each["field"], each["value"]) for derived in told for each in derived] == [
        ("attempt", "1"),
        ("attempt", "2"),
        ("attempt", "3"),
    ]
    other = sender.sent("/registrations", {**tried, "slug": "try-other", "scaffold": "tree"})
    assert [each["value"] for each in other["derived"]] == ["4"]  # another way of eliciting does not start the count anew


@pytest.mark.parametrize("media", ["application/json", "application/yaml"])
def test_an_evidence_file_is_known_by_its_digest(sender: Sender, media: str) -> None:
    slug = media.partition("/")[2]
    content = json.dumps({"format": "rsp-evidence/1", "sources": [{"slug": slug, "title": "A file"}]}).encode()
    receipt = sender.sent("/evidence", content=content, Content_Type=media)
    assert receipt["identity"] == hashlib.sha256(content).hexdigest()
    wrong = content.replace(b'"A file"', b"7")
    assert fields_of(sender.refused("/evidence", content=wrong, Content_Type=media)) == ["/sources/0/title"]


def test_a_key_gives_the_same_answer_byte_for_byte(sender: Sender) -> None:
    first = sender.post("/sources", {"slug": "keyed", "title": "Keyed"}, Idempotency_Key="k-1")
    again = sender.post("/sources", {"slug": "keyed", "title": "Keyed"}, Idempotency_Key="k-1")
    spaced = sender.post("/sources", content=b'{ "slug":"keyed", "title":"Keyed" }', Idempotency_Key="k-1")
    assert first.status_code == again.status_code == spaced.status_code == 201
    assert first.content == again.content == spaced.content
    replayed = [each.headers.get("idempotency-replayed") for each in (first, again, spaced)]
    assert replayed == [None, "true", "true"]


@pytest.mark.parametrize(
    ("address", "value"), [("/sources", {"slug": "kk", "title": "Other"}), ("/developers", {"slug": "kk", "name": "kk"})]
)
def test_a_key_with_other_content_is_a_conflict_that_names_the_first(sender: Sender, address: str, value: dict[str, str]) -> None:
    first = sender.sent("/sources", {"slug": "kk", "title": "kk"}, Idempotency_Key="k-2")
    problem = sender.refused(address, value, status=409, Idempotency_Key="k-2")
    assert first["identity"] in problem["detail"] or problem["problems"]
    assert f"entry {first['entry_seq']}" in json.dumps(problem)


def test_the_same_body_under_one_key_at_another_address_is_another_submission(sender: Sender) -> None:
    sender.sent("/runs", [a_run("here"), a_run("there")])
    items = [{"item": "i1", "attempts": [1]}]
    sender.sent("/models/larch/runs/here/items", items, Idempotency_Key="k-3")
    sender.refused("/models/larch/runs/there/items", items, status=409, Idempotency_Key="k-3")


def test_another_owner_may_use_the_same_key(sender: Sender) -> None:
    other = sender.as_somebody("another", Role.SUBMITTER)
    sender.sent("/sources", {"slug": "mine", "title": "Mine"}, Idempotency_Key="k-4")
    assert other.sent("/sources", {"slug": "theirs", "title": "Theirs"}, Idempotency_Key="k-4")["status"] == "stored"


def test_sixteen_at_once_under_one_key_make_one_record_and_one_answer(sender: Sender) -> None:
    before = sender.size()
    with ThreadPoolExecutor(16) as callers:
        for attempt in range(20):
            body = {"slug": f"race-{attempt}", "title": "Race"}

            def send(_: int, body: dict[str, str] = body) -> tuple[int, bytes]:
                answer = sender.post("/sources", body, Idempotency_Key=body["slug"])
                return answer.status_code, answer.content

            assert len(set(callers.map(send, range(16)))) == 1
    assert sender.size() == before + 20


def test_what_comes_at_the_same_moment_is_answered_each_for_itself(sender: Sender) -> None:
    """Good and bad ones share a thread and a commit, and none is told another's answer: twelve senders, five rounds."""

    def snapshot(number: int) -> dict[str, Any]:
        return {"slug": f"at-once-{number}", "name": "At once", "kind": "checkpoint", "ordinal": 1_000 + number, **_FROM}

    def send(number: int) -> tuple[int, str]:
        kind, text = number % 4, f"at-once-{number}"
        if kind == 0:
            answer = sender.post("/sources", {"slug": text, "title": text})
        elif kind == 1:
            answer = sender.post("/sources", content=f'{{"slug": "{text}", '.encode())
        elif kind == 2:
            answer = sender.post("/models/larch/snapshots", snapshot(number))
        else:
            score = {"model": "larch", "run": text, "statistic": "mean", "value": 0.5, **_FROM}
            answer = sender.post("/scores", score)
        return answer.status_code, answer.text

    before = sender.size()
    with ThreadPoolExecutor(12) as callers:
        for start in range(0, 60, 12):
            answers = dict(zip(range(start, start + 12), callers.map(send, range(start, start + 12)), strict=True))
            for number, (status, text) in answers.items():
                assert status == (201, 422, 201, 422)[number % 4], text
                if number % 4 == 3:
                    assert f"run at-once-{number}" in text
    assert sender.size() == before + 30
    assert {f"at-once-{number}" for number in range(2, 60, 4)} <= {each.slug for each in known(sender).model.snapshots}


def test_a_receipt_is_its_owners_and_absent_to_others(sender: Sender) -> None:
    other = sender.as_somebody("stranger", Role.SUBMITTER)
    receipt = sender.sent("/sources", {"slug": "private", "title": "Private"})
    absent = other.get(f"/api/v1/receipts/{'0' * 64}")
    foreign = other.get(f"/api/v1/receipts/{receipt['identity']}")
    assert (foreign.status_code, foreign.content) == (404, absent.content)


def test_who_may_only_submit_is_not_told_what_others_recorded(sender: Sender) -> None:
    other = sender.as_somebody("prober", Role.SUBMITTER)
    sender.sent("/runs", a_run("guarded", tools="a secret harness"))
    probe = a_run("guarded", tools="a guess")
    told = json.dumps(other.refused("/runs", probe, status=409))
    assert "a secret harness" not in told
    own = json.dumps(sender.refused("/runs", probe, status=409))
    assert "a secret harness" in own


def test_a_correction_takes_a_role_and_a_reason(sender: Sender) -> None:
    author = sender.as_somebody("author", Role.AUTHOR)
    sender.sent("/sources", {"slug": "fix", "title": "Old"})
    changed = {"slug": "fix", "title": "New"}
    assert "?supersede=REASON" in sender.refused("/sources", changed, status=409)["detail"]
    assert sender.post("/sources?supersede=typo", changed).status_code == 403
    assert author.post("/sources", changed).status_code == 403
    assert problem_of(author.post("/sources?supersede=", changed))["problems"][0]["field"] == "/supersede"
    receipt = author.sent("/sources?supersede=typo", changed)
    assert (receipt["status"], [each["reason"] for each in receipt["corrections"]]) == ("superseded", ["typo"])
    seen = sender.sent("/sources", changed)
    assert (seen["status"], seen["corrections"]) == ("known", [])


def test_the_record_names_the_owner_and_the_token(sender: Sender) -> None:
    from rsp.store.reading import entries

    receipt = sender.sent("/sources", {"slug": "acted", "title": "Acted"})
    with sender.store.read() as session:
        entry = entries(session, since=receipt["entry_seq"], limit=1)[0]
    assert entry.actor.startswith("pipeline (token pipeline-")


def test_a_score_read_back_can_be_sent_again(sender: Sender) -> None:
    sender.sent("/runs", a_run("round"))
    run = next(each for each in known(sender).runs if each.slug == "round")
    assert run.scores[0].value == Decimal("0.5")
    assert sender.post("/runs", content=run.model_dump_json().encode()).status_code == 200
