"""The format pages describe every field of every record, no other, and their snippets are valid."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from evaluations.documents import Document, read_document, validated
from evaluations.evidence import EvidenceFile
from evaluations.records import Sourced
from evaluations.values import Record
from rsp.store.session import Store
from tests.docs.pages import EVIDENCE, POLICY, blocks, documented, text_of
from thresholds.citation import Cited
from thresholds.criteria_set import CriteriaSet
from thresholds.load import expect_fit
from thresholds.policy import Policy

SHARED: dict[Path, type[Record]] = {EVIDENCE: Sourced, POLICY: Cited}
"""The record whose fields every other one of the page repeats, and which is described once."""


def parts(annotation: Any) -> Iterator[Any]:
    """Yield every class inside an annotation: of lists, unions and annotated types."""
    if isinstance(annotation, type):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from parts(inner)


def tree(record: type[Record]) -> dict[str, type[Record]]:
    """Return the record and every record inside it, by name."""
    found = {record.__name__: record}
    for field in record.model_fields.values():
        for inner in parts(field.annotation):
            if issubclass(inner, Record) and inner.__name__ not in found:
                found |= tree(inner)
    return found


RECORDS: dict[Path, dict[str, type[Record]]] = {EVIDENCE: tree(EvidenceFile), POLICY: tree(Policy) | tree(CriteriaSet)}
CASES = [pytest.param(page, name, id=name) for page, records in RECORDS.items() for name in records]


@pytest.mark.parametrize("page", RECORDS, ids=lambda page: page.stem)
def test_a_page_describes_every_record_of_its_format(page: Path) -> None:
    assert set(documented(page)) == {*RECORDS[page], SHARED[page].__name__}


@pytest.mark.parametrize(("page", "name"), CASES)
def test_a_record_is_described_with_every_field_it_has(page: Path, name: str) -> None:
    record = RECORDS[page][name]
    inherited = SHARED[page].model_fields if issubclass(record, SHARED[page]) else {}
    fields = {field: "yes" if each.is_required() else "no" for field, each in record.model_fields.items() if field not in inherited}
    assert documented(page)[name] == fields


@pytest.mark.parametrize("page", SHARED, ids=lambda page: page.stem)
def test_what_every_record_carries_is_described(page: Path) -> None:
    shared = SHARED[page]
    expected = {field: "yes" if each.is_required() else "no" for field, each in shared.model_fields.items()}
    assert documented(page)[shared.__name__] == expected


@pytest.mark.parametrize("page", RECORDS, ids=lambda page: page.stem)
def test_every_word_a_field_may_hold_is_on_the_page(page: Path) -> None:
    fields = (field for record in RECORDS[page].values() for field in record.model_fields.values())
    words = {word.value for field in fields for inner in parts(field.annotation) if issubclass(inner, StrEnum) for word in inner}
    pages = {EVIDENCE, page}  # the words of statistics stand on the page of evidence, to which that of policies links
    quoted = {word for each in pages for word in re.findall(r"`([\w.-]+)`", text_of(each))}
    assert words - quoted == set()


def together(page: Path, kind: str) -> Document:
    """Return the snippets of one kind as one document: lists are joined, everything else may stand once."""
    joined: dict[str, Any] = {"format": "rsp-evidence/1"} if kind == "evidence" else {}
    for block in blocks(page, "yaml"):
        if block.kind != kind:
            continue
        for key, value in read_document(block.text.encode(), page.name).value.items():
            assert key not in joined or isinstance(value, list), f"{key} stands twice"
            joined[key] = [*joined.get(key, []), *value] if isinstance(value, list) else value
    return Document(page.name, joined, dict)


def test_the_evidence_snippets_are_recorded_as_one_file_with_a_later_one(store: Store, at: Any) -> None:
    from rsp.ingest import load

    for kind in ("evidence", "later"):
        file = validated(together(EVIDENCE, kind), EvidenceFile)
        receipt = load(store, file, file_name=EVIDENCE.name, file_sha256="0" * 64, actor="a tester", at=at)
        assert receipt.status == "stored"


def test_the_evidence_snippets_show_every_list_of_the_format() -> None:
    files = [validated(together(EVIDENCE, kind), EvidenceFile) for kind in ("evidence", "later")]
    shown = {name for file in files for name in EvidenceFile.model_fields if getattr(file, name)}
    assert set(EvidenceFile.model_fields) - shown == {"description"}


def test_the_policy_snippets_are_one_policy_that_the_criteria_snippets_fit() -> None:
    policy = Policy.model_validate(together(POLICY, "policy").value)
    document = together(POLICY, "criteria")
    criteria = CriteriaSet.model_validate(document.value)
    expect_fit(criteria, policy, document)
    assert criteria.policy == policy.slug


def test_the_criteria_snippets_show_every_shape() -> None:
    criteria = CriteriaSet.model_validate(together(POLICY, "criteria").value)
    assert {each.shape for each in criteria.criteria} == {"score", "uplift", "qualitative", "unquantified", "gate", "compound"}


@pytest.mark.parametrize("page", RECORDS, ids=lambda page: page.stem)
def test_no_yaml_of_the_format_pages_goes_untested(page: Path) -> None:
    assert {block.kind for block in blocks(page, "yaml")} <= {"evidence", "later", "policy", "criteria", "wrong.yaml"}
