"""Puts a released policy or criteria set into the database: the whole document, and the small tables that find it.

The rules kept here: the same document again is a no-op; another document under a recorded name is refused, because a released file
is immutable and a fix is a new file; the small tables are made from the document and from nothing else.

Left out: reading files and judging them (``thresholds``). A document arrives here validated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from evaluations.documents import Problem
from rsp.errors import ConflictError, UnknownNameError
from rsp.store import policy_tables as rows
from rsp.store.canonical import canonical_text, sha256_hex
from rsp.store.tables import Kept
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
    """Add a policy version and its projection, unless it is recorded already. Raises ``ConflictError`` for other content."""
    body = canonical_text(policy.model_dump(mode="json"))
    known = _released(writing, rows.PolicyVersionRow, "policy", policy.slug, body)
    if known is not None:
        return known
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


def add_criteria(writing: Writing, criteria: CriteriaSet, *, file_name: str, file_sha256: str) -> Released:
    """Add a criteria set and its projection, unless it is recorded already.

    Raises ``UnknownNameError`` if its policy is not recorded, ``ConflictError`` for other content of its name.
    """
    body = canonical_text(criteria.model_dump(mode="json"))
    known = _released(writing, rows.CriteriaSetRow, "criteria set", criteria.slug, body)
    if known is not None:
        return known
    table = rows.PolicyVersionRow.__table__
    policies = {row.slug: row.id for row in writing.session.execute(select(table.c.slug, table.c.id))}
    if criteria.policy not in policies:
        raise UnknownNameError("policy", criteria.policy, policies, why=f" in criteria set {criteria.slug}")
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


def _released(writing: Writing, row: type[Kept], word: str, slug: str, body: str) -> Released | None:
    table: Any = row.__table__
    query = select(table.c.body_sha256, table.c.entry_seq).where(table.c.slug == slug)
    stored = writing.session.execute(query).one_or_none()
    if stored is None:
        return None
    digest = sha256_hex(body.encode("utf-8"))
    if stored.body_sha256 != digest:
        problem = Problem((), f"body digest {digest}", f"{stored.body_sha256} as recorded by entry {stored.entry_seq}", f"{word} {slug}")
        raise ConflictError(f"a released {word} is immutable: give the changed file a new slug", [problem])
    return Released(slug, digest, stored.entry_seq)


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
