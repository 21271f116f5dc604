"""A count is refused by its size before anybody writes it out: a few characters may stand for a number of a billion digits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from evaluations.evidence import EvidenceFile
from evaluations.readers.assignment import LogAnnouncement, SentReading
from evaluations.readers.csv_scores import CsvMapping
from evaluations.values import Count
from thresholds.criteria_set import CriteriaSet
from thresholds.policy import Policy

ENDLESS = ("1E+300000", "-1E+300000", "1E-300000", "-1E-300000", "0E-300000", "0E+300000")  # small enough to end if the rule breaks


@pytest.mark.parametrize("written", ENDLESS)
def test_a_count_of_a_far_power_is_refused_as_such(written: str) -> None:
    """Large or small, and also nothing."""
    with pytest.raises(ValidationError, match="found a number beyond 40 digits, expected fewer"):
        TypeAdapter(Count).validate_python(Decimal(written))


@pytest.mark.parametrize(("written", "count"), [("0", 0), ("0.0", 0), ("7", 7), ("7.00", 7), ("7E+3", 7000), ("0E+3", 0)])
def test_a_whole_decimal_is_a_count(written: str, count: int) -> None:
    """As readers make decimals of numbers with a point."""
    assert TypeAdapter(Count).validate_python(Decimal(written)) == count


def gather(annotation: Any, met: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """Every record that can stand in a value of this annotation, beside those met before."""
    parts = list(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in met:
        met.add(annotation)
        parts += [field.annotation for field in annotation.model_fields.values()]
    for part in parts:
        gather(part, met)
    return met


TAKEN = gather(EvidenceFile | Policy | CriteriaSet | SentReading | LogAnnouncement | CsvMapping, set())


@pytest.mark.parametrize("record", sorted(TAKEN, key=lambda each: f"{each.__module__}.{each.__name__}"), ids=lambda each: each.__name__)
def test_every_whole_number_that_is_taken_in_is_such_a_count(record: type[BaseModel]) -> None:
    """No field leaves it to pydantic, which would write the number out."""
    for name in record.model_fields:
        for written in ENDLESS:
            with pytest.raises(ValidationError) as refused:
                record.model_validate({name: Decimal(written)})
            kinds = [each["type"] for each in refused.value.errors() if each["loc"][0] == name]
            assert not [kind for kind in kinds if kind.startswith("int_")], (name, written, kinds)


def test_the_records_looked_at_are_those_taken_in() -> None:
    """Else the test above would hold of nothing."""
    assert {"Score", "Run", "RunAddition", "Snapshot", "Arm", "Look", "ScoreCriterion", "Bar", "Trigger"} <= {
        each.__name__ for each in TAKEN
    }
