"""Bytes of an evidence file in, records out, or an error that names file, line and field.

The rule kept here: the whole file is read and every record of it checked before anything is returned.

Left out: what must hold between records (a name once within its parent, a value on its evaluation's scale, a reference that
leads somewhere). That may depend on what is recorded already, so it is checked where the record is known (``rsp.ingest``).
"""

from __future__ import annotations

from evaluations.documents import Document, read_document, validated
from evaluations.evidence import EvidenceFile


def read_evidence(content: bytes, name: str) -> tuple[EvidenceFile, Document]:
    """Return the records of an evidence file and the document they came from (it knows the lines).

    Raises ``evaluations.documents.DocumentError``.
    """
    document = read_document(content, name)
    return validated(document, EvidenceFile), document
