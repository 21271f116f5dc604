"""From a reading to records: which measure, which scale, how complete; never a guess, never a rounding, never more than the log has."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.readers.assignment import Assigned, Assignment, AssignmentError, Shift, as_evidence, run_slug, shifted
from evaluations.readers.log_reading import LogFormat, LogReading, source_slug
from evaluations.records import EvaluationVersion, RunStatus

SOURCE = source_slug(LogFormat.INSPECT, "log-1")
MEANT = {"model": "m", "snapshot": "final", "evaluation": "exam", "version": "v1"}


def a_score(value: object = "0.5", **fields: Any) -> dict[str, Any]:
    """A header's mean."""
    return {"slug": "accuracy", "source": SOURCE, "statistic": "mean", "value": Decimal(str(value)), **fields}


def a_measure(name: str = "accuracy", *attempts: object, **fields: Any) -> dict[str, Any]:
    """A measure with one attempt an item."""
    items = tuple({"item": f"i{place}", "attempts": (None if each is None else Decimal(str(each)),)} for place, each in enumerate(attempts))
    return {"name": name, "unit": "proportion", "items": items, "unscored": sum(each is None for each in attempts), **fields}


def a_reading(*measures: dict[str, Any], **fields: Any) -> LogReading:
    """A completed log of two items, one solved."""
    told = {
        "format": "inspect",
        "log_id": "log-1",
        "file_name": "a.eval",
        "file_sha256": "ab" * 32,
        "model": "lab/m",
        "task": "exam",
        "status": "completed",
        "measures": measures or (a_measure("accuracy", 1, 0, scores=(a_score(),)),),
    }
    return LogReading.model_validate({**told, **fields})


def a_version(**fields: Any) -> EvaluationVersion:
    """A version in percent."""
    told = {"slug": "v1", "unit": "percent", "scale_low": 0, "scale_high": 100, "riskier_when": "higher", "source": "pipeline"}
    return EvaluationVersion.model_validate({**told, **fields})


def assigned(reading: LogReading, version: EvaluationVersion | None = None, **chosen: Any) -> Assigned:
    """What the reading becomes."""
    return as_evidence(reading, Assignment.model_validate({**MEANT, **chosen}), version or a_version())


SHARE = {"unit": "share of items", "scale_low": 0, "scale_high": 1}


def test_a_share_on_a_scale_of_percent_is_multiplied_by_100_and_told() -> None:
    """Values, intervals and errors move together; what was printed of the digits stays."""
    score = a_score(
        "0.5", spread=Decimal("0.0123"), spread_kind="se", low=Decimal("0.4"), high=Decimal("0.60"), interval_level=Decimal("0.95")
    )
    made = assigned(a_reading(a_measure("accuracy", 1, "0.25", scores=(score,))))
    told = made.run.scores[0]
    assert [str(each) for each in (told.value, told.spread, told.low, told.high, told.interval_level)] == ["50", "1.23", "40", "60", "0.95"]
    assert [str(each.attempts[0]) for each in made.run.items] == ["100", "25"]
    assert "multiplied by 100" in [each.value for each in made.derived]


def test_counts_are_never_scaled() -> None:
    """Passed of trials is a count on every scale."""
    score = a_score("0.5", statistic="share", passed=Decimal(1), trials=2)
    told = assigned(a_reading(a_measure("accuracy", 1, 0, scores=(score,)))).run.scores[0]
    assert (told.value, told.passed, told.trials) == (Decimal(50), Decimal(1), 2)


def test_percent_on_a_scale_of_shares_is_divided_by_100() -> None:
    """The other way round, as exact."""
    made = assigned(a_reading(a_measure("accuracy", "69.70", unit="percent")), a_version(**SHARE))
    assert str(made.run.items[0].attempts[0]) == "0.6970"


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-100, max_value=100),
    st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-100, max_value=100),
    st.sampled_from([Shift.TO_PERCENT, Shift.TO_PROPORTION]),
)
def test_scaling_moves_no_value_across_any_bar(value: Decimal, bar: Decimal, shift: Shift) -> None:
    """Order and equality survive, and back again is the same number."""
    assert (shifted(value, shift) < shifted(bar, shift)) == (value < bar)
    assert (shifted(value, shift) == shifted(bar, shift)) == (value == bar)
    assert shifted(shifted(value, shift), Shift(-shift)) == value


def test_scaling_keeps_more_digits_than_python_computes_with() -> None:
    """The 28 digits of the decimal context round nothing here."""
    value = Decimal("0." + "1234567890" * 4)
    assert str(shifted(value, Shift.TO_PERCENT)) == "12." + ("1234567890" * 4)[2:]


def test_of_several_measures_none_is_taken_in_silence() -> None:
    """The error names them all."""
    with pytest.raises(AssignmentError, match=r"2 measures.*none chosen.*acc, acc_norm"):
        assigned(a_reading(a_measure("acc", 1), a_measure("acc_norm", 0)))


def test_a_measure_that_was_named_counts() -> None:
    """It outranks the headline of the file."""
    made = assigned(a_reading(a_measure("acc", 1), a_measure("acc_norm", 0), headline="acc"), measure="acc_norm")
    assert (made.run.source_at, made.run.items[0].attempts) == ("measure acc_norm", (Decimal(0),))


def test_the_headline_of_the_file_counts_and_is_told() -> None:
    """Nobody named another."""
    made = assigned(a_reading(a_measure("acc", 1), a_measure("acc_norm", 0), headline="acc_norm"))
    assert made.run.source_at == "measure acc_norm"
    assert ("measure", "acc_norm") in [(each.field, each.value) for each in made.derived]


def test_an_unknown_measure_is_refused() -> None:
    """It is named with those there are."""
    with pytest.raises(AssignmentError, match=r"the measure f1, expected one that a.eval holds: accuracy"):
        assigned(a_reading(), measure="f1")


@pytest.mark.parametrize("values", [("0.5", 1), (0, "0.2")])
def test_a_unit_that_nothing_settles_is_asked_for(values: tuple[object, ...]) -> None:
    """0.5 on a scale of 0 to 100 may be half a percent."""
    reading = a_reading(a_measure("accuracy", *values, unit="not_stated"))
    with pytest.raises(AssignmentError, match=r"no unit of the measure accuracy.*said as unit"):
        assigned(reading)
    assert assigned(reading, unit="percent").run.items[0].attempts[0] == Decimal(str(values[0]))
    assert assigned(reading, unit="proportion").run.items[1].attempts[0] == Decimal(str(values[1])) * 100


def test_a_unit_that_the_scale_settles_is_told() -> None:
    """A scale of shares with shares on it."""
    made = assigned(a_reading(a_measure("accuracy", 1, "0.5", unit="not_stated")), a_version(**SHARE))
    assert ("unit", "proportion") in [(each.field, each.value) for each in made.derived]


@pytest.mark.parametrize("values", [(5, 4, 3), ("0.45", "1.2"), (45, "0.5")])
def test_a_number_beyond_1_does_not_make_percent(values: tuple[object, ...]) -> None:
    """3 of a rubric from 0 to 5 is no 3 percent."""
    with pytest.raises(AssignmentError, match="no unit of the measure grade"):
        assigned(a_reading(a_measure("grade", *values, unit="not_stated")))


def test_another_number_beside_a_share_does_not_settle_its_unit() -> None:
    """35 turns do not make 0.45 less than one percent."""
    turns = a_score(35, slug="turns", statistic="not_stated")
    with pytest.raises(AssignmentError, match="no unit of the measure grade"):
        assigned(a_reading(a_measure("grade", "0.45", "0.2", unit="not_stated", scores=(turns,))))
    with pytest.raises(AssignmentError, match="no unit of the measure grade"):
        assigned(a_reading({"name": "grade", "scores": (a_score("0.45"), turns)}))


def test_a_number_of_another_kind_off_the_scale_is_left_out_and_told() -> None:
    """It would keep the whole log out of the record; averages off the scale still do."""
    turns = a_score(35, slug="turns", statistic="not_stated")
    made = assigned(a_reading(a_measure("accuracy", 1, 0, scores=(a_score(), turns))), a_version(**SHARE))
    assert [each.slug for each in made.run.scores] == ["accuracy"]
    assert any("turns is left out" in each for each in made.warnings)


def test_a_log_without_any_value_needs_no_unit() -> None:
    """A run that failed has nothing to scale."""
    reading = a_reading(a_measure("accuracy", None, unit="not_stated"), status="failed", status_reason="nothing was scored")
    assert assigned(reading).run.status is RunStatus.FAILED


def test_a_unit_against_the_file_is_refused() -> None:
    """What the file tells is not overruled by a word beside it."""
    with pytest.raises(AssignmentError, match="percent for accuracy, expected proportion, as the file tells"):
        assigned(a_reading(), unit="percent")


def test_minutes_never_become_percent() -> None:
    """Only shares and percent are one thing on two scales."""
    with pytest.raises(AssignmentError, match="in minutes, expected percent"):
        assigned(a_reading(a_measure("horizon", 30, unit="minutes")))


def test_a_version_whose_words_contradict_its_scale_is_told() -> None:
    """Percent from 0 to 1 would be read a hundredfold wrong."""
    with pytest.raises(AssignmentError, match="correct the version first"):
        assigned(a_reading(), a_version(unit="percent", scale_high=1))


def test_a_direction_against_the_version_is_refused() -> None:
    """A lower-is-worse measure as a higher-is-worse evaluation would turn the verdict around."""
    with pytest.raises(AssignmentError, match="riskier when lower, expected one riskier when higher"):
        assigned(a_reading(a_measure("accuracy", 1, riskier_when="lower")))


def test_a_log_over_fewer_items_than_the_version_is_partial() -> None:
    """A subset says nothing of the whole."""
    run = assigned(a_reading(), a_version(item_count=50)).run
    assert (run.status, run.status_reason) == (RunStatus.PARTIAL, "a subset: the log holds 2 of the 50 items that version v1 has")


def test_a_log_over_more_items_than_the_version_warns() -> None:
    """It may be another version."""
    made = assigned(a_reading(), a_version(item_count=1))
    assert (made.run.status, len(made.warnings)) == (RunStatus.COMPLETED, 1)


@given(st.sampled_from(sorted(set(RunStatus) - {RunStatus.COMPLETED})), st.sampled_from([None, 1, 2, 3]), st.sampled_from([(), (1, 0)]))
def test_what_is_incomplete_never_completes(status: RunStatus, item_count: int | None, solved: tuple[int, ...]) -> None:
    """Whatever the version says, and whether the log holds results or none."""
    measures = (a_measure("accuracy", *solved),) if solved else ()
    run = assigned(a_reading(status=status, status_reason="cut short", measures=measures), a_version(item_count=item_count)).run
    assert run.status is status
    assert "cut short" in str(run.status_reason)


@pytest.mark.parametrize("measures", [(), (a_measure("accuracy"),)])
def test_a_completed_log_without_results_is_no_completed_run(measures: tuple[Any, ...]) -> None:
    """There is nothing to judge."""
    assert assigned(a_reading(measures=measures)).run.status is RunStatus.PARTIAL


def test_a_figure_in_squared_units_is_left_out_where_the_scale_changes() -> None:
    """A variance times 100 is a wrong number."""
    variance = a_score("0.25", slug="var", statistic="not_stated")
    made = assigned(a_reading(a_measure("accuracy", 1, 0, scores=(a_score(), variance))))
    assert [each.slug for each in made.run.scores] == ["accuracy"]
    assert any("var is left out" in each for each in made.warnings)


def test_the_same_log_is_the_same_run_wherever_it_lies() -> None:
    """The name comes from the execution, not from the file."""
    copy = a_reading(file_name="copy.eval", file_sha256="cd" * 32)
    assert assigned(a_reading()).run == assigned(copy).run
    assert run_slug(LogFormat.INSPECT, "log-1", "exam", "v1") != run_slug(LogFormat.INSPECT, "log-1", "exam", "v2")
    assert len(run_slug(LogFormat.INSPECT, "log-1", "e" * 100, "v1")) <= 100


def test_lower_trust_holds_for_the_run_and_its_scores() -> None:
    """Somebody else's log is not our measurement."""
    run = assigned(a_reading(), confidence="secondary").run
    assert {run.confidence.value, run.scores[0].confidence.value} == {"secondary"}
