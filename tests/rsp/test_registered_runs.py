"""Registered runs: announced before they start, so that one that went badly cannot be dropped unseen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from evaluations.documents import Problem
from evaluations.records import RunStatus
from rsp.assess import model as assess
from rsp.errors import ConflictError, EvidenceError
from rsp.ingest import load_criteria, load_policy
from rsp.store.reading import evidence, position
from rsp.store.session import Store
from tests.rsp.store.sample import AT, SHA, a_criteria_set, a_policy, content, load_content
from thresholds.decision_records import GapKind

Content = dict[str, Any]
_VARIANT = {"model": "m", "snapshot": "final", "evaluation": "plasmids", "version": "v1", "source": "card"}


def lab() -> Content:
    """A model of one snapshot and an evaluation, not measured yet."""
    held = content()
    kept = {name: held[name] for name in ("format", "sources", "domains", "developers", "models", "evaluations")}
    (snapshot, _) = kept["models"][0]["snapshots"]
    kept["models"] = [{**kept["models"][0], "snapshots": [{**snapshot, "parent": None}]}]
    return kept


def sent(**lists: list[Content]) -> Content:
    """A file of these lists."""
    return {"format": "rsp-evidence/1", **lists}


def registration(slug: str, **fields: Any) -> Content:
    return {**_VARIANT, "slug": slug, **fields}


def low_run(slug: str, **fields: Any) -> Content:
    """A complete run far below the bar of 0.8: 2 of 50 items solved."""
    items = [{"item": f"i{number}", "attempts": [Decimal(1 if number < 2 else 0)]} for number in range(50)]
    return {
        **_VARIANT,
        "slug": slug,
        "items": items,
        "scores": [{"statistic": "mean", "value": Decimal("0.04"), "source": "card"}],
        **fields,
    }


def failed_run(slug: str) -> Content:
    return {**_VARIANT, "slug": slug, "status": "failed", "status_reason": "the sandbox went down"}


@pytest.fixture
def judged(store: Store) -> Store:
    """A store with a policy, its criteria and the lab."""
    load_content(store, lab())
    load_policy(store, a_policy(), file_name="p.yaml", file_sha256=SHA, actor="ada", at=AT)
    load_criteria(store, a_criteria_set(), file_name="c.yaml", file_sha256=SHA, actor="ada", at=AT)
    return store


def outcome(store: Store) -> str:
    """The verdict on the one threshold."""
    (verdict,) = assess(store, "m", policy_slug="test-1").assessment.verdicts
    return verdict.outcome.value


def refused(store: Store, held: Content) -> list[Problem]:
    """What is wrong with a file; nothing of it is recorded."""
    with store.read() as session:
        before = position(session).size
    with pytest.raises(EvidenceError) as caught:
        load_content(store, held)
    with store.read() as session:
        assert position(session).size == before
    return list(caught.value.problems)


def test_a_low_run_alone_rules_out(judged: Store) -> None:
    """Else the tests below would prove nothing."""
    load_content(judged, sent(runs=[low_run("first")]))
    assert outcome(judged) == "ruled_out"


def test_a_registered_run_that_is_not_reported_blocks_a_rule_out(judged: Store) -> None:
    """Whatever else was measured of the same variant, before or after."""
    load_content(judged, sent(registrations=[registration("second")]))
    load_content(judged, sent(runs=[low_run("first")]))
    assert outcome(judged) != "ruled_out"
    with judged.read() as session:
        (unreported,) = (run for run in evidence(session, "m").runs if run.slug == "second")
    assert unreported.status is RunStatus.WITHHELD
    assert unreported.status_reason == "registered before it started (entry 3), and no result of it was reported"


def test_a_registered_run_that_is_not_reported_is_named_among_the_gaps(judged: Store) -> None:
    """Who reads that nothing is ruled out must find the run that stands against it."""
    load_content(judged, sent(registrations=[registration("second")]))
    load_content(judged, sent(runs=[low_run("first")]))
    (verdict,) = assess(judged, "m", policy_slug="test-1").assessment.verdicts
    told = [each.words for each in verdict.gaps if each.kind is GapKind.NOT_REPORTED]
    assert told == ["Plasmids, Final: run second was registered, and no result of it was reported."]


def test_a_registered_run_that_failed_blocks_nothing_once_it_is_told(judged: Store) -> None:
    """A complete run of the same variant stands, and the failure is on record beside it."""
    load_content(judged, sent(registrations=[registration("second")]))
    load_content(judged, sent(runs=[low_run("first"), failed_run("second")]))
    assert outcome(judged) == "ruled_out"


def test_a_failed_run_alone_rules_nothing_out(judged: Store) -> None:
    """To be told is not to be measured."""
    load_content(judged, sent(registrations=[registration("second")]))
    load_content(judged, sent(runs=[failed_run("second")]))
    assert outcome(judged) != "ruled_out"


def test_a_registered_run_that_is_reported_counts_as_reported(judged: Store) -> None:
    """The registration stays on record; the run stands once."""
    load_content(judged, sent(registrations=[registration("second", planned_items=50)]))
    load_content(judged, sent(runs=[low_run("second")]))
    assert outcome(judged) == "ruled_out"
    with judged.read() as session:
        held = evidence(session, "m")
    assert ([each.slug for each in held.runs], [each.slug for each in held.registrations]) == (["second"], ["second"])


def test_what_was_registered_then_is_unreported_as_of_then(judged: Store) -> None:
    """A report made later leaves the answer about then alone."""
    load_content(judged, sent(registrations=[registration("second")]))
    load_content(judged, sent(runs=[low_run("second")]))
    with judged.read() as session:
        assert [run.status for at in (2, 3, 4) for run in evidence(session, "m", at).runs] == [RunStatus.WITHHELD, RunStatus.COMPLETED]


def test_a_run_is_not_registered_after_it_was_reported(judged: Store) -> None:
    """Else a run would look announced that was only kept because it went well. Not in the same file either."""
    both = refused(judged, sent(registrations=[registration("first")], runs=[low_run("first")]))
    load_content(judged, sent(runs=[low_run("first")]))
    (late,) = refused(judged, sent(registrations=[registration("first")]))
    assert (late.path, late.expected) == (("registrations", 0, "slug"), "a run registered before it starts")
    assert both == [late]


def test_a_registration_sent_again_after_the_run_is_known(judged: Store) -> None:
    """A retry of what was in time is no late registration."""
    load_content(judged, sent(registrations=[registration("first")]))
    load_content(judged, sent(runs=[low_run("first")]))
    assert load_content(judged, sent(registrations=[registration("first")])).status == "known"


@pytest.mark.parametrize(
    ("field", "registered", "reported"),
    [
        ("snapshot", "final", "other"),
        ("snapshot", "final", None),
        ("version", "v1", "v2"),
        ("thinking", "extended", "standard"),
        ("scaffold", "loop", None),
        ("scaffold", None, "loop"),
        ("token_budget", 1000, 2000),
        ("tools", "a shell", "a shell and a browser"),
    ],
)
def test_a_run_is_the_one_that_was_registered(judged: Store, field: str, registered: Any, reported: Any) -> None:
    """A run whose snapshot or way of eliciting was chosen once the result was seen is another run."""
    more = lab()
    more["models"][0]["snapshots"].append({**more["models"][0]["snapshots"][0], "slug": "other", "ordinal": 3})
    more["evaluations"][0]["versions"].append({**more["evaluations"][0]["versions"][0], "slug": "v2"})
    load_content(judged, more)
    load_content(judged, sent(registrations=[registration("first", **{field: registered})]))
    (problem,) = refused(judged, sent(runs=[low_run("first", **{field: reported})]))
    assert problem.path == ("runs", 0, field)
    assert problem.expected == f"{registered or 'nothing'}, as the run was registered"


def test_a_registration_told_differently_is_a_conflict(judged: Store) -> None:
    """Registered is registered; to change it needs a reason, and the first stays readable."""
    load_content(judged, sent(registrations=[registration("first", planned_items=50)]))
    with pytest.raises(ConflictError, match="registration first, planned_items: found 4, expected 50 as recorded by entry 3"):
        load_content(judged, sent(registrations=[registration("first", planned_items=4)]))


def test_a_registration_names_what_is_recorded(judged: Store) -> None:
    """A run of nothing blocks nothing, so a misspelling is refused with near names."""
    problems = refused(judged, sent(registrations=[registration("first", snapshot="finall", evaluation="plasmid")]))
    assert {each.path[-1]: each.expected for each in problems} == {
        "snapshot": "a recorded snapshot of m, perhaps final",
        "evaluation": "a recorded evaluation, perhaps plasmids",
    }


def test_a_receipt_says_which_attempt_a_registration_is(judged: Store) -> None:
    """Counted over one evaluation version on one snapshot: rewording how the model is elicited hides no attempt."""
    receipts = [
        load_content(judged, sent(registrations=[registration(slug, **fields)]))
        for slug, fields in (("a", {}), ("b", {}), ("c", {"scaffold": "loop"}), ("d", {}))
    ]
    assert [each.derived[0].value for each in receipts] == ["1", "2", "3", "4"]
