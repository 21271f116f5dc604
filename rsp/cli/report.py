"""``rsp report``: write the capability report as a PDF."""

from __future__ import annotations

from pathlib import Path

import click

from rsp.cli import door


@click.command(name="report")
@click.argument("model")
@click.option("--policy", required=True, metavar="ID", help="Policy version to judge by.")
@click.option("--criteria", metavar="ID", help="Criteria set; may be left out where the policy has just one.")
@click.option("--as-of", type=int, metavar="POSITION", help="Position of the log to answer for; default now.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE.pdf", help="Where to write the report.")
@click.pass_context
def command(ctx: click.Context, model: str, policy: str, criteria: str | None, as_of: int | None, out: Path) -> None:
    """Write the capability report on MODEL: verdicts, findings, figures, gaps, methods and sources, ready to be signed."""
    from rsp import assess, publish

    assessed = assess.model(door.opened(ctx), model, policy_slug=policy, criteria_slug=criteria, as_of=as_of)
    door.written(out, publish.capability_report(assessed))
    click.echo(f"wrote {out}")
