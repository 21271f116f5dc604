"""``rsp token``: give out, list or revoke tokens for the API.

The rules kept here: a token goes to standard output once and alone, so that it can be piped into a secret store, and everything said about
it to standard error. The commands work on the database itself, without a server: whoever may write there may let others in.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from rsp.cli import door

if TYPE_CHECKING:
    from rsp.store.tokens import KeptToken

# The words of rsp.tokens.Role, held by a test; importing them here would import the database for a line of help.
ROLES = ("submitter", "author", "reviewer", "stress_tester", "rso", "ceo", "viewer", "auditor", "admin")
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


class Life(click.ParamType[timedelta]):
    """How long a token lives: ``90d``, ``12h``."""

    name = "life"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the time. Fails on anything but a whole number of days or hours."""
        if isinstance(value, timedelta):
            return value
        told = re.fullmatch(r"([0-9]{1,5})([hd])", value)
        if told is None:
            self.fail(f"found {value!r}, expected a number of days or hours, such as 90d or 12h", param, ctx)
        return int(told[1]) * UNITS[told[2]]


@click.group(name="token")
def command() -> None:
    """Give out, list or revoke tokens for the API. What a role may do: docs/access.md."""


@command.command(name="create")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the token is for.")
@click.option("--expires", type=Life(), required=True, metavar="TIME", help="How long it lives, at most 90 days: 90d, 12h.")
@click.option("--owner", metavar="OWNER", help="Whose it is: receipts belong to the owner; default the name.")
@click.pass_context
def create(ctx: click.Context, name: str, role: str, expires: timedelta, owner: str | None) -> None:
    """Make the token NAME and print it, this once. It is kept as a digest only; names are given once.

    To exchange a token, create one of another name for the same owner, put it in place, then revoke the old one.
    """
    from rsp.tokens import Role, issue

    at = door.now()
    with door.opened(ctx) as store:
        token = issue(store, name, owner or name, Role(role), expires, actor=door.settings(ctx).actor, at=at)
    click.echo(token)
    until = (at + expires).isoformat(timespec="seconds")
    click.echo(f"keep it where only {owner or name} reads it: it is not shown again; valid until {until}", err=True)


@command.command(name="list")
@click.option("--as-of", type=int, metavar="POSITION", help="Position of the log to answer for; default now.")
@click.pass_context
def list_issued(ctx: click.Context, as_of: int | None) -> None:
    """List every token that was given out: name, role, owner, how it begins, and whether it is valid."""
    from rsp.tokens import listed

    at = door.now()
    with door.opened(ctx) as store:
        issued = listed(store, as_of)
    for token in issued:
        click.echo(door.printable(f"{token.slug}: {token.role} of {token.owner}, {token.beginning}..., {_state(token, at)}"))
    if not issued:
        click.echo("no token was given out; `rsp token create` makes one")


def _state(token: KeptToken, at: datetime) -> str:
    state = token.state(at).value
    if token.revoked_by is not None:
        return f"{state} by entry {token.revoked_by}"
    return f"{state}, {'until' if state == 'valid' else 'since'} {token.expires_at.isoformat(timespec='seconds')}"


@command.command(name="revoke")
@click.argument("name")
@click.option("--reason", required=True, metavar="WORDS", help="Why; the log keeps it.")
@click.pass_context
def revoke(ctx: click.Context, name: str, reason: str) -> None:
    """Take the token NAME back. The next request with it is refused."""
    from rsp.tokens import revoke as take_back

    with door.opened(ctx) as store:
        before = take_back(store, name, reason, actor=door.settings(ctx).actor, at=door.now())
    if before.revoked_by is not None:
        click.echo(f"{name}: was revoked already, by entry {before.revoked_by}")
    else:
        click.echo(f"{name}: revoked; the next request with it is refused")
