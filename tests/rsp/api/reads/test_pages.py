"""A list read in pages has neither holes nor repeats, whoever writes meanwhile; a cursor of another list is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from rsp.store.session import Store
from tests.rsp.api.reads.asking import Asker, asking
from tests.rsp.store.sample import content, fill, load_content

RUNS = 7
REGISTERED = {"model": "m", "source": "card", "evaluation": "plasmids", "version": "v1"}


def more_runs(count: int, prefix: str = "r") -> dict[str, Any]:
    """A file of runs, of which every third failed."""
    runs = []
    for number in range(count):
        run = {**REGISTERED, "snapshot": "early", "slug": f"{prefix}-{number:03d}"}
        if number % 3 == 0:
            runs.append({**run, "status": "failed", "status_reason": "the harness broke"})
        else:
            runs.append({**run, "scores": [{"statistic": "mean", "value": 0.5, "source": "card"}]})
    return {"format": content()["format"], "runs": runs}


@pytest.fixture(scope="module")
def asker(filled_database: str) -> Iterator[Asker]:
    with Store.open(filled_database) as store:
        load_content(store, more_runs(RUNS), file_name="runs.yaml")
    with asking(filled_database) as found:
        yield found


@pytest.fixture
def own(database: str) -> Iterator[Asker]:
    """A database of this test alone, which it may write to."""
    with Store.open(database) as store:
        fill(store)
        load_content(store, more_runs(RUNS), file_name="runs.yaml")
    with asking(database) as found:
        yield found


def pages(asker: Asker, path: str) -> list[dict[str, Any]]:
    found = [asker.read(path)]
    while found[-1]["next"] is not None:
        found.append(asker.read(found[-1]["next"]))
    return found


def names(read: list[dict[str, Any]]) -> list[str]:
    return [str(each["seq"]) if "seq" in each else each.get("slug") or each["item"] for page in read for each in page["records"]]


LISTS = (
    "/models",
    "/sources",
    "/models/m/runs",
    "/models/m/runs/final-1/items",
    "/models/m/trials",
    "/models/m/findings",
    "/log",
    "/policies",
)


@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_pages_together_are_the_list(limit: int, asker: Asker) -> None:
    for path in LISTS:
        whole = names([asker.read(f"{path}?limit=1000")])
        read = pages(asker, f"{path}?limit={limit}")
        assert names(read) == whole, path
        assert len(set(whole)) == len(whole) > 0, path
        assert all(0 < len(each["records"]) <= limit for each in read), path


def test_runs_stand_in_the_order_of_their_names_with_registered_ones_among_them(asker: Asker) -> None:
    found = [each for page in pages(asker, "/models/m/runs?limit=3") for each in page["records"]]
    assert [each["slug"] for each in found] == sorted(each["slug"] for each in found)
    (waiting,) = [each for each in found if each["status"] == "withheld"]
    assert waiting["slug"] == "q-final-2"
    assert "no result of it was reported" in waiting["status_reason"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"status": "failed"}, ["r-000", "r-003", "r-006"]),
        ({"status": "withheld"}, ["q-final-2"]),
        ({"snapshot": "early", "status": "completed"}, ["r-001", "r-002", "r-004", "r-005"]),
        ({"evaluation": "plasmids", "snapshot": "final"}, ["final-1", "q-final-2"]),
        ({"evaluation": "absent"}, []),
    ],
)
def test_filters_hold_over_pages(asked: dict[str, str], expected: list[str], asker: Asker) -> None:
    assert names(pages(asker, f"/models/m/runs?limit=1&{urlencode(asked)}")) == expected


def test_a_filter_sees_corrected_values(own: Asker) -> None:
    changed = more_runs(1)
    changed["runs"][0] |= {"status": "invalidated", "status_reason": "the wrong items"}
    load_content(own.store, changed, file_name="corrected.yaml", supersede="it was invalidated")
    assert names(pages(own, "/models/m/runs?status=invalidated")) == ["r-000"]
    assert names(pages(own, "/models/m/runs?status=failed")) == ["r-003", "r-006"]


def test_pages_stay_those_of_the_first_while_others_write(own: Asker) -> None:
    expected = names([own.read("/models/m/runs?limit=1000")])
    first = own.read("/models/m/runs?limit=2")
    load_content(own.store, more_runs(3, prefix="a"), file_name="a.yaml")
    load_content(own.store, more_runs(3, prefix="q"), file_name="q.yaml")
    read = [first]
    while read[-1]["next"] is not None:
        read.append(own.read(read[-1]["next"]))
    assert names(read) == expected
    assert {each["position"] for each in read} == {first["position"]}
    assert len(names([own.read("/models/m/runs?limit=1000")])) == len(expected) + 6


def test_corrected_items_are_paged_as_they_became(own: Asker) -> None:
    before = own.read("/position")["position"]
    changed = content()
    changed["runs"][0]["scores"][0]["value"] = "0.61"
    changed["runs"] = [{**changed["runs"][0], "scores": [], "items": [{"item": name, "attempts": [1]} for name in ("b", "a", "i9", "i10")]}]
    load_content(own.store, {"format": changed["format"], "runs": changed["runs"]}, file_name="items.yaml", supersede="wrong items")
    assert names(pages(own, "/models/m/runs/final-1/items?limit=1")) == ["a", "b", "i10", "i9"]
    assert names(pages(own, f"/models/m/runs/final-1/items?limit=1&as_of={before}")) == ["i1", "i2"]


def cursor(asker: Asker, path: str) -> str:
    return str(asker.read(path)["next"]).split("cursor=")[1]


def test_a_cursor_of_another_list_is_refused_by_name(asker: Asker) -> None:
    held = cursor(asker, "/models/m/runs?limit=1&status=failed")
    for path in ("/models/m/runs?limit=1", "/models/m/runs?status=withheld", "/models", "/models/before/runs?status=failed"):
        answer = asker.get(f"{path}{'&' if '?' in path else '?'}cursor={held}")
        assert answer.status_code == 422, path
        assert [each["field"] for each in answer.json()["problems"]] == ["/cursor"]
    assert asker.get(f"/models/m/runs?limit=5&status=failed&cursor={held}").status_code == 200, "another size is the same list"


def test_a_cursor_with_any_character_changed_is_refused(asker: Asker) -> None:
    held = cursor(asker, "/models/m/runs?limit=1")
    for place, letter in enumerate(held):
        changed = held[:place] + ("A" if letter != "A" else "B") + held[place + 1 :]
        answer = asker.get(f"/models/m/runs?limit=1&cursor={changed}")
        same_bits = place == len(held) - 1  # the last letter of base64 may hold bits that nobody reads
        assert answer.status_code == 422 or same_bits, place
    for garbage in ("a", "!!", "AAAAAAAAAAAAAAAA", "%00", held + held, held[:-3]):
        assert asker.get(f"/models/m/runs?limit=1&cursor={garbage}").status_code == 422, garbage


def test_a_cursor_and_a_position_are_not_asked_for_together(asker: Asker) -> None:
    held = cursor(asker, "/models/m/runs?limit=1")
    answer = asker.get(f"/models/m/runs?limit=1&as_of=0&cursor={held}")
    assert [each["field"] for each in answer.json()["problems"]] == ["/as_of"]


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "1.5", "1e2", "", "99999999999999999999"])
def test_a_page_has_one_to_a_thousand_records(limit: str, asker: Asker) -> None:
    answer = asker.get(f"/models?limit={limit}")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["problems"]] == ["/limit"]


def test_a_parameter_nobody_knows_is_refused(asker: Asker) -> None:
    answer = asker.get("/models/m/runs?statsu=failed")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["problems"]] == ["/statsu"]
    assert asker.get("/models/m/runs?status=failed&status=withheld").status_code == 422


def test_registrations_tell_attempt_and_whether_they_were_reported(own: Asker) -> None:
    again = {**REGISTERED, "snapshot": "final", "thinking": "extended", "scaffold": "loop", "token_budget": 1000, "tools": "a shell"}
    registered = [{**again, "slug": slug} for slug in ("q-final-3", "other")]
    registered[1]["snapshot"] = "early"
    load_content(own.store, {"format": content()["format"], "registrations": registered}, file_name="reg.yaml")
    reported = {**again, "slug": "q-final-3", "status": "failed", "status_reason": "stopped"}
    load_content(own.store, {"format": content()["format"], "runs": [reported]}, file_name="rep.yaml")
    found = own.read("/models/m/registrations")["records"]
    assert [(each["registration"]["slug"], each["attempt"], each["reported"]) for each in found] == [
        ("other", 1, "not_reported"),
        ("q-final-2", 1, "not_reported"),
        ("q-final-3", 2, "reported"),
    ]
