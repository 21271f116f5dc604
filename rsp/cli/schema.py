"""``rsp schema``: print the JSON Schema of a file format, for editors and pipelines."""

from __future__ import annotations

import json

import click


@click.command(name="schema")
@click.argument("form", type=click.Choice(["evidence", "policy", "criteria", "cases", "assessment"]))
def command(form: str) -> None:
    """Print the JSON Schema (draft 2020-12) of evidence, policy, criteria or case files, or of an assessment."""
    from pydantic import BaseModel

    from evaluations.evidence import EvidenceFile
    from thresholds.case_records import CaseFile
    from thresholds.criteria_set import CriteriaSet
    from thresholds.decision_records import Assessment
    from thresholds.policy import Policy

    shapes: dict[str, type[BaseModel]] = {
        "evidence": EvidenceFile,
        "policy": Policy,
        "criteria": CriteriaSet,
        "cases": CaseFile,
        "assessment": Assessment,
    }
    schema = shapes[form].model_json_schema(mode="serialization" if form == "assessment" else "validation")
    click.echo(json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2))
