"""``rsp verify``: recompute the log and hold every row of every table against it."""

from __future__ import annotations

import re

import click

from rsp.cli import door


@click.command(name="verify")
@click.option(
    "--known", metavar="SIZE:ROOT", help="A size and root kept elsewhere (every report prints them): check that this log continues it."
)
@click.pass_context
def command(ctx: click.Context, known: str | None) -> None:
    """Recompute the log and compare every row with it. Exit 0 if nothing differs, 1 if something does, naming table, key and column."""
    from rsp.store.structure import structure_differences
    from rsp.store.verify import verify

    with door.opened(ctx).read() as session:
        seen = verify(session, _kept_elsewhere(known))
        differences = [*structure_differences(session), *seen.differences]
    for difference in differences:
        click.echo(door.printable(str(difference)))
    if differences:
        click.echo(f"differences: {len(differences)}, in {seen.size} entries", err=True)
        ctx.exit(1)
    erased = f", sealed texts erased: {seen.erased}" if seen.erased else ""
    click.echo(f"verified: {seen.size} entries, {seen.rows} rows{erased}; root {seen.root}")


def _kept_elsewhere(known: str | None) -> tuple[int, str] | None:
    if known is None:
        return None
    kept = re.fullmatch(r"([0-9]{1,15}):([0-9a-fA-F]{64})", known)  # 64: a SHA-256 in hexadecimal
    if kept is None:
        raise click.BadParameter(
            f"found {known!r}, expected a size and a root of 64 hexadecimal digits, such as 12:9f86d0...", param_hint="--known"
        )
    return int(kept[1]), kept[2].lower()
