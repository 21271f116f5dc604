"""What producing pipelines write into a file for the record: names of its records; and a digest of what identifies an execution.

The rule kept here: a stated name that is no name of a record is refused at its place; it is never repaired, because it decides where
a score goes.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import ValidationError

from evaluations.readers.log_reading import StatedNames
from evaluations.readers.strict_json import Part


def digest_of(value: Any) -> str:
    """Return a digest of a part of a document, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def stated_names(*places: Part) -> StatedNames:
    """Return the names that stand as ``rsp_model``, ``rsp_snapshot`` and so on, each from the first place that has it."""
    found: dict[str, str | None] = {}
    for name in StatedNames.model_fields:
        place = next((each for each in places if isinstance(each.value, dict) and each.has(f"rsp_{name}")), None)
        if place is not None:
            found[name] = _checked(place[f"rsp_{name}"], name)
    return StatedNames.model_validate(found)


def _checked(part: Part, name: str) -> str | None:
    text = part.text()
    try:
        StatedNames.model_validate({name: text})
    except ValidationError:
        raise part.refusal("a name of lower-case letters, digits, dot, dash or underscore") from None
    return text
