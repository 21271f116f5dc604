"""``rsp policy diff`` as a person uses it: with and without a database, as text and as JSON, with the exit codes of diff."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rsp.cli.running import EXAMPLES, Run

POLICIES = EXAMPLES.parent / "thresholds" / "policies"


def test_it_ends_like_diff(nothing: Run) -> None:
    assert nothing("policy", "diff", "anthropic-rsp-2.0", "anthropic-rsp-2.0").code == 0
    assert nothing("policy", "diff", "anthropic-rsp-2.0", "fictional-lab-1.0").code == 1
    assert nothing("policy", "diff", "anthropic-rsp-2.0", "nothing-of-the-kind").code == 2


def test_no_database_is_needed_and_none_is_made(nothing: Run, tmp_path: Path) -> None:
    ended = nothing("policy", "diff", "anthropic-rsp-2.0", "anthropic-rsp-2.2")
    assert "comes with rsp" in ended.out
    assert list(tmp_path.iterdir()) == []


def test_what_is_on_record_is_found_first(rsp: Run) -> None:
    assert "(on record)" in rsp("policy", "diff", "anthropic-rsp-2.0", "fictional-lab-1.0").out


def test_a_wrong_file_is_refused_with_its_line(nothing: Run, tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    text = (POLICIES / "fictional-lab-1.0.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("standing: fictional", "standing: perhaps"), encoding="utf-8")
    ended = nothing("policy", "diff", "fictional-lab-1.0", str(path))
    line = 1 + text.split("standing: fictional")[0].count("\n")
    assert ended.code == 2
    assert f"draft.yaml:{line}: standing" in ended.err


def test_the_text_fits_eighty_columns_and_is_the_same_twice(nothing: Run) -> None:
    ended = nothing("policy", "diff", "anthropic-rsp-2.0", "gdm-fsf-3.1", "--full")
    assert max(map(len, ended.out.splitlines())) <= 80
    assert nothing("policy", "diff", "anthropic-rsp-2.0", "gdm-fsf-3.1", "--full").out == ended.out


@pytest.mark.parametrize("name", ["subject", "name", "field", "before", "after", "before_citation", "after_citation"])
def test_every_change_in_json_has_its_fields(nothing: Run, name: str) -> None:
    ended = nothing("policy", "diff", "anthropic-rsp-2.0", "fictional-lab-1.0", "--format", "json")
    changes = json.loads(ended.out)["changes"]
    assert ended.code == 1
    assert changes
    assert all(name in each for each in changes)


@pytest.mark.parametrize(
    "command", [("diff", "anthropic-rsp-2.0", "anthropic-rsp-2.2"), ("check", str(POLICIES / "fictional-lab-1.0.yaml"))]
)
def test_a_database_that_cannot_serve_is_told_and_not_passed_over(nothing: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "none.db").touch()  # a database without a schema, as an upgrade that was forgotten leaves an older one
    ended = nothing("policy", *command)
    assert (ended.code, "run `rsp db upgrade`" in ended.err) == (2, True)
