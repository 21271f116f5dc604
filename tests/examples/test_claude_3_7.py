"""The figures of the Claude 3.7 example against a table copied by hand, with pages; and the verdicts that follow from them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from evaluations.records import RunStatus, SnapshotKind
from evaluations.trials import ArmKind
from tests.examples.reading import assessed, every_finding, evidence_on, files_of
from thresholds.outcomes import FindingOutcome, SubLabel, VerdictOutcome

MODEL = "claude-3-7-sonnet"

SCORES = [  # run, field, as printed in the card, page
    ("virology", "value", "69.7", "p. 26"),
    ("knowledge-questions", "passed", "17", "p. 27"),
    ("knowledge-questions", "trials", "33", "p. 27"),
    ("swe-bench-hard", "passed", "9.65", "p. 30"),
    ("swe-bench-hard", "trials", "42", "p. 30"),
    ("swe-bench-hard", "runs", "20", "p. 30"),
    ("deduplication", "passed", "4", "p. 30"),
    ("deduplication", "trials", "30", "p. 30"),
    ("deduplication-f1", "value", "70.2", "p. 30"),
    ("re-bench", "value", "0.2386", "p. 32"),
    ("ctf-easy", "passed", "13", "pp. 34-37"),
    ("ctf-easy", "trials", "23", "pp. 34-37"),
    ("ctf-medium", "passed", "4", "pp. 34-37"),
    ("ctf-medium", "trials", "13", "pp. 34-37"),
    ("ctf-pwn-easy", "passed", "5", "pp. 34-37"),
    ("ctf-crypto-medium", "passed", "2", "pp. 34-37"),
    ("ctf-network-medium", "passed", "0", "pp. 34-37"),
    ("ctf-network-medium", "k", "30", "pp. 34-37"),
    ("ctf-cyber-harness-medium", "k", "5", "pp. 34-37"),
    ("incalmo", "passed", "2", "p. 37"),
    ("cybench", "passed", "15", "p. 37"),
    ("prompt-injection-no-mitigations", "value", "74", "p. 13"),
    ("prompt-injection-with-mitigations", "value", "88", "p. 13"),
    ("unnecessary-refusals-standard", "value", "-45", "p. 7"),
    ("unnecessary-refusals-extended", "value", "-31", "p. 7"),
    ("cot-mmlu", "value", "0.30", "pp. 15-18"),
    ("cot-gpqa", "value", "0.19", "pp. 15-18"),
    ("thoughts-deception", "value", "0.37", "p. 19"),
    ("alignment-faking-gap", "value", "5", "p. 22"),
    ("bbq-bias-disambiguated", "value", "-0.98", "p. 12"),
    ("bbq-accuracy-ambiguous", "value", "98.8", "p. 12"),
]

ARMS = [  # cohort, arm, mean, plus-minus, highest participant (all section 7.1.4, page 25)
    ("sepal", ArmKind.CONTROL, "24", "9", None),
    ("sepal", ArmKind.MODEL, "50", "21", None),
    ("anthropic", ArmKind.CONTROL, "27", "9", None),
    ("anthropic", ArmKind.MODEL, "57", "20", "91"),
]

CLAIMS = [  # claim, value, page
    ("uplift-ratio", "2.1", "p. 25"),
    ("uplift-critical-failures", "0", "p. 24"),
    ("swe-bench-hard-percent", "23", "p. 29"),
    ("metr-horizon-report", "55", "executive summary"),
    ("metr-horizon-paper", "50", "abstract"),
    ("later-uplift-ratio", "1.53", "p. 93"),
    ("later-knowledge-questions", "18", "p. 97"),
    ("later-internal-suite-2", "0.440", "p. 115"),
]


def assessment() -> Any:
    return assessed("claude-3-7-sonnet", MODEL, "anthropic-rsp-2.0", "claude-3-7-card-2")


@pytest.mark.parametrize(("run_slug", "name", "printed", "page"), SCORES)
def test_a_printed_score_stands_with_its_page(run_slug: str, name: str, printed: str, page: str) -> None:
    run = next(each for each in evidence_on("claude-3-7-sonnet", MODEL).runs if each.slug == run_slug)
    (score,) = run.scores
    assert getattr(score, name) == Decimal(printed)
    assert page in (score.source_at or "")


@pytest.mark.parametrize(("cohort_slug", "kind", "mean", "spread", "highest"), ARMS)
def test_an_arm_stands_as_printed(cohort_slug: str, kind: ArmKind, mean: str, spread: str, highest: str | None) -> None:
    (trial,) = evidence_on("claude-3-7-sonnet", MODEL).trials
    arm = next(each for each in trial.cohorts if each.slug == cohort_slug).arm(kind)
    assert (arm.mean, arm.spread, arm.highest) == (Decimal(mean), Decimal(spread), None if highest is None else Decimal(highest))
    assert (arm.participants_count, arm.spread_kind and arm.spread_kind.value, arm.source_at) == (None, "unspecified", "7.1.4, p. 25")


@pytest.mark.parametrize(("slug", "value", "page"), CLAIMS)
def test_a_claim_stands_with_its_page(slug: str, value: str, page: str) -> None:
    claim = next(each for each in evidence_on("claude-3-7-sonnet", MODEL).claims if each.slug == slug)
    assert claim.value == Decimal(value)
    assert page in (claim.source_at or "")


def test_the_categories_add_up_to_the_printed_totals() -> None:
    runs = {each.slug: each.scores[0] for each in evidence_on("claude-3-7-sonnet", MODEL).runs if each.scores}
    for band in ("easy", "medium"):
        parts = [score for slug, score in runs.items() if slug.startswith("ctf-") and slug.endswith(f"-{band}") and slug != f"ctf-{band}"]
        assert len(parts) == 6
        assert sum(part.passed or 0 for part in parts) == runs[f"ctf-{band}"].passed
        assert sum(part.trials or 0 for part in parts) == runs[f"ctf-{band}"].trials


def test_the_six_snapshots_stand_in_the_order_of_the_card() -> None:
    snapshots = sorted(evidence_on("claude-3-7-sonnet", MODEL).model.snapshots, key=lambda each: each.ordinal)
    kinds = ["early", "helpful_only", "helpful_only", "release_candidate", "release_candidate", "final"]
    assert [each.kind for each in snapshots] == [SnapshotKind(kind) for kind in kinds]
    assert {each.created_on for each in snapshots} | {each.training_compute_flop for each in snapshots} == {None}


def test_a_snapshot_is_named_only_where_the_card_names_it() -> None:
    named = {run.slug: run.snapshot for file in files_of("claude-3-7-sonnet") for run in file.runs if run.snapshot}
    assert named == {"swe-bench-hard": "final"}


def test_what_was_withheld_is_recorded_as_withheld() -> None:
    runs = evidence_on("claude-3-7-sonnet", MODEL).runs
    gone = {run.slug: run.status for run in runs if run.status is not RunStatus.COMPLETED}
    assert gone["nnsa"] is RunStatus.WITHHELD
    assert (gone["ctf-hard"], gone["ctf-expert"]) == (RunStatus.NOT_RUN, RunStatus.NOT_RUN)


def test_the_virology_score_stands_between_its_bars_by_its_point_alone() -> None:
    finding = every_finding(assessment())["longform-virology"]
    assert (finding.outcome_by_point, finding.outcome_by_bound) == (FindingOutcome.BETWEEN, FindingOutcome.UNESTIMABLE)
    assert finding.sub_label is SubLabel.POINT_ONLY


def test_four_of_thirty_is_below_by_its_point_only() -> None:
    finding = every_finding(assessment())["data-deduplication"]
    assert (finding.outcome_by_point, finding.outcome_by_bound) == (FindingOutcome.BELOW, FindingOutcome.BETWEEN)
    assert finding.sub_label is SubLabel.STRADDLES_RULE_OUT


def test_the_verdicts_are_what_the_readme_says() -> None:
    outcomes = {each.threshold: each.outcome for each in assessment().verdicts}
    assert outcomes == {
        "cbrn-weapons": VerdictOutcome.NOT_RULED_OUT,
        "autonomous-ai-rd": VerdictOutcome.INSUFFICIENT_EVIDENCE,
        "model-autonomy-checkpoint": VerdictOutcome.NOT_RULED_OUT,
        "cyber-operations": VerdictOutcome.NOT_RULED_OUT,
    }


def test_a_capability_under_investigation_puts_no_safeguard_in_force() -> None:
    verdict = next(each for each in assessment().verdicts if each.threshold == "cyber-operations")
    assert verdict.required_safeguards == ()
