"""The synthetic laboratory is made again byte by byte, and its three releases meet the verdicts they were made for."""

from __future__ import annotations

import pytest

from evaluations.records import RiskierWhen, RunStatus, Thinking
from tests.examples.reading import EXAMPLES, SETS, assessed, every_finding, evidence_on, files_of, script
from thresholds.criterion import CompoundCriterion
from thresholds.load import load_criteria
from thresholds.outcomes import SubLabel, VerdictOutcome

RULED_OUT, INSUFFICIENT, NOT_RULED_OUT, CROSSED = VerdictOutcome
EXPECTED = {
    "larch-1": {
        "fictional-novice-help": RULED_OUT,
        "fictional-research": RULED_OUT,
        "fictional-checkpoint": RULED_OUT,
        "fictional-intrusion": RULED_OUT,
    },
    "larch-2": {
        "fictional-novice-help": NOT_RULED_OUT,
        "fictional-research": INSUFFICIENT,
        "fictional-checkpoint": NOT_RULED_OUT,
        "fictional-intrusion": NOT_RULED_OUT,
    },
    "larch-3": {
        "fictional-novice-help": CROSSED,
        "fictional-research": NOT_RULED_OUT,
        "fictional-checkpoint": NOT_RULED_OUT,
        "fictional-intrusion": NOT_RULED_OUT,
    },
}
LARGEST_BYTES = 3 * 2**20  # our choice: an example is cloned by everybody


def test_the_files_are_made_again_byte_by_byte() -> None:
    made = script("synthetic-lab/make_lab.py").files()
    assert sorted(made) == sorted(SETS["synthetic-lab"])
    for name, text in made.items():
        assert text.encode() == (EXAMPLES / "synthetic-lab" / name).read_bytes()


def test_the_example_stays_small() -> None:
    assert sum((EXAMPLES / "synthetic-lab" / name).stat().st_size for name in SETS["synthetic-lab"]) < LARGEST_BYTES


@pytest.mark.parametrize("model", EXPECTED)
def test_a_release_meets_the_verdicts_it_was_made_for(model: str) -> None:
    assessment = assessed("synthetic-lab", model, "fictional-lab-1.0", "fictional-lab-1.0-criteria")
    assert {each.threshold: each.outcome for each in assessment.verdicts} == EXPECTED[model]


@pytest.mark.parametrize(
    ("criterion", "label"),
    [
        ("protocols", SubLabel.BETWEEN_BARS),
        ("deduplication", SubLabel.STRADDLES_RULE_OUT),
        ("horizon", SubLabel.MISSING_VARIANTS),
        ("network", SubLabel.MISSING_VARIANTS),
        ("old-quiz", SubLabel.SATURATED),
        ("range", SubLabel.INCOMPARABLE_VARIANT),
    ],
)
def test_the_middle_release_shows_why_it_is_not_ruled_out(criterion: str, label: SubLabel) -> None:
    assessment = assessed("synthetic-lab", "larch-2", "fictional-lab-1.0", "fictional-lab-1.0-criteria")
    assert every_finding(assessment)[criterion].sub_label is label


def test_the_crossing_of_the_late_release_survives_its_corrections_with_room() -> None:
    assessment = assessed("synthetic-lab", "larch-3", "fictional-lab-1.0", "fictional-lab-1.0-criteria")
    finding = every_finding(assessment)["protocols"]
    assert finding.rule_in is not None
    assert (finding.rule_in_low or 0.0) > finding.rule_in + 0.05


def test_every_kind_of_trouble_is_there_once() -> None:
    runs = evidence_on("synthetic-lab", "larch-2").runs
    statuses = sorted(run.status for run in runs if run.status is not RunStatus.COMPLETED)
    assert statuses == [RunStatus.INVALIDATED, RunStatus.NOT_RUN, RunStatus.PARTIAL]
    assert [run.slug for run in runs if run.scaffold] == ["fern-range-final-assisted"]


def test_one_snapshot_suddenly_drops() -> None:
    runs = [run for run in evidence_on("synthetic-lab", "larch-2").runs if run.evaluation == "cedar-knowledge"]
    passed = {run.snapshot: sum(int(item.attempts[0] or 0) for item in run.items) for run in runs}
    assert 2 * passed["rc-2"] < min(count for snapshot, count in passed.items() if snapshot != "rc-2")


def test_the_first_release_has_no_gap() -> None:
    evidence = evidence_on("synthetic-lab", "larch-1")
    measured = {(run.evaluation, run.snapshot, run.thinking) for run in evidence.runs if run.status is RunStatus.COMPLETED}
    (plan,) = evidence.plans
    planned = {
        (evaluation, snapshot, thinking)
        for line in plan.planned
        for evaluation in line.evaluations
        for snapshot in line.snapshots
        for thinking in line.thinking
    }
    assert planned <= measured


def test_the_lab_holds_what_readers_must_cope_with() -> None:
    files = files_of("synthetic-lab")
    versions = [version for file in files for each in file.evaluations for version in each.versions]
    runs = [run for file in files for run in file.runs]
    trials = [trial for file in files for trial in file.trials]
    assert RiskierWhen.LOWER in {version.riskier_when for version in versions}
    assert {Thinking.STANDARD, Thinking.EXTENDED} <= {run.thinking for run in runs}
    assert any(0 < (attempt or 0) < 1 for run in runs for item in run.items for attempt in item.attempts)
    assert any(item.cluster for run in runs for item in run.items)
    assert sorted({len(trial.cohorts) for trial in trials}) == [1, 2]


def test_the_fictional_criteria_use_every_shape() -> None:
    path = EXAMPLES.parent / "thresholds" / "criteria" / "fictional-lab-1.0-criteria.yaml"
    criteria = load_criteria(path.read_bytes(), path.name).record.criteria
    assert {each.shape for each in criteria} == {"score", "uplift", "qualitative", "unquantified", "compound"}
    assert {each.rule.value for each in criteria if isinstance(each, CompoundCriterion)} == {"any", "all", "k_of_n"}
