"""``rsp gate``: for CI, exit 0 only if every threshold is ruled out."""

from __future__ import annotations

import click

from rsp.cli import door


@click.command(name="gate")
@click.argument("model")
@click.option("--policy", required=True, metavar="ID", help="Policy version to judge by.")
@click.option("--criteria", metavar="ID", help="Criteria set; may be left out where the policy has just one.")
@click.option("--as-of", type=int, metavar="POSITION", help="Position of the log to answer for; default now.")
@click.pass_context
def command(ctx: click.Context, model: str, policy: str, criteria: str | None, as_of: int | None) -> None:
    """Exit 0 only if every threshold of the policy is ruled out for MODEL; 1 if not, with why; 2 on an error."""
    from rsp import assess
    from rsp.gate import GateAnswer, gate

    assessed = assess.model(door.opened(ctx), model, policy_slug=policy, criteria_slug=criteria, as_of=as_of)
    answer = gate(assessed.shown)
    if answer.answer is GateAnswer.CLEAR:
        click.echo(f"clear: every threshold of {policy} is ruled out for {model} as of position {assessed.assessment.as_of}")
        return
    for line in answer.lines:
        click.echo(line)
    ctx.exit(1)
