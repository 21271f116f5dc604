"""Turn the original result files of two Pythia models into ``evidence.json``: real checkpoints, for the maximum over snapshots.

The rules kept here: a figure is copied with all its digits; what is added is derived by a formula stated beside it (number of
items, tokens, compute); the output depends on nothing but the files in ``original/``, so running it twice gives the same bytes.

Left out: any bar or policy. These are small public models, and nothing here says that a capability is dangerous.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from evaluations.evidence import EvidenceFile

HERE = Path(__file__).parent
TOKENS_PER_STEP = 2_097_152  # 1,024 sequences of 2,048 tokens: Biderman et al. 2023, arXiv 2304.01373, section 2 and table 1
PARAMETERS = 1_414_647_808  # total: the table of the pythia-1.4b model card of EleutherAI
WITHOUT_EMBEDDINGS = 1_208_602_624  # Biderman et al. 2023, table 1; the N that C = 6 N D means, see COMPUTE
COMPUTE = (
    "derived: 6 x 1,208,602,624 parameters without embeddings x training tokens (Kaplan et al. 2020, arXiv 2001.08361, section 2.1, "
    "whose N leaves embeddings out)"
)
NO_COMPUTE = "derived by the same formula; 0 because nothing was trained yet, so the snapshot has no place on a logarithmic axis"
TOKENS = "training_tokens is derived: step x 2,097,152 tokens a step (1,024 sequences of 2,048; arXiv 2304.01373)."
STEP = re.compile(r"revision=step(\d+)$")

NAMES = {
    "lambada_openai": ("LAMBADA (OpenAI)", None),
    "sciq": ("SciQ", None),
    "piqa": ("PIQA", None),
    "arc_easy": ("ARC, easy set", None),
    "arc_challenge": ("ARC, challenge set", None),
    "winogrande": ("WinoGrande", None),
    "wsc": ("Winograd Schema Challenge", None),
    "logiqa": ("LogiQA", None),
    "hendrycksTest-virology": ("MMLU, virology", "cbrn-biological"),
    "hendrycksTest-computer_security": ("MMLU, computer security", "cyber"),
    "crows_pairs_english": ("CrowS-Pairs, English", "safeguards"),
}


@dataclass(frozen=True)
class Metric:
    """One number of a task: how it is called in the files, its unit, and which direction counts as the riskier one."""

    key: str
    unit: str
    riskier_when: str
    is_share: bool
    note: str | None = None


ACC = Metric("acc", "share of items", "higher", True)
ACC_NORM = Metric(
    "acc_norm", "share of items", "higher", True, "as acc, with the likelihood of an answer divided by its length in bytes before comparing"
)
PPL = Metric(
    "ppl", "perplexity", "lower", False, "a lower perplexity is a more capable model, and capability is what risk is read from here"
)
PPL_WORDS = "exponential of the mean negative log-likelihood of the last word; the harness gives its error by bootstrap"
STEREOTYPE = Metric(
    "pct_stereotype", "share of pairs", "higher", True, "how often the stereotyped sentence is the likelier one; more is worse"
)
LIKELIHOOD_DIFFERENCE = Metric(
    "likelihood_difference",
    "difference of log-likelihoods",
    "higher",
    False,
    "lower is better for this metric, so higher is the worse direction; the untrained model is the worst, because its likelihoods are wild",
)

MEASURES: dict[str, tuple[Metric, ...]] = {
    "lambada_openai": (ACC, PPL),
    "sciq": (ACC, ACC_NORM),
    "piqa": (ACC, ACC_NORM),
    "arc_easy": (ACC, ACC_NORM),
    "arc_challenge": (ACC, ACC_NORM),
    "winogrande": (ACC,),
    "wsc": (ACC,),
    "logiqa": (ACC, ACC_NORM),
    "hendrycksTest-virology": (ACC, ACC_NORM),
    "hendrycksTest-computer_security": (ACC, ACC_NORM),
    "crows_pairs_english": (STEREOTYPE, LIKELIHOOD_DIFFERENCE),
}

MODELS = {"pythia-1.4b": "Pythia 1.4B", "pythia-1.4b-deduped": "Pythia 1.4B, deduplicated data"}


@dataclass(frozen=True)
class Original:
    """One result file: which model and step it is of, and what it reports, every number as written."""

    file_name: str
    model: str
    step: int
    reported: dict[str, dict[str, Decimal]]


def originals(folder: Path) -> list[Original]:
    """Read every original file, in order of model and step. The step comes from inside the file, not from its name."""
    read = []
    for path in sorted(folder.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)
        found = STEP.search(document["config"]["model_args"])
        if found is None:
            raise ValueError(f"{path.name}: found model_args without revision=step…, expected the checkpoint's step")
        model = "pythia-1.4b-deduped" if "1.4b-deduped" in document["config"]["model_args"] else "pythia-1.4b"
        read.append(Original(path.name, model, int(found.group(1)), document["results"]))
    return sorted(read, key=lambda each: (each.model, each.step))


def slug_of(task: str, metric: Metric) -> str:
    """Return the slug of the evaluation that one metric of one task is: two metrics are two evaluations, never one."""
    return f"{task}-{metric.key}".lower().replace("_", "-")


def item_count(share: Decimal, standard_error: Decimal) -> int:
    """Return n from se^2 = p(1-p)/(n-1), the harness's standard error of a mean of zeros and ones."""
    return round(1 + share * (1 - share) / (standard_error * standard_error))


def items_of(files: list[Original], task: str) -> int:
    """Return the number of items of a task: the same from every file that allows the derivation, or an error."""
    share = next(metric for metric in MEASURES[task] if metric.is_share)
    counts = {
        item_count(each.reported[task][share.key], each.reported[task][f"{share.key}_stderr"])
        for each in files
        if each.reported[task][f"{share.key}_stderr"] > 0
    }
    if len(counts) != 1:
        raise ValueError(f"{task}: found the item counts {sorted(counts)}, expected one")
    return counts.pop()


def sourced(**fields: Any) -> dict[str, Any]:
    """Return ``fields`` with where they come from."""
    return {**fields, "source": "pythia-evals-v1", "confidence": "verbatim", "visibility": "public"}


def model_records(files: list[Original]) -> Iterator[dict[str, Any]]:
    for slug, name in MODELS.items():
        steps = [each.step for each in files if each.model == slug]
        yield sourced(
            slug=slug,
            name=name,
            developer="eleutherai",
            family="pythia",
            parameters=PARAMETERS,
            note="parameters counts all of them, embeddings included; its source is the model card.",
            snapshots=[
                sourced(
                    slug=f"step{step}",
                    name=f"step {step}",
                    kind="checkpoint",
                    ordinal=place,
                    training_step=step,
                    training_tokens=step * TOKENS_PER_STEP,
                    training_compute_flop=6 * WITHOUT_EMBEDDINGS * step * TOKENS_PER_STEP,
                    training_compute_basis=COMPUTE if step else NO_COMPUTE,
                    note=TOKENS,
                )
                for place, step in enumerate(steps)
            ],
        )


def evaluation_records(files: list[Original]) -> Iterator[dict[str, Any]]:
    for task, metrics in MEASURES.items():
        name, domain = NAMES[task]
        for metric in metrics:
            ends = {"scale_low": 0, "scale_high": 1} if metric.is_share else {"scale_low": 0} if metric is PPL else {}
            version = sourced(
                slug="v0",
                unit=metric.unit,
                riskier_when=metric.riskier_when,
                item_count=items_of(files, task),
                rubric=f"task {task}, version 0, no examples shown, metric {metric.key}",
                **ends,
                **({"note": metric.note} if metric.note else {}),
            )
            yield sourced(
                slug=slug_of(task, metric),
                name=f"{name}: {metric.key}",
                kind="benchmark",
                domain=domain,
                source_at=task,
                versions=[version],
            )


def run_records(files: list[Original]) -> Iterator[dict[str, Any]]:
    for file in files:
        for task, metrics in MEASURES.items():
            items = items_of(files, task)
            for metric in metrics:
                yield sourced(
                    slug=f"{slug_of(task, metric)}-step{file.step}",
                    model=file.model,
                    snapshot=f"step{file.step}",
                    evaluation=slug_of(task, metric),
                    version="v0",
                    source_at=file.file_name,
                    scores=[score_record(file, task, metric, items)],
                )


def score_record(file: Original, task: str, metric: Metric, items: int) -> dict[str, Any]:
    value, error = file.reported[task][metric.key], file.reported[task][f"{metric.key}_stderr"]
    basis = "derived: n = 1 + p(1-p)/se^2"
    if not metric.is_share:
        share = next(each for each in MEASURES[task] if each.is_share)
        basis += f" from {share.key} of the same items"
    elif error == 0:
        basis += " at the other checkpoints; here se is 0"
    return sourced(
        statistic="mean" if metric is not PPL else "not_stated",
        value=value,
        spread=error,
        spread_kind="se",
        items=items,
        items_basis=basis,
        as_printed=str(value),
        source_at=f"{file.file_name}, results.{task}.{metric.key}",
        **({"words": PPL_WORDS} if metric is PPL else {}),
    )


def evidence() -> dict[str, Any]:
    """Return the whole evidence file as plain values, numbers exact."""
    files = originals(HERE / "original")
    return {
        "format": "rsp-evidence/1",
        "description": "Training checkpoints of two Pythia models on public benchmarks; made by make_evidence.py, do not edit",
        "sources": [
            {
                "slug": "pythia-evals-v1",
                "title": "Pythia evaluation results, evals/pythia-v1 (EleutherAI)",
                "address": "https://github.com/EleutherAI/pythia/tree/main/evals/pythia-v1",
                "how_read": "the fourteen files in original/, unchanged; written by the language model evaluation harness, 0.3 format",
                "licence": "Apache-2.0",
            }
        ],
        "domains": [
            {"slug": "cbrn", "name": "Chemical, biological, radiological and nuclear"},
            {"slug": "cbrn-biological", "name": "Biological", "parent": "cbrn"},
            {"slug": "cyber", "name": "Cyber"},
            {"slug": "safeguards", "name": "Safeguards and alignment"},
        ],
        "developers": [{"slug": "eleutherai", "name": "EleutherAI"}],
        "models": list(model_records(files)),
        "evaluations": list(evaluation_records(files)),
        "runs": list(run_records(files)),
    }


def written(value: Any, indent: str = "") -> str:
    """Return ``value`` as JSON, exact numbers digit by digit; a leaf record stands on one line, so that a diff shows records."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict) and any(isinstance(inner, dict | list) for inner in value.values()):
        inner = indent + " "
        fields = [f"{inner}{json.dumps(key)}: {written(each, inner)}" for key, each in value.items()]
        return "{\n" + ",\n".join(fields) + "\n" + indent + "}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        inner = indent + " "
        return "[\n" + ",\n".join(inner + written(each, inner) for each in value) + "\n" + indent + "]" if value else "[]"
    return json.dumps(value, ensure_ascii=False)


def main() -> None:
    record = evidence()
    EvidenceFile.model_validate(record)
    (HERE / "evidence.json").write_text(written(record) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
