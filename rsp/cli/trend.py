"""``rsp trend``: draw an evaluation's scores over releases or training compute."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

import click

from rsp.cli import door


@click.command(name="trend")
@click.option("--evaluation", required=True, metavar="ID", help="Evaluation to draw.")
@click.option("--version", metavar="ID", help="Its version; may be left out where only one was run.")
@click.option("--statistic", metavar="NAME", help="mean, share, pass_at_k, ...; may be left out where the record has only one.")
@click.option("--k", type=int, help="The k of pass_at_k.")
@click.option("--over", type=click.Choice(["release", "compute"]), help="What runs along the bottom; default whichever is recorded.")
@click.option("--model", "models", multiple=True, metavar="ID", help="Only this model; may be given several times.")
@click.option("--policy", metavar="ID", help="Draw the bars of this policy's criteria.")
@click.option("--fit/--no-fit", "fitted", default=True, help="Draw the line through the frontier and its fan, where four models allow one.")
@click.option("--as-of", type=int, metavar="POSITION", help="Position of the log to answer for; default now.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="Where to write: .png, .svg or .pdf.")
@click.pass_context
def command(
    ctx: click.Context,
    evaluation: str,
    version: str | None,
    statistic: str | None,
    k: int | None,
    over: str | None,
    models: tuple[str, ...],
    policy: str | None,
    fitted: bool,
    as_of: int | None,
    out: Path,
) -> None:
    """Draw an evaluation's scores with intervals: the riskiest snapshot of each model filled, the others small.

    From four models on the frontier on, a line and a prediction fan show how far the trend may go, at most a third of the span ahead.
    """
    from evaluations.records import Statistic
    from rsp.trends import Asked, trend

    form = out.suffix.removeprefix(".").lower()
    if form not in ("png", "svg", "pdf"):
        raise click.BadParameter(f"found the ending {out.suffix or 'none'}, expected .png, .svg or .pdf", param_hint="--out")
    if statistic is not None and statistic not in list(Statistic):
        raise click.BadParameter(f"found {statistic!r}, expected one of {', '.join(Statistic)}", param_hint="--statistic")
    axis: Literal["release_date", "training_compute"] | None = (
        None if over is None else "release_date" if over == "release" else "training_compute"
    )
    asked = Asked(evaluation, version, Statistic(statistic) if statistic else None, k, axis, models, policy, "line" if fitted else "none")
    door.written(out, trend(door.opened(ctx), asked, cast(Literal["png", "svg", "pdf"], form), as_of=as_of))
    click.echo(f"wrote {out}")
