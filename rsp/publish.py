"""Use case: compose and render a capability report. Writes nothing; the door puts the bytes where the person said."""

from __future__ import annotations

from reports import capability
from reports.document import Document
from rsp.assess import Assessed


def capability_document(assessed: Assessed) -> Document:
    """Return the capability report as blocks, before anybody decides how it looks."""
    return capability.compose(assessed.assessment, assessed.policy, assessed.criteria, assessed.evidence)


def capability_report(assessed: Assessed) -> bytes:
    """Return the capability report as a PDF: the same bytes for the same input and the same rendering libraries."""
    from reports import pdf  # noqa: PLC0415  (typst and matplotlib take 40 MB that a server without a report to make does not need)

    return pdf.render(capability_document(assessed))
