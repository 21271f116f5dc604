"""Settings from the environment, read once at the door.

``RSP_DATABASE``, or ``RSP_DATABASE_URL`` as hosting services call it, is the database (default: ``sqlite:///rsp.db`` in the current
folder); ``RSP_ACTOR`` is who acts, when the account's name does not say it well. Left out: everything else. What decides a verdict stands
in policy files, never in the environment.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from rsp.errors import InputError

DATABASE, DATABASE_URL, ACTOR = "RSP_DATABASE", "RSP_DATABASE_URL", "RSP_ACTOR"
EMBEDDED = "sqlite:///rsp.db"
LONGEST_ACTOR = 200  # our choice: a name with a role fits, a forged page of log lines does not


@dataclass(frozen=True)
class Config:
    """Where the database is and who acts."""

    database: str
    actor: str


def from_environment(environment: Mapping[str, str] = os.environ, *, database: str | None = None, actor: str | None = None) -> Config:
    """Return the settings; what a command line names outranks the environment."""
    named = actor or environment.get(ACTOR) or _account()
    if not named.strip() or not named.isprintable() or len(named) > LONGEST_ACTOR:
        raise InputError(f"found the actor {named[:LONGEST_ACTOR]!a}, expected a name of up to {LONGEST_ACTOR} printable characters")
    return Config(database=database or _database(environment) or EMBEDDED, actor=named)


def _database(environment: Mapping[str, str]) -> str | None:
    """Return the database that the environment names. Raises ``InputError`` where two names mean two: nobody could say which is meant."""
    named = {environment[name] for name in (DATABASE, DATABASE_URL) if environment.get(name)}
    if len(named) > 1:  # the addresses are not repeated: they may hold passwords
        raise InputError(f"found two databases, in {DATABASE} and in {DATABASE_URL}, expected one")
    return next(iter(named), None)


def is_absent(database: str) -> bool:
    """Say, without the libraries of a database, whether there is none: a file of SQLite that does not exist."""
    _, is_sqlite, path = database.partition("sqlite:///")
    return bool(is_sqlite) and "?" not in path and not Path(path).exists()


def is_loopback(host: str) -> bool:
    """Say whether only this machine answers under a name or an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without an account database
        return "unknown account"
