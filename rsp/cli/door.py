"""What every command does at the door: settle the database and the actor, and read the clock once.

The rule kept here: the clock is read here and handed in; nothing behind the door asks for the time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from rsp.config import Config, from_environment
from rsp.errors import InputError
from rsp.store.session import Store


def settings(ctx: click.Context) -> Config:
    """Return the settings of this call: the group's options, else the environment."""
    database, actor = ctx.find_root().obj or (None, None)
    return from_environment(database=database, actor=actor)


def opened(ctx: click.Context) -> Store:
    """Open the database; closed when the command ends. Raises ``StoreError`` naming the command that makes or upgrades it."""
    store = Store.open(settings(ctx).database)
    ctx.call_on_close(store.close)
    return store


def now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


def content_of(path: Path) -> bytes:
    """Return the bytes of a file. Raises ``InputError`` saying what is in the way."""
    try:
        return path.read_bytes()
    except OSError as refused:
        raise InputError(f"found no readable file at {path} ({refused.strerror}), expected one; nothing was stored") from refused


def written(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a reader never sees half of it. Raises ``InputError`` saying what is in the way."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as refused:
        if unfinished.is_file():
            unfinished.unlink()
        raise InputError(f"found no way to write {path} ({refused.strerror}), expected a writable place") from refused
