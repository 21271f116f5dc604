"""What may not be printed: the number and the text go from every page, the decision stays, and that something is missing is said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from evaluations.evidence import ModelEvidence
from evaluations.records import Visibility
from evaluations.trials import DropAnswer
from reports.forest import forest_figures
from reports.withholding import WITHHELD, Veil
from tests.reports import assessments as made
from tests.reports import records
from tests.reports.printed import document, every_word

HIDDEN = (Visibility.RESTRICTED, Visibility.HAZARDOUS)


def changed(collection: str, slug: str, visibility: Visibility) -> ModelEvidence:
    """Return the evidence with one record of one collection made ``visibility``."""
    swapped = tuple(
        type(each).model_validate({**dict(each), "visibility": visibility}) if each.slug == slug else each
        for each in getattr(records.evidence(), collection)
    )
    return records.evidence(**{collection: swapped})


CASES = {
    "a run": ("runs", "virology", ("69.7",), "run virology"),
    "a trial": ("trials", "acquisition", ("24 ± 9", "50 ± 21", "0.54x", "p of ruling out = 0.23"), "trial acquisition"),
    "experts’ words": ("findings", "red-team", ("Critical errors would prevent success",), "finding red-team"),
    "a claim": ("claims", "ratio", ("about 2.1X", "uplift within each group"), "claim ratio"),
    "a figure without a threshold": ("runs", "injection", ("88 %",), "run injection"),
    "an evaluation": ("evaluations", "long-form-virology", ("69.7",), "run virology"),
}


@pytest.mark.parametrize("visibility", HIDDEN)
@pytest.mark.parametrize("case", CASES, ids=list(CASES))
def test_what_is_restricted_stands_nowhere_in_the_report(case: str, visibility: Visibility) -> None:
    collection, slug, secrets, name = CASES[case]
    said = " ".join(every_word(document(evidence=changed(collection, slug, visibility)))).replace("\u00a0", " ")
    assert not [secret for secret in secrets if secret in said]
    assert name in said
    assert visibility.value in said
    assert WITHHELD in said


@pytest.mark.parametrize("visibility", [each for each in Visibility if each not in HIDDEN])
def test_what_staff_may_read_is_printed(visibility: Visibility) -> None:
    said = " ".join(every_word(document(evidence=changed("runs", "virology", visibility))))
    assert "69.7" in said


def test_outcomes_stay_when_their_numbers_go() -> None:
    given = made.assessment()
    shown = Veil(changed("runs", "virology", Visibility.RESTRICTED)).assessment(given)
    assert [each.outcome for each in shown.verdicts] == [each.outcome for each in given.verdicts]
    assert [each.verdict for each in shown.verdicts[0].findings] == [each.verdict for each in given.verdicts[0].findings]


def test_a_withheld_score_is_a_hatched_row_without_a_point() -> None:
    shown = Veil(changed("runs", "virology", Visibility.RESTRICTED)).assessment(made.assessment())
    (facts,) = forest_figures([shown.verdicts[0].findings[1]])
    row = facts.panels[0].rows[0]
    assert (row.text, row.value, row.low, row.high) == (WITHHELD, None, None, None)


def test_one_withheld_score_of_a_run_withholds_what_was_made_of_the_run() -> None:
    secret = records.score(value=Decimal("69.7"), as_printed="69.7%", visibility=Visibility.RESTRICTED)
    changed_run = records.run("virology", "long-form-virology", secret)
    runs = tuple(changed_run if each.slug == "virology" else each for each in records.evidence().runs)
    said = " ".join(every_word(document(evidence=records.evidence(runs=runs))))
    assert "69.7" not in said


def test_a_withheld_correction_keeps_its_person_and_time() -> None:
    evidence = changed("runs", "knowledge", Visibility.HAZARDOUS)
    hidden = Veil(evidence).correction(evidence.corrections[1])
    assert (hidden.was, hidden.became, hidden.reason) == (WITHHELD, WITHHELD, WITHHELD)
    assert hidden.actor == "R. Reviewer"


def test_nothing_withheld_changes_nothing() -> None:
    given = made.assessment()
    assert Veil(records.evidence()).assessment(given) is given


def test_a_withheld_determination_is_named_without_its_words() -> None:
    published: Any = made.assessment().determinations[0]
    hidden = type(published).model_validate({**dict(published), "visibility": Visibility.RESTRICTED})
    evidence = records.evidence(determinations=(hidden,))
    said = " ".join(every_word(document(assessment=made.assessment(determinations=(hidden,)), evidence=evidence)))
    assert "Below the ASL-3 threshold" not in said
    assert "determination cbrn" in said


def test_a_withheld_answer_to_a_drop_is_named_without_its_words() -> None:
    answer = DropAnswer(
        slug="fell", model="claude-3-7", evaluation="long-form-virology", version="v1", before="early", after="final", by="Grace",
        words="the filter was off", visibility=Visibility.RESTRICTED, **records.OF_THE_CARD,
    )  # fmt: skip
    corrected = records.correction("drop answer fell", "words", "the tools were off", "the filter was off", entry_seq=6)
    evidence = records.evidence(drop_answers=(answer,), corrections=(corrected,))
    said = " ".join(every_word(document(evidence=evidence)))
    assert not [secret for secret in ("the filter was off", "the tools were off", "Grace") if secret in said]
    assert "drop answer fell" in said
