"""From a log to the record: who is meant is said, stated or recorded, and never guessed; a log is one run, however often it is sent."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluations.evidence import ModelEvidence
from evaluations.readers.assignment import LogAnnouncement, SentAnnouncement, SentReading
from evaluations.records import Run, RunStatus
from rsp.errors import ConflictError, EvidenceError, UnassignedError, UnknownNameError
from rsp.ingest import Sent
from rsp.receipts import Receipt
from rsp.store.reading import evidence, position
from rsp.store.session import Store
from rsp.submitting import register_log, sent_as, take_in_reading, take_in_readings
from tests.rsp.logs import AT, a_model_alias, a_reading, a_task_alias, record, record_lab, sent


@pytest.fixture
def lab(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """The lab on SQLite: who is meant is decided here, and engines differ in nothing but the look-ups of one test below."""
    path = tmp_path / "rsp.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    with Store.open(f"sqlite:///{path}") as store:
        record_lab(store)
        yield store


def take(store: Store, told: SentReading | None = None, key: str | None = None, supersede: str | None = None) -> Receipt:
    """Send one reading."""
    told = told or sent()
    return take_in_reading(store, told, sent_as(told, "a.eval", "pipeline", key), actor="pipeline", at=AT, supersede=supersede)


def announce(store: Store, **fields: Any) -> Receipt:
    """Register the log of ``a_reading``."""
    told = LogAnnouncement.model_validate({"format": "inspect", "log_id": "log-1", "model": "lab/larch", "task": "evals/exam", **fields})
    whole = SentAnnouncement(announcement=told)
    return register_log(store, whole, sent_as(whole, "an announcement", "pipeline"), actor="pipeline", at=AT)


def known(store: Store, model: str = "larch") -> ModelEvidence:
    with store.read() as session:
        return evidence(session, model)


def only_run(store: Store, model: str = "larch") -> Run:
    [run] = known(store, model).runs
    return run


def size(store: Store) -> int:
    with store.read() as session:
        return position(session).size


def test_aliases_say_who_is_meant(lab: Store) -> None:
    """The receipt tells which alias said what."""
    receipt = take(lab)
    run = only_run(lab)
    assert (run.model, run.snapshot, run.evaluation, run.version) == ("larch", "final", "exam", "v1")
    assert {each.field: each.basis for each in receipt.derived} == {
        "snapshot": "alias larch-final for lab/larch",
        "version": "alias exam for evals/exam",
        "measure": "the only one in the file",
    }


def test_the_same_log_counts_once(lab: Store) -> None:
    """A copy in other bytes, and read anew, is the same run and the same receipt."""
    first = take(lab)
    copy = take(lab, sent(a_reading(file_name="copy.json", file_sha256="cd" * 32)))
    assert (copy.status, copy.entry_seq) == ("known", first.entry_seq)
    assert len(known(lab).runs) == 1


def test_a_log_that_tells_otherwise_is_a_conflict(lab: Store) -> None:
    """Changed scores under one identity are never swallowed."""
    take(lab)
    with pytest.raises(ConflictError, match="items"):
        take(lab, sent(a_reading((0, 0))))
    assert take(lab, sent(a_reading((0, 0))), supersede="the scorer was repaired").status == "superseded"


@pytest.mark.parametrize("field", ["model", "task"])
def test_an_unknown_name_stores_nothing(lab: Store, field: str) -> None:
    """The error names it as it is spelled and holds the alias to record."""
    before = size(lab)
    with pytest.raises(UnassignedError, match=r"found the (model|task) elsewhere/larch") as caught:
        take(lab, sent(a_reading().but({field: "elsewhere/larch"})))
    assert size(lab) == before
    _, entries = json.loads(caught.value.entry).values()
    assert entries[0]["spelled" if field == "model" else "task"] == "elsewhere/larch"


def test_the_alias_of_an_error_assigns_the_log_once_it_is_filled_in(lab: Store) -> None:
    """What the message prints can be recorded."""
    reading = sent(a_reading(model="elsewhere/larch", snapshot_hint="Step 1000"))
    with pytest.raises(UnassignedError) as caught:
        take(lab, reading)
    told = caught.value.entry.replace("MODEL", "larch").replace("SNAPSHOT", "early").replace("SOURCE", "lab")
    record(lab, **json.loads(told))
    take(lab, reading)
    assert only_run(lab).snapshot == "early"


def test_what_is_said_beside_the_log_outranks_what_it_states(lab: Store) -> None:
    """And both names are told where they differ."""
    reading = a_reading(stated={"model": "larch", "snapshot": "final", "evaluation": "exam", "version": "v1"})
    receipt = take(lab, sent(reading, snapshot="early"))
    assert only_run(lab).snapshot == "early"
    assert any("final; early" in each for each in receipt.warnings)


def test_what_a_file_states_outranks_aliases(lab: Store) -> None:
    """The pipeline knows what it ran."""
    take(lab, sent(a_reading(stated={"model": "rowan", "snapshot": "early"})))
    assert only_run(lab, "rowan").snapshot == "early"


def test_a_stated_name_must_be_recorded(lab: Store) -> None:
    """A snapshot is never made of a name in a file."""
    with pytest.raises(UnknownNameError, match="perhaps final"):
        take(lab, sent(a_reading(stated={"model": "larch", "snapshot": "finale"})))


def test_a_stated_model_without_a_snapshot_takes_no_alias_of_another_model(lab: Store) -> None:
    """The alias means larch, the file says rowan: nobody said which snapshot."""
    with pytest.raises(UnassignedError, match="one snapshot of rowan"):
        take(lab, sent(a_reading(stated={"model": "rowan"})))


def test_the_alias_that_asks_for_most_wins(lab: Store) -> None:
    """A revision, a version or a measure that is named decides."""
    record(lab, model_aliases=[a_model_alias("larch-early", snapshot_hint="step-1", snapshot="early")])
    record(lab, task_aliases=[a_task_alias("quiz", task_version="2", evaluation="quiz")])
    take(lab, sent(a_reading(snapshot_hint="step-1", task_version="2")))
    assert (only_run(lab).snapshot, only_run(lab).evaluation) == ("early", "quiz")


def test_a_new_revision_is_not_taken_for_a_known_one(lab: Store) -> None:
    """Once revisions tell snapshots apart, one that nobody named may be a new checkpoint."""
    record(lab, model_aliases=[a_model_alias("larch-early", snapshot_hint="step-1", snapshot="early")])
    with pytest.raises(UnassignedError, match="lab/larch at step-2"):
        take(lab, sent(a_reading(snapshot_hint="step-2")))


@pytest.mark.parametrize("which", ["model", "task"])
def test_two_aliases_that_fit_alike_are_both_named(lab: Store, which: str) -> None:
    """Neither is taken."""
    if which == "model":
        record(lab, model_aliases=[a_model_alias("larch-other", snapshot="early")])
    else:
        record(lab, task_aliases=[a_task_alias("exam-other", version="v2")])
    with pytest.raises(EvidenceError, match=r"aliases (exam and exam-other|larch-final and larch-other) give two meanings"):
        take(lab)
    said = sent(model="larch", snapshot="early") if which == "model" else sent(evaluation="exam", version="v1")
    assert take(lab, said).status == "stored"


def test_a_corrected_alias_counts_as_it_now_stands(store: Store) -> None:
    """Also where its spelling was corrected, on either engine."""
    lab = store
    record_lab(lab)
    record(lab, "a slip", model_aliases=[a_model_alias(spelled="lab/larch-2")])
    with pytest.raises(UnassignedError, match="near it are lab/larch"):
        take(lab)
    take(lab, sent(a_reading(model="lab/larch-2")))
    assert only_run(lab).snapshot == "final"


def test_a_log_moved_to_another_model_is_refused(lab: Store) -> None:
    """A log is one run; the first must be declared invalidated."""
    take(lab)
    elsewhere = sent(model="rowan", snapshot="final")
    with pytest.raises(ConflictError, match="a log is one run"):
        take(lab, elsewhere)
    run = only_run(lab).but({"status": RunStatus.INVALIDATED, "status_reason": "another model ran"})
    record(lab, "another model ran", runs=[run])
    assert take(lab, elsewhere).status == "stored"


def test_one_task_under_two_evaluations_is_two_runs(lab: Store) -> None:
    """The same log may be evidence of two things."""
    take(lab)
    take(lab, sent(evaluation="quiz", version="v1"))
    assert {each.evaluation for each in known(lab).runs} == {"exam", "quiz"}


def test_one_refused_reading_keeps_no_other_out(lab: Store) -> None:
    """Each is told apart, and each under a key of its own."""
    told = [sent(a_reading(log_id="a")), sent(a_reading(log_id="b", task="unknown")), sent(a_reading(log_id="c"))]
    for status in ("stored", "stored"):  # the same receipts for the same key
        outcomes = take_in_readings(lab, told, Sent("a.eval", "ab" * 32, "pipeline", "k"), actor="pipeline", at=AT)
        assert [each.receipt.status if each.receipt else None for each in outcomes] == [status, None, status]
        assert isinstance(outcomes[1].refusal, UnassignedError)
    assert len(known(lab).runs) == 2


def test_the_same_key_gives_the_same_receipt_after_an_alias_changed(lab: Store) -> None:
    """A retry is answered as the first was."""
    first = take(lab, key="k")
    record(lab, "retired", model_aliases=[a_model_alias(spelled="lab/other")])
    assert take(lab, key="k") == first


def test_a_registered_log_stands_as_withheld_until_it_is_reported(lab: Store) -> None:
    """Under one name before and after, so that a bad run cannot be dropped unseen."""
    announce(lab)
    before = only_run(lab)
    assert before.status is RunStatus.WITHHELD
    take(lab)
    after = only_run(lab)
    assert (after.slug, after.status) == (before.slug, RunStatus.COMPLETED)


def test_a_failed_log_without_results_is_a_run(lab: Store) -> None:
    """That it failed is on record."""
    announce(lab)
    take(lab, sent(a_reading(status="failed", status_reason="the sandbox died", measures=())))
    assert (only_run(lab).status, only_run(lab).status_reason) == (RunStatus.FAILED, "the sandbox died")


def test_a_log_that_elicited_otherwise_than_registered_is_refused(lab: Store) -> None:
    """What was announced is what must be reported."""
    announce(lab, thinking="extended")
    with pytest.raises(EvidenceError, match="as the run was registered"):
        take(lab)


def test_what_cannot_be_assigned_names_the_file(lab: Store) -> None:
    """An error of the assignment is one of the evidence, at its field."""
    with pytest.raises(EvidenceError, match=r"exam of a\.eval") as caught:
        take(lab, sent(unit="percent"))
    assert [each.path for each in caught.value.problems] == [("unit",)]
