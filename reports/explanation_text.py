"""An explanation on a terminal: the verdict, what it forces, how criteria combine, each criterion, and what would change it.

The rules kept here: the same words and numbers as in the printed report; every bar stands with its citation and what kind of source
that is; every variant that lost the maximum keeps a line; what is missing is said before what would help.

Left out: the record itself (``reports.explanation``).
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from reports import numbers, vocabulary, wording
from reports.capability_domain import cited
from reports.explanation import CriterionStep, Explanation, Margin, Opposed, Standing
from reports.flip_words import flip_sentences, variant_in_words, way_heading
from reports.terminal import COLUMNS, glyph, hanging, indented, plain, rendered
from reports.withholding import WITHHELD, is_withheld
from thresholds.decision_records import Verdict
from thresholds.finding_records import Alarm, AlarmState, BarNote, Finding, VariantFinding
from thresholds.flips.records import DOES_IT, Direction, FindingFlips, Reach, VerdictFlip
from thresholds.outcomes import Compared, VerdictOutcome

MISSING_ROW = "not_run"
REACH_WORDS = {
    Reach.EXACT: "Assessed again with these changes it comes out so.",
    Reach.ABOUT: "Assessed again with these changes it comes out so; some numbers are approximate.",
    Reach.NEEDED: "These are needed; what they give decides.",
    Reach.BEYOND: "More evidence beside the present points and judgements does not do it, as far as the search went.",
    Reach.NEVER: "More evidence beside the present points and judgements does not do it.",
}
STUCK = frozenset({Reach.BEYOND, Reach.NEVER})


def explanation_text(told: Explanation, *, columns: int = COLUMNS, colour: bool = False) -> str:
    """Return an explanation as text for a terminal ``columns`` wide."""
    return rendered(_parts(told), columns=columns, colour=colour)


def _parts(told: Explanation) -> Iterator[RenderableType]:
    verdict = told.verdict
    yield plain(f"{told.model_name}: {verdict.name}", "bold")
    title = told.policy_title if told.policy_version in told.policy_title else f"{told.policy_title}, version {told.policy_version}"
    yield plain(f"under {title}; criteria: {told.criteria_title}")
    recorded = numbers.instant(told.as_of_recorded_at)
    yield plain(f"evidence as of log position {numbers.whole(told.as_of)}, recorded {recorded}; rsp {told.code_version}")
    yield from _verdict(told, verdict)
    yield from _combination(told)
    yield from _gaps(verdict)
    for step in told.steps:
        yield Text("")
        yield from _criterion(step)
    yield from _sets(told)


# ----------------------------------------------------------------------------------------------------------------- the verdict


def _verdict(told: Explanation, verdict: Verdict) -> Iterator[RenderableType]:
    yield Text("")
    label = "" if verdict.sub_label is None else f" ({vocabulary.SUB_LABEL_WORDS[verdict.sub_label]})"
    yield hanging(glyph(verdict.outcome), f"Verdict: {vocabulary.VERDICT_WORDS[verdict.outcome]}{label}", 0)
    yield indented(f"The threshold: {verdict.definition} ({cited(verdict.citation, verdict.basis)})", 2)
    yield indented(wording.verdict_sentence(verdict), 2)
    yield indented(f"Why: {verdict.reason}", 2)
    forced = verdict.outcome in told.forcing_outcomes
    does = "puts the required safeguards in force" if forced else "puts no required safeguard in force"
    yield indented(f"Under this policy that {does}: {told.forcing_words} ({told.forcing_citation})", 2)
    for safeguard in verdict.required_safeguards:
        yield hanging(Text("-"), f"{vocabulary.KIND_WORDS[safeguard.kind]}: {wording.safeguard_line(safeguard)} ({safeguard.citation})", 2)
    names = {each.slug: each.name for each in told.rests_on}
    for by, words in ((verdict.implied_by, "Implied by"), (verdict.bounded_by, "Bounded by"), (verdict.inherited_from, "Inherited from")):
        if by is not None:
            yield indented(f"{words}: {names.get(by, by)}.", 2)
    for each in told.relations:
        signed = "not signed off" if each.signed_off_by is None else f"signed off by {each.signed_off_by}"
        line = f"{wording.underscored(each.kind)} {each.other_name} ({each.domain_name or 'every domain'}; {signed}): {each.words}"
        yield hanging(Text("-"), f"{line[:1].upper()}{line[1:]}", 2)
    if told.rules_out:
        also = "; ".join(each.name for each in told.rules_out)
        yield indented(f"Ruled out, it would by the policy also rule out, where nothing speaks against it: {also}.", 2)


def _combination(told: Explanation) -> Iterator[RenderableType]:
    found = told.combination
    if found is None:
        return
    yield Text("")
    yield plain("How the criteria combine", "bold")
    rule = wording.rule_words(found.rule, found.crossings_needed, len(found.counted))
    yield indented(f"{rule[:1].upper()}{rule[1:]}. {found.words} ({cited(found.citation, found.basis)})", 2)
    if found.not_counted:
        titles = {step.criterion: step.finding.title for step in told.steps}
        shown = "; ".join(titles.get(slug, slug) for slug in found.not_counted)
        yield indented(f"Shown and not counted, as they no longer bear the load: {shown}.", 2)
    yield indented(_unknown_words(found.unknown, found.whichever_way), 2)


def _gaps(verdict: Verdict) -> Iterator[RenderableType]:
    if not verdict.gaps:
        return
    yield Text("")
    yield plain("What is missing", "bold")
    for gap in verdict.gaps:
        yield hanging(Text("-"), wording.gap_sentence(gap), 2)


def _unknown_words(unknown: int, standing: Standing) -> str:
    if unknown == 0:
        return "None of them is unknown."
    many = f"{wording.plural(unknown, 'indicator')} {'is' if unknown == 1 else 'are'} unknown"
    fall = "it falls" if unknown == 1 else "they fall"
    if standing is Standing.SAME:
        return f"{many}; the outcome is the same whichever way {fall}."
    return f"{many}; the outcome depends on which way {fall}."


# ---------------------------------------------------------------------------------------------------------------- one criterion


def _criterion(step: CriterionStep) -> Iterator[RenderableType]:
    finding, depth = step.finding, 2 * step.depth
    label = "" if finding.sub_label is None else f" ({vocabulary.SUB_LABEL_WORDS[finding.sub_label]})"
    counts = "" if step.counts else "; shown and not counted"
    yield hanging(
        glyph(finding.verdict), f"{wording.full_title(finding)}: {vocabulary.VERDICT_WORDS[finding.verdict]}{label}{counts}", depth
    )
    inner = depth + 2
    yield indented(f"What it asks: {finding.words} ({cited(finding.citation, finding.basis)})", inner)
    if step.combination is not None:
        rule = wording.rule_words(step.combination.rule, step.combination.crossings_needed, len(step.combination.counted))
        told = _unknown_words(step.combination.unknown, step.combination.whichever_way)
        yield indented(f"{rule[:1].upper()}{rule[1:]}. {told}", inner)
    yield indented(wording.finding_sentence(finding), inner)
    if not finding.parts:
        yield from _compared(finding, inner)
        yield from _variants(step, inner)
    else:
        yield indented(finding.reason, inner)
    for status in finding.lifecycle:
        yield indented(f"Lifecycle: {status}", inner)
    disagreement = wording.disagreement_sentence(finding)
    if disagreement is not None:
        yield indented(f"Point and interval differ. {disagreement}", inner)
    yield from _flips(step.flips, finding, inner)


def _compared(finding: Finding, depth: int) -> Iterator[RenderableType]:
    if finding.compared is not None:
        yield indented(f"Compared: {wording.compared_words(finding)}.", depth)
    same = finding.rule_in_bar is None or finding.rule_in == finding.rule_out
    for name, bar in ((("Bar" if same else "Rule-out bar"), finding.rule_out_bar), ("Rule-in bar", None if same else finding.rule_in_bar)):
        if bar is not None:
            yield indented(f"{name}: {_bar(bar, finding)}", depth)
    if finding.bar_dates is not None:
        yield indented(f"The bar {finding.bar_dates}." if finding.rule_out_bar else f"Dates: {finding.bar_dates}.", depth)


def _bar(bar: BarNote, finding: Finding) -> str:
    return f"{numbers.bar(bar, finding.unit)} ({cited(bar.citation, bar.basis)})."


def _variants(step: CriterionStep, depth: int) -> Iterator[RenderableType]:
    finding = step.finding
    measured = [each for each in finding.variants if each.source is not None or is_withheld(each)]
    deciding = [each for each in measured if each.variant == finding.deciding_variant]
    for row in deciding:
        yield indented(f"Decided by {_row(row, finding)}", depth)
    if step.margin is not None and deciding and not is_withheld(deciding[0]):
        yield indented(_margin_words(step.margin, finding), depth)
    others = [each for each in measured if each not in deciding]
    if others:
        yield indented("Beside it:" if deciding else "On record:", depth)
        for row in others:
            yield hanging(Text("-"), _row(row, finding), depth)
    missing = [each for each in finding.variants if each not in measured and each.status.value == MISSING_ROW]
    if missing:
        names = ", ".join(wording.variant_name(each.snapshot, each.snapshot_name, each.thinking) for each in missing)
        yield indented(
            f"Missing: {names} ({numbers.whole(len(missing))} of {wording.plural(finding.variants_planned, 'planned variant')}).", depth
        )
    for each in step.judgements:
        leaning, signed = (
            wording.underscored(each.leaning),
            "not signed off" if each.signed_off_by is None else f"signed off by {each.signed_off_by}",
        )
        at = "" if each.source_at is None else f", {each.source_at}"
        yield hanging(Text("-"), f"{each.by} (leaning: {leaning}; {signed}): {each.words} [{each.source}{at}]", depth)
    for alarm in finding.alarms:
        yield hanging(Text("!"), _alarm(alarm, finding), depth)


def _row(row: VariantFinding, finding: Finding) -> str:
    name = f"{wording.variant_name(row.snapshot, row.snapshot_name, row.thinking)} ({row.variant})"
    verdict = vocabulary.VERDICT_WORDS[row.verdict]
    if is_withheld(row):
        return f"{name}: {WITHHELD}; {verdict}"
    if row.value is None:
        return f"{name}: no number; {row.reason or wording.underscored(row.status.value)}{_source(row)}"
    interval = numbers.interval(
        row.low,
        row.high,
        (row.low_end, row.high_end),
        finding.unit,
        n=row.observations,
        bars=wording.bars_of(finding),
        scale=(finding.scale_low, finding.scale_high),
    )
    told = "no interval" if interval == "none" else f"{numbers.percentage(finding.level)} interval {interval}"
    n = "n not published" if row.observations is None else f"n = {numbers.whole(row.observations)}"
    own = "" if row.sub_label is None else f" ({vocabulary.SUB_LABEL_WORDS[row.sub_label]})"
    status = "" if row.status.value == "completed" else f"; {wording.underscored(row.status.value)} run"
    key = "; under another statistic, rubric or scaffold" if row.comparable == "other_key" else ""
    observed = numbers.observed(row, finding.unit, wording.bars_of(finding))
    return f"{name}: {observed}, {told}, {n}; {verdict}{own}{status}{key}{_source(row)}"


def _source(row: VariantFinding) -> str:
    if row.source is None:
        return ""
    at = "" if row.source.at is None else f", {row.source.at}"
    return f" [{row.source.title}{at}; {row.source.confidence.value}]"


def _margin_words(found: Margin, finding: Finding) -> str:
    direction = wording.direction(finding)
    bar = "the bar" if finding.rule_in == finding.rule_out else "the rule-in bar" if found.bar == "rule_in" else "the rule-out bar"
    what = "its point" if found.compared is Compared.POINT else f"the {direction.far_end} of its interval"
    if found.bar == "rule_in" and found.compared is Compared.BOUND:
        what = "the near end of its interval, allowing for picking the riskiest,"
    if found.at_computed is not None:
        what = f"{what.removesuffix(',')}, taken where the scale ends,"
    apart = numbers.difference(abs(found.distance), finding.unit)
    if found.distance == 0:
        text = f"Margin: {what} is just at {bar}, which counts as reached"
    else:
        text = f"Margin: {what} lies {apart} {'beyond' if found.distance > 0 else 'clear of'} {bar}"
    if found.next_variant is None or found.lead is None:
        return f"{text}."
    lead = (
        "level with the next" if found.lead == 0 else f"{numbers.difference(abs(found.lead), finding.unit)} {_lead_words(found)} the next"
    )
    return f"{text}; {lead}, {variant_in_words(found.next_variant, finding)}."


def _lead_words(found: Margin) -> str:
    return "riskier than" if (found.lead or 0) > 0 else "safer than"


def _alarm(alarm: Alarm, finding: Finding) -> str:
    unit = "share" if finding.statistic == "time_horizon" else finding.unit
    change = numbers.difference(alarm.change, unit)
    text = f"{vocabulary.ALARM_WORDS[alarm.kind].capitalize()} from {alarm.before_name} to {alarm.after_name} ({change})"
    if alarm.state is AlarmState.ANSWERED:
        return f"{text}, answered by {alarm.answered_by}: {alarm.answer}"
    return f"{text}, {vocabulary.ALARM_STATE_WORDS[alarm.state]}"


# ------------------------------------------------------------------------------------------------------------- what would change it


def _flips(flips: FindingFlips | None, finding: Finding, depth: int) -> Iterator[RenderableType]:
    if finding.parts and (flips is None or not flips.ways):
        return
    if flips is None:
        yield indented(f"What would change it: {WITHHELD}.", depth)
        return
    if not flips.ways:
        yield indented("What would change it: nothing was found by changing this evidence.", depth)
        return
    yield indented("What would change it", depth)
    for way in flips.ways:
        words = flip_sentences(way, finding)
        if len(words) == 1:
            yield hanging(Text("*"), f"{way_heading(way)} {words[0]}", depth)
            continue
        yield hanging(Text("*"), way_heading(way), depth)
        for each in words:
            yield hanging(Text("-"), each, depth + 2)


def _sets(told: Explanation) -> Iterator[RenderableType]:
    yield Text("")
    yield plain("What would change the verdict", "bold")
    if not told.would_change:
        beside = "; see what is missing" if told.verdict.gaps else ""
        yield indented(f"No change of the findings above would{beside}.", 2)
    titles = {step.criterion: step.finding.title for step in told.steps}
    for each in told.would_change:
        yield indented(_set_words(each, titles), 2)
        stuck = [titles[slug] for slug in each.criteria if each.verdict_to is VerdictOutcome.RULED_OUT and _is_stuck(slug, told)]
        if stuck:
            yield indented(f"Not ruled out by more evidence, as long as points and judgements stay as they are: {'; '.join(stuck)}.", 2)
    for base in told.blocked_by:
        verdict = vocabulary.VERDICT_WORDS[base.outcome]
        yield indented(f"Not ruled out by any evidence of its own as long as {base.name}, from which it was made, is {verdict}.", 2)
    if told.ruled_out_with and told.verdict.outcome is not VerdictOutcome.RULED_OUT:
        yield indented(_ruled_out_with(told), 2)
    if told.rests_on:
        yield indented("The verdict rests on another threshold or model; what changes that one changes it too.", 2)


def _ruled_out_with(told: Explanation) -> str:
    """Say that ruling out another threshold may rule out this one, and whether anything speaks against it."""
    others = " or ".join(each.name for each in told.ruled_out_with)
    text = f"By the policy, ruling out {others} by its own evidence would, where nothing speaks against it, rule this out too"
    against = told.against is Opposed.SOMETHING
    return f"{text}; here something does speak against it." if against else f"{text}; nothing here speaks against it."


def _is_stuck(slug: str, told: Explanation) -> bool:
    """Say whether no way by more evidence rules one criterion out, because its point or the end of the search is against it."""
    flips = next((step.flips for step in told.steps if step.criterion == slug), None)
    ways = [] if flips is None else [way for way in flips.ways if way.by is Direction.MORE_EVIDENCE]
    return bool(ways) and all(way.reach in STUCK for way in ways)


def _set_words(found: VerdictFlip, titles: dict[str, str]) -> str:
    names = "; ".join(titles.get(slug, slug) for slug in found.criteria)
    many, verdict = len(found.criteria), vocabulary.VERDICT_WORDS[found.verdict_to]
    if not found.criteria:
        among = "; ".join(titles.get(slug, slug) for slug in found.among)
        return f"It would become {verdict} if some of these changed; which are the least is {WITHHELD}: {among}."
    if found.verdict_to is VerdictOutcome.RULED_OUT:
        lead = f"To be {verdict}, the least that has to be ruled out is {'this one' if many == 1 else f'these {numbers.whole(many)}'}"
        rest = len(found.among) > 1 and many > 1
        order = ", the least effort first" if rest and found.reach in DOES_IT else ""
        return f"{lead}{order}: {names}. {REACH_WORDS[found.reach]}"
    lead = f"It would become {verdict} if {'this one' if many == 1 else f'these {numbers.whole(many)}'} changed"
    chosen = f" (one of {numbers.whole(len(found.among))} that would do)" if many == 1 and len(found.among) > 1 else ""
    return f"{lead}{chosen}: {names}."
