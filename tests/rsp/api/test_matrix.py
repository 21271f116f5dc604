"""The matrix of roles: it names every operation there is and no other, and says nothing by default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import ValidationError

from rsp.api.app import create_app
from rsp.api.callers import permitted
from rsp.api.matrix import Access, Matrix, Purpose, matrix
from rsp.api.settings import Settings
from rsp.cli.token import ROLES
from rsp.store.session import Store
from rsp.tokens import Role


def routes_of(found: Iterable[Any]) -> Iterator[Any]:
    """Yield every route, also those of routers within."""
    for route in found:
        inner = getattr(route, "original_router", None)
        if isinstance(inner, APIRouter):
            yield from routes_of(inner.routes)
        else:
            yield route


def routes() -> list[Any]:
    """Return every route of the app. No database is asked for them."""
    return list(routes_of(create_app(Store.__new__(Store), Settings()).routes))


def content(**changes: Any) -> dict[str, Any]:
    """Return a small matrix."""
    held = {
        "roles": {role.value: "a line" for role in Role},
        "without_a_token": ["live"],
        "permissions": [
            {"slug": "read", "words": "read", "roles": ["viewer"], "correctors": ["author"], "operations": ["one", "two"]},
            {"slug": "write", "words": "write", "roles": ["author"], "operations": ["three"]},
        ],
    }
    return held | changes


def test_every_operation_stands_in_the_matrix() -> None:
    """Add the ``operation_id`` of a new route to one row of ``rsp/api/matrix.yaml``: until then it is denied to everybody."""
    found = [route.operation_id for route in routes()]
    assert sorted(set(found) - set(matrix().operations())) == []
    assert len(found) == len(set(found))


def test_every_line_of_the_matrix_has_an_operation() -> None:
    """A line that nothing has is a permission that somebody may take by accident later."""
    assert sorted(set(matrix().operations()) - {route.operation_id for route in routes()}) == []


def test_every_route_asks_first() -> None:
    """Each has a name, and no body that the framework would read before anybody is asked; nothing is mounted beside the routes."""
    for route in routes():
        assert isinstance(route, APIRoute), route
        assert route.operation_id, route.path
        assert route.body_field is None, f"{route.operation_id}: read the body in the answering code, after the question of access"
    app = create_app(Store.__new__(Store), Settings())
    for included in app.routes:
        asked = [each.dependency for each in included.include_context.dependencies]  # type: ignore[attr-defined]  # FastAPI's own class
        assert asked[0] is permitted


def test_the_command_line_knows_the_roles() -> None:
    """The words it offers without importing the database are those there are."""
    assert tuple(role.value for role in Role) == ROLES


@pytest.mark.parametrize("role", Role)
def test_what_is_not_listed_is_denied(role: Role) -> None:
    """To every role, as plain request and as correction, and also without a name."""
    for operation in ("drop_everything", "", None):
        for purpose in Purpose:
            assert matrix().access(role, operation, purpose) is Access.DENIED


@pytest.mark.parametrize("role", Role)
def test_what_needs_no_token_is_given_to_no_role(role: Role) -> None:
    """Such an operation never asks; a role that held it would say that somebody does."""
    assert {matrix().access(role, each, Purpose.PLAIN) for each in matrix().without_a_token} == {Access.DENIED}


def test_a_correction_is_given_apart() -> None:
    """Who may send may not correct by that, and who may correct may not send by that."""
    small = Matrix.model_validate(content())
    told = {(role, purpose): small.access(role, "one", purpose).value for role in (Role.VIEWER, Role.AUTHOR) for purpose in Purpose}
    assert told == {
        (Role.VIEWER, Purpose.PLAIN): "permitted",
        (Role.VIEWER, Purpose.CORRECTION): "denied",
        (Role.AUTHOR, Purpose.PLAIN): "denied",
        (Role.AUTHOR, Purpose.CORRECTION): "permitted",
    }
    assert small.access(Role.AUTHOR, "three", Purpose.CORRECTION) is Access.DENIED


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"without_a_token": ["one"]}, "found one twice, expected each operation once"),
        ({"roles": {"viewer": "a line"}}, "expected a line on every role"),
        ({"roles": {**content()["roles"], "root": "a line"}}, "'admin'"),
        ({"everybody": ["three"]}, "Extra inputs are not permitted"),
        ({"permissions": [{**content()["permissions"][0], "roles": ["root"]}]}, "'admin'"),
    ],
)
def test_a_matrix_that_contradicts_itself_is_refused(changes: dict[str, Any], words: str) -> None:
    """A role or a key that is misspelled would deny or permit something nobody meant."""
    with pytest.raises(ValidationError, match=words):
        Matrix.model_validate(content(**changes))
