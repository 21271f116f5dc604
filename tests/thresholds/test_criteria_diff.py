"""Two criteria sets compared: every bar with its old and new number, and nothing renamed into a removal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.world import CITED, Lab, bar
from thresholds.change_records import Change, ChangeKind, Subject
from thresholds.criteria_diff import criteria_changes
from thresholds.criteria_set import CriteriaSet

LAB = Lab()


def criteria(lab: Lab, **fields: Any) -> CriteriaSet:
    return lab.criteria_set(**fields).record


def later(lab: Lab, **fields: Any) -> CriteriaSet:
    """The set of the next card, for the next version of the policy."""
    return criteria(lab, **{"slug": "later-criteria", "policy": "test-policy-2", **fields})


def numbers(changes: tuple[Change, ...], subject: Subject = Subject.BAR) -> list[tuple[Any, ...]]:
    return [(each.name, each.field, each.before, each.after) for each in changes if each.subject is subject]


def test_a_bar_is_told_with_both_numbers_and_both_citations() -> None:
    before = criteria(LAB.criterion(rule_out=bar(50, citation="card 1, p. 2"), rule_in=bar(80)))
    after = later(LAB.criterion(rule_out=bar(60, citation="card 2, p. 9"), rule_in=bar(80)))
    (change,) = [each for each in criteria_changes(before, after) if each.subject is Subject.BAR]
    assert (change.kind, change.field, change.before, change.after) == (ChangeKind.CHANGED, "rule_out", Decimal(50), Decimal(60))
    assert (change.before_citation, change.after_citation) == ("card 1, p. 2", "card 2, p. 9")


def test_a_count_is_kept_as_printed_and_differs_from_the_share_it_makes() -> None:
    counted = {key: each for key, each in bar(50).items() if key != "value"} | {"passed": 27, "of": 33}
    changes = criteria_changes(criteria(LAB.criterion(rule_out=counted)), later(LAB.criterion(rule_out=bar("81.8"))))
    assert numbers(changes) == [("c", "rule_out", "27 of 33", Decimal("81.8"))]


def test_a_bar_written_with_more_digits_is_the_same_bar() -> None:
    assert numbers(criteria_changes(criteria(LAB.criterion(rule_out=bar("50"))), later(LAB.criterion(rule_out=bar("50.0"))))) == []


def declared(unit: str) -> dict[str, Any]:
    shape = {"name": "Exam", "kind": "benchmark", "unit": unit, "riskier_when": "higher", **CITED}
    return {"evaluations": [{"slug": "exam", "version": "v1", **shape}]}


def test_the_same_digits_in_another_unit_are_another_bar_and_an_undeclared_unit_is_none() -> None:
    lab = LAB.criterion()
    assert numbers(criteria_changes(criteria(lab, **declared("minutes")), later(lab, **declared("hours")))) == [
        ("c", "rule_out", Decimal(50), Decimal(50))
    ]
    assert numbers(criteria_changes(criteria(lab), later(lab, **declared("hours")))) == []


def test_bars_that_expire_or_stood_earlier_are_told_with_their_days() -> None:
    stood = {"rule_out": bar(40), "until_on": date(2030, 3, 1), "words": "the first card", **CITED}
    before = criteria(LAB.criterion(from_on=date(2030, 3, 1), earlier=[stood]))
    after = later(LAB.criterion(from_on=date(2030, 3, 1), until_on=date(2031, 1, 1), earlier=[{**stood, "rule_out": bar(45)}]))
    changes = criteria_changes(before, after)
    assert numbers(changes, Subject.EARLIER_BAR) == [("until 2030-03-01", "rule_out", Decimal(40), Decimal(45))]
    assert [(each.field, each.after) for each in changes if each.subject is Subject.CRITERION] == [("until_on", date(2031, 1, 1))]


def test_error_level_coverage_and_combination_are_compared() -> None:
    lab = LAB.criterion("a").criterion("b")
    line = {"threshold": "t", "rule": "all", "criteria": ["b", "a"], "words": "any of them", **CITED}
    error_level = {"one_sided": Decimal("0.05"), "words": "one-sided", **CITED}
    changes = criteria_changes(criteria(lab), later(lab, error_level=error_level, thresholds=[line]))
    told = {(each.subject, each.field): (each.before, each.after) for each in changes if each.subject is not Subject.CRITERIA_SET}
    assert told == {
        (Subject.ERROR_LEVEL, "one_sided"): (Decimal("0.025"), Decimal("0.05")),
        (Subject.COMBINATION, "rule"): ("any", "all"),
    }


def test_the_line_of_a_renamed_threshold_is_compared_under_its_new_name() -> None:
    before, lab = criteria(LAB.criterion()), LAB.criterion()
    line = {"threshold": "t-2", "rule": "any", "criteria": ["c"], "words": "any of them", **CITED}
    changes = criteria_changes(before, later(lab, thresholds=[line]), {"t": ("t-2",)})
    assert [each for each in changes if each.subject is Subject.COMBINATION] == []
    apart = criteria_changes(before, later(lab, thresholds=[line]))
    assert [(each.kind.value, each.name) for each in apart if each.subject is Subject.COMBINATION] == [("removed", "t"), ("added", "t-2")]


def test_a_criterion_of_another_shape_is_told_and_loses_its_bars() -> None:
    after = later(LAB.criterion(shape="qualitative", question="can it?"))
    changes = criteria_changes(criteria(LAB.criterion()), after)
    assert [(each.field, each.before, each.after) for each in changes if each.field == "shape"] == [("shape", "score", "qualitative")]
    assert [(each.kind, each.before) for each in changes if each.subject is Subject.BAR] == [(ChangeKind.REMOVED, Decimal(50))]


def test_what_a_card_that_nobody_read_whole_does_not_give_was_not_removed() -> None:
    before, after = criteria(LAB.criterion("a").criterion("b")), later(LAB.criterion("a"), unread=["the figures"])
    kinds = {each.kind for each in criteria_changes(before, after) if each.name == "b"}
    assert kinds == {ChangeKind.FOUND_ONLY_BEFORE}


def test_a_correction_of_a_set_is_compared_as_a_file() -> None:
    before = criteria(LAB.criterion("a").criterion("b"), unread=["the figures"])
    after = criteria(LAB.criterion("a", citation="page 4"), unread=["the figures"], slug="test-criteria-2", corrects="test-criteria")
    told = {(each.kind, each.name, each.field) for each in criteria_changes(before, after)}
    assert (ChangeKind.CHANGED, "a", "citation") in told
    assert (ChangeKind.REMOVED, "b", None) in told
