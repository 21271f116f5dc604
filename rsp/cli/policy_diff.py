"""``rsp policy diff``: say what differs between two policies, or between two criteria sets."""

from __future__ import annotations

import click

from rsp.cli import door


@click.command(name="diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--full", is_flag=True, help="Print reworded texts and the citations of every change.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, before: str, after: str, full: bool, form: str) -> None:
    """Say what differs between A and B: two policies (with their bars, where each has one criteria set in force) or two criteria sets.

    Each is a name on record, the name of one that comes with rsp, or a file. No database is needed. Exit 0 if nothing differs, 1 if
    something does, 2 on an error, as diff does.
    """
    from reports.policy_changes import comparison_json, comparison_text
    from rsp.comparing import comparison

    with door.nothing_to_store():
        found = comparison(door.settings(ctx).database, before, after)
    text = comparison_json(found) if form == "json" else comparison_text(found, full=full)
    click.echo(text.rstrip("\n"))
    ctx.exit(1 if found.changes else 0)
