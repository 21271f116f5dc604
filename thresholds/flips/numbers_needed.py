"""How much more evidence one variant needs before it is ruled out at the point it has: items, trials, participants, a stated count.

The rules kept here: a point on the side of risk is ruled out by no number of further observations, and that is the answer; a search that
finds nothing says how far it went; of a count whose share is whole passes, the least is meant from which on every number does.

Left out: variants without any point, and what is missing beside the numbers (``resolving``).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from evaluations.records import Sampling, SpreadKind
from evaluations.trials import UpliftTrial
from thresholds.finding_records import Finding, VariantFinding
from thresholds.flips import changes
from thresholds.flips.applying import applied
from thresholds.flips.deciding import Case, changed
from thresholds.flips.records import Flip, FlipKind, Reach
from thresholds.flips.searching import least, least_lasting
from thresholds.outcomes import FindingOutcome, SubLabel, VerdictOutcome

MOST_COUNTED = 100_000  # our choice: items or people of a count; more than anybody measures
MOST_COPIED = 4_000  # our choice: items in clusters, judged one by one; keeps the whole command at a few seconds
MEANINGS = (SpreadKind.STANDARD_DEVIATION, SpreadKind.STANDARD_ERROR, SpreadKind.INTERVAL_HALF_WIDTH)
RULED_OUT = VerdictOutcome.RULED_OUT


def more_evidence(case: Case, finding: Finding, row: VariantFinding, enough: int = 0) -> list[Flip]:
    """Return what would rule this variant out at its point, each flip another way; at least one, if only to say that nothing does.

    ``enough`` is a number of items that is wanted anyway: where it does, no lower one is looked for.
    """
    blank = Flip(kind=FlipKind.MORE_ITEMS, criterion=case.slug, variant=row.variant, reach=Reach.NEEDED)
    alone = case.alone(row.variant, finding.corrected_for)
    trial = case.trial_of(row.variant)
    if trial is not None:
        return list(_of_trial(alone, trial, row, blank))
    if row.comparable != "same_key" or case.run_of(row.variant) is None:
        reach = Reach.NEVER if row.verdict is VerdictOutcome.NOT_RULED_OUT else Reach.NEEDED
        return [blank.but({"kind": FlipKind.USABLE_SCORE, "reach": reach})]
    if row.outcome_by_point is not FindingOutcome.BELOW:
        return [blank.but({"reach": Reach.NEVER, "unit": unit_of(case), "now": changes.count_of(case, row.variant)})]
    if row.method is None:
        return list(_of_point(alone, row, blank))
    score = alone.score_of(row.variant)
    if score is not None and score.spread_kind is SpreadKind.UNSPECIFIED:
        return [_meant(alone, row.variant, meaning, blank, changes.count_of(alone, row.variant) or 0) for meaning in MEANINGS]
    return [_of_run(alone, row, blank, enough)]


def unit_of(case: Case) -> str:
    """Return what is counted: trials of one task, or items."""
    return "trials" if case.version.sampling is Sampling.TRIALS_OF_ONE_TASK else "items"


def _of_run(alone: Case, row: VariantFinding, blank: Flip, enough: int) -> Flip:
    """Return how many items a run with an interval needs."""
    known = changes.count_of(alone, row.variant)
    run = alone.run_of(row.variant)
    assert run is not None
    if known is None:
        return blank  # more of them, and nobody says how many there were
    counted = changes.as_count(alone, row.variant)
    if counted is not None and not _same(counted, alone):
        counted = None
    score = alone.score_of(row.variant)
    told = blank.but({"now": known, "unit": unit_of(alone)})
    if enough > known and enough % known == 0 and _holds_over(alone, row.variant, enough):
        return _found(told, enough, MOST_COUNTED, Reach.ABOUT)
    if score is None and counted is None:
        return _copied(alone, row, told)
    source = alone if counted is None else counted
    passes = changes.passes_of(source, row.variant)
    whole = passes is not None and passes[1] == known and passes[0] == passes[0].to_integral_value()
    if whole and passes is not None:
        share = Fraction(passes[0]) / passes[1]
        risky = share if alone.rises else 1 - share
        found = least_lasting(lambda n, of: _holds_counted(source, row.variant, n, of), risky, known, MOST_COUNTED)
    else:
        found = least(lambda n: _holds_over(source, row.variant, n), known, MOST_COUNTED)
    scaled = score is not None and (score.spread is not None or score.low is not None)
    return _found(told, found, MOST_COUNTED, Reach.ABOUT if scaled else Reach.EXACT)


def _found(flip: Flip, found: int | None, most: int, reach: Reach) -> Flip:
    return flip.but({"then": found or most, "reach": reach if found else Reach.BEYOND})


def _same(one: Case, other: Case) -> bool:
    """Say whether two cases have the same interval."""
    first, second = one.finding(), other.finding()
    return (first.low, first.high, first.verdict) == (second.low, second.high, second.verdict)


def sized(case: Case, items: int) -> Case:
    """Return the case with an evaluation version that has at least so many items."""
    size = case.version.item_count
    return case if size is None or size >= items else case.with_version(item_count=items)


def _holds_over(case: Case, variant: str, items: int) -> bool:
    return changes.over(sized(case, items), variant, items).verdict() is RULED_OUT


def _holds_counted(case: Case, variant: str, items: int, risky: Fraction) -> bool:
    """Say whether so many risky outcomes of so many are ruled out; a fraction of one is rounded towards risk."""
    within = sized(case, items)
    run, score = within.run_of(variant), within.score_of(variant)
    assert run is not None
    assert score is not None
    passed = risky if case.rises else items - risky
    exact = Decimal(passed.numerator) / Decimal(passed.denominator)
    if passed.denominator != 1:
        exact = min(max(exact.quantize(changes.DIGITS), Decimal(0)), Decimal(items))
    counts = {"passed": exact, "trials": items, "items": None if score.items is None else items, "value": None, "as_printed": None}
    made = changed(score, counts)
    return within.with_run(changed(run, {"scores": (made,)})).verdict() is RULED_OUT


def _copied(alone: Case, row: VariantFinding, flip: Flip) -> Flip:
    """Return how many items are needed where they only come in multiples of what was measured."""
    known = int(flip.now or 1)
    most = max(MOST_COPIED // known, 2)
    if not _holds_over(alone, row.variant, most * known):
        return _found(flip, None, most * known, Reach.ABOUT)
    low, high = 1, most
    guess = _guessed(row, alone)
    if 1 < guess < most:
        low, high = (low, guess) if _holds_over(alone, row.variant, guess * known) else (guess, high)
    while high - low > 1:
        middle = min((low + high) // 2, 2 * low)
        low, high = (low, middle) if _holds_over(alone, row.variant, middle * known) else (middle, high)
    return _found(flip, high * known, most * known, Reach.ABOUT)


def _guessed(row: VariantFinding, alone: Case) -> int:
    """Return where to look first: an interval shrinks with the root of the number. Only the order of the search depends on it."""
    finding = alone.finding()
    far = row.high if alone.rises else row.low
    if far is None or row.value is None or finding.rule_out is None or finding.rule_out == row.value:
        return 0
    return int(((far - row.value) / (finding.rule_out - row.value)) ** 2) + 1


def _of_point(alone: Case, row: VariantFinding, blank: Flip) -> Iterator[Flip]:
    """Yield what a source with a point below the bar and no interval would have to print."""
    score, finding = alone.score_of(row.variant), alone.finding()
    if score is None or score.value is None or finding.rule_out is None:
        yield blank.but({"kind": FlipKind.USABLE_SCORE})
        return
    interval = blank.but({"kind": FlipKind.STATED_INTERVAL, "then": finding.rule_out, "reach": Reach.EXACT})
    printed = applied([interval], alone).verdict() is RULED_OUT
    if printed:
        yield interval
    found = least(lambda n: changes.with_count(alone, row.variant, n).verdict() is RULED_OUT, 0, MOST_COUNTED)
    if found is not None:
        yield blank.but({"kind": FlipKind.STATED_COUNT, "unit": unit_of(alone), "then": found, "reach": Reach.EXACT})
    if not printed and found is None:
        yield blank.but({"kind": FlipKind.USABLE_SCORE})


def _of_trial(alone: Case, trial: UpliftTrial, row: VariantFinding, blank: Flip) -> Iterator[Flip]:
    """Yield what a trial needs: more people, or what its source left out about those it had."""
    people = changes.people_of(trial)
    flip = blank.but({"kind": FlipKind.MORE_PARTICIPANTS, "now": people, "unit": PEOPLE})
    if row.outcome_by_point is not FindingOutcome.BELOW or row.sub_label is SubLabel.ONE_COHORT_CROSSES:
        yield flip.but({"reach": Reach.NEVER})
        return
    arms = [arm for cohort in trial.cohorts for arm in cohort.arms]
    if any(arm.spread_kind is SpreadKind.UNSPECIFIED for arm in arms):
        yield from (_meant(alone, row.variant, meaning, blank, people) for meaning in MEANINGS)
    elif people is None:
        found = least(lambda n: changes.with_count(alone, row.variant, n).verdict() is RULED_OUT, 1, MOST_COUNTED)
        yield _found(flip.but({"kind": FlipKind.STATED_COUNT}), found, MOST_COUNTED, Reach.EXACT)
    elif any(arm.participants for arm in arms):
        yield _copied_people(alone, row.variant, flip, people)
    else:
        found = least(lambda n: changes.with_people(alone, row.variant, n).verdict() is RULED_OUT, people, MOST_COUNTED)
        scaled = any(arm.spread_kind in changes.SHRINKING for arm in arms)
        yield _found(flip, found, MOST_COUNTED, Reach.ABOUT if scaled else Reach.EXACT)


PEOPLE = "participants"


def _meant(alone: Case, variant: str, meaning: SpreadKind, blank: Flip, people: int | None) -> Flip:
    """Return from how many participants in an arm on one meaning of an undefined plus-minus rules out; none where the count is known."""
    said = changes.with_spread_meaning(alone, variant, meaning)
    told = {"kind": FlipKind.STATED_SPREAD, "subject": meaning.value, "unit": PEOPLE, "now": people}
    flip = blank.but(told)
    if people is not None:
        return flip.but({"reach": Reach.EXACT if said.verdict() is RULED_OUT else Reach.NEVER})
    found = least(lambda n: changes.with_count(said, variant, n).verdict() is RULED_OUT, 1, MOST_COUNTED)
    return _found(flip, found, MOST_COUNTED, Reach.EXACT)


def _copied_people(alone: Case, variant: str, flip: Flip, people: int) -> Flip:
    """Return how many people are needed where each has a score: everybody several times over, so in multiples."""
    most = max(MOST_COPIED // people, 2)
    found = least(lambda times: changes.with_people(alone, variant, times * people).verdict() is RULED_OUT, 1, most)
    return _found(flip, None if found is None else found * people, most * people, Reach.ABOUT)
