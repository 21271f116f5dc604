"""An assessment as JSON: what ``rsp assess --format json`` prints.

The rules kept here: the fields are those of the records, in alphabetical order, so that equal assessments give equal bytes; numbers are
JSON numbers, exact to the last bit and unrounded; what does not exist is ``null`` with a word beside it, never NaN or infinity.

Left out: withholding. Whoever prints for others passes the assessment through ``reports.withholding`` first.
"""

from __future__ import annotations

import json
from typing import Any

from thresholds.decision_records import Assessment


def assessment_form(assessment: Assessment) -> dict[str, Any]:
    """Return ``assessment`` as plain values: dictionaries, lists, texts, numbers, ``None``."""
    return assessment.model_dump(mode="json")


def assessment_json(assessment: Assessment) -> str:
    """Return ``assessment`` as JSON text that ends in a line break."""
    return json.dumps(assessment_form(assessment), ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True) + "\n"
