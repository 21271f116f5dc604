"""The composed report: what must stand in it, and that no number comes from nowhere."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest

from evaluations.records import Confidence, RunStatus, Visibility
from evaluations.registrations import RunRegistration
from reports import capability_domain, methods, numbers
from reports.document import Heading, NoteKind, Table
from tests.reports import assessments as made
from tests.reports import records
from tests.reports.printed import document, every_word, words_of
from tests.reports.test_wording import FORBIDDEN
from thresholds.governance import Role
from thresholds.policy import Standing


def chapters() -> dict[str, str]:
    """Return the text of every chapter by its heading."""
    found: dict[str, list[str]] = {}
    name = ""
    for block in document().blocks:
        if isinstance(block, Heading) and block.depth == 1:
            name = block.text
        found.setdefault(name, []).extend(words_of(block))
    return {name: " ".join(words).replace(numbers.NBSP, " ") for name, words in found.items()}


CHAPTERS = {
    "Summary of verdicts": ("3 thresholds: 2 not ruled out, 1 insufficient evidence", "Below the ASL-3 threshold", "settles nothing"),
    "Required safeguards in force": ("ASL-3 Standard", "required", "RSP 2.0, section 2"),
    "Chemical and biological weapons": (
        "People get help with weapons.", "24 ± 9 %", "50 ± 21 %", "n not published", "If ± is a", "standard error", "about 2.1X", "1.53x",
        "the same trial under an updated rubric", "later-card",
        "69.7 %", "17 of 33 (52 %)", "27 of 33 (82 %)", "Critical errors would prevent success.", "p of ruling out = 0.23",
        "By the point estimate: below the bar; by the interval: on neither side for sure.",
    ),
    "Autonomy": ("9.65 of 42 (23 %)", "4 of 30 (13 %)", "even the upper end, 39 %, is under 50 %"),
    "Gaps and limitations": ("The source prints no per-snapshot scores.", "Appendix A", "Figures 15 to 26"),
    "Corrections": ("18 → 17", "lowered the risk", "3 → 4", "R. Reviewer", "2025-03-01 09:30 UTC", "read again"),
    "Withheld material": ("Nothing in the record of this model is withheld",),
    "Other recorded figures": ("Prompt injection", "88 %"),
    "Restated figures and other claims": ("A later figure never replaces an earlier one", "stand beside its finding"),
    "Methods": ("Clopper and Pearson 1934", "2.5 %", "Not corrected for", "A missing variant never counts as below a bar"),
    "Sources": ("https://example.org/card.pdf", "whole text layer", "0123456789abcdef"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHAPTERS, ids=list(CHAPTERS))
def test_a_chapter_holds_what_a_reviewer_looks_for(name: str) -> None:
    text = chapters()[name]
    assert not [words for words in CHAPTERS[name] if words not in text]


def test_the_chapters_come_in_order() -> None:
    assert list(chapters()) == list(CHAPTERS)


def test_a_correction_that_lowered_a_risk_comes_first() -> None:
    text = chapters()["Corrections"]
    assert text.index("18 → 17") < text.index("3 → 4")


def test_a_published_determination_is_no_verdict() -> None:
    published = next(each for each in document().blocks if isinstance(each, Table) and each.caption.startswith("Published determinations"))
    assert all(cell.outcome is None for row in published.rows for cell in row)


def test_a_fictional_policy_says_so_first() -> None:
    banners = document(assessment=made.assessment(policy_standing=Standing.FICTIONAL)).banners
    assert [each.kind for each in banners] == [NoteKind.FICTIONAL]


def test_synthetic_evidence_says_so_first() -> None:
    synthetic = records.run("made", "prompt-injection", records.score(value=Decimal(3), confidence=Confidence.SYNTHETIC))
    banners = document(evidence=records.evidence(runs=(*records.evidence().runs, synthetic))).banners
    assert [each.kind for each in banners] == [NoteKind.SYNTHETIC]


def test_every_role_of_the_policy_has_an_empty_line_to_sign() -> None:
    assert [line.role for line in document().signatures] == ["Responsible Scaling Officer"]


def test_no_text_uses_a_forbidden_phrase() -> None:
    said = " ".join(every_word(document())).lower()
    allowed = said.replace("field passed", "")  # the name of a field in a correction
    assert not [phrase for phrase in FORBIDDEN if phrase in allowed]


def test_the_same_inputs_give_an_equal_document() -> None:
    assert document() == document()


def test_a_finding_shared_by_two_thresholds_is_explained_once() -> None:
    given = made.assessment()
    shared = given.verdicts[2].findings
    verdicts = (*given.verdicts[:1], made.verdict("ai-research", "autonomy", made.NOT_RULED_OUT, shared), given.verdicts[2])
    report = document(assessment=made.assessment(verdicts=verdicts))
    details = [each.text for each in report.blocks if isinstance(each, Heading) and each.depth == 3]
    assert details.count("Swe bench hard") == 1
    assert any("Shown in full under an earlier threshold" in word for word in every_word(report))


def test_an_unknown_method_is_named_and_not_guessed() -> None:
    assert methods.method_name("jackknife_of_tomorrow") == "jackknife of tomorrow"


# -- no number comes from nowhere ---------------------------------------------------------------------------------------------------

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
OWN_WORDS = (  # fixed sentences of the report itself; their numbers are years, volumes and definitions
    *(text for pair in methods.METHODS.values() for text in pair),
    capability_domain.HOW_TO_READ,
    "half-width of a 95 % interval",
    "(Berger 1982, Technometrics 24:295)",
    "SHA-256",
    made.assessment().policy_sha256,
    made.assessment().criteria_sha256,
    *(numbers.digest(each) for each in (made.assessment().policy_sha256, made.assessment().criteria_sha256)),
)


def given_numbers() -> set[Decimal]:
    """Return every number of the inputs, also as a percentage, and every number inside their texts."""
    found: set[Decimal] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            found.add(Decimal(len(value)))  # how many there are is a number of the inputs too
            for each in value:
                walk(each)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.add(Decimal(repr(value)))
        elif isinstance(value, str):
            found.update(Decimal(each.replace(",", "")) for each in NUMBER.findall(value))

    for record in (made.assessment(), records.policy(), records.criteria(), records.evidence()):
        walk(json.loads(record.model_dump_json()))
    return found | {each * 100 for each in found} | {(1 - each) for each in found}


def is_given(text: str, inputs: set[Decimal]) -> bool:
    printed = Decimal(text.replace(",", ""))
    step = Decimal(1).scaleb(int(printed.as_tuple().exponent))
    return any(abs(each) < 10**12 and each.quantize(step, rounding=ROUND_HALF_EVEN) == printed for each in inputs)


def test_every_number_of_the_document_stands_in_the_inputs() -> None:
    inputs = given_numbers()
    counts = {Decimal(each) for each in range(10)}  # how many indicators, variants, parts: counted by the composer, small
    unknown = []
    for words in every_word(document()):
        for own in OWN_WORDS:
            words = words.replace(own, "")  # noqa: PLW2901 -- taken out one by one
        unknown += [text for text in NUMBER.findall(words) if not is_given(text, inputs | counts)]
    assert unknown == []


def test_who_acts_in_the_stated_order_signs_and_nobody_else() -> None:
    acting = [("ceo", "decider", 3), ("experts", "reviewer", None), ("board", "recipient", 4), ("frt", "author", 1)]
    cited = {"citation": "invented for a test", "basis": "our_assumption"}
    roles = tuple(
        Role.model_validate({"slug": slug, "name": slug.upper(), "duty": "acts", "function": function, "step": step, **cited})
        for slug, function, step in acting
    )
    assert [line.role for line in document(policy=records.policy(roles=roles)).signatures] == ["FRT", "CEO"]


def registered(slug: str, **changed: Any) -> RunRegistration:
    fields = {"model": "claude-3-7", "snapshot": "final", "evaluation": "swe-bench-hard", "version": "v1", **records.OF_THE_CARD, **changed}
    return RunRegistration(slug=slug, **fields)


def of_registrations(**changed: Any) -> str:
    """Return the chapter on registered runs: one reported, and a second attempt at the same of which nothing was reported."""
    before = records.evidence()
    lost = records.run(
        "again",
        "swe-bench-hard",
        status=RunStatus.WITHHELD,
        status_reason="registered before it started (entry 4), and no result",
        **changed,
    )
    found = records.evidence(runs=(*before.runs, lost), registrations=(registered("swe-bench"), registered("again")))
    shown = document(evidence=found).blocks
    start = next(
        place for place, each in enumerate(shown) if isinstance(each, Heading) and each.text == "Runs registered before they started"
    )
    return " ".join(" ".join(text for each in shown[start : start + 3] for text in words_of(each)).split())


def test_every_registered_run_is_listed_with_its_attempt_and_what_became_of_it() -> None:
    told = of_registrations()
    assert "1 registered run without a reported result" in told
    assert "again 2 no result reported registered before it started (entry 4), and no result" in told
    assert "swe-bench 1 completed" in told


def test_why_a_restricted_run_gave_no_result_is_not_printed() -> None:
    told = of_registrations(visibility=Visibility.RESTRICTED)
    assert "no result reported" in told
    assert "entry 4" not in told
