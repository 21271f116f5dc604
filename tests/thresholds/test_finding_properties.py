"""Properties of findings made from records, for any evidence (statistics c6), each by its number there.

Those of the rule by itself, with what is not asserted and why, stand in ``test_maximum_properties``.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties import cases
from tests.thresholds.test_maximum_properties import COUNT, CROSSED, GAP, INSUFFICIENT, RULED_OUT, counted, over
from tests.world import CITED, Lab, bar, coverage
from thresholds.outcomes import OUTCOME_ORDER

FULL = cases(40)  # our choice: an example is two or three full assessments
NAMES = ("a", "b", "c", "d")
LAB = Lab().trained(*NAMES).evaluation().criterion(rule_in=bar(80))
MIRROR = Lab().trained(*NAMES).evaluation(riskier_when="lower").criterion(rule_out=bar(50), rule_in=bar(20))
FOUR = st.lists(COUNT, min_size=len(NAMES), max_size=len(NAMES))


def lab_of(counts: Sequence[int | None], lab: Lab = LAB) -> Lab:
    for name, passed in zip(NAMES, counts, strict=True):
        lab = lab if passed is None else lab.measured(name, passed, 60)
    return lab


@FULL
@given(FOUR, st.lists(st.integers(0, 60), max_size=3), st.sampled_from(("every_snapshot", "supplied")))
def test_production_findings_are_those_of_the_rule(counts: list[int | None], again: list[int], require: str) -> None:
    lab = lab_of(counts)
    for passed in again:
        lab = lab.measured("a", passed, 60)
    finding = lab.finding(coverage=coverage(require))
    measured = [*(each for each in counts if each is not None), *again]
    planned = len(NAMES) if require == "every_snapshot" else 0
    missing = sum(each is None for each in counts[1:]) + (counts[0] is None and not again) if planned else 0
    rule = over([*(counted(each) for each in measured), *[GAP] * missing], planned)
    assert finding.verdict is rule.verdict
    assert (finding.variants_compared, finding.corrected_for) == (rule.compared, rule.corrected_for)
    assert finding.p_rule_out == pytest.approx(rule.p_rule_out)
    assert finding.p_rule_in == pytest.approx(rule.p_rule_in)
    assert len(finding.crossed_variants) == len(rule.crossed)
    assert (finding.highest_observed is None) == (rule.highest_observed is None)
    if rule.highest_observed is not None:
        assert finding.highest_observed == float(rule.highest_observed)


@FULL
@given(FOUR)
def test_mirrored_records_give_the_mirrored_finding(counts: list[int | None]) -> None:  # c6.7
    straight = lab_of(counts).finding()
    mirror = lab_of([None if each is None else 60 - each for each in counts], MIRROR).finding()
    same = ("outcome", "outcome_by_point", "outcome_by_bound", "verdict", "sub_label", "deciding_variant", "highest_observed_snapshot",
            "missing_snapshots", "variants_compared", "corrected_for", "crossed_variants", "reason", "disagreement")  # fmt: skip
    assert [getattr(mirror, name) for name in same] == [getattr(straight, name) for name in same]
    for here, there in (("low", "high"), ("high", "low"), ("value", "value"), ("highest_observed", "highest_observed")):
        one, other = getattr(straight, here), getattr(mirror, there)
        assert (one is None) == (other is None)
        assert one is None or other == pytest.approx(100 - one)
    assert (straight.expected_excess is None) == (mirror.expected_excess is None)
    assert straight.expected_excess is None or mirror.expected_excess == pytest.approx(straight.expected_excess)


@FULL
@given(st.lists(st.integers(0, 60), min_size=4, max_size=4), st.sampled_from(range(4)))
def test_a_riskier_score_never_gives_a_milder_outcome(counts: list[int], place: int) -> None:  # c6.5
    more = [min(each + (n == place), 60) for n, each in enumerate(counts)]
    before, after = lab_of(counts).finding(), lab_of(more).finding()
    for name in ("outcome", "outcome_by_point", "outcome_by_bound"):
        assert OUTCOME_ORDER.index(getattr(after, name)) >= OUTCOME_ORDER.index(getattr(before, name))


SHARES = st.lists(st.lists(st.sampled_from((0, 1)), min_size=2, max_size=2), min_size=12, max_size=12)
ITEMS = Lab().trained("only").evaluation().criterion()


@FULL
@given(SHARES, st.integers(0, 23), st.randoms(use_true_random=False))
def test_one_more_success_on_one_item_never_lowers_the_verdict(shares: list[list[int]], at: int, shuffle: random.Random) -> None:  # c6.5
    more = [[1 if (n, m) == divmod(at, 2) else each for m, each in enumerate(item)] for n, item in enumerate(shares)]
    before, after = (ITEMS.itemised("only", [tuple(item) for item in each]).finding() for each in (shares, more))
    assert after.verdict.risk >= before.verdict.risk
    run = ITEMS.itemised("only", [tuple(item) for item in shares]).runs[0]
    order = list(run.items)
    shuffle.shuffle(order)  # c6.1: items
    shuffled = replace(ITEMS, runs=(run.model_copy(update={"items": tuple(order)}),))
    assert shuffled.finding() == before


@FULL
@given(SHARES)
def test_duplicated_attempts_change_nothing(shares: list[list[int]]) -> None:  # c6.6
    once, twice = (ITEMS.itemised("only", [tuple(item * often) for item in shares]).finding() for often in (1, 2))
    assert (once.verdict, once.low, once.high, once.value) == (twice.verdict, twice.low, twice.high, twice.value)


OPEN = Lab().trained("only").evaluation(unit="points", scale_low=None, scale_high=None).criterion(statistic="mean")


@FULL
@given(st.lists(st.integers(0, 90), min_size=10, max_size=10), st.integers(0, 30))
def test_all_items_moved_together_never_lower_the_verdict(scores: list[int], up: int) -> None:  # c6.5, variance-based
    before, after = (OPEN.itemised("only", [each + by for each in scores]).finding() for by in (0, up))
    assert after.verdict.risk >= before.verdict.risk


@FULL
@given(FOUR, st.sampled_from(range(4)), st.sampled_from(["failed", "invalidated", "not_run", "withheld"]))
def test_a_run_that_gives_nothing_never_rules_out(counts: list[int | None], place: int, status: str) -> None:  # c6.9
    lost = [None if n == place else each for n, each in enumerate(counts)]
    lab = lab_of(lost).measured(NAMES[place], counts[place] or 0, 60, status=status, status_reason="a test")
    assert lab.finding().verdict is not RULED_OUT
    assert lab.finding().outcome != "below"
    assert lab.finding().verdict is not CROSSED or lab_of(counts).finding().verdict is CROSSED


def test_a_run_over_fewer_items_than_the_set_has_bounds_nothing() -> None:
    lab = Lab().trained("only").evaluation(item_count=100).criterion().measured("only", 1, 60)
    assert (lab.finding().verdict, lab.finding().p_rule_out, lab.finding().p_rule_in) == (INSUFFICIENT, 1, 1)


TWO = (("x", 50), ("y", 60), ("z", 70))


@FULL
@given(st.lists(st.integers(0, 60), min_size=3, max_size=3), st.permutations(range(3)), st.sampled_from(("any", "all")))
def test_the_order_of_indicators_never_matters(counts: list[int], order: list[int], rule: str) -> None:  # c6.1
    lab = Lab().trained("only")
    for (name, _), passed in zip(TWO, counts, strict=True):
        lab = lab.evaluation(name).measured("only", passed, 60, evaluation=name)
    for place in order:
        lab = lab.criterion(TWO[place][0], evaluation=TWO[place][0], rule_out=bar(TWO[place][1]))
    line = {"threshold": "t", "rule": rule, "words": "as said", **CITED}
    straight = lab.verdict(thresholds=[{**line, "criteria": [name for name, _ in TWO]}])
    shuffled = lab.verdict(thresholds=[{**line, "criteria": [TWO[place][0] for place in order]}])
    assert shuffled.outcome is straight.outcome
    assert sorted(shuffled.findings, key=lambda each: each.criterion) == sorted(straight.findings, key=lambda each: each.criterion)


PEOPLE = st.lists(st.integers(1, 40), min_size=4, max_size=8)
TRIAL = Lab().trained("only").evaluation().criterion(shape="uplift", rule_out=bar("2.8"), rule_in=bar(5))


def people(scores: Sequence[int | Decimal]) -> dict[str, Any]:
    return {"participants": tuple({"code": f"p{n:02}", "score": score} for n, score in enumerate(scores))}


@FULL
@given(PEOPLE, PEOPLE, st.sampled_from((Decimal(2), Decimal("0.5"))), st.randoms(use_true_random=False))
def test_scaling_both_arms_leaves_the_ratio_alone(  # c6.11, and c6.1 for participants
    control: list[int], model: list[int], by: Decimal, shuffle: random.Random
) -> None:
    before = TRIAL.trial({"control": people(control), "model": people(model)}).finding()
    after = TRIAL.trial({"control": people([each * by for each in control]), "model": people([each * by for each in model])}).finding()
    assert (after.verdict, after.low_end, after.high_end) == (before.verdict, before.low_end, before.high_end)
    for name in ("value", "low", "high"):
        one, other = getattr(before, name), getattr(after, name)
        assert (one is None) == (other is None)
        assert one is None or other == pytest.approx(one)
    shuffle.shuffle(control)
    shuffle.shuffle(model)
    shuffled = TRIAL.trial({"control": people(control), "model": people(model)}).finding()
    assert [shuffled.value, shuffled.low, shuffled.high] == [before.value, before.low, before.high]


@FULL
@given(st.integers(5, 60), st.integers(1, 30), st.integers(1, 30), st.integers(3, 60), st.sampled_from(("sd", "se", "ci")))
def test_a_wider_spread_never_decides_more(mean: int, spread: int, wider: int, items: int, kind: str) -> None:  # c6.12, the kind fixed
    level = {"interval_level": None}
    lab = Lab().trained("only").evaluation(unit="points", scale_low=None, scale_high=None).criterion(statistic="mean", rule_in=bar(80))
    narrow, wide = (
        lab.measured("only", value=mean, spread=each, spread_kind=kind, items=items, statistic="mean", **level).finding().verdict
        for each in (spread, spread + wider)
    )
    for settled in (RULED_OUT, CROSSED):
        assert wide is not settled or narrow is settled


@FULL
@given(st.integers(5, 60), st.integers(1, 30), st.integers(3, 60), st.sampled_from(("sd", "se", "ci", "unspecified")))
def test_an_unknown_count_is_never_less_cautious(mean: int, spread: int, items: int, kind: str) -> None:  # c6.12
    lab = Lab().trained("only").evaluation(unit="points", scale_low=None, scale_high=None).criterion(statistic="mean", rule_in=bar(80))
    told = {"value": mean, "spread": spread, "spread_kind": kind, "statistic": "mean"}
    known, unknown = lab.measured("only", items=items, **told).finding().verdict, lab.measured("only", **told).finding().verdict
    for settled in (RULED_OUT, CROSSED):
        assert unknown is not settled or known is settled


@FULL
@given(st.integers(5, 60), st.integers(1, 30), st.one_of(st.none(), st.integers(3, 60)))
def test_an_undefined_plus_minus_is_never_less_cautious_than_a_meaning_it_may_have(
    mean: int, spread: int, items: int | None
) -> None:  # c6.12
    lab = Lab().trained("only").evaluation(unit="points", scale_low=None, scale_high=None).criterion(statistic="mean", rule_in=bar(80))
    told = {"value": mean, "spread": spread, "statistic": "mean", "items": items}
    undefined = lab.measured("only", spread_kind="unspecified", **told).finding().verdict
    for kind in ("sd", "se"):
        meant = lab.measured("only", spread_kind=kind, **told).finding().verdict
        for settled in (RULED_OUT, CROSSED):
            assert undefined is not settled or meant is settled


@FULL
@given(FOUR)
def test_the_same_records_give_the_same_bytes(counts: list[int | None]) -> None:  # c6.14
    assert lab_of(counts).assessment().model_dump_json() == lab_of(counts).assessment().model_dump_json()
