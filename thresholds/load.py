"""Bytes of a policy or criteria file in, a checked record and its digests out.

The rules kept here: a line without a citation does not load; a criteria set fits the policy it names, threshold by threshold;
the canonical form (and so its digest) depends on what the file says, not on how it is laid out.

Left out: bars against scales. A bar outside the scale of its evaluation is found when the two meet (``thresholds.findings``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Generic, TypeVar

from evaluations.documents import Document, DocumentError, Problem, read_document, shown, validated
from thresholds.criteria_set import CriteriaSet
from thresholds.policy import Policy

Kind = TypeVar("Kind", Policy, CriteriaSet)


@dataclass(frozen=True)
class Loaded(Generic[Kind]):
    """A policy or criteria set with its canonical JSON and two digests: of the file's bytes and of what they say."""

    record: Kind
    body: str
    body_sha256: str
    source_sha256: str
    file_name: str


def canonical(record: Policy | CriteriaSet) -> str:
    """Return the canonical JSON of a policy or criteria set: keys sorted, no spaces, numbers as decimal text (RFC 8785)."""
    return json.dumps(record.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def load_policy(content: bytes, name: str) -> Loaded[Policy]:
    """Read a policy file. Raises ``DocumentError``."""
    return _loaded(validated(read_document(content, name), Policy), content, name)


def load_criteria(content: bytes, name: str) -> Loaded[CriteriaSet]:
    """Read a criteria file on its own; ``expect_fit`` then holds it against its policy. Raises ``DocumentError``."""
    return _loaded(validated(read_document(content, name), CriteriaSet), content, name)


def expect_fit(criteria: CriteriaSet, policy: Policy, document: Document) -> None:
    """Check that every threshold the set names is one of the policy's, once. Raises ``DocumentError``."""
    known = [threshold.slug for threshold in policy.thresholds]
    problems: list[Problem] = []
    for place, line in enumerate(criteria.thresholds):
        path = ("thresholds", place, "threshold")
        if line.threshold not in known:
            problems.append(Problem(path, shown(line.threshold), f"a threshold of {policy.slug}: {', '.join(known)}"))
    if problems:
        raise document.error(tuple(problems))


def _loaded(record: Kind, content: bytes, name: str) -> Loaded[Kind]:
    body = canonical(record)
    return Loaded(record, body, hashlib.sha256(body.encode()).hexdigest(), hashlib.sha256(content).hexdigest(), name)


__all__ = ["DocumentError", "Loaded", "canonical", "expect_fit", "load_criteria", "load_policy"]
