"""``rsp due`` on a real database, on both engines: what is recorded by files is what is judged, and a slip of the hand is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from evaluations.evidence import EvidenceFile
from rsp.due import Asked, due
from rsp.errors import UnknownNameError
from rsp.filing import take_in
from rsp.ingest import load
from rsp.policies import bundled
from rsp.store.histories import histories
from rsp.store.reading import evidence, position
from rsp.store.session import Store
from tests.rsp.cli.running import Run, runner
from tests.thresholds.histories import History, assessed, called, figure, model
from thresholds.comparisons import history_of
from thresholds.due_records import DueModel

AT = datetime(2030, 1, 1, tzinfo=UTC)
OLD = model("old", developer="Anthropic", assessed=[assessed("2025-05-20")], figures=[figure("2025-05-20", "1e26")])
NEW = model(
    "new",
    developer="Anthropic",
    assessed=[assessed("2025-06-01", depth="preliminary", comparison_model="old")],
    figures=[figure("2025-06-15", "3.5e26", low=3 * 10**26, high=4 * 10**26)],
    calls=[called("2025-07-01", "more_capable", comparison_model="old", visibility="restricted", words="a secret")],
)


def file_of(*every: History) -> EvidenceFile:
    parts = {name: [one for each in every for one in getattr(each, name)] for name in ("effective_compute", "assessments", "calls")}
    developers = {each.developer.slug: each.developer for each in every}
    head = {"format": "rsp-evidence/1", "sources": [{"slug": "pipeline", "title": "Test pipeline"}]}
    return EvidenceFile.model_validate({**head, "developers": [*developers.values()], "models": [each.model for each in every], **parts})


def taken(store: Store, file: EvidenceFile) -> None:
    load(store, file, file_name="history.yaml", file_sha256="0" * 64, actor="a tester", at=AT)


@pytest.fixture
def lab(store: Store) -> Store:
    """A store with the policies that come with rsp and two models."""
    for each in bundled():
        take_in(store, each.content, each.name, actor="a tester", at=AT, origin="bundled")
    taken(store, file_of(OLD, NEW))
    return store


def found(store: Store, day: str, *policies: str, as_of: int | None = None) -> dict[str, DueModel]:
    asked = Asked(datetime.fromisoformat(day).date(), 30, policies)
    return {each.model: each for each in due(store, asked, as_of=as_of)}


def test_what_files_recorded_is_judged(lab: Store) -> None:
    judged = found(lab, "2025-06-20", "anthropic-rsp-2.2")
    standing = {each.kind.value: each for each in judged["new"].triggers}["effective_compute"]
    assert (standing.outcome, standing.ratio, standing.ratio_upper) == ("due", 3.5, 4.0)
    assert (standing.compared and standing.compared.model, judged["old"].outcome) == ("old", "not_due")


def test_unasked_the_version_in_force_of_its_developer_judges(lab: Store) -> None:
    governed = [found(lab, day)["old"].under for day in ("2025-05-14", "2026-12-01")]
    assert [each and each.version for each in governed] == ["2.2", "3.4"]


def test_an_earlier_position_knows_no_later_fact(lab: Store) -> None:
    with lab.read() as session:
        at = position(session).position
    later = model("old", developer="Anthropic", assessed=[assessed("2025-06-10", slug="again")])
    taken(lab, file_of(later))
    days = [found(lab, "2025-06-20", "anthropic-rsp-2.2", as_of=each)["old"].compared[0].completed_on for each in (at, None)]
    assert [str(day) for day in days] == ["2025-05-20", "2025-06-10"]


def test_the_light_reading_is_the_evidence_without_its_measurements(lab: Store) -> None:
    with lab.read() as session:
        light = histories(session)
        assert light == tuple(history_of(evidence(session, each.model.slug)) for each in light)
        assert [each.model.slug for each in light] == ["new", "old"]


def test_a_secret_call_is_told_of_and_not_told(lab: Store) -> None:
    judged = found(lab, "2025-07-02", "anthropic-rsp-3.4")["new"]
    assert judged.outcome == "due"
    assert "a secret" not in judged.model_dump_json()
    assert "call call-0" in judged.model_dump_json()


def test_a_name_that_nothing_carries_is_an_error(lab: Store) -> None:
    with pytest.raises(UnknownNameError, match=r"anthropic-rsp-2\.2"):
        found(lab, "2025-06-20", "anthropic-rsp-2-2")
    with pytest.raises(UnknownNameError, match="expected a recorded model, perhaps old"):
        due(lab, Asked(AT.date(), 30, (), ("odl",)))


def test_an_empty_record_lists_nothing(store: Store) -> None:
    assert due(store, Asked(AT.date(), 30)) == ()


@pytest.fixture
def typed(lab: Store, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line on that store."""
    return runner(monkeypatch, capsys, database)


def test_the_exit_code_is_0_whatever_is_due(typed: Run) -> None:
    ended = typed("due", "--on", "2026-01-01", "--policy", "anthropic-rsp-2.2")
    assert (ended.code, ended.err) == (0, "")
    assert "2 due, 0 cannot tell, 0" in ended.out


def test_json_is_a_list_and_models_can_be_chosen(typed: Run) -> None:
    ended = typed("due", "--on", "2025-06-20", "--policy", "anthropic-rsp-2.2", "--model", "old", "--format", "json", "--within", "400")
    assert [(each["model"], each["outcome"], each["within_days"]) for each in json.loads(ended.out)] == [("old", "soon", 400)]


def test_today_is_read_at_the_door(typed: Run) -> None:
    before = datetime.now(UTC).date()
    told = {each["day"] for each in json.loads(typed("due", "--format", "json").out)}
    assert told in ({before.isoformat()}, {datetime.now(UTC).date().isoformat()})  # midnight may pass between


@pytest.mark.parametrize("day", ["2025-6-20", "20250620", "2025-W25-5", "tomorrow", "2025-02-30"])
def test_a_day_is_typed_in_one_way_only(typed: Run, day: str) -> None:
    ended = typed("due", "--on", day)
    assert (ended.code, "expected a day such as 2025-02-24" in ended.err) == (2, True)


def test_days_ahead_are_not_below_none(typed: Run) -> None:
    assert typed("due", "--within", "-1").code == 2


def test_the_end_of_the_calendar_is_no_error(typed: Run) -> None:
    assert typed("due", "--on", "9999-12-31", "--within", "99999999").code == 0
