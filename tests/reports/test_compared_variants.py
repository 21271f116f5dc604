"""What a report says of several variants together: how far a maximum stands too high, what a crossing is corrected for, sudden changes."""

from __future__ import annotations

from typing import Any

import pytest

from evaluations.records import Confidence, RiskierWhen, Thinking, Visibility
from reports import numbers
from reports.compared_variants import compared_variants
from reports.document import Block, Paragraph, Table
from reports.withholding import Veil
from tests.reports import records
from tests.reports.assessments import assessment, finding, variant, verdict
from thresholds.finding_records import Alarm, AlarmKind, AlarmState, Finding, SourceNote
from thresholds.outcomes import VerdictOutcome

SOURCE = SourceNote(source="memo", title="A memo", at="p. 2", confidence=Confidence.MEASURED)


def alarm(kind: AlarmKind = AlarmKind.DROP, state: AlarmState = AlarmState.OPEN, **changed: Any) -> Alarm:
    between = {"before": "early", "before_name": "Early", "after": "final", "after_name": "Final", "thinking": Thinking.NOT_STATED}
    return Alarm(**{"kind": kind, "state": state, **between, "change": -20.5, "items": 42, "pairs": 5, "p_holm": 0.0004, **changed})


def said(given: Finding) -> str:
    return " ".join(word for block in compared_variants(given) for word in words(block)).replace("\u00a0", " ")


def words(block: Block) -> list[str]:
    if isinstance(block, Paragraph):
        return [block.label or "", block.text]
    assert isinstance(block, Table)
    return [block.caption, *(f"{cell.text} | {cell.detail}" for row in block.rows for cell in row)]


def test_one_variant_alone_has_nothing_to_compare() -> None:
    assert said(finding("exam")) == ""


def test_the_highest_of_several_says_how_far_it_stands_too_high() -> None:
    text = said(finding("exam", variants_compared=6, expected_excess=4.43))
    assert "all 6 variants were equally capable, the highest of them would by luck alone stand up to 4.4 points too high" in text
    assert "takes no part in the verdict" in text


def test_where_lower_is_riskier_the_lowest_stands_too_low() -> None:
    text = said(finding("exam", variants_compared=6, expected_excess=4.43, riskier_when=RiskierWhen.LOWER))
    assert "the lowest of them" in text
    assert "4.4 points too low" in text


def test_more_variants_than_planned_are_said_to_make_a_crossing_harder() -> None:
    assert "8 variants with a score stand against 6 planned" in said(finding("exam", variants_planned=6, corrected_for=8))
    assert said(finding("exam", variants_planned=6, corrected_for=6)) == ""


def test_every_variant_that_crossed_is_named() -> None:
    both = tuple(variant(name, snapshot=name, snapshot_name=f"Snapshot {name}", value=90.0) for name in ("a", "b", "c"))
    text = said(finding("exam", variants=both, crossed_variants=("a", "c")))
    assert "The bar is reached by Snapshot a, Snapshot c, allowing for picking the riskiest" in text


def test_an_open_drop_is_a_question() -> None:
    text = said(finding("exam", alarms=(alarm(),)))
    assert "Early to Final" in text
    assert "−20.5 points | 42 items" in text
    assert "<0.001 | one-sided; for 5 pairs" in text
    assert "sudden drop, open | the later snapshot looks safer and nobody has said why: while this is open nothing is ruled out" in text


def test_an_answered_drop_stays_with_who_answered() -> None:
    told = {"answered_by": "R. Reviewer", "answer": "the harness broke", "source": SOURCE}
    assert "sudden drop, answered | R. Reviewer: the harness broke (p. 2)" in said(
        finding("exam", alarms=(alarm(state=AlarmState.ANSWERED, **told),))
    )


def test_a_jump_asks_nothing() -> None:
    text = said(finding("exam", alarms=(alarm(AlarmKind.JUMP, AlarmState.SHOWN, change=20.5),)))
    assert "sudden jump, shown only | the later snapshot looks riskier; its score counts in any case" in text


def test_a_change_that_no_test_can_judge_says_so() -> None:
    text = said(finding("exam", alarms=(alarm(p_holm=None, pairs=0),)))
    assert "not testable | " in text
    assert "pair" not in text.replace("paired", "")


def test_a_fall_over_other_items_is_not_called_one_over_the_same() -> None:
    text = said(finding("exam", alarms=(alarm(p_holm=None, items=0),)))
    assert "−20.5 points | of the scores themselves: too few items are in both" in text


def test_a_drop_of_a_time_horizon_is_never_in_minutes() -> None:
    text = said(finding("tasks", unit="minutes", statistic="time_horizon", alarms=(alarm(change=-0.3),)))
    assert "−30.0 points | 42 items" in text
    assert "−0.3" not in text


def test_what_was_made_of_a_withheld_run_goes_with_it() -> None:
    hidden = tuple(each.model_copy(update={"visibility": Visibility.RESTRICTED}) for each in records.evidence().runs)
    given = finding("swe-bench-hard", variants=(variant("swe-bench", value=23.0),), alarms=(alarm(),), expected_excess=4.43)
    line = verdict("checkpoint", "autonomy", VerdictOutcome.INSUFFICIENT_EVIDENCE, (given,))
    shown = Veil(records.evidence(runs=hidden)).assessment(assessment(verdicts=(line,)))
    assert said(shown.verdicts[0].findings[0]) == ""


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (-0.205, "fraction", "−20.5 points"),
        (0.04, "percent", "0.04 points"),
        (3.0, "percent", "3.0 points"),
        (-12.5, "minutes", "−12.5 minutes"),
    ],
)
def test_a_difference_of_shares_is_in_points(value: float, unit: str, text: str) -> None:
    assert numbers.difference(value, unit).replace("\u00a0", " ") == text
