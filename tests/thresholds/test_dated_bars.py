"""Bars that expire or were replaced: those that stand on the day of the evidence decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.world import CITED, Lab, bar
from thresholds.finding_records import Finding

LAB = Lab().trained("only").evaluation().measured("only", 40, 100)


def earlier(value: int, until: str, **fields: Any) -> dict[str, Any]:
    return {"rule_out": bar(value), "until_on": until, "words": "replaced after saturation", **CITED, **fields}


def on(day: str, **criterion: Any) -> Finding:
    at = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
    return replace(LAB.criterion(**criterion), at=at).finding()


REPLACED: dict[str, Any] = {"rule_out": bar(80), "from_on": date(2030, 1, 1), "earlier": [earlier(20, "2030-01-01")]}


def test_the_bar_of_the_day_decides() -> None:
    assert (on("2029-12-31", **REPLACED).rule_out, on("2029-12-31", **REPLACED).verdict) == (20.0, "crossed")
    assert (on("2030-01-01", **REPLACED).rule_out, on("2030-01-01", **REPLACED).verdict) == (80.0, "ruled_out")


def test_a_bar_that_expired_rules_nothing_out() -> None:
    finding = on("2030-02-01", rule_out=bar(80), until_on=date(2030, 2, 1))
    assert (finding.outcome, finding.verdict, finding.sub_label) == ("unestimable", "insufficient_evidence", "no_bar_in_force")
    assert on("2030-01-31", rule_out=bar(80), until_on=date(2030, 2, 1)).verdict == "ruled_out"


def test_a_bar_that_expired_crosses_nothing() -> None:
    assert on("2030-02-01", rule_out=bar(20), until_on=date(2030, 2, 1)).verdict == "insufficient_evidence"


def test_a_bar_does_not_stand_before_its_day() -> None:
    assert on("2029-12-31", rule_out=bar(80), from_on=date(2030, 1, 1)).sub_label == "no_bar_in_force"


def test_the_gap_names_the_missing_bar() -> None:
    lab = replace(LAB.criterion(rule_out=bar(80), until_on=date(2030, 1, 1)))
    assert "no_bar_in_force" in {each.kind for each in lab.verdict().gaps}


def test_a_score_without_a_bar_is_still_shown() -> None:
    finding = on("2030-02-01", rule_out=bar(80), until_on=date(2030, 2, 1))
    assert [row.value for row in finding.variants] == [40.0]
    assert finding.bar_dates == "no bar stands on 2030-02-01; bars stood or will stand from the start until 2030-02-01"


def test_the_dates_of_the_bar_are_told() -> None:
    assert on("2029-12-31", **REPLACED).bar_dates == "stands from the start until 2030-01-01"
    assert on("2030-06-01", **REPLACED).bar_dates == "stands from 2030-01-01"
    assert on("2030-06-01").bar_dates is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"from_on": date(2030, 1, 1), "earlier": [earlier(20, "2030-01-02")]}, "expected dates that do not overlap"),
        ({"earlier": [earlier(20, "2030-01-02")]}, "expected the day from which the present ones stand"),
        ({"from_on": date(2030, 1, 1), "until_on": date(2030, 1, 1)}, "expected the first day before the last"),
        (
            {"from_on": date(2030, 1, 1), "earlier": [earlier(20, "2029-06-01"), earlier(30, "2029-03-01", from_on=date(2028, 1, 1))]},
            "expected dates that do not overlap",
        ),
    ],
)
def test_dates_that_leave_two_bars_or_none_in_doubt_are_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        LAB.criterion(**fields).criteria_set()
