"""How a reassessment is told: on a terminal, as JSON, and to a reader who may not see everything."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from reports import due as page
from reports.terminal import COLUMNS
from tests.thresholds.histories import COMPUTE, MONTHS, RISK_REPORT, History, assessed, called, figure, judged, model, on_call, policy
from thresholds.due import due_models, due_under_each
from thresholds.due_records import Because, ComparedBy, DueOutcome, Force

LAST = assessed("2030-02-24")
THEN = figure("2030-02-20", "1e26")
WORLD = (
    model("fine", assessed=[LAST], figures=[THEN, figure("2030-03-01", "3.9999e26")]),
    model("open", assessed=[LAST], figures=[THEN]),
    model("fired", assessed=[assessed("2029-08-01")], calls=[called("2030-02-01", "deployment")]),
)


def text(*worlds: History, on: str = "2030-03-01", **fields: Any) -> str:
    found = [judged(each, *WORLD, on=on, **fields) for each in worlds or WORLD]
    return page.due_text(found)


def unwrapped(told: str) -> str:
    return " ".join(told.split())


def test_every_word_of_a_judgement_has_its_words() -> None:
    assert set(page.OUTCOME_WORDS) == set(page.GLYPHS) == set(DueOutcome)
    assert set(page.FORCE_WORDS) == set(Force)
    assert {*page.CHOSEN_WORDS, ComparedBy.OWN_ASSESSMENT} == set(ComparedBy)
    assert set(page._SENTENCES) == set(Because)


def test_what_nobody_can_tell_is_spelled_out_and_what_is_not_due_keeps_a_line() -> None:
    told = unwrapped(text())
    assert "1 due, 1 cannot tell, 0 soon, 1 not due" in told
    assert "○ cannot tell: Model open" in told
    assert "No effective compute of the model is entered for any day since the assessment of 2030-02-24" in told
    assert (
        "▼ not due: Model fine (Test lab) under Test policy 1.0 (fictional); next on 2030-08-24; 3.9999x of 4x effective compute used"
        in told
    )


def test_a_near_miss_of_the_multiple_never_reads_as_a_hit() -> None:
    almost = model(assessed=[LAST], figures=[THEN, figure("2030-03-01", "3.99999999999999999999e26")])
    assert "4x of 4x" not in unwrapped(text(almost))


def test_a_call_beside_the_triggers_is_told_whatever_the_outcome() -> None:
    quiet = model(assessed=[LAST], calls=[called("2030-02-28", "deployment", comparison_model="old")])
    told = unwrapped(text(quiet, triggers=[MONTHS]))
    assert "▼ not due" in told
    assert "a call that no trigger here speaks of (deployment): Called for on 2030-02-28 by The officer, beside old: “assess it”" in told


@pytest.mark.parametrize("hidden", ["restricted", "hazardous"])
def test_numbers_and_texts_of_restricted_records_are_withheld_and_the_outcome_stays(hidden: str) -> None:
    secret = [THEN, figure("2030-03-01", "7.7e26", visibility=hidden, high=Decimal("7.8e26"))]
    calls = [called("2030-02-28", called_by="Nobody Else", words="it did the unspeakable", visibility=hidden)]
    found = judged(model(assessed=[LAST], figures=secret, calls=calls), on="2030-03-01", triggers=[COMPUTE, on_call("discretion")])
    shown = page.shown(found)
    assert shown.outcome == found.outcome == "due"
    for told in (page.due_text([shown]), page.due_json([shown])):
        assert [word for word in ("7.7", "7.8", "770", "unspeakable", "Nobody Else") if word in told] == []
        assert "withheld (restricted)" in unwrapped(told)
    assert shown.triggers[0].withheld == ("effective compute figure-1 of m",)
    assert page.shown(judged(*WORLD, on="2030-03-01")) == judged(*WORLD, on="2030-03-01")


def test_the_figure_held_against_goes_too_where_only_it_is_restricted() -> None:
    figures = [figure("2030-02-20", "1e26", visibility="restricted"), figure("2030-03-01", "2e26")]
    shown = page.shown(judged(model(assessed=[LAST], figures=figures), on="2030-03-01"))
    assert (shown.triggers[0].ratio, shown.triggers[0].compute_now, shown.triggers[0].ratio_upper) == (None, None, None)
    assert "effective compute used" not in page.due_text([shown])


def test_json_is_a_list_of_every_judgement_with_a_sentence_a_trigger() -> None:
    found = json.loads(page.due_json([judged(each, *WORLD, on="2030-03-01") for each in WORLD]))
    assert [each["outcome"] for each in found] == ["not_due", "cannot_tell", "due"]
    assert found[0]["triggers"][0]["ratio_upper"] == 3.9999
    assert found[0]["triggers"][0]["sentence"].startswith("Effective compute is 3.9999x that at the assessment of 2030-02-24; 4x calls")
    assert json.loads(page.due_json([])) == []


def test_text_that_would_steer_the_terminal_is_shown_as_its_code_point() -> None:
    hostile = model(assessed=[LAST], calls=[called("2030-02-28", words="\x1b[31m fine \u202e")])
    told = text(hostile, triggers=[on_call("discretion")])
    assert "\x1b" not in told
    assert "[U+001B][31m fine [U+202E]" in unwrapped(told)


def test_a_trigger_is_told_in_its_own_words() -> None:
    told = unwrapped(text(WORLD[2], triggers=[{**MONTHS, "words": "Twice a year, whatever [bold]happened[/bold]."}]))
    assert f"{MONTHS['slug']}: Twice a year, whatever [bold]happened[/bold]. [" in told


def test_nothing_is_wider_than_a_terminal() -> None:
    assert max(map(len, text(*WORLD).splitlines())) <= COLUMNS


def test_a_model_under_no_policy_and_an_empty_record_say_what_to_do() -> None:
    found = due_models(WORLD, (), date(2030, 3, 1))
    assert "nobody can tell what is due; load one, or name any with --policy" in unwrapped(page.due_text(found))
    assert "rsp load FILE" in page.due_text([])


def test_a_policy_that_does_not_govern_says_so() -> None:
    rules = policy(MONTHS, standing="adopted", effective_on="2031-01-01")
    found = due_under_each(WORLD[:1], [rules], [rules], date(2030, 3, 1))
    assert "Test policy 1.0 (not yet in force)" in unwrapped(page.due_text(found))


REPORT = assessed("2030-01-31", depth="report")
REPORTED = model("other", assessed=[REPORT, assessed("2030-01-31")])


@pytest.mark.parametrize(
    ("this", "trigger", "words"),
    [
        (model("x"), MONTHS, "never assessed comprehensively, and there is none"),
        (model("x", planned_beside="open"), COMPUTE, "No effective compute of the model is entered, so nobody"),
        (model("x", assessed=[LAST], figures=[figure("2030-02-25", "1")]), COMPUTE, "entered for the assessment of 2030-02-24 or before"),
        (model("x", assessed=[LAST], figures=[THEN, figure("2030-02-25", "1", unit="u")]), COMPUTE, "entered in a unit in which none"),
        (model("x", assessed=[LAST], figures=[THEN, figure("2030-02-25", "5e26")]), COMPUTE, "5.0x that at the assessment of 2030-02-24:"),
        (model("x", planned_beside="bare"), MONTHS, "No comprehensive assessment of bare is on record"),
        (model("x", assessed=[LAST]), MONTHS, "6 calendar months after the assessment of 2030-02-24 will be over on 2030-08-24"),
        (model("x", assessed=[assessed("2029-02-24")]), MONTHS, "were over on 2029-08-24"),
        (model("x", released_on="2030-02-01"), RISK_REPORT, "months after the report of Model other of 2030-01-31 will be over"),
        (model("x", released_on="2030-01-01"), RISK_REPORT, "report of Model other of 2030-01-31 did not cover the model, and it was out"),
        (model("x", assessed=[LAST]), on_call("discretion"), "No call for it is open."),
        (model("x"), on_call("more_capable"), "no assessment of any depth"),
        (model("x"), on_call("deployment"), "Neither a release day nor a comprehensive assessment"),
        (model("x", released_on="2030-02-01"), on_call("deployment"), "Released on 2030-02-01 without"),
        (model("x", released_on="2030-03-09"), on_call("deployment"), "To be released on 2030-03-09"),
        (model("x", assessed=[LAST]), on_call("deployment"), "has had a comprehensive assessment of its own"),
        (model("x"), on_call("policy_change"), "Not assessed since the policy took effect on 2030-01-01"),
        (model("x", assessed=[REPORT]), {**RISK_REPORT, "months": None, "months_earliest": None}, "does not say after how many months"),
        (model("x", assessed=[assessed("2029-11-30", depth="report")]), RISK_REPORT, "It may be made from 2030-02-28 on."),
        (model("x", assessed=[LAST], calls=[called("2030-02-28")]), on_call("discretion", days=30), "The work may take until 2030-03-30."),
    ],
)  # fmt: skip
def test_a_trigger_says_why_in_a_sentence(this: History, trigger: dict[str, object], words: str) -> None:
    others = [model("open", assessed=[assessed("2030-01-01")])] if trigger is COMPUTE else [REPORTED] if trigger is RISK_REPORT else []
    found = judged(this, *others, on="2030-03-01", triggers=[trigger])
    assert words in page.trigger_sentence(found.triggers[0]).replace("\u00a0", " ")
