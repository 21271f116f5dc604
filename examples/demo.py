"""``make demo``: from an empty folder to capability reports, by the same commands a person would type.

Each command is printed before it runs; the first that fails ends the demo. Running it again starts afresh.
"""

from __future__ import annotations

import time
from pathlib import Path

import click

from rsp.cli.main import cli

HERE = Path(__file__).resolve().parent
CLAUDE, SYNTHETIC = "claude-3-7-sonnet", ("larch-1", "larch-2", "larch-3")
RSP_2, FICTIONAL = "anthropic-rsp-2.0", "fictional-lab-1.0"


class Demo:
    """Runs commands against one database and says what it does."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.database = out / "rsp.db"

    def begin(self) -> None:
        """Make the folder, and take away what an earlier demo left in it."""
        (self.out / "synthetic-lab").mkdir(parents=True, exist_ok=True)
        for path in (self.database, Path(f"{self.database}-journal")):
            path.unlink(missing_ok=True)

    def say(self, heading: str) -> None:
        """Print a heading."""
        click.echo(f"\n{heading}\n{'-' * len(heading)}")

    def run(self, *arguments: str | Path) -> None:
        """Print a command and run it."""
        words = [
            str(each.relative_to(Path.cwd()) if isinstance(each, Path) and each.is_relative_to(Path.cwd()) else each) for each in arguments
        ]
        click.echo(f"$ rsp {' '.join(words)}")
        cli.main(["--db", f"sqlite:///{self.database}", "--actor", "make demo", *words], prog_name="rsp", standalone_mode=False)


def demo(out: Path) -> None:
    """Run the whole demo into the folder ``out``."""
    began = time.monotonic()
    each = Demo(out)
    each.begin()
    each.say("1. A database, and the policies that come with rsp")
    each.run("db", "upgrade")
    each.run("policy", "load")
    each.say("2. Evidence: what a system card printed, a training run checkpoint by checkpoint, and a synthetic lab")
    each.run("load", *sorted((HERE / CLAUDE).glob("*.yaml")))
    each.run("load", HERE / "pythia-1.4b/evidence.json")
    each.run("load", HERE / "synthetic-lab/evidence.yaml", *sorted((HERE / "synthetic-lab").glob("runs-*.json")))
    each.say("3. Claude 3.7 Sonnet under RSP 2.0")
    each.run("assess", CLAUDE, "--policy", RSP_2)
    each.run("assess", CLAUDE, "--policy", RSP_2, "--format", "json", "--out", out / "verdicts.json")
    each.run("report", CLAUDE, "--policy", RSP_2, "--out", out / "capability-report.pdf")
    each.say("4. Pythia 1.4B: capability over training compute")
    each.run("trend", "--evaluation", "sciq-acc", "--out", out / "trend.png")
    each.say("5. The synthetic lab: every branch of the rule, over three releases")
    lab = out / "synthetic-lab"
    for model in SYNTHETIC:
        each.run("assess", model, "--policy", FICTIONAL)
        each.run("assess", model, "--policy", FICTIONAL, "--format", "json", "--out", lab / f"{model}-verdicts.json")
        each.run("report", model, "--policy", FICTIONAL, "--out", lab / f"{model}-capability-report.pdf")
    for evaluation in ("cedar-protocols", "moss-repairs", "fern-range"):
        each.run("trend", "--evaluation", evaluation, "--policy", FICTIONAL, "--out", lab / f"{evaluation}-trend.png")
    each.say("6. Nothing was changed behind the log")
    each.run("verify")
    each.say("Done")
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        click.echo(f"{path}  ({path.stat().st_size / 1024:,.0f} KiB)")
    click.echo(f"\n{time.monotonic() - began:.0f} s. The report to read first: {out / 'capability-report.pdf'}")


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("build/demo"))
def command(out: Path) -> None:
    """Run the demo into a folder."""
    demo(out)


if __name__ == "__main__":
    command()
