"""Puts a released policy or criteria set into the database: the whole document, and the small tables that find it.

The rules kept here: the same document again is a no-op, whatever rules were added since it was recorded; another document under a
recorded name is refused, because a released file is immutable and a fix is a new file; one that does not fit what is recorded is
refused within the transaction that would have recorded it; the small tables are made from the document and from nothing else.

Left out: reading files and judging them (``thresholds``). A document arrives here validated. What has to hold between documents stands
in ``rsp.store.policy_consistency``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import select

from evaluations.documents import Problem, shown
from rsp.errors import ConflictError, EvidenceError, UnknownNameError
from rsp.store import policy_tables as rows
from rsp.store.canonical import canonical_text, sha256_hex
from rsp.store.policy_consistency import Origin, criteria_problems, policy_problems, recorded_versions
from rsp.store.reading import PolicyText, every_criteria_set, policy_texts
from rsp.store.types import new_id
from rsp.store.writing import Writing
from thresholds.criteria_set import CriteriaSet
from thresholds.policy import Policy


@dataclass(frozen=True)
class Released:
    """A document as it stands recorded, and the entry that brought it."""

    slug: str
    body_sha256: str
    entry_seq: int


def add_policy(writing: Writing, policy: Policy, *, file_name: str, file_sha256: str) -> Released:
    """Add a policy version and its projection, unless it is recorded already.

    Raises ``ConflictError`` for other content of its name, ``EvidenceError`` if it does not fit the policies recorded.
    """
    body = canonical_text(policy.model_dump(mode="json"))
    recorded = policy_texts(writing.session)
    known = released(recorded, "policy", policy.slug, body, file_name)
    if known is not None:
        return known
    if problems := tuple(policy_problems(policy, recorded)):
        raise EvidenceError(problems)
    key = new_id()
    document = _document(policy.slug, body, file_name, file_sha256)
    framework = _framework(writing, policy)
    writing.add(rows.PolicyVersionRow, {"id": key, "framework_id": framework, "effective_on": policy.effective_on, **document})
    levels = {level.slug: new_id() for level in policy.levels}
    for level in policy.levels:
        values = {"id": levels[level.slug], "policy_version_id": key, "slug": level.slug, "name": level.name, "rank": level.rank}
        writing.add(rows.SafetyLevelRow, values)
    thresholds = {threshold.slug: new_id() for threshold in policy.thresholds}
    for threshold in policy.thresholds:
        values = {"id": thresholds[threshold.slug], "policy_version_id": key, "slug": threshold.slug, "name": threshold.name}
        writing.add(rows.CapabilityThresholdRow, values | {"domain": threshold.domain, "kind": threshold.kind})
        for each in threshold.requires:
            found = {"id": new_id(), "capability_threshold_id": thresholds[threshold.slug], "slug": each.slug, "kind": each.kind}
            level_id = None if each.level is None else levels[each.level]
            writing.add(rows.RequiredSafeguardRow, found | {"level_id": level_id, "firmness": each.firmness})
    for alias in sorted({(alias.threshold, alias.label) for alias in policy.aliases}):  # two documents may use one label
        writing.add(rows.AliasRow, {"id": new_id(), "capability_threshold_id": thresholds[alias[0]], "label": alias[1]})
    return Released(policy.slug, document["body_sha256"], writing.seq)


def add_criteria(writing: Writing, criteria: CriteriaSet, *, file_name: str, file_sha256: str, origin: Origin = "own") -> Released:
    """Add a criteria set and its projection, unless it is recorded already.

    Raises ``UnknownNameError`` if its policy is not recorded, ``ConflictError`` for other content of its name, ``EvidenceError`` if
    it does not fit the sets and evaluations recorded.
    """
    body = canonical_text(criteria.model_dump(mode="json"))
    recorded = every_criteria_set(writing.session)
    known = released(recorded, "criteria set", criteria.slug, body, file_name)
    if known is not None:
        return known
    table = rows.PolicyVersionRow.__table__
    policies = {row.slug: row.id for row in writing.session.execute(select(table.c.slug, table.c.id))}
    if criteria.policy not in policies:
        raise UnknownNameError("policy", criteria.policy, policies, why=f" in criteria set {criteria.slug}")
    if problems := tuple(criteria_problems(criteria, recorded, recorded_versions(writing.session, writing.seq - 1), origin)):
        raise EvidenceError(problems)
    key = new_id()
    document = _document(criteria.slug, body, file_name, file_sha256)
    values = {"id": key, "policy_version_id": policies[criteria.policy], "published_on": criteria.published_on}
    writing.add(rows.CriteriaSetRow, values | document)
    for each in criteria.criteria:
        evaluation, version = getattr(each, "evaluation", None), getattr(each, "version", None)  # a compound criterion has neither
        found = {"id": new_id(), "criteria_set_id": key, "slug": each.slug, "shape": each.shape}
        writing.add(rows.CriterionRow, found | {"evaluation": evaluation, "version": version})
    return Released(criteria.slug, document["body_sha256"], writing.seq)


def _document(slug: str, body: str, file_name: str, file_sha256: str) -> dict[str, str]:
    digest = sha256_hex(body.encode("utf-8"))
    return {"slug": slug, "body": body, "body_sha256": digest, "source_sha256": file_sha256, "file_name": file_name}


def released(recorded: Sequence[PolicyText], word: str, slug: str, body: str, file_name: str) -> Released | None:
    """Return where a document of this name stands already. Raises ``ConflictError`` if it says something else there."""
    stored = next((each for each in recorded if each.slug == slug), None)
    if stored is None:
        return None
    digest = sha256_hex(body.encode("utf-8"))
    if stored.body_sha256 == digest:
        return Released(slug, digest, stored.entry_seq)
    path, found, held = _first_difference(json.loads(body), stored.told)
    shown_found, shown_held = shown(found), shown(held)
    if shown_found == shown_held:  # texts that part only after what a message repeats
        shown_found = f"another text, {shown_found}"
    problem = Problem(path, shown_found, f"{shown_held} as recorded by entry {stored.entry_seq}", f"{word} {slug}")
    summary = f"a released {word} is immutable: {file_name} differs from {slug} as recorded from {stored.file_name}"
    if stored.entry_seq < 0:
        problem = Problem(path, shown_found, f"{shown_held} as in {stored.file_name}", f"{word} {slug}")
        summary = f"a released {word} is immutable: {file_name} differs from {slug} as in {stored.file_name}"
    raise ConflictError(f"{summary}; give the changed file a new slug, and name {slug} under corrects", [problem])


def _first_difference(found: Any, held: Any) -> tuple[tuple[str | int, ...], Any, Any]:
    """Return where two documents first differ, and what each says there."""
    if isinstance(found, dict) and isinstance(held, Mapping):
        pairs = [(name, found.get(name), held.get(name)) for name in sorted({*found, *held})]
    elif isinstance(found, list) and isinstance(held, list):
        pairs = [(place, *pair) for place, pair in enumerate(zip_longest(found, held))]
    else:
        return (), found, held
    for name, mine, theirs in pairs:
        if mine != theirs:
            path, one, other = _first_difference(mine, theirs)
            return (name, *path), one, other
    return (), found, held


def _framework(writing: Writing, policy: Policy) -> str:
    table = rows.FrameworkRow.__table__
    stored = writing.session.execute(select(table.c.id, table.c.name).where(table.c.slug == policy.framework)).one_or_none()
    if stored is None:
        key = new_id()
        writing.add(rows.FrameworkRow, {"id": key, "slug": policy.framework, "name": policy.framework_name})
        return key
    # Another framework_name is no conflict: the name stands in each policy's own body; this row only joins versions.
    found: str = stored.id
    return found
