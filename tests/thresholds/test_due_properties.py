"""What never makes a new assessment less pressing: growth, calls, and time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.properties import cases
from tests.thresholds.histories import COMPUTE, MONTHS, RISK_REPORT, History, assessed, called, figure, judged, model, on_call
from thresholds.due_records import PRESSING, DueModel
from thresholds.reassessment import months_later

CALLS = ("discretion", "more_capable", "capability_jump", "deployment")
EVERY_TRIGGER = (COMPUTE, MONTHS, RISK_REPORT, *(on_call(kind, days=30) for kind in (*CALLS, "policy_change")))
START, END = date(2027, 10, 1), date(2028, 12, 31)  # a leap year within

days = st.dates(START, END).map(date.isoformat)
values = st.integers(1, 40).map(lambda tenths: str(Decimal(tenths) / 10))


@st.composite
def figures(draw: st.DrawFn) -> dict[str, Any]:
    value = draw(values)
    spread = {"low": Decimal(value) / 2, "high": Decimal(value) * 2} if draw(st.booleans()) else {}
    return figure(draw(days), value, unit=draw(st.sampled_from(["FLOP", "FLOP", "index"])), **spread)


@st.composite
def histories(draw: st.DrawFn, slug: str, named: tuple[str, ...]) -> History:
    depths = st.sampled_from(["comprehensive", "comprehensive", "preliminary", "report"])
    beside = st.sampled_from([None, *named])
    held = [assessed(draw(days), depth=draw(depths), comparison_model=draw(beside)) for _ in range(draw(st.integers(0, 3)))]
    calls = [called(draw(days), draw(st.sampled_from(CALLS))) for _ in range(draw(st.integers(0, 2)))]
    entered = draw(st.lists(figures(), max_size=4))
    released_on = draw(st.none() | days)
    return model(slug, figures=entered, assessed=held, calls=calls, planned_beside=draw(beside), released_on=released_on)


worlds = st.tuples(histories("m", ("n", "o", "unheard-of")), histories("n", ("m",)), histories("o", ()))
triggers = st.lists(st.sampled_from(EVERY_TRIGGER), unique_by=lambda each: each["slug"])


def rank(found: DueModel) -> int:
    return PRESSING.index(found.outcome)


@given(worlds, triggers, st.sampled_from(CALLS), days, days)
@cases()
def test_a_call_never_makes_it_less_pressing(world: Any, chosen: Any, kind: str, on: str, called_on: str) -> None:
    this, *others = world
    more = model(calls=[called(called_on, kind)]).calls
    calling = History(this.model, this.developer, this.plans, this.effective_compute, this.assessments, (*this.calls, *more))
    assert rank(judged(calling, *others, on=on, triggers=chosen)) <= rank(judged(this, *others, on=on, triggers=chosen))


@given(worlds, days, figures())
@cases(300)
def test_a_figure_of_growth_never_makes_it_less_pressing(world: Any, on: str, entered: dict[str, Any]) -> None:
    """Growth: on a day after everything that it could be held against. Where no figure spoke so far, a first one may."""
    this, *others = world
    before = judged(this, *others, on=on, triggers=[COMPUTE])
    spoke = before.triggers[0].because not in ("compute_not_entered", "compared_compute_not_entered")
    later = model(figures=[{**entered, "slug": "growth", "reached_on": on}]).effective_compute
    assessed_that_day = any(each.completed_on.isoformat() == on for each in this.assessments)
    if not spoke or assessed_that_day:
        return
    grown = History(this.model, this.developer, this.plans, (*this.effective_compute, *later), this.assessments, this.calls)
    assert rank(judged(grown, *others, on=on, triggers=[COMPUTE])) <= rank(before)


@given(worlds, days, st.integers(10, 100))
@cases(300)
def test_a_higher_figure_since_the_assessment_never_makes_it_less_pressing(world: Any, on: str, tenths: int) -> None:
    this, *others = world
    before = judged(this, *others, on=on, triggers=[COMPUTE])
    last = max((each.completed_on for each in this.assessments if each.completed_on.isoformat() <= on), default=date.min)
    times = Decimal(tenths) / 10

    def raised(each: Any) -> Any:
        higher = {"value": each.value * times, "high": None if each.high is None else each.high * times}
        return each.model_copy(update=higher) if each.reached_on > last else each

    entered = tuple(raised(each) for each in this.effective_compute)
    grown = History(this.model, this.developer, this.plans, entered, this.assessments, this.calls)
    assert rank(judged(grown, *others, on=on, triggers=[COMPUTE])) <= rank(before)


@given(worlds, triggers, st.integers(0, 800), st.integers(0, 60), st.integers(0, 60))
@cases(300)
def test_a_later_day_and_looking_further_ahead_never_make_it_less_pressing(
    world: Any, chosen: Any, later: int, near: int, further: int
) -> None:
    """From a day on by which every assessment was held: one that is held answers."""
    this, *others = world
    day = END + timedelta(later)
    now = judged(this, *others, on=END.isoformat(), triggers=chosen, within=near)
    assert rank(judged(this, *others, on=day.isoformat(), triggers=chosen, within=near + further)) <= rank(now)


@given(st.dates(date(2000, 1, 1), date(2400, 1, 1)))
@cases(300)
def test_months_fire_on_their_day_and_not_the_day_before(last: date) -> None:
    due_on = months_later(last, 6)
    this = model(assessed=[assessed(last.isoformat())])
    found = [judged(this, on=(due_on - timedelta(back)).isoformat(), triggers=[MONTHS], within=0).outcome for back in (1, 0)]
    assert found == ["not_due", "due"]
