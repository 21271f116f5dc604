"""``rsp policy check``: check policy, criteria and case files where they lie, and judge the cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rsp.cli import door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from rsp.checking import Checked, CheckedSet
    from thresholds.casebook import JudgedCase

KINDS = {"rsp-policy/1": "policy", "rsp-criteria/1": "criteria set", "rsp-cases/1": "cases of the criteria set"}


@click.command(name="check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--cases", type=click.Path(path_type=Path), metavar="FILE", help="Judge the cases of this file, not those found beside.")
@click.option("--failing", is_flag=True, help="Print only the cases that fail.")
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], cases: Path | None, failing: bool) -> None:
    """Check each FILE (a policy, a criteria set or a file of cases) and judge the cases of every criteria set it comes to.

    What a FILE names is looked for among the other FILEs, beside it, among the files that come with rsp, and on record. No database is
    needed and nothing is stored. Exit 0 if every case holds, 1 if one fails, 2 if a file is refused.
    """
    from reports.terminal import rendered
    from rsp.checking import check
    from rsp.policies import BundledFile
    from thresholds.casebook import CaseOutcome

    named = [BundledFile(str(path), door.content_of(path)) for path in files]
    beside = [] if cases is None else [BundledFile(str(cases), door.content_of(cases))]
    with door.nothing_to_store():
        found = check(named, door.settings(ctx).database, beside)
    for checked in found:
        click.echo(rendered(_told(checked, failing=failing)).rstrip("\n"))
    ctx.exit(1 if any(each.outcome is CaseOutcome.FAILS for checked in found for one in checked.sets for each in one.judged) else 0)


def _told(checked: Checked, *, failing: bool) -> Iterator[RenderableType]:
    from reports.terminal import indented, plain

    yield plain(f"{checked.name}: {KINDS[checked.format]} {checked.slug}")
    for name in checked.passed_over:
        yield indented(f"passed over {name}: it cannot be read", 2)
    if not checked.sets:
        yield indented("no criteria set names this policy, so nothing was judged", 2)
    for one in checked.sets:
        yield from _told_set(one, failing=failing)


def _told_set(one: CheckedSet, *, failing: bool) -> Iterator[RenderableType]:
    from reports.terminal import indented

    beside = "no cases were found" if one.cases is None else f"cases {one.cases}"
    yield indented(f"{one.criteria.slug} under {one.policy.slug}, {beside}", 2)
    for each in one.judged:
        if each.mismatches:
            yield from _told_failing(each, one.cases or "")
        elif not failing:
            yield _marked("holds", each.case.case)
    for bar in one.bars:
        if bar.untried:
            sides = " and none ".join(SIDES[side.value] for side in bar.untried)
            yield _marked("untried", f"{bar.criterion}, {bar.kind.value} “{bar.printed}”: no case {sides}")
    held, tried = sum(not each.mismatches for each in one.judged), sum(not bar.untried for bar in one.bars)
    yield indented(f"{held} of {len(one.judged)} cases hold; {tried} of {len(one.bars)} bars and questions have a case on either side", 4)


SIDES = {"short": "stays short of it", "reached": "reaches it"}


def _marked(mark: str, words: str) -> RenderableType:
    from rich.text import Text

    from reports.terminal import hanging

    return hanging(Text(f"{mark} "), words, 4)


def _told_failing(each: JudgedCase, name: str) -> Iterator[RenderableType]:
    """Yield what was expected and found, then why, once for each reason: a criterion's in the report's words, with its numbers."""
    from reports.terminal import indented
    from reports.wording import finding_sentence
    from thresholds.casebook import Subject

    yield _marked("FAILS", f"{each.case.case} ({name}:{each.line})")
    reasons: list[str] = []
    for miss in each.mismatches:
        yield indented(f"{miss.what}: expected {miss.expected}, found {miss.found}", 11)
        with_numbers = miss.about is Subject.CRITERION and each.finding is not None
        reasons.append(f"{each.finding.title}: {finding_sentence(each.finding)}" if with_numbers and each.finding else miss.why)
    yield from (indented(f"because {reason}", 11) for reason in dict.fromkeys(reasons))
