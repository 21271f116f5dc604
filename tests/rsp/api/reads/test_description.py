"""The description of the API is valid, is the accepted one, and says what the answers really are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rsp.api.app import create_app
from rsp.api.described import describe
from rsp.api.routes import decisions, log, records, rules
from rsp.api.settings import Settings
from rsp.store.session import Store
from tests.abuse.fuzz import Ended, fuzzed
from tests.rsp.api.reads.asking import Asker
from tests.rsp.api.reads.test_withheld_reads import reads

GOLD = Path(__file__).parents[3] / "gold" / "openapi.json"


@pytest.fixture(scope="module")
def description(examples_url: str) -> dict[str, Any]:
    with Store.open(examples_url) as store:
        described: dict[str, Any] = json.loads(json.dumps(describe(create_app(store, Settings()))))
    return described


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_the_description_is_the_accepted_one(description: dict[str, Any]) -> None:
    """``RSP_ACCEPT_GOLD=1`` accepts it; what changes here changes for every client."""
    text = json.dumps(description, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("RSP_ACCEPT_GOLD"):
        GOLD.write_text(text, encoding="utf-8", newline="\n")
    assert text == GOLD.read_text(encoding="utf-8"), "tests/gold/openapi.json differs; RSP_ACCEPT_GOLD=1 accepts the change"


def test_every_operation_says_what_it_does_and_how_it_refuses(description: dict[str, Any]) -> None:
    named = [operation["operationId"] for _, _, operation in operations(description)]
    assert len(set(named)) == len(named)
    for method, path, operation in operations(description):
        assert operation["summary"], path
        assert operation.get("description") or method == "post", path  # of a submission, the summary and the record say all
        expected = {"401", "403", "503"} | ({"404", "422"} if method == "get" and path.startswith("/api/v1/models/") else set())
        assert expected <= set(operation["responses"]), (path, set(operation["responses"]))
        if not {"records", "decisions", "rules", "log"} & set(operation["tags"]):
            continue  # a submission's parameters are told by the record it takes
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (path, parameter["name"])


def test_every_schema_is_one_and_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    schemas = description["components"]["schemas"]
    for name, schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema, name
    found = set(_references(description))
    assert found
    assert {each for each in found if each.removeprefix("#/components/schemas/") not in schemas} == set()


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


RICHER = (  # of the examples, whose answers hold more than the sample's
    ("read_trend", "/trends?evaluation=sciq-acc"),
    ("read_verdicts", "/models/claude-3-7-sonnet/verdicts?policy=anthropic-rsp-2.0&policy=anthropic-rsp-2.1"),
    ("read_explanation", "/models/claude-3-7-sonnet/thresholds/cbrn-weapons/explanation?policy=anthropic-rsp-2.0"),
    ("read_report", "/models/claude-3-7-sonnet/report?policy=anthropic-rsp-2.0&format=json"),
    ("list_runs", "/models/claude-3-7-sonnet/runs?limit=1000"),
    ("list_evaluations", "/evaluations?limit=1000"),
    ("read_criteria_set", "/criteria/claude-3-7-card-2"),
    ("list_due", "/due?on=2025-06-01"),
)


def test_every_answer_is_what_the_description_says(sample: Asker, examples: Asker, description: dict[str, Any]) -> None:
    described = {operation["operationId"]: operation for _, _, operation in operations(description)}
    met = set()
    for asker, name, address in (*((sample, *each) for each in reads(sample.app)), *((examples, *each) for each in RICHER)):
        answer = asker.get(address)
        stated = described[name]["responses"][str(answer.status_code)]
        kind = answer.headers["Content-Type"].split(";")[0]
        assert kind in stated["content"], (address, kind)
        if kind.endswith("json"):
            schema = {**stated["content"][kind]["schema"], "components": description["components"]}
            jsonschema.Draft202012Validator(schema).validate(answer.json())
        if answer.status_code == 200:
            met.add(name)
    own = {route.operation_id for module in (records, decisions, rules, log) for route in module.router.routes}  # type: ignore[attr-defined]  # all are routes of operations
    assert own - met == set(), "every operation that reads gave an answer that was looked at"


def test_made_up_requests_meet_no_fault_and_no_untold_answer(database: str) -> None:
    """Schemathesis: all checks, all phases, few examples; who reads on one engine, who sends on the other. ``make abuse`` takes longer."""
    from rsp.tokens import Role
    from tests.rsp.store.sample import fill

    role = Role.AUDITOR if database.startswith("sqlite") else Role.SUBMITTER
    with Store.open(database) as store:
        fill(store)
    ended: Ended = fuzzed(database, role, examples=3, seconds=10)
    assert ended.code == 0, ended.printed
    assert "Tested:" in ended.printed
