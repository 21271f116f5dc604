"""One ``Flip`` made true: the case as it would be. Numbers are changed in ``changes``, judgements in ``judgement_changes``, the rest here.

The rule kept here: what a flip says is all that is needed to make it true, so that anybody can try it.

Left out: flips that only say what is needed (another evaluation, a usable score): nobody can say what it would give.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from decimal import Decimal

from evaluations.records import SpreadKind
from evaluations.trials import DropAnswer
from thresholds.citation import Basis
from thresholds.criterion import Bar, ScoreCriterion, UpliftCriterion
from thresholds.flips import changes, judgement_changes
from thresholds.flips.deciding import Case, changed
from thresholds.flips.records import DOES_IT, Flip, FlipKind
from thresholds.lifecycles import WEAKENING

BETWEEN = "/"  # between the two snapshots of a drop


def applied(flips: Iterable[Flip], case: Case) -> Case:
    """Return the case with every flip that does something made true, in their order."""
    for flip in flips:
        if flip.reach in DOES_IT or (flip.kind in STATEMENTS and flip.then is None):
            case = APPLY[flip.kind](flip, case)
    return case


def _number(flip: Flip) -> int:
    assert flip.then is not None
    return int(flip.then)


def _variant(flip: Flip) -> str:
    assert flip.variant is not None
    return flip.variant


def _interval(flip: Flip, case: Case) -> Case:
    assert flip.then is not None
    end = math.nextafter(flip.then, -math.inf if case.rises else math.inf)
    return changes.with_interval(case, _variant(flip), end, 1 - 2 * case.levels.rule_out)


def _point(flip: Flip, case: Case) -> Case:
    assert flip.then is not None
    return changes.with_point(case, _variant(flip), Decimal(repr(flip.then)))


def _passes(flip: Flip, case: Case) -> Case:
    assert flip.then is not None
    return changes.with_passes(case, _variant(flip), Decimal(repr(flip.then)))


def _missing(flip: Flip, case: Case) -> Case:
    assert flip.now is not None
    return changes.with_missing_run(case, _variant(flip), _number(flip), int(flip.now))


def _spread(flip: Flip, case: Case) -> Case:
    assert flip.subject is not None
    said = changes.with_spread_meaning(case, _variant(flip), SpreadKind(flip.subject))
    return said if flip.then is None else changes.with_count(said, _variant(flip), _number(flip))


def _answered(flip: Flip, case: Case) -> Case:
    assert flip.subject is not None
    before, after = flip.subject.split(BETWEEN)
    answer = DropAnswer(
        slug=f"supposed-{len(case.evidence.drop_answers)}",
        model=case.evidence.model.slug,
        evaluation=case.criterion.evaluation,
        version=case.criterion.version,
        before=before,
        after=after,
        by="somebody",
        words="supposed to be explained",
        source="supposed",
    )
    return case.with_evidence(drop_answers=(*case.evidence.drop_answers, answer))


def _harder(case: Case) -> Case:
    return case.with_criterion(lifecycle=tuple(each for each in case.criterion.lifecycle if each.status not in WEAKENING))


def _standing(case: Case) -> Case:
    return case.with_criterion(from_on=None, until_on=None, earlier=())


def _barred(flip: Flip, case: Case) -> Case:
    """Return the case with the rule-out bar just beyond ``then`` in the direction of risk, or at it where ``subject`` says so.

    The rule-in bar goes with it where it would else be passed, and where one bar was both.
    """
    criterion = case.criterion
    assert isinstance(criterion, ScoreCriterion | UpliftCriterion)
    assert flip.then is not None
    at = flip.then if flip.subject == AT else math.nextafter(flip.then, math.inf if case.rises else -math.inf)
    which = "rule_in" if flip.subject == RULE_IN else "rule_out"
    standing = criterion.bars_on(case.evidence.recorded_at.date())
    assert standing is not None
    moved = _bar(at)
    if which == "rule_in":
        return _standing(case).with_criterion(rule_out=standing[0] if standing[1] else moved, rule_in=moved)
    into = standing[1]
    finding = case.finding()
    passed = into is not None and finding.rule_in is not None and (at > finding.rule_in if case.rises else at < finding.rule_in)
    return _standing(case).with_criterion(rule_out=moved, rule_in=None if passed else into)


AT = "at"
RULE_IN = "rule_in"


def _bar(value: float) -> Bar:
    bar = Bar(value=Decimal(0), words="supposed", citation="supposed", basis=Basis.OUR_ASSUMPTION)
    return changed(bar, {"value": Decimal(value)})  # every digit of the float: its shortest text may lie on the other side of it


APPLY: dict[FlipKind, Callable[[Flip, Case], Case]] = {
    FlipKind.MORE_ITEMS: lambda flip, case: changes.over(case, _variant(flip), _number(flip)),
    FlipKind.LARGER_SET: lambda flip, case: changes.over_a_larger_set(case, _number(flip)),
    FlipKind.MORE_PARTICIPANTS: lambda flip, case: changes.with_people(case, _variant(flip), _number(flip)),
    FlipKind.STATED_COUNT: lambda flip, case: changes.with_count(case, _variant(flip), _number(flip)),
    FlipKind.STATED_SPREAD: _spread,
    FlipKind.STATED_INTERVAL: _interval,
    FlipKind.PASSES: _passes,
    FlipKind.POINT: _point,
    FlipKind.MISSING_RUN: _missing,
    FlipKind.WHOLE_RUN: lambda flip, case: changes.with_whole_run(case, _variant(flip)),
    FlipKind.DROP_ANSWER: _answered,
    FlipKind.SIGN_OFF: judgement_changes.with_signature,
    FlipKind.JUDGEMENT: lambda _, case: judgement_changes.with_judgement(case),
    FlipKind.SUPERSEDED_JUDGEMENT: judgement_changes.with_correction,
    FlipKind.HARDER_EVALUATION: lambda _, case: _harder(case),
    FlipKind.BAR_IN_FORCE: lambda _, case: _standing(case),
    FlipKind.BAR: _barred,
}
STATEMENTS = frozenset({FlipKind.HARDER_EVALUATION, FlipKind.BAR_IN_FORCE})
"""What can be supposed though nobody knows what it would give: the rest of the way is then asked for as well."""
