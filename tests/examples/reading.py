"""The example files as the project reads them, and one model's evidence gathered from several files without a store."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType

from evaluations.evidence import EvidenceFile, ModelEvidence
from evaluations.evidence_file import read_evidence
from thresholds.decision_records import Assessment
from thresholds.finding_records import Finding
from thresholds.load import Loaded, load_criteria, load_policy
from thresholds.policy import Policy
from thresholds.verdicts import assess

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
POLICIES = sorted((ROOT / "thresholds" / "policies").glob("*.yaml"))
CRITERIA = sorted((ROOT / "thresholds" / "criteria").glob("*.yaml"))
SETS = {
    "claude-3-7-sonnet": ("evidence.yaml", "safeguards.yaml", "stated-later.yaml"),
    "first-steps": ("evidence.yaml",),
    "pythia-1.4b": ("evidence.json",),
    "synthetic-lab": ("evidence.yaml", "runs-larch-1.json", "runs-larch-2.json", "runs-larch-3.json"),
}
"""Every example with its files, in the order in which they refer to each other."""

AT = datetime(2026, 1, 1, tzinfo=UTC)  # our choice: a day on which the saturated criterion of the fictional set is in force
OF_A_MODEL = (
    *("runs", "trials", "findings", "drop_answers", "claims", "determinations", "plans"),
    *("effective_compute", "assessments", "calls", "relations"),
)


@cache
def files_of(example: str) -> tuple[EvidenceFile, ...]:
    return tuple(read_evidence((EXAMPLES / example / name).read_bytes(), name)[0] for name in SETS[example])


def script(path: str) -> ModuleType:
    """Return the generator script at ``path`` as a module; examples are no package."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, EXAMPLES / path)
    assert spec is not None
    assert spec.loader is not None
    import sys  # dataclasses look their module up by name

    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    if (own := str((EXAMPLES / path).parent)) not in sys.path:
        sys.path.insert(0, own)  # where Python looks for a script's own modules when it is run by hand
    spec.loader.exec_module(module)
    return module


def evidence_on(example: str, model: str) -> ModelEvidence:
    files = files_of(example)

    def whole(kind: str) -> tuple:  # type: ignore[type-arg]  # records of the kind that the caller names
        return tuple(record for file in files for record in getattr(file, kind))

    def of_model(kind: str) -> tuple:  # type: ignore[type-arg]  # as above
        return tuple(record for record in whole(kind) if record.model == model)

    found = next(each for each in whole("models") if each.slug == model)
    return ModelEvidence(
        model=found,
        developer=next(each for each in whole("developers") if each.slug == found.developer),
        evaluations=whole("evaluations"),
        **{kind: of_model(kind) for kind in OF_A_MODEL},
        sources=whole("sources"),
        domains=whole("domains"),
        corrections=(),
        position=0,
        recorded_at=AT,
    )


@cache
def policy(slug: str) -> Loaded[Policy]:
    path = ROOT / "thresholds" / "policies" / f"{slug}.yaml"
    return load_policy(path.read_bytes(), path.name)


@cache
def assessed(example: str, model: str, policy_slug: str, criteria_slug: str) -> Assessment:
    path = ROOT / "thresholds" / "criteria" / f"{criteria_slug}.yaml"
    criteria = load_criteria(path.read_bytes(), path.name)
    evidence = evidence_on(example, model)
    related = {each.other: assessed(example, each.other, policy_slug, criteria_slug) for each in evidence.relations}
    return assess(evidence, policy(policy_slug), criteria, code_version="test", related=related)


def every_finding(assessment: Assessment) -> dict[str, Finding]:
    """Return every finding of an assessment by its criterion, parts of compounds too."""

    def inside(finding: Finding) -> dict[str, Finding]:
        found = {finding.criterion: finding}
        for part in finding.parts:
            found |= inside(part)
        return found

    return {slug: each for verdict in assessment.verdicts for finding in verdict.findings for slug, each in inside(finding).items()}
