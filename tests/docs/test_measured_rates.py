"""The error rates that the documentation states are those of a run that is kept, and no rate of that run is left out."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.docs.pages import ROOT, text_of

KEPT = json.loads((ROOT / "tests" / "simulation" / "measured.json").read_text(encoding="utf-8"))
PAGE = text_of(ROOT / "docs" / "statistics.md")
ROW = re.compile(r"^\| (B\d+[^|]*?) \| ([^|]+?) \| ([\d.]+) % \| ([^|]*?) \| ([\d,]+|exact) \|", re.MULTILINE)


def bound(line: dict[str, Any]) -> str:
    """How the page writes what a line is held to."""
    ends = [f"at least {100 * line['at_least']:g} %"] if line["at_least"] is not None else []
    ends += [f"at most {100 * line['at_most']:g} %"] if line["at_most"] is not None else []
    return ", ".join(ends) or "for information"


def replicates(line: dict[str, Any]) -> str:
    return "exact" if line["worst"]["of"] is None else f"{line['worst']['of']:,}"


def test_the_table_of_measured_rates_is_the_run_that_is_kept() -> None:
    said = {key: (what, rate, held, of) for key, what, rate, held, of in ROW.findall(PAGE)}
    kept = {line["line"]: (line["what"], f"{100 * line['worst']['rate']:.2f}", bound(line), replicates(line)) for line in KEPT["lines"]}
    assert said == kept


def test_no_bar_of_the_kept_run_is_broken() -> None:
    assert {line["line"] for line in KEPT["lines"] if line["verdict"] == "broken"} == set()


def test_what_the_usual_practice_costs_is_what_was_measured() -> None:
    rates = {line["line"]: line["worst"]["rate"] for line in KEPT["lines"]}
    for name, key in (("B16 point", "B16 points"), ("B16 pooled", "B16 pooled"), ("B5", "B5")):
        stated = re.search(rf"<!-- measured: {name} -->([\d.]+) %<!-- / -->", PAGE)
        assert stated is not None, name
        assert float(stated[1]) == round(100 * rates[key], 1 if rates[key] < 0.1 else 0)
