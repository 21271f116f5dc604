"""Criteria with two levels: a cutoff on every trial, and bars on the share of trials that succeed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties import cases
from tests.world import CITED, Lab, bar
from thresholds.errors import MisplacedBarError


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


@pytest.mark.parametrize(
    ("at", "version"), [(80, {}), ("1.5", {}), (-1, {"riskier_when": "lower"})], ids=["a percent slip", "above", "below, lower riskier"]
)
def test_a_cutoff_off_the_scale_of_a_trial_is_refused(at: object, version: dict[str, Any]) -> None:
    with pytest.raises(MisplacedBarError, match="expected a score on the scale of a trial, 0 to 1"):
        lab(at, **version).itemised("only", [1] * 100).finding()


def test_a_set_that_declares_the_scale_refuses_such_a_cutoff_when_it_is_read() -> None:
    expected = {"slug": "exam", "version": "v1", "name": "Exam", "kind": "benchmark", "unit": "F1", "riskier_when": "higher", **CITED}
    with pytest.raises(ValueError, match="found success_at 80, expected a score on the scale of a trial, 0 to 1"):
        lab(80).criteria_set(evaluations=[{**expected, "scale_low": 0, "scale_high": 1}])


@pytest.mark.parametrize("printed", [{"statistic": "mean", "value": Decimal("0.99")}, {"statistic": "share", "passed": 99, "trials": 100}])
def test_items_that_contradict_what_was_printed_of_them_rule_nothing_out(printed: dict[str, Any]) -> None:
    one = lab().itemised("only", [Decimal("0.1")] * 100, printed=[printed])
    assert one.finding().verdict == "insufficient_evidence"
    assert one.itemised("only", [Decimal("0.1")] * 100).finding().verdict == "insufficient_evidence"  # nor does running it again


def test_a_printed_score_that_agrees_is_shown_beside_and_compared_with_nothing() -> None:
    one = lab().itemised("only", [Decimal("0.1")] * 100, printed=[{"statistic": "mean", "value": Decimal("0.1")}])
    assert [(row.comparable, row.value) for row in one.finding().variants] == [("same_key", 0.0), ("other_key", None)]
    assert one.finding().verdict == "ruled_out"


@pytest.mark.parametrize("status", ["withheld", "failed", "invalidated", "not_run"])
def test_a_run_that_gave_nothing_is_a_gap_with_a_printed_score_too(status: str) -> None:
    low = lab().itemised("only", [Decimal("0.1")] * 100, thinking="standard")
    lost = {"thinking": "extended", "status": status, "status_reason": "a test", "statistic": "mean", "value": Decimal("0.9")}
    ordinary = Lab().trained("only").evaluation().criterion().measured("only", 1, 100, thinking="standard").measured("only", **lost)
    assert low.measured("only", **lost).finding().verdict == ordinary.finding().verdict == "insufficient_evidence"


def test_a_run_of_which_only_a_mean_was_printed_stays_a_gap_beside_a_counted_one() -> None:
    low = lab().itemised("only", [Decimal("0.1")] * 100, thinking="standard")
    assert low.measured("only", value=Decimal("0.99"), statistic="mean", thinking="extended").finding().verdict == "insufficient_evidence"


def test_running_again_does_not_close_the_gap_of_attempts_off_their_scale() -> None:
    one = lab().itemised("only", [Decimal("1.5"), *[Decimal("0.9")] * 99]).itemised("only", [Decimal("0.1")] * 100)
    assert one.finding().verdict == "insufficient_evidence"


def test_another_version_of_the_same_scale_blocks() -> None:
    made = Lab().trained("only").evaluation(versions=("v1", "v2"), unit="F1 score", scale_low=0, scale_high=1)
    one = made.criterion(statistic="share", success_at=cutoff("0.8"), rule_out=bar(20), rule_in=bar(60))
    one = one.itemised("only", [Decimal("0.1")] * 100)
    assert one.finding().verdict == "ruled_out"
    assert one.itemised("only", [1] * 100, version="v2").finding().sub_label == "incomparable_variant"


def test_attempts_written_as_passes_on_a_wider_scale_are_unclear() -> None:
    one = lab(4, unit="points", scale_high=10)
    assert one.itemised("only", [1] * 100).finding().verdict == "insufficient_evidence"
    assert one.itemised("only", [0] * 100).finding().verdict == "ruled_out"
