"""The terminal and JSON forms: readable without colour, at any width, and closed to what would steer a terminal."""

from __future__ import annotations

import json
import unicodedata

import pytest

from evaluations.records import RiskierWhen
from reports.jsonform import assessment_json
from reports.literal import literal
from reports.text import assessment_text
from tests.reports import assessments as made
from thresholds.policy import Standing
from thresholds.safeguards import Due, Firmness


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    assert max(len(line) for line in assessment_text(made.assessment(), columns=columns).splitlines()) <= columns


def test_without_colour_there_is_no_control_character() -> None:
    text = assessment_text(made.assessment())
    assert not [each for each in text if unicodedata.category(each) == "Cc" and each != "\n"]


def test_colour_adds_nothing_but_colour() -> None:
    import re

    coloured = assessment_text(made.assessment(), colour=True)
    assert "\x1b[" in coloured
    bare = re.sub(r"[ \t]+$", "", re.sub(r"\x1b\[[0-9;]*m", "", coloured), flags=re.MULTILINE)
    assert bare == assessment_text(made.assessment())


def test_the_readers_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = assessment_text(made.assessment())
    for name, value in (("COLUMNS", "33"), ("NO_COLOR", "1"), ("FORCE_COLOR", "1"), ("TERM", "dumb"), ("TZ", "Asia/Tokyo")):
        monkeypatch.setenv(name, value)
    assert assessment_text(made.assessment()) == before


def test_hostile_names_steer_nothing() -> None:
    text = assessment_text(made.assessment(model_name="\x1b[2J[bold red]x[/] \u202efdp", developer="a\rb\tc"))
    assert "[U+001B][2J[bold red]x[/] [U+202E]fdp (a b c)" in text


def test_a_fictional_policy_says_so() -> None:
    assert "FICTIONAL POLICY" in assessment_text(made.assessment(policy_standing=Standing.FICTIONAL))


def test_letters_of_every_script_stay() -> None:
    assert literal("风险 é سيناريو") == "风险 é سيناريو"


def test_json_holds_numbers_as_numbers() -> None:
    form = json.loads(assessment_json(made.assessment()), parse_constant=lambda name: pytest.fail(f"found {name}"))
    first = form["verdicts"][0]["findings"][0]
    assert first["value"] == 2.0980392156862746
    assert first["rule_in"] == 5.0
    assert first["variants"][0]["cohorts"][0]["high"] is None
    assert first["variants"][0]["cohorts"][0]["high_end"] == "unbounded"


PROMISED = {
    "assessment": ({"schema_version", "model", "policy", "criteria", "as_of", "verdicts"}, lambda form: form),
    "verdict": (
        {"threshold", "domain", "outcome", "sub_label", "required_safeguards", "gaps", "findings"},
        lambda form: form["verdicts"][0],
    ),
    "finding": (
        {
            "criterion", "evaluation", "outcome", "outcome_by_point", "outcome_by_bound", "statistic", "compared",
            "level", "method", "value",
            "low", "high", "unit", "rule_out", "rule_in", "deciding_snapshot", "snapshots_compared", "variants",
            "readings", "reason", "source",
        },
        lambda form: form["verdicts"][0]["findings"][0],
    ),
}  # fmt: skip


@pytest.mark.parametrize("part", PROMISED, ids=list(PROMISED))
def test_json_has_the_promised_fields(part: str) -> None:
    names, pick = PROMISED[part]
    assert names <= set(pick(json.loads(assessment_json(made.assessment()))))


def test_json_is_sorted_and_ends_its_last_line() -> None:
    text = assessment_json(made.assessment())
    assert text.endswith("}\n")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def safeguards_of(**changed: object) -> str:
    """The block on required safeguards, in one line."""
    text = assessment_text(made.assessment(**changed))
    return " ".join(text.split("Required safeguards\n")[1].split("\nPublished by people")[0].split()).replace("\u00a0", " ")


def test_a_demand_is_told_with_level_firmness_due_and_what_it_rests_on() -> None:
    said = safeguards_of(safeguards=(made.demand(due=Due.BEFORE_EXTERNAL_DEPLOYMENT, firmness=Firmness.AT_LEAST),))
    assert "Security: ASL-3 Standard (at least), before external deployment." in said
    assert "Rests on Cbrn weapons, not ruled out, required (RSP 2.0, section 2)." in said


def test_a_demand_without_a_level_is_told_in_the_words_of_the_file() -> None:
    said = safeguards_of(safeguards=(made.demand(level=None, level_name=None, words=("A strong argument.",)),))
    assert "Security (required): A strong argument." in said


def test_figures_on_safeguards_stand_beside_each_other_with_direction_and_n() -> None:
    said = safeguards_of()
    assert "74 % (no mitigations, n = 176), 88 % (with mitigations, n = 176); higher is better." in said
    assert "whether the safeguards suffice, people decide" in said


def test_figures_without_a_condition_are_told_apart_by_their_runs() -> None:
    one, two = (made.safeguard_score(None, 10.0, run=run, better_when=RiskierWhen.LOWER, observations=None) for run in ("one", "two"))
    assert "10 % (one, n not published), 10 % (two, n not published); lower is better." in safeguards_of(safeguard_evidence=(one, two))


def test_where_nothing_is_in_force_it_says_so_and_weighs_nothing() -> None:
    assert safeguards_of(safeguards=(), safeguard_evidence=()).endswith("No verdict puts a safeguard in force.")


def test_the_overall_outcome_is_told_with_its_reason() -> None:
    assert "Overall not ruled out. The riskiest verdict stands for all." in safeguards_of()
