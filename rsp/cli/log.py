"""``rsp log``: show the entries of the log, oldest first."""

from __future__ import annotations

import click

from rsp.cli import door


@click.command(name="log")
@click.option("--since", type=click.IntRange(0, 2**53 - 1), default=0, show_default=True, metavar="POSITION", help="First position shown.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="Entries at most.")
@click.pass_context
def command(ctx: click.Context, since: int, limit: int) -> None:
    """Show what was recorded: position, time, actor, act, and the head of the log with its root."""
    from rsp.store.reading import entries, position

    with door.opened(ctx).read() as session:
        shown, head = entries(session, since=since, limit=limit), position(session)
    for entry in shown:
        act = ", ".join(f"{name} {value}" for name, value in entry.act.items() if value is not None and "sha256" not in name)
        moment = entry.recorded_at.isoformat(timespec="seconds")
        click.echo(door.printable(f"{entry.seq:>6}  {moment}  {entry.actor}  {entry.kind}: {act}"))
    click.echo(f"{head.size} entries, root {head.root}")
