"""Use case: compose and render a capability report. Writes nothing; the door puts the bytes where the person said."""

from __future__ import annotations

from reports import capability, pdf
from rsp.assess import Assessed


def capability_report(assessed: Assessed) -> bytes:
    """Return the capability report as a PDF: the same bytes for the same input and the same rendering libraries."""
    return pdf.render(capability.compose(assessed.assessment, assessed.policy, assessed.criteria, assessed.evidence))
