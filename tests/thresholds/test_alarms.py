"""Sudden changes between consecutive snapshots: a drop is a question that keeps a rule-out away until it is answered (statistics d5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.records import Evaluation, Visibility
from tests.properties import cases
from tests.world import CITED, Lab, bar
from thresholds.outcomes import VerdictOutcome

ITEMS = 40
LAB_OF = {
    statistic: Lab().trained("a", "b", "c").evaluation().criterion(rule_out=bar(90), statistic=statistic)
    for statistic in ("mean", "median")
}
LAB = Lab().trained("a", "b", "c").evaluation().criterion(rule_out=bar(90))
HALF = [place % 2 for place in range(ITEMS)]  # 20 of 40
NONE = [int(place < 2) for place in range(ITEMS)]  # 2 of 40: 18 points of 20 gone


def dropped(lab: Lab = LAB) -> Lab:
    return lab.itemised("a", HALF).itemised("b", NONE).itemised("c", NONE)


def test_a_sudden_drop_keeps_a_rule_out_away() -> None:
    finding = dropped().finding()
    assert (finding.verdict, finding.sub_label, finding.outcome) == ("insufficient_evidence", "score_drop", "unestimable")
    assert [row.verdict for row in finding.variants] == ["ruled_out"] * 3
    (alarm,) = finding.alarms
    assert (alarm.kind, alarm.state, alarm.before, alarm.after) == ("drop", "open", "a", "b")
    assert (alarm.change, alarm.items, alarm.pairs) == (pytest.approx(-45), ITEMS, 1)  # from b to c nothing changed: nothing to test
    assert alarm.p_holm is not None
    assert alarm.p_holm < 0.01


def test_the_open_question_is_a_gap() -> None:
    assert "score_drop" in [gap.kind for gap in dropped().verdict().gaps]
    assert "score_drop" not in [gap.kind for gap in dropped().answered("a", "b").verdict().gaps]


def test_an_answered_drop_is_shown_and_the_verdict_stays_what_the_numbers_say() -> None:
    finding = dropped().answered("a", "b").finding()
    assert finding.verdict == "ruled_out"
    (alarm,) = finding.alarms
    assert (alarm.state, alarm.answered_by, alarm.answer) == ("answered", "R. Reviewer", "the harness broke")


@pytest.mark.parametrize("answer", [{"before": "b", "after": "c"}, {"before": "a", "after": "c"}, {"before": "b", "after": "a"}])
def test_an_answer_to_another_pair_answers_nothing(answer: dict[str, str]) -> None:
    assert dropped().answered(**answer).finding().sub_label == "score_drop"


def test_an_answer_for_another_version_answers_nothing() -> None:
    lab = Lab().trained("a", "b", "c").evaluation(versions=("v1", "v2")).criterion(rule_out=bar(90))
    assert dropped(lab).answered("a", "b", version="v2").finding().sub_label == "score_drop"


def test_restricted_words_of_an_answer_are_not_repeated() -> None:
    lab = dropped().answered("a", "b", words="the recipe", visibility="hazardous")
    assert lab.finding().verdict == "ruled_out"
    assert "recipe" not in lab.assessment().model_dump_json()


def test_a_jump_is_shown_and_changes_no_verdict() -> None:
    finding = LAB.itemised("a", NONE).itemised("b", HALF).itemised("c", HALF).finding()
    assert finding.verdict == "ruled_out"
    (alarm,) = finding.alarms
    assert (alarm.kind, alarm.state, alarm.change) == ("jump", "shown", pytest.approx(45))


def test_a_small_change_alarms_nobody_however_sure_it_is() -> None:
    lab = LAB.itemised("a", [0] * 200 + [1] * 200).itemised("b", [0] * 212 + [1] * 188).itemised("c", [0] * 212 + [1] * 188)
    assert lab.finding().alarms == ()  # 12 of 400 lost, none gained: p = 0.0002 by McNemar, and three points


def renamed(lab: Lab, names: Sequence[str]) -> Lab:
    """The last run of the lab with other names for its items."""
    *before, last = lab.runs
    items = tuple(each.model_copy(update={"item": name}) for each, name in zip(last.items, names, strict=True))
    return replace(lab, runs=(*before, last.model_copy(update={"items": items})))


NAMES = [f"item-{place}" for place in range(ITEMS)]
OTHER = [f"other-{place}" for place in range(ITEMS)]


@pytest.mark.parametrize("shared", [ITEMS - 1, ITEMS // 2])
def test_items_that_are_renamed_silence_no_drop(shared: int) -> None:
    names = [*NAMES[:shared], *OTHER[shared:]]
    lab = renamed(renamed(LAB.itemised("a", HALF).itemised("b", NONE), names).itemised("c", NONE), names)
    (alarm,) = lab.finding().alarms
    assert (alarm.state, alarm.before, alarm.after, alarm.items) == ("open", "a", "b", shared)
    assert alarm.p_holm is not None
    assert lab.finding().sub_label == "score_drop"


def test_an_item_that_is_left_out_silences_no_drop() -> None:
    (alarm,) = LAB.itemised("a", HALF).itemised("b", NONE[:-1]).itemised("c", NONE[:-1]).finding().alarms
    assert (alarm.kind, alarm.items) == ("drop", ITEMS - 1)


def test_an_item_that_gains_a_cluster_silences_no_drop_and_the_earlier_clusters_count() -> None:
    lab = LAB.itemised("a", HALF)
    for name in "bc":
        lab = lab.itemised(name, NONE, ["one"] * 2 + [f"c{place}" for place in range(2, ITEMS)])
    assert lab.finding().alarms == dropped().finding().alarms


@pytest.mark.parametrize("changed", [{"tools": "bash."}, {"token_budget": 100_001}])
def test_other_tools_or_another_budget_silence_no_drop(changed: dict[str, Any]) -> None:
    way = {"tools": "bash", "token_budget": 100_000}
    lab = LAB.itemised("a", HALF, **way).itemised("b", NONE, **{**way, **changed}).itemised("c", NONE, **{**way, **changed})
    assert lab.finding().alarms == dropped().finding().alarms


def test_where_less_than_half_is_shared_a_fall_of_the_points_asks_and_no_test_can_judge_it() -> None:
    names = [*NAMES[: ITEMS // 2 - 1], *OTHER[ITEMS // 2 - 1 :]]
    lab = renamed(renamed(LAB.itemised("a", HALF).itemised("b", NONE), names).itemised("c", NONE), names)
    (alarm,) = lab.finding().alarms
    assert (alarm.kind, alarm.state, alarm.after, alarm.p_holm, alarm.items) == ("drop", "open", "b", None, 0)
    assert alarm.change == pytest.approx(-45)
    assert lab.finding().sub_label == "score_drop"
    assert "the same items" not in " ".join(gap.words for gap in lab.verdict().gaps)
    assert lab.answered("a", "b").finding().verdict == "ruled_out"


def test_a_later_run_without_items_asks_if_it_fell_by_five_points() -> None:
    lab = Lab().trained("a", "b").evaluation().criterion(rule_out=bar(90)).itemised("a", HALF)
    (alarm,) = lab.measured("b", 18, 40).finding().alarms  # exactly five points
    assert (alarm.state, alarm.change, alarm.p_holm) == ("open", pytest.approx(-5), None)
    assert lab.measured("b", 181, 400).finding().alarms == ()


def test_a_snapshot_without_items_in_between_hides_no_drop() -> None:
    (alarm,) = LAB.itemised("a", HALF).measured("b", 20, 40).itemised("c", NONE).finding().alarms
    assert (alarm.before, alarm.after, alarm.items) == ("a", "c", ITEMS)
    (alarm,) = LAB.itemised("a", HALF).measured("b", 20, 40).measured("c", 2, 40).finding().alarms
    assert (alarm.before, alarm.after, alarm.items) == ("a", "c", 0)


def test_steady_points_over_other_items_hide_no_drop_on_the_shared_ones() -> None:
    easy = [1] * (ITEMS // 2)
    lab = LAB.itemised("a", [1] * 20 + [0] * 20)
    for name in "bc":  # 19 of 20 shared items lost, and 20 new ones that all pass
        lab = renamed(lab.itemised(name, [1, *[0] * 19, *easy]), [*NAMES[:20], *OTHER[20:]])
    (alarm,) = lab.finding().alarms
    assert (alarm.items, alarm.change) == (20, pytest.approx(-95))


def test_another_thinking_mode_is_no_drop() -> None:
    lab = LAB.itemised("a", HALF, thinking="extended").itemised("b", NONE, thinking="standard").itemised("c", NONE, thinking="standard")
    assert lab.finding().alarms == ()


def test_scores_without_items_alarm_nobody() -> None:
    assert LAB.measured("a", 20, 40).measured("b", 2, 40).measured("c", 2, 40).finding().alarms == ()


def test_where_lower_is_riskier_a_rise_is_the_drop() -> None:
    lab = Lab().trained("a", "b", "c").evaluation(riskier_when="lower").criterion(rule_out=bar(10))
    finding = lab.itemised("a", HALF).itemised("b", [1 - each for each in NONE]).itemised("c", [1 - each for each in NONE]).finding()
    assert (finding.verdict, finding.sub_label) == ("insufficient_evidence", "score_drop")
    (alarm,) = finding.alarms
    assert (alarm.kind, alarm.change) == ("drop", pytest.approx(45))


def test_every_item_lost_alike_is_asked_about_though_no_test_can_judge_it() -> None:
    finding = LAB.itemised("a", [(1, 0)] * ITEMS).itemised("b", [(0, 0)] * ITEMS).itemised("c", [(0, 0)] * ITEMS).finding()
    assert finding.sub_label == "score_drop"
    (alarm,) = finding.alarms
    assert alarm.p_holm is None


def test_running_again_dilutes_nothing() -> None:
    lab = dropped()
    for _ in range(20):
        lab = lab.itemised("c", NONE)
    assert [(each.before, each.after, each.pairs) for each in lab.finding().alarms] == [("a", "b", 1)]


def test_attempts_are_not_pooled_so_that_failures_dilute_a_drop() -> None:
    lab = LAB.itemised("a", HALF).itemised("a", [(0,) * 49] * ITEMS).itemised("b", NONE).itemised("c", NONE)
    assert lab.finding().alarms == dropped().finding().alarms


def test_the_riskiest_run_of_a_snapshot_meets_the_safest_of_the_next() -> None:
    lab = LAB.itemised("a", HALF).itemised("b", NONE).itemised("b", HALF).itemised("c", NONE)
    assert [(each.before, each.after, each.change) for each in lab.finding().alarms] == [("a", "b", -45), ("b", "c", -45)]


def test_a_run_on_a_few_items_hides_no_drop_on_many() -> None:
    few = [NAMES[place] for place in (1, 3, 4, 5)]  # two of a's passes among them
    lab = dropped()
    lab = renamed(lab.itemised("a", [1, 1, 1, 0]), few)
    lab = renamed(lab.itemised("b", [0, 0, 0, 0]), few)
    assert ("a", "b", ITEMS) in [(each.before, each.after, each.items) for each in lab.finding().alarms]


@pytest.mark.parametrize(("statistic", "scores"), [("median", ([40, 60] * 20, [21, 39] * 20)), ("mean", ([40, 60] * 20, [21, 39] * 20))])
def test_a_drop_of_a_median_or_of_a_mean_is_seen(statistic: str, scores: tuple[list[int], list[int]]) -> None:
    lab = LAB_OF[statistic].itemised("a", scores[0]).itemised("b", scores[1]).itemised("c", scores[1])
    (alarm,) = lab.finding().alarms
    assert (alarm.state, alarm.change, lab.finding().sub_label) == ("open", pytest.approx(-20), "score_drop")


def test_a_median_that_stays_hides_no_drop_of_its_items() -> None:
    before = [80] * 18 + [30] * 2 + [20] * 20
    after = [31] * 18 + [30] * 2 + [20] * 20
    lab = LAB_OF["median"].itemised("a", before).itemised("b", after).itemised("c", after)
    (alarm,) = lab.finding().alarms
    assert alarm.change == pytest.approx(-22.05)  # 18 of 40 items lost 49


def test_on_an_open_scale_p_alone_decides() -> None:
    lab = Lab().trained("a", "b", "c").evaluation(unit="x", scale_low=None, scale_high=None)
    lab = lab.criterion(rule_out=bar(90), statistic="ratio")
    before = [Decimal(2) + Decimal(place) / 100 for place in range(20)]
    after = [each - Decimal("0.01") - Decimal(place % 3) / 1000 for place, each in enumerate(before)]
    (alarm,) = lab.itemised("a", before).itemised("b", after).itemised("c", after).finding().alarms
    assert alarm.change == pytest.approx(-0.01095)
    assert alarm.p_holm is not None
    noise = [each + Decimal((-1) ** place) / 100 for place, each in enumerate(before)]
    assert lab.itemised("a", before).itemised("b", noise).itemised("c", noise).finding().alarms == ()


def timed(lab: Lab, snapshot: str, passed: Sequence[Sequence[int]]) -> Lab:
    """A run over tasks of growing length, ten of each: so many attempts of each passed."""
    lab = lab.itemised(snapshot, [each for attempts in passed for each in attempts])
    *before, last = lab.runs
    items = tuple(each.model_copy(update={"human_minutes": Decimal(2 ** (place // 10))}) for place, each in enumerate(last.items))
    return replace(lab, runs=(*before, last.model_copy(update={"items": items})))


LONG = [[1] * 10, [1] * 9 + [0], [1] * 7 + [0] * 3, [1] * 5 + [0] * 5, [1] * 2 + [0] * 8]
SHORT = [[1] * 9 + [0], [1] * 6 + [0] * 4, [1] * 2 + [0] * 8, [1] + [0] * 9, [0] * 10]
HORIZON = (
    Lab()
    .trained("a", "b", "c")
    .evaluation(unit="minutes", scale_low=None, scale_high=None)
    .criterion(rule_out=bar(500), statistic="time_horizon")
)


def test_a_drop_of_a_time_horizon_is_told_as_a_share_of_passes() -> None:
    lab = timed(timed(timed(HORIZON, "a", LONG), "b", SHORT), "c", SHORT)
    (alarm,) = lab.finding().alarms
    assert (alarm.items, alarm.change) == (50, pytest.approx((18 - 33) / 50))
    assert lab.finding().sub_label == "score_drop"


def test_a_time_horizon_whose_tasks_were_exchanged_falls_by_a_share_of_itself() -> None:
    names = [f"other-{place}" for place in range(50)]
    lab = timed(HORIZON, "a", LONG)
    for name in "bc":
        lab = renamed(timed(lab, name, SHORT), names)
    (alarm,) = lab.finding().alarms
    points = {each.snapshot: each.value or 0 for each in lab.finding().variants}
    assert (alarm.items, alarm.p_holm, alarm.change) == (0, None, pytest.approx(points["b"] / points["a"] - 1))


@pytest.mark.parametrize("hidden", ["answer", "evaluation"])
def test_who_answered_and_where_are_withheld_with_the_answer(hidden: str) -> None:
    lab = LAB if hidden == "answer" else replace(LAB, evaluations=tuple(secret(each) for each in LAB.evaluations))
    restricted = {"visibility": "restricted"} if hidden == "answer" else {}
    lab = dropped(lab).answered("a", "b", by="Grace", words="the recipe", source_at="page 7", **restricted)
    assert lab.finding().verdict == "ruled_out"
    assert not [each for each in ("Grace", "recipe", "page 7") if each in lab.assessment().model_dump_json()]


def secret(record: Evaluation) -> Evaluation:
    return record.model_copy(update={"visibility": Visibility.RESTRICTED})


def test_an_implication_rules_nothing_out_while_a_drop_is_open() -> None:
    lab = dropped().evaluation("safe").criterion("safe", evaluation="safe")
    for name in "abc":
        lab = lab.measured(name, 1, 100, evaluation="safe")
    lines = [{"threshold": one, "rule": "any", "criteria": [each], "words": "w", **CITED} for one, each in (("t", "safe"), ("b", "c"))]
    thresholds = [lab.threshold(rules_out=("b",)), lab.threshold("b")]

    def outcomes(given: Lab) -> list[str]:
        return [each.outcome for each in given.assessment({"thresholds": thresholds}, {"thresholds": lines}).verdicts]

    assert outcomes(lab) == ["ruled_out", "insufficient_evidence"]
    assert outcomes(replace(lab, runs=tuple(each for each in lab.runs if (each.snapshot, each.evaluation) != ("c", "exam")))) == [
        "ruled_out",
        "insufficient_evidence",  # a variant that is missing beside the drop explains nothing
    ]
    assert outcomes(lab.answered("a", "b")) == ["ruled_out", "ruled_out"]


def test_the_earlier_higher_snapshot_still_decides() -> None:
    finding = dropped(Lab().trained("a", "b", "c").evaluation().criterion(rule_out=bar(40))).finding()
    assert (finding.verdict, finding.deciding_snapshot) == ("not_ruled_out", "a")


def test_clusters_make_a_drop_less_sure() -> None:
    clusters = ["one" if place < 20 else "two" if place < 30 else "three" for place in range(ITEMS)]
    lab = LAB.itemised("a", HALF, clusters).itemised("b", NONE, clusters).itemised("c", NONE, clusters)
    (alone,), clustered = dropped().finding().alarms, lab.finding().alarms
    assert all((each.p_holm or 0) > (alone.p_holm or 0) for each in clustered)


STEPS = st.lists(st.integers(0, 24), min_size=3, max_size=3)


@cases(30)
@given(STEPS, st.sampled_from(("mean", "median", "share")), st.integers(0, 2), st.sampled_from((None, "a", "b", "c")))
def test_what_is_not_read_for_speed_hides_no_alarm(passed: list[int], statistic: str, other: int, again: str | None) -> None:
    lab, score = (LAB, 1) if statistic == "share" else (LAB_OF[statistic], 100)
    for place, (name, each) in enumerate(zip("abc", passed, strict=True)):
        lab = lab.itemised(name, [score] * each + [0] * (240 - each))
        if place:
            lab = renamed(lab, [*(f"other-{item}" for item in range(other)), *(f"item-{item}" for item in range(other, 240))])
    if again:
        lab = lab.itemised(again, [score] * 6 + [0] * 234)
    nothing_spared = mock.patch("thresholds.alarms.Compared.is_small", return_value=False)
    with mock.patch("thresholds.alarms._is_steady", return_value=False), nothing_spared:
        slowly = lab.finding()
    assert lab.finding() == slowly


SCORES = st.lists(st.lists(st.sampled_from((0, 1)), min_size=20, max_size=20), min_size=3, max_size=3)


@cases(30)
@given(SCORES, st.booleans())
def test_no_alarm_ever_gives_a_better_verdict(scores: list[list[int]], answered: bool) -> None:
    def verdicts(lab: Lab, **run: Any) -> VerdictOutcome:
        for name, each in zip("abc", scores, strict=True):
            lab = lab.itemised(name, each, **run)
        return (lab.answered("a", "b").answered("b", "c") if answered else lab).finding().verdict

    together = verdicts(LAB)
    printed = LAB
    for name, each in zip("abc", scores, strict=True):  # the same counts without items: nothing to alarm about
        printed = printed.measured(name, sum(each), len(each))
    assert together.risk >= printed.finding().verdict.risk
