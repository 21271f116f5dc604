"""A policy or criteria set that does not fit what is recorded is refused, naming the field; a fix names what it corrects."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from evaluations.documents import Problem
from rsp.errors import ConflictError, EvidenceError
from rsp.ingest import Receipt, load_criteria, load_policy
from rsp.store.policy_consistency import Origin
from rsp.store.reading import criteria_sets, in_force, policy_texts, position
from rsp.store.session import Store
from tests.rsp.store.sample import AT, SHA, a_criteria_set, a_policy, content, load_content

CITED = {"citation": "section 1", "basis": "policy_text", "words": "w"}
SECOND: dict[str, Any] = {"slug": "test-2", "version": "2", "effective_on": "2026-01-01"}
EXPECTED = {
    "citation": "section 1",
    "basis": "policy_text",
    "slug": "plasmids",
    "version": "v1",
    "name": "Plasmids",
    "kind": "benchmark",
    "unit": "share",
    "riskier_when": "higher",
    "scale_low": Decimal("0"),
    "scale_high": Decimal("1.0"),
}


def add_policy(store: Store, **changes: Any) -> Receipt:
    """Record the sample policy, changed."""
    return load_policy(store, a_policy(**changes), file_name="p.yaml", file_sha256=SHA, actor="ada", at=AT)


def add_criteria(store: Store, origin: Origin = "own", **changes: Any) -> Receipt:
    """Record the sample criteria set, changed."""
    act: dict[str, Any] = {"file_name": "c.yaml", "file_sha256": SHA, "actor": "ada"}
    return load_criteria(store, a_criteria_set(**changes), at=AT, origin=origin, **act)


def refused(store: Store, add: Any, **changes: Any) -> list[Problem]:
    """What is said against a document; nothing of it is recorded."""
    with store.read() as session:
        before = position(session)
    with pytest.raises(EvidenceError) as caught:
        add(store, **changes)
    with store.read() as session:
        assert position(session) == before
    return list(caught.value.problems)


def with_bars(shape: str = "score", **fields: Any) -> list[dict[str, Any]]:
    """The sample's criterion with other fields."""
    held: dict[str, Any] = a_criteria_set().model_dump()["criteria"][0] | {"shape": shape} | fields
    return [held]


def bar(value: str) -> dict[str, Any]:
    """A bar."""
    return {**CITED, "value": Decimal(value)}


def test_a_version_is_recorded_once(store: Store) -> None:
    """Two files of one version of a framework could be chosen between."""
    add_policy(store)
    (problem,) = refused(store, add_policy, **SECOND | {"version": "1"})
    assert problem.path == ("version",)
    assert str(problem) == (
        "version: found version 1 of test, expected one that no other file carries, or corrects: test-1; test-1 is that version "
        "(p.yaml, entry 0)"
    )
    assert add_policy(store, **SECOND | {"version": "1", "framework": "another"}).status == "stored"


def test_a_correction_takes_the_place_of_what_it_corrects(store: Store) -> None:
    """Same version, same days: exempt, also against what that one corrected before."""
    add_policy(store)
    add_policy(store, slug="test-1b", corrects="test-1", title="Mended")
    with store.read() as session:
        assert [each.slug for each in policy_texts(session)] == ["test-1", "test-1b"]
        assert [each.slug for each in in_force(policy_texts(session))] == ["test-1b"]
        assert [each.slug for each in in_force(policy_texts(session, 0))] == ["test-1"]
    add_policy(store, slug="test-1c", corrects="test-1b", title="Mended again")
    with store.read() as session:
        assert [each.slug for each in in_force(policy_texts(session))] == ["test-1c"]
    (problem,) = refused(store, add_policy, **SECOND | {"version": "1"})
    assert "test-1c is that version" in problem.expected
    (problem,) = refused(store, add_policy, slug="test-1d", corrects="test-1c", effective_on="2025-02-01", framework="another")
    assert problem.path == ("corrects",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"corrects": "tset-1"}, "found tset-1, expected a recorded policy, perhaps test-1 or test-1b"),
        (
            {"corrects": "test-1", "framework": "another"},
            "found test-1 of the framework test, expected a policy of the framework another",
        ),
        ({"corrects": "test-1"}, "found test-1, which test-1b corrects already (p.yaml, entry 1), expected test-1b"),
    ],
    ids=["nothing recorded", "another framework", "corrected already"],
)
def test_a_correction_names_a_recorded_policy_that_stands(store: Store, changes: dict[str, str], words: str) -> None:
    """A chain of corrections, never a fork: else two files would stand for one version."""
    add_policy(store)
    add_policy(store, slug="test-1b", corrects="test-1", title="Mended")
    problems = refused(store, add_policy, **SECOND | changes)
    assert f"corrects: {words}" in [str(each) for each in problems]


DAYS = {
    "the same day": ("2025-01-01", None, "2025-01-01", None, ("effective_on",), "another day: test-1 takes effect then"),
    "within an explicit end": ("2025-01-01", "2026-06-01", "2026-01-01", None, ("effective_on",), "2026-06-01 or later: until then test-1"),
    "beyond the next one's day": (
        *("2026-01-01", None, "2025-01-01", "2026-01-02"),
        *(("effective_until",), "2026-01-01 or earlier: then test-1 takes effect"),
    ),
}


@pytest.mark.parametrize(("on", "until", "new_on", "new_until", "path", "words"), DAYS.values(), ids=DAYS.keys())
def test_two_versions_never_govern_one_day(
    store: Store, on: str, until: str | None, new_on: str, new_until: str | None, path: tuple[str, ...], words: str
) -> None:
    """Whichever of them is recorded first."""
    add_policy(store, effective_on=on, effective_until=until)
    problems = refused(store, add_policy, slug="test-2", version="2", effective_on=new_on, effective_until=new_until)
    assert [each.path for each in problems] == [path]
    assert words in problems[0].expected


def test_a_version_without_an_end_ends_when_the_next_takes_effect(store: Store) -> None:
    """So do versions recorded out of their order, and an end on the day of the next one's start."""
    add_policy(store, effective_on="2025-01-01")
    add_policy(store, slug="test-3", version="3", effective_on="2027-01-01", effective_until="2028-01-01")
    add_policy(store, slug="test-2", version="2", effective_on="2026-01-01", effective_until="2027-01-01")
    add_policy(store, slug="test-4", version="4", effective_on="2028-01-01")
    with store.read() as session:
        assert len(policy_texts(session)) == 4


def test_days_are_held_against_the_correction_and_not_against_the_corrected(store: Store) -> None:
    """What was corrected governs no day any more."""
    add_policy(store, effective_until="2026-06-01")
    add_policy(store, slug="test-1b", corrects="test-1", effective_until="2025-06-01")
    assert add_policy(store, **SECOND).status == "stored"


def test_a_changed_policy_names_its_file_and_the_first_field_that_differs(store: Store) -> None:
    """A released file is immutable, and whoever changed it is told where."""
    add_policy(store)
    thresholds = a_policy().model_dump()["thresholds"]
    thresholds[0]["requires"][0]["firmness"] = "aim"
    with pytest.raises(ConflictError) as caught:
        add_policy(store, thresholds=thresholds)
    assert caught.value.summary == (
        "a released policy is immutable: p.yaml differs from test-1 as recorded from p.yaml; give the changed file a new slug, and "
        "name test-1 under corrects"
    )
    (problem,) = caught.value.problems
    assert problem.path == ("thresholds", 0, "requires", 0, "firmness")
    assert str(problem) == "policy test-1: found “aim”, expected “required” as recorded by entry 0"


def test_a_text_that_parts_late_is_not_told_as_equal(store: Store) -> None:
    """A message repeats the beginning of a text only."""
    add_policy(store, title="T" * 200)
    with pytest.raises(ConflictError, match="found another text, “TTT"):
        add_policy(store, title="T" * 200 + "!")


def test_a_list_that_grew_is_named_by_what_was_added(store: Store) -> None:
    """And what is missing is nothing, on either side."""
    add_policy(store)
    with pytest.raises(ConflictError) as caught:
        add_policy(store, unread=["section 9"])
    assert [(each.path, str(each)) for each in caught.value.problems] == [
        (("unread", 0), "policy test-1: found “section 9”, expected nothing as recorded by entry 0")
    ]


def test_a_corrected_criteria_set_is_not_chosen_unasked(store: Store) -> None:
    """It stays readable by its name, and an answer about the time before the correction is what it was."""
    add_policy(store)
    load_content(store, content())
    add_criteria(store)
    add_criteria(store, slug="test-1-mended", corrects="test-1-card")
    with store.read() as session:
        assert [each.slug for each in criteria_sets(session, "test-1")] == ["test-1-card", "test-1-mended"]
        assert [each.slug for each in in_force(criteria_sets(session, "test-1"))] == ["test-1-mended"]
        assert [each.slug for each in in_force(criteria_sets(session, "test-1", 2))] == ["test-1-card"]


def test_a_criteria_set_corrects_one_of_its_own_policy(store: Store) -> None:
    """Else the bars of one policy would vanish behind those of another."""
    add_policy(store)
    add_policy(store, **SECOND)
    load_content(store, content())
    add_criteria(store)
    (problem,) = refused(store, add_criteria, slug="other", policy="test-2", corrects="test-1-card")
    assert str(problem) == "corrects: found test-1-card of the policy test-1, expected a criteria set of the policy test-2"
    (problem,) = refused(store, add_criteria, slug="other", corrects="nobody")
    assert problem.path == ("corrects",)


CONTRADICTED = {
    "unit": ("points", "share as recorded by entry 1"),
    "riskier_when": ("lower", "higher as recorded by entry 1"),
    "scale_low": (Decimal("-1"), "0 as recorded by entry 1"),
    "scale_high": (Decimal("100"), "1 as recorded by entry 1"),
}


@pytest.mark.parametrize(("field", "told", "words"), [(name, *each) for name, each in CONTRADICTED.items()])
def test_what_a_set_takes_an_evaluation_to_be_is_what_is_recorded(store: Store, field: str, told: Any, words: str) -> None:
    """Unit, direction of risk and both ends of the scale; the same number with other digits is the same."""
    add_policy(store)
    load_content(store, content())
    changes: dict[str, Any] = {} if field != "riskier_when" else {"criteria": with_bars(rule_out=bar("0.8"))}
    problems = refused(store, add_criteria, evaluations=[EXPECTED | {field: told}], **changes)
    assert [(each.path, each.expected) for each in problems] == [(("evaluations", 0, field), words)]
    assert add_criteria(store, evaluations=[EXPECTED]).status == "stored"


def test_a_corrected_scale_is_the_one_that_counts(store: Store) -> None:
    """A correction is laid over, and the message names the entry that made it."""
    add_policy(store)
    load_content(store, content())
    held = content()
    held["evaluations"][0]["versions"][0]["scale_high"] = Decimal("2")
    load_content(store, held, supersede="misprint")
    (problem,) = refused(store, add_criteria, evaluations=[EXPECTED])
    assert (problem.path, problem.expected) == (("evaluations", 0, "scale_high"), "2 as recorded by entry 2")


def test_a_restricted_unit_is_not_told(store: Store) -> None:
    """A message goes to screens of people without a grant."""
    add_policy(store)
    held = content()
    held["evaluations"][0]["versions"][0]["visibility"] = "hazardous"
    load_content(store, held)
    (problem,) = refused(store, add_criteria, evaluations=[EXPECTED | {"unit": "points"}])
    assert problem.expected == "withheld: a restricted text as recorded by entry 1"


WRONG_BARS = {
    "off its scale": (with_bars(rule_out=bar("1.1")), ("rule_out",), "found a bar at 1.1, expected it on the scale 0 to 1"),
    "beyond its partner": (
        with_bars(rule_out=bar("0.8"), rule_in=bar("0.5")),
        *(("rule_out",), "found rule_out 0.8 riskier than rule_in 0.5, expected it safer"),
    ),
    "earlier and off": (
        with_bars(rule_out=bar("0.8"), from_on="2025-06-01", earlier=[{**CITED, "rule_out": bar("7"), "until_on": "2025-06-01"}]),
        *(("earlier", 0, "rule_out"), "found a bar at 7, expected it on the scale 0 to 1"),
    ),
}


@pytest.mark.parametrize(("criteria", "path", "words"), WRONG_BARS.values(), ids=WRONG_BARS.keys())
def test_a_bar_of_a_set_that_declares_nothing_stands_on_the_recorded_scale(
    store: Store, criteria: list[dict[str, Any]], path: tuple[str | int, ...], words: str
) -> None:
    """Nothing else could say so before a report is asked for."""
    add_policy(store)
    load_content(store, content())
    (problem,) = refused(store, add_criteria, criteria=criteria)
    assert problem.path == ("criteria", 0, "score", *path)
    assert str(problem) == f"criterion plasmids, evaluation plasmids version v1 as recorded: {words}"


def test_a_bar_on_a_scale_of_its_own_is_not_held_against_the_recorded_one(store: Store) -> None:
    """A ratio has no upper end, and a share of trials is in percent."""
    add_policy(store)
    load_content(store, content())
    two_levels = with_bars(rule_out=bar("80"), statistic="share", success_at={**CITED, "value": Decimal("0.5")})
    assert add_criteria(store, criteria=two_levels).status == "stored"
    ratio = with_bars("uplift", rule_out=bar("2.8"), measure="ratio", coverage={**CITED, "require": "supplied"})
    del ratio[0]["statistic"], ratio[0]["k"], ratio[0]["scaffold"]
    assert add_criteria(store, slug="ratios", criteria=ratio).status == "stored"


def test_bars_come_before_their_evaluation_only_if_the_set_declares_it(store: Store) -> None:
    """Else a misspelt name would be a criterion that nothing ever meets."""
    add_policy(store)
    (problem,) = refused(store, add_criteria)
    assert problem.path == ("criteria", 0, "score", "evaluation")
    assert problem.found == "evaluation plasmids version v1, which nothing declares"
    assert "load the evidence that declares it first, or declare it under evaluations" in problem.expected
    assert add_criteria(store, evaluations=[EXPECTED]).status == "stored"


def test_a_misspelt_evaluation_is_told_with_the_one_recorded(store: Store) -> None:
    """So is a version, and an evaluation named as evidence on a safeguard."""
    add_policy(store)
    load_content(store, content())
    (problem,) = refused(store, add_criteria, criteria=with_bars(evaluation="plasmid"))
    assert problem.expected.startswith("one that is recorded (recorded: evaluation plasmids);")
    (problem,) = refused(store, add_criteria, criteria=with_bars(version="v2"))
    assert problem.path == ("criteria", 0, "score", "version")
    assert problem.expected.startswith("one that is recorded (recorded: version v1);")
    shield = {**CITED, "kind": "security", "evaluation": "attacks", "version": "v1"}
    (problem,) = refused(store, add_criteria, safeguard_evidence=[shield])
    assert problem.path == ("safeguard_evidence", 0, "evaluation")


def test_a_set_that_comes_with_rsp_may_come_before_all_evidence(store: Store) -> None:
    """Two were released before sets could declare evaluations; everything else is asked of them too."""
    add_policy(store)
    wrong = refused(store, add_criteria, corrects="nobody", origin="bundled")
    assert [each.path for each in wrong] == [("corrects",)]
    assert add_criteria(store, origin="bundled").status == "stored"


def test_what_was_recorded_is_known_whatever_rules_came_since(store: Store) -> None:
    """A set recorded before such rules is known again."""
    add_policy(store)
    add_criteria(store, origin="bundled")
    assert add_criteria(store).status == "known"


def evidence_with(**fields: Any) -> dict[str, Any]:
    """The sample evidence with another version of its evaluation."""
    held = content()
    held["evaluations"][0]["versions"][0] |= fields
    return held


def load_evidence(store: Store, **fields: Any) -> Receipt:
    """Record the sample evidence with another version of its evaluation."""
    return load_content(store, evidence_with(**fields))


DECLARED = (
    "as criteria set test-1-card declares it (c.yaml, entry 1); give the version another slug, or correct test-1-card by a new file first"
)
LATE = {
    "unit": ({"unit": "points"}, "share " + DECLARED),
    "riskier_when": ({"riskier_when": "lower"}, "higher " + DECLARED),
    "scale_high": ({"scale_high": Decimal("100")}, "1.0 " + DECLARED),
}


@pytest.mark.parametrize(("field", "fields", "words"), [(name, *each) for name, each in LATE.items()])
def test_evidence_that_contradicts_a_recorded_set_is_refused(store: Store, field: str, fields: dict[str, Any], words: str) -> None:
    """The rule of the other order: whichever comes first, the two agree."""
    add_policy(store)
    add_criteria(store, evaluations=[EXPECTED])
    (problem,) = refused(store, load_evidence, **fields)
    assert (problem.path, problem.expected) == (("evaluations", 0, "versions", 0, field), words)
    assert load_evidence(store).status == "stored"


def test_evidence_off_whose_scale_a_recorded_bar_lies_is_refused(store: Store) -> None:
    """A set without declarations rests on what the evidence says."""
    add_policy(store)
    add_criteria(store, criteria=with_bars(rule_out=bar("62")), origin="bundled")
    (problem,) = refused(store, load_evidence)
    assert problem.path == ("evaluations", 0, "versions", 0, "scale_high")
    assert problem.found == "a bar at 62, criterion plasmids of criteria set test-1-card (c.yaml, entry 1)"
    assert problem.expected.startswith("it on the scale 0 to 1; give the version another slug")


def test_a_correction_that_contradicts_a_recorded_set_is_refused_and_other_evidence_is_not(store: Store) -> None:
    """Told again unchanged, or beside other news, a version that stands is not asked about; a corrected set asks for nothing."""
    add_policy(store)
    load_content(store, content())
    add_criteria(store)
    moved = evidence_with(scale_high=Decimal("0.7"))
    with pytest.raises(EvidenceError) as caught:
        load_content(store, moved, supersede="misprint")
    assert [each.path for each in caught.value.problems if "test-1-card" in each.found] == [("evaluations", 0, "versions", 0, "scale_high")]
    with pytest.raises(ConflictError):  # without a reason it is a difference, and is told as one
        load_content(store, evidence_with(unit="points"))
    assert load_content(store, content()).status == "known"
    assert load_content(store, evidence_with(unit="points"), supersede="misprint").status == "superseded"


def test_a_restricted_unit_that_contradicts_a_set_is_not_told(store: Store) -> None:
    """The sender knows it; those who read the message may not."""
    add_policy(store)
    add_criteria(store, evaluations=[EXPECTED])
    (problem,) = refused(store, load_evidence, unit="points", visibility="hazardous")
    assert problem.found == "withheld: a restricted text"


def test_evidence_is_not_held_against_a_set_that_was_corrected(store: Store) -> None:
    """A wrong declaration is put right by a new file, and the evidence follows."""
    add_policy(store)
    add_criteria(store, evaluations=[EXPECTED | {"unit": "points"}])
    refused(store, load_evidence)
    add_criteria(store, slug="test-1-mended", corrects="test-1-card", evaluations=[EXPECTED])
    assert load_evidence(store).status == "stored"
