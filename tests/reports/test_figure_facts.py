"""Figures are tested by their facts: rows, points, ends, bars and zones, never by their pixels."""

from __future__ import annotations

import warnings
import xml.etree.ElementTree as ET

import pytest

from evaluations.records import RiskierWhen
from reports import figures, typeface
from reports.capability_domain import alt_text
from reports.figure_facts import End, ForestFacts, RowKind
from reports.forest import MOST_ROWS, forest_figures
from tests.reports import assessments as made
from tests.reports.assessments import bar, finding, missing, variant


def only_panel(*findings: object) -> object:
    (facts,) = forest_figures(findings)  # type: ignore[arg-type] -- findings of this file
    (panel,) = facts.panels
    return panel


def test_a_ratio_stands_on_a_log_axis_with_cohorts_first_then_all_then_readings() -> None:
    panel = only_panel(made.uplift())
    assert panel.is_log
    assert [row.kind for row in panel.rows] == [RowKind.COHORT, RowKind.COHORT, RowKind.TOTAL, *[RowKind.READING] * 3]
    assert [row.decides for row in panel.rows] == [False, False, True, False, False, False]
    assert panel.rows[0].high_end is End.OPEN
    assert panel.rows[4].label == "if ± is a standard error"


def test_a_point_without_an_interval_has_no_ends() -> None:
    panel = only_panel(made.virology())
    row = panel.rows[0]
    assert (row.value, row.low, row.high, row.low_end, row.high_end) == (69.7, None, None, End.NONE, End.NONE)
    assert row.decides


def test_missing_variants_are_hatched_rows() -> None:
    panel = only_panel(made.virology())
    assert [(row.kind, row.label, row.text) for row in panel.rows[1:]] == [(RowKind.MISSING, "5 planned variants", "not measured")]


def test_few_missing_variants_get_a_row_each() -> None:
    given = finding("e", variants=(variant("v", value=3.0), missing("a", "First"), missing("b", "Second")))
    assert [row.label for row in only_panel(given).rows[1:]] == ["First", "Second"]


def test_zones_run_from_below_to_reached_in_the_direction_of_risk() -> None:
    bars = {"rule_out_bar": bar(50, "50"), "rule_in_bar": bar(80, "80")}
    upward = only_panel(finding("e", variants=(variant("v", value=3.0),), **bars))
    assert [(zone.low, zone.high, zone.meaning) for zone in upward.zones] == [
        (None, 50, "below"), (50, 80, "undecided"), (80, None, "reached"),
    ]  # fmt: skip
    turned = {"rule_out_bar": bar(80, "80"), "rule_in_bar": bar(50, "50"), "riskier_when": RiskierWhen.LOWER}
    downward = only_panel(finding("e", variants=(variant("v", value=3.0),), **turned))
    assert [(zone.low, zone.high, zone.meaning) for zone in downward.zones] == [
        (None, 50, "reached"), (50, 80, "undecided"), (80, None, "below"),
    ]  # fmt: skip


def test_one_bar_is_both_bars() -> None:
    panel = only_panel(made.knowledge())
    assert [line.words.replace("\u00a0", " ") for line in panel.bars] == ["bar 27 of 33 (82 %)"]
    assert [zone.meaning for zone in panel.zones] == ["below", "reached"]


def test_a_bounded_scale_is_shown_whole() -> None:
    panel = only_panel(made.deduplication())
    assert (panel.low, panel.high) == (0, 100)
    assert [words.replace("\u00a0", " ") for _, words in panel.ticks] == ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]


def test_several_measured_variants_end_with_the_riskiest() -> None:
    given = finding("e", variants_compared=2, variants=(variant("v", value=30.0), variant("w", value=20.0)))
    panel = only_panel(given)
    assert [row.kind for row in panel.rows] == [RowKind.VARIANT, RowKind.VARIANT, RowKind.TOTAL]


def test_a_finding_without_a_number_has_no_figure() -> None:
    assert forest_figures([made.red_team()]) == ()


def test_many_rows_are_shared_between_panels() -> None:
    many = tuple(variant(f"v{place}", value=float(place)) for place in range(2 * MOST_ROWS + 3))
    facts = forest_figures([finding("e", variants_compared=len(many), variants=many)])
    panels = [panel for each in facts for panel in each.panels]
    assert [panel.title.endswith("(continued)") for panel in panels] == [False, True, True]
    assert sum(len(panel.rows) for panel in panels) == len(many) + 1
    assert {(panel.low, panel.high) for panel in panels} == {(0, 100)}


def test_the_words_for_a_figure_name_every_row() -> None:
    (facts,) = forest_figures([made.virology()])
    words = alt_text(facts)
    for expected in ("Long form virology", "rule-out bar 50", "rule-in bar 80", "69.7", "(decides)", "5 planned variants: not measured"):
        assert expected in words


def texts(svg: bytes) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_an_svg_keeps_its_words_as_text_in_the_font_of_the_page() -> None:
    (facts,) = forest_figures([made.virology()])
    svg = figures.render(facts, "svg")
    assert "Long form virology" in texts(svg)
    assert b"Inter" in svg
    assert b"<dc:date>" not in svg


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_the_same_facts_give_the_same_bytes(form: str) -> None:
    (facts,) = forest_figures([made.uplift()])
    assert figures.render(facts, form) == figures.render(facts, form)  # type: ignore[arg-type] -- the three formats


def test_a_readers_own_settings_change_nothing() -> None:
    import matplotlib

    (facts,) = forest_figures([made.uplift()])
    before = figures.render(facts, "svg")
    with matplotlib.rc_context({"axes.linewidth": 9, "font.size": 30, "lines.linewidth": 5, "svg.fonttype": "path", "text.usetex": False}):
        assert figures.render(facts, "svg") == before


@pytest.mark.parametrize("name", ["A" * 300, "$x_{2}$ 50% \\frac", "\u202eevil", "中文 😀", "word " * 80])
def test_a_strange_name_is_drawn_whole_and_literally(name: str) -> None:
    given = finding(
        "e", title=name.strip(), evaluation_name=name.strip(), variants=(variant("v", value=30.0, snapshot="s", snapshot_name=name),)
    )
    (facts,) = forest_figures([given])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = texts(figures.render(facts, "svg"))
    wanted = typeface.for_figure(name).replace(" ", "")
    assert wanted in "".join(drawn).replace(" ", "")


def test_no_line_of_a_label_is_wider_than_its_column() -> None:
    for line in typeface.wrapped("Multimodal Virology " * 6 + "Q" * 90, 7.5, 130.0):
        assert typeface.width(line, 7.5) <= 130.0


def test_a_figure_is_as_tall_as_its_rows_need() -> None:
    short, tall = (
        ForestFacts((only_panel(finding("e", variants=tuple(variant(f"v{place}", value=1.0) for place in range(rows)))),))
        for rows in (2, 9)
    )
    assert figures.forest(tall).get_figheight() > figures.forest(short).get_figheight() + 1.5
