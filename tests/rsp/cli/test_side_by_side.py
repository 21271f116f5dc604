"""One model under several policies on the command line: side by side as text, a list as JSON, and one gate for all."""

from __future__ import annotations

import json
from pathlib import Path

from tests.rsp.cli.running import Run

BOTH = ("--policy", "anthropic-rsp-2.0", "--policy", "fictional-lab-1.0")


def test_json_is_a_list_of_the_objects_printed_for_one(rsp: Run) -> None:
    listed = json.loads(rsp("assess", "larch-1", *BOTH, "--format", "json").out)
    alone = [json.loads(rsp("assess", "larch-1", "--policy", each["policy"], "--format", "json").out) for each in listed]
    assert [each["policy"] for each in listed] == ["anthropic-rsp-2.0", "fictional-lab-1.0"]
    assert listed == alone


def test_the_text_shows_a_table_and_then_each_assessment(rsp: Run) -> None:
    out = rsp("assess", "larch-1", *BOTH).out
    assert "Larch-1 (synthetic) (Fictional Lab (synthetic)) under 2 policies or criteria sets" in " ".join(out.split())
    for policy in ("anthropic-rsp-2.0", "fictional-lab-1.0"):
        assert rsp("assess", "larch-1", "--policy", policy).out.rstrip("\n") in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_set_is_given_to_the_policy_it_names(rsp: Run) -> None:
    ended = rsp("assess", "larch-1", *BOTH, "--criteria", "claude-3-7-card", "--format", "json")
    assert [each["criteria"] for each in json.loads(ended.out)] == ["claude-3-7-card", "fictional-lab-1.0-criteria"]


def test_the_gate_stops_if_one_of_several_policies_stops(rsp: Run) -> None:
    assert rsp("gate", "larch-1", "--policy", "fictional-lab-1.0").code == 0
    stopped = rsp("gate", "larch-1", *BOTH)
    assert stopped.code == 1
    assert {line.split(": ")[0] for line in stopped.out.splitlines()} == {"anthropic-rsp-2.0"}


def test_the_gate_in_json_says_what_each_policy_says(rsp: Run) -> None:
    ended = rsp("gate", "larch-1", *BOTH, "--format", "json")
    form = json.loads(ended.out)
    assert (ended.code, form["answer"]) == (1, "stop")
    assert [(each["policy"], each["answer"]) for each in form["policies"]] == [
        ("anthropic-rsp-2.0", "stop"),
        ("fictional-lab-1.0", "clear"),
    ]
    assert {each["policy"] for each in form["held"]} == {"anthropic-rsp-2.0"}


def test_an_unknown_policy_among_several_refuses_the_whole(rsp: Run) -> None:
    ended = rsp("gate", "larch-1", *BOTH, "--policy", "fictional-lab-9")
    assert (ended.code, ended.out) == (2, "")
    assert "fictional-lab-1.0" in ended.err


def test_the_side_by_side_text_replaces_only_its_own_kind_of_file(rsp: Run, tmp_path: Path) -> None:
    out = tmp_path / "beside.txt"
    for _ in range(2):
        assert rsp("assess", "larch-1", *BOTH, "--out", str(out)).code == 0
    assert "under 2 policies" in out.read_text(encoding="utf-8")
