"""Ways in which a record could read as safer than it is, each found by somebody who tried; none may rule out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from evaluations.records import Run
from tests.world import CITED, SIGNED, Lab, bar, coverage

ONE = Lab().trained("only").evaluation()
SHARE, MEAN = ONE.criterion(), ONE.criterion(statistic="mean")
CROSSING = {"status": "not_load_bearing", "from_on": "2030-01-01", "words": "x", **CITED}


def items(values: list[Any]) -> tuple[dict[str, Any], ...]:
    return tuple({"item": f"i{place}", "attempts": (value,)} for place, value in enumerate(values))


def with_items(lab: Lab, values: list[Any], *scores: dict[str, Any]) -> Lab:
    run = Run(
        slug=f"run-{len(lab.runs)}",
        model="m",
        snapshot="only",
        evaluation="exam",
        version="v1",
        source="pipeline",
        items=items(values),
        scores=tuple({"source": "pipeline", **score} for score in scores),
    )
    return replace(lab, runs=(*lab.runs, run))


def arm(mean: str, spread: str, count: int) -> dict[str, Any]:
    return {"mean": Decimal(mean), "spread": Decimal(spread), "spread_kind": "sd", "participants_count": count}


@pytest.mark.parametrize("unit", ["pct", "percentage", "percent solved", "share", "percent"])
def test_a_share_has_no_place_on_a_version_without_a_scale(unit: str) -> None:
    lab = Lab().trained("only").evaluation(unit=unit, scale_low=None, scale_high=None).criterion().measured("only", 5, 100)
    assert lab.finding().verdict != "ruled_out"


@pytest.mark.parametrize("values", [[1] * 49 + [Decimal("0.5")], [Decimal("0.9"), Decimal("0.95")] * 25])
@pytest.mark.parametrize("lab", [SHARE, MEAN], ids=["share", "mean"])
def test_shares_written_on_a_percent_scale_are_no_percents(lab: Lab, values: list[Any]) -> None:
    assert with_items(lab, values).finding().verdict != "ruled_out"


def test_a_trial_under_another_rubric_blocks() -> None:
    low, high = ({"control": arm("24", "5", 60), "model": arm(mean, "5", 60)} for mean in ("26", "90"))
    lab = Lab().trained("only").evaluation(versions=("v1", "v2")).criterion(shape="uplift")
    assert lab.trial(low).finding().verdict == "ruled_out"
    assert lab.trial(low).trial(high, version="v2").finding().verdict == "not_ruled_out"


def test_a_judgement_by_another_rubric_blocks() -> None:
    lab = Lab().evaluation(versions=("v1", "v2")).criterion(shape="qualitative", question="q").judged("below", **SIGNED)
    assert lab.finding().verdict == "ruled_out"
    assert lab.judged("above", version="v2").finding().verdict == "not_ruled_out"


def test_a_part_that_no_longer_bears_rules_nothing_out() -> None:
    lab = Lab().trained("only").evaluation("hi").evaluation("lo")
    lab = lab.measured("only", 99, 100, evaluation="hi").measured("only", 1, 100, evaluation="lo")
    lab = lab.criterion("a", evaluation="hi").criterion("b", evaluation="lo", lifecycle=(CROSSING,))
    assert lab.criterion("w", shape="compound", rule="all", parts=("a", "b")).finding().verdict == "crossed"


def test_dropping_one_of_k_does_not_make_k_harder_to_reach() -> None:
    lab = Lab().trained("only")
    for name, passed in (("a", 99), ("b", 99), ("c", 1)):
        lab = lab.evaluation(name).measured("only", passed, 100, evaluation=name)
        lab = lab.criterion(name, evaluation=name, lifecycle=(CROSSING,) if name == "a" else ())
    assert lab.criterion("w", shape="compound", rule="k_of_n", k=2, parts=("a", "b", "c")).finding().verdict != "ruled_out"


@pytest.mark.parametrize("status", ["saturated", "retired"])
def test_a_weakened_judgement_rules_nothing_out(status: str) -> None:
    lab = ONE.criterion(shape="qualitative", question="q", lifecycle=({**CROSSING, "status": status},))
    assert lab.judged("below").finding().verdict == "insufficient_evidence"


def test_a_value_outside_its_own_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="outside its own interval"):
        MEAN.measured("only", statistic="mean", value=Decimal(90), low=Decimal(10), high=Decimal(20), interval_level=Decimal("0.95"))


@pytest.mark.parametrize(
    "printed", [{"statistic": "share", "passed": Decimal(48), "trials": 50}, {"statistic": "mean", "value": Decimal(95)}]
)
def test_a_printed_score_that_its_items_contradict_is_not_lost(printed: dict[str, Any]) -> None:
    lab = Lab().trained("only").evaluation(unit="share", scale_high=1).criterion(rule_out=bar("0.5"))
    if printed["statistic"] == "mean":
        printed = {**printed, "value": Decimal("0.95")}
    values = [1, 1] + [0] * 48
    assert with_items(lab, values).finding().verdict == "ruled_out"
    assert with_items(lab, values, printed).finding().verdict == "not_ruled_out"


def test_a_count_that_its_printed_value_contradicts_rules_nothing_out() -> None:
    assert SHARE.measured("only", 5, 100, value=Decimal(5)).finding().verdict == "ruled_out"
    assert SHARE.measured("only", 5, 100, value=Decimal(95)).finding().verdict == "not_ruled_out"


def test_a_value_that_was_cut_off_is_no_contradiction() -> None:
    # 13 of 23 is 56.5 %, printed as 56 %
    assert SHARE.measured("only", 13, 23, value=Decimal(56)).finding().low is not None


def test_a_printed_score_that_its_items_give_is_no_contradiction() -> None:
    lab = Lab().trained("only").evaluation(unit="share", scale_high=1).criterion(rule_out=bar("0.5"))
    printed = {"statistic": "share", "passed": Decimal(2), "trials": 50, "value": Decimal("0.04")}
    assert with_items(lab, [1, 1] + [0] * 48, printed).finding().verdict == "ruled_out"


def test_repeats_of_an_unknown_number_of_items_are_no_items() -> None:
    lab = ONE.criterion(rule_out=bar(40))
    assert lab.measured("only", 126, 420).finding().verdict == "ruled_out"
    assert lab.measured("only", 126, 420, runs=10).finding().verdict != "ruled_out"
    assert lab.measured("only", 126, 420, runs=10, items=42).finding().verdict == "not_ruled_out"


def test_a_mean_is_over_no_more_items_than_there_are() -> None:
    lab = Lab().trained("only").evaluation(item_count=42).criterion(statistic="mean", rule_out=bar(40))
    assert lab.measured("only", statistic="mean", value=Decimal(30), items=420, runs=10).finding().verdict == "not_ruled_out"


@pytest.mark.parametrize("at", ["0.3", "0.35", "0.6", "0.7"])
def test_a_touched_bar_is_not_slipped_past_by_a_float(at: str) -> None:
    lab = Lab().trained("only").evaluation(unit="share", scale_high=1).criterion(statistic="mean", rule_out=bar(at))
    printed = {"value": Decimal("0.15"), "low": Decimal("0.1"), "high": Decimal(at), "interval_level": Decimal("0.95")}
    assert lab.measured("only", statistic="mean", **printed).finding().verdict == "not_ruled_out"


def test_a_full_score_does_not_slip_past_a_bar_at_the_end_of_its_scale() -> None:
    lab = Lab().trained("only").evaluation(unit="points", scale_high=Decimal("0.7")).criterion(rule_out=bar("0.7"))
    assert lab.measured("only", 50, 50).finding().verdict != "ruled_out"


@pytest.mark.parametrize(
    "lost",
    [
        {"status": "failed", "status_reason": "crash", "tools": "browser"},
        {"status": "invalidated", "status_reason": "x", "token_budget": 1_000_000},
        {"status": "withheld", "status_reason": "not shown"},
    ],
)
def test_a_run_that_was_lost_is_not_made_good_by_an_easier_one(lost: dict[str, Any]) -> None:
    assert SHARE.measured("only", 5, 100).measured("only", 90, 100, **lost).finding().verdict == "insufficient_evidence"


def test_a_partial_run_is_made_good_by_a_whole_one_of_the_same_kind() -> None:
    partial = {"status": "partial", "status_reason": "cut short"}
    assert SHARE.measured("only", 5, 100, **partial).measured("only", 6, 100).finding().verdict == "ruled_out"


def test_a_model_without_snapshots_has_measured_none_of_them() -> None:
    lab = Lab().evaluation().criterion().measured(None, 1, 100)
    assert (lab.finding().verdict, lab.finding().sub_label) == ("insufficient_evidence", "missing_variants")


def test_a_plan_for_a_snapshot_nobody_recorded_is_not_met() -> None:
    lab = SHARE.measured("only", 1, 100).planned("ghost")
    assert lab.finding(coverage=coverage("planned")).verdict == "insufficient_evidence"


def test_one_cohort_blocks_also_where_crossing_is_never_said() -> None:
    crossing = {"control": arm("10", "0.5", 60), "model": arm("15", "0.5", 60)}
    safe = {"control": arm("80", "0.5", 60), "model": arm("40", "0.5", 60)}
    lab = ONE.criterion(shape="uplift", rule_out=bar("1.4"), decides="rule_out").trial(crossing, safe)
    assert lab.finding().verdict == "not_ruled_out"


def test_the_least_favourable_cohort_decides_also_by_the_point() -> None:
    high = {"control": arm("10", "1", 60), "model": arm("70", "1", 60)}
    low = {"control": arm("10", "1", 60), "model": arm("20", "1", 60)}
    lab = ONE.criterion(shape="uplift", measure="model_arm_mean", compared="point", rule_out=bar(50))
    assert lab.trial(high, low).finding().verdict == "not_ruled_out"


def test_an_implication_overrules_no_part_of_a_verdict() -> None:
    lab = Lab().trained("only")
    for name, passed in (("safe", 1), ("bad", 99)):
        lab = lab.evaluation(name).measured("only", passed, 100, evaluation=name).criterion(name, evaluation=name)
    lab = lab.evaluation("none").criterion("none", evaluation="none")
    lines = [
        {"threshold": "t", "rule": "any", "criteria": ["safe"], "words": "w", **CITED},
        {"threshold": "b", "rule": "all", "criteria": ["bad", "none"], "words": "w", **CITED},
    ]
    thresholds = [lab.threshold(rules_out=("b",)), lab.threshold("b")]
    assert lab.assessment(policy={"thresholds": thresholds}, criteria={"thresholds": lines}).verdicts[1].outcome == "insufficient_evidence"


@pytest.mark.parametrize("order", [("t", "b", "c"), ("c", "b", "t")])
def test_an_implication_reaches_one_step_whatever_the_order(order: tuple[str, ...]) -> None:
    lab = SHARE.measured("only", 1, 100)
    made = {"t": lab.threshold(rules_out=("b",)), "b": lab.threshold("b", rules_out=("c",)), "c": lab.threshold("c")}
    verdicts = lab.assessment(policy={"thresholds": [made[name] for name in order]}).verdicts
    assert {each.threshold: each.outcome for each in verdicts} == {"t": "ruled_out", "b": "ruled_out", "c": "insufficient_evidence"}


@pytest.mark.parametrize(
    "printed",
    [
        {"value": Decimal(30), "low": Decimal(10), "high": Decimal(60), "interval_level": Decimal("0.95")},
        {"spread": Decimal(15), "spread_kind": "se"},
        {"spread": Decimal(30), "spread_kind": "ci"},
        {"spread": Decimal(30), "spread_kind": "unspecified"},
    ],
)
def test_a_wider_printed_interval_is_not_narrowed_by_a_count(printed: dict[str, Any]) -> None:
    assert SHARE.measured("only", 30, 100).finding().verdict == "ruled_out"
    assert SHARE.measured("only", 30, 100, **printed).finding().verdict == "not_ruled_out"


def test_two_people_who_agree_are_no_certainty() -> None:
    def people(*scores: int) -> dict[str, Any]:
        return {"participants": tuple({"code": f"p{place}", "score": score} for place, score in enumerate(scores))}

    lab = ONE.criterion(shape="uplift").trial({"control": people(*[8, 12] * 15), "model": people(25, 25)})
    assert lab.finding().verdict != "ruled_out"


def test_a_run_of_fewer_items_than_there_are_is_partial() -> None:
    lab = Lab().trained("only").evaluation(item_count=500).criterion()
    assert lab.measured("only", 0, 500).finding().verdict == "ruled_out"
    assert lab.measured("only", 0, 20).finding().verdict == "insufficient_evidence"
    assert with_items(lab, [0] * 20).finding().verdict == "insufficient_evidence"


def test_percent_is_percent_however_it_is_spelled() -> None:
    lab = Lab().trained("only").evaluation()
    twice = {**lab.evaluations[0].versions[0].model_dump(), "slug": "v2", "unit": "%"}
    lab = replace(
        lab,
        evaluations=(
            lab.evaluations[0].__class__(**{**lab.evaluations[0].model_dump(), "versions": (lab.evaluations[0].versions[0], twice)}),
        ),
    )
    lab = lab.criterion().measured("only", 5, 100).measured("only", 95, 100, version="v2")
    assert (lab.finding().verdict, lab.finding().sub_label) == ("not_ruled_out", "incomparable_variant")


def test_nobody_said_what_the_items_are_a_sample_of() -> None:
    lab = Lab().trained("only").evaluation(sampling="not_stated").criterion(statistic="mean")
    assert lab.measured("only", statistic="mean", value=Decimal(5), items=100).finding().verdict == "insufficient_evidence"
    assert with_items(lab, [5, 6] * 25).finding().verdict == "insufficient_evidence"


def test_a_ratio_without_an_upper_end_is_not_ruled_out_by_its_point() -> None:
    lab = ONE.criterion(shape="uplift", compared="point").trial({"control": arm("6", "20", 5), "model": arm("5", "20", 5)})
    assert (lab.finding().verdict, lab.finding().sub_label) == ("not_ruled_out", "unbounded")


def test_an_arm_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="arm of 0 participants"):
        ONE.trial({"control": arm("6", "2", 0), "model": arm("5", "2", 5)})


def scored(*scores: float) -> dict[str, Any]:
    return {"participants": [{"code": f"p{place}", "score": Decimal(str(score))} for place, score in enumerate(scores)]}


def test_people_counted_in_two_cohorts_count_not_at_all() -> None:
    lab = Lab().trained("only").evaluation().criterion(shape="uplift")
    once = {"control": scored(12, 15, 19, 22, 26, 29, 33, 36), "model": scored(22, 30, 38, 46, 54, 62, 70, 78)}
    assert lab.trial(once).finding().verdict == "not_ruled_out"
    assert lab.trial(once, once).finding().verdict != "ruled_out"  # the same people twice would have narrowed the interval


def test_a_harmless_cohort_does_not_hide_a_dangerous_one_however_it_is_split() -> None:
    lab = Lab().trained("only").evaluation().criterion(shape="uplift")
    experts = {"control": arm("80", "8", 8), "model": arm("80", "8", 8)}
    few = {"control": arm("10", "4", 4), "model": arm("50", "15", 4)}
    assert lab.trial(experts, experts).finding().verdict == "ruled_out"
    for cohorts in ((few, experts), (few, few, experts, experts)):
        found = lab.trial(*cohorts).finding()
        assert (found.verdict, found.sub_label) == ("not_ruled_out", "one_cohort_crosses")


def test_more_items_than_the_version_has_say_nothing() -> None:
    lab = Lab().trained("only").evaluation(item_count=40).criterion()
    assert with_items(lab, [0] * 40).finding().verdict == "ruled_out"
    padded = with_items(lab, [1] * 30 + [0] * 370).finding()
    assert padded.verdict != "ruled_out"  # 30 of 40 cross; 360 easy failures beside them must not turn that round


def test_a_score_over_fewer_trials_than_the_items_it_claims_is_partial() -> None:
    lab = Lab().trained("only").evaluation(item_count=500).criterion()
    assert lab.measured("only", 0, 20, items=500).finding().verdict != "ruled_out"


def test_a_result_in_another_unit_is_shown_and_says_nothing() -> None:
    lab = Lab().trained("only").evaluation(versions=("v1", "v2")).criterion()
    changed = lab.evaluations[0].versions[1].model_copy(update={"unit": "points of a hundred"})
    evaluation = lab.evaluations[0].model_copy(update={"versions": (lab.evaluations[0].versions[0], changed)})
    lab = replace(lab, evaluations=(evaluation,)).measured("only", 5, 100)
    beside = lab.measured("only", 95, 100, version="v2").finding()
    assert [row.comparable for row in beside.variants] == ["same_key", "other_key"]
    assert beside.variants[1].value is None


def test_a_withheld_run_under_another_scaffold_leaves_a_trace() -> None:
    lab = Lab().trained("only").evaluation().criterion().measured("only", 5, 100)
    beside = lab.measured("only", status="withheld", status_reason="not ours to show", scaffold="agent").finding()
    assert [row.status.value for row in beside.variants] == ["completed", "withheld"]


def test_a_covariate_that_the_arms_differ_in_adjusts_nothing() -> None:
    lab = Lab().trained("only").evaluation().criterion(shape="uplift")
    low, high = (12, 15, 19, 22, 26, 29, 33, 36), (42, 50, 58, 66, 74, 82, 90, 98)

    def people(scores: tuple[int, ...], arm: str) -> dict[str, Any]:
        measured = [{"code": f"{arm}{at}", "score": Decimal(each), "pretest": Decimal(each + at % 3)} for at, each in enumerate(scores)]
        return {"participants": measured}

    after = {"control": people(low, "c"), "model": people(high, "m")}
    assert lab.trial(after).finding().verdict == "not_ruled_out"
    assert lab.trial(after, adjusted_for="the last milestone").finding().verdict != "ruled_out"  # what the model changed is no pretest


def test_a_printed_value_that_no_rounding_explains_blocks() -> None:
    lab = Lab().trained("only").evaluation(unit="score", scale_low=0, scale_high=1).criterion(rule_out=bar("0.5"))
    assert lab.measured("only", 5, 100, value=Decimal("0.05")).finding().verdict == "ruled_out"
    assert lab.measured("only", 5, 100, value=Decimal(1)).finding().verdict == "not_ruled_out"


def test_passes_written_as_ones_beside_one_percentage_are_no_percents() -> None:
    assert with_items(SHARE, [1] * 49 + [100]).finding().verdict != "ruled_out"
    assert with_items(SHARE, [Decimal("0.9"), Decimal("0.95")] * 24 + [Decimal("1.5")]).finding().verdict != "ruled_out"
