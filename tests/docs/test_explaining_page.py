"""The page on explaining names every kind of change and every word for how sure it is."""

from __future__ import annotations

from tests.docs.pages import ROOT, text_of
from thresholds.flips.numbers_needed import MOST_COUNTED
from thresholds.flips.records import FlipKind, Reach

PAGE = ROOT / "docs" / "explaining.md"


def named() -> set[str]:
    rows = [line.strip("|").split("|")[0].strip() for line in text_of(PAGE).splitlines() if line.startswith("| `")]
    return {each.strip("`") for each in rows}


def test_every_kind_and_every_reach_is_told_and_no_other() -> None:
    assert named() == {each.value for each in (*FlipKind, *Reach)}


def test_the_end_of_the_search_is_the_one_of_the_code() -> None:
    assert f"{MOST_COUNTED:,} for counts" in text_of(PAGE)
