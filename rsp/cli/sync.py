"""``rsp sync``: deliver what waits for a server that was away, or list it."""

from __future__ import annotations

import click

from rsp.cli import door


@click.command(name="sync")
@click.option("--url", metavar="URL", help="The server to deliver to; default RSP_URL.")
@click.option("--list", "listed", is_flag=True, help="Only list what waits.")
@click.pass_context
def command(ctx: click.Context, url: str | None, listed: bool) -> None:
    """Deliver what waits, in order, each submission once; what the server refuses stays, and exit code 2 says so.

    Submissions wait in RSP_SPOOL (default: rsp/spool in the state folder of your account) after a server was away or RSP_MODE was offline.
    """
    from rsp.client import from_environment
    from rsp.client.sending import Sending
    from rsp.client.settings import URL, origin
    from rsp.client.spool import Spool
    from rsp.errors import InputError

    told = from_environment()
    spool = Spool(told.spool)
    for path in spool.strangers():
        click.echo(door.printable(f"passed over {path}: it holds no submission"), err=True)
    if listed:
        for each in spool.waiting():
            refused = "" if each.refusal is None else f"; refused: {each.refusal.splitlines()[0]}"
            click.echo(door.printable(f"{each.path.name}: {each.call.what}{refused}"))
        return
    address = origin(url) if url is not None else told.url
    if address is None:
        raise InputError(f"found no server, expected --url or {URL}")
    sending = Sending(address, told.token, told.timeout, told.max_retries)
    ctx.call_on_close(sending.close)
    refusals = 0
    for done in spool.deliver(sending, refused_too=True):
        what = done.waiting.call.what
        if done.receipt is not None:
            click.echo(door.printable(f"delivered {what}: {done.receipt.status}, entry {done.receipt.entry_seq}"))
        else:
            refusals += 1
            click.echo("\n".join(door.printable(line) for line in f"refused {what}: {done.refusal}".split("\n")), err=True)
    if refusals:
        ctx.exit(2)  # as rsp submit: some were refused
