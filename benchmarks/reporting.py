"""The capability report on the Claude 3.7 Sonnet example, against drawing its figures alone."""

from __future__ import annotations

from pathlib import Path

from benchmarks.examples import loaded
from benchmarks.measuring import Measured, paired
from reports import capability, pdf
from reports.document import Document, FigureBlock
from rsp import assess, publish


def report_example(folder: Path) -> Measured:
    """Time composing and rendering the report, from a finished assessment to its bytes."""
    here = folder / "reporting"
    here.mkdir()
    store = loaded(here)
    assessed = assess.model(store, "claude-3-7-sonnet", policy_slug="anthropic-rsp-2.0")
    store.close()
    document: Document = capability.compose(assessed.assessment, assessed.policy, assessed.criteria, assessed.evidence)
    figures = [block.facts for block in document.blocks if isinstance(block, FigureBlock)]

    def draw() -> None:
        pdf.svg.cache_clear()  # a figure once drawn is kept, so both sides draw anew
        for facts in figures:
            pdf.svg(facts)

    def report() -> None:
        pdf.svg.cache_clear()
        publish.capability_report(assessed)

    return paired(f"report on claude-3-7-sonnet, {len(figures)} figures", report, "drawing its figures", draw, runs=5)
