"""Assessments as JSON: what ``rsp assess --format json`` prints.

The rules kept here: the fields are those of the records, in alphabetical order, so that equal assessments give equal bytes; numbers are
JSON numbers, exact to the last bit and unrounded; what does not exist is ``null`` with a word beside it, never NaN or infinity; under
several policies the text is a list of the same objects.

Left out: withholding. Whoever prints for others passes the assessment through ``reports.withholding`` first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from evaluations.values import Record
from thresholds.decision_records import Assessment


def assessment_form(assessment: Assessment) -> dict[str, Any]:
    """Return ``assessment`` as plain values: dictionaries, lists, texts, numbers, ``None``."""
    return assessment.model_dump(mode="json")


def assessment_json(assessment: Assessment) -> str:
    """Return ``assessment`` as JSON text that ends in a line break."""
    return sorted_json(assessment)


def assessments_json(assessments: Sequence[Assessment]) -> str:
    """Return several assessments as a JSON list of the objects that ``assessment_json`` gives, in the order given."""
    return _text([assessment_form(each) for each in assessments])


def sorted_json(record: Record) -> str:
    """Return any record as JSON text, its fields in alphabetical order, ending in a line break."""
    return _text(record.model_dump(mode="json"))


def _text(form: Any) -> str:
    return json.dumps(form, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True) + "\n"
