"""The tag of an answer changes when the answer may, and spares making it again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rsp.store.session import Store
from tests.rsp.api.reads.asking import Asker, asking
from tests.rsp.store.sample import content, fill, load_content

PATHS = (
    "/models",
    "/models/m/runs?limit=1",
    "/models/m/runs/final-1",
    "/models/m/verdicts?policy=test-1",
    "/models/m/thresholds/cbrn-3/explanation?policy=test-1",
    "/policies/test-1",
    "/due?on=2025-03-01",
    "/due",
    "/log",
    "/position",
)


@pytest.fixture
def asker(database: str) -> Iterator[Asker]:
    with Store.open(database) as store:
        fill(store)
    with asking(database) as found:
        yield found


def test_the_tag_says_that_nothing_changed_until_something_does(asker: Asker) -> None:
    tags = {}
    for path in PATHS:
        first, again = asker.get(path), asker.get(path)
        assert first.status_code == 200, (path, first.text)
        assert first.content == again.content
        assert first.headers["ETag"] == again.headers["ETag"]
        tags[path] = first.headers["ETag"]
    assert len(set(tags.values())) == len(PATHS), "no two addresses share a tag"
    for path, tag in tags.items():
        for shown in (tag, f"W/{tag}", f'"other", {tag}'):
            answer = asker.get(path, **{"If-None-Match": shown})
            assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag), path
    load_content(asker.store, {"format": content()["format"], "sources": [{"slug": "s", "title": "S"}]}, file_name="s.yaml")
    for path, tag in tags.items():
        assert asker.get(path, **{"If-None-Match": tag}).status_code == 200, path


def test_the_answer_about_an_earlier_position_keeps_its_tag(asker: Asker) -> None:
    tag = asker.get("/models/m/verdicts?policy=test-1&as_of=3").headers["ETag"]
    load_content(asker.store, {"format": content()["format"], "sources": [{"slug": "s", "title": "S"}]}, file_name="s.yaml")
    assert asker.get("/models/m/verdicts?policy=test-1&as_of=3").headers["ETag"] == tag


def test_another_question_has_another_tag(asker: Asker) -> None:
    asked = ["/due?on=2025-03-01", "/due?on=2025-03-02", "/due?on=2025-03-01&within=31", "/due?on=2025-03-01&model=m"]
    assert len({asker.get(path).headers["ETag"] for path in asked}) == len(asked)


def test_a_refusal_has_no_tag_and_a_tag_opens_nothing(asker: Asker) -> None:
    tag = asker.get("/models").headers["ETag"]
    refused = asker.client.get("/api/v1/models", headers={"If-None-Match": tag, "Authorization": "Bearer nobody"})
    assert refused.status_code == 401
    assert "ETag" not in asker.get("/models/nobody").headers


@pytest.mark.parametrize(
    ("path", "kept"), [("/policies", "private, no-cache"), ("/criteria/test-1-card", "private, no-cache"), ("/models/m/runs", "no-store")]
)
def test_only_names_and_rules_may_be_kept(path: str, kept: str, asker: Asker) -> None:
    assert asker.get(path).headers["Cache-Control"] == kept
