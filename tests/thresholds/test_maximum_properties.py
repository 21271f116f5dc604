"""Properties of the max-over-snapshots rule for any evidence (statistics c6), each by its number there.

Those of findings made from records stand in ``test_finding_properties`` and ``test_verdict_properties``. Not asserted, because it is
not so: that one item of a variance-based score raised never lowers a verdict (c6.5); that duplicated items leave an interval alone
(c6.6); that k of n is monotone in k with the error level split anew for each k (c6.10); that a wider spread keeps a crossing (c6.12
means ruling out).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.proportions import clopper_pearson
from evaluations.quantiles import Scale
from evaluations.records import RiskierWhen
from tests.properties import cases
from thresholds.bars import Bars, judge
from thresholds.combining import PartialConjunction, kth_largest, partial_conjunction
from thresholds.outcomes import RISK_ORDER, Compared, Decides, VerdictOutcome
from thresholds.snapshots import Maximum, contender, max_over_snapshots, maximum

RULED_OUT, INSUFFICIENT, NOT_RULED_OUT, CROSSED = RISK_ORDER
PERCENT = Scale(Fraction(0), Fraction(100))
BARS = Bars(Fraction(50), Fraction(80), RiskierWhen.HIGHER, Compared.BOUND, Decides.BOTH, 0.025, 0.025)
QUICK = cases(100)
NAN = float("nan")


@dataclass(frozen=True)
class Told(Estimate):
    """An estimate whose bounds are given, the same at every error level."""

    low: float
    high: float

    def lower(self, alpha: float) -> float:  # noqa: ARG002 - the same at every level
        return self.low

    def upper(self, alpha: float) -> float:  # noqa: ARG002 - the same at every level
        return self.high

    def p_below(self, bar: Bar) -> float:
        return 0.0 if self.high < bar else 1.0

    def p_above(self, bar: Bar) -> float:
        return 0.0 if self.low >= bar else 1.0


def told(low: float, point: float, high: float) -> Told:
    return Told(Fraction(point), "told", 30, (), low, high)


def counted(passed: int | None, trials: int = 60) -> Estimate | Unestimable:
    return Unestimable("not_measured", "not run") if passed is None else clopper_pearson(passed, trials, PERCENT)


GAP = Unestimable("not_measured", "not run")
PLACES = st.integers(0, 100)
BOUNDS = st.lists(PLACES, min_size=3, max_size=3).map(sorted).map(lambda ends: told(*map(float, ends)))
UNBOUNDED = st.tuples(PLACES, PLACES).map(sorted).map(lambda ends: told(float(ends[0]), float(ends[1]), float("inf")))
POINTS = PLACES.map(lambda at: Unestimable("no_spread_and_no_count", "a point alone", Fraction(at)))
ANY = st.one_of(BOUNDS, UNBOUNDED, POINTS, st.just(GAP))
SEVERAL = st.lists(ANY, max_size=6)
COUNT = st.one_of(st.none(), st.integers(0, 60))
COUNTS = st.lists(COUNT, min_size=1, max_size=6)
COMPARED = st.sampled_from(list(Compared))
VERDICTS = st.lists(st.sampled_from(list(RISK_ORDER)), min_size=1, max_size=6)
P = st.one_of(st.none(), st.floats(0, 1))


def over(estimates: Sequence[Estimate | Unestimable], planned: int | None = None, bars: Bars = BARS) -> Maximum:
    return max_over_snapshots(estimates, len(estimates) if planned is None else planned, bars)


def moved(estimate: Estimate | Unestimable, by: int) -> Estimate | Unestimable:
    if isinstance(estimate, Told):
        return Told(estimate.point + by, estimate.method, 30, (), estimate.low + by, estimate.high + by)
    assert isinstance(estimate, Unestimable)
    return estimate if estimate.point is None else replace(estimate, point=estimate.point + by)


def scored(estimates: Sequence[Estimate | Unestimable]) -> int:
    return sum(each.point is not None for each in estimates)


# The rule itself


@QUICK
@given(SEVERAL, st.randoms(use_true_random=False))
def test_the_order_of_variants_never_matters(estimates: list[Estimate | Unestimable], shuffle: random.Random) -> None:  # c6.1
    named = [contender(f"v{place}", each, BARS.over(max(len(estimates), 1))) for place, each in enumerate(estimates)]
    before = maximum(named, len(named), 0, BARS)
    shuffle.shuffle(named)
    assert maximum(named, len(named), 0, BARS) == before


@QUICK
@given(SEVERAL, ANY)
def test_another_variant_never_lowers_the_maximum_and_never_rules_out(estimates: list[Any], more: Any) -> None:  # c6.2
    before, after = over(estimates), over([*estimates, more])
    floor = Fraction(-1)
    assert (floor if after.highest_observed is None else after.highest_observed) >= (before.highest_observed or floor)
    if estimates:
        assert after.upper >= before.upper
        assert after.p_rule_out >= before.p_rule_out
    assert after.verdict is not RULED_OUT or before.verdict is RULED_OUT or not estimates


@QUICK
@given(SEVERAL, ANY, st.integers(0, 8))
def test_with_the_plan_fixed_only_a_gap_that_is_filled_or_more_than_planned_lowers_the_verdict(  # c6.3
    estimates: list[Any], more: Any, planned: int
) -> None:
    before, after = over(estimates, planned), over([*estimates, more], planned)
    filled = before.missing > after.missing or not (estimates or planned)
    more_than_planned = scored([*estimates, more]) > planned
    allowed = (
        after.verdict.risk >= before.verdict.risk
        or (filled and (before.verdict, after.verdict) == (INSUFFICIENT, RULED_OUT))
        or (more_than_planned and (before.verdict, after.verdict) == (CROSSED, NOT_RULED_OUT))
    )
    assert allowed, (before, after)


@QUICK
@given(COUNTS, st.integers(0, 60), st.integers(0, 8))
def test_the_same_of_counts_whose_bounds_follow_the_error_level(counts: list[int | None], more: int, planned: int) -> None:  # c6.3
    before, after = over([counted(each) for each in counts], planned), over([counted(each) for each in [*counts, more]], planned)
    if after.verdict.risk < before.verdict.risk:
        filled = (before.verdict, after.verdict) == (INSUFFICIENT, RULED_OUT) and before.missing > after.missing
        diluted = (before.verdict, after.verdict) == (CROSSED, NOT_RULED_OUT) and after.corrected_for > before.corrected_for
        assert filled or diluted


@QUICK
@given(SEVERAL, st.lists(st.integers(0, 40), min_size=6, max_size=6), COMPARED)
def test_pointwise_larger_bounds_never_lower_the_verdict(estimates: list[Any], up: list[int], compared: Compared) -> None:  # c6.4
    bars = replace(BARS, compared=compared)
    higher = [moved(each, by) for each, by in zip(estimates, up, strict=False)]
    assert over(higher, bars=bars).verdict.risk >= over(estimates, bars=bars).verdict.risk


@QUICK
@given(SEVERAL, st.integers(0, 50), st.integers(0, 50), st.integers(0, 20), st.integers(0, 20), COMPARED)
def test_lower_bars_never_lower_the_verdict(  # c6.4; raising a bar is the same read backwards
    estimates: list[Any], out: int, gap: int, down_out: int, down_in: int, compared: Compared
) -> None:
    bars = replace(BARS, rule_out=Fraction(out), rule_in=Fraction(out + gap), compared=compared)
    lower_out = Fraction(out - down_out)
    lower = replace(bars, rule_out=lower_out, rule_in=max(lower_out, Fraction(out + gap - down_in)))
    assert over(estimates, bars=lower).verdict.risk >= over(estimates, bars=bars).verdict.risk


@QUICK
@given(COUNTS, st.sampled_from(range(6)), st.sampled_from((RiskierWhen.HIGHER, RiskierWhen.LOWER)))
def test_a_riskier_count_never_gives_a_milder_finding(counts: list[int | None], place: int, riskier: RiskierWhen) -> None:  # c6.5
    bars = BARS if riskier is RiskierWhen.HIGHER else replace(BARS, rule_out=Fraction(50), rule_in=Fraction(20), riskier_when=riskier)
    step = 1 if riskier is RiskierWhen.HIGHER else -1
    more = [each if each is None or n != place else min(max(each + step, 0), 60) for n, each in enumerate(counts)]
    before, after = over([counted(each) for each in counts], bars=bars), over([counted(each) for each in more], bars=bars)
    assert after.verdict.risk >= before.verdict.risk
    assert after.upper >= before.upper
    assert after.lower >= before.lower


@QUICK
@given(COUNTS)
def test_mirrored_counts_and_bars_give_the_mirrored_maximum(counts: list[int | None]) -> None:  # c6.7
    turned = replace(BARS, rule_out=Fraction(50), rule_in=Fraction(20), riskier_when=RiskierWhen.LOWER)
    straight = over([counted(each) for each in counts])
    mirror = over([counted(None if each is None else 60 - each) for each in counts], bars=turned)
    assert (mirror.verdict, mirror.highest, mirror.crossed, mirror.missing) == (
        straight.verdict, straight.highest, straight.crossed, straight.missing,
    )  # fmt: skip
    assert mirror.upper == pytest.approx(straight.upper - 100)  # a turned axis runs from -100 to 0
    assert mirror.lower == pytest.approx(straight.lower - 100)
    assert mirror.p_rule_out == pytest.approx(straight.p_rule_out, rel=1e-6)


@QUICK
@given(SEVERAL)
def test_turning_the_axis_changes_nothing_at_all(estimates: list[Any]) -> None:  # c6.7
    def flipped(each: Estimate | Unestimable) -> Estimate | Unestimable:
        if isinstance(each, Told):
            return Told(-each.point, each.method, 30, (), -each.high, -each.low)
        assert isinstance(each, Unestimable)
        return replace(each, point=None if each.point is None else -each.point)

    turned = replace(BARS, rule_out=-BARS.rule_out, rule_in=-BARS.rule_in, riskier_when=RiskierWhen.LOWER)
    straight, mirror = over(estimates), over([flipped(each) for each in estimates], bars=turned)
    assert replace(mirror, p_rule_out=0, p_rule_in=0, p_rule_in_holm={}) == replace(straight, p_rule_out=0, p_rule_in=0, p_rule_in_holm={})


@QUICK
@given(COUNTS, st.floats(0.0005, 0.25), st.floats(0.01, 0.999))  # levels a float apart give quantiles that differ in the last digit only
def test_a_smaller_error_level_never_decides_more(counts: list[int | None], alpha: float, part: float) -> None:  # c6.8
    estimates = [counted(each) for each in counts]
    wide = replace(BARS, alpha_out=alpha, alpha_in=alpha)
    large, small = over(estimates, bars=wide), over(estimates, bars=replace(wide, alpha_out=alpha * part, alpha_in=alpha * part))
    for settled in (RULED_OUT, CROSSED):
        assert small.verdict is not settled or large.verdict is settled
    assert small.upper >= large.upper
    assert small.lower <= large.lower


@QUICK
@given(SEVERAL, st.sampled_from(range(6)))
def test_replacing_an_estimate_by_nothing_never_rules_out_and_never_crosses(estimates: list[Any], place: int) -> None:  # c6.9
    less = [GAP if n == place else each for n, each in enumerate(estimates)]
    before, after = over(estimates), over(less)
    if less != estimates:
        assert after.verdict is not RULED_OUT
        assert after.verdict is not CROSSED or before.verdict is CROSSED
        assert after.upper == float("inf")
        assert after.p_rule_out == 1


@QUICK
@given(SEVERAL, st.sampled_from([(NAN, NAN), (0.0, NAN), (NAN, 10.0), (float("-inf"), float("inf"))]))
def test_what_is_no_number_never_raises_and_never_passes(estimates: list[Any], ends: tuple[float, float]) -> None:  # c6.13
    broken = replace(told(0, 10, 20), low=ends[0], high=ends[1])
    found = over([*estimates, broken])
    assert found.verdict is not RULED_OUT
    assert found.p_rule_out == 1
    assert found.upper == float("inf")


@QUICK
@given(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.integers(1, 8))
def test_the_p_values_say_what_the_verdict_says(counts: list[int], planned: int) -> None:  # statistics c3, c4
    found = over([counted(each) for each in counts], planned)
    assert (found.verdict is RULED_OUT) == (found.p_rule_out < BARS.alpha_out) == (found.upper < 50)
    assert (found.verdict is CROSSED) == bool(found.crossed) == (found.lower >= 80)
    assert (found.verdict is CROSSED) == (found.p_rule_in <= BARS.alpha_in)
    assert min(found.p_rule_in_holm.values()) == pytest.approx(found.p_rule_in)


@QUICK
@given(PLACES, st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_a_wider_interval_never_rules_out(point: int, down: int, up: int, further_down: int, further_up: int) -> None:  # c6.8, c6.12
    narrow = judge(told(point - down, point, point + up), BARS).verdict
    wide = judge(told(point - down - further_down, point, point + up + further_up), BARS).verdict
    for settled in (RULED_OUT, CROSSED):
        assert wide is not settled or narrow is settled


# Several indicators


@QUICK
@given(VERDICTS, st.integers(0, 5), st.sampled_from(RISK_ORDER), st.randoms(use_true_random=False))
def test_k_of_n_on_given_verdicts_is_monotone(  # c6.10
    verdicts: list[VerdictOutcome], place: int, other: VerdictOutcome, shuffle: random.Random
) -> None:
    n = len(verdicts)
    each_k = [kth_largest(verdicts, k) for k in range(1, n + 1)]
    assert [each.risk for each in each_k] == sorted((each.risk for each in each_k), reverse=True)
    assert (each_k[0], each_k[-1]) == (max(verdicts, key=lambda each: each.risk), min(verdicts, key=lambda each: each.risk))
    at = place % n
    raised = [max(each, other, key=lambda one: one.risk) if m == at else each for m, each in enumerate(verdicts)]
    assert all(kth_largest(raised, k).risk >= before.risk for k, before in enumerate(each_k, start=1))
    shuffled = verdicts[:]
    shuffle.shuffle(shuffled)
    assert [kth_largest(shuffled, k) for k in range(1, n + 1)] == each_k


@QUICK
@given(st.lists(st.tuples(P, P), min_size=1, max_size=6), st.integers(1, 6), st.randoms(use_true_random=False))
def test_partial_conjunction_p_values_say_what_the_kth_largest_verdict_says(  # statistics c5
    pairs: list[tuple[float | None, float | None]], k: int, shuffle: random.Random
) -> None:
    n, k, alpha = len(pairs), min(k, len(pairs)), Fraction(1, 40)
    found = partial_conjunction([out for out, _ in pairs], [into for _, into in pairs], k)
    assert isinstance(found, PartialConjunction)
    out = [1.0 if each is None else each for each, _ in pairs]
    into = [1.0 if each is None else each for _, each in pairs]
    ruled_out = [RULED_OUT if k * each < alpha else NOT_RULED_OUT for each in out]
    crossed = [CROSSED if (n - k + 1) * each <= alpha else NOT_RULED_OUT for each in into]
    assert (kth_largest(ruled_out, k) is RULED_OUT) == (found.p_rule_out < alpha)
    assert (kth_largest(crossed, k) is CROSSED) == (found.p_rule_in <= alpha)
    shuffle.shuffle(pairs)
    assert partial_conjunction([out for out, _ in pairs], [into for _, into in pairs], k) == found


def test_splitting_the_level_anew_may_undo_a_rule_out_when_more_must_cross() -> None:
    """The warning of c6.10: two indicators at p = 0.02 are ruled out under *any* at 2.5 % and not under *all* at 1.25 % each."""
    any_of, all_of = (partial_conjunction([0.02, 0.02], [1.0, 1.0], k) for k in (1, 2))
    assert isinstance(any_of, PartialConjunction)
    assert isinstance(all_of, PartialConjunction)
    assert any_of.p_rule_out < 0.025 <= all_of.p_rule_out
