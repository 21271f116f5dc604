"""One estimate against the bars: the truth table of statistics c5, at and around each bar."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.records import RiskierWhen
from tests.properties import cases
from tests.world import Lab, bar
from thresholds.bars import Bars
from thresholds.outcomes import Compared, Decides

ONE = Lab().trained("only").evaluation()


def test_two_of_forty_are_under_twenty_percent() -> None:
    # upper 97.5 % bound 16.9 % (Clopper-Pearson; R 4.2.2 binom.test)
    assert ONE.criterion(rule_out=bar(20)).measured("only", 2, 40).finding().verdict == "ruled_out"


def test_four_of_thirty_are_under_twenty_percent_by_the_point_only() -> None:
    finding = ONE.criterion(rule_out=bar(20)).measured("only", 4, 30).finding()
    assert (finding.outcome_by_point, finding.outcome_by_bound) == ("below", "between")
    assert (finding.verdict, finding.sub_label) == ("not_ruled_out", "straddles_rule_out")
    assert finding.disagreement is not None


def test_a_criterion_that_compares_the_point_says_the_bound_disagrees() -> None:
    finding = ONE.criterion(rule_out=bar(20), compared="point").measured("only", 4, 30).finding()
    assert finding.verdict == "ruled_out"
    assert "compares the point" in (finding.disagreement or "")


def test_a_point_at_the_bar_has_reached_it() -> None:
    finding = ONE.criterion(compared="point").measured("only", 50, 100).finding()
    assert (finding.outcome, finding.verdict) == ("above", "crossed")


def test_a_point_between_two_bars_decides_nothing() -> None:
    finding = ONE.criterion(compared="point", rule_in=bar(80)).measured("only", 50, 100).finding()
    assert (finding.outcome, finding.verdict, finding.sub_label) == ("between", "not_ruled_out", "between_bars")


def test_a_bound_at_the_bar_does_not_rule_out() -> None:
    # a printed interval gives its ends exactly: [10, 50] touches the bar at 50
    at = {
        "value": Decimal(30),
        "low": Decimal(10),
        "high": Decimal(50),
        "interval_level": Decimal("0.95"),
        "statistic": "mean",
        "items": 100,
    }
    lab = ONE.criterion(statistic="mean")
    assert lab.measured("only", **at).finding().verdict == "not_ruled_out"
    assert lab.measured("only", **{**at, "high": Decimal("49.9")}).finding().verdict == "ruled_out"


def test_a_lower_bound_at_the_rule_in_bar_crosses() -> None:
    at = {
        "value": Decimal(90),
        "low": Decimal(80),
        "high": Decimal(95),
        "interval_level": Decimal("0.95"),
        "statistic": "mean",
        "items": 100,
    }
    assert ONE.criterion(statistic="mean", rule_in=bar(80)).measured("only", **at).finding().verdict == "crossed"


def test_surely_between_the_bars() -> None:
    finding = ONE.criterion(rule_in=bar(80)).measured("only", 65, 100).finding()
    assert (finding.outcome, finding.sub_label) == ("between", "between_bars")


def test_above_the_first_bar_and_over_the_second() -> None:
    assert ONE.criterion(rule_in=bar(80)).measured("only", 78, 100).finding().sub_label == "straddles_rule_in"


def test_a_mean_alone_between_the_bars_is_not_ruled_out() -> None:
    lab = ONE.criterion(statistic="mean", rule_in=bar(80)).measured("only", value=Decimal("69.7"), statistic="mean")
    finding = lab.finding()
    assert (finding.outcome, finding.outcome_by_point, finding.outcome_by_bound) == ("unestimable", "between", "unestimable")
    assert (finding.verdict, finding.sub_label) == ("not_ruled_out", "point_only")


@pytest.mark.parametrize("compared", ["point", "bound"])
def test_a_mean_alone_below_the_bar_rules_nothing_out(compared: str) -> None:
    finding = ONE.criterion(statistic="mean", compared=compared).measured("only", value=Decimal(5), statistic="mean").finding()
    assert (finding.outcome, finding.verdict, finding.sub_label) == ("unestimable", "insufficient_evidence", "point_only")


@pytest.mark.parametrize("compared", ["point", "bound"])
def test_a_mean_alone_above_both_bars_crosses_nothing(compared: str) -> None:
    finding = ONE.criterion(statistic="mean", compared=compared).measured("only", value=Decimal(99), statistic="mean").finding()
    assert (finding.verdict, finding.sub_label) == ("not_ruled_out", "point_only")


def test_the_bar_of_a_rule_out_evaluation_shows_nothing_present() -> None:
    finding = ONE.criterion(decides="rule_out").measured("only", 99, 100).finding()
    assert (finding.verdict, finding.sub_label) == ("not_ruled_out", "rule_out_only")


def test_a_bar_given_as_a_count_stands_where_the_count_does() -> None:
    count = {**bar(1), "value": None, "passed": 27, "of": 33}
    finding = ONE.criterion(rule_out=count).measured("only", 17, 33).finding()
    assert finding.rule_out == pytest.approx(81.8181818)
    assert finding.verdict == "ruled_out"  # upper bound 69.2 % (R 4.2.2 binom.test)


def test_a_bar_off_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="found a bar at 500"):
        ONE.criterion(rule_out=bar(500)).measured("only", 1, 100).finding()


def test_bars_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="riskier than rule_in"):
        ONE.criterion(rule_out=bar(80), rule_in=bar(50)).measured("only", 1, 100).finding()


def test_a_ratio_to_a_control_of_zero_is_neither_ruled_out_nor_crossed() -> None:
    def people(*scores: int) -> dict[str, object]:
        return {"participants": tuple({"code": f"p{n}", "score": s} for n, s in enumerate(scores))}

    lab = ONE.criterion(shape="uplift").trial({"control": people(0, 0, 0, 0), "model": people(1, 2, 3, 4)})
    assert (lab.finding().verdict, lab.finding().sub_label) == ("not_ruled_out", "unbounded")


def test_an_uplift_ratio_with_no_arm_sizes_rules_nothing_out() -> None:
    def arm(mean: int, spread: int) -> dict[str, object]:
        return {"mean": mean, "spread": spread, "spread_kind": "unspecified"}

    finding = ONE.criterion(shape="uplift", rule_in=bar(5)).trial({"control": arm(24, 9), "model": arm(50, 21)}).finding()
    assert finding.value == pytest.approx(50 / 24)
    assert finding.verdict == "not_ruled_out"
    assert {reading.name for reading in finding.readings} == {"sd", "se", "ci95"}


def test_cohorts_pooled_rule_nothing_out_that_one_of_them_crosses() -> None:
    def arm(mean: str, spread: str) -> dict[str, object]:
        return {"mean": Decimal(mean), "spread": Decimal(spread), "spread_kind": "sd", "participants_count": 60}

    # one cohort at 1.5 times with a small control, one at 0.5 times with a large one: together far under 1.4, one alone above it
    crossing = {"control": arm("10", "0.5"), "model": arm("15", "0.5")}
    safe = {"control": arm("80", "0.5"), "model": arm("40", "0.5")}
    lab = ONE.criterion(shape="uplift", rule_out=bar("1.4"))
    assert lab.trial(safe).finding().verdict == "ruled_out"
    assert lab.trial(crossing).finding().verdict == "crossed"
    together = lab.trial(crossing, safe).finding()
    assert (together.outcome_by_bound, together.verdict, together.sub_label) == ("below", "not_ruled_out", "one_cohort_crosses")


@cases(200)
@given(st.floats(0, 100), st.fractions(0, 100))
def test_a_bound_is_held_against_the_exact_bar_and_not_against_its_nearest_float(bound: float, bar: Fraction) -> None:
    for each in (bound, bar, float(bar), math.nextafter(float(bar), 0.0), math.nextafter(float(bar), 200.0)):
        bars = Bars(bar, bar, RiskierWhen.HIGHER, Compared.BOUND, Decides.BOTH, 0.025, 0.025)
        assert bars.is_under_out(each) == (Fraction(each) < bar)
        assert bars.is_under_crossing(each) == (Fraction(each) < bar)
