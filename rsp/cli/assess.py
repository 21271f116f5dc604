"""``rsp assess``: say which thresholds a model crosses, rules out, or cannot rule out."""

from __future__ import annotations

from pathlib import Path

import click

from rsp.cli import door


@click.command(name="assess")
@click.argument("model")
@click.option("--policy", required=True, metavar="ID", help="Policy version to judge by; `rsp policy list` names them.")
@click.option("--criteria", metavar="ID", help="Criteria set; may be left out where the policy has just one.")
@click.option("--as-of", type=int, metavar="POSITION", help="Position of the log to answer for; default now.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write there instead of printing.")
@click.pass_context
def command(ctx: click.Context, model: str, policy: str, criteria: str | None, as_of: int | None, form: str, out: Path | None) -> None:
    """Say which thresholds MODEL crosses, rules out, or cannot rule out. Writes nothing to the record."""
    from reports.jsonform import assessment_json
    from reports.text import assessment_text
    from rsp import assess

    assessed = assess.model(door.opened(ctx), model, policy_slug=policy, criteria_slug=criteria, as_of=as_of)
    text = assessment_json(assessed.shown) if form == "json" else assessment_text(assessed.shown)
    if out is None:
        click.echo(text.rstrip("\n"))
    else:
        door.written(out, (text.rstrip("\n") + "\n").encode())
        click.echo(f"wrote {out}")
