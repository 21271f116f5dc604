"""``rsp gate``: for CI, exit 0 only if every threshold is ruled out."""

from __future__ import annotations

import click

from rsp.cli import door


@click.command(name="gate")
@click.argument("model")
@click.option(
    "--policy", "policies", required=True, multiple=True, metavar="ID", help="Policy version to judge by; may be given several times."
)
@click.option("--criteria", multiple=True, metavar="ID", help="Criteria set; may be left out for a policy that has just one.")
@click.option("--as-of", type=int, metavar="POSITION", help="Position of the log to answer for; default now.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, model: str, policies: tuple[str, ...], criteria: tuple[str, ...], as_of: int | None, form: str) -> None:
    """Exit 0 only if every threshold of every policy named is ruled out for MODEL; 1 if not, with why; 2 on an error."""
    from reports.jsonform import sorted_json
    from rsp.gate import GateAnswer, gate
    from rsp.side_by_side import under_policies

    assessed = under_policies(door.opened(ctx), model, policy_slugs=policies, criteria_slugs=criteria, as_of=as_of)
    answer = gate([each.shown for each in assessed])
    if form == "json":
        click.echo(sorted_json(answer.form).rstrip("\n"))
    elif answer.answer is GateAnswer.CLEAR:
        named = " and of ".join(dict.fromkeys(each.policy for each in answer.form.policies))
        click.echo(f"clear: every threshold of {named} is ruled out for {model} as of position {answer.form.as_of}")
    else:
        for line in answer.lines:
            click.echo(door.printable(line))
    ctx.exit(0 if answer.answer is GateAnswer.CLEAR else 1)
