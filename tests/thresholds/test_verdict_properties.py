"""Properties that must hold for any evidence (statistics c6): order never matters, a gap never helps, more risk never lowers."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.properties import cases
from tests.world import Lab, bar
from thresholds.outcomes import RISK_ORDER

NAMES = ("a", "b", "c", "d")
LAB = Lab().trained(*NAMES).evaluation().criterion(rule_in=bar(80))
COUNT = st.integers(min_value=0, max_value=60)
COUNTS = st.lists(COUNT, min_size=len(NAMES), max_size=len(NAMES))
QUICK = cases(60)  # our choice: each example is three full assessments


def measured(counts: list[int | None], lab: Lab = LAB) -> Lab:
    for name, passed in zip(NAMES, counts, strict=True):
        lab = lab if passed is None else lab.measured(name, passed, 60)
    return lab


def risk(lab: Lab) -> int:
    return RISK_ORDER.index(lab.finding().verdict)


@QUICK
@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_runs_never_matters(counts: list[int], shuffle: random.Random) -> None:
    lab = measured(counts)
    runs = list(lab.runs)
    shuffle.shuffle(runs)
    assert replace(lab, runs=tuple(runs)).assessment() == lab.assessment()


@QUICK
@given(COUNTS, st.sampled_from(range(len(NAMES))))
def test_taking_a_score_away_never_rules_out(counts: list[int], place: int) -> None:
    assert measured([None if n == place else passed for n, passed in enumerate(counts)]).finding().verdict != "ruled_out"


@QUICK
@given(COUNTS, st.sampled_from(range(len(NAMES))))
def test_taking_a_score_away_never_crosses(counts: list[int], place: int) -> None:
    before, after = measured(counts), measured([None if n == place else passed for n, passed in enumerate(counts)])
    assert after.finding().verdict != "crossed" or before.finding().verdict == "crossed"


@QUICK
@given(COUNTS, st.sampled_from(range(len(NAMES))), COUNT)
def test_another_run_never_lowers_the_maximum(counts: list[int], place: int, passed: int) -> None:
    lab = measured(counts)
    assert (lab.measured(NAMES[place], passed, 60).finding().highest_observed or 0) >= (lab.finding().highest_observed or 0)


@QUICK
@given(COUNTS, st.sampled_from(range(len(NAMES))), COUNT)
def test_another_run_never_turns_a_verdict_into_ruled_out(counts: list[int], place: int, passed: int) -> None:
    lab = measured(counts)
    assert lab.measured(NAMES[place], passed, 60).finding().verdict != "ruled_out" or lab.finding().verdict == "ruled_out"


@QUICK
@given(COUNTS, st.sampled_from(range(len(NAMES))))
def test_one_more_success_never_lowers_the_verdict(counts: list[int], place: int) -> None:
    more = [min(passed + (n == place), 60) for n, passed in enumerate(counts)]
    assert risk(measured(more)) >= risk(measured(counts))


@QUICK
@given(COUNTS, st.integers(1, 79), st.integers(0, 20))
def test_a_lower_bar_never_lowers_the_verdict(counts: list[int], at: int, down: int) -> None:
    def against(position: int) -> Lab:
        return measured(counts, Lab().trained(*NAMES).evaluation().criterion(rule_out=bar(position), rule_in=bar(80)))

    assert risk(against(max(at - down, 1))) >= risk(against(at))


@QUICK
@given(COUNTS)
def test_mirrored_scores_and_bars_give_the_mirrored_verdict(counts: list[int]) -> None:
    turned = Lab().trained(*NAMES).evaluation(riskier_when="lower").criterion(rule_out=bar(50), rule_in=bar(20))
    assert risk(measured([60 - passed for passed in counts], turned)) == risk(measured(counts))


@QUICK
@given(COUNTS)
def test_ruled_out_means_every_upper_bound_lies_under_the_bar(counts: list[int]) -> None:
    finding = measured(counts).finding()
    all_under = all(row.high is not None and row.high < 50 for row in finding.variants)
    assert (finding.verdict == "ruled_out") == all_under
