"""What an attacker, a sloppy pipeline or a slip of the hand may try at the door; each was tried before it was closed."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from tests.rsp.cli.running import CLAUDE, Run

ASSESS = ("assess", "larch-1", "--policy", "fictional-lab-1.0")


def test_an_output_never_replaces_the_database(rsp: Run, copied: Path) -> None:
    before = copied.read_bytes()
    ended = rsp(*ASSESS, "--out", str(copied))
    assert (ended.code, "found another file" in ended.err) == (2, True)
    assert copied.read_bytes() == before


def test_an_output_never_replaces_evidence(rsp: Run, tmp_path: Path) -> None:
    evidence = tmp_path / "evidence.yaml"
    evidence.write_text("format: rsp-evidence/1\n")
    assert rsp(*ASSESS, "--out", str(evidence)).code == 2
    assert evidence.read_text() == "format: rsp-evidence/1\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_output_replaces_an_earlier_one_of_its_kind(rsp: Run, tmp_path: Path, form: str) -> None:
    for _ in range(2):
        assert rsp(*ASSESS, "--format", form, "--out", str(tmp_path / "verdicts")).code == 0


def test_a_folder_is_no_place_for_an_output(rsp: Run, tmp_path: Path) -> None:
    assert rsp(*ASSESS, "--out", str(tmp_path)).code == 2


def test_a_pipe_is_no_evidence(rsp: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    ended = rsp("load", str(tmp_path / "pipe"))
    assert (ended.code, "no ordinary file" in ended.err) == (2, True)


def as_owner(path: Path, *statements: str) -> None:
    """Change a database behind the program's back, as whoever owns the file can."""
    bare = sqlite3.connect(path, isolation_level=None)
    bare.execute("PRAGMA foreign_keys=OFF")
    for statement in statements:
        bare.execute(statement)
    bare.close()


TWIN = (
    "CREATE TABLE score_n AS SELECT * FROM score",
    "DROP TABLE score",
    "ALTER TABLE score_n RENAME TO score",
    "INSERT INTO score SELECT * FROM score WHERE value = '69.7'",
    "UPDATE score SET value = '9.7', entry_seq = -1 WHERE rowid = (SELECT max(rowid) FROM score)",
)


def test_a_second_row_under_one_key_is_named(rsp: Run, copied: Path) -> None:
    as_owner(copied, *TWIN)
    ended = rsp("verify")
    assert ended.code == 1
    assert "score id" in ended.out
    assert "found a second row under entry" in ended.out


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (("ALTER TABLE score RENAME TO score_t", "CREATE VIEW score AS SELECT * FROM score_t"), "view score"),
        (("DROP TRIGGER tr_score_no_update",), "trigger tr_score_no_update"),
        (("CREATE TRIGGER mine AFTER INSERT ON score BEGIN SELECT 1; END",), "trigger mine"),
        (("DROP INDEX ix_correction_entry_seq", "CREATE INDEX ix_correction_entry_seq ON correction(entry_seq) WHERE 0"), "ix_correction"),
    ],
    ids=["a view for a table", "no guard", "a trigger of one's own", "an index that leaves rows out"],
)
def test_a_structure_that_is_not_ours_is_named(rsp: Run, copied: Path, statements: tuple[str, ...], words: str) -> None:
    as_owner(copied, *statements)
    ended = rsp("verify")
    assert ended.code == 1
    assert words in ended.out


@pytest.mark.parametrize("known", ["0:" + "a" * 64, "5:" + "A" * 64, "5:" + "g" * 64, "²:" + "a" * 64, "5"])
def test_a_wrong_kept_root_never_verifies(rsp: Run, known: str) -> None:
    assert rsp("verify", "--known", known).code != 0


def test_a_kept_root_verifies_in_either_case(rsp: Run) -> None:
    size, root = rsp("log", "--limit", "1").out.split()[-4], rsp("log", "--limit", "1").out.split()[-1]
    assert rsp("verify", "--known", f"{size}:{root.upper()}").code == 0


@pytest.mark.parametrize("actor", [" ", "mallory\n     9  2026-01-01  boss", "x" * 300])
def test_an_actor_cannot_forge_a_line_of_the_log(rsp: Run, actor: str) -> None:
    ended = rsp("--actor", actor, "load", *CLAUDE)
    assert (ended.code, "printable characters" in ended.err) == (2, True)


def test_a_key_cannot_steer_the_terminal(rsp: Run, tmp_path: Path) -> None:
    path = tmp_path / "evil.json"
    path.write_text('{"format": "rsp-evidence/1", "\\u001b[2J\\u202eEVIL\\nok: recorded as entry 7": 1}')
    ended = rsp("load", str(path))
    assert ended.code == 2
    assert "\x1b" not in ended.err
    assert "\u202e" not in ended.err
    assert "\nok: recorded" not in ended.err


@pytest.mark.parametrize("position", ["-1", "99999999999999999999999", "x"])
def test_a_position_that_is_none_is_refused(rsp: Run, position: str) -> None:
    assert rsp("log", "--since", position).code == 2


def test_a_password_in_an_address_is_not_repeated(rsp: Run) -> None:
    ended = rsp("--db", "bob:s3cret@h/db", "models")
    assert (ended.code, "s3cret" in ended.err) == (2, False)


def test_a_bug_of_ours_does_not_read_as_the_gates_no(rsp: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from rsp import assess

    monkeypatch.setattr(assess, "model", lambda *_, **__: 1 / 0)
    assert rsp("gate", "larch-1", "--policy", "fictional-lab-1.0").code == 2


def test_an_upgrade_mixes_no_tables_into_another_programs_database(nothing: Run, tmp_path: Path) -> None:
    as_owner(tmp_path / "none.db", "CREATE TABLE theirs (x)")
    ended = nothing("db", "upgrade")
    assert (ended.code, "another program" in ended.err) == (2, True)


def test_an_upgrade_refuses_a_newer_database(rsp: Run, copied: Path) -> None:
    as_owner(copied, "UPDATE alembic_version SET version_num = '9999'")
    ended = rsp("db", "upgrade")
    assert (ended.code, "install the rsp-tracker that made it" in ended.err) == (2, True)


def test_an_upgrade_refuses_a_file_that_is_no_database(nothing: Run, tmp_path: Path) -> None:
    (tmp_path / "none.db").write_text("not a database, and long enough to be looked at as one " * 20)
    ended = nothing("db", "upgrade")
    assert (ended.code, "Traceback" in ended.err) == (2, False)
