"""Use case: bytes of a file in, a receipt out. The file says by its ``format`` whether it is evidence, a policy or a criteria set.

The rule kept here: whatever is wrong with a file, also what only the store can know (a name that nothing carries), is answered with
the file's line and field, and nothing of it is stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from evaluations.documents import Document, DocumentError, Problem, read_document, validated
from evaluations.evidence import EvidenceFile
from rsp.errors import ConflictError, EvidenceError, InputError, UnknownNameError
from rsp.ingest import Receipt, load, load_criteria, load_policy
from rsp.store.policy_consistency import Origin
from rsp.store.reading import policy as policy_text
from rsp.store.session import Store
from thresholds.criteria_set import CriteriaSet
from thresholds.load import expect_fit
from thresholds.policy import Policy

FORMATS = ("rsp-evidence/1", "rsp-policy/1", "rsp-criteria/1")


def take_in(
    store: Store, content: bytes, name: str, *, actor: str, at: datetime, supersede: str | None = None, origin: Origin = "own"
) -> Receipt:
    """Record one file of any format.

    Only a criteria set that comes with rsp (``origin``) may name evaluations that nothing declares: two of them were released before
    sets could declare any, and they are loaded before any evidence.

    Raises ``DocumentError`` with line and field for anything wrong in the file, ``ConflictError`` for content that contradicts the record.
    """
    document = read_document(content, name)
    act = {"file_name": name, "file_sha256": hashlib.sha256(content).hexdigest(), "actor": actor}
    match document.value.get("format"):
        case "rsp-evidence/1":
            return _evidence(store, document, act, at, supersede)
        case "rsp-policy/1":
            _no_supersede(supersede, name)
            policy = validated(document, Policy)
            with _told_by_line(document):
                return load_policy(store, policy, at=at, **act)
        case "rsp-criteria/1":
            _no_supersede(supersede, name)
            return _criteria(store, document, act, at, origin)
        case found:
            problem = Problem(("format",), f"“{found}”" if found else "no value", "one of " + ", ".join(FORMATS), line=1)
            raise DocumentError(name, (problem,))


def _evidence(store: Store, document: Document, act: dict[str, str], at: datetime, supersede: str | None) -> Receipt:
    file = validated(document, EvidenceFile)
    with _told_by_line(document):
        return load(store, file, at=at, supersede=supersede, **act)


@contextmanager
def _told_by_line(document: Document) -> Iterator[None]:
    """Tell what the store refuses with the file's lines."""
    try:
        yield
    except EvidenceError as refused:
        raise document.error(refused.problems) from refused
    except ConflictError as refused:
        raise ConflictError(f"{refused.summary}\n{document.error(refused.problems)}") from refused


def _criteria(store: Store, document: Document, act: dict[str, str], at: datetime, origin: Origin) -> Receipt:
    criteria = validated(document, CriteriaSet)
    try:
        with store.read() as session:
            policy = Policy.model_validate_json(policy_text(session, criteria.policy).body)
    except UnknownNameError as refused:
        near = f"a loaded policy, perhaps {' or '.join(refused.near)}" if refused.near else "a loaded policy; `rsp policy list` names them"
        raise document.error((Problem(("policy",), criteria.policy, near),)) from refused
    expect_fit(criteria, policy, document)
    with _told_by_line(document):
        return load_criteria(store, criteria, at=at, origin=origin, **act)


def _no_supersede(supersede: str | None, name: str) -> None:
    if supersede is not None:
        raise InputError(f"{name}: found a reason to supersede, expected none: a released policy is immutable; a fix is a new file")
