"""The acceptance bars on a few of their worst cells, with few replicates; and that a broken method is caught.

Each bound is widened by three Monte-Carlo standard errors at the bound (``THREE``), so that a short run of a method that keeps
its bar passes; seeds are those of the long run, so nothing here is left to chance. ``make simulate`` measures everything with
10,000 replicates and no allowance.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import evaluations.columns
import evaluations.proportions
import evaluations.trends.lines
import evaluations.uplift.ratios
import thresholds.snapshots
from evaluations.clusters import items_estimate
from evaluations.estimate import Estimate, Unestimable
from evaluations.horizons import HorizonEstimate
from evaluations.proportions import wilson
from evaluations.quantiles import UNIT, z_quantile
from evaluations.uplift.arms import ArmSummary
from evaluations.uplift.trial import trial_ratio
from tests.evaluations.measured import items, people, trial, version
from tests.simulation import __main__ as command
from tests.simulation import items as over_items
from tests.simulation import missing, snapshots, uplift
from tests.simulation.cells import PCG64, Bar, Cell, Generator, Line, Rate, SeedSequence, Standing, measure, seed_of, standing
from tests.simulation.deciding import ALPHA, bars_at
from tests.simulation.drops import Unchanged
from tests.simulation.every_bar import BARS
from tests.simulation.horizons import Tasks
from tests.simulation.items import EQUAL, UNEQUAL, Items
from tests.simulation.looks import Looked
from tests.simulation.proportions import Counts
from tests.simulation.snapshots import BAR, SNAPSHOTS, HighestPoint, PooledAttempts, Snapshots
from tests.simulation.trends import Dates, Predictions
from tests.simulation.uplift import MODELS, Groups, Trials
from thresholds.bars import Bars
from thresholds.outcomes import VerdictOutcome
from thresholds.snapshots import max_over_snapshots

THREE = 3.0  # our choice: a method at its bound passes 99.9 times in 100; the seeds are fixed, so it does so always or never
HALF, LOW, FIFTH, HIGH = Fraction(1, 2), Fraction(1, 10), Fraction(1, 5), Fraction(4, 5)
ONE_HIGH, ALL_HIGH = (0.5, *(0.25,) * 5), (0.5,) * 6
OUT, CROSSED = VerdictOutcome.RULED_OUT, VerdictOutcome.CROSSED


def unclustered(items: int, attempts: int, correlation: float, bar: Fraction) -> Items:
    return Items(items, attempts, correlation, None, bar, over_items.OUT.key, over_items.IN.key)


def clustered(items: int, attempts: int, correlation: float, bar: Fraction) -> Items:
    low = (over_items.LOW_OUT.key, over_items.LOW_IN.key)
    middle = (over_items.CLUSTERED_OUT.key, over_items.CLUSTERED_IN.key)
    return Items(items, attempts, correlation, EQUAL, bar, *(low if bar == LOW else middle))


def trials(model: int, n: int) -> Trials:
    control, having = MODELS[model]
    return Trials(control, having, n, Fraction(int(having.mean), int(control.mean)), uplift.OUT.key, uplift.IN.key)


SHORT: dict[str, tuple[int, Sequence[Cell]]] = {  # replicates, and cells near the worst that the long run finds
    "B2": (1, [Counts(10), Counts(42), Counts(170)]),
    "B3": (1000, [unclustered(200, 1, 0.1, Fraction(3, 10)), unclustered(42, 10, 0.9, HALF), unclustered(20, 5, 0.5, LOW)]),
    "B4": (800, [clustered(42, 10, 0.9, FIFTH), clustered(100, 5, 0.9, HIGH), clustered(100, 1, 0.1, LOW)]),
    "B5": (400, [Snapshots(200, UNEQUAL, ONE_HIGH, 0.7, snapshots.ONE_AT_BAR.key, OUT)]),
    "B6": (400, [Snapshots(200, UNEQUAL, ALL_HIGH, 0.3, snapshots.ALL_AT_BAR.key, CROSSED)]),
    "B7": (200, missing.gaps()),
    "B8": (500, [trials(0, 20), trials(7, 5), trials(8, 5)]),
    "B9": (500, [Groups((8, 10, 12, 10), 0.3), Groups((8, 10, 12, 10, 20), 0.3)]),
    "B10": (500, [Predictions(4, 0.5), Predictions(10, 0.2)]),
    "B11": (500, [Dates(4, 0.5), Dates(6, 0.2)]),
    "B12": (300, [Looked(15)]),
    "B13": (250, [Unchanged(20, UNEQUAL), Unchanged(42, None)]),
    "B14": (250, [Tasks(8, 3), Tasks(9, 5)]),
    "B15": (300, [*snapshots.all_low(), *uplift.far_from_the_bar()]),
    "B16": (400, [
        HighestPoint(42, UNEQUAL, ONE_HIGH, 0.7, snapshots.POINTS.key, OUT),
        PooledAttempts(42, 10, 0.5, None, BAR, snapshots.POOLED.key, "not counted"),
    ]),
}  # fmt: skip
LONG = {bar.key: bar for bar in BARS}


def chance() -> Generator:
    return Generator(PCG64(7))


def run_short(key: str, cells: Sequence[Cell] | None = None, replicates: int | None = None) -> tuple[Standing, ...]:
    """Measure a few cells of a bar and hold them against its lines; lines that none of the cells measures are left out."""
    often, own = SHORT[key]
    chosen = own if cells is None else cells
    measured = [measure(LONG[key], cell, replicates or often) for cell in chosen]
    for each in measured:
        assert not each.failure, each.failure
    return tuple(each for each in standing(LONG[key], measured, THREE) if each.worst is not None)


def ends_of(outcome: Estimate | Unestimable) -> tuple[float, float]:
    assert isinstance(outcome, Estimate), outcome
    return outcome.lower(ALPHA), outcome.upper(ALPHA)


def broken(stood: Sequence[Standing]) -> set[str]:
    return {each.line.key for each in stood if each.verdict == "broken"}


@pytest.mark.parametrize("key", list(SHORT))
def test_the_product_keeps_its_acceptance_bar(key: str) -> None:
    stood = run_short(key)
    assert stood
    assert not broken(stood), [(each.line.key, each.worst) for each in stood]


def test_every_bar_of_the_long_run_is_here_but_the_suites() -> None:
    assert set(LONG) == {f"B{number}" for number in range(1, 18)}
    assert set(LONG) - set(SHORT) == {"B1", "B17"}  # those are tests of this very suite, run elsewhere in it


# The harness bites: a bad practice, or a product that decided another way, breaks the bar that the product keeps.


def test_counting_attempts_as_items_breaks_the_bar_of_items() -> None:
    pooled = PooledAttempts(42, 10, 0.5, None, HALF, over_items.OUT.key, over_items.IN.key)
    assert broken(run_short("B3", [pooled])) == {"B3 out", "B3 in"}


def test_comparing_the_highest_point_breaks_the_bar_of_snapshots() -> None:
    assert broken(run_short("B5", [HighestPoint(42, None, ONE_HIGH, 0.7, snapshots.ONE_AT_BAR.key, OUT)])) == {"B5"}


def test_wilson_in_place_of_clopper_pearson_breaks_the_exact_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluations.proportions, "share_upper", lambda x, y, alpha: wilson(x, x + y, alpha)[1])
    assert broken(run_short("B2", [Counts(42)])) == {"B2 out"}


def test_items_taken_as_independent_break_the_bar_of_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = evaluations.columns.columns_estimate
    monkeypatch.setattr(over_items, "columns_estimate", lambda passes, attempts, codes: alone(passes, attempts, None))  # noqa: ARG005
    assert "B4 out" in broken(run_short("B4"))


def test_a_missing_snapshot_that_is_passed_over_breaks_the_bar_of_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = thresholds.snapshots.highest_verdict
    monkeypatch.setattr(thresholds.snapshots, "highest_verdict", lambda verdicts, missing: whole(verdicts, 0))  # noqa: ARG005
    assert broken(run_short("B7", [missing.Ruled()])) == {"B7"}


def test_crossing_without_a_correction_breaks_the_bar_of_all_at_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    bars_at.cache_clear()
    monkeypatch.setattr(Bars, "over", lambda bars, variants: bars)  # noqa: ARG005
    try:
        independent = Snapshots(200, UNEQUAL, ALL_HIGH, 0.0, snapshots.ALL_AT_BAR.key, CROSSED)  # sharing nothing, they err most often
        assert broken(run_short("B6", [independent], 500)) == {"B6"}
    finally:
        bars_at.cache_clear()


def test_ruling_in_by_the_fieller_test_alone_breaks_the_bar_of_uplift(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluations.uplift.ratios.FiellerEstimate, "lower", evaluations.uplift.ratios.FiellerEstimate.fieller_lower)
    assert broken(run_short("B8", [trials(7, 5)], 1500)) == {"B8 in"}


def test_normal_quantiles_break_the_bar_of_predictions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluations.trends.lines, "t_quantile", lambda df, alpha: z_quantile(alpha))  # noqa: ARG005
    assert broken(run_short("B10")) == {"B10"}


def test_counting_every_attempt_at_a_task_breaks_the_bar_of_horizons(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(found: HorizonEstimate, side: int, alpha: float) -> float:
        return 2.0 ** (found.log2_horizon + side * z_quantile(alpha) * found.curve.log2_error(found.curve.modelled))

    monkeypatch.setattr(HorizonEstimate, "lower", lambda found, alpha: end(found, -1, alpha))
    monkeypatch.setattr(HorizonEstimate, "upper", lambda found, alpha: end(found, 1, alpha))
    assert broken(run_short("B14")) == {"B14"}


def test_never_deciding_breaks_the_bar_of_power(monkeypatch: pytest.MonkeyPatch) -> None:
    never: Callable[..., VerdictOutcome] = lambda *_: VerdictOutcome.NOT_RULED_OUT  # noqa: E731
    monkeypatch.setattr(snapshots, "verdict", never)
    monkeypatch.setattr(uplift, "verdict", never)
    assert broken(run_short("B15")) == {"B15 snapshots", "B15 uplift"}


# What stands between the draws and the product changes nothing.


@pytest.mark.parametrize("sizes", [None, EQUAL, UNEQUAL])
@pytest.mark.parametrize("attempts", [1, 5])
def test_columns_of_passes_give_the_bounds_of_records_of_items(sizes: tuple[int, ...] | None, attempts: int) -> None:
    cell = Items(20, attempts, 0.5, sizes, HALF, "out", "in")
    passes = cell.draw(chance(), 40)
    labels = over_items.labels_of(20, sizes)
    named = None if sizes is None else [f"c{label}" for label in labels]
    for row, estimate in zip(passes.tolist(), cell.decided(passes), strict=True):
        recorded = items_estimate(items([[1] * passed + [0] * (attempts - passed) for passed in row], named), UNIT)
        assert isinstance(estimate, Estimate)
        assert isinstance(recorded, Estimate)
        assert (estimate.point, estimate.lower(ALPHA), estimate.upper(ALPHA)) == (
            recorded.point,
            recorded.lower(ALPHA),
            recorded.upper(ALPHA),
        )


@pytest.mark.parametrize("sizes", [None, UNEQUAL])
def test_verdicts_one_by_one_are_those_of_the_max_rule(sizes: tuple[int, ...] | None) -> None:
    cell = Snapshots(42, sizes, (0.2, 0.2, 0.25, 0.25, 0.3, 0.3), 0.7, "line", OUT)
    passes = cell.draw(chance(), 25)
    columns = [over_items.estimates(table, snapshots.ATTEMPTS, sizes) for table in passes]
    ruled = [max_over_snapshots(row, SNAPSHOTS, bars_at(BAR)).verdict for row in zip(*columns, strict=True)]
    assert cell.said(passes) == ruled
    assert len(set(ruled)) > 1


@pytest.mark.parametrize("model", range(len(MODELS)))
def test_arms_are_summarised_as_the_product_summarises_people(model: int) -> None:
    for arm in MODELS[model]:
        scores = arm.draw(chance(), (3, 8))
        assert uplift.summaries(scores) == [ArmSummary.of_scores([Fraction(score) for score in row]) for row in scores.tolist()]


@pytest.mark.parametrize("model", range(len(MODELS)))
def test_a_trial_is_estimated_as_the_records_of_its_people_are(model: int) -> None:
    control, having = MODELS[model]
    drawn = chance()
    arms = having.draw(drawn, (3, 8)), control.draw(drawn, (3, 8))
    for row, estimate in enumerate(trials(model, 8).estimates(*arms)):
        scored = [[Decimal(score) / uplift.UNIT for score in arm[row].tolist()] for arm in arms]
        recorded = trial_ratio(trial(people("group", *scored)), version(low=None))
        assert ends_of(estimate) == pytest.approx(ends_of(recorded), rel=1e-12)


@pytest.mark.parametrize("sizes", [(10, 10), (8, 10, 12, 10, 20)])
def test_several_groups_are_estimated_as_the_records_of_their_people_are(sizes: tuple[int, ...]) -> None:
    drawn = chance()
    groups = [tuple(arm.draw(drawn, (1, n)) for arm in reversed(MODELS[2])) for n in sizes]
    pairs = [(uplift.summaries(having)[0], uplift.summaries(without)[0]) for having, without in groups]
    told = [[[Decimal(score) / uplift.UNIT for score in arm[0].tolist()] for arm in pair] for pair in groups]
    recorded = trial_ratio(trial(*(people(f"group-{place}", *scored) for place, scored in enumerate(told))), version())
    assert ends_of(uplift.several(pairs)) == pytest.approx(ends_of(recorded), rel=1e-12)


@pytest.mark.parametrize("model", range(len(MODELS)))
def test_arms_have_the_mean_that_their_name_says(model: int) -> None:
    for arm in MODELS[model]:
        scores = arm.draw(chance(), (1, 40_000)) / uplift.UNIT
        assert scores.mean() == pytest.approx(arm.mean, abs=0.8)  # three standard errors of the widest


# The table and its judgement.


class Told(Cell):
    """A cell whose rates are known beforehand."""

    def __init__(self, *told: Rate) -> None:
        self.told = told

    def alone(self) -> Sequence[Cell]:
        return [self]

    @property
    def name(self) -> str:
        return "told"

    def rates(self, chance: Generator, replicates: int) -> Sequence[Rate]:  # noqa: ARG002 - they are known
        if not self.told:
            raise ZeroDivisionError("a cell that crashes")
        return self.told


def judged(line: Line, *cells: Cell, allowed_errors: float = 0.0) -> Standing:
    bar = Bar("B0", (line,), lambda: cells)
    return standing(bar, [measure(bar, cell, 100) for cell in cells], allowed_errors)[0]


def test_the_worst_cell_decides() -> None:
    line = Line("line", "what", at_most=0.03)
    stood = judged(line, Told(Rate("line", "first", 2, 100)), Told(Rate("line", "second", 4, 100)))
    assert (stood.verdict, stood.cells, stood.worst) == ("broken", 2, Rate("line", "second", 4, 100))


@pytest.mark.parametrize(("hits", "verdict"), [(939, "broken"), (940, "holds"), (960, "holds"), (961, "broken")])
def test_a_bound_is_kept_on_it_and_not_beyond(hits: int, verdict: str) -> None:
    assert judged(Line("line", "what", at_most=0.96, at_least=0.94), Told(Rate("line", "here", hits, 1000))).verdict == verdict


def test_room_for_chance_is_that_of_a_truth_at_the_bound() -> None:
    line = Line("line", "what", at_most=0.03)  # three standard errors of 400 at 3 % are 2.56 points
    assert judged(line, Told(Rate("line", "here", 22, 400)), allowed_errors=3).verdict == "holds"
    assert judged(line, Told(Rate("line", "here", 23, 400)), allowed_errors=3).verdict == "broken"


def test_a_bound_of_zero_leaves_no_room_for_chance() -> None:
    assert judged(Line("line", "what", at_most=0.0), Told(Rate("line", "here", 1, 10_000)), allowed_errors=3).verdict == "broken"


def test_a_cell_that_crashes_breaks_its_bar() -> None:
    stood = judged(Line("line", "what", at_most=0.5), Told(Rate("line", "here", 0, 100)), Told())
    assert stood.verdict == "broken"
    assert "a cell that crashes" in stood.failures[0]


def test_a_line_that_nothing_measured_is_broken() -> None:
    assert judged(Line("line", "what", at_most=0.5), Told(Rate("another", "here", 0, 100))).verdict == "broken"


def test_a_cell_gives_the_same_numbers_again_whatever_ran_before() -> None:
    cell, other = unclustered(20, 5, 0.5, HALF), unclustered(20, 5, 0.5, LOW)
    first = measure(LONG["B3"], cell, 200).rates
    measure(LONG["B3"], other, 200)
    assert measure(LONG["B3"], cell, 200).rates == first


def test_no_two_cells_share_a_seed() -> None:
    seeds = [str(seed_of(bar.key, cell.name).entropy) for bar in BARS for cell in bar.cells()]
    assert len(set(seeds)) == len(seeds)


def test_the_command_tells_a_broken_bar_by_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = Line("B0", "what was measured", at_most=0.03)
    outcomes: dict[bool, Any] = {}
    for holds in (True, False):
        told = Told(Rate("B0", "here", 2 if holds else 4, 100))
        monkeypatch.setattr(command, "BARS", (Bar("B0", (line,), told.alone),))
        code = command.main(["--processes", "1", "--replicates", "100", "--json", str(tmp_path / "worst.json")])
        outcomes[holds] = (code, json.loads((tmp_path / "worst.json").read_text())["lines"][0]["verdict"])
    assert outcomes == {True: (0, "holds"), False: (1, "broken")}
    printed = capsys.readouterr().out
    assert "2.00 %" in printed
    assert "<= 3 %" in printed


def test_the_worst_is_written_with_the_seed_that_gives_it_again() -> None:
    cells = (unclustered(20, 5, 0.5, HALF), unclustered(20, 5, 0.5, LOW))
    bar = Bar("B3", LONG["B3"].lines, lambda: cells)
    measured = [measure(bar, cell, 100) for cell in cells]
    worst = command.as_document(standing(bar, measured), {"B3": measured}, 100)["lines"][0]["worst"]
    cell = next(each for each in cells if each.name == worst["cell"])
    assert worst["seed"] == seed_of("B3", cell.name).entropy
    again = list(cell.rates(Generator(PCG64(SeedSequence(worst["seed"]))), 100))
    assert (again[0].where, again[0].rate) == (worst["where"], worst["rate"])
