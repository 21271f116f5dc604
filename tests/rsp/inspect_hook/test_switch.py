"""Off until it is switched on, and next to nothing for those who start Inspect without a tracker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HEAVY = {"sqlalchemy", "alembic", "matplotlib", "scipy", "numpy", "fastapi", "uvicorn", "typst"}


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("RSP_")}
    ended = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("switching.py"))],
        cwd=tmp_path_factory.mktemp("switch"), env=known, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def test_inspect_starts_with_four_small_modules_more(found: dict[str, Any]) -> None:
    assert found["loaded"] == ["rsp", "rsp.inspect_hook", "rsp.inspect_hook.background", "rsp.inspect_hook.telling"]


def test_the_hook_needs_no_database_no_plots_and_no_statistics(found: dict[str, Any]) -> None:
    top = {name.partition(".")[0] for name in found["loaded_when_on"]}
    assert "evaluations" in top
    assert top & HEAVY == set()
    assert [
        name for name in found["loaded_when_on"] if name.startswith(("rsp.store", "rsp.api", "rsp.ingest", "reports", "thresholds"))
    ] == []


def test_it_is_on_only_where_somebody_said_so(found: dict[str, Any]) -> None:
    assert found["switched"] == {
        "nothing set": False,
        "empty url": False,
        "url": True,
        "online without url": False,
        "offline without url": True,
        "disabled with url": False,
        "Disabled with url": False,
        "mode that means nothing": True,  # and the settings are refused with a warning: better than silence
    }


def test_being_asked_costs_next_to_nothing(found: dict[str, Any]) -> None:
    """Inspect asks at every event, some fifty times a sample."""
    assert found["seconds_asked"] < 10e-6  # seconds of the processor; 0.2e-6 was measured


def test_the_names_are_those_of_the_client(found: dict[str, Any]) -> None:
    watched, named = found["watched"]
    assert watched == named


def test_settings_that_mean_nothing_are_told_and_hold_nothing_up(found: dict[str, Any]) -> None:
    assert "nothing of this process is reported: found RSP_MODE 'sideways'" in found["said"]
    assert found["waits"]["sideways"] < 60


def test_a_job_that_fails_is_told_and_those_after_it_are_done(found: dict[str, Any]) -> None:
    assert "RuntimeError: a job that fails" in found["said"]
    assert found["done"] == ["offline"]
