"""Criteria with two levels: a cutoff on every trial, and bars on the share of trials that succeed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties import cases
from tests.world import CITED, Lab, bar


def cutoff(value: object) -> dict[str, Any]:
    return {"value": Decimal(str(value)), "words": "a success from here on", **CITED}


def lab(at: object = "0.8", **version: Any) -> Lab:
    scale = {"unit": "F1 score", "scale_low": 0, "scale_high": 1, **version}
    made = Lab().trained("only").evaluation(**scale)
    return made.criterion(statistic="share", success_at=cutoff(at), rule_out=bar(20), rule_in=bar(60))


def test_a_trial_at_the_cutoff_succeeds() -> None:
    finding = lab().itemised("only", [Decimal("0.8"), Decimal("0.79")] * 50).finding()
    assert (finding.value, finding.unit, finding.success_at) == (50.0, "percent of trials", 0.8)


def test_where_lower_is_riskier_a_trial_at_or_under_the_cutoff_succeeds() -> None:
    one = lab("0.3", riskier_when="lower", unit="error").itemised("only", [Decimal("0.3"), Decimal("0.31")] * 50)
    finding = one.finding()
    assert (finding.value, finding.riskier_when) == (50.0, "higher")


@pytest.mark.parametrize(("successes", "verdict"), [(2, "ruled_out"), (18, "not_ruled_out"), (40, "not_ruled_out"), (80, "crossed")])
def test_the_bars_are_percentages_of_trials(successes: int, verdict: str) -> None:
    scores = [Decimal("0.9")] * successes + [Decimal("0.1")] * (100 - successes)
    assert lab().itemised("only", scores).finding().verdict == verdict


def test_a_high_mean_below_the_cutoff_is_no_success() -> None:
    assert lab().itemised("only", [Decimal("0.7")] * 100).finding().verdict == "ruled_out"


def test_an_unscored_trial_leaves_no_rule_out() -> None:
    assert lab().itemised("only", [Decimal("0.1")] * 99 + [None]).finding().verdict == "insufficient_evidence"


def test_attempts_whose_unit_is_unclear_leave_a_gap() -> None:
    one = lab(80, unit="percent", scale_high=100).itemised("only", [Decimal("0.9")] * 100)
    assert (one.finding().verdict, one.finding().missing_snapshots) == ("insufficient_evidence", ("only",))


def test_attempts_off_their_scale_leave_a_gap() -> None:
    assert lab().itemised("only", [Decimal("1.5")] * 100).finding().missing_snapshots == ("only",)


def test_a_printed_mean_is_no_share_of_successes() -> None:
    one = lab(80, unit="percent", scale_high=100).measured("only", value=Decimal(5), statistic="mean", items=100)
    finding = one.finding()
    assert (finding.verdict, finding.missing_snapshots) == ("insufficient_evidence", ("only",))
    assert [row.comparable for row in finding.variants if row.value is not None] == []


def test_success_at_needs_a_share() -> None:
    with pytest.raises(ValueError, match="found success_at with the statistic mean, expected share"):
        Lab().evaluation().criterion(statistic="mean", success_at=cutoff("0.8")).criteria_set()


@cases(40)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=30), st.integers(1, 100))
def test_it_is_the_same_as_counting_by_hand(scores: list[int], at: int) -> None:
    one = lab(Decimal(at) / 100).itemised("only", [Decimal(each) / 100 for each in scores])
    succeeded = sum(each >= at for each in scores)
    hand = Lab().trained("only").evaluation(unit="percent of trials").criterion(rule_out=bar(20), rule_in=bar(60))
    counted = hand.itemised("only", [int(each >= at) for each in scores])
    assert (one.finding().value, one.finding().verdict) == (counted.finding().value, counted.finding().verdict)
    assert one.finding().value == pytest.approx(100 * succeeded / len(scores))
