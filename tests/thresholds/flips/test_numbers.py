"""Every number that a flip names is tried: with it the finding flips, with one less it does not, and beyond it it stays so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.properties import cases
from tests.world import Lab, bar, coverage
from thresholds.flips.applying import applied
from thresholds.flips.changes import over, with_passes, with_people
from thresholds.flips.deciding import Case, case_of
from thresholds.flips.records import DOES_IT, Direction, Flip, FlipKind, Reach, Way
from thresholds.flips.resolving import finding_flips
from thresholds.outcomes import VerdictOutcome

RULED_OUT, NOT_RULED_OUT, CROSSED = VerdictOutcome.RULED_OUT, VerdictOutcome.NOT_RULED_OUT, VerdictOutcome.CROSSED
FEW = cases(25)  # our choice: each example searches through up to a hundred findings
LAB = Lab().trained("only").evaluation().criterion(rule_in=bar(80))
MIRROR = Lab().trained("only").evaluation(riskier_when="lower").criterion(rule_out=bar(50), rule_in=bar(20))
SMALL = Lab().trained("only").evaluation(item_count=3).criterion()
COUNT = st.integers(4, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def asked(lab: Lab, **criteria: Any) -> tuple[Case, list[Way]]:
    finding, evidence, bars = lab.finding(**criteria), lab.evidence(), lab.criteria_set(**criteria).record
    case = case_of(finding, bars, evidence)
    assert case is not None
    return case, list(finding_flips(finding, bars, evidence).ways)


def flips_of(ways: list[Way], kind: FlipKind) -> Iterator[Flip]:
    return (flip for way in ways for flip in way.flips if flip.kind is kind)


def one(ways: list[Way], kind: FlipKind) -> Flip:
    (flip,) = flips_of(ways, kind)
    return flip


@FEW
@given(COUNT, st.sampled_from((LAB, MIRROR)))
def test_every_way_that_is_said_to_do_it_does_it(count: tuple[int, int], lab: Lab) -> None:
    case, ways = asked(lab.measured("only", *count))
    stood = case.verdict()
    assert ways
    for way in ways:
        assert way.verdict_from is stood
        assert applied(way.flips, case).verdict() is way.verdict_to
        if way.reach in DOES_IT:
            assert way.verdict_to is not stood


@FEW
@given(COUNT, st.sampled_from((LAB, MIRROR)))
def test_more_items_are_the_least_that_last(count: tuple[int, int], lab: Lab) -> None:
    case, ways = asked(lab.measured("only", *count))
    for flip in flips_of(ways, FlipKind.MORE_ITEMS):
        if flip.reach is not Reach.EXACT:
            continue
        assert flip.then is not None
        least = int(flip.then)
        assert over(case, "run-0", least - 1).verdict() is not RULED_OUT
        for more in (0, 1, 2, 3, 5, 8, 13, 50, least):
            assert over(case, "run-0", least + more).verdict() is RULED_OUT


def test_the_sawtooth_of_whole_passes_is_not_taken_for_the_end() -> None:
    """4 of 30 against 20 %: 20 of 150 is under the bar, 21 of 151 is not, and only from 167 on every number is."""
    lab = Lab().trained("only").evaluation().criterion(rule_out=bar(20)).measured("only", 4, 30)
    case, ways = asked(lab)
    assert one(ways, FlipKind.MORE_ITEMS).then == 167
    assert over(case, "run-0", 150).verdict() is RULED_OUT
    assert over(case, "run-0", 151).verdict() is NOT_RULED_OUT


@FEW
@given(COUNT, st.sampled_from((LAB, MIRROR)))
def test_a_point_on_the_side_of_risk_is_ruled_out_by_no_number(count: tuple[int, int], lab: Lab) -> None:
    passed, of = count
    assume(2 * passed >= of if lab is LAB else 2 * passed <= of)
    case, ways = asked(lab.measured("only", passed, of))
    flip = one(ways, FlipKind.MORE_ITEMS)
    assert flip.reach is Reach.NEVER
    assert flip.then is None
    for times in (2, 10, 1000):
        assert over(case, "run-0", of * times).verdict() is not RULED_OUT


@FEW
@given(COUNT, st.sampled_from((LAB, MIRROR)))
def test_passes_stand_at_the_edge(count: tuple[int, int], lab: Lab) -> None:
    case, ways = asked(lab.measured("only", *count))
    riskier = 1 if lab is LAB else -1
    for way in ways:
        for flip in way.flips:
            if flip.kind is not FlipKind.PASSES or flip.then is None:
                continue
            then = int(flip.then)
            if way.verdict_to is RULED_OUT:
                beyond = then + riskier
                assert not 0 <= beyond <= count[1] or with_passes(case, "run-0", beyond).verdict() is not RULED_OUT
            elif way.verdict_from is RULED_OUT:
                assert with_passes(case, "run-0", then - riskier).verdict() is RULED_OUT


@FEW
@given(COUNT, st.sampled_from((LAB, MIRROR)))
def test_a_bar_is_named_by_the_very_end_that_decides(count: tuple[int, int], lab: Lab) -> None:
    case, ways = asked(lab.measured("only", *count))
    for flip in flips_of(ways, FlipKind.BAR):
        moved = applied([flip], case)
        assert moved.verdict() is not case.verdict()
        if flip.subject is None:  # just at it is not beyond it
            assert applied([flip.model_copy(update={"subject": "at"})], case).verdict() is not RULED_OUT


def test_a_search_that_ends_says_where() -> None:
    lab = LAB.measured("only", Decimal("29.999"), 60)
    _, ways = asked(lab)
    flip = one([each for each in ways if each.by is Direction.MORE_EVIDENCE], FlipKind.MORE_ITEMS)
    assert flip.reach is Reach.BEYOND
    assert flip.then == 100_000


@FEW
@given(st.lists(st.integers(0, 1), min_size=8, max_size=40))
def test_single_passes_and_their_count_ask_for_as_many_items(scores: list[int]) -> None:
    itemised = asked(LAB.itemised("only", scores))[1]
    counted = asked(LAB.measured("only", sum(scores), len(scores)))[1]
    numbers = [[(each.then, each.reach) for each in flips_of(ways, FlipKind.MORE_ITEMS)] for ways in (itemised, counted)]
    assert numbers[0] == numbers[1]


@FEW
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=8, max_size=16), st.integers(2, 4))
def test_items_in_clusters_come_in_multiples_and_about(scores: list[tuple[int, int]], clusters: int) -> None:
    lab = LAB.itemised("only", scores, [f"group-{place % clusters}" for place in range(len(scores))])
    case, ways = asked(lab)
    for flip in flips_of(ways, FlipKind.MORE_ITEMS):
        if flip.reach not in DOES_IT:
            continue
        assert flip.reach is Reach.ABOUT
        assert flip.then is not None
        times, rest = divmod(int(flip.then), len(scores))
        assert rest == 0
        assert over(case, "run-0", times * len(scores)).verdict() is RULED_OUT
        assert over(case, "run-0", (times - 1) * len(scores)).verdict() is not RULED_OUT


def test_a_set_that_is_too_small_is_enlarged_for_every_variant() -> None:
    lab = Lab().trained("a", "b").evaluation(item_count=30).criterion().measured("a", 11, 30).measured("b", 3, 30)
    case, ways = asked(lab)
    flip = one(ways, FlipKind.LARGER_SET)
    assert (flip.now, flip.reach) == (30, Reach.EXACT)
    assert applied([flip], case).verdict() is RULED_OUT
    assert flip.then is not None
    assert applied([flip.model_copy(update={"then": flip.then - 1})], case).verdict() is not RULED_OUT


def test_where_no_number_of_passes_is_enough_no_other_result_is_promised() -> None:
    _, ways = asked(SMALL.measured("only", 1, 3))
    assert [way.by for way in ways if way.verdict_to is RULED_OUT] == [Direction.MORE_EVIDENCE, Direction.OTHER_BAR]


ARM = st.tuples(st.integers(10, 40), st.integers(3, 15))
TRIAL = Lab().trained("only").evaluation().criterion(shape="uplift", rule_out=bar("2.8"), rule_in=bar(5))


def arms(control: tuple[int, int], model: tuple[int, int], n: int | None, kind: str = "sd") -> dict[str, Any]:
    fields = {"participants_count": n, "spread_kind": kind}
    return {name: {"mean": mean, "spread": sd, **fields} for name, (mean, sd) in (("control", control), ("model", model))}


@FEW
@given(ARM, ARM, st.integers(4, 12), st.sampled_from(("sd", "se")))
def test_participants_are_the_fewest(control: tuple[int, int], model: tuple[int, int], n: int, kind: str) -> None:
    case, ways = asked(TRIAL.trial(arms(control, model, n, kind)))
    for flip in flips_of(ways, FlipKind.MORE_PARTICIPANTS):
        if flip.reach not in DOES_IT:
            continue
        assert flip.reach is (Reach.EXACT if kind == "sd" else Reach.ABOUT)
        assert flip.then is not None
        assert with_people(case, "trial-0", int(flip.then)).verdict() is RULED_OUT
        assert with_people(case, "trial-0", int(flip.then) - 1).verdict() is not RULED_OUT


def test_a_trial_at_its_bar_needs_another_result_and_not_more_people() -> None:
    _, ways = asked(TRIAL.trial(arms((20, 5), (60, 5), 10)))
    assert one(ways, FlipKind.MORE_PARTICIPANTS).reach is Reach.NEVER


def test_an_undefined_plus_minus_is_asked_for_each_meaning() -> None:
    case, ways = asked(TRIAL.trial(arms((25, 13), (50, 21), None, "unspecified")))
    told = {flip.subject: flip for flip in flips_of(ways, FlipKind.STATED_SPREAD)}
    assert set(told) == {"sd", "se", "ci"}
    assert told["sd"].reach is Reach.EXACT
    assert told["sd"].then is not None
    assert applied([told["sd"]], case).verdict() is RULED_OUT
    fewer = told["sd"].model_copy(update={"then": told["sd"].then - 1})
    assert applied([fewer], case).verdict() is not RULED_OUT


def bare_point(statistic: str) -> Lab:
    return Lab().trained("only").evaluation().criterion(statistic=statistic).measured("only", value=30, statistic=statistic)


def test_a_bare_mean_asks_how_many_it_is_over() -> None:
    case, ways = asked(bare_point("mean"))
    count = one(ways, FlipKind.STATED_COUNT)
    assert count.then is not None
    assert applied([count], case).verdict() is RULED_OUT
    assert applied([count.model_copy(update={"then": count.then - 1})], case).verdict() is not RULED_OUT


def test_a_bare_point_of_another_kind_asks_for_an_interval() -> None:
    case, ways = asked(bare_point("median"))
    interval = one(ways, FlipKind.STATED_INTERVAL)
    assert interval.then == 50
    assert applied([interval], case).verdict() is RULED_OUT
    assert applied([interval.model_copy(update={"then": 50.001})], case).verdict() is not RULED_OUT


def test_a_missing_variant_is_told_its_most_passes() -> None:
    lab = Lab().trained("a", "b").evaluation().criterion().measured("a", 10, 60)
    case, ways = asked(lab)
    flip = one(ways, FlipKind.MISSING_RUN)
    assert (flip.variant, flip.now, flip.reach) == ("b/not_stated", 60, Reach.EXACT)
    assert applied([flip], case).verdict() is RULED_OUT
    assert flip.then is not None
    assert applied([flip.model_copy(update={"then": flip.then + 1})], case).verdict() is not RULED_OUT


def test_a_run_that_gave_nothing_is_asked_for_once() -> None:
    lab = Lab().trained("a", "b").evaluation().criterion().measured("a", 10, 60)
    lab = lab.measured("b", 5, 60, status="failed", status_reason="the harness broke")
    case, ways = asked(lab)
    assert one(ways, FlipKind.MISSING_RUN).variant == "run-1"
    assert applied(ways[0].flips, case).verdict() is RULED_OUT


@pytest.mark.parametrize("passed", [1, 9])
def test_a_partial_run_is_finished_and_then_needs_what_it_needs(passed: int) -> None:
    lab = Lab().trained("only").evaluation().criterion().measured("only", passed, 20, status="partial", status_reason="stopped")
    case, ways = asked(lab)
    kinds = [flip.kind for flip in ways[0].flips]
    assert kinds == ([FlipKind.WHOLE_RUN] if passed == 1 else [FlipKind.WHOLE_RUN, FlipKind.MORE_ITEMS])
    assert applied(ways[0].flips, case).verdict() is RULED_OUT is ways[0].verdict_to


def test_a_result_under_another_scaffold_that_reaches_the_bar_is_not_talked_away() -> None:
    lab = LAB.measured("only", 1, 60).measured("only", 40, 60, scaffold="helper")
    _, ways = asked(lab)
    assert one(ways, FlipKind.USABLE_SCORE).reach is Reach.NEVER
    other = next(way for way in ways if way.by is Direction.OTHER_RESULT)
    assert (other.flips[0].variant, other.flips[0].then, other.verdict_to) == ("run-1/score", 29, RULED_OUT)


def test_a_finding_that_does_not_come_out_again_is_not_searched() -> None:
    lab = LAB.measured("only", 20, 60)
    bars, evidence = lab.criteria_set().record, lab.evidence()
    tampered = lab.finding().model_copy(update={"value": 1.0})
    assert finding_flips(tampered, bars, evidence).ways == ()


def test_levels_split_over_criteria_and_variants_are_read_back_exactly() -> None:
    lab = Lab().trained("a", "b", "c").evaluation().measured("a", 10, 60).measured("b", 20, 60).measured("c", 5, 60)
    for slug, at in (("x", 40), ("y", 45), ("z", 50)):
        lab = lab.criterion(slug, rule_out=bar(at))
    lab = lab.criterion("most", shape="compound", rule="k_of_n", k=2, parts=("x", "y", "z"))
    whole = lab.finding(coverage=coverage("supplied"))
    for part in whole.parts:
        assert case_of(part, lab.criteria_set(coverage=coverage("supplied")).record, lab.evidence()) is not None


def test_nothing_worked_out_from_the_old_evidence_is_carried_over() -> None:
    """A copy of a record keeps what was worked out from its old fields; a search on such copies would find nothing."""
    case, _ = asked(LAB.measured("only", 24, 60))
    case.finding()
    assert over(case, "run-0", 600).finding().value == case.finding().value
    assert over(case, "run-0", 600).finding().high != case.finding().high
    assert replace(case, slug="c").finding() == case.finding()
