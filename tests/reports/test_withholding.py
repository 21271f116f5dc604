"""What may not be printed: the number and the text go from every page, the decision stays, and that something is missing is said."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from evaluations.evidence import ModelEvidence
from evaluations.history import ModelRelation
from evaluations.records import Thinking, Visibility
from evaluations.trials import DropAnswer
from reports.forest import forest_figures
from reports.withholding import WITHHELD, Veil
from tests.reports import assessments as made
from tests.reports import records
from tests.reports.assessments import variant
from tests.reports.printed import document, every_word
from tests.world import Lab
from thresholds.decision_records import Assessment
from thresholds.finding_records import Alarm, AlarmKind, AlarmState, SourceNote

HIDDEN = (Visibility.RESTRICTED, Visibility.HAZARDOUS)


def changed(collection: str, slug: str, visibility: Visibility) -> ModelEvidence:
    """Return the evidence with one record of one collection made ``visibility``."""
    swapped = tuple(
        type(each).model_validate({**dict(each), "visibility": visibility}) if each.slug == slug else each
        for each in getattr(records.evidence(), collection)
    )
    return records.evidence(**{collection: swapped})


CLAIMED = next(each.evaluation for each in records.evidence().claims if each.slug == "ratio")
CASES = {
    "a run": ("runs", "virology", ("69.7",), "run virology"),
    "a trial": ("trials", "acquisition", ("24 ± 9", "50 ± 21", "0.54x", "p of ruling out = 0.23"), "trial acquisition"),
    "experts’ words": ("findings", "red-team", ("Critical errors would prevent success",), "finding red-team"),
    "a claim": ("claims", "ratio", ("about 2.1X", "uplift within each group"), "claim ratio"),
    "a figure without a threshold": ("runs", "injection", ("88 %",), "run injection"),
    "an evaluation": ("evaluations", "long-form-virology", ("69.7",), "run virology"),
    "an evaluation that experts judge": ("evaluations", "expert-red-team", ("Critical errors would prevent success",), "finding red-team"),
    "an evaluation that documents claim figures of": ("evaluations", CLAIMED, ("about 2.1X", "uplift within each group"), "claim ratio"),
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


def of_the_evaluation(**fields: Any) -> DropAnswer:
    told = {"by": "Grace", "words": "the filter was off", **records.OF_THE_CARD, "source_at": "page 77"}
    pair = {"evaluation": "long-form-virology", "version": "v1", "before": "early", "after": "final"}
    return DropAnswer(**{"slug": "fell", "model": "claude-3-7", **pair, **told, **fields})


def with_answered_drop(told: DropAnswer) -> Assessment:
    """The assessment with a drop that was answered, under the criterion of its evaluation."""
    given = made.assessment()
    note = SourceNote(source=told.source, title="A memo", at=told.source_at, confidence=told.confidence)
    drop = Alarm(
        kind=AlarmKind.DROP, state=AlarmState.ANSWERED, before="early", before_name="Early", after="final", after_name="Final",
        thinking=Thinking.NOT_STATED, change=-20.5, items=42, pairs=1, p_holm=0.001, answered_by=told.by, answer=told.words, source=note,
    )  # fmt: skip
    first = given.verdicts[0]
    changed = tuple(each.model_copy(update={"alarms": (drop,)}) if each.evaluation == told.evaluation else each for each in first.findings)
    return given.model_copy(update={"verdicts": (first.model_copy(update={"findings": changed}), *given.verdicts[1:])})


@pytest.mark.parametrize("visibility", HIDDEN)
def test_a_withheld_answer_keeps_that_it_was_given_and_takes_nothing_else_along(visibility: Visibility) -> None:
    answer = of_the_evaluation(visibility=visibility)
    given = with_answered_drop(answer)
    shown = Veil(records.evidence(drop_answers=(answer,))).assessment(given)
    assert not [secret for secret in ("Grace", "the filter was off", "page 77") if secret in shown.model_dump_json()]
    (drop,) = [alarm for each in shown.verdicts[0].findings for alarm in each.alarms]
    assert (drop.state, drop.answered_by, drop.change) == ("answered", WITHHELD, -20.5)
    assert shown.verdicts[0].reason == given.verdicts[0].reason
    assert "page 77" in Veil(records.evidence(drop_answers=(of_the_evaluation(),))).assessment(given).model_dump_json()


def test_no_p_after_holm_is_shown_beside_a_withheld_one() -> None:
    """Holm makes each p of all the others: 0.19982 beside a hidden variant is three times the hidden p."""
    given = made.assessment()
    first = given.verdicts[0]
    virology = next(each for each in first.findings if each.evaluation == "long-form-virology")
    rows = [variant(name, value=50.0, p_rule_in=0.5, p_rule_in_holm=0.19982) for name in ("virology", "seen")]
    held = virology.model_copy(update={"variants": tuple(rows)})
    changed_first = first.model_copy(update={"findings": (held,)})
    evidence = changed("runs", "virology", Visibility.RESTRICTED)
    shown = Veil(evidence).assessment(given.model_copy(update={"verdicts": (changed_first,)}))
    kept = {each.variant: (each.value, each.p_rule_in, each.p_rule_in_holm) for each in shown.verdicts[0].findings[0].variants}
    assert kept == {"virology": (None, None, None), "seen": (50.0, 0.5, None)}


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


@pytest.mark.parametrize("visibility", HIDDEN)
def test_a_figure_on_safeguards_is_withheld_with_its_run(visibility: Visibility) -> None:
    shown = made.assessment(safeguard_evidence=(made.safeguard_score("with-mitigations", 88.0, run="injection"),))
    (score,) = Veil(changed("runs", "injection", visibility)).assessment(shown).safeguard_evidence
    assert (score.value, score.as_printed, score.observations, score.condition, score.source.at) == (None, WITHHELD, None, None, None)
    assert Veil(records.evidence()).assessment(shown).safeguard_evidence == shown.safeguard_evidence


@pytest.mark.parametrize("visibility", HIDDEN)
def test_the_words_of_a_withheld_relation_are_in_no_verdict(visibility: Visibility) -> None:
    relation = ModelRelation(
        slug="bound", model="claude-3-7", kind="bounded_by", other="stronger", judged_by="R. Reviewer", words="a secret", source="card",
        visibility=visibility,
    )  # fmt: skip
    verdict = made.verdict("t", "cbrn", made.RULED_OUT, (), bounded_by="stronger", reason="At most as capable: a secret")
    shown = Veil(records.evidence(relations=(relation,))).assessment(made.assessment(verdicts=(verdict,)))
    assert [each.reason for each in shown.verdicts] == [WITHHELD]


@pytest.mark.parametrize("where", ["judgement", "evaluation"])
@pytest.mark.parametrize("visibility", HIDDEN)
def test_assessments_that_differ_in_a_hidden_judgement_alone_read_the_same(where: str, visibility: Visibility) -> None:
    told = []
    for words, place in (("the recipe", "page 7"), ("another thing", "page 8")):
        lab = Lab().criterion(shape="qualitative", question="would it help?")
        hidden_evaluation = {"visibility": visibility} if where == "evaluation" else {}
        lab = lab.evaluation()
        lab = replace(lab, evaluations=tuple(type(each).model_validate({**dict(each), **hidden_evaluation}) for each in lab.evaluations))
        own = {"visibility": visibility} if where == "judgement" else {}
        lab = lab.judged("between", words=words, source_at=place, **own)
        told.append(Veil(lab.evidence()).assessment(lab.assessment()).model_dump_json())
    assert told[0] == told[1]


def test_a_withheld_determination_tells_neither_who_decided_nor_where_it_stands() -> None:
    published: Any = made.assessment().determinations[0]
    told = {**dict(published), "visibility": Visibility.RESTRICTED, "decided_by": "the decider", "source_at": "page 12 of the memo"}
    hidden = type(published).model_validate(told)
    shown = Veil(records.evidence(determinations=(hidden,))).assessment(made.assessment(determinations=(hidden,)))
    assert [(each.decided_by, each.source_at) for each in shown.determinations] == [(WITHHELD, None)]


@pytest.mark.parametrize("visibility", HIDDEN)
def test_what_belongs_to_a_withheld_version_is_withheld(visibility: Visibility) -> None:
    evaluations = []
    for each in records.evidence().evaluations:
        versions = tuple(type(one).model_validate({**dict(one), "visibility": visibility}) for one in each.versions)
        swapped = {**dict(each), "versions": versions} if each.slug == "long-form-virology" else dict(each)
        evaluations.append(type(each).model_validate(swapped))
    said = " ".join(every_word(document(evidence=records.evidence(evaluations=tuple(evaluations)))))
    assert "69.7" not in said
    assert "run virology" in said
