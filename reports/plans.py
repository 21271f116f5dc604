"""Plans as calculations: the chance to rule out a bar, what that takes, and what repeated looks cost.

The rules kept here: a plan whose chance is under one half is not called designed to rule out, in these words; a simulated chance says its
error and its seed; what cannot be reached is said with its reason, and no number stands in its place.

Left out: the planning itself (``evaluations.planning``, ``evaluations.uplift.power``, ``evaluations.uplift.looks``).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from evaluations.estimate import Unestimable
from evaluations.planning import ItemsNeeded, SharePower, SnapshotPower
from evaluations.uplift.looks import SequentialBounds
from evaluations.uplift.power import PlannedPower, RatioPlan
from reports import numbers
from reports.calculation import Calculation, Row
from reports.wording import plural

CALLED = {
    "designed_to_rule_out": "With this chance the plan may be called designed to rule out the bar.",
    "not_designed_to_rule_out": "With a chance under one half this plan may not be called designed to rule out the bar.",
}
OF_NORMAL_SCORES = "The chance is that of normal scores in one cohort; skewed scores, teams and repeated looks lower it."
OF_WHAT_IS_TRUE = "The chance holds if the truth is as assumed; it says nothing of a trial that has been run."


def _chance(power: float) -> str:
    return numbers.quantity(power, "fraction")


def uplift_plan(plan: RatioPlan, planned: PlannedPower | None, needed: PlannedPower | Unestimable | None, target: float) -> Calculation:
    """Return what an uplift trial with these arms can do, and what a chance of ``target`` takes."""
    bar, ratio = Fraction(plan.bar), Fraction(plan.true_ratio)
    rows = [Row("bar", numbers.quantity(bar, "x")), Row("true ratio assumed", numbers.quantity(ratio, "x", bars=[bar]))]
    sentences: list[str] = []
    figures: dict[str, Any] = {"rule_out": float(bar), "true_ratio": float(ratio), "method": "noncentral_t"}
    if planned is not None:
        rows += [Row("people", _people(planned)), Row("chance to rule out", _chance(planned.power))]
        figures |= {"n_model": planned.n_treatment, "n_control": planned.n_control, "power": planned.power, "called": planned.called}
        sentences.append(CALLED[planned.called])
    if needed is not None:
        rows.append(_needed_row(target, needed, _people(needed) if isinstance(needed, PlannedPower) else ""))
        figures |= _reached(target, needed, {"n_model_for_target": getattr(needed, "n_treatment", None)})
    return Calculation("power", "Planned uplift trial", tuple(rows), (*sentences, OF_WHAT_IS_TRUE), (OF_NORMAL_SCORES,), figures)


def _people(planned: PlannedPower) -> str:
    return f"{numbers.whole(planned.n_treatment)} with the model, {numbers.whole(planned.n_control)} without"


def _needed_row(target: float, needed: object, words: str) -> Row:
    said = f"not within reach: {needed.words}" if isinstance(needed, Unestimable) else words
    return Row(f"for a chance of {numbers.percentage(target)}", said)


def _reached(target: float, needed: object, found: dict[str, Any]) -> dict[str, Any]:
    refused = {"reason_for_target": needed.reason} if isinstance(needed, Unestimable) else {}
    return {"target": target, **found, **refused}


def share_plan(
    bar: Fraction, truth: Fraction, fewest: int, planned: SharePower | None, needed: ItemsNeeded | Unestimable | None, target: float
) -> Calculation:
    """Return what so many items can do against a bar if the share is ``truth``, and what a chance of ``target`` takes."""
    rows = [
        Row("bar", numbers.quantity(bar, "fraction")),
        Row("true share assumed", numbers.quantity(truth, "fraction", bars=[bar])),
        Row("fewest items", f"{numbers.whole(fewest)}: with fewer, not even no success at all rules out the bar"),
    ]
    sentences: list[str] = []
    figures: dict[str, Any] = {"rule_out": float(bar), "true_share": float(truth), "fewest_items": fewest, "method": "clopper_pearson"}
    if planned is not None:
        most = "not even with none" if planned.most_passed is None else f"with at most {numbers.whole(planned.most_passed)} passed"
        rows += [Row("items", f"{numbers.whole(planned.items)}: ruled out {most}"), Row("chance to rule out", _chance(planned.power))]
        figures |= {"items": planned.items, "power": planned.power, "most_passed": planned.most_passed, "called": planned.called}
        sentences.append(CALLED[planned.called])
    if needed is not None:
        words = "" if isinstance(needed, Unestimable) else f"{numbers.whole(needed.items)} items"
        rows.append(_needed_row(target, needed, words))
        figures |= _reached(target, needed, {"items_for_target": getattr(needed, "items", None)})
    return Calculation("items", "Planned evaluation", tuple(rows), (*sentences, OF_WHAT_IS_TRUE), (), figures)


def snapshots_plan(found: SnapshotPower) -> Calculation:
    """Return the chance that every one of several snapshots rules out the bar (statistics c8)."""
    plan = found.plan
    bar = Fraction(plan.bar)
    rows = (
        Row("bar", numbers.quantity(bar, "fraction")),
        Row("true share assumed", numbers.quantity(Fraction(plan.truth), "fraction", bars=[bar])),
        Row("measured", f"{plural(plan.snapshots, 'snapshot')}, {plural(plan.items, 'item')}, {plural(plan.attempts, 'attempt')} an item"),
        Row("chance to rule out", f"{_chance(found.power)} (simulated, ± {numbers.quantity(found.standard_error, 'fraction')})"),
    )
    note = f"Simulated {numbers.whole(found.replicates)} times with the seed {found.seed}; every snapshot is truly at the share."
    figures = {
        "rule_out": float(bar), "true_share": float(Fraction(plan.truth)), "items": plan.items, "snapshots": plan.snapshots,
        "attempts": plan.attempts, "power": found.power, "standard_error": found.standard_error, "seed": found.seed,
        "replicates": found.replicates, "called": found.called, "method": "item_beta",
    }  # fmt: skip
    return Calculation("items", "Planned snapshots", rows, (CALLED[found.called], OF_WHAT_IS_TRUE), (note,), figures)


def looks_plan(found: SequentialBounds) -> Calculation:
    """Return the one-sided error level of each planned look (statistics b8)."""
    rows = tuple(
        Row(
            f"look {place} at {numbers.percentage(fraction)}",
            f"one-sided error {numbers.error_level(nominal)} (spent so far {numbers.error_level(cumulative)})",
        )
        for place, (fraction, nominal, cumulative) in enumerate(zip(found.fractions, found.nominal, found.cumulative, strict=True), 1)
    )
    sentence = (
        f"A bar is ruled out at a look if its p is under that look's level; over all looks together the error stays at "
        f"{numbers.percentage(found.alpha)}."
    )
    figures = {
        "fractions": list(found.fractions), "z": list(found.z), "nominal": list(found.nominal), "cumulative": list(found.cumulative),
        "error": found.alpha, "method": found.method,
    }  # fmt: skip
    return Calculation("looks", "Planned looks at one trial", rows, (sentence, "A look that was not planned costs more."), (), figures)
