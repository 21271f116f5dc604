"""``rsp explain`` on the examples: the same verdict as ``rsp assess``, every step of it, and errors that name what was meant."""

from __future__ import annotations

import json

import pytest

from tests.rsp.cli.running import Run

CARD = ("--policy", "anthropic-rsp-2.0", "--criteria", "claude-3-7-card")
LAB = ("--policy", "fictional-lab-1.0", "--criteria", "fictional-lab-1.0-criteria")


def test_the_checkpoint_of_claude_3_7_is_explained(rsp: Run) -> None:
    ended = rsp("explain", "claude-3-7-sonnet", "model-autonomy-checkpoint", *CARD)
    assert (ended.code, ended.err) == (0, "")
    text = " ".join(ended.out.split())
    assert "Verdict: not ruled out (straddles the rule-out bar)" in text
    assert "4 of 30 (13 %), 95 % interval 4 % to 31 %" in text
    assert "p. 30; verbatim]" in text
    assert "167 trials or more instead of 30, at the share it has." in text
    assert "a whole run with at most 14 of 42 items passed." in text
    assert max(map(len, ended.out.splitlines())) <= 80


@pytest.mark.parametrize(("model", "threshold", "named"), [
    ("claude-3-7-sonnet", "cbrn-weapons", CARD), ("larch-1", "fictional-checkpoint", LAB), ("larch-3", "fictional-checkpoint", LAB),
])  # fmt: skip
def test_it_explains_the_verdict_that_assess_gives(rsp: Run, model: str, threshold: str, named: tuple[str, ...]) -> None:
    assessed = json.loads(rsp("assess", model, *named, "--format", "json").out)
    told = json.loads(rsp("explain", model, threshold, *named, "--format", "json").out)
    assert told["verdict"] == next(each for each in assessed["verdicts"] if each["threshold"] == threshold)
    assert all(each["verdict_from"] == told["verdict"]["outcome"] for each in told["would_change"])


def test_a_threshold_that_the_policy_does_not_have_is_refused_with_near_names(rsp: Run) -> None:
    ended = rsp("explain", "claude-3-7-sonnet", "cbrn-weapon", *CARD)
    assert ended.code == 2
    assert "perhaps cbrn-weapons" in ended.err


def test_an_earlier_position_is_explained_as_it_was(rsp: Run) -> None:
    """The runs of larch-3 are recorded last: just before them nothing of it was measured."""
    now = json.loads(rsp("explain", "larch-3", "fictional-checkpoint", *LAB, "--format", "json").out)
    before = ("--as-of", str(now["as_of"] - 1))
    then = json.loads(rsp("explain", "larch-3", "fictional-checkpoint", *LAB, "--format", "json", *before).out)
    assessed = json.loads(rsp("assess", "larch-3", *LAB, "--format", "json", *before).out)
    assert then["as_of"] == now["as_of"] - 1
    assert then["verdict"] == next(each for each in assessed["verdicts"] if each["threshold"] == "fictional-checkpoint")
    measured = [[row["variant"] for step in each["steps"] for row in step["finding"]["variants"] if row["source"]] for each in (then, now)]
    assert (measured[0], bool(measured[1])) == ([], True)


def test_a_model_made_from_another_is_explained(rsp: Run) -> None:
    ended = rsp("explain", "larch-3", "cbrn-3", "--policy", "anthropic-rsp-2.2", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(ended.out)
    assert [each["other"] for each in told["relations"]] == ["larch-2"]
    assert [(each["verdict_to"], each["reach"]) for each in told["would_change"]] == [("ruled_out", "exact")]
