"""Taking evidence in: whole or not at all, once however often it is sent, and never changed in silence."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from evaluations.documents import Problem
from evaluations.evidence import ModelEvidence
from evaluations.trials import Look
from rsp.errors import ConflictError, EvidenceError, UnknownNameError
from rsp.ingest import load_criteria, load_policy
from rsp.store.reading import criteria_sets, evidence, policies, policy, position
from rsp.store.session import Store
from tests.rsp.store.sample import AT, SHA, a_criteria_set, a_policy, as_file, content, load_content


def known(store: Store, as_of: int | None = None) -> ModelEvidence:
    """What is recorded of the sample's model."""
    with store.read() as session:
        return evidence(session, "m", as_of)


def size(store: Store) -> int:
    """How many entries the log has."""
    with store.read() as session:
        return position(session).size


def problems(store: Store, held: dict[str, Any]) -> dict[tuple[str | int, ...], Problem]:
    """What is wrong with a file, by the path of each problem; nothing of it is recorded."""
    before = size(store)
    with pytest.raises(EvidenceError) as caught:
        load_content(store, held)
    assert size(store) == before
    return {problem.path: problem for problem in caught.value.problems}


def test_a_file_is_one_entry_that_counts_its_rows(store: Store) -> None:
    """One file is one entry, whatever it holds."""
    receipt = load_content(store, content())
    assert (receipt.status, receipt.entry_seq, size(store)) == ("stored", 0, 1)
    assert receipt.counts["item_result"] == 4
    assert receipt.counts["score"] == 1


def test_everything_comes_back_as_it_was_written(store: Store) -> None:
    """Each record of the file equals the record read back, digits and all."""
    file = as_file(content())
    load_content(store, content())
    held = known(store)
    assert held.model.model_copy(update={"snapshots": ()}) == file.models[0].model_copy(update={"snapshots": ()})
    assert {each.slug: each for each in held.model.snapshots} == {each.slug: each for each in file.models[0].snapshots}
    assert [each.slug for each in held.model.snapshots] == ["early", "final"]
    assert str(held.model.snapshots[1].training_compute_flop) == "30000000000000000000000000"
    assert held.runs[0].scores == file.runs[0].scores
    assert str(held.runs[0].scores[0].value) == "0.620"
    assert held.runs[0].measured_at == file.runs[0].measured_at
    assert held.runs[0].items == tuple(sorted(file.runs[0].items, key=lambda each: each.item))
    assert (held.findings, held.claims, held.determinations, held.plans) == (file.findings, file.claims, file.determinations, file.plans)
    assert held.drop_answers == file.drop_answers
    assert (held.effective_compute, held.assessments) == (file.effective_compute, file.assessments)
    assert [str(getattr(held.effective_compute[0], name)) for name in ("value", "low", "high")] == ["4.0", "3.5", "4.50"]
    assert (held.calls, held.relations) == (file.calls, file.relations)
    assert [(each.look, each.adjusted_for) for each in held.trials] == [(each.look, each.adjusted_for) for each in file.trials]
    assert held.trials[1].cohorts == file.trials[1].cohorts
    assert held.trials[0].look is not None
    assert str(held.trials[0].look.planned_fractions[0]) == "0.50"
    people = {each.code: each for each in held.trials[0].cohorts[0].arms[1].participants}
    assert people == {each.code: each for each in file.trials[0].cohorts[0].arms[1].participants}
    assert (people["p1"].team, str(people["p1"].pretest), people["p2"].team) == ("site-1", "12.0", None)
    assert held.evaluations == file.evaluations
    assert held.trials[0].cohorts[0].arms[0] == file.trials[0].cohorts[0].arms[0]
    assert {each.code for each in held.trials[0].cohorts[0].arms[1].participants} == {"p1", "p2"}
    assert held.sources == file.sources


def test_the_same_file_again_writes_nothing(store: Store) -> None:
    """A retry counts once and says which entry has it."""
    first = load_content(store, content())
    again = load_content(store, content())
    assert (again.status, again.entry_seq, again.counts, again.recorded_at) == ("known", 0, first.counts, first.recorded_at)
    assert size(store) == 1


def test_the_order_of_records_in_a_file_means_nothing(store: Store) -> None:
    """A child may stand before its parent, and a reordered file is the same file."""
    held = content()
    load_content(store, held)
    for name in ("domains", "models"):
        held[name].reverse()
    held["models"][1]["snapshots"].reverse()
    held["runs"][0]["items"].reverse()
    held["trials"][0]["cohorts"][0]["arms"].reverse()
    held["trials"][0]["cohorts"][0]["arms"][0]["participants"].reverse()
    assert load_content(store, held).status == "known"


def test_new_records_join_those_recorded(store: Store) -> None:
    """A later file may refer to what an earlier one brought, without repeating it."""
    load_content(store, content())
    score = {"slug": "mean", "statistic": "mean", "value": Decimal("0.5"), "source": "card"}
    run = content()["runs"][0] | {"scores": [score], "items": []}
    receipt = load_content(store, {"format": "rsp-evidence/1", "runs": [run]})
    assert receipt.counts == {"score": 1}
    assert [each.slug for each in known(store).runs[0].scores] == ["headline", "mean"]


def test_absence_deletes_nothing(store: Store) -> None:
    """A run sent again without its scores and items, and a model without its snapshots, keep them."""
    load_content(store, content())
    held = content()
    held["runs"][0] |= {"scores": [], "items": []}
    held["models"][0]["snapshots"] = []
    assert load_content(store, held).status == "known"
    assert len(known(store).runs[0].items) == 2
    assert len(known(store).model.snapshots) == 2


def test_items_may_follow_their_run(store: Store) -> None:
    """A run recorded without items takes them from a later file."""
    held = content()
    held["runs"][0]["items"] = []
    load_content(store, held)
    assert load_content(store, content()).counts == {"item_result": 4}
    assert known(store, 0).runs[0].items == ()
    assert len(known(store).runs[0].items) == 2


@pytest.mark.parametrize(
    ("path", "value", "stored", "found"),
    [
        (("runs", 0, "scores", 0, "value"), Decimal("0.62"), "0.620", "0.62"),
        (("runs", 0, "scores", 0, "words"), None, "as printed", "nothing"),
        (("runs", 0, "thinking"), "standard", "extended", "standard"),
        (("runs", 0, "snapshot"), "early", "final", "early"),
        (("models", 0, "snapshots", 0, "ordinal"), 3, "2", "3"),
        (("models", 0, "released_on"), "2025-02-25", "2025-02-24", "2025-02-25"),
        (("evaluations", 0, "versions", 0, "scale_high"), Decimal("2"), "1", "2"),
        (("trials", 0, "cohorts", 0, "arms", 0, "mean"), Decimal("0.26"), "0.25", "0.26"),
        (("sources", 0, "title"), "Other", "Card", "Other"),
        (("trials", 0, "look", "taken"), 1, '{"planned_fractions":["0.50","1"],"taken":2}', '{"planned_fractions":["0.50","1"],"taken":1}'),
        (("trials", 0, "look"), None, '{"planned_fractions":["0.50","1"],"taken":2}', "nothing"),
        (("trials", 1, "adjusted_for"), "age", "score before the trial", "age"),
        (("drop_answers", 0, "words"), "a new harness", "the tools were down", "a new harness"),
        (("drop_answers", 0, "by"), "Alan", "Grace of the pipeline team", "Alan"),
        (("drop_answers", 0, "source_at"), None, "section 7", "nothing"),
    ],
)
def test_changed_content_is_refused_naming_the_field(store: Store, path: tuple[Any, ...], value: Any, stored: str, found: str) -> None:
    """The stored and the found value are told, and nothing is written."""
    load_content(store, content())
    held = content()
    place = held
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ConflictError) as caught:
        load_content(store, held)
    (problem,) = caught.value.problems
    field = path[: 3 if "look" in path else None]  # a look is one field
    assert problem.path == field
    assert problem.found == found
    assert problem.expected == f"{stored} as recorded by entry 0"
    assert field[-1] in problem.where
    assert size(store) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda held: held["runs"][0]["items"][0].update(human_minutes=Decimal("90")),
            "items: found item i2 attempt 0 cluster c1 human_minutes 90 value 1, expected item i2 attempt 0 cluster c1 human_minutes 90.0",
        ),
        (
            lambda held: _people(held)[0].update(team="site-2"),
            "participants: found code p2 team site-2 score 0.5, expected code p2 team nothing score 0.5",
        ),
        (
            lambda held: _people(held)[1].update(pretest=None),
            "participants: found code p1 team site-1 pretest nothing score 0.40, expected code p1 team site-1 pretest 12.0 score 0.40",
        ),
    ],
    ids=["human minutes", "team", "pretest"],
)
def test_changed_parts_of_a_whole_are_named(store: Store, change: Any, words: str) -> None:
    """Minutes, teams and pretests are compared with the items and the people they belong to; what neither side states is left out."""
    load_content(store, content())
    held = content()
    change(held)
    with pytest.raises(ConflictError, match=re.escape(words)):
        load_content(store, held)
    past = known(store)
    assert load_content(store, held, supersede="typing error").counts == {"correction": 1}
    file = as_file(held)
    assert set(known(store).runs[0].items) == set(file.runs[0].items)
    assert set(known(store).trials[0].cohorts[0].arms[1].participants) == set(file.trials[0].cohorts[0].arms[1].participants)
    assert known(store, 0) == past
    assert load_content(store, held).status == "known"


def _people(held: dict[str, Any]) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = held["trials"][0]["cohorts"][0]["arms"][1]["participants"]
    return people


def test_a_corrected_look_and_answer_are_laid_over(store: Store) -> None:
    """Now they say the new, as of then the old, and who corrected why is listed."""
    load_content(store, content())
    held = content()
    held["trials"][0]["look"] = {"taken": 1}
    held["trials"][1]["adjusted_for"] = None
    held["drop_answers"][0] |= {"words": "the prompt was cut off", "by": "Alan", "note": None}
    load_content(store, held, supersede="asked again", actor="bob")
    now, then = known(store), known(store, 0)
    assert [each.look for each in now.trials] == [Look(taken=1), None]
    assert [each.adjusted_for for each in now.trials] == [None, None]
    assert (now.drop_answers[0].words, now.drop_answers[0].by, now.drop_answers[0].note) == ("the prompt was cut off", "Alan", None)
    assert then.trials[0].look == Look(taken=2, planned_fractions=(Decimal("0.50"), Decimal("1")))
    assert (then.trials[1].adjusted_for, then.drop_answers[0].words) == ("score before the trial", "the tools were down")
    told = {(each.record, each.field): (each.was, each.became) for each in now.corrections}
    assert told["drop answer fell", "words"] == ("the tools were down", "the prompt was cut off")
    assert told["trial uplift", "look"] == ('{"planned_fractions":["0.50","1"],"taken":2}', '{"planned_fractions":[],"taken":1}')
    assert told["trial uplift-adjusted", "adjusted_for"] == ("score before the trial", None)
    assert load_content(store, held).status == "known"


def test_an_answer_may_follow_alone(store: Store) -> None:
    """Whoever explains a drop need not repeat what was recorded of it."""
    held = content()
    answer = held.pop("drop_answers")
    load_content(store, held)
    receipt = load_content(store, {"format": "rsp-evidence/1", "drop_answers": answer})
    assert (receipt.status, receipt.counts) == ("stored", {"drop_answer": 1})
    assert (known(store, 0).drop_answers, len(known(store).drop_answers)) == ((), 1)
    assert load_content(store, {"format": "rsp-evidence/1", "drop_answers": answer}).status == "known"


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"before": "erly"}, "before", "a recorded snapshot of m, perhaps early"),
        ({"after": "finale"}, "after", "a recorded snapshot of m, perhaps final"),
        ({"model": "before"}, "before", "a recorded snapshot of before; none is recorded yet"),
        ({"evaluation": "plasmid"}, "evaluation", "a recorded evaluation, perhaps plasmids"),
        ({"version": "v2"}, "version", "a recorded version of plasmids"),
        ({"before": "final", "after": "early"}, "before", "the snapshot earlier in training first"),
    ],
)
def test_an_answer_names_what_is_recorded_of_its_model(store: Store, change: dict[str, str], field: str, expected: str) -> None:
    """Snapshots of that model, in the order of training, and a version of the evaluation: else it would explain nothing."""
    held = content()
    held["drop_answers"][0] |= change
    found = problems(store, held)
    assert found["drop_answers", 0, field].expected.startswith(expected)
    load_content(store, content())
    assert ("drop_answers", 0, field) in problems(store, {"format": "rsp-evidence/1", "drop_answers": held["drop_answers"]})


def test_a_covariate_is_known_of_cohorts_that_the_file_leaves_out(store: Store) -> None:
    """What the file leaves out stays, so it too must hold a pretest of everybody; else the trial could not be read again."""
    held = content()
    load_content(store, held)
    trial = held["trials"][0] | {"adjusted_for": "a score", "cohorts": [held["trials"][1]["cohorts"][0] | {"slug": "joined"}]}
    found = problems(store, {"format": "rsp-evidence/1", "trials": [trial]})
    assert found["trials", 0, "adjusted_for"].found == "the recorded cohort novices without a pretest of everybody"
    more = held["trials"][1] | {"cohorts": [held["trials"][1]["cohorts"][0] | {"slug": "joined"}]}
    assert load_content(store, {"format": "rsp-evidence/1", "trials": [more]}).status == "stored"
    assert [each.slug for each in known(store).trials[1].cohorts] == ["experts", "joined"]


def test_changed_items_are_refused_naming_the_first(store: Store) -> None:
    """A run's items are compared as a whole."""
    load_content(store, content())
    held = content()
    held["runs"][0]["items"][1]["attempts"][1] = Decimal("0.6")
    with pytest.raises(ConflictError, match=r"run final-1, items: found item i1 attempt 1 cluster c1 value 0.6, expected .* value 0.5 "):
        load_content(store, held)


def test_a_participant_more_is_a_change(store: Store) -> None:
    """Who took part moves a mean, so participants are compared as a whole."""
    load_content(store, content())
    held = content()
    arm = held["trials"][0]["cohorts"][0]["arms"][1]
    arm["participants"].append({"code": "p3", "score": Decimal("1")})
    arm["participants_count"] = 3
    with pytest.raises(ConflictError, match="arm model, participants"):
        load_content(store, held)
    load_content(store, held, supersede="one person was forgotten")
    assert len(known(store).trials[0].cohorts[0].arms[1].participants) == 3
    assert len(known(store, 0).trials[0].cohorts[0].arms[1].participants) == 2


def test_superseding_keeps_the_first_value_readable(store: Store) -> None:
    """A correction has who, when, why, what it was and what it became, and the past stays as it was."""
    load_content(store, content())
    held = content()
    held["runs"][0]["scores"][0] |= {"value": Decimal("0.61"), "words": None}
    held["runs"][0]["snapshot"] = "early"
    receipt = load_content(store, held, supersede="the card was corrected", actor="bob")
    assert (receipt.status, receipt.entry_seq, receipt.counts) == ("superseded", 1, {"correction": 3})
    now = known(store)
    assert str(now.runs[0].scores[0].value) == "0.61"
    assert now.runs[0].scores[0].words is None
    assert now.runs[0].snapshot == "early"
    told = {(each.record, each.field): each for each in now.corrections}
    correction = told["run final-1 / score headline", "value"]
    assert (correction.was, correction.became, correction.reason, correction.actor) == ("0.620", "0.61", "the card was corrected", "bob")
    assert told["run final-1", "snapshot"].was == "final"
    assert told["run final-1 / score headline", "words"].became is None
    assert {(each.record, each.field, each.was) for each in receipt.corrections} >= {("run final-1 / score headline", "value", "0.620")}
    assert known(store, 0).runs[0].scores[0].value == Decimal("0.620")
    assert known(store, 0).corrections == ()


def test_a_corrected_file_sent_again_writes_nothing(store: Store) -> None:
    """After a correction the corrected file is the known one, and the first file is in conflict."""
    load_content(store, content())
    held = content()
    held["runs"][0]["scores"][0]["value"] = Decimal("0.61")
    held["runs"][0]["items"][0]["attempts"] = [Decimal("0"), None]
    held["plans"][0]["planned"].append({"evaluations": ["plasmids"], "snapshots": ["early"], "thinking": ["not_stated"]})
    load_content(store, held, supersede="the card was corrected")
    assert load_content(store, held).status == "known"
    assert known(store).plans[0].planned[1].thinking == ("not_stated",)
    assert known(store).runs[0].items[1].attempts == (Decimal("0"), None)
    with pytest.raises(ConflictError):
        load_content(store, content())
    load_content(store, content(), supersede="the correction was wrong")
    assert str(known(store).runs[0].scores[0].value) == "0.620"
    assert [str(known(store, n).runs[0].scores[0].value) for n in (0, 1, 2)] == ["0.620", "0.61", "0.620"]


def test_an_empty_reason_is_no_reason(store: Store) -> None:
    """Superseding without saying why is refused."""
    load_content(store, content())
    with pytest.raises(EvidenceError, match="words that say why"):
        load_content(store, content(), supersede="  ")


def test_everything_wrong_is_told_at_once(store: Store) -> None:
    """Unknown names of every kind are found together, each with its path and with near names."""
    held = content()
    held["models"][0]["developer"] = "lap"
    held["models"][0]["snapshots"][0]["parent"] = "erly"
    held["evaluations"][0]["domain"] = "biologic"
    held["runs"][0]["snapshot"] = "finale"
    held["runs"][0]["scores"][0]["source"] = "kard"
    held["trials"][0]["version"] = "v2"
    held["findings"][0]["evaluation"] = "plasmid"
    held["claims"][0]["model"] = "n"
    held["plans"][0]["planned"][0]["snapshots"] = ["final", "late"]
    found = problems(store, held)
    assert "perhaps lab" in found["models", 0, "developer"].expected
    assert "perhaps early" in found["models", 0, "snapshots", 0, "parent"].expected
    assert "perhaps biological" in found["evaluations", 0, "domain"].expected
    assert found["runs", 0, "snapshot"].found == "snapshot finale"
    assert "perhaps final" in found["runs", 0, "snapshot"].expected
    assert found["runs", 0, "scores", 0, "source"].where == "run final-1 / score headline"
    assert "recorded are v1" in found["trials", 0, "version"].expected
    assert "perhaps plasmids" in found["findings", 0, "evaluation"].expected
    assert ("claims", 0, "model") in found
    assert ("plans", 0, "planned", 0, "snapshots", 1) in found
    assert len(found) == 10 - 1


def test_a_snapshot_of_another_model_is_unknown(store: Store) -> None:
    """Snapshots of another model are never evidence."""
    held = content()
    held["runs"][0]["model"] = "before"
    found = problems(store, held)
    assert found["runs", 0, "snapshot"].expected == "a recorded snapshot of before; none is recorded yet"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (
            lambda held: held["runs"][0]["scores"][0].update(value=Decimal("1.4"), low=None, high=None, interval_level=None),
            ("runs", 0, "scores", 0, "value"),
        ),
        (lambda held: held["runs"][0]["items"][1].update(attempts=[None, Decimal("-0.1")]), ("runs", 0, "items", 1, "attempts", 1)),
        (
            lambda held: held["trials"][0]["cohorts"][0]["arms"][1]["participants"][0].update(score=Decimal("62")),
            ("trials", 0, "cohorts", 0, "arms", 1, "participants", 0, "score"),
        ),
        (
            lambda held: held["trials"][0]["cohorts"][0]["arms"][0].update(mean=Decimal("25")),
            ("trials", 0, "cohorts", 0, "arms", 0, "mean"),
        ),
    ],
)
def test_a_value_off_its_scale_is_refused(store: Store, change: Any, path: tuple[Any, ...]) -> None:
    """A score, an item, a participant or a mean outside the evaluation version's scale is named."""
    held = content()
    change(held)
    found = problems(store, held)
    assert list(found) == [path]
    assert found[path].expected == "a value on the scale 0 to 1"


def test_a_recorded_scale_holds_for_a_later_file(store: Store) -> None:
    """The scale need not be in the same file."""
    load_content(store, content())
    run = content()["runs"][0] | {"slug": "later", "items": []}
    run["scores"][0] |= {"value": Decimal("62"), "high": Decimal("70")}
    assert ("runs", 0, "scores", 0, "value") in problems(store, {"format": "rsp-evidence/1", "runs": [run]})


def test_a_ratio_is_not_on_the_scale(store: Store) -> None:
    """A ratio of two scores may exceed both."""
    held = content()
    held["runs"][0]["scores"].append({"slug": "ratio", "statistic": "ratio", "value": Decimal("2.5"), "source": "card"})
    assert load_content(store, held).status == "stored"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda held: held["runs"].append(held["runs"][0]), ("runs", 1)),
        (lambda held: held["runs"][0]["scores"].append(held["runs"][0]["scores"][0]), ("runs", 0, "scores", 1)),
        (lambda held: held["runs"][0]["items"].append(held["runs"][0]["items"][0]), ("runs", 0, "items", 2)),
        (lambda held: held["models"][0]["snapshots"][1].update(ordinal=2), ("models", 0, "snapshots", 1, "ordinal")),
        (lambda held: held["domains"][1].update(parent="biological"), ("domains", 0, "parent")),
        (lambda held: held["models"][0]["snapshots"][1].update(parent="final"), ("models", 0, "snapshots", 0, "parent")),
        (lambda held: held["relations"].append(held["relations"][0] | {"model": "before", "other": "m"}), ("relations", 0, "other")),
        (lambda held: held["runs"][0].update(tools="sealed:sha256:" + "0" * 64), ("runs", 0, "tools")),
    ],
    ids=[
        *("run twice", "score twice", "item twice", "ordinal shared", "domains in a circle", "snapshots in a circle"),
        *("relations in a circle", "forged mark"),
    ],
)
def test_what_contradicts_itself_is_refused(store: Store, change: Any, path: tuple[Any, ...]) -> None:
    """Names stand once, ordinals differ, parents end, and nobody writes the mark of a laid-aside text."""
    held = content()
    change(held)
    assert path in problems(store, held)


def a_relation(model: str, other: str, kind: str = "bounded_by") -> dict[str, Any]:
    """A file that says how one model stands to another."""
    relation = content()["relations"][0] | {"slug": f"{model}-{other}", "model": model, "other": other, "kind": kind, "domain": None}
    return {"format": "rsp-evidence/1", "relations": [relation]}


def test_relations_do_not_run_in_a_circle_with_recorded_ones(store: Store) -> None:
    """Also through models that the file does not name, and whatever the kinds: a model must not be judged by itself."""
    held = content()
    held["models"].append(held["models"][1] | {"slug": "third", "name": "Third"})
    load_content(store, held)
    load_content(store, a_relation("before", "third"))
    found = problems(store, a_relation("third", "m"))
    assert found["relations", 0, "other"] == Problem(
        ("relations", 0, "other"),
        "other m, which is related back to third (third -> m -> before -> third)",
        "relations that do not lead back to it",
        "relation third-m",
    )
    assert load_content(store, a_relation("m", "third")).status == "stored"


def test_a_corrected_relation_is_walked_as_it_now_stands(store: Store) -> None:
    """A circle that a correction breaks is none, within the file that corrects and after it."""
    held = content()
    held["models"].append(held["models"][1] | {"slug": "third", "name": "Third"})
    load_content(store, held)
    turned = a_relation("before", "m")
    turned["relations"].append(held["relations"][0] | {"other": "third"})
    load_content(store, turned, supersede="it was made from another")
    assert [each.other for each in known(store).relations] == ["third"]
    third = a_relation("before", "m")["relations"][0] | {"slug": "again"}
    assert load_content(store, {"format": "rsp-evidence/1", "relations": [third]}).status == "stored"


def test_a_relation_is_to_a_recorded_model(store: Store) -> None:
    """A misspelt one would speak of nobody."""
    load_content(store, content())
    assert "perhaps before" in problems(store, a_relation("m", "befor"))["relations", 0, "other"].expected


def test_a_finding_is_signed_off_by_a_correction(store: Store) -> None:
    """Who signs, and when, is added to a recorded judgement with a reason, and the judgement as it stood stays readable."""
    held = content()
    del held["findings"][0]["signed_off_by"], held["findings"][0]["signed_off_on"]
    load_content(store, held)
    with pytest.raises(ConflictError, match="finding red-team, signed_off_by"):
        load_content(store, content())
    load_content(store, content(), supersede="the officer signed")
    assert [each.findings[0].signed_off_by for each in (known(store, 0), known(store))] == [None, "the officer"]


def test_a_file_without_records_is_refused(store: Store) -> None:
    """It would be a no-op that looks like success."""
    assert () in problems(store, {"format": "rsp-evidence/1"})


def test_ordinals_may_be_exchanged_by_a_correction(store: Store) -> None:
    """Rows cannot exchange a unique value one after the other; corrections can."""
    load_content(store, content())
    held = content()
    held["models"][0]["snapshots"][0]["ordinal"] = 1
    held["models"][0]["snapshots"][1]["ordinal"] = 2
    del held["drop_answers"]  # what it answers would run backwards: see below
    load_content(store, held, supersede="order of training was wrong")
    assert [each.slug for each in known(store).model.snapshots] == ["final", "early"]


def test_two_models_may_use_one_run_name(store: Store) -> None:
    """A slug is unique within its model."""
    held = content()
    run = held["runs"][0] | {"model": "before", "snapshot": None}
    held["runs"].append(run)
    assert load_content(store, held).counts["run"] == 2
    assert load_content(store, held).status == "known"
    assert known(store).runs[0].snapshot == "final"
    held["runs"][0] = held["runs"][0] | {"items": []}  # absence deletes nothing, even beside a namesake with items
    assert load_content(store, held).status == "known"


def test_a_policy_is_recorded_once(store: Store) -> None:
    """The same document again writes nothing; its projection finds it."""
    first = load_policy(store, a_policy(), file_name="p.yaml", file_sha256=SHA, actor="ada", at=AT)
    again = load_policy(store, a_policy(), file_name="p.yaml", file_sha256=SHA, actor="ada", at=AT)
    assert (first.status, again.status, again.entry_seq, size(store)) == ("stored", "known", 0, 1)
    assert first.counts == {
        "alias": 1,
        "capability_threshold": 1,
        "framework": 1,
        "policy_version": 1,
        "required_safeguard": 1,
        "safety_level": 1,
    }
    with store.read() as session:
        assert policies(session) == ("test-1",)
        held = policy(session, "test-1")
        assert type(a_policy()).model_validate_json(held.body) == a_policy()
        assert (held.source_sha256, held.file_name, held.entry_seq) == (SHA, "p.yaml", 0)


def test_a_released_policy_is_immutable(store: Store) -> None:
    """Other content under its name is refused."""
    load_policy(store, a_policy(), file_name="p.yaml", file_sha256=SHA, actor="ada", at=AT)
    with pytest.raises(ConflictError, match="a released policy is immutable"):
        load_policy(store, a_policy(title="Other"), file_name="p.yaml", file_sha256=SHA, actor="ada", at=AT)
    assert size(store) == 1


def test_a_criteria_set_belongs_to_a_recorded_policy(store: Store) -> None:
    """Bars without their policy are refused; with it they are recorded once and found by it."""
    load_content(store, content())
    with pytest.raises(UnknownNameError, match="policy 'test-1' in criteria set test-1-card"):
        load_criteria(store, a_criteria_set(), file_name="c.yaml", file_sha256=SHA, actor="ada", at=AT)
    load_policy(store, a_policy(), file_name="p.yaml", file_sha256=SHA, actor="ada", at=AT)
    load_policy(
        store, a_policy(slug="test-2", version="2", effective_on="2026-01-01"), file_name="p.yaml", file_sha256=SHA, actor="ada", at=AT
    )
    first = load_criteria(store, a_criteria_set(), file_name="c.yaml", file_sha256=SHA, actor="ada", at=AT)
    assert first.counts == {"criteria_set": 1, "criterion": 1}
    assert load_criteria(store, a_criteria_set(), file_name="c.yaml", file_sha256=SHA, actor="ada", at=AT).status == "known"
    with pytest.raises(ConflictError, match="a released criteria set is immutable"):
        load_criteria(store, a_criteria_set(title="Other"), file_name="c.yaml", file_sha256=SHA, actor="ada", at=AT)
    with store.read() as session:
        assert [each.slug for each in criteria_sets(session, "test-1")] == ["test-1-card"]
        assert criteria_sets(session, "test-2") == ()
        assert criteria_sets(session, "test-1", 1) == ()
