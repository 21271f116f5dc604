"""Two policies compared: nothing is overlooked, nothing unread is called added or removed, and links tell what belongs together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from rsp.policies import bundled
from tests.world import CITED, POLICY, Lab
from thresholds import criteria_diff, policy_diff
from thresholds.change_records import Change, ChangeKind, Subject
from thresholds.criteria_set import CriteriaSet
from thresholds.line_changes import Compared
from thresholds.load import load_policy
from thresholds.policy import Policy
from thresholds.policy_diff import policy_changes, threshold_pairs

LAB = Lab()
BUNDLED = [load_policy(each.content, each.name).record for each in bundled() if b"\nformat: rsp-policy/1" in each.content]


def policy(*thresholds: dict[str, Any], **fields: Any) -> Policy:
    """A policy with these thresholds, or with one."""
    return Policy.model_validate({**POLICY, "thresholds": list(thresholds or (LAB.threshold(),)), **fields})


def later(*thresholds: dict[str, Any], **fields: Any) -> Policy:
    """The next version of that policy."""
    return policy(*thresholds, **{"slug": "test-policy-2", "version": "2.0", **fields})


def of(changes: tuple[Change, ...], subject: Subject) -> list[tuple[str, str, str | None]]:
    """Kind, name and field of every change of one subject."""
    return [(each.kind.value, each.name, each.field) for each in changes if each.subject is subject]


def the_only(changes: tuple[Change, ...], subject: Subject) -> Change:
    found = [each for each in changes if each.subject is subject]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("one", BUNDLED, ids=lambda each: each.slug)
def test_a_policy_does_not_differ_from_itself(one: Policy) -> None:
    assert policy_changes(one, one) == ()


@pytest.mark.parametrize("one", BUNDLED, ids=lambda each: each.slug)
@pytest.mark.parametrize("other", BUNDLED, ids=lambda each: each.slug)
def test_the_other_way_round_the_same_lines_differ(one: Policy, other: Policy) -> None:
    def lines(changes: list[Change], *, turned: bool) -> list[str]:
        pairs = [(str(each.after), str(each.before)) if turned else (str(each.before), str(each.after)) for each in changes]
        return sorted(f"{each.subject} {each.within} {each.field} {pair}" for each, pair in zip(changes, pairs, strict=True))

    there = [each for each in policy_changes(one, other) if each.was_named is None and each.kind is not ChangeKind.REORDERED]
    back = [each for each in policy_changes(other, one) if each.was_named is None and each.kind is not ChangeKind.REORDERED]
    assert lines(there, turned=False) == lines(back, turned=True)


def tables(module: Any) -> Iterator[Compared]:
    for held in vars(module).values():
        yield from [held] if isinstance(held, Compared) else held.values() if held is getattr(module, "LISTS", ()) else ()


def records(shape: Any, met: dict[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    """Return every record that a format is made of."""
    if isinstance(shape, type) and issubclass(shape, BaseModel) and shape.__name__ not in met:
        met[shape.__name__] = shape
        for each in shape.model_fields.values():
            records(each.annotation, met)
    for inner in get_args(shape):
        records(inner, met)
    return met


@pytest.mark.parametrize("form", [Policy, CriteriaSet])
def test_every_field_of_every_record_is_compared_or_named_as_left_to_others(form: type[BaseModel]) -> None:
    known = {frozenset((*each.fields, *each.apart)) for module in (policy_diff, criteria_diff) for each in tables(module)}
    everywhere = {"basis", "citation"}
    for name, record in records(form, {}).items():
        own = set(record.model_fields) - everywhere
        covered = [fields for fields in known if own <= fields]
        assert covered, f"{name} has a field that no table of comparisons names: {sorted(own)}"


CHANGED: dict[str, tuple[dict[str, Any], Subject, str, object, object]] = {
    "effective_on": ({"effective_on": date(2031, 1, 1)}, Subject.POLICY, "effective_on", date(2030, 1, 1), date(2031, 1, 1)),
    "standing": ({"standing": "adopted"}, Subject.POLICY, "standing", "fictional", "adopted"),
    "forcing": (
        {"forcing": {**POLICY["forcing"], "outcomes": ["crossed"]}}, Subject.FORCING, "outcomes",
        ("crossed", "not_ruled_out", "insufficient_evidence"), ("crossed",),
    ),
    "level": ({"levels": [{**POLICY["levels"][0], "rank": 4}]}, Subject.LEVEL, "rank", 3, 4),
    "domain": ({"domains": [{**POLICY["domains"][0], "name": "Weapons"}]}, Subject.DOMAIN, "name", "CBRN", "Weapons"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGED, ids=list(CHANGED))
def test_a_changed_field_is_told_with_both_values(case: str) -> None:
    fields, subject, field, before, after = CHANGED[case]
    changes = [each for each in policy_changes(policy(), later(**fields)) if each.field not in ("version",)]
    assert [(each.subject, each.field, each.before, each.after, each.kind) for each in changes] == [
        (subject, field, before, after, ChangeKind.CHANGED)
    ]


def test_prose_in_other_words_is_reworded_and_keeps_both_texts() -> None:
    change = the_only(policy_changes(policy(), later(LAB.threshold(definition="far too capable"))), Subject.THRESHOLD)
    assert (change.kind, change.field, change.before, change.after) == (ChangeKind.REWORDED, "definition", "too capable", "far too capable")


def test_a_safeguard_is_compared_by_kind_level_firmness_and_due() -> None:
    asked = LAB.safeguards[0]
    changed = LAB.threshold(requires=[{**asked, "firmness": "at_least", "due": "before_external_deployment", "level": None}])
    changes = policy_changes(policy(), later(changed))
    told = {each.field: (each.kind.value, each.before, each.after, each.within) for each in changes if each.subject is Subject.SAFEGUARD}
    assert told == {
        "level": ("removed", "level-3", None, "t"),
        "firmness": ("changed", "required", "at_least", "t"),
        "due": ("added", None, "before_external_deployment", "t"),
    }


def test_a_triggers_quantity_is_told_in_its_unit() -> None:
    def trigger(times: int) -> dict[str, Any]:
        return {"slug": "compute", "words": "more compute", "effective_compute_multiple": Decimal(times), **CITED}

    change = the_only(policy_changes(policy(triggers=[trigger(4)]), later(triggers=[trigger(6)])), Subject.TRIGGER)
    assert (change.before, change.after, change.before_unit) == (Decimal(4), Decimal(6), "x")


def test_a_trigger_written_before_there_were_kinds_does_not_differ_from_one_with_its_kind() -> None:
    bare = {"slug": "half", "words": "six months", "months": 6, **CITED}
    assert of(policy_changes(policy(triggers=[bare]), later(triggers=[{**bare, "kind": "elapsed_months"}])), Subject.TRIGGER) == []


def role(slug: str, step: int | None = None) -> dict[str, Any]:
    return {"slug": slug, "name": slug, "duty": "acts", "step": step, **CITED}


def test_another_order_of_roles_is_a_change() -> None:
    changes = policy_changes(policy(roles=[role("a"), role("b")]), later(roles=[role("b"), role("a"), role("c")]))
    order = next(each for each in changes if each.kind is ChangeKind.REORDERED)
    assert (order.subject, order.before, order.after) == (Subject.ROLE, ("a", "b"), ("b", "a"))


def test_who_acts_together_has_no_order() -> None:
    before = policy(roles=[role("a", 1), role("b", 1)])
    assert policy_changes(before, later(roles=[role("b", 1), role("a", 1)]))[0].field == "version"
    assert len(policy_changes(before, later(roles=[role("b", 1), role("a", 1)]))) == 1


@pytest.mark.parametrize(
    ("before_unread", "after_unread", "kinds"),
    [
        ((), (), ("removed", "added")),
        ((), ("an appendix",), ("found_only_before", "added")),
        (("an appendix",), (), ("removed", "found_only_after")),
        (("an appendix",), ("an appendix",), ("found_only_before", "found_only_after")),
    ],
)
def test_what_may_stand_in_an_unread_part_was_neither_added_nor_removed(
    before_unread: tuple[str, ...], after_unread: tuple[str, ...], kinds: tuple[str, str]
) -> None:
    before = policy(LAB.threshold("old"), unread=list(before_unread))
    after = later(LAB.threshold("new"), unread=list(after_unread))
    assert of(policy_changes(before, after), Subject.THRESHOLD) == [(kinds[0], "old", None), (kinds[1], "new", None)]


def test_between_two_files_of_one_version_everything_is_a_change_of_the_file() -> None:
    before = policy(LAB.threshold(), LAB.threshold("old"), unread=["an appendix"])
    after = policy(LAB.threshold(citation="page 5"), slug="test-policy-b", unread=["an appendix", "a table"])
    changes = policy_changes(before, after)
    assert [(each.kind.value, each.name, each.field) for each in changes if each.subject is not Subject.SAFEGUARD] == [
        ("changed", "test-policy-b", "unread"), ("changed", "t", "citation"), ("removed", "old", None),
    ]  # fmt: skip


def test_citations_of_two_versions_are_not_compared() -> None:
    assert of(policy_changes(policy(), later(LAB.threshold(citation="page 5"))), Subject.THRESHOLD) == []


def link(relation: str, threshold: str, to: str = "test-policy") -> dict[str, Any]:
    return {"relation": relation, "policy": to, "threshold": threshold, "words": "as it says", **CITED}


@pytest.mark.parametrize("relation", ["alias", "successor"])
@pytest.mark.parametrize("held_by", ["after", "before"])
def test_a_threshold_of_another_name_is_compared_where_a_link_says_so(relation: str, held_by: str) -> None:
    one, other = policy(LAB.threshold("old")), later(LAB.threshold("new", definition="other words", links=[link(relation, "old")]))
    before, after = (one, other) if held_by == "after" else (other, one)
    changes = policy_changes(before, after)
    names = {each.field: (each.before, each.after) for each in changes if each.subject is Subject.THRESHOLD}
    assert set(names) == {"slug", "name", "definition"}
    assert names["slug"] == (("old", "new") if held_by == "after" else ("new", "old"))
    assert of(changes, Subject.SAFEGUARD) == []


def test_a_threshold_that_was_split_is_compared_with_each_successor() -> None:
    before = policy(LAB.threshold("rd"))
    after = later(*(LAB.threshold(slug, links=[link("successor", "rd")]) for slug in ("rd-4", "rd-5")))
    found = [(each.before.slug, each.after.slug) for each in threshold_pairs(before, after) if each.before and each.after]
    assert found == [("rd", "rd-4"), ("rd", "rd-5")]


def test_resembling_matches_nothing_and_is_told() -> None:
    before, after = policy(LAB.threshold("old")), later(LAB.threshold("new", links=[link("resembles", "old")]))
    told = [(each.kind.value, each.note) for each in policy_changes(before, after) if each.subject is Subject.THRESHOLD]
    assert told == [("removed", "resembles new of test-policy-2"), ("added", "resembles old of test-policy")]


def test_links_lead_by_way_of_the_versions_between() -> None:
    before, after = policy(LAB.threshold("old")), later(LAB.threshold("new", links=[link("alias", "mid", "between")]))
    between = policy(LAB.threshold("mid", links=[link("successor", "old")]), slug="between", version="1.5")
    assert of(policy_changes(before, after), Subject.THRESHOLD) == [("removed", "old", None), ("added", "new", None)]
    renamed = next(each for each in policy_changes(before, after, {"between": between}) if each.field == "slug")
    assert renamed.note == "new: successor of old of test-policy, by way of between"


def test_what_resembles_something_that_resembles_is_not_told_to_resemble() -> None:
    before, after = policy(LAB.threshold("old")), later(LAB.threshold("new", links=[link("resembles", "mid", "between")]))
    between = policy(LAB.threshold("mid", links=[link("resembles", "old")]), slug="between", version="1.5")
    changes = policy_changes(before, after, {"between": between})
    assert [each.note for each in changes if each.subject is Subject.THRESHOLD] == [None, None]


def test_two_frameworks_share_no_threshold_by_name() -> None:
    after = later(framework="another", framework_name="Another framework")
    assert of(policy_changes(policy(), after), Subject.THRESHOLD) == [("removed", "t", None), ("added", "t", None)]


def test_links_in_a_circle_end() -> None:
    one = later(LAB.threshold("new", links=[link("alias", "mid", "between")]))
    between = policy(LAB.threshold("mid", links=[link("alias", "new", "test-policy-2")]), slug="between", version="1.5")
    assert of(policy_changes(policy(LAB.threshold("old")), one, {"between": between}), Subject.THRESHOLD)


def test_an_implication_under_a_new_name_is_no_change() -> None:
    before = policy(LAB.threshold("low", rules_out=["old"]), LAB.threshold("old"))
    after = later(LAB.threshold("low", rules_out=["new"]), LAB.threshold("new", links=[link("alias", "old")]))
    other = later(LAB.threshold("low", rules_out=[]), LAB.threshold("new", links=[link("alias", "old")]))
    assert "rules_out" not in [each.field for each in policy_changes(before, after)]
    assert [each.before for each in policy_changes(before, other) if each.field == "rules_out"] == [("old",)]


def test_changes_come_by_subject_in_one_order() -> None:
    order = list(Subject)
    for one in BUNDLED:
        for other in BUNDLED:
            places = [order.index(each.subject) for each in policy_changes(one, other)]
            assert places == sorted(places)


def test_from_version_2_0_to_2_2_the_notes_say_what_happened() -> None:
    held = {each.slug: each for each in BUNDLED}
    changes = policy_changes(held["anthropic-rsp-2.0"], held["anthropic-rsp-2.2"], held)
    renamed = {(each.before, each.after) for each in changes if each.subject is Subject.THRESHOLD and each.field == "slug"}
    assert renamed == {("cbrn-weapons", "cbrn-3"), ("autonomous-ai-rd", "ai-rd-4"), ("autonomous-ai-rd", "ai-rd-5")}
    assert [each.name for each in changes if each.subject is Subject.THRESHOLD and each.field is None] == ["cbrn-4"]
    higher = [each for each in changes if (each.subject, each.within, each.name) == (Subject.SAFEGUARD, "ai-rd-5", "security")]
    assert [(each.before, each.after) for each in higher if each.field == "level"] == [("asl-3", "asl-4")]
