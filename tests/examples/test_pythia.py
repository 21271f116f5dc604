"""The Pythia evidence is what its script makes of the original files, and its figures are theirs, digit by digit."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from evaluations.records import Run
from tests.examples.reading import EXAMPLES, files_of, script

FOLDER = EXAMPLES / "pythia-1.4b"


def runs() -> tuple[Run, ...]:
    (file,) = files_of("pythia-1.4b")
    return file.runs


def test_the_evidence_is_what_the_script_makes() -> None:
    made = script("pythia-1.4b/make_evidence.py")
    assert made.written(made.evidence()) + "\n" == (FOLDER / "evidence.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file_name", "task", "metric", "run_slug", "model"),
    [
        ("1.4b_step143000.json", "lambada_openai", "ppl", "lambada-openai-ppl-step143000", "pythia-1.4b"),
        ("1.4b_step0.json", "lambada_openai", "acc", "lambada-openai-acc-step0", "pythia-1.4b"),
        ("1.4b_step63000.json", "wsc", "acc", "wsc-acc-step63000", "pythia-1.4b"),
        (
            "1.4b-deduped_step133000.json",
            "hendrycksTest-virology",
            "acc_norm",
            "hendryckstest-virology-acc-norm-step133000",
            "pythia-1.4b-deduped",
        ),
        ("1.4b_step13000.json", "crows_pairs_english", "pct_stereotype", "crows-pairs-english-pct-stereotype-step13000", "pythia-1.4b"),
    ],
)
def test_a_figure_stands_with_all_its_digits(file_name: str, task: str, metric: str, run_slug: str, model: str) -> None:
    original = json.loads((FOLDER / "original" / file_name).read_text(encoding="utf-8"), parse_float=Decimal)["results"][task]
    (score,) = next(run for run in runs() if (run.model, run.slug) == (model, run_slug)).scores
    assert (score.value, score.spread) == (original[metric], original[f"{metric}_stderr"])
    assert score.as_printed == str(original[metric])


def test_items_follow_from_the_standard_error() -> None:
    counts = {run.evaluation: run.scores[0].items for run in runs()}
    # the sizes of the public test sets, as their papers and the harness give them
    expected: dict[str, Any] = {"lambada-openai-acc": 5153, "sciq-acc": 1000, "piqa-acc": 1838, "wsc-acc": 104, "winogrande-acc": 1267}
    assert {slug: counts[slug] for slug in expected} == expected


def test_an_untrained_snapshot_has_no_compute() -> None:
    (file,) = files_of("pythia-1.4b")
    model = next(each for each in file.models if each.slug == "pythia-1.4b")
    first, *_, last = sorted(model.snapshots, key=lambda each: each.ordinal)
    assert first.training_step == 0
    assert first.training_compute_flop == 0
    assert last.training_tokens == 299_892_736_000  # Biderman et al. 2023: tokens seen by every Pythia model
    assert last.training_compute_flop == 6 * 1_208_602_624 * 299_892_736_000


def test_the_deduplicated_files_are_another_model() -> None:
    assert {(run.model, "deduped" in (run.source_at or "")) for run in runs()} == {("pythia-1.4b", False), ("pythia-1.4b-deduped", True)}
