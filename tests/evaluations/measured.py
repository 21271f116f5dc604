"""Records for tests of the statistics, with everything that does not matter there filled in."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from evaluations.estimate import Estimate, Unestimable
from evaluations.records import EvaluationVersion, ItemResult, RiskierWhen, Run, Score, SpreadKind, Statistic
from evaluations.trials import Arm, ArmKind, Cohort, ParticipantResult, UpliftTrial

ALPHA = 0.025  # one-sided error of a 95 % interval


def version(low: Any = 0, high: Any = 100, unit: str = "percent", **more: Any) -> EvaluationVersion:
    return EvaluationVersion(
        source="card", slug="v1", unit=unit, scale_low=low, scale_high=high, riskier_when=RiskierWhen.HIGHER, **more
    )  # fmt: skip


def score(statistic: Statistic = Statistic.MEAN, **more: Any) -> Score:
    return Score(source="card", statistic=statistic, **more)


def run(*scores: Score, items: Sequence[ItemResult] = (), **more: Any) -> Run:
    return Run(
        source="card", slug="r1", model="m", snapshot="final", evaluation="e", version="v1", scores=scores, items=tuple(items), **more
    )  # fmt: skip


def items(attempts: Sequence[Sequence[Any]], clusters: Sequence[str | None] | None = None) -> tuple[ItemResult, ...]:
    labels = clusters or [None] * len(attempts)
    written = [tuple(Decimal(repr(one)) if isinstance(one, float) else one for one in each) for each in attempts]
    return tuple(ItemResult(item=f"i{at}", cluster=labels[at], attempts=each) for at, each in enumerate(written))


def arm(
    kind: ArmKind,
    mean: Any = None,
    spread: Any = None,
    says: SpreadKind | None = None,
    n: int | None = None,
    people: Any = (),
    prefix: str = "p",
) -> Arm:
    results = tuple(ParticipantResult(code=f"{prefix}{at}", score=one) for at, one in enumerate(people))
    return Arm(kind=kind, conditions="as stated", mean=mean, spread=spread, spread_kind=says, participants_count=n, participants=results)


def cohort(slug: str, model: tuple[Any, Any], control: tuple[Any, Any], says: SpreadKind | None, n: int | None = None) -> Cohort:
    """A cohort from printed means and plus-minuses."""
    arms = (arm(ArmKind.CONTROL, *control, says, n), arm(ArmKind.MODEL, *model, says, n))
    return Cohort(slug=slug, name=slug, arms=arms)


def people(slug: str, model: Sequence[Any], control: Sequence[Any]) -> Cohort:
    """A cohort from everybody's own score."""
    return Cohort(
        slug=slug,
        name=slug,
        arms=(arm(ArmKind.CONTROL, people=control, prefix=f"{slug}-c"), arm(ArmKind.MODEL, people=model, prefix=f"{slug}-m")),
    )


def trial(*cohorts: Cohort) -> UpliftTrial:
    return UpliftTrial(
        source="card", slug="t1", model="m", snapshot=None, evaluation="e", version="v1", task="plan", cohorts=cohorts
    )  # fmt: skip


def published(says: SpreadKind = SpreadKind.UNSPECIFIED, n: int | None = None) -> tuple[Cohort, Cohort]:
    """The two groups of one published trial, in percent: 24 +- 9 against 50 +- 21, and 27 +- 9 against 57 +- 20."""
    return cohort("sepal", (50, 21), (24, 9), says, n), cohort("staff", (57, 20), (27, 9), says, n)


def estimated(outcome: Estimate | Unestimable) -> Estimate:
    assert isinstance(outcome, Estimate), outcome
    return outcome


def refused(outcome: Estimate | Unestimable) -> tuple[str, Any]:
    assert isinstance(outcome, Unestimable), outcome
    return outcome.reason, outcome.point


def ends(estimate: Estimate, alpha: float = ALPHA) -> tuple[float, float]:
    return estimate.lower(alpha), estimate.upper(alpha)
