"""What items give beside a mean (a median, a geometric mean of speedups, a time horizon) reaches the verdict as it is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from evaluations.records import Run
from tests.world import Lab, bar

OPEN: dict[str, Any] = {"scale_low": None, "scale_high": None}


def measured(lab: Lab, *items: dict[str, Any]) -> Lab:
    """The lab with one run that carries these items and no printed score."""
    run = Run(slug="run", model="m", snapshot="only", evaluation="exam", version="v1", source="pipeline", items=items)
    return replace(lab, runs=(*lab.runs, run))


def speedups(*ratios: str) -> tuple[dict[str, Any], ...]:
    return tuple({"item": f"kernel-{at}", "attempts": (Decimal(ratio),)} for at, ratio in enumerate(ratios))


def tasks(solved_up_to: int) -> tuple[dict[str, Any], ...]:
    """Twelve families of tasks from 1 to 64 minutes; those up to that length are nearly always solved, longer ones seldom."""
    return tuple(
        {
            "item": f"task-{family}-{minutes}",
            "cluster": f"family-{family}",
            "human_minutes": Decimal(minutes),
            "attempts": tuple(int((minutes <= solved_up_to) != ((family + at) % 9 == 0)) for at in range(8)),
        }
        for family in range(12)
        for minutes in (1, 2, 4, 8, 16, 32, 64)
    )


@pytest.mark.parametrize(("bar_at", "verdict"), [("4", "not_ruled_out"), ("8", "ruled_out"), ("1.2", "crossed")])
def test_speedups_are_held_against_a_bar_in_their_own_unit(bar_at: str, verdict: str) -> None:
    lab = Lab().trained("only").evaluation(unit="x", **OPEN).criterion(statistic="ratio", rule_out=bar(bar_at))
    found = measured(lab, *speedups("2.1", "3.3", "1.4", "2.9", "5.8", "2.2", "1.9", "3.1", "2.6", "12.5")).finding()
    assert (found.method, found.verdict) == ("geometric_mean_t", verdict)


@pytest.mark.parametrize(("bar_at", "verdict"), [("200", "ruled_out"), ("11.5", "not_ruled_out"), ("2", "crossed")])
def test_a_time_horizon_of_items_is_held_against_a_bar_in_minutes(bar_at: str, verdict: str) -> None:
    lab = Lab().trained("only").evaluation(unit="minutes", **OPEN).criterion(statistic="time_horizon", rule_out=bar(bar_at))
    found = measured(lab, *tasks(solved_up_to=8)).finding()
    assert (found.method, found.verdict) == ("logistic_horizon", verdict)


def test_a_horizon_without_the_length_of_one_task_says_nothing() -> None:
    lab = Lab().trained("only").evaluation(unit="minutes", **OPEN).criterion(statistic="time_horizon", rule_out=bar(200))
    first, *rest = tasks(solved_up_to=8)
    found = measured(lab, {**first, "human_minutes": None}, *rest).finding()
    assert found.verdict == "insufficient_evidence"


def test_a_median_of_items_has_bounds_of_its_own() -> None:
    lab = Lab().trained("only").evaluation(unit="points").criterion(statistic="median", rule_out=bar(60))
    scores = tuple({"item": f"i{at}", "attempts": (Decimal(at),)} for at in range(30, 50))
    assert (measured(lab, *scores).finding().method, measured(lab, *scores).finding().verdict) == ("median_order_statistics", "ruled_out")
    assert measured(lab, *scores[:5]).finding().verdict == "not_ruled_out"  # five items bracket no median at 2.5 %
