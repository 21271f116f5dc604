"""``rsp models``: list the models on record with their snapshots."""

from __future__ import annotations

import click

from rsp.cli import door


@click.command(name="models")
@click.option("--as-of", type=int, metavar="POSITION", help="Position of the log to answer for; default now.")
@click.pass_context
def command(ctx: click.Context, as_of: int | None) -> None:
    """List the models on record with their snapshots, in training order."""
    from rsp.store.reading import models

    with door.opened(ctx).read() as session:
        recorded = models(session, as_of)
    for model in recorded:
        released = f", released {model.released_on.isoformat()}" if model.released_on else ""
        click.echo(f"{model.slug}: {model.name} ({model.developer}{released})")
        for snapshot in sorted(model.snapshots, key=lambda each: each.ordinal):
            click.echo(f"    {snapshot.slug}: {snapshot.name} ({snapshot.kind.value.replace('_', ' ')})")
    if not recorded:
        click.echo("no model is on record; load an evidence file with `rsp load FILE`")
