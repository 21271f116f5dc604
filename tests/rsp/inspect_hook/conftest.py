"""A database with one evaluation that nobody has reported yet, a real server in front of it, and evaluations in processes of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rsp import assess
from rsp.filing import take_in
from rsp.store.reading import evidence as recorded
from rsp.store.session import Store
from rsp.tokens import Role, issue
from tests.docs.pages import FIRST_STEPS
from thresholds import policies

EVALS = Path(__file__).with_name("evals.py")
AT = datetime(2026, 3, 10, tzinfo=UTC)
LONGEST = 400  # seconds for one process; it takes a tenth of that, unless the machine has much else to do


def evidence() -> dict[str, Any]:
    """Return the first-steps example without what Inspect will measure, and what the names in its logs mean."""
    told: dict[str, Any] = YAML(typ="safe").load((FIRST_STEPS / "evidence.yaml").read_text(encoding="utf-8"))
    told["runs"] = [run for run in told["runs"] if run["evaluation"] != "protocol-questions"]
    said = {"source": "first-steps", "confidence": "synthetic"}
    told["model_aliases"] = [
        {"slug": f"mock-{slug}", "spelled": f"mockllm/{slug}", "model": "my-model", "snapshot": slug, **said}
        for slug in ("candidate-1", "final")
    ]
    told["task_aliases"] = [
        {"slug": "questions", "task": "protocol_questions", "evaluation": "protocol-questions", "version": "v1", **said}
    ]
    return told


def criteria() -> dict[str, Any]:
    """Return the bars of the example, held against what Inspect's own solver gives: it is the scaffold of every such log."""
    told: dict[str, Any] = YAML(typ="safe").load((FIRST_STEPS / "criteria.yaml").read_text(encoding="utf-8"))
    questions = next(each for each in told["criteria"] if each["slug"] == "protocol-questions")
    questions["scaffold"] = "generate"
    return told


@pytest.fixture(scope="session")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a database that holds the example, and a token for it."""
    directory = tmp_path_factory.mktemp("hook-template")
    shutil.copy(sqlite_template, directory / "rsp.db")
    policy = Path(policies.__file__).with_name("anthropic-rsp-2.0.yaml").read_bytes()
    files = {"policy.yaml": policy} | {
        f"{name}.json": json.dumps(told, default=str).encode() for name, told in (("evidence", evidence()), ("criteria", criteria()))
    }
    with Store.open(f"sqlite:///{directory / 'rsp.db'}") as store:
        for name, content in files.items():
            take_in(store, content, name, actor="a tester", at=AT)
        token = issue(store, "inspect", "inspect", Role.SUBMITTER, timedelta(days=1), actor="a tester", at=datetime.now(UTC))
    (directory / "token").write_text(token, encoding="utf-8")
    return directory


def _others(*prefixes: str) -> dict[str, str]:
    """Return the environment without the names that begin so."""
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}


class Lab:
    """One database, its server, and a directory in which evaluations run."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.token = (directory / "token").read_text(encoding="utf-8")
        self.port = 0
        self._server: subprocess.Popen[str] | None = None

    @property
    def database(self) -> str:
        return f"sqlite:///{self.directory / 'rsp.db'}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {"RSP_URL": self.url, "RSP_TOKEN": self.token, "RSP_SPOOL": str(self.directory / "spool"), "RSP_MAX_RETRIES": "1"}

    def serve(self) -> None:
        """Start the server, again at the port it had."""
        command = [sys.executable, "-m", "rsp", "serve", "--port", str(self.port)]
        environment = {**_others("RSP_"), "RSP_DATABASE": self.database}
        self._server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=self.directory)
        assert self._server.stdout is not None
        told = self._server.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", told)
        if found is None:
            self.stop(signal.SIGKILL)
            pytest.fail(f"the server did not start: {told}")
        self.port = int(found[1])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(LONGEST)
            assert self._server.stdout is not None
            self._server.stdout.close()
            self._server = None

    def start(self, scenario: str) -> subprocess.Popen[str]:
        """Start a process that evaluates."""
        (self.directory / "waits").unlink(missing_ok=True)
        environment = {**_others("RSP_", "INSPECT_"), **self.environment}
        command = [sys.executable, str(EVALS), scenario]
        return subprocess.Popen(command, cwd=self.directory, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def waits(self) -> bool:
        """Say whether a run is in its midst and waits for the file ``go``."""
        return (self.directory / "waits").exists()

    def ended(self, process: subprocess.Popen[str]) -> str:
        """Return what a process said that ended as it would without a tracker."""
        told, _ = process.communicate(timeout=LONGEST)
        assert process.returncode == 0, told
        assert "the evaluation ended" in told
        return told

    def rsp(self, *arguments: str, expected: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the command line as whoever evaluates would: with the server's address and the token, and without the database."""
        command = [sys.executable, "-m", "rsp", *arguments]
        environment = {**_others("RSP_"), **self.environment}
        ended = subprocess.run(command, cwd=self.directory, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False)
        assert ended.returncode == expected, ended.stdout + ended.stderr
        return ended

    def runs(self) -> list[tuple[str, str]]:
        """Return the runs of the evaluation as the record has them: snapshot and status."""
        with Store.open(self.database) as store, store.read() as session:
            held = recorded(session, "my-model")
        return sorted((str(run.snapshot), run.status.value) for run in held.runs_of("protocol-questions"))

    def outcome(self) -> str:
        """Return the verdict on the threshold that the evaluation speaks to."""
        with Store.open(self.database) as store:
            verdicts = assess.model(store, "my-model", policy_slug="anthropic-rsp-2.0", criteria_slug="first-steps").shown.verdicts
        return next(each.outcome.value for each in verdicts if each.threshold == "cbrn-weapons")


@contextmanager
def opened(template: Path, directory: Path) -> Iterator[Lab]:
    for name in ("rsp.db", "token"):
        (directory / name).write_bytes((template / name).read_bytes())
    made = Lab(directory)
    made.serve()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def lab(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with opened(template, tmp_path_factory.mktemp("lab")) as made:
        yield made


@pytest.fixture
def another_lab(template: Path, tmp_path: Path) -> Iterator[Lab]:
    with opened(template, tmp_path) as made:
        yield made


def until(true: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait until something holds that a process brings about."""
    last = time.monotonic() + LONGEST
    while not true():
        if process.poll() is not None or time.monotonic() > last:
            process.kill()
            pytest.fail(f"it never came: {process.communicate()[0]}")
        time.sleep(0.2)
