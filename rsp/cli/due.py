"""``rsp due``: list the models that must be assessed anew, or soon."""

from __future__ import annotations

from datetime import date

import click

from rsp.cli import door


def _day(_ctx: click.Context, _option: click.Parameter, value: str | None) -> date | None:
    """Return the day that was typed."""
    if value is None:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.isoformat() != value:  # Python also reads 20250224 and 2025-W09-1
        raise click.BadParameter(f"found {value!r}, expected a day such as 2025-02-24")
    return found


@click.command(name="due")
@click.option("--policy", "policies", multiple=True, metavar="ID", help="Policy to judge every model by; default all adopted and in force.")
@click.option("--model", "models", multiple=True, metavar="ID", help="Only this model; may be given several times.")
@click.option("--on", "day", callback=_day, metavar="DAY", help="The day to answer for, such as 2025-02-24; default today in UTC.")
@click.option("--within", type=click.IntRange(min=0), default=30, show_default=True, metavar="DAYS", help="How many days ahead is soon.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--as-of", type=int, metavar="POSITION", help="Position of the log to answer for; default now.")
@click.pass_context
def command(
    ctx: click.Context, policies: tuple[str, ...], models: tuple[str, ...], day: date | None, within: int, form: str, as_of: int | None
) -> None:
    """List the models whose triggers of a new assessment have fired, may have, or soon will, with what they were compared with.

    Writes nothing to the record. The exit code is 0 whatever is due; only an error gives another.
    """
    from reports.due import due_json, due_text
    from rsp.due import Asked, due

    found = due(door.opened(ctx), Asked(day or door.now().date(), within, policies, models), as_of=as_of)
    click.echo((due_json(found) if form == "json" else due_text(found)).rstrip("\n"))
