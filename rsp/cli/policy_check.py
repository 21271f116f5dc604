"""``rsp policy check``: check policy, criteria and case files where they lie, and judge the cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rsp.cli import door

if TYPE_CHECKING:
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
    from rsp.checking import check
    from rsp.policies import BundledFile
    from thresholds.casebook import CaseOutcome

    named = [BundledFile(str(path), door.content_of(path)) for path in files]
    beside = [] if cases is None else [BundledFile(str(cases), door.content_of(cases))]
    fails = 0
    for checked in check(named, door.settings(ctx).database, beside):
        _tell(checked, failing=failing)
        fails += sum(each.outcome is CaseOutcome.FAILS for one in checked.sets for each in one.judged)
    ctx.exit(1 if fails else 0)


def _tell(checked: Checked, *, failing: bool) -> None:
    click.echo(door.printable(f"{checked.name}: {KINDS[checked.format]} {checked.slug}"))
    for name in checked.passed_over:
        click.echo(door.printable(f"  passed over {name}: it cannot be read"))
    if not checked.sets:
        click.echo("  no criteria set names this policy, so nothing was judged")
    for one in checked.sets:
        _tell_set(one, failing=failing)


def _tell_set(one: CheckedSet, *, failing: bool) -> None:
    told = "no cases were found" if one.cases is None else f"cases {one.cases}"
    click.echo(door.printable(f"  {one.criteria.slug} under {one.policy.slug}, {told}"))
    for each in one.judged:
        if each.mismatches:
            _tell_failing(each, one.cases or "")
        elif not failing:
            click.echo(door.printable(f"    holds  {each.case.case}"))
    for bar in one.bars:
        if bar.untried:
            sides = " and none ".join(SIDES[side.value] for side in bar.untried)
            click.echo(door.printable(f"    untried  {bar.criterion}, {bar.kind.value} “{bar.printed}”: no case {sides}"))
    held, tried = sum(not each.mismatches for each in one.judged), sum(not bar.untried for bar in one.bars)
    click.echo(f"    {held} of {len(one.judged)} cases hold; {tried} of {len(one.bars)} bars and questions have a case on either side")


SIDES = {"short": "stays short of it", "reached": "reaches it"}


def _tell_failing(each: JudgedCase, name: str) -> None:
    """Print what was expected and found, then why, once for each reason: a criterion's in the report's words, with its numbers."""
    from reports.wording import finding_sentence
    from thresholds.casebook import Subject

    click.echo(door.printable(f"    FAILS  {each.case.case} ({name}:{each.line})"))
    reasons: list[str] = []
    for miss in each.mismatches:
        click.echo(door.printable(f"           {miss.what}: expected {miss.expected}, found {miss.found}"))
        with_numbers = miss.about is Subject.CRITERION and each.finding is not None
        reasons.append(f"{each.finding.title}: {finding_sentence(each.finding)}" if with_numbers and each.finding else miss.why)
    for reason in dict.fromkeys(reasons):
        told = reason.replace("\N{NO-BREAK SPACE}", " ")  # a terminal needs none, and would be shown its code
        click.echo(door.printable(f"           because {told}"))
