"""Every command the documentation shows exists, with these options; what transcripts say is printed is printed."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import click
import pytest

from rsp.cli.main import cli
from tests.docs.pages import (
    EVIDENCE,
    FIRST_STEPS,
    PAGES,
    ROOT,
    Told,
    arguments,
    blocks,
    mentioned_commands,
    text_of,
    transcript,
    whole_commands,
)
from tests.rsp.cli.running import Run, runner

WHOLE = [pytest.param(line, id=f"{page.stem}: {line[:60]}") for page in PAGES for line in dict.fromkeys(whole_commands(page))]
MENTIONED = [pytest.param(line, id=f"{page.stem}: {line[:60]}") for page in PAGES for line in dict.fromkeys(mentioned_commands(page))]


def found(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that words name and the words left for it. Options of a group stand before its command."""
    command: click.Command = cli
    with click.Context(cli, info_name="rsp") as ctx:
        while isinstance(command, click.Group) and words:
            if words[0].startswith("-"):
                option = options(command)[words[0]]
                words = words[1:] if option.is_flag else words[2:]
                continue
            inner = command.get_command(ctx, words[0])
            assert inner is not None, f"no command {words[0]}"
            command, words = inner, words[1:]
    return command, words


def options(command: click.Command) -> dict[str, click.Option]:
    with click.Context(command) as ctx:
        return {
            name: each for each in command.get_params(ctx) if isinstance(each, click.Option) for name in (*each.opts, *each.secondary_opts)
        }


@pytest.mark.parametrize("line", WHOLE)
def test_a_command_line_can_be_typed_as_it_stands(line: str) -> None:
    command, words = found(arguments(line))
    assert not isinstance(command, click.Group), line
    command.make_context("rsp", list(words)).close()  # raises a UsageError for anything unknown, missing or of the wrong kind


@pytest.mark.parametrize("line", MENTIONED)
def test_a_mentioned_command_exists_with_its_options(line: str) -> None:
    command, words = found(arguments(line))
    named = [word.partition("=")[0] for word in words if word.startswith("-")]
    assert [name for name in named if name not in options(command)] == []


def test_option_names_in_sentences_are_options_of_some_command() -> None:
    every = set(options(cli))
    for name in cli.list_commands(click.Context(cli)):
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        inner = list(command.commands.values()) if isinstance(command, click.Group) else [command]
        every |= {option for each in inner for option in options(each)}
    for page in PAGES:
        assert set(re.findall(r"`(--[a-z-]+)`", text_of(page))) <= every, page.name


@pytest.fixture
def rsp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in a folder that looks like the project's, with an empty database."""
    shutil.copytree(FIRST_STEPS, tmp_path / "examples" / "first-steps")
    monkeypatch.chdir(tmp_path)
    evidence = text_of(FIRST_STEPS / "evidence.yaml")
    Path("corrected.yaml").write_text(evidence.replace("passed: 4", "passed: 1"), encoding="utf-8")
    wrong = next(block.text for block in blocks(EVIDENCE, "yaml") if block.kind == "wrong.yaml")
    Path("wrong.yaml").write_text(wrong, encoding="utf-8")
    Path("repaired.yaml").write_text(wrong.replace('"4"', "4").replace("surce", "source"), encoding="utf-8")
    return runner(monkeypatch, capsys, f"sqlite:///{tmp_path / 'first-steps.db'}")


def replay(rsp: Run, told: Iterable[Told], *, exact: bool) -> None:
    """Run the commands and hold what they print against what the page says: all of it, or its lines in order wherever lines break."""
    for each in told:
        ended = rsp(*arguments(each.command))
        printed = ended.out + ended.err
        if exact:
            assert printed == each.printed.rstrip("\n") + "\n", each.command
            continue
        unbroken, place = " ".join(printed.split()), 0
        for line in (" ".join(line.split()) for line in each.printed.splitlines()):
            place = unbroken.find(line, place)
            assert place >= 0, f"{each.command} does not print {line!r} there, but:\n{printed}"
            place += len(line)


def test_first_steps_goes_as_its_page_says(rsp: Run) -> None:
    for block in blocks(FIRST_STEPS / "README.md", "console"):
        replay(rsp, transcript(block), exact=block.kind != "excerpt")
    assert Path("first-steps.pdf").read_bytes().startswith(b"%PDF")


def test_the_answers_of_the_format_page_are_the_real_ones(rsp: Run) -> None:
    for line in (
        ("db", "upgrade"),
        ("policy", "load"),
        ("load", "examples/first-steps/evidence.yaml", "examples/first-steps/criteria.yaml"),
    ):
        assert rsp(*line).code == 0
    for block in blocks(EVIDENCE, "console"):
        replay(rsp, transcript(block), exact=True)
    assert rsp("load", "wrong.yaml").code == 2


def test_the_calculator_answers_as_its_page_says(rsp: Run) -> None:
    for block in blocks(ROOT / "docs" / "calculator.md", "console"):
        replay(rsp, transcript(block), exact=True)


def test_the_page_on_records_erases_a_text_as_it_says(rsp: Run) -> None:
    import sqlite3

    secret = "format: rsp-evidence/1\nsources: [{slug: s, title: t}]\ndevelopers: [{slug: d, name: d}]\n"
    secret += "models: [{slug: m, name: m, developer: d, source: s, note: a secret, visibility: hazardous}]\n"
    Path("secret.yaml").write_text(secret, encoding="utf-8")
    for line in (("db", "upgrade"), ("load", "secret.yaml")):
        assert rsp(*line).code == 0
    database = sqlite3.connect("first-steps.db")
    try:
        digest = database.execute("SELECT digest FROM sealed_text").fetchone()[0]
        statement = next(line.strip() for line in text_of(ROOT / "docs" / "record-keeping.md").splitlines() if "DELETE FROM" in line)
        database.execute(statement.replace("'...'", "?"), (digest,))
        database.commit()
    finally:
        database.close()
    ended = rsp("verify")
    assert (ended.code, "sealed texts erased: 1" in ended.out) == (0, True)


def test_numbers_of_restricted_records_are_left_out_as_the_format_page_says(rsp: Run) -> None:
    open_evidence = text_of(FIRST_STEPS / "evidence.yaml")
    restricted = re.sub(
        r"^( *)confidence: synthetic", r"\1confidence: synthetic\n\1visibility: restricted", open_evidence, flags=re.MULTILINE
    )
    Path("restricted.yaml").write_text(restricted, encoding="utf-8")
    for line in (("db", "upgrade"), ("policy", "load"), ("load", "restricted.yaml", "examples/first-steps/criteria.yaml")):
        assert rsp(*line).code == 0
    for form in ("text", "json"):
        told = rsp("assess", "my-model", "--policy", "anthropic-rsp-2.0", "--criteria", "first-steps", "--format", form)
        assert (told.code, "4 of 30" in told.out, "13.3" in told.out) == (0, False, False)
        assert "not ruled out" in told.out or "not_ruled_out" in told.out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(page)):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_within_the_pages_names_a_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", text_of(page)):
        headings = re.findall(r"^#+ (.+)$", text_of(page.parent / target if target else page), re.MULTILINE)
        anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert anchor in anchors, f"{target}#{anchor}"


def test_no_page_names_a_place_of_one_machine() -> None:
    home = os.path.commonpath([ROOT, Path.home()]) if Path.home().is_relative_to(ROOT) else str(ROOT)
    for page in PAGES:
        assert home not in text_of(page), page.name
