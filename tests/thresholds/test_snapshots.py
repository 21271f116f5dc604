"""The max-over-snapshots rule, sentence by sentence (the head of ``thresholds/snapshots.py``)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.world import Lab, bar, coverage

LAB = Lab().trained("early", "middle", "final").evaluation().criterion(rule_in=bar(80))


def all_low() -> Lab:
    return LAB.measured("early", 5, 100).measured("middle", 8, 100).measured("final", 6, 100)


def test_every_snapshot_under_the_bar_rules_out() -> None:
    finding = all_low().finding()
    assert (finding.outcome, finding.verdict) == ("below", "ruled_out")
    assert finding.snapshots_compared == 3


def test_an_older_snapshot_that_scored_higher_decides() -> None:
    finding = all_low().measured("early", 70, 100).finding()
    assert finding.deciding_snapshot == "early"
    assert finding.value == 70.0
    assert finding.verdict == "not_ruled_out"


def test_the_losers_are_kept() -> None:
    assert [row.value for row in all_low().finding().variants] == [5.0, 8.0, 6.0]


def test_repeating_a_run_until_it_passes_does_not_help() -> None:
    assert (
        LAB.measured("early", 60, 100).measured("middle", 1, 100).measured("final", 1, 100).measured("early", 1, 100).finding().value
        == 60.0
    )


def test_a_snapshot_nobody_measured_prevents_a_rule_out() -> None:
    finding = LAB.measured("early", 5, 100).measured("final", 6, 100).finding()
    assert (finding.outcome, finding.verdict, finding.sub_label) == ("unestimable", "insufficient_evidence", "missing_variants")
    assert finding.missing_snapshots == ("middle",)


def test_a_gap_never_reads_as_below() -> None:
    finding = LAB.measured("final", 1, 100).finding()
    assert finding.outcome_by_bound == "below"
    assert finding.outcome == "unestimable"


def test_a_gap_does_not_soften_a_crossing() -> None:
    assert LAB.measured("final", 99, 100).finding().verdict == "crossed"


@pytest.mark.parametrize("status", ["failed", "invalidated", "not_run", "withheld"])
def test_a_run_that_gave_nothing_usable_is_a_gap(status: str) -> None:
    lab = LAB.measured("early", 5, 100).measured("middle", 5, 100).measured("final", 5, 100, status=status, status_reason="a test")
    assert lab.finding().missing_snapshots == ("final",)
    assert lab.finding().verdict == "insufficient_evidence"


def test_a_variant_measured_again_whole_is_no_gap() -> None:
    lab = all_low().measured("final", status="failed", status_reason="out of disk", words="nothing", statistic="share")
    assert lab.finding().verdict == "ruled_out"
    assert len(lab.finding().variants) == 4


def test_an_invalidated_high_score_is_not_counted() -> None:
    lab = all_low().measured("final", 99, 100, status="invalidated", status_reason="wrong items")
    assert lab.finding().highest_observed == 8.0


def test_a_partial_run_cannot_support_a_rule_out() -> None:
    lab = LAB.measured("early", 5, 100).measured("middle", 5, 100).measured("final", 5, 100, status="partial", status_reason="cut short")
    assert lab.finding().verdict == "insufficient_evidence"


def test_a_partial_run_can_prevent_a_rule_out() -> None:
    finding = all_low().measured("final", 60, 100, status="partial", status_reason="cut short").finding()
    assert (finding.verdict, finding.sub_label) == ("not_ruled_out", "partial_run")


def test_a_score_whose_snapshot_is_not_stated_covers_none() -> None:
    lab = Lab().trained("only").evaluation().criterion().measured(None, 1, 100)
    assert lab.finding().verdict == "insufficient_evidence"


def test_a_result_under_another_statistic_blocks_when_it_reaches_the_bar() -> None:
    finding = all_low().measured("final", value=Decimal(60), statistic="median").finding()
    assert (finding.verdict, finding.sub_label) == ("not_ruled_out", "incomparable_variant")


def test_a_result_under_another_statistic_says_nothing_when_it_does_not() -> None:
    assert all_low().measured("final", value=Decimal(40), statistic="median").finding().verdict == "ruled_out"


def test_a_result_under_another_scaffold_does_not_fill_a_gap() -> None:
    lab = LAB.measured("early", 5, 100).measured("middle", 5, 100).measured("final", 5, 100, scaffold="agent-2")
    assert lab.finding().missing_snapshots == ("final",)


def test_a_criterion_that_names_a_scaffold_takes_runs_under_it() -> None:
    lab = Lab().trained("only").evaluation().criterion(scaffold="agent-2").measured("only", 5, 100, scaffold="agent-2")
    assert lab.finding().verdict == "ruled_out"


def test_another_version_in_another_unit_is_not_held_against_the_bar() -> None:
    lab = Lab().trained("only").evaluation(versions=("v1",)).evaluation("other", unit="points").criterion().measured("only", 5, 100)
    assert lab.measured("only", value=Decimal(90), statistic="mean", evaluation="other").finding().verdict == "ruled_out"


def test_a_crossing_must_survive_picking_the_best_of_many() -> None:
    # 89 of 100 has a lower 97.5 % bound of 81.2 and a lower 99.58 % bound of 78.9 (Clopper-Pearson, by R 4.2.2 binom.test)
    one = Lab().trained("only").evaluation().criterion(rule_in=bar(80)).measured("only", 89, 100)
    assert one.finding().verdict == "crossed"
    six = Lab().trained(*"abcdef").evaluation().criterion(rule_in=bar(80)).measured("a", 89, 100)
    assert six.finding().verdict == "not_ruled_out"


def test_planned_coverage_asks_for_each_mode() -> None:
    lab = all_low().planned("final", thinking=("standard", "extended"))
    finding = lab.finding(coverage=coverage("planned"))
    assert finding.variants_planned == 2
    assert finding.verdict == "insufficient_evidence"


def test_no_plan_is_never_an_easier_plan() -> None:
    lab = LAB.measured("final", 1, 100)
    assert lab.finding(coverage=coverage("planned")).missing_snapshots == ("early", "middle")
    assert "no_plan" in [gap.kind for gap in lab.verdict(coverage=coverage("planned")).gaps]
    assert "no_plan" not in [gap.kind for gap in lab.planned("final").verdict(coverage=coverage("planned")).gaps]


def test_supplied_coverage_takes_what_was_run() -> None:
    assert LAB.measured("final", 1, 100).finding(coverage=coverage("supplied")).verdict == "ruled_out"


def test_the_highest_of_six_stands_too_high_by_so_many_standard_errors() -> None:
    lab = Lab().trained(*"abcdef").evaluation().criterion()
    for name in "abcdef":
        lab = lab.measured(name, 10, 42)
    finding = lab.finding()
    assert finding.low is not None
    assert finding.high is not None
    # e_6 = 1.2672: mean of the largest of six standard normals (statistics c2); 1.959964: their 97.5 % quantile
    assert finding.expected_excess == pytest.approx(1.2672 * (finding.high - finding.low) / 2 / 1.959964, rel=1e-4)


def test_one_variant_alone_stands_no_higher_than_it_should() -> None:
    assert Lab().trained("only").evaluation().criterion().measured("only", 10, 42).finding().expected_excess is None


def test_more_variants_than_planned_make_a_crossing_harder_and_say_so() -> None:
    lab = Lab().trained("only").evaluation().criterion(rule_in=bar(80)).measured("only", 89, 100)
    assert (lab.finding().verdict, lab.finding().corrected_for) == ("crossed", 1)
    for _ in range(5):
        lab = lab.measured("only", 60, 100)
    assert (lab.finding().verdict, lab.finding().corrected_for, lab.finding().variants_planned) == ("not_ruled_out", 6, 1)


def test_holms_later_steps_name_what_else_crossed() -> None:
    # P(at least 89 of 100 at 80 %) is 0.01257 (scipy.stats.binom.sf): over half of 2.5 %, under the whole of it
    lab = Lab().trained("a", "b").evaluation().criterion(rule_in=bar(80)).measured("a", 99, 100).measured("b", 89, 100)
    finding = lab.finding()
    assert [row.verdict for row in finding.variants] == ["crossed", "not_ruled_out"]
    assert finding.crossed_variants == ("run-0", "run-1")


def test_lower_is_riskier_turns_the_rule_around() -> None:
    lab = Lab().trained("a", "b").evaluation(riskier_when="lower").criterion(rule_out=bar(50), rule_in=bar(20))
    safe = lab.measured("a", 95, 100).measured("b", 90, 100).finding()
    assert (safe.verdict, safe.deciding_snapshot, safe.highest_observed) == ("ruled_out", "b", 90.0)
    assert lab.measured("a", 95, 100).measured("b", 2, 100).finding().verdict == "crossed"
