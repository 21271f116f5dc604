"""``rsp policy``: load the policies that come with rsp, list what is loaded, check files with their cases, or compare two."""

from __future__ import annotations

import click

from rsp.cli import door, policy_check, policy_diff


@click.group(name="policy")
def command() -> None:
    """Load the policies that come with rsp, list what is loaded, check files with their cases, or compare two.

    Your own policy files go in with `rsp load`.
    """


@command.command(name="load")
@click.pass_context
def load_bundled(ctx: click.Context) -> None:
    """Load every policy and criteria set that comes with rsp; those already loaded stay as they are."""
    from rsp.cli.load import receipt_line
    from rsp.filing import take_in
    from rsp.policies import bundled

    store = door.opened(ctx)
    for file in bundled():
        receipt = take_in(store, file.content, file.name, actor=door.settings(ctx).actor, at=door.now(), origin="bundled")
        click.echo(f"{file.name}: {receipt_line(receipt)}")


@command.command(name="list")
@click.option("--as-of", type=int, metavar="POSITION", help="Position of the log to answer for; default now.")
@click.pass_context
def list_loaded(ctx: click.Context, as_of: int | None) -> None:
    """List the policy versions on record with their criteria sets."""
    from rsp.store.reading import criteria_sets, policies

    with door.opened(ctx).read() as session:
        loaded = {slug: criteria_sets(session, slug, as_of) for slug in policies(session, as_of)}
    for slug, sets in loaded.items():
        click.echo(slug)
        corrections = {each.corrects: each.slug for each in sets if each.corrects}
        for each in sets:
            replaced = f", corrected by {corrections[each.slug]}" if each.slug in corrections else ""
            click.echo(f"    criteria {each.slug} ({each.file_name}, sha256 {each.source_sha256[:12]}{replaced})")
    if not loaded:
        click.echo("no policy is loaded; `rsp policy load` loads those that come with rsp")


command.add_command(policy_check.command)
command.add_command(policy_diff.command)
