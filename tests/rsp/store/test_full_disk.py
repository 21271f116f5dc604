"""A file that may not grow: whoever is refused is told, nothing of theirs is there by half, reading goes on, and so does writing with room.

The room is taken by a limit on the size of files, which needs no rights; SQLite meets it where it would meet a full disk. Left out: a full
disk under PostgreSQL, which is the server's own to handle.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from rsp.store.reading import evidence
from rsp.store.session import Store
from rsp.store.verify import verify
from tests.rsp.store.killed import ITEMS
from tests.rsp.store.sample import content, load_content
from tests.rsp.store.test_durability import CHECKOUT


def test_no_room_is_told_and_nothing_is_there_by_half(sqlite_template: Path, tmp_path: Path) -> None:
    """Four threads share commits until one finds no room: what was acknowledged is there whole, and nothing else is."""
    path = tmp_path / "rsp.db"
    shutil.copy(sqlite_template, path)
    url = f"sqlite:///{path}"
    with Store.open(url) as store:
        load_content(store, content())
    ended = subprocess.run(
        [sys.executable, "-m", "tests.rsp.store.full", url, str(path)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told = json.loads(ended.stdout)
    assert len(told["refused"]) == 4
    assert all("found no room" in words or "found a fault of the database" in words for words in told["refused"])
    assert told["size"] == 1 + len(told["recorded"])
    with Store.open(url) as store, store.read() as session:
        runs = {run.slug: len(run.items) for run in evidence(session, "m").runs if run.slug.startswith(("r-", "after"))}
        assert verify(session).outcome == "intact"
    assert runs == dict.fromkeys([*told["recorded"], "after"], ITEMS)
