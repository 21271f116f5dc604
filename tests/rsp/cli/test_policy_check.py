"""``rsp policy check``: all cases hold is 0, one that fails is 1, a file that is refused is 2; nothing is stored and no database needed."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from tests.rsp.cli.running import Run

FIRST_STEPS = Path(__file__).parents[3] / "examples" / "first-steps"
FICTIONAL = "fictional-lab-1.0"


def bundled(folder: str, slug: str) -> str:
    return files(f"thresholds.{folder}").joinpath(f"{slug}.yaml").read_text(encoding="utf-8")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder with a policy, its criteria set and its cases under names of its own, as a colleague would copy them."""
    for folder, slug in (("policies", FICTIONAL), ("criteria", f"{FICTIONAL}-criteria"), ("cases", f"{FICTIONAL}-criteria")):
        (tmp_path / folder).mkdir()
        text = bundled(folder, slug).replace(FICTIONAL, "mine-1.0").replace("\nframework: fictional-lab\n", "\nframework: mine\n")
        (tmp_path / folder / f"{slug.replace(FICTIONAL, 'mine-1.0')}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def unfolded(told: object) -> str:
    """A text without what folding adds; a long path may be folded anywhere."""
    return "".join(str(told).split())


def policy_of(mine: Path) -> Path:
    return mine / "policies" / "mine-1.0.yaml"


def criteria_of(mine: Path) -> Path:
    return mine / "criteria" / "mine-1.0-criteria.yaml"


def cases_of(mine: Path) -> Path:
    return mine / "cases" / "mine-1.0-criteria.yaml"


def changed(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text, before
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.mark.parametrize("which", [policy_of, criteria_of, cases_of])
def test_a_file_is_checked_with_what_lies_beside_it_and_without_a_database(mine: Path, nothing: Run, which: object) -> None:
    assert callable(which)
    ended = nothing("policy", "check", str(which(mine)))
    assert (ended.code, ended.err) == (0, "")
    assert "mine-1.0-criteria under mine-1.0" in ended.out
    assert unfolded("107 of 107 cases hold; 28 of 28 bars and questions have a case on either side") in unfolded(ended.out)
    assert "holds  Nothing measured is never good news." in ended.out
    assert not (mine / "none.db").exists()


def test_a_moved_bar_fails_the_cases_close_to_it_and_says_why(mine: Path, nothing: Run) -> None:
    changed(criteria_of(mine), "value: 0.50", "value: 0.51")
    ended = nothing("policy", "check", str(policy_of(mine)), "--failing")
    assert ended.code == 1
    failing = unfolded(ended.out).split("FAILS")[1:]
    told = (
        "The upper end just over the lower bar does not.",
        "A mean without any error that reaches the bar stands in the way of a rule-out.",
    )
    assert [each.partition("(")[0] for each in failing] == [unfolded(each) for each in told]
    assert all(unfolded(f"({cases_of(mine)}:") in each for each in failing)
    assert unfolded("verdict of protocols: expected not_ruled_out, found ruled_out") in "".join(failing)
    assert unfolded("because Fictional protocol questions: ") in "".join(failing)
    assert "holds" not in ended.out


def test_a_bar_without_a_case_on_a_side_is_named(mine: Path, nothing: Run) -> None:
    text = cases_of(mine).read_text(encoding="utf-8")
    start = text.index("  - case: The upper end just short of the lower bar rules out.")
    cases_of(mine).write_text(text[:start] + text[start : text.index("  - case: The lower end just short")], encoding="utf-8")
    ended = nothing("policy", "check", str(cases_of(mine)))
    assert ended.code == 0  # asked for, not enforced
    assert "untried  protocols, rule_in “0.80”: no case reaches it" in ended.out
    assert unfolded("untried  range, rule_out “0.50”: no case stays short of it and none reaches it") in unfolded(ended.out)
    assert "protocols, rule_out" not in ended.out


def test_files_given_together_need_no_place(mine: Path, nothing: Run, tmp_path: Path) -> None:
    moved = []
    for place, path in enumerate((policy_of(mine), criteria_of(mine), cases_of(mine))):
        target = tmp_path / f"folder-{place}" / "any-name.yaml"
        target.parent.mkdir()
        moved.append(str(path.rename(target)))
    assert nothing("policy", "check", moved[2]).code == 2
    assert nothing("policy", "check", *moved).code == 0


def test_cases_named_take_the_place_of_those_beside(mine: Path, nothing: Run) -> None:
    other = mine / "other.yaml"
    text = cases_of(mine).read_text(encoding="utf-8")
    case = "  - {case: It is ruled out., threshold: fictional-intrusion, expect: {threshold: ruled_out}}\n"
    other.write_text(text[: text.index("cases:\n")] + "cases:\n" + case, encoding="utf-8")
    ended = nothing("policy", "check", str(criteria_of(mine)), "--cases", str(other))
    assert ended.code == 1
    assert "0 of 1 cases hold" in ended.out
    changed(other, "criteria: mine-1.0-criteria", "criteria: another-set")
    ended = nothing("policy", "check", str(criteria_of(mine)), "--cases", str(other))
    assert (ended.code, "expected a criteria set that one of the files checked comes to" in ended.err) == (2, True)


REFUSED = {
    "an unknown evaluation": (
        criteria_of,
        "evaluation: cedar-review",
        "evaluation: cedar-revue",
        "found evaluation cedar-revue version v1",
    ),
    "a bar off its scale": (criteria_of, "value: 0.95", "value: 1.95", "found a bar at 1.95, expected it on the scale 0 to 1"),
    "a bar on the wrong side of its partner": (criteria_of, "value: 0.80", "value: 0.40", "found rule_out 0.5 riskier than rule_in 0.4"),
    "an unknown policy": (criteria_of, "policy: mine-1.0", "policy: yours-1.0", "or a file beside this one"),
    "an unknown threshold": (criteria_of, "threshold: fictional-research", "threshold: research", "a threshold of mine-1.0"),
    "an unknown key": (criteria_of, "statistic: mean", "statstic: mean", "statstic: found an unknown field"),
    "a key twice": (cases_of, "format: rsp-cases/1", "format: rsp-cases/1\nformat: rsp-cases/1", "the key a second time"),
    "an unknown criteria set": (cases_of, "criteria: mine-1.0-criteria", "criteria: mine-2", "expected a recorded criteria set"),
    "an unknown criterion": (cases_of, "criterion: protocols", "criterion: protcols", "found criterion protcols"),
    "another format": (policy_of, "rsp-policy/1", "rsp-evidence/1", "expected one of rsp-policy/1, rsp-criteria/1, rsp-cases/1"),
}


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_mistake_is_refused_with_file_line_and_reason(mine: Path, nothing: Run, mistake: str) -> None:
    which, before, after, words = REFUSED[mistake]
    changed(which(mine), before, after)
    line = next(
        place for place, text in enumerate(which(mine).read_text(encoding="utf-8").splitlines(), 1) if after.splitlines()[-1] in text
    )
    ended = nothing("policy", "check", str(which(mine)))
    assert ended.code == 2
    assert words in ended.err
    assert f"{which(mine)}:" in ended.err
    told = [int(each.partition(f"{which(mine)}:")[2].partition(":")[0]) for each in ended.err.splitlines() if f"{which(mine)}:" in each]
    assert min(abs(each - line) for each in told) <= 6  # a bar is told at the pair it stands in


def test_a_broken_file_beside_is_passed_over_and_said_so(mine: Path, nothing: Run) -> None:
    (mine / "criteria" / "broken.yaml").write_text("format: rsp-criteria/1\nformat: rsp-criteria/1\n", encoding="utf-8")
    ended = nothing("policy", "check", str(policy_of(mine)), "--failing")
    assert (ended.code, unfolded("broken.yaml: it cannot be read") in unfolded(ended.out)) == (0, True)


def test_a_policy_that_no_set_names_says_so(mine: Path, nothing: Run) -> None:
    criteria_of(mine).unlink()
    ended = nothing("policy", "check", str(policy_of(mine)))
    assert (ended.code, "no criteria set names this policy" in ended.out) == (0, True)


def test_a_set_without_cases_is_not_said_to_be_tried(mine: Path, nothing: Run) -> None:
    cases_of(mine).unlink()
    ended = nothing("policy", "check", str(criteria_of(mine)))
    assert ended.code == 2  # this set declares no evaluations, and its cases did
    ended = nothing("policy", "check", str(FIRST_STEPS / "criteria.yaml"))
    assert (ended.code, "which nothing declares" in ended.err) == (2, True)


def test_an_evaluation_on_record_is_known_and_is_held_against_the_bars(tmp_path: Path, rsp: Run) -> None:
    assert rsp("load", str(FIRST_STEPS / "evidence.yaml")).code == 0
    ended = rsp("policy", "check", str(FIRST_STEPS / "criteria.yaml"))
    assert (ended.code, "no cases were found" in ended.out, "0 of 0 cases hold" in ended.out) == (0, True, True)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text((FIRST_STEPS / "criteria.yaml").read_text(encoding="utf-8").replace("value: 20\n", "value: 200\n"), encoding="utf-8")
    ended = rsp("policy", "check", str(wrong))
    assert (ended.code, "found a bar at 200, expected it on the scale 0 to 100" in ended.err) == (2, True)


def test_a_set_on_record_is_found_for_its_cases(tmp_path: Path, rsp: Run) -> None:
    for name in ("evidence.yaml", "criteria.yaml"):
        assert rsp("load", str(FIRST_STEPS / name)).code == 0
    cases = tmp_path / "first-steps.yaml"
    case = "{case: Nothing measured., threshold: cbrn-weapons, expect: {threshold: insufficient_evidence}}"
    cases.write_text(f"format: rsp-cases/1\ncriteria: first-steps\ncases:\n  - {case}\n", encoding="utf-8")
    ended = rsp("policy", "check", str(cases))
    assert (ended.code, "1 of 1 cases hold" in ended.out) == (0, True)


def test_checking_leaves_no_trace_in_the_record(copied: Path, rsp: Run, mine: Path) -> None:
    before = copied.read_bytes()
    assert rsp("policy", "check", str(policy_of(mine))).code == 0
    assert copied.read_bytes() == before


def test_nothing_is_wider_than_a_terminal(mine: Path, nothing: Run) -> None:
    changed(criteria_of(mine), "value: 0.50", "value: 0.51")
    ended = nothing("policy", "check", str(policy_of(mine)))
    assert max(map(len, ended.out.splitlines())) <= 80


def test_what_never_stores_does_not_say_that_it_did_not(mine: Path, nothing: Run) -> None:
    changed(policy_of(mine), "standing: fictional", "standing: perhaps")
    for arguments in (("check", str(policy_of(mine))), ("diff", FICTIONAL, str(policy_of(mine))), ("check", str(mine))):
        ended = nothing("policy", *arguments)
        assert (ended.code, "stored" in ended.err) == (2, False)


EDITED = {
    "a released policy with another day": ("policies", FICTIONAL, "effective_on: ", 'effective_on: "2029-01-01" #', "is immutable"),
    "a second file of one version": (
        "policies",
        FICTIONAL,
        f"slug: {FICTIONAL}",
        "slug: again",
        "version: found version 1.0 of fictional-lab",
    ),
    "two versions on one day": (
        *("policies", FICTIONAL, f"slug: {FICTIONAL}", "slug: again"),
        *("effective_on: found 2030-01-01, expected another day", 'version: "1.0"', 'version: "1.1"'),
    ),
    "a released set with another bar": ("criteria", f"{FICTIONAL}-criteria", "value: 0.50", "value: 0.51", "is immutable"),
    "a second correction of one set": (
        *("criteria", "claude-3-7-card-2", "slug: claude-3-7-card-2", "slug: claude-3-7-card-3"),
        "corrects: found claude-3-7-card, which claude-3-7-card-2 corrects already",
    ),
}


@pytest.mark.parametrize("mistake", EDITED)
def test_what_does_not_stand_beside_the_bundled_files_is_refused(tmp_path: Path, nothing: Run, mistake: str) -> None:
    folder, slug, before, after, words, *more = EDITED[mistake]
    path = tmp_path / "edited.yaml"
    path.write_text(bundled(folder, slug), encoding="utf-8")
    changed(path, before, after)
    if more:
        changed(path, *more)
    ended = nothing("policy", "check", str(path))
    assert (ended.code, words in ended.err, f"{path}:" in ended.err) == (2, True, True)


def test_what_does_not_stand_beside_the_record_is_refused_as_loading_would(mine: Path, nothing: Run) -> None:
    for arguments in (("db", "upgrade"), ("load", str(policy_of(mine)))):
        assert nothing(*arguments).code == 0
    assert nothing("policy", "check", str(policy_of(mine)), "--failing").code == 0
    changed(policy_of(mine), 'effective_on: "2030-01-01"', 'effective_on: "2029-01-01"')
    for command in (("policy", "check"), ("load",)):
        ended = nothing(*command, str(policy_of(mine)))
        assert (ended.code, "a released policy is immutable" in ended.err) == (2, True)


def test_files_given_first_stand_beside_those_given_after(mine: Path, nothing: Run) -> None:
    second = mine / "second.yaml"
    second.write_text(policy_of(mine).read_text(encoding="utf-8"), encoding="utf-8")
    changed(second, "slug: mine-1.0", "slug: mine-again")
    assert nothing("policy", "check", str(second)).code == 0
    ended = nothing("policy", "check", str(policy_of(mine)), str(second))
    assert (ended.code, "expected one that no other file carries" in ended.err) == (2, True)
    changed(second, "slug: mine-again", "slug: mine-again\ncorrects: mine-1.0")
    assert nothing("policy", "check", str(policy_of(mine)), str(second), "--failing").code == 0
    assert nothing("policy", "check", str(second)).code == 0  # found beside
