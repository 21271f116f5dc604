"""The command ``rsp``: finds the command that was asked for and turns errors into one line and an exit code.

The rules kept here: ``rsp --help`` imports no command, so it is instant; every error a person can act on is printed without a
traceback and gives the exit code of ``rsp.errors.ANSWERS``; Ctrl-C says that nothing was changed (a transaction that had not
finished leaves nothing) and ends with 130, as shells expect.
"""

from __future__ import annotations

import importlib
import sys
from typing import NoReturn

import click

import rsp

COMMANDS = {
    "db": ("rsp.cli.database", "Make or upgrade the database."),
    "load": ("rsp.cli.load", "Load evidence, policy or criteria files, each whole or not at all."),
    "submit": ("rsp.cli.submit", "Submit logs of evaluation programs, here or to a server."),
    "sync": ("rsp.cli.sync", "Deliver what waits for a server that was away."),
    "policy": ("rsp.cli.policy", "Load, list, check or compare policies."),
    "models": ("rsp.cli.models", "List the models on record with their snapshots."),
    "assess": ("rsp.cli.assess", "Say which thresholds a model crosses, rules out, or cannot rule out."),
    "explain": ("rsp.cli.explain", "Explain one verdict: every step, and what would change it."),
    "gate": ("rsp.cli.gate", "For CI: exit 0 only if every threshold is ruled out."),
    "due": ("rsp.cli.due", "List the models that must be assessed anew, or soon."),
    "report": ("rsp.cli.report", "Write the capability report as a PDF."),
    "trend": ("rsp.cli.trend", "Draw an evaluation's scores over releases or training compute."),
    "calc": ("rsp.cli.calc", "Say what a number of a paper allows and what it does not."),
    "token": ("rsp.cli.token", "Give out, list or revoke tokens for the API."),
    "log": ("rsp.cli.log", "Show the entries of the log."),
    "serve": ("rsp.cli.serve", "Serve the HTTP API."),
    "verify": ("rsp.cli.verify", "Recompute the log and hold every row against it."),
    "schema": ("rsp.cli.schema", "Print the JSON Schema of a file format."),
}
"""Every command with the module that holds it and its line in the help."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, and listed without being imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=2)
            ctx.fail(f"found the command {args[0]!r}, expected {' or '.join(near) if near else 'one of ' + ', '.join(COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(rsp.__version__, prog_name="rsp")
@click.option("--db", "database", metavar="URL", help="Database; default RSP_DATABASE, else sqlite:///rsp.db in this folder.")
@click.option("--actor", metavar="NAME", help="Who acts, as the log records it; default RSP_ACTOR, else the account's name.")
@click.pass_context
def cli(ctx: click.Context, database: str | None, actor: str | None) -> None:
    """Track responsible-scaling capability thresholds: evidence in, verdicts and signable reports out."""
    ctx.obj = (database, actor)


def main() -> NoReturn:
    """Run the command line and exit."""
    try:
        code = cli.main(prog_name="rsp", standalone_mode=False)  # outside standalone mode, what ctx.exit() was given comes back as a value
    except click.ClickException as refused:
        refused.show()
        sys.exit(refused.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("interrupted; what had not finished was not recorded", err=True)
        sys.exit(130)  # 128 + SIGINT, as POSIX shells report it
    except BrokenPipeError:  # the reader of our output has gone, as in `rsp assess ... | head`
        sys.stderr.close()
        sys.exit(141)  # 128 + SIGPIPE
    except Exception as refused:  # every error is looked at; what no person can act on goes on as it is
        sys.exit(_answered(refused))
    sys.exit(code if isinstance(code, int) else 0)


def _answered(refused: Exception) -> int:
    """Print an error that a person can act on and return its exit code. Raises ``refused`` itself if it is none of them."""
    import traceback

    from evaluations.documents import DocumentError, escaped
    from rsp.errors import InputError, RspError, answer_to

    if isinstance(refused, DocumentError):
        click.echo(f"error: nothing was stored\n{refused}", err=True)  # each line escaped where it is made
        return answer_to(InputError()).exit_code
    if isinstance(refused, RspError):
        click.echo("error: " + "\n".join(escaped(line) for line in str(refused).split("\n")), err=True)
        return answer_to(refused).exit_code
    traceback.print_exception(refused)  # a bug of ours; 1 would read as the gate's no
    click.echo("error: rsp met something it does not know; the lines above say where. Nothing half done was recorded", err=True)
    return 2
