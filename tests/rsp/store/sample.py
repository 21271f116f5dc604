"""Evidence that fills every column of every table, and ways to change it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from evaluations.evidence import EvidenceFile
from rsp.ingest import Receipt, Sent, load, load_criteria, load_policy, submit
from rsp.store.session import Store
from rsp.tokens import Role, issue, revoke
from thresholds.criteria_set import CriteriaSet
from thresholds.policy import Policy

AT = datetime(2025, 2, 24, 9, 0, tzinfo=UTC)
SHA = "ab" * 32
_FROM = {"source": "card", "source_at": "section 7", "confidence": "verbatim", "note": "a note", "visibility": "staff"}
_OF_M = {**_FROM, "model": "m"}
_MEASURED = {**_OF_M, "snapshot": "final", "evaluation": "plasmids", "version": "v1"}
_SCORE = {
    **_FROM,
    "slug": "headline",
    "statistic": "pass_at_k",
    "k": 5,
    "value": Decimal("0.620"),
    "passed": Decimal("31.0"),
    "trials": 50,
    "items": 50,
    "items_basis": "section 7.2",
    "runs": 2,
    "spread": Decimal("0.01"),
    "spread_kind": "unspecified",
    "low": Decimal("0.50"),
    "high": Decimal("0.70"),
    "interval_level": Decimal("0.95"),
    "as_printed": "62.0%",
    "words": "as printed",
}
_ARM = {"conditions": "two days", "source_at": "p.9", "participants_count": 2, "highest": Decimal("0.9")}
_CONTENT: dict[str, Any] = {
    "format": "rsp-evidence/1",
    "sources": [
        {"slug": "card", "title": "Card", "address": "https://x.test", "how_read": "whole", "licence": "none", "published_on": "2025-02-24"}
    ],
    "domains": [{"slug": "biological", "name": "Biological", "parent": "cbrn"}, {"slug": "cbrn", "name": "CBRN"}],
    "developers": [{"slug": "lab", "name": "Lab"}],
    "models": [
        {
            **_FROM,
            "slug": "m",
            "name": "M",
            "developer": "lab",
            "family": "f",
            "released_on": "2025-02-24",
            "parameters": Decimal("7e10"),
            "snapshots": [
                {
                    **_FROM,
                    "slug": "final",
                    "name": "Final",
                    "kind": "final",
                    "ordinal": 2,
                    "parent": "early",
                    "created_on": "2025-01-02",
                    "training_step": 10,
                    "training_tokens": Decimal("1E+3"),
                    "training_compute_flop": Decimal("3.0E+25"),
                    "training_compute_basis": "stated",
                },
                {**_FROM, "slug": "early", "name": "Early", "kind": "early", "ordinal": 1},
            ],
        },
        {**_FROM, "slug": "before", "name": "Before", "developer": "lab"},
    ],
    "evaluations": [
        {
            **_FROM,
            "slug": "plasmids",
            "name": "Plasmids",
            "kind": "benchmark",
            "domain": "biological",
            "versions": [
                {
                    **_FROM,
                    "slug": "v1",
                    "unit": "share",
                    "riskier_when": "higher",
                    "sampling": "items",
                    "rubric": "r",
                    "item_count": 50,
                    "scale_low": Decimal("0"),
                    "scale_high": Decimal("1"),
                }
            ],
        }
    ],
    "runs": [
        {
            **_MEASURED,
            "slug": "final-1",
            "thinking": "extended",
            "scaffold": "plain",
            "token_budget": 1000,
            "tools": "none",
            "status": "partial",
            "status_reason": "two items failed",
            "measured_at": "2025-02-01T10:00:00+02:00",
            "scores": [_SCORE],
            "items": [
                {"item": "i2", "cluster": "c1", "human_minutes": Decimal("90.0"), "attempts": [Decimal("1"), None]},
                {"item": "i1", "cluster": "c1", "attempts": [Decimal("0.50"), Decimal("0.5")]},
            ],
        }
    ],
    "trials": [
        {
            **_MEASURED,
            "slug": "uplift",
            "task": "plan",
            "hours_allowed": Decimal("16.0"),
            "grader": "experts",
            "look": {"taken": 2, "planned_fractions": [Decimal("0.50"), Decimal("1")]},
            "cohorts": [
                {
                    "slug": "novices",
                    "name": "Novices",
                    "arms": [
                        {**_ARM, "kind": "control", "mean": Decimal("0.25"), "spread": Decimal("0.13"), "spread_kind": "sd"},
                        {
                            **_ARM,
                            "kind": "model",
                            "participants": [
                                {"code": "p2", "score": Decimal("0.5")},
                                {"code": "p1", "team": "site-1", "pretest": Decimal("12.0"), "score": Decimal("0.40")},
                            ],
                        },
                    ],
                }
            ],
        },
        {
            **_MEASURED,
            "slug": "uplift-adjusted",
            "task": "plan",
            "adjusted_for": "score before the trial",
            "cohorts": [
                {
                    "slug": "experts",
                    "name": "Experts",
                    "arms": [
                        {
                            "kind": kind,
                            "conditions": "two days",
                            "participants": [{"code": "e1", "pretest": Decimal("3"), "score": Decimal("0.5")}],
                        }
                        for kind in ("control", "model")
                    ],
                }
            ],
        },
    ],
    "findings": [
        {
            **_MEASURED,
            "slug": "red-team",
            "by": "a team",
            "leaning": "below",
            "words": "not yet",
            "signed_off_by": "the officer",
            "signed_off_on": "2025-02-20",
        }
    ],
    "drop_answers": [
        {
            **_OF_M,
            "slug": "fell",
            "evaluation": "plasmids",
            "version": "v1",
            "before": "early",
            "after": "final",
            "by": "Grace of the pipeline team",
            "words": "the tools were down",
        }
    ],
    "claims": [
        {
            **_OF_M,
            "slug": "restated",
            "evaluation": "plasmids",
            "statistic": "mean",
            "value": Decimal("0.63"),
            "unit": "share",
            "as_printed": "63%",
            "words": "restated later",
        }
    ],
    "determinations": [
        {
            **_OF_M,
            "slug": "published",
            "domain": "biological",
            "outcome": "ASL-2",
            "caveat": "none",
            "decided_by": "the lab",
            "decided_on": "2025-02-24",
        }
    ],
    "plans": [
        {
            **_OF_M,
            "slug": "plan",
            "comparison_model": "before",
            "trigger": "six months",
            "planned": [{"evaluations": ["plasmids"], "snapshots": ["final", "early"], "thinking": ["standard", "extended"]}],
        }
    ],
    "effective_compute": [
        {
            **_OF_M,
            "slug": "at-release",
            "reached_on": "2025-02-24",
            "value": Decimal("4.0"),
            "low": Decimal("3.5"),
            "high": Decimal("4.50"),
            "unit": "times the model before",
            "entered_by": "the scaling team",
            "basis": "fitted to loss curves",
        }
    ],
    "assessments": [
        {
            **_OF_M,
            "slug": "full",
            "depth": "comprehensive",
            "completed_on": "2025-02-20",
            "comparison_model": "before",
            "trigger": "six months",
            "held_by": "the red team",
        }
    ],
    "calls": [
        {
            **_OF_M,
            "slug": "look-again",
            "kind": "discretion",
            "called_on": "2025-02-23",
            "comparison_model": "before",
            "called_by": "the officer",
            "words": "the tools changed",
        }
    ],
    "relations": [
        {
            **_OF_M,
            "slug": "made-from",
            "kind": "inherited_from",
            "other": "before",
            "domain": "biological",
            "judged_by": "the red team",
            "words": "the same weights, trained on",
            "signed_off_by": "the officer",
            "signed_off_on": "2025-02-20",
        }
    ],
    "registrations": [
        {
            **_OF_M,
            "slug": "q-final-2",
            "snapshot": "final",
            "evaluation": "plasmids",
            "version": "v1",
            "thinking": "extended",
            "scaffold": "loop",
            "token_budget": 1000,
            "tools": "a shell",
            "planned_items": 3,
        }
    ],
    "model_aliases": [{**_FROM, "slug": "m-final", "spelled": "lab/m", "snapshot_hint": "step-9", "model": "m", "snapshot": "final"}],
    "task_aliases": [
        {
            **_FROM,
            "slug": "q-task",
            "task": "lab/q",
            "task_version": "2-A",
            "measure": "match",
            "unit": "proportion",
            "evaluation": "plasmids",
            "version": "v1",
        }
    ],
}
_CITED = {"citation": "section 1", "basis": "policy_text"}
_BAR = {**_CITED, "value": Decimal("0.8"), "words": "80%"}


def content() -> dict[str, Any]:
    """Return a copy of the whole file's content, to be changed freely."""
    return copy.deepcopy(_CONTENT)


def content_of_0003() -> dict[str, Any]:
    """Return what the schema 0003 could hold of it: what its fossil was filled with."""
    held = content()
    for name in ("registrations", "model_aliases", "task_aliases"):
        del held[name]
    return held


def content_of_0002() -> dict[str, Any]:
    """Return what the schema 0002 could hold of it: what its fossil was filled with."""
    held = content_of_0003()
    for name in ("effective_compute", "assessments", "calls", "relations"):
        del held[name]
    for field in ("signed_off_by", "signed_off_on"):
        del held["findings"][0][field]
    return held


def content_of_0001() -> dict[str, Any]:
    """Return what the schema 0001 could hold of it: what its fossil was filled with."""
    held = content_of_0002()
    del held["drop_answers"], held["trials"][1:], held["trials"][0]["look"]
    del held["runs"][0]["items"][0]["human_minutes"]
    for field in ("team", "pretest"):
        del held["trials"][0]["cohorts"][0]["arms"][1]["participants"][1][field]
    return held


def as_file(held: dict[str, Any]) -> EvidenceFile:
    """Return the content as a file."""
    return EvidenceFile.model_validate(held)


def load_content(
    store: Store,
    held: dict[str, Any],
    *,
    at: datetime = AT,
    supersede: str | None = None,
    actor: str = "ada",
    file_name: str = "sample.yaml",
) -> Receipt:
    """Load content as the sample file."""
    return load(store, as_file(held), file_name=file_name, file_sha256=SHA, actor=actor, at=at, supersede=supersede)


def a_policy(**changes: Any) -> Policy:
    """Return a small policy with everything that is projected."""
    safeguard = {**_CITED, "slug": "security", "kind": "security", "level": "asl-3", "firmness": "required", "words": "w"}
    threshold = {
        **_CITED,
        "slug": "cbrn-3",
        "name": "CBRN-3",
        "domain": "cbrn",
        "kind": "threshold",
        "definition": "d",
        "requires": [safeguard],
    }
    held = {
        **_CITED,
        "format": "rsp-policy/1",
        "slug": "test-1",
        "framework": "test",
        "framework_name": "Test",
        "version": "1",
        "title": "T",
        "developer": "Lab",
        "standing": "fictional",
        "effective_on": "2025-01-01",
        "documents": [{"slug": "text", "title": "Text", "read": "whole"}],
        "aggregate": {**_CITED, "rule": "riskiest_snapshot", "words": "w"},
        "forcing": {**_CITED, "outcomes": ["crossed"], "words": "w"},
        "levels": [{**_CITED, "slug": "asl-3", "name": "ASL-3", "rank": 3, "words": "w"}],
        "domains": [{**_CITED, "slug": "cbrn", "name": "CBRN", "threat_model": "t"}],
        "thresholds": [threshold],
        "aliases": [{**_CITED, "label": "the CBRN line", "threshold": "cbrn-3"}],
    }
    return Policy.model_validate(held | changes)


def a_criteria_set(**changes: Any) -> CriteriaSet:
    """Return a small criteria set for that policy."""
    coverage = {**_CITED, "require": "every_snapshot", "words": "w"}
    criterion = {
        **_CITED,
        "shape": "score",
        "slug": "plasmids",
        "title": "Plasmids",
        "evaluation": "plasmids",
        "version": "v1",
        "words": "w",
        "statistic": "mean",
        "compared": "bound",
        "rule_out": _BAR,
    }
    held = {
        **_CITED,
        "format": "rsp-criteria/1",
        "slug": "test-1-card",
        "policy": "test-1",
        "title": "T",
        "published_on": "2025-01-02",
        "error_level": {**_CITED, "one_sided": Decimal("0.025"), "words": "w"},
        "coverage": coverage,
        "thresholds": [{**_CITED, "threshold": "cbrn-3", "rule": "any", "criteria": ["plasmids"], "words": "w"}],
        "criteria": [criterion],
    }
    return CriteriaSet.model_validate(held | changes)


def fill(store: Store) -> None:
    """Bring rows into every table, over six entries: evidence, a correction, a policy, a criteria set, a token, its revocation."""
    submit(store, as_file(content()), Sent("sample.yaml", SHA, owner="ada", idempotency_key="sample-1"), actor="ada", at=AT)
    changed = content()
    changed["runs"][0]["scores"][0]["value"] = Decimal("0.61")
    changed["findings"].append(
        {**_MEASURED, "slug": "secret", "visibility": "hazardous", "by": "b", "leaning": "above", "words": "the recipe"}
    )
    load_content(store, changed, supersede="the card was corrected")
    load_policy(store, a_policy(), file_name="p.yaml", file_sha256=SHA, actor="ada", at=AT)
    load_criteria(store, a_criteria_set(), file_name="c.yaml", file_sha256=SHA, actor="ada", at=AT)
    issue(store, "pipeline", "ada", Role.SUBMITTER, timedelta(days=90), actor="ada", at=AT)
    revoke(store, "pipeline", "it stood in a log", actor="ada", at=AT)
