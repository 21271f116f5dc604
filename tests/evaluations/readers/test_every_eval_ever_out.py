"""What rsp writes as Every Eval Ever follows the published schema, and comes back with nothing lost that the format can hold."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest

from evaluations.readers.every_eval_ever import read_every_eval_ever
from evaluations.readers.every_eval_ever_out import Export, NotWritableError, Relationship, every_eval_ever
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogReading
from evaluations.records import (
    Confidence,
    Developer,
    Evaluation,
    EvaluationKind,
    EvaluationVersion,
    ItemResult,
    Model,
    RiskierWhen,
    Run,
    RunStatus,
    Score,
    Snapshot,
    SnapshotKind,
    Source,
    SpreadKind,
    Statistic,
    Thinking,
    Visibility,
)
from tests.evaluations.readers.logs import LOGS

SCHEMA = jsonschema_rs.validator_for(json.loads((LOGS / "eee" / "schema" / "eval.schema.json").read_text()))
SOURCE = Source(slug="card", title="A system card", address="https://example.org/card.pdf")
SNAPSHOT = Snapshot(slug="step-2", name="Step 2", kind=SnapshotKind.CHECKPOINT, ordinal=2, training_step=2_000, source="card")
MODEL = Model(slug="m-1", name="Model One", developer="dev", snapshots=(SNAPSHOT,), source="card")
VERSION = EvaluationVersion(
    slug="v2", unit="percent", riskier_when=RiskierWhen.HIGHER, scale_low=Decimal(0), scale_high=Decimal(100), item_count=40, source="card"
)
EVALUATION = Evaluation(slug="reading", name="Reading", kind=EvaluationKind.BENCHMARK, versions=(VERSION,), source="card")

SCORES = (
    Score(
        slug="headline",
        source="card",
        statistic=Statistic.MEAN,
        value=Decimal("69.70"),
        items=40,
        items_basis="stated in the card",
        spread=Decimal("1.25"),
        spread_kind=SpreadKind.STANDARD_ERROR,
        low=Decimal("67.2"),
        high=Decimal("72.2"),
        interval_level=Decimal("0.95"),
        as_printed="69.7 % ± 1.25",
        note="Table 3",
    ),
    Score(slug="tries", source="card", statistic=Statistic.PASS_AT_K, k=3, value=Decimal("80"), runs=5),
    Score(slug="counted", source="card", statistic=Statistic.SHARE, passed=Decimal("27.5"), trials=40),
    Score(slug="middle", source="card", statistic=Statistic.MEDIAN, value=Decimal("0.12345678901234567890123456789")),
    Score(
        slug="wide",
        source="card",
        statistic=Statistic.MEAN,
        value=Decimal(70),
        spread=Decimal(3),
        spread_kind=SpreadKind.STANDARD_DEVIATION,
    ),
    Score(slug="vague", source="card", statistic=Statistic.MEAN, value=Decimal(71), spread=Decimal(2), spread_kind=SpreadKind.UNSPECIFIED),
)
RUN = Run(
    slug="reading-step-2",
    model="m-1",
    snapshot="step-2",
    evaluation="reading",
    version="v2",
    thinking=Thinking.EXTENDED,
    scaffold="plain",
    token_budget=64_000,
    tools="bash, python",
    measured_at=datetime(2025, 2, 24, 12, 0, 0, 500_000, tzinfo=UTC),
    scores=SCORES,
    source="card",
)


def export(**changes: Any) -> Export:
    fields: dict[str, Any] = {
        "run": RUN,
        "model": MODEL,
        "developer": Developer(slug="dev", name="A Developer"),
        "evaluation": EVALUATION,
        "source": SOURCE,
        "organization": "An Organization",
        "relationship": Relationship.FIRST_PARTY,
        "written_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return Export(**{**fields, **changes})


def back(written: bytes) -> LogReading:
    [reading] = read_every_eval_ever(LogFile("w.json", io.BytesIO(written)))
    return reading


RUNS = {
    "whole": RUN,
    "bare": Run(slug="r", model="m-1", snapshot=None, evaluation="reading", version="v2", source="card", scores=SCORES[:1]),
    "partial": RUN.but({"status": RunStatus.PARTIAL, "status_reason": "3 of 40 items were refused"}),
    "invalidated": RUN.but({"status": RunStatus.INVALIDATED, "status_reason": "the grader was broken"}),
    "published": RUN.but({"confidence": Confidence.VERBATIM, "source_at": "page 12", "note": "a note"}),
    "items": RUN.but({"scores": (), "items": tuple(ItemResult(item=f"q{n}", attempts=(Decimal(n % 2), Decimal(1))) for n in range(3))}),
}


@pytest.mark.parametrize("case", RUNS)
def test_what_is_written_follows_the_published_schema(case: str) -> None:
    document = json.loads(every_eval_ever(export(run=RUNS[case])))
    assert not list(SCHEMA.iter_errors(document))
    assert list(SCHEMA.iter_errors({**document, "surprise": 1}))  # the validator does refuse


@pytest.mark.parametrize("case", ["whole", "bare", "partial", "invalidated", "published"])
def test_every_score_comes_back_as_it_was(case: str) -> None:
    run = RUNS[case]
    reading = back(every_eval_ever(export(run=run)))
    source = reading.measures[0].scores[0].source
    assert [each.scores[0] for each in reading.measures] == [each.but({"source": source}) for each in run.scores]


@pytest.mark.parametrize("case", RUNS)
def test_what_the_format_has_no_place_for_comes_back(case: str) -> None:
    run = RUNS[case]
    reading = back(every_eval_ever(export(run=run)))
    stated = reading.stated
    assert (stated.model, stated.snapshot, stated.evaluation, stated.version) == ("m-1", run.snapshot, "reading", "v2")
    assert (reading.status, reading.status_reason) == (run.status, run.status_reason)
    assert (reading.thinking, reading.scaffold, reading.tools) == (run.thinking, run.scaffold, run.tools)
    assert (reading.token_budget, reading.measured_at) == (run.token_budget, run.measured_at)
    assert {each.riskier_when for each in reading.measures} == {RiskierWhen.HIGHER}


def test_an_interval_is_written_only_where_the_source_printed_one() -> None:
    results = json.loads(every_eval_ever(export()))["evaluation_results"]
    intervals = [each["score_details"].get("uncertainty", {}).get("confidence_interval") for each in results]
    assert intervals == [{"lower": 67.2, "upper": 72.2, "confidence_level": 0.95}, None, None, None, None, None]


def test_results_are_named_by_score_metric_and_reducer() -> None:
    results = json.loads(every_eval_ever(export()))["evaluation_results"]
    assert [each["evaluation_result_id"] for each in results[:4]] == [
        "headline:accuracy:mean",
        "tries:pass_at_k:pass_at_3",
        "counted:accuracy:mean",
        "middle:median:median",
    ]
    assert results[1]["metric_config"]["metric_parameters"] == {"k": 3}


def test_the_mean_of_items_is_said_to_be_worked_out() -> None:
    [measure] = back(every_eval_ever(export(run=RUNS["items"]))).measures
    [score] = measure.scores
    assert float(score.value or 0) == pytest.approx(2 / 3)  # items at 0.5, 1 and 0.5
    assert (score.confidence, score.items) == (Confidence.DERIVED, 3)


def test_a_number_changed_beside_its_exact_text_is_told_and_taken_as_it_stands() -> None:
    document = json.loads(every_eval_ever(export()))
    document["evaluation_results"][0]["score_details"]["score"] = 20.0
    reading = back(json.dumps(document).encode())
    assert reading.measures[0].scores[0].value == Decimal("20.0")
    assert "is not the 69.70" in reading.warnings[0]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a withheld run": ({"run": RUN.but({"visibility": Visibility.RESTRICTED})}, "withheld"),
    "a withheld score": ({"run": RUN.but({"scores": (SCORES[0].but({"visibility": Visibility.HAZARDOUS}),)})}, "withheld"),
    "a withheld evaluation": ({"evaluation": EVALUATION.but({"visibility": Visibility.HAZARDOUS})}, "withheld"),
    "words alone": ({"run": RUN.but({"scores": (Score(source="card", statistic=Statistic.NOT_STATED, words="low"),)})}, "found no number"),
    "an unscored item": ({"run": RUN.but({"scores": (), "items": (ItemResult(item="q", attempts=(None,)),)})}, "found no number"),
    "another model": ({"model": MODEL.but({"slug": "m-2"})}, "its own model"),
    "another version": ({"run": RUN.but({"version": "v9"})}, "of version v9"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_must_not_or_cannot_be_written_is_refused(case: str) -> None:
    changes, words = REFUSED[case]
    with pytest.raises(NotWritableError, match=words):
        every_eval_ever(export(**changes))


def test_the_same_records_give_the_same_bytes() -> None:
    assert every_eval_ever(export()) == every_eval_ever(export())
