"""What can be compared, where it is looked for, and which criteria set goes to which policy; on both engines where the record matters."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from evaluations.documents import DocumentError
from rsp.comparing import BUNDLED, RECORDED, Shelf, comparison
from rsp.errors import InputError, UnknownNameError
from rsp.filing import take_in
from rsp.ingest import load_criteria, load_policy
from rsp.side_by_side import under_policies
from rsp.store.reading import position
from rsp.store.session import Store
from tests.world import CRITERIA, POLICY, Lab
from thresholds.change_records import Subject
from thresholds.criteria_set import CriteriaSet
from thresholds.policy import Policy

NO_DATABASE = "sqlite:///nowhere/rsp.db"
LAB = Lab()
ACT: dict[str, Any] = {"file_name": "test.yaml", "file_sha256": "0" * 64, "actor": "a tester"}
OTHER = {"slug": "other-policy", "version": "2.0", "effective_on": date(2031, 1, 1)}
SHARED = Path(__file__).parents[2] / "thresholds"


def policy(**fields: Any) -> Policy:
    return Policy.model_validate({**POLICY, "thresholds": [LAB.threshold()], **fields})


def criteria(**fields: Any) -> CriteriaSet:
    line = {"threshold": "t", "rule": "any", "criteria": ["c"], "words": "any", "citation": "page 1", "basis": "our_assumption"}
    shape = LAB.criterion("c", shape="unquantified").criteria[0]
    return CriteriaSet.model_validate({**CRITERIA, "thresholds": [line], "criteria": [shape], **fields})


@pytest.fixture
def filled(store: Store, at: datetime) -> Store:
    """A record with two policies of one framework, a criteria set for each, and one model without measurements."""
    evidence = (
        b"format: rsp-evidence/1\nsources: [{slug: s, title: t}]\ndevelopers: [{slug: d, name: d}]\n"
        b"evaluations: [{slug: exam, name: Exam, kind: benchmark, source: s, versions: [{slug: v1, unit: percent, riskier_when: higher,"
        b" scale_low: 0, scale_high: 100, source: s}]}]\nmodels: [{slug: m, name: M, developer: d, source: s}]\n"
    )
    take_in(store, evidence, "evidence.yaml", actor="a tester", at=at)
    for made in (policy(), policy(**OTHER)):
        load_policy(store, made, at=at, **ACT)
    for bars in (criteria(), criteria(slug="other-criteria", policy="other-policy")):
        load_criteria(store, bars, at=at, **ACT)
    return store


def judged(store: Store, *policies: str, criteria: tuple[str, ...] = (), **fields: Any) -> list[tuple[str, str]]:
    made = under_policies(store, "m", policy_slugs=policies, criteria_slugs=criteria, **fields)
    return [(each.assessment.policy, each.assessment.criteria) for each in made]


def test_every_policy_is_judged_by_its_own_set_in_the_order_named(filled: Store) -> None:
    assert judged(filled, "other-policy", "test-policy") == [("other-policy", "other-criteria"), ("test-policy", "test-criteria")]


def test_a_named_set_goes_to_the_policy_it_names(filled: Store, at: datetime) -> None:
    load_criteria(filled, criteria(slug="third-criteria"), at=at, **ACT)
    told = judged(filled, "test-policy", "other-policy", criteria=("third-criteria",))
    assert told == [("test-policy", "third-criteria"), ("other-policy", "other-criteria")]


def test_two_named_sets_of_one_policy_are_two_assessments(filled: Store, at: datetime) -> None:
    load_criteria(filled, criteria(slug="third-criteria"), at=at, **ACT)
    told = judged(filled, "test-policy", criteria=("third-criteria", "test-criteria"))
    assert told == [("test-policy", "third-criteria"), ("test-policy", "test-criteria")]


def test_all_answer_for_one_position(filled: Store, at: datetime) -> None:
    with filled.read() as session:
        newest = position(session).position
    made = under_policies(filled, "m", policy_slugs=("test-policy", "other-policy"))
    assert {each.assessment.as_of for each in made} == {newest}
    load_criteria(filled, criteria(slug="third-criteria"), at=at, **ACT)
    assert judged(filled, "test-policy", "other-policy", as_of=newest) == [
        ("test-policy", "test-criteria"),
        ("other-policy", "other-criteria"),
    ]


def test_a_policy_without_criteria_is_an_error_that_names_it(filled: Store, at: datetime) -> None:
    load_policy(filled, policy(slug="bare", version="3.0", effective_on=date(2032, 1, 1)), at=at, **ACT)
    with pytest.raises(InputError, match="no criteria set for policy bare"):
        judged(filled, "test-policy", "bare")


def test_a_set_of_no_policy_that_was_named_is_an_error(filled: Store) -> None:
    with pytest.raises(UnknownNameError, match=r"'other-criteria' for policy test-policy"):
        judged(filled, "test-policy", criteria=("other-criteria",))


def test_two_policies_on_record_are_compared_with_their_bars(filled: Store, database: str) -> None:
    found = comparison(database, "test-policy", "other-policy")
    assert [(pair.before.slug, pair.after.slug, pair.before.found) for pair in found.pairs] == [
        ("test-policy", "other-policy", RECORDED), ("test-criteria", "other-criteria", RECORDED),
    ]  # fmt: skip
    assert {each.subject for each in found.changes} == {Subject.POLICY, Subject.CRITERIA_SET}


def test_where_a_policy_has_several_sets_their_bars_are_not_compared_and_the_rest_is(filled: Store, database: str, at: datetime) -> None:
    load_criteria(filled, criteria(slug="third-criteria"), at=at, **ACT)
    found = comparison(database, "test-policy", "other-policy")
    assert found.not_compared == "test-policy has 2 criteria sets (test-criteria, third-criteria); name two of them to compare them"
    assert len(found.pairs) == 1


def test_a_set_that_another_corrects_is_not_the_one_that_is_meant(filled: Store, database: str, at: datetime) -> None:
    load_criteria(filled, criteria(slug="third-criteria", corrects="test-criteria"), at=at, **ACT)
    assert comparison(database, "test-policy", "other-policy").pairs[1].before.slug == "third-criteria"


def test_what_comes_with_rsp_is_compared_without_a_database() -> None:
    found = comparison(NO_DATABASE, "anthropic-rsp-2.0", "fictional-lab-1.0")
    assert {pair.before.found for pair in found.pairs} == {BUNDLED}
    assert found.changes


def test_every_bundled_file_is_found_by_its_own_name() -> None:
    shelf = Shelf(NO_DATABASE)
    for folder in ("policies", "criteria"):
        for path in (SHARED / folder).glob("*.yaml"):
            assert shelf.named(path.stem).record.slug == path.stem


def test_files_are_compared_by_their_path(tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    text = (SHARED / "policies" / "fictional-lab-1.0.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace('effective_on: "2030-01-01"', 'effective_on: "2030-02-01"'), encoding="utf-8")
    found = comparison(NO_DATABASE, "fictional-lab-1.0", str(path))
    assert [(each.field, each.before, each.after) for each in found.changes] == [("effective_on", date(2030, 1, 1), date(2030, 2, 1))]
    assert found.pairs[0].after.found == f"file {path}"


def test_only_what_is_named_or_linked_is_read() -> None:
    shelf = Shelf(NO_DATABASE)
    named = shelf.named("fictional-lab-1.0")
    shelf.in_force(named.side)
    assert set(shelf._opened) == {"fictional-lab-1.0", "fictional-lab-1.0-criteria"}
    newest = shelf.named("anthropic-rsp-3.4").record
    assert isinstance(newest, Policy)
    linked = shelf.linked(newest)
    assert ("anthropic-rsp-2.2" in linked, "openai-preparedness-2" in linked) == (True, False)


@pytest.mark.parametrize("path", sorted((SHARED / "policies").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_file_does_not_differ_from_what_is_bundled(path: Path) -> None:
    assert comparison(NO_DATABASE, path.stem, str(path)).changes == ()


def test_a_policy_and_a_set_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="expected two policies or two criteria sets"):
        comparison(NO_DATABASE, "anthropic-rsp-2.0", "claude-3-7-card")


def test_an_unknown_name_is_answered_with_near_ones_and_with_what_was_looked_through() -> None:
    with pytest.raises(InputError, match=r"perhaps .*anthropic-rsp-2\.2.*Only what comes with rsp was looked through"):
        comparison(NO_DATABASE, "anthropic-rsp-2.0", "anthropic-rsp-2.9")


def test_a_file_of_another_format_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "evidence.yaml"
    path.write_text("format: rsp-evidence/1\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="expected rsp-policy/1 or rsp-criteria/1"):
        comparison(NO_DATABASE, "anthropic-rsp-2.0", str(path))
