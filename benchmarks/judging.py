"""One model with 1,000 snapshots and 200 evaluations judged under five policies, beside the time that the same estimates take alone.

Estimating is ``score_estimate`` of every run, once a policy, and of each estimate the three bounds and two p-values that a decision asks
for, at the same error levels. Deciding is what ``assess`` takes beyond that. Each size runs in a process of its own, because the memory a
process once held is never given back to the count. The five criteria sets differ in their bars; scores are shares of so many items.
Seconds are of the processor, which other work on the machine does not lengthen by waiting.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from evaluations.estimate import Estimate
from evaluations.evidence import ModelEvidence
from evaluations.records import Developer, Evaluation, Model, Run, Source
from evaluations.scores import score_estimate
from rsp.collecting import paused_collector
from thresholds.criteria_set import CriteriaSet
from thresholds.load import Loaded, canonical
from thresholds.policy import Policy
from thresholds.verdicts import assess

SNAPSHOTS, FEWER, EVALUATIONS, POLICIES, THRESHOLDS = 1_000, 100, 200, 5, 10
ERROR = 0.025  # one-sided, of every criteria set here
CITED = {"citation": "invented for a benchmark", "basis": "our_assumption"}
FROM = {"source": "pipeline"}


@dataclass(frozen=True)
class Timed:
    """What one process measured: seconds over all policies, and its memory in MiB before judging and at its highest."""

    snapshots: int
    estimating: float
    assessing: float
    memory_before: float
    memory_highest: float

    @property
    def deciding(self) -> float:
        """Assessing without the estimates."""
        return self.assessing - self.estimating

    def __str__(self) -> str:
        parts = f"estimating {self.estimating:.1f} s and deciding {self.deciding:.1f} s ({self.deciding / self.estimating:.2f} x)"
        memory = f"{self.memory_highest:.0f} MiB at most, {self.memory_highest - self.memory_before:.0f} MiB of it for judging"
        return f"    {self.snapshots:>5} snapshots: assessing {self.assessing:.1f} s, of which {parts}; memory {memory}"


@dataclass(frozen=True)
class Grown:
    """Two sizes of the same task."""

    small: Timed
    large: Timed

    def __str__(self) -> str:
        names = {"estimating": "estimating", "deciding": "deciding", "assessing": "assessing", "memory_highest": "memory"}
        grown = ", ".join(f"{words} {getattr(self.large, name) / getattr(self.small, name):.1f} x" for name, words in names.items())
        size = f"{self.large.snapshots / self.small.snapshots:.0f} x as many snapshots"
        return f"judge {EVALUATIONS} evaluations under {POLICIES} policies\n{self.small}\n{self.large}\n    {size}: {grown}"


def judge_policies(_folder: Path) -> Grown:
    """Time both sizes, each in a process of its own."""
    return Grown(*(_in_a_process(size) for size in (FEWER, SNAPSHOTS)))


def _in_a_process(snapshots: int) -> Timed:
    ended = subprocess.run([sys.executable, "-m", "benchmarks.judging", str(snapshots)], check=True, stdout=subprocess.PIPE, text=True)
    return Timed(**json.loads(ended.stdout))


def measured(snapshots: int) -> Timed:
    """Judge so many snapshots under every policy, estimates alone and assessments in turn."""
    known = campaign(snapshots)
    rules = [policy(number) for number in range(POLICIES)]
    gc.collect()
    before, estimating, assessing = _memory(), 0.0, 0.0
    for policy_version, criteria in rules:
        with paused_collector():  # as rsp.assess judges, and the estimates alone get the same
            start = time.process_time()
            estimate_all(known, criteria.record, snapshots)
            half = time.process_time()
            assess(known, policy_version, criteria, code_version="benchmark")
            assessing += time.process_time() - half
            estimating += half - start
    return Timed(snapshots, estimating, assessing, before, _memory())


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB


def estimate_all(known: ModelEvidence, criteria: CriteriaSet, snapshots: int) -> None:
    """Make every estimate that one policy compares, with what a decision asks of it."""
    versions = {each.slug: each.versions[0] for each in known.evaluations}
    bars = {each.evaluation: (Fraction(each.rule_out.value), Fraction(each.rule_in.value)) for each in criteria.criteria}
    part = ERROR / (EVALUATIONS // THRESHOLDS) / snapshots  # any of the criteria of a threshold may cross it, on any snapshot
    for run in known.runs:
        estimate, (out, crossing) = score_estimate(run.scores[0], run, versions[run.evaluation]), bars[run.evaluation]
        assert isinstance(estimate, Estimate)  # every score here is a count
        _ = (estimate.lower(part), estimate.upper(ERROR), estimate.lower(ERROR), estimate.p_below(out), estimate.p_above(crossing))


def campaign(snapshots: int) -> ModelEvidence:
    """Return the evidence on a model that rises slowly, each evaluation with its own number of items."""
    version = {"slug": "v1", "unit": "percent", "scale_low": 0, "scale_high": 100, "riskier_when": "higher", **FROM}
    trained = [
        {"slug": f"s{place}", "name": f"Snapshot {place}", "kind": "checkpoint", "ordinal": place, **FROM} for place in range(snapshots)
    ]
    return ModelEvidence(
        model=Model.model_validate({"slug": "m", "name": "Model", "developer": "lab", "snapshots": trained, **FROM}),
        developer=Developer(slug="lab", name="Benchmark"),
        evaluations=tuple(
            Evaluation.model_validate(
                {"slug": f"e{number}", "name": f"Evaluation {number}", "kind": "benchmark", "versions": [version], **FROM}
            )
            for number in range(EVALUATIONS)
        ),
        runs=tuple(_runs(snapshots)),
        trials=(),
        findings=(),
        claims=(),
        determinations=(),
        plans=(),
        sources=(Source(slug="pipeline", title="Benchmark"),),
        domains=(),
        corrections=(),
        position=0,
        recorded_at=datetime(2030, 6, 1, tzinfo=UTC),
    )


def _runs(snapshots: int) -> Iterator[Run]:
    for number in range(EVALUATIONS):
        items = 40 + 7 * number
        for place in range(snapshots):
            share = 0.1 + 0.3 * place / snapshots + 0.02 * (place * 37 % 11 - 5) / 5
            score = {"statistic": "share", "passed": round(items * share), "trials": items, **FROM}
            named = {"slug": f"r{number}-{place}", "model": "m", "snapshot": f"s{place}", "evaluation": f"e{number}", "version": "v1"}
            yield Run.model_validate({**named, "scores": [score], **FROM})


def policy(number: int) -> tuple[Loaded[Policy], Loaded[CriteriaSet]]:
    """Return a policy and its criteria set, with bars of their own."""
    slug, each_has = f"policy-{number}", EVALUATIONS // THRESHOLDS
    threshold = {"name": "T", "domain": "d", "kind": "threshold", "definition": "too capable", **CITED}
    rules = {
        "format": "rsp-policy/1", "slug": slug, "framework": slug, "framework_name": "F", "version": "1", "title": slug,
        "developer": "Benchmark", "standing": "fictional", "effective_on": date(2030, 1, 1),
        "documents": [{"slug": "doc", "title": "Invented", "read": "whole"}],
        "aggregate": {"rule": "riskiest_snapshot", "words": "the riskiest decides", **CITED}, "levels": [],
        "forcing": {"outcomes": ["crossed"], "words": "when crossed", **CITED},
        "domains": [{"slug": "d", "name": "D", "threat_model": "somebody", **CITED}],
        "thresholds": [{"slug": f"t{place}", **threshold} for place in range(THRESHOLDS)], **CITED,
    }  # fmt: skip
    lines = [
        {
            "threshold": f"t{place}",
            "rule": "any",
            "criteria": [f"c{place * each_has + at}" for at in range(each_has)],
            "words": "any",
            **CITED,
        }
        for place in range(THRESHOLDS)
    ]
    bars = {
        "format": "rsp-criteria/1", "slug": f"{slug}-criteria", "policy": slug, "title": "Bars", "published_on": date(2030, 1, 1),
        "error_level": {"one_sided": Decimal(str(ERROR)), "words": "one-sided", **CITED},
        "coverage": {"require": "every_snapshot", "words": "all", **CITED}, "thresholds": lines,
        "criteria": [_criterion(at, number) for at in range(EVALUATIONS)], **CITED,
    }  # fmt: skip
    return _loaded(Policy.model_validate(rules)), _loaded(CriteriaSet.model_validate(bars))


def _loaded(record: Any) -> Loaded[Any]:
    return Loaded(record, canonical(record), "0" * 64, "0" * 64, "benchmark.yaml")


def _criterion(at: int, number: int) -> dict[str, Any]:
    out = 30 + 5 * number + at % 20  # from surely reached to far away
    named = {"slug": f"c{at}", "title": f"Criterion {at}", "words": "a bar", "evaluation": f"e{at}", "version": "v1", **CITED}
    bars = {"rule_out": {"value": out, "words": "the bar", **CITED}, "rule_in": {"value": out + 25, "words": "the bar", **CITED}}
    return {"shape": "score", "statistic": "share", "compared": "bound", **named, **bars}


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1])).__dict__))
