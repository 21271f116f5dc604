"""What a database's owner can do behind the program's back: change anything, with triggers and foreign keys out of the way."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import psycopg


class Dba:
    """A connection beside the program's own. Every statement commits at once."""

    def __init__(self, url: str, *, guarded: str = "no") -> None:
        """Open it; ``guarded="yes"`` leaves triggers, checks and foreign keys in place."""
        self.engine = "sqlite" if url.startswith("sqlite") else "postgresql"
        if self.engine == "sqlite":
            self.connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            if guarded == "yes":
                self.connection.execute("PRAGMA foreign_keys = ON")
            else:
                self.connection.execute("PRAGMA ignore_check_constraints = ON")
                for (name,) in self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                    self.connection.execute(f"DROP TRIGGER {name}")
        else:
            self.connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
            if guarded == "no":
                self.connection.execute("SET session_replication_role = replica")
                checks = "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
                for table, name in self.connection.execute(checks).fetchall():
                    self.connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement with ``?`` for its values, and return its rows if it has any."""
        cursor = self.connection.execute(sql if self.engine == "sqlite" else sql.replace("?", "%s"), values)
        return cursor.fetchall() if cursor.description else []

    def __enter__(self) -> Dba:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.connection.close()
