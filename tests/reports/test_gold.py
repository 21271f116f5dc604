"""The report as a reader gets it, held as text. ``tests/gold/reports/README.md`` says how a change is accepted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reports.jsonform import assessment_json
from reports.text import assessment_text
from tests.reports import assessments as made
from tests.reports.printed import pages, printed

GOLD = Path(__file__).parents[1] / "gold" / "reports"


def report_text() -> str:
    return "\n\f\n".join("\n".join(line.rstrip() for line in page.splitlines()) for page in pages(printed())) + "\n"


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("terminal.txt", lambda: assessment_text(made.assessment())),
        ("assessment.json", lambda: assessment_json(made.assessment())),
        ("report.txt", report_text),
    ],
)
def test_the_text_is_the_accepted_one(name: str, make: object) -> None:
    text = make()  # type: ignore[operator] -- one of the functions above
    if os.environ.get("RSP_ACCEPT_GOLD"):
        (GOLD / name).write_text(text, encoding="utf-8", newline="\n")
    assert text == (GOLD / name).read_text(encoding="utf-8"), f"{name} differs; see tests/gold/reports/README.md"
