"""``rsp load``: load evidence, policy or criteria files, each whole or not at all."""

from __future__ import annotations

from pathlib import Path

import click

from rsp.cli import door


@click.command(name="load")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--supersede", metavar="REASON", help="Correct what is recorded where the file differs; the old values stay readable.")
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], supersede: str | None) -> None:
    """Load each FILE whole or not at all, in the order given; the first one refused stops the rest.

    The same content again changes nothing. Content that differs from the record is refused, naming the fields, unless --supersede says why.
    """
    from rsp.filing import take_in

    store = door.opened(ctx)
    actor = door.settings(ctx).actor
    for path in files:
        receipt = take_in(store, door.content_of(path), str(path), actor=actor, at=door.now(), supersede=supersede)
        click.echo(f"{path}: {receipt_line(receipt)}")


def receipt_line(receipt: object) -> str:
    """Return what a receipt says, in a line."""
    from rsp.ingest import Receipt

    assert isinstance(receipt, Receipt)
    if receipt.status == "known":
        return f"nothing new (recorded by entry {receipt.entry_seq})"
    rows = ", ".join(f"{count} {table}" for table, count in receipt.counts.items() if table != "correction")
    fields = len(receipt.corrections)
    corrected = f"; {fields} field{'' if fields == 1 else 's'} superseded" if fields else ""
    return f"recorded as entry {receipt.entry_seq} ({rows or 'no new rows'}{corrected})"
