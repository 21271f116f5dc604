"""Sudden changes between consecutive snapshots: a drop is a question that keeps a rule-out away until it is answered (statistics d5)."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties import cases
from tests.world import Lab, bar
from thresholds.outcomes import VerdictOutcome

ITEMS = 40
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
    assert (alarm.change, alarm.items, alarm.pairs) == (pytest.approx(-45), ITEMS, 2)
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


def test_other_items_are_no_drop() -> None:
    lab = LAB.itemised("a", HALF).itemised("b", NONE[:-1]).itemised("c", NONE[:-1])
    assert lab.finding().alarms == ()
    assert lab.finding().verdict == "ruled_out"


def test_another_way_of_eliciting_is_no_drop() -> None:
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
    assert [(each.before, each.after, each.pairs) for each in lab.finding().alarms] == [("a", "b", 2)]


def test_every_run_of_a_snapshot_counts_in_the_comparison() -> None:
    lab = LAB.itemised("a", HALF).itemised("b", NONE).itemised("b", HALF).itemised("c", NONE)
    (alarm, *_) = lab.finding().alarms
    assert alarm.change == pytest.approx(-22.5)  # 50 % against the mean of 5 % and 50 %


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
@given(STEPS)
def test_what_is_not_read_for_speed_hides_no_alarm(passed: list[int]) -> None:
    lab = LAB
    for name, each in zip("abc", passed, strict=True):
        lab = lab.itemised(name, [1] * each + [0] * (240 - each))
    with mock.patch("thresholds.alarms._is_steady", return_value=False):
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
