"""Bytes of an evidence file in, records out, or an error that names file, line and field.

The rules kept here: the whole file is read and checked before anything is returned; a score, an item or a participant
outside its evaluation's scale is refused where the file itself declares that scale; every slug is unique within its parent.

Left out: whether the names a file refers to exist elsewhere, and scales declared by an earlier file: only the store knows
(``rsp.ingest``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from evaluations.documents import Document, Path, Problem, read_document, validated
from evaluations.evidence import EvidenceFile


def read_evidence(content: bytes, name: str) -> tuple[EvidenceFile, Document]:
    """Return the records of an evidence file and the document they came from (it knows the lines).

    Raises ``evaluations.documents.DocumentError``.
    """
    document = read_document(content, name)
    return checked(document), document


def checked(document: Document) -> EvidenceFile:
    """Return the records of a document that is an evidence file. Raises ``DocumentError`` naming every field that is wrong."""
    file = validated(document, EvidenceFile)
    problems = tuple(_repeated(file))
    if problems:
        raise document.error(problems)
    return file


def _repeated(file: EvidenceFile) -> Iterable[Problem]:
    """Yield a problem for every slug that stands twice under one parent."""
    for kind in EvidenceFile.model_fields:
        records = getattr(file, kind)
        if not isinstance(records, tuple):
            continue
        # a run, trial, finding, claim, determination or plan is named within its model; everything else within its kind
        yield from _twice((kind,), [(getattr(each, "model", None), each.slug) for each in records])
        for place, record in enumerate(records):
            for children, name in CHILDREN.get(kind, ()):
                yield from _twice((kind, place, children), [getattr(each, name) for each in getattr(record, children)])
    for place, trial in enumerate(file.trials):
        for cohort_place, cohort in enumerate(trial.cohorts):
            for arm_place, arm in enumerate(cohort.arms):
                path = ("trials", place, "cohorts", cohort_place, "arms", arm_place, "participants")
                yield from _twice(path, [each.code for each in arm.participants])


CHILDREN: dict[str, tuple[tuple[str, str], ...]] = {
    "models": (("snapshots", "slug"), ("snapshots", "ordinal")),
    "evaluations": (("versions", "slug"),),
    "runs": (("scores", "slug"), ("items", "item")),
    "trials": (("cohorts", "slug"),),
}
"""The children of each kind, and the field that names one among its siblings."""


def _twice(path: Path, names: Sequence[Any]) -> Iterable[Problem]:
    seen: set[Any] = set()
    for place, name in enumerate(names):
        if name in seen:
            shown = name[-1] if isinstance(name, tuple) else name
            yield Problem((*path, place), f"{shown} a second time", "each name once within its parent")
        seen.add(name)
