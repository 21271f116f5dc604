"""``rsp schema``: every file format has an exported schema, and every file that comes along satisfies it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from evaluations.documents import read_document
from tests.rsp.cli.running import Run

FOLDERS = {"policy": "thresholds.policies", "criteria": "thresholds.criteria", "cases": "thresholds.cases"}


def schema(nothing: Run, form: str) -> Any:
    return json.loads(nothing("schema", form).out)


@pytest.mark.parametrize("form", ["evidence", "policy", "criteria", "cases"])
def test_every_file_format_is_exported_under_its_own_name(nothing: Run, form: str) -> None:
    told = schema(nothing, form)
    Draft202012Validator.check_schema(told)
    assert told["properties"]["format"]["const"] == f"rsp-{form}/1"


@pytest.mark.parametrize("form", FOLDERS)
def test_every_file_that_comes_along_satisfies_its_schema(nothing: Run, form: str) -> None:
    validator = Draft202012Validator(schema(nothing, form))
    for each in files(FOLDERS[form]).iterdir():
        if each.name.endswith(".yaml"):
            wrong = [f"{each.name}: {error.message}" for error in validator.iter_errors(read_document(each.read_bytes(), each.name).value)]
            assert wrong == []


def test_a_misspelt_key_of_a_case_does_not_satisfy_the_schema(nothing: Run) -> None:
    validator = Draft202012Validator(schema(nothing, "cases"))
    case = {"case": "A sentence.", "criterion": "c", "evidence": [{"passed": 1, "of": 2}], "expect": {"finding": "below"}}
    file = {"format": "rsp-cases/1", "criteria": "s", "cases": [case]}
    assert list(validator.iter_errors(file)) == []
    for key in ("judged", "trial", "pased"):
        wrong = {**file, "cases": [{**case, "evidence": [{key: 1, "of": 2}]}]}
        assert list(validator.iter_errors(wrong)) != []
