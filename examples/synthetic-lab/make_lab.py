"""Make the evidence of a laboratory that does not exist: three releases, six snapshots each, item by item.

The rules kept here: every record says ``synthetic``, every name says fictional; the same seed gives the same bytes on every
machine, so only ``random()`` and exact arithmetic are used (no logarithm, no exponential, no ``gauss``); every run draws from a
stream of its own, named after it, so that adding one run changes no other.

Left out: any claim about real systems. Rates are chosen so that the fictional policy meets every kind of verdict.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from lab_history import assessment_records, call_records, effective_compute_records, plan_records, relation_records
from lab_people import UPLIFT, determination_records, finding_records, trial_records
from lab_releases import RELEASES, SEED, SNAPSHOTS, SOURCE, STEPS, TASKS, Release, Task, bell, sourced
from lab_text import as_json, as_yaml

from evaluations.evidence import EvidenceFile

HERE = Path(__file__).parent

DROP = ("larch-2", "cedar-knowledge", "rc-2")  # one snapshot that suddenly falls: a question about the run, never a verdict
PARTIAL = ("larch-2", "cedar-plan-errors", "rc-1")
INVALIDATED = ("larch-2", "fern-network", "rc-2")
NOT_RUN = ("larch-2", "moss-horizon", "final", "extended")
OTHER_SCAFFOLD = ("larch-2", "fern-range", "final")


def difficulties(task: Task) -> list[tuple[int, float]]:
    """Return cluster and difficulty of every item: the same for every snapshot, because snapshots share their items."""
    stream = Random(f"{SEED}/{task.slug}")  # noqa: S311 (a generator of examples, no secret)
    shared = [bell(stream) for _ in range(task.clusters)]
    placed = []
    for item in range(task.items):
        cluster = item % task.clusters
        own = bell(stream)
        placed.append((cluster, own if task.clusters == task.items else 0.5 * shared[cluster] + 0.85 * own))
    mean = sum(each for _, each in placed) / task.items
    return [(cluster, each - mean) for cluster, each in placed]  # centred, so that the rate is what the table says


def _room(rate: float) -> float:
    """Return by how much to shrink steps and spreads near the ends of the scale, so that the rate stays what the table says."""
    return min(1.0, 4 * min(rate, 1 - rate))


def item_records(task: Task, rate: float, stream: Random, count: int) -> list[dict[str, Any]]:
    """Return the attempts on the first ``count`` items at ``rate``: zeros and ones, or twentieths for a graded task."""
    records: list[dict[str, Any]] = []
    for place, (cluster, difficulty) in enumerate(difficulties(task)[:count]):
        chance = min(max(rate - task.spread * _room(rate) * difficulty, 0.0), 1.0)
        if task.is_graded:
            drawn = (min(max(chance + 0.1 * bell(stream), 0.0), 1.0) for _ in range(task.attempts))
            attempts: list[Any] = [int(each * 20 + 0.5) * 5 / 100 for each in drawn]
        else:
            attempts = [int(stream.random() < chance) for _ in range(task.attempts)]
        record: dict[str, Any] = {"item": f"i{place + 1:03d}"}
        if task.clusters < task.items:
            record["cluster"] = f"c{cluster + 1:02d}"
        records.append({**record, "attempts": attempts})
    return records


def rate_of(task: Task, number: int, place: int, snapshot: str) -> float:
    """Return the true rate of one snapshot on one task; for a task where lower is riskier the steps run the other way."""
    if (RELEASES[number].slug, task.slug, snapshot) == DROP:
        return 0.15
    step = STEPS[place] if task.riskier_when == "higher" else -STEPS[place]
    return task.rates[number] + step * _room(task.rates[number])


def run_record(release: Release, task: Task, snapshot: str, thinking: str, rate: float) -> dict[str, Any]:
    """Return one run, complete unless it is one of the few that are meant not to be."""
    name = f"{task.slug}-{snapshot}" + (f"-{thinking}" if task.has_modes else "")
    number, place = RELEASES.index(release), [each[0] for each in SNAPSHOTS].index(snapshot)
    head = sourced(
        slug=name,
        model=release.slug,
        snapshot=snapshot,
        evaluation=task.slug,
        version="v1",
        thinking=thinking,
        token_budget=16_000 if thinking == "extended" else 2_000,
        measured_at=f"{release.year}-{release.month:02d}-{place + 3:02d}T09:00:00Z",
    )
    key = (release.slug, task.slug, snapshot)
    if (*key, thinking) == NOT_RUN:
        return {**head, "status": "not_run", "status_reason": "Fictional: planned and not run, because the machines were needed elsewhere."}
    stream = Random(f"{SEED}/{number}/{name}")  # noqa: S311 (as above)
    if key == PARTIAL:
        reason = "Fictional: stopped after 40 of 100 plans when the graders' contract ended."
        return {**head, "status": "partial", "status_reason": reason, "items": item_records(task, rate, stream, 40)}
    record = {**head, "items": item_records(task, rate, stream, task.items)}
    if key == INVALIDATED:
        return {**record, "status": "invalidated", "status_reason": "Fictional: flags were found in the container image after the run."}
    return record


def runs(number: int) -> Iterator[dict[str, Any]]:
    """Yield every run of one release, in order of task, snapshot and mode."""
    release = RELEASES[number]
    for task in TASKS:
        for place, (snapshot, _, _, _) in enumerate(SNAPSHOTS):
            rate = rate_of(task, number, place, snapshot)
            yield run_record(release, task, snapshot, "standard", rate)
            if task.has_modes:
                yield run_record(release, task, snapshot, "extended", rate + 0.02)
        if (release.slug, task.slug) == OTHER_SCAFFOLD[:2]:
            stream = Random(f"{SEED}/{number}/{task.slug}/assisted")  # noqa: S311 (as above)
            yield sourced(
                slug=f"{task.slug}-{OTHER_SCAFFOLD[2]}-assisted",
                model=release.slug,
                snapshot=OTHER_SCAFFOLD[2],
                evaluation=task.slug,
                version="v1",
                thinking="standard",
                scaffold="assisted",
                tools="fictional harness that does the low-level steps itself",
                items=item_records(task, 0.60, stream, task.items),
            )
    yield sourced(
        slug="moss-kernels-final",
        model=release.slug,
        snapshot="final",
        evaluation="moss-kernels",
        version="v1",
        scores=[sourced(statistic="not_stated", words="Fictional: faster than the first version it was given, and no number was kept.")],
    )


def snapshot_records(release: Release) -> Iterator[dict[str, Any]]:
    for place, (slug, name, kind, parent) in enumerate(SNAPSHOTS):
        yield sourced(
            slug=slug,
            name=f"{release.slug} {name} (synthetic)",
            kind=kind,
            ordinal=place + 1,
            parent=parent,
            created_on=f"{release.year}-{release.month:02d}-{place + 1:02d}",
            training_compute_flop=release.compute * (5 + place) // 10,
            training_compute_basis="synthetic: set by the generator, (4 + n) tenths of the final value for snapshot n",
        )


def model_records() -> Iterator[dict[str, Any]]:
    for release in RELEASES:
        yield sourced(
            slug=release.slug,
            name=f"{release.slug.capitalize()} (synthetic)",
            developer="fictional-lab",
            family="larch",
            released_on=f"{release.year}-{release.month:02d}-28",
            note="Describes no real system.",
            snapshots=list(snapshot_records(release)),
        )


def evaluation_record(slug: str, name: str, kind: str, domain: str, **version: Any) -> dict[str, Any]:
    return sourced(slug=slug, name=f"{name} (synthetic)", kind=kind, domain=domain, versions=[sourced(slug="v1", **version)])


def evaluation_records() -> Iterator[dict[str, Any]]:
    for task in TASKS:
        yield evaluation_record(
            task.slug,
            task.name,
            task.kind,
            task.domain,
            unit=task.unit,
            riskier_when=task.riskier_when,
            scale_low=0,
            scale_high=1,
            item_count=task.items,
            sampling=task.sampling,
            rubric="Fictional: graded from 0 to 1 in twentieths." if task.is_graded else "Fictional: each attempt passes or fails.",
        )
    for trial in UPLIFT:
        yield evaluation_record(
            trial,
            f"Fictional uplift trial {trial.removeprefix('cedar-')}",
            "uplift_trial",
            "cbrn",
            unit="points of 100",
            riskier_when="higher",
            scale_low=0,
            scale_high=100,
            sampling="participants",
        )
    words = {"unit": "words", "riskier_when": "higher", "sampling": "not_stated"}
    yield evaluation_record("cedar-review", "Fictional expert review", "expert_red_team", "cbrn", **words)
    yield evaluation_record("moss-kernels", "Fictional kernel tuning", "agentic_task", "autonomy", **words)


def lab() -> dict[str, Any]:
    """Return the part of the evidence that a person could read whole."""
    return {
        "format": "rsp-evidence/1",
        "description": "SYNTHETIC: a fictional laboratory, made by make_lab.py; describes no real system, do not edit",
        "sources": [{"slug": SOURCE, "title": f"Synthetic data of make_lab.py, seed {SEED}", "licence": "Apache-2.0"}],
        "domains": [  # the same records as in the other examples, so that all of them fit into one store
            {"slug": "cbrn", "name": "Chemical, biological, radiological and nuclear"},
            {"slug": "autonomy", "name": "Autonomy"},
            {"slug": "cyber", "name": "Cyber"},
        ],
        "developers": [{"slug": "fictional-lab", "name": "Fictional Lab (synthetic)"}],
        "models": list(model_records()),
        "evaluations": list(evaluation_records()),
        "trials": [record for release in RELEASES for record in trial_records(release)],
        "findings": list(finding_records()),
        "determinations": list(determination_records()),
        "plans": list(plan_records()),
        "effective_compute": list(effective_compute_records()),
        "assessments": list(assessment_records()),
        "calls": list(call_records()),
        "relations": list(relation_records()),
    }


def results(number: int) -> dict[str, Any]:
    """Return the runs of one release."""
    return {
        "format": "rsp-evidence/1",
        "description": f"SYNTHETIC: item results of {RELEASES[number].slug}, made by make_lab.py; describes no real system, do not edit",
        "runs": list(runs(number)),
    }


def files() -> dict[str, str]:
    """Return the text of every file by name, each checked against the records."""
    everything = {"evidence.yaml": lab()} | {f"runs-{release.slug}.json": results(number) for number, release in enumerate(RELEASES)}
    for value in everything.values():
        EvidenceFile.model_validate_json(json.dumps(value))
    return {name: (as_yaml(value) if name.endswith(".yaml") else as_json(value)) + "\n" for name, value in everything.items()}


def main() -> None:
    for name, text in files().items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
