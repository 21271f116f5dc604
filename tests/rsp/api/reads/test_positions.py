"""Every answer is of one position of the log, and says which."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from evaluations.values import Record
from rsp.api.paging import Page
from tests.rsp.api.reads.asking import Asker, asking
from tests.rsp.store.sample import AT, content, fill, load_content

READS = (
    "/models",
    "/models/m",
    "/models/m/snapshots",
    "/evaluations",
    "/evaluations/plasmids",
    "/sources",
    "/sources/card",
    "/models/m/runs",
    "/models/m/runs/final-1",
    "/models/m/runs/final-1/items",
    "/models/m/trials",
    "/models/m/findings",
    "/models/m/registrations",
    "/policies",
    "/policies/test-1",
    "/criteria",
    "/criteria/test-1-card",
    "/log",
    "/log/0",
    "/position",
)


@pytest.fixture
def asker(database: str) -> Iterator[Asker]:
    """A server on a database of this test alone, on each engine, with the sample in it."""
    from rsp.store.session import Store

    with Store.open(database) as store:
        fill(store)
    with asking(database) as found:
        yield found


def test_every_record_can_be_read_and_tells_its_position(sample: Asker) -> None:
    newest = sample.read("/position")["position"]
    for path in READS:
        answer = sample.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert answer.headers["RSP-Position"] == str(answer.json()["position"]) == str(newest), path


def test_an_earlier_position_shows_what_was_known_then(sample: Asker) -> None:
    before = sample.read("/models/m/runs/final-1?as_of=0")
    now = sample.read("/models/m/runs/final-1")
    assert [before["record"]["scores"][0]["value"], now["record"]["scores"][0]["value"]] == ["0.620", "0.61"]
    assert before["position"] == 0
    assert [each["slug"] for each in sample.read("/models/m/findings?as_of=0")["records"]] == ["red-team"]
    assert len(sample.read("/models/m/findings?as_of=1")["records"]) == 2
    assert sample.read("/policies?as_of=1")["records"] == []
    assert sample.get("/policies/test-1?as_of=1").status_code == 404


def test_an_instant_means_the_newest_entry_recorded_by_then(sample: Asker) -> None:
    third = sample.read("/log/2")["record"]["recorded_at"]
    assert sample.read(f"/position?as_of={third}")["position"] == 2
    just_before = datetime.fromisoformat(third) - timedelta(microseconds=1)
    assert sample.read(f"/position?as_of={quote(just_before.isoformat())}")["position"] == 1
    elsewhere = datetime.fromisoformat(third).astimezone(UTC) + timedelta(hours=2)
    assert sample.read(f"/position?as_of={quote(elsewhere.isoformat().replace('+00:00', '+02:00'))}")["position"] == 2


@pytest.mark.parametrize("asked", ["99", "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "2025-02-30T00:00:00Z", "2025-02-24T25:00:00Z"])
def test_a_position_the_log_cannot_answer_for_is_unknown(asked: str, sample: Asker) -> None:
    for path in READS:
        answer = sample.get(f"{path}?as_of={asked}")
        assert answer.status_code == 404, path
        assert answer.json()["type"] == "urn:rsp:problem:unknown-position"
        assert asked in answer.json()["detail"]


@pytest.mark.parametrize("asked", ["-1", "1.5", "yesterday", "2025-02-24", "2025-02-24T09:00:00", "0x1", "1&as_of=2", "%00", ""])
def test_what_is_no_position_is_refused_by_name(asked: str, sample: Asker) -> None:
    answer = sample.get(f"/models?as_of={asked}")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["problems"]] == ["/as_of"]


@pytest.mark.parametrize("asked", ["0", "2025", "1740355200", "20250224", "2025-02-30", "2025-02-24T00:00:00Z", "24.02.2025", ""])
def test_what_is_no_day_is_refused_and_not_counted_from_1970(asked: str, sample: Asker) -> None:
    """A bare number would be taken as seconds: whoever asks for 2025 must not be told what was due in 1970."""
    answer = sample.get(f"/due?on={asked}")
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["problems"]] == ["/on"]


def test_the_root_at_a_position_is_the_one_that_was_told_then(asker: Asker) -> None:
    told = asker.read("/position")
    later = {**content(), "sources": [{"slug": "another", "title": "Another"}]}
    load_content(asker.store, {"format": later["format"], "sources": later["sources"]}, at=AT, file_name="later.yaml")
    now = asker.read("/position")
    assert now["position"] == told["position"] + 1
    assert now["root"] != told["root"]
    assert asker.read(f"/position?as_of={told['position']}") == told


def test_an_empty_record_is_an_answer(database: str) -> None:
    from fastapi import FastAPI

    from rsp.api import problems
    from rsp.api.routes import reading
    from rsp.api.settings import Settings
    from rsp.store.session import Store
    from tests.rsp.api.reads.asking import served

    app = FastAPI()  # without the question of access: a token would be an entry
    problems.install(app)
    app.include_router(reading.router, prefix="/api/v1")
    import httpx

    with Store.open(database) as store:
        app.state.store, app.state.settings = store, Settings()
        with served(app) as address, httpx.Client(base_url=address, trust_env=False) as client:
            for path in ("/models", "/evaluations", "/sources", "/policies", "/criteria", "/log"):
                answer = client.get("/api/v1" + path)
                assert answer.json() == {"position": -1, "records": [], "next": None}, path
            assert client.get("/api/v1/position").json()["size"] == 0
            assert client.get("/api/v1/due").json() == []
            for path in (
                "/models/m",
                "/models/m/runs",
                "/policies/p",
                "/criteria/c",
                "/log/0",
                "/models/m/verdicts?policy=p",
                "/models/m/report?policy=p",
                "/position?as_of=0",
                "/trends?evaluation=e",
            ):
                assert client.get("/api/v1" + path).status_code == 404, path


def test_every_answer_of_records_has_a_place_for_its_position() -> None:
    from rsp.api.routes import log, records, rules

    answers = [each for module in (log, records, rules) for each in vars(module).values() if isinstance(each, type)]
    forms = [each for each in answers if issubclass(each, Record) and each.__name__.endswith(("Answer", "Page")) and each is not Page]
    assert len(forms) > 12
    assert [each.__name__ for each in forms if "position" not in each.model_fields] == []
