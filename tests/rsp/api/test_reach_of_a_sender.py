"""What a token reaches: a submitter measures and is told of its own, an author corrects and delivers nothing, and neither moves time."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from rsp.api.app import PREFIX, create_app
from rsp.api.settings import Settings
from rsp.tokens import Role, issue
from tests.rsp.api.reads.asking import served
from tests.rsp.api.sending import Sender, a_run, fields_of, sending

_VARIANT = {"model": "larch", "snapshot": "final", "evaluation": "exam", "version": "v1", "source": "lab"}
ITEMS = [{"item": "i1", "attempts": [0]}, {"item": "i2", "attempts": [0]}]


@pytest.fixture
def other(sender: Sender) -> Sender:
    """Another pipeline."""
    return sender.as_somebody("other-pipeline", Role.SUBMITTER)


@pytest.mark.parametrize("address", ["/models/larch/runs/scored/items", "/runs"])
def test_items_are_added_by_who_reported_the_run(sender: Sender, other: Sender, address: str) -> None:
    """Items decide before printed scores do: a stranger's would make a score count for less."""
    run = a_run("scored")
    sender.post("/runs", run)
    body = ITEMS if address.endswith("items") else {**run, "items": ITEMS}
    problem = other.refused(address, body)
    assert "items of a run of your own" in json.dumps(problem)


def test_who_reported_a_run_adds_its_items(sender: Sender) -> None:
    sender.sent("/runs", a_run("own-items"))
    assert sender.sent("/models/larch/runs/own-items/items", ITEMS)["counts"]["item_result"] == 2


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("/runs", a_run("brought")),
        ("/runs", [a_run("corrected", tools="told anew"), a_run("brought")]),
        ("/scores", {"model": "larch", "run": "corrected", "slug": "more", "statistic": "mean", "value": 0.1, "source": "lab"}),
        ("/models/larch/runs/corrected/items", ITEMS),
        ("/registrations", {"slug": "late", **_VARIANT}),
    ],
)
def test_a_correction_brings_nothing_new(sender: Sender, address: str, value: object) -> None:
    """A low run that fills a gap would pass for a correction; who corrects may not deliver."""
    sender.post("/runs", a_run("corrected"))
    author = sender.as_somebody("author", Role.AUTHOR)
    problem = author.refused(f"{address}?supersede=because", value, status=409)
    assert "expected corrections alone" in problem["detail"]


def test_a_reason_to_supersede_is_text(sender: Sender) -> None:
    author = sender.as_somebody("author", Role.AUTHOR)
    assert fields_of(author.refused("/sources?supersede=a%00b", {"slug": "lab", "title": "Other"})) == ["/supersede"]


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("/runs", a_run("q", model="larc")),
        ("/runs", a_run("q", snapshot="fina")),
        ("/runs", a_run("q", evaluation="exams")),
        ("/scores", {"model": "larch", "run": "secretrun", "slug": "s", "statistic": "mean", "value": 0.5, "source": "lab"}),
        ("/models/larc/snapshots", {"slug": "x", "name": "X", "ordinal": 9, "kind": "final", "source": "lab"}),
    ],
)
def test_a_guess_is_not_told_the_names_of_others(sender: Sender, other: Sender, address: str, value: object) -> None:
    sender.post("/runs", a_run("secretrun-1"))
    answer = other.post(address, value)
    assert answer.status_code in (404, 422)
    told = answer.json()
    words = json.dumps([told["detail"].partition("expected")[2], [each["expected"] for each in told["problems"]]])
    words = words.replace("snapshot of larch", "").replace("run of larch", "")  # what the sender wrote itself
    assert not [name for name in ("larch", "final", "exam", "secretrun-1") if name in words]


def test_what_another_registered_is_not_told_with_its_values(sender: Sender, other: Sender) -> None:
    sender.post("/registrations", {"slug": "announced", **_VARIANT, "tools": "a secret harness"})
    probe = a_run("announced", tools="a guess")
    assert "a secret harness" not in json.dumps(other.refused("/runs", probe))
    assert "a secret harness" in json.dumps(sender.refused("/runs", probe))


PLAN = {
    "slug": "easy",
    "model": "larch",
    "planned": [{"evaluations": ["exam"], "snapshots": ["final"], "thinking": ["not_stated"]}],
    "source": "lab",
}
SIGNED = {
    "slug": "calm",
    **_VARIANT,
    "by": "a team",
    "leaning": "below",
    "words": "no",
    "signed_off_by": "me",
    "signed_off_on": "2025-01-01",
}
RELATION = {
    "slug": "same",
    "model": "larch",
    "other": "rowan",
    "kind": "bounded_by",
    "words": "weaker",
    "judged_by": "a pipeline",
    "source": "lab",
}


ALIAS = {"slug": "elsewhere", "spelled": "lab/larch", "snapshot_hint": "step-9", "model": "larch", "snapshot": "early", "source": "lab"}


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("/plans", PLAN),
        ("/evidence", {"format": "rsp-evidence/1", "plans": [PLAN]}),
        ("/evidence", {"format": "rsp-evidence/1", "relations": [RELATION]}),
        ("/evidence", {"format": "rsp-evidence/1", "findings": [SIGNED]}),
        ("/findings", SIGNED),
        ("/model-aliases", ALIAS),
        ("/evidence", {"format": "rsp-evidence/1", "model_aliases": [ALIAS]}),
    ],
)
def test_a_pipeline_measures_and_judges_nothing(sender: Sender, address: str, value: object) -> None:
    """A plan with less in it, or a sign-off, would rule out what nobody measured; an alias would send others' logs elsewhere."""
    assert "role submitter" in sender.refused(address, value, status=403)["detail"]


def test_a_slow_body_is_recorded_when_it_is_there(sender: Sender) -> None:
    """Stamped with the beginning of the request, it would change what was known at an instant already asked about."""
    began, begun, go_on = time.monotonic(), threading.Event(), threading.Event()
    asked: list[datetime] = []

    def clock() -> datetime:  # later than anything the lab was recorded at
        asked.append(datetime(2040, 1, 1, tzinfo=UTC) + timedelta(seconds=time.monotonic() - began))
        return asked[-1]

    def body() -> Iterator[bytes]:
        yield b'{"slug": "slow",'
        begun.set()
        assert go_on.wait(20)
        yield b'"title": "Slow"}'

    token = issue(sender.store, "slow", "slow", Role.SUBMITTER, timedelta(days=1), actor="a tester", at=clock())
    with served(create_app(sender.store, Settings(clock=clock))) as address, ThreadPoolExecutor(1) as pool:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answer = pool.submit(httpx.post, f"{address}{PREFIX}/sources", content=body(), headers=headers, trust_env=False, timeout=30)
        assert begun.wait(20)
        until = time.monotonic() + 20
        while len(asked) < 2 and time.monotonic() < until:  # once for the token above, once for who calls
            time.sleep(0.01)
        time.sleep(0.5)  # until that is settled, and the server waits for the rest
        asked_in_between = clock()
        go_on.set()
        recorded_at = datetime.fromisoformat(answer.result(30).json()["recorded_at"])
    assert recorded_at >= asked_in_between


def test_an_answer_is_tagged_by_the_record_and_not_by_its_length(sender: Sender, tmp_path: Path, sqlite_template: Path) -> None:
    """A backup that was restored and written on reaches the same positions again, with other content."""
    viewer = sender.as_somebody("viewer", Role.VIEWER)
    tag = viewer.get("/api/v1/sources").headers["etag"]
    position = int(viewer.get("/api/v1/sources").headers["rsp-position"])
    path = tmp_path / "restored.db"
    path.write_bytes(sqlite_template.read_bytes())
    path.chmod(0o600)
    with sending(f"sqlite:///{path}") as restored:
        stranger = restored.as_somebody("viewer", Role.VIEWER)
        while restored.size() <= position:
            restored.sent("/sources", {"slug": f"s{restored.size()}", "title": "Another"})
        answer = restored.client.get(f"/api/v1/sources?as_of={position}", headers={**stranger.shown, "If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["rsp-position"] == str(position)


def test_an_idle_server_holds_no_statistics() -> None:
    """scipy and numpy take a third of its memory and of its start; the first question that is computed imports them."""
    script = (
        "import sys, rsp.serving\n"
        "from rsp.api.app import create_app\n"
        "from rsp.api.described import describe\n"
        "from rsp.api.settings import Settings\n"
        "from rsp.store.session import Store\n"
        "describe(create_app(Store.__new__(Store), Settings()))\n"
        "print(sorted({'scipy', 'numpy', 'matplotlib', 'typst', 'inspect_ai'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "[]", done.stderr
