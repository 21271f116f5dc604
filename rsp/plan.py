"""Use case: plan before measuring. What a trial or an evaluation can rule out, what that takes, and what looking early costs.

The rules kept here: numbers are typed as in ``rsp.calculate``; a plan is not held against evidence, and nothing is stored.

Left out: words and JSON (``reports.plans``), and the functions themselves (``evaluations``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from evaluations.estimate import Unestimable
from evaluations.planning import SnapshotPlan, items_needed, share_power, snapshots_power
from evaluations.proportions import fewest_zero_successes
from evaluations.uplift.looks import sequential_bounds
from evaluations.uplift.power import RatioPlan, people_needed, planned_power
from reports.calculation import Calculation
from reports.plans import looks_plan, share_plan, snapshots_plan, uplift_plan
from rsp.calculate import Question, number, whole
from rsp.errors import InputError

USUAL_TARGET = "80%"  # statistics b7: the power a planned trial is usually given
SEED = 20250219  # our choice: any number serves, if it is always the same and is told

Planned = TypeVar("Planned")


def possible(outcome: Planned | Unestimable) -> Planned:
    """Return what was planned, or raise ``InputError`` with why it cannot be."""
    if isinstance(outcome, Unestimable):
        raise InputError(outcome.words)
    return outcome


def target_of(text: str) -> float:
    """Return the chance that is aimed at."""
    target = number(text, "--target").value
    if not 0 < target < 1:
        raise InputError(f"found the target {text}, expected a chance between 0 and 1, such as 80%")
    return float(target)


def _bar(question: Question) -> Fraction:
    bars = question.bars()
    if bars is None:
        raise InputError("found no bar, expected --bar: a plan is made against one")
    if bars.rule_out <= 0:
        raise InputError(f"found the bar {question.bar}, expected it above 0")
    return bars.rule_out


@dataclass(frozen=True)
class Arms:
    """Two planned arms as typed: ``control`` is mean and standard deviation, ``24,9``; the model's mean follows from the ratio."""

    control: str
    model_sd: str
    ratio: str
    n: str | None
    n_control: str | None


def uplift(arms: Arms, target: str, question: Question) -> Calculation:
    """Chance that a trial rules out a ratio of the bar, and how many people a chance of ``target`` takes."""
    mean, comma, spread = arms.control.partition(",")
    if not comma:
        raise InputError(f"found the control {arms.control!r}, expected its mean and standard deviation, such as 24,9")
    plan = RatioPlan(
        number(mean, "the control mean").value,
        number(spread, "the control standard deviation").value,
        number(arms.model_sd, "--model-sd").value,
        number(arms.ratio, "--ratio").value,
        _bar(question),
    )
    alpha, aimed = float(question.level), target_of(target)
    found = None
    if arms.n is not None:
        n = whole(arms.n, "--n")
        controls = n if arms.n_control is None else whole(arms.n_control, "--n-control")
        found = possible(planned_power(plan, n, controls, alpha))
    elif arms.n_control is not None:
        raise InputError("found --n-control alone, expected --n beside it")
    return uplift_plan(plan, found, _reachable(people_needed(plan, aimed, alpha)), aimed)


def _reachable(outcome: Planned | Unestimable) -> Planned | Unestimable:
    """Return an outcome that is found, or that cannot be reached, which is an answer; raise for a plan that cannot be."""
    if isinstance(outcome, Unestimable) and outcome.reason != "power_out_of_reach":
        raise InputError(outcome.words)
    return outcome


@dataclass(frozen=True)
class Measured:
    """A planned evaluation as typed: the share assumed true, items, and, for several snapshots, how many and how often tried."""

    share: str
    items: str | None
    snapshots: str | None
    attempts: str


def items(measured: Measured, target: str, question: Question) -> Calculation:
    """Chance that an evaluation rules out a share of the bar, on one snapshot exactly or on several by simulation."""
    bar, alpha = _bar(question), float(question.level)
    if bar >= 1:
        raise InputError(f"found the bar {question.bar}, expected a share between 0 and 1, such as 20%")
    truth = number(measured.share, "--share").value
    count = None if measured.items is None else whole(measured.items, "--items")
    if measured.snapshots is not None:
        if count is None:
            raise InputError("found --snapshots without --items, expected both")
        plan = SnapshotPlan(count, whole(measured.snapshots, "--snapshots"), whole(measured.attempts, "--attempts"), truth, bar, alpha)
        return snapshots_plan(possible(snapshots_power(plan, SEED)))
    if whole(measured.attempts, "--attempts") != 1:
        raise InputError("found --attempts without --snapshots, expected both: on one snapshot every item counts once")
    found = None if count is None else possible(share_power(count, truth, bar, alpha))
    aimed = target_of(target)
    needed = _reachable(items_needed(truth, bar, aimed, alpha))
    return share_plan(bar, truth, fewest_zero_successes(bar, alpha), found, needed, aimed)


def looks(fractions: Sequence[str], question: Question) -> Calculation:
    """Error level of each planned look at one trial."""
    shares = [number(each, "a share of the participants").value for each in fractions]
    return looks_plan(possible(sequential_bounds(shares, float(question.level))))
