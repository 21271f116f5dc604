"""``rsp assess``: say which thresholds a model crosses, rules out, or cannot rule out."""

from __future__ import annotations

from pathlib import Path

import click

from rsp.cli import door


@click.command(name="assess")
@click.argument("model")
@click.option(
    "--policy",
    "policies",
    required=True,
    multiple=True,
    metavar="ID",
    help="Policy version to judge by; `rsp policy list` names them. Given several times, their verdicts stand side by side.",
)
@click.option("--criteria", multiple=True, metavar="ID", help="Criteria set; may be left out for a policy that has just one.")
@click.option("--as-of", type=int, metavar="POSITION", help="Position of the log to answer for; default now.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write there instead of printing.")
@click.pass_context
def command(
    ctx: click.Context, model: str, policies: tuple[str, ...], criteria: tuple[str, ...], as_of: int | None, form: str, out: Path | None
) -> None:
    """Say which thresholds MODEL crosses, rules out, or cannot rule out. Writes nothing to the record.

    Under several policies, or by several criteria sets, --format json prints a list of the objects it prints for one.
    """
    from reports.jsonform import assessment_json, assessments_json
    from reports.side_by_side import Column, side_by_side_text
    from reports.text import assessment_text
    from rsp.side_by_side import recorded_policies, under_policies

    store = door.opened(ctx)
    assessed = under_policies(store, model, policy_slugs=policies, criteria_slugs=criteria, as_of=as_of)
    shown = [each.shown for each in assessed]
    if form == "json":
        text = assessment_json(shown[0]) if len(shown) == 1 else assessments_json(shown)
    elif len(shown) == 1:
        text = assessment_text(shown[0])
    else:
        columns = [Column(each, whole.policy) for each, whole in zip(shown, assessed, strict=True)]
        text = side_by_side_text(columns, recorded_policies(store, shown[0].as_of))
    if out is None:
        click.echo(text.rstrip("\n"))
    else:
        door.written(out, (text.rstrip("\n") + "\n").encode())
        click.echo(f"wrote {out}")
