"""Inspect's own reading of logs, and genuine logs that only Inspect can make: run in one process of its own.

``python inspect_oracle.py FOLDER`` adds logs to those of the folder, and prints what inspect_ai reads of each, as JSON. In a process of its
own because importing it costs seconds and brings warnings; in one because every further log then costs milliseconds.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from math import isnan
from pathlib import Path
from typing import Any


def made(folder: Path) -> None:
    """Write logs with features that no sample file has."""
    from inspect_ai.log import (
        ProvenanceData,
        TagsEdit,
        edit_eval_log,
        edit_score,
        invalidate_samples,
        read_eval_log,
        write_eval_log,
    )
    from inspect_ai.log._recorders.chunked import convert_eval_logs_to_chunked
    from inspect_ai.scorer import ScoreEdit

    run(folder)
    plain, by = folder / "made_plain.eval", ProvenanceData(author="A. Reviewer", reason="a second look")
    shutil.copy(plain, folder / "made_header_rewritten.eval")
    header = edit_eval_log(read_eval_log(str(plain), header_only=True), [TagsEdit(tags_add=["looked-at"])], by)
    write_eval_log(header, str(folder / "made_header_rewritten.eval"), header_only=True)
    log = read_eval_log(str(plain))
    write_eval_log(invalidate_samples(log, [log.samples[1].uuid], by), str(folder / "made_invalidated.eval"))
    log = read_eval_log(str(plain))
    edit_score(log, "6", "odd", ScoreEdit(value="C", provenance=by))
    write_eval_log(log, str(folder / "made_score_edited.eval"))
    source = folder / "epochs4_clustered.eval"
    convert_eval_logs_to_chunked(str(source), str(folder / "chunked"), chunk_size=2)
    (folder / "chunked" / source.name).rename(folder / "made_chunked.eval")
    write_eval_log(read_eval_log(str(source)), str(folder / "made_document.json"))
    early_2024(folder)


def early_2024(folder: Path) -> None:
    """Spell a log as the first versions did: one scorer, metrics beside it, options, no identity, a score without a name."""
    told = json.loads((folder / "made_document.json").read_text())
    score = told["results"]["scores"][0]
    metrics = {key: {"name": key, "value": metric["value"], "options": metric["params"]} for key, metric in score["metrics"].items()}
    told["results"] = {"scorer": {"name": score["name"], "params": {}}, "metrics": metrics}
    del told["eval"]["eval_id"], told["tags"], told["metadata"], told["reductions"]
    for sample in told["samples"]:
        sample["score"] = sample.pop("scores")["match"]
    (folder / "made_early_2024.json").write_text(json.dumps(told))


def run(folder: Path) -> None:
    """Really run Inspect on its mock model: samples with awkward names and scores, and a run that keeps no samples."""
    import inspect_ai
    from inspect_ai.dataset import Sample
    from inspect_ai.scorer import Score, accuracy, mean, scorer, stderr
    from inspect_ai.solver import solver

    values = {"A 1": "C", "a-1": "yes", "A-1": 0.25, "Zürich/7": "0.75", "x" * 120: True, "plain_5": 1, "6": "I", "nan": float("nan")}

    @scorer(metrics=[accuracy(), mean(), stderr()])
    def odd() -> Any:
        async def score(state: Any, target: Any) -> Score:
            return Score(value=values[state.sample_id])

        return score

    @solver
    def silent() -> Any:  # the mock model would count tokens, and fetch a table for it
        async def solve(state: Any, generate: Any) -> Any:
            return state

        return solve

    def task(names: list[str]) -> Any:
        return inspect_ai.Task(dataset=[Sample(id=name, input=name) for name in names], solver=silent(), scorer=odd(), name="odd")

    finite = [name for name in values if name not in ("nan", "Zürich/7", "A 1", "a-1")]
    for name, names, options in (
        ("made_awkward_names.eval", list(values), {}),
        ("made_without_samples.eval", finite, {"log_samples": False}),
        ("made_plain.eval", finite, {"reasoning_effort": "high", "token_limit": 5000}),
    ):
        (log,) = inspect_ai.eval(task(names), model="mockllm/model", log_dir=str(folder / "run"), display="none", **options)
        Path(log.location).rename(folder / name)


def read(path: Path) -> dict[str, Any]:
    """Return what Inspect reads of a log."""
    from inspect_ai.log import read_eval_log

    log = read_eval_log(str(path))
    results = log.results
    return {
        "status": log.status,
        "log_id": log.eval.eval_id,
        "task": log.eval.task,
        "model": log.eval.model,
        "sample_ids": log.eval.dataset.sample_ids,
        "epochs": log.eval.config.epochs or 1,
        "total": results.total_samples if results else None,
        "scores": [
            {
                "name": score.name,
                "scorer": score.scorer,
                "reducer": score.reducer,
                "metrics": {k: m.value for k, m in score.metrics.items()},
            }
            for score in (results.scores if results else [])
        ],
        "samples": [
            {
                "id": sample.id,
                "epoch": sample.epoch,
                "metadata": sample.metadata,
                "error": sample.error is not None,
                "scores": {name: numbers(score.value) for name, score in (sample.scores or {}).items()},
            }
            for sample in log.samples or []
        ],
        "metadata": log.metadata,
    }


def numbers(value: Any) -> Any:
    """Return the number that Inspect makes of a value, by key if it has keys; None where it is not scored."""
    from inspect_ai.scorer import value_to_float

    if isinstance(value, dict):
        return {key: numbers(each) for key, each in value.items()}
    number = value_to_float()(value)
    return None if isnan(number) else number


if __name__ == "__main__":
    place = Path(sys.argv[1])
    os.chdir(place)
    made(place)
    logs = sorted([*place.glob("*.eval"), *place.glob("*.json")])
    found = {path.name: read(path) for path in logs if path.name != "made_chunked.eval"}  # 0.3.285 writes these and cannot read them whole
    (place / "oracle.txt").write_text(json.dumps(found))
