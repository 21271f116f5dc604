"""What would change a finding, in sentences.

The rules kept here: what is needed is said with from how much to how much; a limit is rounded away from itself, so that whoever keeps to
the printed one keeps to the exact one; what was only found on multiples is *about*; that no amount helps is said outright, and where a
search ended too. Comparing words turn with the direction of risk.

Left out: finding any of it (``thresholds.flips``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evaluations.records import RiskierWhen, Thinking
from evaluations.trials import Leaning
from reports import numbers, wording
from reports.vocabulary import READING_WORDS, VERDICT_WORDS
from thresholds.finding_records import AlarmState, Finding
from thresholds.flips.applying import AT, BETWEEN, RULE_IN
from thresholds.flips.records import DOES_IT, Direction, Flip, FlipKind, Reach, Way
from thresholds.outcomes import SubLabel, VerdictOutcome
from thresholds.variant_findings import takes_part

MEANING_WORDS = {"sd": READING_WORDS["sd"], "se": READING_WORDS["se"], "ci": READING_WORDS["ci95"]}
BY_WORDS = {
    Direction.MORE_EVIDENCE: "more evidence",
    Direction.OTHER_RESULT: "another result",
    Direction.OTHER_BAR: "another bar",
}


@dataclass(frozen=True)
class Told:
    """A change that is put into words, with the way it is part of and the finding as it is shown."""

    flip: Flip
    way: Way
    finding: Finding


def way_heading(way: Way) -> str:
    """Return what a way leads to, and how."""
    verdict, by, several = VERDICT_WORDS[way.verdict_to], BY_WORDS[way.by], len(way.flips) > 1
    if way.verdict_to is VerdictOutcome.RULED_OUT:
        decides = "; what it gives decides" if way.reach is Reach.NEEDED else ""
        return f"To be ruled out by {by}{', all of this' if several else ''}{decides}:"
    if way.verdict_from in (VerdictOutcome.RULED_OUT, VerdictOutcome.CROSSED) and way.verdict_to is not way.verdict_from:
        return f"By {by} it would become {verdict}:"
    if way.reach is Reach.NEEDED:
        return "Before it can be ruled out, and what it gives decides:"
    became = "" if way.verdict_to is way.verdict_from else f" and makes it {verdict} at most"
    return f"{by[:1].upper()}{by[1:]} does not rule it out{became}:"


def flip_sentences(way: Way, finding: Finding) -> tuple[str, ...]:
    """Return one sentence for each change of a way; changes that differ in the variant alone share one.

    Where something is out of reach, results to wish for are left out: they would not help, and what is missing is told as a gap.
    """
    hopeless = way.reach in (Reach.NEVER, Reach.BEYOND)
    groups: dict[tuple[object, ...], list[Flip]] = {}
    for flip in way.flips:
        if not (hopeless and flip.kind is FlipKind.MISSING_RUN and len(way.flips) > 1):
            groups.setdefault((flip.kind, flip.subject, flip.then, flip.unit, flip.reach, _apart(flip)), []).append(flip)
    return tuple(_sentence(flips, way, finding) for flips in groups.values())


def _apart(flip: Flip) -> float | None:
    """What keeps flips in sentences of their own: how many there are now, unless only the number wanted is told."""
    return None if flip.kind in (FlipKind.PASSES, FlipKind.POINT) else flip.now


OF_JUDGEMENTS = frozenset({FlipKind.SIGN_OFF, FlipKind.SUPERSEDED_JUDGEMENT})


def _sentence(flips: Sequence[Flip], way: Way, finding: Finding) -> str:
    flip = flips[0]
    words = _WORDS[flip.kind](Told(flip, way, finding))
    variants = [each.variant for each in flips if each.variant is not None and each.kind not in OF_JUDGEMENTS]
    if not variants:
        return f"{words[:1].upper()}{words[1:]}."
    if len(variants) > 1 and {each.variant for each in finding.variants if takes_part(each)} == {*variants}:
        return f"Every variant ({numbers.whole(len(variants))}): {words}."
    return f"{'; '.join(dict.fromkeys(variant_in_words(each, finding) for each in variants))}: {words}."


def variant_in_words(variant: str, finding: Finding) -> str:
    """Return a variant by its snapshot and mode; which run or trial it is only where another one has the same name."""
    row = next((each for each in finding.variants if each.variant == variant), None)
    if row is None:
        return _planned(variant, finding)
    name = wording.variant_name(row.snapshot, row.snapshot_name, row.thinking)
    alike = [each for each in finding.variants if wording.variant_name(each.snapshot, each.snapshot_name, each.thinking) == name]
    return name if len(alike) == 1 or (row.value is None and row.source is None) else f"{name} ({variant})"


def _planned(variant: str, finding: Finding) -> str:
    """Return the name of a variant that is only planned, written as snapshot and mode."""
    snapshot, _, mode = variant.partition("/")
    name = next((each.snapshot_name for each in finding.variants if each.snapshot == snapshot), None)
    return variant if name is None or mode not in [*Thinking] else wording.variant_name(snapshot, name, Thinking(mode))


def _rises(finding: Finding) -> bool:
    return finding.riskier_when is not RiskierWhen.LOWER


def _count(flip: Flip, number: float | None) -> str:
    return "" if number is None else f"{numbers.whole(int(number))}{numbers.NBSP}{flip.unit or 'items'}"


def _more_items(it: Told) -> str:
    unit, now = it.flip.unit or "items", "" if it.flip.now is None else f" instead of {numbers.whole(int(it.flip.now))}"
    if it.flip.reach is Reach.NEVER:
        return f"no number of further {unit} rules it out, because the point itself is {_on_the_side_of_risk(it.finding)}"
    if it.flip.reach is Reach.BEYOND:
        return f"not with {_count(it.flip, it.flip.then)} at the share it has either{now}; the search ended there"
    if it.flip.reach is Reach.NEEDED:
        return f"more {unit}; how many there were is not stated, so how many it takes cannot be said"
    if it.flip.reach is Reach.ABOUT:
        return (
            f"about {_count(it.flip, it.flip.then)}{now}, at the share and in the clusters it has (found on multiples of what was measured)"
        )
    return f"{_count(it.flip, it.flip.then)} or more{now}, at the share it has"


def _on_the_side_of_risk(finding: Finding) -> str:
    return f"{wording.direction(finding).reaching} the rule-out bar, {wording.rule_out_bar(finding)}"


def _larger_set(it: Told) -> str:
    about = "about " if it.flip.reach is Reach.ABOUT else ""
    many = f"{about}{_count(it.flip, it.flip.then)} or more instead of {numbers.whole(int(it.flip.now or 0))}"
    return f"an evaluation of {many}, every variant over all of them at the share it has now; a larger set is a new version"


def _more_participants(it: Told) -> str:
    if it.flip.reach is Reach.NEVER:
        if it.finding.sub_label is SubLabel.ONE_COHORT_CROSSES:
            return "no number of further participants rules it out while one cohort’s own point reaches the bar"
        return f"no number of further participants rules it out, because the point itself is {_on_the_side_of_risk(it.finding)}"
    now = f" instead of {numbers.whole(int(it.flip.now or 0))}"
    if it.flip.reach is Reach.BEYOND:
        return f"not with {_count(it.flip, it.flip.then)} in the smallest arm either{now}; the search ended there"
    about = "about " if it.flip.reach is Reach.ABOUT else ""
    many = f"{about}{_count(it.flip, it.flip.then)} or more in the smallest arm{now}"
    return f"{many}, the others in proportion, at the means and spreads it has"


def _stated_count(it: Told) -> str:
    arms = " in each arm" if it.flip.unit == "participants" else ""
    if it.flip.reach is Reach.BEYOND:
        return f"the source says how many there were, and not even {_count(it.flip, it.flip.then)}{arms} would do; the search ended there"
    return f"the source says how many there were, and they are {_count(it.flip, it.flip.then)} or more{arms}"


def _stated_spread(it: Told) -> str:
    meant = f"if the source says that its plus-minus is a {MEANING_WORDS.get(it.flip.subject or '', it.flip.subject or '')}"
    if it.flip.then is None:
        return meant if it.flip.reach in DOES_IT else f"{meant}, it is still not ruled out"
    if it.flip.reach is Reach.BEYOND:
        return f"{meant}: not with {_count(it.flip, it.flip.then)} in each arm either; the search ended there"
    return f"{meant}, and that each arm had {_count(it.flip, it.flip.then)} or more"


def _stated_interval(it: Told) -> str:
    words = wording.direction(it.finding)
    return (
        f"the source prints an interval at {numbers.percentage(it.finding.level)} whose {words.far_end} is {words.clear_of} "
        f"{wording.rule_out_bar(it.finding)}"
    )


def _passes(it: Told) -> str:
    now = f" instead of {numbers.recorded(it.flip.now, None)}" if it.flip.now is not None and len(it.way.flips) == 1 else ""
    if it.flip.reach is Reach.NEVER or it.flip.then is None:
        return f"no number of passes {it.flip.unit} is enough; it takes more of them"
    about = "about " if it.flip.reach is Reach.ABOUT else ""
    passed = f"{about}{numbers.recorded(it.flip.then, None)} passed {it.flip.unit}{now}"
    if it.way.verdict_from is VerdictOutcome.RULED_OUT or (it.way.verdict_to is not VerdictOutcome.RULED_OUT):
        return f"{passed} ({numbers.recorded(abs(it.flip.then - (it.flip.now or 0)), None)} {_more_or_fewer(it.flip)})"
    return f"{'at most' if _rises(it.finding) else 'at least'} {passed}"


def _more_or_fewer(flip: Flip) -> str:
    return "more" if (flip.then or 0) > (flip.now or 0) else "fewer"


def _point(it: Told) -> str:
    if it.flip.reach is Reach.NEVER:
        return "no other score with the same error is enough"
    if it.flip.then is None:
        return "a score further on the safe side; how far cannot be said from what is recorded"
    now = "" if it.flip.now is None else f" instead of {numbers.recorded(it.flip.now, it.finding.unit)}"
    safer = it.way.verdict_to is VerdictOutcome.RULED_OUT
    side = "or less" if safer is _rises(it.finding) else "or more"
    return f"a score of {numbers.recorded(it.flip.then, it.finding.unit)} {side}{now}, with the same error"


def _missing_run(it: Told) -> str:
    if it.flip.then is None or it.flip.now is None:
        return "a whole run under the criterion’s own key"
    least = "at most" if _rises(it.finding) else "at least"
    return f"a whole run with {least} {numbers.whole(int(it.flip.then))} of {_count(it.flip, it.flip.now)} passed"


def _whole_run(it: Told) -> str:
    now = "" if it.flip.now is None else f" ({_count(it.flip, it.flip.now)} so far)"
    if it.flip.reach is Reach.NEVER:
        return f"the partial run{now} finished, and safer than it began: its point so far is {_on_the_side_of_risk(it.finding)}"
    return f"the partial run{now} finished, at the share it has so far"


def _drop_answer(it: Told) -> str:
    before, after = (it.flip.subject or BETWEEN).split(BETWEEN)
    names = {each.snapshot: each.snapshot_name for each in it.finding.variants}
    pair = f"from {names.get(before, before)} to {names.get(after, after)}"
    is_open = any(each.state is AlarmState.OPEN and (each.before, each.after) == (before, after) for each in it.finding.alarms)
    if is_open:
        return f"a named person explains the sudden drop {pair}"
    return f"with so much more evidence a sudden drop {pair} would show, and a named person would have to explain it"


def _bar(it: Told) -> str:
    finding, then, rises = it.finding, it.flip.then, _rises(it.finding)
    assert then is not None
    if it.flip.subject == AT:
        within = "or below" if rises else "or above"
        return f"a rule-out bar at {numbers.beyond(then, finding.unit, up=not rises)} {within}, instead of {wording.rule_out_bar(finding)}"
    limit = f"{'above' if rises else 'under'} {numbers.beyond(then, finding.unit, up=rises)}"
    if it.flip.subject == RULE_IN:
        return f"a rule-in bar {limit}, instead of {wording.rule_in_bar(finding)}"
    both = ""
    if finding.rule_in is not None and finding.rule_in != finding.rule_out:
        passed = then >= finding.rule_in if rises else then <= finding.rule_in
        both = "; the rule-in bar would have to move with it" if passed else ""
    return f"a rule-out bar {limit}, instead of {wording.rule_out_bar(finding)}{both}"


def _usable_score(it: Told) -> str:
    if it.flip.reach is Reach.NEVER:
        return "its result under another statistic, rubric or scaffold reaches the bar, and no further evidence takes that back"
    return "a score under the criterion’s own key from which an interval follows"


def _sign_off(it: Told) -> str:
    return f"somebody answerable signs off the judgement ({it.flip.variant})"


def _judgement(it: Told) -> str:
    if it.flip.reach is Reach.NEVER:
        leaning = wording.underscored(it.flip.subject or "another")
        return f"no further judgement rules it out while one that leans otherwise ({leaning}) is on record, because the riskiest decides"
    return "people judge it below, and somebody answerable signs that off"


def _superseded(it: Told) -> str:
    signed = ", signed off by somebody answerable" if it.flip.subject == Leaning.BELOW else ""
    leaning = wording.underscored(it.flip.subject or "otherwise")
    return f"the judgement on record ({it.flip.variant}) is corrected, with the reason, to one that leans {leaning}{signed}"


Words = Callable[[Told], str]


def _fixed(words: str) -> Words:
    return lambda _: words


_WORDS: dict[FlipKind, Words] = {
    FlipKind.MORE_ITEMS: _more_items,
    FlipKind.LARGER_SET: _larger_set,
    FlipKind.MORE_PARTICIPANTS: _more_participants,
    FlipKind.STATED_COUNT: _stated_count,
    FlipKind.STATED_SPREAD: _stated_spread,
    FlipKind.STATED_INTERVAL: _stated_interval,
    FlipKind.PASSES: _passes,
    FlipKind.POINT: _point,
    FlipKind.MISSING_RUN: _missing_run,
    FlipKind.WHOLE_RUN: _whole_run,
    FlipKind.DROP_ANSWER: _drop_answer,
    FlipKind.SIGN_OFF: _sign_off,
    FlipKind.JUDGEMENT: _judgement,
    FlipKind.SUPERSEDED_JUDGEMENT: _superseded,
    FlipKind.HARDER_EVALUATION: _fixed("a harder evaluation in the place of this one, which is saturated or retired and rules nothing out"),
    FlipKind.BAR_IN_FORCE: _fixed("a bar that stands on the day of the evidence"),
    FlipKind.NUMERIC_BAR: _fixed("a numeric bar; the source names a concern and prints none"),
    FlipKind.BAR: _bar,
    FlipKind.USABLE_SCORE: _usable_score,
}
