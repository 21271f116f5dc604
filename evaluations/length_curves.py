"""The curve of success over length: how a model's chance of solving a task falls with the time a skilled person needs for it.

The rules kept here (statistics a7): success falls with the logarithm of human minutes along a logistic curve (Kwa et al. 2025, arXiv
2503.14499), fitted by greatest likelihood; tasks of one family rise and fall together, so errors come from the spread between
families (the sandwich HC0 times G/(G-1)) as well as from independent attempts, and tasks that nobody doubts lend their family
nothing; where no curve exists (nothing failed, nothing solved, a clean cut between the two, success that does not fall with length)
there is a reason; sums are exactly rounded, so order changes no digit.

Left out: ridge regularisation, which pulls every curve towards a flat one and hides a clean cut; and what is read off the curve
(``evaluations.horizons``).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluations.estimate import Unestimable
from evaluations.exact_numbers import Given, exact_number, whole_count

Pair = tuple[float, float]

EVEN = Fraction(1, 2)  # the reliability of the headline horizon (Kwa et al. 2025); 80 % is the other usual one
FEWEST_LENGTHS = 3  # our choice: a curve through two lengths fits whatever happened, and nothing would tell a bad shape
MOST_STEPS = 200  # our choice: a fit takes about 8
UNSEEN = 1e-12  # our choice, relative: a loss of likelihood that is only its rounding
CLOSE = 1e-10  # our choice, relative: Newton's method doubles the digits, so after a step this small the last one stands
INFORMS = 0.1  # our choice: a task that says less than a tenth of what the most telling one says lends its family nothing
FEWEST_INFORMING = 121 / 101  # our choice: two families of which one says a tenth of what the other says


@dataclass(frozen=True)
class Task:
    """One task: how long a skilled person needs, and how many of its attempts passed.

    ``family`` names what makes tasks rise and fall together; with ``None`` the task is a family of its own. ``weight`` says how
    much the task counts in the fit.
    """

    human_minutes: Given
    successes: int
    attempts: int
    family: Hashable | None = None
    weight: Given = 1

    @classmethod
    def of_item(cls, human_minutes: Given, passes: int, attempts: int, family: Hashable | None = None) -> Task:
        """An item that counts once, however often it was tried (statistics a2): retried failures do not shorten the horizon."""
        tried = whole_count(attempts, "attempts")
        return cls(human_minutes, passes, attempts, family, 1 if isinstance(tried, Unestimable) or tried < 1 else Fraction(1, tried))


def _family(at: int, task: Task) -> tuple[str, Hashable]:
    return ("task", at) if task.family is None else ("family", task.family)


@dataclass(frozen=True)
class Errors:
    """Variances of the middle and of the fall of a curve, and their covariance."""

    middle: float
    both: float
    fall: float

    def of_logit(self, place: float) -> float:
        """Variance of the logit at a place along the lengths."""
        return max(0.0, self.middle + 2 * place * self.both + place * place * self.fall)  # below 0 by rounding alone

    def times(self, factor: float) -> Errors:
        """All of them, so many times as large."""
        return Errors(factor * self.middle, factor * self.both, factor * self.fall)


@dataclass(frozen=True)
class LengthCurve:
    """A fitted curve: logit of the chance of success = ``middle + fall * place``, with ``place = (log2(minutes) - centre) / reach``.

    ``modelled`` is the inverse of the information, which describes and takes a weight for a number of copies; ``independent`` are the
    errors if attempts were independent, whatever the weights (the two agree without any); ``clustered`` those from the spread
    between families (HC0 times G/(G-1)), ``None`` for a single family. ``informing`` says how many families of equal information
    would say as much (Kish 1965, Survey Sampling), without tasks whose p(1-p) is less than a tenth of the greatest; ``deciding`` are
    the last two errors, with and without those tasks and with n/(n-1) for the families that inform; empty if fewer than two do.
    """

    middle: float
    fall: float
    centre: float
    reach: float
    modelled: Errors
    independent: Errors
    clustered: Errors | None
    shortest: Fraction
    longest: Fraction
    tasks: int
    families: int
    informing: float
    deciding: tuple[Errors, ...]

    @property
    def intercept(self) -> float:
        """Logit of the chance to solve a task of one minute."""
        return self.middle - self.slope * self.centre

    @property
    def slope(self) -> float:
        """Change of that logit with each doubling of the length; below 0."""
        return self.fall / self.reach

    def place(self, reliability: Fraction = EVEN) -> float:
        """Where along the lengths the chance of success is ``reliability``."""
        return (logit(reliability) - self.middle) / self.fall

    def log2_minutes(self, place: float) -> float:
        """Logarithm to the base 2 of the minutes at a place."""
        return self.centre + self.reach * place

    def log2_horizon(self, reliability: Fraction = EVEN) -> float:
        """Logarithm to the base 2 of the horizon: (logit(p) - b0) / b1."""
        return self.log2_minutes(self.place(reliability))

    def log2_error(self, errors: Errors, reliability: Fraction = EVEN) -> float:
        """Its standard error by the delta method."""
        return self.reach * math.sqrt(errors.of_logit(self.place(reliability))) / -self.fall


def logit(reliability: Fraction) -> float:
    if not 0 < reliability < 1:
        raise ValueError(f"found the reliability {reliability}, expected a share between 0 and 1")
    return math.log(reliability / (1 - reliability))


def spoken(minutes: Fraction) -> str:
    return f"{float(minutes):g}"


def length_curve(tried: Sequence[Task]) -> LengthCurve | Unestimable:
    """Maximum-likelihood logistic curve of success over log2 of human minutes; counts are grouped, weights multiply the likelihood.

    Refuses: no task; minutes or a weight not above 0; counts that cannot be; all passed, all failed, or a clean cut between them,
    where no finite curve exists (Silvapulle 1981, JRSS B 43:310); fewer than three lengths (our choice); success that does not
    fall with length. Where everything up to some length was solved, that is the refusal's point: the horizon is not below it.
    """
    tasks = _read(tried)
    if isinstance(tasks, Unestimable):
        return tasks
    refused = _cut(tasks)
    if refused is not None:
        return refused
    lengths = {math.log2(task.human_minutes) for task in tasks}
    if len(lengths) < FEWEST_LENGTHS:
        words = f"the tasks have {len(lengths)} different lengths; a curve over length needs {FEWEST_LENGTHS}"
        return Unestimable("no_spread_along_the_axis", words)
    centre, reach = (max(lengths) + min(lengths)) / 2, (max(lengths) - min(lengths)) / 2
    points = [_Point((math.log2(task.human_minutes) - centre) / reach, task, _family(at, task)) for at, task in enumerate(tasks)]
    fitted = _fitted(points)
    if fitted is None:
        return Unestimable("overflow", "one length outweighs the others so far that no curve can be computed")
    middle, fall = fitted
    if fall >= -CLOSE:  # a fall that rounding may have made is none
        return Unestimable("does_not_fall_with_length", "longer tasks are solved as often as shorter ones or more often: no horizon")
    minutes = [Fraction(task.human_minutes) for task in tasks]
    families, (informing, deciding), errors = len({point.family for point in points}), _deciding(points, fitted), _errors(points, fitted)
    return LengthCurve(middle, fall, centre, reach, *errors, min(minutes), max(minutes), len(tasks), families, informing, deciding)


def _read(tasks: Sequence[Task]) -> list[Task] | Unestimable:
    """The tasks with exact numbers, or why they cannot be read."""
    read = []
    for task in tasks:
        minutes, weight = exact_number(task.human_minutes, "human minutes"), exact_number(task.weight, "a weight")
        passed, tried = whole_count(task.successes, "passed attempts"), whole_count(task.attempts, "attempts")
        if isinstance(minutes, Unestimable):
            return minutes
        if isinstance(weight, Unestimable):
            return weight
        if isinstance(passed, Unestimable):
            return passed
        if isinstance(tried, Unestimable):
            return tried
        if minutes <= 0 or weight <= 0:
            return Unestimable(
                "off_scale",
                f"found {spoken(minutes)} human minutes with the weight {spoken(weight)}, expected both above 0",
            )
        if not 0 < tried >= passed:
            return Unestimable("impossible_count", f"found {passed} passed of {tried} attempts, expected 0 to all of at least one")
        read.append(Task(minutes, passed, tried, task.family, weight))
    return read or Unestimable("no_observations", "no task was tried")


def _cut(tasks: Sequence[Task]) -> Unestimable | None:
    """One length that parts passes from failures (it may itself have both), where the best curve is a step (Silvapulle 1981)."""
    passed = [Fraction(task.human_minutes) for task in tasks if task.successes]
    failed = [Fraction(task.human_minutes) for task in tasks if task.successes < task.attempts]
    if not failed:
        words = f"every task up to {spoken(max(passed))} minutes solved: the horizon is beyond what was measured"
        return Unestimable("separated", words, max(passed))
    if not passed:
        return Unestimable(
            "separated", f"every task from {spoken(min(failed))} minutes on failed: the horizon is shorter than was measured"
        )
    if max(passed) < min(failed):
        words = f"every task up to {spoken(max(passed))} minutes solved and every one from {spoken(min(failed))} minutes on failed"
        return Unestimable("separated", f"{words}: the horizon lies between, and nothing says how surely", max(passed))
    if len({*passed, *failed}) > 1 and max(passed) == min(failed):
        words = f"every task shorter than {spoken(max(passed))} minutes solved and every longer one failed"
        return Unestimable("separated", f"{words}: the horizon lies about there, and nothing says how surely", max(passed))
    if len({*passed, *failed}) > 1 and max(failed) <= min(passed):
        words = (
            f"tasks shorter than {spoken(min(passed))} minutes failed and those longer than {spoken(max(failed))} were solved: no horizon"
        )
        return Unestimable("does_not_fall_with_length", words)
    return None


class _Point:
    """A task at its place along the lengths, in floats, with its share of the log-likelihood and its derivatives."""

    def __init__(self, place: float, task: Task, family: Hashable) -> None:
        self.place, self.family = place, family
        self.weight, self.passed, self.tried = float(task.weight), float(task.successes), float(task.attempts)

    def _chance(self, middle: float, fall: float) -> float:
        logit = middle + fall * self.place
        return 1 / (1 + math.exp(-logit)) if logit >= 0 else math.exp(logit) / (1 + math.exp(logit))

    def likelihood(self, middle: float, fall: float) -> float:
        """Its logarithm, without the constant."""
        logit = middle + fall * self.place
        return self.weight * (self.passed * logit - self.tried * (max(logit, 0.0) + math.log1p(math.exp(-abs(logit)))))

    def gradient(self, middle: float, fall: float) -> Pair:
        """Derivatives by middle and by fall."""
        residual = self.weight * (self.passed - self.tried * self._chance(middle, fall))
        return residual, residual * self.place

    def doubt(self, middle: float, fall: float) -> float:
        """Variance of one attempt: p(1-p)."""
        chance = self._chance(middle, fall)
        return chance * (1 - chance)

    def information(self, middle: float, fall: float) -> tuple[float, float, float]:
        """Its part of the upper triangle of the information matrix."""
        spread = self.weight * self.tried * self.doubt(middle, fall)
        return spread, spread * self.place, spread * self.place**2


def _summed(pairs: Sequence[Pair]) -> Pair:
    return math.fsum(one for one, _ in pairs), math.fsum(other for _, other in pairs)


def _information(points: Sequence[_Point], at: Pair) -> tuple[float, float, float]:
    parts = [point.information(*at) for point in points]
    return math.fsum(part[0] for part in parts), math.fsum(part[1] for part in parts), math.fsum(part[2] for part in parts)


def _solved(matrix: tuple[float, float, float], right: Pair) -> Pair:
    """Solution of the two equations with the symmetric matrix of that upper triangle."""
    first, cross, second = matrix
    determinant = first * second - cross * cross
    return (second * right[0] - cross * right[1]) / determinant, (first * right[1] - cross * right[0]) / determinant


def _errors(points: Sequence[_Point], at: Pair) -> tuple[Errors, Errors, Errors | None]:
    """The inverse of the information, and two sandwiches: over attempts, by their binomial variance, and over families."""
    information = _information(points, at)
    first, second = _solved(information, (1.0, 0.0)), _solved(information, (0.0, 1.0))
    alone, families = [], defaultdict(list)
    for point in points:
        root = math.sqrt(point.weight * point.information(*at)[0])
        alone.append(_solved(information, (root, root * point.place)))
        families[point.family].append(point.gradient(*at))
    moved = [_solved(information, _summed(each)) for each in families.values()]  # by how much each family moves the fit
    clustered = _squared(moved, len(moved) / (len(moved) - 1)) if len(moved) > 1 else None
    return Errors(first[0], first[1], second[1]), _squared(alone, 1.0), clustered


def _deciding(points: Sequence[_Point], at: Pair) -> tuple[float, tuple[Errors, ...]]:
    """Kish's number of families by information and the errors, of the tasks that inform.

    The yardstick is the most doubtful task, so no crowd of sure ones can lower it. Where a single length is in doubt, all are kept.
    """
    least, families = INFORMS * max(point.doubt(*at) for point in points), defaultdict(list)
    kept = [point for point in points if point.doubt(*at) >= least]
    for point in kept:
        families[point.family].append(point.information(*at)[0])
    known = [math.fsum(each) for each in families.values()]
    shares = [each / max(known) for each in known]  # squares of the information itself may lie beyond every float
    count = min(float(len(shares)), math.fsum(shares) ** 2 / math.fsum(share * share for share in shares))
    if count < FEWEST_INFORMING:
        return count, ()
    deciding: list[Errors] = []
    for used in (points, points if _singular(_information(kept, at)) else kept):
        (_, independent, clustered), groups = _errors(used, at), len({point.family for point in used})
        factor = count / (count - 1) * (groups - 1) / groups  # n/(n-1) in place of G/(G-1)
        deciding.extend([independent, (clustered or independent).times(factor)])
    return count, tuple(deciding)


def _singular(matrix: tuple[float, float, float]) -> bool:
    """Whether too few digits are left to divide by its determinant."""
    return matrix[0] * matrix[2] - matrix[1] ** 2 <= CLOSE * matrix[0] * matrix[2]


def _squared(moved: Sequence[Pair], factor: float) -> Errors:
    sums = (math.fsum(one * one for one, _ in moved), math.fsum(one * two for one, two in moved), math.fsum(two * two for _, two in moved))
    return Errors(*sums).times(factor)


def _fitted(points: Sequence[_Point]) -> Pair | None:
    """Middle and fall of greatest likelihood by Newton's method (iteratively reweighted least squares), a step halved while it loses."""
    at, likelihood = (0.0, 0.0), math.fsum(point.likelihood(0.0, 0.0) for point in points)
    for _ in range(MOST_STEPS):
        information = _information(points, at)
        if _singular(information):
            return None
        step = _solved(information, _summed([point.gradient(*at) for point in points]))
        reached, share = (at[0] + step[0], at[1] + step[1]), 1.0
        least = likelihood - UNSEEN * abs(likelihood)
        while (found := math.fsum(point.likelihood(*reached) for point in points)) < least and share > CLOSE:
            share /= 2
            reached = at[0] + share * step[0], at[1] + share * step[1]
        at, likelihood = reached, found
        if max(map(abs, step)) <= CLOSE * (1 + max(map(abs, at))):
            return at
    return None
