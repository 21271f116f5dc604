"""``rsp token``: the token is shown once, the rest is said beside it, and nothing of it is found again."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from rsp.tokens import Role, is_well_formed
from tests.rsp.cli.running import Run, runner


@pytest.fixture
def rsp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    run = runner(monkeypatch, capsys, f"sqlite:///{tmp_path / 'rsp.db'}")
    assert run("db", "upgrade").code == 0
    return run


def test_a_token_is_alone_on_standard_output(rsp: Run) -> None:
    """So that it can be piped into a secret store; what to know of it is said beside."""
    made = rsp("token", "create", "ci", "--role", "submitter", "--expires", "90d", "--owner", "the pipeline")
    assert made.code == 0
    assert is_well_formed(made.out.removesuffix("\n"))
    assert made.err.startswith("keep it where only the pipeline reads it: it is not shown again; valid until ")


def test_a_token_is_not_found_again(rsp: Run, tmp_path: Path) -> None:
    """In no command's output and in no byte of the database; only its digest and how it begins."""
    token = rsp("token", "create", "ci", "--role", "viewer", "--expires", "12h").out.strip()
    secret = token.split("_")[2]
    told = rsp("token", "list").out + rsp("log").out
    held = (tmp_path / "rsp.db").read_bytes()
    assert secret not in told
    assert secret.encode() not in held
    assert hashlib.sha256(token.encode()).hexdigest().encode() in held
    assert f"ci: viewer of ci, rsp_viewer_{secret[:8]}..., valid, until " in told


def test_a_token_is_revoked_once(rsp: Run) -> None:
    """The second time says what stands; the list says which entry did it, and of an earlier position that it was valid."""
    rsp("token", "create", "ci", "--role", "viewer", "--expires", "1d")
    assert rsp("token", "revoke", "ci", "--reason", "leaked").out == "ci: revoked; the next request with it is refused\n"
    assert rsp("token", "revoke", "ci", "--reason", "leaked").out == "ci: was revoked already, by entry 1\n"
    assert rsp("token", "list").out.endswith("revoked by entry 1\n")
    assert ", valid, until " in rsp("token", "list", "--as-of", "0").out
    assert rsp("verify").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["create", "ci", "--role", "viewer", "--expires", "91d"],
            "found a life of 91 days, expected more than nothing and at most 90 days",
        ),
        (["create", "ci", "--role", "viewer", "--expires", "0d"], "found a life of 0 days"),
        (["create", "ci", "--role", "viewer", "--expires", "90"], "found '90', expected a number of days or hours, such as 90d or 12h"),
        (["create", "ci", "--role", "root", "--expires", "1d"], "'root' is not one of"),
        (["create", "ci", "--role", "viewer"], "Missing option '--expires'"),
        (["create", "C I", "--role", "viewer", "--expires", "1d"], "found the token name “C I”"),
        (["create", "ci", "--role", "viewer", "--expires", "1d", "--owner", "a\nb"], "found the owner 'a\\nb'"),
        (["revoke", "ci", "--reason", "leaked"], "found token 'ci', expected a recorded token; none is recorded yet"),
    ],
)
def test_what_is_wrong_is_told_and_makes_no_token(rsp: Run, arguments: list[str], words: str) -> None:
    """Exit code 2, nothing on standard output, nothing recorded."""
    ended = rsp("token", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert rsp("token", "list").out == "no token was given out; `rsp token create` makes one\n"


@pytest.mark.parametrize("role", Role)
def test_the_page_on_access_speaks_of_every_role(role: Role) -> None:
    """A role that people can be given and nobody explains would be given by mistake."""
    page = (Path(__file__).parents[3] / "docs" / "access.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert [row for row in rows if f"`{role.value}`" in row] != []
