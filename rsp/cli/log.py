"""``rsp log``: show the entries of the log, oldest first."""

from __future__ import annotations

import click

from rsp.cli import door


@click.command(name="log")
@click.option("--since", type=int, default=0, show_default=True, metavar="POSITION", help="First position to show.")
@click.option("--limit", type=int, default=100, show_default=True, help="How many entries at most.")
@click.pass_context
def command(ctx: click.Context, since: int, limit: int) -> None:
    """Show what was recorded: position, time, actor, act, and the head of the log with its root."""
    from rsp.store.reading import entries, position

    with door.opened(ctx).read() as session:
        shown, head = entries(session, since=since, limit=limit), position(session)
    for entry in shown:
        act = ", ".join(f"{name} {value}" for name, value in entry.act.items() if value is not None and "sha256" not in name)
        click.echo(f"{entry.seq:>6}  {entry.recorded_at.isoformat(timespec='seconds')}  {entry.actor}  {entry.kind}: {act}")
    click.echo(f"{head.size} entries, root {head.root}")
