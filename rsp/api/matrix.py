"""Which role may ask for which operation: the file ``matrix.yaml`` beside this module, read and held against itself.

The rules kept here: what is not listed is denied; an operation stands in one row, so that the file has one answer; a role is one that a
token can have. Left out: asking who calls (``rsp.api.callers``), and whose object is asked for, which only the answering code can know.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Self

from pydantic import model_validator

from evaluations.documents import read_document, validated
from evaluations.values import MisfitError, Record, Slug, Text
from rsp.tokens import Role


class Access(StrEnum):
    """What the matrix says of a role and an operation."""

    PERMITTED = "permitted"
    DENIED = "denied"


class Purpose(StrEnum):
    """Whether a request adds or reads, or asks to supersede what is recorded."""

    PLAIN = "plain"
    CORRECTION = "correction"


class Permission(Record):
    """A row: operations, and the roles that may ask for them. ``correctors`` may, and only with a reason to supersede."""

    slug: Slug
    words: Text
    roles: tuple[Role, ...]
    correctors: tuple[Role, ...] = ()
    operations: tuple[Text, ...]

    def holders(self, purpose: Purpose) -> tuple[Role, ...]:
        """Return the roles that may ask for these operations."""
        return self.correctors if purpose is Purpose.CORRECTION else self.roles


class Matrix(Record):
    """Everything anybody may do over HTTP."""

    roles: dict[Role, Text]
    without_a_token: tuple[Text, ...]
    permissions: tuple[Permission, ...]

    @model_validator(mode="after")
    def _tells_each_once(self) -> Self:
        misfits: list[tuple[tuple[str | int, ...], str, str]] = []
        if untold := [role for role in Role if role not in self.roles]:
            misfits.append((("roles",), f"nothing of {', '.join(untold)}", "a line on every role"))
        named: set[str] = set()
        for operation in self.operations():
            if operation in named:
                misfits.append((("permissions",), f"{operation} twice", "each operation once"))
            named.add(operation)
        if misfits:
            raise MisfitError(misfits)
        return self

    def operations(self) -> Iterator[str]:
        """Yield every operation that is listed."""
        yield from self.without_a_token
        for permission in self.permissions:
            yield from permission.operations

    def access(self, role: Role, operation: str | None, purpose: Purpose) -> Access:
        """Return whether a role may ask for an operation. One that is not listed is denied, as is a role that is not."""
        return Access.PERMITTED if role in self.holders(operation, purpose) else Access.DENIED

    def holders(self, operation: str | None, purpose: Purpose) -> tuple[Role, ...]:
        """Return the roles that may ask for an operation."""
        return next((each.holders(purpose) for each in self.permissions if operation in each.operations), ())


@cache
def matrix() -> Matrix:
    """Return the matrix that comes with rsp. Raises ``DocumentError`` if its file is not what it should be."""
    content = files("rsp.api").joinpath("matrix.yaml").read_bytes()
    return validated(read_document(content, "matrix.yaml"), Matrix)
