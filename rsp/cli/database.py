"""``rsp db``: make or upgrade the database."""

from __future__ import annotations

import click

from rsp.cli.door import settings


@click.group(name="db")
def command() -> None:
    """Make or upgrade the database."""


@command.command()
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Make the database if there is none, or bring it to this program's schema. What was recorded stays."""
    from rsp.store.upgrade import upgrade as migrate

    config = settings(ctx)
    revision = migrate(config.database)
    click.echo(f"database ready at schema {revision}")
