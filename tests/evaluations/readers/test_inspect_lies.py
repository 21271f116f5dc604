"""Logs that lie, each made of a genuine one by one edit: refused at its place, or partial with the shortfall. None is counted silently."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from evaluations.readers.inspect_log import read_inspect
from evaluations.readers.log_reading import LogError, LogReading
from evaluations.records import RunStatus
from tests.evaluations.readers.archives import DEFLATED, LOGS, STORED, ZSTD, Entry, archive, edited, entry, log, members, packed

HONEST = members(LOGS / "epochs4_clustered.eval")
A_SAMPLE = "samples/q0003_epoch_2.json"


def read(content: bytes, name: str = "x.eval") -> LogReading:
    (found,) = read_inspect(log(content, name))
    return found


def comparable(found: LogReading) -> LogReading:
    return found.but({"file_sha256": "0" * 64})


@pytest.mark.parametrize("method", [STORED, DEFLATED, ZSTD])
def test_the_honest_log_is_complete_however_it_is_packed(method: int) -> None:
    assert comparable(read(packed(HONEST, method))) == comparable(read((LOGS / "epochs4_clustered.eval").read_bytes()))
    assert read(packed(HONEST, method)).status is RunStatus.COMPLETED


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_members_changes_nothing(seed: int) -> None:
    names = list(HONEST)
    random.Random(seed).shuffle(names)
    assert comparable(read(packed({name: HONEST[name] for name in names}))) == comparable(read(packed(HONEST)))


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_keys_in_a_document_changes_nothing(seed: int) -> None:
    told = json.loads((LOGS / "edited_log_updates.json").read_text())
    names = list(told)
    random.Random(seed).shuffle(names)
    assert comparable(read(json.dumps({name: told[name] for name in names}).encode())) == comparable(read(json.dumps(told).encode()))


def put(*path: str | int, to: Any) -> Callable[[Any], None]:
    """Return an edit that puts a value at a path."""

    def edit(told: Any) -> None:
        for step in path[:-1]:
            told = told[step]
        told[path[-1]] = to

    return edit


def all_correct(sample: Any) -> None:
    sample["scores"]["match"]["value"] = "C"


def accuracy(value: object) -> Callable[[Any], None]:
    return put("results", "scores", 0, "metrics", "accuracy", "value", to=value)


def of_one(edit: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return an edit of sample q0003 in epoch 2 alone."""
    return lambda told: edit(told) if (told["id"], told["epoch"]) == ("q0003", 2) else None


PARTIAL: dict[str, tuple[dict[str, Callable[[Any], None]], str]] = {
    "accuracy 0 in the header, all samples correct": (
        {"header": accuracy(0.0), "sample": all_correct},
        "prints accuracy 0.0, the samples give 1",
    ),
    "accuracy 0 in the header": ({"header": accuracy(0.0)}, "prints accuracy 0.0, the samples give 0.65625"),
    "a million samples in all": (
        {"header": put("results", "total_samples", to=10**6)},
        "999904 of 1000000 planned attempts are not in the log",
    ),
    "a million samples completed": ({"header": put("results", "completed_samples", to=10**6)}, "completed of 96 attempts"),
    "fewer completed than there are": ({"header": put("results", "completed_samples", to=90)}, "counts 90 attempts without error"),
    "a million scored": ({"header": put("results", "scores", 0, "scored_samples", to=10**6)}, "counts 1000000 scored samples"),
    "cancelled": ({"header": put("status", to="cancelled")}, "status cancelled"),
    "a limit": ({"header": put("eval", "config", "limit", to=24)}, "limit 24"),
    "chosen samples": ({"header": put("eval", "config", "sample_id", to=["q0001"])}, "sample_id"),
    "a larger dataset": ({"header": put("eval", "dataset", "samples", to=240)}, "24 of the 240 samples"),
    "stopped early": ({"header": put("results", "early_stopping", to={"manager": "x"})}, "stopped early"),
    "a sample nobody planned": ({"header": lambda told: told["eval"]["dataset"]["sample_ids"].pop()}, "samples that were not planned"),
    "a sample planned and not run": ({"header": lambda told: told["eval"]["dataset"]["sample_ids"].append("q0099")}, "plans 25 samples"),
    "an unknown edit": ({"header": put("log_updates", to=[{"edits": [{"type": "scores"}]}])}, "of a kind that is not known here"),
    "an unscored sample": ({"sample": of_one(put("scores", "match", "value", to=float("nan")))}, "match: 1 of 96 attempts are unscored"),
    "no score at all": ({"sample": of_one(put("scores", to={}))}, "match: 1 of 96 attempts are unscored"),
    "null for a score": ({"sample": of_one(put("scores", "match", "value", to=None))}, "match: 1 of 96 attempts are unscored"),
    "an infinite score": ({"sample": of_one(put("scores", "match", "value", to=float("inf")))}, "match: 1 values are no number"),
    "words for a score": ({"sample": of_one(put("scores", "match", "value", to="perhaps"))}, "match: 1 values are no number"),
    "a list for a score": ({"sample": of_one(put("scores", "match", "value", to=[1, 2]))}, "match: 1 values are no number"),
    "a score of 400 digits": ({"sample": of_one(put("scores", "match", "value", to=10**400))}, "match: 1 of 96 attempts are unscored"),
    "an edited score": ({"sample": of_one(put("scores", "match", "history", to=[{"value": "C"}]))}, "edited after the run"),
    "an error beside a score": ({"sample": of_one(put("error", to={"message": "x"}))}, "ended with an error"),
    "stopped by a person": ({"sample": of_one(put("limit", to={"type": "operator", "limit": 1}))}, "stopped by a person"),
    "other scores in the summaries": ({"summaries": put(0, "scores", "match", "value", to="P")}, "summaries.json tells other scores"),
}


@pytest.mark.parametrize("lie", PARTIAL)
def test_a_log_that_lies_is_partial_and_says_why(lie: str) -> None:
    edits, reason = PARTIAL[lie]
    found = read(packed(edited(HONEST, **edits)))
    assert found.status is RunStatus.PARTIAL
    assert reason in str(found.status_reason)


@pytest.mark.parametrize("epochs", [None, 1, 2])
def test_attempts_in_epochs_that_nobody_planned_are_kept_and_leave_the_run_partial(epochs: int | None) -> None:
    def edit(header: Any) -> None:
        header["eval"]["config"]["epochs"] = epochs
        header["eval"]["dataset"] = {}  # what was planned is the header's count alone

    found = read(packed(edited(HONEST, header=edit)))
    assert found.status is RunStatus.PARTIAL
    assert "are in epochs that were not planned" in str(found.status_reason)
    assert all(len(item.attempts) == 4 for item in found.measures[0].items)
    assert found.measures[0].items == read(packed(HONEST)).measures[0].items


@pytest.mark.parametrize("number", [b"1.5e999999999", b"1e-999999999"])
def test_a_number_of_the_header_that_no_record_holds_is_never_written_out(number: bytes) -> None:
    header = edited(HONEST, header=accuracy(0.123456))["header.json"].replace(b"0.123456", number)
    found = read(packed({**HONEST, "header.json": header}))
    assert all(score.slug != "accuracy.mean" for score in found.measures[0].scores)


def test_a_header_written_again_with_another_outcome_leaves_the_run_partial() -> None:
    earlier = edited(HONEST, header=put("status", to="cancelled"))["header.json"]
    found = read(archive([entry("header.json", earlier, unlisted="written again"), *entries()]))
    assert found.status is RunStatus.PARTIAL
    assert "status of the header was another before" in str(found.status_reason)
    same = read(archive([entry("header.json", edited(HONEST, header=put("tags", to=["x"]))["header.json"], unlisted="x"), *entries()]))
    assert same.status is RunStatus.COMPLETED


def test_an_invalidation_that_was_taken_back_leaves_the_run_partial() -> None:
    earlier = edited({A_SAMPLE: HONEST[A_SAMPLE]}, sample=put("invalidation", to={"author": "x"}))[A_SAMPLE]
    assert read(archive([entry(A_SAMPLE, earlier), *entries()])).status is RunStatus.PARTIAL


def test_two_scores_of_one_name_are_refused() -> None:
    def twice(sample: Any) -> None:
        sample["scores"] = {"x" * 500 + end: sample["scores"]["match"] for end in "ab"}

    with pytest.raises(LogError, match="two scores that are both named x"):
        read(packed(edited(HONEST, sample=twice)))


def test_a_headline_is_the_score_of_its_own_scorer() -> None:
    """A key of a scorer may have the name of another scorer."""

    def headline(header: Any) -> None:
        header["results"].update(scores=[], headline={"scorer": "judge", "score": "match", "metric": "mean"})

    def two(sample: Any) -> None:
        sample["scores"]["judge"] = {"value": {"match": 1}}

    assert read(packed(edited(HONEST, header=headline, sample=two))).headline == "judge.match"


def test_samples_stand_where_the_header_contradicts_them() -> None:
    found = read(packed(edited(HONEST, header=accuracy(0.0), sample=all_correct)))
    assert all(item.attempts == (1, 1, 1, 1) for item in found.measures[0].items)
    assert any("prints accuracy 0.0, the samples give 1" in warning for warning in found.warnings)


@pytest.mark.parametrize("name", ["invalidated in the header", "invalidated in a sample"])
def test_what_was_declared_invalid_is_invalid(name: str) -> None:
    edits = {"header": put("invalidated", to=True)} if "header" in name else {"sample": of_one(put("invalidation", to={"author": "x"}))}
    assert read(packed(edited(HONEST, **edits))).status is RunStatus.INVALIDATED


def test_a_missing_sample_is_an_attempt_nobody_scored() -> None:
    found = read(packed({name: content for name, content in HONEST.items() if name != A_SAMPLE}))
    assert found.status is RunStatus.PARTIAL
    assert "1 of 96 planned attempts are not in the log" in str(found.status_reason)
    assert "1 attempts stand in summaries.json and have no member: q0003" in str(found.status_reason)
    assert next(item for item in found.measures[0].items if item.item == "q0003").attempts[1] is None


def test_a_run_without_an_end_failed_and_keeps_what_it_scored() -> None:
    begun = {name: content for name, content in HONEST.items() if name.startswith(("_journal/", "samples/q000"))}
    found = read(packed(begun))
    assert found.status is RunStatus.FAILED
    assert "the log has no end" in str(found.status_reason)
    assert (found.planned_samples, sum(value is not None for item in found.measures[0].items for value in item.attempts)) == (96, 40)


def test_nothing_scored_keeps_no_number_of_the_header() -> None:
    found = read(packed(edited(HONEST, sample=put("scores", to={}), header=accuracy(0.0))))
    assert found.status is RunStatus.FAILED
    assert not any(measure.scores for measure in found.measures)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a newer version": (lambda: packed(edited(HONEST, header=put("version", to=3))), "header.json, version: found 3, expected"),
    "no version number": (lambda: packed(edited(HONEST, header=put("version", to="2"))), "header.json, version"),
    "an unknown status": (lambda: packed(edited(HONEST, header=put("status", to="fine"))), "header.json, status"),
    "no model": (lambda: packed(edited(HONEST, header=put("eval", "model", to=None))), r"eval\.model"),
    "epochs of a million million": (
        lambda: packed(edited(HONEST, header=put("eval", "config", "epochs", to=10**12))),
        r"eval\.config\.epochs",
    ),
    "epochs beyond any count": (
        lambda: packed(edited(HONEST, header=put("eval", "config", "epochs", to=10**6))),
        "at most [0-9]+ attempts in all",
    ),
    "a negative count": (lambda: packed(edited(HONEST, header=put("results", "total_samples", to=-1))), r"results\.total_samples"),
    "a sample planned twice": (lambda: packed(edited(HONEST, header=put("eval", "dataset", "sample_ids", to=["a", "a"]))), "sample_ids"),
    "a key twice in the header": (
        lambda: packed({**HONEST, "header.json": HONEST["header.json"].replace(b'"status"', b'"status":"success","status"', 1)}),
        r"header\.json, byte \d+: found the key 'status' twice",
    ),
    "a key twice in a sample": (
        lambda: packed({**HONEST, A_SAMPLE: HONEST[A_SAMPLE].replace(b'"epoch"', b'"epoch":1,"epoch"', 1)}),
        r"q0003_epoch_2\.json, byte \d+: found the key 'epoch' twice",
    ),
    "another sample under a name": (
        lambda: packed({**HONEST, A_SAMPLE: HONEST["samples/q0004_epoch_2.json"]}),
        "q0003_epoch_2.json, id and epoch",
    ),
    "a sample in two shapes": (lambda: packed({**HONEST, "samples/q0003_epoch_2/sample.json": HONEST[A_SAMPLE]}), "a second time"),
    "a second header": (lambda: archive([*entries(), entry("header.json", HONEST["header.json"])]), "header.json: found this member twice"),
    "neither header nor journal": (lambda: packed({A_SAMPLE: HONEST[A_SAMPLE]}), "neither header.json nor"),
    "a sample that is no object": (lambda: packed({**HONEST, A_SAMPLE: b"[]"}), "q0003_epoch_2.json"),
    "something behind a document": (lambda: packed({**HONEST, A_SAMPLE: HONEST[A_SAMPLE] + b"{}"}), "nothing after the end"),
    "no UTF-8": (lambda: packed({**HONEST, A_SAMPLE: HONEST[A_SAMPLE].replace(b'"q0003"', b'"\xff"', 1)}), "no UTF-8"),
    "deep nesting": (
        lambda: packed({**HONEST, A_SAMPLE: b'{"events":' + b"[" * 10**6 + b"]" * 10**6 + b"}"}, STORED),
        "brackets inside each other",
    ),
}


def entries() -> list[Entry]:
    return [entry(name, content) for name, content in HONEST.items()]


@pytest.mark.parametrize("lie", REFUSED)
def test_a_log_that_cannot_be_believed_is_refused_at_its_place(lie: str) -> None:
    made, place = REFUSED[lie]
    with pytest.raises(LogError, match=place):
        read(made())


@pytest.mark.parametrize("share", [1, 25, 50, 75, 90, 99])
@pytest.mark.parametrize("name", ["epochs4_clustered.eval", "security-guide.json"])
def test_a_file_cut_short_is_refused(name: str, share: int) -> None:
    whole = (LOGS / name).read_bytes()
    with pytest.raises(LogError, match=name):
        read(whole[: len(whole) * share // 100], name)


def test_a_sample_run_again_counts_once_and_is_told() -> None:
    failed = edited({A_SAMPLE: HONEST[A_SAMPLE]}, sample=lambda told: told.update(scores={}, error={"message": "x"}))
    found = read(archive([entry(A_SAMPLE, failed[A_SAMPLE]), *entries()]))
    assert found.status is RunStatus.COMPLETED
    assert any("1 members were written again or dropped" in warning for warning in found.warnings)


@pytest.mark.parametrize("dropped", ["", "dropped from the directory"])
def test_a_sample_written_again_with_another_score_leaves_the_run_partial(dropped: str) -> None:
    other = edited({A_SAMPLE: HONEST[A_SAMPLE]}, sample=put("scores", "match", "value", to="P"))
    found = read(archive([entry(A_SAMPLE, other[A_SAMPLE], unlisted=dropped), *entries()]))
    assert found.status is RunStatus.PARTIAL
    assert "1 attempts had other scores before they were written again or dropped" in str(found.status_reason)


def test_a_sample_dropped_from_the_directory_is_missing_and_told() -> None:
    found = read(archive([entry(name, content, unlisted="x" if name == A_SAMPLE else "") for name, content in HONEST.items()]))
    assert found.status is RunStatus.PARTIAL
    assert "1 attempts had other scores before they were written again or dropped" in str(found.status_reason)


def test_a_stated_name_that_is_none_is_told_and_left_out() -> None:
    found = read(packed(edited(HONEST, header=put("metadata", to={"rsp_model": "Acme Two", "rsp_snapshot": "step-12000"}))))
    assert (found.stated.model, found.stated.snapshot) == (None, "step-12000")
    assert any("metadata.rsp_model" in warning for warning in found.warnings)


def test_times_that_run_backwards_are_told() -> None:
    found = read(packed(edited(HONEST, header=put("stats", "completed_at", to="2019-01-01T00:00:00"))))
    assert found.measured_at is not None
    assert found.measured_at.utcoffset() is not None
    assert any("lies before stats.started_at" in warning for warning in found.warnings)
