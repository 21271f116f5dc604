"""``rsp submit`` and ``rsp sync``: genuine logs into a database or to a server, each whole or not at all, and every refusal told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from evaluations.records import Run as RunRecord
from evaluations.records import RunStatus
from rsp.store.reading import evidence, position
from rsp.store.session import Store
from tests.rsp.api.sending import Sender, sending
from tests.rsp.cli.running import Run, runner
from tests.rsp.client.servers import nobody
from tests.rsp.logs import a_model_alias, a_task_alias, record, record_lab

LOGS = Path(__file__).parents[2] / "data/logs"
RESULTS = LOGS / "lm_eval/results_2026-11-21T22-58-23.322188.json"
ALIASES: dict[str, Any] = {
    "model_aliases": [a_model_alias("demo", spelled="example-org/demo-model", snapshot_hint="step-12000")],
    "task_aliases": [
        a_task_alias("sums", task="demo_sums", measure="exact_match,flexible-extract"),
        a_task_alias("capitals", task="demo_capitals", measure="acc,none", evaluation="quiz"),
        a_task_alias("colours", task="demo_colours", measure="acc,none", version="v2"),
    ],
}
MEANT = ("--model", "larch", "--snapshot", "final", "--evaluation", "exam", "--version", "v1")


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "rsp.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    return f"sqlite:///{path}"


@pytest.fixture
def rsp(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line, against a database with the lab; nothing of the account's own settings."""
    for name in ("RSP_URL", "RSP_TOKEN", "RSP_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RSP_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setenv("RSP_MAX_RETRIES", "0")
    monkeypatch.chdir(tmp_path)
    return runner(monkeypatch, capsys, database)


@pytest.fixture
def lab(database: str) -> Iterator[Store]:
    with Store.open(database) as store:
        record_lab(store, aliases=False)
        record(store, **ALIASES)
        yield store


def runs(store: Store) -> list[RunRecord]:
    with store.read() as session:
        return list(evidence(session, "larch").runs)


def size(store: Store) -> int:
    with store.read() as session:
        return position(session).size


def test_a_results_file_becomes_a_run_a_task_by_its_aliases(rsp: Run, lab: Store) -> None:
    """With the samples beside it, and the one that tells of fewer items than its version is partial."""
    ended = rsp("submit", str(RESULTS))
    assert ended.code == 0, ended.err
    assert ended.out.count("recorded as entry") == 3
    assert "[1/1]" in ended.err
    found = {run.evaluation + run.version: run for run in runs(lab)}
    assert {name: (run.status, len(run.items)) for name, run in found.items()} == {
        "examv1": (RunStatus.COMPLETED, 12),
        "quizv1": (RunStatus.COMPLETED, 25),
        "examv2": (RunStatus.PARTIAL, 25),
    }
    assert "rules nothing out: a subset: the log holds 25 of the 50 items" in ended.out


def test_the_same_file_again_records_nothing(rsp: Run, lab: Store, tmp_path: Path) -> None:
    """Also a copy under another name."""
    rsp("submit", str(RESULTS))
    before = size(lab)
    copy = tmp_path / "copies" / "copy.json"
    copy.parent.mkdir()
    for path in RESULTS.parent.glob("samples_*"):
        shutil.copy(path, copy.parent)
    shutil.copy(RESULTS, copy)
    ended = rsp("submit", str(RESULTS), str(copy))
    assert (ended.code, ended.out.count("nothing new"), size(lab)) == (0, 6, before)


def test_a_folder_means_every_log_below_it(rsp: Run, lab: Store, tmp_path: Path) -> None:
    """Genuine logs of Inspect in both containers; what is no log is passed over by name."""
    folder = tmp_path / "logs"
    (folder / "deep").mkdir(parents=True)
    for name in ("evalset_step-1000.eval", "edited_log_updates.json", "status_error.eval"):
        shutil.copy(LOGS / "inspect" / name, folder / "deep")
    (folder / "notes.md").write_text("not a log")
    (folder / ".hidden.json").write_text("{")
    ended = rsp("submit", str(folder), *MEANT)
    assert ended.code == 0, ended.err
    assert f"passed over {folder / 'notes.md'}" in ended.err
    assert [run.status for run in runs(lab)] == [RunStatus.PARTIAL] * 3  # two ran on 8 of 24 samples, one ended in an error


def test_one_that_is_refused_keeps_no_other_out(rsp: Run, lab: Store, tmp_path: Path) -> None:
    """And the exit code says that there was one."""
    junk = tmp_path / "junk.eval"
    junk.write_bytes(b"PK\x03\x04 and no archive")
    ended = rsp("submit", str(junk), str(tmp_path / "absent"), str(RESULTS))
    assert (ended.code, ended.out.count("recorded as entry")) == (2, 3)
    assert "junk.eval: refused" in ended.err
    assert "absent: refused: found no ordinary file" in ended.err


def test_a_name_without_a_meaning_stores_nothing_and_prints_the_alias(rsp: Run, lab: Store, tmp_path: Path) -> None:
    """The alias can be pasted into a file."""
    before = size(lab)
    ended = rsp("submit", str(LOGS / "inspect/evalset_step-1000.eval"))
    assert (ended.code, size(lab)) == (2, before)
    assert '{"format": "rsp-evidence/1", "model_aliases": [{"slug": "mockllm-acme-lab-demo-model-step-1000", ' in ended.err


def test_a_reason_that_holds_for_many_tasks_is_told_whole_once(rsp: Run) -> None:
    """Two logs of one unnamed model print one alias to record, and every refusal is counted."""
    ended = rsp("submit", str(LOGS / "inspect/edited_log_updates.eval"), str(LOGS / "inspect/edited_log_updates.json"))
    assert (ended.err.count('"model_aliases"'), ended.err.count("for the reason told above")) == (1, 1)
    assert ended.err.splitlines()[-1] == "0 taken, 2 refused"


def test_a_dry_run_says_what_would_become_of_it_and_records_nothing(rsp: Run, lab: Store) -> None:
    """The same names, the same run."""
    before = size(lab)
    planned = json.loads(rsp("submit", "--dry-run", "--json", str(RESULTS)).out)
    assert size(lab) == before
    rsp("submit", str(RESULTS))
    assert {each["plan"]["run"] for each in planned} == {run.slug for run in runs(lab)}


def test_outcomes_as_json_hold_receipts_and_refusals(rsp: Run, lab: Store) -> None:
    """Nothing else is on the output."""
    told: list[dict[str, Any]] = json.loads(rsp("submit", "--json", str(RESULTS), "--measure", "acc,none").out)
    assert [each["outcome"] for each in told].count("refused") == 1
    refused = next(each for each in told if each["outcome"] == "refused")
    assert refused["task"] == "demo_sums"
    assert all(each["receipt"]["status"] == "stored" for each in told if each is not refused)


def test_a_table_is_read_by_its_mapping(rsp: Run, lab: Store, tmp_path: Path) -> None:
    """Without one it is refused."""
    table, mapping = tmp_path / "scores.csv", tmp_path / "mapping.yaml"
    table.write_text("question;points\nq1;1\nq2;0\n")
    mapping.write_text(
        "format: rsp-csv-mapping/1\ncolumns: {item: question, score: points}\ndelimiter: ';'\n"
        "model: our larch\ntask: our exam\nunit: proportion\nplanned_samples: 2\n"
    )
    assert rsp("submit", str(table), *MEANT).code == 2
    ended = rsp("submit", str(table), *MEANT, "--mapping", str(mapping))
    assert ended.code == 0, ended.err
    [run] = runs(lab)
    assert (run.status, [each.attempts[0] for each in run.items]) == (RunStatus.COMPLETED, [Decimal(1), Decimal(0)])


def test_an_evidence_file_is_taken_as_it_is(rsp: Run, lab: Store, tmp_path: Path) -> None:
    """As ``rsp load`` takes it."""
    path = tmp_path / "more.yaml"
    path.write_text("format: rsp-evidence/1\nsources:\n  - {slug: more, title: More}\n")
    assert "recorded as entry" in rsp("submit", str(path)).out
    assert "nothing new" in rsp("load", str(path)).out


@pytest.fixture
def sender(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    """A server in front of the lab, and its address and a token in the environment."""
    with sending(database) as made:
        record(made.store, **ALIASES)
        monkeypatch.setenv("RSP_URL", str(made.client.base_url))
        monkeypatch.setenv("RSP_TOKEN", made.token)
        yield made


def test_against_a_server_a_log_is_read_here_and_recorded_there(rsp: Run, sender: Sender) -> None:
    """In the name of the token's owner."""
    ended = rsp("submit", str(RESULTS))
    assert (ended.code, ended.out.count("recorded as entry")) == (0, 3), ended.err
    assert len(runs(sender.store)) == 3
    assert rsp("submit", str(RESULTS), "--measure", "acc,none").code == 2


def test_while_the_server_is_away_logs_wait_and_sync_delivers_them(rsp: Run, sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 0: nothing is lost, and the warning says what to do."""
    address = str(sender.client.base_url)
    monkeypatch.setenv("RSP_URL", nobody())
    ended = rsp("submit", str(RESULTS))
    assert (ended.code, ended.out.count("for `rsp sync`")) == (0, 3)
    assert rsp("sync").code == 2
    assert rsp("sync", "--list").out.count("log lm_eval-") == 3
    assert runs(sender.store) == []
    monkeypatch.setenv("RSP_URL", address)
    assert rsp("sync").out.count("delivered") == 3
    assert (rsp("sync", "--list").out, len(runs(sender.store))) == ("", 3)


def test_what_the_server_refuses_stays_and_is_told(rsp: Run, sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until somebody records what the name means."""
    monkeypatch.setenv("RSP_MODE", "offline")
    assert rsp("submit", str(LOGS / "inspect/evalset_step-1000.eval")).code == 0
    monkeypatch.setenv("RSP_MODE", "online")
    refused = rsp("sync")
    assert (refused.code, "nobody" in refused.err or "an alias" in refused.err) == (2, True)
    assert "refused:" in rsp("sync", "--list").out
    named = a_model_alias("demo-1000", spelled="mockllm/acme-lab/demo-model-step-1000")
    record(sender.store, model_aliases=[named], task_aliases=[a_task_alias("plain", task="arithmetic_plain")])
    assert rsp("sync").code == 0
    assert len(runs(sender.store)) == 1


def test_a_server_that_is_named_needs_an_address(rsp: Run, lab: Store) -> None:
    """Plain http to another machine would show the token to everybody on the way."""
    assert "expected https" in rsp("submit", "--url", "http://rsp.test", str(RESULTS)).err
    assert "expected --url or RSP_URL" in rsp("sync").err


@pytest.mark.parametrize("named", [True, False], ids=["with a server", "without"])
def test_switched_off_it_submits_nothing_and_fails_nobody(
    named: bool, rsp: Run, sender: Sender, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither to the server nor into the database here, which is the server's, nor into the spool; a place named in the call is meant."""
    monkeypatch.setenv("RSP_MODE", "disabled")
    if not named:
        monkeypatch.delenv("RSP_URL")
    ended = rsp("submit", str(RESULTS), "--json")
    assert (ended.code, ended.out) == (0, "[]\n")
    assert "RSP_MODE is disabled: nothing was submitted" in ended.err
    assert (runs(sender.store), list((tmp_path / "spool").glob("*"))) == ([], [])
    assert rsp("--db", database, "submit", str(RESULTS)).out.count("recorded as entry") == 3
    assert rsp("submit", "--url", str(sender.client.base_url), str(RESULTS)).out.count("nothing new") == 3
