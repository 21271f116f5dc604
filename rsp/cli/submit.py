"""``rsp submit``: submit logs of evaluation programs, into the database here or to a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluations.records import MeasureUnit
from rsp.cli import door

if TYPE_CHECKING:
    from evaluations.readers.csv_scores import CsvMapping
    from rsp.client import Settings
    from rsp.delivering import Handed, Taker

UNITS = [each.value for each in MeasureUnit if each is not MeasureUnit.NOT_STATED]
REFUSED = 2  # exit code: some were refused; the rest was taken


@click.command(name="submit")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--model", metavar="SLUG", help="The model that was run; without it, what the file states or an alias says.")
@click.option("--snapshot", metavar="SLUG", help="Its snapshot.")
@click.option("--evaluation", metavar="SLUG", help="The evaluation that the task is.")
@click.option("--version", metavar="SLUG", help="Its version.")
@click.option("--measure", metavar="NAME", help="Which of the file's measures counts, as the file spells it.")
@click.option("--unit", type=click.Choice(UNITS), help="The unit of its numbers, where neither file nor scale settles it.")
@click.option("--mapping", type=click.Path(path_type=Path), metavar="FILE", help="For tables: which column holds what (rsp-csv-mapping/1).")
@click.option("--dry-run", is_flag=True, help="Say what each log would become, and record nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcomes as one JSON list.")
@click.option("--url", metavar="URL", help="Submit to this server; default RSP_URL, else into the database here.")
@click.option("--supersede", metavar="REASON", help="Correct what is recorded where a log differs; the old values stay readable.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    files: tuple[Path, ...],
    mapping: Path | None,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    supersede: str | None,
    **said: str | None,
) -> None:
    """Submit logs of Inspect AI, lm-evaluation-harness, Every Eval Ever, METR, and tables; a folder means every log below it.

    The format is told by the content. Each log is taken whole or not at all, and one that is refused keeps no other out; exit code 2 says
    that some were. Against a server the logs are read here and only their numbers and names are sent.
    """
    from evaluations.readers.assignment import ChosenNames
    from rsp.cli.outcomes import line, outcome
    from rsp.delivering import files_of, hand_over

    if not dry_run and _is_switched_off(ctx, url):
        click.echo("RSP_MODE is disabled: nothing was submitted; --db or --url says where to submit all the same", err=True)
        if as_json:
            click.echo("[]")
        return
    chosen = _chosen(ChosenNames, said)
    table = None if mapping is None else _mapping(mapping)
    found = [files_of(each, tables=table is not None) for each in files]
    for path, why in (pair for each in found for pair in each.passed_over):
        click.echo(door.printable(f"passed over {path}: {why}"), err=True)
    paths = [path for each in found for path in each.paths]
    handed: list[Handed] = []
    told_before: set[str] = set()
    with _taker(ctx, url, supersede, dry_run=dry_run) as taker:
        for number, path in enumerate(paths, 1):
            click.echo(door.printable(f"[{number}/{len(paths)}] {path}"), err=True)
            for each in hand_over(path, taker, chosen, table):
                handed.append(each)
                if not as_json:
                    click.echo("\n".join(map(door.printable, line(each, told_before).split("\n"))), err=_is_refused(each))
    if as_json:
        click.echo(json.dumps([outcome(each) for each in handed], indent=2))
    refused = sum(map(_is_refused, handed))
    if len(handed) > 1:
        click.echo(f"{len(handed) - refused} taken, {refused} refused", err=True)
    if refused:
        ctx.exit(REFUSED)


def _is_refused(handed: Handed) -> bool:
    return isinstance(handed.outcome, Exception)


def _chosen(shape: Any, said: dict[str, str | None]) -> Any:
    from pydantic import ValidationError

    from rsp.errors import InputError

    told = {name: value for name, value in said.items() if value is not None}
    try:
        return shape.model_validate(told)
    except ValidationError as misfit:
        name = str(misfit.errors()[0]["loc"][0])
        raise InputError(
            f"found --{name} {told[name]!a}, expected a name of lower-case letters, digits, dot, dash or underscore"
        ) from misfit


def _mapping(path: Path) -> CsvMapping:
    from evaluations.documents import read_document, validated
    from evaluations.readers.csv_scores import CsvMapping

    with door.nothing_to_store():
        return validated(read_document(door.content_of(path), str(path)), CsvMapping)


def _is_switched_off(ctx: click.Context, url: str | None) -> bool:
    """Say whether the environment switches submitting off, and the call names no place of its own."""
    from rsp.client import Mode

    return _settings(url).mode is Mode.DISABLED and not _names_a_database(ctx)


def _names_a_database(ctx: click.Context) -> bool:
    return (ctx.find_root().obj or (None,))[0] is not None


@contextmanager
def _taker(ctx: click.Context, url: str | None, supersede: str | None, *, dry_run: bool) -> Iterator[Taker]:
    """Open where the logs go: a server if one is named, unless ``--db`` names a database; offline, the folder of what waits."""
    from rsp.client import Client, Mode, Spool
    from rsp.delivering import Away, Here, Rehearsal, Spooling

    told = _settings(url)
    by_name = url is None and _names_a_database(ctx)
    if by_name or (told.url is None and told.mode is not Mode.OFFLINE):
        store = door.opened(ctx)
        yield Rehearsal(store, supersede) if dry_run else Here(store, door.settings(ctx).actor, door.now(), supersede)
        return
    if dry_run:
        raise click.UsageError("a dry run looks at the database here; name it with --db")
    if told.mode is Mode.OFFLINE:
        yield Spooling(Spool(told.spool), supersede)
        return
    with Client.from_environment(told) as client:
        yield Away(client, supersede)


def _settings(url: str | None) -> Settings:
    """Return the settings of this call; a server that is named on the command line is meant."""
    from rsp.client import Mode, from_environment
    from rsp.client.settings import origin

    told = from_environment()
    return told if url is None else replace(told, url=origin(url), mode=Mode.ONLINE)
