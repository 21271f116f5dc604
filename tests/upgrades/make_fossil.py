"""Writes the fossil of the present schema: ``python -m tests.upgrades.make_fossil`` once, when a schema is released.

A fossil is the SQL dump of a small SQLite database as that release made it, named by its revision. It is never written again:
if this program no longer reads it, this program is wrong.
"""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from rsp.store.session import Store
from rsp.store.upgrade import HEAD, upgrade
from tests.rsp.store.sample import fill

HERE = Path(__file__).parent


def main() -> None:
    """Write the fossil, unless there is one."""
    path = HERE / f"{HEAD}.sql"
    if path.exists():
        raise SystemExit(f"found {path.name}, expected none: a fossil is never written again")
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "rsp.db"
        upgrade(f"sqlite:///{database}")
        with Store.open(f"sqlite:///{database}") as store:
            fill(store)
        connection = sqlite3.connect(database)
        path.write_text("\n".join(connection.iterdump()) + "\n", encoding="utf-8")
        connection.close()


if __name__ == "__main__":
    main()
