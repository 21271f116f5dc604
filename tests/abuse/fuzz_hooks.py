"""What Schemathesis is told beside the description: names that are on record, so that it comes past the first 404.

A cursor and a position cannot be described so that every text that fits is one; where valid questions are made up, they are left out, and
where invalid ones are, they stay.
"""

from __future__ import annotations

import os
from typing import Any

import schemathesis

from tests.abuse.fuzz import KNOWN

ODD = 3  # every third made-up name stays as it is, so that unknown ones are asked for too


def _known(values: dict[str, Any] | None) -> dict[str, Any] | None:
    for name, value in (values or {}).items():
        held = KNOWN.get(name)
        if held and isinstance(value, str) and len(value) % ODD:
            values[name] = held[len(value) % len(held)]  # type: ignore[index]  # it is not None where it has names
        elif held and isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            values[name] = [held[len(each) % len(held)] for each in value]  # type: ignore[index]  # as above
    return values


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Ask for records that are there, more often than not."""
    return _known(path_parameters)


@schemathesis.hook
def map_query(context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Name policies and evaluations that are there, more often than not; who may only submit does not ask to correct."""
    if query and os.environ.get("RSP_FUZZ_ROLE") == "submitter":
        query.pop("supersede", None)
    return _known(query)
