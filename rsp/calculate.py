"""Use case: the reviewer's pocket calculator, over the same functions that judge recorded evidence.

The rules kept here: a number comes in exactly as it was typed (``20%`` is one fifth, ``27/33`` a fraction); what nobody knows is typed as
``?`` and never guessed; what cannot be (5 of 3, a negative spread) is an error of the person, and a question that has no honest
answer is answered with its reason. Nothing is read from a record and nothing is stored.

Left out: words and JSON (``reports.calculation``), planning (``rsp.plan``), and the functions themselves (``evaluations``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from pydantic import ValidationError

from evaluations.clusters import FEWEST_UNBOUNDED
from evaluations.differences import mcnemar_exact, proportion_difference
from evaluations.estimate import Estimate, Unestimable
from evaluations.exact_numbers import exact_number
from evaluations.proportions import proportion as share_passed
from evaluations.quantiles import SMALLEST_ERROR, UNIT, Scale
from evaluations.rates import event_rate
from evaluations.records import EvaluationVersion, RiskierWhen, Sampling, SpreadKind
from evaluations.scores import mean_estimate
from evaluations.speedups import best_of, geometric_mean
from evaluations.trials import Arm, ArmKind, Cohort, ParticipantResult, UpliftTrial
from evaluations.uplift.trial import cohort_ratio, trial_ratio
from reports import numbers
from reports.calculation import (
    DESCRIBES,
    Asked,
    Calculation,
    Row,
    best_of_sentence,
    estimated,
    no_better_than_its_cohorts,
    over_snapshots,
    paired_change,
)
from rsp.errors import InputError
from thresholds.bars import Bars
from thresholds.outcomes import Compared, Decides
from thresholds.snapshots import drift, max_over_snapshots

USUAL_ERROR = Fraction(25, 1000)  # one-sided; shown as a 95 % interval (statistics, section 0)
IMPOSSIBLE = frozenset(
    {"no_observations", "not_a_number", "impossible_count", "negative_spread", "off_scale", "overflow", "nonpositive_mean"}
)
"""Reasons that say the input itself cannot be: the person's mistake, answered as an error."""

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d{1,3})?")
UNKNOWN = "?"
KINDS = {
    "sd": SpreadKind.STANDARD_DEVIATION,
    "se": SpreadKind.STANDARD_ERROR,
    "ci": SpreadKind.INTERVAL_HALF_WIDTH,
    "ci95": SpreadKind.INTERVAL_HALF_WIDTH,
    "unspecified": SpreadKind.UNSPECIFIED,
    UNKNOWN: SpreadKind.UNSPECIFIED,
}


@dataclass(frozen=True)
class Typed:
    """A number as it was typed; ``unit`` is ``fraction`` where it was typed as a percentage or as so many of so many."""

    value: Fraction
    unit: str | None = None


def number(text: str, what: str) -> Typed:
    """Return a typed number: ``0.2``, ``20%``, ``27/33``, ``1e26``. Raises ``InputError`` naming ``what`` was to be typed."""
    typed = text.strip().lower()
    front, slash, back = typed.partition("/")
    if slash and front.isdecimal() and back.isdecimal() and int(back) > 0:
        return Typed(Fraction(int(front), int(back)), "fraction")
    if _NUMBER.fullmatch(typed.removesuffix("%")):
        value = exact_number(Decimal(typed.removesuffix("%")), what)
        if isinstance(value, Unestimable):
            raise InputError(value.words)
        return Typed(value / 100, "fraction") if typed.endswith("%") else Typed(value)
    raise InputError(f"found {text!r} as {what}, expected a number such as 0.2, 20% or 27/33")


def whole(text: str, what: str) -> int:
    """Return a typed count. Raises ``InputError``."""
    if not text.strip().isdecimal():
        raise InputError(f"found {text!r} as {what}, expected a whole number, 0 or more")
    return int(text)


@dataclass(frozen=True)
class Question:
    """What every calculation may be held against, as typed: bars, direction of risk, one-sided error level, scale."""

    bar: str | None = None
    rule_in_bar: str | None = None
    riskier_when: RiskierWhen = RiskierWhen.HIGHER
    error: str | None = None
    scale: str | None = None

    @property
    def level(self) -> Fraction:
        """One-sided error level."""
        level = USUAL_ERROR if self.error is None else number(self.error, "--error").value
        if not SMALLEST_ERROR <= level < Fraction(1, 2):
            raise InputError(
                f"found the error level {float(level):g}, expected {SMALLEST_ERROR:g} or more and under one half, such as 2.5%"
            )
        return level

    @property
    def ends(self) -> Scale | None:
        """The bounded scale, or ``None``."""
        if self.scale is None:
            return None
        low, comma, high = self.scale.partition(",")
        if not comma:
            raise InputError(f"found the scale {self.scale!r}, expected its two ends, such as 0,100")
        ends = number(low, "--scale").value, number(high, "--scale").value
        if not ends[0] < ends[1]:
            raise InputError(f"found a scale from {low} to {high}, expected low below high")
        return Scale(*ends)

    def bars(self, variants: int = 1) -> Bars | None:
        """The bars as typed, one serving as both; ``variants`` divides the error level of a rule-in."""
        if self.bar is None:
            if self.rule_in_bar is not None:
                raise InputError("found a rule-in bar alone, expected --bar beside it")
            return None
        out = number(self.bar, "--bar").value
        crossing = out if self.rule_in_bar is None else number(self.rule_in_bar, "--rule-in-bar").value
        if crossing < out if self.riskier_when is RiskierWhen.HIGHER else crossing > out:
            raise InputError(f"found the rule-out bar {self.bar} riskier than the rule-in bar {self.rule_in_bar}, expected it safer")
        level = self.level
        return Bars(out, crossing, self.riskier_when, Compared.BOUND, Decides.BOTH, float(level), float(level / variants))

    def asked(self, unit: str | None, scale: Scale | None, variants: int = 1) -> Asked:
        """What a number in ``unit`` on ``scale`` is held against. Raises ``InputError`` for a bar off the scale."""
        bars = self.bars(variants)
        if bars is not None and scale is not None:
            for bar in (bars.rule_out, bars.rule_in):
                if not scale.low <= bar <= scale.high:
                    ends = f"{float(scale.low):g} to {float(scale.high):g}"
                    raise InputError(f"found a bar at {float(bar):g}, expected it on the scale from {ends}")
        shown = (None, None) if scale is None else (float(scale.low), float(scale.high))
        return Asked(unit, float(self.level), self.riskier_when, bars, shown)


def answered(name: str, title: str, outcome: Estimate | Unestimable, asked: Asked) -> Calculation:
    """Return the calculation, or raise ``InputError`` if the input itself cannot be."""
    if isinstance(outcome, Unestimable) and outcome.reason in IMPOSSIBLE:
        raise InputError(outcome.words)
    return estimated(name, title, outcome, asked)


def proportion(passed: str, trials: str, question: Question) -> Calculation:
    """So many passed of so many; ``passed`` may be a fraction of items where attempts were repeated (9.65 of 42)."""
    count, of = number(passed, "the number passed"), whole(trials, "the number of trials")
    given = numbers.count(count.value, of)
    outcome = share_passed(count.value, of)
    if of == 1 and isinstance(outcome, Estimate):  # as for a recorded score
        outcome = Unestimable("one_observation", "one trial says nothing of its own error", outcome.point)
    return answered("proportion", given, outcome, question.asked("fraction", UNIT))


def mean(value: str, spread: str | None, kind: str, n: str | None, question: Question) -> Calculation:
    """A published mean with what stands after its plus-minus, what that means, and over how many."""
    point = number(value, "the mean")
    around = None if spread is None else number(spread, "--spread").value
    count = None if n in (None, UNKNOWN) else whole(n or "", "--n")
    scale = question.ends
    outcome = mean_estimate(point.value, around, KINDS[kind], count, None, scale)
    title = numbers.quantity(point.value, point.unit) if around is None else numbers.spread(point.value, around, point.unit)
    return answered("mean", title, outcome, question.asked(point.unit, scale))


@dataclass(frozen=True)
class Summary:
    """One arm as typed: ``24,9,sd,9`` is mean, spread, what the spread means, how many people; ``?`` for what nobody knows."""

    text: str

    def arm(self, kind: ArmKind) -> Arm:
        """Return the arm. Raises ``InputError`` saying how one is typed."""
        parts = [part.strip() for part in self.text.split(",")]
        if len(parts) != 4 or parts[2].lower() not in KINDS:
            raise InputError(
                f"found the arm {self.text!r}, expected mean,spread,kind,n such as 24,9,sd,9; kind is sd, se, ci or ?, n may be ?"
            )
        known = parts[1] != UNKNOWN
        return Arm(
            kind=kind,
            conditions="typed",
            participants_count=None if parts[3] == UNKNOWN else whole(parts[3], "the number of participants"),
            mean=_decimal(parts[0], "the mean"),
            spread=_decimal(parts[1], "the spread") if known else None,
            spread_kind=KINDS[parts[2].lower()] if known else None,
        )


@dataclass(frozen=True)
class Scores:
    """One arm as its people's own scores: ``0.21,0.33,0.38``."""

    text: str

    def arm(self, kind: ArmKind) -> Arm:
        """Return the arm. Raises ``InputError`` for anything that is no number."""
        scores = [_decimal(part, "a score") for part in self.text.split(",")]
        people = tuple(ParticipantResult(code=f"p{at}", score=score) for at, score in enumerate(scores, 1))
        return Arm(kind=kind, conditions="typed", participants=people)


def _decimal(text: str, what: str) -> Decimal:
    value = number(text, what).value
    return Decimal(value.numerator) / Decimal(value.denominator)


def uplift(controls: Sequence[Summary | Scores], models: Sequence[Summary | Scores], question: Question) -> Calculation:
    """Ratio of the people with the model to the people without; several pairs are the cohorts of one trial."""
    if not controls or len(controls) != len(models):
        raise InputError(f"found {len(controls)} control and {len(models)} model arms, expected one of each for every cohort")
    scale = question.ends
    trial, version = typed_trial(controls, models), typed_version(scale)
    try:
        outcome = trial_ratio(trial, version)
        alone = [(cohort.name, cohort_ratio(cohort, version)) for cohort in trial.cohorts]
    except ValueError as refused:  # a mean beyond the ends of its scale
        raise InputError(str(refused)) from refused
    asked = Question(question.bar, question.rule_in_bar, question.riskier_when, question.error).asked("x", None)
    title = "; ".join(f"model {model.text} against control {control.text}" for control, model in zip(controls, models, strict=True))
    asked = Asked(asked.unit, asked.error, asked.riskier_when, asked.bars, (0.0, None))
    return no_better_than_its_cohorts(answered("uplift", title, outcome, asked), alone, asked)


def typed_trial(controls: Sequence[Summary | Scores], models: Sequence[Summary | Scores]) -> UpliftTrial:
    """Return the trial with these arms. Raises ``InputError`` for what no record may hold (a negative spread, an arm of nobody)."""
    try:
        cohorts = tuple(
            Cohort(slug=f"cohort-{at}", name=f"cohort {at}", arms=(control.arm(ArmKind.CONTROL), model.arm(ArmKind.MODEL)))
            for at, (control, model) in enumerate(zip(controls, models, strict=True), 1)
        )
    except ValidationError as refused:
        raise InputError("; ".join(each["msg"].removeprefix("Value error, ") for each in refused.errors())) from refused
    return UpliftTrial(
        slug="typed", model="typed", snapshot=None, evaluation="typed", version="typed", task="typed", source="typed", cohorts=cohorts
    )


def typed_version(scale: Scale | None) -> EvaluationVersion:
    """Return what the scores of a typed trial are on."""
    low, high = (None, None) if scale is None else (scale.low, scale.high)
    return EvaluationVersion(
        slug="typed",
        unit="score",
        riskier_when=RiskierWhen.HIGHER,
        scale_low=None if low is None else Decimal(low.numerator) / Decimal(low.denominator),
        scale_high=None if high is None else Decimal(high.numerator) / Decimal(high.denominator),
        sampling=Sampling.PARTICIPANTS,
        source="typed",
    )


def rate(events: str, exposure: str, per: str, question: Question) -> Calculation:
    """So many events over an exposure (failures over hours), per so many units of it."""
    count, over, unit = number(events, "the events").value, number(exposure, "the exposure").value, number(per, "--per").value
    title = f"{numbers.recorded(count, None)} events over {numbers.recorded(over, None)}, per {numbers.recorded(unit, None)}"
    asked = Asked(None, float(question.level), question.riskier_when, question.bars(), (0.0, None))
    return answered("rate", title, event_rate(count, over, unit), asked)


def speedup(ratios: Sequence[str], question: Question) -> Calculation:
    """Geometric mean of speedups, and what the best of them supports."""
    given = [number(each, "a ratio").value for each in ratios]
    title = f"speedups {', '.join(ratios)}"
    asked = Asked("x", float(question.level), question.riskier_when, question.bars(), (0.0, None))
    outcome = geometric_mean(given)
    if len(given) < FEWEST_UNBOUNDED and isinstance(outcome, Estimate):  # as for recorded speedups (statistics a4)
        words = f"{len(given)} speedups; a score without bounds needs {FEWEST_UNBOUNDED}"
        outcome = Unestimable("too_few_clusters", words, outcome.point)
    found, best = answered("speedup", title, outcome, asked), best_of(given)
    if isinstance(best, Unestimable):
        raise InputError(best.words)
    return found.with_more(
        rows=[Row("best of them", f"{numbers.quantity(best.best, 'x')} of {numbers.whole(best.runs)} runs")],
        sentences=[best_of_sentence(best)],
        figures={"best": float(best.best), "runs": best.runs, "beaten_at_most": float(best.beaten_at_most)},
    )


def compare(first: str, second: str, question: Question) -> Calculation:
    """Difference of two separate shares, the first minus the second: ``13/23 7/23``. It is held against no bar (statistics a8)."""
    shares = [_so_many(text) for text in (first, second)]
    title = f"{numbers.count(*shares[0])} less {numbers.count(*shares[1])}"
    outcome = proportion_difference(*shares[0], *shares[1])
    found = answered("compare", title, outcome, Asked("fraction", float(question.level)))
    return replace(found, sentences=(DESCRIBES,))


def _so_many(text: str) -> tuple[int, int]:
    passed, slash, trials = text.partition("/")
    if not slash:
        raise InputError(f"found {text!r}, expected so many of so many, such as 13/23")
    return whole(passed, "the number passed"), whole(trials, "the number of trials")


def paired(both: str, lost: str, gained: str, neither: str) -> Calculation:
    """Two snapshots on the same items, one attempt each: what changed, by an exact test."""
    counts = [whole(text, what) for text, what in ((both, "both"), (lost, "lost"), (gained, "gained"), (neither, "neither"))]
    found = mcnemar_exact(*counts)
    if isinstance(found, Unestimable):
        raise InputError(found.words)
    return paired_change(found)


def snapshots(shares: Sequence[str], planned: str | None, question: Question) -> Calculation:
    """The max-over-snapshots rule over so many of so many on each snapshot; ``planned`` of them had to be measured."""
    if question.bar is None:
        raise InputError("found no bar, expected --bar: the rule is about one")
    if question.riskier_when is RiskierWhen.LOWER:
        raise InputError("found --riskier lower, expected shares where higher is riskier; count the failures instead")
    counts = [_so_many(text) for text in shares]
    asked = question.asked("fraction", UNIT)
    assert asked.bars is not None
    estimates = []
    for text, (passed, trials) in zip(shares, counts, strict=True):
        outcome = share_passed(passed, trials)
        if isinstance(outcome, Unestimable):
            raise InputError(f"{text}: {outcome.words}")
        estimates.append(outcome)
    wanted = len(estimates) if planned is None else whole(planned, "--planned")
    found = max_over_snapshots(estimates, wanted, asked.bars)
    widest = max(estimates, key=lambda each: each.upper(asked.error) - each.lower(asked.error))
    luck = drift(len(estimates), widest.lower(asked.error), widest.upper(asked.error), asked.error)
    title = f"{len(estimates)} snapshots, {wanted} planned"
    return over_snapshots(title, estimates, found, asked, luck)
