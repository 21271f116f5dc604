"""``rsp calc``: the reviewer's pocket calculator. It needs no database and stores nothing.

Numbers are typed as they stand in a paper: ``0.2``, ``20%``, ``27/33``; ``?`` is what the paper does not say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from reports.calculation import Calculation
    from rsp.calculate import Question

Command = Callable[..., Any]
KINDS = click.Choice(["sd", "se", "ci", "?"])


@click.group(name="calc")
def command() -> None:
    """Say what a number of a paper allows and what it does not: intervals, bars, power. Stores nothing.

    Numbers are typed as printed: 0.2, 20% or 27/33; ? stands for what the paper does not say.
    """


def against_a_bar(function: Command) -> Command:
    """Add the options of every calculation that is held against a bar."""
    for option in (
        click.option("--bar", metavar="NUMBER", help="Bar to rule out; also the bar to reach, unless --rule-in-bar names another."),
        click.option("--rule-in-bar", metavar="NUMBER", help="Bar to reach, where the source prints two."),
        click.option("--riskier", type=click.Choice(["higher", "lower"]), default="higher", help="Which way danger lies; default higher."),
        click.option("--error", metavar="NUMBER", help="One-sided error level; default 2.5%, which shows as a 95 % interval."),
    ):
        function = option(function)
    return formatted(function)


def formatted(function: Command) -> Command:
    """Add ``--format``."""
    return click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Default text.")(function)


def question(bar: str | None, rule_in_bar: str | None, riskier: str, error: str | None, scale: str | None = None) -> Question:
    """Return the question as typed."""
    from evaluations.records import RiskierWhen
    from rsp.calculate import Question

    return Question(bar, rule_in_bar, RiskierWhen(riskier), error, scale)


def show(calculation: Calculation, form: str) -> None:
    """Print a calculation as text or as JSON."""
    from reports.calculation import calculation_json, calculation_text

    click.echo((calculation_json if form == "json" else calculation_text)(calculation), nl=False)


@command.command(name="proportion")
@click.argument("passed")
@click.argument("trials")
@against_a_bar
def proportion(passed: str, trials: str, form: str, **asked: Any) -> None:
    """PASSED of TRIALS: `rsp calc proportion 4 30 --bar 20%`. TRIALS are items, however often each was tried (9.65 of 42)."""
    from rsp import calculate

    show(calculate.proportion(passed, trials, question(**asked)), form)


@command.command(name="mean")
@click.argument("value")
@click.option("--spread", metavar="NUMBER", help="What stands after the plus-minus.")
@click.option("--kind", type=KINDS, default="?", help="What the plus-minus means; default ?, and then the widest possible meaning decides.")
@click.option("--n", metavar="COUNT", help="Over how many items, trials or people; left out where it is not printed.")
@click.option("--scale", metavar="LOW,HIGH", help="Ends of the scale, if it has any: 0,100.")
@against_a_bar
def mean(value: str, spread: str | None, kind: str, n: str | None, scale: str | None, form: str, **asked: Any) -> None:
    """A published mean: `rsp calc mean 0.697 --spread 0.05 --n 10 --scale 0,1 --bar 0.5`."""
    from rsp import calculate

    show(calculate.mean(value, spread, kind, n, question(**asked, scale=scale)), form)


@command.command(name="uplift")
@click.option("--control", multiple=True, metavar="MEAN,SPREAD,KIND,N", help="People without the model: 24,9,sd,9. Once a cohort.")
@click.option("--model", multiple=True, metavar="MEAN,SPREAD,KIND,N", help="People with the model: 50,21,sd,9. Once a cohort.")
@click.option("--control-scores", multiple=True, metavar="SCORES", help="People's own scores instead: 0.21,0.33,0.38.")
@click.option("--model-scores", multiple=True, metavar="SCORES", help="People's own scores instead: 0.42,0.61,0.55.")
@click.option("--scale", metavar="LOW,HIGH", help="Ends of the scale of the scores, if it has any; tells impossible spreads.")
@against_a_bar
def uplift(
    control: tuple[str, ...],
    model: tuple[str, ...],
    control_scores: tuple[str, ...],
    model_scores: tuple[str, ...],
    scale: str | None,
    form: str,
    **asked: Any,
) -> None:
    """Ratio of two means: `rsp calc uplift --control 24,9,sd,9 --model 50,21,sd,9 --bar 2.8`."""
    from rsp import calculate
    from rsp.calculate import Scores, Summary

    controls: list[Summary | Scores] = [*(Summary(each) for each in control), *(Scores(each) for each in control_scores)]
    models: list[Summary | Scores] = [*(Summary(each) for each in model), *(Scores(each) for each in model_scores)]
    show(calculate.uplift(controls, models, question(**asked, scale=scale)), form)


@command.command(name="rate")
@click.argument("events")
@click.argument("exposure")
@click.option("--per", default="1", metavar="NUMBER", help="Unit of exposure; default 1.")
@against_a_bar
def rate(events: str, exposure: str, per: str, form: str, **asked: Any) -> None:
    """EVENTS over EXPOSURE: `rsp calc rate 3 4000 --per 1000 --bar 2` for 3 failures in 4000 hours."""
    from rsp import calculate

    show(calculate.rate(events, exposure, per, question(**asked)), form)


@command.command(name="speedup")
@click.argument("ratios", nargs=-1, required=True)
@against_a_bar
def speedup(ratios: tuple[str, ...], form: str, **asked: Any) -> None:
    """Several speedups: `rsp calc speedup 2.1 3.3 1.4 2.9 --bar 4`."""
    from rsp import calculate

    show(calculate.speedup(ratios, question(**asked)), form)


@command.command(name="compare")
@click.argument("first")
@click.argument("second")
@click.option("--error", metavar="NUMBER", help="One-sided error level; default 2.5%.")
@formatted
def compare(first: str, second: str, error: str | None, form: str) -> None:
    """Two shares of different items: `rsp calc compare 13/23 7/23`. For the same items, `rsp calc paired`."""
    from rsp import calculate

    show(calculate.compare(first, second, calculate.Question(error=error)), form)


@command.command(name="paired")
@click.argument("both")
@click.argument("lost")
@click.argument("gained")
@click.argument("neither")
@formatted
def paired(both: str, lost: str, gained: str, neither: str, form: str) -> None:
    """Two snapshots on the same items, one attempt each: `rsp calc paired 12 9 2 19`.

    The four numbers count items: passed BOTH times, LOST (before only), GAINED (after only), NEITHER time.
    """
    from rsp import calculate

    show(calculate.paired(both, lost, gained, neither), form)


@command.command(name="power")
@click.option("--control", required=True, metavar="MEAN,SD", help="People without the model, as planned: 24,9.")
@click.option("--model-sd", required=True, metavar="NUMBER", help="Standard deviation of the people with the model.")
@click.option("--ratio", required=True, metavar="NUMBER", help="Ratio assumed true.")
@click.option("--n", metavar="COUNT", help="People in the model arm, and in the control arm unless --n-control says otherwise.")
@click.option("--n-control", metavar="COUNT", help="People in the control arm.")
@click.option("--target", default="80%", metavar="NUMBER", help="Chance to aim at; default 80%.")
@click.option("--bar", required=True, metavar="NUMBER", help="Ratio to rule out.")
@click.option("--error", metavar="NUMBER", help="One-sided error level; default 2.5%.")
@formatted
def power(
    control: str, model_sd: str, ratio: str, n: str | None, n_control: str | None, target: str, bar: str, error: str | None, form: str
) -> None:
    """Chance of a trial to rule out a ratio: `rsp calc power --control 24,9 --model-sd 21 --ratio 2.1 --bar 2.8 --n 10`."""
    from rsp import plan
    from rsp.calculate import Question

    show(plan.uplift(plan.Arms(control, model_sd, ratio, n, n_control), target, Question(bar, error=error)), form)


@command.command(name="items")
@click.option("--share", required=True, metavar="NUMBER", help="Share assumed true.")
@click.option("--items", "count", metavar="COUNT", help="Items to be measured.")
@click.option("--snapshots", metavar="COUNT", help="Snapshots to be measured, each of which must rule out the bar (simulated).")
@click.option("--attempts", default="1", metavar="COUNT", help="Attempts on an item of each snapshot; default 1.")
@click.option("--target", default="80%", metavar="NUMBER", help="Chance to aim at; default 80%.")
@click.option("--bar", required=True, metavar="NUMBER", help="Share to rule out.")
@click.option("--error", metavar="NUMBER", help="One-sided error level; default 2.5%.")
@formatted
def items(share: str, count: str | None, snapshots: str | None, attempts: str, target: str, bar: str, error: str | None, form: str) -> None:
    """Chance of an evaluation to rule out a share: `rsp calc items --share 25% --bar 50% --items 42`."""
    from rsp import plan
    from rsp.calculate import Question

    show(plan.items(plan.Measured(share, count, snapshots, attempts), target, Question(bar, error=error)), form)


@command.command(name="looks")
@click.argument("fractions", nargs=-1, required=True)
@click.option("--error", metavar="NUMBER", help="One-sided error level over all looks; default 2.5%.")
@formatted
def looks(fractions: tuple[str, ...], error: str | None, form: str) -> None:
    """Error level of each planned look, by the share of participants seen: `rsp calc looks 1/3 2/3 1`."""
    from rsp import plan
    from rsp.calculate import Question

    show(plan.looks(fractions, Question(error=error)), form)


@command.command(name="snapshots")
@click.argument("shares", nargs=-1, required=True)
@click.option("--planned", metavar="COUNT", help="Snapshots that had to be measured; default as many as are given.")
@against_a_bar
def snapshots(shares: tuple[str, ...], planned: str | None, form: str, **asked: Any) -> None:
    """The highest over several snapshots: `rsp calc snapshots 4/42 6/42 16/42 --planned 6 --bar 50%`."""
    from rsp import calculate

    show(calculate.snapshots(shares, planned, question(**asked)), form)
