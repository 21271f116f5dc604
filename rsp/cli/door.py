"""What every command does at the door: settle the database and the actor, and read the clock once.

The rule kept here: the clock is read here and handed in; nothing behind the door asks for the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evaluations.documents import LARGEST_BYTES, DocumentError, escaped
from rsp.config import Config, from_environment
from rsp.errors import InputError

if TYPE_CHECKING:
    from rsp.store.session import Store


def settings(ctx: click.Context) -> Config:
    """Return the settings of this call: the group's options, else the environment."""
    database, actor = ctx.find_root().obj or (None, None)
    return from_environment(database=database, actor=actor)


def opened(ctx: click.Context) -> Store:
    """Open the database; closed when the command ends. Raises ``StoreError`` naming the command that makes or upgrades it."""
    from rsp.store.session import Store  # here, since what opens no database should not wait for its libraries

    store = Store.open(settings(ctx).database)
    ctx.call_on_close(store.close)
    return store


def _is_of_our_making(path: Path, content: bytes) -> bool:
    """Say whether the file at ``path`` looks like an earlier output of what is about to be written."""
    with path.open("rb") as file:
        held = file.read(4096)  # enough for every mark below
    marks = (b"%PDF", b"\x89PNG", b"<?xml", b'"as_of_recorded_at"', b"evidence as of log position")
    return any(mark in held and mark in content[:4096] for mark in marks)


def printable(line: str) -> str:
    """Return a line as a terminal may show it: nothing that came from outside can steer it or forge another line."""
    return escaped(line)


def now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


@contextmanager
def nothing_to_store() -> Iterator[None]:
    """Tell what is wrong in a file without a word on storing, for commands that never store."""
    try:
        yield
    except DocumentError as refused:
        raise InputError(f"a file was refused\n{refused}") from refused


def content_of(path: Path) -> bytes:
    """Return the bytes of an ordinary file. Raises ``InputError`` saying what is in the way."""
    if path.exists() and not path.is_file():  # a pipe or a device may never end
        raise InputError(f"found no ordinary file at {path}, expected one")
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)  # one more than is taken, so that a larger file is refused and not cut
    except OSError as refused:
        raise InputError(f"found no readable file at {path} ({refused.strerror}), expected one") from refused


def written(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a reader never sees half of it. Raises ``InputError`` saying what is in the way.

    An existing file is only replaced by one of its own kind, so that a slip of the hand destroys no database and no evidence.
    """
    if not path.name or (path.exists() and not path.is_file()):
        raise InputError(f"found no place for a file at {str(path)!r}, expected the name of a file")
    if path.is_file() and not _is_of_our_making(path, content):
        raise InputError(f"found another file at {path}, expected none, or an earlier output of this command; remove it or name another")
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as refused:
        if unfinished.is_file():
            unfinished.unlink()
        raise InputError(f"found no way to write {path} ({refused.strerror}), expected a writable place") from refused
