"""The command line as a person uses it: from an empty folder to a verdict, and every mistake on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rsp.cli.running import CLAUDE, LARCH, Run


def test_help_imports_no_heavy_library() -> None:
    heavy = ("scipy", "matplotlib", "sqlalchemy", "numpy", "pydantic", "typst", "alembic")
    code = (
        "import sys\nsys.argv = ['rsp', '--help']\nfrom rsp.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ended.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        *([name, "--help"] for name in ("assess", "load", "due", "explain", "report")),
        *(["policy", name, "--help"] for name in ("load", "list", "check", "diff")),
        ["policy", "diff", "fictional-lab-1.0", "thresholds/policies/fictional-lab-1.0.yaml"],
    ],
    ids=" ".join,
)
def test_what_opens_no_database_imports_no_library_of_databases(arguments: list[str], tmp_path: Path) -> None:
    code = (
        f"import sys\nsys.argv = ['rsp', '--db', 'sqlite:///{tmp_path}/none.db', *{arguments!r}]\nfrom rsp.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as ended:\n    print(ended.code, 'sqlalchemy' in sys.modules)\n"
    )
    root = Path(__file__).parents[3]
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=root)
    assert ended.stdout.splitlines()[-1] == "0 False"


def test_every_command_has_help(nothing: Run) -> None:
    from rsp.cli.main import COMMANDS

    for name in COMMANDS:
        ended = nothing(name, "--help")
        assert (ended.code, "Usage: rsp" in ended.out) == (0, True), name


def test_an_absent_database_names_the_command_that_makes_it(nothing: Run) -> None:
    ended = nothing("assess", "m", "--policy", "p")
    assert ended.code == 2
    assert "rsp db upgrade" in ended.err


@pytest.mark.parametrize(
    "command", [("assess", "m"), ("gate", "m"), ("explain", "m", "t"), ("assess", "m", "--policy", "b"), ("gate", "m", "--as-of", "0")]
)
def test_an_empty_record_says_so_and_names_what_fills_it(nothing: Run, command: tuple[str, ...]) -> None:
    assert nothing("db", "upgrade").code == 0
    ended = nothing(*command, "--policy", "a")
    assert (ended.code, "position -1" in ended.err, "to -1" in ended.err) == (2, False, False)
    assert "nothing is recorded yet: `rsp policy load` records the policies that come with rsp, `rsp load FILE`" in ended.err


def test_a_mistyped_command_names_the_near_one(nothing: Run) -> None:
    assert "expected assess" in nothing("asess").err


def assessed(rsp: Run, model: str = "claude-3-7-sonnet", policy: str = "anthropic-rsp-2.0") -> dict[str, object]:
    ended = rsp("assess", model, "--policy", policy, "--format", "json")
    assert ended.code == 0
    parsed: dict[str, object] = json.loads(ended.out)
    return parsed


def test_the_json_of_assess_has_the_promised_fields(rsp: Run) -> None:
    whole = assessed(rsp)
    assert {"schema_version", "model", "policy", "criteria", "as_of", "verdicts"} <= set(whole)
    verdict = whole["verdicts"][0]  # type: ignore[index]  # parsed JSON
    assert {"threshold", "domain", "outcome", "sub_label", "required_safeguards", "gaps", "findings"} <= set(verdict)
    promised = (
        "criterion evaluation outcome outcome_by_point outcome_by_bound statistic compared level method value low high unit "
        "rule_out rule_in deciding_snapshot snapshots_compared variants readings reason source"
    )
    for finding in verdict["findings"]:
        assert set(promised.split()) <= set(finding)


def test_the_virology_score_is_not_ruled_out_by_its_point_only(rsp: Run) -> None:
    findings = {each["criterion"]: each for verdict in assessed(rsp)["verdicts"] for each in verdict["findings"]}  # type: ignore[attr-defined]
    virology = findings["longform-virology"]
    assert (virology["value"], virology["rule_out"], virology["rule_in"]) == (69.7, 50, 80)
    assert (virology["outcome_by_point"], virology["outcome_by_bound"]) == ("between", "unestimable")
    assert (virology["verdict"], virology["sub_label"]) == ("not_ruled_out", "point_only")


def test_four_of_thirty_trials_are_below_by_the_point_and_not_by_the_interval(rsp: Run) -> None:
    findings = {each["criterion"]: each for verdict in assessed(rsp)["verdicts"] for each in verdict["findings"]}  # type: ignore[attr-defined]
    trials = findings["data-deduplication"]
    assert (trials["outcome_by_point"], trials["outcome_by_bound"]) == ("below", "between")
    assert "other tasks" in json.dumps(trials)


def test_the_published_determination_stands_beside_and_is_no_verdict(rsp: Run) -> None:
    whole = assessed(rsp)
    outcomes = [verdict["outcome"] for verdict in whole["verdicts"]]  # type: ignore[attr-defined]
    assert "ruled_out" not in outcomes
    assert "ASL-2" in json.dumps(whole["determinations"])


def test_the_text_of_assess_fits_eighty_columns(rsp: Run) -> None:
    out = rsp("assess", "claude-3-7-sonnet", "--policy", "anthropic-rsp-2.0").out
    assert "not ruled out" in out.lower()
    assert max(map(len, out.splitlines())) <= 80


def test_an_earlier_position_answers_from_what_was_known(rsp: Run) -> None:
    from rsp.policies import bundled

    last_policy = str(len(bundled()) - 1)  # the policies were loaded first, one entry a file, and the model after them
    ended = rsp("assess", "claude-3-7-sonnet", "--policy", "anthropic-rsp-2.0", "--as-of", last_policy)
    assert ended.code == 2
    assert f"as of position {last_policy}" in ended.err


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("claude-3-7-sonet", "--policy", "anthropic-rsp-2.0"), "claude-3-7-sonnet"),
        (("claude-3-7-sonnet", "--policy", "anthropic-rsp-2.9"), "anthropic-rsp-2.0"),
        (("claude-3-7-sonnet", "--policy", "anthropic-rsp-2.0", "--criteria", "claude-3-7-cart"), "claude-3-7-card"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(rsp: Run, arguments: tuple[str, ...], near: str) -> None:
    ended = rsp("assess", *arguments)
    assert ended.code == 2
    assert near in ended.err


def test_the_gate_opens_only_if_every_threshold_is_ruled_out(rsp: Run) -> None:
    assert rsp("gate", "larch-1", "--policy", "fictional-lab-1.0").code == 0
    closed = rsp("gate", "larch-2", "--policy", "fictional-lab-1.0")
    assert closed.code == 1
    assert len(closed.out.splitlines()) == 4
    assert rsp("gate", "larch-9", "--policy", "fictional-lab-1.0").code == 2


def test_a_closed_gate_says_why_in_a_line_each(rsp: Run) -> None:
    lines = rsp("gate", "claude-3-7-sonnet", "--policy", "anthropic-rsp-2.0").out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["cbrn-weapons", "autonomous-ai-rd", "model-autonomy-checkpoint", "cyber-operations"]


def head(rsp: Run) -> str:
    return rsp("log", "--limit", "1").out.splitlines()[-1]


def test_the_same_file_again_changes_nothing(rsp: Run) -> None:
    before = head(rsp)
    ended = rsp("load", *CLAUDE)
    assert (ended.code, ended.out.count("nothing new")) == (0, len(CLAUDE))
    assert head(rsp) == before


def changed(tmp_path: Path, old: str, new: str) -> str:
    text = Path(CLAUDE[0]).read_text()
    assert old in text
    path = tmp_path / "changed.yaml"
    path.write_text(text.replace(old, new, 1))
    return str(path)


def test_changed_content_is_refused_naming_the_field(rsp: Run, tmp_path: Path) -> None:
    before = head(rsp)
    ended = rsp("load", changed(tmp_path, "69.7", "49.7"))
    assert ended.code == 2
    assert "value" in ended.err
    assert "69.7" in ended.err
    assert head(rsp) == before


def test_a_correction_with_a_reason_is_taken_and_the_first_value_stays(rsp: Run, tmp_path: Path) -> None:
    path = changed(tmp_path, "value: 69.7", "value: 79.9")
    assert rsp("load", "--supersede", "a misprint", path).code == 0
    findings = {each["criterion"]: each for verdict in assessed(rsp)["verdicts"] for each in verdict["findings"]}  # type: ignore[attr-defined]
    assert findings["longform-virology"]["value"] == 79.9
    assert rsp("verify").code == 0
    assert "a misprint" in rsp("log").out


def test_a_mistake_names_file_line_and_field_and_nothing_is_stored(rsp: Run, tmp_path: Path) -> None:
    before = head(rsp)
    path = changed(tmp_path, "value: 69.7", "value: true")
    ended = rsp("load", path)
    assert ended.code == 2
    line = 1 + Path(path).read_text().split("value: true")[0].count("\n")
    assert f"changed.yaml:{line}: runs[" in ended.err
    assert "found true, expected a number" in ended.err
    assert head(rsp) == before


def test_a_file_that_is_not_there_is_an_error_and_no_traceback(rsp: Run) -> None:
    ended = rsp("load", "nowhere.yaml")
    assert (ended.code, "Traceback" in ended.err) == (2, False)


def test_verify_names_what_was_changed_behind_the_program(rsp: Run, tmp_path: Path) -> None:
    import sqlite3

    assert rsp("verify").code == 0
    with sqlite3.connect(tmp_path / "rsp.db") as bare:
        for (name,) in bare.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            bare.execute(f'DROP TRIGGER "{name}"')
        bare.execute("UPDATE score SET value = '19.7' WHERE value = '69.7'")
    bare.close()
    ended = rsp("verify")
    assert ended.code == 1
    assert "score" in ended.out
    assert "69.7" in ended.out


@pytest.mark.parametrize("form", ["evidence", "policy", "criteria", "assessment"])
def test_every_schema_is_a_valid_schema(nothing: Run, form: str) -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(json.loads(nothing("schema", form).out))


def test_the_examples_satisfy_the_exported_schema(nothing: Run) -> None:
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(json.loads(nothing("schema", "evidence").out))
    for path in LARCH[1:2]:
        assert not list(validator.iter_errors(json.loads(Path(path).read_text())))


def test_interrupting_a_load_leaves_the_database_as_it_was(filled: Path, copied: Path, tmp_path: Path) -> None:
    text = Path(LARCH[1]).read_text().replace('"slug":"', '"slug":"again-')
    (tmp_path / "again.json").write_text(text)
    url = f"sqlite:///{copied}"
    code = (
        "import sys, signal, os\n"
        "from rsp.store import writing\n"
        "insert = writing.insert\n"
        "def stop(connection, table, names, rows):\n"
        "    insert(connection, table, names, rows)\n"
        "    if table == 'item_result': os.kill(os.getpid(), signal.SIGINT)\n"
        "writing.insert = stop\n"
        f"sys.argv = ['rsp', '--db', {url!r}, 'load', {str(tmp_path / 'again.json')!r}]\n"
        "from rsp.cli.main import main\n"
        "main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert ended.returncode == 130, ended.stderr
    assert "not recorded" in ended.stderr
    before, after = (
        subprocess.run([sys.executable, "-m", "rsp", "--db", f"sqlite:///{path}", "verify"], check=True, capture_output=True).stdout
        for path in (filled, copied)
    )
    assert before == after


def test_a_set_that_another_corrects_is_marked_in_the_list(rsp: Run) -> None:
    rsp("db", "upgrade")
    rsp("policy", "load")
    lines = {line.split()[1]: line for line in rsp("policy", "list").out.splitlines() if line.startswith("    criteria")}
    assert lines["claude-3-7-card"].endswith(", corrected by claude-3-7-card-2)")
    assert "corrected" not in lines["claude-3-7-card-2"]
