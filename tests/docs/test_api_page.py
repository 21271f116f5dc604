"""The page on the HTTP API: its commands work as they stand, in their order, and answer as it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rsp.api.app import create_app
from rsp.api.problems import DOCUMENTED
from rsp.api.settings import Settings
from rsp.store.session import Store
from rsp.tokens import Role
from tests.docs.pages import FENCE, ROOT, text_of
from tests.rsp.api.reads.asking import served
from tests.rsp.api.sending import a_token

PAGE = ROOT / "docs" / "api.md"


def alike(found: Any, told: Any) -> bool:
    """Say whether an answer is as the page tells it; ``...`` stands for anything."""
    if told == "...":
        return True
    if isinstance(told, dict):
        return isinstance(found, dict) and found.keys() == told.keys() and all(alike(found[key], told[key]) for key in told)
    if isinstance(told, list):
        return isinstance(found, list) and len(found) == len(told) and all(map(alike, found, told))
    return bool(found == told)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page shows curl, which this machine lacks")
def test_the_commands_of_the_page_work_as_it_says(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "rsp.db"
    path.write_bytes(sqlite_template.read_bytes())
    path.chmod(0o600)
    shown = [(language, text) for language, _, text in FENCE.findall(text_of(PAGE)) if language in ("sh", "json")]
    with Store.open(f"sqlite:///{path}") as store:
        environment = {**os.environ, "TOKEN": a_token(store, "nightly", Role.SUBMITTER), "NO_PROXY": "*"}
        with served(create_app(store, Settings())) as address:
            answer = ""
            for place, (language, text) in enumerate(shown):
                if language == "json":
                    assert alike(json.loads(answer), json.loads(text)), answer
                    continue
                if (
                    "$READER" in text and "READER" not in environment
                ):  # when it is needed: a token is an entry, and the page tells positions
                    environment["READER"] = a_token(store, "board", Role.VIEWER)
                command = ["bash", "-c", text]
                ended = subprocess.run(
                    command, env={**environment, "URL": address}, capture_output=True, text=True, check=True, timeout=120
                )
                answer = ended.stdout
                refused = "urn:rsp:problem" in answer
                assert refused == ('value": 1.2' in text), (place, answer)


def test_the_page_lists_every_status_that_is_documented() -> None:
    rows = re.findall(r"^\| ((?:\d{3}(?:, )?)+) \|", text_of(PAGE), re.MULTILINE)
    listed = {int(each) for row in rows for each in row.split(", ")}
    assert listed >= set(DOCUMENTED) - {400}
