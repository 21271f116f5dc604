"""What must hold for every single estimate, whatever the numbers (statistics c6: 1, 5, 6, 7, 8, 11, 12), and waist one's contract."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from evaluations.clusters import items_estimate
from evaluations.estimate import Estimate, negated
from evaluations.proportions import BetaEstimate, clopper_pearson, item_beta
from evaluations.quantiles import UNIT, Scale
from evaluations.records import SpreadKind
from evaluations.scores import mean_estimate
from evaluations.summaries import SpreadMeaning, printed_interval, summary
from evaluations.uplift.ratios import ArmSummary, FiellerEstimate, fieller_welch, stratified
from tests.evaluations.measured import ALPHA, ends, estimated, items

PERCENT = Scale(Fraction(0), Fraction(100))
KINDS = (SpreadKind.STANDARD_DEVIATION, SpreadKind.STANDARD_ERROR, SpreadKind.INTERVAL_HALF_WIDTH)
NEAR = 1e-9  # relative: a bar nearer to a bound than this is at the bound, as far as two float formulas can tell

alphas = st.one_of(st.sampled_from([0.05, 0.025, 0.0125, 0.025 / 6, 0.5]), st.floats(1e-6, 0.5))
marks = st.lists(st.lists(st.sampled_from([0, 1]), min_size=1, max_size=5), min_size=2, max_size=30)
graded_marks = st.lists(st.integers(0, 100).map(lambda each: [Decimal(each) / 100]), min_size=2, max_size=30)
people = st.lists(st.integers(1, 100), min_size=2, max_size=12)


@st.composite
def counts(draw: st.DrawFn) -> BetaEstimate:
    n, tenths = draw(st.integers(1, 300)), draw(st.sampled_from([1, 10]))
    passed = Fraction(draw(st.integers(0, n * tenths)), tenths)
    return item_beta(passed, n, draw(st.sampled_from([UNIT, PERCENT])))


@st.composite
def over_items(draw: st.DrawFn) -> Estimate:
    attempts = draw(st.one_of(marks, graded_marks))
    names = st.sampled_from(["a", "b", "c", "d", "e", "f", "g"])
    clusters = draw(st.one_of(st.none(), st.lists(names, min_size=len(attempts), max_size=len(attempts))))
    assume(clusters is None or len(set(clusters)) > 1)
    return estimated(items_estimate(items(attempts, clusters), UNIT))


@st.composite
def summaries(draw: st.DrawFn) -> Estimate:
    n = draw(st.one_of(st.none(), st.integers(2, 60)))
    outcome = summary(Decimal(draw(st.integers(1, 99))), Decimal(draw(st.integers(1, 20))), draw(st.sampled_from(SpreadKind)), n)
    return estimated(outcome)


@st.composite
def intervals(draw: st.DrawFn) -> Estimate:
    low, value, high = sorted(draw(st.lists(st.integers(0, 100), min_size=3, max_size=3, unique=True)))
    n = draw(st.one_of(st.none(), st.integers(2, 60)))
    return estimated(
        printed_interval(Decimal(value), Decimal(low), Decimal(high), draw(st.sampled_from([Decimal("0.9"), Decimal("0.95")])), n)
    )


@st.composite
def uplifts(draw: st.DrawFn) -> Estimate:
    pairs = draw(st.lists(st.tuples(people, people), min_size=1, max_size=3))
    assume(all(len(set(arm)) > 1 for pair in pairs for arm in pair))
    return estimated(stratified([(ArmSummary.of_scores(model), ArmSummary.of_scores(control)) for model, control in pairs]))


anything = st.one_of(counts(), over_items(), summaries(), intervals(), uplifts())


def bar_for(estimate: Estimate, place: float) -> Fraction:
    """A bar near where the decision turns: around the point, as far as the bounds reach."""
    lower, upper = ends(estimate)
    reach = max(abs(end - estimate.value) for end in (lower, upper, estimate.value * 2 + 1) if math.isfinite(end))
    return estimate.point + Fraction(place) * Fraction(reach)


def apart(bound: float, bar: Fraction) -> bool:
    return not math.isfinite(bound) or abs(bound - float(bar)) > NEAR * max(1.0, abs(bound))


@settings(max_examples=120, deadline=None)
@given(anything, alphas, st.floats(-1.5, 1.5))
def test_the_upper_bound_is_under_a_bar_exactly_when_p_below_is_under_alpha(estimate: Estimate, alpha: float, place: float) -> None:
    bar = bar_for(estimate, place)
    upper = estimate.upper(alpha)
    assume(apart(upper, bar))
    assert (upper < bar) == (estimate.p_below(bar) < alpha)


@settings(max_examples=120, deadline=None)
@given(anything, alphas, st.floats(-1.5, 1.5))
def test_the_lower_bound_reaches_a_bar_exactly_when_p_above_is_at_most_alpha(estimate: Estimate, alpha: float, place: float) -> None:
    bar = bar_for(estimate, place)
    lower = estimate.lower(alpha)
    assume(apart(lower, bar))
    assert (lower >= bar) == (estimate.p_above(bar) <= alpha)


@settings(max_examples=80, deadline=None)
@given(anything, alphas, st.floats(-1.5, 1.5))
def test_turning_the_axis_around_keeps_the_contract(estimate: Estimate, alpha: float, place: float) -> None:
    around, bar = negated(estimate), -bar_for(estimate, place)
    upper = around.upper(alpha)
    assume(apart(upper, bar))
    assert (upper < bar) == (around.p_below(bar) <= alpha)


@settings(max_examples=80, deadline=None)
@given(anything, alphas, alphas)
def test_a_smaller_error_never_narrows_an_interval(estimate: Estimate, one: float, other: float) -> None:
    small, large = sorted((one, other))
    slack = NEAR * max(1.0, abs(estimate.value))
    assert estimate.upper(small) >= estimate.upper(large) - slack
    assert estimate.lower(small) <= estimate.lower(large) + slack


@settings(max_examples=120, deadline=None)
@given(anything, st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
def test_a_higher_bar_is_ruled_out_with_no_more_doubt(estimate: Estimate, one: float, other: float) -> None:
    low, high = sorted((bar_for(estimate, one), bar_for(estimate, other)))
    assert estimate.p_below(high) <= estimate.p_below(low) * (1 + NEAR) + 1e-15
    assert estimate.p_above(low) <= estimate.p_above(high) * (1 + NEAR) + 1e-15


@settings(max_examples=80, deadline=None)
@given(st.data(), st.one_of(marks, graded_marks), st.booleans())
def test_the_order_of_items_changes_no_digit(data: st.DataObject, attempts: list[list[int]], in_clusters: bool) -> None:
    names = [f"c{at % 3}" if in_clusters else None for at in range(len(attempts))]
    listed = items(attempts, names)
    shuffled = data.draw(st.permutations(listed))
    one, other = estimated(items_estimate(listed, UNIT)), estimated(items_estimate(shuffled, UNIT))
    assert ends(one) == ends(other)
    assert one.point == other.point


@settings(max_examples=80, deadline=None)
@given(st.data(), people, people)
def test_the_order_of_participants_changes_no_digit(data: st.DataObject, model: list[int], control: list[int]) -> None:
    assume(len(set(control)) > 1 and len(set(model)) > 1)
    one = estimated(fieller_welch(ArmSummary.of_scores(model), ArmSummary.of_scores(control)))
    shuffled = data.draw(st.permutations(model)), data.draw(st.permutations(control))
    other = estimated(fieller_welch(*map(ArmSummary.of_scores, shuffled)))
    assert ends(one) == ends(other)


@settings(max_examples=120, deadline=None)
@given(st.one_of(marks, graded_marks), st.data(), alphas)
def test_an_attempt_that_went_better_never_lowers_a_bound(attempts: list[list[Decimal]], data: st.DataObject, alpha: float) -> None:
    item = data.draw(st.integers(0, len(attempts) - 1))
    at = data.draw(st.integers(0, len(attempts[item]) - 1))
    before = ends(estimated(items_estimate(items(attempts), UNIT)), alpha)
    better = data.draw(st.integers(int(attempts[item][at] * 100), 100))
    raised = [[Decimal(better) / 100 if (i, j) == (item, at) else one for j, one in enumerate(each)] for i, each in enumerate(attempts)]
    after = ends(estimated(items_estimate(items(raised), UNIT)), alpha)
    assert all(new >= old for old, new in zip(before, after, strict=True))


@settings(max_examples=80, deadline=None)
@given(marks, st.integers(2, 5))
def test_repeating_every_attempt_leaves_the_interval_as_it_was(attempts: list[list[int]], times: int) -> None:
    once, often = items(attempts), items([each * times for each in attempts])
    assert ends(estimated(items_estimate(once, UNIT))) == ends(estimated(items_estimate(often, UNIT)))


@settings(max_examples=120, deadline=None)
@given(st.one_of(marks, graded_marks), st.booleans(), alphas)
def test_mirroring_passes_and_failures_mirrors_the_interval(attempts: list[list[int]], in_clusters: bool, alpha: float) -> None:
    names = [f"c{at % 4}" if in_clusters else None for at in range(len(attempts))]
    one = estimated(items_estimate(items(attempts, names), UNIT))
    other = estimated(items_estimate(items([[1 - mark for mark in each] for each in attempts], names), UNIT))
    assert other.lower(alpha) == pytest.approx(1 - one.upper(alpha), abs=NEAR)
    assert other.upper(alpha) == pytest.approx(1 - one.lower(alpha), abs=NEAR)


@settings(max_examples=80, deadline=None)
@given(people, people, st.sampled_from([Fraction(1, 100), Fraction(7), Fraction(1000)]))
def test_scaling_every_score_leaves_the_ratio_as_it_was(model: list[int], control: list[int], factor: Fraction) -> None:
    assume(len(set(control)) > 1 and len(set(model)) > 1)
    one = estimated(fieller_welch(ArmSummary.of_scores(model), ArmSummary.of_scores(control)))
    scaled = [ArmSummary.of_scores([score * factor for score in scores]) for scores in (model, control)]
    other = estimated(fieller_welch(scaled[0], scaled[1]))
    assert other.point == one.point
    assert ends(other) == pytest.approx(ends(one), rel=1e-7)


@settings(max_examples=80, deadline=None)
@given(people, people)
def test_swapping_the_arms_inverts_the_ratio(model: list[int], control: list[int]) -> None:
    assume(len(set(control)) > 1 and len(set(model)) > 1)
    assume(len(set(model)) > 1)
    one = fieller_welch(ArmSummary.of_scores(model), ArmSummary.of_scores(control))
    other = fieller_welch(ArmSummary.of_scores(control), ArmSummary.of_scores(model))
    assert isinstance(one, FiellerEstimate)
    assert isinstance(other, FiellerEstimate)
    lower, upper = one.fieller_lower(0.025), one.upper(0.025)
    assume(lower > 0)
    assume(upper < math.inf)
    assert other.fieller_lower(0.025) == pytest.approx(1 / upper, rel=1e-7)
    assert other.upper(0.025) == pytest.approx(1 / lower, rel=1e-7)


@settings(max_examples=80, deadline=None)
@given(people, people)
def test_an_exact_summary_says_what_the_participants_say(model: list[int], control: list[int]) -> None:
    assume(len(set(control)) > 1 and len(set(model)) > 1)
    meaning = SpreadMeaning(SpreadKind.STANDARD_DEVIATION)
    arms, printed = [ArmSummary.of_scores(model), ArmSummary.of_scores(control)], []
    for each in arms:
        printed.append(ArmSummary.of_summary(each.mean, Fraction(math.sqrt(each.variance * each.n)), meaning, each.n))
    assert ends(estimated(fieller_welch(*printed))) == pytest.approx(ends(estimated(fieller_welch(*arms))), rel=1e-7)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 99), st.integers(1, 20), st.integers(1, 20), st.sampled_from(KINDS), st.one_of(st.none(), st.integers(2, 50)), alphas)
def test_a_wider_plus_minus_never_narrows_the_interval(
    mean: int, spread: int, more: int, kind: SpreadKind, n: int | None, alpha: float
) -> None:
    narrow, wide = (ends(estimated(summary(Decimal(mean), Decimal(each), kind, n)), alpha) for each in (spread, spread + more))
    assert wide[0] <= narrow[0]
    assert wide[1] >= narrow[1]


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 99), st.integers(1, 20), st.one_of(st.none(), st.integers(2, 50)), alphas, st.integers(-20, 120))
def test_an_undefined_plus_minus_is_no_less_cautious_than_any_possible_meaning(
    mean: int, spread: int, n: int | None, alpha: float, bar: int
) -> None:
    point, width, scale = Decimal(mean), Decimal(spread), (Decimal(0), Decimal(100))
    outcome = summary(point, width, SpreadKind.UNSPECIFIED, n, None, *scale)
    assume(isinstance(outcome, Estimate))
    undefined = estimated(outcome)
    for kind in KINDS:
        known = summary(point, width, kind, n, None, *scale)
        if isinstance(known, Estimate):
            assert undefined.upper(alpha) >= known.upper(alpha)
            assert undefined.lower(alpha) <= known.lower(alpha)
            assert undefined.p_below(bar) >= known.p_below(bar)
            assert undefined.p_above(bar) >= known.p_above(bar)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 99), st.integers(1, 20), st.integers(3, 80), st.sampled_from(list(SpreadKind)), alphas)
@example(50, 20, 4, SpreadKind.INTERVAL_HALF_WIDTH, 0.0249)
def test_an_unknown_count_is_no_less_cautious_than_any_count_of_three_or_more(
    mean: int, spread: int, n: int, kind: SpreadKind, alpha: float
) -> None:
    unknown, known = (estimated(summary(Decimal(mean), Decimal(spread), kind, each)) for each in (None, n))
    assert unknown.upper(alpha) >= known.upper(alpha) * (1 - NEAR)
    assert unknown.lower(alpha) <= known.lower(alpha) + NEAR


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 100), st.integers(1, 20), st.integers(3, 80), st.sampled_from(list(SpreadKind)))
def test_a_fact_left_out_never_narrows_the_interval_of_a_mean(mean: int, spread: int, n: int, kind: SpreadKind) -> None:
    known = mean_estimate(Decimal(mean), Decimal(spread), kind, n, None, PERCENT)
    assume(isinstance(known, Estimate))
    printed = (Decimal(mean), Decimal(spread), kind, None, None, PERCENT)
    of_its_set, unknown = estimated(mean_estimate(*printed, items_of_set=n)), estimated(mean_estimate(*printed))
    lower, upper = ends(estimated(known))
    assert unknown.lower(ALPHA) <= of_its_set.lower(ALPHA) + NEAR <= lower + 2 * NEAR
    assert unknown.upper(ALPHA) >= of_its_set.upper(ALPHA) - NEAR >= upper - 2 * NEAR


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 10**6), st.data(), alphas)
def test_a_native_scale_only_relabels_the_interval(trials: int, data: st.DataObject, alpha: float) -> None:
    passed = data.draw(st.integers(0, trials))
    share, percent = clopper_pearson(passed, trials), clopper_pearson(passed, trials, PERCENT)
    assert percent.point == 100 * share.point
    assert ends(percent, alpha) == pytest.approx([100 * end for end in ends(share, alpha)], rel=1e-12)
