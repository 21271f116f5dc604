"""``rsp explain``: the whole chain behind one verdict, and what would change it."""

from __future__ import annotations

from pathlib import Path

import click

from rsp.cli import door


@click.command(name="explain")
@click.argument("model")
@click.argument("threshold")
@click.option("--policy", required=True, metavar="ID", help="Policy version to judge by; `rsp policy list` names them.")
@click.option("--criteria", metavar="ID", help="Criteria set; may be left out where the policy has just one.")
@click.option("--as-of", type=int, metavar="POSITION", help="Position of the log to answer for; default now.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write there instead of printing.")
@click.pass_context
def command(
    ctx: click.Context, model: str, threshold: str, policy: str, criteria: str | None, as_of: int | None, form: str, out: Path | None
) -> None:
    """Explain the verdict on one THRESHOLD of MODEL: evidence, bars, margins, gaps, and what would change it. Writes nothing."""
    from reports.explanation import explanation_json
    from reports.explanation_text import explanation_text
    from rsp import explain

    told = explain.threshold(door.opened(ctx), model, threshold, policy_slug=policy, criteria_slug=criteria, as_of=as_of)
    text = explanation_json(told) if form == "json" else explanation_text(told)
    if out is None:
        click.echo(text.rstrip("\n"))
    else:
        door.written(out, (text.rstrip("\n") + "\n").encode())
        click.echo(f"wrote {out}")
