"""What stands beside the ratio of a trial: cohorts, how much they differ, and the ratio without the covariate. None of it decides."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from evaluations.trials import Look, UpliftTrial
from tests.world import Lab


def arm(mean: str, spread: str = "9", count: int = 9) -> dict[str, Any]:
    return {"mean": Decimal(mean), "spread": Decimal(spread), "spread_kind": "sd", "participants_count": count}


ONE = {"control": arm("24"), "model": arm("50", "21")}
OTHER = {"control": arm("27"), "model": arm("57", "20")}
LAB = Lab().trained("only").evaluation().criterion(shape="uplift")


def with_trial(lab: Lab, **changes: Any) -> Lab:
    """The lab with its one trial changed."""
    (trial,) = lab.trials
    return replace(lab, trials=(UpliftTrial.model_validate({**trial.model_dump(), **changes}),))


def people(scores: str, pretests: str) -> list[dict[str, Any]]:
    return [
        {"code": f"p{place}", "score": Decimal(score), "pretest": Decimal(pretest)}
        for place, (score, pretest) in enumerate(zip(scores.split(), pretests.split(), strict=True))
    ]


def test_two_cohorts_say_how_much_they_differ() -> None:
    (row,) = LAB.trial(ONE, OTHER).finding().variants
    assert row.heterogeneity is not None
    assert (row.heterogeneity.cohorts, row.heterogeneity.degrees_of_freedom) == (2, 1)
    assert row.heterogeneity.p > 0.5  # 2.08 and 2.11 hardly differ


def test_one_cohort_has_nothing_to_differ_from() -> None:
    (row,) = LAB.trial(ONE).finding().variants
    assert row.heterogeneity is None


def test_a_cohort_is_shown_at_the_look_of_its_trial() -> None:
    lab = LAB.trial(ONE)
    (complete,) = lab.finding().variants
    (early,) = with_trial(lab, look=Look(taken=1, planned_fractions=(Decimal("0.5"), Decimal(1)))).finding().variants
    assert complete.cohorts[0].high is not None
    assert early.cohorts[0].high is None or early.cohorts[0].high > complete.cohorts[0].high
    assert (early.low, early.high) == (early.cohorts[0].low, early.cohorts[0].high)


def test_the_unadjusted_ratio_stands_beside_the_adjusted_one() -> None:
    control = {"participants": people("12 20 25 31 18 27 22 29", "1 3 4 6 2 5 3 6")}
    model = {"participants": people("40 52 61 75 47 66 55 70", "1 3 4 6 2 5 3 6")}
    lab = LAB.trial({"control": control, "model": model})
    (plain,) = lab.finding().variants
    (adjusted,) = with_trial(lab, adjusted_for="score before the trial").finding().variants
    assert plain.unadjusted is None
    assert adjusted.unadjusted is not None
    assert (adjusted.method, adjusted.unadjusted.adjusted_for) == ("fieller_lin_adjusted", "score before the trial")
    assert (adjusted.unadjusted.low, adjusted.unadjusted.high) == (plain.low, plain.high)
    assert adjusted.low is not None
    assert adjusted.high is not None
    assert adjusted.high - adjusted.low < plain.high - plain.low  # type: ignore[operator]  # both ends exist, as asserted above


@pytest.mark.parametrize("cohorts", [4, 5])
def test_five_cohorts_or_more_speak_of_all_groups_like_these(cohorts: int) -> None:
    (row,) = LAB.trial(*([ONE, OTHER, ONE, OTHER, ONE][:cohorts])).finding().variants
    assert row.method == ("stratified_fieller_welch" if cohorts < 5 else "random_effects_modified_hk")
    assert row.heterogeneity is not None
