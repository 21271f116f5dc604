"""Which triggers have fired for a model on a day, and which models are listed under which policies."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.thresholds.histories import (
    COMPUTE,
    MONTHS,
    RISK_REPORT,
    History,
    assessed,
    called,
    figure,
    judged,
    model,
    on_call,
    policy,
)
from thresholds.due import due_models, due_under_each, force_of
from thresholds.due_records import ComparedBy, DueModel, Force, TriggerStanding

ASSESSED = [assessed("2025-02-24")]
THEN = figure("2025-02-24", "1e26")


def of(found: DueModel, trigger: str) -> TriggerStanding:
    return next(each for each in found.triggers if each.trigger == trigger)


def told(found: DueModel, trigger: str) -> tuple[str, str]:
    standing = of(found, trigger)
    return standing.outcome.value, standing.because.value


# ------------------------------------------------------------------------------------------------- which assessment counts


def test_the_own_last_comprehensive_assessment_counts_however_late_another_model_was_assessed() -> None:
    this = model(assessed=[assessed("2025-01-10"), assessed("2025-02-24"), assessed("2025-03-01", depth="preliminary")], planned_beside="x")
    found = judged(this, model("x", assessed=[assessed("2025-06-01")]), on="2025-07-01")
    compared = found.compared[0]
    assert (compared.chosen, compared.completed_on) == (ComparedBy.OWN_ASSESSMENT, date(2025, 2, 24))
    assert of(found, "months").due_on == date(2025, 8, 24)


def test_an_assessment_counts_from_the_day_it_was_completed() -> None:
    this = model(assessed=[assessed("2025-02-24"), assessed("2025-08-01")])
    assert [judged(this, on=day).compared[0].completed_on for day in ("2025-07-31", "2025-08-01")] == [date(2025, 2, 24), date(2025, 8, 1)]


def test_a_model_never_assessed_is_held_against_the_one_its_plan_names() -> None:
    others = model("named", assessed=[assessed("2025-02-24")]), model("later", assessed=[assessed("2025-06-01")])
    compared = judged(model(planned_beside="named"), *others, on="2025-07-01").compared
    assert [(each.model, each.chosen) for each in compared] == [("named", ComparedBy.NAMED)]


def test_what_its_newest_assessment_names_comes_before_its_plans() -> None:
    lesser = [
        assessed("2025-05-01", depth="preliminary", comparison_model="older"),
        assessed("2025-06-01", depth="preliminary", comparison_model="newer"),
    ]
    others = [model(slug, assessed=ASSESSED) for slug in ("older", "newer", "planned")]
    this = model(assessed=lesser, planned_beside="planned")
    assert [judged(this, *others, on=day).compared[0].model for day in ("2025-04-30", "2025-05-31", "2025-06-01")] == [
        "planned",
        "older",
        "newer",
    ]


def test_where_nobody_names_one_the_model_of_the_developer_assessed_last_stands_in() -> None:
    others = (
        model("early", assessed=[assessed("2025-01-01")]),
        model("late", assessed=[assessed("2025-02-24")]),
        model("elsewhere", developer="Other lab", assessed=[assessed("2025-03-01")]),
        model("lesser", assessed=[assessed("2025-03-01", depth="preliminary")]),
        model("future", assessed=[assessed("2026-01-01")]),
    )
    compared = judged(model(), *others, on="2025-07-01").compared
    assert [(each.model, each.chosen) for each in compared] == [("late", ComparedBy.LATEST_OF_DEVELOPER)]


def test_a_named_model_without_an_assessment_is_no_ground_and_nothing_else_is_put_in_its_place() -> None:
    found = judged(model(planned_beside="bare"), model("bare"), model("late", assessed=ASSESSED), on="2025-03-01")
    assert (found.outcome, told(found, "months")) == ("due", ("due", "compared_never_assessed"))
    assert judged(model(planned_beside="unheard-of"), on="2025-03-01").compared[0].model_name == "unheard-of"


def test_a_model_never_assessed_with_none_to_compare_it_with_is_due_whatever_the_triggers() -> None:
    for triggers in ((COMPUTE, MONTHS), (on_call("discretion"),), ()):
        found = judged(model(), on="2025-03-01", triggers=triggers)
        assert (found.outcome, found.compared) == ("due", ())
    assert told(judged(model(), on="2025-03-01"), "compute") == ("due", "never_assessed")


def test_held_against_two_assessed_on_one_day_the_most_pressing_counts() -> None:
    others = model("a", assessed=ASSESSED, figures=[THEN]), model("b", assessed=ASSESSED, figures=[figure("2025-02-24", "2e26")])
    this = model(figures=[figure("2025-03-01", "4e26")])
    compute = of(judged(this, *others, on="2025-03-02"), "compute")
    assert compute.compared is not None
    assert (compute.outcome, compute.compared.model) == ("due", "a")


# -------------------------------------------------------------------------------------------------------- effective compute


@pytest.mark.parametrize(("now", "outcome"), [("3.999999999999999999999e26", "not_due"), ("4e26", "due"), ("4.1e26", "due")])
def test_exactly_the_multiple_fires_and_a_near_miss_never_reads_as_a_hit(now: str, outcome: str) -> None:
    compute = of(judged(model(assessed=ASSESSED, figures=[THEN, figure("2025-03-01", now)]), on="2025-03-02"), "compute")
    assert compute.outcome == outcome
    assert compute.ratio is not None
    assert (compute.ratio < 4) == (outcome == "not_due")
    assert compute.due_on == (date(2025, 3, 1) if outcome == "due" else None)


@pytest.mark.parametrize(
    ("then", "now", "outcome"),
    [({}, {"high": 4}, "due"), ({"low": 0.5}, {}, "due"), ({"low": 0.6}, {"high": 2.3}, "not_due"), ({"low": 0.6}, {"high": 2.4}, "due")],
)
def test_the_ratio_is_judged_by_its_upper_end(then: dict[str, Any], now: dict[str, Any], outcome: str) -> None:
    figures = [figure("2025-02-24", "1", **then), figure("2025-03-01", "2", **now)]
    assert told(judged(model(assessed=ASSESSED, figures=figures), on="2025-03-02"), "compute")[0] == outcome


def test_of_several_figures_the_highest_counts_now_and_the_last_by_its_assessment_then() -> None:
    figures = [figure("2024-12-01", "1e24"), THEN, figure("2025-03-01", "4e26"), figure("2025-04-01", "2e26")]
    compute = of(judged(model(assessed=ASSESSED, figures=figures), on="2025-04-02"), "compute")
    assert (compute.outcome, compute.ratio, compute.due_on) == ("due", 4.0, date(2025, 3, 1))


@pytest.mark.parametrize(
    ("figures", "because"),
    [
        ([], "compute_not_entered"),
        ([figure("2025-02-23", "1e26")], "compute_not_entered"),
        ([figure("2025-04-02", "9e26"), THEN | {"reached_on": "2025-02-01"}], "compute_not_entered"),
        ([figure("2025-03-01", "9e26")], "compared_compute_not_entered"),
        ([THEN, figure("2025-03-01", "9e26", unit="index")], "units_differ"),
    ],
)
def test_compute_that_nobody_entered_or_in_another_unit_can_never_say_not_yet(figures: list[dict[str, Any]], because: str) -> None:
    found = judged(model(assessed=ASSESSED, figures=figures), on="2025-04-01")
    assert (told(found, "compute"), found.outcome) == (("cannot_tell", because), "cannot_tell")


def test_a_figure_in_a_unit_of_both_fires_whatever_the_others() -> None:
    figures = [THEN, figure("2025-03-01", "9e26"), figure("2025-03-01", "9", unit="index")]
    assert told(judged(model(assessed=ASSESSED, figures=figures), on="2025-04-01"), "compute") == ("due", "multiple_reached")


def test_of_several_figures_of_one_day_the_one_that_reaches_lowest_is_the_one_grown_from() -> None:
    low, high = figure("2025-02-24", "1e26"), figure("2025-02-24", "3e26")
    for figures in ([low, high], [high, low]):
        compute = of(judged(model(assessed=ASSESSED, figures=[*figures, figure("2025-03-01", "4e26")]), on="2025-03-02"), "compute")
        assert (compute.outcome, compute.ratio) == ("due", 4.0)


def test_a_multiple_is_reached_on_the_first_day_of_a_figure_that_reaches_it() -> None:
    figures = [THEN, figure("2025-03-01", "4e26"), figure("2025-04-01", "8e26")]
    compute = of(judged(model(assessed=ASSESSED, figures=figures), on="2025-04-02"), "compute")
    assert (compute.ratio, compute.due_on) == (8.0, date(2025, 3, 1))


def test_one_figure_is_once_itself_however_uncertain() -> None:
    wide = figure("2025-02-24", "1e26", low=1, high=10**27)
    compute = of(judged(model(assessed=ASSESSED, figures=[wide]), on="2025-03-01"), "compute")
    assert (compute.outcome, compute.ratio_upper) == ("not_due", 1.0)


def test_a_figure_from_before_another_models_assessment_still_speaks_of_this_model() -> None:
    other = model("other", assessed=ASSESSED, figures=[figure("2025-01-01", "1e26")])
    this = model(figures=[figure("2025-02-01", "4e26")], planned_beside="other")
    assert told(judged(this, other, on="2025-03-01"), "compute") == ("due", "multiple_reached")


# ------------------------------------------------------------------------------------------------------------------- months


@pytest.mark.parametrize(
    ("last", "day", "outcome"),
    [
        ("2025-02-24", "2025-07-24", "not_due"),
        ("2025-02-24", "2025-07-25", "soon"),
        ("2025-02-24", "2025-08-23", "soon"),
        ("2025-02-24", "2025-08-24", "due"),
        ("2025-08-31", "2026-02-27", "soon"),
        ("2025-08-31", "2026-02-28", "due"),
        ("2027-08-31", "2028-02-28", "soon"),
        ("2027-08-31", "2028-02-29", "due"),
    ],
)
def test_months_are_of_the_calendar_and_soon_is_so_many_days_ahead(last: str, day: str, outcome: str) -> None:
    assert judged(model(assessed=[assessed(last)]), on=day, triggers=[MONTHS]).outcome == outcome


def test_soon_is_as_far_ahead_as_was_asked() -> None:
    this = model(assessed=ASSESSED)
    assert [judged(this, on="2025-08-14", triggers=[MONTHS], within=days).outcome for days in (0, 9, 10)] == ["not_due", "not_due", "soon"]


def test_the_end_of_the_calendar_is_no_error() -> None:
    assert judged(model(assessed=[assessed("9999-12-01")]), on="9999-12-30", triggers=[MONTHS]).due_on == date.max


def test_nobody_knowing_is_more_pressing_than_soon_and_due_than_either() -> None:
    this = model(assessed=ASSESSED)
    assert [judged(this, on=day).outcome for day in ("2025-03-01", "2025-08-01", "2025-08-24")] == ["cannot_tell", "cannot_tell", "due"]
    assert judged(this, on="2025-08-01").due_on == date(2025, 8, 24)


# -------------------------------------------------------------------------------------------------------------------- calls


@pytest.mark.parametrize("kind", ["discretion", "more_capable", "capability_jump", "deployment"])
def test_a_call_counts_from_its_day_until_an_assessment_completed_on_that_day_or_later(kind: str) -> None:
    days = ("2025-03-31", "2025-04-01", "2025-04-30", "2025-05-01")
    answered = model(assessed=[*ASSESSED, assessed("2025-05-01")], calls=[called("2025-04-01", kind)])
    assert [judged(answered, on=day, triggers=[on_call(kind)]).outcome for day in days] == ["not_due", "due", "due", "not_due"]
    same_day = model(assessed=[assessed("2025-04-01")], calls=[called("2025-04-01", kind)])
    assert judged(same_day, on="2025-04-02", triggers=[on_call(kind)]).outcome == "not_due"


def test_a_lesser_assessment_or_another_models_does_not_answer_a_call() -> None:
    this = model(assessed=[*ASSESSED, assessed("2025-05-01", depth="preliminary")], calls=[called("2025-04-01")])
    other = model("other", assessed=[assessed("2025-05-01")])
    assert told(judged(this, other, on="2025-06-01", triggers=[on_call("discretion")]), "discretion") == ("due", "called")


def test_a_call_gives_the_days_that_the_work_may_take() -> None:
    this = model(assessed=ASSESSED, calls=[called("2025-04-01", "more_capable"), called("2025-03-01", "more_capable")])
    standing = of(judged(this, on="2025-04-02", triggers=[on_call("more_capable", days=30)]), "more-capable")
    assert (standing.due_on, standing.deadline_on, len(standing.calls)) == (date(2025, 3, 1), date(2025, 3, 31), 2)


def test_a_call_that_no_trigger_speaks_of_stands_beside() -> None:
    found = judged(model(assessed=ASSESSED, calls=[called("2025-04-01", "deployment")]), on="2025-04-02", triggers=[MONTHS])
    assert (found.outcome, [each.slug for each in found.calls_beside]) == ("not_due", ["call-0"])
    assert judged(model(calls=[called("2025-04-01")]), on="2025-04-02", triggers=[on_call("discretion")]).calls_beside == ()


@pytest.mark.parametrize(
    ("kind", "outcome"), [("discretion", "not_due"), ("more_capable", "cannot_tell"), ("capability_jump", "cannot_tell")]
)
def test_no_call_says_something_only_once_somebody_looked(kind: str, outcome: str) -> None:
    other = model("other", assessed=ASSESSED)
    assert judged(model(), other, on="2025-04-01", triggers=[on_call(kind)]).outcome == outcome
    looked = model(assessed=[assessed("2025-03-01", depth="preliminary", comparison_model="other")])
    assert judged(looked, other, on="2025-04-01", triggers=[on_call(kind)]).outcome == "not_due"


# --------------------------------------------------------------------------------------------------------------- deployment


@pytest.mark.parametrize(
    ("released", "day", "outcome", "because"),
    [
        (None, "2025-04-01", "cannot_tell", "release_not_recorded"),
        ("2025-05-02", "2025-04-01", "not_due", "deployment_ahead"),
        ("2025-05-01", "2025-04-01", "soon", "deployment_ahead"),
        ("2025-04-01", "2025-04-01", "due", "deployed_unassessed"),
    ],
)
def test_a_release_without_an_own_assessment_fires_the_trigger_of_deployment(
    released: str | None, day: str, outcome: str, because: str
) -> None:
    other = model("other", assessed=ASSESSED)
    found = judged(model(released_on=released), other, on=day, triggers=[on_call("deployment")])
    assert told(found, "deployment") == (outcome, because)
    held = model(released_on=released, assessed=ASSESSED)
    assert told(judged(held, on=day, triggers=[on_call("deployment")]), "deployment") == ("not_due", "assessed")


# ----------------------------------------------------------------------------------------------------------------- calendar

REPORTED = [assessed("2025-01-31", depth="report")]


@pytest.mark.parametrize(
    ("day", "outcome", "because"),
    [
        ("2025-04-29", "not_due", "months_not_passed"),
        ("2025-04-30", "soon", "window_open"),
        ("2025-07-30", "soon", "window_open"),
        ("2025-07-31", "due", "months_passed"),
    ],
)
def test_a_report_may_be_made_in_its_window_and_must_by_its_end(day: str, outcome: str, because: str) -> None:
    found = judged(model(assessed=REPORTED), on=day, triggers=[RISK_REPORT])
    assert told(found, "report") == (outcome, because)
    assert (found.triggers[0].earliest_on, found.due_on) == (date(2025, 4, 30), date(2025, 7, 31))


@pytest.mark.parametrize(
    ("released", "outcome", "because"),
    [
        ("2025-02-01", "not_due", "months_not_passed"),
        ("2025-01-31", "cannot_tell", "left_out_of_report"),
        (None, "cannot_tell", "release_not_recorded"),
    ],
)
def test_whether_an_earlier_report_should_have_covered_a_model_is_not_guessed(released: str | None, outcome: str, because: str) -> None:
    other = model("other", assessed=[*REPORTED, assessed("2025-01-31")])
    this = model(released_on=released)
    assert told(judged(this, other, on="2025-03-01", triggers=[RISK_REPORT]), "report") == (outcome, because)
    assert told(judged(this, other, on="2025-07-31", triggers=[RISK_REPORT]), "report") == ("due", "months_passed")


def test_without_any_report_one_is_due_and_an_assessment_is_no_report() -> None:
    found = judged(model(assessed=ASSESSED), on="2025-03-01", triggers=[RISK_REPORT])
    assert told(found, "report") == ("due", "never_reported")


def test_what_is_due_without_a_day_does_not_borrow_that_of_what_is_not() -> None:
    found = judged(model(assessed=ASSESSED), on="2025-03-01", triggers=[RISK_REPORT, MONTHS])
    assert (found.outcome, found.due_on, of(found, "months").due_on) == ("due", None, date(2025, 8, 24))


def test_a_model_covered_by_a_report_was_assessed() -> None:
    assert judged(model(assessed=REPORTED), on="2025-03-01", triggers=[RISK_REPORT]).outcome == "not_due"


def test_a_calendar_without_its_months_can_tell_nothing() -> None:
    found = judged(model(assessed=REPORTED), on="2025-03-01", triggers=[{**RISK_REPORT, "months": None, "months_earliest": None}])
    assert told(found, "report") == ("cannot_tell", "quantity_not_given")


# ------------------------------------------------------------------------------------------------------------------- policy


@pytest.mark.parametrize(("last", "because"), [("2025-05-13", "policy_changed_since"), ("2025-05-14", "assessed")])
def test_a_change_of_policy_asks_for_an_assessment_since(last: str, because: str) -> None:
    found = judged(model(assessed=[assessed(last)]), on="2025-06-01", triggers=[on_call("policy_change")], effective_on="2025-05-14")
    assert found.triggers[0].because == because


def version(slug: str, effective_on: str, **fields: Any) -> Any:
    return policy(MONTHS, slug=slug, effective_on=effective_on, standing="adopted", **fields)


def listed(every: list[History], policies: list[Any], on: str) -> list[tuple[str, str | None]]:
    found = due_models(every, policies, date.fromisoformat(on))
    return [(each.model, None if each.under is None else each.under.policy) for each in found]


def test_the_newest_adopted_version_of_each_framework_in_force_judges() -> None:
    policies = [
        version("p-1", "2025-01-01"),
        version("p-2", "2025-05-14"),
        version("q-1", "2025-01-01", framework="other", effective_until="2025-06-01"),
        version("f-1", "2025-01-01", framework="fiction").model_copy(update={"standing": "fictional"}),
    ]
    this = model(assessed=ASSESSED)
    assert sorted(listed([this], policies, "2025-05-13")) == [("m", "p-1"), ("m", "q-1")]
    assert sorted(listed([this], policies, "2025-05-14")) == [("m", "p-2"), ("m", "q-1")]
    assert listed([this], policies, "2025-06-01") == [("m", "p-2")]


def test_a_corrected_file_does_not_count() -> None:
    first, fixed = version("p-1", "2025-01-01"), version("p-1b", "2025-01-01", corrects="p-1")
    assert listed([model(assessed=ASSESSED)], [first, fixed], "2025-02-24") == [("m", "p-1b")]


def test_force_is_told_in_words() -> None:
    old, new = version("p-1", "2025-01-01"), version("p-2", "2025-05-14", effective_until="2026-01-01")
    days = ("2024-12-31", "2025-01-01", "2025-05-14", "2026-01-01")
    at = [tuple(force_of(each, [old, new], date.fromisoformat(day)) for each in (old, new)) for day in days]
    assert at == [
        (Force.NOT_YET, Force.NOT_YET),
        (Force.IN_FORCE, Force.NOT_YET),
        (Force.REPLACED, Force.IN_FORCE),
        (Force.REPLACED, Force.ENDED),
    ]


def test_a_policy_judges_the_models_of_its_developer_and_no_model_is_left_out() -> None:
    every = [model("mine", assessed=ASSESSED), model("theirs", developer="Other lab", assessed=ASSESSED)]
    found = due_models(every, [version("p-1", "2025-01-01", developer="test  LAB")], date(2025, 3, 1))
    assert [(each.model, each.under is None, each.outcome.value) for each in found] == [
        ("theirs", True, "cannot_tell"),
        ("mine", False, "not_due"),
    ]


def test_a_policy_asked_for_by_name_judges_every_model() -> None:
    every = [model("mine", assessed=ASSESSED), model("theirs", developer="Other lab", assessed=ASSESSED)]
    rules = version("p-1", "2026-01-01")
    found = due_under_each(every, [rules], [rules], date(2025, 3, 1))
    assert [(each.model, each.under and each.under.force) for each in found] == [("mine", Force.NOT_YET), ("theirs", Force.NOT_YET)]


def test_a_file_without_triggers_can_tell_nothing_of_a_model_once_assessed() -> None:
    assert judged(model(assessed=ASSESSED), on="2025-03-01", triggers=()).outcome == "cannot_tell"


def test_the_most_pressing_stands_first() -> None:
    every = [
        model("a", assessed=[assessed("2025-02-01")]),
        model("b", assessed=[assessed("2024-06-01")]),
        model("c", assessed=[assessed("2024-09-15")]),
    ]
    found = due_models(every, [version("p-1", "2025-01-01")], date(2025, 3, 1))
    assert [(each.model, each.outcome.value) for each in found] == [("b", "due"), ("c", "soon"), ("a", "not_due")]
