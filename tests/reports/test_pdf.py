"""The printed report: the same bytes everywhere, open to every reader, and deaf to what its texts would like to do."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from reports.document import Cell, Column, Heading, Table
from reports.pdf import BREAK, _table, render
from reports.typeface import for_page, width
from tests.reports import assessments as made
from tests.reports import records
from tests.reports.printed import document, pages, printed, solid

ROOT = Path(__file__).parents[2]
MAKE = "import hashlib, sys; from tests.reports.printed import printed; sys.stdout.write(hashlib.sha256(printed()).hexdigest())"


@pytest.fixture(scope="module")
def report() -> bytes:
    return printed()


ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "1", "COLUMNS": "20"}


def test_another_process_in_another_time_zone_makes_the_same_bytes(report: bytes) -> None:
    there = subprocess.run(
        [sys.executable, "-c", MAKE], cwd=ROOT, env={**os.environ, **ELSEWHERE}, capture_output=True, text=True, check=True
    )
    assert there.stdout == hashlib.sha256(report).hexdigest()


def test_the_date_of_the_file_is_that_of_the_log_position(report: bytes) -> None:
    details = PdfReader(io.BytesIO(report)).metadata
    assert details is not None
    assert details["/CreationDate"].startswith("D:20250302140530")
    assert details.title == "Claude 3.7 Sonnet: capability report"


def test_the_file_is_tagged_outlined_and_in_a_language(report: bytes) -> None:
    reader = PdfReader(io.BytesIO(report))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("en")
    titles = [each.title for each in reader.outline if not isinstance(each, list)]
    assert any("Summary of verdicts" in title for title in titles)
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert b"pdfaid" in root["/Metadata"].get_data()


def test_every_page_says_what_it_belongs_to(report: bytes) -> None:
    texts = pages(report)
    for number, text in enumerate(texts, start=1):
        assert f"page {number} of {len(texts)}" in text
        assert "as of log position 7" in text
        assert "Claude 3.7 Sonnet" in text
        assert "Responsible Scaling Policy, version 2.0" in text


def test_only_the_fonts_of_the_package_are_used(report: bytes) -> None:
    fonts = {str(font) for page in PdfReader(io.BytesIO(report)).pages for font in _fonts(page)}
    assert fonts
    assert all("Inter" in font or "DejaVu" in font for font in fonts)


def _fonts(page: Any) -> list[str]:
    found = []
    resources = page["/Resources"]
    for holder in (resources, *(each.get_object().get("/Resources", {}) for each in resources.get("/XObject", {}).values())):
        for font in (holder.get("/Font") or {}).values():
            found.append(font.get_object()["/BaseFont"])
    return found


HOSTILE = {
    "markup": '#read("/etc/passwd") *bold* _under_ $x^2$ <script>alert(1)</script> \\ // @cite `raw` [x](y)',
    "code": '#import "evil.typ": * #sys.inputs #panic("no") #{ 1 + 1 }',
    "json": '"}, {"type": "heading", "text": "forged',
    "right to left override": "safe \u202egnihton\u202c and \u2066isolated\u2069",
    "terminal escape": "\x1b[2J\x1b[31mred\x07",
    "Chinese and emoji": "风险 評価 위험 😀 👩‍🔬 🏳️‍🌈",
    "right to left letters": "סיכון خطر",
    "piled marks": "Z\u0351\u036b\u0343a\u0489l\u0315go",
    "zero width": "in\u200bvis\u200dible\ufeff\u00ad",
    "private and unassigned": "\ue000 \U000f0000 \u0378",
    "typography": "a -- b --- c ... 'q' \"q\" ~ 1/2",
}


def told(*texts: str) -> bytes:
    """Return a report with ``texts`` wherever evidence and assessment hold free text."""
    base = records.evidence()
    claims = tuple(
        type(base.claims[0]).model_validate(
            {**dict(base.claims[0]), "slug": f"claim-{place}", "words": text, "as_printed": text, "source_at": text}
        )
        for place, text in enumerate(texts)
    )
    experts = tuple(type(base.findings[0]).model_validate({**dict(base.findings[0]), "words": text, "by": text}) for text in texts)
    sources = tuple(type(base.sources[0]).model_validate({**dict(base.sources[0]), "title": text, "address": text}) for text in texts)
    wrong = tuple(records.correction("run knowledge / score score", text, text, text, entry_seq=5) for text in texts)
    evidence = records.evidence(claims=claims, findings=experts, sources=sources, corrections=wrong)
    longest = max(texts, key=len)
    return printed(assessment=made.assessment(model_name=f"Model {longest}", policy_title=longest), evidence=evidence)


@pytest.fixture(scope="module")
def hostile_report() -> str:
    return solid("".join(pages(told(*HOSTILE.values()))))


@pytest.mark.parametrize("case", [each for each in HOSTILE if each != "right to left letters"])
def test_hostile_text_prints_as_itself(hostile_report: str, case: str) -> None:
    assert hostile_report.count(solid(for_page(HOSTILE[case]))) >= 4  # once in each kind of record


def test_right_to_left_letters_are_printed(hostile_report: str) -> None:
    # a reader may give them back in the order they are drawn, so letters are counted and not words
    assert all(hostile_report.count(letter) >= 4 for letter in "סיכון")


def test_hostile_text_reads_no_file(hostile_report: str) -> None:
    assert "root:" not in hostile_report


LONG_WORDS = ("W" * 400, "a" * 23, "é" * 60, "x.y" * 90, "_" * 300, "pneumonoultramicroscopicsilicovolcanoconiosis", "1234567890" * 9)


def test_a_long_word_stays_on_the_page() -> None:
    for page in PdfReader(io.BytesIO(told(*LONG_WORDS))).pages:
        edges: list[float] = []

        def visit(text: str, _: Any, matrix: Any, font: Any, size: float, edges: list[float] = edges) -> None:
            for line in text.splitlines():
                if "WW" in line or "aaa" in line:
                    edges.append(matrix[4] + width(line.strip().replace(BREAK, ""), size * matrix[0]))

        page.extract_text(visitor_text=visit)
        assert max(edges, default=0.0) <= float(page.mediabox.width) - 56.6 + 1  # 56.7 points are the margin of 20 mm


def test_a_word_that_fits_its_column_is_not_broken() -> None:
    table = Table("c", (Column("a"), Column("b", 3.0)), ((Cell("counterproliferation"), Cell("a" * 50)),))
    (first, second) = _table(table)["rows"][0]
    assert BREAK not in first["text"]
    assert BREAK not in second["text"]
    (narrow, _) = _table(Table("c", (Column("a"), Column("b", 9.0)), ((Cell("a" * 50), Cell("b")),)))["rows"][0]
    assert BREAK in narrow["text"]


def test_headings_that_skip_a_step_are_refused() -> None:
    report = document()
    with pytest.raises(ValueError, match="expected no step skipped"):
        type(report)(**{**{name: getattr(report, name) for name in report.__slots__}, "blocks": (Heading(1, "One"), Heading(3, "Three"))})


def test_a_report_without_any_evidence_can_be_printed() -> None:
    empty = dict.fromkeys(("runs", "trials", "findings", "claims", "determinations", "corrections", "sources"), ())
    verdicts = tuple(
        made.verdict(slug, domain, made.INSUFFICIENT, ())
        for slug, domain in (("cbrn-weapons", "cbrn"), ("ai-research", "autonomy"), ("checkpoint", "autonomy"))
    )
    content = render(document(assessment=made.assessment(verdicts=verdicts, determinations=()), evidence=records.evidence(**empty)))
    assert "insufficient evidence" in " ".join(pages(content))
