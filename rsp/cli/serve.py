"""``rsp serve``: run the HTTP API."""

from __future__ import annotations

import click

from rsp.cli import door


@click.command(name="serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; others than this machine's need --public-url.")
@click.option("--port", default=8642, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one and prints it.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that share the work; PostgreSQL only.")
@click.option("--public-url", metavar="URL", help="Where others reach the server: https://HOST, spoken by a proxy in front.")
@click.pass_context
def command(ctx: click.Context, host: str, port: int, workers: int, public_url: str | None) -> None:
    """Serve the HTTP API until told to stop; SIGTERM finishes the requests under way.

    It listens on this machine only. For another address it asks for --public-url, which a proxy with TLS answers, and for a valid token.
    """
    from rsp.api.settings import Settings
    from rsp.serving import Service, serve

    settings = Settings(host=host, public_url=public_url)
    service = Service(door.settings(ctx).database, settings, port, workers)
    serve(service, lambda address: click.echo(f"serving on {address}"))
