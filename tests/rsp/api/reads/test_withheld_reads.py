"""No operation that reads lets out a text or a number of a restricted or hazardous record, to any role, in any form."""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from pypdf import PdfReader

from rsp.api.app import create_app
from rsp.api.matrix import Access, Purpose, matrix
from rsp.api.settings import Settings
from rsp.ingest import load_criteria, load_policy
from rsp.store.session import Store
from rsp.tokens import Role
from tests.rsp.api.reads.asking import PREFIX, Asker, asking
from tests.rsp.store.sample import AT, SHA, a_criteria_set, a_policy, content, load_content

CANARY = "canary"
NUMBER = "0.7319"
"""A number of every withheld score: of its digits there are none elsewhere in the sample."""


def said(word: str) -> str:
    return f"{CANARY}-{word}-synthesis-step"


def secret_content(visibility: str) -> dict[str, Any]:
    """The sample, with a withheld record beside every open one, and words and numbers in all its fields that hold any."""
    held = content()
    hidden = {"visibility": visibility, "note": said("note"), "source_at": said("place")}
    for name in ("runs", "trials", "findings", "drop_answers", "claims", "determinations", "plans", "calls", "effective_compute"):
        copied = {**copy.deepcopy(held[name][0]), **hidden, "slug": f"secret-{name.replace('_', '-')}"}
        held[name].append(copied)
    run, trial, finding, answer, claim = (held[name][-1] for name in ("runs", "trials", "findings", "drop_answers", "claims"))
    score = {
        **run["scores"][0],
        **hidden,
        "value": Decimal(NUMBER),
        "as_printed": said("printed"),
        "words": said("score"),
        "items_basis": said("basis"),
    }
    score |= {"low": Decimal(NUMBER), "high": Decimal("0.7320")}
    del score["passed"], score["trials"]
    run |= {"scores": [score], "status_reason": said("why"), "tools": said("tools"), "scaffold": "plain"}
    run["items"] = [{"item": f"i{place}", "attempts": [Decimal(NUMBER)]} for place in range(3)]
    trial |= {"task": said("task"), "grader": said("grader")}
    for arm in trial["cohorts"][0]["arms"]:
        arm |= {"conditions": said("conditions"), "source_at": said("arm")}
    del trial["look"]
    finding |= {"words": said("recipe"), "by": said("expert"), "leaning": "above"}
    answer |= {"words": said("answer"), "by": said("who")}
    claim |= {"words": said("claim"), "as_printed": said("claimed"), "value": Decimal(NUMBER)}
    held["determinations"][-1] |= {"outcome": said("outcome"), "caveat": said("caveat"), "decided_by": said("decider")}
    held["plans"][-1] |= {"trigger": said("trigger")}
    held["calls"][-1] |= {"words": said("call"), "called_by": said("caller")}
    held["effective_compute"][-1] |= {"basis": said("compute"), "entered_by": said("entry"), "reached_on": "2025-02-23"}
    held["relations"][0] |= {**hidden, "words": said("relation"), "judged_by": said("judge")}
    open_run = held["runs"][0]
    open_run["scores"].append({**score, "slug": "secret-score", "statistic": "mean", "k": None})
    held["registrations"].append({**held["registrations"][0], **hidden, "slug": "secret-registration", "tools": said("registered")})
    held["models"][0]["snapshots"].append(
        {"slug": "secret-snapshot", "name": "Secret", "kind": "early", "ordinal": 9, "source": "card", **hidden}
    )
    open_evaluation = held["evaluations"][0]
    version = {**open_evaluation["versions"][0], **hidden, "slug": "secret-version", "rubric": said("rubric")}
    open_evaluation["versions"].append(version)
    held["evaluations"].append(
        {**open_evaluation, **hidden, "slug": "secret-evaluation", "versions": [{**version, "slug": "v1", "visibility": "staff"}]}
    )
    beside = {**content()["runs"][0], "items": [], "status_reason": said("of a secret evaluation"), "visibility": "staff"}
    beside["scores"] = [{**score, "visibility": "staff", "slug": "headline", "statistic": "mean", "k": None}]
    held["runs"].append({**content()["runs"][0], "items": [], "slug": "open", "status": "completed", "status_reason": None})
    held["runs"].append({**beside, "slug": "under-secret-evaluation", "evaluation": "secret-evaluation"})
    held["runs"].append({**beside, "slug": "under-secret-version", "version": "secret-version"})
    held["runs"].append({**beside, "slug": "of-secret-snapshot", "snapshot": "secret-snapshot"})
    return held


def fill(store: Store, visibility: str) -> None:
    first = secret_content(visibility)
    load_content(store, first)
    run = next(each for each in first["runs"] if each["slug"] == "secret-runs")
    run["scores"][0]["words"] = said("corrected")
    run["status_reason"] = said("reason corrected")
    load_content(store, first, supersede=said("of the correction"))
    load_policy(store, a_policy(), file_name="p.yaml", file_sha256=SHA, actor="ada", at=AT)
    load_criteria(store, a_criteria_set(), file_name="c.yaml", file_sha256=SHA, actor="ada", at=AT)


@pytest.fixture(scope="module", params=["restricted", "hazardous"])
def secret_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    from rsp.store.upgrade import upgrade

    url = f"sqlite:///{tmp_path_factory.mktemp('secret') / 'rsp.db'}"
    upgrade(url)
    with Store.open(url) as store:
        fill(store, request.param)
    return url


@pytest.fixture(scope="module", params=[Role.AUDITOR, Role.RSO])
def asker(request: pytest.FixtureRequest, secret_url: str) -> Iterator[Asker]:
    with asking(secret_url, request.param) as found:
        yield found


NAMES = {
    "model": ("m", "before"),
    "run": ("final-1", "secret-runs", "under-secret-evaluation", "under-secret-version", "of-secret-snapshot", "secret-registration"),
    "evaluation": ("plasmids", "secret-evaluation"),
    "source": ("card",),
    "threshold": ("cbrn-3",),
    "policy": ("test-1",),
    "criteria": ("test-1-card",),
    "position": ("0", "1"),
}
QUESTIONS: dict[str, tuple[dict[str, str], ...]] = {
    "read_verdicts": ({"policy": "test-1"},),
    "read_explanation": ({"policy": "test-1"},),
    "read_gate": ({"policy": "test-1"},),
    "read_report": ({"policy": "test-1"}, {"policy": "test-1", "format": "json"}),
    "read_trend": tuple(
        {"evaluation": evaluation, "statistic": "pass_at_k", "k": "5", "version": version, "format": form}
        for evaluation, version in (("plasmids", "v1"), ("plasmids", "secret-version"), ("secret-evaluation", "v1"))
        for form in ("json", "svg")
    ),
    "list_due": ({"on": "2025-03-01"},),
    "list_runs": ({}, {"evaluation": "secret-evaluation"}, {"status": "withheld"}, {"limit": "1"}),
}


def reads(app: Any) -> Iterator[tuple[str, str]]:
    """Every address of every operation that reads records, with its operation, by the description itself."""
    from rsp.api.described import describe

    for path, operations in describe(app)["paths"].items():
        operation = operations.get("get", {}).get("operationId")
        if operation is None or operation in (*matrix().without_a_token, "get_description", "get_receipt"):
            continue
        addresses = [path]
        for name in re.findall(r"\{(\w+)\}", path):
            addresses = [each.replace(f"{{{name}}}", value) for each in addresses for value in NAMES[name]]
        for address in addresses:
            for question in QUESTIONS.get(operation, ({},)):
                yield operation, address + (f"?{urlencode(question)}" if question else "")


def words(answer: Any) -> str:
    """Everything an answer says, the text of a PDF and its attributes too."""
    told = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    if answer.headers.get("Content-Type") == "application/pdf":
        pdf = PdfReader(io.BytesIO(answer.content))
        return told + "\n".join(page.extract_text() for page in pdf.pages) + str(pdf.metadata) + answer.content.decode("latin-1")
    return told + answer.text


def test_no_answer_holds_a_canary(asker: Asker) -> None:
    answered: dict[str, int] = {}
    leaks: list[tuple[str, str, str]] = []
    for operation, address in reads(asker.app):
        answer = asker.get(address)
        assert answer.status_code in (200, 403, 404, 422), (address, answer.text)
        found = words(answer)
        leaks += [(address, secret, found[max(0, found.index(secret) - 300) :][:400]) for secret in (CANARY, NUMBER) if secret in found]
        if answer.status_code == 200:
            answered[operation] = answered.get(operation, 0) + 1
    assert not leaks, "\n".join(map(str, leaks))
    role = Role(asker.token.split("_")[1])
    permitted = {each for each, _ in reads(asker.app) if matrix().access(role, each, Purpose.PLAIN) is Access.PERMITTED}
    assert permitted - set(answered) == set(), "every operation answered something"


def test_what_is_withheld_is_named(asker: Asker) -> None:
    runs = {each["slug"]: each for each in asker.read("/models/m/runs")["records"]}
    for name in ("secret-runs", "under-secret-evaluation", "under-secret-version", "of-secret-snapshot", "secret-registration"):
        assert runs[name]["withheld"] == "withheld (restricted)", name
        assert "scores" not in runs[name]
    assert [each["slug"] for each in runs["final-1"]["scores"] if "withheld" in each] == ["secret-score"]
    items = asker.read("/models/m/runs/secret-runs/items")
    assert (items["records"], items["withheld"]["kind"]) == ([], "items of run")
    assert asker.read("/models/m/runs/final-1/items")["records"] == [], "its secret score could be computed from them"
    assert [each["slug"] for each in asker.read("/models/m/snapshots")["records"] if "withheld" in each] == ["secret-snapshot"]


def test_the_canaries_are_in_the_record(secret_url: str) -> None:
    """Without this the test above could not fail."""
    from rsp.store.reading import evidence

    with Store.open(secret_url) as store:
        app = create_app(store, Settings())
        assert len(list(reads(app))) > 60
        with store.read() as session:
            held = evidence(session, "m").model_dump_json()
    hidden = set(re.findall(rf"{CANARY}-([a-z ]+)-synthesis-step", held))
    assert len(hidden) >= 24, hidden
    assert held.count(NUMBER) >= 8
    assert PREFIX == "/api/v1"
