"""The description of the API (OpenAPI 3.1): what each operation takes and answers, made of the records themselves.

The rules kept here: a body is described by the record it becomes; a number is described as what is taken, a JSON number or the same as
text, since our own JSON carries it as text; a description names every refusal an operation may answer with.

Left out: pages that show it. They would be fetched from somewhere, and the server is no web site.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from rsp.api.bodies import Media
from rsp.api.problems import MEDIA_TYPE, ProblemDetails, documented
from rsp.receipts import Receipt

INPUT = "-Input"  # FastAPI's own ending where a record is taken and answered in different shapes
_REF = "#/components/schemas/{model}" + INPUT
_NUMBER = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$", "maxLength": 400}],
}  # evaluations.values: as written, up to 40 digits

_TAKEN: dict[str, type[BaseModel]] = {}


def taken(shape: type[BaseModel]) -> dict[str, str]:
    """Return the reference to the description of a record that an operation takes, and see to it that it is described."""
    _TAKEN[shape.__name__] = shape
    return {"$ref": _REF.format(model=shape.__name__)}


def record_body(shape: type[BaseModel], *accepted: Media, one: bool = True) -> dict[str, Any]:
    """Return the description of a body that holds one record, or a list of them, and where it may, one a line."""
    record = taken(shape)
    several = {"type": "array", "items": record, "minItems": 1}
    content: dict[str, Any] = {Media.JSON: {"schema": {"anyOf": [record, several]} if one else several}}
    if Media.LINES in accepted:
        content[Media.LINES] = {"schema": {"type": "string", "description": f"One {shape.__name__} a line, as JSON."}}
    return {"requestBody": {"required": True, "content": content}}


def receipts(*refusals: int) -> dict[int | str, dict[str, Any]]:
    """Return the answers of a submission."""
    link = {"Location": {"description": "Where the receipt is kept.", "schema": {"type": "string"}}}
    replay = {"Idempotency-Replayed": {"description": "true where the key was answered before.", "schema": {"type": "string"}}}
    found: dict[int | str, dict[str, Any]] = {
        200: {"model": Receipt, "description": "Known: nothing new was recorded.", "headers": link | replay},
        201: {"model": Receipt, "description": "Recorded.", "headers": link | replay},
    }
    return found | documented(404, 408, 409, 413, 415, 422, *refusals)


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the description, made once."""
    if app.openapi_schema is None:
        described = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version=app.openapi_version,
            summary=app.summary,
            description=app.description,
            license_info=app.license_info,
            routes=app.routes,
        )
        schemas = described.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(_inputs(list(_TAKEN.values())))
        schemas["ProblemDetails"] = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schemas["ProblemDetails"].pop("$defs", {}))
        described["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "description": "`rsp token create` makes one."}
        }
        for path, operations in described["paths"].items():
            for operation in operations.values():
                operation["security"] = [] if not path.startswith("/api/") else [{"token": []}]
                _as_problems(operation)
        app.openapi_schema = described
    return app.openapi_schema


def _as_problems(operation: dict[str, Any]) -> None:
    """Let every refusal be of the one kind, also where the framework wrote its own."""
    for status, answer in operation["responses"].items():
        if status.startswith(("4", "5")):
            answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}


def _inputs(shapes: Sequence[type[BaseModel]]) -> dict[str, Any]:
    _, held = models_json_schema([(each, "validation") for each in shapes], ref_template=_REF)
    return {name + INPUT: _with_numbers(schema) for name, schema in held.get("$defs", {}).items()}


def _with_numbers(schema: Any) -> Any:
    """Return a schema in which every exact number may come as text. Counts are ``integer`` and stay."""
    if isinstance(schema, list):
        return [_with_numbers(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: _with_numbers(each) for name, each in schema.items()}
    if told.get("type") == "number":
        del told["type"]
        return {**told, **_NUMBER}
    return told
