"""The pocket calculator as a reviewer uses it: typed numbers in, what they allow and do not allow out, and no database anywhere."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.rsp.cli.running import Run, runner

PAIR = ("--control", "24,9,sd,9", "--model", "50,21,sd,9")
OTHER_PAIR = ("--control", "27,9,sd,9", "--model", "57,20,sd,9")


@pytest.fixture
def calc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``rsp calc`` where no database exists."""
    monkeypatch.chdir(tmp_path)
    rsp = runner(monkeypatch, capsys, f"sqlite:///{tmp_path / 'absent.db'}")
    return lambda *arguments: rsp("calc", *arguments)


def figures(calc: Run, *arguments: str) -> dict[str, Any]:
    ended = calc(*arguments, "--format", "json")
    assert ended.code == 0, ended.err
    found: dict[str, Any] = json.loads(ended.out)
    return found


def test_a_calculation_makes_no_database(calc: Run, tmp_path: Path) -> None:
    assert calc("proportion", "4", "30").code == 0
    assert list(tmp_path.iterdir()) == []


def test_four_of_thirty_does_not_rule_out_a_fifth(calc: Run) -> None:
    found = figures(calc, "proportion", "4", "30", "--bar", "20%")
    # stats::binom.test of R 4.2.2, case a12 of tests/data/statistics
    assert found["high"] == pytest.approx(0.307218350276127, abs=1e-9)
    assert found["p_rule_out"] == pytest.approx(0.255233254740319, abs=1e-9)
    assert (found["verdict"], found["outcome_by_point"]) == ("not_ruled_out", "below")


def test_two_cohorts_rule_out_what_neither_does_alone(calc: Run) -> None:
    both = figures(calc, "uplift", *PAIR, *OTHER_PAIR, "--bar", "2.8")
    assert both["p_rule_out"] == pytest.approx(0.0130555103782484, abs=1e-7)  # R 4.2.2, case b27 of tests/data/statistics
    assert both["verdict"] == "ruled_out"
    assert {figures(calc, "uplift", *pair, "--bar", "2.8")["verdict"] for pair in (PAIR, OTHER_PAIR)} == {"not_ruled_out"}


def test_an_arm_of_unknown_kind_and_size_is_read_at_its_widest(calc: Run) -> None:
    known = figures(calc, "uplift", *PAIR)
    unknown = figures(calc, "uplift", "--control", "24,9,?,?", "--model", "50,21,?,?")
    assert [reading["name"] for reading in unknown["readings"]] == ["sd", "se", "ci95"]
    assert (known["high_end"], unknown["high"], unknown["high_end"]) == ("finite", None, "unbounded")


def test_people_s_own_scores_say_what_their_exact_summary_says(calc: Run) -> None:
    control, model = (0.2, 0.3, 0.4), (0.5, 0.7, 0.6, 0.9)
    typed = [
        f"{sum(each) / len(each)!r},{math.sqrt(sum((x - sum(each) / len(each)) ** 2 for x in each) / (len(each) - 1))!r},sd,{len(each)}"
        for each in (control, model)
    ]
    scores = [",".join(map(str, each)) for each in (control, model)]
    one = figures(calc, "uplift", "--control", typed[0], "--model", typed[1])
    other = figures(calc, "uplift", "--control-scores", scores[0], "--model-scores", scores[1])
    assert (one["low"], one["high"]) == pytest.approx((other["low"], other["high"]), rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "verdict", "said"),
    [
        (("proportion", "1", "42", "--bar", "50%"), "ruled_out", "allows the bar to be ruled out"),
        (("proportion", "4", "30", "--bar", "20%"), "not_ruled_out", "does not allow the bar to be ruled out"),
        (("proportion", "33", "33", "--bar", "80%"), "crossed", "shows that the bar is reached"),
        (("proportion", "45", "100", "--bar", "20%", "--rule-in-bar", "80%"), "not_ruled_out", "stands between the bars"),
        (("mean", "69.7%", "--bar", "80%"), "insufficient_evidence", "No interval can be made"),
        (("mean", "85%", "--bar", "80%"), "not_ruled_out", "A point alone may prevent a rule-out"),
        (("uplift", "--control", "5,8,sd,5", "--model", "20,9,sd,5", "--bar", "5"), "not_ruled_out", "does not allow any bar"),
        (("uplift", "--control-scores", "0,0,0", "--model-scores", "1,2,3", "--bar", "2"), "not_ruled_out", "bounds no ratio"),
    ],
)
def test_every_verdict_is_said_in_a_sentence(calc: Run, arguments: tuple[str, ...], verdict: str, said: str) -> None:
    assert figures(calc, *arguments)["verdict"] == verdict
    assert said in " ".join(calc(*arguments).out.split())


def test_without_a_bar_nothing_is_decided(calc: Run) -> None:
    assert "verdict" not in figures(calc, "proportion", "4", "30")
    assert "No bar was given, so nothing is decided." in calc("proportion", "4", "30").out


def test_where_lower_is_riskier_the_lower_end_decides(calc: Run) -> None:
    safe = ("mean", "0.8", "--spread", "0.05", "--kind", "se", "--n", "30", "--bar", "0.6", "--riskier", "lower")
    assert figures(calc, *safe)["verdict"] == "ruled_out"
    assert "even the lower end of the interval" in " ".join(calc(*safe).out.split())
    assert figures(calc, *safe[:-4], "--bar", "0.79", "--riskier", "lower")["verdict"] == "not_ruled_out"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("proportion", "5", "3"), "5 passed of 3"),
        (("proportion", "0", "0"), "no trials"),
        (("proportion", "1.5e9", "3"), "passed of 3"),
        (("proportion", "nan", "3"), "'nan' as the number passed"),
        (("proportion", "--", "-1", "3"), "-1"),
        (("proportion", "4", "30", "--bar", "120%"), "expected it on the scale"),
        (("proportion", "4", "30", "--bar", "50%", "--rule-in-bar", "20%"), "riskier than the rule-in bar"),
        (("proportion", "4", "30", "--rule-in-bar", "20%"), "expected --bar beside it"),
        (("proportion", "4", "30", "--error", "0"), "error level"),
        (("mean", "0.5", "--spread", "-0.1"), "-0.1"),
        (("mean", "1.5", "--scale", "0,1"), "1.5"),
        (("mean", "0.5", "--scale", "1,0"), "expected low below high"),
        (("mean", "0.5", "--n", "0"), "no observations"),
        (("uplift", "--control", "24,9,sd,9"), "one of each for every cohort"),
        (("uplift", "--control", "24,9,sd", "--model", "50,21,sd,9"), "expected mean,spread,kind,n"),
        (("uplift", "--control", "24,-9,sd,9", "--model", "50,21,sd,9"), "found spread -9"),
        (("uplift", "--control", "24,9,sd,0", "--model", "50,21,sd,9"), "0 participants"),
        (("uplift", "--control-scores", "0.1,,0.2", "--model-scores", "1,2"), "as a score"),
        (("rate", "1.5", "10"), "whole number"),
        (("rate", "1", "0"), "no exposure"),
        (("speedup", "2", "x"), "'x' as a ratio"),
        (("speedup", "2", "0", "3"), "above 0"),
        (("compare", "13/23", "7"), "such as 13/23"),
        (("paired", "1", "2", "-3", "4"), "-3"),
        (("paired", "0", "0", "0", "0"), "no items"),
    ],
)
def test_what_cannot_be_is_refused_in_words(calc: Run, arguments: tuple[str, ...], named: str) -> None:
    ended = calc(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert named in ended.err
    assert "Traceback" not in ended.err


def test_no_line_is_wider_than_a_terminal(calc: Run) -> None:
    for arguments in (("uplift", "--control", "24,9,?,?", "--model", "50,21,?,?", "--bar", "5"), ("proportion", "4", "30", "--bar", "20%")):
        assert max(map(len, calc(*arguments).out.splitlines())) <= 80


def test_the_best_of_several_runs_gets_no_interval_of_its_own(calc: Run) -> None:
    found = figures(calc, "speedup", "2.1", "3.3", "1.4", "2.9", "5.8", "2.2", "1.9", "3.1", "2.6", "12.5", "--bar", "4")
    assert found["p_rule_out"] == pytest.approx(0.100570303290828, abs=1e-9)  # R 4.2.2, case a42 of tests/data/statistics
    assert (found["best"], found["beaten_at_most"]) == (12.5, pytest.approx(1 / 11))


def test_change_on_the_same_items_is_tested_exactly(calc: Run) -> None:
    found = figures(calc, "paired", "12", "9", "2", "19")
    assert (found["p_drop"], found["p_two_sided"]) == pytest.approx((0.03271484375, 0.0654296875))  # case a40, statsmodels


def test_a_planned_trial_says_its_chance_and_what_four_in_five_takes(calc: Run) -> None:
    planned = ("power", "--control", "24,9", "--model-sd", "21", "--ratio", "2.1", "--bar", "2.8", "--n", "10")
    found = figures(calc, *planned)
    # noncentral t of R 4.2.2, case b20 of tests/data/statistics
    assert (found["power"], found["n_model_for_target"]) == (pytest.approx(0.333864938057793, abs=1e-6), 31)
    assert found["called"] == "not_designed_to_rule_out"
    assert "may not be called designed to rule out" in " ".join(calc(*planned).out.split())


def test_no_trial_is_large_enough_for_a_truth_at_the_bar(calc: Run) -> None:
    found = figures(calc, "power", "--control", "24,9", "--model-sd", "21", "--ratio", "2.8", "--bar", "2.8")
    assert (found["n_model_for_target"], found["reason_for_target"]) == (None, "power_out_of_reach")


def test_planned_items_say_the_fewest_that_can_rule_out(calc: Run) -> None:
    assert figures(calc, "items", "--share", "0", "--bar", "5%")["fewest_items"] == 72  # the least n with 0.95^n < 0.025
    assert figures(calc, "items", "--share", "25%", "--bar", "50%", "--items", "42")["called"] == "designed_to_rule_out"


def test_planned_snapshots_lower_the_chance_and_say_their_seed(calc: Run) -> None:
    planned = ("items", "--share", "35%", "--bar", "50%", "--items", "42", "--snapshots", "6", "--attempts", "5")
    one, again = figures(calc, *planned), figures(calc, *planned)
    assert one == again
    assert one["power"] < figures(calc, "items", "--share", "35%", "--bar", "50%", "--items", "42")["power"]
    assert f"the seed {one['seed']}" in " ".join(calc(*planned).out.split())


def test_planned_looks_spend_the_error_as_published(calc: Run) -> None:
    found = figures(calc, "looks", "0.2", "0.4", "0.6", "0.8", "1")
    assert found["z"] == pytest.approx([4.877, 3.357, 2.680, 2.290, 2.031], abs=6e-4)  # Lan and DeMets 1983, O'Brien-Fleming type


def test_the_highest_over_snapshots_is_judged_by_every_bound(calc: Run) -> None:
    low = ("4/42", "6/42", "9/42", "8/42", "10/42", "7/42")
    found = figures(calc, "snapshots", *low, "--bar", "50%")
    # binom.test of R 4.2.2, case c01 of tests/data/statistics
    assert (found["verdict"], found["high"]) == ("ruled_out", pytest.approx(0.394502429021576, abs=1e-9))
    assert figures(calc, "snapshots", *low, "--planned", "7", "--bar", "50%")["verdict"] == "insufficient_evidence"
    assert figures(calc, "snapshots", *low, "16/42", "--bar", "50%")["verdict"] == "not_ruled_out"
    assert figures(calc, "snapshots", *low, "42/42", "--bar", "50%")["verdict"] == "crossed"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("power", "--control", "24", "--model-sd", "21", "--ratio", "2", "--bar", "3"), "such as 24,9"),
        (("power", "--control", "24,9", "--model-sd", "-1", "--ratio", "2", "--bar", "3"), "negative standard deviation"),
        (("power", "--control", "24,9", "--model-sd", "21", "--ratio", "2", "--bar", "3", "--n", "1"), "expected at least 2"),
        (("power", "--control", "24,9", "--model-sd", "21", "--ratio", "2", "--bar", "0"), "expected it above 0"),
        (("power", "--control", "24,9", "--model-sd", "21", "--ratio", "2", "--bar", "3", "--target", "1"), "a chance between 0 and 1"),
        (("items", "--share", "25%", "--bar", "50"), "a share between 0 and 1"),
        (("items", "--share", "125%", "--bar", "50%"), "expected a share"),
        (("items", "--share", "25%", "--bar", "50%", "--snapshots", "6"), "without --items"),
        (("items", "--share", "25%", "--bar", "50%", "--attempts", "6"), "without --snapshots"),
        (("looks", "0.5", "0.4", "1"), "the one before it"),
        (("looks", "1.5"), "1.5"),
        (("snapshots", "4/42"), "expected --bar"),
        (("snapshots", "4/42", "50/42", "--bar", "50%"), "50/42"),
        (("snapshots", "4/42", "--bar", "50%", "--riskier", "lower"), "count the failures"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(calc: Run, arguments: tuple[str, ...], named: str) -> None:
    ended = calc(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert named in ended.err
    assert "Traceback" not in ended.err


def test_one_cohort_that_alone_reaches_the_bar_takes_a_rule_out_away(calc: Run) -> None:
    dangerous, harmless = ("--control", "10,4,sd,16", "--model", "50,15,sd,16"), ("--control", "80,8,sd,16", "--model", "80,8,sd,16")
    assert figures(calc, "uplift", *harmless, "--bar", "2.8")["verdict"] == "ruled_out"
    both = figures(calc, "uplift", *dangerous, *harmless, "--bar", "2.8")
    assert (both["verdict"], both["sub_label"]) == ("not_ruled_out", "one_cohort_crosses")
    printed = calc("uplift", *dangerous, *harmless, "--bar", "2.8").out.splitlines()
    assert "ruled out" not in {line.split("  ")[-1].strip() for line in printed}


def test_the_calculator_allows_nothing_that_a_verdict_would_refuse(calc: Run) -> None:
    assert figures(calc, "speedup", "2.1", "2.2", "--bar", "4")["verdict"] == "insufficient_evidence"  # five are asked for
    assert figures(calc, "proportion", "0", "1", "--bar", "98%")["verdict"] == "insufficient_evidence"  # one trial has no error
    assert "verdict" not in figures(calc, "compare", "1/10", "130/200")  # Newcombe's interval errs up to 5.6 % there
    assert calc("compare", "13/23", "7/23", "--bar", "60%").code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("proportion", "1e999", "10"),
        ("proportion", "1", "10", "--bar", "1e999"),
        ("proportion", "1", "10", "--error", "1e-400"),
        ("rate", "3", "1e999"),
        ("mean", "1e999", "--n", "5"),
        ("mean", "5", "--spread", "1", "--n", "5", "--scale", "0,1e999"),
        ("uplift", *PAIR, "--bar", "1e999"),
        ("uplift", *PAIR, "--scale", "0,1"),
        ("speedup", "1e999", "2"),
        ("items", "--share", "1e-999", "--bar", "50%"),
        ("looks", "1e-999", "1"),
    ],
)
def test_a_number_beyond_reckoning_is_refused_in_words(calc: Run, arguments: tuple[str, ...]) -> None:
    ended = calc(*arguments)
    assert (ended.code, ended.out, "Traceback" in ended.err) == (2, "", False)
    assert ended.err.startswith("error: found")
