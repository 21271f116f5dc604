"""Logs over HTTP: uploaded and read apart, or read by the client; one task that is refused makes the answer a refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from rsp.store.reading import evidence
from rsp.tokens import Role
from tests.rsp.api.sending import Sender, fields_of, problem_of
from tests.rsp.logs import a_model_alias, a_reading, a_task_alias, sent

CSV = b"item,score\na,1\nb,0.50\n"
MAPPING = {"format": "rsp-csv-mapping/1", "delimiter": ",", "columns": {"item": "item", "score": "score"}, "unit": "proportion"}
MEANT = {"model": "larch", "snapshot": "final", "evaluation": "exam", "version": "v1"}


def uploaded(sender: Sender, content: bytes, *, name: str = "scores.csv", **fields: Any) -> httpx.Response:
    """Upload a file as a form."""
    data = {key: value if isinstance(value, str) else json.dumps(value) for key, value in fields.items()}
    return sender.client.post("/api/v1/logs", files={"file": (name, content)}, data=data, headers=sender.shown)


def items(sender: Sender, task: str) -> list[str]:
    """The values of the run that a log became."""
    with sender.store.read() as session:
        run = next(each for each in evidence(session, "larch").runs if task in (each.note or "") + each.slug)
    return [str(value) for item in run.items for value in item.attempts]


def test_an_uploaded_file_becomes_a_run(sender: Sender) -> None:
    first = uploaded(sender, CSV, mapping={**MAPPING, "model": "m", "task": "t"}, chosen=MEANT)
    assert first.status_code == 201, first.text
    (outcome,) = first.json()["outcomes"]
    assert (outcome["task"], outcome["receipt"]["status"], outcome["receipt"]["counts"]["item_result"]) == ("t", "stored", 2)
    assert sender.get(first.headers["location"]).json() == outcome["receipt"]
    again = uploaded(sender, CSV, mapping={**MAPPING, "model": "m", "task": "t"}, chosen=MEANT)
    assert (again.status_code, again.json()["outcomes"][0]["receipt"]["status"]) == (200, "known")


def test_a_name_without_a_meaning_is_refused_with_the_alias_to_record(sender: Sender) -> None:
    before = sender.size()
    answer = uploaded(sender, CSV.replace(b"a,", b"c,"), mapping={**MAPPING, "model": "nobody/knows", "task": "t"})
    assert answer.status_code == 422
    problem = problem_of(answer)
    assert "nobody/knows" in problem["detail"]
    assert '"spelled": "nobody/knows"' in problem["entry"] or "nobody/knows" in problem["entry"]
    assert problem["recorded"] == []
    assert sender.size() == before


def test_a_hostile_upload_is_refused(sender: Sender) -> None:
    before = sender.size()
    for content in (b"", b"PK\x03\x04" + b"\x00" * 100, b"\x00" * 1000, b"{" * 100_000, b"%PDF-1.7"):
        answer = uploaded(sender, content, name="../../x.eval", chosen=MEANT)
        assert answer.status_code == 422, answer.text
        assert problem_of(answer)["detail"]
    assert sender.size() == before


def test_a_form_that_is_none_is_refused(sender: Sender) -> None:
    before = sender.size()
    for kind, content, status in (
        ("multipart/form-data", b"x", 422),
        ("multipart/form-data; boundary=b", b"no part", 422),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n', 422),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="other"; filename="f"\r\n\r\nx\r\n--b--\r\n',
            422,
        ),
        ("application/json", b"{}", 415),
    ):
        answer = sender.client.post("/api/v1/logs", content=content, headers={**sender.shown, "Content-Type": kind})
        assert answer.status_code == status, (kind, content, answer.text)
        problem_of(answer)
    answer = uploaded(sender, CSV, chosen='{"model": "larch", "model": "rowan"}')
    assert fields_of(problem_of(answer)) == ["/chosen"]
    assert fields_of(problem_of(uploaded(sender, CSV, chosen={"model": "Larch"}))) == ["/chosen/model"]
    assert sender.size() == before


def test_an_upload_leaves_no_file_behind(sender: Sender, tmp_path: Path, monkeypatch: Any) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    uploaded(sender, CSV, mapping={**MAPPING, "model": "m", "task": "gone"}, chosen=MEANT)
    uploaded(sender, b"nothing", chosen=MEANT)
    assert list(tmp_path.iterdir()) == []


def test_a_reading_and_its_announcement_are_one_run(sender: Sender) -> None:
    author = sender.as_somebody("author", Role.AUTHOR)
    author.sent("/model-aliases", a_model_alias())
    author.sent("/task-aliases", a_task_alias())
    reading = a_reading(log_id="log-http")
    names = {name: getattr(reading, name) for name in ("log_id", "model", "task")}
    announced = sender.sent("/announcements", {"announcement": {"format": "inspect", **names}})
    assert [each["value"] for each in announced["derived"] if each["field"] == "attempt"] == ["1"]
    content = sent(reading).model_dump_json().encode()
    first = sender.post("/readings", content=content, Idempotency_Key="r-1")
    again = sender.post("/readings", content=content, Idempotency_Key="r-1")
    assert (first.status_code, again.status_code, again.headers["idempotency-replayed"]) == (201, 201, "true")
    assert first.content == again.content
    with sender.store.read() as session:
        runs = [each for each in evidence(session, "larch").runs if each.source.startswith(("inspect-", "announced-"))]
    assert [each.status for each in runs] == ["completed"]


def test_a_reading_names_its_bad_field(sender: Sender) -> None:
    told = json.loads(sent(a_reading(log_id="log-bad")).model_dump_json())
    told["reading"]["measures"][0]["items"][0]["attempts"] = ["NaN"]
    assert fields_of(sender.refused("/readings", told)) == ["/reading/measures/0/items/0/attempts/0"]
