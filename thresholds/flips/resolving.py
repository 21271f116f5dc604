"""Every way found to change the finding on one criterion: more evidence, another result, another bar.

The rules kept here: what stands in the way of a rule-out is taken away piece by piece, and after all pieces the finding is made again; what
cannot be taken away stays in the list, with the word that says so, and the way then ends where the rest alone leads. A ruled-out or crossed
finding is asked the other way round: how little would take it away.

Left out: how criteria combine (``combinations``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from evaluations.evidence import ModelEvidence
from evaluations.records import RunStatus, Thinking
from thresholds.criteria_set import CriteriaSet
from thresholds.criterion import QualitativeCriterion, ScoreCriterion, UnquantifiedCriterion
from thresholds.finding_records import AlarmState, Finding, VariantFinding
from thresholds.flips import changes
from thresholds.flips.applying import AT, BETWEEN, RULE_IN, applied
from thresholds.flips.deciding import Case, case_of
from thresholds.flips.judgement_changes import judgement_flips, uncrossing_flips
from thresholds.flips.numbers_needed import MOST_COUNTED, more_evidence, sized, unit_of
from thresholds.flips.records import DOES_IT, Direction, FindingFlips, Flip, FlipKind, Reach, Way
from thresholds.flips.searching import largest, least
from thresholds.lifecycles import weakened
from thresholds.outcomes import Compared, FindingOutcome, SubLabel, VerdictOutcome
from thresholds.variant_findings import takes_part

RULED_OUT, CROSSED = VerdictOutcome.RULED_OUT, VerdictOutcome.CROSSED
HOPELESS = frozenset({Reach.NEVER, Reach.BEYOND})
RESULTS = frozenset({FlipKind.PASSES, FlipKind.POINT, FlipKind.SUPERSEDED_JUDGEMENT})
MOST_ROUNDS = 4  # our choice: what the first round uncovers (a drop, a larger set) is taken away in the next ones


def finding_flips(finding: Finding, criteria: CriteriaSet, evidence: ModelEvidence) -> FindingFlips:
    """Return what would change the finding on one criterion; of one made of others, only what its parts cannot."""
    if finding.parts:
        ways = _of_a_whole(finding, criteria, evidence)
    else:
        case = case_of(finding, criteria, evidence)
        ways = () if case is None else tuple(_ways(case, finding))
    return FindingFlips(criterion=finding.criterion, level=finding.level, verdict=finding.verdict, ways=ways)


def _of_a_whole(finding: Finding, criteria: CriteriaSet, evidence: ModelEvidence) -> tuple[Way, ...]:
    """Return what a criterion made of others needs beside its parts: to be no longer saturated or retired."""
    if finding.verdict is RULED_OUT or not weakened(criteria.criterion(finding.criterion).lifecycle, evidence.recorded_at.date()):
        return ()
    flip = Flip(kind=FlipKind.HARDER_EVALUATION, criterion=finding.criterion, reach=Reach.NEEDED)
    now = finding.verdict
    return (Way(criterion=finding.criterion, by=Direction.MORE_EVIDENCE, verdict_from=now, verdict_to=now, flips=(flip,)),)


def _ways(case: Case, finding: Finding) -> Iterator[Way]:
    if finding.verdict is RULED_OUT:
        yield from _losing(case, finding)
        return
    if finding.verdict is CROSSED:
        yield from _uncrossing(case, finding)
    yield from _more(case, finding)
    other = _by(case, finding, Direction.OTHER_RESULT, _blocks(case, finding, Direction.OTHER_RESULT))
    results = any(each.kind in RESULTS for each in other.flips)
    if results and other.verdict_to is RULED_OUT and other.reach not in HOPELESS:
        yield other
    yield from _higher_bar(case, finding)


# ----------------------------------------------------------------------------------------------------------------- to rule out


def _more(case: Case, finding: Finding) -> Iterator[Way]:
    """Yield the way by more evidence; where one thing alone stands in the way, every alternative for it."""
    first = _blocks(case, finding, Direction.MORE_EVIDENCE)
    if len(first) == 1 and len(first[0]) > 1:
        for flip in first[0]:
            yield _way(case, finding, Direction.MORE_EVIDENCE, [flip])
        return
    yield _by(case, finding, Direction.MORE_EVIDENCE, first)


def _by(case: Case, finding: Finding, by: Direction, first: Sequence[Sequence[Flip]]) -> Way:
    """Return the way that takes away, round after round, whatever stands between the finding and a rule-out."""
    flips: list[Flip] = []
    told: set[tuple[FlipKind, str | None, str | None]] = set()
    state, now, blocks = case, finding, first
    for _ in range(MOST_ROUNDS):
        fresh = [each[0] for each in blocks if (each[0].kind, each[0].variant, each[0].subject) not in told]
        fresh = _joined(fresh, state)
        told.update((each.kind, each.variant, each.subject) for each in fresh)
        flips += fresh
        if not fresh:
            break
        state = applied(fresh, state)
        now = state.finding()
        if now.verdict is RULED_OUT or any(each.reach in HOPELESS for each in flips):
            break
        blocks = _blocks(state, now, by)
    return _told(case, finding, by, flips, now.verdict)


def _way(case: Case, finding: Finding, by: Direction, flips: Sequence[Flip]) -> Way:
    return _told(case, finding, by, flips, applied(flips, case).verdict())


def _told(case: Case, finding: Finding, by: Direction, flips: Sequence[Flip], verdict: VerdictOutcome) -> Way:
    """Return the way, its verdict being what was decided with everything in it made true."""
    return Way(criterion=case.slug, by=by, verdict_from=finding.verdict, verdict_to=verdict, flips=tuple(flips))


def _joined(flips: Sequence[Flip], case: Case) -> list[Flip]:
    """Return flips with all that ask for more items than the version has as one: a larger set is larger for every variant."""
    size = None if not isinstance(case.criterion, ScoreCriterion) else case.version.item_count
    if size is None:
        return list(flips)
    over = [each for each in flips if each.kind is FlipKind.MORE_ITEMS and each.reach in DOES_IT and (each.then or 0) > size]
    missing = [each.now for each in flips if each.kind is FlipKind.MISSING_RUN and each.reach in DOES_IT and (each.now or 0) > size]
    if not over and not missing:
        return list(flips)
    reach = Reach.ABOUT if any(each.reach is Reach.ABOUT for each in over) else Reach.EXACT
    most = max([each.then or 0 for each in over] + [each or 0 for each in missing])
    larger = Flip(kind=FlipKind.LARGER_SET, criterion=case.slug, now=size, then=most, unit=unit_of(case), reach=reach)
    return [*(each for each in flips if each not in over), larger]


def _blocks(case: Case, finding: Finding, by: Direction) -> list[list[Flip]]:
    """Return what stands in the way of a rule-out, each with the flips of which one takes it away, the first one first."""
    if isinstance(case.criterion, QualitativeCriterion):
        return [[each] for each in judgement_flips(case, finding, by)]
    if isinstance(case.criterion, UnquantifiedCriterion):
        return [[Flip(kind=FlipKind.NUMERIC_BAR, criterion=case.slug, reach=Reach.NEEDED)]]
    if finding.rule_out is None:
        return [[Flip(kind=FlipKind.BAR_IN_FORCE, criterion=case.slug, reach=Reach.NEEDED)]]
    rows = [row for row in finding.variants if takes_part(row) and row.verdict is not RULED_OUT]
    rows = [row for row in rows if row.sub_label is not SubLabel.SATURATED]
    blocks = _of_rows(case, finding, [row for row in rows if row.value is not None], by)
    blocks += [[each] for each in _missing(case, finding, rows)]
    if any(row.sub_label is SubLabel.SATURATED for row in finding.variants):
        blocks.append([Flip(kind=FlipKind.HARDER_EVALUATION, criterion=case.slug, reach=Reach.NEEDED)])
    for alarm in finding.alarms:
        if alarm.state is AlarmState.OPEN:
            pair = f"{alarm.before}{BETWEEN}{alarm.after}"
            blocks.append([Flip(kind=FlipKind.DROP_ANSWER, criterion=case.slug, subject=pair, reach=Reach.EXACT)])
    return blocks


def _of_rows(case: Case, finding: Finding, rows: Sequence[VariantFinding], by: Direction) -> list[list[Flip]]:
    """Return the flips of every measured variant that is in the way, the one whose interval reaches furthest first."""
    blocks: list[list[Flip]] = []
    size = case.version.item_count if isinstance(case.criterion, ScoreCriterion) else None
    enough = 0  # a set that is enlarged for one variant is enlarged for all, so only more than that has to be looked for
    ordered = sorted(rows, key=lambda each: _furthest(each, rises=case.rises), reverse=True)
    hopeless = [row for row in ordered if row.outcome_by_point in (FindingOutcome.BETWEEN, FindingOutcome.ABOVE)]
    for row in hopeless if hopeless and by is Direction.MORE_EVIDENCE else ordered:  # beside one that nothing helps, no other is counted
        if row.status is RunStatus.PARTIAL:
            blocks.append([_whole(case, finding, row)])
        elif by is Direction.OTHER_RESULT:
            blocks.append([_safer(case, finding, row)])
        else:
            found = more_evidence(case, finding, row, enough)
            if size is not None and found[0].kind is FlipKind.MORE_ITEMS and found[0].reach in DOES_IT:
                enough = max(enough, int(found[0].then or 0))
            blocks.append(found)
    return blocks


def _furthest(row: VariantFinding, *, rises: bool) -> float:
    end = row.high if rises else row.low
    return float("-inf") if end is None else end if rises else -end


def _whole(case: Case, finding: Finding, row: VariantFinding) -> Flip:
    """Return the flip of finishing a partial run; whether that rules it out is decided at the share it has."""
    alone = changes.with_whole_run(case.alone(row.variant, finding.corrected_for), row.variant)
    short = row.outcome_by_point is not FindingOutcome.BELOW
    reach = Reach.EXACT if alone.verdict() is RULED_OUT else Reach.NEVER if short else Reach.ABOUT  # finished, it still needs more
    run = case.run_of(row.variant)
    known = None if run is None else changes.count_of(case, row.variant)
    return Flip(kind=FlipKind.WHOLE_RUN, criterion=case.slug, variant=row.variant, now=known, unit=unit_of(case), reach=reach)


def _missing(case: Case, finding: Finding, rows: Sequence[VariantFinding]) -> Iterator[Flip]:
    """Yield a flip for every variant without a usable score. A run that gave nothing, or is partial, is not named as missing too."""
    begun = [row for row in rows if case.run_of(row.variant) is not None and (row.value is None or row.status is RunStatus.PARTIAL)]
    for row in rows:
        if row.value is not None:
            continue
        modes = {each.thinking for each in begun if each.snapshot == row.snapshot}
        if case.run_of(row.variant) is None and (row.thinking in modes or (modes and row.thinking is Thinking.NOT_STATED)):
            continue
        yield _allowed(case, finding, Flip(kind=FlipKind.MISSING_RUN, criterion=case.slug, variant=row.variant, reach=Reach.NEEDED))


def _allowed(case: Case, finding: Finding, flip: Flip) -> Flip:
    """Return how many passes a missing run may have, over as many items as the others or the fewest that can rule out at all."""
    score = isinstance(case.criterion, ScoreCriterion) and case.criterion.success_at is None
    if not score or case.version.scale_low is None or case.version.scale_high is None or flip.variant is None:
        return flip
    counts = [count for row in finding.variants if row.method is not None and (count := changes.count_of(case, row.variant))]
    items = case.version.item_count or max(counts, default=0)
    bare, name = (
        case.with_evidence(runs=(), plans=()).supplied(),
        flip.variant if case.run_of(flip.variant) is None else _planned(case, flip),
    )

    def holds(risky: int, of: int) -> bool:
        passed = risky if case.rises else of - risky
        return changes.with_missing_run(sized(bare, of), name, passed, of).verdict() is RULED_OUT

    risky = largest(lambda each: holds(each, items), items + 1) if items else None
    if risky is None:
        found = least(lambda n: holds(0, n), items, MOST_COUNTED)
        if found is None:
            return flip
        items, risky = found, 0
    passed = risky if case.rises else items - risky
    return flip.but({"now": items, "then": passed, "unit": unit_of(case), "reach": Reach.EXACT})


def _planned(case: Case, flip: Flip) -> str:
    """Return the name under which a run that gave nothing would be missing."""
    assert flip.variant is not None
    run = case.run_of(flip.variant)
    assert run is not None
    return f"{run.snapshot or 'not-stated'}/{run.thinking.value}"


# ------------------------------------------------------------------------------------------------------------- another result


def _safer(case: Case, finding: Finding, row: VariantFinding) -> Flip:
    """Return the riskiest result of the same size that would still be ruled out, if one is."""
    alone = case.alone(row.variant, finding.corrected_for)
    if row.comparable == "same_key":
        return _edge(alone, row, lambda one: one.verdict() is RULED_OUT)
    return _edge(alone, row, lambda one: one.verdict().risk < VerdictOutcome.NOT_RULED_OUT.risk)  # of another key: no longer blocks


def _edge(alone: Case, row: VariantFinding, holds: object) -> Flip:
    """Return the riskiest result for which ``holds``: of passes the most, of a printed value the last on its own grid of digits."""
    assert callable(holds)
    flip = Flip(kind=FlipKind.PASSES, criterion=alone.slug, variant=row.variant, reach=Reach.NEEDED)
    passes = None if alone.trial_of(row.variant) else changes.passes_of(alone, row.variant)
    if passes is not None:
        passed, of = passes
        run = alone.run_of(row.variant)
        loose = run is not None and bool(run.items) and alone.score_of(row.variant) is None and not changes.is_counted_singly(run)
        told = flip.but({"now": float(passed), "unit": f"of {of} attempts" if loose else f"of {of}"})

        def result(risky: int) -> Case:
            return changes.with_passes(alone, row.variant, risky if alone.rises else of - risky)

        risky = largest(lambda each: holds(result(each)), of + 1)
        if risky is None:
            return told.but({"reach": Reach.NEVER})
        return told.but({"then": risky if alone.rises else of - risky, "reach": Reach.ABOUT if loose else Reach.EXACT})
    return _edge_point(alone, row, holds, flip.but({"kind": FlipKind.POINT, "now": row.value}))


def _edge_point(alone: Case, row: VariantFinding, holds: object, flip: Flip) -> Flip:
    assert callable(holds)
    score, trial = alone.score_of(row.variant), alone.trial_of(row.variant)
    arms = [] if trial is None or len(trial.cohorts) > 1 else [each for each in trial.cohorts[0].arms if each.kind.value == "model"]
    value = score.value if score is not None else arms[0].mean if arms else None
    low, high = alone.version.scale_low, alone.version.scale_high
    if value is None or low is None or high is None:
        return flip
    step = min(Decimal(1).scaleb(int(value.as_tuple().exponent)), (high - low) / 100)  # as printed, or at least a hundredth of the scale

    def result(risky: int) -> Case:
        return changes.with_point(alone, row.variant, low + step * risky if alone.rises else high - step * risky)

    risky = largest(lambda each: _possible(result(each), holds), int((high - low) / step) + 1)
    now = float(value)
    if risky is None:
        return flip.but({"now": now, "reach": Reach.NEVER})
    then = low + step * risky if alone.rises else high - step * risky
    return flip.but({"now": now, "then": float(then), "reach": Reach.EXACT})


def _possible(case: Case, holds: object) -> bool:
    assert callable(holds)
    try:
        return bool(holds(case))
    except ValueError:  # a value off its scale is no result
        return False


# ------------------------------------------------------------------------------------------------- losing a rule-out or a crossing


def _losing(case: Case, finding: Finding) -> Iterator[Way]:
    """Yield how little would take a rule-out away: a riskier result of the variant that decides, or a bar."""
    if isinstance(case.criterion, QualitativeCriterion) or finding.deciding_variant is None:
        return
    yield from _next_result(case, finding, Direction.OTHER_RESULT)
    ends = [_held(row, finding, rises=case.rises) for row in finding.variants if takes_part(row)]
    known = [each for each in ends if each is not None]
    if known and len(known) == len(ends):
        then = max(known) if case.rises else min(known)
        yield from _barred_way(case, finding, Flip(kind=FlipKind.BAR, criterion=case.slug, subject=AT, then=then, reach=Reach.EXACT))


def _next_result(case: Case, finding: Finding, by: Direction) -> Iterator[Way]:
    """Yield the nearest result of the deciding variant that is no longer decided as it is: one step beyond the last that is."""
    row = next(each for each in finding.variants if each.variant == finding.deciding_variant)
    alone = case.alone(row.variant, finding.corrected_for)
    stands = alone.verdict()
    losing = finding.verdict is RULED_OUT
    edge = _edge(alone, row, (lambda one: one.verdict() is stands) if losing else (lambda one: one.verdict() is not stands))
    if edge.then is None or edge.reach not in DOES_IT:
        return
    then = edge.then
    if losing:
        step = 1.0 if edge.kind is FlipKind.PASSES else _step(alone, row)
        then = round(then + (step if case.rises else -step), 12)
    flip = edge.but({"then": then})
    try:
        way = _way(case, finding, by, [flip])
    except ValueError:  # the scale ends here
        return
    if way.verdict_to is not finding.verdict:
        yield way


def _step(alone: Case, row: VariantFinding) -> float:
    score, trial = alone.score_of(row.variant), alone.trial_of(row.variant)
    value = score.value if score is not None else None
    if trial is not None:
        value = next(each.mean for each in trial.cohorts[0].arms if each.kind.value == "model")
    low, high = alone.version.scale_low, alone.version.scale_high
    assert value is not None
    assert low is not None
    assert high is not None
    return float(min(Decimal(1).scaleb(int(value.as_tuple().exponent)), (high - low) / 100))


def _held(row: VariantFinding, finding: Finding, *, rises: bool) -> float | None:
    """Return what of a variant is held against the rule-out bar."""
    return row.value if finding.compared is Compared.POINT else row.high if rises else row.low


def _uncrossing(case: Case, finding: Finding) -> Iterator[Way]:
    """Yield how little would take a crossing away."""
    if isinstance(case.criterion, QualitativeCriterion):
        yield _way(case, finding, Direction.OTHER_RESULT, uncrossing_flips(case))
        return
    if finding.deciding_variant is None:
        return
    if len(finding.crossed_variants) <= 1:
        yield from _next_result(case, finding, Direction.OTHER_RESULT)
    ends = [row.value if finding.compared is Compared.POINT else row.rule_in_low for row in finding.variants if takes_part(row)]
    turned = [each for each in ends if each is not None]
    if finding.riskier_when is not None and turned and case.rises:  # downward, the record holds the corrected lower bound the same way
        flip = Flip(kind=FlipKind.BAR, criterion=case.slug, subject=RULE_IN, then=max(turned), reach=Reach.EXACT)
        yield from _barred_way(case, finding, flip)
    elif turned:
        flip = Flip(kind=FlipKind.BAR, criterion=case.slug, subject=RULE_IN, then=min(turned), reach=Reach.EXACT)
        yield from _barred_way(case, finding, flip)


def _higher_bar(case: Case, finding: Finding) -> Iterator[Way]:
    """Yield the bar beyond which the finding would be ruled out, where its numbers alone stand in the way."""
    if finding.rule_out is None:
        return
    ends = [_held(row, finding, rises=case.rises) for row in finding.variants if takes_part(row)]
    known = [each for each in ends if each is not None]
    if not known or len(known) < len(ends):
        return
    then = max(known) if case.rises else min(known)
    yield from _barred_way(case, finding, Flip(kind=FlipKind.BAR, criterion=case.slug, then=then, reach=Reach.EXACT))


def _barred_way(case: Case, finding: Finding, flip: Flip) -> Iterator[Way]:
    """Yield the way by a bar, if it can stand there and does it."""
    assert flip.then is not None
    if finding.scale_high is not None and not (finding.scale_low or 0) <= flip.then <= finding.scale_high:
        return
    try:
        way = _way(case, finding, Direction.OTHER_BAR, [flip])
    except ValueError:  # the bar would lie off its scale
        return
    if way.verdict_to is not finding.verdict:
        yield way
