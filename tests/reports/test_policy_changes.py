"""A comparison in words: one line a change at 80 columns, both numbers of a bar, and what nobody has read."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from reports.policy_changes import (
    FIELD_WORDS,
    KIND_WORDS,
    MARKS,
    SUBJECT_WORDS,
    change_line,
    comparison_json,
    comparison_text,
    summary,
)
from thresholds.change_records import Change, ChangeKind, ComparedForm, Comparison, Pair, Side, Subject


def side(slug: str, *unread: str) -> Side:
    return Side(form=ComparedForm.POLICY, slug=slug, title=f"Policy {slug}", found="comes with rsp", sha256="0" * 64, unread=unread)


def change(**fields: Any) -> Change:
    return Change(**{"subject": Subject.THRESHOLD, "kind": ChangeKind.CHANGED, "name": "t", **fields})


def comparison(*changes: Change, unread: tuple[str, ...] = (), **fields: Any) -> Comparison:
    return Comparison(pairs=(Pair(before=side("a"), after=side("b", *unread)),), changes=changes, **fields)


@pytest.mark.parametrize(("words", "members"), [(SUBJECT_WORDS, Subject), (KIND_WORDS, ChangeKind), (MARKS, ChangeKind)])
def test_every_word_of_a_change_has_its_words(words: dict[Any, str], members: Any) -> None:
    assert set(words) == set(members)


BAR = {"subject": Subject.BAR, "name": "exam", "field": "rule_out", "before_citation": "card 1, p. 2", "after_citation": "card 2, p. 9"}
LINES = {
    "exam, rule-out bar: 50 % → 60 % [card 1, p. 2 → card 2, p. 9]": {
        **BAR, "before": Decimal(50), "after": Decimal(60), "before_unit": "percent", "after_unit": "percent",
    },
    "exam, rule-out bar: 27 of 33 → 2.8 [card 1, p. 2 → card 2, p. 9]": {**BAR, "before": "27 of 33", "after": Decimal("2.8")},
    "compute, effective compute: 4x → 6x": {
        "subject": Subject.TRIGGER, "name": "compute", "field": "effective_compute_multiple",
        "before": Decimal(4), "after": Decimal(6), "before_unit": "x", "after_unit": "x",
    },
    "error level, one-sided: 2.5 % → 5 %": {
        "subject": Subject.ERROR_LEVEL, "name": "error level", "field": "one_sided",
        "before": Decimal("0.025"), "after": Decimal("0.05"), "before_unit": "fraction", "after_unit": "fraction",
    },
    "half, months: 6 months → 3 months": {
        "subject": Subject.TRIGGER, "name": "half", "field": "months", "before": 6, "after": 3,
        "before_unit": "months", "after_unit": "months",
    },
    "rd / security, firmness: at least → required": {
        "subject": Subject.SAFEGUARD, "within": "rd", "name": "security", "field": "firmness", "before": "at_least", "after": "required",
    },
    "new (A: old), name in the file: old → new (new: successor of old of p)": {
        "name": "new", "was_named": "old", "field": "slug", "before": "old", "after": "new", "note": "new: successor of old of p",
    },
    "t, definition: reworded": {"kind": ChangeKind.REWORDED, "field": "definition", "before": "one text", "after": "another"},
    "t: Threshold, under investigation (resembles u of p)": {
        "kind": ChangeKind.REMOVED, "before": ("Threshold", "under_investigation"), "note": "resembles u of p",
    },
    "exam, words of the rule-out bar: reworded [card 1, p. 2 → card 2, p. 9]": {
        **BAR, "kind": ChangeKind.REWORDED, "field": "rule_out.words", "before": "one", "after": "two",
    },
}  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_change_reads_as_a_line(line: str) -> None:
    assert change_line(change(**LINES[line])).replace("\u00a0", " ") == line


def test_two_numbers_that_round_alike_are_printed_with_every_digit() -> None:
    numbers = {"before": Decimal("50.00000001"), "after": Decimal("50.00000002"), "before_unit": "percent", "after_unit": "percent"}
    assert "50.00000001 (percent) → 50.00000002 (percent)" in change_line(change(**BAR | numbers))


def test_no_line_is_wider_than_the_terminal_and_each_begins_with_its_mark() -> None:
    made = [change(kind=kind, field="words", before="x " * 80, after="y " * 80) for kind in ChangeKind]
    text = comparison_text(comparison(*made, unread=("an appendix " * 12,)))
    assert max(map(len, text.splitlines())) <= 80
    assert [line[2] for line in text.splitlines() if line[2:].startswith(tuple(f"{mark} t" for mark in MARKS.values()))] == list(
        MARKS.values()
    )


def test_reworded_texts_are_printed_whole_only_where_asked_for() -> None:
    one = comparison(
        change(kind=ChangeKind.REWORDED, field="definition", before="the one text", after="the other text", after_citation="p. 3")
    )
    assert "the one text" not in comparison_text(one)
    assert all(words in comparison_text(one, full=True) for words in ("A: the one text", "B: the other text", "p. 3"))


def test_what_nobody_has_read_is_told_and_what_it_means_for_absence() -> None:
    found = comparison(change(kind=ChangeKind.FOUND_ONLY_BEFORE, before="x"), unread=("Appendix C",))
    text = " ".join(comparison_text(found).split())
    assert "B was not read whole, so what only the other one gives is found there, and neither added nor removed" in text
    assert "B: Appendix C" in text


def test_nothing_different_is_said_and_how_far_it_goes() -> None:
    assert summary(comparison()) == "No difference."
    assert summary(comparison(unread=("Appendix C",))) == "No difference in what was read."


def test_why_bars_are_not_compared_is_said() -> None:
    assert "Bars are not compared: b has no criteria set." in comparison_text(comparison(not_compared="b has no criteria set"))


def test_hostile_words_steer_nothing() -> None:
    text = comparison_text(comparison(change(field="name", before="\x1b[2J", after="[bold]x[/]")))
    assert "[U+001B][2J → [bold]x[/]" in text


def test_json_is_a_list_of_changes_with_exact_numbers() -> None:
    form = json.loads(comparison_json(comparison(change(**{**BAR, "before": Decimal("2.80"), "after": Decimal(5)}))))
    (told,) = form["changes"]
    assert (told["subject"], told["before"], told["after"]) == ("bar", "2.80", "5")
    assert form["pairs"][0]["before"]["slug"] == "a"


def test_every_renamed_field_is_a_field_of_some_table() -> None:
    from thresholds import criteria_diff, policy_diff
    from thresholds.line_changes import Compared

    known = {"slug", "rules_out", "rule_out", "rule_in"}
    for module in (policy_diff, criteria_diff):
        for held in vars(module).values():
            for table in [held] if isinstance(held, Compared) else held.values() if held is getattr(module, "LISTS", ()) else ():
                known |= set(table.fields)
    assert {each.rpartition(".")[2] for each in FIELD_WORDS} <= known | {"value"}
